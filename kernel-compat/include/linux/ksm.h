/* SPDX-License-Identifier: GPL-2.0 */
/*
 * same, as with CONFIG_KSM=n: no page is merged.
 */
#ifndef _LINUX_KSM_H
#define _LINUX_KSM_H

#include <linux/mm_types.h>

static inline int ksm_fork(struct mm_struct *mm, struct mm_struct *oldmm) { return 0; }
static inline void ksm_exit(struct mm_struct *mm) { }

#endif /* _LINUX_KSM_H */
