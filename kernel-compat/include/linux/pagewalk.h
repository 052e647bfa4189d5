/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walking page tables.
 *
 * same: callbacks, their order, ->action, walk_lock asserts, folio_walk_start().
 * Left out: hugetlb_entry, pgd_entry, p4d_entry, walk_page_mapping() and kernel
 * tables.
 */
#ifndef _LINUX_PAGEWALK_H
#define _LINUX_PAGEWALK_H

#include <linux/mm.h>

struct mm_walk;

enum page_walk_lock {
	PGWALK_RDLOCK = 0,		/* mmap_lock held for reading */
	PGWALK_WRLOCK = 1,		/* … for writing, VMAs get write-locked */
	PGWALK_WRLOCK_VERIFY = 2,	/* … for writing, VMAs are write-locked */
};

/**
 * struct mm_walk_ops - what a walk calls
 * @pud_entry:	for each non-empty PUD entry
 * @pmd_entry:	for each non-empty PMD entry; must cope with a huge one and with a
 *		table that vanishes
 * @pte_entry:	for each PTE, the empty ones too
 * @pte_hole:	for each range without a table, or without a VMA
 * @test_walk:	0: walk this VMA, 1: skip it, negative: stop with that error
 * @pre_vma:	before a VMA is walked
 * @post_vma:	after
 * @walk_lock:	what the caller holds
 *
 * A callback that returns nonzero ends the walk with that value.
 */
struct mm_walk_ops {
	int (*pud_entry)(pud_t *pud, unsigned long addr, unsigned long next,
			 struct mm_walk *walk);
	int (*pmd_entry)(pmd_t *pmd, unsigned long addr, unsigned long next,
			 struct mm_walk *walk);
	int (*pte_entry)(pte_t *pte, unsigned long addr, unsigned long next,
			 struct mm_walk *walk);
	int (*pte_hole)(unsigned long addr, unsigned long next, int depth,
			struct mm_walk *walk);
	int (*test_walk)(unsigned long addr, unsigned long next, struct mm_walk *walk);
	int (*pre_vma)(unsigned long start, unsigned long end, struct mm_walk *walk);
	void (*post_vma)(struct mm_walk *walk);
	enum page_walk_lock walk_lock;
};

enum page_walk_action {
	ACTION_SUBTREE = 0,	/* go down */
	ACTION_CONTINUE = 1,	/* go on at this level */
	ACTION_AGAIN = 2,	/* look at this entry again */
};

struct mm_walk {
	const struct mm_walk_ops *ops;
	struct mm_struct *mm;
	pgd_t *pgd;
	struct vm_area_struct *vma;
	enum page_walk_action action;
	bool no_vma;
	void *private;
};

int walk_page_range(struct mm_struct *mm, unsigned long start, unsigned long end,
		    const struct mm_walk_ops *ops, void *private);
int walk_page_range_vma(struct vm_area_struct *vma, unsigned long start,
			unsigned long end, const struct mm_walk_ops *ops, void *private);
int walk_page_vma(struct vm_area_struct *vma, const struct mm_walk_ops *ops,
		  void *private);

typedef int __bitwise folio_walk_flags_t;
#define FW_MIGRATION	((__force folio_walk_flags_t)1)	/* migration entries too */
#define FW_ZEROPAGE	((__force folio_walk_flags_t)2)	/* the zero page too */

enum folio_walk_level {
	FW_LEVEL_PTE,
	FW_LEVEL_PMD,
	FW_LEVEL_PUD,
};

struct folio_walk {
	struct page *page;
	enum folio_walk_level level;
	union {
		pte_t *ptep;
		pud_t *pudp;
		pmd_t *pmdp;
	};
	union {
		pte_t pte;
		pud_t pud;
		pmd_t pmd;
	};
	struct vm_area_struct *vma;
	spinlock_t *ptl;
};

/* The folio mapped at @addr with its page-table lock held, or NULL without. */
struct folio *folio_walk_start(struct folio_walk *fw, struct vm_area_struct *vma,
			       unsigned long addr, folio_walk_flags_t flags);
#define folio_walk_end(__fw, __vma) do {					\
	spin_unlock((__fw)->ptl);						\
	if (likely((__fw)->level == FW_LEVEL_PTE))				\
		pte_unmap((__fw)->ptep);					\
} while (0)

#endif /* _LINUX_PAGEWALK_H */
