// SPDX-License-Identifier: GPL-2.0
/*
 * Huge pages in the core: queued and moved whole; split when the target has no huge
 * page; large folios mapped by small entries.
 */
#include <linux/migrate.h>
#include <machine/log.h>

#include "huge_test.h"

static void moves_whole(struct prog *p)
{
	unsigned long migrated, whole, split, success;

	if (p->arg)
		set_knob(p->test, "migrate_async", "0");
	map_huge_and_write(p, 2);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), p->pages);
	migrated = count_of(AUTONUMA_PAGES_MIGRATED);
	whole = count_of(AUTONUMA_THP_MIGRATED);
	split = count_of(AUTONUMA_THP_SPLIT);
	success = huge_events(THP_MIGRATION_SUCCESS);
	want_on(p, 1);
	if (!p->arg)
		wait_for_migration();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), p->pages);
	KUNIT_EXPECT_TRUE(p->test, is_huge(p->addr));
	KUNIT_EXPECT_TRUE(p->test, is_huge(p->addr + HUGE_BYTES));
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_MIGRATED) - migrated, p->pages);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_THP_MIGRATED) - whole, 2);
	KUNIT_EXPECT_EQ(p->test, huge_events(THP_MIGRATION_SUCCESS) - success, 2);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_THP_SPLIT), split);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(1), 0);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 1), 0);
	expect_contents(p);
}

static void a_huge_page_moves_whole(struct kunit *test)
{
	run_prog(test, 0, moves_whole, NULL);
	machine_quiesce();
	machine_check();
}

static void a_huge_page_moves_whole_in_the_fault(struct kunit *test)
{
	run_prog(test, 0, moves_whole, "fault");
	machine_quiesce();
	machine_check();
}

static void arrives_in_parts(struct prog *p)
{
	struct inject_rule no_huge = { .sites = BIT(INJECT_PAGE), .min_order = HPAGE_PMD_ORDER,
					.per_million = 1000000 };
	unsigned long migrated, split;
	int rule;

	if (p->arg)
		set_knob(p->test, "migrate_async", "0");
	map_huge_and_write(p, 1);
	migrated = count_of(AUTONUMA_PAGES_MIGRATED);
	split = count_of(AUTONUMA_THP_SPLIT);
	rule = inject_set(no_huge);
	want_on(p, 3);
	if (!p->arg)
		wait_for_migration();
	KUNIT_EXPECT_GT(p->test, inject_failed(rule), 0);
	inject_clear(rule);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 3), p->pages);
	KUNIT_EXPECT_FALSE(p->test, is_huge(p->addr));
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_MIGRATED) - migrated, p->pages);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_THP_SPLIT) - split, 1);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_THP_MIGRATED), 0);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(3), 0);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 1), 0);
	expect_contents(p);
}

static void without_a_huge_page_at_the_target_the_parts_arrive(struct kunit *test)
{
	run_prog(test, 0, arrives_in_parts, NULL);
	machine_quiesce();
	machine_check();
}

static void without_a_huge_page_the_fault_moves_the_parts(struct kunit *test)
{
	run_prog(test, 0, arrives_in_parts, "fault");
	machine_quiesce();
	machine_check();
}

/* All other nodes have huge pages; half of node 3 is free, in pieces of half a huge page. */
static void finds_pieces_only(struct prog *p)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN;
	unsigned int order = HPAGE_PMD_ORDER - 1;
	struct page *page, *next;
	LIST_HEAD(kept);

	map_huge_and_write(p, 1);
	while ((page = alloc_pages_node(3, gfp, order)))
		list_add(&page->lru, &kept);
	list_for_each_entry_safe(page, next, &kept, lru) {
		if (page_to_pfn(page) & (1UL << order)) {
			list_del(&page->lru);
			__free_pages(page, order);
		}
	}
	KUNIT_EXPECT_GT(p->test, autonuma_room(3), 2 * HPAGE_PMD_NR);
	want_on(p, 3);
	wait_for_migration();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 3), p->pages);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_THP_SPLIT), 1);
	KUNIT_EXPECT_FALSE(p->test, log_contains("page allocation failure"));
	expect_contents(p);
	list_for_each_entry_safe(page, next, &kept, lru) {
		list_del(&page->lru);
		__free_pages(page, order);
	}
}

