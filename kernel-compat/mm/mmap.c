// SPDX-License-Identifier: GPL-2.0
/*
 * mmap() and munmap().
 *
 * model: addresses are given out top down from mmap_base, first fit, private
 * anonymous mappings of whole huge pages aligned to them; no rlimits, no address
 * randomisation, no overcommit accounting; munmap() holds mmap_lock for writing to
 * its end.  MAP_LOCKED, MAP_GROWSDOWN, MAP_HUGETLB, MAP_SYNC and MAP_32BIT are
 * refused with -EOPNOTSUPP.  MAP_DROPPABLE, a type of mapping, is refused with -EINVAL,
 * as any type that does not exist; the kernel has it for anonymous memory (and says
 * -EINVAL for files).
 */
#include <linux/err.h>
#include <linux/huge_mm.h>
#include <linux/mman.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/shmem_fs.h>
#include <asm/tlb.h>
#include "vma.h"

int sysctl_max_map_count = DEFAULT_MAX_MAP_COUNT;

#define MAP_REFUSED	(MAP_LOCKED | MAP_GROWSDOWN | MAP_HUGETLB | MAP_SYNC |	\
			 MAP_32BIT)

/* The hardware protection of each combination of read, write, execute and shared. */
pgprot_t vm_get_page_prot(unsigned long vm_flags)
{
	if (!(vm_flags & VM_ACCESS_FLAGS))
		return PAGE_NONE;
	if ((vm_flags & (VM_WRITE | VM_SHARED)) == (VM_WRITE | VM_SHARED))
		return vm_flags & VM_EXEC ? PAGE_SHARED_EXEC : PAGE_SHARED;
	return vm_flags & VM_EXEC ? PAGE_READONLY_EXEC : PAGE_READONLY;
}

/* vm_page_prot from vm_flags; without write where a fault must notice writes. */
void vma_set_page_prot(struct vm_area_struct *vma)
{
	pgprot_t prot = pgprot_modify(vma->vm_page_prot, vm_get_page_prot(vma->vm_flags));

	if (vma_wants_writenotify(vma, prot))
		prot = pgprot_modify(prot, vm_get_page_prot(vma->vm_flags & ~VM_SHARED));
	/* Faults and GUP read it under mmap_lock for reading only. */
	WRITE_ONCE(vma->vm_page_prot.pgprot, pgprot_val(prot));
}

bool may_expand_vm(struct mm_struct *mm, vm_flags_t flags, unsigned long npages)
{
	return mm->total_vm + npages <= (mm->task_size >> PAGE_SHIFT);
}

void vm_stat_account(struct mm_struct *mm, vm_flags_t flags, long npages)
{
	WRITE_ONCE(mm->total_vm, READ_ONCE(mm->total_vm) + npages);
	if ((flags & (VM_EXEC | VM_WRITE | VM_STACK)) == VM_EXEC)
		mm->exec_vm += npages;
	else if ((flags & (VM_WRITE | VM_SHARED | VM_STACK)) == VM_WRITE)
		mm->data_vm += npages;
}

/* Highest gap of @len below mmap_base, aligned to @align; 0 when there is none. */
static unsigned long find_gap(struct mm_struct *mm, unsigned long len, unsigned long align)
{
	unsigned long end = mm->mmap_base;
	struct rb_node *node;

	for (node = rb_last(&mm->mm_rb); ; node = rb_prev(node)) {
		struct vm_area_struct *vma = node ? vma_of_rb(node) : NULL;
		unsigned long floor = vma ? vma->vm_end : PAGE_SIZE;
		unsigned long start = (end - len) & ~(align - 1);

		if (end >= len && start >= floor && start < end)
			return start;
		if (!vma)
			return 0;
		end = min(end, vma->vm_start);
	}
}

