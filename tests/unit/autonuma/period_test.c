// SPDX-License-Identifier: GPL-2.0
/*
 * How often an address space is scanned: what its pages do decides, and no other mm's.
 */
#include <linux/migrate.h>

#include "core_test.h"

/* In ms, of the knob's default of ten seconds. */
#define SHORTEST	250
#define LONGEST		60000

/* As run_prog(), but the scan period follows the pages. */
static void run_adaptive(struct kunit *test, void (*fn)(struct prog *p), void *arg)
{
	struct prog p = { .test = test, .fn = fn, .arg = arg };
	struct task_struct *task;

	trace_enable("autonuma_period");
	trace_enable("autonuma_scan_mm");
	task = program_start_on(0, "prog", prog_main, &p);
	KUNIT_ASSERT_NOT_NULL(test, task);
	KUNIT_EXPECT_EQ(test, program_wait(task), 0);
}

static unsigned int period(void)
{
	return READ_ONCE(current->mm->mm_autonuma->period);
}

static unsigned long heard(enum autonuma_outcome what)
{
	return atomic_long_read(&current->mm->mm_autonuma->heard[what]);
}

static unsigned long scans(void)
{
	return READ_ONCE(current->mm->mm_autonuma->passes);
}

static void wait_for_scan(struct prog *p)
{
	unsigned long before = current->mm->mm_autonuma ? scans() : 0;
	int limit = 700;

	while ((!current->mm->mm_autonuma || scans() == before) && limit--)
		user_compute(100 * MSEC);
	KUNIT_EXPECT_GT(p->test, limit, 0);
}

/* Touch everything again and again. */
static void work_for(struct prog *p, unsigned int seconds)
{
	unsigned int i;

	for (i = 0; i < 10 * seconds; i++) {
		touch_all(p);
		user_compute(100 * MSEC);
	}
}

struct verdict {
	const char *what;
	unsigned long heard[AUTONUMA_NR_OUTCOMES];
	unsigned int next;
};

static const struct verdict verdicts[] = {
	{ "nothing touched", { 0 }, 1250 },
	{ "all local", { [AUTONUMA_LOCAL] = 1 }, 2000 },
	{ "all remote and not to move", { [AUTONUMA_REMOTE] = 9 }, 2000 },
	{ "all refused", { [AUTONUMA_STAYED] = 9 }, 2000 },
	{ "all moved", { [AUTONUMA_MOVED] = 1 }, 0 },
	{ "all about to", { [AUTONUMA_PENDING] = 1 }, 0 },
	{ "an eighth moved", { [AUTONUMA_MOVED] = 5, [AUTONUMA_LOCAL] = 35 }, 1000 },
	{ "more than that", { [AUTONUMA_MOVED] = 6, [AUTONUMA_LOCAL] = 35 }, 0 },
	{ "a 64th moved", { [AUTONUMA_MOVED] = 2, [AUTONUMA_STAYED] = 126 }, 2000 },
	{ "more than that", { [AUTONUMA_MOVED] = 3, [AUTONUMA_STAYED] = 126 }, 1000 },
	{ "half forbidden", { [AUTONUMA_FORBIDDEN] = 9, [AUTONUMA_LOCAL] = 9 }, 2000 },
	{ "more forbidden", { [AUTONUMA_FORBIDDEN] = 10, [AUTONUMA_LOCAL] = 9 }, 1250 },
	{ "few each", { 5, 55, 5, 5, 20 }, 1000 },
	{ "moved and about to", { 19, 19, 3, 3, 4 }, 1000 },
	{ "moved and about to, few others", { 9, 3, 3, 3, 3 }, 0 },
};

static void a_verdict_weighs_what_moves_against_the_rest(struct kunit *test)
{
	const struct verdict *v;

	for (v = verdicts; v < verdicts + ARRAY_SIZE(verdicts); v++)
		KUNIT_EXPECT_EQ_MSG(test, autonuma_judge_period(1000, v->heard), v->next,
				    "%s", v->what);
}

