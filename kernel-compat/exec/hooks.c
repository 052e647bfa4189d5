// SPDX-License-Identifier: GPL-2.0
/* What other parts of the shim do for tasks, and weak defaults of it; see hooks.h. */
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <exec/hooks.h>

#define __weak_hook __attribute__((weak))

__weak_hook void switch_mm_irqs_off(struct mm_struct *prev, struct mm_struct *next,
				    struct task_struct *task) { }
__weak_hook void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *task) { }
__weak_hook void mpol_put_task_policy(struct task_struct *p) { }
__weak_hook void tlb_ubc_free(struct task_struct *p) { }
__weak_hook void tlb_cpu_goes(unsigned int cpu) { }
__weak_hook void exec_mmgrab(struct mm_struct *mm) { }
__weak_hook void exec_mmdrop(struct mm_struct *mm) { }
__weak_hook struct mm_struct *exec_init_mm(void) { return NULL; }
__weak_hook int copy_mm(unsigned long clone_flags, struct task_struct *tsk) { return 0; }
__weak_hook void exit_mm(void) { }
__weak_hook int program_new_mm(struct task_struct *p) { return 0; }
__weak_hook void program_drop_mm(struct task_struct *p) { }

__weak_hook void lock_print_held(struct task_struct *p) { }
__weak_hook void lock_check_exit(struct task_struct *p) { }
__weak_hook void lock_forget_held(struct task_struct *p) { }

__weak_hook void rcu_ctx_start(void) { }
__weak_hook void rcu_ctx_stop(void) { }
__weak_hook void rcu_note_context_switch(bool preempt) { }
__weak_hook void rcu_task_init(struct task_struct *p) { }
__weak_hook void rcu_task_exit(struct task_struct *p) { }
__weak_hook void rcu_task_forget(struct task_struct *p) { }
__weak_hook void kthread_task_exit(struct task_struct *p) { }
__weak_hook void free_kthread_struct(struct task_struct *p) { }

void exec_lru_drain(void)
{
	lru_add_drain_all();
}
