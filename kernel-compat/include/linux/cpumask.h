/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of CPUs.
 *
 * same: operations look at the first nr_cpu_ids bits; cpumask_set_cpu() and
 * cpumask_clear_cpu() are atomic.
 */
#ifndef __LINUX_CPUMASK_H
#define __LINUX_CPUMASK_H

#include <linux/bitmap.h>
#include <linux/cpumask_types.h>
#include <linux/minmax.h>
#include <linux/threads.h>

extern unsigned int nr_cpu_ids;		/* set while the machine boots */
#define nr_cpumask_bits nr_cpu_ids
#define cpumask_pr_args(maskp) nr_cpu_ids, cpumask_bits(maskp)

extern struct cpumask __cpu_possible_mask;
extern struct cpumask __cpu_online_mask;
extern struct cpumask __cpu_present_mask;
extern struct cpumask __cpu_active_mask;
#define cpu_possible_mask ((const struct cpumask *)&__cpu_possible_mask)
#define cpu_online_mask ((const struct cpumask *)&__cpu_online_mask)
#define cpu_present_mask ((const struct cpumask *)&__cpu_present_mask)
#define cpu_active_mask ((const struct cpumask *)&__cpu_active_mask)
extern const struct cpumask *const cpu_all_mask;	/* every bit set */
extern const struct cpumask *const cpu_none_mask;

static inline unsigned int cpumask_first(const struct cpumask *srcp)
{
	return find_first_bit(srcp->bits, nr_cpu_ids);
}

static inline unsigned int cpumask_last(const struct cpumask *srcp)
{
	return find_last_bit(srcp->bits, nr_cpu_ids);
}

static inline unsigned int cpumask_first_zero(const struct cpumask *srcp)
{
	return find_first_zero_bit(srcp->bits, nr_cpu_ids);
}

static inline unsigned int cpumask_first_and(const struct cpumask *a, const struct cpumask *b)
{
	return find_first_and_bit(a->bits, b->bits, nr_cpu_ids);
}

static inline unsigned int cpumask_next(int n, const struct cpumask *srcp)
{
	return find_next_bit(srcp->bits, nr_cpu_ids, n + 1);
}

static inline unsigned int cpumask_next_zero(int n, const struct cpumask *srcp)
{
	return find_next_zero_bit(srcp->bits, nr_cpu_ids, n + 1);
}

static inline unsigned int cpumask_next_and(int n, const struct cpumask *a, const struct cpumask *b)
{
	return find_next_and_bit(a->bits, b->bits, nr_cpu_ids, n + 1);
}

static inline unsigned int cpumask_nth(unsigned int cpu, const struct cpumask *srcp)
{
	return find_nth_bit(srcp->bits, nr_cpu_ids, cpu);
}

/* Round robin over a mask; the n-th CPU, on one node first. */
unsigned int cpumask_local_spread(unsigned int i, int node);
unsigned int cpumask_any_and_distribute(const struct cpumask *a, const struct cpumask *b);
unsigned int cpumask_any_distribute(const struct cpumask *srcp);

#define for_each_cpu(cpu, mask) \
	for_each_set_bit(cpu, cpumask_bits(mask), nr_cpu_ids)
#define for_each_cpu_and(cpu, a, b) \
	for_each_and_bit(cpu, cpumask_bits(a), cpumask_bits(b), nr_cpu_ids)
#define for_each_cpu_andnot(cpu, a, b) \
	for_each_andnot_bit(cpu, cpumask_bits(a), cpumask_bits(b), nr_cpu_ids)
#define for_each_cpu_or(cpu, a, b) \
	for_each_or_bit(cpu, cpumask_bits(a), cpumask_bits(b), nr_cpu_ids)
#define for_each_cpu_wrap(cpu, mask, start) \
	for_each_set_bit_wrap(cpu, cpumask_bits(mask), nr_cpu_ids, start)
#define for_each_possible_cpu(cpu)	for_each_cpu((cpu), cpu_possible_mask)
#define for_each_online_cpu(cpu)	for_each_cpu((cpu), cpu_online_mask)
#define for_each_present_cpu(cpu)	for_each_cpu((cpu), cpu_present_mask)

/* Some CPU of the mask other than @cpu, or nr_cpu_ids. */
static inline unsigned int cpumask_any_but(const struct cpumask *mask, unsigned int cpu)
{
	unsigned int i;

	for_each_cpu(i, mask)
		if (i != cpu)
			break;
	return i;
}

#define CPU_BITS_NONE	{ [0 ... BITS_TO_LONGS(NR_CPUS) - 1] = 0UL }
#define CPU_MASK_NONE	((cpumask_t) { { [0 ... BITS_TO_LONGS(NR_CPUS) - 1] = 0UL } })
#define CPU_MASK_ALL	((cpumask_t) { { [0 ... BITS_TO_LONGS(NR_CPUS) - 1] = ~0UL } })

static inline void cpumask_set_cpu(unsigned int cpu, struct cpumask *dstp)
{
	set_bit(cpu, cpumask_bits(dstp));
}

