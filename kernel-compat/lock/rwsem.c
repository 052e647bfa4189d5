// SPDX-License-Identifier: GPL-2.0
/*
 * Read/write semaphores.
 *
 * While RWSEM_WAITERS is set, nobody enters but by being taken from wait_list, under
 * wait_lock, by whoever made room.
 */
#include <linux/rwsem.h>

#include "internal.h"

#define RWSEM_WRITER	1u
#define RWSEM_WAITERS	2u
#define RWSEM_READER	4u

void __init_rwsem(struct rw_semaphore *sem, const char *name, struct lock_class_key *key)
{
	lock_check_freed(sem, sizeof(*sem));
	sem->word = 0;
	sem->wait_lock = 0;
	sem->owner = NULL;
	INIT_LIST_HEAD(&sem->wait_list);
	lock_init_map(&sem->dep_map, name, key, LOCK_KIND_RWSEM);
	sem->magic = RWSEM_MAGIC;
}

static inline void check_magic(const struct rw_semaphore *sem)
{
	if (unlikely(sem->magic != RWSEM_MAGIC))
		lock_report_magic(sem, sem->magic, &sem->dep_map, "rwsem");
}

static inline bool try_word(struct rw_semaphore *sem, bool read)
{
	u32 v = __atomic_load_n(&sem->word, __ATOMIC_RELAXED);

	exec_point(EXEC_POINT_LOCK | (read ? EXEC_POINT_READS : 0), sem);
	/* Pairs with the release in up_word() and downgrade_write(). */
	while (read ? !(v & (RWSEM_WRITER | RWSEM_WAITERS)) : !v)
		if (__atomic_compare_exchange_n(&sem->word, &v,
						read ? v + RWSEM_READER : RWSEM_WRITER, false,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
	return false;
}

/* Let in whom there is room for: a writer, or all readers up to the next writer. */
static void admit_waiters(struct rw_semaphore *sem)
{
	struct lock_waiter *w;

	while ((w = list_first_entry_or_null(&sem->wait_list, struct lock_waiter, node))) {
		u32 v = __atomic_load_n(&sem->word, __ATOMIC_ACQUIRE);

		if ((v & RWSEM_WRITER) || (!w->read && v >= RWSEM_READER))
			break;
		if (w->read) {
			__atomic_fetch_add(&sem->word, RWSEM_READER, __ATOMIC_ACQUIRE);
		} else {
			__atomic_fetch_or(&sem->word, RWSEM_WRITER, __ATOMIC_ACQUIRE);
			__atomic_store_n(&sem->owner, w->task, __ATOMIC_RELAXED);
		}
		lock_grant(w);
	}
	if (list_empty(&sem->wait_list))
		__atomic_fetch_and(&sem->word, ~RWSEM_WAITERS, __ATOMIC_RELAXED);
}

/* Queue and sleep until admitted. 0 or -EINTR. */
static noinline int down_slow(struct rw_semaphore *sem, bool read, unsigned int state)
{
	struct lock_waiter w = { .task = current, .read = read };
	int ret;

	preempt_disable();
	word_lock(&sem->wait_lock);
	list_add_tail(&w.node, &sem->wait_list);
	__atomic_fetch_or(&sem->word, RWSEM_WAITERS, __ATOMIC_RELAXED);
	/* There may be room by now, and if it was made before the bit, nobody else looks. */
	admit_waiters(sem);
	ret = lock_sleep(&sem->wait_lock, &w, state, sem);
	if (ret) {
		list_del(&w.node);
		/* Readers may have queued only because this was a writer before them. */
		admit_waiters(sem);
	}
	word_unlock(&sem->wait_lock);
	preempt_enable();
	return ret;
}

static int down_common(struct rw_semaphore *sem, bool read, unsigned int state, int subclass,
		       struct lockdep_map *nest)
{
	struct lock_how how = LOCK_HOW(LOCK_KIND_RWSEM, read ? LOCK_HELD_READ : 0, subclass);

	might_sleep();
	check_magic(sem);
	lock_enter(sem, &sem->dep_map, how, nest);
	if (unlikely(!try_word(sem, read)) && down_slow(sem, read, state)) {
		lock_leave(sem, &sem->dep_map, how, NULL, true);
		return -EINTR;
	}
	if (!read)
		__atomic_store_n(&sem->owner, current, __ATOMIC_RELAXED);
	return 0;
}

void down_read_nested(struct rw_semaphore *sem, int subclass)
{
	down_common(sem, true, TASK_UNINTERRUPTIBLE, subclass, NULL);
}

int down_read_interruptible(struct rw_semaphore *sem)
{
	return down_common(sem, true, TASK_INTERRUPTIBLE, 0, NULL);
}

int down_read_killable_nested(struct rw_semaphore *sem, int subclass)
{
	return down_common(sem, true, TASK_KILLABLE, subclass, NULL);
}

void down_write_nested(struct rw_semaphore *sem, int subclass)
{
	down_common(sem, false, TASK_UNINTERRUPTIBLE, subclass, NULL);
}

int down_write_killable_nested(struct rw_semaphore *sem, int subclass)
{
	return down_common(sem, false, TASK_KILLABLE, subclass, NULL);
}

void _down_write_nest_lock(struct rw_semaphore *sem, struct lockdep_map *nest_lock)
{
	down_common(sem, false, TASK_UNINTERRUPTIBLE, 0, nest_lock);
}

static int trylock_common(struct rw_semaphore *sem, bool read)
{
	u8 flags = LOCK_HELD_TRY | (read ? LOCK_HELD_READ : 0);

	check_magic(sem);
	if (inject_fail(INJECT_TRYLOCK) || !try_word(sem, read))
		return 0;
	if (!read)
		__atomic_store_n(&sem->owner, current, __ATOMIC_RELAXED);
	lock_enter(sem, &sem->dep_map, LOCK_HOW(LOCK_KIND_RWSEM, flags, 0), NULL);
	return 1;
}

int down_read_trylock(struct rw_semaphore *sem)
{
	return trylock_common(sem, true);
}

int down_write_trylock(struct rw_semaphore *sem)
{
	return trylock_common(sem, false);
}

static noinline void up_slow(struct rw_semaphore *sem)
{
	preempt_disable();
	word_lock(&sem->wait_lock);
	admit_waiters(sem);
	word_unlock(&sem->wait_lock);
	preempt_enable();
}

/*
 * Take @held off the word, and look after waiters when that makes room for one.  As
 * in the kernel, the semaphore must outlive this call.
 */
static void up_word(struct rw_semaphore *sem, u32 held)
{
	u32 v = __atomic_sub_fetch(&sem->word, held, __ATOMIC_RELEASE);

	if (unlikely(v & RWSEM_WAITERS) && v < RWSEM_READER)
		up_slow(sem);
	exec_point(EXEC_POINT_UNLOCK, sem);
}

void up_read(struct rw_semaphore *sem)
{
	check_magic(sem);
	lock_leave(sem, &sem->dep_map, LOCK_HOW(LOCK_KIND_RWSEM, LOCK_HELD_READ, 0),
		   __atomic_load_n(&sem->owner, __ATOMIC_RELAXED),
		   __atomic_load_n(&sem->word, __ATOMIC_RELAXED) & ~RWSEM_WAITERS);
	up_word(sem, RWSEM_READER);
}

void up_write(struct rw_semaphore *sem)
{
	check_magic(sem);
	lock_leave(sem, &sem->dep_map, LOCK_HOW(LOCK_KIND_RWSEM, 0, 0),
		   __atomic_load_n(&sem->owner, __ATOMIC_RELAXED),
		   __atomic_load_n(&sem->word, __ATOMIC_RELAXED) & ~RWSEM_WAITERS);
	__atomic_store_n(&sem->owner, NULL, __ATOMIC_RELAXED);
	up_word(sem, RWSEM_WRITER);
}

void downgrade_write(struct rw_semaphore *sem)
{
	struct lock_held *h = lock_find_held(current, sem, -1);

	check_magic(sem);
	if (unlikely(!h || (h->flags & LOCK_HELD_READ)))
		lock_report_held(VIOLATION_LOCK_UNHELD, h,
				 "rwsem '%s' (%p) is downgraded, but not held for writing",
				 lock_name(&sem->dep_map), sem);
	else
		lock_held_change(h, h->flags | LOCK_HELD_READ);
	__atomic_store_n(&sem->owner, NULL, __ATOMIC_RELAXED);
	/* Pairs with the acquire in try_word(): readers see what was written. */
	if (__atomic_add_fetch(&sem->word, RWSEM_READER - RWSEM_WRITER, __ATOMIC_RELEASE) &
	    RWSEM_WAITERS)
		up_slow(sem);
}

void down_read_non_owner(struct rw_semaphore *sem)
{
	might_sleep();
	check_magic(sem);
	if (!try_word(sem, true))
		down_slow(sem, true, TASK_UNINTERRUPTIBLE);
}

void up_read_non_owner(struct rw_semaphore *sem)
{
	check_magic(sem);
	if (__atomic_load_n(&sem->word, __ATOMIC_RELAXED) < RWSEM_READER)
		violation(VIOLATION_LOCK_UNHELD, "rwsem '%s' (%p) is released, but no reader holds it",
			  lock_name(&sem->dep_map), sem);
	up_word(sem, RWSEM_READER);
}

int rwsem_is_locked(struct rw_semaphore *sem)
{
	check_magic(sem);
	exec_point(EXEC_POINT_MARKED | EXEC_POINT_READS, sem);
	return (__atomic_load_n(&sem->word, __ATOMIC_RELAXED) & ~RWSEM_WAITERS) != 0;
}

int rwsem_is_contended(struct rw_semaphore *sem)
{
	check_magic(sem);
	exec_point(EXEC_POINT_MARKED | EXEC_POINT_READS, sem);
	return (__atomic_load_n(&sem->word, __ATOMIC_RELAXED) & RWSEM_WAITERS) != 0;
}

void rwsem_assert_held_nolockdep(const struct rw_semaphore *sem)
{
	if (!(__atomic_load_n(&sem->word, __ATOMIC_RELAXED) & ~RWSEM_WAITERS))
		violation(VIOLATION_LOCK_UNHELD, "rwsem '%s' (%p) must be held here",
			  lock_name(&sem->dep_map), sem);
}

void rwsem_assert_held_write_nolockdep(const struct rw_semaphore *sem)
{
	if (!(__atomic_load_n(&sem->word, __ATOMIC_RELAXED) & RWSEM_WRITER))
		violation(VIOLATION_LOCK_UNHELD, "rwsem '%s' (%p) must be held for writing here",
			  lock_name(&sem->dep_map), sem);
}
