/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bits of x86-64 page-table entries, and the types of the levels.
 *
 * same: every bit, PAGE_* protection and mask, the SavedDirty shifting included.
 * model: pgtable_t is the descriptor of a heap-allocated table, not a struct page.
 * Left out: memory encryption, protection keys, cache modes other than write-back.
 */
#ifndef _ASM_X86_PGTABLE_TYPES_H
#define _ASM_X86_PGTABLE_TYPES_H

#include <linux/types.h>
#include <asm/page_types.h>

typedef unsigned long pteval_t;
typedef unsigned long pmdval_t;
typedef unsigned long pudval_t;
typedef unsigned long p4dval_t;
typedef unsigned long pgdval_t;
typedef unsigned long pgprotval_t;

typedef struct { pteval_t pte; } pte_t;
typedef struct { pmdval_t pmd; } pmd_t;
typedef struct { pudval_t pud; } pud_t;
typedef struct { pgdval_t pgd; } pgd_t;
typedef struct { pgd_t pgd; } p4d_t;	/* folded into the pgd: four levels */
typedef struct pgprot { pgprotval_t pgprot; } pgprot_t;

struct ptdesc;
typedef struct ptdesc *pgtable_t;

#define __PAGETABLE_P4D_FOLDED	1

#define _PAGE_BIT_PRESENT	0
#define _PAGE_BIT_RW		1
#define _PAGE_BIT_USER		2
#define _PAGE_BIT_PWT		3
#define _PAGE_BIT_PCD		4
#define _PAGE_BIT_ACCESSED	5
#define _PAGE_BIT_DIRTY		6
#define _PAGE_BIT_PSE		7	/* leaf above the last level */
#define _PAGE_BIT_PAT		7	/* the same bit in the last level */
#define _PAGE_BIT_GLOBAL	8
#define _PAGE_BIT_SOFTW1	9
#define _PAGE_BIT_SOFTW2	10
#define _PAGE_BIT_SOFTW3	11
#define _PAGE_BIT_PAT_LARGE	12
#define _PAGE_BIT_SOFTW4	57
#define _PAGE_BIT_SOFTW5	58
#define _PAGE_BIT_NX		63

#define _PAGE_BIT_SPECIAL	_PAGE_BIT_SOFTW1
#define _PAGE_BIT_UFFD_WP	_PAGE_BIT_SOFTW2
#define _PAGE_BIT_SOFT_DIRTY	_PAGE_BIT_SOFTW3
#define _PAGE_BIT_DEVMAP	_PAGE_BIT_SOFTW4
#define _PAGE_BIT_SAVED_DIRTY	_PAGE_BIT_SOFTW5
#define _PAGE_BIT_PROTNONE	_PAGE_BIT_GLOBAL /* means so only without PRESENT */

#define _PAGE_PRESENT		(1UL << _PAGE_BIT_PRESENT)
#define _PAGE_RW		(1UL << _PAGE_BIT_RW)
#define _PAGE_USER		(1UL << _PAGE_BIT_USER)
#define _PAGE_PWT		(1UL << _PAGE_BIT_PWT)
#define _PAGE_PCD		(1UL << _PAGE_BIT_PCD)
#define _PAGE_ACCESSED		(1UL << _PAGE_BIT_ACCESSED)
#define _PAGE_DIRTY		(1UL << _PAGE_BIT_DIRTY)
#define _PAGE_PSE		(1UL << _PAGE_BIT_PSE)
#define _PAGE_GLOBAL		(1UL << _PAGE_BIT_GLOBAL)
#define _PAGE_PAT		(1UL << _PAGE_BIT_PAT)
#define _PAGE_PAT_LARGE		(1UL << _PAGE_BIT_PAT_LARGE)
#define _PAGE_SPECIAL		(1UL << _PAGE_BIT_SPECIAL)
#define _PAGE_UFFD_WP		(1UL << _PAGE_BIT_UFFD_WP)
#define _PAGE_SOFT_DIRTY	(1UL << _PAGE_BIT_SOFT_DIRTY)
#define _PAGE_DEVMAP		(1UL << _PAGE_BIT_DEVMAP)
#define _PAGE_SAVED_DIRTY	(1UL << _PAGE_BIT_SAVED_DIRTY)
#define _PAGE_NX		(1UL << _PAGE_BIT_NX)
#define _PAGE_PROTNONE		(1UL << _PAGE_BIT_PROTNONE)

