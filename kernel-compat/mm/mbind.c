// SPDX-License-Identifier: GPL-2.0
/*
 * mbind() and moving pages on request.
 */
#include <linux/err.h>
#include <linux/hugetlb.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/pagemap.h>
#include <linux/pagewalk.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <machine/program.h>
#include "mempolicy.h"
#include "vma.h"

struct queue_pages {
	struct list_head *pagelist;
	unsigned long flags;
	const nodemask_t *nmask;	/* pages on these nodes are left alone … */
	bool invert;			/* … or the others */
	unsigned long nr_failed;
	unsigned long first, end;	/* expected next address, for holes */
	struct folio *large;		/* last large folio that PTEs led to: seen once */
};

/* Is the page already where it shall be? */
static bool queue_folio_required(struct folio *folio, struct queue_pages *qp)
{
	bool on = node_isset(folio_nid(folio), *qp->nmask);

	return qp->invert ? on : !on;
}

static bool migrate_folio_add(struct folio *folio, struct queue_pages *qp)
{
	/* Pages of other processes, too, only with MPOL_MF_MOVE_ALL. */
	if (!(qp->flags & MPOL_MF_MOVE_ALL) && folio_likely_mapped_shared(folio))
		return false;
	if (!folio_isolate_lru(folio))
		return false;
	list_add_tail(&folio->lru, qp->pagelist);
	node_stat_mod_folio(folio, NR_ISOLATED_ANON + folio_is_file_lru(folio),
			    folio_nr_pages(folio));
	return true;
}

/* A huge page, or one under migration, whose lock is held and dropped. 0 or -EIO. */
static int queue_huge_pmd(pmd_t *pmd, spinlock_t *ptl, struct mm_walk *walk)
{
	struct queue_pages *qp = walk->private;
	bool move = qp->flags & (MPOL_MF_MOVE | MPOL_MF_MOVE_ALL);
	struct folio *folio = NULL;
	pmd_t val = pmdp_get(pmd);
	int failed = 0;

	if (is_swap_pmd(val))
		failed = 1;
	else if (!is_huge_zero_pmd(val))
		folio = page_folio(pmd_page(val));
	if (folio && queue_folio_required(folio, qp))
		failed = !move || !vma_migratable(walk->vma) || !migrate_folio_add(folio, qp);
	spin_unlock(ptl);
	walk->action = ACTION_CONTINUE;
	qp->nr_failed += failed;
	/* a page on its way is not for us to judge */
	return folio && failed && (qp->flags & MPOL_MF_STRICT) ? -EIO : 0;
}

static int queue_folios_pmd(pmd_t *pmd, unsigned long addr, unsigned long end,
			    struct mm_walk *walk)
{
	struct queue_pages *qp = walk->private;
	struct vm_area_struct *vma = walk->vma;
	pte_t *start, *pte;
	spinlock_t *ptl;
	int err = 0;

	ptl = pmd_trans_huge_lock(pmd, vma);
	if (ptl)
		return queue_huge_pmd(pmd, ptl, walk);
	start = pte = pte_offset_map_lock(walk->mm, pmd, addr, &ptl);
	if (!pte) {
		walk->action = ACTION_AGAIN;
		return 0;
	}
	for (; addr != end; pte++, addr += PAGE_SIZE) {
		pte_t ptent = ptep_get(pte);
		struct folio *folio;

		if (!pte_present(ptent)) {
			/* A page on its way somewhere: not for us to judge. */
			if (!pte_none(ptent))
				qp->nr_failed++;
			continue;
		}
		folio = vm_normal_folio(vma, addr, ptent);
		if (!folio || folio == qp->large || !queue_folio_required(folio, qp))
			continue;
		if (folio_test_large(folio))
			qp->large = folio;
		if (!(qp->flags & (MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) ||
		    !vma_migratable(vma)) {
			qp->nr_failed++;
			if (qp->flags & MPOL_MF_STRICT)
				break;
			continue;
		}
		if (!migrate_folio_add(folio, qp)) {
			qp->nr_failed++;
			if ((qp->flags & (MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) &&
			    (qp->flags & MPOL_MF_STRICT))
				break;
		}
	}
	pte_unmap_unlock(start, ptl);
	cond_resched();
	if (addr != end)
		err = -EIO;
	return err;
}

static int queue_test_walk(unsigned long start, unsigned long end, struct mm_walk *walk)
{
	struct queue_pages *qp = walk->private;
	struct vm_area_struct *vma = walk->vma;

	if (start > qp->first)
		return -EFAULT;		/* a hole before this VMA */
	qp->first = end;
	if (!(qp->flags & (MPOL_MF_MOVE | MPOL_MF_MOVE_ALL | MPOL_MF_STRICT)))
		return 1;
	return vma_is_accessible(vma) || vma_migratable(vma) ? 0 : 1;
}

static const struct mm_walk_ops queue_walk_ops = {
	.pmd_entry = queue_folios_pmd,
	.test_walk = queue_test_walk,
	.walk_lock = PGWALK_WRLOCK,
};

static int queue_pages_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			     struct queue_pages *qp)
{
	int err;

	qp->first = start;
	qp->end = end;
	err = walk_page_range(mm, start, end, &queue_walk_ops, qp);
	if (!err && qp->first < end)
		err = -EFAULT;
	return err;
}

/* New policy for [start, end) of one VMA. */
static int mbind_range(struct vm_area_struct *vma, struct vm_area_struct **prev,
		       unsigned long start, unsigned long end, struct mempolicy *new_pol)
{
	VMA_ITERATOR(vmi, vma->vm_mm, start);
	struct mempolicy *old, *new;

	if (mpol_equal(vma->vm_policy, new_pol)) {
		*prev = vma;
		return 0;
	}
	vma = vma_modify(&vmi, *prev, vma, start, end, vma->vm_flags, new_pol);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	*prev = vma;
	if (mpol_equal(vma->vm_policy, new_pol))
		return 0;	/* merged into a neighbour that has it */
	new = mpol_dup(new_pol);
	if (IS_ERR(new))
		return PTR_ERR(new);
	old = vma->vm_policy;
	vma->vm_policy = new;
	mpol_put(old);
	return 0;
}

static struct folio *alloc_by_policy(struct folio *src, unsigned long private)
{
	struct mempolicy *pol = (struct mempolicy *)private;

