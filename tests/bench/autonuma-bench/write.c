// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that write memory, numa01 and numa02 above all: one function per process,
 * one per thread.
 *
 * A thread walks its memory in steps.  Each step writes every page once through the
 * virtual CPU's TLB, which is where hinting faults happen and which tells the node of
 * every page, and then computes for as long as the model says that those bytes take
 * where the thread runs.  It looks where that is before each step.
 * Steps are at most STEP_NS of unhindered work, a round through a small slice is one
 * step; so marks and migrations of the meantime are met at most one step late.
 */
#include <stdlib.h>

#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/random.h>
#include <linux/timekeeping.h>
#include <linux/topology.h>
#include <machine/cost.h>
#include <machine/program.h>

#include "live.h"

#define STEP_NS		100000000ULL
#define START_WITHIN_NS	1000000		/* threads begin one after the other, as by the seed */

/*
 * See where the thread runs now: bandwidth and load are that node's, and its slice is at
 * home there.
 */
static void follow(struct live_thread *t)
{
	struct live_process *p = t->process;
	unsigned int node = task_node(current), home = p->run->nearest[node];

	model_thread_move(&t->model, node);
	if (home == t->home_node)
		return;
	if (t->home_node != NO_HOME)
		__atomic_fetch_sub(&p->threads_on[t->home_node], 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&p->threads_on[home], 1, __ATOMIC_RELAXED);
	t->home_node = home;
}

/* Pages of @pages that are where they should be: near the thread, or any of the process. */
static u64 count_home(const struct live_thread *t, bool whole)
{
	unsigned int nodes = t->process->run->opts->topo.nr_nodes;
	u64 home = 0;

	if (!whole)
		return t->pages[t->home_node];
	for (unsigned int n = 0; n < nodes; n++)
		if (__atomic_load_n(&t->process->threads_on[n], __ATOMIC_RELAXED))
			home += t->pages[n];
	return home;
}

/* Write @nr pages of a part from its page @first on, range by range; -Exxx. */
static int touch(struct live_thread *t, const struct bench_part *part, u64 first, u64 nr, u64 tag)
{
	const struct bench_process_layout *l = t->process->layout;
	int err = 0;

	while (nr && !err) {
		u64 chunk = min(nr, l->per_table - first % l->per_table);
		unsigned long at = part->at + layout_offset(l, first);

		err = user_touch_range(t->process->addr + at * PAGE_SIZE, chunk * PAGE_SIZE, true,
				       tag, t->pages);
		first += chunk;
		nr -= chunk;
	}
	return err;
}

/* Write pages, then let the time pass that this took. Returns pages at home. */
static u64 step(struct live_thread *t, const struct bench_part *part, u64 first, u64 nr, u64 tag)
{
	struct live_process *p = t->process;
	struct live_run *run = p->run;
	unsigned int nodes = run->opts->topo.nr_nodes;
	u64 home, ns, start;
	int err;

	follow(t);
	for (unsigned int n = 0; n < nodes; n++)
		t->pages[n] = 0;
	err = touch(t, part, first, nr, tag);
	if (err) {
		live_fail(run, err, "writing memory");
		return 0;
	}
	WRITE_ONCE(t->local, t->local + t->pages[t->model.node]);
	WRITE_ONCE(t->total, t->total + nr);
	home = count_home(t, run->w->whole);
	for (unsigned int n = 0; n < nodes; n++)
		t->pages[n] *= (u64)run->layout.sim_scale * PAGE_SIZE;
	ns = model_access(&t->model, t->pages);
	start = ktime_get_ns();
	user_compute(ns);
	model_thread_ran(&t->model, ns, ktime_get_ns() - start);
	return home;
}

/* Pages that take about STEP_NS when nothing is in the way. */
static u64 step_pages(const struct live_thread *t)
{
	const struct live_run *run = t->process->run;
	unsigned int node = t->model.node, sharing = cpumask_weight(cpumask_of_node(node));

	return STEP_NS * model_local_rate(run->model, node, sharing) / PAGE_SIZE /
	       run->layout.sim_scale + 1;
}

/* Write pages of a part in steps; returns how many were at home. */
static u64 walk_part(struct live_thread *t, const struct bench_part *part, u64 first, u64 nr,
		     u64 tag)
{
	u64 at_most = step_pages(t), home = 0;

	while (nr && !READ_ONCE(t->process->run->error)) {
		u64 now = min(at_most, nr);

		home += step(t, part, first, now, tag);
		first += now;
		nr -= now;
	}
	return home;
}

