// SPDX-License-Identifier: GPL-2.0
/*
 * Sleepable RCU.
 *
 * A reader counts itself in under the index of the moment and out under the same one.
 * A grace period waits for stragglers of the index not in use, makes it the one that
 * new readers take, and waits for the readers of the other one.  The counters are
 * sequentially consistent read-modify-writes, also where a grace period only looks:
 * a reader that it did not see is ordered after it.
 */
#include <linux/atomic.h>
#include <linux/bottom_half.h>
#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/rcupdate_wait.h>
#include <linux/sched.h>
#include <linux/srcu.h>
#include <machine/violation.h>

#include <engine/engine.h>
#include <exec/async.h>
#include <rcu/internal.h>

/*
 * Grace periods of all structures wait here: a reader must not touch its structure
 * once it has counted itself out, for it may be gone.
 */
static DECLARE_WAIT_QUEUE_HEAD(srcu_wq);
static atomic_t srcu_waiters = ATOMIC_INIT(0);

int init_srcu_struct(struct srcu_struct *ssp)
{
	ssp->idx = 0;
	atomic_set(&ssp->nr[0], 0);
	atomic_set(&ssp->nr[1], 0);
	mutex_init(&ssp->mutex);
	raw_spin_lock_init(&ssp->cb_lock);
	ssp->cb_head = NULL;
	ssp->cb_tail = NULL;
	ssp->cb_running = 0;
	__atomic_store_n(&ssp->cb_pending, 0, __ATOMIC_RELAXED);
	INIT_WORK(&ssp->work, srcu_invoke_callbacks);
	ssp->magic = &ssp->magic;
	return 0;
}

static bool srcu_usable(struct srcu_struct *ssp)
{
	if (likely(ssp->magic == &ssp->magic))
		return true;
	violation(VIOLATION_RCU, "srcu_struct %p used uninitialised or after its cleanup", ssp);
	return false;
}

static bool srcu_callbacks_pending(struct srcu_struct *ssp)
{
	unsigned long flags;
	bool ret;

	raw_spin_lock_irqsave(&ssp->cb_lock, flags);
	ret = ssp->cb_head || ssp->cb_running;
	raw_spin_unlock_irqrestore(&ssp->cb_lock, flags);
	return ret;
}

void cleanup_srcu_struct(struct srcu_struct *ssp)
{
	if (!srcu_usable(ssp))
		return;
	if (atomic_read(&ssp->nr[0]) || atomic_read(&ssp->nr[1]))
		violation(VIOLATION_RCU, "cleanup_srcu_struct(%p) with readers", ssp);
	if (srcu_callbacks_pending(ssp))
		violation(VIOLATION_RCU, "cleanup_srcu_struct(%p) with callbacks: no srcu_barrier()",
			  ssp);
	flush_work(&ssp->work);
	ssp->magic = NULL;
}

/* As one of so many calls, and others' turns until then. */
#define SRCU_EARLY		4
#define SRCU_EARLY_TURNS	400

/*
 * Callbacks are run by a work item, which rarely comes far while its CPU's tasks do a few steps.
 * Under the engine replay the strategy may choose here that it is fast: that the caller is
 * slow, for as long as it takes.
 */
static void srcu_may_end_now(struct srcu_struct *ssp)
{
	if (!(__atomic_load_n(&exec_async, __ATOMIC_RELAXED) & REPLAY_ASYNC_RCU) ||
	    !__atomic_load_n(&ssp->cb_pending, __ATOMIC_RELAXED) ||
	    exec_engine->choose(SRCU_EARLY))
		return;
	for (int i = 0; i < SRCU_EARLY_TURNS; i++) {
		if (!__atomic_load_n(&ssp->cb_pending, __ATOMIC_RELAXED))
			break;
		exec_engine->point(EXEC_POINT_SPIN, ssp);
	}
}

int __srcu_read_lock(struct srcu_struct *ssp)
{
	int idx;

	srcu_usable(ssp);
	srcu_may_end_now(ssp);
	idx = smp_load_acquire(&ssp->idx) & 1;
	atomic_inc_return(&ssp->nr[idx]);
	exec_point(EXEC_POINT_RCU, ssp);
	return idx;
}

void __srcu_read_unlock(struct srcu_struct *ssp, int idx)
{
	int nr;

	if (idx & ~1) {
		violation(VIOLATION_RCU, "srcu_read_unlock(%p) with index %d", ssp, idx);
		return;
	}
	exec_point(EXEC_POINT_RCU, ssp);
	nr = atomic_dec_return(&ssp->nr[idx]);
	/* The structure may be gone. */
	if (nr < 0)
		violation(VIOLATION_RCU, "srcu_read_unlock(%p) of an index nobody holds", ssp);
	/* Pairs with the increment in srcu_wait_readers(): full barriers on both sides. */
	if (!nr && atomic_read(&srcu_waiters))
		wake_up_all(&srcu_wq);
}

