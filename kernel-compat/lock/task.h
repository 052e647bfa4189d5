/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each task remembers about locks: struct lock_task, the member .lock of
 * struct task_struct.  Only the task itself writes it (an interrupt handler counts
 * as the task that is current), so nothing here is atomic.
 */
#ifndef _LOCK_TASK_H
#define _LOCK_TASK_H

#include <linux/types.h>
#include <rcu/task.h>

#define LOCK_MAX_DEPTH		48	/* locks one task can hold at once */
#define LOCK_STACK_DEPTH	8	/* return addresses kept per acquisition */

struct lockdep_map;

enum lock_kind {
	LOCK_KIND_NONE,
	LOCK_KIND_RAW_SPIN,
	LOCK_KIND_SPIN,
	LOCK_KIND_RWLOCK,
	LOCK_KIND_BIT,
	LOCK_KIND_LOCAL,
	LOCK_KIND_SEQ,			/* the writer of a seqcount */
	LOCK_KIND_MUTEX,
	LOCK_KIND_RWSEM,
	LOCK_KIND_SEMAPHORE,		/* never in the list: has no owner */
	LOCK_KIND_MAP,			/* lock_acquire() on a bare lockdep_map */
	LOCK_KIND_FOLIO,		/* all folio locks of the task: one entry */
	LOCK_NR_KINDS
};

/* How a lock is held. */
#define LOCK_HELD_READ		0x01	/* shared */
#define LOCK_HELD_RECURSIVE	0x02	/* a read that may nest in readers */
#define LOCK_HELD_TRY		0x04	/* by trylock: can be part of no deadlock */
#define LOCK_HELD_IRQS_OFF	0x08	/* interrupts were off before it was taken */
#define LOCK_HELD_BIT		0x10	/* .bit tells one lock of the word from another */
#define LOCK_HELD_UNCHECKED	0x20	/* neither its order nor its use counts */
#define LOCK_HELD_SYNC		0x40	/* lock_sync(): nothing is done while it is held */

struct lock_held {
	const void		*lock;	/* address of the lock, bit locks: of the word */
	struct lockdep_map	*map;	/* NULL for bit locks */
	u64			chain;	/* hash of the classes held below and this one */
	u16			class;	/* 0: none */
	u8			kind;	/* enum lock_kind */
	u8			flags;	/* LOCK_HELD_* */
	u8			bit;
	u8			context; /* 0 task, 1 softirq, 2 hardirq */
	u8			nr_ips;
	u16			pins;	/* sum of the cookies of lockdep_pin_lock() */
	u16			count;	/* LOCK_KIND_FOLIO: how many; others: 0 */
	unsigned long		ips[LOCK_STACK_DEPTH]; /* where it was taken */
};

/* What a task waits for. */
enum lock_wait_kind {
	LOCK_WAIT_NOTHING,
	LOCK_WAIT_LOCK,			/* what that is, its entry in .held says */
	LOCK_WAIT_SEQ,			/* for the writer of a seqcount */
	LOCK_WAIT_FOLIO,
	LOCK_WAIT_FOLIO_FLAG,		/* to be cleared, perhaps that of the lock */
	LOCK_WAIT_SEMAPHORE,
	LOCK_WAIT_COMPLETION,
	LOCK_WAIT_QUEUE,
	LOCK_WAIT_GRACE_PERIOD,
	LOCK_WAIT_TASK,			/* its end */
	LOCK_WAIT_WORK,			/* of this task, a worker */
};

struct lock_wait {
	const void		*on;
	u8			kind;	/* enum lock_wait_kind */
	u8			nr_ips;
	u8			depth;	/* of what was held when the wait began */
	bool			by_signal; /* a signal ends it */
	unsigned long		ips[LOCK_STACK_DEPTH];
};

struct lock_task {
	/* The locks held, oldest first. */
	u16			depth;
	u16			off;		/* lockdep_off() nesting */
	u8			pinned;		/* lockdep_pin_lock() calls so far */
	bool			hardirq_threaded; /* the handler would be a thread on PREEMPT_RT */
	struct lock_held	held[LOCK_MAX_DEPTH];
	struct lock_wait	wait;
	/* In the list of those who wait for what has an owner, see waits.c. */
	struct task_struct	*next_waiting, **pprev_waiting;
	bool			awaited;	/* somebody has waited for its end or its work */

	struct rcu_task		rcu;		/* readers; owned by rcu/ */
};

#endif /* _LOCK_TASK_H */
