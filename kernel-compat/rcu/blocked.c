// SPDX-License-Identifier: GPL-2.0
/*
 * Readers that were preempted, as in preemptible RCU.
 *
 * A task that stops running inside a reader joins a list before it leaves the engine's
 * reader.  A grace period first lets the engine wait for the readers that run; those
 * that existed when it began and are not over by then are on the list.  It waits, by
 * sleeping in simulated time, until everything that was on the list at that moment has
 * gone; a few younger readers among them do no harm.
 */
#include <linux/list.h>
#include <linux/sched.h>

#include <exec/async.h>
#include <rcu/internal.h>

static struct {
	struct xlock lock;
	struct list_head tasks;		/* rcu_task.blkd_node, oldest first */
	u64 ticket;			/* of the youngest ever */
	u64 cutoff;			/* the grace period waits up to this one; 0: none does */
} blocked = {
	.tasks = LIST_HEAD_INIT(blocked.tasks),
};

/* Is there a reader that the grace period waits for? Under blocked.lock. */
static bool rcu_blocked_behind(u64 cutoff)
{
	struct rcu_task *oldest;

	if (list_empty(&blocked.tasks))
		return false;
	oldest = list_first_entry(&blocked.tasks, struct rcu_task, blkd_node);
	return oldest->ticket <= cutoff;
}

void rcu_blocked_add(struct rcu_task *r)
{
	xlock(&blocked.lock);
	r->blocked = true;
	r->ticket = ++blocked.ticket;
	r->began = rcu_engine->mine ? rcu_engine->mine() : 0;
	list_add_tail(&r->blkd_node, &blocked.tasks);
	xunlock(&blocked.lock);
}

/* The reader is over; the last one that a grace period waits for ends the wait. */
void rcu_blocked_del(struct rcu_task *r)
{
	bool last;

	xlock(&blocked.lock);
	list_del_init(&r->blkd_node);
	r->blocked = false;
	last = blocked.cutoff && r->ticket <= blocked.cutoff &&
	       !rcu_blocked_behind(blocked.cutoff);
	xunlock(&blocked.lock);
	if (last)
		wake_up_process(rcu_gp_task);
	exec_async_kick(REPLAY_ASYNC_RCU);
}

/* The number of the oldest preempted reader; ~0: there is none. Engine replay. */
u64 rcu_blocked_oldest(void)
{
	u64 min = ~0ULL;
	struct rcu_task *r;

	xlock(&blocked.lock);
	list_for_each_entry(r, &blocked.tasks, blkd_node)
		if (r->began < min)
			min = r->began;
	xunlock(&blocked.lock);
	return min;
}

/* By the grace-period thread, after the engine's synchronize(). */
void rcu_blocked_wait(void)
{
	bool wait;

	xlock(&blocked.lock);
	blocked.cutoff = blocked.ticket;
	xunlock(&blocked.lock);
	for (;;) {
		set_current_state(TASK_IDLE);
		xlock(&blocked.lock);
		wait = rcu_blocked_behind(blocked.cutoff);
		if (!wait)
			blocked.cutoff = 0;
		xunlock(&blocked.lock);
		if (!wait)
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

void rcu_blocked_reset(void)
{
	INIT_LIST_HEAD(&blocked.tasks);
	blocked.ticket = 0;
	blocked.cutoff = 0;
}
