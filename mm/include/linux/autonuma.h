/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AutoNUMA: automatic NUMA placement of memory and tasks.
 *
 * What the rest of the kernel calls. Every hook is one patched-out branch or
 * one pointer test while AutoNUMA is off or does not know the process.
 */
#ifndef _LINUX_AUTONUMA_H
#define _LINUX_AUTONUMA_H

#include <linux/jump_label.h>
#include <linux/mm_types.h>
#include <linux/numa.h>
#include <linux/sched.h>

#ifdef CONFIG_AUTONUMA

DECLARE_STATIC_KEY_FALSE(autonuma_enabled_key);

/**
 * autonuma_enabled() - is AutoNUMA deciding about placement right now?
 *
 * A static branch, false at boot until autonuma_init() ran, and false forever
 * with "noautonuma" on the command line or with a single possible node.
 */
static __always_inline bool autonuma_enabled(void)
{
	return static_branch_unlikely(&autonuma_enabled_key);
}

vm_fault_t autonuma_do_numa_page(struct vm_fault *vmf);
vm_fault_t autonuma_do_huge_pmd_numa_page(struct vm_fault *vmf);

void __autonuma_mm_exit(struct mm_struct *mm);
void __autonuma_task_exec(struct task_struct *p);
void __autonuma_task_free(struct task_struct *p);
void __autonuma_task_tick(struct task_struct *curr);
int __autonuma_preferred_nid(struct task_struct *p);
bool __autonuma_may_pull(struct task_struct *p, int src_cpu, int dst_cpu, bool dst_idle);

/**
 * autonuma_mm_init() - a new address space begins
 * @mm: the address space; nobody else can see it yet
 *
 * Allocates nothing: knuma_scand registers an mm once it is old enough to be
 * worth it.
 */
static inline void autonuma_mm_init(struct mm_struct *mm)
{
	mm->mm_autonuma = NULL;
}

/**
 * autonuma_mm_exit() - an address space ends
 * @mm: the address space; mm_users is zero, its page tables still exist
 *
 * One pointer test for an mm that was never registered.
 */
static inline void autonuma_mm_exit(struct mm_struct *mm)
{
	if (unlikely(mm->mm_autonuma))
		__autonuma_mm_exit(mm);
}

/**
 * autonuma_task_fork() - a task was duplicated
 * @p: the new task, not yet visible to anybody
 */
static inline void autonuma_task_fork(struct task_struct *p)
{
	p->task_autonuma = NULL;
}

/**
 * autonuma_task_exec() - a task starts another program
 * @p: the current task; its new mm is in place
 */
static inline void autonuma_task_exec(struct task_struct *p)
{
	if (unlikely(p->task_autonuma))
		__autonuma_task_exec(p);
}

/**
 * autonuma_task_free() - the last reference to a task was put
 * @p: the task; its RCU grace period is over
 */
static inline void autonuma_task_free(struct task_struct *p)
{
	if (unlikely(p->task_autonuma))
		__autonuma_task_free(p);
}

/**
 * autonuma_task_tick() - the scheduler's clock ticks
 * @curr: the task that runs on this CPU
 *
 * Decides nothing here. Once per balance_interval_millisecs it asks for a decision about
 * @curr, which @curr takes on its way to user mode.
 *
 * Context: the tick; run queue locked, interrupts off.
 */
static inline void autonuma_task_tick(struct task_struct *curr)
{
	if (autonuma_enabled())
		__autonuma_task_tick(curr);
}

/**
 * autonuma_preferred_nid() - where a task should be looked for a CPU first
 * @p: a task that wakes up
 *
 * A wish: @p's affinity, and where it is idle, are for the caller to see to.
 *
 * Return: a node, or NUMA_NO_NODE for no wish.
 * Context: any; @p cannot be freed.
 */
static inline int autonuma_preferred_nid(struct task_struct *p)
{
	return autonuma_enabled() ? __autonuma_preferred_nid(p) : NUMA_NO_NODE;
}

/**
 * autonuma_may_pull() - may the load balancer pull a task to another CPU?
 * @p:		a runnable task that does not run
 * @src_cpu:	the CPU it waits for
 * @dst_cpu:	the CPU that pulls
 * @dst_idle:	@dst_cpu has nothing else to do
 *
 * Context: any; @p cannot be freed.
 */
static inline bool autonuma_may_pull(struct task_struct *p, int src_cpu, int dst_cpu,
				     bool dst_idle)
{
	return !autonuma_enabled() || __autonuma_may_pull(p, src_cpu, dst_cpu, dst_idle);
}

#else /* !CONFIG_AUTONUMA */

static inline bool autonuma_enabled(void)
{
	return false;
}

static inline vm_fault_t autonuma_do_numa_page(struct vm_fault *vmf)
{
	return 0;
}

static inline vm_fault_t autonuma_do_huge_pmd_numa_page(struct vm_fault *vmf)
{
	return 0;
}

static inline void autonuma_mm_init(struct mm_struct *mm)
{
}

static inline void autonuma_mm_exit(struct mm_struct *mm)
{
}

static inline void autonuma_task_fork(struct task_struct *p)
{
}

static inline void autonuma_task_exec(struct task_struct *p)
{
}

static inline void autonuma_task_free(struct task_struct *p)
{
}

static inline void autonuma_task_tick(struct task_struct *curr)
{
}

static inline int autonuma_preferred_nid(struct task_struct *p)
{
	return NUMA_NO_NODE;
}

static inline bool autonuma_may_pull(struct task_struct *p, int src_cpu, int dst_cpu,
				     bool dst_idle)
{
	return true;
}

#endif /* CONFIG_AUTONUMA */

#endif /* _LINUX_AUTONUMA_H */
