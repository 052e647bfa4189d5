// SPDX-License-Identifier: GPL-2.0
/*
 * Everything that can fail, fails once, in order: allocations of slab objects and pages by
 * whomever, isolation, migration, split, creation of tasks; in each stage of the life of
 * memory that AutoNUMA moves, with huge pages and without. No page is lost, nothing
 * leaks, the counters add up, and afterwards the memory gets where it is used.
 *
 * boot_test.c does this for the boot.
 */
#include <linux/mm_inline.h>
#include <linux/swap.h>

#include "core_test.h"
#include "../thp/thp_test.h"

#define SMALL_PAGES	8

/*
 * Behind the first FIRST_ALL calls, which is all of most stages, every STRIDE-th fails: the others
 * are for one after another of a huge page's parts.
 */
#define FIRST_ALL	kunit_amount(32, 12)
#define STRIDE		61

/* Retries of a system call or an access while one call fails: twice would do. */
#define AGAIN(expr) do { \
	int tries = 4; \
	while ((expr) < 0 && --tries) \
		; \
	KUNIT_EXPECT_GT(p->test, tries, 0); \
} while (0)

/**
 * struct stage - what goes on while something fails
 * @name:	printed
 * @prepare:	before, or NULL
 * @run:	while
 * @unmapped:	the memory is not there yet: @run maps it
 * @thp:	with huge pages
 * @async:	the knob migrate_async
 * @at_least:	how many calls can fail there, at least
 */
struct stage {
	const char *name;
	void (*prepare)(struct prog *p);
	void (*run)(struct prog *p);
	bool unmapped, thp;
	const char *async;
	unsigned long at_least;
};

/* How often the stage's calls failed in the last run: not once means that is all. */
static unsigned long nr_denied;

static void write_contents(struct prog *p)
{
	unsigned long i;

	for (i = 0; i < p->pages; i++)
		AGAIN(user_write64(p->addr + i * PAGE_SIZE, i + 1));
}

static void map_memory(struct prog *p)
{
	const struct stage *s = p->test->param_value;
	unsigned long len = s->thp ? HPAGE_PMD_SIZE : SMALL_PAGES * PAGE_SIZE;

	p->pages = len >> PAGE_SHIFT;
	AGAIN((long)(p->addr = sys_mmap(0, len, RW, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0)));
	if (s->thp)
		AGAIN(sys_madvise(p->addr, len, MADV_HUGEPAGE));
	write_contents(p);
}

static void read_all(struct prog *p)
{
	unsigned long i;
	u64 val;

	for (i = 0; i < p->pages; i++)
		AGAIN(user_read64(p->addr + i * PAGE_SIZE, &val));
}

static void register_mm(struct prog *p)
{
	wait_for_passes(p, 2);
}

/* The next touch is a hinting fault, and a reason to move to node 1. */
static void marked_for_node1(struct prog *p)
{
	wait_for_passes(p, 2);
	go_to_node(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p) || pmd_protnone(pmd_at(current->mm, p->addr)),
			true);
}

static void touch_and_wait(struct prog *p)
{
	read_all(p);
	wait_for_migration();
}

/* The node has no huge page: parts move. */
static void touch_without_huge_pages(struct prog *p)
{
	int rule = inject_set((struct inject_rule) {
		.sites = BIT(INJECT_PAGE), .min_order = HPAGE_PMD_ORDER, .per_million = 1000000,
	});

	touch_and_wait(p);
	inject_clear(rule);
}

static void split_it(struct prog *p)
{
	struct folio *folio = folio_at(p->addr);

	folio_get(folio);
	folio_lock(folio);
	KUNIT_EXPECT_EQ(p->test, split_folio(folio), 0);
	folio_unlock(folio);
	folio_put(folio);
	KUNIT_EXPECT_FALSE(p->test, is_huge(p->addr));
}

/* khugepaged puts it together while its pages are queued and moved. */
static void let_khugepaged_collapse(struct prog *p)
{
	KUNIT_EXPECT_GE(p->test, set_policy("khugepaged/alloc_sleep_millisecs", "10"), 0);
	KUNIT_EXPECT_GE(p->test, set_policy("khugepaged/scan_sleep_millisecs", "10"), 0);
	touch_and_wait(p);
	KUNIT_EXPECT_GE(p->test, set_policy("khugepaged/scan_sleep_millisecs", "1000000000"), 0);
	KUNIT_EXPECT_TRUE(p->test, is_huge(p->addr));
}

static void split_and_mark(struct prog *p)
{
	split_it(p);
	marked_for_node1(p);
}

