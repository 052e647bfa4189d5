// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: the queues of pages that shall move.
 *
 * Each node with memory owns one struct source_queue for the pages on it: a FIFO
 * per target node, and a hash by page frame number so that a touch from elsewhere
 * takes a page's place away at once. Nothing is stored per page of RAM. An entry is
 * only a number: it holds no reference, and the page may be freed, split or used for
 * something else at any moment. Whoever takes an entry out finds out what that
 * page is by then, see migrate.c.
 *
 * A huge page has one place, under the frame number of its head, and promises all of its
 * pages to the target. What becomes of it when the page changes:
 *
 *	split	the head keeps the place; the other parts have none, but inherit the
 *		last CPUPID, so that their next touch from there queues them
 *	freed	the place stays until it is taken out, and is then found to be stale
 *	collapsed	so are the places of the small pages; the new huge page has none
 *	moved	the place was taken out before
 *
 * The entries are allocated at boot, at most AUTONUMA_QUEUE_BYTES per page of the
 * node, because a hinting fault cannot allocate.
 */
#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <trace/events/autonuma.h>

#include "autonuma.h"

/* Memory for queue entries, in bytes per page of RAM. */
#define AUTONUMA_QUEUE_BYTES	4

/* More entries than this never wait: four batches of the default size. */
#define AUTONUMA_QUEUE_MAX	(4 * (SZ_128M >> PAGE_SHIFT))

/**
 * struct queue_entry - one page that shall move
 * @list:	in the FIFO of @target_nid, or in the list of free entries
 * @hash:	in the hash by frame number; unhashed while free
 * @item:	the page
 * @target_nid:	where it shall go
 */
struct queue_entry {
	struct list_head list;
	struct hlist_node hash;
	struct autonuma_queued item;
	int target_nid;
};

/**
 * struct source_queue - the pages of one node that shall leave it
 * @lock:	protects everything below; nests inside a page-table lock
 * @hash_bits:	log2 of the number of buckets in @hash
 * @hash:	queued entries by frame number
 * @free:	unused entries
 * @fifo:	nr_node_ids lists of queued entries, by target node
 * @entries:	all entries
 */
struct source_queue {
	spinlock_t lock; /* everything below */
	unsigned int hash_bits;
	struct hlist_head *hash;
	struct list_head free;
	struct list_head *fifo;
	struct queue_entry *entries;
};

/* By page_nid; NULL for a node without memory. */
static struct source_queue **queues;

/* By target_nid: pages queued for it or on their way to it. */
static atomic_long_t *promised;

static struct hlist_head *bucket_of(struct source_queue *q, unsigned long pfn)
{
	return &q->hash[hash_long(pfn, q->hash_bits)];
}

/* Find the entry of a page. The caller holds @q->lock. */
static struct queue_entry *find_entry(struct source_queue *q, unsigned long pfn)
	__must_hold(&q->lock)
{
	struct queue_entry *e;

	lockdep_assert_held(&q->lock);
	hlist_for_each_entry(e, bucket_of(q, pfn), hash) {
		if (e->item.pfn == pfn)
			return e;
	}
	return NULL;
}

/* Take an entry out of its FIFO and make it free. The caller holds @q->lock. */
static void release_entry(struct source_queue *q, struct queue_entry *e)
	__must_hold(&q->lock)
{
	lockdep_assert_held(&q->lock);
	hlist_del_init(&e->hash);
	list_move(&e->list, &q->free);
}

/* The page of an entry will not go where it waits for; count and trace that. */
static void cancel_promise(const struct queue_entry *e)
{
	autonuma_queue_settle(e->target_nid, 1U << e->item.order);
	autonuma_count(AUTONUMA_PAGES_CANCELLED, 1UL << e->item.order);
	trace_autonuma_cancel(e->item.pfn, e->target_nid);
}

