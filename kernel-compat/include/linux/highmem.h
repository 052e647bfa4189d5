/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Access to page contents.
 *
 * same: on x86-64 every page is in the direct map, so kmap is arithmetic.
 * model: kmap_local does not disable migration.  Clearing and copying charge their cost
 *   in virtual time (machine/cost.h).
 */
#ifndef _LINUX_HIGHMEM_H
#define _LINUX_HIGHMEM_H

#include <linux/mm/folio.h>
#include <linux/string.h>

struct vm_area_struct;

void clear_page(void *addr);
void copy_page(void *to, const void *from);

static inline void *kmap_local_page(struct page *page) { return page_address(page); }
static inline void *kmap_local_folio(struct folio *folio, size_t offset)
{
	return (char *)folio_address(folio) + offset;
}
#define kunmap_local(addr)	((void)(addr))
static inline void *kmap(struct page *page) { return page_address(page); }
static inline void kunmap(struct page *page) { }

static inline void clear_highpage(struct page *page)
{
	clear_page(page_address(page));
}
static inline void clear_user_highpage(struct page *page, unsigned long vaddr)
{
	clear_highpage(page);
}
#define clear_user_page(addr, vaddr, page)	clear_page(addr)

/* Charges a local or a remote copy by the nodes of the two pages. */
void copy_highpage(struct page *to, struct page *from);
static inline void copy_user_highpage(struct page *to, struct page *from,
				      unsigned long vaddr, struct vm_area_struct *vma)
{
	copy_highpage(to, from);
}
static inline int copy_mc_highpage(struct page *to, struct page *from)
{
	copy_highpage(to, from);
	return 0;
}
static inline int copy_mc_user_highpage(struct page *to, struct page *from,
					unsigned long vaddr, struct vm_area_struct *vma)
{
	copy_highpage(to, from);
	return 0;
}
void folio_copy(struct folio *dst, struct folio *src);
/* Copying can meet bad memory in a kernel; not here: always 0. */
int folio_mc_copy(struct folio *dst, struct folio *src);
void folio_zero_user(struct folio *folio, unsigned long addr_hint);

#endif /* _LINUX_HIGHMEM_H */
