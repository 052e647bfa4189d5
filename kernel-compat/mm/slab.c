// SPDX-License-Identifier: GPL-2.0
/*
 * Slab caches on memory of the machine's arena (exec/host_memory.h): every object has a header
 * that says whose it is, and red zones around it.
 */
#include <string.h>

#include "asan.h"
#include "pages.h"
#include "slab.h"
#include <engine/engine.h>
#include <exec/hooks.h>
#include <exec/host_memory.h>
#include <linux/bug.h>
#include <linux/fault-inject.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/smp.h>
#include <linux/topology.h>
#include <machine/machine.h>
#include <machine/pages.h>
#include <machine/violation.h>

struct slab_shard slab_shards[SLAB_SHARDS];
struct xlock slab_caches_lock;
LIST_HEAD(slab_caches);
struct kmem_cache kmalloc_cache = {
	.name = "kmalloc",
	.boot = true,
	.free_objects = LIST_HEAD_INIT(kmalloc_cache.free_objects),
};

static unsigned long since_boot;	/* atomic: live objects that boot did not leave */
static bool shards_ready;

/* Lists of the shards; before the first machine boots, kmalloc() already works. */
static __attribute__((constructor)) void init_shards(void)
{
	unsigned int i;

	for (i = 0; i < SLAB_SHARDS; i++) {
		INIT_LIST_HEAD(&slab_shards[i].live);
		INIT_LIST_HEAD(&slab_shards[i].quarantine);
	}
	shards_ready = true;
}

/* Host memory for one object, header filled in as far as it never changes. */
static struct slab_header *new_object(struct kmem_cache *s, size_t size, size_t align)
{
	size_t room = round_up(size + SLAB_RED_BYTES, 8);
	size_t front = sizeof(struct slab_header);
	struct slab_header *h;
	void *host;

	if (align <= 16) {
		host = host_alloc(front + room);
	} else {
		front = round_up(front, align);
		host = host_aligned(align, front + room);
	}
	if (!host)
		return NULL;
	h = slab_header((char *)host + front);
	h->host = host;
	h->room = room;
	h->cache = s;
	return h;
}

/* A recycled object of a SLAB_TYPESAFE_BY_RCU cache, or NULL. */
static struct slab_header *reuse_object(struct kmem_cache *s)
{
	struct slab_header *h;

	xlock(&s->lock);
	h = list_first_entry_or_null(&s->free_objects, struct slab_header, node);
	if (h)
		list_del(&h->node);
	xunlock(&s->lock);
	return h;
}

/* Make an object live: owner, stack, lists, counters. */
static void object_live(struct slab_header *h, size_t size, int nid)
{
	unsigned int cpu = current ? raw_smp_processor_id() : 0;
	struct slab_shard *shard = &slab_shards[cpu % SLAB_SHARDS];

	if (nid == NUMA_NO_NODE && node_data && current)
		nid = numa_mem_id();
	h->size = size;
	h->pid = current ? current->pid : 0;
	h->shard = cpu % SLAB_SHARDS;
	h->nid = node_data ? nid : NUMA_NO_NODE;
	h->boot = !pages_boot_done;
	memset(h->alloc_ips, 0, sizeof(h->alloc_ips));
	stack_save(h->alloc_ips, SLAB_STACK);
	memory_object(slab_object(h), size);
	__atomic_store_n(&h->magic, SLAB_MAGIC_LIVE, __ATOMIC_RELAXED);
	__atomic_fetch_add(&h->cache->live, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&since_boot, !h->boot, __ATOMIC_RELAXED);
	if (h->nid >= 0)
		mod_node_page_state(NODE_DATA(h->nid), NR_SLAB_UNRECLAIMABLE_B, size);
	xlock(&shard->lock);
	list_add_tail(&h->node, &shard->live);
	xunlock(&shard->lock);
}

/* An object of @s, not yet zeroed. */
static void *alloc_object(struct kmem_cache *s, size_t size, size_t align, gfp_t flags,
			  int nid)
{
	struct slab_header *h = NULL;
	void *object;

	exec_point(EXEC_POINT_ALLOC, s);
	might_alloc(flags);
	if (should_failslab(s, flags))
		return NULL;
	if (s->flags & SLAB_TYPESAFE_BY_RCU)
		h = reuse_object(s);
	if (h) {
		object = slab_object(h);
		object_live(h, size, nid);
	} else {
		h = new_object(s, size, align);
		if (!h)
			return NULL;
		object = slab_object(h);
		h->size = size;
		slab_prepare_new(h);
		if (s->ctor)
			s->ctor(object);
		object_live(h, size, nid);
	}
	if (flags & __GFP_ZERO)
		memset(object, 0, size);
	return object;
}

unsigned long exec_slab_since_boot(void)
{
	return __atomic_load_n(&since_boot, __ATOMIC_RELAXED);
}

/* Was an object written that rests? Under ASan that has been said already. */
bool exec_slab_rest_written(void)
{
	struct slab_header *h;
	unsigned int i;

	for (i = 0; i < SLAB_SHARDS && !ASAN_ON; i++)
		list_for_each_entry(h, &slab_shards[i].quarantine, node)
			if (slab_was_written(h))
				return true;
	return false;
}