unsigned long get_unmapped_area(struct file *file, unsigned long addr, unsigned long len,
				unsigned long pgoff, unsigned long flags)
{
	struct mm_struct *mm = current->mm;
	unsigned long found;

	mmap_assert_write_locked(mm);
	if (len > mm->task_size)
		return -ENOMEM;
	if (flags & MAP_FIXED) {
		if (addr > mm->task_size - len)
			return -ENOMEM;
		return addr & ~PAGE_MASK ? -EINVAL : addr;
	}
	if (addr) {
		addr = PAGE_ALIGN(addr);
		if (addr && addr <= mm->task_size - len &&
		    !find_vma_intersection(mm, addr, addr + len))
			return addr;
	}
	if (!file && !addr && !(len & ~HPAGE_PMD_MASK)) {
		found = find_gap(mm, len, HPAGE_PMD_SIZE);
		if (found)
			return found;
	}
	found = find_gap(mm, len, PAGE_SIZE);
	return found ? found : -ENOMEM;
}

static vm_flags_t calc_vm_flags(unsigned long prot, unsigned long flags)
{
	vm_flags_t vm_flags = 0;

	if (prot & PROT_READ)
		vm_flags |= VM_READ;
	if (prot & PROT_WRITE)
		vm_flags |= VM_WRITE;
	if (prot & PROT_EXEC)
		vm_flags |= VM_EXEC;
	if (flags & MAP_NORESERVE)
		vm_flags |= VM_NORESERVE;
	return vm_flags | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
}

/*
 * do_mmap() - check arguments, choose the address, map
 *
 * Returns the address or a negative error; *populate is how many bytes the caller
 * shall fault in after it dropped mmap_lock, which it holds for writing.
 */
unsigned long do_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags, vm_flags_t vm_flags,
		      unsigned long pgoff, unsigned long *populate, struct list_head *uf)
{
	struct mm_struct *mm = current->mm;

	mmap_assert_write_locked(mm);
	*populate = 0;
	if (!len)
		return -EINVAL;
	if (flags & MAP_FIXED_NOREPLACE)
		flags |= MAP_FIXED;
	len = PAGE_ALIGN(len);
	if (!len)
		return -ENOMEM;
	if ((pgoff + (len >> PAGE_SHIFT)) < pgoff)
		return -EOVERFLOW;
	if (mm->map_count > READ_ONCE(sysctl_max_map_count))
		return -ENOMEM;
	addr = get_unmapped_area(file, addr, len, pgoff, flags);
	if (IS_ERR_VALUE(addr))
		return addr;
	if ((flags & MAP_FIXED_NOREPLACE) && find_vma_intersection(mm, addr, addr + len))
		return -EEXIST;

	vm_flags |= calc_vm_flags(prot, flags) | mm->def_flags;
	switch (flags & MAP_TYPE) {
	case MAP_SHARED_VALIDATE:
	case MAP_SHARED:
		if (file && (prot & PROT_WRITE) && !(file->f_mode & FMODE_WRITE))
			return -EACCES;
		vm_flags |= VM_SHARED | VM_MAYSHARE;
		if (file && !(file->f_mode & FMODE_WRITE))
			vm_flags &= ~(VM_MAYWRITE | VM_SHARED);
		if (!file)
			pgoff = 0;
		break;
	case MAP_PRIVATE:
		if (!file)
			pgoff = addr >> PAGE_SHIFT;
		break;
	default:
		return -EINVAL;
	}
	if (file && !(file->f_mode & FMODE_READ))
		return -EACCES;

	addr = mmap_region(file, addr, len, vm_flags, pgoff);
	if (!IS_ERR_VALUE(addr) && (flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE)
		*populate = len;
	return addr;
}

/* What backs the new mapping: a file, a shared memory object of its own, nothing. */
static int vma_set_backing(struct vm_area_struct *vma, struct file *file)
{
	int err;

	if (!file && (vma->vm_flags & VM_SHARED)) {
		file = shmem_file_setup("dev/zero", vma->vm_end - vma->vm_start,
					vma->vm_flags);
		if (IS_ERR(file))
			return PTR_ERR(file);
		vma->vm_file = file;	/* the reference just taken */
	} else if (file) {
		vma->vm_file = get_file(file);
	} else {
		vma_set_anonymous(vma);
		return 0;
	}
	err = call_mmap(vma->vm_file, vma);
	if (err)
		fput(vma->vm_file);
	return err;
}

/* A VMA with its backing, in no tree yet; or ERR_PTR(). */
static struct vm_area_struct *make_vma(struct mm_struct *mm, struct file *file,
				       unsigned long addr, unsigned long end,
				       vm_flags_t vm_flags, unsigned long pgoff)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);
	int err;

	if (!vma)
		return ERR_PTR(-ENOMEM);
	vma->vm_start = addr;
	vma->vm_end = end;
	vma->vm_pgoff = pgoff;
	vm_flags_init(vma, vm_flags);
	vma->vm_page_prot = vm_get_page_prot(vm_flags);
	err = vma_set_backing(vma, file);
	if (err) {
		vm_area_free(vma);
		return ERR_PTR(err);
	}
	return vma;
}

