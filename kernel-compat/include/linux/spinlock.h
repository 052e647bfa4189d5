/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spinlocks.
 *
 * same: all that is offered; preemption, bottom halves and interrupts are disabled
 * and enabled in the kernel's order.
 * model: a contended locker keeps its virtual CPU and blocks in the engine instead
 * of spinning.  Waiters go in the engine's order; whoever was passed over four
 * times is handed the lock.
 */
#ifndef _LINUX_SPINLOCK_H
#define _LINUX_SPINLOCK_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/atomic.h>
#include <linux/lockdep.h>
#include <linux/spinlock_types.h>
#include <linux/cleanup.h>

void __lock_spin_init(raw_spinlock_t *lock, const char *name,
		      struct lock_class_key *key, u8 kind);
/* What the names below stand for; the functions of raw spinlocks and spinlocks are one. */
void __lock_spin_lock(raw_spinlock_t *lock, unsigned int subclass,
		      struct lockdep_map *nest);
void __lock_spin_lock_irq(raw_spinlock_t *lock);
unsigned long __lock_spin_lock_irqsave(raw_spinlock_t *lock, unsigned int subclass);
void __lock_spin_lock_bh(raw_spinlock_t *lock);
int __lock_spin_trylock(raw_spinlock_t *lock);
int __lock_spin_trylock_bh(raw_spinlock_t *lock);
int __lock_spin_trylock_irq(raw_spinlock_t *lock);
int __lock_spin_trylock_irqsave(raw_spinlock_t *lock, unsigned long *flags);
void __lock_spin_unlock(raw_spinlock_t *lock);
void __lock_spin_unlock_irq(raw_spinlock_t *lock);
void __lock_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags);
void __lock_spin_unlock_bh(raw_spinlock_t *lock);
int __lock_spin_is_locked(const raw_spinlock_t *lock);
int __lock_spin_is_contended(const raw_spinlock_t *lock);
void __lock_spin_assert_locked(const raw_spinlock_t *lock);

