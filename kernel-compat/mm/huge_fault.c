// SPDX-License-Identifier: GPL-2.0
/*
 * Page faults whose entry is, or could become, a huge PMD.
 */
#include <linux/autonuma.h>
#include <linux/highmem.h>
#include <linux/mmu_notifier.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/vmstat.h>
#include <machine/cost.h>
#include <mm/fault.h>

/* Lock the entry if it is still empty; false with *ret set and nothing locked if not. */
static bool lock_missing_pmd(struct vm_fault *vmf, vm_fault_t *ret)
{
	vmf->ptl = pmd_lock(vmf->vma->vm_mm, vmf->pmd);
	if (pmd_none(pmdp_get(vmf->pmd))) {
		*ret = check_stable_address_space(vmf->vma->vm_mm);
		if (!*ret)
			return true;
	}
	spin_unlock(vmf->ptl);
	return false;
}

/* Map the huge zero page read-only. */
static vm_fault_t map_huge_zero_page(struct vm_fault *vmf, unsigned long haddr)
{
	struct vm_area_struct *vma = vmf->vma;
	pgtable_t pgtable = pte_alloc_one(vma->vm_mm);
	struct folio *zero_folio;
	vm_fault_t ret = 0;

	if (!pgtable)
		return VM_FAULT_OOM;
	zero_folio = mm_get_huge_zero_folio(vma->vm_mm);
	if (!zero_folio) {
		pte_free(vma->vm_mm, pgtable);
		count_vm_event(THP_FAULT_FALLBACK);
		return VM_FAULT_FALLBACK;
	}
	if (!lock_missing_pmd(vmf, &ret)) {
		pte_free(vma->vm_mm, pgtable);
		return ret;
	}
	pgtable_trans_huge_deposit(vma->vm_mm, vmf->pmd, pgtable);
	set_pmd_at(vma->vm_mm, haddr, vmf->pmd,
		   mk_huge_pmd(&zero_folio->page, vma->vm_page_prot));
	mm_inc_nr_ptes(vma->vm_mm);
	spin_unlock(vmf->ptl);
	return 0;
}

/* Map a new huge page; @folio's reference is the mapping's, or dropped. */
static vm_fault_t map_huge_page(struct vm_fault *vmf, struct folio *folio,
				unsigned long haddr)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mm_struct *mm = vma->vm_mm;
	pgtable_t pgtable = pte_alloc_one(mm);
	vm_fault_t ret = 0;
	pmd_t entry;

	if (!pgtable) {
		folio_put(folio);
		return VM_FAULT_OOM;
	}
	folio_zero_user(folio, vmf->address);
	/* contents before the entry: the flag's release pairs with readers of it */
	__folio_mark_uptodate(folio);
	if (!lock_missing_pmd(vmf, &ret)) {
		pte_free(mm, pgtable);
		folio_put(folio);
		return ret;
	}
	entry = mk_huge_pmd(&folio->page, vma->vm_page_prot);
	entry = maybe_pmd_mkwrite(pmd_mkdirty(entry), vma);
	folio_add_new_anon_rmap(folio, vma, haddr, RMAP_EXCLUSIVE);
	folio_add_lru_vma(folio, vma);
	pgtable_trans_huge_deposit(mm, vmf->pmd, pgtable);
	set_pmd_at(mm, haddr, vmf->pmd, entry);
	update_mmu_cache_pmd(vma, vmf->address, vmf->pmd);
	add_mm_counter(mm, MM_ANONPAGES, HPAGE_PMD_NR);
	mm_inc_nr_ptes(mm);
	deferred_split_folio(folio, false);
	spin_unlock(vmf->ptl);
	count_vm_event(THP_FAULT_ALLOC);
	return 0;
}

/**
 * do_huge_pmd_anonymous_page() - fill an empty PMD with a huge page
 * @vmf:	the fault
 *
 * Return: VM_FAULT_FALLBACK: nothing changed, take small pages.
 */
