// SPDX-License-Identifier: GPL-2.0
/*
 * The memory map and the contents of memory: three host areas indexed by frame number,
 * reserved without backing, so that memory nobody touches costs nothing.
 *
 * The areas stay reserved from one machine to the next and grow when a bigger one
 * boots; what a machine touched is given back to the host when it halts.
 */
#include <sys/mman.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pages.h"
#include "asan.h"
#include <kunit/static_stub.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/swap.h>
#include <engine/memory_model.h>
#include <exec/host_memory.h>
#include <exec/snapshot.h>
#include <machine/machine.h>
#include <machine/pages.h>
#include <machine/violation.h>

struct page *vmemmap;
char *page_contents;
struct page_owner *page_owners;
unsigned long max_pfn;
unsigned long zero_pfn;
pg_data_t **node_data;
bool pages_boot_done;

static unsigned long reserved_frames;	/* room of the three areas */
static unsigned int nr_nodes;
static unsigned long uniform_span;	/* frames from node to node, 0: they differ */
static bool gaps;			/* some node does not end where the next starts */

_Static_assert(sizeof(struct page) == 64, "struct page is not the kernel's size");

/* Reserve @bytes of host address space without backing. NULL when there is none. */
static void *reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	madvise(p, bytes, MADV_NOHUGEPAGE);
	return p;
}

/* Give the three areas back to the host. */
static void unreserve(void)
{
	if (vmemmap)
		munmap(vmemmap, reserved_frames * sizeof(struct page));
	if (page_contents)
		munmap(page_contents, reserved_frames << PAGE_SHIFT);
	if (page_owners)
		munmap(page_owners, reserved_frames * sizeof(struct page_owner));
	vmemmap = NULL;
	page_contents = NULL;
	page_owners = NULL;
	reserved_frames = 0;
}

/* Make sure that the areas have room for @nr_frames frames. 0 or -ENOMEM. */
int memmap_boot(unsigned long nr_frames)
{
	if (nr_frames <= reserved_frames)
		return 0;
	unreserve();
	vmemmap = reserve(nr_frames * sizeof(struct page));
	page_contents = reserve(nr_frames << PAGE_SHIFT);
	page_owners = reserve(nr_frames * sizeof(struct page_owner));
	reserved_frames = nr_frames;
	if (vmemmap && page_contents && page_owners)
		return 0;
	unreserve();
	return -ENOMEM;
}

/* Return the whole host pages inside [start, end) to the zero they began with. */
static void forget(char *start, char *end)
{
	start = (char *)PFN_ALIGN(start);
	end = (char *)((unsigned long)end & PAGE_MASK);
	if (start < end)
		madvise(start, end - start, MADV_DONTNEED);
}

/*
 * As if the frames had never been touched. Both ends are multiples of 128 frames; of these,
 * the first @touched had been handed out. What is known of few frames is cleared in place:
 * the host would take longer to fill in as many pages for the next machine.
 */
void memmap_forget(unsigned long pfn, unsigned long nr, unsigned long touched)
{
	/* What a snapshot remembers it also restores. */
	if (snapshot_held())
		return;
	asan_unpoison(page_contents + (pfn << PAGE_SHIFT), nr << PAGE_SHIFT);
	forget(page_contents + (pfn << PAGE_SHIFT), page_contents + ((pfn + nr) << PAGE_SHIFT));
	if (touched <= 2 * MAX_ORDER_NR_PAGES) {
		memset(vmemmap + pfn, 0, touched * sizeof(*vmemmap));
		memset(page_owners + pfn, 0, touched * sizeof(*page_owners));
		return;
	}
	forget((char *)(vmemmap + pfn), (char *)(vmemmap + pfn + nr));
	forget((char *)(page_owners + pfn), (char *)(page_owners + pfn + nr));
}

/*
 * The first time a frame is handed out.  page->memcg_data is the TLB's and stays; so
 * does everything that is right when zero.
 */
void memmap_init_page(struct page *page, enum zone_type zone, int nid)
{
	set_page_links(page, zone, nid);
	page_cpupid_reset_last(page);
	page_mapcount_reset(page);
	page_owner(page)->state = OWNER_FRESH;
}

pg_data_t *NODE_DATA(int nid)
{
	return node_data[nid];
}

