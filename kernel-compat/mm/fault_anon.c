// SPDX-License-Identifier: GPL-2.0
/*
 * Demand-zero faults of anonymous memory.
 *
 * A read maps the zero page, which has no mapcount and no RSS; a write, or a read that
 * turned into one, gets a page of its own, exclusive from the start; or several, where
 * hugepages-<size>kB/enabled says so.
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

static bool pte_range_none(pte_t *pte, int nr_pages)
{
	int i;

	for (i = 0; i < nr_pages; i++)
		if (!pte_none(ptep_get_lockless(pte + i)))
			return false;
	return true;
}

/* First address of a folio of 2^order pages around the fault. */
static unsigned long folio_addr(struct vm_fault *vmf, int order)
{
	return vmf->address & ~((PAGE_SIZE << order) - 1);
}

/*
 * The largest folio below a huge page that policy, VMA and the empty entries around the
 * fault allow; *failed when the table is gone.
 */
static struct folio *alloc_anon_folio(struct vm_fault *vmf, bool *failed)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long orders, addr;
	struct folio *folio;
	pte_t *pte;
	int order;

	*failed = false;
	orders = thp_vma_allowable_orders(vma, vma->vm_flags, TVA_IN_PF | TVA_ENFORCE_SYSFS,
					  BIT(PMD_ORDER) - 1);
	orders = thp_vma_suitable_orders(vma, vmf->address, orders);
	if (!orders)
		goto small;

	pte = pte_offset_map(vmf->pmd, vmf->address & PMD_MASK);
	if (!pte) {
		*failed = true;
		return NULL;
	}
	order = highest_order(orders);
	while (orders && !pte_range_none(pte + pte_index(folio_addr(vmf, order)), 1 << order))
		order = next_order(&orders, order);
	pte_unmap(pte);

	for (; orders; order = next_order(&orders, order)) {
		addr = folio_addr(vmf, order);
		folio = vma_alloc_folio(vma_thp_gfp_mask(vma), order, vma, addr, true);
		if (folio) {
			folio_zero_user(folio, vmf->address);
			return folio;
		}
	}
small:
	return folio_prealloc(vma, vmf->address, true);
}

/* Map new zeroed pages, writable if the VMA is: one, or those of a large folio. */
vm_fault_t do_anonymous_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct folio *folio;
	unsigned long addr;
	vm_fault_t ret = 0;
	bool failed;
	int nr_pages;
	pte_t entry;

	if (vma->vm_flags & VM_SHARED)
		return VM_FAULT_SIGBUS;
	if (pte_alloc(vma->vm_mm, vmf->pmd))
		return VM_FAULT_OOM;
	if (!(vmf->flags & FAULT_FLAG_WRITE))
		return do_zero_page(vmf);

	if (anon_vma_prepare(vma))
		return VM_FAULT_OOM;
	folio = alloc_anon_folio(vmf, &failed);
	if (!folio)
		return failed ? 0 : VM_FAULT_OOM;
	nr_pages = folio_nr_pages(folio);
	addr = folio_addr(vmf, folio_order(folio));
	/* contents before the entry: the flag's release pairs with readers of it */
	__folio_mark_uptodate(folio);

	entry = pte_mkyoung(mk_pte(&folio->page, vma->vm_page_prot));
	if (vma->vm_flags & VM_WRITE)
		entry = pte_mkwrite(pte_mkdirty(entry), vma);

	if (!lock_missing_pte(vmf, &ret)) {
		folio_put(folio);
		return ret;
	}
	vmf->pte -= (vmf->address - addr) >> PAGE_SHIFT;
	if (!pte_range_none(vmf->pte, nr_pages)) {
		/* somebody filled a neighbour: the access comes back for what fits now */
		pte_unmap_unlock(vmf->pte, vmf->ptl);
		folio_put(folio);
		return 0;
	}
	folio_ref_add(folio, nr_pages - 1);
	add_mm_counter(vma->vm_mm, MM_ANONPAGES, nr_pages);
	folio_add_new_anon_rmap(folio, vma, addr, RMAP_EXCLUSIVE);
	folio_add_lru_vma(folio, vma);
	set_ptes(vma->vm_mm, addr, vmf->pte, entry, nr_pages);
	update_mmu_cache_range(vmf, vma, addr, vmf->pte, nr_pages);
	pte_unmap_unlock(vmf->pte, vmf->ptl);
	return 0;
}
