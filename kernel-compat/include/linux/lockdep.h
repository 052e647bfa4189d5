/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock checker: what a task holds, lock classes, order of classes, use in
 * interrupts.
 *
 * same: lockdep_assert_*(), lockdep_is_held*(), lock_is_held*(), class setters,
 * lock_acquire(), lock_release(), pins, might_lock(); the graph of classes with its strong
 * and weak paths, use in interrupts directly and along the graph, wait types, keys.
 * Checks of PROVE_RAW_LOCK_NESTING: with "prove_raw_lock_nesting" on the kernel command
 * line, or lockdep_raw_nesting set.
 * model: folio locks are checked, too, as one class; the kernel does not know them.
 * model: no lock statistics, no lock_cmp_fn.  4096 classes and 16384 edges; what comes
 * after that is not checked.
 */
#ifndef _LINUX_LOCKDEP_H
#define _LINUX_LOCKDEP_H

#include <linux/types.h>
#include <linux/debug_locks.h>
#include <linux/lockdep_types.h>

#include <lock/task.h>

#define SINGLE_DEPTH_NESTING		1

#define LOCK_STATE_UNKNOWN		-1
#define LOCK_STATE_NOT_HELD		0
#define LOCK_STATE_HELD			1

#ifndef _THIS_IP_
#define _THIS_IP_	({ __label__ __here; __here: (unsigned long)&&__here; })
#endif
#ifndef _RET_IP_
#define _RET_IP_	((unsigned long)__builtin_return_address(0))
#endif

void lockdep_init_map_type(struct lockdep_map *lock, const char *name,
			   struct lock_class_key *key, int subclass,
			   u8 inner, u8 outer, u8 lock_type);
#define lockdep_init_map_waits(lock, name, key, subclass, inner, outer)		\
	lockdep_init_map_type(lock, name, key, subclass, inner, outer, LD_LOCK_NORMAL)
#define lockdep_init_map_wait(lock, name, key, subclass, inner)			\
	lockdep_init_map_waits(lock, name, key, subclass, inner, LD_WAIT_INV)
#define lockdep_init_map(lock, name, key, subclass)				\
	lockdep_init_map_wait(lock, name, key, subclass, LD_WAIT_INV)
/* RT would run the handler that is running in a thread: it may take spinlock_t. */
#define lockdep_hardirq_threaded()						\
	do { current->lock.hardirq_threaded = true; } while (0)
extern bool lockdep_raw_nesting;
#define STATIC_LOCKDEP_MAP_INIT(_name, _key)					\
	{ .name = (_name), .key = (void *)(_key), .kind = LOCK_KIND_MAP }

/* Forget all classes, orders and uses; nobody holds a lock. */
void lockdep_reset(void);
/* Tests: all read_lock()s may recurse; else those in interrupts. */
extern unsigned int force_read_lock_recursive;
bool read_lock_is_recursive(void);

/* Dynamic keys: the memory of a key may be freed after lockdep_unregister_key(). */
void lockdep_register_key(struct lock_class_key *key);
void lockdep_unregister_key(struct lock_class_key *key);

/* Give a lock that nobody holds yet another class; its kind stays. */
void lock_map_set_class(struct lockdep_map *lock, const char *name,
			struct lock_class_key *key, unsigned int subclass);
