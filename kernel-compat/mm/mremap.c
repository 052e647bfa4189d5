// SPDX-License-Identifier: GPL-2.0
/*
 * mremap(): entries move, pages stay.
 *
 * model: tables are not moved whole (the kernel's shortcut for aligned ranges), entry
 * by entry always, a huge PMD being one.  MREMAP_DONTUNMAP is -EINVAL.
 */
#include <linux/err.h>
#include <linux/huge_mm.h>
#include <linux/mman.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>
#include <linux/sched/task.h>
#include <machine/cost.h>
#include <machine/program.h>
#include "vma.h"

static void take_rmap_locks(struct vm_area_struct *vma)
{
	if (vma->vm_file)
		i_mmap_lock_write(vma->vm_file->f_mapping);
	if (vma->anon_vma)
		anon_vma_lock_write(vma->anon_vma);
}

static void drop_rmap_locks(struct vm_area_struct *vma)
{
	if (vma->anon_vma)
		anon_vma_unlock_write(vma->anon_vma);
	if (vma->vm_file)
		i_mmap_unlock_write(vma->vm_file->f_mapping);
}

/* A moved entry is soft-dirty: what is at its new address changed. */
static pte_t move_soft_dirty_pte(pte_t pte)
{
	if (pte_present(pte))
		return pte_mksoft_dirty(pte);
	return pte_swp_mksoft_dirty(pte);
}

/* Entries of one table of each side. */
static int move_ptes(struct vm_area_struct *vma, pmd_t *old_pmd, unsigned long old_addr,
		     unsigned long old_end, pmd_t *new_pmd, unsigned long new_addr,
		     bool need_rmap_locks)
{
	struct mm_struct *mm = vma->vm_mm;
	pte_t *old_start, *new_start, *old_pte, *new_pte;
	unsigned long start = old_addr, moved = 0;
	spinlock_t *old_ptl, *new_ptl;
	bool force_flush = false;
	int err = 0;

	/*
	 * A reverse-map walk in interval-tree order meets the new place after the old
	 * one; where that order is not given the rmap locks keep it out meanwhile.
	 */
	if (need_rmap_locks)
		take_rmap_locks(vma);
	old_start = old_pte = pte_offset_map_lock(mm, old_pmd, old_addr, &old_ptl);
	if (!old_pte) {
		err = -EAGAIN;
		goto out;
	}
	new_start = new_pte = pte_offset_map_nolock(mm, new_pmd, new_addr, &new_ptl);
	if (!new_pte) {
		pte_unmap_unlock(old_pte, old_ptl);
		err = -EAGAIN;
		goto out;
	}
	if (new_ptl != old_ptl)
		spin_lock_nested(new_ptl, SINGLE_DEPTH_NESTING);
	flush_tlb_batched_pending(mm);
	for (; old_addr < old_end; old_pte++, old_addr += PAGE_SIZE, new_pte++,
	     new_addr += PAGE_SIZE) {
		pte_t pte;

		if (pte_none(ptep_get(old_pte)))
			continue;
		pte = ptep_get_and_clear(mm, old_addr, old_pte);
		/*
		 * A TLB may use the old address until the flush, which comes before the
		 * old entry's lock is dropped: nobody can see it empty and free the page.
		 */
		if (pte_present(pte))
			force_flush = true;
		set_pte_at(mm, new_addr, new_pte, move_soft_dirty_pte(pte));
		moved++;
	}
	if (force_flush)
		flush_tlb_range(vma, start, old_end);
	if (new_ptl != old_ptl)
		spin_unlock(new_ptl);
	pte_unmap(new_start);
	pte_unmap_unlock(old_start, old_ptl);
	cost_charge(COST_PTE_UPDATE, 2 * moved);
out:
	if (need_rmap_locks)
		drop_rmap_locks(vma);
	return err;
}

static pmd_t *alloc_new_pmd(struct mm_struct *mm, unsigned long addr)
{
	pud_t *pud = pud_alloc(mm, p4d_offset(pgd_offset(mm, addr), addr), addr);

	return pud ? pmd_alloc(mm, pud, addr) : NULL;
}