/* Node of a frame; NUMA_NO_NODE for a frame between nodes or outside memory. */
int __pfn_to_nid(unsigned long pfn)
{
	unsigned int low = 0, high = nr_nodes;

	if (pfn < MACHINE_FIRST_PFN || pfn >= max_pfn)
		return NUMA_NO_NODE;
	if (uniform_span) {
		low = (pfn - MACHINE_FIRST_PFN) / uniform_span;
	} else {
		while (high - low > 1) {
			unsigned int mid = (low + high) / 2;

			if (node_data[mid]->node_start_pfn <= pfn)
				low = mid;
			else
				high = mid;
		}
	}
	return pfn < pgdat_end_pfn(node_data[low]) ? (int)low : NUMA_NO_NODE;
}

enum zone_type __pfn_to_zonenum(unsigned long pfn)
{
	int nid = __pfn_to_nid(pfn);
	struct zone *movable;

	if (nid == NUMA_NO_NODE)
		return ZONE_DMA;
	movable = &node_data[nid]->node_zones[ZONE_MOVABLE];
	return populated_zone(movable) && pfn >= movable->zone_start_pfn ?
	       ZONE_MOVABLE : ZONE_NORMAL;
}

bool pfn_valid(unsigned long pfn)
{
	if (pfn < MACHINE_FIRST_PFN || pfn >= max_pfn)
		return false;
	return !gaps || __pfn_to_nid(pfn) != NUMA_NO_NODE;
}

/* stub: memory is online from boot on, unless a test says something else. */
struct page *pfn_to_online_page(unsigned long pfn)
{
	KUNIT_STATIC_STUB_REDIRECT(pfn_to_online_page, pfn);
	return pfn_valid(pfn) ? pfn_to_page(pfn) : NULL;
}

struct page *virt_to_page(const void *addr)
{
	BUG_ON(!virt_addr_valid(addr));
	return pfn_to_page(virt_to_pfn(addr));
}

struct pglist_data *first_online_pgdat(void)
{
	return node_data[0];
}

struct pglist_data *next_online_pgdat(struct pglist_data *pgdat)
{
	unsigned int nid = pgdat->node_id + 1;

	return nid < nr_nodes ? node_data[nid] : NULL;
}

struct zone *next_zone(struct zone *zone)
{
	pg_data_t *pgdat = zone->zone_pgdat;

	if (zone < pgdat->node_zones + MAX_NR_ZONES - 1)
		return zone + 1;
	pgdat = next_online_pgdat(pgdat);
	return pgdat ? pgdat->node_zones : NULL;
}

struct lruvec *folio_lruvec(struct folio *folio)
{
	return &folio_pgdat(folio)->__lruvec;
}

/* Fill in a zone; @nr 0 leaves it unpopulated. */
static void init_zone(pg_data_t *pgdat, enum zone_type idx, unsigned long start,
		      unsigned long nr)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal", "Movable" };
	struct zone *zone = &pgdat->node_zones[idx];
	unsigned int order;

	zone->node = pgdat->node_id;
	zone->zone_pgdat = pgdat;
	zone->name = names[idx];
	zone->zone_start_pfn = start;
	zone->untouched_pfn = start;
	zone->spanned_pages = nr;
	zone->present_pages = nr;
	atomic_long_set(&zone->managed_pages, nr);
	mod_zone_page_state(zone, NR_FREE_PAGES, nr);
	if (idx < ZONE_NORMAL)
		return;
	spin_lock_init(&zone->lock);
	for (order = 0; order < NR_PAGE_ORDERS; order++)
		INIT_LIST_HEAD(&zone->free_area[order].free_list);
	if (nr)
		pgdat->nr_zones = idx + 1;
}

/* Percentage of each node that "movablecore=N%" makes ZONE_MOVABLE. */
static unsigned int movable_percent(const char *cmdline)
{
	const char *p = cmdline ? strstr(cmdline, "movablecore=") : NULL;
	unsigned long n;
	char *end;

	if (!p)
		return 0;
	n = strtoul(p + strlen("movablecore="), &end, 10);
	return *end == '%' && n <= 100 ? n : 0;
}

/* Fill in node @nid with frames from @start on; returns the first frame after it. */
static unsigned long init_node(int nid, unsigned long start, unsigned long nr,
			       unsigned int movable)
{
	unsigned long nr_normal = min(nr, round_up(nr - nr * movable / 100, MAX_ORDER_NR_PAGES));
	pg_data_t *pgdat = node_data[nid];
	enum lru_list lru;

	pgdat->node_id = nid;
	pgdat->node_start_pfn = start;
	pgdat->node_present_pages = nr;
	pgdat->node_spanned_pages = nr;
	init_zone(pgdat, ZONE_DMA, start, 0);
	init_zone(pgdat, ZONE_DMA32, start, 0);
	init_zone(pgdat, ZONE_NORMAL, start, nr_normal);
	init_zone(pgdat, ZONE_MOVABLE, start + nr_normal, nr - nr_normal);
	spin_lock_init(&pgdat->__lruvec.lru_lock);
	pgdat->__lruvec.pgdat = pgdat;
	for_each_lru(lru)
		INIT_LIST_HEAD(&pgdat->__lruvec.lists[lru]);
	spin_lock_init(&pgdat->deferred_split_queue.split_queue_lock);
	INIT_LIST_HEAD(&pgdat->deferred_split_queue.split_queue);
	if (nr) {
		node_set_state(nid, N_MEMORY);
		node_set_state(nid, N_NORMAL_MEMORY);
	}
	return start + nr;
}

