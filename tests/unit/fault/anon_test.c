// SPDX-License-Identifier: GPL-2.0
/* Demand-zero faults of anonymous memory. */
#include "fault_test.h"

static int prog_read_zero(void *arg)
{
	struct kunit *test = arg;
	unsigned long addr = map_anon(4);

	KUNIT_EXPECT_EQ(test, read_word(addr), 0ULL);
	KUNIT_EXPECT_TRUE(test, is_zero_pfn(pte_pfn(peek_pte(current->mm, addr))));
	KUNIT_EXPECT_FALSE(test, pte_write(peek_pte(current->mm, addr)));
	KUNIT_EXPECT_EQ(test, get_mm_counter(current->mm, MM_ANONPAGES), 0UL);
	return 0;
}

static void read_of_untouched_memory_maps_the_zero_page_without_rss(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_read_zero), 0);
}

static int prog_write(void *arg)
{
	struct kunit *test = arg;
	unsigned long addr = map_anon(4);
	struct page *page;
	pte_t pte;

	KUNIT_EXPECT_EQ(test, user_write64(addr + 8, 42), 0);
	pte = peek_pte(current->mm, addr);
	page = peek_page(addr);
	KUNIT_EXPECT_TRUE(test, pte_write(pte) && pte_dirty(pte) && pte_young(pte));
	KUNIT_EXPECT_TRUE(test, PageAnon(page) && PageAnonExclusive(page));
	KUNIT_EXPECT_EQ(test, folio_mapcount(page_folio(page)), 1);
	KUNIT_EXPECT_TRUE(test, folio_test_swapbacked(page_folio(page)));
	KUNIT_EXPECT_EQ(test, get_mm_counter(current->mm, MM_ANONPAGES), 1UL);
	KUNIT_EXPECT_EQ(test, read_word(addr), 0ULL);
	KUNIT_EXPECT_EQ(test, read_word(addr + 8), 42ULL);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, folio_test_lru(page_folio(page)));
	KUNIT_EXPECT_EQ(test, folio_ref_count(page_folio(page)), 1);
	return 0;
}

static void write_maps_an_exclusive_zeroed_page_on_the_lru(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_write), 0);
}

static int prog_zero_then_write(void *arg)
{
	struct kunit *test = arg;
	unsigned long addr = map_anon(1);

	KUNIT_EXPECT_EQ(test, read_word(addr), 0ULL);
	KUNIT_EXPECT_EQ(test, user_write64(addr, 7), 0);
	KUNIT_EXPECT_FALSE(test, is_zero_pfn(pte_pfn(peek_pte(current->mm, addr))));
	KUNIT_EXPECT_EQ(test, read_word(addr), 7ULL);
	KUNIT_EXPECT_EQ(test, get_mm_counter(current->mm, MM_ANONPAGES), 1UL);
	KUNIT_EXPECT_EQ(test, READ_ONCE(*(u64 *)page_address(pfn_to_page(zero_pfn))), 0ULL);
	return 0;
}

static void write_after_read_replaces_the_zero_page(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_zero_then_write), 0);
}

static int prog_refused(void *arg)
{
	struct kunit *test = arg;
	unsigned long ro = sys_mmap(0, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
				    NULL, 0);
	unsigned long none = sys_mmap(0, PAGE_SIZE, PROT_NONE,
				      MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	unsigned long gone = map_anon(1);
	u64 val;

	sys_munmap(gone, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, user_write64(ro, 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, user_read64(ro, &val), 0);
	KUNIT_EXPECT_EQ(test, user_read64(none, &val), -EFAULT);
	KUNIT_EXPECT_EQ(test, user_write64(gone, 1), -EFAULT);
	return 0;
}

static void accesses_that_the_mapping_forbids_fail(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_refused), 0);
}

/* One new mapping and one write fault in it, with whatever fails. */
static void fault_once(void *arg)
{
	struct kunit *test = arg;
	unsigned long addr = map_anon(1);
	vm_fault_t ret;

	if (IS_ERR_VALUE(addr))
		return;
	ret = fault_at(addr, FAULT_FLAG_WRITE | FAULT_FLAG_USER);
	KUNIT_EXPECT_TRUE(test, ret == 0 || ret == VM_FAULT_OOM);
	if (ret == VM_FAULT_OOM)
		KUNIT_EXPECT_TRUE(test, pte_none(peek_pte(current->mm, addr)));
	sys_munmap(addr, PAGE_SIZE);
}

static int prog_oom(void *arg)
{
	struct kunit *test = arg;

	KUNIT_EXPECT_GT(test, inject_each(fault_once, test,
					  1 << INJECT_SLAB | 1 << INJECT_PAGE), 1UL);
	KUNIT_EXPECT_EQ(test, get_mm_counter(current->mm, MM_ANONPAGES), 0UL);
	return 0;
}

static void every_failed_allocation_of_a_fault_is_oom_and_leaves_nothing(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_oom), 0);
}

#define FAULT_THREADS	4
#define FAULT_PAGES	32

static unsigned long shared_addr;

static int thread_write_all(void *arg)
{
	unsigned long i;

	for (i = 0; i < FAULT_PAGES; i++)
		if (user_write64(shared_addr + i * PAGE_SIZE + 8 * (long)arg, i + 1))
			return 1;
	return 0;
}

static int prog_threads(void *arg)
{
	struct kunit *test = arg;
	long tid[FAULT_THREADS], t, i;

	shared_addr = map_anon(FAULT_PAGES);
	for (t = 0; t < FAULT_THREADS; t++)
		tid[t] = sys_clone_thread(thread_write_all, (void *)t, t);
	for (t = 0; t < FAULT_THREADS; t++)
		KUNIT_EXPECT_EQ(test, sys_wait4(tid[t]), 0L);
	for (i = 0; i < FAULT_PAGES; i++)
		for (t = 0; t < FAULT_THREADS; t++)
			KUNIT_EXPECT_EQ(test, read_word(shared_addr + i * PAGE_SIZE + 8 * t),
					(u64)i + 1);
	KUNIT_EXPECT_EQ(test, get_mm_counter(current->mm, MM_ANONPAGES),
			(unsigned long)FAULT_PAGES);
	return 0;
}

static void threads_that_fault_on_the_same_pages_share_them(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_threads), 0);
}

static int prog_spurious(void *arg)
{
	struct kunit *test = arg;
	unsigned long addr = map_anon(1);
	pte_t pte;

	KUNIT_EXPECT_EQ(test, user_write64(addr, 1), 0);
	pte = peek_pte(current->mm, addr);
	KUNIT_EXPECT_EQ(test, fault_at(addr, FAULT_FLAG_WRITE | FAULT_FLAG_USER), 0U);
	KUNIT_EXPECT_TRUE(test, pte_same(pte, peek_pte(current->mm, addr)));
	return 0;
}

static void a_fault_on_a_good_entry_changes_nothing(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_spurious), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(read_of_untouched_memory_maps_the_zero_page_without_rss),
	KUNIT_CASE(write_maps_an_exclusive_zeroed_page_on_the_lru),
	KUNIT_CASE(write_after_read_replaces_the_zero_page),
	KUNIT_CASE(accesses_that_the_mapping_forbids_fail),
	KUNIT_CASE(every_failed_allocation_of_a_fault_is_oom_and_leaves_nothing),
	KUNIT_CASE(threads_that_fault_on_the_same_pages_share_them),
	KUNIT_CASE(a_fault_on_a_good_entry_changes_nothing),
	{}
};

static struct kunit_suite suite = {
	.name = "fault-anon",
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);
