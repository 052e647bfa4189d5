// SPDX-License-Identifier: GPL-2.0
/*
 * Red-black and interval trees against plain arrays. No machine.
 */
#include <kunit/test.h>
#include <linux/interval_tree.h>
#include <linux/prandom.h>
#include <linux/rbtree_augmented.h>

#define NR 300

struct item {
	struct rb_node rb;
	int key;
	int weight;		/* unrelated to the key */
	int max;		/* of the subtree's weights */
	bool in;
};

#define item_weight(item) ((item)->weight)
RB_DECLARE_CALLBACKS_MAX(static, item_augment, struct item, rb, int, max, item_weight);

static struct item items[NR];

static void insert(struct item *item, struct rb_root *root, bool augmented)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		struct item *p = rb_entry(*link, struct item, rb);

		parent = *link;
		if (augmented && p->max < item->weight)
			p->max = item->weight;
		link = item->key < p->key ? &parent->rb_left : &parent->rb_right;
	}
	item->max = item->weight;
	item->in = true;
	rb_link_node(&item->rb, parent, link);
	if (augmented)
		rb_insert_augmented(&item->rb, root, &item_augment);
	else
		rb_insert_color(&item->rb, root);
}

static void erase(struct item *item, struct rb_root *root, bool augmented)
{
	item->in = false;
	if (augmented)
		rb_erase_augmented(&item->rb, root, &item_augment);
	else
		rb_erase(&item->rb, root);
}

/* Returns the number of black nodes on every path down, or -1 if they differ. */
static int check_node(struct kunit *test, struct rb_node *n, bool augmented, int *count)
{
	struct item *item = rb_entry(n, struct item, rb);
	bool black = n && (n->__rb_parent_color & 1);
	int left, right, max;

	if (!n)
		return 0;
	(*count)++;
	if (!black) {
		KUNIT_EXPECT_TRUE(test, !n->rb_left || (n->rb_left->__rb_parent_color & 1));
		KUNIT_EXPECT_TRUE(test, !n->rb_right || (n->rb_right->__rb_parent_color & 1));
	}
	if (n->rb_left)
		KUNIT_EXPECT_PTR_EQ(test, rb_parent(n->rb_left), n);
	if (n->rb_right)
		KUNIT_EXPECT_PTR_EQ(test, rb_parent(n->rb_right), n);
	left = check_node(test, n->rb_left, augmented, count);
	right = check_node(test, n->rb_right, augmented, count);
	KUNIT_EXPECT_EQ(test, left, right);
	if (augmented) {
		max = item->weight;
		if (n->rb_left)
			max = max(max, rb_entry(n->rb_left, struct item, rb)->max);
		if (n->rb_right)
			max = max(max, rb_entry(n->rb_right, struct item, rb)->max);
		KUNIT_EXPECT_EQ(test, item->max, max);
	}
	return left + black;
}

/* Shape, order both ways, and exactly the items that are in. */
static void check_tree(struct kunit *test, struct rb_root *root, bool augmented)
{
	int count = 0, in = 0, forward = 0, backward = 0, last;
	struct rb_node *n;

	check_node(test, root->rb_node, augmented, &count);
	for (int i = 0; i < NR; i++)
		in += items[i].in;
	KUNIT_EXPECT_EQ(test, count, in);
	last = -1;
	for (n = rb_first(root); n; n = rb_next(n), forward++) {
		KUNIT_EXPECT_LE(test, last, rb_entry(n, struct item, rb)->key);
		last = rb_entry(n, struct item, rb)->key;
	}
	last = INT_MAX;
	for (n = rb_last(root); n; n = rb_prev(n), backward++) {
		KUNIT_EXPECT_GE(test, last, rb_entry(n, struct item, rb)->key);
		last = rb_entry(n, struct item, rb)->key;
	}
	KUNIT_EXPECT_EQ(test, forward, in);
	KUNIT_EXPECT_EQ(test, backward, in);
}

static void random_walk(struct kunit *test, bool augmented)
{
	struct rb_root root = RB_ROOT;
	struct rnd_state rnd;
	u64 seed = 42;

	kunit_info(test, "seed %llu", seed);
	prandom_seed_state(&rnd, seed);
	memset(items, 0, sizeof(items));
	for (int step = 0; step < 6000 && test->status == KUNIT_SUCCESS; step++) {
		struct item *item = &items[prandom_u32_state(&rnd) % NR];

		if (item->in) {
			erase(item, &root, augmented);
		} else {
			item->key = prandom_u32_state(&rnd) % 100;
			item->weight = prandom_u32_state(&rnd) % 1000;
			insert(item, &root, augmented);
		}
		if (step % 7 == 0)
			check_tree(test, &root, augmented);
	}
	for (int i = 0; i < NR; i++)
		if (items[i].in)
			erase(&items[i], &root, augmented);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&root));
}

