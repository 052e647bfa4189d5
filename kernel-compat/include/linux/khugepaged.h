/* SPDX-License-Identifier: GPL-2.0 */
/*
 * same, as with CONFIG_TRANSPARENT_HUGEPAGE=n: nobody collapses pages.
 */
#ifndef _LINUX_KHUGEPAGED_H
#define _LINUX_KHUGEPAGED_H

#include <linux/mm_types.h>

static inline void khugepaged_fork(struct mm_struct *mm, struct mm_struct *oldmm) { }
static inline void khugepaged_exit(struct mm_struct *mm) { }

#endif /* _LINUX_KHUGEPAGED_H */
