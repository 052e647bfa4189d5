/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What vma.c, vma_merge.c, mmap.c, mprotect.c and their neighbours share.
 */
#ifndef _MM_VMA_H
#define _MM_VMA_H

#include <linux/mm.h>
#include <linux/mempolicy.h>
#include <linux/fs.h>
#include <linux/rbtree.h>

#define vma_of_rb(node)		rb_entry(node, struct vm_area_struct, vm_rb)

static inline struct vm_area_struct *vma_of_rb_safe(struct rb_node *node)
{
	return node ? vma_of_rb(node) : NULL;
}

/* Could it write to its file?  Such mappings are counted there. */
static inline bool is_shared_maywrite(const struct vm_area_struct *vma)
{
	return (vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) == (VM_SHARED | VM_MAYWRITE);
}

/* Neighbours in the tree that @vma is in, adjacent or not. */
static inline struct vm_area_struct *vma_after(struct vm_area_struct *vma)
{
	return vma_of_rb_safe(rb_next(&vma->vm_rb));
}
static inline struct vm_area_struct *vma_before(struct vm_area_struct *vma)
{
	return vma_of_rb_safe(rb_prev(&vma->vm_rb));
}

/* vma.c */
void vma_tree_insert(struct rb_root *root, struct vm_area_struct *vma);
void vma_link_file(struct vm_area_struct *vma);
void vma_unlink_file(struct vm_area_struct *vma);
void vma_link(struct mm_struct *mm, struct vm_area_struct *vma);
/* Close, drop file and policy, free. rmap is gone already. */
void remove_vma(struct vm_area_struct *vma);

/* vma_merge.c */
/*
 * Grow neighbours over [start, end) which has no VMA, if properties allow.
 * The VMA that covers the range then, or NULL.
 */
struct vm_area_struct *vma_merge_new_range(struct mm_struct *mm,
					   struct vm_area_struct *prev,
					   unsigned long start, unsigned long end,
					   vm_flags_t vm_flags, struct file *file,
					   pgoff_t pgoff, struct mempolicy *policy);
/*
 * Give [start, end) of @vma its own VMA, or that of a neighbour that has the new
 * properties. The caller then sets flags and policy. ERR_PTR.
 */
struct vm_area_struct *vma_modify(struct vma_iterator *vmi, struct vm_area_struct *prev,
				  struct vm_area_struct *vma, unsigned long start,
				  unsigned long end, vm_flags_t vm_flags,
				  struct mempolicy *policy);
/* Copy @vma to [addr, addr + len) for mremap(), merging where possible. */
struct vm_area_struct *copy_vma(struct vm_area_struct *vma, unsigned long addr,
				unsigned long len, pgoff_t pgoff, bool *need_rmap_locks);
/* Grow @vma at its end to @end over free addresses. 0 or -ENOMEM. */
int vma_expand_end(struct vm_area_struct *vma, unsigned long end);

/* zap.c */
/* Unmap [start, end) of all VMAs in @root. */
void unmap_vmas(struct mmu_gather *tlb, struct rb_root *root, unsigned long start,
		unsigned long end);
/* Take all VMAs in @root out of rmap and free tables between @floor and @ceiling. */
void free_pgtables(struct mmu_gather *tlb, struct rb_root *root, unsigned long floor,
		   unsigned long ceiling);

/* mmap.c */
unsigned long mmap_region(struct file *file, unsigned long addr, unsigned long len,
			  vm_flags_t vm_flags, unsigned long pgoff);
#endif /* _MM_VMA_H */
