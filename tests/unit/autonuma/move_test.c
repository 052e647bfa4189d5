// SPDX-License-Identifier: GPL-2.0
/*
 * When knuma_migratedN starts, which pages of a batch it tries again, and every failure of
 * an allocation, an isolation or a migration, once each in order.
 */
#include <linux/migrate.h>
#include <linux/mmu_notifier.h>
#include <linux/swap.h>
#include <machine/inject.h>
#include <machine/log.h>

#include "core_test.h"

/* Eight, or more, marked pages on node 0; the program is on node 2. */
static void map_marked(struct prog *p, unsigned long pages)
{
	map_and_write(p, pages);
	wait_for_passes(p, 1);
	go_to_node(p, 2);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), pages);
}

static void touch_some(struct prog *p, unsigned long from, unsigned long to)
{
	u64 val;

	for (; from < to; from++)
		KUNIT_EXPECT_EQ(p->test, user_read64(p->addr + from * PAGE_SIZE, &val), 0);
}

static void kick(void)
{
	int i;

	for (i = 0; i < 5; i++) {
		autonuma_migrate_kick();
		user_compute(SEC);
	}
}

static struct folio *folio_at(unsigned long addr)
{
	return page_folio(pte_page(entry_at(addr)));
}

/* The first page starts the daemon; what comes later waits for the end of its pause. */
static void starts_and_pauses(struct prog *p)
{
	unsigned long first;

	set_knob(p->test, "scan_pmd", "0");
	scan_steadily(p->test, 90000);
	set_knob(p->test, "migrate_sleep_millisecs", "20000");
	map_marked(p, 30);
	/* The pause after a batch of nothing is over. */
	user_compute(SEC);
	touch_some(p, 0, 9);
	user_compute(100 * MSEC);
	first = pages_on(p, 2);
	KUNIT_EXPECT_GE(p->test, first, 1);
	touch_some(p, 9, 15);
	user_compute(15 * SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), first);
	user_compute(6 * SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 15);
}

static void the_daemon_starts_at_once_and_then_once_in_a_pause(struct kunit *test)
{
	run_prog(test, 0, starts_and_pauses, NULL);
}

/* Four pages wait deferred, and then deferring is switched off. */
static void defer_four(struct prog *p)
{
	set_knob(p->test, "scan_pmd", "0");
	scan_steadily(p->test, 90000);
	set_knob(p->test, "migrate_defer", "1");
	set_knob(p->test, "pages_to_migrate", "160");
	map_marked(p, 20);
	touch_some(p, 0, 4);
	user_compute(5 * SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 0);
	set_knob(p->test, "migrate_defer", "0");
}

static void stops_deferring(struct prog *p)
{
	defer_four(p);
	touch_some(p, 4, 10);
	user_compute(SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 10);
}

static void deferring_can_be_switched_off_while_pages_wait(struct kunit *test)
{
	run_prog(test, 0, stops_deferring, NULL);
}

/* Nobody touches anything any more, and no pass begins: the knob alone lets them go. */
static void stops_deferring_in_silence(struct prog *p)
{
	defer_four(p);
	user_compute(SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 4);
}

static void deferred_pages_go_when_deferring_is_switched_off(struct kunit *test)
{
	run_prog(test, 0, stops_deferring_in_silence, NULL);
}

/* A pass of eight batches: half of its work is done long before its end. */
static void starts_in_the_middle(struct prog *p)
{
	unsigned long scans;
	u64 begin;

	set_knob(p->test, "migrate_defer", "1");
	set_knob(p->test, "pages_to_scan", "16");
	set_knob(p->test, "scan_sleep_millisecs", "1000");
	map_marked(p, 128);
	touch_some(p, 0, 128);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 128);
	scans = count_of(AUTONUMA_FULL_SCANS);
	/* The second pass begins some time within the next 10 s. */
	while (count_of(AUTONUMA_PAGES_MARKED) == 128)
		user_compute(100 * MSEC);
	begin = ktime_get_ns();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 0);
	while (!pages_on(p, 2) && ktime_get_ns() - begin < 30 * SEC)
		user_compute(100 * MSEC);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_FULL_SCANS), scans);
	KUNIT_EXPECT_GE(p->test, ktime_get_ns() - begin, 2 * SEC);
	KUNIT_EXPECT_LE(p->test, ktime_get_ns() - begin, 6 * SEC);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 128);
}

static void deferred_migration_starts_in_the_middle_of_a_pass(struct kunit *test)
{
	run_prog(test, 0, starts_in_the_middle, NULL);
}

