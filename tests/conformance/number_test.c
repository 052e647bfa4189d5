// SPDX-License-Identifier: GPL-2.0
/*
 * Arithmetic that mm/ and sched/ take for granted: rounding, clamping, hashes, time, sizes of
 * allocations, formats.
 */
#include <kunit/test.h>
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

struct flexible {
	long first;
	int rest[];
};

static void powers_and_roots(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ilog2(1UL), 0);
	KUNIT_EXPECT_EQ(test, ilog2(4097UL), 12);
	KUNIT_EXPECT_EQ(test, roundup_pow_of_two(4097UL), 8192UL);
	KUNIT_EXPECT_EQ(test, rounddown_pow_of_two(4097UL), 4096UL);
	KUNIT_EXPECT_EQ(test, order_base_2(4097UL), 13);
	KUNIT_EXPECT_TRUE(test, is_power_of_2(64));
	KUNIT_EXPECT_FALSE(test, is_power_of_2(0));
	KUNIT_EXPECT_EQ(test, int_sqrt(99), 9UL);
	KUNIT_EXPECT_EQ(test, int_sqrt(100), 10UL);
}

static void divisions_round_as_named(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, DIV_ROUND_UP(7, 3), 3);
	KUNIT_EXPECT_EQ(test, DIV_ROUND_CLOSEST(7, 3), 2);
	KUNIT_EXPECT_EQ(test, DIV_ROUND_CLOSEST(8, 3), 3);
	KUNIT_EXPECT_EQ(test, round_up(13, 8), 16);
	KUNIT_EXPECT_EQ(test, round_down(13, 8), 8);
	KUNIT_EXPECT_EQ(test, roundup(13, 5), 15);
	KUNIT_EXPECT_EQ(test, div64_u64(~0ULL, 3), ~0ULL / 3);
	KUNIT_EXPECT_EQ(test, div_u64(1ULL << 40, 1000), (1ULL << 40) / 1000);
	KUNIT_EXPECT_EQ(test, mult_frac(~0UL / 2, 2UL, 4UL), ~0UL / 4);
}

static void ends_are_clamped(struct kunit *test)
{
	int a = 1, b = 2;

	KUNIT_EXPECT_EQ(test, clamp(7, 1, 5), 5);
	KUNIT_EXPECT_EQ(test, clamp(-7, 1, 5), 1);
	KUNIT_EXPECT_EQ(test, max3(1, 9, 4), 9);
	KUNIT_EXPECT_EQ(test, min_t(unsigned int, -1, 5), 5U);
	KUNIT_EXPECT_EQ(test, clamp_t(long, 1L << 40, 0, 100), 100L);
	swap(a, b);
	KUNIT_EXPECT_EQ(test, a * 10 + b, 21);
	KUNIT_EXPECT_EQ(test, abs(-3), 3);
}

static void sizes_saturate(struct kunit *test)
{
	/* A number that the compiler knows is multiplied as it is. */
	volatile size_t many = SIZE_MAX / 2;
	struct flexible *f = NULL;
	size_t sum;

	KUNIT_EXPECT_EQ(test, struct_size(f, rest, 3), sizeof(long) + 3 * sizeof(int));
	KUNIT_EXPECT_EQ(test, struct_size(f, rest, many), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, array_size(SIZE_MAX, 2), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, size_add(SIZE_MAX, 1), SIZE_MAX);
	KUNIT_EXPECT_TRUE(test, check_add_overflow(SIZE_MAX, (size_t)1, &sum));
	KUNIT_EXPECT_FALSE(test, check_mul_overflow((size_t)3, (size_t)4, &sum));
	KUNIT_EXPECT_EQ(test, sum, 12UL);
}

static void hashes_are_those_of_the_kernel(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, hash_32(1, 32), 0x61C88647U);
	KUNIT_EXPECT_EQ(test, hash_32(1, 8), 0x61U);
	KUNIT_EXPECT_EQ(test, hash_64(1, 32), 0x61C88646U);
	KUNIT_EXPECT_EQ(test, hash_64(0x12345, 10), 0x12345 * GOLDEN_RATIO_64 >> 54);
	KUNIT_EXPECT_EQ(test, hash_long(7, 10), hash_64(7, 10));
}

