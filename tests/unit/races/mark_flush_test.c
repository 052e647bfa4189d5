// SPDX-License-Identifier: GPL-2.0
/*
 * knuma_scand marks an entry and flushes TLBs later. A thread goes on writing by way of its TLB
 * meanwhile, and others who change the entry must not believe that nobody can.
 */
#include "races.h"

#define WRITES	3

/* What is done to the page between the mark and the flush. */
struct other {
	const char *name;
	void (*run)(struct race *r);
	bool thread;
};

static void do_protect(struct race *r)
{
	KUNIT_EXPECT_EQ(r->test, sys_mprotect(r->addr, PAGE_SIZE, PROT_READ), 0);
	KUNIT_EXPECT_EQ(r->test, sys_mprotect(r->addr, PAGE_SIZE, PROT_READ | PROT_WRITE), 0);
}

static void do_touch(struct race *r)
{
	u64 val;

	KUNIT_EXPECT_EQ(r->test, user_read64(r->addr, &val), 0);
}

static const struct other others[] = {
	{ "moved", move_page },
	{ "protected for a while", do_protect, .thread = true },
	{ "touched from another CPU", do_touch, .thread = true },
};
KUNIT_ARRAY_PARAM_DESC(other, others, name);

static void map_hot_page(struct race *r)
{
	struct prog p = { .test = r->test };

	r->addr = map_and_write(&p, 1);
	become_known(r);
	touch_all(&p);
	r->pfn = pte_pfn(entry_at(r->addr));
	folio_xchg_last_cpupid(pfn_folio(r->pfn), cpu_pid_to_cpupid(4, 1));
	lru_add_drain_all();
}

/* The writer's TLB knows the page already. */
static void write_first(struct race *r)
{
	KUNIT_EXPECT_EQ(r->test, user_write64(r->addr, 1), 0);
}

/* Every value must be there when the next one is written, unless the page is read-only. */
static void write_on(struct race *r)
{
	u64 i, last = 1, val;

	for (i = 0; i < WRITES; i++) {
		KUNIT_EXPECT_EQ(r->test, user_read64(r->addr, &val), 0);
		KUNIT_EXPECT_EQ(r->test, val, last);
		if (!user_write64(r->addr, 100 + i))
			last = 100 + i;
	}
	KUNIT_EXPECT_EQ(r->test, user_read64(r->addr, &val), 0);
	KUNIT_EXPECT_EQ(r->test, val, last);
}

static void is_writable(struct race *r)
{
	KUNIT_EXPECT_EQ(r->test, user_write64(r->addr, 1), 0);
}

static void a_page_written_to_is_marked_and(struct kunit *test)
{
	const struct other *other = test->param_value;
	struct race r = {
		.test = test, .prepare = map_hot_page, .check = is_writable,
		.racers = {
			{ start_scan, 1 },
			{ write_on, 5, .thread = true, .before = write_first },
			{ other->run, 2, .thread = other->thread },
		},
	};

	move_at_once(test);
	race_run(&r);
}

static struct kunit_case mark_flush_cases[] = {
	KUNIT_CASE_PARAM(a_page_written_to_is_marked_and, other_gen_params),
	{}
};

static struct kunit_suite mark_flush_suite = {
	.name = "race-mark-flush",
	.test_cases = mark_flush_cases,
};
kunit_machine_config(mark_flush_suite, race_machine);
kunit_test_suite(mark_flush_suite);
