/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reader-writer spinlocks.
 *
 * same; a contended locker blocks in the engine instead of spinning (see
 * linux/spinlock.h).  A task that reads may not read again outside interrupts: a
 * writer may have queued in between, as with the kernel's queued rwlock.
 */
#ifndef _LINUX_RWLOCK_H
#define _LINUX_RWLOCK_H

#include <linux/types.h>
#include <linux/lockdep.h>
#include <linux/rwlock_types.h>

void __lock_rw_init(rwlock_t *lock, const char *name, struct lock_class_key *key);
void __lock_read_lock(rwlock_t *lock);
void __lock_read_lock_irq(rwlock_t *lock);
unsigned long __lock_read_lock_irqsave(rwlock_t *lock);
void __lock_read_lock_bh(rwlock_t *lock);
int __lock_read_trylock(rwlock_t *lock);
void __lock_read_unlock(rwlock_t *lock);
void __lock_read_unlock_irq(rwlock_t *lock);
void __lock_read_unlock_irqrestore(rwlock_t *lock, unsigned long flags);
void __lock_read_unlock_bh(rwlock_t *lock);
void __lock_write_lock(rwlock_t *lock, unsigned int subclass);
void __lock_write_lock_irq(rwlock_t *lock);
unsigned long __lock_write_lock_irqsave(rwlock_t *lock);
void __lock_write_lock_bh(rwlock_t *lock);
int __lock_write_trylock(rwlock_t *lock);
int __lock_write_trylock_irqsave(rwlock_t *lock, unsigned long *flags);
void __lock_write_unlock(rwlock_t *lock);
void __lock_write_unlock_irq(rwlock_t *lock);
void __lock_write_unlock_irqrestore(rwlock_t *lock, unsigned long flags);
void __lock_write_unlock_bh(rwlock_t *lock);
int __lock_rw_is_contended(const rwlock_t *lock);

#define rwlock_init(lock)							\
do {										\
	static struct lock_class_key __key;					\
	__lock_rw_init((lock), #lock, &__key);					\
} while (0)

#define read_lock(lock)				__lock_read_lock(lock)
#define read_lock_irq(lock)			__lock_read_lock_irq(lock)
#define read_lock_bh(lock)			__lock_read_lock_bh(lock)
#define read_lock_irqsave(lock, flags)						\
	do { (flags) = __lock_read_lock_irqsave(lock); } while (0)
#define read_trylock(lock)			__lock_read_trylock(lock)
#define read_unlock(lock)			__lock_read_unlock(lock)
#define read_unlock_irq(lock)			__lock_read_unlock_irq(lock)
#define read_unlock_irqrestore(lock, flags)	__lock_read_unlock_irqrestore(lock, flags)
#define read_unlock_bh(lock)			__lock_read_unlock_bh(lock)
#define write_lock(lock)			__lock_write_lock(lock, 0)
#define write_lock_nested(lock, subclass)	__lock_write_lock(lock, subclass)
#define write_lock_irq(lock)			__lock_write_lock_irq(lock)
#define write_lock_bh(lock)			__lock_write_lock_bh(lock)
#define write_lock_irqsave(lock, flags)						\
	do { (flags) = __lock_write_lock_irqsave(lock); } while (0)
#define write_trylock(lock)			__lock_write_trylock(lock)
#define write_trylock_irqsave(lock, flags)	__lock_write_trylock_irqsave(lock, &(flags))
#define write_unlock(lock)			__lock_write_unlock(lock)
#define write_unlock_irq(lock)			__lock_write_unlock_irq(lock)
#define write_unlock_irqrestore(lock, flags)	__lock_write_unlock_irqrestore(lock, flags)
#define write_unlock_bh(lock)			__lock_write_unlock_bh(lock)
#define rwlock_is_contended(lock)		__lock_rw_is_contended(lock)
#define rwlock_needbreak(lock)			rwlock_is_contended(lock)

#endif /* _LINUX_RWLOCK_H */
