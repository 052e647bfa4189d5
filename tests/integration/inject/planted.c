// SPDX-License-Identifier: GPL-2.0
/*
 * Cases with and without a planted defect in what is done when an allocation fails, for
 * inject.py. Without injection all pass.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <machine/inject.h>
#include <machine/pages.h>

#include "alloc.h"

static void run(struct kunit *test, int (*fn)(struct planted *p))
{
	struct planted p;
	int ret = fn(&p);

	if (!ret) {
		kfree(p.b);
		kfree(p.a);
	} else if (ret != -ENOMEM) {
		KUNIT_FAIL(test, "returned %d", ret);
	}
}

static void nothing_wrong(struct kunit *test)
{
	run(test, alloc_well);
}

static void a_leak(struct kunit *test)
{
	run(test, alloc_and_leak);
}

static void a_lock_left_held(struct kunit *test)
{
	run(test, alloc_and_keep_locked);
}

static void an_unchecked_result(struct kunit *test)
{
	run(test, alloc_unchecked);
}

/* The case itself says so. */
static void an_error_told(struct kunit *test)
{
	struct planted p;

	KUNIT_ASSERT_EQ(test, alloc_well(&p), 0);
	kfree(p.b);
	kfree(p.a);
}

/* Sleeps once where it would have to look again: "if" for "while". */
static void a_sleep_without_a_loop(struct kunit *test)
{
	ktime_t expires = 1000;

	set_current_state(TASK_UNINTERRUPTIBLE);
	KUNIT_EXPECT_EQ(test, schedule_hrtimeout(&expires, HRTIMER_MODE_REL), 0);
}

static void well_run(void *arg)
{
	run(arg, alloc_well);
}

static void leaky_run(void *arg)
{
	run(arg, alloc_and_leak);
}

static void every_site_is_counted(struct kunit *test)
{
	struct inject_places *p = kzalloc(sizeof(*p), GFP_KERNEL);
	unsigned long objects = slab_objects();

	KUNIT_EXPECT_EQ(test, fail_every_site(well_run, test, 0, p), 2u);
	KUNIT_EXPECT_EQ(test, p->nr, 2u);
	KUNIT_EXPECT_EQ(test, p->at[0].state + p->at[1].state, 2u);
	/* the first run, and one for each failure; the second call comes after the first */
	KUNIT_EXPECT_EQ(test, p->at[0].reached, 3UL);
	KUNIT_EXPECT_EQ(test, p->at[1].reached, 2UL);
	KUNIT_EXPECT_EQ(test, slab_objects(), objects);
	kfree(p);
}

static void every_site_finds_the_leak(struct kunit *test)
{
	fail_every_site(leaky_run, test, 0, NULL);
}

static struct kunit_case planted_cases[] = {
	KUNIT_CASE(nothing_wrong),
	KUNIT_CASE(a_leak),
	KUNIT_CASE(a_lock_left_held),
	KUNIT_CASE(an_unchecked_result),
	KUNIT_CASE(an_error_told),
	KUNIT_CASE(a_sleep_without_a_loop),
	KUNIT_CASE(every_site_is_counted),
	{}
};

static struct kunit_suite planted_suite = {
	.name = "planted",
	.test_cases = planted_cases,
};

static struct kunit_case leak_cases[] = { KUNIT_CASE(every_site_finds_the_leak), {} };
static struct kunit_suite leak_suite = { .name = "leaks", .test_cases = leak_cases };

kunit_test_suites(&planted_suite, &leak_suite);
