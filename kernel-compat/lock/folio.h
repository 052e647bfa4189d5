/* SPDX-License-Identifier: GPL-2.0 */
/* Folio locks in the books of their tasks; called by mm/folio_lock.c. */
#ifndef _LOCK_FOLIO_H
#define _LOCK_FOLIO_H

#include <linux/types.h>

struct folio;

/* The caller is about to wait for the lock, or has got it by trying. Reports. */
void lock_folio_enter(const struct folio *folio, bool tried);
/* It gives the lock back, or did not get it. */
void lock_folio_leave(const struct folio *folio);
/* One more locked folio came into being: part of one that the caller has locked. */
void lock_folio_split(void);

/* It waits in @state for the lock, or for a flag to be cleared, until lock_wait_over(). */
void lock_wait_for_folio(const struct folio *folio, bool lock, unsigned int state);
/* pid of who has the lock, 0: nobody that is known. mm/folio_lock.c. */
pid_t folio_lock_owner(struct folio *folio);

#endif /* _LOCK_FOLIO_H */
