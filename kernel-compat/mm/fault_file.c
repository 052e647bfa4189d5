// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of file mappings.
 *
 * vm_ops->fault() returns the cache's folio locked and with a reference; it is mapped
 * while locked, so truncation, which locks it too, either comes before and is seen,
 * or comes after and unmaps it.
 */
#include <linux/highmem.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <mm/fault.h>

/* Results after which a handler gives up at once. */
#define VM_FAULT_STOP	(VM_FAULT_ERROR | VM_FAULT_NOPAGE | VM_FAULT_RETRY)

/*
 * Ask the file for the page. The table is allocated first: the folio lock must not be
 * held over an allocation. Success leaves vmf->page locked and referenced.
 */
static vm_fault_t __do_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	vm_fault_t ret;

	if (pmd_none(pmdp_get(vmf->pmd)) && !vmf->prealloc_pte) {
		vmf->prealloc_pte = pte_alloc_one(vma->vm_mm);
		if (!vmf->prealloc_pte)
			return VM_FAULT_OOM;
	}
	ret = vma->vm_ops->fault(vmf);
	if (unlikely(ret & (VM_FAULT_STOP | VM_FAULT_DONE_COW)))
		return ret;
	if (unlikely(!(ret & VM_FAULT_LOCKED)))
		lock_page(vmf->page);
	return ret | VM_FAULT_LOCKED;
}

/* Write the entry of an empty slot, with rmap and LRU. Under the table's lock. */
static void set_pte_new(struct vm_fault *vmf, struct folio *folio, struct page *page)
{
	struct vm_area_struct *vma = vmf->vma;
	bool write = vmf->flags & FAULT_FLAG_WRITE;
	pte_t entry = pte_mkyoung(mk_pte(page, vma->vm_page_prot));

	if (write)
		entry = maybe_mkwrite(pte_mkdirty(entry), vma);
	if (write && !(vma->vm_flags & VM_SHARED)) {
		folio_add_new_anon_rmap(folio, vma, vmf->address, RMAP_EXCLUSIVE);
		folio_add_lru_vma(folio, vma);
		inc_mm_counter(vma->vm_mm, MM_ANONPAGES);
	} else {
		folio_add_file_rmap_pte(folio, page, vma);
		inc_mm_counter(vma->vm_mm, mm_counter_file(folio));
	}
	set_pte_at(vma->vm_mm, vmf->address, vmf->pte, entry);
	update_mmu_cache(vma, vmf->address, vmf->pte);
}

/**
 * finish_fault() - map the page that vm_ops->fault() found
 * @vmf:	with vmf->page locked, or vmf->cow_page for a private write
 *
 * The page's reference becomes the mapping's.
 *
 * Return: 0, VM_FAULT_NOPAGE when the entry was filled meanwhile, VM_FAULT_OOM.
 */
vm_fault_t finish_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	bool cow = (vmf->flags & FAULT_FLAG_WRITE) && !(vma->vm_flags & VM_SHARED);
	struct page *page = cow ? vmf->cow_page : vmf->page;
	vm_fault_t ret;

	if (!(vma->vm_flags & VM_SHARED)) {
		ret = check_stable_address_space(vma->vm_mm);
		if (ret)
			return ret;
	}
	if (pmd_none(pmdp_get(vmf->pmd))) {
		if (vmf->prealloc_pte)
			pmd_install(vma->vm_mm, vmf->pmd, &vmf->prealloc_pte);
		else if (unlikely(pte_alloc(vma->vm_mm, vmf->pmd)))
			return VM_FAULT_OOM;
	}
	vmf->pte = pte_offset_map_lock(vma->vm_mm, vmf->pmd, vmf->address, &vmf->ptl);
	if (!vmf->pte)
		return VM_FAULT_NOPAGE;
	if (likely(!vmf_pte_changed(vmf))) {
		set_pte_new(vmf, page_folio(page), page);
		ret = 0;
	} else {
		update_mmu_tlb(vma, vmf->address, vmf->pte);
		ret = VM_FAULT_NOPAGE;
	}
	pte_unmap_unlock(vmf->pte, vmf->ptl);
	return ret;
}

static vm_fault_t do_read_fault(struct vm_fault *vmf)
{
	vm_fault_t ret = __do_fault(vmf);
	struct folio *folio;

	if (unlikely(ret & VM_FAULT_STOP))
		return ret;
	ret |= finish_fault(vmf);
	folio = page_folio(vmf->page);
	folio_unlock(folio);
	if (unlikely(ret & VM_FAULT_STOP))
		folio_put(folio);
	return ret;
}

