/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dynamic per-CPU memory.
 *
 * model: allocations are zeroed and aligned as asked; freeing checks the pointer
 * (VIOLATION_SLAB).  PERCPU_DYNAMIC_BYTES per CPU are there, more fails with NULL.
 * What is still allocated at power off is VIOLATION_LEAK.
 */
#ifndef _LINUX_PERCPU_H
#define _LINUX_PERCPU_H

#include <linux/types.h>
#include <linux/percpu-defs.h>

#define PERCPU_DYNAMIC_BYTES	(1UL << 20)

void *__alloc_percpu(size_t size, size_t align);
void *__alloc_percpu_gfp(size_t size, size_t align, gfp_t gfp);
void free_percpu(void *pdata);
bool is_percpu_address(unsigned long addr);

#define alloc_percpu(type)	((__typeof__(type) *)__alloc_percpu(sizeof(type), __alignof__(type)))
#define alloc_percpu_gfp(type, gfp)						\
	((__typeof__(type) *)__alloc_percpu_gfp(sizeof(type), __alignof__(type), gfp))

#endif /* _LINUX_PERCPU_H */
