// SPDX-License-Identifier: GPL-2.0
/*
 * Wait types: inside a lock that spins, nothing may be waited for that sleeps.
 *
 * On PREEMPT_RT a spinlock_t sleeps and a raw_spinlock_t does not.  Code for both kernels
 * keeps the one out of the other; that is checked if lock_raw_nesting is set.
 */
#include "internal.h"

#include <linux/init.h>

bool lockdep_raw_nesting;

static int __init set_raw_nesting(char *arg)
{
	lockdep_raw_nesting = true;
	return 0;
}
early_param("prove_raw_lock_nesting", set_raw_nesting);

static const u8 wait_of_kind[LOCK_NR_KINDS] = {
	[LOCK_KIND_RAW_SPIN]	= LD_WAIT_SPIN,
	[LOCK_KIND_SPIN]	= LD_WAIT_CONFIG,
	[LOCK_KIND_RWLOCK]	= LD_WAIT_CONFIG,
	[LOCK_KIND_LOCAL]	= LD_WAIT_CONFIG,
	[LOCK_KIND_MUTEX]	= LD_WAIT_SLEEP,
	[LOCK_KIND_RWSEM]	= LD_WAIT_SLEEP,
	[LOCK_KIND_FOLIO]	= LD_WAIT_SLEEP,
};

static const char * const wait_names[] = {
	[LD_WAIT_FREE]	 = "wait for nothing",
	[LD_WAIT_SPIN]	 = "spin",
	[LD_WAIT_CONFIG] = "spin (or sleep on PREEMPT_RT)",
	[LD_WAIT_SLEEP]	 = "sleep",
};

static u8 inner_of(const struct lockdep_map *map)
{
	return map->wait_inner ?: wait_of_kind[map->kind];
}

/* On a kernel without PREEMPT_RT both spin. */
static u8 effective(u8 type)
{
	return type == LD_WAIT_CONFIG && !lockdep_raw_nesting ? LD_WAIT_SPIN : type;
}

/* What the context allows to wait for, without the locks held. */
static u8 context_limit(const struct lock_task *lt)
{
	u8 limit = LD_WAIT_MAX;

	if (in_hardirq())
		/* Handlers run in threads on PREEMPT_RT, but for those that say no. */
		limit = current->lock.hardirq_threaded ? LD_WAIT_CONFIG : LD_WAIT_SPIN;
	else if (in_serving_softirq())
		limit = LD_WAIT_CONFIG;
	if (lt->rcu.depth || lt->rcu.depth_bh)
		limit = min_t(u8, limit, LD_WAIT_CONFIG);
	if (lt->rcu.depth_sched)
		limit = min_t(u8, limit, LD_WAIT_SPIN);
	return limit;
}

static __cold void report(const struct lockdep_map *map, u8 outer, u8 limit,
			  const struct lock_held *by)
{
	static const char fmt[] =
		"%s '%s' (%p) is taken, which may %s, where one may at most %s%s%s%s";

	lock_report_held(VIOLATION_LOCK_CONTEXT, by, fmt, lock_kind_name(map->kind),
			 lock_name(map), map, wait_names[outer], wait_names[limit],
			 by ? ": inside '" : ": for the context", by ? lock_name(by->map) : "",
			 by ? "'" : "");
}

/**
 * lock_wait_check() - may one wait for this lock here?
 * @lt:		locks held
 * @map:	of the lock to be taken
 * @context:	locks held by what was interrupted do not count
 */
void lock_wait_check(const struct lock_task *lt, const struct lockdep_map *map, u8 context)
{
	u8 outer = map->wait_outer ?: inner_of(map), limit = context_limit(lt);
	const struct lock_held *by = NULL;
	int i = lt->depth;

	if (!inner_of(map))
		return;
	while (i && lt->held[i - 1].context == context)
		i--;
	for (; i < lt->depth; i++) {
		const struct lock_held *h = &lt->held[i];
		u8 inner = h->map ? inner_of(h->map) : 0;

		if (!inner || (inner >= limit && h->map->lock_type != LD_LOCK_WAIT_OVERRIDE))
			continue;
		limit = inner;
		by = h;
	}
	if (unlikely(effective(outer) > effective(limit)))
		report(map, outer, limit, by);
}
