/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The LRU lists, as users of <linux/swap.h> know them.
 *
 * same: folios join the LRU through per-CPU batches, PG_lru is set when a batch is moved.
 * model: a batch is protected by a spinlock of its CPU instead of by running on that
 *   CPU, so lru_add_drain_all() drains other CPUs' batches itself instead of queueing
 *   work on them.  There is no reclaim and no swap.
 */
#ifndef _LINUX_SWAP_H
#define _LINUX_SWAP_H

#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mmzone.h>
#include <linux/pagevec.h>
#include <linux/spinlock.h>

struct vm_area_struct;

#define SWAP_CLUSTER_MAX	32UL

void folio_add_lru(struct folio *folio);
void folio_add_lru_vma(struct folio *folio, struct vm_area_struct *vma);
void folio_mark_accessed(struct folio *folio);
void mark_page_accessed(struct page *page);
void folio_activate(struct folio *folio);
void folio_deactivate(struct folio *folio);

void lru_add_drain(void);
void lru_add_drain_cpu(int cpu);
void lru_add_drain_all(void);
/* Stop batching until lru_cache_enable(); drains everything, may sleep. */
void lru_cache_disable(void);
void lru_cache_enable(void);
bool lru_cache_disabled(void);

/* Take a folio off the LRU; the caller holds a reference. False: it was not on it. */
bool folio_isolate_lru(struct folio *folio);
/* Put an isolated folio back and drop the isolation's reference. */
void folio_putback_lru(struct folio *folio);
/*
 * Isolate onto a list: takes a reference, counts NR_ISOLATED_*, as migration expects.
 * False: not on the LRU.
 */
bool folio_isolate_to_list(struct folio *folio, struct list_head *list);
/* Undo for every folio on @list: NR_ISOLATED_* down, back to the LRU, reference dropped. */
void folio_putback_isolated(struct list_head *list);

struct lruvec *folio_lruvec_lock(struct folio *folio);
struct lruvec *folio_lruvec_lock_irq(struct folio *folio);
struct lruvec *folio_lruvec_lock_irqsave(struct folio *folio, unsigned long *flagsp);
void unlock_page_lruvec(struct lruvec *lruvec);
void unlock_page_lruvec_irq(struct lruvec *lruvec);
void unlock_page_lruvec_irqrestore(struct lruvec *lruvec, unsigned long flags);

/* Swap itself does not exist. */
static inline bool folio_free_swap(struct folio *folio) { return false; }

#endif /* _LINUX_SWAP_H */
