/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sleepable RCU: readers may block, each srcu_struct has grace periods of its own.
 *
 * same: indices, nesting, who waits for whom, checks as with PROVE_RCU; waiting for
 *	the readers of a structure from inside one of them is reported.
 * same: srcu_down_read() and srcu_up_read() may be in different tasks.
 * model: two counters per structure, not two per CPU; slower with many readers.
 * model: _expedited is the plain one; polled grace periods are left out.
 */
#ifndef _LINUX_SRCU_H
#define _LINUX_SRCU_H

#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

/**
 * struct srcu_struct - a domain of sleepable readers
 * @idx:	lowest bit: index that new readers take
 * @nr:		readers inside, by index
 * @mutex:	one grace period at a time
 * @cb_lock:	protects the callbacks
 * @cb_head:	callbacks that wait, oldest first
 * @cb_tail:	where the next one goes, if there is one
 * @cb_running:	callbacks taken off the list and not yet run
 * @cb_pending:	callbacks that were queued and have not begun; atomic
 * @work:	runs grace periods for callbacks; queued on demand
 * @magic:	&srcu_struct.magic of a usable structure points to itself, so that
 *		one used before init_srcu_struct() or after cleanup is noticed
 */
struct srcu_struct {
	unsigned int		idx;
	atomic_t		nr[2];
	struct mutex		mutex;
	raw_spinlock_t		cb_lock;
	struct rcu_head		*cb_head;
	struct rcu_head		**cb_tail;
	unsigned int		cb_running;
	unsigned int		cb_pending;
	struct work_struct	work;
	const void		*magic;
};

void srcu_invoke_callbacks(struct work_struct *work);

#define __SRCU_STRUCT_INIT(name)						\
	{									\
		.nr = { ATOMIC_INIT(0), ATOMIC_INIT(0) },			\
		.mutex = __MUTEX_INITIALIZER(name.mutex),			\
		.cb_lock = __RAW_SPIN_LOCK_UNLOCKED(name.cb_lock),		\
		.work = __WORK_INITIALIZER(name.work, srcu_invoke_callbacks),	\
		.magic = &name.magic,						\
	}
#define DEFINE_SRCU(name)	struct srcu_struct name = __SRCU_STRUCT_INIT(name)
#define DEFINE_STATIC_SRCU(name) \
	static struct srcu_struct name = __SRCU_STRUCT_INIT(name)

int init_srcu_struct(struct srcu_struct *ssp);
void cleanup_srcu_struct(struct srcu_struct *ssp);

/* As the plain ones, without the books on which task reads. */
int __srcu_read_lock(struct srcu_struct *ssp);
void __srcu_read_unlock(struct srcu_struct *ssp, int idx);

int srcu_read_lock(struct srcu_struct *ssp);
void srcu_read_unlock(struct srcu_struct *ssp, int idx);
int srcu_read_lock_held(const struct srcu_struct *ssp);

static inline int srcu_down_read(struct srcu_struct *ssp)
{
	return __srcu_read_lock(ssp);
}

static inline void srcu_up_read(struct srcu_struct *ssp, int idx)
{
	__srcu_read_unlock(ssp, idx);
}

void synchronize_srcu(struct srcu_struct *ssp);
void synchronize_srcu_expedited(struct srcu_struct *ssp);
void call_srcu(struct srcu_struct *ssp, struct rcu_head *head, rcu_callback_t func);
void srcu_barrier(struct srcu_struct *ssp);

#define srcu_dereference_check(p, ssp, c)					\
	__rcu_dereference_check(p, (c) || srcu_read_lock_held(ssp))
#define srcu_dereference(p, ssp)	srcu_dereference_check((p), (ssp), 0)
#define srcu_dereference_notrace(p, ssp) srcu_dereference_check((p), (ssp), 1)

/* Both are full barriers already. */
static inline void smp_mb__after_srcu_read_lock(void) { }
static inline void smp_mb__after_srcu_read_unlock(void) { }

#endif /* _LINUX_SRCU_H */
