/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transparent huge pages: types and predicates; the code comes with a later
 * milestone, so no huge PMD is ever installed.
 *
 * same: sizes, pmd_trans_huge_lock(), thp_vma_suitable_order().
 * stub: split_huge_pmd() and friends report a violation when there is something to
 *	split, which cannot be yet.
 */
#ifndef _LINUX_HUGE_MM_H
#define _LINUX_HUGE_MM_H

#include <linux/mm.h>

#define HPAGE_PMD_SHIFT	PMD_SHIFT
#define HPAGE_PMD_SIZE	(1UL << HPAGE_PMD_SHIFT)
#define HPAGE_PMD_MASK	(~(HPAGE_PMD_SIZE - 1))
#define HPAGE_PMD_ORDER	(HPAGE_PMD_SHIFT - PAGE_SHIFT)
#define HPAGE_PMD_NR	(1 << HPAGE_PMD_ORDER)

#define TVA_SMAPS		(1 << 0)
#define TVA_IN_PF		(1 << 1)
#define TVA_ENFORCE_SYSFS	(1 << 2)

static inline int is_swap_pmd(pmd_t pmd)
{
	return !pmd_none(pmd) && !pmd_present(pmd);
}

/* Lock a huge (or migrating) PMD; NULL and unlocked when it is none. */
spinlock_t *__pmd_trans_huge_lock(pmd_t *pmd, struct vm_area_struct *vma);
static inline spinlock_t *pmd_trans_huge_lock(pmd_t *pmd, struct vm_area_struct *vma)
{
	pmd_t val = pmdp_get_lockless(pmd);

	if (is_swap_pmd(val) || pmd_trans_huge(val) || pmd_devmap(val))
		return __pmd_trans_huge_lock(pmd, vma);
	return NULL;
}

static inline bool thp_vma_suitable_order(struct vm_area_struct *vma, unsigned long addr,
					  int order)
{
	unsigned long size = PAGE_SIZE << order, haddr = addr & ~(size - 1);

	if (!vma_is_anonymous(vma) &&
	    (((vma->vm_start >> PAGE_SHIFT) - vma->vm_pgoff) & ((size >> PAGE_SHIFT) - 1)))
		return false;
	return haddr >= vma->vm_start && haddr + size <= vma->vm_end;
}

static inline bool is_huge_zero_folio(const struct folio *folio) { return false; }
static inline bool is_huge_zero_pmd(pmd_t pmd) { return false; }
static inline bool folio_test_pmd_mappable(struct folio *folio)
{
	return folio_test_large(folio) && (folio->_flags_1 & 0xff) >= HPAGE_PMD_ORDER;
}

void __split_huge_pmd(struct vm_area_struct *vma, pmd_t *pmd, unsigned long address,
		      bool freeze, struct folio *folio);
#define split_huge_pmd(vma, pmd, address) do {					\
	pmd_t *____pmd = (pmd);							\
	pmd_t ____val = pmdp_get(____pmd);					\
										\
	if (is_swap_pmd(____val) || pmd_trans_huge(____val) || pmd_devmap(____val)) \
		__split_huge_pmd(vma, ____pmd, address, false, NULL);		\
} while (0)

#endif /* _LINUX_HUGE_MM_H */
