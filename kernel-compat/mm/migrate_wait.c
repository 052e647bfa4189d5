// SPDX-License-Identifier: GPL-2.0
/*
 * Migration entries: turning them back into mappings, and waiting for that.
 */
#include <linux/huge_mm.h>
#include <linux/mm/zero_page.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/swapops.h>
#include <machine/cost.h>
#include <mm/migrate.h>

/* The entry that maps @page as the migration entry @old says the old page was mapped. */
static pte_t restored_pte(struct vm_area_struct *vma, struct folio *folio,
			  struct page *page, pte_t old)
{
	swp_entry_t entry = pte_to_swp_entry(old);
	pte_t pte = mk_pte(page, READ_ONCE(vma->vm_page_prot));

	if (!is_migration_entry_young(entry))
		pte = pte_mkold(pte);
	if (folio_test_dirty(folio) && is_migration_entry_dirty(entry))
		pte = pte_mkdirty(pte);
	if (pte_swp_soft_dirty(old))
		pte = pte_mksoft_dirty(pte);
	else
		pte = pte_clear_soft_dirty(pte);
	if (is_writable_migration_entry(entry))
		pte = pte_mkwrite(pte, vma);
	else if (pte_swp_uffd_wp(old))
		pte = pte_mkuffd_wp(pte);
	return pte;
}

/* What remove_migration_ptes() tells its walk. */
struct restore {
	struct folio *old;	/* named by the migration entries */
	bool use_zeropage;
};

/*
 * A page of a folio that was just split and is all zero: map the zero page instead, and
 * let the page go. The entry is not present and no TLB has it, so nobody writes.
 */
static bool try_to_map_zeropage(struct page_vma_mapped_walk *pvmw, struct folio *folio,
				struct page *page, pte_t old)
{
	struct vm_area_struct *vma = pvmw->vma;
	pte_t pte;

	if (PageCompound(page))
		return false;
	VM_BUG_ON_PAGE(!PageAnon(page), page);
	VM_BUG_ON_PAGE(!PageLocked(page), page);
	if (folio_test_mlocked(folio) || (vma->vm_flags & VM_LOCKED))
		return false;
	if (memcmp(page_address(page), page_address(ZERO_PAGE(0)), PAGE_SIZE))
		return false;
	pte = pte_mkspecial(pfn_pte(my_zero_pfn(pvmw->address),
				    READ_ONCE(vma->vm_page_prot)));
	if (pte_swp_soft_dirty(old))
		pte = pte_mksoft_dirty(pte);
	if (pte_swp_uffd_wp(old))
		pte = pte_mkuffd_wp(pte);
	set_pte_at(vma->vm_mm, pvmw->address, pvmw->pte, pte);
	dec_mm_counter(vma->vm_mm, mm_counter(folio));
	return true;
}

/* Replace the migration entry at @pvmw by a mapping of @page. */
static void restore_pte(struct page_vma_mapped_walk *pvmw, struct folio *folio,
			struct page *page, pte_t old)
{
	struct vm_area_struct *vma = pvmw->vma;
	rmap_t rmap_flags = RMAP_NONE;

	folio_get(folio);
	if (folio_test_anon(folio)) {
		if (!is_readable_migration_entry(pte_to_swp_entry(old)))
			rmap_flags |= RMAP_EXCLUSIVE;
		folio_add_anon_rmap_pte(folio, page, vma, pvmw->address, rmap_flags);
	} else {
		folio_add_file_rmap_pte(folio, page, vma);
	}
	set_pte_at(vma->vm_mm, pvmw->address, pvmw->pte,
		   restored_pte(vma, folio, page, old));
	/* nothing to flush: the entry was not present */
	update_mmu_cache(vma, pvmw->address, pvmw->pte);
}

/* Replace the migration entries of one VMA by mappings. */
static bool remove_migration_pte(struct folio *folio, struct vm_area_struct *vma,
				 unsigned long addr, void *arg)
{
	struct restore *restore = arg;
	DEFINE_FOLIO_VMA_WALK(pvmw, restore->old, vma, addr, PVMW_SYNC | PVMW_MIGRATION);

	while (page_vma_mapped_walk(&pvmw)) {
		struct page *page = &folio->page;
		pte_t old;

		cost_charge(COST_PTE_UPDATE, 1);	/* of a page or of a huge page */
		if (folio_test_large(folio))
			page += linear_page_index(vma, pvmw.address) - pvmw.pgoff;
		if (!pvmw.pte) {
			remove_migration_pmd(&pvmw, page);
			continue;
		}
		old = ptep_get(pvmw.pte);
		if (!restore->use_zeropage ||
		    !try_to_map_zeropage(&pvmw, folio, page, old))
			restore_pte(&pvmw, folio, page, old);
	}
	return true;
}

/**
 * remove_migration_ptes() - map again what try_to_migrate() unmapped
 * @src:	folio that the migration entries name
 * @dst:	folio to map instead; @src itself to undo
 * @flags:	RMP_LOCKED: the caller holds the rmap lock. RMP_USE_SHARED_ZEROPAGE: for a
 *		folio that came out of a split, map the zero page where it is all zero.
 *
 * Context: both locked.
 */
void remove_migration_ptes(struct folio *src, struct folio *dst, int flags)
{
	struct restore restore = {
		.old = src,
		.use_zeropage = flags & RMP_USE_SHARED_ZEROPAGE,
	};
	struct rmap_walk_control rwc = {
		.rmap_one = remove_migration_pte,
		.arg = &restore,
	};

	VM_BUG_ON_FOLIO((flags & RMP_USE_SHARED_ZEROPAGE) && src != dst, src);
	if (flags & RMP_LOCKED)
		rmap_walk_locked(dst, &rwc);
	else
		rmap_walk(dst, &rwc);
}

/**
 * migration_entry_wait() - wait until a migration entry may be gone
 * @mm:		address space
 * @pmd:	of the table
 * @address:	of the entry
 *
 * Returns at once when there is no migration entry. May return early: look again.
 * Context: may sleep; no page-table lock held.
 */
void migration_entry_wait(struct mm_struct *mm, pmd_t *pmd, unsigned long address)
{
	spinlock_t *ptl;
	swp_entry_t entry;
	pte_t *ptep, pte;

	ptep = pte_offset_map_lock(mm, pmd, address, &ptl);
	if (!ptep)
		return;
	pte = ptep_get(ptep);
	pte_unmap(ptep);
	if (is_swap_pte(pte)) {
		entry = pte_to_swp_entry(pte);
		if (is_migration_entry(entry)) {
			migration_entry_wait_on_locked(entry, ptl);
			return;
		}
	}
	spin_unlock(ptl);
}
