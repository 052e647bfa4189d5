// SPDX-License-Identifier: GPL-2.0
/*
 * fork: the child's page tables.
 *
 * Private pages become shared and read-only on both sides; what is pinned is copied
 * at once, so that the page a device or GUP user knows stays the parent's.  Hinting
 * entries stay hinted.  The parent's TLBs are flushed by the caller, dup_mmap().
 */
#include <linux/mm.h>
#include <linux/highmem.h>
#include <linux/huge_mm.h>
#include <linux/mempolicy.h>
#include <linux/mm_inline.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/seqlock.h>
#include <machine/cost.h>
#include "vma.h"

struct copy_state {
	struct vm_area_struct *dst_vma, *src_vma;
	struct folio *prealloc;		/* for a pinned page; allocated without locks */
	int rss[NR_MM_COUNTERS];
};

static void copy_nonpresent_pte(struct copy_state *cs, pte_t *dst_pte, pte_t *src_pte,
				pte_t pte, unsigned long addr)
{
	struct mm_struct *src_mm = cs->src_vma->vm_mm;
	swp_entry_t entry = pte_to_swp_entry(pte);

	if (is_pte_marker_entry(entry)) {
		/* Poison is copied, other marks are not. */
		if (pte_marker_get(entry) & PTE_MARKER_POISONED)
			set_pte_at(cs->dst_vma->vm_mm, addr, dst_pte,
				   swp_entry_to_pte(make_pte_marker_entry(PTE_MARKER_POISONED)));
		return;
	}
	if (WARN_ON(!is_migration_entry(entry)))
		return;
	cs->rss[mm_counter(pfn_swap_entry_folio(entry))]++;
	if (!is_readable_migration_entry(entry) && is_cow_mapping(cs->dst_vma->vm_flags)) {
		bool soft_dirty = pte_swp_soft_dirty(pte);
		bool uffd_wp = pte_swp_uffd_wp(pte);

		/* It was writable or exclusive; from now on it is shared. */
		entry = make_readable_migration_entry(swp_offset(entry));
		pte = swp_entry_to_pte(entry);
		if (soft_dirty)
			pte = pte_swp_mksoft_dirty(pte);
		if (uffd_wp)
			pte = pte_swp_mkuffd_wp(pte);
		set_pte_at(src_mm, addr, src_pte, pte);
	}
	set_pte_at(cs->dst_vma->vm_mm, addr, dst_pte, pte_swp_clear_uffd_wp(pte));
}

/* The page may be pinned: the child gets a copy. -EAGAIN without memory at hand. */
static int copy_present_page(struct copy_state *cs, pte_t *dst_pte, unsigned long addr,
			     struct page *page)
{
	struct vm_area_struct *vma = cs->dst_vma;
	struct folio *folio = cs->prealloc;
	pte_t pte;

	if (!folio)
		return -EAGAIN;
	cs->prealloc = NULL;
	copy_user_highpage(&folio->page, page, addr, cs->src_vma);
	__folio_mark_uptodate(folio);
	folio_add_new_anon_rmap(folio, vma, addr, RMAP_EXCLUSIVE);
	folio_add_lru_vma(folio, vma);
	cs->rss[MM_ANONPAGES]++;
	pte = pte_mkdirty(mk_pte(&folio->page, READ_ONCE(vma->vm_page_prot)));
	if (vma->vm_flags & VM_WRITE)
		pte = pte_mkwrite(pte, vma);
	set_pte_at(vma->vm_mm, addr, dst_pte, pte);
	return 0;
}

