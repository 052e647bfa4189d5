/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last-CPUPID of a folio: which CPU and which task (8 bits of its pid) took the
 * last hinting fault.  The part of <linux/mm.h> about NUMA balancing.
 *
 * same: packing, "unset" values, the atomic exchange in page->flags.
 */
#ifndef _LINUX_MM_CPUPID_H
#define _LINUX_MM_CPUPID_H

#include <linux/mm/page.h>
#include <linux/topology.h>

#define PAGE_ACCESS_TIME_MIN_BITS	12
#define PAGE_ACCESS_TIME_BUCKETS	0
#define PAGE_ACCESS_TIME_MASK		(LAST_CPUPID_MASK << PAGE_ACCESS_TIME_BUCKETS)

static inline int cpu_pid_to_cpupid(int cpu, int pid)
{
	return ((cpu & LAST__CPU_MASK) << LAST__PID_SHIFT) | (pid & LAST__PID_MASK);
}
static inline int cpupid_to_pid(int cpupid)
{
	return cpupid & LAST__PID_MASK;
}
static inline int cpupid_to_cpu(int cpupid)
{
	return (cpupid >> LAST__PID_SHIFT) & LAST__CPU_MASK;
}
static inline int cpupid_to_nid(int cpupid)
{
	return cpu_to_node(cpupid_to_cpu(cpupid));
}
static inline bool cpupid_pid_unset(int cpupid)
{
	return cpupid_to_pid(cpupid) == (-1 & LAST__PID_MASK);
}
static inline bool cpupid_cpu_unset(int cpupid)
{
	return cpupid_to_cpu(cpupid) == (-1 & LAST__CPU_MASK);
}
static inline bool __cpupid_match_pid(pid_t task_pid, int cpupid)
{
	return (task_pid & LAST__PID_MASK) == cpupid_to_pid(cpupid);
}
#define cpupid_match_pid(task, cpupid)	__cpupid_match_pid((task)->pid, cpupid)

static inline int folio_last_cpupid(struct folio *folio)
{
	return (page_flags_load(&folio->flags) >> LAST_CPUPID_PGSHIFT) & LAST_CPUPID_MASK;
}
/* Store a new value and return the old one, in one atomic step. */
int folio_xchg_last_cpupid(struct folio *folio, int cpupid);

static inline void page_cpupid_reset_last(struct page *page)
{
	__atomic_store_n(&page->flags,
			 page_flags_load(&page->flags) | LAST_CPUPID_MASK << LAST_CPUPID_PGSHIFT,
			 __ATOMIC_RELAXED);
}

/* model: no memory tiers, so no folio's last-CPUPID field holds an access time. */
static inline bool folio_use_access_time(struct folio *folio)
{
	return false;
}

#endif /* _LINUX_MM_CPUPID_H */
