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
 * @span:	how much address space it takes, in pages; see layout_offset()
 * @node:	of the threads that use it
 */
struct bench_part {
	u64 first, nr, at, span;
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
 * @per_table:	pages of each page-table page's range that are used, from its beginning on
 *
 * A page-table page's range is what one hinting fault resolves (scan_pmd), so how many
 * there are decides how good statistics are.  A real one has 512 pages; if all of them
 * were simulated pages which stand for 128 each, 3 GiB were 12 ranges instead of 1536.
 * So only as many pages of a range are used as are 2 MiB of real ones, but never so few that
 * walking the tables takes longer than anything else; and parts begin with a range.
 *
 * In runs that are compared with huge pages a simulated page is a real one, and slices
 * follow each other without gaps, as the programs have them: a huge page may then belong
 * to two threads, if slices are no multiple of its size.
 */
struct bench_process_layout {
	unsigned int nr_threads;
	unsigned int *cpu;
	u64 pages, span;
	unsigned int per_table;
	unsigned int nr_parts;
	struct bench_part *part;
};

struct bench_layout {
	unsigned int sim_scale;
	unsigned int start_node;	/* where memory is before anything moves it */
	unsigned int nr_processes;
	struct bench_process_layout *process;
};

#define PAGES_PER_TABLE 512	/* entries of a page-table page */

/* Pages of a page table's range that runs with @sim_scale use. */
static inline unsigned int layout_per_table(unsigned int sim_scale)
{
	const unsigned int least = 16, real = PAGES_PER_TABLE / sim_scale;

	return real > least ? real : least;
}

/* Real ranges that one of such a run stands for; at least 1. */
static inline unsigned int layout_ranges(unsigned int sim_scale)
{
	return layout_per_table(sim_scale) * sim_scale / PAGES_PER_TABLE ? : 1;
}

/* Where page @i of a part is, in pages from its beginning. */
static inline u64 layout_offset(const struct bench_process_layout *p, u64 i)
{
	return i / p->per_table * PAGES_PER_TABLE + i % p->per_table;
}

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
