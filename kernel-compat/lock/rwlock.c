// SPDX-License-Identifier: GPL-2.0
/*
 * Reader-writer spinlocks, fair as the kernel's queued ones.
 *
 * .word holds the writer's bit, the bit of the writer that is next, and the number of
 * readers.  Who cannot enter at once waits for .queue, which the first in the queue
 * holds while it waits on .word; so at most it and readers in interrupts, which do not
 * queue, wait there.
 */
#include "internal.h"

#define RW_WRITER	1u
#define RW_NEXT		2u
#define RW_READER	4u

void __lock_rw_init(rwlock_t *lock, const char *name, struct lock_class_key *key)
{
	lock_check_freed(lock, sizeof(*lock));
	lock->word = 0;
	lock->queue = 0;
	lock->owner = NULL;
	lock_init_map(&lock->dep_map, name, key, LOCK_KIND_RWLOCK);
	lock->magic = RWLOCK_MAGIC;
}

static inline void check_magic(const rwlock_t *lock)
{
	if (unlikely(lock->magic != RWLOCK_MAGIC))
		lock_report_magic(lock, lock->magic, &lock->dep_map, "rwlock");
}

/* One reader less; the last lets the next writer in. */
static void put_reader(u32 *word)
{
	if (__atomic_sub_fetch(word, RW_READER, __ATOMIC_RELEASE) == RW_NEXT)
		word_wake_all(word);
}

/* Counted as a reader: wait until the writer is gone. Pairs with write_give(). */
static void wait_for_writer(u32 *word)
{
	u32 v;

	while ((v = __atomic_load_n(word, __ATOMIC_ACQUIRE)) & RW_WRITER)
		exec_engine->wait(word, v);
}

static noinline void read_wait(rwlock_t *lock)
{
	if (in_interrupt()) {
		wait_for_writer(&lock->word);
		return;
	}
	put_reader(&lock->word);
	word_lock(&lock->queue);
	__atomic_fetch_add(&lock->word, RW_READER, __ATOMIC_ACQUIRE);
	wait_for_writer(&lock->word);
	word_unlock(&lock->queue);
}

static void read_take_word(rwlock_t *lock)
{
	u32 v = __atomic_fetch_add(&lock->word, RW_READER, __ATOMIC_ACQUIRE);

	if (unlikely(v & (RW_WRITER | RW_NEXT)))
		lock_wait_around(LOCK_WAIT_LOCK, lock)
			read_wait(lock);
}

