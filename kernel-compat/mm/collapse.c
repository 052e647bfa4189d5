// SPDX-License-Identifier: GPL-2.0
/*
 * Collapsing: 512 small pages become one huge page.
 *
 * Three steps.  Under mmap_lock for reading, look whether the range is fit.  Without
 * lock, allocate the huge page.  Under mmap_lock for writing, look again, unlink the
 * page table, isolate the pages, copy them, and map the copy.
 *
 * Who could use the pages while they are copied?  Faults need mmap_lock.  Walks of the
 * mappings (migration, split) need the anon_vma's lock, which is held for writing until
 * all pages are locked and isolated.  TLBs are flushed.  GUP-fast needs no lock: it
 * takes a reference and then looks whether the PMD is still what it was.  The PMD is
 * cleared first, and references are counted only after every CPU was interrupted and so
 * has left GUP-fast; a reference taken before is seen and ends the collapse.
 */
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/vmstat.h>
#include <asm/tlb.h>
#include <mm/collapse.h>

/* The VMA at @address, if it is still one in which the range may be huge. */
enum scan_result hugepage_vma_revalidate(struct mm_struct *mm, unsigned long address,
					 bool expect_anon, struct vm_area_struct **vmap,
					 struct collapse_control *cc)
{
	unsigned long tva_flags = cc->is_khugepaged ? TVA_ENFORCE_SYSFS : 0;
	struct vm_area_struct *vma;

	if (hpage_collapse_test_exit_or_disable(mm))
		return SCAN_ANY_PROCESS;
	*vmap = vma = find_vma(mm, address);
	if (!vma)
		return SCAN_VMA_NULL;
	if (!thp_vma_suitable_order(vma, address, PMD_ORDER))
		return SCAN_ADDRESS_RANGE;
	if (!thp_vma_allowable_order(vma, vma->vm_flags, tva_flags, PMD_ORDER))
		return SCAN_VMA_CHECK;
	if (expect_anon && (!READ_ONCE(vma->anon_vma) || !vma_is_anonymous(vma)))
		return SCAN_PAGE_ANON;
	return SCAN_SUCCEED;
}

/* SCAN_SUCCEED: there is a PTE table under *pmd. */
enum scan_result find_pmd_or_thp_or_none(struct mm_struct *mm, unsigned long address,
					 pmd_t **pmd)
{
	pmd_t pmdval;

	*pmd = mm_find_pmd(mm, address);
	if (!*pmd)
		return SCAN_PMD_NULL;
	pmdval = pmdp_get_lockless(*pmd);
	if (pmd_none(pmdval))
		return SCAN_PMD_NONE;
	if (!pmd_present(pmdval))
		return SCAN_PMD_NULL;
	if (pmd_trans_huge(pmdval))
		return SCAN_PMD_MAPPED;
	return pmd_bad(pmdval) ? SCAN_PMD_NULL : SCAN_SUCCEED;
}

static enum scan_result check_pmd_still_valid(struct mm_struct *mm, unsigned long address,
					      pmd_t *pmd)
{
	enum scan_result result;
	pmd_t *now;

	result = find_pmd_or_thp_or_none(mm, address, &now);
	if (result == SCAN_SUCCEED && now != pmd)
		return SCAN_FAIL;
	return result;
}

/* The node that has most of the pages; nodes that have as many are alternatives. */
static int find_target_node(struct collapse_control *cc)
{
	int nid, target = 0;
	u32 most = 0;

	for_each_online_node(nid) {
		if (cc->node_load[nid] > most) {
			most = cc->node_load[nid];
			target = nid;
		}
	}
	for_each_online_node(nid)
		if (cc->node_load[nid] == most)
			node_set(nid, cc->alloc_nmask);
	return target;
}

static gfp_t collapse_gfp(struct collapse_control *cc)
{
	if (!cc->is_khugepaged)
		return GFP_TRANSHUGE;
	return READ_ONCE(transparent_hugepage_flags) &
	       BIT(TRANSPARENT_HUGEPAGE_DEFRAG_KHUGEPAGED_FLAG) ?
	       GFP_TRANSHUGE : GFP_TRANSHUGE_LIGHT;
}

static struct folio *alloc_collapse_folio(struct collapse_control *cc)
{
	int nid = find_target_node(cc);
	struct folio *folio;

	folio = __folio_alloc(collapse_gfp(cc), HPAGE_PMD_ORDER, nid, &cc->alloc_nmask);
	count_vm_event(folio ? THP_COLLAPSE_ALLOC : THP_COLLAPSE_ALLOC_FAILED);
	return folio;
}

/* The page table again under the PMD, as it was. */
static void relink_table(struct mm_struct *mm, pmd_t *pmd, pmd_t old)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);

	BUG_ON(!pmd_none(pmdp_get(pmd)));
	pmd_populate(mm, pmd, pmd_pgtable(old));
	spin_unlock(ptl);
}

