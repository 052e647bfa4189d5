// SPDX-License-Identifier: GPL-2.0
/*
 * Shrinkers: registration, and asking all of them.
 */
#include <linux/bug.h>
#include <linux/minmax.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/sprintf.h>

static LIST_HEAD(shrinker_list);
static DECLARE_RWSEM(shrinker_rwsem);

struct shrinker *shrinker_alloc(unsigned int flags, const char *fmt, ...)
{
	struct shrinker *shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);
	va_list ap;

	if (!shrinker)
		return NULL;
	va_start(ap, fmt);
	shrinker->name = kvasprintf(GFP_KERNEL, fmt, ap);
	va_end(ap);
	if (!shrinker->name) {
		kfree(shrinker);
		return NULL;
	}
	shrinker->flags = flags | SHRINKER_ALLOCATED;
	shrinker->seeks = DEFAULT_SEEKS;
	INIT_LIST_HEAD(&shrinker->list);
	return shrinker;
}

void shrinker_register(struct shrinker *shrinker)
{
	if (WARN_ON_ONCE(!(shrinker->flags & SHRINKER_ALLOCATED)))
		return;
	down_write(&shrinker_rwsem);
	list_add_tail(&shrinker->list, &shrinker_list);
	shrinker->flags |= SHRINKER_REGISTERED;
	up_write(&shrinker_rwsem);
}

void shrinker_free(struct shrinker *shrinker)
{
	if (!shrinker)
		return;
	down_write(&shrinker_rwsem);
	if (shrinker->flags & SHRINKER_REGISTERED)
		list_del(&shrinker->list);
	up_write(&shrinker_rwsem);
	kfree(shrinker->name);
	kfree(shrinker);
}

/* One shrinker, batch by batch, until it has scanned its share or will not go on. */
static unsigned long do_shrink_slab(struct shrink_control *sc, struct shrinker *shrinker,
				    int priority)
{
	unsigned long batch = shrinker->batch ?: SHRINK_BATCH;
	unsigned long objects = shrinker->count_objects(shrinker, sc);
	unsigned long left, freed = 0;

	if (!objects || objects == SHRINK_EMPTY)
		return 0;
	left = max(objects >> priority, 1UL);
	while (left) {
		unsigned long nr = min(batch, left), ret;

		sc->nr_to_scan = nr;
		sc->nr_scanned = nr;
		ret = shrinker->scan_objects(shrinker, sc);
		if (ret == SHRINK_STOP)
			break;
		freed += ret;
		left -= min(left, sc->nr_scanned);
		if (!sc->nr_scanned)
			break;
		cond_resched();
	}
	return freed;
}

unsigned long shrink_slab(gfp_t gfp_mask, int nid, struct mem_cgroup *memcg, int priority)
{
	unsigned long freed = 0;
	struct shrinker *shrinker;

	/* an allocation does not wait for whoever registers one, who may allocate too */
	if (!down_read_trylock(&shrinker_rwsem))
		return 0;
	list_for_each_entry(shrinker, &shrinker_list, list) {
		struct shrink_control sc = { .gfp_mask = gfp_mask, .nid = nid };

		if (!(shrinker->flags & SHRINKER_NUMA_AWARE))
			sc.nid = 0;
		freed += do_shrink_slab(&sc, shrinker, priority);
	}
	up_read(&shrinker_rwsem);
	return freed;
}