/* A private write to a page never read: copy the file's page at once. */
static vm_fault_t do_cow_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct folio *folio;
	vm_fault_t ret;

	if (anon_vma_prepare(vma))
		return VM_FAULT_OOM;
	folio = folio_prealloc(vma, vmf->address, false);
	if (!folio)
		return VM_FAULT_OOM;
	vmf->cow_page = &folio->page;

	ret = __do_fault(vmf);
	if (unlikely(ret & VM_FAULT_STOP))
		goto put;
	if (ret & VM_FAULT_DONE_COW)
		return ret;
	copy_user_highpage(vmf->cow_page, vmf->page, vmf->address, vma);
	__folio_mark_uptodate(folio);

	ret |= finish_fault(vmf);
	unlock_page(vmf->page);
	put_page(vmf->page);
	if (likely(!(ret & VM_FAULT_STOP)))
		return ret;
put:
	folio_put(folio);
	return ret;
}

/*
 * Tell the file that its page becomes writable. Returns VM_FAULT_LOCKED with the folio
 * locked, an error, or 0 when it was truncated meanwhile.
 */
vm_fault_t do_page_mkwrite(struct vm_fault *vmf, struct folio *folio)
{
	enum fault_flag old_flags = vmf->flags;
	vm_fault_t ret;

	vmf->flags = FAULT_FLAG_WRITE | FAULT_FLAG_MKWRITE;
	ret = vmf->vma->vm_ops->page_mkwrite(vmf);
	vmf->flags = old_flags;
	if (unlikely(ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE)))
		return ret;
	if (unlikely(!(ret & VM_FAULT_LOCKED))) {
		folio_lock(folio);
		if (!folio->mapping) {
			folio_unlock(folio);
			return 0;
		}
		ret |= VM_FAULT_LOCKED;
	}
	return ret;
}

/* End of a write to a shared page: it is dirty now. Unlocks the folio. */
vm_fault_t fault_dirty_shared_page(struct vm_fault *vmf)
{
	struct folio *folio = page_folio(vmf->page);

	folio_mark_dirty(folio);
	VM_BUG_ON_FOLIO(folio_test_anon(folio), folio);
	folio_unlock(folio);
	return 0;
}

static vm_fault_t do_shared_fault(struct vm_fault *vmf)
{
	vm_fault_t ret = __do_fault(vmf), tmp;
	struct folio *folio;

	if (unlikely(ret & VM_FAULT_STOP))
		return ret;
	folio = page_folio(vmf->page);
	if (vmf->vma->vm_ops->page_mkwrite) {
		folio_unlock(folio);
		tmp = do_page_mkwrite(vmf, folio);
		if (unlikely(!tmp || (tmp & (VM_FAULT_ERROR | VM_FAULT_NOPAGE)))) {
			folio_put(folio);
			return tmp;
		}
	}
	ret |= finish_fault(vmf);
	if (unlikely(ret & VM_FAULT_STOP)) {
		folio_unlock(folio);
		folio_put(folio);
		return ret;
	}
	return ret | fault_dirty_shared_page(vmf);
}

/* A missing entry of a mapping with vm_ops. */
vm_fault_t do_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mm_struct *mm = vma->vm_mm;	/* @vma may go in a retry */
	vm_fault_t ret;

	if (!vma->vm_ops->fault)
		ret = VM_FAULT_SIGBUS;
	else if (!(vmf->flags & FAULT_FLAG_WRITE))
		ret = do_read_fault(vmf);
	else if (!(vma->vm_flags & VM_SHARED))
		ret = do_cow_fault(vmf);
	else
		ret = do_shared_fault(vmf);

	if (vmf->prealloc_pte) {
		pte_free(mm, vmf->prealloc_pte);
		vmf->prealloc_pte = NULL;
	}
	return ret;
}

static bool has_page_mkwrite(const struct vm_operations_struct *vm_ops)
{
	return vm_ops && vm_ops->page_mkwrite;
}

/* May writes through this VMA reach a file that tracks dirty pages? */
bool vma_needs_dirty_tracking(struct vm_area_struct *vma)
{
	if ((vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) != (VM_SHARED | VM_MAYWRITE))
		return false;
	return has_page_mkwrite(vma->vm_ops);
}

/**
 * vma_wants_writenotify() - map shared pages read-only first, to see the write?
 * @vma:		the VMA
 * @vm_page_prot:	protection as computed from vm_flags
 */
bool vma_wants_writenotify(struct vm_area_struct *vma, pgprot_t vm_page_prot)
{
	pgprot_t prot = vm_get_page_prot(vma->vm_flags);

	if ((vma->vm_flags & (VM_WRITE | VM_SHARED)) != (VM_WRITE | VM_SHARED))
		return false;
	if (has_page_mkwrite(vma->vm_ops))
		return true;
	/* the caller changed it by hand: it does not want write permission */
	if (pgprot_val(vm_page_prot) != pgprot_val(pgprot_modify(vm_page_prot, prot)))
		return false;
	return vma_soft_dirty_enabled(vma) || (vma->vm_flags & VM_UFFD_WP);
}
