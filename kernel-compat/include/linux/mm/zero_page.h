/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The zero page: mapped read-only where anonymous memory was only read.
 *
 * same: one page, reserved, never counted by mapcount, LRU or RSS.
 */
#ifndef _LINUX_MM_ZERO_PAGE_H
#define _LINUX_MM_ZERO_PAGE_H

#include <linux/mm/page.h>

extern unsigned long zero_pfn;		/* set at boot */

#define ZERO_PAGE(vaddr)	((void)(vaddr), pfn_to_page(zero_pfn))

static inline int is_zero_pfn(unsigned long pfn)
{
	return pfn == zero_pfn;
}
static inline unsigned long my_zero_pfn(unsigned long addr)
{
	return zero_pfn;
}
static inline bool is_zero_page(const struct page *page)
{
	return is_zero_pfn(page_to_pfn(page));
}
static inline bool is_zero_folio(const struct folio *folio)
{
	return is_zero_page(&folio->page);
}

#endif /* _LINUX_MM_ZERO_PAGE_H */
