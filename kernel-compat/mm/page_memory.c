// SPDX-License-Identifier: GPL-2.0
/*
 * Contents of pages: clearing, copying, and the pattern of free pages.
 *
 * A free page carries PAGE_POISON_WORD at eight places, 512 bytes apart, enough to
 * notice a write of a word at the start of a page and cheap enough to be always on;
 * with "page_poison" on the command line every word carries it.  Under
 * AddressSanitizer the whole page is poisoned as well.
 */
#include <string.h>

#include "pages.h"
#include "asan.h"
#include <linux/highmem.h>
#include <linux/sched.h>
#include <machine/cost.h>
#include <machine/machine.h>
#include <machine/pages.h>
#include <machine/violation.h>
#include <exec/sanitizers.h>
#include <exec/snapshot.h>

#define WORDS_PER_PAGE	(PAGE_SIZE / sizeof(u64))
#define POISON_STRIDE	64

static unsigned int poison_stride = POISON_STRIDE;

static int page_poison_boot(const struct machine_config *cfg)
{
	poison_stride = cfg->cmdline && strstr(cfg->cmdline, "page_poison") ? 1 : POISON_STRIDE;
	return 0;
}
MACHINE_SUBSYS(page_poison, MACHINE_ORDER_PAGES - 1, page_poison_boot, NULL, NULL);

/* Write the free pattern into one page. */
static void poison_page(struct page *page)
{
	struct page_owner *owner = page_owner(page);
	u64 *words = page_to_virt(page);
	unsigned int i;

	for (i = 0; i < WORDS_PER_PAGE; i += poison_stride)
		words[i] = PAGE_POISON_WORD;
	owner->state = (owner->state | OWNER_POISONED) & ~OWNER_FRESH;
}

/* The first word of a free page, which ASan lets nobody read, that is not of the pattern. */
static __unsanitized unsigned int first_damage(const u64 *words)
{
	unsigned int i;

	for (i = 0; i < WORDS_PER_PAGE && words[i] == PAGE_POISON_WORD; i += poison_stride)
		;
	return i;
}

/* A free page whose pattern is damaged was written after it was freed. */
static void check_page(struct page *page)
{
	const u64 *words = page_to_virt(page);
	struct page_owner *owner = page_owner(page);
	unsigned int i;

	if (!(owner->state & OWNER_POISONED))
		return;
	i = first_damage(words);
	if (likely(i >= WORDS_PER_PAGE))
		return;
	asan_unpoison(words, PAGE_SIZE);
	owner->state &= ~OWNER_POISONED;
	violation_with_stack(VIOLATION_PAGE, owner->ips, ARRAY_SIZE(owner->ips),
			     "last allocated or freed at",
			     "pfn %lu was written after it was freed: byte %lu holds %#lx",
			     page_to_pfn(page), (unsigned long)(i * sizeof(u64)),
			     (unsigned long)words[i]);
}

void page_contents_freed(struct page *page, unsigned int order)
{
	unsigned int i;

	for (i = 0; i < 1U << order; i++)
		poison_page(page + i);
	asan_poison(page_to_virt(page), PAGE_SIZE << order);
}

/* Look at the pattern of free pages, for machine_check(). */
void page_contents_check_free(struct page *page, unsigned int order)
{
	unsigned int i;

	for (i = 0; i < 1U << order; i++)
		check_page(page + i);
}

/* Frames that were never used are free now, as others are. */
void page_contents_unused(struct page *page, unsigned long nr)
{
	asan_poison(page_to_virt(page), nr << PAGE_SHIFT);
}

/*
 * Of a page ASan lets one touch all or nothing. So it is asked for one byte; its memset() and
 * memcpy(), which ask for all of them, have the say where it is the wrong one.
 */
static void zero_page(void *addr)
{
	if (ASAN_ON && !asan_is_poisoned(addr))
		snapshot_clear(addr, PAGE_SIZE);
	else
		memset(addr, 0, PAGE_SIZE);
}

/* Check the pattern, then clear the pages or leave the pattern in them. */
void page_contents_alloc(struct page *page, unsigned int order, bool zero)
{
	unsigned int i;

	asan_unpoison(page_to_virt(page), PAGE_SIZE << order);
	for (i = 0; i < 1U << order; i++) {
		struct page_owner *owner = page_owner(page + i);

		if (owner->state & OWNER_FRESH) {
			if (!zero)
				poison_page(page + i);
		} else {
			check_page(page + i);
			if (zero)
				zero_page(page_to_virt(page + i));
		}
		owner->state &= ~(OWNER_FRESH | OWNER_POISONED);
	}
	if (zero)
		cost_charge(COST_ZERO_PAGE, 1UL << order);
}

void clear_page(void *addr)
{
	zero_page(addr);
	cost_charge(COST_ZERO_PAGE, 1);
}

void copy_page(void *to, const void *from)
{
	if (ASAN_ON && !asan_is_poisoned(to) && !asan_is_poisoned(from))
		snapshot_copy(to, from, PAGE_SIZE);
	else
		memcpy(to, from, PAGE_SIZE);
}

void copy_highpage(struct page *to, struct page *from)
{
	copy_page(page_to_virt(to), page_to_virt(from));
	cost_charge(page_to_nid(to) == page_to_nid(from) ?
		    COST_COPY_PAGE_LOCAL : COST_COPY_PAGE_REMOTE, 1);
}

void folio_copy(struct folio *dst, struct folio *src)
{
	long i, nr = folio_nr_pages(src);

	for (i = 0; i < nr; i++) {
		copy_highpage(folio_page(dst, i), folio_page(src, i));
		cond_resched();
	}
}

int folio_mc_copy(struct folio *dst, struct folio *src)
{
	folio_copy(dst, src);
	return 0;
}

void folio_zero_user(struct folio *folio, unsigned long addr_hint)
{
	long i;

	for (i = 0; i < folio_nr_pages(folio); i++)
		clear_highpage(folio_page(folio, i));
}
