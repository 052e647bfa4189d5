// SPDX-License-Identifier: GPL-2.0
/*
 * knuma_migratedN: everything is judged again at dequeue, nothing is lost, work is bounded.
 *
 * With migrate_defer on, queued pages wait until the case has done to them what it
 * wants, and kick() lets the daemons start.
 */
#include <linux/migrate.h>
#include <linux/swap.h>
#include <machine/inject.h>
#include <machine/trace.h>

#include "core_test.h"

/* Write @pages on the node of the CPU, get them queued for @target_nid, and hold them. */
static void queue_for(struct prog *p, unsigned long pages, int target_nid)
{
	set_knob(p->test, "migrate_defer", "1");
	map_and_write(p, pages);
	wait_for_passes(p, 1);
	go_to_node(p, target_nid);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(target_nid), pages);
}

/* Let the daemons start, and give them time for their retries. */
static void kick(void)
{
	int i;

	for (i = 0; i < 5; i++) {
		autonuma_migrate_kick();
		user_compute(SEC);
	}
}

/* The folio behind the first page of the program; no reference. */
static struct folio *first_folio(struct prog *p)
{
	return page_folio(pte_page(entry_at(p->addr)));
}

static void pulls(struct prog *p)
{
	queue_for(p, 50, 3);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), 50);
	kick();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 3), 50);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(3), 0);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_MIGRATED), 50);
	expect_contents(p);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 1), 0);
}

static void queued_pages_arrive_with_their_contents(struct kunit *test)
{
	run_prog(test, 0, pulls, NULL);
}

static void vanishes(struct prog *p)
{
	queue_for(p, 10, 1);
	KUNIT_EXPECT_EQ(p->test, sys_munmap(p->addr, 10 * PAGE_SIZE), 0);
	kick();
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(1), 0);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_MIGRATED), 0);
	/* Free, or already something else that nobody sampled. */
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_GONE) + failed(AUTONUMA_DROP_UNWANTED) +
			failed(AUTONUMA_DROP_OFF_LRU), 10);
	KUNIT_EXPECT_GT(p->test, failed(AUTONUMA_DROP_GONE), 0);
}

static void a_page_freed_while_queued_is_dropped(struct kunit *test)
{
	run_prog(test, 0, vanishes, NULL);
}

static struct page *is_offline(unsigned long pfn)
{
	return NULL;
}

static void goes_offline(struct prog *p)
{
	queue_for(p, 4, 1);
	kunit_activate_static_stub(p->test, pfn_to_online_page, is_offline);
	kick();
	kunit_deactivate_static_stub(p->test, pfn_to_online_page);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_GONE), 4);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(1), 0);
}

static void a_page_that_went_offline_while_queued_is_dropped(struct kunit *test)
{
	run_prog(test, 0, goes_offline, NULL);
}

/* It was freed and allocated again, which forgets who touched it: no node is asked for. */
static void is_used_anew(struct prog *p)
{
	queue_for(p, 4, 1);
	folio_xchg_last_cpupid(first_folio(p), -1);
	kick();
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_UNWANTED), 1);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), 3);
}

static void a_page_used_anew_while_queued_stays(struct kunit *test)
{
	run_prog(test, 0, is_used_anew, NULL);
}

static void unwanted(struct prog *p)
{
	queue_for(p, 4, 1);
	folio_xchg_last_cpupid(first_folio(p), cpu_pid_to_cpupid(cpu_of(2), current->pid));
	kick();
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_UNWANTED), 1);
	KUNIT_EXPECT_EQ(p->test, mm_page_node(current->mm, p->addr), 0);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), 3);
}

static void a_page_last_touched_from_elsewhere_stays(struct kunit *test)
{
	run_prog(test, 0, unwanted, NULL);
}

static void pinned(struct prog *p)
{
	struct page *page;

	queue_for(p, 4, 1);
	KUNIT_EXPECT_EQ(p->test, pin_user_pages_fast(p->addr, 1, FOLL_WRITE, &page), 1);
	kick();
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_PINNED), 1);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), 3);
	KUNIT_EXPECT_TRUE(p->test, folio_test_lru(first_folio(p)));
	unpin_user_page(page);
}

static void a_page_pinned_while_queued_stays(struct kunit *test)
{
	run_prog(test, 0, pinned, NULL);
}

