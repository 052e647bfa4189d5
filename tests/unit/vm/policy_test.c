// SPDX-License-Identifier: GPL-2.0
/*
 * Memory policies: where pages come from, and moving them.
 */
#include "vm_test.h"
#include <linux/mempolicy.h>

static int node_of(unsigned long addr)
{
	return mm_page_node(current->mm, addr);
}

static void on_node(nodemask_t *nodes, int nid)
{
	nodes_clear(*nodes);
	node_set(nid, *nodes);
}

PROGRAM_CASE(without_a_policy_pages_are_local)
{
	unsigned long addr = map_anon(4, RW);
	int i;

	touch(test, addr, 4);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, node_of(addr + i * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, node_of(addr + 4 * PAGE_SIZE), -1);
}

PROGRAM_CASE(bind_and_preferred_allocate_there)
{
	unsigned long addr = map_anon(8, RW);
	nodemask_t nodes;
	int i;

	on_node(&nodes, 2);
	KUNIT_EXPECT_EQ(test, sys_mbind(addr, 4 * PAGE_SIZE, MPOL_BIND, &nodes, 0), 0L);
	on_node(&nodes, 3);
	KUNIT_EXPECT_EQ(test, sys_mbind(addr + 4 * PAGE_SIZE, 4 * PAGE_SIZE, MPOL_PREFERRED,
					&nodes, 0), 0L);
	touch(test, addr, 8);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, node_of(addr + i * PAGE_SIZE), i < 4 ? 2 : 3);
}

PROGRAM_CASE(interleave_goes_round_by_address)
{
	unsigned long addr = map_anon(8, RW);
	nodemask_t nodes;
	int i, first;

	on_node(&nodes, 1);
	node_set(3, nodes);
	KUNIT_EXPECT_EQ(test, sys_mbind(addr, 8 * PAGE_SIZE, MPOL_INTERLEAVE, &nodes, 0), 0L);
	touch(test, addr, 8);
	first = node_of(addr);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, node_of(addr + i * PAGE_SIZE),
				i % 2 ? 4 - first : first);
}

PROGRAM_CASE(the_task_policy_is_for_vmas_without_one)
{
	unsigned long addr = map_anon(2, RW);
	nodemask_t nodes;

	on_node(&nodes, 1);
	KUNIT_EXPECT_EQ(test, sys_set_mempolicy(MPOL_BIND, &nodes), 0L);
	on_node(&nodes, 3);
	sys_mbind(addr + PAGE_SIZE, PAGE_SIZE, MPOL_BIND, &nodes, 0);
	touch(test, addr, 2);
	KUNIT_EXPECT_EQ(test, node_of(addr), 1);
	KUNIT_EXPECT_EQ(test, node_of(addr + PAGE_SIZE), 3);
	KUNIT_EXPECT_EQ(test, sys_set_mempolicy(MPOL_DEFAULT, NULL), 0L);
	KUNIT_EXPECT_NULL(test, current->mempolicy);
}

static int child_allocates(void *arg)
{
	unsigned long addr = map_anon(1, RW);

	if (user_write64(addr, 1))
		return -1;
	return node_of(addr);
}

PROGRAM_CASE(the_task_policy_is_inherited)
{
	nodemask_t nodes;
	long pid;

	on_node(&nodes, 2);
	sys_set_mempolicy(MPOL_BIND, &nodes);
	pid = sys_fork(child_allocates, NULL);
	KUNIT_ASSERT_GT(test, pid, 0L);
	KUNIT_EXPECT_EQ(test, sys_wait4(pid), 2L);
}

PROGRAM_CASE(move_brings_pages_where_the_policy_wants_them)
{
	unsigned long addr = map_anon(4, RW);
	nodemask_t nodes;
	int i;

	touch(test, addr, 4);
	on_node(&nodes, 3);
	KUNIT_EXPECT_EQ(test, sys_mbind(addr, 4 * PAGE_SIZE, MPOL_BIND, &nodes, 0), 0L);
	KUNIT_EXPECT_EQ(test, node_of(addr), 0);
	KUNIT_EXPECT_EQ(test, sys_mbind(addr, 4 * PAGE_SIZE, MPOL_BIND, &nodes,
					MPOL_MF_STRICT), (long)-EIO);
	KUNIT_EXPECT_EQ(test, sys_mbind(addr, 4 * PAGE_SIZE, MPOL_BIND, &nodes,
					MPOL_MF_MOVE | MPOL_MF_STRICT), 0L);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, node_of(addr + i * PAGE_SIZE), 3);
		KUNIT_EXPECT_EQ(test, peek(test, addr + i * PAGE_SIZE),
				(u64)(addr + i * PAGE_SIZE));
	}
}

