// SPDX-License-Identifier: GPL-2.0
/*
 * migrate_pages(): lists of folios, passes and results.
 *
 * A batch is unmapped as a whole, then the TLBs are flushed once, then it is moved.
 * Several folios are locked at a time that way, so nothing in a batch may wait: it
 * runs as MIGRATE_ASYNC.  The other modes start with such a batch and take what
 * failed one by one afterwards.
 */
#include <linux/migrate.h>
#include <linux/mm_inline.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <mm/migrate.h>

#define NR_MAX_BATCHED_MIGRATION	512	/* pages in a batch */
#define NR_MAX_MIGRATE_PAGES_RETRY	10	/* passes */
#define NR_MAX_MIGRATE_ASYNC_RETRY	3	/* of them in the batch of a sync call */
#define NR_MAX_MIGRATE_SYNC_RETRY						\
	(NR_MAX_MIGRATE_PAGES_RETRY - NR_MAX_MIGRATE_ASYNC_RETRY)

const char *migrate_reason_names[MR_TYPES] = {
	"compaction", "memory_failure", "memory_hotplug", "syscall_or_cpuset",
	"mempolicy_mbind", "numa_misplaced", "contig_range", "longterm_pin",
	"demotion", "damon",
};

struct migrate_stats {
	int nr_succeeded;	/* base pages */
	int nr_failed_pages;	/* base pages; those never tried are not counted */
};

/* Where one pass of a phase stands. */
struct migrate_pass {
	int retry;		/* folios that may succeed later */
	int retry_pages;
	int failed;		/* folios that will not */
};

static void pass_count(struct migrate_pass *p, struct migrate_stats *stats,
		       struct folio *folio, int nr_pages, int rc)
{
	switch (rc) {
	case -EAGAIN:
		p->retry++;
		p->retry_pages += nr_pages;
		break;
	case MIGRATEPAGE_SUCCESS:
		stats->nr_succeeded += nr_pages;
		break;
	default:
		p->failed++;
		stats->nr_failed_pages += nr_pages;
		break;
	}
}

/*
 * Unmap the folios of @from as far as they go; pairs go to @unmapped and @dsts, in the
 * same order. Returns 0, or -ENOMEM when destinations ran out.
 */
static int unmap_phase(struct migrate_work *work, struct list_head *from,
		       enum migrate_mode mode, struct list_head *ret,
		       struct list_head *unmapped, struct list_head *dsts,
		       struct migrate_stats *stats, int nr_pass, int *nr_failed)
{
	struct migrate_pass p = { .retry = 1 };
	struct folio *folio, *next, *dst = NULL;
	int pass, rc, nr_pages;

	for (pass = 0; pass < nr_pass && p.retry; pass++) {
		p.retry = 0;
		p.retry_pages = 0;
		list_for_each_entry_safe(folio, next, from, lru) {
			nr_pages = folio_nr_pages(folio);
			cond_resched();
			rc = migrate_folio_unmap(work, folio, &dst, mode, ret);
			if (rc == MIGRATEPAGE_UNMAP) {
				list_move_tail(&folio->lru, unmapped);
				list_add_tail(&dst->lru, dsts);
				continue;
			}
			if (rc == -ENOMEM) {
				/* move what is unmapped already, then stop */
				stats->nr_failed_pages += nr_pages + p.retry_pages;
				return rc;
			}
			pass_count(&p, stats, folio, nr_pages, rc);
		}
	}
	*nr_failed += p.failed + p.retry;
	stats->nr_failed_pages += p.retry_pages;
	return 0;
}

/* Move the pairs that the unmap phase made. Returns how many folios failed. */
static int move_phase(struct migrate_work *work, enum migrate_mode mode,
		      struct list_head *ret, struct list_head *unmapped,
		      struct list_head *dsts, struct migrate_stats *stats, int nr_pass)
{
	struct migrate_pass p = { .retry = 1 };
	struct folio *folio, *next, *dst, *dst_next;
	int pass;

	for (pass = 0; pass < nr_pass && p.retry; pass++) {
		p.retry = 0;
		p.retry_pages = 0;
		dst = list_first_entry(dsts, struct folio, lru);
		list_for_each_entry_safe(folio, next, unmapped, lru) {
			int nr_pages = folio_nr_pages(folio);

			dst_next = list_next_entry(dst, lru);
			cond_resched();
			pass_count(&p, stats, folio, nr_pages,
				   migrate_folio_move(work, folio, dst, mode, ret));
			dst = dst_next;
		}
	}
	stats->nr_failed_pages += p.retry_pages;
	return p.failed + p.retry;
}

/*
 * Move the folios of @from. More than one only with MIGRATE_ASYNC: a task that has
 * locked one folio may not wait for another. Folios that failed for good go to @ret,
 * those to be retried stay. Returns how many failed, or -ENOMEM.
 */
static int migrate_pages_batch(struct migrate_work *work, struct list_head *from,
			       enum migrate_mode mode, struct list_head *ret,
			       struct migrate_stats *stats, int nr_pass)
{
	struct folio *folio, *next, *dst, *dst_next;
	LIST_HEAD(unmapped);
	LIST_HEAD(dsts);
	int nr_failed = 0, err;

	VM_WARN_ON_ONCE(mode != MIGRATE_ASYNC && !list_empty(from) &&
			!list_is_singular(from));

	err = unmap_phase(work, from, mode, ret, &unmapped, &dsts, stats, nr_pass,
			  &nr_failed);
	/* before any page is copied: no TLB may still write to one */
	try_to_unmap_flush();
	nr_failed += move_phase(work, mode, ret, &unmapped, &dsts, stats, nr_pass);