/* Write some of the process's parts once. */
static void walk(struct live_thread *t, const struct bench_part *part, unsigned int nr_parts,
		 u64 tag)
{
	u64 home = 0, range = 0;

	for (unsigned int i = 0; i < nr_parts; i++) {
		home += walk_part(t, &part[i], 0, part[i].nr, tag);
		range += part[i].nr;
	}
	if (READ_ONCE(t->process->run->error))
		return;
	WRITE_ONCE(t->home, home);
	WRITE_ONCE(t->range, range);
}

/* Write all of the process's memory; that is no round through the thread's own part. */
static void walk_all(struct live_thread *t)
{
	walk(t, t->process->layout->part, t->process->layout->nr_parts, 0);
	WRITE_ONCE(t->range, 0);
}

/* What a thread does before its loops, when it is the threads that first write memory. */
static void write_own(struct live_thread *t)
{
	const struct bench_process_layout *l = t->process->layout;
	u64 per_thread = l->pages / l->nr_threads, first = t->index * per_thread;
	u64 end = t->index == l->nr_threads - 1 ? l->pages : first + per_thread;

	for (unsigned int i = 0; i < l->nr_parts; i++) {
		const struct bench_part *part = &l->part[i];
		u64 from = max(first, part->first), to = min(end, part->first + part->nr);

		if (from < to)
			walk_part(t, part, from - part->first, to - from, 0);
	}
}

/* Write all memory while bound to the one node where it is to start. */
static void write_bound(struct live_thread *t)
{
	struct live_run *run = t->process->run;
	long err = policy_bind_start(run, true);

	if (!err) {
		walk_all(t);
		err = policy_bind_start(run, false);
	}
	if (err)
		live_fail(run, err, "set_mempolicy");
}

static void end_of_thread(struct live_thread *t)
{
	model_thread_exit(&t->model);
	cost_pay();	/* nothing stays owed */
	t->stime = current->stime;
	t->utime = current->utime;
}

static int thread_program(void *arg)
{
	struct live_thread *t = arg;
	struct live_process *p = t->process;
	const struct bench_workload *w = p->run->w;
	const struct bench_part *part = p->layout->part;
	unsigned int nr_parts = p->layout->nr_parts;

	if (policy_bind_thread(p->run, t->cpu))
		live_fail(p->run, -EINVAL, "sched_setaffinity");
	user_compute(get_random_u32_below(START_WITHIN_NS));
	if (!w->whole) {
		part += t->index;
		nr_parts = 1;
	}
	if (w->bound_start)
		write_bound(t);
	if (w->own_start)
		write_own(t);
	for (unsigned int i = 0; i < w->loops && !READ_ONCE(p->run->error); i++)
		walk(t, part, nr_parts, i);
	WRITE_ONCE(p->run->ended, true);
	end_of_thread(t);
	return 0;
}

/* Map all parts, each where the layout wants it; -Exxx. */
static long map_parts(struct live_process *p)
{
	unsigned long size = p->layout->span * PAGE_SIZE + PMD_SIZE;
	long ret = sys_mmap(0, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);

	if (IS_ERR_VALUE(ret))
		return ret;
	p->addr = ALIGN(ret, PMD_SIZE);
	ret = sys_munmap(ret, size);
	for (unsigned int i = 0; !ret && i < p->layout->nr_parts; i++) {
		const struct bench_part *part = &p->layout->part[i];

		ret = sys_mmap(p->addr + part->at * PAGE_SIZE, part->span * PAGE_SIZE,
			       PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			       NULL, 0);
		ret = IS_ERR_VALUE(ret) ? ret : 0;
	}
	return ret;
}

/* Map, place, write what the main thread writes, run the threads to their end. */
void write_body(struct live_process *p)
{
	struct live_run *run = p->run;
	struct live_thread *main = &p->thread[p->layout->nr_threads];
	bool bound = policy_binds(run->policy);
	unsigned int started;
	long ret;

	ret = map_parts(p);
	if (ret) {
		live_fail(run, ret, "mmap");
		return;
	}
	ret = policy_bind_memory(p);
	if (ret) {
		live_fail(run, ret, "mbind");
		return;
	}
	if (!run->w->bound_start && !run->w->own_start)
		write_bound(main);
	end_of_thread(main);
	for (started = 0; started < p->layout->nr_threads; started++) {
		struct live_thread *t = &p->thread[started];

		ret = sys_clone_thread(thread_program, t, bound ? t->cpu : -1);
		if (ret < 0) {
			live_fail(run, ret, "clone");
			break;
		}
		t->tid = ret;
	}
	while (started--)
		sys_wait4(p->thread[started].tid);
}
