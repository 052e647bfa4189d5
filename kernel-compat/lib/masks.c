// SPDX-License-Identifier: GPL-2.0
/*
 * Which nodes and CPUs there are, and operations on masks that are too long to inline.
 * exec/ fills these variables at boot and clears them at shutdown.
 */
#include <linux/cpumask.h>
#include <linux/nodemask.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/topology.h>

nodemask_t node_states[NR_NODE_STATES];
unsigned int nr_node_ids = 1;
unsigned int nr_online_nodes = 1;

unsigned int nr_cpu_ids = 1;
struct cpumask __cpu_possible_mask;
struct cpumask __cpu_online_mask;
struct cpumask __cpu_present_mask;
struct cpumask __cpu_active_mask;

static const struct cpumask all_cpus = CPU_MASK_ALL;
static const struct cpumask no_cpus;
const struct cpumask *const cpu_all_mask = &all_cpus;
const struct cpumask *const cpu_none_mask = &no_cpus;

/*
 * Row 1 + b has bit b of word 0 set.  A mask for CPU c is the row of c % 64, read
 * from c / 64 words before: what precedes a row is the zeroes of the one above it.
 */
unsigned long cpu_bit_bitmap[BITS_PER_LONG + 1][BITS_TO_LONGS(NR_CPUS)];

__attribute__((constructor)) static void fill_cpu_bits(void)
{
	int b;

	for (b = 0; b < BITS_PER_LONG; b++)
		cpu_bit_bitmap[b + 1][0] = 1UL << b;
}

static void assign_cpu(unsigned int cpu, struct cpumask *mask, bool on)
{
	if (on)
		cpumask_set_cpu(cpu, mask);
	else
		cpumask_clear_cpu(cpu, mask);
}

void set_cpu_possible(unsigned int cpu, bool possible)
{
	assign_cpu(cpu, &__cpu_possible_mask, possible);
	assign_cpu(cpu, &__cpu_present_mask, possible);
}

void set_cpu_online(unsigned int cpu, bool online)
{
	assign_cpu(cpu, &__cpu_online_mask, online);
	assign_cpu(cpu, &__cpu_active_mask, online);
}

void node_set_online(int nid)
{
	node_set_state(nid, N_ONLINE);
	nr_online_nodes = num_node_state(N_ONLINE);
}

void node_set_offline(int nid)
{
	node_clear_state(nid, N_ONLINE);
	nr_online_nodes = num_node_state(N_ONLINE);
}

/* A random node of the mask, or NUMA_NO_NODE. */
int node_random(const nodemask_t *maskp)
{
	int w = nodes_weight(*maskp);

	if (!w)
		return NUMA_NO_NODE;
	return find_nth_bit(maskp->bits, MAX_NUMNODES, get_random_u32_below(w));
}

bool alloc_cpumask_var_node(cpumask_var_t *mask, gfp_t flags, int node)
{
	*mask = kmalloc_node(cpumask_size(), flags, node);
	return *mask != NULL;
}

bool zalloc_cpumask_var_node(cpumask_var_t *mask, gfp_t flags, int node)
{
	return alloc_cpumask_var_node(mask, flags | __GFP_ZERO, node);
}

bool alloc_cpumask_var(cpumask_var_t *mask, gfp_t flags)
{
	return alloc_cpumask_var_node(mask, flags, NUMA_NO_NODE);
}

bool zalloc_cpumask_var(cpumask_var_t *mask, gfp_t flags)
{
	return zalloc_cpumask_var_node(mask, flags, NUMA_NO_NODE);
}

void free_cpumask_var(cpumask_var_t mask)
{
	kfree(mask);
}

/* The i-th online CPU, those of @node first. */
unsigned int cpumask_local_spread(unsigned int i, int node)
{
	unsigned int cpu, local;

	i %= num_online_cpus();
	if (node == NUMA_NO_NODE)
		return cpumask_nth(i, cpu_online_mask);
	local = cpumask_weight_and(cpu_online_mask, cpumask_of_node(node));
	if (i < local) {
		for_each_cpu_and(cpu, cpu_online_mask, cpumask_of_node(node))
			if (!i--)
				return cpu;
	}
	i -= local;
	for_each_cpu_andnot(cpu, cpu_online_mask, cpumask_of_node(node))
		if (!i--)
			return cpu;
	return cpumask_first(cpu_online_mask);
}

/* model: a random CPU of both masks instead of the kernel's per-CPU round robin. */
unsigned int cpumask_any_and_distribute(const struct cpumask *a, const struct cpumask *b)
{
	unsigned int w = cpumask_weight_and(a, b), cpu;

	if (!w)
		return nr_cpu_ids;
	w = get_random_u32_below(w);
	for_each_cpu_and(cpu, a, b)
		if (!w--)
			break;
	return cpu;
}

unsigned int cpumask_any_distribute(const struct cpumask *srcp)
{
	return cpumask_any_and_distribute(srcp, srcp);
}
