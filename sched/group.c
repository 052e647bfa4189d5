// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: groups, the processes that write the same pages.
 *
 * What two processes write together is best on one node with both of them. A group is
 * where an mm with shared pages lives instead of a home of its own; placement asks for
 * the home only and sees no difference.
 *
 * Who belongs together? Processes that touch a page one after the other, and whose mappings of it
 * both allow writing. Mappings decide, not page-table entries: these are read-only now and
 * then for every page, shared or not. Shared libraries and what is only read together
 * group nobody.
 *
 * Joining. The hinting fault finds in the page's last CPUPID another process's task, and that
 * task still on that CPU. Both processes have a group of their own then; the smaller one's
 * process moves to the larger group. The group of one is the spare that knuma_scand prepared
 * when it saw a shared writable mapping, so nothing is allocated in a fault, and no lock is
 * waited for except the process's own.
 *
 * Leaving. A process leaves its group when its mm exits, be it by exit or exec. Readers
 * find a group under RCU through an mm that they hold, and the group outlives its
 * last member by a grace period.
 */
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mmu_context.h>
#include <linux/nodemask.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "sched.h"
#include "autonuma.h"

/* What a mapping must allow for its pages to be written by several processes. */
#define SHARED_WRITE	(VM_SHARED | VM_MAYWRITE)

/* Groups made since boot; knuma_scand counts. */
static u64 nr_groups;

/* The caller holds @mma's group_lock. */
static struct autonuma_group *own_group(struct mm_autonuma *mma)
	__must_hold(&mma->group_lock)
{
	return rcu_dereference_protected(mma->group, lockdep_is_held(&mma->group_lock));
}

static void put_group(struct autonuma_group *group)
{
	if (group && refcount_dec_and_test(&group->members))
		kfree_rcu(group, rcu);
}

/*
 * Make the group's pages the sum again after one member's pages become @by_node on @used,
 * from what they are. The caller holds that member's group_lock.
 */
static void change_pages(struct autonuma_group *group, struct mm_autonuma *member,
			 const nodemask_t *used, const unsigned long *by_node)
	__must_hold(&member->group_lock)
{
	struct autonuma_counts *pages = member->pages;
	nodemask_t either;
	int nid;

	lockdep_assert_held(&member->group_lock);
	nodes_or(either, pages->used, *used);
	for_each_node_mask(nid, either) {
		unsigned long new = node_isset(nid, *used) ? by_node[nid] : 0;

		autonuma_counts_add(group->home.pages, 0, nid, new - pages->by_node[nid]);
	}
}

/*
 * Make @to, or NULL, the group of the mm. Its pages go with it. The caller holds group_lock and
 * gives a reference on @to for the one on the former group that it gets.
 */
static struct autonuma_group *change_group(struct mm_autonuma *mma, struct autonuma_group *to)
	__must_hold(&mma->group_lock)
{
	struct autonuma_group *from = own_group(mma);
	struct autonuma_counts *pages = mma->pages;
	int nid;

	lockdep_assert_held(&mma->group_lock);
	if (to)
		for_each_node_mask(nid, pages->used)
			autonuma_counts_add(to->home.pages, 0, nid, pages->by_node[nid]);
	/* Pairs with rcu_dereference() in autonuma_home() and others. */
	rcu_assign_pointer(mma->group, to);
	if (from)
		change_pages(from, mma, &NODE_MASK_NONE, NULL);
	return from;
}

/**
 * autonuma_pages_replace() - set the page counts of an mm, and those of its group
 * @mma:	the mm
 * @used:	the nodes with counts other than zero
 * @by_node:	their counts
 *
 * Context: knuma_scand.
 */
void autonuma_pages_replace(struct mm_autonuma *mma, const nodemask_t *used,
			    const unsigned long *by_node)
{
	struct autonuma_group *group;

	spin_lock(&mma->group_lock);
	group = own_group(mma);
	if (group)
		change_pages(group, mma, used, by_node);
	autonuma_counts_replace(mma->pages, used, by_node);
	spin_unlock(&mma->group_lock);
}

