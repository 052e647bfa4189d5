// SPDX-License-Identifier: GPL-2.0
/*
 * Moving a task, or two, to CPUs of the caller's choice.
 *
 * A task that waits or sleeps is moved by whoever wants that.  One that runs leaves its
 * CPU itself, at the next place where it can be preempted, as for the kernel's stopper
 * threads; what it is to do then is noted in it under its run queue's lock: dest_cpu, or
 * the request for a swap.
 *
 * A swap is made by that of the two that leaves its CPU last, in one section with both
 * tasks and both run queues locked; there everything is checked again.  The other one
 * sleeps or waits then, so both go or none.  Who asks leaves its CPU first, and if the
 * other one runs goes to sleep until that has made the swap.
 */
#include <kunit/static_stub.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <machine/violation.h>
#include <exec/vcpu.h>

#include "sched.h"

/**
 * struct swap_request - two tasks that are to exchange their CPUs
 * @p:		who asks for it
 * @t:		the other one
 * @cpu:	where @t is and @p goes
 * @curr_cpu:	where @p is and @t goes
 * @ret:	what became of it
 * @done:	@ret is valid; atomic
 */
struct swap_request {
	struct task_struct	*p;
	struct task_struct	*t;
	int			cpu;
	int			curr_cpu;
	int			ret;
	bool			done;
};

/* Tell a task that runs to leave its CPU as soon as it can be preempted. rq->lock held. */
static void ask_to_leave(struct task_struct *p)
{
	exec_attention(&p->exec, ATTENTION_MOVE);
	exec_kick_payer(p);
}

/* Send a task that runs to another CPU, for which it leaves its own soon. rq->lock held. */
void sched_send(struct task_struct *p, int cpu)
{
	p->exec.dest_cpu = cpu;
	ask_to_leave(p);
}

/* Move a task that does not run; tell one that does. True if it has yet to leave. */
static bool begin_move(struct task_struct *p, int cpu)
{
	bool leaves, queued = false;
	struct rq *rq;

	xlock(&p->exec.lock);
	rq = exec_lock_rq(p);
	leaves = __atomic_load_n(&p->exec.moving, __ATOMIC_RELAXED);
	if (rq->cpu == cpu || !sched_may_run_on(p, cpu)) {
		;	/* as if it had been moved on by now */
	} else if (!p->exec.on_rq) {
		WRITE_ONCE(p->wake_cpu, cpu);
	} else if (rq->curr == p) {
		sched_send(p, cpu);
		leaves = true;
	} else {
		queued = true;
		dequeue_task(rq, p);
		sched_leaves(rq, p);
	}
	xunlock(&rq->lock);
	if (queued)
		sched_send_on(rq, p, cpu);
	xunlock(&p->exec.lock);
	return leaves;
}

static bool move_pending(struct task_struct *p)
{
	struct rq *rq;
	bool ret;

	xlock(&p->exec.lock);
	rq = exec_lock_rq(p);
	ret = p->exec.dest_cpu >= 0 || __atomic_load_n(&p->exec.moving, __ATOMIC_RELAXED);
	xunlock(&rq->lock);
	xunlock(&p->exec.lock);
	return ret;
}

int migrate_task_to(struct task_struct *p, int target_cpu)
{
	KUNIT_STATIC_STUB_REDIRECT(migrate_task_to, p, target_cpu);
	might_sleep();
	if (task_cpu(p) == target_cpu)
		return 0;
	if (!sched_may_run_on(p, target_cpu))
		return -EINVAL;
	if (!begin_move(p, target_cpu))
		return 0;
	if (p == current)
		preempt_check_resched();
	while (move_pending(p))
		exec_sleep_until(exec_now() + 1);
	return 0;
}

static void lock_two_tasks(struct task_struct *a, struct task_struct *b)
{
	/* Not by their addresses, which are others in the next run of the same schedule. */
	if (a->pid > b->pid)
		swap(a, b);
	xlock(&a->exec.lock);
	xlock(&b->exec.lock);
}

void sched_lock_two(struct rq *a, struct rq *b)
{
	if (a > b)
		swap(a, b);
	xlock(&a->lock);
	xlock(&b->lock);
}

/* Nobody runs @t and it can be given another CPU: it sleeps, or waits. Both locked. */
static bool can_be_moved(struct rq *rq, struct task_struct *t)
{
	if (task_cpu(t) != rq->cpu || rq->curr == t || READ_ONCE(t->__state) == TASK_DEAD ||
	    __atomic_load_n(&t->exec.moving, __ATOMIC_RELAXED))
		return false;
	/* Pairs with the release in __schedule(): it has left its CPU altogether. */
	return !t->exec.on_rq || !__atomic_load_n(&t->exec.on_cpu, __ATOMIC_ACQUIRE);
}

/* @p leaves its CPU, @other does not run: exchange them, or say why not. All locked. */
static int do_swap(struct task_struct *p, struct rq *rq, struct task_struct *other,
		   struct rq *other_rq)
{
	if (!can_be_moved(other_rq, other) || !sched_may_run_on(p, other_rq->cpu) ||
	    !sched_may_run_on(other, rq->cpu))
		return -EAGAIN;
	p->exec.dest_cpu = other_rq->cpu;
	if (!other->exec.on_rq) {
		WRITE_ONCE(other->wake_cpu, rq->cpu);
		return 0;
	}
	dequeue_task(other_rq, other);
	__atomic_store_n(&other->exec.cpu, rq->cpu, __ATOMIC_RELAXED);
	WRITE_ONCE(other->wake_cpu, rq->cpu);
	enqueue_task(rq, other);
	return 0;
}