/* 0.25, 0.5, 1, 2, 4 … 32, 60 seconds. */
static void rests(struct prog *p)
{
	unsigned int expected = SHORTEST;

	map_and_write(p, 8);
	while (expected < LONGEST) {
		wait_for_scan(p);
		KUNIT_EXPECT_EQ(p->test, period(), expected);
		touch_all(p);
		KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_LOCAL), 8);
		expected = min(2 * expected, LONGEST);
	}
	wait_for_scan(p);
	touch_all(p);
	wait_for_scan(p);
	KUNIT_EXPECT_EQ(p->test, period(), LONGEST);
	KUNIT_EXPECT_EQ(p->test, traced("autonuma_period", NULL, NULL), 9);
	KUNIT_EXPECT_EQ(p->test, traced("autonuma_period", "local=8 remote=0 pending=0", NULL), 8);
}

static void a_program_at_rest_is_scanned_ever_less(struct kunit *test)
{
	run_adaptive(test, rests, NULL);
}

/* Sixty seconds without a scan, and then one. */
static void waits_long(struct prog *p)
{
	unsigned long before;

	map_and_write(p, 8);
	work_for(p, 130);
	KUNIT_EXPECT_EQ(p->test, period(), LONGEST);
	wait_for_scan(p);
	before = count_of(AUTONUMA_FULL_SCANS);
	work_for(p, 58);
	/* Nobody was due: there was no pass. */
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_FULL_SCANS), before);
	work_for(p, 3);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_FULL_SCANS), before + 1);
}

static void nothing_is_scanned_before_it_is_due(struct kunit *test)
{
	run_adaptive(test, waits_long, NULL);
}

/* The knob holds at once, for periods that were found before, too. */
static void turns_the_knob(struct prog *p)
{
	map_and_write(p, 8);
	work_for(p, 130);
	KUNIT_EXPECT_EQ(p->test, period(), LONGEST);
	set_knob(p->test, "scan_sleep_pass_millisecs", "1000");
	work_for(p, 20);
	KUNIT_EXPECT_EQ(p->test, period(), 6000);
	set_knob(p->test, "scan_sleep_pass_millisecs", "100000");
	work_for(p, 12);
	KUNIT_EXPECT_EQ(p->test, period(), 12000);
	set_knob(p->test, "scan_sleep_pass_millisecs", "1");
	work_for(p, 21);
	KUNIT_EXPECT_LE(p->test, period(), 6);
	KUNIT_EXPECT_GE(p->test, period(), 1);
}

static void the_range_of_periods_follows_the_knob(struct kunit *test)
{
	run_adaptive(test, turns_the_knob, NULL);
}

/* Nobody is due for a minute, but with the new range everybody is. */
static void shortens_the_range(struct prog *p)
{
	unsigned long before;

	map_and_write(p, 8);
	work_for(p, 130);
	KUNIT_EXPECT_EQ(p->test, period(), LONGEST);
	wait_for_scan(p);
	before = count_of(AUTONUMA_FULL_SCANS);
	set_knob(p->test, "scan_sleep_pass_millisecs", "1000");
	work_for(p, 12);
	KUNIT_EXPECT_GT(p->test, count_of(AUTONUMA_FULL_SCANS), before);
}

static void a_shorter_range_ends_a_long_wait(struct kunit *test)
{
	run_adaptive(test, shortens_the_range, NULL);
}

/* The task goes elsewhere: its pages follow at once, and come to rest again. */
static void moves_on(struct prog *p)
{
	set_knob(p->test, "migrate_async", p->arg);
	set_knob(p->test, "migrate_allow_first_fault", "0");
	set_knob(p->test, "migrate_sleep_millisecs", "10");
	map_and_write(p, 8);
	work_for(p, 40);
	KUNIT_EXPECT_GE(p->test, period(), 16000);
	go_to_node(p, 2);
	wait_for_scan(p);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_PENDING), 8);
	wait_for_scan(p);
	KUNIT_EXPECT_EQ(p->test, period(), SHORTEST);
	touch_all(p);
	user_compute(50 * MSEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 8);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_MOVED), 8);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_STAYED), 0);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_PENDING), 0);
	wait_for_scan(p);
	KUNIT_EXPECT_EQ(p->test, period(), SHORTEST);
	work_for(p, 180);
	KUNIT_EXPECT_EQ(p->test, period(), LONGEST);
}

static void pages_that_move_are_followed_fast(struct kunit *test)
{
	run_adaptive(test, moves_on, "1");
	run_adaptive(test, moves_on, "0");
}

