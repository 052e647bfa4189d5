// SPDX-License-Identifier: GPL-2.0
/* A machine of 256 nodes and 2048 CPUs: what is looked at, and what it finds all the same. */
#include <linux/slab.h>
#include "../../../kernel-compat/sched/sched.h"
#include "sched_test.h"

static const struct machine_config large_machine = {
	.nr_nodes = 256, .nr_cpus = 2048, .bytes_per_node = 256 << 10, .seed = 1,
	.cmdline = "noautonuma",
};

static void a_search_is_short_and_comes_around(struct kunit *test)
{
	struct sched_node *home = sched_node(100), *node;
	unsigned long *seen = kunit_kcalloc(test, 4, sizeof(long), GFP_KERNEL);
	unsigned int i, n;

	for (n = 0; n < 256; n++) {
		unsigned int start = sched_node_start(home);

		for (i = 0; (node = sched_node_nth(home, i, start)); i++)
			__set_bit(node->nid, seen);
		KUNIT_EXPECT_EQ(test, i, 1u + SCHED_NEAR + SCHED_FAR);
	}
	for (n = 0; n < 256; n++)
		KUNIT_EXPECT_TRUE(test, test_bit(n, seen));
}

static void waiting_tasks_find_idle_cpus_far_away(struct kunit *test)
{
	struct spinner *s = kunit_kcalloc(test, 60, sizeof(*s), GFP_KERNEL);
	unsigned int cpu, alone = 0;
	struct cpumask far;

	/* Everybody waits on node 3, and may also run on nodes 240 to 247. */
	cpumask_clear(&far);
	for (cpu = 240 * 8; cpu < 248 * 8; cpu++)
		cpumask_set_cpu(cpu, &far);
	cpumask_or(&far, &far, cpumask_of_node(3));
	for (int i = 0; i < 60; i++) {
		s[i].step_ns = NSEC_PER_MSEC;
		s[i].task = program_start_on(24 + i % 8, "spinner", spinner_program, &s[i]);
		do_set_cpus_allowed(s[i].task, &far);
	}
	msleep(3000);
	for (cpu = 0; cpu < 2048; cpu++) {
		KUNIT_EXPECT_LE(test, running_on(cpu), cpu ? 2u : 3u);
		alone += cpu && running_on(cpu) == 1;
	}
	KUNIT_EXPECT_GE(test, alone, 56u);
	for (int i = 0; i < 60; i++)
		spinner_stop(&s[i]);
}

static struct kunit_case large_cases[] = {
	KUNIT_CASE(a_search_is_short_and_comes_around),
	KUNIT_CASE(waiting_tasks_find_idle_cpus_far_away),
	{}
};

static struct kunit_suite large_suite = {
	.name = "sched_large",
	.init = stay_on_cpu0,
	.test_cases = large_cases,
};
kunit_test_suite(large_suite);
kunit_machine_config(large_suite, large_machine);