static bool write_try_word(u32 *word)
{
	u32 v = 0;

	return __atomic_compare_exchange_n(word, &v, RW_WRITER, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

/* Pairs with put_reader() and write_give(). */
static noinline void write_wait(rwlock_t *lock)
{
	u32 v;

	word_lock(&lock->queue);
	v = __atomic_or_fetch(&lock->word, RW_NEXT, __ATOMIC_RELAXED);
	for (;;) {
		if (v == RW_NEXT &&
		    __atomic_compare_exchange_n(&lock->word, &v, RW_WRITER, false,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			break;
		exec_engine->wait(&lock->word, v);
		v = __atomic_load_n(&lock->word, __ATOMIC_RELAXED);
	}
	word_unlock(&lock->queue);
}

static void write_take_word(rwlock_t *lock)
{
	if (unlikely(!write_try_word(&lock->word)))
		lock_wait_around(LOCK_WAIT_LOCK, lock)
			write_wait(lock);
}

unsigned int force_read_lock_recursive;

bool read_lock_is_recursive(void)
{
	return force_read_lock_recursive || in_interrupt();
}

static inline u8 read_flags(void)
{
	return LOCK_HELD_READ | (read_lock_is_recursive() ? LOCK_HELD_RECURSIVE : 0);
}

/* Enter as a reader; preemption is off. */
static void read_take(rwlock_t *lock, u8 flags)
{
	check_magic(lock);
	lock_enter(lock, &lock->dep_map,
		   LOCK_HOW(LOCK_KIND_RWLOCK, flags | read_flags(), 0), NULL);
	exec_point(EXEC_POINT_LOCK | EXEC_POINT_READS, lock);
	read_take_word(lock);
}

static void write_take(rwlock_t *lock, u8 flags, unsigned int subclass)
{
	check_magic(lock);
	lock_enter(lock, &lock->dep_map, LOCK_HOW(LOCK_KIND_RWLOCK, flags, subclass), NULL);
	exec_point(EXEC_POINT_LOCK, lock);
	write_take_word(lock);
	__atomic_store_n(&lock->owner, current, __ATOMIC_RELAXED);
}

static void read_give(rwlock_t *lock)
{
	u32 v = __atomic_load_n(&lock->word, __ATOMIC_RELAXED);

	check_magic(lock);
	lock_leave(lock, &lock->dep_map, LOCK_HOW(LOCK_KIND_RWLOCK, LOCK_HELD_READ, 0),
		   NULL, v != 0);
	put_reader(&lock->word);
	exec_point(EXEC_POINT_UNLOCK, lock);
}

static void write_give(rwlock_t *lock)
{
	u32 v = __atomic_load_n(&lock->word, __ATOMIC_RELAXED);

	check_magic(lock);
	lock_leave(lock, &lock->dep_map, LOCK_HOW(LOCK_KIND_RWLOCK, 0, 0),
		   __atomic_load_n(&lock->owner, __ATOMIC_RELAXED), v != 0);
	__atomic_store_n(&lock->owner, NULL, __ATOMIC_RELAXED);
	/* What is left is a reader or writer that waits. */
	if (__atomic_and_fetch(&lock->word, ~RW_WRITER, __ATOMIC_RELEASE))
		word_wake_all(&lock->word);
	exec_point(EXEC_POINT_UNLOCK, lock);
}

/* The variants: what is disabled before, and enabled after. */
#define DEFINE_RW_VARIANTS(op, take, give)					\
void __lock_##op##_lock_irq(rwlock_t *lock)					\
{										\
	u8 flags = irqs_disabled() ? LOCK_HELD_IRQS_OFF : 0;			\
										\
	local_irq_disable();							\
	preempt_disable();							\
	take(lock, flags);							\
}										\
unsigned long __lock_##op##_lock_irqsave(rwlock_t *lock)			\
{										\
	unsigned long flags;							\
										\
	local_irq_save(flags);							\
	preempt_disable();							\
	take(lock, flags ? LOCK_HELD_IRQS_OFF : 0);				\
	return flags;								\
}										\
void __lock_##op##_lock_bh(rwlock_t *lock)					\
{										\
	local_bh_disable();							\
	preempt_disable();							\
	take(lock, 0);								\
}										\
void __lock_##op##_unlock(rwlock_t *lock)					\
{										\
	give(lock);								\
	preempt_enable();							\
}										\
void __lock_##op##_unlock_irq(rwlock_t *lock)					\
{										\
	lock_check_unlock_irq(lock, &lock->dep_map, true);			\
	give(lock);								\
	local_irq_enable();							\
	preempt_enable();							\
}										\
void __lock_##op##_unlock_irqrestore(rwlock_t *lock, unsigned long flags)	\
{										\
	lock_check_unlock_irq(lock, &lock->dep_map, false);			\
	give(lock);								\
	local_irq_restore(flags);						\
	preempt_enable();							\
}										\
void __lock_##op##_unlock_bh(rwlock_t *lock)					\
{										\
	lock_check_unlock_bh(lock, &lock->dep_map);				\
	give(lock);								\
	preempt_enable_no_resched();						\
	local_bh_enable();							\
}

static inline void write_take_outer(rwlock_t *lock, u8 flags)
{
	write_take(lock, flags, 0);
}
DEFINE_RW_VARIANTS(read, read_take, read_give)
DEFINE_RW_VARIANTS(write, write_take_outer, write_give)

void __lock_read_lock(rwlock_t *lock)
{
	preempt_disable();
	read_take(lock, 0);
}

void __lock_write_lock(rwlock_t *lock, unsigned int subclass)
{
	preempt_disable();
	write_take(lock, 0, subclass);
}

/* Unless a writer is there, or waits. @v: the word as it was. */
static bool read_try_word(u32 *word, u32 v)
{
	while (!(v & (RW_WRITER | RW_NEXT)))
		if (__atomic_compare_exchange_n(word, &v, v + RW_READER, true, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

int __lock_read_trylock(rwlock_t *lock)
{
	u32 v;

	check_magic(lock);
	preempt_disable();
	exec_point(EXEC_POINT_LOCK | EXEC_POINT_READS, lock);
	v = __atomic_load_n(&lock->word, __ATOMIC_RELAXED);
	if (inject_fail(INJECT_TRYLOCK) || !read_try_word(&lock->word, v)) {
		preempt_enable();
		return 0;
	}
	lock_enter(lock, &lock->dep_map,
		   LOCK_HOW(LOCK_KIND_RWLOCK, read_flags() | LOCK_HELD_TRY, 0), NULL);
	return 1;
}

static bool write_try(rwlock_t *lock, u8 flags)
{
	check_magic(lock);
	exec_point(EXEC_POINT_LOCK, lock);
	if (inject_fail(INJECT_TRYLOCK) || !write_try_word(&lock->word))
		return false;
	__atomic_store_n(&lock->owner, current, __ATOMIC_RELAXED);
	lock_enter(lock, &lock->dep_map,
		   LOCK_HOW(LOCK_KIND_RWLOCK, flags | LOCK_HELD_TRY, 0), NULL);
	return true;
}

int __lock_write_trylock(rwlock_t *lock)
{
	preempt_disable();
	if (write_try(lock, 0))
		return 1;
	preempt_enable();
	return 0;
}

int __lock_write_trylock_irqsave(rwlock_t *lock, unsigned long *flags)
{
	unsigned long was;

	local_irq_save(was);
	preempt_disable();
	if (write_try(lock, was ? LOCK_HELD_IRQS_OFF : 0)) {
		*flags = was;
		return 1;
	}
	local_irq_restore(was);
	preempt_enable();
	return 0;
}

int __lock_rw_is_contended(const rwlock_t *lock)
{
	check_magic(lock);
	exec_point(EXEC_POINT_MARKED | EXEC_POINT_READS, lock);
	return word_is_held(&lock->queue);
}
