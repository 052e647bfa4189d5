// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of a process on several nodes come to rest: each thread's own where it runs, shared
 * ones spread.
 */
#include <linux/delay.h>
#include <linux/prandom.h>

#include "core_test.h"

/**
 * struct crowd - threads of one process, and the memory that they use
 * @what:	its name
 * @threads:	how many; thread i is on node i % @nodes
 * @nodes:	on how many nodes
 * @shared:	pages that all of them use
 * @own:	pages that each has for itself
 * @scan_pmd:	the knob
 * @async:	the knob migrate_async
 * @free:	threads run where the scheduler and placement want them
 * @always:	also where it takes long
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
	bool free;
	bool always;
};

static const struct crowd crowds[] = {
	{ "two share", 2, 2, 128, 0, "0", "1", 90 },
	{ "two share, in fault", 2, 2, 128, 0, "0", "0", 90, .always = true },
	{ "four share", 4, 4, 128, 0, "0", "1", 90 },
	{ "six share on three nodes", 6, 3, 150, 0, "0", "0", 90 },
	{ "four share little", 4, 4, 6, 0, "0", "1", 90 },
	{ "two share one range", 2, 2, 64, 0, "1", "1", 1000 },
	{ "four have their own", 4, 4, 0, 64, "0", "1", 90 },
	{ "four have their own and share", 4, 4, 128, 64, "0", "1", 90, .always = true },
	{ "four go where they like", 4, 2, 128, 64, "0", "1", 120, .free = true, .always = true },
	{ "four go where they like, in fault", 4, 2, 128, 64, "0", "0", 120, .free = true },
};

#define MAX_THREADS	6

/* What the threads of a crowd know. */
struct shift {
	struct prog *p;
	const struct crowd *crowd;
	int turns[MAX_THREADS];		/* node of each thread, by turns of the case */
	int nid[MAX_THREADS];		/* where each was last */
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
		WRITE_ONCE(s->nid[i], task_node(current));
		if (!s->crowd->free && READ_ONCE(s->turns[i]) != nid) {
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
	unsigned long moved = count_of(AUTONUMA_PAGES_MIGRATED), tasks, scans, n;
	unsigned long all = c->shared + c->own * c->threads;
	int i;

	tasks = count_of(AUTONUMA_TASKS_MOVED) + count_of(AUTONUMA_TASKS_SWAPPED);
	scans = count_of(AUTONUMA_FULL_SCANS);
	msleep(60000);
	KUNIT_EXPECT_EQ(s->p->test, tasks, count_of(AUTONUMA_TASKS_MOVED) +
			count_of(AUTONUMA_TASKS_SWAPPED));
	KUNIT_EXPECT_EQ(s->p->test, count_of(AUTONUMA_PAGES_MIGRATED), moved);
	KUNIT_EXPECT_GE(s->p->test, count_of(AUTONUMA_FULL_SCANS), scans + 8);
	KUNIT_EXPECT_EQ(s->p->test, current->mm->mm_autonuma->period, 6000);
	for (i = 0; i < c->threads; i++)
		KUNIT_EXPECT_EQ(s->p->test, there(own_pages(s, i), c->own,
				READ_ONCE(s->nid[i])), c->own);
	if (c->free)
		return;
	/* It was spread until a 32nd of all memory was astray; an eighth may be before it is again. */
	for (i = 0; i < c->nodes && c->shared > 100; i++) {
		n = there(s->p->addr, c->shared, i);
		kunit_info(s->p->test, "node %d: %lu of %lu", i, n, c->shared);
		KUNIT_EXPECT_GE(s->p->test, n + all / 8, c->shared / c->nodes);
		KUNIT_EXPECT_LE(s->p->test, n, c->shared / c->nodes + all / 8);
	}
	if (c->shared > 100)
		KUNIT_EXPECT_FALSE(s->p->test, current->mm->mm_autonuma->spreading);
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
		KUNIT_ASSERT_GT(p->test, sys_clone_thread(works, &s, c->free ? -1 :
				cpu_of(s.turns[i])), 0);
	msleep(c->settle * 1000);
	expect_at_rest(&s);
	/* Two threads change places: their own pages follow, all of them. */
	if (c->own && !c->free) {
		WRITE_ONCE(s.turns[0], 1);
		WRITE_ONCE(s.turns[1], 0);
		msleep(60000);
		expect_at_rest(&s);
	}
	WRITE_ONCE(s.stop, true);
	while (__atomic_load_n(&s.running, __ATOMIC_ACQUIRE))
		user_compute(100 * MSEC);
}

static void pages_of_many_threads_come_to_rest(struct kunit *test)
{
	struct prog p = { .test = test, .fn = comes_to_rest, .arg = (void *)test->param_value };
	const struct crowd *c = p.arg;
	struct task_struct *task;

	if (kunit_is_slow() && !c->always)
		kunit_skip(test, "takes long here, and does what others do");
	task = program_start_on(0, "prog", prog_main, &p);
	KUNIT_ASSERT_NOT_NULL(test, task);
	KUNIT_EXPECT_EQ(test, program_wait(task), 0);
}
KUNIT_ARRAY_PARAM_DESC(crowd, crowds, what);

static struct kunit_case crowd_cases[] = {
	KUNIT_CASE_PARAM(pages_of_many_threads_come_to_rest, crowd_gen_params),
	{}
};

static struct kunit_suite crowd_suite = {
	.name = "autonuma-crowd",
	.test_cases = crowd_cases,
};
kunit_test_suite(crowd_suite);
