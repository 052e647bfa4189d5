// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: which address spaces and tasks it knows.
 *
 * fork, clone and exec neither allocate for AutoNUMA nor take a lock of it, and the
 * exit of an mm that is not registered is one pointer test. knuma_scand looks for
 * processes that have lived long enough to be worth it and registers them.
 *
 * Scan against exit. The registry holds no reference on its mms: an entry goes
 * away in autonuma_mm_exit(), which runs when the last user of the mm is gone. So
 * an mm on the list may have zero users but has not been freed, and
 * knuma_scand, under the registry lock, takes a user reference if there still is a
 * user (mmget_not_zero()). From then on exit cannot come past it: either
 * exit came first and the entry is skipped (exit unlinks it as soon as it gets
 * the registry lock), or knuma_scand is a user itself and the others' exit does
 * not wait for anything. knuma_scand sees after each PMD that it is the only
 * user left, and hands the last reference to mmput_async(). It does not
 * touch the entry after that.
 */
#include <linux/hashtable.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/rculist.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "autonuma.h"

/*
 * A process younger than this is not worth its statistics. The daemon looks for others when the
 * next one is old enough, but no sooner than that after it has looked.
 */
#define AUTONUMA_MIN_AGE_MSECS	500
#define AUTONUMA_LOOK_MSECS	100

/* Processes registered per walk over all processes. */
#define AUTONUMA_FIND_BATCH	16

/* Protects the list and its entries' links. Exit of registered mms takes it too. */
static DEFINE_SPINLOCK(registry_lock);

/* All registered mms; a pass visits them in this order. */
static LIST_HEAD(registry);

/* The same mms by their number. Found under RCU, changed under registry_lock. */
static DEFINE_HASHTABLE(registry_hash, 10);

/* The number of the mm registered last. */
static unsigned long last_id;

/* Make an mm known. The caller holds registry_lock. */
static void link_mm(struct mm_autonuma *mma)
	__must_hold(&registry_lock)
{
	lockdep_assert_held(&registry_lock);
	list_add(&mma->list, &registry);
	hash_add_rcu(registry_hash, &mma->hash, mma->id);
}

/* Forget an mm that has exited. The caller holds registry_lock. */
static void unlink_mm(struct mm_autonuma *mma)
	__must_hold(&registry_lock)
{
	lockdep_assert_held(&registry_lock);
	list_del(&mma->list);
	hash_del_rcu(&mma->hash);
}

/* Out of the way of a pass, which has seen this mm. The caller holds registry_lock. */
static void put_last(struct mm_autonuma *mma, unsigned long pass)
	__must_hold(&registry_lock)
{
	lockdep_assert_held(&registry_lock);
	mma->visited = pass;
	list_move_tail(&mma->list, &registry);
}

/**
 * autonuma_registry_empty() - is there nothing to scan?
 */
bool autonuma_registry_empty(void)
{
	return list_empty(&registry);
}

/**
 * autonuma_next_mm() - the mm that a pass visits next
 * @pass: number of the pass
 *
 * Return: the first mm that @pass has not finished with; the caller is a user of
 * its mm and calls mmput_async() when done. NULL at the end of the pass.
 * Context: knuma_scand.
 */
struct mm_autonuma *autonuma_next_mm(unsigned long pass)
{
	struct mm_autonuma *mma, *next = NULL;

	spin_lock(&registry_lock);
	while ((mma = list_first_entry_or_null(&registry, struct mm_autonuma, list))) {
		if (mma->visited == pass)
			break;
		if (mmget_not_zero(mma->mm)) {
			next = mma;
			break;
		}
		/* Its exit is on the way to unlink it. */
		put_last(mma, pass);
	}
	spin_unlock(&registry_lock);

	return next;
}

/**
 * autonuma_mm_done() - a pass has finished with an mm
 * @mma:	the mm; the caller is still a user of it
 * @pass:	number of the pass
 *
 * Context: knuma_scand.
 */
