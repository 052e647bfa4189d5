// SPDX-License-Identifier: GPL-2.0
/*
 * MMU notifiers.
 *
 * Subscriptions of an mm are on a list that readers walk under SRCU; the list is
 * allocated with the first subscription and lives as long as the mm.  The release
 * callback is called exactly once per subscription, by exit or by unregistering,
 * whichever unhashes it first; the other one waits for the SRCU readers.
 */
#include <linux/err.h>
#include <linux/mmu_notifier.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <machine/machine.h>
#include <machine/violation.h>
#include <exec/task.h>

DEFINE_STATIC_SRCU(srcu);

/**
 * struct mmu_notifier_subscriptions - of one mm
 * @list:	subscriptions; changed under @lock, read under SRCU
 * @lock:	serialises changes of @list
 */
struct mmu_notifier_subscriptions {
	struct hlist_head list;
	spinlock_t lock;
};

/*
 * Ranges that were started and not ended, to find a start without its end.  Few at
 * any time: one per operation in progress.
 */
static struct range_track {
	struct xlock lock;
	unsigned int nr;
	struct {
		const struct mmu_notifier_range *range;
		struct mmu_notifier_range copy;
		struct task_struct *task;
	} open[256];
} track;

void mmu_notifier_range_track(struct mmu_notifier_range *range, bool start)
{
	const char *wrong = NULL;
	unsigned int i;

	if (range->start >= range->end)
		violation(VIOLATION_BUG, "notifier range %#lx-%#lx is empty", range->start,
			  range->end);
	xlock(&track.lock);
	for (i = 0; i < track.nr; i++)
		if (track.open[i].range == range && track.open[i].task == current)
			break;
	if (start) {
		if (i < track.nr) {
			wrong = "was started twice";
		} else if (track.nr == ARRAY_SIZE(track.open)) {
			wrong = "is one too many at once";
		} else {
			track.open[i].range = range;
			track.open[i].copy = *range;
			track.open[i].task = current;
			track.nr++;
		}
	} else if (i == track.nr) {
		wrong = "was ended and never started";
	} else {
		if (track.open[i].copy.mm != range->mm ||
		    track.open[i].copy.start != range->start ||
		    track.open[i].copy.end != range->end)
			wrong = "ended with other borders than it started";
		track.open[i] = track.open[--track.nr];
	}
	xunlock(&track.lock);
	if (wrong)
		violation(VIOLATION_BUG, "notifier range %#lx-%#lx %s", range->start, range->end,
			  wrong);
}

static struct mmu_notifier_subscriptions *subs_of(struct mm_struct *mm)
{
	return smp_load_acquire(&mm->notifier_subscriptions);
}

/* The first subscription of an mm makes the list. mmap_lock held for writing. */
static int subscriptions_prepare(struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subs;

	if (mm->notifier_subscriptions)
		return 0;
	subs = kzalloc(sizeof(*subs), GFP_KERNEL);
	if (!subs)
		return -ENOMEM;
	INIT_HLIST_HEAD(&subs->list);
	spin_lock_init(&subs->lock);
	/* Pairs with subs_of(). */
	smp_store_release(&mm->notifier_subscriptions, subs);
	return 0;
}

int __mmu_notifier_register(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subs;
	int err;

	mmap_assert_write_locked(mm);
	BUG_ON(atomic_read(&mm->mm_users) <= 0);
	err = subscriptions_prepare(mm);
	if (err)
		return err;
	mmgrab(mm);
	subscription->mm = mm;
	subscription->users = 1;
	subs = subs_of(mm);
	spin_lock(&subs->lock);
	hlist_add_head_rcu(&subscription->hlist, &subs->list);
	spin_unlock(&subs->lock);
	return 0;
}

int mmu_notifier_register(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	int ret;

	mmap_write_lock(mm);
	ret = __mmu_notifier_register(subscription, mm);
	mmap_write_unlock(mm);
	return ret;
}

