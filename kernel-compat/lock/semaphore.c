// SPDX-License-Identifier: GPL-2.0
/*
 * Counting semaphores: up() hands its unit to the first waiter.
 */
#include <linux/semaphore.h>

#include "internal.h"

void __sema_init(struct semaphore *sem, int val, struct lock_class_key *key)
{
	__lock_spin_init(&sem->lock, "(semaphore).lock", key, LOCK_KIND_RAW_SPIN);
	sem->count = val;
	INIT_LIST_HEAD(&sem->wait_list);
}

/* 0, -EINTR after a signal, -ETIME after @timeout jiffies. */
static int down_common(struct semaphore *sem, unsigned int state, long timeout)
{
	struct lock_waiter w = { .task = current };
	struct lock_wait before;
	unsigned long flags;
	int ret = 0;

	might_sleep();
	raw_spin_lock_irqsave(&sem->lock, flags);
	if (sem->count > 0) {
		sem->count--;
		goto out;
	}
	list_add_tail(&w.node, &sem->wait_list);
	before = lock_wait_begin(LOCK_WAIT_SEMAPHORE, sem, state);
	while (!w.granted) {
		if (signal_pending_state(state, current))
			ret = -EINTR;
		else if (timeout <= 0)
			ret = -ETIME;
		if (ret) {
			list_del(&w.node);
			break;
		}
		__set_current_state(state);
		raw_spin_unlock_irq(&sem->lock);
		timeout = schedule_timeout(timeout);
		raw_spin_lock_irq(&sem->lock);
	}
	lock_wait_end(&before);
out:
	raw_spin_unlock_irqrestore(&sem->lock, flags);
	return ret;
}

void down(struct semaphore *sem)
{
	down_common(sem, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
}

int down_interruptible(struct semaphore *sem)
{
	return down_common(sem, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
}

int down_killable(struct semaphore *sem)
{
	return down_common(sem, TASK_KILLABLE, MAX_SCHEDULE_TIMEOUT);
}

int down_timeout(struct semaphore *sem, long timeout)
{
	return down_common(sem, TASK_UNINTERRUPTIBLE, timeout);
}

int down_trylock(struct semaphore *sem)
{
	unsigned long flags;
	bool taken;

	raw_spin_lock_irqsave(&sem->lock, flags);
	taken = sem->count > 0;
	if (taken)
		sem->count--;
	raw_spin_unlock_irqrestore(&sem->lock, flags);
	return !taken;
}

void up(struct semaphore *sem)
{
	struct lock_waiter *w;
	unsigned long flags;

	raw_spin_lock_irqsave(&sem->lock, flags);
	w = list_first_entry_or_null(&sem->wait_list, struct lock_waiter, node);
	if (w)
		lock_grant(w);
	else
		sem->count++;
	raw_spin_unlock_irqrestore(&sem->lock, flags);
}
