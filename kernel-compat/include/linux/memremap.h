/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Device memory.
 *
 * model: the simulated machine has no device memory, so no folio is in ZONE_DEVICE. Code
 * that tells such pages apart always takes the ordinary branch.
 */
#ifndef _LINUX_MEMREMAP_H
#define _LINUX_MEMREMAP_H

#include <linux/mm_types.h>

static inline bool folio_is_zone_device(const struct folio *folio)
{
	return false;
}

#endif /* _LINUX_MEMREMAP_H */
