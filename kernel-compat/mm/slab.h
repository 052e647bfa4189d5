/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the slab allocator share: caches, and the header of every object.
 */
#ifndef _MM_SLAB_H
#define _MM_SLAB_H

#include <linux/list.h>
#include <linux/slab.h>
#include <exec/task.h>

#define SLAB_STACK	6
#define SLAB_MAGIC_LIVE	0x51ab0001u
#define SLAB_MAGIC_FREE	0x51ab0002u
#define SLAB_RED_BYTES	16		/* at least that many behind each object */
#define SLAB_POISONED	256		/* bytes of a freed object that carry the pattern */

struct kmem_cache {
	const char *name;
	unsigned int size;
	unsigned int align;
	slab_flags_t flags;
	void (*ctor)(void *obj);
	bool boot;			/* created before the machine was up */
	long live;			/* atomic: objects in use */
	struct xlock lock;		/* protects @free_objects */
	struct list_head free_objects;	/* SLAB_TYPESAFE_BY_RCU: newest first */
	struct list_head node;		/* in slab_caches */
};

/* Immediately before every object; ends with the left red zone. */
struct slab_header {
	struct list_head node;		/* live: in its shard; free: quarantine or cache */
	struct kmem_cache *cache;
	void *host;			/* what the host's malloc returned */
	size_t size;			/* as asked for */
	size_t room;			/* bytes from the object to the end, red zone included */
	u32 magic;
	u32 pid;
	u16 shard;
	s16 nid;
	bool boot;
	unsigned long alloc_ips[SLAB_STACK];
	unsigned long free_ips[SLAB_STACK];
	u64 red_zone[2];
};
_Static_assert(sizeof(struct slab_header) % 16 == 0, "objects would lose malloc's alignment");

/* Live objects and quarantine, by the CPU that allocated. */
struct slab_shard {
	struct xlock lock;
	struct list_head live;
	struct list_head quarantine;	/* oldest first */
	size_t quarantine_bytes;
	unsigned int quarantine_nr;
} __attribute__((aligned(64)));
#define SLAB_SHARDS		64
#define QUARANTINE_BYTES	(128UL << 10)
#define QUARANTINE_NR		128

extern struct slab_shard slab_shards[SLAB_SHARDS];
extern struct list_head slab_caches;
extern struct xlock slab_caches_lock;
extern struct kmem_cache kmalloc_cache;

static inline struct slab_header *slab_header(const void *object)
{
	return (struct slab_header *)object - 1;
}
static inline void *slab_object(struct slab_header *h)
{
	return h + 1;
}

/* slab_checks.c */
void slab_set_red_zones(struct slab_header *h);
void slab_prepare_new(struct slab_header *h);
const char *slab_damaged(struct slab_header *h);
void slab_bad(struct slab_header *h, const char *why);
bool slab_take_for_free(struct kmem_cache *s, const void *object);
void slab_poison_free(struct slab_header *h);
bool slab_was_written(struct slab_header *h);
void slab_written(const struct slab_header *h, const void *object);

#endif /* _MM_SLAB_H */
