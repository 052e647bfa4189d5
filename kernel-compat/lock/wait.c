// SPDX-License-Identifier: GPL-2.0
/*
 * Wait queues.
 *
 * A waiter may return as soon as its entry is off the list; autoremove_wake_function()
 * takes it off last, with release, and finish_wait() looks with acquire.
 */
#include <linux/wait.h>

#include "internal.h"

void __init_waitqueue_head(struct wait_queue_head *wq_head, const char *name,
			   struct lock_class_key *key)
{
	__lock_spin_init(&wq_head->lock.rlock, name, key, LOCK_KIND_SPIN);
	INIT_LIST_HEAD(&wq_head->head);
}

bool wq_has_sleeper(struct wait_queue_head *wq_head)
{
	/* Pairs with set_current_state() in prepare_to_wait(). */
	smp_mb();
	return waitqueue_active(wq_head);
}

/* Behind the entries with priority, before all others. */
void __add_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *entry)
{
	struct list_head *after = &wq_head->head;
	struct wait_queue_entry *e;

	list_for_each_entry(e, &wq_head->head, entry) {
		if (!(e->flags & WQ_FLAG_PRIORITY))
			break;
		after = &e->entry;
	}
	list_add(&entry->entry, after);
}

void __add_wait_queue_exclusive(struct wait_queue_head *wq_head,
				struct wait_queue_entry *entry)
{
	entry->flags |= WQ_FLAG_EXCLUSIVE;
	__add_wait_queue(wq_head, entry);
}

void __add_wait_queue_entry_tail(struct wait_queue_head *wq_head,
				 struct wait_queue_entry *entry)
{
	list_add_tail(&entry->entry, &wq_head->head);
}

void __add_wait_queue_entry_tail_exclusive(struct wait_queue_head *wq_head,
					   struct wait_queue_entry *entry)
{
	entry->flags |= WQ_FLAG_EXCLUSIVE;
	__add_wait_queue_entry_tail(wq_head, entry);
}

void add_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *entry)
{
	unsigned long flags;

	entry->flags &= ~WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq_head->lock, flags);
	__add_wait_queue(wq_head, entry);
	spin_unlock_irqrestore(&wq_head->lock, flags);
}

void add_wait_queue_exclusive(struct wait_queue_head *wq_head,
			      struct wait_queue_entry *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&wq_head->lock, flags);
	__add_wait_queue_entry_tail_exclusive(wq_head, entry);
	spin_unlock_irqrestore(&wq_head->lock, flags);
}

void add_wait_queue_priority(struct wait_queue_head *wq_head,
			     struct wait_queue_entry *entry)
{
	unsigned long flags;

	entry->flags |= WQ_FLAG_EXCLUSIVE | WQ_FLAG_PRIORITY;
	spin_lock_irqsave(&wq_head->lock, flags);
	__add_wait_queue(wq_head, entry);
	spin_unlock_irqrestore(&wq_head->lock, flags);
}

void remove_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&wq_head->lock, flags);
	__remove_wait_queue(wq_head, entry);
	spin_unlock_irqrestore(&wq_head->lock, flags);
}

/*
 * Call the wake functions in order, until @nr exclusive waiters were woken (0: all) or
 * one says stop with a negative value.  wq_head->lock is held.  Returns how many of
 * @nr were not needed.
 */
static int wake_up_common(struct wait_queue_head *wq_head, unsigned int mode, int nr,
			  int wake_flags, void *key)
{
	struct wait_queue_entry *entry, *next;

	lockdep_assert_held(&wq_head->lock);
	list_for_each_entry_safe(entry, next, &wq_head->head, entry) {
		unsigned int flags = __atomic_load_n(&entry->flags, __ATOMIC_RELAXED);
		int woken = entry->func(entry, mode, wake_flags, key);

		if (woken < 0)
			break;
		if (woken && (flags & WQ_FLAG_EXCLUSIVE) && !--nr)
			break;
	}
	return nr;
}

int __wake_up(struct wait_queue_head *wq_head, unsigned int mode, int nr_exclusive, void *key)
{
	unsigned long flags;
	int left;

	spin_lock_irqsave(&wq_head->lock, flags);
	left = wake_up_common(wq_head, mode, nr_exclusive, 0, key);
	spin_unlock_irqrestore(&wq_head->lock, flags);
	return nr_exclusive - left;
}

/* The hint that the waker is about to sleep changes nothing here. */
void __wake_up_sync(struct wait_queue_head *wq_head, unsigned int mode)
{
	__wake_up(wq_head, mode, 1, NULL);
}

