// SPDX-License-Identifier: GPL-2.0
/* Unmapping, protecting, moving and copying ranges that have huge pages. */
#include <linux/mmu_notifier.h>
#include <mm/tlb.h>
#include "thp_test.h"

THP_CASE(unmapping_a_huge_page_frees_it_and_its_table)
{
	unsigned long addr = map_filled(test, 1), used = pages_in_use();
	unsigned long tables = mm_pgtables_bytes(current->mm);

	KUNIT_EXPECT_EQ(test, sys_madvise(addr, HPAGE_PMD_SIZE, MADV_DONTNEED), 0L);
	KUNIT_EXPECT_TRUE(test, pmd_none(pmd_at(current->mm, addr)));
	KUNIT_EXPECT_EQ(test, pages_in_use(), used - HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(test, mm_pgtables_bytes(current->mm), tables - PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, get_mm_counter(current->mm, MM_ANONPAGES), 0UL);
	check_now();
	KUNIT_EXPECT_EQ(test, not_zero(addr, HPAGE_PMD_SIZE), 0UL);
}

THP_CASE(dropping_a_part_splits_the_pmd_and_keeps_the_rest)
{
	unsigned long addr = map_filled(test, 1), len = 100 * PAGE_SIZE, at = addr + 7 * PAGE_SIZE;
	struct folio *folio = folio_at(addr);
	struct mm_struct *mm = current->mm;

	KUNIT_EXPECT_EQ(test, sys_madvise(at, len, MADV_DONTNEED), 0L);
	KUNIT_EXPECT_FALSE(test, is_huge(addr));
	KUNIT_EXPECT_EQ(test, get_mm_counter(mm, MM_ANONPAGES), HPAGE_PMD_NR - 100UL);
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), HPAGE_PMD_NR - 100);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), HPAGE_PMD_NR - 100);
	KUNIT_EXPECT_EQ(test, folio_entire_mapcount(folio), 0);
	KUNIT_EXPECT_EQ(test, global_node_page_state(NR_ANON_THPS), 0UL);
	KUNIT_EXPECT_EQ(test, global_node_page_state(NR_ANON_MAPPED), HPAGE_PMD_NR - 100UL);
	check_now();
	KUNIT_EXPECT_EQ(test, damage(addr, at - addr, 1), 0UL);
	KUNIT_EXPECT_EQ(test, not_zero(at, len), 0UL);
	KUNIT_EXPECT_EQ(test, damage(at + len, addr + HPAGE_PMD_SIZE - at - len, 1), 0UL);
	fill(test, addr, HPAGE_PMD_SIZE, 2);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 2), 0UL);
}

THP_CASE(a_huge_entry_that_is_cleared_or_made_old_is_in_no_tlb)
{
	unsigned long addr = map_filled(test, 1), pfn = folio_pfn(folio_at(addr));
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	spinlock_t *ptl;
	pmd_t *pmd, old;
	u64 val;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	pmd = mm_find_pmd(mm, addr);
	mmap_read_unlock(mm);
	KUNIT_EXPECT_EQ(test, user_read64(addr, &val), 0);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 1U);
	ptl = pmd_lock(mm, pmd);
	old = pmdp_huge_clear_flush(vma, addr, pmd);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 0U);
	set_pmd_at(mm, addr, pmd, old);
	spin_unlock(ptl);
	KUNIT_EXPECT_EQ(test, user_read64(addr, &val), 0);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 1U);
	ptl = pmd_lock(mm, pmd);
	KUNIT_EXPECT_TRUE(test, pmdp_clear_flush_young(vma, addr, pmd));
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 0U);
	spin_unlock(ptl);
	check_now();
}

/* munmap() of a middle part: two new borders inside one huge page. */
THP_CASE(unmapping_a_middle_part_leaves_two_mappings)
{
	unsigned long addr = map_filled(test, 1), at = addr + 200 * PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, sys_munmap(at, PAGE_SIZE), 0L);
	check_now();
	KUNIT_EXPECT_EQ(test, damage(addr, at - addr, 1), 0UL);
	at += PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, damage(at, addr + HPAGE_PMD_SIZE - at, 1), 0UL);
}

