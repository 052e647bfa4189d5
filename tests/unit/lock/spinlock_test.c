// SPDX-License-Identifier: GPL-2.0
/* Spinlocks, reader-writer spinlocks, bit spinlocks: what they exclude and what not. */
#include <linux/bit_spinlock.h>
#include <linux/interrupt.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include "crew.h"

#define ROUNDS	400

struct spin_state {
	spinlock_t spin;
	raw_spinlock_t raw;
	rwlock_t rw;
	unsigned long bits;
	int count;		/* plain: only the lock protects it */
	int inside;
	int worst;
	atomic_t readers;
	atomic_t gate;
};

static struct spin_state *new_state(struct kunit *test)
{
	struct spin_state *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	spin_lock_init(&s->spin);
	raw_spin_lock_init(&s->raw);
	rwlock_init(&s->rw);
	return s;
}

static void critical(struct spin_state *s)
{
	s->inside++;
	if (s->inside > s->worst)
		s->worst = s->inside;
	s->count++;
	s->inside--;
}

static int spin_worker(void *arg)
{
	struct spin_state *s = arg;
	unsigned long flags;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		switch (i % 4) {
		case 0:
			spin_lock(&s->spin);
			critical(s);
			spin_unlock(&s->spin);
			break;
		case 1:
			spin_lock_irqsave(&s->spin, flags);
			critical(s);
			spin_unlock_irqrestore(&s->spin, flags);
			break;
		case 2:
			spin_lock_bh(&s->spin);
			critical(s);
			spin_unlock_bh(&s->spin);
			break;
		default:
			spin_lock_irq(&s->spin);
			critical(s);
			spin_unlock_irq(&s->spin);
		}
	}
	return 0;
}

static void spinlock_admits_one_task_at_a_time(struct kunit *test)
{
	struct spin_state *s = new_state(test);

	crew_run(test, spin_worker, s);
	KUNIT_EXPECT_EQ(test, s->count, CREW * ROUNDS);
	KUNIT_EXPECT_EQ(test, s->worst, 1);
}

static int raw_worker(void *arg)
{
	struct spin_state *s = arg;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (!raw_spin_trylock(&s->raw))
			raw_spin_lock(&s->raw);
		critical(s);
		raw_spin_unlock(&s->raw);
	}
	return 0;
}

static void raw_spinlock_admits_one_task_at_a_time(struct kunit *test)
{
	struct spin_state *s = new_state(test);

	crew_run(test, raw_worker, s);
	KUNIT_EXPECT_EQ(test, s->count, CREW * ROUNDS);
	KUNIT_EXPECT_EQ(test, s->worst, 1);
}

static int bit_worker(void *arg)
{
	struct spin_state *s = arg;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		bit_spin_lock(41, &s->bits);
		critical(s);
		bit_spin_unlock(41, &s->bits);
	}
	return 0;
}

static void bit_spinlock_admits_one_task_at_a_time(struct kunit *test)
{
	struct spin_state *s = new_state(test);

	s->bits = 1UL << 3;
	crew_run(test, bit_worker, s);
	KUNIT_EXPECT_EQ(test, s->count, CREW * ROUNDS);
	KUNIT_EXPECT_EQ(test, s->worst, 1);
	KUNIT_EXPECT_EQ_MSG(test, s->bits, 1UL << 3, "other bits of the word changed");
}

static int bit_once(void *arg)
{
	struct spin_state *s = arg;

	atomic_set(&s->gate, 1);
	bit_spin_lock(41, &s->bits);
	s->count++;
	bit_spin_unlock(41, &s->bits);
	return 0;
}

/* Without the wake-up, the machine stands still and says so. */
static void a_waiter_for_a_bit_spinlock_gets_it_on_release(struct kunit *test)
{
	struct spin_state *s = new_state(test);
	struct member m;
	int tries;

	set_cpus_allowed_ptr(current, cpumask_of(0));
	for (tries = 0; tries < 3; tries++) {
		atomic_set(&s->gate, 0);
		member_create(test, &m, 1, bit_once, s);
		bit_spin_lock(41, &s->bits);
		wake_up_process(m.task);
		spin_until(atomic_read(&s->gate));
		KUNIT_EXPECT_FALSE(test, spin_until(READ_ONCE(s->count) != tries));
		bit_spin_unlock(41, &s->bits);
		wait_for_completion(&m.begun);
		member_join(&m);
	}
	KUNIT_EXPECT_EQ(test, s->count, 3);
}

