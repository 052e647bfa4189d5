// SPDX-License-Identifier: GPL-2.0
/*
 * Narrow windows of the huge page's machinery: one task is held at each decision point
 * around the window, and another runs there.
 */
#include <linux/swap.h>
#include <machine/directed.h>
#include "thp_test.h"

/* CPUs; the last one is idle, see directed_await(). */
#define FIRST_CPU	1
#define SECOND_CPU	0

/* Points held at in one window, at most. */
#define WINDOW		48

#define PINNED		7	/* page of the range */

struct meeting {
	struct kunit *test;
	void (*first)(struct meeting *m);
	void (*second)(struct meeting *m);
	unsigned long addr;
	struct page *page;		/* what second got */
	unsigned long nth, points;
	long result;			/* of first */
};

static int first_main(void *arg)
{
	struct meeting *m = arg;

	directed_hold(current, m->nth);
	m->first(m);
	m->points = directed_done();
	return 0;
}

/* Run second when first stands at its @nth point; at 0, when it is through. */
static void meet(struct meeting *m, unsigned long nth)
{
	bool held;
	long tid;

	m->nth = nth;
	tid = sys_clone_thread(first_main, m, FIRST_CPU);
	KUNIT_ASSERT_GT(m->test, tid, 0L);
	held = directed_await();
	m->second(m);
	if (held)
		directed_release();
	KUNIT_EXPECT_EQ(m->test, sys_wait4(tid), 0L);
}

static void nothing(struct meeting *m)
{
}

/* A huge page's range, mapped by small pages that can be collapsed. */
static unsigned long map_parts(struct kunit *test, u64 seed)
{
	unsigned long addr = map_filled(test, seed);
	struct page *page;

	lru_add_drain_all();
	KUNIT_ASSERT_EQ(test, get_user_pages_fast(addr, 1, 0, &page), 1);
	folio_lock(page_folio(page));
	KUNIT_EXPECT_EQ(test, split_folio(page_folio(page)), 0);
	folio_unlock(page_folio(page));
	put_page(page);
	lru_add_drain_all();
	return addr;
}

static void dontneed(struct meeting *m)
{
	m->result = sys_madvise(m->addr, HPAGE_PMD_SIZE, MADV_DONTNEED);
}

/* Unmap the page, as migration does, and map again what was unmapped. */
static void unmap(struct meeting *m)
{
	struct folio *folio = page_folio(m->page);

	folio_lock(folio);
	try_to_migrate(folio, TTU_SYNC);
	KUNIT_EXPECT_FALSE(m->test, folio_mapped(folio));
	remove_migration_ptes(folio, folio, 0);
	folio_unlock(folio);
}

/*
 * A walk that finds an empty PMD must wait for who has emptied it and not yet taken the
 * mapping off the page's count.
 */
THP_CASE(an_unmap_that_waits_leaves_no_mapping)
{
	struct meeting m = { .test = test, .first = dontneed };
	unsigned long nth, points = WINDOW;

	for (nth = 0; nth <= points; nth++) {
		m.addr = map_filled(test, nth);
		m.page = &folio_at(m.addr)->page;
		get_page(m.page);
		m.second = nth ? unmap : nothing;
		meet(&m, nth);
		points = min(m.points, points);
		KUNIT_EXPECT_EQ(test, m.result, 0L);
		KUNIT_EXPECT_FALSE(test, page_mapped(m.page));
		put_page(m.page);
		KUNIT_EXPECT_EQ(test, sys_munmap(m.addr, HPAGE_PMD_SIZE), 0L);
	}
	check_now();
}

static void collapse(struct meeting *m)
{
	m->result = sys_madvise(m->addr, HPAGE_PMD_SIZE, MADV_COLLAPSE);
}

static void collapse_as_well(struct meeting *m)
{
	long err = sys_madvise(m->addr, HPAGE_PMD_SIZE, MADV_COLLAPSE);

	KUNIT_EXPECT_EQ(m->test, err, 0L);
}

static void pin(struct meeting *m)
{
	KUNIT_EXPECT_EQ(m->test, pin_user_pages_fast(m->addr + PINNED * PAGE_SIZE, 1, FOLL_WRITE,
						     &m->page), 1);
}

