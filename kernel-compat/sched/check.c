// SPDX-License-Identifier: GPL-2.0
/* What machine_check() looks at in the run queues: who waits where, and every count. */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <machine/machine.h>
#include <machine/violation.h>
#include <exec/vcpu.h>

#include "sched.h"

struct totals {
	unsigned int runnable;		/* tasks that say so */
	unsigned int listed;		/* tasks that run or wait somewhere */
};

static void count_runnable(struct task_struct *p, void *arg)
{
	struct totals *t = arg;

	t->runnable += __atomic_load_n(&p->exec.on_rq, __ATOMIC_RELAXED);
}

static void check_task(struct rq *rq, struct task_struct *p)
{
	if (task_cpu(p) != rq->cpu || !p->exec.on_rq)
		violation(VIOLATION_ACCOUNT, "task %s/%d is on the run queue of CPU %u, "
			  "but says CPU %u, %s", p->comm, p->pid, rq->cpu, task_cpu(p),
			  p->exec.on_rq ? "runnable" : "not runnable");
}

/* How many tasks run or wait on @rq. */
static unsigned int check_rq(struct rq *rq)
{
	struct task_struct *last = NULL;
	unsigned int nr = 0;
	struct rb_node *node;

	if (rq->curr != rq->idle) {
		check_task(rq, rq->curr);
		nr++;
	}
	for (node = rb_first_cached(&rq->timeline); node; node = rb_next(node), nr++) {
		struct task_struct *p = rb_entry(node, struct task_struct, se.run_node);

		check_task(rq, p);
		if (p == rq->curr)
			violation(VIOLATION_ACCOUNT, "task %s/%d runs and waits for CPU %u",
				  p->comm, p->pid, rq->cpu);
		if (last && (s64)(p->se.vruntime - last->se.vruntime) < 0)
			violation(VIOLATION_ACCOUNT, "run queue of CPU %u is out of order",
				  rq->cpu);
		last = p;
	}
	if (nr != rq->nr_running)
		violation(VIOLATION_ACCOUNT, "nr_running of CPU %u is %u, but there are %u",
			  rq->cpu, rq->nr_running, nr);
	return nr;
}

static void check_bit(struct rq *rq, const unsigned long *map, bool should, const char *what)
{
	if (test_bit(rq->index, map) != should)
		violation(VIOLATION_ACCOUNT, "CPU %u with %u tasks is %smarked as %s", rq->cpu,
			  rq->nr_running, should ? "not " : "", what);
}

static void check_count(struct sched_node *node, const char *what, unsigned int says,
			unsigned int is)
{
	if (says != is)
		violation(VIOLATION_ACCOUNT, "node %d says %u %s, but there are %u", node->nid,
			  says, what, is);
}

static unsigned int check_node(struct sched_node *node)
{
	unsigned int nr_idle = 0, nr_busy = 0, nr_running = 0;

	for (unsigned int i = 0; i < node->nr_cpus; i++) {
		struct rq *rq = cpu_rq(node->cpus[i]);
		unsigned int nr;
		bool idle;

		/* To see what was done last; nothing is being done at a quiet point. */
		xlock(&rq->lock);
		xunlock(&rq->lock);
		nr = check_rq(rq);
		idle = !nr && cpu_active(rq->cpu);
		check_bit(rq, node->idle, idle, "idle");
		check_bit(rq, node->busy, nr > 1, "busy");
		nr_running += nr;
		nr_idle += idle;
		nr_busy += nr > 1;
	}
	check_count(node, "idle CPUs", node->nr_idle, nr_idle);
	check_count(node, "busy CPUs", node->nr_busy, nr_busy);
	check_count(node, "tasks", node->nr_running, nr_running);
	return nr_running;
}

static void check_run_queues(void)
{
	struct totals t = { };

	/* Somebody is on his way to a CPU, or from one: not a quiet point. */
	if (!exec_others_asleep())
		return;
	for (unsigned int n = 0; n < nr_node_ids; n++)
		t.listed += check_node(sched_node(n));
	exec_for_each_task(count_runnable, &t);
	if (t.runnable != t.listed)
		violation(VIOLATION_ACCOUNT, "%u tasks are runnable, but %u run or wait",
			  t.runnable, t.listed);
}

MACHINE_CHECKER(run_queues, check_run_queues);
