/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An array of pointers indexed by unsigned long.
 *
 * model: a radix tree of 64-way nodes; xa_load() and xa_find() are lockless under
 * RCU, stores take xa_lock, as in the kernel.  Nodes live until xa_destroy(), so a
 * sparse array that was emptied keeps its nodes.  No marks, no multi-index entries,
 * no value entries, no iteration state (xa_state); indices are limited to 2^42.
 */
#ifndef _LINUX_XARRAY_H
#define _LINUX_XARRAY_H

#include <linux/types.h>
#include <linux/gfp_types.h>
#include <linux/spinlock.h>

#define XA_CHUNK_SHIFT		6
#define XA_CHUNK_SIZE		(1UL << XA_CHUNK_SHIFT)
#define XA_CHUNK_MASK		(XA_CHUNK_SIZE - 1)

struct xa_node;

struct xarray {
	spinlock_t	xa_lock;
	gfp_t		xa_flags;
	struct xa_node	*xa_head;
};

typedef unsigned int xa_mark_t;
#define XA_PRESENT		((xa_mark_t)8U)

#define xa_lock(xa)		spin_lock(&(xa)->xa_lock)
#define xa_unlock(xa)		spin_unlock(&(xa)->xa_lock)
#define xa_lock_irq(xa)		spin_lock_irq(&(xa)->xa_lock)
#define xa_unlock_irq(xa)	spin_unlock_irq(&(xa)->xa_lock)

static inline bool xa_is_err(const void *entry)
{
	return (unsigned long)entry >= (unsigned long)-4095L;
}

static inline int xa_err(void *entry)
{
	return xa_is_err(entry) ? (int)(long)entry : 0;
}

void xa_init_flags(struct xarray *xa, gfp_t flags);
static inline void xa_init(struct xarray *xa)
{
	xa_init_flags(xa, 0);
}

/* The entry at @index, or NULL. Context: RCU reader, or xa_lock, or alone. */
void *xa_load(struct xarray *xa, unsigned long index);
/*
 * Make room so that a store at @index cannot fail. May sleep if @gfp allows; takes
 * xa_lock. Shim only: the kernel allocates inside xas_nomem() loops.
 */
int xa_prepare(struct xarray *xa, unsigned long index, gfp_t gfp);
/* Store under xa_lock; the old entry, or an error entry (see xa_err()). */
void *__xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *__xa_erase(struct xarray *xa, unsigned long index);
/* The same taking xa_lock. */
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_erase(struct xarray *xa, unsigned long index);
/* First entry at or after *@index and at or before @max; updates *@index. */
void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max,
	      xa_mark_t filter);
void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max,
		    xa_mark_t filter);
bool xa_empty(struct xarray *xa);
/* Free all nodes (not the entries). Nobody may use the array any more. */
void xa_destroy(struct xarray *xa);

#define xa_for_each_range(xa, index, entry, start, last)			\
	for (index = (start), entry = xa_find(xa, &index, last, XA_PRESENT);	\
	     entry; entry = xa_find_after(xa, &index, last, XA_PRESENT))
#define xa_for_each(xa, index, entry)						\
	xa_for_each_range(xa, index, entry, 0, ULONG_MAX)

#endif /* _LINUX_XARRAY_H */
