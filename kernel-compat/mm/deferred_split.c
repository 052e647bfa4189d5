// SPDX-License-Identifier: GPL-2.0
/*
 * Large folios that will be split when memory runs short.
 *
 * Unmapping a part of a large folio frees nothing until the folio is split, and whoever
 * unmaps often cannot split: he holds page-table locks.  So the folio is put on its node's
 * queue, and a shrinker splits what it finds there.
 *
 * Locks: deferred_split_queue.split_queue_lock protects the queue, its length,
 * folio->_deferred_list and PG_partially_mapped; it is taken with interrupts disabled,
 * inside every other lock.  While deferred_split_scan() works on a folio, the folio is
 * on a list of its own, which only that function changes without the lock; its reference
 * keeps everybody from freeing or splitting the folio in that time.
 */
#include <linux/huge_mm.h>
#include <linux/khugepaged.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/shrinker.h>
#include <linux/vmstat.h>
#include <machine/machine.h>
#include <machine/violation.h>
#include <mm/huge_split.h>

static struct shrinker *deferred_split_shrinker;
/* Are huge pages of mostly zeroes split too? /sys/.../shrink_underused */
bool split_underused_thp = true;

static struct deferred_split *queue_of(struct folio *folio)
{
	return &NODE_DATA(folio_nid(folio))->deferred_split_queue;
}

void deferred_split_unqueue_locked(struct deferred_split *queue, struct folio *folio)
{
	lockdep_assert_held(&queue->split_queue_lock);
	if (folio_order(folio) <= 1 || list_empty(&folio->_deferred_list))
		return;
	folio_clear_partially_mapped(folio);
	WRITE_ONCE(queue->split_queue_len, queue->split_queue_len - 1);
	/* Last; pairs with list_empty_careful() of who frees the folio, without the lock. */
	list_del_init_careful(&folio->_deferred_list);
}

/* See folio_unqueue_deferred_split(): the folio has no reference, or a frozen one. */
bool __folio_unqueue_deferred_split(struct folio *folio)
{
	struct deferred_split *queue = queue_of(folio);
	unsigned long flags;
	bool queued;

	WARN_ON_ONCE(folio_ref_count(folio));
	spin_lock_irqsave(&queue->split_queue_lock, flags);
	queued = !list_empty(&folio->_deferred_list);
	deferred_split_unqueue_locked(queue, folio);
	spin_unlock_irqrestore(&queue->split_queue_lock, flags);
	return queued;
}

/**
 * deferred_split_folio() - queue a large folio for splitting
 * @folio:		the folio, referenced
 * @partially_mapped:	a part of it was unmapped; false: it is new, and will be split
 *			if most of it turns out to be zero
 *
 * Does nothing if it is queued, but for remembering that it is partially mapped.
 * Context: any; page-table locks may be held.
 */
void deferred_split_folio(struct folio *folio, bool partially_mapped)
{
	struct deferred_split *queue = queue_of(folio);
	unsigned long flags;

	/* order 1 has no room for _deferred_list */
	if (folio_order(folio) <= 1)
		return;
	if (!partially_mapped && !READ_ONCE(split_underused_thp))
		return;

	spin_lock_irqsave(&queue->split_queue_lock, flags);
	if (!partially_mapped) {
		VM_WARN_ON_FOLIO(folio_test_partially_mapped(folio), folio);
	} else if (!folio_test_partially_mapped(folio)) {
		folio_set_partially_mapped(folio);
		if (folio_test_pmd_mappable(folio))
			count_vm_event(THP_DEFERRED_SPLIT_PAGE);
	}
	if (list_empty(&folio->_deferred_list)) {
		list_add_tail(&folio->_deferred_list, &queue->split_queue);
		WRITE_ONCE(queue->split_queue_len, queue->split_queue_len + 1);
	}
	spin_unlock_irqrestore(&queue->split_queue_lock, flags);
}

static unsigned long deferred_split_count(struct shrinker *shrink,
					  struct shrink_control *sc)
{
	return READ_ONCE(NODE_DATA(sc->nid)->deferred_split_queue.split_queue_len);
}

/* Programs may be writing to the page. */
static bool page_is_zero(struct page *page)
{
	const u64 *words = page_address(page);
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*words); i++)
		if (READ_ONCE(words[i]))
			return false;
	return true;
}

/* Are more than max_ptes_none of the folio's pages zero? Contents may change meanwhile. */
static bool thp_underused(struct folio *folio)
{
	unsigned int max_none = READ_ONCE(khugepaged_max_ptes_none);
	unsigned int zero = 0, filled = 0;
	long i;

	if (max_none == HPAGE_PMD_NR - 1)
		return false;
	for (i = 0; i < folio_nr_pages(folio); i++) {
		if (page_is_zero(folio_page(folio, i))) {
			if (++zero > max_none)
				return true;
		} else if (++filled >= HPAGE_PMD_NR - max_none) {
			return false;
		}
	}
	return false;
}

