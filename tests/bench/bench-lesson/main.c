// SPDX-License-Identifier: GPL-2.0
/*
 * bench-lesson: the table of 2015. Runs xfs_repair with everything right, and with each of
 * three fixes taken out; options as of autonuma-bench.
 *
 *	bench-lesson --nodes 4 --cpus 16
 */
#include <stdlib.h>
#include <unistd.h>

#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/rmap.h>
#include <machine/stub.h>

#include "../../../mm/autonuma.h"
#include "../autonuma-bench/bench.h"
#include "../autonuma-bench/repair.h"

#define MAX_ARGS 64

static bool never_writable(struct vm_area_struct *vma, unsigned long addr, pte_t pte)
{
	return false;
}

/* The bit of the moment; the fault holds the mapping. */
static bool writable_now(struct vm_area_struct *vma, unsigned long addr)
{
	pmd_t *pmd = mm_find_pmd(vma->vm_mm, addr);
	pte_t *ptep = pmd ? pte_offset_map(pmd, addr) : NULL;
	bool writable;

	if (!ptep)
		return false;
	writable = vma->vm_file && pte_write(ptep_get(ptep));
	pte_unmap(ptep);
	return writable;
}

static unsigned int failures_ignored(unsigned int period, const unsigned long *heard)
{
	return heard[AUTONUMA_STAYED] + heard[AUTONUMA_REMOTE] ? period / 2 : period * 2;
}

static const struct variant {
	const char *name;
	void *real, *replacement;
} variants[] = {
	{ "everything right" },
	{ "write bit lost", autonuma_was_writable, never_writable },
	{ "group by the bit of the moment", autonuma_shares_writes, writable_now },
	{ "no slow-down on failure", autonuma_judge_period, failures_ignored },
};

/* Sums over all runs of a variant. */
struct sums {
	double elapsed, migrated, hint_faults, flushes, cpu, local;
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
	sum->flushes += repair_flush_seconds;
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
	printf("%-31s %9.2f %11.0f %9.2f %% %9.3f %% %8.1f %%\n", v->name,
	       sum.elapsed / opts->runs, sum.migrated / opts->runs,
	       percent(sum.migrated, sum.hint_faults), percent(sum.flushes, sum.cpu),
	       percent(sum.local, opts->runs));
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	/* As in 2015: each page faults alone. Means of five seeds, unless told otherwise. */
	char *args[MAX_ARGS] = {
		"bench-lesson", "--policies", "autonuma", "--set", "scan_pmd=0",
		"--set", "scan_sleep_pass_millisecs=1000", "--runs", "5",
	};
	struct bench_options opts;
	struct bench_why why = { };
	int n = 9, ret = 0;

	for (int i = 1; i < argc && n < MAX_ARGS - 2; i++)
		args[n++] = argv[i];
	args[n++] = "xfs_repair";
	if (options_parse(&opts, n, args, &why)) {
		fprintf(stderr, "bench-lesson: %s\n", why.text);
		options_free(&opts);
		return 2;
	}
	printf("%-31s %9s %11s %11s %11s %10s\n", "xfs_repair", "elapsed s", "migrated",
	       "per fault", "TLB flush", "local");
	for (int i = 0; i < ARRAY_SIZE(variants) && !ret; i++)
		ret = run_variant(&opts, &variants[i]);
	options_free(&opts);
	return ret ? 1 : 0;
}
