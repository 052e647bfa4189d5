// SPDX-License-Identifier: GPL-2.0
/* Splits, collapses and moves of a huge page against whatever can meet them. */
#include "split_test.h"
#include <linux/delay.h>
#include <linux/highmem.h>
#include <machine/replay.h>

#define PAGES	((unsigned long)HPAGE_PMD_NR)
#define ROUNDS	20
#define SAMPLES	8UL		/* pages looked at, spread over the huge page */
#define STEP	(PAGES / SAMPLES * PAGE_SIZE)

static struct kunit *the_test;
static unsigned long area;
static struct mm_struct *area_mm;
static atomic_t did;		/* times that what is raced succeeded */
static atomic_t over;		/* one side has done its part */
static bool want_huge;		/* faults may be huge */

REPLAY_TIME_PASSES;

static int race_init(struct kunit *test)
{
	the_test = test;
	atomic_set(&did, 0);
	atomic_set(&over, 0);
	want_huge = false;
	return 0;
}

/* A reference on what is mapped at @addr of the area's mm; NULL: nothing, or zeroes. */
static struct page *area_page(unsigned long addr)
{
	struct page *page = NULL;

	mmap_read_lock(area_mm);
	if (get_user_pages_remote(area_mm, addr, 1, FOLL_NOFAULT, &page, NULL) != 1)
		page = NULL;
	mmap_read_unlock(area_mm);
	if (page && (is_zero_page(page) || !PageAnon(page))) {
		put_page(page);
		page = NULL;
	}
	return page;
}

static void split_area(unsigned long addr)
{
	struct page *page = area_page(addr);

	if (!page)
		return;
	if (folio_trylock(page_folio(page))) {
		if (folio_test_large(page_folio(page)) && !split_huge_page(page))
			atomic_inc(&did);
		folio_unlock(page_folio(page));
	}
	put_page(page);
}

static void move_area(unsigned long addr, int nid, enum migrate_mode mode)
{
	struct migration_target_control mtc = {
		.nid = nid,
		.gfp_mask = GFP_HIGHUSER_MOVABLE | __GFP_THISNODE | __GFP_NOWARN,
	};
	struct page *page = area_page(addr);
	unsigned int moved = 0;
	LIST_HEAD(list);

	if (!page)
		return;
	isolate_folio_to_list(page_folio(page), &list);
	put_page(page);
	if (migrate_pages(&list, alloc_migration_target, NULL, (unsigned long)&mtc, mode,
			  MR_SYSCALL, &moved))
		putback_movable_pages(&list);
	if (moved)
		atomic_inc(&did);
}

static int thread_splits(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		sys_madvise(area, HPAGE_PMD_SIZE, MADV_COLLAPSE);
		split_area(area + i % SAMPLES * STEP);
	}
	return 0;
}

static int thread_moves(void *arg)
{
	int i;

	for (i = 0; i < 4 * ROUNDS; i++)
		move_area(area + i % SAMPLES * STEP, i % 4, i % 3);
	atomic_set(&over, 1);
	return 0;
}

/* Each thread counts in its own word of the samples; nothing may be lost. */
static int thread_counts(void *arg)
{
	unsigned long word = area + 8 * (long)arg, i, p;
	u64 val;

	for (i = 0; i < 10 * ROUNDS; i++)
		for (p = 0; p < SAMPLES; p++) {
			if (user_read64(word + p * STEP, &val) || val != i)
				return 1;
			if (user_write64(word + p * STEP, i + 1))
				return 2;
		}
	return 0;
}

/* Run @fns, one each on a CPU of its own, and wait for them. */
static void run_threads(int (**fns)(void *), unsigned int nr)
{
	long tid[4];
	unsigned int i;

	for (i = 0; i < nr; i++)
		tid[i] = sys_clone_thread(fns[i], (void *)(long)(i + 1), 2 * i);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(the_test, sys_wait4(tid[i]), 0L);
}

/* An area with a page in it, so that it can be collapsed. */
static void new_area(void)
{
	area = map_aligned(the_test, HPAGE_PMD_SIZE);
	KUNIT_ASSERT_EQ(the_test, user_write64(area, 0), 0);
	area_mm = current->mm;
}

/* Words of the samples that @thread counted in. */
static void expect_counted(int thread, u64 want)
{
	unsigned long p;

	for (p = 0; p < SAMPLES; p++)
		KUNIT_EXPECT_EQ(the_test, read_word(area + 8 * thread + p * STEP), want);
}

static int prog_split_fault(void *arg)
{
	int (*fns[])(void *) = { thread_splits, thread_counts, thread_counts };

	new_area();
	run_threads(fns, 3);
	expect_counted(2, 10 * ROUNDS);
	expect_counted(3, 10 * ROUNDS);
	KUNIT_EXPECT_GT(the_test, atomic_read(&did), 0);
	return 0;
}

