/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of zones, nodes and events.
 *
 * same: names and units (pages, or bytes for *_B).
 * model: zone and node counters are exact at every moment, there are no per-CPU
 *   differences; so the *_snapshot and plain readers agree.  Counter updates are no
 *   decision points.
 */
#ifndef _LINUX_VMSTAT_H
#define _LINUX_VMSTAT_H

#include <linux/types.h>
#include <linux/mm/folio.h>
#include <linux/mmzone.h>
#include <linux/vm_event_item.h>

/* shim: relaxed addition to a statistics counter. */
static __always_inline void vmstat_add(atomic_long_t *v, long delta)
{
	__atomic_fetch_add(&v->counter, delta, __ATOMIC_RELAXED);
}
static __always_inline unsigned long vmstat_read(const atomic_long_t *v)
{
	long x = __atomic_load_n(&v->counter, __ATOMIC_RELAXED);

	return x < 0 ? 0 : x;
}

/*
 * Zones.
 */
static inline void mod_zone_page_state(struct zone *zone, enum zone_stat_item item, long delta)
{
	vmstat_add(&zone->vm_stat[item], delta);
}
static inline void inc_zone_page_state(struct page *page, enum zone_stat_item item)
{
	mod_zone_page_state(page_zone(page), item, 1);
}
static inline void dec_zone_page_state(struct page *page, enum zone_stat_item item)
{
	mod_zone_page_state(page_zone(page), item, -1);
}
static inline unsigned long zone_page_state(struct zone *zone, enum zone_stat_item item)
{
	return vmstat_read(&zone->vm_stat[item]);
}
static inline unsigned long zone_page_state_snapshot(struct zone *zone, enum zone_stat_item item)
{
	return zone_page_state(zone, item);
}
static inline void zone_stat_mod_folio(struct folio *folio, enum zone_stat_item item, long nr)
{
	mod_zone_page_state(folio_zone(folio), item, nr);
}
#define __mod_zone_page_state	mod_zone_page_state
unsigned long global_zone_page_state(enum zone_stat_item item);
unsigned long sum_zone_node_page_state(int node, enum zone_stat_item item);

/*
 * Nodes.
 */
static inline void mod_node_page_state(struct pglist_data *pgdat, enum node_stat_item item,
				       long delta)
{
	vmstat_add(&pgdat->vm_stat[item], delta);
}
static inline void inc_node_page_state(struct page *page, enum node_stat_item item)
{
	mod_node_page_state(page_pgdat(page), item, 1);
}
static inline void dec_node_page_state(struct page *page, enum node_stat_item item)
{
	mod_node_page_state(page_pgdat(page), item, -1);
}
static inline unsigned long node_page_state(struct pglist_data *pgdat, enum node_stat_item item)
{
	return vmstat_read(&pgdat->vm_stat[item]);
}
static inline void node_stat_mod_folio(struct folio *folio, enum node_stat_item item, long nr)
{
	mod_node_page_state(folio_pgdat(folio), item, nr);
}
static inline void node_stat_add_folio(struct folio *folio, enum node_stat_item item)
{
	node_stat_mod_folio(folio, item, folio_nr_pages(folio));
}
static inline void node_stat_sub_folio(struct folio *folio, enum node_stat_item item)
{
	node_stat_mod_folio(folio, item, -folio_nr_pages(folio));
}
#define __mod_node_page_state	mod_node_page_state
#define __node_stat_add_folio	node_stat_add_folio
#define __node_stat_sub_folio	node_stat_sub_folio
#define __inc_node_page_state	inc_node_page_state
#define __dec_node_page_state	dec_node_page_state
#define node_page_state_pages	node_page_state
unsigned long global_node_page_state(enum node_stat_item item);
#define global_node_page_state_pages	global_node_page_state

static inline void mod_lruvec_state(struct lruvec *lruvec, enum node_stat_item item, int val)
{
	mod_node_page_state(lruvec->pgdat, item, val);
}
static inline void lruvec_stat_mod_folio(struct folio *folio, enum node_stat_item item, int val)
{
	node_stat_mod_folio(folio, item, val);
}
static inline void mod_lruvec_page_state(struct page *page, enum node_stat_item item, int val)
{
	mod_node_page_state(page_pgdat(page), item, val);
}
#define __mod_lruvec_state	mod_lruvec_state
#define __lruvec_stat_mod_folio	lruvec_stat_mod_folio
#define lruvec_stat_add_folio(folio, item) lruvec_stat_mod_folio(folio, item, folio_nr_pages(folio))
#define lruvec_stat_sub_folio(folio, item) lruvec_stat_mod_folio(folio, item, -folio_nr_pages(folio))
#define __lruvec_stat_add_folio	lruvec_stat_add_folio
#define __lruvec_stat_sub_folio	lruvec_stat_sub_folio

/*
 * Events.
 */
void count_vm_events(enum vm_event_item item, long delta);
static inline void count_vm_event(enum vm_event_item item)
{
	count_vm_events(item, 1);
}
#define __count_vm_event(item)			count_vm_event(item)
#define __count_vm_events(item, n)		count_vm_events(item, n)
#define count_vm_numa_event(item)		count_vm_event(item)
#define count_vm_numa_events(item, n)		count_vm_events(item, n)
#define count_vm_tlb_event(item)		count_vm_event(item)
#define count_vm_tlb_events(item, n)		count_vm_events(item, n)
/* Sums of all events; @ret has NR_VM_EVENT_ITEMS entries. */
void all_vm_events(unsigned long *ret);

/* NUMA allocation counters of a zone, and their sums. */
static inline void count_numa_events(struct zone *zone, enum numa_stat_item item, long delta)
{
	vmstat_add(&zone->vm_numa_event[item], delta);
}
static inline unsigned long zone_numa_event_state(struct zone *zone, enum numa_stat_item item)
{
	return vmstat_read(&zone->vm_numa_event[item]);
}
unsigned long sum_zone_numa_event_state(int node, enum numa_stat_item item);
unsigned long global_numa_event_state(enum numa_stat_item item);

#endif /* _LINUX_VMSTAT_H */
