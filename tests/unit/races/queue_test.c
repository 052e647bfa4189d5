// SPDX-License-Identifier: GPL-2.0
/*
 * Everything that may happen to a page's place in a queue, two at a time, with the daemon for which
 * it waits: nothing stays promised, no place is taken twice, and what nobody took back moves.
 */
#include "races.h"

/* What one racer does. */
struct operation {
	const char *name;
	void (*run)(struct race *r);
};

static void do_add(struct race *r)
{
	move_page(r);
}

static void do_add_next(struct race *r)
{
	queue_add(r->next_pfn, 0, 1, 0);
	wait_for_daemons();
}

/* The daemon pauses for a jiffy after a batch: more pages come when it looks for them. */
static void do_add_later(struct race *r)
{
	int i;

	for (i = 0; i < 3; i++) {
		schedule_timeout_uninterruptible(1);
		queue_add(i == 1 ? r->pfn : r->next_pfn, 0, 1, 0);
	}
	wait_for_daemons();
}

/* Whoever takes a page's place away finds it promised. */
static void expect_promises(struct race *r)
{
	KUNIT_EXPECT_GE(r->test, (long)autonuma_queue_promised(1), 0);
}

static void do_cancel(struct race *r)
{
	autonuma_queue_cancel(r->pfn);
	expect_promises(r);
	wait_for_daemons();
}

static void do_add_and_cancel(struct race *r)
{
	queue_add(r->pfn, 0, 1, 0);
	do_cancel(r);
}

/* As another daemon would, if a node had two. */
static void do_take(struct race *r)
{
	struct autonuma_queued items[AUTONUMA_TURN];
	int nr = autonuma_queue_take(0, 1, items, 1);

	if (nr > 0)
		autonuma_queue_settle(1, nr);
	expect_promises(r);
	wait_for_daemons();
}

static void do_flush(struct race *r)
{
	autonuma_queue_flush();
	expect_promises(r);
	wait_for_daemons();
}

static void do_kick(struct race *r)
{
	autonuma_migrate_kick();
	wait_for_daemons();
}

static const struct operation operations[] = {
	{ "added", do_add },
	{ "followed by the next", do_add_next },
	{ "followed by more later", do_add_later },
	{ "cancelled", do_cancel },
	{ "added and cancelled", do_add_and_cancel },
	{ "taken out", do_take },
	{ "flushed", do_flush },
	{ "kicked", do_kick },
};

/* Two pages on node 0, touched last from CPU 4 on node 1. */
static void map_wanted_pages(struct race *r)
{
	struct prog p = { .test = r->test };

	r->addr = map_and_write(&p, 2);
	r->pfn = pte_pfn(entry_at(r->addr));
	r->next_pfn = pte_pfn(entry_at(r->addr + PAGE_SIZE));
	folio_xchg_last_cpupid(pfn_folio(r->pfn), cpu_pid_to_cpupid(4, 1));
	folio_xchg_last_cpupid(pfn_folio(r->next_pfn), cpu_pid_to_cpupid(4, 1));
	lru_add_drain_all();
}

static void map_queued_page(struct race *r)
{
	map_wanted_pages(r);
	queue_add(r->pfn, 0, 1, 0);
}

static void read_both(struct race *r)
{
	struct prog p = { .test = r->test, .addr = r->addr, .pages = 2 };

	expect_contents(&p);
}

/* Each with each, itself included. */
#define NR	ARRAY_SIZE(operations)
static const char grid[NR][NR];

static const void *pair_gen_params(const void *prev, char *desc)
{
	const char *cell = prev ? (const char *)prev + 1 : &grid[0][0];
	unsigned long a, b;

	for (; cell < &grid[0][0] + NR * NR; cell++) {
		a = (cell - &grid[0][0]) / NR;
		b = (cell - &grid[0][0]) % NR;
		if (a > b)
			continue;
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s and %s", operations[a].name,
			 operations[b].name);
		return cell;
	}
	return NULL;
}

static void race_pair(struct kunit *test, void (*prepare)(struct race *r))
{
	unsigned long i = (const char *)test->param_value - &grid[0][0];
	struct race r = {
		.test = test, .prepare = prepare, .check = read_both,
		.racers = { { operations[i / NR].run, 1 }, { operations[i % NR].run, 2 } },
	};

	move_at_once(test);
	race_run(&r);
}

/* No scan wakes a daemon that nobody else has woken. */
static void a_page_is(struct kunit *test)
{
	set_knob(test, "enabled", "0");
	race_pair(test, map_wanted_pages);
}

/* It has its place already, and the daemon waits to be kicked. */
static void a_queued_page_is(struct kunit *test)
{
	set_knob(test, "migrate_defer", "1");
	race_pair(test, map_queued_page);
}

static struct kunit_case queue_cases[] = {
	KUNIT_CASE_PARAM(a_page_is, pair_gen_params),
	KUNIT_CASE_PARAM(a_queued_page_is, pair_gen_params),
	{}
};

static struct kunit_suite queue_suite = {
	.name = "race-queue",
	.test_cases = queue_cases,
};
kunit_machine_config(queue_suite, race_machine);
kunit_test_suite(queue_suite);
