// SPDX-License-Identifier: GPL-2.0
/*
 * Which page of a process on several nodes moves: private pages follow their task, shared
 * ones are spread.
 */
#include <linux/hash.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "core_test.h"

/* An mm with statistics and nothing else. */
static struct mm_autonuma *fake_mm(struct kunit *test)
{
	size_t counts = autonuma_counts_size();
	struct mm_autonuma *mma = kunit_kzalloc(test, sizeof(*mma), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mma);
	mma->held = kunit_kzalloc(test, 2 * counts, GFP_KERNEL);
	mma->there = kunit_kzalloc(test, nr_node_ids * sizeof(*mma->there), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mma->held);
	KUNIT_ASSERT_NOT_NULL(test, mma->there);
	mma->home.running = (void *)mma->held + counts;
	autonuma_counts_init(mma->held);
	autonuma_counts_init(mma->home.running);
	return mma;
}

/* May a page go, if there is a second thread? If so, it does. */
static bool goes(struct mm_autonuma *mma, unsigned long addr, bool same, int page_nid,
		 int target_nid, unsigned long pages)
{
	int last = cpu_pid_to_cpupid(0, current->pid + !same);
	enum autonuma_outcome what;

	current->signal->nr_threads++;
	what = autonuma_held_back(mma, addr, last, page_nid, target_nid, pages);
	current->signal->nr_threads--;
	if (what != AUTONUMA_NR_OUTCOMES)
		return false;
	autonuma_goes(mma, page_nid, target_nid, pages);
	return true;
}

static void set_counts(struct autonuma_counts *c, const unsigned long *by_node)
{
	nodemask_t used = { { 0xf } };

	autonuma_counts_replace(c, &used, by_node);
}

/**
 * struct question - may a page go from node 0 to node 1?
 * @what:	the case
 * @held:	pages of the process by node
 * @running:	its tasks by node
 * @votes:	passes in which pages looked private
 * @against:	passes in which they did not
 * @pages:	its size
 * @same:	the two samples were of one task
 * @may:	the answer while the process rests
 * @spreads:	and while its pages are being spread
 */
struct question {
	const char *what;
	unsigned long held[4];
	unsigned long running[4];
	u8 votes, against;
	unsigned long pages;
	bool same;
	bool may;
	bool spreads;
};

static const struct question questions[] = {
	{ "nobody was seen running", { 1000 }, { 0 }, 0, 0, 1, false, false, false },
	{ "all run there", { 1000 }, { 0, 9 }, 0, 0, 1, false, true, true },
	{ "all run there, one left", { 1, 1000 }, { 0, 9 }, 0, 0, 1, false, true, true },
	{ "all run there, not counted yet", { 0, 1000 }, { 0, 9 }, 0, 0, 1, false, true, true },
	{ "all run here", { 1000 }, { 9 }, 0, 0, 1, false, false, false },
	{ "all run elsewhere", { 1000 }, { 0, 0, 9 }, 0, 0, 1, false, false, false },
	{ "nobody runs here, room there for half a page",
	  { 1, 5, 5 }, { 0, 1, 1 }, 0, 0, 1, false, true, true },
	{ "nobody runs here, no room there",
	  { 4, 6, 2 }, { 0, 1, 1 }, 0, 0, 1, false, false, false },
	{ "even", { 1000, 1000 }, { 1, 1 }, 0, 0, 1, false, false, false },
	{ "one too many here", { 1001, 999 }, { 1, 1 }, 0, 0, 1, false, false, true },
	{ "half a page too many here", { 2, 1 }, { 1, 1 }, 0, 0, 1, false, false, false },
	{ "too many there", { 400, 1600 }, { 1, 1 }, 0, 0, 1, false, false, false },
	{ "too many here for few tasks", { 501, 1499 }, { 1, 3 }, 0, 0, 1, false, false, true },
	{ "not too many here for many", { 1500, 500 }, { 3, 1 }, 0, 0, 1, false, false, false },
	{ "fewer there, too few here",
	  { 500, 400, 900 }, { 1, 1, 1 }, 0, 0, 1, false, false, false },
	{ "more here, too many there",
	  { 900, 700, 200 }, { 1, 1, 1 }, 0, 0, 1, false, false, false },
	{ "four huge pages", { 2048 }, { 1, 1 }, 0, 0, 512, false, false, true },
	{ "three and one", { 1536, 512 }, { 1, 1 }, 0, 0, 512, false, false, true },
	{ "two huge pages each", { 1024, 1024 }, { 1, 1 }, 0, 0, 512, false, false, false },
	{ "one huge page", { 512 }, { 1, 1 }, 0, 0, 512, false, false, false },
	{ "a huge page not counted yet", { 7 }, { 0, 1 }, 0, 0, 512, false, true, true },
	{ "private, believed", { 1000, 1000 }, { 1, 1 }, 4, 1, 1, true, true, true },
	{ "private, too early", { 1000, 1000 }, { 1, 1 }, 3, 0, 1, true, false, false },
	{ "private, mostly", { 1000, 1000 }, { 1, 1 }, 11, 2, 1, true, true, true },
	{ "private, not mostly", { 1000, 1000 }, { 1, 1 }, 10, 2, 1, true, false, false },
	{ "shared, among private", { 1000, 1000 }, { 1, 1 }, 99, 0, 1, false, false, false },
};