/**
 * autonuma_queue_add() - give a page a place in the queue to another node
 * @item:	the page, on a node other than @target_nid
 * @target_nid:	where it shall go
 *
 * A page has one place: if it waits for another node it loses that place, if it
 * already waits for @target_nid nothing changes. Wakes the daemon of @target_nid
 * when the first page waits for it.
 *
 * Return: AUTONUMA_DROP_NONE, or AUTONUMA_DROP_QUEUE_FULL.
 * Context: process context, may hold a page-table lock.
 */
enum autonuma_drop autonuma_queue_add(const struct autonuma_queued *item, int target_nid)
{
	unsigned long pages = 1UL << item->order;
	int page_nid = pfn_to_nid(item->pfn);
	struct source_queue *q = queues[page_nid];
	struct queue_entry *e;
	bool first;

	VM_WARN_ON_ONCE(page_nid == target_nid);
	/* Memory was added to the node after boot. */
	if (!q)
		return AUTONUMA_DROP_QUEUE_FULL;

	spin_lock(&q->lock);
	e = find_entry(q, item->pfn);
	if (e && e->target_nid == target_nid) {
		spin_unlock(&q->lock);
		return AUTONUMA_DROP_NONE;
	}
	if (e) {
		cancel_promise(e);
	} else {
		e = list_first_entry_or_null(&q->free, struct queue_entry, list);
		if (!e) {
			spin_unlock(&q->lock);
			return AUTONUMA_DROP_QUEUE_FULL;
		}
		hlist_add_head(&e->hash, bucket_of(q, item->pfn));
	}
	e->item = *item;
	e->target_nid = target_nid;
	list_move_tail(&e->list, &q->fifo[target_nid]);
	first = atomic_long_add_return(pages, &promised[target_nid]) == pages;
	spin_unlock(&q->lock);

	autonuma_count(AUTONUMA_PAGES_QUEUED, pages);
	trace_autonuma_queue(item->pfn, target_nid);
	if (first)
		autonuma_migrate_wake(target_nid);
	return AUTONUMA_DROP_NONE;
}

/**
 * autonuma_queue_cancel() - take away the place of a page, if it has one
 * @pfn: frame number of the (head) page
 *
 * The bucket is first looked at without the lock: it is nearly always empty, and
 * a place given at the very same moment is judged again when the page is taken out.
 *
 * Return: true if the page had a place.
 * Context: process context, may hold a page-table lock.
 */
bool autonuma_queue_cancel(unsigned long pfn)
{
	struct source_queue *q = queues[pfn_to_nid(pfn)];
	struct queue_entry *e;

	if (!q || !READ_ONCE(bucket_of(q, pfn)->first))
		return false;

	spin_lock(&q->lock);
	e = find_entry(q, pfn);
	if (e) {
		cancel_promise(e);
		release_entry(q, e);
	}
	spin_unlock(&q->lock);
	return e;
}

/**
 * autonuma_queue_take() - take the pages out that have waited longest
 * @page_nid:	the node they are on
 * @target_nid:	the node they wait for
 * @items:	receives them, at most AUTONUMA_TURN and one for each page of @max
 * @max:	most pages to take; a huge page counts with all of its pages
 *
 * They stay promised to @target_nid until autonuma_queue_settle().
 *
 * Return: how many items were taken; minus the size of the first page, in pages, if
 * that alone is larger than @max.
 * Context: process context.
 */
int autonuma_queue_take(int page_nid, int target_nid, struct autonuma_queued *items,
			unsigned int max)
{
	struct source_queue *q = queues[page_nid];
	struct queue_entry *e, *next;
	int taken = 0, too_big = 0;

	if (!q || list_empty(&q->fifo[target_nid]))
		return 0;

	spin_lock(&q->lock);
	list_for_each_entry_safe(e, next, &q->fifo[target_nid], list) {
		if (taken == AUTONUMA_TURN)
			break;
		if (1U << e->item.order > max) {
			too_big = 1 << e->item.order;
			break;
		}
		max -= 1U << e->item.order;
		items[taken++] = e->item;
		release_entry(q, e);
	}
	spin_unlock(&q->lock);

	return taken ?: -too_big;
}

