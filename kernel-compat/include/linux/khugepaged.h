/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The daemon that collapses small pages.
 *
 * same: when an mm is registered (MMF_VM_HUGEPAGE) and when it leaves; limits, pace and
 *	files of the daemon; that it runs only while huge pages are enabled.
 * model: anonymous memory only.  The daemon is started when the first mm registers, not
 *	at boot, so that a machine that uses no huge pages has no such thread.
 */
#ifndef _LINUX_KHUGEPAGED_H
#define _LINUX_KHUGEPAGED_H

#include <linux/mm.h>

struct attribute_group;

/* Entries without page that a range may have, of HPAGE_PMD_NR. */
extern unsigned int khugepaged_max_ptes_none;
extern struct attribute_group khugepaged_attr_group;

/* "enabled" changed: start or stop the daemon. 0 or -ENOMEM. May sleep. */
int start_stop_khugepaged(void);
bool current_is_khugepaged(void);

void __khugepaged_enter(struct mm_struct *mm);
void __khugepaged_exit(struct mm_struct *mm);
/* Register @vma's mm if huge pages are allowed in it. mmap_lock held. */
void khugepaged_enter_vma(struct vm_area_struct *vma, unsigned long vm_flags);

static inline void khugepaged_fork(struct mm_struct *mm, struct mm_struct *oldmm)
{
	if (test_bit(MMF_VM_HUGEPAGE, &oldmm->flags))
		__khugepaged_enter(mm);
}

static inline void khugepaged_exit(struct mm_struct *mm)
{
	if (test_bit(MMF_VM_HUGEPAGE, &mm->flags))
		__khugepaged_exit(mm);
}

#endif /* _LINUX_KHUGEPAGED_H */