static void each_node_has_what_its_tasks_are_due(struct kunit *test)
{
	const struct question *q = test->param_value;
	int spreads;

	for (spreads = 0; spreads < 2; spreads++) {
		struct mm_autonuma *mma = fake_mm(test);

		mma->passes = 1;
		mma->spreading = spreads;
		set_counts(mma->held, q->held);
		set_counts(mma->home.running, q->running);
		mma->votes[hash_long(7, AUTONUMA_VOTE_BITS)].same = q->votes;
		mma->votes[hash_long(7, AUTONUMA_VOTE_BITS)].other = q->against;
		KUNIT_EXPECT_EQ(test, goes(mma, 7 * PMD_SIZE, q->same, 0, 1, q->pages),
				spreads ? q->spreads : q->may);
	}
}
KUNIT_ARRAY_PARAM_DESC(question, questions, what);

/* The CPUPID of a page that nobody has touched has the bits of one pid of 256. */
static void a_page_never_sampled_is_nobodys(struct kunit *test)
{
	struct mm_autonuma *mma = fake_mm(test);
	pid_t pid = current->pid;

	mma->passes = 2;
	set_counts(mma->held, (unsigned long[4]){ 1000, 1000 });
	set_counts(mma->home.running, (unsigned long[4]){ 1, 1 });
	mma->votes[hash_long(7, AUTONUMA_VOTE_BITS)].same = 50;
	current->signal->nr_threads++;
	current->pid = LAST__PID_MASK;
	KUNIT_EXPECT_EQ(test, autonuma_held_back(mma, 7 * PMD_SIZE, -1, 0, 1, 1),
			AUTONUMA_PENDING);
	current->pid = pid;
	current->signal->nr_threads--;
}

/* Pages in excess of what each node's tasks are due, in parts of a page. */
static unsigned long excess(struct mm_autonuma *mma)
{
	unsigned long running, total, here, run, sum = 0;
	int nid;

	for (nid = 0; nid < 4; nid++) {
		here = autonuma_counts_share(mma->held, nid, &total);
		run = autonuma_counts_share(mma->home.running, nid, &running);
		if (here * running > run * total)
			sum += here * running - run * total;
	}
	return sum;
}

/* Whatever is asked, in whatever order: fewer pages are astray after each that went. */
static void each_move_brings_memory_nearer_to_its_aim(struct kunit *test)
{
	struct rnd_state rnd;
	int i, n, nid, page_nid, target_nid;

	prandom_seed_state(&rnd, 7);
	for (i = 0; i < 50; i++) {
		struct mm_autonuma *mma = fake_mm(test);
		unsigned long held[4], running[4], before;

		for (nid = 0; nid < 4; nid++) {
			held[nid] = prandom_u32_state(&rnd) % 200;
			running[nid] = 16 + prandom_u32_state(&rnd) % 100;
		}
		mma->passes = 1;
		mma->spreading = true;
		set_counts(mma->held, held);
		set_counts(mma->home.running, running);
		for (n = 0; n < 5000; n++) {
			before = excess(mma);
			page_nid = prandom_u32_state(&rnd) % 4;
			target_nid = (page_nid + 1 + prandom_u32_state(&rnd) % 3) % 4;
			if (goes(mma, 0, false, page_nid, target_nid, 1))
				KUNIT_EXPECT_LT(test, excess(mma), before);
		}
		/* At the end no node lacks a page that another one has to spare. */
		KUNIT_EXPECT_LT(test, excess(mma), 4 * mma->home.running->total);
	}
}

