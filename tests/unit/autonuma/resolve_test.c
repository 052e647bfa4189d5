// SPDX-License-Identifier: GPL-2.0
/*
 * One hinting fault, looked at closely: which entries it resolves, what it leaves in
 * them, how it counts. Some entries are marked by hand, where the scan would not.
 */
#include <asm/tlbflush.h>

#include "core_test.h"

/* Thirty pages in one PMD range: ten on node 0, ten on node 1, ten on node 0. */
static void map_on_two_nodes(struct prog *p)
{
	nodemask_t node;
	int i;

	p->addr = sys_mmap(0, 30 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	KUNIT_EXPECT_GT(p->test, (long)p->addr, 0);
	p->pages = 30;
	for (i = 0; i < 3; i++) {
		node = nodemask_of_node(i & 1);
		KUNIT_EXPECT_EQ(p->test, sys_set_mempolicy(MPOL_BIND, &node), 0);
		KUNIT_EXPECT_EQ(p->test, user_touch_range(p->addr + i * 10 * PAGE_SIZE,
							  10 * PAGE_SIZE, true, 0, NULL), 0);
	}
	KUNIT_EXPECT_EQ(p->test, sys_set_mempolicy(MPOL_DEFAULT, NULL), 0);
}

static unsigned int writes_of(struct autonuma_counts *c)
{
	return c->lock.seqcount.seqcount.sequence / 2;
}

static void counts_runs(struct prog *p)
{
	unsigned int writes;
	unsigned long by_node[4], i;
	struct task_autonuma *ta;
	struct mm_autonuma *mma;
	u64 val;

	map_on_two_nodes(p);
	wait_for_passes(p, 2);
	ta = current->task_autonuma;
	mma = current->mm->mm_autonuma;
	KUNIT_EXPECT_NOT_NULL(p->test, ta);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 30);
	/* They stay where they are, and are counted there. */
	for (i = 10; i < 20; i++)
		folio_ref_add(page_folio(pte_page(entry_at(p->addr + i * PAGE_SIZE))),
			      GUP_PIN_COUNTING_BIAS);
	autonuma_counts_reset(&ta->faults);
	writes = writes_of(&ta->faults);

	/* In order: page 15; then the first ten, the rest of the second, the third ten. */
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr + 15 * PAGE_SIZE, &val), 0);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);
	KUNIT_EXPECT_EQ(p->test, writes_of(&ta->faults) - writes, 4);
	KUNIT_EXPECT_EQ(p->test, counts_read(&ta->faults, by_node), 30);
	KUNIT_EXPECT_EQ(p->test, by_node[0], 20);
	KUNIT_EXPECT_EQ(p->test, by_node[1], 10);
	/* The same three runs are what the scan period hears. */
	KUNIT_EXPECT_EQ(p->test, atomic_long_read(&mma->heard[AUTONUMA_LOCAL]), 20);
	KUNIT_EXPECT_EQ(p->test, atomic_long_read(&mma->heard[AUTONUMA_STAYED]), 10);
	KUNIT_EXPECT_EQ(p->test, pages_heard_of(mma), 30);
	for (i = 10; i < 20; i++)
		folio_ref_add(page_folio(pte_page(entry_at(p->addr + i * PAGE_SIZE))),
			      -GUP_PIN_COUNTING_BIAS);
}

static void neighbours_on_one_node_are_counted_at_once(struct kunit *test)
{
	run_prog(test, 0, counts_runs, NULL);
}

/* Four pages before and after the mapping, in the same PMD range, are inaccessible. */
static void keeps_to_its_mapping(struct prog *p)
{
	unsigned long i;
	u64 val;

	map_and_write(p, 12);
	KUNIT_EXPECT_EQ(p->test, sys_mprotect(p->addr, 4 * PAGE_SIZE, PROT_NONE), 0);
	KUNIT_EXPECT_EQ(p->test, sys_mprotect(p->addr + 8 * PAGE_SIZE, 4 * PAGE_SIZE,
					      PROT_NONE), 0);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 12);
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr + 6 * PAGE_SIZE, &val), 0);
	for (i = 0; i < 12; i++) {
		bool inside = i >= 4 && i < 8;

		KUNIT_EXPECT_EQ(p->test, marked_at(p->addr + i * PAGE_SIZE), !inside);
		KUNIT_EXPECT_EQ(p->test, user_read64(p->addr + i * PAGE_SIZE, &val),
				inside ? 0 : -EFAULT);
	}
}

