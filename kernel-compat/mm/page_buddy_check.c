// SPDX-License-Identifier: GPL-2.0
/*
 * machine_check() of the page allocator: every free list against its count, the counts
 * against NR_FREE_PAGES, and every frame in exactly one place.
 */
#include "pages.h"
#include <linux/list.h>
#include <linux/spinlock.h>
#include <machine/machine.h>
#include <machine/pages.h>
#include <machine/violation.h>

/* Blocks of one order: marked, of this order, in this zone, intact. Returns how many. */
static unsigned long check_list(struct zone *zone, unsigned int order)
{
	struct page *page;
	unsigned long nr = 0;

	list_for_each_entry(page, &zone->free_area[order].free_list, buddy_list) {
		unsigned long pfn = page_to_pfn(page);

		if (!PageBuddy(page) || buddy_order(page) != order ||
		    pfn & ((1UL << order) - 1) || pfn < zone->zone_start_pfn ||
		    pfn + (1UL << order) > zone->untouched_pfn)
			violation(VIOLATION_ACCOUNT,
				  "node %d zone %s: pfn %lu is on the free list of order %u but is no such block",
				  zone->node, zone->name, pfn, order);
		nr++;
	}
	if (nr != zone->free_area[order].nr_free)
		violation(VIOLATION_ACCOUNT,
			  "node %d zone %s: free list of order %u holds %lu blocks, nr_free says %lu",
			  zone->node, zone->name, order, nr, zone->free_area[order].nr_free);
	return nr;
}

/* Every touched frame is allocated, free, or in a per-CPU list. */
static void check_frames(struct zone *zone, unsigned long in_pcp)
{
	unsigned long pfn = zone->zone_start_pfn, lost = 0, used = 0;

	while (pfn < zone->untouched_pfn) {
		struct page *page = pfn_to_page(pfn);
		const struct page_owner *owner = page_owner(page);

		if (PageBuddy(page)) {
			page_contents_check_free(page, buddy_order(page));
			pfn += 1UL << buddy_order(page);
		} else if (owner->state & OWNER_ALLOCATED) {
			used += 1UL << (owner->state >> OWNER_ORDER_SHIFT);
			pfn += 1UL << (owner->state >> OWNER_ORDER_SHIFT);
		} else {
			page_contents_check_free(page, 0);
			lost++;
			pfn++;
		}
	}
	if (lost != in_pcp)
		violation(VIOLATION_ACCOUNT,
			  "node %d zone %s: %lu frames are neither allocated nor free, per-CPU lists hold %lu",
			  zone->node, zone->name, lost, in_pcp);
	if (used + in_pcp + zone_page_state(zone, NR_FREE_PAGES) != zone_managed_pages(zone))
		violation(VIOLATION_ACCOUNT,
			  "node %d zone %s: %lu allocated + %lu per CPU + %lu free pages, but %lu managed",
			  zone->node, zone->name, used, in_pcp,
			  zone_page_state(zone, NR_FREE_PAGES), zone_managed_pages(zone));
}

static void check_zone(struct zone *zone)
{
	unsigned long in_pcp = pcp_pages(zone), nr = 0;
	unsigned int order;

	/* Nothing runs; this only makes what others wrote visible. A report must not hold it. */
	spin_lock_irq(&zone->lock);
	spin_unlock_irq(&zone->lock);
	for (order = 0; order < NR_PAGE_ORDERS; order++)
		nr += check_list(zone, order) << order;
	nr += zone_end_pfn(zone) - zone->untouched_pfn;
	if (nr != zone_page_state(zone, NR_FREE_PAGES))
		violation(VIOLATION_ACCOUNT,
			  "node %d zone %s: %lu pages are free, NR_FREE_PAGES says %lu",
			  zone->node, zone->name, nr, zone_page_state(zone, NR_FREE_PAGES));
	check_frames(zone, in_pcp);
}

static void check_buddies(void)
{
	struct zone *zone;

	for_each_populated_zone(zone)
		check_zone(zone);
}
MACHINE_CHECKER(buddy, check_buddies);
