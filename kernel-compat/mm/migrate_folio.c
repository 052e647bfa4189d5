// SPDX-License-Identifier: GPL-2.0
/*
 * Moving one folio: lock, unmap, copy, replace, map.
 *
 * While it is unmapped its mappings are migration entries and both folios are locked;
 * a fault that meets such an entry waits for the source's lock.
 */
#include <linux/highmem.h>
#include <linux/huge_mm.h>
#include <linux/mm/cpupid.h>
#include <linux/mm_inline.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <machine/inject.h>
#include <mm/migrate.h>

/* Kept in the destination's private field, with the anon_vma, between the halves. */
enum {
	PAGE_WAS_MAPPED	= BIT(0),
	PAGE_WAS_MLOCKED = BIT(1),
	PAGE_OLD_STATES	= PAGE_WAS_MAPPED | PAGE_WAS_MLOCKED,
};

static void record_state(struct folio *dst, int old_page_state, struct anon_vma *anon_vma)
{
	dst->private = (char *)anon_vma + old_page_state;
}

static struct anon_vma *extract_state(struct folio *dst, int *old_page_state)
{
	unsigned long private = (unsigned long)dst->private;

	dst->private = NULL;
	*old_page_state = private & PAGE_OLD_STATES;
	return (struct anon_vma *)(private & ~(unsigned long)PAGE_OLD_STATES);
}

/* What moves with a page-cache folio in the counters of nodes. */
static void move_cache_stats(struct folio *folio, struct folio *newfolio)
{
	long nr = folio_nr_pages(folio);

	if (folio_zone(folio) == folio_zone(newfolio))
		return;
	node_stat_mod_folio(folio, NR_FILE_PAGES, -nr);
	node_stat_mod_folio(newfolio, NR_FILE_PAGES, nr);
	if (folio_test_swapbacked(folio)) {
		node_stat_mod_folio(folio, NR_SHMEM, -nr);
		node_stat_mod_folio(newfolio, NR_SHMEM, nr);
	}
}

static void take_identity(struct folio *newfolio, struct folio *folio)
{
	newfolio->index = folio->index;
	WRITE_ONCE(newfolio->mapping, folio->mapping);
	if (folio_test_swapbacked(folio))
		__folio_set_swapbacked(newfolio);
}

/*
 * Replace the folio in its mapping, if its reference count is exactly
 * @expected_count: every reference must be one that migration knows. The count is
 * frozen at zero while the cache's slot changes, so that a lookup without lock gets
 * either folio or tries again.
 */
static int __folio_migrate_mapping(struct address_space *mapping,
				   struct folio *newfolio, struct folio *folio,
				   int expected_count)
{
	long nr = folio_nr_pages(folio);

	if (!mapping) {
		/* anonymous: unmapped and locked, so nobody new can find it */
		if (folio_test_large(folio) && folio_test_large_rmappable(folio)) {
			/* but the deferred split queue; it is left while frozen */
			if (!folio_ref_freeze(folio, expected_count))
				return -EAGAIN;
			folio_unqueue_deferred_split(folio);
			folio_ref_unfreeze(folio, expected_count);
		}
		take_identity(newfolio, folio);
		return MIGRATEPAGE_SUCCESS;
	}
	xa_lock_irq(&mapping->i_pages);
	if (!folio_ref_freeze(folio, expected_count)) {
		xa_unlock_irq(&mapping->i_pages);
		return -EAGAIN;
	}
	take_identity(newfolio, folio);
	folio_ref_add(newfolio, nr);	/* the cache's */
	/* dirty moves while nobody can reach either of them */
	if (folio_test_dirty(folio)) {
		folio_clear_dirty(folio);
		folio_set_dirty(newfolio);
	}
	__xa_store(&mapping->i_pages, folio->index, newfolio, 0);
	folio_ref_unfreeze(folio, expected_count - nr);
	move_cache_stats(folio, newfolio);
	xa_unlock_irq(&mapping->i_pages);
	return MIGRATEPAGE_SUCCESS;
}

int folio_migrate_mapping(struct address_space *mapping, struct folio *newfolio,
			  struct folio *folio, int extra_count)
{
	int expected_count = folio_expected_ref_count(folio) + extra_count + 1;

	if (folio_ref_count(folio) != expected_count)
		return -EAGAIN;
	return __folio_migrate_mapping(mapping, newfolio, folio, expected_count);
}

