// SPDX-License-Identifier: GPL-2.0
/*
 * The machine model: elapsed time is bytes divided by bandwidth.
 *
 * Three things limit a thread of node c that works on memory of node n:
 *
 *	its own speed		thread(c) / ratio(c, n), one thread on a core alone
 *	the path c -> n		path(c, n), shared by all threads of c that use n
 *	the memory of n		controller × path(n, n), shared by all that use n
 *
 * "Shared" is processor sharing: each limit is divided by the number of threads
 * using it at the moment, where a thread that spends a third of its time on a node
 * counts there as a third, and one that has a CPU half of the time as half of that.
 * Time fractions come from the thread's accesses before; they follow a change after
 * one step, and in a steady state the bytes served add up to the limit exactly.
 * ratio(c, n) = path(c, c) / path(c, n).  A thread that the scheduler moves to another
 * node takes its load there with its next step.
 *
 * Calibration.  Of two published machines there are figures: one of 2 nodes and 24 CPUs
 * in seconds, one of 4 nodes and 48 CPUs in speed-ups.  The first is limited by the
 * bandwidth of the nodes, because three programs of different shape give the same
 * figure when hard-bound (N threads' first write of all memory is part of the time):
 *
 *	numa02		 1 GiB × 800 loops		in  42 s on 2 nodes: 10.2 GB/s per node
 *	THREAD_ALLOC	 6 GiB × 1000 loops		in 321 s:	     10.0 GB/s
 *	numa01		24 threads × 3 GiB × 50 loops	in 196 s:	      9.9 GB/s
 *
 * MODEL_LOCAL_BANDWIDTH takes the first, so virtual seconds are directly comparable.
 * Bound to the far node they take 81, 623 and 378 s: ratios 1.93, 1.94 and 1.93.
 * MODEL_REMOTE_RATIO is 1.9, in the middle of the published range of 1.8 to 1.93.
 *
 * The controller is what "none" shows, where all memory is that of one node.  2 nodes:
 *
 *	numa02		 859 GB in  64 s		13.4 GB/s
 *	THREAD_ALLOC	6442 GB and 24 × 3 GiB in 491 s	13.3 GB/s
 *	numa01		24 × 51 × 3 GiB in 305 s	12.9 GB/s
 *
 * which is 1.30 nodes' worth.  There threads wandered and wrote half from near, half from
 * afar; with a controller of c a near one has c / 24 of a node's bandwidth, a far one
 * 1 / 1.9 / 12, and the two together 1.30 / 24 at c = 1.7.
 *
 * Of 4 nodes only the speed-up of AutoNUMA over none is known, 3.67 and 3.55.  What AutoNUMA takes beyond hard binding is the time until memory has moved,
 * which is that of the amount of memory and not of the number of nodes: 3 s for numa02
 * (45 - 42) and 7 s for THREAD_ALLOC (328 - 321).  With 10.2 GB/s per node hard binding
 * on 4 nodes takes 859 / 40.8 = 21.1 s and (6442 + 48 × 3.2) / 40.8 = 161.7 s, hence
 *
 *	numa02		859 GB in 3.55 × (21.1 + 3) s		10.0 GB/s
 *	THREAD_ALLOC	6597 GB in 3.67 × (161.7 + 7) s		10.7 GB/s
 *
 * which is 0.98 and 1.04 of a node's bandwidth.  More than 1.02 cannot be, for then 3.67
 * were out of reach even if memory moved in no time at all once the first write, which
 * all of none's bandwidth limits, is done: 6597 / (10.2 c) / (157.9 + 155 / (10.2 c)).
 * So it is 1.0: a node's memory is as fast as its own CPUs draw it, and placing memory
 * can gain a factor of 4 on 4 nodes.  (Taking the ratio 328 / 321 and 45 / 42 over from
 * 2 nodes instead of the seconds gives 1.06, which the bound above refutes.)  Which of the
 * two a run uses follows from its number of nodes and is printed.
 *
 * For other machines the path's bandwidth follows the distance, linearly in time:
 * ratio = 1 + 0.9 × (distance - 10) / 10.  A measured machine is given by its
 * bandwidths instead (--bandwidths), for example the published 8-node machine whose
 * farthest node was 13 times slower.
 *
 * What this hides: latency (the programs stream), caches (the slices are larger),
 * routes over a third node's links, and page-table walks.
 *
 * Of huge pages, therefore, only what the kernel saves is seen (kernel-compat/exec/cost.c),
 * which is little: the faults of the first writes are most of it.  What programs gain
 * by fewer TLB misses and shorter walks comes on top, but no figure for it at full load
 * was found, and at full load the node's bandwidth is the limit, behind which walks hide.
 * Measured where nothing hides them (one thread, memset() of 64, 256 and 1024 MiB, the best
 * of 40 each; a virtual machine on an EPYC of Zen 3, whose walks are two-dimensional):
 * 411, 595 and 356 ns per 4 KiB in small pages and 325, 467 and 330 ns in huge ones, on
 * a host that had other work.  `make bench` measures the same where it runs (zeroing_huge).
 * So the ratio that --thp prints leaves a gain out.
 *
 * In the published runs without balancing, threads also wandered between the nodes, so
 * on 2 nodes each was remote for half of its time and "none" took 64 s (1.5 × hard).
 * Here they wander only when the load balancer finds a reason, which it hardly does with
 * a thread for each CPU: half of them stay remote for all of their time, the program ends
 * when the last thread does, and "none" comes out near 1.9.  On 4 nodes wandering makes
 * no difference, as the memory of the one node is the limit for everybody.
 */
