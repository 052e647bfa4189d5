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

static void rmap_sanity_checks(struct folio *folio, struct page *page, int nr_pages,
			       enum rmap_level level)
{
	VM_WARN_ON_ONCE(nr_pages <= 0);
	VM_WARN_ON_FOLIO(page_folio(page) != folio, folio);
	VM_WARN_ON_FOLIO(page_folio(page + nr_pages - 1) != folio, folio);
	VM_WARN_ON_FOLIO(is_zero_pfn(page_to_pfn(page)), folio);
	VM_WARN_ON_FOLIO(is_huge_zero_folio(folio), folio);
	if (level == RMAP_LEVEL_PMD)
		VM_WARN_ON_FOLIO(folio_nr_pages(folio) != HPAGE_PMD_NR ||
				 nr_pages != HPAGE_PMD_NR, folio);
}

static void rmap_mod_stat(struct folio *folio, int nr, int nr_pmdmapped)
{
	if (nr)
		node_stat_mod_folio(folio, folio_test_anon(folio) ?
				    NR_ANON_MAPPED : NR_FILE_MAPPED, nr);
	if (nr_pmdmapped)
		node_stat_mod_folio(folio, NR_ANON_THPS, nr_pmdmapped);
}

/*
 * Pages that a change between PMD-mapped and not makes mapped or unmapped: those that no
 * PTE maps.  @mapped is _nr_pages_mapped after the change; PTE mappings come and go
 * meanwhile, each counted by whoever sees no ENTIRELY_MAPPED.
 */
static int pmd_only_pages(struct folio *folio, int mapped)
{
	return max_t(int, folio_nr_pages(folio) - (mapped & FOLIO_PAGES_MAPPED), 0);
}

/* Count mappings of @nr_pages pages by PTEs, or one by a PMD; and account them. */
static void __folio_add_rmap(struct folio *folio, struct page *page, int nr_pages,
			     enum rmap_level level)
{
	atomic_t *mapped = &folio->_nr_pages_mapped;
	int i, first = 0, now, nr = 0, nr_pmdmapped = 0;

