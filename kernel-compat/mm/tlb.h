/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The software TLB of a virtual CPU, inside.
 */
#ifndef _MM_TLB_H
#define _MM_TLB_H

#include <linux/types.h>
#include <linux/mm_types.h>
#include <exec/task.h>

#define TLB_SETS	64
#define TLB_WAYS	4

/* Low bits of tlb_entry.tag, above the page number. */
#define TLB_VALID	1UL
#define TLB_WRITE	2UL	/* stores are allowed and the entry in memory is dirty */
#define TLB_HUGE	4UL	/* covers 2 MiB */

/**
 * struct tlb_entry - one translation
 * @tag:	virtual address of the page or huge page | TLB_*; 0 when empty
 * @context:	mm->context_id of the address space
 * @pfn:	frame, the first of a huge page
 */
struct tlb_entry {
	unsigned long tag;
	u64 context;
	unsigned long pfn;
};

static inline unsigned long tlb_entry_size(const struct tlb_entry *e)
{
	return e->tag & TLB_HUGE ? PMD_SIZE : PAGE_SIZE;
}

/**
 * struct tlb - all translations that one virtual CPU has cached
 * @lock:	held for each fill, for each use of a translation and for each flush.
 *		So when a flush returns, no access through a dropped translation is in
 *		progress, and no walk that saw the page tables as they were before.
 * @mm:		address space in use, NULL while lazy from the start
 * @lazy:	a kernel thread runs; translations stay and are not used
 * @used:	bit per set that may have entries
 * @next:	way to replace next, per set
 * @hits:	lookups served
 * @misses:	walks
 * @flushes:	flushes this CPU took part in
 * @sets:	entries
 */
struct tlb {
	struct xlock lock;
	struct mm_struct *mm;
	bool lazy;
	u64 used;
	u8 next[TLB_SETS];
	u64 hits, misses, flushes;
	struct tlb_entry sets[TLB_SETS][TLB_WAYS];
};

/* The TLB of @cpu, or NULL when it never had one. */
struct tlb *cpu_tlb(unsigned int cpu);

enum tlb_access {
	TLB_READ,
	TLB_STORE,
};

/*
 * Find or fill the translation of @addr. Caller holds tlb->lock. False: page fault.
 */
bool tlb_translate(struct tlb *tlb, unsigned long addr, enum tlb_access access,
		   unsigned long *pfn);
/* The running CPU's TLB, locked; user mode of current. */
struct tlb *tlb_enter(void);
static inline void tlb_leave(struct tlb *tlb)
{
	xunlock(&tlb->lock);
}

void tlb_flush_cpus(const struct cpumask *mask);

struct tlb_stats {
	u64 hits, misses, flushes;
	unsigned int entries;
};
/* Sums over all CPUs. */
void tlb_get_stats(struct tlb_stats *stats);
/* How many TLB entries of any CPU translate to @pfn. */
unsigned int tlb_entries_of(unsigned long pfn);

#endif /* _MM_TLB_H */
