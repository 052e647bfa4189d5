// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: moving isolated pages to a node, for the daemons and for hinting faults.
 *
 * Nothing is reclaimed or compacted to make room. A huge page moves whole; if the target has
 * no huge page left it is split, and its parts move.
 */
#include <linux/gfp.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/pagemap.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <trace/events/autonuma.h>

#include "autonuma.h"

/**
 * autonuma_free_room() - free pages of a node above the high watermarks
 * @target_nid: the node
 *
 * Return: pages; a zone below its high watermark counts as having none.
 * Context: any; a momentary figure.
 */
long autonuma_free_room(int target_nid)
{
	struct zone *zone = NODE_DATA(target_nid)->node_zones, *end = zone + MAX_NR_ZONES;
	long room = 0;

	for (; zone != end; zone++) {
		long above = zone_page_state(zone, NR_FREE_PAGES) - high_wmark_pages(zone);

		room += max(above, 0L);
	}
	return room;
}

/**
 * autonuma_room() - pages that may still be promised to a node
 * @target_nid: the node
 *
 * Return: free pages above the high watermarks less what is promised already; zero
 * or negative when there are none.
 */
long autonuma_room(int target_nid)
{
	return autonuma_free_room(target_nid) - autonuma_queue_promised(target_nid);
}

/**
 * autonuma_movable() - is it worth trying to move a folio?
 * @folio: the folio; the caller's lock or reference keeps it
 *
 * Return: AUTONUMA_DROP_NONE, or why not.
 */
enum autonuma_drop autonuma_movable(struct folio *folio)
{
	if (!folio_test_lru(folio))
		return AUTONUMA_DROP_OFF_LRU;
	if (folio_maybe_dma_pinned(folio))
		return AUTONUMA_DROP_PINNED;
	if (folio_likely_mapped_shared(folio))
		return AUTONUMA_DROP_SHARED;
	return AUTONUMA_DROP_NONE;
}

/**
 * struct destination - where migrate_pages() shall move folios to
 * @nid:	the node
 * @no_huge:	it had no place for a large folio
 */
struct destination {
	int nid;
	bool no_huge;
};

/* migrate_pages() asks for a place for @src, without reclaim and compaction. */
static struct folio *alloc_on_target(struct folio *src, unsigned long private)
{
	struct destination *to = (struct destination *)private;
	gfp_t gfp = (GFP_HIGHUSER_MOVABLE & ~__GFP_RECLAIM) | __GFP_THISNODE |
		    __GFP_NOMEMALLOC | __GFP_NOWARN;
	struct folio *dst;

	dst = __folio_alloc_node(gfp, folio_order(src), to->nid);
	if (!dst && folio_test_large(src))
		to->no_huge = true;
	return dst;
}

/*
 * Count the large folios that migrate_pages() does not split: with MR_NUMA_MISPLACED only
 * those of which a part is unmapped.
 */
static unsigned int count_whole(struct list_head *folios)
{
	struct folio *folio;
	unsigned int nr = 0;

	list_for_each_entry(folio, folios, lru)
		nr += folio_test_large(folio) && !folio_test_partially_mapped(folio);
	return nr;
}

/* Let migrate_pages() try once. Returns the number of pages moved. */
static unsigned int migrate_once(struct list_head *folios, struct destination *to)
{
	unsigned int moved, nr_whole = count_whole(folios);

	migrate_pages(folios, alloc_on_target, NULL, (unsigned long)to, MIGRATE_ASYNC,
		      MR_NUMA_MISPLACED, &moved);
	/* What is no longer on the list has moved. */
	autonuma_count(AUTONUMA_THP_MIGRATED, nr_whole - count_whole(folios));
	return moved;
}

/*
 * Split the large folios on the list; all their parts are isolated and on the list
 * then. One that somebody else locked or holds stays as it is. Returns how many were split.
 */
static unsigned int split_large(struct list_head *folios)
{
	struct folio *folio, *next;
	unsigned int nr = 0;

	list_for_each_entry_safe(folio, next, folios, lru) {
		if (!folio_test_large(folio) || !folio_trylock(folio))
			continue;
		nr += !split_folio_to_list(folio, folios);
		folio_unlock(folio);
	}
	autonuma_count(AUTONUMA_THP_SPLIT, nr);
	return nr;
}

/**
 * autonuma_move_isolated() - move isolated folios
 * @folios:	the folios; those that could not be moved stay on it, isolated
 * @target_nid:	where to
 *
 * Return: the number of pages moved.
 * Context: process context, may sleep.
 */
unsigned int autonuma_move_isolated(struct list_head *folios, int target_nid)
{
	struct destination to = { .nid = target_nid };
	unsigned int moved = migrate_once(folios, &to);

	if (to.no_huge && split_large(folios))
		moved += migrate_once(folios, &to);
	autonuma_count(AUTONUMA_PAGES_MIGRATED, moved);
	count_vm_numa_events(NUMA_PAGE_MIGRATE, moved);
	trace_autonuma_moved(target_nid, moved);
	return moved;
}

/**
 * autonuma_put_back() - give isolated folios back
 * @folios: the folios; empty on return
 *
 * Draining this CPU's batch puts them on the LRU right away: until then nobody could isolate
 * them, a retry would be wasted.
 *
 * Context: process context.
 */
void autonuma_put_back(struct list_head *folios)
{
	if (list_empty(folios))
		return;
	putback_movable_pages(folios);
	lru_add_drain();
}

/**
 * autonuma_dropped() - pages are not going to move this time: count them, and say why
 * @pfn:	the first one
 * @order:	how many
 * @target_nid:	where they were wanted
 * @why:	the reason
 *
 * Context: any.
 */
void autonuma_dropped(unsigned long pfn, unsigned int order, int target_nid,
		      enum autonuma_drop why)
{
	autonuma_count_drop(why, 1UL << order);
	trace_autonuma_drop(pfn, target_nid, why);
	if (autonuma_knob(debug))
		pr_info("autonuma: pfn %lx stays off node %d, reason %d\n",
			pfn, target_nid, why);
}

/**
 * autonuma_migrate_list() - move isolated folios in a hinting fault
 * @folios:	the folios, isolated; empty on return, all are on the LRU or moved
 * @target_nid:	the faulting CPU's node
 *
 * Return: the number of pages moved.
 * Context: process context, may sleep; mmap_lock may be held.
 */
unsigned int autonuma_migrate_list(struct list_head *folios, int target_nid)
{
	unsigned int moved = autonuma_move_isolated(folios, target_nid);
	struct folio *folio;

	list_for_each_entry(folio, folios, lru)
		autonuma_dropped(folio_pfn(folio), folio_order(folio), target_nid,
				 AUTONUMA_DROP_BUSY);
	autonuma_put_back(folios);
	return moved;
}
