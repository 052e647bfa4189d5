/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rwlock_t.
 *
 * model: fair like the kernel's queued rwlock: who cannot enter at once queues on
 * .queue, readers in interrupts wait for the writer only.
 */
#ifndef _LINUX_RWLOCK_TYPES_H
#define _LINUX_RWLOCK_TYPES_H

#include <linux/types.h>
#include <linux/lockdep_types.h>

#include <lock/task.h>

#define RWLOCK_MAGIC		0xdeaf1eed

struct task_struct;

typedef struct {
	u32			word;	/* 1 writer, 2 a writer waits, readers << 2 */
	u32			queue;	/* held by the first in the queue */
	u32			magic;
	struct task_struct	*owner;	/* the writer */
	struct lockdep_map	dep_map;
} rwlock_t;

#define __RW_LOCK_INITIALIZER(lockname)						\
	{ .magic = RWLOCK_MAGIC,						\
	  .dep_map = { .name = #lockname, .kind = LOCK_KIND_RWLOCK } }
#define __RW_LOCK_UNLOCKED(lockname)	((rwlock_t) __RW_LOCK_INITIALIZER(lockname))
#define DEFINE_RWLOCK(x)		rwlock_t x = __RW_LOCK_INITIALIZER(x)

#endif /* _LINUX_RWLOCK_TYPES_H */
