// SPDX-License-Identifier: GPL-2.0
/* One run: boot, start the programs, watch them, read the counters, shut down. */
#include <stdlib.h>
#include <string.h>

#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/timekeeping.h>
#include <machine/machine.h>
#include <machine/program.h>

#include "../../../mm/autonuma.h"
#include "live.h"

/* How often the programs are scanned: the shortest period of all, in ms; 0 if one is not yet. */
static unsigned int scan_period(const struct live_run *run)
{
	unsigned int shortest = UINT_MAX;

	for (unsigned int i = 0; i < run->layout.nr_processes; i++) {
		struct mm_struct *mm = run->process[i].task->mm;
		/* Pairs with the release in register_mm(). */
		struct mm_autonuma *mma = mm ? smp_load_acquire(&mm->mm_autonuma) : NULL;
		unsigned int period = mma ? READ_ONCE(mma->period) : 0;

		shortest = min(shortest, period);
	}
	return shortest;
}

/* The machine of a run; the arrays belong to the options except @bytes. */
static void machine_of(const struct bench_options *opts, unsigned int sim_scale, u64 seed,
		       const char *cmdline, u64 *bytes, struct machine_config *cfg)
{
	const struct bench_topology *topo = &opts->topo;
	const u64 block = 1 << 20;

	for (unsigned int n = 0; n < topo->nr_nodes; n++) {
		u64 scaled = topo->node_bytes[n] / sim_scale;

		/* Whole MiB, and never nothing where there was something. */
		bytes[n] = topo->node_bytes[n] ? (scaled + block - 1) / block * block : 0;
	}
	*cfg = (struct machine_config){
		.nr_nodes = topo->nr_nodes, .nr_cpus = topo->nr_cpus,
		.cpu_node = topo->cpu_node, .node_bytes = bytes,
		.distance = topo->distance, .threads_per_core = topo->threads_per_core,
		.cmdline = cmdline, .seed = seed, .sim_scale = sim_scale,
	};
}

/* The largest machine that the options ask for, judged by the machine itself. */
static int check_machine(const struct bench_options *opts, const struct bench_workload *w,
			 struct bench_why *why)
{
	u64 *bytes = calloc(opts->topo.nr_nodes, sizeof(*bytes));
	struct machine_config cfg;
	char text[200] = "";
	int ret;

	if (!bytes)
		return why_set(why, "out of memory");
	machine_of(opts, options_sim_scale(opts, w), opts->seed, "", bytes, &cfg);
	ret = machine_config_check(&cfg, text, sizeof(text));
	free(bytes);
	return ret ? why_set(why, "this machine cannot be: %s", text) : 0;
}

int knobs_check(const struct bench_options *opts, struct bench_why *why)
{
	struct machine_config cfg = { .nr_nodes = 2, .nr_cpus = 2, .seed = opts->seed };
	int ret;

	for (unsigned int i = 0; i < opts->nr_workloads; i++)
		if (check_machine(opts, opts->workloads[i], why))
			return -1;
	if (!opts->nr_knobs)
		return 0;
	if (opts->topo.nr_nodes == 1)
		return why_set(why, "--set: there is no autonuma on a machine of one node");
	if (machine_boot(&cfg))
		return why_set(why, "--set: cannot boot a machine to try the knobs");
	ret = knobs_write(opts, POLICY_AUTONUMA, 1, why);
	machine_shutdown();
	return ret;
}

/* Add the memory of all processes to @mib, in real MiB by node. */
static void add_memory(const struct live_run *run, unsigned int process, u64 *pages,
		       double *mib)
{
	unsigned int nodes = run->opts->topo.nr_nodes;

	mm_pages_by_node(run->process[process].task->mm, pages);
	for (unsigned int n = 0; n < nodes; n++)
		mib[n] += (double)pages[n] * run->layout.sim_scale * PAGE_SIZE / (1 << 20);
}

static struct bench_sample *take_sample(const struct live_run *run, u64 *pages,
					struct bench_samples *samples)
{
	double *mib;
	struct bench_sample *s = samples_next(samples, &mib);

