/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of lock/ share.
 *
 * Every lock has two halves: the word that excludes (this file's word_*() and each
 * lock's own states), and the book-keeping that checks (lock_enter(), lock_leave()).
 * A blocking lock enters the books before it blocks, so that a deadlock is reported
 * instead of happening; a trylock enters after it succeeded.
 */
#ifndef _LOCK_INTERNAL_H
#define _LOCK_INTERNAL_H

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/hardirq.h>
#include <machine/inject.h>
#include <machine/violation.h>

#include <engine/engine.h>

/* Magic of a lock that was destroyed. */
#define LOCK_MAGIC_DESTROYED	0x6b6b6b6b

/* What is being done to a lock; small enough for a register. */
struct lock_how {
	u8 kind;		/* enum lock_kind */
	u8 flags;		/* LOCK_HELD_* */
	u8 subclass;
	u8 bit;
};
#define LOCK_HOW(_kind, _flags, _subclass)					\
	((struct lock_how){ .kind = (_kind), .flags = (_flags), .subclass = (_subclass) })

/* held.c */
void lock_enter(const void *lock, struct lockdep_map *map, struct lock_how how,
		struct lockdep_map *nest);
u8 lock_leave(const void *lock, struct lockdep_map *map, struct lock_how how,
	      struct task_struct *owner, bool locked);
void lock_held_change(struct lock_held *h, u8 flags);
struct lock_held *lock_find_held(struct task_struct *tsk, const void *lock, int bit);
const char *lock_kind_name(u8 kind);
const char *lock_name(const struct lockdep_map *map);
__cold void lock_report_magic(const void *lock, u32 magic, const struct lockdep_map *map,
			      const char *what);
__cold void lock_report_held(enum violation_kind kind, const struct lock_held *held,
			     const char *fmt, ...) __printf(3, 4);
void lock_check_unlock_irq(const void *lock, const struct lockdep_map *map, bool enables);
void lock_check_unlock_bh(const void *lock, const struct lockdep_map *map);
void lock_init_map(struct lockdep_map *map, const char *name, struct lock_class_key *key,
		   u8 kind);

/* class.c: 0 is the class of what is not to be checked. */
#define LOCK_NR_CLASSES	4096
u16 lock_class_of(struct lockdep_map *map, unsigned int subclass);
const char *lock_class_name(u16 class);
u8 lock_class_kind(u16 class);

/* usage.c */
void lock_usage_mark(u16 class, struct lock_how how, const struct lockdep_map *map);

/* wait_type.c */
void lock_wait_check(const struct lock_task *lt, const struct lockdep_map *map, u8 context);

/* order.c */
u64 lock_chain_step(u64 chain, u16 class, u8 flags);
void lock_order_check(struct lock_task *held, u64 chain, u16 class, struct lock_how how,
		      struct lockdep_map *map, struct lockdep_map *nest, u8 context);
void lock_order_reset(void);

/*
 * The plain lock word: bit 0 held, bit 1 newcomers must queue, above it the number
 * of waiters.
 */
#define WORD_HELD	1u
#define WORD_STARVED	2u
#define WORD_WAITER	4u

void word_lock_slow(u32 *word);

static inline bool word_trylock(u32 *word)
{
	u32 old = __atomic_load_n(word, __ATOMIC_RELAXED);

	exec_memory_barrier(MEMORY_RMB);
	while (!(old & (WORD_HELD | WORD_STARVED)))
		if (__atomic_compare_exchange_n(word, &old, old | WORD_HELD, true,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
	return false;
}

static inline void word_lock(u32 *word)
{
	if (!word_trylock(word))
		word_lock_slow(word);
}

/* The lock may be gone once the word is released: only its address is used. */
static inline void word_unlock(u32 *word)
{
	exec_memory_barrier(MEMORY_RELEASE);
	if (__atomic_fetch_and(word, ~WORD_HELD, __ATOMIC_RELEASE) >= WORD_WAITER)
		exec_engine->wake(word, 1);
}

static inline bool word_is_held(const u32 *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED) & WORD_HELD;
}

static inline void word_wake_all(u32 *word)
{
	exec_engine->wake(word, ~0u);
}

/*
 * Around a wait: say for what, which finds deadlocks, and restore what was said before
 * (somebody may wait for a lock on his way to wait for something else).
 */
#define lock_wait_around(kind, on)						\
	for (struct lock_wait __before = lock_wait_begin(kind, on, 0), *__go = &__before;	\
	     __go; lock_wait_end(&__before), __go = NULL)
struct lock_wait lock_wait_begin(u8 kind, const void *on, unsigned int state);
void lock_wait_end(const struct lock_wait *before);
void lock_wait_queue_over(void);

/*
 * For a report: what is known of the owner of a lock, who may have ended without releasing
 * it.  Who runs may change its books meanwhile, so .held is a guess.
 */
struct lock_owner {
	const struct task_struct *task;
	const void *lock;
	bool alive;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	struct lock_held held;		/* .nr_ips 0: not found */
};
void lock_copy_owner(struct task_struct *p, void *owner);

/*
 * Waiters for words that have no room for a count: how many there may be, by a hash
 * of the address.  A waiter counts itself before it looks at the word, a waker looks
 * after it changed the word, both sequentially consistent, so one sees the other.
 */
u32 *parked_at(const void *addr);
static inline void parked_wake(u32 *word)
{
	if (__atomic_load_n(parked_at(word), __ATOMIC_SEQ_CST))
		word_wake_all(word);
}

/* A task in the queue of a sleeping lock; on its stack. */
struct lock_waiter {
	struct list_head node;
	struct task_struct *task;
	bool granted;		/* it owns the lock now; under wait_lock */
	bool read;
};

int lock_sleep(u32 *wait_lock, struct lock_waiter *w, unsigned int state, const void *lock);

static inline void lock_grant(struct lock_waiter *w)
{
	list_del(&w->node);
	w->granted = true;
	lock_wait_granted(w->task);
	wake_up_process(w->task);
}

#endif /* _LOCK_INTERNAL_H */
