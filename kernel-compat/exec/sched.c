// SPDX-License-Identifier: GPL-2.0
/*
 * Which task owns which virtual CPU, and how it gives the CPU to another one.  Who that
 * is, and where a task goes that wakes up, is decided in sched/.
 *
 * A task that owns its CPU has exec.run == 1 and is rq->curr.  schedule() hands the CPU
 * to the task that sched/ picks, or leaves it idle, and waits on exec.run.  Whoever makes
 * a task runnable on an idle CPU hands it over at once.
 *
 * Switching address spaces is the work of the task that leaves, with the CPU's
 * interrupt gate held; on_cpu stays set until that is done, and a waker that finds
 * a task dequeued but still on_cpu waits for it, as the kernel does.  When the CPU
 * was idle, the task that arrives does it.
 */
#include <string.h>

#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/topology.h>
#include <machine/cost.h>
#include <machine/inject.h>
#include <machine/violation.h>
#include <exec/async.h>
#include <exec/hooks.h>
#include <exec/vcpu.h>

struct vcpu *vcpus;

void exec_attention(struct exec_task *e, u32 bits)
{
	__atomic_fetch_or(&e->attention, bits, __ATOMIC_SEQ_CST);
}

static void attention_clear(struct exec_task *e, u32 bits)
{
	__atomic_fetch_and(&e->attention, ~bits, __ATOMIC_SEQ_CST);
}

/* The task may run from here on. Its context need not have gone to sleep yet. */
void exec_grant(struct task_struct *p)
{
	__atomic_store_n(&p->exec.on_cpu, 1, __ATOMIC_RELAXED);
	/* Pairs with the acquire in await_cpu(): all the last owner did on this CPU. */
	__atomic_store_n(&p->exec.run, 1, __ATOMIC_RELEASE);
	exec_engine->wake(&p->exec.run, 1);
}

static void await_cpu(struct task_struct *p)
{
	while (!__atomic_load_n(&p->exec.run, __ATOMIC_ACQUIRE))
		exec_engine->wait(&p->exec.run, 0);
}

/*
 * Change the CPU's address space from @prev's to @next's. Kernel threads and idle
 * tasks keep the one they find, with a reference on the struct (lazy TLB); the
 * reference is dropped by the next task that brings its own.
 */
static void context_switch(struct vcpu *v, struct task_struct *prev, struct task_struct *next)
{
	struct mm_struct *init = exec_init_mm();

	if (!next->mm) {
		enter_lazy_tlb(prev->active_mm, next);
		next->active_mm = prev->active_mm;
		if (prev->mm && prev->active_mm != init)
			exec_mmgrab(prev->active_mm);
		else if (!prev->mm)
			prev->active_mm = NULL;
		return;
	}
	switch_mm_irqs_off(prev->active_mm, next->mm, next);
	if (!prev->mm) {
		v->prev_mm = prev->active_mm != init ? prev->active_mm : NULL;
		prev->active_mm = NULL;
	}
}

/* The CPU is ours: finish what the switch began. Preemption is off by one. */
static void finish_switch(struct task_struct *p)
{
	struct vcpu *v = &vcpus[p->exec.cpu];
	struct mm_struct *mm;

	if (v->from_idle) {
		v->from_idle = false;
		exec_gate_lock();
		context_switch(v, v->idle, p);
		exec_gate_unlock();
	}
	mm = v->prev_mm;
	v->prev_mm = NULL;
	p->exec.preempt_count--;
	cost_charge(COST_SWITCH, 1);
	if (mm)
		exec_mmdrop(mm);
	if (READ_ONCE(p->exec.unwind))
		exec_violation_unwound();
}

/* First thing in a new task's context. */
void exec_take_cpu(void)
{
	await_cpu(current);
	finish_switch(current);
}

