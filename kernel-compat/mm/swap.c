// SPDX-License-Identifier: GPL-2.0
/*
 * LRU batches, and the end of a folio's life.
 *
 * Each CPU collects folios that shall join the LRU, be activated or deactivated, and
 * moves them under the lru_lock when the batch is full.  A batch holds a reference on
 * each of its folios.  PG_lru is set when the folio really is on a list; who clears it
 * atomically owns the folio's place there.
 */

#include "pages.h"
#include <engine/engine.h>
#include <exec/host_memory.h>
#include <linux/bug.h>
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/swap.h>

enum lru_batch {
	BATCH_ADD,
	BATCH_ACTIVATE,
	BATCH_DEACTIVATE,
	NR_LRU_BATCHES
};

struct cpu_fbatches {
	spinlock_t lock;
	struct folio_batch batch[NR_LRU_BATCHES];
};

static struct cpu_fbatches *cpu_fbatches;	/* nr_cpu_ids of them */
static atomic_t lru_disable_count;

static struct lruvec *folio_lruvec_relock_irqsave(struct folio *folio, struct lruvec *locked,
						  unsigned long *flags)
{
	if (locked) {
		if (locked == folio_lruvec(folio))
			return locked;
		unlock_page_lruvec_irqrestore(locked, *flags);
	}
	return folio_lruvec_lock_irqsave(folio, flags);
}

/* No references are left: take the folio off the LRU if it is on it. */
static struct lruvec *__page_cache_release(struct folio *folio, struct lruvec *locked,
					   unsigned long *flags)
{
	if (!folio_test_lru(folio))
		return locked;
	locked = folio_lruvec_relock_irqsave(folio, locked, flags);
	lruvec_del_folio(locked, folio);
	__folio_clear_lru_flags(folio);
	return locked;
}

void page_cache_release(struct folio *folio)
{
	unsigned long flags;
	struct lruvec *lruvec = __page_cache_release(folio, NULL, &flags);

	if (lruvec)
		unlock_page_lruvec_irqrestore(lruvec, flags);
}

void __folio_put(struct folio *folio)
{
	page_cache_release(folio);
	folio_unqueue_deferred_split(folio);
	free_unref_page(&folio->page, folio_order(folio));
}

/* Drop @refs[i] (NULL: one) references on each folio; empties the batch. */
void folios_put_refs(struct folio_batch *folios, unsigned int *refs)
{
	struct folio *dead[PAGEVEC_SIZE];
	struct lruvec *lruvec = NULL;
	unsigned int i, nr = 0;
	unsigned long flags = 0;

	for (i = 0; i < folios->nr; i++) {
		struct folio *folio = folios->folios[i];

		if (!folio_ref_sub_and_test(folio, refs ? refs[i] : 1))
			continue;
		lruvec = __page_cache_release(folio, lruvec, &flags);
		dead[nr++] = folio;
	}
	if (lruvec)
		unlock_page_lruvec_irqrestore(lruvec, flags);
	folio_batch_reinit(folios);
	for (i = 0; i < nr; i++) {
		folio_unqueue_deferred_split(dead[i]);
		free_unref_page(&dead[i]->page, folio_order(dead[i]));
	}
}

void release_pages(struct page **pages, int nr)
{
	struct folio_batch fbatch;
	unsigned int refs[PAGEVEC_SIZE];
	int i;

	folio_batch_init(&fbatch);
	for (i = 0; i < nr; i++) {
		refs[fbatch.nr] = 1;
		if (!folio_batch_add(&fbatch, page_folio(pages[i])))
			folios_put_refs(&fbatch, refs);
	}
	if (fbatch.nr)
		folios_put_refs(&fbatch, refs);
}

void put_pages_list(struct list_head *pages)
{
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, pages, lru) {
		list_del(&folio->lru);
		folio_put(folio);
	}
}

void __folio_batch_release(struct folio_batch *fbatch)
{
	if (!fbatch->percpu_pvec_drained) {
		lru_add_drain();
		fbatch->percpu_pvec_drained = true;
	}
	folios_put(fbatch);
}

