// SPDX-License-Identifier: GPL-2.0
/* The daemon that collapses: whom it scans, what its limits allow, its files. */
#include "split_test.h"
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/freezer.h>
#include <linux/sched/signal.h>
#include <linux/khugepaged.h>
#include <machine/sysfs.h>

#define PAGES	((unsigned long)HPAGE_PMD_NR)
/*
 * Milliseconds in which the daemon looks at everything. It may find mmap_lock taken the
 * first time: by the madvise() that told it where to look.
 */
#define TWO_GOES	15000
#define DIR	"/sys/kernel/mm/transparent_hugepage/"

static struct kunit *the_test;

static int khugepaged_test_init(struct kunit *test)
{
	the_test = test;
	return 0;
}

static ssize_t write_knob(const char *path, const char *text)
{
	return sysfs_write_file(path, text, strlen(text));
}

static void set_knob(const char *name, const char *text)
{
	char path[96];

	snprintf(path, sizeof(path), DIR "khugepaged/%s", name);
	KUNIT_EXPECT_EQ(the_test, write_knob(path, text), (ssize_t)strlen(text));
}

static unsigned long get_knob(const char *name)
{
	char path[96], text[32];
	unsigned long value = ~0UL;

	snprintf(path, sizeof(path), DIR "khugepaged/%s", name);
	KUNIT_EXPECT_GT(the_test, sysfs_read_file(path, text, sizeof(text)), (ssize_t)0);
	KUNIT_EXPECT_EQ(the_test, kstrtoul(text, 10, &value), 0);
	return value;
}

static struct task_struct *find_daemon(void)
{
	struct task_struct *p, *found = NULL;

	rcu_read_lock();
	for_each_process(p)
		if (!strcmp(p->comm, "khugepaged"))
			found = p;
	rcu_read_unlock();
	return found;
}

/*
 * An aligned range of small pages in a VMA that the daemon looks at.  It is filled while
 * huge pages are forbidden there.
 */
static unsigned long scanned_area(unsigned long nr)
{
	unsigned long addr = map_aligned(the_test, nr * HPAGE_PMD_SIZE);

	fill(the_test, addr, nr * PAGES);
	lru_add_drain_all();
	return addr;
}

static void let_it_scan(unsigned long addr, unsigned long nr)
{
	KUNIT_EXPECT_EQ(the_test, sys_madvise(addr, nr * HPAGE_PMD_SIZE, MADV_HUGEPAGE), 0L);
}

static bool is_huge(unsigned long addr)
{
	return pmd_trans_huge(peek_pmd(addr));
}

static int prog_daemon(void *arg)
{
	unsigned long addr = scanned_area(3), rounds;

	KUNIT_EXPECT_NULL(the_test, find_daemon());
	let_it_scan(addr, 3);
	msleep(TWO_GOES);
	KUNIT_EXPECT_NOT_NULL(the_test, find_daemon());
	KUNIT_EXPECT_TRUE(the_test, is_huge(addr));
	KUNIT_EXPECT_TRUE(the_test, is_huge(addr + 2 * HPAGE_PMD_SIZE));
	KUNIT_EXPECT_EQ(the_test, get_knob("pages_collapsed"), 3UL);
	rounds = get_knob("full_scans");
	msleep(3 * TWO_GOES);
	KUNIT_EXPECT_GT(the_test, get_knob("full_scans"), rounds + 1);
	expect_filled(the_test, addr, 3 * PAGES);
	return 0;
}

static void the_daemon_collapses_what_madvise_allows(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_daemon), 0);
}

/* As for hibernation: it moves no memory meanwhile. */
static void expect_freezes(void)
{
	struct task_struct *daemon = find_daemon();

	KUNIT_ASSERT_NOT_NULL(the_test, daemon);
	KUNIT_EXPECT_EQ(the_test, freeze_kernel_threads(), 0);
	KUNIT_EXPECT_TRUE(the_test, frozen(daemon));
	thaw_kernel_threads();
}