/* A huge page moves whole if both places are aligned; else it is split. */
static bool move_if_huge(struct vm_area_struct *vma, unsigned long old_addr,
			 unsigned long new_addr, unsigned long extent, pmd_t *old_pmd,
			 pmd_t *new_pmd, bool need_rmap_locks)
{
	pmd_t val = pmdp_get(old_pmd);
	bool moved = false;

	if (!is_swap_pmd(val) && !pmd_trans_huge(val) && !pmd_devmap(val))
		return false;
	if (extent == HPAGE_PMD_SIZE) {
		if (need_rmap_locks)
			take_rmap_locks(vma);
		moved = move_huge_pmd(vma, old_addr, new_addr, old_pmd, new_pmd);
		if (need_rmap_locks)
			drop_rmap_locks(vma);
	}
	if (!moved)
		split_huge_pmd(vma, old_pmd, old_addr);
	return moved;
}

unsigned long move_page_tables(struct vm_area_struct *vma, unsigned long old_addr,
			       struct vm_area_struct *new_vma, unsigned long new_addr,
			       unsigned long len, bool need_rmap_locks, bool for_stack)
{
	unsigned long old_end = old_addr + len, extent, next;
	struct mmu_notifier_range range;
	pmd_t *old_pmd, *new_pmd;

	if (!len)
		return 0;
	mmu_notifier_range_init(&range, MMU_NOTIFY_UNMAP, 0, vma->vm_mm, old_addr, old_end);
	mmu_notifier_invalidate_range_start(&range);
	for (; old_addr < old_end; old_addr += extent, new_addr += extent) {
		cond_resched();
		next = min((old_addr + PMD_SIZE) & PMD_MASK, old_end);
		extent = next - old_addr;
		next = (new_addr + PMD_SIZE) & PMD_MASK;
		extent = min(extent, next - new_addr);
		old_pmd = mm_find_pmd(vma->vm_mm, old_addr);
		if (!old_pmd || pmd_none(pmdp_get(old_pmd)))
			continue;
		new_pmd = alloc_new_pmd(vma->vm_mm, new_addr);
		if (!new_pmd)
			break;
		if (move_if_huge(vma, old_addr, new_addr, extent, old_pmd, new_pmd,
				 need_rmap_locks))
			continue;
again:
		if (pte_alloc(vma->vm_mm, new_pmd))
			break;
		if (move_ptes(vma, old_pmd, old_addr, old_addr + extent, new_pmd, new_addr,
			      need_rmap_locks) && !pmd_none(pmdp_get(old_pmd)))
			goto again;
	}
	mmu_notifier_invalidate_range_end(&range);
	return len + old_addr - old_end;
}

/* Move [old_addr, old_addr + old_len) to @new_addr, where nothing is mapped. */
static unsigned long move_vma(struct vm_area_struct *vma, unsigned long old_addr,
			      unsigned long old_len, unsigned long new_len,
			      unsigned long new_addr)
{
	pgoff_t new_pgoff = vma->vm_pgoff + ((old_addr - vma->vm_start) >> PAGE_SHIFT);
	struct mm_struct *mm = vma->vm_mm;
	vm_flags_t vm_flags = vma->vm_flags;
	struct vm_area_struct *new_vma;
	bool need_rmap_locks;
	unsigned long moved;
	int err;

	if (mm->map_count >= READ_ONCE(sysctl_max_map_count) - 3)
		return -ENOMEM;
	new_vma = copy_vma(vma, new_addr, new_len, new_pgoff, &need_rmap_locks);
	if (!new_vma)
		return -ENOMEM;
	vm_stat_account(mm, vm_flags, new_len >> PAGE_SHIFT);
	vm_flags_set(new_vma, VM_SOFTDIRTY);
	vma_set_page_prot(new_vma);
	moved = move_page_tables(vma, old_addr, new_vma, new_addr, old_len, need_rmap_locks,
				 false);
	if (moved < old_len) {
		/* No memory for tables: move back, for which there are tables. */
		move_page_tables(new_vma, new_addr, vma, old_addr, moved, true, false);
		do_munmap(mm, new_addr, new_len, NULL);
		return -ENOMEM;
	}
	err = do_munmap(mm, old_addr, old_len, NULL);
	if (err)
		WARN(1, "mremap() could not unmap the old range: %d", err);
	return new_addr;
}