	rmap_sanity_checks(folio, page, nr_pages, level);
	if (level == RMAP_LEVEL_PMD) {
		if (atomic_inc_and_test(&folio->_entire_mapcount)) {
			now = atomic_add_return_relaxed(ENTIRELY_MAPPED, mapped);
			/* twice there: the remove that made room is still to come */
			if (now < 2 * ENTIRELY_MAPPED) {
				nr_pmdmapped = folio_nr_pages(folio);
				nr = pmd_only_pages(folio, now);
			}
		}
		atomic_inc(&folio->_large_mapcount);
	} else if (!folio_test_large(folio)) {
		nr = atomic_inc_and_test(&folio->_mapcount);
	} else {
		for (i = 0; i < nr_pages; i++)
			first += atomic_inc_and_test(&page[i]._mapcount);
		if (first && atomic_add_return_relaxed(first, mapped) < ENTIRELY_MAPPED)
			nr = first;
		atomic_add(nr_pages, &folio->_large_mapcount);
	}
	rmap_mod_stat(folio, nr, nr_pmdmapped);
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
 * @address:	where its first page is
 * @flags:	RMAP_EXCLUSIVE unless it replaces a page that may be shared
 *
 * A folio of HPAGE_PMD_NR pages is mapped by a PMD, another one by PTEs, each page once.
 */
void folio_add_new_anon_rmap(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address, rmap_t flags)
{
	bool exclusive = flags & RMAP_EXCLUSIVE, pmd = folio_test_pmd_mappable(folio);
	const int nr = folio_nr_pages(folio);
	int i;

	VM_BUG_ON_VMA(address < vma->vm_start ||
		      address + nr * PAGE_SIZE > vma->vm_end, vma);
	VM_BUG_ON_FOLIO(folio_mapped(folio), folio);
	if (!folio_test_swapbacked(folio))
		__folio_set_swapbacked(folio);
	__folio_set_anon(folio, vma, address, exclusive);

	if (pmd) {
		atomic_set(&folio->_entire_mapcount, 0);
		atomic_set(&folio->_large_mapcount, 0);
		atomic_set(&folio->_nr_pages_mapped, ENTIRELY_MAPPED);
	} else if (folio_test_large(folio)) {
		atomic_set(&folio->_large_mapcount, nr - 1);
		atomic_set(&folio->_nr_pages_mapped, nr);
	}
	for (i = 0; !pmd && i < nr; i++)
		atomic_set(&folio_page(folio, i)->_mapcount, 0);
	/* a PMD's exclusiveness is that of the first page */
	for (i = 0; exclusive && i < (pmd ? 1 : nr); i++)
		SetPageAnonExclusive(folio_page(folio, i));
	rmap_mod_stat(folio, nr, pmd ? nr : 0);
}

static void __folio_add_anon_rmap(struct folio *folio, struct page *page, int nr_pages,
				  struct vm_area_struct *vma, unsigned long address,
				  rmap_t flags, enum rmap_level level)
{
	int i;

	VM_WARN_ON_FOLIO(!folio_test_anon(folio), folio);
	__folio_add_rmap(folio, page, nr_pages, level);
	VM_BUG_ON_FOLIO(folio_anon_vma(folio)->root != vma->anon_vma->root, folio);
	VM_BUG_ON_FOLIO(folio->index + folio_page_idx(folio, page) !=
			linear_page_index(vma, address), folio);

	if (flags & RMAP_EXCLUSIVE)
		for (i = 0; i < (level == RMAP_LEVEL_PMD ? 1 : nr_pages); i++)
			SetPageAnonExclusive(page + i);
	/* while a PMD is split, a page has a mapping of each kind */
	for (i = 0; i < nr_pages; i++)
		VM_WARN_ON_FOLIO((atomic_read(&page[i]._mapcount) > 0 ||
				  (folio_test_large(folio) &&
				   folio_entire_mapcount(folio) > 1)) &&
				 PageAnonExclusive(page + i), folio);
}

/**
 * folio_add_anon_rmap_ptes() - more mappings of an anonymous folio by PTEs
 * @folio:	the folio; locked if these may be its first mappings
 * @page:	its first page that is mapped
 * @nr_pages:	how many, by consecutive entries of one table
 * @vma:	VMA
 * @address:	where @page is
 * @flags:	RMAP_EXCLUSIVE if no other process can have them
 *
 * Context: page-table lock held.
 */
void folio_add_anon_rmap_ptes(struct folio *folio, struct page *page, int nr_pages,
			      struct vm_area_struct *vma, unsigned long address,
			      rmap_t flags)
{
	__folio_add_anon_rmap(folio, page, nr_pages, vma, address, flags, RMAP_LEVEL_PTE);
}

/* One more mapping of a whole folio by a PMD. Context: page-table lock held. */
void folio_add_anon_rmap_pmd(struct folio *folio, struct page *page,
			     struct vm_area_struct *vma, unsigned long address,
			     rmap_t flags)
{
	__folio_add_anon_rmap(folio, page, HPAGE_PMD_NR, vma, address, flags,
			      RMAP_LEVEL_PMD);
}

void folio_add_file_rmap_ptes(struct folio *folio, struct page *page, int nr_pages,
			      struct vm_area_struct *vma)
{
	VM_WARN_ON_FOLIO(folio_test_anon(folio), folio);
	__folio_add_rmap(folio, page, nr_pages, RMAP_LEVEL_PTE);
}

/* Uncount @last pages that lost their last PTE; true: some other page is still mapped. */
static bool remove_ptes(struct folio *folio, struct page *page, int nr_pages, int *nr)
{
	atomic_t *mapped = &folio->_nr_pages_mapped;
	int i, last = 0;

	if (!folio_test_large(folio)) {
		*nr = atomic_add_negative(-1, &folio->_mapcount);
		return false;
	}
	atomic_sub(nr_pages, &folio->_large_mapcount);
	for (i = 0; i < nr_pages; i++)
		last += atomic_add_negative(-1, &page[i]._mapcount);
	if (last && atomic_sub_return_relaxed(last, mapped) < ENTIRELY_MAPPED)
		*nr = last;
	return *nr && atomic_read(mapped);
}

/* Uncount a PMD; true: some pages are still mapped, by PTEs, and others are not. */
static bool remove_pmd(struct folio *folio, int *nr, int *nr_pmdmapped)
{
	int now;

	atomic_dec(&folio->_large_mapcount);
	if (!atomic_add_negative(-1, &folio->_entire_mapcount))
		return false;
	now = atomic_sub_return_relaxed(ENTIRELY_MAPPED, &folio->_nr_pages_mapped);
	/* still there: an add came between the two counts, and left stats to us */
	if (now >= ENTIRELY_MAPPED)
		return false;
	*nr_pmdmapped = folio_nr_pages(folio);
	*nr = pmd_only_pages(folio, now);
	return *nr && *nr < *nr_pmdmapped;
}

/*
 * Uncount mappings. An anonymous folio of which only a part is mapped is queued to be
 * split one day.
 */
static void __folio_remove_rmap(struct folio *folio, struct page *page, int nr_pages,
				enum rmap_level level)
{
	int nr = 0, nr_pmdmapped = 0;
	bool partially_mapped;

