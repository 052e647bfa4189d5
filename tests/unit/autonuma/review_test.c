// SPDX-License-Identifier: GPL-2.0
/*
 * What the review of 2012 asked for and no other suite shows; autonuma.rst has the table.
 *
 * Two means: a task is held in the middle of what it does while another one runs (the
 * engine "directed"), and every decision point of the machine is looked at, to count locks
 * taken and memory allocated by the core, and pages isolated.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/vmstat.h>
#include <engine/engine.h>
#include <machine/directed.h>

#include "core_test.h"
#include "../thp/thp_test.h"

/* CPUs; the last one is idle, see directed_await(). */
#define PROG_CPU	2
#define HELPER_CPU	3

/* Points of an operation to hold it at. */
#define HOLDS		kunit_amount(60, 12)

/* What is seen at decision points while @on. */
static struct {
	int on;
	const struct task_struct *task;	/* only of this task, NULL: of all but the daemons */
	unsigned long locks;		/* taken by the core */
	unsigned long allocations;	/* and freeings */
	unsigned long isolated;		/* most pages isolated at once */
} watch;

static struct exec_engine engine;
static bool (*next_point)(enum exec_point kind, const void *object);

/*
 * Was the running code called by the core? Its functions are one range of text: its
 * files are linked one after the other.
 */
static bool called_by_core(void)
{
	static void * const files[] = {
		autonuma_set_enabled, autonuma_do_numa_page, autonuma_migrate_wake,
		autonuma_queue_add, autonuma_registry_empty, autonuma_scan_wake,
		autonuma_counts_size, autonuma_knobs_init, __autonuma_mm_exit,
		__autonuma_task_exec, __autonuma_task_free, autonuma_find_processes,
	};
	unsigned long ips[STACK_DEPTH], first = ULONG_MAX, last = 0;
	unsigned int i, nr = stack_save(ips, STACK_DEPTH);

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		first = min(first, (unsigned long)files[i]);
		last = max(last, (unsigned long)files[i] + 256);
	}
	for (i = 0; i < nr; i++)
		if (ips[i] > first && ips[i] <= last)
			return true;
	return false;
}

static void look(enum exec_point kind)
{
	struct task_struct *p = current;
	const struct task_struct *only = __atomic_load_n(&watch.task, __ATOMIC_RELAXED);
	unsigned long isolated;

	if (!p || (only && only != p))
		return;
	if (!strncmp(p->comm, "knuma_", 6)) {
		isolated = global_node_page_state(NR_ISOLATED_ANON);
		if (isolated > __atomic_load_n(&watch.isolated, __ATOMIC_RELAXED))
			__atomic_store_n(&watch.isolated, isolated, __ATOMIC_RELAXED);
	} else if (kind == EXEC_POINT_LOCK && called_by_core()) {
		__atomic_fetch_add(&watch.locks, 1, __ATOMIC_RELAXED);
	} else if (kind == EXEC_POINT_ALLOC && called_by_core()) {
		__atomic_fetch_add(&watch.allocations, 1, __ATOMIC_RELAXED);
	}
}

static bool watching_point(enum exec_point kind, const void *object)
{
	static __thread bool inside;

	if (__atomic_load_n(&watch.on, __ATOMIC_RELAXED) && !inside) {
		inside = true;
		look(kind & ~EXEC_POINT_READS);
		inside = false;
	}
	return next_point(kind, object);
}

static void start_watching(const struct task_struct *task)
{
	__atomic_store_n(&watch.task, task, __ATOMIC_RELAXED);
	__atomic_store_n(&watch.locks, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&watch.allocations, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&watch.isolated, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&watch.on, 1, __ATOMIC_SEQ_CST);
}

static unsigned long seen(const unsigned long *count)
{
	return __atomic_load_n(count, __ATOMIC_RELAXED);
}

static void stop_watching(void)
{
	__atomic_store_n(&watch.on, 0, __ATOMIC_SEQ_CST);
}

static int young_thread(void *arg)
{
	struct prog *p = arg;

	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 1), 0);
	return 0;
}

static int young_program(void *arg)
{
	struct prog p = { .test = ((struct prog *)arg)->test };

	map_and_write(&p, 4);
	return 0;
}

/* A process does all that a process does, within less than a second. */
static int young_child(void *arg)
{
	struct prog p = { .test = ((struct prog *)arg)->test };

	map_and_write(&p, 4);
	KUNIT_EXPECT_EQ(p.test, sys_wait4(sys_clone_thread(young_thread, &p, -1)), 0);
	KUNIT_EXPECT_EQ(p.test, sys_wait4(sys_fork(young_program, &p)), 0);
	sys_execve("young", young_program, arg);
	KUNIT_FAIL(p.test, "exec returned");
	return 1;
}