static int prog_freeze(void *arg)
{
	let_it_scan(scanned_area(1), 1);
	msleep(TWO_GOES);
	expect_freezes();
	return 0;
}

static void it_freezes_between_two_scans_and_without_work(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_freeze), 0);
	msleep(TWO_GOES);
	expect_freezes();
}

static int prog_pace(void *arg)
{
	unsigned long addr = scanned_area(4), before;

	set_knob("pages_to_scan", "512");
	set_knob("scan_sleep_millisecs", "2000");
	let_it_scan(addr, 4);
	msleep(1000);
	before = get_knob("pages_collapsed");
	KUNIT_EXPECT_LE(the_test, before, 1UL);
	msleep(2000);
	KUNIT_EXPECT_EQ(the_test, get_knob("pages_collapsed"), before + 1);
	/* a shorter sleep counts at once */
	set_knob("scan_sleep_millisecs", "10");
	msleep(500);
	KUNIT_EXPECT_EQ(the_test, get_knob("pages_collapsed"), 4UL);
	expect_filled(the_test, addr, 4 * PAGES);
	return 0;
}

static void it_scans_so_many_pages_and_sleeps(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_pace), 0);
}

static int prog_none(void *arg)
{
	unsigned long addr = map_aligned(the_test, 2 * HPAGE_PMD_SIZE), i;
	unsigned long exceeded = vm_event(THP_SCAN_EXCEED_NONE_PTE);

	/* 12 missing, and 13 */
	for (i = 0; i < 2 * PAGES; i++)
		if (i >= 12 && i != PAGES + 12 && !(i >= PAGES && i < PAGES + 12))
			user_write64(addr + i * PAGE_SIZE, i);
	set_knob("max_ptes_none", "12");
	let_it_scan(addr, 2);
	msleep(TWO_GOES);
	KUNIT_EXPECT_TRUE(the_test, is_huge(addr));
	KUNIT_EXPECT_FALSE(the_test, is_huge(addr + HPAGE_PMD_SIZE));
	KUNIT_EXPECT_GT(the_test, vm_event(THP_SCAN_EXCEED_NONE_PTE), exceeded);
	set_knob("max_ptes_none", "13");
	msleep(TWO_GOES);
	KUNIT_EXPECT_TRUE(the_test, is_huge(addr + HPAGE_PMD_SIZE));
	KUNIT_EXPECT_EQ(the_test, read_word(addr + 20 * PAGE_SIZE), 20ULL);
	KUNIT_EXPECT_EQ(the_test, read_word(addr + (PAGES + 12) * PAGE_SIZE), 0ULL);
	return 0;
}

static void max_ptes_none_limits_what_is_missing(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_none), 0);
}

static struct completion child_there, child_may_go;

static int child_shares(void *arg)
{
	complete(&child_there);
	wait_for_completion(&child_may_go);
	return 0;
}

static int prog_shared(void *arg)
{
	unsigned long addr = scanned_area(1), i, exceeded = vm_event(THP_SCAN_EXCEED_SHARED_PTE);
	long child;

	init_completion(&child_there);
	init_completion(&child_may_go);
	child = sys_fork(child_shares, NULL);
	if (child < 0)
		return 1;
	wait_for_completion(&child_there);
	/* all but 10 get copies of our own */
	for (i = 10; i < PAGES; i++)
		user_write64(addr + i * PAGE_SIZE, word_of(i));
	set_knob("max_ptes_shared", "9");
	let_it_scan(addr, 1);
	msleep(TWO_GOES);
	KUNIT_EXPECT_FALSE(the_test, is_huge(addr));
	KUNIT_EXPECT_GT(the_test, vm_event(THP_SCAN_EXCEED_SHARED_PTE), exceeded);
	set_knob("max_ptes_shared", "10");
	msleep(TWO_GOES);
	KUNIT_EXPECT_TRUE(the_test, is_huge(addr));
	expect_filled(the_test, addr, PAGES);
	complete(&child_may_go);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(child), 0L);
	return 0;
}

