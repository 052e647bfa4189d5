/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AutoNUMA: hooks called by the rest of the kernel.
 */
#ifndef _LINUX_AUTONUMA_H
#define _LINUX_AUTONUMA_H

#include <linux/mm_types.h>
#include <linux/sched.h>

static inline bool autonuma_enabled(void) { return false; }
static inline vm_fault_t autonuma_do_numa_page(struct vm_fault *vmf) { return 0; }
static inline void autonuma_mm_init(struct mm_struct *mm) { mm->mm_autonuma = NULL; }
static inline void autonuma_mm_exit(struct mm_struct *mm) { }
static inline void autonuma_task_fork(struct task_struct *p) { p->task_autonuma = NULL; }
static inline void autonuma_task_exec(struct task_struct *p) { }
static inline void autonuma_task_free(struct task_struct *p) { }

#endif /* _LINUX_AUTONUMA_H */
