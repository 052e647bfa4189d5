// SPDX-License-Identifier: GPL-2.0
/*
 * What must be true of a page when it is freed and when it is handed out, who had it
 * last, and what is left at power off.
 */
#include <stdio.h>
#include <string.h>

#include "pages.h"
#include "asan.h"
#include <linux/debug_locks.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <machine/machine.h>
#include <machine/pages.h>
#include <machine/violation.h>

__attribute__((weak)) void tlb_page_freed(struct page *page, unsigned int order)
{
}

/* Frames between the caller of the allocator and stack_save(): not worth keeping. */
#define OWN_FRAMES	3

/* Remember who allocates or frees. */
void page_owner_set(struct page *page, unsigned int order)
{
	struct page_owner *owner = page_owner(page);
	unsigned long ips[OWN_FRAMES + OWNER_STACK] = { 0 };

	owner->pid = current ? current->pid : 0;
	stack_save(ips, ARRAY_SIZE(ips));
	memcpy(owner->ips, ips + OWN_FRAMES, sizeof(owner->ips));
	owner->state &= OWNER_FRESH | OWNER_POISONED;
	owner->state |= order << OWNER_ORDER_SHIFT;
}

unsigned int page_alloc_stack(const struct page *page, unsigned long *ips, unsigned int nr)
{
	const struct page_owner *owner = page_owner(page);
	unsigned int i;

	for (i = 0; i < nr && i < ARRAY_SIZE(owner->ips) && owner->ips[i]; i++)
		ips[i] = owner->ips[i];
	return i;
}

void dump_page(const struct page *page, const char *reason)
{
	const struct page *head = compound_head(page);
	const struct page_owner *owner = page_owner(page);

	fprintf(stderr,
		"page: pfn %lu node %d zone %d flags %#lx refcount %d mapcount %d mapping %p index %#lx private %#lx order %u\n",
		page_to_pfn(page), page_to_nid(page), page_zonenum(page), page->flags,
		atomic_read(&head->_refcount), (int)page_type_load(page) + 1,
		(void *)head->mapping, head->index, page->private, compound_order(head));
	if (reason)
		fprintf(stderr, "page dumped because: %s\n", reason);
	fprintf(stderr, "page last %s by pid %u at\n",
		owner->state & OWNER_ALLOCATED ? "allocated" : "freed", owner->pid);
	stack_print(owner->ips, ARRAY_SIZE(owner->ips));
}

/* Report a page in a state it must not have. */
void page_bad(const struct page *page, const char *why)
{
	const struct page_owner *owner = page_owner(page);

	dump_page(page, why);
	violation_with_stack(VIOLATION_PAGE, owner->ips, ARRAY_SIZE(owner->ips),
			     owner->state & OWNER_ALLOCATED ? "allocated at" : "last freed at",
			     "pfn %lu: %s", page_to_pfn(page), why);
}

/* A reference is dropped that nobody has. */
void page_bad_put(const struct page *page)
{
	page_bad(page, page_owner(page)->state & OWNER_ALLOCATED ?
		 "reference dropped with refcount 0" :
		 "reference dropped on a free page (double free)");
}

/* Why a page may not be freed, or NULL. */
static const char *bad_when_freed(const struct page *page)
{
	if (page_type_load(page) != UINT_MAX)
		return page_has_type(page) ? "freed with a page type" :
					     "freed with nonzero mapcount";
	if (page->mapping)
		return "freed with a mapping";
	if (atomic_read(&page->_refcount))
		return "freed with nonzero refcount";
	if (page_flags_load(&page->flags) & PAGE_FLAGS_CHECK_AT_FREE & (1UL << PG_lru))
		return "freed on the LRU (PG_lru is set)";
	if (page_flags_load(&page->flags) & PAGE_FLAGS_CHECK_AT_FREE & (1UL << PG_locked))
		return "freed while locked (PG_locked is set)";
	if (page_flags_load(&page->flags) & PAGE_FLAGS_CHECK_AT_FREE)
		return "freed with a flag that must be clear (PAGE_FLAGS_CHECK_AT_FREE)";
	return NULL;
}

/* Undo prep_compound_page() for tail @i; what is left in it must be pristine. */
static const char *free_tail(struct page *head, unsigned int i)
{
	const struct folio *folio = (const struct folio *)head;
	struct page *page = head + i;
	const char *why = NULL;

	if (compound_head(page) != head)
		return "tail page does not point to its head";
	if (i == 1) {
		if (folio_entire_mapcount(folio) || folio_large_mapcount(folio))
			why = "large folio freed while mapped";
		else if (atomic_read(&folio->_nr_pages_mapped))
			why = "large folio freed with mapped pages";
		else if (atomic_read(&folio->_pincount))
			why = "large folio freed while pinned";
	} else if (i == 2) {
		if (!list_empty(&folio->_deferred_list))
			why = "large folio freed on the deferred split queue";
	} else if (page->mapping != TAIL_MAPPING) {
		why = "tail page's mapping was overwritten";
	}
	page->mapping = NULL;
	page->index = 0;
	page->private = 0;
	clear_compound_head(page);
	return why;
}

/*
 * Check a page without references and make it free: flags, CPUPID, contents.
 * False: it was bad (and the violation was not fatal); the page is lost.
 */
