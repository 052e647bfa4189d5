/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Nodes, zones, LRU vectors.
 *
 * model: each node has the zones ZONE_NORMAL and ZONE_MOVABLE (ZONE_DMA and
 * ZONE_DMA32 exist as types and are never populated).  Watermarks are MIN, LOW and
 * HIGH; there is no reclaim, so an allocation that reclaim would save fails.
 */
#ifndef _LINUX_MMZONE_H
#define _LINUX_MMZONE_H

#include <linux/types.h>
#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/nodemask.h>
#include <linux/numa.h>
#include <linux/page-flags-layout.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#define MAX_PAGE_ORDER		10
#define NR_PAGE_ORDERS		(MAX_PAGE_ORDER + 1)
#define MAX_ORDER_NR_PAGES	(1UL << MAX_PAGE_ORDER)
#define PAGE_ALLOC_COSTLY_ORDER	3

enum zone_type {
	ZONE_DMA,
	ZONE_DMA32,
	ZONE_NORMAL,
	ZONE_MOVABLE,
	__MAX_NR_ZONES
};
#define MAX_NR_ZONES __MAX_NR_ZONES

enum zone_watermarks {
	WMARK_MIN,
	WMARK_LOW,
	WMARK_HIGH,
	WMARK_PROMO,
	NR_WMARK
};

enum zone_stat_item {
	NR_FREE_PAGES,
	NR_ZONE_LRU_BASE,
	NR_ZONE_INACTIVE_ANON = NR_ZONE_LRU_BASE,
	NR_ZONE_ACTIVE_ANON,
	NR_ZONE_INACTIVE_FILE,
	NR_ZONE_ACTIVE_FILE,
	NR_ZONE_UNEVICTABLE,
	NR_MLOCK,
	NR_VM_ZONE_STAT_ITEMS
};

enum numa_stat_item {
	NUMA_HIT, NUMA_MISS, NUMA_FOREIGN, NUMA_INTERLEAVE_HIT, NUMA_LOCAL, NUMA_OTHER,
	NR_VM_NUMA_EVENT_ITEMS
};

enum node_stat_item {
	NR_LRU_BASE,
	NR_INACTIVE_ANON = NR_LRU_BASE,
	NR_ACTIVE_ANON,
	NR_INACTIVE_FILE,
	NR_ACTIVE_FILE,
	NR_UNEVICTABLE,
	NR_SLAB_RECLAIMABLE_B,
	NR_SLAB_UNRECLAIMABLE_B,
	NR_ISOLATED_ANON,
	NR_ISOLATED_FILE,
	NR_ANON_MAPPED,
	NR_FILE_MAPPED,
	NR_FILE_PAGES,
	NR_FILE_DIRTY,
	NR_WRITEBACK,
	NR_SHMEM,
	NR_ANON_THPS,
	NR_PAGETABLE,
	PGPROMOTE_SUCCESS,
	NR_VM_NODE_STAT_ITEMS
};

#define LRU_BASE 0
#define LRU_ACTIVE 1
#define LRU_FILE 2
enum lru_list {
	LRU_INACTIVE_ANON = LRU_BASE,
	LRU_ACTIVE_ANON = LRU_BASE + LRU_ACTIVE,
	LRU_INACTIVE_FILE = LRU_BASE + LRU_FILE,
	LRU_ACTIVE_FILE = LRU_BASE + LRU_FILE + LRU_ACTIVE,
	LRU_UNEVICTABLE,
	NR_LRU_LISTS
};
#define for_each_lru(lru) for (lru = 0; lru < NR_LRU_LISTS; lru++)

struct lruvec {
	struct list_head	lists[NR_LRU_LISTS];
	spinlock_t		lru_lock;
	struct pglist_data	*pgdat;
};

struct free_area {
	struct list_head	free_list;
	unsigned long		nr_free;
};

struct zone {
	unsigned long		_watermark[NR_WMARK];
	unsigned long		watermark_boost;
	int			node;
	struct pglist_data	*zone_pgdat;
	unsigned long		zone_start_pfn;
	atomic_long_t		managed_pages;
	unsigned long		spanned_pages;
	unsigned long		present_pages;
	const char		*name;
	/* shim: frames at and above this were never handed out; not on a free list */
	unsigned long		untouched_pfn;
	struct free_area	free_area[NR_PAGE_ORDERS];
	spinlock_t		lock;
	atomic_long_t		vm_stat[NR_VM_ZONE_STAT_ITEMS];
	atomic_long_t		vm_numa_event[NR_VM_NUMA_EVENT_ITEMS];
};

