// SPDX-License-Identifier: GPL-2.0
/* NUMA hinting faults when no core wants them: the entry is restored, completely. */
#include "fault_test.h"

static struct kunit *the_test;

static int hint_init(struct kunit *test)
{
	the_test = test;
	return 0;
}

static int prog_writable(void *arg)
{
	unsigned long addr = map_anon(1), before;
	pte_t pte;

	user_write64(addr, 5);
	KUNIT_EXPECT_EQ(the_test, mark_hints(addr, 1), 1UL);
	pte = peek_pte(current->mm, addr);
	KUNIT_EXPECT_TRUE(the_test, pte_protnone(pte) && pte_present(pte));
	before = vm_event(PGFAULT);
	KUNIT_EXPECT_EQ(the_test, read_word(addr), 5ULL);
	pte = peek_pte(current->mm, addr);
	KUNIT_EXPECT_FALSE(the_test, pte_protnone(pte));
	KUNIT_EXPECT_TRUE(the_test, pte_write(pte));
	KUNIT_EXPECT_TRUE(the_test, pte_young(pte) && pte_dirty(pte));
	KUNIT_EXPECT_EQ(the_test, user_write64(addr, 6), 0);
	KUNIT_EXPECT_EQ(the_test, vm_event(PGFAULT), before + 1);
	return 0;
}

static void a_page_writable_before_a_hint_is_writable_after_one_fault(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_writable), 0);
}

static int child_exits(void *arg)
{
	return 0;
}

static int prog_shared_stays_readonly(void *arg)
{
	unsigned long addr = map_anon(1);

	user_write64(addr, 5);
	sys_wait4(sys_fork(child_exits, NULL));	/* not exclusive any more */
	KUNIT_EXPECT_EQ(the_test, mark_hints(addr, 1), 1UL);
	KUNIT_EXPECT_EQ(the_test, read_word(addr), 5ULL);
	KUNIT_EXPECT_FALSE(the_test, pte_write(peek_pte(current->mm, addr)));
	KUNIT_EXPECT_EQ(the_test, user_write64(addr, 6), 0);
	KUNIT_EXPECT_EQ(the_test, read_word(addr), 6ULL);
	return 0;
}

static void a_page_that_is_not_exclusive_stays_read_only(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_shared_stays_readonly), 0);
}

static int prog_write_to_hint(void *arg)
{
	unsigned long addr = map_anon(1);
	struct page *page;

	user_write64(addr, 5);
	KUNIT_EXPECT_EQ(the_test, mark_hints(addr, 1), 1UL);
	page = peek_page(addr);
	KUNIT_EXPECT_EQ(the_test, user_write64(addr, 9), 0);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_page(addr), page);
	KUNIT_EXPECT_EQ(the_test, read_word(addr), 9ULL);
	return 0;
}

static void a_write_to_a_hinted_page_stays_in_place(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_write_to_hint), 0);
}

static int prog_migrate_hint(void *arg)
{
	unsigned long addr = map_anon(1);
	int nid;

	user_write64(addr, 5);
	KUNIT_EXPECT_EQ(the_test, mark_hints(addr, 1), 1UL);
	nid = (folio_nid(peek_folio(addr)) + 1) % 4;
	KUNIT_EXPECT_EQ(the_test, migrate_at(addr, nid, MIGRATE_ASYNC), 0);
	KUNIT_EXPECT_EQ(the_test, mm_page_node(current->mm, addr), nid);
	KUNIT_EXPECT_EQ(the_test, read_word(addr), 5ULL);
	KUNIT_EXPECT_EQ(the_test, user_write64(addr, 6), 0);
	KUNIT_EXPECT_EQ(the_test, read_word(addr), 6ULL);
	return 0;
}

static void a_hinted_page_migrates_with_its_contents(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_migrate_hint), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_page_writable_before_a_hint_is_writable_after_one_fault),
	KUNIT_CASE(a_page_that_is_not_exclusive_stays_read_only),
	KUNIT_CASE(a_write_to_a_hinted_page_stays_in_place),
	KUNIT_CASE(a_hinted_page_migrates_with_its_contents),
	{}
};

static struct kunit_suite suite = {
	.name = "fault-hint",
	.init = hint_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);
