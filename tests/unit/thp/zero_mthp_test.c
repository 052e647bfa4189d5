// SPDX-License-Identifier: GPL-2.0
/* The huge zero page; large folios that PTEs map; huge entries of the TLB. */
#include <linux/pagewalk.h>
#include <mm/tlb.h>
#include "thp_test.h"

THP_CASE(a_read_maps_the_huge_zero_page_and_a_write_leaves_it)
{
	unsigned long addr = map_huge(test, 2), allocs = vm_event(THP_ZERO_PAGE_ALLOC);
	struct mm_struct *mm = current->mm;

	KUNIT_EXPECT_EQ(test, not_zero(addr, 2 * HPAGE_PMD_SIZE), 0UL);
	KUNIT_EXPECT_TRUE(test, is_huge_zero_pmd(pmd_at(mm, addr)));
	KUNIT_EXPECT_TRUE(test, is_huge_zero_pmd(pmd_at(mm, addr + HPAGE_PMD_SIZE)));
	KUNIT_EXPECT_FALSE(test, pmd_write(pmd_at(mm, addr)));
	KUNIT_EXPECT_EQ(test, vm_event(THP_ZERO_PAGE_ALLOC), allocs + 1);
	KUNIT_EXPECT_EQ(test, get_mm_counter(mm, MM_ANONPAGES), 0UL);
	KUNIT_EXPECT_EQ(test, huge_zero_references(), 2);
	check_now();
	KUNIT_EXPECT_EQ(test, user_write64(addr + 9 * PAGE_SIZE, 1), 0);
	KUNIT_EXPECT_FALSE(test, is_huge(addr));
	KUNIT_EXPECT_TRUE(test, is_zero_pfn(pte_pfn(pte_at(mm, addr))));
	KUNIT_EXPECT_EQ(test, get_mm_counter(mm, MM_ANONPAGES), 1UL);
	KUNIT_EXPECT_EQ(test, not_zero(addr, 2 * HPAGE_PMD_SIZE), 0UL);
	check_now();
	KUNIT_EXPECT_EQ(test, sys_munmap(addr, 2 * HPAGE_PMD_SIZE), 0L);
	/* the mm keeps its reference to its end */
	KUNIT_EXPECT_EQ(test, shrink_huge_zero_page(), 0UL);
}

static int read_zero(void *arg)
{
	unsigned long addr = (unsigned long)arg;

	check_now();
	return not_zero(addr, HPAGE_PMD_SIZE) != 0 || !is_huge_zero_pmd(pmd_at(current->mm, addr));
}

/* Forked, the child has a reference of its own, and the page goes when nobody has one. */
THP_CASE(the_shrinker_frees_the_huge_zero_page_of_nobody)
{
	unsigned long addr = map_huge(test, 1);

	KUNIT_EXPECT_EQ(test, not_zero(addr, HPAGE_PMD_SIZE), 0UL);
	KUNIT_EXPECT_EQ(test, sys_wait4(sys_fork(read_zero, (void *)addr)), 0L);
	KUNIT_EXPECT_EQ(test, huge_zero_references(), 2);
}

