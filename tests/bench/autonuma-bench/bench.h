/* SPDX-License-Identifier: GPL-2.0 */
/*
 * autonuma-bench: options, one run and its result.
 */
#ifndef _BENCH_BENCH_H
#define _BENCH_BENCH_H

#include <stdio.h>

#include <linux/types.h>

#include "topology.h"

struct trace_file;

enum bench_policy {
	POLICY_NONE,		/* memory stays where it was first written */
	POLICY_AUTONUMA,	/* the same start, autonuma running, its daemons move pages */
	POLICY_AUTONUMA_FAULT,	/* the same, hinting faults move pages: migrate_async = 0 */
	POLICY_HARD,		/* threads bound to nodes, memory to that of those who use it */
	POLICY_INVERSE,		/* the same threads, memory bound to the far node */
	NR_POLICIES
};

extern const char *const bench_policy_names[NR_POLICIES];

static inline bool policy_is_autonuma(enum bench_policy policy)
{
	return policy == POLICY_AUTONUMA || policy == POLICY_AUTONUMA_FAULT;
}

/* Threads and memory are bound; under the others the scheduler decides where threads run. */
static inline bool policy_binds(enum bench_policy policy)
{
	return policy == POLICY_HARD || policy == POLICY_INVERSE;
}

/* The kernel's transparent_hugepage= of a run. */
enum bench_thp {
	THP_NEVER,
	THP_ALWAYS,
	NR_THP
};

extern const char *const bench_thp_names[NR_THP];

/* What a program does in its loops; the rest of the description is its shape. */
enum bench_kind {
	KIND_WRITE,		/* threads write their parts of the memory: write.c */
	KIND_MESSAGES,		/* short-lived tasks send each other messages: messages.c */
	KIND_FAULTS,		/* maps, touches and unmaps memory: faults.c */
	KIND_FORKS,		/* fork, exec, exit: forks.c */
	KIND_REPAIR,		/* forked processes of many threads: repair.c */
	NR_KINDS
};

/**
 * struct bench_workload - shape of one program
 * @name:	as on the command line
 * @what:	one line for --list
 * @kind:	what it does
 * @losing:	one of those where AutoNUMA was slower than nothing in 2012
 * @nr_processes: each runs on an equal share of the machine's CPUs; 0: one for each
 *		@cpus_per_process CPUs
 * @threads_per_cpu: 0 means one
 * @bytes:	memory of each process at scale 1
 * @loops:	how often each thread writes its part; of other kinds, how many rounds
 *		there are at scale 1
 * @whole:	a thread's part is all memory of its process, else its own slice
 * @bound_start: before the loops every thread writes all memory while it is bound to
 *		one node, the same for all processes.  hard and inverse place the memory
 *		before this
 * @own_start:	before the loops every thread writes its own slice where it runs.  With
 *		neither of the two the main thread writes it all where it runs
 * @one_per_core: one thread per core instead of one per CPU
 */
struct bench_workload {
	const char *name;
	const char *what;
	enum bench_kind kind;
	bool losing;
	unsigned int nr_processes, cpus_per_process;
	unsigned int threads_per_cpu;
	u64 bytes;
	unsigned int loops;
	bool whole;
	bool bound_start;
	bool own_start;
	bool one_per_core;
};

extern const struct bench_workload workload_numa02, workload_numa02_smt;
extern const struct bench_workload workload_numa01, workload_thread_alloc;
extern const struct bench_workload workload_messages, workload_faults;
extern const struct bench_workload workload_overcommit, workload_forks;
extern const struct bench_workload workload_repair;
extern const struct bench_workload *const bench_workloads[];	/* ends with NULL */

#define MAX_WORKLOADS	9
#define MAX_PROCESSES	256	/* of --processes */
#define COMPARE_RUNS	5	/* seeds of --compare */
#define MAX_KNOBS	32
#define MAX_RUNS	100
#define TRACE_BUFFER	(1 << 18)

/* One --set: a file of /sys/kernel/mm/autonuma/ and what to write there. */
struct bench_knob {
	char name[48];
	char value[32];
};

struct bench_options {
	struct bench_topology topo;
	const struct bench_workload *workloads[MAX_WORKLOADS];
	unsigned int nr_workloads;
	enum bench_policy policies[NR_POLICIES];	/* in the order given */
	unsigned int nr_policies;
	enum bench_thp thp[NR_THP];		/* side by side in this order */
	unsigned int nr_thp;
	bool fragment;				/* no huge page is free but at the start */
	unsigned int runs;			/* of each policy */
	unsigned int processes;			/* that share a program's work; 0: its own number */
	bool compare;				/* all policies over several seeds */
	double scale;				/* of the memory sizes */
	unsigned int sim_scale;			/* real pages per simulated one; 0: choose */
	u64 seed;
	struct bench_knob knobs[MAX_KNOBS];
	unsigned int nr_knobs;
	const char *plot;			/* SVG file, or NULL */
	const char *trace;			/* JSON if it ends so, else text; or NULL */
	unsigned int trace_buffer;		/* records kept of each run */
	bool json, list, quiet, verbose;
};