/**
 * autonuma_queue_settle() - pages are no longer promised to a node
 * @target_nid:	the node
 * @pages:	how many arrived there or never will
 */
void autonuma_queue_settle(int target_nid, unsigned int pages)
{
	atomic_long_sub(pages, &promised[target_nid]);
}

/**
 * autonuma_queue_promised() - pages queued for a node or on their way to it
 * @target_nid: the node
 */
unsigned long autonuma_queue_promised(int target_nid)
{
	return atomic_long_read(&promised[target_nid]);
}

/**
 * autonuma_queue_flush() - take away every page's place
 *
 * Context: process context.
 */
void autonuma_queue_flush(void)
{
	struct queue_entry *e, *next;
	int page_nid, target_nid;

	for_each_node(page_nid) {
		struct source_queue *q = queues[page_nid];

		if (!q)
			continue;
		spin_lock(&q->lock);
		for_each_node(target_nid) {
			list_for_each_entry_safe(e, next, &q->fifo[target_nid], list) {
				cancel_promise(e);
				release_entry(q, e);
			}
		}
		spin_unlock(&q->lock);
		cond_resched();
	}
}

/* Free what alloc_queue() allocated, also when it did so only in part. */
static void __init free_queue(struct source_queue *q)
{
	if (!q)
		return;
	kvfree(q->entries);
	kvfree(q->fifo);
	kvfree(q->hash);
	kfree(q);
}

/* Allocate the queue of the pages of one node, on that node. */
static struct source_queue * __init alloc_queue(int page_nid)
{
	unsigned long bytes = NODE_DATA(page_nid)->node_present_pages * AUTONUMA_QUEUE_BYTES;
	/* At least two: hash_long() knows no table of a single bucket. */
	unsigned long nr = clamp_t(unsigned long, bytes / sizeof(struct queue_entry),
				   2, AUTONUMA_QUEUE_MAX);
	struct source_queue *q = kzalloc_node(sizeof(*q), GFP_KERNEL, page_nid);
	unsigned long i;

	if (!q)
		return NULL;
	q->hash_bits = ilog2(roundup_pow_of_two(nr));
	q->hash = kvzalloc_node(sizeof(*q->hash) << q->hash_bits, GFP_KERNEL, page_nid);
	q->fifo = kvzalloc_node(array_size(nr_node_ids, sizeof(*q->fifo)),
				GFP_KERNEL, page_nid);
	q->entries = kvzalloc_node(array_size(nr, sizeof(*q->entries)),
				   GFP_KERNEL, page_nid);
	if (!q->hash || !q->fifo || !q->entries) {
		free_queue(q);
		return NULL;
	}

	spin_lock_init(&q->lock);
	INIT_LIST_HEAD(&q->free);
	for (i = 0; i < nr_node_ids; i++)
		INIT_LIST_HEAD(&q->fifo[i]);
	for (i = 0; i < nr; i++)
		list_add_tail(&q->entries[i].list, &q->free);
	return q;
}

/**
 * autonuma_queue_exit() - free all queues
 *
 * Also after an autonuma_queue_init() that failed on the way.
 */
void __init autonuma_queue_exit(void)
{
	int nid;

	if (queues) {
		for_each_node(nid)
			free_queue(queues[nid]);
	}
	kfree(promised);
	kfree(queues);
	promised = NULL;
	queues = NULL;
}

/**
 * autonuma_queue_init() - allocate the queues of all nodes with memory
 *
 * Return: 0 or -ENOMEM; nothing stays allocated then.
 */
int __init autonuma_queue_init(void)
{
	int nid;

	queues = kcalloc(nr_node_ids, sizeof(*queues), GFP_KERNEL);
	promised = kcalloc(nr_node_ids, sizeof(*promised), GFP_KERNEL);
	if (!queues || !promised)
		goto fail;

	for_each_node_state(nid, N_MEMORY) {
		queues[nid] = alloc_queue(nid);
		if (!queues[nid])
			goto fail;
	}
	return 0;

fail:
	autonuma_queue_exit();
	return -ENOMEM;
}
