// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's interface to the books: bare lock maps, asserts, classes, pins.
 */
#include "internal.h"

#include <linux/preempt.h>

void lockdep_init_map_type(struct lockdep_map *lock, const char *name,
			   struct lock_class_key *key, int subclass,
			   u8 inner, u8 outer, u8 lock_type)
{
	lock_init_map(lock, name, key, LOCK_KIND_MAP);
	lock->subclass = subclass;
	lock->wait_inner = inner;
	lock->wait_outer = outer;
	lock->lock_type = lock_type;
}

void lock_map_set_class(struct lockdep_map *lock, const char *name,
			struct lock_class_key *key, unsigned int subclass)
{
	lock->key = key;
	lock->name = name;
	lock->subclass = subclass;
	lock->cache = 0;
}

void lock_acquire(struct lockdep_map *lock, unsigned int subclass, int trylock,
		  int read, int check, struct lockdep_map *nest_lock,
		  unsigned long ip)
{
	u8 flags = (read ? LOCK_HELD_READ : 0) | (read == 2 ? LOCK_HELD_RECURSIVE : 0) |
		   (trylock ? LOCK_HELD_TRY : 0) | (check ? 0 : LOCK_HELD_UNCHECKED);

	lock_enter(lock, lock, LOCK_HOW(LOCK_KIND_MAP, flags, subclass), nest_lock);
}

void lock_release(struct lockdep_map *lock, unsigned long ip)
{
	struct lock_held *h = lock_find_held(current, lock, -1);
	u8 flags = h ? h->flags & LOCK_HELD_READ : 0;

	lock_leave(lock, lock, LOCK_HOW(LOCK_KIND_MAP, flags, 0), NULL, h != NULL);
}

/* Whoever holds the lock is waited for, without taking it: check as if, then forget. */
void lock_sync(struct lockdep_map *lock, unsigned int subclass, int read, int check,
	       struct lockdep_map *nest_lock, unsigned long ip)
{
	u8 flags = LOCK_HELD_SYNC | (read ? LOCK_HELD_READ : 0) |
		   (read == 2 ? LOCK_HELD_RECURSIVE : 0) | (check ? 0 : LOCK_HELD_UNCHECKED);

	lock_enter(lock, lock, LOCK_HOW(lock->kind, flags, subclass), nest_lock);
	lock_leave(lock, lock, LOCK_HOW(lock->kind, flags, 0), NULL, true);
}

static struct lock_held *find_map(const struct lockdep_map *lock)
{
	struct lock_task *lt = &current->lock;
	int i;

	for (i = lt->depth - 1; i >= 0; i--)
		if (lt->held[i].map == lock)
			return &lt->held[i];
	return NULL;
}

void lock_downgrade(struct lockdep_map *lock, unsigned long ip)
{
	struct lock_held *h = find_map(lock);

	if (!h)
		violation(VIOLATION_LOCK_UNHELD, "lock '%s' is downgraded, but not held",
			  lock_name(lock));
	else
		lock_held_change(h, h->flags | LOCK_HELD_READ);
}

/* Give a held lock another class, as if it had been taken with that. */
void lock_set_class(struct lockdep_map *lock, const char *name, struct lock_class_key *key,
		    unsigned int subclass, unsigned long ip)
{
	struct lock_held *h = find_map(lock);

	if (!h)
		violation(VIOLATION_LOCK_UNHELD, "lock '%s' gets another class, but is not held",
			  lock_name(lock));
	lock_map_set_class(lock, name, key, subclass);
	lock_held_change(h, h->flags);
}

int lock_is_held_type(const struct lockdep_map *lock, int read)
{
	struct lock_held *h = find_map(lock);

	if (!h)
		return LOCK_STATE_NOT_HELD;
	return read < 0 || !read == !(h->flags & LOCK_HELD_READ) ? LOCK_STATE_HELD
								 : LOCK_STATE_NOT_HELD;
}