static void max_ptes_shared_limits_what_others_have_too(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_shared), 0);
}

static int prog_old(void *arg)
{
	unsigned long addr = scanned_area(1), i, flags;
	pte_t *pte;
	spinlock_t *ptl;

	/* nobody has touched them for long */
	mmap_read_lock(current->mm);
	pte = pte_offset_map_lock(current->mm, mm_find_pmd(current->mm, addr), addr, &ptl);
	for (i = 0; i < PAGES; i++) {
		ptep_test_and_clear_young(vma_lookup(current->mm, addr), addr + i * PAGE_SIZE,
					  pte + i);
		folio_clear_referenced(page_folio(pte_page(ptep_get(pte + i))));
	}
	pte_unmap_unlock(pte, ptl);
	mmap_read_unlock(current->mm);
	flush_tlb_mm(current->mm);
	let_it_scan(addr, 1);
	msleep(TWO_GOES);
	KUNIT_EXPECT_FALSE(the_test, is_huge(addr));
	/* one is enough */
	flags = read_word(addr + 5 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(the_test, flags, word_of(5));
	msleep(TWO_GOES);
	KUNIT_EXPECT_TRUE(the_test, is_huge(addr));
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void pages_that_nobody_uses_are_left_alone(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_old), 0);
}

static int prog_no_memory(void *arg)
{
	unsigned long addr = scanned_area(1), failed = vm_event(THP_COLLAPSE_ALLOC_FAILED);
	int rule = inject_set((struct inject_rule) {
		.sites = 1 << INJECT_PAGE, .per_million = 1000000, .min_order = HPAGE_PMD_ORDER,
	});

	set_knob("alloc_sleep_millisecs", "50000");
	let_it_scan(addr, 1);
	msleep(3 * TWO_GOES);
	/* tried once, and not again after the usual ten seconds */
	KUNIT_EXPECT_EQ(the_test, vm_event(THP_COLLAPSE_ALLOC_FAILED), failed + 1);
	KUNIT_EXPECT_FALSE(the_test, is_huge(addr));
	inject_clear(rule);
	/* a shorter sleep counts at once; after it the daemon finds the range again */
	set_knob("alloc_sleep_millisecs", "10");
	msleep(3 * TWO_GOES);
	KUNIT_EXPECT_TRUE(the_test, is_huge(addr));
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void without_memory_it_sleeps_longer(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_no_memory), 0);
}

static int prog_enabled(void *arg)
{
	unsigned long addr = scanned_area(2);

	let_it_scan(addr, 1);
	msleep(TWO_GOES);
	KUNIT_EXPECT_TRUE(the_test, is_huge(addr));
	KUNIT_EXPECT_EQ(the_test, write_knob(DIR "enabled", "never"), 5L);
	msleep(100);
	KUNIT_EXPECT_NULL(the_test, find_daemon());
	let_it_scan(addr, 2);
	msleep(3 * TWO_GOES);
	KUNIT_EXPECT_FALSE(the_test, is_huge(addr + HPAGE_PMD_SIZE));
	KUNIT_EXPECT_EQ(the_test, write_knob(DIR "enabled", "madvise"), 7L);
	msleep(3 * TWO_GOES);
	KUNIT_EXPECT_NOT_NULL(the_test, find_daemon());
	KUNIT_EXPECT_TRUE(the_test, is_huge(addr + HPAGE_PMD_SIZE));
	return 0;
}

static void enabled_stops_and_starts_it(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_enabled), 0);
}

static int child_is_scanned(void *arg)
{
	unsigned long addr = (unsigned long)arg, i;

	/* pages of its own, which the daemon can only know through the child's mm */
	for (i = 0; i < PAGES; i++)
		user_write64(addr + i * PAGE_SIZE, word_of(i) + 1);
	msleep(3 * TWO_GOES);
	KUNIT_EXPECT_TRUE(the_test, is_huge(addr));
	KUNIT_EXPECT_EQ(the_test, read_word(addr + 77 * PAGE_SIZE), word_of(77) + 1);
	return 0;
}

