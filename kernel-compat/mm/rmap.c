// SPDX-License-Identifier: GPL-2.0
/*
 * Mapcounts, exclusivity, and walks from a folio to its mappings.
 *
 * PageAnonExclusive says that an anonymous page belongs to one process for certain:
 * it may be mapped writable, and it may be pinned.  fork takes the mark away from
 * pages it shares; a write fault that finds itself alone gives it back.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/swapops.h>
#include <linux/vmstat.h>

static void rmap_sanity_checks(struct folio *folio, struct page *page, int nr_pages)
{
	VM_WARN_ON_ONCE(nr_pages != 1);	/* order 0 */
	VM_WARN_ON_FOLIO(page_folio(page) != folio, folio);
	VM_WARN_ON_FOLIO(is_zero_pfn(page_to_pfn(page)), folio);
}

/* Make the folio one of @vma's; @exclusive: of its own anon_vma, else of the root's. */
static void __folio_set_anon(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address, bool exclusive)
{
	struct anon_vma *anon_vma = vma->anon_vma;

	VM_BUG_ON_VMA(!anon_vma, vma);
	if (!exclusive)
		anon_vma = anon_vma->root;
	/* lockless readers test the bit and use the pointer: one store */
	WRITE_ONCE(folio->mapping,
		   (struct address_space *)((unsigned long)anon_vma + PAGE_MAPPING_ANON));
	folio->index = linear_page_index(vma, address);
}

/**
 * folio_move_anon_rmap() - a folio turned out to belong to @vma alone
 * @folio:	locked anonymous folio
 * @vma:	whose anon_vma it moves to
 */
void folio_move_anon_rmap(struct folio *folio, struct vm_area_struct *vma)
{
	unsigned long anon_vma = (unsigned long)vma->anon_vma;

	VM_BUG_ON_FOLIO(!folio_test_locked(folio), folio);
	VM_BUG_ON_VMA(!anon_vma, vma);
	WRITE_ONCE(folio->mapping, (void *)(anon_vma + PAGE_MAPPING_ANON));
}

/**
 * folio_add_new_anon_rmap() - first mapping of a new anonymous folio
 * @folio:	nobody else knows it yet
 * @vma:	VMA with an anon_vma
 * @address:	where
 * @flags:	RMAP_EXCLUSIVE unless it replaces a page that may be shared
 */
void folio_add_new_anon_rmap(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address, rmap_t flags)
{
	bool exclusive = flags & RMAP_EXCLUSIVE;

	VM_BUG_ON_VMA(address < vma->vm_start || address >= vma->vm_end, vma);
	VM_BUG_ON_FOLIO(folio_mapped(folio), folio);
	if (!folio_test_swapbacked(folio))
		__folio_set_swapbacked(folio);
	__folio_set_anon(folio, vma, address, exclusive);
	atomic_set(&folio->_mapcount, 0);
	if (exclusive)
		SetPageAnonExclusive(&folio->page);
	node_stat_mod_folio(folio, NR_ANON_MAPPED, 1);
}

/**
 * folio_add_anon_rmap_ptes() - one more mapping of an anonymous folio
 * @folio:	the folio; locked if this may be its first mapping
 * @page:	its page
 * @nr_pages:	1
 * @vma:	VMA
 * @address:	where
 * @flags:	RMAP_EXCLUSIVE if no other process can have it
 *
 * Context: page-table lock held.
 */
void folio_add_anon_rmap_ptes(struct folio *folio, struct page *page, int nr_pages,
			      struct vm_area_struct *vma, unsigned long address,
			      rmap_t flags)
{
	rmap_sanity_checks(folio, page, nr_pages);
	if (atomic_inc_and_test(&folio->_mapcount))
		node_stat_mod_folio(folio, NR_ANON_MAPPED, 1);

	if (unlikely(!folio_test_anon(folio))) {
		VM_WARN_ON_FOLIO(!folio_test_locked(folio), folio);
		__folio_set_anon(folio, vma, address, flags & RMAP_EXCLUSIVE);
	} else {
		VM_BUG_ON_FOLIO(folio_anon_vma(folio)->root != vma->anon_vma->root,
				folio);
		VM_BUG_ON_FOLIO(folio->index != linear_page_index(vma, address), folio);
	}
	if (flags & RMAP_EXCLUSIVE)
		SetPageAnonExclusive(page);
	VM_WARN_ON_FOLIO(atomic_read(&page->_mapcount) > 0 && PageAnonExclusive(page),
			 folio);
}

