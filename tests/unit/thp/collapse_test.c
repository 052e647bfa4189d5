// SPDX-License-Identifier: GPL-2.0
/* MADV_COLLAPSE: 512 small pages become one huge page, or everything stays. */
#include "split_test.h"

#define PAGES	((unsigned long)HPAGE_PMD_NR)

static struct kunit *the_test;

static int collapse_init(struct kunit *test)
{
	the_test = test;
	return 0;
}

/* An aligned range of small pages, filled. */
static unsigned long small_area(void)
{
	unsigned long addr = map_aligned(the_test, HPAGE_PMD_SIZE);

	fill(the_test, addr, PAGES);
	KUNIT_ASSERT_FALSE(the_test, pmd_trans_huge(peek_pmd(addr)));
	return addr;
}

static long collapse(unsigned long addr)
{
	return sys_madvise(addr, HPAGE_PMD_SIZE, MADV_COLLAPSE);
}

static unsigned long anon_rss(void)
{
	return get_mm_counter(current->mm, MM_ANONPAGES);
}

static int prog_collapse(void *arg)
{
	unsigned long addr = small_area(), rss = anon_rss(), allocs = vm_event(THP_COLLAPSE_ALLOC);
	struct folio *old = peek_folio(addr + 7 * PAGE_SIZE), *folio;
	pmd_t pmd;

	KUNIT_EXPECT_EQ(the_test, collapse(addr), 0L);
	pmd = peek_pmd(addr);
	KUNIT_ASSERT_TRUE(the_test, pmd_trans_huge(pmd));
	KUNIT_EXPECT_TRUE(the_test, pmd_write(pmd) && pmd_dirty(pmd) && pmd_soft_dirty(pmd));
	folio = peek_huge(addr);
	KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(&folio->page));
	KUNIT_EXPECT_EQ(the_test, folio_ref_count(old), 0);
	KUNIT_EXPECT_EQ(the_test, anon_rss(), rss);
	KUNIT_EXPECT_EQ(the_test, vm_event(THP_COLLAPSE_ALLOC), allocs + 1);
	KUNIT_EXPECT_EQ(the_test, global_node_page_state(NR_ISOLATED_ANON), 0UL);
	expect_filled(the_test, addr, PAGES);
	KUNIT_EXPECT_EQ(the_test, user_write64(addr + 9 * PAGE_SIZE, word_of(9)), 0);
	/* and back */
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 0), 0);
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void small_pages_become_a_huge_page(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_collapse), 0);
}

static int prog_holes(void *arg)
{
	unsigned long addr = map_aligned(the_test, HPAGE_PMD_SIZE), rss;

	/* one page, one zero page, the rest missing */
	user_write64(addr + 3 * PAGE_SIZE, 3);
	KUNIT_EXPECT_EQ(the_test, read_word(addr + 5 * PAGE_SIZE), 0ULL);
	rss = anon_rss();
	KUNIT_EXPECT_EQ(the_test, collapse(addr), 0L);
	KUNIT_EXPECT_TRUE(the_test, pmd_trans_huge(peek_pmd(addr)));
	KUNIT_EXPECT_EQ(the_test, anon_rss(), rss + PAGES - 1);
	KUNIT_EXPECT_EQ(the_test, read_word(addr + 3 * PAGE_SIZE), 3ULL);
	KUNIT_EXPECT_EQ(the_test, read_word(addr + 5 * PAGE_SIZE), 0ULL);
	KUNIT_EXPECT_EQ(the_test, read_word(addr + 511 * PAGE_SIZE), 0ULL);
	return 0;
}

static void missing_pages_become_zeroes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_holes), 0);
}

static int prog_hinted(void *arg)
{
	unsigned long addr = small_area();

	KUNIT_EXPECT_GT(the_test, mark_hints(addr, 100), 0UL);
	KUNIT_EXPECT_TRUE(the_test, pte_protnone(peek_pte(current->mm, addr)));
	KUNIT_EXPECT_EQ(the_test, collapse(addr), 0L);
	KUNIT_EXPECT_TRUE(the_test, pmd_trans_huge(peek_pmd(addr)));
	KUNIT_EXPECT_FALSE(the_test, pmd_protnone(peek_pmd(addr)));
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void hinted_entries_are_present_ones(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_hinted), 0);
}

static int prog_all_hinted(void *arg)
{
	unsigned long addr = small_area();

	/* a hint has no write permission, and there must be one */
	KUNIT_EXPECT_EQ(the_test, mark_hints(addr, PAGES), PAGES);
	KUNIT_EXPECT_EQ(the_test, collapse(addr), -(long)EINVAL);
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void without_a_writable_entry_nothing_is_collapsed(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_all_hinted), 0);
}

static int child_checks(void *arg)
{
	unsigned long addr = (unsigned long)arg;

	/* one page of its own makes the range writable */
	KUNIT_EXPECT_EQ(the_test, user_write64(addr, word_of(0)), 0);
	KUNIT_EXPECT_EQ(the_test, collapse(addr), 0L);
	KUNIT_EXPECT_TRUE(the_test, pmd_trans_huge(peek_pmd(addr)));
	expect_filled(the_test, addr, PAGES);
	return user_write64(addr + 5 * PAGE_SIZE, 55);
}