static int copy_present_pte(struct copy_state *cs, pte_t *dst_pte, pte_t *src_pte,
			    pte_t pte, unsigned long addr)
{
	struct vm_area_struct *src_vma = cs->src_vma;
	struct page *page = vm_normal_page(src_vma, addr, pte);

	if (page) {
		struct folio *folio = page_folio(page);

		folio_get(folio);
		if (folio_test_anon(folio)) {
			if (folio_try_dup_anon_rmap_pte(folio, page, src_vma)) {
				folio_put(folio);
				return copy_present_page(cs, dst_pte, addr, page);
			}
			cs->rss[MM_ANONPAGES]++;
		} else {
			folio_dup_file_rmap_pte(folio, page);
			cs->rss[mm_counter_file(folio)]++;
		}
	}
	if (is_cow_mapping(src_vma->vm_flags) && pte_write(pte)) {
		ptep_set_wrprotect(src_vma->vm_mm, addr, src_pte);
		pte = pte_wrprotect(pte);
	}
	if (src_vma->vm_flags & VM_SHARED)
		pte = pte_mkclean(pte);
	pte = pte_clear_uffd_wp(pte_mkold(pte));
	set_pte_at(cs->dst_vma->vm_mm, addr, dst_pte, pte);
	return 0;
}

/* One hold of both locks. *addrp advances; -EAGAIN: allocate and come back. */
static int copy_pte_batch(struct copy_state *cs, pmd_t *dst_pmd, pmd_t *src_pmd,
			  unsigned long *addrp, unsigned long end)
{
	struct mm_struct *dst_mm = cs->dst_vma->vm_mm, *src_mm = cs->src_vma->vm_mm;
	pte_t *dst_start, *src_start, *dst_pte, *src_pte;
	spinlock_t *src_ptl, *dst_ptl;
	unsigned long addr = *addrp;
	int i, copied = 0, ret = 0;

	dst_start = dst_pte = pte_alloc_map_lock(dst_mm, dst_pmd, addr, &dst_ptl);
	if (!dst_pte)
		return -ENOMEM;
	src_start = src_pte = pte_offset_map_nolock(src_mm, src_pmd, addr, &src_ptl);
	if (!src_pte) {
		pte_unmap_unlock(dst_pte, dst_ptl);
		*addrp = end;
		return 0;
	}
	spin_lock_nested(src_ptl, SINGLE_DEPTH_NESTING);
	memset(cs->rss, 0, sizeof(cs->rss));
	do {
		pte_t pte = ptep_get(src_pte);

		if (pte_none(pte))
			continue;
		if (copied >= 4 && need_resched())
			break;
		copied++;
		if (!pte_present(pte))
			copy_nonpresent_pte(cs, dst_pte, src_pte, pte, addr);
		else
			ret = copy_present_pte(cs, dst_pte, src_pte, pte, addr);
		if (ret)
			break;
		if (unlikely(cs->prealloc)) {
			/* Meant for another address and perhaps another policy. */
			folio_put(cs->prealloc);
			cs->prealloc = NULL;
		}
	} while (dst_pte++, src_pte++, addr += PAGE_SIZE, addr != end);
	for (i = 0; i < NR_MM_COUNTERS; i++)
		if (cs->rss[i])
			add_mm_counter(dst_mm, i, cs->rss[i]);
	pte_unmap_unlock(src_start, src_ptl);
	pte_unmap_unlock(dst_start, dst_ptl);
	cost_charge(COST_PTE_UPDATE, copied);
	*addrp = addr;
	return ret;
}

static int copy_pte_range(struct vm_area_struct *dst_vma, struct vm_area_struct *src_vma,
			  pmd_t *dst_pmd, pmd_t *src_pmd, unsigned long addr,
			  unsigned long end)
{
	struct copy_state cs = { .dst_vma = dst_vma, .src_vma = src_vma };
	int ret = 0;

	while (!ret && addr != end) {
		ret = copy_pte_batch(&cs, dst_pmd, src_pmd, &addr, end);
		cond_resched();
		if (ret == -EAGAIN) {
			cs.prealloc = vma_alloc_folio(GFP_HIGHUSER_MOVABLE, 0, src_vma, addr,
						      false);
			ret = cs.prealloc ? 0 : -ENOMEM;
		}
	}
	if (cs.prealloc)
		folio_put(cs.prealloc);
	return ret;
}