/**
 * struct obstacle - why pages cannot go to node 2
 * @what:	its name
 * @async:	the knob migrate_async
 * @put:	do it
 * @take:	undo it
 */
struct obstacle {
	const char *what;
	const char *async;
	void (*put)(struct prog *p);
	void (*take)(struct prog *p);
};

static LIST_HEAD(filler);

static void fill_node2(struct prog *p)
{
	struct page *page;

	while (autonuma_room(2) > 0) {
		page = alloc_pages_node(2, GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN, 0);
		if (!page)
			break;
		list_add(&page->lru, &filler);
	}
}

static void drain_node2(struct prog *p)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &filler, lru) {
		list_del(&page->lru);
		__free_pages(page, 0);
	}
}

static void add_to_refs(struct prog *p, int n)
{
	unsigned long i;

	for (i = 0; i < p->pages; i++)
		folio_ref_add(page_folio(pte_page(entry_at(p->addr + i * PAGE_SIZE))), n);
}

/* migrate_pages() gives up on a page with a reference that it does not know. */
static void hold(struct prog *p)
{
	add_to_refs(p, 1);
}

static void let_go(struct prog *p)
{
	add_to_refs(p, -1);
}

static void pin(struct prog *p)
{
	add_to_refs(p, GUP_PIN_COUNTING_BIAS);
}

static void unpin(struct prog *p)
{
	add_to_refs(p, -GUP_PIN_COUNTING_BIAS);
}

static void forbid(struct prog *p)
{
	nodemask_t nodes = { { 0x1 } };

	KUNIT_EXPECT_EQ(p->test, sys_set_mempolicy(MPOL_BIND | MPOL_F_NUMA_BALANCING, &nodes), 0);
}

static void allow(struct prog *p)
{
	KUNIT_EXPECT_EQ(p->test, sys_set_mempolicy(MPOL_DEFAULT, NULL), 0);
}

static const struct obstacle obstacles[] = {
	{ "full", "1", fill_node2, drain_node2 },
	{ "full, in fault", "0", fill_node2, drain_node2 },
	{ "held", "1", hold, let_go },
	{ "held, in fault", "0", hold, let_go },
	{ "pinned", "1", pin, unpin },
	{ "pinned, in fault", "0", pin, unpin },
	{ "policy", "1", forbid, allow },
	{ "policy, in fault", "0", forbid, allow },
};

/* Stuck on node 0: the period grows as if all were well; free, it begins anew. */
static void is_stuck(struct prog *p)
{
	const struct obstacle *o = p->arg;
	set_knob(p->test, "migrate_async", o->async);
	map_and_write(p, 8);
	wait_for_scan(p);
	KUNIT_EXPECT_EQ(p->test, period(), SHORTEST);
	o->put(p);
	go_to_node(p, 2);
	wait_for_scan(p);
	/* Pinned pages are not even marked then: nothing is heard of them. */
	work_for(p, o->put == forbid || o->put == pin ? 400 : 160);
	KUNIT_EXPECT_EQ(p->test, period(), LONGEST);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), 8);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_MOVED), 0);
	o->take(p);
	wait_for_scan(p);
	work_for(p, 2);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 8);
	wait_for_scan(p);
	KUNIT_EXPECT_EQ(p->test, period(), SHORTEST);
}

static void a_program_that_is_stuck_is_scanned_ever_less(struct kunit *test)
{
	run_adaptive(test, is_stuck, (void *)test->param_value);
}
KUNIT_ARRAY_PARAM_DESC(obstacle, obstacles, what);

/* Each page wanted and refused is heard of once, however often it was tried. */
static void is_refused(struct prog *p)
{
	const struct obstacle *o = p->arg;
	bool forbidden = o->put == forbid;

	set_knob(p->test, "migrate_async", o->async);
	set_knob(p->test, "migrate_sleep_millisecs", "10");
	map_and_write(p, 8);
	wait_for_scan(p);
	o->put(p);
	go_to_node(p, 2);
	touch_all(p);
	user_compute(80 * MSEC);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_STAYED), forbidden ? 0 : 8);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_FORBIDDEN), forbidden ? 8 : 0);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_MOVED) + heard(AUTONUMA_PENDING), 0);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_LOCAL) + heard(AUTONUMA_REMOTE), 0);
	o->take(p);
}

