// SPDX-License-Identifier: GPL-2.0
/*
 * MMU notifiers: who is told what, in which order, and when a subscription ends.
 */
#include "vm_test.h"
#include <linux/mmu_notifier.h>
#include <linux/slab.h>

#define LOG_SIZE 32

struct watcher {
	struct mmu_notifier mn;
	struct kunit *test;
	int nr;
	struct {
		char what;	/* s start, e end, i invalidate, r release, y young */
		unsigned long start, end;
		bool mapped;	/* was the watched page still mapped? */
	} log[LOG_SIZE];
	unsigned long addr;
};

static struct watcher *to_watcher(struct mmu_notifier *mn)
{
	return container_of(mn, struct watcher, mn);
}

static void note(struct watcher *w, char what, unsigned long start, unsigned long end)
{
	if (w->nr < LOG_SIZE) {
		w->log[w->nr].what = what;
		w->log[w->nr].start = start;
		w->log[w->nr].end = end;
	}
	w->nr++;
}

static int watch_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	note(to_watcher(mn), 's', range->start, range->end);
	return 0;
}

static void watch_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	note(to_watcher(mn), 'e', range->start, range->end);
}

static void watch_invalidate(struct mmu_notifier *mn, struct mm_struct *mm,
			     unsigned long start, unsigned long end)
{
	note(to_watcher(mn), 'i', start, end);
}

static void watch_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	note(to_watcher(mn), 'r', 0, 0);
}

static int watch_young(struct mmu_notifier *mn, struct mm_struct *mm, unsigned long start,
		       unsigned long end)
{
	note(to_watcher(mn), 'y', start, end);
	return 1;
}

static const struct mmu_notifier_ops watch_ops = {
	.invalidate_range_start = watch_start,
	.invalidate_range_end = watch_end,
	.arch_invalidate_secondary_tlbs = watch_invalidate,
	.release = watch_release,
	.clear_flush_young = watch_young,
};

static int find(struct watcher *w, char what, unsigned long addr)
{
	int i;

	for (i = 0; i < w->nr && i < LOG_SIZE; i++)
		if (w->log[i].what == what && w->log[i].start <= addr &&
		    addr < w->log[i].end)
			return i;
	return -1;
}

static void begin_watch(struct kunit *test, struct watcher *w)
{
	w->mn.ops = &watch_ops;
	KUNIT_EXPECT_EQ(test, mmu_notifier_register(&w->mn, current->mm), 0);
}

static void end_watch(struct watcher *w)
{
	mmu_notifier_unregister(&w->mn, current->mm);
	kfree(w);
}

PROGRAM_CASE(munmap_starts_invalidates_and_ends)
{
	struct watcher *w = kzalloc(sizeof(*w), GFP_KERNEL);
	unsigned long addr = map_anon(2, RW);
	int s, i, e;

	touch(test, addr, 2);
	begin_watch(test, w);
	sys_munmap(addr, 2 * PAGE_SIZE);
	s = find(w, 's', addr);
	i = find(w, 'i', addr);
	e = find(w, 'e', addr);
	KUNIT_EXPECT_GE(test, s, 0);
	KUNIT_EXPECT_GT(test, i, s);
	KUNIT_EXPECT_GT(test, e, s);
	mmu_notifier_unregister(&w->mn, current->mm);
	KUNIT_EXPECT_EQ(test, w->log[w->nr - 1].what, 'r');
	kfree(w);
}

PROGRAM_CASE(protection_changes_and_hints_are_announced)
{
	struct watcher *w = kzalloc(sizeof(*w), GFP_KERNEL);
	unsigned long addr = map_anon(1, RW);

	touch(test, addr, 1);
	begin_watch(test, w);
	sys_mprotect(addr, PAGE_SIZE, PROT_READ);
	KUNIT_EXPECT_GE(test, find(w, 's', addr), 0);
	KUNIT_EXPECT_GE(test, find(w, 'i', addr), 0);
	KUNIT_EXPECT_GE(test, find(w, 'e', addr), 0);
	w->nr = 0;
	sys_madvise(addr, PAGE_SIZE, MADV_DONTNEED);
	KUNIT_EXPECT_GE(test, find(w, 's', addr), 0);
	end_watch(w);
}

/* What a device has of the address space goes with what the TLBs of CPUs have. */
PROGRAM_CASE(each_flush_reaches_secondary_tlbs)
{
	struct watcher *w = kzalloc(sizeof(*w), GFP_KERNEL);
	unsigned long addr = map_anon(1, RW);
	struct vm_area_struct *vma;
	pte_t pte;

	touch(test, addr, 1);
	pte = pte_at(current->mm, addr);
	begin_watch(test, w);
	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, addr);
	flush_tlb_page(vma, addr);
	KUNIT_EXPECT_EQ(test, find(w, 'i', addr), 0);
	KUNIT_EXPECT_LT(test, find(w, 'i', addr - PAGE_SIZE), 0);
	w->nr = 0;
	flush_tlb_mm(current->mm);
	KUNIT_EXPECT_EQ(test, find(w, 'i', addr), 0);
	/* A batch flushes later; what is in no TLB of a CPU is told at once. */
	w->nr = 0;
	set_tlb_ubc_flush_pending(current->mm, pte, addr);
	KUNIT_EXPECT_EQ(test, find(w, 'i', addr), 0);
	try_to_unmap_flush();
	mmap_read_unlock(current->mm);
	end_watch(w);
}

