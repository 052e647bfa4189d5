// SPDX-License-Identifier: GPL-2.0
/* Threads spread over CPUs, memory divided among them. */
#include <stdlib.h>

#include "layout.h"

#define PAGE 4096ULL

/*
 * Simulated pages that a workload should have at least: enough for shares of nodes to
 * have three digits, few enough for a thousand rounds to take seconds.
 */
#define ENOUGH_PAGES	8192
#define ENOUGH_PER_THREAD 32

u64 options_process_bytes(const struct bench_options *opts, const struct bench_workload *w)
{
	u64 bytes = w->bytes;

	if (w->kind != KIND_WRITE)
		return bytes;
	if (opts->processes)
		bytes = bytes * w->nr_processes / opts->processes;
	return bytes * opts->scale;
}

unsigned int options_nr_processes(const struct bench_options *opts,
				  const struct bench_workload *w)
{
	unsigned int cpus = opts->topo.nr_cpus;

	if (!w->nr_processes)
		return cpus > w->cpus_per_process ? cpus / w->cpus_per_process : 1;
	return opts->processes ? opts->processes : w->nr_processes;
}

unsigned int layout_cpus(const struct bench_options *opts, const struct bench_workload *w,
			 unsigned int *cpu)
{
	const struct bench_topology *topo = &opts->topo;
	unsigned int used = 0;

	topology_cpu_order(topo, cpu);
	for (unsigned int i = 0; i < topo->nr_cpus; i++)
		if (!w->one_per_core || cpu[i] % topo->threads_per_core == 0)
			cpu[used++] = cpu[i];
	return used / options_nr_processes(opts, w);
}

unsigned int options_nr_threads(const struct bench_options *opts,
				const struct bench_workload *w)
{
	unsigned int cpus = opts->topo.nr_cpus, processes = options_nr_processes(opts, w);

	if (w->one_per_core)
		cpus /= opts->topo.threads_per_core;
	return cpus / processes * processes * (w->threads_per_cpu ? w->threads_per_cpu : 1);
}

bool options_huge(const struct bench_options *opts)
{
	for (unsigned int i = 0; i < opts->nr_thp; i++)
		if (opts->thp[i] == THP_ALWAYS)
			return true;
	return false;
}

unsigned int options_sim_scale(const struct bench_options *opts,
			       const struct bench_workload *w)
{
	u64 pages = options_process_bytes(opts, w) * options_nr_processes(opts, w) / PAGE;
	u64 enough = (u64)options_nr_threads(opts, w) * ENOUGH_PER_THREAD;
	unsigned int scale = 1;

	if (opts->sim_scale)
		return opts->sim_scale;
	if (options_huge(opts))
		return 1;
	enough = enough > ENOUGH_PAGES ? enough : ENOUGH_PAGES;
	while (pages / (scale * 2) >= enough && scale < 1 << 16)
		scale *= 2;
	return scale;
}

static u64 next_table(u64 at)
{
	return (at + PAGES_PER_TABLE - 1) / PAGES_PER_TABLE * PAGES_PER_TABLE;
}

/* The part has its number of pages and its place; returns where its last page ends. */
static u64 end_part(struct bench_process_layout *p, struct bench_part *part)
{
	part->span = part->nr ? layout_offset(p, part->nr - 1) + 1 : 0;
	p->span = part->at + part->span;
	return p->span;
}

/*
 * One slice for each thread; the pages that do not divide go to the first ones.  The next
 * slice begins where the last one ends if they are @packed, else at the next page table.
 */
static void divide_by_thread(struct bench_process_layout *p, const struct bench_topology *topo,
			     bool packed)
{
	u64 first = 0, at = 0;

	p->nr_parts = p->nr_threads;
	for (unsigned int i = 0; i < p->nr_parts; i++) {
		p->part[i].first = first;
		p->part[i].nr = p->pages / p->nr_parts + (i < p->pages % p->nr_parts);
		p->part[i].at = at;
		p->part[i].node = topo->cpu_node[p->cpu[i]];
		first += p->part[i].nr;
		at = end_part(p, &p->part[i]);
		if (!packed)
			at = next_table(at);
	}
}

