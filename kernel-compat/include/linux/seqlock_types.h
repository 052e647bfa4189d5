/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types of sequence counters.  same names; seqcount_LOCKNAME_t always carries the
 * pointer to its lock.
 */
#ifndef _LINUX_SEQLOCK_TYPES_H
#define _LINUX_SEQLOCK_TYPES_H

#include <linux/lockdep_types.h>
#include <linux/mutex_types.h>
#include <linux/spinlock_types.h>

#define SEQCOUNT_MAGIC		0x5e9c0417

typedef struct seqcount {
	u32			sequence;	/* odd while a writer is at work */
	u32			magic;
	struct lockdep_map	dep_map;
} seqcount_t;

typedef struct seqcount_raw_spinlock {
	seqcount_t		seqcount;
	raw_spinlock_t		*lock;
} seqcount_raw_spinlock_t;

typedef struct seqcount_spinlock {
	seqcount_t		seqcount;
	spinlock_t		*lock;
} seqcount_spinlock_t;

typedef struct seqcount_rwlock {
	seqcount_t		seqcount;
	rwlock_t		*lock;
} seqcount_rwlock_t;

typedef struct seqcount_mutex {
	seqcount_t		seqcount;
	struct mutex		*lock;
} seqcount_mutex_t;

typedef struct {
	seqcount_spinlock_t	seqcount;
	spinlock_t		lock;
} seqlock_t;

#endif /* _LINUX_SEQLOCK_TYPES_H */
