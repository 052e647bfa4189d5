/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bench-large: does what the core does for one page or one task cost more on a machine
 * of 1024 nodes, 8192 CPUs and 10,000 processes than on one of 4 nodes?
 */
#ifndef _BENCH_LARGE_H
#define _BENCH_LARGE_H

#include <linux/types.h>

/**
 * struct large_machine - one of the two machines, and what was measured on it
 * @nodes:	how many, of @cpus CPUs together
 * @processes:	processes that sleep beside those that are measured; each has memory
 * @boot_s:	seconds of the host's CPU until it is up and all processes sleep
 * @resident:	bytes of the host's memory then
 * @scan_ns:	of knuma_scand for each entry of many small processes
 * @fault_ns:	of one hinting fault
 * @decision_ns: of one placement decision; < 0: not measured
 *
 * Costs are in ns of the host's CPU time: the least of several rounds; of decisions, which
 * are many, a tenth takes less.
 */
struct large_machine {
	unsigned int nodes, cpus, processes;
	double boot_s, resident;
	double scan_ns, fault_ns, decision_ns;
};

/* Boot @m, measure, shut down; 0, or -1 with a message on standard error. */
int large_measure(struct large_machine *m);

/* ns of one placement decision on the running machine, < 0 if none is taken. */
double large_decision_ns(void);

/* The host's side, of bench-core. */
double host_ns(void);
double host_thread_ns(void);
double host_resident(void);
double median(double *values, unsigned int nr);

#endif /* _BENCH_LARGE_H */