#include <math.h>
#include <stdlib.h>

#include "model.h"

#define MODEL_ONE	(1 << 20)	/* one thread, all of its time */

struct model {
	unsigned int nr_nodes;
	double controller;
	double *thread;		/* [node] one thread alone on its core, own node's memory */
	double *path;		/* [from * nr_nodes + to] */
	s64 *path_load;		/* the same; threads there in units of MODEL_ONE, atomic */
	s64 *node_load;		/* [node]; the sum over all paths to it, atomic */
};

const struct model_calibration *model_calibration(unsigned int nr_nodes)
{
	static const struct model_calibration two = { "2 nodes, 24 CPUs", 1.7 };
	static const struct model_calibration four = { "4 nodes, 48 CPUs", 1.0 };

	return nr_nodes > 2 ? &four : &two;
}

struct model *model_create(const struct bench_topology *topo)
{
	struct model *m = calloc(1, sizeof(*m));
	size_t n = topo->nr_nodes;
	unsigned int *cpus;

	if (!m)
		return NULL;
	m->nr_nodes = n;
	m->controller = model_calibration(n)->controller;
	m->thread = calloc(n, sizeof(*m->thread));
	m->path = calloc(n * n, sizeof(*m->path));
	m->path_load = calloc(n * n, sizeof(*m->path_load));
	m->node_load = calloc(n, sizeof(*m->node_load));
	cpus = calloc(n, sizeof(*cpus));
	if (!m->thread || !m->path || !m->path_load || !m->node_load || !cpus) {
		free(cpus);
		model_destroy(m);
		return NULL;
	}
	for (unsigned int c = 0; c < topo->nr_cpus; c++)
		cpus[topo->cpu_node[c]]++;
	for (size_t i = 0; i < n * n; i++) {
		double ratio = 1 + (MODEL_REMOTE_RATIO - 1) * (topo->distance[i] - 10) / 10;

		m->path[i] = topo->bandwidth ? topo->bandwidth[i] :
					       MODEL_LOCAL_BANDWIDTH / ratio;
	}
	for (size_t i = 0; i < n; i++) {
		unsigned int cores = cpus[i] / topo->threads_per_core;

		/* Siblings of a core share what one of them can draw alone. */
		m->thread[i] = m->path[i * n + i] / (cores ? cores : 1);
	}
	free(cpus);
	return m;
}

void model_destroy(struct model *m)
{
	if (!m)
		return;
	free(m->thread);
	free(m->path);
	free(m->path_load);
	free(m->node_load);
	free(m);
}

int model_thread_init(struct model_thread *t, struct model *m, unsigned int node)
{
	t->model = m;
	t->node = node;
	t->share = 1;
	t->active = false;
	t->weight = calloc(m->nr_nodes, sizeof(*t->weight));
	t->time = calloc(m->nr_nodes, sizeof(*t->time));
	return t->weight && t->time ? 0 : -1;
}

