// SPDX-License-Identifier: GPL-2.0
/*
 * Functions that a test replaces: for whom, and until when.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/kthread.h>
#include <machine/stub.h>
#include <machine/violation.h>

static int doubled(int n)
{
	KUNIT_STATIC_STUB_REDIRECT(doubled, n);
	return 2 * n;
}

static int counted;

static void count(int n)
{
	KUNIT_STATIC_STUB_REDIRECT(count, n);
	counted += n;
}

static int negative(int n)
{
	return -n;
}

static void count_nothing(int n)
{
}

static void a_replacement_holds_until_it_is_taken_back(struct kunit *test)
{
	counted = 0;
	KUNIT_EXPECT_EQ(test, doubled(4), 8);
	kunit_activate_static_stub(test, doubled, negative);
	kunit_activate_static_stub(test, count, count_nothing);
	KUNIT_EXPECT_EQ(test, doubled(4), -4);
	count(1);
	KUNIT_EXPECT_EQ(test, counted, 0);
	kunit_deactivate_static_stub(test, doubled);
	KUNIT_EXPECT_EQ(test, doubled(4), 8);
	count(1);
	KUNIT_EXPECT_EQ(test, counted, 0);
	kunit_deactivate_static_stub(test, count);
	count(1);
	KUNIT_EXPECT_EQ(test, counted, 1);
}

static int call_it(void *result)
{
	smp_store_release((int *)result, doubled(4));
	return 0;
}

static void a_replacement_holds_for_other_tasks(struct kunit *test)
{
	struct task_struct *t;
	int result = 0;

	kunit_activate_static_stub(test, doubled, negative);
	t = kthread_run(call_it, &result, "caller");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	while (!smp_load_acquire(&result))
		schedule_timeout_interruptible(1);
	KUNIT_EXPECT_EQ(test, result, -4);
}

/* The case before this one did not take it back. */
static void a_replacement_ends_with_its_test(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, doubled(4), 8);
}

static void replace_too_many(void *unused)
{
	static char functions[STUB_MAX + 1];

	for (int i = 0; i <= STUB_MAX; i++)
		stub_set(&functions[i], NULL);
}

/* Who is replaced once keeps its place, so this is the last case. */
static void there_is_room_for_so_many(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(replace_too_many, NULL, NULL, 0), VIOLATION_BUG);
}

static struct kunit_case stub_cases[] = {
	KUNIT_CASE(a_replacement_holds_until_it_is_taken_back),
	KUNIT_CASE(a_replacement_holds_for_other_tasks),
	KUNIT_CASE(a_replacement_ends_with_its_test),
	KUNIT_CASE(there_is_room_for_so_many),
	{}
};

static struct kunit_suite stub_suite = {
	.name = "stub",
	.test_cases = stub_cases,
};
kunit_test_suite(stub_suite);
