// SPDX-License-Identifier: GPL-2.0
/*
 * Which page of a process on several nodes moves: private pages follow their task, shared
 * ones are spread, and all come to rest.
 */
#include <linux/hash.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "core_test.h"

/* An mm with statistics and nothing else. */
static struct mm_autonuma *fake_mm(struct kunit *test)
{
	struct mm_autonuma *mma = kunit_kzalloc(test, sizeof(*mma), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mma);
	mma->faults = kunit_kzalloc(test, autonuma_counts_size(), GFP_KERNEL);
	mma->held = kunit_kzalloc(test, autonuma_counts_size(), GFP_KERNEL);
	mma->cpu_faults = kunit_kzalloc(test, autonuma_counts_size(), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mma->faults);
	KUNIT_ASSERT_NOT_NULL(test, mma->held);
	KUNIT_ASSERT_NOT_NULL(test, mma->cpu_faults);
	autonuma_counts_init(mma->faults);
	autonuma_counts_init(mma->held);
	autonuma_counts_init(mma->cpu_faults);
	return mma;
}

static bool goes(struct mm_autonuma *mma, unsigned long addr, bool same, int page_nid,
		 int target_nid, unsigned long pages)
{
	int last = cpu_pid_to_cpupid(0, current->pid + !same);

	return autonuma_held_back(mma, addr, last, page_nid, target_nid, pages) ==
	       AUTONUMA_NR_OUTCOMES;
}

/**
 * struct question - may a page go from node 0 to node 1?
 * @what:	the case
 * @held:	pages on node 0 and 1
 * @cpu_faults:	samples from CPUs of node 0 and 1
 * @votes:	passes in which pages looked private
 * @against:	passes in which they did not
 * @pages:	its size
 * @same:	the two samples were of one task
 * @may:	the answer
 * @rests:	and when the process rests
 */
struct question {
	const char *what;
	unsigned long held[2];
	unsigned long cpu_faults[2];
	u8 votes, against;
	unsigned long pages;
	bool same;
	bool may;
	bool rests;
};

static const struct question questions[] = {
	{ "nothing known, shared", { 0, 0 }, { 0, 0 }, 0, 0, 1, false, false, false },
	{ "all accesses from there", { 1000, 0 }, { 0, 100 }, 0, 0, 1, false, true, true },
	{ "all accesses from there, one left",
	  { 1, 1000 }, { 0, 100 }, 0, 0, 1, false, true, true },
	{ "all accesses from here", { 1000, 0 }, { 100, 0 }, 0, 0, 1, false, false, false },
	{ "spread, shared", { 1000, 1000 }, { 500, 500 }, 0, 0, 1, false, false, false },
	{ "spread, private, believed", { 1000, 1000 }, { 500, 500 }, 14, 2, 1, true, true, true },
	{ "spread, private, not believed",
	  { 1000, 1000 }, { 500, 500 }, 13, 2, 1, true, false, false },
	{ "taken over once", { 1000, 1000 }, { 500, 500 }, 0, 1, 1, true, true, true },
	{ "taken over twice", { 1000, 1000 }, { 500, 500 }, 0, 2, 1, true, false, false },
	{ "spread, shared, among private",
	  { 1000, 1000 }, { 500, 500 }, 99, 0, 1, false, false, false },
	{ "too much here", { 1300, 700 }, { 5000, 5000 }, 0, 9, 1, true, true, false },
	{ "a little too much here", { 1120, 880 }, { 5000, 5000 }, 0, 0, 1, false, false, false },
	{ "too much here, few samples", { 1300, 700 }, { 15, 15 }, 0, 0, 1, false, false, false },
	{ "too much here, more samples", { 1300, 700 }, { 75, 75 }, 0, 0, 1, false, true, false },
	{ "too much here, few accesses",
	  { 1900, 100 }, { 7000, 3000 }, 0, 0, 1, false, true, true },
	{ "enough there for few accesses",
	  { 1500, 500 }, { 7000, 3000 }, 0, 0, 1, false, false, false },
	{ "too much there", { 400, 1600 }, { 5000, 5000 }, 0, 0, 1, false, false, false },
	{ "three pages", { 3, 0 }, { 5000, 5000 }, 0, 0, 1, false, true, true },
	{ "two of three", { 2, 1 }, { 5000, 5000 }, 0, 0, 1, false, false, false },
	{ "four huge pages", { 2048, 0 }, { 500, 500 }, 0, 0, 512, false, true, true },
	{ "two huge pages each", { 1024, 1024 }, { 500, 500 }, 0, 0, 512, false, false, false },
	{ "one huge page", { 512, 0 }, { 500, 500 }, 0, 0, 512, false, false, false },
	{ "a huge page not counted yet", { 7, 0 }, { 1, 500 }, 0, 0, 512, false, false, false },
};