static void a_huge_page_of_a_third_node_is_no_place(struct kunit *test)
{
	run_prog(test, 0, finds_pieces_only, NULL);
}

/* Splitting fails as well: nothing moves, nothing is lost. */
static void stays_whole(struct prog *p)
{
	struct inject_rule no_huge = { .sites = BIT(INJECT_PAGE), .min_order = HPAGE_PMD_ORDER,
					.per_million = 1000000 };
	struct inject_rule no_split = { .sites = BIT(INJECT_SPLIT), .per_million = 1000000 };

	map_huge_and_write(p, 1);
	inject_set(no_huge);
	inject_set(no_split);
	want_on(p, 3);
	wait_for_migration();
	inject_clear_all();
	/* The attempts left small entries behind. */
	KUNIT_EXPECT_TRUE(p->test, folio_test_large(folio_at(p->addr)));
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), p->pages);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_BUSY), HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(3), 0);
	KUNIT_EXPECT_TRUE(p->test, folio_test_lru(folio_at(p->addr)));
	expect_contents(p);
}

static void a_huge_page_that_cannot_be_split_stays(struct kunit *test)
{
	run_prog(test, 0, stays_whole, NULL);
	machine_quiesce();
	machine_check();
}

/* Somebody is in the way, but there is a huge page: trying again is all. */
static void is_busy(struct prog *p)
{
	struct inject_rule busy = { .sites = BIT(INJECT_MIGRATE), .per_million = 1000000 };

	map_huge_and_write(p, 1);
	inject_set(busy);
	want_on(p, 3);
	wait_for_migration();
	inject_clear_all();
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_THP_SPLIT), 0);
	KUNIT_EXPECT_TRUE(p->test, folio_test_large(folio_at(p->addr)));
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_BUSY), HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_THP_MIGRATED), 0);
	expect_contents(p);
}

static void a_busy_huge_page_is_not_split(struct kunit *test)
{
	run_prog(test, 0, is_busy, NULL);
	machine_quiesce();
	machine_check();
}

/* Split, and then its parts are busy: each is tried again, alone. */
static void parts_are_busy(struct prog *p)
{
	struct inject_rule no_huge = { .sites = BIT(INJECT_PAGE), .min_order = HPAGE_PMD_ORDER,
					.per_million = 1000000 };
	struct inject_rule busy = { .sites = BIT(INJECT_MIGRATE), .per_million = 1000000 };

	map_huge_and_write(p, 1);
	inject_set(no_huge);
	inject_set(busy);
	want_on(p, 3);
	wait_for_migration();
	inject_clear_all();
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_THP_SPLIT), 1);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_BUSY), HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(3), 0);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), p->pages);
	expect_contents(p);
}

static void the_parts_of_a_split_page_are_tried_again_alone(struct kunit *test)
{
	run_prog(test, 0, parts_are_busy, NULL);
	machine_quiesce();
	machine_check();
}

/* Give @folio's place to the queue of node 2, as two samples from there would. */
static void queue_for_node_2(struct folio *folio)
{
	folio_xchg_last_cpupid(folio, cpu_pid_to_cpupid(cpu_of(2), 1));
	queue_add(folio_pfn(folio), folio_order(folio), 2, 0);
}

/* Two huge pages wait, and there is room for one and a half. */
static void finds_room_for_one(struct prog *p)
{
	struct page *page, *next;
	LIST_HEAD(filler);

	set_knob(p->test, "migrate_defer", "1");
	map_huge_and_write(p, 2);
	while (autonuma_room(2) > HPAGE_PMD_NR * 3 / 2) {
		page = alloc_pages_node(2, GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN, 6);
		KUNIT_ASSERT_NOT_NULL(p->test, page);
		list_add(&page->lru, &filler);
	}
	queue_for_node_2(folio_at(p->addr));
	queue_for_node_2(folio_at(p->addr + HUGE_BYTES));
	set_knob(p->test, "migrate_defer", "0");
	autonuma_migrate_kick();
	wait_for_migration();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_NODE_FULL), HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 0);
	list_for_each_entry_safe(page, next, &filler, lru) {
		list_del(&page->lru);
		__free_pages(page, 6);
	}
}

static void no_more_huge_pages_move_than_there_is_room_for(struct kunit *test)
{
	run_prog(test, 0, finds_room_for_one, NULL);
	machine_quiesce();
	machine_check();
}

