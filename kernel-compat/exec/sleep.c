// SPDX-License-Identifier: GPL-2.0
/* Sleeping for a time: schedule_timeout() and what is built on it; delays. */
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <machine/violation.h>
#include <exec/vcpu.h>

/*
 * Sleep for @timeout jiffies in the state the caller set, or until woken. Never
 * less than asked: the end is rounded up to a tick. Returns the jiffies left.
 */
long schedule_timeout(long timeout)
{
	unsigned long expire;
	u64 when;

	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return timeout;
	}
	if (timeout < 0) {
		violation(VIOLATION_WARN, "schedule_timeout: wrong timeout value %lx", timeout);
		__set_current_state(TASK_RUNNING);
		return 0;
	}
	expire = timeout + jiffies;
	when = exec_now() + (u64)timeout * TICK_NSEC;
	when = (when + TICK_NSEC - 1) / TICK_NSEC * TICK_NSEC;
	exec_schedule_until(when);
	timeout = expire - jiffies;
	return timeout < 0 ? 0 : timeout;
}

long schedule_timeout_interruptible(long timeout)
{
	__set_current_state(TASK_INTERRUPTIBLE);
	return schedule_timeout(timeout);
}

long schedule_timeout_uninterruptible(long timeout)
{
	__set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(timeout);
}

long schedule_timeout_idle(long timeout)
{
	__set_current_state(TASK_IDLE);
	return schedule_timeout(timeout);
}

long schedule_timeout_killable(long timeout)
{
	__set_current_state(TASK_KILLABLE);
	return schedule_timeout(timeout);
}

void msleep(unsigned int msecs)
{
	unsigned long timeout = msecs_to_jiffies(msecs);

	while (timeout)
		timeout = schedule_timeout_uninterruptible(timeout);
}

unsigned long msleep_interruptible(unsigned int msecs)
{
	unsigned long timeout = msecs_to_jiffies(msecs);

	while (timeout && !signal_pending(current))
		timeout = schedule_timeout_interruptible(timeout);
	return jiffies_to_msecs(timeout);
}

/* 0 when the time is over, -EINTR when woken before. Absolute or relative ns. */
int schedule_hrtimeout_range(ktime_t *expires, u64 delta, const enum hrtimer_mode mode)
{
	u64 when;

	if (!expires) {
		schedule();
		return -EINTR;
	}
	when = *expires + (mode & HRTIMER_MODE_REL ? exec_now() : 0);
	if (when <= exec_now()) {
		__set_current_state(TASK_RUNNING);
		return 0;
	}
	exec_schedule_until(when);
	__set_current_state(TASK_RUNNING);
	return exec_now() >= when ? 0 : -EINTR;
}

int schedule_hrtimeout(ktime_t *expires, const enum hrtimer_mode mode)
{
	return schedule_hrtimeout_range(expires, 0, mode);
}

/* Sleeps for @min microseconds exactly: nothing coalesces timers here. */
void usleep_range_state(unsigned long min, unsigned long max, unsigned int state)
{
	u64 when = exec_now() + (u64)min * NSEC_PER_USEC;

	if (max < min)
		violation(VIOLATION_WARN, "usleep_range: max %lu below min %lu", max, min);
	while (exec_now() < when) {
		set_current_state(state);
		exec_schedule_until(when);
	}
}

void ndelay(unsigned long ns)
{
	exec_charge_ns(ns);
}

void udelay(unsigned long us)
{
	exec_charge_ns(us * NSEC_PER_USEC);
}

void mdelay(unsigned long ms)
{
	exec_charge_ns(ms * NSEC_PER_MSEC);
}
