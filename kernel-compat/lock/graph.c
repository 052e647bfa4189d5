// SPDX-License-Identifier: GPL-2.0
/*
 * The graph of lock classes: an edge A -> B for each way in which B was ever waited for
 * while A was held.
 *
 * Readers do not exclude each other, so an edge has a kind: was A held exclusively (E) or
 * shared (S), and was B wanted by a recursive reader (R), whom only a writer that holds it
 * keeps out, or by anybody else (N)?  Where an edge "to a recursive reader" meets an edge
 * "from a shared holder", nobody waits for anybody, and a path that has such a place is
 * weak: no deadlock comes of it.  A search therefore follows strong paths only, over pairs
 * of a class and how the path came to it.
 */
#include "internal.h"

#include "graph.h"

#define NR_EDGES	16384

/* All under graph_lock. Index 0 of the last dimension: forwards, 1: backwards. */
static u32 graph_lock;
static struct lock_edge edges[NR_EDGES];
static u32 nr_edges = 1;
static u32 first_edge[LOCK_NR_CLASSES][2];

/* The search in progress; a place is class << 1 | weak, place 0 is nowhere. */
static u32 seen[LOCK_NR_CLASSES * 2];
static u32 came_by[LOCK_NR_CLASSES * 2];	/* edge */
static u16 came_from[LOCK_NR_CLASSES * 2];	/* place */
static u16 queue[LOCK_NR_CLASSES * 2];
static u32 search_nr;

void lock_graph_lock(void)
{
	preempt_disable();
	word_lock(&graph_lock);
}

void lock_graph_unlock(void)
{
	word_unlock(&graph_lock);
	preempt_enable_no_resched();
}

void lock_graph_assert_locked(void)
{
	if (unlikely(!word_is_held(&graph_lock)))
		violation(VIOLATION_LOCK_UNHELD, "the graph of lock classes must be locked here");
}

u8 lock_edge_kind(u8 from_flags, u8 to_flags)
{
	return (from_flags & LOCK_HELD_READ ? 0 : EDGE_EXCLUSIVE) |
	       (to_flags & LOCK_HELD_RECURSIVE ? 0 : EDGE_NOT_RECURSIVE);
}

bool lock_edge_known(u16 from, u16 to, u8 kind)
{
	u32 e;

	for (e = first_edge[from][0]; e; e = edges[e].next[0])
		if (edges[e].to == to && edges[e].kind == kind)
			return true;
	return false;
}

static void edge_fill(struct lock_edge *e, const struct lock_held *from, u16 to, u8 kind)
{
	e->from = from->class;
	e->to = to;
	e->kind = kind;
	e->nr_from_ips = from->nr_ips;
	memcpy(e->from_ips, from->ips, sizeof(e->from_ips));
	e->nr_to_ips = stack_save(e->to_ips, LOCK_STACK_DEPTH);
}

/* @to is about to be taken by the caller. When the table is full, edges go unknown. */
void lock_edge_add(const struct lock_held *from, u16 to, u8 kind)
{
	struct lock_edge *e;

	if (nr_edges >= NR_EDGES)
		return;
	e = &edges[nr_edges];
	edge_fill(e, from, to, kind);
	e->next[0] = first_edge[e->from][0];
	e->next[1] = first_edge[to][1];
	first_edge[e->from][0] = nr_edges;
	first_edge[to][1] = nr_edges++;
}

/* May a strong path go over @e, and does it arrive weak? Fills in where it arrives. */
static bool step(const struct lock_edge *e, bool backwards, bool weak, u16 *place)
{
	u8 near = backwards ? EDGE_NOT_RECURSIVE : EDGE_EXCLUSIVE;
	u8 far = backwards ? EDGE_EXCLUSIVE : EDGE_NOT_RECURSIVE;
	u16 to = backwards ? e->from : e->to;

	if (e->kind == EDGE_DEAD || (weak && !(e->kind & near)))
		return false;
	*place = to << 1 | !(e->kind & far);
	/* Who came there strong has been everywhere that a weak path leads to. */
	return seen[*place] != search_nr && seen[to << 1] != search_nr;
}

