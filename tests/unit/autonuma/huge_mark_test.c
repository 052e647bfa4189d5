// SPDX-License-Identifier: GPL-2.0
/* Huge pages in the core: marked, hinted and counted whole. */
#include <linux/mmu_notifier.h>

#include "huge_test.h"

static void is_marked_whole(struct prog *p)
{
	unsigned long marked = count_of(AUTONUMA_PAGES_MARKED), i;
	unsigned long updates = huge_events(NUMA_HUGE_PTE_UPDATES), hints, faults;
	unsigned long scanned = count_of(AUTONUMA_PAGES_SCANNED);

	map_huge_and_write(p, 2);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_TRUE(p->test, huge_marked(p->addr));
	KUNIT_EXPECT_TRUE(p->test, huge_marked(p->addr + HUGE_BYTES));
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_MARKED) - marked, 2 * HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(p->test, huge_events(NUMA_HUGE_PTE_UPDATES) - updates, 2);
	KUNIT_EXPECT_GE(p->test, count_of(AUTONUMA_PAGES_SCANNED) - scanned, 2 * HPAGE_PMD_NR);

	/* One fault for a huge page; writing costs no other. */
	hints = count_of(AUTONUMA_HINT_FAULTS);
	faults = current->faults_min + current->faults_maj;
	for (i = 0; i < p->pages; i++)
		KUNIT_EXPECT_EQ(p->test, user_write64(p->addr + i * PAGE_SIZE, i + 1), 0);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_HINT_FAULTS) - hints, 2);
	KUNIT_EXPECT_EQ(p->test, current->faults_min + current->faults_maj - faults, 2);
	KUNIT_EXPECT_TRUE(p->test, is_huge(p->addr));
	KUNIT_EXPECT_TRUE(p->test, pmd_write(pmd_at(current->mm, p->addr)));
	expect_contents(p);
}

static void a_huge_page_is_marked_whole_and_stays_writable(struct kunit *test)
{
	run_prog(test, 0, is_marked_whole, NULL);
}

static void keeps_huge_bits(struct prog *p)
{
	pmd_t pmd;
	u64 val;

	map_huge_and_write(p, 2);
	KUNIT_EXPECT_EQ(p->test, sys_clear_refs_soft_dirty(), 0);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 1), 0);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_TRUE(p->test, huge_marked(p->addr));
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr, &val), 0);
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr + HUGE_BYTES, &val), 0);

	pmd = pmd_at(current->mm, p->addr);
	KUNIT_EXPECT_TRUE(p->test, pmd_young(pmd));
	KUNIT_EXPECT_TRUE(p->test, pmd_dirty(pmd));
	KUNIT_EXPECT_TRUE(p->test, pmd_soft_dirty(pmd));
	KUNIT_EXPECT_TRUE(p->test, pmd_write(pmd));

	/* Soft-dirty tracking still wants to see the next write of this one. */
	pmd = pmd_at(current->mm, p->addr + HUGE_BYTES);
	KUNIT_EXPECT_TRUE(p->test, pmd_young(pmd));
	KUNIT_EXPECT_FALSE(p->test, pmd_soft_dirty(pmd));
	KUNIT_EXPECT_FALSE(p->test, pmd_write(pmd));
}

static void young_dirty_and_soft_dirty_of_a_huge_page_survive(struct kunit *test)
{
	run_prog(test, 0, keeps_huge_bits, NULL);
}

static void counts_all_pages(struct prog *p)
{
	unsigned long by_node[4], local;

	map_huge_and_write(p, 1);
	wait_for_passes(p, 2);
	KUNIT_ASSERT_TRUE(p->test, huge_marked(p->addr));
	local = count_of(AUTONUMA_HINT_FAULTS_LOCAL);
	touch_each(p);
	counts_read(&current->task_autonuma->faults, by_node);
	KUNIT_EXPECT_EQ(p->test, by_node[1], HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(p->test, by_node[2], 0);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_HINT_FAULTS_LOCAL), local + 1);
	go_to_node(p, 2);
	wait_for_passes(p, 1);
	touch_each(p);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_HINT_FAULTS_LOCAL), local + 1);
}

static void all_pages_of_a_huge_page_are_counted(struct kunit *test)
{
	run_prog(test, cpu_of(1), counts_all_pages, NULL);
}

static void counts_when_untouched(struct prog *p)
{
	const char *working_set = p->arg;
	unsigned long by_node[4], marked;
	struct mm_autonuma *mma;

	set_knob(p->test, "working_set", working_set);
	map_huge_and_write(p, 1);
	wait_for_passes(p, 1);
	marked = count_of(AUTONUMA_PAGES_MARKED);
	wait_for_passes(p, 3);
	mma = current->mm->mm_autonuma;
	KUNIT_EXPECT_TRUE(p->test, huge_marked(p->addr));
	/* Once is enough. */
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_MARKED), marked);
	counts_read(mma->pages, by_node);
	if (*working_set == '1')
		KUNIT_EXPECT_LT(p->test, by_node[0], HPAGE_PMD_NR);
	else
		KUNIT_EXPECT_GE(p->test, by_node[0], HPAGE_PMD_NR);
}

