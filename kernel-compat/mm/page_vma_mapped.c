// SPDX-License-Identifier: GPL-2.0
/*
 * Finding the page-table entries of one VMA that map a folio.
 */
#include <linux/huge_mm.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swapops.h>

void page_vma_mapped_walk_done(struct page_vma_mapped_walk *pvmw)
{
	if (pvmw->pte)
		pte_unmap(pvmw->pte);
	if (pvmw->ptl)
		spin_unlock(pvmw->ptl);
}

static bool not_found(struct page_vma_mapped_walk *pvmw)
{
	page_vma_mapped_walk_done(pvmw);
	return false;
}

/* Does the entry map the folio, or stand for it, as the flags ask? */
static bool check_pte(struct page_vma_mapped_walk *pvmw, pte_t pte)
{
	unsigned long pfn;

	if (pvmw->flags & PVMW_MIGRATION) {
		swp_entry_t entry;

		if (!is_swap_pte(pte))
			return false;
		entry = pte_to_swp_entry(pte);
		if (!is_migration_entry(entry))
			return false;
		pfn = swp_offset_pfn(entry);
	} else {
		if (!pte_present(pte))
			return false;
		pfn = pte_pfn(pte);
	}
	return pfn - pvmw->pfn < pvmw->nr_pages;
}

/* Could the entry be of interest at all? Looked at without the lock. */
static bool worth_locking(struct page_vma_mapped_walk *pvmw, pte_t pte)
{
	if (pvmw->flags & PVMW_MIGRATION)
		return is_swap_pte(pte);
	return pte_present(pte);
}

static unsigned long walk_end(struct page_vma_mapped_walk *pvmw)
{
	unsigned long address, pages = pvmw->pgoff + pvmw->nr_pages - pvmw->vma->vm_pgoff;

	address = pvmw->vma->vm_start + (pages << PAGE_SHIFT);
	if (address < pvmw->vma->vm_start || address > pvmw->vma->vm_end)
		address = pvmw->vma->vm_end;
	return address;
}

/* What stands at an address; *_LOCKED: found or worth a look, and its table is locked. */
enum map_result { MAP_LOCKED, MAP_PMD_LOCKED, MAP_SKIP, MAP_SKIP_TABLE, MAP_GONE, MAP_END };

/*
 * A huge PMD, or one that migrates: is it the folio's, mapped as the flags ask? If so it
 * is the only entry of the folio in this VMA, and if not there is none here.
 */
static enum map_result map_huge_pmd(struct page_vma_mapped_walk *pvmw)
{
	unsigned long pfn;
	pmd_t pmd;

	pvmw->ptl = pmd_lock(pvmw->vma->vm_mm, pvmw->pmd);
	pmd = pmdp_get(pvmw->pmd);
	if (!pmd_present(pmd)) {
		swp_entry_t entry = pmd_to_swp_entry(pmd);

		if (!(pvmw->flags & PVMW_MIGRATION) || !is_migration_entry(entry))
			return MAP_END;
		pfn = swp_offset_pfn(entry);
	} else if (pmd_trans_huge(pmd)) {
		if (pvmw->flags & PVMW_MIGRATION)
			return MAP_END;
		pfn = pmd_pfn(pmd);
	} else {
		/* split meanwhile */
		spin_unlock(pvmw->ptl);
		pvmw->ptl = NULL;
		return MAP_GONE;
	}
	if (pfn + HPAGE_PMD_NR <= pvmw->pfn || pfn >= pvmw->pfn + pvmw->nr_pages)
		return MAP_END;
	return MAP_PMD_LOCKED;
}

/* Map the entry at pvmw->address and lock its table, if that seems worth while. */
static enum map_result map_pte(struct page_vma_mapped_walk *pvmw, pmd_t *pmdvalp)
{
	struct mm_struct *mm = pvmw->vma->vm_mm;

	if (pvmw->flags & PVMW_SYNC) {
		pvmw->pte = pte_offset_map_lock(mm, pvmw->pmd, pvmw->address,
						&pvmw->ptl);
		return pvmw->pte ? MAP_LOCKED : MAP_GONE;
	}
	pvmw->pte = pte_offset_map_nolock(mm, pvmw->pmd, pvmw->address, &pvmw->ptl);
	if (!pvmw->pte) {
		pvmw->ptl = NULL;
		return MAP_GONE;
	}
	if (!worth_locking(pvmw, ptep_get_lockless(pvmw->pte))) {
		pte_unmap(pvmw->pte);
		pvmw->pte = NULL;
		pvmw->ptl = NULL;
		return MAP_SKIP;
	}
	spin_lock(pvmw->ptl);
	if (!pmd_same(*pmdvalp, pmdp_get_lockless(pvmw->pmd))) {
		pte_unmap_unlock(pvmw->pte, pvmw->ptl);
		pvmw->pte = NULL;
		pvmw->ptl = NULL;
		return MAP_GONE;
	}
	return MAP_LOCKED;
}

/*
 * Nothing is mapped by the PMD. With PVMW_SYNC wait for whoever has cleared a huge one
 * and not yet taken the mapping off the folio's count: that is done under the lock.
 */
static void sync_empty_pmd(struct page_vma_mapped_walk *pvmw)
{
	if ((pvmw->flags & PVMW_SYNC) && pvmw->nr_pages >= HPAGE_PMD_NR &&
	    thp_vma_suitable_order(pvmw->vma, pvmw->address, HPAGE_PMD_ORDER))
		spin_unlock(pmd_lock(pvmw->vma->vm_mm, pvmw->pmd));
}

