// SPDX-License-Identifier: GPL-2.0
/* References and pins of parts of huge pages. */
#include <mm/gup.h>
#include "thp_test.h"

static void put_pages(struct page **pages, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		put_page(pages[i]);
}

/* Do @pages lie one after the other from @first on? */
static bool in_row(struct page **pages, int nr, struct page *first)
{
	int i;

	for (i = 0; i < nr; i++)
		if (pages[i] != first + i)
			return false;
	return true;
}

THP_CASE(fast_gup_references_a_part_of_a_huge_page_at_once)
{
	unsigned long addr = map_filled(test, 1), faults = vm_event(PGFAULT);
	struct folio *folio = folio_at(addr);
	struct page *pages[20];

	KUNIT_EXPECT_EQ(test, get_user_pages_fast_only(addr + 5 * PAGE_SIZE, 20, FOLL_WRITE,
						       pages), 20);
	KUNIT_EXPECT_TRUE(test, in_row(pages, 20, folio_page(folio, 5)));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 21);
	KUNIT_EXPECT_FALSE(test, folio_maybe_dma_pinned(folio));
	KUNIT_EXPECT_EQ(test, vm_event(PGFAULT), faults);
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
	put_pages(pages, 20);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
}

THP_CASE(gup_crosses_from_one_huge_page_to_the_next)
{
	unsigned long addr = map_huge(test, 2);
	struct page *pages[10];

	fill(test, addr, 2 * HPAGE_PMD_SIZE, 1);
	KUNIT_EXPECT_EQ(test, get_user_pages_fast(addr + (HPAGE_PMD_NR - 5) * PAGE_SIZE, 10, 0,
						  pages), 10);
	KUNIT_EXPECT_TRUE(test, in_row(pages, 5, folio_page(folio_at(addr),
							    HPAGE_PMD_NR - 5)));
	KUNIT_EXPECT_TRUE(test, in_row(pages + 5, 5, &folio_at(addr + HPAGE_PMD_SIZE)->page));
	put_pages(pages, 10);
}

static void pin_counts(struct kunit *test, bool fast)
{
	unsigned long addr = map_filled(test, 1);
	struct folio *folio = folio_at(addr);
	struct mm_struct *mm = current->mm;
	struct page *pages[7];

	if (fast) {
		KUNIT_EXPECT_EQ(test, pin_user_pages_fast(addr + PAGE_SIZE, 7, FOLL_WRITE, pages),
				7);
	} else {
		mmap_read_lock(mm);
		KUNIT_EXPECT_EQ(test, pin_user_pages(addr + PAGE_SIZE, 7, FOLL_WRITE, pages), 7L);
		mmap_read_unlock(mm);
	}
	KUNIT_EXPECT_TRUE(test, in_row(pages, 7, folio_page(folio, 1)));
	KUNIT_EXPECT_EQ(test, atomic_read(&folio->_pincount), 7);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 8);
	KUNIT_EXPECT_TRUE(test, folio_maybe_dma_pinned(folio));
	check_now();
	unpin_user_pages(pages, 7);
	KUNIT_EXPECT_EQ(test, atomic_read(&folio->_pincount), 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
}

THP_CASE(fast_pins_of_a_huge_page_have_a_count_of_their_own)
{
	pin_counts(test, true);
}

THP_CASE(slow_pins_of_a_huge_page_have_a_count_of_their_own)
{
	pin_counts(test, false);
}

static int child_checks(void *arg)
{
	unsigned long addr = (unsigned long)arg;

	/* copied by parts at fork: nothing of it is the pinned page */
	return is_huge(addr) || damage(addr, HPAGE_PMD_SIZE, 1) != 0;
}