static void bit_spinlocks_of_one_word_are_independent(struct kunit *test)
{
	struct spin_state *s = new_state(test);

	bit_spin_lock(0, &s->bits);
	KUNIT_EXPECT_EQ(test, bit_spin_trylock(0, &s->bits), 0);
	KUNIT_EXPECT_EQ(test, bit_spin_trylock(63, &s->bits), 1);
	KUNIT_EXPECT_TRUE(test, bit_spin_is_locked(0, &s->bits));
	KUNIT_EXPECT_TRUE(test, bit_spin_is_locked(63, &s->bits));
	bit_spin_unlock(0, &s->bits);
	KUNIT_EXPECT_FALSE(test, bit_spin_is_locked(0, &s->bits));
	__bit_spin_unlock(63, &s->bits);
	KUNIT_EXPECT_EQ(test, s->bits, 0UL);
}

static int rw_worker(void *arg)
{
	struct spin_state *s = arg;
	int i, seen;

	for (i = 0; i < ROUNDS; i++) {
		if (i % 4 == 0) {
			write_lock(&s->rw);
			critical(s);
			write_unlock(&s->rw);
		} else {
			read_lock(&s->rw);
			seen = s->inside;
			read_unlock(&s->rw);
			if (seen)
				return -EBUSY;
		}
	}
	return 0;
}

static void rwlock_writers_exclude_everybody(struct kunit *test)
{
	struct spin_state *s = new_state(test);

	crew_run(test, rw_worker, s);
	KUNIT_EXPECT_EQ(test, s->count, CREW * ROUNDS / 4);
	KUNIT_EXPECT_EQ(test, s->worst, 1);
}

static void try_to_join_readers(void *arg)
{
	struct spin_state *s = arg;

	if (read_trylock(&s->rw)) {
		atomic_inc(&s->readers);
		read_unlock(&s->rw);
	}
	if (write_trylock(&s->rw)) {
		s->count++;
		write_unlock(&s->rw);
	}
}

static void rwlock_readers_share(struct kunit *test)
{
	struct spin_state *s = new_state(test);

	set_cpus_allowed_ptr(current, cpumask_of(0));
	read_lock(&s->rw);
	smp_call_function_single(1, try_to_join_readers, s, 1);
	read_unlock(&s->rw);
	KUNIT_EXPECT_EQ(test, atomic_read(&s->readers), 1);
	KUNIT_EXPECT_EQ_MSG(test, s->count, 0, "a writer beside a reader");
}

static void trylocks_fail_on_held_locks_and_take_free_ones(struct kunit *test)
{
	struct spin_state *s = new_state(test);
	unsigned long flags;

	KUNIT_EXPECT_FALSE(test, spin_is_locked(&s->spin));
	KUNIT_ASSERT_EQ(test, spin_trylock(&s->spin), 1);
	KUNIT_EXPECT_TRUE(test, spin_is_locked(&s->spin));
	KUNIT_EXPECT_EQ(test, preempt_count(), 1);
	KUNIT_EXPECT_EQ(test, spin_trylock(&s->spin), 0);
	KUNIT_EXPECT_EQ(test, spin_trylock_irqsave(&s->spin, flags), 0);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	KUNIT_EXPECT_EQ(test, spin_trylock_bh(&s->spin), 0);
	KUNIT_EXPECT_EQ(test, preempt_count(), 1);
	assert_spin_locked(&s->spin);
	spin_unlock(&s->spin);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);

	KUNIT_ASSERT_EQ(test, spin_trylock_irqsave(&s->spin, flags), 1);
	KUNIT_EXPECT_TRUE(test, irqs_disabled());
	spin_unlock_irqrestore(&s->spin, flags);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());

	read_lock(&s->rw);
	KUNIT_EXPECT_EQ(test, write_trylock(&s->rw), 0);
	read_unlock(&s->rw);
	KUNIT_ASSERT_EQ(test, write_trylock(&s->rw), 1);
	KUNIT_EXPECT_EQ(test, read_trylock(&s->rw), 0);
	KUNIT_EXPECT_EQ(test, write_trylock_irqsave(&s->rw, flags), 0);
	write_unlock(&s->rw);
	KUNIT_ASSERT_EQ(test, read_trylock(&s->rw), 1);
	read_unlock(&s->rw);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

