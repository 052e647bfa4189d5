// SPDX-License-Identifier: GPL-2.0
/*
 * Load balancing: tasks that wait go to CPUs that have less to do.
 *
 * A CPU that becomes idle takes one from where tasks wait, nearest node first.  The tick
 * of a CPU for which tasks wait gives one to an idle CPU, as the kernel lets the idle one
 * take it; that of another one takes one if it has clearly less to do.  Affinity and
 * autonuma_may_pull() decide who may be taken; nobody takes a task that runs.  One that runs
 * beside another one on the same core goes to a core of its node where nobody does.
 *
 * Another CPU's lock is only tried: what does not work now is tried again soon.
 */
#include <linux/autonuma.h>
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/topology.h>
#include <exec/vcpu.h>

#include "sched.h"

#define BALANCE_NS	(16 * NSEC_PER_MSEC)	/* between two looks of one CPU */
#define MAX_LOOKED_AT	8			/* tasks that wait for one CPU */

/* A task that waits for @src and may be taken to @dst, or NULL. src->lock held. */
static struct task_struct *find_task(struct rq *src, struct rq *dst, bool dst_idle)
{
	struct rb_node *node = rb_first_cached(&src->timeline);

	for (int i = 0; node && i < MAX_LOOKED_AT; i++, node = rb_next(node)) {
		struct task_struct *p = rb_entry(node, struct task_struct, se.run_node);

		/* Pairs with the release in __schedule(): it has left its CPU altogether. */
		if (!__atomic_load_n(&p->exec.on_cpu, __ATOMIC_ACQUIRE) &&
		    sched_may_run_on(p, dst->cpu) &&
		    autonuma_may_pull(p, src->cpu, dst->cpu, dst_idle))
			return p;
	}
	return NULL;
}

static void take_from(struct rq *src, struct task_struct *p, unsigned int cpu)
{
	dequeue_task(src, p);
	__atomic_store_n(&p->exec.cpu, cpu, __ATOMIC_RELAXED);
	WRITE_ONCE(p->wake_cpu, cpu);
}

/* Take one task that waits for a CPU of @node to @rq, whose lock is held. */
static struct task_struct *pull_from_node(struct rq *rq, struct sched_node *node,
					  unsigned int at_least, bool idle)
{
	unsigned int i;

	if (!READ_ONCE(node->nr_busy))
		return NULL;
	for_each_set_bit(i, node->busy, node->nr_cpus) {
		struct rq *src = cpu_rq(node->cpus[i]);
		struct task_struct *p = NULL;

		if (src == rq || READ_ONCE(src->nr_running) < at_least || !xtrylock(&src->lock))
			continue;
		if (src->nr_running >= at_least)
			p = find_task(src, rq, idle);
		if (p) {
			take_from(src, p, rq->cpu);
			enqueue_task(rq, p);
		}
		xunlock(&src->lock);
		if (p)
			return p;
	}
	return NULL;
}

/* @rq would become idle: the task it runs instead, which waits there now. rq->lock held. */
struct task_struct *sched_newidle(struct rq *rq)
{
	struct task_struct *p = NULL;
	struct sched_node *node;
	unsigned int start;

	if (!sched_any_busy() || !cpu_active(rq->cpu))
		return NULL;
	start = sched_node_start(rq->node);
	for (unsigned int i = 0; !p && (node = sched_node_nth(rq->node, i, start)); i++)
		p = pull_from_node(rq, node, 2, true);
	return p;
}

/* Give one that waits for @rq to @dst, if that is idle still. rq->lock held. */
static bool push_to(struct rq *rq, struct rq *dst)
{
	struct task_struct *p = NULL;

	if (!xtrylock(&dst->lock))
		return false;
	if (dst->curr == dst->idle && cpu_active(dst->cpu))
		p = find_task(rq, dst, true);
	if (p) {
		take_from(rq, p, dst->cpu);
		exec_run_on_idle(dst, p);
	}
	xunlock(&dst->lock);
	return p;
}

/* Tasks wait for @rq, whose lock is held: is there an idle CPU for one of them? */
static void push(struct rq *rq)
{
	unsigned int start = sched_node_start(rq->node), i, k;
	struct sched_node *node;

	for (i = 0; (node = sched_node_nth(rq->node, i, start)); i++) {
		if (!READ_ONCE(node->nr_idle))
			continue;
		for_each_set_bit(k, node->idle, node->nr_cpus)
			if (push_to(rq, cpu_rq(node->cpus[k])))
				return;
	}
}

/* Is @node so much more loaded, by a quarter, that tasks shall leave it for ours? */
static bool is_overloaded(struct sched_node *node, struct sched_node *home)
{
	return 4 * (u64)READ_ONCE(node->nr_running) * home->nr_cpus >
	       5 * (u64)READ_ONCE(home->nr_running) * node->nr_cpus;
}

/* Where there are two tasks more than here: in our node, or in one that has more to do. */
static void pull(struct rq *rq)
{
	unsigned int start = sched_node_start(rq->node), more = rq->nr_running + 2;
	struct sched_node *node;

	for (unsigned int i = 0; (node = sched_node_nth(rq->node, i, start)); i++)
		if ((!i || is_overloaded(node, rq->node)) &&
		    pull_from_node(rq, node, more, false)) {
			exec_attention(&rq->curr->exec, ATTENTION_RESCHED);
			exec_kick_payer(rq->curr);
			return;
		}
}

/*
 * The running task has its CPU, but not its core, to itself: send it to a core of the node that
 * has nothing to do. Of two tasks one goes, that on the later CPU. rq->lock held.
 */
static void leave_shared_core(struct rq *rq)
{
	struct task_struct *curr = rq->curr;
	int cpu;

	if (!READ_ONCE(rq->node->nr_idle) || !sched_core_is_shared(rq->cpu) ||
	    READ_ONCE(curr->flags) & (PF_KTHREAD | PF_EXITING) || curr->exec.swap)
		return;
	cpu = sched_idle_core(rq->node, curr);
	if (cpu >= 0)
		sched_send(curr, cpu);
}

/* From the tick of @rq's CPU; rq->lock held. */
void sched_balance(struct rq *rq, u64 now)
{
	if (rq->nr_running == 1)
		leave_shared_core(rq);
	if (now < rq->next_balance || !sched_any_busy())
		return;
	rq->next_balance = now + BALANCE_NS;
	if (rq->nr_running > 1)
		push(rq);
	if (cpu_active(rq->cpu))
		pull(rq);
}
