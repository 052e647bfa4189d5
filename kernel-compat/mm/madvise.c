// SPDX-License-Identifier: GPL-2.0
/*
 * madvise().
 *
 * same: MADV_NORMAL, RANDOM, SEQUENTIAL, DONTNEED, DONTFORK, DOFORK, WIPEONFORK,
 *	KEEPONFORK, DONTDUMP, DODUMP, HUGEPAGE, NOHUGEPAGE, COLLAPSE.
 * model: MADV_FREE drops the pages at once, which the kernel may do at any moment.
 * Everything else is -EINVAL.
 */
#include <linux/err.h>
#include <linux/mman.h>
#include <linux/mempolicy.h>
#include <linux/sched/task.h>
#include <machine/program.h>
#include "vma.h"

/* Flags that @behavior sets and clears; -EINVAL where the VMA cannot have them. */
static int advice_flags(struct vm_area_struct *vma, int behavior, vm_flags_t *new)
{
	vm_flags_t flags = vma->vm_flags;

	switch (behavior) {
	case MADV_NORMAL:
		flags &= ~(VM_RAND_READ | VM_SEQ_READ);
		break;
	case MADV_SEQUENTIAL:
		flags = (flags & ~VM_RAND_READ) | VM_SEQ_READ;
		break;
	case MADV_RANDOM:
		flags = (flags & ~VM_SEQ_READ) | VM_RAND_READ;
		break;
	case MADV_DONTFORK:
		flags |= VM_DONTCOPY;
		break;
	case MADV_DOFORK:
		if (flags & VM_IO)
			return -EINVAL;
		flags &= ~VM_DONTCOPY;
		break;
	case MADV_WIPEONFORK:
		if (vma->vm_file || (flags & VM_SHARED))
			return -EINVAL;
		flags |= VM_WIPEONFORK;
		break;
	case MADV_KEEPONFORK:
		flags &= ~VM_WIPEONFORK;
		break;
	case MADV_DONTDUMP:
		flags |= VM_DONTDUMP;
		break;
	case MADV_DODUMP:
		if (flags & VM_SPECIAL)
			return -EINVAL;
		flags &= ~VM_DONTDUMP;
		break;
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
		hugepage_madvise(vma, &flags, behavior);
		break;
	}
	*new = flags;
	return 0;
}

static int madvise_zap(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		       int behavior)
{
	if (behavior == MADV_FREE && !vma_is_anonymous(vma))
		return -EINVAL;
	if (vma->vm_flags & (VM_LOCKED | VM_PFNMAP | VM_HUGETLB))
		return -EINVAL;
	zap_page_range_single(vma, start, end - start, NULL);
	return 0;
}

static int madvise_flags(struct vm_area_struct *vma, struct vm_area_struct *prev,
			 unsigned long start, unsigned long end, int behavior)
{
	VMA_ITERATOR(vmi, vma->vm_mm, start);
	vm_flags_t flags;
	int err = advice_flags(vma, behavior, &flags);

	if (err || flags == vma->vm_flags)
		return err;
	vma = vma_modify(&vmi, prev, vma, start, end, flags, vma->vm_policy);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	vm_flags_reset(vma, flags);
	return 0;
}

static bool madvise_zaps(int behavior)
{
	return behavior == MADV_DONTNEED || behavior == MADV_FREE;
}

static bool madvise_valid(int behavior)
{
	switch (behavior) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_DONTNEED:
	case MADV_FREE:
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_COLLAPSE:
		return true;
	}
	return false;
}

/* All VMAs of the range; holes are skipped and reported at the end. */
static int madvise_walk(struct mm_struct *mm, unsigned long start, unsigned long end,
			int behavior)
{
	int unmapped = 0, err;

	while (start < end) {
		struct vm_area_struct *prev, *vma = find_vma_prev(mm, start, &prev);
		unsigned long stop;

		if (!vma || vma->vm_start >= end)
			return -ENOMEM;
		if (start < vma->vm_start) {
			unmapped = -ENOMEM;
			start = vma->vm_start;
		}
		stop = min(vma->vm_end, end);
		if (madvise_zaps(behavior))
			err = madvise_zap(vma, start, stop, behavior);
		else if (behavior == MADV_COLLAPSE)
			err = madvise_collapse(vma, &prev, start, stop);
		else
			err = madvise_flags(vma, prev, start, stop, behavior);
		if (err)
			return err;
		start = stop;
	}
	return unmapped;
}

int do_madvise(struct mm_struct *mm, unsigned long start, size_t len_in, int behavior)
{
	unsigned long len = PAGE_ALIGN(len_in), end = start + len;
	bool write = !madvise_zaps(behavior) && behavior != MADV_COLLAPSE;
	int err;

	if (!madvise_valid(behavior) || (start & ~PAGE_MASK) || (len_in && !len) ||
	    end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	if (write) {
		if (mmap_write_lock_killable(mm))
			return -EINTR;
	} else {
		mmap_read_lock(mm);
	}
	err = madvise_walk(mm, start, end, behavior);
	if (write)
		mmap_write_unlock(mm);
	else
		mmap_read_unlock(mm);
	return err;
}

long sys_madvise(unsigned long addr, unsigned long len, int advice)
{
	int err = do_madvise(current->mm, addr, len, advice);

	exec_return_to_user();
	return err;
}