static void variants_disable_what_they_say_and_restore_it(struct kunit *test)
{
	struct spin_state *s = new_state(test);
	unsigned long outer, inner;

	spin_lock(&s->spin);
	KUNIT_EXPECT_EQ(test, preempt_count(), 1);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	KUNIT_EXPECT_EQ(test, lockdep_is_held(&s->spin), LOCK_STATE_HELD);
	spin_unlock(&s->spin);
	KUNIT_EXPECT_EQ(test, lockdep_is_held(&s->spin), LOCK_STATE_NOT_HELD);

	spin_lock_bh(&s->spin);
	KUNIT_EXPECT_TRUE(test, in_softirq());
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	spin_unlock_bh(&s->spin);
	KUNIT_EXPECT_FALSE(test, in_softirq());

	spin_lock_irqsave(&s->spin, outer);
	raw_spin_lock_irqsave(&s->raw, inner);
	KUNIT_EXPECT_TRUE(test, irqs_disabled());
	raw_spin_unlock_irqrestore(&s->raw, inner);
	KUNIT_EXPECT_TRUE_MSG(test, irqs_disabled(), "the inner restore enabled interrupts");
	spin_unlock_irqrestore(&s->spin, outer);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());

	write_lock_irq(&s->rw);
	KUNIT_EXPECT_TRUE(test, irqs_disabled());
	KUNIT_EXPECT_EQ(test, lockdep_is_held_type(&s->rw, 0), 1);
	write_unlock_irq(&s->rw);
	read_lock_bh(&s->rw);
	KUNIT_EXPECT_EQ(test, lockdep_is_held_type(&s->rw, 1), 1);
	KUNIT_EXPECT_EQ(test, lockdep_is_held_type(&s->rw, 0), 0);
	read_unlock_bh(&s->rw);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

static int lock_once(void *arg)
{
	struct spin_state *s = arg;

	spin_lock(&s->spin);
	s->count++;
	spin_unlock(&s->spin);
	return 0;
}

static void a_waiter_shows_as_contention_until_it_has_the_lock(struct kunit *test)
{
	struct spin_state *s = new_state(test);
	bool seen = false, early = false;
	struct member m;
	int tries, was;

	/* We stay here, so that it comes to another CPU. */
	set_cpus_allowed_ptr(current, cpumask_of(0));
	for (tries = 0; tries < SPIN_TRIES && !seen; tries++) {
		member_create(test, &m, 1, lock_once, s);
		spin_lock(&s->spin);
		early |= spin_is_contended(&s->spin);
		was = s->count;
		wake_up_process(m.task);
		seen = spin_until(spin_is_contended(&s->spin));
		early |= s->count != was;
		spin_unlock(&s->spin);
		wait_for_completion(&m.begun);
		member_join(&m);
	}
	KUNIT_EXPECT_TRUE(test, seen);
	KUNIT_EXPECT_FALSE(test, early);
	KUNIT_EXPECT_EQ(test, s->count, tries);
	spin_lock(&s->spin);
	KUNIT_EXPECT_FALSE(test, spin_is_contended(&s->spin));
	spin_unlock(&s->spin);
}

static void read_in_interrupt(void *arg)
{
	struct spin_state *s = arg;

	read_lock(&s->rw);
	s->count++;
	read_unlock(&s->rw);
}

static int write_once(void *arg)
{
	struct spin_state *s = arg;
	unsigned long flags;

	write_lock_irqsave(&s->rw, flags);
	write_unlock_irqrestore(&s->rw, flags);
	return 0;
}

/* Could another reader enter now? Not while a writer is next. */
static bool read_is_free(struct spin_state *s)
{
	if (!read_trylock(&s->rw))
		return false;
	read_unlock(&s->rw);
	return true;
}

/*
 *	reader (task)	writer		reader (interrupt)
 *	  in		 queued		  must enter: the first reader may be
 *					  what it interrupted
 */
