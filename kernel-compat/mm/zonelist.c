// SPDX-License-Identifier: GPL-2.0
/*
 * Zonelists and watermarks.
 */

#include "pages.h"
#include <linux/bug.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/nodemask.h>
#include <linux/topology.h>
#include <machine/machine.h>
#include <exec/host_memory.h>

/*
 * Zonelists of small machines are built at boot, in order of nodes, so that ties are
 * broken by load as in the kernel.  With more nodes each is built when first used, and
 * ties go to the next higher node.
 */
#define EAGER_NODES	16

static int *node_load;			/* how often a node was a fallback; EAGER_NODES only */
static struct xlock build_lock;

/* How far each node is from @node, with what 6.12 adds to break ties but for the load. */
static void penalties(int node, long *val)
{
	int n;

	for_each_node_state(n, N_MEMORY) {
		val[n] = node_distance(node, n) + (n < node);
		if (nr_cpus_node(n))
			val[n] += 1;
		val[n] *= MAX_NUMNODES;
	}
}

/* The nearest node not yet in @used, by @penalty and load. NUMA_NO_NODE at the end. */
static int find_next_best_node(int node, const long *penalty, nodemask_t *used)
{
	int n, best_node = NUMA_NO_NODE;
	long val, min_val = LONG_MAX;

	if (!node_isset(node, *used) && node_state(node, N_MEMORY)) {
		node_set(node, *used);
		return node;
	}
	for_each_node_state(n, N_MEMORY) {
		if (node_isset(n, *used))
			continue;
		val = penalty[n] + (node_load ? node_load[n] : 0);
		if (val < min_val) {
			min_val = val;
			best_node = n;
		}
	}
	if (best_node != NUMA_NO_NODE)
		node_set(best_node, *used);
	return best_node;
}

/* Append a node's zones, highest first. */
static struct zoneref *add_zones(struct zoneref *z, int nid)
{
	int idx;

	for (idx = MAX_NR_ZONES - 1; idx >= 0; idx--) {
		struct zone *zone = &NODE_DATA(nid)->node_zones[idx];

		if (!managed_zone(zone))
			continue;
		z->zone = zone;
		z->zone_idx = idx;
		z++;
	}
	return z;
}

/* Both zonelists of a node; room for every zone of every node. */
static bool build_zonelists(int nid)
{
	pg_data_t *pgdat = NODE_DATA(nid);
	struct zoneref *z, *own;
	nodemask_t used = NODE_MASK_NONE;
	int node, prev = nid;
	long *penalty;

	z = host_zalloc(2UL * nr_node_ids + 1, sizeof(*z));
	own = host_zalloc(3, sizeof(*own));
	penalty = host_zalloc(nr_node_ids, sizeof(*penalty));
	if (!z || !own || !penalty) {
		host_free(z);
		host_free(own);
		host_free(penalty);
		return false;
	}
	penalties(nid, penalty);
	add_zones(own, nid);
	pgdat->node_zonelists[ZONELIST_NOFALLBACK]._zonerefs = own;
	own = z;
	while ((node = find_next_best_node(nid, penalty, &used)) >= 0) {
		if (node_load && node_distance(nid, node) != node_distance(nid, prev))
			node_load[node]++;
		z = add_zones(z, node);
		prev = node;
	}
	host_free(penalty);
	/* Pairs with the acquire in node_zonelist(): the list is complete when it is seen. */
	__atomic_store_n(&pgdat->node_zonelists[ZONELIST_FALLBACK]._zonerefs, own,
			 __ATOMIC_RELEASE);
	return true;
}

struct zonelist *node_zonelist(int nid, gfp_t flags)
{
	pg_data_t *pgdat = NODE_DATA(nid);

	if (unlikely(!__atomic_load_n(&pgdat->node_zonelists[ZONELIST_FALLBACK]._zonerefs,
				      __ATOMIC_ACQUIRE))) {
		xlock(&build_lock);
		if (!pgdat->node_zonelists[ZONELIST_FALLBACK]._zonerefs)
			BUG_ON(!build_zonelists(nid));
		xunlock(&build_lock);
	}
	return &pgdat->node_zonelists[gfp_zonelist(flags)];
}

struct zoneref *next_zones_zonelist(struct zoneref *z, enum zone_type highest,
				    nodemask_t *nodes)
{
	while (z->zone && (z->zone_idx > (int)highest ||
			   (nodes && !node_isset(z->zone->node, *nodes))))
		z++;
	return z;
}

int zonelists_boot(void)
{
	int load[EAGER_NODES] = { 0 };
	unsigned int nid;
	bool ok = true;

	if (nr_node_ids > EAGER_NODES)
		return 0;
	node_load = load;
	for (nid = 0; nid < nr_node_ids && ok; nid++)
		ok = build_zonelists(nid);
	node_load = NULL;
	return ok ? 0 : -ENOMEM;
}

void zonelists_halt(void)
{
	unsigned int nid, i;

	for (nid = 0; nid < nr_node_ids; nid++)
		for (i = 0; i < MAX_ZONELISTS; i++)
			host_free(NODE_DATA(nid)->node_zonelists[i]._zonerefs);
}

/*
 * Watermarks as 6.12 computes them at boot with its default watermark_scale_factor of
 * 10: min_free_kbytes = sqrt(16 * memory in KiB), at least 128 and at most 256 MiB, shared
 * out by zone size; low and high follow in steps of max(min / 4, 0.1 %).  Differences: the
 * raise that khugepaged asks for is left out, and no zone keeps more than an eighth of
 * itself as min, so that nodes of a few hundred KiB are usable.
 */
void setup_watermarks(void)
{
	unsigned long pages = 0, kbytes, pages_min, step;
	struct zone *zone;

	for_each_populated_zone(zone)
		pages += zone_managed_pages(zone);
	kbytes = int_sqrt(pages * (PAGE_SIZE >> 10) * 16);
	kbytes = clamp(kbytes, 128UL, 262144UL);
	pages_min = kbytes >> (PAGE_SHIFT - 10);
	for_each_populated_zone(zone) {
		unsigned long managed = zone_managed_pages(zone);
		unsigned long min_pages = pages_min * managed / pages;

		min_pages = min(min_pages, managed / 8);
		step = max(min_pages / 4, managed / 1000);
		zone->_watermark[WMARK_MIN] = min_pages;
		zone->_watermark[WMARK_LOW] = min_pages + step;
		zone->_watermark[WMARK_HIGH] = min_pages + 2 * step;
		zone->_watermark[WMARK_PROMO] = min_pages + 3 * step;
		zone->watermark_boost = 0;
	}
}

/* 6.12's rule: reserves lower the mark; above order 0 a block must be there as well. */
bool zone_watermark_ok(struct zone *z, unsigned int order, unsigned long mark,
		       int highest_zoneidx, unsigned int alloc_flags)
{
	long min_pages = mark;
	long free_pages = zone_page_state(z, NR_FREE_PAGES);

	free_pages -= (1L << order) - 1;
	if (alloc_flags & ALLOC_MIN_RESERVE) {
		min_pages -= min_pages / 2;
		if (alloc_flags & ALLOC_NON_BLOCK)
			min_pages -= min_pages / 4;
	}
	if (free_pages <= min_pages)
		return false;
	return !order || buddy_has_block(z, order);
}

bool zone_watermark_ok_safe(struct zone *z, unsigned int order, unsigned long mark,
			    int highest_zoneidx)
{
	return zone_watermark_ok(z, order, mark, highest_zoneidx, 0);
}
