// SPDX-License-Identifier: GPL-2.0
/*
 * What every file uses without thinking: comparison, alignment, errors in pointers, sizes.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/align.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/mmdebug.h>
#include <linux/overflow.h>
#include <linux/types.h>

static int evaluated;

/* A value, and that it was asked for. */
static long counted(long value)
{
	evaluated++;
	return value;
}

static void arguments_are_evaluated_once(struct kunit *test)
{
	evaluated = 0;
	KUNIT_EXPECT_EQ(test, min(counted(3), counted(4)), 3L);
	KUNIT_EXPECT_EQ(test, max(counted(3), counted(4)), 4L);
	KUNIT_EXPECT_EQ(test, min_t(int, counted(3), counted(4)), 3);
	KUNIT_EXPECT_EQ(test, max_t(int, counted(3), counted(4)), 4);
	KUNIT_EXPECT_EQ(test, clamp(counted(5), 1L, 4L), 4L);
	KUNIT_EXPECT_EQ(test, evaluated, 9);
	KUNIT_EXPECT_TRUE(test, likely(counted(2)));
	KUNIT_EXPECT_FALSE(test, unlikely(counted(0)));
	KUNIT_EXPECT_EQ(test, evaluated, 11);
}

static void the_type_that_is_named_compares(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, min_t(unsigned int, -1, 5), 5U);
	KUNIT_EXPECT_EQ(test, max_t(unsigned int, -1, 5), UINT_MAX);
	KUNIT_EXPECT_EQ(test, max_t(int, -1, 5), 5);
	KUNIT_EXPECT_EQ(test, min_t(u8, counted(256), 5), 0);
}

/* likely() and unlikely() are 0 or 1, whatever the value. */
static void expectations_are_truth_values(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, (long)likely(1UL << 40), 1L);
	KUNIT_EXPECT_EQ(test, (long)unlikely(1UL << 40), 1L);
	KUNIT_EXPECT_EQ(test, (long)unlikely(0UL), 0L);
}

static void alignment_is_to_the_next_multiple(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ALIGN(0UL, 8), 0UL);
	KUNIT_EXPECT_EQ(test, ALIGN(1UL, 8), 8UL);
	KUNIT_EXPECT_EQ(test, ALIGN(8UL, 8), 8UL);
	KUNIT_EXPECT_EQ(test, ALIGN_DOWN(15UL, 8), 8UL);
	KUNIT_EXPECT_EQ(test, ALIGN((1UL << 32) + 1, 1UL << 21), (1UL << 32) + (1UL << 21));
	/* Past the end it wraps to zero. */
	KUNIT_EXPECT_EQ(test, ALIGN(ULONG_MAX, 4096), 0UL);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED(4096UL, 4096));
	KUNIT_EXPECT_FALSE(test, IS_ALIGNED(4097UL, 4096));
}

static void the_last_page_of_addresses_is_errors(struct kunit *test)
{
	void *last = (void *)-(unsigned long)MAX_ERRNO, *before = (char *)last - 1;

	KUNIT_EXPECT_TRUE(test, IS_ERR(ERR_PTR(-1)));
	KUNIT_EXPECT_TRUE(test, IS_ERR(last));
	KUNIT_EXPECT_FALSE(test, IS_ERR(before));
	KUNIT_EXPECT_FALSE(test, IS_ERR(NULL));
	KUNIT_EXPECT_TRUE(test, IS_ERR_OR_NULL(NULL));
	KUNIT_EXPECT_EQ(test, PTR_ERR(ERR_PTR(-ENOMEM)), (long)-ENOMEM);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(ERR_PTR(-EEXIST)), -EEXIST);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(test), 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(NULL), 0);
}

struct row {
	u32 count;
	u64 cells[];
};

static void sizes_stop_at_the_largest(struct kunit *test)
{
	size_t most = SIZE_MAX;		/* constants are checked by the compiler, and wrap */
	struct row *row = NULL;

	KUNIT_EXPECT_EQ(test, struct_size_t(struct row, cells, 0), sizeof(*row));
	KUNIT_EXPECT_EQ(test, struct_size_t(struct row, cells, 3), sizeof(*row) + 24);
	KUNIT_EXPECT_EQ(test, struct_size(row, cells, 3), sizeof(*row) + 24);
	KUNIT_EXPECT_EQ(test, struct_size_t(struct row, cells, most / 8), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, struct_size_t(struct row, cells, most), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, array_size(most / 2, 3), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, size_add(most, 1), SIZE_MAX);
}

#define CONFIG_CONFORMANCE_BUILTIN	1

/* One is built in, or a module, or not at all, and the compiler sees all three. */
static void options_are_constants(struct kunit *test)
{
	static const int on[IS_ENABLED(CONFIG_CONFORMANCE_BUILTIN) ? 1 : -1] = { 7 };

	KUNIT_EXPECT_EQ(test, on[0], 7);
	KUNIT_EXPECT_TRUE(test, IS_ENABLED(CONFIG_NUMA));
	KUNIT_EXPECT_TRUE(test, IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE));
	KUNIT_EXPECT_FALSE(test, IS_ENABLED(CONFIG_CONFORMANCE_ABSENT));
	KUNIT_EXPECT_FALSE(test, IS_BUILTIN(CONFIG_CONFORMANCE_ABSENT));
}

/* A condition that does not hold is evaluated and says nothing; of WARN it is the value. */
static void a_warning_evaluates_its_condition(struct kunit *test)
{
	evaluated = 0;
	KUNIT_EXPECT_FALSE(test, WARN_ON_ONCE(counted(0)));
	VM_WARN_ON_ONCE(counted(0));
	KUNIT_EXPECT_EQ(test, evaluated, 2);
}

static noinline int doubled(int n)
{
	KUNIT_STATIC_STUB_REDIRECT(doubled, n);
	return 2 * n;
}

static int tripled(int n)
{
	return 3 * n;
}

static void a_function_is_replaced_and_restored(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, doubled(5), 10);
	kunit_activate_static_stub(test, doubled, tripled);
	KUNIT_EXPECT_EQ(test, doubled(5), 15);
	kunit_deactivate_static_stub(test, doubled);
	KUNIT_EXPECT_EQ(test, doubled(5), 10);
	/* This one ends with the case. */
	kunit_activate_static_stub(test, doubled, tripled);
}

static void the_end_of_a_case_restores_too(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, doubled(5), 10);
}

static struct kunit_case base_cases[] = {
	KUNIT_CASE(arguments_are_evaluated_once),
	KUNIT_CASE(the_type_that_is_named_compares),
	KUNIT_CASE(expectations_are_truth_values),
	KUNIT_CASE(alignment_is_to_the_next_multiple),
	KUNIT_CASE(the_last_page_of_addresses_is_errors),
	KUNIT_CASE(sizes_stop_at_the_largest),
	KUNIT_CASE(options_are_constants),
	KUNIT_CASE(a_warning_evaluates_its_condition),
	KUNIT_CASE(a_function_is_replaced_and_restored),
	KUNIT_CASE(the_end_of_a_case_restores_too),
	{}
};

static struct kunit_suite base_suite = {
	.name = "conformance_base",
	.test_cases = base_cases,
};
kunit_test_suite(base_suite);
