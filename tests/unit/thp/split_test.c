// SPDX-License-Identifier: GPL-2.0
/* split_huge_page() of folios that PTEs map: what parts inherit, and who prevents it. */
#include "split_test.h"
#include <linux/completion.h>

#define ORDER	4
#define PAGES	(1UL << ORDER)
#define SIZE	(PAGES * PAGE_SIZE)

static struct kunit *the_test;

static int split_init(struct kunit *test)
{
	the_test = test;
	return 0;
}

/* A filled folio of PAGES pages at the address returned. */
static unsigned long filled_area(struct folio **folio)
{
	unsigned long addr = map_aligned(the_test, SIZE);

	*folio = map_large(the_test, addr, ORDER);
	fill(the_test, addr, PAGES);
	return addr;
}

static int prog_contents(void *arg)
{
	unsigned long split = vm_event(THP_SPLIT_PAGE), i;
	struct folio *folio;
	unsigned long addr = filled_area(&folio);
	struct page *first = &folio->page;

	KUNIT_EXPECT_EQ(the_test, split_at(addr + 5 * PAGE_SIZE, 0), 0);
	for (i = 0; i < PAGES; i++) {
		struct page *page = peek_page(addr + i * PAGE_SIZE);

		KUNIT_ASSERT_PTR_EQ(the_test, page, first + i);
		KUNIT_EXPECT_EQ(the_test, folio_order(page_folio(page)), 0U);
		KUNIT_EXPECT_PTR_EQ(the_test, &page_folio(page)->page, page);
		KUNIT_EXPECT_FALSE(the_test, folio_test_locked(page_folio(page)));
		KUNIT_EXPECT_EQ(the_test, folio_ref_count(page_folio(page)), 1);
		KUNIT_EXPECT_EQ(the_test, folio_mapcount(page_folio(page)), 1);
		KUNIT_EXPECT_TRUE(the_test, folio_test_lru(page_folio(page)));
	}
	expect_filled(the_test, addr, PAGES);
	/* only huge ones are counted */
	KUNIT_EXPECT_EQ(the_test, vm_event(THP_SPLIT_PAGE), split);
	return 0;
}

static void a_split_leaves_contents_and_frames_where_they_were(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_contents), 0);
}

static int prog_inherit(void *arg)
{
	struct folio *folio, *part;
	unsigned long addr = filled_area(&folio), i, flags;
	int cpupid = cpu_pid_to_cpupid(3, 1234);
	const unsigned long same = 1UL << PG_referenced | 1UL << PG_swapbacked |
				   1UL << PG_uptodate | 1UL << PG_active |
				   1UL << PG_workingset | 1UL << PG_dirty;

	folio_xchg_last_cpupid(folio, cpupid);
	folio_set_referenced(folio);
	folio_set_workingset(folio);
	folio_set_dirty(folio);
	folio_activate(folio);
	lru_add_drain_all();
	flags = page_flags_load(&folio->flags) & same;
	KUNIT_EXPECT_EQ(the_test, flags, same);
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 0), 0);
	for (i = 0; i < PAGES; i++) {
		part = peek_folio(addr + i * PAGE_SIZE);
		KUNIT_ASSERT_NOT_NULL(the_test, part);
		KUNIT_EXPECT_EQ(the_test, page_flags_load(&part->flags) & PAGEFLAGS_MASK &
				~(1UL << PG_anon_exclusive), flags | 1UL << PG_lru);
		KUNIT_EXPECT_EQ(the_test, folio_last_cpupid(part), cpupid & LAST_CPUPID_MASK);
		KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(&part->page));
		KUNIT_EXPECT_EQ(the_test, part->index, linear_page_index(vma_at(addr), addr) + i);
	}
	return 0;
}

static void parts_inherit_flags_cpupid_and_place_on_the_lru(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_inherit), 0);
}

