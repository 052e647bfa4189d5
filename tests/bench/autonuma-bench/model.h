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
/* What a node's memory gives to everybody together, over what its own CPUs draw. */
#define MODEL_CONTROLLER	1.1

struct model;

/* Who accesses: one simulated thread, bound to a CPU of @node. Owned by that thread. */
struct model_thread {
	struct model *model;
	unsigned int node;
	s64 *weight;		/* share of its time spent on each node, in MODEL_ONE */
	double *time;		/* nanoseconds that the last accesses took on each node */
	bool active;
};

/* The topology must be complete; it may be freed afterwards. NULL when out of memory. */
struct model *model_create(const struct bench_topology *topo);
void model_destroy(struct model *m);

int model_thread_init(struct model_thread *t, struct model *m, unsigned int node);
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

/* Bytes per nanosecond of one of @sharing threads of @node that use their own node only. */
double model_local_rate(const struct model *m, unsigned int node, unsigned int sharing);

#endif /* _BENCH_MODEL_H */
