/* SPDX-License-Identifier: GPL-2.0 */
/*
 * x86-64 page-table entries: what they say, how they change, how they are stored.
 *
 * same: every predicate and every conversion, bit for bit, with the inversion of
 * not-present frame numbers and the SavedDirty shifting.  Entries that hardware may
 * update meanwhile are changed with xchg or cmpxchg, as on x86.
 * model: storing an entry also checks that the caller holds the lock of its table
 * (VIOLATION_PTL) and is a release; upper levels are read with acquire, because
 * sanitizers do not see the address dependency that orders them on x86.  A table's
 * entry holds the table's host address.
 */
#ifndef _ASM_X86_PGTABLE_H
#define _ASM_X86_PGTABLE_H

#include <linux/bug.h>
#include <linux/compiler.h>
#include <asm/page.h>
#include <asm/pgtable_types.h>
#include <engine/engine.h>

struct mm_struct;
struct vm_area_struct;

/*
 * VIOLATION_PTL unless the running task holds the page-table lock of the table that
 * @entry lies in (for upper levels of a private table: mmap_lock for writing, or the
 * address space has no users any more).
 */
void ptl_check(const void *entry, const char *what);

/* The inversion that keeps frame numbers of not-present entries out of reach. */
static inline bool __pte_needs_invert(u64 val)
{
	return val && !(val & _PAGE_PRESENT);
}

static inline u64 protnone_mask(u64 val)
{
	return __pte_needs_invert(val) ? ~0ULL : 0;
}

static inline u64 flip_protnone_guard(u64 oldval, u64 val, u64 mask)
{
	if (__pte_needs_invert(oldval) != __pte_needs_invert(val))
		val = (val & ~mask) | (~val & mask);
	return val;
}

/* Dirty moves to a software bit while an entry is read-only, and back. */
static inline pgprotval_t mksaveddirty_shift(pgprotval_t v)
{
	if (!(v & _PAGE_RW) && (v & _PAGE_DIRTY))
		v = (v & ~_PAGE_DIRTY) | _PAGE_SAVED_DIRTY;
	return v;
}

static inline pgprotval_t clear_saveddirty_shift(pgprotval_t v)
{
	if ((v & _PAGE_RW) && (v & _PAGE_SAVED_DIRTY))
		v = (v & ~_PAGE_SAVED_DIRTY) | _PAGE_DIRTY;
	return v;
}

