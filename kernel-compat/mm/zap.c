// SPDX-License-Identifier: GPL-2.0
/*
 * Taking pages and tables out of an address space.
 *
 * Pages are freed by the caller's mmu_gather after its flush.
 */
#include <linux/mm.h>
#include <linux/huge_mm.h>
#include <linux/mm_inline.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <asm/tlb.h>
#include <machine/cost.h>
#include "vma.h"

/* Private copies of file pages stay when only the file's pages are to go. */
static bool should_zap_cows(struct zap_details *details)
{
	return !details || details->even_cows;
}

static bool should_zap_folio(struct zap_details *details, struct folio *folio)
{
	if (!details)
		return true;
	if (details->single_folio && details->single_folio != folio)
		return false;
	return details->even_cows || !folio_test_anon(folio);
}

/*
 * One present entry.  True when the caller must flush before it drops the lock of the
 * table: a dirty file page whose dirt was just moved to the folio, or a full batch.
 */
static bool zap_present_pte(struct mmu_gather *tlb, struct vm_area_struct *vma,
			    unsigned long addr, pte_t *pte, pte_t ptent,
			    struct zap_details *details, int *rss, bool *full)
{
	struct page *page = vm_normal_page(vma, addr, ptent);
	struct folio *folio;
	bool flush = false;

	if (!page) {
		/* The zero page is not counted anywhere. */
		ptep_get_and_clear_full(tlb->mm, addr, pte, tlb->fullmm);
		tlb_remove_tlb_entry(tlb, pte, addr);
		return false;
	}
	folio = page_folio(page);
	if (!should_zap_folio(details, folio))
		return false;

	ptent = ptep_get_and_clear_full(tlb->mm, addr, pte, tlb->fullmm);
	if (!folio_test_anon(folio)) {
		if (pte_dirty(ptent)) {
			folio_mark_dirty(folio);
			/* Another CPU may still write: only a flush ends that. */
			flush = true;
		}
		if (pte_young(ptent) && !(vma->vm_flags & (VM_SEQ_READ | VM_RAND_READ)))
			folio_mark_accessed(folio);
	}
	rss[mm_counter(folio)]--;
	tlb_remove_tlb_entry(tlb, pte, addr);
	folio_remove_rmap_pte(folio, page, vma);
	if (__tlb_remove_page(tlb, page, false)) {
		*full = true;
		flush = true;
	}
	return flush;
}

static void zap_nonpresent_pte(struct mmu_gather *tlb, struct vm_area_struct *vma,
			       unsigned long addr, pte_t *pte, pte_t ptent,
			       struct zap_details *details, int *rss)
{
	swp_entry_t entry = pte_to_swp_entry(ptent);

	if (is_migration_entry(entry)) {
		struct folio *folio = pfn_swap_entry_folio(entry);

		if (!should_zap_folio(details, folio))
			return;
		rss[mm_counter(folio)]--;
	} else if (is_pte_marker_entry(entry)) {
		if (details && !(details->zap_flags & ZAP_FLAG_DROP_MARKER))
			return;
	} else {
		/* There is no swap: nobody can have written such an entry. */
		WARN_ON(should_zap_cows(details));
	}
	pte_clear_not_present_full(vma->vm_mm, addr, pte, tlb->fullmm);
}

static unsigned long zap_pte_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
				   pmd_t *pmd, unsigned long addr, unsigned long end,
				   struct zap_details *details)
{
	struct mm_struct *mm = tlb->mm;
	int rss[NR_MM_COUNTERS] = { 0 };
	pte_t *start_pte, *pte;
	spinlock_t *ptl;
	bool flush = false, full = false;
	int i, zapped = 0;

	start_pte = pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	if (!pte)
		return addr;
	flush_tlb_batched_pending(mm);
	do {
		pte_t ptent = ptep_get(pte);

		if (pte_none(ptent))
			continue;
		if (need_resched()) {
			/* Give way with the table unlocked; go on from here. */
			break;
		}
		zapped++;
		if (pte_present(ptent))
			flush |= zap_present_pte(tlb, vma, addr, pte, ptent, details, rss,
						 &full);
		else
			zap_nonpresent_pte(tlb, vma, addr, pte, ptent, details, rss);
		if (full) {
			addr += PAGE_SIZE;
			break;
		}
	} while (pte++, addr += PAGE_SIZE, addr != end);

