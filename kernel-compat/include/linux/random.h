/* SPDX-License-Identifier: GPL-2.0 */
/* model: numbers come from the machine's stream of choices, so a run repeats. */
#ifndef _SHIM_LINUX_RANDOM_H
#define _SHIM_LINUX_RANDOM_H

#include <linux/types.h>

u32 get_random_u32(void);
u64 get_random_u64(void);
u32 get_random_u32_below(u32 ceil);		/* [0, ceil) */
u32 get_random_u32_inclusive(u32 floor, u32 ceil); /* [floor, ceil] */
void get_random_bytes(void *buf, size_t len);
static inline u8 get_random_u8(void) { return get_random_u32(); }
static inline u16 get_random_u16(void) { return get_random_u32(); }
static inline unsigned long get_random_long(void) { return get_random_u64(); }

#endif /* _SHIM_LINUX_RANDOM_H */
