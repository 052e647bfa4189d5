// SPDX-License-Identifier: GPL-2.0
/*
 * Lock classes: all locks initialised at one place are one, because a deadlock
 * between two of them is a deadlock between any two.  A class remembers in which
 * contexts it was used.
 */
#include "internal.h"

#include <machine/machine.h>

#define NR_CLASSES	4096
#define HASH_BITS	12

/* How a class was used: taken inside, or while that could interrupt. Read is << 1. */
#define IN_HARDIRQ	0x01u
#define IN_SOFTIRQ	0x04u
#define HARDIRQS_ON	0x10u
#define SOFTIRQS_ON	0x40u
#define READ_SHIFT	1
#define NR_USES		8

struct lock_class {
	const void	*key;		/* a lock_class_key, or the map of a static lock */
	const char	*name;
	u32		subclass;
	u32		uses;		/* bits above; relaxed loads, changed under lock */
	u16		next;		/* in its hash chain */
	u8		kind;
	u8		nr_ips[NR_USES];
	unsigned long	ips[NR_USES][LOCK_STACK_DEPTH];	/* the first place of each use */
};

/* The keys of locks that want no checks of order and use. */
struct lock_class_key __lockdep_no_validate__;
struct lock_class_key __lockdep_no_track__;

static struct lock_class classes[NR_CLASSES];
static u16 class_hash[1 << HASH_BITS];	/* acquire/release: pairs in class_find() */
static u32 nr_classes = 1;
static u32 class_lock;
static u64 boot_generation = 1;

static u32 hash_key(const void *key, unsigned int subclass)
{
	u64 h = ((u64)(unsigned long)key + subclass) * 0x9e3779b97f4a7c15ULL;

	return h >> (64 - HASH_BITS);
}

/* Look a class up without the lock. */
static u16 class_find(const void *key, unsigned int subclass)
{
	u16 c = __atomic_load_n(&class_hash[hash_key(key, subclass)], __ATOMIC_ACQUIRE);

	for (; c; c = classes[c].next)
		if (__atomic_load_n(&classes[c].key, __ATOMIC_RELAXED) == key &&
		    classes[c].subclass == subclass)
			return c;
	return 0;
}

/*
 * Add a class.  When the table is full, new classes go unchecked: better than to
 * fail a big machine whose per-CPU locks have a class each.
 */
static u16 class_add(const void *key, unsigned int subclass, const struct lockdep_map *map)
{
	u32 b = hash_key(key, subclass);
	struct lock_class *cl;
	u16 c;

	preempt_disable();
	word_lock(&class_lock, &class_lock);
	c = class_find(key, subclass);
	if (!c && nr_classes < NR_CLASSES) {
		c = nr_classes++;
		cl = &classes[c];
		memset(cl, 0, sizeof(*cl));
		cl->key = key;
		cl->name = lock_name(map);
		cl->subclass = subclass;
		cl->kind = map->kind;
		cl->next = class_hash[b];
		__atomic_store_n(&class_hash[b], c, __ATOMIC_RELEASE);
	}
	word_unlock(&class_lock);
	preempt_enable_no_resched();
	return c;
}

/* Class of a lock, found by its key the first time and remembered in its map. */
u16 lock_class_of(struct lockdep_map *map, unsigned int subclass)
{
	/* Pairs with the release below: whoever knows the number sees the class. */
	u64 cache = __atomic_load_n(&map->cache, __ATOMIC_ACQUIRE);
	const void *key;
	u16 c;

	if (likely(!subclass && cache >> 16 == boot_generation))
		return (u16)cache;

	if (map->key == &__lockdep_no_validate__ || map->key == &__lockdep_no_track__)
		return 0;
	key = map->key ? (const void *)map->key : map;
	c = class_find(key, map->subclass + subclass);
	if (!c)
		c = class_add(key, map->subclass + subclass, map);
	if (!subclass)
		__atomic_store_n(&map->cache, boot_generation << 16 | c, __ATOMIC_RELEASE);
	return c;
}

const char *lock_class_name(u16 class)
{
	return classes[class].name;
}

static const char *use_text(u32 bit)
{
	switch (bit & (IN_HARDIRQ | IN_SOFTIRQ | HARDIRQS_ON | SOFTIRQS_ON) ? bit
									    : bit >> READ_SHIFT) {
	case IN_HARDIRQ:
		return "in a hardware interrupt";
	case IN_SOFTIRQ:
		return "in a softirq";
	case HARDIRQS_ON:
		return "with interrupts enabled";
	default:
		return "with softirqs enabled";
	}
}

