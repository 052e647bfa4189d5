// SPDX-License-Identifier: GPL-2.0
/*
 * knuma_scand: what a pass marks, what it leaves alone, what it counts, how it is paced.
 */
#include <linux/mempolicy.h>
#include <linux/mmu_notifier.h>
#include <machine/trace.h>

#include "core_test.h"

static void marks(struct prog *p)
{
	map_and_write(p, 40);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 40);
	expect_contents(p);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);
}

static void a_pass_marks_every_touched_page(struct kunit *test)
{
	unsigned long marked = count_of(AUTONUMA_PAGES_MARKED);

	run_prog(test, 0, marks, NULL);
	KUNIT_EXPECT_GE(test, count_of(AUTONUMA_PAGES_MARKED) - marked, 40);
	KUNIT_EXPECT_GE(test, count_of(AUTONUMA_FULL_SCANS), 1);
}

/*
 * Every bit but the permissions, which PROT_NONE stands for; frame numbers are compared as
 * such, because x86 stores them inverted in entries that are not present, and so is
 * dirtiness, which has another bit in entries that are not writable.
 */
static void marking_keeps_bits(struct prog *p)
{
	pteval_t keep = ~(_PAGE_RW | _PAGE_USER | _PAGE_PRESENT | _PAGE_PROTNONE |
			  _PAGE_NX | PTE_PFN_MASK | _PAGE_DIRTY | _PAGE_SAVED_DIRTY);
	pte_t before[4];
	u64 val;
	int i;

	map_and_write(p, 4);
	KUNIT_EXPECT_EQ(p->test, sys_clear_refs_soft_dirty(), 0);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 1), 0);
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr + PAGE_SIZE, &val), 0);
	for (i = 0; i < 4; i++)
		before[i] = entry_at(p->addr + i * PAGE_SIZE);
	KUNIT_EXPECT_TRUE(p->test, pte_soft_dirty(before[0]));
	KUNIT_EXPECT_FALSE(p->test, pte_soft_dirty(before[1]));

	wait_for_passes(p, 1);
	for (i = 0; i < 4; i++) {
		pte_t now = entry_at(p->addr + i * PAGE_SIZE);

		KUNIT_EXPECT_TRUE(p->test, pte_protnone(now));
		KUNIT_EXPECT_FALSE(p->test, pte_write(now));
		KUNIT_EXPECT_EQ(p->test, pte_val(now) & keep, pte_val(before[i]) & keep);
		KUNIT_EXPECT_EQ(p->test, pte_pfn(now), pte_pfn(before[i]));
		KUNIT_EXPECT_EQ(p->test, pte_dirty(now), pte_dirty(before[i]));
	}
}

static void marking_keeps_every_bit_but_the_permissions(struct kunit *test)
{
	run_prog(test, 0, marking_keeps_bits, NULL);
}

static long map(struct prog *p, unsigned long prot, unsigned long flags, struct file *file)
{
	long addr = sys_mmap(0, 4 * PAGE_SIZE, prot, flags, file, 0);

	KUNIT_EXPECT_GT(p->test, addr, 0);
	return addr;
}

static void touch(struct prog *p, unsigned long addr, bool write)
{
	u64 val;

	KUNIT_EXPECT_EQ(p->test, write ? user_write64(addr, 1) : user_read64(addr, &val), 0);
}