THP_CASE(fork_copies_a_pinned_huge_page_by_parts)
{
	unsigned long addr = map_filled(test, 1), i, bad = 0;
	struct folio *folio = folio_at(addr);
	struct page *page;

	KUNIT_ASSERT_EQ(test, pin_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	KUNIT_EXPECT_EQ(test, sys_wait4(sys_fork(child_checks, (void *)addr)), 0L);
	/* the parent keeps its pages, exclusive and writable */
	for (i = 0; i < HPAGE_PMD_NR; i++)
		bad += folio_at(addr + i * PAGE_SIZE) != folio ||
		       !pte_write(pte_at(current->mm, addr + i * PAGE_SIZE)) ||
		       !PageAnonExclusive(folio_page(folio, i));
	KUNIT_EXPECT_EQ(test, bad, 0UL);
	KUNIT_EXPECT_EQ(test, user_write64(addr + 8, 99), 0);
	KUNIT_EXPECT_EQ(test, ((u64 *)page_address(page))[1], 99ULL);
	unpin_user_page(page);
	check_now();
}

static int child_waits(void *arg)
{
	return 0;
}

/* A page that may be shared is made exclusive before it is pinned for reading. */
THP_CASE(a_read_pin_of_a_shared_huge_page_unshares_it_first)
{
	unsigned long addr = map_filled(test, 1);
	struct folio *folio = folio_at(addr);
	struct page *page;

	KUNIT_EXPECT_EQ(test, sys_wait4(sys_fork(child_waits, NULL)), 0L);
	KUNIT_EXPECT_FALSE(test, PageAnonExclusive(&folio->page));
	KUNIT_ASSERT_EQ(test, pin_user_pages_fast(addr, 1, 0, &page), 1);
	KUNIT_EXPECT_TRUE(test, PageAnonExclusive(&folio->page));
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
	/* unsharing gives no write permission */
	KUNIT_EXPECT_FALSE(test, pmd_write(pmd_at(current->mm, addr)));
	unpin_user_page(page);
}

THP_CASE(a_hinted_huge_page_is_followed_unless_hints_are_honoured)
{
	unsigned long addr = map_filled(test, 1), hints;
	struct mm_struct *mm = current->mm;
	struct page *page;

	hint(addr, HPAGE_PMD_SIZE);
	KUNIT_EXPECT_EQ(test, get_user_pages_fast_only(addr, 1, 0, &page), 0);
	mmap_read_lock(mm);
	KUNIT_EXPECT_EQ(test, get_user_pages(addr, 1, 0, &page), 1L);
	mmap_read_unlock(mm);
	put_page(page);
	KUNIT_EXPECT_TRUE(test, pmd_protnone(pmd_at(mm, addr)));
	hints = vm_event(PGFAULT);
	mmap_read_lock(mm);
	KUNIT_EXPECT_EQ(test, get_user_pages(addr, 1, FOLL_HONOR_NUMA_FAULT, &page), 1L);
	mmap_read_unlock(mm);
	put_page(page);
	KUNIT_EXPECT_FALSE(test, pmd_protnone(pmd_at(mm, addr)));
	KUNIT_EXPECT_EQ(test, vm_event(PGFAULT), hints + 1);
}

THP_CASE(gup_may_ask_for_small_entries)
{
	unsigned long addr = map_filled(test, 1);
	struct folio *folio = folio_at(addr);
	struct mm_struct *mm = current->mm;
	struct page *page;

	mmap_read_lock(mm);
	KUNIT_EXPECT_EQ(test, get_user_pages(addr + 3 * PAGE_SIZE, 1, FOLL_SPLIT_PMD, &page), 1L);
	mmap_read_unlock(mm);
	KUNIT_EXPECT_FALSE(test, is_huge(addr));
	KUNIT_EXPECT_PTR_EQ(test, page, folio_page(folio, 3));
	put_page(page);
}

/* A debugger writes to memory that is mapped read-only. */
THP_CASE(forced_writes_go_to_an_exclusive_huge_page_and_not_to_a_shared_one)
{
	unsigned long addr = map_filled(test, 1);
	struct mm_struct *mm = current->mm;
	struct folio *folio = folio_at(addr);
	u64 val = 0x77, got;

	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, HPAGE_PMD_SIZE, PROT_READ), 0L);
	KUNIT_EXPECT_EQ(test, access_remote_vm(mm, addr + 8, &val, 8, FOLL_WRITE), 0);
	KUNIT_EXPECT_EQ(test, access_remote_vm(mm, addr + 8, &val, 8, FOLL_WRITE | FOLL_FORCE),
			8);
	KUNIT_EXPECT_EQ(test, user_read64(addr + 8, &got), 0);
	KUNIT_EXPECT_EQ(test, got, 0x77ULL);
	KUNIT_EXPECT_PTR_EQ(test, folio_at(addr), folio);
	KUNIT_EXPECT_FALSE(test, pmd_write(pmd_at(mm, addr)));
	folio_get(folio);
	KUNIT_EXPECT_EQ(test, sys_wait4(sys_fork(child_waits, NULL)), 0L);
	val = 0x78;
	KUNIT_EXPECT_EQ(test, access_remote_vm(mm, addr + 8, &val, 8, FOLL_WRITE | FOLL_FORCE),
			8);
	KUNIT_EXPECT_TRUE(test, folio_at(addr) != folio);
	KUNIT_EXPECT_EQ(test, ((u64 *)folio_address(folio))[1], 0x77ULL);
	folio_put(folio);
	check_now();
}

