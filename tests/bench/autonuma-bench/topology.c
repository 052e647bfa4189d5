// SPDX-License-Identifier: GPL-2.0
/* Numbers, matrices and defaults of the machine's description. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/numa.h>

#include "topology.h"

#define LOCAL	10	/* SLIT distance of a node to itself */
#define REMOTE	20	/* and to the others, where nothing says otherwise */
#define FURTHEST 254	/* 255 means unreachable */

int why_set(struct bench_why *why, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	/* One line, whatever the user's text contains. */
	for (char *c = why->text; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	return -1;
}

int number_parse(const char *what, const char *text, u64 min, u64 max, u64 *val,
		 struct bench_why *why)
{
	unsigned long long n;
	char *end;

	if (!isdigit((unsigned char)*text))
		return why_set(why, "%s: \"%s\" is not a number", what, text);
	errno = 0;
	n = strtoull(text, &end, 10);
	if (*end)
		return why_set(why, "%s: \"%s\" has something after the number", what, text);
	if (errno || n < min || n > max)
		return why_set(why, "%s: %s is out of range, %llu to %llu", what, text,
			       (unsigned long long)min, (unsigned long long)max);
	*val = n;
	return 0;
}

int fraction_parse(const char *what, const char *text, double min, double max,
		   double *val, struct bench_why *why)
{
	double n;
	char *end;

	/* Decimal only: strtod() would also take hexadecimal, "inf" and "nan". */
	if (!isdigit((unsigned char)*text) || strpbrk(text, "xX"))
		return why_set(why, "%s: \"%s\" is not a number", what, text);
	n = strtod(text, &end);
	if (*end)
		return why_set(why, "%s: \"%s\" has something after the number", what, text);
	if (!isfinite(n) || n <= min || n > max)
		return why_set(why, "%s: %s is out of range, above %g up to %g", what, text,
			       min, max);
	*val = n;
	return 0;
}

int bytes_parse(const char *what, const char *text, u64 *val, struct bench_why *why)
{
	static const char suffixes[] = "KMGT";
	size_t digits = strspn(text, "0123456789");
	unsigned int shift = 0;
	const char *rest = text + digits, *suffix;
	u64 n;

	if (!digits)
		return why_set(why, "%s: \"%s\" is not a size", what, text);
	errno = 0;
	n = strtoull(text, NULL, 10);
	if (*rest) {
		suffix = strchr(suffixes, toupper((unsigned char)*rest));
		if (!suffix || (rest[1] && strcmp(rest + 1, "iB") && strcmp(rest + 1, "B")))
			return why_set(why, "%s: \"%s\" is not a size; suffixes are K, M, G, T",
				       what, text);
		shift = 10 * (suffix - suffixes + 1);
	}
	if (errno || !n || n > (1ULL << 50) >> shift)
		return why_set(why, "%s: %s is out of range, 1 byte to 1024T", what, text);
	*val = n << shift;
	return 0;
}

const char *bytes_print(u64 bytes, char *buf, size_t size)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	double n = bytes;
	unsigned int i = 0;

	while (n >= 1024 && i < 4) {
		n /= 1024;
		i++;
	}
	snprintf(buf, size, "%.4g %s", n, units[i]);
	return buf;
}

/* Cells of one row into @cells from index @used on; returns how many, -1 if malformed. */
static int parse_row(const char *row, size_t len, double *cells, size_t used, size_t room)
{
	char text[32];
	int count = 0;

	while (len) {
		size_t n = strcspn(row, ", \t;/\n\r");

		n = n < len ? n : len;
		if (n) {
			if (n >= sizeof(text) || used + count >= room)
				return -1;
			memcpy(text, row, n);
			text[n] = 0;
			if (fraction_parse("", text, -1, 1e12, &cells[used + count],
					   &(struct bench_why){}))
				return -1;
			count++;
		} else if (*row == ',' && (!count || row[1] == ',' || len == 1)) {
			return -1;	/* an empty entry */
		}
		row += n ? n : 1;
		len -= n ? n : 1;
	}
	return count;
}

double *matrix_parse(const char *text, unsigned int *n, struct bench_why *why)
{
	size_t room = strlen(text) / 2 + 1, used = 0;
	double *cells = calloc(room, sizeof(*cells));
	unsigned int rows = 0, columns = 0;

	while (cells && *text) {
		size_t len = strcspn(text, ";/\n");
		int count = parse_row(text, len, cells, used, room);

		if (count < 0) {
			why_set(why, "row %u: \"%.*s\" is malformed", rows,
				(int)(len < 60 ? len : 60), text);
			goto fail;
		}
		if (count) {
			if (rows && count != columns) {
				why_set(why, "row %u has %d entries, row 0 has %u", rows, count,
					columns);
				goto fail;
			}
			columns = count;
			used += count;
			rows++;
		} else if (text[len] && text[len] != '\n') {
			why_set(why, "row %u is empty", rows);
			goto fail;
		}
		text += len + !!text[len];
	}
	if (!rows || rows != columns || rows > MAX_NUMNODES) {
		why_set(why, "%u rows of %u entries are not a square matrix of up to %d nodes",
			rows, columns, MAX_NUMNODES);
		goto fail;
	}
	*n = rows;
	return cells;
fail:
	free(cells);
	return NULL;
}

