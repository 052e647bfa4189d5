// SPDX-License-Identifier: GPL-2.0
/*
 * Changing the borders of VMAs: split, merge, grow.
 *
 * Every change of a border goes through vma_commit(): it takes the reverse map's
 * locks of all VMAs concerned (one file at most, one anon_vma tree at most, because
 * only compatible VMAs take part), takes them out of the interval trees, moves the
 * borders, puts them back.  So a reverse-map walk sees each page under the old or the
 * new VMA and never under none.
 */
#include <linux/err.h>
#include <linux/rmap.h>
#include <linux/slab.h>
#include "vma.h"

struct vma_change {
	struct vm_area_struct *vma;
	unsigned long start, end;
	pgoff_t pgoff;
};

/* New borders, then what goes away, then what comes in; unused ones are NULL. */
struct vma_commit {
	struct vma_change change[2];
	struct vm_area_struct *remove[2];
	struct vm_area_struct *insert;
};

static void set_change(struct vma_change *c, struct vm_area_struct *vma,
		       unsigned long start, unsigned long end)
{
	c->vma = vma;
	c->start = start;
	c->end = end;
	c->pgoff = vma->vm_pgoff + (((long)(start - vma->vm_start)) >> PAGE_SHIFT);
}

static void anon_trees_remove(struct vm_area_struct *vma)
{
	struct anon_vma_chain *avc;

	list_for_each_entry(avc, &vma->anon_vma_chain, same_vma)
		anon_vma_interval_tree_remove(avc, &avc->anon_vma->rb_root);
}

static void anon_trees_insert(struct vm_area_struct *vma)
{
	struct anon_vma_chain *avc;

	list_for_each_entry(avc, &vma->anon_vma_chain, same_vma)
		anon_vma_interval_tree_insert(avc, &avc->anon_vma->rb_root);
}

/* After the locks are dropped: what @vma covered belongs to @into now. */
static void drop_merged(struct vm_area_struct *vma, struct vm_area_struct *into)
{
	struct mm_struct *mm = vma->vm_mm;

	if (vma->anon_vma)
		unlink_anon_vmas(vma);
	if (vma->vm_file)
		fput(vma->vm_file);
	mpol_put(vma->vm_policy);
	mm->map_count--;
	vm_area_free(vma);
}

static void vma_commit(struct mm_struct *mm, struct vma_commit *vc)
{
	struct vm_area_struct *first = vc->change[0].vma;
	struct address_space *mapping = first->vm_file ? first->vm_file->f_mapping : NULL;
	struct anon_vma *anon_vma = first->anon_vma;
	int i;

	mmap_assert_write_locked(mm);
	if (!anon_vma && vc->change[1].vma)
		anon_vma = vc->change[1].vma->anon_vma;
	if (mapping)
		i_mmap_lock_write(mapping);
	if (anon_vma)
		anon_vma_lock_write(anon_vma);

	/* no huge page may cross a new border */
	for (i = 0; i < 2 && vc->change[i].vma; i++)
		vma_adjust_trans_huge(vc->change[i].vma, vc->change[i].start,
				      vc->change[i].end, 0);
	for (i = 0; i < 2 && vc->change[i].vma; i++) {
		if (anon_vma)
			anon_trees_remove(vc->change[i].vma);
		if (mapping)
			vma_interval_tree_remove(vc->change[i].vma, &mapping->i_mmap);
	}
	for (i = 0; i < 2 && vc->remove[i]; i++) {
		if (mapping) {
			vma_interval_tree_remove(vc->remove[i], &mapping->i_mmap);
			if (is_shared_maywrite(vc->remove[i]))
				mapping_unmap_writable(mapping);
		}
		rb_erase(&vc->remove[i]->vm_rb, &mm->mm_rb);
	}
	for (i = 0; i < 2 && vc->change[i].vma; i++) {
		struct vma_change *c = &vc->change[i];

		c->vma->vm_start = c->start;
		c->vma->vm_end = c->end;
		c->vma->vm_pgoff = c->pgoff;
	}
	for (i = 0; i < 2 && vc->change[i].vma; i++) {
		if (anon_vma)
			anon_trees_insert(vc->change[i].vma);
		if (mapping)
			vma_interval_tree_insert(vc->change[i].vma, &mapping->i_mmap);
	}
	if (vc->insert) {
		vma_tree_insert(&mm->mm_rb, vc->insert);
		if (mapping) {
			if (is_shared_maywrite(vc->insert))
				mapping_allow_writable(mapping);
			vma_interval_tree_insert(vc->insert, &mapping->i_mmap);
		}
		mm->map_count++;
	}

	if (anon_vma)
		anon_vma_unlock_write(anon_vma);
	if (mapping)
		i_mmap_unlock_write(mapping);
	for (i = 0; i < 2 && vc->remove[i]; i++)
		drop_merged(vc->remove[i], first);
}