/* One set of helpers for each level that can be a leaf. */
#define __PT_TEST(lvl, name, bits)						\
static inline int lvl##_##name(lvl##_t e)					\
{										\
	return (lvl##_flags(e) & (bits)) != 0;					\
}
#define __PT_SET(lvl, name, bits)						\
static inline lvl##_t lvl##_##name(lvl##_t e)					\
{										\
	return __##lvl(lvl##_val(e) | (bits));					\
}
#define __PT_CLEAR(lvl, name, bits)						\
static inline lvl##_t lvl##_##name(lvl##_t e)					\
{										\
	return __##lvl(lvl##_val(e) & ~(bits));					\
}
#define __PT_LEVEL(lvl, chg_mask, phys_mask)					\
static inline lvl##_t lvl##_set_flags(lvl##_t e, lvl##val_t set)		\
{										\
	return __##lvl(lvl##_val(e) | set);					\
}										\
static inline lvl##_t lvl##_clear_flags(lvl##_t e, lvl##val_t clear)		\
{										\
	return __##lvl(lvl##_val(e) & ~clear);					\
}										\
static inline lvl##_t lvl##_mksaveddirty(lvl##_t e)				\
{										\
	return __##lvl(mksaveddirty_shift(lvl##_val(e)));			\
}										\
static inline lvl##_t lvl##_clear_saveddirty(lvl##_t e)			\
{										\
	return __##lvl(clear_saveddirty_shift(lvl##_val(e)));			\
}										\
__PT_TEST(lvl, dirty, _PAGE_DIRTY_BITS)						\
__PT_TEST(lvl, young, _PAGE_ACCESSED)						\
__PT_TEST(lvl, write, _PAGE_RW)							\
__PT_TEST(lvl, soft_dirty, _PAGE_SOFT_DIRTY)					\
__PT_TEST(lvl, uffd_wp, _PAGE_UFFD_WP)						\
__PT_TEST(lvl, special, _PAGE_SPECIAL)						\
__PT_CLEAR(lvl, mkclean, _PAGE_DIRTY_BITS)					\
__PT_CLEAR(lvl, mkold, _PAGE_ACCESSED)						\
__PT_SET(lvl, mkyoung, _PAGE_ACCESSED)						\
__PT_SET(lvl, mkwrite_novma, _PAGE_RW)						\
__PT_SET(lvl, mksoft_dirty, _PAGE_SOFT_DIRTY)					\
__PT_CLEAR(lvl, clear_soft_dirty, _PAGE_SOFT_DIRTY)				\
__PT_SET(lvl, mkhuge, _PAGE_PSE)						\
__PT_CLEAR(lvl, clear_uffd_wp, _PAGE_UFFD_WP)					\
static inline lvl##_t lvl##_wrprotect(lvl##_t e)				\
{										\
	return lvl##_mksaveddirty(lvl##_clear_flags(e, _PAGE_RW));		\
}										\
static inline lvl##_t lvl##_mkdirty(lvl##_t e)					\
{										\
	return lvl##_mksaveddirty(lvl##_set_flags(e, _PAGE_DIRTY | _PAGE_SOFT_DIRTY)); \
}										\
static inline lvl##_t lvl##_mkuffd_wp(lvl##_t e)				\
{										\
	return lvl##_wrprotect(lvl##_set_flags(e, _PAGE_UFFD_WP));		\
}										\
static inline unsigned long lvl##_pfn(lvl##_t e)				\
{										\
	u64 v = lvl##_val(e);							\
										\
	return ((v ^ protnone_mask(v)) & (phys_mask(e))) >> PAGE_SHIFT;		\
}										\
static inline lvl##_t lvl##_modify(lvl##_t e, pgprot_t newprot)		\
{										\
	u64 old = lvl##_val(e);							\
	u64 v = (old & (chg_mask)) | (pgprot_val(newprot) & ~(chg_mask));	\
										\
	v = flip_protnone_guard(old, v, phys_mask(e));				\
	return old & _PAGE_RW ? lvl##_mksaveddirty(__##lvl(v)) :		\
				lvl##_clear_saveddirty(__##lvl(v));		\
}

#define __pte_phys_mask(e)	PTE_PFN_MASK
#define __pmd_phys_mask(e)	pmd_pfn_mask(e)
#define __pud_phys_mask(e)	pud_pfn_mask(e)
__PT_LEVEL(pte, _PAGE_CHG_MASK, __pte_phys_mask)
__PT_LEVEL(pmd, _HPAGE_CHG_MASK, __pmd_phys_mask)
__PT_LEVEL(pud, _HPAGE_CHG_MASK, __pud_phys_mask)

__PT_TEST(pte, huge, _PAGE_PSE)
__PT_TEST(pte, global, _PAGE_GLOBAL)
__PT_CLEAR(pte, clrhuge, _PAGE_PSE)
__PT_CLEAR(pte, mkexec, _PAGE_NX)
__PT_SET(pte, mkspecial, _PAGE_SPECIAL)
__PT_SET(pte, mkdevmap, _PAGE_SPECIAL | _PAGE_DEVMAP)
__PT_SET(pmd, mkdevmap, _PAGE_DEVMAP)
__PT_SET(pmd, mkspecial, _PAGE_SPECIAL)

/* Soft-dirty, uffd-wp and exclusive marks of swap and migration entries. */
#define __PT_SWP(lvl, name, bit)						\
__PT_TEST(lvl, swp_##name, bit)							\
__PT_CLEAR(lvl, swp_clear_##name, bit)
__PT_SWP(pte, soft_dirty, _PAGE_SWP_SOFT_DIRTY)
__PT_SWP(pte, uffd_wp, _PAGE_SWP_UFFD_WP)
__PT_SWP(pte, exclusive, _PAGE_SWP_EXCLUSIVE)
__PT_SWP(pmd, soft_dirty, _PAGE_SWP_SOFT_DIRTY)
__PT_SWP(pmd, uffd_wp, _PAGE_SWP_UFFD_WP)
__PT_SET(pte, swp_mksoft_dirty, _PAGE_SWP_SOFT_DIRTY)
__PT_SET(pte, swp_mkuffd_wp, _PAGE_SWP_UFFD_WP)
__PT_SET(pte, swp_mkexclusive, _PAGE_SWP_EXCLUSIVE)
__PT_SET(pmd, swp_mksoft_dirty, _PAGE_SWP_SOFT_DIRTY)
__PT_SET(pmd, swp_mkuffd_wp, _PAGE_SWP_UFFD_WP)

/* Swap entries: type in bits 59-63, inverted offset in bits 9-58. */
#define SWP_TYPE_BITS		5
#define SWP_OFFSET_FIRST_BIT	(_PAGE_BIT_PROTNONE + 1)
#define SWP_OFFSET_SHIFT	(SWP_OFFSET_FIRST_BIT + SWP_TYPE_BITS)
#define __swp_type(x)		((x).val >> (64 - SWP_TYPE_BITS))
#define __swp_offset(x)		(~(x).val << SWP_TYPE_BITS >> SWP_OFFSET_SHIFT)
#define __swp_entry(type, offset)						\
	((swp_entry_t) {							\
		(~(unsigned long)(offset) << SWP_OFFSET_SHIFT >> SWP_TYPE_BITS) | \
		((unsigned long)(type) << (64 - SWP_TYPE_BITS)) })
#define __pte_to_swp_entry(pte)	((swp_entry_t) { pte_val(pte) })
#define __pmd_to_swp_entry(pmd)	((swp_entry_t) { pmd_val(pmd) })
#define __swp_entry_to_pte(x)	__pte((x).val)
#define __swp_entry_to_pmd(x)	__pmd((x).val)

static inline bool pte_exec(pte_t pte) { return !(pte_flags(pte) & _PAGE_NX); }
static inline int pte_none(pte_t pte)
{
	return !(pte_val(pte) & ~_PAGE_KNL_ERRATUM_MASK);
}
static inline int pte_present(pte_t pte)
{
	return (pte_flags(pte) & (_PAGE_PRESENT | _PAGE_PROTNONE)) != 0;
}
static inline int pte_protnone(pte_t pte)
{
	return (pte_flags(pte) & (_PAGE_PROTNONE | _PAGE_PRESENT)) == _PAGE_PROTNONE;
}
static inline int pte_devmap(pte_t pte)
{
	return (pte_flags(pte) & _PAGE_DEVMAP) == _PAGE_DEVMAP;
}
static inline int pte_same(pte_t a, pte_t b) { return pte_val(a) == pte_val(b); }

/* Could a TLB hold it?  A PROT_NONE entry may still be cached until a pending flush. */
bool pte_accessible(struct mm_struct *mm, pte_t a);

static inline int pmd_none(pmd_t pmd)
{
	return !(pmd_val(pmd) & ~_PAGE_KNL_ERRATUM_MASK);
}
static inline int pmd_present(pmd_t pmd)
{
	return (pmd_flags(pmd) & (_PAGE_PRESENT | _PAGE_PROTNONE | _PAGE_PSE)) != 0;
}
static inline int pmd_protnone(pmd_t pmd)
{
	return (pmd_flags(pmd) & (_PAGE_PROTNONE | _PAGE_PRESENT)) == _PAGE_PROTNONE;
}
static inline bool pmd_leaf(pmd_t pmd) { return (pmd_flags(pmd) & _PAGE_PSE) != 0; }
static inline int pmd_trans_huge(pmd_t pmd)
{
	return (pmd_val(pmd) & (_PAGE_PSE | _PAGE_DEVMAP)) == _PAGE_PSE;
}
static inline int pmd_devmap(pmd_t pmd) { return !!(pmd_val(pmd) & _PAGE_DEVMAP); }
static inline int pmd_bad(pmd_t pmd)
{
	return (pmd_flags(pmd) & ~(_PAGE_USER | _PAGE_ACCESSED)) !=
	       (_KERNPG_TABLE & ~_PAGE_ACCESSED);
}
static inline int pmd_same(pmd_t a, pmd_t b) { return pmd_val(a) == pmd_val(b); }

static inline int pud_none(pud_t pud)
{
	return !(pud_val(pud) & ~_PAGE_KNL_ERRATUM_MASK);
}
static inline int pud_present(pud_t pud) { return pud_flags(pud) & _PAGE_PRESENT; }
static inline bool pud_leaf(pud_t pud) { return (pud_val(pud) & _PAGE_PSE) != 0; }
static inline int pud_trans_huge(pud_t pud) { return 0; }
static inline int pud_devmap(pud_t pud) { return 0; }
static inline int pud_bad(pud_t pud)
{
	return (pud_flags(pud) & ~(_KERNPG_TABLE | _PAGE_USER)) != 0;
}

static inline int p4d_none(p4d_t p4d)
{
	return !(p4d_val(p4d) & ~_PAGE_KNL_ERRATUM_MASK);
}
static inline int p4d_present(p4d_t p4d) { return p4d_flags(p4d) & _PAGE_PRESENT; }
static inline int p4d_bad(p4d_t p4d)
{
	return (p4d_flags(p4d) & ~(_KERNPG_TABLE | _PAGE_USER)) != 0;
}
static inline bool p4d_leaf(p4d_t p4d) { return false; }

/* The pgd level is folded: always there, always good. */
static inline int pgd_none(pgd_t pgd) { return 0; }
static inline int pgd_present(pgd_t pgd) { return 1; }
static inline int pgd_bad(pgd_t pgd) { return 0; }
static inline bool pgd_leaf(pgd_t pgd) { return false; }
static inline void pgd_clear(pgd_t *pgd) { }

#define pte_page(pte)	pfn_to_page(pte_pfn(pte))
#define pmd_page(pmd)	pfn_to_page(pmd_pfn(pmd))
#define PFN_PTE_SHIFT	PAGE_SHIFT

static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	u64 v = ((u64)pfn << PAGE_SHIFT) ^ protnone_mask(pgprot_val(prot));

	return __pte((v & PTE_PFN_MASK) | pgprot_val(prot));
}

static inline pmd_t pfn_pmd(unsigned long pfn, pgprot_t prot)
{
	u64 v = ((u64)pfn << PAGE_SHIFT) ^ protnone_mask(pgprot_val(prot));

	return __pmd((v & PHYSICAL_PMD_PAGE_MASK) | pgprot_val(prot));
}

static inline pmd_t pmd_mkinvalid(pmd_t pmd)
{
	return pfn_pmd(pmd_pfn(pmd),
		       __pgprot(pmd_flags(pmd) & ~(_PAGE_PRESENT | _PAGE_PROTNONE)));
}

#define mk_pte(page, pgprot)	pfn_pte(page_to_pfn(page), (pgprot))
#define mk_pmd(page, pgprot)	pfn_pmd(page_to_pfn(page), (pgprot))

static inline pgprot_t pgprot_modify(pgprot_t oldprot, pgprot_t newprot)
{
	return __pgprot((pgprot_val(oldprot) & _PAGE_CHG_MASK) |
			(pgprot_val(newprot) & ~_PAGE_CHG_MASK));
}

pte_t pte_mkwrite(pte_t pte, struct vm_area_struct *vma);
pmd_t pmd_mkwrite(pmd_t pmd, struct vm_area_struct *vma);

/* Loads.  The last level is relaxed, upper levels acquire what they lead to. */
static inline pte_t ptep_get(pte_t *ptep)
{
	return __pte(__read_once_kind(ptep->pte, "->", __ATOMIC_RELAXED,
				      EXEC_POINT_PTE));
}
static inline pte_t ptep_get_lockless(pte_t *ptep)
{
	return __pte(__read_once_kind(ptep->pte, "->", __ATOMIC_ACQUIRE,
				      EXEC_POINT_PTE));
}
static inline pmd_t pmdp_get(pmd_t *pmdp)
{
	return __pmd(__read_once_kind(pmdp->pmd, "->", __ATOMIC_ACQUIRE,
				      EXEC_POINT_PTE));
}
#define pmdp_get_lockless(pmdp)	pmdp_get(pmdp)
static inline void pmdp_get_lockless_sync(void) { }
static inline pud_t pudp_get(pud_t *pudp)
{
	return __pud(__read_once_kind(pudp->pud, "->", __ATOMIC_ACQUIRE,
				      EXEC_POINT_PTE));
}
static inline p4d_t p4dp_get(p4d_t *p4dp)
{
	return __p4d(__read_once_kind(p4dp->pgd.pgd, "->", __ATOMIC_ACQUIRE,
				      EXEC_POINT_PTE));
}
static inline pgd_t pgdp_get(pgd_t *pgdp)
{
	return __pgd(__atomic_load_n(&pgdp->pgd, __ATOMIC_ACQUIRE));
}

/* Stores; each checks the lock and is a release. */
#define __PT_STORE(p, val, what) do {						\
	bool __is_weak = exec_point_is_weak(EXEC_POINT_PTE, p);			\
	ptl_check(p, what);							\
	if (__is_weak)								\
		memory_store(p, sizeof(u64), true);				\
	__atomic_store_n((u64 *)(p), (val), __ATOMIC_RELEASE);			\
} while (0)

static inline void set_pte(pte_t *ptep, pte_t pte)
{
	__PT_STORE(ptep, pte_val(pte), "set_pte");
}
static inline void pte_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	__PT_STORE(ptep, 0, "pte_clear");
}
static inline void set_pmd(pmd_t *pmdp, pmd_t pmd)
{
	__PT_STORE(pmdp, pmd_val(pmd), "set_pmd");
}
static inline void pmd_clear(pmd_t *pmdp)
{
	__PT_STORE(pmdp, 0, "pmd_clear");
}
static inline void set_pmd_at(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp,
			      pmd_t pmd)
{
	set_pmd(pmdp, pmd);
}
static inline void set_pud(pud_t *pudp, pud_t pud)
{
	__PT_STORE(pudp, pud_val(pud), "set_pud");
}
static inline void pud_clear(pud_t *pudp)
{
	__PT_STORE(pudp, 0, "pud_clear");
}
static inline void set_p4d(p4d_t *p4dp, p4d_t p4d)
{
	__PT_STORE(p4dp, p4d_val(p4d), "set_p4d");
}
static inline void p4d_clear(p4d_t *p4dp)
{
	__PT_STORE(p4dp, 0, "p4d_clear");
}