/* A task that had to leave its CPU finds itself another; it is on none. */
static void move_self(struct task_struct *p, struct rq *from, int dest)
{
	xlock(&p->exec.lock);
	if (!exec_is_on_rq(p)) {
		if (dest >= 0 && sched_may_run_on(p, dest))
			exec_place_on(p, dest);
		else
			exec_place(p, 0);
	}
	__atomic_store_n(&p->exec.moving, false, __ATOMIC_RELAXED);
	sched_has_left(from);
	xunlock(&p->exec.lock);
}

/*
 * What becomes of a task that asks to be scheduled, rq->lock held: it sleeps (not when
 * @preempt), it has to go to another CPU, *@dest or any, or it stays runnable here.
 * Returns whether it has to go.
 */
static bool settle(struct rq *rq, struct task_struct *p, bool preempt, int *dest)
{
	*dest = p->exec.dest_cpu;
	p->exec.dest_cpu = -1;
	if (!preempt && READ_ONCE(p->__state) != TASK_RUNNING) {
		if (signal_pending_state(READ_ONCE(p->__state), p)) {
			WRITE_ONCE(p->__state, TASK_RUNNING);
		} else {
			if (*dest >= 0)
				WRITE_ONCE(p->wake_cpu, *dest);
			__atomic_store_n(&p->exec.on_rq, false, __ATOMIC_RELAXED);
			return false;
		}
	}
	if (*dest < 0 && sched_may_run_on(p, rq->cpu))
		return false;
	__atomic_store_n(&p->exec.moving, true, __ATOMIC_RELAXED);
	sched_leaves(rq, p);
	return true;
}

/*
 * Leave the CPU if there is reason to: the task sleeps (not when @preempt), may not
 * stay, or somebody is queued who had less, or anybody if it @gives_way.  Returns when
 * the task owns a CPU again; a dead task's call returns without one.
 */
static void __schedule(bool preempt, bool gives_way)
{
	struct task_struct *p = current, *next;
	struct vcpu *v = this_vcpu();
	struct swap_request *swap = NULL;
	struct rq *rq = v->rq;
	bool dead, move, sleeps;
	int dest;

	p->exec.preempt_count++;
	exec_gate_lock();
	xlock(&rq->lock);
	attention_clear(&p->exec, ATTENTION_RESCHED | ATTENTION_MOVE);
	if (unlikely(p->exec.swap))
		swap = sched_swap(rq, p, &preempt);
	update_curr(rq);
	move = settle(rq, p, preempt, &dest);
	next = pick_next_task(rq, p, gives_way);
	if (next == p) {
		xunlock(&rq->lock);
		exec_gate_unlock();
		p->exec.preempt_count--;
		if (unlikely(swap))
			sched_swap_done(swap);
		return;
	}
	sleeps = !move && !p->exec.on_rq;
	if (preempt || p->exec.on_rq)
		WRITE_ONCE(p->exec.nivcsw, p->exec.nivcsw + 1);
	else
		WRITE_ONCE(p->exec.nvcsw, p->exec.nvcsw + 1);
	dead = READ_ONCE(p->__state) == TASK_DEAD;
	__atomic_store_n(&p->exec.run, 0, __ATOMIC_RELAXED);
	rcu_assign_pointer(rq->curr, next);
	if (next == rq->idle) {
		/* Nobody else touches an idle CPU before curr says so: still under rq->lock. */
		context_switch(v, p, next);
	}
	xunlock(&rq->lock);
	if (next != rq->idle)
		context_switch(v, p, next);
	exec_gate_unlock();
	exec_async_kick(REPLAY_ASYNC_ALL);
	/* Pairs with exec_wait_off_cpu(): whoever moves us sees all we did here. */
	if (__atomic_exchange_n(&p->exec.on_cpu, 0, __ATOMIC_RELEASE) == 2)
		exec_engine->wake(&p->exec.on_cpu, UINT_MAX);
	if (next != rq->idle)
		exec_grant(next);
	if (sleeps)
		exec_awake(-1);
	if (dead)
		return;
	if (move)
		move_self(p, rq, dest);
	if (unlikely(swap))
		sched_swap_done(swap);
	await_cpu(p);
	finish_switch(p);
}

