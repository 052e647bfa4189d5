// SPDX-License-Identifier: GPL-2.0
/*
 * What `numactl --hardware` prints, read back.
 *
 *	available: 2 nodes (0-1)
 *	node 0 cpus: 0 1 2 3
 *	node 0 size: 16013 MB
 *	node 0 free: 11234 MB
 *	node 1 cpus: 4 5 6 7
 *	...
 *	node distances:
 *	node   0   1
 *	  0:  10  21
 *	  1:  21  10
 *
 * The parser is strict: a line it does not know is refused with its number, so that
 * a mangled paste does not silently become another machine.  Free memory is read and
 * ignored; "MB" are MiB, as in numactl.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/numa.h>
#include <linux/threads.h>

#include "topology.h"

/* Everything read so far, with the text's own numbers. */
struct numactl {
	struct bench_why *why;
	unsigned int line;		/* for reasons, from 1 */
	unsigned int announced;		/* nodes according to "available:" */
	unsigned int nr_nodes;
	unsigned int *node_id;		/* the text's number of each node */
	u64 *bytes;
	bool *has_size;
	unsigned int nr_cpus;
	unsigned int *cpu_id;		/* the text's number of each CPU */
	unsigned int *cpu_node;		/* index into node_id */
	double *distance;
	unsigned int *column;		/* index of each column's node */
	unsigned int nr_rows;
	bool *has_row;
	bool in_distances, has_header, no_distances;
};

static int bad_line(struct numactl *n, const char *what)
{
	return why_set(n->why, "numactl text, line %u: %s", n->line, what);
}

static char *skip_blanks(char *s)
{
	while (isblank((unsigned char)*s))
		s++;
	return s;
}

/* Take one decimal number off the text; NULL if there is none or it is too large. */
static char *take_number(char *s, u64 max, u64 *val)
{
	char *end;

	s = skip_blanks(s);
	if (!isdigit((unsigned char)*s) || strspn(s, "0123456789") > 18)
		return NULL;
	*val = strtoull(s, &end, 10);
	return *val <= max ? end : NULL;
}

/* Index of the node with the text's number @id; -1 if it was not seen. */
static int find_node(const struct numactl *n, u64 id)
{
	for (unsigned int i = 0; i < n->nr_nodes; i++)
		if (n->node_id[i] == id)
			return i;
	return -1;
}

/* Index of node @id, which is added if the text mentions it for the first time. */
static int get_node(struct numactl *n, u64 id)
{
	int i = find_node(n, id);

	if (i >= 0 || n->nr_nodes == MAX_NUMNODES)
		return i;
	n->node_id[n->nr_nodes] = id;
	return n->nr_nodes++;
}

/* "available: 2 nodes (0-1)" */
static int parse_available(struct numactl *n, char *s)
{
	u64 val;

	if (n->announced)
		return bad_line(n, "a second \"available:\"");
	s = take_number(s, MAX_NUMNODES, &val);
	if (!s || !val)
		return bad_line(n, "number of nodes missing or out of range");
	s = skip_blanks(s);
	if (strncmp(s, "nodes", 5) || (s[5] && !isblank((unsigned char)s[5])))
		return bad_line(n, "expected \"available: N nodes\"");
	n->announced = val;
	return 0;
}

/* The list of CPU numbers after "node N cpus:"; may be empty. */
static int parse_cpus(struct numactl *n, unsigned int node, char *s)
{
	u64 val;

	for (s = skip_blanks(s); *s; s = skip_blanks(s)) {
		s = take_number(s, 1 << 20, &val);
		if (!s || (*s && !isblank((unsigned char)*s)))
			return bad_line(n, "malformed CPU number");
		if (n->nr_cpus == NR_CPUS)
			return why_set(n->why, "numactl text: more than %d CPUs", NR_CPUS);
		for (unsigned int i = 0; i < n->nr_cpus; i++)
			if (n->cpu_id[i] == val)
				return bad_line(n, "a CPU is listed twice");
		n->cpu_id[n->nr_cpus] = val;
		n->cpu_node[n->nr_cpus++] = node;
	}
	return 0;
}

