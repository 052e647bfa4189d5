/* SPDX-License-Identifier: GPL-2.0 */
/*
 * same, as with CONFIG_USERFAULTFD=n: no VMA is watched.
 */
#ifndef _LINUX_USERFAULTFD_K_H
#define _LINUX_USERFAULTFD_K_H

#include <linux/mm_types.h>

static inline bool userfaultfd_wp(struct vm_area_struct *vma) { return false; }
static inline bool userfaultfd_armed(struct vm_area_struct *vma) { return false; }
static inline bool userfaultfd_missing(struct vm_area_struct *vma) { return false; }
static inline bool userfaultfd_pte_wp(struct vm_area_struct *vma, pte_t pte)
{
	return false;
}
static inline bool userfaultfd_huge_pmd_wp(struct vm_area_struct *vma, pmd_t pmd)
{
	return false;
}

#endif /* _LINUX_USERFAULTFD_K_H */