static void leaves_mappings_alone(struct prog *p)
{
	struct file *reg = regular_file_create("library", 64 * PAGE_SIZE);
	struct file *shm = shmem_file_create("shared", 64 * PAGE_SIZE);
	nodemask_t node0 = nodemask_of_node(0);
	unsigned long lib, shared, inaccessible, bound, rw, priv_ro;
	u64 failed_before;

	lib = map(p, PROT_READ, MAP_PRIVATE, reg);
	touch(p, lib, false);
	shared = map(p, PROT_READ | PROT_WRITE, MAP_SHARED, shm);
	touch(p, shared, true);
	inaccessible = map(p, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL);
	touch(p, inaccessible, true);
	KUNIT_EXPECT_EQ(p->test, sys_mprotect(inaccessible, 4 * PAGE_SIZE, PROT_NONE), 0);
	bound = map(p, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL);
	KUNIT_EXPECT_EQ(p->test, sys_mbind(bound, 4 * PAGE_SIZE, MPOL_BIND, &node0, 0), 0);
	touch(p, bound, true);
	rw = map(p, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL);
	touch(p, rw, true);
	priv_ro = map(p, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL);
	touch(p, priv_ro, true);
	KUNIT_EXPECT_EQ(p->test, sys_mprotect(priv_ro, 4 * PAGE_SIZE, PROT_READ), 0);

	failed_before = trace_count("autonuma_skip");
	wait_for_passes(p, 1);
	KUNIT_EXPECT_GE(p->test, trace_count("autonuma_skip"), failed_before + 3);

	KUNIT_EXPECT_FALSE(p->test, marked_at(lib));
	KUNIT_EXPECT_FALSE(p->test, marked_at(bound));
	KUNIT_EXPECT_TRUE(p->test, marked_at(shared));
	KUNIT_EXPECT_TRUE(p->test, marked_at(rw));
	KUNIT_EXPECT_TRUE(p->test, marked_at(priv_ro));
	/* An inaccessible entry looks marked; the fault must still be a fault. */
	KUNIT_EXPECT_EQ(p->test, user_write64(inaccessible, 1), -EFAULT);
	file_put(reg);
	file_put(shm);
}

static void mappings_that_cannot_profit_are_left_alone(struct kunit *test)
{
	trace_enable("autonuma_skip");
	run_prog(test, 0, leaves_mappings_alone, NULL);
}

static void leaves_pages_alone(struct prog *p)
{
	unsigned long addr = map(p, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL);
	struct page *page;
	long pinned;

	touch(p, addr, false);				/* the zero page */
	touch(p, addr + PAGE_SIZE, true);
	touch(p, addr + 2 * PAGE_SIZE, true);

	pinned = pin_user_pages_fast(addr + PAGE_SIZE, 1, FOLL_WRITE | FOLL_LONGTERM, &page);
	KUNIT_EXPECT_EQ(p->test, pinned, 1);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_FALSE(p->test, marked_at(addr));
	KUNIT_EXPECT_FALSE(p->test, marked_at(addr + PAGE_SIZE));
	KUNIT_EXPECT_TRUE(p->test, marked_at(addr + 2 * PAGE_SIZE));
	KUNIT_EXPECT_TRUE(p->test, pte_none(entry_at(addr + 3 * PAGE_SIZE)));
	if (pinned == 1)
		unpin_user_page(page);
}

static void zero_and_pinned_pages_are_left_alone(struct kunit *test)
{
	run_prog(test, 0, leaves_pages_alone, NULL);
}

static int sharing_child(void *arg)
{
	user_compute(15 * SEC);
	return 0;
}

static void leaves_shared_cow_alone(struct prog *p)
{
	long pid;

	map_and_write(p, 4);
	pid = sys_fork(sharing_child, NULL);
	KUNIT_EXPECT_GT(p->test, pid, 0);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 1), 0);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_TRUE(p->test, marked_at(p->addr));
	KUNIT_EXPECT_FALSE(p->test, marked_at(p->addr + PAGE_SIZE));
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
}

static void pages_shared_by_cow_are_left_alone(struct kunit *test)
{
	run_prog(test, 0, leaves_shared_cow_alone, NULL);
}

static void counts_working_set(struct prog *p)
{
	unsigned long by_node[4];
	struct mm_autonuma *mma;
	u64 val;

	map_and_write(p, 30);
	wait_for_passes(p, 1);
	mma = current->mm->mm_autonuma;
	KUNIT_EXPECT_NOT_NULL(p->test, mma);
	KUNIT_EXPECT_EQ(p->test, counts_read(mma->pages, by_node), 30);
	KUNIT_EXPECT_EQ(p->test, by_node[1], 30);

	/* Only what is touched between two passes is in the next one's count. */
	set_knob(p->test, "scan_pmd", "0");
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr, &val), 0);
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr + 5 * PAGE_SIZE, &val), 0);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, counts_read(mma->pages, by_node), 2);

	set_knob(p->test, "working_set", "0");
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, counts_read(mma->pages, by_node), 30);
	/* Two faults were taken, and halved twice since; the untouched pages had none. */
	KUNIT_EXPECT_LE(p->test, counts_read(&current->task_autonuma->faults, by_node), 2);
}

