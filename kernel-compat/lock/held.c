// SPDX-License-Identifier: GPL-2.0
/*
 * The books: which locks each task holds, and what that forbids.
 */
#include "internal.h"

#include <exec/vcpu.h>

#include <stdarg.h>
#include <stdio.h>

static const char * const kind_names[] = {
	[LOCK_KIND_NONE]	= "lock",
	[LOCK_KIND_RAW_SPIN]	= "raw spinlock",
	[LOCK_KIND_SPIN]	= "spinlock",
	[LOCK_KIND_RWLOCK]	= "rwlock",
	[LOCK_KIND_BIT]		= "bit spinlock",
	[LOCK_KIND_LOCAL]	= "local lock",
	[LOCK_KIND_SEQ]		= "seqcount",
	[LOCK_KIND_MUTEX]	= "mutex",
	[LOCK_KIND_RWSEM]	= "rwsem",
	[LOCK_KIND_SEMAPHORE]	= "semaphore",
	[LOCK_KIND_MAP]		= "lock map",
	[LOCK_KIND_FOLIO]	= "folio lock",
};

const char *lock_kind_name(u8 kind)
{
	return kind < ARRAY_SIZE(kind_names) ? kind_names[kind] : "?";
}

const char *lock_name(const struct lockdep_map *map)
{
	return map && map->name ? map->name : "(unnamed)";
}

/* Set up the map of a new lock. */
void lock_init_map(struct lockdep_map *map, const char *name, struct lock_class_key *key,
		   u8 kind)
{
	map->key = key;
	map->name = name;
	map->cache = 0;
	map->kind = kind;
	map->subclass = 0;
	map->wait_outer = map->wait_inner = map->lock_type = 0;
}

/* Report with the place that took the lock in @held as the second stack. */
void lock_report_held(enum violation_kind kind, const struct lock_held *held,
		      const char *fmt, ...)
{
	struct violation_stack taken = { .title = "lock taken at" };
	va_list ap;

	if (held) {
		taken.ips = held->ips;
		taken.nr = held->nr_ips;
	}
	va_start(ap, fmt);
	vviolation(kind, &taken, !!held, fmt, ap);
	va_end(ap);
}

/* The lock at @lock is not one, or no more. */
void lock_report_magic(const void *lock, u32 magic, const struct lockdep_map *map,
		       const char *what)
{
	if (magic == 0)
		violation(VIOLATION_LOCK_DESTROYED, "%s at %p was never initialised", what, lock);
	else if (magic == LOCK_MAGIC_DESTROYED)
		violation(VIOLATION_LOCK_DESTROYED, "%s at %p is used after it was destroyed or freed",
			  what, lock);
	else
		violation(VIOLATION_LOCK_DESTROYED, "%s at %p is no lock (magic %#x)", what, lock,
			  magic);
}

/* The newest entry for @lock among what @tsk holds; @bit -1: whole lock. */
struct lock_held *lock_find_held(struct task_struct *tsk, const void *lock, int bit)
{
	int i;

	for (i = tsk->lock.depth - 1; i >= 0; i--) {
		struct lock_held *h = &tsk->lock.held[i];

		if (h->lock == lock && (bit < 0 || h->bit == bit))
			return h;
	}
	return NULL;
}

static inline u8 lock_context(void)
{
	return (in_hardirq() ? 2 : 0) | (in_serving_softirq() ? 1 : 0);
}

static __cold void report_nest(const struct lockdep_map *map, const struct lockdep_map *nest)
{
	violation(VIOLATION_LOCK_UNHELD,
		  "%s '%s' (%p) is said to be nested in %s '%s' (%p), which is not held",
		  lock_kind_name(map->kind), lock_name(map), map, lock_kind_name(nest->kind),
		  lock_name(nest), nest);
}

/* All that is to be said against taking a lock of @class on top of what @lt holds. */
static void check_rules(struct lock_task *lt, u64 chain, u16 class, struct lock_how how,
			struct lockdep_map *map, struct lockdep_map *nest)
{
	u8 context = lock_context();