static void an_untouched_huge_page_is_outside_the_working_set(struct kunit *test)
{
	run_prog(test, 0, counts_when_untouched, "1");
	run_prog(test, 0, counts_when_untouched, "0");
}

static void scans_with_little_work(struct prog *p)
{
	set_knob(p->test, "pages_to_scan", "100");
	set_knob(p->test, "scan_sleep_millisecs", "1");
	map_huge_and_write(p, 3);
	trace_enable("autonuma_scan_mm");
	wait_for_passes(p, 1);
	KUNIT_EXPECT_TRUE(p->test, huge_marked(p->addr));
	KUNIT_EXPECT_TRUE(p->test, huge_marked(p->addr + HUGE_BYTES));
	KUNIT_EXPECT_TRUE(p->test, huge_marked(p->addr + 2 * HUGE_BYTES));
	/* Each took the whole batch: a huge page is as much work as its pages. */
	KUNIT_EXPECT_GE(p->test, traced("autonuma_scan_mm", NULL, NULL), 3);
	expect_contents(p);
}

static void a_batch_smaller_than_a_huge_page_marks_one(struct kunit *test)
{
	run_prog(test, 0, scans_with_little_work, NULL);
}

/* The first range of a pass over [addr, addr + HUGE_BYTES), and what it was then. */
struct range_observer {
	struct mmu_notifier notifier;
	unsigned long addr, start, end;
	unsigned int ranges;
};

static int observe_range(struct mmu_notifier *n, const struct mmu_notifier_range *r)
{
	struct range_observer *o = container_of(n, struct range_observer, notifier);

	if (r->event != MMU_NOTIFY_PROTECTION_VMA || r->end <= o->addr ||
	    r->start >= o->addr + HUGE_BYTES)
		return 0;
	o->start = r->start;
	o->end = r->end;
	o->ranges++;
	return 0;
}

static const struct mmu_notifier_ops observe_ops = {
	.invalidate_range_start = observe_range,
};

/*
 * The notifiers hear of the whole huge page: also when the batch is smaller, and when it
 * goes on in the middle of what was small before.
 */
static void is_heard_of(struct prog *p)
{
	struct range_observer o = { .notifier.ops = &observe_ops };
	int limit = 1000;

	set_knob(p->test, "pages_to_scan", "100");
	map_huge_and_write(p, 1);
	if (p->arg) {
		split_pmd_at(p->addr);
		set_knob(p->test, "scan_sleep_millisecs", "5000");
	}
	o.addr = p->addr;
	KUNIT_ASSERT_EQ(p->test, mmu_notifier_register(&o.notifier, current->mm), 0);
	while (!o.ranges && limit--)
		user_compute(20 * MSEC);
	if (p->arg) {
		/* Its first hundred entries are marked. Now it is huge again. */
		touch_all(p);
		KUNIT_ASSERT_EQ(p->test, sys_madvise(p->addr, HUGE_BYTES, MADV_COLLAPSE), 0);
		o.ranges = 0;
		while (!o.ranges && limit--)
			user_compute(20 * MSEC);
	}
	user_compute(20 * MSEC);
	mmu_notifier_unregister(&o.notifier, current->mm);
	KUNIT_EXPECT_GT(p->test, o.ranges, 0);
	KUNIT_EXPECT_TRUE(p->test, huge_marked(p->addr));
	KUNIT_EXPECT_LE(p->test, o.start, p->addr);
	KUNIT_EXPECT_GE(p->test, o.end, p->addr + HUGE_BYTES);
}

/* A batch that begins inside a huge page marks it whole, and is over then. */
static void is_marked_from_inside(struct prog *p)
{
	map_huge_and_write(p, 3);
	wait_for_passes(p, 1);
	touch_each(p);
	set_knob(p->test, "scan_sleep_millisecs", "2000");
	set_knob(p->test, "pages_to_scan", "512");
	current->mm->mm_autonuma->address = p->addr + HUGE_BYTES / 2;
	while (!huge_marked(p->addr))
		user_compute(20 * MSEC);
	KUNIT_EXPECT_FALSE(p->test, huge_marked(p->addr + HUGE_BYTES));
	user_compute(2 * SEC);
	KUNIT_EXPECT_TRUE(p->test, huge_marked(p->addr + HUGE_BYTES));
}

static void a_batch_that_begins_inside_a_huge_page_marks_that_one(struct kunit *test)
{
	run_prog(test, 0, is_marked_from_inside, NULL);
}

static void notifiers_hear_of_the_whole_huge_page(struct kunit *test)
{
	run_prog(test, 0, is_heard_of, NULL);
	run_prog(test, 0, is_heard_of, "in the middle");
}

