/* SPDX-License-Identifier: GPL-2.0 */
/*
 * current: same contract as the kernel's.  Each host context has its own; in an
 * interrupt handler that another context delivers it is the idle task of the
 * interrupted CPU.
 */
#ifndef _ASM_CURRENT_H
#define _ASM_CURRENT_H

struct task_struct;

/*
 * shim: owned by exec; written only on entry to a context and around interrupts.
 *
 * By instructions of their own, as in the kernel. Contexts that take turns on one host
 * thread share the variable, and TSan would see them race for it.
 */
extern __thread struct task_struct *exec_current;

static inline struct task_struct *get_current(void)
{
	struct task_struct *p;

	__asm__("movq %1, %0" : "=r" (p) : "m" (exec_current));
	return p;
}

static inline void exec_set_current(struct task_struct *p)
{
	__asm__("movq %1, %0" : "=m" (exec_current) : "r" (p));
}

#define current get_current()

#endif /* _ASM_CURRENT_H */
