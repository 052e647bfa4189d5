// SPDX-License-Identifier: GPL-2.0
/*
 * Write faults on present, write-protected entries, and unsharing for GUP.
 *
 * Private pages: the page may be reused if it is exclusive, or if this mapping holds
 * its only reference; else it is copied.  Shared pages: the file is told.
 */
#include <linux/highmem.h>
#include <linux/mm/cpupid.h>
#include <linux/mm/zero_page.h>
#include <linux/mmu_notifier.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <mm/fault.h>

/* Make the entry writable as it is. The table's lock is held and dropped. */
static void wp_page_reuse(struct vm_fault *vmf, struct folio *folio)
{
	struct vm_area_struct *vma = vmf->vma;
	pte_t entry;

	VM_BUG_ON(!(vmf->flags & FAULT_FLAG_WRITE));
	if (folio) {
		VM_BUG_ON_FOLIO(folio_test_anon(folio) && !PageAnonExclusive(vmf->page),
				folio);
		/* what the page remembers may be of a process that shared it */
		folio_xchg_last_cpupid(folio, (1 << LAST_CPUPID_SHIFT) - 1);
	}
	entry = maybe_mkwrite(pte_mkdirty(pte_mkyoung(vmf->orig_pte)), vma);
	if (ptep_set_access_flags(vma, vmf->address, vmf->pte, entry, 1))
		update_mmu_cache(vma, vmf->address, vmf->pte);
	pte_unmap_unlock(vmf->pte, vmf->ptl);
	count_vm_event(PGREUSE);
}

/*
 * Is the mapping at hand the folio's only user? Then it becomes exclusive to @vma.
 * Under the page-table lock, which keeps this mapping's reference; a folio in a
 * per-CPU batch has one more, so that batch is drained.
 */
static bool wp_can_reuse_anon_folio(struct folio *folio, struct vm_area_struct *vma)
{
	/* a page of a large folio is copied, which gives the folio back sooner */
	if (folio_test_large(folio))
		return false;
	if (folio_test_ksm(folio) || folio_ref_count(folio) > 3)
		return false;
	if (!folio_test_lru(folio))
		lru_add_drain();
	if (folio_ref_count(folio) > 1)
		return false;
	if (!folio_trylock(folio))
		return false;
	if (folio_test_ksm(folio) || folio_ref_count(folio) != 1) {
		folio_unlock(folio);
		return false;
	}
	/* locked and alone: nobody can look at its anon_vma through the rmap now */
	folio_move_anon_rmap(folio, vma);
	folio_unlock(folio);
	return true;
}

/* The entry of the private copy. */
static pte_t wp_copy_entry(struct vm_fault *vmf, struct folio *new_folio, bool unshare)
{
	struct vm_area_struct *vma = vmf->vma;
	pte_t entry = pte_mkyoung(mk_pte(&new_folio->page, vma->vm_page_prot));

	if (!unshare)
		return maybe_mkwrite(pte_mkdirty(entry), vma);
	if (pte_soft_dirty(vmf->orig_pte))
		entry = pte_mksoft_dirty(entry);
	if (pte_uffd_wp(vmf->orig_pte))
		entry = pte_mkuffd_wp(entry);
	return entry;
}

/*
 * Replace the old page by its copy, under the table's lock. The old entry is cleared
 * and flushed before the new one is set: no CPU may go on reading the old page while
 * another writes the new one.
 */
static void wp_install_copy(struct vm_fault *vmf, struct folio *old_folio,
			    struct folio *new_folio, bool unshare)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mm_struct *mm = vma->vm_mm;
	pte_t entry;

	if (!old_folio) {
		inc_mm_counter(mm, MM_ANONPAGES);
	} else if (!folio_test_anon(old_folio)) {
		dec_mm_counter(mm, mm_counter_file(old_folio));
		inc_mm_counter(mm, MM_ANONPAGES);
	}
	entry = wp_copy_entry(vmf, new_folio, unshare);
	BUG_ON(unshare && pte_write(entry));
	ptep_clear_flush(vma, vmf->address, vmf->pte);
	folio_add_new_anon_rmap(new_folio, vma, vmf->address, RMAP_EXCLUSIVE);
	folio_add_lru_vma(new_folio, vma);
	set_pte_at(mm, vmf->address, vmf->pte, entry);
	update_mmu_cache(vma, vmf->address, vmf->pte);
	if (old_folio)
		folio_remove_rmap_pte(old_folio, vmf->page, vma);
}

