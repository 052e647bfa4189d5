// SPDX-License-Identifier: GPL-2.0
/*
 * Folio locks, of which lockdep in the kernel knows nothing.
 *
 * All are one class, and all that a task holds are one entry of its books: migration holds
 * hundreds.  So the order is checked between a folio lock and everything else, and nobody
 * may wait for one who has one.  Whose lock it is, is checked by mm/folio_lock.c.
 */
#include "internal.h"

#include <lock/folio.h>

static struct lockdep_map folio_lock_map = {
	.name = "folio lock", .kind = LOCK_KIND_FOLIO,
};

static struct lock_held *find_entry(void)
{
	struct lock_task *lt = &current->lock;

	for (int i = lt->depth - 1; i >= 0; i--)
		if (lt->held[i].kind == LOCK_KIND_FOLIO)
			return &lt->held[i];
	return NULL;
}

void lock_folio_enter(const struct folio *folio, bool tried)
{
	struct lock_held *h = find_entry();
	u8 flags = tried ? LOCK_HELD_TRY : 0;

	/* Interrupts and idle tasks are not told from each other by a folio's owner. */
	if (!current->pid)
		return;
	if (h && !tried)
		lock_report_held(VIOLATION_LOCK_ORDER, h,
				 "folio lock (%p) is waited for while %u other%s held",
				 folio, h->count, h->count == 1 ? " is" : "s are");
	if (!h) {
		lock_enter(folio, &folio_lock_map, LOCK_HOW(LOCK_KIND_FOLIO, flags, 0), NULL);
		h = find_entry();
	}
	h->count++;
}

void lock_folio_leave(const struct folio *folio)
{
	struct lock_held *h = find_entry();

	if (h && !--h->count)
		lock_leave(h->lock, h->map, LOCK_HOW(LOCK_KIND_FOLIO, 0, 0), NULL, true);
}

void lock_folio_split(void)
{
	struct lock_held *h = find_entry();

	if (h)
		h->count++;
}
