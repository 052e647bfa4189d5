// SPDX-License-Identifier: GPL-2.0
/* Policies side by side: what the runs of several seeds have in common. */
#include <math.h>

#include "bench.h"
#include "model.h"

double median_elapsed(const struct bench_result *results, unsigned int nr,
		      const struct bench_result *like, enum bench_policy policy,
		      enum bench_thp thp)
{
	double sorted[MAX_RUNS];
	unsigned int n = 0;

	for (unsigned int i = 0; i < nr && n < MAX_RUNS; i++) {
		unsigned int k = n;

		if (results[i].workload != like->workload || results[i].policy != policy ||
		    results[i].thp != thp)
			continue;
		for (; k > 0 && sorted[k - 1] > results[i].elapsed; k--)
			sorted[k] = sorted[k - 1];
		sorted[k] = results[i].elapsed;
		n++;
	}
	if (!n)
		return -1;
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

static bool same_kind(const struct bench_result *a, const struct bench_result *b)
{
	return a->workload == b->workload && a->policy == b->policy && a->thp == b->thp;
}

/* Mean and deviation of all results like the first one, at @r of @results. */
static void summarize(const struct bench_result *results, unsigned int nr,
		      const struct bench_result *r, struct bench_summary *s)
{
	double none = median_elapsed(results, nr, r, POLICY_NONE, r->thp);
	double hard = median_elapsed(results, nr, r, POLICY_HARD, r->thp);
	double sum = 0, squares = 0, moved = 0;

	*s = (struct bench_summary){ .workload = r->workload, .policy = r->policy,
				     .thp = r->thp };
	for (unsigned int i = 0; i < nr; i++) {
		if (!same_kind(&results[i], r))
			continue;
		s->runs++;
		sum += results[i].elapsed;
		moved += results[i].tasks_moved + results[i].tasks_swapped;
	}
	s->mean = sum / s->runs;
	s->tasks_moved = moved / s->runs;
	for (unsigned int i = 0; i < nr; i++)
		if (same_kind(&results[i], r))
			squares += (results[i].elapsed - s->mean) * (results[i].elapsed - s->mean);
	s->stddev = s->runs > 1 ? sqrt(squares / (s->runs - 1)) : 0;
	s->median = median_elapsed(results, nr, r, r->policy, r->thp);
	s->ratio_none = none > 0 ? s->median / none : -1;
	s->ratio_hard = hard > 0 ? s->median / hard : -1;
}

unsigned int compare_summarize(const struct bench_result *results, unsigned int nr,
			       struct bench_summary *sum)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < nr; i++) {
		bool first = true;

		for (unsigned int k = 0; k < i && first; k++)
			first = !same_kind(&results[k], &results[i]);
		if (first)
			summarize(results, nr, &results[i], &sum[n++]);
	}
	return n;
}

static void ratio(FILE *out, double val)
{
	if (val > 0)
		fprintf(out, " %9.3f", val);
	else
		fprintf(out, " %9s", "-");
}

void compare_print(FILE *out, unsigned int nodes, const struct bench_summary *sum,
		   unsigned int nr)
{
	const struct model_calibration *cal = model_calibration(nodes);

	fprintf(out, "\n# calibration: the published machine of %s; a node's memory gives %.1f GB/s to its own CPUs, %.2f x that to all, 1 / %.1f of it at distance 20\n",
		cal->machine, MODEL_LOCAL_BANDWIDTH, cal->controller, MODEL_REMOTE_RATIO);
	fprintf(out, "%-20s %-14s %-6s %4s %12s %10s %12s %9s %9s %9s %11s\n", "workload", "policy",
		"THP", "runs", "mean", "deviation", "median", "/ none", "/ hard", "none /",
		"tasks moved");
	for (unsigned int i = 0; i < nr; i++) {
		const struct bench_summary *s = &sum[i];

		fprintf(out, "%-20s %-14s %-6s %4u %10.2f s %8.2f s %10.2f s", s->workload->name,
			bench_policy_names[s->policy], bench_thp_names[s->thp], s->runs, s->mean,
			s->stddev, s->median);
		ratio(out, s->ratio_none);
		ratio(out, s->ratio_hard);
		ratio(out, s->ratio_none > 0 ? 1 / s->ratio_none : -1);
		fprintf(out, " %11.1f\n", s->tasks_moved);
	}
}
