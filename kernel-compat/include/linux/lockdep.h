/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock checker: what a task holds, lock classes, order of classes, use in
 * interrupts.
 *
 * same: lockdep_assert_*(), lockdep_is_held*(), lock_is_held*(), class setters,
 * lock_acquire(), lock_release(), pins, might_lock().
 * model: order is checked between classes taken by the same kind of context;
 * recursive readers add no edge, and a dependency from an irq-safe class through
 * others to an irq-unsafe one is not searched for.  This hides deadlocks that need
 * a recursive reader or an interrupt in the middle of the cycle.
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
#define STATIC_LOCKDEP_MAP_INIT(_name, _key)					\
	{ .name = (_name), .key = (void *)(_key), .kind = LOCK_KIND_MAP }

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

#define might_lock(lock)							\
	lock_sync(&(lock)->dep_map, 0, 0, 1, NULL, _THIS_IP_)
#define might_lock_read(lock)							\
	lock_sync(&(lock)->dep_map, 0, 1, 1, NULL, _THIS_IP_)
#define might_lock_nested(lock, subclass)					\
	lock_sync(&(lock)->dep_map, subclass, 0, 1, NULL, _THIS_IP_)

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