static struct mmu_notifier *find_get(struct mm_struct *mm, const struct mmu_notifier_ops *ops)
{
	struct mmu_notifier_subscriptions *subs = subs_of(mm);
	struct mmu_notifier *sub, *found = NULL;

	spin_lock(&subs->lock);
	hlist_for_each_entry(sub, &subs->list, hlist) {
		if (sub->ops != ops)
			continue;
		if (sub->users)
			sub->users++;
		else
			sub = ERR_PTR(-EBUSY);
		found = sub;
		break;
	}
	spin_unlock(&subs->lock);
	return found;
}

struct mmu_notifier *mmu_notifier_get_locked(const struct mmu_notifier_ops *ops,
					     struct mm_struct *mm)
{
	struct mmu_notifier *sub;
	int err;

	mmap_assert_write_locked(mm);
	if (mm->notifier_subscriptions) {
		sub = find_get(mm, ops);
		if (sub)
			return sub;
	}
	sub = ops->alloc_notifier(mm);
	if (IS_ERR(sub))
		return sub;
	sub->ops = ops;
	err = __mmu_notifier_register(sub, mm);
	if (err) {
		ops->free_notifier(sub);
		return ERR_PTR(err);
	}
	return sub;
}

static void free_notifier_rcu(struct rcu_head *rcu)
{
	struct mmu_notifier *sub = container_of(rcu, struct mmu_notifier, rcu);
	struct mm_struct *mm = sub->mm;

	sub->ops->free_notifier(sub);
	mmdrop(mm);
}

void mmu_notifier_put(struct mmu_notifier *sub)
{
	struct mmu_notifier_subscriptions *subs = subs_of(sub->mm);

	spin_lock(&subs->lock);
	if (WARN_ON(!sub->users) || --sub->users) {
		spin_unlock(&subs->lock);
		return;
	}
	hlist_del_init_rcu(&sub->hlist);
	spin_unlock(&subs->lock);
	call_srcu(&srcu, &sub->rcu, free_notifier_rcu);
}

void mmu_notifier_synchronize(void)
{
	synchronize_srcu(&srcu);
}

void mmu_notifier_unregister(struct mmu_notifier *sub, struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subs = subs_of(mm);

	BUG_ON(atomic_read(&mm->mm_count) <= 0);
	if (!hlist_unhashed_lockless(&sub->hlist)) {
		int id = srcu_read_lock(&srcu);

		/* Exit waits for us: the mm cannot go before release() ran. */
		if (sub->ops->release)
			sub->ops->release(sub, mm);
		srcu_read_unlock(&srcu, id);
		spin_lock(&subs->lock);
		hlist_del_init_rcu(&sub->hlist);
		spin_unlock(&subs->lock);
	}
	synchronize_srcu(&srcu);
	mmdrop(mm);
}

/* exit_mmap(): nobody uses the address space any more. */
void __mmu_notifier_release(struct mm_struct *mm)
{
	struct mmu_notifier_subscriptions *subs = subs_of(mm);
	struct mmu_notifier *sub;
	int id = srcu_read_lock(&srcu);

	hlist_for_each_entry_srcu(sub, &subs->list, hlist, srcu_read_lock_held(&srcu))
		if (sub->ops->release)
			sub->ops->release(sub, mm);

	spin_lock(&subs->lock);
	while (!hlist_empty(&subs->list)) {
		sub = hlist_entry(subs->list.first, struct mmu_notifier, hlist);
		/* Whoever unregisters now sees it unhashed and only waits. */
		hlist_del_init_rcu(&sub->hlist);
	}
	spin_unlock(&subs->lock);
	srcu_read_unlock(&srcu, id);
	synchronize_srcu(&srcu);
}

void __mmu_notifier_subscriptions_destroy(struct mm_struct *mm)
{
	kfree(mm->notifier_subscriptions);
	mm->notifier_subscriptions = NULL;
}

/* Call @method of every subscription that has it. */
#define notify(mm, id, sub, method, call) do {					\
	id = srcu_read_lock(&srcu);						\
	hlist_for_each_entry_srcu(sub, &subs_of(mm)->list, hlist,		\
				  srcu_read_lock_held(&srcu))			\
		if (sub->ops->method)						\
			call;							\
	srcu_read_unlock(&srcu, id);						\
} while (0)

