/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of splitting and collapsing share. */
#ifndef _MM_HUGE_SPLIT_H
#define _MM_HUGE_SPLIT_H

#include <linux/huge_mm.h>
#include <linux/mmzone.h>

/* Take the folio off its node's queue if it is on it. The queue's lock is held. */
void deferred_split_unqueue_locked(struct deferred_split *queue, struct folio *folio);

/* The part of a folio that was split while locked: the running task has its lock too. */
void folio_lock_inherit(struct folio *part);

#endif /* _MM_HUGE_SPLIT_H */
