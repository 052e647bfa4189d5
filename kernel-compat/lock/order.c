// SPDX-License-Identifier: GPL-2.0
/*
 * The order of locks: what may be waited for while what is held.  A cycle in the graph of
 * classes is a deadlock that waits for its moment.
 *
 * The graph is looked at only for a sequence of held classes that is new: sequences
 * seen before are known by their hash.
 */
#include "graph.h"
#include "usage.h"

#include <stdarg.h>

#define CHAIN_BITS	14

static u64 chains[1 << CHAIN_BITS];	/* a cache of independent words */
static u64 chain_seed = 1;		/* of this boot; relaxed */

/* Hash of a sequence of classes and one more; never 0. */
u64 lock_chain_step(u64 chain, u16 class, u8 flags)
{
	u64 h = chain ?: __atomic_load_n(&chain_seed, __ATOMIC_RELAXED);

	h ^= (u64)class << 3 | (flags & (LOCK_HELD_READ | LOCK_HELD_RECURSIVE | LOCK_HELD_TRY));
	h *= 0x9e3779b97f4a7c15ULL;
	return (h ^ h >> 29) | 1;
}

void lock_stacks_add(struct lock_stacks *st, const unsigned long *ips, unsigned int nr,
		     const char *fmt, ...)
{
	va_list ap;

	if (st->nr == LOCK_NR_STACKS)
		return;
	va_start(ap, fmt);
	vscnprintf(st->titles[st->nr], sizeof(st->titles[0]), fmt, ap);
	va_end(ap);
	st->at[st->nr] = (struct violation_stack){
		.title = st->titles[st->nr], .ips = ips, .nr = nr,
	};
	st->nr++;
}

/* A path to what @h holds closes a cycle if it comes there strong, or @h excludes readers. */
static bool closes_cycle(const struct lock_search *s, u16 class, bool weak)
{
	return class == s->class && (s->any || !weak);
}

/* @path leads from @class to what @h holds, and now back. */
static __cold void report_cycle(const struct lock_held *h, u16 class,
				const struct lockdep_map *map, const struct lock_path *path)
{
	struct lock_stacks st = {};
	char text[256];

	lock_path_text(text, sizeof(text), path, class);
	lock_stacks_add(&st, h->ips, h->nr_ips, "'%s' is held, taken at", lock_name(h->map));
	lock_path_stacks(&st, path);
	violation_with_stacks(VIOLATION_LOCK_ORDER, st.at, st.nr,
			      "%s '%s' (%p) is taken under '%s' (%p), but the order %s is known",
			      lock_kind_name(map->kind), lock_name(map), map,
			      lock_name(h->map), h->lock, text);
}

/*
 * Take @class while @h is held: the edge must be no part of a cycle, nor of a path from a
 * lock of interrupts to one that they hit.  Reports after the graph is released, for a
 * report may end the task.
 */
static noinline void check_edge(const struct lock_held *h, u16 class, struct lock_how how,
				const struct lockdep_map *map)
{
	u8 kind = lock_edge_kind(h->flags, how.flags);
	struct lock_search s = {
		.match = closes_cycle, .class = h->class, .any = kind & EDGE_EXCLUSIVE,
	};
	struct lock_path path;
	struct lock_inversion r;
	bool inverted = false;
	u16 place = 0;

	lock_graph_lock();
	if (!lock_edge_known(h->class, class, kind)) {
		place = lock_graph_search(&s, class, how.flags & LOCK_HELD_RECURSIVE);
		if (place)
			lock_graph_path(&path, place, false);
		else
			inverted = lock_usage_connects(h, class, how.flags, &r);
		if (!place && !inverted)
			lock_edge_add(h, class, kind);
	}
	lock_graph_unlock();
	if (place)
		report_cycle(h, class, map, &path);
	if (inverted)
		lock_report_inversion(&r, "irq-safe lock before an irq-unsafe one");
}

/*
 * Other locks of the class that are held: that can deadlock unless something orders the
 * two.  Returns whether @nest does; then this lock depends on nothing else either.
 */
static bool check_same_class(struct lock_task *lt, u16 class, struct lock_how how,
			     const struct lockdep_map *map, const struct lockdep_map *nest)
{
	bool nested = false;

	for (int i = 0; i < lt->depth; i++) {
		struct lock_held *h = &lt->held[i];

		nested |= nest && h->map == nest;
		if (h->class != class ||
		    ((how.flags & LOCK_HELD_RECURSIVE) && (h->flags & LOCK_HELD_READ)))
			continue;
		if (nested)
			return true;
		lock_report_held(VIOLATION_LOCK_ORDER, h,
				 "%s '%s' (%p) is taken while another of its class (%p) is held, without a nesting annotation",
				 lock_kind_name(how.kind), lock_name(map), map, h->lock);
	}
	return false;
}

/**
 * lock_order_check() - is it safe to wait for a lock of @class now?
 * @lt:		the locks held
 * @chain:	hash of their classes
 * @class:	class to be taken
 * @how:	how
 * @map:	for the report
 * @nest:	held lock that serialises takers of @class, or NULL
 * @context:	locks held by what was interrupted do not count
 */
void lock_order_check(struct lock_task *lt, u64 chain, u16 class, struct lock_how how,
		      struct lockdep_map *map, struct lockdep_map *nest, u8 context)
{
	u64 key = lock_chain_step(chain, class, how.flags);
	u64 *slot = &chains[key >> (64 - CHAIN_BITS)];
	int i;

	if (likely(!nest && __atomic_load_n(slot, __ATOMIC_RELAXED) == key))
		return;
	if (check_same_class(lt, class, how, map, nest))
		return;
	for (i = lt->depth - 1; i >= 0 && lt->held[i].context == context; i--) {
		struct lock_held *h = &lt->held[i];

		if (!h->class)
			continue;
		check_edge(h, class, how, map);
		/* What was waited for has its own edges from what lies below. */
		if (!(h->flags & LOCK_HELD_TRY))
			break;
	}
	if (!nest)
		__atomic_store_n(slot, key, __ATOMIC_RELAXED);
}

void lock_order_reset(void)
{
	/* Above any class: no sequence is known. */
	__atomic_fetch_add(&chain_seed, 1ULL << 32, __ATOMIC_RELAXED);
}
