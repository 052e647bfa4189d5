/* SPDX-License-Identifier: GPL-2.0 */
/*
 * raw_spinlock_t.
 *
 * model: the lock word is 1 | 2 | number of waiters << 2 (held; handed to a
 * waiter); magic and owner are always there, as with CONFIG_DEBUG_SPINLOCK, so a
 * zeroed lock is not an unlocked one.
 */
#ifndef _LINUX_SPINLOCK_TYPES_RAW_H
#define _LINUX_SPINLOCK_TYPES_RAW_H

#include <linux/types.h>
#include <linux/lockdep_types.h>

#include <lock/task.h>

#define SPINLOCK_MAGIC		0xdead4ead
#define SPINLOCK_OWNER_INIT	NULL

struct task_struct;

typedef struct raw_spinlock {
	u32			word;
	u32			magic;
	struct task_struct	*owner;
	struct lockdep_map	dep_map;
} raw_spinlock_t;

#define __RAW_SPIN_LOCK_INITIALIZER_KIND(lockname, _kind)			\
	{ .magic = SPINLOCK_MAGIC,						\
	  .dep_map = { .name = #lockname, .kind = (_kind) } }
#define __RAW_SPIN_LOCK_INITIALIZER(lockname)					\
	__RAW_SPIN_LOCK_INITIALIZER_KIND(lockname, LOCK_KIND_RAW_SPIN)
#define __RAW_SPIN_LOCK_UNLOCKED(lockname)					\
	((raw_spinlock_t) __RAW_SPIN_LOCK_INITIALIZER(lockname))
#define DEFINE_RAW_SPINLOCK(x)	raw_spinlock_t x = __RAW_SPIN_LOCK_INITIALIZER(x)

#endif /* _LINUX_SPINLOCK_TYPES_RAW_H */
