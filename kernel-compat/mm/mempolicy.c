// SPDX-License-Identifier: GPL-2.0
/*
 * Memory policies: reference counts, lookup, where to allocate.
 *
 * A policy never changes after it is published in a task or a VMA; a new one replaces
 * it.  A task's own policy is read by the task without a lock and replaced under
 * task_lock(); a VMA's is under mmap_lock.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/hugetlb.h>
#include <linux/pagemap.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <machine/machine.h>
#include <machine/program.h>
#include "mempolicy.h"

static struct kmem_cache *policy_cache;

/*
 * Who has no policy gets the node it runs on, and pages that follow it there.  The
 * kernel has one such policy per node; MPOL_LOCAL says the same for all.
 */
static struct mempolicy default_policy = {
	.refcnt = ATOMIC_INIT(1),
	.mode = MPOL_LOCAL,
	.flags = MPOL_F_MOF | MPOL_F_MORON,
};

void __mpol_put(struct mempolicy *pol)
{
	if (atomic_dec_and_test(&pol->refcnt))
		kmem_cache_free(policy_cache, pol);
}

struct mempolicy *__mpol_dup(struct mempolicy *old)
{
	struct mempolicy *new = kmem_cache_alloc(policy_cache, GFP_KERNEL);

	if (!new)
		return ERR_PTR(-ENOMEM);
	*new = *old;
	atomic_set(&new->refcnt, 1);
	return new;
}

bool __mpol_equal(struct mempolicy *a, struct mempolicy *b)
{
	if (!a || !b)
		return false;
	if (a->mode != b->mode || a->flags != b->flags || a->home_node != b->home_node)
		return false;
	if ((a->flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES)) &&
	    !nodes_equal(a->w.user_nodemask, b->w.user_nodemask))
		return false;
	return a->mode == MPOL_LOCAL || nodes_equal(a->nodes, b->nodes);
}

int vma_dup_policy(struct vm_area_struct *src, struct vm_area_struct *dst)
{
	struct mempolicy *pol = mpol_dup(src->vm_policy);

	if (IS_ERR(pol))
		return PTR_ERR(pol);
	dst->vm_policy = pol;
	return 0;
}

struct mempolicy *get_task_policy(struct task_struct *p)
{
	struct mempolicy *pol = READ_ONCE(p->mempolicy);

	return pol ? pol : &default_policy;
}

struct mempolicy *__get_vma_policy(struct vm_area_struct *vma, unsigned long addr,
				   pgoff_t *ilx)
{
	*ilx = 0;
	if (vma->vm_ops && vma->vm_ops->get_policy)
		return vma->vm_ops->get_policy(vma, addr, ilx);
	return vma->vm_policy;
}

/* Under mmap_lock. For interleaving *ilx is the page's place in the mapping. */
struct mempolicy *get_vma_policy(struct vm_area_struct *vma, unsigned long addr, int order,
				 pgoff_t *ilx)
{
	struct mempolicy *pol = __get_vma_policy(vma, addr, ilx);

	if (!pol)
		pol = get_task_policy(current);
	if (pol->mode == MPOL_INTERLEAVE) {
		*ilx += vma->vm_pgoff >> order;
		*ilx += (addr - vma->vm_start) >> (PAGE_SHIFT + order);
	}
	return pol;
}

/* Without a policy of its own a VMA's pages migrate on hinting faults. */
bool vma_policy_mof(struct vm_area_struct *vma)
{
	struct mempolicy *pol;

	if (vma->vm_ops && vma->vm_ops->get_policy) {
		pgoff_t ilx;

		pol = vma->vm_ops->get_policy(vma, vma->vm_start, &ilx);
		if (pol && (pol->flags & MPOL_F_MOF))
			return true;
		mpol_cond_put(pol);
		return false;
	}
	pol = vma->vm_policy;
	if (!pol)
		pol = get_task_policy(current);
	return (pol->flags & MPOL_F_MOF) != 0;
}

bool vma_migratable(struct vm_area_struct *vma)
{
	if (vma->vm_flags & (VM_IO | VM_PFNMAP))
		return false;
	if (vma_is_dax(vma) || is_vm_hugetlb_page(vma))
		return false;
	/* Policies are for the highest zone that is not for movable pages alone, and above. */
	return !vma->vm_file || gfp_zone(mapping_gfp_mask(vma->vm_file->f_mapping)) >= ZONE_NORMAL;
}