static void forks_a_lot(struct prog *p)
{
	int i;

	map_and_write(p, 4);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_NOT_NULL(p->test, current->mm->mm_autonuma);
	KUNIT_EXPECT_NOT_NULL(p->test, current->task_autonuma);
	start_watching(NULL);
	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_EQ(p->test, sys_wait4(sys_fork(young_child, p)), 0);
	machine_quiesce();
	KUNIT_EXPECT_EQ(p->test, seen(&watch.locks), 0);
	KUNIT_EXPECT_EQ(p->test, seen(&watch.allocations), 0);
}

static void a_short_life_takes_no_lock_and_allocates_nothing(struct kunit *test)
{
	run_prog(test, PROG_CPU, forks_a_lot, NULL);
	machine_quiesce();
	stop_watching();
	/* The parent was registered: its exit shows that a lock would have been seen. */
	KUNIT_EXPECT_GT(test, seen(&watch.locks), 0);
	KUNIT_EXPECT_GT(test, seen(&watch.allocations), 0);
}

static void is_not_pinned(struct prog *p)
{
	struct task_struct *scand = thread_named("knuma_scand");
	int i, looked = 0, in_pass = 0, limit = 2000;
	unsigned long before;
	unsigned int count;

	map_and_write(p, 200);
	count = atomic_read(&current->mm->mm_count);
	wait_for_passes(p, 1);
	set_knob(p->test, "pages_to_scan", "10");
	set_knob(p->test, "scan_sleep_millisecs", "500");
	while (in_pass < 100 && limit--) {
		user_compute(37 * MSEC);
		before = count_of(AUTONUMA_PAGES_SCANNED);
		i = READ_ONCE(scand->__state) & TASK_INTERRUPTIBLE;
		KUNIT_EXPECT_TRUE(p->test, !i || atomic_read(&current->mm->mm_users) == 1 ||
				  count_of(AUTONUMA_PAGES_SCANNED) != before);
		KUNIT_EXPECT_TRUE(p->test, !i || atomic_read(&current->mm->mm_count) <= count ||
				  count_of(AUTONUMA_PAGES_SCANNED) != before);
		looked += !!i;
		in_pass += READ_ONCE(current->mm->mm_autonuma->address) > 0;
	}
	KUNIT_EXPECT_EQ(p->test, in_pass, 100);
	KUNIT_EXPECT_GT(p->test, looked, 100);
}

static void nobody_pins_an_mm_in_a_pause_within_a_pass(struct kunit *test)
{
	run_prog(test, PROG_CPU, is_not_pinned, NULL);
}

/* Pages of all other nodes wait for node 2. */
static void queue_from_all_for_2(struct prog *p, unsigned long each)
{
	unsigned long i;
	nodemask_t node;
	int nid;

	set_knob(p->test, "migrate_defer", "1");
	p->pages = 3 * each;
	p->addr = sys_mmap(0, p->pages * PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	for (i = 0; i < 3; i++) {
		nid = i < 2 ? i : 3;
		node = nodemask_of_node(nid);
		KUNIT_EXPECT_EQ(p->test, sys_set_mempolicy(MPOL_BIND, &node), 0);
		KUNIT_EXPECT_EQ(p->test, user_touch_range(p->addr + i * each * PAGE_SIZE,
							  each * PAGE_SIZE, true, 0, NULL), 0);
	}
	KUNIT_EXPECT_EQ(p->test, sys_set_mempolicy(MPOL_DEFAULT, NULL), 0);
	wait_for_passes(p, 1);
	go_to_node(p, 2);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), p->pages);
}

/* Sources are served 3, 0, 1, 3, 0, 1, though each has pages left for another batch. */
static void goes_on_where_it_stopped(struct prog *p)
{
	static const int order[] = { 3, 0, 1, 3, 0, 1 };
	unsigned long before[4];
	int i, nid;

	queue_from_all_for_2(p, 128);
	set_knob(p->test, "pages_to_migrate", "64");
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		for (nid = 0; nid < 4; nid++)
			before[nid] = pages_on(p, nid);
		autonuma_migrate_kick();
		user_compute(SEC);
		for (nid = 0; nid < 4; nid++)
			KUNIT_EXPECT_EQ_MSG(p->test, pages_on(p, nid), before[nid] +
					    (nid == 2 ? 64 : 0) - (nid == order[i] ? 64 : 0),
					    "node %d, batch %d", nid, i);
	}
}

static void a_batch_begins_after_the_source_served_last(struct kunit *test)
{
	run_prog(test, PROG_CPU, goes_on_where_it_stopped, NULL);
}

static void expect_isolated(struct prog *p, const char *batch, unsigned long most)
{
	set_knob(p->test, "pages_to_migrate", batch);
	start_watching(NULL);
	autonuma_migrate_kick();
	user_compute(SEC);
	stop_watching();
	KUNIT_EXPECT_GT(p->test, seen(&watch.isolated), 0);
	KUNIT_EXPECT_LE(p->test, seen(&watch.isolated), most);
}