void lock_assert_held(const struct lockdep_map *lock, int read, const char *expr)
{
	struct lock_held *h = find_map(lock);

	if (unlikely(!h))
		violation(VIOLATION_LOCK_UNHELD, "%s '%s' (%s) must be held here, but is not",
			  lock_kind_name(lock->kind), lock_name(lock), expr);
	else if (unlikely(read >= 0 && !read != !(h->flags & LOCK_HELD_READ)))
		lock_report_held(VIOLATION_LOCK_UNHELD, h,
				 "%s '%s' (%s) must be held for %s here, but is held for %s",
				 lock_kind_name(lock->kind), lock_name(lock), expr,
				 read ? "reading" : "writing", read ? "writing" : "reading");
}

void lock_assert_not_held(const struct lockdep_map *lock, const char *expr)
{
	struct lock_held *h = find_map(lock);

	if (unlikely(h))
		lock_report_held(VIOLATION_LOCK_RECURSION, h,
				 "%s '%s' (%s) must not be held here",
				 lock_kind_name(lock->kind), lock_name(lock), expr);
}

void lock_assert_none_held(void)
{
	if (unlikely(current->lock.depth))
		lock_report_held(VIOLATION_LOCK_LEAKED,
				 &current->lock.held[current->lock.depth - 1],
				 "no lock must be held here");
}

void lock_assert_failed(const char *cond)
{
	violation(VIOLATION_WARN, "lockdep_assert(%s) failed", cond);
}

/* A number that says who pinned it: what others pinned is not theirs to unpin. */
struct pin_cookie lock_pin_lock(struct lockdep_map *lock)
{
	struct pin_cookie cookie = { .val = 1 + (current->lock.pinned++ & 0xff) };

	lock_repin_lock(lock, cookie);
	return cookie;
}

void lock_repin_lock(struct lockdep_map *lock, struct pin_cookie cookie)
{
	struct lock_held *h = find_map(lock);

	if (!h)
		violation(VIOLATION_LOCK_UNHELD, "lock '%s' is pinned, but not held",
			  lock_name(lock));
	h->pins += cookie.val;
}

void lock_unpin_lock(struct lockdep_map *lock, struct pin_cookie cookie)
{
	struct lock_held *h = find_map(lock);

	if (!h || !h->pins)
		violation(VIOLATION_LOCK_UNHELD, "lock '%s' is unpinned, but not pinned",
			  lock_name(lock));
	else if (h->pins < cookie.val)
		lock_report_held(VIOLATION_LOCK_UNHELD, h,
				 "lock '%s' is unpinned with a cookie that it was not pinned with",
				 lock_name(lock));
	h->pins -= cookie.val;
}

void lockdep_off(void)
{
	current->lock.off++;
}

void lockdep_on(void)
{
	current->lock.off--;
}

void lockdep_assert_irqs_enabled(void)
{
	if (unlikely(irqs_disabled()))
		violation(VIOLATION_IRQ_STATE, "interrupts must be enabled here");
}

void lockdep_assert_irqs_disabled(void)
{
	if (unlikely(!irqs_disabled()))
		violation(VIOLATION_IRQ_STATE, "interrupts must be disabled here");
}

void lockdep_assert_in_irq(void)
{
	if (unlikely(!in_hardirq()))
		violation(VIOLATION_IRQ_STATE, "this must run in a hardware interrupt");
}

void lockdep_assert_no_hardirq(void)
{
	if (unlikely(in_hardirq() || irqs_disabled()))
		violation(VIOLATION_IRQ_STATE, "this must not run in a hardware interrupt");
}

void lockdep_assert_in_softirq(void)
{
	if (unlikely(!in_softirq() || in_hardirq()))
		violation(VIOLATION_IRQ_STATE, "this must run in a softirq");
}

void lockdep_assert_preemption_enabled(void)
{
	if (unlikely(!preemptible()))
		violation(VIOLATION_PREEMPT, "preemption must be enabled here");
}

void lockdep_assert_preemption_disabled(void)
{
	if (unlikely(preemptible()))
		violation(VIOLATION_PREEMPT, "preemption must be disabled here");
}