/* Change the entry at @addr by hand. */
static void edit_pte(unsigned long addr, pte_t (*edit)(pte_t pte))
{
	struct mm_struct *mm = current->mm;
	pte_t *pte, val;
	spinlock_t *ptl;

	mmap_read_lock(mm);
	pte = pte_offset_map_lock(mm, mm_find_pmd(mm, addr), addr, &ptl);
	val = ptep_get_and_clear(mm, addr, pte);
	flush_tlb_page(vma_lookup(mm, addr), addr);
	set_pte_at(mm, addr, pte, edit(val));
	pte_unmap_unlock(pte, ptl);
	mmap_read_unlock(mm);
}

static int prog_bits(void *arg)
{
	struct folio *folio;
	unsigned long addr = filled_area(&folio), i;
	pte_t before[8], after;

	edit_pte(addr + 1 * PAGE_SIZE, pte_mkold);
	edit_pte(addr + 2 * PAGE_SIZE, pte_mkclean);
	edit_pte(addr + 3 * PAGE_SIZE, pte_wrprotect);
	edit_pte(addr + 4 * PAGE_SIZE, pte_clear_soft_dirty);
	for (i = 0; i < 8; i++)
		before[i] = peek_pte(current->mm, addr + i * PAGE_SIZE);
	KUNIT_EXPECT_FALSE(the_test, pte_young(before[1]) || pte_dirty(before[2]) ||
			   pte_write(before[3]) || pte_soft_dirty(before[4]));
	/* page 0's user touches it to get the reference */
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 0), 0);
	for (i = 0; i < 8; i++) {
		after = peek_pte(current->mm, addr + i * PAGE_SIZE);
		KUNIT_EXPECT_EQ(the_test, pte_val(after), pte_val(before[i]));
		KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(pte_page(after)));
	}
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void young_dirty_soft_dirty_and_write_survive_a_split(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_bits), 0);
}

static int prog_pinned(void *arg)
{
	struct folio *folio;
	unsigned long addr = filled_area(&folio);
	struct page *page;

	/* a plain reference is found before anything is unmapped */
	folio_get(folio);
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 0), -EAGAIN);
	folio_put(folio);
	KUNIT_EXPECT_EQ(the_test, pin_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 0), -EAGAIN);
	KUNIT_EXPECT_EQ(the_test, folio_order(folio), (unsigned int)ORDER);
	expect_filled(the_test, addr, PAGES);
	unpin_user_page(page);
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 0), 0);
	return 0;
}

static void references_that_no_mapping_explains_prevent_a_split(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_pinned), 0);
}

static int prog_refused(void *arg)
{
	struct folio *folio;
	unsigned long addr = filled_area(&folio), i;
	int rule = inject_set((struct inject_rule) { .sites = 1 << INJECT_SPLIT, .nth = 1 });
	pte_t before[PAGES];

	edit_pte(addr + 1 * PAGE_SIZE, pte_mkold);
	edit_pte(addr + 2 * PAGE_SIZE, pte_mkclean);
	edit_pte(addr + 3 * PAGE_SIZE, pte_clear_soft_dirty);
	for (i = 0; i < PAGES; i++)
		before[i] = peek_pte(current->mm, addr + i * PAGE_SIZE);
	/* unmapped already when the references turn out not to be as they should */
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 0), -EAGAIN);
	inject_clear(rule);
	KUNIT_EXPECT_FALSE(the_test, folio_test_locked(folio));
	KUNIT_EXPECT_EQ(the_test, folio_order(folio), (unsigned int)ORDER);
	KUNIT_EXPECT_EQ(the_test, folio_ref_count(folio), (int)PAGES);
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(folio), (int)PAGES);
	for (i = 0; i < PAGES; i++)
		KUNIT_EXPECT_EQ(the_test, pte_val(before[i]),
				pte_val(peek_pte(current->mm, addr + i * PAGE_SIZE)));
	expect_filled(the_test, addr, PAGES);
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 0), 0);
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void a_refused_split_maps_everything_as_it_was(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_refused), 0);
}

