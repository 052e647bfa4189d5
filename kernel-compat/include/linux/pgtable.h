/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page tables, the part that is the same on every architecture.
 *
 * same: offsets, *_addr_end(), *_none_or_clear_bad(), set_ptes(), full and batched
 * variants, ptep_modify_prot_start()/commit(), pte_offset_map() that may fail and is
 * an RCU reader until pte_unmap().
 * model: a bad upper-level entry is a violation before it is cleared.
 */
#ifndef _LINUX_PGTABLE_H
#define _LINUX_PGTABLE_H

#include <linux/mm_types.h>
#include <linux/rcupdate.h>
#include <linux/bug.h>
#include <asm/pgtable.h>

#define PMD_ORDER	(PMD_SHIFT - PAGE_SHIFT)
#define PUD_ORDER	(PUD_SHIFT - PAGE_SHIFT)
#define FIRST_USER_ADDRESS	0UL
#define USER_PGTABLES_CEILING	0UL

#define pgd_index(a)	(((a) >> PGDIR_SHIFT) & (PTRS_PER_PGD - 1))

static inline unsigned long pud_index(unsigned long address)
{
	return (address >> PUD_SHIFT) & (PTRS_PER_PUD - 1);
}

static inline unsigned long pmd_index(unsigned long address)
{
	return (address >> PMD_SHIFT) & (PTRS_PER_PMD - 1);
}

static inline unsigned long pte_index(unsigned long address)
{
	return (address >> PAGE_SHIFT) & (PTRS_PER_PTE - 1);
}

static inline pgd_t *pgd_offset_pgd(pgd_t *pgd, unsigned long address)
{
	return pgd + pgd_index(address);
}
#define pgd_offset(mm, address)	pgd_offset_pgd((mm)->pgd, (address))

static inline pud_t *pud_offset(p4d_t *p4d, unsigned long address)
{
	return p4d_pgtable(p4dp_get(p4d)) + pud_index(address);
}

static inline pmd_t *pmd_offset(pud_t *pud, unsigned long address)
{
	return pud_pgtable(pudp_get(pud)) + pmd_index(address);
}

static inline pte_t *pte_offset_kernel(pmd_t *pmd, unsigned long address)
{
	return (pte_t *)pmd_page_vaddr(pmdp_get(pmd)) + pte_index(address);
}

static inline pmd_t *pmd_off(struct mm_struct *mm, unsigned long va)
{
	return pmd_offset(pud_offset(p4d_offset(pgd_offset(mm, va), va), va), va);
}

static inline pte_t *__pte_map(pmd_t *pmd, unsigned long address)
{
	return pte_offset_kernel(pmd, address);
}

static inline void pte_unmap(pte_t *pte)
{
	rcu_read_unlock();
}

void pte_free_defer(struct mm_struct *mm, pgtable_t pgtable);

/* End of the range that one entry covers, or @end if that comes first. */
#define __level_addr_end(addr, end, size, mask)					\
({	unsigned long __boundary = ((addr) + (size)) & (mask);			\
	(__boundary - 1 < (end) - 1) ? __boundary : (end);			\
})
#define pgd_addr_end(addr, end)	__level_addr_end(addr, end, PGDIR_SIZE, PGDIR_MASK)
#define p4d_addr_end(addr, end)	(end)
#define pud_addr_end(addr, end)	__level_addr_end(addr, end, PUD_SIZE, PUD_MASK)
#define pmd_addr_end(addr, end)	__level_addr_end(addr, end, PMD_SIZE, PMD_MASK)

void pgd_clear_bad(pgd_t *pgd);
void p4d_clear_bad(p4d_t *p4d);
void pud_clear_bad(pud_t *pud);
void pmd_clear_bad(pmd_t *pmd);

