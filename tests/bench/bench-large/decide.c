// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of a placement decision that has much to look at and changes nothing.
 *
 * The last four nodes of the machine are used, where the sleeping processes have not filled
 * memory.  One thread runs on the first of these; its memory, which its policy keeps where
 * it is, is on the other three.  On each CPU of these another thread of the same process is busy with
 * memory of its own, on its node.  So the first thread gains on three nodes, every CPU
 * that it looks at runs a task with more right to be there, and it stays.
 *
 * Between two decisions it sleeps, so that no tick takes one for it, and then does what the
 * tick does.
 */
#include <stdio.h>
#include <stdlib.h>

#include <linux/autonuma.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/topology.h>
#include <machine/program.h>

#include "large.h"

#define NODES		4
#define OWN_PAGES	64UL		/* of a busy thread */
#define PART_PAGES	512UL		/* of the first thread on each node but 0 */
#define BUSY_NS		20000000ULL
#define DECISIONS	201
#define WARM_UP		100		/* tenths of a second with decisions before measuring */
#define PATIENCE	2000		/* and at most until the first one */

struct crowd {
	bool stop;
	unsigned int started;
	long tid[256];
	double ns;
};

static bool done(struct crowd *c)
{
	return __atomic_load_n(&c->stop, __ATOMIC_RELAXED);
}

static long map(unsigned long pages)
{
	return sys_mmap(0, pages * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			NULL, 0);
}

static int lowest_node(void)
{
	return nr_node_ids - NODES;
}

/* All CPUs of the nodes that matter. */
static void allow_all(void)
{
	cpumask_t mask;

	cpumask_clear(&mask);
	for (int nid = lowest_node(); nid < nr_node_ids; nid++)
		cpumask_or(&mask, &mask, cpumask_of_node(nid));
	sys_sched_setaffinity(0, &mask);
}

/* Starts on its CPU, and stays because all it uses is there. */
static int busy(void *arg)
{
	struct crowd *c = arg;
	long addr = map(OWN_PAGES);

	if (addr < 0)
		return 1;
	user_touch_range(addr, OWN_PAGES * PAGE_SIZE, true, 0, NULL);
	allow_all();
	while (!done(c)) {
		user_compute(BUSY_NS);
		user_touch_range(addr, OWN_PAGES * PAGE_SIZE, true, 0, NULL);
	}
	return 0;
}

/* Memory on each of the nodes but the first, which stays there. */
static long map_parts(void)
{
	unsigned long len = PART_PAGES * PAGE_SIZE;
	nodemask_t all = NODE_MASK_NONE;
	long addr = map((NODES - 1) * PART_PAGES), ret = 0;

	for (int i = 1; addr > 0 && !ret && i < NODES; i++) {
		int nid = lowest_node() + i;
		nodemask_t one = NODE_MASK_NONE;

		node_set(nid, one);
		node_set(nid, all);
		ret = sys_set_mempolicy(MPOL_BIND, &one);
		if (!ret)
			ret = user_touch_range(addr + (i - 1) * len, len, true, 0, NULL);
	}
	if (!ret)
		ret = sys_set_mempolicy(MPOL_BIND, &all);
	return ret ? ret : addr;
}

static int start_crowd(struct crowd *c)
{
	for (int nid = lowest_node() + 1; nid < nr_node_ids; nid++) {
		unsigned int cpu;

		for_each_cpu(cpu, cpumask_of_node(nid)) {
			if (c->started == ARRAY_SIZE(c->tid))
				return -1;
			c->tid[c->started] = sys_clone_thread(busy, c, cpu);
			if (c->tid[c->started] < 0)
				return -1;
			c->started++;
		}
	}
	return 0;
}

/* ns of a way back to user mode, with a decision on it or without. */
static double way_back(bool decide)
{
	double start = host_thread_ns();

	if (decide)
		autonuma_task_tick(current);
	user_compute(1);
	return host_thread_ns() - start;
}

/* Nine of ten took longer: what else the host does only adds. median() sorts. */
static double tenth(double *ns)
{
	median(ns, DECISIONS);
	return ns[DECISIONS / 10];
}

static int measure(struct crowd *c, long addr)
{
	static double with[DECISIONS], without[DECISIONS];
	unsigned long len = (NODES - 1) * PART_PAGES * PAGE_SIZE;

	for (unsigned int i = 0, warm = 0; i < PATIENCE && warm < WARM_UP; i++) {
		if (user_touch_range(addr, len, true, 0, NULL))
			return -1;
		msleep(100);
		way_back(true);
		warm += autonuma_preferred_nid(current) != NUMA_NO_NODE;
	}
	for (unsigned int i = 0; i < DECISIONS; i++) {
		/* Longer than balance_interval_millisecs: one is due. */
		msleep(50);
		without[i] = way_back(false);
		with[i] = way_back(true);
	}
	c->ns = tenth(with) - tenth(without);
	return autonuma_preferred_nid(current) == NUMA_NO_NODE ? -1 : 0;
}

static int first_thread(void *arg)
{
	struct crowd *c = arg;
	long addr = map_parts();
	int ret = -1;

	allow_all();
	if (addr > 0 && !start_crowd(c))
		ret = measure(c, addr);
	__atomic_store_n(&c->stop, true, __ATOMIC_RELAXED);
	while (c->started--)
		sys_wait4(c->tid[c->started]);
	return ret ? 1 : 0;
}

double large_decision_ns(void)
{
	struct crowd *c = calloc(1, sizeof(*c));
	unsigned int cpu = cpumask_first(cpumask_of_node(lowest_node()));
	struct task_struct *p = c ? program_start_on(cpu, "crowd", first_thread, c) : NULL;
	double ns = p && !program_wait(p) ? c->ns : -1;

	free(c);
	if (ns < 0)
		fprintf(stderr, "bench-large: no placement decision was taken\n");
	return ns;
}
