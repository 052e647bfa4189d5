// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: counts by node with an ageing average, and event counters.
 */
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>

#include "autonuma.h"

DEFINE_PER_CPU(struct autonuma_counters, autonuma_counters);

/**
 * autonuma_counts_size() - bytes that a struct autonuma_counts takes
 */
size_t autonuma_counts_size(void)
{
	return struct_size_t(struct autonuma_counts, by_node, nr_node_ids);
}

/**
 * autonuma_counts_init() - prepare zeroed memory of autonuma_counts_size() bytes
 * @c: the counts
 */
void autonuma_counts_init(struct autonuma_counts *c)
{
	seqlock_init(&c->lock);
}

/*
 * How far counts of pass @then must be shifted to be worth what they are worth in
 * pass @now: once per pass in between, and never by the width of the type. Not at all
 * if @now is the older one: it was read before somebody else aged the counts.
 */
static unsigned int owed_ageing(unsigned long then, unsigned long now)
{
	return clamp_t(long, now - then, 0, BITS_PER_LONG - 1);
}

/*
 * Set one count; the total is the caller's. Marked writes: readers look at the same time, and
 * retry. The caller is the writer of @c->lock.
 */
static void set_count(struct autonuma_counts *c, int nid, unsigned long pages)
{
	WRITE_ONCE(c->by_node[nid], pages);
	if (!pages)
		node_clear(nid, c->used);
	else if (!node_isset(nid, c->used))
		node_set(nid, c->used);
}

/*
 * Halve every count once per pass since the last ageing. The total is summed anew:
 * half a sum is not the sum of halves. The caller holds @c->lock, as its writer.
 */
static void age_counts(struct autonuma_counts *c, unsigned long passes)
{
	unsigned int shift = owed_ageing(c->passes, passes);
	unsigned long total = 0;
	int nid;

	lockdep_assert_held(&c->lock.lock);

	if (!shift)
		return;
	c->passes = passes;
	for_each_node_mask(nid, c->used) {
		set_count(c, nid, c->by_node[nid] >> shift);
		total += c->by_node[nid];
	}
	WRITE_ONCE(c->total, total);
}

/**
 * autonuma_counts_add() - count pages of a node
 * @c:		the counts
 * @passes:	completed passes over the mm they belong to
 * @nid:	the node
 * @pages:	how many pages
 *
 * Context: process context, may hold a page-table lock; takes @c's own lock only.
 */
void autonuma_counts_add(struct autonuma_counts *c, unsigned long passes,
			 int nid, unsigned long pages)
{
	write_seqlock(&c->lock);
	/* Once per pass. */
	if (passes != c->passes)
		age_counts(c, passes);
	set_count(c, nid, c->by_node[nid] + pages);
	WRITE_ONCE(c->total, c->total + pages);
	write_sequnlock(&c->lock);
}

/**
 * autonuma_counts_move() - count pages on another node than before
 * @c:		the counts
 * @page_nid:	the node they were counted on
 * @target_nid:	the node they count on from now
 * @pages:	how many pages; no more than are counted on @page_nid
 *
 * Context: process context, may hold a page-table lock; takes @c's own lock only.
 */
void autonuma_counts_move(struct autonuma_counts *c, int page_nid, int target_nid,
			  unsigned long pages)
{
	write_seqlock(&c->lock);
	pages = min(pages, c->by_node[page_nid]);
	set_count(c, page_nid, c->by_node[page_nid] - pages);
	set_count(c, target_nid, c->by_node[target_nid] + pages);
	write_sequnlock(&c->lock);
}

/**
 * autonuma_counts_replace() - set all counts at once
 * @c:		the counts
 * @used:	the nodes with counts other than zero
 * @by_node:	their counts; those of other nodes are not looked at
 *
 * Context: process context.
 */
void autonuma_counts_replace(struct autonuma_counts *c, const nodemask_t *used,
			     const unsigned long *by_node)
{
	unsigned long total = 0;
	int nid;

	write_seqlock(&c->lock);
	for_each_node_mask(nid, c->used)
		set_count(c, nid, 0);
	for_each_node_mask(nid, *used) {
		set_count(c, nid, by_node[nid]);
		total += by_node[nid];
	}
	WRITE_ONCE(c->total, total);
	write_sequnlock(&c->lock);
}

/**
 * autonuma_counts_reset() - forget everything
 * @c: the counts
 *
 * Context: process context.
 */
void autonuma_counts_reset(struct autonuma_counts *c)
{
	autonuma_counts_replace(c, &NODE_MASK_NONE, NULL);
}

/**
 * autonuma_counts_nodes() - copy the set of nodes, which a writer may change meanwhile
 * @c:		the counts
 * @nodes:	receives the nodes that may have counts other than zero
 */
void autonuma_counts_nodes(struct autonuma_counts *c, nodemask_t *nodes)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nodes->bits); i++)
		nodes->bits[i] = READ_ONCE(c->used.bits[i]);
}

/**
 * autonuma_counts_read() - take a consistent copy
 * @c:		the counts
 * @used:	receives the nodes that may have counts other than zero
 * @by_node:	receives their counts; those of other nodes are left as they are
 *
 * Costs what the nodes in @used cost, on a machine with any number of nodes.
 *
 * Return: the sum of the counts.
 * Context: any; never waits for a writer longer than one update.
 */
unsigned long autonuma_counts_read(struct autonuma_counts *c, nodemask_t *used,
				   unsigned long *by_node)
{
	unsigned long total;
	unsigned int seq;
	int nid;

	do {
		seq = read_seqbegin(&c->lock);
		autonuma_counts_nodes(c, used);
		total = 0;
		for_each_node_mask(nid, *used) {
			by_node[nid] = READ_ONCE(c->by_node[nid]);
			total += by_node[nid];
		}
	} while (read_seqretry(&c->lock, seq));

	return total;
}

/**
 * autonuma_counts_share() - one node's count and the sum of all
 * @c:		the counts
 * @nid:	the node
 * @total:	receives the sum
 *
 * Return: the count of @nid.
 * Context: any; never waits for a writer longer than one update.
 */
unsigned long autonuma_counts_share(struct autonuma_counts *c, int nid, unsigned long *total)
{
	unsigned long pages;
	unsigned int seq;

	do {
		seq = read_seqbegin(&c->lock);
		pages = READ_ONCE(c->by_node[nid]);
		*total = READ_ONCE(c->total);
	} while (read_seqretry(&c->lock, seq));

	return pages;
}

/**
 * autonuma_counter_read() - sum an event counter over all CPUs
 * @which: the counter
 *
 * Return: its value; events of this moment may or may not be in it.
 */
unsigned long autonuma_counter_read(enum autonuma_counter which)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(autonuma_counters, cpu).count[which]);

	return sum;
}