/* Split @vma at @addr without looking at the map count. */
static int __split_vma(struct vm_area_struct *vma, unsigned long addr, int new_below)
{
	struct vm_area_struct *new;
	struct vma_commit vc = { };
	int err;

	WARN_ON(vma->vm_start >= addr || vma->vm_end <= addr);
	if (vma->vm_ops && vma->vm_ops->may_split) {
		err = vma->vm_ops->may_split(vma, addr);
		if (err)
			return err;
	}
	new = vm_area_dup(vma);
	if (!new)
		return -ENOMEM;
	if (new_below) {
		new->vm_end = addr;
		set_change(&vc.change[0], vma, addr, vma->vm_end);
	} else {
		new->vm_start = addr;
		new->vm_pgoff += (addr - vma->vm_start) >> PAGE_SHIFT;
		set_change(&vc.change[0], vma, vma->vm_start, addr);
	}
	new->vm_policy = NULL;
	err = vma_dup_policy(vma, new);
	if (err)
		goto free;
	err = anon_vma_clone(new, vma);
	if (err)
		goto put_policy;
	if (new->vm_file)
		get_file(new->vm_file);
	if (new->vm_ops && new->vm_ops->open)
		new->vm_ops->open(new);
	vc.insert = new;
	vma_commit(vma->vm_mm, &vc);
	return 0;

put_policy:
	mpol_put(new->vm_policy);
free:
	vm_area_free(new);
	return err;
}

int split_vma(struct vma_iterator *vmi, struct vm_area_struct *vma, unsigned long addr,
	      int new_below)
{
	if (vma->vm_mm->map_count >= READ_ONCE(sysctl_max_map_count))
		return -ENOMEM;
	return __split_vma(vma, addr, new_below);
}

/* Could one VMA have both sets of properties? Soft-dirty is no obstacle. */
static bool same_properties(struct vm_area_struct *vma, vm_flags_t vm_flags,
			    struct file *file, struct mempolicy *policy)
{
	if ((vma->vm_flags ^ vm_flags) & ~VM_SOFTDIRTY)
		return false;
	if (vma->vm_flags & VM_SPECIAL)
		return false;
	if (vma->vm_file != file)
		return false;
	if (vma->vm_ops && vma->vm_ops->close)
		return false;
	return mpol_equal(vma->vm_policy, policy);
}

/*
 * anon_vmas of two VMAs about to become one.  A VMA that fork linked to several is
 * not cloned into a neighbour that has none: that would tie unrelated processes.
 */
static bool same_anon_vma(struct vm_area_struct *a, struct vm_area_struct *b)
{
	if (a->anon_vma == b->anon_vma)
		return true;
	if (!a->anon_vma)
		return list_is_singular(&b->anon_vma_chain);
	if (!b->anon_vma)
		return list_is_singular(&a->anon_vma_chain);
	return false;
}

/* @dst grows over pages of @src: it must be found through src's anon_vma, too. */
static int take_anon_vma(struct vm_area_struct *dst, struct vm_area_struct *src)
{
	int err;

	if (!src->anon_vma || dst->anon_vma)
		return 0;
	dst->anon_vma = src->anon_vma;
	err = anon_vma_clone(dst, src);
	if (err)
		dst->anon_vma = NULL;
	return err;
}

static bool can_merge_left(struct vm_area_struct *prev, unsigned long start, pgoff_t pgoff,
			   vm_flags_t vm_flags, struct file *file, struct mempolicy *policy)
{
	return prev && prev->vm_end == start &&
	       same_properties(prev, vm_flags, file, policy) &&
	       prev->vm_pgoff + vma_pages(prev) == pgoff;
}

static bool can_merge_right(struct vm_area_struct *next, unsigned long end, pgoff_t pgend,
			    vm_flags_t vm_flags, struct file *file,
			    struct mempolicy *policy)
{
	return next && next->vm_start == end &&
	       same_properties(next, vm_flags, file, policy) && next->vm_pgoff == pgend;
}

struct vm_area_struct *vma_merge_new_range(struct mm_struct *mm,
					   struct vm_area_struct *prev,
					   unsigned long start, unsigned long end,
					   vm_flags_t vm_flags, struct file *file,
					   pgoff_t pgoff, struct mempolicy *policy)
{
	pgoff_t pgend = pgoff + ((end - start) >> PAGE_SHIFT);
	struct vm_area_struct *next = prev ? vma_after(prev) : find_vma(mm, end);
	struct vma_commit vc = { };
	bool left, right;

	if (vm_flags & VM_SPECIAL)
		return NULL;
	left = can_merge_left(prev, start, pgoff, vm_flags, file, policy);
	right = can_merge_right(next, end, pgend, vm_flags, file, policy);
	if (left && right && same_anon_vma(prev, next)) {
		if (take_anon_vma(prev, next))
			return NULL;
		set_change(&vc.change[0], prev, prev->vm_start, next->vm_end);
		vc.remove[0] = next;
	} else if (left) {
		set_change(&vc.change[0], prev, prev->vm_start, end);
	} else if (right) {
		set_change(&vc.change[0], next, start, next->vm_end);
	} else {
		return NULL;
	}
	vma_commit(mm, &vc);
	return vc.change[0].vma;
}

