/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BENCH_REPAIR_H
#define _BENCH_REPAIR_H

/**
 * struct repair_events - what happened while the workers of xfs_repair ran
 * @flush_seconds:	CPU time of flushing TLBs
 * @faults:		page faults of all kinds
 * @hint_faults:	hinting faults among them
 */
struct repair_events {
	double flush_seconds;
	double faults;
	double hint_faults;
};

/* Of the latest run. */
extern struct repair_events repair_events;

#endif /* _BENCH_REPAIR_H */