static void answer(struct kunit *test, const struct question *q, bool rests)
{
	struct mm_autonuma *mma = fake_mm(test);
	bool may = rests ? q->rests : q->may;
	unsigned long moved;
	int nid;

	mma->period = rests ? 6 * autonuma_knob(scan_sleep_pass_millisecs) : 1;
	for (nid = 0; nid < 2; nid++) {
		autonuma_counts_add(mma->held, 0, nid, q->held[nid]);
		autonuma_counts_add(mma->faults, 0, nid, 2 * q->held[nid]);
		autonuma_counts_add(mma->cpu_faults, 0, nid, q->cpu_faults[nid]);
	}
	/* Those of other nodes do not matter. */
	autonuma_counts_add(mma->held, 0, 2, 5000);
	autonuma_counts_add(mma->cpu_faults, 0, 3, 5000);
	mma->votes[hash_long(7, AUTONUMA_VOTE_BITS)].same = q->votes;
	mma->votes[hash_long(7, AUTONUMA_VOTE_BITS)].other = q->against;
	KUNIT_EXPECT_EQ(test, goes(mma, 7 * PMD_SIZE, q->same, 0, 1, q->pages), may);
	/* A shared page that goes counts there at once. */
	moved = may && !(q->same && q->against <= 2) ? min(q->pages, q->held[0]) : 0;
	KUNIT_EXPECT_EQ(test, mma->held->by_node[1], q->held[1] + moved);
	KUNIT_EXPECT_EQ(test, mma->faults->by_node[1], 2 * (q->held[1] + moved));
	KUNIT_EXPECT_EQ(test, mma->held->total, q->held[0] + q->held[1] + 5000);
}

static void each_node_has_what_it_is_used_for(struct kunit *test)
{
	answer(test, test->param_value, false);
	answer(test, test->param_value, true);
}
KUNIT_ARRAY_PARAM_DESC(question, questions, what);

/* Of a hundred pages on node 0, used from both nodes alike, less than half may go. */
static void a_pass_does_not_move_more_than_the_share(struct kunit *test)
{
	struct mm_autonuma *mma = fake_mm(test);
	int i, moved = 0;

	autonuma_counts_add(mma->held, 0, 0, 100);
	autonuma_counts_add(mma->cpu_faults, 0, 0, 1000);
	autonuma_counts_add(mma->cpu_faults, 0, 1, 1000);
	for (i = 0; i < 100; i++)
		moved += goes(mma, 0, false, 0, 1, 1);
	KUNIT_EXPECT_GE(test, moved, 40);
	KUNIT_EXPECT_LE(test, moved, 50);
	/* And none of them back. */
	KUNIT_EXPECT_FALSE(test, goes(mma, 0, false, 1, 0, 1));
}

/* The first sample of a page may move it, but not what is spread already. */
static int fills_what_is_free(void *arg)
{
	struct mm_autonuma *mma = arg;
	enum autonuma_outcome what = AUTONUMA_NR_OUTCOMES;
	int i;

	for (i = 0; i < 100 && what == AUTONUMA_NR_OUTCOMES; i++)
		what = autonuma_held_back(mma, 0, -1, 0, 1, 1);
	return what == AUTONUMA_PENDING ? i : -i;
}

