// SPDX-License-Identifier: GPL-2.0
/* Homes: how many tasks run, and over which nodes they are spread. */
#include "cast_test.h"

#define TASKS	12

struct fixture {
	struct kunit *test;
	struct autonuma_home home;
	struct task_autonuma *ta[TASKS];
	nodemask_t nodes;
	unsigned int cpus;	/* that each task takes; 0: one */
};

static void *new_counts(struct kunit *test)
{
	struct autonuma_counts *c = kunit_kzalloc(test, autonuma_counts_size(), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	autonuma_counts_init(c);
	return c;
}

static struct fixture *build(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->test = test;
	autonuma_home_init(&f->home, new_counts(test), new_counts(test));
	for (i = 0; i < TASKS; i++) {
		f->ta[i] = kunit_kzalloc(test, sizeof(*f->ta[i]) + autonuma_counts_size(),
					 GFP_KERNEL);
		autonuma_place_init(f->ta[i], current);
	}
	return f;
}

/* @n tasks take a decision on @nid. Returns the nodes as bits, or 0 if one node holds them. */
static unsigned long visit(struct fixture *f, int n, int nid)
{
	bool spread = false;
	int i;

	for (i = 0; i < n; i++)
		spread = autonuma_home_visit(&f->home, current, &f->ta[i]->seen, nid,
					     f->cpus ?: 1, &f->nodes);
	return spread ? f->nodes.bits[0] : 0;
}

/* The same, in each of the next @windows windows. */
static unsigned long visit_windows(struct fixture *f, int windows, int n, int nid)
{
	unsigned long nodes = 0;

	while (windows--) {
		msleep(1000);
		nodes = visit(f, n, nid);
	}
	return nodes;
}

static void set_pages(struct fixture *f, unsigned long p0, unsigned long p1,
		      unsigned long p2, unsigned long p3)
{
	write_counts(f->test, f->home.pages, (unsigned long[]){ p0, p1, p2, p3 });
}

static void tasks_that_one_node_holds_are_not_spread(struct kunit *test)
{
	struct fixture *f = build(test);

	set_pages(f, 0, 40, 0, 60);
	KUNIT_EXPECT_EQ(test, visit(f, 2, 0), 0UL);
	/* They choose from all nodes with pages. */
	KUNIT_EXPECT_EQ(test, f->nodes.bits[0], 0xaUL);
}

static void more_tasks_are_spread_over_the_fewest_nodes_with_most_pages(struct kunit *test)
{
	struct fixture *f = build(test);

	set_pages(f, 10, 30, 20, 40);
	KUNIT_EXPECT_EQ(test, visit(f, 3, 0), 0xaUL);
	KUNIT_EXPECT_EQ(test, visit(f, 4, 0), 0xaUL);
	KUNIT_EXPECT_EQ(test, visit(f, 5, 0), 0xeUL);
	KUNIT_EXPECT_EQ(test, visit(f, 7, 0), 0xfUL);
}

static void a_task_with_a_core_to_itself_takes_all_its_cpus(struct kunit *test)
{
	struct fixture *f = build(test);

	f->cpus = 2;
	set_pages(f, 10, 30, 20, 40);
	KUNIT_EXPECT_EQ(test, visit(f, 1, 0), 0UL);
	KUNIT_EXPECT_EQ(test, visit(f, 2, 0), 0xaUL);
	KUNIT_EXPECT_EQ(test, visit(f, 3, 0), 0xeUL);
	KUNIT_EXPECT_EQ(test, f->home.running->total, 3UL * AUTONUMA_TASK);
}

static void more_tasks_than_all_cpus_are_spread_over_all_nodes(struct kunit *test)
{
	struct fixture *f = build(test);

	set_pages(f, 10, 30, 20, 40);
	KUNIT_EXPECT_EQ(test, visit(f, TASKS, 0), 0xfUL);
	/* More tasks are no reason to choose again. */
	KUNIT_EXPECT_EQ(test, f->home.room, UINT_MAX);
	KUNIT_EXPECT_EQ(test, visit(f, TASKS, 0), 0xfUL);
	KUNIT_EXPECT_EQ(test, visit_windows(f, 2, TASKS, 0), 0xfUL);
}

static void nothing_is_chosen_before_pages_are_known(struct kunit *test)
{
	struct fixture *f = build(test);

	KUNIT_EXPECT_EQ(test, visit(f, 5, 0), 0UL);
	KUNIT_EXPECT_TRUE(test, nodes_empty(f->nodes));
	KUNIT_EXPECT_EQ(test, autonuma_share(f->home.pages, 0), 0L);
	/* But then at once. */
	set_pages(f, 10, 0, 20, 0);
	KUNIT_EXPECT_EQ(test, visit(f, 3, 0), 0x7UL);
}

static void a_task_counts_once_per_window(struct kunit *test)
{
	struct fixture *f = build(test);
	int i;

	set_pages(f, 100, 0, 0, 0);
	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_EQ(test, visit(f, 2, 0), 0UL);
	KUNIT_EXPECT_EQ(test, autonuma_share(f->home.running, 0), (long)AUTONUMA_ALL);
	KUNIT_EXPECT_EQ(test, f->home.running->total, 2UL * AUTONUMA_TASK);
	/* Half of what was before, and as many once more. */
	KUNIT_EXPECT_EQ(test, visit_windows(f, 1, 2, 1), 0UL);
	KUNIT_EXPECT_EQ(test, f->home.running->total, 3UL * AUTONUMA_TASK);
	KUNIT_EXPECT_EQ(test, autonuma_share(f->home.running, 1), AUTONUMA_ALL * 2L / 3);
}

/* One that is bound, for example. */
static void a_task_without_a_choice_counts_where_it_runs(struct kunit *test)
{
	struct fixture *f = build(test);
	int i;

	set_pages(f, 100, 0, 0, 0);
	for (i = 0; i < 20; i++)
		autonuma_home_see(&f->home, &f->ta[i % 5 + 6]->seen, 3);
	KUNIT_EXPECT_EQ(test, f->home.running->total, 5UL * AUTONUMA_TASK);
	KUNIT_EXPECT_EQ(test, autonuma_share(f->home.running, 3), (long)AUTONUMA_ALL);
	/* It needs no room, and does not put off the choice of a window that it begins. */
	KUNIT_EXPECT_EQ(test, visit(f, 3, 0), 0x3UL);
	set_pages(f, 0, 0, 0, 100);
	msleep(1000);
	autonuma_home_see(&f->home, &f->ta[6]->seen, 3);
	KUNIT_EXPECT_EQ(test, f->home.window, 1UL);
	KUNIT_EXPECT_EQ(test, visit(f, 3, 0), 0xaUL);
}

static void of_equal_nodes_the_first_are_chosen(struct kunit *test)
{
	struct fixture *f = build(test);

	set_pages(f, 25, 25, 25, 25);
	KUNIT_EXPECT_EQ(test, visit(f, 3, 1), 0x3UL);
}

/* Too little for a share of its own. */
static void few_pages_are_more_than_none(struct kunit *test)
{
	struct fixture *f = build(test);

	set_pages(f, 1000 * AUTONUMA_ALL, 0, 0, 1);
	KUNIT_EXPECT_EQ(test, autonuma_share(f->home.pages, 3), 0L);
	KUNIT_EXPECT_EQ(test, visit(f, 3, 0), 0x9UL);
}

/* Who has gone counts for some windows yet, less and less, and then not at all. */
static void who_has_left_is_forgotten_after_a_while(struct kunit *test)
{
	struct fixture *f = build(test);

	set_pages(f, 100, 0, 0, 0);
	visit(f, 1, 0);
	visit_windows(f, 4, 1, 1);
	KUNIT_EXPECT_GT(test, autonuma_share(f->home.running, 0), 0L);
	visit_windows(f, 1, 1, 1);
	KUNIT_EXPECT_EQ(test, autonuma_share(f->home.running, 0), 0L);
}

static void a_task_counts_in_each_home_it_comes_to(struct kunit *test)
{
	struct fixture *f = build(test);
	struct fixture *g = build(test);
	int i;

	set_pages(f, 100, 0, 0, 0);
	set_pages(g, 100, 0, 0, 0);
	for (i = 0; i < TASKS; i++)
		g->ta[i] = f->ta[i];
	KUNIT_EXPECT_EQ(test, visit(f, 3, 1), 0x3UL);
	KUNIT_EXPECT_EQ(test, visit(g, 3, 1), 0xcUL);
}

static void tasks_that_sleep_do_not_count(struct kunit *test)
{
	struct fixture *f = build(test);

	set_pages(f, 50, 40, 10, 0);
	KUNIT_EXPECT_EQ(test, visit(f, 5, 0), 0x7UL);
	/* Remembered over three windows, and forgotten then. */
	KUNIT_EXPECT_EQ(test, visit_windows(f, 3, 2, 0), 0x7UL);
	KUNIT_EXPECT_EQ(test, visit_windows(f, 1, 2, 0), 0UL);
	/* As many as before, but less than one window's: fewer nodes. */
	KUNIT_EXPECT_EQ(test, visit(f, 4, 0), 0x3UL);
}

static void a_window_is_as_long_as_four_intervals(struct kunit *test)
{
	struct fixture *f = build(test);

	set_knob(test, "balance_interval_millisecs", "1000");
	set_pages(f, 50, 40, 10, 0);
	KUNIT_EXPECT_EQ(test, visit_windows(f, 3, 1, 0), 0UL);
	KUNIT_EXPECT_EQ(test, f->home.window, 0UL);
	KUNIT_EXPECT_EQ(test, visit_windows(f, 1, 1, 0), 0UL);
	KUNIT_EXPECT_EQ(test, f->home.window, 1UL);
}

static void nodes_that_are_not_needed_are_given_up(struct kunit *test)
{
	struct fixture *f = build(test);

	set_pages(f, 10, 30, 20, 40);
	KUNIT_EXPECT_EQ(test, visit(f, 8, 0), 0xfUL);
	KUNIT_EXPECT_EQ(test, visit_windows(f, 4, 3, 0), 0xaUL);
}

static void an_outsider_with_clearly_more_pages_is_taken(struct kunit *test)
{
	struct fixture *f = build(test);

	set_pages(f, 60, 40, 0, 0);
	KUNIT_EXPECT_EQ(test, visit(f, 4, 0), 0x3UL);
	/* More, but not a third more. */
	set_pages(f, 30, 31, 39, 0);
	KUNIT_EXPECT_EQ(test, visit_windows(f, 2, 4, 0), 0x3UL);
	/* A third more, but not clearly. */
	set_pages(f, 95, 2, 3, 0);
	KUNIT_EXPECT_EQ(test, visit_windows(f, 2, 4, 0), 0x3UL);
	/* A third more. */
	set_pages(f, 30, 30, 40, 0);
	/* Not before the next window. */
	KUNIT_EXPECT_EQ(test, visit(f, 4, 0), 0x3UL);
	KUNIT_EXPECT_EQ(test, visit_windows(f, 1, 4, 0), 0x6UL);
	/* Clearly. */
	set_pages(f, 7, 2, 91, 0);
	KUNIT_EXPECT_EQ(test, visit_windows(f, 1, 4, 0), 0x5UL);
	/* And for good. */
	KUNIT_EXPECT_EQ(test, visit_windows(f, 3, 4, 0), 0x5UL);
}

static void a_home_grows_from_the_nodes_it_has(struct kunit *test)
{
	struct fixture *f = build(test);

	set_pages(f, 60, 40, 0, 0);
	KUNIT_EXPECT_EQ(test, visit(f, 4, 0), 0x3UL);
	set_pages(f, 35, 30, 32, 3);
	KUNIT_EXPECT_EQ(test, visit(f, 6, 0), 0x7UL);
}

static void homes_leave_each_others_nodes_alone(struct kunit *test)
{
	struct fixture *f = build(test), *g = build(test), *h = build(test);

	set_pages(f, 100, 0, 0, 0);
	set_pages(g, 100, 0, 0, 0);
	set_pages(h, 40, 0, 60, 0);
	KUNIT_EXPECT_EQ(test, visit(f, 4, 1), 0x3UL);
	KUNIT_EXPECT_EQ(test, visit(g, 4, 1), 0xcUL);
	/* Not for a home on one node. */
	KUNIT_EXPECT_EQ(test, visit(h, 2, 1), 0UL);
	/* None is left: then those with most pages. */
	KUNIT_EXPECT_EQ(test, visit(h, 3, 1), 0x5UL);
	/* Most pages on a foreign node are no reason to exchange. */
	msleep(1000);
	KUNIT_EXPECT_EQ(test, visit(f, 4, 1), 0x3UL);
	KUNIT_EXPECT_EQ(test, visit(g, 4, 1), 0xcUL);
	KUNIT_EXPECT_EQ(test, visit(h, 4, 1), 0x5UL);
	/* The first home has not run for two windows. Who shared its node does not own it. */
	msleep(1000);
	KUNIT_EXPECT_EQ(test, visit(g, 4, 1), 0xcUL);
	KUNIT_EXPECT_EQ(test, visit(h, 4, 1), 0x5UL);
	msleep(1000);
	KUNIT_EXPECT_NE(test, visit(g, 4, 1), 0xcUL);
	KUNIT_EXPECT_TRUE(test, node_isset(0, g->home.nodes));
}

static void nodes_out_of_bounds_are_not_chosen(struct kunit *test)
{
	struct fixture *f = build(test);
	struct cpumask mask;

	/* One CPU of node 0, and nodes 2 and 3. */
	KUNIT_ASSERT_EQ(test, cpulist_parse("0,4-7", &mask), 0);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, &mask), 0);
	set_pages(f, 0, 100, 0, 0);
	KUNIT_EXPECT_EQ(test, visit(f, 1, 2), 0x4UL);
	msleep(3000);
	f = build(test);
	set_pages(f, 60, 40, 0, 0);
	KUNIT_EXPECT_EQ(test, visit(f, 1, 0), 0UL);
	/* One CPU of node 0 is not enough for two; one of the other nodes is. */
	KUNIT_EXPECT_EQ(test, visit(f, 2, 3), 0x8UL);
	KUNIT_EXPECT_EQ(test, visit(f, 3, 3), 0x9UL);
}

