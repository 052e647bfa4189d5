// SPDX-License-Identifier: GPL-2.0
/*
 * The ageing average: one array summed exactly, halved at each new pass, read
 * consistently while it is written.
 */
#include <linux/kthread.h>
#include <linux/slab.h>

#include <machine/replay.h>

#include "core_test.h"

static struct autonuma_counts *new_counts(struct kunit *test)
{
	struct autonuma_counts *c = kunit_kzalloc(test, autonuma_counts_size(), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	autonuma_counts_init(c);
	return c;
}

static void counts_sum_exactly(struct kunit *test)
{
	struct autonuma_counts *c = new_counts(test);
	unsigned long by_node[4];

	autonuma_counts_add(c, 0, 1, 7);
	autonuma_counts_add(c, 0, 3, 5);
	autonuma_counts_add(c, 0, 1, 1);
	KUNIT_EXPECT_EQ(test, counts_read(c, by_node), 13);
	KUNIT_EXPECT_EQ(test, by_node[0], 0);
	KUNIT_EXPECT_EQ(test, by_node[1], 8);
	KUNIT_EXPECT_EQ(test, by_node[3], 5);
	KUNIT_EXPECT_EQ(test, c->total, 13);
}

/* 7 + 5 halves to 3 + 2: the total is that of the halves, not half the total. */
static void each_pass_halves_every_count(struct kunit *test)
{
	struct autonuma_counts *c = new_counts(test);
	unsigned long by_node[4];

	autonuma_counts_add(c, 0, 0, 7);
	autonuma_counts_add(c, 0, 2, 5);
	autonuma_counts_add(c, 1, 1, 1);
	KUNIT_EXPECT_EQ(test, c->total, 6);
	KUNIT_EXPECT_EQ(test, counts_read(c, by_node), 6);
	KUNIT_EXPECT_EQ(test, by_node[0], 3);
	KUNIT_EXPECT_EQ(test, by_node[1], 1);
	KUNIT_EXPECT_EQ(test, by_node[2], 2);
}

static void who_adds_does_the_ageing_of_all_passes_since(struct kunit *test)
{
	struct autonuma_counts *c = new_counts(test);
	unsigned long by_node[4];

	autonuma_counts_add(c, 3, 2, 40);
	autonuma_counts_add(c, 6, 1, 2);
	KUNIT_EXPECT_EQ(test, c->passes, 6);
	KUNIT_EXPECT_EQ(test, counts_read(c, by_node), 7);
	KUNIT_EXPECT_EQ(test, by_node[2], 5);
	/* Hundreds of passes are zero, not undefined. */
	autonuma_counts_add(c, 600, 1, 2);
	KUNIT_EXPECT_EQ(test, counts_read(c, by_node), 2);
	KUNIT_EXPECT_EQ(test, c->by_node[2], 0);
}

/* Two threads count; one read the number of the pass before the other aged the counts. */
static void an_older_pass_takes_nothing_away(struct kunit *test)
{
	struct autonuma_counts *c = new_counts(test);
	unsigned long by_node[4];

	autonuma_counts_add(c, 6, 2, 40);
	autonuma_counts_add(c, 5, 1, 2);
	KUNIT_EXPECT_EQ(test, c->passes, 6);
	KUNIT_EXPECT_EQ(test, c->total, 42);
	KUNIT_EXPECT_EQ(test, counts_read(c, by_node), 42);
	KUNIT_EXPECT_EQ(test, by_node[1], 2);
	KUNIT_EXPECT_EQ(test, by_node[2], 40);
}

static void replace_and_reset_set_everything(struct kunit *test)
{
	struct autonuma_counts *c = new_counts(test);
	unsigned long by_node[4] = { 1, 2, 3, 4 };
	nodemask_t used = { { 0xb } };	/* all but node 2 */

	autonuma_counts_add(c, 0, 2, 99);
	autonuma_counts_replace(c, &used, by_node);
	KUNIT_EXPECT_EQ(test, counts_read(c, by_node), 7);
	KUNIT_EXPECT_EQ(test, by_node[0], 1);
	KUNIT_EXPECT_EQ(test, by_node[2], 0);
	KUNIT_EXPECT_EQ(test, c->total, 7);
	autonuma_counts_reset(c);
	KUNIT_EXPECT_EQ(test, counts_read(c, by_node), 0);
	KUNIT_EXPECT_EQ(test, by_node[3], 0);
}

/* Whoever ages or reads looks at nodes with counts only, of a thousand. */
static void only_nodes_with_counts_cost(struct kunit *test)
{
	struct autonuma_counts *c = new_counts(test);
	unsigned long by_node[4] = { 11, 22, 33, 44 };
	nodemask_t used;

	autonuma_counts_add(c, 0, 1, 2);
	autonuma_counts_add(c, 0, 3, 9);
	KUNIT_EXPECT_EQ(test, autonuma_counts_read(c, &used, by_node), 11);
	KUNIT_EXPECT_EQ(test, used.bits[0], 0xa);
	KUNIT_EXPECT_EQ(test, by_node[0], 11);
	KUNIT_EXPECT_EQ(test, by_node[1], 2);
	KUNIT_EXPECT_EQ(test, by_node[2], 33);
	KUNIT_EXPECT_EQ(test, by_node[3], 9);

	/* What aged to zero is out, and comes back. */
	autonuma_counts_add(c, 2, 3, 1);
	KUNIT_EXPECT_EQ(test, c->used.bits[0], 0x8);
	autonuma_counts_add(c, 2, 1, 1);
	KUNIT_EXPECT_EQ(test, c->used.bits[0], 0xa);
	autonuma_counts_reset(c);
	KUNIT_EXPECT_TRUE(test, nodes_empty(c->used));
	KUNIT_EXPECT_EQ(test, c->by_node[3], 0);
}

/* A step of each is a decision there. */
#define WRITES	(replay_in_use() ? 500 : 20000)

struct writer {
	struct autonuma_counts *counts;
	bool done;
};

/* Keeps node 0 and node 1 equal at every moment between two writes. */
static int write_pairs(void *arg)
{
	struct writer *w = arg;
	nodemask_t used = { { 3 } };
	unsigned long pair[2];
	int i;

	for (i = 1; i <= WRITES; i++) {
		pair[0] = i;
		pair[1] = i;
		autonuma_counts_replace(w->counts, &used, pair);
		cond_resched();
	}
	WRITE_ONCE(w->done, true);
	return 0;
}

static void readers_never_see_half_a_write(struct kunit *test)
{
	struct writer w = { .counts = new_counts(test) };
	struct task_struct *t = kthread_create_on_node(write_pairs, &w, 1, "writer");
	unsigned long by_node[4], total, share, torn = 0, reads = 0;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	get_task_struct(t);
	wake_up_process(t);
	while (!READ_ONCE(w.done) || !reads) {
		total = counts_read(w.counts, by_node);
		torn += by_node[0] != by_node[1] || total != 2 * by_node[0];
		share = autonuma_counts_share(w.counts, 0, &total);
		torn += total != 2 * share;
		reads++;
		cond_resched();
	}
	KUNIT_EXPECT_EQ(test, torn, 0);
	kthread_stop(t);
	put_task_struct(t);
	counts_read(w.counts, by_node);
	KUNIT_EXPECT_EQ(test, by_node[0], WRITES);
}

static int add_many(void *arg)
{
	int i;

	for (i = 0; i < WRITES; i++) {
		autonuma_counts_add(arg, 0, i & 3, 1);
		cond_resched();
	}
	return 0;
}

static void concurrent_writers_lose_nothing(struct kunit *test)
{
	struct autonuma_counts *c = new_counts(test);
	struct task_struct *t[4];
	int i;

	for (i = 0; i < 4; i++) {
		t[i] = kthread_create_on_node(add_many, c, i, "adder%d", i);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t[i]);
		kthread_bind(t[i], cpu_of(i));
		get_task_struct(t[i]);
		wake_up_process(t[i]);
	}
	for (i = 0; i < 4; i++) {
		kthread_stop(t[i]);
		put_task_struct(t[i]);
	}
	/* A thread stopped before it ran did not count; all that ran counted fully. */
	KUNIT_EXPECT_EQ(test, c->total % WRITES, 0);
	KUNIT_EXPECT_GT(test, c->total, 0);
	KUNIT_EXPECT_EQ(test, c->by_node[0] * 4, c->total);
}

static struct kunit_case stats_cases[] = {
	KUNIT_CASE(counts_sum_exactly),
	KUNIT_CASE(each_pass_halves_every_count),
	KUNIT_CASE(who_adds_does_the_ageing_of_all_passes_since),
	KUNIT_CASE(an_older_pass_takes_nothing_away),
	KUNIT_CASE(replace_and_reset_set_everything),
	KUNIT_CASE(only_nodes_with_counts_cost),
	KUNIT_CASE(readers_never_see_half_a_write),
	KUNIT_CASE(concurrent_writers_lose_nothing),
	{}
};

static struct kunit_suite stats_suite = {
	.name = "autonuma-stats",
	.test_cases = stats_cases,
};
kunit_test_suite(stats_suite);