/* A batch is never too small for a huge page. */
static void moves_in_small_batches(struct prog *p)
{
	set_knob(p->test, "pages_to_migrate", "1");
	map_huge_and_write(p, 3);
	want_on(p, 1);
	user_compute(5 * SEC);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), p->pages);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_THP_MIGRATED), 3);
}

static void a_small_batch_moves_one_huge_page(struct kunit *test)
{
	run_prog(test, 0, moves_in_small_batches, NULL);
}

/* Split while it waits: the head keeps the place, the parts know who touched them last. */
static void is_split_in_the_queue(struct prog *p)
{
	struct folio *folio;
	unsigned long pfn;
	int last, i;

	set_knob(p->test, "migrate_defer", "1");
	map_huge_and_write(p, 1);
	want_on(p, 2);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), HPAGE_PMD_NR);
	folio = folio_at(p->addr);
	pfn = folio_pfn(folio);
	last = folio_last_cpupid(folio);
	folio_get(folio);
	folio_lock(folio);
	KUNIT_ASSERT_EQ(p->test, split_folio(folio), 0);
	folio_unlock(folio);
	folio_put(folio);
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		KUNIT_EXPECT_EQ(p->test, folio_last_cpupid(pfn_folio(pfn + i)), last);
		KUNIT_EXPECT_EQ(p->test, autonuma_queue_cancel(pfn + i), i == 0);
	}
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_CANCELLED), HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 0);
	expect_contents(p);
}

static void a_split_leaves_the_place_to_the_head(struct kunit *test)
{
	run_prog(test, 0, is_split_in_the_queue, NULL);
}

/* A process that is known, and nothing else. */
static int is_known(void *arg)
{
	while (!READ_ONCE(*(bool *)arg))
		user_compute(100 * MSEC);
	return 0;
}

/* The huge page at @addr waits for node 1, where @mm_id wants it. */
static void queue_huge(struct prog *p, unsigned long addr, unsigned long mm_id)
{
	struct folio *folio = folio_at(addr);
	struct autonuma_queued item = {
		.pfn = folio_pfn(folio), .order = HPAGE_PMD_ORDER, .mm_id = mm_id,
	};

	folio_xchg_last_cpupid(folio, cpu_pid_to_cpupid(cpu_of(1), current->pid));
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_add(&item, 1), AUTONUMA_DROP_NONE);
}

static unsigned long heard_by(struct mm_autonuma *mma)
{
	return atomic_long_xchg(&mma->heard[AUTONUMA_STAYED], 0);
}

/*
 * Two huge pages, wanted by a process each, are split on their way, and no part can move: each
 * process hears of its own parts, whichever page was first. A split lets go of them once.
 */
static void stay_in_parts(struct prog *p)
{
	struct inject_rule no_huge = { .sites = BIT(INJECT_PAGE), .per_million = 1000000,
					.task = thread_named("knuma_migrated1") };
	unsigned long low, high, first, i;
	struct mm_autonuma *mine, *other;
	bool done = false;
	struct task_struct *t;
	int rule;

	t = program_start_on(cpu_of(2), "other", is_known, &done);
	map_huge_and_write(p, 2);
	wait_for_passes(p, 2);
	set_knob(p->test, "migrate_defer", "1");
	mine = current->mm->mm_autonuma;
	other = t->mm->mm_autonuma;
	low = p->addr;
	high = p->addr + HUGE_BYTES;
	if (folio_pfn(folio_at(low)) > folio_pfn(folio_at(high)))
		swap(low, high);
	rule = inject_set(no_huge);
	first = p->arg ? high : low;
	heard_by(mine);
	heard_by(other);
	queue_huge(p, first, mine->id);
	queue_huge(p, first == low ? high : low, other->id);
	for (i = 0; i < 5; i++) {
		autonuma_migrate_kick();
		user_compute(200 * MSEC);
	}
	inject_clear(rule);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_BUSY), 2 * HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(p->test, heard_by(mine), HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(p->test, heard_by(other), HPAGE_PMD_NR);
	WRITE_ONCE(done, true);
	KUNIT_EXPECT_EQ(p->test, program_wait(t), 0);
}

static void each_process_hears_of_the_parts_it_wanted(struct kunit *test)
{
	run_prog(test, 0, stay_in_parts, NULL);
}

