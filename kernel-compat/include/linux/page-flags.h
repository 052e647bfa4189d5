/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page and folio flags.
 *
 * same: bit numbers, aliases and which page of a compound page carries a flag.
 * model: the non-atomic __Set/__Clear operations load and store the word as marked
 *   accesses, because other CPUs may look at the flags of any page at any time; they can
 *   lose a concurrent update exactly as the kernel's can.
 */
#ifndef _LINUX_PAGE_FLAGS_H
#define _LINUX_PAGE_FLAGS_H

#include <linux/types.h>
#include <linux/bitops.h>
#include <linux/mm_types.h>
#include <linux/mmdebug.h>

enum pageflags {
	PG_locked,
	PG_writeback,
	PG_referenced,
	PG_uptodate,
	PG_dirty,
	PG_lru,
	PG_head,
	PG_waiters,
	PG_active,
	PG_workingset,
	PG_owner_priv_1,
	PG_owner_2,
	PG_arch_1,
	PG_reserved,
	PG_private,
	PG_private_2,
	PG_reclaim,
	PG_swapbacked,
	PG_unevictable,
	PG_mlocked,
	__NR_PAGEFLAGS,

	PG_readahead = PG_reclaim,
	PG_swapcache = PG_owner_priv_1,
	PG_checked = PG_owner_priv_1,
	PG_anon_exclusive = PG_owner_2,
	PG_mappedtodisk = PG_owner_2,
	PG_isolated = PG_reclaim,
	PG_reported = PG_uptodate,

	/* in the flags of the first tail page only */
	PG_has_hwpoisoned = PG_active,
	PG_large_rmappable = PG_workingset,
	PG_partially_mapped = PG_reclaim,
};
#define NR_PAGEFLAGS		__NR_PAGEFLAGS
#define PAGEFLAGS_MASK		((1UL << NR_PAGEFLAGS) - 1)

/* One relaxed load of a flags word; not a decision point. */
static __always_inline unsigned long page_flags_load(const unsigned long *flags)
{
	return __atomic_load_n(flags, __ATOMIC_RELAXED);
}

static __always_inline bool page_flags_test(int bit, const unsigned long *flags)
{
	return page_flags_load(flags) & (1UL << bit);
}

/* The plain read-modify-write of the kernel's __set_bit(), without its data race. */
static __always_inline void __page_flags_assign(int bit, unsigned long *flags, bool on)
{
	unsigned long old = page_flags_load(flags);

	__atomic_store_n(flags, on ? old | 1UL << bit : old & ~(1UL << bit), __ATOMIC_RELAXED);
}

static inline unsigned long _compound_head(const struct page *page)
{
	unsigned long head = __atomic_load_n(&page->compound_head, __ATOMIC_ACQUIRE);

	if (memory_is_weak())
		head = memory_load(&page->compound_head, head, sizeof(head), MEMORY_ACQUIRE);
	if (unlikely(head & 1))
		return head - 1;
	return (unsigned long)page;
}
#define compound_head(page)	((__typeof__(page))_compound_head(page))

/* The folio a page belongs to; stable only under a reference on it. */
#define page_folio(p)	(_Generic((p),						\
	const struct page *:	(const struct folio *)_compound_head(p),	\
	struct page *:		(struct folio *)_compound_head(p)))

/* Page @n of a folio; not bounds-checked, as the kernel's. */
#define folio_page(folio, n)	(&(folio)->page + (n))

static __always_inline int PageTail(const struct page *page)
{
	return __atomic_load_n(&page->compound_head, __ATOMIC_RELAXED) & 1;
}

static __always_inline int PageCompound(const struct page *page)
{
	return page_flags_test(PG_head, &page->flags) || PageTail(page);
}

static __always_inline int PageHead(const struct page *page)
{
	return page_flags_test(PG_head, &page->flags);
}

/* Flags word of page @n of a folio; a page with own flags is never a tail. */
static inline unsigned long *folio_flags(struct folio *folio, unsigned int n)
{
	struct page *page = &folio->page;

	VM_BUG_ON_PGFLAGS(PageTail(page), page);
	VM_BUG_ON_PGFLAGS(n > 0 && !page_flags_test(PG_head, &page->flags), page);
	return &page[n].flags;
}

/* For looking only: may be asked of a folio that is going away. */
static inline const unsigned long *const_folio_flags(const struct folio *folio, unsigned int n)
{
	const struct page *page = &folio->page;

	return &page[n].flags;
}

