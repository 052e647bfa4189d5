// SPDX-License-Identifier: GPL-2.0
/*
 * numa01: two processes, each on its half of the machine, each with memory that all
 * its threads write completely.  Both start with their memory on the same node.
 * numa01_THREAD_ALLOC: the same start, then each thread works on a slice of its own.
 */
#include "bench.h"

const struct bench_workload workload_numa01 = {
	.name		= "numa01",
	.what		= "2 processes on half the CPUs each, 3 GiB each; 50 x all of it",
	.nr_processes	= 2,
	.bytes		= 3ULL << 30,
	.loops		= 50,
	.whole		= true,
	.bound_start	= true,
};

const struct bench_workload workload_thread_alloc = {
	.name		= "numa01_THREAD_ALLOC",
	.what		= "2 processes on half the CPUs each, 3 GiB each; 1000 x own slice",
	.nr_processes	= 2,
	.bytes		= 3ULL << 30,
	.loops		= 1000,
	.bound_start	= true,
};
