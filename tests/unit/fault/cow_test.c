// SPDX-License-Identifier: GPL-2.0
/* Copy on write: fork, exclusivity, reuse, unsharing. */
#include "fault_test.h"
#include <linux/completion.h>

static struct kunit *the_test;
static unsigned long area;
static struct completion child_ready, parent_ready;

static int cow_init(struct kunit *test)
{
	the_test = test;
	init_completion(&child_ready);
	init_completion(&parent_ready);
	return 0;
}

static int child_writes(void *arg)
{
	KUNIT_EXPECT_EQ(the_test, read_word(area), 1ULL);
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(peek_folio(area)), 2);
	KUNIT_EXPECT_FALSE(the_test, PageAnonExclusive(peek_page(area)));
	KUNIT_EXPECT_FALSE(the_test, pte_write(peek_pte(current->mm, area)));
	KUNIT_EXPECT_EQ(the_test, user_write64(area, 2), 0);
	KUNIT_EXPECT_EQ(the_test, read_word(area), 2ULL);
	KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(peek_page(area)));
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(peek_folio(area)), 1);
	return 0;
}

static int prog_fork_write(void *arg)
{
	struct page *page;
	long pid;

	area = map_anon(1);
	user_write64(area, 1);
	page = peek_page(area);
	pid = sys_fork(child_writes, NULL);
	KUNIT_EXPECT_GT(the_test, pid, 0L);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(pid), 0L);
	KUNIT_EXPECT_EQ(the_test, read_word(area), 1ULL);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_page(area), page);
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(page_folio(page)), 1);
	/* alone again: written in place, and exclusive again */
	KUNIT_EXPECT_FALSE(the_test, PageAnonExclusive(page));
	KUNIT_EXPECT_EQ(the_test, user_write64(area, 3), 0);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_page(area), page);
	KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(page));
	KUNIT_EXPECT_EQ(the_test, folio_last_cpupid(page_folio(page)),
			(int)LAST_CPUPID_MASK);
	return 0;
}

static void a_forked_child_writes_its_own_copy(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_fork_write), 0);
}

static int child_waits(void *arg)
{
	complete(&child_ready);
	wait_for_completion(&parent_ready);
	KUNIT_EXPECT_EQ(the_test, read_word(area), 1ULL);
	return 0;
}

static int prog_parent_writes_first(void *arg)
{
	struct page *page;
	long pid;

	area = map_anon(1);
	user_write64(area, 1);
	page = peek_page(area);
	pid = sys_fork(child_waits, NULL);
	wait_for_completion(&child_ready);
	KUNIT_EXPECT_EQ(the_test, user_write64(area, 5), 0);
	KUNIT_EXPECT_PTR_NE(the_test, peek_page(area), page);
	complete(&parent_ready);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(pid), 0L);
	KUNIT_EXPECT_EQ(the_test, read_word(area), 5ULL);
	return 0;
}

static void a_parents_write_does_not_reach_the_child(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_parent_writes_first), 0);
}

static int prog_reference_forces_copy(void *arg)
{
	struct page *page;
	long pid;

	area = map_anon(1);
	user_write64(area, 1);
	page = peek_page(area);
	pid = sys_fork(child_writes, NULL);
	sys_wait4(pid);
	get_page(page);		/* somebody else may be reading it */
	KUNIT_EXPECT_EQ(the_test, user_write64(area, 9), 0);
	KUNIT_EXPECT_PTR_NE(the_test, peek_page(area), page);
	KUNIT_EXPECT_EQ(the_test, *(u64 *)page_address(page), 1ULL);
	put_page(page);
	return 0;
}

static void a_shared_page_with_another_reference_is_copied(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_reference_forces_copy), 0);
}

static int prog_unshare(void *arg)
{
	struct page *page;
	long pid;

	area = map_anon(1);
	user_write64(area, 1);
	page = peek_page(area);
	pid = sys_fork(child_waits, NULL);
	wait_for_completion(&child_ready);
	KUNIT_EXPECT_EQ(the_test, fault_at(area, FAULT_FLAG_UNSHARE), 0U);
	KUNIT_EXPECT_PTR_NE(the_test, peek_page(area), page);
	KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(peek_page(area)));
	KUNIT_EXPECT_FALSE(the_test, pte_write(peek_pte(current->mm, area)));
	KUNIT_EXPECT_EQ(the_test, read_word(area), 1ULL);
	complete(&parent_ready);
	return sys_wait4(pid);
}

static void unsharing_copies_without_making_writable(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_unshare), 0);
}

