/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of collapsing share. */
#ifndef _MM_COLLAPSE_H
#define _MM_COLLAPSE_H

#include <linux/huge_mm.h>
#include <linux/khugepaged.h>
#include <linux/mm.h>
#include <linux/nodemask.h>

/* What came of one range; names and order as in Linux 6.12, those for files left out. */
enum scan_result {
	SCAN_FAIL,
	SCAN_SUCCEED,
	SCAN_PMD_NULL,
	SCAN_PMD_NONE,
	SCAN_PMD_MAPPED,
	SCAN_EXCEED_NONE_PTE,
	SCAN_EXCEED_SWAP_PTE,
	SCAN_EXCEED_SHARED_PTE,
	SCAN_PTE_NON_PRESENT,
	SCAN_PTE_UFFD_WP,
	SCAN_PAGE_RO,
	SCAN_LACK_REFERENCED_PAGE,
	SCAN_PAGE_NULL,
	SCAN_PAGE_COUNT,
	SCAN_PAGE_LRU,
	SCAN_PAGE_LOCK,
	SCAN_PAGE_ANON,
	SCAN_ANY_PROCESS,
	SCAN_VMA_NULL,
	SCAN_VMA_CHECK,
	SCAN_ADDRESS_RANGE,
	SCAN_DEL_PAGE_LRU,
	SCAN_ALLOC_HUGE_PAGE_FAIL,
};

/**
 * struct collapse_control - who collapses, and what it has found out about a range
 * @is_khugepaged:	the daemon, which keeps to the max_ptes_* limits and wants
 *			accessed pages; else MADV_COLLAPSE
 * @node_load:		pages of the range on each node
 * @alloc_nmask:	nodes that have the most of them
 */
struct collapse_control {
	bool is_khugepaged;
	u32 node_load[MAX_NUMNODES];
	nodemask_t alloc_nmask;
};

/* What the entries of a range are like. */
struct collapse_count {
	unsigned int none_or_zero, swap, shared, referenced;
	bool writable;
};

/* Limits of the daemon; also sysfs files. */
extern unsigned int khugepaged_max_ptes_swap;
extern unsigned int khugepaged_max_ptes_shared;

/* No page, or the zero page: nothing to copy. */
static inline bool pte_none_or_zero(pte_t pte)
{
	if (pte_none(pte))
		return true;
	return pte_present(pte) && is_zero_pfn(pte_pfn(pte));
}

/* The address space is gone, or huge pages are forbidden to it. */
static inline bool hpage_collapse_test_exit(struct mm_struct *mm)
{
	return atomic_read(&mm->mm_users) == 0;
}
static inline bool hpage_collapse_test_exit_or_disable(struct mm_struct *mm)
{
	return hpage_collapse_test_exit(mm) || test_bit(MMF_DISABLE_THP, &mm->flags);
}

/* One more entry without page, or with one that is shared: does the limit allow it? */
enum scan_result collapse_count_none(struct collapse_count *n, struct vm_area_struct *vma,
				     struct collapse_control *cc);
enum scan_result collapse_count_shared(struct collapse_count *n,
				       struct collapse_control *cc);
/* An entry with a page that may be collapsed. */
void collapse_count_page(struct collapse_count *n, struct vm_area_struct *vma,
			 unsigned long address, pte_t pte, struct folio *folio,
			 struct collapse_control *cc);
/* Has the folio no references but those of its mappings? */
bool is_refcount_suitable(struct folio *folio);

enum scan_result hugepage_vma_revalidate(struct mm_struct *mm, unsigned long address,
					 bool expect_anon, struct vm_area_struct **vmap,
					 struct collapse_control *cc);
enum scan_result find_pmd_or_thp_or_none(struct mm_struct *mm, unsigned long address,
					 pmd_t **pmd);

/**
 * hpage_collapse_scan_pmd() - look at the entries of a range, and collapse it
 * @mm:		address space
 * @vma:	a VMA that contains the range
 * @address:	start of the range, HPAGE_PMD_SIZE aligned
 * @mmap_locked: set to false when mmap_lock was dropped; @vma may be gone then
 * @cc:		who asks
 *
 * Context: mmap_lock held for reading.
 */
enum scan_result hpage_collapse_scan_pmd(struct mm_struct *mm, struct vm_area_struct *vma,
					 unsigned long address, bool *mmap_locked,
					 struct collapse_control *cc);

/*
 * Collapse a range that looks fit, with @nr_swap entries that are not present; mmap_lock
 * is held for reading, and dropped.
 */
enum scan_result collapse_huge_page(struct mm_struct *mm, unsigned long address,
				    unsigned int nr_swap, struct collapse_control *cc);

/* Isolate, lock and count all pages of a range; undo it; the page table is unlinked. */
enum scan_result collapse_isolate(struct vm_area_struct *vma, unsigned long address,
				  pte_t *pte, struct collapse_control *cc,
				  struct list_head *large);
void collapse_release(pte_t *pte, pte_t *end, struct list_head *large);
/* Copy the contents into @folio, then unmap and free the old pages. */
void collapse_copy(pte_t *pte, struct folio *folio, struct vm_area_struct *vma,
		   unsigned long address, spinlock_t *ptl, struct list_head *large);

#endif /* _MM_COLLAPSE_H */