void autonuma_mm_done(struct mm_autonuma *mma, unsigned long pass)
{
	spin_lock(&registry_lock);
	put_last(mma, pass);
	spin_unlock(&registry_lock);
}

/**
 * autonuma_find_mm() - what is known about the mm with a number
 * @id:	its number; 0 is nobody's
 *
 * Return: NULL if that mm has exited.
 * Context: RCU reader, as long as the result is used.
 */
struct mm_autonuma *autonuma_find_mm(unsigned long id)
{
	struct mm_autonuma *mma;

	hash_for_each_possible_rcu(registry_hash, mma, hash, id) {
		if (mma->id == id)
			return mma;
	}
	return NULL;
}

/*
 * Allocate what is to be known about @mm and put it on the registry, where the pass
 * that is about to begin finds it. The caller is a user of @mm.
 */
static int register_mm(struct mm_struct *mm)
{
	struct mm_autonuma *mma;
	size_t size = struct_size(mma, found, 2 * nr_node_ids), counts = autonuma_counts_size();
	struct autonuma_counts *running;

	/* Two processes can share an mm without being threads of each other. */
	if (mm->mm_autonuma)
		return 0;

	mma = kzalloc(size + 3 * counts, GFP_KERNEL);
	if (!mma)
		return -ENOMEM;
	mma->mm = mm;
	mma->pages = (void *)mma + size;
	mma->held = (void *)mma + size + counts;
	running = (void *)mma + size + 2 * counts;
	mma->there = mma->found + nr_node_ids;
	autonuma_counts_init(mma->pages);
	autonuma_counts_init(mma->held);
	autonuma_counts_init(running);
	autonuma_home_init(&mma->home, mma->pages, running);
	spin_lock_init(&mma->group_lock);

	spin_lock(&registry_lock);
	mma->id = ++last_id;
	link_mm(mma);
	spin_unlock(&registry_lock);
	autonuma_period_now();

	/* Pairs with the acquire in the hinting fault: it sees initialised counts. */
	smp_store_release(&mm->mm_autonuma, mma);
	return 0;
}

/*
 * An mm of process @p that is worth registering: a user's, old enough, not known
 * yet. Any thread may be asked: the leader may have exited. The caller becomes a
 * user of the returned mm. One that is too young makes @look, in ms, no longer than it takes
 * to be old enough.
 */
static struct mm_struct *worth_registering(struct task_struct *p, unsigned int *look)
{
	u64 age = div_u64(ktime_get_ns() - p->start_time, NSEC_PER_MSEC);
	struct mm_struct *mm = NULL;
	struct task_struct *t;

	if (READ_ONCE(p->flags) & PF_KTHREAD)
		return NULL;
	if (age < AUTONUMA_MIN_AGE_MSECS) {
		*look = min_t(u64, *look, AUTONUMA_MIN_AGE_MSECS - age);
		return NULL;
	}

	for_each_thread(p, t) {
		task_lock(t);
		mm = t->mm;
		if (mm && (mm->mm_autonuma || !mmget_not_zero(mm)))
			mm = NULL;
		task_unlock(t);
		if (mm)
			break;
	}
	return mm;
}

/* Register up to AUTONUMA_FIND_BATCH mms. Returns true if there may be more. */
static bool register_some(unsigned int *look)
{
	struct mm_struct *mms[AUTONUMA_FIND_BATCH];
	struct task_struct *p;
	unsigned int i, n = 0;
	bool failed = false;

	rcu_read_lock();
	for_each_process(p) {
		mms[n] = worth_registering(p, look);
		if (mms[n] && ++n == AUTONUMA_FIND_BATCH)
			break;
	}
	rcu_read_unlock();

	for (i = 0; i < n; i++) {
		if (register_mm(mms[i]))
			failed = true;
		mmput_async(mms[i]);
	}
	return n == AUTONUMA_FIND_BATCH && !failed;
}

/*
 * A child begins with the statistics of the task it comes from: a thread with its
 * group leader's, a forked process with its parent's. After exec there is nothing to
 * inherit: the parent knows another program. The caller is in an RCU reader.
 */
