// SPDX-License-Identifier: GPL-2.0
/*
 * Page faults: from the address to the handler of its entry.
 *
 * handle_mm_fault() allocates the upper tables, handle_pte_fault() looks at the entry
 * without its lock and picks a handler; every handler takes the lock and looks again
 * whether the entry is still the one that was judged.  Where it is not, the fault
 * ends as if resolved: the access is repeated and faults again if it must.
 */
#include <linux/autonuma.h>
#include <linux/migrate.h>
#include <linux/sched.h>
#include <linux/swapops.h>
#include <linux/vmstat.h>
#include <machine/cost.h>
#include <machine/violation.h>
#include <mm/fault.h>

/*
 * Restore a hinting entry when nobody wants its hint. The entry gets write permission
 * back where the VMA and the page allow it, so that no second fault follows.
 */
static vm_fault_t numa_restore(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	bool writable;
	pte_t old, pte;

	spin_lock(vmf->ptl);
	old = ptep_get(vmf->pte);
	if (unlikely(!pte_same(old, vmf->orig_pte))) {
		pte_unmap_unlock(vmf->pte, vmf->ptl);
		return 0;
	}
	pte = pte_modify(old, vma->vm_page_prot);
	writable = pte_write(pte);
	if (!writable && vma_wants_manual_pte_write_upgrade(vma) &&
	    can_change_pte_writable(vma, vmf->address, pte))
		writable = true;

	old = ptep_modify_prot_start(vma, vmf->address, vmf->pte);
	pte = pte_mkyoung(pte_modify(old, vma->vm_page_prot));
	if (writable)
		pte = pte_mkwrite(pte, vma);
	ptep_modify_prot_commit(vma, vmf->address, vmf->pte, old, pte);
	update_mmu_cache(vma, vmf->address, vmf->pte);
	pte_unmap_unlock(vmf->pte, vmf->ptl);
	return 0;
}

/* A PROT_NONE entry in an accessible VMA: a NUMA hint. vmf->pte is mapped, unlocked. */
static vm_fault_t do_numa_page(struct vm_fault *vmf)
{
	cost_charge(COST_HINT_FAULT, 1);
	if (autonuma_enabled())
		return autonuma_do_numa_page(vmf);
	return numa_restore(vmf);
}

/*
 * An entry that is neither empty nor present. Without swap it can only be that of a
 * page under migration; wait for its end.
 */
static vm_fault_t do_swap_page(struct vm_fault *vmf)
{
	swp_entry_t entry = pte_to_swp_entry(vmf->orig_pte);

	pte_unmap(vmf->pte);
	vmf->pte = NULL;
	if (is_migration_entry(entry)) {
		migration_entry_wait(vmf->vma->vm_mm, vmf->pmd, vmf->address);
		return 0;
	}
	violation(VIOLATION_PAGE, "no swap here: entry %#lx at %#lx",
		  (unsigned long)pte_val(vmf->orig_pte), vmf->address);
	return VM_FAULT_SIGBUS;
}

static vm_fault_t do_pte_missing(struct vm_fault *vmf)
{
	return vma_is_anonymous(vmf->vma) ? do_anonymous_page(vmf) : do_fault(vmf);
}

/*
 * The entry allows, or could allow, what was tried: set young and dirty, or break COW.
 * vmf->pte is mapped, unlocked.
 */
static vm_fault_t handle_present_pte(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	pte_t entry = vmf->orig_pte;

	spin_lock(vmf->ptl);
	if (unlikely(!pte_same(ptep_get(vmf->pte), entry))) {
		update_mmu_tlb(vma, vmf->address, vmf->pte);
		goto unlock;
	}
	if (vmf->flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE)) {
		if (!pte_write(entry))
			return do_wp_page(vmf);
		if (vmf->flags & FAULT_FLAG_WRITE)
			entry = pte_mkdirty(entry);
	}
	entry = pte_mkyoung(entry);
	if (ptep_set_access_flags(vma, vmf->address, vmf->pte, entry,
				  vmf->flags & FAULT_FLAG_WRITE))
		update_mmu_cache(vma, vmf->address, vmf->pte);
	else if (!(vmf->flags & FAULT_FLAG_TRIED) && (vmf->flags & FAULT_FLAG_WRITE))
		/* nothing to do: another CPU resolved it, a stale TLB entry faulted */
		flush_tlb_fix_spurious_fault(vma, vmf->address, vmf->pte);
unlock:
	pte_unmap_unlock(vmf->pte, vmf->ptl);
	return 0;
}

