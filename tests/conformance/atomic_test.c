// SPDX-License-Identifier: GPL-2.0
/*
 * What atomic operations and reference counts return.
 */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/kref.h>
#include <linux/limits.h>
#include <linux/refcount.h>

static void return_is_the_new_value_and_fetch_the_old_one(struct kunit *test)
{
	atomic_t v = ATOMIC_INIT(10);

	KUNIT_EXPECT_EQ(test, atomic_add_return(5, &v), 15);
	KUNIT_EXPECT_EQ(test, atomic_sub_return(1, &v), 14);
	KUNIT_EXPECT_EQ(test, atomic_inc_return(&v), 15);
	KUNIT_EXPECT_EQ(test, atomic_dec_return(&v), 14);
	KUNIT_EXPECT_EQ(test, atomic_fetch_add(2, &v), 14);
	KUNIT_EXPECT_EQ(test, atomic_fetch_sub(6, &v), 16);
	KUNIT_EXPECT_EQ(test, atomic_fetch_inc(&v), 10);
	KUNIT_EXPECT_EQ(test, atomic_fetch_dec(&v), 11);
	KUNIT_EXPECT_EQ(test, atomic_fetch_and(6, &v), 10);
	KUNIT_EXPECT_EQ(test, atomic_fetch_or(5, &v), 2);
	KUNIT_EXPECT_EQ(test, atomic_fetch_xor(1, &v), 7);
	KUNIT_EXPECT_EQ(test, atomic_read(&v), 6);
	KUNIT_EXPECT_EQ(test, atomic_xchg(&v, -1), 6);
	KUNIT_EXPECT_EQ(test, atomic_read(&v), -1);
}

static void the_largest_value_wraps(struct kunit *test)
{
	atomic_t v = ATOMIC_INIT(INT_MAX);
	atomic_long_t l = ATOMIC_LONG_INIT(LONG_MAX);

	KUNIT_EXPECT_EQ(test, atomic_inc_return(&v), INT_MIN);
	KUNIT_EXPECT_EQ(test, atomic_dec_return(&v), INT_MAX);
	KUNIT_EXPECT_EQ(test, atomic_long_add_return(1, &l), LONG_MIN);
	KUNIT_EXPECT_EQ(test, atomic_long_xchg(&l, 3), LONG_MIN);
	atomic_long_sub(5, &l);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&l), -2L);
	atomic_long_add(LONG_MIN, &l);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&l), LONG_MAX - 1);
}

static void a_failed_compare_tells_the_value(struct kunit *test)
{
	atomic_t v = ATOMIC_INIT(3);
	int old = 4;

	KUNIT_EXPECT_FALSE(test, atomic_try_cmpxchg(&v, &old, 9));
	KUNIT_EXPECT_EQ(test, old, 3);
	KUNIT_EXPECT_TRUE(test, atomic_try_cmpxchg(&v, &old, 9));
	KUNIT_EXPECT_EQ(test, old, 3);
	KUNIT_EXPECT_EQ(test, atomic_cmpxchg(&v, 9, 1), 9);
	KUNIT_EXPECT_EQ(test, atomic_cmpxchg(&v, 9, 2), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&v), 1);
}

static void conditions_are_about_the_new_value_or_the_old_one(struct kunit *test)
{
	atomic_t v = ATOMIC_INIT(1);

	KUNIT_EXPECT_TRUE(test, atomic_dec_and_test(&v));
	KUNIT_EXPECT_FALSE(test, atomic_inc_not_zero(&v));
	KUNIT_EXPECT_EQ(test, atomic_read(&v), 0);
	KUNIT_EXPECT_FALSE(test, atomic_dec_and_test(&v));
	KUNIT_EXPECT_TRUE(test, atomic_inc_and_test(&v));
	KUNIT_EXPECT_TRUE(test, atomic_add_negative(-1, &v));
	KUNIT_EXPECT_FALSE(test, atomic_add_negative(1, &v));
	KUNIT_EXPECT_EQ(test, atomic_dec_if_positive(&v), -1);
	KUNIT_EXPECT_EQ(test, atomic_read(&v), 0);
	KUNIT_EXPECT_TRUE(test, atomic_add_unless(&v, 7, 1));
	KUNIT_EXPECT_FALSE(test, atomic_add_unless(&v, 7, 7));
	KUNIT_EXPECT_EQ(test, atomic_fetch_add_unless(&v, 1, 0), 7);
	KUNIT_EXPECT_TRUE(test, atomic_sub_and_test(8, &v));
}