static void first_samples_fill_what_is_free(struct kunit *test)
{
	struct mm_autonuma *mma = fake_mm(test);

	/* Nothing is known at all; then, nothing of who uses it. */
	KUNIT_EXPECT_EQ(test, autonuma_held_back(mma, 0, -1, 0, 1, 1), AUTONUMA_NR_OUTCOMES);
	autonuma_counts_add(mma->held, 0, 0, 100);
	autonuma_counts_add(mma->cpu_faults, 0, 1, 1);
	/* A single thread may have it all. */
	KUNIT_EXPECT_EQ(test, fills_what_is_free(mma), -100);
	KUNIT_EXPECT_EQ(test, mma->held->by_node[1], 100);
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
	autonuma_counts_add(mma->held, 0, 0, 100);
	/* 5 of 9 samples, as it seems; has 55 of 100. */
	autonuma_counts_add(mma->cpu_faults, 0, 1, 1);
	KUNIT_EXPECT_EQ(p->test, fills_what_is_free(mma), 56);
	/* Many samples say more. */
	autonuma_counts_add(mma->cpu_faults, 0, 1, 1000);
	KUNIT_EXPECT_EQ(p->test, fills_what_is_free(mma), 45);
	WRITE_ONCE(done, true);
	user_compute(100 * MSEC);
}

static void a_thread_of_several_takes_a_share_at_first(struct kunit *test)
{
	run_prog(test, 0, is_one_of_two, fake_mm(test));
}

/* In the beginning, what was found says more than what was sampled. */
static void what_was_found_counts_until_it_is_sampled(struct kunit *test)
{
	struct mm_autonuma *mma = fake_mm(test);
	unsigned long by_node[4] = { 300, 0, 100 }, total;
	nodemask_t used = { { 0x5 } };

	autonuma_counts_add(mma->faults, 0, 1, 700);
	mma->passes = 1;
	autonuma_spread_pass(mma, &used, by_node);
	KUNIT_EXPECT_EQ(test, autonuma_counts_share(mma->held, 1, 0, &total), 300);
	KUNIT_EXPECT_EQ(test, total, 400);
	by_node[0] = 300;
	by_node[2] = 40;
	used.bits[0] = 0x5;
	autonuma_spread_pass(mma, &used, by_node);
	KUNIT_EXPECT_EQ(test, autonuma_counts_share(mma->held, 1, 1, &total), 350);
	KUNIT_EXPECT_EQ(test, total, 350);
}

static void old_samples_fade_when_there_are_new_ones(struct kunit *test)
{
	struct mm_autonuma *mma = fake_mm(test);
	unsigned long by_node[4] = { 0 }, total;
	nodemask_t used = NODE_MASK_NONE;
	int i;

	/* Those that one task takes in a row are one; the next pass begins anew. */
	for (i = 0; i < 10; i++)
		autonuma_sampled(mma, 1);
	KUNIT_EXPECT_EQ(test, mma->cpu_faults->total, 1);
	for (i = 1; i < 63; i++) {
		mma->passes++;
		autonuma_sampled(mma, 1);
		autonuma_sampled(mma, 1);
		autonuma_spread_pass(mma, &used, by_node);
	}
	KUNIT_EXPECT_EQ(test, mma->epoch, 0);
	KUNIT_EXPECT_EQ(test, autonuma_counts_share(mma->cpu_faults, 0, 1, &total), 63);
	mma->passes++;
	autonuma_sampled(mma, 1);
	autonuma_spread_pass(mma, &used, by_node);
	KUNIT_EXPECT_EQ(test, mma->epoch, 1);
	KUNIT_EXPECT_EQ(test, autonuma_counts_share(mma->cpu_faults, 1, 1, &total), 32);
	KUNIT_EXPECT_EQ(test, autonuma_counts_share(mma->cpu_faults, 1, 0, &total), 0);
	KUNIT_EXPECT_EQ(test, total, 32);
}

/* Faults of a pass in progress are of a part of the memory. */
static void what_a_node_has_is_known_from_complete_passes(struct kunit *test)
{
	struct mm_autonuma *mma = fake_mm(test);
	unsigned long by_node[4] = { 0 }, total;
	nodemask_t used = NODE_MASK_NONE;

	autonuma_counts_add(mma->faults, 0, 0, 600);
	autonuma_counts_add(mma->faults, 0, 1, 400);
	mma->passes = 1;
	autonuma_spread_pass(mma, &used, by_node);
	autonuma_counts_add(mma->faults, 1, 2, 1000);
	KUNIT_EXPECT_EQ(test, autonuma_counts_share(mma->held, 1, 0, &total), 300);
	KUNIT_EXPECT_EQ(test, autonuma_counts_share(mma->held, 1, 1, &total), 200);
	KUNIT_EXPECT_EQ(test, total, 500);
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
	for (; i <= 64; i++) {
		mma->passes = i;
		autonuma_vote(mma, 3 * PMD_SIZE, true);
	}
	KUNIT_EXPECT_EQ(test, v->same, 24);
	KUNIT_EXPECT_EQ(test, v->other, 7);
	for (i = 0; i < 1 << AUTONUMA_VOTE_BITS; i++)
		KUNIT_EXPECT_EQ(test, mma->votes[i].same, &mma->votes[i] == v ? 24 : 0);
}

