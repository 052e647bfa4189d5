// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: which CPU a task runs on.
 */
#include <linux/autonuma.h>
#include <linux/jiffies.h>
#include <linux/numa.h>
#include <linux/sched.h>
#include <linux/topology.h>

#include "autonuma.h"

/**
 * __autonuma_task_tick() - note when a decision about the running task is due
 * @curr: the running task
 *
 * Context: the tick; run queue locked, interrupts off.
 */
void __autonuma_task_tick(struct task_struct *curr)
{
	/* Pairs with the release in give_counts(). */
	struct task_autonuma *ta = smp_load_acquire(&curr->task_autonuma);

	if (!ta || time_before(jiffies, ta->next_decision))
		return;
	ta->next_decision = jiffies + msecs_to_jiffies(autonuma_knob(balance_interval_millisecs));
}

/**
 * __autonuma_preferred_nid() - where the last decision wants the task
 * @p: a task that cannot be freed
 *
 * Return: a node, or NUMA_NO_NODE.
 * Context: any.
 */
int __autonuma_preferred_nid(struct task_struct *p)
{
	/* Pairs with the release in give_counts(). */
	struct task_autonuma *ta = smp_load_acquire(&p->task_autonuma);

	return ta ? READ_ONCE(ta->preferred_nid) : NUMA_NO_NODE;
}

/**
 * __autonuma_may_pull() - may the load balancer pull a task to another CPU?
 * @p:		a runnable task that does not run
 * @src_cpu:	the CPU it waits for
 * @dst_cpu:	the CPU that pulls
 * @dst_idle:	@dst_cpu has nothing else to do
 *
 * With load_balance_strict a task leaves the node where it belongs only for a CPU that
 * would do nothing otherwise.
 *
 * Context: any.
 */
bool __autonuma_may_pull(struct task_struct *p, int src_cpu, int dst_cpu, bool dst_idle)
{
	int cpu_nid = cpu_to_node(src_cpu);

	if (dst_idle || !autonuma_knob(load_balance_strict))
		return true;
	return cpu_nid == cpu_to_node(dst_cpu) || cpu_nid != __autonuma_preferred_nid(p);
}
