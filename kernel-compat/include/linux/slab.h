/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slab caches and kmalloc().
 *
 * same: contracts, GFP rules, SLAB_TYPESAFE_BY_RCU, constructors, power-of-two
 *   alignment of power-of-two kmalloc() sizes, kfree() of any slab object.
 * model: each object is a host allocation with a header and red zones, so sanitizers
 *   and valgrind see overruns.  Objects do not take simulated memory; watermarks do not
 *   bound them, only fault injection makes them fail.  Freed objects rest in a
 *   quarantine; in SLAB_TYPESAFE_BY_RCU caches they are reused at once, newest first,
 *   and never leave the cache, which is the least a kernel promises.
 * model: ksize() is the size asked for, not the bucket's.  vmalloc memory is kmalloc
 *   memory, so kfree() of it goes unnoticed.
 * stub: SLAB_ACCOUNT, SLAB_RECLAIM_ACCOUNT, SLAB_NO_MERGE change nothing: caches are
 *   never merged and there are no cgroups.
 */
#ifndef _LINUX_SLAB_H
#define _LINUX_SLAB_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/numa.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/sprintf.h>
#include <linux/string.h>

typedef unsigned int __bitwise slab_flags_t;

#define SLAB_CONSISTENCY_CHECKS	((slab_flags_t __force)0x00000100U)
#define SLAB_RED_ZONE		((slab_flags_t __force)0x00000400U)
#define SLAB_POISON		((slab_flags_t __force)0x00000800U)
#define SLAB_HWCACHE_ALIGN	((slab_flags_t __force)0x00002000U)
#define SLAB_STORE_USER		((slab_flags_t __force)0x00010000U)
#define SLAB_RECLAIM_ACCOUNT	((slab_flags_t __force)0x00020000U)
#define SLAB_PANIC		((slab_flags_t __force)0x00040000U)
#define SLAB_TYPESAFE_BY_RCU	((slab_flags_t __force)0x00080000U)
#define SLAB_ACCOUNT		((slab_flags_t __force)0x04000000U)
#define SLAB_NO_MERGE		((slab_flags_t __force)0x08000000U)
#define SLAB_TEMPORARY		SLAB_RECLAIM_ACCOUNT

/* What kmalloc(0) returns; may be passed to kfree(). */
#define ZERO_SIZE_PTR		((void *)16)
#define ZERO_OR_NULL_PTR(x)	((unsigned long)(x) <= (unsigned long)ZERO_SIZE_PTR)
#define ARCH_KMALLOC_MINALIGN	8
#define KMALLOC_MAX_SIZE	(1UL << 22)

struct kmem_cache;

struct kmem_cache_args {
	unsigned int align;
	unsigned int useroffset;
	unsigned int usersize;
	unsigned int freeptr_offset;
	bool use_freeptr_offset;
	void (*ctor)(void *);
};

struct kmem_cache *__kmem_cache_create_args(const char *name, unsigned int object_size,
					    struct kmem_cache_args *args, slab_flags_t flags);
static inline struct kmem_cache *
__kmem_cache_create(const char *name, unsigned int size, unsigned int align,
		    slab_flags_t flags, void (*ctor)(void *))
{
	struct kmem_cache_args args = { .align = align, .ctor = ctor };

	return __kmem_cache_create_args(name, size, &args, flags);
}
static inline struct kmem_cache *
__kmem_cache_default_args(const char *name, unsigned int size, struct kmem_cache_args *args,
			  slab_flags_t flags)
{
	struct kmem_cache_args none = { 0 };

	return __kmem_cache_create_args(name, size, &none, flags);
}
/* Both forms of 6.12: (name, size, &args or NULL, flags) and (name, size, align, flags, ctor). */
#define kmem_cache_create(__name, __object_size, __args, ...)			\
	_Generic((__args),							\
		 struct kmem_cache_args *: __kmem_cache_create_args,		\
		 void *: __kmem_cache_default_args,				\
		 default: __kmem_cache_create)(__name, __object_size, __args, __VA_ARGS__)

