/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which CPU is where. same; the answers come from struct machine_config.
 */
#ifndef _LINUX_TOPOLOGY_H
#define _LINUX_TOPOLOGY_H

#include <linux/types.h>
#include <linux/cpumask.h>
#include <linux/nodemask.h>
#include <linux/numa.h>
#include <linux/smp.h>
#include <linux/percpu.h>

#define LOCAL_DISTANCE		10
#define REMOTE_DISTANCE		20
#define RECLAIM_DISTANCE	30
#define DISTANCE_BITS		8

int cpu_to_node(int cpu);
static inline int early_cpu_to_node(int cpu) { return cpu_to_node(cpu); }
/* Nearest node with memory. */
int cpu_to_mem(int cpu);
int node_to_mem_node(int nid);
const struct cpumask *cpumask_of_node(int nid);	/* as on x86, not of NUMA_NO_NODE */
int __node_distance(int from, int to);
#define node_distance(from, to)	__node_distance(from, to)
int nr_cpus_node(int nid);

#define for_each_node_with_cpus(node)						\
	for_each_online_node(node)						\
		if (nr_cpus_node(node))

#define numa_node_id()		cpu_to_node(raw_smp_processor_id())
#define numa_mem_id()		cpu_to_mem(raw_smp_processor_id())

const struct cpumask *topology_sibling_cpumask(int cpu);
int topology_core_id(int cpu);
static inline int topology_physical_package_id(int cpu) { return cpu_to_node(cpu); }
static inline const struct cpumask *topology_core_cpumask(int cpu)
{
	return cpumask_of_node(cpu_to_node(cpu));
}
static inline const struct cpumask *cpu_smt_mask(int cpu)
{
	return topology_sibling_cpumask(cpu);
}
static inline const struct cpumask *cpu_cpu_mask(int cpu)
{
	return cpumask_of_node(cpu_to_node(cpu));
}

/* The @cpu-th of @cpus counted by distance from @node. */
unsigned int sched_numa_find_nth_cpu(const struct cpumask *cpus, int cpu, int node);
/* Nearest node of @nodes to @node by distance; MAX_NUMNODES if there is none. */
int numa_nearest_node(int node, unsigned int state);

#endif /* _LINUX_TOPOLOGY_H */