static void neighbours_beyond_the_mapping_stay_inaccessible(struct kunit *test)
{
	run_prog(test, 0, keeps_to_its_mapping, NULL);
}

static void next_range_stays_marked(struct prog *p)
{
	unsigned long i, border, marked = 0;
	u64 val;

	map_and_write(p, 2 * PTRS_PER_PTE);
	border = ALIGN(p->addr + 1, PMD_SIZE);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, user_read64(border + 7 * PAGE_SIZE, &val), 0);
	for (i = 0; i < p->pages; i++) {
		unsigned long addr = p->addr + i * PAGE_SIZE;

		marked += marked_at(addr);
		KUNIT_EXPECT_EQ(p->test, marked_at(addr),
				addr < border || addr >= border + PMD_SIZE);
	}
	KUNIT_EXPECT_GT(p->test, marked, 0);
}

static void other_pmd_ranges_stay_marked(struct kunit *test)
{
	run_prog(test, 0, next_range_stays_marked, NULL);
}

/*
 * The kernel's own fault, not an access of the program, which would set the bit anyway.
 * Every page is old; one is touched, the others only resolved with it.
 */
static void makes_young(struct prog *p)
{
	struct vm_area_struct *vma;
	unsigned long i;

	map_and_write(p, 4);
	for (i = 0; i < 4; i++)
		change_entry(p->addr + i * PAGE_SIZE, make_old);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 4);
	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, p->addr);
	KUNIT_EXPECT_EQ(p->test, handle_mm_fault(vma, p->addr + PAGE_SIZE, FAULT_FLAG_DEFAULT,
						 NULL), 0);
	mmap_read_unlock(current->mm);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(p->test, !!pte_young(entry_at(p->addr + i * PAGE_SIZE)), i == 1);
}

static void only_the_touched_page_becomes_young(struct kunit *test)
{
	run_prog(test, 0, makes_young, NULL);
}

/* In a mapping that may not be written, nothing asks whether an entry could be writable. */
static void reads_readonly(struct prog *p)
{
	unsigned long hints;
	u64 val;

	map_and_write(p, 2);
	KUNIT_EXPECT_EQ(p->test, sys_mprotect(p->addr, 2 * PAGE_SIZE, PROT_READ), 0);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 2);
	hints = count_of(AUTONUMA_HINT_FAULTS);
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr + PAGE_SIZE, &val), 0);
	KUNIT_EXPECT_EQ(p->test, val, 2);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_HINT_FAULTS), hints + 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);
	KUNIT_EXPECT_FALSE(p->test, pte_write(entry_at(p->addr)));
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 1), -EFAULT);
}

static void a_readonly_mapping_stays_readonly(struct kunit *test)
{
	run_prog(test, 0, reads_readonly, NULL);
}

/* A shared file page that is clean must fault at its next write; a dirty one need not. */
static void tracks_dirty(struct prog *p)
{
	struct file *shm = shmem_file_create("shared", 4 * PAGE_SIZE);
	long addr = sys_mmap(0, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, shm, 0);
	u64 val;

	KUNIT_EXPECT_GT(p->test, addr, 0);
	KUNIT_EXPECT_EQ(p->test, user_write64(addr, 1), 0);
	KUNIT_EXPECT_EQ(p->test, user_read64(addr + PAGE_SIZE, &val), 0);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_TRUE(p->test, marked_at(addr));
	KUNIT_EXPECT_TRUE(p->test, marked_at(addr + PAGE_SIZE));
	KUNIT_EXPECT_EQ(p->test, user_read64(addr, &val), 0);
	KUNIT_EXPECT_TRUE(p->test, pte_write(entry_at(addr)));
	file_put(shm);
}

static void a_dirty_shared_page_is_writable_again(struct kunit *test)
{
	run_prog(test, 0, tracks_dirty, NULL);
}

