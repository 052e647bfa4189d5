/* SPDX-License-Identifier: GPL-2.0 */
/* same. */
#ifndef _LINUX_MMU_CONTEXT_H
#define _LINUX_MMU_CONTEXT_H

#include <asm/mmu_context.h>

#endif /* _LINUX_MMU_CONTEXT_H */
