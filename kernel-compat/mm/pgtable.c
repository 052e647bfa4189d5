// SPDX-License-Identifier: GPL-2.0
/*
 * Entries of page tables: who may write them, how they are found, how they are
 * changed together with a flush.
 */
#include <linux/mm.h>
#include <linux/huge_mm.h>
#include <linux/lockdep.h>
#include <linux/mmu_notifier.h>
#include <linux/swapops.h>
#include <machine/violation.h>
#include <machine/cost.h>

/*
 * PTE tables and PMD tables have locks of their own; PUD and PGD entries are under
 * mm->page_table_lock.  Where nobody else can reach the tables any more (unmapping
 * under mmap_lock for writing, the last user gone) upper levels need no lock, and a
 * deposited PTE table needs none until a PMD points to it.
 */
static bool ptl_held(const struct ptdesc *pt)
{
	struct mm_struct *mm = pt->pt_mm;

	if (pt->level == PGTABLE_LEVEL_PTE)
		return lockdep_is_held(&pt->ptl) || !READ_ONCE(pt->linked);
	if (pt->level == PGTABLE_LEVEL_PMD && lockdep_is_held(&pt->ptl))
		return true;
	return lockdep_is_held(&mm->page_table_lock) ||
	       lockdep_is_held_type(&mm->mmap_lock, 0) ||
	       !atomic_read(&mm->mm_users);
}

void ptl_check(const void *entry, const char *what)
{
	const struct ptdesc *pt = virt_to_ptdesc(entry);

	if (unlikely(pt->magic != PTDESC_MAGIC))
		violation(VIOLATION_PTL, "%s(%p): not an entry of a page table", what, entry);
	if (unlikely(!ptl_held(pt)))
		violation(VIOLATION_PTL, "%s(%p): page-table lock of mm %p is not held", what,
			  entry, pt->pt_mm);
}

bool pte_accessible(struct mm_struct *mm, pte_t a)
{
	if (pte_flags(a) & _PAGE_PRESENT)
		return true;
	/* A hint may have been set on it without the flush that completes that. */
	return (pte_flags(a) & _PAGE_PROTNONE) && mm_tlb_flush_pending(mm);
}

pte_t pte_mkwrite(pte_t pte, struct vm_area_struct *vma)
{
	return pte_clear_saveddirty(pte_mkwrite_novma(pte));
}

pmd_t pmd_mkwrite(pmd_t pmd, struct vm_area_struct *vma)
{
	return pmd_clear_saveddirty(pmd_mkwrite_novma(pmd));
}

/* Entries that no code of ours can have written. */
#define CLEAR_BAD(lvl)								\
void lvl##_clear_bad(lvl##_t *lvl)						\
{										\
	violation(VIOLATION_PAGE, "bad " #lvl " entry %#lx at %p",		\
		  (unsigned long)lvl##_val(lvl##p_get(lvl)), (void *)lvl);	\
	lvl##_clear(lvl);							\
}
CLEAR_BAD(pgd)
CLEAR_BAD(p4d)
CLEAR_BAD(pud)
CLEAR_BAD(pmd)

pte_t *__pte_offset_map(pmd_t *pmd, unsigned long addr, pmd_t *pmdvalp)
{
	pmd_t val;

	rcu_read_lock();
	val = pmdp_get_lockless(pmd);
	if (pmdvalp)
		*pmdvalp = val;
	if (unlikely(pmd_none(val) || is_pmd_migration_entry(val) ||
		     pmd_trans_huge(val) || pmd_devmap(val)))
		goto none;
	if (unlikely(pmd_bad(val))) {
		pmd_clear_bad(pmd);
		goto none;
	}
	return (pte_t *)pmd_page_vaddr(val) + pte_index(addr);
none:
	rcu_read_unlock();
	return NULL;
}

pte_t *pte_offset_map_nolock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
			     spinlock_t **ptlp)
{
	pte_t *pte = __pte_offset_map(pmd, addr, NULL);

	if (likely(pte))
		*ptlp = ptep_lockptr(mm, pte);
	return pte;
}

pte_t *pte_offset_map_ro_nolock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
				spinlock_t **ptlp)
{
	return pte_offset_map_nolock(mm, pmd, addr, ptlp);
}

pte_t *pte_offset_map_rw_nolock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
				pmd_t *pmdvalp, spinlock_t **ptlp)
{
	pte_t *pte = __pte_offset_map(pmd, addr, pmdvalp);

	if (likely(pte))
		*ptlp = ptep_lockptr(mm, pte);
	return pte;
}

/*
 * The table may be unlinked between finding it and locking it; the RCU reader keeps
 * its memory, and comparing the entry again under the lock tells.
 */
