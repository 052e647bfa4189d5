/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory policies: on which nodes a task or VMA wants its pages.
 *
 * same: modes, flags, reference rules, get_vma_policy(), vma_policy_mof(),
 *	vma_migratable(), mbind() and set_mempolicy() semantics.
 * model: policies of shared memory lie in the VMA, not in the file, so another
 *	mapping of the file does not see them.  No cpusets: mems_allowed is every node
 *	with memory, and rebinding does not happen.
 * Left out: MPOL_PREFERRED_MANY, MPOL_WEIGHTED_INTERLEAVE (-EINVAL), home nodes.
 */
#ifndef _LINUX_MEMPOLICY_H
#define _LINUX_MEMPOLICY_H

#include <linux/types.h>
#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/mm_types.h>
#include <linux/nodemask.h>
#include <linux/sched.h>

enum {
	MPOL_DEFAULT,
	MPOL_PREFERRED,
	MPOL_BIND,
	MPOL_INTERLEAVE,
	MPOL_LOCAL,
	MPOL_PREFERRED_MANY,
	MPOL_WEIGHTED_INTERLEAVE,
	MPOL_MAX,
};

#define MPOL_F_STATIC_NODES	(1 << 15)
#define MPOL_F_RELATIVE_NODES	(1 << 14)
#define MPOL_F_NUMA_BALANCING	(1 << 13)
#define MPOL_MODE_FLAGS							\
	(MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES | MPOL_F_NUMA_BALANCING)

#define MPOL_F_NODE		(1 << 0)
#define MPOL_F_ADDR		(1 << 1)
#define MPOL_F_MEMS_ALLOWED	(1 << 2)

#define MPOL_MF_STRICT		(1 << 0)
#define MPOL_MF_MOVE		(1 << 1)
#define MPOL_MF_MOVE_ALL	(1 << 2)
#define MPOL_MF_LAZY		(1 << 3)
#define MPOL_MF_VALID		(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)

#define MPOL_F_SHARED		(1 << 0)
#define MPOL_F_MOF		(1 << 3)	/* migrate on (hinting) fault */
#define MPOL_F_MORON		(1 << 4)	/* … to the node that references */

#define NO_INTERLEAVE_INDEX	(-1UL)

/* Immutable once published; replaced, never changed. */
struct mempolicy {
	atomic_t refcnt;
	unsigned short mode;
	unsigned short flags;
	nodemask_t nodes;
	int home_node;
	union {
		nodemask_t cpuset_mems_allowed;
		nodemask_t user_nodemask;
	} w;
};

void __mpol_put(struct mempolicy *pol);
static inline void mpol_put(struct mempolicy *pol)
{
	if (pol)
		__mpol_put(pol);
}

static inline int mpol_needs_cond_ref(struct mempolicy *pol)
{
	return pol && (pol->flags & MPOL_F_SHARED);
}

static inline void mpol_cond_put(struct mempolicy *pol)
{
	if (mpol_needs_cond_ref(pol))
		__mpol_put(pol);
}

static inline void mpol_get(struct mempolicy *pol)
{
	if (pol)
		atomic_inc(&pol->refcnt);
}

/* A copy, or ERR_PTR(-ENOMEM); NULL stays NULL. */
struct mempolicy *__mpol_dup(struct mempolicy *pol);
static inline struct mempolicy *mpol_dup(struct mempolicy *pol)
{
	return pol ? __mpol_dup(pol) : NULL;
}

bool __mpol_equal(struct mempolicy *a, struct mempolicy *b);
static inline bool mpol_equal(struct mempolicy *a, struct mempolicy *b)
{
	return a == b || __mpol_equal(a, b);
}

int vma_dup_policy(struct vm_area_struct *src, struct vm_area_struct *dst);
struct mempolicy *get_task_policy(struct task_struct *p);
struct mempolicy *__get_vma_policy(struct vm_area_struct *vma, unsigned long addr,
				   pgoff_t *ilx);
struct mempolicy *get_vma_policy(struct vm_area_struct *vma, unsigned long addr,
				 int order, pgoff_t *ilx);
bool vma_policy_mof(struct vm_area_struct *vma);
bool vma_migratable(struct vm_area_struct *vma);
void mpol_put_task_policy(struct task_struct *tsk);
void numa_default_policy(void);
/*
 * Does the policy want the folio elsewhere?  Node to move it to, or NUMA_NO_NODE.
 * Context: page-table lock of vmf held.
 */
int mpol_misplaced(struct folio *folio, struct vm_fault *vmf, unsigned long addr);

/* Allocation under a policy. NULL when out of memory. */
struct page *alloc_pages_mpol(gfp_t gfp, unsigned int order, struct mempolicy *pol,
			      pgoff_t ilx, int nid);
struct folio *folio_alloc_mpol(gfp_t gfp, unsigned int order, struct mempolicy *pol,
			       pgoff_t ilx, int nid);
struct folio *vma_alloc_folio(gfp_t gfp, int order, struct vm_area_struct *vma,
			      unsigned long addr, bool hugepage);

#endif /* _LINUX_MEMPOLICY_H */
