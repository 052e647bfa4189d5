// SPDX-License-Identifier: GPL-2.0
/*
 * Grace periods and callbacks.
 *
 * One kthread, rcu_gp, does both: it takes the callbacks queued so far, waits for the
 * readers there are, and runs the callbacks, in the order they were queued, with
 * bottom halves disabled.  While it waits for running readers inside the engine it
 * counts as running, so virtual time does not pass a grace period that is about to end.
 *
 * Whoever waits for a grace period queues a callback that wakes him.
 */
#include <linux/bottom_half.h>
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_wait.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <machine/cost.h>
#include <machine/machine.h>
#include <machine/violation.h>

#include <engine/engine.h>
#include <exec/async.h>
#include <exec/kthread_shim.h>
#include <exec/vcpu.h>
#include <rcu/internal.h>

struct task_struct *rcu_gp_task;

static struct {
	struct xlock lock;
	struct rcu_head *head;		/* queued, oldest first */
	struct rcu_head **tail;
	unsigned long nr;		/* queued, or taken and not run yet */
	bool requested;			/* a polled grace period is wanted */
	bool busy;			/* rcu_gp has taken callbacks, and not run all */
	bool softirq;			/* a softirq runs callbacks */
	struct rcu_head *ready;		/* for a softirq to run, oldest first */
	struct rcu_head **ready_tail;
	bool direct;			/* no rcu_gp any more: run callbacks at once */
	unsigned long started;		/* grace periods, since boot: of rcu_gp, of callbacks */
	unsigned long completed;	/* stored with release: the last one that ended */
} rcu = {
	.tail = &rcu.head,
	.ready_tail = &rcu.ready,
};

/* The strategy says when grace periods end, not rcu_gp. */
static bool is_async(void)
{
	return __atomic_load_n(&exec_async, __ATOMIC_RELAXED) & REPLAY_ASYNC_RCU;
}

/*
 * Take all queued callbacks, and begin the grace period that @nr is set to. Returns the
 * oldest; the list ends with NULL.
 */
static struct rcu_head *rcu_take(unsigned long *nr)
{
	struct rcu_head *batch;

	xlock(&rcu.lock);
	*rcu.ready_tail = rcu.head;
	batch = rcu.ready;
	rcu.ready = NULL;
	rcu.ready_tail = &rcu.ready;
	rcu.head = NULL;
	rcu.tail = &rcu.head;
	rcu_early_taken(true);
	rcu.busy = true;
	rcu.requested = false;
	*nr = ++rcu.started;
	xunlock(&rcu.lock);
	return batch;
}

/*
 * Run one callback, or free the object of a kfree_rcu(). Bottom halves are disabled; the task
 * that was interrupted may be a reader.
 */
void rcu_invoke(struct rcu_head *head)
{
	rcu_callback_t func = head->func;
	int count = preempt_count(), depth = rcu_task_depth(&current->lock.rcu);

	if (__is_kvfree_rcu_offset((unsigned long)func))
		kvfree((void *)head - (unsigned long)func);
	else
		func(head);
	if (preempt_count() != count)
		violation(VIOLATION_PREEMPT, "RCU callback %ps changed the preempt count %#x to %#x",
			  func, count, preempt_count());
	if (rcu_task_depth(&current->lock.rcu) != depth)
		violation(VIOLATION_RCU, "RCU callback %ps left a reader open", func);
}

/* A head is free for reuse from the moment its callback begins. */
static void rcu_run(struct rcu_head *batch)
{
	struct rcu_head *next;

	for (; batch; batch = next) {
		next = batch->next;
		rcu_pending_del(batch);
		exec_point(EXEC_POINT_RCU, batch);
		local_bh_disable();
		rcu_invoke(batch);
		local_bh_enable();
		xlock(&rcu.lock);
		rcu.nr--;
		xunlock(&rcu.lock);
		if (rcu_gp_task)
			cond_resched();
	}
}

/* Nobody reads. */
static void rcu_run_all(void)
{
	unsigned long unused;

	rcu_run(rcu_take(&unused));
}

/*
 * Grace period @nr is over, and so are all that began before it: their readers would have
 * been its own. rcu.lock is held.
 */
static void rcu_complete(unsigned long nr)
{
	/* Pairs with the acquire in poll_state_synchronize_rcu(). */
	if (rcu.completed < nr)
		__atomic_store_n(&rcu.completed, nr, __ATOMIC_RELEASE);
}

