/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the fault path share. */
#ifndef _MM_FAULT_H
#define _MM_FAULT_H

#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>

vm_fault_t do_anonymous_page(struct vm_fault *vmf);
vm_fault_t do_fault(struct vm_fault *vmf);
vm_fault_t fault_huge_pmd(struct vm_fault *vmf);
void touch_pmd(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmd, bool write);
vm_fault_t do_wp_page(struct vm_fault *vmf);
vm_fault_t do_page_mkwrite(struct vm_fault *vmf, struct folio *folio);
vm_fault_t fault_dirty_shared_page(struct vm_fault *vmf);

/* A new anonymous folio by the VMA's policy, zeroed if @need_zero; NULL: no memory. */
struct folio *folio_prealloc(struct vm_area_struct *vma, unsigned long addr,
			     bool need_zero);

/* Write permission where the VMA allows it. */
static inline pte_t maybe_mkwrite(pte_t pte, struct vm_area_struct *vma)
{
	return likely(vma->vm_flags & VM_WRITE) ? pte_mkwrite(pte, vma) : pte;
}

/* Has the entry changed since the fault looked at it? Under the table's lock. */
static inline bool vmf_pte_changed(struct vm_fault *vmf)
{
	if (vmf->flags & FAULT_FLAG_ORIG_PTE_VALID)
		return !pte_same(ptep_get(vmf->pte), vmf->orig_pte);
	return !pte_none(ptep_get(vmf->pte));
}

/* model: an mm whose pages the OOM reaper took does not exist. */
static inline vm_fault_t check_stable_address_space(struct mm_struct *mm)
{
	return unlikely(test_bit(MMF_UNSTABLE, &mm->flags)) ? VM_FAULT_SIGBUS : 0;
}

#endif /* _MM_FAULT_H */