static void the_huge_zero_page_outlives_its_users_until_it_is_shrunk(struct kunit *test)
{
	unsigned long used;

	the_shrinker_frees_the_huge_zero_page_of_nobody(test);
	KUNIT_EXPECT_EQ(test, huge_zero_references(), 1);
	used = pages_in_use();
	KUNIT_EXPECT_EQ(test, shrink_huge_zero_page(), (unsigned long)HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(test, pages_in_use(), used - HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(test, huge_zero_references(), 0);
	KUNIT_EXPECT_EQ(test, shrink_huge_zero_page(), 0UL);
	the_shrinker_frees_the_huge_zero_page_of_nobody(test);
}

THP_CASE(without_the_huge_zero_page_reads_map_a_page_of_their_own)
{
	unsigned long addr = map_huge(test, 1);

	KUNIT_EXPECT_EQ(test, set_policy("use_zero_page", "0"), 0);
	KUNIT_EXPECT_EQ(test, not_zero(addr, HPAGE_PMD_SIZE), 0UL);
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
	KUNIT_EXPECT_FALSE(test, is_huge_zero_pmd(pmd_at(current->mm, addr)));
	KUNIT_EXPECT_EQ(test, set_policy("use_zero_page", "1"), 0);
}

THP_CASE(no_hint_is_put_on_the_huge_zero_page)
{
	unsigned long addr = map_huge(test, 1);

	KUNIT_EXPECT_EQ(test, not_zero(addr, HPAGE_PMD_SIZE), 0UL);
	KUNIT_EXPECT_EQ(test, hint(addr, HPAGE_PMD_SIZE), 0UL);
	KUNIT_EXPECT_FALSE(test, pmd_protnone(pmd_at(current->mm, addr)));
}

/* 64 KiB folios of 16 pages, each mapped by PTEs. */
static unsigned long map_64k(struct kunit *test)
{
	unsigned long addr = map_huge(test, 1);

	KUNIT_ASSERT_EQ(test, set_policy("hugepages-2048kB/enabled", "never"), 0);
	KUNIT_ASSERT_EQ(test, set_policy("hugepages-64kB/enabled", "madvise"), 0);
	return addr;
}

THP_CASE(a_write_fault_can_map_a_large_folio_by_ptes)
{
	unsigned long addr = map_64k(test), i, faults;
	struct folio *folio;

	KUNIT_EXPECT_EQ(test, user_write64(addr + 21 * PAGE_SIZE, 1), 0);
	faults = vm_event(PGFAULT);
	folio = folio_at(addr + 16 * PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, folio_nr_pages(folio), 16L);
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), 16);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 16);
	KUNIT_EXPECT_EQ(test, get_mm_counter(current->mm, MM_ANONPAGES), 16UL);
	for (i = 16; i < 32; i++)
		KUNIT_EXPECT_EQ(test, pte_pfn(pte_at(current->mm, addr + i * PAGE_SIZE)),
				folio_pfn(folio) + i - 16);
	fill(test, addr + 16 * PAGE_SIZE, 16 * PAGE_SIZE, 3);
	KUNIT_EXPECT_EQ(test, vm_event(PGFAULT), faults);
	KUNIT_EXPECT_NULL(test, folio_at(addr));
	fill(test, addr, HPAGE_PMD_SIZE, 3);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 3), 0UL);
	check_now();
}

THP_CASE(where_a_neighbour_is_mapped_the_folio_is_smaller)
{
	unsigned long addr = map_huge(test, 1);

	KUNIT_ASSERT_EQ(test, set_policy("hugepages-2048kB/enabled", "never"), 0);
	KUNIT_EXPECT_EQ(test, user_write64(addr, 1), 0);
	KUNIT_ASSERT_EQ(test, set_policy("hugepages-64kB/enabled", "always"), 0);
	KUNIT_ASSERT_EQ(test, set_policy("hugepages-16kB/enabled", "always"), 0);
	KUNIT_EXPECT_EQ(test, user_write64(addr + PAGE_SIZE, 1), 0);
	KUNIT_EXPECT_EQ(test, user_write64(addr + 5 * PAGE_SIZE, 1), 0);
	KUNIT_ASSERT_NOT_NULL(test, folio_at(addr + PAGE_SIZE));
	KUNIT_ASSERT_NOT_NULL(test, folio_at(addr + 4 * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, folio_nr_pages(folio_at(addr + PAGE_SIZE)), 1L);
	KUNIT_EXPECT_EQ(test, folio_nr_pages(folio_at(addr + 4 * PAGE_SIZE)), 4L);
	check_now();
}

THP_CASE(without_memory_for_a_large_folio_a_small_page_does)
{
	unsigned long addr = map_64k(test);
	struct inject_rule rule = {
		.sites = 1 << INJECT_PAGE, .per_million = 1000000, .min_order = 1,
		.task = current,
	};

	KUNIT_ASSERT_GE(test, inject_set(rule), 0);
	KUNIT_EXPECT_EQ(test, user_write64(addr, 1), 0);
	inject_clear_all();
	KUNIT_EXPECT_EQ(test, folio_nr_pages(folio_at(addr)), 1L);
}

static int child_64k(void *arg)
{
	unsigned long addr = (unsigned long)arg;
	u64 val;

	if (damage(addr, HPAGE_PMD_SIZE, 3))
		return 1;
	if (user_write64(addr + 8, 5) || user_read64(addr + 8, &val) || val != 5)
		return 2;
	return folio_nr_pages(folio_at(addr)) != 1 ||
	       folio_nr_pages(folio_at(addr + PAGE_SIZE)) != 16;
}

THP_CASE(fork_zap_protect_and_hints_meet_large_folios)
{
	unsigned long addr = map_64k(test), faults;
	struct folio *folio;

	fill(test, addr, HPAGE_PMD_SIZE, 3);
	folio = folio_at(addr);
	KUNIT_EXPECT_EQ(test, sys_wait4(sys_fork(child_64k, (void *)addr)), 0L);
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), 16);
	check_now();
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, HPAGE_PMD_SIZE, PROT_READ), 0L);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 3), 0UL);
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, HPAGE_PMD_SIZE, RW), 0L);
	/* not exclusive any more, and of a large folio: the page is copied */
	KUNIT_EXPECT_EQ(test, user_write64(addr, 1), 0);
	KUNIT_EXPECT_TRUE(test, folio_at(addr) != folio);
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), 15);
	KUNIT_EXPECT_EQ(test, sys_madvise(addr + 2 * PAGE_SIZE, 3 * PAGE_SIZE, MADV_DONTNEED),
			0L);
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), 12);
	check_now();
	hint(addr, HPAGE_PMD_SIZE);
	faults = vm_event(PGFAULT);
	KUNIT_EXPECT_EQ(test, damage(addr + 16 * PAGE_SIZE, HPAGE_PMD_SIZE - 16 * PAGE_SIZE, 3),
			0UL);
	KUNIT_EXPECT_GE(test, vm_event(PGFAULT), faults);
	check_now();
}

