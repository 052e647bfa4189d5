// SPDX-License-Identifier: GPL-2.0
/* Tables for people. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

const char *result_title(const struct bench_result *r, char *buf, size_t size)
{
	snprintf(buf, size, "policy %s%s", bench_policy_names[r->policy],
		 r->thp == THP_ALWAYS ? ", THP always" : "");
	return buf;
}

void report_list(FILE *out)
{
	fprintf(out, "Workloads of autonuma-benchmark:\n");
	for (unsigned int i = 0; bench_workloads[i]; i++) {
		const struct bench_workload *w = bench_workloads[i];

		if (w->losing && !bench_workloads[i - 1]->losing)
			fprintf(out, "Workloads that AutoNUMA made slower in 2012:\n");
		if (i && !w->losing && bench_workloads[i - 1]->losing)
			fprintf(out, "The workload of 2015:\n");
		fprintf(out, "  %-20s %s\n", w->name, w->what);
	}
	fprintf(out, "Policies:\n"
		"  none                 memory stays where it was first written, threads run where\n"
		"                       the scheduler wants them\n"
		"  autonuma             the same start; autonuma moves threads, its daemons pages\n"
		"  autonuma-fault       the same, pages are moved in the fault (migrate_async = 0)\n"
		"  hard                 threads bound to nodes, their memory to the same: the programs'\n"
		"                       variant HARD_BIND\n"
		"  inverse              threads bound to nodes, their memory to the farthest other:\n"
		"                       INVERSE_BIND\n"
		"The eight programs of autonuma-benchmark are its four under none or autonuma, hard and\n"
		"inverse: \"numa01 -DHARD_BIND\" is \"--policies hard numa01\".\n");
}

void report_heading(FILE *out, const struct bench_options *opts)
{
	const struct bench_topology *topo = &opts->topo;
	u64 total = 0;
	char buf[32];

	for (unsigned int n = 0; n < topo->nr_nodes; n++)
		total += topo->node_bytes[n];
	fprintf(out, "# %u node%s, %u CPUs (%u per core), %s; times are virtual seconds\n",
		topo->nr_nodes, topo->nr_nodes == 1 ? "" : "s", topo->nr_cpus,
		topo->threads_per_core, bytes_print(total, buf, sizeof(buf)));
	if (!opts->verbose)
		return;
	for (unsigned int i = 0; i < opts->nr_workloads; i++) {
		const struct bench_workload *w = opts->workloads[i];

		fprintf(out, "# %s: %u process%s, %u threads, %s each; a simulated page stands for %u\n",
			w->name, options_nr_processes(opts, w),
			options_nr_processes(opts, w) == 1 ? "" : "es",
			options_nr_threads(opts, w),
			bytes_print(options_process_bytes(opts, w), buf, sizeof(buf)),
			options_sim_scale(opts, w));
	}
}

/* One line of the numastat table. */
static void memory_row(FILE *out, const char *name, const double *mib, unsigned int nodes,
		       int width)
{
	double total = 0;

	fprintf(out, "%-23s", name);
	for (unsigned int n = 0; n < nodes; n++) {
		fprintf(out, " %*.*f", width, width > 8 ? 2 : 0, mib[n]);
		total += mib[n];
	}
	fprintf(out, " %*.*f\n", width, width > 8 ? 2 : 0, total);
}

static void memory_rule(FILE *out, unsigned int nodes, int width)
{
	static const char dashes[] = "-----------------------";

	fputs(dashes, out);
	for (unsigned int n = 0; n <= nodes; n++)
		fprintf(out, " %.*s", width, dashes);
	fputc('\n', out);
}

/*
 * Processes × nodes as numastat -p prints several processes; from 5 nodes on in the
 * narrow columns of numastat -c.
 */