/**
 * autonuma_home() - where an mm lives: its group's home, or its own
 * @mma: the mm
 *
 * Context: RCU reader, in which the home is valid.
 */
struct autonuma_home *autonuma_home(struct mm_autonuma *mma)
{
	struct autonuma_group *group = rcu_dereference(mma->group);

	return group ? &group->home : &mma->home;
}

/**
 * autonuma_group_prepare() - prepare a group if a mapping may need one
 * @mma: the mm
 * @vma: one of its mappings, about to be scanned
 *
 * If memory is short the mm has no group for now; the next pass tries again.
 *
 * Context: knuma_scand; may sleep.
 */
void autonuma_group_prepare(struct mm_autonuma *mma, struct vm_area_struct *vma)
{
	size_t counts = autonuma_counts_size();
	struct autonuma_group *group;
	bool needed;

	if ((vma->vm_flags & SHARED_WRITE) != SHARED_WRITE)
		return;
	spin_lock(&mma->group_lock);
	needed = !mma->spare && !own_group(mma);
	spin_unlock(&mma->group_lock);
	if (!needed)
		return;
	group = kzalloc(sizeof(*group) + 2 * counts, GFP_KERNEL);
	if (!group)
		return;
	autonuma_counts_init((void *)(group + 1));
	autonuma_counts_init((void *)(group + 1) + counts);
	autonuma_home_init(&group->home, (void *)(group + 1), (void *)(group + 1) + counts);
	refcount_set(&group->members, 1);
	group->number = ++nr_groups;

	spin_lock(&mma->group_lock);
	mma->spare = group;
	spin_unlock(&mma->group_lock);
}

/* Let the mm begin a group of its own if it has none and one was prepared. */
static void begin_group(struct mm_autonuma *mma)
{
	spin_lock(&mma->group_lock);
	if (mma->spare) {
		change_group(mma, mma->spare);
		mma->spare = NULL;
	}
	spin_unlock(&mma->group_lock);
}

/*
 * Is it the mm's part to join @to? The smaller group joins the larger one, and of two equals
 * the younger joins the older: both at once would change places for ever.
 */
static bool shall_join(struct autonuma_group *from, struct autonuma_group *to)
{
	unsigned int mine = refcount_read(&from->members);
	unsigned int theirs = refcount_read(&to->members);

	return mine < theirs || (mine == theirs && from->number > to->number);
}

/*
 * The group that the mm shall join because of @mm, with a reference, or NULL. The caller is
 * in an RCU reader and keeps @mm.
 */
static struct autonuma_group *group_to_join(struct mm_autonuma *mma, struct mm_struct *mm)
{
	/* Pairs with the release in register_mm(). */
	struct mm_autonuma *other = smp_load_acquire(&mm->mm_autonuma);
	struct autonuma_group *from, *to;

	begin_group(mma);
	from = rcu_dereference(mma->group);
	to = other ? rcu_dereference(other->group) : NULL;
	if (!from || !to || !shall_join(from, to))
		return NULL;
	return refcount_inc_not_zero(&to->members) ? to : NULL;
}

/*
 * The group to join because of @p's process, if that is another one, with a reference, or
 * NULL; and its mm to compare with. The caller is in an RCU reader.
 */
static struct autonuma_group *meet_task(struct mm_autonuma *mma, struct task_struct *p,
					struct mm_struct **mm)
{
	struct autonuma_group *to = NULL;

	if (!spin_trylock(&p->alloc_lock))
		return NULL;
	/* alloc_lock keeps the mm: exec and exit change it under this lock. */
	*mm = p->mm;
	if (*mm && *mm != mma->mm)
		to = group_to_join(mma, *mm);
	spin_unlock(&p->alloc_lock);
	return to;
}

/* As meet_task(), for the task that a last CPUPID means, if it is still on that CPU. */
static struct autonuma_group *meet_last(struct mm_autonuma *mma, int cpupid,
					struct mm_struct **mm)
{
	struct autonuma_group *to = NULL;
	struct task_struct *p;

	rcu_read_lock();
	p = rcu_dereference(cpu_rq(cpupid_to_cpu(cpupid))->curr);
	if (cpupid_match_pid(p, cpupid))
		to = meet_task(mma, p, mm);
	rcu_read_unlock();
	return to;
}