static void is_isolated_piecewise(struct prog *p)
{
	LIST_HEAD(filler);
	struct page *page;
	long room;

	queue_from_all_for_2(p, 200);
	expect_isolated(p, "7", 7);
	expect_isolated(p, "100", AUTONUMA_TURN);
	/* Room for 20 pages is left: never more than that, although hundreds wait. */
	do {
		page = alloc_pages_node(2, GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN, 0);
		if (page)
			list_add(&page->lru, &filler);
		room = autonuma_room(2) + autonuma_queue_promised(2);
	} while (page && room > 20);
	expect_isolated(p, "30000", room);
	while ((page = list_first_entry_or_null(&filler, struct page, lru))) {
		list_del(&page->lru);
		__free_page(page);
	}
	KUNIT_EXPECT_GT(p->test, failed(AUTONUMA_DROP_NODE_FULL), 0);
}

static void no_more_is_isolated_than_a_turn_a_batch_or_room_allow(struct kunit *test)
{
	run_prog(test, PROG_CPU, is_isolated_piecewise, NULL);
}

static void an_empty_registry_makes_no_progress(struct kunit *test)
{
	schedule_timeout_uninterruptible(60 * HZ);
	KUNIT_EXPECT_EQ(test, count_of(AUTONUMA_FULL_SCANS), 0);
	KUNIT_EXPECT_EQ(test, count_of(AUTONUMA_PAGES_SCANNED), 0);
}

/* What the scan would go on with is unmapped meanwhile; the next mapping is far above. */
static void unmaps_where_the_scan_is(struct prog *p)
{
	unsigned long low = 1UL << 40, high = 1UL << 41, place;
	int limit = 1000;

	set_knob(p->test, "scan_sleep_millisecs", "1000");
	wait_for_passes(p, 1);
	sys_mmap(low, 100 * PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0);
	sys_mmap(high, 8 * PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0);
	user_touch_range(low, 100 * PAGE_SIZE, true, 0, NULL);
	user_touch_range(high, 8 * PAGE_SIZE, true, 0, NULL);
	set_knob(p->test, "pages_to_scan", "50");
	do {
		user_compute(100 * MSEC);
		place = READ_ONCE(current->mm->mm_autonuma->address);
	} while ((place <= low || place >= low + 100 * PAGE_SIZE) && limit--);
	KUNIT_EXPECT_GT(p->test, place, low);
	KUNIT_EXPECT_FALSE(p->test, marked_at(high));
	KUNIT_EXPECT_EQ(p->test, sys_munmap(low, 100 * PAGE_SIZE), 0);
	trace_enable("autonuma_scan_mm");
	wait_for_passes(p, 1);
	p->addr = high;
	p->pages = 8;
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 8);
	/* One batch sees the eight pages and nothing of the gap. */
	KUNIT_EXPECT_EQ(p->test, traced("autonuma_scan_mm", "scanned=8 ", NULL), 1);
}

static void a_scan_goes_on_above_a_gap(struct kunit *test)
{
	run_prog(test, PROG_CPU, unmaps_where_the_scan_is, NULL);
}

/* A huge page that waits in a queue while it is split. */
struct queued_split {
	struct kunit *test;
	struct completion closed;
	struct folio *folio;
	unsigned long pfn, nth, points;
	bool hold_split;
};

static void split_it(struct queued_split *q)
{
	folio_lock(q->folio);
	KUNIT_EXPECT_EQ(q->test, split_folio(q->folio), 0);
	folio_unlock(q->folio);
}

