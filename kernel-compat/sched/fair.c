// SPDX-License-Identifier: GPL-2.0
/*
 * Fair run queues: who waits for a CPU, who gets it next, and the tick.
 *
 * A task's vruntime is the CPU time it had divided by its weight; the one with the least
 * is next.  Time is booked as it passes (virtual time only passes for tasks that pay for
 * what they do), so a slice ends with a tick.
 *
 * A task that is on no queue has its vruntime relative to the queue it left.  Where it
 * comes back it keeps what it had too much, less the time it was away.  What it missed
 * meanwhile it does not get: a sleeper gets its CPU soon, and nobody starves for it.
 */
#include <linux/kernel.h>
#include <linux/autonuma.h>
#include <linux/sched.h>
#include <linux/topology.h>
#include <exec/vcpu.h>

#include "sched.h"

/* A step of nice is a quarter of CPU time more or less. */
static u64 weighted(u64 delta, int nice)
{
	for (; nice > 0; nice--)
		delta += delta / 4;
	for (; nice < 0; nice++)
		delta -= delta / 5;
	return delta;
}

static struct task_struct *task_of(struct rb_node *node)
{
	return rb_entry(node, struct task_struct, se.run_node);
}

static struct task_struct *first_waiting(struct rq *rq)
{
	struct rb_node *node = rb_first_cached(&rq->timeline);

	return node ? task_of(node) : NULL;
}

static bool before(struct rb_node *a, const struct rb_node *b)
{
	return (s64)(task_of(a)->se.vruntime - task_of((struct rb_node *)b)->se.vruntime) < 0;
}

/* Book the time that the running task had since this was done last. rq->lock held. */
void update_curr(struct rq *rq)
{
	struct task_struct *curr = rq->curr, *first = first_waiting(rq);
	u64 now = exec_now(), min;

	if (curr != rq->idle && curr->exec.on_rq) {
		u64 delta = now - curr->se.exec_start;

		curr->se.exec_start = now;
		curr->se.sum_exec_runtime += delta;
		curr->se.vruntime += weighted(delta, task_nice(curr));
		min = curr->se.vruntime;
		if (first && (s64)(first->se.vruntime - min) < 0)
			min = first->se.vruntime;
	} else if (first) {
		min = first->se.vruntime;
	} else {
		return;
	}
	if ((s64)(min - rq->min_vruntime) > 0)
		rq->min_vruntime = min;
}

/* @p comes to @rq: ahead of those who had least by what it had too much elsewhere. */
static void place_entity(struct rq *rq, struct task_struct *p)
{
	s64 lag = p->se.vruntime - (exec_now() - p->se.exec_start);

	p->se.vruntime = rq->min_vruntime + max_t(s64, lag, 0);
}

/* @p leaves @rq. */
static void leave_entity(struct rq *rq, struct task_struct *p)
{
	p->se.vruntime -= rq->min_vruntime;
	p->se.exec_start = exec_now();
}

/* Let @p, which becomes runnable, wait for the CPU. rq->lock held. */
void enqueue_task(struct rq *rq, struct task_struct *p)
{
	update_curr(rq);
	place_entity(rq, p);
	rb_add_cached(&p->se.run_node, &rq->timeline, before);
	sched_count_running(rq, rq->nr_running + 1);
}

/* @p waits no longer. rq->lock held. */
void dequeue_task(struct rq *rq, struct task_struct *p)
{
	update_curr(rq);
	rb_erase_cached(&p->se.run_node, &rq->timeline);
	leave_entity(rq, p);
	sched_count_running(rq, rq->nr_running - 1);
}

/* @p begins to run. rq->lock held. */
void sched_begin_slice(struct rq *rq, struct task_struct *p)
{
	p->se.exec_start = exec_now();
	p->se.prev_sum_exec_runtime = p->se.sum_exec_runtime;
}

/* @p, which becomes runnable, owns the CPU, which was idle. rq->lock held. */
void take_idle_cpu(struct rq *rq, struct task_struct *p)
{
	place_entity(rq, p);
	sched_begin_slice(rq, p);
	sched_count_running(rq, 1);
	rcu_assign_pointer(rq->curr, p);
}

/* The task that boots the machine has its CPU from the beginning. */
void sched_adopt(struct rq *rq, struct task_struct *p)
{
	take_idle_cpu(rq, p);
}

/*
 * Does @p, which begins to wait, get the CPU before the one that has it ends its slice?
 * If it had no more time than that one. rq->lock held.
 */
bool wakeup_preempt(struct rq *rq, struct task_struct *p)
{
	return (s64)(p->se.vruntime - rq->curr->se.vruntime) <= 0;
}

/*
 * Who owns the CPU from now on: @prev, which asks, or who waits, or nobody, which is the
 * idle task.  @prev, whose time is booked, waits if it stays runnable here (on_rq); if it
 * @gives_way, whoever waits is before it. rq->lock held.
 */
struct task_struct *pick_next_task(struct rq *rq, struct task_struct *prev, bool gives_way)
{
	struct task_struct *next = first_waiting(rq);

	if (!prev->exec.on_rq) {
		leave_entity(rq, prev);
		sched_count_running(rq, rq->nr_running - 1);
	} else if (!next || (!gives_way && before(&prev->se.run_node, &next->se.run_node))) {
		return prev;
	}
	if (!next)
		next = sched_newidle(rq);
	if (!next)
		return rq->idle;
	rb_erase_cached(&next->se.run_node, &rq->timeline);
	if (prev->exec.on_rq)
		rb_add_cached(&prev->se.run_node, &rq->timeline, before);
	sched_begin_slice(rq, next);
	return next;
}

/* When the clock of the CPU that @p owns shall tick next. */
u64 sched_next_tick(struct rq *rq, struct task_struct *p)
{
	u64 now = exec_now(), ran;

	if (READ_ONCE(rq->nr_running) <= 1)
		return max(now, READ_ONCE(rq->last_tick) + SCHED_TICK_NS);
	xlock(&rq->lock);
	update_curr(rq);
	ran = p->se.sum_exec_runtime - p->se.prev_sum_exec_runtime;
	xunlock(&rq->lock);
	return now + (ran < SCHED_SLICE_NS ? SCHED_SLICE_NS - ran : 0);
}

/*
 * The CPU's clock ticks: book time; end the slice of the running task if it is over and
 * somebody had less. Context: interrupt of the CPU, which is not idle.
 */
void sched_tick(struct rq *rq)
{
	struct task_struct *curr, *first;
	u64 now = exec_now();

	xlock(&rq->lock);
	curr = rq->curr;
	update_curr(rq);
	WRITE_ONCE(rq->last_tick, now);
	first = first_waiting(rq);
	if (curr->se.sum_exec_runtime - curr->se.prev_sum_exec_runtime >= SCHED_SLICE_NS) {
		curr->se.prev_sum_exec_runtime = curr->se.sum_exec_runtime;
		if (first && !before(&curr->se.run_node, &first->se.run_node)) {
			exec_attention(&curr->exec, ATTENTION_RESCHED);
			exec_kick_payer(curr);
		}
	}
	autonuma_task_tick(curr);
	sched_balance(rq, now);
	xunlock(&rq->lock);
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
