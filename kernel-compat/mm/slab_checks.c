// SPDX-License-Identifier: GPL-2.0
/*
 * What must be true of slab objects: red zones, whose they are, that they are freed once,
 * not touched afterwards, and not left over.
 */
#include <stdio.h>
#include <string.h>

#include <exec/sanitizers.h>

/* A build with ASan does not run under valgrind. */
#if defined(__has_include) && !defined(EXEC_ASAN)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif
#ifndef VALGRIND_MAKE_MEM_UNDEFINED
#define RUNNING_ON_VALGRIND			0
#define VALGRIND_MAKE_MEM_UNDEFINED(addr, len)	((void)(addr), (void)(len))
#define VALGRIND_MAKE_MEM_NOACCESS(addr, len)	((void)(addr), (void)(len))
#define VALGRIND_MAKE_MEM_DEFINED(addr, len)	((void)(addr), (void)(len))
#endif

#include "asan.h"
#include "pages.h"
#include "slab.h"
#include <linux/debug_locks.h>
#include <linux/kernel.h>
#include <machine/machine.h>
#include <machine/pages.h>
#include <machine/violation.h>

enum memory_watcher memory_watcher(void)
{
	if (ASAN_ON)
		return WATCHER_ASAN;
	return RUNNING_ON_VALGRIND ? WATCHER_VALGRIND : WATCHER_NONE;
}

/* Both red zones. A plain build finds damage when the object is freed or checked. */
void slab_set_red_zones(struct slab_header *h)
{
	char *end = (char *)slab_object(h) + h->size;
	size_t len = h->room - h->size;

	asan_unpoison(h->red_zone, sizeof(h->red_zone));
	memset(h->red_zone, SLAB_REDZONE, sizeof(h->red_zone));
	asan_unpoison(end, len);
	VALGRIND_MAKE_MEM_DEFINED(end, len);
	memset(end, SLAB_REDZONE, len);
	asan_poison(h->red_zone, sizeof(h->red_zone));
	asan_poison(end, len);
	VALGRIND_MAKE_MEM_NOACCESS(end, len);
}

/* A new object: nothing in it means anything yet. */
void slab_prepare_new(struct slab_header *h)
{
	memset(slab_object(h), SLAB_POISON_NEW, h->size);
	slab_set_red_zones(h);
	VALGRIND_MAKE_MEM_UNDEFINED(slab_object(h), h->size);
}

/* Nothing but @byte in memory that is poisoned. */
static __unsanitized bool is_filled(const void *start, unsigned char byte, size_t len)
{
	const u64 pattern = byte * 0x0101010101010101UL;
	const char *p = start;
	u64 word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		__builtin_memcpy(&word, p, sizeof(word));
		if (word != pattern)
			return false;
	}
	while (len--)
		if ((unsigned char)*p++ != byte)
			return false;
	return true;
}

/* Which red zone was written, or NULL. */
__unsanitized const char *slab_damaged(struct slab_header *h)
{
	const char *end = (const char *)slab_object(h) + h->size;
	size_t len = h->room - h->size;
	const char *why = NULL;

	VALGRIND_MAKE_MEM_DEFINED(end, len);
	if (!is_filled(h->red_zone, SLAB_REDZONE, sizeof(h->red_zone)))
		why = "was written before its start";
	else if (!is_filled(end, SLAB_REDZONE, len))
		why = "was written behind its end";
	if (!why)
		VALGRIND_MAKE_MEM_NOACCESS(end, len);
	return why;
}

void slab_bad(struct slab_header *h, const char *why)
{
	violation_with_stack(VIOLATION_SLAB, h->alloc_ips, SLAB_STACK, "object allocated at",
			     "object %p (%zu bytes of cache %s, allocated by pid %u) %s",
			     slab_object(h), h->size, h->cache->name, h->pid, why);
}

/*
 * Claim an object for being freed.  @s NULL means kfree().  False when something was
 * wrong (and the violation was not fatal).
 */