THP_CASE(mprotect_of_a_whole_huge_page_keeps_it_huge)
{
	unsigned long addr = map_filled(test, 1), faults;
	struct folio *folio = folio_at(addr);

	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, HPAGE_PMD_SIZE, PROT_READ), 0L);
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
	KUNIT_EXPECT_EQ(test, user_write64(addr, 0), -EFAULT);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 1), 0UL);
	check_now();
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, HPAGE_PMD_SIZE, PROT_NONE), 0L);
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
	KUNIT_EXPECT_TRUE(test, pmd_dirty(pmd_at(current->mm, addr)));
	KUNIT_EXPECT_EQ(test, user_write64(addr, 0), -EFAULT);
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, HPAGE_PMD_SIZE, RW), 0L);
	/* exclusive: writable at once, no fault */
	faults = vm_event(PGFAULT);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 1), 0UL);
	fill(test, addr, HPAGE_PMD_SIZE, 2);
	KUNIT_EXPECT_EQ(test, vm_event(PGFAULT), faults);
	KUNIT_EXPECT_PTR_EQ(test, folio_at(addr), folio);
}

THP_CASE(mprotect_of_a_part_splits_the_pmd)
{
	unsigned long addr = map_filled(test, 1), at = addr + 64 * PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, sys_mprotect(at, PAGE_SIZE, PROT_READ), 0L);
	KUNIT_EXPECT_FALSE(test, is_huge(addr));
	KUNIT_EXPECT_EQ(test, user_write64(at, 0), -EFAULT);
	KUNIT_EXPECT_EQ(test, user_write64(at - PAGE_SIZE, 0), 0);
	KUNIT_EXPECT_EQ(test, user_write64(at + PAGE_SIZE, 0), 0);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 1), 0UL);
	check_now();
}

THP_CASE(a_hint_on_a_part_splits_the_pmd)
{
	unsigned long addr = map_filled(test, 1);

	hint(addr, PAGE_SIZE);
	KUNIT_EXPECT_FALSE(test, is_huge(addr));
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 1), 0UL);
}

THP_CASE(mremap_moves_a_huge_page_whole_between_aligned_places)
{
	unsigned long addr = map_filled(test, 1), to = map_huge(test, 2), splits;
	struct folio *folio = folio_at(addr);
	unsigned long off;

	/* next in the same table of PMDs, then in another: its store has to move along */
	KUNIT_EXPECT_EQ(test, sys_munmap(to, 2 * HPAGE_PMD_SIZE), 0L);
	splits = vm_event(THP_SPLIT_PMD);
	KUNIT_EXPECT_EQ(test, sys_mremap(addr, HPAGE_PMD_SIZE, HPAGE_PMD_SIZE,
					 MREMAP_MAYMOVE | MREMAP_FIXED, to), (long)to);
	KUNIT_EXPECT_TRUE(test, is_huge(to));
	KUNIT_EXPECT_TRUE(test, pmd_none(pmd_at(current->mm, addr)));
	check_now();
	off = 0x7f0000000000UL;
	KUNIT_EXPECT_EQ(test, sys_mremap(to, HPAGE_PMD_SIZE, HPAGE_PMD_SIZE,
					 MREMAP_MAYMOVE | MREMAP_FIXED, off), (long)off);
	KUNIT_EXPECT_TRUE(test, is_huge(off));
	KUNIT_EXPECT_PTR_EQ(test, folio_at(off), folio);
	KUNIT_EXPECT_TRUE(test, pmd_soft_dirty(pmd_at(current->mm, off)));
	KUNIT_EXPECT_EQ(test, vm_event(THP_SPLIT_PMD), splits);
	check_now();
	KUNIT_EXPECT_EQ(test, user_write64(addr, 1), -EFAULT);
	for (off += 8; off < 0x7f0000000000UL + HPAGE_PMD_SIZE; off += PAGE_SIZE) {
		u64 val;

		KUNIT_EXPECT_EQ(test, user_read64(off, &val), 0);
		KUNIT_EXPECT_EQ(test, val, (off - 8 - 0x7f0000000000UL + addr) ^ 1ULL);
	}
}

THP_CASE(mremap_to_an_unaligned_place_splits)
{
	unsigned long addr = map_filled(test, 0), to = map_huge(test, 2), i;
	u64 val;

	KUNIT_EXPECT_EQ(test, sys_munmap(to, 2 * HPAGE_PMD_SIZE), 0L);
	to += 16 * PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, sys_mremap(addr, HPAGE_PMD_SIZE, HPAGE_PMD_SIZE,
					 MREMAP_MAYMOVE | MREMAP_FIXED, to), (long)to);
	KUNIT_EXPECT_FALSE(test, is_huge(to));
	check_now();
	for (i = 0; i < HPAGE_PMD_SIZE; i += PAGE_SIZE) {
		KUNIT_EXPECT_EQ(test, user_read64(to + i + 8, &val), 0);
		KUNIT_EXPECT_EQ(test, val, (u64)addr + i);
	}
}

