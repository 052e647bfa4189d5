// SPDX-License-Identifier: GPL-2.0
/* Faults that make, share and break up huge pages. */
#include <linux/swap.h>
#include "thp_test.h"

THP_CASE(the_first_write_maps_a_whole_zeroed_huge_page)
{
	unsigned long addr = map_huge(test, 1), faults, allocs = vm_event(THP_FAULT_ALLOC);
	struct mm_struct *mm = current->mm;
	struct folio *folio;
	pmd_t pmd;

	KUNIT_EXPECT_EQ(test, user_write64(addr + 77 * PAGE_SIZE, 1), 0);
	KUNIT_ASSERT_TRUE(test, is_huge(addr));
	KUNIT_EXPECT_EQ(test, vm_event(THP_FAULT_ALLOC), allocs + 1);
	pmd = pmd_at(mm, addr);
	KUNIT_EXPECT_TRUE(test, pmd_write(pmd) && pmd_dirty(pmd) && pmd_young(pmd));
	folio = folio_at(addr);
	KUNIT_EXPECT_EQ(test, folio_nr_pages(folio), (long)HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(test, folio_entire_mapcount(folio), 1);
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), 1);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
	KUNIT_EXPECT_TRUE(test, PageAnonExclusive(&folio->page));
	KUNIT_EXPECT_EQ(test, get_mm_counter(mm, MM_ANONPAGES), (unsigned long)HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(test, global_node_page_state(NR_ANON_THPS), (unsigned long)HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(test, global_node_page_state(NR_ANON_MAPPED),
			(unsigned long)HPAGE_PMD_NR);
	faults = vm_event(PGFAULT);
	KUNIT_EXPECT_EQ(test, user_write64(addr + 77 * PAGE_SIZE, 0), 0);
	KUNIT_EXPECT_EQ(test, not_zero(addr, HPAGE_PMD_SIZE), 0UL);
	fill(test, addr, HPAGE_PMD_SIZE, 1);
	KUNIT_EXPECT_EQ(test, vm_event(PGFAULT), faults);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 1), 0UL);
	check_now();
}

THP_CASE(a_huge_page_comes_from_the_local_node)
{
	unsigned long addr = map_filled(test, 5);

	KUNIT_EXPECT_EQ(test, folio_nid(folio_at(addr)), numa_node_id());
}

/* Fails the @nth page allocation of at least @order from now on. */
static int fail_page(unsigned long nth, unsigned int order)
{
	struct inject_rule rule = {
		.sites = 1 << INJECT_PAGE, .nth = nth, .min_order = order, .task = current,
	};

	return inject_set(rule);
}

THP_CASE(without_a_huge_page_the_fault_takes_small_ones)
{
	unsigned long addr = map_huge(test, 1), fallback = vm_event(THP_FAULT_FALLBACK);
	struct inject_rule rule = {
		.sites = 1 << INJECT_PAGE, .per_million = 1000000, .min_order = 1,
		.task = current,
	};

	KUNIT_ASSERT_GE(test, inject_set(rule), 0);
	KUNIT_EXPECT_EQ(test, user_write64(addr, 1), 0);
	inject_clear_all();
	KUNIT_EXPECT_FALSE(test, is_huge(addr));
	KUNIT_EXPECT_TRUE(test, pte_present(pte_at(current->mm, addr)));
	KUNIT_EXPECT_EQ(test, vm_event(THP_FAULT_FALLBACK), fallback + 1);
	KUNIT_EXPECT_EQ(test, get_mm_counter(current->mm, MM_ANONPAGES), 1UL);
}

/* Every allocation of a huge fault fails once; the program sees an error or a page. */
static void fail_each(struct kunit *test, bool write)
{
	unsigned long n, failed = 0;
	u64 val;

	for (n = 1; n < 20; n++) {
		unsigned long addr = map_huge(test, 1);
		int rule = fail_page(n, 0), err;

		err = write ? user_write64(addr, 7) : user_read64(addr, &val);
		failed += inject_failed(rule);
		inject_clear_all();
		if (err)
			KUNIT_EXPECT_EQ(test, write ? user_write64(addr, 7) :
					user_read64(addr, &val), 0);
		KUNIT_EXPECT_EQ(test, user_read64(addr, &val), 0);
		KUNIT_EXPECT_EQ(test, val, write ? 7ULL : 0ULL);
		check_now();
		KUNIT_EXPECT_EQ(test, sys_munmap(addr, HPAGE_PMD_SIZE), 0L);
		if (failed < n)
			break;
	}
	/* at least the tables, the deposited table, the page */
	KUNIT_EXPECT_GE(test, failed, 2UL);
}