/*
 * Everything that can fail comes before anything is unmapped: a mapping that is not
 * made leaves what was there.
 */
unsigned long mmap_region(struct file *file, unsigned long addr, unsigned long len,
			  vm_flags_t vm_flags, unsigned long pgoff)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma, *merged = NULL, *prev;
	unsigned long end = addr + len;
	int err;

	if (!may_expand_vm(mm, vm_flags, len >> PAGE_SHIFT))
		return -ENOMEM;
	vma = make_vma(mm, file, addr, end, vm_flags, pgoff);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	if (find_vma_intersection(mm, addr, end)) {
		err = do_munmap(mm, addr, len, NULL);
		if (err) {
			remove_vma(vma);
			return err;
		}
	}

	find_vma_prev(mm, addr, &prev);
	if (file || !(vm_flags & VM_SHARED))
		merged = vma_merge_new_range(mm, prev, addr, end, vm_flags, file, pgoff, NULL);
	if (merged) {
		remove_vma(vma);
		vma = merged;
	} else {
		vma_link(mm, vma);
	}
	vm_stat_account(mm, vm_flags, len >> PAGE_SHIFT);
	/* A new mapping is soft-dirty as a whole: whatever was here before is gone. */
	vm_flags_set(vma, VM_SOFTDIRTY);
	vma_set_page_prot(vma);
	return addr;
}

/* Tables of [start, end) may go only as far as no neighbour uses them. */
static void unmap_region(struct mm_struct *mm, struct rb_root *gone, unsigned long start,
			 unsigned long end, struct vm_area_struct *prev,
			 struct vm_area_struct *next)
{
	struct mmu_gather tlb;

	tlb_gather_mmu(&tlb, mm);
	unmap_vmas(&tlb, gone, start, end);
	free_pgtables(&tlb, gone, prev ? prev->vm_end : FIRST_USER_ADDRESS,
		      next ? next->vm_start : USER_PGTABLES_CEILING);
	tlb_finish_mmu(&tlb);
}

static void free_vmas(struct mm_struct *mm, struct rb_root *gone)
{
	struct rb_node *node;

	while ((node = rb_first(gone))) {
		struct vm_area_struct *vma = vma_of_rb(node);

		rb_erase(node, gone);
		vm_stat_account(mm, vma->vm_flags, -(long)vma_pages(vma));
		remove_vma(vma);
	}
}

/*
 * do_munmap() - unmap [start, start + len)
 *
 * First the borders are split, which is all that can fail; then the VMAs leave the
 * tree; then pages, tables and VMAs go.
 *
 * Return: 0, -EINVAL, -ENOMEM with nothing unmapped.
 * Context: mmap_lock held for writing; may sleep.
 */
