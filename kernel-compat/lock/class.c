// SPDX-License-Identifier: GPL-2.0
/*
 * Lock classes: all locks initialised at one place are one, because a deadlock
 * between two of them is a deadlock between any two.
 */
#include "graph.h"
#include "usage.h"

#include <linux/percpu.h>
#include <machine/machine.h>

#define HASH_BITS	12

struct lock_class {
	const void	*key;		/* a lock_class_key, or the map of a static lock */
	const char	*name;
	u32		subclass;
	u16		next;		/* in its hash chain */
	u8		kind;
	u8		type;		/* enum lockdep_lock_type */
	struct lock_usage usage;
};

/* The keys of locks that want no checks of order and use. */
struct lock_class_key __lockdep_no_validate__;
struct lock_class_key __lockdep_no_track__;

static struct lock_class classes[LOCK_NR_CLASSES];
static u16 class_hash[1 << HASH_BITS];	/* acquire/release: pairs in class_find() */
static u32 nr_classes = 1;
static u64 generation = 1;		/* of classes; relaxed */

static u32 hash_key(const void *key, unsigned int subclass)
{
	u64 h = ((u64)(unsigned long)key + subclass) * 0x9e3779b97f4a7c15ULL;

	return h >> (64 - HASH_BITS);
}

/* Open addressing; under the graph's lock. */
#define NR_KEYS		1024
#define KEY_GONE	((struct lock_class_key *)1)
static struct lock_class_key *registered[NR_KEYS];
static bool key_lost;		/* one that there was no room for: whatever is asked for may be it */

/* Where @key is, or may be put; NULL when there is no room. */
static struct lock_class_key **key_slot(const void *key)
{
	struct lock_class_key **gone = NULL;

	lock_graph_assert_locked();
	for (u32 i = 0, at = hash_key(key, 0); i < NR_KEYS; i++, at++) {
		struct lock_class_key **slot = &registered[at % NR_KEYS];

		if (*slot == key)
			return slot;
		if (*slot == KEY_GONE && !gone)
			gone = slot;
		if (!*slot)
			return gone ?: slot;
	}
	return gone;
}

static bool is_registered(const void *key)
{
	struct lock_class_key *const *slot = key_slot(key);

	return slot && *slot == key;
}

/* Look a class up without the lock. */
static u16 class_find(const void *key, unsigned int subclass)
{
	u16 c = __atomic_load_n(&class_hash[hash_key(key, subclass)], __ATOMIC_ACQUIRE);

	for (; c; c = classes[c].next)
		if (__atomic_load_n(&classes[c].key, __ATOMIC_RELAXED) == key &&
		    classes[c].subclass == subclass)
			return c;
	return 0;
}

/*
 * Add a class, unless somebody else just did.  When the table is full, new classes go
 * unchecked: better than to fail a big machine whose per-CPU locks have a class each.
 * Context: graph locked.
 */
static u16 class_add(const void *key, unsigned int subclass, const struct lockdep_map *map)
{
	u32 b = hash_key(key, subclass);
	u16 c = class_find(key, subclass);
	struct lock_class *cl;

	lock_graph_assert_locked();
	if (c || nr_classes == LOCK_NR_CLASSES)
		return c;
	c = nr_classes++;
	cl = &classes[c];
	memset(cl, 0, sizeof(*cl));
	cl->key = key;
	cl->name = lock_name(map);
	cl->subclass = subclass;
	cl->kind = map->kind;
	cl->type = map->kind == LOCK_KIND_LOCAL ? LD_LOCK_PERCPU : map->lock_type;
	cl->next = class_hash[b];
	__atomic_store_n(&class_hash[b], c, __ATOMIC_RELEASE);
	return c;
}

/* Does the object live as long as the program? */
static bool is_static(const void *obj)
{
	extern char __executable_start[], _end[];
	unsigned long addr = (unsigned long)obj;

	return (addr >= (unsigned long)__executable_start && addr < (unsigned long)_end) ||
	       is_percpu_address(addr);
}

static bool may_be_registered(const void *key)
{
	bool found;

	lock_graph_lock();
	found = is_registered(key) || key_lost;
	lock_graph_unlock();
	return found;
}