static void a_home_leaves_nodes_that_go_out_of_bounds(struct kunit *test)
{
	struct fixture *f = build(test);
	struct cpumask mask;

	set_pages(f, 60, 40, 0, 0);
	KUNIT_EXPECT_EQ(test, visit(f, 4, 0), 0x3UL);
	KUNIT_ASSERT_EQ(test, cpulist_parse("2-7", &mask), 0);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, &mask), 0);
	KUNIT_EXPECT_EQ(test, visit_windows(f, 1, 4, 2), 0x6UL);
	/* Also if no others are left. */
	KUNIT_ASSERT_EQ(test, cpulist_parse("2-3", &mask), 0);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, &mask), 0);
	KUNIT_EXPECT_EQ(test, visit_windows(f, 1, 4, 2), 0x2UL);
}

static struct kunit_case home_cases[] = {
	KUNIT_CASE(tasks_that_one_node_holds_are_not_spread),
	KUNIT_CASE(more_tasks_are_spread_over_the_fewest_nodes_with_most_pages),
	KUNIT_CASE(a_task_with_a_core_to_itself_takes_all_its_cpus),
	KUNIT_CASE(more_tasks_than_all_cpus_are_spread_over_all_nodes),
	KUNIT_CASE(nothing_is_chosen_before_pages_are_known),
	KUNIT_CASE(of_equal_nodes_the_first_are_chosen),
	KUNIT_CASE(few_pages_are_more_than_none),
	KUNIT_CASE(a_task_counts_once_per_window),
	KUNIT_CASE(a_task_without_a_choice_counts_where_it_runs),
	KUNIT_CASE(who_has_left_is_forgotten_after_a_while),
	KUNIT_CASE(a_task_counts_in_each_home_it_comes_to),
	KUNIT_CASE(tasks_that_sleep_do_not_count),
	KUNIT_CASE(a_window_is_as_long_as_four_intervals),
	KUNIT_CASE(nodes_that_are_not_needed_are_given_up),
	KUNIT_CASE(an_outsider_with_clearly_more_pages_is_taken),
	KUNIT_CASE(a_home_grows_from_the_nodes_it_has),
	KUNIT_CASE(homes_leave_each_others_nodes_alone),
	KUNIT_CASE(nodes_out_of_bounds_are_not_chosen),
	KUNIT_CASE(a_home_leaves_nodes_that_go_out_of_bounds),
	{}
};

