// SPDX-License-Identifier: GPL-2.0
/*
 * The huge zero page: 2 MiB of zeroes that read faults map, made when first wanted.
 *
 * Each mm that ever maps it takes one reference, noted in mm->flags and dropped at the
 * mm's end; mappings count nothing.  One reference more belongs to the shrinker, who
 * frees the page when that is the last.
 */
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/vmstat.h>
#include <machine/machine.h>
#include <exec/hooks.h>

static atomic_t huge_zero_refcount;
struct folio *huge_zero_folio;
unsigned long huge_zero_pfn = ~0UL;

/* Take a reference; make the page if there is none. False: no memory. */
static bool get_huge_zero_folio(void)
{
	struct folio *folio;

	while (!atomic_inc_not_zero(&huge_zero_refcount)) {
		folio = folio_alloc((GFP_TRANSHUGE | __GFP_ZERO) & ~__GFP_MOVABLE,
				    HPAGE_PMD_ORDER);
		if (!folio) {
			count_vm_event(THP_ZERO_PAGE_ALLOC_FAILED);
			return false;
		}
		/* not one of those that are mapped and counted */
		folio_clear_large_rmappable(folio);
		preempt_disable();
		if (cmpxchg(&huge_zero_folio, NULL, folio)) {
			/* others were faster, or the shrinker is not done yet */
			preempt_enable();
			folio_put(folio);
			continue;
		}
		WRITE_ONCE(huge_zero_pfn, folio_pfn(folio));
		/* ours and the shrinker's; a release for those who find it not zero */
		atomic_set_release(&huge_zero_refcount, 2);
		preempt_enable();
		count_vm_event(THP_ZERO_PAGE_ALLOC);
		return true;
	}
	return true;
}

static void put_huge_zero_folio(void)
{
	/* The shrinker's reference is never the one that is put here. */
	BUG_ON(atomic_dec_and_test(&huge_zero_refcount));
}

/**
 * mm_get_huge_zero_folio() - the huge zero page, for @mm to map
 * @mm:	address space that will hold a reference until its end
 *
 * Return: the folio, or NULL without memory. Context: may sleep.
 */
struct folio *mm_get_huge_zero_folio(struct mm_struct *mm)
{
	if (test_bit(MMF_HUGE_ZERO_PAGE, &mm->flags))
		return READ_ONCE(huge_zero_folio);
	if (!get_huge_zero_folio())
		return NULL;
	if (test_and_set_bit(MMF_HUGE_ZERO_PAGE, &mm->flags))
		put_huge_zero_folio();
	return READ_ONCE(huge_zero_folio);
}

/* The mm has no mappings left. */
void mm_put_huge_zero_folio(struct mm_struct *mm)
{
	if (test_bit(MMF_HUGE_ZERO_PAGE, &mm->flags))
		put_huge_zero_folio();
}

/*
 * Free the page if no mm has it. The frame number goes before the pointer: once that is
 * NULL, somebody may set both.
 */
unsigned long shrink_huge_zero_page(void)
{
	struct folio *folio;

	if (atomic_cmpxchg(&huge_zero_refcount, 1, 0) != 1)
		return 0;
	WRITE_ONCE(huge_zero_pfn, ~0UL);
	folio = xchg(&huge_zero_folio, NULL);
	BUG_ON(!folio);
	folio_put(folio);
	return HPAGE_PMD_NR;
}

int huge_zero_references(void)
{
	return atomic_read(&huge_zero_refcount);
}

unsigned long exec_huge_zero_pages(void)
{
	return huge_zero_references() == 1 ? HPAGE_PMD_NR : 0;
}

static void huge_zero_stop(void)
{
	shrink_huge_zero_page();
}
MACHINE_SUBSYS(huge_zero, MACHINE_ORDER_VM, NULL, huge_zero_stop, NULL);
