// SPDX-License-Identifier: GPL-2.0
/*
 * Atomic operations and reference counts, by value and under concurrency.
 */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/kref.h>
#include <linux/kthread.h>
#include <linux/refcount.h>
#include <linux/sched.h>

#define TASKS	8
#define ROUNDS	2000

static atomic_t counter;
static atomic64_t counter64;
static atomic_long_t cas_counter;
static unsigned long bits[1];
static unsigned long locked_counter;

static int hammer(void *arg)
{
	long id = (long)arg;

	for (int i = 0; i < ROUNDS; i++) {
		long old = atomic_long_read(&cas_counter);

		atomic_inc(&counter);
		atomic64_add(3, &counter64);
		while (!atomic_long_try_cmpxchg(&cas_counter, &old, old + 1))
			;
		change_bit(id, bits);
		while (test_and_set_bit_lock(63, bits))
			cond_resched();
		locked_counter++;
		clear_bit_unlock(63, bits);
	}
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static void no_update_is_lost_between_tasks(struct kunit *test)
{
	struct task_struct *task[TASKS];

	atomic_set(&counter, 0);
	atomic64_set(&counter64, 0);
	atomic_long_set(&cas_counter, 0);
	bits[0] = 0;
	locked_counter = 0;
	for (long i = 0; i < TASKS; i++) {
		task[i] = kthread_run(hammer, (void *)i, "hammer/%ld", i);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task[i]);
	}
	while (atomic_read(&counter) < TASKS * ROUNDS)
		schedule_timeout_uninterruptible(1);
	for (int i = 0; i < TASKS; i++)
		kthread_stop(task[i]);
	KUNIT_EXPECT_EQ(test, atomic_read(&counter), TASKS * ROUNDS);
	KUNIT_EXPECT_EQ(test, atomic64_read(&counter64), 3 * TASKS * ROUNDS);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&cas_counter), TASKS * ROUNDS);
	KUNIT_EXPECT_EQ(test, locked_counter, TASKS * ROUNDS);
	KUNIT_EXPECT_EQ(test, bits[0], 0);	/* each bit flipped an even number of times */
}

static void operations_return_what_their_names_say(struct kunit *test)
{
	atomic_t v = ATOMIC_INIT(5);
	int old = 7;

	KUNIT_EXPECT_EQ(test, atomic_add_return(2, &v), 7);
	KUNIT_EXPECT_EQ(test, atomic_fetch_sub(3, &v), 7);
	KUNIT_EXPECT_EQ(test, atomic_fetch_or(8, &v), 4);
	KUNIT_EXPECT_EQ(test, atomic_fetch_andnot(4, &v), 12);
	KUNIT_EXPECT_EQ(test, atomic_xchg(&v, 7), 8);
	KUNIT_EXPECT_EQ(test, atomic_cmpxchg(&v, 6, 1), 7);
	KUNIT_EXPECT_TRUE(test, atomic_try_cmpxchg(&v, &old, 1));
	KUNIT_EXPECT_FALSE(test, atomic_try_cmpxchg(&v, &old, 2));
	KUNIT_EXPECT_EQ(test, old, 1);
	KUNIT_EXPECT_FALSE(test, atomic_inc_and_test(&v));
	KUNIT_EXPECT_TRUE(test, atomic_sub_and_test(2, &v));
	KUNIT_EXPECT_FALSE(test, atomic_inc_not_zero(&v));
	KUNIT_EXPECT_EQ(test, atomic_dec_if_positive(&v), -1);
	KUNIT_EXPECT_EQ(test, atomic_read(&v), 0);
	KUNIT_EXPECT_TRUE(test, atomic_add_unless(&v, 4, 3));
	KUNIT_EXPECT_EQ(test, atomic_fetch_add_unless(&v, 4, 4), 4);
	KUNIT_EXPECT_EQ(test, atomic_dec_if_positive(&v), 3);
	KUNIT_EXPECT_TRUE(test, atomic_inc_unless_negative(&v));
	KUNIT_EXPECT_FALSE(test, atomic_dec_unless_positive(&v));
	atomic_set(&v, -2);
	KUNIT_EXPECT_FALSE(test, atomic_inc_unless_negative(&v));
	KUNIT_EXPECT_TRUE(test, atomic_add_negative(1, &v));
}

