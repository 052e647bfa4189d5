// SPDX-License-Identifier: GPL-2.0
/* How much of each process's memory is on its main node, as time goes on. */
#include <stdlib.h>

#include "bench.h"

int convergence_init(struct bench_convergence *c, unsigned int nr_processes)
{
	c->nr = 0;
	c->nr_processes = nr_processes;
	c->share = calloc((size_t)MAX_CONVERGENCE * nr_processes, sizeof(*c->share));
	return c->share ? 0 : -1;
}

void convergence_free(struct bench_convergence *c)
{
	free(c->share);
	c->share = NULL;
	c->nr = 0;
}

double *convergence_next(struct bench_convergence *c)
{
	if (c->nr == MAX_CONVERGENCE)
		return NULL;
	return &c->share[(size_t)c->nr++ * c->nr_processes];
}

double main_node_share(const u64 *pages, unsigned int nodes)
{
	u64 most = 0, sum = 0;

	for (unsigned int n = 0; n < nodes; n++) {
		sum += pages[n];
		most = pages[n] > most ? pages[n] : most;
	}
	return sum ? (double)most / sum : 0;
}

static double share_at(const struct bench_convergence *c, unsigned int moment,
		       unsigned int process)
{
	return c->share[(size_t)moment * c->nr_processes + process];
}

/* At most this many moments are shown: the first ones, for that is where things move. */
#define COLUMNS	12

void convergence_print(FILE *out, const struct bench_convergence *c)
{
	unsigned int nr = c->nr < COLUMNS ? c->nr : COLUMNS;

	if (!nr)
		return;
	fprintf(out, "\nMemory on the main node after\n%-23s", "");
	for (unsigned int m = 0; m < nr; m++)
		fprintf(out, " %5u s", (m + 1) * CONVERGENCE_SECONDS);
	fputc('\n', out);
	for (unsigned int i = 0; i < c->nr_processes; i++) {
		fprintf(out, "process %-15u", i + 1);
		for (unsigned int m = 0; m < nr; m++)
			fprintf(out, " %5.1f %%", 100 * share_at(c, m, i));
		fputc('\n', out);
	}
	fprintf(out, "%-23s", "mean");
	for (unsigned int m = 0; m < nr; m++) {
		double sum = 0;

		for (unsigned int i = 0; i < c->nr_processes; i++)
			sum += share_at(c, m, i);
		fprintf(out, " %5.1f %%", 100 * sum / c->nr_processes);
	}
	fputc('\n', out);
}