void __wake_up_locked(struct wait_queue_head *wq_head, unsigned int mode, int nr)
{
	wake_up_common(wq_head, mode, nr, 0, NULL);
}

void __wake_up_locked_key(struct wait_queue_head *wq_head, unsigned int mode, void *key)
{
	wake_up_common(wq_head, mode, 1, 0, key);
}

int default_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags,
			  void *key)
{
	return wake_up_state(entry->private, mode);
}

int autoremove_wake_function(struct wait_queue_entry *entry, unsigned int mode, int sync,
			     void *key)
{
	int woken = default_wake_function(entry, mode, sync, key);

	if (woken)
		list_del_init_careful(&entry->entry);
	return woken;
}

/* Remember the wake-up in the entry, for a waiter that is not asleep yet. */
int woken_wake_function(struct wait_queue_entry *entry, unsigned int mode, int sync,
			void *key)
{
	/* Pairs with the exchange in wait_woken(). */
	__atomic_fetch_or(&entry->flags, WQ_FLAG_WOKEN, __ATOMIC_SEQ_CST);
	return default_wake_function(entry, mode, sync, key);
}

long wait_woken(struct wait_queue_entry *entry, unsigned int mode, long timeout)
{
	set_current_state(mode);
	if (!(__atomic_load_n(&entry->flags, __ATOMIC_SEQ_CST) & WQ_FLAG_WOKEN))
		timeout = schedule_timeout(timeout);
	__set_current_state(TASK_RUNNING);
	/* Pairs with woken_wake_function(): what came before the wake-up is seen. */
	__atomic_fetch_and(&entry->flags, ~WQ_FLAG_WOKEN, __ATOMIC_SEQ_CST);
	return timeout;
}

void init_wait_entry(struct wait_queue_entry *entry, int flags)
{
	entry->flags = flags;
	entry->private = current;
	entry->func = autoremove_wake_function;
	INIT_LIST_HEAD(&entry->entry);
}

void prepare_to_wait(struct wait_queue_head *wq_head, struct wait_queue_entry *entry,
		     int state)
{
	unsigned long flags;

	entry->flags &= ~WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq_head->lock, flags);
	if (list_empty(&entry->entry))
		__add_wait_queue(wq_head, entry);
	lock_wait_begin(LOCK_WAIT_QUEUE, wq_head, state);
	set_current_state(state);
	spin_unlock_irqrestore(&wq_head->lock, flags);
}

/* True when the queue was empty before. */
bool prepare_to_wait_exclusive(struct wait_queue_head *wq_head,
			       struct wait_queue_entry *entry, int state)
{
	unsigned long flags;
	bool was_empty = false;

	entry->flags |= WQ_FLAG_EXCLUSIVE;
	spin_lock_irqsave(&wq_head->lock, flags);
	if (list_empty(&entry->entry)) {
		was_empty = list_empty(&wq_head->head);
		__add_wait_queue_entry_tail(wq_head, entry);
	}
	lock_wait_begin(LOCK_WAIT_QUEUE, wq_head, state);
	set_current_state(state);
	spin_unlock_irqrestore(&wq_head->lock, flags);
	return was_empty;
}

/*
 * A waiter that a signal ends leaves the queue at once, so that an exclusive wake-up
 * that comes later goes to somebody else; one that came earlier made the condition
 * true, which the caller looks at before the signal.
 */
long prepare_to_wait_event(struct wait_queue_head *wq_head, struct wait_queue_entry *entry,
			   int state)
{
	unsigned long flags;
	long ret = 0;

	spin_lock_irqsave(&wq_head->lock, flags);
	if (signal_pending_state(state, current)) {
		list_del_init(&entry->entry);
		ret = -ERESTARTSYS;
	} else {
		if (list_empty(&entry->entry)) {
			if (entry->flags & WQ_FLAG_EXCLUSIVE)
				__add_wait_queue_entry_tail(wq_head, entry);
			else
				__add_wait_queue(wq_head, entry);
		}
		lock_wait_begin(LOCK_WAIT_QUEUE, wq_head, state);
		set_current_state(state);
	}
	spin_unlock_irqrestore(&wq_head->lock, flags);
	return ret;
}

void finish_wait(struct wait_queue_head *wq_head, struct wait_queue_entry *entry)
{
	unsigned long flags;

	__set_current_state(TASK_RUNNING);
	lock_wait_queue_over();
	/* Pairs with list_del_init_careful() in autoremove_wake_function(). */
	if (!list_empty_careful(&entry->entry)) {
		spin_lock_irqsave(&wq_head->lock, flags);
		list_del_init(&entry->entry);
		spin_unlock_irqrestore(&wq_head->lock, flags);
	}
}