	for (i = 0; i < NR_MM_COUNTERS; i++)
		if (rss[i])
			add_mm_counter(mm, i, rss[i]);
	if (flush)
		tlb_flush_mmu_tlbonly(tlb);
	pte_unmap_unlock(start_pte, ptl);
	cost_charge(COST_PTE_UPDATE, zapped);
	if (flush)
		tlb_flush_mmu(tlb);
	return addr;
}

/* A part of what one PMD maps; how far it got. */
static unsigned long zap_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
			     unsigned long addr, unsigned long next,
			     struct zap_details *details)
{
	pmd_t val = pmdp_get_lockless(pmd);

	cond_resched();
	if (pmd_none(val))
		return next;
	if (is_swap_pmd(val) || pmd_trans_huge(val) || pmd_devmap(val)) {
		if (next - addr != HPAGE_PMD_SIZE)
			__split_huge_pmd(vma, pmd, addr, false, NULL);
		else if (zap_huge_pmd(tlb, vma, pmd, addr))
			return next;
		/* it was split, by us or by somebody else */
	}
	return zap_pte_range(tlb, vma, pmd, addr, next, details);
}

static void zap_pmd_range(struct mmu_gather *tlb, struct vm_area_struct *vma, pud_t *pud,
			  unsigned long addr, unsigned long end,
			  struct zap_details *details)
{
	pmd_t *pmd = pmd_offset(pud, addr);

	for (; addr != end; pmd++) {
		unsigned long next = pmd_addr_end(addr, end);

		/* A full batch, or an entry that changed its kind: look again. */
		while (addr != next)
			addr = zap_pmd(tlb, vma, pmd, addr, next, details);
	}
}

void unmap_page_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
		      unsigned long addr, unsigned long end, struct zap_details *details)
{
	unsigned long next;

	BUG_ON(addr >= end);
	tlb_start_vma(tlb, vma);
	for (; addr != end; addr = next) {
		p4d_t *p4d = p4d_offset(pgd_offset(vma->vm_mm, addr), addr);
		pud_t *pud;

		next = pgd_addr_end(addr, end);
		if (p4d_none_or_clear_bad(p4d))
			continue;
		pud = pud_offset(p4d, addr);
		next = pud_addr_end(addr, end);
		if (pud_none_or_clear_bad(pud))
			continue;
		zap_pmd_range(tlb, vma, pud, addr, next, details);
	}
	tlb_end_vma(tlb, vma);
}

void unmap_vmas(struct mmu_gather *tlb, struct rb_root *root, unsigned long start,
		unsigned long end)
{
	struct zap_details details = {
		.zap_flags = ZAP_FLAG_DROP_MARKER | ZAP_FLAG_UNMAP,
		.even_cows = true,
	};
	struct mmu_notifier_range range;
	struct rb_node *node;

	mmu_notifier_range_init(&range, MMU_NOTIFY_UNMAP, 0, tlb->mm, start, end);
	mmu_notifier_invalidate_range_start(&range);
	for (node = rb_first(root); node; node = rb_next(node)) {
		struct vm_area_struct *vma = vma_of_rb(node);
		unsigned long from = max(vma->vm_start, start);
		unsigned long to = min(vma->vm_end, end);

		if (from < to)
			unmap_page_range(tlb, vma, from, to, &details);
	}
	mmu_notifier_invalidate_range_end(&range);
}

/**
 * zap_page_range_single() - unmap pages of a part of one VMA
 * @vma:	the VMA
 * @address:	first byte, page aligned
 * @size:	bytes
 * @details:	which pages, NULL for all
 *
 * Context: mmap_lock held, or the reverse map's lock that found @vma; may sleep.
 */
void zap_page_range_single(struct vm_area_struct *vma, unsigned long address,
			   unsigned long size, struct zap_details *details)
{
	const unsigned long end = address + size;
	struct mmu_notifier_range range;
	struct mmu_gather tlb;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, vma->vm_mm, address, end);
	tlb_gather_mmu(&tlb, vma->vm_mm);
	mmu_notifier_invalidate_range_start(&range);
	unmap_page_range(&tlb, vma, address, end, details);
	mmu_notifier_invalidate_range_end(&range);
	tlb_finish_mmu(&tlb);
}

