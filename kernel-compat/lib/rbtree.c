// SPDX-License-Identifier: GPL-2.0
/*
 * Red-black trees, after the textbook (Cormen et al., "Introduction to Algorithms").
 *
 * A missing child is a black leaf.  Every structural change tells the augmentation
 * callbacks, so that nodes can summarise their subtrees.
 */
#include <linux/export.h>
#include <linux/rbtree_augmented.h>

#define RB_BLACK 1UL

static bool is_black(const struct rb_node *n)
{
	return !n || (n->__rb_parent_color & RB_BLACK);
}

static bool is_red(const struct rb_node *n)
{
	return !is_black(n);
}

static void set_black(struct rb_node *n)
{
	if (n)
		n->__rb_parent_color |= RB_BLACK;
}

static void set_red(struct rb_node *n)
{
	n->__rb_parent_color &= ~RB_BLACK;
}

static void set_color_of(struct rb_node *n, const struct rb_node *from)
{
	n->__rb_parent_color = (n->__rb_parent_color & ~RB_BLACK) |
			       (from->__rb_parent_color & RB_BLACK);
}

static void set_parent(struct rb_node *n, struct rb_node *parent)
{
	n->__rb_parent_color = (n->__rb_parent_color & RB_BLACK) | (unsigned long)parent;
}

/* Let whatever pointed at @old point at @new: the parent's link or the root. Lockless
 * readers walk trees, so links are marked. */
static void relink(struct rb_root *root, struct rb_node *parent, struct rb_node *old,
		   struct rb_node *new)
{
	if (!parent)
		WRITE_ONCE(root->rb_node, new);
	else if (parent->rb_left == old)
		WRITE_ONCE(parent->rb_left, new);
	else
		WRITE_ONCE(parent->rb_right, new);
}

/* Turn @n down to the left (or right); its child takes its place. */
static void rotate(struct rb_root *root, struct rb_node *n, bool left,
		   const struct rb_augment_callbacks *augment)
{
	struct rb_node *child = left ? n->rb_right : n->rb_left;
	struct rb_node *inner = left ? child->rb_left : child->rb_right;
	struct rb_node *parent = rb_parent(n);

	if (left) {
		WRITE_ONCE(n->rb_right, inner);
		WRITE_ONCE(child->rb_left, n);
	} else {
		WRITE_ONCE(n->rb_left, inner);
		WRITE_ONCE(child->rb_right, n);
	}
	if (inner)
		set_parent(inner, n);
	set_parent(child, parent);
	relink(root, parent, n, child);
	set_parent(n, child);
	if (augment)
		augment->rotate(n, child);
}

/* @n is red and just linked; its parent may be red, too. */
static void insert_fixup(struct rb_node *n, struct rb_root *root,
			 const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent, *grand, *uncle;
	bool left;

	while ((parent = rb_parent(n)) && is_red(parent)) {
		grand = rb_parent(parent);
		left = parent == grand->rb_left;
		uncle = left ? grand->rb_right : grand->rb_left;
		if (is_red(uncle)) {
			set_black(parent);
			set_black(uncle);
			set_red(grand);
			n = grand;
			continue;
		}
		if (n == (left ? parent->rb_right : parent->rb_left)) {
			rotate(root, parent, left, augment);
			parent = n;
		}
		set_black(parent);
		set_red(grand);
		rotate(root, grand, !left, augment);
		break;
	}
	set_black(root->rb_node);
}

/* The subtree @n (perhaps empty) below @parent has one black node too few. */
static void erase_fixup(struct rb_node *n, struct rb_node *parent, struct rb_root *root,
			const struct rb_augment_callbacks *augment)
{
	struct rb_node *sibling, *near, *far;
	bool left;

	while (parent && is_black(n)) {
		left = n == parent->rb_left;
		sibling = left ? parent->rb_right : parent->rb_left;
		if (is_red(sibling)) {
			set_black(sibling);
			set_red(parent);
			rotate(root, parent, left, augment);
			sibling = left ? parent->rb_right : parent->rb_left;
		}
		near = left ? sibling->rb_left : sibling->rb_right;
		far = left ? sibling->rb_right : sibling->rb_left;
		if (is_black(near) && is_black(far)) {
			set_red(sibling);
			n = parent;
			parent = rb_parent(n);
			continue;
		}
		if (is_black(far)) {
			set_black(near);
			set_red(sibling);
			rotate(root, sibling, !left, augment);
			far = sibling;
			sibling = near;
		}
		set_color_of(sibling, parent);
		set_black(parent);
		set_black(far);
		rotate(root, parent, left, augment);
		return;
	}
	set_black(n);
}

