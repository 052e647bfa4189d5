/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tasks.
 *
 * model: struct task_struct has the fields this subsystem and the shim use.  A task
 * runs on one virtual CPU at a time and leaves it only in schedule(); preemption
 * happens only at preempt_enable(), cond_resched(), return to user, and only when
 * another task waits for the CPU.  Who is next is decided in kernel-compat/sched/.
 */
#ifndef _LINUX_SCHED_H
#define _LINUX_SCHED_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/mm_types_task.h>
#include <linux/nodemask.h>
#include <linux/numa.h>
#include <linux/pid.h>
#include <linux/preempt.h>
#include <linux/rbtree_types.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <asm/current.h>

#include <exec/task.h>
#include <lock/task.h>

struct completion;
struct files_struct;
struct mempolicy;
struct mm_struct;
struct task_autonuma;

/* Task states, values as in Linux 6.12. */
#define TASK_RUNNING		0x00000000
#define TASK_INTERRUPTIBLE	0x00000001
#define TASK_UNINTERRUPTIBLE	0x00000002
#define TASK_PARKED		0x00000040
#define TASK_DEAD		0x00000080
#define TASK_WAKEKILL		0x00000100
#define TASK_NOLOAD		0x00000400
#define TASK_NEW		0x00000800
#define TASK_FREEZABLE		0x00002000
#define TASK_FROZEN		0x00008000
#define EXIT_DEAD		0x00000010
#define EXIT_ZOMBIE		0x00000020
#define TASK_KILLABLE		(TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_IDLE		(TASK_UNINTERRUPTIBLE | TASK_NOLOAD)
#define TASK_NORMAL		(TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

/* Per-process flags, values as in Linux 6.12. */
#define PF_IDLE			0x00000002
#define PF_EXITING		0x00000004
#define PF_WQ_WORKER		0x00000020
#define PF_FORKNOEXEC		0x00000040
#define PF_MEMALLOC		0x00000800
#define PF_NOFREEZE		0x00008000
#define PF_KTHREAD		0x00200000
#define PF_NO_SETAFFINITY	0x04000000
#define PF_MEMALLOC_PIN		0x10000000

#define TASK_COMM_LEN		16

/**
 * struct sched_entity - what a task has of CPU time; under the lock of its run queue
 * @run_node:		entry of rq->timeline while it waits
 * @vruntime:		time it had, divided by its weight, in ns; relative to the queue's
 *			min_vruntime while it is on no queue
 * @exec_start:		when @vruntime was brought up to date, virtual ns
 * @sum_exec_runtime:	time it had, in ns
 * @prev_sum_exec_runtime: so, when its slice began
 */
struct sched_entity {
	struct rb_node	run_node;
	u64		vruntime;
	u64		exec_start;
	u64		sum_exec_runtime;
	u64		prev_sum_exec_runtime;
};

/* What threads of one process share. */
struct signal_struct {
	refcount_t		sigcnt;
	atomic_t		live;		/* threads that have not begun to exit */
	int			nr_threads;	/* threads on thread_head; under tasklist_lock */
	struct list_head	thread_head;	/* of task_struct.thread_node, RCU */
	int			exit_code;
	struct list_head	joinable;	/* shim: exited threads nobody joined yet */
	struct xlock		join_lock;	/* shim: protects @joinable */
};

struct task_struct {
	struct exec_task	exec;		/* first: virtual CPU, preemption, charges */
	unsigned int		__state;
	unsigned int		saved_state;	/* of a frozen sleeper; under exec.lock */
	unsigned int		flags;		/* PF_*; written by the task itself */
	refcount_t		usage;
	refcount_t		rcu_users;	/* as the kernel's: the RCU-delayed reference */
	struct rcu_head		rcu;

	pid_t			pid;
	pid_t			tgid;
	char			comm[TASK_COMM_LEN];
	u64			start_time;	/* virtual ns since boot, CLOCK_MONOTONIC */
	u64			utime;		/* ns of user_compute() and accesses */
	u64			stime;		/* ns of kernel work charged */
	int			nice;		/* MIN_NICE .. MAX_NICE */

	raw_spinlock_t		pi_lock;	/* serialises wake-ups of this task */
	spinlock_t		alloc_lock;	/* task_lock(): mm, comm, mempolicy */

	struct mm_struct	*mm;
	struct mm_struct	*active_mm;
	struct mempolicy	*mempolicy;
	short			il_prev;	/* last node of MPOL_INTERLEAVE */
	nodemask_t		mems_allowed;

	const cpumask_t		*cpus_ptr;
	cpumask_t		cpus_mask;
	int			nr_cpus_allowed;
	int			wake_cpu;	/* where a sleeper is looked for a CPU first */

	struct list_head	tasks;		/* of thread-group leaders, RCU */
	struct list_head	thread_node;	/* of signal->thread_head, RCU */
	struct task_struct	*group_leader;
	struct task_struct __rcu *real_parent;
	struct list_head	children;
	struct list_head	sibling;
	struct signal_struct	*signal;
	int			exit_state;
	int			exit_code;
	struct completion	*vfork_done;

	void			*worker_private; /* struct kthread of a PF_KTHREAD task */
	struct sched_entity	se;
	unsigned long		thread_flags;	/* TIF_*: atomic bit operations */
	struct callback_head	*task_works;	/* newest first; atomic */

