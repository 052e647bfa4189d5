// SPDX-License-Identifier: GPL-2.0
/*
 * mmap(), munmap(), and what programs see in memory.
 */
#include "vm_test.h"
#include <linux/rcupdate.h>

PROGRAM_CASE(fresh_anonymous_memory_reads_zero_and_keeps_what_is_written)
{
	unsigned long addr = map_anon(4, RW);

	KUNIT_ASSERT_NE(test, addr, 0UL);
	KUNIT_EXPECT_EQ(test, peek(test, addr), 0ULL);
	poke(test, addr, 42);
	poke(test, addr + 3 * PAGE_SIZE + 8, 43);
	KUNIT_EXPECT_EQ(test, peek(test, addr), 42ULL);
	KUNIT_EXPECT_EQ(test, peek(test, addr + 3 * PAGE_SIZE + 8), 43ULL);
	KUNIT_EXPECT_EQ(test, peek(test, addr + PAGE_SIZE), 0ULL);
	KUNIT_EXPECT_EQ(test, get_mm_counter(current->mm, MM_ANONPAGES), 2UL);
}

PROGRAM_CASE(access_outside_a_mapping_faults)
{
	unsigned long addr = map_anon(2, RW);
	u64 val;

	KUNIT_EXPECT_EQ(test, user_read64(addr - PAGE_SIZE, &val), -EFAULT);
	KUNIT_EXPECT_EQ(test, user_write64(addr + 2 * PAGE_SIZE, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, user_read64(0, &val), -EFAULT);
	KUNIT_EXPECT_EQ(test, user_read64(TASK_SIZE, &val), -EFAULT);
	KUNIT_EXPECT_EQ(test, user_read64(addr + 4, &val), -EFAULT);
	poke(test, addr, 1);
	KUNIT_EXPECT_EQ(test, sys_munmap(addr, PAGE_SIZE), 0L);
	KUNIT_EXPECT_EQ(test, user_read64(addr, &val), -EFAULT);
	KUNIT_EXPECT_EQ(test, user_write64(addr, 1), -EFAULT);
	poke(test, addr + PAGE_SIZE, 2);
}

PROGRAM_CASE(protection_is_obeyed)
{
	unsigned long ro = map_anon(1, PROT_READ), none = map_anon(1, PROT_NONE);
	u64 val;

	KUNIT_EXPECT_EQ(test, peek(test, ro), 0ULL);
	KUNIT_EXPECT_EQ(test, user_write64(ro, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, user_read64(none, &val), -EFAULT);
	KUNIT_EXPECT_EQ(test, user_write64(none, 1), -EFAULT);
}

PROGRAM_CASE(munmap_gives_back_pages_and_tables)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = map_anon(1024, RW);
	unsigned long tables = global_node_page_state(NR_PAGETABLE);

	touch(test, addr, 1024);
	KUNIT_EXPECT_EQ(test, get_mm_rss(mm), 1024UL);
	KUNIT_EXPECT_GT(test, mm_pgtables_bytes(mm), 0UL);
	KUNIT_EXPECT_GT(test, global_node_page_state(NR_PAGETABLE), tables);
	KUNIT_EXPECT_EQ(test, sys_munmap(addr, 1024 * PAGE_SIZE), 0L);
	KUNIT_EXPECT_EQ(test, get_mm_rss(mm), 0UL);
	KUNIT_EXPECT_EQ(test, mm_pgtables_bytes(mm), 0UL);
	/* Whoever walks without locks may still be in one. */
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, global_node_page_state(NR_PAGETABLE), tables);
	KUNIT_EXPECT_EQ(test, mm->map_count, 0);
	KUNIT_EXPECT_EQ(test, mm->total_vm, 0UL);
}