/* @n: which page of the folio carries the flag, 0 or 1. */
#define FOLIO_TEST_FLAG(name, bit, n)						\
static __always_inline bool folio_test_##name(const struct folio *folio)	\
{ return page_flags_test(bit, const_folio_flags(folio, n)); }
#define FOLIO_SET_FLAG(name, bit, n)						\
static __always_inline void folio_set_##name(struct folio *folio)		\
{ set_bit(bit, folio_flags(folio, n)); }
#define FOLIO_CLEAR_FLAG(name, bit, n)						\
static __always_inline void folio_clear_##name(struct folio *folio)		\
{ clear_bit(bit, folio_flags(folio, n)); }
#define __FOLIO_SET_FLAG(name, bit, n)						\
static __always_inline void __folio_set_##name(struct folio *folio)		\
{ __page_flags_assign(bit, folio_flags(folio, n), true); }
#define __FOLIO_CLEAR_FLAG(name, bit, n)					\
static __always_inline void __folio_clear_##name(struct folio *folio)		\
{ __page_flags_assign(bit, folio_flags(folio, n), false); }
#define FOLIO_TEST_SET_FLAG(name, bit, n)					\
static __always_inline bool folio_test_set_##name(struct folio *folio)		\
{ return test_and_set_bit(bit, folio_flags(folio, n)); }
#define FOLIO_TEST_CLEAR_FLAG(name, bit, n)					\
static __always_inline bool folio_test_clear_##name(struct folio *folio)	\
{ return test_and_clear_bit(bit, folio_flags(folio, n)); }

