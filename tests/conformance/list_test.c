// SPDX-License-Identifier: GPL-2.0
/*
 * Order in lists: doubly linked, hashed, lockless.
 */
#include <kunit/test.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/rculist.h>

#define NR	5

struct item {
	struct list_head list;
	struct hlist_node hash;
	struct llist_node llist;
	int key;
};

/* The keys of a list, in order, as digits; 0 if it is empty. */
static long keys(struct list_head *head)
{
	struct item *item;
	long n = 0;

	list_for_each_entry(item, head, list)
		n = n * 10 + item->key;
	return n;
}

static long hash_keys(struct hlist_head *head)
{
	struct item *item;
	long n = 0;

	hlist_for_each_entry(item, head, hash)
		n = n * 10 + item->key;
	return n;
}

/* @item[0..n-1] with keys 1..n, in order. */
static void fill(struct list_head *head, struct item *item, int n)
{
	int i;

	INIT_LIST_HEAD(head);
	for (i = 0; i < n; i++) {
		item[i].key = i + 1;
		list_add_tail(&item[i].list, head);
	}
}

static void additions_go_to_the_head_or_to_the_tail(struct kunit *test)
{
	struct item item[NR];
	LIST_HEAD(head);

	fill(&head, item, 3);
	KUNIT_EXPECT_EQ(test, keys(&head), 123);
	item[3].key = 4;
	list_add(&item[3].list, &head);
	KUNIT_EXPECT_EQ(test, keys(&head), 4123);
	item[4].key = 5;
	list_add(&item[4].list, &item[1].list);
	KUNIT_EXPECT_EQ(test, keys(&head), 41253);
}

static void moves_keep_the_others_in_order(struct kunit *test)
{
	struct item item[NR];
	LIST_HEAD(head);

	fill(&head, item, NR);
	list_move_tail(&item[1].list, &head);
	KUNIT_EXPECT_EQ(test, keys(&head), 13452);
	list_move(&item[3].list, &head);
	KUNIT_EXPECT_EQ(test, keys(&head), 41352);
	list_bulk_move_tail(&head, &item[0].list, &item[2].list);
	KUNIT_EXPECT_EQ(test, keys(&head), 45213);
	list_rotate_left(&head);
	KUNIT_EXPECT_EQ(test, keys(&head), 52134);
	list_swap(&item[4].list, &item[0].list);
	KUNIT_EXPECT_EQ(test, keys(&head), 12534);
}

static void splices_go_to_the_head_or_to_the_tail(struct kunit *test)
{
	struct item a[2], b[3];
	LIST_HEAD(one);
	LIST_HEAD(other);

	fill(&one, a, 2);
	fill(&other, b, 3);
	list_splice_init(&other, &one);
	KUNIT_EXPECT_EQ(test, keys(&one), 12312);
	KUNIT_EXPECT_TRUE(test, list_empty(&other));
	list_cut_position(&other, &one, &b[1].list);
	KUNIT_EXPECT_EQ(test, keys(&other), 12);
	KUNIT_EXPECT_EQ(test, keys(&one), 312);
	list_splice_tail_init(&other, &one);
	KUNIT_EXPECT_EQ(test, keys(&one), 31212);
}

static void what_is_taken_out_knows_it(struct kunit *test)
{
	struct item item[NR], *first;
	LIST_HEAD(head);

	KUNIT_EXPECT_NULL(test, list_first_entry_or_null(&head, struct item, list));
	fill(&head, item, 3);
	first = list_first_entry_or_null(&head, struct item, list);
	KUNIT_EXPECT_PTR_EQ(test, first, &item[0]);
	list_del_init(&item[0].list);
	KUNIT_EXPECT_TRUE(test, list_empty(&item[0].list));
	KUNIT_EXPECT_EQ(test, keys(&head), 23);
	list_del(&item[1].list);
	KUNIT_EXPECT_PTR_EQ(test, item[1].list.next, LIST_POISON1);
	KUNIT_EXPECT_PTR_EQ(test, item[1].list.prev, LIST_POISON2);
	KUNIT_EXPECT_TRUE(test, list_is_singular(&head));
	KUNIT_EXPECT_TRUE(test, list_is_last(&item[2].list, &head));
}