/**
 * struct crowd - threads of one process, and the memory that they use
 * @what:	its name
 * @threads:	how many; thread i is on node i % @nodes
 * @nodes:	on how many nodes
 * @shared:	pages that all of them use
 * @own:	pages that each has for itself
 * @scan_pmd:	the knob
 * @async:	the knob migrate_async
 * @settle:	seconds until it must be at rest: the fewer samples, the longer
 */
struct crowd {
	const char *what;
	int threads;
	int nodes;
	unsigned long shared;
	unsigned long own;
	const char *scan_pmd;
	const char *async;
	unsigned int settle;
};

static const struct crowd crowds[] = {
	{ "two share", 2, 2, 128, 0, "0", "1", 90 },
	{ "two share, in fault", 2, 2, 128, 0, "0", "0", 90 },
	{ "four share", 4, 4, 128, 0, "0", "1", 90 },
	{ "six share on three nodes", 6, 3, 150, 0, "0", "0", 90 },
	{ "four share little", 4, 4, 6, 0, "0", "1", 90 },
	{ "two share one range", 2, 2, 64, 0, "1", "1", 1000 },
	{ "four have their own", 4, 4, 0, 64, "0", "1", 90 },
	{ "four have their own and share", 4, 4, 128, 64, "0", "1", 90 },
};

#define MAX_THREADS	6

/* What the threads of a crowd know. */
struct shift {
	struct prog *p;
	const struct crowd *crowd;
	int turns[MAX_THREADS];		/* node of each thread, by turns of the case */
	bool stop;
	int running;
	int next;
};

/* Pages of thread @i begin here. */
static unsigned long own_pages(const struct shift *s, int i)
{
	return s->p->addr + (i + 1) * PMD_SIZE;
}

static void write_range(unsigned long addr, unsigned long pages)
{
	unsigned long i;

	for (i = 0; i < pages; i++)
		user_write64(addr + i * PAGE_SIZE, 1);
}

/* Touch some pages of a range. */
static void touch_some(unsigned long addr, unsigned long pages, struct rnd_state *rnd)
{
	int i;
	u64 val;

	for (i = 0; pages && i < 8; i++)
		user_read64(addr + prandom_u32_state(rnd) % pages * PAGE_SIZE, &val);
}

static int works(void *arg)
{
	struct shift *s = arg;
	int i = __atomic_fetch_add(&s->next, 1, __ATOMIC_RELAXED), nid = NUMA_NO_NODE;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, i + 1);
	while (!READ_ONCE(s->stop)) {
		if (READ_ONCE(s->turns[i]) != nid) {
			nid = READ_ONCE(s->turns[i]);
			sys_sched_setaffinity(0, cpumask_of_node(nid));
		}
		touch_some(s->p->addr, s->crowd->shared, &rnd);
		touch_some(own_pages(s, i), s->crowd->own, &rnd);
		user_compute((5 + prandom_u32_state(&rnd) % 10) * MSEC);
	}
	__atomic_fetch_sub(&s->running, 1, __ATOMIC_RELEASE);
	return 0;
}

/* Pages on a node in a range of the program's memory. */
static unsigned long there(unsigned long addr, unsigned long pages, int nid)
{
	unsigned long i, n = 0;

	for (i = 0; i < pages; i++)
		n += mm_page_node(current->mm, addr + i * PAGE_SIZE) == nid;
	return n;
}