static int prog_orders(void *arg)
{
	struct folio *folio;
	unsigned long addr = filled_area(&folio), i;

	KUNIT_EXPECT_EQ(the_test, split_at(addr, ORDER), -EINVAL);
	/* no room for _deferred_list */
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 1), -EINVAL);
	KUNIT_EXPECT_EQ(the_test, split_at(addr + 6 * PAGE_SIZE, 2), 0);
	for (i = 0; i < PAGES; i++) {
		struct folio *part = peek_folio(addr + i * PAGE_SIZE);

		KUNIT_EXPECT_EQ(the_test, folio_order(part), 2U);
		KUNIT_EXPECT_TRUE(the_test, folio_test_large_rmappable(part));
		KUNIT_EXPECT_EQ(the_test, folio_mapcount(part), 4);
		KUNIT_EXPECT_FALSE(the_test, folio_test_locked(part));
	}
	expect_filled(the_test, addr, PAGES);
	KUNIT_EXPECT_EQ(the_test, split_at(addr + 6 * PAGE_SIZE, 0), 0);
	KUNIT_EXPECT_EQ(the_test, folio_order(peek_folio(addr + 7 * PAGE_SIZE)), 0U);
	KUNIT_EXPECT_EQ(the_test, folio_order(peek_folio(addr + 8 * PAGE_SIZE)), 2U);
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void parts_can_be_large_themselves(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_orders), 0);
}

static int prog_writeback(void *arg)
{
	struct folio *folio;
	unsigned long addr = filled_area(&folio);

	set_bit(PG_writeback, &folio->flags);
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 0), -EBUSY);
	clear_bit(PG_writeback, &folio->flags);
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 0), 0);
	return 0;
}

static void a_folio_under_writeback_is_busy(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_writeback), 0);
}

static int prog_zero(void *arg)
{
	unsigned long addr = map_aligned(the_test, SIZE), i, rss;
	struct folio *folio = map_large(the_test, addr, ORDER);

	/* two pages have contents, two were written with zeroes */
	user_write64(addr + 1 * PAGE_SIZE, 1);
	user_write64(addr + 7 * PAGE_SIZE + PAGE_SIZE - 8, 7);
	user_write64(addr + 3 * PAGE_SIZE, 0);
	edit_pte(addr + 4 * PAGE_SIZE, pte_clear_soft_dirty);
	rss = get_mm_counter(current->mm, MM_ANONPAGES);
	KUNIT_EXPECT_EQ(the_test, split_at(addr + PAGE_SIZE, 0), 0);
	KUNIT_EXPECT_EQ(the_test, rss - get_mm_counter(current->mm, MM_ANONPAGES), PAGES - 2);
	for (i = 0; i < PAGES; i++) {
		pte_t pte = peek_pte(current->mm, addr + i * PAGE_SIZE);
		bool kept = i == 1 || i == 7;

		KUNIT_EXPECT_EQ(the_test, is_zero_pfn(pte_pfn(pte)), !kept);
		KUNIT_EXPECT_EQ(the_test, pte_write(pte) != 0, kept);
		KUNIT_EXPECT_EQ(the_test, pte_soft_dirty(pte) != 0, i != 4);
	}
	/* their frames were freed */
	KUNIT_EXPECT_EQ(the_test, page_ref_count(folio_page(folio, 3)), 0);
	KUNIT_EXPECT_EQ(the_test, read_word(addr + 3 * PAGE_SIZE), 0ULL);
	KUNIT_EXPECT_EQ(the_test, read_word(addr + PAGE_SIZE), 1ULL);
	KUNIT_EXPECT_EQ(the_test, user_write64(addr + 3 * PAGE_SIZE, 3), 0);
	KUNIT_EXPECT_EQ(the_test, read_word(addr + 3 * PAGE_SIZE), 3ULL);
	return 0;
}