static int child_exits(void *arg)
{
	return 0;
}

THP_CASE(the_last_page_of_a_shared_large_folio_is_copied_not_reused)
{
	unsigned long addr = map_64k(test);
	struct folio *folio;

	fill(test, addr, 16 * PAGE_SIZE, 3);
	folio = folio_at(addr);
	KUNIT_EXPECT_EQ(test, sys_wait4(sys_fork(child_exits, NULL)), 0L);
	KUNIT_EXPECT_EQ(test, sys_madvise(addr + PAGE_SIZE, 15 * PAGE_SIZE, MADV_DONTNEED), 0L);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(test, user_write64(addr, 1), 0);
	KUNIT_EXPECT_EQ(test, folio_nr_pages(folio_at(addr)), 1L);
	KUNIT_EXPECT_EQ(test, damage(addr, PAGE_SIZE, 3), 0UL);
}

/* Write to the odd pages of each 64 KiB, one after the other. */
static int write_odd(void *arg)
{
	unsigned long addr = (unsigned long)arg, a;

	for (a = addr + PAGE_SIZE; a < addr + 8 * HPAGE_PMD_SIZE; a += 16 * PAGE_SIZE)
		if (user_write64(a + 8, a ^ 3))
			return 1;
	return 0;
}

THP_CASE(two_threads_that_fill_the_same_64_KiB_get_one_folio)
{
	unsigned long addr, a;
	long tid;

	map_64k(test);
	addr = map_huge(test, 8);
	tid = sys_clone_thread(write_odd, (void *)addr, 1);
	for (a = addr; a < addr + 8 * HPAGE_PMD_SIZE; a += 16 * PAGE_SIZE)
		KUNIT_EXPECT_EQ(test, user_write64(a + 8, a ^ 3), 0);
	KUNIT_EXPECT_EQ(test, sys_wait4(tid), 0L);
	for (a = addr; a < addr + 8 * HPAGE_PMD_SIZE; a += 16 * PAGE_SIZE) {
		KUNIT_EXPECT_EQ(test, damage(a, 2 * PAGE_SIZE, 3), 0UL);
		KUNIT_EXPECT_PTR_EQ(test, folio_at(a), folio_at(a + PAGE_SIZE));
	}
	check_now();
}