static void return_object(struct slab_header *h)
{
	asan_unpoison(h, sizeof(*h) + h->room);
	host_free(h->host);
}

/* Rest a freed object; returns those whose rest is over, linked by node. */
static void quarantine(struct slab_header *h, struct list_head *over)
{
	struct slab_shard *shard = &slab_shards[h->shard];

	xlock(&shard->lock);
	list_move_tail(&h->node, &shard->quarantine);
	shard->quarantine_bytes += h->room;
	shard->quarantine_nr++;
	while (shard->quarantine_bytes > QUARANTINE_BYTES ||
	       shard->quarantine_nr > QUARANTINE_NR) {
		h = list_first_entry(&shard->quarantine, struct slab_header, node);
		shard->quarantine_bytes -= h->room;
		shard->quarantine_nr--;
		list_move_tail(&h->node, over);
	}
	xunlock(&shard->lock);
}

/*
 * Give objects back to the host and report the first that was written meanwhile, last,
 * because a report may not return.
 */
static void free_rested(struct list_head *over)
{
	struct slab_header *h, *next, bad;
	void *object = NULL;

	list_for_each_entry_safe(h, next, over, node) {
		if (slab_was_written(h) && !object) {
			object = slab_object(h);
			bad = *h;
		}
		return_object(h);
	}
	if (object)
		slab_written(&bad, object);
}

/* Free an object that slab_take_for_free() has checked and claimed. */
static void free_object(struct slab_header *h)
{
	struct kmem_cache *s = h->cache;
	LIST_HEAD(over);

	memory_forget(slab_object(h), h->size);
	__atomic_fetch_sub(&s->live, 1, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&since_boot, !h->boot, __ATOMIC_RELAXED);
	if (h->nid >= 0 && node_data)
		mod_node_page_state(NODE_DATA(h->nid), NR_SLAB_UNRECLAIMABLE_B, -(long)h->size);
	if (s->flags & SLAB_TYPESAFE_BY_RCU) {
		struct slab_shard *shard = &slab_shards[h->shard];

		xlock(&shard->lock);
		list_del(&h->node);
		xunlock(&shard->lock);
		xlock(&s->lock);
		list_add(&h->node, &s->free_objects);
		xunlock(&s->lock);
		return;
	}
	slab_poison_free(h);
	quarantine(h, &over);
	free_rested(&over);
}

void *kmem_cache_alloc_node(struct kmem_cache *s, gfp_t flags, int node)
{
	WARN_ON_ONCE(s->ctor && flags & __GFP_ZERO);
	return alloc_object(s, s->size, s->align, flags, node);
}

void *kmem_cache_alloc(struct kmem_cache *s, gfp_t flags)
{
	return kmem_cache_alloc_node(s, flags, NUMA_NO_NODE);
}

void kmem_cache_free(struct kmem_cache *s, void *objp)
{
	exec_point(EXEC_POINT_ALLOC, s);
	if (objp && slab_take_for_free(s, objp))
		free_object(slab_header(objp));
}

int kmem_cache_alloc_bulk(struct kmem_cache *s, gfp_t flags, size_t nr, void **p)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		p[i] = kmem_cache_alloc(s, flags);
		if (!p[i]) {
			kmem_cache_free_bulk(s, i, p);
			return 0;
		}
	}
	return nr;
}

void kmem_cache_free_bulk(struct kmem_cache *s, size_t nr, void **p)
{
	size_t i;

	for (i = 0; i < nr; i++)
		kmem_cache_free(s, p[i]);
}

/* Alignment 6.12 promises: the largest power of two that divides the size. */
static size_t kmalloc_align(size_t size)
{
	size_t align = size & -size;

	return clamp(align, (size_t)ARCH_KMALLOC_MINALIGN, (size_t)PAGE_SIZE);
}

void *kmalloc_node(size_t size, gfp_t flags, int node)
{
	if (unlikely(size > KMALLOC_MAX_SIZE)) {
		WARN_ON_ONCE(!(flags & __GFP_NOWARN));
		return NULL;
	}
	if (unlikely(!size))
		return ZERO_SIZE_PTR;
	return alloc_object(&kmalloc_cache, size, kmalloc_align(size), flags, node);
}

void *kmalloc(size_t size, gfp_t flags)
{
	return kmalloc_node(size, flags, NUMA_NO_NODE);
}

void kfree(const void *objp)
{
	exec_point(EXEC_POINT_ALLOC, objp);
	if (ZERO_OR_NULL_PTR(objp))
		return;
	if (slab_take_for_free(NULL, objp))
		free_object(slab_header(objp));
}

void *kvmalloc_node(size_t size, gfp_t flags, int node)
{
	if (unlikely(size > INT_MAX)) {
		WARN_ON_ONCE(!(flags & __GFP_NOWARN));
		return NULL;
	}
	if (unlikely(!size))
		return ZERO_SIZE_PTR;
	return alloc_object(&kmalloc_cache, size, kmalloc_align(size), flags, node);
}

void kvfree(const void *addr)
{
	kfree(addr);
}

