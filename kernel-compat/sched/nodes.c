// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of the CPUs of a node without a look at each: which are idle, for which
 * somebody waits, how many tasks there are; and which nodes to look at.
 *
 * Nothing here, and so no decision of the scheduler, takes longer on a machine of more
 * nodes: it looks at its own node, at the SCHED_NEAR nearest ones, and at SCHED_FAR of the
 * others, which are different ones every time.  Counts and bits change one by one and are
 * hints for those who hold no run queue's lock.
 */

#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/topology.h>
#include <machine/machine.h>
#include <exec/host_memory.h>
#include <exec/vcpu.h>

#include "sched.h"

struct rq *runqueues;
static struct sched_node *nodes;
static unsigned int nr_nodes, threads_per_core;
static unsigned int *cpus_of_nodes;	/* the arrays of all nodes, one behind the other */
static unsigned long *bits_of_nodes;
static unsigned int nr_busy;		/* CPUs for which somebody waits; atomic */

struct sched_node *sched_node(int nid)
{
	return &nodes[nid];
}

bool sched_any_busy(void)
{
	return __atomic_load_n(&nr_busy, __ATOMIC_RELAXED);
}

/* Not set_bit(), which is a place where tests hold a task: run queues are locked here. */
static void count_bit(unsigned long *map, unsigned int *nr, unsigned int index, bool set)
{
	unsigned long bit = BIT_MASK(index);

	if (set)
		__atomic_fetch_or(&map[BIT_WORD(index)], bit, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&map[BIT_WORD(index)], ~bit, __ATOMIC_RELAXED);
	__atomic_fetch_add(nr, set ? 1 : -1, __ATOMIC_RELAXED);
}

/* rq->lock held. */
void sched_mark_idle(struct rq *rq, bool idle)
{
	count_bit(rq->node->idle, &rq->node->nr_idle, rq->index, idle);
}

/* @nr tasks run or wait on @rq, whose lock is held. */
void sched_count_running(struct rq *rq, unsigned int nr)
{
	struct sched_node *node = rq->node;
	unsigned int old = rq->nr_running;

	WRITE_ONCE(rq->nr_running, nr);
	__atomic_fetch_add(&node->nr_running, nr - old, __ATOMIC_RELAXED);
	if (!old != !nr && cpu_active(rq->cpu))
		sched_mark_idle(rq, !nr);
	if ((old > 1) != (nr > 1)) {
		count_bit(node->busy, &node->nr_busy, rq->index, nr > 1);
		__atomic_fetch_add(&nr_busy, nr > 1 ? 1 : -1, __ATOMIC_RELAXED);
	}
}

bool sched_may_run_on(const struct task_struct *p, int cpu)
{
	return cpumask_test_cpu(cpu, p->cpus_ptr) && cpu_active(cpu);
}

/* Does no thread of the core do anything? */
static bool core_is_idle(unsigned int cpu)
{
	unsigned int first = cpu - cpu % threads_per_core;

	for (unsigned int i = 0; i < threads_per_core; i++)
		if (!idle_cpu(first + i))
			return false;
	return true;
}

/* Does a thread of the core before @cpu do anything? */
bool sched_core_is_shared(unsigned int cpu)
{
	for (unsigned int first = cpu - cpu % threads_per_core; first < cpu; first++)
		if (!idle_cpu(first))
			return true;
	return false;
}

/* A CPU of @node that @p may use, of a core that is idle; or -1. */
int sched_idle_core(struct sched_node *node, const struct task_struct *p)
{
	int cpu = sched_idle_cpu(node, p);

	return cpu >= 0 && core_is_idle(cpu) ? cpu : -1;
}

/* An idle CPU of @node that @p may use, of an idle core if there is one; or -1. */
int sched_idle_cpu(struct sched_node *node, const struct task_struct *p)
{
	int found = -1;
	unsigned int i;

	if (!READ_ONCE(node->nr_idle))
		return -1;
	for_each_set_bit(i, node->idle, node->nr_cpus) {
		unsigned int cpu = node->cpus[i];

		if (!sched_may_run_on(p, cpu))
			continue;
		if (core_is_idle(cpu))
			return cpu;
		if (found < 0)
			found = cpu;
	}
	return found;
}

/* The CPU of @node with the fewest tasks among those that @p may use; or -1. */
int sched_lightest_cpu(struct sched_node *node, const struct task_struct *p)
{
	unsigned int least = UINT_MAX;
	int found = -1;

	for (unsigned int i = 0; i < node->nr_cpus; i++) {
		unsigned int cpu = node->cpus[i], nr = READ_ONCE(cpu_rq(cpu)->nr_running);

		if (nr < least && sched_may_run_on(p, cpu)) {
			least = nr;
			found = cpu;
		}
	}
	return found;
}

