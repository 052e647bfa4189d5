// SPDX-License-Identifier: GPL-2.0
/*
 * Hinting faults: what they restore, what they count, and the two-stage filter.
 */
#include "core_test.h"

/* A write to every page and then one more write to each: no fault but the hinting ones. */
static void stays_writable(struct prog *p)
{
	unsigned long i, faults, hints;

	set_knob(p->test, "scan_pmd", p->arg);
	map_and_write(p, 16);
	wait_for_passes(p, 1);
	hints = count_of(AUTONUMA_HINT_FAULTS);
	faults = current->faults_min + current->faults_maj;
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ(p->test, user_write64(p->addr + i * PAGE_SIZE, i + 1), 0);
	hints = count_of(AUTONUMA_HINT_FAULTS) - hints;
	KUNIT_EXPECT_EQ(p->test, current->faults_min + current->faults_maj - faults, hints);
	KUNIT_EXPECT_EQ(p->test, hints, *(char *)p->arg == '1' ? 1 : 16);
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_TRUE(p->test, pte_write(entry_at(p->addr + i * PAGE_SIZE)));
}

static void a_writable_page_is_writable_after_the_fault(struct kunit *test)
{
	run_prog(test, 0, stays_writable, "0");
	run_prog(test, 0, stays_writable, "1");
}

/* After fork both sides must still copy on write, whatever was marked meanwhile. */
static int writing_child(void *arg)
{
	struct prog *p = arg;
	u64 val;

	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 111), 0);
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr, &val), 0);
	KUNIT_EXPECT_EQ(p->test, val, 111);
	return 0;
}

static void stays_readonly(struct prog *p)
{
	long pid;
	u64 val;

	map_and_write(p, 2);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_TRUE(p->test, marked_at(p->addr));
	pid = sys_fork(writing_child, p);
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr, &val), 0);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr, &val), 0);
	KUNIT_EXPECT_EQ(p->test, val, 1);
}

static void a_page_shared_by_fork_does_not_become_writable(struct kunit *test)
{
	run_prog(test, 0, stays_readonly, NULL);
}

static void keeps_dirty_bits(struct prog *p)
{
	pte_t pte;
	u64 val;

	map_and_write(p, 3);
	KUNIT_EXPECT_EQ(p->test, sys_clear_refs_soft_dirty(), 0);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 1), 0);
	set_knob(p->test, "scan_pmd", "0");
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr, &val), 0);
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr + PAGE_SIZE, &val), 0);

	pte = entry_at(p->addr);
	KUNIT_EXPECT_TRUE(p->test, pte_young(pte));
	KUNIT_EXPECT_TRUE(p->test, pte_dirty(pte));
	KUNIT_EXPECT_TRUE(p->test, pte_soft_dirty(pte));
	KUNIT_EXPECT_TRUE(p->test, pte_write(pte));

	/* Soft-dirty tracking still wants to see the next write of this one. */
	pte = entry_at(p->addr + PAGE_SIZE);
	KUNIT_EXPECT_FALSE(p->test, pte_soft_dirty(pte));
	KUNIT_EXPECT_FALSE(p->test, pte_write(pte));
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr + PAGE_SIZE, 5), 0);
	KUNIT_EXPECT_TRUE(p->test, pte_soft_dirty(entry_at(p->addr + PAGE_SIZE)));
	KUNIT_EXPECT_TRUE(p->test, marked_at(p->addr + 2 * PAGE_SIZE));
}

static void dirty_soft_dirty_and_young_survive(struct kunit *test)
{
	run_prog(test, 0, keeps_dirty_bits, NULL);
}

static void counts_faults(struct prog *p)
{
	unsigned long by_node[4];
	unsigned long local = count_of(AUTONUMA_HINT_FAULTS_LOCAL);

	map_and_write(p, 20);
	wait_for_passes(p, 2);
	KUNIT_EXPECT_NOT_NULL(p->test, current->task_autonuma);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 20);
	touch_all(p);
	counts_read(&current->task_autonuma->faults, by_node);
	KUNIT_EXPECT_EQ(p->test, by_node[1], 20);
	KUNIT_EXPECT_EQ(p->test, by_node[2], 0);
	KUNIT_EXPECT_GT(p->test, count_of(AUTONUMA_HINT_FAULTS_LOCAL), local);

	/* From elsewhere: not counted before it is known what moves. */
	wait_for_passes(p, 1);
	go_to_node(p, 2);
	local = count_of(AUTONUMA_HINT_FAULTS_LOCAL);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 20);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_HINT_FAULTS_LOCAL), local);
	counts_read(&current->task_autonuma->faults, by_node);
	KUNIT_EXPECT_EQ(p->test, by_node[1], 20);
	KUNIT_EXPECT_EQ(p->test, by_node[2], 0);

	/* The second sample moves them. Two passes have halved what was counted before. */
	wait_for_passes(p, 1);
	touch_all(p);
	counts_read(&current->task_autonuma->faults, by_node);
	KUNIT_EXPECT_EQ(p->test, by_node[1], 5);
	KUNIT_EXPECT_EQ(p->test, by_node[2], 20);
}

