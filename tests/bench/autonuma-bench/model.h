/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long memory accesses take: bandwidth per node and path, shared by whoever
 * uses it at the moment.  Nothing here needs a booted machine.
 */
#ifndef _BENCH_MODEL_H
#define _BENCH_MODEL_H

#include "topology.h"

/* Bytes per nanosecond of one node for its own CPUs; source in model.c. */
#define MODEL_LOCAL_BANDWIDTH	10.2
/* Remote time over local time at SLIT distance 20. */
#define MODEL_REMOTE_RATIO	1.9

/**
 * struct model_calibration - a published machine whose ratios a model has
 * @machine:	which one, for people
 * @controller:	what a node's memory gives to everybody together, over what its own
 *		CPUs draw; derived in model.c
 */
struct model_calibration {
	const char *machine;
	double controller;
};

/* The published machine that is nearest in its number of nodes. */
const struct model_calibration *model_calibration(unsigned int nr_nodes);

struct model;

/*
 * Who accesses: one simulated thread, at present on a CPU of @node. Owned by that
 * thread.  @share is the part of time it has had a CPU of late: a thread that waits
 * for one draws nothing.
 */
struct model_thread {
	struct model *model;
	unsigned int node;
	double share;
	s64 *weight;		/* share of its time spent on each node, in MODEL_ONE */
	double *time;		/* nanoseconds that the last accesses took on each node */
	bool active;
};

/* The topology must be complete; it may be freed afterwards. NULL when out of memory. */
struct model *model_create(const struct bench_topology *topo);
void model_destroy(struct model *m);

int model_thread_init(struct model_thread *t, struct model *m, unsigned int node);
/* The thread runs on a CPU of @node from now on; its load moves with it. */
void model_thread_move(struct model_thread *t, unsigned int node);
/* What model_access() said takes @ns took @passed, for others were on the CPU, too. */
void model_thread_ran(struct model_thread *t, u64 ns, u64 passed);
/* The thread accesses nothing more. */
void model_thread_exit(struct model_thread *t);

/**
 * model_access() - time that accesses take now
 * @t:		who accesses; concurrent calls are for different threads
 * @bytes:	how much on each node, nr_nodes entries
 *
 * Return: nanoseconds, given what all the other threads were last seen to do.
 */
u64 model_access(struct model_thread *t, const u64 *bytes);

/* The same for a thread of @node if nobody else accessed anything. */
u64 model_alone(const struct model *m, unsigned int node, const u64 *bytes);

/* Bytes per nanosecond of one of @sharing threads of @node that use their own node only. */
double model_local_rate(const struct model *m, unsigned int node, unsigned int sharing);

#endif /* _BENCH_MODEL_H */
