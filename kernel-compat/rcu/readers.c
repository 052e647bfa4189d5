// SPDX-License-Identifier: GPL-2.0
/*
 * Readers: nesting per task, and the checks.
 *
 * The engine is told of the outermost reader of a task only.  An interrupt handler
 * reads on behalf of the task it interrupted, inside that task's reader if it has one.
 */
#include <linux/bottom_half.h>
#include <linux/preempt.h>
#include <linux/irqflags.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <machine/violation.h>

#include <engine/engine.h>
#include <rcu/internal.h>

static struct rcu_task *rcu_self(void)
{
	return &current->lock.rcu;
}

void rcu_ctx_start(void)
{
	rcu_engine->ctx_start();
}

void rcu_ctx_stop(void)
{
	rcu_engine->ctx_stop();
}

static __always_inline void rcu_enter(int *depth)
{
	struct rcu_task *r = rcu_self();

	if (!rcu_task_depth(r)) {
		r->ip = (unsigned long)__builtin_return_address(0);
		rcu_engine->enter();
	}
	++*depth;
	exec_point(EXEC_POINT_RCU, r);
}

/* The last nested reader ends: leave the engine's reader, or the list of blocked ones. */
static void rcu_leave(struct rcu_task *r)
{
	if (r->blocked)
		rcu_blocked_del(r);
	else
		rcu_engine->leave();
}

static __always_inline void rcu_exit(int *depth, const char *what)
{
	struct rcu_task *r = rcu_self();

	if (unlikely(*depth <= 0)) {
		violation(VIOLATION_RCU, "%s without a reader to leave", what);
		return;
	}
	exec_point(EXEC_POINT_RCU, r);
	--*depth;
	if (!rcu_task_depth(r)) {
		rcu_leave(r);
		rcu_async_chance(r);
	}
}

void __rcu_read_lock(void)
{
	rcu_enter(&rcu_self()->depth);
}

void __rcu_read_unlock(void)
{
	rcu_exit(&rcu_self()->depth, "rcu_read_unlock()");
}

void rcu_read_lock_bh(void)
{
	local_bh_disable();
	rcu_enter(&rcu_self()->depth_bh);
}

void rcu_read_unlock_bh(void)
{
	rcu_exit(&rcu_self()->depth_bh, "rcu_read_unlock_bh()");
	local_bh_enable();
}

void rcu_read_lock_sched(void)
{
	preempt_disable();
	rcu_enter(&rcu_self()->depth_sched);
}

void rcu_read_unlock_sched(void)
{
	rcu_exit(&rcu_self()->depth_sched, "rcu_read_unlock_sched()");
	preempt_enable();
}

int rcu_preempt_depth(void)
{
	return rcu_self()->depth;
}

/* What exec asks: the depth that forbids sleeping. */
int exec_rcu_depth(void)
{
	return rcu_preempt_depth();
}

int rcu_read_lock_held(void)
{
	return rcu_self()->depth > 0;
}

int rcu_read_lock_bh_held(void)
{
	return in_softirq() || irqs_disabled();
}

int rcu_read_lock_sched_held(void)
{
	return !preemptible();
}

int rcu_read_lock_any_held(void)
{
	return rcu_task_depth(rcu_self()) > 0 || !preemptible();
}

void lockdep_rcu_suspicious(const char *file, int line, const char *what)
{
	violation(VIOLATION_RCU, "%s:%d: %s", file, line, what);
}

void rcu_task_init(struct task_struct *p)
{
	memset(&p->lock.rcu, 0, sizeof(p->lock.rcu));
	INIT_LIST_HEAD(&p->lock.rcu.blkd_node);
}

static void rcu_report(struct rcu_task *r, const char *what)
{
	violation_with_stack(VIOLATION_RCU, &r->ip, 1, "reader began at",
			     "%s inside an RCU reader (rcu %d, bh %d, sched %d)",
			     what, r->depth, r->depth_bh, r->depth_sched);
}

void rcu_task_exit(struct task_struct *p)
{
	struct rcu_task *r = &p->lock.rcu;
	int i;

	if (rcu_task_depth(r))
		rcu_report(r, "task exits");
	for (i = 0; i < RCU_TASK_SRCU; i++)
		if (r->srcu[i].nr)
			violation(VIOLATION_RCU, "task exits inside an SRCU reader of %p",
				  r->srcu[i].ssp);
}

void rcu_task_forget(struct task_struct *p)
{
	struct rcu_task *r = &p->lock.rcu;

	if (rcu_task_depth(r))
		rcu_leave(r);
	rcu_task_init(p);
}

void rcu_note_context_switch(bool preempt)
{
	struct rcu_task *r = rcu_self();

	if (likely(!rcu_task_depth(r)))
		return;
	if (!preempt)
		rcu_report(r, "task goes to sleep");
	if (!r->blocked) {
		rcu_blocked_add(r);
		rcu_engine->leave();
	}
}
