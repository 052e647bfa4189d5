/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Wait queues.
 *
 * same: entries, exclusive waiters, wake functions, all wait_event*() forms but the
 * poll, hrtimer and *_locked() ones, which are not offered.  Timeouts are jiffies.
 */
#ifndef _LINUX_WAIT_H
#define _LINUX_WAIT_H

#include <linux/types.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <asm/current.h>

struct task_struct;

/* Also in linux/sched.h, which callers of the macros below include. */
void schedule(void);
long schedule_timeout(long timeout);
void io_schedule(void);

typedef struct wait_queue_entry wait_queue_entry_t;
typedef int (*wait_queue_func_t)(struct wait_queue_entry *entry, unsigned int mode,
				 int flags, void *key);

#define WQ_FLAG_EXCLUSIVE	0x01
#define WQ_FLAG_WOKEN		0x02
#define WQ_FLAG_CUSTOM		0x04
#define WQ_FLAG_DONE		0x08
#define WQ_FLAG_PRIORITY	0x10

struct wait_queue_entry {
	unsigned int		flags;
	void			*private;	/* the task, for the default functions */
	wait_queue_func_t	func;
	struct list_head	entry;
};

struct wait_queue_head {
	spinlock_t		lock;
	struct list_head	head;
};
typedef struct wait_queue_head wait_queue_head_t;

int default_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags,
			  void *key);
int autoremove_wake_function(struct wait_queue_entry *entry, unsigned int mode, int sync,
			     void *key);
int woken_wake_function(struct wait_queue_entry *entry, unsigned int mode, int sync,
			void *key);

#define __WAITQUEUE_INITIALIZER(name, tsk)					\
	{ .private = (tsk), .func = default_wake_function, .entry = { NULL, NULL } }
#define DECLARE_WAITQUEUE(name, tsk)						\
	struct wait_queue_entry name = __WAITQUEUE_INITIALIZER(name, tsk)
#define __WAIT_QUEUE_HEAD_INITIALIZER(name)					\
	{ .lock = __SPIN_LOCK_INITIALIZER((name).lock),				\
	  .head = { &(name).head, &(name).head } }
#define DECLARE_WAIT_QUEUE_HEAD(name)						\
	struct wait_queue_head name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
/* On the stack the class is that of the place, not of the address. */
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name)					\
	struct wait_queue_head name;						\
	init_waitqueue_head(&(name))

void __init_waitqueue_head(struct wait_queue_head *wq_head, const char *name,
			   struct lock_class_key *key);
#define init_waitqueue_head(wq_head)						\
do {										\
	static struct lock_class_key __key;					\
	__init_waitqueue_head((wq_head), #wq_head, &__key);			\
} while (0)

static inline void init_waitqueue_entry(struct wait_queue_entry *entry,
					struct task_struct *p)
{
	entry->flags = 0;
	entry->private = p;
	entry->func = default_wake_function;
}

static inline void init_waitqueue_func_entry(struct wait_queue_entry *entry,
					     wait_queue_func_t func)
{
	entry->flags = 0;
	entry->private = NULL;
	entry->func = func;
}

/*
 * Is anybody waiting?  A look without the lock: the caller orders it after its change
 * of the condition (wq_has_sleeper() does), pairing with set_current_state() in
 * prepare_to_wait().
 */
static inline int waitqueue_active(struct wait_queue_head *wq_head)
{
	return !list_empty(&wq_head->head);
}
static inline bool wq_has_single_sleeper(struct wait_queue_head *wq_head)
{
	return list_is_singular(&wq_head->head);
}
bool wq_has_sleeper(struct wait_queue_head *wq_head);

void add_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *entry);
void add_wait_queue_exclusive(struct wait_queue_head *wq_head,
			      struct wait_queue_entry *entry);
void add_wait_queue_priority(struct wait_queue_head *wq_head,
			     struct wait_queue_entry *entry);
void remove_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *entry);

/* The bare list operations; wq_head->lock is held. */
void __add_wait_queue(struct wait_queue_head *wq_head, struct wait_queue_entry *entry);
void __add_wait_queue_exclusive(struct wait_queue_head *wq_head,
				struct wait_queue_entry *entry);
void __add_wait_queue_entry_tail(struct wait_queue_head *wq_head,
				 struct wait_queue_entry *entry);
void __add_wait_queue_entry_tail_exclusive(struct wait_queue_head *wq_head,
					   struct wait_queue_entry *entry);
static inline void __remove_wait_queue(struct wait_queue_head *wq_head,
				       struct wait_queue_entry *entry)
{
	list_del(&entry->entry);
}

/* @nr_exclusive 0: all. Non-exclusive waiters in front of them are always woken. */
int __wake_up(struct wait_queue_head *wq_head, unsigned int mode, int nr_exclusive,
	      void *key);