static void bit_operations_return_the_old_bit(struct kunit *test)
{
	unsigned long map[2] = {};

	KUNIT_EXPECT_FALSE(test, test_and_set_bit(70, map));
	KUNIT_EXPECT_TRUE(test, test_and_set_bit(70, map));
	KUNIT_EXPECT_EQ(test, map[1], 1UL << 6);
	KUNIT_EXPECT_TRUE(test, test_and_change_bit(70, map));
	KUNIT_EXPECT_FALSE(test, test_and_clear_bit(70, map));
	map[0] = BIT(7) | BIT(0);
	KUNIT_EXPECT_TRUE(test, xor_unlock_is_negative_byte(BIT(0), map));
	KUNIT_EXPECT_EQ(test, map[0], BIT(7));
	KUNIT_EXPECT_EQ(test, set_mask_bits(&map[0], 0xf0, 0x03), BIT(7));
	KUNIT_EXPECT_EQ(test, map[0], 0x03);
}

static void xchg_and_cmpxchg_work_on_small_types_and_pointers(struct kunit *test)
{
	struct { u32 v; } s = { 1 }, t = { 2 };
	void *p = &s, *q = p;
	u8 b = 200;

	KUNIT_EXPECT_EQ(test, xchg(&b, 3), 200);
	KUNIT_EXPECT_EQ(test, cmpxchg(&b, 3, 4), 3);
	KUNIT_EXPECT_EQ(test, b, 4);
	KUNIT_EXPECT_TRUE(test, try_cmpxchg(&p, &q, NULL));
	KUNIT_EXPECT_NULL(test, p);
	KUNIT_EXPECT_FALSE(test, try_cmpxchg(&p, &q, &s));
	KUNIT_EXPECT_NULL(test, q);
	t = xchg(&s, t);
	KUNIT_EXPECT_EQ(test, s.v * 10 + t.v, 21);
}

static int released;
static void release(struct kref *kref)
{
	released++;
}

static void the_last_reference_releases(struct kunit *test)
{
	struct kref kref;

	released = 0;
	kref_init(&kref);
	kref_get(&kref);
	KUNIT_EXPECT_EQ(test, kref_put(&kref, release), 0);
	KUNIT_EXPECT_EQ(test, released, 0);
	KUNIT_EXPECT_EQ(test, kref_put(&kref, release), 1);
	KUNIT_EXPECT_EQ(test, released, 1);
	KUNIT_EXPECT_FALSE(test, kref_get_unless_zero(&kref));
}

static void counts_that_hold_are_silent(struct kunit *test)
{
	refcount_t r = REFCOUNT_INIT(1);

	KUNIT_EXPECT_TRUE(test, refcount_inc_not_zero(&r));
	KUNIT_EXPECT_FALSE(test, refcount_dec_if_one(&r));
	KUNIT_EXPECT_TRUE(test, refcount_dec_not_one(&r));
	KUNIT_EXPECT_FALSE(test, refcount_dec_not_one(&r));
	KUNIT_EXPECT_TRUE(test, refcount_dec_if_one(&r));
	KUNIT_EXPECT_FALSE(test, refcount_inc_not_zero(&r));
	KUNIT_EXPECT_EQ(test, refcount_read(&r), 0);
}

static struct kunit_case atomic_cases[] = {
	KUNIT_CASE(no_update_is_lost_between_tasks),
	KUNIT_CASE(operations_return_what_their_names_say),
	KUNIT_CASE(bit_operations_return_the_old_bit),
	KUNIT_CASE(xchg_and_cmpxchg_work_on_small_types_and_pointers),
	KUNIT_CASE(the_last_reference_releases),
	KUNIT_CASE(counts_that_hold_are_silent),
	{}
};

static struct kunit_suite atomic_suite = {
	.name = "atomic",
	.test_cases = atomic_cases,
};
kunit_test_suite(atomic_suite);
