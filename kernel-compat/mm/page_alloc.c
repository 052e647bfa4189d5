// SPDX-License-Identifier: GPL-2.0
/*
 * Page allocation: which zone serves a request, and what happens when none can.
 */
#include <string.h>

#include "pages.h"
#include <engine/engine.h>
#include <linux/bug.h>
#include <linux/fault-inject.h>
#include <linux/kernel.h>
#include <linux/pagevec.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/topology.h>
#include <machine/inject.h>
#include <machine/pages.h>
#include <machine/violation.h>

struct alloc_context {
	struct zonelist *zonelist;
	nodemask_t *nodemask;
	struct zoneref *preferred;
	enum zone_type highest_zoneidx;
};

/* NUMA_HIT and so on: how the zone that served relates to the one wanted and to the CPU. */
static void zone_statistics(struct zone *preferred, struct zone *zone)
{
	enum numa_stat_item local = NUMA_LOCAL;

	if (zone->node != numa_node_id())
		local = NUMA_OTHER;
	if (zone->node == preferred->node) {
		count_numa_events(zone, NUMA_HIT, 1);
	} else {
		count_numa_events(zone, NUMA_MISS, 1);
		count_numa_events(preferred, NUMA_FOREIGN, 1);
	}
	count_numa_events(zone, local, 1);
}

/* The first zone in order that stays above its mark. */
static struct page *get_page_from_freelist(gfp_t gfp, unsigned int order,
					   unsigned int alloc_flags,
					   const struct alloc_context *ac)
{
	struct zoneref *z = ac->preferred;
	struct zone *zone;
	struct page *page;

	for (; (zone = zonelist_zone(z)); z = next_zones_zonelist(z + 1, ac->highest_zoneidx,
								  ac->nodemask)) {
		if (!(alloc_flags & ALLOC_NO_WATERMARKS) &&
		    !zone_watermark_ok(zone, order,
				       wmark_pages(zone, alloc_flags & ALLOC_WMARK_MASK),
				       ac->highest_zoneidx, alloc_flags))
			continue;
		page = pcp_alloc(zone, order);
		if (!page)
			page = buddy_alloc(zone, order);
		if (!page)
			continue;
		count_vm_events(PGALLOC_DMA + zone_idx(zone), 1L << order);
		zone_statistics(zonelist_zone(ac->preferred), zone);
		page_prepare_new(page, order, gfp);
		return page;
	}
	return NULL;
}

/* How deep into the reserves a request may go. */
static unsigned int gfp_to_alloc_flags(gfp_t gfp)
{
	unsigned int alloc_flags = ALLOC_WMARK_MIN;

	if (gfp & __GFP_HIGH)
		alloc_flags |= ALLOC_MIN_RESERVE;
	if (!(gfp & __GFP_DIRECT_RECLAIM) && !(gfp & __GFP_NOMEMALLOC))
		alloc_flags |= ALLOC_NON_BLOCK;
	if (gfp & __GFP_NOMEMALLOC)
		return alloc_flags;
	if (gfp & __GFP_MEMALLOC ||
	    (current->flags & PF_MEMALLOC && !in_interrupt()))
		alloc_flags |= ALLOC_NO_WATERMARKS;
	return alloc_flags;
}

/*
 * Ask the shrinkers, harder each time, until the request can be served. model: there is
 * no other reclaim.
 */
static struct page *alloc_shrink(gfp_t gfp, unsigned int order, unsigned int alloc_flags,
				 const struct alloc_context *ac)
{
	struct zone *zone = zonelist_zone(ac->preferred);
	unsigned int noreclaim;
	struct page *page = NULL;
	int priority;

	if (!zone)
		return NULL;
	/* what shrinkers allocate does not come back here */
	fs_reclaim_acquire(gfp);
	noreclaim = memalloc_noreclaim_save();
	for (priority = DEF_PRIORITY; priority >= 0 && !page; priority -= 4) {
		if (!shrink_slab(gfp, zone->node, NULL, priority))
			continue;
		drain_all_pages(NULL);
		page = get_page_from_freelist(gfp, order, alloc_flags, ac);
	}
	memalloc_noreclaim_restore(noreclaim);
	fs_reclaim_release(gfp);
	return page;
}