/* The scan never marks the zero page; should it be marked, it is restored and not counted. */
static void restores_zero_page(struct prog *p)
{
	long addr = sys_mmap(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			     NULL, 0);
	unsigned long by_node[4], hints, local;
	struct autonuma_counts *faults;
	unsigned int writes;
	u64 val;

	KUNIT_EXPECT_EQ(p->test, user_read64(addr, &val), 0);
	wait_for_passes(p, 2);
	faults = &current->task_autonuma->faults;
	KUNIT_EXPECT_FALSE(p->test, marked_at(addr));
	change_entry(addr, make_marked);
	KUNIT_EXPECT_TRUE(p->test, marked_at(addr));
	hints = count_of(AUTONUMA_HINT_FAULTS);
	local = count_of(AUTONUMA_HINT_FAULTS_LOCAL);
	writes = writes_of(faults);
	KUNIT_EXPECT_EQ(p->test, user_read64(addr, &val), 0);
	KUNIT_EXPECT_EQ(p->test, val, 0);
	KUNIT_EXPECT_FALSE(p->test, marked_at(addr));
	KUNIT_EXPECT_FALSE(p->test, pte_write(entry_at(addr)));
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_HINT_FAULTS), hints + 1);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_HINT_FAULTS_LOCAL), local);
	KUNIT_EXPECT_EQ(p->test, counts_read(faults, by_node), 0);
	KUNIT_EXPECT_EQ(p->test, writes_of(faults), writes);
	KUNIT_EXPECT_EQ(p->test, pages_heard_of(current->mm->mm_autonuma), 0);
	KUNIT_EXPECT_EQ(p->test, user_write64(addr, 5), 0);
}

static void a_marked_zero_page_is_restored_and_not_counted(struct kunit *test)
{
	run_prog(test, 0, restores_zero_page, NULL);
}

/* A fault that comes with an entry as it was before somebody else resolved it. */
static void comes_late(struct prog *p)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned long hints;
	pte_t before, now;
	pmd_t *pmd;

	map_and_write(p, 2);
	wait_for_passes(p, 1);
	before = entry_at(p->addr);
	KUNIT_EXPECT_TRUE(p->test, marked_at(p->addr));
	touch_all(p);
	now = entry_at(p->addr);
	hints = count_of(AUTONUMA_HINT_FAULTS);

	mmap_read_lock(mm);
	vma = vma_lookup(mm, p->addr);
	pmd = pmd_offset(pud_offset(p4d_offset(pgd_offset(mm, p->addr), p->addr), p->addr),
			 p->addr);
	{
		struct vm_fault vmf = {
			.vma = vma, .address = p->addr, .real_address = p->addr,
			.flags = FAULT_FLAG_DEFAULT, .pmd = pmd, .orig_pte = before,
		};

		vmf.pte = pte_offset_map(pmd, p->addr);
		vmf.ptl = pte_lockptr(mm, pmd);
		KUNIT_EXPECT_EQ(p->test, autonuma_do_numa_page(&vmf), 0);
	}
	mmap_read_unlock(mm);
	KUNIT_EXPECT_TRUE(p->test, pte_same(entry_at(p->addr), now));
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_HINT_FAULTS), hints);
}

static void a_fault_on_an_entry_that_changed_does_nothing(struct kunit *test)
{
	run_prog(test, 0, comes_late, NULL);
}

static struct kunit_case resolve_cases[] = {
	KUNIT_CASE(neighbours_on_one_node_are_counted_at_once),
	KUNIT_CASE(neighbours_beyond_the_mapping_stay_inaccessible),
	KUNIT_CASE(other_pmd_ranges_stay_marked),
	KUNIT_CASE(only_the_touched_page_becomes_young),
	KUNIT_CASE(a_readonly_mapping_stays_readonly),
	KUNIT_CASE(a_dirty_shared_page_is_writable_again),
	KUNIT_CASE(a_marked_zero_page_is_restored_and_not_counted),
	KUNIT_CASE(a_fault_on_an_entry_that_changed_does_nothing),
	{}
};

static struct kunit_suite resolve_suite = {
	.name = "autonuma-resolve",
	.test_cases = resolve_cases,
};
kunit_test_suite(resolve_suite);
