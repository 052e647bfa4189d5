// SPDX-License-Identifier: GPL-2.0
/*
 * Iteration over bitmaps, node masks and CPU masks: order, ends, wrapping.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/nodemask.h>
#include <linux/topology.h>

static void searches_end_at_the_size(struct kunit *test)
{
	DECLARE_BITMAP(a, 130) = {};
	DECLARE_BITMAP(b, 130) = {};

	KUNIT_EXPECT_EQ(test, find_first_bit(a, 130), 130UL);
	__set_bit(64, a);
	__set_bit(129, a);
	KUNIT_EXPECT_EQ(test, find_first_bit(a, 64), 64UL);
	KUNIT_EXPECT_EQ(test, find_next_bit(a, 130, 64), 64UL);
	KUNIT_EXPECT_EQ(test, find_next_bit(a, 130, 65), 129UL);
	KUNIT_EXPECT_EQ(test, find_next_bit(a, 130, 130), 130UL);
	KUNIT_EXPECT_EQ(test, find_next_bit(a, 129, 65), 129UL);
	KUNIT_EXPECT_EQ(test, find_last_bit(a, 130), 129UL);
	__set_bit(129, b);
	KUNIT_EXPECT_EQ(test, find_next_and_bit(a, b, 130, 0), 129UL);
	KUNIT_EXPECT_EQ(test, find_next_and_bit(a, b, 129, 0), 129UL);
	bitmap_fill(a, 130);
	KUNIT_EXPECT_EQ(test, find_first_zero_bit(a, 130), 130UL);
	KUNIT_EXPECT_EQ(test, bitmap_weight(a, 130), 130U);
}

static void ranges_are_set_cleared_and_found(struct kunit *test)
{
	DECLARE_BITMAP(a, 192) = {};

	bitmap_set(a, 60, 10);
	KUNIT_EXPECT_EQ(test, find_first_bit(a, 192), 60UL);
	KUNIT_EXPECT_EQ(test, find_next_zero_bit(a, 192, 60), 70UL);
	bitmap_clear(a, 64, 2);
	KUNIT_EXPECT_EQ(test, bitmap_weight(a, 192), 8U);
	KUNIT_EXPECT_EQ(test, bitmap_find_next_zero_area(a, 192, 0, 100, 0), 70UL);
	KUNIT_EXPECT_EQ(test, bitmap_find_next_zero_area(a, 192, 0, 64, 63), 128UL);
	KUNIT_EXPECT_GT(test, bitmap_find_next_zero_area(a, 192, 0, 150, 0), 191UL);
}

static void node_walks_wrap_only_when_asked(struct kunit *test)
{
	nodemask_t mask = NODE_MASK_NONE;
	int nid, n = 0;

	KUNIT_EXPECT_EQ(test, first_node(mask), MAX_NUMNODES);
	KUNIT_EXPECT_EQ(test, next_node_in(0, mask), MAX_NUMNODES);
	node_set(2, mask);
	node_set(9, mask);
	KUNIT_EXPECT_EQ(test, first_node(mask), 2);
	KUNIT_EXPECT_EQ(test, next_node(2, mask), 9);
	KUNIT_EXPECT_EQ(test, next_node(9, mask), MAX_NUMNODES);
	KUNIT_EXPECT_EQ(test, next_node_in(9, mask), 2);
	KUNIT_EXPECT_EQ(test, next_node_in(2, mask), 9);
	KUNIT_EXPECT_EQ(test, first_unset_node(mask), 0);
	for_each_node_mask(nid, mask)
		n = n * 10 + nid;
	KUNIT_EXPECT_EQ(test, n, 29);
	KUNIT_EXPECT_FALSE(test, node_test_and_set(0, mask));
	KUNIT_EXPECT_TRUE(test, node_test_and_set(0, mask));
	node_clear(2, mask);
	KUNIT_EXPECT_EQ(test, nodes_weight(mask), 2);
}

/* The mask is named by its address; each bit is asked for by itself. */
static void a_node_is_in_the_mask_or_not(struct kunit *test)
{
	nodemask_t mask = NODE_MASK_NONE;
	int nid, n = 0;

	__node_set(3, &mask);
	KUNIT_EXPECT_TRUE(test, node_isset(3, mask));
	KUNIT_EXPECT_FALSE(test, node_isset(2, mask));
	__node_set(3, &mask);
	KUNIT_EXPECT_EQ(test, nodes_weight(mask), 1);
	__node_clear(3, &mask);
	KUNIT_EXPECT_FALSE(test, node_isset(3, mask));
	for_each_node(nid) {
		KUNIT_EXPECT_TRUE(test, node_possible(nid));
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, num_possible_nodes());
	KUNIT_EXPECT_GE(test, n, num_online_nodes());
}

/* node_clear() while the mask is walked: the next step goes on after the cleared one. */
static void a_node_may_be_cleared_while_walking(struct kunit *test)
{
	nodemask_t mask = NODE_MASK_NONE;
	int nid, n = 0;

	for (nid = 3; nid < 8; nid++)
		node_set(nid, mask);
	for_each_node_mask(nid, mask) {
		node_clear(nid, mask);
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, 5);
	KUNIT_EXPECT_TRUE(test, nodes_empty(mask));
}