/* Break COW by a copy. @old_folio: NULL for the zero page, else with a reference. */
static vm_fault_t wp_page_copy(struct vm_fault *vmf, struct folio *old_folio)
{
	const bool unshare = vmf->flags & FAULT_FLAG_UNSHARE;
	struct vm_area_struct *vma = vmf->vma;
	struct mmu_notifier_range range;
	struct folio *new_folio = NULL;
	bool copied = false;

	if (likely(!anon_vma_prepare(vma)))
		new_folio = folio_prealloc(vma, vmf->address, !old_folio);
	if (!new_folio) {
		if (old_folio)
			folio_put(old_folio);
		return VM_FAULT_OOM;
	}
	if (old_folio)
		copy_user_highpage(&new_folio->page, vmf->page, vmf->address, vma);
	__folio_mark_uptodate(new_folio);

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, vma->vm_mm, vmf->address,
				vmf->address + PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	vmf->pte = pte_offset_map_lock(vma->vm_mm, vmf->pmd, vmf->address, &vmf->ptl);
	if (likely(vmf->pte)) {
		if (likely(pte_same(ptep_get(vmf->pte), vmf->orig_pte))) {
			wp_install_copy(vmf, old_folio, new_folio, unshare);
			copied = true;
		} else {
			update_mmu_tlb(vma, vmf->address, vmf->pte);
		}
		pte_unmap_unlock(vmf->pte, vmf->ptl);
	}
	mmu_notifier_invalidate_range_end(&range);

	if (!copied)
		folio_put(new_folio);
	else if (old_folio)
		folio_put(old_folio);	/* the mapping's reference */
	if (old_folio)
		folio_put(old_folio);
	return 0;
}

/* After page_mkwrite(): the entry may have changed while the lock was dropped. */
static vm_fault_t finish_mkwrite_fault(struct vm_fault *vmf, struct folio *folio)
{
	vmf->pte = pte_offset_map_lock(vmf->vma->vm_mm, vmf->pmd, vmf->address,
				       &vmf->ptl);
	if (!vmf->pte)
		return VM_FAULT_NOPAGE;
	if (!pte_same(ptep_get(vmf->pte), vmf->orig_pte)) {
		update_mmu_tlb(vmf->vma, vmf->address, vmf->pte);
		pte_unmap_unlock(vmf->pte, vmf->ptl);
		return VM_FAULT_NOPAGE;
	}
	wp_page_reuse(vmf, folio);
	return 0;
}

/* A write to a shared file page. The table's lock is held and dropped. */
static vm_fault_t wp_page_shared(struct vm_fault *vmf, struct folio *folio)
{
	struct vm_area_struct *vma = vmf->vma;
	vm_fault_t ret = 0;

	folio_get(folio);
	if (vma->vm_ops->page_mkwrite) {
		vm_fault_t tmp;

		pte_unmap_unlock(vmf->pte, vmf->ptl);
		tmp = do_page_mkwrite(vmf, folio);
		if (unlikely(!tmp || (tmp & (VM_FAULT_ERROR | VM_FAULT_NOPAGE)))) {
			folio_put(folio);
			return tmp;
		}
		tmp = finish_mkwrite_fault(vmf, folio);
		if (unlikely(tmp & (VM_FAULT_ERROR | VM_FAULT_NOPAGE))) {
			folio_unlock(folio);
			folio_put(folio);
			return tmp;
		}
	} else {
		wp_page_reuse(vmf, folio);
		folio_lock(folio);
	}
	ret |= fault_dirty_shared_page(vmf);
	folio_put(folio);
	return ret;
}

/**
 * do_wp_page() - a write, or FAULT_FLAG_UNSHARE, on a read-only entry
 * @vmf:	with the table's lock held; dropped on return
 */
vm_fault_t do_wp_page(struct vm_fault *vmf)
{
	const bool unshare = vmf->flags & FAULT_FLAG_UNSHARE;
	struct vm_area_struct *vma = vmf->vma;
	struct folio *folio = NULL;

	vmf->page = vm_normal_page(vma, vmf->address, vmf->orig_pte);
	if (vmf->page)
		folio = page_folio(vmf->page);

	if (vma->vm_flags & (VM_SHARED | VM_MAYSHARE)) {
		if (!folio) {
			wp_page_reuse(vmf, NULL);
			return 0;
		}
		return wp_page_shared(vmf, folio);
	}

	if (folio && folio_test_anon(folio) &&
	    (PageAnonExclusive(vmf->page) || wp_can_reuse_anon_folio(folio, vma))) {
		if (!PageAnonExclusive(vmf->page))
			SetPageAnonExclusive(vmf->page);
		if (unlikely(unshare)) {
			pte_unmap_unlock(vmf->pte, vmf->ptl);
			return 0;
		}
		wp_page_reuse(vmf, folio);
		return 0;
	}
	if (folio)
		folio_get(folio);
	pte_unmap_unlock(vmf->pte, vmf->ptl);
	return wp_page_copy(vmf, folio);
}