/* A key is new: its memory must not be used for something else one day. */
static void check_key(const struct lockdep_map *map, const void *key, unsigned int subclass)
{
	if (map->subclass + subclass >= MAX_LOCKDEP_SUBCLASSES)
		violation(VIOLATION_BUG, "%s '%s' (%p) is taken with subclass %u; there are %lu",
			  lock_kind_name(map->kind), lock_name(map), map,
			  map->subclass + subclass, MAX_LOCKDEP_SUBCLASSES);
	if (!is_static(key) && !may_be_registered(key))
		violation(VIOLATION_LOCK_DESTROYED,
			  "%s '%s' (%p): its key %p is neither static nor registered; was it initialised?",
			  lock_kind_name(map->kind), lock_name(map), map, key);
}

static u16 class_of_new(const void *key, unsigned int subclass, const struct lockdep_map *map)
{
	u16 c;

	lock_graph_lock();
	c = class_add(key, subclass, map);
	lock_graph_unlock();
	return c;
}

/* Class of a lock, found by its key the first time and remembered in its map. */
u16 lock_class_of(struct lockdep_map *map, unsigned int subclass)
{
	/* Pairs with the release below: whoever knows the number sees the class. */
	u64 cache = __atomic_load_n(&map->cache, __ATOMIC_ACQUIRE);
	u64 now = __atomic_load_n(&generation, __ATOMIC_RELAXED);
	const void *key;
	u16 c;

	if (likely(!subclass && cache >> 16 == now))
		return (u16)cache;

	if (map->key == &__lockdep_no_validate__ || map->key == &__lockdep_no_track__)
		return 0;
	key = map->key ? (const void *)map->key : map;
	c = class_find(key, map->subclass + subclass);
	if (!c)
		check_key(map, key, subclass);
	if (!c)
		c = class_of_new(key, map->subclass + subclass, map);
	if (!subclass)
		__atomic_store_n(&map->cache, now << 16 | c, __ATOMIC_RELEASE);
	return c;
}

const char *lock_class_name(u16 class)
{
	return classes[class].name;
}

u8 lock_class_kind(u16 class)
{
	return classes[class].kind;
}

struct lock_usage *lock_class_usage(u16 class)
{
	return &classes[class].usage;
}

bool lock_class_excludes(u16 class)
{
	return classes[class].type == LD_LOCK_NORMAL;
}

void lockdep_register_key(struct lock_class_key *key)
{
	struct lock_class_key **slot;
	bool twice = false;

	if (is_static(key))
		violation(VIOLATION_BUG, "the static key %p is registered", key);
	lock_graph_lock();
	slot = key_slot(key);
	if (slot && *slot == key)
		twice = true;
	else if (slot)
		*slot = key;
	else
		key_lost = true;
	lock_graph_unlock();
	if (twice)
		violation(VIOLATION_BUG, "the key %p is registered twice", key);
}

/* The memory of @key may be used for another one: its classes get a key nobody has. */
void lockdep_unregister_key(struct lock_class_key *key)
{
	bool known;
	u32 c;

	lock_graph_lock();
	known = is_registered(key);
	if (known)
		*key_slot(key) = KEY_GONE;
	for (c = 1; c < nr_classes; c++) {
		if (classes[c].key != key)
			continue;
		__atomic_store_n(&classes[c].key, NULL, __ATOMIC_RELAXED);
		lock_graph_forget(c);
	}
	lock_graph_unlock();
	if (!known && !key_lost)
		violation(VIOLATION_BUG, "the key %p is unregistered, but was not registered", key);
}

/* A new machine knows no class; caches in static locks are void. */
void lockdep_reset(void)
{
	lock_graph_lock();
	for (u32 i = 0; i < ARRAY_SIZE(class_hash); i++)
		__atomic_store_n(&class_hash[i], 0, __ATOMIC_RELAXED);
	nr_classes = 1;
	__atomic_fetch_add(&generation, 1, __ATOMIC_RELAXED);
	lock_graph_reset();
	lock_order_reset();
	lock_graph_unlock();
}

static void lock_halt(void)
{
	lockdep_reset();
	lockdep_raw_nesting = false;
	force_read_lock_recursive = 0;
	memset(registered, 0, sizeof(registered));
	key_lost = false;
}
MACHINE_SUBSYS(lock, MACHINE_ORDER_LOCK, NULL, NULL, lock_halt);