/* One walk serves 512 pages; one flush of one page ends it for all. */
THP_CASE(a_huge_page_needs_one_tlb_entry)
{
	unsigned long addr = map_filled(test, 1), i;
	struct folio *folio = folio_at(addr);
	struct mm_struct *mm = current->mm;
	struct tlb_stats before, after;

	flush_tlb_mm(mm);
	for (i = 0; i < HPAGE_PMD_NR; i++)
		KUNIT_EXPECT_EQ(test, tlb_entries_of(folio_pfn(folio) + i), 0U);
	tlb_get_stats(&before);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 1), 0UL);
	tlb_get_stats(&after);
	KUNIT_EXPECT_EQ(test, after.misses, before.misses + 1);
	for (i = 0; i < HPAGE_PMD_NR; i++)
		KUNIT_EXPECT_EQ(test, tlb_entries_of(folio_pfn(folio) + i), 1U);
	check_now();
	mmap_read_lock(mm);
	flush_tlb_page(vma_lookup(mm, addr), addr + 300 * PAGE_SIZE);
	mmap_read_unlock(mm);
	for (i = 0; i < HPAGE_PMD_NR; i++)
		KUNIT_EXPECT_EQ(test, tlb_entries_of(folio_pfn(folio) + i), 0U);
}

/* INVLPG for 2 MiB hits small entries only at its address. */
THP_CASE(a_flush_by_huge_strides_leaves_small_entries)
{
	unsigned long addr = map_filled(test, 1);
	struct mm_struct *mm = current->mm;
	struct folio *folio = folio_at(addr);

	split_pmd_at(addr);
	flush_tlb_mm(mm);
	KUNIT_EXPECT_EQ(test, damage(addr, 2 * PAGE_SIZE, 1), 0UL);
	mmap_read_lock(mm);
	flush_pmd_tlb_range(vma_lookup(mm, addr), addr, addr + HPAGE_PMD_SIZE);
	mmap_read_unlock(mm);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(folio_pfn(folio)), 0U);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(folio_pfn(folio) + 1), 1U);
	flush_tlb_mm(mm);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(folio_pfn(folio) + 1), 0U);
}

THP_CASE(a_folio_walk_finds_the_page_in_a_huge_page)
{
	unsigned long addr = map_filled(test, 1), zero = map_huge(test, 1);
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	struct folio_walk fw;
	struct folio *folio;

	KUNIT_EXPECT_EQ(test, not_zero(zero, HPAGE_PMD_SIZE), 0UL);
	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	folio = folio_walk_start(&fw, vma, addr + 40 * PAGE_SIZE, 0);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, (int)fw.level, (int)FW_LEVEL_PMD);
	KUNIT_EXPECT_PTR_EQ(test, fw.page, folio_page(folio, 40));
	folio_walk_end(&fw, vma);
	vma = vma_lookup(mm, zero);
	KUNIT_EXPECT_NULL(test, folio_walk_start(&fw, vma, zero, 0));
	folio = folio_walk_start(&fw, vma, zero, FW_ZEROPAGE);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, is_huge_zero_folio(folio));
	folio_walk_end(&fw, vma);
	mmap_read_unlock(mm);
}

static struct kunit_case zero_cases[] = {
	KUNIT_CASE(a_read_maps_the_huge_zero_page_and_a_write_leaves_it),
	KUNIT_CASE(the_huge_zero_page_outlives_its_users_until_it_is_shrunk),
	KUNIT_CASE(without_the_huge_zero_page_reads_map_a_page_of_their_own),
	KUNIT_CASE(no_hint_is_put_on_the_huge_zero_page),
	KUNIT_CASE(a_write_fault_can_map_a_large_folio_by_ptes),
	KUNIT_CASE(where_a_neighbour_is_mapped_the_folio_is_smaller),
	KUNIT_CASE(without_memory_for_a_large_folio_a_small_page_does),
	KUNIT_CASE(fork_zap_protect_and_hints_meet_large_folios),
	KUNIT_CASE(the_last_page_of_a_shared_large_folio_is_copied_not_reused),
	KUNIT_CASE(two_threads_that_fill_the_same_64_KiB_get_one_folio),
	KUNIT_CASE(a_huge_page_needs_one_tlb_entry),
	KUNIT_CASE(a_flush_by_huge_strides_leaves_small_entries),
	KUNIT_CASE(a_folio_walk_finds_the_page_in_a_huge_page),
	{}
};

static struct kunit_suite zero_suite = {
	.name = "thp-zero-and-large",
	.test_cases = zero_cases,
};
kunit_machine_config(zero_suite, quiet_machine);
kunit_test_suite(zero_suite);