static void pages_of_zeroes_become_the_zero_page(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_zero), 0);
}

static int prog_list(void *arg)
{
	struct folio *folio, *part;
	unsigned long addr = filled_area(&folio), nr = 0;
	LIST_HEAD(list);
	LIST_HEAD(parts);

	KUNIT_ASSERT_TRUE(the_test, isolate_folio_to_list(folio, &list));
	folio_lock(folio);
	KUNIT_EXPECT_EQ(the_test, split_folio_to_list(folio, &parts), 0);
	folio_unlock(folio);
	list_for_each_entry(part, &parts, lru) {
		nr++;
		KUNIT_EXPECT_FALSE(the_test, folio_test_lru(part));
		KUNIT_EXPECT_FALSE(the_test, folio_test_locked(part));
		/* its mapping's, and the isolation's */
		KUNIT_EXPECT_EQ(the_test, folio_ref_count(part), 2);
	}
	KUNIT_EXPECT_EQ(the_test, nr, PAGES - 1);
	list_splice(&parts, &list);
	putback_movable_pages(&list);
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void parts_of_an_isolated_folio_are_isolated(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_list), 0);
}

static int child_sees(void *arg)
{
	unsigned long addr = (unsigned long)arg;

	expect_filled(the_test, addr, PAGES);
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 0), 0);
	expect_filled(the_test, addr, PAGES);
	return user_write64(addr, 99);
}

static int prog_shared(void *arg)
{
	struct folio *folio;
	unsigned long addr = filled_area(&folio), i;

	KUNIT_EXPECT_EQ(the_test, sys_wait4(sys_fork(child_sees, (void *)addr)), 0L);
	expect_filled(the_test, addr, PAGES);
	for (i = 0; i < PAGES; i++) {
		struct folio *part = peek_folio(addr + i * PAGE_SIZE);

		KUNIT_EXPECT_EQ(the_test, folio_order(part), 0U);
		/* fork made it shared, and a split does not make it exclusive again */
		KUNIT_EXPECT_FALSE(the_test, PageAnonExclusive(&part->page));
	}
	return 0;
}

static void a_split_reaches_every_process_that_maps_the_folio(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_shared), 0);
}

static int prog_unmapped_parts(void *arg)
{
	struct folio *folio;
	unsigned long addr = filled_area(&folio);

	KUNIT_EXPECT_EQ(the_test, sys_munmap(addr + SIZE / 2, SIZE / 2), 0L);
	KUNIT_EXPECT_TRUE(the_test, folio_test_partially_mapped(folio));
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 1UL);
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 0), 0);
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 0UL);
	/* nothing maps them: they are free */
	KUNIT_EXPECT_EQ(the_test, page_ref_count(folio_page(folio, PAGES / 2)), 0);
	KUNIT_EXPECT_EQ(the_test, page_ref_count(folio_page(folio, PAGES - 1)), 0);
	expect_filled(the_test, addr, PAGES / 2);
	return 0;
}

static void parts_that_nothing_maps_are_freed(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_unmapped_parts), 0);
}

static struct completion has_tlb, was_split;

static int thread_reads_twice(void *arg)
{
	if (read_word(*(unsigned long *)arg))
		return 1;
	complete(&has_tlb);
	wait_for_completion(&was_split);
	return read_word(*(unsigned long *)arg);
}

static int prog_stale(void *arg)
{
	unsigned long addr = map_aligned(the_test, SIZE);
	long tid;

	init_completion(&has_tlb);
	init_completion(&was_split);
	map_large(the_test, addr, ORDER);
	tid = sys_clone_thread(thread_reads_twice, &addr, 7);
	if (tid < 0)
		return 1;
	wait_for_completion(&has_tlb);
	/* all zero: the frames are freed, and no TLB may have them then */
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 0), 0);
	complete(&was_split);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(tid), 0L);
	return 0;
}

