/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Swap entries: what a page-table entry that is not present says.
 *
 * same: numbering with CONFIG_MIGRATION, CONFIG_MEMORY_FAILURE and
 *	CONFIG_DEVICE_PRIVATE unset; young and dirty bits of migration entries;
 *	pte markers.
 * Left out: swap devices themselves.
 */
#ifndef _LINUX_SWAPOPS_H
#define _LINUX_SWAPOPS_H

#include <linux/bug.h>
#include <linux/mm.h>
#include <linux/mm_types.h>

#ifndef MAX_SWAPFILES_SHIFT
#define MAX_SWAPFILES_SHIFT	5
#define SWP_PTE_MARKER_NUM	1
#define SWP_PTE_MARKER		(MAX_SWAPFILES + SWP_MIGRATION_NUM)
#define SWP_MIGRATION_NUM	3
#define SWP_MIGRATION_READ	MAX_SWAPFILES
#define SWP_MIGRATION_READ_EXCLUSIVE	(MAX_SWAPFILES + 1)
#define SWP_MIGRATION_WRITE	(MAX_SWAPFILES + 2)
#define MAX_SWAPFILES							\
	((1 << MAX_SWAPFILES_SHIFT) - SWP_MIGRATION_NUM - SWP_PTE_MARKER_NUM)
#endif

#define SWP_TYPE_SHIFT		(63 - MAX_SWAPFILES_SHIFT)
#define SWP_OFFSET_MASK		((1UL << SWP_TYPE_SHIFT) - 1)
#define SWP_PFN_BITS		(46 - PAGE_SHIFT)	/* MAX_PHYSMEM_BITS, 4 levels */
#define SWP_PFN_MASK		((1UL << SWP_PFN_BITS) - 1)
#define SWP_MIG_YOUNG		(1UL << SWP_PFN_BITS)
#define SWP_MIG_DIRTY		(1UL << (SWP_PFN_BITS + 1))

static inline swp_entry_t swp_entry(unsigned long type, pgoff_t offset)
{
	return (swp_entry_t) { (type << SWP_TYPE_SHIFT) | (offset & SWP_OFFSET_MASK) };
}

static inline unsigned int swp_type(swp_entry_t entry)
{
	return entry.val >> SWP_TYPE_SHIFT;
}

static inline pgoff_t swp_offset(swp_entry_t entry)
{
	return entry.val & SWP_OFFSET_MASK;
}

static inline pte_t pte_swp_clear_flags(pte_t pte)
{
	return pte_swp_clear_uffd_wp(pte_swp_clear_soft_dirty(pte_swp_clear_exclusive(pte)));
}

static inline int is_swap_pte(pte_t pte)
{
	return !pte_none(pte) && !pte_present(pte);
}

static inline swp_entry_t pte_to_swp_entry(pte_t pte)
{
	swp_entry_t arch = __pte_to_swp_entry(pte_swp_clear_flags(pte));

	return swp_entry(__swp_type(arch), __swp_offset(arch));
}

static inline pte_t swp_entry_to_pte(swp_entry_t entry)
{
	swp_entry_t arch = __swp_entry(swp_type(entry), swp_offset(entry));

	return __swp_entry_to_pte(arch);
}

static inline int is_migration_entry(swp_entry_t entry)
{
	unsigned int type = swp_type(entry);

	return type == SWP_MIGRATION_READ || type == SWP_MIGRATION_READ_EXCLUSIVE ||
	       type == SWP_MIGRATION_WRITE;
}
static inline int is_writable_migration_entry(swp_entry_t entry)
{
	return swp_type(entry) == SWP_MIGRATION_WRITE;
}
static inline int is_readable_migration_entry(swp_entry_t entry)
{
	return swp_type(entry) == SWP_MIGRATION_READ;
}
static inline int is_readable_exclusive_migration_entry(swp_entry_t entry)
{
	return swp_type(entry) == SWP_MIGRATION_READ_EXCLUSIVE;
}
static inline swp_entry_t make_readable_migration_entry(pgoff_t offset)
{
	return swp_entry(SWP_MIGRATION_READ, offset);
}
static inline swp_entry_t make_readable_exclusive_migration_entry(pgoff_t offset)
{
	return swp_entry(SWP_MIGRATION_READ_EXCLUSIVE, offset);
}
static inline swp_entry_t make_writable_migration_entry(pgoff_t offset)
{
	return swp_entry(SWP_MIGRATION_WRITE, offset);
}