static void random_inserts_and_erases_keep_a_red_black_tree(struct kunit *test)
{
	random_walk(test, false);
}

static void augmented_trees_know_the_maximum_of_every_subtree(struct kunit *test)
{
	random_walk(test, true);
}

static void postorder_visits_children_before_parents(struct kunit *test)
{
	struct rb_root root = RB_ROOT;
	struct item *item, *next;
	int n = 0;

	memset(items, 0, sizeof(items));
	for (int i = 0; i < NR; i++) {
		items[i].key = i;
		insert(&items[i], &root, false);
	}
	rbtree_postorder_for_each_entry_safe(item, next, &root, rb) {
		if (item->rb.rb_left)
			KUNIT_EXPECT_FALSE(test, rb_entry(item->rb.rb_left, struct item, rb)->in);
		if (item->rb.rb_right)
			KUNIT_EXPECT_FALSE(test, rb_entry(item->rb.rb_right, struct item, rb)->in);
		item->in = false;
		n++;
	}
	KUNIT_EXPECT_EQ(test, n, NR);
}

static bool less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct item, rb)->key < rb_entry(b, struct item, rb)->key;
}

static void a_cached_tree_knows_its_first_node(struct kunit *test)
{
	struct rb_root_cached root = RB_ROOT_CACHED;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 7);
	for (int i = 0; i < NR; i++) {
		items[i].key = prandom_u32_state(&rnd) % 1000;
		rb_add_cached(&items[i].rb, &root, less);
		KUNIT_EXPECT_PTR_EQ(test, rb_first_cached(&root), rb_first(&root.rb_root));
	}
	for (int i = 0; i < NR; i++) {
		rb_erase_cached(&items[i].rb, &root);
		KUNIT_EXPECT_PTR_EQ(test, rb_first_cached(&root), rb_first(&root.rb_root));
	}
}

static void replacing_a_node_keeps_its_place(struct kunit *test)
{
	struct rb_root root = RB_ROOT;
	struct item copy;

	memset(items, 0, sizeof(items));
	for (int i = 0; i < 50; i++) {
		items[i].key = i;
		insert(&items[i], &root, false);
	}
	copy = items[20];
	rb_replace_node(&items[20].rb, &copy.rb, &root);
	KUNIT_EXPECT_PTR_EQ(test, rb_next(&items[19].rb), &copy.rb);
	KUNIT_EXPECT_PTR_EQ(test, rb_prev(&items[21].rb), &copy.rb);
}

/* Compares every query with a look at all intervals. */
static void interval_queries_find_every_overlap_in_order(struct kunit *test)
{
	struct rb_root_cached root = RB_ROOT_CACHED;
	static struct interval_tree_node nodes[NR];
	bool in[NR] = {};
	struct interval_tree_node *n;
	struct rnd_state rnd;
	int step, found, expected;

	prandom_seed_state(&rnd, 11);
	for (step = 0; step < 2000; step++) {
		int i = prandom_u32_state(&rnd) % NR;
		unsigned long from = prandom_u32_state(&rnd) % 1000;
		unsigned long to = from + prandom_u32_state(&rnd) % 50, last = 0;

		if (in[i]) {
			interval_tree_remove(&nodes[i], &root);
		} else {
			nodes[i].start = prandom_u32_state(&rnd) % 1000;
			nodes[i].last = nodes[i].start + prandom_u32_state(&rnd) % 100;
			interval_tree_insert(&nodes[i], &root);
		}
		in[i] = !in[i];
		expected = 0;
		for (i = 0; i < NR; i++)
			expected += in[i] && nodes[i].start <= to && nodes[i].last >= from;
		found = 0;
		for (n = interval_tree_iter_first(&root, from, to); n;
		     n = interval_tree_iter_next(n, from, to)) {
			KUNIT_EXPECT_TRUE(test, n->start <= to && n->last >= from);
			KUNIT_EXPECT_LE(test, last, n->start);
			last = n->start;
			found++;
		}
		KUNIT_ASSERT_EQ(test, found, expected);
	}
}

static struct kunit_case rbtree_cases[] = {
	KUNIT_CASE(random_inserts_and_erases_keep_a_red_black_tree),
	KUNIT_CASE(augmented_trees_know_the_maximum_of_every_subtree),
	KUNIT_CASE(postorder_visits_children_before_parents),
	KUNIT_CASE(a_cached_tree_knows_its_first_node),
	KUNIT_CASE(replacing_a_node_keeps_its_place),
	KUNIT_CASE(interval_queries_find_every_overlap_in_order),
	{}
};

static struct kunit_suite rbtree_suite = {
	.name = "rbtree",
	.test_cases = rbtree_cases,
};
kunit_test_suite(rbtree_suite);
kunit_machine_free(rbtree_suite);
