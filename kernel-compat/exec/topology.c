// SPDX-License-Identifier: GPL-2.0
/* Nodes, CPUs, distances; checking a configuration and filling in its defaults. */
#include <stdio.h>
#include <string.h>

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/topology.h>
#include <machine/machine.h>
#include <machine/violation.h>
#include <exec/host_memory.h>
#include <exec/vcpu.h>

#define DEFAULT_NODE_BYTES	(64ULL << 20)
#define MIN_NODE_BYTES		(64ULL << 10)
#define MAX_NODE_BYTES		(1ULL << 40)
#define MAX_TOTAL_BYTES		(1ULL << 44)

static struct machine_config config;
static struct machine_config asked;	/* what was left to defaults: its pointers are NULL */
static bool configured;
static struct cpumask *node_cpus;	/* one per node */
static int *nearest_mem;		/* node with memory, per node */

const struct machine_config *machine_config(void)
{
	return configured ? &config : NULL;
}

#define refuse(...)	({ snprintf(why, size, __VA_ARGS__); -EINVAL; })

static int check_nodes(const struct machine_config *cfg, char *why, size_t size)
{
	u64 total = 0;
	unsigned int n;

	for (n = 0; n < cfg->nr_nodes; n++) {
		u64 bytes = cfg->node_bytes ? cfg->node_bytes[n] :
			    cfg->bytes_per_node ? cfg->bytes_per_node : DEFAULT_NODE_BYTES;

		if (bytes % 4096)
			return refuse("node %u: %llu bytes are not whole pages", n,
				      (unsigned long long)bytes);
		if (bytes && bytes < MIN_NODE_BYTES)
			return refuse("node %u: %llu bytes of memory are less than %llu", n,
				      (unsigned long long)bytes,
				      (unsigned long long)MIN_NODE_BYTES);
		if (bytes > MAX_NODE_BYTES)
			return refuse("node %u: %llu bytes of memory are more than %llu", n,
				      (unsigned long long)bytes,
				      (unsigned long long)MAX_NODE_BYTES);
		total += bytes;
	}
	if (!total)
		return refuse("no node has memory");
	if (total > MAX_TOTAL_BYTES)
		return refuse("%llu bytes of memory in all are more than %llu",
			      (unsigned long long)total, (unsigned long long)MAX_TOTAL_BYTES);
	return 0;
}

static int check_distances(const struct machine_config *cfg, char *why, size_t size)
{
	unsigned int a, b;

	for (a = 0; cfg->distance && a < cfg->nr_nodes; a++)
		for (b = 0; b < cfg->nr_nodes; b++) {
			unsigned int d = cfg->distance[a * cfg->nr_nodes + b];

			if (a == b && d != LOCAL_DISTANCE)
				return refuse("distance of node %u to itself is %u, not %u",
					      a, d, LOCAL_DISTANCE);
			if (a != b && (d <= LOCAL_DISTANCE || d > 254))
				return refuse("distance of node %u to node %u is %u, not 11 to 254",
					      a, b, d);
		}
	return 0;
}

static int check_cpus(const struct machine_config *cfg, char *why, size_t size)
{
	unsigned int cpu, smt = cfg->threads_per_core;

	if (smt > cfg->nr_cpus)
		return refuse("%u threads per core, but only %u CPUs", smt, cfg->nr_cpus);
	if (smt > 1 && cfg->nr_cpus % smt)
		return refuse("%u CPUs are no whole number of cores of %u threads",
			      cfg->nr_cpus, smt);
	for (cpu = 0; cpu < cfg->nr_cpus; cpu++) {
		int node = cfg->cpu_node ? cfg->cpu_node[cpu] :
			   (u64)cpu * cfg->nr_nodes / cfg->nr_cpus;
		int first = smt < 2 ? node : !cfg->cpu_node ?
			    (u64)(cpu - cpu % smt) * cfg->nr_nodes / cfg->nr_cpus :
			    cfg->cpu_node[cpu - cpu % smt];

		if (node < 0 || (unsigned int)node >= cfg->nr_nodes)
			return refuse("CPU %u is on node %d, nodes are 0 to %u", cpu, node,
				      cfg->nr_nodes - 1);
		if (node != first)
			return refuse("CPU %u is on node %d, its SMT sibling on node %d", cpu,
				      node, first);
	}
	return 0;
}