static inline void __cpumask_set_cpu(unsigned int cpu, struct cpumask *dstp)
{
	__set_bit(cpu, cpumask_bits(dstp));
}

static inline void cpumask_clear_cpu(int cpu, struct cpumask *dstp)
{
	clear_bit(cpu, cpumask_bits(dstp));
}

static inline void __cpumask_clear_cpu(int cpu, struct cpumask *dstp)
{
	__clear_bit(cpu, cpumask_bits(dstp));
}

static inline bool cpumask_test_cpu(int cpu, const struct cpumask *cpumask)
{
	return test_bit(cpu, cpumask_bits(cpumask));
}

static inline bool cpumask_test_and_set_cpu(int cpu, struct cpumask *cpumask)
{
	return test_and_set_bit(cpu, cpumask_bits(cpumask));
}

static inline bool cpumask_test_and_clear_cpu(int cpu, struct cpumask *cpumask)
{
	return test_and_clear_bit(cpu, cpumask_bits(cpumask));
}

#define cpumask_setall(dstp)	bitmap_fill(cpumask_bits(dstp), nr_cpu_ids)
#define cpumask_clear(dstp)	bitmap_zero(cpumask_bits(dstp), nr_cpu_ids)
#define cpumask_and(dstp, a, b)	\
	bitmap_and(cpumask_bits(dstp), cpumask_bits(a), cpumask_bits(b), nr_cpu_ids)
#define cpumask_or(dstp, a, b)	\
	bitmap_or(cpumask_bits(dstp), cpumask_bits(a), cpumask_bits(b), nr_cpu_ids)
#define cpumask_xor(dstp, a, b)	\
	bitmap_xor(cpumask_bits(dstp), cpumask_bits(a), cpumask_bits(b), nr_cpu_ids)
#define cpumask_andnot(dstp, a, b) \
	bitmap_andnot(cpumask_bits(dstp), cpumask_bits(a), cpumask_bits(b), nr_cpu_ids)
#define cpumask_complement(dstp, src) \
	bitmap_complement(cpumask_bits(dstp), cpumask_bits(src), nr_cpu_ids)
#define cpumask_copy(dstp, src)	\
	bitmap_copy(cpumask_bits(dstp), cpumask_bits(src), nr_cpu_ids)
#define cpumask_equal(a, b)	bitmap_equal(cpumask_bits(a), cpumask_bits(b), nr_cpu_ids)
#define cpumask_intersects(a, b) \
	bitmap_intersects(cpumask_bits(a), cpumask_bits(b), nr_cpu_ids)
#define cpumask_subset(a, b)	bitmap_subset(cpumask_bits(a), cpumask_bits(b), nr_cpu_ids)
#define cpumask_empty(src)	bitmap_empty(cpumask_bits(src), nr_cpu_ids)
#define cpumask_full(src)	bitmap_full(cpumask_bits(src), nr_cpu_ids)
#define cpumask_weight(src)	bitmap_weight(cpumask_bits(src), nr_cpu_ids)
#define cpumask_weight_and(a, b) \
	bitmap_weight_and(cpumask_bits(a), cpumask_bits(b), nr_cpu_ids)
#define cpumask_any(srcp)	cpumask_first(srcp)
#define cpumask_any_and(a, b)	cpumask_first_and((a), (b))
#define cpumask_size()		((unsigned int)bitmap_size(nr_cpu_ids))
#define cpulist_parse(buf, dstp) bitmap_parselist(buf, cpumask_bits(dstp), nr_cpu_ids)

/* A constant mask with one bit: rows of zeroes overlap, see lib/cpumask.c. */
extern unsigned long cpu_bit_bitmap[BITS_PER_LONG + 1][BITS_TO_LONGS(NR_CPUS)];
static inline const struct cpumask *cpumask_of(unsigned int cpu)
{
	return (const struct cpumask *)(cpu_bit_bitmap[1 + cpu % BITS_PER_LONG] -
					cpu / BITS_PER_LONG);
}

/* May fail under memory pressure and by injection. A struct cpumask of full size. */
bool alloc_cpumask_var_node(cpumask_var_t *mask, gfp_t flags, int node);
bool zalloc_cpumask_var_node(cpumask_var_t *mask, gfp_t flags, int node);
bool alloc_cpumask_var(cpumask_var_t *mask, gfp_t flags);
bool zalloc_cpumask_var(cpumask_var_t *mask, gfp_t flags);
void free_cpumask_var(cpumask_var_t mask);
static inline bool cpumask_available(cpumask_var_t mask) { return mask != NULL; }

void set_cpu_possible(unsigned int cpu, bool possible);
void set_cpu_online(unsigned int cpu, bool online);
#define num_online_cpus()	cpumask_weight(cpu_online_mask)
#define num_possible_cpus()	cpumask_weight(cpu_possible_mask)
#define cpu_online(cpu)		cpumask_test_cpu((cpu), cpu_online_mask)
#define cpu_possible(cpu)	cpumask_test_cpu((cpu), cpu_possible_mask)
#define cpu_active(cpu)		cpumask_test_cpu((cpu), cpu_active_mask)

#endif /* __LINUX_CPUMASK_H */
