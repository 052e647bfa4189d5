/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shrinkers: asked to free memory when an allocation runs short.
 *
 * same: shrinker_alloc(), shrinker_register(), shrinker_free(), count_objects() and
 *	scan_objects() with SHRINK_EMPTY and SHRINK_STOP, SHRINKER_NUMA_AWARE.
 * model: shrink_slab() scans what count_objects() says, shifted right by the priority
 *	and in batches; there is no sharing out by seeks, no deferred work, and no
 *	memory cgroup.  Registered shrinkers are a list under a rwsem instead of RCU.
 */
#ifndef _LINUX_SHRINKER_H
#define _LINUX_SHRINKER_H

#include <linux/list.h>
#include <linux/types.h>

struct mem_cgroup;

#define SHRINKER_REGISTERED	(1 << 0)
#define SHRINKER_ALLOCATED	(1 << 1)
#define SHRINKER_NUMA_AWARE	(1 << 2)
#define SHRINKER_MEMCG_AWARE	(1 << 3)
#define SHRINKER_NONSLAB	(1 << 4)

#define SHRINK_STOP	(~0UL)		/* no progress is possible now */
#define SHRINK_EMPTY	(~0UL - 1)	/* there is nothing to count */
#define SHRINK_BATCH	128
#define DEFAULT_SEEKS	2
#define DEF_PRIORITY	12

/**
 * struct shrink_control - one request
 * @gfp_mask:	of the allocation that runs short
 * @nid:	node to free memory of; 0 unless SHRINKER_NUMA_AWARE
 * @nr_to_scan:	objects to look at, set before each scan_objects()
 * @nr_scanned:	objects looked at; scan_objects() may correct it
 * @memcg:	NULL
 */
struct shrink_control {
	gfp_t gfp_mask;
	int nid;
	unsigned long nr_to_scan;
	unsigned long nr_scanned;
	struct mem_cgroup *memcg;
};

/**
 * struct shrinker - a cache that can be made smaller
 * @count_objects: how many objects could be freed, 0 or SHRINK_EMPTY: none
 * @scan_objects:  free some; how many were, or SHRINK_STOP
 * @batch:	objects per scan_objects(), 0 means SHRINK_BATCH
 * @seeks:	cost of making an object again; ignored
 * @flags:	SHRINKER_*
 * @private_data: the owner's
 */
struct shrinker {
	unsigned long (*count_objects)(struct shrinker *shrink, struct shrink_control *sc);
	unsigned long (*scan_objects)(struct shrinker *shrink, struct shrink_control *sc);
	long batch;
	int seeks;
	unsigned int flags;
	void *private_data;
	const char *name;
	struct list_head list;
};

/* NULL without memory. */
__printf(2, 3) struct shrinker *shrinker_alloc(unsigned int flags, const char *fmt, ...);
void shrinker_register(struct shrinker *shrinker);
/* Unregisters it if need be; waits until no shrink_slab() runs. */
void shrinker_free(struct shrinker *shrinker);

/**
 * shrink_slab() - ask every shrinker to free memory
 * @gfp_mask:	passed on
 * @nid:	node
 * @memcg:	NULL
 * @priority:	each scans its objects / 2^priority, at least one; 0: all
 *
 * Return: how many objects were freed.
 * Context: may sleep. Returns 0 at once when shrinkers are being (un)registered.
 */
unsigned long shrink_slab(gfp_t gfp_mask, int nid, struct mem_cgroup *memcg, int priority);

#endif /* _LINUX_SHRINKER_H */
