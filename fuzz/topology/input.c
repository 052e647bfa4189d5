// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes as a configuration: mostly machines that can be, some that cannot.
 *
 *	nodes - 1	255: two more bytes, up to some more than there can be; 254: none
 *	CPUs - 1	likewise
 *	flags		what follows: nodes of CPUs (1), sizes (2), distances (4), SMT (8),
 *			noautonuma (16), memory at most 1 MiB per node (32)
 *	...		one byte for each number
 */
#include <stdlib.h>

#include <linux/minmax.h>

#include "harness.h"
#include "topology/input.h"

u8 input_next(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->data++;
}

/* 1 to 253, or any number less than @most. */
static unsigned int count(struct input *in, unsigned int most)
{
	unsigned int n = input_next(in);

	if (n < 16)
		return n + 1;
	if (n == 254)
		return 0;
	if (n < 254)
		return n % 16 + 1;
	n = input_next(in) << 8;
	return (n | input_next(in)) % most;
}

static void nodes_of_cpus(struct input *in)
{
	for (unsigned int c = 0; c < in->config.nr_cpus; c++) {
		u8 b = input_next(in);

		in->cpu_node[c] = b == 255 ? -1 : b == 254 ? (int)in->config.nr_nodes :
				  (int)(b % (in->config.nr_nodes ?: 1));
	}
	in->config.cpu_node = in->cpu_node;
}

/* None, some MiB, or sizes at and beyond the limits. */
static void sizes(struct input *in)
{
	static const u64 odd[] = { 4096, 1, 60 << 10, 64 << 10, (64 << 10) + 1, 4095 << 10,
				   1ULL << 40, (1ULL << 40) + 4096 };

	for (unsigned int n = 0; n < in->config.nr_nodes; n++) {
		u8 b = input_next(in);

		in->node_bytes[n] = b >= 248 ? odd[b - 248] : (u64)(b % 9) << 20;
	}
	in->config.node_bytes = in->node_bytes;
}

static void distances(struct input *in)
{
	unsigned int nr = in->config.nr_nodes;

	in->distance = calloc((size_t)nr * nr + 1, 1);
	if (!in->distance)
		abort();
	for (unsigned int i = 0; i < nr * nr; i++) {
		u8 b = input_next(in);

		in->distance[i] = i % (nr + 1) ? (b ?: 20) : b == 255 ? 11 : 10;
	}
	in->config.distance = in->distance;
}

void input_config(struct input *in)
{
	struct machine_config *c = &in->config;
	u8 flags;

	c->nr_nodes = count(in, INPUT_NODES);
	c->nr_cpus = count(in, INPUT_CPUS);
	flags = input_next(in);
	c->bytes_per_node = flags & 32 ? 1 << 20 : 4 << 20;
	if (flags & 8)
		c->threads_per_core = input_next(in);
	if (flags & 16)
		c->cmdline = "noautonuma";
	if (flags & 1)
		nodes_of_cpus(in);
	if (flags & 2)
		sizes(in);
	if (flags & 4)
		distances(in);
}

void input_free(struct input *in)
{
	free(in->distance);
}

static bool cpus_are_possible(const struct machine_config *c)
{
	unsigned int smt = c->threads_per_core ?: 1;

	if (!c->nr_cpus || c->nr_cpus > NR_CPUS || c->nr_cpus % smt)
		return false;
	for (unsigned int cpu = 0; cpu < c->nr_cpus; cpu++) {
		unsigned int first = cpu / smt * smt;

		if (!c->cpu_node) {
			if (cpu * c->nr_nodes / c->nr_cpus != first * c->nr_nodes / c->nr_cpus)
				return false;
		} else if (c->cpu_node[cpu] < 0 || c->cpu_node[cpu] >= (int)c->nr_nodes ||
			   c->cpu_node[cpu] != c->cpu_node[first]) {
			return false;
		}
	}
	return true;
}

bool input_is_possible(const struct machine_config *c)
{
	u64 total = 0;

	if (!c->nr_nodes || c->nr_nodes > MAX_NUMNODES || !cpus_are_possible(c))
		return false;
	for (unsigned int n = 0; n < c->nr_nodes; n++) {
		u64 bytes = c->node_bytes ? c->node_bytes[n] : c->bytes_per_node;

		if (bytes & 4095 || (bytes && bytes < 64 << 10) || bytes > 1ULL << 40)
			return false;
		total += bytes;
	}
	for (unsigned int i = 0; c->distance && i < c->nr_nodes * c->nr_nodes; i++) {
		unsigned int d = c->distance[i];

		if (i % (c->nr_nodes + 1) ? d < 11 || d > 254 : d != 10)
			return false;
	}
	return total && total <= 1ULL << 44;
}