#define __NONE_OR_CLEAR_BAD(lvl)						\
static inline int lvl##_none_or_clear_bad(lvl##_t *lvl##p)			\
{										\
	lvl##_t val = lvl##p_get(lvl##p);					\
										\
	if (lvl##_none(val))							\
		return 1;							\
	if (unlikely(lvl##_bad(val))) {					\
		lvl##_clear_bad(lvl##p);					\
		return 1;							\
	}									\
	return 0;								\
}
__NONE_OR_CLEAR_BAD(pgd)
__NONE_OR_CLEAR_BAD(p4d)
__NONE_OR_CLEAR_BAD(pud)
__NONE_OR_CLEAR_BAD(pmd)

static inline int pmd_none_or_trans_huge_or_clear_bad(pmd_t *pmd)
{
	pmd_t val = pmdp_get_lockless(pmd);

	if (pmd_none(val) || pmd_trans_huge(val) || !pmd_present(val))
		return 1;
	if (unlikely(pmd_bad(val))) {
		pmd_clear_bad(pmd);
		return 1;
	}
	return 0;
}

static inline pte_t pte_advance_pfn(pte_t pte, unsigned long nr)
{
	if (__pte_needs_invert(pte_val(pte)))
		return __pte(pte_val(pte) - (nr << PFN_PTE_SHIFT));
	return __pte(pte_val(pte) + (nr << PFN_PTE_SHIFT));
}
#define pte_next_pfn(pte) pte_advance_pfn(pte, 1)

static inline void set_ptes(struct mm_struct *mm, unsigned long addr, pte_t *ptep,
			    pte_t pte, unsigned int nr)
{
	for (;;) {
		set_pte(ptep, pte);
		if (--nr == 0)
			break;
		ptep++;
		pte = pte_next_pfn(pte);
	}
}
#define set_pte_at(mm, addr, ptep, pte) set_ptes(mm, addr, ptep, pte, 1)

static inline void ptep_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	ptep_get_and_clear(mm, addr, ptep);
}

static inline pte_t ptep_get_and_clear_full(struct mm_struct *mm, unsigned long addr,
					    pte_t *ptep, int full)
{
	return ptep_get_and_clear(mm, addr, ptep);
}

static inline void pte_clear_not_present_full(struct mm_struct *mm, unsigned long addr,
					      pte_t *ptep, int full)
{
	pte_clear(mm, addr, ptep);
}

/*
 * Change protection bits of a present entry.  start() leaves the entry empty, so
 * hardware cannot update it until commit(), and charges the time of both.
 */
pte_t ptep_modify_prot_start(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep);

static inline void ptep_modify_prot_commit(struct vm_area_struct *vma,
					   unsigned long addr, pte_t *ptep,
					   pte_t old_pte, pte_t pte)
{
	set_pte_at(vma->vm_mm, addr, ptep, pte);
}

pte_t ptep_clear_flush(struct vm_area_struct *vma, unsigned long address, pte_t *ptep);
pmd_t pmdp_huge_clear_flush(struct vm_area_struct *vma, unsigned long address,
			    pmd_t *pmdp);
pmd_t pmdp_invalidate_ad(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp);
pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp);
pmd_t pmdp_invalidate(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp);
int pmdp_clear_flush_young(struct vm_area_struct *vma, unsigned long address,
			   pmd_t *pmdp);

#define pte_access_permitted(pte, write)					\
	((pte_flags(pte) & (_PAGE_PRESENT | _PAGE_USER)) ==			\
	 (_PAGE_PRESENT | _PAGE_USER) && (!(write) || pte_write(pte)))
#define pmd_access_permitted(pmd, write)					\
	((pmd_flags(pmd) & (_PAGE_PRESENT | _PAGE_USER)) ==			\
	 (_PAGE_PRESENT | _PAGE_USER) && (!(write) || pmd_write(pmd)))

static inline void update_mmu_tlb(struct vm_area_struct *vma, unsigned long address,
				  pte_t *ptep) { }
static inline void update_mmu_tlb_range(struct vm_area_struct *vma, unsigned long address,
					pte_t *ptep, unsigned int nr) { }
#define update_mmu_cache(vma, addr, ptep) do { } while (0)
#define update_mmu_cache_range(vmf, vma, addr, ptep, nr) do { } while (0)
#define update_mmu_cache_pmd(vma, addr, pmdp) do { } while (0)
#define flush_cache_range(vma, start, end) do { } while (0)
#define flush_cache_page(vma, addr, pfn) do { } while (0)
#define flush_cache_mm(mm) do { } while (0)
#define flush_cache_dup_mm(mm) do { } while (0)
#define flush_icache_pages(vma, page, nr) do { } while (0)
#define arch_check_zapped_pte(vma, pte) do { } while (0)
#define arch_needs_pgtable_deposit() (false)
#define pte_sw_mkyoung(pte) (pte)
#define move_pte(pte, old_addr, new_addr) (pte)
#define pgprot_nx(prot) __pgprot(pgprot_val(prot) | _PAGE_NX)

typedef unsigned int pgtbl_mod_mask;

pgprot_t vm_get_page_prot(unsigned long vm_flags);

#endif /* _LINUX_PGTABLE_H */