/* The low mark was not met: go lower, collect what CPUs keep, shrink, give up. */
static struct page *alloc_slowpath(gfp_t gfp, unsigned int order,
				   const struct alloc_context *ac)
{
	unsigned int alloc_flags = gfp_to_alloc_flags(gfp);
	struct zone *zone = zonelist_zone(ac->preferred);
	struct page *page;

	page = get_page_from_freelist(gfp, order, alloc_flags, ac);
	if (page)
		return page;
	if (gfp & __GFP_DIRECT_RECLAIM && !(current->flags & PF_MEMALLOC)) {
		if (zone)
			count_vm_event(zone_idx(zone) == ZONE_MOVABLE ? ALLOCSTALL_MOVABLE :
									 ALLOCSTALL_NORMAL);
		drain_all_pages(NULL);
		page = get_page_from_freelist(gfp, order, alloc_flags, ac);
		if (!page && gfp & __GFP_FS)
			page = alloc_shrink(gfp, order, alloc_flags, ac);
		if (page)
			return page;
	}
	if (gfp & __GFP_NOFAIL) {
		page = get_page_from_freelist(gfp, order, alloc_flags | ALLOC_MIN_RESERVE, ac);
		if (page)
			return page;
		violation(VIOLATION_PAGE,
			  "__GFP_NOFAIL allocation of order %u would wait for ever", order);
	}
	return NULL;
}

static void warn_alloc(gfp_t gfp, unsigned int order, int nid)
{
	if (gfp & __GFP_NOWARN)
		return;
	pr_warn("%s: page allocation failure: order:%u, mode:%#x, node:%d\n",
		current->comm, order, (__force unsigned int)gfp, nid);
}

bool should_fail_alloc_page(gfp_t gfp_mask, unsigned int order)
{
	return inject_fail_alloc(INJECT_PAGE, gfp_mask, order);
}

struct page *__alloc_pages(gfp_t gfp, unsigned int order, int preferred_nid,
			   nodemask_t *nodemask)
{
	struct alloc_context ac = { .nodemask = nodemask };
	struct page *page;

	if (WARN_ON_ONCE(order > MAX_PAGE_ORDER && !(gfp & __GFP_NOWARN)) ||
	    order > MAX_PAGE_ORDER)
		return NULL;
	exec_point(EXEC_POINT_ALLOC, NODE_DATA(preferred_nid));
	might_alloc(gfp);
	if (current->flags & PF_MEMALLOC_PIN)
		gfp &= ~__GFP_MOVABLE;
	if (should_fail_alloc_page(gfp, order))
		return NULL;

	ac.highest_zoneidx = gfp_zone(gfp);
	ac.zonelist = node_zonelist(preferred_nid, gfp);
	ac.preferred = first_zones_zonelist(ac.zonelist, ac.highest_zoneidx, nodemask);
	page = get_page_from_freelist(gfp, order, ALLOC_WMARK_LOW, &ac);
	if (likely(page))
		return page;
	page = alloc_slowpath(gfp, order, &ac);
	if (!page)
		warn_alloc(gfp, order, preferred_nid);
	return page;
}

struct folio *__folio_alloc(gfp_t gfp, unsigned int order, int preferred_nid,
			    nodemask_t *nodemask)
{
	return page_rmappable_folio(__alloc_pages(gfp | __GFP_COMP, order, preferred_nid,
						  nodemask));
}

__attribute__((weak)) int mempolicy_alloc_nodes(gfp_t gfp, unsigned int order,
						nodemask_t **nodemask)
{
	*nodemask = NULL;
	return numa_mem_id();
}

struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	nodemask_t *nodemask;
	int nid;

	if (gfp & __GFP_THISNODE || in_interrupt())
		return __alloc_pages(gfp, order, numa_mem_id(), NULL);
	nid = mempolicy_alloc_nodes(gfp, order, &nodemask);
	return __alloc_pages(gfp, order, nid, nodemask);
}

struct folio *folio_alloc(gfp_t gfp, unsigned int order)
{
	return page_rmappable_folio(alloc_pages(gfp | __GFP_COMP, order));
}

struct page *__alloc_pages_node(int nid, gfp_t gfp, unsigned int order)
{
	VM_BUG_ON(nid < 0 || nid >= (int)nr_node_ids);
	return __alloc_pages(gfp, order, nid, NULL);
}

struct folio *__folio_alloc_node(gfp_t gfp, unsigned int order, int nid)
{
	VM_BUG_ON(nid < 0 || nid >= (int)nr_node_ids);
	return __folio_alloc(gfp, order, nid, NULL);
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages(gfp & ~__GFP_HIGHMEM, order);

	return page ? (unsigned long)page_address(page) : 0;
}

unsigned long get_zeroed_page(gfp_t gfp)
{
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}

/* Free pages whose reference count is zero. */
void free_unref_page(struct page *page, unsigned int order)
{
	struct zone *zone = page_zone(page);

	exec_point(EXEC_POINT_ALLOC, page);
	if (!page_prepare_free(page, order))
		return;
	memory_forget(page_to_virt(page), PAGE_SIZE << order);
	count_vm_events(PGFREE, 1L << order);
	if (!pcp_free(zone, page, order))
		buddy_free(zone, page, order);
}

/*
 * Drop the reference of an allocation.  A page of a non-compound allocation may have
 * been taken a reference on by someone else meanwhile: the first page then lives on
 * and only the others are freed.
 */
void __free_pages(struct page *page, unsigned int order)
{
	int head = PageHead(page);

	if (put_page_testzero(page)) {
		free_unref_page(page, order);
	} else if (!head && order) {
		page_owner_cut(page, 0);
		while (order-- > 0) {
			page_owner_cut(page + (1UL << order), order);
			free_unref_page(page + (1UL << order), order);
		}
	}
}

void free_pages(unsigned long addr, unsigned int order)
{
	if (addr)
		__free_pages(virt_to_page((void *)addr), order);
}

unsigned long pages_in_use_node(int nid)
{
	unsigned long nr = 0;
	int i;

	for (i = ZONE_NORMAL; i < MAX_NR_ZONES; i++) {
		struct zone *zone = &NODE_DATA(nid)->node_zones[i];

		if (populated_zone(zone))
			nr += zone_managed_pages(zone) - zone_page_state(zone, NR_FREE_PAGES) -
			      pcp_pages(zone);
	}
	return nr;
}

unsigned long pages_in_use(void)
{
	struct pglist_data *pgdat;
	unsigned long nr = 0;

	for_each_online_pgdat(pgdat)
		nr += pages_in_use_node(pgdat->node_id);
	return nr;
}

/* Store a new last-CPUPID; other bits of the word may change meanwhile. */
int folio_xchg_last_cpupid(struct folio *folio, int cpupid)
{
	unsigned long old = page_flags_load(&folio->flags), flags;

	exec_point_rmw(EXEC_POINT_ATOMIC, &folio->flags, sizeof(folio->flags), __ATOMIC_SEQ_CST);
	do {
		flags = old & ~(LAST_CPUPID_MASK << LAST_CPUPID_PGSHIFT);
		flags |= ((unsigned long)cpupid & LAST_CPUPID_MASK) << LAST_CPUPID_PGSHIFT;
	} while (!__atomic_compare_exchange_n(&folio->flags, &old, flags, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	return old >> LAST_CPUPID_PGSHIFT & LAST_CPUPID_MASK;
}
