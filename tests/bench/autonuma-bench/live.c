// SPDX-License-Identifier: GPL-2.0
/* What programs of all kinds share: their making, beginning and end. */
#include <stdlib.h>

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <machine/cost.h>
#include <machine/program.h>

#include "live.h"

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
	run->nearest = calloc(topo->nr_nodes, sizeof(*run->nearest));
	run->process = calloc(run->layout.nr_processes, sizeof(*run->process));
	if (!run->model || !run->target || !run->nearest || !run->process)
		return -1;
	policy_targets(topo, policy, run->target);
	for (unsigned int n = 0; n < topo->nr_nodes; n++)
		run->nearest[n] = topology_nearest(topo, n);
	for (unsigned int i = 0; i < run->layout.nr_processes; i++) {
		struct live_process *p = &run->process[i];
		const struct bench_process_layout *layout = &run->layout.process[i];

		p->run = run;
		p->layout = layout;
		p->threads_on = calloc(topo->nr_nodes, sizeof(*p->threads_on));
		p->thread = calloc(layout->nr_threads + 1, sizeof(*p->thread));
		if (!p->threads_on || !p->thread)
			return -1;
		for (unsigned int k = 0; k <= layout->nr_threads; k++) {
			struct live_thread *t = &p->thread[k];

			t->process = p;
			t->index = k;
			t->cpu = layout->cpu[k < layout->nr_threads ? k : 0];
			t->home_node = NO_HOME;
			t->pages = calloc(topo->nr_nodes, sizeof(*t->pages));
			if (!t->pages || model_thread_init(&t->model, run->model,
							    topo->cpu_node[t->cpu]))
				return -1;
		}
	}
	return 0;
}

void live_free(struct live_run *run)
{
	for (unsigned int i = 0; run->process && i < run->layout.nr_processes; i++) {
		struct live_process *p = &run->process[i];

		for (unsigned int k = 0; p->thread && k <= p->layout->nr_threads; k++) {
			if (p->thread[k].model.model)
				model_thread_exit(&p->thread[k].model);
			free(p->thread[k].pages);
		}
		free(p->thread);
		free(p->threads_on);
	}
	free(run->process);
	free(run->target);
	free(run->nearest);
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

void live_account(struct live_process *p)
{
	cost_pay();	/* nothing stays owed */
	__atomic_fetch_add(&p->thread[0].stime, current->stime, __ATOMIC_RELAXED);
	__atomic_fetch_add(&p->thread[0].utime, current->utime, __ATOMIC_RELAXED);
}

unsigned int live_rounds(const struct live_run *run)
{
	double rounds = run->w->loops * run->opts->scale;

	return rounds > 1 ? rounds : 1;
}

void live_touch(struct live_process *p, unsigned long addr, unsigned int nr,
		unsigned int bytes, u64 tag)
{
	struct live_run *run = p->run;
	unsigned int nodes = run->opts->topo.nr_nodes, node = task_node(current);
	u64 *pages = calloc(nodes, sizeof(*pages));
	struct live_thread *t = &p->thread[0];
	int err = pages ? user_touch_range(addr, nr * PAGE_SIZE, true, tag, pages) : -ENOMEM;

	if (err) {
		live_fail(run, err, "writing memory");
		free(pages);
		return;
	}
	__atomic_fetch_add(&t->local, pages[node], __ATOMIC_RELAXED);
	__atomic_fetch_add(&t->total, nr, __ATOMIC_RELAXED);
	for (unsigned int n = 0; n < nodes; n++)
		pages[n] *= (u64)run->layout.sim_scale * bytes;
	user_compute(model_alone(run->model, node, pages));
	free(pages);
}

int live_program(void *arg)
{
	static void (*const body[NR_KINDS])(struct live_process *p) = {
		[KIND_WRITE]	= write_body,
		[KIND_MESSAGES]	= messages_body,
		[KIND_FAULTS]	= faults_body,
		[KIND_FORKS]	= forks_body,
		[KIND_REPAIR]	= repair_body,
	};
	struct live_process *p = arg;
	struct live_run *run = p->run;

	body[run->w->kind](p);
	if (run->w->kind != KIND_WRITE)
		live_account(p);
	p->end_ns = ktime_get_ns();
	if (atomic_dec_and_test(&run->running))
		complete_all(&run->done);
	wait_for_completion(&run->release);
	return 0;
}