	struct task_autonuma	*task_autonuma;
	struct tlbflush_unmap_batch tlb_ubc;
	unsigned int		faults_min, faults_maj;

	struct lock_task	lock;		/* held locks, RCU nesting */
};

#define TIF_NOTIFY_RESUME	1
#define TIF_SIGPENDING		2
#define TIF_NEED_RESCHED	3

_Static_assert(__builtin_offsetof(struct task_struct, exec) == 0, "current_exec()");

extern struct task_struct init_task;		/* pid 0 of the first CPU; head of the list */

static inline void set_tsk_thread_flag(struct task_struct *tsk, int flag)
{
	exec_memory_barrier(MEMORY_MB);
	__atomic_fetch_or(&tsk->thread_flags, 1UL << flag, __ATOMIC_SEQ_CST);
}
static inline void clear_tsk_thread_flag(struct task_struct *tsk, int flag)
{
	exec_memory_barrier(MEMORY_MB);
	__atomic_fetch_and(&tsk->thread_flags, ~(1UL << flag), __ATOMIC_SEQ_CST);
}
static inline int test_tsk_thread_flag(struct task_struct *tsk, int flag)
{
	return __atomic_load_n(&tsk->thread_flags, __ATOMIC_RELAXED) >> flag & 1;
}
static inline int test_and_clear_tsk_thread_flag(struct task_struct *tsk, int flag)
{
	return test_tsk_thread_flag(tsk, flag) &&
	       __atomic_fetch_and(&tsk->thread_flags, ~(1UL << flag), __ATOMIC_SEQ_CST) >> flag & 1;
}
#define test_thread_flag(flag)	test_tsk_thread_flag(current, flag)

#define task_is_running(t)	(READ_ONCE((t)->__state) == TASK_RUNNING)

/* Stores the state with the full barrier that pairs with the one in try_to_wake_up(). */
#define __set_current_state(s)	WRITE_ONCE(current->__state, (s))
#define set_current_state(s)	smp_store_mb(current->__state, (s))
#define get_current_state()	READ_ONCE(current->__state)

void schedule(void);
long schedule_timeout(long timeout);			/* jiffies */
long schedule_timeout_interruptible(long timeout);
long schedule_timeout_uninterruptible(long timeout);
long schedule_timeout_idle(long timeout);
long schedule_timeout_killable(long timeout);
void io_schedule(void);
void schedule_preempt_disabled(void);
#define MAX_SCHEDULE_TIMEOUT	LONG_MAX

int wake_up_process(struct task_struct *tsk);
int wake_up_state(struct task_struct *tsk, unsigned int state);
void wake_up_new_task(struct task_struct *tsk);

/* Report a sleep that is not allowed here: VIOLATION_ATOMIC_SLEEP. */
void __might_sleep(const char *file, int line);
void __might_resched(const char *file, int line, unsigned int offsets);
void __cant_sleep(const char *file, int line, int preempt_offset);
/* Would __might_sleep() complain? */
bool exec_may_sleep(void);

int __cond_resched(void);
#define cond_resched()		({ might_resched(); __cond_resched(); })
int __cond_resched_lock(spinlock_t *lock);
#define cond_resched_lock(lock)	__cond_resched_lock(lock)
#define cond_resched_rcu()	do { rcu_read_unlock(); cond_resched(); rcu_read_lock(); } while (0)
bool need_resched(void);

void yield(void);

#define MAX_NICE	19
#define MIN_NICE	-20

/* model: what it weighs changes with the next time that is booked. */
static inline void set_user_nice(struct task_struct *p, long nice)
{
	if (nice >= MIN_NICE && nice <= MAX_NICE)
		WRITE_ONCE(p->nice, nice);
}
static inline int task_nice(const struct task_struct *p)
{
	return READ_ONCE(p->nice);
}

int set_cpus_allowed_ptr(struct task_struct *p, const struct cpumask *new_mask);
unsigned int task_cpu(const struct task_struct *p);
int task_node(const struct task_struct *p);
bool task_curr(const struct task_struct *p);
int idle_cpu(int cpu);			/* nobody runs or waits there; a momentary answer */
void set_task_comm(struct task_struct *tsk, const char *from);
#define __set_task_comm(t, from, exec) set_task_comm(t, from)
#define get_task_comm(buf, tsk)	strscpy(buf, (tsk)->comm, sizeof(buf))
void set_special_state_exec(unsigned int state);
#define set_special_state(s)	set_special_state_exec(s)

static inline pid_t task_pid_vnr(struct task_struct *tsk) { return tsk->pid; }
static inline pid_t task_pid_nr(struct task_struct *tsk) { return tsk->pid; }
static inline pid_t task_tgid_nr(struct task_struct *tsk) { return tsk->tgid; }
static inline bool is_global_init(struct task_struct *tsk) { return tsk->tgid == 1; }

int signal_pending(struct task_struct *p);
int fatal_signal_pending(struct task_struct *p);
/* model: SIGKILL only; sets TIF_SIGPENDING and wakes killable and interruptible sleeps. */
int send_sig(int sig, struct task_struct *p, int priv);

struct task_struct *find_task_by_vpid(pid_t nr);	/* under RCU */
void __put_task_struct(struct task_struct *tsk);

#include <linux/sched/task.h>

#endif /* _LINUX_SCHED_H */
