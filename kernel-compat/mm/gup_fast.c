// SPDX-License-Identifier: GPL-2.0
/*
 * GUP without mmap_lock: walk the current address space with interrupts disabled.
 *
 * Page-table pages are freed only after every CPU was interrupted, so with interrupts
 * disabled they stay.  The page of an entry does not: a reference that cannot be taken
 * on a free page, and a second look at the entry afterwards, tell that it is the page
 * that was mapped.
 */
#include <linux/irqflags.h>
#include <linux/mm/zero_page.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/seqlock.h>
#include <linux/shmem_fs.h>
#include <mm/gup.h>

/* Reference the folio of @page unless it is free, or stopped being that page's. */
static struct folio *try_get_folio(struct page *page, int refs)
{
	struct folio *folio;

	for (;;) {
		folio = page_folio(page);
		if (WARN_ON_ONCE(folio_ref_count(folio) < 0))
			return NULL;
		if (unlikely(!folio_ref_add_unless(folio, refs, 0)))
			return NULL;
		if (likely(page_folio(page) == folio))
			return folio;
		folio_put_refs(folio, refs);
	}
}

/**
 * try_grab_folio_fast() - reference or pin without a lock
 * @page:	page that a page-table entry named
 * @refs:	how many
 * @flags:	FOLL_GET or FOLL_PIN
 *
 * Return: the folio, or NULL. The caller looks at the entry again.
 */
struct folio *try_grab_folio_fast(struct page *page, int refs, unsigned int flags)
{
	struct folio *folio;

	if (WARN_ON_ONCE(!(flags & (FOLL_GET | FOLL_PIN))))
		return NULL;
	if (flags & FOLL_GET)
		return try_get_folio(page, refs);
	if (is_zero_page(page))
		return page_folio(page);
	folio = try_get_folio(page, refs);
	if (!folio)
		return NULL;
	if (folio_test_large(folio))
		atomic_add(refs, &folio->_pincount);
	else
		folio_ref_add(folio, refs * (GUP_PIN_COUNTING_BIAS - 1));
	/* pin before the entry is read again; pairs with try_share's full barrier */
	smp_mb__after_atomic();
	return folio;
}

/* Long write pins only where no file has to track dirty pages. */
bool gup_fast_folio_allowed(struct folio *folio, unsigned int flags)
{
	const unsigned int bad = FOLL_PIN | FOLL_LONGTERM | FOLL_WRITE;
	unsigned long mapping = (unsigned long)READ_ONCE(folio->mapping);

	if ((flags & bad) != bad)
		return true;
	if (!mapping)
		return false;		/* truncated */
	if (mapping & PAGE_MAPPING_FLAGS)
		return mapping & PAGE_MAPPING_ANON;
	return shmem_mapping((struct address_space *)mapping);
}

static bool pte_access_permitted_by(pte_t pte, unsigned int flags)
{
	if (pte_protnone(pte) || !pte_present(pte) || pte_special(pte))
		return false;
	return !(flags & FOLL_WRITE) || pte_write(pte);
}

/* One entry: the page, grabbed, or NULL to leave it to the slow way. */
static struct page *gup_fast_pte(pmd_t *pmd, pmd_t pmdval, pte_t *ptep,
				 unsigned int flags)
{
	pte_t pte = ptep_get_lockless(ptep);
	struct folio *folio;
	struct page *page;

	if (!pte_access_permitted_by(pte, flags))
		return NULL;
	page = pte_page(pte);
	folio = try_grab_folio_fast(page, 1, flags);
	if (!folio)
		return NULL;
	if (unlikely(!pmd_same(pmdval, pmdp_get(pmd)) ||
		     !pte_same(pte, ptep_get_lockless(ptep))) ||
	    !gup_fast_folio_allowed(folio, flags) ||
	    (!pte_write(pte) && gup_must_unshare(NULL, flags, page))) {
		gup_put_folio(folio, 1, flags);
		return NULL;
	}
	folio_set_referenced(folio);
	return page;
}

