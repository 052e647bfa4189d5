// SPDX-License-Identifier: GPL-2.0
/*
 * Order and shape-independent promises of red-black trees, and of the xarray.
 */
#include <kunit/test.h>
#include <linux/rbtree.h>
#include <linux/xarray.h>

#define NR	64

struct item {
	struct rb_node rb;
	unsigned int key;
};

static bool less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct item, rb)->key < rb_entry(b, struct item, rb)->key;
}

static int compare(const void *key, const struct rb_node *node)
{
	unsigned int k = *(const unsigned int *)key, n = rb_entry(node, struct item, rb)->key;

	return k < n ? -1 : k > n;
}

/* All keys below NR once, in an order that is not theirs. */
static void fill(struct rb_root *root, struct item *item)
{
	unsigned int i;

	*root = RB_ROOT;
	for (i = 0; i < NR; i++) {
		item[i].key = i * 37 % NR;
		rb_add(&item[i].rb, root, less);
	}
}

static void a_walk_goes_from_the_first_to_the_last(struct kunit *test)
{
	struct item *item = kunit_kcalloc(test, NR, sizeof(*item), GFP_KERNEL);
	struct rb_root root;
	struct rb_node *node;
	unsigned int n = 0;

	KUNIT_ASSERT_NOT_NULL(test, item);
	fill(&root, item);
	for (node = rb_first(&root); node; node = rb_next(node))
		KUNIT_EXPECT_EQ(test, rb_entry(node, struct item, rb)->key, n++);
	KUNIT_EXPECT_EQ(test, n, NR);
	for (node = rb_last(&root); node; node = rb_prev(node))
		KUNIT_EXPECT_EQ(test, rb_entry(node, struct item, rb)->key, --n);
	KUNIT_EXPECT_EQ(test, n, 0);
}

static void what_is_erased_is_not_found(struct kunit *test)
{
	struct item *item = kunit_kcalloc(test, NR, sizeof(*item), GFP_KERNEL);
	struct rb_root root;
	unsigned int i, key;

	KUNIT_ASSERT_NOT_NULL(test, item);
	fill(&root, item);
	for (i = 0; i < NR; i += 2)
		rb_erase(&item[i].rb, &root);
	for (i = 0; i < NR; i++) {
		struct rb_node *node = rb_find(&item[i].key, &root, compare);

		KUNIT_EXPECT_EQ(test, !!node, i % 2);
	}
	key = NR;
	KUNIT_EXPECT_NULL(test, rb_find(&key, &root, compare));
	for (i = 1; i < NR; i += 2)
		rb_erase(&item[i].rb, &root);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&root));
	RB_CLEAR_NODE(&item[0].rb);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_NODE(&item[0].rb));
}

static void equal_keys_keep_their_order(struct kunit *test)
{
	struct item item[6];
	struct rb_root root = RB_ROOT;
	struct rb_node *node;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(item); i++) {
		item[i].key = 5;
		rb_add(&item[i].rb, &root, less);
	}
	for (i = 0, node = rb_first(&root); node; node = rb_next(node), i++)
		KUNIT_EXPECT_PTR_EQ(test, rb_entry(node, struct item, rb), &item[i]);
	KUNIT_EXPECT_EQ(test, i, ARRAY_SIZE(item));
}

static void the_leftmost_is_remembered(struct kunit *test)
{
	struct rb_root_cached root = RB_ROOT_CACHED;
	struct item item[3] = { { .key = 5 }, { .key = 3 }, { .key = 4 } };

	KUNIT_EXPECT_NULL(test, rb_first_cached(&root));
	KUNIT_EXPECT_PTR_EQ(test, rb_add_cached(&item[0].rb, &root, less), &item[0].rb);
	KUNIT_EXPECT_PTR_EQ(test, rb_add_cached(&item[1].rb, &root, less), &item[1].rb);
	KUNIT_EXPECT_NULL(test, rb_add_cached(&item[2].rb, &root, less));
	KUNIT_EXPECT_PTR_EQ(test, rb_first_cached(&root), &item[1].rb);
	rb_erase_cached(&item[1].rb, &root);
	KUNIT_EXPECT_PTR_EQ(test, rb_first_cached(&root), &item[2].rb);
}

static void an_array_gives_back_what_was_there(struct kunit *test)
{
	struct xarray xa;
	int a, b;

	xa_init(&xa);
	KUNIT_EXPECT_TRUE(test, xa_empty(&xa));
	KUNIT_EXPECT_NULL(test, xa_store(&xa, 1UL << 40, &a, GFP_KERNEL));
	KUNIT_EXPECT_PTR_EQ(test, xa_store(&xa, 1UL << 40, &b, GFP_KERNEL), (void *)&a);
	KUNIT_EXPECT_PTR_EQ(test, xa_load(&xa, 1UL << 40), (void *)&b);
	KUNIT_EXPECT_NULL(test, xa_load(&xa, 0));
	KUNIT_EXPECT_PTR_EQ(test, xa_erase(&xa, 1UL << 40), (void *)&b);
	KUNIT_EXPECT_NULL(test, xa_erase(&xa, 1UL << 40));
	KUNIT_EXPECT_TRUE(test, xa_empty(&xa));
	xa_destroy(&xa);
}

static void an_array_is_walked_by_index(struct kunit *test)
{
	static const unsigned long where[] = { 70000, 0, 64, 1UL << 33, 63 };
	static const unsigned long order[] = { 0, 63, 64, 70000, 1UL << 33 };
	unsigned long index;
	unsigned int i, n = 0;
	struct xarray xa;
	void *entry;

	xa_init(&xa);
	for (i = 0; i < ARRAY_SIZE(where); i++)
		KUNIT_EXPECT_EQ(test, xa_err(xa_store(&xa, where[i], (void *)&where[i],
						      GFP_KERNEL)), 0);
	xa_for_each(&xa, index, entry) {
		KUNIT_ASSERT_LT(test, n, ARRAY_SIZE(order));
		KUNIT_EXPECT_EQ(test, index, order[n]);
		KUNIT_EXPECT_EQ(test, *(const unsigned long *)entry, order[n++]);
	}
	KUNIT_EXPECT_EQ(test, n, ARRAY_SIZE(order));
	n = 0;
	xa_for_each_range(&xa, index, entry, 63, 70000)
		n++;
	KUNIT_EXPECT_EQ(test, n, 3);
	index = 65;
	KUNIT_EXPECT_PTR_EQ(test, xa_find(&xa, &index, ULONG_MAX, XA_PRESENT),
			    (void *)&where[0]);
	KUNIT_EXPECT_EQ(test, index, 70000UL);
	KUNIT_EXPECT_PTR_EQ(test, xa_find_after(&xa, &index, ULONG_MAX, XA_PRESENT),
			    (void *)&where[3]);
	KUNIT_EXPECT_NULL(test, xa_find_after(&xa, &index, ULONG_MAX, XA_PRESENT));
	xa_destroy(&xa);
	KUNIT_EXPECT_TRUE(test, xa_empty(&xa));
}

static struct kunit_case tree_cases[] = {
	KUNIT_CASE(a_walk_goes_from_the_first_to_the_last),
	KUNIT_CASE(what_is_erased_is_not_found),
	KUNIT_CASE(equal_keys_keep_their_order),
	KUNIT_CASE(the_leftmost_is_remembered),
	KUNIT_CASE(an_array_gives_back_what_was_there),
	KUNIT_CASE(an_array_is_walked_by_index),
	{}
};

static struct kunit_suite tree_suite = {
	.name = "conformance_tree",
	.test_cases = tree_cases,
};
kunit_test_suite(tree_suite);