THP_CASE(every_allocation_of_a_huge_write_fault_fails_once)
{
	fail_each(test, true);
}

THP_CASE(every_allocation_of_a_huge_read_fault_fails_once)
{
	fail_each(test, false);
	shrink_huge_zero_page();
}

/* The last allocation of the fault is the table for the deposit. */
THP_CASE(without_a_table_to_deposit_no_huge_page_is_mapped)
{
	unsigned long addr = map_huge(test, 2), used;
	int rule;

	KUNIT_EXPECT_EQ(test, user_write64(addr, 1), 0);	/* upper tables exist */
	used = pages_in_use();
	rule = fail_page(2, 0);
	KUNIT_EXPECT_EQ(test, user_write64(addr + HPAGE_PMD_SIZE, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, inject_failed(rule), 1UL);
	inject_clear_all();
	KUNIT_EXPECT_TRUE(test, pmd_none(pmd_at(current->mm, addr + HPAGE_PMD_SIZE)));
	KUNIT_EXPECT_EQ(test, pages_in_use(), used);
	KUNIT_EXPECT_EQ(test, user_write64(addr + HPAGE_PMD_SIZE, 1), 0);
	KUNIT_EXPECT_TRUE(test, is_huge(addr + HPAGE_PMD_SIZE));
}

static int child_reads(void *arg)
{
	unsigned long addr = (unsigned long)arg;

	return damage(addr, HPAGE_PMD_SIZE, 9) != 0 || !is_huge(addr);
}

static int child_writes(void *arg)
{
	unsigned long addr = (unsigned long)arg;
	u64 val;

	if (user_write64(addr + 8 + 3 * PAGE_SIZE, 0xc0))
		return 1;
	if (is_huge(addr) || user_read64(addr + 8 + 3 * PAGE_SIZE, &val) || val != 0xc0)
		return 2;
	if (user_write64(addr + 8 + 3 * PAGE_SIZE, (addr + 3 * PAGE_SIZE) ^ 9))
		return 3;
	return damage(addr, HPAGE_PMD_SIZE, 9) != 0;
}

THP_CASE(a_child_shares_the_huge_page_until_it_writes)
{
	unsigned long addr = map_filled(test, 9), splits;
	long pid;

	KUNIT_EXPECT_EQ(test, sys_wait4(sys_fork(child_reads, (void *)addr)), 0L);
	splits = vm_event(THP_SPLIT_PMD);
	pid = sys_fork(child_writes, (void *)addr);
	KUNIT_EXPECT_EQ(test, sys_wait4(pid), 0L);
	KUNIT_EXPECT_EQ(test, vm_event(THP_SPLIT_PMD), splits + 1);
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 9), 0UL);
	check_now();
}

THP_CASE(alone_again_the_parent_reuses_the_huge_page)
{
	unsigned long addr = map_filled(test, 9);
	struct folio *folio = folio_at(addr);

	KUNIT_EXPECT_EQ(test, sys_wait4(sys_fork(child_reads, (void *)addr)), 0L);
	KUNIT_EXPECT_FALSE(test, pmd_write(pmd_at(current->mm, addr)));
	KUNIT_EXPECT_FALSE(test, PageAnonExclusive(&folio->page));
	KUNIT_EXPECT_EQ(test, user_write64(addr, 3), 0);
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
	KUNIT_EXPECT_PTR_EQ(test, folio_at(addr), folio);
	KUNIT_EXPECT_TRUE(test, PageAnonExclusive(&folio->page));
	KUNIT_EXPECT_TRUE(test, pmd_write(pmd_at(current->mm, addr)));
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 9), 0UL);
}

THP_CASE(with_another_reference_a_write_splits_and_copies)
{
	unsigned long addr = map_filled(test, 9);
	struct folio *folio = folio_at(addr);

	KUNIT_EXPECT_EQ(test, sys_wait4(sys_fork(child_reads, (void *)addr)), 0L);
	folio_get(folio);
	KUNIT_EXPECT_EQ(test, user_write64(addr, 3), 0);
	KUNIT_EXPECT_FALSE(test, is_huge(addr));
	KUNIT_EXPECT_TRUE(test, folio_at(addr) != folio);
	KUNIT_EXPECT_PTR_EQ(test, folio_at(addr + PAGE_SIZE), folio);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 9), 0UL);
	KUNIT_EXPECT_EQ(test, folio_entire_mapcount(folio), 0);
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), HPAGE_PMD_NR - 1);
	check_now();
	folio_put(folio);
}

