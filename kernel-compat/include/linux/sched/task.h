/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Life of a task.
 *
 * same: reference counts (usage, and rcu_users whose end is delayed by a grace
 * period), tasklist_lock, do_exit().  model: clone flags other than CLONE_VM and
 * CLONE_THREAD mean nothing here.
 */
#ifndef _LINUX_SCHED_TASK_H
#define _LINUX_SCHED_TASK_H

#include <linux/sched.h>
#include <linux/spinlock.h>

#ifndef CLONE_VM
#define CLONE_VM	0x00000100
#define CLONE_FS	0x00000200
#define CLONE_FILES	0x00000400
#define CLONE_SIGHAND	0x00000800
#define CLONE_VFORK	0x00004000
#define CLONE_THREAD	0x00010000
#endif

extern rwlock_t tasklist_lock;

/**
 * struct kernel_clone_args - what copy_process_model() makes
 * @flags:	CLONE_*
 * @fn:		what the new task runs; its return value is its exit code
 * @fn_arg:	argument of @fn
 * @name:	comm, or NULL to inherit
 * @node:	NUMA node to allocate on and to start on, or NUMA_NO_NODE
 * @cpu:	CPU to be bound to from the start, or -1
 * @kthread:	a kernel thread: PF_KTHREAD, no mm, reaped automatically
 * @fresh_mm:	a user process that begins with an empty address space
 */
struct kernel_clone_args {
	u64 flags;
	int (*fn)(void *arg);
	void *fn_arg;
	const char *name;
	int node;
	int cpu;
	bool kthread;
	bool fresh_mm;
};

/* A new task, not yet running and on the task lists: wake_up_new_task() starts it. ERR_PTR. */
struct task_struct *copy_process_model(const struct kernel_clone_args *args);
pid_t kernel_thread(int (*fn)(void *), void *arg, const char *name, unsigned long flags);
/* shim: kernel_thread() that is placed on @node and not yet woken. ERR_PTR on failure. */
struct task_struct *exec_create_kthread(int (*fn)(void *), void *arg, int node,
					const char *comm);

static inline struct task_struct *get_task_struct(struct task_struct *t)
{
	refcount_inc(&t->usage);
	return t;
}
static inline struct task_struct *tryget_task_struct(struct task_struct *t)
{
	return refcount_inc_not_zero(&t->usage) ? t : NULL;
}
static inline void put_task_struct(struct task_struct *t)
{
	if (refcount_dec_and_test(&t->usage))
		__put_task_struct(t);
}
void put_task_struct_rcu_user(struct task_struct *task);
void release_task(struct task_struct *p);

void __noreturn do_exit(long code);
void sched_exec(void);

static inline void task_lock(struct task_struct *p) { spin_lock(&p->alloc_lock); }
static inline void task_unlock(struct task_struct *p) { spin_unlock(&p->alloc_lock); }

/* Affinity of a task that does not run (new or inactive), without checks. */
void do_set_cpus_allowed(struct task_struct *p, const struct cpumask *new_mask);
/* Wait until @p is off its CPU in @match_state; nonzero if it is. */
unsigned long wait_task_inactive(struct task_struct *p, unsigned int match_state);
long sched_setaffinity(pid_t pid, const struct cpumask *new_mask);

/* shim: a program that calls execve() starts again with @fn on a fresh stack */
void __noreturn exec_restart_program(int (*fn)(void *), void *arg);
void __noreturn exec_program(int (*fn)(void *), void *arg);	/* the same */
/* shim: what happens on the way back to user mode: charges, preemption, SIGKILL. */
void exec_return_to_user(void);

/* Offered by vm; the weak defaults leave mm NULL. */
int copy_mm(unsigned long clone_flags, struct task_struct *tsk);
void exit_mm(void);
/* Give a new, not yet running process an empty address space: 0 or -ENOMEM. */
int program_new_mm(struct task_struct *p);
/* Undo copy_mm() or program_new_mm() for a task that never ran. */
void program_drop_mm(struct task_struct *p);

#endif /* _LINUX_SCHED_TASK_H */