/* Give and take the place in every way; in the end the page waits for node 1. */
static void use_queue(struct queued_split *q)
{
	struct autonuma_queued items[AUTONUMA_TURN];

	KUNIT_EXPECT_EQ(q->test, queue_add(q->pfn, HPAGE_PMD_ORDER, 1, 0), 0);
	KUNIT_EXPECT_EQ(q->test, queue_add(q->pfn, HPAGE_PMD_ORDER, 2, 0), 0);
	KUNIT_EXPECT_TRUE(q->test, autonuma_queue_cancel(q->pfn));
	KUNIT_EXPECT_FALSE(q->test, autonuma_queue_cancel(q->pfn));
	KUNIT_EXPECT_EQ(q->test, queue_add(q->pfn, HPAGE_PMD_ORDER, 3, 0), 0);
	KUNIT_EXPECT_EQ(q->test, autonuma_queue_take(0, 3, items, HPAGE_PMD_NR), 1);
	KUNIT_EXPECT_EQ(q->test, items[0].pfn, q->pfn);
	autonuma_queue_settle(3, HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(q->test, queue_add(q->pfn, HPAGE_PMD_ORDER, 1, 0), 0);
}

static int held_main(void *arg)
{
	struct queued_split *q = arg;

	directed_hold(current, q->nth);
	if (q->hold_split)
		split_it(q);
	else
		use_queue(q);
	q->points = directed_done();
	complete(&q->closed);
	return 0;
}

static void splits_once(struct queued_split *q)
{
	unsigned long addr = map_filled(q->test, 5);
	bool held;
	u64 since;
	int i;

	init_completion(&q->closed);
	q->folio = folio_at(addr);
	q->pfn = folio_pfn(q->folio);
	folio_get(q->folio);
	/* A kernel thread: its CPU need not answer when the program's entries are flushed. */
	kthread_run_on_cpu(held_main, q, HELPER_CPU, "held/%u");
	held = directed_await();
	since = ktime_get_ns();
	start_watching(current);
	if (q->hold_split)
		use_queue(q);
	else
		split_it(q);
	stop_watching();
	/* The one does not wait for the other, and a split knows nothing of queues. */
	KUNIT_EXPECT_LT(q->test, ktime_get_ns() - since, SEC);
	if (q->hold_split)
		KUNIT_EXPECT_GT(q->test, seen(&watch.locks), 0);
	else
		KUNIT_EXPECT_EQ(q->test, seen(&watch.locks), 0);
	if (held)
		directed_release();
	wait_for_completion(&q->closed);
	folio_put(q->folio);

	KUNIT_EXPECT_EQ(q->test, autonuma_queue_promised(1), HPAGE_PMD_NR);
	for (i = 0; i < HPAGE_PMD_NR; i++)
		KUNIT_EXPECT_EQ(q->test, autonuma_queue_cancel(q->pfn + i), !i);
	for (i = 1; i < 4; i++)
		KUNIT_EXPECT_EQ(q->test, autonuma_queue_promised(i), 0);
	KUNIT_EXPECT_FALSE(q->test, is_huge(addr));
	KUNIT_EXPECT_EQ(q->test, damage(addr, HPAGE_PMD_SIZE, 5), 0);
	KUNIT_EXPECT_EQ(q->test, sys_munmap(addr, HPAGE_PMD_SIZE), 0);
}

static void splits_everywhere(struct prog *p)
{
	struct queued_split q = { .test = p->test, .hold_split = p->arg };
	unsigned long i, points;

	/* Nobody else marks pages or takes places; the first pass is far away. */
	set_knob(p->test, "migrate_defer", "1");
	KUNIT_ASSERT_EQ(p->test, keep_khugepaged_away(p->test), 0);
	splits_once(&q);
	points = q.points;
	KUNIT_EXPECT_GT(p->test, points, 10);
	for (i = 0; i < HOLDS; i++) {
		q.nth = 1 + i * points / HOLDS;
		splits_once(&q);
	}
}

static void a_queue_is_sound_while_a_split_is_in_its_middle(struct kunit *test)
{
	run_prog(test, 0, splits_everywhere, "split");
	machine_quiesce();
	machine_check();
}

static void a_split_goes_on_while_a_queue_is_locked(struct kunit *test)
{
	run_prog(test, 0, splits_everywhere, NULL);
	machine_quiesce();
	machine_check();
}

static struct kunit_case review_cases[] = {
	KUNIT_CASE(a_short_life_takes_no_lock_and_allocates_nothing),
	KUNIT_CASE(nobody_pins_an_mm_in_a_pause_within_a_pass),
	KUNIT_CASE(a_batch_begins_after_the_source_served_last),
	KUNIT_CASE(no_more_is_isolated_than_a_turn_a_batch_or_room_allow),
	KUNIT_CASE(an_empty_registry_makes_no_progress),
	KUNIT_CASE(a_scan_goes_on_above_a_gap),
	KUNIT_CASE(a_queue_is_sound_while_a_split_is_in_its_middle),
	KUNIT_CASE(a_split_goes_on_while_a_queue_is_locked),
	{}
};

static const int review_cpu_node[] = { 0, 0, 0, 0, 1, 2, 3, 3 };
static const struct machine_config review_config = {
	.nr_nodes = 4, .nr_cpus = 8, .cpu_node = review_cpu_node,
};

/* Not earlier: the engine is anybody's who is in the same program. */
static int look_on(struct kunit_suite *suite)
{
	engine = *exec_engine;
	next_point = engine.point;
	engine.point = watching_point;
	exec_engine = &engine;
	return 0;
}

static void look_away(struct kunit_suite *suite)
{
	directed_use();
}

static struct kunit_suite review_suite = {
	.name = "autonuma-review",
	.suite_init = look_on,
	.suite_exit = look_away,
	.test_cases = review_cases,
};
kunit_machine_config(review_suite, review_config);
kunit_test_suite(review_suite);

static void __attribute__((constructor)) choose_engine(void)
{
	directed_use();
}