/* What a policy forbids is forbidden before two samples say that it is wanted. */
static void is_forbidden_at_first(struct prog *p)
{
	set_knob(p->test, "migrate_allow_first_fault", "0");
	map_and_write(p, 8);
	wait_for_scan(p);
	forbid(p);
	go_to_node(p, 2);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_FORBIDDEN), 8);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_PENDING), 0);
}

/* One sample more, and a page that nobody has touched before will go. */
static void is_sampled_first(struct prog *p)
{
	set_knob(p->test, "migrate_allow_first_fault", "0");
	map_and_write(p, 8);
	wait_for_scan(p);
	go_to_node(p, 2);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_PENDING), 8);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_REMOTE), 0);
}

static void a_page_sampled_for_the_first_time_is_about_to_move(struct kunit *test)
{
	run_adaptive(test, is_sampled_first, NULL);
}

static void a_policy_is_asked_before_the_filter(struct kunit *test)
{
	run_adaptive(test, is_forbidden_at_first, NULL);
}

static void a_move_that_did_not_happen_is_heard_of_once(struct kunit *test)
{
	run_adaptive(test, is_refused, (void *)test->param_value);
}

/* Its page waits in a queue when the program is gone: there is nobody to tell. */
static int leaves_page(void *arg)
{
	struct prog *p = arg;

	map_and_write(p, 8);
	wait_for_scan(p);
	set_knob(p->test, "migrate_defer", "1");
	go_to_node(p, 2);
	touch_all(p);
	return autonuma_queue_promised(2) != 8;
}

static void goes_on_alone(struct prog *p)
{
	long pid;

	map_and_write(p, 8);
	wait_for_scan(p);
	pid = sys_fork(leaves_page, p);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
	set_knob(p->test, "migrate_defer", "0");
	autonuma_migrate_kick();
	user_compute(SEC);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 0);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_GONE), 8);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_STAYED), 0);
}

static void nobody_hears_of_the_pages_of_the_dead(struct kunit *test)
{
	run_adaptive(test, goes_on_alone, NULL);
}

/* A page freed, or touched from elsewhere, before its turn says nothing about scanning. */
static void changes_its_mind(struct prog *p)
{
	unsigned long i;

	map_and_write(p, 8);
	wait_for_scan(p);
	set_knob(p->test, "migrate_defer", "1");
	/* A scan would forget what was heard. */
	set_knob(p->test, "scan_sleep_pass_millisecs", "3600000");
	go_to_node(p, 2);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 8);
	/* What becomes of them is not known yet, and nothing else has come of it. */
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_MOVED) + heard(AUTONUMA_STAYED), 0);
	KUNIT_EXPECT_FALSE(p->test, current->mm->mm_autonuma->spreading);
	for (i = 4; i < 8; i++)
		folio_xchg_last_cpupid(page_folio(pte_page(entry_at(p->addr + i * PAGE_SIZE))),
				       cpu_pid_to_cpupid(cpu_of(3), current->pid));
	KUNIT_EXPECT_EQ(p->test, sys_munmap(p->addr, 4 * PAGE_SIZE), 0);
	autonuma_migrate_kick();
	user_compute(500 * MSEC);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_GONE), 4);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_UNWANTED), 4);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_STAYED), 0);
	KUNIT_EXPECT_EQ(p->test, heard(AUTONUMA_MOVED), 0);
}

static void a_change_of_mind_is_no_failure(struct kunit *test)
{
	run_adaptive(test, changes_its_mind, NULL);
}

static int is_busy(void *arg)
{
	struct prog *p = arg, own = { .test = p->test };

	map_and_write(&own, 8);
	work_for(&own, 130);
	KUNIT_EXPECT_EQ(p->test, period(), LONGEST);
	WRITE_ONCE(*(bool *)p->arg, true);
	work_for(&own, 30);
	return 0;
}

/* Another program becomes due every second; the one at rest is left alone. */
static void has_restless_sibling(struct prog *p)
{
	bool rests = false;
	unsigned long passed_over, passes;
	long pid;

	p->arg = &rests;
	pid = sys_fork(is_busy, p);
	while (!READ_ONCE(rests))
		user_compute(SEC);
	map_and_write(p, 8);
	/* It sleeps then, and a knob that is written wakes it. */
	set_knob(p->test, "enabled", "0");
	user_compute(SEC);
	set_knob(p->test, "scan_sleep_pass_millisecs", "9999");
	WRITE_ONCE(current->mm->mm_autonuma->period, 1);
	set_knob(p->test, "enabled", "1");
	passed_over = traced("autonuma_scan_mm", "period", NULL);
	passes = count_of(AUTONUMA_FULL_SCANS);
	while (count_of(AUTONUMA_FULL_SCANS) < passes + 3)
		user_compute(SEC);
	KUNIT_EXPECT_GE(p->test, traced("autonuma_scan_mm", "period", NULL), passed_over + 2);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
}