/*
 * Read the command line.  Returns 0 with everything complete and checked that can be
 * without booting a machine, or -1 with the reason.  --help and --version exit.
 */
int options_parse(struct bench_options *opts, int argc, char **argv, struct bench_why *why);
/* The part after the command line was read: defaults, and whether all of it fits. */
int options_complete(struct bench_options *opts, struct bench_why *why);
void options_free(struct bench_options *opts);
/* Are there runs with huge pages? Then all runs have one simulated page for each real one. */
bool options_huge(const struct bench_options *opts);
/* Processes of @w on this machine; 0 if there is no CPU for each. */
unsigned int options_nr_processes(const struct bench_options *opts,
				  const struct bench_workload *w);
/* How many real pages one simulated page stands for in runs of @w. */
unsigned int options_sim_scale(const struct bench_options *opts,
			       const struct bench_workload *w);
/* Memory of one process in bytes. */
u64 options_process_bytes(const struct bench_options *opts, const struct bench_workload *w);
unsigned int options_nr_threads(const struct bench_options *opts,
				const struct bench_workload *w);

/* State at one moment of a run; the counts are since the start. */
struct bench_sample {
	double seconds;		/* virtual, since the first program started */
	u64 local, total;	/* simulated pages accessed */
	u64 home, range;	/* of the latest round: pages found at home, pages in all */
	u64 full_scans;
	u64 moves;		/* pages and tasks that autonuma moved */
	unsigned int period;	/* shortest scan period of any process, in ms; 0: not scanned */
	bool ended;		/* a thread has come to its end, others may spread out */
};

#define MAX_SAMPLES	512

/* What was seen over time: at most MAX_SAMPLES moments, thinned out as time goes on. */
struct bench_samples {
	unsigned int nr, nr_nodes;
	double interval;	/* seconds between samples */
	struct bench_sample *sample;
	double *node_mib;	/* [sample × nr_nodes + node], real MiB of all processes */
};

int samples_init(struct bench_samples *s, unsigned int nr_nodes, double interval);
void samples_free(struct bench_samples *s);
/* Room for the next sample (and its row of @node_mib), thinning the old ones if full. */
struct bench_sample *samples_next(struct bench_samples *s, double **node_mib);
/* Share of accesses that were local after @from seconds; the last sample ends the run. */
double samples_local_share(const struct bench_samples *s, double from);
/* Share of memory at home in the last sample before a thread ended, or the last one. */
double samples_home_share(const struct bench_samples *s);
/* First moment from which on at least @share was at home until then; < 0 if never. */
double samples_home_since(const struct bench_samples *s, double share);
/* Moment of the first completed pass; < 0 if there was none. */
double samples_first_pass(const struct bench_samples *s);
/*
 * Seconds of the longest time in which autonuma moved nothing.  The last ones do not count for
 * more: as threads end, others find idle CPUs.
 */
double samples_quiet(const struct bench_samples *s);
/* Seconds of the longest period to which scanning of all processes slowed down; 0: none was. */
double samples_period(const struct bench_samples *s);
/* Accesses done by @when, and when @done accesses were done. */
double samples_done(const struct bench_samples *s, double when);
double samples_when(const struct bench_samples *s, double done);

#define CONVERGENCE_SECONDS	10
#define MAX_CONVERGENCE		64

/*
 * Every CONVERGENCE_SECONDS of a run: share of each process's memory that is on the node
 * where most of it is.  A process that spans several nodes never has all of it on one.
 */
struct bench_convergence {
	unsigned int nr, nr_processes;
	double *share;		/* [moment × nr_processes + process] */
};

int convergence_init(struct bench_convergence *c, unsigned int nr_processes);
void convergence_free(struct bench_convergence *c);
/* Room for the shares at the next moment, NULL when MAX_CONVERGENCE are there. */
double *convergence_next(struct bench_convergence *c);
/* Largest part over the sum; 0 for nothing. */
double main_node_share(const u64 *pages, unsigned int nodes);
/* Table of all moments, a row for each process and one for the mean. */
void convergence_print(FILE *out, const struct bench_convergence *c);

/* Memory of one process at the end, for the table. */
struct bench_process_memory {
	int pid;
	char comm[16];
	double *node_mib;	/* nr_nodes entries */
};

