// SPDX-License-Identifier: GPL-2.0
/*
 * Finding the page-table entries of one VMA that map a folio.
 */
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

enum map_result { MAP_LOCKED, MAP_SKIP, MAP_GONE };

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

/*
 * Find the next entry. On the first call pvmw->pmd and pvmw->pte are NULL; when it
 * returns true the entry is pvmw->pte and its table is locked. model: a table that
 * holds a huge PMD is skipped, there are none yet.
 */
bool page_vma_mapped_walk(struct page_vma_mapped_walk *pvmw)
{
	unsigned long end = walk_end(pvmw);
	pmd_t pmdval;

	if (pvmw->pte) {
		for (;;) {
			if (!next_in_table(pvmw, end)) {
				leave_table(pvmw);
				break;
			}
			if (check_pte(pvmw, ptep_get(pvmw->pte)))
				return true;
		}
	}
	while (pvmw->address < end) {
		pvmw->pmd = mm_find_pmd(pvmw->vma->vm_mm, pvmw->address);
		pmdval = pvmw->pmd ? pmdp_get_lockless(pvmw->pmd) : __pmd(0);
		if (!pvmw->pmd || !pmd_present(pmdval)) {
			pvmw->address = (pvmw->address + PMD_SIZE) & PMD_MASK;
			continue;
		}
		switch (map_pte(pvmw, &pmdval)) {
		case MAP_GONE:		/* the table changed under us: look again */
			continue;
		case MAP_SKIP:
			pvmw->address += PAGE_SIZE;
			continue;
		case MAP_LOCKED:
			break;
		}
		for (;;) {
			if (check_pte(pvmw, ptep_get(pvmw->pte)))
				return true;
			if (!next_in_table(pvmw, end)) {
				leave_table(pvmw);
				break;
			}
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
