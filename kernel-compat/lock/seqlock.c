// SPDX-License-Identifier: GPL-2.0
/*
 * Sequence counters.
 */
#include <linux/seqlock.h>

#include "internal.h"

void __seqcount_init(seqcount_t *s, const char *name, struct lock_class_key *key)
{
	lock_check_freed(s, sizeof(*s));
	s->sequence = 0;
	lock_init_map(&s->dep_map, name, key, LOCK_KIND_SEQ);
	s->magic = SEQCOUNT_MAGIC;
}

static inline void check_magic(const seqcount_t *s)
{
	if (unlikely(s->magic != SEQCOUNT_MAGIC))
		lock_report_magic(s, s->magic, &s->dep_map, "seqcount");
}

/* Who reads where it writes itself waits for ever. */
static void check_not_writing(const seqcount_t *s)
{
	struct lock_held *h = lock_find_held(current, s, -1);

	if (unlikely(h))
		lock_report_held(VIOLATION_LOCK_RECURSION, h,
				 "seqcount '%s' (%p) is read inside its own write section",
				 lock_name(&s->dep_map), s);
}

/**
 * __lock_seq_begin() - begin a read section
 * @s:		the counter
 * @check:	look for deadlock with interrupts, as read_seqcount_begin() does
 *
 * Blocks in the engine while a writer is at work.
 *
 * Return: the sequence, even.
 */
unsigned int __lock_seq_begin(const seqcount_t *s, bool check)
{
	u32 *word = (u32 *)&s->sequence, v;

	check_magic(s);
	exec_point(EXEC_POINT_MARKED | EXEC_POINT_READS, s);
	exec_memory_barrier(MEMORY_RMB);
	v = __atomic_load_n(word, __ATOMIC_ACQUIRE);
	if (unlikely(v & 1)) {
		struct lock_wait before = lock_wait_begin(LOCK_WAIT_SEQ, s, 0);

		check_not_writing(s);
		__atomic_fetch_add(parked_at(word), 1, __ATOMIC_SEQ_CST);
		while ((v = __atomic_load_n(word, __ATOMIC_SEQ_CST)) & 1)
			exec_engine->wait(word, v);
		__atomic_fetch_sub(parked_at(word), 1, __ATOMIC_RELAXED);
		lock_wait_end(&before);
	}
	return v;
}

unsigned int __lock_seq_read(const seqcount_t *s)
{
	check_magic(s);
	exec_point(EXEC_POINT_MARKED | EXEC_POINT_READS, s);
	exec_memory_barrier(MEMORY_RMB);
	return __atomic_load_n(&s->sequence, __ATOMIC_ACQUIRE);
}

/*
 * Did a writer come in between?  The loads of the section must come before this load;
 * where the processor may swap loads, a read-modify-write that adds nothing forbids it.
 */
int __lock_seq_retry(const seqcount_t *s, unsigned int start)
{
	exec_point(EXEC_POINT_MARKED | EXEC_POINT_READS, s);
#if defined(__x86_64__)
	/* Loads are not reordered with loads: the compiler must not either. */
	barrier();
	return __atomic_load_n(&s->sequence, __ATOMIC_ACQUIRE) != start;
#else
	return __atomic_fetch_add((u32 *)&s->sequence, 0, __ATOMIC_ACQ_REL) != start;
#endif
}

/* What a write section needs: its lock, or for a bare counter no preemption. */
void __lock_seq_write_check(const seqcount_t *s, const struct lockdep_map *lock)
{
	if (lock)
		lock_assert_held(lock, -1, "lock of a seqcount");
	else
		lockdep_assert_preemption_disabled();
}

/* The stores of the section stay behind the acquire. Pairs with __lock_seq_retry(). */
static void make_odd(seqcount_t *s)
{
	exec_point(EXEC_POINT_LOCK, s);
	exec_memory_barrier(MEMORY_MB);
	__atomic_fetch_add(&s->sequence, 1, __ATOMIC_ACQ_REL);
}

/* Pairs with the acquire in __lock_seq_begin(). */
static void make_even(seqcount_t *s)
{
	__atomic_fetch_add(&s->sequence, 1, __ATOMIC_SEQ_CST);
	parked_wake(&s->sequence);
	exec_point(EXEC_POINT_UNLOCK, s);
}

void __lock_seq_raw_write_begin(seqcount_t *s, bool preemptible)
{
	check_magic(s);
	if (preemptible)
		preempt_disable();
	make_odd(s);
}

void __lock_seq_raw_write_end(seqcount_t *s, bool preemptible)
{
	check_magic(s);
	make_even(s);
	if (preemptible)
		preempt_enable();
}

void __lock_seq_write_begin(seqcount_t *s, unsigned int subclass, bool preemptible)
{
	check_magic(s);
	if (preemptible)
		preempt_disable();
	lock_enter(s, &s->dep_map, LOCK_HOW(LOCK_KIND_SEQ, 0, subclass), NULL);
	if (unlikely(__atomic_load_n(&s->sequence, __ATOMIC_RELAXED) & 1))
		violation(VIOLATION_LOCK_OWNER, "seqcount '%s' (%p) has two writers",
			  lock_name(&s->dep_map), s);
	make_odd(s);
}

void __lock_seq_write_end(seqcount_t *s, bool preemptible)
{
	check_magic(s);
	lock_leave(s, &s->dep_map, LOCK_HOW(LOCK_KIND_SEQ, 0, 0), NULL,
		   __atomic_load_n(&s->sequence, __ATOMIC_RELAXED) & 1);
	make_even(s);
	if (preemptible)
		preempt_enable();
}

/* Make readers retry without a section. */
void __lock_seq_advance(seqcount_t *s, unsigned int by)
{
	check_magic(s);
	exec_point(EXEC_POINT_ATOMIC, s);
	exec_memory_barrier(MEMORY_MB);
	__atomic_fetch_add(&s->sequence, by, __ATOMIC_ACQ_REL);
}