/* A page of a file, for which a group may have agreed; that it is pinned is another matter. */
static void is_pinned_and_shared(struct prog *p)
{
	struct folio *folio;
	struct page *page;

	set_knob(p->test, "migrate_defer", "1");
	p->addr = sys_mmap(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, NULL, 0);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 1), 0);
	lru_add_drain_all();
	folio = first_folio(p);
	folio_xchg_last_cpupid(folio, cpu_pid_to_cpupid(cpu_of(1), current->pid));
	KUNIT_EXPECT_EQ(p->test, queue_add(folio_pfn(folio), 0, 1, 0), AUTONUMA_DROP_NONE);
	KUNIT_EXPECT_EQ(p->test, pin_user_pages_fast(p->addr, 1, FOLL_WRITE, &page), 1);
	kick();
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_PINNED), 1);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_BUSY), 0);
	unpin_user_page(page);
}

static void a_page_of_a_file_pinned_while_queued_stays(struct kunit *test)
{
	run_prog(test, 0, is_pinned_and_shared, NULL);
}

static int idle_child(void *arg)
{
	user_compute(20 * SEC);
	return 0;
}

static void shared(struct prog *p)
{
	long pid;

	queue_for(p, 4, 1);
	pid = sys_fork(idle_child, NULL);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 1), 0);
	kick();
	/* The written one was copied, and its old page is the child's alone. */
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_SHARED), 3);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
	expect_contents(p);
}

static void a_page_shared_while_queued_stays(struct kunit *test)
{
	run_prog(test, 0, shared, NULL);
}

static void isolated(struct prog *p)
{
	struct folio *folio;
	LIST_HEAD(list);

	queue_for(p, 4, 1);
	folio = first_folio(p);
	folio_get(folio);
	KUNIT_EXPECT_TRUE(p->test, isolate_folio_to_list(folio, &list));
	folio_put(folio);
	kick();
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_OFF_LRU), 1);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), 3);
	putback_movable_pages(&list);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(1), 0);
}

static void a_page_somebody_isolated_is_tried_again_and_dropped(struct kunit *test)
{
	run_prog(test, 0, isolated, NULL);
}

/* An unexpected reference makes migration fail every time. */
static void busy(struct prog *p)
{
	struct folio *folio;

	trace_enable("autonuma_queue");
	queue_for(p, 4, 1);
	folio = first_folio(p);
	folio_get(folio);
	kick();
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_BUSY), 1);
	/* Four places at first, two more for the retries of one of them. */
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_queue"), 4 + 2);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), 3);
	KUNIT_EXPECT_TRUE(p->test, folio_test_lru(folio));
	folio_put(folio);
	KUNIT_EXPECT_EQ(p->test, node_page_state(NODE_DATA(0), NR_ISOLATED_ANON), 0);
	expect_contents(p);
}

static void a_page_that_cannot_move_is_back_on_the_lru_after_three_tries(struct kunit *test)
{
	run_prog(test, 0, busy, NULL);
}

static void busy_once(struct prog *p)
{
	struct folio *folio;

	queue_for(p, 4, 1);
	folio = first_folio(p);
	folio_get(folio);
	autonuma_migrate_kick();
	user_compute(50 * MSEC);
	folio_put(folio);
	kick();
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_BUSY), 0);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), 4);
}

static void a_page_that_could_not_move_once_moves_the_next_time(struct kunit *test)
{
	run_prog(test, 0, busy_once, NULL);
}

static void no_memory(struct prog *p)
{
	struct inject_rule rule = { .sites = 1 << INJECT_PAGE, .per_million = 1000000 };
	int handle;

	queue_for(p, 4, 1);
	handle = inject_set(rule);
	kick();
	KUNIT_EXPECT_GT(p->test, inject_failed(handle), 0);
	inject_clear(handle);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_BUSY), 4);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), 4);
	KUNIT_EXPECT_EQ(p->test, node_page_state(NODE_DATA(0), NR_ISOLATED_ANON), 0);
	expect_contents(p);
}

static void without_memory_on_the_target_no_page_is_lost(struct kunit *test)
{
	run_prog(test, 0, no_memory, NULL);
}

/* Take all of a node's memory above its high watermarks. */
static void fill_node(struct list_head *pages, int nid)
{
	struct page *page;

	while (autonuma_room(nid) > 0) {
		page = alloc_pages_node(nid, GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN, 0);
		if (!page)
			break;
		list_add(&page->lru, pages);
	}
}

static void drain_node(struct list_head *pages)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, pages, lru) {
		list_del(&page->lru);
		__free_pages(page, 0);
	}
}

