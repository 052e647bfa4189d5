// SPDX-License-Identifier: GPL-2.0
/*
 * VMAs and the tree that holds them.
 *
 * The tree is a red-black tree ordered by address; VMAs never overlap.  mmap_lock
 * guards it: for reading to look, for writing to change, and every function here
 * asserts that.  What an address range means for the reverse map (file and anon_vma
 * interval trees) changes only under the reverse map's own locks, see vma_merge.c.
 */
#include <linux/rmap.h>
#include <linux/slab.h>
#include <linux/lockdep.h>
#include <machine/machine.h>
#include <machine/violation.h>
#include "vma.h"

static struct kmem_cache *vm_area_cachep;

void mmap_lock_assert(const struct mm_struct *mm, bool write)
{
	if (likely(lockdep_is_held_type(&mm->mmap_lock, write ? 0 : -1)))
		return;
	violation(VIOLATION_MMAP_LOCK, "mmap_lock of mm %p is not held%s", mm,
		  write ? " for writing" : "");
}

void vma_init(struct vm_area_struct *vma, struct mm_struct *mm)
{
	memset(vma, 0, sizeof(*vma));
	vma->vm_mm = mm;
	INIT_LIST_HEAD(&vma->anon_vma_chain);
	RB_CLEAR_NODE(&vma->vm_rb);
}

struct vm_area_struct *vm_area_alloc(struct mm_struct *mm)
{
	struct vm_area_struct *vma = kmem_cache_alloc(vm_area_cachep, GFP_KERNEL);

	if (vma)
		vma_init(vma, mm);
	return vma;
}

/* A copy that is in no tree and in no reverse map, and holds no reference. */
struct vm_area_struct *vm_area_dup(struct vm_area_struct *orig)
{
	struct vm_area_struct *new = kmem_cache_alloc(vm_area_cachep, GFP_KERNEL);

	if (!new)
		return NULL;
	vma_init(new, orig->vm_mm);
	new->vm_start = orig->vm_start;
	new->vm_end = orig->vm_end;
	new->vm_page_prot = orig->vm_page_prot;
	vm_flags_init(new, orig->vm_flags);
	new->anon_vma = orig->anon_vma;
	new->vm_ops = orig->vm_ops;
	new->vm_pgoff = orig->vm_pgoff;
	new->vm_file = orig->vm_file;
	new->vm_private_data = orig->vm_private_data;
	new->vm_policy = orig->vm_policy;
	return new;
}

void vm_area_free(struct vm_area_struct *vma)
{
	kmem_cache_free(vm_area_cachep, vma);
}

/* First VMA of the tree that ends after @addr. */
static struct vm_area_struct *tree_find(struct mm_struct *mm, unsigned long addr)
{
	struct rb_node *node = mm->mm_rb.rb_node;
	struct vm_area_struct *best = NULL;

	while (node) {
		struct vm_area_struct *vma = vma_of_rb(node);

		if (vma->vm_end > addr) {
			best = vma;
			if (vma->vm_start <= addr)
				break;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return best;
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	mmap_assert_locked(mm);
	return tree_find(mm, addr);
}

struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return vma && vma->vm_start <= addr ? vma : NULL;
}

struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start,
					     unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	return vma && vma->vm_start < end ? vma : NULL;
}

struct vm_area_struct *find_exact_vma(struct mm_struct *mm, unsigned long start,
				      unsigned long end)
{
	struct vm_area_struct *vma = vma_lookup(mm, start);

	return vma && vma->vm_start == start && vma->vm_end == end ? vma : NULL;
}

struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **pprev)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	*pprev = vma ? vma_before(vma) : vma_of_rb_safe(rb_last(&mm->mm_rb));
	return vma;
}

/* Move the iterator onto @vma. */
static struct vm_area_struct *vmi_at(struct vma_iterator *vmi, struct vm_area_struct *vma)
{
	if (vma) {
		vmi->start = vma->vm_start;
		vmi->addr = vma->vm_end;
	}
	return vma;
}

