// SPDX-License-Identifier: GPL-2.0
/*
 * stub: parts of huge pages that are not there yet. Each reports that it was called.
 */
#include <linux/mm.h>
#include <machine/violation.h>

/* Nobody splits them when memory is short yet, so nothing has to remember them. */
void __weak deferred_split_folio(struct folio *folio, bool partially_mapped)
{
}

bool __weak __folio_unqueue_deferred_split(struct folio *folio)
{
	violation(VIOLATION_BUG, "__folio_unqueue_deferred_split() does not exist yet");
	return false;
}

void __weak __khugepaged_enter(struct mm_struct *mm)
{
	violation(VIOLATION_BUG, "__khugepaged_enter() does not exist yet");
}

void __weak __khugepaged_exit(struct mm_struct *mm)
{
	violation(VIOLATION_BUG, "__khugepaged_exit() does not exist yet");
}

/* Nobody collapses pages yet; that changes nothing but when huge pages appear. */
void __weak khugepaged_enter_vma(struct vm_area_struct *vma, unsigned long vm_flags)
{
}

void __weak pmd_migration_entry_wait(struct mm_struct *mm, pmd_t *pmd)
{
	violation(VIOLATION_BUG, "pmd_migration_entry_wait() does not exist yet");
}

int __weak start_stop_khugepaged(void)
{
	return 0;
}

int __weak madvise_collapse(struct vm_area_struct *vma, struct vm_area_struct **prev,
			    unsigned long start, unsigned long end)
{
	return -EINVAL;
}

int __weak split_folio_to_list(struct folio *folio, struct list_head *list)
{
	return -EBUSY;
}