	if (unlikely(nest && !lock_is_held(nest)))
		report_nest(map, nest);
	if (!(how.flags & LOCK_HELD_TRY))
		lock_wait_check(lt, map, context);
	if (!class)
		return;
	lock_usage_mark(class, how, map);
	if (!(how.flags & LOCK_HELD_TRY))
		lock_order_check(lt, chain, class, how, map, nest, context);
}

/* A lock the task holds already: only readers that may nest may enter again. */
static void check_recursion(struct task_struct *tsk, const void *lock,
			    struct lockdep_map *map, struct lock_how how)
{
	bool is_bit = how.flags & LOCK_HELD_BIT;
	struct lock_held *h = lock_find_held(tsk, lock, is_bit ? how.bit : -1);

	if (likely(!h) || (how.flags & LOCK_HELD_TRY))
		return;
	if ((how.flags & LOCK_HELD_RECURSIVE) && (h->flags & LOCK_HELD_READ))
		return;
	if (is_bit)
		lock_report_held(VIOLATION_LOCK_RECURSION, h,
				 "bit spinlock %d of %p is taken again by task %s/%d",
				 how.bit, lock, tsk->comm, tsk->pid);
	else
		lock_report_held(VIOLATION_LOCK_RECURSION, h,
				 "%s '%s' (%p) is taken again%s by task %s/%d",
				 lock_kind_name(how.kind), lock_name(map), lock,
				 how.flags & LOCK_HELD_READ ? " for reading" : "",
				 tsk->comm, tsk->pid);
}

/* Whom an interrupt handler has interrupted stands still, and so does what it holds. */
static __cold void check_interrupted(struct task_struct *tsk, const void *lock,
				     struct lockdep_map *map, struct lock_how how)
{
	struct task_struct *from = tsk->exec.irq_from;

	if (from && from->exec.cpu == tsk->exec.cpu && !(how.flags & LOCK_HELD_READ))
		check_recursion(from, lock, map, how);
}

/**
 * lock_enter() - write a lock into the books of the running task
 * @lock:	identity of the lock
 * @map:	its class; NULL: none
 * @how:	kind, LOCK_HELD_*, subclass
 * @nest:	a held lock that serialises takers of this class, or NULL
 *
 * Reports recursion, a wait that the context forbids, use that an interrupt can deadlock
 * with, and an order of classes that can deadlock.  Costs a walk over the (few) held locks and two table
 * look-ups.  Context: any; before the lock is taken, for a trylock after.
 */
void lock_enter(const void *lock, struct lockdep_map *map, struct lock_how how,
		struct lockdep_map *nest)
{
	struct task_struct *tsk = current;
	struct lock_task *lt;
	struct lock_held *h;
	u8 context;
	u64 chain = 0;
	u16 class = 0;

	if (unlikely(!tsk))
		return;
	lt = &tsk->lock;
	check_recursion(tsk, lock, map, how);
	if (unlikely(tsk->exec.irq_from))
		check_interrupted(tsk, lock, map, how);
	if (unlikely(lt->depth >= LOCK_MAX_DEPTH))
		violation(VIOLATION_BUG, "task %s/%d holds more than %d locks", tsk->comm,
			  tsk->pid, LOCK_MAX_DEPTH);

	context = lock_context();
	if (lt->depth && lt->held[lt->depth - 1].context == context)
		chain = lt->held[lt->depth - 1].chain;
	if (map && likely(!lt->off)) {
		if (likely(!(how.flags & LOCK_HELD_UNCHECKED)))
			class = lock_class_of(map, how.subclass);
		check_rules(lt, chain, class, how, map, nest);
		if (class)
			chain = lock_chain_step(chain, class, how.flags);
	}

	h = &lt->held[lt->depth];
	h->lock = lock;
	h->map = map;
	h->chain = chain;
	h->class = class;
	h->kind = how.kind;
	h->flags = how.flags;
	h->bit = how.bit;
	h->context = context;
	h->pins = 0;
	h->count = 0;
	h->nr_ips = stack_save(h->ips, LOCK_STACK_DEPTH);
	lt->depth++;
}