static void node_masks_combine(struct kunit *test)
{
	nodemask_t a = nodemask_of_node(1), b = nodemask_of_node(4), c;

	nodes_or(c, a, b);
	KUNIT_EXPECT_EQ(test, nodes_weight(c), 2);
	nodes_andnot(c, c, b);
	KUNIT_EXPECT_TRUE(test, nodes_equal(c, a));
	nodes_and(c, a, b);
	KUNIT_EXPECT_TRUE(test, nodes_empty(c));
	nodes_or(c, a, b);
	KUNIT_EXPECT_TRUE(test, nodes_subset(a, c));
	KUNIT_EXPECT_TRUE(test, nodes_intersects(b, c));
	nodes_setall(c);
	KUNIT_EXPECT_EQ(test, nodes_weight(c), MAX_NUMNODES);
}

static void cpu_walks_end_at_nr_cpu_ids(struct kunit *test)
{
	cpumask_var_t mask, other;
	int cpu, n = 0;

	KUNIT_ASSERT_TRUE(test, zalloc_cpumask_var(&mask, GFP_KERNEL));
	if (!zalloc_cpumask_var(&other, GFP_KERNEL)) {
		free_cpumask_var(mask);
		KUNIT_FAIL_AND_ABORT(test, "no memory");
	}
	KUNIT_EXPECT_GE(test, cpumask_first(mask), nr_cpu_ids);
	KUNIT_EXPECT_GE(test, cpumask_any_and(mask, cpu_online_mask), nr_cpu_ids);
	for_each_cpu(cpu, mask)
		n++;
	KUNIT_EXPECT_EQ(test, n, 0);
	cpumask_set_cpu(1, mask);
	cpumask_set_cpu(3, mask);
	KUNIT_EXPECT_EQ(test, cpumask_first(mask), 1U);
	KUNIT_EXPECT_EQ(test, cpumask_next(1, mask), 3U);
	KUNIT_EXPECT_GE(test, cpumask_next(3, mask), nr_cpu_ids);
	KUNIT_EXPECT_EQ(test, cpumask_weight(mask), 2U);
	KUNIT_EXPECT_EQ(test, cpumask_bits(mask)[0], 10UL);
	cpumask_set_cpu(3, other);
	KUNIT_EXPECT_TRUE(test, cpumask_intersects(mask, other));
	KUNIT_EXPECT_TRUE(test, cpumask_subset(other, mask));
	KUNIT_EXPECT_EQ(test, cpumask_weight_and(mask, other), 1U);
	KUNIT_EXPECT_TRUE(test, cpumask_andnot(mask, mask, other));
	KUNIT_EXPECT_FALSE(test, cpumask_and(mask, mask, other));
	KUNIT_EXPECT_FALSE(test, cpumask_test_and_set_cpu(0, mask));
	KUNIT_EXPECT_TRUE(test, cpumask_test_and_clear_cpu(0, mask));
	free_cpumask_var(other);
	free_cpumask_var(mask);
}

/* What the machine says about itself fits together. */
static void nodes_and_cpus_fit_together(struct kunit *test)
{
	int cpu, nid, cpus = 0;

	for_each_online_cpu(cpu) {
		nid = cpu_to_node(cpu);
		KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(cpu, cpumask_of_node(nid)));
		KUNIT_EXPECT_TRUE(test, node_state(nid, N_CPU));
		KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(cpu, topology_sibling_cpumask(cpu)));
	}
	for_each_node_state(nid, N_CPU)
		cpus += cpumask_weight(cpumask_of_node(nid));
	KUNIT_EXPECT_EQ(test, cpus, num_online_cpus());
	for_each_node_state(nid, N_MEMORY) {
		KUNIT_EXPECT_TRUE(test, node_online(nid));
		KUNIT_EXPECT_TRUE(test, node_possible(nid));
		KUNIT_EXPECT_EQ(test, node_distance(nid, nid), LOCAL_DISTANCE);
	}
	KUNIT_EXPECT_EQ(test, num_node_state(N_ONLINE), num_online_nodes());
}

static struct kunit_case masks_cases[] = {
	KUNIT_CASE(searches_end_at_the_size),
	KUNIT_CASE(ranges_are_set_cleared_and_found),
	KUNIT_CASE(node_walks_wrap_only_when_asked),
	KUNIT_CASE(a_node_is_in_the_mask_or_not),
	KUNIT_CASE(a_node_may_be_cleared_while_walking),
	KUNIT_CASE(node_masks_combine),
	KUNIT_CASE(cpu_walks_end_at_nr_cpu_ids),
	KUNIT_CASE(nodes_and_cpus_fit_together),
	{}
};

static struct kunit_suite masks_suite = {
	.name = "conformance_masks",
	.test_cases = masks_cases,
};
kunit_test_suite(masks_suite);
