/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Delays. same for sleeping ones (virtual time). model: udelay(), ndelay() and
 * mdelay() charge the time to the caller, who pays it at the next preemption point.
 */
#ifndef _LINUX_DELAY_H
#define _LINUX_DELAY_H

#include <linux/types.h>
#include <linux/sched.h>

void msleep(unsigned int msecs);
unsigned long msleep_interruptible(unsigned int msecs);	/* ms left */
void usleep_range_state(unsigned long min, unsigned long max, unsigned int state);
static inline void usleep_range(unsigned long min, unsigned long max)
{
	usleep_range_state(min, max, TASK_UNINTERRUPTIBLE);
}
static inline void ssleep(unsigned int seconds) { msleep(seconds * 1000); }
static inline void fsleep(unsigned long usecs) { usleep_range(usecs, usecs * 2); }

void ndelay(unsigned long ns);
void udelay(unsigned long us);
void mdelay(unsigned long ms);

#endif /* _LINUX_DELAY_H */
