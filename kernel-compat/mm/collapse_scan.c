// SPDX-License-Identifier: GPL-2.0
/*
 * Is a range fit to be collapsed?  And MADV_COLLAPSE.
 */
#include <linux/errno.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/vmstat.h>
#include <machine/cost.h>
#include <mm/collapse.h>

/*
 * A swap entry. model: without swap devices only migration entries are met; they count
 * as swap, and the collapse waits for them.
 */
static enum scan_result count_swap(struct collapse_count *n, pte_t pte,
				   struct collapse_control *cc)
{
	n->swap++;
	if (cc->is_khugepaged && n->swap > READ_ONCE(khugepaged_max_ptes_swap)) {
		count_vm_event(THP_SCAN_EXCEED_SWAP_PTE);
		return SCAN_EXCEED_SWAP_PTE;
	}
	return pte_swp_uffd_wp(pte) ? SCAN_PTE_UFFD_WP : SCAN_SUCCEED;
}

/* Could the page be isolated? All of it may change until that is tried. */
static enum scan_result scan_folio(struct folio *folio)
{
	if (!folio_test_lru(folio))
		return SCAN_PAGE_LRU;
	if (folio_test_locked(folio))
		return SCAN_PAGE_LOCK;
	if (!is_refcount_suitable(folio))
		return SCAN_PAGE_COUNT;
	return SCAN_SUCCEED;
}

static enum scan_result scan_pte(struct vm_area_struct *vma, unsigned long address,
				 pte_t pte, struct collapse_count *n,
				 struct collapse_control *cc)
{
	enum scan_result result;
	struct folio *folio;

	if (is_swap_pte(pte))
		return count_swap(n, pte, cc);
	if (pte_none_or_zero(pte))
		return collapse_count_none(n, vma, cc);
	if (pte_uffd_wp(pte))
		return SCAN_PTE_UFFD_WP;
	folio = vm_normal_folio(vma, address, pte);
	if (!folio)
		return SCAN_PAGE_NULL;
	if (!folio_test_anon(folio))
		return SCAN_PAGE_ANON;
	if (folio_likely_mapped_shared(folio)) {
		result = collapse_count_shared(n, cc);
		if (result != SCAN_SUCCEED)
			return result;
	}
	cc->node_load[folio_nid(folio)]++;
	result = scan_folio(folio);
	if (result == SCAN_SUCCEED)
		collapse_count_page(n, vma, address, pte, folio, cc);
	return result;
}

/* All entries of the range, under the table's lock. */
static enum scan_result scan_table(struct vm_area_struct *vma, pmd_t *pmd,
				   unsigned long address, unsigned int *nr_swap,
				   struct collapse_control *cc)
{
	enum scan_result result = SCAN_SUCCEED;
	struct collapse_count n = { 0 };
	spinlock_t *ptl;
	pte_t *pte;
	int i;

	memset(cc->node_load, 0, sizeof(cc->node_load));
	nodes_clear(cc->alloc_nmask);
	pte = pte_offset_map_lock(vma->vm_mm, pmd, address, &ptl);
	if (!pte)
		return SCAN_PMD_NULL;
	for (i = 0; i < HPAGE_PMD_NR && result == SCAN_SUCCEED; i++)
		result = scan_pte(vma, address + i * PAGE_SIZE, ptep_get(pte + i), &n, cc);
	pte_unmap_unlock(pte, ptl);
	cost_charge(COST_PTE_SCAN, i);

	*nr_swap = n.swap;
	if (result != SCAN_SUCCEED)
		return result;
	if (!n.writable)
		return SCAN_PAGE_RO;
	if (cc->is_khugepaged &&
	    (!n.referenced || (n.swap && n.referenced < HPAGE_PMD_NR / 2)))
		return SCAN_LACK_REFERENCED_PAGE;
	return SCAN_SUCCEED;
}

enum scan_result hpage_collapse_scan_pmd(struct mm_struct *mm, struct vm_area_struct *vma,
					 unsigned long address, bool *mmap_locked,
					 struct collapse_control *cc)
{
	enum scan_result result;
	unsigned int nr_swap;
	pmd_t *pmd;

	VM_BUG_ON(address & ~HPAGE_PMD_MASK);
	mmap_assert_locked(mm);
	result = find_pmd_or_thp_or_none(mm, address, &pmd);
	if (result == SCAN_SUCCEED)
		result = scan_table(vma, pmd, address, &nr_swap, cc);
	if (result == SCAN_SUCCEED) {
		*mmap_locked = false;
		result = collapse_huge_page(mm, address, nr_swap, cc);
	}
	return result;
}