/* [start, end) of @vma joins a neighbour, all of it or a border part. */
static struct vm_area_struct *merge_existing(struct vm_area_struct *prev,
					     struct vm_area_struct *vma,
					     unsigned long start, unsigned long end,
					     vm_flags_t vm_flags, struct mempolicy *policy)
{
	struct vm_area_struct *next = vma_after(vma);
	pgoff_t pgoff = vma->vm_pgoff + ((start - vma->vm_start) >> PAGE_SHIFT);
	pgoff_t pgend = pgoff + ((end - start) >> PAGE_SHIFT);
	bool whole = start == vma->vm_start && end == vma->vm_end;
	struct vma_commit vc = { };
	bool left, right;

	/* A VMA with a close method must be closed by whoever opened it. */
	if ((vm_flags & VM_SPECIAL) || (vma->vm_ops && vma->vm_ops->close))
		return NULL;
	left = start == vma->vm_start && prev && same_anon_vma(prev, vma) &&
	       can_merge_left(prev, start, pgoff, vm_flags, vma->vm_file, policy);
	right = end == vma->vm_end && next && same_anon_vma(next, vma) &&
		can_merge_right(next, end, pgend, vm_flags, vma->vm_file, policy);

	if (left && right && same_anon_vma(prev, next)) {
		if (take_anon_vma(prev, next->anon_vma ? next : vma))
			return ERR_PTR(-ENOMEM);
		set_change(&vc.change[0], prev, prev->vm_start, next->vm_end);
		vc.remove[0] = vma;
		vc.remove[1] = next;
	} else if (left) {
		if (take_anon_vma(prev, vma))
			return ERR_PTR(-ENOMEM);
		set_change(&vc.change[0], prev, prev->vm_start, end);
		if (whole)
			vc.remove[0] = vma;
		else
			set_change(&vc.change[1], vma, end, vma->vm_end);
	} else if (right) {
		if (take_anon_vma(next, vma))
			return ERR_PTR(-ENOMEM);
		set_change(&vc.change[0], next, start, next->vm_end);
		if (whole)
			vc.remove[0] = vma;
		else
			set_change(&vc.change[1], vma, vma->vm_start, start);
	} else {
		return NULL;
	}
	vma_commit(vc.change[0].vma->vm_mm, &vc);
	return vc.change[0].vma;
}

struct vm_area_struct *vma_modify(struct vma_iterator *vmi, struct vm_area_struct *prev,
				  struct vm_area_struct *vma, unsigned long start,
				  unsigned long end, vm_flags_t vm_flags,
				  struct mempolicy *policy)
{
	struct vm_area_struct *merged;
	int err;

	merged = merge_existing(prev, vma, start, end, vm_flags, policy);
	if (merged)
		return merged;
	if (vma->vm_start < start) {
		err = split_vma(vmi, vma, start, 1);
		if (err)
			return ERR_PTR(err);
	}
	if (vma->vm_end > end) {
		err = split_vma(vmi, vma, end, 0);
		if (err)
			return ERR_PTR(err);
	}
	return vma;
}

int vma_expand_end(struct vm_area_struct *vma, unsigned long end)
{
	struct vma_commit vc = { };

	set_change(&vc.change[0], vma, vma->vm_start, end);
	vma_commit(vma->vm_mm, &vc);
	return 0;
}

struct vm_area_struct *copy_vma(struct vm_area_struct *vma, unsigned long addr,
				unsigned long len, pgoff_t pgoff, bool *need_rmap_locks)
{
	struct mm_struct *mm = vma->vm_mm;
	struct vm_area_struct *new, *prev;

	/* Pages that were never faulted in can have any offset. */
	if (vma_is_anonymous(vma) && !vma->anon_vma)
		pgoff = addr >> PAGE_SHIFT;
	find_vma_prev(mm, addr, &prev);
	/* Merging with a neighbour is possible only where nothing is mapped yet. */
	if (!vma->anon_vma) {
		new = vma_merge_new_range(mm, prev, addr, addr + len, vma->vm_flags,
					  vma->vm_file, pgoff, vma->vm_policy);
		if (new) {
			*need_rmap_locks = new->vm_pgoff <= vma->vm_pgoff;
			return new;
		}
	}
	new = vm_area_dup(vma);
	if (!new)
		return NULL;
	new->vm_start = addr;
	new->vm_end = addr + len;
	new->vm_pgoff = pgoff;
	new->vm_policy = NULL;
	if (vma_dup_policy(vma, new))
		goto free;
	if (anon_vma_clone(new, vma))
		goto put_policy;
	if (new->vm_file)
		get_file(new->vm_file);
	if (new->vm_ops && new->vm_ops->open)
		new->vm_ops->open(new);
	vma_link(mm, new);
	*need_rmap_locks = false;
	return new;

put_policy:
	mpol_put(new->vm_policy);
free:
	vm_area_free(new);
	return NULL;
}