/* May reclaim have it? RCU: truncation may take the mapping away meanwhile, and its inode go. */
static bool folio_evictable(struct folio *folio)
{
	bool evictable;

	if (folio_test_mlocked(folio) || folio_test_anon(folio))
		return !folio_test_mlocked(folio);
	rcu_read_lock();
	evictable = !mapping_unevictable(folio_mapping(folio));
	rcu_read_unlock();
	return evictable;
}

/*
 * What a batch does to each folio.  lru_lock is held, PG_lru is clear.
 */
static void lru_add(struct lruvec *lruvec, struct folio *folio)
{
	bool was_unevictable = folio_test_clear_unevictable(folio);
	long nr_pages = folio_nr_pages(folio);

	VM_BUG_ON_FOLIO(folio_test_lru(folio), folio);
	if (folio_evictable(folio)) {
		if (was_unevictable)
			count_vm_events(UNEVICTABLE_PGRESCUED, nr_pages);
	} else {
		folio_clear_active(folio);
		folio_set_unevictable(folio);
		if (!was_unevictable)
			count_vm_events(UNEVICTABLE_PGCULLED, nr_pages);
	}
	lruvec_add_folio(lruvec, folio);
}

static void lru_activate(struct lruvec *lruvec, struct folio *folio)
{
	if (folio_test_active(folio) || folio_test_unevictable(folio))
		return;
	lruvec_del_folio(lruvec, folio);
	folio_set_active(folio);
	lruvec_add_folio(lruvec, folio);
	count_vm_events(PGACTIVATE, folio_nr_pages(folio));
}

static void lru_deactivate(struct lruvec *lruvec, struct folio *folio)
{
	if (!folio_test_active(folio) || folio_test_unevictable(folio))
		return;
	lruvec_del_folio(lruvec, folio);
	folio_clear_active(folio);
	folio_clear_referenced(folio);
	lruvec_add_folio(lruvec, folio);
	count_vm_events(PGDEACTIVATE, folio_nr_pages(folio));
}

/* Do what the batch is for, then drop its references. The batch's lock is held. */
static void folio_batch_move_lru(struct folio_batch *fbatch, enum lru_batch kind)
{
	struct lruvec *lruvec = NULL;
	unsigned long flags = 0;
	unsigned int i;

	for (i = 0; i < folio_batch_count(fbatch); i++) {
		struct folio *folio = fbatch->folios[i];

		/* isolated meanwhile: who has it puts it back himself */
		if (kind != BATCH_ADD && !folio_test_clear_lru(folio))
			continue;
		lruvec = folio_lruvec_relock_irqsave(folio, lruvec, &flags);
		if (kind == BATCH_ADD)
			lru_add(lruvec, folio);
		else if (kind == BATCH_ACTIVATE)
			lru_activate(lruvec, folio);
		else
			lru_deactivate(lruvec, folio);
		folio_set_lru(folio);
	}
	if (lruvec)
		unlock_page_lruvec_irqrestore(lruvec, flags);
	folios_put(fbatch);
}

/* This CPU's batches, locked, preemption disabled. */
static struct cpu_fbatches *get_fbatches(void)
{
	struct cpu_fbatches *f;

	preempt_disable();
	f = &cpu_fbatches[smp_processor_id()];
	spin_lock(&f->lock);
	return f;
}

static void put_fbatches(struct cpu_fbatches *f)
{
	spin_unlock(&f->lock);
	preempt_enable();
}

static void folio_batch_add_and_move(struct folio *folio, enum lru_batch kind)
{
	struct cpu_fbatches *f;

	folio_get(folio);
	f = get_fbatches();
	if (!folio_batch_add(&f->batch[kind], folio) || folio_test_large(folio) ||
	    lru_cache_disabled())
		folio_batch_move_lru(&f->batch[kind], kind);
	put_fbatches(f);
}

void folio_add_lru(struct folio *folio)
{
	VM_BUG_ON_FOLIO(folio_test_active(folio) && folio_test_unevictable(folio), folio);
	VM_BUG_ON_FOLIO(folio_test_lru(folio), folio);
	folio_batch_add_and_move(folio, BATCH_ADD);
}

