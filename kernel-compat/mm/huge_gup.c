// SPDX-License-Identifier: GPL-2.0
/*
 * GUP of pages that a huge PMD maps.
 */
#include <linux/err.h>
#include <linux/lockdep.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <mm/gup.h>

static bool can_follow_write_pmd(pmd_t pmd, struct page *page, struct vm_area_struct *vma,
				 unsigned int flags)
{
	if (pmd_write(pmd))
		return true;
	return gup_may_force_write(vma, page, flags) && !pmd_uffd_wp(pmd) &&
	       (!vma_soft_dirty_enabled(vma) || pmd_soft_dirty(pmd));
}

/**
 * follow_huge_pmd() - the page at an address in a huge page, if the PMD allows it
 * @vma:	VMA
 * @addr:	address
 * @pmd:	huge and present
 * @flags:	FOLL_*
 *
 * Return: the page, grabbed; NULL: fault it in; ERR_PTR(-EMLINK): fault it in unsharing
 * it; other errors: give up.
 * Context: the PMD's lock held.
 */
struct page *follow_huge_pmd(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmd,
			     unsigned int flags)
{
	pmd_t val = pmdp_get(pmd);
	struct page *page = pmd_page(val);
	int err;

	lockdep_assert_held(pmd_lockptr(vma->vm_mm, pmd));
	if ((flags & FOLL_WRITE) && !can_follow_write_pmd(val, page, vma, flags))
		return NULL;
	if ((flags & FOLL_DUMP) && is_huge_zero_pmd(val))
		return ERR_PTR(-EFAULT);
	if (pmd_protnone(val) && !gup_can_follow_protnone(vma, flags))
		return NULL;
	if (!pmd_write(val) && gup_must_unshare(vma, flags, page))
		return ERR_PTR(-EMLINK);
	VM_BUG_ON_PAGE((flags & FOLL_PIN) && PageAnon(page) && !PageAnonExclusive(page), page);
	err = try_grab_folio(page_folio(page), 1, flags);
	if (err)
		return ERR_PTR(err);
	if (flags & FOLL_TOUCH)
		touch_pmd(vma, addr, pmd, flags & FOLL_WRITE);
	return page + pte_index(addr);
}

/**
 * gup_fast_pmd_leaf() - pages from @addr on that a huge PMD maps, without its lock
 * @orig:	the entry as it was read
 * @pmdp:	where it was read
 * @addr:	first address
 * @end:	end, in the same PMD's range
 * @flags:	FOLL_*
 * @pages:	receives the pages, grabbed
 *
 * Return: how many; 0 to leave them to the slow way.
 */
int gup_fast_pmd_leaf(pmd_t orig, pmd_t *pmdp, unsigned long addr, unsigned long end,
		      unsigned int flags, struct page **pages)
{
	int i, nr = (end - addr) >> PAGE_SHIFT;
	struct folio *folio;
	struct page *page;

	if (!pmd_access_permitted(orig, flags & FOLL_WRITE) || pmd_special(orig))
		return 0;
	page = pmd_page(orig) + pte_index(addr);
	folio = try_grab_folio_fast(page, nr, flags);
	if (!folio)
		return 0;
	if (unlikely(!pmd_same(orig, pmdp_get(pmdp))) ||
	    !gup_fast_folio_allowed(folio, flags) ||
	    (!pmd_write(orig) && gup_must_unshare(NULL, flags, &folio->page))) {
		gup_put_folio(folio, nr, flags);
		return 0;
	}
	for (i = 0; i < nr; i++)
		pages[i] = page + i;
	folio_set_referenced(folio);
	return nr;
}
