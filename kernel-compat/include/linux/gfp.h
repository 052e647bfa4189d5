/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The page allocator.
 *
 * same: what each GFP flag asks for, fallback by zonelist, watermarks and reserves.
 * model: there is no reclaim, no compaction and no OOM killer.  A blocking allocation
 *   that finds nothing drains the per-CPU lists and tries once more, then fails; in a
 *   kernel a small GFP_KERNEL allocation would instead wait.  Code that cannot cope
 *   with a failed small allocation is seen sooner here.
 * model: __GFP_NOFAIL that cannot be met is VIOLATION_PAGE instead of an endless loop.
 * stub: __GFP_ACCOUNT, __GFP_WRITE, __GFP_RECLAIMABLE, __GFP_HARDWALL change nothing:
 *   there are no memory cgroups, dirty limits, page mobility groups or cpusets.
 * model: alloc_pages() follows the task's memory policy through mempolicy_alloc_nodes(),
 *   which the VM supplies.
 */
#ifndef _LINUX_GFP_H
#define _LINUX_GFP_H

#include <linux/gfp_types.h>
#include <linux/mmzone.h>
#include <linux/topology.h>

struct vm_area_struct;
struct mempolicy;

static inline bool gfpflags_allow_blocking(const gfp_t gfp_flags)
{
	return !!(gfp_flags & __GFP_DIRECT_RECLAIM);
}

/* Highest zone an allocation may use; the others are below it. */
static inline enum zone_type gfp_zone(gfp_t flags)
{
	if (flags & __GFP_DMA)
		return ZONE_DMA;
	if (flags & __GFP_DMA32)
		return ZONE_DMA32;
	if ((flags & (__GFP_HIGHMEM | __GFP_MOVABLE)) == (__GFP_HIGHMEM | __GFP_MOVABLE))
		return ZONE_MOVABLE;
	return ZONE_NORMAL;
}

static inline int gfp_zonelist(gfp_t flags)
{
	return flags & __GFP_THISNODE ? ZONELIST_NOFALLBACK : ZONELIST_FALLBACK;
}

/* The zones an allocation on @nid tries, in order. */
struct zonelist *node_zonelist(int nid, gfp_t flags);

/**
 * __alloc_pages() - allocate 2^order contiguous pages
 * @gfp:	GFP flags
 * @order:	0 .. MAX_PAGE_ORDER; larger ones fail with a warning
 * @preferred_nid: node to begin at
 * @nodemask:	nodes that may be used, or NULL for all
 *
 * Return: the first page with reference count one, or NULL.
 * Context: may sleep when @gfp allows blocking; any context, interrupts included,
 * otherwise.
 */
struct page *__alloc_pages(gfp_t gfp, unsigned int order, int preferred_nid,
			   nodemask_t *nodemask);
struct folio *__folio_alloc(gfp_t gfp, unsigned int order, int preferred_nid,
			    nodemask_t *nodemask);
#define __alloc_pages_noprof	__alloc_pages
#define __folio_alloc_noprof	__folio_alloc

struct page *alloc_pages(gfp_t gfp, unsigned int order);
struct folio *folio_alloc(gfp_t gfp, unsigned int order);
struct page *__alloc_pages_node(int nid, gfp_t gfp, unsigned int order);
struct folio *__folio_alloc_node(gfp_t gfp, unsigned int order, int nid);

/* NUMA_NO_NODE means the node of the running CPU. */
static inline struct page *alloc_pages_node(int nid, gfp_t gfp, unsigned int order)
{
	return __alloc_pages_node(nid == NUMA_NO_NODE ? numa_mem_id() : nid, gfp, order);
}

static inline struct folio *folio_alloc_node(gfp_t gfp, unsigned int order, int nid)
{
	return __folio_alloc_node(gfp, order, nid == NUMA_NO_NODE ? numa_mem_id() : nid);
}

#define alloc_page(gfp)		alloc_pages(gfp, 0)

/* By the policy of a VMA or of the task; supplied by the VM (mempolicy). */
struct folio *vma_alloc_folio(gfp_t gfp, int order, struct vm_area_struct *vma,
			      unsigned long addr, bool hugepage);
struct folio *folio_alloc_mpol(gfp_t gfp, unsigned int order, struct mempolicy *pol,
			       pgoff_t ilx, int nid);

/*
 * Hook of the VM: where the running task's memory policy wants an allocation.
 * Returns the node to begin at and stores the allowed nodes (NULL: all).  Without a
 * VM: the local node.
 */
int mempolicy_alloc_nodes(gfp_t gfp, unsigned int order, nodemask_t **nodemask);

unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
unsigned long get_zeroed_page(gfp_t gfp);
#define __get_free_page(gfp)	__get_free_pages(gfp, 0)

void __free_pages(struct page *page, unsigned int order);
void free_pages(unsigned long addr, unsigned int order);
#define __free_page(page)	__free_pages((page), 0)
#define free_page(addr)		free_pages((addr), 0)

/* Free a page whose reference count has reached zero. */
void free_unref_page(struct page *page, unsigned int order);

/* Give back what per-CPU lists hold; NULL: of every zone. */
void drain_all_pages(struct zone *zone);
void drain_local_pages(struct zone *zone);

#endif /* _LINUX_GFP_H */