/* The folio is locked by somebody while the write fault wants to look at it. */
static int lock_a_while(void *arg)
{
	struct folio *folio = arg;

	folio_lock(folio);
	msleep(20);
	folio_unlock(folio);
	return 0;
}

THP_CASE(a_write_fault_waits_for_the_lock_of_the_huge_page)
{
	unsigned long addr = map_filled(test, 9);
	struct folio *folio = folio_at(addr);
	long tid;

	KUNIT_EXPECT_EQ(test, sys_wait4(sys_fork(child_reads, (void *)addr)), 0L);
	tid = sys_clone_thread(lock_a_while, folio, 1);
	while (!folio_test_locked(folio))
		msleep(1);
	KUNIT_EXPECT_EQ(test, user_write64(addr, 3), 0);
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
	KUNIT_EXPECT_EQ(test, sys_wait4(tid), 0L);
}

/* While it waits, the entry changes: the fault starts over. */
static int lock_and_zap(void *arg)
{
	unsigned long addr = (unsigned long)arg;
	struct folio *folio = folio_at(addr);

	folio_get(folio);
	/* By nobody: a task that holds a folio lock makes no system call. */
	test_and_set_bit_lock(PG_locked, &folio->flags);
	msleep(20);
	sys_madvise(addr, HPAGE_PMD_SIZE, MADV_DONTNEED);
	folio_unlock(folio);
	folio_put(folio);
	return 0;
}

THP_CASE(a_write_fault_that_waited_looks_at_the_entry_again)
{
	unsigned long addr = map_filled(test, 9);
	struct folio *folio = folio_at(addr);
	u64 val = 1;
	long tid;

	KUNIT_EXPECT_EQ(test, sys_wait4(sys_fork(child_reads, (void *)addr)), 0L);
	tid = sys_clone_thread(lock_and_zap, (void *)addr, 1);
	while (!folio_test_locked(folio))
		msleep(1);
	KUNIT_EXPECT_EQ(test, user_write64(addr, 3), 0);
	KUNIT_EXPECT_EQ(test, sys_wait4(tid), 0L);
	KUNIT_EXPECT_EQ(test, user_read64(addr, &val), 0);
	KUNIT_EXPECT_EQ(test, val, 3ULL);
	KUNIT_EXPECT_EQ(test, user_read64(addr + 8, &val), 0);
	KUNIT_EXPECT_EQ(test, val, 0ULL);
}

/* The parent lets go of the page; what the child then writes to is the child's. */
static int child_takes_over(void *arg)
{
	unsigned long addr = (unsigned long)arg;
	struct folio *folio = folio_at(addr);
	struct mm_struct *mm = current->mm;
	bool mine;

	while (folio_ref_count(folio) > 1)
		msleep(1);
	if (user_write64(addr, 1) || folio_at(addr) != folio)
		return 1;
	mmap_read_lock(mm);
	mine = folio_anon_vma(folio) == vma_lookup(mm, addr)->anon_vma;
	mmap_read_unlock(mm);
	return !mine;
}

THP_CASE(a_huge_page_left_to_the_child_becomes_the_childs)
{
	unsigned long addr = map_filled(test, 9);
	long pid = sys_fork(child_takes_over, (void *)addr);

	KUNIT_EXPECT_EQ(test, sys_madvise(addr, HPAGE_PMD_SIZE, MADV_DONTNEED), 0L);
	KUNIT_EXPECT_EQ(test, sys_wait4(pid), 0L);
}

/* Two threads found the entry empty: the second finds it filled under the lock. */
THP_CASE(a_fault_that_comes_second_changes_nothing)
{
	unsigned long addr = map_filled(test, 9), used = pages_in_use();
	unsigned int flags[] = { FAULT_FLAG_WRITE, 0 };
	struct mm_struct *mm = current->mm;
	struct folio *folio = folio_at(addr);
	int i;

	for (i = 0; i < 2; i++) {
		mmap_read_lock(mm);
		{
			struct vm_fault vmf = {
				.vma = vma_lookup(mm, addr), .address = addr,
				.flags = flags[i], .pmd = mm_find_pmd(mm, addr),
			};

			KUNIT_EXPECT_EQ(test, do_huge_pmd_anonymous_page(&vmf), 0U);
		}
		mmap_read_unlock(mm);
		mm_put_huge_zero_folio(mm);
		clear_bit(MMF_HUGE_ZERO_PAGE, &mm->flags);
		shrink_huge_zero_page();
		KUNIT_EXPECT_PTR_EQ(test, folio_at(addr), folio);
	}
	KUNIT_EXPECT_EQ(test, pages_in_use(), used);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 9), 0UL);
	check_now();
}

