// SPDX-License-Identifier: GPL-2.0
/* The interval trees and the page cache's index, against plain arrays. */
#include <kunit/test.h>
#include <linux/interval_tree_generic.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rmap.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#define NODES	64
#define STEPS	3000

struct node {
	struct rb_node rb;
	unsigned long start, last, subtree;
	unsigned long order;	/* of insertion; 0: not in the tree */
};
#define START(n) ((n)->start)
#define LAST(n)	((n)->last)
INTERVAL_TREE_DEFINE(struct node, rb, unsigned long, subtree, START, LAST, static, it)

static struct node nodes[NODES];

/* The overlapping node that comes first after (@start, @order). */
static struct node *model_next(unsigned long lo, unsigned long hi,
			       unsigned long start, unsigned long order)
{
	struct node *best = NULL;
	int i;

	for (i = 0; i < NODES; i++) {
		struct node *n = &nodes[i];

		if (!n->order || n->last < lo || n->start > hi)
			continue;
		if (n->start < start || (n->start == start && n->order <= order))
			continue;
		if (!best || n->start < best->start ||
		    (n->start == best->start && n->order < best->order))
			best = n;
	}
	return best;
}

static u32 rnd_state;

static unsigned long rnd(unsigned long n)
{
	rnd_state = rnd_state * 1664525u + 1013904223u;
	return (rnd_state >> 8) % n;
}

static void searches_of_an_interval_tree_find_what_a_linear_search_finds(struct kunit *test)
{
	struct rb_root_cached root = RB_ROOT_CACHED;
	unsigned long order = 0;
	int step;

	rnd_state = 20121;
	kunit_info(test, "seed %u", rnd_state);
	memset(nodes, 0, sizeof(nodes));
	for (step = 0; step < STEPS; step++) {
		struct node *n = &nodes[rnd(NODES)], *found, *want;
		unsigned long lo = rnd(100), hi = lo + rnd(20);

		if (n->order) {
			it_remove(n, &root);
			n->order = 0;
		} else {
			n->start = rnd(100);
			n->last = n->start + rnd(15);
			n->order = ++order;
			it_insert(n, &root);
		}
		found = it_iter_first(&root, lo, hi);
		want = model_next(lo, hi, 0, 0);
		while (want || found) {
			KUNIT_ASSERT_PTR_EQ(test, found, want);
			want = model_next(lo, hi, found->start, found->order);
			found = it_iter_next(found, lo, hi);
		}
	}
}

static void xarray_holds_what_was_stored(struct kunit *test)
{
	static const unsigned long idx[] = {
		0, 1, 63, 64, 65, 4095, 4096, 262144, 1UL << 30, (1UL << 42) - 1,
	};
	struct xarray xa;
	unsigned long i, index, n = 0;
	void *entry;

	xa_init(&xa);
	KUNIT_EXPECT_TRUE(test, xa_empty(&xa));
	for (i = 0; i < ARRAY_SIZE(idx); i++)
		KUNIT_EXPECT_NULL(test, xa_store(&xa, idx[i], (void *)&idx[i], GFP_KERNEL));
	for (i = 0; i < ARRAY_SIZE(idx); i++)
		KUNIT_EXPECT_PTR_EQ(test, xa_load(&xa, idx[i]), (void *)&idx[i]);
	KUNIT_EXPECT_NULL(test, xa_load(&xa, 2));
	KUNIT_EXPECT_NULL(test, xa_load(&xa, ULONG_MAX));
	xa_for_each(&xa, index, entry) {
		KUNIT_EXPECT_EQ(test, index, idx[n]);
		KUNIT_EXPECT_PTR_EQ(test, entry, (void *)&idx[n]);
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, (unsigned long)ARRAY_SIZE(idx));
	n = 0;
	xa_for_each_range(&xa, index, entry, 64, 4096)
		n++;
	KUNIT_EXPECT_EQ(test, n, 4UL);
	KUNIT_EXPECT_PTR_EQ(test, xa_erase(&xa, 4095), (void *)&idx[5]);
	KUNIT_EXPECT_NULL(test, xa_load(&xa, 4095));
	xa_destroy(&xa);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(searches_of_an_interval_tree_find_what_a_linear_search_finds),
	KUNIT_CASE(xarray_holds_what_was_stored),
	{}
};

static struct kunit_suite suite = {
	.name = "fault-tree",
	.test_cases = cases,
};
kunit_test_suite(suite);