/**
 * struct verdict - does a pass begin, or end, the spreading of shared pages?
 * @what:	the case
 * @there:	pages that the pass found, by node
 * @running:	tasks by node
 * @rests:	the scan period is the longest
 * @before:	it was going on
 * @after:	it goes on
 */
struct verdict {
	const char *what;
	unsigned long there[4];
	unsigned long running[4];
	bool rests;
	bool before;
	bool after;
};

static const struct verdict verdicts[] = {
	{ "nobody was seen running", { 1000 }, { 0 }, false, false, false },
	{ "no pages", { 0 }, { 1, 1 }, false, false, false },
	{ "an eighth astray", { 625, 375 }, { 1, 1 }, false, false, false },
	{ "more than that", { 626, 374 }, { 1, 1 }, false, false, true },
	{ "the same, going on", { 625, 375 }, { 1, 1 }, false, true, true },
	{ "a quarter astray, at rest", { 750, 250 }, { 1, 1 }, true, false, false },
	{ "more than that", { 751, 249 }, { 1, 1 }, true, false, true },
	{ "more than a 32nd astray, going on", { 545, 479 }, { 1, 1 }, false, true, true },
	{ "a 32nd astray", { 544, 480 }, { 1, 1 }, false, true, false },
	{ "even", { 300, 100, 100 }, { 3, 1, 1 }, false, true, false },
	{ "two nodes have too much", { 330, 330, 170, 170 }, { 1, 1, 1, 1 }, false, false, true },
};

static void a_pass_sees_whether_pages_are_to_be_spread(struct kunit *test)
{
	const struct verdict *v = test->param_value;
	struct mm_autonuma *mma = fake_mm(test);

	mma->period = v->rests ? 6 * autonuma_knob(scan_sleep_pass_millisecs) : 1;
	mma->spreading = v->before;
	mma->passes = 1;
	mma->found_on.bits[0] = 0xf;
	memcpy(mma->there, v->there, sizeof(v->there));
	set_counts(mma->home.running, v->running);
	/* What was thought before does not matter. */
	autonuma_counts_add(mma->held, 0, 2, 777);
	autonuma_spread_pass(mma);
	KUNIT_EXPECT_EQ(test, mma->spreading, v->after);
	KUNIT_EXPECT_EQ(test, mma->held->by_node[0], v->there[0]);
	KUNIT_EXPECT_EQ(test, mma->held->by_node[2], v->there[2]);
}
KUNIT_ARRAY_PARAM_DESC(verdict, verdicts, what);

/* The first sample of a page, in the first pass, from node 1. Returns what becomes of it. */
static enum autonuma_outcome first_sample(struct mm_autonuma *mma)
{
	enum autonuma_outcome what = autonuma_held_back(mma, 0, -1, 0, 1, 1);

	if (what == AUTONUMA_NR_OUTCOMES)
		autonuma_goes(mma, 0, 1, 1);
	return what;
}

/* How many of a hundred such samples move their page? */
static unsigned long fills(struct mm_autonuma *mma)
{
	int i;

	for (i = 0; i < 100; i++)
		first_sample(mma);
	return mma->held->by_node[1];
}

static void a_single_thread_may_have_it_all(struct kunit *test)
{
	int last = cpu_pid_to_cpupid(0, current->pid + 1);
	struct mm_autonuma *mma = fake_mm(test);

	autonuma_counts_add(mma->held, 0, 0, 100);
	KUNIT_EXPECT_EQ(test, fills(mma), 100);
	/* Also what others used before it, and once it is known where it was seen. */
	mma->passes = 1;
	autonuma_counts_add(mma->home.running, 0, 0, 1);
	KUNIT_EXPECT_EQ(test, autonuma_held_back(mma, 0, last, 0, 1, 1), AUTONUMA_NR_OUTCOMES);
}