/* The entry changed between its reading and the reference. */
THP_CASE(fast_gup_gives_back_what_an_old_entry_named)
{
	unsigned long addr = map_filled(test, 1);
	struct mm_struct *mm = current->mm;
	struct folio *folio = folio_at(addr);
	pmd_t old = pmd_at(mm, addr), *pmdp;
	struct page *pages[4];

	split_pmd_at(addr);
	mmap_read_lock(mm);
	pmdp = mm_find_pmd(mm, addr);
	KUNIT_EXPECT_EQ(test, gup_fast_pmd_leaf(old, pmdp, addr, addr + 4 * PAGE_SIZE,
						FOLL_PIN | FOLL_WRITE, pages), 0);
	mmap_read_unlock(mm);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(test, atomic_read(&folio->_pincount), 0);
}

/* GUP-fast on one CPU against splits and unmaps on another: no reference is lost. */
static atomic_t stop_gup;

static int gup_loop(void *arg)
{
	unsigned long addr = (unsigned long)arg;
	struct page *pages[16];

	while (!atomic_read(&stop_gup)) {
		int n = pin_user_pages_fast(addr + 100 * PAGE_SIZE, 16, FOLL_WRITE, pages);

		if (n < 0)
			return 1;
		unpin_user_pages(pages, n);
		usleep_range(1, 2);
	}
	return 0;
}

THP_CASE(fast_gup_meets_splits_and_unmaps)
{
	unsigned long addr = map_filled(test, 1);
	long tid;
	int i;

	atomic_set(&stop_gup, 0);
	tid = sys_clone_thread(gup_loop, (void *)addr, 1);
	for (i = 0; i < 60; i++) {
		if (i % 3 == 0)
			split_pmd_at(addr);
		else if (i % 3 == 1)
			sys_madvise(addr, HPAGE_PMD_SIZE, MADV_DONTNEED);
		else
			sys_wait4(sys_fork(child_waits, NULL));
		user_write64(addr, i);
		usleep_range(1, 5);
	}
	atomic_set(&stop_gup, 1);
	KUNIT_EXPECT_EQ(test, sys_wait4(tid), 0L);
	check_now();
}

static struct kunit_case gup_cases[] = {
	KUNIT_CASE(fast_gup_references_a_part_of_a_huge_page_at_once),
	KUNIT_CASE(gup_crosses_from_one_huge_page_to_the_next),
	KUNIT_CASE(fast_pins_of_a_huge_page_have_a_count_of_their_own),
	KUNIT_CASE(slow_pins_of_a_huge_page_have_a_count_of_their_own),
	KUNIT_CASE(fork_copies_a_pinned_huge_page_by_parts),
	KUNIT_CASE(a_read_pin_of_a_shared_huge_page_unshares_it_first),
	KUNIT_CASE(a_hinted_huge_page_is_followed_unless_hints_are_honoured),
	KUNIT_CASE(gup_may_ask_for_small_entries),
	KUNIT_CASE(forced_writes_go_to_an_exclusive_huge_page_and_not_to_a_shared_one),
	KUNIT_CASE(fast_gup_gives_back_what_an_old_entry_named),
	KUNIT_CASE(fast_gup_meets_splits_and_unmaps),
	{}
};

static struct kunit_suite gup_suite = {
	.name = "thp-gup",
	.test_cases = gup_cases,
};
kunit_machine_config(gup_suite, quiet_machine);
kunit_test_suite(gup_suite);
