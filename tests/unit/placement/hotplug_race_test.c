// SPDX-License-Identifier: GPL-2.0
/* The last CPU of a node goes away while tasks that want to be there decide. */
#include <linux/cpu.h>

#include "cast_test.h"

REPLAY_TIME_PASSES;

#define ROUNDS	6

/* Everybody wants to be on node 1 or on node 2, and the two trade places for it. */
static const struct role roles[] = {
	{ 1, 0, { 0, 9000 } }, { 1, 2, { 0, 9000 } }, { 2, 1, { 0, 0, 9000 } },
	{ 2, 4, { 0, 9000 } }, { 3, 3, { 0, 0, 9000 }, .stays = true }, {}
};
static const unsigned long pages[CAST_PROCS][CAST_NODES] = {
	{ 10, 80, 10 }, { 10, 30, 60 }, { 0, 10, 90 },
};

static void ask_for_decision(struct cast *c)
{
	int i;

	for (i = 0; i < c->n; i++)
		smp_store_release(&c->actors[i].decide, true);
}

static void await_decisions(struct cast *c)
{
	int i;

	for (i = 0; i < c->n; i++)
		await_true(c->test, has_decided, &c->actors[i]);
}

/* Nobody is on a node that has no CPU, however late its decision was. */
static void expect_empty(struct cast *c, int nid)
{
	int i;

	KUNIT_EXPECT_FALSE(c->test, node_state(nid, N_CPU));
	for (i = 0; i < c->n; i++)
		KUNIT_EXPECT_NE_MSG(c->test, task_node(c->actors[i].task), nid, "role %d", i);
}

static void the_last_cpu_of_a_node_goes_while_tasks_decide(struct kunit *test)
{
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	int i, cpu;

	cast_begin(test, c, roles, pages, "0-5");
	replay_begin();
	for (i = 0; i < ROUNDS; i++) {
		int nid = 1 + i % 2;

		ask_for_decision(c);
		for (cpu = 2 * nid; cpu < 2 * nid + 2; cpu++)
			KUNIT_EXPECT_EQ(test, remove_cpu(cpu), 0);
		await_decisions(c);
		expect_empty(c, nid);
		/* All in one place now; decisions without the node where most want to be. */
		ask_for_decision(c);
		await_decisions(c);
		expect_empty(c, nid);
		ask_for_decision(c);
		for (cpu = 2 * nid; cpu < 2 * nid + 2; cpu++)
			KUNIT_EXPECT_EQ(test, add_cpu(cpu), 0);
		await_decisions(c);
	}
	/* With all CPUs there somebody gets what he wants. */
	for (i = 0; i < 2; i++) {
		ask_for_decision(c);
		await_decisions(c);
	}
	replay_end();
	KUNIT_EXPECT_GT(test, count_of(AUTONUMA_TASKS_MOVED) + count_of(AUTONUMA_TASKS_SWAPPED),
			0UL);
	cast_end(c);
	machine_quiesce();
	machine_check();
}

static struct kunit_case hotplug_cases[] = {
	KUNIT_CASE(the_last_cpu_of_a_node_goes_while_tasks_decide),
	{}
};

static struct kunit_suite hotplug_suite = {
	.name = "placement-hotplug",
	.test_cases = hotplug_cases,
};
kunit_test_suite(hotplug_suite);
