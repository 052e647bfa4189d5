// SPDX-License-Identifier: GPL-2.0
/*
 * numa02: one process over the whole machine.  The main thread writes all memory, so
 * all of it starts on one node; then each thread works on a slice of its own.
 */
#include "bench.h"

const struct bench_workload workload_numa02 = {
	.name		= "numa02",
	.what		= "1 process, a thread on every CPU, 1 GiB; 800 x own slice",
	.nr_processes	= 1,
	.bytes		= 1ULL << 30,
	.loops		= 800,
};

const struct bench_workload workload_numa02_smt = {
	.name		= "numa02_SMT",
	.what		= "1 process, a thread on every core, 1 GiB; 800 x own slice",
	.nr_processes	= 1,
	.bytes		= 1ULL << 30,
	.loops		= 800,
	.one_per_core	= true,
};