/* What madvise() says, so that its caller knows whether to try again. */
static int madvise_collapse_errno(enum scan_result result)
{
	switch (result) {
	case SCAN_ALLOC_HUGE_PAGE_FAIL:
		return -ENOMEM;
	case SCAN_EXCEED_NONE_PTE:
		return -EBUSY;
	case SCAN_PAGE_COUNT:
	case SCAN_PAGE_LOCK:
	case SCAN_PAGE_LRU:
	case SCAN_DEL_PAGE_LRU:
		return -EAGAIN;
	default:
		return -EINVAL;
	}
}

/* Failures of one range after which the next range is tried. */
static bool may_go_on(enum scan_result result)
{
	switch (result) {
	case SCAN_PMD_NULL:
	case SCAN_PTE_NON_PRESENT:
	case SCAN_PTE_UFFD_WP:
	case SCAN_PAGE_RO:
	case SCAN_LACK_REFERENCED_PAGE:
	case SCAN_PAGE_NULL:
	case SCAN_PAGE_COUNT:
	case SCAN_PAGE_LOCK:
	case SCAN_PAGE_LRU:
	case SCAN_DEL_PAGE_LRU:
		return true;
	default:
		return false;
	}
}

/* Collapse the ranges of [@start, @end); returns the errno. mmap_lock is held at both ends. */
static int collapse_ranges(struct vm_area_struct *vma, struct vm_area_struct **prev,
			   unsigned long start, unsigned long end,
			   struct collapse_control *cc)
{
	enum scan_result result, last_fail = SCAN_FAIL;
	struct mm_struct *mm = vma->vm_mm;
	unsigned long addr, done = 0;
	bool mmap_locked = true;

	for (addr = start; addr < end; addr += HPAGE_PMD_SIZE) {
		if (!mmap_locked) {
			cond_resched();
			mmap_read_lock(mm);
			mmap_locked = true;
			result = hugepage_vma_revalidate(mm, addr, false, &vma, cc);
			if (result != SCAN_SUCCEED) {
				last_fail = result;
				break;
			}
			end = min(end, vma->vm_end & HPAGE_PMD_MASK);
		}
		result = hpage_collapse_scan_pmd(mm, vma, addr, &mmap_locked, cc);
		if (!mmap_locked)
			*prev = NULL;	/* tells the caller that VMAs may be gone */
		if (result == SCAN_SUCCEED || result == SCAN_PMD_MAPPED) {
			done++;
			continue;
		}
		last_fail = result;
		if (!may_go_on(result))
			break;
	}
	if (!mmap_locked)
		mmap_read_lock(mm);
	mmap_assert_locked(mm);
	return done == (end - start) >> HPAGE_PMD_SHIFT ? 0 :
		madvise_collapse_errno(last_fail);
}

/**
 * madvise_collapse() - MADV_COLLAPSE for one VMA
 * @vma:	the VMA
 * @prev:	set to @vma, or to NULL when mmap_lock was dropped meanwhile
 * @start:	first byte
 * @end:	byte after the last, inside @vma
 *
 * Collapses every aligned huge range in between, whatever the limits of khugepaged and
 * "enabled" say. Ranges that are huge already count as done.
 *
 * Return: 0; -EINVAL where huge pages cannot be, or it would be useless to try again;
 * -ENOMEM; -EAGAIN, -EBUSY: another time it may work.
 * Context: mmap_lock held for reading, on return too.
 */
int madvise_collapse(struct vm_area_struct *vma, struct vm_area_struct **prev,
		     unsigned long start, unsigned long end)
{
	struct mm_struct *mm = vma->vm_mm;
	struct collapse_control *cc;
	unsigned long hstart, hend;
	int err;

	BUG_ON(vma->vm_start > start || vma->vm_end < end);
	*prev = vma;
	if (!thp_vma_allowable_order(vma, vma->vm_flags, 0, PMD_ORDER))
		return -EINVAL;
	cc = kzalloc(sizeof(*cc), GFP_KERNEL);
	if (!cc)
		return -ENOMEM;

	mmgrab(mm);
	lru_add_drain_all();
	hstart = (start + ~HPAGE_PMD_MASK) & HPAGE_PMD_MASK;
	hend = end & HPAGE_PMD_MASK;
	err = collapse_ranges(vma, prev, hstart, hend, cc);
	mmdrop(mm);
	kfree(cc);
	return err;
}