/* Cut up to @nr folios off the queue, with a reference on each. */
static void take_from_queue(struct deferred_split *queue, struct list_head *list,
			    unsigned long nr)
{
	struct folio *folio, *next;
	unsigned long flags;

	spin_lock_irqsave(&queue->split_queue_lock, flags);
	list_for_each_entry_safe(folio, next, &queue->split_queue, _deferred_list) {
		if (folio_try_get(folio))
			list_move(&folio->_deferred_list, list);
		else	/* its last reference is gone, it is about to leave itself */
			deferred_split_unqueue_locked(queue, folio);
		if (!--nr)
			break;
	}
	spin_unlock_irqrestore(&queue->split_queue_lock, flags);
}

/* Split one folio of the private list, if it is worth it and nobody is in the way. */
static bool split_queued(struct folio *folio)
{
	bool underused = !folio_test_partially_mapped(folio);
	bool did_split;

	if (underused && !thp_underused(folio))
		return false;
	if (!folio_trylock(folio))
		return false;
	did_split = !split_folio(folio);
	if (did_split && underused)
		count_vm_event(THP_UNDERUSED_SPLIT_PAGE);
	folio_unlock(folio);
	return did_split;
}

/*
 * Split what is on the queue. Folios that would not split are put back if they are
 * partially mapped; the others are taken for used.
 */
static unsigned long deferred_split_scan(struct shrinker *shrink,
					 struct shrink_control *sc)
{
	struct deferred_split *queue = &NODE_DATA(sc->nid)->deferred_split_queue;
	unsigned long flags, split = 0, removed = 0;
	struct folio *folio, *next, *prev = NULL;
	LIST_HEAD(list);

	take_from_queue(queue, &list, sc->nr_to_scan);
	list_for_each_entry_safe(folio, next, &list, _deferred_list) {
		if (split_queued(folio)) {
			split++;	/* and it left the list */
		} else if (!folio_test_partially_mapped(folio)) {
			list_del_init(&folio->_deferred_list);
			removed++;
		} else {
			/*
			 * Stays on the list. Once its reference is dropped it can be
			 * freed and unlinked under the lock, which writes to its
			 * neighbours; so the one unlinked above without the lock must
			 * not be next to it. One referenced folio always lies between.
			 */
			swap(folio, prev);
		}
		if (folio)
			folio_put(folio);
	}
	spin_lock_irqsave(&queue->split_queue_lock, flags);
	list_splice_tail(&list, &queue->split_queue);
	WRITE_ONCE(queue->split_queue_len, queue->split_queue_len - removed);
	removed = list_empty(&queue->split_queue);
	spin_unlock_irqrestore(&queue->split_queue_lock, flags);
	if (prev)
		folio_put(prev);
	return !split && removed ? SHRINK_STOP : split;
}

/* Queues against folios; quiet points only. */
static void check_queue(pg_data_t *pgdat)
{
	struct deferred_split *queue = &pgdat->deferred_split_queue;
	unsigned long nr = 0;
	struct folio *folio;

	/* makes what others wrote visible; a report must not hold it */
	spin_lock_irq(&queue->split_queue_lock);
	spin_unlock_irq(&queue->split_queue_lock);
	list_for_each_entry(folio, &queue->split_queue, _deferred_list) {
		nr++;
		if (folio_nid(folio) != pgdat->node_id || folio_order(folio) <= 1 ||
		    folio_ref_count(folio) <= 0)
			violation(VIOLATION_ACCOUNT,
				  "node %d: pfn %#lx (node %d, order %u, refcount %d) does not belong on the deferred split queue",
				  pgdat->node_id, folio_pfn(folio), folio_nid(folio),
				  folio_order(folio), folio_ref_count(folio));
	}
	if (nr != queue->split_queue_len)
		violation(VIOLATION_ACCOUNT,
			  "node %d: %lu folios wait to be split, split_queue_len is %lu",
			  pgdat->node_id, nr, queue->split_queue_len);
}

static void check_queues(void)
{
	struct pglist_data *pgdat;

	for_each_online_pgdat(pgdat)
		check_queue(pgdat);
}
MACHINE_CHECKER(deferred_split, check_queues);

static int deferred_split_boot(const struct machine_config *cfg)
{
	split_underused_thp = true;
	deferred_split_shrinker = shrinker_alloc(SHRINKER_NUMA_AWARE | SHRINKER_NONSLAB,
						 "thp-deferred_split");
	if (!deferred_split_shrinker)
		return -ENOMEM;
	deferred_split_shrinker->count_objects = deferred_split_count;
	deferred_split_shrinker->scan_objects = deferred_split_scan;
	shrinker_register(deferred_split_shrinker);
	return 0;
}

static void deferred_split_stop(void)
{
	shrinker_free(deferred_split_shrinker);
	deferred_split_shrinker = NULL;
}
MACHINE_SUBSYS(deferred_split, MACHINE_ORDER_VM, deferred_split_boot, deferred_split_stop, NULL);