/*
 * Freeing tables.  A table may go when no VMA uses any part of what it covers;
 * @floor and @ceiling are where the neighbouring VMAs end and begin, and a ceiling of
 * 0 is the end of the address space.
 */
static bool table_unused(unsigned long start, unsigned long end, unsigned long mask,
			 unsigned long floor, unsigned long ceiling)
{
	if ((start & mask) < floor)
		return false;
	if (ceiling) {
		ceiling &= mask;
		if (!ceiling)
			return false;
	}
	return end - 1 <= ceiling - 1;
}

static void free_pmd_range(struct mmu_gather *tlb, pud_t *pud, unsigned long addr,
			   unsigned long end, unsigned long floor, unsigned long ceiling)
{
	unsigned long start = addr, next;
	pmd_t *pmd = pmd_offset(pud, addr);

	do {
		pmd_t val = pmdp_get(pmd);

		next = pmd_addr_end(addr, end);
		if (pmd_none_or_clear_bad(pmd))
			continue;
		pmd_clear(pmd);
		pte_free_tlb(tlb, pmd_pgtable(val), addr);
		mm_dec_nr_ptes(tlb->mm);
	} while (pmd++, addr = next, addr != end);

	if (!table_unused(start, end, PUD_MASK, floor, ceiling))
		return;
	pmd = pmd_offset(pud, start & PUD_MASK);
	pud_clear(pud);
	pmd_free_tlb(tlb, pmd, start);
	mm_dec_nr_pmds(tlb->mm);
}

static void free_pud_range(struct mmu_gather *tlb, p4d_t *p4d, unsigned long addr,
			   unsigned long end, unsigned long floor, unsigned long ceiling)
{
	unsigned long start = addr, next;
	pud_t *pud = pud_offset(p4d, addr);

	do {
		next = pud_addr_end(addr, end);
		if (pud_none_or_clear_bad(pud))
			continue;
		free_pmd_range(tlb, pud, addr, next, floor, ceiling);
	} while (pud++, addr = next, addr != end);

	if (!table_unused(start, end, P4D_MASK, floor, ceiling))
		return;
	pud = pud_offset(p4d, start & P4D_MASK);
	p4d_clear(p4d);
	pud_free_tlb(tlb, pud, start);
	mm_dec_nr_puds(tlb->mm);
}

void free_pgd_range(struct mmu_gather *tlb, unsigned long addr, unsigned long end,
		    unsigned long floor, unsigned long ceiling)
{
	unsigned long next;

	/* Round inwards to whole PTE tables that nobody else uses. */
	addr &= PMD_MASK;
	if (addr < floor) {
		addr += PMD_SIZE;
		if (!addr)
			return;
	}
	if (ceiling) {
		ceiling &= PMD_MASK;
		if (!ceiling)
			return;
	}
	if (end - 1 > ceiling - 1)
		end -= PMD_SIZE;
	if (addr > end - 1)
		return;
	for (; addr != end; addr = next) {
		p4d_t *p4d = p4d_offset(pgd_offset(tlb->mm, addr), addr);

		next = pgd_addr_end(addr, end);
		if (!p4d_none_or_clear_bad(p4d))
			free_pud_range(tlb, p4d, addr, next, floor, ceiling);
	}
}

void free_pgtables(struct mmu_gather *tlb, struct rb_root *root, unsigned long floor,
		   unsigned long ceiling)
{
	struct rb_node *node = rb_first(root);

	while (node) {
		struct vm_area_struct *vma = vma_of_rb(node), *next;
		unsigned long addr = vma->vm_start;

		/* Out of every reverse map before tables that it could walk go. */
		unlink_anon_vmas(vma);
		vma_unlink_file(vma);
		next = vma_after(vma);
		/* Near neighbours in one go: they may share tables. */
		while (next && next->vm_start <= vma->vm_end + PMD_SIZE) {
			vma = next;
			unlink_anon_vmas(vma);
			vma_unlink_file(vma);
			next = vma_after(vma);
		}
		free_pgd_range(tlb, addr, vma->vm_end, floor,
			       next ? next->vm_start : ceiling);
		node = next ? &next->vm_rb : NULL;
	}
}