int machine_config_check(const struct machine_config *cfg, char *why, size_t size)
{
	char none[1];
	int ret;

	if (!why) {
		why = none;
		size = sizeof(none);
	}
	if (!cfg->nr_nodes)
		return refuse("a machine needs at least one node");
	if (cfg->nr_nodes > MAX_NUMNODES)
		return refuse("%u nodes are more than %u", cfg->nr_nodes, MAX_NUMNODES);
	if (!cfg->nr_cpus)
		return refuse("a machine needs at least one CPU");
	if (cfg->nr_cpus > NR_CPUS)
		return refuse("%u CPUs are more than %u", cfg->nr_cpus, NR_CPUS);
	if (cfg->sim_scale > 1u << 20)
		return refuse("a scale of %u real pages per page is more than %u",
			      cfg->sim_scale, 1u << 20);
	ret = check_cpus(cfg, why, size);
	if (!ret)
		ret = check_nodes(cfg, why, size);
	if (!ret)
		ret = check_distances(cfg, why, size);
	return ret;
}

static void *copy_array(const void *src, size_t n, size_t elem)
{
	void *p = host_zalloc(n, elem);

	if (p && src)
		memcpy(p, src, n * elem);
	return p;
}

static void free_config(void)
{
	host_free((void *)config.cpu_node);
	host_free((void *)config.node_bytes);
	host_free((void *)config.distance);
	host_free((void *)config.cmdline);
	host_free(node_cpus);
	host_free(nearest_mem);
	node_cpus = NULL;
	nearest_mem = NULL;
	memset(&config, 0, sizeof(config));
	configured = false;
}

/* A private copy of @cfg with all defaults filled in. */
int exec_config_set(const struct machine_config *cfg)
{
	unsigned int i, j, nodes = cfg->nr_nodes;
	u64 *bytes;
	u8 *dist;
	int *cpu_node;

	asked = config = *cfg;
	config.threads_per_core = cfg->threads_per_core ? cfg->threads_per_core : 1;
	config.sim_scale = cfg->sim_scale ? cfg->sim_scale : 1;
	config.bytes_per_node = cfg->bytes_per_node ? cfg->bytes_per_node : DEFAULT_NODE_BYTES;
	config.cmdline = host_strdup(cfg->cmdline ? cfg->cmdline : "");
	config.cpu_node = cpu_node = copy_array(cfg->cpu_node, cfg->nr_cpus, sizeof(int));
	config.node_bytes = bytes = copy_array(cfg->node_bytes, nodes, sizeof(u64));
	config.distance = dist = copy_array(cfg->distance, (size_t)nodes * nodes, 1);
	node_cpus = host_zalloc(nodes, sizeof(*node_cpus));
	nearest_mem = host_zalloc(nodes, sizeof(*nearest_mem));
	if (!config.cmdline || !cpu_node || !bytes || !dist || !node_cpus || !nearest_mem) {
		free_config();
		return -ENOMEM;
	}
	for (i = 0; !cfg->cpu_node && i < cfg->nr_cpus; i++)
		cpu_node[i] = (u64)i * nodes / cfg->nr_cpus;
	for (i = 0; !cfg->node_bytes && i < nodes; i++)
		bytes[i] = config.bytes_per_node;
	for (i = 0; !cfg->distance && i < nodes; i++)
		for (j = 0; j < nodes; j++)
			dist[i * nodes + j] = i == j ? LOCAL_DISTANCE : REMOTE_DISTANCE;
	configured = true;
	return 0;
}

static bool same(const void *a, const void *copy_of_b, const void *b, size_t size)
{
	return a ? b && !memcmp(a, copy_of_b, size) : !b;
}

/* Whether @cfg boots the machine that there is; the seed is not the machine's. */
bool exec_config_is(const struct machine_config *cfg)
{
	size_t nodes = cfg->nr_nodes;

	return configured && cfg->nr_nodes == asked.nr_nodes && cfg->nr_cpus == asked.nr_cpus &&
	       cfg->bytes_per_node == asked.bytes_per_node &&
	       cfg->threads_per_core == asked.threads_per_core &&
	       cfg->sim_scale == asked.sim_scale &&
	       !strcmp(cfg->cmdline ?: "", config.cmdline) &&
	       same(cfg->cpu_node, config.cpu_node, asked.cpu_node,
		    cfg->nr_cpus * sizeof(*cfg->cpu_node)) &&
	       same(cfg->node_bytes, config.node_bytes, asked.node_bytes,
		    nodes * sizeof(*cfg->node_bytes)) &&
	       same(cfg->distance, config.distance, asked.distance, nodes * nodes);
}

void exec_config_seed(u64 seed)
{
	config.seed = seed;
}

void exec_config_clear(void)
{
	free_config();
}

/* The node with memory nearest to @from; itself if it has any. */
static int find_nearest_mem(int from)
{
	int best = from, node;
	bool found = false;

	for (node = 0; node < (int)config.nr_nodes; node++)
		if (config.node_bytes[node] &&
		    (!found || __node_distance(from, node) < __node_distance(from, best))) {
			best = node;
			found = true;
		}
	return best;
}