/* A lock is released that the task does not hold: by whom, and is it held at all? */
static __cold void report_not_held(const void *lock, struct lockdep_map *map,
				   struct lock_how how, struct task_struct *owner,
				   bool locked)
{
	struct lock_owner info = { .task = owner, .lock = lock };
	const char *kind = lock_kind_name(how.kind);
	struct task_struct *tsk = current;

	if (!locked)
		violation(VIOLATION_LOCK_UNHELD, "%s '%s' (%p) is released, but not held", kind,
			  lock_name(map), lock);
	if (owner && owner != tsk)
		exec_for_each_task(lock_copy_owner, &info);
	if (info.alive)
		lock_report_held(VIOLATION_LOCK_OWNER, info.held.nr_ips ? &info.held : NULL,
				 "%s '%s' (%p) is released by task %s/%d, but held by %s/%d",
				 kind, lock_name(map), lock, tsk->comm, tsk->pid,
				 info.comm, info.pid);
	violation(VIOLATION_LOCK_OWNER, "%s '%s' (%p) is released by task %s/%d, which does not hold it",
		  kind, lock_name(map), lock, tsk->comm, tsk->pid);
}

/* Hash of the classes up to entry @i, whose neighbours below are as they should be. */
static u64 chain_at(const struct lock_task *lt, int i)
{
	const struct lock_held *h = &lt->held[i];
	u64 below = i && lt->held[i - 1].context == h->context ? lt->held[i - 1].chain : 0;

	return h->class ? lock_chain_step(below, h->class, h->flags) : below;
}

/* Close the gap that entry @i leaves. */
static void remove_held(struct lock_task *lt, int i)
{
	for (lt->depth--; i < lt->depth; i++) {
		lt->held[i] = lt->held[i + 1];
		lt->held[i].chain = chain_at(lt, i);
	}
}

/*
 * The class of @h, or how it is held, has changed: check it and what was taken after it as
 * if that had been so from the beginning.
 */
void lock_held_change(struct lock_held *h, u8 flags)
{
	struct lock_task *lt = &current->lock;
	int depth = lt->depth, first = h - lt->held;

	h->flags = flags;
	for (int i = first; i < depth; i++) {
		struct lock_held *each = &lt->held[i];
		struct lock_how how = LOCK_HOW(each->kind, each->flags, 0);

		if (each->class && i == first)
			each->class = lock_class_of(each->map, 0);
		each->chain = chain_at(lt, i);
		if (!each->class || (each->flags & LOCK_HELD_TRY))
			continue;
		lt->depth = i;
		lock_order_check(lt, i && lt->held[i - 1].context == each->context ?
				 lt->held[i - 1].chain : 0, each->class, how, each->map, NULL,
				 each->context);
	}
	lt->depth = depth;
}

/**
 * lock_leave() - strike a lock from the books of the running task
 * @lock:	identity
 * @map:	its class, for the report
 * @how:	kind; of the flags, LOCK_HELD_READ and LOCK_HELD_BIT count
 * @owner:	who holds it, if known, for the report
 * @locked:	somebody holds it
 *
 * Return: the LOCK_HELD_* it was taken with.
 * Context: any; before the lock is released, because afterwards it may be freed.
 */
u8 lock_leave(const void *lock, struct lockdep_map *map, struct lock_how how,
	      struct task_struct *owner, bool locked)
{
	struct task_struct *tsk = current;
	struct lock_held *h;
	u8 flags;

	if (unlikely(!tsk))
		return 0;
	h = lock_find_held(tsk, lock, how.flags & LOCK_HELD_BIT ? how.bit : -1);
	if (unlikely(!h)) {
		report_not_held(lock, map, how, owner, locked);
		return 0;
	}
	if (unlikely(!locked))
		lock_report_held(VIOLATION_LOCK_UNHELD, h,
				 "%s '%s' (%p) is released, but somebody else released it before",
				 lock_kind_name(how.kind), lock_name(map), lock);
	if (unlikely((h->flags ^ how.flags) & LOCK_HELD_READ))
		lock_report_held(VIOLATION_LOCK_UNHELD, h,
				 "%s '%s' (%p) is held for %s, but released as if for %s",
				 lock_kind_name(how.kind), lock_name(map), lock,
				 h->flags & LOCK_HELD_READ ? "reading" : "writing",
				 how.flags & LOCK_HELD_READ ? "reading" : "writing");
	if (unlikely(h->pins))
		lock_report_held(VIOLATION_LOCK_UNHELD, h,
				 "%s '%s' (%p) is released while it is pinned",
				 lock_kind_name(how.kind), lock_name(map), lock);
	flags = h->flags;
	remove_held(&tsk->lock, h - tsk->lock.held);
	return flags;
}

