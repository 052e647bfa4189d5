/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of inject/ share. */
#ifndef _INJECT_INTERNAL_H
#define _INJECT_INTERNAL_H

#include <machine/inject.h>

/* inject.c: around what follows, and around rules. */
void inject_places_lock(void);
void inject_places_unlock(void);

/* place.c: is the caller @site, "function" or "function+0x12"? */
bool inject_called_by(const char *site, const unsigned long *ips, unsigned int nr);
/* Notes the caller's place, if places are noted; shall it fail? Under the lock. */
bool inject_at_place(enum inject_site kind, gfp_t gfp, const unsigned long *ips,
		     unsigned int nr);
/* What became of it, for the log. Under the lock. */
void inject_log(enum inject_site kind, gfp_t gfp, const unsigned long *ips, unsigned int nr,
		bool failed);

#endif /* _INJECT_INTERNAL_H */
