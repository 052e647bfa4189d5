// SPDX-License-Identifier: GPL-2.0
/*
 * The order of lock classes: a graph with an edge A -> B for each B ever taken while
 * A was held.  A cycle is a deadlock that waits for its moment.
 *
 * The graph is looked at only for a sequence of held classes that is new: sequences
 * seen before are known by their hash.
 */
#include "internal.h"

#define NR_CLASSES	4096
#define NR_EDGES	16384
#define CHAIN_BITS	14

struct lock_edge {
	u16		from, to;
	u32		next;		/* of the same .from */
	u8		nr_ips;
	unsigned long	ips[LOCK_STACK_DEPTH];	/* where .to was taken under .from */
};

/* All under graph_lock but chains[], which is a cache of independent words. */
static u32 graph_lock;
static struct lock_edge edges[NR_EDGES];
static u32 nr_edges = 1;
static u32 first_edge[NR_CLASSES];
static u32 reached_by[NR_CLASSES];	/* edge that led a search here */
static u32 search_mark[NR_CLASSES];
static u32 search_nr;
static u16 search_queue[NR_CLASSES];
static u64 chains[1 << CHAIN_BITS];
static u64 chain_seed = 1;		/* of this boot */

/* Hash of a sequence of classes and one more; never 0. */
u64 lock_chain_step(u64 chain, u16 class, u8 flags)
{
	u64 h = chain ? chain : chain_seed;

	h ^= (u64)class << 3 | (flags & (LOCK_HELD_READ | LOCK_HELD_RECURSIVE | LOCK_HELD_TRY));
	h *= 0x9e3779b97f4a7c15ULL;
	return (h ^ h >> 29) | 1;
}

static bool edge_known(u16 from, u16 to)
{
	u32 e;

	for (e = first_edge[from]; e; e = edges[e].next)
		if (edges[e].to == to)
			return true;
	return false;
}

/* Breadth first, so that the shortest cycle is reported. 0 or the last edge. */
static u32 find_path(u16 from, u16 to)
{
	u32 head = 0, tail = 0, e;

	search_nr++;
	search_mark[from] = search_nr;
	search_queue[tail++] = from;
	while (head < tail) {
		u16 c = search_queue[head++];

		for (e = first_edge[c]; e; e = edges[e].next) {
			u16 next = edges[e].to;

			if (search_mark[next] == search_nr)
				continue;
			search_mark[next] = search_nr;
			reached_by[next] = e;
			if (next == to)
				return e;
			search_queue[tail++] = next;
		}
	}
	return 0;
}

static void edge_add(u16 from, u16 to)
{
	struct lock_edge *edge;

	if (nr_edges >= NR_EDGES)
		return;
	edge = &edges[nr_edges];
	edge->from = from;
	edge->to = to;
	edge->next = first_edge[from];
	edge->nr_ips = stack_save(edge->ips, LOCK_STACK_DEPTH);
	first_edge[from] = nr_edges++;
}

/* The path that closes the cycle, as "A -> B -> C", oldest first. */
static void path_text(char *text, size_t size, u16 from, u16 to)
{
	u16 hops[8];
	int n = 0;
	size_t len = 0;

	for (; to != from && n < 8; to = edges[reached_by[to]].from)
		hops[n++] = to;
	len = scnprintf(text, size, "'%s'", lock_class_name(from));
	while (n--)
		len += scnprintf(text + len, size - len, " -> '%s'", lock_class_name(hops[n]));
}

/*
 * Take @class while @h is held: the edge must be no part of a cycle.
 * Reports after the graph is released, for a report may end the task.
 */
static void check_edge(const struct lock_held *h, u16 class, const struct lockdep_map *map)
{
	struct lock_edge copy;
	char path[160];
	u32 e = 0;

	preempt_disable();
	word_lock(&graph_lock, &graph_lock);
	if (!edge_known(h->class, class)) {
		e = find_path(class, h->class);
		if (e) {
			path_text(path, sizeof(path), class, h->class);
			copy = edges[e];
		} else {
			edge_add(h->class, class);
		}
	}
	word_unlock(&graph_lock);
	preempt_enable_no_resched();
	if (e)
		violation_with_stack(VIOLATION_LOCK_ORDER, copy.ips, copy.nr_ips,
				     "the other order was seen at",
				     "%s '%s' (%p) is taken under '%s' (%p), but the order %s is known",
				     lock_kind_name(map->kind), lock_name(map), map,
				     lock_name(h->map), h->lock, path);
}

/* A second lock of a class: can deadlock unless something orders the two. */
static void check_same_class(struct lock_task *lt, const struct lock_held *h,
			     struct lock_how how, const struct lockdep_map *map,
			     const struct lockdep_map *nest)
{
	int i;

	for (i = 0; nest && i < lt->depth; i++)
		if (lt->held[i].map == nest)
			return;
	lock_report_held(VIOLATION_LOCK_ORDER, h,
			 "%s '%s' (%p) is taken while another of its class (%p) is held, without a nesting annotation",
			 lock_kind_name(how.kind), lock_name(map), map, h->lock);
}

/**
 * lock_order_check() - is it safe to take a lock of @class now?
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

	for (i = lt->depth - 1; i >= 0; i--) {
		struct lock_held *h = &lt->held[i];

		if (h->context != context)
			break;
		if (h->class == class)
			check_same_class(lt, h, how, map, nest);
		else if (h->class)
			check_edge(h, class, map);
		/* What was checked itself has its own edges from what lies below. */
		if (h->class && !(h->flags & (LOCK_HELD_TRY | LOCK_HELD_RECURSIVE)))
			break;
	}
	if (!nest)
		__atomic_store_n(slot, key, __ATOMIC_RELAXED);
}

/* A class ends: no path leads through it any more. */
void lock_order_forget(u16 class)
{
	u32 e;

	word_lock(&graph_lock, &graph_lock);
	first_edge[class] = 0;
	for (e = 1; e < nr_edges; e++)
		if (edges[e].to == class)
			edges[e].to = 0;
	word_unlock(&graph_lock);
}

void lock_order_reset(void)
{
	u32 e;

	for (e = 1; e < nr_edges; e++)
		first_edge[edges[e].from] = 0;
	nr_edges = 1;
	chain_seed += 1ULL << 32;	/* above any class: no sequence is known */
}
