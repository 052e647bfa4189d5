/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The three faults of 2015, as replacements of functions of the core: what the test of each
 * and the benchmark of all put in.
 */
#ifndef _TESTS_LESSON_H
#define _TESTS_LESSON_H

#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/rmap.h>

#include "../mm/autonuma.h"

/* For autonuma_was_writable(): what is private is mapped read-only again. */
static inline bool lesson_never_writable(struct vm_area_struct *vma, unsigned long addr,
					 pte_t pte)
{
	return false;
}

/*
 * For autonuma_shares_writes(): who may not write at this moment shares nothing worth a
 * group. The hinting fault that asks holds the mapping.
 */
static inline bool lesson_writable_now(struct vm_area_struct *vma, unsigned long addr)
{
	pmd_t *pmd = mm_find_pmd(vma->vm_mm, addr);
	pte_t *ptep = pmd ? pte_offset_map(pmd, addr) : NULL;
	bool writable;

	if (!ptep)
		return false;
	writable = vma->vm_file && pte_write(ptep_get(ptep));
	pte_unmap(ptep);
	return writable;
}

/* For autonuma_judge_period(): only what is local makes scanning slower. */
static inline unsigned int lesson_failures_ignored(unsigned int period,
						   const unsigned long *heard)
{
	return heard[AUTONUMA_STAYED] + heard[AUTONUMA_REMOTE] ? period / 2 : period * 2;
}

#endif /* _TESTS_LESSON_H */