static void collapse_it(struct prog *p)
{
	lru_add_drain_all();
	AGAIN(sys_madvise(p->addr, HPAGE_PMD_SIZE, MADV_COLLAPSE));
	KUNIT_EXPECT_TRUE(p->test, is_huge(p->addr));
}

static int child_main(void *arg)
{
	struct prog *p = arg;

	/* killed when there is no memory */
	user_write64(p->addr, 77);
	user_write64(p->addr + 3 * PAGE_SIZE, 77);
	return 0;
}

static void fork_and_write(struct prog *p)
{
	long pid;

	AGAIN(pid = sys_fork(child_main, p));
	AGAIN(user_write64(p->addr + PAGE_SIZE, 2));
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
}

/* What splits the mapping and the huge page. */
static void protect_and_unmap(struct prog *p)
{
	unsigned long part = p->pages / 4 * PAGE_SIZE;

	AGAIN(sys_mprotect(p->addr + part, part, PROT_READ));
	AGAIN(sys_mprotect(p->addr + part, part, RW));
	AGAIN(sys_munmap(p->addr + 3 * part, part));
	p->pages -= p->pages / 4;
	write_contents(p);
}

static unsigned long all_failed(void)
{
	unsigned long sum = 0;
	int why;

	for (why = 0; why < AUTONUMA_NR_DROPS; why++)
		sum += failed(why);
	return sum;
}

static unsigned long all_promised(void)
{
	unsigned long sum = 0;
	int nid;

	for_each_online_node(nid)
		sum += autonuma_queue_promised(nid);
	return sum;
}

/* The machine goes on: all of the memory gets to the next node. */
static void goes_on(struct prog *p)
{
	int i;

	set_knob(p->test, "migrate_async", "1");
	go_to_node(p, 2);
	for (i = 0; i < 5; i++) {
		wait_for_passes(p, 1);
		read_all(p);
		wait_for_migration();
	}
	KUNIT_EXPECT_NOT_NULL(p->test, current->mm->mm_autonuma);
	KUNIT_EXPECT_NOT_NULL(p->test, current->task_autonuma);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), p->pages);
}

static void nothing_is_lost(struct prog *p)
{
	int nid;

	expect_contents(p);
	check_now();
	KUNIT_EXPECT_EQ(p->test, all_promised(), 0);
	for_each_online_node(nid)
		KUNIT_EXPECT_EQ(p->test, node_page_state(NODE_DATA(nid), NR_ISOLATED_ANON), 0);
	KUNIT_EXPECT_EQ(p->test, get_mm_counter(current->mm, MM_ANONPAGES), p->pages);
}

/*
 * The pages that touches wanted elsewhere moved, or were dropped or cancelled, each once. One
 * that failed was queued a second time.
 */
static void counters_add_up(struct prog *p, const unsigned long *before)
{
	unsigned long queued = count_of(AUTONUMA_PAGES_QUEUED) - before[0];
	unsigned long ended = count_of(AUTONUMA_PAGES_MIGRATED) + all_failed() +
			      count_of(AUTONUMA_PAGES_CANCELLED) - before[1];

	kunit_info(p->test, "queued %lu ended %lu", queued, ended);
	KUNIT_EXPECT_GE(p->test, queued, ended);
	KUNIT_EXPECT_EQ(p->test, ended, queued ? p->pages : 0);
}

/* One life, with the nth call failed that can fail in the stage. */
static void lives(struct prog *p)
{
	const struct stage *s = p->test->param_value;
	struct inject_rule rule = { .nth = (unsigned long)p->arg };
	unsigned long before[2];
	int handle;

	set_knob(p->test, "migrate_async", s->async);
	if (!s->unmapped)
		map_memory(p);
	if (s->prepare)
		s->prepare(p);
	before[0] = count_of(AUTONUMA_PAGES_QUEUED);
	before[1] = count_of(AUTONUMA_PAGES_MIGRATED) + all_failed() +
		    count_of(AUTONUMA_PAGES_CANCELLED);
	handle = inject_set(rule);
	s->run(p);
	nr_denied = inject_failed(handle);
	inject_clear(handle);
	nothing_is_lost(p);
	if (*s->async == '1')
		counters_add_up(p, before);
	goes_on(p);
	nothing_is_lost(p);
}

