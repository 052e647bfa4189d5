// SPDX-License-Identifier: GPL-2.0
/* get_user_pages() and pins. */
#include "fault_test.h"
#include <linux/completion.h>
#include <linux/kthread.h>

static struct kunit *the_test;

static int gup_init(struct kunit *test)
{
	the_test = test;
	return 0;
}

static int prog_counts(void *arg)
{
	unsigned long addr = map_anon(3);
	struct page *pages[3];
	int i;

	for (i = 0; i < 3; i++)
		user_write64(addr + i * PAGE_SIZE, i);
	lru_add_drain_all();
	KUNIT_EXPECT_EQ(the_test, get_user_pages_fast(addr, 3, 0, pages), 3);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_PTR_EQ(the_test, pages[i], peek_page(addr + i * PAGE_SIZE));
		KUNIT_EXPECT_EQ(the_test, page_count(pages[i]), 2);
		KUNIT_EXPECT_FALSE(the_test, folio_maybe_dma_pinned(page_folio(pages[i])));
		put_page(pages[i]);
	}
	KUNIT_EXPECT_EQ(the_test, pin_user_pages_fast(addr, 3, FOLL_WRITE, pages), 3);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(the_test, page_count(pages[i]),
				1 + (int)GUP_PIN_COUNTING_BIAS);
		KUNIT_EXPECT_TRUE(the_test, folio_maybe_dma_pinned(page_folio(pages[i])));
	}
	unpin_user_pages(pages, 3);
	mmap_read_lock(current->mm);
	KUNIT_EXPECT_EQ(the_test, pin_user_pages(addr, 3, FOLL_WRITE, pages), 3L);
	mmap_read_unlock(current->mm);
	unpin_user_pages_dirty_lock(pages, 3, true);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(the_test, page_count(pages[i]), 1);
		KUNIT_EXPECT_TRUE(the_test, folio_test_dirty(page_folio(pages[i])));
	}
	return 0;
}

static void references_and_pins_are_counted_differently(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_counts), 0);
}

static int prog_faultin(void *arg)
{
	unsigned long addr = map_anon(4);
	struct page *pages[4];

	KUNIT_EXPECT_EQ(the_test, get_user_pages_fast_only(addr, 4, FOLL_WRITE, pages), 0);
	KUNIT_EXPECT_EQ(the_test, get_user_pages_unlocked(addr, 4, pages, FOLL_WRITE), 4L);
	KUNIT_EXPECT_TRUE(the_test, PageAnon(pages[3]));
	KUNIT_EXPECT_EQ(the_test, get_mm_counter(current->mm, MM_ANONPAGES), 4UL);
	release_pages(pages, 4);
	/* the third page is gone: two are got, then the hole is an error */
	sys_munmap(addr + 2 * PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(the_test, get_user_pages_unlocked(addr, 4, pages, 0), 2L);
	release_pages(pages, 2);
	KUNIT_EXPECT_EQ(the_test, get_user_pages_unlocked(addr + 2 * PAGE_SIZE, 1, pages, 0),
			(long)-EFAULT);
	KUNIT_EXPECT_EQ(the_test, get_user_pages_fast(-PAGE_SIZE, 1, 0, pages), -EFAULT);
	return 0;
}

static void missing_pages_are_faulted_in_and_holes_end_it(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_faultin), 0);
}

static int prog_zero_page(void *arg)
{
	unsigned long addr = map_anon(1);
	struct page *page;
	int before;

	KUNIT_EXPECT_EQ(the_test, read_word(addr), 0ULL);
	before = page_count(pfn_to_page(zero_pfn));
	KUNIT_EXPECT_EQ(the_test, pin_user_pages_fast(addr, 1, 0, &page), 1);
	KUNIT_EXPECT_TRUE(the_test, is_zero_page(page));
	KUNIT_EXPECT_EQ(the_test, page_count(page), before);
	unpin_user_page(page);
	KUNIT_EXPECT_EQ(the_test, page_count(pfn_to_page(zero_pfn)), before);
	/* for writing it is replaced */
	KUNIT_EXPECT_EQ(the_test, pin_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	KUNIT_EXPECT_FALSE(the_test, is_zero_page(page));
	unpin_user_page(page);
	return 0;
}

static void the_zero_page_is_never_pinned(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_zero_page), 0);
}

