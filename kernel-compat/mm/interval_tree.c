// SPDX-License-Identifier: GPL-2.0
/*
 * Interval trees of the reverse map, as treaps.
 *
 * Keys are the interval starts; a node with an equal key goes to the right, so
 * iteration keeps the order of insertion.  Priorities are a hash of the node's
 * address: nobody has to store or draw them.  Every node remembers the largest end
 * in its subtree, which is what lets a search skip subtrees.
 */
#include <linux/interval_tree_generic.h>
#include <linux/mm.h>
#include <linux/rmap.h>

static unsigned long priority(const struct rb_node *rb)
{
	return ((unsigned long)rb >> 3) * 0x9E3779B97F4A7C15UL;
}

static struct rb_node *parent_of(const struct rb_node *rb)
{
	return (struct rb_node *)rb->__rb_parent_color;
}

static void set_parent(struct rb_node *rb, struct rb_node *parent)
{
	rb->__rb_parent_color = (unsigned long)parent;
}

/* Recompute the largest end below @rb from its children. */
static void update_one(struct rb_node *rb, const struct interval_ops *ops)
{
	unsigned long max = ops->last(rb);

	if (rb->rb_left && *ops->subtree(rb->rb_left) > max)
		max = *ops->subtree(rb->rb_left);
	if (rb->rb_right && *ops->subtree(rb->rb_right) > max)
		max = *ops->subtree(rb->rb_right);
	*ops->subtree(rb) = max;
}

static void update_up(struct rb_node *rb, const struct interval_ops *ops)
{
	for (; rb; rb = parent_of(rb))
		update_one(rb, ops);
}

static void replace_child(struct rb_node *parent, struct rb_node *old,
			  struct rb_node *new, struct rb_root_cached *root)
{
	if (!parent)
		root->rb_root.rb_node = new;
	else if (parent->rb_left == old)
		parent->rb_left = new;
	else
		parent->rb_right = new;
	if (new)
		set_parent(new, parent);
}

/* Move @rb one level up, its parent becoming its child; keeps the order. */
static void rotate_up(struct rb_node *rb, struct rb_root_cached *root,
		      const struct interval_ops *ops)
{
	struct rb_node *parent = parent_of(rb), *moved;

	replace_child(parent_of(parent), parent, rb, root);
	if (parent->rb_left == rb) {
		moved = rb->rb_right;
		rb->rb_right = parent;
		parent->rb_left = moved;
	} else {
		moved = rb->rb_left;
		rb->rb_left = parent;
		parent->rb_right = moved;
	}
	if (moved)
		set_parent(moved, parent);
	set_parent(parent, rb);
	update_one(parent, ops);
	update_one(rb, ops);
}

static void refresh_leftmost(struct rb_root_cached *root)
{
	struct rb_node *rb = root->rb_root.rb_node;

	while (rb && rb->rb_left)
		rb = rb->rb_left;
	root->rb_leftmost = rb;
}

/* Insert after all nodes with the same start. The tree is locked for writing. */
void interval_insert(struct rb_node *rb, struct rb_root_cached *root,
		     const struct interval_ops *ops)
{
	struct rb_node **link = &root->rb_root.rb_node, *parent = NULL;
	unsigned long start = ops->start(rb);

	while (*link) {
		parent = *link;
		link = start < ops->start(parent) ? &parent->rb_left
						  : &parent->rb_right;
	}
	rb->rb_left = NULL;
	rb->rb_right = NULL;
	set_parent(rb, parent);
	*link = rb;
	update_up(rb, ops);
	while (parent_of(rb) && priority(parent_of(rb)) < priority(rb))
		rotate_up(rb, root, ops);
	refresh_leftmost(root);
}

/* Sink @rb to a leaf and cut it off. The tree is locked for writing. */
void interval_remove(struct rb_node *rb, struct rb_root_cached *root,
		     const struct interval_ops *ops)
{
	struct rb_node *parent;

	while (rb->rb_left || rb->rb_right) {
		struct rb_node *up = rb->rb_left;

		if (!up || (rb->rb_right && priority(rb->rb_right) > priority(up)))
			up = rb->rb_right;
		rotate_up(up, root, ops);
	}
	parent = parent_of(rb);
	replace_child(parent, rb, NULL, root);
	update_up(parent, ops);
	refresh_leftmost(root);
	RB_CLEAR_NODE(rb);
}

/* First node of the subtree @rb that overlaps, by start; its end must be checked. */
static struct rb_node *subtree_first(struct rb_node *rb, unsigned long start,
				     unsigned long last,
				     const struct interval_ops *ops)
{
	while (rb && *ops->subtree(rb) >= start) {
		if (rb->rb_left && *ops->subtree(rb->rb_left) >= start) {
			rb = rb->rb_left;
			continue;
		}
		if (ops->start(rb) > last)
			return NULL;
		if (ops->last(rb) >= start)
			return rb;
		rb = rb->rb_right;
	}
	return NULL;
}

struct rb_node *interval_first(struct rb_root_cached *root, unsigned long start,
			       unsigned long last, const struct interval_ops *ops)
{
	return subtree_first(root->rb_root.rb_node, start, last, ops);
}

/* The overlapping node after @rb: right subtree first, then up. */
struct rb_node *interval_next(struct rb_node *rb, unsigned long start,
			      unsigned long last, const struct interval_ops *ops)
{
	struct rb_node *from;

	if (rb->rb_right) {
		from = subtree_first(rb->rb_right, start, last, ops);
		if (from)
			return from;
	}
	for (;;) {
		do {
			from = rb;
			rb = parent_of(rb);
			if (!rb)
				return NULL;
		} while (from == rb->rb_right);
		if (ops->start(rb) > last)
			return NULL;
		if (ops->last(rb) >= start)
			return rb;
		if (rb->rb_right) {
			from = subtree_first(rb->rb_right, start, last, ops);
			if (from)
				return from;
		}
	}
}

static unsigned long vma_first_pgoff(struct vm_area_struct *vma)
{
	return vma->vm_pgoff;
}

static unsigned long vma_last_pgoff(struct vm_area_struct *vma)
{
	return vma->vm_pgoff + ((vma->vm_end - vma->vm_start) >> PAGE_SHIFT) - 1;
}

#define AVC_FIRST(avc)	vma_first_pgoff((avc)->vma)
#define AVC_LAST(avc)	vma_last_pgoff((avc)->vma)

INTERVAL_TREE_DEFINE(struct vm_area_struct, shared.rb, unsigned long,
		     shared.rb_subtree_last, vma_first_pgoff, vma_last_pgoff,
		     /* extern */, vma_interval_tree)

INTERVAL_TREE_DEFINE(struct anon_vma_chain, rb, unsigned long, rb_subtree_last,
		     AVC_FIRST, AVC_LAST, /* extern */, anon_vma_interval_tree)

/* model: the position after @prev follows from the order of insertion. */
void vma_interval_tree_insert_after(struct vm_area_struct *node,
				    struct vm_area_struct *prev,
				    struct rb_root_cached *root)
{
	VM_BUG_ON(vma_first_pgoff(node) != vma_first_pgoff(prev));
	vma_interval_tree_insert(node, root);
}
