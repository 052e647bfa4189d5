/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the scheduler share, and what sched/ of the tree may use of it; plays
 * kernel/sched/sched.h.
 *
 * same: cpu_rq(), task_rq(), cpu_curr(), idle_cpu() (linux/sched.h), migrate_task_to().
 * model: struct rq has the fields that are used here.  rq->lock is a lock of the shim's
 * own, below the kernel's and unknown to lockdep.  migrate_swap() is for the calling task,
 * as the kernel uses it.
 */
#ifndef _KERNEL_SCHED_SCHED_H
#define _KERNEL_SCHED_SCHED_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/types.h>

/**
 * struct rq - who runs and who waits on one virtual CPU
 * @lock:	everything here, on_rq and the CPU of every task on it; two of them are taken
 *		in the order of their CPUs
 * @cpu:	whose it is
 * @nr_running:	tasks that wait, and @curr unless that is @idle; read by anybody
 * @curr:	who owns the CPU; the idle task when nobody does. Under RCU, or the lock
 * @idle:	the CPU's idle task
 * @queue:	those who wait, first in, first out
 */
struct rq {
	struct xlock		lock;
	unsigned int		cpu;
	unsigned int		nr_running;
	struct task_struct __rcu *curr;
	struct task_struct	*idle;
	struct list_head	queue;
};

extern struct rq *runqueues;		/* nr_cpu_ids of them */

#define cpu_rq(cpu)		(&runqueues[cpu])
#define this_rq()		cpu_rq(smp_processor_id())
#define task_rq(p)		cpu_rq(task_cpu(p))
#define cpu_curr(cpu)		(cpu_rq(cpu)->curr)

/**
 * migrate_task_to() - move a task to another CPU
 * @p:		the task; it runs, waits or sleeps
 * @target_cpu:	where to
 *
 * A sleeper goes there when it wakes up, if it still may. Returns when @p has left the
 * CPU where it was; it may have been moved on by then.
 *
 * Return: 0, or -EINVAL when the affinity of @p forbids @target_cpu or that is not active.
 * Context: process context, sleeps.
 */
int migrate_task_to(struct task_struct *p, int target_cpu);

/**
 * migrate_swap() - exchange the CPUs of two tasks
 * @p:		the calling task
 * @t:		another one, with a reference or under RCU's protection of the caller
 * @cpu:	where @t is and @p goes
 * @curr_cpu:	where @p is and @t goes
 *
 * Both move or neither does.
 *
 * Return: 0; -EINVAL when the CPUs are the same, inactive or forbidden to one of the two;
 * -EAGAIN when that came to be, or one of the two moved or ended, meanwhile.  After 0
 * task_cpu() says so of both; a sleeper changes it when it wakes up.
 * Context: process context, sleeps until @t can be taken off its CPU.
 */
int migrate_swap(struct task_struct *p, struct task_struct *t, int cpu, int curr_cpu);

/* Between exec/ and sched/. */

#define WF_TTWU		0x08		/* wake-up; values as in Linux 6.12 */
#define WF_FORK		0x04		/* first time */

struct machine_config;
struct swap_request;

int sched_boot(const struct machine_config *cfg);
void sched_halt(void);
void sched_init_rq(struct rq *rq, unsigned int cpu, struct task_struct *idle);
void sched_adopt(struct rq *rq, struct task_struct *p);

void enqueue_task(struct rq *rq, struct task_struct *p);
void dequeue_task(struct rq *rq, struct task_struct *p);
void take_idle_cpu(struct rq *rq, struct task_struct *p);
bool wakeup_preempt(struct rq *rq, struct task_struct *p);
struct task_struct *pick_next_task(struct rq *rq, struct task_struct *prev);
int select_task_rq(struct task_struct *p, int flags);

struct swap_request *sched_swap(struct rq *rq, struct task_struct *p, bool *preempt);
void sched_swap_done(struct swap_request *req);
void sched_exit_swap(struct task_struct *p);

#endif /* _KERNEL_SCHED_SCHED_H */
