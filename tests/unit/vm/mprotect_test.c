// SPDX-License-Identifier: GPL-2.0
/*
 * mprotect(), madvise(), mremap(), soft-dirty, NUMA hints.
 */
#include "vm_test.h"
#include <linux/mempolicy.h>
#include <mm/tlb.h>

PROGRAM_CASE(taking_write_permission_away_is_obeyed_at_once)
{
	unsigned long addr = map_anon(3, RW);

	touch(test, addr, 3);
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr + PAGE_SIZE, PAGE_SIZE, PROT_READ), 0L);
	KUNIT_EXPECT_EQ(test, user_write64(addr + PAGE_SIZE, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, peek(test, addr + PAGE_SIZE), (u64)(addr + PAGE_SIZE));
	poke(test, addr, 1);
	poke(test, addr + 2 * PAGE_SIZE, 1);
	KUNIT_EXPECT_EQ(test, current->mm->map_count, 3);
}

PROGRAM_CASE(giving_write_permission_back_merges_and_needs_no_fault)
{
	unsigned long addr = map_anon(3, RW);
	unsigned int faults;

	touch(test, addr, 3);
	sys_mprotect(addr + PAGE_SIZE, PAGE_SIZE, PROT_READ);
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr + PAGE_SIZE, PAGE_SIZE, RW), 0L);
	KUNIT_EXPECT_EQ(test, current->mm->map_count, 1);
	/* An exclusive dirty page is writable again right away. */
	KUNIT_EXPECT_TRUE(test, pte_write(pte_at(current->mm, addr + PAGE_SIZE)));
	faults = current->faults_min;
	poke(test, addr + PAGE_SIZE, 7);
	KUNIT_EXPECT_EQ(test, current->faults_min, faults);
}

PROGRAM_CASE(prot_none_keeps_the_contents)
{
	unsigned long addr = map_anon(1, RW);
	u64 val;

	poke(test, addr, 5);
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, PAGE_SIZE, PROT_NONE), 0L);
	KUNIT_EXPECT_EQ(test, user_read64(addr, &val), -EFAULT);
	KUNIT_EXPECT_EQ(test, user_write64(addr, 1), -EFAULT);
	KUNIT_EXPECT_TRUE(test, pte_protnone(pte_at(current->mm, addr)));
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, PAGE_SIZE, RW), 0L);
	KUNIT_EXPECT_EQ(test, peek(test, addr), 5ULL);
}

PROGRAM_CASE(mprotect_refuses_holes_and_bad_arguments)
{
	unsigned long addr = map_anon(3, RW);

	sys_munmap(addr + PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, 3 * PAGE_SIZE, PROT_READ), (long)-ENOMEM);
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr + PAGE_SIZE, PAGE_SIZE, PROT_READ),
			(long)-ENOMEM);
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr + 1, PAGE_SIZE, PROT_READ), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, PAGE_SIZE, 0x40), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, 0, PROT_READ), 0L);
}

PROGRAM_CASE(dontneed_drops_private_pages)
{
	unsigned long addr = map_anon(4, RW);

	touch(test, addr, 4);
	KUNIT_EXPECT_EQ(test, sys_madvise(addr + PAGE_SIZE, 2 * PAGE_SIZE, MADV_DONTNEED), 0L);
	KUNIT_EXPECT_EQ(test, get_mm_rss(current->mm), 2UL);
	KUNIT_EXPECT_EQ(test, peek(test, addr), (u64)addr);
	KUNIT_EXPECT_EQ(test, peek(test, addr + PAGE_SIZE), 0ULL);
	KUNIT_EXPECT_EQ(test, current->mm->map_count, 1);
}

PROGRAM_CASE(advice_for_huge_pages_is_a_flag)
{
	unsigned long addr = map_anon(4, RW);

	KUNIT_EXPECT_EQ(test, sys_madvise(addr, 2 * PAGE_SIZE, MADV_HUGEPAGE), 0L);
	KUNIT_EXPECT_EQ(test, current->mm->map_count, 2);
	KUNIT_EXPECT_EQ(test, sys_madvise(addr, 4 * PAGE_SIZE, MADV_NOHUGEPAGE), 0L);
	KUNIT_EXPECT_EQ(test, current->mm->map_count, 1);
	KUNIT_EXPECT_EQ(test, sys_madvise(addr, PAGE_SIZE, MADV_COLLAPSE), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_madvise(addr, PAGE_SIZE, 12345), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_madvise(addr + 4 * PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED),
			(long)-ENOMEM);
}