	rmap_sanity_checks(folio, page, nr_pages, level);
	VM_BUG_ON_FOLIO(!folio_mapped(folio), folio);
	if (level == RMAP_LEVEL_PTE)
		partially_mapped = remove_ptes(folio, page, nr_pages, &nr);
	else
		partially_mapped = remove_pmd(folio, &nr, &nr_pmdmapped);

	if (partially_mapped && folio_test_anon(folio) &&
	    !folio_test_partially_mapped(folio))
		deferred_split_folio(folio, true);
	rmap_mod_stat(folio, -nr, -nr_pmdmapped);
}

/**
 * folio_remove_rmap_ptes() - mappings by PTEs less
 * @folio:	the folio
 * @page:	its first page that is unmapped
 * @nr_pages:	how many
 * @vma:	VMA that mapped them
 *
 * Context: page-table lock held; the entries are changed already.
 */
void folio_remove_rmap_ptes(struct folio *folio, struct page *page, int nr_pages,
			    struct vm_area_struct *vma)
{
	__folio_remove_rmap(folio, page, nr_pages, RMAP_LEVEL_PTE);
}

/* One mapping by a PMD less. Context: the PMD's lock held, the entry changed. */
void folio_remove_rmap_pmd(struct folio *folio, struct page *page,
			   struct vm_area_struct *vma)
{
	__folio_remove_rmap(folio, page, HPAGE_PMD_NR, RMAP_LEVEL_PMD);
}

void folio_dup_file_rmap_pte(struct folio *folio, struct page *page)
{
	rmap_sanity_checks(folio, page, 1, RMAP_LEVEL_PTE);
	VM_WARN_ON_FOLIO(folio_test_anon(folio) || folio_test_large(folio), folio);
	atomic_inc(&folio->_mapcount);
}

/**
 * __folio_try_dup_anon_rmap() - map anonymous pages once more, for fork
 * @folio:	their folio
 * @page:	first page
 * @nr_pages:	how many; none is exclusive any more on success
 * @src_vma:	the parent's VMA
 * @level:	by PTEs or one PMD
 *
 * Return: 0, or -EBUSY if one is exclusive and may be pinned: the child gets a copy.
 * Context: the parent's page-table lock; between raw_write_seqcount_begin() and end()
 * of its write_protect_seq.
 */
int __folio_try_dup_anon_rmap(struct folio *folio, struct page *page, int nr_pages,
			      struct vm_area_struct *src_vma, enum rmap_level level)
{
	bool maybe_pinned = folio_needs_cow_for_dma(src_vma, folio);
	int i, nr_marks = level == RMAP_LEVEL_PMD ? 1 : nr_pages;

	VM_WARN_ON_FOLIO(!folio_test_anon(folio), folio);
	rmap_sanity_checks(folio, page, nr_pages, level);

	for (i = 0; maybe_pinned && i < nr_marks; i++)
		if (PageAnonExclusive(page + i))
			return -EBUSY;
	for (i = 0; i < nr_marks; i++)
		if (PageAnonExclusive(page + i))
			ClearPageAnonExclusive(page + i);

	/* mapped already, so that no page becomes mapped by this */
	if (level == RMAP_LEVEL_PMD) {
		atomic_inc(&folio->_entire_mapcount);
		atomic_inc(&folio->_large_mapcount);
		return 0;
	}
	for (i = 0; i < nr_pages; i++)
		atomic_inc(&page[i]._mapcount);
	if (folio_test_large(folio))
		atomic_add(nr_pages, &folio->_large_mapcount);
	return 0;
}

/**
 * __folio_try_share_anon_rmap() - take PageAnonExclusive from a page
 * @folio:	its folio
 * @page:	exclusive page whose entry was just cleared
 * @nr_pages:	how many pages the entry mapped
 * @level:	PTE or PMD
 *
 * Return: 0, or -EBUSY if it may be pinned.
 * Context: page-table lock held.
 */
int __folio_try_share_anon_rmap(struct folio *folio, struct page *page, int nr_pages,
				enum rmap_level level)
{
	VM_WARN_ON_FOLIO(!folio_test_anon(folio), folio);
	VM_WARN_ON_FOLIO(!PageAnonExclusive(page), folio);
	rmap_sanity_checks(folio, page, nr_pages, level);

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
