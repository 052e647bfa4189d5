// SPDX-License-Identifier: GPL-2.0
/*
 * Spinlocks.
 */
#include "internal.h"

void __lock_spin_init(raw_spinlock_t *lock, const char *name,
		      struct lock_class_key *key, u8 kind)
{
	lock_check_freed(lock, sizeof(*lock));
	lock->word = 0;
	lock->owner = SPINLOCK_OWNER_INIT;
	lock_init_map(&lock->dep_map, name, key, kind);
	lock->magic = SPINLOCK_MAGIC;
}

static inline void check_magic(const raw_spinlock_t *lock)
{
	if (unlikely(lock->magic != SPINLOCK_MAGIC))
		lock_report_magic(lock, lock->magic, &lock->dep_map, "spinlock");
}

static noinline void spin_wait(raw_spinlock_t *lock)
{
	lock_wait_around(LOCK_WAIT_LOCK, lock)
		word_lock_slow(&lock->word);
}

/* Take it; preemption is off. @flags: LOCK_HELD_IRQS_OFF if it applies. */
static inline void spin_take(raw_spinlock_t *lock, u8 flags, unsigned int subclass,
			     struct lockdep_map *nest)
{
	check_magic(lock);
	lock_enter(lock, &lock->dep_map, LOCK_HOW(lock->dep_map.kind, flags, subclass), nest);
	exec_point(EXEC_POINT_LOCK, lock);
	if (unlikely(!word_trylock(&lock->word)))
		spin_wait(lock);
	__atomic_store_n(&lock->owner, current, __ATOMIC_RELAXED);
}

static inline bool spin_try(raw_spinlock_t *lock, u8 flags)
{
	check_magic(lock);
	exec_point(EXEC_POINT_LOCK, lock);
	if (!word_trylock(&lock->word))
		return false;
	__atomic_store_n(&lock->owner, current, __ATOMIC_RELAXED);
	lock_enter(lock, &lock->dep_map,
		   LOCK_HOW(lock->dep_map.kind, flags | LOCK_HELD_TRY, 0), NULL);
	return true;
}

/* Release it; preemption stays off. */
static inline void spin_release_word(raw_spinlock_t *lock)
{
	check_magic(lock);
	lock_leave(lock, &lock->dep_map, LOCK_HOW(lock->dep_map.kind, 0, 0),
		   __atomic_load_n(&lock->owner, __ATOMIC_RELAXED), word_is_held(&lock->word));
	/* Stores of the section may be seen, in another order, before the release. */
	if (memory_is_weak())
		exec_point(EXEC_POINT_MARKED, lock);
	__atomic_store_n(&lock->owner, NULL, __ATOMIC_RELAXED);
	word_unlock(&lock->word);
	exec_point(EXEC_POINT_UNLOCK, lock);
}

void __lock_spin_lock(raw_spinlock_t *lock, unsigned int subclass, struct lockdep_map *nest)
{
	preempt_disable();
	spin_take(lock, 0, subclass, nest);
}

void __lock_spin_lock_irq(raw_spinlock_t *lock)
{
	u8 flags = irqs_disabled() ? LOCK_HELD_IRQS_OFF : 0;

	local_irq_disable();
	preempt_disable();
	spin_take(lock, flags, 0, NULL);
}

unsigned long __lock_spin_lock_irqsave(raw_spinlock_t *lock, unsigned int subclass)
{
	unsigned long flags;

	local_irq_save(flags);
	preempt_disable();
	spin_take(lock, flags ? LOCK_HELD_IRQS_OFF : 0, subclass, NULL);
	return flags;
}

void __lock_spin_lock_bh(raw_spinlock_t *lock)
{
	local_bh_disable();
	preempt_disable();
	spin_take(lock, 0, 0, NULL);
}

int __lock_spin_trylock(raw_spinlock_t *lock)
{
	preempt_disable();
	if (!inject_fail(INJECT_TRYLOCK) && spin_try(lock, 0))
		return 1;
	preempt_enable();
	return 0;
}

int __lock_spin_trylock_bh(raw_spinlock_t *lock)
{
	local_bh_disable();
	if (__lock_spin_trylock(lock))
		return 1;
	local_bh_enable();
	return 0;
}

int __lock_spin_trylock_irqsave(raw_spinlock_t *lock, unsigned long *flags)
{
	unsigned long was;

	local_irq_save(was);
	preempt_disable();
	if (!inject_fail(INJECT_TRYLOCK) && spin_try(lock, was ? LOCK_HELD_IRQS_OFF : 0)) {
		*flags = was;
		return 1;
	}
	local_irq_restore(was);
	preempt_enable();
	return 0;
}

int __lock_spin_trylock_irq(raw_spinlock_t *lock)
{
	unsigned long flags;

	return __lock_spin_trylock_irqsave(lock, &flags);
}

void __lock_spin_unlock(raw_spinlock_t *lock)
{
	spin_release_word(lock);
	preempt_enable();
}

void __lock_spin_unlock_irq(raw_spinlock_t *lock)
{
	lock_check_unlock_irq(lock, &lock->dep_map, true);
	spin_release_word(lock);
	local_irq_enable();
	preempt_enable();
}

void __lock_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags)
{
	lock_check_unlock_irq(lock, &lock->dep_map, false);
	spin_release_word(lock);
	local_irq_restore(flags);
	preempt_enable();
}

void __lock_spin_unlock_bh(raw_spinlock_t *lock)
{
	lock_check_unlock_bh(lock, &lock->dep_map);
	spin_release_word(lock);
	preempt_enable_no_resched();
	local_bh_enable();
}

int __lock_spin_is_locked(const raw_spinlock_t *lock)
{
	check_magic(lock);
	exec_point(EXEC_POINT_MARKED | EXEC_POINT_READS, lock);
	return word_is_held(&lock->word);
}

int __lock_spin_is_contended(const raw_spinlock_t *lock)
{
	check_magic(lock);
	exec_point(EXEC_POINT_MARKED | EXEC_POINT_READS, lock);
	return __atomic_load_n(&lock->word, __ATOMIC_RELAXED) >= WORD_WAITER;
}

/* Held by whom does not matter to the kernel's assert_spin_locked() either. */
void __lock_spin_assert_locked(const raw_spinlock_t *lock)
{
	check_magic(lock);
	if (unlikely(!word_is_held(&lock->word)))
		violation(VIOLATION_LOCK_UNHELD, "%s '%s' (%p) must be locked here, but is not",
			  lock_kind_name(lock->dep_map.kind), lock_name(&lock->dep_map), lock);
}

/* Decrement unless that gives 0. */
static bool dec_unless_last(atomic_t *atomic)
{
	return atomic_add_unless(atomic, -1, 1);
}

int _atomic_dec_and_lock(atomic_t *atomic, spinlock_t *lock)
{
	if (dec_unless_last(atomic))
		return 0;
	spin_lock(lock);
	if (atomic_dec_and_test(atomic))
		return 1;
	spin_unlock(lock);
	return 0;
}

int _atomic_dec_and_lock_irqsave(atomic_t *atomic, spinlock_t *lock, unsigned long *flags)
{
	if (dec_unless_last(atomic))
		return 0;
	spin_lock_irqsave(lock, *flags);
	if (atomic_dec_and_test(atomic))
		return 1;
	spin_unlock_irqrestore(lock, *flags);
	return 0;
}