	s->seconds = (ktime_get_ns() - run->start_ns) / 1e9;
	s->ended = READ_ONCE(run->ended);
	s->full_scans = counter_read("full_scans");
	s->moves = counter_read("pages_migrated") + counter_read("tasks_moved") +
		   counter_read("tasks_swapped");
	s->period = run->w->kind == KIND_WRITE ? scan_period(run) : 0;
	for (unsigned int i = 0; i < run->layout.nr_processes; i++) {
		struct live_process *p = &run->process[i];

		add_memory(run, i, pages, mib);
		for (unsigned int k = 0; k <= p->layout->nr_threads; k++) {
			struct live_thread *t = &p->thread[k];

			s->local += READ_ONCE(t->local);
			s->total += READ_ONCE(t->total);
			s->home += READ_ONCE(t->range) ? READ_ONCE(t->home) : 0;
			s->range += READ_ONCE(t->range);
		}
	}
	return s;
}

/* Where the memory of each process is now. One process alone has nobody to part from. */
static void take_convergence(const struct live_run *run, struct bench_convergence *c, u64 *pages)
{
	double *share = NULL;

	if (run->w->kind == KIND_WRITE && c->nr_processes > 1)
		share = convergence_next(c);
	for (unsigned int i = 0; share && i < c->nr_processes; i++) {
		mm_pages_by_node(run->process[i].task->mm, pages);
		share[i] = main_node_share(pages, run->opts->topo.nr_nodes);
	}
}

/* Look every now and then until all programs have finished their loops. */
static void watch(struct live_run *run, struct bench_result *r, u64 *pages, bool progress)
{
	u64 mark = CONVERGENCE_SECONDS * NSEC_PER_SEC;
	double shown = 0, now;
	bool done = false;

	while (!done) {
		struct bench_sample *s;
		u64 passed = ktime_get_ns() - run->start_ns;
		u64 ms = r->samples.interval * 1000;

		if (passed < mark)
			ms = min_t(u64, ms, (mark - passed) / NSEC_PER_MSEC + 1);
		done = wait_for_completion_timeout(&run->done, msecs_to_jiffies(ms));
		if (!done && ktime_get_ns() - run->start_ns >= mark) {
			take_convergence(run, &r->convergence, pages);
			mark += CONVERGENCE_SECONDS * NSEC_PER_SEC;
		}
		s = take_sample(run, pages, &r->samples);
		now = host_seconds();
		if (progress && now - shown > 0.1) {
			report_progress(r, s, false);
			shown = now;
		}
	}
	if (progress)
		report_progress(r, NULL, true);
}

/* CPU time of kernel threads in ns; the calling context is init and is not counted. */
static u64 daemon_time(void)
{
	struct task_struct *p;
	u64 ns = 0;

	rcu_read_lock();
	for_each_process(p)
		if ((READ_ONCE(p->flags) & PF_KTHREAD) && p != current)
			ns += READ_ONCE(p->stime);
	rcu_read_unlock();
	return ns;
}

static void collect(struct live_run *run, struct bench_result *r, u64 *pages)
{
	u64 user = 0, kernel = 0, daemons = daemon_time();

	for (unsigned int i = 0; i < r->nr_processes; i++) {
		struct live_process *p = &run->process[i];
		struct bench_process_memory *m = &r->processes[i];
		double elapsed = (p->end_ns - run->start_ns) / 1e9;

		r->elapsed = elapsed > r->elapsed ? elapsed : r->elapsed;
		m->pid = p->task->pid;
		snprintf(m->comm, sizeof(m->comm), "%s", p->task->comm);
		add_memory(run, i, pages, m->node_mib);
		for (unsigned int k = 0; k <= p->layout->nr_threads; k++) {
			user += p->thread[k].utime;
			kernel += p->thread[k].stime;
		}
	}
	r->local_share = samples_local_share(&r->samples, 0.9 * r->elapsed);
	r->home_share = samples_home_share(&r->samples);
	if (r->workload->kind != KIND_WRITE)
		r->home_share = -1;
	/* A fault is of a whole range, or of each page by itself. */
	r->hint_faults = counter_read("hint_faults") *
			 (counter_read("scan_pmd") ? layout_ranges(r->sim_scale) : r->sim_scale);
	r->pages_migrated = counter_read("pages_migrated") * r->sim_scale;
	r->thp_migrated = counter_read("thp_migrated");
	r->thp_split = counter_read("thp_split");
	r->full_scans = counter_read("full_scans");
	r->tasks_moved = counter_read("tasks_moved");
	r->tasks_swapped = counter_read("tasks_swapped");
	r->kernel_seconds = (kernel + daemons) / 1e9;
	r->daemon_seconds = daemons / 1e9;
	r->cpu_share = user + kernel + daemons ?
		       (double)(kernel + daemons) / (user + kernel + daemons) : 0;
}

