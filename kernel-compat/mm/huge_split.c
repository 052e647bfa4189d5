// SPDX-License-Identifier: GPL-2.0
/*
 * Splitting a large folio into smaller ones.
 *
 * Nobody may use the folio while its parts become folios of their own.  So all its
 * mappings are replaced by migration entries first, which makes faults wait for the
 * folio lock, and then its reference count is frozen at zero, which fails when somebody
 * has a reference that no mapping explains.  While it is frozen every attempt to get
 * a reference fails and has to look again; in that time the parts are made.
 *
 * Locks: the caller has the folio lock.  Taken inside: the anon_vma's lock for writing
 * (no other split, no collapse, no walk of the mappings), then, with interrupts
 * disabled, the deferred split queue's lock around the freezing, then the lru_lock
 * around the making of the parts.
 *
 * What a part inherits is written down in split_tail().
 */
#include <linux/huge_mm.h>
#include <linux/mm_inline.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <linux/mm/cpupid.h>
#include <machine/inject.h>
#include <mm/huge_split.h>

/* Flags of the head that every part gets. */
#define SPLIT_INHERITED								\
	(1UL << PG_referenced | 1UL << PG_swapbacked | 1UL << PG_swapcache |	\
	 1UL << PG_mlocked | 1UL << PG_uptodate | 1UL << PG_active |		\
	 1UL << PG_workingset | 1UL << PG_locked | 1UL << PG_unevictable |	\
	 1UL << PG_dirty)

/* Migration entries for all mappings; flushed from every TLB on return. */
static void unmap_folio(struct folio *folio)
{
	enum ttu_flags flags = TTU_RMAP_LOCKED | TTU_SYNC | TTU_BATCH_FLUSH;

	if (folio_test_pmd_mappable(folio))
		flags |= TTU_SPLIT_HUGE_PMD;
	try_to_migrate(folio, flags);
	try_to_unmap_flush();
}

/* Mappings again, for @nr pages from @folio on, which are now one or more folios. */
static void remap_folios(struct folio *folio, long nr, int flags)
{
	long done = 0, part;

	while (done < nr) {
		part = folio_nr_pages(folio);
		remove_migration_ptes(folio, folio, RMP_LOCKED | flags);
		done += part;
		folio = (struct folio *)folio_page(folio, part);
	}
}

/* A new part goes beside the head on the LRU, or is isolated onto @list. */
static void lru_add_part(struct folio *folio, struct folio *part, struct lruvec *lruvec,
			 struct list_head *list)
{
	VM_BUG_ON_FOLIO(folio_test_lru(part), part);
	lockdep_assert_held(&lruvec->lru_lock);

	if (list) {
		/* whoever isolated the head has a reference on each part */
		VM_WARN_ON_FOLIO(folio_test_lru(folio), folio);
		folio_get(part);
		list_add_tail(&part->lru, list);
	} else {
		/* the head stays where it is, and the lists' sizes are what they were */
		VM_WARN_ON_FOLIO(!folio_test_lru(folio), folio);
		list_add_tail(&part->lru, &folio->lru);
		folio_set_lru(part);
	}
}

/*
 * Make the pages from @tail on a folio of 2^@new_order pages.
 *
 * It inherits mapping and index, the flags of SPLIT_INHERITED (the lock among them, which
 * the running task then holds on each part), the last CPUPID and the place on the LRU.
 * PG_anon_exclusive, and of the entries that mapped it the write, dirty, soft-dirty and
 * young bits, wait in the migration entries until they are mapped again.
 */
static void split_tail(struct folio *folio, unsigned int tail, struct lruvec *lruvec,
		       struct list_head *list, unsigned int new_order)
{
	struct page *page = folio_page(folio, tail);
	struct folio *part = (struct folio *)page;	/* once PageTail is gone */
	unsigned long flags = page_flags_load(&page->flags) & ~PAGE_FLAGS_CHECK_AT_PREP;

	VM_BUG_ON_PAGE(atomic_read(&page->_mapcount) != -1, page);
	VM_WARN_ON_ONCE_PAGE(page->private, page);
	flags |= page_flags_load(&folio->flags) & SPLIT_INHERITED;
	__atomic_store_n(&page->flags, flags, __ATOMIC_RELAXED);
	WRITE_ONCE(page->mapping, folio->mapping);
	page->index = folio->index + tail;
	page->private = 0;

	/* the fields above before the page stops being a tail; see compound_head() */
	smp_store_release(&page->compound_head, 0UL);
	if (new_order) {
		prep_compound_page(page, new_order);
		folio_set_large_rmappable(part);
	}
	folio_lock_inherit(part);
	/* From here on others can get references. */
	folio_ref_unfreeze(part, 1);
	folio_xchg_last_cpupid(part, folio_last_cpupid(folio));
	lru_add_part(folio, part, lruvec, list);
}

/* The head becomes the first part. Its own state is its already. */
static void split_head(struct folio *folio, unsigned int new_order)
{
	struct page *page = &folio->page;

	if (new_order) {
		folio_set_order(folio, new_order);
		return;
	}
	__ClearPageHead(page);
}

/*
 * Split the frozen, unmapped @folio; @page's part stays locked and keeps the caller's
 * reference. Interrupts are disabled on entry and enabled on return.
 */