void folio_add_file_rmap_ptes(struct folio *folio, struct page *page, int nr_pages,
			      struct vm_area_struct *vma)
{
	rmap_sanity_checks(folio, page, nr_pages);
	VM_WARN_ON_FOLIO(folio_test_anon(folio), folio);
	if (atomic_inc_and_test(&folio->_mapcount))
		node_stat_mod_folio(folio, NR_FILE_MAPPED, 1);
}

/**
 * folio_remove_rmap_ptes() - one mapping less
 * @folio:	the folio
 * @page:	its page
 * @nr_pages:	1
 * @vma:	VMA that mapped it
 *
 * Context: page-table lock held; the entry is changed already.
 */
void folio_remove_rmap_ptes(struct folio *folio, struct page *page, int nr_pages,
			    struct vm_area_struct *vma)
{
	rmap_sanity_checks(folio, page, nr_pages);
	VM_BUG_ON_FOLIO(atomic_read(&folio->_mapcount) < 0, folio);
	if (atomic_add_negative(-1, &folio->_mapcount))
		node_stat_mod_folio(folio, folio_test_anon(folio) ?
				    NR_ANON_MAPPED : NR_FILE_MAPPED, -1);
}

void folio_dup_file_rmap_pte(struct folio *folio, struct page *page)
{
	rmap_sanity_checks(folio, page, 1);
	VM_WARN_ON_FOLIO(folio_test_anon(folio), folio);
	atomic_inc(&folio->_mapcount);
}

/**
 * folio_try_dup_anon_rmap_pte() - map an anonymous page once more, for fork
 * @folio:	its folio
 * @page:	the page; no longer exclusive on success
 * @src_vma:	the parent's VMA
 *
 * Return: 0, or -EBUSY if it is exclusive and may be pinned: the child gets a copy.
 * Context: the parent's page-table lock; between raw_write_seqcount_begin() and end()
 * of its write_protect_seq.
 */
int folio_try_dup_anon_rmap_pte(struct folio *folio, struct page *page,
				struct vm_area_struct *src_vma)
{
	VM_WARN_ON_FOLIO(!folio_test_anon(folio), folio);
	rmap_sanity_checks(folio, page, 1);

	if (PageAnonExclusive(page)) {
		if (unlikely(folio_needs_cow_for_dma(src_vma, folio)))
			return -EBUSY;
		ClearPageAnonExclusive(page);
	}
	atomic_inc(&folio->_mapcount);
	return 0;
}

/**
 * folio_try_share_anon_rmap_pte() - take PageAnonExclusive from a page
 * @folio:	its folio
 * @page:	exclusive page whose entry was just cleared
 *
 * Return: 0, or -EBUSY if it may be pinned.
 * Context: page-table lock held.
 */
int folio_try_share_anon_rmap_pte(struct folio *folio, struct page *page)
{
	VM_WARN_ON_FOLIO(!folio_test_anon(folio), folio);
	VM_WARN_ON_FOLIO(!PageAnonExclusive(page), folio);
	rmap_sanity_checks(folio, page, 1);

	/*
	 * The entry was cleared before; GUP-fast takes its reference and then looks
	 * at the entry again. Pairs with the full barrier in try_grab_folio_fast().
	 */
	smp_mb();
	if (unlikely(folio_maybe_dma_pinned(folio)))
		return -EBUSY;
	ClearPageAnonExclusive(page);
	/* pairs with smp_rmb() in gup_must_unshare() */
	smp_mb__after_atomic();
	return 0;
}