static int second_thread(void *arg)
{
	while (!READ_ONCE(*(bool *)arg))
		user_compute(10 * MSEC);
	return 0;
}

static void is_one_of_two(struct prog *p)
{
	struct mm_autonuma *mma = p->arg;
	bool done = false;

	KUNIT_ASSERT_GT(p->test, sys_clone_thread(second_thread, &done, -1), 0);
	/* Nothing was found yet. */
	KUNIT_EXPECT_EQ(p->test, first_sample(mma), AUTONUMA_PENDING);
	/* 45 and 60 is clearly less, by just a quarter; one more would not be. */
	autonuma_counts_add(mma->held, 0, 0, 105);
	KUNIT_EXPECT_EQ(p->test, fills(mma), 45);
	/* What the first pass marked is touched when it is over. */
	mma->passes = 1;
	KUNIT_EXPECT_EQ(p->test, first_sample(mma), AUTONUMA_PENDING);
	autonuma_counts_add(mma->held, 0, 0, 100);
	KUNIT_EXPECT_EQ(p->test, fills(mma), 87);
	/* After the second pass it is known who runs where. */
	mma->passes = 2;
	KUNIT_EXPECT_EQ(p->test, first_sample(mma), AUTONUMA_PENDING);
	autonuma_counts_add(mma->home.running, 0, 0, 1);
	autonuma_counts_add(mma->home.running, 0, 1, 1);
	KUNIT_EXPECT_EQ(p->test, first_sample(mma), AUTONUMA_PENDING);
	mma->spreading = true;
	KUNIT_EXPECT_EQ(p->test, fills(mma), 102);
	WRITE_ONCE(done, true);
	user_compute(100 * MSEC);
}

static void threads_of_several_take_a_share_at_first(struct kunit *test)
{
	run_prog(test, 0, is_one_of_two, fake_mm(test));
}

static unsigned long held_on(struct prog *p, int nid)
{
	unsigned long total;

	return autonuma_counts_share(current->mm->mm_autonuma->held, nid, &total);
}

/* Touched or not, each page counts for what a node has; what goes counts there at once. */
static void is_counted(struct prog *p)
{
	unsigned long before, i;

	map_and_write(p, 64);
	wait_for_passes(p, 1);
	before = held_on(p, 0);
	KUNIT_EXPECT_GE(p->test, before, 64);
	for (i = 0; i < 3; i++) {
		wait_for_passes(p, 1);
		KUNIT_EXPECT_EQ(p->test, held_on(p, 0), before);
	}
	set_knob(p->test, "migrate_defer", "1");
	set_knob(p->test, "scan_pmd", "0");
	wait_for_passes(p, 1);
	go_to_node(p, 1);
	p->pages = 10;
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, held_on(p, 1), 10);
	KUNIT_EXPECT_EQ(p->test, held_on(p, 0), before - 10);
}

static void what_a_node_has_is_what_the_last_pass_found_and_the_moves_since(struct kunit *test)
{
	run_prog(test, 0, is_counted, NULL);
}

/* What a pass has found so far counts already in the first one: a batch is half of it. */
static void is_counted_at_once(struct prog *p)
{
	set_knob(p->test, "pages_to_scan", "512");
	set_knob(p->test, "scan_sleep_millisecs", "500");
	map_and_write(p, 2048);
	while (!current->mm->mm_autonuma)
		user_compute(100 * MSEC);
	user_compute(1200 * MSEC);
	KUNIT_EXPECT_EQ(p->test, current->mm->mm_autonuma->passes, 0);
	KUNIT_EXPECT_GE(p->test, held_on(p, 0), 512);
	KUNIT_EXPECT_LT(p->test, held_on(p, 0), 2048);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_GE(p->test, held_on(p, 0), 2048);
}

static void the_first_pass_counts_as_it_goes(struct kunit *test)
{
	run_prog(test, 0, is_counted_at_once, NULL);
}

/* A page that is refused stays where it is, also in the counts. */
static void is_refused(struct prog *p)
{
	unsigned long before;

	map_and_write(p, 8);
	wait_for_passes(p, 1);
	before = held_on(p, 0);
	folio_ref_add(page_folio(pte_page(entry_at(p->addr))), GUP_PIN_COUNTING_BIAS);
	set_knob(p->test, "scan_pmd", "0");
	go_to_node(p, 1);
	p->pages = 1;
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_PINNED), 1);
	KUNIT_EXPECT_EQ(p->test, held_on(p, 0), before);
	folio_ref_add(page_folio(pte_page(entry_at(p->addr))), -GUP_PIN_COUNTING_BIAS);
}

