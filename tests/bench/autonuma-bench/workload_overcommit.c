// SPDX-License-Identifier: GPL-2.0
/*
 * overcommit: one process over all nodes with two threads for each CPU.  Its memory is
 * spread from the start and used by all threads, so that there is nothing to gain.
 */
#include "bench.h"

const struct bench_workload workload_overcommit = {
	.name		= "overcommit",
	.what		= "1 process, 2 threads on every CPU, 1 GiB; 20 x all of it",
	.losing		= true,
	.nr_processes	= 1,
	.threads_per_cpu = 2,
	.bytes		= 1ULL << 30,
	.loops		= 20,
	.whole		= true,
	.own_start	= true,
};