/* "node N cpus: …", "node N size: … MB" or "node N free: … MB" */
static int parse_node(struct numactl *n, char *s)
{
	u64 id, val;
	bool size;
	int node;

	s = take_number(s, 1 << 20, &id);
	if (!s)
		return bad_line(n, "expected a node number");
	node = get_node(n, id);
	if (node < 0)
		return why_set(n->why, "numactl text: more than %d nodes", MAX_NUMNODES);
	s = skip_blanks(s);
	if (!strncmp(s, "cpus:", 5))
		return parse_cpus(n, node, s + 5);
	size = !strncmp(s, "size:", 5);
	if (!size && strncmp(s, "free:", 5))
		return bad_line(n, "expected \"cpus:\", \"size:\" or \"free:\"");
	s = take_number(s + 5, 1ULL << 40, &val);
	if (!s || strcmp(skip_blanks(s), "MB"))
		return bad_line(n, "expected a number of MB");
	if (size) {
		if (n->has_size[node])
			return bad_line(n, "a second size for the same node");
		n->bytes[node] = val << 20;
		n->has_size[node] = true;
	}
	return 0;
}

/* "node   0   1": the columns of the distance matrix */
static int parse_header(struct numactl *n, char *s)
{
	unsigned int columns = 0;
	u64 id;
	int node;

	for (s = skip_blanks(s); *s; s = skip_blanks(s)) {
		s = take_number(s, 1 << 20, &id);
		node = s ? find_node(n, id) : -1;
		if (node < 0 || columns == n->nr_nodes)
			return bad_line(n, "the distances' header does not fit the nodes");
		n->column[columns++] = node;
	}
	if (columns != n->nr_nodes)
		return bad_line(n, "the distances' header does not fit the nodes");
	n->distance = calloc((size_t)columns * columns, sizeof(*n->distance));
	n->has_header = true;
	return n->distance ? 0 : bad_line(n, "out of memory");
}

/* "  0:  10  21": one row of the distance matrix */
static int parse_row(struct numactl *n, char *s)
{
	u64 id, val;
	int node;

	s = take_number(s, 1 << 20, &id);
	node = s ? find_node(n, id) : -1;
	if (node < 0 || *s != ':')
		return bad_line(n, "expected a row of distances");
	if (n->has_row[node])
		return bad_line(n, "a second row of distances for the same node");
	s++;
	for (unsigned int i = 0; i < n->nr_nodes; i++) {
		s = take_number(s, 255, &val);
		if (!s)
			return bad_line(n, "too few or malformed distances");
		n->distance[node * n->nr_nodes + n->column[i]] = val;
	}
	if (*skip_blanks(s))
		return bad_line(n, "too many distances");
	n->has_row[node] = true;
	n->nr_rows++;
	return 0;
}

static int parse_line(struct numactl *n, char *s)
{
	size_t len = strlen(s);

	while (len && isspace((unsigned char)s[len - 1]))
		s[--len] = 0;
	s = skip_blanks(s);
	if (!*s)
		return 0;
	if (!strncmp(s, "available:", 10))
		return parse_available(n, s + 10);
	if (!n->announced)
		return bad_line(n, "expected \"available: N nodes\" first");
	if (!strcmp(s, "No distance information available.")) {
		n->no_distances = true;
		return 0;
	}
	if (!strcmp(s, "node distances:")) {
		if (n->in_distances)
			return bad_line(n, "a second matrix of distances");
		n->in_distances = true;
		return 0;
	}
	if (n->in_distances && n->has_header)
		return parse_row(n, s);
	if (strncmp(s, "node", 4) || !isblank((unsigned char)s[4]))
		return bad_line(n, "not a line that numactl -H prints");
	return n->in_distances ? parse_header(n, s + 4) : parse_node(n, s + 4);
}

