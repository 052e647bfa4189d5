/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Read-copy update.
 *
 * same: nesting, which reader waits for what, checks as with PROVE_RCU and debug
 *	objects; a report is a VIOLATION_RCU, each time and not only the first.
 * same: a task preempted inside rcu_read_lock() holds up the grace period.
 * model: a grace period takes no virtual time of its own, and waits for the marked
 *	readers (rcu_read_lock, _bh, _sched) only.  A region that merely disables
 *	preemption, bottom halves or interrupts is no reader; in 6.12 it is.  That hides
 *	nothing, but code that relies on it sees objects freed too early.
 * model: callbacks run in one kthread with bottom halves disabled, in the order of
 *	call_rcu() of the whole machine; 6.12 orders them per CPU only.
 * model: _expedited and _hurry are the plain ones; there is nothing to hurry.
 * model: rcu_dereference() is an acquire load (stronger than the kernel's dependency
 *	ordering, which compilers and ThreadSanitizer do not know).
 * model: polled grace periods count completed grace periods of the machine.
 */
#ifndef _LINUX_RCUPDATE_H
#define _LINUX_RCUPDATE_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/stddef.h>
#include <linux/build_bug.h>
#include <asm/barrier.h>

#define ULONG_CMP_GE(a, b)	(ULONG_MAX / 2 >= (a) - (b))
#define ULONG_CMP_LT(a, b)	(ULONG_MAX / 2 < (a) - (b))

/* Readers. Out of line: they need the whole task_struct. */
void __rcu_read_lock(void);
void __rcu_read_unlock(void);
void rcu_read_lock_bh(void);
void rcu_read_unlock_bh(void);
void rcu_read_lock_sched(void);
void rcu_read_unlock_sched(void);
#define rcu_read_lock_sched_notrace()	rcu_read_lock_sched()
#define rcu_read_unlock_sched_notrace()	rcu_read_unlock_sched()

static __always_inline void rcu_read_lock(void) { __rcu_read_lock(); }
static __always_inline void rcu_read_unlock(void) { __rcu_read_unlock(); }

int rcu_preempt_depth(void);
int rcu_read_lock_held(void);
int rcu_read_lock_bh_held(void);
int rcu_read_lock_sched_held(void);
int rcu_read_lock_any_held(void);
static inline int debug_lockdep_rcu_enabled(void) { return 1; }
static inline bool rcu_is_watching(void) { return true; }

/* Grace periods and callbacks. */
void synchronize_rcu(void);
void synchronize_rcu_expedited(void);
void call_rcu(struct rcu_head *head, rcu_callback_t func);
void call_rcu_hurry(struct rcu_head *head, rcu_callback_t func);
void rcu_barrier(void);
#define call_rcu_tasks		call_rcu
#define synchronize_rcu_tasks	synchronize_rcu

unsigned long get_state_synchronize_rcu(void);
unsigned long get_completed_synchronize_rcu(void);
unsigned long start_poll_synchronize_rcu(void);
bool poll_state_synchronize_rcu(unsigned long oldstate);
void cond_synchronize_rcu(unsigned long oldstate);
static inline bool same_state_synchronize_rcu(unsigned long a, unsigned long b)
{
	return a == b;
}

/* A queued head is known by its address: heads need no initialisation. */
static inline void init_rcu_head(struct rcu_head *head) { }
static inline void destroy_rcu_head(struct rcu_head *head) { }
static inline void init_rcu_head_on_stack(struct rcu_head *head) { }
static inline void destroy_rcu_head_on_stack(struct rcu_head *head) { }

/* Checks. */
__cold void lockdep_rcu_suspicious(const char *file, int line, const char *what);

#define RCU_LOCKDEP_WARN(c, s)							\
	do {									\
		if (unlikely(c))						\
			lockdep_rcu_suspicious(__FILE__, __LINE__, s);		\
	} while (0)

#define lockdep_assert_in_rcu_read_lock()					\
	RCU_LOCKDEP_WARN(!rcu_read_lock_held(), "no rcu_read_lock() held")
#define lockdep_assert_in_rcu_read_lock_bh()					\
	RCU_LOCKDEP_WARN(!rcu_read_lock_bh_held(), "no rcu_read_lock_bh() held")