static void split_frozen(struct folio *folio, struct page *page, struct list_head *list,
			 unsigned int new_order)
{
	unsigned int order = folio_order(folio), step = 1U << new_order;
	unsigned int nr = 1U << order;
	struct lruvec *lruvec;
	unsigned int i;

	lruvec = folio_lruvec_lock(folio);
	for (i = nr - step; i >= step; i -= step)
		split_tail(folio, i, lruvec, list, new_order);
	split_head(folio, new_order);
	unlock_page_lruvec(lruvec);
	split_page_owner(&folio->page, order, new_order);
	folio_ref_unfreeze(folio, 1);
	local_irq_enable();

	remap_folios(folio, nr, RMP_USE_SHARED_ZEROPAGE);
	for (i = 0; i < nr; i += step) {
		struct folio *part = (struct folio *)folio_page(folio, i);

		if (part == page_folio(page))
			continue;
		folio_unlock(part);
		/* the last reference, if nothing mapped the part */
		folio_put(part);
	}
}

/**
 * can_split_folio() - has the folio no references but those of its mappings?
 * @folio:		large folio
 * @caller_pins:	references that the caller knows of
 * @pextra_pins:	receives the page cache's references, or NULL
 *
 * A look without locks, to spare the work when it would be in vain.
 */
bool can_split_folio(struct folio *folio, int caller_pins, int *pextra_pins)
{
	int extra_pins = folio_test_anon(folio) ? 0 : folio_nr_pages(folio);

	if (pextra_pins)
		*pextra_pins = extra_pins;
	return folio_mapcount(folio) == folio_ref_count(folio) - extra_pins - caller_pins;
}

/*
 * Freeze the references and leave the deferred split queue, both under the queue's lock
 * so that its shrinker takes no reference in between. Interrupts are disabled.
 */
static bool freeze_for_split(struct folio *folio)
{
	struct deferred_split *queue = &NODE_DATA(folio_nid(folio))->deferred_split_queue;
	bool frozen;

	spin_lock(&queue->split_queue_lock);
	frozen = folio_ref_freeze(folio, 1);
	if (frozen)
		deferred_split_unqueue_locked(queue, folio);
	spin_unlock(&queue->split_queue_lock);
	return frozen;
}

/* Unmap, freeze, split. The anon_vma's lock is held for writing. */
static int split_anon_folio(struct folio *folio, struct page *page,
			    struct list_head *list, unsigned int new_order)
{
	lockdep_assert_held_write(&folio_anon_vma(folio)->root->rwsem);
	if (!can_split_folio(folio, 1, NULL))
		return -EAGAIN;
	unmap_folio(folio);

	local_irq_disable();
	if (inject_fail(INJECT_SPLIT) || !freeze_for_split(folio)) {
		local_irq_enable();
		remap_folios(folio, folio_nr_pages(folio), 0);
		return -EAGAIN;
	}
	split_frozen(folio, page, list, new_order);
	return 0;
}

/* Why @folio cannot be split to @new_order whatever its users do; 0 if it can. */
static int split_forbidden(struct folio *folio, unsigned int new_order)
{
	if (new_order >= folio_order(folio))
		return -EINVAL;
	/* an order-1 folio has no room for _deferred_list */
	if (new_order == 1)
		return -EINVAL;
	/* model: no folio of the page cache is large */
	if (!folio_test_anon(folio) || is_huge_zero_folio(folio))
		return -EBUSY;
	return folio_test_writeback(folio) ? -EBUSY : 0;
}

/**
 * split_huge_page_to_list_to_order() - split a large folio
 * @page:	any page of it; its part stays locked and keeps the caller's reference
 * @list:	receives the other parts, isolated, each with one reference more (then
 *		the folio must be isolated itself); NULL: they go to the LRU
 * @new_order:	order of the parts; 0 or at least 2
 *
 * Pages that nothing maps are freed. A page that is mapped and all zero is replaced by
 * the shared zero page, if the parts are single pages.
 *
 * Return: 0; -EAGAIN if somebody has a reference (a pin, for example): then
 * everything is as before; -EBUSY for the huge zero page, a folio under writeback or one
 * that no process has any more; -EINVAL for an order that does not fit.
 * Context: may sleep. The caller holds the folio lock and one reference, and no lock of
 * an anon_vma or a page table.
 */
int split_huge_page_to_list_to_order(struct page *page, struct list_head *list,
				     unsigned int new_order)
{
	struct folio *folio = page_folio(page);
	unsigned int order = folio_order(folio);
	struct anon_vma *anon_vma;
	int ret;

	VM_BUG_ON_FOLIO(!folio_test_locked(folio), folio);
	VM_BUG_ON_FOLIO(!folio_test_large(folio), folio);

	ret = split_forbidden(folio, new_order);
	if (ret)
		return ret;
	/* The caller need not have mmap_lock: nothing else keeps the anon_vma. */
	anon_vma = folio_get_anon_vma(folio);
	if (anon_vma) {
		anon_vma_lock_write(anon_vma);
		ret = split_anon_folio(folio, page, list, new_order);
		anon_vma_unlock_write(anon_vma);
		put_anon_vma(anon_vma);
	} else {
		ret = -EBUSY;
	}
	if (order == HPAGE_PMD_ORDER)
		count_vm_event(ret ? THP_SPLIT_PAGE_FAILED : THP_SPLIT_PAGE);
	return ret;
}

int split_folio_to_list(struct folio *folio, struct list_head *list)
{
	return split_huge_page_to_list_to_order(&folio->page, list, 0);
}

/* The smallest order that a split of @folio can have. */
int min_order_for_split(struct folio *folio)
{
	return 0;
}
