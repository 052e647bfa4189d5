// SPDX-License-Identifier: GPL-2.0
/*
 * Demand-zero faults of anonymous memory.
 *
 * A read maps the zero page, which has no mapcount and no RSS; a write, or a read that
 * turned into one, gets a page of its own, exclusive from the start.
 */
#include <linux/highmem.h>
#include <linux/mm/zero_page.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <mm/fault.h>

struct folio *folio_prealloc(struct vm_area_struct *vma, unsigned long addr,
			     bool need_zero)
{
	struct folio *folio = vma_alloc_folio(GFP_HIGHUSER_MOVABLE, 0, vma, addr, false);

	if (folio && need_zero)
		clear_user_highpage(&folio->page, addr);
	return folio;
}

/* Lock the entry if it is still empty; false with @ret set and nothing locked if not. */
static bool lock_missing_pte(struct vm_fault *vmf, vm_fault_t *ret)
{
	vmf->pte = pte_offset_map_lock(vmf->vma->vm_mm, vmf->pmd, vmf->address,
				       &vmf->ptl);
	if (!vmf->pte)
		return false;
	if (vmf_pte_changed(vmf)) {
		update_mmu_tlb(vmf->vma, vmf->address, vmf->pte);
	} else {
		*ret = check_stable_address_space(vmf->vma->vm_mm);
		if (!*ret)
			return true;
	}
	pte_unmap_unlock(vmf->pte, vmf->ptl);
	return false;
}

/* Map the zero page read-only. */
static vm_fault_t do_zero_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	vm_fault_t ret = 0;
	pte_t entry;

	entry = pte_mkspecial(pfn_pte(my_zero_pfn(vmf->address), vma->vm_page_prot));
	if (!lock_missing_pte(vmf, &ret))
		return ret;
	set_pte_at(vma->vm_mm, vmf->address, vmf->pte, entry);
	update_mmu_cache(vma, vmf->address, vmf->pte);
	pte_unmap_unlock(vmf->pte, vmf->ptl);
	return 0;
}

/* Map a new zeroed page, writable if the VMA is. */
vm_fault_t do_anonymous_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct folio *folio;
	vm_fault_t ret = 0;
	pte_t entry;

	if (vma->vm_flags & VM_SHARED)
		return VM_FAULT_SIGBUS;
	if (pte_alloc(vma->vm_mm, vmf->pmd))
		return VM_FAULT_OOM;
	if (!(vmf->flags & FAULT_FLAG_WRITE))
		return do_zero_page(vmf);

	if (anon_vma_prepare(vma))
		return VM_FAULT_OOM;
	folio = folio_prealloc(vma, vmf->address, true);
	if (!folio)
		return VM_FAULT_OOM;
	/* contents before the entry: the flag's release pairs with readers of it */
	__folio_mark_uptodate(folio);

	entry = pte_mkyoung(mk_pte(&folio->page, vma->vm_page_prot));
	if (vma->vm_flags & VM_WRITE)
		entry = pte_mkwrite(pte_mkdirty(entry), vma);

	if (!lock_missing_pte(vmf, &ret)) {
		folio_put(folio);
		return ret;
	}
	inc_mm_counter(vma->vm_mm, MM_ANONPAGES);
	folio_add_new_anon_rmap(folio, vma, vmf->address, RMAP_EXCLUSIVE);
	folio_add_lru_vma(folio, vma);
	set_pte_at(vma->vm_mm, vmf->address, vmf->pte, entry);
	update_mmu_cache(vma, vmf->address, vmf->pte);
	pte_unmap_unlock(vmf->pte, vmf->ptl);
	return 0;
}