/* The offset field is wide enough here to carry the accessed and dirty bits. */
static inline bool migration_entry_supports_ad(void) { return true; }
static inline swp_entry_t make_migration_entry_young(swp_entry_t entry)
{
	return swp_entry(swp_type(entry), swp_offset(entry) | SWP_MIG_YOUNG);
}
static inline bool is_migration_entry_young(swp_entry_t entry)
{
	return (swp_offset(entry) & SWP_MIG_YOUNG) != 0;
}
static inline swp_entry_t make_migration_entry_dirty(swp_entry_t entry)
{
	return swp_entry(swp_type(entry), swp_offset(entry) | SWP_MIG_DIRTY);
}
static inline bool is_migration_entry_dirty(swp_entry_t entry)
{
	return (swp_offset(entry) & SWP_MIG_DIRTY) != 0;
}

void migration_entry_wait(struct mm_struct *mm, pmd_t *pmd, unsigned long address);

static inline bool is_device_private_entry(swp_entry_t entry) { return false; }
static inline bool is_device_exclusive_entry(swp_entry_t entry) { return false; }
static inline int is_hwpoison_entry(swp_entry_t entry) { return 0; }

static inline bool is_pfn_swap_entry(swp_entry_t entry)
{
	return is_migration_entry(entry);
}

static inline unsigned long swp_offset_pfn(swp_entry_t entry)
{
	VM_BUG_ON(!is_pfn_swap_entry(entry));
	return swp_offset(entry) & SWP_PFN_MASK;
}

#define __swap_entry_check_locked(entry, folio)					\
	BUG_ON(is_migration_entry(entry) && !folio_test_locked(folio))
#define pfn_swap_entry_to_page(entry)						\
({										\
	swp_entry_t __entry = (entry);						\
	struct page *__p = pfn_to_page(swp_offset_pfn(__entry));		\
										\
	/* Migration entries exist only while their folio is locked. */		\
	__swap_entry_check_locked(__entry, page_folio(__p));			\
	__p;									\
})
#define pfn_swap_entry_folio(entry)	page_folio(pfn_swap_entry_to_page(entry))

typedef unsigned long pte_marker;
#define PTE_MARKER_UFFD_WP	1UL
#define PTE_MARKER_POISONED	2UL
#define PTE_MARKER_MASK		3UL
static inline swp_entry_t make_pte_marker_entry(pte_marker marker)
{
	return swp_entry(SWP_PTE_MARKER, marker);
}
static inline bool is_pte_marker_entry(swp_entry_t entry)
{
	return swp_type(entry) == SWP_PTE_MARKER;
}
static inline pte_marker pte_marker_get(swp_entry_t entry)
{
	return swp_offset(entry) & PTE_MARKER_MASK;
}
static inline bool is_pte_marker(pte_t pte)
{
	return is_swap_pte(pte) && is_pte_marker_entry(pte_to_swp_entry(pte));
}
static inline int pte_none_mostly(pte_t pte)
{
	return pte_none(pte) || is_pte_marker(pte);
}

static inline swp_entry_t pmd_to_swp_entry(pmd_t pmd)
{
	swp_entry_t arch = __pmd_to_swp_entry(
		pmd_swp_clear_uffd_wp(pmd_swp_clear_soft_dirty(pmd)));

	return swp_entry(__swp_type(arch), __swp_offset(arch));
}

static inline pmd_t swp_entry_to_pmd(swp_entry_t entry)
{
	swp_entry_t arch = __swp_entry(swp_type(entry), swp_offset(entry));

	return __swp_entry_to_pmd(arch);
}

static inline int is_pmd_migration_entry(pmd_t pmd)
{
	return !pmd_present(pmd) && !pmd_none(pmd) &&
	       is_migration_entry(pmd_to_swp_entry(pmd));
}

static inline int non_swap_entry(swp_entry_t entry)
{
	return swp_type(entry) >= MAX_SWAPFILES;
}

#endif /* _LINUX_SWAPOPS_H */
