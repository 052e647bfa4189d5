// SPDX-License-Identifier: GPL-2.0
/* Run queues: who waits for a CPU, and who gets it next. */
#include <stdlib.h>

#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/topology.h>
#include <machine/machine.h>

#include "sched.h"

struct rq *runqueues;

static void set_nr_running(struct rq *rq, unsigned int nr)
{
	WRITE_ONCE(rq->nr_running, nr);
}

/* Let @p, which becomes runnable, wait for the CPU. rq->lock held. */
void enqueue_task(struct rq *rq, struct task_struct *p)
{
	list_add_tail(&p->exec.rq_node, &rq->queue);
	set_nr_running(rq, rq->nr_running + 1);
}

/* @p waits no longer. rq->lock held. */
void dequeue_task(struct rq *rq, struct task_struct *p)
{
	list_del_init(&p->exec.rq_node);
	set_nr_running(rq, rq->nr_running - 1);
}

/* @p, which becomes runnable, owns the CPU, which was idle. rq->lock held. */
void take_idle_cpu(struct rq *rq, struct task_struct *p)
{
	set_nr_running(rq, 1);
	rcu_assign_pointer(rq->curr, p);
}

/* Does a new one in the queue get the CPU before the one that has it? rq->lock held. */
bool wakeup_preempt(struct rq *rq, struct task_struct *p)
{
	return true;
}

/*
 * Who owns the CPU from now on: @prev, which asks, or who waits, or nobody, which is the
 * idle task.  @prev waits if it stays runnable here (on_rq). rq->lock held.
 */
struct task_struct *pick_next_task(struct rq *rq, struct task_struct *prev)
{
	struct task_struct *next;

	if (!prev->exec.on_rq)
		set_nr_running(rq, rq->nr_running - 1);
	if (list_empty(&rq->queue))
		return prev->exec.on_rq ? prev : rq->idle;
	next = list_first_entry(&rq->queue, struct task_struct, exec.rq_node);
	list_del_init(&next->exec.rq_node);
	if (prev->exec.on_rq)
		list_add_tail(&prev->exec.rq_node, &rq->queue);
	return next;
}

void sched_init_rq(struct rq *rq, unsigned int cpu, struct task_struct *idle)
{
	rq->cpu = cpu;
	rq->curr = rq->idle = idle;
	INIT_LIST_HEAD(&rq->queue);
}

/* The task that boots the machine has its CPU from the beginning. */
void sched_adopt(struct rq *rq, struct task_struct *p)
{
	take_idle_cpu(rq, p);
}

int sched_boot(const struct machine_config *cfg)
{
	runqueues = calloc(cfg->nr_cpus, sizeof(*runqueues));
	return runqueues ? 0 : -ENOMEM;
}

void sched_halt(void)
{
	free(runqueues);
	runqueues = NULL;
}

unsigned int task_cpu(const struct task_struct *p)
{
	return __atomic_load_n(&p->exec.cpu, __ATOMIC_RELAXED);
}

int task_node(const struct task_struct *p)
{
	return cpu_to_node(task_cpu(p));
}

bool task_curr(const struct task_struct *p)
{
	return READ_ONCE(task_rq(p)->curr) == p;
}

int idle_cpu(int cpu)
{
	return !READ_ONCE(cpu_rq(cpu)->nr_running);
}
