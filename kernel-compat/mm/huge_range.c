// SPDX-License-Identifier: GPL-2.0
/*
 * Ranges of an address space that are one huge PMD: fork, unmap, move, protect.
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>
#include <linux/swapops.h>
#include <linux/vmstat.h>
#include <asm/tlb.h>
#include <machine/cost.h>

/* A migration entry of both sides: from now on it is shared. */
static pmd_t copy_migration_pmd(struct mm_struct *src_mm, unsigned long addr,
				pmd_t *src_pmd, pmd_t pmd)
{
	swp_entry_t entry = pmd_to_swp_entry(pmd);
	pmd_t old = pmd;

	VM_BUG_ON(!is_pmd_migration_entry(pmd));
	if (is_readable_migration_entry(entry))
		return pmd_swp_clear_uffd_wp(pmd);
	entry = make_readable_migration_entry(swp_offset(entry));
	pmd = swp_entry_to_pmd(entry);
	if (pmd_swp_soft_dirty(old))
		pmd = pmd_swp_mksoft_dirty(pmd);
	if (pmd_swp_uffd_wp(old))
		pmd = pmd_swp_mkuffd_wp(pmd);
	set_pmd_at(src_mm, addr, src_pmd, pmd);
	return pmd_swp_clear_uffd_wp(pmd);
}

/* The child's entry for @pmd, or an error; both locks held. */
static int copy_locked_pmd(struct mm_struct *dst_mm, struct vm_area_struct *src_vma,
			   pmd_t *src_pmd, unsigned long addr, pmd_t *new)
{
	struct mm_struct *src_mm = src_vma->vm_mm;
	pmd_t pmd = pmdp_get(src_pmd);
	struct folio *folio;

	if (is_swap_pmd(pmd)) {
		*new = copy_migration_pmd(src_mm, addr, src_pmd, pmd);
		add_mm_counter(dst_mm, MM_ANONPAGES, HPAGE_PMD_NR);
		return 0;
	}
	if (!pmd_trans_huge(pmd))
		return -EAGAIN;
	if (is_huge_zero_pmd(pmd)) {
		/* it exists, so this takes a reference and allocates nothing */
		mm_get_huge_zero_folio(dst_mm);
	} else {
		folio = page_folio(pmd_page(pmd));
		folio_get(folio);
		if (folio_try_dup_anon_rmap_pmd(folio, &folio->page, src_vma)) {
			folio_put(folio);
			return -EBUSY;
		}
		add_mm_counter(dst_mm, MM_ANONPAGES, HPAGE_PMD_NR);
	}
	pmdp_set_wrprotect(src_mm, addr, src_pmd);
	*new = pmd_mkold(pmd_wrprotect(pmd_clear_uffd_wp(pmd)));
	return 0;
}

/**
 * copy_huge_pmd() - fork: let the child map the parent's huge page
 * @dst_mm:	child
 * @src_mm:	parent
 * @dst_pmd:	empty entry
 * @src_pmd:	entry that looked huge
 * @addr:	first address
 * @dst_vma:	the child's VMA
 * @src_vma:	the parent's
 *
 * Return: 0; -ENOMEM; -EAGAIN when the entry is not huge any more: copy PTEs. A page
 * that may be pinned is mapped by PTEs for that, since its parts are copied.
 * Context: both mmap_locks for writing; inside write_protect_seq.
 */
int copy_huge_pmd(struct mm_struct *dst_mm, struct mm_struct *src_mm, pmd_t *dst_pmd,
		  pmd_t *src_pmd, unsigned long addr, struct vm_area_struct *dst_vma,
		  struct vm_area_struct *src_vma)
{
	spinlock_t *dst_ptl, *src_ptl;
	pgtable_t pgtable;
	pmd_t new;
	int ret;

	if (!vma_is_anonymous(dst_vma))
		return 0;	/* faults bring it back */
	pgtable = pte_alloc_one(dst_mm);
	if (!pgtable)
		return -ENOMEM;
	dst_ptl = pmd_lock(dst_mm, dst_pmd);
	src_ptl = pmd_lockptr(src_mm, src_pmd);
	spin_lock_nested(src_ptl, SINGLE_DEPTH_NESTING);
	ret = copy_locked_pmd(dst_mm, src_vma, src_pmd, addr, &new);
	if (!ret) {
		mm_inc_nr_ptes(dst_mm);
		pgtable_trans_huge_deposit(dst_mm, dst_pmd, pgtable);
		set_pmd_at(dst_mm, addr, dst_pmd, new);
	}
	spin_unlock(src_ptl);
	spin_unlock(dst_ptl);
	cost_charge(COST_PTE_UPDATE, 2);
	if (!ret)
		return 0;
	pte_free(dst_mm, pgtable);
	if (ret == -EBUSY)
		__split_huge_pmd(src_vma, src_pmd, addr, false, NULL);
	return -EAGAIN;
}

static void zap_deposited_table(struct mm_struct *mm, pmd_t *pmd)
{
	pte_free(mm, pgtable_trans_huge_withdraw(mm, pmd));
	mm_dec_nr_ptes(mm);
}

