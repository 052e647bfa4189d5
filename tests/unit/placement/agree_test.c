// SPDX-License-Identifier: GPL-2.0
/*
 * Does a group agree that a page moves? Its node must hold more of the group's pages, by a third,
 * than of its running tasks, compared with the target. Which pages are the group's?
 */
#include "cast_test.h"

/* Shares in ten-thousandths, of nodes 0, where the page is, and 1, where it is wanted. */
struct agreement {
	const char *name;
	unsigned long pages[2], running[2];
	bool agrees;
};

static const struct agreement agreements[] = {
	{ "all pages here, all tasks there", { 10000, 0 }, { 0, 10000 }, true },
	{ "all pages here, and all tasks", { 10000, 0 }, { 10000, 0 }, false },
	{ "all pages there, and all tasks", { 0, 10000 }, { 0, 10000 }, true },
	{ "no tasks in either place", { 10000, 0 }, { }, false },
	{ "as many tasks here as there, and a third more pages here",
	  { 5715, 4285 }, { 5000, 5000 }, true },
	{ "as many tasks here as there, and nearly a third more pages here",
	  { 5714, 4286 }, { 5000, 5000 }, false },
	{ "a third more by one of ten thousand", { 5714, 4285 }, { 5000, 5000 }, true },
	{ "not a third more by one of ten thousand", { 5713, 4285 }, { 5000, 5000 }, false },
	{ "a third more tasks there", { 5000, 5000 }, { 4285, 5714 }, true },
	{ "nearly a third more tasks there", { 5000, 5000 }, { 4286, 5714 }, false },
};
KUNIT_ARRAY_PARAM_DESC(agreement, agreements, name);

static struct autonuma_counts *counts_of(struct kunit *test, const unsigned long *shares)
{
	struct autonuma_counts *c = kunit_kzalloc(test, autonuma_counts_size(), GFP_KERNEL);
	const unsigned long by_node[CAST_NODES] = {
		shares[0], shares[1], 0, 10000 - shares[0] - shares[1],
	};

	KUNIT_ASSERT_NOT_NULL(test, c);
	autonuma_counts_init(c);
	write_counts(test, c, by_node);
	return c;
}

static void a_page_moves_where_it_is_missing_more(struct kunit *test)
{
	const struct agreement *a = test->param_value;
	struct autonuma_group *group = kunit_kzalloc(test, sizeof(*group), GFP_KERNEL);
	struct mm_autonuma *mma = kunit_kzalloc(test, sizeof(*mma), GFP_KERNEL);

	autonuma_home_init(&group->home, counts_of(test, a->pages), counts_of(test, a->running));
	KUNIT_EXPECT_FALSE(test, autonuma_group_agrees(mma, 0, 1));
	rcu_assign_pointer(mma->group, group);
	KUNIT_EXPECT_EQ(test, autonuma_group_agrees(mma, 0, 1), a->agrees);
}

/* What a pass finds of a member's pages, and no longer finds, changes the group's. */
static void the_pages_of_a_group_follow_those_of_its_members(struct kunit *test)
{
	static const unsigned long before[4] = { 100, 200, 0, 0 }, after[4] = { 0, 250, 30, 0 };
	struct autonuma_group *group = kunit_kzalloc(test, sizeof(*group), GFP_KERNEL);
	struct mm_autonuma *mma = kunit_kzalloc(test, sizeof(*mma), GFP_KERNEL);
	unsigned long by_node[4];

	autonuma_home_init(&group->home, counts_of(test, (unsigned long [2]){ 1000, 2000 }),
			   counts_of(test, (unsigned long [2]){ }));
	mma->pages = counts_of(test, (unsigned long [2]){ });
	spin_lock_init(&mma->group_lock);
	write_counts(test, mma->pages, before);
	rcu_assign_pointer(mma->group, group);
	write_pages(mma, after);
	counts_read(group->home.pages, by_node);
	KUNIT_EXPECT_EQ(test, by_node[0], 900);
	KUNIT_EXPECT_EQ(test, by_node[1], 2050);
	KUNIT_EXPECT_EQ(test, by_node[2], 30);
	KUNIT_EXPECT_EQ(test, by_node[3], 7000);
	counts_read(mma->pages, by_node);
	KUNIT_EXPECT_EQ(test, by_node[0], 0);
	KUNIT_EXPECT_EQ(test, by_node[1], 250);
	KUNIT_EXPECT_EQ(test, by_node[2], 30);
}

static struct kunit_case agree_cases[] = {
	KUNIT_CASE(the_pages_of_a_group_follow_those_of_its_members),
	KUNIT_CASE_PARAM(a_page_moves_where_it_is_missing_more, agreement_gen_params),
	{}
};

static struct kunit_suite agree_suite = {
	.name = "placement-agree",
	.test_cases = agree_cases,
};
kunit_test_suite(agree_suite);
