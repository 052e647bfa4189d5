/* SPDX-License-Identifier: GPL-2.0 */
/*
 * same, as with CONFIG_HUGETLB_PAGE=n: there are no hugetlb mappings.
 */
#ifndef _LINUX_HUGETLB_H
#define _LINUX_HUGETLB_H

#include <linux/mm_types.h>

static inline bool is_vm_hugetlb_page(struct vm_area_struct *vma) { return false; }

#endif /* _LINUX_HUGETLB_H */