/* The running task's entry for @ssp; a free one if there is none; NULL if all are used. */
static int *srcu_task_nr(const struct srcu_struct *ssp)
{
	struct rcu_task *r = &current->lock.rcu;
	int i, unused = -1;

	for (i = 0; i < RCU_TASK_SRCU; i++) {
		if (!r->srcu[i].nr)
			unused = i;
		else if (r->srcu[i].ssp == ssp)
			return &r->srcu[i].nr;
	}
	if (unused < 0)
		return NULL;
	r->srcu[unused].ssp = (struct srcu_struct *)ssp;
	return &r->srcu[unused].nr;
}

int srcu_read_lock(struct srcu_struct *ssp)
{
	int *nr = srcu_task_nr(ssp);

	if (!nr)
		violation(VIOLATION_RCU, "task reads more than %d srcu_structs", RCU_TASK_SRCU);
	else
		++*nr;
	return __srcu_read_lock(ssp);
}

void srcu_read_unlock(struct srcu_struct *ssp, int idx)
{
	int *nr = srcu_task_nr(ssp);

	if (!nr || !*nr) {
		violation(VIOLATION_RCU, "srcu_read_unlock(%p) without a reader to leave", ssp);
		return;
	}
	--*nr;
	__srcu_read_unlock(ssp, idx);
}

int srcu_read_lock_held(const struct srcu_struct *ssp)
{
	int *nr = srcu_task_nr(ssp);

	return nr && *nr;
}

/* Looks by writing, so that readers not seen are ordered after this. */
static bool srcu_no_readers(struct srcu_struct *ssp, int idx)
{
	return atomic_add_return(0, &ssp->nr[idx]) == 0;
}

static void srcu_wait_readers(struct srcu_struct *ssp, int idx)
{
	if (srcu_no_readers(ssp, idx))
		return;
	atomic_inc_return(&srcu_waiters);
	wait_event(srcu_wq, srcu_no_readers(ssp, idx));
	atomic_dec(&srcu_waiters);
}

void synchronize_srcu(struct srcu_struct *ssp)
{
	int idx;

	if (!srcu_usable(ssp))
		return;
	RCU_LOCKDEP_WARN(srcu_read_lock_held(ssp),
			 "Illegal synchronize_srcu() in same-type SRCU read-side critical section");
	RCU_LOCKDEP_WARN(rcu_task_depth(&current->lock.rcu),
			 "Illegal synchronize_srcu() in RCU read-side critical section");
	might_sleep();
	mutex_lock(&ssp->mutex);
	idx = ssp->idx & 1;
	srcu_wait_readers(ssp, !idx);
	/* Readers that take the new index see what was done before. */
	smp_store_release(&ssp->idx, ssp->idx + 1);
	srcu_wait_readers(ssp, idx);
	mutex_unlock(&ssp->mutex);
}

void synchronize_srcu_expedited(struct srcu_struct *ssp)
{
	synchronize_srcu(ssp);
}

void call_srcu(struct srcu_struct *ssp, struct rcu_head *head, rcu_callback_t func)
{
	unsigned long flags;

	if (!srcu_usable(ssp) || !rcu_head_ok(head, func) || !rcu_head_claim(head, func))
		return;
	head->func = func;
	head->next = NULL;
	raw_spin_lock_irqsave(&ssp->cb_lock, flags);
	if (ssp->cb_head)
		*ssp->cb_tail = head;
	else
		ssp->cb_head = head;
	ssp->cb_tail = &head->next;
	raw_spin_unlock_irqrestore(&ssp->cb_lock, flags);
	__atomic_fetch_add(&ssp->cb_pending, 1, __ATOMIC_RELAXED);
	queue_work(system_unbound_wq, &ssp->work);
	srcu_may_end_now(ssp);
}

/* The work item: one grace period for all callbacks there are, then run them in order. */
void srcu_invoke_callbacks(struct work_struct *work)
{
	struct srcu_struct *ssp = container_of(work, struct srcu_struct, work);
	struct rcu_head *batch, *next;

	raw_spin_lock_irq(&ssp->cb_lock);
	batch = ssp->cb_head;
	ssp->cb_head = NULL;
	ssp->cb_running++;
	raw_spin_unlock_irq(&ssp->cb_lock);
	if (batch)
		synchronize_srcu(ssp);
	for (; batch; batch = next) {
		next = batch->next;
		rcu_pending_del(batch);
		/* The books are right before the last callback wakes srcu_barrier(). */
		if (!next) {
			raw_spin_lock_irq(&ssp->cb_lock);
			ssp->cb_running--;
			raw_spin_unlock_irq(&ssp->cb_lock);
		}
		__atomic_fetch_sub(&ssp->cb_pending, 1, __ATOMIC_RELAXED);
		local_bh_disable();
		rcu_invoke(batch);
		local_bh_enable();
		if (!next)
			return;
	}
	raw_spin_lock_irq(&ssp->cb_lock);
	ssp->cb_running--;
	raw_spin_unlock_irq(&ssp->cb_lock);
}

void srcu_barrier(struct srcu_struct *ssp)
{
	struct rcu_synchronize rs;

	might_sleep();
	if (!srcu_usable(ssp) || !srcu_callbacks_pending(ssp))
		return;
	init_completion(&rs.completion);
	call_srcu(ssp, &rs.head, wakeme_after_rcu);
	wait_for_completion(&rs.completion);
}
