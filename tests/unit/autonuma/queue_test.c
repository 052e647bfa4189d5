// SPDX-License-Identifier: GPL-2.0
/*
 * The queues of pages that shall move. Frames are given by number; nothing here
 * is a real page, and the daemons are kept away by switching AutoNUMA's async
 * migration knob to deferred.
 */
#include "core_test.h"

static unsigned long pfn_on(int nid, unsigned long i)
{
	return NODE_DATA(nid)->node_start_pfn + i;
}

static int keep_daemons_away(struct kunit *test)
{
	set_knob(test, "migrate_defer", "1");
	/* No process is old enough to be scanned, so no pass reaches its middle. */
	return 0;
}

static void flush_queues(struct kunit *test)
{
	autonuma_queue_flush();
}

static void pages_leave_in_the_order_they_came(struct kunit *test)
{
	struct autonuma_queued items[4];
	int i;

	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, queue_add(pfn_on(0, 10 - i), 0, 1, 0),
				AUTONUMA_DROP_NONE);
	KUNIT_EXPECT_EQ(test, autonuma_queue_take(0, 1, items, 4), 4);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, items[i].pfn, pfn_on(0, 10 - i));
	KUNIT_EXPECT_EQ(test, autonuma_queue_take(0, 1, items, 4), 1);
	KUNIT_EXPECT_EQ(test, autonuma_queue_take(0, 1, items, 4), 0);
	autonuma_queue_settle(1, 5);
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(1), 0);
}

/* Room is counted in pages: one huge page is as much as all of its pages. */
static void huge_pages_take_their_room(struct kunit *test)
{
	struct autonuma_queued items[AUTONUMA_TURN];

	queue_add(pfn_on(0, 0), 9, 1, 0);
	queue_add(pfn_on(0, 512), 9, 1, 0);
	queue_add(pfn_on(0, 1024), 0, 1, 0);
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(1), 1025);
	KUNIT_EXPECT_EQ(test, autonuma_queue_take(0, 1, items, 511), -512);
	KUNIT_EXPECT_EQ(test, autonuma_queue_take(0, 1, items, 1023), 1);
	KUNIT_EXPECT_EQ(test, items[0].order, 9);
	KUNIT_EXPECT_EQ(test, autonuma_queue_take(0, 1, items, 513), 2);
	KUNIT_EXPECT_EQ(test, items[0].pfn, pfn_on(0, 512));
	KUNIT_EXPECT_EQ(test, items[1].order, 0);
	autonuma_queue_settle(1, 1025);
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(1), 0);
}

static void a_page_has_one_place(struct kunit *test)
{
	struct autonuma_queued items[4];
	unsigned long queued = count_of(AUTONUMA_PAGES_QUEUED);

	trace_enable("autonuma_cancel");
	queue_add(pfn_on(0, 1), 0, 1, 0);
	queue_add(pfn_on(0, 1), 0, 1, 0);
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(1), 1);
	KUNIT_EXPECT_EQ(test, count_of(AUTONUMA_PAGES_QUEUED), queued + 1);

	/* Wanted elsewhere, it loses the place it had. */
	queue_add(pfn_on(0, 1), 0, 2, 1);
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(1), 0);
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(2), 1);
	KUNIT_EXPECT_EQ(test, count_of(AUTONUMA_PAGES_CANCELLED), 1);
	KUNIT_EXPECT_EQ(test, traced("autonuma_cancel", "target=1", NULL), 1);
	KUNIT_EXPECT_EQ(test, autonuma_queue_take(0, 1, items, 4), 0);
	KUNIT_EXPECT_EQ(test, autonuma_queue_take(0, 2, items, 4), 1);
	KUNIT_EXPECT_EQ(test, items[0].tries, 1);
	autonuma_queue_settle(2, 1);
}

static void cancelling_takes_the_place_away_once(struct kunit *test)
{
	struct autonuma_queued items[4];

	trace_enable("autonuma_cancel");
	queue_add(pfn_on(3, 7), 0, 0, 0);
	queue_add(pfn_on(3, 8), 0, 0, 0);
	KUNIT_EXPECT_TRUE(test, autonuma_queue_cancel(pfn_on(3, 7)));
	KUNIT_EXPECT_FALSE(test, autonuma_queue_cancel(pfn_on(3, 7)));
	KUNIT_EXPECT_FALSE(test, autonuma_queue_cancel(pfn_on(3, 9)));
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(0), 1);
	KUNIT_EXPECT_EQ(test, count_of(AUTONUMA_PAGES_CANCELLED), 1);
	KUNIT_EXPECT_EQ(test, traced("autonuma_cancel", "target=0", NULL), 1);
	KUNIT_EXPECT_EQ(test, autonuma_queue_take(3, 0, items, 4), 1);
	KUNIT_EXPECT_EQ(test, items[0].pfn, pfn_on(3, 8));
	autonuma_queue_settle(0, 1);
}