PROGRAM_CASE(move_pages_counts_what_it_moved)
{
	unsigned long addr = map_anon(8, RW);
	u64 pages[MAX_NUMNODES] = { 0 };

	touch(test, addr, 8);
	KUNIT_EXPECT_EQ(test, sys_move_pages(addr, 8 * PAGE_SIZE, 1), 8L);
	KUNIT_EXPECT_EQ(test, sys_move_pages(addr, 8 * PAGE_SIZE, 1), 0L);
	mm_pages_by_node(current->mm, pages);
	KUNIT_EXPECT_EQ(test, pages[1], 8ULL);
	KUNIT_EXPECT_EQ(test, pages[0], 0ULL);
	KUNIT_EXPECT_EQ(test, sys_move_pages(addr, PAGE_SIZE, 99), (long)-ENODEV);
}

PROGRAM_CASE(bad_policies_are_refused)
{
	unsigned long addr = map_anon(2, RW);
	nodemask_t none, one;

	nodes_clear(none);
	on_node(&one, 1);
	KUNIT_EXPECT_EQ(test, sys_mbind(addr, PAGE_SIZE, MPOL_BIND, &none, 0), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mbind(addr, PAGE_SIZE, MPOL_DEFAULT, &one, 0), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mbind(addr, PAGE_SIZE, MPOL_LOCAL, &one, 0), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mbind(addr, PAGE_SIZE, 77, &one, 0), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mbind(addr, PAGE_SIZE, MPOL_BIND, &one, 1 << 10),
			(long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mbind(addr + 1, PAGE_SIZE, MPOL_BIND, &one, 0),
			(long)-EINVAL);
	KUNIT_EXPECT_EQ(test, sys_mbind(addr, 9 * PAGE_SIZE, MPOL_BIND, &one, 0),
			(long)-EFAULT);
	KUNIT_EXPECT_EQ(test, sys_set_mempolicy(MPOL_PREFERRED | MPOL_F_NUMA_BALANCING, &one),
			(long)-EINVAL);
	KUNIT_EXPECT_EQ(test, current->mm->map_count, 1);
}

PROGRAM_CASE(equal_policies_merge_and_different_ones_split)
{
	unsigned long addr = map_anon(4, RW);
	struct mm_struct *mm = current->mm;
	nodemask_t one, two;

	on_node(&one, 1);
	on_node(&two, 2);
	sys_mbind(addr, 2 * PAGE_SIZE, MPOL_BIND, &one, 0);
	KUNIT_EXPECT_EQ(test, mm->map_count, 2);
	sys_mbind(addr + PAGE_SIZE, 2 * PAGE_SIZE, MPOL_BIND, &two, 0);
	KUNIT_EXPECT_EQ(test, mm->map_count, 3);
	sys_mbind(addr, 4 * PAGE_SIZE, MPOL_BIND, &one, 0);
	KUNIT_EXPECT_EQ(test, mm->map_count, 1);
	sys_mbind(addr, 4 * PAGE_SIZE, MPOL_DEFAULT, NULL, 0);
	KUNIT_EXPECT_EQ(test, mm->map_count, 1);
}

PROGRAM_CASE(migrate_on_fault_is_for_default_and_balancing_policies)
{
	unsigned long addr = map_anon(1, RW);
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	nodemask_t one;

	on_node(&one, 1);
	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	KUNIT_EXPECT_TRUE(test, vma_policy_mof(vma));
	mmap_read_unlock(mm);
	sys_mbind(addr, PAGE_SIZE, MPOL_BIND, &one, 0);
	mmap_read_lock(mm);
	KUNIT_EXPECT_FALSE(test, vma_policy_mof(vma_lookup(mm, addr)));
	mmap_read_unlock(mm);
	sys_mbind(addr, PAGE_SIZE, MPOL_BIND | MPOL_F_NUMA_BALANCING, &one, 0);
	mmap_read_lock(mm);
	KUNIT_EXPECT_TRUE(test, vma_policy_mof(vma_lookup(mm, addr)));
	mmap_read_unlock(mm);
}

static struct kunit_case policy_cases[] = {
	KUNIT_CASE(without_a_policy_pages_are_local),
	KUNIT_CASE(bind_and_preferred_allocate_there),
	KUNIT_CASE(interleave_goes_round_by_address),
	KUNIT_CASE(the_task_policy_is_for_vmas_without_one),
	KUNIT_CASE(the_task_policy_is_inherited),
	KUNIT_CASE(move_brings_pages_where_the_policy_wants_them),
	KUNIT_CASE(move_pages_counts_what_it_moved),
	KUNIT_CASE(bad_policies_are_refused),
	KUNIT_CASE(equal_policies_merge_and_different_ones_split),
	KUNIT_CASE(migrate_on_fault_is_for_default_and_balancing_policies),
	{}
};

static struct kunit_suite policy_suite = {
	.name = "vm_policy",
	.test_cases = policy_cases,
};
kunit_test_suite(policy_suite);
