/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mutexes.
 *
 * same.  model: no optimistic spinning; unlocking hands the mutex to the first
 * waiter, so nobody overtakes (the kernel allows overtaking for a while).
 */
#ifndef _LINUX_MUTEX_H
#define _LINUX_MUTEX_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/lockdep.h>
#include <linux/mutex_types.h>

void __mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key);
#define mutex_init(mutex)							\
do {										\
	static struct lock_class_key __key;					\
	__mutex_init((mutex), #mutex, &__key);					\
} while (0)
#define mutex_init_with_key(mutex, key)	__mutex_init((mutex), #mutex, (key))
void mutex_destroy(struct mutex *lock);

/* The interruptible ones return 0 or -EINTR; a trylock 1 or 0. Context: may sleep. */
void mutex_lock_nested(struct mutex *lock, unsigned int subclass);
void _mutex_lock_nest_lock(struct mutex *lock, struct lockdep_map *nest_lock);
int __must_check mutex_lock_interruptible_nested(struct mutex *lock, unsigned int subclass);
int __must_check mutex_lock_killable_nested(struct mutex *lock, unsigned int subclass);
#define mutex_lock(lock)		mutex_lock_nested(lock, 0)
#define mutex_lock_io(lock)		mutex_lock_nested(lock, 0)
#define mutex_lock_interruptible(lock)	mutex_lock_interruptible_nested(lock, 0)
#define mutex_lock_killable(lock)	mutex_lock_killable_nested(lock, 0)
#define mutex_lock_nest_lock(lock, nest) _mutex_lock_nest_lock(lock, &(nest)->dep_map)
int mutex_trylock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
bool mutex_is_locked(struct mutex *lock);
int atomic_dec_and_mutex_lock(atomic_t *cnt, struct mutex *lock);

DEFINE_GUARD(mutex, struct mutex *, mutex_lock(_T), mutex_unlock(_T))
DEFINE_GUARD_COND(mutex, _try, mutex_trylock(_T))
DEFINE_GUARD_COND(mutex, _intr, mutex_lock_interruptible(_T) == 0)

#endif /* _LINUX_MUTEX_H */