/* Every operation of a flag, on folios and, by the head, on pages. */
#define PAGE_FLAG_OPS(uname, name, bit)						\
FOLIO_TEST_FLAG(name, bit, 0)							\
FOLIO_SET_FLAG(name, bit, 0)							\
FOLIO_CLEAR_FLAG(name, bit, 0)							\
__FOLIO_SET_FLAG(name, bit, 0)							\
__FOLIO_CLEAR_FLAG(name, bit, 0)						\
FOLIO_TEST_SET_FLAG(name, bit, 0)						\
FOLIO_TEST_CLEAR_FLAG(name, bit, 0)						\
static __always_inline int Page##uname(const struct page *page)			\
{ return folio_test_##name(page_folio(page)); }					\
static __always_inline void SetPage##uname(struct page *page)			\
{ folio_set_##name(page_folio(page)); }						\
static __always_inline void ClearPage##uname(struct page *page)			\
{ folio_clear_##name(page_folio(page)); }

PAGE_FLAG_OPS(Locked, locked, PG_locked)
PAGE_FLAG_OPS(Writeback, writeback, PG_writeback)
PAGE_FLAG_OPS(Referenced, referenced, PG_referenced)
PAGE_FLAG_OPS(Dirty, dirty_raw, PG_dirty)
PAGE_FLAG_OPS(LRU, lru, PG_lru)
PAGE_FLAG_OPS(Waiters, waiters, PG_waiters)
PAGE_FLAG_OPS(Active, active, PG_active)
PAGE_FLAG_OPS(Workingset, workingset, PG_workingset)
PAGE_FLAG_OPS(Checked, checked, PG_checked)
PAGE_FLAG_OPS(Reserved, reserved, PG_reserved)
PAGE_FLAG_OPS(Private, private, PG_private)
PAGE_FLAG_OPS(Private2, private_2, PG_private_2)
PAGE_FLAG_OPS(Reclaim, reclaim, PG_reclaim)
PAGE_FLAG_OPS(Readahead, readahead, PG_readahead)
PAGE_FLAG_OPS(SwapBacked, swapbacked, PG_swapbacked)
PAGE_FLAG_OPS(Unevictable, unevictable, PG_unevictable)
PAGE_FLAG_OPS(Mlocked, mlocked, PG_mlocked)
PAGE_FLAG_OPS(MappedToDisk, mappedtodisk, PG_mappedtodisk)
PAGE_FLAG_OPS(Isolated, isolated, PG_isolated)

FOLIO_TEST_FLAG(head, PG_head, 0)
FOLIO_TEST_FLAG(large_rmappable, PG_large_rmappable, 1)
FOLIO_SET_FLAG(large_rmappable, PG_large_rmappable, 1)
FOLIO_CLEAR_FLAG(large_rmappable, PG_large_rmappable, 1)
FOLIO_TEST_FLAG(partially_mapped, PG_partially_mapped, 1)
FOLIO_SET_FLAG(partially_mapped, PG_partially_mapped, 1)
FOLIO_CLEAR_FLAG(partially_mapped, PG_partially_mapped, 1)
FOLIO_TEST_CLEAR_FLAG(partially_mapped, PG_partially_mapped, 1)
__FOLIO_CLEAR_FLAG(partially_mapped, PG_partially_mapped, 1)

/*
 * Dirty: folio_set_dirty() sets the bit alone, as the kernel's.  Most callers want
 * folio_mark_dirty().
 */
static __always_inline bool folio_test_dirty(const struct folio *folio)
{
	return folio_test_dirty_raw(folio);
}
static __always_inline void folio_set_dirty(struct folio *folio)
{
	folio_set_dirty_raw(folio);
}
static __always_inline void folio_clear_dirty(struct folio *folio)
{
	folio_clear_dirty_raw(folio);
}
static __always_inline bool folio_test_set_dirty(struct folio *folio)
{
	return folio_test_set_dirty_raw(folio);
}
static __always_inline bool folio_test_clear_dirty(struct folio *folio)
{
	return folio_test_clear_dirty_raw(folio);
}
static __always_inline void __folio_clear_dirty(struct folio *folio)
{
	__folio_clear_dirty_raw(folio);
}

/* Swap does not exist here, so no folio is in the swap cache. */
static __always_inline bool folio_test_swapcache(const struct folio *folio)
{
	return folio_test_swapbacked(folio) &&
	       page_flags_test(PG_swapcache, const_folio_flags(folio, 0));
}

static __always_inline bool folio_test_large(const struct folio *folio)
{
	return folio_test_head(folio);
}

static __always_inline void __SetPageHead(struct page *page)
{
	__page_flags_assign(PG_head, &page->flags, true);
}

static __always_inline void __ClearPageHead(struct page *page)
{
	__page_flags_assign(PG_head, &page->flags, false);
}

static __always_inline void set_compound_head(struct page *page, struct page *head)
{
	if (memory_is_weak())
		memory_store(&page->compound_head, sizeof(long), true);
	__atomic_store_n(&page->compound_head, (unsigned long)head + 1, __ATOMIC_RELEASE);
}

static __always_inline void clear_compound_head(struct page *page)
{
	__atomic_store_n(&page->compound_head, 0, __ATOMIC_RELAXED);
}

/* Uptodate orders the contents: whoever sees the flag sees the data. */
static inline bool folio_test_uptodate(const struct folio *folio)
{
	unsigned long flags = __atomic_load_n(const_folio_flags(folio, 0), __ATOMIC_ACQUIRE);

	if (memory_is_weak())
		flags = memory_load(const_folio_flags(folio, 0), flags, sizeof(flags),
				      MEMORY_ACQUIRE);
	return flags & (1UL << PG_uptodate);
}
static __always_inline void __folio_mark_uptodate(struct folio *folio)
{
	unsigned long *flags = folio_flags(folio, 0);

	if (memory_is_weak())
		memory_store(flags, sizeof(*flags), true);
	__atomic_store_n(flags, page_flags_load(flags) | 1UL << PG_uptodate, __ATOMIC_RELEASE);
}
static __always_inline void folio_mark_uptodate(struct folio *folio)
{
	if (memory_is_weak())
		memory_rmw(folio_flags(folio, 0), sizeof(long), __ATOMIC_SEQ_CST);
	__atomic_fetch_or(folio_flags(folio, 0), 1UL << PG_uptodate, __ATOMIC_SEQ_CST);
}
static __always_inline void folio_clear_uptodate(struct folio *folio)
{
	clear_bit(PG_uptodate, folio_flags(folio, 0));
}
#define PageUptodate(page)	folio_test_uptodate(page_folio(page))
#define SetPageUptodate(page)	folio_mark_uptodate(page_folio(page))
#define __SetPageUptodate(page)	__folio_mark_uptodate(page_folio(page))

/* What folio->mapping points to. */
static __always_inline unsigned long folio_mapping_word(const struct folio *folio)
{
	return (unsigned long)__atomic_load_n(&folio->mapping, __ATOMIC_RELAXED);
}
static __always_inline bool folio_mapping_flags(const struct folio *folio)
{
	return folio_mapping_word(folio) & PAGE_MAPPING_FLAGS;
}
static __always_inline bool folio_test_anon(const struct folio *folio)
{
	return folio_mapping_word(folio) & PAGE_MAPPING_ANON;
}
static __always_inline bool __folio_test_movable(const struct folio *folio)
{
	return (folio_mapping_word(folio) & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_MOVABLE;
}
static __always_inline bool folio_test_ksm(const struct folio *folio)
{
	return (folio_mapping_word(folio) & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_KSM;
}
#define PageAnon(page)		folio_test_anon(page_folio(page))
#define PageKsm(page)		folio_test_ksm(page_folio(page))
#define __PageMovable(page)	__folio_test_movable(page_folio(page))
static __always_inline bool PageMappingFlags(const struct page *page)
{
	return (unsigned long)page->mapping & PAGE_MAPPING_FLAGS;
}

/* Page types share the word of the mapcount: the top byte says which. */
enum pagetype {
	PGTY_buddy	= 0xf0,
	PGTY_offline	= 0xf1,
	PGTY_table	= 0xf2,
	PGTY_guard	= 0xf3,
	PGTY_hugetlb	= 0xf4,
	PGTY_slab	= 0xf5,
	PGTY_zsmalloc	= 0xf6,
	PGTY_unaccepted	= 0xf7,
	PGTY_mapcount_underflow = 0xff
};

static inline bool page_type_has_type(int page_type)
{
	return page_type < (int)((unsigned int)PGTY_mapcount_underflow << 24);
}

/* @mapcount is one more than page->_mapcount. */
static inline bool page_mapcount_is_type(unsigned int mapcount)
{
	return page_type_has_type((int)(mapcount - 1));
}

static inline unsigned int page_type_load(const struct page *page)
{
	return __atomic_load_n(&page->page_type, __ATOMIC_RELAXED);
}

static inline bool page_has_type(const struct page *page)
{
	return page_type_has_type((int)page_type_load(page));
}

#define PAGE_TYPE_OPS(uname, lname, fname)					\
static __always_inline int Page##uname(const struct page *page)			\
{ return page_type_load(page) >> 24 == PGTY_##lname; }				\
static __always_inline bool folio_test_##fname(const struct folio *folio)	\
{ return Page##uname(&folio->page); }						\
static __always_inline void __SetPage##uname(struct page *page)			\
{										\
	if (Page##uname(page))							\
		return;								\
	VM_BUG_ON_PAGE(page_type_load(page) != UINT_MAX, page);			\
	__atomic_store_n(&page->page_type, (unsigned int)PGTY_##lname << 24,	\
			 __ATOMIC_RELAXED);					\
}										\
static __always_inline void __ClearPage##uname(struct page *page)		\
{										\
	if (page_type_load(page) == UINT_MAX)					\
		return;								\
	VM_BUG_ON_PAGE(!Page##uname(page), page);				\
	__atomic_store_n(&page->page_type, UINT_MAX, __ATOMIC_RELAXED);		\
}
PAGE_TYPE_OPS(Buddy, buddy, buddy)
PAGE_TYPE_OPS(Offline, offline, offline)
PAGE_TYPE_OPS(Table, table, pgtable)
PAGE_TYPE_OPS(Slab, slab, slab)
PAGE_TYPE_OPS(Huge, hugetlb, hugetlb)

#define PageHWPoison(page)		false
#define folio_test_hwpoison(folio)	false
#define folio_test_has_hwpoisoned(folio) false

static inline bool PageTransHuge(const struct page *page)
{
	return PageHead(page);
}
static inline bool PageTransCompound(const struct page *page)
{
	return PageCompound(page);
}
static inline bool folio_test_pmd_mappable_order(unsigned int order)
{
	return order >= 9;
}

static __always_inline int PageAnonExclusive(const struct page *page)
{
	VM_BUG_ON_PGFLAGS(!PageAnon(page), page);
	return page_flags_test(PG_anon_exclusive, &page->flags);
}
static __always_inline void SetPageAnonExclusive(struct page *page)
{
	VM_BUG_ON_PGFLAGS(!PageAnon(page) || PageKsm(page), page);
	set_bit(PG_anon_exclusive, &page->flags);
}
static __always_inline void ClearPageAnonExclusive(struct page *page)
{
	VM_BUG_ON_PGFLAGS(!PageAnon(page) || PageKsm(page), page);
	clear_bit(PG_anon_exclusive, &page->flags);
}
static __always_inline void __ClearPageAnonExclusive(struct page *page)
{
	VM_BUG_ON_PGFLAGS(!PageAnon(page), page);
	__page_flags_assign(PG_anon_exclusive, &page->flags, false);
}

#define PAGE_FLAGS_CHECK_AT_FREE						\
	(1UL << PG_lru | 1UL << PG_locked | 1UL << PG_private |			\
	 1UL << PG_private_2 | 1UL << PG_writeback | 1UL << PG_reserved |	\
	 1UL << PG_active | 1UL << PG_unevictable | 1UL << PG_mlocked)
#define PAGE_FLAGS_CHECK_AT_PREP	PAGEFLAGS_MASK
#define PAGE_FLAGS_SECOND							\
	(0xffUL | 1UL << PG_has_hwpoisoned | 1UL << PG_large_rmappable |	\
	 1UL << PG_partially_mapped)
#define PAGE_FLAGS_PRIVATE	(1UL << PG_private | 1UL << PG_private_2)

static inline int folio_has_private(const struct folio *folio)
{
	return !!(page_flags_load(&folio->flags) & PAGE_FLAGS_PRIVATE);
}

#endif /* _LINUX_PAGE_FLAGS_H */
