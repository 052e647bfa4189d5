// SPDX-License-Identifier: GPL-2.0
/*
 * The small pages of a range that is collapsed: isolating, copying, letting go.
 *
 * The table of their entries is not linked into the page-table tree meanwhile, so nobody
 * else changes the entries; the folios can be found by their other mappings only.  Each
 * is locked and off the LRU, so nobody splits, migrates or reclaims it.  Large folios
 * that these entries map are handled once, and kept on a list.
 */
#include <linux/highmem.h>
#include <linux/mm_inline.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <linux/userfaultfd_k.h>
#include <linux/vmstat.h>
#include <machine/cost.h>
#include <mm/collapse.h>

enum scan_result collapse_count_none(struct collapse_count *n, struct vm_area_struct *vma,
				     struct collapse_control *cc)
{
	n->none_or_zero++;
	if (!userfaultfd_armed(vma) &&
	    (!cc->is_khugepaged || n->none_or_zero <= READ_ONCE(khugepaged_max_ptes_none)))
		return SCAN_SUCCEED;
	count_vm_event(THP_SCAN_EXCEED_NONE_PTE);
	return SCAN_EXCEED_NONE_PTE;
}

enum scan_result collapse_count_shared(struct collapse_count *n,
				       struct collapse_control *cc)
{
	n->shared++;
	if (!cc->is_khugepaged || n->shared <= READ_ONCE(khugepaged_max_ptes_shared))
		return SCAN_SUCCEED;
	count_vm_event(THP_SCAN_EXCEED_SHARED_PTE);
	return SCAN_EXCEED_SHARED_PTE;
}

void collapse_count_page(struct collapse_count *n, struct vm_area_struct *vma,
			 unsigned long address, pte_t pte, struct folio *folio,
			 struct collapse_control *cc)
{
	if (cc->is_khugepaged &&
	    (pte_young(pte) || folio_test_referenced(folio) ||
	     mmu_notifier_test_young(vma->vm_mm, address)))
		n->referenced++;
	if (pte_write(pte))
		n->writable = true;
}

bool is_refcount_suitable(struct folio *folio)
{
	int expected = folio_mapcount(folio);

	if (!folio_test_anon(folio))
		expected += folio_nr_pages(folio);
	if (folio_test_private(folio))
		expected++;
	return folio_ref_count(folio) == expected;
}

static void release_folio(struct folio *folio)
{
	node_stat_sub_folio(folio, NR_ISOLATED_ANON + folio_is_file_lru(folio));
	folio_unlock(folio);
	folio_putback_lru(folio);
}

static void release_large(struct list_head *large)
{
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, large, lru) {
		list_del(&folio->lru);
		release_folio(folio);
	}
}

/* Undo collapse_isolate() for the entries before @end. */
void collapse_release(pte_t *pte, pte_t *end, struct list_head *large)
{
	while (--end >= pte) {
		pte_t pteval = ptep_get(end);
		struct folio *folio;

		if (pte_none_or_zero(pteval))
			continue;
		VM_WARN_ON_ONCE(!pte_present(pteval));
		folio = page_folio(pte_page(pteval));
		if (!folio_test_large(folio))
			release_folio(folio);
	}
	release_large(large);
}

static bool isolated_before(struct folio *folio, struct list_head *large)
{
	struct folio *f;

	if (folio_test_large(folio))
		list_for_each_entry(f, large, lru)
			if (f == folio)
				return true;
	return false;
}

/* Lock one folio and take it off the LRU, if it has no unknown users. */
static enum scan_result isolate_folio(struct folio *folio, struct list_head *large)
{
	if (isolated_before(folio, large))
		return SCAN_SUCCEED;
	/* excludes split_huge_page() and migration */
	if (!folio_trylock(folio))
		return SCAN_PAGE_LOCK;
	/*
	 * Pins? The table was unlinked and every GUP-fast that saw it has ended, so this
	 * process cannot pin the page any more. Another that shares it may, but cannot
	 * write to it.
	 */
	if (!is_refcount_suitable(folio)) {
		folio_unlock(folio);
		return SCAN_PAGE_COUNT;
	}
	if (!folio_isolate_lru(folio)) {
		folio_unlock(folio);
		return SCAN_DEL_PAGE_LRU;
	}
	node_stat_add_folio(folio, NR_ISOLATED_ANON + folio_is_file_lru(folio));
	if (folio_test_large(folio))
		list_add_tail(&folio->lru, large);
	return SCAN_SUCCEED;
}