/* Of all frames of a node, many share the bucket of the one that is queued. */
static void frames_in_one_bucket_are_told_apart(struct kunit *test)
{
	unsigned long pages = NODE_DATA(0)->node_present_pages, i, cancelled = 0;

	queue_add(pfn_on(0, 77), 0, 1, 0);
	for (i = 0; i < pages; i++)
		cancelled += i != 77 && autonuma_queue_cancel(pfn_on(0, i));
	KUNIT_EXPECT_EQ(test, cancelled, 0);
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(1), 1);
	KUNIT_EXPECT_TRUE(test, autonuma_queue_cancel(pfn_on(0, 77)));
}

/* 4 bytes per page: 64 MiB nodes have 16384 pages and fewer than 1/8 places. */
static void a_full_queue_refuses_and_recovers(struct kunit *test)
{
	unsigned long cancelled;
	unsigned long pages = NODE_DATA(0)->node_present_pages, i;
	struct autonuma_queued items[4];

	for (i = 0; i < pages; i++) {
		if (queue_add(pfn_on(0, i), 0, 1, 0) == AUTONUMA_DROP_QUEUE_FULL)
			break;
	}
	KUNIT_EXPECT_LT(test, i, pages / 8);
	KUNIT_EXPECT_GT(test, i, pages / 32);
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(1), i);

	/* The page that has a place keeps it; one that leaves makes room for one. */
	KUNIT_EXPECT_EQ(test, queue_add(pfn_on(0, 0), 0, 2, 0), AUTONUMA_DROP_NONE);
	KUNIT_EXPECT_TRUE(test, autonuma_queue_cancel(pfn_on(0, 1)));
	KUNIT_EXPECT_EQ(test, queue_add(pfn_on(0, i), 0, 1, 0), AUTONUMA_DROP_NONE);
	KUNIT_EXPECT_EQ(test, queue_add(pfn_on(0, i + 1), 0, 1, 0),
			AUTONUMA_DROP_QUEUE_FULL);

	/* Other nodes' pages have places of their own. */
	KUNIT_EXPECT_EQ(test, queue_add(pfn_on(2, 0), 0, 1, 0), AUTONUMA_DROP_NONE);

	cancelled = count_of(AUTONUMA_PAGES_CANCELLED) + autonuma_queue_promised(1) +
		    autonuma_queue_promised(2);
	autonuma_queue_flush();
	KUNIT_EXPECT_EQ(test, count_of(AUTONUMA_PAGES_CANCELLED), cancelled);
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(1), 0);
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(2), 0);
	KUNIT_EXPECT_EQ(test, autonuma_queue_take(0, 1, items, 4), 0);
	KUNIT_EXPECT_EQ(test, autonuma_queue_take(0, 2, items, 4), 0);
	KUNIT_EXPECT_EQ(test, queue_add(pfn_on(0, 5), 0, 1, 0), AUTONUMA_DROP_NONE);
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(1), 1);
}

static void room_shrinks_by_what_is_promised(struct kunit *test)
{
	long room = autonuma_room(1);

	KUNIT_EXPECT_GT(test, room, 0);
	queue_add(pfn_on(0, 1), 0, 1, 0);
	queue_add(pfn_on(2, 1), 0, 1, 0);
	KUNIT_EXPECT_EQ(test, autonuma_room(1), room - 2);
	autonuma_queue_cancel(pfn_on(0, 1));
	KUNIT_EXPECT_EQ(test, autonuma_room(1), room - 1);
}

static void queue_to_own_node(void *unused)
{
	queue_add(pfn_on(1, 1), 0, 1, 0);
}

static void queueing_a_page_to_its_own_node_is_a_bug(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(queue_to_own_node, NULL, NULL, 0),
			VIOLATION_WARN);
}

