/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fault injection as kernel code sees it.
 *
 * model: rules are set through machine/inject.h; should_failslab() and
 * should_fail_alloc_page() are the kernel's two questions, answered by them.
 */
#ifndef _LINUX_FAULT_INJECT_H
#define _LINUX_FAULT_INJECT_H

#include <linux/types.h>
#include <linux/gfp_types.h>

struct kmem_cache;

/* 0, or -ENOMEM when this allocation shall fail. */
int should_failslab(struct kmem_cache *s, gfp_t gfpflags);
bool should_fail_alloc_page(gfp_t gfp_mask, unsigned int order);

#endif /* _LINUX_FAULT_INJECT_H */