#define lockdep_assert_in_rcu_read_lock_sched()					\
	RCU_LOCKDEP_WARN(!rcu_read_lock_sched_held(), "no rcu_read_lock_sched() held")
#define lockdep_assert_in_rcu_reader()						\
	RCU_LOCKDEP_WARN(!rcu_read_lock_any_held(), "no RCU reader of any kind")
#define rcu_sleep_check()							\
	RCU_LOCKDEP_WARN(rcu_preempt_depth() > 0, "sleeping inside an RCU reader")

/* Pointers. */
#define RCU_INITIALIZER(v)	((typeof(*(v)) __force __rcu *)(v))
#define RCU_POINTER_INITIALIZER(p, v)	.p = RCU_INITIALIZER(v)
#define unrcu_pointer(p)	((typeof(*(p)) __force *)(p))
#define rcu_pointer_handoff(p)	(p)

#define rcu_access_pointer(p)	((typeof(*(p)) __force *)READ_ONCE(p))
/* Pairs with the release in rcu_assign_pointer(). */
#define rcu_dereference_raw(p)	\
	((typeof(*(p)) __force *)__read_once(p, #p, __ATOMIC_ACQUIRE))
#define rcu_dereference_raw_check(p)	rcu_dereference_raw(p)

#define __rcu_dereference_check(p, c)						\
({										\
	RCU_LOCKDEP_WARN(!(c), "suspicious rcu_dereference_check() usage: " #p);	\
	rcu_dereference_raw(p);							\
})
#define rcu_dereference_check(p, c)						\
	__rcu_dereference_check(p, (c) || rcu_read_lock_held())
#define rcu_dereference_bh_check(p, c)						\
	__rcu_dereference_check(p, (c) || rcu_read_lock_bh_held())
#define rcu_dereference_sched_check(p, c)					\
	__rcu_dereference_check(p, (c) || rcu_read_lock_sched_held())
#define rcu_dereference(p)		rcu_dereference_check(p, 0)
#define rcu_dereference_bh(p)		rcu_dereference_bh_check(p, 0)
#define rcu_dereference_sched(p)	rcu_dereference_sched_check(p, 0)

/* A plain load: the stated lock keeps the pointer from changing. */
#define rcu_dereference_protected(p, c)						\
({										\
	RCU_LOCKDEP_WARN(!(c), "suspicious rcu_dereference_protected() usage: " #p); \
	((typeof(*(p)) __force *)(p));						\
})

/* Publishes what was written before; pairs with rcu_dereference(). */
#define rcu_assign_pointer(p, v)	smp_store_release(&(p), (typeof(p))(v))
#define RCU_INIT_POINTER(p, v)		WRITE_ONCE(p, (typeof(p))(v))
#define rcu_replace_pointer(rcu_ptr, ptr, c)					\
({										\
	typeof(ptr) __tmp = rcu_dereference_protected((rcu_ptr), (c));		\
	rcu_assign_pointer((rcu_ptr), (ptr));					\
	__tmp;									\
})

/* Freeing after a grace period. The offset of the head stands in for a callback. */
#define __is_kvfree_rcu_offset(offset)	((offset) < 4096)
void kvfree_call_rcu(struct rcu_head *head, void *ptr);

#define kfree_rcu(ptr, rhf)	kvfree_rcu_arg_2(ptr, rhf)
#define kvfree_rcu(ptr, rhf)	kvfree_rcu_arg_2(ptr, rhf)
#define kfree_rcu_mightsleep(ptr)	kvfree_rcu_arg_1(ptr)
#define kvfree_rcu_mightsleep(ptr)	kvfree_rcu_arg_1(ptr)

#define kvfree_rcu_arg_2(ptr, rhf)						\
do {										\
	typeof(ptr) ___p = (ptr);						\
										\
	BUILD_BUG_ON(!__is_kvfree_rcu_offset(offsetof(typeof(*(ptr)), rhf)));	\
	if (___p)								\
		kvfree_call_rcu(&___p->rhf, (void *)___p);			\
} while (0)
#define kvfree_rcu_arg_1(ptr)							\
do {										\
	typeof(ptr) ___p = (ptr);						\
										\
	if (___p)								\
		kvfree_call_rcu(NULL, (void *)___p);				\
} while (0)

#endif /* _LINUX_RCUPDATE_H */
