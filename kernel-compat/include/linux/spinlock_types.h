/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spinlock_t and rwlock_t.  same, on top of this shim's raw_spinlock_t.
 */
#ifndef _LINUX_SPINLOCK_TYPES_H
#define _LINUX_SPINLOCK_TYPES_H

#include <linux/spinlock_types_raw.h>

typedef struct spinlock {
	union {
		struct raw_spinlock rlock;
		struct {
			u8 __before_dep_map[__builtin_offsetof(struct raw_spinlock, dep_map)];
			struct lockdep_map dep_map;
		};
	};
} spinlock_t;

#define __SPIN_LOCK_INITIALIZER(lockname)					\
	{ { .rlock = __RAW_SPIN_LOCK_INITIALIZER_KIND(lockname, LOCK_KIND_SPIN) } }
#define __SPIN_LOCK_UNLOCKED(lockname)						\
	((spinlock_t) __SPIN_LOCK_INITIALIZER(lockname))
#define DEFINE_SPINLOCK(x)	spinlock_t x = __SPIN_LOCK_INITIALIZER(x)

#include <linux/rwlock_types.h>

#endif /* _LINUX_SPINLOCK_TYPES_H */