/*
 * Does @mm map the page at @addr of @vma in a way that allows writing? Only 8 bits of a pid
 * are in a CPUPID, so it may be a process that has nothing to do with the page.
 */
static bool may_write_too(struct vm_area_struct *vma, unsigned long addr, struct mm_struct *mm)
{
	struct address_space *mapping = vma->vm_file->f_mapping;
	pgoff_t pgoff = linear_page_index(vma, addr);
	struct vm_area_struct *v;
	bool may = false;

	if (!i_mmap_trylock_read(mapping))
		return false;
	vma_interval_tree_foreach(v, &mapping->i_mmap, pgoff, pgoff)
		may |= v->vm_mm == mm && (v->vm_flags & SHARED_WRITE) == SHARED_WRITE;
	i_mmap_unlock_read(mapping);
	return may;
}

/**
 * autonuma_shares_writes() - may other processes write a page, too, that this one may write?
 * @vma:	the mapping of the page
 * @addr:	where it is mapped
 *
 * What the mapping allows decides. The bit of the entry tells of this moment only: it is not
 * set before the first write, and not after the page was cleaned.
 */
VISIBLE_IF_KUNIT bool autonuma_shares_writes(struct vm_area_struct *vma, unsigned long addr)
{
	KUNIT_STATIC_STUB_REDIRECT(autonuma_shares_writes, vma, addr);
	return vma->vm_file && (vma->vm_flags & SHARED_WRITE) == SHARED_WRITE;
}

/**
 * autonuma_group_meet() - a page was touched by two tasks, one after the other
 * @mma:	the mm of the current task
 * @vma:	its mapping of the page
 * @addr:	where the page is mapped
 * @cpupid:	the CPU and the task that touched it before
 *
 * If the other task's process may write the page, too, both belong to one group, which they
 * have after one of them, or each, took a fault.
 *
 * Context: hinting fault, page-table lock released, mapping still held.
 */
void autonuma_group_meet(struct mm_autonuma *mma, struct vm_area_struct *vma,
			 unsigned long addr, int cpupid)
{
	struct autonuma_group *to;
	struct mm_struct *mm;

	if (!autonuma_shares_writes(vma, addr))
		return;
	to = meet_last(mma, cpupid, &mm);
	if (!to)
		return;
	if (may_write_too(vma, addr, mm)) {
		spin_lock(&mma->group_lock);
		/* Another thread may have been here. */
		if (shall_join(own_group(mma), to))
			to = change_group(mma, to);
		spin_unlock(&mma->group_lock);
	}
	put_group(to);
}

/**
 * autonuma_group_leave() - an mm exits
 * @mma: the mm, which nobody uses any more
 */
void autonuma_group_leave(struct mm_autonuma *mma)
{
	struct autonuma_group *from;

	spin_lock(&mma->group_lock);
	from = change_group(mma, NULL);
	spin_unlock(&mma->group_lock);
	put_group(from);
	kfree(mma->spare);
}

/**
 * autonuma_group_agrees() - may a page that several processes map move?
 * @mma:	the mm of the task that wants it
 * @page_nid:	the node it is on
 * @target_nid:	the node it is wanted on
 *
 * It may if its node holds clearly more of the group's pages than of its running tasks,
 * compared with the target. So pages follow a group that lives on one node, are spread over
 * the nodes of a larger one, and then rest. Pages of processes that are in no group,
 * which only read them, stay where they are.
 */
bool autonuma_group_agrees(struct mm_autonuma *mma, int page_nid, int target_nid)
{
	struct autonuma_group *group;
	bool agrees = false;

	rcu_read_lock();
	group = rcu_dereference(mma->group);
	if (group) {
		struct autonuma_counts *running = group->home.running;
		struct autonuma_counts *pages = group->home.pages;

		agrees = autonuma_share(running, target_nid) * 3 *
				(autonuma_share(pages, page_nid) + 1) >
			 autonuma_share(running, page_nid) * 4 *
				(autonuma_share(pages, target_nid) + 1);
	}
	rcu_read_unlock();

	return agrees;
}
