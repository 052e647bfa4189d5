// SPDX-License-Identifier: GPL-2.0
/*
 * Lists and hash lists.
 */
#include <kunit/test.h>
#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/llist.h>

struct entry {
	struct list_head list;
	struct hlist_node hash;
	struct llist_node llist;
	int key;
};

#define NR 8

/* The keys of the list in order, as text. */
static const char *keys(struct list_head *head)
{
	static char text[64];
	struct entry *e;
	int n = 0;

	text[0] = 0;
	list_for_each_entry(e, head, list)
		n += scnprintf(text + n, sizeof(text) - n, "%d", e->key);
	return text;
}

static void make(struct entry *e, struct list_head *head)
{
	INIT_LIST_HEAD(head);
	for (int i = 0; i < NR; i++) {
		e[i].key = i;
		list_add_tail(&e[i].list, head);
	}
}

static void entries_keep_their_order_through_every_move(struct kunit *test)
{
	struct entry e[NR];
	LIST_HEAD(head);
	LIST_HEAD(other);

	make(e, &head);
	KUNIT_EXPECT_STREQ(test, keys(&head), "01234567");
	list_move(&e[5].list, &head);
	KUNIT_EXPECT_STREQ(test, keys(&head), "50123467");
	list_move_tail(&e[5].list, &head);
	list_rotate_left(&head);
	KUNIT_EXPECT_STREQ(test, keys(&head), "12346750");
	list_swap(&e[1].list, &e[0].list);
	KUNIT_EXPECT_STREQ(test, keys(&head), "02346751");
	list_cut_position(&other, &head, &e[3].list);
	KUNIT_EXPECT_STREQ(test, keys(&other), "023");
	KUNIT_EXPECT_STREQ(test, keys(&head), "46751");
	list_splice_tail_init(&other, &head);
	KUNIT_EXPECT_TRUE(test, list_empty(&other));
	KUNIT_EXPECT_STREQ(test, keys(&head), "46751023");
	list_bulk_move_tail(&head, &e[6].list, &e[7].list);
	KUNIT_EXPECT_STREQ(test, keys(&head), "45102367");
	list_splice_init(&head, &other);
	KUNIT_EXPECT_STREQ(test, keys(&other), "45102367");
	KUNIT_EXPECT_EQ(test, list_count_nodes(&other), NR);
	KUNIT_EXPECT_PTR_EQ(test, list_first_entry_or_null(&head, struct entry, list), NULL);
}

static void entries_may_be_removed_while_walking_safely(struct kunit *test)
{
	struct entry e[NR], *pos, *next;
	LIST_HEAD(head);

	make(e, &head);
	list_for_each_entry_safe(pos, next, &head, list)
		if (pos->key % 2)
			list_del(&pos->list);
	KUNIT_EXPECT_STREQ(test, keys(&head), "0246");
	list_for_each_entry_safe_reverse(pos, next, &head, list)
		list_del_init(&pos->list);
	KUNIT_EXPECT_TRUE(test, list_empty(&head));
	KUNIT_EXPECT_TRUE(test, list_empty(&e[0].list));
	KUNIT_EXPECT_PTR_EQ(test, e[1].list.next, LIST_POISON1);
}

static void hash_tables_find_all_entries_of_a_key(struct kunit *test)
{
	DEFINE_HASHTABLE(table, 3);
	struct entry e[64], *pos;
	int bkt, found = 0, all = 0;

	for (int i = 0; i < ARRAY_SIZE(e); i++) {
		e[i].key = i / 2;
		hash_add(table, &e[i].hash, e[i].key);
	}
	hash_for_each_possible(table, pos, hash, 7)
		found += pos->key == 7;
	hash_for_each(table, bkt, pos, hash)
		all++;
	KUNIT_EXPECT_EQ(test, found, 2);
	KUNIT_EXPECT_EQ(test, all, ARRAY_SIZE(e));
	for (int i = 0; i < ARRAY_SIZE(e); i++)
		hash_del(&e[i].hash);
	KUNIT_EXPECT_TRUE(test, hash_empty(table));
}

static void a_lockless_list_gives_back_what_was_added_newest_first(struct kunit *test)
{
	struct entry e[NR], *pos;
	LLIST_HEAD(head);
	int expect = NR - 1;

	for (int i = 0; i < NR; i++) {
		e[i].key = i;
		KUNIT_EXPECT_EQ(test, llist_add(&e[i].llist, &head), i == 0);
	}
	KUNIT_EXPECT_PTR_EQ(test, llist_del_first(&head), &e[NR - 1].llist);
	llist_for_each_entry(pos, llist_del_all(&head), llist)
		KUNIT_EXPECT_EQ(test, pos->key, --expect);
	KUNIT_EXPECT_EQ(test, expect, 0);
	KUNIT_EXPECT_TRUE(test, llist_empty(&head));
}

static struct kunit_case list_cases[] = {
	KUNIT_CASE(entries_keep_their_order_through_every_move),
	KUNIT_CASE(entries_may_be_removed_while_walking_safely),
	KUNIT_CASE(hash_tables_find_all_entries_of_a_key),
	KUNIT_CASE(a_lockless_list_gives_back_what_was_added_newest_first),
	{}
};

static struct kunit_suite list_suite = {
	.name = "list",
	.test_cases = list_cases,
};
kunit_test_suite(list_suite);
