/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting for a bit, or for a variable, without a wait queue of its own.
 *
 * same; the queues are a hashed table, as in the kernel.
 */
#ifndef _LINUX_WAIT_BIT_H
#define _LINUX_WAIT_BIT_H

#include <linux/types.h>
#include <linux/wait.h>

struct wait_bit_key {
	void			*flags;		/* the word, or the variable */
	int			bit_nr;		/* -1 for a variable */
	unsigned long		timeout;	/* jiffies when it ends; *_timeout() only */
};

struct wait_bit_queue_entry {
	struct wait_bit_key	key;
	struct wait_queue_entry	wq_entry;
};

typedef int wait_bit_action_f(struct wait_bit_key *key, int mode);

#define __WAIT_BIT_KEY_INITIALIZER(word, bit)	{ .flags = (word), .bit_nr = (bit) }
#define DEFINE_WAIT_BIT(name, word, bit)					\
	struct wait_bit_queue_entry name = {					\
		.key = __WAIT_BIT_KEY_INITIALIZER(word, bit),			\
		.wq_entry = {							\
			.private = current,					\
			.func = wake_bit_function,				\
			.entry = { &(name).wq_entry.entry, &(name).wq_entry.entry }, \
		},								\
	}

void __wake_up_bit(struct wait_queue_head *wq_head, void *word, int bit);
int __wait_on_bit(struct wait_queue_head *wq_head, struct wait_bit_queue_entry *entry,
		  wait_bit_action_f *action, unsigned int mode);
int __wait_on_bit_lock(struct wait_queue_head *wq_head, struct wait_bit_queue_entry *entry,
		       wait_bit_action_f *action, unsigned int mode);
void wake_up_bit(void *word, int bit);
int out_of_line_wait_on_bit(void *word, int bit, wait_bit_action_f *action,
			    unsigned int mode);
int out_of_line_wait_on_bit_timeout(void *word, int bit, wait_bit_action_f *action,
				    unsigned int mode, unsigned long timeout);
int out_of_line_wait_on_bit_lock(void *word, int bit, wait_bit_action_f *action,
				 unsigned int mode);
struct wait_queue_head *bit_waitqueue(void *word, int bit);
int wake_bit_function(struct wait_queue_entry *entry, unsigned int mode, int sync, void *key);

/* How to sleep. 0, -EINTR after a signal, or -EAGAIN when time ran out. */
int bit_wait(struct wait_bit_key *key, int mode);
int bit_wait_io(struct wait_bit_key *key, int mode);
int bit_wait_timeout(struct wait_bit_key *key, int mode);
int bit_wait_io_timeout(struct wait_bit_key *key, int mode);

/*
 * Sleep in @mode (TASK_*) until @bit is clear. 0, or what the action said.
 * Pairs with clear_bit_unlock() before wake_up_bit().
 */
int wait_on_bit(unsigned long *word, int bit, unsigned int mode);
int wait_on_bit_io(unsigned long *word, int bit, unsigned int mode);
int wait_on_bit_timeout(unsigned long *word, int bit, unsigned int mode,
			unsigned long timeout);
int wait_on_bit_action(unsigned long *word, int bit, wait_bit_action_f *action,
		       unsigned int mode);
/* The same, and set it; exclusive, first in, first out. */
int wait_on_bit_lock(unsigned long *word, int bit, unsigned int mode);
int wait_on_bit_lock_io(unsigned long *word, int bit, unsigned int mode);
int wait_on_bit_lock_action(unsigned long *word, int bit, wait_bit_action_f *action,
			    unsigned int mode);
void clear_and_wake_up_bit(int bit, void *word);
bool test_and_clear_wake_up_bit(int bit, unsigned long *word);

void init_wait_var_entry(struct wait_bit_queue_entry *entry, void *var, int flags);
void wake_up_var(void *var);
struct wait_queue_head *__var_waitqueue(void *p);

#define ___wait_var_event(var, condition, state, exclusive, ret, cmd)		\
({										\
	struct wait_queue_head *__wq_head = __var_waitqueue(var);		\
	struct wait_bit_queue_entry __wbq_entry;				\
										\
	init_wait_var_entry(&__wbq_entry, (var),				\
			    (exclusive) ? WQ_FLAG_EXCLUSIVE : 0);		\
	___wait_loop(prepare_to_wait_event(__wq_head, &__wbq_entry.wq_entry,	\
					   (state)), condition,			\
		     finish_wait(__wq_head, &__wbq_entry.wq_entry), ret, cmd);	\
})

#define wait_var_event(var, condition)						\
do {										\
	might_sleep();								\
	if (!(condition))							\
		(void)___wait_var_event(var, condition, TASK_UNINTERRUPTIBLE,	\
					0, 0, schedule());			\
} while (0)

#define __wait_var_event_state(var, condition, state)				\
({										\
	int __ret_sig = 0;							\
	might_sleep();								\
	if (!(condition))							\
		__ret_sig = ___wait_var_event(var, condition, state, 0, 0,	\
					      schedule());			\
	__ret_sig;								\
})
#define wait_var_event_killable(var, condition)					\
	__wait_var_event_state(var, condition, TASK_KILLABLE)
#define wait_var_event_interruptible(var, condition)				\
	__wait_var_event_state(var, condition, TASK_INTERRUPTIBLE)

#define wait_var_event_timeout(var, condition, timeout)				\
({										\
	long __wait_time = (timeout), __ret = __wait_time;				\
	might_sleep();								\
	if (!___wait_cond_timeout(condition))					\
		__ret = ___wait_var_event(var, ___wait_cond_timeout(condition),	\
					  TASK_UNINTERRUPTIBLE, 0, __wait_time,	\
					  __ret = schedule_timeout(__ret));	\
	__ret;									\
})

#endif /* _LINUX_WAIT_BIT_H */
