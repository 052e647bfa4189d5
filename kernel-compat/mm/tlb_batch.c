// SPDX-License-Identifier: GPL-2.0
/*
 * Batched flushes: unmap pages of many address spaces, then interrupt each CPU once.
 *
 * Two sides.  The task that unmaps collects CPUs in current->tlb_ubc and flushes them
 * with try_to_unmap_flush() before it frees or reuses a page.  Whoever else changes
 * page tables of an address space with such a batch under way, and would conclude
 * from an empty entry that no TLB has it, first calls flush_tlb_batched_pending().
 * For that, mm->tlb_flush_batched counts batched unmaps in its low half and remembers
 * in its high half the count up to which it was flushed.
 */
#include <linux/mm.h>
#include <linux/rmap.h>
#include <linux/smp.h>
#include <linux/mmu_notifier.h>
#include <linux/vmstat.h>
#include <machine/cost.h>
#include <exec/host_memory.h>
#include "tlb.h"

#define TLB_FLUSH_BATCH_FLUSHED_SHIFT	16
#define TLB_FLUSH_BATCH_PENDING_MASK	((1 << (TLB_FLUSH_BATCH_FLUSHED_SHIFT - 1)) - 1)
#define TLB_FLUSH_BATCH_PENDING_LARGE	(TLB_FLUSH_BATCH_PENDING_MASK / 2)

/* Batching saves something only if other CPUs would have to be interrupted. */
bool arch_tlbbatch_should_defer(struct mm_struct *mm)
{
	bool defer = cpumask_any_but(mm_cpumask(mm), get_cpu()) < nr_cpu_ids;

	put_cpu();
	return defer;
}

void arch_tlbbatch_add_pending(struct tlbflush_unmap_batch *batch, struct mm_struct *mm,
			       unsigned long uaddr)
{
	if (!batch->cpumask) {
		batch->cpumask = host_zalloc(1, sizeof(struct cpumask));
		if (!batch->cpumask)
			panic("no host memory for a CPU mask");
	}
	inc_mm_tlb_gen(mm);
	cpumask_or(batch->cpumask, batch->cpumask, mm_cpumask(mm));
	mmu_notifier_arch_invalidate_secondary_tlbs(mm, 0, -1UL);
}

void arch_tlbbatch_flush(struct tlbflush_unmap_batch *batch)
{
	if (!batch->cpumask || cpumask_empty(batch->cpumask))
		return;
	tlb_flush_cpus(batch->cpumask);
	count_vm_event(NR_TLB_REMOTE_FLUSH);
	count_vm_events(NR_TLB_REMOTE_FLUSH_RECEIVED, cpumask_weight(batch->cpumask));
	cost_charge(COST_TLB_FLUSH_IPI, cpumask_weight(batch->cpumask));
	cpumask_clear(batch->cpumask);
}

void tlb_ubc_free(struct task_struct *tsk)
{
	host_free(tsk->tlb_ubc.cpumask);
	tsk->tlb_ubc.cpumask = NULL;
}

bool should_defer_flush(struct mm_struct *mm, unsigned int ttu_flags)
{
	return (ttu_flags & TTU_BATCH_FLUSH) && arch_tlbbatch_should_defer(mm);
}

/* Under the page-table lock of the entry that was just cleared. */
void set_tlb_ubc_flush_pending(struct mm_struct *mm, pte_t pteval, unsigned long uaddr)
{
	struct tlbflush_unmap_batch *tlb_ubc = &current->tlb_ubc;
	int batch;

	if (!pte_accessible(mm, pteval))
		return;
	arch_tlbbatch_add_pending(tlb_ubc, mm, uaddr);
	tlb_ubc->flush_required = true;

	batch = atomic_read(&mm->tlb_flush_batched);
	for (;;) {
		int new = batch + 1;

		/* Start over before the low half runs into the high one. */
		if ((batch & TLB_FLUSH_BATCH_PENDING_MASK) > TLB_FLUSH_BATCH_PENDING_LARGE)
			new = 1;
		if (atomic_try_cmpxchg(&mm->tlb_flush_batched, &batch, new))
			break;
	}
	if (pte_dirty(pteval))
		tlb_ubc->writable = true;
}

void try_to_unmap_flush(void)
{
	struct tlbflush_unmap_batch *tlb_ubc = &current->tlb_ubc;

	if (!tlb_ubc->flush_required)
		return;
	arch_tlbbatch_flush(tlb_ubc);
	tlb_ubc->flush_required = false;
	tlb_ubc->writable = false;
}

/* Before a page's contents are written out or copied: nobody may still write them. */
void try_to_unmap_flush_dirty(void)
{
	if (current->tlb_ubc.writable)
		try_to_unmap_flush();
}

/* Under a page-table lock of @mm. */
void flush_tlb_batched_pending(struct mm_struct *mm)
{
	int batch = atomic_read(&mm->tlb_flush_batched);
	int pending = batch & TLB_FLUSH_BATCH_PENDING_MASK;
	int flushed = batch >> TLB_FLUSH_BATCH_FLUSHED_SHIFT;

	if (pending == flushed)
		return;
	arch_flush_tlb_batched_pending(mm);
	/* Lost to a batch that came in between: flushed once more next time. */
	atomic_cmpxchg(&mm->tlb_flush_batched, batch,
		       pending | (pending << TLB_FLUSH_BATCH_FLUSHED_SHIFT));
}
