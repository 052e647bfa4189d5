// SPDX-License-Identifier: GPL-2.0
/*
 * RCU lists: what each operation leaves behind, and readers that walk while a writer
 * adds, removes and replaces.  An entry's magic is wiped by the callback that frees it,
 * so a reader that meets a freed entry sees it even without a sanitizer.
 */
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <machine/violation.h>

#include "../threads.h"

#define MAGIC		0x11cebeefUL
#define NR_READERS	3
#define NR_WALKS	400
#define NR_UPDATES	400
#define NR_ENTRIES	8

struct entry {
	struct list_head node;
	struct hlist_node hnode;
	unsigned long magic;
	unsigned long copy;		/* of magic, plain: for ThreadSanitizer */
	struct rcu_head rcu;
};

struct shared {
	struct list_head list;
	struct hlist_head hlist;
	spinlock_t lock;
	unsigned long bad;
	struct completion go;
};

static struct entry *new_entry(void)
{
	struct entry *e = kmalloc(sizeof(*e), GFP_KERNEL);

	e->magic = e->copy = MAGIC;
	return e;
}

static void wipe(struct rcu_head *head)
{
	struct entry *e = container_of(head, struct entry, rcu);

	e->magic = e->copy = 0;
	kfree(e);
}

static int reader_fn(void *arg)
{
	struct shared *s = arg;
	unsigned long bad = 0, i;
	struct entry *e;

	for (i = 0; i < NR_WALKS; i++) {
		rcu_read_lock();
		list_for_each_entry_rcu(e, &s->list, node)
			bad += e->magic != MAGIC || e->copy != MAGIC;
		rcu_read_unlock();
		rcu_read_lock();
		hlist_for_each_entry_rcu(e, &s->hlist, hnode)
			bad += e->magic != MAGIC || e->copy != MAGIC;
		rcu_read_unlock();
		cond_resched();
	}
	return bad != 0;
}

/* The oldest entry leaves, a new one joins; every third time one replaces the other. */
static void update(struct shared *s, unsigned long i)
{
	struct entry *new = new_entry(), *old;

	spin_lock(&s->lock);
	old = list_first_entry(&s->list, struct entry, node);
	if (i % 3) {
		list_del_rcu(&old->node);
		hlist_del_rcu(&old->hnode);
		list_add_tail_rcu(&new->node, &s->list);
		hlist_add_head_rcu(&new->hnode, &s->hlist);
	} else {
		list_replace_rcu(&old->node, &new->node);
		hlist_replace_rcu(&old->hnode, &new->hnode);
	}
	spin_unlock(&s->lock);
	if (i % 16) {
		call_rcu(&old->rcu, wipe);
	} else {
		synchronize_rcu();
		wipe(&old->rcu);
	}
}

static int writer_fn(void *arg)
{
	unsigned long i;

	for (i = 0; i < NR_UPDATES; i++) {
		update(arg, i);
		cond_resched();
	}
	return 0;
}

static void readers_never_meet_a_freed_entry(struct kunit *test)
{
	struct test_thread readers[NR_READERS], writers[2];
	struct shared s = {};
	struct entry *e, *next;
	int i;

	INIT_LIST_HEAD_RCU(&s.list);
	INIT_HLIST_HEAD(&s.hlist);
	spin_lock_init(&s.lock);
	for (i = 0; i < NR_ENTRIES; i++) {
		e = new_entry();
		list_add_rcu(&e->node, &s.list);
		hlist_add_head_rcu(&e->hnode, &s.hlist);
	}
	for (i = 0; i < NR_READERS; i++)
		test_thread_start(test, &readers[i], i, reader_fn, &s);
	for (i = 0; i < 2; i++)
		test_thread_start(test, &writers[i], NR_READERS + i, writer_fn, &s);
	for (i = 0; i < 2; i++)
		test_thread_join(&writers[i]);
	for (i = 0; i < NR_READERS; i++)
		KUNIT_EXPECT_EQ(test, test_thread_join(&readers[i]), 0);
	i = 0;
	list_for_each_entry_safe(e, next, &s.list, node) {
		kfree_rcu(e, rcu);
		i++;
	}
	KUNIT_EXPECT_EQ(test, i, NR_ENTRIES);
}

static unsigned int walk(struct list_head *head, struct entry **seen)
{
	unsigned int n = 0;
	struct entry *e;

	rcu_read_lock();
	list_for_each_entry_rcu(e, head, node)
		seen[n++] = e;
	rcu_read_unlock();
	return n;
}