static int prog_file_cow(void *arg)
{
	struct file *file = regular_file_create("f", 4 * PAGE_SIZE);
	struct mm_struct *mm = current->mm;
	u64 want = file_pattern(file, PAGE_SIZE / 8);

	area = sys_mmap(0, 4 * PAGE_SIZE, RW, MAP_PRIVATE, file, 0);
	KUNIT_EXPECT_EQ(the_test, read_word(area + PAGE_SIZE), want);
	KUNIT_EXPECT_EQ(the_test, get_mm_counter(mm, MM_FILEPAGES), 1UL);
	KUNIT_EXPECT_EQ(the_test, user_write64(area + PAGE_SIZE, 77), 0);
	KUNIT_EXPECT_EQ(the_test, get_mm_counter(mm, MM_FILEPAGES), 0UL);
	KUNIT_EXPECT_EQ(the_test, get_mm_counter(mm, MM_ANONPAGES), 1UL);
	KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(peek_page(area + PAGE_SIZE)));
	/* not read before: copied at once */
	KUNIT_EXPECT_EQ(the_test, user_write64(area + 2 * PAGE_SIZE, 78), 0);
	KUNIT_EXPECT_EQ(the_test, read_word(area + 2 * PAGE_SIZE + 8),
			file_pattern(file, 2 * PAGE_SIZE / 8 + 1));
	KUNIT_EXPECT_EQ(the_test, sys_madvise(area, 4 * PAGE_SIZE, MADV_DONTNEED), 0L);
	KUNIT_EXPECT_EQ(the_test, read_word(area + PAGE_SIZE), want);
	sys_munmap(area, 4 * PAGE_SIZE);
	file_put(file);
	return 0;
}

static void private_file_pages_are_copied_and_the_file_stays(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_file_cow), 0);
}

static int thread_reads_twice(void *arg)
{
	u64 want = (u64)(long)arg;

	if (read_word(area) != 1)
		return 1;
	complete(&child_ready);
	wait_for_completion(&parent_ready);
	return read_word(area) == want ? 0 : 2;
}

static int prog_stale(void *arg)
{
	long pid, tid;

	area = map_anon(1);
	user_write64(area, 1);
	pid = sys_fork(child_waits, NULL);
	wait_for_completion(&child_ready);
	/* the thread's CPU has a translation to the shared page when it is replaced */
	tid = sys_clone_thread(thread_reads_twice, (void *)6L, 7);
	wait_for_completion(&child_ready);
	KUNIT_EXPECT_EQ(the_test, user_write64(area, 6), 0);
	complete_all(&parent_ready);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(tid), 0L);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(pid), 0L);
	return 0;
}

static void other_cpus_see_the_copy_at_once(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_stale), 0);
}

/*
 * Exclusivity: what a page is after a chain of events. Letters: w write, f fork (child
 * waits until the end), x fork whose child exits at once, m migrate to another node.
 */
static const struct excl_case {
	const char *events;
	bool exclusive;
	bool writable;
} excl_cases[] = {
	{ "w",		true,	true },
	{ "wf",		false,	false },
	{ "wx",		false,	false },
	{ "wxw",	true,	true },
	{ "wfw",	true,	true },
	{ "wm",		true,	true },
	{ "wfm",	false,	false },
	{ "wxm",	false,	false },
	{ "wxmw",	true,	true },
	{ "wfwm",	true,	true },
};
KUNIT_ARRAY_PARAM_DESC(excl, excl_cases, events);

static int child_until_told(void *arg)
{
	wait_for_completion(&parent_ready);
	return 0;
}

static int child_exits(void *arg)
{
	return 0;
}

static int prog_excl(void *arg)
{
	const struct excl_case *c = the_test->param_value;
	long waiting = 0;
	const char *e;

	area = map_anon(1);
	for (e = c->events; *e; e++) {
		switch (*e) {
		case 'w':
			KUNIT_EXPECT_EQ(the_test, user_write64(area, *e), 0);
			break;
		case 'f':
			waiting = sys_fork(child_until_told, NULL);
			break;
		case 'x':
			sys_wait4(sys_fork(child_exits, NULL));
			break;
		case 'm':
			KUNIT_EXPECT_EQ(the_test, migrate_at(area, 3, MIGRATE_SYNC), 0);
			KUNIT_EXPECT_EQ(the_test, folio_nid(peek_folio(area)), 3);
			break;
		}
	}
	KUNIT_EXPECT_EQ(the_test, (bool)PageAnonExclusive(peek_page(area)), c->exclusive);
	KUNIT_EXPECT_EQ(the_test, (bool)pte_write(peek_pte(current->mm, area)),
			c->writable);
	complete(&parent_ready);
	if (waiting)
		sys_wait4(waiting);
	return 0;
}

static void exclusivity_follows_the_history_of_a_page(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_excl), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_forked_child_writes_its_own_copy),
	KUNIT_CASE(a_parents_write_does_not_reach_the_child),
	KUNIT_CASE(a_shared_page_with_another_reference_is_copied),
	KUNIT_CASE(unsharing_copies_without_making_writable),
	KUNIT_CASE(private_file_pages_are_copied_and_the_file_stays),
	KUNIT_CASE(other_cpus_see_the_copy_at_once),
	KUNIT_CASE_PARAM(exclusivity_follows_the_history_of_a_page, excl_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "fault-cow",
	.init = cow_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);