bool page_prepare_free(struct page *page, unsigned int order)
{
	struct page_owner *owner = page_owner(page);
	bool compound = PageHead(page);
	const char *why;
	unsigned int i;

	if (!(owner->state & OWNER_ALLOCATED)) {
		page_bad(page, "double free");
		return false;
	}
	tlb_page_freed(page, order);
	lock_check_freed(page_to_virt(page), PAGE_SIZE << order);
	if (owner->state >> OWNER_ORDER_SHIFT != order) {
		page_bad(page, "freed with another order than it was allocated with");
		return false;
	}
	if (PageTail(page) || compound != (compound && compound_order(page) == order)) {
		page_bad(page, "freed as part of a compound page");
		return false;
	}
	for (i = compound ? 1 : 0; compound && i < 1U << order; i++) {
		why = free_tail(page, i);
		if (why) {
			page_bad(page, why);
			return false;
		}
	}
	if (compound) {
		__atomic_store_n(&page[1].flags, page_flags_load(&page[1].flags) &
				 ~PAGE_FLAGS_SECOND, __ATOMIC_RELAXED);
		__ClearPageHead(page);
	}
	if (PageMappingFlags(page))
		page->mapping = NULL;
	for (i = 0; i < 1U << order; i++) {
		why = bad_when_freed(page + i);
		if (why) {
			page_bad(page + i, why);
			return false;
		}
		__atomic_store_n(&page[i].flags, page_flags_load(&page[i].flags) &
				 ~PAGE_FLAGS_CHECK_AT_PREP, __ATOMIC_RELAXED);
		page_cpupid_reset_last(page + i);
	}
	page->private = 0;
	page_owner_set(page, order);
	page_contents_freed(page, order);
	return true;
}

/* Check that a page is as it was freed, and make it the caller's. */
void page_prepare_new(struct page *page, unsigned int order, gfp_t gfp)
{
	struct page_owner *owner = page_owner(page);
	unsigned int i;

	for (i = 0; i < 1U << order; i++) {
		const char *why = bad_when_freed(page + i);

		if (!why && page_flags_load(&page[i].flags) & PAGE_FLAGS_CHECK_AT_PREP)
			why = "free page has a flag set";
		if (unlikely(why)) {
			dump_page(page + i, why);
			page_bad(page + i, "changed while it was free");
		}
	}
	tlb_page_freed(page, order);
	page_contents_alloc(page, order, gfp & __GFP_ZERO);
	page->private = 0;
	page->index = 0;
	page_owner_set(page, order);
	owner->state |= OWNER_ALLOCATED | (pages_boot_done ? 0 : OWNER_BOOT);
	if (order && gfp & __GFP_COMP)
		prep_compound_page(page, order);
	set_page_count(page, 1);
}

/* Make 2^order pages one; the head keeps its own state. */
void prep_compound_page(struct page *page, unsigned int order)
{
	struct folio *folio = (struct folio *)page;
	unsigned int i;

	__SetPageHead(page);
	for (i = 1; i < 1U << order; i++) {
		struct page *tail = page + i;

		tail->mapping = TAIL_MAPPING;
		tail->private = 0;
		set_compound_head(tail, page);
	}
	folio_set_order(folio, order);
	atomic_set(&folio->_large_mapcount, -1);
	atomic_set(&folio->_entire_mapcount, -1);
	atomic_set(&folio->_nr_pages_mapped, 0);
	atomic_set(&folio->_pincount, 0);
	if (order > 1)
		INIT_LIST_HEAD(&folio->_deferred_list);
}

/* A high-order allocation becomes single pages that are freed one by one. */
void split_page(struct page *page, unsigned int order)
{
	unsigned int i;

	VM_BUG_ON_PAGE(PageCompound(page), page);
	VM_BUG_ON_PAGE(!page_ref_count(page), page);
	for (i = 1; i < 1U << order; i++)
		set_page_count(page + i, 1);
	page_owner_split(page, order, 0);
}

/* Part of an allocation becomes an allocation of its own. */
void page_owner_cut(struct page *page, unsigned int order)
{
	page_owner(page)->state = OWNER_ALLOCATED | (pages_boot_done ? 0 : OWNER_BOOT) |
				  order << OWNER_ORDER_SHIFT;
}

/* The allocation at @page of @order is from now on several of @new_order. */
void page_owner_split(struct page *page, unsigned int order, unsigned int new_order)
{
	unsigned long i;

	for (i = 0; i < 1UL << order; i += 1UL << new_order) {
		*page_owner(page + i) = *page_owner(page);
		page_owner_cut(page + i, new_order);
	}
}

/* Name the first page that is left over of those allocated since boot. */
static void pages_leak_check(void)
{
	const struct page_owner *first_owner = NULL;
	unsigned long pfn, nr = 0, first = 0;
	struct zone *zone;

	for_each_populated_zone(zone) {
		for (pfn = zone->zone_start_pfn; pfn < zone->untouched_pfn; pfn++) {
			const struct page_owner *owner = page_owner(pfn_to_page(pfn));

			if ((owner->state & (OWNER_ALLOCATED | OWNER_BOOT)) != OWNER_ALLOCATED)
				continue;
			if (!nr++) {
				first = pfn;
				first_owner = owner;
			}
		}
	}
	if (!nr)
		return;
	dump_page(pfn_to_page(first), "leaked");
	violation_with_stack(VIOLATION_LEAK, first_owner->ips, ARRAY_SIZE(first_owner->ips),
			     "allocated at", "%lu page allocations are left, the first is pfn %lu",
			     nr, first);
}
MACHINE_LEAK_CHECKER(pages, pages_leak_check);