pte_t *__pte_offset_map_lock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
			     spinlock_t **ptlp)
{
	spinlock_t *ptl;
	pmd_t val;
	pte_t *pte;

	for (;;) {
		pte = __pte_offset_map(pmd, addr, &val);
		if (unlikely(!pte))
			return NULL;
		ptl = ptep_lockptr(mm, pte);
		spin_lock(ptl);
		if (likely(pmd_same(val, pmdp_get_lockless(pmd)))) {
			*ptlp = ptl;
			return pte;
		}
		pte_unmap_unlock(pte, ptl);
	}
}

pmd_t *mm_find_pmd(struct mm_struct *mm, unsigned long address)
{
	p4d_t *p4d = p4d_offset(pgd_offset(mm, address), address);
	pud_t *pud;

	if (!p4d_present(p4dp_get(p4d)))
		return NULL;
	pud = pud_offset(p4d, address);
	if (!pud_present(pudp_get(pud)))
		return NULL;
	return pmd_offset(pud, address);
}

/*
 * Raise access permissions or the young and dirty bits of a present entry.  Only
 * ever adds permission, so no flush is needed: x86 walks again before it faults.
 */
int ptep_set_access_flags(struct vm_area_struct *vma, unsigned long address, pte_t *ptep,
			  pte_t entry, int dirty)
{
	int changed = !pte_same(ptep_get(ptep), entry);

	if (changed && dirty)
		set_pte(ptep, entry);
	return changed;
}

int pmdp_set_access_flags(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp,
			  pmd_t entry, int dirty)
{
	int changed = !pmd_same(pmdp_get(pmdp), entry);

	VM_BUG_ON(address & ~HPAGE_PMD_MASK);
	if (changed && dirty)
		set_pmd(pmdp, entry);
	return changed;
}

int ptep_test_and_clear_young(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep)
{
	exec_point_rmw(EXEC_POINT_PTE, ptep, sizeof(*ptep), __ATOMIC_SEQ_CST);
	ptl_check(ptep, "ptep_test_and_clear_young");
	return (__atomic_fetch_and(&ptep->pte, ~_PAGE_ACCESSED, __ATOMIC_ACQ_REL) &
		_PAGE_ACCESSED) != 0;
}

int pmdp_test_and_clear_young(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmdp)
{
	exec_point_rmw(EXEC_POINT_PTE, pmdp, sizeof(*pmdp), __ATOMIC_SEQ_CST);
	ptl_check(pmdp, "pmdp_test_and_clear_young");
	return (__atomic_fetch_and(&pmdp->pmd, ~_PAGE_ACCESSED, __ATOMIC_ACQ_REL) &
		_PAGE_ACCESSED) != 0;
}

/* x86 leaves the flush out: a stale accessed bit only makes a page look younger. */
int ptep_clear_flush_young(struct vm_area_struct *vma, unsigned long address, pte_t *ptep)
{
	return ptep_test_and_clear_young(vma, address, ptep);
}

int pmdp_clear_flush_young(struct vm_area_struct *vma, unsigned long address,
			   pmd_t *pmdp)
{
	int young = pmdp_test_and_clear_young(vma, address, pmdp);

	if (young)
		flush_pmd_tlb_range(vma, address, address + HPAGE_PMD_SIZE);
	return young;
}

pte_t ptep_clear_flush(struct vm_area_struct *vma, unsigned long address, pte_t *ptep)
{
	struct mm_struct *mm = vma->vm_mm;
	pte_t pte = ptep_get_and_clear(mm, address, ptep);

	if (pte_accessible(mm, pte))
		flush_tlb_page(vma, address);
	return pte;
}

pmd_t pmdp_huge_clear_flush(struct vm_area_struct *vma, unsigned long address,
			    pmd_t *pmdp)
{
	pmd_t pmd = pmdp_huge_get_and_clear(vma->vm_mm, address, pmdp);

	flush_pmd_tlb_range(vma, address, address + HPAGE_PMD_SIZE);
	return pmd;
}

/* Unlink a table for collapse; what it mapped is in no TLB afterwards. */
pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp)
{
	pmd_t pmd;

	VM_BUG_ON(address & ~HPAGE_PMD_MASK);
	pmd = pmdp_huge_get_and_clear(vma->vm_mm, address, pmdp);
	VM_BUG_ON(pmd_trans_huge(pmd));
	/* the entries are those of PTEs */
	flush_tlb_range(vma, address, address + HPAGE_PMD_SIZE);
	return pmd;
}

