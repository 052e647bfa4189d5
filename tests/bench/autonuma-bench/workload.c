// SPDX-License-Identifier: GPL-2.0
/*
 * The programs: one function per process, one per thread, for all workloads.
 *
 * A thread walks its memory in steps.  Each step writes every page once through the
 * virtual CPU's TLB, which is where hinting faults happen and which tells the node of
 * every page, and then computes for as long as the model says that those bytes take.
 * Steps are at most STEP_NS of unhindered work, a round through a small slice is one
 * step; so marks and migrations of the meantime are met at most one step late.
 */
#include <stdlib.h>

#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <machine/cost.h>
#include <machine/program.h>

#include "live.h"

#define STEP_NS 250000000ULL

int live_init(struct live_run *run, const struct bench_options *opts,
	      const struct bench_workload *w, enum bench_policy policy)
{
	const struct bench_topology *topo = &opts->topo;

	*run = (struct live_run){ .opts = opts, .w = w, .policy = policy };
	INIT_LIST_HEAD(&run->fragments);
	if (layout_init(&run->layout, opts, w))
		return -1;
	run->model = model_create(topo);
	run->target = calloc(topo->nr_nodes, sizeof(*run->target));
	run->process = calloc(w->nr_processes, sizeof(*run->process));
	if (!run->model || !run->target || !run->process)
		return -1;
	policy_targets(topo, policy, run->target);
	for (unsigned int i = 0; i < w->nr_processes; i++) {
		struct live_process *p = &run->process[i];
		const struct bench_process_layout *layout = &run->layout.process[i];

		p->run = run;
		p->layout = layout;
		p->is_home = calloc(topo->nr_nodes, sizeof(*p->is_home));
		p->thread = calloc(layout->nr_threads + 1, sizeof(*p->thread));
		if (!p->is_home || !p->thread)
			return -1;
		for (unsigned int k = 0; k <= layout->nr_threads; k++) {
			struct live_thread *t = &p->thread[k];
			unsigned int node;

			t->process = p;
			t->index = k;
			t->cpu = layout->cpu[k < layout->nr_threads ? k : 0];
			node = topo->cpu_node[t->cpu];
			t->home_node = topology_nearest(topo, node);
			p->is_home[t->home_node] = true;
			t->pages = calloc(topo->nr_nodes, sizeof(*t->pages));
			if (!t->pages || model_thread_init(&t->model, run->model, node))
				return -1;
		}
	}
	return 0;
}

void live_free(struct live_run *run)
{
	for (unsigned int i = 0; run->process && i < run->w->nr_processes; i++) {
		struct live_process *p = &run->process[i];

		for (unsigned int k = 0; p->thread && k <= p->layout->nr_threads; k++) {
			if (p->thread[k].model.model)
				model_thread_exit(&p->thread[k].model);
			free(p->thread[k].pages);
		}
		free(p->thread);
		free(p->is_home);
	}
	free(run->process);
	free(run->target);
	model_destroy(run->model);
	layout_free(&run->layout);
}

void live_fail(struct live_run *run, int error, const char *where)
{
	int none = 0;

	if (__atomic_compare_exchange_n(&run->error, &none, error, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		WRITE_ONCE(run->error_where, where);
}

/* Pages of @pages that are where they should be for this thread. */
static u64 count_home(const struct live_thread *t, bool whole)
{
	unsigned int nodes = t->process->run->opts->topo.nr_nodes;
	u64 home = 0;

	if (!whole)
		return t->pages[t->home_node];
	for (unsigned int n = 0; n < nodes; n++)
		home += t->process->is_home[n] ? t->pages[n] : 0;
	return home;
}

/* Write @nr pages, then let the time pass that this took. Returns pages at home. */
static u64 step(struct live_thread *t, u64 at, u64 nr, u64 tag)
{
	struct live_process *p = t->process;
	struct live_run *run = p->run;
	unsigned int nodes = run->opts->topo.nr_nodes;
	u64 home;
	int err;

	for (unsigned int n = 0; n < nodes; n++)
		t->pages[n] = 0;
	err = user_touch_range(p->addr + at * PAGE_SIZE, nr * PAGE_SIZE, true, tag,
			       t->pages);
	if (err) {
		live_fail(run, err, "writing memory");
		return 0;
	}
	WRITE_ONCE(t->local, t->local + t->pages[t->model.node]);
	WRITE_ONCE(t->total, t->total + nr);
	home = count_home(t, run->w->whole);
	for (unsigned int n = 0; n < nodes; n++)
		t->pages[n] *= (u64)run->layout.sim_scale * PAGE_SIZE;
	user_compute(model_access(&t->model, t->pages));
	return home;
}

/* Pages that take about STEP_NS when nothing is in the way. */
static u64 step_pages(const struct live_thread *t)
{
	const struct live_run *run = t->process->run;
	unsigned int sharing = 0;

	for (unsigned int c = 0; c < run->opts->topo.nr_cpus; c++)
		sharing += run->opts->topo.cpu_node[c] == t->model.node;
	return STEP_NS * model_local_rate(run->model, t->model.node, sharing) / PAGE_SIZE /
	       run->layout.sim_scale + 1;
}

/* Write some of the process's parts once, in steps. */
static void walk(struct live_thread *t, const struct bench_part *part, unsigned int nr_parts,
		 u64 tag)
{
	u64 at_most = step_pages(t), home = 0, range = 0;

	for (unsigned int i = 0; i < nr_parts; i++) {
		for (u64 done = 0; done < part[i].nr; done += at_most) {
			if (READ_ONCE(t->process->run->error))
				return;
			home += step(t, part[i].at + done, min(at_most, part[i].nr - done),
				     tag);
		}
		range += part[i].nr;
	}
	WRITE_ONCE(t->home, home);
	WRITE_ONCE(t->range, range);
}

/* Write all of the process's memory; that is no round through the thread's own part. */
static void walk_all(struct live_thread *t)
{
	walk(t, t->process->layout->part, t->process->layout->nr_parts, 0);
	WRITE_ONCE(t->range, 0);
}

/* Every thread writes all memory while bound to the one node where it is to start. */
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

	if (!w->whole) {
		part += t->index;
		nr_parts = 1;
	}
	if (w->bound_start)
		write_bound(t);
	for (unsigned int i = 0; i < w->loops && !READ_ONCE(p->run->error); i++)
		walk(t, part, nr_parts, i);
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

		ret = sys_mmap(p->addr + part->at * PAGE_SIZE, part->nr * PAGE_SIZE,
			       PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			       NULL, 0);
		ret = IS_ERR_VALUE(ret) ? ret : 0;
	}
	return ret;
}

/* Map, place, write what the main thread writes, run the threads to their end. */
static void process_body(struct live_process *p)
{
	struct live_run *run = p->run;
	struct live_thread *main = &p->thread[p->layout->nr_threads];
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
	if (!run->w->bound_start)
		walk_all(main);
	end_of_thread(main);
	for (started = 0; started < p->layout->nr_threads; started++) {
		struct live_thread *t = &p->thread[started];

		ret = sys_clone_thread(thread_program, t, t->cpu);
		if (ret < 0) {
			live_fail(run, ret, "clone");
			break;
		}
		t->tid = ret;
	}
	while (started--)
		sys_wait4(p->thread[started].tid);
}

int live_program(void *arg)
{
	struct live_process *p = arg;
	struct live_run *run = p->run;

	process_body(p);
	p->end_ns = ktime_get_ns();
	if (atomic_dec_and_test(&run->running))
		complete_all(&run->done);
	wait_for_completion(&run->release);
	return 0;
}
