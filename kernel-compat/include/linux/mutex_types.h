/* SPDX-License-Identifier: GPL-2.0 */
/*
 * struct mutex.
 *
 * model: word 1 held, 2 somebody waits; waiters are served first in, first out.
 */
#ifndef _LINUX_MUTEX_TYPES_H
#define _LINUX_MUTEX_TYPES_H

#include <linux/types.h>
#include <linux/lockdep_types.h>

#include <lock/task.h>

#define MUTEX_MAGIC		0x4d757478

struct task_struct;

struct mutex {
	u32			word;
	u32			wait_lock;	/* guards wait_list */
	u32			magic;
	struct task_struct	*owner;
	struct list_head	wait_list;
	struct lockdep_map	dep_map;
};

#define __MUTEX_INITIALIZER(lockname)						\
	{ .magic = MUTEX_MAGIC,							\
	  .wait_list = { &(lockname).wait_list, &(lockname).wait_list },	\
	  .dep_map = { .name = #lockname, .kind = LOCK_KIND_MUTEX } }
#define DEFINE_MUTEX(mutexname)							\
	struct mutex mutexname = __MUTEX_INITIALIZER(mutexname)

#endif /* _LINUX_MUTEX_TYPES_H */
