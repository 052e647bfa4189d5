/* SPDX-License-Identifier: GPL-2.0 */
/*
 * current: same contract as the kernel's.  Each host context has its own; in an
 * interrupt handler that another context delivers it is the idle task of the
 * interrupted CPU.
 */
#ifndef _ASM_CURRENT_H
#define _ASM_CURRENT_H

struct task_struct;

/* shim: owned by exec; written only on entry to a context and around interrupts */
extern __thread struct task_struct *exec_current;

static inline struct task_struct *get_current(void)
{
	return exec_current;
}

#define current get_current()

#endif /* _ASM_CURRENT_H */
