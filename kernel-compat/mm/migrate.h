/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of migration share. */
#ifndef _MM_MIGRATE_H
#define _MM_MIGRATE_H

#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>

/**
 * struct migrate_work - one call of migrate_pages()
 * @get_new_folio:	allocates a destination
 * @put_new_folio:	takes an unused one back, or NULL for folio_put()
 * @private:		for both
 * @reason:		why
 */
struct migrate_work {
	new_folio_t *get_new_folio;
	free_folio_t *put_new_folio;
	unsigned long private;
	enum migrate_reason reason;
};

/*
 * First half: lock @src and put migration entries in place of its mappings.
 * MIGRATEPAGE_UNMAP: done, *dstp is its locked destination.  MIGRATEPAGE_SUCCESS: it
 * had been freed, nothing is left to move.  -EAGAIN, -ENOMEM: stays where it was.
 * Other errors: moved to @ret.
 */
int migrate_folio_unmap(struct migrate_work *work, struct folio *src,
			struct folio **dstp, enum migrate_mode mode,
			struct list_head *ret);
/*
 * Second half: copy, replace, map.  MIGRATEPAGE_SUCCESS; -EAGAIN: still unmapped, may
 * be tried again; other errors: mapped as before and moved to @ret.
 */
int migrate_folio_move(struct migrate_work *work, struct folio *src, struct folio *dst,
		       enum migrate_mode mode, struct list_head *ret);
/* Give up on a pair of the first half: map @src again, free @dst. */
void migrate_folio_undo(struct migrate_work *work, struct folio *src, struct folio *dst,
			struct list_head *ret);

#endif /* _MM_MIGRATE_H */