static const struct stage stages[] = {
	{ "map", NULL, map_memory, true, false, "1", SMALL_PAGES },
	{ "register", NULL, register_mm, false, false, "1", 2 },
	{ "migrate", marked_for_node1, touch_and_wait, false, false, "1", 3 * SMALL_PAGES },
	{ "migrate in fault", marked_for_node1, touch_and_wait, false, false, "0",
	  3 * SMALL_PAGES },
	{ "fork", NULL, fork_and_write, false, false, "1", 8 },
	{ "protect and unmap", NULL, protect_and_unmap, false, false, "1", 3 },
	{ "map, huge", NULL, map_memory, true, true, "1", 5 },
	{ "register, huge", NULL, register_mm, false, true, "1", 2 },
	{ "migrate, huge", marked_for_node1, touch_and_wait, false, true, "1", 3 },
	{ "migrate in fault, huge", marked_for_node1, touch_and_wait, false, true, "0", 3 },
	{ "split", marked_for_node1, touch_without_huge_pages, false, true, "1",
	  2 * HPAGE_PMD_NR },
	{ "split in fault", marked_for_node1, touch_without_huge_pages, false, true, "0",
	  2 * HPAGE_PMD_NR },
	{ "khugepaged", split_and_mark, let_khugepaged_collapse, false, true, "1", 8 },
	{ "collapse", split_it, collapse_it, false, true, "1", 2 },
	{ "fork, huge", NULL, fork_and_write, false, true, "1", 8 },
	{ "protect and unmap, huge", NULL, protect_and_unmap, false, true, "1", 3 },
};

static void stage_desc(const struct stage *s, char *desc)
{
	strscpy(desc, s->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(stage, stages, stage_desc);

static void whatever_fails_once_is_made_good(struct kunit *test)
{
	const struct stage *s = test->param_value;
	unsigned long nth = 0, runs = 0;

	do {
		nth += nth < FIRST_ALL ? 1 : STRIDE;
		kunit_info(test, "call %lu", nth);
		run_prog(test, 0, lives, (void *)nth);
		KUNIT_ASSERT_LT(test, ++runs, 5000);
	} while (nr_denied && test->status != KUNIT_FAILURE);
	kunit_info(test, "%lu calls", nth - 1);
	KUNIT_EXPECT_GT(test, nth, s->at_least);
}

static struct task_struct *find_task(const char *comm)
{
	struct task_struct *t, *found = NULL;

	rcu_read_lock();
	for_each_process(t)
		if (!strncmp(t->comm, comm, TASK_COMM_LEN - 1))
			found = t;
	rcu_read_unlock();
	return found;
}

/*
 * The daemon gets no page of any size: each part is tried again, and dropped, as one page. Or
 * it cannot move what it has unmapped: the same for the whole.
 */
static void never_moves(struct prog *p)
{
	bool no_page = p->arg;
	struct inject_rule rule = {
		.sites = no_page ? BIT(INJECT_PAGE) : BIT(INJECT_MIGRATE), .per_million = 1000000,
		.task = find_task("knuma_migrated1"),
	};
	unsigned long queued;
	int handle;

	KUNIT_EXPECT_NOT_NULL(p->test, rule.task);
	p->addr = map_huge(p->test, 1);
	p->pages = HPAGE_PMD_NR;
	write_contents(p);
	marked_for_node1(p);
	queued = count_of(AUTONUMA_PAGES_QUEUED);
	handle = inject_set(rule);
	touch_and_wait(p);
	inject_clear(handle);
	KUNIT_EXPECT_EQ(p->test, folio_test_large(folio_at(p->addr)), !no_page);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), p->pages);
	KUNIT_EXPECT_EQ(p->test, all_failed(), p->pages);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_BUSY), p->pages);
	/* whole, and then twice again: three tries in all */
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_QUEUED) - queued, 3 * p->pages);
	nothing_is_lost(p);
	goes_on(p);
	nothing_is_lost(p);
}

static void parts_that_cannot_move_are_dropped_once_each(struct kunit *test)
{
	run_prog(test, 0, never_moves, "no page");
}

static void a_huge_page_that_cannot_move_is_dropped_whole(struct kunit *test)
{
	run_prog(test, 0, never_moves, NULL);
}

static struct kunit_case denied_cases[] = {
	KUNIT_CASE(parts_that_cannot_move_are_dropped_once_each),
	KUNIT_CASE(a_huge_page_that_cannot_move_is_dropped_whole),
	KUNIT_CASE_PARAM(whatever_fails_once_is_made_good, stage_gen_params),
	{}
};

/* Short pauses; khugepaged collapses when it is told to. */
static int denied_init(struct kunit *test)
{
	set_knob(test, "migrate_allow_first_fault", "1");
	scan_steadily(test, 2000);
	set_knob(test, "migrate_sleep_millisecs", "1");
	return set_policy("khugepaged/scan_sleep_millisecs", "1000000000");
}

static struct kunit_suite denied_suite = {
	.name = "autonuma-denied",
	.init = denied_init,
	.test_cases = denied_cases,
};
kunit_test_suite(denied_suite);