static int prog_shared(void *arg)
{
	unsigned long addr = small_area();
	struct folio *folio = peek_folio(addr + 5 * PAGE_SIZE);

	KUNIT_EXPECT_EQ(the_test, sys_wait4(sys_fork(child_checks, (void *)addr)), 0L);
	/* the parent keeps the pages that were shared, alone again */
	KUNIT_EXPECT_PTR_EQ(the_test, peek_folio(addr + 5 * PAGE_SIZE), folio);
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(folio), 1);
	KUNIT_EXPECT_TRUE(the_test, folio_test_lru(folio));
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void shared_pages_are_copied(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_shared), 0);
}

/* Everything of the range is as it was; then it can be collapsed. */
static void expect_untouched(unsigned long addr, struct folio *const *folios)
{
	unsigned long i;

	for (i = 0; i < PAGES; i++) {
		struct folio *folio = peek_folio(addr + i * PAGE_SIZE);

		KUNIT_ASSERT_PTR_EQ(the_test, folio, folios[i]);
		KUNIT_EXPECT_FALSE(the_test, folio_test_locked(folio));
	}
	KUNIT_EXPECT_EQ(the_test, global_node_page_state(NR_ISOLATED_ANON), 0UL);
	expect_filled(the_test, addr, PAGES);
	KUNIT_EXPECT_EQ(the_test, collapse(addr), 0L);
	expect_filled(the_test, addr, PAGES);
}

static unsigned long remembered_area(struct folio **folios)
{
	unsigned long addr = small_area(), i;

	for (i = 0; i < PAGES; i++)
		folios[i] = peek_folio(addr + i * PAGE_SIZE);
	return addr;
}

static struct folio *folios[HPAGE_PMD_NR];

static int prog_pinned(void *arg)
{
	unsigned long addr = remembered_area(folios);
	struct page *page;

	KUNIT_EXPECT_EQ(the_test, pin_user_pages_fast(addr + 300 * PAGE_SIZE, 1, FOLL_WRITE,
						      &page), 1);
	KUNIT_EXPECT_EQ(the_test, collapse(addr), -(long)EAGAIN);
	unpin_user_page(page);
	expect_untouched(addr, folios);
	return 0;
}

static void a_pinned_page_prevents_it(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_pinned), 0);
}

static int prog_locked(void *arg)
{
	unsigned long addr = remembered_area(folios);

	/* By nobody: a task that holds a folio lock makes no system call. */
	test_and_set_bit_lock(PG_locked, &folios[300]->flags);
	KUNIT_EXPECT_EQ(the_test, collapse(addr), -(long)EAGAIN);
	folio_unlock(folios[300]);
	expect_untouched(addr, folios);
	return 0;
}

static void a_locked_page_prevents_it(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_locked), 0);
}

static int prog_isolated(void *arg)
{
	unsigned long addr = remembered_area(folios), nth;
	int rule;

	/* the first, one in the middle, the last */
	for (nth = 1; nth <= PAGES; nth += (PAGES - 1) / 2) {
		rule = inject_set((struct inject_rule) {
			.sites = 1 << INJECT_ISOLATE, .nth = nth,
		});
		KUNIT_EXPECT_EQ(the_test, collapse(addr), -(long)EAGAIN);
		inject_clear(rule);
		KUNIT_EXPECT_PTR_EQ(the_test, peek_folio(addr), folios[0]);
		lru_add_drain_all();
	}
	expect_untouched(addr, folios);
	return 0;
}

static void a_page_that_cannot_be_isolated_prevents_it(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_isolated), 0);
}

static int prog_no_memory(void *arg)
{
	unsigned long addr = remembered_area(folios), failed = vm_event(THP_COLLAPSE_ALLOC_FAILED);
	int rule = inject_set((struct inject_rule) { .sites = 1 << INJECT_SLAB, .nth = 1 });

	KUNIT_EXPECT_EQ(the_test, collapse(addr), -(long)ENOMEM);
	inject_clear(rule);
	rule = inject_set((struct inject_rule) {
		.sites = 1 << INJECT_PAGE, .nth = 1, .min_order = HPAGE_PMD_ORDER,
	});
	KUNIT_EXPECT_EQ(the_test, collapse(addr), -(long)ENOMEM);
	inject_clear(rule);
	KUNIT_EXPECT_EQ(the_test, vm_event(THP_COLLAPSE_ALLOC_FAILED), failed + 1);
	expect_untouched(addr, folios);
	return 0;
}

static void without_memory_it_fails_with_enomem(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_no_memory), 0);
}

