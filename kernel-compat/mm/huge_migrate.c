// SPDX-License-Identifier: GPL-2.0
/*
 * Migration entries at PMD level: a huge page that moves as a whole.
 *
 * They carry what those of PTEs carry (see rmap_unmap.c, migrate_wait.c), and the PTE
 * table in store under the PMD stays there.
 */
#include <linux/huge_mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swapops.h>
#include <mm/migrate.h>

static pmd_t make_migration_pmd(struct page *page, pmd_t pmdval, bool anon_exclusive)
{
	swp_entry_t entry;
	pmd_t swp_pmd;

	if (pmd_write(pmdval))
		entry = make_writable_migration_entry(page_to_pfn(page));
	else if (anon_exclusive)
		entry = make_readable_exclusive_migration_entry(page_to_pfn(page));
	else
		entry = make_readable_migration_entry(page_to_pfn(page));
	if (pmd_young(pmdval))
		entry = make_migration_entry_young(entry);
	if (pmd_dirty(pmdval))
		entry = make_migration_entry_dirty(entry);
	swp_pmd = swp_entry_to_pmd(entry);
	if (pmd_soft_dirty(pmdval))
		swp_pmd = pmd_swp_mksoft_dirty(swp_pmd);
	if (pmd_uffd_wp(pmdval))
		swp_pmd = pmd_swp_mkuffd_wp(swp_pmd);
	return swp_pmd;
}

/**
 * set_pmd_migration_entry() - replace a huge mapping by a migration entry
 * @pvmw:	a walk that found a PMD; the PMD's lock is held
 * @page:	head of the locked folio
 *
 * Return: 0, or -EBUSY if the page may be pinned; then it is mapped as before.
 */
int set_pmd_migration_entry(struct page_vma_mapped_walk *pvmw, struct page *page)
{
	struct folio *folio = page_folio(page);
	struct vm_area_struct *vma = pvmw->vma;
	unsigned long address = pvmw->address;
	bool anon_exclusive;
	pmd_t pmdval;

	if (!pvmw->pmd || pvmw->pte)
		return 0;
	VM_BUG_ON_FOLIO(!folio_test_locked(folio), folio);
	/* Invalid before the exclusive mark is looked at: GUP-fast looks twice. */
	pmdval = pmdp_invalidate(vma, address, pvmw->pmd);
	anon_exclusive = folio_test_anon(folio) && PageAnonExclusive(page);
	if (anon_exclusive && folio_try_share_anon_rmap_pmd(folio, page)) {
		set_pmd_at(vma->vm_mm, address, pvmw->pmd, pmdval);
		return -EBUSY;
	}
	if (pmd_dirty(pmdval))
		folio_mark_dirty(folio);
	set_pmd_at(vma->vm_mm, address, pvmw->pmd,
		   make_migration_pmd(page, pmdval, anon_exclusive));
	folio_remove_rmap_pmd(folio, page, vma);
	folio_put(folio);
	return 0;
}

/* What maps @folio as the migration entry @old says that the old page was mapped. */
static pmd_t restored_pmd(struct vm_area_struct *vma, struct folio *folio, pmd_t old)
{
	swp_entry_t entry = pmd_to_swp_entry(old);
	pmd_t pmd = mk_huge_pmd(&folio->page, READ_ONCE(vma->vm_page_prot));

	if (pmd_swp_soft_dirty(old))
		pmd = pmd_mksoft_dirty(pmd);
	if (is_writable_migration_entry(entry))
		pmd = pmd_mkwrite(pmd, vma);
	if (pmd_swp_uffd_wp(old))
		pmd = pmd_mkuffd_wp(pmd);
	if (!is_migration_entry_young(entry))
		pmd = pmd_mkold(pmd);
	if (folio_test_dirty(folio) && is_migration_entry_dirty(entry))
		pmd = pmd_mkdirty(pmd);
	return pmd;
}

/**
 * remove_migration_pmd() - replace a huge migration entry by a mapping
 * @pvmw:	a walk for migration entries that found a PMD; its lock is held
 * @new:	head of the locked folio to map
 */
void remove_migration_pmd(struct page_vma_mapped_walk *pvmw, struct page *new)
{
	struct folio *folio = page_folio(new);
	struct vm_area_struct *vma = pvmw->vma;
	unsigned long haddr = pvmw->address & HPAGE_PMD_MASK;
	rmap_t rmap_flags = RMAP_NONE;
	pmd_t old, pmd;

	if (!pvmw->pmd || pvmw->pte)
		return;
	old = pmdp_get(pvmw->pmd);
	pmd = restored_pmd(vma, folio, old);
	folio_get(folio);
	if (!is_readable_migration_entry(pmd_to_swp_entry(old)))
		rmap_flags |= RMAP_EXCLUSIVE;
	folio_add_anon_rmap_pmd(folio, new, vma, haddr, rmap_flags);
	VM_BUG_ON_FOLIO(pmd_write(pmd) && !PageAnonExclusive(new), folio);
	set_pmd_at(vma->vm_mm, haddr, pvmw->pmd, pmd);
	/* nothing to flush: the entry was not present */
	update_mmu_cache_pmd(vma, pvmw->address, pvmw->pmd);
}

/* As migration_entry_wait(), for a PMD. */
void pmd_migration_entry_wait(struct mm_struct *mm, pmd_t *pmd)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);
	pmd_t pmdval = pmdp_get(pmd);

	if (is_pmd_migration_entry(pmdval))
		migration_entry_wait_on_locked(pmd_to_swp_entry(pmdval), ptl);
	else
		spin_unlock(ptl);
}