/* One grace period and the callbacks that were queued before it. */
static void rcu_grace_period(void)
{
	struct rcu_head *batch = NULL;
	unsigned long nr;

	if (is_async()) {
		xlock(&rcu.lock);
		rcu.requested = false;
		nr = ++rcu.started;
		xunlock(&rcu.lock);
	} else {
		batch = rcu_take(&nr);
	}
	/* So that time passes for a callback that queues itself for ever. */
	cost_charge(COST_SWITCH, 1);
	lock_wait_for_grace_period();
	rcu_engine->synchronize();
	rcu_blocked_wait();
	lock_wait_over();
	xlock(&rcu.lock);
	rcu_complete(nr);
	xunlock(&rcu.lock);
	/* What a softirq has begun to run was queued before. */
	while (__atomic_load_n(&rcu.softirq, __ATOMIC_ACQUIRE) && batch)
		exec_sleep_until(exec_now() + 1);
	rcu_run(batch);
	xlock(&rcu.lock);
	rcu.busy = false;
	xunlock(&rcu.lock);
	exec_async_kick(REPLAY_ASYNC_RCU);
}

static bool rcu_work_waits(void)
{
	bool ret;

	xlock(&rcu.lock);
	ret = ((rcu.head || rcu.ready) && !is_async()) || rcu.requested;
	xunlock(&rcu.lock);
	return ret;
}