/* On the booted machine: start, watch, collect, let go, reap. */
static int run_programs(struct live_run *run, struct bench_result *r, u64 *pages,
			bool progress, struct bench_why *why)
{
	unsigned int started;
	char title[64];

	init_completion(&run->done);
	init_completion(&run->release);
	atomic_set(&run->running, r->nr_processes);
	run->start_ns = ktime_get_ns();
	for (started = 0; started < r->nr_processes; started++) {
		struct live_process *p = &run->process[started];

		p->task = policy_binds(run->policy) ?
			  program_start_on(p->layout->cpu[0], run->w->name, live_program, p) :
			  program_start(run->w->name, live_program, p);
		if (!p->task) {
			live_fail(run, -ENOMEM, "starting the program");
			break;
		}
	}
	if (started == r->nr_processes) {
		watch(run, r, pages, progress);
		collect(run, r, pages);
	}
	complete_all(&run->release);
	while (started--)
		program_wait(run->process[started].task);
	if (run->error)
		return why_set(why, "%s, %s: %s failed: %s", run->w->name,
			       result_title(r, title, sizeof(title)), run->error_where,
			       strerror(-run->error));
	return 0;
}

static int result_init(struct bench_result *r, const struct bench_options *opts)
{
	const struct bench_workload *w = r->workload;
	unsigned int nodes = opts->topo.nr_nodes;

	*r = (struct bench_result){
		.workload = w, .policy = r->policy, .thp = r->thp, .seed = r->seed,
		.nodes = nodes, .cpus = opts->topo.nr_cpus,
		.sim_scale = options_sim_scale(opts, w), .ratio_hard = -1, .ratio_thp = -1,
		.nr_processes = options_nr_processes(opts, w),
	};
	r->processes = calloc(r->nr_processes, sizeof(*r->processes));
	if (!r->processes || samples_init(&r->samples, nodes, 0.1) ||
	    convergence_init(&r->convergence, r->nr_processes))
		return -1;
	for (unsigned int i = 0; i < r->nr_processes; i++) {
		r->processes[i].node_mib = calloc(nodes, sizeof(double));
		if (!r->processes[i].node_mib)
			return -1;
	}
	return 0;
}

void bench_result_free(struct bench_result *r)
{
	for (unsigned int i = 0; r->processes && i < r->nr_processes; i++)
		free(r->processes[i].node_mib);
	free(r->processes);
	samples_free(&r->samples);
	convergence_free(&r->convergence);
	r->processes = NULL;
}

int bench_run(const struct bench_options *opts, bool progress, struct trace_file *trace,
	      struct bench_result *r, struct bench_why *why)
{
	u64 *bytes = calloc(opts->topo.nr_nodes, sizeof(*bytes));
	u64 *pages = calloc(opts->topo.nr_nodes, sizeof(*pages));
	double start = host_seconds();
	struct machine_config cfg;
	struct live_run run = { };
	int ret = -1;

	if (result_init(r, opts) || live_init(&run, opts, r->workload, r->policy) ||
	    !bytes || !pages) {
		why_set(why, "out of memory");
		goto out;
	}
	machine_of(opts, r->sim_scale, r->seed, policy_cmdline(r->policy, r->thp), bytes, &cfg);
	if (machine_boot(&cfg)) {
		why_set(why, "cannot boot the machine");
		goto out;
	}
	/* On one node the kernel leaves autonuma out, and there is nothing to set. */
	if (policy_is_autonuma(r->policy) && opts->topo.nr_nodes > 1)
		ret = knobs_write(opts, r->policy, r->sim_scale, why);
	else
		ret = 0;
	if (opts->fragment)
		fragment_nodes(&run);
	if (!ret && trace)
		ret = trace_begin(opts, why);
	if (!ret)
		ret = run_programs(&run, r, pages, progress, why);
	if (!ret && trace)
		ret = trace_end(opts, trace, r, why);
	fragment_undo(&run);
	machine_shutdown();
	r->host_seconds = host_seconds() - start;
out:
	live_free(&run);
	free(bytes);
	free(pages);
	return ret;
}