static void node_full(struct prog *p)
{
	LIST_HEAD(filler);

	map_and_write(p, 8);
	wait_for_passes(p, 1);
	fill_node(&filler, 2);
	go_to_node(p, 2);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_NODE_FULL), 8);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_QUEUED), 0);
	drain_node(&filler);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), 8);
}

static void no_page_is_queued_to_a_full_node(struct kunit *test)
{
	run_prog(test, 0, node_full, NULL);
}

/* It fills up between queueing and the daemon's turn. */
static void node_fills_up(struct prog *p)
{
	LIST_HEAD(filler);
	struct page *page;

	queue_for(p, 8, 2);
	fill_node(&filler, 2);
	while ((page = alloc_pages_node(2, GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN, 0))) {
		list_add(&page->lru, &filler);
		if (autonuma_room(2) <= -8)
			break;
	}
	kick();
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_NODE_FULL), 8);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), 8);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 0);
	drain_node(&filler);
}

static void room_is_judged_again_at_dequeue(struct kunit *test)
{
	run_prog(test, 0, node_fills_up, NULL);
}

/* Room for as many pages as wait is enough. */
static void fills_the_node(struct prog *p)
{
	struct page *page;
	LIST_HEAD(filler);

	queue_for(p, 8, 2);
	while (autonuma_free_room(2) > 8) {
		page = alloc_pages_node(2, GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN, 0);
		KUNIT_ASSERT_NOT_NULL(p->test, page);
		list_add(&page->lru, &filler);
	}
	KUNIT_EXPECT_EQ(p->test, autonuma_free_room(2), 8);
	kick();
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_NODE_FULL), 0);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 8);
	drain_node(&filler);
}

static void the_last_free_pages_are_used(struct kunit *test)
{
	run_prog(test, 0, fills_the_node, NULL);
}

static void batches(struct prog *p)
{
	u64 begin;

	set_knob(p->test, "pages_to_migrate", "8");
	queue_for(p, 40, 1);
	begin = ktime_get_ns();
	set_knob(p->test, "migrate_defer", "0");
	autonuma_migrate_kick();
	while (pages_on(p, 1) < 40 && ktime_get_ns() - begin < 60 * SEC) {
		u64 batches = (ktime_get_ns() - begin) / (100 * MSEC) + 1;

		KUNIT_EXPECT_LE(p->test, pages_on(p, 1), 8 * batches);
		user_compute(20 * MSEC);
	}
	KUNIT_EXPECT_GE(p->test, ktime_get_ns() - begin, 400 * MSEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), 40);
}

static void a_batch_is_bounded_per_pause(struct kunit *test)
{
	run_prog(test, 0, batches, NULL);
}

/* Pages of nodes 0, 1 and 3 wait for node 2; each source has its turn. */
static void round_robin(struct prog *p)
{
	nodemask_t node;
	int nid;
	long addr = sys_mmap(0, 192 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);

	p->addr = addr;
	p->pages = 192;
	set_knob(p->test, "migrate_defer", "1");
	for (nid = 0; nid < 4; nid++) {
		if (nid == 2)
			continue;
		node = nodemask_of_node(nid);
		KUNIT_EXPECT_EQ(p->test, sys_set_mempolicy(MPOL_BIND, &node), 0);
		KUNIT_EXPECT_EQ(p->test, user_touch_range(addr, 64 * PAGE_SIZE, true, 0, NULL), 0);
		addr += 64 * PAGE_SIZE;
	}
	KUNIT_EXPECT_EQ(p->test, sys_set_mempolicy(MPOL_DEFAULT, NULL), 0);
	wait_for_passes(p, 1);
	go_to_node(p, 2);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 192);

	/* Batches of 64 pages: one source each, none twice before all had their turn. */
	set_knob(p->test, "pages_to_migrate", "64");
	for (nid = 1; nid <= 3; nid++) {
		autonuma_migrate_kick();
		user_compute(SEC);
		KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 64 * nid);
	}
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 192);
}

static void sources_take_turns(struct kunit *test)
{
	run_prog(test, 0, round_robin, NULL);
}

