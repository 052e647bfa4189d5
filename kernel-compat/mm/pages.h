/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the page allocator share.
 */
#ifndef _MM_PAGES_H
#define _MM_PAGES_H

#include <linux/mm/folio.h>
#include <linux/mm/cpupid.h>
#include <linux/gfp.h>
#include <linux/vmstat.h>
#include <exec/task.h>

struct machine_config;

/* Allocation flags, values as in Linux 6.12's mm/internal.h. */
#define ALLOC_WMARK_MIN		WMARK_MIN
#define ALLOC_WMARK_LOW		WMARK_LOW
#define ALLOC_WMARK_HIGH	WMARK_HIGH
#define ALLOC_NO_WATERMARKS	0x04
#define ALLOC_WMARK_MASK	(ALLOC_NO_WATERMARKS - 1)
#define ALLOC_NON_BLOCK		0x10
#define ALLOC_MIN_RESERVE	0x20
#define ALLOC_RESERVES		(ALLOC_NON_BLOCK | ALLOC_MIN_RESERVE)

#define OWNER_STACK		5	/* return addresses kept per page */

/* What page->mapping of tail pages beyond the third holds. */
#define TAIL_MAPPING		((struct address_space *)0x400)

/*
 * One per frame, lazily backed like the memory map: who allocated it, and what its
 * contents are known to be.  Written only by whoever has the page: the allocator, or
 * the task that allocates or frees.
 */
struct page_owner {
	u32 state;
	u32 pid;
	unsigned long ips[OWNER_STACK];
};
#define OWNER_ALLOCATED		0x01	/* first page of an allocation */
#define OWNER_BOOT		0x02	/* allocated before the machine was up */
#define OWNER_FRESH		0x04	/* contents never touched: zero */
#define OWNER_POISONED		0x08	/* contents hold the free pattern */
#define OWNER_ORDER_SHIFT	8

extern struct page_owner *page_owners;		/* by frame number */
extern bool pages_boot_done;			/* initcalls have run */

static inline struct page_owner *page_owner(const struct page *page)
{
	return &page_owners[page_to_pfn(page)];
}

/* memmap.c */
int memmap_boot(unsigned long nr_frames);
void memmap_forget(unsigned long pfn, unsigned long nr, unsigned long touched);
void memmap_init_page(struct page *page, enum zone_type zone, int nid);
extern pg_data_t **node_data;

/* page_memory.c */
void page_contents_freed(struct page *page, unsigned int order);
void page_contents_alloc(struct page *page, unsigned int order, bool zero);
void page_contents_check_free(struct page *page, unsigned int order);
void page_contents_unused(struct page *page, unsigned long nr);

/* page_checks.c */
void page_owner_set(struct page *page, unsigned int order);
bool page_prepare_free(struct page *page, unsigned int order);
void page_prepare_new(struct page *page, unsigned int order, gfp_t gfp);
void page_owner_cut(struct page *page, unsigned int order);
void page_bad(const struct page *page, const char *why);

/* page_buddy.c: zone->lock is taken inside */
struct page *buddy_alloc(struct zone *zone, unsigned int order);
unsigned int buddy_alloc_bulk(struct zone *zone, unsigned int order, unsigned int nr,
			      struct list_head *list);
void buddy_free(struct zone *zone, struct page *page, unsigned int order);
void buddy_free_list(struct zone *zone, struct list_head *list, unsigned int order);
bool buddy_has_block(struct zone *zone, unsigned int order);
static inline unsigned int buddy_order(const struct page *page)
{
	return page->private;
}

/* page_pcp.c */
struct page *pcp_alloc(struct zone *zone, unsigned int order);
bool pcp_free(struct zone *zone, struct page *page, unsigned int order);
unsigned long pcp_pages(struct zone *zone);
int pcp_boot(void);
void pcp_halt(void);

/* zonelist.c */
int zonelists_boot(void);
void zonelists_halt(void);
void setup_watermarks(void);

/* swap.c */
int lru_boot(void);
void lru_halt(void);
void page_cache_release(struct folio *folio);
unsigned long lru_batched(int nid);

/* vmstat.c */
void vmstat_halt(void);

#endif /* _MM_PAGES_H */