PROGRAM_CASE(mremap_grows_in_place_when_there_is_room)
{
	unsigned long addr = map_anon(8, RW);

	sys_munmap(addr + 4 * PAGE_SIZE, 4 * PAGE_SIZE);
	touch(test, addr, 4);
	KUNIT_EXPECT_EQ(test, sys_mremap(addr, 4 * PAGE_SIZE, 6 * PAGE_SIZE, 0, 0),
			(long)addr);
	touch(test, addr, 6);
	KUNIT_EXPECT_EQ(test, sys_mremap(addr, 6 * PAGE_SIZE, 2 * PAGE_SIZE, 0, 0),
			(long)addr);
	KUNIT_EXPECT_EQ(test, get_mm_rss(current->mm), 2UL);
}

PROGRAM_CASE(mremap_moves_pages_without_copying)
{
	unsigned long addr = map_anon(600, RW), to, pfn;
	struct mm_struct *mm = current->mm;
	u64 val;

	touch(test, addr, 600);
	pfn = pte_pfn(pte_at(mm, addr + 599 * PAGE_SIZE));
	to = map_anon(1200, PROT_NONE);
	KUNIT_EXPECT_EQ(test, sys_mremap(addr, 600 * PAGE_SIZE, 700 * PAGE_SIZE,
					 MREMAP_MAYMOVE | MREMAP_FIXED, to + 3 * PAGE_SIZE),
			(long)(to + 3 * PAGE_SIZE));
	to += 3 * PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, pte_pfn(pte_at(mm, to + 599 * PAGE_SIZE)), pfn);
	KUNIT_EXPECT_EQ(test, peek(test, to), (u64)addr);
	KUNIT_EXPECT_EQ(test, peek(test, to + 599 * PAGE_SIZE), (u64)(addr + 599 * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, peek(test, to + 600 * PAGE_SIZE), 0ULL);
	KUNIT_EXPECT_EQ(test, user_read64(addr, &val), -EFAULT);
	/* Still found through its anon_vma: another fork and write-back works. */
	poke(test, to, 4);
}

PROGRAM_CASE(the_old_address_is_dead_although_its_table_stays)
{
	unsigned long addr = map_anon(3, RW), to = map_anon(1, PROT_NONE);
	u64 val;

	touch(test, addr, 3);
	KUNIT_EXPECT_EQ(test, sys_mremap(addr + PAGE_SIZE, PAGE_SIZE, PAGE_SIZE,
					 MREMAP_MAYMOVE | MREMAP_FIXED, to), (long)to);
	KUNIT_EXPECT_EQ(test, user_read64(addr + PAGE_SIZE, &val), -EFAULT);
	KUNIT_EXPECT_EQ(test, user_write64(addr + PAGE_SIZE, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, peek(test, to), (u64)(addr + PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, peek(test, addr + 2 * PAGE_SIZE), (u64)(addr + 2 * PAGE_SIZE));
}

PROGRAM_CASE(pages_that_change_their_vma_are_still_found)
{
	unsigned long addr = map_anon(4, RW);

	/* Two VMAs before any page is there, so the left one has no anon_vma. */
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, 2 * PAGE_SIZE, PROT_READ), 0L);
	touch(test, addr + 2 * PAGE_SIZE, 2);
	/* The third page joins the left VMA; the reverse map must know. */
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr + 2 * PAGE_SIZE, PAGE_SIZE, PROT_READ), 0L);
	KUNIT_EXPECT_EQ(test, current->mm->map_count, 2);
	KUNIT_EXPECT_EQ(test, sys_move_pages(addr + 2 * PAGE_SIZE, 2 * PAGE_SIZE, 3), 2L);
	KUNIT_EXPECT_EQ(test, mm_page_node(current->mm, addr + 2 * PAGE_SIZE), 3);
	KUNIT_EXPECT_EQ(test, peek(test, addr + 2 * PAGE_SIZE), (u64)(addr + 2 * PAGE_SIZE));
}

