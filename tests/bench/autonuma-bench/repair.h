/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BENCH_REPAIR_H
#define _BENCH_REPAIR_H

/* CPU time of flushing TLBs in the latest run of xfs_repair, in seconds. */
extern double repair_flush_seconds;

#endif /* _BENCH_REPAIR_H */