/* Half of the pages is queued when the pass is past its middle. */
static void is_late(struct prog *p)
{
	unsigned long scans;

	set_knob(p->test, "scan_pmd", "0");
	set_knob(p->test, "migrate_defer", "1");
	set_knob(p->test, "pages_to_scan", "16");
	set_knob(p->test, "scan_sleep_millisecs", "1000");
	map_marked(p, 128);
	touch_some(p, 0, 64);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 64);
	scans = count_of(AUTONUMA_FULL_SCANS);
	while (pages_on(p, 2) < 64 && count_of(AUTONUMA_FULL_SCANS) == scans)
		user_compute(100 * MSEC);
	touch_some(p, 64, 128);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_FULL_SCANS), scans);
	wait_for_passes(p, 1);
	user_compute(SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 64);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 64);
	wait_for_passes(p, 1);
	user_compute(SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 128);
}

static void what_is_queued_after_the_middle_waits_for_the_next_pass(struct kunit *test)
{
	run_prog(test, 0, is_late, NULL);
}

/* The next pass finds a tenth of what the last one had: it kicks at its end. */
static void pass_is_shorter(struct prog *p)
{
	struct prog big = *p;

	set_knob(p->test, "migrate_defer", "1");
	map_and_write(&big, 4096);
	map_marked(p, 8);
	touch_some(p, 0, 8);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 8);
	KUNIT_EXPECT_EQ(p->test, sys_munmap(big.addr, 4096 * PAGE_SIZE), 0);
	user_compute(2 * SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 0);
	wait_for_passes(p, 1);
	wait_for_migration();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 8);
}

static void a_shorter_pass_starts_migration_at_its_end(struct kunit *test)
{
	run_prog(test, 0, pass_is_shorter, NULL);
}

/* Of four pages the third is busy: it alone is tried again, three times in all. */
static void third_is_busy(struct prog *p)
{
	struct folio *folio;
	char text[32];

	trace_enable("autonuma_*");
	set_knob(p->test, "debug", "1");
	set_knob(p->test, "migrate_defer", "1");
	map_marked(p, 4);
	touch_all(p);
	folio = folio_at(p->addr + 2 * PAGE_SIZE);
	folio_get(folio);
	kick();
	snprintf(text, sizeof(text), "pfn=%lx ", folio_pfn(folio));
	KUNIT_EXPECT_EQ(p->test, traced("autonuma_queue", text, NULL), 3);
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_queue"), 4 + 2);
	KUNIT_EXPECT_EQ(p->test, traced("autonuma_drop", "reason=busy", NULL), 1);
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_drop"), 1);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_BUSY), 1);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_NONE), 0);
	snprintf(text, sizeof(text), "pfn %lx stays off node 2", folio_pfn(folio));
	KUNIT_EXPECT_TRUE(p->test, log_contains(text));
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 3);
	KUNIT_EXPECT_EQ(p->test, mm_page_node(current->mm, p->addr + 2 * PAGE_SIZE), 0);
	folio_put(folio);
	expect_contents(p);
}

static void only_the_page_that_failed_is_tried_again(struct kunit *test)
{
	run_prog(test, 0, third_is_busy, NULL);
}

/* Somebody isolated a page for a moment: it moves when it is back. */
static void isolated_once(struct prog *p)
{
	struct folio *folio;
	LIST_HEAD(list);

	set_knob(p->test, "migrate_defer", "1");
	map_marked(p, 4);
	touch_all(p);
	folio = folio_at(p->addr);
	folio_get(folio);
	KUNIT_EXPECT_TRUE(p->test, isolate_folio_to_list(folio, &list));
	folio_put(folio);
	autonuma_migrate_kick();
	user_compute(SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 3);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 1);
	putback_movable_pages(&list);
	lru_add_drain();
	kick();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 4);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_OFF_LRU), 0);
}

static void a_page_isolated_for_a_moment_moves_later(struct kunit *test)
{
	run_prog(test, 0, isolated_once, NULL);
}

/* The daemon cannot isolate one of them, once: it is queued again, without a new fault. */
static void not_isolated_once(struct prog *p)
{
	int handle;

	trace_enable("autonuma_queue");
	set_knob(p->test, "migrate_defer", "1");
	map_marked(p, 4);
	touch_all(p);
	handle = inject_set((struct inject_rule) { .sites = 1 << INJECT_ISOLATE, .nth = 1 });
	autonuma_migrate_kick();
	user_compute(SEC);
	KUNIT_EXPECT_EQ(p->test, inject_failed(handle), 1);
	inject_clear(handle);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 3);
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_queue"), 5);
	autonuma_migrate_kick();
	user_compute(SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 4);
}