/* Frames of node @nid: whole pages. */
static unsigned long node_frames(const struct machine_config *cfg, unsigned int nid)
{
	u64 bytes = cfg->node_bytes ? cfg->node_bytes[nid] : cfg->bytes_per_node;

	if (!cfg->node_bytes && !bytes)
		bytes = 64UL << 20;
	return bytes >> PAGE_SHIFT;
}

/* Lay the nodes out, one after the other, each beginning at a multiple of 2^MAX_PAGE_ORDER. */
static int pages_boot(const struct machine_config *cfg)
{
	unsigned int nid, movable = movable_percent(cfg->cmdline);
	unsigned long pfn = MACHINE_FIRST_PFN, span = 0, start;
	pg_data_t *pgdats;
	int err;

	nr_nodes = cfg->nr_nodes;
	for (nid = 0; nid < nr_nodes; nid++)
		pfn += round_up(node_frames(cfg, nid), MAX_ORDER_NR_PAGES);
	err = memmap_boot(pfn);
	if (err)
		return err;
	memory_object(vmemmap, pfn * sizeof(struct page));
	memory_object(page_contents, pfn << PAGE_SHIFT);

	node_data = host_zalloc(nr_nodes, sizeof(*node_data));
	pgdats = host_zalloc(nr_nodes, sizeof(*pgdats));
	if (!node_data || !pgdats) {
		host_free(node_data);
		host_free(pgdats);
		node_data = NULL;
		return -ENOMEM;
	}
	memory_object(pgdats, nr_nodes * sizeof(*pgdats));
	uniform_span = round_up(node_frames(cfg, 0), MAX_ORDER_NR_PAGES);
	gaps = false;
	pfn = MACHINE_FIRST_PFN;
	for (nid = 0; nid < nr_nodes; nid++) {
		node_data[nid] = &pgdats[nid];
		start = pfn;
		pfn = init_node(nid, start, node_frames(cfg, nid), movable);
		max_pfn = pfn;
		span = round_up(pfn - start, MAX_ORDER_NR_PAGES);
		if (span != pfn - start)
			gaps = true;
		if (span != uniform_span)
			uniform_span = 0;
		pfn = start + span;
	}
	setup_watermarks();
	err = zonelists_boot() ?: pcp_boot() ?: lru_boot();
	if (err)
		return err;
	zero_pfn = page_to_pfn(alloc_pages(GFP_KERNEL | __GFP_ZERO, 0));
	__page_flags_assign(PG_reserved, &pfn_to_page(zero_pfn)->flags, true);
	return 0;
}

/* Forget what the machine touched, and the nodes. */
static void pages_halt(void)
{
	struct zone *zone;

	lru_halt();
	pcp_halt();
	zonelists_halt();
	for_each_zone(zone) {
		unsigned long start = zone->zone_start_pfn;
		unsigned long end = round_up(zone->untouched_pfn, MAX_ORDER_NR_PAGES);

		if (zone->untouched_pfn > start)
			memmap_forget(start, end - start, zone->untouched_pfn - start);
	}
	vmstat_halt();
	host_free(node_data[0]);
	host_free(node_data);
	node_data = NULL;
	max_pfn = 0;
	zero_pfn = 0;
	pages_boot_done = false;
}

/* What batches still hold is nobody's: let it go before leaks are looked for. */
static void pages_stop(void)
{
	lru_add_drain_all();
	drain_all_pages(NULL);
}

MACHINE_SUBSYS(pages, MACHINE_ORDER_PAGES, pages_boot, pages_stop, pages_halt);

/* From here on, what is allocated and not freed is a leak. */
static int pages_boot_is_done(const struct machine_config *cfg)
{
	pages_boot_done = true;
	return 0;
}
MACHINE_SUBSYS(pages_up, MACHINE_ORDER_INITCALLS + 1, pages_boot_is_done, NULL, NULL);