static int rcu_gp_kthread(void *unused)
{
	for (;;) {
		set_current_state(TASK_IDLE);
		if (rcu_work_waits()) {
			__set_current_state(TASK_RUNNING);
			rcu_grace_period();
			continue;
		}
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* In softirq context: the callbacks that are ready, one CPU at a time. */
static void rcu_softirq(void)
{
	struct rcu_head *head;

	for (;;) {
		xlock(&rcu.lock);
		head = rcu.softirq ? NULL : rcu.ready;
		if (head) {
			rcu.ready = head->next;
			if (!rcu.ready)
				rcu.ready_tail = &rcu.ready;
			rcu.softirq = true;
		}
		xunlock(&rcu.lock);
		if (!head)
			return;
		rcu_pending_del(head);
		exec_point(EXEC_POINT_RCU, head);
		rcu_invoke(head);
		xlock(&rcu.lock);
		rcu.nr--;
		rcu.softirq = false;
		xunlock(&rcu.lock);
	}
}

/* The CPU that runs callbacks: one that has nothing else to do, if there is one. */
static struct vcpu *rcu_cpu(void)
{
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (exec_cpu_free(&vcpus[cpu]))
			return &vcpus[cpu];
	return &vcpus[0];
}

bool rcu_async_step(void)
{
	struct rcu_head *head = NULL;
	unsigned long nr;
	struct vcpu *v;

	xlock(&rcu.lock);
	nr = rcu.head && !rcu.busy && !rcu.direct ? rcu_early_ready() : 0;
	if (nr) {
		rcu_complete(nr);
		head = rcu.head;
		rcu.head = head->next;
		if (!rcu.head)
			rcu.tail = &rcu.head;
		head->next = NULL;
		*rcu.ready_tail = head;
		rcu.ready_tail = &head->next;
		rcu_early_taken(false);
	}
	xunlock(&rcu.lock);
	if (!head)
		return false;
	v = rcu_cpu();
	exec_raise_on(v, RCU_SOFTIRQ);
	if (exec_cpu_free(v))
		exec_softirqs_on(v);
	else
		exec_arrive(v);
	return true;
}

void rcu_async_stopped(void)
{
	if (rcu_gp_task)
		wake_up_process(rcu_gp_task);
}

/* What must be right before a head is queued. */
bool rcu_head_ok(struct rcu_head *head, rcu_callback_t func)
{
	if (func && !((unsigned long)head & (sizeof(void *) - 1)))
		return true;
	violation(VIOLATION_RCU, "call_rcu() of head %p with callback %ps", head, func);
	return false;
}

bool rcu_head_claim(struct rcu_head *head, rcu_callback_t func)
{
	if (rcu_pending_add(head))
		return true;
	violation(VIOLATION_RCU, "call_rcu(%p, %ps) of a head that is queued already",
		  head, func);
	return false;
}

/* Queue; callbacks that are small numbers are kfree_rcu() offsets. */
static void rcu_queue(struct rcu_head *head, rcu_callback_t func)
{
	bool first, direct;

	exec_point(EXEC_POINT_RCU, head);
	if (!rcu_head_claim(head, func))
		return;
	head->func = func;
	head->next = NULL;
	xlock(&rcu.lock);
	first = !rcu.head;
	*rcu.tail = head;
	rcu.tail = &head->next;
	rcu.nr++;
	rcu_early_queued(++rcu.started);
	direct = rcu.direct;
	xunlock(&rcu.lock);
	exec_async_kick(REPLAY_ASYNC_RCU);
	rcu_async_chance(&rcu);
	if (direct && !rcu_task_depth(&current->lock.rcu))
		rcu_run_all();
	else if (first && rcu_gp_task && !is_async())
		wake_up_process(rcu_gp_task);
}

void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	if (rcu_head_ok(head, func))
		rcu_queue(head, func);
}

void call_rcu_hurry(struct rcu_head *head, rcu_callback_t func)
{
	call_rcu(head, func);
}

void kvfree_call_rcu(struct rcu_head *head, void *ptr)
{
	if (head) {
		rcu_queue(head, (rcu_callback_t)((void *)head - ptr));
		return;
	}
	synchronize_rcu();
	kvfree(ptr);
}

void wakeme_after_rcu(struct rcu_head *head)
{
	complete(&container_of(head, struct rcu_synchronize, head)->completion);
}

/* Sleep until a callback of our own has run, and with it all queued before. */
static void rcu_wait_callback(void)
{
	struct rcu_synchronize rs;

	init_completion(&rs.completion);
	call_rcu(&rs.head, wakeme_after_rcu);
	lock_wait_for_grace_period();
	wait_for_completion(&rs.completion);
	lock_wait_over();
}

void synchronize_rcu(void)
{
	RCU_LOCKDEP_WARN(rcu_task_depth(&current->lock.rcu),
			 "Illegal synchronize_rcu() in RCU read-side critical section");
	might_sleep();
	if (rcu_gp_task)
		rcu_wait_callback();
	else
		rcu_engine->synchronize();	/* booting, or powering off: alone */
}

void synchronize_rcu_expedited(void)
{
	synchronize_rcu();
}

bool rcu_callbacks_pending(void)
{
	bool ret;

	xlock(&rcu.lock);
	ret = rcu.nr != 0;
	xunlock(&rcu.lock);
	return ret;
}

void rcu_barrier(void)
{
	might_sleep();
	if (rcu_callbacks_pending() && rcu_gp_task)
		rcu_wait_callback();
}

/* For machine_quiesce(). */
void exec_rcu_barrier(void)
{
	rcu_barrier();
}

/* The first grace period that begins after now. */
unsigned long get_state_synchronize_rcu(void)
{
	unsigned long ret;

	xlock(&rcu.lock);
	ret = rcu.started + 1;
	xunlock(&rcu.lock);
	return ret;
}

unsigned long get_completed_synchronize_rcu(void)
{
	return 0;
}

unsigned long start_poll_synchronize_rcu(void)
{
	unsigned long ret;

	xlock(&rcu.lock);
	ret = rcu.started + 1;
	rcu.requested = true;
	xunlock(&rcu.lock);
	if (rcu_gp_task)
		wake_up_process(rcu_gp_task);
	return ret;
}

bool poll_state_synchronize_rcu(unsigned long oldstate)
{
	/* Pairs with the release in rcu_grace_period(). */
	return smp_load_acquire(&rcu.completed) >= oldstate;
}

void cond_synchronize_rcu(unsigned long oldstate)
{
	if (!poll_state_synchronize_rcu(oldstate))
		synchronize_rcu();
}

/* Callbacks queued while rcu_gp was not there yet wait for it. */
static int rcu_boot(const struct machine_config *cfg)
{
	struct task_struct *t;

	rcu_engine->ctx_start();
	open_softirq(RCU_SOFTIRQ, rcu_softirq);
	t = kthread_create(rcu_gp_kthread, NULL, "rcu_gp");
	if (IS_ERR(t))
		return PTR_ERR(t);
	kthread_mark_shim(t);
	rcu_gp_task = t;
	wake_up_process(t);
	return 0;
}

/* Tasks that were stopped or ended by themselves may still be on their way out. */
static void rcu_wait_exits(void)
{
	do {
		exec_sleep_until(exec_now() + 1);
	} while (!exec_others_asleep());
}

/*
 * The last kthread goes. What is queued from here on runs at once, in the only task
 * that is left; nobody reads.
 */
static void rcu_stop(void)
{
	struct task_struct *t = rcu_gp_task;

	rcu_wait_exits();
	rcu_barrier();
	rcu_gp_task = NULL;
	kthread_stop(t);
	rcu_wait_exits();
	xlock(&rcu.lock);
	rcu.direct = true;
	xunlock(&rcu.lock);
	rcu_run_all();
}

unsigned long exec_rcu_callbacks(void)
{
	return rcu.nr;
}

static void rcu_halt(void)
{
	if (rcu.nr)
		violation(VIOLATION_LEAK, "%lu RCU callbacks never ran", rcu.nr);
	rcu_pending_reset();
	rcu_blocked_reset();
	rcu.head = NULL;
	rcu.tail = &rcu.head;
	rcu.nr = 0;
	rcu.ready = NULL;
	rcu.ready_tail = &rcu.ready;
	rcu_early_reset();
	rcu.requested = false;
	rcu.busy = false;
	rcu.softirq = false;
	rcu.direct = false;
	rcu.started = 0;
	rcu.completed = 0;
}

MACHINE_SUBSYS(rcu, MACHINE_ORDER_RCU, rcu_boot, rcu_stop, rcu_halt);