static void a_page_that_could_not_be_isolated_is_queued_again(struct kunit *test)
{
	run_prog(test, 0, not_isolated_once, NULL);
}

/* Nobody wants them there any more: they are judged once, and nothing is moved. */
static void wants_none(struct prog *p)
{
	unsigned long i;

	trace_enable("autonuma_*");
	KUNIT_EXPECT_FALSE(p->test, log_contains("stays off node"));
	set_knob(p->test, "migrate_defer", "1");
	map_marked(p, 4);
	touch_all(p);
	for (i = 0; i < 4; i++)
		folio_xchg_last_cpupid(folio_at(p->addr + i * PAGE_SIZE),
				       cpu_pid_to_cpupid(cpu_of(3), current->pid));
	kick();
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_UNWANTED), 4);
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_drop"), 4);
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_queue"), 4);
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_moved"), 0);
	KUNIT_EXPECT_FALSE(p->test, log_contains("stays off node"));
}

static void an_unwanted_page_is_not_tried_again(struct kunit *test)
{
	run_prog(test, 0, wants_none, NULL);
}

/* The second frame of a folio of four is queued, as if they had been joined meanwhile. */
static void a_frame_that_became_part_of_a_folio_is_dropped(struct kunit *test)
{
	struct folio *folio = __folio_alloc_node(GFP_KERNEL | __GFP_THISNODE, 2, 0);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	set_knob(test, "migrate_sleep_millisecs", "1");
	folio_xchg_last_cpupid(folio, cpu_pid_to_cpupid(cpu_of(2), 1));
	KUNIT_EXPECT_EQ(test, queue_add(folio_pfn(folio) + 1, 0, 2, 0),
			AUTONUMA_DROP_NONE);
	schedule_timeout_uninterruptible(HZ);
	KUNIT_EXPECT_EQ(test, autonuma_queue_promised(2), 0);
	KUNIT_EXPECT_EQ(test, failed(AUTONUMA_DROP_GONE), 1);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	folio_put(folio);
}

static void moves_by_hand(struct prog *p)
{
	struct folio *folio;
	LIST_HEAD(list);
	int i;

	map_and_write(p, 3);
	lru_add_drain();
	for (i = 0; i < 3; i++) {
		folio = folio_at(p->addr + i * PAGE_SIZE);
		folio_get(folio);
		KUNIT_EXPECT_TRUE(p->test, isolate_folio_to_list(folio, &list));
		/* One stays busy. */
		if (i)
			folio_put(folio);
	}
	folio = folio_at(p->addr);
	KUNIT_EXPECT_EQ(p->test, autonuma_migrate_list(&list, 3), 2);
	KUNIT_EXPECT_TRUE(p->test, list_empty(&list));
	KUNIT_EXPECT_TRUE(p->test, folio_test_lru(folio));
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 3), 2);
	folio_put(folio);
}

static void the_number_of_pages_moved_is_returned(struct kunit *test)
{
	run_prog(test, 0, moves_by_hand, NULL);
}

/*
 * While the first page of a batch moves, the only other one loses its place: the batch
 * was to be of two, and ends although only one came.
 */
struct thief {
	struct mmu_notifier notifier;
	unsigned long pfn;
	int stolen;
};

static int steal(struct mmu_notifier *n, const struct mmu_notifier_range *r)
{
	struct thief *t = container_of(n, struct thief, notifier);

	if (r->event == MMU_NOTIFY_CLEAR && strstarts(current->comm, "knuma_migrated"))
		t->stolen += autonuma_queue_cancel(t->pfn);
	return 0;
}

static const struct mmu_notifier_ops thief_ops = { .invalidate_range_start = steal };

static void is_robbed(struct prog *p)
{
	struct thief t = { .notifier.ops = &thief_ops };

	set_knob(p->test, "migrate_defer", "1");
	map_marked(p, 1);
	touch_all(p);
	t.pfn = NODE_DATA(1)->node_start_pfn + 5;
	KUNIT_EXPECT_EQ(p->test, queue_add(t.pfn, 0, 2, 0), AUTONUMA_DROP_NONE);
	KUNIT_EXPECT_EQ(p->test, mmu_notifier_register(&t.notifier, current->mm), 0);
	kick();
	mmu_notifier_unregister(&t.notifier, current->mm);
	KUNIT_EXPECT_EQ(p->test, t.stolen, 1);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 1);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 0);
}

