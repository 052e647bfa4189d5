/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which address space a CPU translates through.
 *
 * same: switch_mm(), lazy TLB, activate_mm().
 */
#ifndef _ASM_X86_MMU_CONTEXT_H
#define _ASM_X86_MMU_CONTEXT_H

#include <linux/mm_types.h>

struct task_struct;

/* This CPU runs @next from now on. Context: interrupts disabled. */
void switch_mm_irqs_off(struct mm_struct *prev, struct mm_struct *next,
			struct task_struct *tsk);
void switch_mm(struct mm_struct *prev, struct mm_struct *next, struct task_struct *tsk);
/* A kernel thread borrows @mm; translations stay, user accesses do not happen. */
void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *tsk);
#define activate_mm(prev, next)	switch_mm((prev), (next), NULL)
#define deactivate_mm(tsk, mm)	do { } while (0)

int init_new_context(struct task_struct *tsk, struct mm_struct *mm);
/* No user is left: forget the address space in every TLB. */
void destroy_context(struct mm_struct *mm);

static inline bool arch_vma_access_permitted(struct vm_area_struct *vma, bool write,
					     bool execute, bool foreign)
{
	return true;
}

#endif /* _ASM_X86_MMU_CONTEXT_H */
