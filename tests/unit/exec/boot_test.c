// SPDX-License-Identifier: GPL-2.0
/* The machine powers on and off, many times, and refuses what cannot exist. */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/topology.h>
#include <machine/machine.h>

static void the_default_machine_has_its_cpus_and_nodes(struct kunit *test)
{
	int cpu;

	KUNIT_EXPECT_EQ(test, num_online_cpus(), 8u);
	KUNIT_EXPECT_EQ(test, nr_node_ids, 4u);
	for_each_online_cpu(cpu)
		KUNIT_EXPECT_EQ(test, cpu_to_node(cpu), cpu / 2);
	KUNIT_EXPECT_EQ(test, node_distance(0, 0), LOCAL_DISTANCE);
	KUNIT_EXPECT_EQ(test, node_distance(0, 3), REMOTE_DISTANCE);
}

static struct kunit_case boot_cases[] = {
	KUNIT_CASE(the_default_machine_has_its_cpus_and_nodes),
	{}
};

static struct kunit_suite boot_suite = {
	.name = "exec_boot",
	.test_cases = boot_cases,
};
kunit_test_suite(boot_suite);
