/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of <linux/mm.h> about pages and folios; include <linux/mm.h>.
 *
 * same, but for what the headers included below say.
 */
#ifndef _LINUX_MM_PAGES_H
#define _LINUX_MM_PAGES_H

#include <linux/mm/page.h>
#include <linux/mm/folio.h>
#include <linux/mm/cpupid.h>
#include <linux/mm/zero_page.h>
#include <linux/gfp.h>
#include <linux/vmstat.h>

#endif /* _LINUX_MM_PAGES_H */