struct zoneref {
	struct zone *zone;
	int zone_idx;
};
enum {
	ZONELIST_FALLBACK,
	ZONELIST_NOFALLBACK,
	MAX_ZONELISTS
};
/* shim: _zonerefs is allocated at boot, nodes by distance, ended by a NULL zone */
struct zonelist {
	struct zoneref *_zonerefs;
};

/* Large folios to be split when memory is short; see mm/deferred_split.c. */
struct deferred_split {
	spinlock_t		split_queue_lock;
	struct list_head	split_queue;
	unsigned long		split_queue_len;
};

typedef struct pglist_data {
	struct zone		node_zones[MAX_NR_ZONES];
	struct zonelist		node_zonelists[MAX_ZONELISTS];
	int			nr_zones;
	unsigned long		node_start_pfn;
	unsigned long		node_present_pages;
	unsigned long		node_spanned_pages;
	int			node_id;
	struct lruvec		__lruvec;
	struct deferred_split	deferred_split_queue;
	atomic_long_t		vm_stat[NR_VM_NODE_STAT_ITEMS];
	struct autonuma_node	*autonuma;	/* queues and daemon of this node, or NULL */
} pg_data_t;

pg_data_t *NODE_DATA(int nid);

#define min_wmark_pages(z)	((z)->_watermark[WMARK_MIN] + (z)->watermark_boost)
#define low_wmark_pages(z)	((z)->_watermark[WMARK_LOW] + (z)->watermark_boost)
#define high_wmark_pages(z)	((z)->_watermark[WMARK_HIGH] + (z)->watermark_boost)
#define wmark_pages(z, i)	((z)->_watermark[i] + (z)->watermark_boost)

static inline unsigned long zone_managed_pages(struct zone *zone)
{
	return (unsigned long)atomic_long_read(&zone->managed_pages);
}
static inline bool managed_zone(struct zone *zone) { return zone_managed_pages(zone); }
static inline bool populated_zone(struct zone *zone) { return zone->present_pages; }
static inline int zone_to_nid(struct zone *zone) { return zone->node; }
static inline unsigned long zone_end_pfn(const struct zone *zone)
{
	return zone->zone_start_pfn + zone->spanned_pages;
}
static inline unsigned long pgdat_end_pfn(pg_data_t *pgdat)
{
	return pgdat->node_start_pfn + pgdat->node_spanned_pages;
}
#define zone_idx(zone)		((zone) - (zone)->zone_pgdat->node_zones)

bool zone_watermark_ok(struct zone *z, unsigned int order, unsigned long mark,
		       int highest_zoneidx, unsigned int alloc_flags);
/* same here as zone_watermark_ok(): counters have no per-CPU drift */
bool zone_watermark_ok_safe(struct zone *z, unsigned int order, unsigned long mark,
			    int highest_zoneidx);
struct lruvec *folio_lruvec(struct folio *folio);
struct pglist_data *first_online_pgdat(void);
struct pglist_data *next_online_pgdat(struct pglist_data *pgdat);
#define for_each_online_pgdat(pgdat)						\
	for (pgdat = first_online_pgdat(); pgdat; pgdat = next_online_pgdat(pgdat))
struct zone *next_zone(struct zone *zone);
#define for_each_zone(zone)							\
	for (zone = first_online_pgdat()->node_zones; zone; zone = next_zone(zone))
#define for_each_populated_zone(zone)						\
	for_each_zone(zone)							\
		if (populated_zone(zone))

static inline struct zone *zonelist_zone(struct zoneref *zoneref)
{
	return zoneref->zone;
}
static inline int zonelist_zone_idx(struct zoneref *zoneref)
{
	return zoneref->zone_idx;
}
static inline int zonelist_node_idx(struct zoneref *zoneref)
{
	return zone_to_nid(zoneref->zone);
}
/* The first entry from @z on with a zone up to @highest on a node of @nodes (NULL: any). */
struct zoneref *next_zones_zonelist(struct zoneref *z, enum zone_type highest,
				    nodemask_t *nodes);
static inline struct zoneref *first_zones_zonelist(struct zonelist *zonelist,
						   enum zone_type highest, nodemask_t *nodes)
{
	return next_zones_zonelist(zonelist->_zonerefs, highest, nodes);
}
#define for_each_zone_zonelist_nodemask(zone, z, zlist, highidx, nodemask)	\
	for (z = first_zones_zonelist(zlist, highidx, nodemask), zone = zonelist_zone(z); \
	     zone;								\
	     z = next_zones_zonelist(z + 1, highidx, nodemask), zone = zonelist_zone(z))
#define for_each_zone_zonelist(zone, z, zlist, highidx)			\
	for_each_zone_zonelist_nodemask(zone, z, zlist, highidx, NULL)

#endif /* _LINUX_MMZONE_H */