static void memory_table(FILE *out, const struct bench_result *r)
{
	unsigned int nodes = r->samples.nr_nodes;
	int width = nodes > 4 ? 7 : 15;
	double *sum = calloc(nodes, sizeof(*sum));
	char name[40];

	if (!sum)
		return;
	fprintf(out, "\nPer-node process memory usage (in MBs)\n%-23s", "PID");
	for (unsigned int n = 0; n < nodes; n++) {
		snprintf(name, sizeof(name), "Node %u", n);
		fprintf(out, " %*s", width, name);
	}
	fprintf(out, " %*s\n", width, "Total");
	memory_rule(out, nodes, width);
	for (unsigned int i = 0; i < r->nr_processes; i++) {
		const struct bench_process_memory *p = &r->processes[i];

		snprintf(name, sizeof(name), "%d (%s)", p->pid, p->comm);
		memory_row(out, name, p->node_mib, nodes, width);
		for (unsigned int n = 0; n < nodes; n++)
			sum[n] += p->node_mib[n];
	}
	memory_rule(out, nodes, width);
	memory_row(out, "Total", sum, nodes, width);
	fputc('\n', out);
	free(sum);
}

void report_run(FILE *out, const struct bench_result *r, bool verbose)
{
	double home = samples_home_since(&r->samples, 0.95);
	double pass = samples_first_pass(&r->samples);
	char title[64];

	fprintf(out, "%s, %s, seed %llu: %.2f s", r->workload->name,
		result_title(r, title, sizeof(title)), (unsigned long long)r->seed, r->elapsed);
	if (r->home_share >= 0)
		fprintf(out, ", %.1f %% of memory at home", 100 * r->home_share);
	if (policy_is_autonuma(r->policy)) {
		if (pass < 0)
			fprintf(out, "; no pass was completed");
		else
			fprintf(out, "; first pass done at %.2f s, full_scans %llu", pass,
				(unsigned long long)r->full_scans);
		if (r->home_share < 0)
			;
		else if (home < 0)
			fprintf(out, "; never 95 %% at home");
		else
			fprintf(out, "; 95 %% at home since %.2f s", home);
		if (r->home_share >= 0)
			fprintf(out, "; nothing moved for %.0f s; scanned every %.0f s at last",
				samples_quiet(&r->samples), samples_period(&r->samples));
		if (r->thp == THP_ALWAYS)
			fprintf(out, "; %llu huge pages moved whole, %llu split",
				(unsigned long long)r->thp_migrated,
				(unsigned long long)r->thp_split);
	}
	fputc('\n', out);
	if (verbose)
		fprintf(out, "kernel %.3f s of CPU time, of that daemons %.3f s; one simulated page stands for %u; %.2f s on this host\n",
			r->kernel_seconds, r->daemon_seconds, r->sim_scale, r->host_seconds);
	convergence_print(out, &r->convergence);
	memory_table(out, r);
}

void results_compare(struct bench_result *results, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		struct bench_result *r = &results[i];
		double hard = median_elapsed(results, nr, r, POLICY_HARD, r->thp);
		double small = median_elapsed(results, nr, r, r->policy, THP_NEVER);

		r->ratio_hard = hard > 0 ? r->elapsed / hard : -1;
		r->ratio_thp = r->thp != THP_NEVER && small > 0 ? r->elapsed / small : -1;
	}
}

/* A quotient, or a dash where one of the two was not run. */
static void quotient(FILE *out, double over, double under)
{
	if (over > 0 && under > 0)
		fprintf(out, " %9.2f", over / under);
	else
		fprintf(out, " %9s", "-");
}

/* What is shown of huge pages: the ratio with more digits, for it is near to one. */
static void huge_columns(FILE *out, const struct bench_result *r)
{
	fprintf(out, " %-6s", bench_thp_names[r->thp]);
	if (r->ratio_thp > 0)
		fprintf(out, " %9.4f", r->ratio_thp);
	else
		fprintf(out, " %9s", "-");
	fprintf(out, " %9llu %9llu", (unsigned long long)r->thp_migrated,
		(unsigned long long)r->thp_split);
}