#define raw_spin_lock_init(lock)						\
do {										\
	static struct lock_class_key __key;					\
	__lock_spin_init((lock), #lock, &__key, LOCK_KIND_RAW_SPIN);		\
} while (0)

static inline raw_spinlock_t *spinlock_check(spinlock_t *lock)
{
	return &lock->rlock;
}

#define spin_lock_init(lock)							\
do {										\
	static struct lock_class_key __key;					\
	__lock_spin_init(spinlock_check(lock), #lock, &__key, LOCK_KIND_SPIN);	\
} while (0)

#define raw_spin_lock(lock)			__lock_spin_lock(lock, 0, NULL)
#define raw_spin_lock_nested(lock, subclass)	__lock_spin_lock(lock, subclass, NULL)
#define raw_spin_lock_nest_lock(lock, nest)					\
	__lock_spin_lock(lock, 0, &(nest)->dep_map)
#define raw_spin_lock_irq(lock)			__lock_spin_lock_irq(lock)
#define raw_spin_lock_bh(lock)			__lock_spin_lock_bh(lock)
#define raw_spin_lock_irqsave_nested(lock, flags, subclass)			\
	do { (flags) = __lock_spin_lock_irqsave(lock, subclass); } while (0)
#define raw_spin_lock_irqsave(lock, flags)					\
	raw_spin_lock_irqsave_nested(lock, flags, 0)
#define raw_spin_trylock(lock)			__lock_spin_trylock(lock)
#define raw_spin_trylock_bh(lock)		__lock_spin_trylock_bh(lock)
#define raw_spin_trylock_irq(lock)		__lock_spin_trylock_irq(lock)
#define raw_spin_trylock_irqsave(lock, flags)					\
	__lock_spin_trylock_irqsave(lock, &(flags))
#define raw_spin_unlock(lock)			__lock_spin_unlock(lock)
#define raw_spin_unlock_irq(lock)		__lock_spin_unlock_irq(lock)
#define raw_spin_unlock_irqrestore(lock, flags)					\
	__lock_spin_unlock_irqrestore(lock, flags)
#define raw_spin_unlock_bh(lock)		__lock_spin_unlock_bh(lock)
#define raw_spin_is_locked(lock)		__lock_spin_is_locked(lock)
#define raw_spin_is_contended(lock)		__lock_spin_is_contended(lock)
#define assert_raw_spin_locked(lock)		__lock_spin_assert_locked(lock)

#define spin_lock(lock)				raw_spin_lock(&(lock)->rlock)
#define spin_lock_nested(lock, subclass)	raw_spin_lock_nested(&(lock)->rlock, subclass)
#define spin_lock_nest_lock(lock, nest)		raw_spin_lock_nest_lock(&(lock)->rlock, nest)
#define spin_lock_irq(lock)			raw_spin_lock_irq(&(lock)->rlock)
#define spin_lock_bh(lock)			raw_spin_lock_bh(&(lock)->rlock)
#define spin_lock_irqsave(lock, flags)		raw_spin_lock_irqsave(&(lock)->rlock, flags)
#define spin_lock_irqsave_nested(lock, flags, subclass)				\
	raw_spin_lock_irqsave_nested(&(lock)->rlock, flags, subclass)
#define spin_trylock(lock)			raw_spin_trylock(&(lock)->rlock)
#define spin_trylock_bh(lock)			raw_spin_trylock_bh(&(lock)->rlock)
#define spin_trylock_irq(lock)			raw_spin_trylock_irq(&(lock)->rlock)
#define spin_trylock_irqsave(lock, flags)					\
	raw_spin_trylock_irqsave(&(lock)->rlock, flags)
#define spin_unlock(lock)			raw_spin_unlock(&(lock)->rlock)
#define spin_unlock_irq(lock)			raw_spin_unlock_irq(&(lock)->rlock)
#define spin_unlock_irqrestore(lock, flags)					\
	raw_spin_unlock_irqrestore(&(lock)->rlock, flags)
#define spin_unlock_bh(lock)			raw_spin_unlock_bh(&(lock)->rlock)
#define spin_is_locked(lock)			raw_spin_is_locked(&(lock)->rlock)
#define spin_is_contended(lock)			raw_spin_is_contended(&(lock)->rlock)
#define assert_spin_locked(lock)		assert_raw_spin_locked(&(lock)->rlock)
#define spin_needbreak(lock)			spin_is_contended(lock)

/* A full barrier after a lock was taken; lockers are acquire only. */
#define smp_mb__after_spinlock()		smp_mb()

int _atomic_dec_and_lock(atomic_t *atomic, spinlock_t *lock);
#define atomic_dec_and_lock(atomic, lock)	_atomic_dec_and_lock(atomic, lock)
int _atomic_dec_and_lock_irqsave(atomic_t *atomic, spinlock_t *lock, unsigned long *flags);
#define atomic_dec_and_lock_irqsave(atomic, lock, flags)			\
	_atomic_dec_and_lock_irqsave(atomic, lock, &(flags))

#include <linux/rwlock.h>

DEFINE_LOCK_GUARD_1(raw_spinlock, raw_spinlock_t,
		    raw_spin_lock(_T->lock), raw_spin_unlock(_T->lock))
DEFINE_LOCK_GUARD_1_COND(raw_spinlock, _try, raw_spin_trylock(_T->lock))
DEFINE_LOCK_GUARD_1(raw_spinlock_nested, raw_spinlock_t,
		    raw_spin_lock_nested(_T->lock, SINGLE_DEPTH_NESTING),
		    raw_spin_unlock(_T->lock))
DEFINE_LOCK_GUARD_1(raw_spinlock_irq, raw_spinlock_t,
		    raw_spin_lock_irq(_T->lock), raw_spin_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1_COND(raw_spinlock_irq, _try, raw_spin_trylock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(raw_spinlock_irqsave, raw_spinlock_t,
		    raw_spin_lock_irqsave(_T->lock, _T->flags),
		    raw_spin_unlock_irqrestore(_T->lock, _T->flags), unsigned long flags)
DEFINE_LOCK_GUARD_1_COND(raw_spinlock_irqsave, _try,
			 raw_spin_trylock_irqsave(_T->lock, _T->flags))
DEFINE_LOCK_GUARD_1(spinlock, spinlock_t,
		    spin_lock(_T->lock), spin_unlock(_T->lock))
DEFINE_LOCK_GUARD_1_COND(spinlock, _try, spin_trylock(_T->lock))
DEFINE_LOCK_GUARD_1(spinlock_irq, spinlock_t,
		    spin_lock_irq(_T->lock), spin_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1_COND(spinlock_irq, _try, spin_trylock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(spinlock_bh, spinlock_t,
		    spin_lock_bh(_T->lock), spin_unlock_bh(_T->lock))
DEFINE_LOCK_GUARD_1_COND(spinlock_bh, _try, spin_trylock_bh(_T->lock))
DEFINE_LOCK_GUARD_1(spinlock_irqsave, spinlock_t,
		    spin_lock_irqsave(_T->lock, _T->flags),
		    spin_unlock_irqrestore(_T->lock, _T->flags), unsigned long flags)
DEFINE_LOCK_GUARD_1_COND(spinlock_irqsave, _try,
			 spin_trylock_irqsave(_T->lock, _T->flags))
DEFINE_LOCK_GUARD_1(read_lock, rwlock_t, read_lock(_T->lock), read_unlock(_T->lock))
DEFINE_LOCK_GUARD_1(read_lock_irq, rwlock_t,
		    read_lock_irq(_T->lock), read_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(read_lock_irqsave, rwlock_t,
		    read_lock_irqsave(_T->lock, _T->flags),
		    read_unlock_irqrestore(_T->lock, _T->flags), unsigned long flags)
DEFINE_LOCK_GUARD_1(write_lock, rwlock_t, write_lock(_T->lock), write_unlock(_T->lock))
DEFINE_LOCK_GUARD_1(write_lock_irq, rwlock_t,
		    write_lock_irq(_T->lock), write_unlock_irq(_T->lock))
DEFINE_LOCK_GUARD_1(write_lock_irqsave, rwlock_t,
		    write_lock_irqsave(_T->lock, _T->flags),
		    write_unlock_irqrestore(_T->lock, _T->flags), unsigned long flags)

/* As the kernel's, this header brings the control of preemption and interrupts. */
#include <linux/preempt.h>
#include <linux/irqflags.h>
#include <linux/bottom_half.h>

#endif /* _LINUX_SPINLOCK_H */