int __mmu_notifier_clear_flush_young(struct mm_struct *mm, unsigned long start,
				     unsigned long end)
{
	struct mmu_notifier *sub;
	int id, young = 0;

	notify(mm, id, sub, clear_flush_young,
	       young |= sub->ops->clear_flush_young(sub, mm, start, end));
	return young;
}

int __mmu_notifier_clear_young(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct mmu_notifier *sub;
	int id, young = 0;

	notify(mm, id, sub, clear_young,
	       young |= sub->ops->clear_young(sub, mm, start, end));
	return young;
}

int __mmu_notifier_test_young(struct mm_struct *mm, unsigned long address)
{
	struct mmu_notifier *sub;
	int id, young = 0;

	notify(mm, id, sub, test_young, young |= sub->ops->test_young(sub, mm, address));
	return young;
}

void __mmu_notifier_arch_invalidate_secondary_tlbs(struct mm_struct *mm, unsigned long start,
						   unsigned long end)
{
	struct mmu_notifier *sub;
	int id;

	notify(mm, id, sub, arch_invalidate_secondary_tlbs,
	       sub->ops->arch_invalidate_secondary_tlbs(sub, mm, start, end));
}

/* One start callback, checked: it may fail only when it may not block. */
static int call_start(struct mmu_notifier *sub, struct mmu_notifier_range *range)
{
	int ret;

	if (!mmu_notifier_range_blockable(range)) {
		preempt_disable();
		ret = sub->ops->invalidate_range_start(sub, range);
		preempt_enable();
	} else {
		ret = sub->ops->invalidate_range_start(sub, range);
	}
	if (ret)
		WARN_ON(mmu_notifier_range_blockable(range) || ret != -EAGAIN);
	return ret;
}

/*
 * With a failure, those that came before the failing one in the list are told the end
 * again: their start did succeed.  (None of them may have an end callback and fail.)
 */
int __mmu_notifier_invalidate_range_start(struct mmu_notifier_range *range)
{
	struct mmu_notifier_subscriptions *subs = subs_of(range->mm);
	struct mmu_notifier *sub;
	int id = srcu_read_lock(&srcu), ret = 0;

	hlist_for_each_entry_srcu(sub, &subs->list, hlist, srcu_read_lock_held(&srcu)) {
		int err;

		if (!sub->ops->invalidate_range_start)
			continue;
		err = call_start(sub, range);
		if (err) {
			WARN_ON(sub->ops->invalidate_range_end);
			ret = err;
		}
	}
	if (ret) {
		hlist_for_each_entry_srcu(sub, &subs->list, hlist,
					  srcu_read_lock_held(&srcu))
			if (sub->ops->invalidate_range_end)
				sub->ops->invalidate_range_end(sub, range);
	}
	srcu_read_unlock(&srcu, id);
	return ret;
}

void __mmu_notifier_invalidate_range_end(struct mmu_notifier_range *range)
{
	struct mmu_notifier *sub;
	bool atomic = !mmu_notifier_range_blockable(range);
	int id;

	if (atomic)
		preempt_disable();
	notify(range->mm, id, sub, invalidate_range_end,
	       sub->ops->invalidate_range_end(sub, range));
	if (atomic)
		preempt_enable();
}

static void mmu_notifier_check(void)
{
	if (track.nr)
		violation(VIOLATION_ACCOUNT,
			  "notifier range %#lx-%#lx was started and not ended, by %s/%d",
			  track.open[0].copy.start, track.open[0].copy.end,
			  track.open[0].task->comm, track.open[0].task->pid);
}
MACHINE_CHECKER(mmu_notifier, mmu_notifier_check);

static void mmu_notifier_halt(void)
{
	memset(&track, 0, sizeof(track));
}
MACHINE_SUBSYS(mmu_notifier, MACHINE_ORDER_VM, NULL, NULL, mmu_notifier_halt);
