// SPDX-License-Identifier: GPL-2.0
/*
 * Address spaces: which mappings there are and what is asked of each, the lock around them,
 * and who holds the whole.
 */
#include <linux/cpumask.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/mempolicy.h>
#include <linux/mm_inline.h>
#include <linux/mmap_lock.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>

#include "memory.h"

/* By address, from the first that ends after where the walk begins; gaps are not met. */
MEMORY_CASE(a_walk_of_mappings_goes_up)
{
	struct vma_iterator vmi;
	struct vm_area_struct *vma;
	unsigned long last = 0;
	int nr = 0;

	map(test, BASE + 8 * PAGE_SIZE, 4, PROT_NONE, MAP_PRIVATE);
	map(test, BASE, 4, PROT_READ, MAP_PRIVATE);
	map(test, BASE + 4 * PAGE_SIZE, 2, RW, MAP_PRIVATE);
	mmap_read_lock(mm);
	vma_iter_init(&vmi, mm, 0);
	for_each_vma(vmi, vma) {
		KUNIT_EXPECT_GE(test, vma->vm_start, last);
		last = vma->vm_end;
		nr++;
	}
	KUNIT_EXPECT_EQ(test, nr, 3);
	KUNIT_EXPECT_EQ(test, last, BASE + 12 * PAGE_SIZE);
	/* In the middle of one, that one; in a gap, the next. */
	vma_iter_init(&vmi, mm, BASE + 5 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, vma_next(&vmi)->vm_start, BASE + 4 * PAGE_SIZE);
	vma_iter_init(&vmi, mm, BASE + 7 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, vma_next(&vmi)->vm_start, BASE + 8 * PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, vma_next(&vmi));
	KUNIT_EXPECT_PTR_EQ(test, find_vma(mm, BASE + 7 * PAGE_SIZE),
			    vma_lookup(mm, BASE + 8 * PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, vma_lookup(mm, BASE + 7 * PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, find_vma(mm, BASE + 12 * PAGE_SIZE));
	mmap_read_unlock(mm);
}

MEMORY_CASE(a_mapping_says_what_it_is)
{
	struct vm_area_struct *vma;

	map(test, BASE, 4, RW, MAP_PRIVATE);
	map(test, BASE + 8 * PAGE_SIZE, 4, PROT_NONE, MAP_PRIVATE);
	map(test, BASE + 16 * PAGE_SIZE, 4, RW, MAP_SHARED);
	mmap_read_lock(mm);
	vma = vma_at(test, mm, BASE);
	KUNIT_EXPECT_TRUE(test, vma_is_accessible(vma));
	KUNIT_EXPECT_TRUE(test, vma_is_anonymous(vma));
	KUNIT_EXPECT_TRUE(test, is_cow_mapping(vma->vm_flags));
	KUNIT_EXPECT_TRUE(test, vma_migratable(vma));
	KUNIT_EXPECT_FALSE(test, vma_is_dax(vma));
	KUNIT_EXPECT_FALSE(test, is_vm_hugetlb_page(vma));
	KUNIT_EXPECT_FALSE(test, vma_is_temporary_stack(vma));
	/* Private memory counts its pages from address zero. */
	KUNIT_EXPECT_EQ(test, linear_page_index(vma, BASE + 2 * PAGE_SIZE),
			(BASE >> PAGE_SHIFT) + 2);
	vma = vma_at(test, mm, BASE + 8 * PAGE_SIZE);
	KUNIT_EXPECT_FALSE(test, vma_is_accessible(vma));
	vma = vma_at(test, mm, BASE + 16 * PAGE_SIZE);
	KUNIT_EXPECT_FALSE(test, vma_is_anonymous(vma));
	KUNIT_EXPECT_FALSE(test, is_cow_mapping(vma->vm_flags));
	KUNIT_EXPECT_TRUE(test, vma_migratable(vma));
	/* And shared memory from the beginning of its file. */
	KUNIT_EXPECT_EQ(test, linear_page_index(vma, BASE + 18 * PAGE_SIZE), 2UL);
	mmap_read_unlock(mm);
}

/* Flags alone decide these. */
static void flags_say_what_a_mapping_is(struct kunit *test)
{
	struct vm_area_struct vma = {};

	vm_flags_init(&vma, VM_GROWSDOWN | VM_RAND_READ | VM_SEQ_READ);
	KUNIT_EXPECT_TRUE(test, vma_is_temporary_stack(&vma));
	vm_flags_init(&vma, VM_GROWSDOWN | VM_RAND_READ);
	KUNIT_EXPECT_FALSE(test, vma_is_temporary_stack(&vma));
	vm_flags_init(&vma, VM_RAND_READ | VM_SEQ_READ);
	KUNIT_EXPECT_FALSE(test, vma_is_temporary_stack(&vma));
	vm_flags_init(&vma, VM_IO);
	KUNIT_EXPECT_FALSE(test, vma_migratable(&vma));
	vm_flags_init(&vma, VM_PFNMAP);
	KUNIT_EXPECT_FALSE(test, vma_migratable(&vma));
	vm_flags_init(&vma, VM_EXEC);
	KUNIT_EXPECT_TRUE(test, vma_is_accessible(&vma));
	KUNIT_EXPECT_TRUE(test, is_cow_mapping(VM_MAYWRITE));
	KUNIT_EXPECT_FALSE(test, is_cow_mapping(VM_SHARED | VM_MAYWRITE));
	KUNIT_EXPECT_FALSE(test, is_cow_mapping(VM_READ));
}

/* Without a policy of its own a mapping has the default one, which moves on faults. */
MEMORY_CASE(the_default_policy_moves_on_faults)
{
	struct vm_area_struct *vma;

	map(test, BASE, 4, RW, MAP_PRIVATE);
	map(test, BASE + 8 * PAGE_SIZE, 4, RW, MAP_SHARED);
	mmap_read_lock(mm);
	vma = vma_at(test, mm, BASE);
	KUNIT_EXPECT_NULL(test, vma_policy(vma));
	KUNIT_EXPECT_TRUE(test, vma_policy_mof(vma));
	KUNIT_EXPECT_TRUE(test, vma_policy_mof(vma_at(test, mm, BASE + 8 * PAGE_SIZE)));
	mmap_read_unlock(mm);
}

/* Of an address space that nobody else knows. */
static void the_lock_of_an_address_space_is_shared_by_readers(struct kunit *test)
{
	struct mm_struct *mm = kunit_kzalloc(test, sizeof(*mm), GFP_KERNEL);
	struct vm_area_struct vma = { .vm_mm = mm };
	struct vm_fault vmf = { .vma = &vma };

	KUNIT_ASSERT_NOT_NULL(test, mm);
	mmap_init_lock(mm);
	mmap_read_lock(mm);
	mmap_assert_locked(mm);
	assert_fault_locked(&vmf);
	mmap_read_unlock(mm);
	KUNIT_EXPECT_TRUE(test, mmap_read_trylock(mm));
	mmap_read_unlock(mm);
	mmap_write_lock(mm);
	mmap_assert_write_locked(mm);
	KUNIT_EXPECT_FALSE(test, mmap_read_trylock(mm));
	mmap_write_unlock(mm);
}

/* Users hold the mappings; who only has a reference cannot become one again. */
static void the_last_user_takes_the_mappings_along(struct kunit *test)
{
	struct mm_struct *mm = mm_alloc();

	KUNIT_ASSERT_NOT_NULL(test, mm);
	KUNIT_EXPECT_EQ(test, atomic_read(&mm->mm_users), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&mm->mm_count), 1);
	KUNIT_EXPECT_TRUE(test, mmget_not_zero(mm));
	KUNIT_EXPECT_EQ(test, atomic_read(&mm->mm_users), 2);
	mmput_async(mm);
	KUNIT_EXPECT_EQ(test, atomic_read(&mm->mm_users), 1);
	mmgrab(mm);
	KUNIT_EXPECT_EQ(test, atomic_read(&mm->mm_count), 2);
	mmput_async(mm);
	KUNIT_EXPECT_FALSE(test, mmget_not_zero(mm));
	/* The users' common reference goes when a worker has done the rest. */
	while (atomic_read(&mm->mm_count) > 1)
		schedule_timeout_uninterruptible(1);
	mmdrop(mm);
}

static char visited[64];

static void visit(const char *what)
{
	strncat(visited, what, sizeof(visited) - strlen(visited) - 1);
}

static int visit_pmd(pmd_t *pmd, unsigned long addr, unsigned long next, struct mm_walk *walk)
{
	visit("D");
	return walk->private ? 5 : 0;
}

static int visit_pte(pte_t *pte, unsigned long addr, unsigned long next, struct mm_walk *walk)
{
	visit(pte_none(ptep_get(pte)) ? "-" : "t");
	return 0;
}

static int visit_hole(unsigned long addr, unsigned long next, int depth, struct mm_walk *walk)
{
	visit("h");
	return 0;
}

static int visit_pre(unsigned long start, unsigned long end, struct mm_walk *walk)
{
	visit("(");
	return 0;
}

static void visit_post(struct mm_walk *walk)
{
	visit(")");
}

/*
 * Three pages of which the middle one is there, at the end of a table, and two beyond where
 * there is no table.
 */
MEMORY_CASE(a_walk_of_tables_calls_from_the_top_and_ends_with_the_first_answer)
{
	static const struct mm_walk_ops ops = {
		.pmd_entry = visit_pmd,
		.pte_entry = visit_pte,
		.pte_hole = visit_hole,
		.pre_vma = visit_pre,
		.post_vma = visit_post,
		.walk_lock = PGWALK_RDLOCK,
	};
	unsigned long start = BASE + PMD_SIZE - 3 * PAGE_SIZE, end = BASE + PMD_SIZE + 2 * PAGE_SIZE;
	struct vm_area_struct *vma;

	map(test, start, 5, RW, MAP_PRIVATE);
	poke(test, mm, start + PAGE_SIZE, 1);
	mmap_read_lock(mm);
	vma = vma_at(test, mm, start);
	visited[0] = '\0';
	KUNIT_EXPECT_EQ(test, walk_page_range_vma(vma, start, end, &ops, NULL), 0);
	KUNIT_EXPECT_STREQ(test, visited, "(D-t-h)");
	visited[0] = '\0';
	KUNIT_EXPECT_EQ(test, walk_page_range_vma(vma, start + PAGE_SIZE, start + 2 * PAGE_SIZE,
						  &ops, NULL), 0);
	KUNIT_EXPECT_STREQ(test, visited, "(Dt)");
	visited[0] = '\0';
	KUNIT_EXPECT_EQ(test, walk_page_range_vma(vma, start, end, &ops, test), 5);
	KUNIT_EXPECT_STREQ(test, visited, "(D)");
	visited[0] = '\0';
	KUNIT_EXPECT_EQ(test, walk_page_range_vma(vma, start, start, &ops, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, walk_page_range_vma(vma, start - PAGE_SIZE, end, &ops, NULL),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, walk_page_range_vma(vma, start, end + PAGE_SIZE, &ops, NULL),
			-EINVAL);
	KUNIT_EXPECT_STREQ(test, visited, "");
	mmap_read_unlock(mm);
}

/* A file's mappings, by the pages of it that they show. */
MEMORY_CASE(a_files_mappings_are_found_by_its_pages)
{
	struct address_space *mapping;
	struct vm_area_struct *vma;
	struct file *file;
	int nr;

	map(test, BASE, 8, RW, MAP_SHARED);
	mmap_read_lock(mm);
	file = get_file(vma_at(test, mm, BASE)->vm_file);
	mmap_read_unlock(mm);
	KUNIT_EXPECT_EQ(test, BASE + PMD_SIZE,
			vm_mmap(file, BASE + PMD_SIZE, 2 * PAGE_SIZE, PROT_READ,
				MAP_SHARED | MAP_FIXED, 4 * PAGE_SIZE));
	mapping = file->f_mapping;
	KUNIT_ASSERT_TRUE(test, i_mmap_trylock_read(mapping));
	KUNIT_EXPECT_FALSE(test, i_mmap_trylock_write(mapping));
	nr = 0;
	vma_interval_tree_foreach(vma, &mapping->i_mmap, 0, 3) {
		KUNIT_EXPECT_EQ(test, vma->vm_start, BASE);
		nr++;
	}
	KUNIT_EXPECT_EQ(test, nr, 1);
	vma_interval_tree_foreach(vma, &mapping->i_mmap, 5, 5)
		nr++;
	KUNIT_EXPECT_EQ(test, nr, 3);
	vma_interval_tree_foreach(vma, &mapping->i_mmap, 8, ULONG_MAX)
		nr++;
	KUNIT_EXPECT_EQ(test, nr, 3);
	i_mmap_unlock_read(mapping);
	/* One page of the file, seen through both. */
	poke(test, mm, BASE + 5 * PAGE_SIZE, 42);
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE + PMD_SIZE + PAGE_SIZE), 42ULL);
	fput(file);
}

static struct kunit_case vma_cases[] = {
	KUNIT_CASE(a_walk_of_mappings_goes_up),
	KUNIT_CASE(a_mapping_says_what_it_is),
	KUNIT_CASE(flags_say_what_a_mapping_is),
	KUNIT_CASE(the_default_policy_moves_on_faults),
	KUNIT_CASE(the_lock_of_an_address_space_is_shared_by_readers),
	KUNIT_CASE(the_last_user_takes_the_mappings_along),
	KUNIT_CASE(a_walk_of_tables_calls_from_the_top_and_ends_with_the_first_answer),
	KUNIT_CASE(a_files_mappings_are_found_by_its_pages),
	{}
};

static struct kunit_suite vma_suite = {
	.name = "conformance_vma",
	.test_cases = vma_cases,
};
kunit_test_suite(vma_suite);