int do_munmap(struct mm_struct *mm, unsigned long start, size_t len, struct list_head *uf)
{
	struct vm_area_struct *vma, *prev, *next;
	struct rb_root gone = RB_ROOT;
	unsigned long end;
	int err;

	mmap_assert_write_locked(mm);
	if ((start & ~PAGE_MASK) || start > mm->task_size || len > mm->task_size - start)
		return -EINVAL;
	end = start + PAGE_ALIGN(len);
	if (end == start)
		return -EINVAL;
	vma = find_vma_intersection(mm, start, end);
	if (!vma)
		return 0;
	if (vma->vm_start < start) {
		if (end < vma->vm_end && mm->map_count >= READ_ONCE(sysctl_max_map_count))
			return -ENOMEM;
		err = split_vma(NULL, vma, start, 1);
		if (err)
			return err;
	}
	next = find_vma(mm, end);
	if (next && next->vm_start < end) {
		err = split_vma(NULL, next, end, 1);
		if (err)
			return err;
	}

	vma = find_vma_prev(mm, start, &prev);
	while (vma && vma->vm_start < end) {
		next = vma_after(vma);
		rb_erase(&vma->vm_rb, &mm->mm_rb);
		vma_tree_insert(&gone, vma);
		mm->map_count--;
		vma = next;
	}
	unmap_region(mm, &gone, start, end, prev, vma);
	free_vmas(mm, &gone);
	return 0;
}

int vm_munmap(unsigned long start, size_t len)
{
	struct mm_struct *mm = current->mm;
	int ret;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = do_munmap(mm, start, len, NULL);
	mmap_write_unlock(mm);
	return ret;
}

/* Fault in [start, start + len) as MAP_POPULATE does: best effort. */
static void populate(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	unsigned long addr;

	for (addr = start; addr < start + len; addr += PAGE_SIZE) {
		struct vm_area_struct *vma;
		unsigned int flags = 0;
		bool unlocked = false;
		int err = -EFAULT;

		mmap_read_lock(mm);
		vma = vma_lookup(mm, addr);
		if (vma && vma_is_accessible(vma)) {
			if ((vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
				flags |= FAULT_FLAG_WRITE;
			err = fixup_user_fault(mm, addr, flags, &unlocked);
		}
		mmap_read_unlock(mm);
		if (err)
			break;
	}
}

unsigned long vm_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flag, unsigned long offset)
{
	struct mm_struct *mm = current->mm;
	unsigned long ret, pop = 0;

	if (offset & ~PAGE_MASK)
		return -EINVAL;
	if (flag & MAP_REFUSED)
		return -EOPNOTSUPP;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = do_mmap(file, addr, len, prot, flag, 0, offset >> PAGE_SHIFT, &pop, NULL);
	mmap_write_unlock(mm);
	if (pop)
		populate(mm, ret, pop);
	return ret;
}

/*
 * exit_mmap() - the last user of the address space is gone
 *
 * Reverse maps may still meet the VMAs until they are unlinked, and walkers that hold
 * only a reference on the struct take mmap_lock: so it is held here, too.
 * model: for writing all along, the kernel unmaps with it held for reading.
 */
void exit_mmap(struct mm_struct *mm)
{
	struct mmu_gather tlb;

	mmu_notifier_release(mm);
	mmap_write_lock(mm);
	if (!RB_EMPTY_ROOT(&mm->mm_rb)) {
		tlb_gather_mmu_fullmm(&tlb, mm);
		unmap_vmas(&tlb, &mm->mm_rb, 0, -1UL);
		free_pgtables(&tlb, &mm->mm_rb, FIRST_USER_ADDRESS, USER_PGTABLES_CEILING);
		tlb_finish_mmu(&tlb);
		mm->map_count = 0;
		free_vmas(mm, &mm->mm_rb);
	}
	mmap_write_unlock(mm);
}
