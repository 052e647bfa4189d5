// SPDX-License-Identifier: GPL-2.0
/*
 * The LRU lists: their lock, isolation, and the check of their sizes.
 */
#include "pages.h"
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/mm_inline.h>
#include <linux/spinlock.h>
#include <linux/swap.h>
#include <machine/inject.h>
#include <machine/machine.h>
#include <machine/violation.h>

struct lruvec *folio_lruvec_lock(struct folio *folio)
{
	struct lruvec *lruvec = folio_lruvec(folio);

	spin_lock(&lruvec->lru_lock);
	return lruvec;
}

struct lruvec *folio_lruvec_lock_irq(struct folio *folio)
{
	struct lruvec *lruvec = folio_lruvec(folio);

	spin_lock_irq(&lruvec->lru_lock);
	return lruvec;
}

struct lruvec *folio_lruvec_lock_irqsave(struct folio *folio, unsigned long *flagsp)
{
	struct lruvec *lruvec = folio_lruvec(folio);
	unsigned long flags;

	spin_lock_irqsave(&lruvec->lru_lock, flags);
	*flagsp = flags;
	return lruvec;
}

void unlock_page_lruvec(struct lruvec *lruvec)
{
	spin_unlock(&lruvec->lru_lock);
}

void unlock_page_lruvec_irq(struct lruvec *lruvec)
{
	spin_unlock_irq(&lruvec->lru_lock);
}

void unlock_page_lruvec_irqrestore(struct lruvec *lruvec, unsigned long flags)
{
	spin_unlock_irqrestore(&lruvec->lru_lock, flags);
}

bool folio_isolate_lru(struct folio *folio)
{
	struct lruvec *lruvec;

	VM_BUG_ON_FOLIO(!folio_ref_count(folio), folio);
	if (inject_fail(INJECT_ISOLATE))
		return false;
	if (!folio_test_clear_lru(folio))
		return false;
	folio_get(folio);
	lruvec = folio_lruvec_lock_irq(folio);
	lruvec_del_folio(lruvec, folio);
	unlock_page_lruvec_irq(lruvec);
	return true;
}

void folio_putback_lru(struct folio *folio)
{
	folio_add_lru(folio);
	folio_put(folio);
}

bool folio_isolate_to_list(struct folio *folio, struct list_head *list)
{
	if (!folio_isolate_lru(folio))
		return false;
	list_add(&folio->lru, list);
	node_stat_add_folio(folio, NR_ISOLATED_ANON + folio_is_file_lru(folio));
	return true;
}

void folio_putback_isolated(struct list_head *list)
{
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, list, lru) {
		list_del(&folio->lru);
		node_stat_sub_folio(folio, NR_ISOLATED_ANON + folio_is_file_lru(folio));
		folio_putback_lru(folio);
	}
}

/* Every folio of a list belongs there; returns their pages, by zone in @zones too. */
static unsigned long check_lru_list(pg_data_t *pgdat, enum lru_list lru,
				    unsigned long zones[][NR_LRU_LISTS])
{
	unsigned long pages = 0;
	struct folio *folio;

	list_for_each_entry(folio, &pgdat->__lruvec.lists[lru], lru) {
		if (folio_nid(folio) != pgdat->node_id || !folio_test_lru(folio) ||
		    folio_lru_list(folio) != lru || folio_ref_count(folio) <= 0)
			violation(VIOLATION_ACCOUNT,
				  "node %d: pfn %lu (node %d, flags %#lx, refcount %d) is on LRU list %d but does not belong there",
				  pgdat->node_id, folio_pfn(folio), folio_nid(folio),
				  page_flags_load(&folio->flags), folio_ref_count(folio), lru);
		pages += folio_nr_pages(folio);
		zones[folio_zonenum(folio)][lru] += folio_nr_pages(folio);
	}
	return pages;
}

/* Lists against node and zone counters; at a quiet point nothing may be isolated. */
static void check_node_lru(pg_data_t *pgdat)
{
	unsigned long zones[MAX_NR_ZONES][NR_LRU_LISTS] = { { 0 } }, nr;
	enum lru_list lru;
	int i;

	/* Nothing runs; this only makes what others wrote visible. A report must not hold it. */
	spin_lock_irq(&pgdat->__lruvec.lru_lock);
	spin_unlock_irq(&pgdat->__lruvec.lru_lock);
	for_each_lru(lru) {
		nr = check_lru_list(pgdat, lru, zones);
		if (nr != node_page_state(pgdat, NR_LRU_BASE + lru))
			violation(VIOLATION_ACCOUNT,
				  "node %d: LRU list %d holds %lu pages, its counter says %lu",
				  pgdat->node_id, lru, nr,
				  node_page_state(pgdat, NR_LRU_BASE + lru));
		for (i = ZONE_NORMAL; i < MAX_NR_ZONES; i++) {
			struct zone *zone = &pgdat->node_zones[i];

			if (zones[i][lru] != zone_page_state(zone, NR_ZONE_LRU_BASE + lru))
				violation(VIOLATION_ACCOUNT,
					  "node %d zone %s: LRU list %d holds %lu of its pages, its counter says %lu",
					  pgdat->node_id, zone->name, lru, zones[i][lru],
					  zone_page_state(zone, NR_ZONE_LRU_BASE + lru));
		}
	}
	for (i = NR_ISOLATED_ANON; i <= NR_ISOLATED_FILE; i++)
		if (atomic_long_read(&pgdat->vm_stat[i]))
			violation(VIOLATION_ACCOUNT, "node %d: %ld pages are still isolated (%s)",
				  pgdat->node_id, atomic_long_read(&pgdat->vm_stat[i]),
				  i == NR_ISOLATED_ANON ? "anon" : "file");
}

static void check_lru(void)
{
	struct pglist_data *pgdat;

	for_each_online_pgdat(pgdat)
		check_node_lru(pgdat);
}
MACHINE_CHECKER(lru, check_lru);