/* The flags, and the last CPUPID, that belong to the contents and go with them. */
void folio_migrate_flags(struct folio *newfolio, struct folio *folio)
{
	if (folio_test_referenced(folio))
		folio_set_referenced(newfolio);
	if (folio_test_uptodate(folio))
		folio_mark_uptodate(newfolio);
	if (folio_test_clear_active(folio)) {
		VM_BUG_ON_FOLIO(folio_test_unevictable(folio), folio);
		folio_set_active(newfolio);
	} else if (folio_test_clear_unevictable(folio)) {
		folio_set_unevictable(newfolio);
	}
	if (folio_test_workingset(folio))
		folio_set_workingset(newfolio);
	if (folio_test_checked(folio))
		folio_set_checked(newfolio);
	/* for anonymous pages PG_anon_exclusive travels in the migration entries */
	if (folio_test_mappedtodisk(folio))
		folio_set_mappedtodisk(newfolio);
	if (folio_test_dirty(folio))
		folio_set_dirty(newfolio);
	/* with it, so that the new place does not look never visited */
	folio_xchg_last_cpupid(newfolio, folio_xchg_last_cpupid(folio, -1));
	folio_clear_private(folio);
	folio->private = NULL;
	if (folio_test_writeback(newfolio))
		folio_end_writeback(newfolio);
	if (folio_test_readahead(folio))
		folio_set_readahead(newfolio);
}

/* Copy and replace; both locked, @src unmapped. */
int migrate_folio_extra(struct address_space *mapping, struct folio *dst,
			struct folio *src, enum migrate_mode mode, int extra_count)
{
	int expected_count = folio_expected_ref_count(src) + extra_count + 1;
	int rc;

	BUG_ON(folio_test_writeback(src));
	/* no copy in vain */
	if (folio_ref_count(src) != expected_count || inject_fail(INJECT_MIGRATE))
		return -EAGAIN;
	rc = folio_mc_copy(dst, src);
	if (rc)
		return rc;
	rc = __folio_migrate_mapping(mapping, dst, src, expected_count);
	if (rc != MIGRATEPAGE_SUCCESS)
		return rc;
	folio_migrate_flags(dst, src);
	return MIGRATEPAGE_SUCCESS;
}

int migrate_folio(struct address_space *mapping, struct folio *dst,
		  struct folio *src, enum migrate_mode mode)
{
	return migrate_folio_extra(mapping, dst, src, mode, 0);
}

/* model: no folio has private data here. */
int filemap_migrate_folio(struct address_space *mapping, struct folio *dst,
			  struct folio *src, enum migrate_mode mode)
{
	return migrate_folio_extra(mapping, dst, src, mode, 0);
}

static int move_to_new_folio(struct folio *dst, struct folio *src, enum migrate_mode mode)
{
	struct address_space *mapping = folio_mapping(src);
	int rc;

	VM_BUG_ON_FOLIO(!folio_test_locked(src), src);
	VM_BUG_ON_FOLIO(!folio_test_locked(dst), dst);
	if (!mapping)
		rc = migrate_folio(NULL, dst, src, mode);
	else if (mapping_inaccessible(mapping))
		rc = -EOPNOTSUPP;
	else if (mapping->a_ops->migrate_folio)
		rc = mapping->a_ops->migrate_folio(mapping, dst, src, mode);
	else if (folio_test_dirty(src))
		rc = -EBUSY;	/* would have to be written out first */
	else
		rc = migrate_folio(mapping, dst, src, mode);
	/* anonymous folios stay anonymous until freed */
	if (rc == MIGRATEPAGE_SUCCESS && !folio_test_anon(src))
		WRITE_ONCE(src->mapping, NULL);
	return rc;
}

static void undo_src(struct folio *src, bool was_mapped, struct anon_vma *anon_vma,
		     bool locked, struct list_head *ret)
{
	if (was_mapped)
		remove_migration_ptes(src, src, 0);
	if (anon_vma)
		put_anon_vma(anon_vma);
	if (locked)
		folio_unlock(src);
	if (ret)
		list_move_tail(&src->lru, ret);
}

static void undo_dst(struct migrate_work *work, struct folio *dst, bool locked)
{
	if (locked)
		folio_unlock(dst);
	if (work->put_new_folio)
		work->put_new_folio(dst, work->private);
	else
		folio_put(dst);
}

/* The source is done with: isolated no more, and our reference goes. */
static void migrate_folio_done(struct folio *src, enum migrate_reason reason)
{
	if (reason != MR_DEMOTION)
		node_stat_mod_folio(src, NR_ISOLATED_ANON + folio_is_file_lru(src),
				    -folio_nr_pages(src));
	folio_put(src);
}

