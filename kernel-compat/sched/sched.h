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
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/types.h>

#define SCHED_NEAR		8	/* nodes that are looked at first */
#define SCHED_FAR		8	/* nodes that are looked at then, in turns */

/* A task runs this long while others wait; of a kernel with 8 or more CPUs, in ns. */
#define SCHED_SLICE_NS		3000000ULL
/* Alone it is looked after this often, as a CPU in NO_HZ_FULL mode is not, in ns. */
#define SCHED_TICK_NS		100000000ULL

/**
 * struct sched_node - the CPUs of one node; what others look at before its run queues
 * @nid:	whose they are
 * @nr_cpus:	how many
 * @cpus:	which
 * @idle:	bit i: cpus[i] has nothing to do; atomic
 * @busy:	bit i: tasks wait for cpus[i]; atomic
 * @nr_idle:	bits of @idle; atomic
 * @nr_busy:	bits of @busy; atomic
 * @nr_running:	tasks of all its run queues; atomic
 * @lock:	of the two below
 * @nr_near:	nodes in @near; -1: not looked for yet
 * @near:	other nodes with CPUs, nearest first
 * @cursor:	where to look next among the others; atomic
 */
struct sched_node {
	int			nid;
	unsigned int		nr_cpus;
	unsigned int		*cpus;
	unsigned long		*idle;
	unsigned long		*busy;
	unsigned int		nr_idle;
	unsigned int		nr_busy;
	unsigned int		nr_running;
	struct xlock		lock;
	int			nr_near;
	int			near[SCHED_NEAR];
	unsigned int		cursor;
};

/**
 * struct rq - who runs and who waits on one virtual CPU
 * @lock:	everything here, on_rq and the CPU of every task on it; two of them are taken
 *		in the order of their CPUs
 * @cpu:	whose it is
 * @nr_running:	tasks that wait, and @curr unless that is @idle; read by anybody
 * @curr:	who owns the CPU; the idle task when nobody does. Under RCU, or the lock
 * @idle:	the CPU's idle task
 * @timeline:	those who wait, by vruntime
 * @min_vruntime: where somebody who was not here begins; never falls
 * @node:	its node
 * @index:	its place in @node
 * @last_tick:	virtual ns
 * @next_balance: when the tick looks at other CPUs again, virtual ns
 * @leaving:	tasks that have left for another CPU and are not there yet; atomic
 */
struct rq {
	struct xlock		lock;
	unsigned int		cpu;
	unsigned int		nr_running;
	struct task_struct __rcu *curr;
	struct task_struct	*idle;
	struct rb_root_cached	timeline;
	u64			min_vruntime;
	struct sched_node	*node;
	unsigned int		index;
	u64			last_tick;
	u64			next_balance;
	unsigned int		leaving;
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

/* Why a task is given a CPU; values as in Linux 6.12. */
#define WF_EXEC		0x02
#define WF_FORK		0x04
#define WF_TTWU		0x08

struct machine_config;
struct swap_request;

/* nodes.c */
int sched_boot(const struct machine_config *cfg);
void sched_halt(void);
void sched_init_rq(struct rq *rq, unsigned int cpu, struct task_struct *idle);
struct sched_node *sched_node(int nid);
/* The @i-th node to look at from @home, itself first; NULL after the last one. */
struct sched_node *sched_node_nth(struct sched_node *home, unsigned int i, unsigned int start);
unsigned int sched_node_start(struct sched_node *home);
int sched_idle_cpu(struct sched_node *node, const struct task_struct *p);
int sched_idle_core(struct sched_node *node, const struct task_struct *p);
bool sched_core_is_shared(unsigned int cpu);
int sched_lightest_cpu(struct sched_node *node, const struct task_struct *p);
bool sched_any_busy(void);
void sched_count_running(struct rq *rq, unsigned int nr);
void sched_mark_idle(struct rq *rq, bool idle);
bool sched_may_run_on(const struct task_struct *p, int cpu);

/* fair.c */
void sched_adopt(struct rq *rq, struct task_struct *p);
void update_curr(struct rq *rq);
void enqueue_task(struct rq *rq, struct task_struct *p);
void dequeue_task(struct rq *rq, struct task_struct *p);
void take_idle_cpu(struct rq *rq, struct task_struct *p);
bool wakeup_preempt(struct rq *rq, struct task_struct *p);
struct task_struct *pick_next_task(struct rq *rq, struct task_struct *prev, bool gives_way);
void sched_begin_slice(struct rq *rq, struct task_struct *p);
u64 sched_next_tick(struct rq *rq, struct task_struct *p);
void sched_tick(struct rq *rq);

/* select.c */
int select_task_rq(struct task_struct *p, int flags);
void sched_exec(void);

/* balance.c */
struct task_struct *sched_newidle(struct rq *rq);
void sched_balance(struct rq *rq, u64 now);

/* hotplug.c */
void sched_set_cpu_active(unsigned int cpu, bool active);
void sched_empty_cpu(unsigned int cpu);
void sched_leaves(struct rq *rq, struct task_struct *p);
void sched_has_left(struct rq *rq);
void sched_send_on(struct rq *rq, struct task_struct *p, int cpu);

/* move.c */
void sched_send(struct task_struct *p, int cpu);
void sched_lock_two(struct rq *a, struct rq *b);
struct swap_request *sched_swap(struct rq *rq, struct task_struct *p, bool *preempt);
void sched_swap_done(struct swap_request *req);
void sched_exit_swap(struct task_struct *p);

#endif /* _KERNEL_SCHED_SCHED_H */
