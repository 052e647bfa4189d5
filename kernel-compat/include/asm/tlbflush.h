/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flushing translations.
 *
 * same: which translations are certainly gone when a function returns.
 * model: each virtual CPU has a software TLB, tagged by address space.  mm_cpumask()
 * holds the CPUs whose TLB may have entries of the address space, running it or not;
 * a flush interrupts exactly those.  A CPU that does not run the address space drops
 * all its entries of it and leaves the mask.
 * Shim's own: tlb_page_freed(), tlb_ubc_free(), tlb_cpu_goes().
 */
#ifndef _ASM_X86_TLBFLUSH_H
#define _ASM_X86_TLBFLUSH_H

#include <linux/mm_types.h>
#include <linux/compiler.h>
#include <asm/pgtable.h>

struct task_struct;

#define TLB_FLUSH_ALL	(-1UL)
#define tlb_single_page_flush_ceiling	33UL

/*
 * Drop all translations of [start, end) of @mm from every TLB.  @stride_shift is
 * the size of what changed; @freed_tables: page tables themselves go away.
 * Context: interrupts enabled, may not sleep inside; any lock but TLB-internal ones.
 */
void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			unsigned int stride_shift, bool freed_tables);
void flush_tlb_all(void);
void flush_tlb_local(void);

#define flush_tlb_mm(mm)	flush_tlb_mm_range(mm, 0UL, TLB_FLUSH_ALL, 0UL, true)
#define flush_tlb_range(vma, start, end)					\
	flush_tlb_mm_range((vma)->vm_mm, start, end, PAGE_SHIFT, false)
#define flush_pmd_tlb_range(vma, start, end)					\
	flush_tlb_mm_range((vma)->vm_mm, start, end, PMD_SHIFT, false)

static inline void flush_tlb_page(struct vm_area_struct *vma, unsigned long a)
{
	flush_tlb_mm_range(vma->vm_mm, a, a + PAGE_SIZE, PAGE_SHIFT, false);
}

static inline u64 inc_mm_tlb_gen(struct mm_struct *mm)
{
	/* Full barrier: page-table writes before, the read of mm_cpumask() after. */
	return atomic64_inc_return(&mm->tlb_gen);
}

/* Batched flushes of many address spaces, under current->tlb_ubc. */
bool arch_tlbbatch_should_defer(struct mm_struct *mm);
void arch_tlbbatch_add_pending(struct tlbflush_unmap_batch *batch, struct mm_struct *mm,
			       unsigned long uaddr);
void arch_tlbbatch_flush(struct tlbflush_unmap_batch *batch);
static inline void arch_flush_tlb_batched_pending(struct mm_struct *mm)
{
	flush_tlb_mm(mm);
}

/* mm/internal.h's names for users of the batch. */
bool should_defer_flush(struct mm_struct *mm, unsigned int ttu_flags);
void set_tlb_ubc_flush_pending(struct mm_struct *mm, pte_t pteval, unsigned long uaddr);
void try_to_unmap_flush(void);
void try_to_unmap_flush_dirty(void);
void flush_tlb_batched_pending(struct mm_struct *mm);
/* The task_struct is being freed. */
void tlb_ubc_free(struct task_struct *tsk);
/* The CPU, on which nobody runs any more, is about to go offline. */
void tlb_cpu_goes(unsigned int cpu);

/* May a write through the old entry still be lost or unseen without a flush? */
static inline bool pte_flags_need_flush(unsigned long oldflags, unsigned long newflags,
					bool ignore_access)
{
	const unsigned long flush_on_clear = _PAGE_DIRTY | _PAGE_PRESENT |
		(ignore_access ? 0 : _PAGE_ACCESSED);
	const unsigned long software = _PAGE_SPECIAL | _PAGE_UFFD_WP |
		_PAGE_SOFT_DIRTY | _PAGE_DEVMAP | _PAGE_SAVED_DIRTY;
	const unsigned long flush_on_change = _PAGE_RW | _PAGE_USER | _PAGE_PWT |
		_PAGE_PCD | _PAGE_PSE | _PAGE_GLOBAL | _PAGE_PAT | _PAGE_PAT_LARGE |
		_PAGE_NX;
	unsigned long diff = oldflags ^ newflags;

	diff &= ~software;
	if (ignore_access)
		diff &= ~_PAGE_ACCESSED;
	if (diff & oldflags & flush_on_clear)
		return true;
	return diff & flush_on_change;
}

static inline bool pte_needs_flush(pte_t oldpte, pte_t newpte)
{
	if (!(pte_flags(oldpte) & _PAGE_PRESENT))
		return false;
	if (pte_pfn(oldpte) != pte_pfn(newpte))
		return true;
	return pte_flags_need_flush(pte_flags(oldpte), pte_flags(newpte), true);
}

static inline bool huge_pmd_needs_flush(pmd_t oldpmd, pmd_t newpmd)
{
	if (!(pmd_flags(oldpmd) & _PAGE_PRESENT))
		return false;
	if (pmd_pfn(oldpmd) != pmd_pfn(newpmd))
		return true;
	return pte_flags_need_flush(pmd_flags(oldpmd), pmd_flags(newpmd), false);
}

/* Each struct page counts the TLB entries that hold its frame. */
static inline u32 *page_tlb_count(struct page *page)
{
	return (u32 *)&page->memcg_data;
}

void __tlb_page_freed(struct page *page);

/**
 * tlb_page_freed() - a page is about to be freed
 * @page:	first page
 * @order:	2^order pages
 *
 * VIOLATION_TLB when a TLB still translates to one of them.  One load per page.
 */
static inline void tlb_page_freed(struct page *page, unsigned int order)
{
	unsigned long i;

	for (i = 0; i < 1UL << order; i++)
		if (unlikely(__atomic_load_n(page_tlb_count(page + i), __ATOMIC_RELAXED)))
			__tlb_page_freed(page + i);
}

#endif /* _ASM_X86_TLBFLUSH_H */