void exec_final_switch(void)
{
	__schedule(false, false);
}

void exec_preempt(void)
{
	__schedule(true, false);
}

void exec_give_way(void)
{
	__schedule(true, true);
}

/* Report a sleep that must not be. The count and the flag are the task's own. */
static void schedule_debug(struct task_struct *p)
{
	if (unlikely(p->exec.preempt_count || p->exec.irqs_off))
		violation(VIOLATION_ATOMIC_SLEEP,
			  "scheduling while atomic: preempt_count %#x, interrupts %s",
			  p->exec.preempt_count, p->exec.irqs_off ? "off" : "on");
}

/* An ordinary sleep that shall end at once, for no reason: who sleeps looks again. */
static bool wakes_spuriously(struct task_struct *p)
{
	unsigned int state = READ_ONCE(p->__state);

	if (!(state & TASK_NORMAL) || !inject_fail(INJECT_WAKE))
		return false;
	__set_current_state(TASK_RUNNING);
	return true;
}

void schedule(void)
{
	schedule_debug(current);
	/* Told before it slept. */
	if (unlikely(READ_ONCE(current->exec.unwind)))
		exec_violation_unwound();
	if (unlikely(wakes_spuriously(current)))
		return;
	exec_pay(false);
	/* Of its own will, also when it was woken on the way here. */
	rcu_note_context_switch(false);
	/* One that does not sleep lets others run, however long they had. */
	__schedule(false, true);
}

void io_schedule(void)
{
	schedule();
}

void schedule_preempt_disabled(void)
{
	preempt_enable_no_resched();
	schedule();
	preempt_disable();
}

/* Takes time, so that a loop around it lets others finish what they pay for. */
void yield(void)
{
	cost_charge(COST_SWITCH, 1);
	set_current_state(TASK_RUNNING);
	schedule();
}

bool need_resched(void)
{
	return __atomic_load_n(&current_exec()->attention, __ATOMIC_RELAXED) &
	       (ATTENTION_RESCHED | ATTENTION_MOVE);
}

/* Do what attention asks for, until it asks for nothing more that we can do here. */
void __preempt_point(void)
{
	struct exec_task *e = current_exec();
	u32 a;

	while ((a = __atomic_load_n(&e->attention, __ATOMIC_RELAXED))) {
		exec_engine->point(EXEC_POINT_PREEMPT, e);
		if (a & ATTENTION_SOFTIRQ) {
			attention_clear(e, ATTENTION_SOFTIRQ);
			exec_run_softirqs(this_vcpu());
		}
		if (a & ATTENTION_RCU) {
			attention_clear(e, ATTENTION_RCU);
			exec_async_kick(REPLAY_ASYNC_RCU);
		}
		if (a & ATTENTION_PAY)
			exec_pay(false);
		if (a & (ATTENTION_RESCHED | ATTENTION_MOVE)) {
			rcu_note_context_switch(true);
			__schedule(true, false);
		}
	}
}

int __cond_resched(void)
{
	bool resched = need_resched();

	if (__preempt_due())
		__preempt_point();
	return resched;
}

int __cond_resched_lock(spinlock_t *lock)
{
	if (!need_resched() && !(__atomic_load_n(&current_exec()->attention, __ATOMIC_RELAXED) &
				 ATTENTION_PAY))
		return 0;
	spin_unlock(lock);
	__cond_resched();
	spin_lock(lock);
	return 1;
}

/*
 * Tasks that are not asleep: running, waiting for a CPU, or on their way to another. One that
 * goes to sleep counts until it has left its CPU.
 */
static int nr_awake;

void exec_awake(int change)
{
	/* Pairs with the acquire in exec_others_asleep(): all that was done while awake. */
	__atomic_fetch_add(&nr_awake, change, __ATOMIC_RELEASE);
}

/* Is only the calling task awake? A momentary answer. */
bool exec_others_asleep(void)
{
	return __atomic_load_n(&nr_awake, __ATOMIC_ACQUIRE) == 1;
}