static void no_write_is_lost_to_a_split_or_a_collapse(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_split_fault), 0);
}

static int prog_move_split(void *arg)
{
	int (*fns[])(void *) = { thread_splits, thread_moves, thread_counts };

	new_area();
	run_threads(fns, 3);
	expect_counted(3, 10 * ROUNDS);
	KUNIT_EXPECT_GT(the_test, atomic_read(&did), 0);
	return 0;
}

static void moves_meet_splits_and_collapses(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_move_split), 0);
}

/* Replace the area by a new one at its place. */
static int remap_area(void)
{
	if (sys_mmap(area, HPAGE_PMD_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		     NULL, 0) != area)
		return -ENOMEM;
	return want_huge ? sys_madvise(area, HPAGE_PMD_SIZE, MADV_HUGEPAGE) : 0;
}

/* Fault a huge page in, unmap pieces of it, then all, as long as others go on. */
static int thread_zaps(void *arg)
{
	unsigned long i, p;
	u64 val;

	for (i = 0; i < 100 * ROUNDS && !atomic_read(&over); i++) {
		for (p = 0; p < SAMPLES; p++)
			if (user_write64(area + p * STEP, i + 1))
				return 1;
		if (sys_madvise(area + STEP, 3 * PAGE_SIZE, MADV_DONTNEED) ||
		    user_read64(area + STEP, &val) || val)
			return 2;
		if (user_read64(area, &val) || val != i + 1)
			return 3;
		/* now and then the page table too: only then can a fault be huge */
		if (i % 2 ? sys_madvise(area, HPAGE_PMD_SIZE, MADV_DONTNEED) : remap_area())
			return 4;
		if (user_read64(area, &val) || val)
			return 5;
	}
	return 0;
}

static int thread_splits_only(void *arg)
{
	int i;

	for (i = 0; i < 100 * ROUNDS && atomic_read(&did) < ROUNDS; i++) {
		split_area(area + i % SAMPLES * STEP);
		usleep_range(1 + i % 40, 50);	/* let the other one go on */
	}
	atomic_set(&over, 1);
	return 0;
}

static int prog_split_zap(void *arg)
{
	int (*fns[])(void *) = { thread_splits_only, thread_zaps };

	new_area();
	want_huge = true;
	KUNIT_EXPECT_EQ(the_test, remap_area(), 0);
	run_threads(fns, 2);
	/* Whatever the race left: alone it works. */
	KUNIT_EXPECT_EQ(the_test, remap_area(), 0);
	KUNIT_EXPECT_EQ(the_test, user_write64(area, 1), 0);
	atomic_set(&did, 0);
	split_area(area);
	KUNIT_EXPECT_EQ(the_test, atomic_read(&did), 1);
	return 0;
}

static void unmapping_meets_splits(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_split_zap), 0);
}

static int thread_collapses(void *arg)
{
	int i;

	for (i = 0; i < 100 * ROUNDS && atomic_read(&did) < ROUNDS; i++)
		if (!sys_madvise(area, HPAGE_PMD_SIZE, MADV_COLLAPSE))
			atomic_inc(&did);
		else
			usleep_range(1 + i % 40, 50);	/* let the other one go on */
	atomic_set(&over, 1);
	return 0;
}

static int prog_collapse_zap(void *arg)
{
	int (*fns[])(void *) = { thread_collapses, thread_zaps };

	new_area();
	run_threads(fns, 2);
	/* Whatever the race left: alone it works. */
	KUNIT_EXPECT_EQ(the_test, user_write64(area, 1), 0);
	KUNIT_EXPECT_EQ(the_test, sys_madvise(area, HPAGE_PMD_SIZE, MADV_COLLAPSE), 0);
	return 0;
}

static void faults_and_unmapping_meet_collapses(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_collapse_zap), 0);
}

static int prog_move_zap(void *arg)
{
	int (*fns[])(void *) = { thread_moves, thread_zaps };

	new_area();
	want_huge = true;
	KUNIT_EXPECT_EQ(the_test, remap_area(), 0);
	run_threads(fns, 2);
	return 0;
}

static void unmapping_meets_huge_migration_entries(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_move_zap), 0);
}