/* Lock @src as far as @mode allows waiting. */
static bool lock_src(struct folio *src, enum migrate_mode mode)
{
	if (folio_trylock(src))
		return true;
	if (mode == MIGRATE_ASYNC)
		return false;
	/* an allocation that helps itself by migrating may hold folio locks already */
	if (current->flags & PF_MEMALLOC)
		return false;
	/* locked for being read: that takes long */
	if (mode == MIGRATE_SYNC_LIGHT && !folio_test_uptodate(src))
		return false;
	folio_lock(src);
	return true;
}

int migrate_folio_unmap(struct migrate_work *work, struct folio *src,
			struct folio **dstp, enum migrate_mode mode,
			struct list_head *ret)
{
	struct anon_vma *anon_vma = NULL;
	bool locked = false, dst_locked = false;
	int old_page_state = 0, rc = -EAGAIN;
	struct folio *dst;

	if (folio_ref_count(src) == 1) {
		/* only the isolation's reference is left: freed by its users */
		folio_clear_active(src);
		folio_clear_unevictable(src);
		list_del(&src->lru);
		migrate_folio_done(src, work->reason);
		return MIGRATEPAGE_SUCCESS;
	}
	dst = work->get_new_folio(src, work->private);
	if (!dst)
		return -ENOMEM;
	*dstp = dst;
	dst->private = NULL;

	if (!lock_src(src, mode))
		goto out;
	locked = true;
	if (folio_test_mlocked(src))
		old_page_state |= PAGE_WAS_MLOCKED;
	if (folio_test_writeback(src)) {
		if (mode != MIGRATE_SYNC) {
			rc = -EBUSY;
			goto out;
		}
		folio_wait_writeback(src);
	}
	/*
	 * Once unmapped nothing else keeps the anon_vma, which is needed to find the
	 * migration entries again. Without one there are no mappings, and none can
	 * come while the folio is locked.
	 */
	if (folio_test_anon(src))
		anon_vma = folio_get_anon_vma(src);
	if (unlikely(!folio_trylock(dst)))
		goto out;
	dst_locked = true;

	if (src->mapping && folio_mapped(src)) {
		VM_BUG_ON_FOLIO(folio_test_anon(src) && !anon_vma, src);
		try_to_migrate(src, mode == MIGRATE_ASYNC ? TTU_BATCH_FLUSH : 0);
		old_page_state |= PAGE_WAS_MAPPED;
	}
	if (!folio_mapped(src)) {
		record_state(dst, old_page_state, anon_vma);
		return MIGRATEPAGE_UNMAP;
	}
out:
	undo_src(src, old_page_state & PAGE_WAS_MAPPED, anon_vma, locked,
		 rc == -EAGAIN ? NULL : ret);
	undo_dst(work, dst, dst_locked);
	return rc;
}

int migrate_folio_move(struct migrate_work *work, struct folio *src, struct folio *dst,
		       enum migrate_mode mode, struct list_head *ret)
{
	struct list_head *prev = dst->lru.prev;
	struct anon_vma *anon_vma;
	int old_page_state, rc;

	anon_vma = extract_state(dst, &old_page_state);
	list_del(&dst->lru);
	rc = move_to_new_folio(dst, src, mode);
	if (rc == -EAGAIN) {
		list_add(&dst->lru, prev);
		record_state(dst, old_page_state, anon_vma);
		return rc;
	}
	if (rc) {
		undo_src(src, old_page_state & PAGE_WAS_MAPPED, anon_vma, true, ret);
		undo_dst(work, dst, true);
		return rc;
	}
	folio_add_lru(dst);
	if (old_page_state & PAGE_WAS_MLOCKED)
		lru_add_drain();
	if (old_page_state & PAGE_WAS_MAPPED)
		remove_migration_ptes(src, dst, 0);
	folio_unlock(dst);
	folio_put(dst);		/* the allocation's; mappings and cache have theirs */

	list_del(&src->lru);
	if (anon_vma)
		put_anon_vma(anon_vma);
	folio_unlock(src);
	migrate_folio_done(src, work->reason);
	return rc;
}

void migrate_folio_undo(struct migrate_work *work, struct folio *src, struct folio *dst,
			struct list_head *ret)
{
	int old_page_state;
	struct anon_vma *anon_vma = extract_state(dst, &old_page_state);

	undo_src(src, old_page_state & PAGE_WAS_MAPPED, anon_vma, true, ret);
	list_del(&dst->lru);
	undo_dst(work, dst, true);
}