static void finish(struct swap_request *req, int ret)
{
	req->ret = ret;
	/* Pairs with the load in migrate_swap(), which reads @ret after it. */
	__atomic_store_n(&req->done, true, __ATOMIC_RELEASE);
}

/*
 * Who asks leaves its CPU. If the other one runs it is told to make the swap: true, and
 * we are to sleep until then. All locked.
 */
static bool leave_it_to(struct swap_request *req, struct rq *other_rq)
{
	struct task_struct *t = req->t;

	if (other_rq->curr != t || t->exec.swap || READ_ONCE(t->flags) & PF_EXITING)
		return false;
	t->exec.swap = req;
	ask_to_leave(t);
	return true;
}

/*
 * Do what is noted in @p, which is about to leave its CPU: make the swap, refuse it, or
 * leave it to the other one and sleep, which clears *@preempt.
 * Returns what to give to sched_swap_done() once it has left, or NULL.
 * Context: rq->lock held; may be dropped meanwhile.
 */
struct swap_request *sched_swap(struct rq *rq, struct task_struct *p, bool *preempt)
{
	struct swap_request *req = p->exec.swap;
	bool asks = req->p == p;
	struct task_struct *other = asks ? req->t : req->p;
	struct rq *other_rq = cpu_rq(asks ? req->cpu : req->curr_cpu);

	if (rq->cpu != (asks ? req->curr_cpu : req->cpu)) {
		p->exec.swap = NULL;
		req->ret = -EAGAIN;
		goto out;
	}
	xunlock(&rq->lock);
	lock_two_tasks(p, other);
	sched_lock_two(rq, other_rq);
	p->exec.swap = NULL;
	if (asks && leave_it_to(req, other_rq)) {
		WRITE_ONCE(p->__state, TASK_UNINTERRUPTIBLE);
		*preempt = false;
		asks = false;
		req = NULL;
	} else {
		req->ret = do_swap(p, rq, other, other_rq);
	}
	xunlock(&other_rq->lock);
	xunlock(&p->exec.lock);
	xunlock(&other->exec.lock);
out:
	if (asks)
		finish(req, req->ret);
	return asks ? NULL : req;
}

/* Wake who waits for the swap. The request is gone as soon as it saw done. */
void sched_swap_done(struct swap_request *req)
{
	struct task_struct *p = req->p;

	xlock(&p->exec.lock);
	finish(req, req->ret);
	/* Pairs with set_current_state() of the waiter: it sees done, or we its state. */
	smp_mb();
	if (READ_ONCE(p->__state) & TASK_UNINTERRUPTIBLE) {
		bool asleep = !exec_is_on_rq(p);

		if (asleep) {
			exec_wait_off_cpu(p);
			exec_awake(1);
		}
		WRITE_ONCE(p->__state, TASK_RUNNING);
		if (asleep && sched_may_run_on(p, p->wake_cpu))
			exec_place_on(p, p->wake_cpu);
		else if (asleep)
			exec_place(p, WF_TTWU);
	}
	xunlock(&p->exec.lock);
}

/* The running task ends: no more swaps. It has PF_EXITING. */
void sched_exit_swap(struct task_struct *p)
{
	struct swap_request *req;
	struct rq *rq;

	preempt_disable();
	rq = cpu_rq(task_cpu(p));
	xlock(&rq->lock);
	req = p->exec.swap;
	p->exec.swap = NULL;
	xunlock(&rq->lock);
	if (req) {
		req->ret = -EAGAIN;
		sched_swap_done(req);
	}
	preempt_enable();
}

/* Note it in ourselves, and leave the CPU; there it is made, or left to the other one. */
static void begin_swap(struct swap_request *req)
{
	struct task_struct *p = current;
	struct rq *rq;

	preempt_disable();
	rq = cpu_rq(task_cpu(p));
	xlock(&rq->lock);
	if (p->exec.swap) {
		finish(req, -EAGAIN);
	} else {
		p->exec.swap = req;
		ask_to_leave(p);
	}
	xunlock(&rq->lock);
	preempt_enable();
}

int migrate_swap(struct task_struct *p, struct task_struct *t, int cpu, int curr_cpu)
{
	struct swap_request req = { .p = p, .t = t, .cpu = cpu, .curr_cpu = curr_cpu };

	might_sleep();
	if (p != current)
		violation(VIOLATION_BUG, "migrate_swap() for another task");
	if (cpu == curr_cpu || !sched_may_run_on(p, cpu) || !sched_may_run_on(t, curr_cpu))
		return -EINVAL;
	begin_swap(&req);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (__atomic_load_n(&req.done, __ATOMIC_ACQUIRE))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	/* Until the other one is out of sched_swap_done(), too. */
	xlock(&p->exec.lock);
	xunlock(&p->exec.lock);
	return req.ret;
}