void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 const struct rb_augment_callbacks *augment)
{
	insert_fixup(node, root, augment);
}
EXPORT_SYMBOL(rb_insert_augmented);

void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	insert_fixup(node, root, NULL);
}
EXPORT_SYMBOL(rb_insert_color);

/*
 * Put the successor @next of @node, which has two children, into @node's place.
 * Returns the parent of the hole that the successor leaves.
 */
static struct rb_node *replace_by_next(struct rb_node *node, struct rb_node *next,
				       struct rb_root *root)
{
	struct rb_node *hole = rb_parent(next), *child = next->rb_right;

	if (hole == node) {
		hole = next;
	} else {
		WRITE_ONCE(hole->rb_left, child);
		if (child)
			set_parent(child, hole);
		WRITE_ONCE(next->rb_right, node->rb_right);
		set_parent(node->rb_right, next);
	}
	WRITE_ONCE(next->rb_left, node->rb_left);
	set_parent(node->rb_left, next);
	relink(root, rb_parent(node), node, next);
	next->__rb_parent_color = node->__rb_parent_color;
	return hole;
}

static void erase(struct rb_node *node, struct rb_root *root,
		  const struct rb_augment_callbacks *augment)
{
	struct rb_node *child, *parent, *next;
	bool lost_black;

	if (node->rb_left && node->rb_right) {
		next = node->rb_right;
		while (next->rb_left)
			next = next->rb_left;
		lost_black = is_black(next);
		child = next->rb_right;
		parent = replace_by_next(node, next, root);
		if (augment) {
			augment->copy(node, next);
			augment->propagate(parent, next);
			/* with its new children, up to the root */
			augment->propagate(next, NULL);
		}
	} else {
		child = node->rb_left ?: node->rb_right;
		parent = rb_parent(node);
		lost_black = is_black(node);
		if (child)
			set_parent(child, parent);
		relink(root, parent, node, child);
		if (augment && parent)
			augment->propagate(parent, NULL);
	}
	if (lost_black)
		erase_fixup(child, parent, root, augment);
}

void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment)
{
	erase(node, root, augment);
}
EXPORT_SYMBOL(rb_erase_augmented);

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	erase(node, root, NULL);
}
EXPORT_SYMBOL(rb_erase);

struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *n = root->rb_node;

	while (n && n->rb_left)
		n = n->rb_left;
	return n;
}

struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *n = root->rb_node;

	while (n && n->rb_right)
		n = n->rb_right;
	return n;
}

/* The neighbour in order: below on that side, or the first ancestor from the other. */
struct rb_node *rb_next(const struct rb_node *node)
{
	struct rb_node *n, *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (node->rb_right) {
		for (n = node->rb_right; n->rb_left; n = n->rb_left)
			;
		return n;
	}
	while ((parent = rb_parent(node)) && node == parent->rb_right)
		node = parent;
	return parent;
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	struct rb_node *n, *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (node->rb_left) {
		for (n = node->rb_left; n->rb_right; n = n->rb_right)
			;
		return n;
	}
	while ((parent = rb_parent(node)) && node == parent->rb_left)
		node = parent;
	return parent;
}

void rb_replace_node(struct rb_node *victim, struct rb_node *new, struct rb_root *root)
{
	*new = *victim;
	if (victim->rb_left)
		set_parent(victim->rb_left, new);
	if (victim->rb_right)
		set_parent(victim->rb_right, new);
	relink(root, rb_parent(victim), victim, new);
}

static struct rb_node *deepest_left(const struct rb_node *n)
{
	while (n->rb_left || n->rb_right)
		n = n->rb_left ?: n->rb_right;
	return (struct rb_node *)n;
}

struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return root->rb_node ? deepest_left(root->rb_node) : NULL;
}

struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	const struct rb_node *parent;

	if (!node)
		return NULL;
	parent = rb_parent(node);
	if (parent && node == parent->rb_left && parent->rb_right)
		return deepest_left(parent->rb_right);
	return (struct rb_node *)parent;
}