/* What can only be judged when the whole text was read. */
static int check_whole(struct numactl *n)
{
	if (!n->announced)
		return why_set(n->why, "numactl text: no line \"available: N nodes\"");
	if (n->nr_nodes != n->announced)
		return why_set(n->why, "numactl text: %u nodes announced, %u described",
			       n->announced, n->nr_nodes);
	if (!n->nr_cpus)
		return why_set(n->why, "numactl text: no node has CPUs");
	for (unsigned int i = 0; i < n->nr_nodes; i++)
		if (!n->has_size[i])
			return why_set(n->why, "numactl text: node %u has no size",
				       n->node_id[i]);
	if (n->in_distances && n->nr_rows != n->nr_nodes)
		return why_set(n->why, "numactl text: %u rows of distances for %u nodes",
			       n->nr_rows, n->nr_nodes);
	if (n->in_distances) {
		struct bench_why why;

		if (distances_check(n->distance, n->nr_nodes, &why))
			return why_set(n->why, "numactl text: %.200s", why.text);
	}
	return 0;
}

/* Rank of entry @i among @n numbers: its place once gaps are closed up. */
static unsigned int rank_of(const unsigned int *ids, unsigned int n, unsigned int i)
{
	unsigned int rank = 0;

	for (unsigned int k = 0; k < n; k++)
		rank += ids[k] < ids[i];
	return rank;
}

/* Nodes and CPUs get consecutive numbers, in the order of the text's. */
static int renumber(struct numactl *n, struct bench_topology *topo)
{
	unsigned int nodes = n->nr_nodes, *rank = calloc(nodes, sizeof(*rank));

	topo->nr_nodes = nodes;
	topo->nr_cpus = n->nr_cpus;
	topo->cpu_node = calloc(n->nr_cpus, sizeof(*topo->cpu_node));
	topo->node_bytes = calloc(nodes, sizeof(*topo->node_bytes));
	topo->distance = n->in_distances ? calloc((size_t)nodes * nodes, 1) : NULL;
	if (!rank || !topo->cpu_node || !topo->node_bytes ||
	    (n->in_distances && !topo->distance)) {
		free(rank);
		topology_free(topo);
		return why_set(n->why, "numactl text: out of memory");
	}
	for (unsigned int i = 0; i < nodes; i++) {
		rank[i] = rank_of(n->node_id, nodes, i);
		topo->node_bytes[rank[i]] = n->bytes[i];
	}
	for (unsigned int i = 0; i < n->nr_cpus; i++)
		topo->cpu_node[rank_of(n->cpu_id, n->nr_cpus, i)] = rank[n->cpu_node[i]];
	for (unsigned int i = 0; topo->distance && i < nodes * nodes; i++)
		topo->distance[rank[i / nodes] * nodes + rank[i % nodes]] = n->distance[i];
	free(rank);
	return 0;
}

int topology_parse_numactl(const char *text, struct bench_topology *topo,
			   struct bench_why *why)
{
	struct numactl n = { .why = why };
	char *copy = strdup(text), *next = copy, *line;
	int ret = -1;

	n.node_id = calloc(MAX_NUMNODES, sizeof(*n.node_id));
	n.bytes = calloc(MAX_NUMNODES, sizeof(*n.bytes));
	n.has_size = calloc(MAX_NUMNODES, sizeof(*n.has_size));
	n.has_row = calloc(MAX_NUMNODES, sizeof(*n.has_row));
	n.column = calloc(MAX_NUMNODES, sizeof(*n.column));
	n.cpu_id = calloc(NR_CPUS, sizeof(*n.cpu_id));
	n.cpu_node = calloc(NR_CPUS, sizeof(*n.cpu_node));
	if (!copy || !n.node_id || !n.bytes || !n.has_size || !n.has_row || !n.column ||
	    !n.cpu_id || !n.cpu_node) {
		why_set(why, "numactl text: out of memory");
		goto out;
	}
	while ((line = strsep(&next, "\n"))) {
		n.line++;
		if (parse_line(&n, line))
			goto out;
	}
	if (!check_whole(&n))
		ret = renumber(&n, topo);
out:
	free(copy);
	free(n.node_id);
	free(n.bytes);
	free(n.has_size);
	free(n.has_row);
	free(n.column);
	free(n.cpu_id);
	free(n.cpu_node);
	free(n.distance);
	return ret;
}