/* Unmap a whole huge PMD. 0: it is none any more. */
int zap_huge_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
		 unsigned long addr)
{
	struct folio *folio = NULL;
	spinlock_t *ptl;
	pmd_t old;

	tlb_change_page_size(tlb, HPAGE_PMD_SIZE);
	ptl = __pmd_trans_huge_lock(pmd, vma);
	if (!ptl)
		return 0;
	old = pmdp_huge_get_and_clear(vma->vm_mm, addr, pmd);
	tlb_remove_pmd_tlb_entry(tlb, pmd, addr);
	zap_deposited_table(tlb->mm, pmd);
	if (is_swap_pmd(old)) {
		VM_BUG_ON(!is_pmd_migration_entry(old));
		add_mm_counter(tlb->mm, MM_ANONPAGES, -HPAGE_PMD_NR);
	} else if (!is_huge_zero_pmd(old)) {
		folio = page_folio(pmd_page(old));
		folio_remove_rmap_pmd(folio, &folio->page, vma);
		add_mm_counter(tlb->mm, MM_ANONPAGES, -HPAGE_PMD_NR);
	}
	spin_unlock(ptl);
	cost_charge(COST_PTE_UPDATE, 1);
	if (folio)
		tlb_remove_page_size(tlb, &folio->page, HPAGE_PMD_SIZE);
	return 1;
}

/* A moved entry is soft-dirty: what is at its new address changed. */
static pmd_t move_soft_dirty_pmd(pmd_t pmd)
{
	return pmd_present(pmd) ? pmd_mksoft_dirty(pmd) : pmd_swp_mksoft_dirty(pmd);
}

/* mremap(): both addresses aligned, mmap_lock for writing. False: split and move PTEs. */
bool move_huge_pmd(struct vm_area_struct *vma, unsigned long old_addr,
		   unsigned long new_addr, pmd_t *old_pmd, pmd_t *new_pmd)
{
	struct mm_struct *mm = vma->vm_mm;
	spinlock_t *old_ptl, *new_ptl;
	pmd_t pmd;

	/* a table may be there already, from moving back after a failure */
	if (!pmd_none(pmdp_get(new_pmd))) {
		VM_BUG_ON(pmd_trans_huge(pmdp_get(new_pmd)));
		return false;
	}
	/* no order of the two locks: mmap_lock keeps others from taking both */
	old_ptl = __pmd_trans_huge_lock(old_pmd, vma);
	if (!old_ptl)
		return false;
	new_ptl = pmd_lockptr(mm, new_pmd);
	if (new_ptl != old_ptl)
		spin_lock_nested(new_ptl, SINGLE_DEPTH_NESTING);
	pmd = pmdp_huge_get_and_clear(mm, old_addr, old_pmd);
	if (new_ptl != old_ptl)
		pgtable_trans_huge_deposit(mm, new_pmd,
					   pgtable_trans_huge_withdraw(mm, old_pmd));
	set_pmd_at(mm, new_addr, new_pmd, move_soft_dirty_pmd(pmd));
	/* before anybody can find the old place empty and reuse what it mapped */
	if (pmd_present(pmd))
		flush_pmd_tlb_range(vma, old_addr, old_addr + HPAGE_PMD_SIZE);
	if (new_ptl != old_ptl)
		spin_unlock(new_ptl);
	spin_unlock(old_ptl);
	cost_charge(COST_PTE_UPDATE, 2);
	return true;
}

/* Write permission of a page on its way is decided when it arrives: take it away. */
static void change_migration_pmd(struct mm_struct *mm, unsigned long addr, pmd_t *pmd)
{
	pmd_t old = pmdp_get(pmd), new;
	swp_entry_t entry = pmd_to_swp_entry(old);

	VM_BUG_ON(!is_pmd_migration_entry(old));
	if (!is_writable_migration_entry(entry))
		return;
	VM_BUG_ON_FOLIO(!folio_test_anon(pfn_swap_entry_folio(entry)),
			pfn_swap_entry_folio(entry));
	/* as 6.12, which leaves the young and dirty marks in the offset */
	new = swp_entry_to_pmd(make_readable_exclusive_migration_entry(swp_offset(entry)));
	if (pmd_swp_soft_dirty(old))
		new = pmd_swp_mksoft_dirty(new);
	set_pmd_at(mm, addr, pmd, new);
}

int change_huge_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
		    unsigned long addr, pgprot_t newprot, unsigned long cp_flags)
{
	bool prot_numa = cp_flags & MM_CP_PROT_NUMA;
	struct mm_struct *mm = vma->vm_mm;
	pmd_t old, entry;
	spinlock_t *ptl;
	int ret = 1;

	tlb_change_page_size(tlb, HPAGE_PMD_SIZE);
	ptl = __pmd_trans_huge_lock(pmd, vma);
	if (!ptl)
		return 0;
	old = pmdp_get(pmd);
	if (is_swap_pmd(old)) {
		change_migration_pmd(mm, addr, pmd);
		goto unlock;
	}
	/* no hints on what nobody moves, nor two on one entry */
	if (prot_numa && (is_huge_zero_pmd(old) || pmd_protnone(old)))
		goto unlock;
	/*
	 * Never empty, not for a moment: with mmap_lock for reading, as hints are set,
	 * MADV_DONTNEED may pass by and would leave the page alone.  Hardware loses the
	 * entry at once, so what it wrote to it last is in @old.
	 */
	old = pmdp_invalidate_ad(vma, addr, pmd);
	entry = pmd_modify(old, newprot);
	if ((cp_flags & MM_CP_TRY_CHANGE_WRITABLE) && !pmd_write(entry) &&
	    can_change_pmd_writable(vma, addr, entry))
		entry = pmd_mkwrite(entry, vma);
	set_pmd_at(mm, addr, pmd, entry);
	if (huge_pmd_needs_flush(old, entry))
		tlb_flush_pmd_range(tlb, addr, HPAGE_PMD_SIZE);
	ret = HPAGE_PMD_NR;
unlock:
	spin_unlock(ptl);
	cost_charge(COST_PTE_SCAN, 1);
	return ret;
}
