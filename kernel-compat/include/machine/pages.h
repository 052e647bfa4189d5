/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the page allocator and slab tell the rest of the shim and tests, beyond the
 * kernel's interfaces. own: not a kernel header.
 */
#ifndef _MACHINE_PAGES_H
#define _MACHINE_PAGES_H

#include <linux/types.h>

struct page;
struct zone;
struct kmem_cache;

/*
 * Called when a page is freed and again before it is handed out: reports
 * VIOLATION_TLB when some virtual CPU's TLB can still reach it.  Supplied by the VM;
 * does nothing without one.
 */
void tlb_page_freed(struct page *page, unsigned int order);

/* Pages handed out and not given back, without those that wait in per-CPU lists. */
unsigned long pages_in_use(void);
/* Of node @nid. */
unsigned long pages_in_use_node(int nid);
/* Live slab objects; those of one cache. */
unsigned long slab_objects(void);
unsigned long slab_cache_objects(const struct kmem_cache *s);

/* The byte pattern of freed pages and objects, and what unwritten new objects hold. */
#define PAGE_POISON_WORD	0xaaaaaaaaaaaaaaaaUL
#define SLAB_POISON_FREE	0x6b
#define SLAB_POISON_NEW		0x5a
#define SLAB_REDZONE		0xbb

/* Who allocated a page or an object last: return addresses; returns how many. */
unsigned int page_alloc_stack(const struct page *page, unsigned long *ips, unsigned int nr);
unsigned int slab_alloc_stack(const void *object, unsigned long *ips, unsigned int nr);

/* Who besides the shim looks at every access and would end a test that breaks a rule. */
enum memory_watcher {
	WATCHER_NONE,
	WATCHER_ASAN,		/* slab objects and page contents */
	WATCHER_VALGRIND,	/* slab objects */
};
enum memory_watcher memory_watcher(void);

/* Fail with VIOLATION_SLAB unless every redzone of every live object is intact. */
void slab_check_all(void);

#endif /* _MACHINE_PAGES_H */