pte_t ptep_modify_prot_start(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep)
{
	cost_charge(COST_PTE_UPDATE, 1);
	return ptep_get_and_clear(vma->vm_mm, addr, ptep);
}

/*
 * Make a huge entry unreachable for hardware while software still sees it huge.  What
 * is returned has the accessed and dirty bits as hardware left them; TLBs may go on.
 */
pmd_t pmdp_invalidate_ad(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp)
{
	pmd_t old = pmdp_get(pmdp);

	cost_charge(COST_PTE_UPDATE, 1);
	exec_point_rmw(EXEC_POINT_PTE, pmdp, sizeof(*pmdp), __ATOMIC_SEQ_CST);
	ptl_check(pmdp, "pmdp_invalidate");
	while (!__atomic_compare_exchange_n(&pmdp->pmd, &old.pmd,
					    pmd_val(pmd_mkinvalid(old)), false,
					    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		;
	return old;
}

/* The same, and no TLB has it any more. */
pmd_t pmdp_invalidate(struct vm_area_struct *vma, unsigned long address, pmd_t *pmdp)
{
	pmd_t old = pmdp_invalidate_ad(vma, address, pmdp);

	flush_pmd_tlb_range(vma, address, address + HPAGE_PMD_SIZE);
	return old;
}

spinlock_t *__pmd_trans_huge_lock(pmd_t *pmd, struct vm_area_struct *vma)
{
	spinlock_t *ptl = pmd_lock(vma->vm_mm, pmd);
	pmd_t val = pmdp_get(pmd);

	if (likely(is_swap_pmd(val) || pmd_trans_huge(val) || pmd_devmap(val)))
		return ptl;
	spin_unlock(ptl);
	return NULL;
}

/*
 * Deposited tables hang together by the field that, in a PMD table, points to the first.
 */
void pgtable_trans_huge_deposit(struct mm_struct *mm, pmd_t *pmdp, pgtable_t pgtable)
{
	struct ptdesc *pt = virt_to_ptdesc(pmdp);

	lockdep_assert_held(pmd_lockptr(mm, pmdp));
	VM_BUG_ON(pgtable->pmd_huge_pte);
	WRITE_ONCE(pgtable->linked, false);
	pgtable->pmd_huge_pte = pt->pmd_huge_pte;
	pt->pmd_huge_pte = pgtable;
}

pgtable_t pgtable_trans_huge_withdraw(struct mm_struct *mm, pmd_t *pmdp)
{
	struct ptdesc *pt = virt_to_ptdesc(pmdp);
	pgtable_t pgtable = pt->pmd_huge_pte;

	lockdep_assert_held(pmd_lockptr(mm, pmdp));
	VM_BUG_ON(!pgtable);
	pt->pmd_huge_pte = pgtable->pmd_huge_pte;
	pgtable->pmd_huge_pte = NULL;
	return pgtable;
}

struct page *vm_normal_page(struct vm_area_struct *vma, unsigned long addr, pte_t pte)
{
	unsigned long pfn = pte_pfn(pte);

	if (unlikely(pte_special(pte))) {
		if (!is_zero_pfn(pfn))
			violation(VIOLATION_PAGE, "special entry %#lx at %#lx is not the zero page",
				  (unsigned long)pte_val(pte), addr);
		return NULL;
	}
	if (is_zero_pfn(pfn))
		return NULL;
	if (unlikely(!pfn_valid(pfn))) {
		violation(VIOLATION_PAGE, "entry %#lx at %#lx maps frame %#lx, which is no memory",
			  (unsigned long)pte_val(pte), addr, pfn);
		return NULL;
	}
	return pfn_to_page(pfn);
}

struct folio *vm_normal_folio(struct vm_area_struct *vma, unsigned long addr, pte_t pte)
{
	struct page *page = vm_normal_page(vma, addr, pte);

	return page ? page_folio(page) : NULL;
}

struct page *vm_normal_page_pmd(struct vm_area_struct *vma, unsigned long addr, pmd_t pmd)
{
	if (unlikely(addr < vma->vm_start || addr >= vma->vm_end))
		violation(VIOLATION_PAGE, "huge entry %#lx at %#lx is outside the mapping %#lx-%#lx",
			  (unsigned long)pmd_val(pmd), addr, vma->vm_start, vma->vm_end);
	if (pmd_devmap(pmd) || is_huge_zero_pmd(pmd))
		return NULL;
	return pfn_to_page(pmd_pfn(pmd));
}

struct folio *vm_normal_folio_pmd(struct vm_area_struct *vma, unsigned long addr,
				  pmd_t pmd)
{
	struct page *page = vm_normal_page_pmd(vma, addr, pmd);

	return page ? page_folio(page) : NULL;
}