struct bench_result {
	const struct bench_workload *workload;
	enum bench_policy policy;
	enum bench_thp thp;
	unsigned int nodes, cpus, sim_scale;
	u64 seed;
	double elapsed;		/* virtual seconds */
	double ratio_hard;	/* < 0: hard was not run */
	double ratio_thp;	/* to the same without huge pages; < 0: not run, or that itself */
	double local_share;	/* of accesses in the last tenth of the run */
	double home_share;	/* of memory when the first thread ended; < 0: it keeps none */
	u64 hint_faults, pages_migrated;	/* real pages: simulated ones × sim_scale */
	u64 thp_migrated, thp_split;	/* huge pages that autonuma moved whole, and split */
	u64 full_scans;
	double cpu_share;	/* of CPU time, spent in daemons and faults */
	double kernel_seconds, daemon_seconds;
	double host_seconds;
	struct bench_samples samples;
	struct bench_convergence convergence;
	u64 tasks_moved, tasks_swapped;
	unsigned int nr_processes;
	struct bench_process_memory *processes;
};

/*
 * Boot a machine, run what @r names (workload, policy, thp, seed), shut down, and fill in
 * the rest of @r.  @trace, if not NULL, takes what its trace points recorded.
 * Returns 0, or -1 with the reason; nothing is left running then.
 */
int bench_run(const struct bench_options *opts, bool progress, struct trace_file *trace,
	      struct bench_result *r, struct bench_why *why);
void bench_result_free(struct bench_result *r);

/*
 * Try every --set on a machine booted for that, so that a knob that does not exist and
 * a value that the kernel refuses are known before the first run.
 */
int knobs_check(const struct bench_options *opts, struct bench_why *why);

/*
 * The file of --trace: opening it, what a run does on the booted machine before its
 * programs start and after their end, and closing it.  Each returns 0, or -1 with the
 * reason.  trace_end() says on standard error how many events were lost.
 */
int trace_open(const struct bench_options *opts, struct trace_file **trace,
	       struct bench_why *why);
int trace_begin(const struct bench_options *opts, struct bench_why *why);
int trace_end(const struct bench_options *opts, struct trace_file *trace,
	      const struct bench_result *r, struct bench_why *why);
int trace_close(const struct bench_options *opts, struct trace_file *trace,
		struct bench_why *why);

/* Time of the host in seconds: for progress and the verbose report only. */
double host_seconds(void);
/* Bytes of the host's memory; 0 if unknown. */
u64 host_memory(void);

/* Fill in the ratios of all results; what is compared differs in nothing else. */
void results_compare(struct bench_result *results, unsigned int nr);

/* "policy hard", or "policy hard, THP always"; in @buf. */
const char *result_title(const struct bench_result *r, char *buf, size_t size);

/* Tables on @out. */
void report_list(FILE *out);
void report_heading(FILE *out, const struct bench_options *opts);
void report_run(FILE *out, const struct bench_result *r, bool verbose);
void report_table(FILE *out, const struct bench_result *results, unsigned int nr);
/* One line on what autonuma's distance to hard consists of; empty without both. */
void report_difference(FILE *out, const struct bench_result *results, unsigned int nr);
/* One line that overwrites itself; with @end it is wiped. */
void report_progress(const struct bench_result *r, const struct bench_sample *now, bool end);

/**
 * struct bench_summary - the runs of one workload and policy, over all seeds
 * @runs:	how many
 * @mean:	of the elapsed seconds
 * @stddev:	their standard deviation (of the sample: n - 1; 0 for one run)
 * @median:	of the elapsed seconds
 * @ratio_none:	@median over that of policy none; < 0: not run
 * @ratio_hard:	over that of policy hard
 * @tasks_moved: mean of tasks that autonuma moved or swapped
 */
struct bench_summary {
	const struct bench_workload *workload;
	enum bench_policy policy;
	enum bench_thp thp;
	unsigned int runs;
	double mean, stddev, median, ratio_none, ratio_hard, tasks_moved;
};

/* In the order of the results; returns how many, all of them in @sum, with room for @nr. */
unsigned int compare_summarize(const struct bench_result *results, unsigned int nr,
			       struct bench_summary *sum);
/* Median elapsed of what differs from @like in policy, THP and seed only; < 0 without any. */
double median_elapsed(const struct bench_result *results, unsigned int nr,
		      const struct bench_result *like, enum bench_policy policy,
		      enum bench_thp thp);
/* The table of --compare, with the calibration for @nodes nodes above it. */
void compare_print(FILE *out, unsigned int nodes, const struct bench_summary *sum,
		   unsigned int nr);

/*
 * {"runs":[…]} on @out; with @compare also the calibration and what compare_summarize()
 * says.  0 or -1.
 */
int json_write(FILE *out, const struct bench_result *results, unsigned int nr, bool compare);

/* Whether @file, which @option names, can be written, without writing it. */
int file_check(const char *option, const char *file, struct bench_why *why);

/* Whether gnuplot is there and @file can be written, without writing it. */
int plot_check(const char *file, struct bench_why *why);
/* Memory per node over time, one panel for each run. */
int plot_write(const char *file, const struct bench_result *results, unsigned int nr,
	       struct bench_why *why);
/* The script and data that plot_write() gives to gnuplot. */
void plot_script(FILE *out, const struct bench_result *results, unsigned int nr);

#endif /* _BENCH_BENCH_H */