static void a_translation_does_not_outlive_the_split(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_stale), 0);
}

static int prog_owner(void *arg)
{
	struct folio *folio;
	unsigned long addr = filled_area(&folio);
	struct page *page = folio_page(folio, 5);

	folio_get(folio);
	folio_lock(folio);
	KUNIT_EXPECT_EQ(the_test, split_huge_page(page), 0);
	/* the part of the page that was given, and only that, is ours */
	KUNIT_EXPECT_TRUE(the_test, folio_test_locked(page_folio(page)));
	KUNIT_EXPECT_EQ(the_test, folio_lock_owner(page_folio(page)), current->pid);
	KUNIT_EXPECT_FALSE(the_test, folio_test_locked(folio));
	KUNIT_EXPECT_EQ(the_test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(the_test, folio_ref_count(page_folio(page)), 2);
	folio_unlock(page_folio(page));
	put_page(page);
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void lock_and_reference_pass_to_the_page_that_was_given(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_owner), 0);
}

static int prog_huge(void *arg)
{
	unsigned long addr = map_huge(the_test, 1), i, flags = pmd_flags(peek_pmd(addr));
	unsigned long ok = vm_event(THP_SPLIT_PAGE), failed = vm_event(THP_SPLIT_PAGE_FAILED);
	struct folio *folio = peek_huge(addr);

	/* refused before anything is unmapped, and after */
	folio_get(folio);
	KUNIT_EXPECT_EQ(the_test, split_at(addr, 0), -EAGAIN);
	folio_put(folio);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_huge(addr), folio);
	KUNIT_EXPECT_EQ(the_test, pmd_flags(peek_pmd(addr)), flags);
	KUNIT_EXPECT_EQ(the_test, vm_event(THP_SPLIT_PAGE_FAILED), failed + 1);

	KUNIT_EXPECT_EQ(the_test, split_at(addr + 77 * PAGE_SIZE, 0), 0);
	KUNIT_EXPECT_EQ(the_test, vm_event(THP_SPLIT_PAGE), ok + 1);
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 0UL);
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		struct page *page = peek_page(addr + i * PAGE_SIZE);
		pte_t pte = peek_pte(current->mm, addr + i * PAGE_SIZE);

		KUNIT_ASSERT_PTR_EQ(the_test, page, folio_page(folio, i));
		KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(page));
		KUNIT_EXPECT_TRUE(the_test, pte_write(pte) && pte_dirty(pte) &&
				  pte_young(pte) && pte_soft_dirty(pte));
	}
	expect_filled(the_test, addr, HPAGE_PMD_NR);
	return 0;
}

static void a_huge_page_is_split_wholly_or_not_at_all(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_huge), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_translation_does_not_outlive_the_split),
	KUNIT_CASE(lock_and_reference_pass_to_the_page_that_was_given),
	KUNIT_CASE(a_huge_page_is_split_wholly_or_not_at_all),
	KUNIT_CASE(a_split_leaves_contents_and_frames_where_they_were),
	KUNIT_CASE(parts_inherit_flags_cpupid_and_place_on_the_lru),
	KUNIT_CASE(young_dirty_soft_dirty_and_write_survive_a_split),
	KUNIT_CASE(references_that_no_mapping_explains_prevent_a_split),
	KUNIT_CASE(a_refused_split_maps_everything_as_it_was),
	KUNIT_CASE(parts_can_be_large_themselves),
	KUNIT_CASE(a_folio_under_writeback_is_busy),
	KUNIT_CASE(pages_of_zeroes_become_the_zero_page),
	KUNIT_CASE(parts_of_an_isolated_folio_are_isolated),
	KUNIT_CASE(a_split_reaches_every_process_that_maps_the_folio),
	KUNIT_CASE(parts_that_nothing_maps_are_freed),
	{}
};

static struct kunit_suite suite = {
	.name = "thp-split",
	.init = split_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);
