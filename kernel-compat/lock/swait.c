// SPDX-License-Identifier: GPL-2.0
/*
 * Simple wait queues.
 */
#include <linux/swait.h>

#include "internal.h"

void __init_swait_queue_head(struct swait_queue_head *q, const char *name,
			     struct lock_class_key *key)
{
	__lock_spin_init(&q->lock, name, key, LOCK_KIND_RAW_SPIN);
	INIT_LIST_HEAD(&q->task_list);
}

int swait_active(struct swait_queue_head *wq)
{
	return !list_empty(&wq->task_list);
}

bool swq_has_sleeper(struct swait_queue_head *wq)
{
	/* Pairs with set_current_state() in prepare_to_swait_event(). */
	smp_mb();
	return swait_active(wq);
}

/* Wake the first waiter; q->lock is held. */
void swake_up_locked(struct swait_queue_head *q, int wake_flags)
{
	struct swait_queue *first;

	lockdep_assert_held(&q->lock);
	if (list_empty(&q->task_list))
		return;
	first = list_first_entry(&q->task_list, struct swait_queue, task_list);
	wake_up_process(first->task);
	list_del_init(&first->task_list);
}

void swake_up_all_locked(struct swait_queue_head *q)
{
	while (!list_empty(&q->task_list))
		swake_up_locked(q, 0);
}

void swake_up_one(struct swait_queue_head *q)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&q->lock, flags);
	swake_up_locked(q, 0);
	raw_spin_unlock_irqrestore(&q->lock, flags);
}

/* Context: process context, because so many may wait. */
void swake_up_all(struct swait_queue_head *q)
{
	raw_spin_lock_irq(&q->lock);
	swake_up_all_locked(q);
	raw_spin_unlock_irq(&q->lock);
}

void __prepare_to_swait(struct swait_queue_head *q, struct swait_queue *wait)
{
	lockdep_assert_held(&q->lock);
	wait->task = current;
	if (list_empty(&wait->task_list))
		list_add_tail(&wait->task_list, &q->task_list);
}

void prepare_to_swait_exclusive(struct swait_queue_head *q, struct swait_queue *wait,
				int state)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&q->lock, flags);
	__prepare_to_swait(q, wait);
	set_current_state(state);
	raw_spin_unlock_irqrestore(&q->lock, flags);
}

long prepare_to_swait_event(struct swait_queue_head *q, struct swait_queue *wait, int state)
{
	unsigned long flags;
	long ret = 0;

	raw_spin_lock_irqsave(&q->lock, flags);
	if (signal_pending_state(state, current)) {
		/* Woken or not: a wake-up that came counts for the condition now. */
		list_del_init(&wait->task_list);
		ret = -ERESTARTSYS;
	} else {
		__prepare_to_swait(q, wait);
		set_current_state(state);
	}
	raw_spin_unlock_irqrestore(&q->lock, flags);
	return ret;
}

void __finish_swait(struct swait_queue_head *q, struct swait_queue *wait)
{
	lockdep_assert_held(&q->lock);
	__set_current_state(TASK_RUNNING);
	if (!list_empty(&wait->task_list))
		list_del_init(&wait->task_list);
}

/* The lock is always taken, so that a waker is done with the entry afterwards. */
void finish_swait(struct swait_queue_head *q, struct swait_queue *wait)
{
	unsigned long flags;

	__set_current_state(TASK_RUNNING);
	raw_spin_lock_irqsave(&q->lock, flags);
	list_del_init(&wait->task_list);
	raw_spin_unlock_irqrestore(&q->lock, flags);
}