static inline pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long addr,
				       pte_t *ptep)
{
	exec_point_rmw(EXEC_POINT_PTE, ptep, sizeof(*ptep), __ATOMIC_SEQ_CST);
	ptl_check(ptep, "ptep_get_and_clear");
	return __pte(__atomic_exchange_n(&ptep->pte, 0, __ATOMIC_ACQ_REL));
}

static inline pmd_t pmdp_huge_get_and_clear(struct mm_struct *mm, unsigned long addr,
					    pmd_t *pmdp)
{
	exec_point_rmw(EXEC_POINT_PTE, pmdp, sizeof(*pmdp), __ATOMIC_SEQ_CST);
	ptl_check(pmdp, "pmdp_huge_get_and_clear");
	return __pmd(__atomic_exchange_n(&pmdp->pmd, 0, __ATOMIC_ACQ_REL));
}

/* Take write permission away without losing a Dirty that hardware sets meanwhile. */
static inline void ptep_set_wrprotect(struct mm_struct *mm, unsigned long addr,
				      pte_t *ptep)
{
	pte_t old = ptep_get(ptep);

	ptl_check(ptep, "ptep_set_wrprotect");
	if (memory_is_weak())
		memory_rmw(ptep, sizeof(*ptep), __ATOMIC_SEQ_CST);
	while (!__atomic_compare_exchange_n(&ptep->pte, &old.pte,
					    pte_val(pte_wrprotect(old)), false,
					    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		;
}

static inline void pmdp_set_wrprotect(struct mm_struct *mm, unsigned long addr,
				      pmd_t *pmdp)
{
	pmd_t old = pmdp_get(pmdp);

	ptl_check(pmdp, "pmdp_set_wrprotect");
	if (memory_is_weak())
		memory_rmw(pmdp, sizeof(*pmdp), __ATOMIC_SEQ_CST);
	while (!__atomic_compare_exchange_n(&pmdp->pmd, &old.pmd,
					    pmd_val(pmd_wrprotect(old)), false,
					    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		;
}

int ptep_set_access_flags(struct vm_area_struct *vma, unsigned long address, pte_t *ptep,
			  pte_t entry, int dirty);
int ptep_test_and_clear_young(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep);
int ptep_clear_flush_young(struct vm_area_struct *vma, unsigned long address, pte_t *ptep);
int pmdp_set_access_flags(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp,
			  pmd_t entry, int dirty);
int pmdp_test_and_clear_young(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmdp);

/* Where tables are: entries of upper levels hold host addresses. */
static inline unsigned long pmd_page_vaddr(pmd_t pmd)
{
	return pmd_val(pmd) & pmd_pfn_mask(pmd);
}
static inline pmd_t *pud_pgtable(pud_t pud)
{
	return (pmd_t *)(pud_val(pud) & pud_pfn_mask(pud));
}
static inline pud_t *p4d_pgtable(p4d_t p4d)
{
	return (pud_t *)(p4d_val(p4d) & PTE_PFN_MASK);
}
static inline p4d_t *p4d_offset(pgd_t *pgd, unsigned long address)
{
	return (p4d_t *)pgd;
}

static inline bool gup_fast_permitted(unsigned long start, unsigned long end)
{
	return !(end >> __VIRTUAL_MASK_SHIFT);
}

#define flush_tlb_fix_spurious_fault(vma, address, ptep) do { } while (0)
#define flush_tlb_fix_spurious_fault_pmd(vma, address, pmdp) do { } while (0)
#define arch_enter_lazy_mmu_mode()	do { } while (0)
#define arch_leave_lazy_mmu_mode()	do { } while (0)
#define arch_flush_lazy_mmu_mode()	do { } while (0)
static inline int has_transparent_hugepage(void) { return 1; }

#endif /* _ASM_X86_PGTABLE_H */