#define lockdep_set_class(lock, key)						\
	lock_map_set_class(&(lock)->dep_map, #key, key, 0)
#define lockdep_set_class_and_name(lock, key, name)				\
	lock_map_set_class(&(lock)->dep_map, name, key, 0)
#define lockdep_set_class_and_subclass(lock, key, sub)				\
	lock_map_set_class(&(lock)->dep_map, #key, key, sub)
#define lockdep_set_subclass(lock, sub)						\
	lock_map_set_class(&(lock)->dep_map, (lock)->dep_map.name,		\
			   (lock)->dep_map.key, sub)
#define lockdep_set_novalidate_class(lock)					\
	lockdep_set_class_and_name(lock, &__lockdep_no_validate__, #lock)
#define lockdep_set_notrack_class(lock)						\
	lockdep_set_class_and_name(lock, &__lockdep_no_track__, #lock)
#define lockdep_match_class(lock, _key)	((lock)->dep_map.key == (_key))

/*
 * read: 0 exclusive, 1 shared, 2 shared and recursive.  check: 0 leaves the order
 * unchecked.  nest_lock: a held lock that serialises all takers of this class.
 */
void lock_acquire(struct lockdep_map *lock, unsigned int subclass, int trylock,
		  int read, int check, struct lockdep_map *nest_lock,
		  unsigned long ip);
void lock_release(struct lockdep_map *lock, unsigned long ip);
void lock_sync(struct lockdep_map *lock, unsigned int subclass, int read, int check,
	       struct lockdep_map *nest_lock, unsigned long ip);
void lock_downgrade(struct lockdep_map *lock, unsigned long ip);
void lock_set_class(struct lockdep_map *lock, const char *name, struct lock_class_key *key,
		    unsigned int subclass, unsigned long ip);
static inline void lock_set_subclass(struct lockdep_map *lock, unsigned int subclass,
				     unsigned long ip)
{
	lock_set_class(lock, lock->name, lock->key, subclass, ip);
}

/* read: -1 any, 0 exclusive, 1 shared. */
int lock_is_held_type(const struct lockdep_map *lock, int read);
static inline int lock_is_held(const struct lockdep_map *lock)
{
	return lock_is_held_type(lock, -1);
}
#define lockdep_is_held(lock)		lock_is_held(&(lock)->dep_map)
#define lockdep_is_held_type(lock, r)	lock_is_held_type(&(lock)->dep_map, (r))

struct pin_cookie lock_pin_lock(struct lockdep_map *lock);
void lock_repin_lock(struct lockdep_map *lock, struct pin_cookie cookie);
void lock_unpin_lock(struct lockdep_map *lock, struct pin_cookie cookie);
#define lockdep_pin_lock(l)		lock_pin_lock(&(l)->dep_map)
#define lockdep_repin_lock(l, c)	lock_repin_lock(&(l)->dep_map, (c))
#define lockdep_unpin_lock(l, c)	lock_unpin_lock(&(l)->dep_map, (c))

/* The acquisition and release of bare maps, spelled by what they stand for. */
#define lock_acquire_exclusive(l, s, t, n, i)		lock_acquire(l, s, t, 0, 1, n, i)
#define lock_acquire_shared(l, s, t, n, i)		lock_acquire(l, s, t, 1, 1, n, i)
#define lock_acquire_shared_recursive(l, s, t, n, i)	lock_acquire(l, s, t, 2, 1, n, i)
#define spin_acquire(l, s, t, i)		lock_acquire_exclusive(l, s, t, NULL, i)
#define spin_acquire_nest(l, s, t, n, i)	lock_acquire_exclusive(l, s, t, n, i)
#define spin_release(l, i)			lock_release(l, i)
#define mutex_acquire(l, s, t, i)		lock_acquire_exclusive(l, s, t, NULL, i)
#define mutex_acquire_nest(l, s, t, n, i)	lock_acquire_exclusive(l, s, t, n, i)
#define mutex_release(l, i)			lock_release(l, i)
#define rwsem_acquire(l, s, t, i)		lock_acquire_exclusive(l, s, t, NULL, i)
#define rwsem_acquire_nest(l, s, t, n, i)	lock_acquire_exclusive(l, s, t, n, i)
#define rwsem_acquire_read(l, s, t, i)		lock_acquire_shared(l, s, t, NULL, i)
#define rwsem_release(l, i)			lock_release(l, i)
#define lock_map_acquire(l)		lock_acquire_exclusive(l, 0, 0, NULL, _THIS_IP_)
#define lock_map_acquire_try(l)		lock_acquire_exclusive(l, 0, 1, NULL, _THIS_IP_)
#define lock_map_acquire_read(l)	lock_acquire_shared_recursive(l, 0, 0, NULL, _THIS_IP_)
#define lock_map_acquire_tryread(l)	lock_acquire_shared_recursive(l, 0, 1, NULL, _THIS_IP_)
#define lock_map_release(l)		lock_release(l, _THIS_IP_)
#define lock_map_sync(l)		lock_sync(l, 0, 0, 1, NULL, _THIS_IP_)

#define __might_lock(lock, subclass, read)					\
do {										\
	lock_acquire(&(lock)->dep_map, subclass, 0, read, 1, NULL, _THIS_IP_);	\
	lock_release(&(lock)->dep_map, _THIS_IP_);				\
} while (0)
#define might_lock(lock)		__might_lock(lock, 0, 0)
#define might_lock_read(lock)		__might_lock(lock, 0, 1)
#define might_lock_nested(lock, sub)	__might_lock(lock, sub, 0)

/* Asserts. Each reports the lock by name with VIOLATION_LOCK_UNHELD and its like. */
void lock_assert_held(const struct lockdep_map *lock, int read, const char *expr);
void lock_assert_not_held(const struct lockdep_map *lock, const char *expr);
void lock_assert_none_held(void);
#define lockdep_assert_held(l)		lock_assert_held(&(l)->dep_map, -1, #l)
#define lockdep_assert_held_once(l)	lockdep_assert_held(l)
#define lockdep_assert_held_write(l)	lock_assert_held(&(l)->dep_map, 0, #l)
#define lockdep_assert_held_read(l)	lock_assert_held(&(l)->dep_map, 1, #l)
#define lockdep_assert_not_held(l)	lock_assert_not_held(&(l)->dep_map, #l)
#define lockdep_assert_none_held_once()	lock_assert_none_held()
void lock_assert_failed(const char *cond);
#define lockdep_assert(cond)							\
	do { if (!(cond)) lock_assert_failed(#cond); } while (0)
#define lockdep_assert_once(cond)	lockdep_assert(cond)

void lockdep_assert_irqs_enabled(void);
void lockdep_assert_irqs_disabled(void);
void lockdep_assert_in_irq(void);
void lockdep_assert_no_hardirq(void);
void lockdep_assert_in_softirq(void);
void lockdep_assert_preemption_enabled(void);
void lockdep_assert_preemption_disabled(void);

/* Locks held by the calling task, or by a task that cannot run. */
#define lockdep_depth(tsk)		((tsk)->lock.depth)
#define lockdep_recursing(tsk)		((tsk)->lock.off)
void lockdep_off(void);
void lockdep_on(void);

#endif /* _LINUX_LOCKDEP_H */