static void a_daemon_runs_on_its_node(struct kunit *test)
{
	struct task_struct *p;
	int nid, found = 0;
	char name[32];

	for (nid = 0; nid < 4; nid++) {
		snprintf(name, sizeof(name), "knuma_migrated%d", nid);
		rcu_read_lock();
		for_each_process(p) {
			if (strncmp(p->comm, name, TASK_COMM_LEN - 1))
				continue;
			if (cpumask_equal(p->cpus_ptr, cpumask_of_node(nid)))
				found++;
		}
		rcu_read_unlock();
	}
	KUNIT_EXPECT_EQ(test, found, 4);
}

static void defers(struct prog *p)
{
	queue_for(p, 8, 1);
	user_compute(5 * SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), 0);
	wait_for_passes(p, 1);
	wait_for_migration();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), 8);
}

static void deferred_pages_wait_for_the_next_pass(struct kunit *test)
{
	run_prog(test, 0, defers, NULL);
}

/* A pass looks at 96 pages, 8 at a time. */
static void defers_to_the_middle(struct prog *p)
{
	unsigned long begin;

	set_knob(p->test, "pages_to_scan", "8");
	queue_for(p, 96, 1);
	begin = count_of(AUTONUMA_PAGES_SCANNED);
	KUNIT_EXPECT_EQ(p->test, begin, 96UL);
	while (autonuma_queue_promised(1) == 96)
		user_compute(10 * MSEC);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_SCANNED) - begin, 48UL);
}

static void deferred_pages_move_from_the_middle_of_a_pass_on(struct kunit *test)
{
	run_prog(test, 0, defers_to_the_middle, NULL);
}

static void fault_mode_fails(struct prog *p)
{
	struct inject_rule rule = { .sites = 1 << INJECT_PAGE, .per_million = 1000000 };
	int handle;

	set_knob(p->test, "migrate_async", "0");
	map_and_write(p, 8);
	wait_for_passes(p, 1);
	go_to_node(p, 1);
	handle = inject_set(rule);
	touch_all(p);
	inject_clear(handle);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_BUSY), 8);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), 8);
	KUNIT_EXPECT_TRUE(p->test, folio_test_lru(first_folio(p)));
	KUNIT_EXPECT_EQ(p->test, node_page_state(NODE_DATA(0), NR_ISOLATED_ANON), 0);
	expect_contents(p);
}

static void a_fault_that_cannot_move_puts_pages_back(struct kunit *test)
{
	run_prog(test, 0, fault_mode_fails, NULL);
}

static void disables(struct prog *p)
{
	queue_for(p, 8, 1);
	set_knob(p->test, "enabled", "0");
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(1), 0);
	kick();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), 0);
}

static void disabling_takes_every_place_away(struct kunit *test)
{
	run_prog(test, 0, disables, NULL);
}

static struct kunit_case migrate_cases[] = {
	KUNIT_CASE(queued_pages_arrive_with_their_contents),
	KUNIT_CASE(a_page_freed_while_queued_is_dropped),
	KUNIT_CASE(a_page_that_went_offline_while_queued_is_dropped),
	KUNIT_CASE(a_page_used_anew_while_queued_stays),
	KUNIT_CASE(a_page_last_touched_from_elsewhere_stays),
	KUNIT_CASE(a_page_pinned_while_queued_stays),
	KUNIT_CASE(a_page_of_a_file_pinned_while_queued_stays),
	KUNIT_CASE(a_page_shared_while_queued_stays),
	KUNIT_CASE(a_page_somebody_isolated_is_tried_again_and_dropped),
	KUNIT_CASE(a_page_that_cannot_move_is_back_on_the_lru_after_three_tries),
	KUNIT_CASE(a_page_that_could_not_move_once_moves_the_next_time),
	KUNIT_CASE(without_memory_on_the_target_no_page_is_lost),
	KUNIT_CASE(no_page_is_queued_to_a_full_node),
	KUNIT_CASE(room_is_judged_again_at_dequeue),
	KUNIT_CASE(the_last_free_pages_are_used),
	KUNIT_CASE(a_batch_is_bounded_per_pause),
	KUNIT_CASE(sources_take_turns),
	KUNIT_CASE(a_daemon_runs_on_its_node),
	KUNIT_CASE(deferred_pages_wait_for_the_next_pass),
	KUNIT_CASE(deferred_pages_move_from_the_middle_of_a_pass_on),
	KUNIT_CASE(a_fault_that_cannot_move_puts_pages_back),
	KUNIT_CASE(disabling_takes_every_place_away),
	{}
};

static struct kunit_suite migrate_suite = {
	.name = "autonuma-migrate",
	.test_cases = migrate_cases,
};
kunit_test_suite(migrate_suite);
