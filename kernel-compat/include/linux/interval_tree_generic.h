/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trees of intervals: find all that overlap a range.
 *
 * model: a treap (heap order by a hash of the node's address) instead of a red-black
 * tree, over the same struct rb_node; depth is logarithmic on average.  Order of
 * iteration is the kernel's: by start, equal starts in order of insertion.
 *
 * INTERVAL_TREE_DEFINE(type, rb member, integer type, subtree member, START, LAST,
 * static, prefix) defines prefix_insert(), prefix_remove(), prefix_iter_first() and
 * prefix_iter_next().  LAST is inclusive.
 */
#ifndef _LINUX_INTERVAL_TREE_GENERIC_H
#define _LINUX_INTERVAL_TREE_GENERIC_H

#include <linux/rbtree.h>

/* The untyped part; callbacks read the interval of a node. */
struct interval_ops {
	unsigned long (*start)(const struct rb_node *rb);
	unsigned long (*last)(const struct rb_node *rb);
	unsigned long *(*subtree)(struct rb_node *rb);
};

void interval_insert(struct rb_node *rb, struct rb_root_cached *root,
		     const struct interval_ops *ops);
void interval_remove(struct rb_node *rb, struct rb_root_cached *root,
		     const struct interval_ops *ops);
struct rb_node *interval_first(struct rb_root_cached *root, unsigned long start,
			       unsigned long last, const struct interval_ops *ops);
struct rb_node *interval_next(struct rb_node *rb, unsigned long start,
			      unsigned long last, const struct interval_ops *ops);

#define INTERVAL_TREE_DEFINE(ITSTRUCT, ITRB, ITTYPE, ITSUBTREE,			\
			     ITSTART, ITLAST, ITSTATIC, ITPREFIX)		\
static unsigned long ITPREFIX ## _start_of(const struct rb_node *rb)		\
{										\
	return ITSTART(rb_entry(rb, ITSTRUCT, ITRB));				\
}										\
static unsigned long ITPREFIX ## _last_of(const struct rb_node *rb)		\
{										\
	return ITLAST(rb_entry(rb, ITSTRUCT, ITRB));				\
}										\
static unsigned long *ITPREFIX ## _subtree_of(struct rb_node *rb)		\
{										\
	return &rb_entry(rb, ITSTRUCT, ITRB)->ITSUBTREE;			\
}										\
static const struct interval_ops ITPREFIX ## _ops = {				\
	.start = ITPREFIX ## _start_of,						\
	.last = ITPREFIX ## _last_of,						\
	.subtree = ITPREFIX ## _subtree_of,					\
};										\
ITSTATIC void ITPREFIX ## _insert(ITSTRUCT *node, struct rb_root_cached *root)	\
{										\
	interval_insert(&node->ITRB, root, &ITPREFIX ## _ops);			\
}										\
ITSTATIC void ITPREFIX ## _remove(ITSTRUCT *node, struct rb_root_cached *root)	\
{										\
	interval_remove(&node->ITRB, root, &ITPREFIX ## _ops);			\
}										\
ITSTATIC ITSTRUCT *ITPREFIX ## _iter_first(struct rb_root_cached *root,		\
					   ITTYPE start, ITTYPE last)		\
{										\
	struct rb_node *rb = interval_first(root, start, last,			\
					    &ITPREFIX ## _ops);			\
	return rb ? rb_entry(rb, ITSTRUCT, ITRB) : NULL;			\
}										\
ITSTATIC ITSTRUCT *ITPREFIX ## _iter_next(ITSTRUCT *node, ITTYPE start,		\
					  ITTYPE last)				\
{										\
	struct rb_node *rb = interval_next(&node->ITRB, start, last,		\
					   &ITPREFIX ## _ops);			\
	return rb ? rb_entry(rb, ITSTRUCT, ITRB) : NULL;			\
}

#endif /* _LINUX_INTERVAL_TREE_GENERIC_H */
