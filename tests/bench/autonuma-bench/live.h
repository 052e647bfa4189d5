/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A run in progress: what the programs and the one that watches them share.  Only the
 * files that run on the simulated machine include this.
 */
#ifndef _BENCH_LIVE_H
#define _BENCH_LIVE_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/list.h>
#include <linux/types.h>

#include "layout.h"
#include "model.h"

struct task_struct;

/**
 * struct live_thread - one thread of a program
 * @home_node:	node where the thread's slice should be
 * @pages:	scratch of one access, simulated pages by node
 * @local:	simulated pages accessed on its own node so far
 * @total:	simulated pages accessed so far
 * @home:	of its latest round through its part: pages found at home
 * @range:	pages of that round; 0 before the first
 * @utime:	CPU time of the thread in ns, and of that @stime in the kernel; set at its end
 *
 * The counts are written by the thread and read by the watcher at any time.
 */
struct live_thread {
	struct live_process *process;
	unsigned int index, cpu, home_node;
	long tid;
	struct model_thread model;
	u64 *pages;
	u64 local, total, home, range;
	u64 utime, stime;
};

struct live_process {
	struct live_run *run;
	const struct bench_process_layout *layout;
	struct live_thread *thread;	/* layout->nr_threads, then the main thread */
	bool *is_home;			/* nodes of its CPUs' memory */
	struct task_struct *task;
	unsigned long addr;
	u64 end_ns;
};

struct live_run {
	const struct bench_options *opts;
	const struct bench_workload *w;
	enum bench_policy policy;
	struct bench_layout layout;
	struct model *model;
	unsigned int *target;		/* node for memory of each node's users */
	struct live_process *process;
	u64 start_ns;
	atomic_t running;		/* processes that have not finished their loops */
	struct completion done;		/* all have */
	struct completion release;	/* memory was looked at: they may exit */
	struct list_head fragments;	/* pages that --fragment took */
	int error;			/* first -Exxx of any thread */
	const char *error_where;
};

/* Allocates everything of a run that does not need the machine; 0 or -1. */
int live_init(struct live_run *run, const struct bench_options *opts,
	      const struct bench_workload *w, enum bench_policy policy);
void live_free(struct live_run *run);

/* The program of one process; @arg is its struct live_process. */
int live_program(void *arg);
/* Record the first failure of a run; other threads see it and end. */
void live_fail(struct live_run *run, int error, const char *where);

/* Bind the memory of a process to where the run's policy wants it; -Exxx. */
long policy_bind_memory(struct live_process *p);
/* Bind the calling thread's new pages to the start node, or drop that again; -Exxx. */
long policy_bind_start(struct live_run *run, bool bind);

/* The kernel command line of a run. */
const char *policy_cmdline(enum bench_policy policy, enum bench_thp thp);

/*
 * Leave no free huge page on any node but the start node: of each, one page is taken, as a
 * kernel's own page that never moves would be.  fragment_undo() gives them back.
 */
void fragment_nodes(struct live_run *run);
void fragment_undo(struct live_run *run);

/*
 * Write the defaults that depend on the scale and every --set; 0, or -1 with the reason.
 * pages_to_scan and pages_to_migrate count pages: real ones on the command line, and
 * 1 / @sim_scale of that, at least 1, in the machine.
 */
int knobs_write(const struct bench_options *opts, unsigned int sim_scale,
		struct bench_why *why);
/* A counter of /sys/kernel/mm/autonuma/; 0 where it does not exist. */
u64 counter_read(const char *name);

#endif /* _BENCH_LIVE_H */