PROGRAM_CASE(mremap_refuses_overlap_and_bad_flags)
{
	unsigned long addr = map_anon(4, RW);

	KUNIT_EXPECT_EQ(test, sys_mremap(addr, 2 * PAGE_SIZE, 2 * PAGE_SIZE,
					 MREMAP_MAYMOVE | MREMAP_FIXED, addr + PAGE_SIZE),
			(long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mremap(addr, PAGE_SIZE, PAGE_SIZE, MREMAP_FIXED, addr),
			(long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mremap(addr, PAGE_SIZE, 0, 0, 0), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mremap(addr + 1, PAGE_SIZE, PAGE_SIZE, 0, 0), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mremap(addr, 8 * PAGE_SIZE, 9 * PAGE_SIZE, 0, 0),
			(long)-EFAULT);
}

PROGRAM_CASE(clearing_soft_dirty_makes_the_next_write_visible)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = map_anon(2, RW);

	touch(test, addr, 2);
	KUNIT_EXPECT_TRUE(test, pte_soft_dirty(pte_at(mm, addr)));
	KUNIT_EXPECT_EQ(test, sys_clear_refs_soft_dirty(), 0L);
	KUNIT_EXPECT_FALSE(test, pte_soft_dirty(pte_at(mm, addr)));
	KUNIT_EXPECT_FALSE(test, pte_soft_dirty(pte_at(mm, addr + PAGE_SIZE)));
	peek(test, addr);
	KUNIT_EXPECT_FALSE(test, pte_soft_dirty(pte_at(mm, addr)));
	poke(test, addr, 1);
	KUNIT_EXPECT_TRUE(test, pte_soft_dirty(pte_at(mm, addr)));
	KUNIT_EXPECT_FALSE(test, pte_soft_dirty(pte_at(mm, addr + PAGE_SIZE)));
}

PROGRAM_CASE(a_numa_hint_is_flushed_and_taken_back_by_the_fault)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = map_anon(2, RW), pfn;
	struct vm_area_struct *vma;

	touch(test, addr, 2);
	pfn = pte_pfn(pte_at(mm, addr));
	mmget(mm);
	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	KUNIT_EXPECT_EQ(test, change_prot_numa(vma, addr, addr + 2 * PAGE_SIZE), 2UL);
	KUNIT_EXPECT_EQ(test, change_prot_numa(vma, addr, addr + 2 * PAGE_SIZE), 0UL);
	mmap_read_unlock(mm);
	mmput(mm);
	KUNIT_EXPECT_TRUE(test, pte_protnone(pte_at(mm, addr)));
	KUNIT_EXPECT_TRUE(test, pte_dirty(pte_at(mm, addr)));
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 0U);
	KUNIT_EXPECT_EQ(test, peek(test, addr), (u64)addr);
	KUNIT_EXPECT_FALSE(test, pte_protnone(pte_at(mm, addr)));
	/* What was writable is writable: no second fault. */
	KUNIT_EXPECT_TRUE(test, pte_write(pte_at(mm, addr)));
}

static struct kunit_case mprotect_cases[] = {
	KUNIT_CASE(taking_write_permission_away_is_obeyed_at_once),
	KUNIT_CASE(giving_write_permission_back_merges_and_needs_no_fault),
	KUNIT_CASE(prot_none_keeps_the_contents),
	KUNIT_CASE(mprotect_refuses_holes_and_bad_arguments),
	KUNIT_CASE(dontneed_drops_private_pages),
	KUNIT_CASE(advice_for_huge_pages_is_a_flag),
	KUNIT_CASE(mremap_grows_in_place_when_there_is_room),
	KUNIT_CASE(mremap_moves_pages_without_copying),
	KUNIT_CASE(the_old_address_is_dead_although_its_table_stays),
	KUNIT_CASE(pages_that_change_their_vma_are_still_found),
	KUNIT_CASE(mremap_refuses_overlap_and_bad_flags),
	KUNIT_CASE(clearing_soft_dirty_makes_the_next_write_visible),
	KUNIT_CASE(a_numa_hint_is_flushed_and_taken_back_by_the_fault),
	{}
};

static struct kunit_suite mprotect_suite = {
	.name = "vm_mprotect",
	.test_cases = mprotect_cases,
};
kunit_test_suite(mprotect_suite);