static int child_checks(void *arg)
{
	return damage((unsigned long)arg, HPAGE_PMD_SIZE, 1) != 0;
}

THP_CASE(fork_fails_cleanly_without_a_table_to_deposit)
{
	unsigned long addr = map_filled(test, 1), n, failed = 0;

	for (n = 1; n < 30; n++) {
		struct inject_rule rule = {
			.sites = 1 << INJECT_PAGE, .nth = n, .task = current,
		};
		int h = inject_set(rule);
		long pid = sys_fork(child_checks, (void *)addr);

		failed += inject_failed(h);
		inject_clear_all();
		if (pid > 0)
			KUNIT_EXPECT_EQ(test, sys_wait4(pid), 0L);
		else
			KUNIT_EXPECT_EQ(test, pid, (long)-ENOMEM);
		KUNIT_EXPECT_TRUE(test, is_huge(addr));
		check_now();
		if (pid > 0)
			break;
	}
	KUNIT_EXPECT_GE(test, failed, 4UL);
	fill(test, addr, HPAGE_PMD_SIZE, 2);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 2), 0UL);
}

/* Advice for a part touches no page, but no huge page may cross the new border. */
THP_CASE(a_new_border_inside_a_huge_page_splits_it)
{
	unsigned long first = map_filled(test, 1), last = map_filled(test, 1);

	KUNIT_EXPECT_EQ(test, sys_madvise(first, 5 * PAGE_SIZE, MADV_DONTDUMP), 0L);
	KUNIT_EXPECT_FALSE(test, is_huge(first));
	KUNIT_EXPECT_EQ(test, sys_madvise(last + HPAGE_PMD_SIZE - PAGE_SIZE, PAGE_SIZE,
					  MADV_DONTDUMP), 0L);
	KUNIT_EXPECT_FALSE(test, is_huge(last));
	check_now();
	KUNIT_EXPECT_EQ(test, damage(first, HPAGE_PMD_SIZE, 1), 0UL);
	KUNIT_EXPECT_EQ(test, damage(last, HPAGE_PMD_SIZE, 1), 0UL);
}

THP_CASE(looking_at_where_pages_are_does_not_split)
{
	unsigned long addr = map_filled(test, 1), zero = map_huge(test, 1);
	u64 pages[MAX_NUMNODES] = { 0 };
	int nid = folio_nid(folio_at(addr));

	KUNIT_EXPECT_EQ(test, not_zero(zero, HPAGE_PMD_SIZE), 0UL);
	mm_pages_by_node(current->mm, pages);
	KUNIT_EXPECT_EQ(test, pages[nid], (u64)HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(test, mm_page_node(current->mm, addr + 5 * PAGE_SIZE), nid);
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
	KUNIT_EXPECT_TRUE(test, is_huge(zero));
}

THP_CASE(soft_dirty_tracking_keeps_the_page_huge_and_sees_the_next_write)
{
	unsigned long addr = map_filled(test, 1), faults;
	struct mm_struct *mm = current->mm;
	pmd_t pmd;

	KUNIT_EXPECT_EQ(test, sys_clear_refs_soft_dirty(), 0L);
	pmd = pmd_at(mm, addr);
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
	KUNIT_EXPECT_FALSE(test, pmd_soft_dirty(pmd) || pmd_write(pmd));
	KUNIT_EXPECT_TRUE(test, pmd_dirty(pmd) && pmd_young(pmd));
	check_now();
	/* reading, hinting and unprotecting are no writes */
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 1), 0UL);
	hint(addr, HPAGE_PMD_SIZE);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 1), 0UL);
	KUNIT_EXPECT_FALSE(test, pmd_write(pmd_at(mm, addr)));
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, HPAGE_PMD_SIZE, PROT_READ), 0L);
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, HPAGE_PMD_SIZE, RW), 0L);
	pmd = pmd_at(mm, addr);
	KUNIT_EXPECT_FALSE(test, pmd_soft_dirty(pmd) || pmd_write(pmd));
	faults = vm_event(PGFAULT);
	KUNIT_EXPECT_EQ(test, user_write64(addr, 1), 0);
	KUNIT_EXPECT_EQ(test, vm_event(PGFAULT), faults + 1);
	pmd = pmd_at(mm, addr);
	KUNIT_EXPECT_TRUE(test, pmd_soft_dirty(pmd) && pmd_write(pmd));
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
}

