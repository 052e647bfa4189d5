/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting for RCU callbacks.
 *
 * same: wakeme_after_rcu(). cond_resched_rcu() is in <linux/sched.h>.
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

#endif /* _LINUX_RCUPDATE_WAIT_H */