/* model: mlock() is not modelled, so a VM_LOCKED VMA's folios are evictable. */
void folio_add_lru_vma(struct folio *folio, struct vm_area_struct *vma)
{
	folio_add_lru(folio);
}

void folio_activate(struct folio *folio)
{
	if (folio_test_active(folio) || folio_test_unevictable(folio) || !folio_test_lru(folio))
		return;
	folio_batch_add_and_move(folio, BATCH_ACTIVATE);
}

void folio_deactivate(struct folio *folio)
{
	if (folio_test_unevictable(folio) || !folio_test_lru(folio) || !folio_test_active(folio))
		return;
	folio_batch_add_and_move(folio, BATCH_DEACTIVATE);
}

/* A folio that is still in this CPU's add batch will join the active list. */
static void activate_in_batch(struct folio *folio)
{
	struct cpu_fbatches *f = get_fbatches();
	struct folio_batch *fbatch = &f->batch[BATCH_ADD];
	int i;

	for (i = (int)folio_batch_count(fbatch) - 1; i >= 0; i--) {
		if (fbatch->folios[i] == folio) {
			folio_set_active(folio);
			break;
		}
	}
	put_fbatches(f);
}

/* Inactive unreferenced, inactive referenced, active unreferenced, active referenced. */
void folio_mark_accessed(struct folio *folio)
{
	if (!folio_test_referenced(folio)) {
		folio_set_referenced(folio);
	} else if (!folio_test_unevictable(folio) && !folio_test_active(folio)) {
		if (folio_test_lru(folio))
			folio_activate(folio);
		else
			activate_in_batch(folio);
		folio_clear_referenced(folio);
	}
}

void mark_page_accessed(struct page *page)
{
	folio_mark_accessed(page_folio(page));
}

/*
 * Draining.
 */
static void drain_fbatches(struct cpu_fbatches *f)
{
	unsigned int kind;

	for (kind = 0; kind < NR_LRU_BATCHES; kind++)
		if (folio_batch_count(&f->batch[kind]))
			folio_batch_move_lru(&f->batch[kind], kind);
}

void lru_add_drain_cpu(int cpu)
{
	struct cpu_fbatches *f = &cpu_fbatches[cpu];

	spin_lock(&f->lock);
	drain_fbatches(f);
	spin_unlock(&f->lock);
}

void lru_add_drain(void)
{
	struct cpu_fbatches *f = get_fbatches();

	drain_fbatches(f);
	put_fbatches(f);
}

void lru_add_drain_all(void)
{
	int cpu;

	might_sleep();		/* the kernel's waits for work on every CPU */
	for_each_online_cpu(cpu)
		lru_add_drain_cpu(cpu);
}

void lru_cache_disable(void)
{
	atomic_inc(&lru_disable_count);
	synchronize_rcu_expedited();
	lru_add_drain_all();
}

void lru_cache_enable(void)
{
	atomic_dec(&lru_disable_count);
}

bool lru_cache_disabled(void)
{
	return atomic_read(&lru_disable_count);
}

/* Folios of node @nid that wait in add batches and so are on no list; quiet points only. */
unsigned long lru_batched(int nid)
{
	unsigned long nr = 0;
	unsigned int i;
	int cpu;

	for_each_online_cpu(cpu) {
		struct cpu_fbatches *f = &cpu_fbatches[cpu];

		spin_lock(&f->lock);
		for (i = 0; i < f->batch[BATCH_ADD].nr; i++)
			nr += folio_nid(f->batch[BATCH_ADD].folios[i]) == nid;
		spin_unlock(&f->lock);
	}
	return nr;
}

int lru_boot(void)
{
	unsigned int cpu;

	cpu_fbatches = host_zalloc(nr_cpu_ids, sizeof(*cpu_fbatches));
	if (!cpu_fbatches)
		return -ENOMEM;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		spin_lock_init(&cpu_fbatches[cpu].lock);
	atomic_set(&lru_disable_count, 0);
	return 0;
}

void lru_halt(void)
{
	host_free(cpu_fbatches);
	cpu_fbatches = NULL;
}
