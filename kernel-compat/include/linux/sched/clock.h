/* SPDX-License-Identifier: GPL-2.0 */
/* Scheduler clocks. model: virtual time, the same on every CPU. */
#ifndef _LINUX_SCHED_CLOCK_H
#define _LINUX_SCHED_CLOCK_H

#include <linux/timekeeping.h>

static inline u64 sched_clock(void) { return exec_now(); }
static inline u64 local_clock(void) { return exec_now(); }
static inline u64 cpu_clock(int cpu) { return exec_now(); }

#endif /* _LINUX_SCHED_CLOCK_H */
