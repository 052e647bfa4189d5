// SPDX-License-Identifier: GPL-2.0
/*
 * migrate_pages(): lists of folios, passes and results.
 *
 * A batch is unmapped as a whole, then the TLBs are flushed once, then it is moved.
 * Several folios are locked at a time that way, so nothing in a batch may wait: it
 * runs as MIGRATE_ASYNC.  The other modes start with such a batch and take what
 * failed one by one afterwards.
 */
#include <linux/huge_mm.h>
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
	int nr_thp_succeeded;	/* THPs moved without being split */
	int nr_thp_failed;	/* THPs not moved, split ones among them */
	int nr_thp_split;
	int nr_split;		/* large folios split */
};

/* Where one pass of a phase stands. */
struct migrate_pass {
	int retry;		/* folios that may succeed later */
	int retry_pages;
	int retry_thps;
	int failed;		/* folios that will not */
};

/* A folio before it is touched: it may be gone, or smaller, afterwards. */
struct migrate_unit {
	int nr_pages;
	bool is_large, is_thp;
};

static struct migrate_unit unit_of(struct folio *folio)
{
	return (struct migrate_unit) {
		.nr_pages = folio_nr_pages(folio),
		.is_large = folio_test_large(folio),
		.is_thp = folio_test_large(folio) && folio_test_pmd_mappable(folio),
	};
}

static void pass_begin(struct migrate_pass *p)
{
	p->retry = 0;
	p->retry_pages = 0;
	p->retry_thps = 0;
}

static void pass_count(struct migrate_pass *p, struct migrate_stats *stats,
		       const struct migrate_unit *u, int rc)
{
	switch (rc) {
	case -EAGAIN:
		p->retry++;
		p->retry_pages += u->nr_pages;
		p->retry_thps += u->is_thp;
		break;
	case MIGRATEPAGE_SUCCESS:
		stats->nr_succeeded += u->nr_pages;
		stats->nr_thp_succeeded += u->is_thp;
		break;
	default:
		p->failed++;
		stats->nr_failed_pages += u->nr_pages;
		stats->nr_thp_failed += u->is_thp;
		break;
	}
}

/* What is left to retry after the last pass has failed. Returns all failures. */
static int pass_end(const struct migrate_pass *p, struct migrate_stats *stats)
{
	stats->nr_failed_pages += p->retry_pages;
	stats->nr_thp_failed += p->retry_thps;
	return p->failed + p->retry;
}

/* Split an isolated large folio; all its parts go to @split. */
static int try_split_folio(struct folio *folio, struct list_head *split,
			   enum migrate_mode mode, const struct migrate_unit *u,
			   struct migrate_stats *stats)
{
	int rc;

	if (mode != MIGRATE_ASYNC)
		folio_lock(folio);
	else if (!folio_trylock(folio))
		return -EAGAIN;
	rc = split_folio_to_list(folio, split);
	folio_unlock(folio);
	if (rc)
		return rc;
	list_move_tail(&folio->lru, split);
	stats->nr_thp_split += u->is_thp;
	stats->nr_split++;
	return 0;
}

/* Waits on the deferred split queue, so a part of it is unused: not worth moving whole. */
static bool wants_split(struct folio *folio)
{
	return folio_order(folio) > 1 && !list_empty(&folio->_deferred_list) &&
	       folio_test_partially_mapped(folio);
}

/*
 * No destination for @folio. Returns 0 if it was split instead, or -ENOMEM. A large
 * folio that a NUMA hinting fault wants moved is not split.
 */
static int no_destination(struct migrate_work *work, struct folio *folio,
			  enum migrate_mode mode, struct list_head *split,
			  const struct migrate_unit *u, struct migrate_stats *stats)
{
	stats->nr_thp_failed += u->is_thp;
	if (u->is_large && work->reason != MR_NUMA_MISPLACED &&
	    !try_split_folio(folio, split, mode, u, stats))
		return 0;
	return -ENOMEM;
}

/*
 * Unmap the folios of @from as far as they go; pairs go to @unmapped and @dsts, in the
 * same order, parts of folios that were split to @split. Returns 0, or -ENOMEM when
 * destinations ran out.
 */
static int unmap_phase(struct migrate_work *work, struct list_head *from,
		       enum migrate_mode mode, struct list_head *ret,
		       struct list_head *split, struct list_head *unmapped,
		       struct list_head *dsts, struct migrate_stats *stats, int nr_pass,
		       int *nr_failed)
{
	struct migrate_pass p = { .retry = 1 };
	struct folio *folio, *next, *dst = NULL;
	int pass, rc;

	for (pass = 0; pass < nr_pass && p.retry; pass++) {
		pass_begin(&p);
		list_for_each_entry_safe(folio, next, from, lru) {
			struct migrate_unit u = unit_of(folio);

			cond_resched();
			/* a split counts as one failure: @from did not get empty by moving */
			if (wants_split(folio) &&
			    !try_split_folio(folio, split, mode, &u, stats)) {
				p.failed++;
				stats->nr_thp_failed += u.is_thp;
				continue;
			}
			rc = migrate_folio_unmap(work, folio, &dst, mode, ret);
			if (rc == MIGRATEPAGE_UNMAP) {
				list_move_tail(&folio->lru, unmapped);
				list_add_tail(&dst->lru, dsts);
				continue;
			}
			if (rc != -ENOMEM) {
				pass_count(&p, stats, &u, rc);
				continue;
			}
			if (no_destination(work, folio, mode, split, &u, stats)) {
				/* move what is unmapped already, then stop */
				stats->nr_failed_pages += u.nr_pages + p.retry_pages;
				stats->nr_thp_failed += p.retry_thps;
				return rc;
			}
			p.failed++;
		}
	}
	*nr_failed += pass_end(&p, stats);
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
		pass_begin(&p);
		dst = list_first_entry(dsts, struct folio, lru);
		list_for_each_entry_safe(folio, next, unmapped, lru) {
			struct migrate_unit u = unit_of(folio);

			dst_next = list_next_entry(dst, lru);
			cond_resched();
			pass_count(&p, stats, &u,
				   migrate_folio_move(work, folio, dst, mode, ret));
			dst = dst_next;
		}
	}
	return pass_end(&p, stats);
}

