/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of rcu/ share. */
#ifndef _RCU_INTERNAL_H
#define _RCU_INTERNAL_H

#include <linux/types.h>
#include <engine/engine.h>
#include <exec/async.h>
#include <exec/task.h>
#include <rcu/engine.h>
#include <rcu/task.h>

/* Nesting of all kinds; the engine's reader lasts from the first to the last. */
static inline int rcu_task_depth(const struct rcu_task *r)
{
	return r->depth + r->depth_bh + r->depth_sched;
}

/*
 * Where a grace period may end, or a callback wait for one: under the engine replay let, once
 * in a while, the others go on at once. One statement is otherwise seldom hit.
 */
static inline void rcu_async_chance(const void *object)
{
	if (unlikely(__atomic_load_n(&exec_async, __ATOMIC_RELAXED) & REPLAY_ASYNC_RCU) &&
	    !exec_engine->choose(4))
		exec_engine->point(EXEC_POINT_SPIN, object);
}

/* blocked.c: readers that were preempted. */
void rcu_blocked_add(struct rcu_task *r);
void rcu_blocked_del(struct rcu_task *r);
void rcu_blocked_wait(void);
u64 rcu_blocked_oldest(void);
void rcu_blocked_reset(void);

/* gp.c: the grace-period thread; NULL before and after its life. */
extern struct task_struct *rcu_gp_task;
/* A head is about to be queued: both report, and return false, if it must not be. */
bool rcu_head_ok(struct rcu_head *head, rcu_callback_t func);
bool rcu_head_claim(struct rcu_head *head, rcu_callback_t func);
void rcu_invoke(struct rcu_head *head);		/* bottom halves disabled */

/*
 * early.c: callbacks that wait for the readers there were when they were queued, each for
 * its own, oldest first. All under rcu.lock.
 */
void rcu_early_queued(unsigned long gp);	/* one, behind the others; its grace period */
unsigned long rcu_early_ready(void);	/* that of the oldest one, if its readers left, or 0 */
void rcu_early_taken(bool all);		/* the oldest one, or all */
void rcu_early_reset(void);		/* power off */

/* pending.c: the heads that wait for their callback, by address. */
bool rcu_pending_add(const void *head);		/* false: it was there already */
void rcu_pending_del(const void *head);
void rcu_pending_reset(void);

#endif /* _RCU_INTERNAL_H */
