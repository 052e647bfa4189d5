// SPDX-License-Identifier: GPL-2.0
/*
 * Locks and interrupts.
 *
 * An interrupt that takes a lock deadlocks if it hits the holder of that lock; or the
 * holder of a lock that somebody waits for who has the first one.  So no class used in
 * interrupts may lead, along strong paths of the graph, to a class that is held while
 * they are enabled.
 */
#include "graph.h"
#include "usage.h"

static const char *use_text(u32 bit)
{
	switch (bit & USES_EXCLUSIVE ?: bit >> USE_READ_SHIFT) {
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

static u32 seen(u16 class)
{
	return __atomic_load_n(&lock_class_usage(class)->seen, __ATOMIC_RELAXED);
}

/* The same bits for readers and others. */
static u32 both(u32 uses)
{
	uses |= (uses & ~USES_EXCLUSIVE) >> USE_READ_SHIFT;
	return uses | (uses & USES_EXCLUSIVE) << USE_READ_SHIFT;
}

/* What must not be reached from, or lead to, a class used as @uses: in against enabled. */
static u32 opposites(u32 uses)
{
	return both((uses & USES_INSIDE) << USE_ON_SHIFT | (uses & USES_ON) >> USE_ON_SHIFT);
}

/*
 * At the end of a weak path the interrupt closes the cycle only if it is not by readers on
 * both sides, so of such a class what it does for reading does not count.
 */
static bool used_so(const struct lock_search *s, u16 class, bool weak)
{
	return seen(class) & s->uses & (weak ? USES_EXCLUSIVE : ~0u);
}

/* Local locks exclude nobody, so they carry no dependency. */
static u16 find_use(u16 class, bool weak, bool backwards, u32 uses)
{
	struct lock_search s = {
		.match = used_so, .through = lock_class_excludes, .backwards = backwards,
		.uses = uses,
	};

	return lock_graph_search(&s, class, weak);
}

static void add_use_stack(struct lock_stacks *st, u16 class, u32 bit)
{
	struct lock_usage *u = lock_class_usage(class);
	int i = __builtin_ctz(bit);

	lock_stacks_add(st, u->ips[i], u->nr_ips[i], "'%s' was taken %s at",
			lock_class_name(class), use_text(bit));
}

/* The first pair of uses of the two classes that exclude each other. */
static void clashing_uses(u16 inside, u16 outside, u32 *in, u32 *on)
{
	u32 uses = seen(inside) & USES_INSIDE & opposites(seen(outside) & USES_ON);

	*in = uses & -uses;
	uses = seen(outside) & opposites(*in);
	*on = uses & -uses;
}

void lock_report_inversion(const struct lock_inversion *r, const char *what)
{
	struct lock_stacks st = {};
	char path[256];

	lock_path_text(path, sizeof(path), &r->path, r->inside);
	add_use_stack(&st, r->inside, r->in);
	add_use_stack(&st, r->outside, r->on);
	lock_path_stacks(&st, &r->path);
	violation_with_stacks(VIOLATION_IRQ_STATE, st.at, st.nr,
			      "%s: %s '%s' is taken %s, and leads to %s '%s', which is held %s: %s",
			      what, lock_kind_name(lock_class_kind(r->inside)),
			      lock_class_name(r->inside), use_text(r->in),
			      lock_kind_name(lock_class_kind(r->outside)),
			      lock_class_name(r->outside), use_text(r->on), path);
}

/*
 * @class has a new use: is there a class behind it (it is used in an interrupt) or before
 * it (it can be hit by one) that has the opposite use?  With the graph locked.
 */
static bool leads_wrong(u16 class, u32 bit, u8 flags, struct lock_inversion *r)
{
	bool backwards = bit & USES_ON;
	bool weak = flags & (backwards ? LOCK_HELD_READ : LOCK_HELD_RECURSIVE);
	u16 place = find_use(class, weak, backwards, opposites(bit));

	if (!place)
		return false;
	r->inside = backwards ? place >> 1 : class;
	r->outside = backwards ? class : place >> 1;
	clashing_uses(r->inside, r->outside, &r->in, &r->on);
	lock_graph_path(&r->path, place, backwards);
	return true;
}

/* Report that an interrupt that takes the lock can hit its holder. */
static __cold void report_use(u16 class, u32 new, u32 old, const void *map)
{
	struct lock_usage *u = lock_class_usage(class);
	int i = __builtin_ctz(old);

	violation_with_stack(VIOLATION_IRQ_STATE, u->ips[i], u->nr_ips[i], "other use at",
			     "%s '%s' (class of %p) is taken %s, but elsewhere %s",
			     lock_kind_name(lock_class_kind(class)), lock_class_name(class),
			     map, use_text(new), use_text(old));
}

/* Uses of one class that exclude @bit: two readers do not wait for each other. */
static u32 conflicts(u32 bit)
{
	u32 uses = opposites(bit);

	return bit & USES_EXCLUSIVE ? uses : uses & USES_EXCLUSIVE;
}

/* Add one use to a class, and report what it can deadlock with. */
static noinline void add_use(u16 class, u32 bit, u8 flags, const void *map)
{
	struct lock_usage *u = lock_class_usage(class);
	struct lock_inversion r;
	int i = __builtin_ctz(bit);
	bool wrong = false;
	u32 old = 0;

	lock_graph_lock();
	if (!(u->seen & bit)) {
		u->nr_ips[i] = stack_save(u->ips[i], LOCK_STACK_DEPTH);
		__atomic_store_n(&u->seen, u->seen | bit, __ATOMIC_RELAXED);
		old = u->seen & conflicts(bit);
		if (!old)
			wrong = leads_wrong(class, bit, flags, &r);
	}
	lock_graph_unlock();
	if (old)
		report_use(class, bit, old & -old, map);
	if (wrong)
		lock_report_inversion(&r, "irq inversion");
}

static void add_uses(u16 class, u32 uses, u8 flags, const void *map)
{
	if (flags & LOCK_HELD_READ)
		uses <<= USE_READ_SHIFT;
	for (uses &= ~seen(class); unlikely(uses); uses &= uses - 1)
		add_use(class, uses & -uses, flags, map);
}

void lock_usage_mark(u16 class, struct lock_how how, const struct lockdep_map *map)
{
	u32 uses = 0;

	if (!(how.flags & LOCK_HELD_TRY)) {
		if (in_hardirq())
			uses |= IN_HARDIRQ;
		if (in_serving_softirq())
			uses |= IN_SOFTIRQ;
	}
	if (!irqs_disabled() && !(how.flags & LOCK_HELD_SYNC)) {
		uses |= HARDIRQS_ON;
		if (!in_softirq())
			uses |= SOFTIRQS_ON;
	}
	add_uses(class, uses, how.flags, map);
}

static void mark_held(u32 uses)
{
	struct lock_task *lt = &current->lock;

	for (int i = 0; i < lt->depth; i++)
		if (lt->held[i].class)
			add_uses(lt->held[i].class, uses, lt->held[i].flags, lt->held[i].map);
}

/* Interrupts are about to be enabled: what is held then can be hit. */
void lock_hardirqs_on(void)
{
	mark_held(in_softirq() ? HARDIRQS_ON : HARDIRQS_ON | SOFTIRQS_ON);
}

/* Softirqs are about to be enabled, and interrupts are. */
void lock_softirqs_on(void)
{
	mark_held(SOFTIRQS_ON);
}

/* All uses in interrupts of @class and what leads to it; see used_so(). */
static u32 uses_before(u16 class, bool weak)
{
	u32 uses = 0, bit;

	for (bit = USES_INSIDE; bit; bit &= bit - 1)
		if (find_use(class, weak, true, bit & -bit))
			uses |= bit & -bit;
	return uses;
}

bool lock_usage_connects(const struct lock_held *h, u16 class, u8 flags,
			 struct lock_inversion *r)
{
	bool weak = flags & LOCK_HELD_RECURSIVE, weak_before = h->flags & LOCK_HELD_READ;
	u32 uses = uses_before(h->class, weak_before);
	struct lock_path before;
	u16 place;

	if (!uses)
		return false;
	place = find_use(class, weak, false, opposites(uses));
	if (!place)
		return false;
	r->outside = place >> 1;
	lock_graph_path(&r->path, place, false);
	place = find_use(h->class, weak_before, true, opposites(seen(r->outside) & USES_ON));
	r->inside = place >> 1;
	clashing_uses(r->inside, r->outside, &r->in, &r->on);
	lock_graph_path(&before, place, true);
	lock_path_join(&before, h, class, &r->path);
	return true;
}