	/* folios that were unmapped and would not move in any pass */
	dst = list_first_entry(&dsts, struct folio, lru);
	list_for_each_entry_safe(folio, next, &unmapped, lru) {
		dst_next = list_next_entry(dst, lru);
		migrate_folio_undo(work, folio, dst, ret);
		dst = dst_next;
	}
	return err ? err : nr_failed;
}

/* A batch without waiting, then the failed ones singly with waiting. */
static int migrate_pages_sync(struct migrate_work *work, struct list_head *from,
			      enum migrate_mode mode, struct list_head *ret,
			      struct migrate_stats *stats)
{
	struct migrate_stats astats = { 0 };
	LIST_HEAD(folios);
	int rc, nr_failed = 0;

	rc = migrate_pages_batch(work, from, MIGRATE_ASYNC, &folios, &astats,
				 NR_MAX_MIGRATE_ASYNC_RETRY);
	stats->nr_succeeded += astats.nr_succeeded;
	if (rc < 0) {
		stats->nr_failed_pages += astats.nr_failed_pages;
		list_splice_tail(&folios, ret);
		return rc;
	}
	/* failures of the batch are no failures yet */
	list_splice_tail_init(&folios, from);
	while (!list_empty(from)) {
		list_move(from->next, &folios);
		rc = migrate_pages_batch(work, &folios, mode, ret, stats,
					 NR_MAX_MIGRATE_SYNC_RETRY);
		list_splice_tail_init(&folios, ret);
		if (rc < 0)
			return rc;
		nr_failed += rc;
	}
	return nr_failed;
}

/* Cut the next batch off @from. */
static void take_batch(struct list_head *from, struct list_head *batch)
{
	struct folio *folio;
	int nr_pages = 0;

	list_for_each_entry(folio, from, lru) {
		nr_pages += folio_nr_pages(folio);
		if (nr_pages >= NR_MAX_BATCHED_MIGRATION) {
			list_cut_position(batch, from, &folio->lru);
			return;
		}
	}
	list_splice_init(from, batch);
}

/**
 * migrate_pages() - move folios to other folios
 * @from:		isolated folios, each with a reference; those that did not move
 *			are on it on return
 * @get_new_folio:	allocates a destination with one reference, or returns NULL
 * @put_new_folio:	takes an unused destination back; NULL: folio_put()
 * @private:		passed to both
 * @mode:		how hard to try
 * @reason:		enum migrate_reason
 * @ret_succeeded:	receives the number of pages moved, or NULL
 *
 * A folio that lost all its other users meanwhile is freed and counts as moved.
 *
 * Return: the number of folios not moved, 0 if @from is empty on return, or -ENOMEM
 * when @get_new_folio failed. Unless 0 the caller does putback_movable_pages(@from).
 * Context: may sleep.
 */
int migrate_pages(struct list_head *from, new_folio_t get_new_folio,
		  free_folio_t put_new_folio, unsigned long private,
		  enum migrate_mode mode, int reason, unsigned int *ret_succeeded)
{
	struct migrate_work work = {
		.get_new_folio = get_new_folio,
		.put_new_folio = put_new_folio,
		.private = private,
		.reason = reason,
	};
	struct migrate_stats stats = { 0 };
	LIST_HEAD(batch);
	LIST_HEAD(ret);
	int rc, failed = 0;

	do {
		take_batch(from, &batch);
		if (mode == MIGRATE_ASYNC)
			rc = migrate_pages_batch(&work, &batch, mode, &ret, &stats,
						 NR_MAX_MIGRATE_PAGES_RETRY);
		else
			rc = migrate_pages_sync(&work, &batch, mode, &ret, &stats);
		list_splice_tail_init(&batch, &ret);
		if (rc < 0) {
			failed = rc;
			break;
		}
		failed += rc;
	} while (!list_empty(from));

	list_splice(&ret, from);
	if (list_empty(from))
		failed = 0;
	count_vm_events(PGMIGRATE_SUCCESS, stats.nr_succeeded);
	count_vm_events(PGMIGRATE_FAIL, stats.nr_failed_pages);
	if (ret_succeeded)
		*ret_succeeded = stats.nr_succeeded;
	return failed;
}

/* Give isolated folios back to the LRU and drop their references. */
void putback_movable_pages(struct list_head *l)
{
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, l, lru) {
		list_del(&folio->lru);
		node_stat_mod_folio(folio, NR_ISOLATED_ANON + folio_is_file_lru(folio),
				    -folio_nr_pages(folio));
		folio_putback_lru(folio);
	}
}

/* Isolate for migration, counted; the caller has a reference. False: not on the LRU. */
bool isolate_folio_to_list(struct folio *folio, struct list_head *list)
{
	if (!folio_isolate_lru(folio))
		return false;
	list_add(&folio->lru, list);
	node_stat_add_folio(folio, NR_ISOLATED_ANON + folio_is_file_lru(folio));
	return true;
}

/* get_new_folio() by a struct migration_target_control. */
struct folio *alloc_migration_target(struct folio *src, unsigned long private)
{
	struct migration_target_control *mtc = (void *)private;
	gfp_t gfp = mtc->gfp_mask;
	int nid = mtc->nid;

	if (nid == NUMA_NO_NODE)
		nid = folio_nid(src);
	if (folio_zonenum(src) == ZONE_MOVABLE)
		gfp |= __GFP_HIGHMEM;
	return __folio_alloc(gfp, folio_order(src), nid, mtc->nmask);
}
