// SPDX-License-Identifier: GPL-2.0
/*
 * Migration entries: turning them back into mappings, and waiting for that.
 */
#include <linux/sched.h>
#include <linux/swapops.h>
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

/* Replace the migration entries of @arg, the old folio, in one VMA by mappings. */
static bool remove_migration_pte(struct folio *folio, struct vm_area_struct *vma,
				 unsigned long addr, void *arg)
{
	struct folio *old = arg;
	DEFINE_FOLIO_VMA_WALK(pvmw, old, vma, addr, PVMW_SYNC | PVMW_MIGRATION);

	while (page_vma_mapped_walk(&pvmw)) {
		struct page *page = &folio->page;
		pte_t old_pte = ptep_get(pvmw.pte);
		swp_entry_t entry = pte_to_swp_entry(old_pte);
		rmap_t rmap_flags = RMAP_NONE;

		folio_get(folio);
		if (folio_test_anon(folio)) {
			if (!is_readable_migration_entry(entry))
				rmap_flags |= RMAP_EXCLUSIVE;
			folio_add_anon_rmap_pte(folio, page, vma, pvmw.address,
						rmap_flags);
		} else {
			folio_add_file_rmap_pte(folio, page, vma);
		}
		set_pte_at(vma->vm_mm, pvmw.address, pvmw.pte,
			   restored_pte(vma, folio, page, old_pte));
		/* nothing to flush: the entry was not present */
		update_mmu_cache(vma, pvmw.address, pvmw.pte);
	}
	return true;
}

/**
 * remove_migration_ptes() - map again what try_to_migrate() unmapped
 * @src:	folio that the migration entries name
 * @dst:	folio to map instead; @src itself to undo
 * @flags:	RMP_LOCKED: the caller holds the rmap lock
 *
 * Context: both locked.
 */
void remove_migration_ptes(struct folio *src, struct folio *dst, int flags)
{
	struct rmap_walk_control rwc = {
		.rmap_one = remove_migration_pte,
		.arg = src,
	};

	VM_BUG_ON_FOLIO(flags & RMP_USE_SHARED_ZEROPAGE, src);
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