THP_CASE(a_hint_on_a_huge_page_costs_one_fault_and_keeps_write_permission)
{
	unsigned long addr = map_filled(test, 4), faults, huge = vm_event(NUMA_HUGE_PTE_UPDATES);
	struct mm_struct *mm = current->mm;
	u64 val = 0;
	pmd_t pmd;

	KUNIT_EXPECT_EQ(test, hint(addr, HPAGE_PMD_SIZE), (unsigned long)HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(test, vm_event(NUMA_HUGE_PTE_UPDATES), huge + 1);
	pmd = pmd_at(mm, addr);
	KUNIT_EXPECT_TRUE(test, pmd_protnone(pmd) && pmd_trans_huge(pmd) && pmd_dirty(pmd));
	/* a second hint finds nothing to do */
	KUNIT_EXPECT_EQ(test, hint(addr, HPAGE_PMD_SIZE), 0UL);
	check_now();
	faults = vm_event(PGFAULT);
	KUNIT_EXPECT_EQ(test, user_read64(addr + 8, &val), 0);
	KUNIT_EXPECT_EQ(test, val, addr ^ 4ULL);
	pmd = pmd_at(mm, addr);
	KUNIT_EXPECT_FALSE(test, pmd_protnone(pmd));
	KUNIT_EXPECT_TRUE(test, pmd_write(pmd) && pmd_dirty(pmd) && pmd_young(pmd));
	fill(test, addr, HPAGE_PMD_SIZE, 5);
	KUNIT_EXPECT_EQ(test, vm_event(PGFAULT), faults + 1);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 5), 0UL);
}

THP_CASE(a_hint_on_a_shared_huge_page_gives_no_write_permission)
{
	unsigned long addr = map_filled(test, 9);
	u64 val;

	KUNIT_EXPECT_EQ(test, sys_wait4(sys_fork(child_reads, (void *)addr)), 0L);
	KUNIT_EXPECT_EQ(test, hint(addr, HPAGE_PMD_SIZE), (unsigned long)HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(test, user_read64(addr, &val), 0);
	KUNIT_EXPECT_FALSE(test, pmd_write(pmd_at(current->mm, addr)));
	KUNIT_EXPECT_FALSE(test, pmd_protnone(pmd_at(current->mm, addr)));
}

static struct kunit_case fault_cases[] = {
	KUNIT_CASE(the_first_write_maps_a_whole_zeroed_huge_page),
	KUNIT_CASE(a_huge_page_comes_from_the_local_node),
	KUNIT_CASE(without_a_huge_page_the_fault_takes_small_ones),
	KUNIT_CASE(every_allocation_of_a_huge_write_fault_fails_once),
	KUNIT_CASE(every_allocation_of_a_huge_read_fault_fails_once),
	KUNIT_CASE(without_a_table_to_deposit_no_huge_page_is_mapped),
	KUNIT_CASE(a_child_shares_the_huge_page_until_it_writes),
	KUNIT_CASE(alone_again_the_parent_reuses_the_huge_page),
	KUNIT_CASE(with_another_reference_a_write_splits_and_copies),
	KUNIT_CASE(a_write_fault_waits_for_the_lock_of_the_huge_page),
	KUNIT_CASE(a_write_fault_that_waited_looks_at_the_entry_again),
	KUNIT_CASE(a_huge_page_left_to_the_child_becomes_the_childs),
	KUNIT_CASE(a_fault_that_comes_second_changes_nothing),
	KUNIT_CASE(a_hint_on_a_huge_page_costs_one_fault_and_keeps_write_permission),
	KUNIT_CASE(a_hint_on_a_shared_huge_page_gives_no_write_permission),
	{}
};

static struct kunit_suite fault_suite = {
	.name = "thp-fault",
	.test_cases = fault_cases,
};
kunit_machine_config(fault_suite, quiet_machine);
kunit_test_suite(fault_suite);
