// SPDX-License-Identifier: GPL-2.0
/*
 * What is measured, the same on both machines.
 *
 * All processes have a few pages of memory and sleep.  Then knuma_scand passes over all of
 * them, and nothing else runs: what the host's CPU does meanwhile, for each entry that was
 * looked at, is a scan step with its share of going from one process to the next.  Two
 * processes more do what is measured of faults and decisions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/stringify.h>
#include <machine/machine.h>
#include <machine/program.h>
#include <machine/sysfs.h>

#include "large.h"

#define PAGES		32UL		/* of each sleeping process */
#define FAULT_PAGES	4096UL		/* of the one that takes faults */
#define ROUNDS		9
#define PASS_MSECS	3000
#define NODE_BYTES	(64ULL << 20)
#define KNOBS		"/sys/kernel/mm/autonuma/"

static struct completion release;
static atomic_t asleep, failed;
static double scan_ns[ROUNDS], fault_ns[ROUNDS];

static int knob(const char *name, const char *value)
{
	char path[96];

	snprintf(path, sizeof(path), KNOBS "%s", name);
	if (sysfs_write_file(path, value, strlen(value)) >= 0)
		return 0;
	fprintf(stderr, "bench-large: %s does not take %s\n", path, value);
	return -1;
}

static unsigned long long counter(const char *name)
{
	char path[96], text[64] = "";

	snprintf(path, sizeof(path), KNOBS "%s", name);
	sysfs_read_file(path, text, sizeof(text));
	return strtoull(text, NULL, 10);
}

/* A process that has memory and sleeps until the end. */
static int sleeper(void *arg)
{
	long addr = sys_mmap(0, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);

	if (addr < 0 || user_touch_range(addr, PAGES * PAGE_SIZE, true, 0, NULL))
		atomic_inc(&failed);
	atomic_inc(&asleep);
	wait_for_completion(&release);
	return 0;
}

/*
 * Let virtual time go on for longer than the longest scan period, six pauses between passes,
 * so that every process is scanned.  Returns ns for each entry, < 0 if some were not.
 */
static double time_a_period(unsigned int processes)
{
	unsigned long long before = counter("pages_scanned"), scanned;
	double start = host_ns(), ns;

	msleep(7 * PASS_MSECS);
	ns = host_ns() - start;
	scanned = counter("pages_scanned") - before;
	if (scanned >= processes * PAGES)
		return ns / scanned;
	fprintf(stderr, "bench-large: %llu entries were scanned, not those of all processes\n",
		scanned);
	return -1;
}

/* What else the host does only adds to it. */
static double least(const double *ns)
{
	double best = ns[0];

	for (unsigned int i = 1; i < ROUNDS; i++)
		best = ns[i] < best ? ns[i] : best;
	return best;
}

static int measure_scan(struct large_machine *m)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		scan_ns[i] = time_a_period(m->processes);
		if (scan_ns[i] < 0)
			return -1;
	}
	m->scan_ns = least(scan_ns);
	return 0;
}

/* Wait until all of the process's memory is marked, then touch it. */
static int fault_program(void *arg)
{
	unsigned long len = FAULT_PAGES * PAGE_SIZE;
	long addr = sys_mmap(0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	unsigned int done = 0;

	if (addr < 0 || user_touch_range(addr, len, true, 0, NULL))
		return 1;
	for (unsigned int tries = 0; done < ROUNDS && tries < 2000; tries++) {
		unsigned long long before;
		double start, ns;

		msleep(200);
		before = counter("hint_faults");
		start = host_thread_ns();
		if (user_touch_range(addr, len, true, 0, NULL))
			return 1;
		ns = host_thread_ns() - start;
		if (counter("hint_faults") - before == FAULT_PAGES)
			fault_ns[done++] = ns / FAULT_PAGES;
	}
	return done < ROUNDS;
}

static int measure_fault(struct large_machine *m)
{
	/* Where the sleeping processes have not filled memory. */
	struct task_struct *p = program_start_on(m->cpus - 1, "faults", fault_program, NULL);

	if (!p || program_wait(p)) {
		fprintf(stderr, "bench-large: hinting faults could not be measured\n");
		return -1;
	}
	m->fault_ns = least(fault_ns);
	return 0;
}

static int measure_all(struct large_machine *m)
{
	if (knob("scan_pmd", "0") || knob("pages_to_scan", "100000000") ||
	    knob("scan_sleep_pass_millisecs", __stringify(PASS_MSECS)))
		return -1;
	if (measure_scan(m) || measure_fault(m) || knob("balance_interval_millisecs", "20"))
		return -1;
	m->decision_ns = large_decision_ns();
	return 0;
}

/* Start them all and wait until they sleep; returns how many there are. */
static unsigned int start_sleepers(struct task_struct **task, unsigned int nr)
{
	unsigned int n;

	for (n = 0; n < nr; n++) {
		task[n] = program_start("sleeper", sleeper, NULL);
		if (!task[n])
			break;
		/* Not too many at once: the host has few CPUs for all of them. */
		while (atomic_read(&asleep) + 64 < (int)n)
			msleep(1);
	}
	while (atomic_read(&asleep) < (int)n)
		msleep(1);
	return n;
}

int large_measure(struct large_machine *m)
{
	struct machine_config cfg = {
		.nr_nodes = m->nodes, .nr_cpus = m->cpus, .seed = 1, .threads_per_core = 1,
		.bytes_per_node = NODE_BYTES,
	};
	struct task_struct **task = calloc(m->processes, sizeof(*task));
	double start = host_ns();
	unsigned int n;
	int ret = -1;

	/* All processes' pages fit, also on few nodes. */
	if ((u64)m->processes * 64 * PAGE_SIZE > m->nodes * NODE_BYTES / 2)
		cfg.bytes_per_node = (u64)m->processes * 128 * PAGE_SIZE / m->nodes;
	cfg.bytes_per_node = (cfg.bytes_per_node + NODE_BYTES - 1) / NODE_BYTES * NODE_BYTES;
	if (!task || machine_boot(&cfg)) {
		fprintf(stderr, "bench-large: the machine of %u nodes does not boot\n", m->nodes);
		free(task);
		return -1;
	}
	init_completion(&release);
	atomic_set(&asleep, 0);
	atomic_set(&failed, 0);
	n = start_sleepers(task, m->processes);
	m->boot_s = (host_ns() - start) / 1e9;
	m->resident = host_resident();
	if (n < m->processes || atomic_read(&failed))
		fprintf(stderr, "bench-large: only %u processes of %u can be\n",
			n - atomic_read(&failed), m->processes);
	else
		ret = measure_all(m);
	complete_all(&release);
	while (n--)
		program_wait(task[n]);
	machine_shutdown();
	free(task);
	return ret;
}