static int prog_fork(void *arg)
{
	unsigned long addr = scanned_area(1);

	set_knob("max_ptes_shared", "0");
	let_it_scan(addr, 1);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(sys_fork(child_is_scanned, (void *)addr)), 0L);
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void a_child_is_scanned_too(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_fork), 0);
}

static int short_life(void *arg)
{
	unsigned long addr = scanned_area(1);

	let_it_scan(addr, 1);
	/* some end at once, some in the middle of a scan */
	udelay(((unsigned long)arg % 10) * 20);
	return 0;
}

static int prog_exits(void *arg)
{
	long child[4], i, round;

	set_knob("scan_sleep_millisecs", "0");
	for (round = 0; round < 5; round++) {
		for (i = 0; i < 4; i++)
			child[i] = sys_fork(short_life, (void *)(round * 4 + i));
		for (i = 0; i < 4; i++)
			KUNIT_EXPECT_EQ(the_test, sys_wait4(child[i]), 0L);
	}
	set_knob("scan_sleep_millisecs", "10000");
	return 0;
}

static void address_spaces_end_while_they_are_scanned(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_exits), 0);
}

static void the_files_take_what_they_should(struct kunit *test)
{
	static const struct {
		const char *name, *good, *bad;
	} knobs[] = {
		{ "max_ptes_none", "511", "512" },
		{ "max_ptes_swap", "0", "512" },
		{ "max_ptes_shared", "511", "-1" },
		{ "pages_to_scan", "1", "0" },
		{ "scan_sleep_millisecs", "0", "x" },
		{ "alloc_sleep_millisecs", "1", "\n" },
		{ "defrag", "0", "2" },
	};
	char path[96];
	unsigned int i;

	KUNIT_EXPECT_EQ(test, get_knob("max_ptes_none"), 511UL);
	KUNIT_EXPECT_EQ(test, get_knob("max_ptes_swap"), 64UL);
	KUNIT_EXPECT_EQ(test, get_knob("max_ptes_shared"), 256UL);
	KUNIT_EXPECT_EQ(test, get_knob("pages_to_scan"), 4096UL);
	KUNIT_EXPECT_EQ(test, get_knob("scan_sleep_millisecs"), 10000UL);
	KUNIT_EXPECT_EQ(test, get_knob("alloc_sleep_millisecs"), 60000UL);
	KUNIT_EXPECT_EQ(test, get_knob("defrag"), 1UL);
	for (i = 0; i < ARRAY_SIZE(knobs); i++) {
		set_knob(knobs[i].name, knobs[i].good);
		snprintf(path, sizeof(path), DIR "khugepaged/%s", knobs[i].name);
		KUNIT_EXPECT_EQ(test, write_knob(path, knobs[i].bad), (ssize_t)-EINVAL);
		KUNIT_EXPECT_EQ(test, get_knob(knobs[i].name),
				simple_strtoul(knobs[i].good, NULL, 10));
	}
	KUNIT_EXPECT_EQ(test, write_knob(DIR "khugepaged/full_scans", "1"), (ssize_t)-EACCES);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(the_daemon_collapses_what_madvise_allows),
	KUNIT_CASE(it_freezes_between_two_scans_and_without_work),
	KUNIT_CASE(it_scans_so_many_pages_and_sleeps),
	KUNIT_CASE(max_ptes_none_limits_what_is_missing),
	KUNIT_CASE(max_ptes_shared_limits_what_others_have_too),
	KUNIT_CASE(pages_that_nobody_uses_are_left_alone),
	KUNIT_CASE(without_memory_it_sleeps_longer),
	KUNIT_CASE(enabled_stops_and_starts_it),
	KUNIT_CASE(a_child_is_scanned_too),
	KUNIT_CASE(address_spaces_end_while_they_are_scanned),
	KUNIT_CASE(the_files_take_what_they_should),
	{}
};

static struct kunit_suite suite = {
	.name = "khugepaged",
	.init = khugepaged_test_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);