/* One entry. A hinted one (pte_protnone()) is present, and like any other. */
static enum scan_result isolate_pte(struct vm_area_struct *vma, unsigned long address,
				    pte_t pte, struct collapse_control *cc,
				    struct collapse_count *n, struct list_head *large)
{
	enum scan_result result;
	struct folio *folio;

	if (pte_none_or_zero(pte))
		return collapse_count_none(n, vma, cc);
	if (!pte_present(pte))
		return SCAN_PTE_NON_PRESENT;
	if (pte_uffd_wp(pte))
		return SCAN_PTE_UFFD_WP;
	folio = vm_normal_folio(vma, address, pte);
	if (!folio)
		return SCAN_PAGE_NULL;
	VM_BUG_ON_FOLIO(!folio_test_anon(folio), folio);
	if (folio_likely_mapped_shared(folio)) {
		result = collapse_count_shared(n, cc);
		if (result != SCAN_SUCCEED)
			return result;
	}
	result = isolate_folio(folio, large);
	if (result == SCAN_SUCCEED)
		collapse_count_page(n, vma, address, pte, folio, cc);
	return result;
}

/*
 * Isolate the pages of all entries of the table at @pte, whose lock is held. On failure
 * everything is as before.
 */
enum scan_result collapse_isolate(struct vm_area_struct *vma, unsigned long address,
				  pte_t *pte, struct collapse_control *cc,
				  struct list_head *large)
{
	enum scan_result result = SCAN_SUCCEED;
	struct collapse_count n = { 0 };
	int i;

	/* nobody finds the pages by their mappings until all are locked */
	lockdep_assert_held_write(&vma->anon_vma->root->rwsem);
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		result = isolate_pte(vma, address + i * PAGE_SIZE, ptep_get(pte + i), cc,
				     &n, large);
		if (result != SCAN_SUCCEED)
			break;
	}
	if (result == SCAN_SUCCEED && !n.writable)
		result = SCAN_PAGE_RO;
	else if (result == SCAN_SUCCEED && cc->is_khugepaged && !n.referenced)
		result = SCAN_LACK_REFERENCED_PAGE;
	if (result != SCAN_SUCCEED)
		collapse_release(pte, pte + i, large);
	return result;
}

/* The old page of one entry was copied: unmap it and give it back. */
static void drop_old_page(pte_t *pte, pte_t pteval, struct vm_area_struct *vma,
			  unsigned long address, spinlock_t *ptl)
{
	struct page *page = pte_page(pteval);
	struct folio *folio = page_folio(page);

	if (!folio_test_large(folio))
		release_folio(folio);
	spin_lock(ptl);
	ptep_clear(vma->vm_mm, address, pte);
	folio_remove_rmap_pte(folio, page, vma);
	spin_unlock(ptl);
	folio_put(folio);
}

void collapse_copy(pte_t *pte, struct folio *folio, struct vm_area_struct *vma,
		   unsigned long address, spinlock_t *ptl, struct list_head *large)
{
	int i;

	for (i = 0; i < HPAGE_PMD_NR; i++) {
		unsigned long addr = address + i * PAGE_SIZE;
		struct page *page = folio_page(folio, i);
		pte_t pteval = ptep_get(pte + i);

		if (pte_none_or_zero(pteval))
			clear_user_highpage(page, addr);
		else
			copy_user_highpage(page, pte_page(pteval), addr, vma);
	}
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		unsigned long addr = address + i * PAGE_SIZE;
		pte_t pteval = ptep_get(pte + i);

		if (!pte_none_or_zero(pteval)) {
			drop_old_page(pte + i, pteval, vma, addr, ptl);
			continue;
		}
		inc_mm_counter(vma->vm_mm, MM_ANONPAGES);
		if (pte_none(pteval))
			continue;
		spin_lock(ptl);
		ptep_clear(vma->vm_mm, addr, pte + i);
		spin_unlock(ptl);
	}
	release_large(large);
	cost_charge(COST_PTE_UPDATE, HPAGE_PMD_NR);
}