static void each_process_hears_of_its_parts_also_in_the_other_order(struct kunit *test)
{
	run_prog(test, 0, stay_in_parts, "the other one first");
}

static void isolate_at(struct prog *p, unsigned long addr, struct list_head *folios)
{
	struct folio *folio = folio_at(addr);

	folio_get(folio);
	KUNIT_EXPECT_TRUE(p->test, isolate_folio_to_list(folio, folios));
	folio_put(folio);
}

/* There is no place for a small page, but there is one for a huge page, which is only busy. */
static void has_place_but_is_busy(struct prog *p)
{
	struct inject_rule no_page = { .sites = BIT(INJECT_PAGE), .nth = 1, .task = current };
	struct inject_rule busy = { .sites = BIT(INJECT_MIGRATE), .per_million = 1000000 };
	unsigned long small;
	LIST_HEAD(folios);

	small = map_and_write(p, 1);
	map_huge_and_write(p, 1);
	lru_add_drain_all();
	isolate_at(p, small, &folios);
	isolate_at(p, p->addr, &folios);
	list_move(&folio_at(small)->lru, &folios);
	inject_set(no_page);
	inject_set(busy);
	KUNIT_EXPECT_EQ(p->test, autonuma_move_isolated(&folios, 1), 0);
	inject_clear_all();
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_THP_SPLIT), 0);
	KUNIT_EXPECT_TRUE(p->test, folio_test_large(folio_at(p->addr)));
	autonuma_put_back(&folios);
	expect_contents(p);
}

static void a_small_page_without_a_place_splits_no_huge_page(struct kunit *test)
{
	run_prog(test, 0, has_place_but_is_busy, NULL);
}

/* Split while it waits, and then pulled: the head moves, the parts follow their touches. */
static void parts_follow(struct prog *p)
{
	struct folio *folio;

	set_knob(p->test, "migrate_defer", "1");
	map_huge_and_write(p, 1);
	want_on(p, 2);
	folio = folio_at(p->addr);
	folio_get(folio);
	folio_lock(folio);
	KUNIT_ASSERT_EQ(p->test, split_folio(folio), 0);
	folio_unlock(folio);
	folio_put(folio);
	set_knob(p->test, "migrate_defer", "0");
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 1);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 0);
	/* One touch is enough: they inherited the one before. */
	touch_all(p);
	wait_for_migration();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), p->pages);
	expect_contents(p);
}

static void the_parts_of_a_queued_page_follow_with_one_touch(struct kunit *test)
{
	run_prog(test, 0, parts_follow, NULL);
	machine_quiesce();
	machine_check();
}

/* Page @i becomes a small one of its own. */
static void copy_page_of(struct prog *p, unsigned long i)
{
	unsigned long addr = p->addr + i * PAGE_SIZE;

	KUNIT_EXPECT_EQ(p->test, sys_madvise(addr, PAGE_SIZE, MADV_DONTNEED), 0);
	KUNIT_EXPECT_EQ(p->test, user_write64(addr, i + 1), 0);
	KUNIT_EXPECT_FALSE(p->test, folio_test_large(folio_at(addr)));
}

/*
 * The huge page is mapped by small entries: entries that one fault resolves sample the
 * folio once, so one touch does not pass the filter.
 */
static void is_sampled_once(struct prog *p)
{
	unsigned long queued;

	map_huge_and_write(p, 1);
	set_knob(p->test, "migrate_allow_first_fault", "0");
	/* Remove one page: the PMD is split, the folio is not. */
	KUNIT_EXPECT_EQ(p->test, sys_madvise(p->addr + 511 * PAGE_SIZE, PAGE_SIZE,
					     MADV_DONTNEED), 0);
	KUNIT_EXPECT_FALSE(p->test, is_huge(p->addr));
	KUNIT_EXPECT_TRUE(p->test, folio_test_large(folio_at(p->addr)));
	p->pages = 511;
	go_to_node(p, 1);
	wait_for_passes(p, 2);
	queued = count_of(AUTONUMA_PAGES_QUEUED);
	touch_each(p);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_QUEUED), queued);
	/* The second touch moves it, in parts because one of them is unmapped. */
	wait_for_passes(p, 1);
	touch_each(p);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_QUEUED), queued + HPAGE_PMD_NR);
	wait_for_migration();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), p->pages);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_THP_MIGRATED), 0);
	expect_contents(p);
}

