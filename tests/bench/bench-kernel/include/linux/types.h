/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's short names, for descriptions that a Linux program shares with the simulation. */
#ifndef _GUEST_LINUX_TYPES_H
#define _GUEST_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include_next <linux/types.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef int64_t s64;
typedef uint64_t u64;

#endif /* _GUEST_LINUX_TYPES_H */