/* Report that an interrupt that takes the lock can hit its holder. */
static __cold void report_use(struct lock_class *cl, u32 new, u32 old, const void *map)
{
	int i = __builtin_ctz(old);

	violation_with_stack(VIOLATION_IRQ_STATE, cl->ips[i], cl->nr_ips[i], "other use at",
			     "%s '%s' (class of %p) is taken %s, but elsewhere %s",
			     lock_kind_name(cl->kind), cl->name, map, use_text(new),
			     use_text(old));
}

/* Bits that exclude @bit in the same class: what interrupts against what they hit. */
static u32 use_conflicts(u32 bit)
{
	switch (bit) {
	case IN_HARDIRQ:
		return HARDIRQS_ON | HARDIRQS_ON << READ_SHIFT;
	case IN_HARDIRQ << READ_SHIFT:
		return HARDIRQS_ON;
	case IN_SOFTIRQ:
		return SOFTIRQS_ON | SOFTIRQS_ON << READ_SHIFT;
	case IN_SOFTIRQ << READ_SHIFT:
		return SOFTIRQS_ON;
	case HARDIRQS_ON:
		return IN_HARDIRQ | IN_HARDIRQ << READ_SHIFT;
	case HARDIRQS_ON << READ_SHIFT:
		return IN_HARDIRQ;
	case SOFTIRQS_ON:
		return IN_SOFTIRQ | IN_SOFTIRQ << READ_SHIFT;
	default:
		return IN_SOFTIRQ;
	}
}

/* Add uses to a class, and report the first that conflicts with an earlier one. */
static void class_add_uses(struct lock_class *cl, u32 uses, const void *map)
{
	u32 new_bit = 0, old_bit = 0;

	preempt_disable();
	word_lock(&class_lock, &class_lock);
	for (uses &= ~cl->uses; uses; uses &= uses - 1) {
		u32 bit = uses & -uses;
		int i = __builtin_ctz(bit);

		if (cl->uses & use_conflicts(bit)) {
			new_bit = bit;
			old_bit = cl->uses & use_conflicts(bit);
			old_bit &= -old_bit;
		}
		cl->nr_ips[i] = stack_save(cl->ips[i], LOCK_STACK_DEPTH);
		__atomic_store_n(&cl->uses, cl->uses | bit, __ATOMIC_RELAXED);
	}
	word_unlock(&class_lock);
	preempt_enable_no_resched();
	if (new_bit)
		report_use(cl, new_bit, old_bit, map);
}

/* The lock is taken in the present context. */
void lock_class_use(u16 class, struct lock_how how, const struct lockdep_map *map)
{
	struct lock_class *cl = &classes[class];
	u32 uses = 0;

	if (!(how.flags & LOCK_HELD_TRY)) {
		if (in_hardirq())
			uses |= IN_HARDIRQ;
		if (in_serving_softirq())
			uses |= IN_SOFTIRQ;
	}
	if (!irqs_disabled()) {
		uses |= HARDIRQS_ON;
		if (!in_softirq())
			uses |= SOFTIRQS_ON;
	}
	if (how.flags & LOCK_HELD_READ)
		uses <<= READ_SHIFT;
	if (unlikely(uses & ~__atomic_load_n(&cl->uses, __ATOMIC_RELAXED)))
		class_add_uses(cl, uses, map);
}

void lockdep_register_key(struct lock_class_key *key)
{
}

/* The memory of @key may be used for another one: its classes get a key nobody has. */
void lockdep_unregister_key(struct lock_class_key *key)
{
	u32 c;

	preempt_disable();
	word_lock(&class_lock, &class_lock);
	for (c = 1; c < nr_classes; c++) {
		if (classes[c].key != key)
			continue;
		__atomic_store_n(&classes[c].key, NULL, __ATOMIC_RELAXED);
		lock_order_forget(c);
	}
	word_unlock(&class_lock);
	preempt_enable_no_resched();
}

/* A new machine knows no class; caches in static locks are void. */
void lock_classes_reset(void)
{
	memset(class_hash, 0, sizeof(class_hash));
	nr_classes = 1;
	boot_generation++;
}

static void lock_halt(void)
{
	lock_classes_reset();
	lock_order_reset();
}
MACHINE_SUBSYS(lock, MACHINE_ORDER_LOCK, NULL, NULL, lock_halt);
