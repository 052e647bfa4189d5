// SPDX-License-Identifier: GPL-2.0
/*
 * mmu_gather: unmap now, free pages after the flush.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/swap.h>
#include <linux/mmu_notifier.h>
#include <asm/tlb.h>

/* Room for more pages: another batch, or false when the caller has to flush. */
static bool tlb_next_batch(struct mmu_gather *tlb)
{
	struct mmu_gather_batch *batch = tlb->active->next;

	if (batch) {
		tlb->active = batch;
		return true;
	}
	if (tlb->batch_count == MAX_GATHER_BATCH_COUNT)
		return false;
	batch = kmalloc(sizeof(*batch) + MAX_GATHER_BATCH * sizeof(struct page *),
			GFP_NOWAIT | __GFP_NOWARN);
	if (!batch)
		return false;
	tlb->batch_count++;
	batch->next = NULL;
	batch->nr = 0;
	batch->max = MAX_GATHER_BATCH;
	batch->pages = (struct page **)(batch + 1);
	tlb->active->next = batch;
	tlb->active = batch;
	return true;
}

bool __tlb_remove_page(struct mmu_gather *tlb, struct page *page, bool delay_rmap)
{
	struct mmu_gather_batch *batch = tlb->active;

	VM_BUG_ON(!tlb->end);
	VM_BUG_ON(delay_rmap);
	batch->pages[batch->nr++] = page;
	if (batch->nr == batch->max)
		return !tlb_next_batch(tlb);
	return false;
}

/* Tables are few: without memory for a batch, flush and free the one at hand. */
void tlb_remove_table(struct mmu_gather *tlb, void *table)
{
	struct mmu_table_batch *batch = tlb->batch;

	if (!batch || batch->nr == MAX_TABLE_BATCH) {
		batch = kmalloc(sizeof(*batch), GFP_NOWAIT | __GFP_NOWARN);
		if (!batch) {
			tlb_flush_mmu_tlbonly(tlb);
			pagetable_free_rcu(table);
			return;
		}
		batch->next = tlb->batch;
		batch->nr = 0;
		tlb->batch = batch;
	}
	batch->tables[batch->nr++] = table;
}

static void tlb_remove_table_smp_sync(void *arg)
{
	/* the interrupt is all that is wanted */
}

/* Wait until no CPU is in a GUP-fast that found tables before they were unlinked. */
void tlb_remove_table_sync_one(void)
{
	smp_call_function(tlb_remove_table_smp_sync, NULL, 1);
}

void tlb_flush_mmu_tlbonly(struct mmu_gather *tlb)
{
	/* Only when something was cleared since the last flush. */
	if (!(tlb->freed_tables || tlb->cleared_ptes || tlb->cleared_pmds ||
	      tlb->cleared_puds || tlb->cleared_p4ds))
		return;
	if (tlb->fullmm || tlb->need_flush_all)
		flush_tlb_mm(tlb->mm);
	else if (tlb->end)
		flush_tlb_mm_range(tlb->mm, tlb->start, tlb->end, tlb_get_unmap_shift(tlb),
				   tlb->freed_tables);
	__tlb_reset_range(tlb);
}

static void tlb_tables_free(struct mmu_gather *tlb)
{
	while (tlb->batch) {
		struct mmu_table_batch *batch = tlb->batch;
		unsigned int i;

		for (i = 0; i < batch->nr; i++)
			pagetable_free_rcu(batch->tables[i]);
		tlb->batch = batch->next;
		kfree(batch);
	}
}

static void tlb_pages_free(struct mmu_gather *tlb)
{
	struct mmu_gather_batch *batch;

	for (batch = &tlb->local; batch && batch->nr; batch = batch->next) {
		release_pages(batch->pages, batch->nr);
		batch->nr = 0;
	}
	tlb->active = &tlb->local;
}

void tlb_flush_mmu(struct mmu_gather *tlb)
{
	tlb_flush_mmu_tlbonly(tlb);
	tlb_tables_free(tlb);
	tlb_pages_free(tlb);
}

static void __tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm, bool fullmm)
{
	memset(tlb, 0, sizeof(*tlb));
	tlb->mm = mm;
	tlb->fullmm = fullmm;
	tlb->local.max = MMU_GATHER_BUNDLE;
	tlb->local.pages = tlb->__pages;
	tlb->active = &tlb->local;
	__tlb_reset_range(tlb);
	inc_tlb_flush_pending(mm);
}

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm)
{
	__tlb_gather_mmu(tlb, mm, false);
}

void tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm_struct *mm)
{
	__tlb_gather_mmu(tlb, mm, true);
}

/*
 * tlb_finish_mmu() - flush, free, end
 *
 * When another batch of this address space ran meanwhile, it may have seen entries
 * that this one had changed and not flushed, and skipped them: flush everything.
 */
void tlb_finish_mmu(struct mmu_gather *tlb)
{
	struct mmu_gather_batch *batch, *next;

	if (mm_tlb_flush_nested(tlb->mm)) {
		tlb->fullmm = 1;
		__tlb_reset_range(tlb);
		tlb->freed_tables = 1;
	}
	tlb_flush_mmu(tlb);
	for (batch = tlb->local.next; batch; batch = next) {
		next = batch->next;
		kfree(batch);
	}
	tlb->local.next = NULL;
	dec_tlb_flush_pending(tlb->mm);
}