static struct completion go_on;
static unsigned long area;
static struct page *pinned;

static int child_waits(void *arg)
{
	wait_for_completion(&go_on);
	return (int)read_word(area);
}

static int prog_pin_unshares(void *arg)
{
	struct page *before, *page;
	long pid;

	init_completion(&go_on);
	area = map_anon(1);
	user_write64(area, 33);
	before = peek_page(area);
	pid = sys_fork(child_waits, NULL);
	KUNIT_EXPECT_FALSE(the_test, PageAnonExclusive(before));
	/* a read-only reference may share, a pin may not */
	KUNIT_EXPECT_EQ(the_test, get_user_pages_fast(area, 1, 0, &page), 1);
	KUNIT_EXPECT_PTR_EQ(the_test, page, before);
	put_page(page);
	KUNIT_EXPECT_EQ(the_test, pin_user_pages_fast(area, 1, 0, &page), 1);
	KUNIT_EXPECT_PTR_NE(the_test, page, before);
	KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(page));
	/* so a write stays visible through the pin */
	user_write64(area, 34);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_page(area), page);
	KUNIT_EXPECT_EQ(the_test, READ_ONCE(*(u64 *)page_address(page)), 34ULL);
	unpin_user_page(page);
	complete(&go_on);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(pid), 33L);
	return 0;
}

static void a_pin_unshares_what_fork_shared(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_pin_unshares), 0);
}

static int prog_fork_pinned(void *arg)
{
	long pid;

	init_completion(&go_on);
	area = map_anon(1);
	user_write64(area, 50);
	KUNIT_EXPECT_EQ(the_test, pin_user_pages_fast(area, 1, FOLL_WRITE, &pinned), 1);
	pid = sys_fork(child_waits, NULL);
	/* the child got a copy; ours is as it was */
	KUNIT_EXPECT_PTR_EQ(the_test, peek_page(area), pinned);
	KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(pinned));
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(page_folio(pinned)), 1);
	user_write64(area, 51);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_page(area), pinned);
	complete(&go_on);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(pid), 50L);
	unpin_user_page(pinned);
	return 0;
}

static void fork_copies_a_pinned_page(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_fork_pinned), 0);
}

static int prog_force(void *arg)
{
	unsigned long ro = sys_mmap(0, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
				    NULL, 0);
	struct page *page;

	KUNIT_EXPECT_EQ(the_test, get_user_pages_unlocked(ro, 1, &page, FOLL_WRITE),
			(long)-EFAULT);
	KUNIT_EXPECT_EQ(the_test, get_user_pages_unlocked(ro, 1, &page,
							  FOLL_WRITE | FOLL_FORCE), 1L);
	KUNIT_EXPECT_FALSE(the_test, pte_write(peek_pte(current->mm, ro)));
	KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(page));
	put_page(page);
	return 0;
}

static void force_writes_into_a_private_copy_of_a_read_only_mapping(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_force), 0);
}

static int prog_hint(void *arg)
{
	unsigned long addr = map_anon(1), faults;
	struct page *page;

	user_write64(addr, 1);
	KUNIT_EXPECT_EQ(the_test, mark_hints(addr, 1), 1UL);
	faults = vm_event(PGFAULT);
	KUNIT_EXPECT_EQ(the_test, get_user_pages_fast_only(addr, 1, 0, &page), 0);
	KUNIT_EXPECT_EQ(the_test, get_user_pages_unlocked(addr, 1, &page, 0), 1L);
	put_page(page);
	KUNIT_EXPECT_EQ(the_test, vm_event(PGFAULT), faults);
	KUNIT_EXPECT_TRUE(the_test, pte_protnone(peek_pte(current->mm, addr)));
	KUNIT_EXPECT_EQ(the_test, get_user_pages_unlocked(addr, 1, &page,
							  FOLL_HONOR_NUMA_FAULT), 1L);
	put_page(page);
	KUNIT_EXPECT_EQ(the_test, vm_event(PGFAULT), faults + 1);
	KUNIT_EXPECT_FALSE(the_test, pte_protnone(peek_pte(current->mm, addr)));
	return 0;
}