static void a_page_that_is_refused_counts_where_it_is(struct kunit *test)
{
	run_prog(test, 0, is_refused, NULL);
}

/* One vote of a range and pass; the others of the range count for nothing. */
static void a_range_votes_once_in_a_pass(struct kunit *test)
{
	struct mm_autonuma *mma = fake_mm(test);
	struct autonuma_votes *v = &mma->votes[hash_long(3, AUTONUMA_VOTE_BITS)];
	int i;

	for (i = 1; i <= 60; i++) {
		mma->passes = i;
		autonuma_vote(mma, 3 * PMD_SIZE, i % 4);
		autonuma_vote(mma, 4 * PMD_SIZE - 1, false);
	}
	KUNIT_EXPECT_EQ(test, v->same, 45);
	KUNIT_EXPECT_EQ(test, v->other, 15);
	KUNIT_EXPECT_EQ(test, mma->all_votes.same, 45);
	KUNIT_EXPECT_EQ(test, mma->all_votes.other, 15);
	for (; i <= 64; i++) {
		mma->passes = i;
		autonuma_vote(mma, 3 * PMD_SIZE, true);
	}
	KUNIT_EXPECT_EQ(test, v->same, 24);
	KUNIT_EXPECT_EQ(test, v->other, 7);
	for (i = 0; i < 1 << AUTONUMA_VOTE_BITS; i++)
		KUNIT_EXPECT_EQ(test, mma->votes[i].same, &mma->votes[i] == v ? 24 : 0);
}

/* A vote of a range counts among those of all, and one vote against it holds the range back. */
static void a_range_without_votes_is_like_all_others(struct kunit *test)
{
	static const struct {
		u8 all, all_against, against;
		bool may;
	} cases[] = {
		{ 7, 0, 0, false }, { 8, 0, 0, true }, { 8, 1, 0, true }, { 8, 2, 0, false },
		{ 14, 2, 0, false }, { 15, 2, 0, true }, { 40, 0, 1, false },
	};
	static const unsigned long even[4] = { 1000, 1000 }, tasks[4] = { 1, 1 };
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mm_autonuma *mma = fake_mm(test);

		mma->passes = 1;
		set_counts(mma->held, even);
		set_counts(mma->home.running, tasks);
		mma->all_votes.same = cases[i].all;
		mma->all_votes.other = cases[i].all_against;
		mma->votes[hash_long(7, AUTONUMA_VOTE_BITS)].other = cases[i].against;
		KUNIT_EXPECT_EQ_MSG(test, goes(mma, 7 * PMD_SIZE, true, 0, 1, 1), cases[i].may,
				    "case %d", i);
		KUNIT_EXPECT_FALSE(test, goes(mma, 7 * PMD_SIZE, false, 0, 1, 1));
	}
}

static struct kunit_case spread_cases[] = {
	KUNIT_CASE_PARAM(each_node_has_what_its_tasks_are_due, question_gen_params),
	KUNIT_CASE(a_page_never_sampled_is_nobodys),
	KUNIT_CASE(each_move_brings_memory_nearer_to_its_aim),
	KUNIT_CASE_PARAM(a_pass_sees_whether_pages_are_to_be_spread, verdict_gen_params),
	KUNIT_CASE(a_single_thread_may_have_it_all),
	KUNIT_CASE(threads_of_several_take_a_share_at_first),
	KUNIT_CASE(what_a_node_has_is_what_the_last_pass_found_and_the_moves_since),
	KUNIT_CASE(the_first_pass_counts_as_it_goes),
	KUNIT_CASE(a_page_that_is_refused_counts_where_it_is),
	KUNIT_CASE(a_range_votes_once_in_a_pass),
	KUNIT_CASE(a_range_without_votes_is_like_all_others),
	{}
};

static struct kunit_suite spread_suite = {
	.name = "autonuma-spread",
	.test_cases = spread_cases,
};
kunit_test_suite(spread_suite);
