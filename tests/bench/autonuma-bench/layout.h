/* SPDX-License-Identifier: GPL-2.0 */
/* Which thread runs where and which part of the memory it uses. No machine needed. */
#ifndef _BENCH_LAYOUT_H
#define _BENCH_LAYOUT_H

#include "bench.h"

/**
 * struct bench_part - consecutive simulated pages that threads of one node use
 * @first:	how many pages lie in the parts before it
 * @nr:		how many it has
 * @at:		where it begins in the address space, in pages from the process's base
 * @node:	of the threads that use it
 */
struct bench_part {
	u64 first, nr, at;
	unsigned int node;
};

/**
 * struct bench_process_layout - one process of a workload
 * @nr_threads:	its threads; where threads are bound, thread i is on the node of CPU @cpu[i]
 * @pages:	its memory in simulated pages
 * @span:	of its address space in pages, with the gaps between parts
 * @nr_parts:	when threads have slices, one for each thread, in order; when all share
 *		the memory, one of equal size for each node the process runs on
 *
 * A slice begins where a page-table page does.  Real slices are many such ranges long,
 * so that hardly any range has pages of two threads; with one page standing for many,
 * a whole slice may be shorter than one, and resolving the marks of a range with one
 * fault (scan_pmd) would mix up threads that have nothing to do with each other.
 *
 * In runs that are compared with huge pages a simulated page is a real one, and slices
 * follow each other without gaps, as the programs have them: a huge page may then belong
 * to two threads, if slices are no multiple of its size.
 */
struct bench_process_layout {
	unsigned int nr_threads;
	unsigned int *cpu;
	u64 pages, span;
	unsigned int nr_parts;
	struct bench_part *part;
};

struct bench_layout {
	unsigned int sim_scale;
	unsigned int start_node;	/* where memory is before anything moves it */
	unsigned int nr_processes;
	struct bench_process_layout *process;
};

/* CPUs of workload @w, process after process; returns how many per process. */
unsigned int layout_cpus(const struct bench_options *opts, const struct bench_workload *w,
			 unsigned int *cpu);
/* 0, or -1 when out of memory; the options must be complete. */
int layout_init(struct bench_layout *l, const struct bench_options *opts,
		const struct bench_workload *w);
void layout_free(struct bench_layout *l);

/*
 * Node that @policy puts memory on whose users run on each node, nr_nodes entries; for
 * none and autonuma that is the node where all memory starts.
 */
void policy_targets(const struct bench_topology *topo, enum bench_policy policy,
		    unsigned int *target);
/* Real bytes that @policy needs on each node at the start of @w, nr_nodes entries. */
int policy_need(const struct bench_options *opts, const struct bench_workload *w,
		enum bench_policy policy, u64 *need);

#endif /* _BENCH_LAYOUT_H */