/* Equal parts for the nodes the process runs on; its CPUs are in the order of nodes. */
static void divide_by_node(struct bench_process_layout *p, const struct bench_topology *topo)
{
	u64 first = 0, at = 0;

	p->nr_parts = 0;
	for (unsigned int i = 0; i < p->nr_threads; i++)
		if (!i || topo->cpu_node[p->cpu[i]] != topo->cpu_node[p->cpu[i - 1]])
			p->part[p->nr_parts++].node = topo->cpu_node[p->cpu[i]];
	for (unsigned int i = 0; i < p->nr_parts; i++) {
		p->part[i].first = first;
		p->part[i].at = at;
		p->part[i].nr = p->pages / p->nr_parts + (i < p->pages % p->nr_parts);
		first += p->part[i].nr;
		at = end_part(p, &p->part[i]);
		if (p->per_table < PAGES_PER_TABLE)
			at = next_table(at);
	}
}

int layout_init(struct bench_layout *l, const struct bench_options *opts,
		const struct bench_workload *w)
{
	unsigned int *cpu = calloc(opts->topo.nr_cpus, sizeof(*cpu)), cpus, threads;
	unsigned int per_cpu = w->threads_per_cpu ? w->threads_per_cpu : 1;

	l->sim_scale = options_sim_scale(opts, w);
	l->start_node = topology_first_node(&opts->topo);
	l->nr_processes = options_nr_processes(opts, w);
	l->process = calloc(l->nr_processes, sizeof(*l->process));
	if (!cpu || !l->process)
		goto fail;
	cpus = layout_cpus(opts, w, cpu);
	threads = cpus * per_cpu;
	for (unsigned int i = 0; i < l->nr_processes; i++) {
		struct bench_process_layout *p = &l->process[i];

		p->nr_threads = threads;
		p->per_table = layout_per_table(l->sim_scale);
		p->pages = options_process_bytes(opts, w) / PAGE / l->sim_scale;
		p->cpu = calloc(threads + 1, sizeof(*p->cpu));
		p->part = calloc(threads + 1, sizeof(*p->part));
		if (!p->cpu || !p->part)
			goto fail;
		for (unsigned int t = 0; t < threads; t++)
			p->cpu[t] = cpu[i * cpus + t / per_cpu];
		if (!threads)
			continue;
		if (w->whole)
			divide_by_node(p, &opts->topo);
		else
			divide_by_thread(p, &opts->topo, options_huge(opts));
	}
	free(cpu);
	return 0;
fail:
	free(cpu);
	layout_free(l);
	return -1;
}

void layout_free(struct bench_layout *l)
{
	for (unsigned int i = 0; l->process && i < l->nr_processes; i++) {
		free(l->process[i].cpu);
		free(l->process[i].part);
	}
	free(l->process);
	l->process = NULL;
}

void policy_targets(const struct bench_topology *topo, enum bench_policy policy,
		    unsigned int *target)
{
	unsigned int start = topology_first_node(topo);

	if (policy == POLICY_INVERSE) {
		topology_far(topo, target);
		return;
	}
	for (unsigned int n = 0; n < topo->nr_nodes; n++)
		target[n] = policy == POLICY_HARD ? topology_nearest(topo, n) : start;
}

int policy_need(const struct bench_options *opts, const struct bench_workload *w,
		enum bench_policy policy, u64 *need)
{
	unsigned int *target = calloc(opts->topo.nr_nodes, sizeof(*target));
	struct bench_layout l;

	if (!target || layout_init(&l, opts, w)) {
		free(target);
		return -1;
	}
	/* Memory that each thread writes first is where the thread is, unless it is bound. */
	if (!policy_binds(policy) && (w->kind != KIND_WRITE || w->own_start))
		policy = POLICY_HARD;
	policy_targets(&opts->topo, policy, target);
	for (unsigned int n = 0; n < opts->topo.nr_nodes; n++)
		need[n] = 0;
	for (unsigned int i = 0; i < l.nr_processes; i++)
		for (unsigned int k = 0; k < l.process[i].nr_parts; k++)
			need[target[l.process[i].part[k].node]] +=
				l.process[i].part[k].nr * l.sim_scale * PAGE;
	layout_free(&l);
	free(target);
	return 0;
}
