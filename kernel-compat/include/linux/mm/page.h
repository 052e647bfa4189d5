/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages, frames, addresses, nodes, zones: the part of <linux/mm.h> that converts one
 * into the other.
 *
 * same: contracts.  model: the memory map and the contents of memory are two lazily
 * backed host areas; node n's frames are one contiguous range, nodes follow each other
 * from frame MACHINE_FIRST_PFN on.  A page that was never handed out has zero flags;
 * its node and zone are then found by its frame number.
 */
#ifndef _LINUX_MM_PAGE_H
#define _LINUX_MM_PAGE_H

#include <linux/mm_types.h>
#include <linux/mmzone.h>
#include <linux/mmdebug.h>
#include <linux/page-flags.h>
#include <linux/pfn.h>
#include <asm/page_types.h>

/* The first frame of node 0; those below do not exist. */
#define MACHINE_FIRST_PFN	MAX_ORDER_NR_PAGES

/* shim: both areas are addressed by frame number; set at boot. */
extern struct page *vmemmap;
extern char *page_contents;		/* PAGE_OFFSET of the direct map */
extern unsigned long max_pfn;		/* frames at and above do not exist */

#define PAGE_OFFSET	((unsigned long)page_contents)

static __always_inline unsigned long page_to_pfn(const struct page *page)
{
	return (unsigned long)(page - vmemmap);
}
static __always_inline struct page *pfn_to_page(unsigned long pfn)
{
	return vmemmap + pfn;
}
bool pfn_valid(unsigned long pfn);
struct page *pfn_to_online_page(unsigned long pfn);

static __always_inline void *page_to_virt(const struct page *page)
{
	return page_contents + (page_to_pfn(page) << PAGE_SHIFT);
}
#define page_address(page)	page_to_virt(page)
#define lowmem_page_address(page) page_to_virt(page)
static inline void *folio_address(const struct folio *folio)
{
	return page_to_virt(&folio->page);
}
static inline phys_addr_t page_to_phys(const struct page *page)
{
	return (phys_addr_t)page_to_pfn(page) << PAGE_SHIFT;
}

/* True for addresses of the direct map, not for slab objects (model: host malloc). */
static inline bool virt_addr_valid(const void *addr)
{
	unsigned long pfn = ((unsigned long)addr - PAGE_OFFSET) >> PAGE_SHIFT;

	return (const char *)addr >= page_contents && pfn_valid(pfn);
}
struct page *virt_to_page(const void *addr);
#define virt_to_head_page(addr)	compound_head(virt_to_page(addr))
#define virt_to_folio(addr)	page_folio(virt_to_page(addr))
#define __va(phys)		((void *)(page_contents + (unsigned long)(phys)))
#define __pa(virt)		((unsigned long)(virt) - PAGE_OFFSET)
#define virt_to_phys(virt)	((phys_addr_t)__pa(virt))
#define phys_to_virt(phys)	__va(phys)
#define virt_to_pfn(virt)	(__pa(virt) >> PAGE_SHIFT)

static inline unsigned long folio_pfn(const struct folio *folio)
{
	return page_to_pfn(&folio->page);
}
static inline struct folio *pfn_folio(unsigned long pfn)
{
	return page_folio(pfn_to_page(pfn));
}
#define nth_page(page, n)	((page) + (n))
#define folio_page_idx(folio, p) ((unsigned long)((p) - &(folio)->page))

/* Node, zone of a frame by arithmetic; for pages never handed out. */
int __pfn_to_nid(unsigned long pfn);
enum zone_type __pfn_to_zonenum(unsigned long pfn);
#define pfn_to_nid(pfn)		__pfn_to_nid(pfn)

static __always_inline enum zone_type page_zonenum(const struct page *page)
{
	unsigned long zone = page_flags_load(&page->flags) >> ZONES_PGSHIFT & ZONES_MASK;

	return likely(zone) ? zone : __pfn_to_zonenum(page_to_pfn(page));
}
static __always_inline int page_to_nid(const struct page *page)
{
	unsigned long flags = page_flags_load(&page->flags);

	if (unlikely(!(flags >> ZONES_PGSHIFT & ZONES_MASK)))
		return __pfn_to_nid(page_to_pfn(page));
	return flags >> NODES_PGSHIFT & NODES_MASK;
}
static inline struct zone *page_zone(const struct page *page)
{
	return &NODE_DATA(page_to_nid(page))->node_zones[page_zonenum(page)];
}
static inline pg_data_t *page_pgdat(const struct page *page)
{
	return NODE_DATA(page_to_nid(page));
}
static inline int folio_nid(const struct folio *folio)
{
	return page_to_nid(&folio->page);
}
static inline enum zone_type folio_zonenum(const struct folio *folio)
{
	return page_zonenum(&folio->page);
}
static inline struct zone *folio_zone(const struct folio *folio)
{
	return page_zone(&folio->page);
}
static inline pg_data_t *folio_pgdat(const struct folio *folio)
{
	return page_pgdat(&folio->page);
}
static inline int page_zone_id(const struct page *page)
{
	return page_flags_load(&page->flags) >> ZONES_PGSHIFT;
}

static inline void set_page_links(struct page *page, enum zone_type zone, unsigned long node)
{
	unsigned long flags = page_flags_load(&page->flags);

	flags &= ~(ZONES_MASK << ZONES_PGSHIFT | NODES_MASK << NODES_PGSHIFT);
	flags |= (unsigned long)zone << ZONES_PGSHIFT | node << NODES_PGSHIFT;
	__atomic_store_n(&page->flags, flags, __ATOMIC_RELAXED);
}

#define page_private(page)		((page)->private)
#define set_page_private(page, v)	((page)->private = (v))
static inline void *folio_get_private(struct folio *folio)
{
	return folio->private;
}

#endif /* _LINUX_MM_PAGE_H */