/* Lock for an anonymous walk; NULL when nothing maps the folio or in vain. */
static struct anon_vma *rmap_walk_anon_lock(struct folio *folio,
					    struct rmap_walk_control *rwc)
{
	struct anon_vma *anon_vma;

	if (rwc->anon_lock)
		return rwc->anon_lock(folio, rwc);
	/*
	 * Not folio_lock_anon_vma_read(): the folio may have no mapcount left, with
	 * migration entries in place of mappings. The caller has a reference on the
	 * anon_vma, or mmap_lock.
	 */
	anon_vma = folio_anon_vma(folio);
	if (!anon_vma)
		return NULL;
	if (anon_vma_trylock_read(anon_vma))
		return anon_vma;
	if (rwc->try_lock) {
		rwc->contended = true;
		return NULL;
	}
	anon_vma_lock_read(anon_vma);
	return anon_vma;
}

/* Ask @rwc about one VMA; false ends the walk. */
static bool rmap_visit(struct folio *folio, struct vm_area_struct *vma, pgoff_t pgoff,
		       struct rmap_walk_control *rwc)
{
	unsigned long address = vma_address(vma, pgoff, folio_nr_pages(folio));

	VM_BUG_ON_VMA(address == -EFAULT, vma);
	cond_resched();
	if (rwc->invalid_vma && rwc->invalid_vma(vma, rwc->arg))
		return true;
	if (!rwc->rmap_one(folio, vma, address, rwc->arg))
		return false;
	return !(rwc->done && rwc->done(folio));
}

static void rmap_walk_anon(struct folio *folio, struct rmap_walk_control *rwc,
			   bool locked)
{
	struct anon_vma *anon_vma = locked ? folio_anon_vma(folio) :
					     rmap_walk_anon_lock(folio, rwc);
	pgoff_t first = folio_pgoff(folio), last = first + folio_nr_pages(folio) - 1;
	struct anon_vma_chain *avc;

	VM_BUG_ON_FOLIO(locked && !anon_vma, folio);
	if (!anon_vma)
		return;
	anon_vma_interval_tree_foreach(avc, &anon_vma->rb_root, first, last)
		if (!rmap_visit(folio, avc->vma, first, rwc))
			break;
	if (!locked)
		anon_vma_unlock_read(anon_vma);
}

static void rmap_walk_file(struct folio *folio, struct rmap_walk_control *rwc,
			   bool locked)
{
	struct address_space *mapping = folio_mapping(folio);
	pgoff_t first = folio_pgoff(folio), last = first + folio_nr_pages(folio) - 1;
	struct vm_area_struct *vma;

	/* the folio lock keeps mapping and index as they are */
	VM_BUG_ON_FOLIO(!folio_test_locked(folio), folio);
	if (!mapping)
		return;
	if (!locked && !i_mmap_trylock_read(mapping)) {
		if (rwc->try_lock) {
			rwc->contended = true;
			return;
		}
		i_mmap_lock_read(mapping);
	}
	vma_interval_tree_foreach(vma, &mapping->i_mmap, first, last)
		if (!rmap_visit(folio, vma, first, rwc))
			break;
	if (!locked)
		i_mmap_unlock_read(mapping);
}

/**
 * rmap_walk() - call rwc->rmap_one() for every VMA that may map a folio
 * @folio:	the folio; locked if it is not anonymous
 * @rwc:	what to do
 *
 * Context: may sleep. Takes the anon_vma's or the address space's lock for reading.
 */
void rmap_walk(struct folio *folio, struct rmap_walk_control *rwc)
{
	if (folio_test_anon(folio))
		rmap_walk_anon(folio, rwc, false);
	else
		rmap_walk_file(folio, rwc, false);
}

/* Like rmap_walk(), but the caller holds that lock. */
void rmap_walk_locked(struct folio *folio, struct rmap_walk_control *rwc)
{
	if (folio_test_anon(folio))
		rmap_walk_anon(folio, rwc, true);
	else
		rmap_walk_file(folio, rwc, true);
}