static int prog_unfit(void *arg)
{
	unsigned long addr = small_area();

	/* nothing to do, and not even room for it */
	KUNIT_EXPECT_EQ(the_test, sys_madvise(addr + PAGE_SIZE, HPAGE_PMD_SIZE - PAGE_SIZE,
					      MADV_COLLAPSE), 0L);
	KUNIT_EXPECT_EQ(the_test, sys_madvise(addr + PAGE_SIZE, PAGE_SIZE, MADV_COLLAPSE),
			-(long)EINVAL);
	KUNIT_EXPECT_EQ(the_test, sys_madvise(addr, HPAGE_PMD_SIZE, MADV_NOHUGEPAGE), 0L);
	KUNIT_EXPECT_EQ(the_test, collapse(addr), -(long)EINVAL);
	KUNIT_EXPECT_EQ(the_test, sys_madvise(addr, HPAGE_PMD_SIZE, MADV_HUGEPAGE), 0L);
	KUNIT_EXPECT_EQ(the_test, sys_mprotect(addr, HPAGE_PMD_SIZE, PROT_READ), 0L);
	KUNIT_EXPECT_EQ(the_test, collapse(addr), -(long)EINVAL);
	expect_filled(the_test, addr, PAGES);
	/* one without any page */
	addr = map_aligned(the_test, HPAGE_PMD_SIZE);
	KUNIT_EXPECT_EQ(the_test, collapse(addr), -(long)EINVAL);
	return 0;
}

static void ranges_that_cannot_be_huge_are_invalid(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_unfit), 0);
}

static int prog_two(void *arg)
{
	unsigned long addr = map_aligned(the_test, 3 * HPAGE_PMD_SIZE);
	struct page *page;

	fill(the_test, addr, 3 * PAGES);
	KUNIT_EXPECT_EQ(the_test, collapse(addr + HPAGE_PMD_SIZE), 0L);
	/* what is huge already counts; a failure does not stop the others */
	KUNIT_EXPECT_EQ(the_test, pin_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	KUNIT_EXPECT_EQ(the_test, sys_madvise(addr, 3 * HPAGE_PMD_SIZE, MADV_COLLAPSE),
			-(long)EAGAIN);
	unpin_user_page(page);
	KUNIT_EXPECT_FALSE(the_test, pmd_trans_huge(peek_pmd(addr)));
	KUNIT_EXPECT_TRUE(the_test, pmd_trans_huge(peek_pmd(addr + 2 * HPAGE_PMD_SIZE)));
	KUNIT_EXPECT_EQ(the_test, sys_madvise(addr, 3 * HPAGE_PMD_SIZE, MADV_COLLAPSE), 0L);
	KUNIT_EXPECT_TRUE(the_test, pmd_trans_huge(peek_pmd(addr)));
	expect_filled(the_test, addr, 3 * PAGES);
	return 0;
}

static void each_huge_range_is_tried(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_two), 0);
}

static int prog_large(void *arg)
{
	unsigned long addr = map_aligned(the_test, HPAGE_PMD_SIZE), i;
	struct folio *large;

	large = map_large(the_test, addr + 16 * PAGE_SIZE, 4);
	map_large(the_test, addr + 64 * PAGE_SIZE, 5);
	fill(the_test, addr, PAGES);
	/* a part of one is elsewhere: none of its references may be lost */
	folio_get(large);
	KUNIT_EXPECT_EQ(the_test, collapse(addr), -(long)EAGAIN);
	folio_put(large);
	KUNIT_EXPECT_EQ(the_test, folio_ref_count(large), 16);
	KUNIT_EXPECT_TRUE(the_test, folio_test_lru(large));
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_PTR_EQ(the_test, peek_page(addr + (16 + i) * PAGE_SIZE),
				    folio_page(large, i));
	KUNIT_EXPECT_EQ(the_test, collapse(addr), 0L);
	KUNIT_EXPECT_EQ(the_test, folio_ref_count(large), 0);
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void large_folios_mapped_by_ptes_are_collapsed(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_large), 0);
}

static int prog_node(void *arg)
{
	unsigned long addr = small_area(), i;

	for (i = 0; i < 300; i++)
		KUNIT_ASSERT_EQ(the_test, migrate_at(addr + i * PAGE_SIZE, 3, MIGRATE_SYNC), 0);
	KUNIT_EXPECT_EQ(the_test, collapse(addr), 0L);
	KUNIT_EXPECT_EQ(the_test, folio_nid(peek_huge(addr)), 3);
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void the_huge_page_is_where_most_of_the_pages_were(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_node), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(small_pages_become_a_huge_page),
	KUNIT_CASE(missing_pages_become_zeroes),
	KUNIT_CASE(hinted_entries_are_present_ones),
	KUNIT_CASE(without_a_writable_entry_nothing_is_collapsed),
	KUNIT_CASE(shared_pages_are_copied),
	KUNIT_CASE(a_pinned_page_prevents_it),
	KUNIT_CASE(a_locked_page_prevents_it),
	KUNIT_CASE(a_page_that_cannot_be_isolated_prevents_it),
	KUNIT_CASE(without_memory_it_fails_with_enomem),
	KUNIT_CASE(ranges_that_cannot_be_huge_are_invalid),
	KUNIT_CASE(each_huge_range_is_tried),
	KUNIT_CASE(large_folios_mapped_by_ptes_are_collapsed),
	KUNIT_CASE(the_huge_page_is_where_most_of_the_pages_were),
	{}
};

static struct kunit_suite suite = {
	.name = "thp-collapse",
	.init = collapse_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);