static struct kunit_case queue_cases[] = {
	KUNIT_CASE(pages_leave_in_the_order_they_came),
	KUNIT_CASE(huge_pages_take_their_room),
	KUNIT_CASE(a_page_has_one_place),
	KUNIT_CASE(cancelling_takes_the_place_away_once),
	KUNIT_CASE(frames_in_one_bucket_are_told_apart),
	KUNIT_CASE(a_full_queue_refuses_and_recovers),
	KUNIT_CASE(room_shrinks_by_what_is_promised),
	KUNIT_CASE(queueing_a_page_to_its_own_node_is_a_bug),
	{}
};

static struct kunit_suite queue_suite = {
	.name = "autonuma-queue",
	.init = keep_daemons_away,
	.exit = flush_queues,
	.test_cases = queue_cases,
};

/* Node 1 has no memory, so it has no queue; node 2 has no CPU, so nobody pulls to it. */
static void nothing_waits_on_a_node_without_memory(struct kunit *test)
{
	struct autonuma_queued items[4];

	KUNIT_EXPECT_EQ(test, autonuma_queue_take(1, 0, items, 4), 0);
	KUNIT_EXPECT_EQ(test, autonuma_queue_take(1, 2, items, 4), 0);
}

static void a_node_without_cpus_has_no_daemon_to_wake(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, queue_add(pfn_on(0, 3), 0, 2, 0), AUTONUMA_DROP_NONE);
	autonuma_migrate_wake(2);
	autonuma_migrate_kick();
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(2), 1);
	autonuma_queue_flush();
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(2), 0);
}

/* Its room is for less than two entries. */
static void a_node_of_a_few_pages_has_a_queue(struct kunit *test)
{
	struct autonuma_queued items[4];

	KUNIT_EXPECT_EQ(test, queue_add(pfn_on(3, 0), 0, 2, 0), AUTONUMA_DROP_NONE);
	KUNIT_EXPECT_EQ(test, autonuma_queue_take(3, 2, items, 4), 1);
	KUNIT_EXPECT_EQ(test, items[0].pfn, pfn_on(3, 0));
	autonuma_queue_settle(2, 1);
}

static struct kunit_case uneven_cases[] = {
	KUNIT_CASE(nothing_waits_on_a_node_without_memory),
	KUNIT_CASE(a_node_without_cpus_has_no_daemon_to_wake),
	KUNIT_CASE(a_node_of_a_few_pages_has_a_queue),
	{}
};

static const int uneven_cpu_node[] = { 0, 0, 1 };
static const u64 uneven_bytes[] = { 32 << 20, 0, 32 << 20, 64 << 10 };
static const struct machine_config uneven_config = {
	.nr_nodes = 4, .nr_cpus = 3, .cpu_node = uneven_cpu_node, .node_bytes = uneven_bytes,
};
static struct kunit_suite uneven_suite = {
	.name = "autonuma-uneven",
	.test_cases = uneven_cases,
};

kunit_machine_config(uneven_suite, uneven_config);
kunit_test_suites(&queue_suite, &uneven_suite);

/* Queues are allocated at boot, for the nodes that have memory then. */
static void memory_added_after_boot_has_no_queue(struct kunit *test)
{
	unsigned long pfn = pfn_on(3, 0);
	struct autonuma_queued item;

	/* As if all had begun without that of node 3. */
	autonuma_scan_exit();
	autonuma_migrate_exit();
	autonuma_queue_exit();
	node_clear_state(3, N_MEMORY);
	KUNIT_ASSERT_EQ(test, autonuma_queue_init(), 0);
	KUNIT_ASSERT_EQ(test, autonuma_migrate_init(), 0);
	node_set_state(3, N_MEMORY);
	KUNIT_EXPECT_EQ(test, queue_add(pfn, 0, 1, 0), AUTONUMA_DROP_QUEUE_FULL);
	KUNIT_EXPECT_FALSE(test, autonuma_queue_cancel(pfn));
	KUNIT_EXPECT_EQ(test, autonuma_queue_take(3, 1, &item, 1), 0);
	/* Others go on without it. */
	KUNIT_EXPECT_EQ(test, queue_add(pfn_on(0, 0), 0, 3, 0), AUTONUMA_DROP_NONE);
	autonuma_queue_flush();
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(3), 0);
	/* What is allocated here ends here. */
	autonuma_migrate_exit();
	autonuma_queue_exit();
}

static struct kunit_case late_cases[] = {
	KUNIT_CASE(memory_added_after_boot_has_no_queue),
	{}
};

static struct kunit_suite late_suite = {
	.name = "autonuma-late-queue",
	.init = keep_daemons_away,
	.test_cases = late_cases,
};
kunit_test_suite(late_suite);
