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

#endif /* _LOCK_FOLIO_H */