#define KMEM_CACHE(__struct, __flags)						\
	__kmem_cache_create_args(#__struct, sizeof(struct __struct),		\
		&(struct kmem_cache_args) { .align = __alignof__(struct __struct) }, (__flags))

void kmem_cache_destroy(struct kmem_cache *s);
int kmem_cache_shrink(struct kmem_cache *s);
unsigned int kmem_cache_size(struct kmem_cache *s);

void *kmem_cache_alloc(struct kmem_cache *s, gfp_t flags) __attribute__((malloc));
void *kmem_cache_alloc_node(struct kmem_cache *s, gfp_t flags, int node) __attribute__((malloc));
void kmem_cache_free(struct kmem_cache *s, void *objp);
int kmem_cache_alloc_bulk(struct kmem_cache *s, gfp_t flags, size_t nr, void **p);
void kmem_cache_free_bulk(struct kmem_cache *s, size_t nr, void **p);
static inline void *kmem_cache_zalloc(struct kmem_cache *s, gfp_t flags)
{
	return kmem_cache_alloc(s, flags | __GFP_ZERO);
}

void *kmalloc(size_t size, gfp_t flags) __attribute__((malloc, alloc_size(1)));
void *kmalloc_node(size_t size, gfp_t flags, int node) __attribute__((malloc, alloc_size(1)));
void *krealloc(const void *p, size_t new_size, gfp_t flags) __attribute__((alloc_size(2)));
void kfree(const void *objp);
void kfree_sensitive(const void *objp);
size_t ksize(const void *objp);
#define kmalloc_size_roundup(size)	(size)

static inline void *kzalloc(size_t size, gfp_t flags)
{
	return kmalloc(size, flags | __GFP_ZERO);
}
static inline void *kzalloc_node(size_t size, gfp_t flags, int node)
{
	return kmalloc_node(size, flags | __GFP_ZERO, node);
}
static inline void *kmalloc_array_node(size_t n, size_t size, gfp_t flags, int node)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kmalloc_node(bytes, flags, node);
}
static inline void *kmalloc_array(size_t n, size_t size, gfp_t flags)
{
	return kmalloc_array_node(n, size, flags, NUMA_NO_NODE);
}
static inline void *kcalloc(size_t n, size_t size, gfp_t flags)
{
	return kmalloc_array(n, size, flags | __GFP_ZERO);
}
static inline void *kcalloc_node(size_t n, size_t size, gfp_t flags, int node)
{
	return kmalloc_array_node(n, size, flags | __GFP_ZERO, node);
}
static inline void *krealloc_array(void *p, size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return krealloc(p, bytes, flags);
}

/* Any size: what kmalloc() refuses above KMALLOC_MAX_SIZE, these serve. */
void *kvmalloc_node(size_t size, gfp_t flags, int node) __attribute__((malloc, alloc_size(1)));
void kvfree(const void *addr);
static inline void *kvmalloc(size_t size, gfp_t flags)
{
	return kvmalloc_node(size, flags, NUMA_NO_NODE);
}
static inline void *kvzalloc(size_t size, gfp_t flags)
{
	return kvmalloc(size, flags | __GFP_ZERO);
}
static inline void *kvzalloc_node(size_t size, gfp_t flags, int node)
{
	return kvmalloc_node(size, flags | __GFP_ZERO, node);
}
static inline void *kvmalloc_array(size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kvmalloc(bytes, flags);
}
static inline void *kvcalloc(size_t n, size_t size, gfp_t flags)
{
	return kvmalloc_array(n, size, flags | __GFP_ZERO);
}

/* kstrdup(), kmemdup(), kasprintf() … are in linux/string.h and linux/sprintf.h. */

static inline bool slab_is_available(void) { return true; }

#endif /* _LINUX_SLAB_H */