bool slab_take_for_free(struct kmem_cache *s, const void *object)
{
	struct slab_header *h = slab_header(object);
	u32 magic = SLAB_MAGIC_LIVE;
	const char *why;

	if (__atomic_load_n(&h->magic, __ATOMIC_RELAXED) == SLAB_MAGIC_LIVE)
		lock_check_freed(object, h->size);
	if (!__atomic_compare_exchange_n(&h->magic, &magic, SLAB_MAGIC_FREE, false,
					 __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
		if (magic != SLAB_MAGIC_FREE)
			violation(VIOLATION_SLAB, "%p was freed but is no slab object", object);
		else
			violation_with_stack(VIOLATION_SLAB, h->free_ips, SLAB_STACK,
					     "freed before at",
					     "object %p (%zu bytes of cache %s) is freed twice",
					     object, h->size, h->cache->name);
		return false;
	}
	if (s && h->cache != s) {
		__atomic_store_n(&h->magic, SLAB_MAGIC_LIVE, __ATOMIC_RELAXED);
		violation_with_stack(VIOLATION_SLAB, h->alloc_ips, SLAB_STACK,
				     "object allocated at",
				     "object %p of cache %s was freed to cache %s",
				     object, h->cache->name, s->name);
		return false;
	}
	why = slab_damaged(h);
	if (why) {
		slab_set_red_zones(h);
		__atomic_store_n(&h->magic, SLAB_MAGIC_LIVE, __ATOMIC_RELAXED);
		slab_bad(h, why);
		return false;
	}
	memset(h->free_ips, 0, sizeof(h->free_ips));
	stack_save(h->free_ips, SLAB_STACK);
	return true;
}

/* Nobody may touch the object any more. */
void slab_poison_free(struct slab_header *h)
{
	size_t len = min(h->size, (size_t)SLAB_POISONED);

	memset(slab_object(h), SLAB_POISON_FREE, len);
	asan_poison(h->red_zone, sizeof(h->red_zone) + h->room);
	VALGRIND_MAKE_MEM_NOACCESS(slab_object(h), h->room);
}

/* A freed object goes back to the host: is it as it was left? */
bool slab_was_written(struct slab_header *h)
{
	VALGRIND_MAKE_MEM_DEFINED(slab_object(h), h->room);
	return !is_filled(slab_object(h), SLAB_POISON_FREE, min(h->size, (size_t)SLAB_POISONED));
}

/* Report it; @h is a copy of the header @object had. */
void slab_written(const struct slab_header *h, const void *object)
{
	violation_with_stack(VIOLATION_SLAB, h->free_ips, SLAB_STACK, "freed at",
			     "object %p (%zu bytes, allocated by pid %u) was written after it was freed",
			     object, h->size, h->pid);
}

unsigned int slab_alloc_stack(const void *object, unsigned long *ips, unsigned int nr)
{
	const struct slab_header *h = slab_header(object);
	unsigned int i;

	for (i = 0; i < nr && i < SLAB_STACK && h->alloc_ips[i]; i++)
		ips[i] = h->alloc_ips[i];
	return i;
}

unsigned long slab_cache_objects(const struct kmem_cache *s)
{
	return __atomic_load_n(&s->live, __ATOMIC_RELAXED);
}

unsigned long slab_objects(void)
{
	unsigned long nr = slab_cache_objects(&kmalloc_cache);
	struct kmem_cache *s;

	xlock(&slab_caches_lock);
	list_for_each_entry(s, &slab_caches, node)
		nr += slab_cache_objects(s);
	xunlock(&slab_caches_lock);
	return nr;
}

/*
 * Call @fn on every live object until it returns true; returns that object.
 * The shard's lock is held during @fn, so it must not report.
 */
static struct slab_header *find_live(bool (*fn)(struct slab_header *h))
{
	struct slab_header *h;
	unsigned int i;

	for (i = 0; i < min(SLAB_SHARDS, nr_cpu_ids); i++) {
		xlock(&slab_shards[i].lock);
		list_for_each_entry(h, &slab_shards[i].live, node)
			if (fn(h)) {
				xunlock(&slab_shards[i].lock);
				return h;
			}
		xunlock(&slab_shards[i].lock);
	}
	return NULL;
}

/* Being freed at this moment is no damage. */
static __unsanitized bool has_magic(const struct slab_header *h)
{
	u32 magic = __atomic_load_n(&h->magic, __ATOMIC_RELAXED);

	return magic == SLAB_MAGIC_LIVE || magic == SLAB_MAGIC_FREE;
}

static __unsanitized bool is_damaged(struct slab_header *h)
{
	return !has_magic(h) || slab_damaged(h);
}

void slab_check_all(void)
{
	struct slab_header *h = find_live(is_damaged);

	if (h)
		slab_bad(h, has_magic(h) ? slab_damaged(h) : "has a damaged header");
}
MACHINE_CHECKER(slab, slab_check_all);

static unsigned long leaks;
#define LEAKS_LISTED	10

static bool list_leak(struct slab_header *h)
{
	if (h->boot)
		return false;
	if (leaks++ < LEAKS_LISTED) {
		fprintf(stderr, "leaked: %zu bytes of cache %s at %p, allocated by pid %u at\n",
			h->size, h->cache->name, slab_object(h), h->pid);
		stack_print(h->alloc_ips, SLAB_STACK);
	}
	return false;
}

static bool is_leak(struct slab_header *h)
{
	return !h->boot;
}

/* Objects allocated since boot that are still there. */
static void slab_leak_check(void)
{
	struct slab_header *h;

	leaks = 0;
	find_live(list_leak);
	if (!leaks)
		return;
	h = find_live(is_leak);
	violation_with_stack(VIOLATION_LEAK, h->alloc_ips, SLAB_STACK, "object allocated at",
			     "%lu slab objects are left, the first is %p: %zu bytes of cache %s",
			     leaks, slab_object(h), h->size, h->cache->name);
}
MACHINE_LEAK_CHECKER(slab, slab_leak_check);