/* What is sampled before the next pass must know what those before it have promised. */
static void is_on_its_way(struct prog *p)
{
	struct mm_autonuma *mma;
	unsigned long total;

	set_knob(p->test, "migrate_defer", "1");
	map_and_write(p, 20);
	wait_for_passes(p, 1);
	mma = current->mm->mm_autonuma;
	KUNIT_EXPECT_EQ(p->test, autonuma_counts_share(mma->held, 1, &total), 20);
	go_to_node(p, 2);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), 20);
	KUNIT_EXPECT_EQ(p->test, autonuma_counts_share(mma->held, 1, &total), 0);
	KUNIT_EXPECT_EQ(p->test, autonuma_counts_share(mma->held, 2, &total), 20);
}

static void pages_on_their_way_count_where_they_go(struct kunit *test)
{
	run_prog(test, cpu_of(1), is_on_its_way, NULL);
}

static void faults_count_where_the_page_is_or_goes(struct kunit *test)
{
	run_prog(test, cpu_of(1), counts_faults, NULL);
}

struct victim {
	struct prog prog;
	bool ready;
	bool finish;
};

static void be_debugged(struct prog *p)
{
	struct victim *v = container_of(p, struct victim, prog);

	map_and_write(p, 20);
	wait_for_passes(p, 2);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 20);
	smp_store_release(&v->ready, true);
	while (!smp_load_acquire(&v->finish))
		user_compute(100 * MSEC);
}

/* Read one page of another process as a debugger does. */
static void look_at(struct prog *p, struct mm_struct *mm, unsigned long addr)
{
	struct page *page;

	mmap_read_lock(mm);
	KUNIT_EXPECT_EQ(p->test, get_user_pages_remote(mm, addr, 1, FOLL_HONOR_NUMA_FAULT, &page,
						       NULL), 1);
	mmap_read_unlock(mm);
	put_page(page);
}

static void debug(struct prog *p)
{
	struct victim *v = p->arg;
	unsigned long by_node[4], hints, heard;
	struct task_struct *victim;
	struct mm_autonuma *mma;
	struct mm_struct *mm;

	victim = program_start_on(cpu_of(1), "victim", prog_main, &v->prog);
	KUNIT_EXPECT_NOT_NULL(p->test, victim);
	map_and_write(p, 1);
	while (!smp_load_acquire(&v->ready))
		user_compute(100 * MSEC);
	KUNIT_EXPECT_NOT_NULL(p->test, current->task_autonuma);
	mm = get_task_mm(victim);
	mma = mm->mm_autonuma;
	touch_all(p);
	autonuma_counts_reset(&current->task_autonuma->faults);
	current->task_autonuma->faults.passes = 0;
	autonuma_counts_add(&current->task_autonuma->faults, 0, 0, 64);
	hints = count_of(AUTONUMA_HINT_FAULTS);

	look_at(p, mm, v->prog.addr);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_HINT_FAULTS), hints + 1);
	KUNIT_EXPECT_EQ(p->test, pages_heard_of(mma), 0);
	KUNIT_EXPECT_EQ(p->test, counts_read(&victim->task_autonuma->faults, by_node), 0);
	counts_read(&current->task_autonuma->faults, by_node);
	/* The page goes where it was touched from, and counts there. */
	KUNIT_EXPECT_GT(p->test, by_node[3], 0);
	/* Nobody hears of the move, and it ages nothing: the passes are over another mm. */
	heard = pages_heard_of(current->mm->mm_autonuma);
	wait_for_migration();
	KUNIT_EXPECT_EQ(p->test, pages_heard_of(current->mm->mm_autonuma), heard);
	KUNIT_EXPECT_EQ(p->test, pages_heard_of(mma), 0);
	KUNIT_EXPECT_EQ(p->test, by_node[0], 64);

	/* Nor is it for the mm to hear of a page that was sampled before. */
	wait_for_passes(p, 1);
	touch_all(p);
	hints = count_of(AUTONUMA_HINT_FAULTS);
	look_at(p, mm, v->prog.addr);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_HINT_FAULTS), hints + 1);
	KUNIT_EXPECT_EQ(p->test, pages_heard_of(mma), 0);
	mmput(mm);
	smp_store_release(&v->finish, true);
	KUNIT_EXPECT_EQ(p->test, program_wait(victim), 0);
}