	return folio_alloc_mpol(GFP_HIGHUSER_MOVABLE, folio_order(src), pol, src->index,
				numa_node_id());
}

static int mbind_locked(struct mm_struct *mm, unsigned long start, unsigned long end,
			struct mempolicy *new, struct queue_pages *qp)
{
	struct vm_area_struct *vma, *prev;
	int err;

	err = queue_pages_range(mm, start, end, qp);
	if (err)
		return err;
	vma = find_vma_prev(mm, start, &prev);
	if (start > vma->vm_start)
		prev = vma;
	while (start < end) {
		unsigned long next;

		vma = find_vma(mm, start);
		if (!vma || vma->vm_start > start)
			return -EFAULT;
		next = min(vma->vm_end, end);
		err = mbind_range(vma, &prev, start, next, new);
		if (err)
			return err;
		start = next;
	}
	return 0;
}

long sys_mbind(unsigned long addr, unsigned long len, int mode, const nodemask_t *nodes,
	       unsigned int flags)
{
	struct mm_struct *mm = current->mm;
	LIST_HEAD(pagelist);
	struct queue_pages qp = { .pagelist = &pagelist, .flags = flags };
	struct mempolicy *new, *alloc_pol;
	nodemask_t all = node_states[N_MEMORY];
	unsigned long end;
	long err;

	if ((flags & ~MPOL_MF_VALID) || (addr & ~PAGE_MASK))
		return -EINVAL;
	if ((mode & ~MPOL_MODE_FLAGS) == MPOL_DEFAULT)
		flags = qp.flags &= ~MPOL_MF_STRICT;
	len = PAGE_ALIGN(len);
	end = addr + len;
	if (end < addr)
		return -EINVAL;
	if (end == addr)
		return 0;
	new = mpol_new(mode, nodes);
	if (IS_ERR(new))
		return PTR_ERR(new);
	/* Who has no nodes of its own has nothing that is misplaced. */
	qp.nmask = new && new->mode != MPOL_LOCAL ? &new->nodes : &all;
	alloc_pol = new ? new : get_task_policy(current);

	if (flags & (MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
		lru_add_drain_all();
	if (mmap_write_lock_killable(mm)) {
		mpol_put(new);
		return -EINTR;
	}
	err = mbind_locked(mm, addr, end, new, &qp);
	mmap_write_unlock(mm);

	if (!list_empty(&pagelist)) {
		if (err) {
			putback_movable_pages(&pagelist);
		} else if (migrate_pages(&pagelist, alloc_by_policy, NULL,
					 (unsigned long)alloc_pol, MIGRATE_SYNC,
					 MR_MEMPOLICY_MBIND, NULL)) {
			qp.nr_failed++;
			putback_movable_pages(&pagelist);
		}
	}
	if (!err && qp.nr_failed && (flags & MPOL_MF_STRICT))
		err = -EIO;
	mpol_put(new);
	exec_return_to_user();
	return err;
}

static struct folio *alloc_on_node(struct folio *src, unsigned long private)
{
	int nid = private;

	return __folio_alloc_node(GFP_HIGHUSER_MOVABLE | __GFP_THISNODE, folio_order(src), nid);
}

/*
 * model: move_pages(2) for a whole range and one node; pages of several processes are
 * left where they are.  Returns how many pages moved.
 */
long sys_move_pages(unsigned long addr, unsigned long len, int nid)
{
	struct mm_struct *mm = current->mm;
	LIST_HEAD(pagelist);
	nodemask_t target;
	struct queue_pages qp = {
		.pagelist = &pagelist, .flags = MPOL_MF_MOVE, .nmask = &target,
	};
	unsigned int moved = 0;
	long err;

	if ((addr & ~PAGE_MASK) || addr + PAGE_ALIGN(len) < addr)
		return -EINVAL;
	if (nid < 0 || nid >= MAX_NUMNODES || !node_state(nid, N_MEMORY))
		return -ENODEV;
	nodes_clear(target);
	node_set(nid, target);
	lru_add_drain_all();
	mmap_write_lock(mm);
	err = queue_pages_range(mm, addr, addr + PAGE_ALIGN(len), &qp);
	mmap_write_unlock(mm);
	if (!list_empty(&pagelist)) {
		migrate_pages(&pagelist, alloc_on_node, NULL, nid, MIGRATE_SYNC, MR_SYSCALL,
			      &moved);
		if (!list_empty(&pagelist))
			putback_movable_pages(&pagelist);
	}
	exec_return_to_user();
	return err ? err : moved;
}