static struct kunit_suite home_suite = {
	.name = "placement-home",
	.test_cases = home_cases,
};
kunit_test_suite(home_suite);

/*
 * Node 0 has one CPU and no memory, node 1 four CPUs, node 2 memory only, node 3 neither, node 4
 * two CPUs and memory. Of those with CPUs node 4 is nearest to node 2.
 */
static const int odd_cpu_node[] = { 0, 1, 1, 1, 1, 4, 4 };
static const u64 odd_bytes[] = { 0, 64 << 20, 64 << 20, 0, 64 << 20 };
static const u8 odd_distance[] = {
	10, 20, 30, 99, 40,
	20, 10, 25, 99, 22,
	30, 25, 10, 99, 15,
	99, 99, 99, 10, 99,
	40, 22, 15, 99, 10,
};
static const struct machine_config odd_config = {
	.nr_nodes = 5, .nr_cpus = 7, .cpu_node = odd_cpu_node, .node_bytes = odd_bytes,
	.distance = odd_distance,
};

static void pages_on_a_node_without_cpus_draw_tasks_near(struct kunit *test)
{
	struct fixture *f = build(test);

	set_pages(f, 0, 0, 100, 0);
	KUNIT_EXPECT_EQ(test, visit(f, 1, 1), 0x10UL);
	KUNIT_EXPECT_EQ(test, visit(f, 2, 1), 0x10UL);
	/* All six CPUs of two nodes, and then the node that has no memory. */
	KUNIT_EXPECT_EQ(test, visit(f, 6, 1), 0x12UL);
	KUNIT_EXPECT_EQ(test, visit(f, 7, 1), 0x13UL);
}