static void another_tasks_access_counts_for_that_task_only(struct kunit *test)
{
	struct victim v = { .prog = { .test = test, .fn = be_debugged } };

	run_prog(test, cpu_of(3), debug, &v);
}

/* Sampled from: node 1 (where the pages are), 2, 3, 3. Only the last moves them. */
static void filters(struct prog *p)
{
	unsigned long queued;

	set_knob(p->test, "migrate_allow_first_fault", "0");
	map_and_write(p, 8);
	wait_for_passes(p, 1);
	queued = count_of(AUTONUMA_PAGES_QUEUED);
	touch_all(p);

	wait_for_passes(p, 1);
	go_to_node(p, 2);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_QUEUED), queued);

	wait_for_passes(p, 1);
	go_to_node(p, 3);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_QUEUED), queued);
	wait_for_migration();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), 8);

	wait_for_passes(p, 1);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_QUEUED), queued + 8);
	wait_for_migration();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 3), 8);
	expect_contents(p);
}

static void two_samples_in_a_row_move_a_page(struct kunit *test)
{
	run_prog(test, cpu_of(1), filters, NULL);
}

static void first_fault_moves(struct prog *p)
{
	map_and_write(p, 8);
	wait_for_passes(p, 1);
	go_to_node(p, 2);
	touch_all(p);
	wait_for_migration();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 8);
	expect_contents(p);
}

static void the_first_fault_may_move_a_page(struct kunit *test)
{
	run_prog(test, cpu_of(0), first_fault_moves, NULL);
}

/* 64 pages are queued for node 2, long before a pass is in its middle and daemons start. */
static void queue_for_long(struct prog *p)
{
	set_knob(p->test, "migrate_defer", "1");
	map_and_write(p, 64);
	wait_for_passes(p, 1);
	set_knob(p->test, "scan_sleep_millisecs", "1000");
	go_to_node(p, 2);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 64);
}

/* The first one is touched from node 3 after the next pass has marked it. */
static void loses_its_place(struct prog *p)
{
	u64 val;

	queue_for_long(p);
	set_knob(p->test, "scan_pmd", "0");
	set_knob(p->test, "pages_to_scan", "8");
	while (!marked_at(p->addr))
		user_compute(20 * MSEC);
	go_to_node(p, 3);
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr, &val), 0);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 63);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(3), 0);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_CANCELLED), 1);
}

static void a_touch_from_elsewhere_takes_the_place_away(struct kunit *test)
{
	run_prog(test, cpu_of(0), loses_its_place, NULL);
}

static void is_switched_off(struct prog *p)
{
	queue_for_long(p);
	set_knob(p->test, "enabled", "0");
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 0);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_CANCELLED), 64);
	set_knob(p->test, "enabled", "1");
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), 64);
	expect_contents(p);
}

static void who_switches_off_takes_all_places_away(struct kunit *test)
{
	run_prog(test, cpu_of(0), is_switched_off, NULL);
}

static void in_fault(struct prog *p)
{
	set_knob(p->test, "migrate_async", "0");
	map_and_write(p, 8);
	wait_for_passes(p, 1);
	go_to_node(p, 2);
	KUNIT_EXPECT_EQ(p->test, user_write64(p->addr, 1), 0);
	/* No time passed but the fault's own: the pages are there already. */
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 8);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_QUEUED), 0);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_MIGRATED), 8);
	/* The permission went along: entries were restored before the pages moved. */
	KUNIT_EXPECT_TRUE(p->test, pte_write(entry_at(p->addr + PAGE_SIZE)));
	expect_contents(p);
}

static void the_fault_moves_pages_itself_when_not_async(struct kunit *test)
{
	run_prog(test, cpu_of(0), in_fault, NULL);
}

static struct kunit_case fault_cases[] = {
	KUNIT_CASE(a_writable_page_is_writable_after_the_fault),
	KUNIT_CASE(a_page_shared_by_fork_does_not_become_writable),
	KUNIT_CASE(dirty_soft_dirty_and_young_survive),
	KUNIT_CASE(faults_count_where_the_page_is_or_goes),
	KUNIT_CASE(pages_on_their_way_count_where_they_go),
	KUNIT_CASE(another_tasks_access_counts_for_that_task_only),
	KUNIT_CASE(two_samples_in_a_row_move_a_page),
	KUNIT_CASE(the_first_fault_may_move_a_page),
	KUNIT_CASE(a_touch_from_elsewhere_takes_the_place_away),
	KUNIT_CASE(who_switches_off_takes_all_places_away),
	KUNIT_CASE(the_fault_moves_pages_itself_when_not_async),
	{}
};

static struct kunit_suite fault_suite = {
	.name = "autonuma-fault",
	.test_cases = fault_cases,
};
kunit_test_suite(fault_suite);
