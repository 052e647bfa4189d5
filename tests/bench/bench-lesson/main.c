// SPDX-License-Identifier: GPL-2.0
/*
 * bench-lesson: the table of 2015. Runs xfs_repair with everything right, and with each of
 * three fixes taken out; options as of autonuma-bench.
 *
 * Each fix is seen in a column of its own. With the write bit lost a written page faults
 * twice: "faults" are page faults per hinting fault. Without groups what both processes share
 * does not follow them: less is "migrated", and it takes longer. Without slowing down hinting
 * faults, migrated pages and TLB flushes are a multiple. In 2015 the lost bit alone did all
 * this, because grouping and scanning went by it; here they do not, and it costs its faults.
 */
#include <stdlib.h>
#include <unistd.h>

#include <machine/stub.h>

#include "../../lesson.h"
#include "../autonuma-bench/bench.h"
#include "../autonuma-bench/repair.h"

#define MAX_ARGS 64

static const struct variant {
	const char *name;
	void *real, *replacement;
} variants[] = {
	{ "everything right" },
	{ "write bit lost", autonuma_was_writable, lesson_never_writable },
	{ "group by the bit of the moment", autonuma_shares_writes, lesson_writable_now },
	{ "no slow-down on failure", autonuma_judge_period, lesson_failures_ignored },
};

/* Sums over all runs of a variant. */
struct sums {
	double elapsed, migrated, hint_faults, flushes, cpu, local;
	double faults, marked;	/* page faults, and hinting faults among them */
};

static int run_once(const struct bench_options *opts, u64 seed, struct sums *sum,
		    struct bench_why *why)
{
	struct bench_result r = {
		.workload = opts->workloads[0], .policy = POLICY_AUTONUMA, .seed = seed,
	};

	if (bench_run(opts, false, NULL, &r, why))
		return -1;
	sum->elapsed += r.elapsed;
	sum->migrated += r.pages_migrated;
	sum->hint_faults += r.hint_faults;
	sum->flushes += repair_events.flush_seconds;
	sum->faults += repair_events.faults;
	sum->marked += repair_events.hint_faults;
	sum->cpu += r.cpu_share > 0 ? r.kernel_seconds / r.cpu_share : 0;
	sum->local += r.local_share;
	bench_result_free(&r);
	return 0;
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

static int run_variant(const struct bench_options *opts, const struct variant *v)
{
	struct bench_why why = { };
	struct sums sum = { };
	int ret = 0;

	if (v->real)
		stub_set(v->real, v->replacement);
	for (unsigned int i = 0; i < opts->runs && !ret; i++)
		ret = run_once(opts, opts->seed + i, &sum, &why);
	if (v->real)
		stub_set(v->real, NULL);
	if (ret) {
		fprintf(stderr, "bench-lesson: %s: %s\n", v->name, why.text);
		return ret;
	}
	printf("%-31s %9.2f %11.0f %11.0f %9.2f %% %8.2f %9.3f %% %6.1f %%\n", v->name,
	       sum.elapsed / opts->runs, sum.hint_faults / opts->runs,
	       sum.migrated / opts->runs, percent(sum.migrated, sum.hint_faults),
	       percent(sum.faults, sum.marked) / 100, percent(sum.flushes, sum.cpu),
	       percent(sum.local, opts->runs));
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	/* As in 2015: each page faults alone. Means of five seeds, unless told otherwise. */
	char *args[MAX_ARGS] = {
		"bench-lesson", "--policies", "autonuma", "--set", "scan_pmd=0",
		"--set", "scan_sleep_pass_millisecs=1000", "--runs", "5", "--scale", "2",
	};
	struct bench_options opts;
	struct bench_why why = { };
	int n = 11, ret = 0;

	for (int i = 1; i < argc && n < MAX_ARGS - 2; i++)
		args[n++] = argv[i];
	args[n++] = "xfs_repair";
	if (options_parse(&opts, n, args, &why)) {
		fprintf(stderr, "bench-lesson: %s\n", why.text);
		options_free(&opts);
		return 2;
	}
	printf("%-31s %9s %11s %11s %11s %8s %11s %8s\n", "xfs_repair", "elapsed s",
	       "hint faults", "migrated", "per fault", "faults", "TLB flush", "local");
	for (int i = 0; i < ARRAY_SIZE(variants) && !ret; i++)
		ret = run_variant(&opts, &variants[i]);
	options_free(&opts);
	return ret ? 1 : 0;
}