/* What a notifier was told: ranges that began, and whether each ended. */
static atomic_t starts, ends;
static unsigned long low, high;

static int on_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	atomic_inc(&starts);
	low = range->start;
	high = range->end;
	return 0;
}

static void on_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	atomic_inc(&ends);
}

static const struct mmu_notifier_ops notifier_ops = {
	.invalidate_range_start = on_start,
	.invalidate_range_end = on_end,
};

THP_CASE(notifiers_hear_of_a_split_as_of_2_MiB)
{
	struct mmu_notifier mn = { .ops = &notifier_ops };
	unsigned long addr = map_filled(test, 1);

	KUNIT_ASSERT_EQ(test, mmu_notifier_register(&mn, current->mm), 0);
	atomic_set(&starts, 0);
	atomic_set(&ends, 0);
	split_pmd_at(addr + 5 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, atomic_read(&starts), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&ends), 1);
	KUNIT_EXPECT_EQ(test, low, addr);
	KUNIT_EXPECT_EQ(test, high, addr + HPAGE_PMD_SIZE);
	mmu_notifier_unregister(&mn, current->mm);
}

/* Another CPU keeps writing through its TLB while the page is split, hinted, unmapped. */
static atomic_t stop_writing, writes;

static int write_on(void *arg)
{
	unsigned long addr = (unsigned long)arg, n = 0;

	while (!atomic_read(&stop_writing)) {
		unsigned long off = (n++ % HPAGE_PMD_NR) * PAGE_SIZE;

		if (user_write64(addr + off + 16, n))
			return 1;
		atomic_inc(&writes);
		if (n % 64 == 0)
			usleep_range(1, 2);
	}
	return 0;
}

THP_CASE(no_write_of_another_cpu_goes_to_a_page_that_is_gone)
{
	unsigned long addr = map_filled(test, 1);
	long tid;
	int i;

	atomic_set(&stop_writing, 0);
	atomic_set(&writes, 0);
	tid = sys_clone_thread(write_on, (void *)addr, 1);
	for (i = 0; i < 40; i++) {
		while (atomic_read(&writes) < i * 64)
			usleep_range(1, 5);
		if (i % 4 == 0)
			split_pmd_at(addr);
		else if (i % 4 == 1)
			sys_madvise(addr, HPAGE_PMD_SIZE, MADV_DONTNEED);
		else if (i % 4 == 2)
			hint(addr, HPAGE_PMD_SIZE);
		else
			sys_munmap(addr + HPAGE_PMD_SIZE, PAGE_SIZE);
	}
	atomic_set(&stop_writing, 1);
	KUNIT_EXPECT_EQ(test, sys_wait4(tid), 0L);
	check_now();
}

static struct kunit_case range_cases[] = {
	KUNIT_CASE(a_huge_entry_that_is_cleared_or_made_old_is_in_no_tlb),
	KUNIT_CASE(unmapping_a_huge_page_frees_it_and_its_table),
	KUNIT_CASE(dropping_a_part_splits_the_pmd_and_keeps_the_rest),
	KUNIT_CASE(unmapping_a_middle_part_leaves_two_mappings),
	KUNIT_CASE(mprotect_of_a_whole_huge_page_keeps_it_huge),
	KUNIT_CASE(mprotect_of_a_part_splits_the_pmd),
	KUNIT_CASE(a_hint_on_a_part_splits_the_pmd),
	KUNIT_CASE(mremap_moves_a_huge_page_whole_between_aligned_places),
	KUNIT_CASE(mremap_to_an_unaligned_place_splits),
	KUNIT_CASE(fork_fails_cleanly_without_a_table_to_deposit),
	KUNIT_CASE(a_new_border_inside_a_huge_page_splits_it),
	KUNIT_CASE(looking_at_where_pages_are_does_not_split),
	KUNIT_CASE(soft_dirty_tracking_keeps_the_page_huge_and_sees_the_next_write),
	KUNIT_CASE(notifiers_hear_of_a_split_as_of_2_MiB),
	KUNIT_CASE(no_write_of_another_cpu_goes_to_a_page_that_is_gone),
	{}
};

static struct kunit_suite range_suite = {
	.name = "thp-range",
	.test_cases = range_cases,
};
kunit_machine_config(range_suite, quiet_machine);
kunit_test_suite(range_suite);
