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

#define NO_HOME	(~0U)	/* a thread that has not run yet */

/**
 * struct live_thread - one thread of a program
 * @cpu:	where it is bound under hard and inverse: to that CPU's node
 * @home_node:	node with memory that is nearest to where it runs at present
 * @pages:	scratch of one access, simulated pages by node
 * @local:	simulated pages accessed on its own node so far
 * @total:	simulated pages accessed so far
 * @home:	of its latest round through its part: pages found at home
 * @range:	pages of that round; 0 before the first
 * @utime:	CPU time of the thread in ns as a user, and @stime in the kernel; at its end
 *
 * The counts are written by the thread and read by the watcher at any time.  Programs that
 * are not KIND_WRITE have those of all their tasks in the first thread's, atomically.
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
	s64 *threads_on;		/* how many of them have each node as home; atomic */
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
	unsigned int *nearest;		/* node with memory that is nearest to each node */
	struct live_process *process;
	u64 start_ns;
	bool ended;			/* a thread is through its loops; atomic */
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
/* What a program of each kind does between its start and its end. */
void write_body(struct live_process *p);
void messages_body(struct live_process *p);
void faults_body(struct live_process *p);
void forks_body(struct live_process *p);
void repair_body(struct live_process *p);
/*
 * Add the CPU time of the running task to that of process @p: the last thing that a task
 * does which is not one of its threads, or has other ends than write.c's.
 */
void live_account(struct live_process *p);
/* Rounds of a program that is not KIND_WRITE, at the run's scale; at least one. */
unsigned int live_rounds(const struct live_run *run);
/*
 * Write @bytes of each of @nr pages of the running program and let the time pass that this
 * takes by the model; for programs whose tasks come and go.  Safe for several at once.
 */
void live_touch(struct live_process *p, unsigned long addr, unsigned int nr,
		unsigned int bytes, u64 tag);
/* Record the first failure of a run; other threads see it and end. */
void live_fail(struct live_run *run, int error, const char *where);

/*
 * Bind the running task to the node of @cpu, where the policy binds threads; -Exxx.
 * Else it runs where the scheduler wants it.
 */
long policy_bind_thread(struct live_run *run, unsigned int cpu);
/* The same for all that the calling process will do, memory and children too; -Exxx. */
long policy_bind_process(struct live_process *p);
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
int knobs_write(const struct bench_options *opts, enum bench_policy policy,
		unsigned int sim_scale, struct bench_why *why);
/* A counter of /sys/kernel/mm/autonuma/; 0 where it does not exist. */
u64 counter_read(const char *name);

#endif /* _BENCH_LIVE_H */