static void only_callers_that_ask_take_hinting_faults(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_hint), 0);
}

static struct completion remote_ready, remote_done;

static int prog_remote_target(void *arg)
{
	area = map_anon(2);
	user_write64(area, 100);
	complete(&remote_ready);
	wait_for_completion(&remote_done);
	KUNIT_EXPECT_EQ(the_test, read_word(area), 101ULL);
	KUNIT_EXPECT_EQ(the_test, read_word(area + PAGE_SIZE), 102ULL);
	return 0;
}

static void another_process_memory_is_read_and_written(struct kunit *test)
{
	struct task_struct *p;
	u64 val = 0;

	init_completion(&remote_ready);
	init_completion(&remote_done);
	p = program_start("target", prog_remote_target, test);
	KUNIT_ASSERT_NOT_NULL(test, p);
	wait_for_completion(&remote_ready);
	KUNIT_EXPECT_EQ(test, remote_read64(p, area, &val), 0);
	KUNIT_EXPECT_EQ(test, val, 100ULL);
	KUNIT_EXPECT_EQ(test, remote_write64(p, area, 101), 0);
	KUNIT_EXPECT_EQ(test, remote_write64(p, area + PAGE_SIZE, 102), 0);
	KUNIT_EXPECT_EQ(test, remote_read64(p, area + 2 * PAGE_SIZE, &val), -EFAULT);
	complete(&remote_done);
	KUNIT_EXPECT_EQ(test, program_wait(p), 0);
}

#define RACE_ROUNDS	200

/* Pin and unpin for ever while the other thread replaces the page. */
static int thread_pins(void *arg)
{
	struct page *page;
	int i;

	for (i = 0; i < RACE_ROUNDS; i++) {
		if (pin_user_pages_fast(area, 1, FOLL_WRITE, &page) != 1)
			continue;
		if (!PageAnonExclusive(page))
			return 1;
		unpin_user_page(page);
	}
	return 0;
}

static int thread_unmaps(void *arg)
{
	int i;

	for (i = 0; i < RACE_ROUNDS; i++)
		if (sys_madvise(area, PAGE_SIZE, MADV_DONTNEED) || user_write64(area, i))
			return 1;
	return 0;
}

static int thread_migrates(void *arg)
{
	int i;

	for (i = 0; i < RACE_ROUNDS; i++)
		migrate_at(area, i % 4, MIGRATE_ASYNC);
	return 0;
}

static int prog_race(void *arg)
{
	long t[3];

	area = map_anon(1);
	user_write64(area, 1);
	t[0] = sys_clone_thread(thread_pins, NULL, 1);
	t[1] = sys_clone_thread(thread_unmaps, NULL, 3);
	t[2] = sys_clone_thread(thread_migrates, NULL, 5);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(t[0]), 0L);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(t[1]), 0L);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(t[2]), 0L);
	return 0;
}

static void fast_pins_race_with_unmapping_and_migration(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_race), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(references_and_pins_are_counted_differently),
	KUNIT_CASE(missing_pages_are_faulted_in_and_holes_end_it),
	KUNIT_CASE(the_zero_page_is_never_pinned),
	KUNIT_CASE(a_pin_unshares_what_fork_shared),
	KUNIT_CASE(fork_copies_a_pinned_page),
	KUNIT_CASE(force_writes_into_a_private_copy_of_a_read_only_mapping),
	KUNIT_CASE(only_callers_that_ask_take_hinting_faults),
	KUNIT_CASE(another_process_memory_is_read_and_written),
	KUNIT_CASE(fast_pins_race_with_unmapping_and_migration),
	{}
};

static struct kunit_suite suite = {
	.name = "fault-gup",
	.init = gup_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);