int distances_check(const double *cells, unsigned int n, struct bench_why *why)
{
	for (unsigned int i = 0; i < n; i++) {
		for (unsigned int j = 0; j < n; j++) {
			double d = cells[i * n + j];

			if (i == j && d != LOCAL)
				return why_set(why, "distance from node %u to itself is %g, not %d",
					       i, d, LOCAL);
			if (i != j && (d <= LOCAL || d > FURTHEST || d != floor(d)))
				return why_set(why,
					       "distance from node %u to node %u is %g, not a whole number from %d to %d",
					       i, j, d, LOCAL + 1, FURTHEST);
		}
	}
	return 0;
}

u8 *distances_parse(const char *text, unsigned int *n, struct bench_why *why)
{
	double *cells = matrix_parse(text, n, why);
	u8 *distance = NULL;

	if (cells && !distances_check(cells, *n, why)) {
		distance = calloc((size_t)*n * *n, 1);
		for (size_t i = 0; distance && i < (size_t)*n * *n; i++)
			distance[i] = cells[i];
		if (!distance)
			why_set(why, "out of memory");
	}
	free(cells);
	return distance;
}

double *bandwidths_parse(const char *text, unsigned int *n, struct bench_why *why)
{
	double *cells = matrix_parse(text, n, why);

	for (size_t i = 0; cells && i < (size_t)*n * *n; i++) {
		if (cells[i] >= 1e-3 && cells[i] <= 1e6)
			continue;
		why_set(why, "bandwidth from node %zu to node %zu is %g GB/s, not within 0.001 to 1000000",
			i / *n, i % *n, cells[i]);
		free(cells);
		return NULL;
	}
	return cells;
}

void topology_complete(struct bench_topology *topo, u64 bytes_per_node)
{
	unsigned int n = topo->nr_nodes;

	if (!topo->cpu_node) {
		topo->cpu_node = calloc(topo->nr_cpus, sizeof(*topo->cpu_node));
		for (unsigned int c = 0; topo->cpu_node && c < topo->nr_cpus; c++)
			topo->cpu_node[c] = (u64)c * n / topo->nr_cpus;
	}
	if (!topo->node_bytes) {
		topo->node_bytes = calloc(n, sizeof(*topo->node_bytes));
		for (unsigned int i = 0; topo->node_bytes && i < n; i++)
			topo->node_bytes[i] = bytes_per_node;
	}
	if (!topo->distance) {
		topo->distance = calloc((size_t)n * n, 1);
		for (size_t i = 0; topo->distance && i < (size_t)n * n; i++)
			topo->distance[i] = i / n == i % n ? LOCAL : REMOTE;
	}
	if (!topo->cpu_node || !topo->node_bytes || !topo->distance) {
		fprintf(stderr, "autonuma-bench: out of memory\n");
		exit(1);
	}
}

void topology_free(struct bench_topology *topo)
{
	free(topo->cpu_node);
	free(topo->node_bytes);
	free(topo->distance);
	free(topo->bandwidth);
	*topo = (struct bench_topology){};
}

unsigned int topology_first_node(const struct bench_topology *topo)
{
	for (unsigned int n = 0; n < topo->nr_nodes; n++)
		for (unsigned int c = 0; c < topo->nr_cpus; c++)
			if (topo->cpu_node[c] == n && topo->node_bytes[n])
				return n;
	return 0;
}

unsigned int topology_nearest(const struct bench_topology *topo, unsigned int node)
{
	const u8 *row = &topo->distance[node * topo->nr_nodes];
	unsigned int best = node, best_distance = ~0u;

	for (unsigned int i = 0; i < topo->nr_nodes; i++) {
		if (topo->node_bytes[i] && row[i] < best_distance) {
			best_distance = row[i];
			best = i;
		}
	}
	return best;
}

void topology_far(const struct bench_topology *topo, unsigned int *far)
{
	unsigned int n = topo->nr_nodes;
	bool *taken = calloc(n, sizeof(*taken));

	for (unsigned int i = 0; taken && i < n; i++) {
		unsigned int best = i, best_distance = 0;

		/* Among equally far ones, the one half of the machine away. */
		for (unsigned int k = 0; k < n; k++) {
			unsigned int to = (i + n / 2 + k) % n;

			if (to == i || taken[to] || !topo->node_bytes[to])
				continue;
			if (topo->distance[i * n + to] > best_distance) {
				best_distance = topo->distance[i * n + to];
				best = to;
			}
		}
		/* Only its own node is left: swap with the node before. */
		if (best == i && i > 0 && topo->node_bytes[i]) {
			best = far[i - 1];
			far[i - 1] = i;
		}
		far[i] = best;
		taken[far[i]] = true;
		if (i > 0)
			taken[far[i - 1]] = true;
	}
	free(taken);
}

void topology_cpu_order(const struct bench_topology *topo, unsigned int *order)
{
	unsigned int next[MAX_NUMNODES + 1] = { 0 };	/* of each node, where its next CPU goes */

	for (unsigned int c = 0; c < topo->nr_cpus; c++)
		next[topo->cpu_node[c] + 1]++;
	for (unsigned int n = 0; n < topo->nr_nodes; n++)
		next[n + 1] += next[n];
	for (unsigned int c = 0; c < topo->nr_cpus; c++)
		order[next[topo->cpu_node[c]]++] = c;
}