static void order_of_adding_and_removing(struct kunit *test)
{
	struct entry a, b, c, d, *seen[4];
	LIST_HEAD(head);

	list_add_rcu(&b.node, &head);
	list_add_rcu(&a.node, &head);
	list_add_tail_rcu(&c.node, &head);
	KUNIT_EXPECT_EQ(test, walk(&head, seen), 3);
	KUNIT_EXPECT_PTR_EQ(test, seen[0], &a);
	KUNIT_EXPECT_PTR_EQ(test, seen[1], &b);
	KUNIT_EXPECT_PTR_EQ(test, seen[2], &c);
	list_replace_rcu(&b.node, &d.node);
	KUNIT_EXPECT_EQ(test, walk(&head, seen), 3);
	KUNIT_EXPECT_PTR_EQ(test, seen[1], &d);
	/* Who stands on a removed entry still finds the rest. */
	list_del_rcu(&d.node);
	KUNIT_EXPECT_PTR_EQ(test, d.node.next, &c.node);
	KUNIT_EXPECT_PTR_EQ(test, d.node.prev, LIST_POISON2);
	KUNIT_EXPECT_EQ(test, walk(&head, seen), 2);
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, list_first_or_null_rcu(&head, struct entry, node), &a);
	KUNIT_EXPECT_PTR_EQ(test, list_next_or_null_rcu(&head, &a.node, struct entry, node), &c);
	KUNIT_EXPECT_NULL(test, list_next_or_null_rcu(&head, &c.node, struct entry, node));
	rcu_read_unlock();
	list_del_rcu(&a.node);
	list_del_rcu(&c.node);
	KUNIT_EXPECT_NULL(test, list_first_or_null_rcu(&head, struct entry, node));
}

static void splicing_keeps_all_entries(struct kunit *test)
{
	struct entry a, b, c, *seen[4];
	LIST_HEAD(from);
	LIST_HEAD(to);

	list_add_tail_rcu(&a.node, &to);
	list_add_tail_rcu(&b.node, &from);
	list_add_tail_rcu(&c.node, &from);
	list_splice_tail_init_rcu(&from, &to, synchronize_rcu);
	KUNIT_EXPECT_TRUE(test, list_empty(&from));
	KUNIT_EXPECT_EQ(test, walk(&to, seen), 3);
	KUNIT_EXPECT_PTR_EQ(test, seen[0], &a);
	KUNIT_EXPECT_PTR_EQ(test, seen[1], &b);
	list_splice_init_rcu(&to, &from, synchronize_rcu);
	KUNIT_EXPECT_EQ(test, walk(&from, seen), 3);
	KUNIT_EXPECT_PTR_EQ(test, seen[0], &a);
}

static void hash_lists_keep_their_order(struct kunit *test)
{
	struct entry a, b, c, d, *e, *seen[4];
	HLIST_HEAD(head);
	unsigned int n = 0;

	hlist_add_head_rcu(&b.hnode, &head);
	hlist_add_before_rcu(&a.hnode, &b.hnode);
	hlist_add_behind_rcu(&c.hnode, &b.hnode);
	hlist_add_tail_rcu(&d.hnode, &head);
	rcu_read_lock();
	hlist_for_each_entry_rcu(e, &head, hnode)
		seen[n++] = e;
	rcu_read_unlock();
	KUNIT_ASSERT_EQ(test, n, 4);
	KUNIT_EXPECT_PTR_EQ(test, seen[0], &a);
	KUNIT_EXPECT_PTR_EQ(test, seen[1], &b);
	KUNIT_EXPECT_PTR_EQ(test, seen[2], &c);
	KUNIT_EXPECT_PTR_EQ(test, seen[3], &d);
	hlist_del_init_rcu(&b.hnode);
	KUNIT_EXPECT_TRUE(test, hlist_unhashed(&b.hnode));
	KUNIT_EXPECT_PTR_EQ(test, b.hnode.next, &c.hnode);
	hlist_del_init_rcu(&b.hnode);
	hlist_del_rcu(&a.hnode);
	KUNIT_EXPECT_PTR_EQ(test, head.first, &c.hnode);
}

static void walk_with_condition(void *holds)
{
	LIST_HEAD(head);
	struct entry *e;

	list_for_each_entry_rcu(e, &head, node, holds != NULL)
		;
}

static void condition_stands_in_for_a_reader(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(walk_with_condition, test, NULL, 0),
			VIOLATION_NONE);
	KUNIT_EXPECT_EQ(test, violation_catch(walk_with_condition, NULL, NULL, 0),
			VIOLATION_RCU);
}

static struct kunit_case list_cases[] = {
	KUNIT_CASE(readers_never_meet_a_freed_entry),
	KUNIT_CASE(order_of_adding_and_removing),
	KUNIT_CASE(splicing_keeps_all_entries),
	KUNIT_CASE(hash_lists_keep_their_order),
	KUNIT_CASE(condition_stands_in_for_a_reader),
	{}
};

static struct kunit_suite list_suite = {
	.name = "rcu_lists",
	.test_cases = list_cases,
};
kunit_test_suite(list_suite);
