/* SPDX-License-Identifier: GPL-2.0 */
/*
 * same: page sizes.
 * model: page-table pages live in the host's heap, outside the direct map.
 */
#ifndef _ASM_X86_PAGE_H
#define _ASM_X86_PAGE_H

#include <asm/page_types.h>

#endif /* _ASM_X86_PAGE_H */