static void pages_elsewhere_count_first(struct kunit *test)
{
	struct fixture *f = build(test);

	set_pages(f, 0, 10, 90, 0);
	KUNIT_EXPECT_EQ(test, visit(f, 4, 4), 0UL);
	KUNIT_EXPECT_EQ(test, visit(f, 5, 4), 0x12UL);
}

static void a_large_node_replaces_a_small_one_with_more_pages(struct kunit *test)
{
	struct fixture *f = build(test);

	write_counts(test, f->home.pages, (unsigned long[]){ 0, 20, 0, 0 });
	autonuma_counts_add(f->home.pages, 0, 4, 80);
	KUNIT_EXPECT_EQ(test, visit(f, 2, 4), 0UL);
	KUNIT_EXPECT_EQ(test, visit(f, 3, 4), 0x2UL);
}

static void a_node_too_small_is_not_exchanged_for(struct kunit *test)
{
	struct fixture *f = build(test);

	set_pages(f, 0, 100, 0, 0);
	autonuma_counts_add(f->home.pages, 0, 4, 90);
	KUNIT_EXPECT_EQ(test, visit(f, 5, 4), 0x12UL);
	KUNIT_EXPECT_EQ(test, visit_windows(f, 4, 4, 4), 0UL);
	/* Most pages are on node 4 now, which holds two. */
	set_pages(f, 0, 10, 0, 0);
	autonuma_counts_add(f->home.pages, 0, 4, 90);
	KUNIT_EXPECT_EQ(test, visit_windows(f, 2, 4, 4), 0x2UL);
}

static struct kunit_case odd_cases[] = {
	KUNIT_CASE(pages_on_a_node_without_cpus_draw_tasks_near),
	KUNIT_CASE(pages_elsewhere_count_first),
	KUNIT_CASE(a_large_node_replaces_a_small_one_with_more_pages),
	KUNIT_CASE(a_node_too_small_is_not_exchanged_for),
	{}
};

static struct kunit_suite odd_suite = {
	.name = "placement-odd-nodes",
	.test_cases = odd_cases,
};
kunit_machine_config(odd_suite, odd_config);
kunit_test_suite(odd_suite);