static bool gup_fast_table(struct mm_struct *mm, unsigned long *addr, unsigned long end,
			   unsigned int flags, struct page **pages, int *nr)
{
	p4d_t *p4d = p4d_offset(pgd_offset(mm, *addr), *addr);
	pud_t *pud;
	pmd_t *pmd, pmdval;
	pte_t *ptep, *first;
	bool go_on = true;

	if (!p4d_present(p4dp_get(p4d)))
		return false;
	pud = pud_offset(p4d, *addr);
	if (!pud_present(pudp_get(pud)))
		return false;
	pmd = pmd_offset(pud, *addr);
	pmdval = pmdp_get(pmd);
	if (!pmd_present(pmdval))
		return false;
	if (pmd_leaf(pmdval)) {
		int got = gup_fast_pmd_leaf(pmdval, pmd, *addr, pmd_addr_end(*addr, end),
					    flags, pages + *nr);

		*nr += got;
		*addr += got * PAGE_SIZE;
		return got;
	}
	first = ptep = pte_offset_map(pmd, *addr);
	if (!ptep)
		return false;
	do {
		struct page *page = gup_fast_pte(pmd, pmdval, ptep, flags);

		if (!page) {
			go_on = false;
			break;
		}
		pages[(*nr)++] = page;
		ptep++;
		*addr += PAGE_SIZE;
	} while (*addr < end && (*addr & ~PMD_MASK));
	pte_unmap(first);
	return go_on;
}

/* Pages from @start on that need no fault; how many. */
static int gup_fast(unsigned long start, unsigned long end, unsigned int gup_flags,
		    struct page **pages)
{
	struct mm_struct *mm = current->mm;
	unsigned long flags, addr = start;
	unsigned int seq = 0;
	int nr = 0, i;

	if (gup_flags & FOLL_PIN) {
		seq = raw_read_seqcount(&mm->write_protect_seq);
		if (seq & 1)
			return 0;
	}
	local_irq_save(flags);
	while (addr < end && gup_fast_table(mm, &addr, end, gup_flags, pages, &nr))
		;
	local_irq_restore(flags);

	/* fork looked at pin counts meanwhile: it may have shared what we pinned */
	if ((gup_flags & FOLL_PIN) && read_seqcount_retry(&mm->write_protect_seq, seq)) {
		for (i = 0; i < nr; i++)
			gup_put_folio(page_folio(pages[i]), 1, FOLL_PIN);
		return 0;
	}
	return nr;
}

/* Fast as far as that goes, the rest under mmap_lock. */
static int gup_fast_fallback(unsigned long start, unsigned long nr_pages,
			     unsigned int gup_flags, struct page **pages)
{
	unsigned long len = nr_pages << PAGE_SHIFT, end;
	int locked = 0, nr_fast;
	long ret;

	if (WARN_ON_ONCE(gup_flags & ~(FOLL_WRITE | FOLL_LONGTERM | FOLL_FORCE |
				       FOLL_PIN | FOLL_GET | FOLL_FAST_ONLY |
				       FOLL_NOFAULT | FOLL_HONOR_NUMA_FAULT)))
		return -EINVAL;
	if (gup_flags & FOLL_PIN)
		mm_set_has_pinned(current->mm);
	if (!(gup_flags & FOLL_FAST_ONLY))
		might_lock_read(&current->mm->mmap_lock);

	start &= PAGE_MASK;
	end = start + len;
	if (end < start || end > current->mm->task_size)
		return -EFAULT;
	nr_fast = gup_fast(start, end, gup_flags, pages);
	if (nr_fast == nr_pages || (gup_flags & FOLL_FAST_ONLY))
		return nr_fast;

	ret = __get_user_pages_locked(current->mm, start + ((long)nr_fast << PAGE_SHIFT),
				      nr_pages - nr_fast, pages + nr_fast, &locked,
				      gup_flags | FOLL_TOUCH | FOLL_UNLOCKABLE);
	if (ret < 0)
		return nr_fast ? nr_fast : ret;
	return nr_fast + ret;
}

int get_user_pages_fast_only(unsigned long start, int nr_pages,
			     unsigned int gup_flags, struct page **pages)
{
	if (!is_valid_gup_args(pages, NULL, &gup_flags, FOLL_GET | FOLL_FAST_ONLY))
		return -EINVAL;
	return gup_fast_fallback(start, nr_pages, gup_flags, pages);
}

int get_user_pages_fast(unsigned long start, int nr_pages, unsigned int gup_flags,
			struct page **pages)
{
	if (!is_valid_gup_args(pages, NULL, &gup_flags, FOLL_GET))
		return -EINVAL;
	return gup_fast_fallback(start, nr_pages, gup_flags, pages);
}

int pin_user_pages_fast(unsigned long start, int nr_pages, unsigned int gup_flags,
			struct page **pages)
{
	if (!is_valid_gup_args(pages, NULL, &gup_flags, FOLL_PIN))
		return -EINVAL;
	return gup_fast_fallback(start, nr_pages, gup_flags, pages);
}