static void the_working_set_is_what_was_touched_since_the_last_pass(struct kunit *test)
{
	run_prog(test, cpu_of(1), counts_working_set, NULL);
}

/* 64 pages at 16 units per pause: a pass takes at least three pauses of 100 ms. */
static void is_paced(struct prog *p)
{
	u64 before;
	unsigned long marked;

	map_and_write(p, 64);
	marked = count_of(AUTONUMA_PAGES_MARKED);
	set_knob(p->test, "pages_to_scan", "16");
	while (count_of(AUTONUMA_PAGES_MARKED) == marked)
		user_compute(10 * MSEC);
	before = ktime_get_ns();
	KUNIT_EXPECT_LE(p->test, count_of(AUTONUMA_PAGES_MARKED) - marked, 16);
	while (count_of(AUTONUMA_PAGES_MARKED) - marked < 64)
		user_compute(10 * MSEC);
	KUNIT_EXPECT_GE(p->test, ktime_get_ns() - before, 200 * MSEC);
	KUNIT_EXPECT_LE(p->test, ktime_get_ns() - before, SEC);
}

static void the_scan_pauses_after_pages_to_scan(struct kunit *test)
{
	run_prog(test, 0, is_paced, NULL);
}

static void huge_holes_are_cheap(struct prog *p)
{
	unsigned long scanned;
	long addr;

	map_and_write(p, 2);
	/* 1 TiB that nobody touched costs a few units, not 2^28. */
	addr = sys_mmap(0, 1UL << 40, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, NULL, 0);
	KUNIT_EXPECT_GT(p->test, addr, 0);
	KUNIT_EXPECT_EQ(p->test, user_write64(addr + (1UL << 39), 1), 0);
	wait_for_passes(p, 1);
	scanned = count_of(AUTONUMA_PAGES_SCANNED);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_LE(p->test, count_of(AUTONUMA_PAGES_SCANNED) - scanned, 20000);
	KUNIT_EXPECT_TRUE(p->test, marked_at(addr + (1UL << 39)));
}

static void untouched_ranges_cost_next_to_nothing(struct kunit *test)
{
	run_prog(test, 0, huge_holes_are_cheap, NULL);
}

struct watched {
	struct mmu_notifier notifier;
	unsigned long start, end;	/* what to watch */
	int open;
	int ranges;
	int pending_at_end;
};

static int watch_start(struct mmu_notifier *n, const struct mmu_notifier_range *r)
{
	struct watched *w = container_of(n, struct watched, notifier);

	if (r->event == MMU_NOTIFY_PROTECTION_VMA && r->start < w->end && w->start < r->end) {
		w->open++;
		w->ranges++;
	}
	return 0;
}

static void watch_end(struct mmu_notifier *n, const struct mmu_notifier_range *r)
{
	struct watched *w = container_of(n, struct watched, notifier);

	if (r->event == MMU_NOTIFY_PROTECTION_VMA && r->start < w->end && w->start < r->end) {
		w->open--;
		w->pending_at_end += mm_tlb_flush_pending(r->mm);
	}
}

static const struct mmu_notifier_ops watch_ops = {
	.invalidate_range_start = watch_start,
	.invalidate_range_end = watch_end,
};

static void tells_notifiers(struct prog *p)
{
	struct watched w = { .notifier.ops = &watch_ops };

	map_and_write(p, 8);
	w.start = p->addr;
	w.end = p->addr + 8 * PAGE_SIZE;
	KUNIT_EXPECT_EQ(p->test, mmu_notifier_register(&w.notifier, current->mm), 0);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 8);
	mmu_notifier_unregister(&w.notifier, current->mm);
	KUNIT_EXPECT_GE(p->test, w.ranges, 1);
	KUNIT_EXPECT_EQ(p->test, w.open, 0);
	/* The flush comes when all mappings are done; until then everybody can see that. */
	KUNIT_EXPECT_EQ(p->test, w.pending_at_end, w.ranges);
}

static void marking_is_enclosed_by_mmu_notifiers(struct kunit *test)
{
	run_prog(test, 0, tells_notifiers, NULL);
}

