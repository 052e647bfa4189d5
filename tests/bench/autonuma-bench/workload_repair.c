// SPDX-License-Identifier: GPL-2.0
/* xfs_repair: the program of 2015 whose time AutoNUMA's relative doubled; see repair.c. */
#include "bench.h"

const struct bench_workload workload_repair = {
	.name		= "xfs_repair",
	.what		= "2 forked processes, a thread on every CPU; 600 x own copied-on-write slice",
	.kind		= KIND_REPAIR,
	.nr_processes	= 1,
	.bytes		= 128ULL << 20,
	.loops		= 600,
};