static void expect_at_rest(struct shift *s)
{
	const struct crowd *c = s->crowd;
	unsigned long moved = count_of(AUTONUMA_PAGES_MIGRATED), scans, n;
	int i;

	scans = count_of(AUTONUMA_FULL_SCANS);
	user_compute(60 * SEC);
	KUNIT_EXPECT_EQ(s->p->test, count_of(AUTONUMA_PAGES_MIGRATED), moved);
	KUNIT_EXPECT_GE(s->p->test, count_of(AUTONUMA_FULL_SCANS), scans + 8);
	KUNIT_EXPECT_EQ(s->p->test, current->mm->mm_autonuma->period, 6000);
	for (i = 0; i < c->threads; i++)
		KUNIT_EXPECT_EQ(s->p->test, there(own_pages(s, i), c->own, s->turns[i]), c->own);
	for (i = 0; i < c->nodes && c->shared > 100; i++) {
		n = there(s->p->addr, c->shared, i);
		kunit_info(s->p->test, "node %d: %lu of %lu", i, n, c->shared);
		KUNIT_EXPECT_GE(s->p->test, n, c->shared / c->nodes / 3);
		KUNIT_EXPECT_LE(s->p->test, n, c->shared / c->nodes * 5 / 2);
	}
}

/* One range of page tables for what is shared, and one for each thread's own. */
static void map_ranges(struct shift *s)
{
	unsigned long len = (s->crowd->threads + 2) * PMD_SIZE;
	long addr = sys_mmap(0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			     NULL, 0);
	int i;

	KUNIT_ASSERT_GT(s->p->test, addr, 0);
	KUNIT_ASSERT_EQ(s->p->test, sys_madvise(addr, len, MADV_NOHUGEPAGE), 0);
	s->p->addr = ALIGN(addr, PMD_SIZE);
	write_range(s->p->addr, s->crowd->shared);
	for (i = 0; i < s->crowd->threads; i++)
		write_range(own_pages(s, i), s->crowd->own);
}

/* All memory is on node 0, where the main thread was, which sleeps from now on. */
static void comes_to_rest(struct prog *p)
{
	const struct crowd *c = p->arg;
	struct shift s = { .p = p, .crowd = c, .running = c->threads };
	int i;

	set_knob(p->test, "scan_pmd", c->scan_pmd);
	set_knob(p->test, "migrate_async", c->async);
	set_knob(p->test, "migrate_allow_first_fault", "0");
	set_knob(p->test, "scan_sleep_pass_millisecs", "1000");
	map_ranges(&s);
	for (i = 0; i < c->threads; i++)
		s.turns[i] = i % c->nodes;
	for (i = 0; i < c->threads; i++)
		KUNIT_ASSERT_GT(p->test, sys_clone_thread(works, &s, cpu_of(s.turns[i])), 0);
	user_compute(c->settle * SEC);
	expect_at_rest(&s);
	/* Two threads change places: their own pages follow, all of them. */
	if (c->own) {
		WRITE_ONCE(s.turns[0], 1);
		WRITE_ONCE(s.turns[1], 0);
		user_compute(60 * SEC);
		expect_at_rest(&s);
	}
	WRITE_ONCE(s.stop, true);
	while (__atomic_load_n(&s.running, __ATOMIC_ACQUIRE))
		user_compute(100 * MSEC);
}

static void pages_of_many_threads_come_to_rest(struct kunit *test)
{
	struct prog p = { .test = test, .fn = comes_to_rest, .arg = (void *)test->param_value };
	struct task_struct *task = program_start_on(0, "prog", prog_main, &p);

	KUNIT_ASSERT_NOT_NULL(test, task);
	KUNIT_EXPECT_EQ(test, program_wait(task), 0);
}
KUNIT_ARRAY_PARAM_DESC(crowd, crowds, what);

static struct kunit_case spread_cases[] = {
	KUNIT_CASE_PARAM(each_node_has_what_it_is_used_for, question_gen_params),
	KUNIT_CASE(a_pass_does_not_move_more_than_the_share),
	KUNIT_CASE(first_samples_fill_what_is_free),
	KUNIT_CASE(a_thread_of_several_takes_a_share_at_first),
	KUNIT_CASE(what_was_found_counts_until_it_is_sampled),
	KUNIT_CASE(old_samples_fade_when_there_are_new_ones),
	KUNIT_CASE(what_a_node_has_is_known_from_complete_passes),
	KUNIT_CASE(a_range_votes_once_in_a_pass),
	KUNIT_CASE_PARAM(pages_of_many_threads_come_to_rest, crowd_gen_params),
	{}
};

static struct kunit_suite spread_suite = {
	.name = "autonuma-spread",
	.test_cases = spread_cases,
};
kunit_test_suite(spread_suite);