static void a_batch_ends_when_a_place_was_taken_away(struct kunit *test)
{
	run_prog(test, 0, is_robbed, NULL);
}

/* Who is denied once what, in order, while a program's pages go to its node. */
static const struct denied {
	const char *comm;	/* the task that asks; NULL: the program, in its faults */
	const char *async;
} denieds[] = {
	{ "knuma_scand", "1" },
	{ "knuma_migrated2", "1" },
	{ NULL, "0" },
};

static void denied_desc(const struct denied *d, char *desc)
{
	strscpy(desc, d->comm ?: "fault", KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(denied, denieds, denied_desc);

static struct task_struct *find_task(const char *comm)
{
	struct task_struct *p, *found = NULL;

	rcu_read_lock();
	for_each_process(p) {
		if (!strncmp(p->comm, comm, TASK_COMM_LEN - 1))
			found = p;
	}
	rcu_read_unlock();
	return found;
}

static unsigned long nr_denied;

static void goes_home(struct prog *p)
{
	const struct denied *d = p->test->param_value;
	struct inject_rule rule = {
		.nth = (unsigned long)p->arg, .task = d->comm ? find_task(d->comm) : current,
	};
	int handle = -1, i;

	KUNIT_EXPECT_NOT_NULL(p->test, rule.task);
	if (d->comm)
		handle = inject_set(rule);
	map_and_write(p, 3);
	go_to_node(p, 2);
	for (i = 0; i < 4; i++) {
		wait_for_passes(p, 1);
		/* The program itself asks for nothing but by its hinting faults here. */
		if (!d->comm && !i)
			handle = inject_set(rule);
		touch_all(p);
		if (!d->comm && !i) {
			nr_denied = inject_failed(handle);
			inject_clear(handle);
		}
		wait_for_migration();
	}
	if (d->comm) {
		nr_denied = inject_failed(handle);
		inject_clear(handle);
	}
	KUNIT_EXPECT_NOT_NULL(p->test, current->mm->mm_autonuma);
	KUNIT_EXPECT_NOT_NULL(p->test, current->task_autonuma);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 3);
	KUNIT_EXPECT_EQ(p->test, node_page_state(NODE_DATA(0), NR_ISOLATED_ANON), 0);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 0);
	expect_contents(p);
}

static void whatever_fails_once_pages_get_home(struct kunit *test)
{
	const struct denied *d = test->param_value;
	unsigned long nth = 0;

	set_knob(test, "migrate_async", d->async);
	do {
		run_prog(test, 0, goes_home, (void *)++nth);
		KUNIT_ASSERT_LT(test, nth, 200);
	} while (nr_denied);
	/* An mm and a task; or three pages' allocations, isolations and migrations. */
	KUNIT_EXPECT_GE(test, nth - 1, d->comm && !strcmp(d->comm, "knuma_scand") ? 2 : 9);
}

static struct kunit_case move_cases[] = {
	KUNIT_CASE(the_daemon_starts_at_once_and_then_once_in_a_pause),
	KUNIT_CASE(deferring_can_be_switched_off_while_pages_wait),
	KUNIT_CASE(deferred_pages_go_when_deferring_is_switched_off),
	KUNIT_CASE(deferred_migration_starts_in_the_middle_of_a_pass),
	KUNIT_CASE(what_is_queued_after_the_middle_waits_for_the_next_pass),
	KUNIT_CASE(a_shorter_pass_starts_migration_at_its_end),
	KUNIT_CASE(only_the_page_that_failed_is_tried_again),
	KUNIT_CASE(a_page_isolated_for_a_moment_moves_later),
	KUNIT_CASE(a_page_that_could_not_be_isolated_is_queued_again),
	KUNIT_CASE(an_unwanted_page_is_not_tried_again),
	KUNIT_CASE(a_frame_that_became_part_of_a_folio_is_dropped),
	KUNIT_CASE(the_number_of_pages_moved_is_returned),
	KUNIT_CASE(a_batch_ends_when_a_place_was_taken_away),
	KUNIT_CASE_PARAM(whatever_fails_once_pages_get_home, denied_gen_params),
	{}
};

static struct kunit_suite move_suite = {
	.name = "autonuma-move",
	.test_cases = move_cases,
};
kunit_test_suite(move_suite);