/* Which entry comes next is known before an entry is worked on. */
static void an_entry_may_go_while_the_list_is_walked(struct kunit *test)
{
	struct item item[NR], *pos, *next;
	LIST_HEAD(head);
	LIST_HEAD(odd);
	long seen = 0;

	fill(&head, item, NR);
	list_for_each_entry_safe(pos, next, &head, list) {
		seen = seen * 10 + pos->key;
		if (pos->key % 2)
			list_move_tail(&pos->list, &odd);
	}
	KUNIT_EXPECT_EQ(test, seen, 12345L);
	KUNIT_EXPECT_EQ(test, keys(&head), 24L);
	KUNIT_EXPECT_EQ(test, keys(&odd), 135L);
	list_for_each_entry_safe(pos, next, &odd, list) {
		list_del(&pos->list);
		memset(pos, 0xff, sizeof(*pos));
	}
	KUNIT_EXPECT_TRUE(test, list_empty(&odd));
}

static void hashed_lists_grow_at_the_head(struct kunit *test)
{
	struct item item[NR] = {};
	HLIST_HEAD(head);
	int i;

	for (i = 0; i < 3; i++) {
		item[i].key = i + 1;
		KUNIT_EXPECT_TRUE(test, hlist_unhashed(&item[i].hash));
		hlist_add_head(&item[i].hash, &head);
	}
	KUNIT_EXPECT_EQ(test, hash_keys(&head), 321);
	item[3].key = 4;
	hlist_add_behind(&item[3].hash, &item[2].hash);
	item[4].key = 5;
	hlist_add_before(&item[4].hash, &item[2].hash);
	KUNIT_EXPECT_EQ(test, hash_keys(&head), 53421);
	hlist_del_init(&item[3].hash);
	hlist_del_init(&item[3].hash);
	KUNIT_EXPECT_TRUE(test, hlist_unhashed(&item[3].hash));
	KUNIT_EXPECT_EQ(test, hash_keys(&head), 5321);
}

static void a_lockless_list_tells_the_first_and_gives_the_newest(struct kunit *test)
{
	struct llist_node *all;
	struct item item[NR], *pos;
	LLIST_HEAD(head);
	long n = 0;
	int i;

	KUNIT_EXPECT_NULL(test, llist_del_all(&head));
	KUNIT_EXPECT_NULL(test, llist_del_first(&head));
	for (i = 0; i < 4; i++) {
		item[i].key = i + 1;
		KUNIT_EXPECT_EQ(test, llist_add(&item[i].llist, &head), i == 0);
	}
	KUNIT_EXPECT_PTR_EQ(test, llist_del_first(&head), &item[3].llist);
	all = llist_reverse_order(llist_del_all(&head));
	llist_for_each_entry(pos, all, llist)
		n = n * 10 + pos->key;
	KUNIT_EXPECT_EQ(test, n, 123);
	KUNIT_EXPECT_TRUE(test, llist_empty(&head));
	KUNIT_EXPECT_TRUE(test, llist_add(&item[0].llist, &head));
}

static struct kunit_case list_cases[] = {
	KUNIT_CASE(additions_go_to_the_head_or_to_the_tail),
	KUNIT_CASE(moves_keep_the_others_in_order),
	KUNIT_CASE(splices_go_to_the_head_or_to_the_tail),
	KUNIT_CASE(what_is_taken_out_knows_it),
	KUNIT_CASE(an_entry_may_go_while_the_list_is_walked),
	KUNIT_CASE(hashed_lists_grow_at_the_head),
	KUNIT_CASE(a_lockless_list_tells_the_first_and_gives_the_newest),
	{}
};

static struct kunit_suite list_suite = {
	.name = "conformance_list",
	.test_cases = list_cases,
};
kunit_test_suite(list_suite);