void __wake_up_sync(struct wait_queue_head *wq_head, unsigned int mode);
void __wake_up_locked(struct wait_queue_head *wq_head, unsigned int mode, int nr);
void __wake_up_locked_key(struct wait_queue_head *wq_head, unsigned int mode, void *key);

#define wake_up(x)			__wake_up(x, TASK_NORMAL, 1, NULL)
#define wake_up_nr(x, nr)		__wake_up(x, TASK_NORMAL, nr, NULL)
#define wake_up_all(x)			__wake_up(x, TASK_NORMAL, 0, NULL)
#define wake_up_locked(x)		__wake_up_locked((x), TASK_NORMAL, 1)
#define wake_up_all_locked(x)		__wake_up_locked((x), TASK_NORMAL, 0)
#define wake_up_sync(x)			__wake_up_sync(x, TASK_NORMAL)
#define wake_up_interruptible(x)	__wake_up(x, TASK_INTERRUPTIBLE, 1, NULL)
#define wake_up_interruptible_nr(x, nr)	__wake_up(x, TASK_INTERRUPTIBLE, nr, NULL)
#define wake_up_interruptible_all(x)	__wake_up(x, TASK_INTERRUPTIBLE, 0, NULL)
#define wake_up_interruptible_sync(x)	__wake_up_sync((x), TASK_INTERRUPTIBLE)

void prepare_to_wait(struct wait_queue_head *wq_head, struct wait_queue_entry *entry,
		     int state);
bool prepare_to_wait_exclusive(struct wait_queue_head *wq_head,
			       struct wait_queue_entry *entry, int state);
/* -ERESTARTSYS when a signal ends this kind of sleep; not queued then. */
long prepare_to_wait_event(struct wait_queue_head *wq_head,
			   struct wait_queue_entry *entry, int state);
void finish_wait(struct wait_queue_head *wq_head, struct wait_queue_entry *entry);
long wait_woken(struct wait_queue_entry *entry, unsigned int mode, long timeout);
void init_wait_entry(struct wait_queue_entry *entry, int flags);

#define DEFINE_WAIT_FUNC(name, function)					\
	struct wait_queue_entry name = {					\
		.private = current,						\
		.func = function,						\
		.entry = { &(name).entry, &(name).entry },			\
	}
#define DEFINE_WAIT(name)	DEFINE_WAIT_FUNC(name, autoremove_wake_function)
#define init_wait(wait)		init_wait_entry((wait), 0)

/*
 * The loop that all waits share: queue by @prepare, which is not 0 when a signal ends
 * this kind of sleep, look, sleep by @cmd, leave the queue by @finish.  A true condition
 * wins over a signal.  @cmd may use __ret, the result so far.
 */
#define ___wait_loop(prepare, condition, finish, ret, cmd)			\
({										\
	long __ret = (ret), __sig;						\
										\
	while (__sig = (prepare), !(condition)) {				\
		if (__sig) {							\
			__ret = __sig;						\
			break;							\
		}								\
		cmd;								\
	}									\
	finish;									\
	__ret;									\
})

#define ___wait_event(wq_head, condition, state, exclusive, ret, cmd)		\
({										\
	struct wait_queue_entry __wq_entry;					\
										\
	init_wait_entry(&__wq_entry, (exclusive) ? WQ_FLAG_EXCLUSIVE : 0);	\
	___wait_loop(prepare_to_wait_event(&(wq_head), &__wq_entry, (state)),	\
		     condition, finish_wait(&(wq_head), &__wq_entry), ret, cmd); \
})

/* A condition that is also over when __ret, the time left, is. */
#define ___wait_cond_timeout(condition)						\
({										\
	bool __is_true = (condition);						\
	if (__is_true && !__ret)						\
		__ret = 1;							\
	__is_true || !__ret;							\
})

#define __wait_event_plain(wq_head, condition, state, exclusive, cmd)		\
do {										\
	might_sleep();								\
	if (!(condition))							\
		(void)___wait_event(wq_head, condition, state, exclusive, 0, cmd); \
} while (0)

/* 0, or -ERESTARTSYS. */
#define __wait_event_signal(wq_head, condition, state, exclusive)		\
({										\
	int __ret_sig = 0;							\
	might_sleep();								\
	if (!(condition))							\
		__ret_sig = ___wait_event(wq_head, condition, state, exclusive,	\
					  0, schedule());			\
	__ret_sig;								\
})

/* 0 when time ran out, else what was left, at least 1; or -ERESTARTSYS. */
#define __wait_event_timed(wq_head, condition, state, exclusive, timeout)	\
({										\
	long __wait_time = (timeout), __ret = __wait_time;				\
	might_sleep();								\
	if (!___wait_cond_timeout(condition))					\
		__ret = ___wait_event(wq_head, ___wait_cond_timeout(condition),	\
				      state, exclusive, __wait_time,			\
				      __ret = schedule_timeout(__ret));		\
	__ret;									\
})

