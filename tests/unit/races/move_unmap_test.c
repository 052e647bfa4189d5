// SPDX-License-Identifier: GPL-2.0
/*
 * A page moves to another node while a thread touches it, and another one changes the mapping.
 */
#include "races.h"

#define PAGES	2
#define NEW	1000	/* what the toucher writes to the first page */

/* A change of the mapping; what the first page may hold afterwards. */
struct change {
	const char *name;
	void (*run)(struct race *r);
	void (*check)(struct race *r);
};

static u64 word_at(struct race *r, unsigned long page)
{
	u64 val = 0;

	KUNIT_EXPECT_EQ(r->test, user_read64(r->addr + page * PAGE_SIZE, &val), 0);
	return val;
}

static void touch(struct race *r)
{
	u64 val;

	user_write64(r->addr, NEW);
	user_read64(r->addr + PAGE_SIZE, &val);
}

static void do_nothing(struct race *r)
{
}

static void is_written(struct race *r)
{
	KUNIT_EXPECT_EQ(r->test, word_at(r, 0), NEW);
	KUNIT_EXPECT_EQ(r->test, word_at(r, 1), 2);
}

static void do_unmap(struct race *r)
{
	KUNIT_EXPECT_EQ(r->test, sys_munmap(r->addr, PAGE_SIZE), 0);
}

static void is_unmapped(struct race *r)
{
	u64 val;

	KUNIT_EXPECT_EQ(r->test, user_read64(r->addr, &val), -EFAULT);
	KUNIT_EXPECT_EQ(r->test, word_at(r, 1), 2);
}

static void do_drop(struct race *r)
{
	KUNIT_EXPECT_EQ(r->test, sys_madvise(r->addr, PAGE_SIZE, MADV_DONTNEED), 0);
}

/* The write came before or after. */
static void is_new_or_zero(struct race *r)
{
	u64 val = word_at(r, 0);

	KUNIT_EXPECT_TRUE(r->test, val == 0 || val == NEW);
	KUNIT_EXPECT_EQ(r->test, word_at(r, 1), 2);
}

static void do_protect(struct race *r)
{
	KUNIT_EXPECT_EQ(r->test, sys_mprotect(r->addr, PAGE_SIZE, PROT_READ), 0);
}

static void is_readable_only(struct race *r)
{
	u64 val = word_at(r, 0);

	KUNIT_EXPECT_TRUE(r->test, val == 1 || val == NEW);
	KUNIT_EXPECT_EQ(r->test, user_write64(r->addr, NEW), -EFAULT);
	KUNIT_EXPECT_EQ(r->test, word_at(r, 1), 2);
}

/* A child looks at both pages: of each it sees a whole state. */
static int look(void *arg)
{
	struct race *r = arg;
	u64 val = word_at(r, 0);

	KUNIT_EXPECT_TRUE(r->test, val == 1 || val == NEW);
	KUNIT_EXPECT_EQ(r->test, word_at(r, 1), 2);
	KUNIT_EXPECT_EQ(r->test, user_write64(r->addr + PAGE_SIZE, 5), 0);
	return 0;
}

static void do_fork(struct race *r)
{
	long pid = sys_fork(look, r);

	KUNIT_EXPECT_GT(r->test, pid, 0);
	KUNIT_EXPECT_EQ(r->test, sys_wait4(pid), 0);
}

/* Somebody isolates the pages, too. */
static void do_move(struct race *r)
{
	KUNIT_EXPECT_GE(r->test, sys_move_pages(r->addr, PAGES * PAGE_SIZE, 1), 0);
}

/* Somebody else's business for a moment: the daemon finds it busy, and must come again. */
static void do_lock(struct race *r)
{
	struct folio *folio = pfn_folio(r->pfn);

	if (!folio_try_get(folio))
		return;
	folio_lock(folio);
	folio_unlock(folio);
	folio_put(folio);
}

/* The daemon comes again, or says why it does not. */
static void has_arrived(struct race *r)
{
	unsigned long given_up = 0;
	int why;

	for (why = AUTONUMA_DROP_NONE + 1; why < AUTONUMA_NR_DROPS; why++)
		given_up += failed(why);
	KUNIT_EXPECT_TRUE(r->test, mm_page_node(current->mm, r->addr) == 1 || given_up);
	is_written(r);
}

static const struct change changes[] = {
	{ "touched only", do_nothing, is_written },
	{ "unmapped", do_unmap, is_unmapped },
	{ "dropped", do_drop, is_new_or_zero },
	{ "protected", do_protect, is_readable_only },
	{ "shared with a child", do_fork, is_written },
	{ "moved by its program", do_move, is_written },
	{ "locked for a moment", do_lock, has_arrived },
};
KUNIT_ARRAY_PARAM_DESC(change, changes, name);

/* Two pages on node 0, touched last from CPU 4 on node 1, where they are wanted. */
static void map_wanted_pages(struct race *r)
{
	struct prog p = { .test = r->test };
	unsigned long i;

	r->addr = map_and_write(&p, PAGES);
	for (i = 0; i < PAGES; i++)
		folio_xchg_last_cpupid(pfn_folio(pte_pfn(entry_at(r->addr + i * PAGE_SIZE))),
				       cpu_pid_to_cpupid(4, 1));
	r->pfn = pte_pfn(entry_at(r->addr));
	lru_add_drain_all();
}

/* The same with marked entries, so that the touch is a hinting fault. */
static void map_marked_pages(struct race *r)
{
	unsigned long i;

	map_wanted_pages(r);
	for (i = 0; i < PAGES; i++)
		change_entry(r->addr + i * PAGE_SIZE, make_marked);
}

static void race_of(struct kunit *test, void (*prepare)(struct race *r))
{
	const struct change *change = test->param_value;
	struct race r = {
		.test = test, .prepare = prepare, .check = change->check,
		.racers = {
			{ move_page, 1 },
			{ touch, 4, .thread = true },
			{ change->run, 2, .thread = true },
		},
	};

	move_at_once(test);
	race_run(&r);
}

static void a_page_moves_while_it_is(struct kunit *test)
{
	race_of(test, map_wanted_pages);
}

static void a_marked_page_moves_while_it_is(struct kunit *test)
{
	race_of(test, map_marked_pages);
}

static struct kunit_case move_unmap_cases[] = {
	KUNIT_CASE_PARAM(a_page_moves_while_it_is, change_gen_params),
	KUNIT_CASE_PARAM(a_marked_page_moves_while_it_is, change_gen_params),
	{}
};

static struct kunit_suite move_unmap_suite = {
	.name = "race-move-unmap",
	.test_cases = move_unmap_cases,
};
kunit_machine_config(move_unmap_suite, race_machine);
kunit_test_suite(move_unmap_suite);
