// SPDX-License-Identifier: GPL-2.0
/*
 * A process exits while knuma_scand finds, visits or finishes with it: the serialisation that
 * mm/registry.c describes at its top.
 */
#include "races.h"

static void map_two_pages(struct race *r)
{
	struct prog p = { .test = r->test };

	r->addr = map_and_write(&p, 2);
}

static void map_and_become_known(struct race *r)
{
	map_two_pages(r);
	become_known(r);
	touch_all(&(struct prog){ .test = r->test, .addr = r->addr, .pages = 2 });
}

static void map_and_grow_old(struct race *r)
{
	map_two_pages(r);
	grow_old(r);
}

/* To return is to exit. */
static void leave(struct race *r)
{
}

/* Whoever looks for an mm by its number, as knuma_migratedN does, may use what it finds. */
static void look_up(struct race *r)
{
	struct mm_autonuma *mma;
	int i;

	rcu_read_lock();
	mma = autonuma_find_mm(r->mm_id);
	for (i = 0; i < 4; i++)
		autonuma_hear(mma, AUTONUMA_STAYED, 1);
	rcu_read_unlock();
}

static void a_known_process_exits_while_a_pass_visits_it(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = map_and_become_known, .meanwhile = leave,
		.racers = { { start_scan, 1 } },
	};

	race_run(&r);
}

static void a_new_process_exits_while_it_is_registered(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = map_and_grow_old, .meanwhile = leave,
		.racers = { { start_scan, 1 } },
	};

	set_knob(test, "enabled", "0");
	race_run(&r);
}

static void the_last_threads_exit_while_a_pass_visits_them(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = map_and_become_known, .meanwhile = leave,
		.racers = { { start_scan, 1 }, { leave, 4, .thread = true } },
	};

	race_run(&r);
}

static void new_threads_exit_while_they_get_statistics(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = map_and_become_known,
		.racers = {
			{ start_scan, 1 }, { leave, 4, .thread = true }, { leave, 5, .thread = true },
		},
	};

	race_run(&r);
}

static void a_process_exits_while_it_is_told_about(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = map_and_become_known, .meanwhile = leave,
		.racers = { { look_up, 1 } },
	};

	race_run(&r);
}

static struct kunit_case exit_scan_cases[] = {
	KUNIT_CASE(a_known_process_exits_while_a_pass_visits_it),
	KUNIT_CASE(a_new_process_exits_while_it_is_registered),
	KUNIT_CASE(the_last_threads_exit_while_a_pass_visits_them),
	KUNIT_CASE(new_threads_exit_while_they_get_statistics),
	KUNIT_CASE(a_process_exits_while_it_is_told_about),
	{}
};

static struct kunit_suite exit_scan_suite = {
	.name = "race-exit-scan",
	.test_cases = exit_scan_cases,
};
kunit_machine_config(exit_scan_suite, race_machine);
kunit_test_suite(exit_scan_suite);
