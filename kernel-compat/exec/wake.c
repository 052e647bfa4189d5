// SPDX-License-Identifier: GPL-2.0
/* Making tasks runnable: wake-ups, and where the task is put. */
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/topology.h>
#include <exec/hooks.h>
#include <exec/vcpu.h>

/*
 * Lock the run queue of the CPU where @p is, which stays where it is as long as that is
 * held if it runs or waits, and as long as exec.lock is held if not.
 */
struct rq *exec_lock_rq(struct task_struct *p)
{
	for (;;) {
		struct rq *rq = task_rq(p);

		xlock(&rq->lock);
		if (likely(rq == task_rq(p)))
			return rq;
		xunlock(&rq->lock);
	}
}

/* Does @p run or wait? exec.lock held. */
bool exec_is_on_rq(struct task_struct *p)
{
	struct rq *rq = exec_lock_rq(p);
	bool on_rq = p->exec.on_rq;

	xunlock(&rq->lock);
	return on_rq;
}

/* @p gets the CPU of @rq, which is idle. rq->lock held. */
void exec_run_on_idle(struct rq *rq, struct task_struct *p)
{
	take_idle_cpu(rq, p);
	vcpus[rq->cpu].from_idle = true;
	exec_grant(p);
}

/* Make @p, which is on no queue, runnable on @cpu. exec.lock held. */
void exec_place_on(struct task_struct *p, unsigned int cpu)
{
	struct rq *rq = cpu_rq(cpu);

	if (unlikely(!p->exec.ctx && p != exec_init_process()))
		exec_start_context(p);
	exec_engine->point(EXEC_POINT_WAKE, p);
	xlock(&rq->lock);
	if (unlikely(!cpu_active(cpu))) {
		/* It has gone since it was chosen. */
		xunlock(&rq->lock);
		exec_place(p, 0);
		return;
	}
	__atomic_store_n(&p->exec.cpu, cpu, __ATOMIC_RELAXED);
	WRITE_ONCE(p->wake_cpu, cpu);
	__atomic_store_n(&p->exec.on_rq, true, __ATOMIC_RELAXED);
	if (rq->curr == rq->idle) {
		exec_run_on_idle(rq, p);
	} else {
		enqueue_task(rq, p);
		if (wakeup_preempt(rq, p))
			exec_attention(&rq->curr->exec, ATTENTION_RESCHED);
		exec_kick_payer(rq->curr);
	}
	xunlock(&rq->lock);
}

/* The same on a CPU that is chosen now; @flags are WF_*. exec.lock held. */
void exec_place(struct task_struct *p, int flags)
{
	if (unlikely(!p->exec.ctx))
		flags |= WF_FORK;
	exec_place_on(p, select_task_rq(p, flags));
}

/* Wait until @p, which is dequeued, has left its CPU; its exec.lock is held. */
void exec_wait_off_cpu(struct task_struct *p)
{
	u32 s;

	while ((s = __atomic_load_n(&p->exec.on_cpu, __ATOMIC_ACQUIRE))) {
		if (s == 1 && !__atomic_compare_exchange_n(&p->exec.on_cpu, &s, 2, false,
							   __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			continue;
		exec_engine->wait(&p->exec.on_cpu, 2);
	}
}

/* A frozen sleeper is not woken; what it will find when it thaws is. exec.lock held. */
static bool wake_frozen(struct task_struct *p, unsigned int state)
{
	if (!(READ_ONCE(p->__state) & TASK_FROZEN) || !(p->saved_state & state))
		return false;
	p->saved_state = TASK_RUNNING;
	return true;
}

/*
 * Make @p runnable if its state is one of @state.  The full barrier pairs with the
 * one in set_current_state(): either the sleeper sees the condition, or we its state.
 */
bool exec_wake(struct task_struct *p, unsigned int state)
{
	bool woken = false;
	struct rq *rq;

	if (p == current) {
		if (!(READ_ONCE(p->__state) & state))
			return false;
		WRITE_ONCE(p->__state, TASK_RUNNING);
		return true;
	}
	smp_mb();
	xlock(&p->exec.lock);
	if (!(READ_ONCE(p->__state) & state)) {
		woken = wake_frozen(p, state);
		goto out;
	}
	woken = true;
	rq = exec_lock_rq(p);
	if (p->exec.on_rq) {
		WRITE_ONCE(p->__state, TASK_RUNNING);
		xunlock(&rq->lock);
		goto out;
	}
	xunlock(&rq->lock);
	exec_wait_off_cpu(p);
	WRITE_ONCE(p->__state, TASK_RUNNING);
	exec_awake(1);
	exec_place(p, WF_TTWU);
out:
	xunlock(&p->exec.lock);
	return woken;
}

int wake_up_state(struct task_struct *p, unsigned int state)
{
	return exec_wake(p, state);
}

int wake_up_process(struct task_struct *p)
{
	return exec_wake(p, TASK_NORMAL);
}

void wake_up_new_task(struct task_struct *p)
{
	xlock(&p->exec.lock);
	WRITE_ONCE(p->__state, TASK_RUNNING);
	exec_awake(1);
	exec_place(p, WF_FORK);
	xunlock(&p->exec.lock);
}
