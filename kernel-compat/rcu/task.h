/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What RCU keeps in every task, and what the rest of the shim calls in RCU.
 * Not a kernel header.  struct rcu_task is embedded as task_struct.lock.rcu.
 */
#ifndef _RCU_TASK_H
#define _RCU_TASK_H

#include <linux/types.h>

struct srcu_struct;
struct task_struct;

/* Different srcu_structs a task may read at the same time. */
#define RCU_TASK_SRCU	6

/**
 * struct rcu_task - the readers a task is inside of
 * @depth:	nesting of rcu_read_lock()
 * @depth_bh:	nesting of rcu_read_lock_bh()
 * @depth_sched: nesting of rcu_read_lock_sched()
 * @blocked:	preempted inside a reader: the task is on the list of blocked
 *		readers, and no longer inside a reader of the engine's
 * @ticket:	when it was preempted, in order of preemption
 * @began:	the number of the preempted reader, under the engine replay
 * @blkd_node:	entry of the list of blocked readers; under its lock
 * @ip:		where the outermost reader began
 * @srcu:	sleepable readers, by structure
 *
 * All members are written by the task itself; @blkd_node also by neighbours on
 * the list, under the list's lock.
 */
struct rcu_task {
	int			depth;
	int			depth_bh;
	int			depth_sched;
	bool			blocked;
	u64			ticket;
	u64			began;
	struct list_head	blkd_node;
	unsigned long		ip;
	struct {
		struct srcu_struct	*ssp;
		int			nr;
	} srcu[RCU_TASK_SRCU];
};

/* A host context begins and ends; idempotent. */
void rcu_ctx_start(void);
void rcu_ctx_stop(void);

/* A task_struct comes into being (zeroed, or copied from its parent's). */
void rcu_task_init(struct task_struct *p);
/* The running task ends: reports readers it never left. */
void rcu_task_exit(struct task_struct *p);
/* Forget all readers of the running task, after a violation unwound it. */
void rcu_task_forget(struct task_struct *p);

/**
 * rcu_note_context_switch() - the running task is about to stop running
 * @preempt:	it was preempted, or sleeps in virtual time on its CPU; false when
 *		it goes to sleep of its own accord
 *
 * A sleeper inside a reader is reported.  A preempted reader is put on the list of
 * blocked readers, which a grace period waits for without the host's help.
 *
 * Context: no lock held, before the engine's wait().
 */
void rcu_note_context_switch(bool preempt);

/* Under the names exec calls them by: the nesting that forbids sleeping; rcu_barrier(). */
int exec_rcu_depth(void);
void exec_rcu_barrier(void);

/*
 * Under the engine replay, when the strategy says so: let the oldest callback whose readers
 * have left run. False: there is none. Afterwards rcu_gp goes on as ever.
 */
bool rcu_async_step(void);
void rcu_async_stopped(void);

/* True while a callback waits for its grace period or runs. */
bool rcu_callbacks_pending(void);

#endif /* _RCU_TASK_H */
