// SPDX-License-Identifier: GPL-2.0
/* Affinity: on which CPUs a task may run, and moving it when that changes. */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <machine/program.h>
#include <exec/hooks.h>
#include <exec/vcpu.h>

static void store_mask(struct task_struct *p, const struct cpumask *mask)
{
	unsigned int i;

	/* Marked: others ask without a lock where the task may run. */
	for (i = 0; i < BITS_TO_LONGS(nr_cpu_ids); i++)
		WRITE_ONCE(cpumask_bits(&p->cpus_mask)[i], cpumask_bits(mask)[i]);
	WRITE_ONCE(p->nr_cpus_allowed, cpumask_weight(mask));
}

/* exec.lock held. */
void exec_set_mask(struct task_struct *p, const struct cpumask *mask)
{
	struct rq *rq = exec_lock_rq(p);

	store_mask(p, mask);
	xunlock(&rq->lock);
}

/*
 * Bind a task that does not run: new, or off its CPU. When it becomes runnable it
 * is placed by the new mask.
 */
void do_set_cpus_allowed(struct task_struct *p, const struct cpumask *new_mask)
{
	xlock(&p->exec.lock);
	exec_set_mask(p, new_mask);
	xunlock(&p->exec.lock);
}

/*
 * Store the mask; take a queued task off a CPU it may not use any more and place it
 * anew; tell a running one to go.  Returns true when that has yet to happen.
 */
static bool apply_mask(struct task_struct *p, const struct cpumask *mask)
{
	bool running = false, queued = false;
	struct rq *rq;

	xlock(&p->exec.lock);
	rq = exec_lock_rq(p);
	store_mask(p, mask);
	if (p->exec.on_rq && !cpumask_test_cpu(rq->cpu, mask)) {
		if (rq->curr == p) {
			running = true;
			exec_attention(&p->exec, ATTENTION_MOVE);
			exec_kick_payer(p);
		} else {
			queued = true;
			dequeue_task(rq, p);
			sched_leaves(rq, p);
		}
	}
	if (__atomic_load_n(&p->exec.moving, __ATOMIC_RELAXED))
		running = true;
	xunlock(&rq->lock);
	if (queued)
		sched_send_on(rq, p, -1);
	xunlock(&p->exec.lock);
	return running;
}

/* Does @p run on a CPU outside @mask, or is it on its way from one? */
static bool must_move(struct task_struct *p, const struct cpumask *mask)
{
	struct rq *rq;
	bool must;

	xlock(&p->exec.lock);
	rq = exec_lock_rq(p);
	must = __atomic_load_n(&p->exec.moving, __ATOMIC_RELAXED) ||
	       (rq->curr == p && !cpumask_test_cpu(rq->cpu, mask));
	xunlock(&rq->lock);
	xunlock(&p->exec.lock);
	return must;
}

/*
 * Returns when @p runs on no CPU outside @new_mask. -EINVAL when no CPU in it is active;
 * those of it that are not may be used when they are. Process context, may sleep.
 */
int set_cpus_allowed_ptr(struct task_struct *p, const struct cpumask *new_mask)
{
	cpumask_t mask;
	bool running;

	if (!cpumask_intersects(new_mask, cpu_active_mask))
		return -EINVAL;
	cpumask_and(&mask, new_mask, cpu_possible_mask);
	running = apply_mask(p, &mask);
	if (!running)
		return 0;
	if (p == current) {
		preempt_check_resched();
		return 0;
	}
	while (must_move(p, &mask))
		exec_sleep_until(exec_now() + 1);
	return 0;
}

/* What the system call does: a task bound by the kernel stays where it is. */
long sched_setaffinity(pid_t pid, const struct cpumask *new_mask)
{
	struct task_struct *p;
	long ret;

	if (!pid)
		p = get_task_struct(current);
	else
		p = find_get_task_by_vpid(pid);
	if (!p)
		return -ESRCH;
	ret = READ_ONCE(p->flags) & PF_NO_SETAFFINITY ? -EINVAL : set_cpus_allowed_ptr(p, new_mask);
	put_task_struct(p);
	return ret;
}

long sys_sched_setaffinity(long tid, const struct cpumask *mask)
{
	long ret = sched_setaffinity(tid, mask);

	exec_return_to_user();
	return ret;
}

/*
 * Wait until @p has left its CPU, in @match_state if that is not 0.  Returns 0 when
 * its state is another one, else nonzero.  Process context, sleeps.
 */
unsigned long wait_task_inactive(struct task_struct *p, unsigned int match_state)
{
	for (;;) {
		bool on_rq;

		if (match_state && !(READ_ONCE(p->__state) & match_state))
			return 0;
		xlock(&p->exec.lock);
		on_rq = exec_is_on_rq(p);
		xunlock(&p->exec.lock);
		if (!on_rq && !__atomic_load_n(&p->exec.on_cpu, __ATOMIC_ACQUIRE))
			return !match_state || (READ_ONCE(p->__state) & match_state);
		exec_sleep_until(exec_now() + 1);
	}
}
