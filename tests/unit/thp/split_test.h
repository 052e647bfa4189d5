/* SPDX-License-Identifier: GPL-2.0 */
/* What the suites about splitting, moving and collapsing share. */
#ifndef _THP_SPLIT_TEST_H
#define _THP_SPLIT_TEST_H

#include "../fault/fault_test.h"
#include <linux/huge_mm.h>
#include <linux/mm/cpupid.h>
#include <linux/shrinker.h>
#include <linux/swapops.h>

/* Contents of page @i of an area, by which it is known wherever it goes. */
static inline u64 word_of(unsigned long i)
{
	return 0x7400000000ULL + i;
}

static inline void fill(struct kunit *test, unsigned long addr, unsigned long pages)
{
	unsigned long i;

	for (i = 0; i < pages; i++)
		KUNIT_ASSERT_EQ(test, user_write64(addr + i * PAGE_SIZE, word_of(i)), 0);
}

static inline void expect_filled(struct kunit *test, unsigned long addr, unsigned long pages)
{
	unsigned long i;

	for (i = 0; i < pages; i++)
		KUNIT_EXPECT_EQ(test, read_word(addr + i * PAGE_SIZE), word_of(i));
}

/* Reserve @bytes at an address that is a multiple of them, or of a huge page's size. */
static inline unsigned long map_aligned(struct kunit *test, unsigned long bytes)
{
	unsigned long raw = map_anon(2 * bytes >> PAGE_SHIFT);
	unsigned long addr = ALIGN(raw, min(bytes, HPAGE_PMD_SIZE));

	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(raw));
	if (addr > raw)
		KUNIT_ASSERT_EQ(test, sys_munmap(raw, addr - raw), 0L);
	KUNIT_ASSERT_EQ(test, sys_munmap(addr + bytes, raw + bytes - addr), 0L);
	return addr;
}

/* Map a new folio of 2^@order pages at @addr by PTEs, as a fault for such folios would. */
static inline struct folio *map_large(struct kunit *test, unsigned long addr,
				      unsigned int order)
{
	struct folio *folio = folio_alloc(GFP_HIGHUSER_MOVABLE | __GFP_ZERO, order);
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	pte_t *pte, entry;
	spinlock_t *ptl;
	int i, nr = 1 << order;

	KUNIT_ASSERT_NOT_NULL(test, folio);
	/* the table, and the VMA's anon_vma */
	KUNIT_ASSERT_EQ(test, user_write64(addr, 0), 0);
	mmap_write_lock(mm);
	vma = vma_lookup(mm, addr);
	zap_page_range_single(vma, addr, nr * PAGE_SIZE, NULL);
	pte = pte_offset_map_lock(mm, mm_find_pmd(mm, addr), addr, &ptl);
	KUNIT_ASSERT_NOT_NULL(test, pte);
	__folio_mark_uptodate(folio);
	folio_ref_add(folio, nr - 1);
	add_mm_counter(mm, MM_ANONPAGES, nr);
	folio_add_new_anon_rmap(folio, vma, addr, RMAP_EXCLUSIVE);
	folio_add_lru_vma(folio, vma);
	for (i = 0; i < nr; i++) {
		entry = mk_pte(folio_page(folio, i), vma->vm_page_prot);
		entry = pte_mkwrite(pte_mkdirty(entry), vma);
		set_pte_at(mm, addr + i * PAGE_SIZE, pte + i, entry);
	}
	pte_unmap_unlock(pte, ptl);
	mmap_write_unlock(mm);
	lru_add_drain_all();
	return folio;
}

/* Lock, split to parts of @new_order with a reference of our own, unlock. */
static inline int split_at(unsigned long addr, unsigned int new_order)
{
	struct page *page;
	int ret;

	lru_add_drain_all();
	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	if (!folio_test_large(page_folio(page))) {
		put_page(page);
		return -ENOENT;
	}
	folio_lock(page_folio(page));
	ret = folio_test_large(page_folio(page)) ?
	      split_huge_page_to_list_to_order(page, NULL, new_order) : -ENOENT;
	folio_unlock(page_folio(page));
	put_page(page);
	return ret;
}

/* The PMD of @addr as it is now; none if there is no table. */
static inline pmd_t peek_pmd(unsigned long addr)
{
	pmd_t *pmd, val = __pmd(0);

	mmap_read_lock(current->mm);
	pmd = mm_find_pmd(current->mm, addr);
	if (pmd)
		val = pmdp_get(pmd);
	mmap_read_unlock(current->mm);
	return val;
}

/*
 * An aligned area of @nr huge pages, faulted in and filled. They stay as they are: the
 * VMA is one that khugepaged does not look at.
 */
static inline unsigned long map_huge(struct kunit *test, unsigned long nr)
{
	unsigned long addr = map_aligned(test, HPAGE_PMD_SIZE * nr), i;

	KUNIT_ASSERT_EQ(test, addr & ~HPAGE_PMD_MASK, 0UL);
	KUNIT_ASSERT_EQ(test, sys_madvise(addr, HPAGE_PMD_SIZE * nr, MADV_HUGEPAGE), 0L);
	fill(test, addr, HPAGE_PMD_NR * nr);
	KUNIT_ASSERT_EQ(test, sys_madvise(addr, HPAGE_PMD_SIZE * nr, MADV_NOHUGEPAGE), 0L);
	lru_add_drain_all();
	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_TRUE(test, pmd_trans_huge(peek_pmd(addr + i * HPAGE_PMD_SIZE)));
	return addr;
}

/* The folio mapped at @addr by a PMD, without a reference; or NULL. */
static inline struct folio *peek_huge(unsigned long addr)
{
	pmd_t pmd = peek_pmd(addr);

	return pmd_trans_huge(pmd) ? page_folio(pmd_page(pmd)) : NULL;
}

/* Folios waiting to be split, on all nodes. */
static inline unsigned long nr_deferred(void)
{
	unsigned long nr = 0;
	int nid;

	for_each_online_node(nid)
		nr += READ_ONCE(NODE_DATA(nid)->deferred_split_queue.split_queue_len);
	return nr;
}

/* Ask the shrinkers for everything, as an allocation that runs short on every node. */
static inline unsigned long shrink_all(void)
{
	unsigned long freed = 0;
	int nid;

	for_each_online_node(nid)
		freed += shrink_slab(GFP_KERNEL, nid, NULL, 0);
	return freed;
}

#endif /* _THP_SPLIT_TEST_H */