/* What is written through a pin must be seen, however the page is moved about. */
static int thread_pins(void *arg)
{
	unsigned long word = area + 8 * (long)arg, i;
	struct page *page;
	u64 *kaddr, val;

	for (i = 0; i < 10 * ROUNDS; i++) {
		unsigned long addr = word + i % SAMPLES * STEP;

		if (pin_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
			return 1;
		kaddr = page_address(page) + offset_in_page(addr);
		WRITE_ONCE(*kaddr, i);
		if (user_read64(addr, &val) || val != i)
			return 2;
		if (user_write64(addr, i + 1000) || READ_ONCE(*kaddr) != i + 1000)
			return 3;
		unpin_user_page(page);
		if (user_read64(addr, &val) || val != i + 1000)
			return 4;
	}
	return 0;
}

static int prog_pins(void *arg)
{
	int (*fns[])(void *) = { thread_splits, thread_pins, thread_moves };

	new_area();
	run_threads(fns, 3);
	return 0;
}

static void pins_meet_splits_collapses_and_moves(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_pins), 0);
}

static int child_checks(void *arg)
{
	unsigned long p;

	for (p = 0; p < SAMPLES; p++)
		if (read_word(area + p * STEP) != (u64)(long)arg)
			return 1;
	for (p = 0; p < SAMPLES; p++)
		if (user_write64(area + p * STEP, 999))
			return 2;
	return 0;
}

static int thread_forks(void *arg)
{
	unsigned long i, p;

	for (i = 0; i < ROUNDS / 2; i++) {
		for (p = 0; p < SAMPLES; p++)
			if (user_write64(area + p * STEP, i))
				return 1;
		if (sys_wait4(sys_fork(child_checks, (void *)i)))
			return 2;
		for (p = 0; p < SAMPLES; p++)
			if (read_word(area + p * STEP) != i)
				return 3;
	}
	return 0;
}

static int prog_fork(void *arg)
{
	int (*fns[])(void *) = { thread_splits, thread_forks, thread_moves };

	new_area();
	run_threads(fns, 3);
	return 0;
}

static void fork_meets_splits_collapses_and_moves(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_fork), 0);
}

static int thread_protects(void *arg)
{
	unsigned long i;

	for (i = 0; i < 2 * ROUNDS; i++)
		if (sys_mprotect(area + STEP, STEP, PROT_READ) ||
		    sys_mprotect(area + STEP, STEP, RW) ||
		    sys_mprotect(area, HPAGE_PMD_SIZE, PROT_READ) ||
		    sys_mprotect(area, HPAGE_PMD_SIZE, RW))
			return 1;
	return 0;
}

static int thread_reads(void *arg)
{
	unsigned long i, p;

	for (i = 0; i < 10 * ROUNDS; i++)
		for (p = 0; p < SAMPLES; p++)
			if (read_word(area + p * STEP) != word_of(p * PAGES / SAMPLES))
				return 1;
	return 0;
}

static int prog_protect(void *arg)
{
	int (*fns[])(void *) = { thread_splits, thread_protects, thread_moves, thread_reads };

	new_area();
	fill(the_test, area, PAGES);
	run_threads(fns, 4);
	expect_filled(the_test, area, PAGES);
	return 0;
}

static void protection_changes_meet_splits_collapses_and_moves(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_protect), 0);
}

/* Folios of which a part is unmapped, and soon after the rest. */
static int thread_frees(void *arg)
{
	unsigned long i, addr = area + 16 * PAGE_SIZE * ((long)arg - 1);

	for (i = 0; i < 10 * ROUNDS; i++) {
		map_large(the_test, addr, 4);
		if (user_write64(addr, i) ||
		    sys_madvise(addr + 4 * PAGE_SIZE, 4 * PAGE_SIZE, MADV_DONTNEED) ||
		    read_word(addr) != i)
			return 1;
		if (sys_madvise(addr, 16 * PAGE_SIZE, MADV_DONTNEED))
			return 2;
	}
	return 0;
}

static int thread_shrinks(void *arg)
{
	int i;

	for (i = 0; i < 20 * ROUNDS; i++) {
		atomic_add(shrink_all(), &did);
		cond_resched();
	}
	return 0;
}

static int prog_shrink_free(void *arg)
{
	int (*fns[])(void *) = { thread_frees, thread_shrinks, thread_frees, thread_shrinks };

	new_area();
	run_threads(fns, 4);
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 0UL);
	return 0;
}

static void the_shrinker_meets_the_end_of_folios(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_shrink_free), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(no_write_is_lost_to_a_split_or_a_collapse),
	KUNIT_CASE(moves_meet_splits_and_collapses),
	KUNIT_CASE(unmapping_meets_splits),
	KUNIT_CASE(faults_and_unmapping_meet_collapses),
	KUNIT_CASE(unmapping_meets_huge_migration_entries),
	KUNIT_CASE(pins_meet_splits_collapses_and_moves),
	KUNIT_CASE(fork_meets_splits_collapses_and_moves),
	KUNIT_CASE(protection_changes_meet_splits_collapses_and_moves),
	KUNIT_CASE(the_shrinker_meets_the_end_of_folios),
	{}
};

static struct kunit_suite suite = {
	.name = "thp-race",
	.init = race_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);
