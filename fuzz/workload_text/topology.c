// SPDX-License-Identifier: GPL-2.0
/* numactl -H: print what was parsed, parse what was printed. */
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* @order: CPUs in the order of their nodes, from the first of @node on. Returns those behind. */
static const unsigned int *print_cpus(FILE *out, const struct bench_topology *topo,
				      unsigned int node, const unsigned int *order,
				      const unsigned int *end)
{
	fprintf(out, "node %u cpus:", node);
	for (; order < end && topo->cpu_node[*order] == (int)node; order++)
		fprintf(out, " %u", *order);
	fputc('\n', out);
	return order;
}

static void print_distances(FILE *out, const struct bench_topology *topo)
{
	unsigned int n = topo->nr_nodes;

	fputs("node distances:\nnode ", out);
	for (unsigned int i = 0; i < n; i++)
		fprintf(out, " %3u", i);
	for (unsigned int i = 0; i < n; i++) {
		fprintf(out, "\n%3u: ", i);
		for (unsigned int j = 0; j < n; j++)
			fprintf(out, " %3u", topo->distance[i * n + j]);
	}
	fputc('\n', out);
}

void topology_print(FILE *out, const struct bench_topology *topo)
{
	unsigned int n = topo->nr_nodes, *order = calloc(topo->nr_cpus, sizeof(*order));
	const unsigned int *at = order;

	if (!order)
		abort();
	topology_cpu_order(topo, order);
	if (n == 1)
		fputs("available: 1 nodes (0)\n", out);
	else
		fprintf(out, "available: %u nodes (0-%u)\n", n, n - 1);
	for (unsigned int i = 0; i < n; i++) {
		unsigned long long mb = topo->node_bytes[i] >> 20;

		at = print_cpus(out, topo, i, at, order + topo->nr_cpus);
		fprintf(out, "node %u size: %llu MB\nnode %u free: %llu MB\n", i, mb, i, mb);
	}
	if (topo->distance)
		print_distances(out, topo);
	else
		fputs("No distance information available.\n", out);
	free(order);
}

static void compare(const char *what, const void *a, const void *b, size_t size)
{
	if (!a != !b || (a && memcmp(a, b, size)))
		fuzz_fail("%s: not the same when printed and parsed again", what);
}

void topology_compare(const struct bench_topology *a, const struct bench_topology *b, bool all)
{
	size_t cells = (size_t)a->nr_nodes * a->nr_nodes;

	if (a->nr_nodes != b->nr_nodes || a->nr_cpus != b->nr_cpus)
		fuzz_fail("%u nodes and %u CPUs became %u and %u", a->nr_nodes, a->nr_cpus,
			  b->nr_nodes, b->nr_cpus);
	compare("nodes of CPUs", a->cpu_node, b->cpu_node, a->nr_cpus * sizeof(*a->cpu_node));
	compare("sizes", a->node_bytes, b->node_bytes, a->nr_nodes * sizeof(*a->node_bytes));
	compare("distances", a->distance, b->distance, cells);
	if (!all)
		return;
	if (a->threads_per_core != b->threads_per_core)
		fuzz_fail("%u threads per core became %u", a->threads_per_core,
			  b->threads_per_core);
	compare("bandwidths", a->bandwidth, b->bandwidth, cells * sizeof(*a->bandwidth));
}

/* What was accepted is within bounds, so that all who use it may rely on that. */
static void check_bounds(const struct bench_topology *t)
{
	if (!t->nr_nodes || t->nr_nodes > MAX_NUMNODES || !t->nr_cpus || t->nr_cpus > NR_CPUS)
		fuzz_fail("%u nodes, %u CPUs are accepted", t->nr_nodes, t->nr_cpus);
	for (unsigned int c = 0; c < t->nr_cpus; c++)
		if (t->cpu_node[c] < 0 || t->cpu_node[c] >= (int)t->nr_nodes)
			fuzz_fail("CPU %u is on node %d of %u", c, t->cpu_node[c], t->nr_nodes);
	for (unsigned int i = 0; t->distance && i < t->nr_nodes * t->nr_nodes; i++) {
		unsigned int d = t->distance[i];

		if (i % (t->nr_nodes + 1) ? d <= 10 || d == 255 : d != 10)
			fuzz_fail("a distance of %u is accepted", d);
	}
}

static void check_refused(const struct bench_topology *t, const struct bench_why *why)
{
	static const struct bench_topology nothing;

	text_check_why(why, "the parser of numactl -H");
	if (memcmp(t, &nothing, sizeof(nothing)))
		fuzz_fail("what was refused leaves something behind: %s", why->text);
}

/* Something behind one of the lines but the first, which says nothing behind "nodes". */
static void check_garbage(const char *printed, size_t size)
{
	struct bench_topology t = { };
	struct bench_why why = { };
	unsigned int lines = 0, n;
	char *text = calloc(size + 2, 1), *end;

	if (!text)
		abort();
	for (size_t i = 0; i < size; i++)
		lines += printed[i] == '\n';
	n = 1 + size % (lines - 1);
	strcpy(text, printed);
	for (end = strchr(text, '\n'); n--; end = strchr(end + 1, '\n'))
		;
	memmove(end + 1, end, strlen(end) + 1);
	*end = 'x';
	if (!topology_parse_numactl(text, &t, &why))
		fuzz_fail("accepted with something behind a line:\n%s", text);
	check_refused(&t, &why);
	free(text);
}

void topology_text(const char *text)
{
	struct bench_topology first = { }, second = { };
	struct bench_why why = { };
	char *printed;
	size_t size;
	FILE *out;

	if (topology_parse_numactl(text, &first, &why)) {
		check_refused(&first, &why);
		return;
	}
	check_bounds(&first);
	out = open_memstream(&printed, &size);
	if (!out)
		abort();
	topology_print(out, &first);
	fclose(out);
	if (topology_parse_numactl(printed, &second, &why))
		fuzz_fail("what was accepted is refused when printed: %s", why.text);
	topology_compare(&first, &second, true);
	check_garbage(printed, size);
	topology_free(&first);
	topology_free(&second);
	free(printed);
}
