// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of nodes and CPUs, and the machine's own.
 */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/nodemask.h>
#include <linux/slab.h>

static void node_sets_are_walked_in_order(struct kunit *test)
{
	static const int expected[] = { 0, 5, 63, 64, 1023 };
	nodemask_t mask = NODE_MASK_NONE;
	int nid, n = 0;

	for (int i = 0; i < ARRAY_SIZE(expected); i++)
		node_set(expected[i], mask);
	for_each_node_mask(nid, mask)
		KUNIT_EXPECT_EQ(test, nid, expected[n++]);
	KUNIT_EXPECT_EQ(test, n, ARRAY_SIZE(expected));
	KUNIT_EXPECT_EQ(test, nodes_weight(mask), n);
	KUNIT_EXPECT_EQ(test, next_node_in(1023, mask), 0);
	KUNIT_EXPECT_EQ(test, next_node_in(5, mask), 63);
	KUNIT_EXPECT_EQ(test, next_node(1023, mask), MAX_NUMNODES);
	nodes_clear(mask);
	KUNIT_EXPECT_EQ(test, next_node_in(0, mask), MAX_NUMNODES);
	KUNIT_EXPECT_EQ(test, node_random(&mask), NUMA_NO_NODE);
}

static void node_set_algebra(struct kunit *test)
{
	nodemask_t a = nodemask_of_node(3), b = nodemask_of_node(70), c;

	nodes_or(c, a, b);
	KUNIT_EXPECT_EQ(test, nodes_weight(c), 2);
	KUNIT_EXPECT_TRUE(test, nodes_subset(a, c));
	KUNIT_EXPECT_FALSE(test, nodes_subset(c, a));
	KUNIT_EXPECT_TRUE(test, nodes_intersects(b, c));
	KUNIT_EXPECT_FALSE(test, nodes_intersects(a, b));
	nodes_andnot(c, c, a);
	KUNIT_EXPECT_TRUE(test, nodes_equal(c, b));
	nodes_and(c, a, b);
	KUNIT_EXPECT_TRUE(test, nodes_empty(c));
	nodes_complement(c, c);
	KUNIT_EXPECT_TRUE(test, nodes_full(c));
	KUNIT_EXPECT_FALSE(test, node_test_and_set(7, a));
	KUNIT_EXPECT_TRUE(test, node_test_and_set(7, a));
}

static void the_machine_has_the_nodes_it_was_booted_with(struct kunit *test)
{
	int nid, n = 0;

	KUNIT_EXPECT_EQ(test, nr_node_ids, 4);
	KUNIT_EXPECT_EQ(test, num_online_nodes(), 4);
	KUNIT_EXPECT_EQ(test, num_node_state(N_MEMORY), 4);
	KUNIT_EXPECT_EQ(test, num_node_state(N_CPU), 4);
	for_each_online_node(nid)
		KUNIT_EXPECT_EQ(test, nid, n++);
	KUNIT_EXPECT_FALSE(test, node_online(4));
	KUNIT_EXPECT_EQ(test, nr_cpu_ids, 8);
	KUNIT_EXPECT_EQ(test, num_online_cpus(), 8);
	KUNIT_EXPECT_FALSE(test, cpu_online(8));
}

static void cpu_sets_end_at_nr_cpu_ids(struct kunit *test)
{
	struct cpumask *mask = kunit_kzalloc(test, sizeof(*mask), GFP_KERNEL);
	unsigned int cpu, n = 0;

	KUNIT_ASSERT_NOT_NULL(test, mask);
	KUNIT_EXPECT_EQ(test, cpumask_first(mask), nr_cpu_ids);
	cpumask_set_cpu(1, mask);
	cpumask_set_cpu(6, mask);
	for_each_cpu(cpu, mask)
		n = n * 10 + cpu;
	KUNIT_EXPECT_EQ(test, n, 16);
	KUNIT_EXPECT_EQ(test, cpumask_next(6, mask), nr_cpu_ids);
	KUNIT_EXPECT_EQ(test, cpumask_any_but(mask, 1), 6);
	KUNIT_EXPECT_TRUE(test, cpumask_test_and_clear_cpu(6, mask));
	KUNIT_EXPECT_FALSE(test, cpumask_test_and_clear_cpu(6, mask));
	KUNIT_EXPECT_EQ(test, cpumask_any_but(mask, 1), nr_cpu_ids);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(mask, cpumask_of(1)));
	cpumask_setall(mask);
	KUNIT_EXPECT_EQ(test, cpumask_weight(mask), nr_cpu_ids);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(mask, cpu_online_mask));
}

static void cpumask_of_has_one_bit_for_every_cpu(struct kunit *test)
{
	static const int cpus[] = { 0, 1, 63, 64, 65, 127, 128, 4095, 8191 };

	for (int i = 0; i < ARRAY_SIZE(cpus); i++) {
		KUNIT_EXPECT_EQ(test, bitmap_weight(cpumask_of(cpus[i])->bits, NR_CPUS), 1);
		KUNIT_EXPECT_TRUE(test, test_bit(cpus[i], cpumask_of(cpus[i])->bits));
	}
}

static void masks_of_the_heap_are_empty_when_asked(struct kunit *test)
{
	cpumask_var_t mask;

	KUNIT_ASSERT_TRUE(test, zalloc_cpumask_var(&mask, GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, cpumask_empty(mask));
	free_cpumask_var(mask);
}

static void local_cpus_come_first(struct kunit *test)
{
	unsigned int i, seen = 0;

	for (i = 0; i < 8; i++)
		seen |= 1 << cpumask_local_spread(i, 2);
	KUNIT_EXPECT_EQ(test, seen, 0xff);
	KUNIT_EXPECT_EQ(test, cpumask_local_spread(0, 2), 4);
	KUNIT_EXPECT_EQ(test, cpumask_local_spread(1, 2), 5);
	KUNIT_EXPECT_EQ(test, cpumask_local_spread(2, 2), 0);
}

static struct kunit_case masks_cases[] = {
	KUNIT_CASE(node_sets_are_walked_in_order),
	KUNIT_CASE(node_set_algebra),
	KUNIT_CASE(the_machine_has_the_nodes_it_was_booted_with),
	KUNIT_CASE(cpu_sets_end_at_nr_cpu_ids),
	KUNIT_CASE(cpumask_of_has_one_bit_for_every_cpu),
	KUNIT_CASE(masks_of_the_heap_are_empty_when_asked),
	KUNIT_CASE(local_cpus_come_first),
	{}
};

static struct kunit_suite masks_suite = {
	.name = "masks",
	.test_cases = masks_cases,
};
kunit_test_suite(masks_suite);
