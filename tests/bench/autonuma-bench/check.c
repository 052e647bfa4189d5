// SPDX-License-Identifier: GPL-2.0
/* Whether what the command line asks for fits together; nothing is booted for this. */
#include <stdlib.h>

#include "layout.h"

#define HUGE_BYTES	(2ULL << 20)

/* Everything @w puts on a node must fit there, and leave what the kernel keeps free. */
static int check_memory(const struct bench_options *opts, const struct bench_workload *w,
			enum bench_policy policy, struct bench_why *why)
{
	const struct bench_topology *topo = &opts->topo;
	u64 *need = calloc(topo->nr_nodes, sizeof(*need));
	char want[32], have[32];
	int ret = 0;

	if (!need || policy_need(opts, w, policy, need))
		ret = why_set(why, "out of memory");
	for (unsigned int n = 0; !ret && n < topo->nr_nodes; n++) {
		if (need[n] <= topo->node_bytes[n] / 16 * 15)
			continue;
		ret = why_set(why,
			      "memory does not fit: %s with policy %s puts %s on node %u, which has %s (a 16th is reserved); see --memory, --scale",
			      w->name, bench_policy_names[policy],
			      bytes_print(need[n], want, sizeof(want)), n,
			      bytes_print(topo->node_bytes[n], have, sizeof(have)));
	}
	free(need);
	return ret;
}

/*
 * A huge page has 512 simulated pages whatever they stand for, so only pages of real size
 * give huge pages of real size.  A thread's part smaller than one would make all threads
 * share all pages, which is another program.
 */
static int check_huge(const struct bench_options *opts, const struct bench_workload *w,
		      struct bench_why *why)
{
	unsigned int scale = options_sim_scale(opts, w), parts = options_nr_threads(opts, w);
	u64 part = options_process_bytes(opts, w) * options_nr_processes(opts, w) /
		   (parts ? parts : 1);
	char huge[32], have[32];

	if (scale > 1)
		return why_set(why,
			       "--thp: with --sim-scale %u a huge page would be one of %s; make runs smaller with --scale instead",
			       scale, bytes_print(HUGE_BYTES * scale, huge, sizeof(huge)));
	if (!w->whole && part < HUGE_BYTES)
		return why_set(why,
			       "--thp: %s: a thread's slice of %s is smaller than a huge page of %s; see --scale",
			       w->name, bytes_print(part, have, sizeof(have)),
			       bytes_print(HUGE_BYTES, huge, sizeof(huge)));
	return 0;
}

/* Pages have contents on the host, on their old and, after a move, on their new node. */
static int check_host(const struct bench_options *opts, const struct bench_workload *w,
		      struct bench_why *why)
{
	u64 bytes = options_process_bytes(opts, w) * options_nr_processes(opts, w);
	u64 need = 2 * bytes / options_sim_scale(opts, w), have = host_memory();
	char want[32], is[32];

	if (!have || need <= have)
		return 0;
	return why_set(why,
		       "%s may take %s of this host's memory, which is %s; see --scale, --sim-scale",
		       w->name, bytes_print(need, want, sizeof(want)),
		       bytes_print(have, is, sizeof(is)));
}

static int check_workload(const struct bench_options *opts, const struct bench_workload *w,
			  struct bench_why *why)
{
	unsigned int threads = options_nr_threads(opts, w);
	unsigned int processes = options_nr_processes(opts, w);
	unsigned int scale = options_sim_scale(opts, w);
	u64 pages = options_process_bytes(opts, w) / 4096 / scale;

	if (opts->processes && w->kind != KIND_WRITE)
		return why_set(why, "--processes: %s has as many as the machine's CPUs want",
			       w->name);
	if (!threads)
		return why_set(why, "%s needs a CPU for each of its %u processes", w->name,
			       processes);
	if (pages < threads / processes)
		return why_set(why,
			       "%s: %llu simulated pages of %u pages each are fewer than the %u threads of a process; see --scale, --sim-scale",
			       w->name, (unsigned long long)pages, scale,
			       threads / processes);
	if (options_huge(opts) && check_huge(opts, w, why))
		return -1;
	if (check_host(opts, w, why))
		return -1;
	for (unsigned int i = 0; i < opts->nr_policies; i++)
		if (check_memory(opts, w, opts->policies[i], why))
			return -1;
	return 0;
}

int options_complete(struct bench_options *opts, struct bench_why *why)
{
	const struct bench_topology *topo = &opts->topo;
	bool memory = false;

	if (topo->nr_cpus % topo->threads_per_core)
		return why_set(why, "--smt: %u CPUs are not whole cores of %u CPUs",
			       topo->nr_cpus, topo->threads_per_core);
	for (unsigned int n = 0; n < topo->nr_nodes; n++)
		memory |= topo->node_bytes[n] != 0;
	if (!memory)
		return why_set(why, "no node has memory");
	if (opts->fragment && !options_huge(opts))
		return why_set(why, "--fragment takes huge pages away; it needs --thp always or both");
	for (unsigned int i = 0; i < opts->nr_workloads; i++)
		if (check_workload(opts, opts->workloads[i], why))
			return -1;
	if (opts->plot && plot_check(opts->plot, why))
		return -1;
	return opts->trace ? file_check("--trace", opts->trace, why) : 0;
}
