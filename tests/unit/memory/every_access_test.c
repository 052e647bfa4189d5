// SPDX-License-Identifier: GPL-2.0
/*
 * The build "every": each access is a decision point of engine replay.
 * EVERY_ACCESS: those of this file as well.
 */
#include <kunit/test.h>
#include <linux/spinlock.h>
#include <machine/replay.h>
#include <machine/violation.h>
#include <asm/processor.h>

#include "../threads.h"

#define TURNS	200

static int counter;
static int data[TURNS + 1];
static int flags[TURNS + 1];
static DEFINE_SPINLOCK(lock);

static atomic_t there;
static DECLARE_COMPLETION(go);

/* Else one is done before the other is made. */
static void meet(void)
{
	if (atomic_inc_return(&there) == 2)
		complete_all(&go);
	else
		wait_for_completion(&go);
}

static void add_plainly(void *unused)
{
	meet();
	for (int i = 0; i < TURNS; i++) {
		counter++;
		barrier();	/* else the compiler adds once */
	}
}

static void add_locked(void *unused)
{
	meet();
	for (int i = 0; i < TURNS; i++) {
		spin_lock(&lock);
		counter++;
		spin_unlock(&lock);
	}
}

static void add_on_purpose(void *unused)
{
	meet();
	for (int i = 0; i < TURNS; i++)
		data_race(counter++);
}

static void set_marked(void *unused)
{
	meet();
	for (int i = 0; i < TURNS; i++)
		WRITE_ONCE(counter, i);
}

static void look_plainly(void *unused)
{
	meet();
	for (int i = 0; i < TURNS && counter >= 0; i++)
		barrier();
}

static int run_caught(void *fn)
{
	return violation_catch(fn, NULL, NULL, 0);
}

static int run(void *fn)
{
	((void (*)(void *))fn)(NULL);
	return VIOLATION_NONE;
}

/* Both at the same time; what was violated. */
static int beside(struct kunit *test, void (*one)(void *), void (*other)(void *), bool caught)
{
	struct test_thread a, b;
	int ret;

	counter = 0;
	atomic_set(&there, 0);
	reinit_completion(&go);
	test_thread_start(test, &a, 1, caught ? run_caught : run, one);
	test_thread_start(test, &b, 2, caught ? run_caught : run, other);
	ret = test_thread_join(&a);
	return test_thread_join(&b) ?: ret;
}

static void a_plain_race_is_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, beside(test, add_plainly, add_plainly, true),
			VIOLATION_DATA_RACE);
	KUNIT_EXPECT_EQ(test, beside(test, add_plainly, set_marked, true), VIOLATION_DATA_RACE);
	KUNIT_EXPECT_EQ(test, beside(test, look_plainly, set_marked, true),
			VIOLATION_DATA_RACE);
}

static void what_is_ordered_or_read_only_is_no_race(struct kunit *test)
{
	beside(test, add_locked, add_locked, false);
	KUNIT_EXPECT_EQ(test, counter, 2 * TURNS);
	beside(test, look_plainly, look_plainly, false);
}

/* And the one between the load and the store of a plain addition is a decision point. */
static void a_declared_race_loses_updates_silently(struct kunit *test)
{
	beside(test, add_on_purpose, add_on_purpose, false);
	KUNIT_EXPECT_LT(test, counter, 2 * TURNS);
}

static bool ordered;

static void publish(void *unused)
{
	for (int i = 0; i < TURNS; i++) {
		data_race(data[i] = 1);
		if (ordered)
			smp_wmb();
		WRITE_ONCE(flags[i], 1);
		cpu_relax();
	}
}

static int too_early;

static void subscribe(void *unused)
{
	for (int i = 0; i < TURNS; i++) {
		while (!READ_ONCE(flags[i]))
			cpu_relax();
		smp_rmb();
		too_early += !data_race(data[i]);
	}
}

static void a_plain_store_is_seen_late_without_barrier(struct kunit *test)
{
	for (int with = 0; with < 2; with++) {
		memset(data, 0, sizeof(data));
		memset(flags, 0, sizeof(flags));
		too_early = 0;
		ordered = with;
		replay_end();
		replay_memory_use("weak");
		replay_begin();
		beside(test, publish, subscribe, false);
		replay_end();
		replay_memory_use("sc");
		replay_begin();
		if (with)
			KUNIT_EXPECT_EQ(test, too_early, 0);
		else
			KUNIT_EXPECT_GT(test, too_early, 0);
	}
}

static int every_init(struct kunit *test)
{
#ifdef AUTONUMA_EVERY_ACCESS
	if (replay_in_use() && !strcmp(replay_strategy(), "random"))
		return 0;
#endif
	kunit_skip(test, "for --engine replay --strategy random of the build 'every'");
}

static struct kunit_case every_cases[] = {
	KUNIT_CASE(a_plain_race_is_reported),
	KUNIT_CASE(what_is_ordered_or_read_only_is_no_race),
	KUNIT_CASE(a_declared_race_loses_updates_silently),
	KUNIT_CASE(a_plain_store_is_seen_late_without_barrier),
	{}
};

static struct kunit_suite every_suite = {
	.name = "memory-every-access",
	.init = every_init,
	.test_cases = every_cases,
};
kunit_test_suite(every_suite);
