// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on address spaces, by three tasks at once, in an order that the input says.
 *
 * Two threads share an address space, a third task is a forked copy of it. An input is
 *
 *	a byte of options, fuzz_page_table.c; a byte that says how many operations follow,
 *	operations of four bytes, space.h, of which "who" names the task,
 *	all the rest: the schedule, concurrent/schedule.h.
 *
 * The first huge page's worth of memory is common to the threads: each writes and reads a
 * word of its own in every page, and marks, moves, splits and collapses what the others use.
 * The rest is divided; there each also maps, protects and unmaps. So whatever the order, each
 * task knows what it must see. The forked task begins with the threads' pages as shared
 * copies. Violations and machine_check() see the rest.
 */
#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/mman.h>
#include <linux/string.h>
#include <machine/program.h>
#include <stdio.h>

#include "concurrent/schedule.h"
#include "harness.h"
#include "ops_mutate.h"
#include "space.h"

#define HEADER		2	/* options, number of operations */
#define MAX_OPS		48
#define TASKS		3
#define COMMON		8	/* segments of the first huge page's worth */
#define DECISIONS	(1 << 16) /* that a schedule may be about */

/* A task, and the child it may have. */
struct worker {
	struct actor actor;
	struct actor child;
	struct model_proc child_proc;
	long child_pid;			/* 0: it has none */
	unsigned int id;
};

static struct space space;
static struct worker worker[TASKS];
static const struct op *ops;
static size_t nr_ops;

/* A child has what its parent had, and writes without the parent's seeing it. */
static int child_main(void *arg)
{
	struct worker *w = arg;
	struct op op = {};

	for (op.code = OP_READ; op.code <= OP_WRITE; op.code++)
		for (op.where = 0; op.where < 32; op.where += 1 + op.code)
			space_do(&w->child, &op);
	space_verify(&w->child);
	return 0;
}

static void await_child(struct worker *w)
{
	if (!w->child_pid)
		return;
	if (sys_wait4(w->child_pid))
		fuzz_fail("the child of task %u did not end well", w->id);
	w->child_pid = 0;
}

static void fork_child(struct worker *w)
{
	long pid;

	await_child(w);
	w->child = w->actor;
	w->child.p = &w->child_proc;
	w->child.inject = -1;
	/* before the other threads can go on */
	model_fork(&w->child_proc, w->actor.p);
	pid = sys_fork(child_main, w);
	if (pid > 0)
		w->child_pid = pid;
	else if (w->actor.inject < 0)
		fuzz_fail("fork() returned %ld", pid);
	no_failure(&w->actor);
}

static void do_op(struct worker *w, const struct op *op)
{
	w->actor.other = current;
	w->actor.other_p = w->actor.p;
	switch (op->code % NR_OPS) {
	case OP_FORK:
		fork_child(w);
		break;
	case OP_EXIT:
		await_child(w);
		break;
	case OP_CHECK:
		space_verify(&w->actor);
		break;
	default:
		space_do(&w->actor, op);
	}
}

/* The operations of one task. */
static int worker_main(void *arg)
{
	struct worker *w = arg;

	for (size_t i = 0; i < nr_ops; i++) {
		if (ops[i].who % 4 % TASKS != w->id)
			continue;
		if (fuzz_verbose())
			space_print(&ops[i]);
		do_op(w, &ops[i]);
	}
	no_failure(&w->actor);
	await_child(w);
	space_verify(&w->actor);
	return 0;
}

static void set_up(struct worker *w, unsigned int id, unsigned int first, unsigned int end)
{
	*w = (struct worker){ .id = id, .actor = ACTOR(&space, &space.model.proc[id]) };
	w->actor.crowded = true;
	w->actor.common = COMMON;
	w->actor.first = first;
	w->actor.end = end;
	w->actor.word = 8 * (1 + id);
}

/* Memory that can be written, in the machine and in each task's model. */
static void map_all(void)
{
	static const struct model_map map = {
		.kind = MODEL_ANON, .prot = PROT_READ | PROT_WRITE,
	};
	long ret = sys_mmap(space.base, MODEL_PAGES * PAGE_SIZE, map.prot,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0);

	if (ret != space.base)
		fuzz_fail("mmap() returned %ld", ret);
	for (int i = 0; i < TASKS; i++) {
		struct actor *a = &worker[i].actor;

		model_mmap(&space.model, a->p, 0, a->common, &map);
		model_mmap(&space.model, a->p, a->first, a->end, &map);
	}
}

/*
 * The forked task has all segments for itself; what is there is what the threads had written
 * before they began: one page, so that it is shared.
 */
static int program(void *arg)
{
	struct op write = { .code = OP_WRITE };
	long tid, pid;

	space_open(&space);
	set_up(&worker[0], 0, COMMON, 18);
	set_up(&worker[1], 1, 18, MODEL_SEGMENTS);
	set_up(&worker[2], 2, COMMON, MODEL_SEGMENTS);
	map_all();
	space_do(&worker[2].actor, &write);
	/* before another thread can change what is copied */
	pid = sys_fork(worker_main, &worker[2]);
	tid = sys_clone_thread(worker_main, &worker[1], 1);
	if (tid < 0 || pid < 0)
		fuzz_fail("clone() returned %ld, fork() %ld", tid, pid);
	worker_main(&worker[0]);
	if (sys_wait4(tid) || sys_wait4(pid))
		fuzz_fail("a task did not end well");
	space_settle(&space);
	fuzz_check();
	space_verify(&worker[0].actor);
	space_verify(&worker[1].actor);
	space_close(&space);
	return 0;
}

/* How many operations there are: as the input says, if there are so many. */
static size_t count_ops(const u8 *data, size_t size)
{
	size_t room = (size - HEADER) / sizeof(struct op);

	return min_t(size_t, min_t(size_t, data[1], MAX_OPS), room);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static u8 schedule[DECISIONS];
	size_t end;
	u8 options;

	if (size < HEADER)
		return -1;
	options = data[0];
	nr_ops = count_ops(data, size);
	ops = (const struct op *)(data + HEADER);
	end = HEADER + nr_ops * sizeof(*ops);
	fuzz_schedule(schedule, schedule_expand(data + end, size - end, schedule, DECISIONS));
	space_machine(options & 1 ? SPACE_HUGE_ALWAYS : SPACE_HUGE_NEVER, options, program);
	return 0;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size, unsigned int seed);

/* Operations or the schedule, each where it stands; what one gains the other does not lose. */
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size, unsigned int seed)
{
	static u8 rest[1 << 16];
	size_t nr, end, left;

	if (size < HEADER) {
		memset(data, 0, HEADER);
		size = HEADER;
	}
	if (max_size < HEADER + 2 * sizeof(struct op) || max_size > sizeof(rest))
		return size;
	nr = count_ops(data, size);
	end = HEADER + nr * sizeof(struct op);
	left = size - end;
	if (seed & 1)
		return end + schedule_mutate(data + end, left, max_size - end, seed);
	memcpy(rest, data + end, left);
	nr = ops_mutate(data, HEADER, end, min_t(size_t, max_size, HEADER + MAX_OPS * 4), seed);
	data[1] = nr;
	end = HEADER + nr * sizeof(struct op);
	left = min(left, max_size - end);
	memcpy(data + end, rest, left);
	return end + left;
}