/*
 * A lock is released and interrupts are enabled, or restored: they must be off now,
 * and for enabling, have been on when the lock was taken.
 */
void lock_check_unlock_irq(const void *lock, const struct lockdep_map *map, bool enables)
{
	struct lock_held *h = lock_find_held(current, lock, -1);

	if (unlikely(!irqs_disabled()))
		lock_report_held(VIOLATION_IRQ_STATE, h,
				 "%s '%s' (%p) is released with interrupts to be enabled, but they are already",
				 lock_kind_name(map->kind), lock_name(map), lock);
	if (unlikely(enables && h && (h->flags & LOCK_HELD_IRQS_OFF)))
		lock_report_held(VIOLATION_IRQ_STATE, h,
				 "releasing %s '%s' (%p) enables interrupts, but they were off when it was taken",
				 lock_kind_name(map->kind), lock_name(map), lock);
}

/* A lock is released and bottom halves are enabled: they must be off now. */
void lock_check_unlock_bh(const void *lock, const struct lockdep_map *map)
{
	if (unlikely(!in_softirq()))
		lock_report_held(VIOLATION_IRQ_STATE, lock_find_held(current, lock, -1),
				 "%s '%s' (%p) is released with bottom halves to be enabled, but they are already",
				 lock_kind_name(map->kind), lock_name(map), lock);
}

void lock_check_freed(const void *addr, unsigned long len)
{
	struct task_struct *tsk = current;
	int i;

	if (likely(!tsk || !tsk->lock.depth))
		return;
	for (i = 0; i < tsk->lock.depth; i++) {
		struct lock_held *h = &tsk->lock.held[i];
		unsigned long off = (unsigned long)h->lock - (unsigned long)addr;

		if (unlikely(off < len))
			lock_report_held(VIOLATION_LOCK_FREED, h,
					 "%s '%s' (%p) is held, but its memory [%p, +%lu) is freed",
					 lock_kind_name(h->kind), lock_name(h->map), h->lock,
					 addr, len);
	}
}

static void check_none_held(struct task_struct *tsk, const char *when)
{
	struct lock_held *h;

	if (likely(!tsk->lock.depth))
		return;
	h = &tsk->lock.held[tsk->lock.depth - 1];
	lock_report_held(VIOLATION_LOCK_LEAKED, h, "task %s/%d %s with %d lock%s held: %s '%s' (%p)",
			 tsk->comm, tsk->pid, when, tsk->lock.depth,
			 tsk->lock.depth == 1 ? "" : "s", lock_kind_name(h->kind),
			 lock_name(h->map), h->lock);
}

void lock_check_exit(struct task_struct *tsk)
{
	check_none_held(tsk, "exits");
}

void lock_check_user_return(void)
{
	check_none_held(current, "returns to user mode");
}

void debug_check_no_locks_held(void)
{
	check_none_held(current, "freezes or stops");
}

void lock_forget_held(struct task_struct *tsk)
{
	tsk->lock.depth = 0;
	tsk->lock.off = 0;
	lock_wait_granted(tsk);
}

void lock_print_held(struct task_struct *tsk)
{
	for (int i = tsk->lock.depth - 1; i >= 0; i--) {
		struct lock_held *h = &tsk->lock.held[i];

		if (h->flags & LOCK_HELD_BIT)
			fprintf(stderr, "  bit spinlock %d of %p, taken at\n", h->bit, h->lock);
		else
			fprintf(stderr, "  %s%s '%s' (%p), taken at\n", lock_kind_name(h->kind),
				h->flags & LOCK_HELD_READ ? " (read)" : "", lock_name(h->map),
				h->lock);
		stack_print(h->ips, h->nr_ips);
	}
}