/* The VMA of the old range, if it can be remapped. */
static struct vm_area_struct *vma_to_resize(unsigned long addr, unsigned long old_len,
					    unsigned long new_len)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma = vma_lookup(mm, addr);
	pgoff_t pgoff;

	if (!vma)
		return ERR_PTR(-EFAULT);
	if (!old_len && !(vma->vm_flags & (VM_SHARED | VM_MAYSHARE)))
		return ERR_PTR(-EINVAL);
	if (old_len > vma->vm_end - addr)
		return ERR_PTR(-EFAULT);
	if (new_len == old_len)
		return vma;
	pgoff = ((addr - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
	if (pgoff + (new_len >> PAGE_SHIFT) < pgoff)
		return ERR_PTR(-EINVAL);
	if (vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
		return ERR_PTR(-EFAULT);
	if (new_len > old_len &&
	    !may_expand_vm(mm, vma->vm_flags, (new_len - old_len) >> PAGE_SHIFT))
		return ERR_PTR(-ENOMEM);
	return vma;
}

static unsigned long mremap_to(unsigned long addr, unsigned long old_len,
			       unsigned long new_addr, unsigned long new_len)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int err;

	if ((new_addr & ~PAGE_MASK) || new_len > mm->task_size ||
	    new_addr > mm->task_size - new_len)
		return -EINVAL;
	if (addr + old_len > new_addr && new_addr + new_len > addr)
		return -EINVAL;
	err = do_munmap(mm, new_addr, new_len, NULL);
	if (err)
		return err;
	if (old_len > new_len) {
		err = do_munmap(mm, addr + new_len, old_len - new_len, NULL);
		if (err)
			return err;
		old_len = new_len;
	}
	vma = vma_to_resize(addr, old_len, new_len);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	return move_vma(vma, addr, old_len, new_len, new_addr);
}

static bool can_expand(struct vm_area_struct *vma, unsigned long delta)
{
	unsigned long end = vma->vm_end + delta;

	if (end < vma->vm_end || end > vma->vm_mm->task_size)
		return false;
	return !find_vma_intersection(vma->vm_mm, vma->vm_end, end);
}

static unsigned long do_mremap(unsigned long addr, unsigned long old_len,
			       unsigned long new_len, unsigned long flags,
			       unsigned long new_addr)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma = vma_lookup(mm, addr);
	unsigned long delta;
	int err;

	if (!vma)
		return -EFAULT;
	if (flags & MREMAP_FIXED)
		return mremap_to(addr, old_len, new_addr, new_len);
	if (old_len >= new_len) {
		if (old_len == new_len)
			return addr;
		err = do_munmap(mm, addr + new_len, old_len - new_len, NULL);
		return err ? err : addr;
	}
	vma = vma_to_resize(addr, old_len, new_len);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	delta = new_len - old_len;
	if (old_len == vma->vm_end - addr && can_expand(vma, delta)) {
		err = vma_expand_end(vma, addr + new_len);
		if (err)
			return err;
		vm_stat_account(mm, vma->vm_flags, delta >> PAGE_SHIFT);
		return addr;
	}
	if (!(flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	new_addr = get_unmapped_area(vma->vm_file, 0, new_len,
				     vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT),
				     vma->vm_flags & VM_MAYSHARE ? MAP_SHARED : 0);
	if (IS_ERR_VALUE(new_addr))
		return new_addr;
	return move_vma(vma, addr, old_len, new_len, new_addr);
}

long sys_mremap(unsigned long old, unsigned long old_len, unsigned long new_len,
		unsigned long flags, unsigned long new_addr)
{
	struct mm_struct *mm = current->mm;
	long ret;

	if (flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE))
		return -EINVAL;
	if ((flags & MREMAP_FIXED) && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if (old & ~PAGE_MASK)
		return -EINVAL;
	old_len = PAGE_ALIGN(old_len);
	new_len = PAGE_ALIGN(new_len);
	if (!new_len)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = do_mremap(old, old_len, new_len, flags, new_addr);
	mmap_write_unlock(mm);
	exec_return_to_user();
	return ret;
}
