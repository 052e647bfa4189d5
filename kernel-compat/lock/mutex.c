// SPDX-License-Identifier: GPL-2.0
/*
 * Mutexes.
 */
#include <linux/mutex.h>

#include "internal.h"

#define MUTEX_HELD	1u
#define MUTEX_WAITERS	2u	/* wait_list is not empty; changed under wait_lock */

void __mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key)
{
	lock_check_freed(lock, sizeof(*lock));
	lock->word = 0;
	lock->wait_lock = 0;
	lock->owner = NULL;
	INIT_LIST_HEAD(&lock->wait_list);
	lock_init_map(&lock->dep_map, name, key, LOCK_KIND_MUTEX);
	lock->magic = MUTEX_MAGIC;
}

static inline void check_magic(const struct mutex *lock)
{
	if (unlikely(lock->magic != MUTEX_MAGIC))
		lock_report_magic(lock, lock->magic, &lock->dep_map, "mutex");
}

void mutex_destroy(struct mutex *lock)
{
	check_magic(lock);
	if (__atomic_load_n(&lock->word, __ATOMIC_RELAXED))
		lock_report_held(VIOLATION_LOCK_DESTROYED, lock_find_held(current, lock, -1),
				 "mutex '%s' (%p) is destroyed while it is held",
				 lock_name(&lock->dep_map), lock);
	lock->magic = LOCK_MAGIC_DESTROYED;
}

static inline bool mutex_try_word(struct mutex *lock)
{
	u32 v = 0;

	exec_point(EXEC_POINT_LOCK, lock);
	/* Pairs with the release in mutex_unlock(). */
	return __atomic_compare_exchange_n(&lock->word, &v, MUTEX_HELD, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Queue and sleep until the mutex is handed over. 0 or -EINTR. */
static noinline int mutex_lock_slow(struct mutex *lock, unsigned int state)
{
	struct lock_waiter w = { .task = current };
	int ret = 0;
	u32 v;

	preempt_disable();
	word_lock(&lock->wait_lock);
	v = __atomic_fetch_or(&lock->word, MUTEX_WAITERS | MUTEX_HELD, __ATOMIC_ACQUIRE);
	if (!v) {
		/* It became free on the way: nobody waits, so the word is just held. */
		__atomic_store_n(&lock->word, MUTEX_HELD, __ATOMIC_RELAXED);
	} else {
		list_add_tail(&w.node, &lock->wait_list);
		ret = lock_sleep(&lock->wait_lock, &w, state, lock);
		if (ret) {
			list_del(&w.node);
			if (list_empty(&lock->wait_list))
				__atomic_fetch_and(&lock->word, ~MUTEX_WAITERS,
						   __ATOMIC_RELAXED);
		}
	}
	word_unlock(&lock->wait_lock);
	preempt_enable();
	return ret;
}

/* All ways to lock but trying. 0 or -EINTR. */
static inline int mutex_lock_common(struct mutex *lock, unsigned int state,
				    unsigned int subclass, struct lockdep_map *nest)
{
	struct lock_how how = LOCK_HOW(LOCK_KIND_MUTEX, 0, subclass);

	might_sleep();
	check_magic(lock);
	lock_enter(lock, &lock->dep_map, how, nest);
	if (unlikely(!mutex_try_word(lock)) && mutex_lock_slow(lock, state)) {
		lock_leave(lock, &lock->dep_map, how, NULL, true);
		return -EINTR;
	}
	__atomic_store_n(&lock->owner, current, __ATOMIC_RELAXED);
	return 0;
}

void mutex_lock_nested(struct mutex *lock, unsigned int subclass)
{
	mutex_lock_common(lock, TASK_UNINTERRUPTIBLE, subclass, NULL);
}

void _mutex_lock_nest_lock(struct mutex *lock, struct lockdep_map *nest_lock)
{
	mutex_lock_common(lock, TASK_UNINTERRUPTIBLE, 0, nest_lock);
}

int mutex_lock_interruptible_nested(struct mutex *lock, unsigned int subclass)
{
	return mutex_lock_common(lock, TASK_INTERRUPTIBLE, subclass, NULL);
}

int mutex_lock_killable_nested(struct mutex *lock, unsigned int subclass)
{
	return mutex_lock_common(lock, TASK_KILLABLE, subclass, NULL);
}

int mutex_trylock(struct mutex *lock)
{
	check_magic(lock);
	if (unlikely(!in_task()))
		violation(VIOLATION_IRQ_STATE, "mutex '%s' (%p) is tried in an interrupt",
			  lock_name(&lock->dep_map), lock);
	if (inject_fail(INJECT_TRYLOCK) || !mutex_try_word(lock))
		return 0;
	__atomic_store_n(&lock->owner, current, __ATOMIC_RELAXED);
	lock_enter(lock, &lock->dep_map, LOCK_HOW(LOCK_KIND_MUTEX, LOCK_HELD_TRY, 0), NULL);
	return 1;
}

/* Hand the mutex, which stays held, to the first waiter. */
static noinline void mutex_unlock_slow(struct mutex *lock)
{
	struct lock_waiter *w;

	preempt_disable();
	word_lock(&lock->wait_lock);
	w = list_first_entry_or_null(&lock->wait_list, struct lock_waiter, node);
	if (w) {
		if (list_is_singular(&lock->wait_list))
			__atomic_fetch_and(&lock->word, ~MUTEX_WAITERS, __ATOMIC_RELAXED);
		__atomic_store_n(&lock->owner, w->task, __ATOMIC_RELAXED);
		lock_grant(w);
	} else {
		__atomic_fetch_and(&lock->word, ~MUTEX_HELD, __ATOMIC_RELEASE);
	}
	word_unlock(&lock->wait_lock);
	preempt_enable();
}

void mutex_unlock(struct mutex *lock)
{
	u32 v = MUTEX_HELD;

	check_magic(lock);
	lock_leave(lock, &lock->dep_map, LOCK_HOW(LOCK_KIND_MUTEX, 0, 0),
		   __atomic_load_n(&lock->owner, __ATOMIC_RELAXED),
		   __atomic_load_n(&lock->word, __ATOMIC_RELAXED) & MUTEX_HELD);
	__atomic_store_n(&lock->owner, NULL, __ATOMIC_RELAXED);
	/* Pairs with the acquire in mutex_try_word(). */
	if (unlikely(!__atomic_compare_exchange_n(&lock->word, &v, 0, false, __ATOMIC_RELEASE,
						  __ATOMIC_RELAXED)))
		mutex_unlock_slow(lock);
	exec_point(EXEC_POINT_UNLOCK, lock);
}

bool mutex_is_locked(struct mutex *lock)
{
	check_magic(lock);
	exec_point(EXEC_POINT_MARKED | EXEC_POINT_READS, lock);
	return __atomic_load_n(&lock->word, __ATOMIC_RELAXED) & MUTEX_HELD;
}

int atomic_dec_and_mutex_lock(atomic_t *cnt, struct mutex *lock)
{
	if (atomic_add_unless(cnt, -1, 1))
		return 0;
	mutex_lock(lock);
	if (atomic_dec_and_test(cnt))
		return 1;
	mutex_unlock(lock);
	return 0;
}
