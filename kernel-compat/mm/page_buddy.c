// SPDX-License-Identifier: GPL-2.0
/*
 * The buddy system of a zone, and the frames above zone->untouched_pfn that were never
 * handed out.  Freed memory is used before untouched memory, so that a machine backs no
 * more host memory than it had in use at once.
 */
#include "pages.h"
#include <linux/list.h>
#include <linux/spinlock.h>

static void add_free(struct zone *zone, struct page *page, unsigned int order)
{
	page->private = order;
	__SetPageBuddy(page);
	list_add(&page->buddy_list, &zone->free_area[order].free_list);
	__atomic_store_n(&zone->free_area[order].nr_free,
			 zone->free_area[order].nr_free + 1, __ATOMIC_RELAXED);
}

static void del_free(struct zone *zone, struct page *page, unsigned int order)
{
	list_del(&page->buddy_list);
	__ClearPageBuddy(page);
	page->private = 0;
	__atomic_store_n(&zone->free_area[order].nr_free,
			 zone->free_area[order].nr_free - 1, __ATOMIC_RELAXED);
}

/* The block that merges with @pfn's, or NULL when it is not wholly free. */
static struct page *find_buddy(struct zone *zone, unsigned long pfn, unsigned int order)
{
	unsigned long buddy_pfn = pfn ^ (1UL << order);
	struct page *buddy;

	if (buddy_pfn < zone->zone_start_pfn || buddy_pfn >= zone->untouched_pfn)
		return NULL;
	buddy = pfn_to_page(buddy_pfn);
	if (!PageBuddy(buddy) || buddy_order(buddy) != order)
		return NULL;
	return buddy;
}

/* Put a block on its list, merged as far as its buddies are free. zone->lock is held. */
static void __buddy_free(struct zone *zone, struct page *page, unsigned int order)
{
	unsigned long pfn = page_to_pfn(page);
	struct page *buddy;

	while (order < MAX_PAGE_ORDER) {
		buddy = find_buddy(zone, pfn, order);
		if (!buddy)
			break;
		del_free(zone, buddy, order);
		pfn &= ~(1UL << order);
		order++;
	}
	add_free(zone, pfn_to_page(pfn), order);
}

/*
 * Take 2^order never used frames.  What alignment skips joins the free lists.
 * zone->lock is held.
 */
static struct page *take_untouched(struct zone *zone, unsigned int order)
{
	unsigned long pfn = zone->untouched_pfn;
	unsigned long start = round_up(pfn, 1UL << order), end = start + (1UL << order), i;

	if (end > zone_end_pfn(zone))
		return NULL;
	for (i = pfn; i < end; i++)
		memmap_init_page(pfn_to_page(i), zone_idx(zone), zone->node);
	__atomic_store_n(&zone->untouched_pfn, end, __ATOMIC_RELAXED);
	/* Small blocks may wait in a list; large ones are used at once. */
	page_contents_unused(pfn_to_page(pfn),
			     (order > PAGE_ALLOC_COSTLY_ORDER ? start : end) - pfn);
	while (pfn < start) {
		unsigned int gap = __builtin_ctzl(pfn);

		__buddy_free(zone, pfn_to_page(pfn), gap);
		pfn += 1UL << gap;
	}
	return pfn_to_page(start);
}

/* The smallest free block that is large enough, the rest of it given back. */
static struct page *take_smallest(struct zone *zone, unsigned int order)
{
	unsigned int current_order;
	struct page *page;

	for (current_order = order; current_order < NR_PAGE_ORDERS; current_order++) {
		page = list_first_entry_or_null(&zone->free_area[current_order].free_list,
						struct page, buddy_list);
		if (!page)
			continue;
		del_free(zone, page, current_order);
		while (current_order > order) {
			current_order--;
			add_free(zone, page + (1UL << current_order), current_order);
		}
		return page;
	}
	return take_untouched(zone, order);
}

struct page *buddy_alloc(struct zone *zone, unsigned int order)
{
	unsigned long flags;
	struct page *page;

	spin_lock_irqsave(&zone->lock, flags);
	page = take_smallest(zone, order);
	if (page)
		mod_zone_page_state(zone, NR_FREE_PAGES, -(1L << order));
	spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

/* Append up to @nr blocks to @list; returns how many. */
unsigned int buddy_alloc_bulk(struct zone *zone, unsigned int order, unsigned int nr,
			      struct list_head *list)
{
	unsigned long flags;
	struct page *page;
	unsigned int i;

	spin_lock_irqsave(&zone->lock, flags);
	for (i = 0; i < nr; i++) {
		page = take_smallest(zone, order);
		if (!page)
			break;
		list_add_tail(&page->pcp_list, list);
	}
	mod_zone_page_state(zone, NR_FREE_PAGES, -((long)i << order));
	spin_unlock_irqrestore(&zone->lock, flags);
	return i;
}

void buddy_free(struct zone *zone, struct page *page, unsigned int order)
{
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	__buddy_free(zone, page, order);
	mod_zone_page_state(zone, NR_FREE_PAGES, 1L << order);
	spin_unlock_irqrestore(&zone->lock, flags);
}

/* Free every block on @list, which is empty afterwards. */
void buddy_free_list(struct zone *zone, struct list_head *list, unsigned int order)
{
	struct page *page, *next;
	unsigned long flags;
	long nr = 0;

	spin_lock_irqsave(&zone->lock, flags);
	list_for_each_entry_safe(page, next, list, pcp_list) {
		list_del(&page->pcp_list);
		__buddy_free(zone, page, order);
		nr += 1L << order;
	}
	mod_zone_page_state(zone, NR_FREE_PAGES, nr);
	spin_unlock_irqrestore(&zone->lock, flags);
}

/* Whether a block of @order seems to be there; without the lock, as watermarks are. */
bool buddy_has_block(struct zone *zone, unsigned int order)
{
	unsigned long untouched = __atomic_load_n(&zone->untouched_pfn, __ATOMIC_RELAXED);
	unsigned int o;

	if (round_up(untouched, 1UL << order) + (1UL << order) <= zone_end_pfn(zone))
		return true;
	for (o = order; o < NR_PAGE_ORDERS; o++)
		if (__atomic_load_n(&zone->free_area[o].nr_free, __ATOMIC_RELAXED))
			return true;
	return false;
}

bool is_free_buddy_page(const struct page *page)
{
	unsigned long pfn = page_to_pfn(page);
	unsigned int order;

	for (order = 0; order < NR_PAGE_ORDERS; order++) {
		const struct page *head = page - (pfn & ((1UL << order) - 1));

		if (PageBuddy(head) && buddy_order(head) >= order)
			return true;
	}
	return false;
}