/*
 * Move the folios of @from. More than one only with MIGRATE_ASYNC: a task that has
 * locked one folio may not wait for another. Folios that failed for good go to @ret,
 * those to be retried stay, and the parts of those that were split go to @split.
 * Returns how many failed, or -ENOMEM.
 */
static int migrate_pages_batch(struct migrate_work *work, struct list_head *from,
			       enum migrate_mode mode, struct list_head *ret,
			       struct list_head *split, struct migrate_stats *stats,
			       int nr_pass)
{
	struct folio *folio, *next, *dst, *dst_next;
	LIST_HEAD(unmapped);
	LIST_HEAD(dsts);
	int nr_failed = 0, err;

	VM_WARN_ON_ONCE(mode != MIGRATE_ASYNC && !list_empty(from) &&
			!list_is_singular(from));

	err = unmap_phase(work, from, mode, ret, split, &unmapped, &dsts, stats, nr_pass,
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
			      struct list_head *split, struct migrate_stats *stats)
{
	struct migrate_stats astats = { 0 };
	LIST_HEAD(folios);
	int rc, nr_failed = 0;

	rc = migrate_pages_batch(work, from, MIGRATE_ASYNC, &folios, split, &astats,
				 NR_MAX_MIGRATE_ASYNC_RETRY);
	stats->nr_succeeded += astats.nr_succeeded;
	stats->nr_thp_succeeded += astats.nr_thp_succeeded;
	stats->nr_thp_split += astats.nr_thp_split;
	stats->nr_split += astats.nr_split;
	if (rc < 0) {
		stats->nr_failed_pages += astats.nr_failed_pages;
		stats->nr_thp_failed += astats.nr_thp_failed;
		list_splice_tail(&folios, ret);
		return rc;
	}
	/* failures of the batch are no failures yet, but for those that were split */
	stats->nr_thp_failed += astats.nr_thp_split;
	nr_failed += astats.nr_split;
	list_splice_tail_init(&folios, from);
	while (!list_empty(from)) {
		list_move(from->next, &folios);
		rc = migrate_pages_batch(work, &folios, mode, ret, split, stats,
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
 * A folio that lost all its other users meanwhile is freed and counts as moved. A large
 * folio for which there is no destination is split and its parts are moved, unless
 * @reason is MR_NUMA_MISPLACED; so is one that is partially mapped and waits to be split.
 *
 * Return: the number of folios not moved, where one that was split counts as one however
 * many of its parts moved; 0 if @from is empty on return; or -ENOMEM when @get_new_folio
 * failed. Unless 0 the caller does putback_movable_pages(@from).
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
	LIST_HEAD(split);
	LIST_HEAD(ret);
	int rc, failed = 0;

	do {
		take_batch(from, &batch);
		if (mode == MIGRATE_ASYNC)
			rc = migrate_pages_batch(&work, &batch, mode, &ret, &split, &stats,
						 NR_MAX_MIGRATE_PAGES_RETRY);
		else
			rc = migrate_pages_sync(&work, &batch, mode, &ret, &split, &stats);
		list_splice_tail_init(&batch, &ret);
		if (rc < 0) {
			list_splice_tail(&split, &ret);
			failed = rc;
			break;
		}
		/* parts get one try; their failures are counted with the whole */
		migrate_pages_batch(&work, &split, MIGRATE_ASYNC, &ret, NULL, &stats, 1);
		list_splice_tail_init(&split, &ret);
		failed += rc;
	} while (!list_empty(from));

	list_splice(&ret, from);
	if (list_empty(from))
		failed = 0;
	count_vm_events(PGMIGRATE_SUCCESS, stats.nr_succeeded);
	count_vm_events(PGMIGRATE_FAIL, stats.nr_failed_pages);
	count_vm_events(THP_MIGRATION_SUCCESS, stats.nr_thp_succeeded);
	count_vm_events(THP_MIGRATION_FAIL, stats.nr_thp_failed);
	count_vm_events(THP_MIGRATION_SPLIT, stats.nr_thp_split);
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
	if (folio_test_large(src))
		gfp = (gfp & ~__GFP_RECLAIM) | GFP_TRANSHUGE;
	if (folio_zonenum(src) == ZONE_MOVABLE)
		gfp |= __GFP_HIGHMEM;
	return __folio_alloc(gfp, folio_order(src), nid, mtc->nmask);
}