/* In an entry that is not present. */
#define _PAGE_SWP_SOFT_DIRTY	_PAGE_RW
#define _PAGE_SWP_UFFD_WP	_PAGE_USER
#define _PAGE_SWP_EXCLUSIVE	_PAGE_PWT

#define _PAGE_KNL_ERRATUM_MASK	(_PAGE_DIRTY | _PAGE_ACCESSED)
#define _PAGE_DIRTY_BITS	(_PAGE_DIRTY | _PAGE_SAVED_DIRTY)

#define PTE_PFN_MASK		((pteval_t)PHYSICAL_PAGE_MASK)
#define PTE_FLAGS_MASK		(~PTE_PFN_MASK)

#define _COMMON_PAGE_CHG_MASK							\
	(PTE_PFN_MASK | _PAGE_PCD | _PAGE_PWT | _PAGE_SPECIAL | _PAGE_ACCESSED |	\
	 _PAGE_DIRTY_BITS | _PAGE_SOFT_DIRTY | _PAGE_DEVMAP | _PAGE_UFFD_WP)
#define _PAGE_CHG_MASK		(_COMMON_PAGE_CHG_MASK | _PAGE_PAT)
#define _HPAGE_CHG_MASK		(_COMMON_PAGE_CHG_MASK | _PAGE_PSE | _PAGE_PAT_LARGE)

#define _KERNPG_TABLE	(_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY)
#define _PAGE_TABLE	(_KERNPG_TABLE | _PAGE_USER)

#define pgprot_val(x)	((x).pgprot)
#define __pgprot(x)	((pgprot_t) { (x) })

#define __PG_USER	(_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED)
#define PAGE_NONE		__pgprot(_PAGE_ACCESSED | _PAGE_PROTNONE)
#define PAGE_SHARED		__pgprot(__PG_USER | _PAGE_RW | _PAGE_NX)
#define PAGE_SHARED_EXEC	__pgprot(__PG_USER | _PAGE_RW)
#define PAGE_COPY_NOEXEC	__pgprot(__PG_USER | _PAGE_NX)
#define PAGE_COPY_EXEC		__pgprot(__PG_USER)
#define PAGE_COPY		__pgprot(__PG_USER | _PAGE_NX)
#define PAGE_READONLY		__pgprot(__PG_USER | _PAGE_NX)
#define PAGE_READONLY_EXEC	__pgprot(__PG_USER)
#define PAGE_KERNEL							\
	__pgprot(_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_NX |	\
		 _PAGE_DIRTY | _PAGE_GLOBAL)

#define pte_val(x)	((x).pte)
#define pmd_val(x)	((x).pmd)
#define pud_val(x)	((x).pud)
#define p4d_val(x)	((x).pgd.pgd)
#define pgd_val(x)	((x).pgd)
#define __pte(x)	((pte_t) { (x) })
#define __pmd(x)	((pmd_t) { (x) })
#define __pud(x)	((pud_t) { (x) })
#define __p4d(x)	((p4d_t) { .pgd = { (x) } })
#define __pgd(x)	((pgd_t) { (x) })

static inline pteval_t pte_flags(pte_t pte)
{
	return pte_val(pte) & PTE_FLAGS_MASK;
}

static inline pmdval_t pmd_pfn_mask(pmd_t pmd)
{
	return pmd_val(pmd) & _PAGE_PSE ? PHYSICAL_PMD_PAGE_MASK : PTE_PFN_MASK;
}

static inline pmdval_t pmd_flags(pmd_t pmd)
{
	return pmd_val(pmd) & ~pmd_pfn_mask(pmd);
}

static inline pudval_t pud_pfn_mask(pud_t pud)
{
	return pud_val(pud) & _PAGE_PSE ? PHYSICAL_PUD_PAGE_MASK : PTE_PFN_MASK;
}

static inline pudval_t pud_flags(pud_t pud)
{
	return pud_val(pud) & ~pud_pfn_mask(pud);
}

static inline p4dval_t p4d_flags(p4d_t p4d)
{
	return p4d_val(p4d) & PTE_FLAGS_MASK;
}

#endif /* _ASM_X86_PGTABLE_TYPES_H */
