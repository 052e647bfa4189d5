// SPDX-License-Identifier: GPL-2.0
/* The machine powers on and off, many times, and refuses what cannot exist. */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/topology.h>
#include <machine/machine.h>

static const struct machine_config plain = {
	.nr_nodes = 4, .nr_cpus = 16, .cmdline = "noautonuma",
};

static void boots_and_shuts_down_a_thousand_times(struct kunit *test)
{
	int i;

	for (i = 0; i < 1000; i++) {
		KUNIT_ASSERT_EQ(test, machine_boot(&plain), 0);
		KUNIT_ASSERT_EQ(test, num_online_cpus(), 16u);
		KUNIT_ASSERT_EQ(test, machine_boot(&plain), -EINVAL);
		machine_shutdown();
	}
}

static void the_topology_is_the_configured_one(struct kunit *test)
{
	static const int cpu_node[] = { 2, 2, 0, 0, 2, 2 };
	static const u64 bytes[] = { 1 << 24, 0, 1 << 24 };
	static const u8 dist[] = { 10, 12, 21, 12, 10, 30, 21, 30, 10 };
	struct machine_config cfg = {
		.nr_nodes = 3, .nr_cpus = 6, .cpu_node = cpu_node, .node_bytes = bytes,
		.distance = dist, .threads_per_core = 2, .cmdline = "noautonuma",
	};
	int cpu;

	KUNIT_ASSERT_EQ(test, machine_boot(&cfg), 0);
	for_each_online_cpu(cpu) {
		KUNIT_EXPECT_EQ(test, cpu_to_node(cpu), cpu_node[cpu]);
		KUNIT_EXPECT_EQ(test, cpumask_weight(topology_sibling_cpumask(cpu)), 2u);
		KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(cpu ^ 1, topology_sibling_cpumask(cpu)));
		KUNIT_EXPECT_EQ(test, topology_core_id(cpu), cpu / 2);
	}
	KUNIT_EXPECT_EQ(test, nr_cpus_node(0), 2);
	KUNIT_EXPECT_EQ(test, nr_cpus_node(1), 0);
	KUNIT_EXPECT_EQ(test, nr_cpus_node(2), 4);
	KUNIT_EXPECT_EQ(test, node_distance(0, 1), 12);
	KUNIT_EXPECT_EQ(test, node_distance(2, 1), 30);
	KUNIT_EXPECT_FALSE(test, node_state(1, N_MEMORY));
	KUNIT_EXPECT_FALSE(test, node_state(1, N_CPU));
	KUNIT_EXPECT_EQ(test, node_to_mem_node(1), 0);
	KUNIT_EXPECT_EQ(test, sched_numa_find_nth_cpu(cpu_online_mask, 0, 1), 2u);
	KUNIT_EXPECT_EQ(test, sched_numa_find_nth_cpu(cpu_online_mask, 2, 1), 0u);
	KUNIT_EXPECT_EQ(test, numa_nearest_node(1, N_MEMORY), 0);
	machine_shutdown();
	KUNIT_EXPECT_NULL(test, machine_config());
}

static void the_default_distances_are_ten_and_twenty(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, machine_boot(&plain), 0);
	KUNIT_EXPECT_EQ(test, node_distance(1, 1), LOCAL_DISTANCE);
	KUNIT_EXPECT_EQ(test, node_distance(0, 3), REMOTE_DISTANCE);
	KUNIT_EXPECT_EQ(test, machine_config()->node_bytes[3], 64ull << 20);
	KUNIT_EXPECT_EQ(test, machine_config()->sim_scale, 1u);
	machine_shutdown();
}

static void refuse(struct kunit *test, struct machine_config cfg, const char *reason)
{
	char why[160] = "";

	KUNIT_EXPECT_EQ(test, machine_config_check(&cfg, why, sizeof(why)), -EINVAL);
	KUNIT_EXPECT_NOT_NULL(test, strstr(why, reason));
	KUNIT_EXPECT_NULL(test, strchr(why, '\n'));
	KUNIT_EXPECT_EQ(test, machine_boot(&cfg), -EINVAL);
	KUNIT_EXPECT_NULL(test, machine_config());
}