struct vm_area_struct *vma_next(struct vma_iterator *vmi)
{
	return vmi_at(vmi, find_vma(vmi->mm, vmi->addr));
}

struct vm_area_struct *vma_find(struct vma_iterator *vmi, unsigned long max)
{
	struct vm_area_struct *vma = find_vma(vmi->mm, vmi->addr);

	return vmi_at(vmi, vma && vma->vm_start < max ? vma : NULL);
}

struct vm_area_struct *vma_prev(struct vma_iterator *vmi)
{
	struct vm_area_struct *vma = find_vma(vmi->mm, vmi->start), *prev;

	/* find_vma() gives the VMA at the position itself, or the next above it. */
	if (!vma)
		prev = vma_of_rb_safe(rb_last(&vmi->mm->mm_rb));
	else if (vma->vm_start < vmi->start)
		prev = vma;
	else
		prev = vma_before(vma);
	return vmi_at(vmi, prev);
}

/* Insert a VMA that overlaps none. */
void vma_tree_insert(struct rb_root *root, struct vm_area_struct *vma)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		struct vm_area_struct *tmp = vma_of_rb(*link);

		parent = *link;
		if (vma->vm_end <= tmp->vm_start)
			link = &parent->rb_left;
		else if (vma->vm_start >= tmp->vm_end)
			link = &parent->rb_right;
		else
			violation(VIOLATION_BUG, "VMA %#lx-%#lx overlaps %#lx-%#lx",
				  vma->vm_start, vma->vm_end, tmp->vm_start, tmp->vm_end);
	}
	rb_link_node(&vma->vm_rb, parent, link);
	rb_insert_color(&vma->vm_rb, root);
}

/* Into and out of the file's reverse map. */
void vma_link_file(struct vm_area_struct *vma)
{
	struct address_space *mapping;

	if (!vma->vm_file)
		return;
	mapping = vma->vm_file->f_mapping;
	i_mmap_lock_write(mapping);
	if (is_shared_maywrite(vma))
		mapping_allow_writable(mapping);
	vma_interval_tree_insert(vma, &mapping->i_mmap);
	i_mmap_unlock_write(mapping);
}

void vma_unlink_file(struct vm_area_struct *vma)
{
	struct address_space *mapping;

	if (!vma->vm_file)
		return;
	mapping = vma->vm_file->f_mapping;
	i_mmap_lock_write(mapping);
	if (is_shared_maywrite(vma))
		mapping_unmap_writable(mapping);
	vma_interval_tree_remove(vma, &mapping->i_mmap);
	i_mmap_unlock_write(mapping);
}

/* Make a complete VMA part of @mm: tree, reverse map, count. */
void vma_link(struct mm_struct *mm, struct vm_area_struct *vma)
{
	mmap_assert_write_locked(mm);
	vma_tree_insert(&mm->mm_rb, vma);
	vma_link_file(vma);
	mm->map_count++;
}

int insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma)
{
	if (find_vma_intersection(mm, vma->vm_start, vma->vm_end))
		return -ENOMEM;
	if (vma_is_anonymous(vma))
		vma->vm_pgoff = vma->vm_start >> PAGE_SHIFT;
	vma_link(mm, vma);
	return 0;
}

void remove_vma(struct vm_area_struct *vma)
{
	might_sleep();
	if (vma->vm_ops && vma->vm_ops->close)
		vma->vm_ops->close(vma);
	if (vma->vm_file)
		fput(vma->vm_file);
	mpol_put(vma->vm_policy);
	vm_area_free(vma);
}

static int vma_boot(const struct machine_config *cfg)
{
	vm_area_cachep = KMEM_CACHE(vm_area_struct, 0);
	return vm_area_cachep ? 0 : -ENOMEM;
}

static void vma_halt(void)
{
	kmem_cache_destroy(vm_area_cachep);
	vm_area_cachep = NULL;
}
MACHINE_SUBSYS(vma, MACHINE_ORDER_VM, vma_boot, NULL, vma_halt);
