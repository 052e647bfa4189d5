// SPDX-License-Identifier: GPL-2.0
/* Kernel threads that borrow the address space of a program. */
#include <linux/bug.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/mm_types.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <asm/mmu_context.h>

#include <exec/hooks.h>

/* The lazy reference of the CPU, which init_mm does not need. */
static void drop_lazy(struct mm_struct *mm)
{
	if (mm && mm != exec_init_mm())
		mmdrop_lazy_tlb(mm);
}

/**
 * kthread_use_mm() - make the calling kthread use an address space
 * @mm:	the caller holds a reference on its users
 *
 * Context: process context of a kthread without an mm.
 */
void kthread_use_mm(struct mm_struct *mm)
{
	struct task_struct *tsk = current;
	struct mm_struct *active_mm;

	WARN_ON_ONCE(!(tsk->flags & PF_KTHREAD));
	WARN_ON_ONCE(tsk->mm);
	mmgrab(mm);
	task_lock(tsk);
	/* No flush may come between the two assignments and the switch. */
	local_irq_disable();
	active_mm = tsk->active_mm;
	tsk->active_mm = mm;
	WRITE_ONCE(tsk->mm, mm);
	switch_mm_irqs_off(active_mm, mm, tsk);
	local_irq_enable();
	task_unlock(tsk);
	drop_lazy(active_mm);
}

/* Give it back. The CPU goes on using it lazily. */
void kthread_unuse_mm(struct mm_struct *mm)
{
	struct task_struct *tsk = current;

	WARN_ON_ONCE(!(tsk->flags & PF_KTHREAD));
	WARN_ON_ONCE(tsk->mm != mm);
	task_lock(tsk);
	local_irq_disable();
	WRITE_ONCE(tsk->mm, (struct mm_struct *)NULL);
	mmgrab_lazy_tlb(mm);
	enter_lazy_tlb(mm, tsk);
	local_irq_enable();
	task_unlock(tsk);
	mmdrop(mm);
}
