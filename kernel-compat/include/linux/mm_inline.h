/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LRU list operations; lruvec->lru_lock is held.
 *
 * same: all of it, without multi-generational LRU and memory cgroups.
 */
#ifndef _LINUX_MM_INLINE_H
#define _LINUX_MM_INLINE_H

#include <linux/mm_types.h>
#include <linux/mm/folio.h>
#include <linux/swap.h>
#include <linux/vmstat.h>

/* 1: page cache of regular files; 0: anonymous and shmem. */
static inline int folio_is_file_lru(const struct folio *folio)
{
	return !folio_test_swapbacked(folio);
}
static inline int page_is_file_lru(struct page *page)
{
	return folio_is_file_lru(page_folio(page));
}

static inline struct pglist_data *lruvec_pgdat(struct lruvec *lruvec)
{
	return lruvec->pgdat;
}

static inline void update_lru_size(struct lruvec *lruvec, enum lru_list lru,
				   enum zone_type zid, long nr_pages)
{
	struct pglist_data *pgdat = lruvec_pgdat(lruvec);

	lockdep_assert_held(&lruvec->lru_lock);
	mod_node_page_state(pgdat, NR_LRU_BASE + lru, nr_pages);
	mod_zone_page_state(&pgdat->node_zones[zid], NR_ZONE_LRU_BASE + lru, nr_pages);
}

/* The folio was on the LRU and has no reference left. */
static inline void __folio_clear_lru_flags(struct folio *folio)
{
	VM_BUG_ON_FOLIO(!folio_test_lru(folio), folio);
	__folio_clear_lru(folio);
	if (folio_test_active(folio) && folio_test_unevictable(folio))
		return;		/* left for the checks at free */
	__folio_clear_active(folio);
	__folio_clear_unevictable(folio);
}

static inline enum lru_list folio_lru_list(const struct folio *folio)
{
	enum lru_list lru;

	VM_BUG_ON_FOLIO(folio_test_active(folio) && folio_test_unevictable(folio), folio);
	if (folio_test_unevictable(folio))
		return LRU_UNEVICTABLE;
	lru = folio_is_file_lru(folio) ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON;
	if (folio_test_active(folio))
		lru += LRU_ACTIVE;
	return lru;
}

static inline void lruvec_add_folio(struct lruvec *lruvec, struct folio *folio)
{
	enum lru_list lru = folio_lru_list(folio);

	update_lru_size(lruvec, lru, folio_zonenum(folio), folio_nr_pages(folio));
	list_add(&folio->lru, &lruvec->lists[lru]);
}

static inline void lruvec_add_folio_tail(struct lruvec *lruvec, struct folio *folio)
{
	enum lru_list lru = folio_lru_list(folio);

	update_lru_size(lruvec, lru, folio_zonenum(folio), folio_nr_pages(folio));
	list_add_tail(&folio->lru, &lruvec->lists[lru]);
}

static inline void lruvec_del_folio(struct lruvec *lruvec, struct folio *folio)
{
	enum lru_list lru = folio_lru_list(folio);

	list_del(&folio->lru);
	update_lru_size(lruvec, lru, folio_zonenum(folio), -folio_nr_pages(folio));
}

#endif /* _LINUX_MM_INLINE_H */
