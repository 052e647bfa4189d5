// SPDX-License-Identifier: GPL-2.0
/* forks: a storm of fork, exec and exit on every CPU. */
#include "bench.h"

const struct bench_workload workload_forks = {
	.name		= "forks",
	.what		= "1 process on each CPU; 1000 x fork, exec, 4 ms, exit",
	.kind		= KIND_FORKS,
	.losing		= true,
	.cpus_per_process = 1,
	.bytes		= 1ULL << 20,
	.loops		= 1000,
};
