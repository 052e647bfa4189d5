/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Clocks. model: all clocks are virtual time in ns since boot; wall time begins at
 * 2012-03-26 00:00:00 UTC. Time stands still while anything runs.
 */
#ifndef _LINUX_TIMEKEEPING_H
#define _LINUX_TIMEKEEPING_H

#include <linux/types.h>
#include <linux/ktime.h>

u64 exec_now(void);			/* shim: virtual ns since boot */

static inline ktime_t ktime_get(void) { return exec_now(); }
static inline ktime_t ktime_get_raw(void) { return exec_now(); }
static inline ktime_t ktime_get_boottime(void) { return exec_now(); }
static inline u64 ktime_get_ns(void) { return exec_now(); }
static inline u64 ktime_get_raw_ns(void) { return exec_now(); }
static inline u64 ktime_get_boottime_ns(void) { return exec_now(); }
static inline u64 ktime_get_mono_fast_ns(void) { return exec_now(); }
static inline time64_t ktime_get_seconds(void) { return exec_now() / NSEC_PER_SEC; }

#define EXEC_REALTIME_BASE	1332720000ULL
static inline time64_t ktime_get_real_seconds(void)
{
	return EXEC_REALTIME_BASE + exec_now() / NSEC_PER_SEC;
}
static inline ktime_t ktime_get_real(void)
{
	return EXEC_REALTIME_BASE * NSEC_PER_SEC + exec_now();
}
static inline u64 ktime_get_real_ns(void) { return ktime_get_real(); }

static inline void ktime_get_ts64(struct timespec64 *ts)
{
	u64 now = exec_now();

	ts->tv_sec = now / NSEC_PER_SEC;
	ts->tv_nsec = now % NSEC_PER_SEC;
}

#endif /* _LINUX_TIMEKEEPING_H */