static unsigned int interleave_nid(struct mempolicy *pol, pgoff_t ilx)
{
	unsigned int count = nodes_weight(pol->nodes), target;
	int nid, i;

	if (!count)
		return numa_node_id();
	target = ilx % count;
	nid = first_node(pol->nodes);
	for (i = 0; i < target; i++)
		nid = next_node(nid, pol->nodes);
	return nid;
}

/* The task's next node in turn. */
static unsigned int interleave_task_nid(struct mempolicy *pol)
{
	int nid = next_node_in(current->il_prev, pol->nodes);

	if (nid >= MAX_NUMNODES)
		return numa_node_id();
	current->il_prev = nid;
	return nid;
}

/* Node to begin at; *mask: nodes allowed, NULL for all. */
static int policy_node(gfp_t gfp, struct mempolicy *pol, pgoff_t ilx, int nid,
		       nodemask_t **mask)
{
	*mask = NULL;
	switch (pol->mode) {
	case MPOL_PREFERRED:
		return first_node(pol->nodes);
	case MPOL_BIND:
		*mask = &pol->nodes;
		return nid;
	case MPOL_INTERLEAVE:
		return ilx == NO_INTERLEAVE_INDEX ? interleave_task_nid(pol) :
						    interleave_nid(pol, ilx);
	}
	return nid;
}

int mempolicy_alloc_nodes(gfp_t gfp, unsigned int order, nodemask_t **nodemask)
{
	struct mempolicy *pol = &default_policy;

	if (!in_interrupt() && !(gfp & __GFP_THISNODE))
		pol = get_task_policy(current);
	return policy_node(gfp, pol, NO_INTERLEAVE_INDEX, numa_node_id(), nodemask);
}

struct page *alloc_pages_mpol(gfp_t gfp, unsigned int order, struct mempolicy *pol,
			      pgoff_t ilx, int nid)
{
	nodemask_t *mask;

	nid = policy_node(gfp, pol, ilx, nid, &mask);
	return __alloc_pages(gfp, order, nid, mask);
}

struct folio *folio_alloc_mpol(gfp_t gfp, unsigned int order, struct mempolicy *pol,
			       pgoff_t ilx, int nid)
{
	nodemask_t *mask;

	nid = policy_node(gfp, pol, ilx, nid, &mask);
	/*
	 * A huge page on the node at hand, without trying hard; small pages there are
	 * better than a huge one elsewhere, unless the caller is ready to try hard.
	 */
	if (order == HPAGE_PMD_ORDER && ilx != NO_INTERLEAVE_INDEX &&
	    pol->mode != MPOL_INTERLEAVE && (!mask || node_isset(nid, *mask))) {
		struct folio *folio = __folio_alloc(gfp | __GFP_THISNODE | __GFP_NORETRY,
						    order, nid, NULL);

		if (folio || !(gfp & __GFP_DIRECT_RECLAIM))
			return folio;
	}
	return __folio_alloc(gfp, order, nid, mask);
}

/* Context: mmap_lock held; may sleep as @gfp says. */
struct folio *vma_alloc_folio(gfp_t gfp, int order, struct vm_area_struct *vma,
			      unsigned long addr, bool hugepage)
{
	pgoff_t ilx;
	struct mempolicy *pol = get_vma_policy(vma, addr, order, &ilx);
	struct folio *folio = folio_alloc_mpol(gfp, order, pol, ilx, numa_node_id());

	mpol_cond_put(pol);
	return folio;
}

int mpol_misplaced(struct folio *folio, struct vm_fault *vmf, unsigned long addr)
{
	int curnid = folio_nid(folio), thisnid = numa_node_id(), want;
	struct vm_area_struct *vma = vmf->vma;
	struct mempolicy *pol;
	pgoff_t ilx;

	lockdep_assert_held(vmf->ptl);
	pol = get_vma_policy(vma, addr, folio_order(folio), &ilx);
	if (!(pol->flags & MPOL_F_MOF))
		return NUMA_NO_NODE;
	switch (pol->mode) {
	case MPOL_INTERLEAVE:
		want = interleave_nid(pol, ilx);
		break;
	case MPOL_PREFERRED:
		if (node_isset(curnid, pol->nodes))
			return NUMA_NO_NODE;
		want = first_node(pol->nodes);
		break;
	case MPOL_BIND:
		/* Among its nodes the one that uses the page. */
		if (pol->flags & MPOL_F_MORON) {
			if (!node_isset(thisnid, pol->nodes))
				return NUMA_NO_NODE;
			want = thisnid;
			break;
		}
		if (node_isset(curnid, pol->nodes))
			return NUMA_NO_NODE;
		want = first_node(pol->nodes);
		break;
	default:
		want = thisnid;
	}
	if (pol->flags & MPOL_F_MORON)
		want = thisnid;
	return want != curnid ? want : NUMA_NO_NODE;
}

