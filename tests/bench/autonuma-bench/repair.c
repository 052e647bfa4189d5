// SPDX-License-Identifier: GPL-2.0
/*
 * The shape of xfs_repair: a main thread writes all memory where it runs, and forks. Then many
 * threads of two processes work on slices of their private, copied-on-write memory, and read
 * a table that both processes may write: the cache, which at this moment nobody changes.
 */
#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/shmem_fs.h>
#include <linux/vmstat.h>
#include <machine/cost.h>
#include <machine/program.h>

#include "live.h"
#include "repair.h"

/* Processes, and times that a page is gone over while it is in use. */
#define WORKERS		2
#define REUSE		16

#define PAGES_PER_TABLE	512

/* One worker process; its memory is a copy of the main process's. */
struct worker {
	struct live_process *process;
	unsigned long slices, table;	/* addresses */
	u64 slice, pitch, table_pages;	/* pages */
	unsigned int first_cpu, nr_threads;
	atomic_t next, running;
};

struct repair_events repair_events;

/* Touch pages and let the time pass that REUSE times as many bytes take. */
static void work_on(struct worker *w, unsigned long addr, u64 nr, bool write, u64 *pages)
{
	struct live_run *run = w->process->run;
	unsigned int nodes = run->opts->topo.nr_nodes, node = task_node(current);
	struct live_thread *t = &w->process->thread[0];
	int err;

	memset(pages, 0, nodes * sizeof(*pages));
	err = user_touch_range(addr, nr * PAGE_SIZE, write, 1, pages);
	if (err) {
		live_fail(run, err, "touching memory");
		return;
	}
	__atomic_fetch_add(&t->local, pages[node], __ATOMIC_RELAXED);
	__atomic_fetch_add(&t->total, nr, __ATOMIC_RELAXED);
	for (unsigned int n = 0; n < nodes; n++)
		pages[n] *= (u64)run->layout.sim_scale * PAGE_SIZE * REUSE;
	user_compute(model_alone(run->model, node, pages));
}

static int repair_thread(void *arg)
{
	struct worker *w = arg;
	struct live_run *run = w->process->run;
	unsigned int i = atomic_inc_return(&w->next) - 1, rounds = live_rounds(run);
	u64 *pages = calloc(run->opts->topo.nr_nodes, sizeof(*pages)), part;
	struct rnd_state rnd;

	if (!pages)
		live_fail(run, -ENOMEM, "repairing");
	prandom_seed_state(&rnd, i + 1);
	part = max(w->table_pages / 16, 1ULL);
	for (unsigned int r = 0; r < rounds && !READ_ONCE(run->error); r++) {
		work_on(w, w->slices + i * w->pitch * PAGE_SIZE, w->slice, true, pages);
		work_on(w, w->table + prandom_u32_state(&rnd) % 16 * part * PAGE_SIZE, part,
			false, pages);
	}
	free(pages);
	live_account(w->process);
	atomic_dec(&w->running);
	return 0;
}

/* One process: its threads on its half of the CPUs; the main thread waits for them. */
static int repair_process(void *arg)
{
	struct worker *w = arg;
	struct live_process *p = w->process;
	long ret = sys_clear_refs_soft_dirty();

	for (unsigned int i = 0; i < w->nr_threads && ret >= 0; i++) {
		unsigned int cpu = p->layout->cpu[w->first_cpu + i];

		atomic_inc(&w->running);
		ret = sys_clone_thread(repair_thread, w, cpu);
		if (ret < 0)
			atomic_dec(&w->running);
		else
			ret = sys_sched_setaffinity(ret, cpu_possible_mask);
	}
	if (ret < 0)
		live_fail(p->run, ret, "clone");
	while (atomic_read(&w->running))
		user_compute(NSEC_PER_MSEC);
	return 0;
}

/* What has happened so far. */
static struct repair_events read_events(void)
{
	unsigned long events[NR_VM_EVENT_ITEMS];

	all_vm_events(events);
	return (struct repair_events){
		.flush_seconds =
			(events[NR_TLB_LOCAL_FLUSH_ALL] * cost_ns(COST_TLB_FLUSH_LOCAL) +
			 events[NR_TLB_REMOTE_FLUSH_RECEIVED] * cost_ns(COST_TLB_FLUSH_IPI)) / 1e9,
		.faults = events[PGFAULT],
		.hint_faults = events[NUMA_HINT_FAULTS],
	};
}

/* Fork the workers and wait for them; -Exxx. */
static long fork_workers(struct worker *w)
{
	long pid[WORKERS], ret = 0;
	int n;

	for (n = 0; n < WORKERS && ret >= 0; n++) {
		ret = sys_fork(repair_process, &w[n]);
		pid[n] = ret;
	}
	while (n--)
		if (pid[n] > 0)
			sys_wait4(pid[n]);
	return ret;
}

void repair_body(struct live_process *p)
{
	struct worker w[WORKERS] = { };
	u64 per_worker = max(p->layout->nr_threads / WORKERS, 1U);
	u64 slice = max(p->layout->pages / (per_worker * WORKERS * 2), 1ULL);
	u64 pitch = ALIGN(slice, PAGES_PER_TABLE), table = p->layout->pages / 2;
	struct file *file = shmem_file_create("table", table * PAGE_SIZE);
	struct repair_events before, after;
	unsigned long slices, at;
	long ret = file ? policy_bind_process(p) : -ENOMEM;

	slices = sys_mmap(0, pitch * per_worker * PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	at = ret ? ret : sys_mmap(0, table * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (IS_ERR_VALUE(slices) || IS_ERR_VALUE(at)) {
		live_fail(p->run, -ENOMEM, "mmap");
		return;
	}
	live_touch(p, at, table, PAGE_SIZE, 0);
	for (u64 i = 0; i < per_worker; i++)
		live_touch(p, slices + i * pitch * PAGE_SIZE, slice, PAGE_SIZE, 0);
	for (int n = 0; n < WORKERS; n++) {
		w[n] = (struct worker){
			.process = p, .slices = slices, .table = at, .slice = slice,
			.pitch = pitch, .table_pages = table,
			.first_cpu = n * per_worker, .nr_threads = per_worker,
		};
	}
	before = read_events();
	ret = fork_workers(w);
	after = read_events();
	repair_events = (struct repair_events){
		.flush_seconds = after.flush_seconds - before.flush_seconds,
		.faults = after.faults - before.faults,
		.hint_faults = after.hint_faults - before.hint_faults,
	};
	if (ret < 0)
		live_fail(p->run, ret, "fork");
	file_put(file);
}