/* A write through a translation from before the marking would not fault. */
static void flushes(struct prog *p)
{
	unsigned long faults;

	map_and_write(p, 1);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 1), 0);
	wait_for_passes(p, 1);
	faults = count_of(AUTONUMA_HINT_FAULTS);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 2), 0);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_HINT_FAULTS), faults + 1);
}

static void no_tlb_knows_a_marked_page(struct kunit *test)
{
	run_prog(test, 0, flushes, NULL);
}

static void every_mm_once(struct prog *p)
{
	map_and_write(p, 4);
	/* The first one may have begun before all three were known. */
	wait_for_passes(p, 4);
}

static void a_pass_visits_every_mm_once(struct kunit *test)
{
	struct prog p[3];
	struct task_struct *t[3];
	int i;

	trace_enable("autonuma_scan_mm");
	trace_enable("autonuma_pass_end");
	for (i = 0; i < 3; i++) {
		p[i] = (struct prog){ .test = test, .fn = every_mm_once };
		t[i] = program_start_on(i, "prog", prog_main, &p[i]);
		KUNIT_ASSERT_NOT_NULL(test, t[i]);
	}
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, program_wait(t[i]), 0);
	KUNIT_EXPECT_GE(test, trace_count("autonuma_pass_end"), 3);
	KUNIT_EXPECT_LE(test, trace_count("autonuma_scan_mm"),
			3 * (trace_count("autonuma_pass_end") + 1));
	KUNIT_EXPECT_GE(test, trace_count("autonuma_scan_mm"), 3 * 3);
}

static void stops_when_disabled(struct prog *p)
{
	unsigned long scanned;

	map_and_write(p, 8);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 8);
	set_knob(p->test, "enabled", "0");
	user_compute(SEC);
	scanned = count_of(AUTONUMA_PAGES_SCANNED);

	/* Entries left behind are restored, writable, without AutoNUMA. */
	expect_contents(p);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);
	KUNIT_EXPECT_TRUE(p->test, pte_write(entry_at(p->addr)));
	user_compute(30 * SEC);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_SCANNED), scanned);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);

	set_knob(p->test, "enabled", "1");
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 8);
}

static void nothing_is_marked_while_disabled(struct kunit *test)
{
	run_prog(test, 0, stops_when_disabled, NULL);
}

/* A single page on a node is found there. */
static void has_one_page_elsewhere(struct prog *p)
{
	nodemask_t node2 = nodemask_of_node(2);
	unsigned long by_node[4];

	map_and_write(p, 8);
	KUNIT_EXPECT_EQ(p->test, sys_set_mempolicy(MPOL_BIND, &node2), 0);
	map_and_write(p, 1);
	KUNIT_EXPECT_EQ(p->test, sys_set_mempolicy(MPOL_DEFAULT, NULL), 0);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 1);
	wait_for_passes(p, 1);
	counts_read(current->mm->mm_autonuma->pages, by_node);
	KUNIT_EXPECT_EQ(p->test, by_node[0], 8);
	KUNIT_EXPECT_EQ(p->test, by_node[2], 1);
}

static void a_page_that_is_alone_on_its_node_is_found(struct kunit *test)
{
	run_prog(test, 0, has_one_page_elsewhere, NULL);
}

/* Small pages where huge ones could be: a batch ends in the middle of a table. */
static void is_scanned_in_parts(struct prog *p)
{
	unsigned long i, marked;

	p->addr = 1UL << 40;
	p->pages = 64;
	KUNIT_EXPECT_EQ(p->test, sys_mmap(p->addr, 2 * PMD_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
					  MAP_ANONYMOUS | MAP_FIXED, NULL, 0), p->addr);
	set_knob(p->test, "pages_to_scan", "16");
	for (i = 0; i < p->pages; i++)
		KUNIT_EXPECT_EQ(p->test, user_write64(p->addr + i * PAGE_SIZE, i + 1), 0);
	KUNIT_EXPECT_FALSE(p->test, folio_test_large(page_folio(pte_page(entry_at(p->addr)))));
	marked = count_of(AUTONUMA_PAGES_MARKED);
	while (count_of(AUTONUMA_PAGES_MARKED) == marked)
		user_compute(10 * MSEC);
	KUNIT_EXPECT_LE(p->test, count_of(AUTONUMA_PAGES_MARKED), marked + 16);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 64);
}