/* Unlink the page table so that no CPU and no GUP-fast can have it. Returns the old PMD. */
static pmd_t unlink_table(struct vm_area_struct *vma, unsigned long address, pmd_t *pmd)
{
	struct mm_struct *mm = vma->vm_mm;
	struct mmu_notifier_range range;
	spinlock_t *ptl;
	pmd_t old;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, mm, address,
				address + HPAGE_PMD_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	ptl = pmd_lock(mm, pmd);
	old = pmdp_collapse_flush(vma, address, pmd);
	spin_unlock(ptl);
	mmu_notifier_invalidate_range_end(&range);
	tlb_remove_table_sync_one();
	return old;
}

/* Map the copy; the emptied page table becomes the one in store under the PMD. */
static void map_collapsed(struct vm_area_struct *vma, unsigned long address, pmd_t *pmd,
			  pgtable_t table, struct folio *folio)
{
	struct mm_struct *mm = vma->vm_mm;
	spinlock_t *ptl;
	pmd_t entry;

	/* the contents before the mapping */
	__folio_mark_uptodate(folio);
	entry = mk_huge_pmd(&folio->page, vma->vm_page_prot);
	entry = maybe_pmd_mkwrite(pmd_mkdirty(entry), vma);

	ptl = pmd_lock(mm, pmd);
	BUG_ON(!pmd_none(pmdp_get(pmd)));
	folio_add_new_anon_rmap(folio, vma, address, RMAP_EXCLUSIVE);
	folio_add_lru_vma(folio, vma);
	pgtable_trans_huge_deposit(mm, pmd, table);
	set_pmd_at(mm, address, pmd, entry);
	update_mmu_cache_pmd(vma, address, pmd);
	deferred_split_folio(folio, false);
	spin_unlock(ptl);
}

/* With mmap_lock held for writing: replace the range by @folio, or leave it as it is. */
static enum scan_result collapse_into(struct vm_area_struct *vma, unsigned long address,
				      pmd_t *pmd, struct folio *folio,
				      struct collapse_control *cc)
{
	struct mm_struct *mm = vma->vm_mm;
	enum scan_result result;
	spinlock_t *pte_ptl;
	LIST_HEAD(large);
	pte_t *pte;
	pmd_t old;

	vma_start_write(vma);
	anon_vma_lock_write(vma->anon_vma);
	old = unlink_table(vma, address, pmd);

	pte = pte_offset_map_lock(mm, &old, address, &pte_ptl);
	BUG_ON(!pte);
	result = collapse_isolate(vma, address, pte, cc, &large);
	spin_unlock(pte_ptl);
	if (result != SCAN_SUCCEED) {
		pte_unmap(pte);
		relink_table(mm, pmd, old);
		anon_vma_unlock_write(vma->anon_vma);
		return result;
	}
	/* All pages are locked and isolated: walks of the mappings cannot hurt. */
	anon_vma_unlock_write(vma->anon_vma);

	collapse_copy(pte, folio, vma, address, pte_ptl, &large);
	pte_unmap(pte);
	map_collapsed(vma, address, pmd, pmd_pgtable(old), folio);
	return SCAN_SUCCEED;
}

/* Wait for pages that are being moved; in place of __collapse_huge_page_swapin(). */
static void wait_for_migrations(struct mm_struct *mm, pmd_t *pmd, unsigned long address)
{
	unsigned long end = address + HPAGE_PMD_SIZE;

	for (; address < end; address += PAGE_SIZE) {
		pte_t *ptep = pte_offset_map(pmd, address), pte;

		if (!ptep)
			return;
		pte = ptep_get_lockless(ptep);
		pte_unmap(ptep);
		if (is_swap_pte(pte))
			migration_entry_wait(mm, pmd, address);
	}
}

enum scan_result collapse_huge_page(struct mm_struct *mm, unsigned long address,
				    unsigned int nr_swap, struct collapse_control *cc)
{
	struct vm_area_struct *vma;
	enum scan_result result;
	struct folio *folio;
	pmd_t *pmd;

	VM_BUG_ON(address & ~HPAGE_PMD_MASK);
	/* The allocation may take long: nobody shall wait for it. */
	mmap_read_unlock(mm);
	folio = alloc_collapse_folio(cc);
	if (!folio)
		return SCAN_ALLOC_HUGE_PAGE_FAIL;

	mmap_read_lock(mm);
	result = hugepage_vma_revalidate(mm, address, true, &vma, cc);
	if (result == SCAN_SUCCEED)
		result = find_pmd_or_thp_or_none(mm, address, &pmd);
	if (result == SCAN_SUCCEED && nr_swap)
		wait_for_migrations(mm, pmd, address);
	mmap_read_unlock(mm);
	if (result != SCAN_SUCCEED)
		goto put;

	/* No fault and no other change of the page tables from here on. */
	mmap_write_lock(mm);
	result = hugepage_vma_revalidate(mm, address, true, &vma, cc);
	if (result == SCAN_SUCCEED)
		result = check_pmd_still_valid(mm, address, pmd);
	if (result == SCAN_SUCCEED)
		result = collapse_into(vma, address, pmd, folio, cc);
	mmap_write_unlock(mm);
	if (result == SCAN_SUCCEED)
		return result;
put:
	folio_put(folio);
	return result;
}
