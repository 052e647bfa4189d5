// SPDX-License-Identifier: GPL-2.0
/*
 * A huge page is split while it is given a place in a queue, loses it, or is taken out and moved.
 */
#include "races.h"
#include "../thp/thp_test.h"

#define SEED	7

/* What happens to the place of the page that is split. */
struct operation {
	const char *name;
	void (*run)(struct race *r);
	bool queued;		/* it has a place before */
};

static void do_queue(struct race *r)
{
	queue_add(r->pfn, HPAGE_PMD_ORDER, 1, 0);
	wait_for_daemons();
}

static void do_cancel(struct race *r)
{
	autonuma_queue_cancel(r->pfn);
}

static void do_queue_and_cancel(struct race *r)
{
	queue_add(r->pfn, HPAGE_PMD_ORDER, 1, 0);
	do_cancel(r);
}

static void do_switch_off(struct race *r)
{
	set_knob(r->test, "enabled", "0");
}

/* As the daemon of node 1 does, whose turn it is not: it takes the page out, or its parts. */
static void do_take(struct race *r)
{
	struct autonuma_queued items[AUTONUMA_TURN];
	int nr = autonuma_queue_take(0, 1, items, HPAGE_PMD_NR);

	while (nr-- > 0)
		autonuma_queue_settle(1, 1U << items[nr].order);
}

static const struct operation operations[] = {
	{ "is queued and moved", do_queue },
	{ "is queued twice", do_queue, .queued = true },
	{ "is queued and cancelled", do_queue_and_cancel },
	{ "is cancelled", do_cancel, .queued = true },
	{ "is taken out", do_take, .queued = true },
	{ "is forgotten with all others", do_switch_off, .queued = true },
};
KUNIT_ARRAY_PARAM_DESC(operation, operations, name);

static void split(struct race *r)
{
	split_folio_at(r->pfn);
}

/* A huge page on node 0 that CPU 4, on node 1, touched last. */
static void map_huge_page(struct race *r)
{
	const struct operation *op = r->arg;
	struct folio *folio;

	r->addr = map_filled(r->test, SEED);
	folio = folio_at(r->addr);
	r->pfn = folio_pfn(folio);
	folio_xchg_last_cpupid(folio, cpu_pid_to_cpupid(4, 1));
	lru_add_drain_all();
	if (op->queued)
		queue_add(r->pfn, HPAGE_PMD_ORDER, 1, 0);
}

static void read_all(struct race *r)
{
	KUNIT_EXPECT_EQ(r->test, damage(r->addr, HPAGE_PMD_SIZE, SEED), 0);
}

static void a_huge_page_is_split_while_it(struct kunit *test)
{
	const struct operation *op = test->param_value;
	struct race r = {
		.test = test, .arg = op, .prepare = map_huge_page, .check = read_all,
		.racers = { { op->run, 1 }, { split, 2 } },
	};

	KUNIT_ASSERT_EQ(test, keep_khugepaged_away(test), 0);
	if (op->queued)	/* It waits for its daemon until the race is over. */
		set_knob(test, "migrate_defer", "1");
	else
		move_at_once(test);
	race_run(&r);
}

/* The owner unmaps a part, so that the split is somebody else's, later. */
static void unmap_a_part(struct race *r)
{
	KUNIT_EXPECT_EQ(r->test, sys_madvise(r->addr + 3 * PAGE_SIZE, PAGE_SIZE,
					     MADV_DONTNEED), 0);
}

static void read_the_rest(struct race *r)
{
	KUNIT_EXPECT_EQ(r->test, damage(r->addr, 3 * PAGE_SIZE, SEED), 0);
	KUNIT_EXPECT_EQ(r->test, not_zero(r->addr + 3 * PAGE_SIZE, PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(r->test, damage(r->addr + 4 * PAGE_SIZE,
					HPAGE_PMD_SIZE - 4 * PAGE_SIZE, SEED), 0);
}

static void a_part_is_unmapped_while_the_huge_page_moves_and_is_split(struct kunit *test)
{
	static const struct operation moves = { "moves", do_queue };
	struct race r = {
		.test = test, .arg = &moves, .prepare = map_huge_page, .check = read_the_rest,
		.racers = { { do_queue, 1 }, { split, 2 }, { unmap_a_part, 4, .thread = true } },
	};

	KUNIT_ASSERT_EQ(test, keep_khugepaged_away(test), 0);
	move_at_once(test);
	race_run(&r);
}

static struct kunit_case split_queue_cases[] = {
	KUNIT_CASE_PARAM(a_huge_page_is_split_while_it, operation_gen_params),
	KUNIT_CASE(a_part_is_unmapped_while_the_huge_page_moves_and_is_split),
	{}
};

static struct kunit_suite split_queue_suite = {
	.name = "race-split-queue",
	.test_cases = split_queue_cases,
};
kunit_machine_config(split_queue_suite, race_machine);
kunit_test_suite(split_queue_suite);
