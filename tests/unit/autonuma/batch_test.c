// SPDX-License-Identifier: GPL-2.0
/* What one batch of knuma_migratedN takes, and what it leaves for the next one. */
#include "huge_test.h"

#define BATCH	HPAGE_PMD_NR

/* As two samples from node 2 would. */
static void queue_for_node_2(struct folio *folio)
{
	folio_xchg_last_cpupid(folio, cpu_pid_to_cpupid(cpu_of(2), 1));
	queue_add(folio_pfn(folio), folio_order(folio), 2, 0);
}

static void queue_small(struct prog *small)
{
	unsigned long i;

	for (i = 0; i < small->pages; i++)
		queue_for_node_2(folio_at(small->addr + i * PAGE_SIZE));
}

/*
 * On node 0 a small page waits, then a huge one, and on node 1 more small ones than a batch
 * holds. The small page and a turn of node 1 leave no room for the huge one.
 */
static void waits_behind_small_ones(struct prog *p)
{
	struct prog small = { .test = p->test }, many = { .test = p->test };

	set_knob(p->test, "migrate_defer", "1");
	set_knob(p->test, "pages_to_migrate", "512");
	set_knob(p->test, "migrate_sleep_millisecs", "10000");
	scan_steadily(p->test, 90000);
	map_huge_and_write(p, 1);
	KUNIT_ASSERT_EQ(p->test, set_policy("hugepages-2048kB/enabled", "never"), 0);
	map_and_write(&small, 1);
	go_to_node(p, 1);
	map_and_write(&many, 2 * BATCH);
	lru_add_drain_all();
	queue_small(&small);
	queue_for_node_2(folio_at(p->addr));
	queue_small(&many);

	set_knob(p->test, "migrate_defer", "0");
	user_compute(5 * SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(&small, 2), 1);
	KUNIT_EXPECT_EQ(p->test, pages_on(&many, 2), AUTONUMA_TURN);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 0);
	user_compute(10 * SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(&many, 2), AUTONUMA_TURN);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), BATCH);
	user_compute(10 * SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(&many, 2), AUTONUMA_TURN + BATCH);
}

static void a_huge_page_without_room_in_a_batch_is_the_first_of_the_next(struct kunit *test)
{
	run_prog(test, 0, waits_behind_small_ones, NULL);
}

static struct kunit_case batch_cases[] = {
	KUNIT_CASE(a_huge_page_without_room_in_a_batch_is_the_first_of_the_next),
	{}
};

static struct kunit_suite batch_suite = {
	.name = "autonuma-batch",
	.init = keep_khugepaged_away,
	.test_cases = batch_cases,
};
kunit_test_suite(batch_suite);