static void inherit_counts(struct task_autonuma *ta, struct task_struct *t)
{
	struct task_struct *from = t->group_leader;
	struct task_autonuma *old;

	if (thread_group_leader(t)) {
		if (!(READ_ONCE(t->flags) & PF_FORKNOEXEC))
			return;
		from = rcu_dereference(t->real_parent);
	}
	/* Nobody but knuma_scand gives statistics. */
	old = from->task_autonuma;
	if (!old)
		return;
	/* As they are: passes over two mms cannot be compared. */
	ta->faults.total = autonuma_counts_read(&old->faults, &ta->faults.used,
						ta->faults.by_node);
	ta->preferred_nid = READ_ONCE(old->preferred_nid);
}

/*
 * Allocate the statistics of task @t if its mm is registered. Cannot sleep, so it may
 * fail; the next pass tries again. The caller is in an RCU reader, so @t's last
 * reference, with which its statistics go, is put later.
 */
static void give_counts(struct task_struct *t)
{
	struct task_autonuma *ta;
	struct mm_autonuma *mma;

	/* Nobody else gives them. */
	if (t->task_autonuma)
		return;

	/* task_lock() keeps the mm: exec and exit change it under this lock. */
	task_lock(t);
	mma = t->mm ? t->mm->mm_autonuma : NULL;
	if (!mma || (READ_ONCE(t->flags) & PF_KTHREAD))
		goto unlock;
	ta = kzalloc(struct_size(ta, faults.by_node, nr_node_ids), GFP_NOWAIT);
	if (!ta)
		goto unlock;
	autonuma_place_init(ta, t);
	autonuma_counts_init(&ta->faults);
	ta->faults.passes = mma->passes;
	if (autonuma_knob(child_inheritance))
		inherit_counts(ta, t);
	/* Pairs with the acquire in the hinting fault: it sees initialised counts. */
	smp_store_release(&t->task_autonuma, ta);
unlock:
	task_unlock(t);
}

/**
 * autonuma_find_processes() - register what has become old enough since last time
 * @look: receives when to look again, in ms from now: somebody will be old enough
 *
 * Walks all processes under RCU. Gives statistics to the tasks of
 * registered mms, too.
 *
 * Return: true if there is an mm to scan.
 * Context: knuma_scand; may sleep.
 */
bool autonuma_find_processes(unsigned int *look)
{
	struct task_struct *p, *t;

	*look = AUTONUMA_MIN_AGE_MSECS;
	while (register_some(look))
		cond_resched();
	*look = max(*look, AUTONUMA_LOOK_MSECS);
	if (autonuma_registry_empty())
		return false;

	rcu_read_lock();
	for_each_process_thread(p, t)
		give_counts(t);
	rcu_read_unlock();

	return true;
}

/**
 * __autonuma_mm_exit() - take an mm off the registry
 * @mm: a registered mm whose last user is gone
 *
 * Constant time, and waits for nothing but the registry lock. See the top of this file
 * for what knuma_scand does meanwhile.
 */
void __autonuma_mm_exit(struct mm_struct *mm)
{
	struct mm_autonuma *mma = mm->mm_autonuma;

	spin_lock(&registry_lock);
	unlink_mm(mma);
	spin_unlock(&registry_lock);

	/* Others look at a task's mm under its alloc_lock, and the task gave it up under that. */
	mm->mm_autonuma = NULL;
	autonuma_group_leave(mma);
	kfree_rcu(mma, rcu);
}

/**
 * __autonuma_task_exec() - forget what the task did as another program
 * @p: the current task
 */
void __autonuma_task_exec(struct task_struct *p)
{
	struct task_autonuma *ta = p->task_autonuma;

	autonuma_counts_reset(&ta->faults);
	WRITE_ONCE(ta->preferred_nid, NUMA_NO_NODE);
}

/**
 * __autonuma_task_free() - free a task's statistics
 * @p: the task; nobody can find it any more
 */
void __autonuma_task_free(struct task_struct *p)
{
	kfree(p->task_autonuma);
	p->task_autonuma = NULL;
}
