/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page-table pages.
 *
 * same: who allocates, who accounts, and that tables are freed only after every CPU
 * flushed and a grace period passed.
 * model: tables live in the host's heap (so address sanitizers see each), with a
 * descriptor of their own instead of a struct page; they do not take memory from the
 * simulated nodes but count in NR_PAGETABLE of the node they were allocated on.
 */
#ifndef _ASM_X86_PGALLOC_H
#define _ASM_X86_PGALLOC_H

#include <linux/mm_types.h>
#include <linux/spinlock.h>
#include <linux/gfp.h>
#include <asm/pgtable.h>

enum pgtable_level {
	PGTABLE_LEVEL_PTE,
	PGTABLE_LEVEL_PMD,
	PGTABLE_LEVEL_PUD,
	PGTABLE_LEVEL_PGD,
};

/**
 * struct ptdesc - descriptor of one page-table page
 * @ptl:	lock of the table's entries (PTE and PMD levels)
 * @pt_mm:	address space it belongs to; stable while the table is reachable
 * @pt_rcu_head: to free it after a grace period
 * @pmd_huge_pte: PMD level: first PTE table deposited here; PTE level: the next one
 * @linked:	PTE level: some PMD points to it, so that changes need its lock
 * @nid:	node whose NR_PAGETABLE counts it
 * @level:	which level it is
 * @magic:	PTDESC_MAGIC while allocated
 *
 * Lies right behind the 4096 bytes of the table.
 */
struct ptdesc {
	spinlock_t ptl;
	struct mm_struct *pt_mm;
	struct rcu_head pt_rcu_head;
	pgtable_t pmd_huge_pte;
	bool linked;
	int nid;
	enum pgtable_level level;
	unsigned int magic;
};
#define PTDESC_MAGIC 0x70746465

static inline struct ptdesc *virt_to_ptdesc(const void *entry)
{
	return (struct ptdesc *)(((unsigned long)entry & PAGE_MASK) + PAGE_SIZE);
}

static inline void *ptdesc_address(const struct ptdesc *pt)
{
	return (char *)pt - PAGE_SIZE;
}

/* NULL when out of memory. Context: may sleep. */
struct ptdesc *pagetable_alloc(struct mm_struct *mm, enum pgtable_level level);
/* Give back a table that no CPU can reach any more. Any context. */
void pagetable_free(struct ptdesc *pt);
/* Free it after a grace period. Any context. */
void pagetable_free_rcu(struct ptdesc *pt);

static inline pgtable_t pte_alloc_one(struct mm_struct *mm)
{
	return pagetable_alloc(mm, PGTABLE_LEVEL_PTE);
}

static inline void pte_free(struct mm_struct *mm, pgtable_t pte)
{
	pagetable_free(pte);
}

static inline pmd_t *pmd_alloc_one(struct mm_struct *mm, unsigned long addr)
{
	struct ptdesc *pt = pagetable_alloc(mm, PGTABLE_LEVEL_PMD);

	return pt ? ptdesc_address(pt) : NULL;
}

static inline void pmd_free(struct mm_struct *mm, pmd_t *pmd)
{
	pagetable_free(virt_to_ptdesc(pmd));
}

static inline pud_t *pud_alloc_one(struct mm_struct *mm, unsigned long addr)
{
	struct ptdesc *pt = pagetable_alloc(mm, PGTABLE_LEVEL_PUD);

	return pt ? ptdesc_address(pt) : NULL;
}

static inline void pud_free(struct mm_struct *mm, pud_t *pud)
{
	pagetable_free(virt_to_ptdesc(pud));
}

pgd_t *pgd_alloc(struct mm_struct *mm);
void pgd_free(struct mm_struct *mm, pgd_t *pgd);

#define pmd_pgtable(pmd)	virt_to_ptdesc((void *)pmd_page_vaddr(pmd))

static inline void pmd_populate(struct mm_struct *mm, pmd_t *pmd, pgtable_t pte)
{
	WRITE_ONCE(pte->linked, true);
	set_pmd(pmd, __pmd((unsigned long)ptdesc_address(pte) | _PAGE_TABLE));
}

static inline void pud_populate(struct mm_struct *mm, pud_t *pud, pmd_t *pmd)
{
	set_pud(pud, __pud((unsigned long)pmd | _PAGE_TABLE));
}

static inline void p4d_populate(struct mm_struct *mm, p4d_t *p4d, pud_t *pud)
{
	set_p4d(p4d, __p4d((unsigned long)pud | _PAGE_TABLE));
}

#endif /* _ASM_X86_PGALLOC_H */