static void rwlock_readers_in_interrupts_overtake_a_waiting_writer(struct kunit *test)
{
	struct spin_state *s = new_state(test);
	bool queued = false;
	struct member m;
	int tries;

	set_cpus_allowed_ptr(current, cpumask_of(0));
	for (tries = 0; tries < SPIN_TRIES && !queued; tries++) {
		member_create(test, &m, 1, write_once, s);
		read_lock(&s->rw);
		wake_up_process(m.task);
		queued = spin_until(rwlock_is_contended(&s->rw) && !read_is_free(s));
		smp_call_function_single(2, read_in_interrupt, s, 1);
		read_unlock(&s->rw);
		wait_for_completion(&m.begun);
		member_join(&m);
	}
	KUNIT_EXPECT_TRUE(test, queued);
	KUNIT_EXPECT_EQ(test, s->count, tries);
}

static void come_in(void *arg)
{
	struct spin_state *s = arg;

	atomic_set(&s->gate, 1);
	read_lock(&s->rw);
	atomic_inc(&s->readers);
	read_unlock(&s->rw);
}

static int interrupt_cpu2(void *arg)
{
	return smp_call_function_single(2, come_in, arg, 1);
}

/*
 *	writer		reader (interrupt of another CPU)
 *	  in		  must not enter
 */
static void rwlock_readers_in_interrupts_wait_for_a_writer(struct kunit *test)
{
	struct spin_state *s = new_state(test);
	bool comes = false, early = false;
	unsigned long flags;
	struct member m;
	int tries, i;

	set_cpus_allowed_ptr(current, cpumask_of(0));
	for (tries = 0; tries < SPIN_TRIES && !comes; tries++) {
		atomic_set(&s->gate, 0);
		atomic_set(&s->readers, 0);
		member_create(test, &m, 1, interrupt_cpu2, s);
		write_lock_irqsave(&s->rw, flags);
		wake_up_process(m.task);
		comes = spin_until(atomic_read(&s->gate));
		for (i = 0; i < 100; i++) {
			cpu_relax();
			early |= atomic_read(&s->readers);
		}
		write_unlock_irqrestore(&s->rw, flags);
		wait_for_completion(&m.begun);
		KUNIT_EXPECT_EQ(test, member_join(&m), 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&s->readers), 1);
	}
	KUNIT_EXPECT_TRUE(test, comes);
	KUNIT_EXPECT_FALSE(test, early);
}

static void atomic_dec_and_lock_locks_only_for_the_last(struct kunit *test)
{
	struct spin_state *s = new_state(test);
	atomic_t n = ATOMIC_INIT(2);
	unsigned long flags;

	KUNIT_EXPECT_EQ(test, atomic_dec_and_lock(&n, &s->spin), 0);
	KUNIT_EXPECT_FALSE(test, spin_is_locked(&s->spin));
	KUNIT_ASSERT_EQ(test, atomic_dec_and_lock_irqsave(&n, &s->spin, flags), 1);
	KUNIT_EXPECT_TRUE(test, irqs_disabled());
	KUNIT_EXPECT_EQ(test, lockdep_is_held(&s->spin), 1);
	spin_unlock_irqrestore(&s->spin, flags);
	KUNIT_EXPECT_EQ(test, atomic_read(&n), 0);

	atomic_set(&n, 1);
	KUNIT_ASSERT_EQ(test, atomic_dec_and_lock(&n, &s->spin), 1);
	KUNIT_EXPECT_EQ(test, lockdep_is_held(&s->spin), 1);
	spin_unlock(&s->spin);
	KUNIT_EXPECT_EQ(test, atomic_read(&n), 0);
}

static int drop_and_lock(void *arg)
{
	struct spin_state *s = arg;
	unsigned long flags;

	return s->count % 2 ? atomic_dec_and_lock_irqsave(&s->readers, &s->spin, flags) :
	       atomic_dec_and_lock(&s->readers, &s->spin);
}

