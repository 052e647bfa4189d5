/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Folios: size, references, mapcounts; the part of <linux/mm.h> about who uses a page.
 *
 * same: all of it.
 */
#ifndef _LINUX_MM_FOLIO_H
#define _LINUX_MM_FOLIO_H

#include <linux/mm/page.h>
#include <linux/page_ref.h>

static inline unsigned int compound_order(const struct page *page)
{
	const struct folio *folio = (const struct folio *)page;

	if (!page_flags_test(PG_head, &folio->flags))
		return 0;
	return page_flags_load(&folio->_flags_1) & 0xff;
}
static inline unsigned int folio_order(const struct folio *folio)
{
	return compound_order(&folio->page);
}
static inline unsigned long compound_nr(const struct page *page)
{
	return 1UL << compound_order(page);
}
static inline long folio_nr_pages(const struct folio *folio)
{
	return 1L << folio_order(folio);
}
static inline unsigned long page_size(const struct page *page)
{
	return PAGE_SIZE << compound_order(page);
}
static inline size_t folio_size(const struct folio *folio)
{
	return PAGE_SIZE << folio_order(folio);
}
static inline unsigned int folio_shift(const struct folio *folio)
{
	return PAGE_SHIFT + folio_order(folio);
}
static inline struct folio *folio_next(struct folio *folio)
{
	return (struct folio *)folio_page(folio, folio_nr_pages(folio));
}
static inline int thp_nr_pages(const struct page *page)
{
	return folio_nr_pages((const struct folio *)page);
}

/*
 * References.
 */
void __folio_put(struct folio *folio);

/* shim: reports VIOLATION_PAGE */
void page_bad_put(const struct page *page) __attribute__((cold));

static inline int put_page_testzero(struct page *page)
{
	if (unlikely(page_ref_count(page) == 0))
		page_bad_put(page);
	return page_ref_dec_and_test(page);
}
static inline int folio_put_testzero(struct folio *folio)
{
	return put_page_testzero(&folio->page);
}
static inline bool get_page_unless_zero(struct page *page)
{
	return page_ref_add_unless(page, 1, 0);
}
static inline struct folio *folio_get_nontail_page(struct page *page)
{
	return get_page_unless_zero(page) ? (struct folio *)page : NULL;
}

/* True for zero, and for the small negative values an underflow leaves. */
#define folio_ref_zero_or_close_to_overflow(folio)				\
	((unsigned int)folio_ref_count(folio) + 127u <= 127u)

static inline void folio_get(struct folio *folio)
{
	VM_BUG_ON_FOLIO(folio_ref_zero_or_close_to_overflow(folio), folio);
	folio_ref_inc(folio);
}
static inline void get_page(struct page *page)
{
	folio_get(page_folio(page));
}
static inline __must_check bool try_get_page(struct page *page)
{
	page = compound_head(page);
	if (WARN_ON_ONCE(page_ref_count(page) <= 0))
		return false;
	page_ref_inc(page);
	return true;
}

/* The last reference takes the folio off the LRU and frees it. */
static inline void folio_put(struct folio *folio)
{
	if (folio_put_testzero(folio))
		__folio_put(folio);
}
static inline void folio_put_refs(struct folio *folio, int refs)
{
	if (folio_ref_sub_and_test(folio, refs))
		__folio_put(folio);
}
static inline void put_page(struct page *page)
{
	folio_put(page_folio(page));
}

struct folio_batch;
void folios_put_refs(struct folio_batch *folios, unsigned int *refs);
static inline void folios_put(struct folio_batch *folios)
{
	folios_put_refs(folios, NULL);
}
/* As release_pages(): drop one reference on each; @pages may be folios or pages. */
void release_pages(struct page **pages, int nr);
void put_pages_list(struct list_head *pages);
void split_page(struct page *page, unsigned int order);

/*
 * Mapcounts.  A large folio counts the PMDs that map it (_entire_mapcount), the PTEs that
 * map each page (page->_mapcount), both together (_large_mapcount), and in
 * _nr_pages_mapped the pages that some PTE maps, plus ENTIRELY_MAPPED while a PMD does.
 */
#define ENTIRELY_MAPPED		0x800000
#define FOLIO_PAGES_MAPPED	(ENTIRELY_MAPPED - 1)

static inline void page_mapcount_reset(struct page *page)
{
	atomic_set(&page->_mapcount, -1);
}
static inline int folio_entire_mapcount(const struct folio *folio)
{
	VM_BUG_ON_FOLIO(!folio_test_large(folio), folio);
	return atomic_read(&folio->_entire_mapcount) + 1;
}
static inline int folio_large_mapcount(const struct folio *folio)
{
	VM_WARN_ON_FOLIO(!folio_test_large(folio), folio);
	return atomic_read(&folio->_large_mapcount) + 1;
}
/* Page-table entries that map any part of the folio. */
static inline int folio_mapcount(const struct folio *folio)
{
	int mapcount;

	if (folio_test_large(folio))
		return folio_large_mapcount(folio);
	mapcount = atomic_read(&folio->_mapcount) + 1;
	return page_mapcount_is_type(mapcount) ? 0 : mapcount;
}
static inline bool folio_mapped(const struct folio *folio)
{
	return folio_mapcount(folio) >= 1;
}
static inline bool page_mapped(const struct page *page)
{
	return folio_mapped(page_folio(page));
}
/* Mapped by more than one mm: exact for small anonymous folios, an estimate otherwise. */
static inline bool folio_likely_mapped_shared(struct folio *folio)
{
	int mapcount = folio_mapcount(folio);

	if (!folio_test_large(folio))
		return mapcount > 1;
	if (mapcount <= 1)
		return false;
	if (folio_entire_mapcount(folio) || mapcount > folio_nr_pages(folio))
		return true;
	return atomic_read(&folio->_mapcount) > 0;
}
/* References that mappings and caches explain. */
static inline int folio_expected_ref_count(const struct folio *folio)
{
	const int order = folio_order(folio);
	int ref_count = 0;

	if (WARN_ON_ONCE(page_has_type(&folio->page)))
		return 0;
	ref_count += folio_test_swapcache(folio) << order;
	if (!folio_test_anon(folio)) {
		ref_count += !!folio->mapping << order;
		ref_count += folio_test_private(folio);
	}
	return ref_count + folio_mapcount(folio);
}

/* Compound pages. */
void prep_compound_page(struct page *page, unsigned int order);
static inline void folio_set_order(struct folio *folio, unsigned int order)
{
	if (WARN_ON_ONCE(!order || !folio_test_large(folio)))
		return;
	__atomic_store_n(&folio->_flags_1,
			 (page_flags_load(&folio->_flags_1) & ~0xffUL) | order, __ATOMIC_RELAXED);
	folio->_folio_nr_pages = 1U << order;
}
/* What the folio allocator does to a compound page that may be mapped by PTEs. */
static inline struct folio *page_rmappable_folio(struct page *page)
{
	struct folio *folio = (struct folio *)page;

	if (folio && folio_test_large(folio))
		folio_set_large_rmappable(folio);
	return folio;
}
bool is_free_buddy_page(const struct page *page);
/* shim: for splitting; as split_page_owner() of 6.12 with page owner tracking on */
void page_owner_split(struct page *page, unsigned int order, unsigned int new_order);
#define split_page_owner(page, old, new)	page_owner_split(page, old, new)

#endif /* _LINUX_MM_FOLIO_H */
