// SPDX-License-Identifier: GPL-2.0
/*
 * The remaining system calls of programs about memory, and looks at an address space
 * from outside.
 */
#include <linux/err.h>
#include <linux/mman.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/pagewalk.h>
#include <linux/sched/task.h>
#include <asm/tlb.h>
#include <machine/program.h>
#include "vma.h"

long sys_mmap(unsigned long addr, unsigned long len, unsigned long prot,
	      unsigned long flags, struct file *file, unsigned long pgoff)
{
	long ret;

	if ((flags & MAP_ANONYMOUS) ? file != NULL : file == NULL)
		return -EBADF;
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;
	if (pgoff > ~0UL >> PAGE_SHIFT)
		return -EOVERFLOW;
	ret = vm_mmap(file, addr, len, prot, flags, pgoff << PAGE_SHIFT);
	exec_return_to_user();
	return ret;
}

long sys_munmap(unsigned long addr, unsigned long len)
{
	int err = vm_munmap(addr, len);

	exec_return_to_user();
	return err;
}

static int clear_soft_dirty_pte(pte_t *pte, unsigned long addr, unsigned long next,
				struct mm_walk *walk)
{
	struct vm_area_struct *vma = walk->vma;
	pte_t ptent = ptep_get(pte);

	if (pte_present(ptent)) {
		/* Pinned pages cannot be write-protected behind the back of the pin. */
		struct page *page = vm_normal_page(vma, addr, ptent);
		pte_t old;

		if (page && is_cow_mapping(vma->vm_flags) &&
		    folio_maybe_dma_pinned(page_folio(page)))
			return 0;
		old = ptep_modify_prot_start(vma, addr, pte);
		ptent = pte_clear_soft_dirty(pte_wrprotect(old));
		ptep_modify_prot_commit(vma, addr, pte, old, ptent);
	} else if (!pte_none(ptent)) {
		set_pte_at(vma->vm_mm, addr, pte, pte_swp_clear_soft_dirty(ptent));
	}
	return 0;
}

/* The same for a huge page, or one under migration. */
static int clear_soft_dirty_pmd(pmd_t *pmdp, unsigned long addr, unsigned long next,
				struct mm_walk *walk)
{
	struct vm_area_struct *vma = walk->vma;
	spinlock_t *ptl = pmd_trans_huge_lock(pmdp, vma);
	pmd_t pmd;

	if (!ptl)
		return 0;
	walk->action = ACTION_CONTINUE;
	pmd = pmdp_get(pmdp);
	if (is_swap_pmd(pmd)) {
		pmd = pmd_swp_clear_soft_dirty(pmd);
	} else {
		/* what hardware wrote last stays, see change_huge_pmd() */
		pmd = pmdp_invalidate(vma, addr, pmdp);
		pmd = pmd_clear_soft_dirty(pmd_wrprotect(pmd));
	}
	set_pmd_at(vma->vm_mm, addr, pmdp, pmd);
	spin_unlock(ptl);
	return 0;
}

static const struct mm_walk_ops clear_refs_ops = {
	.pmd_entry = clear_soft_dirty_pmd,
	.pte_entry = clear_soft_dirty_pte,
	.walk_lock = PGWALK_WRLOCK,
};

/* As writing 4 to /proc/self/clear_refs. */
long sys_clear_refs_soft_dirty(void)
{
	struct mm_struct *mm = current->mm;
	struct mmu_notifier_range range;
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	for_each_vma(vmi, vma) {
		if (!(vma->vm_flags & VM_SOFTDIRTY))
			continue;
		vm_flags_clear(vma, VM_SOFTDIRTY);
		vma_set_page_prot(vma);
	}
	inc_tlb_flush_pending(mm);
	mmu_notifier_range_init(&range, MMU_NOTIFY_SOFT_DIRTY, 0, mm, 0, -1UL);
	mmu_notifier_invalidate_range_start(&range);
	walk_page_range(mm, 0, TASK_SIZE, &clear_refs_ops, NULL);
	mmu_notifier_invalidate_range_end(&range);
	flush_tlb_mm(mm);
	dec_tlb_flush_pending(mm);
	mmap_write_unlock(mm);
	exec_return_to_user();
	return 0;
}

int mm_page_node(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma;
	struct folio_walk fw;
	struct folio *folio;
	int nid = -1;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (vma) {
		folio = folio_walk_start(&fw, vma, addr, FW_MIGRATION);
		if (folio) {
			nid = folio_nid(folio);
			folio_walk_end(&fw, vma);
		}
	}
	mmap_read_unlock(mm);
	return nid;
}

static int count_pte(pte_t *pte, unsigned long addr, unsigned long next,
		     struct mm_walk *walk)
{
	u64 *pages = walk->private;
	pte_t ptent = ptep_get(pte);
	struct page *page = NULL;

	if (pte_present(ptent))
		page = vm_normal_page(walk->vma, addr, ptent);
	if (page)
		pages[page_to_nid(page)]++;
	return 0;
}

/* Looking must not split. */
static int count_pmd(pmd_t *pmdp, unsigned long addr, unsigned long next,
		     struct mm_walk *walk)
{
	spinlock_t *ptl = pmd_trans_huge_lock(pmdp, walk->vma);
	struct page *page = NULL;
	u64 *pages = walk->private;
	pmd_t pmd;

	if (!ptl)
		return 0;
	walk->action = ACTION_CONTINUE;
	pmd = pmdp_get(pmdp);
	if (pmd_present(pmd))
		page = vm_normal_page_pmd(walk->vma, addr, pmd);
	if (page)
		pages[page_to_nid(page)] += HPAGE_PMD_NR;
	spin_unlock(ptl);
	return 0;
}

static const struct mm_walk_ops count_ops = {
	.pmd_entry = count_pmd,
	.pte_entry = count_pte,
	.walk_lock = PGWALK_RDLOCK,
};

void mm_pages_by_node(struct mm_struct *mm, u64 *pages)
{
	memset(pages, 0, nr_node_ids * sizeof(*pages));
	mmap_read_lock(mm);
	walk_page_range(mm, 0, TASK_SIZE, &count_ops, pages);
	mmap_read_unlock(mm);
}
