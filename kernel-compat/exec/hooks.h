/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What other parts of the shim do for tasks.  Every hook has a weak default in
 * hooks.c, so exec/ links and is tested without them.
 */
#ifndef _EXEC_HOOKS_H
#define _EXEC_HOOKS_H

#include <linux/types.h>

struct mm_struct;
struct task_struct;

/* vm */
void switch_mm_irqs_off(struct mm_struct *prev, struct mm_struct *next,
			struct task_struct *task);
void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *task);
void mpol_put_task_policy(struct task_struct *p);
int exec_mpol_copy(struct task_struct *p);	/* p->mempolicy from current's; 0 or -ENOMEM */
void tlb_ubc_free(struct task_struct *p);
void tlb_cpu_goes(unsigned int cpu);
void exec_mmgrab(struct mm_struct *mm);
void exec_mmdrop(struct mm_struct *mm);
struct mm_struct *exec_init_mm(void);

/* lock */
void lock_print_held(struct task_struct *p);	/* one line per held lock */
void lock_check_exit(struct task_struct *p);	/* VIOLATION_LOCK_LEAKED if any is held */
void lock_forget_held(struct task_struct *p);	/* drop all by force */

/* rcu, kthreads */
void rcu_ctx_start(void);
void rcu_ctx_stop(void);
void rcu_note_context_switch(bool preempt);
void rcu_task_init(struct task_struct *p);
void rcu_task_exit(struct task_struct *p);
void rcu_task_forget(struct task_struct *p);
void exec_rcu_barrier(void);
void kthread_task_exit(struct task_struct *p);
void free_kthread_struct(struct task_struct *p);

/* How many there are; for exec/machine.c. */
unsigned long exec_slab_since_boot(void);	/* slab objects that were allocated after boot */
bool exec_slab_rest_written(void);		/* any that was freed */
unsigned long exec_page_tables(void);
unsigned long exec_huge_zero_pages(void);	/* of no process, kept until memory is short */
unsigned long exec_rcu_callbacks(void);		/* that wait */

/* pages */
void exec_lru_drain(void);

#endif /* _EXEC_HOOKS_H */
