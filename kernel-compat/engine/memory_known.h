/* SPDX-License-Identifier: GPL-2.0 */
/* What contexts know of addresses, for engine/memory_model.c; memory_known.c. */
#ifndef _ENGINE_MEMORY_KNOWN_H
#define _ENGINE_MEMORY_KNOWN_H

#include <linux/types.h>

/*
 * Since when context @who knows the address @p: when it was first near it, or else @now.
 * MEMORY_STACK: a stack is there.
 */
#define MEMORY_STACK	(~0ULL)
u64 memory_near(unsigned int who, const volatile void *p, u64 now) __not_followed(2);
/* Before which time @who must not read the word at @p; 0 in the beginning. */
u64 *memory_read_floor(unsigned int who, const volatile void *p) __not_followed(2);

void memory_object_born(const void *p, size_t size) __not_followed(1);
void memory_object_gone(const void *p) __not_followed(1);
void memory_is_stack(const void *stack, size_t size);
void memory_known_begin(void);		/* nobody knows anything */
void memory_known_boot(void);		/* there are no objects but variables */

#endif /* _ENGINE_MEMORY_KNOWN_H */