static void time_is_compared_across_the_wrap(struct kunit *test)
{
	unsigned long late = 5, early = -5UL;

	KUNIT_EXPECT_TRUE(test, time_before(early, late));
	KUNIT_EXPECT_TRUE(test, time_after(late, early));
	KUNIT_EXPECT_FALSE(test, time_before(late, late));
	KUNIT_EXPECT_TRUE(test, time_after_eq(late, late));
	KUNIT_EXPECT_TRUE(test, time_in_range(0UL, early, late));
}

static void milliseconds_become_jiffies_and_back(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, msecs_to_jiffies(0), 0UL);
	KUNIT_EXPECT_EQ(test, msecs_to_jiffies(1), DIV_ROUND_UP(HZ, 1000));
	KUNIT_EXPECT_EQ(test, msecs_to_jiffies(10000), 10UL * HZ);
	KUNIT_EXPECT_EQ(test, msecs_to_jiffies(-1), MAX_JIFFY_OFFSET);
	KUNIT_EXPECT_EQ(test, jiffies_to_msecs(3 * HZ), 3000U);
	KUNIT_EXPECT_EQ(test, nsecs_to_jiffies(NSEC_PER_SEC), (unsigned long)HZ);
}

static void allocations_of_nothing_and_of_too_much(struct kunit *test)
{
	void *p = kmalloc(0, GFP_KERNEL), *q;

	KUNIT_EXPECT_PTR_EQ(test, p, ZERO_SIZE_PTR);
	KUNIT_EXPECT_TRUE(test, ZERO_OR_NULL_PTR(p));
	kfree(p);
	kfree(NULL);
	p = kcalloc(4, 25, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_NULL(test, memchr_inv(p, 0, 100));
	KUNIT_EXPECT_GE(test, ksize(p), 100UL);
	memset(p, 5, 100);
	q = krealloc(p, 2000, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_NULL(test, memchr_inv(q, 5, 100));
	KUNIT_EXPECT_PTR_EQ(test, krealloc(q, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	KUNIT_EXPECT_NULL(test, kcalloc(SIZE_MAX / 2, 4, GFP_KERNEL | __GFP_NOWARN));
	q = kvzalloc_node(100, GFP_KERNEL, NUMA_NO_NODE);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_NULL(test, memchr_inv(q, 0, 100));
	kvfree(q);
}

static void texts_are_cut_and_their_length_is_told(struct kunit *test)
{
	nodemask_t nodes = nodemask_of_node(1);
	char text[16];

	KUNIT_EXPECT_EQ(test, snprintf(text, 4, "%d", 12345), 5);
	KUNIT_EXPECT_STREQ(test, text, "123");
	KUNIT_EXPECT_EQ(test, scnprintf(text, 4, "%d", 12345), 3);
	KUNIT_EXPECT_EQ(test, scnprintf(text, 0, "%d", 12345), 0);
	KUNIT_EXPECT_EQ(test, strscpy(text, "12345", 4), -E2BIG);
	KUNIT_EXPECT_STREQ(test, text, "123");
	KUNIT_EXPECT_EQ(test, strscpy(text, "12", 4), 2);
	node_set(2, nodes);
	node_set(3, nodes);
	node_set(7, nodes);
	snprintf(text, sizeof(text), "%*pbl", nodemask_pr_args(&nodes));
	KUNIT_EXPECT_STREQ(test, text, "1-3,7");
	snprintf(text, sizeof(text), "%5.2s|%-4u|%04x", "abc", 7U, 0x2aU);
	KUNIT_EXPECT_STREQ(test, text, "   ab|7   |002a");
	KUNIT_EXPECT_TRUE(test, sysfs_streq("one\n", "one"));
	KUNIT_EXPECT_FALSE(test, sysfs_streq("one\n\n", "one"));
}

static struct kunit_case number_cases[] = {
	KUNIT_CASE(powers_and_roots),
	KUNIT_CASE(divisions_round_as_named),
	KUNIT_CASE(ends_are_clamped),
	KUNIT_CASE(sizes_saturate),
	KUNIT_CASE(hashes_are_those_of_the_kernel),
	KUNIT_CASE(time_is_compared_across_the_wrap),
	KUNIT_CASE(milliseconds_become_jiffies_and_back),
	KUNIT_CASE(allocations_of_nothing_and_of_too_much),
	KUNIT_CASE(texts_are_cut_and_their_length_is_told),
	{}
};

static struct kunit_suite number_suite = {
	.name = "conformance_number",
	.test_cases = number_cases,
};
kunit_test_suite(number_suite);