/* It was the last when it began to wait for the lock, and is not when it gets it. */
static void who_is_the_last_no_more_gives_the_lock_back(struct kunit *test)
{
	struct spin_state *s = new_state(test);
	struct member m;
	int tries;

	set_cpus_allowed_ptr(current, cpumask_of(0));
	for (tries = 0; tries < SPIN_TRIES && s->count < 2; tries++) {
		bool waited;

		atomic_set(&s->readers, 1);
		member_create(test, &m, 1, drop_and_lock, s);
		spin_lock(&s->spin);
		wake_up_process(m.task);
		waited = spin_until(spin_is_contended(&s->spin));
		atomic_inc(&s->readers);
		spin_unlock(&s->spin);
		wait_for_completion(&m.begun);
		KUNIT_ASSERT_EQ(test, member_join(&m), 0);
		KUNIT_EXPECT_FALSE(test, spin_is_locked(&s->spin));
		KUNIT_EXPECT_EQ(test, atomic_read(&s->readers), 1);
		s->count += waited;
	}
	KUNIT_EXPECT_EQ(test, s->count, 2);
}

static int take_and_leave(struct spin_state *s, bool early)
{
	guard(spinlock)(&s->spin);
	if (early)
		return lockdep_is_held(&s->spin);
	s->count++;
	return lockdep_is_held(&s->spin);
}

static void guards_release_on_every_way_out(struct kunit *test)
{
	struct spin_state *s = new_state(test);

	KUNIT_EXPECT_EQ(test, take_and_leave(s, true), 1);
	KUNIT_EXPECT_FALSE(test, spin_is_locked(&s->spin));
	KUNIT_EXPECT_EQ(test, take_and_leave(s, false), 1);
	KUNIT_EXPECT_FALSE(test, spin_is_locked(&s->spin));
	scoped_guard(spinlock_irqsave, &s->spin) {
		KUNIT_EXPECT_TRUE(test, irqs_disabled());
		s->count++;
	}
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	scoped_guard(raw_spinlock_try, &s->raw) {
		scoped_guard(raw_spinlock_try, &s->raw)
			KUNIT_FAIL(test, "a held lock was taken");
		s->count++;
	}
	KUNIT_EXPECT_EQ(test, s->count, 3);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

static DEFINE_SPINLOCK(static_spin);
static DEFINE_RAW_SPINLOCK(static_raw);
static DEFINE_RWLOCK(static_rw);

static void static_initialisers_make_free_locks(struct kunit *test)
{
	static spinlock_t local = __SPIN_LOCK_UNLOCKED(local);

	KUNIT_EXPECT_EQ(test, spin_trylock(&static_spin), 1);
	KUNIT_EXPECT_EQ(test, raw_spin_trylock(&static_raw), 1);
	KUNIT_EXPECT_EQ(test, write_trylock(&static_rw), 1);
	KUNIT_EXPECT_EQ(test, spin_trylock(&local), 1);
	spin_unlock(&local);
	write_unlock(&static_rw);
	raw_spin_unlock(&static_raw);
	spin_unlock(&static_spin);
}

static struct kunit_case spinlock_cases[] = {
	KUNIT_CASE(spinlock_admits_one_task_at_a_time),
	KUNIT_CASE(raw_spinlock_admits_one_task_at_a_time),
	KUNIT_CASE(bit_spinlock_admits_one_task_at_a_time),
	KUNIT_CASE(a_waiter_for_a_bit_spinlock_gets_it_on_release),
	KUNIT_CASE(bit_spinlocks_of_one_word_are_independent),
	KUNIT_CASE(rwlock_writers_exclude_everybody),
	KUNIT_CASE(rwlock_readers_share),
	KUNIT_CASE(trylocks_fail_on_held_locks_and_take_free_ones),
	KUNIT_CASE(variants_disable_what_they_say_and_restore_it),
	KUNIT_CASE(a_waiter_shows_as_contention_until_it_has_the_lock),
	KUNIT_CASE(rwlock_readers_in_interrupts_overtake_a_waiting_writer),
	KUNIT_CASE(rwlock_readers_in_interrupts_wait_for_a_writer),
	KUNIT_CASE(atomic_dec_and_lock_locks_only_for_the_last),
	KUNIT_CASE(who_is_the_last_no_more_gives_the_lock_back),
	KUNIT_CASE(guards_release_on_every_way_out),
	KUNIT_CASE(static_initialisers_make_free_locks),
	{}
};

static struct kunit_suite spinlock_suite = {
	.name = "lock-spinlock",
	.test_cases = spinlock_cases,
};
kunit_machine_config(spinlock_suite, lock_machine);
kunit_test_suite(spinlock_suite);