/**
 * lock_graph_search() - look for a class along strong paths
 * @s:		direction, what to look for, what not to go through
 * @class:	where to begin; matches, too
 * @weak:	the path comes there weak: forwards, its taker is a recursive reader;
 *		backwards, its holder shares it
 *
 * Breadth first, so that the shortest path is found.  Context: graph locked.
 *
 * Return: the place found, for lock_graph_path(); 0 if there is none.
 */
u16 lock_graph_search(const struct lock_search *s, u16 class, bool weak)
{
	u32 head = 0, tail = 0, e;
	u16 place = class << 1 | weak;

	search_nr++;
	seen[place] = search_nr;
	came_by[place] = 0;
	queue[tail++] = place;
	while (head < tail) {
		u16 at = queue[head++], next;

		if (s->through && !s->through(at >> 1))
			continue;
		if (s->match(s, at >> 1, at & 1))
			return at;
		for (e = first_edge[at >> 1][s->backwards]; e; e = edges[e].next[s->backwards]) {
			if (!step(&edges[e], s->backwards, at & 1, &next))
				continue;
			seen[next] = search_nr;
			came_by[next] = e;
			came_from[next] = at;
			queue[tail++] = next;
		}
	}
	return 0;
}

/*
 * Copy the path of the last search to @place. Its edges, in the direction of the arrows;
 * of a longer one, the part at @place.
 */
void lock_graph_path(struct lock_path *path, u16 place, bool backwards)
{
	u16 p;
	int n = 0;

	for (p = place; came_by[p] && n < LOCK_PATH_EDGES; p = came_from[p])
		path->edge[n++] = edges[came_by[p]];
	path->nr = n;
	for (int i = 0; !backwards && i < n / 2; i++)
		swap(path->edge[i], path->edge[n - 1 - i]);
}

/* @path becomes @before, then from what @h holds to @class, then @path. */
void lock_path_join(const struct lock_path *before, const struct lock_held *h, u16 class,
		    struct lock_path *path)
{
	memmove(&path->edge[before->nr + 1], path->edge, path->nr * sizeof(path->edge[0]));
	memcpy(path->edge, before->edge, before->nr * sizeof(path->edge[0]));
	edge_fill(&path->edge[before->nr], h, class, 0);
	path->nr += before->nr + 1;
}

/* "'a' -> 'b' -> 'c'"; a path of no edges is @only. */
void lock_path_text(char *text, size_t size, const struct lock_path *path, u16 only)
{
	size_t len = scnprintf(text, size, "'%s'",
			       lock_class_name(path->nr ? path->edge[0].from : only));

	for (int i = 0; i < path->nr; i++)
		len += scnprintf(text + len, size - len, " -> '%s'",
				 lock_class_name(path->edge[i].to));
}

/* The places that know each edge, for a report. */
void lock_path_stacks(struct lock_stacks *st, const struct lock_path *path)
{
	for (int i = 0; i < path->nr; i++) {
		const struct lock_edge *e = &path->edge[i];

		lock_stacks_add(st, e->to_ips, e->nr_to_ips, "'%s' was taken under '%s' at",
				lock_class_name(e->to), lock_class_name(e->from));
		lock_stacks_add(st, e->from_ips, e->nr_from_ips, "  where '%s' had been taken at",
				lock_class_name(e->from));
	}
}

/* A class ends: no path leads through it any more. */
void lock_graph_forget(u16 class)
{
	u32 e;

	for (e = 1; e < nr_edges; e++)
		if (edges[e].to == class || edges[e].from == class)
			edges[e].kind = EDGE_DEAD;
}

void lock_graph_reset(void)
{
	u32 e;

	for (e = 1; e < nr_edges; e++) {
		first_edge[edges[e].from][0] = 0;
		first_edge[edges[e].to][1] = 0;
	}
	nr_edges = 1;
}
