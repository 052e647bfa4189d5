// SPDX-License-Identifier: GPL-2.0
/*
 * On which CPU a task that becomes runnable goes.
 *
 * Waking up: an idle CPU of the node that AutoNUMA prefers for it, the one it was on, an
 * idle one of that node, or the one it was on with whoever has it.  Beginning: the same
 * node as long as not many run there, then the node with the most idle CPUs.
 */
#include <linux/autonuma.h>
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/topology.h>
#include <exec/vcpu.h>

#include "sched.h"

/* Does a larger part of @a's CPUs do nothing than of @b's? */
static bool more_idle(const struct sched_node *a, const struct sched_node *b)
{
	return (u64)READ_ONCE(a->nr_idle) * b->nr_cpus > (u64)READ_ONCE(b->nr_idle) * a->nr_cpus;
}

/* Are there fewer tasks for each CPU of @a than of @b? */
static bool less_loaded(const struct sched_node *a, const struct sched_node *b)
{
	return (u64)READ_ONCE(a->nr_running) * b->nr_cpus <
	       (u64)READ_ONCE(b->nr_running) * a->nr_cpus;
}

/*
 * Of the nodes that are looked at, the @better one than all others with a CPU that @choose finds:
 * that CPU, or -1.
 */
static int best_cpu(const struct task_struct *p, struct sched_node *home,
		    bool (*better)(const struct sched_node *a, const struct sched_node *b),
		    int (*choose)(struct sched_node *node, const struct task_struct *p))
{
	unsigned int start = sched_node_start(home);
	struct sched_node *node, *best = NULL;
	int cpu, found = -1;

	for (unsigned int i = 0; (node = sched_node_nth(home, i, start)); i++) {
		if (best && !better(node, best))
			continue;
		cpu = choose(node, p);
		if (cpu >= 0) {
			best = node;
			found = cpu;
		}
	}
	return found;
}

/*
 * A task begins, or begins anew. A few stay together, as in the kernel up to a quarter of
 * a node's CPUs; kernel threads stay where they were made for.
 */
static int select_new(struct task_struct *p, struct sched_node *home)
{
	unsigned int few = max(1u, home->nr_cpus / 4);
	int cpu;

	if (READ_ONCE(p->flags) & PF_KTHREAD || READ_ONCE(home->nr_running) < few) {
		cpu = sched_idle_cpu(home, p);
		if (cpu >= 0)
			return cpu;
	}
	cpu = best_cpu(p, home, more_idle, sched_idle_cpu);
	return cpu >= 0 ? cpu : best_cpu(p, home, less_loaded, sched_lightest_cpu);
}

/* Its affinity is for nodes that nobody looked at. */
static int select_allowed(struct task_struct *p)
{
	unsigned int cpu = cpumask_first_and(p->cpus_ptr, cpu_active_mask);
	int idle;

	if (cpu >= nr_cpu_ids)
		return -1;
	idle = sched_idle_cpu(cpu_rq(cpu)->node, p);
	return idle >= 0 ? idle : (int)cpu;
}

/* No CPU that it may use is there: it may use all. exec.lock held; it is on no queue. */
static int break_affinity(struct task_struct *p, struct sched_node *home)
{
	int cpu;

	if (p->mm)
		printk("process %d (%s) no longer affine to cpu%u\n", p->pid, p->comm,
		       task_cpu(p));
	exec_set_mask(p, cpu_possible_mask);
	cpu = select_new(p, home);
	return cpu < 0 ? select_allowed(p) : cpu;
}

/*
 * @p->exec.lock held, and it runs and waits nowhere; @flags are WF_*.
 */
int select_task_rq(struct task_struct *p, int flags)
{
	unsigned int prev = p->wake_cpu;
	bool allowed = sched_may_run_on(p, prev);
	struct sched_node *home = cpu_rq(prev)->node;
	int nid, cpu;

	if (allowed && (p->nr_cpus_allowed == 1 ||
			(READ_ONCE(p->flags) & PF_KTHREAD && idle_cpu(prev))))
		return prev;
	nid = autonuma_preferred_nid(p);
	if (nid != NUMA_NO_NODE && nid != home->nid) {
		cpu = sched_idle_cpu(sched_node(nid), p);
		if (cpu >= 0)
			return cpu;
	}
	if (!(flags & (WF_FORK | WF_EXEC))) {
		if (allowed && idle_cpu(prev))
			return prev;
		cpu = sched_idle_cpu(home, p);
		if (cpu >= 0 || allowed)
			return cpu >= 0 ? cpu : (int)prev;
	}
	cpu = select_new(p, home);
	if (cpu < 0)
		cpu = select_allowed(p);
	return cpu < 0 ? break_affinity(p, home) : cpu;
}

/* The running task gives up its memory: it may as well go where there is room. */
void sched_exec(void)
{
	struct task_struct *p = current;
	int cpu;

	if (READ_ONCE(task_rq(p)->nr_running) <= 1)
		return;
	cpu = select_new(p, task_rq(p)->node);
	if (cpu >= 0 && idle_cpu(cpu))
		migrate_task_to(p, cpu);
}
