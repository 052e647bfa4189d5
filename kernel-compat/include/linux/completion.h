/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Completions.  same; all waiters are checked for sleeping while atomic.
 */
#ifndef _LINUX_COMPLETION_H
#define _LINUX_COMPLETION_H

#include <linux/swait.h>

struct completion {
	unsigned int		done;	/* UINT_MAX: for everybody from now on */
	struct swait_queue_head	wait;	/* wait.lock guards done */
};

#define COMPLETION_INITIALIZER(work)						\
	{ .done = 0, .wait = __SWAIT_QUEUE_HEAD_INITIALIZER((work).wait) }
#define COMPLETION_INITIALIZER_ONSTACK(work)					\
	(*({ init_completion(&(work)); &(work); }))
#define DECLARE_COMPLETION(work)						\
	struct completion work = COMPLETION_INITIALIZER(work)
/* On the stack the class is that of the place, not of the address. */
#define DECLARE_COMPLETION_ONSTACK(work)					\
	static struct lock_class_key __completion_key_##work;			\
	struct completion work = {						\
		.wait = { .lock = {						\
			.magic = SPINLOCK_MAGIC,				\
			.dep_map = { .key = &__completion_key_##work,		\
				     .name = "(completion)" #work,		\
				     .kind = LOCK_KIND_RAW_SPIN } },		\
			.task_list = { &work.wait.task_list, &work.wait.task_list } } }

#define init_completion(x)							\
do {										\
	struct completion *__x = (x);						\
	__x->done = 0;								\
	init_swait_queue_head(&__x->wait);					\
} while (0)
#define init_completion_map(x, m)	init_completion(x)

/* Forget earlier complete()s; nobody may be waiting. */
static inline void reinit_completion(struct completion *x)
{
	x->done = 0;
}

/*
 * Timeouts are in jiffies; those return 0 when time ran out, else what was left, at
 * least 1.  The interruptible and killable ones may return -ERESTARTSYS.
 */
void wait_for_completion(struct completion *x);
void wait_for_completion_io(struct completion *x);
int wait_for_completion_interruptible(struct completion *x);
int wait_for_completion_killable(struct completion *x);
int wait_for_completion_state(struct completion *x, unsigned int state);
unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout);
unsigned long wait_for_completion_io_timeout(struct completion *x, unsigned long timeout);
long wait_for_completion_interruptible_timeout(struct completion *x, unsigned long timeout);
long wait_for_completion_killable_timeout(struct completion *x, unsigned long timeout);
bool try_wait_for_completion(struct completion *x);
bool completion_done(struct completion *x);
void complete(struct completion *x);
void complete_on_current_cpu(struct completion *x);
void complete_all(struct completion *x);

#endif /* _LINUX_COMPLETION_H */
