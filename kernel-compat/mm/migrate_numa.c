// SPDX-License-Identifier: GPL-2.0
/*
 * Moving a folio to the node that uses it.
 */
#include <linux/mm_inline.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <mm/migrate.h>

/*
 * Has the node room for that many pages without going below its high watermark? model:
 * no kswapd is woken when it has not.
 */
static bool migrate_balanced_pgdat(struct pglist_data *pgdat, unsigned long nr_pages)
{
	int z;

	for (z = MAX_NR_ZONES - 1; z >= 0; z--) {
		struct zone *zone = pgdat->node_zones + z;

		if (!managed_zone(zone))
			continue;
		if (zone_watermark_ok(zone, 0, high_wmark_pages(zone) + nr_pages,
				      ZONE_MOVABLE, 0))
			return true;
	}
	return false;
}

/* On that node or not at all, without any effort to free memory. */
static struct folio *alloc_misplaced_dst_folio(struct folio *src, unsigned long data)
{
	unsigned int order = folio_order(src);
	gfp_t gfp = GFP_TRANSHUGE_LIGHT;

	if (!order) {
		gfp = GFP_HIGHUSER_MOVABLE | __GFP_NOMEMALLOC | __GFP_NORETRY | __GFP_NOWARN;
		gfp &= ~__GFP_RECLAIM;
	}
	return __folio_alloc_node(gfp | __GFP_THISNODE, order, (int)data);
}

/**
 * migrate_misplaced_folio_prepare() - isolate a folio that should move to a node
 * @folio:	the folio
 * @vma:	VMA through which it was used
 * @node:	where it should go
 *
 * Return: 0, isolated with a reference; -EACCES: probably a shared library;
 * -EAGAIN: dirty file folio, no room on the node, or not on the LRU.
 * Context: page-table lock held, which keeps the folio mapped.
 */
int migrate_misplaced_folio_prepare(struct folio *folio, struct vm_area_struct *vma,
				    int node)
{
	int nr_pages = folio_nr_pages(folio);

	if (folio_is_file_lru(folio)) {
		if ((vma->vm_flags & VM_EXEC) && folio_likely_mapped_shared(folio))
			return -EACCES;
		/* many file systems cannot move dirty folios without waiting */
		if (folio_test_dirty(folio))
			return -EAGAIN;
	}
	if (!migrate_balanced_pgdat(NODE_DATA(node), nr_pages))
		return -EAGAIN;
	if (!folio_isolate_lru(folio))
		return -EAGAIN;
	node_stat_mod_folio(folio, NR_ISOLATED_ANON + folio_is_file_lru(folio), nr_pages);
	return 0;
}

/**
 * migrate_misplaced_folio() - move a prepared folio
 * @folio:	isolated by migrate_misplaced_folio_prepare(); the reference is consumed
 * @vma:	unused
 * @node:	where to
 *
 * A large folio moves as a whole; it is not split when the node has no room for it.
 *
 * Return: 0 when it moved (or was freed meanwhile), else -EAGAIN and it is back on
 * the LRU.
 * Context: may sleep, does not wait for locks.
 */
int migrate_misplaced_folio(struct folio *folio, struct vm_area_struct *vma, int node)
{
	unsigned int nr_succeeded;
	LIST_HEAD(list);
	int nr_remaining;

	list_add(&folio->lru, &list);
	nr_remaining = migrate_pages(&list, alloc_misplaced_dst_folio, NULL, node,
				     MIGRATE_ASYNC, MR_NUMA_MISPLACED, &nr_succeeded);
	if (nr_remaining && !list_empty(&list))
		putback_movable_pages(&list);
	if (nr_succeeded)
		count_vm_numa_events(NUMA_PAGE_MIGRATE, nr_succeeded);
	BUG_ON(!list_empty(&list));
	return nr_remaining ? -EAGAIN : 0;
}