PROGRAM_CASE(map_fixed_replaces_and_noreplace_refuses)
{
	unsigned long addr = map_anon(4, RW);
	unsigned long flags = MAP_PRIVATE | MAP_ANONYMOUS;

	touch(test, addr, 4);
	KUNIT_EXPECT_EQ(test, sys_mmap(addr + PAGE_SIZE, PAGE_SIZE, RW,
				       flags | MAP_FIXED_NOREPLACE, NULL, 0), (long)-EEXIST);
	KUNIT_EXPECT_EQ(test, sys_mmap(addr + PAGE_SIZE, PAGE_SIZE, RW, flags | MAP_FIXED,
				       NULL, 0), (long)(addr + PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, peek(test, addr + PAGE_SIZE), 0ULL);
	KUNIT_EXPECT_EQ(test, peek(test, addr + 2 * PAGE_SIZE), addr + 2 * PAGE_SIZE);
}

PROGRAM_CASE(adjacent_anonymous_mappings_are_one_vma)
{
	unsigned long addr = map_anon(8, RW);
	struct mm_struct *mm = current->mm;

	KUNIT_EXPECT_EQ(test, mm->map_count, 1);
	sys_munmap(addr + 2 * PAGE_SIZE, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, mm->map_count, 2);
	KUNIT_EXPECT_EQ(test, sys_mmap(addr + 2 * PAGE_SIZE, 2 * PAGE_SIZE, RW,
				       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0),
			(long)(addr + 2 * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, mm->map_count, 1);
	touch(test, addr, 8);
}

PROGRAM_CASE(bad_arguments_are_refused)
{
	unsigned long flags = MAP_PRIVATE | MAP_ANONYMOUS;

	KUNIT_EXPECT_EQ(test, sys_mmap(0, 0, RW, flags, NULL, 0), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mmap(0, PAGE_SIZE, RW, MAP_ANONYMOUS, NULL, 0),
			(long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mmap(0, PAGE_SIZE, RW, MAP_PRIVATE, NULL, 0),
			(long)-EBADF);
	KUNIT_EXPECT_EQ(test, sys_mmap(0, TASK_SIZE + PAGE_SIZE, RW, flags, NULL, 0),
			(long)-ENOMEM);
	KUNIT_EXPECT_EQ(test, sys_mmap(1, PAGE_SIZE, RW, flags | MAP_FIXED, NULL, 0),
			(long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mmap(0, PAGE_SIZE, RW, flags | MAP_HUGETLB, NULL, 0),
			(long)-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, sys_mmap(0, PAGE_SIZE, RW, MAP_DROPPABLE | MAP_ANONYMOUS, NULL, 0),
			(long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_munmap(1, PAGE_SIZE), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_munmap(PAGE_SIZE, 0), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, current->mm->map_count, 0);
}

PROGRAM_CASE(huge_mappings_are_aligned)
{
	unsigned long addr = map_anon(1024, RW);

	KUNIT_EXPECT_EQ(test, addr & (PMD_SIZE - 1), 0UL);
}

PROGRAM_CASE(populate_brings_pages_in)
{
	long addr = sys_mmap(0, 4 * PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
			     NULL, 0);

	KUNIT_ASSERT_GT(test, addr, 0L);
	KUNIT_EXPECT_EQ(test, get_mm_rss(current->mm), 4UL);
}

PROGRAM_CASE(shared_anonymous_memory_is_shared_across_fork)
{
	unsigned long addr = map_shared(2, RW);

	KUNIT_ASSERT_NE(test, addr, 0UL);
	poke(test, addr, 5);
	KUNIT_EXPECT_EQ(test, get_mm_counter(current->mm, MM_SHMEMPAGES), 1UL);
	KUNIT_EXPECT_EQ(test, peek(test, addr), 5ULL);
}

PROGRAM_CASE(compare_and_exchange_is_what_it_says)
{
	unsigned long addr = map_anon(1, RW);
	u64 prev;

	KUNIT_EXPECT_EQ(test, user_cmpxchg64(addr, 0, 7, &prev), 0);
	KUNIT_EXPECT_EQ(test, prev, 0ULL);
	KUNIT_EXPECT_EQ(test, user_cmpxchg64(addr, 0, 8, &prev), 0);
	KUNIT_EXPECT_EQ(test, prev, 7ULL);
	KUNIT_EXPECT_EQ(test, peek(test, addr), 7ULL);
}

static struct kunit_case mmap_cases[] = {
	KUNIT_CASE(fresh_anonymous_memory_reads_zero_and_keeps_what_is_written),
	KUNIT_CASE(access_outside_a_mapping_faults),
	KUNIT_CASE(protection_is_obeyed),
	KUNIT_CASE(munmap_gives_back_pages_and_tables),
	KUNIT_CASE(map_fixed_replaces_and_noreplace_refuses),
	KUNIT_CASE(adjacent_anonymous_mappings_are_one_vma),
	KUNIT_CASE(bad_arguments_are_refused),
	KUNIT_CASE(huge_mappings_are_aligned),
	KUNIT_CASE(populate_brings_pages_in),
	KUNIT_CASE(shared_anonymous_memory_is_shared_across_fork),
	KUNIT_CASE(compare_and_exchange_is_what_it_says),
	{}
};

static struct kunit_suite mmap_suite = {
	.name = "vm_mmap",
	.test_cases = mmap_cases,
};
kunit_test_suite(mmap_suite);