/* A fault for somebody else: only the fault itself can make the entry young. */
static void is_touched_by_the_kernel(struct prog *p)
{
	struct mm_struct *mm = current->mm;
	spinlock_t *ptl;
	pmd_t *pmd;

	map_huge_and_write(p, 1);
	mmap_read_lock(mm);
	pmd = mm_find_pmd(mm, p->addr);
	ptl = pmd_lock(mm, pmd);
	set_pmd_at(mm, p->addr, pmd,
		   pmd_mkold(pmdp_invalidate(vma_lookup(mm, p->addr), p->addr, pmd)));
	spin_unlock(ptl);
	flush_tlb_mm(mm);
	mmap_read_unlock(mm);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_TRUE(p->test, huge_marked(p->addr));
	KUNIT_EXPECT_FALSE(p->test, pmd_young(pmd_at(mm, p->addr)));
	mmap_read_lock(mm);
	KUNIT_EXPECT_EQ(p->test, handle_mm_fault(vma_lookup(mm, p->addr), p->addr, 0, NULL), 0);
	mmap_read_unlock(mm);
	KUNIT_EXPECT_FALSE(p->test, huge_marked(p->addr));
	KUNIT_EXPECT_TRUE(p->test, pmd_young(pmd_at(mm, p->addr)));
}

static void the_fault_makes_a_huge_page_young(struct kunit *test)
{
	run_prog(test, 0, is_touched_by_the_kernel, NULL);
}

/*
 * 6.12 splits a marked huge entry into small ones that are not marked, and not writable: who
 * writes faults once more, and copies nothing.
 */
static void is_split_while_marked(struct prog *p)
{
	unsigned long hints, anon;
	struct folio *folio;

	map_huge_and_write(p, 1);
	wait_for_passes(p, 1);
	KUNIT_ASSERT_TRUE(p->test, huge_marked(p->addr));
	folio = folio_at(p->addr);
	KUNIT_EXPECT_EQ(p->test, sys_mprotect(p->addr, PAGE_SIZE, PROT_READ), 0);
	KUNIT_EXPECT_FALSE(p->test, is_huge(p->addr));
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);
	hints = count_of(AUTONUMA_HINT_FAULTS);
	anon = global_node_page_state(NR_ANON_MAPPED);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr + PAGE_SIZE, 2), 0);
	KUNIT_EXPECT_TRUE(p->test, pte_write(entry_at(p->addr + PAGE_SIZE)));
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_HINT_FAULTS), hints);
	KUNIT_EXPECT_EQ(p->test, global_node_page_state(NR_ANON_MAPPED), anon);
	KUNIT_EXPECT_PTR_EQ(p->test, folio_at(p->addr + PAGE_SIZE), folio);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 1), -EFAULT);
	expect_contents(p);
}

static void a_marked_page_that_is_split_can_be_written(struct kunit *test)
{
	run_prog(test, 0, is_split_while_marked, NULL);
}

static int reading_child(void *arg)
{
	struct prog *p = arg;

	wait_for_passes(p, 2);
	KUNIT_EXPECT_FALSE(p->test, huge_marked(p->addr));
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 77), 0);
	return 0;
}

static void is_shared(struct prog *p)
{
	long pid;

	map_huge_and_write(p, 1);
	pid = sys_fork(reading_child, p);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
	expect_contents(p);
}

static void a_huge_page_shared_by_fork_is_not_marked(struct kunit *test)
{
	run_prog(test, 0, is_shared, NULL);
}

static void reads_zeroes(struct prog *p)
{
	u64 val = 1;

	p->addr = map_huge(p->test, 1);
	p->pages = HPAGE_PMD_NR;
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr, &val), 0);
	KUNIT_EXPECT_EQ(p->test, val, 0);
	KUNIT_ASSERT_TRUE(p->test, is_huge_zero_pmd(pmd_at(current->mm, p->addr)));
	wait_for_passes(p, 2);
	KUNIT_EXPECT_FALSE(p->test, huge_marked(p->addr));
}

static void the_huge_zero_page_is_not_marked(struct kunit *test)
{
	run_prog(test, 0, reads_zeroes, NULL);
}

static struct kunit_case huge_mark_cases[] = {
	KUNIT_CASE(a_huge_page_is_marked_whole_and_stays_writable),
	KUNIT_CASE(young_dirty_and_soft_dirty_of_a_huge_page_survive),
	KUNIT_CASE(all_pages_of_a_huge_page_are_counted),
	KUNIT_CASE(an_untouched_huge_page_is_outside_the_working_set),
	KUNIT_CASE(a_batch_smaller_than_a_huge_page_marks_one),
	KUNIT_CASE(a_batch_that_begins_inside_a_huge_page_marks_that_one),
	KUNIT_CASE(notifiers_hear_of_the_whole_huge_page),
	KUNIT_CASE(the_fault_makes_a_huge_page_young),
	KUNIT_CASE(a_marked_page_that_is_split_can_be_written),
	KUNIT_CASE(a_huge_page_shared_by_fork_is_not_marked),
	KUNIT_CASE(the_huge_zero_page_is_not_marked),
	{}
};

static struct kunit_suite huge_mark_suite = {
	.name = "autonuma-huge-mark",
	.init = keep_khugepaged_away,
	.test_cases = huge_mark_cases,
};
kunit_test_suite(huge_mark_suite);