/* The points of a collapse until it has allocated the huge page. */
static unsigned long points_to_allocation(struct kunit *test)
{
	struct meeting m = { .test = test, .first = collapse, .second = nothing };
	int rule;

	m.addr = map_parts(test, 0);
	rule = inject_set((struct inject_rule) {
		.sites = 1 << INJECT_PAGE, .nth = 1, .min_order = HPAGE_PMD_ORDER,
	});
	meet(&m, 0);
	inject_clear(rule);
	KUNIT_EXPECT_NE(test, m.result, 0L);
	KUNIT_EXPECT_EQ(test, sys_munmap(m.addr, HPAGE_PMD_SIZE), 0L);
	return m.points;
}

/* From the allocation until it has everything locked, a collapse must look at all again. */
static void meet_a_collapse(struct kunit *test, void (*second)(struct meeting *m),
			    void (*look)(struct meeting *m))
{
	struct meeting m = { .test = test, .first = collapse, .second = second };
	unsigned long begin = points_to_allocation(test), nth;

	begin = begin > 8 ? begin - 8 : 1;
	for (nth = begin; nth < begin + WINDOW; nth++) {
		m.addr = map_parts(test, nth);
		meet(&m, nth);
		look(&m);
		KUNIT_EXPECT_EQ(test, damage(m.addr, HPAGE_PMD_SIZE, nth), 0UL);
		KUNIT_EXPECT_EQ(test, sys_munmap(m.addr, HPAGE_PMD_SIZE), 0L);
	}
	check_now();
}

static void is_collapsed(struct meeting *m)
{
	KUNIT_EXPECT_TRUE(m->test, is_huge(m->addr));
}

THP_CASE(two_collapses_of_one_range_meet)
{
	meet_a_collapse(test, collapse_as_well, is_collapsed);
}

/* What the device reads is what the program has. */
static void is_mapped_there(struct meeting *m)
{
	unsigned long at = m->addr + PINNED * PAGE_SIZE;
	struct page *page;

	KUNIT_EXPECT_EQ(m->test, get_user_pages_fast(at, 1, 0, &page), 1);
	KUNIT_EXPECT_PTR_EQ(m->test, page, m->page);
	put_page(page);
	unpin_user_page(m->page);
}

THP_CASE(a_page_pinned_during_a_collapse_stays_mapped)
{
	meet_a_collapse(test, pin, is_mapped_there);
}

static void read_zeroes(struct meeting *m)
{
	u64 val = 1;

	KUNIT_EXPECT_EQ(m->test, user_read64(m->addr, &val), 0);
	KUNIT_EXPECT_EQ(m->test, val, 0ULL);
}

static void read_more_zeroes(struct meeting *m)
{
	u64 val = 1;

	KUNIT_EXPECT_EQ(m->test, user_read64(m->addr + HPAGE_PMD_SIZE, &val), 0);
	KUNIT_EXPECT_EQ(m->test, val, 0ULL);
}

struct zero_run {
	struct kunit *test;
	unsigned long nth, points;
};

/* A process whose first two uses of the huge zero page meet. */
static int zero_program(void *arg)
{
	struct zero_run *run = arg;
	struct meeting m = {
		.test = run->test, .first = read_zeroes, .second = read_more_zeroes,
	};

	m.addr = map_huge(run->test, 2);
	meet(&m, run->nth);
	run->points = m.points;
	/* the process's and the shrinker's */
	KUNIT_EXPECT_EQ(run->test, huge_zero_references(), 2);
	return 0;
}

static void a_process_has_one_reference_on_the_huge_zero_page(struct kunit *test)
{
	struct zero_run run = { .test = test };
	unsigned long points = WINDOW;

	KUNIT_ASSERT_EQ(test, keep_khugepaged_away(test), 0);
	for (run.nth = 0; run.nth <= points; run.nth++) {
		struct task_struct *p = program_start_on(SECOND_CPU, "zero", zero_program, &run);

		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_EQ(test, program_wait(p), 0);
		points = min(run.points, points);
		KUNIT_EXPECT_EQ(test, huge_zero_references(), 1);
	}
}

static struct kunit_case held_cases[] = {
	KUNIT_CASE(an_unmap_that_waits_leaves_no_mapping),
	KUNIT_CASE(two_collapses_of_one_range_meet),
	KUNIT_CASE(a_page_pinned_during_a_collapse_stays_mapped),
	KUNIT_CASE(a_process_has_one_reference_on_the_huge_zero_page),
	{}
};

static struct kunit_suite held_suite = {
	.name = "thp-held",
	.test_cases = held_cases,
};
kunit_machine_config(held_suite, quiet_machine);
kunit_test_suite(held_suite);

static void __attribute__((constructor)) choose_engine(void)
{
	directed_use();
}
