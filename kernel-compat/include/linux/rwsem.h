/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Read/write semaphores.
 *
 * same.  model: first in, first out; readers that queue together enter together,
 * nobody overtakes a waiting writer, no optimistic spinning.
 */
#ifndef _LINUX_RWSEM_H
#define _LINUX_RWSEM_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/cleanup.h>
#include <linux/list.h>
#include <linux/lockdep.h>

#include <lock/task.h>

#define RWSEM_MAGIC		0x5277736d

struct rw_semaphore {
	u32			word;		/* 1 writer, 2 somebody waits, readers << 2 */
	u32			wait_lock;	/* guards wait_list */
	u32			magic;
	struct task_struct	*owner;		/* the writer */
	struct list_head	wait_list;
	struct lockdep_map	dep_map;
};

#define __RWSEM_INITIALIZER(name_)						\
	{ .magic = RWSEM_MAGIC,							\
	  .wait_list = { &(name_).wait_list, &(name_).wait_list },		\
	  .dep_map = { .name = #name_, .kind = LOCK_KIND_RWSEM } }
#define DECLARE_RWSEM(name)	struct rw_semaphore name = __RWSEM_INITIALIZER(name)

void __init_rwsem(struct rw_semaphore *sem, const char *name, struct lock_class_key *key);
#define init_rwsem(sem)								\
do {										\
	static struct lock_class_key __key;					\
	__init_rwsem((sem), #sem, &__key);					\
} while (0)

/* The interruptible ones return 0 or -EINTR; a trylock 1 or 0. Context: may sleep. */
void down_read_nested(struct rw_semaphore *sem, int subclass);
int __must_check down_read_interruptible(struct rw_semaphore *sem);
int __must_check down_read_killable_nested(struct rw_semaphore *sem, int subclass);
int down_read_trylock(struct rw_semaphore *sem);
void down_write_nested(struct rw_semaphore *sem, int subclass);
int __must_check down_write_killable_nested(struct rw_semaphore *sem, int subclass);
void _down_write_nest_lock(struct rw_semaphore *sem, struct lockdep_map *nest_lock);
int down_write_trylock(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);
void downgrade_write(struct rw_semaphore *sem);
/* Taken by one task and released by another: not in the list of held locks. */
void down_read_non_owner(struct rw_semaphore *sem);
void up_read_non_owner(struct rw_semaphore *sem);

#define down_read(sem)			down_read_nested(sem, 0)
#define down_read_killable(sem)		down_read_killable_nested(sem, 0)
#define down_write(sem)			down_write_nested(sem, 0)
#define down_write_killable(sem)	down_write_killable_nested(sem, 0)
#define down_write_nest_lock(sem, nest)	_down_write_nest_lock(sem, &(nest)->dep_map)

int rwsem_is_locked(struct rw_semaphore *sem);
int rwsem_is_contended(struct rw_semaphore *sem);
#define rwsem_assert_held(sem)		lockdep_assert_held(sem)
#define rwsem_assert_held_write(sem)	lockdep_assert_held_write(sem)
void rwsem_assert_held_nolockdep(const struct rw_semaphore *sem);
void rwsem_assert_held_write_nolockdep(const struct rw_semaphore *sem);

DEFINE_GUARD(rwsem_read, struct rw_semaphore *, down_read(_T), up_read(_T))
DEFINE_GUARD_COND(rwsem_read, _try, down_read_trylock(_T))
DEFINE_GUARD_COND(rwsem_read, _intr, down_read_interruptible(_T) == 0)
DEFINE_GUARD(rwsem_write, struct rw_semaphore *, down_write(_T), up_write(_T))
DEFINE_GUARD_COND(rwsem_write, _try, down_write_trylock(_T))

#endif /* _LINUX_RWSEM_H */