vm_fault_t do_huge_pmd_anonymous_page(struct vm_fault *vmf)
{
	unsigned long haddr = vmf->address & HPAGE_PMD_MASK;
	struct vm_area_struct *vma = vmf->vma;
	struct folio *folio;

	if (!thp_vma_suitable_order(vma, haddr, PMD_ORDER))
		return VM_FAULT_FALLBACK;
	if (anon_vma_prepare(vma))
		return VM_FAULT_OOM;
	khugepaged_enter_vma(vma, vma->vm_flags);
	if (!(vmf->flags & FAULT_FLAG_WRITE) && transparent_hugepage_use_zero_page())
		return map_huge_zero_page(vmf, haddr);

	folio = vma_alloc_folio(vma_thp_gfp_mask(vma), HPAGE_PMD_ORDER, vma, haddr, true);
	if (!folio) {
		count_vm_event(THP_FAULT_FALLBACK);
		return VM_FAULT_FALLBACK;
	}
	return map_huge_page(vmf, folio, haddr);
}

/* Young, and dirty for a write, as the hardware would have set it. The lock is held. */
void touch_pmd(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmd, bool write)
{
	pmd_t entry = pmd_mkyoung(pmdp_get(pmd));

	if (write)
		entry = pmd_mkdirty(entry);
	if (pmdp_set_access_flags(vma, addr & HPAGE_PMD_MASK, pmd, entry, write))
		update_mmu_cache_pmd(vma, addr, pmd);
}

void huge_pmd_set_accessed(struct vm_fault *vmf)
{
	vmf->ptl = pmd_lock(vmf->vma->vm_mm, vmf->pmd);
	if (likely(pmd_same(pmdp_get(vmf->pmd), vmf->orig_pmd)))
		touch_pmd(vmf->vma, vmf->address, vmf->pmd, vmf->flags & FAULT_FLAG_WRITE);
	spin_unlock(vmf->ptl);
}

/*
 * Lock @folio, whose PMD is locked, dropping the latter if need be. False: the entry
 * changed meanwhile, nothing is locked.
 */
static bool lock_folio_of_pmd(struct vm_fault *vmf, struct folio *folio)
{
	bool same;

	if (folio_trylock(folio))
		return true;
	folio_get(folio);
	spin_unlock(vmf->ptl);
	folio_lock(folio);
	spin_lock(vmf->ptl);
	same = pmd_same(pmdp_get(vmf->pmd), vmf->orig_pmd);
	if (!same) {
		spin_unlock(vmf->ptl);
		folio_unlock(folio);
	}
	folio_put(folio);
	return same;
}

/*
 * Is the huge page this mapping's alone, or can it be made so?  The PMD is locked; on
 * -EAGAIN it is not any more, and the entry changed.
 */
static int make_exclusive(struct vm_fault *vmf, struct folio *folio)
{
	int ret = -EBUSY;

	if (PageAnonExclusive(&folio->page))
		return 0;
	if (!lock_folio_of_pmd(vmf, folio))
		return -EAGAIN;
	if (PageAnonExclusive(&folio->page)) {
		ret = 0;
	} else if (folio_ref_count(folio) == 1) {
		/* locked and alone: nobody can look at its anon_vma through the rmap */
		folio_move_anon_rmap(folio, vmf->vma);
		SetPageAnonExclusive(&folio->page);
		ret = 0;
	}
	folio_unlock(folio);
	return ret;
}

/**
 * do_huge_pmd_wp_page() - a write, or FAULT_FLAG_UNSHARE, on a read-only huge PMD
 * @vmf:	with orig_pmd, nothing locked
 *
 * Return: VM_FAULT_FALLBACK when the page is shared, or the zero page: the PMD is split
 * and small pages are copied.
 */
vm_fault_t do_huge_pmd_wp_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct folio *folio;
	pmd_t entry;
	int err;

	VM_BUG_ON_VMA(!vma->anon_vma, vma);
	vmf->ptl = pmd_lockptr(vma->vm_mm, vmf->pmd);
	if (is_huge_zero_pmd(vmf->orig_pmd))
		goto fallback;
	spin_lock(vmf->ptl);
	if (unlikely(!pmd_same(pmdp_get(vmf->pmd), vmf->orig_pmd))) {
		spin_unlock(vmf->ptl);
		return 0;
	}
	folio = page_folio(pmd_page(vmf->orig_pmd));
	err = make_exclusive(vmf, folio);
	if (err == -EAGAIN)
		return 0;
	if (err) {
		spin_unlock(vmf->ptl);
		goto fallback;
	}
	if (!(vmf->flags & FAULT_FLAG_UNSHARE)) {
		entry = maybe_pmd_mkwrite(pmd_mkdirty(pmd_mkyoung(vmf->orig_pmd)), vma);
		if (pmdp_set_access_flags(vma, vmf->address & HPAGE_PMD_MASK, vmf->pmd,
					  entry, 1))
			update_mmu_cache_pmd(vma, vmf->address, vmf->pmd);
	}
	spin_unlock(vmf->ptl);
	return 0;

