/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Simple wait queues: exclusive waiters, first in, first out.
 *
 * same; of the event macros, those that completions and callers here use.
 */
#ifndef _LINUX_SWAIT_H
#define _LINUX_SWAIT_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <asm/current.h>

struct task_struct;

struct swait_queue_head {
	raw_spinlock_t		lock;
	struct list_head	task_list;
};

struct swait_queue {
	struct task_struct	*task;
	struct list_head	task_list;
};

#define __SWAITQUEUE_INITIALIZER(name)						\
	{ .task = current, .task_list = { &(name).task_list, &(name).task_list } }
#define DECLARE_SWAITQUEUE(name)						\
	struct swait_queue name = __SWAITQUEUE_INITIALIZER(name)
#define __SWAIT_QUEUE_HEAD_INITIALIZER(name)					\
	{ .lock = __RAW_SPIN_LOCK_INITIALIZER((name).lock),			\
	  .task_list = { &(name).task_list, &(name).task_list } }
#define DECLARE_SWAIT_QUEUE_HEAD(name)						\
	struct swait_queue_head name = __SWAIT_QUEUE_HEAD_INITIALIZER(name)
void __init_swait_queue_head(struct swait_queue_head *q, const char *name,
			     struct lock_class_key *key);
#define init_swait_queue_head(q)						\
do {										\
	static struct lock_class_key __key;					\
	__init_swait_queue_head((q), #q, &__key);				\
} while (0)

#define DECLARE_SWAIT_QUEUE_HEAD_ONSTACK(name)					\
	struct swait_queue_head name;						\
	init_swait_queue_head(&(name))

/* Unlocked look; order it against the condition as for waitqueue_active(). */
int swait_active(struct swait_queue_head *wq);
bool swq_has_sleeper(struct swait_queue_head *wq);

void swake_up_one(struct swait_queue_head *q);
void swake_up_all(struct swait_queue_head *q);
void swake_up_locked(struct swait_queue_head *q, int wake_flags);
void swake_up_all_locked(struct swait_queue_head *q);

void __prepare_to_swait(struct swait_queue_head *q, struct swait_queue *wait);
void prepare_to_swait_exclusive(struct swait_queue_head *q, struct swait_queue *wait,
				int state);
long prepare_to_swait_event(struct swait_queue_head *q, struct swait_queue *wait, int state);
void __finish_swait(struct swait_queue_head *q, struct swait_queue *wait);
void finish_swait(struct swait_queue_head *q, struct swait_queue *wait);

#define ___swait_event(wq, condition, state, ret, cmd)				\
({										\
	struct swait_queue __swait = { .task = current };			\
										\
	INIT_LIST_HEAD(&__swait.task_list);					\
	___wait_loop(prepare_to_swait_event(&(wq), &__swait, (state)), condition, \
		     finish_swait(&(wq), &__swait), ret, cmd);			\
})

/* 0, or -ERESTARTSYS where a signal ends this kind of sleep. */
#define __swait_event_plain(wq, condition, state)				\
((condition) ? 0 : (int)___swait_event(wq, condition, state, 0, schedule()))

/* 0 when time ran out, else what was left, at least 1. */
#define __swait_event_timed(wq, condition, state, timeout)			\
({										\
	long __wait_time = (timeout), __ret = __wait_time;			\
	if (!___wait_cond_timeout(condition))					\
		__ret = ___swait_event(wq, ___wait_cond_timeout(condition), state, \
				       __wait_time, __ret = schedule_timeout(__ret)); \
	__ret;									\
})

#define swait_event_exclusive(wq, condition)					\
	((void)__swait_event_plain(wq, condition, TASK_UNINTERRUPTIBLE))
#define swait_event_idle_exclusive(wq, condition)				\
	((void)__swait_event_plain(wq, condition, TASK_IDLE))
#define swait_event_interruptible_exclusive(wq, condition)			\
	__swait_event_plain(wq, condition, TASK_INTERRUPTIBLE)
#define swait_event_timeout_exclusive(wq, condition, timeout)			\
	__swait_event_timed(wq, condition, TASK_UNINTERRUPTIBLE, timeout)
#define swait_event_idle_timeout_exclusive(wq, condition, timeout)		\
	__swait_event_timed(wq, condition, TASK_IDLE, timeout)

#endif /* _LINUX_SWAIT_H */
