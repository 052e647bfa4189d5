// SPDX-License-Identifier: GPL-2.0
/*
 * Knobs are written while the daemons sleep, scan and move pages: afterwards none has missed its
 * wake-up, and each goes by what was written.
 */
#include "races.h"

static void map_two_pages(struct race *r)
{
	struct prog p = { .test = r->test };

	r->addr = map_and_write(&p, 2);
	become_known(r);
	touch_all(&p);
	r->pfn = pte_pfn(entry_at(r->addr));
	folio_xchg_last_cpupid(pfn_folio(r->pfn), cpu_pid_to_cpupid(4, 1));
	lru_add_drain_all();
}

static void switch_on(struct race *r)
{
	set_knob(r->test, "enabled", "1");
}

static void switch_off_and_on(struct race *r)
{
	set_knob(r->test, "enabled", "0");
	set_knob(r->test, "enabled", "1");
}

static void change_pace(struct race *r)
{
	set_knob(r->test, "pages_to_scan", "1");
	set_knob(r->test, "scan_sleep_millisecs", "1");
	set_knob(r->test, "scan_sleep_pass_millisecs", "500");
}

static void defer_and_do_not(struct race *r)
{
	set_knob(r->test, "migrate_defer", "1");
	set_knob(r->test, "migrate_defer", "0");
	queue_add(r->pfn, 0, 1, 0);
}

/* knuma_scand has not been left asleep. */
static void passes_go_on(struct race *r)
{
	struct prog p = { .test = r->test, .addr = r->addr, .pages = 2 };

	set_knob(r->test, "enabled", "1");
	wait_for_passes(&p, 2);
	KUNIT_EXPECT_EQ(r->test, failed(AUTONUMA_DROP_QUEUE_FULL), 0);
	expect_contents(&p);
}

/* Nor has the daemon of node 1: what is wanted there now arrives. */
static void pages_still_arrive(struct race *r)
{
	struct prog p = { .test = r->test, .addr = r->addr, .pages = 2 };
	unsigned long pfn = pte_pfn(entry_at(r->addr + PAGE_SIZE));

	folio_xchg_last_cpupid(pfn_folio(pfn), cpu_pid_to_cpupid(4, 1));
	queue_add(pfn, 0, 1, 0);
	user_compute(SEC);
	KUNIT_EXPECT_EQ(r->test, mm_page_node(current->mm, r->addr + PAGE_SIZE), 1);
	expect_contents(&p);
}

static void the_scan_is_switched_off_and_on(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = map_two_pages, .check = passes_go_on,
		.racers = { { switch_on, 1 }, { switch_off_and_on, 2 } },
	};

	race_run(&r);
}

static void two_switch_at_once(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = map_two_pages, .check = passes_go_on,
		.racers = { { switch_off_and_on, 1 }, { switch_off_and_on, 2 } },
	};

	race_run(&r);
}

static void the_pace_changes_during_a_pass(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = map_two_pages, .check = passes_go_on,
		.racers = { { start_scan, 1 }, { change_pace, 2 } },
	};

	race_run(&r);
}

static void queues_are_flushed_while_pages_are_queued_and_moved(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = map_two_pages, .check = pages_still_arrive,
		.racers = { { move_page, 1 }, { switch_off_and_on, 2 } },
	};

	move_at_once(test);
	race_run(&r);
}

static void pages_are_queued_while_migration_is_deferred(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = map_two_pages, .check = pages_still_arrive,
		.racers = { { move_page, 1 }, { defer_and_do_not, 2 }, { switch_on, 3 } },
	};

	move_at_once(test);
	race_run(&r);
}

static struct kunit_case knobs_cases[] = {
	KUNIT_CASE(the_scan_is_switched_off_and_on),
	KUNIT_CASE(two_switch_at_once),
	KUNIT_CASE(the_pace_changes_during_a_pass),
	KUNIT_CASE(queues_are_flushed_while_pages_are_queued_and_moved),
	KUNIT_CASE(pages_are_queued_while_migration_is_deferred),
	{}
};

static struct kunit_suite knobs_suite = {
	.name = "race-knobs",
	.test_cases = knobs_cases,
};
kunit_machine_config(knobs_suite, race_machine);
kunit_test_suite(knobs_suite);
