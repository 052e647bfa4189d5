// SPDX-License-Identifier: GPL-2.0
/*
 * autonuma-bench: NUMA programs on a simulated machine, in the manner of perf bench numa.
 *
 *	autonuma-bench --nodes 4 --cpus 16 numa02 numa01_THREAD_ALLOC
 *
 * Exit status: 0; 1 if a run or writing a result failed; 2 if the command line was
 * refused, with one line on standard error, before any run began.
 */
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"

static int refuse(const struct bench_why *why, int status)
{
	fprintf(stderr, "autonuma-bench: %s\n", why->text);
	return status;
}

/* All runs, workload by workload; returns how many succeeded. */
static unsigned int run_all(const struct bench_options *opts, struct bench_result *results,
			    unsigned int nr, struct trace_file *trace, struct bench_why *why)
{
	bool progress = !opts->quiet && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
	unsigned int per_seed = opts->nr_policies * opts->nr_thp;
	unsigned int per_workload = per_seed * opts->runs;

	for (unsigned int i = 0; i < nr; i++) {
		struct bench_result *r = &results[i];
		unsigned int k = i % per_workload;

		/* Policies take turns, so that runs of the same seed lie side by side. */
		r->workload = opts->workloads[i / per_workload];
		r->policy = opts->policies[k % per_seed / opts->nr_thp];
		r->thp = opts->thp[k % opts->nr_thp];
		r->seed = opts->seed + k / per_seed;
		if (bench_run(opts, progress, trace, r, why)) {
			bench_result_free(r);
			return i;
		}
		if (!opts->quiet && !opts->json && !opts->compare) {
			report_run(stdout, r, opts->verbose);
			fflush(stdout);
		}
	}
	return nr;
}

static int report_compare(const struct bench_result *results, unsigned int nr)
{
	struct bench_summary *sum = calloc(nr, sizeof(*sum));

	if (!sum)
		return -1;
	compare_print(stdout, results->nodes, sum, compare_summarize(results, nr, sum));
	free(sum);
	return 0;
}

static int report_all(const struct bench_options *opts, struct bench_result *results,
		      unsigned int nr, struct bench_why *why)
{
	results_compare(results, nr);
	if (opts->json) {
		if (json_write(stdout, results, nr, opts->compare))
			return why_set(why, "cannot write to standard output");
	} else {
		report_table(stdout, results, nr);
		report_difference(stdout, results, nr);
		if (opts->compare && report_compare(results, nr))
			return why_set(why, "out of memory");
		if (fflush(stdout))
			return why_set(why, "cannot write to standard output");
	}
	return opts->plot ? plot_write(opts->plot, results, nr, why) : 0;
}

/* Run and report everything; the exit status. */
static int run_and_report(const struct bench_options *opts, struct trace_file *trace)
{
	unsigned int nr = opts->nr_workloads * opts->nr_policies * opts->nr_thp * opts->runs, done;
	struct bench_result *results = calloc(nr, sizeof(*results));
	struct bench_why why = { };
	int status = 0;

	if (!results) {
		why_set(&why, "out of memory");
		return refuse(&why, 1);
	}
	if (!opts->json)
		report_heading(stdout, opts);
	done = run_all(opts, results, nr, trace, &why);
	if (done < nr)
		status = refuse(&why, 1);
	else if (report_all(opts, results, nr, &why))
		status = refuse(&why, 1);
	for (unsigned int i = 0; i < done; i++)
		bench_result_free(&results[i]);
	free(results);
	return status;
}

int main(int argc, char **argv)
{
	struct trace_file *trace = NULL;
	struct bench_options opts;
	struct bench_why why = { };
	int status;

	if (options_parse(&opts, argc, argv, &why)) {
		options_free(&opts);
		return refuse(&why, 2);
	}
	if (opts.list) {
		report_list(stdout);
		return 0;
	}
	if (knobs_check(&opts, &why) || (opts.trace && trace_open(&opts, &trace, &why))) {
		options_free(&opts);
		return refuse(&why, 2);
	}
	status = run_and_report(&opts, trace);
	/* After a failed run, which was reported, the file is as complete as can be. */
	if (trace && trace_close(&opts, trace, &why) && !status)
		status = refuse(&why, 1);
	options_free(&opts);
	return status;
}
