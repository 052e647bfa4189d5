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
 * Set every count to that of @from, halved @shift times, and the total to their sum. Marked
 * writes: readers look at the same time, and retry. The caller is the writer of @c->lock.
 */
static void set_counts(struct autonuma_counts *c, unsigned long passes,
		       const unsigned long *from, unsigned int shift)
{
	int nid;

	WRITE_ONCE(c->passes, passes);
	c->total = 0;
	for_each_node(nid) {
		WRITE_ONCE(c->by_node[nid], from[nid] >> shift);
		c->total += c->by_node[nid];
	}
}

/*
 * Halve every count once per pass since the last ageing. The total is summed anew:
 * half a sum is not the sum of halves. The caller is the writer of @c->lock.
 */
static void age_counts(struct autonuma_counts *c, unsigned long passes)
{
	unsigned int shift = owed_ageing(c->passes, passes);

	lockdep_assert_held(&c->lock.lock);

	if (shift)
		set_counts(c, passes, c->by_node, shift);
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
	age_counts(c, passes);
	WRITE_ONCE(c->by_node[nid], c->by_node[nid] + pages);
	c->total += pages;
	write_sequnlock(&c->lock);
}

/**
 * autonuma_counts_replace() - set all counts at once
 * @c:		the counts
 * @passes:	completed passes over the mm they belong to
 * @by_node:	nr_node_ids counts
 *
 * Context: process context.
 */
void autonuma_counts_replace(struct autonuma_counts *c, unsigned long passes,
			     const unsigned long *by_node)
{
	write_seqlock(&c->lock);
	set_counts(c, passes, by_node, 0);
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
	write_seqlock(&c->lock);
	set_counts(c, c->passes, c->by_node, BITS_PER_LONG - 1);
	write_sequnlock(&c->lock);
}

/**
 * autonuma_counts_read() - take a consistent copy
 * @c:		the counts
 * @passes:	completed passes over the mm they belong to; ageing that no writer
 *		has done yet is applied to the copy
 * @by_node:	receives nr_node_ids counts
 *
 * Return: the sum of @by_node.
 * Context: any; never waits for a writer longer than one update.
 */
unsigned long autonuma_counts_read(struct autonuma_counts *c, unsigned long passes,
				   unsigned long *by_node)
{
	unsigned long total;
	unsigned int seq, shift;
	int nid;

	do {
		seq = read_seqbegin(&c->lock);
		shift = owed_ageing(READ_ONCE(c->passes), passes);
		total = 0;
		for_each_node(nid) {
			by_node[nid] = READ_ONCE(c->by_node[nid]) >> shift;
			total += by_node[nid];
		}
	} while (read_seqretry(&c->lock, seq));

	return total;
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
