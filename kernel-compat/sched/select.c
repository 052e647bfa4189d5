// SPDX-License-Identifier: GPL-2.0
/* On which CPU a task that becomes runnable goes. */
#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/topology.h>

#include "sched.h"

/* An idle CPU that @p may use: on @node, or anywhere for NUMA_NO_NODE; -1 if none. */
static int find_idle_cpu(struct task_struct *p, int node)
{
	unsigned int cpu;

	for_each_cpu(cpu, p->cpus_ptr)
		if (cpu_active(cpu) && (node == NUMA_NO_NODE || cpu_to_node(cpu) == node) &&
		    idle_cpu(cpu))
			return cpu;
	return -1;
}

/* The allowed CPU with the fewest tasks. */
static int find_least_loaded(struct task_struct *p)
{
	unsigned int cpu, best_n = UINT_MAX;
	int best = -1;

	for_each_cpu(cpu, p->cpus_ptr) {
		unsigned int n = READ_ONCE(cpu_rq(cpu)->nr_running);

		if (cpu_active(cpu) && n < best_n) {
			best_n = n;
			best = cpu;
		}
	}
	return best;
}

/*
 * Its previous CPU if that is idle, an idle one of the same node, the previous one's
 * queue; new tasks and tasks whose previous CPU is forbidden also look at other nodes.
 * @p->exec.lock held; @flags are WF_*.
 */
int select_task_rq(struct task_struct *p, int flags)
{
	unsigned int prev = p->wake_cpu;
	bool allowed = cpumask_test_cpu(prev, p->cpus_ptr);
	int cpu;

	if (allowed && (p->nr_cpus_allowed == 1 || idle_cpu(prev)))
		return prev;
	cpu = find_idle_cpu(p, cpu_to_node(prev));
	if (cpu < 0 && allowed && !(flags & WF_FORK))
		return prev;
	if (cpu < 0)
		cpu = find_idle_cpu(p, NUMA_NO_NODE);
	if (cpu < 0)
		cpu = find_least_loaded(p);
	return cpu < 0 ? (int)prev : cpu;
}
