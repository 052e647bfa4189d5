// SPDX-License-Identifier: GPL-2.0
/* faults: a page-fault storm on every CPU. */
#include "bench.h"

const struct bench_workload workload_faults = {
	.name		= "faults",
	.what		= "1 process on each CPU; 100 x map, write and unmap 256 MiB",
	.kind		= KIND_FAULTS,
	.losing		= true,
	.cpus_per_process = 1,
	.bytes		= 256ULL << 20,
	.loops		= 100,
};
