// SPDX-License-Identifier: GPL-2.0
/*
 * Corrupt lists, misused reference counts and keys are noticed; what a model cannot do is refused.
 */
#include <kunit/test.h>
#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/xarray.h>
#include <machine/violation.h>

static void delete_twice(void *arg)
{
	struct list_head e;
	LIST_HEAD(head);

	list_add(&e, &head);
	list_del(&e);
	list_del(&e);
}

static void add_twice(void *arg)
{
	struct list_head e;
	LIST_HEAD(head);

	list_add(&e, &head);
	list_add(&e, &head);
}

static void delete_from_a_torn_list(void *arg)
{
	struct list_head e[3];
	LIST_HEAD(head);

	for (int i = 0; i < 3; i++)
		list_add(&e[i], &head);
	e[0].prev = &head;
	list_del(&e[0]);
}

static void corrupt_lists_are_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(delete_twice, NULL, NULL, 0), VIOLATION_BUG);
	KUNIT_EXPECT_EQ(test, violation_catch(add_twice, NULL, NULL, 0), VIOLATION_BUG);
	KUNIT_EXPECT_EQ(test, violation_catch(delete_from_a_torn_list, NULL, NULL, 0),
			VIOLATION_BUG);
}

static void inc_from_zero(void *arg)
{
	refcount_t r = REFCOUNT_INIT(0);

	refcount_inc(&r);
}

static void drop_below_zero(void *arg)
{
	refcount_t r = REFCOUNT_INIT(1);

	if (!refcount_dec_and_test(&r) || refcount_dec_and_test(&r))
		return;
}

static void overflow(void *arg)
{
	refcount_t r = REFCOUNT_INIT(REFCOUNT_MAX);

	refcount_inc(&r);
}

static void dec_to_zero(void *arg)
{
	refcount_t r = REFCOUNT_INIT(1);

	refcount_dec(&r);
}

static void add_not_zero_overflow(void *arg)
{
	refcount_t r = REFCOUNT_INIT(REFCOUNT_MAX);

	if (!refcount_inc_not_zero(&r))
		return;
}

static void misused_reference_counts_are_reported(struct kunit *test)
{
	static void (*const misuse[])(void *arg) = {
		inc_from_zero, drop_below_zero, overflow, dec_to_zero, add_not_zero_overflow,
	};

	for (int i = 0; i < ARRAY_SIZE(misuse); i++)
		KUNIT_EXPECT_EQ_MSG(test, violation_catch(misuse[i], NULL, NULL, 0),
				    VIOLATION_REFCOUNT, "%ps", misuse[i]);
}

/* A kernel's xarray takes every index. */
static void an_index_above_42_bits_is_refused(struct kunit *test)
{
	struct xarray xa;

	xa_init(&xa);
	KUNIT_EXPECT_EQ(test, xa_err(xa_store(&xa, 1UL << 50, &xa, GFP_KERNEL)), -EINVAL);
	xa_destroy(&xa);
}

static DEFINE_STATIC_KEY_FALSE(counted_key);

static void switch_a_key_that_counts(void *arg)
{
	static_key_slow_inc(&counted_key.key);
	static_key_slow_inc(&counted_key.key);
	static_key_enable_cpuslocked(&counted_key.key);
}

static void a_key_that_counts_its_users_is_not_switched(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(switch_a_key_that_counts, NULL, NULL, 0),
			VIOLATION_WARN);
}

static struct kunit_case misuse_cases[] = {
	KUNIT_CASE(corrupt_lists_are_reported),
	KUNIT_CASE(misused_reference_counts_are_reported),
	KUNIT_CASE(an_index_above_42_bits_is_refused),
	KUNIT_CASE(a_key_that_counts_its_users_is_not_switched),
	{}
};

static struct kunit_suite misuse_suite = {
	.name = "misuse",
	.test_cases = misuse_cases,
};
kunit_test_suite(misuse_suite);
