// SPDX-License-Identifier: GPL-2.0
/* A CPU that goes gives its tasks away. */
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <exec/vcpu.h>

#include "sched.h"

/* From here on nobody is given @cpu, or everybody may be. */
void sched_set_cpu_active(unsigned int cpu, bool active)
{
	struct rq *rq = cpu_rq(cpu);

	xlock(&rq->lock);
	if (active)
		cpumask_set_cpu(cpu, &__cpu_active_mask);
	else
		cpumask_clear_cpu(cpu, &__cpu_active_mask);
	if (!rq->nr_running)
		sched_mark_idle(rq, active);
	xunlock(&rq->lock);
}

/* @p, which ran on @rq or was dequeued from it, is on its way to another CPU. rq->lock held. */
void sched_leaves(struct rq *rq, struct task_struct *p)
{
	__atomic_store_n(&p->exec.on_rq, false, __ATOMIC_RELAXED);
	__atomic_fetch_add(&rq->leaving, 1, __ATOMIC_RELAXED);
}

/* A task for which sched_leaves() was called has arrived. */
void sched_has_left(struct rq *rq)
{
	/* Pairs with the acquire in is_empty(): where it is has been stored. */
	__atomic_fetch_sub(&rq->leaving, 1, __ATOMIC_RELEASE);
}

/* One that waited on @rq, after sched_leaves(): to @cpu, or to any if it is < 0. exec.lock held. */
void sched_send_on(struct rq *rq, struct task_struct *p, int cpu)
{
	exec_wait_off_cpu(p);
	if (cpu >= 0)
		exec_place_on(p, cpu);
	else
		exec_place(p, 0);
	sched_has_left(rq);
}

/* One that waits for @rq, with a reference; or NULL after the one that runs was told. */
static struct task_struct *next_to_go(struct rq *rq)
{
	struct rb_node *node;
	struct task_struct *p = NULL;

	xlock(&rq->lock);
	node = rb_first_cached(&rq->timeline);
	if (node) {
		p = get_task_struct(rb_entry(node, struct task_struct, se.run_node));
	} else if (rq->curr != rq->idle) {
		exec_attention(&rq->curr->exec, ATTENTION_MOVE);
		exec_kick_payer(rq->curr);
	}
	xunlock(&rq->lock);
	return p;
}

/* If it still waits there it goes elsewhere. */
static void send_away(struct rq *rq, struct task_struct *p)
{
	struct rq *now;
	bool waits;

	xlock(&p->exec.lock);
	now = exec_lock_rq(p);
	waits = now == rq && p->exec.on_rq && rq->curr != p;
	if (waits) {
		dequeue_task(rq, p);
		sched_leaves(rq, p);
	}
	xunlock(&now->lock);
	if (waits)
		sched_send_on(rq, p, -1);
	xunlock(&p->exec.lock);
}

/* Nobody runs or waits there, nor is on the way from there: task_cpu() says so of all. */
static bool is_empty(struct rq *rq)
{
	bool ret;

	xlock(&rq->lock);
	ret = rq->curr == rq->idle && !rq->nr_running &&
	      !__atomic_load_n(&rq->leaving, __ATOMIC_ACQUIRE);
	xunlock(&rq->lock);
	return ret;
}

/* @cpu is not active: wait until nobody runs or waits there. The caller may be there. */
void sched_empty_cpu(unsigned int cpu)
{
	struct rq *rq = cpu_rq(cpu);
	struct task_struct *p;

	for (;;) {
		while ((p = next_to_go(rq))) {
			send_away(rq, p);
			put_task_struct(p);
		}
		if (task_cpu(current) == cpu)
			preempt_check_resched();
		if (is_empty(rq))
			return;
		exec_sleep_until(exec_now() + 1);
	}
}