/* Put @nid among the nearest nodes of @home, if it is nearer than the last of them. */
static void add_near(struct sched_node *home, int *nr, int nid)
{
	int distance = node_distance(home->nid, nid), i = *nr;

	if (i < SCHED_NEAR)
		++*nr;
	else if (node_distance(home->nid, home->near[--i]) <= distance)
		return;
	for (; i && node_distance(home->nid, home->near[i - 1]) > distance; i--)
		home->near[i] = home->near[i - 1];
	home->near[i] = nid;
}

/* Once in the life of a machine: the only look at all nodes. */
static void find_near(struct sched_node *home)
{
	int nr = 0;

	xlock(&home->lock);
	if (home->nr_near < 0) {
		for (unsigned int n = 1; n < nr_nodes; n++) {
			int nid = (home->nid + n) % nr_nodes;

			if (nodes[nid].nr_cpus)
				add_near(home, &nr, nid);
		}
		/* Pairs with the acquire in sched_node_nth(). */
		__atomic_store_n(&home->nr_near, nr, __ATOMIC_RELEASE);
	}
	xunlock(&home->lock);
}

/* Where a search begins among the nodes that are not near. */
unsigned int sched_node_start(struct sched_node *home)
{
	if (nr_nodes <= SCHED_NEAR + 1)
		return 0;
	/* An odd number of places: who looks in turns with others sees all of them, too. */
	return __atomic_fetch_add(&home->cursor, 1, __ATOMIC_RELAXED) %
	       ((nr_nodes / SCHED_FAR + 1) | 1) * SCHED_FAR;
}

struct sched_node *sched_node_nth(struct sched_node *home, unsigned int i, unsigned int start)
{
	int nr_near;

	if (!i--)
		return home;
	nr_near = __atomic_load_n(&home->nr_near, __ATOMIC_ACQUIRE);
	if (unlikely(nr_near < 0)) {
		find_near(home);
		nr_near = home->nr_near;
	}
	if (i < nr_near)
		return &nodes[home->near[i]];
	i -= nr_near;
	if (nr_nodes <= SCHED_NEAR + 1 || i >= SCHED_FAR)
		return NULL;
	return &nodes[(home->nid + 1 + start + i) % nr_nodes];
}

void sched_init_rq(struct rq *rq, unsigned int cpu, struct task_struct *idle)
{
	struct sched_node *node = &nodes[cpu_to_node(cpu)];

	rq->cpu = cpu;
	rq->curr = rq->idle = idle;
	rq->timeline = RB_ROOT_CACHED;
	rq->node = node;
	while (node->cpus[rq->index] != cpu)
		rq->index++;
	sched_mark_idle(rq, true);
}

/* Give each node its part of the arrays. */
static void init_nodes(const struct machine_config *cfg)
{
	unsigned long *bits = bits_of_nodes;
	unsigned int *cpus = cpus_of_nodes;

	for (unsigned int cpu = 0; cpu < cfg->nr_cpus; cpu++)
		nodes[cfg->cpu_node[cpu]].nr_cpus++;
	for (unsigned int n = 0; n < nr_nodes; n++) {
		struct sched_node *node = &nodes[n];

		node->nid = n;
		node->nr_near = -1;
		node->cpus = cpus;
		node->idle = bits;
		node->busy = bits + BITS_TO_LONGS(node->nr_cpus);
		cpus += node->nr_cpus;
		bits += 2 * BITS_TO_LONGS(node->nr_cpus);
		node->nr_cpus = 0;
	}
	for (unsigned int cpu = 0; cpu < cfg->nr_cpus; cpu++) {
		struct sched_node *node = &nodes[cfg->cpu_node[cpu]];

		node->cpus[node->nr_cpus++] = cpu;
	}
}

int sched_boot(const struct machine_config *cfg)
{
	nr_nodes = cfg->nr_nodes;
	threads_per_core = cfg->threads_per_core;
	nr_busy = 0;
	runqueues = host_zalloc(cfg->nr_cpus, sizeof(*runqueues));
	nodes = host_zalloc(nr_nodes, sizeof(*nodes));
	cpus_of_nodes = host_zalloc(cfg->nr_cpus, sizeof(*cpus_of_nodes));
	/* At most one word that is not full per node and map. */
	bits_of_nodes = host_zalloc(2 * (cfg->nr_cpus / BITS_PER_LONG + nr_nodes),
			       sizeof(*bits_of_nodes));
	if (!runqueues || !nodes || !cpus_of_nodes || !bits_of_nodes)
		return -ENOMEM;
	init_nodes(cfg);
	return 0;
}

void sched_halt(void)
{
	host_free(runqueues);
	host_free(nodes);
	host_free(cpus_of_nodes);
	host_free(bits_of_nodes);
	runqueues = NULL;
	nodes = NULL;
	cpus_of_nodes = NULL;
	bits_of_nodes = NULL;
}
