/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of nodes, and which nodes there are.
 *
 * same.  node_states[], nr_node_ids and nr_online_nodes are set while the machine
 * boots and do not change while it runs (there is no memory hotplug).
 */
#ifndef __LINUX_NODEMASK_H
#define __LINUX_NODEMASK_H

#include <linux/bitmap.h>
#include <linux/minmax.h>
#include <linux/nodemask_types.h>
#include <linux/numa.h>

static inline unsigned int __nodemask_pr_numnodes(const nodemask_t *m)
{
	return m ? MAX_NUMNODES : 0;
}

static inline const unsigned long *__nodemask_pr_bits(const nodemask_t *m)
{
	return m ? m->bits : NULL;
}

#define nodemask_pr_args(maskp) __nodemask_pr_numnodes(maskp), __nodemask_pr_bits(maskp)

#define node_set(node, dst)		set_bit((node), (dst).bits)
#define node_clear(node, dst)		clear_bit((node), (dst).bits)
#define __node_set(node, dstp)		set_bit((node), (dstp)->bits)
#define __node_clear(node, dstp)	clear_bit((node), (dstp)->bits)
#define nodes_setall(dst)		bitmap_fill((dst).bits, MAX_NUMNODES)
#define nodes_clear(dst)		bitmap_zero((dst).bits, MAX_NUMNODES)
#define node_isset(node, mask)		test_bit((node), (mask).bits)
#define node_test_and_set(node, mask)	test_and_set_bit((node), (mask).bits)

#define nodes_and(dst, a, b)	bitmap_and((dst).bits, (a).bits, (b).bits, MAX_NUMNODES)
#define nodes_or(dst, a, b)	bitmap_or((dst).bits, (a).bits, (b).bits, MAX_NUMNODES)
#define nodes_xor(dst, a, b)	bitmap_xor((dst).bits, (a).bits, (b).bits, MAX_NUMNODES)
#define nodes_andnot(dst, a, b)	bitmap_andnot((dst).bits, (a).bits, (b).bits, MAX_NUMNODES)
#define nodes_complement(dst, src) bitmap_complement((dst).bits, (src).bits, MAX_NUMNODES)
#define nodes_equal(a, b)	bitmap_equal((a).bits, (b).bits, MAX_NUMNODES)
#define nodes_intersects(a, b)	bitmap_intersects((a).bits, (b).bits, MAX_NUMNODES)
#define nodes_subset(a, b)	bitmap_subset((a).bits, (b).bits, MAX_NUMNODES)
#define nodes_empty(mask)	bitmap_empty((mask).bits, MAX_NUMNODES)
#define nodes_full(mask)	bitmap_full((mask).bits, MAX_NUMNODES)
#define nodes_weight(mask)	((int)bitmap_weight((mask).bits, MAX_NUMNODES))

#define first_node(src)		__first_node(&(src))
#define next_node(n, src)	__next_node((n), &(src))
#define next_node_in(n, src)	__next_node_in((n), &(src))
#define first_unset_node(mask)	((unsigned int)find_first_zero_bit((mask).bits, MAX_NUMNODES))

static inline unsigned int __first_node(const nodemask_t *srcp)
{
	return find_first_bit(srcp->bits, MAX_NUMNODES);
}

static inline unsigned int __next_node(int n, const nodemask_t *srcp)
{
	return find_next_bit(srcp->bits, MAX_NUMNODES, n + 1);
}

/* The next set node after @node, wrapping; MAX_NUMNODES when the set is empty. */
static inline unsigned int __next_node_in(int node, const nodemask_t *srcp)
{
	unsigned int ret = __next_node(node, srcp);

	return ret == MAX_NUMNODES ? __first_node(srcp) : ret;
}

static inline void init_nodemask_of_node(nodemask_t *mask, int node)
{
	nodes_clear(*mask);
	node_set(node, *mask);
}

#define nodemask_of_node(node) ({					\
	nodemask_t __nm;						\
	init_nodemask_of_node(&__nm, (node));				\
	__nm; })

#define NODE_MASK_NONE	((nodemask_t) { { 0 } })
#define NODE_MASK_ALL	((nodemask_t) { { [0 ... BITS_TO_LONGS(MAX_NUMNODES) - 1] = ~0UL } })
#define nodes_addr(src)	((src).bits)

#define for_each_node_mask(node, mask)					\
	for ((node) = first_node(mask); (node) < MAX_NUMNODES;		\
	     (node) = next_node((node), (mask)))

enum node_states {
	N_POSSIBLE,		/* could become online */
	N_ONLINE,
	N_NORMAL_MEMORY,	/* has memory below ZONE_MOVABLE */
	N_HIGH_MEMORY = N_NORMAL_MEMORY,
	N_MEMORY,		/* has memory of any kind */
	N_CPU,			/* has one or more CPUs */
	N_GENERIC_INITIATOR,
	NR_NODE_STATES
};

extern nodemask_t node_states[NR_NODE_STATES];
extern unsigned int nr_node_ids;
extern unsigned int nr_online_nodes;

static inline int node_state(int node, enum node_states state)
{
	return node_isset(node, node_states[state]);
}

static inline void node_set_state(int node, enum node_states state)
{
	__node_set(node, &node_states[state]);
}

static inline void node_clear_state(int node, enum node_states state)
{
	__node_clear(node, &node_states[state]);
}

static inline int num_node_state(enum node_states state)
{
	return nodes_weight(node_states[state]);
}

#define for_each_node_state(node, state) for_each_node_mask((node), node_states[state])
#define first_online_node	first_node(node_states[N_ONLINE])
#define first_memory_node	first_node(node_states[N_MEMORY])
#define next_online_node(nid)	next_node((nid), node_states[N_ONLINE])
#define next_memory_node(nid)	next_node((nid), node_states[N_MEMORY])
#define node_online_map		node_states[N_ONLINE]
#define node_possible_map	node_states[N_POSSIBLE]
#define num_online_nodes()	num_node_state(N_ONLINE)
#define num_possible_nodes()	num_node_state(N_POSSIBLE)
#define node_online(node)	node_state((node), N_ONLINE)
#define node_possible(node)	node_state((node), N_POSSIBLE)
#define for_each_node(node)	for_each_node_state(node, N_POSSIBLE)
#define for_each_online_node(node) for_each_node_state(node, N_ONLINE)

void node_set_online(int nid);
void node_set_offline(int nid);

#define nodelist_parse(buf, dst) bitmap_parselist((buf), (dst).bits, MAX_NUMNODES)
int node_random(const nodemask_t *maskp);

/* In the kernel these may be on the heap; 128 bytes fit the stack. */
struct nodemask_scratch {
	nodemask_t mask1;
	nodemask_t mask2;
};
#define NODEMASK_ALLOC(type, name, gfp) type _##name, *name = &_##name
#define NODEMASK_FREE(m) do { } while (0)
#define NODEMASK_SCRATCH(x) NODEMASK_ALLOC(struct nodemask_scratch, x, GFP_KERNEL)
#define NODEMASK_SCRATCH_FREE(x) NODEMASK_FREE(x)

#endif /* __LINUX_NODEMASK_H */