static void a_large_folio_is_sampled_once_in_a_fault(struct kunit *test)
{
	run_prog(test, 0, is_sampled_once, NULL);
	machine_quiesce();
	machine_check();
}

/* As before, with two small pages between the parts, of which one is touched. */
static void is_sampled_once_among_copies(struct prog *p)
{
	unsigned long queued;

	map_huge_and_write(p, 1);
	set_knob(p->test, "migrate_allow_first_fault", "0");
	copy_page_of(p, 508);
	copy_page_of(p, 510);
	go_to_node(p, 1);
	wait_for_passes(p, 2);
	queued = count_of(AUTONUMA_PAGES_QUEUED);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr + 510 * PAGE_SIZE, 511), 0);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_QUEUED), queued);
	expect_contents(p);
}

static void a_large_folio_among_small_ones_is_sampled_once_in_a_fault(struct kunit *test)
{
	run_prog(test, 0, is_sampled_once_among_copies, NULL);
	machine_quiesce();
	machine_check();
}

/* Folios of 64 KiB, of which one is touched: each is sampled once. */
static void are_sampled_once(struct prog *p)
{
	unsigned long i, queued;
	long addr = sys_mmap(0, 2 * PMD_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);

	KUNIT_ASSERT_EQ(p->test, set_policy("hugepages-2048kB/enabled", "never"), 0);
	KUNIT_ASSERT_EQ(p->test, set_policy("hugepages-64kB/enabled", "always"), 0);
	set_knob(p->test, "migrate_allow_first_fault", "0");
	p->addr = ALIGN(addr, PMD_SIZE);
	p->pages = 64;
	for (i = 0; i < p->pages; i++)
		KUNIT_EXPECT_EQ(p->test, user_write64(p->addr + i * PAGE_SIZE, i + 1), 0);
	KUNIT_EXPECT_EQ(p->test, folio_nr_pages(folio_at(p->addr + 16 * PAGE_SIZE)), 16);
	go_to_node(p, 1);
	wait_for_passes(p, 2);
	queued = count_of(AUTONUMA_PAGES_QUEUED);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr + 20 * PAGE_SIZE, 21), 0);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_QUEUED), queued);
	expect_contents(p);
}

static void each_large_folio_is_sampled_once_in_a_fault(struct kunit *test)
{
	run_prog(test, 0, are_sampled_once, NULL);
	machine_quiesce();
	machine_check();
}

static struct kunit_case huge_move_cases[] = {
	KUNIT_CASE(a_huge_page_moves_whole),
	KUNIT_CASE(a_huge_page_moves_whole_in_the_fault),
	KUNIT_CASE(without_a_huge_page_at_the_target_the_parts_arrive),
	KUNIT_CASE(without_a_huge_page_the_fault_moves_the_parts),
	KUNIT_CASE(a_huge_page_of_a_third_node_is_no_place),
	KUNIT_CASE(a_huge_page_that_cannot_be_split_stays),
	KUNIT_CASE(a_busy_huge_page_is_not_split),
	KUNIT_CASE(the_parts_of_a_split_page_are_tried_again_alone),
	KUNIT_CASE(no_more_huge_pages_move_than_there_is_room_for),
	KUNIT_CASE(a_small_batch_moves_one_huge_page),
	KUNIT_CASE(a_split_leaves_the_place_to_the_head),
	KUNIT_CASE(each_process_hears_of_the_parts_it_wanted),
	KUNIT_CASE(each_process_hears_of_its_parts_also_in_the_other_order),
	KUNIT_CASE(a_small_page_without_a_place_splits_no_huge_page),
	KUNIT_CASE(the_parts_of_a_queued_page_follow_with_one_touch),
	KUNIT_CASE(a_large_folio_is_sampled_once_in_a_fault),
	KUNIT_CASE(a_large_folio_among_small_ones_is_sampled_once_in_a_fault),
	KUNIT_CASE(each_large_folio_is_sampled_once_in_a_fault),
	{}
};

static struct kunit_suite huge_move_suite = {
	.name = "autonuma-huge-move",
	.init = keep_khugepaged_away,
	.test_cases = huge_move_cases,
};
kunit_test_suite(huge_move_suite);
