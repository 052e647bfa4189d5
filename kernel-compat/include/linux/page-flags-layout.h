/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is where in page->flags.
 *
 * same: | node | zone | last CPUPID | … | flags |, as on x86-64 with SPARSEMEM_VMEMMAP,
 * NODES_SHIFT 10 and NR_CPUS 8192: 10 + 2 + 21 bits from the top.
 */
#ifndef _LINUX_PAGE_FLAGS_LAYOUT_H
#define _LINUX_PAGE_FLAGS_LAYOUT_H

#include <linux/numa.h>
#include <linux/threads.h>

#ifndef NR_CPUS_BITS
#define NR_CPUS_BITS		13
#endif

#define ZONES_SHIFT		2
#define ZONES_WIDTH		ZONES_SHIFT
#define SECTIONS_WIDTH		0
#define NODES_WIDTH		NODES_SHIFT

#define LAST__PID_SHIFT		8
#define LAST__PID_MASK		((1 << LAST__PID_SHIFT) - 1)
#define LAST__CPU_SHIFT		NR_CPUS_BITS
#define LAST__CPU_MASK		((1 << LAST__CPU_SHIFT) - 1)
#define LAST_CPUPID_SHIFT	(LAST__PID_SHIFT + LAST__CPU_SHIFT)
#define LAST_CPUPID_WIDTH	LAST_CPUPID_SHIFT

#define NODES_PGOFF		(64 - NODES_WIDTH)
#define ZONES_PGOFF		(NODES_PGOFF - ZONES_WIDTH)
#define LAST_CPUPID_PGOFF	(ZONES_PGOFF - LAST_CPUPID_WIDTH)
#define NODES_PGSHIFT		NODES_PGOFF
#define ZONES_PGSHIFT		ZONES_PGOFF
#define LAST_CPUPID_PGSHIFT	LAST_CPUPID_PGOFF
#define NODES_MASK		((1UL << NODES_WIDTH) - 1)
#define ZONES_MASK		((1UL << ZONES_WIDTH) - 1)
#define LAST_CPUPID_MASK	((1UL << LAST_CPUPID_SHIFT) - 1)

#endif /* _LINUX_PAGE_FLAGS_LAYOUT_H */