static int do_nothing(void *unused)
{
	return 0;
}

/* The parent's entries become read-only; nobody watches the child. */
PROGRAM_CASE(fork_is_announced_to_who_watches_the_parent)
{
	struct watcher *w = kzalloc(sizeof(*w), GFP_KERNEL);
	unsigned long addr = map_anon(1, RW);

	touch(test, addr, 1);
	begin_watch(test, w);
	KUNIT_EXPECT_EQ(test, sys_wait4(sys_fork(do_nothing, NULL)), 0);
	KUNIT_EXPECT_GE(test, find(w, 's', addr), 0);
	KUNIT_EXPECT_GT(test, find(w, 'e', addr), find(w, 's', addr));
	for (int i = 0; i < w->nr; i++)
		KUNIT_EXPECT_NE(test, w->log[i].what, 'r');
	end_watch(w);
}

static struct watcher *exit_watcher;

static int exiting_program(void *arg)
{
	unsigned long addr = map_anon(1, RW);

	if (user_write64(addr, 1))
		return 1;
	return mmu_notifier_register(&exit_watcher->mn, current->mm);
}

static void exit_releases_once(struct kunit *test)
{
	struct watcher *w = kzalloc(sizeof(*w), GFP_KERNEL);
	struct task_struct *p;
	int i, releases = 0;

	exit_watcher = w;
	w->mn.ops = &watch_ops;
	p = program_start("exiting", exiting_program, NULL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, program_wait(p), 0);
	for (i = 0; i < w->nr; i++)
		releases += w->log[i].what == 'r';
	KUNIT_EXPECT_EQ(test, releases, 1);
	mmu_notifier_unregister(&w->mn, w->mn.mm);
	for (i = 0, releases = 0; i < w->nr; i++)
		releases += w->log[i].what == 'r';
	KUNIT_EXPECT_EQ(test, releases, 1);
	kfree(w);
}

static int made, freed;

static struct mmu_notifier *make_notifier(struct mm_struct *mm)
{
	made++;
	return kzalloc(sizeof(struct mmu_notifier), GFP_KERNEL);
}

static void free_notifier(struct mmu_notifier *mn)
{
	freed++;
	kfree(mn);
}

static const struct mmu_notifier_ops counted_ops = {
	.alloc_notifier = make_notifier,
	.free_notifier = free_notifier,
};

PROGRAM_CASE(get_and_put_share_one_subscription)
{
	struct mmu_notifier *a, *b;

	made = freed = 0;
	a = mmu_notifier_get(&counted_ops, current->mm);
	b = mmu_notifier_get(&counted_ops, current->mm);
	KUNIT_EXPECT_PTR_EQ(test, a, b);
	KUNIT_EXPECT_EQ(test, made, 1);
	mmu_notifier_put(a);
	mmu_notifier_synchronize();
	KUNIT_EXPECT_EQ(test, freed, 0);
	mmu_notifier_put(b);
	mmu_notifier_synchronize();
	machine_quiesce();
	KUNIT_EXPECT_EQ(test, freed, 1);
}

static int refuse_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	note(to_watcher(mn), 's', range->start, range->end);
	return mmu_notifier_range_blockable(range) ? 0 : -EAGAIN;
}

static const struct mmu_notifier_ops refuse_ops = {
	.invalidate_range_start = refuse_start,
};

PROGRAM_CASE(only_nonblocking_starts_can_be_refused)
{
	struct watcher *w = kzalloc(sizeof(*w), GFP_KERNEL);
	struct mmu_notifier_range range;

	w->mn.ops = &refuse_ops;
	KUNIT_EXPECT_EQ(test, mmu_notifier_register(&w->mn, current->mm), 0);
	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, current->mm, 0, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, mmu_notifier_invalidate_range_start_nonblock(&range), -EAGAIN);
	mmu_notifier_invalidate_range_start(&range);
	mmu_notifier_invalidate_range_end(&range);
	end_watch(w);
}

PROGRAM_CASE(young_is_asked_of_everybody)
{
	struct watcher *w = kzalloc(sizeof(*w), GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, mmu_notifier_clear_flush_young(current->mm, 0, PAGE_SIZE), 0);
	begin_watch(test, w);
	KUNIT_EXPECT_EQ(test, mmu_notifier_clear_flush_young(current->mm, 0, PAGE_SIZE), 1);
	KUNIT_EXPECT_EQ(test, find(w, 'y', 0), 0);
	end_watch(w);
}

static struct kunit_case notifier_cases[] = {
	KUNIT_CASE(munmap_starts_invalidates_and_ends),
	KUNIT_CASE(protection_changes_and_hints_are_announced),
	KUNIT_CASE(each_flush_reaches_secondary_tlbs),
	KUNIT_CASE(fork_is_announced_to_who_watches_the_parent),
	KUNIT_CASE(exit_releases_once),
	KUNIT_CASE(get_and_put_share_one_subscription),
	KUNIT_CASE(only_nonblocking_starts_can_be_refused),
	KUNIT_CASE(young_is_asked_of_everybody),
	{}
};

static struct kunit_suite notifier_suite = {
	.name = "vm_notifier",
	.test_cases = notifier_cases,
};
kunit_test_suite(notifier_suite);
