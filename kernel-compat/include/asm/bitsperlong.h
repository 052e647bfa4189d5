/* SPDX-License-Identifier: GPL-2.0 */
/* same */
#ifndef __SHIM_ASM_BITSPERLONG_H
#define __SHIM_ASM_BITSPERLONG_H

#include_next <asm/bitsperlong.h>

#ifndef BITS_PER_LONG
#define BITS_PER_LONG 64
#define BITS_PER_LONG_LONG 64
#endif

#endif /* __SHIM_ASM_BITSPERLONG_H */