void report_table(FILE *out, const struct bench_result *results, unsigned int nr)
{
	bool huge = false;

	for (unsigned int i = 0; i < nr; i++)
		huge |= results[i].thp != THP_NEVER;
	fprintf(out, "%-20s %-14s %4s %10s %9s %9s %7s %7s %12s %12s %7s", "workload", "policy",
		"seed", "elapsed", "/ hard", "none /", "local", "home", "hint faults",
		"migrated", "kernel");
	if (huge)
		fprintf(out, " %-6s %9s %9s %9s", "THP", "/ never", "THP moved", "THP split");
	fputc('\n', out);
	for (unsigned int i = 0; i < nr; i++) {
		const struct bench_result *r = &results[i];

		fprintf(out, "%-20s %-14s %4llu %8.2f s", r->workload->name,
			bench_policy_names[r->policy], (unsigned long long)r->seed,
			r->elapsed);
		quotient(out, r->elapsed,
			 median_elapsed(results, nr, r, POLICY_HARD, r->thp));
		quotient(out, median_elapsed(results, nr, r, POLICY_NONE, r->thp),
			 r->elapsed);
		fprintf(out, " %5.1f %%", 100 * r->local_share);
		if (r->home_share >= 0)
			fprintf(out, " %5.1f %%", 100 * r->home_share);
		else
			fprintf(out, " %7s", "-");
		fprintf(out, " %12llu %12llu %5.2f %%",
			(unsigned long long)r->hint_faults,
			(unsigned long long)r->pages_migrated, 100 * r->cpu_share);
		if (huge)
			huge_columns(out, r);
		fputc('\n', out);
	}
}

/*
 * Until memory is at home, the programs do in T seconds what they do in fewer under hard
 * binding; how many fewer is seen in the samples of the hard run.  That difference is
 * what the start costs.  The rest is faults, daemons and pages that come home later.
 */
static void explain(FILE *out, const struct bench_result *r, const struct bench_result *hard)
{
	double home = samples_home_since(&r->samples, 0.95);
	double pass = samples_first_pass(&r->samples);
	double more = r->elapsed - hard->elapsed, start;

	fprintf(out, "%s seed %llu%s: %s took %.2f s %s than hard", r->workload->name,
		(unsigned long long)r->seed, r->thp == THP_ALWAYS ? ", THP always" : "",
		bench_policy_names[r->policy], more < 0 ? -more : more, more < 0 ? "less" : "more");
	if (home < 0) {
		fprintf(out, "; memory was never 95 %% at home\n");
		return;
	}
	start = home - samples_when(&hard->samples, samples_done(&r->samples, home));
	fprintf(out, ": %.2f s until memory was home at %.2f s", start, home);
	if (pass >= 0)
		fprintf(out, " (first pass done at %.2f s)", pass);
	fprintf(out, ", %.2f s since then; without the start %.2f x hard\n", more - start,
		(r->elapsed - start) / hard->elapsed);
}

/* The hard run to compare @r with: that of the same seed and size of pages. */
static const struct bench_result *hard_of(const struct bench_result *results, unsigned int nr,
					  const struct bench_result *r)
{
	for (unsigned int i = 0; i < nr; i++)
		if (results[i].workload == r->workload && results[i].policy == POLICY_HARD &&
		    results[i].thp == r->thp && results[i].seed == r->seed &&
		    results[i].elapsed > 0)
			return &results[i];
	return NULL;
}

void report_difference(FILE *out, const struct bench_result *results, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		const struct bench_result *r = &results[i], *hard = hard_of(results, nr, r);

		if (policy_is_autonuma(r->policy) && r->home_share >= 0 && hard)
			explain(out, r, hard);
	}
}

void report_progress(const struct bench_result *r, const struct bench_sample *now, bool end)
{
	fprintf(stderr, "\r\033[K");
	if (!end)
		fprintf(stderr, "%s %s%s: %.1f virtual s, %.1f %% of memory at home, %.1f %% of accesses local",
			r->workload->name, bench_policy_names[r->policy],
			r->thp == THP_ALWAYS ? " THP" : "", now->seconds,
			now->range ? 100.0 * now->home / now->range : 0,
			now->total ? 100.0 * now->local / now->total : 0);
	fflush(stderr);
}
