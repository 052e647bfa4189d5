/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine a benchmark runs on, as text describes it.  Nothing here needs a
 * booted machine.
 */
#ifndef _BENCH_TOPOLOGY_H
#define _BENCH_TOPOLOGY_H

#include <linux/types.h>

/* Why something was refused: one line without newline, for standard error. */
struct bench_why {
	char text[240];
};

/* Store the reason; always returns -1, so that callers can return it. */
int why_set(struct bench_why *why, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * struct bench_topology - nodes, CPUs, memory and how far they are apart
 * @nr_nodes:	nodes, numbered 0 .. nr_nodes - 1
 * @nr_cpus:	CPUs, numbered 0 .. nr_cpus - 1
 * @threads_per_core: SMT siblings, which are consecutive CPUs
 * @cpu_node:	node of each CPU, or NULL while not known
 * @node_bytes:	memory of each node in bytes, or NULL while not known
 * @distance:	nr_nodes × nr_nodes SLIT distances, row is the node of the CPU, or NULL
 * @bandwidth:	nr_nodes × nr_nodes, in bytes per nanosecond (10^9 bytes per second):
 *		what all CPUs of the row's node together draw from the column's; or NULL
 */
struct bench_topology {
	unsigned int nr_nodes;
	unsigned int nr_cpus;
	unsigned int threads_per_core;
	int *cpu_node;
	u64 *node_bytes;
	u8 *distance;
	double *bandwidth;
};

/*
 * Read what `numactl --hardware` prints.  Node and CPU numbers with gaps are closed
 * up, in order.  Fills nr_nodes, nr_cpus, cpu_node, node_bytes and, where the text
 * has them, distance.  Returns 0, or -1 with the reason and nothing allocated.
 */
int topology_parse_numactl(const char *text, struct bench_topology *topo,
			   struct bench_why *why);

/*
 * Read a square matrix of numbers: entries separated by ',' or blanks, rows by ';',
 * '/' or newlines.  Returns its cells (the caller frees them) and the number of rows
 * in @n, or NULL with the reason.
 */
double *matrix_parse(const char *text, unsigned int *n, struct bench_why *why);

/*
 * Read a matrix of SLIT distances: 10 on the diagonal, integers from 11 to 254
 * elsewhere.  It may be asymmetric, as ACPI allows and Linux accepts.
 */
u8 *distances_parse(const char *text, unsigned int *n, struct bench_why *why);
int distances_check(const double *cells, unsigned int n, struct bench_why *why);

/* Read a matrix of bandwidths in GB/s: finite numbers above 0, any symmetry. */
double *bandwidths_parse(const char *text, unsigned int *n, struct bench_why *why);

/* Whole text is a decimal number within [min, max]; @what names it in the reason. */
int number_parse(const char *what, const char *text, u64 min, u64 max, u64 *val,
		 struct bench_why *why);
/* The same for a fraction: greater than @min, at most @max. */
int fraction_parse(const char *what, const char *text, double min, double max,
		   double *val, struct bench_why *why);
/* Bytes with an optional suffix K, M, G or T, each optionally followed by "iB" or "B". */
int bytes_parse(const char *what, const char *text, u64 *val, struct bench_why *why);
/* Bytes as people read them, for example "1.5 GiB"; a static buffer per call site of @buf. */
const char *bytes_print(u64 bytes, char *buf, size_t size);

/* Give every field that is still unknown its default. */
void topology_complete(struct bench_topology *topo, u64 bytes_per_node);
void topology_free(struct bench_topology *topo);

/* First node with CPUs and memory; 0 if there is none. */
unsigned int topology_first_node(const struct bench_topology *topo);
/* Node with memory that is nearest to @node, itself if it has memory. */
unsigned int topology_nearest(const struct bench_topology *topo, unsigned int node);
/*
 * For each node the far one that an inverse binding uses: as far away as possible,
 * no node used twice while that can be had.  @far has nr_nodes entries.
 */
void topology_far(const struct bench_topology *topo, unsigned int *far);
/* CPUs in the order of their nodes; nr_cpus entries. */
void topology_cpu_order(const struct bench_topology *topo, unsigned int *order);

#endif /* _BENCH_TOPOLOGY_H */
