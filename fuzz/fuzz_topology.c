// SPDX-License-Identifier: GPL-2.0
/*
 * Machines of any shape: memoryless nodes, nodes without CPUs or without anything, any
 * distances; CPUs go and come while programs run.
 *
 * What cannot be is refused with one line, and nothing is changed. What can be boots, is
 * what was asked for, runs programs and passes machine_check().
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/time64.h>
#include <linux/topology.h>
#include <machine/program.h>
#include <machine/sysfs.h>

#include "harness.h"
#include "topology/input.h"
#include "users.h"

#define MAX_OPS		12
#define LARGE		(4ULL << 20)
#define DIR		"/sys/kernel/mm/autonuma/"

static int node_of_cpu(const struct machine_config *c, unsigned int cpu)
{
	return c->cpu_node ? c->cpu_node[cpu] : (int)((u64)cpu * c->nr_nodes / c->nr_cpus);
}

static u64 bytes_of(const struct machine_config *c, unsigned int node)
{
	return c->node_bytes ? c->node_bytes[node] : c->bytes_per_node;
}

static int distance_of(const struct machine_config *c, unsigned int from, unsigned int to)
{
	return c->distance ? c->distance[from * c->nr_nodes + to] : from == to ? 10 : 20;
}

static int nearest_distance(const struct machine_config *c, unsigned int from)
{
	int best = 256;

	for (unsigned int n = 0; n < c->nr_nodes; n++)
		if (bytes_of(c, n))
			best = min(best, distance_of(c, from, n));
	return best;
}

static void check_cpus(const struct machine_config *c, const struct cpumask *online)
{
	unsigned int of_nodes = 0;

	for (unsigned int cpu = 0; cpu < c->nr_cpus; cpu++) {
		int node = node_of_cpu(c, cpu);
		bool is_online = cpumask_test_cpu(cpu, online);

		if (cpu_to_node(cpu) != node)
			fuzz_fail("CPU %u is on node %d, not %d", cpu, cpu_to_node(cpu), node);
		if (!bytes_of(c, cpu_to_mem(cpu)) ||
		    distance_of(c, node, cpu_to_mem(cpu)) != nearest_distance(c, node))
			fuzz_fail("memory near CPU %u is not on node %d", cpu, cpu_to_mem(cpu));
		if (cpu_online(cpu) != is_online ||
		    !!cpumask_test_cpu(cpu, cpumask_of_node(node)) != is_online)
			fuzz_fail("CPU %u should be %s", cpu, is_online ? "online" : "offline");
	}
	for (unsigned int n = 0; n < c->nr_nodes; n++)
		of_nodes += cpumask_weight(cpumask_of_node(n));
	if (of_nodes != cpumask_weight(online))
		fuzz_fail("%u CPUs are online, nodes have %u", cpumask_weight(online), of_nodes);
}

static void check_nodes(const struct machine_config *c)
{
	if (num_node_state(N_POSSIBLE) != (int)c->nr_nodes)
		fuzz_fail("%d nodes, not %u", num_node_state(N_POSSIBLE), c->nr_nodes);
	for (unsigned int n = 0; n < c->nr_nodes; n++) {
		if (!!node_state(n, N_MEMORY) != !!bytes_of(c, n))
			fuzz_fail("node %u should have %s memory", n, bytes_of(c, n) ? "" : "no");
		for (unsigned int to = 0; to < c->nr_nodes; to++)
			if (node_distance(n, to) != distance_of(c, n, to))
				fuzz_fail("from node %u to %u: %d, not %d", n, to,
					  node_distance(n, to), distance_of(c, n, to));
	}
}

static bool nearest_is_large(const struct machine_config *c, unsigned int from)
{
	for (unsigned int n = 0; n < c->nr_nodes; n++)
		if (bytes_of(c, n) >= LARGE &&
		    distance_of(c, from, n) == nearest_distance(c, from))
			return true;
	return false;
}

/* A page for @node comes from it, or from where memory is nearest; ties may cost 2. */
static void check_allocation(const struct machine_config *c, unsigned int node)
{
	struct page *page = alloc_pages_node(node, GFP_KERNEL, 0);
	int nid, nearest = nearest_distance(c, node);

	if (!page)
		return;
	nid = page_to_nid(page);
	__free_pages(page, 0);
	if (nid < 0 || nid >= (int)c->nr_nodes || !bytes_of(c, nid))
		fuzz_fail("a page of node %d, which has no memory", nid);
	/* Nodes of this size never run out of memory here; smaller ones may. */
	if (bytes_of(c, node) >= LARGE && nid != (int)node)
		fuzz_fail("a page for node %u comes from node %d", node, nid);
	if (!bytes_of(c, node) && nearest_is_large(c, node) &&
	    distance_of(c, node, nid) > nearest + 2)
		fuzz_fail("a page for node %u comes from node %d at %d, memory is at %d", node,
			  nid, distance_of(c, node, nid), nearest);
}