static void bits_return_what_they_were(struct kunit *test)
{
	unsigned long map[2] = { 0, 0 };

	KUNIT_EXPECT_FALSE(test, test_and_set_bit(65, map));
	KUNIT_EXPECT_TRUE(test, test_and_set_bit(65, map));
	KUNIT_EXPECT_TRUE(test, test_bit(65, map));
	KUNIT_EXPECT_EQ(test, map[1], 2UL);
	KUNIT_EXPECT_TRUE(test, test_and_clear_bit(65, map));
	KUNIT_EXPECT_FALSE(test, test_and_clear_bit(65, map));
	KUNIT_EXPECT_FALSE(test, test_and_change_bit(0, map));
	KUNIT_EXPECT_TRUE(test, test_and_change_bit(0, map));
	KUNIT_EXPECT_EQ(test, map[0] | map[1], 0UL);
	KUNIT_EXPECT_FALSE(test, test_and_set_bit_lock(3, map));
	KUNIT_EXPECT_TRUE(test, test_and_set_bit_lock(3, map));
	clear_bit_unlock(3, map);
	KUNIT_EXPECT_EQ(test, map[0], 0UL);
}

static void words_are_searched_from_the_named_end(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ffs(0), 0);
	KUNIT_EXPECT_EQ(test, ffs(0x18), 4);
	KUNIT_EXPECT_EQ(test, fls(0), 0);
	KUNIT_EXPECT_EQ(test, fls(0x18), 5);
	KUNIT_EXPECT_EQ(test, fls64(0), 0);
	KUNIT_EXPECT_EQ(test, fls64(1ULL << 63), 64);
	KUNIT_EXPECT_EQ(test, __ffs(0x18UL), 3UL);
	KUNIT_EXPECT_EQ(test, __fls(0x18UL), 4UL);
	KUNIT_EXPECT_EQ(test, ffz(0xffUL), 8UL);
	KUNIT_EXPECT_EQ(test, hweight64(0xf0f0f0f0f0f0f0f0ULL), 32UL);
}

static void a_reference_cannot_be_had_again(struct kunit *test)
{
	refcount_t r = REFCOUNT_INIT(1);

	KUNIT_EXPECT_TRUE(test, refcount_inc_not_zero(&r));
	KUNIT_EXPECT_EQ(test, refcount_read(&r), 2);
	KUNIT_EXPECT_FALSE(test, refcount_dec_and_test(&r));
	KUNIT_EXPECT_FALSE(test, refcount_dec_not_one(&r));
	KUNIT_EXPECT_TRUE(test, refcount_dec_if_one(&r));
	KUNIT_EXPECT_FALSE(test, refcount_dec_if_one(&r));
	KUNIT_EXPECT_FALSE(test, refcount_inc_not_zero(&r));
	KUNIT_EXPECT_FALSE(test, refcount_add_not_zero(3, &r));
	KUNIT_EXPECT_EQ(test, refcount_read(&r), 0);
	refcount_set(&r, 4);
	KUNIT_EXPECT_TRUE(test, refcount_sub_and_test(4, &r));
}

static void a_saturated_count_is_never_the_last(struct kunit *test)
{
	refcount_t r = REFCOUNT_INIT(REFCOUNT_SATURATED);

	KUNIT_EXPECT_TRUE(test, refcount_dec_not_one(&r));
	KUNIT_EXPECT_EQ(test, refcount_read(&r), (unsigned int)REFCOUNT_SATURATED);
	KUNIT_EXPECT_FALSE(test, refcount_dec_if_one(&r));
}

static void count_release(struct kref *kref)
{
	refcount_set(&kref->refcount, 100);
}

static void the_last_put_releases(struct kunit *test)
{
	struct kref kref;

	kref_init(&kref);
	kref_get(&kref);
	KUNIT_EXPECT_EQ(test, kref_read(&kref), 2);
	KUNIT_EXPECT_EQ(test, kref_put(&kref, count_release), 0);
	KUNIT_EXPECT_EQ(test, kref_put(&kref, count_release), 1);
	KUNIT_EXPECT_EQ(test, kref_read(&kref), 100);
	refcount_set(&kref.refcount, 0);
	KUNIT_EXPECT_EQ(test, kref_get_unless_zero(&kref), 0);
}

static struct kunit_case atomic_cases[] = {
	KUNIT_CASE(return_is_the_new_value_and_fetch_the_old_one),
	KUNIT_CASE(the_largest_value_wraps),
	KUNIT_CASE(a_failed_compare_tells_the_value),
	KUNIT_CASE(conditions_are_about_the_new_value_or_the_old_one),
	KUNIT_CASE(bits_return_what_they_were),
	KUNIT_CASE(words_are_searched_from_the_named_end),
	KUNIT_CASE(a_reference_cannot_be_had_again),
	KUNIT_CASE(a_saturated_count_is_never_the_last),
	KUNIT_CASE(the_last_put_releases),
	{}
};

static struct kunit_suite atomic_suite = {
	.name = "conformance_atomic",
	.test_cases = atomic_cases,
};
kunit_test_suite(atomic_suite);
