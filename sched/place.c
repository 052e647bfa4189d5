// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: when a decision about a task is taken, and what follows from it.
 *
 * The tick only sees that a decision is due and leaves it to the task, which takes it on its
 * way to user mode: no lock of the scheduler is held there and nobody waits. Wake-up and load
 * balancing take no decisions, either; they ask for the result of the last one.
 */
#include <linux/autonuma.h>
#include <linux/jiffies.h>
#include <linux/mmu_context.h>
#include <linux/numa.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/task_work.h>
#include <linux/topology.h>
#include <trace/events/autonuma.h>

#include "sched.h"
#include "autonuma.h"

/* Time between two decisions about one task, in jiffies. */
static unsigned long balance_interval(void)
{
	return msecs_to_jiffies(autonuma_knob(balance_interval_millisecs));
}

/* Do what was decided. A CPU that was idle, or a task that ran there, may not be any more. */
static void move_task(struct autonuma_decision *d)
{
	int target_nid = cpu_to_node(d->best_cpu);
	int err;

	if (d->other)
		err = migrate_swap(d->p, d->other, d->best_cpu, d->cpu);
	else
		err = migrate_task_to(d->p, d->best_cpu);
	if (err)
		return;
	autonuma_count(d->other ? AUTONUMA_TASKS_SWAPPED : AUTONUMA_TASKS_MOVED, 1);
	trace_autonuma_task_moved(d->p, d->cpu_nid, target_nid, d->other);
	d->preferred_nid = target_nid;
}

/*
 * Is it known where the current task's accesses go? Before that it would follow memory that is
 * about to follow it. Nobody else counts its faults.
 */
static bool was_sampled(struct task_autonuma *ta)
{
	return ta->faults.total;
}

/*
 * Take and carry out a decision about the current task. The work is free again first: the next
 * tick may come before this is done.
 */
static void place_task(struct callback_head *work)
{
	struct task_autonuma *ta = container_of(work, struct task_autonuma, work);
	struct autonuma_decision d = { .p = current, .ta = ta };
	struct mm_autonuma *mma;

	/* Pairs with READ_ONCE() in the tick, which interrupts this very task. */
	WRITE_ONCE(work->next, work);
	if (!autonuma_enabled() || (current->flags & PF_EXITING))
		return;
	/* Pairs with the release in register_mm(). */
	mma = smp_load_acquire(&current->mm->mm_autonuma);
	if (!mma)
		return;

	rcu_read_lock();
	d.home = autonuma_home(mma);
	d.cpu = task_cpu(current);
	d.cpu_nid = cpu_to_node(d.cpu);
	d.seen = &ta->seen;
	if (d.home != &mma->home) {
		/* The pages that the mm has for itself follow its own tasks. */
		autonuma_home_see(&mma->home, &ta->seen, d.cpu_nid);
		d.seen = &ta->seen_by_group;
	}
	if (READ_ONCE(current->nr_cpus_allowed) > 1 && was_sampled(ta))
		autonuma_decide(&d);
	else
		autonuma_home_see(d.home, d.seen, d.cpu_nid);
	rcu_read_unlock();

	if (d.best)
		move_task(&d);
	if (d.other)
		put_task_struct(d.other);
	/* The memory of one that was not sampled yet is about to come: it stays meanwhile. */
	if (!nodes_empty(d.nodes))
		WRITE_ONCE(ta->preferred_nid, d.preferred_nid);
	else if (READ_ONCE(ta->preferred_nid) == NUMA_NO_NODE)
		WRITE_ONCE(ta->preferred_nid, d.cpu_nid);
}

/**
 * autonuma_place_init() - prepare for decisions about a task
 * @ta:	what is known about it, zeroed memory
 * @p:	the task
 *
 * Tasks that become known together decide at different times: each sees what those before it did.
 */
void autonuma_place_init(struct task_autonuma *ta, struct task_struct *p)
{
	ta->preferred_nid = NUMA_NO_NODE;
	ta->next_decision = jiffies + p->pid % balance_interval();
	init_task_work(&ta->work, place_task);
	ta->work.next = &ta->work;
}

/**
 * __autonuma_task_tick() - ask for a decision about the running task if one is due
 * @curr: the running task
 *
 * Context: the tick; run queue locked, interrupts off.
 */
void __autonuma_task_tick(struct task_struct *curr)
{
	/* Pairs with the release in give_counts(). */
	struct task_autonuma *ta = smp_load_acquire(&curr->task_autonuma);

	if (!ta || time_before(jiffies, ta->next_decision) ||
	    (curr->flags & (PF_EXITING | PF_KTHREAD)))
		return;
	/* Pairs with WRITE_ONCE() in place_task(). */
	if (READ_ONCE(ta->work.next) != &ta->work)
		return;
	ta->next_decision = jiffies + balance_interval();
	task_work_add(curr, &ta->work, TWA_RESUME);
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