static void impossible_machines_are_refused_with_one_line(struct kunit *test)
{
	static const int far_node[] = { 0, 7 }, negative[] = { 0, -1 }, split[] = { 0, 1 };
	static const u64 none[] = { 0, 0 }, odd[] = { 4096 * 100 + 1, 0 }, tiny[] = { 4096, 0 };
	static const u8 near[] = { 10, 10, 20, 10 }, self[] = { 11, 20, 20, 10 };
	static const u8 unreachable[] = { 10, 255, 20, 10 };

	refuse(test, (struct machine_config){ .nr_nodes = 0, .nr_cpus = 1 }, "at least one node");
	refuse(test, (struct machine_config){ .nr_nodes = 1, .nr_cpus = 0 }, "at least one CPU");
	refuse(test, (struct machine_config){ .nr_nodes = 1025, .nr_cpus = 1 }, "1025 nodes");
	refuse(test, (struct machine_config){ .nr_nodes = 1, .nr_cpus = 8193 }, "8193 CPUs");
	refuse(test, (struct machine_config){ .nr_nodes = 2, .nr_cpus = 2, .cpu_node = far_node },
	       "on node 7");
	refuse(test, (struct machine_config){ .nr_nodes = 2, .nr_cpus = 2, .cpu_node = negative },
	       "on node -1");
	refuse(test, (struct machine_config){ .nr_nodes = 2, .nr_cpus = 2, .cpu_node = split,
					      .threads_per_core = 2 }, "sibling");
	refuse(test, (struct machine_config){ .nr_nodes = 2, .nr_cpus = 2, .threads_per_core = 3 },
	       "3 threads per core");
	refuse(test, (struct machine_config){ .nr_nodes = 1, .nr_cpus = 3, .threads_per_core = 2 },
	       "whole number of cores");
	refuse(test, (struct machine_config){ .nr_nodes = 2, .nr_cpus = 2, .node_bytes = none },
	       "no node has memory");
	refuse(test, (struct machine_config){ .nr_nodes = 2, .nr_cpus = 2, .node_bytes = odd },
	       "whole pages");
	refuse(test, (struct machine_config){ .nr_nodes = 2, .nr_cpus = 2, .node_bytes = tiny },
	       "less than");
	refuse(test, (struct machine_config){ .nr_nodes = 2, .nr_cpus = 2,
					      .bytes_per_node = 1ull << 45 }, "more than");
	refuse(test, (struct machine_config){ .nr_nodes = 2, .nr_cpus = 2, .distance = near },
	       "not 11 to 254");
	refuse(test, (struct machine_config){ .nr_nodes = 2, .nr_cpus = 2,
					      .distance = unreachable }, "not 11 to 254");
	refuse(test, (struct machine_config){ .nr_nodes = 2, .nr_cpus = 2, .distance = self },
	       "to itself");
	refuse(test, (struct machine_config){ .nr_nodes = 1, .nr_cpus = 1, .sim_scale = 1u << 21 },
	       "scale");
}

static void a_quiet_machine_has_only_sleepers(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, machine_boot(&plain), 0);
	machine_quiesce();
	machine_check();
	KUNIT_EXPECT_TRUE(test, task_is_running(current));
	machine_shutdown();
}

static struct kunit_case boot_cases[] = {
	KUNIT_CASE(boots_and_shuts_down_a_thousand_times),
	KUNIT_CASE(the_topology_is_the_configured_one),
	KUNIT_CASE(the_default_distances_are_ten_and_twenty),
	KUNIT_CASE(impossible_machines_are_refused_with_one_line),
	KUNIT_CASE(a_quiet_machine_has_only_sleepers),
	{}
};

static struct kunit_suite boot_suite = {
	.name = "exec_boot",
	.test_cases = boot_cases,
};
kunit_test_suite(boot_suite);
kunit_machine_free(boot_suite);