struct mempolicy *mpol_new(int mode, const nodemask_t *nodes)
{
	unsigned short flags = mode & MPOL_MODE_FLAGS;
	struct mempolicy *pol;
	nodemask_t allowed;
	bool empty = !nodes || nodes_empty(*nodes);

	mode &= ~MPOL_MODE_FLAGS;
	if (mode < 0 || mode > MPOL_LOCAL)
		return ERR_PTR(-EINVAL);
	if ((flags & MPOL_F_STATIC_NODES) && (flags & MPOL_F_RELATIVE_NODES))
		return ERR_PTR(-EINVAL);
	if ((flags & MPOL_F_NUMA_BALANCING) && mode != MPOL_BIND)
		return ERR_PTR(-EINVAL);
	if (mode == MPOL_DEFAULT)
		return empty ? NULL : ERR_PTR(-EINVAL);
	if (mode == MPOL_PREFERRED && empty) {
		if (flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES))
			return ERR_PTR(-EINVAL);
		mode = MPOL_LOCAL;
	} else if (mode == MPOL_LOCAL) {
		if (!empty || (flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES)))
			return ERR_PTR(-EINVAL);
	} else if (empty) {
		return ERR_PTR(-EINVAL);
	}
	nodes_clear(allowed);
	if (!empty) {
		nodes_and(allowed, *nodes, node_states[N_MEMORY]);
		if (nodes_empty(allowed))
			return ERR_PTR(-EINVAL);
	}
	pol = kmem_cache_alloc(policy_cache, GFP_KERNEL);
	if (!pol)
		return ERR_PTR(-ENOMEM);
	memset(pol, 0, sizeof(*pol));
	atomic_set(&pol->refcnt, 1);
	pol->mode = mode;
	pol->flags = flags;
	if (flags & MPOL_F_NUMA_BALANCING)
		pol->flags |= MPOL_F_MOF | MPOL_F_MORON;
	pol->home_node = NUMA_NO_NODE;
	if (mode == MPOL_PREFERRED) {
		int first = first_node(allowed);

		nodes_clear(allowed);
		node_set(first, allowed);
	}
	if (mode != MPOL_LOCAL)
		pol->nodes = allowed;
	if (!empty)
		pol->w.user_nodemask = *nodes;
	return pol;
}

long sys_set_mempolicy(int mode, const nodemask_t *nodes)
{
	struct mempolicy *new = mpol_new(mode, nodes), *old;

	if (IS_ERR(new))
		return PTR_ERR(new);
	task_lock(current);
	old = current->mempolicy;
	WRITE_ONCE(current->mempolicy, new);
	task_unlock(current);
	mpol_put(old);
	exec_return_to_user();
	return 0;
}

void numa_default_policy(void)
{
	sys_set_mempolicy(MPOL_DEFAULT, NULL);
}

void mpol_put_task_policy(struct task_struct *tsk)
{
	struct mempolicy *pol;

	task_lock(tsk);
	pol = tsk->mempolicy;
	WRITE_ONCE(tsk->mempolicy, NULL);
	task_unlock(tsk);
	mpol_put(pol);
}

int exec_mpol_copy(struct task_struct *p)
{
	struct mempolicy *pol = mpol_dup(current->mempolicy);

	if (IS_ERR(pol)) {
		p->mempolicy = NULL;
		return PTR_ERR(pol);
	}
	p->mempolicy = pol;
	return 0;
}

static int mempolicy_boot(const struct machine_config *cfg)
{
	policy_cache = KMEM_CACHE(mempolicy, 0);
	return policy_cache ? 0 : -ENOMEM;
}

static void mempolicy_halt(void)
{
	kmem_cache_destroy(policy_cache);
	policy_cache = NULL;
}
MACHINE_SUBSYS(mempolicy, MACHINE_ORDER_VM, mempolicy_boot, NULL, mempolicy_halt);
