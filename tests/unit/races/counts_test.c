// SPDX-License-Identifier: GPL-2.0
/*
 * knuma_scand gives a thread its statistics while that looks for them, as a hinting fault does,
 * which counts in them at once: see give_counts() and count_run().
 */
#include "races.h"

static void map_page(struct race *r)
{
	struct prog p = { .test = r->test };

	/* The process itself may have a wish already. */
	set_knob(r->test, "child_inheritance", "0");
	r->addr = map_and_write(&p, 1);
	become_known(r);
	r->pfn = pte_pfn(entry_at(r->addr));
}

/* As soon as there are statistics all of them are there: neither node 0 nor no pass. */
static void wait_for_statistics(struct race *r)
{
	struct task_autonuma *ta;
	unsigned long passes;
	int nid;

	/* Pairs with the release in give_counts(). */
	ta = smp_cond_load_acquire(&current->task_autonuma, VAL);
	nid = READ_ONCE(ta->preferred_nid);
	passes = READ_ONCE(ta->faults.passes);
	KUNIT_EXPECT_EQ(r->test, nid, NUMA_NO_NODE);
	KUNIT_EXPECT_GT(r->test, passes, 0);
}

static void statistics_are_whole_when_their_task_finds_them(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = map_page,
		.racers = {
			{ start_scan, 1 },
			{ wait_for_statistics, 5, .thread = true },
		},
	};

	race_run(&r);
}

static struct kunit_case counts_cases[] = {
	KUNIT_CASE(statistics_are_whole_when_their_task_finds_them),
	{}
};

static struct kunit_suite counts_suite = {
	.name = "race-counts",
	.test_cases = counts_cases,
};
kunit_machine_config(counts_suite, race_machine);
kunit_test_suite(counts_suite);