fallback:
	__split_huge_pmd(vma, vmf->pmd, vmf->address, false, NULL);
	return VM_FAULT_FALLBACK;
}

/**
 * can_change_pmd_writable() - may the entry be writable without a write fault?
 * @vma:	VMA with VM_WRITE
 * @addr:	address
 * @pmd:	the entry as it would be
 *
 * Context: the entry's lock held.
 */
bool can_change_pmd_writable(struct vm_area_struct *vma, unsigned long addr, pmd_t pmd)
{
	struct page *page;

	if (WARN_ON_ONCE(!(vma->vm_flags & VM_WRITE)))
		return false;
	if (pmd_protnone(pmd))
		return false;
	if (vma_soft_dirty_enabled(vma) && !pmd_soft_dirty(pmd))
		return false;
	if (vma->vm_flags & VM_SHARED)
		return pmd_dirty(pmd);
	page = vm_normal_page_pmd(vma, addr, pmd);
	return page && PageAnon(page) && PageAnonExclusive(page);
}

/* Restore a hinting PMD when nobody wants its hint; see numa_restore(). */
static vm_fault_t numa_restore_pmd(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	bool writable;
	pmd_t pmd;

	vmf->ptl = pmd_lock(vma->vm_mm, vmf->pmd);
	if (unlikely(!pmd_same(pmdp_get(vmf->pmd), vmf->orig_pmd))) {
		spin_unlock(vmf->ptl);
		return 0;
	}
	pmd = pmd_modify(vmf->orig_pmd, vma->vm_page_prot);
	writable = pmd_write(pmd);
	if (!writable && vma_wants_manual_pte_write_upgrade(vma) &&
	    can_change_pmd_writable(vma, vmf->address, pmd))
		writable = true;
	pmd = pmd_mkyoung(pmd);
	if (writable)
		pmd = pmd_mkwrite(pmd, vma);
	set_pmd_at(vma->vm_mm, vmf->address & HPAGE_PMD_MASK, vmf->pmd, pmd);
	update_mmu_cache_pmd(vma, vmf->address, vmf->pmd);
	spin_unlock(vmf->ptl);
	return 0;
}

vm_fault_t do_huge_pmd_numa_page(struct vm_fault *vmf)
{
	cost_charge(COST_HINT_FAULT, 1);
	if (autonuma_enabled())
		return autonuma_do_huge_pmd_numa_page(vmf);
	return numa_restore_pmd(vmf);
}

/**
 * fault_huge_pmd() - the huge half of a fault, before the PTE level
 * @vmf:	with its PMD's address
 *
 * Return: VM_FAULT_FALLBACK: go on with handle_pte_fault().
 */
vm_fault_t fault_huge_pmd(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;

	if (pmd_none(pmdp_get(vmf->pmd))) {
		if (!vma_is_anonymous(vma) ||
		    !thp_vma_allowable_order(vma, vma->vm_flags,
					     TVA_IN_PF | TVA_ENFORCE_SYSFS, PMD_ORDER))
			return VM_FAULT_FALLBACK;
		return do_huge_pmd_anonymous_page(vmf);
	}
	vmf->orig_pmd = pmdp_get_lockless(vmf->pmd);
	if (is_swap_pmd(vmf->orig_pmd)) {
		VM_BUG_ON(!is_pmd_migration_entry(vmf->orig_pmd));
		pmd_migration_entry_wait(vma->vm_mm, vmf->pmd);
		return 0;
	}
	if (!pmd_trans_huge(vmf->orig_pmd))
		return VM_FAULT_FALLBACK;
	if (pmd_protnone(vmf->orig_pmd) && vma_is_accessible(vma))
		return do_huge_pmd_numa_page(vmf);
	if ((vmf->flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE)) &&
	    !pmd_write(vmf->orig_pmd))
		return do_huge_pmd_wp_page(vmf);
	huge_pmd_set_accessed(vmf);
	return 0;
}