void kfree_sensitive(const void *objp)
{
	if (!ZERO_OR_NULL_PTR(objp))
		memset((void *)objp, 0, slab_header(objp)->size);
	kfree(objp);
}

size_t ksize(const void *objp)
{
	return ZERO_OR_NULL_PTR(objp) ? 0 : slab_header(objp)->size;
}

/* Shrinks in place, grows by copying. */
void *krealloc(const void *p, size_t new_size, gfp_t flags)
{
	struct slab_header *h;
	void *new;

	if (!new_size) {
		kfree(p);
		return ZERO_SIZE_PTR;
	}
	if (ZERO_OR_NULL_PTR(p))
		return kmalloc(new_size, flags);
	h = slab_header(p);
	if (new_size <= h->size) {
		if (h->nid >= 0)
			mod_node_page_state(NODE_DATA(h->nid), NR_SLAB_UNRECLAIMABLE_B,
					    (long)new_size - (long)h->size);
		h->size = new_size;
		slab_set_red_zones(h);
		return (void *)p;
	}
	new = kmalloc(new_size, flags);
	if (new) {
		memcpy(new, p, h->size);
		kfree(p);
	}
	return new;
}

struct kmem_cache *__kmem_cache_create_args(const char *name, unsigned int object_size,
					    struct kmem_cache_args *args, slab_flags_t flags)
{
	unsigned int align = max(args->align, (unsigned int)sizeof(void *));
	struct kmem_cache *s;

	might_sleep();
	if (WARN_ON(!name || !object_size || object_size > KMALLOC_MAX_SIZE))
		return NULL;
	s = should_failslab(NULL, GFP_KERNEL) ? NULL : host_zalloc(1, sizeof(*s));
	if (!s) {
		if (flags & SLAB_PANIC)
			violation(VIOLATION_BUG, "kmem_cache_create(%s): out of memory", name);
		return NULL;
	}
	if (flags & SLAB_HWCACHE_ALIGN)
		align = max(align, object_size > 32 ? 64U :
			    (unsigned int)__roundup_pow_of_two(object_size));
	s->name = host_strdup(name);
	s->size = object_size;
	s->align = align;
	s->flags = flags;
	s->ctor = args->ctor;
	s->boot = !pages_boot_done;
	INIT_LIST_HEAD(&s->free_objects);
	xlock(&slab_caches_lock);
	list_add_tail(&s->node, &slab_caches);
	xunlock(&slab_caches_lock);
	return s;
}

/* Host memory of a cache without live objects. */
static void release_cache(struct kmem_cache *s)
{
	struct slab_header *h, *next;

	list_for_each_entry_safe(h, next, &s->free_objects, node)
		return_object(h);
	host_free((char *)s->name);
	host_free(s);
}

/* Objects in quarantine point to their cache only by name here, see slab_header.cache. */
static void forget_quarantined(struct kmem_cache *s)
{
	struct slab_header *h;
	unsigned int i;

	for (i = 0; i < SLAB_SHARDS; i++) {
		xlock(&slab_shards[i].lock);
		list_for_each_entry(h, &slab_shards[i].quarantine, node)
			if (h->cache == s)
				h->cache = &kmalloc_cache;
		xunlock(&slab_shards[i].lock);
	}
}

void kmem_cache_destroy(struct kmem_cache *s)
{
	long live;

	if (!s)
		return;
	might_sleep();
	/* Readers may look at free objects. */
	if (s->flags & SLAB_TYPESAFE_BY_RCU)
		synchronize_rcu();
	live = __atomic_load_n(&s->live, __ATOMIC_RELAXED);
	if (live) {
		violation(VIOLATION_SLAB, "kmem_cache_destroy(%s): %ld objects are in use",
			  s->name, live);
		return;
	}
	xlock(&slab_caches_lock);
	list_del(&s->node);
	xunlock(&slab_caches_lock);
	forget_quarantined(s);
	release_cache(s);
}

int kmem_cache_shrink(struct kmem_cache *s)
{
	return 0;
}

unsigned int kmem_cache_size(struct kmem_cache *s)
{
	return s->size;
}

/*
 * Power off: what initcalls allocated and kept goes with the machine.  Comes down last,
 * because other subsystems free theirs in their halt().
 */
static void slab_halt(void)
{
	struct slab_header *h, *next_h;
	struct kmem_cache *s, *next_s;
	unsigned int i;

	for (i = 0; i < SLAB_SHARDS; i++) {
		struct slab_shard *shard = &slab_shards[i];

		free_rested(&shard->quarantine);
		list_for_each_entry_safe(h, next_h, &shard->live, node)
			return_object(h);
		INIT_LIST_HEAD(&shard->live);
		INIT_LIST_HEAD(&shard->quarantine);
		shard->quarantine_bytes = 0;
		shard->quarantine_nr = 0;
	}
	list_for_each_entry_safe(s, next_s, &slab_caches, node)
		release_cache(s);
	INIT_LIST_HEAD(&slab_caches);
	kmalloc_cache.live = 0;
	since_boot = 0;
}
MACHINE_SUBSYS(slab, -100, NULL, NULL, slab_halt);
