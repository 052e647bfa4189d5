// SPDX-License-Identifier: GPL-2.0
/*
 * A radix tree behind the xarray's names; see linux/xarray.h for what it leaves out.
 *
 * A node's shift never changes and a node is never freed before xa_destroy(), so a
 * lockless reader that holds a node may go on with it.
 */
#include <linux/xarray.h>
#include <linux/err.h>
#include <linux/slab.h>

#define XA_MAX_SHIFT	36

struct xa_node {
	unsigned int shift;
	void *slots[XA_CHUNK_SIZE];
};

void xa_init_flags(struct xarray *xa, gfp_t flags)
{
	spin_lock_init(&xa->xa_lock);
	xa->xa_flags = flags;
	xa->xa_head = NULL;
}

static bool node_covers(const struct xa_node *node, unsigned long index)
{
	return !(index >> node->shift >> XA_CHUNK_SHIFT);
}

static void **slot_of(struct xa_node *node, unsigned long index)
{
	return &node->slots[(index >> node->shift) & XA_CHUNK_MASK];
}

/* The leaf slot of @index or NULL; pairs with the release in xa_publish(). */
static void **find_slot(struct xarray *xa, unsigned long index)
{
	struct xa_node *node = smp_load_acquire(&xa->xa_head);

	if (!node || !node_covers(node, index))
		return NULL;
	while (node->shift) {
		node = smp_load_acquire(slot_of(node, index));
		if (!node)
			return NULL;
	}
	return slot_of(node, index);
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	void **slot = find_slot(xa, index);

	/* pairs with the release store in __xa_store() */
	return slot ? smp_load_acquire(slot) : NULL;
}

/*
 * Put the zeroed @new where a node is missing on the way to @index. Returns true
 * when it was used. Under xa_lock.
 */
static bool xa_publish(struct xarray *xa, unsigned long index, struct xa_node *new)
{
	struct xa_node *node = xa->xa_head;
	void **slot;

	if (!node) {
		while (!node_covers(new, index))
			new->shift += XA_CHUNK_SHIFT;
		smp_store_release(&xa->xa_head, new);
		return true;
	}
	if (!node_covers(node, index)) {
		new->shift = node->shift + XA_CHUNK_SHIFT;
		new->slots[0] = node;
		smp_store_release(&xa->xa_head, new);
		return true;
	}
	while (node->shift) {
		slot = slot_of(node, index);
		if (!*slot) {
			new->shift = node->shift - XA_CHUNK_SHIFT;
			smp_store_release(slot, (void *)new);
			return true;
		}
		node = *slot;
	}
	return false;
}

int xa_prepare(struct xarray *xa, unsigned long index, gfp_t gfp)
{
	struct xa_node *node;
	bool used;

	if (index >> XA_MAX_SHIFT >> XA_CHUNK_SHIFT)
		return -EINVAL;
	while (!find_slot(xa, index)) {
		node = kzalloc(sizeof(*node), gfp);
		if (!node)
			return -ENOMEM;
		xa_lock_irq(xa);
		used = xa_publish(xa, index, node);
		xa_unlock_irq(xa);
		if (!used)
			kfree(node);
	}
	return 0;
}

/* Nodes must exist (xa_prepare()), or are allocated with @gfp & ~direct reclaim. */
void *__xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	void **slot = find_slot(xa, index), *old;

	while (!slot) {
		struct xa_node *node;

		if (!entry)
			return NULL;
		node = kzalloc(sizeof(*node), gfp & ~__GFP_DIRECT_RECLAIM);
		if (!node)
			return ERR_PTR(-ENOMEM);
		xa_publish(xa, index, node);
		slot = find_slot(xa, index);
	}
	old = *slot;
	smp_store_release(slot, entry);
	return old;
}

void *__xa_erase(struct xarray *xa, unsigned long index)
{
	return __xa_store(xa, index, NULL, 0);
}

void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	int err = entry ? xa_prepare(xa, index, gfp) : 0;
	void *old;

	if (err)
		return ERR_PTR(err);
	xa_lock(xa);
	old = __xa_store(xa, index, entry, gfp);
	xa_unlock(xa);
	return old;
}

void *xa_erase(struct xarray *xa, unsigned long index)
{
	return xa_store(xa, index, NULL, 0);
}

/* First entry in [*index, max] below @node. */
static void *find_below(struct xa_node *node, unsigned long *index, unsigned long max)
{
	unsigned long step = 1UL << node->shift, base = *index, i;
	void *entry;

	for (i = (base >> node->shift) & XA_CHUNK_MASK; i < XA_CHUNK_SIZE; i++) {
		if (*index > max)
			return NULL;
		entry = smp_load_acquire(&node->slots[i]);
		if (entry && node->shift)
			entry = find_below(entry, index, max);
		if (entry)
			return entry;
		*index = (*index & ~(step - 1)) + step;
	}
	*index -= 1;	/* last index of this node; the caller steps over it */
	return NULL;
}

void *xa_find(struct xarray *xa, unsigned long *indexp, unsigned long max,
	      xa_mark_t filter)
{
	struct xa_node *node = smp_load_acquire(&xa->xa_head);
	unsigned long index = *indexp;
	void *entry;

	if (!node || !node_covers(node, index))
		return NULL;
	entry = find_below(node, &index, max);
	if (!entry)
		return NULL;
	*indexp = index;
	return entry;
}

void *xa_find_after(struct xarray *xa, unsigned long *indexp, unsigned long max,
		    xa_mark_t filter)
{
	unsigned long index = *indexp + 1;
	void *entry;

	if (!index || index > max)
		return NULL;
	entry = xa_find(xa, &index, max, filter);
	if (entry)
		*indexp = index;
	return entry;
}

bool xa_empty(struct xarray *xa)
{
	unsigned long index = 0;

	return !xa_find(xa, &index, ULONG_MAX, XA_PRESENT);
}

static void free_below(struct xa_node *node)
{
	unsigned long i;

	for (i = 0; node->shift && i < XA_CHUNK_SIZE; i++)
		if (node->slots[i])
			free_below(node->slots[i]);
	kfree(node);
}

void xa_destroy(struct xarray *xa)
{
	if (xa->xa_head)
		free_below(xa->xa_head);
	xa->xa_head = NULL;
}
