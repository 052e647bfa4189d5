// SPDX-License-Identifier: GPL-2.0
/*
 * Completions: a count of how many waiters may pass, and the queue of those who wait.
 */
#include <linux/completion.h>

#include "internal.h"

/* complete_all() was called: nobody waits any more. */
#define DONE_FOR_ALL	UINT_MAX

/*
 * Wait until x->done, take one.  Returns what is left of @timeout (jiffies), at least
 * 1; 0 when it ran out; -ERESTARTSYS when a signal ended a sleep in @state.
 */
static long wait_common(struct completion *x, long timeout, unsigned int state)
{
	DECLARE_SWAITQUEUE(wait);

	might_sleep();
	raw_spin_lock_irq(&x->wait.lock);
	while (!x->done && timeout) {
		if (signal_pending_state(state, current)) {
			timeout = -ERESTARTSYS;
			break;
		}
		__prepare_to_swait(&x->wait, &wait);
		__set_current_state(state);
		raw_spin_unlock_irq(&x->wait.lock);
		lock_wait_around(LOCK_WAIT_COMPLETION, x)
			timeout = schedule_timeout(timeout);
		raw_spin_lock_irq(&x->wait.lock);
	}
	__finish_swait(&x->wait, &wait);
	if (x->done) {
		if (x->done != DONE_FOR_ALL)
			x->done--;
		if (timeout <= 0)
			timeout = 1;
	}
	raw_spin_unlock_irq(&x->wait.lock);
	return timeout;
}

void wait_for_completion(struct completion *x)
{
	wait_common(x, MAX_SCHEDULE_TIMEOUT, TASK_UNINTERRUPTIBLE);
}

void wait_for_completion_io(struct completion *x)
{
	wait_common(x, MAX_SCHEDULE_TIMEOUT, TASK_UNINTERRUPTIBLE);
}

int wait_for_completion_state(struct completion *x, unsigned int state)
{
	long t = wait_common(x, MAX_SCHEDULE_TIMEOUT, state);

	return t == -ERESTARTSYS ? t : 0;
}

int wait_for_completion_interruptible(struct completion *x)
{
	return wait_for_completion_state(x, TASK_INTERRUPTIBLE);
}

int wait_for_completion_killable(struct completion *x)
{
	return wait_for_completion_state(x, TASK_KILLABLE);
}

unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout)
{
	return wait_common(x, timeout, TASK_UNINTERRUPTIBLE);
}

unsigned long wait_for_completion_io_timeout(struct completion *x, unsigned long timeout)
{
	return wait_common(x, timeout, TASK_UNINTERRUPTIBLE);
}

long wait_for_completion_interruptible_timeout(struct completion *x, unsigned long timeout)
{
	return wait_common(x, timeout, TASK_INTERRUPTIBLE);
}

long wait_for_completion_killable_timeout(struct completion *x, unsigned long timeout)
{
	return wait_common(x, timeout, TASK_KILLABLE);
}

bool try_wait_for_completion(struct completion *x)
{
	unsigned long flags;
	bool taken;

	raw_spin_lock_irqsave(&x->wait.lock, flags);
	taken = x->done;
	if (taken && x->done != DONE_FOR_ALL)
		x->done--;
	raw_spin_unlock_irqrestore(&x->wait.lock, flags);
	return taken;
}

/* Taking the lock makes sure that a complete() seen here has let go of @x. */
bool completion_done(struct completion *x)
{
	unsigned long flags;
	bool done;

	raw_spin_lock_irqsave(&x->wait.lock, flags);
	done = x->done;
	raw_spin_unlock_irqrestore(&x->wait.lock, flags);
	return done;
}

void complete(struct completion *x)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&x->wait.lock, flags);
	if (x->done != DONE_FOR_ALL)
		x->done++;
	swake_up_locked(&x->wait, 0);
	raw_spin_unlock_irqrestore(&x->wait.lock, flags);
}

void complete_on_current_cpu(struct completion *x)
{
	complete(x);
}

void complete_all(struct completion *x)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&x->wait.lock, flags);
	x->done = DONE_FOR_ALL;
	swake_up_all_locked(&x->wait);
	raw_spin_unlock_irqrestore(&x->wait.lock, flags);
}