/* @cpu comes or goes: it, and its node while that has any, are in the masks of what is there. */
void exec_topology_online(unsigned int cpu, bool online)
{
	int nid = cpu_to_node(cpu);

	set_cpu_online(cpu, online);
	if (online) {
		cpumask_set_cpu(cpu, &node_cpus[nid]);
		node_set_state(nid, N_CPU);
	} else {
		cpumask_clear_cpu(cpu, &node_cpus[nid]);
		if (cpumask_empty(&node_cpus[nid]))
			node_clear_state(nid, N_CPU);
	}
}

/* Set the kernel's masks of CPUs and nodes. */
void exec_topology_boot(const struct machine_config *cfg)
{
	unsigned int cpu, node;

	nr_cpu_ids = cfg->nr_cpus;
	nr_node_ids = cfg->nr_nodes;
	nr_online_nodes = cfg->nr_nodes;
	for (cpu = 0; cpu < cfg->nr_cpus; cpu++) {
		set_cpu_possible(cpu, true);
		cpumask_set_cpu(cpu, &__cpu_present_mask);
		set_cpu_online(cpu, true);
		cpumask_set_cpu(cpu, &__cpu_active_mask);
		cpumask_set_cpu(cpu, &node_cpus[cfg->cpu_node[cpu]]);
	}
	for (node = 0; node < cfg->nr_nodes; node++) {
		node_set_state(node, N_POSSIBLE);
		node_set_state(node, N_ONLINE);
		if (!cpumask_empty(&node_cpus[node]))
			node_set_state(node, N_CPU);
		if (cfg->node_bytes[node]) {
			node_set_state(node, N_NORMAL_MEMORY);
			node_set_state(node, N_MEMORY);
		}
		nearest_mem[node] = find_nearest_mem(node);
	}
	nr_online_nodes = cfg->nr_nodes;
}

void exec_topology_halt(void)
{
	int state;

	cpumask_clear(&__cpu_possible_mask);
	cpumask_clear(&__cpu_present_mask);
	cpumask_clear(&__cpu_online_mask);
	cpumask_clear(&__cpu_active_mask);
	for (state = 0; state < NR_NODE_STATES; state++)
		nodes_clear(node_states[state]);
}

int cpu_to_node(int cpu)
{
	if (unlikely(!configured))
		return 0;
	if (unlikely((unsigned int)cpu >= nr_cpu_ids)) {
		violation(VIOLATION_WARN, "cpu_to_node(%d): no such CPU", cpu);
		return NUMA_NO_NODE;
	}
	return config.cpu_node[cpu];
}

int cpu_to_mem(int cpu)
{
	return configured ? nearest_mem[cpu_to_node(cpu)] : 0;
}

int node_to_mem_node(int nid)
{
	return nearest_mem[nid];
}

const struct cpumask *cpumask_of_node(int nid)
{
	if (unlikely((unsigned int)nid >= nr_node_ids)) {
		violation(VIOLATION_WARN, "cpumask_of_node(%d): no such node", nid);
		return cpu_none_mask;
	}
	return &node_cpus[nid];
}

int nr_cpus_node(int nid)
{
	return cpumask_weight(cpumask_of_node(nid));
}

int __node_distance(int from, int to)
{
	if ((unsigned int)from >= config.nr_nodes || (unsigned int)to >= config.nr_nodes)
		return from == to ? LOCAL_DISTANCE : REMOTE_DISTANCE;
	return config.distance[from * config.nr_nodes + to];
}

const struct cpumask *topology_sibling_cpumask(int cpu)
{
	return &vcpus[cpu].sibling_mask;
}

int topology_core_id(int cpu)
{
	return cpu / config.threads_per_core;
}

/* Is node @a before @b as seen from @from? Ties go to the lower number. */
static bool nearer(int from, int a, int b)
{
	int da = __node_distance(from, a), db = __node_distance(from, b);

	return da < db || (da == db && a < b);
}

unsigned int sched_numa_find_nth_cpu(const struct cpumask *cpus, int cpu, int node)
{
	int last = -1, next, n, c;

	if (node == NUMA_NO_NODE)
		node = 0;
	for (;;) {
		next = -1;
		for (n = 0; n < (int)nr_node_ids; n++)
			if ((last < 0 || nearer(node, last, n)) && n != last &&
			    (next < 0 || nearer(node, n, next)))
				next = n;
		if (next < 0)
			return nr_cpu_ids;
		for_each_cpu_and(c, cpus, &node_cpus[next])
			if (!cpu--)
				return c;
		last = next;
	}
}

int numa_nearest_node(int node, unsigned int state)
{
	int n, best = MAX_NUMNODES;

	if (state >= NR_NODE_STATES)
		return -EINVAL;
	if (node == NUMA_NO_NODE || node_state(node, state))
		return node;
	for_each_node_state(n, state)
		if (best == MAX_NUMNODES ||
		    __node_distance(node, n) < __node_distance(node, best))
			best = n;
	return best;
}
