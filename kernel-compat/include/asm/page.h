/* SPDX-License-Identifier: GPL-2.0 */
/*
 * same: page sizes.
 * model: __pa() and __va() of a page-table page are the identity, because tables
 * live in the host's heap.  Page contents are reached with page_address() and
 * kmap_local_page() only; there is no direct map of physical addresses.
 */
#ifndef _ASM_X86_PAGE_H
#define _ASM_X86_PAGE_H

#include <asm/page_types.h>

#endif /* _ASM_X86_PAGE_H */
