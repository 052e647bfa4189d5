// SPDX-License-Identifier: GPL-2.0
/* messages: hackbench's shape; two tasks for each CPU, which live for some 20 ms. */
#include "bench.h"

const struct bench_workload workload_messages = {
	.name		= "messages",
	.what		= "groups of 4 senders and 4 receivers on 4 CPUs each; 300 x fork, talk, exit",
	.kind		= KIND_MESSAGES,
	.losing		= true,
	.cpus_per_process = 4,
	.bytes		= 1ULL << 20,
	.loops		= 300,
};
