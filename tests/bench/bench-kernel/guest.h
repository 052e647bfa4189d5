/* SPDX-License-Identifier: GPL-2.0 */
/* The benchmark programs as Linux programs, in a guest that runs nothing else. */
#ifndef _GUEST_GUEST_H
#define _GUEST_GUEST_H

#include "../autonuma-bench/bench.h"

#define GUEST_AUTONUMA	"/sys/kernel/mm/autonuma/"

/**
 * struct guest - what one boot is to measure, from the kernel's command line
 * @workload:	the program; NULL: what placement costs is measured
 * @policy:	who places: "off", "balancing" (the kernel's NUMA balancing), "autonuma",
 *		"hard" or "inverse"
 * @nodes:	CPU c is on node c / (@cpus / @nodes)
 * @cpus:	of the machine
 * @threads_per_core: CPUs that are siblings, consecutive numbers
 * @bytes:	memory of each process
 * @loops:	how often each thread writes its part
 */
struct guest {
	const struct bench_workload *workload;
	const char *policy;
	unsigned int nodes, cpus, threads_per_core;
	u64 bytes;
	unsigned int loops;
};

static inline unsigned int guest_node(const struct guest *g, unsigned int cpu)
{
	return cpu / (g->cpus / g->nodes);
}

/* Say why on standard error, and end the guest. */
void guest_die(const char *what) __attribute__((noreturn));
/* Run the workload; returns when all its processes have ended. */
void guest_programs(const struct guest *g);
/* Run a task that forks, and one that marks and hinting faults cost something. */
void guest_cost_of_forks(void);
void guest_cost_of_pages(const struct guest *g);
/* Let the plugin write down what was counted. */
void guest_mark(unsigned int mark);

#endif /* _GUEST_GUEST_H */