static void start_user(struct input *in)
{
	unsigned int cpu = input_next(in) % in->config.nr_cpus;

	fuzz_users_start(cpu, input_next(in) % in->config.nr_cpus);
}

/* Take a CPU away, or put it back: what is online is what the answers say. */
static void plug(struct input *in, bool add, struct cpumask *online)
{
	unsigned int cpu = input_next(in) % (in->config.nr_cpus + 1);
	int ret = add ? add_cpu(cpu) : remove_cpu(cpu), expect;

	if (cpu >= in->config.nr_cpus)
		expect = -EINVAL;
	else if (cpumask_test_cpu(cpu, online) == add)
		expect = 1;
	else
		expect = !add && cpumask_weight(online) == 1 ? -EBUSY : 0;
	/* A small machine may have no memory for what a CPU needs. */
	if (ret != expect && !(ret == -ENOMEM && !expect))
		fuzz_fail("CPU %u %s: %d, not %d", cpu, add ? "comes" : "goes", ret, expect);
	if (!ret && add)
		cpumask_set_cpu(cpu, online);
	else if (!ret)
		cpumask_clear_cpu(cpu, online);
	check_cpus(&in->config, online);
}

static void operate(struct input *in, struct cpumask *online)
{
	switch (input_next(in) % 8) {
	case 0:
	case 1:
		start_user(in);
		break;
	case 2:
	case 3:
		plug(in, false, online);
		break;
	case 4:
		plug(in, true, online);
		break;
	case 5:
		check_allocation(&in->config, input_next(in) % in->config.nr_nodes);
		break;
	default:
		user_compute((input_next(in) % 64) * NSEC_PER_MSEC);
	}
}

static int life(void *arg)
{
	static struct cpumask online;
	struct input *in = arg;

	cpumask_copy(&online, cpu_possible_mask);
	if (cpumask_weight(&online) != in->config.nr_cpus)
		fuzz_fail("%u CPUs, not %u", cpumask_weight(&online), in->config.nr_cpus);
	check_nodes(&in->config);
	check_cpus(&in->config, &online);
	/* A pass now and then in the few moments that a machine lives. */
	sysfs_write_file(DIR "scan_sleep_millisecs", "1", 1);
	sysfs_write_file(DIR "scan_sleep_pass_millisecs", "5", 1);
	sysfs_write_file(DIR "migrate_sleep_millisecs", "1", 1);
	sysfs_write_file(DIR "balance_interval_millisecs", "1", 1);
	fuzz_users_begin();
	for (unsigned int i = 0; i < MAX_OPS && in->left; i++)
		operate(in, &online);
	fuzz_users_end();
	return 0;
}

/* One line says why, and there is no machine. */
static void check_refused(const struct machine_config *c, const char *why, size_t size)
{
	if (!why[0] || !memchr(why, 0, size) || strchr(why, '\n'))
		fuzz_fail("refused without one line that says why: \"%.*s\"", (int)size, why);
	if (machine_boot(c) != -EINVAL)
		fuzz_fail("boots, though refused: %s", why);
	if (machine_config() || num_possible_cpus() || num_node_state(N_POSSIBLE))
		fuzz_fail("a machine that was refused is there: %s", why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct input in;
	char why[160] = "";
	bool possible;

	in.data = data;
	in.left = size;
	in.config = (struct machine_config){ };
	in.distance = NULL;
	input_config(&in);
	possible = input_is_possible(&in.config);
	if (!machine_config_check(&in.config, why, sizeof(why)) != possible)
		fuzz_fail("%u nodes, %u CPUs: %s", in.config.nr_nodes, in.config.nr_cpus,
			  possible ? why : "is accepted, but cannot be");
	if (!possible)
		check_refused(&in.config, why, sizeof(why));
	else if (fuzz_verbose())
		fprintf(stderr, "%u nodes, %u CPUs\n", in.config.nr_nodes, in.config.nr_cpus);
	if (possible)
		fuzz_new_machine(&in.config, life, &in);
	input_free(&in);
	return 0;
}