/* Look at the entry, without a lock, and go to its handler. */
static vm_fault_t handle_pte_fault(struct vm_fault *vmf)
{
	if (unlikely(pmd_none(pmdp_get(vmf->pmd)))) {
		/* leave the table for later: file faults allocate it before locking */
		vmf->pte = NULL;
		vmf->flags &= ~FAULT_FLAG_ORIG_PTE_VALID;
	} else {
		vmf->pte = pte_offset_map_nolock(vmf->vma->vm_mm, vmf->pmd,
						 vmf->address, &vmf->ptl);
		if (unlikely(!vmf->pte))
			return 0;
		vmf->orig_pte = ptep_get_lockless(vmf->pte);
		vmf->flags |= FAULT_FLAG_ORIG_PTE_VALID;
		if (pte_none(vmf->orig_pte)) {
			pte_unmap(vmf->pte);
			vmf->pte = NULL;
		}
	}
	if (!vmf->pte)
		return do_pte_missing(vmf);
	if (!pte_present(vmf->orig_pte))
		return do_swap_page(vmf);
	if (pte_protnone(vmf->orig_pte) && vma_is_accessible(vmf->vma))
		return do_numa_page(vmf);
	return handle_present_pte(vmf);
}

static gfp_t fault_gfp_mask(struct vm_area_struct *vma)
{
	if (vma->vm_file)
		return mapping_gfp_mask(vma->vm_file->f_mapping) | __GFP_FS | __GFP_IO;
	return GFP_KERNEL;
}

/* Allocate the tables above the entry and handle it. */
static vm_fault_t __handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
				    unsigned int flags)
{
	struct vm_fault vmf = {
		.vma = vma,
		.address = address & PAGE_MASK,
		.real_address = address,
		.flags = flags,
		.pgoff = linear_page_index(vma, address),
		.gfp_mask = fault_gfp_mask(vma),
	};
	struct mm_struct *mm = vma->vm_mm;
	p4d_t *p4d = p4d_alloc(mm, pgd_offset(mm, address), address);
	vm_fault_t ret;

	if (!p4d)
		return VM_FAULT_OOM;
	vmf.pud = pud_alloc(mm, p4d, address);
	if (!vmf.pud)
		return VM_FAULT_OOM;
	vmf.pmd = pmd_alloc(mm, vmf.pud, address);
	if (!vmf.pmd)
		return VM_FAULT_OOM;
	ret = fault_huge_pmd(&vmf);
	if (!(ret & VM_FAULT_FALLBACK))
		return ret;
	return handle_pte_fault(&vmf);
}

/* Count the fault for the current task once, not for each retry. */
static void mm_account_fault(struct mm_struct *mm, struct pt_regs *regs,
			     unsigned int flags, vm_fault_t ret)
{
	bool major;

	if (ret & VM_FAULT_RETRY)
		return;
	if (ret & VM_FAULT_ERROR)
		return;
	major = (ret & VM_FAULT_MAJOR) || (flags & FAULT_FLAG_TRIED);
	if (major)
		current->faults_maj++;
	else
		current->faults_min++;
}

/* Flags that make no sense for this VMA are dropped or refused. */
static vm_fault_t sanitize_fault_flags(struct vm_area_struct *vma, unsigned int *flags)
{
	if (unlikely(*flags & FAULT_FLAG_UNSHARE)) {
		if (WARN_ON_ONCE(*flags & FAULT_FLAG_WRITE))
			return VM_FAULT_SIGSEGV;
		if (!is_cow_mapping(vma->vm_flags))
			*flags &= ~FAULT_FLAG_UNSHARE;
	} else if (*flags & FAULT_FLAG_WRITE) {
		if (WARN_ON_ONCE(!(vma->vm_flags & VM_MAYWRITE)))
			return VM_FAULT_SIGSEGV;
		/* FOLL_FORCE writes only where it makes a private copy */
		if (WARN_ON_ONCE(!(vma->vm_flags & VM_WRITE) &&
				 !is_cow_mapping(vma->vm_flags)))
			return VM_FAULT_SIGSEGV;
	}
	return 0;
}

vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
			   unsigned int flags, struct pt_regs *regs)
{
	struct mm_struct *mm = vma->vm_mm;	/* @vma may be gone after a retry */
	vm_fault_t ret;

	mmap_assert_locked(mm);
	__set_current_state(TASK_RUNNING);
	cost_charge(COST_FAULT, 1);

	ret = sanitize_fault_flags(vma, &flags);
	if (!ret)
		ret = __handle_mm_fault(vma, address, flags);

	if (!(ret & VM_FAULT_RETRY)) {
		count_vm_event(PGFAULT);
		if (ret & VM_FAULT_MAJOR)
			count_vm_event(PGMAJFAULT);
	}
	mm_account_fault(mm, regs, flags, ret);
	return ret;
}
