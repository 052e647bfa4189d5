// SPDX-License-Identifier: GPL-2.0
/*
 * Any state of address spaces, any order of what changes them.
 *
 * An input is a byte that chooses the machine's options and then operations of four bytes,
 * space.h. States are reached as a kernel reaches them, by operations: whatever the bytes, no
 * state is one that cannot be. Entries are none, mapped, hinted, old, zero page, huge zero
 * page, huge, under migration for as long as the operations that follow take, shared after
 * fork(), pinned, copied by a debugger into read-only mappings, soft-dirty or not; folios
 * are split, partly mapped, in batches, in queues of the daemons. Mappings are private and
 * shared, anonymous and of files, with and without pages behind the end of the file.
 *
 * What the simulated kernel does not have cannot be reached: swap, KSM, userfaultfd,
 * hugetlbfs, device and poisoned pages, mlock(). A huge page that is being split is seen by
 * others only in between: that is what fuzz_concurrent is for.
 *
 * Who runs is not left to chance: one process does one operation at a time. Violations,
 * machine_check() and the model say what is wrong.
 */
#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <machine/program.h>
#include <stdio.h>

#include "harness.h"
#include "ops_mutate.h"
#include "space.h"

#define MAX_OPS		64
#define HEADER		1	/* bytes before the operations */

/* A process and what it is told to do. */
struct process {
	struct actor actor;
	struct task_struct *task;	/* NULL: there is none */
	const struct op *op;		/* NULL: exit */
	struct completion go, done;
};

static struct space space;
static struct process process[MODEL_PROCS];
static const u8 *bytes;
static size_t nr_bytes;

static void handle(struct process *p, const struct op *op);

/* A child does what it is told. */
static int child_main(void *arg)
{
	struct process *p = arg;

	for (;;) {
		wait_for_completion(&p->go);
		if (!p->op)
			break;
		handle(p, p->op);
		complete(&p->done);
	}
	space_verify(&p->actor);
	complete(&p->done);
	return 0;
}

static void fork_into(struct process *parent, struct process *child)
{
	struct space *s = parent->actor.s;
	struct model_proc *to = &s->model.proc[child - process];
	long pid;

	*child = (struct process){ .actor = ACTOR(s, to) };
	init_completion(&child->go);
	init_completion(&child->done);
	pid = sys_fork(child_main, child);
	if (pid < 0) {
		if (parent->actor.inject < 0)
			fuzz_fail("fork() returned %ld", pid);
		model_hinted(parent->actor.p, 0, MODEL_SEGMENTS);
		return;
	}
	model_fork(to, parent->actor.p);
	rcu_read_lock();
	child->task = find_task_by_vpid(pid);
	rcu_read_unlock();
}

/* An operation about processes, or one on the memory of @p; in @p's own context. */
static void handle(struct process *p, const struct op *op)
{
	struct process *other = &process[op->where >> 5 & 3];

	p->actor.other = other->task ?: p->task;
	p->actor.other_p = other->task ? other->actor.p : p->actor.p;
	if (op->code % NR_OPS == OP_FORK) {
		if (!other->task)
			fork_into(p, other);
		no_failure(&p->actor);
	} else if (op->code % NR_OPS == OP_CHECK) {
		space_verify(&p->actor);
	} else {
		space_do(&p->actor, op);
	}
}

static void tell(struct process *p, const struct op *op)
{
	p->op = op;
	complete(&p->go);
	wait_for_completion(&p->done);
}

/* The first process never exits before the others. */
static void end_process(struct process *p)
{
	if (p == process || !p->task)
		return;
	no_failure(&p->actor);
	for (int i = 0; i < SPACE_PINS; i++)
		if (space.pin[i].proc == p->actor.p)
			space.pin[i].proc = NULL;
	tell(p, NULL);
	p->task = NULL;
	memset(p->actor.p, 0, sizeof(*p->actor.p));
	user_compute(NSEC_PER_USEC);
}

static void do_op(const struct op *op)
{
	struct process *p = &process[op->who & 3];

	if (!p->task)
		p = process;
	if (fuzz_verbose())
		space_print(op);
	if (op->code % NR_OPS == OP_EXIT)
		end_process(p);
	else if (p == process)
		handle(p, op);
	else
		tell(p, op);
}

/* Everything adds up while all processes are there, and each has what it has to have. */
static void end_all(void)
{
	no_failure(&process->actor);
	space_settle(&space);
	fuzz_check();
	space_verify(&process->actor);
	for (int i = MODEL_PROCS - 1; i > 0; i--)
		end_process(&process[i]);
	space_close(&space);
}

static int program(void *arg)
{
	struct process *p = process;
	size_t i;

	space_open(&space);
	memset(process, 0, sizeof(process));
	p->actor = (struct actor)ACTOR(&space, space.model.proc);
	p->task = current;
	for (i = 0; i + sizeof(struct op) <= nr_bytes && i / sizeof(struct op) < MAX_OPS;
	     i += sizeof(struct op))
		do_op((const struct op *)(bytes + i));
	end_all();
	return 0;
}

/* Bits 0, 1: huge pages. */
static const enum space_huge huge_policy[] = {
	SPACE_HUGE_NEVER, SPACE_HUGE_ALWAYS, SPACE_HUGE_MADVISE, SPACE_HUGE_ALWAYS,
};

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 options = size ? *data : 0;

	bytes = data + (size ? HEADER : 0);
	nr_bytes = size - (size ? HEADER : 0);
	if (fuzz_verbose())
		fprintf(stderr, "options %02x\n", options);
	space_machine(huge_policy[options & 3], options, program);
	return 0;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size, unsigned int seed)
{
	if (max_size < HEADER + sizeof(struct op))
		return size;
	if (!size)
		data[size++] = seed;
	return HEADER + ops_mutate(data, HEADER, size, max_size, seed) * sizeof(struct op);
}