static enum map_result map_entry(struct page_vma_mapped_walk *pvmw)
{
	pmd_t pmdval;

	pvmw->pmd = mm_find_pmd(pvmw->vma->vm_mm, pvmw->address);
	if (!pvmw->pmd)
		return MAP_SKIP_TABLE;
	pmdval = pmdp_get_lockless(pvmw->pmd);
	if (pmd_trans_huge(pmdval) || is_pmd_migration_entry(pmdval))
		return map_huge_pmd(pvmw);
	if (!pmd_present(pmdval)) {
		sync_empty_pmd(pvmw);
		return MAP_SKIP_TABLE;
	}
	return map_pte(pvmw, &pmdval);
}

/* Step to the next address; false at the end or where a new table begins. */
static bool next_in_table(struct page_vma_mapped_walk *pvmw, unsigned long end)
{
	pvmw->address += PAGE_SIZE;
	if (pvmw->address >= end || !(pvmw->address & ~PMD_MASK))
		return false;
	pvmw->pte++;
	return true;
}

static void leave_table(struct page_vma_mapped_walk *pvmw)
{
	pte_unmap(pvmw->pte);
	pvmw->pte = NULL;
	if (pvmw->ptl) {
		spin_unlock(pvmw->ptl);
		pvmw->ptl = NULL;
	}
}

/* The folio's next entry in the locked table from pvmw->pte on; else leaves the table. */
static bool find_in_table(struct page_vma_mapped_walk *pvmw, unsigned long end)
{
	do {
		if (check_pte(pvmw, ptep_get(pvmw->pte)))
			return true;
	} while (next_in_table(pvmw, end));
	leave_table(pvmw);
	return false;
}

/**
 * page_vma_mapped_walk() - find the next entry of a VMA that maps a folio
 * @pvmw:	pfn, nr_pages, pgoff, vma, address and flags are set, the rest is zero
 *
 * Return: true with the entry's table locked. pvmw->pte is the entry; if it is NULL, the
 * folio is mapped by the PMD pvmw->pmd. False when there are no more; nothing is
 * locked then.
 */
bool page_vma_mapped_walk(struct page_vma_mapped_walk *pvmw)
{
	unsigned long end = walk_end(pvmw);

	/* a PMD is the only entry */
	if (pvmw->pmd && !pvmw->pte)
		return not_found(pvmw);
	if (pvmw->pte) {
		if (!next_in_table(pvmw, end))
			leave_table(pvmw);
		else if (find_in_table(pvmw, end))
			return true;
	}
	while (pvmw->address < end) {
		switch (map_entry(pvmw)) {
		case MAP_GONE:		/* the table changed under us: look again */
			break;
		case MAP_SKIP:
			pvmw->address += PAGE_SIZE;
			break;
		case MAP_SKIP_TABLE:
			pvmw->address = (pvmw->address + PMD_SIZE) & PMD_MASK;
			break;
		case MAP_END:
			return not_found(pvmw);
		case MAP_PMD_LOCKED:
			return true;
		case MAP_LOCKED:
			if (find_in_table(pvmw, end))
				return true;
			break;
		}
	}
	return not_found(pvmw);
}

/* Where @vma maps offset @pgoff or the first of the @nr_pages after; else -EFAULT. */
unsigned long vma_address(struct vm_area_struct *vma, pgoff_t pgoff,
			  unsigned long nr_pages)
{
	unsigned long address;

	if (pgoff >= vma->vm_pgoff) {
		address = vma->vm_start + ((pgoff - vma->vm_pgoff) << PAGE_SHIFT);
		if (address < vma->vm_start || address >= vma->vm_end)
			return -EFAULT;
		return address;
	}
	if (pgoff + nr_pages - 1 >= vma->vm_pgoff)
		return vma->vm_start;
	return -EFAULT;
}

/**
 * page_address_in_vma() - where a VMA would map a page
 * @page:	the page; mapped, or its folio locked
 * @vma:	the VMA
 *
 * Return: the address, or -EFAULT as a number if the VMA is of another object. There
 * need be no entry at that address.
 */
unsigned long page_address_in_vma(struct page *page, struct vm_area_struct *vma)
{
	struct folio *folio = page_folio(page);
	struct anon_vma *anon_vma = folio_anon_vma(folio);

	if (folio_test_anon(folio)) {
		if (!anon_vma || !vma->anon_vma ||
		    vma->anon_vma->root != anon_vma->root)
			return -EFAULT;
	} else if (!vma->vm_file || vma->vm_file->f_mapping != folio->mapping) {
		return -EFAULT;
	}
	return vma_address(vma, folio->index + (page - &folio->page), 1);
}

int page_mapped_in_vma(struct page *page, struct vm_area_struct *vma)
{
	struct page_vma_mapped_walk pvmw = {
		.pfn = page_to_pfn(page),
		.nr_pages = 1,
		.pgoff = page->index,
		.vma = vma,
		.flags = PVMW_SYNC,
	};

	pvmw.address = vma_address(vma, pvmw.pgoff, 1);
	if (pvmw.address == -EFAULT || !page_vma_mapped_walk(&pvmw))
		return 0;
	page_vma_mapped_walk_done(&pvmw);
	return 1;
}
