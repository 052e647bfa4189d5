/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting for RCU callbacks.
 *
 * same: cond_resched_rcu(); wakeme_after_rcu().
 */
#ifndef _LINUX_RCUPDATE_WAIT_H
#define _LINUX_RCUPDATE_WAIT_H

#include <linux/rcupdate.h>
#include <linux/completion.h>
#include <linux/sched.h>

/* A callback on the stack of who waits for it. */
struct rcu_synchronize {
	struct rcu_head		head;
	struct completion	completion;
};

void wakeme_after_rcu(struct rcu_head *head);

/* Leaves the reader, if it is the only one, to let others run. */
static inline void cond_resched_rcu(void)
{
	rcu_read_unlock();
	cond_resched();
	rcu_read_lock();
}

#endif /* _LINUX_RCUPDATE_WAIT_H */