static void a_pass_goes_past_an_mm_that_is_not_due(struct kunit *test)
{
	run_adaptive(test, has_restless_sibling, NULL);
}

/* Off in the middle of a pass, and on again: what it did not visit is due. */
static void is_interrupted(struct prog *p)
{
	map_and_write(p, 600);
	wait_for_scan(p);
	set_knob(p->test, "pages_to_scan", "16");
	set_knob(p->test, "scan_sleep_millisecs", "500");
	user_compute(2 * SEC);
	KUNIT_EXPECT_GT(p->test, marked_pages(p), 0);
	set_knob(p->test, "enabled", "0");
	user_compute(SEC);
	set_knob(p->test, "pages_to_scan", "10000");
	KUNIT_EXPECT_EQ(p->test, scans(), 1);
	set_knob(p->test, "enabled", "1");
	user_compute(SEC);
	KUNIT_EXPECT_GT(p->test, scans(), 1);
}

static void a_pass_that_was_cut_short_is_made_good(struct kunit *test)
{
	run_adaptive(test, is_interrupted, NULL);
}

static void is_scanned_as_often_as_can_be(struct prog *p)
{
	set_knob(p->test, "scan_sleep_pass_millisecs", "1");
	map_and_write(p, 8);
	wait_for_scan(p);
	KUNIT_EXPECT_EQ(p->test, period(), 1);
}

static void the_shortest_period_is_not_none(struct kunit *test)
{
	run_adaptive(test, is_scanned_as_often_as_can_be, NULL);
}

static int is_new(void *arg)
{
	struct prog *p = arg, own = { .test = p->test };

	map_and_write(&own, 8);
	user_compute(2 * SEC);
	KUNIT_EXPECT_GE(p->test, scans(), 3);
	KUNIT_EXPECT_EQ(p->test, marked_pages(&own), 8);
	return 0;
}

/* The one that rests is not due for a minute. */
static void begets(struct prog *p)
{
	long pid;

	map_and_write(p, 8);
	work_for(p, 130);
	wait_for_scan(p);
	pid = sys_fork(is_new, p);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
}

static void a_new_process_does_not_wait_for_those_at_rest(struct kunit *test)
{
	run_adaptive(test, begets, NULL);
}

static struct kunit_case period_cases[] = {
	KUNIT_CASE(a_verdict_weighs_what_moves_against_the_rest),
	KUNIT_CASE(a_program_at_rest_is_scanned_ever_less),
	KUNIT_CASE(nothing_is_scanned_before_it_is_due),
	KUNIT_CASE(the_range_of_periods_follows_the_knob),
	KUNIT_CASE(a_shorter_range_ends_a_long_wait),
	KUNIT_CASE(pages_that_move_are_followed_fast),
	KUNIT_CASE_PARAM(a_program_that_is_stuck_is_scanned_ever_less, obstacle_gen_params),
	KUNIT_CASE_PARAM(a_move_that_did_not_happen_is_heard_of_once, obstacle_gen_params),
	KUNIT_CASE(a_page_sampled_for_the_first_time_is_about_to_move),
	KUNIT_CASE(a_policy_is_asked_before_the_filter),
	KUNIT_CASE(nobody_hears_of_the_pages_of_the_dead),
	KUNIT_CASE(a_change_of_mind_is_no_failure),
	KUNIT_CASE(a_pass_goes_past_an_mm_that_is_not_due),
	KUNIT_CASE(a_pass_that_was_cut_short_is_made_good),
	KUNIT_CASE(the_shortest_period_is_not_none),
	KUNIT_CASE(a_new_process_does_not_wait_for_those_at_rest),
	{}
};

static struct kunit_suite period_suite = {
	.name = "autonuma-period",
	.test_cases = period_cases,
};
kunit_test_suite(period_suite);