static void a_batch_ends_in_the_middle_of_a_table(struct kunit *test)
{
	run_prog(test, 0, is_scanned_in_parts, NULL);
}

/* As when AutoNUMA cannot start. */
static void outlives_scand(struct prog *p)
{
	bool in_pass = p->arg;
	unsigned long marked;

	set_knob(p->test, "pages_to_scan", "8");
	set_knob(p->test, "enabled", in_pass ? "1" : "0");
	map_and_write(p, 64);
	while (in_pass && !count_of(AUTONUMA_PAGES_MARKED))
		user_compute(10 * MSEC);
	user_compute(in_pass ? 10 * MSEC : SEC);
	marked = marked_pages(p);
	KUNIT_EXPECT_LT(p->test, marked, 64);
	autonuma_scan_exit();
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), marked);
	KUNIT_EXPECT_EQ(p->test, current->mm->mm_autonuma != NULL, in_pass);
}

static void a_daemon_that_shall_end_does_not_finish_its_pass(struct kunit *test)
{
	run_prog(test, 0, outlives_scand, "in a pass");
}

static void a_daemon_that_shall_end_begins_nothing(struct kunit *test)
{
	run_prog(test, 0, outlives_scand, NULL);
}

/* What each node has is known from the last complete pass; before that from what was found yet. */
static void is_found_bit_by_bit(struct prog *p)
{
	struct mm_autonuma *mma;
	unsigned long total;

	set_knob(p->test, "pages_to_scan", "16");
	set_knob(p->test, "scan_sleep_millisecs", "500");
	map_and_write(p, 64);
	while (!count_of(AUTONUMA_PAGES_MARKED))
		user_compute(10 * MSEC);
	mma = current->mm->mm_autonuma;
	KUNIT_EXPECT_EQ(p->test, autonuma_counts_share(mma->held, 1, &total), 16);
	KUNIT_EXPECT_EQ(p->test, total, 16);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, autonuma_counts_share(mma->held, 1, &total), 64);
	/* The next one begins with nothing found. */
	KUNIT_EXPECT_TRUE(p->test, nodes_empty(mma->found_on));
	while (nodes_empty(mma->found_on))
		user_compute(10 * MSEC);
	KUNIT_EXPECT_EQ(p->test, autonuma_counts_share(mma->held, 1, &total), 64);
	KUNIT_EXPECT_EQ(p->test, total, 64);
}

static void the_first_pass_tells_what_it_has_found_so_far(struct kunit *test)
{
	run_prog(test, cpu_of(1), is_found_bit_by_bit, NULL);
}

static struct kunit_case scan_cases[] = {
	KUNIT_CASE(the_first_pass_tells_what_it_has_found_so_far),
	KUNIT_CASE(a_batch_ends_in_the_middle_of_a_table),
	KUNIT_CASE(a_daemon_that_shall_end_does_not_finish_its_pass),
	KUNIT_CASE(a_daemon_that_shall_end_begins_nothing),
	KUNIT_CASE(a_page_that_is_alone_on_its_node_is_found),
	KUNIT_CASE(a_pass_marks_every_touched_page),
	KUNIT_CASE(marking_keeps_every_bit_but_the_permissions),
	KUNIT_CASE(mappings_that_cannot_profit_are_left_alone),
	KUNIT_CASE(zero_and_pinned_pages_are_left_alone),
	KUNIT_CASE(pages_shared_by_cow_are_left_alone),
	KUNIT_CASE(the_working_set_is_what_was_touched_since_the_last_pass),
	KUNIT_CASE(the_scan_pauses_after_pages_to_scan),
	KUNIT_CASE(untouched_ranges_cost_next_to_nothing),
	KUNIT_CASE(marking_is_enclosed_by_mmu_notifiers),
	KUNIT_CASE(no_tlb_knows_a_marked_page),
	KUNIT_CASE(a_pass_visits_every_mm_once),
	KUNIT_CASE(nothing_is_marked_while_disabled),
	{}
};

static struct kunit_suite scan_suite = {
	.name = "autonuma-scan",
	.test_cases = scan_cases,
};
kunit_test_suite(scan_suite);