#define wait_event(wq_head, condition)						\
	__wait_event_plain(wq_head, condition, TASK_UNINTERRUPTIBLE, 0, schedule())
#define io_wait_event(wq_head, condition)					\
	__wait_event_plain(wq_head, condition, TASK_UNINTERRUPTIBLE, 0, io_schedule())
#define wait_event_cmd(wq_head, condition, cmd1, cmd2)				\
	__wait_event_plain(wq_head, condition, TASK_UNINTERRUPTIBLE, 0,		\
			   cmd1; schedule(); cmd2)
#define wait_event_exclusive_cmd(wq_head, condition, cmd1, cmd2)		\
	__wait_event_plain(wq_head, condition, TASK_UNINTERRUPTIBLE, 1,		\
			   cmd1; schedule(); cmd2)
#define wait_event_idle(wq_head, condition)					\
	__wait_event_plain(wq_head, condition, TASK_IDLE, 0, schedule())
#define wait_event_idle_exclusive(wq_head, condition)				\
	__wait_event_plain(wq_head, condition, TASK_IDLE, 1, schedule())

#define wait_event_interruptible(wq_head, condition)				\
	__wait_event_signal(wq_head, condition, TASK_INTERRUPTIBLE, 0)
#define wait_event_interruptible_exclusive(wq_head, condition)			\
	__wait_event_signal(wq_head, condition, TASK_INTERRUPTIBLE, 1)
#define wait_event_killable(wq_head, condition)					\
	__wait_event_signal(wq_head, condition, TASK_KILLABLE, 0)
#define wait_event_killable_exclusive(wq_head, condition)			\
	__wait_event_signal(wq_head, condition, TASK_KILLABLE, 1)
#define wait_event_freezable(wq_head, condition)				\
	__wait_event_signal(wq_head, condition,					\
			    TASK_INTERRUPTIBLE | TASK_FREEZABLE, 0)
#define wait_event_freezable_exclusive(wq_head, condition)			\
	__wait_event_signal(wq_head, condition,					\
			    TASK_INTERRUPTIBLE | TASK_FREEZABLE, 1)
#define wait_event_state(wq_head, condition, state)				\
	__wait_event_signal(wq_head, condition, state, 0)

#define wait_event_timeout(wq_head, condition, timeout)				\
	__wait_event_timed(wq_head, condition, TASK_UNINTERRUPTIBLE, 0, timeout)
#define wait_event_interruptible_timeout(wq_head, condition, timeout)		\
	__wait_event_timed(wq_head, condition, TASK_INTERRUPTIBLE, 0, timeout)
#define wait_event_killable_timeout(wq_head, condition, timeout)		\
	__wait_event_timed(wq_head, condition, TASK_KILLABLE, 0, timeout)
#define wait_event_freezable_timeout(wq_head, condition, timeout)		\
	__wait_event_timed(wq_head, condition,					\
			   TASK_INTERRUPTIBLE | TASK_FREEZABLE, 0, timeout)
#define wait_event_idle_timeout(wq_head, condition, timeout)			\
	__wait_event_timed(wq_head, condition, TASK_IDLE, 0, timeout)
#define wait_event_idle_exclusive_timeout(wq_head, condition, timeout)		\
	__wait_event_timed(wq_head, condition, TASK_IDLE, 1, timeout)

/* The condition is looked at under @lock, which is dropped while asleep. */
#define wait_event_lock_irq_cmd(wq_head, condition, lock, cmd)			\
do {										\
	if (!(condition))							\
		(void)___wait_event(wq_head, condition, TASK_UNINTERRUPTIBLE, 0, 0, \
				    spin_unlock_irq(&(lock)); cmd; schedule();	\
				    spin_lock_irq(&(lock)));			\
} while (0)
#define wait_event_lock_irq(wq_head, condition, lock)				\
	wait_event_lock_irq_cmd(wq_head, condition, lock, )
#define wait_event_interruptible_lock_irq(wq_head, condition, lock)		\
({										\
	int __ret_sig = 0;							\
	if (!(condition))							\
		__ret_sig = ___wait_event(wq_head, condition, TASK_INTERRUPTIBLE, 0, 0, \
				    spin_unlock_irq(&(lock)); schedule();	\
				    spin_lock_irq(&(lock)));			\
	__ret_sig;								\
})
#define wait_event_lock_irq_timeout(wq_head, condition, lock, timeout)		\
({										\
	long __wait_time = (timeout), __ret = __wait_time;				\
	if (!___wait_cond_timeout(condition))					\
		__ret = ___wait_event(wq_head, ___wait_cond_timeout(condition),	\
				      TASK_UNINTERRUPTIBLE, 0, __wait_time,		\
				      spin_unlock_irq(&(lock));			\
				      __ret = schedule_timeout(__ret);		\
				      spin_lock_irq(&(lock)));			\
	__ret;									\
})

#endif /* _LINUX_WAIT_H */