static int copy_pmd_range(struct vm_area_struct *dst_vma, struct vm_area_struct *src_vma,
			  pud_t *src_pud, unsigned long addr, unsigned long end)
{
	struct mm_struct *dst_mm = dst_vma->vm_mm;
	pud_t *dst_pud = pud_alloc(dst_mm, p4d_offset(pgd_offset(dst_mm, addr), addr), addr);
	pmd_t *src_pmd = pmd_offset(src_pud, addr), *dst_pmd, val;
	unsigned long next;
	int err;

	if (!dst_pud)
		return -ENOMEM;
	dst_pmd = pmd_alloc(dst_mm, dst_pud, addr);
	if (!dst_pmd)
		return -ENOMEM;
	do {
		next = pmd_addr_end(addr, end);
		val = pmdp_get(src_pmd);
		if (is_swap_pmd(val) || pmd_trans_huge(val) || pmd_devmap(val)) {
			VM_BUG_ON_VMA(next - addr != HPAGE_PMD_SIZE, src_vma);
			err = copy_huge_pmd(dst_mm, src_vma->vm_mm, dst_pmd, src_pmd, addr,
					    dst_vma, src_vma);
			if (err == -ENOMEM)
				return err;
			if (!err)
				continue;
			/* it was split, by us or by somebody else */
		}
		if (pmd_none_or_clear_bad(src_pmd))
			continue;
		if (copy_pte_range(dst_vma, src_vma, dst_pmd, src_pmd, addr, next))
			return -ENOMEM;
	} while (dst_pmd++, src_pmd++, addr = next, addr != end);
	return 0;
}

/*
 * Faults can fill what is not anonymous, so only VMAs that had anonymous pages are
 * copied.
 */
static bool vma_needs_copy(struct vm_area_struct *src_vma)
{
	return (src_vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP)) || src_vma->anon_vma;
}

static int copy_tables(struct vm_area_struct *dst_vma, struct vm_area_struct *src_vma)
{
	unsigned long addr = src_vma->vm_start, end = src_vma->vm_end, next;
	int ret;

	for (; addr != end; addr = next) {
		p4d_t *p4d = p4d_offset(pgd_offset(src_vma->vm_mm, addr), addr);
		pud_t *pud;

		next = pgd_addr_end(addr, end);
		if (p4d_none_or_clear_bad(p4d))
			continue;
		next = pud_addr_end(addr, end);
		pud = pud_offset(p4d, addr);
		if (pud_none_or_clear_bad(pud))
			continue;
		ret = copy_pmd_range(dst_vma, src_vma, pud, addr, next);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * copy_page_range() - copy the entries of one VMA for fork
 * @dst_vma:	the child's VMA
 * @src_vma:	the parent's
 *
 * Return: 0 or -ENOMEM; what was copied so far is the caller's to unmap.
 * Context: both mmap_locks held for writing.
 */
int copy_page_range(struct vm_area_struct *dst_vma, struct vm_area_struct *src_vma)
{
	struct mm_struct *src_mm = src_vma->vm_mm;
	bool is_cow = is_cow_mapping(src_vma->vm_flags);
	struct mmu_notifier_range range;
	int ret;

	if (!vma_needs_copy(src_vma))
		return 0;
	if (is_cow) {
		vma_assert_write_locked(src_vma);
		mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_PAGE, 0, src_mm,
					src_vma->vm_start, src_vma->vm_end);
		mmu_notifier_invalidate_range_start(&range);
		/* GUP-fast looks: no page is pinned while it becomes shared. */
		raw_write_seqcount_begin(&src_mm->write_protect_seq);
	}
	ret = copy_tables(dst_vma, src_vma);
	if (is_cow) {
		raw_write_seqcount_end(&src_mm->write_protect_seq);
		mmu_notifier_invalidate_range_end(&range);
	}
	return ret;
}
