/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mmu_gather: unmap many pages, flush once, free the pages after the flush.
 *
 * same: tlb_gather_mmu() … tlb_finish_mmu(), when a batch is full, forced full flush
 * when batches nest, tables freed after the flush and a grace period.
 * model: delayed rmap removal (a large-folio and dirty-file refinement) is not there;
 * rmap is removed at once and a dirty shared page is flushed before its PTE lock is
 * dropped, as 6.12 does where delayed rmap is off.
 */
#ifndef _ASM_GENERIC_TLB_H
#define _ASM_GENERIC_TLB_H

#include <linux/mm_types.h>
#include <asm/pgalloc.h>
#include <asm/tlbflush.h>

#define MMU_GATHER_BUNDLE	8
#define MAX_GATHER_BATCH	126
#define MAX_GATHER_BATCH_COUNT	(10000UL / MAX_GATHER_BATCH)

struct mmu_gather_batch {
	struct mmu_gather_batch	*next;
	unsigned int		nr;
	unsigned int		max;
	struct page		**pages;
};

#define MAX_TABLE_BATCH		62
struct mmu_table_batch {
	struct mmu_table_batch	*next;
	unsigned int		nr;
	struct ptdesc		*tables[MAX_TABLE_BATCH];
};

/**
 * struct mmu_gather - an unmapping in progress
 * @mm:		address space
 * @start:	lowest address not yet flushed
 * @end:	end of what is not yet flushed; 0 when nothing is
 * @fullmm:	the whole address space goes
 * @need_flush_all: another batch nested in this one: flush everything
 * @freed_tables: page-table pages were unlinked
 * @cleared_ptes: entries of the last level were cleared
 * @cleared_pmds: … of the PMD level
 * @cleared_puds: … of the PUD level
 * @batch_count: batches allocated beyond @local
 */
struct mmu_gather {
	struct mm_struct	*mm;
	struct mmu_table_batch	*batch;
	unsigned long		start;
	unsigned long		end;
	unsigned int		fullmm : 1;
	unsigned int		need_flush_all : 1;
	unsigned int		freed_tables : 1;
	unsigned int		cleared_ptes : 1;
	unsigned int		cleared_pmds : 1;
	unsigned int		cleared_puds : 1;
	unsigned int		cleared_p4ds : 1;
	unsigned int		vma_exec : 1;
	unsigned int		vma_huge : 1;
	unsigned int		vma_pfn : 1;
	unsigned int		batch_count;
	struct mmu_gather_batch *active;
	struct mmu_gather_batch	local;
	struct page		*__pages[MMU_GATHER_BUNDLE];
};

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm);
void tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm_struct *mm);
void tlb_finish_mmu(struct mmu_gather *tlb);
void tlb_flush_mmu(struct mmu_gather *tlb);
void tlb_flush_mmu_tlbonly(struct mmu_gather *tlb);
void tlb_remove_table(struct mmu_gather *tlb, void *table);
void tlb_remove_table_sync_one(void);
/* true: the batch is full, call tlb_flush_mmu() before the next. */
bool __tlb_remove_page(struct mmu_gather *tlb, struct page *page, bool delay_rmap);

static inline void tlb_remove_page(struct mmu_gather *tlb, struct page *page)
{
	if (__tlb_remove_page(tlb, page, false))
		tlb_flush_mmu(tlb);
}

static inline void __tlb_reset_range(struct mmu_gather *tlb)
{
	if (tlb->fullmm) {
		tlb->start = tlb->end = ~0UL;
	} else {
		tlb->start = TASK_SIZE;
		tlb->end = 0;
	}
	tlb->freed_tables = 0;
	tlb->cleared_ptes = 0;
	tlb->cleared_pmds = 0;
	tlb->cleared_puds = 0;
	tlb->cleared_p4ds = 0;
}

static inline void __tlb_adjust_range(struct mmu_gather *tlb, unsigned long address,
				      unsigned int range_size)
{
	if (address < tlb->start)
		tlb->start = address;
	if (address + range_size > tlb->end)
		tlb->end = address + range_size;
}

static inline void tlb_flush_pte_range(struct mmu_gather *tlb, unsigned long address,
				       unsigned long size)
{
	__tlb_adjust_range(tlb, address, size);
	tlb->cleared_ptes = 1;
}

static inline void tlb_flush_pmd_range(struct mmu_gather *tlb, unsigned long address,
				       unsigned long size)
{
	__tlb_adjust_range(tlb, address, size);
	tlb->cleared_pmds = 1;
}

static inline void tlb_flush_pud_range(struct mmu_gather *tlb, unsigned long address,
				       unsigned long size)
{
	__tlb_adjust_range(tlb, address, size);
	tlb->cleared_puds = 1;
}

#define tlb_remove_tlb_entry(tlb, ptep, address)				\
	tlb_flush_pte_range(tlb, address, PAGE_SIZE)
#define tlb_remove_pmd_tlb_entry(tlb, pmdp, address)				\
	tlb_flush_pmd_range(tlb, address, HPAGE_SIZE)
static inline void tlb_remove_page_size(struct mmu_gather *tlb, struct page *page,
					int page_size)
{
	tlb_remove_page(tlb, page);
}

/* Only architectures that flush by page size need to flush when it changes. */
#define tlb_change_page_size(tlb, size)	do { (void)(tlb); } while (0)
static inline bool tlb_delay_rmap(struct mmu_gather *tlb) { return false; }
#define tlb_start_vma(tlb, vma)	do { (void)(vma); } while (0)

/* Flush between VMAs only where a later page-table free could not do it. */
static inline void tlb_end_vma(struct mmu_gather *tlb, struct vm_area_struct *vma)
{
	if (tlb->fullmm)
		return;
	tlb_flush_mmu_tlbonly(tlb);
}

static inline unsigned long tlb_get_unmap_shift(struct mmu_gather *tlb)
{
	if (tlb->cleared_ptes)
		return PAGE_SHIFT;
	if (tlb->cleared_pmds)
		return PMD_SHIFT;
	if (tlb->cleared_puds)
		return PUD_SHIFT;
	return PAGE_SHIFT;
}

/* An entry at @address pointed to a table that is unlinked now. */
static inline void pte_free_tlb(struct mmu_gather *tlb, pgtable_t pte,
				unsigned long address)
{
	tlb_flush_pmd_range(tlb, address, PAGE_SIZE);
	tlb->freed_tables = 1;
	tlb_remove_table(tlb, pte);
}

static inline void pmd_free_tlb(struct mmu_gather *tlb, pmd_t *pmd,
				unsigned long address)
{
	tlb_flush_pud_range(tlb, address, PAGE_SIZE);
	tlb->freed_tables = 1;
	tlb_remove_table(tlb, virt_to_ptdesc(pmd));
}

static inline void pud_free_tlb(struct mmu_gather *tlb, pud_t *pud,
				unsigned long address)
{
	__tlb_adjust_range(tlb, address, PAGE_SIZE);
	tlb->cleared_p4ds = 1;
	tlb->freed_tables = 1;
	tlb_remove_table(tlb, virt_to_ptdesc(pud));
}

#endif /* _ASM_GENERIC_TLB_H */