/* Make the thread count on @to with @weight from now on. */
static void set_weight(struct model_thread *t, unsigned int to, s64 weight)
{
	struct model *m = t->model;
	s64 delta = weight - t->weight[to];

	if (!delta)
		return;
	t->weight[to] = weight;
	__atomic_fetch_add(&m->path_load[t->node * m->nr_nodes + to], delta,
			   __ATOMIC_RELAXED);
	__atomic_fetch_add(&m->node_load[to], delta, __ATOMIC_RELAXED);
}

void model_thread_move(struct model_thread *t, unsigned int node)
{
	struct model *m = t->model;

	if (node == t->node)
		return;
	for (unsigned int n = 0; n < m->nr_nodes; n++) {
		if (!t->weight[n])
			continue;
		__atomic_fetch_sub(&m->path_load[t->node * m->nr_nodes + n], t->weight[n],
				   __ATOMIC_RELAXED);
		__atomic_fetch_add(&m->path_load[node * m->nr_nodes + n], t->weight[n],
				   __ATOMIC_RELAXED);
	}
	t->node = node;
}

/* Half of what is remembered is of the last step; kernel work in it is not worth seeing. */
void model_thread_ran(struct model_thread *t, u64 ns, u64 passed)
{
	double share = passed > ns + ns / 32 ? (double)ns / passed : 1;

	t->share = (t->share + share) / 2;
}

void model_thread_exit(struct model_thread *t)
{
	for (unsigned int n = 0; t->weight && n < t->model->nr_nodes; n++)
		set_weight(t, n, 0);
	free(t->weight);
	free(t->time);
	t->weight = NULL;
	t->time = NULL;
}

/* Threads' worth of load; never below @least, the asker's own share. */
static double load(const s64 *word, double least)
{
	double n = (double)__atomic_load_n(word, __ATOMIC_RELAXED) / MODEL_ONE;

	return n > least ? n : least;
}

/* Nanoseconds for @bytes on node @to under the present load. */
static double access_time(const struct model_thread *t, unsigned int to, u64 bytes)
{
	const struct model *m = t->model;
	size_t i = t->node * m->nr_nodes + to;
	double own = (double)t->weight[to] / MODEL_ONE;
	double least = own > 1e-3 ? own : 1e-3, rate, shared;

	rate = m->thread[t->node] * m->path[i] / m->path[t->node * (m->nr_nodes + 1)];
	shared = m->path[i] / load(&m->path_load[i], least);
	rate = shared < rate ? shared : rate;
	shared = m->controller * m->path[to * (m->nr_nodes + 1)] /
		 load(&m->node_load[to], least);
	rate = shared < rate ? shared : rate;
	return bytes / rate;
}

/*
 * Spread the thread's weight over the nodes in proportion to the time it takes there.
 * Returns that time.
 */
static double reweigh(struct model_thread *t, const u64 *bytes)
{
	unsigned int nodes = t->model->nr_nodes;
	double total = 0;

	for (unsigned int n = 0; n < nodes; n++) {
		t->time[n] = bytes[n] ? access_time(t, n, bytes[n]) : 0;
		total += t->time[n];
	}
	for (unsigned int n = 0; total > 0 && n < nodes; n++)
		set_weight(t, n, llround(t->share * t->time[n] / total * MODEL_ONE));
	return total;
}

u64 model_access(struct model_thread *t, const u64 *bytes)
{
	/* The first accesses find no weight of this thread yet. */
	if (!t->active)
		reweigh(t, bytes);
	t->active = true;
	return llround(reweigh(t, bytes));
}

double model_local_rate(const struct model *m, unsigned int node, unsigned int sharing)
{
	double shared = m->path[node * (m->nr_nodes + 1)] / (sharing ? sharing : 1);

	return shared < m->thread[node] ? shared : m->thread[node];
}

u64 model_alone(const struct model *m, unsigned int node, const u64 *bytes)
{
	const double *path = &m->path[(size_t)node * m->nr_nodes];
	double ns = 0;

	for (unsigned int n = 0; n < m->nr_nodes; n++)
		ns += bytes[n] / (m->thread[node] * path[n] / path[node]);
	return llround(ns);
}
