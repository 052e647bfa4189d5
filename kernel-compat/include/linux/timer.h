/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timers.
 *
 * same: setup, arming, deletion and their return values.  Callbacks run in softirq
 * context on the CPU that armed the timer, in order of expiry.
 * same: the _sync variants wait for a callback that runs, and check that the caller is
 * allowed to (VIOLATION_TIMER).
 * model: precise to the jiffy, deferrable timers are not deferred.  A callback runs beside
 * tasks only where the engine replay lets it (replay_async()).
 */
#ifndef _LINUX_TIMER_H
#define _LINUX_TIMER_H

#include <linux/types.h>
#include <linux/list.h>
#include <linux/ktime.h>
#include <linux/stddef.h>
#include <exec/task.h>

struct timer_list {
	unsigned long		expires;	/* jiffies */
	void			(*function)(struct timer_list *);
	u32			flags;
	struct vtimer		vt;		/* shim */
	u32			magic;		/* shim: set by timer_setup() */
};

#define TIMER_DEFERRABLE	0x00080000
#define TIMER_PINNED		0x00100000
#define TIMER_IRQSAFE		0x00200000

#define EXEC_TIMER_MAGIC	0x74696d65u
void exec_timer_fire(struct vtimer *vt);

#define __TIMER_INITIALIZER(_function, _flags) {				\
	.function = (_function), .flags = (_flags),				\
	.vt = { .fn = exec_timer_fire }, .magic = EXEC_TIMER_MAGIC }
#define DEFINE_TIMER(_name, _function)						\
	struct timer_list _name = __TIMER_INITIALIZER(_function, 0)

void timer_setup(struct timer_list *timer, void (*func)(struct timer_list *), unsigned int flags);
#define timer_setup_on_stack(timer, func, flags) timer_setup(timer, func, flags)
#define from_timer(var, callback_timer, timer_fieldname)			\
	container_of(callback_timer, typeof(*var), timer_fieldname)
void destroy_timer_on_stack(struct timer_list *timer);

int timer_pending(const struct timer_list *timer);
void add_timer(struct timer_list *timer);
void add_timer_on(struct timer_list *timer, int cpu);
int mod_timer(struct timer_list *timer, unsigned long expires);
int mod_timer_pending(struct timer_list *timer, unsigned long expires);
int timer_reduce(struct timer_list *timer, unsigned long expires);
int timer_delete(struct timer_list *timer);
int timer_delete_sync(struct timer_list *timer);
int timer_delete_sync_try(struct timer_list *timer);
int timer_shutdown(struct timer_list *timer);
int timer_shutdown_sync(struct timer_list *timer);

static inline int del_timer(struct timer_list *timer) { return timer_delete(timer); }
static inline int del_timer_sync(struct timer_list *timer) { return timer_delete_sync(timer); }
static inline int try_to_del_timer_sync(struct timer_list *timer)
{
	return timer_delete_sync_try(timer);
}

/* shim: VIOLATION_TIMER when an armed timer lies in memory that is being freed */
void exec_check_no_timer_freed(const void *mem, size_t size);

#endif /* _LINUX_TIMER_H */
