// SPDX-License-Identifier: GPL-2.0
/*
 * What keeps a page where it is although two samples want it elsewhere: the policy of
 * the mapping or the task, and what happened to the page since it was marked. Every
 * refusal is counted and traced by its reason, and nothing else is.
 */
#include <linux/migrate.h>
#include <machine/inject.h>

#include "core_test.h"

#define BIND	(MPOL_BIND | MPOL_F_NUMA_BALANCING)

/* Memory on node 0 is touched from node 2. Masks are of nodes, 0 means no policy. */
static const struct policy_fact {
	const char *what;
	unsigned long vma, task;	/* policies the scan knew about */
	unsigned long late_vma;		/* without migrate-on-fault, set after the scan */
	unsigned long not_allowed;	/* cpuset */
	bool moves;
} policy_facts[] = {
	{ .what = "no policy", .moves = true },
	{ .what = "task, with the node", .task = 0x5, .moves = true },
	{ .what = "task, without the node", .task = 0x3 },
	{ .what = "mapping, with the node", .vma = 0x5, .moves = true },
	{ .what = "mapping, without the node", .vma = 0x3 },
	{ .what = "the mapping's comes first", .vma = 0x5, .task = 0x3, .moves = true },
	{ .what = "the mapping's comes first, without", .vma = 0x3, .task = 0x5 },
	{ .what = "mapping placed by the program", .late_vma = 0x4 },
	{ .what = "cpuset", .not_allowed = 0x4 },
};

static nodemask_t nodes_of(unsigned long bits)
{
	nodemask_t nodes = NODE_MASK_NONE;
	int nid;

	for (nid = 0; nid < 4; nid++) {
		if (bits & 1UL << nid)
			node_set(nid, nodes);
	}
	return nodes;
}

static void follows_policy(struct prog *p)
{
	const struct policy_fact *f = p->arg;
	nodemask_t vma = nodes_of(f->vma), task = nodes_of(f->task), late = nodes_of(f->late_vma);
	unsigned long len = 8 * PAGE_SIZE, drops;
	nodemask_t allowed = current->mems_allowed;

	map_and_write(p, 8);
	if (f->vma)
		KUNIT_EXPECT_EQ(p->test, sys_mbind(p->addr, len, BIND, &vma, 0), 0);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 8);
	if (f->late_vma)
		KUNIT_EXPECT_EQ(p->test, sys_mbind(p->addr, len, MPOL_BIND, &late, 0), 0);
	if (f->task)
		KUNIT_EXPECT_EQ(p->test, sys_set_mempolicy(BIND, &task), 0);
	nodes_andnot(current->mems_allowed, allowed, nodes_of(f->not_allowed));

	drops = trace_count("autonuma_drop");
	go_to_node(p, 2);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);
	wait_for_migration();
	KUNIT_EXPECT_EQ_MSG(p->test, pages_on(p, 2), f->moves ? 8 : 0, "%s", f->what);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), f->moves ? 0 : 8);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_QUEUED), f->moves ? 8 : 0);
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_drop"), drops);
	current->mems_allowed = allowed;
}

static void policies_are_obeyed(struct kunit *test)
{
	trace_enable("autonuma_drop");
	run_prog(test, 0, follows_policy, (void *)test->param_value);
}
KUNIT_ARRAY_PARAM_DESC(policy, policy_facts, what);

/* Eight marked pages on node 0; the program is on node 2 and has not touched them. */
static void map_marked(struct prog *p)
{
	trace_enable("autonuma_*");
	map_and_write(p, 8);
	wait_for_passes(p, 1);
	go_to_node(p, 2);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 8);
}

/* All eight were refused for one reason, in the fault: nothing was queued. */
static void expect_refused(struct prog *p, enum autonuma_drop why, unsigned long pages)
{
	int i;

	for (i = 0; i < AUTONUMA_NR_DROPS; i++)
		KUNIT_EXPECT_EQ_MSG(p->test, failed(i), i == why ? pages : 0, "%s",
				    autonuma_drop_names[i]);
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_drop"), pages);
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_queue"), 8 - pages);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);
}

static void touches_pinned(struct prog *p)
{
	struct folio *folio;

	map_marked(p);
	folio = page_folio(pte_page(entry_at(p->addr)));
	folio_ref_add(folio, GUP_PIN_COUNTING_BIAS);
	touch_all(p);
	expect_refused(p, AUTONUMA_DROP_PINNED, 1);
	folio_ref_sub(folio, GUP_PIN_COUNTING_BIAS);
}

static void a_page_pinned_since_it_was_marked_is_not_queued(struct kunit *test)
{
	run_prog(test, 0, touches_pinned, NULL);
}

static void touches_isolated(struct prog *p)
{
	struct folio *folio;
	LIST_HEAD(list);

	map_marked(p);
	folio = page_folio(pte_page(entry_at(p->addr)));
	folio_get(folio);
	KUNIT_EXPECT_TRUE(p->test, isolate_folio_to_list(folio, &list));
	folio_put(folio);
	touch_all(p);
	expect_refused(p, AUTONUMA_DROP_OFF_LRU, 1);
	putback_movable_pages(&list);
}

static void a_page_off_the_lru_is_not_queued(struct kunit *test)
{
	run_prog(test, 0, touches_isolated, NULL);
}

static int idle_child(void *arg)
{
	user_compute(3 * SEC);
	return 0;
}

static void touches_shared(struct prog *p)
{
	long pid;

	map_marked(p);
	pid = sys_fork(idle_child, NULL);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 8);
	touch_all(p);
	expect_refused(p, AUTONUMA_DROP_SHARED, 8);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
}

static void a_page_shared_since_it_was_marked_is_not_queued(struct kunit *test)
{
	run_prog(test, 0, touches_shared, NULL);
}

static bool is_mine(struct prog *p, unsigned long pfn)
{
	unsigned long i;

	for (i = 0; i < p->pages; i++) {
		if (pte_pfn(entry_at(p->addr + i * PAGE_SIZE)) == pfn)
			return true;
	}
	return false;
}

/* Other frames of node 0 take every place there is. */
static void finds_queue_full(struct prog *p)
{
	unsigned long i, end = NODE_DATA(0)->node_spanned_pages, queued;
	unsigned long pfn = NODE_DATA(0)->node_start_pfn;

	set_knob(p->test, "migrate_defer", "1");
	map_marked(p);
	for (i = 0; i < end; i++) {
		if (!is_mine(p, pfn + i) && queue_add(pfn + i, 0, 1, 0))
			break;
	}
	KUNIT_EXPECT_LT(p->test, i, end);
	queued = trace_count("autonuma_queue");
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_QUEUE_FULL), 8);
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_drop"), 8);
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_queue"), queued);
	KUNIT_EXPECT_EQ(p->test, autonuma_queue_promised(2), 0);
	autonuma_queue_flush();
}

static void a_page_without_a_place_is_dropped(struct kunit *test)
{
	run_prog(test, 0, finds_queue_full, NULL);
}

static void cannot_isolate(struct prog *p)
{
	struct inject_rule rule = {
		.sites = 1 << INJECT_ISOLATE, .per_million = 1000000, .task = current,
	};
	int handle;

	set_knob(p->test, "migrate_async", "0");
	map_marked(p);
	handle = inject_set(rule);
	touch_all(p);
	inject_clear(handle);
	expect_refused(p, AUTONUMA_DROP_OFF_LRU, 8);
	/* Nothing was isolated, so nothing was moved, not even nothing. */
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_moved"), 0);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), 8);
}

static void a_fault_that_isolates_nothing_moves_nothing(struct kunit *test)
{
	run_prog(test, 0, cannot_isolate, NULL);
}

/* Room for three of eight pages; those the fault has isolated already take room. */
static void finds_little_room(struct prog *p)
{
	unsigned long pfn = NODE_DATA(3)->node_start_pfn;
	struct page *page, *next;
	LIST_HEAD(filler);

	set_knob(p->test, "migrate_async", "0");
	set_knob(p->test, "migrate_defer", "1");
	map_marked(p);
	while (autonuma_room(2) > 1000) {
		page = alloc_pages_node(2, GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN, 0);
		KUNIT_ASSERT_NOT_NULL(p->test, page);
		list_add(&page->lru, &filler);
	}
	while (autonuma_room(2) > 3)
		KUNIT_ASSERT_EQ(p->test, queue_add(pfn++, 0, 2, 0), AUTONUMA_DROP_NONE);
	KUNIT_EXPECT_EQ(p->test, autonuma_room(2), 3);
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 3);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_NODE_FULL), 5);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_BUSY), 0);
	autonuma_queue_flush();
	list_for_each_entry_safe(page, next, &filler, lru) {
		list_del(&page->lru);
		__free_pages(page, 0);
	}
}

static void a_fault_isolates_no_more_than_there_is_room_for(struct kunit *test)
{
	run_prog(test, 0, finds_little_room, NULL);
}

static void is_observed(struct prog *p)
{
	int i;

	set_knob(p->test, "scan_pmd", "0");
	trace_enable("autonuma_*");
	map_and_write(p, 8);
	for (i = 0; i < 4; i++) {
		wait_for_passes(p, 1);
		go_to_node(p, (i + 1) & 3);
		touch_all(p);
	}
	wait_for_passes(p, 1);
	wait_for_migration();
	touch_all(p);
	wait_for_migration();
	go_to_node(p, mm_page_node(current->mm, p->addr));
	wait_for_passes(p, 1);
	touch_all(p);
	KUNIT_EXPECT_GT(p->test, count_of(AUTONUMA_PAGES_MIGRATED), 0);
	KUNIT_EXPECT_GT(p->test, count_of(AUTONUMA_HINT_FAULTS_LOCAL), 0);

	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_queue"), count_of(AUTONUMA_PAGES_QUEUED));
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_pass_end"), count_of(AUTONUMA_FULL_SCANS));
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_pass_start"),
			count_of(AUTONUMA_FULL_SCANS));
	KUNIT_EXPECT_EQ(p->test, traced("autonuma_moved", NULL, "pages="),
			count_of(AUTONUMA_PAGES_MIGRATED));
	KUNIT_EXPECT_EQ(p->test, traced("autonuma_scan_mm", NULL, "scanned="),
			count_of(AUTONUMA_PAGES_SCANNED));
	KUNIT_EXPECT_EQ(p->test, traced("autonuma_pass_end", NULL, "scanned="),
			count_of(AUTONUMA_PAGES_SCANNED));

	KUNIT_EXPECT_EQ(p->test, vm_event_sum(NUMA_PTE_UPDATES), count_of(AUTONUMA_PAGES_MARKED));
	KUNIT_EXPECT_EQ(p->test, vm_event_sum(NUMA_HINT_FAULTS), count_of(AUTONUMA_HINT_FAULTS));
	KUNIT_EXPECT_EQ(p->test, vm_event_sum(NUMA_HINT_FAULTS_LOCAL),
			count_of(AUTONUMA_HINT_FAULTS_LOCAL));
	KUNIT_EXPECT_EQ(p->test, vm_event_sum(NUMA_PAGE_MIGRATE),
			count_of(AUTONUMA_PAGES_MIGRATED));
	/* What goes on is no drop. */
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_NONE), 0);
}

static void what_is_counted_is_traced_and_in_vmstat(struct kunit *test)
{
	run_prog(test, 0, is_observed, NULL);
}

/* The part of its pid that a last CPUPID holds is all ones, as in one that is not set. */
static void has_pid_of_ones(struct prog *p)
{
	if (!cpupid_pid_unset(cpu_pid_to_cpupid(0, current->pid)))
		return;
	*(bool *)p->arg = true;
	set_knob(p->test, "migrate_allow_first_fault", "0");
	map_and_write(p, 8);
	wait_for_passes(p, 1);
	go_to_node(p, 2);
	touch_all(p);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 0);
	touch_all(p);
	wait_for_migration();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 2), 8);
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_UNWANTED), 0);
}

static void a_task_of_any_pid_gets_its_pages(struct kunit *test)
{
	bool met = false;
	int i;

	for (i = 0; i < 300 && !met; i++)
		run_prog(test, 0, has_pid_of_ones, &met);
	KUNIT_EXPECT_TRUE(test, met);
}

static struct kunit_case filter_cases[] = {
	KUNIT_CASE(a_task_of_any_pid_gets_its_pages),
	KUNIT_CASE_PARAM(policies_are_obeyed, policy_gen_params),
	KUNIT_CASE(a_page_pinned_since_it_was_marked_is_not_queued),
	KUNIT_CASE(a_page_off_the_lru_is_not_queued),
	KUNIT_CASE(a_page_shared_since_it_was_marked_is_not_queued),
	KUNIT_CASE(a_page_without_a_place_is_dropped),
	KUNIT_CASE(a_fault_that_isolates_nothing_moves_nothing),
	KUNIT_CASE(a_fault_isolates_no_more_than_there_is_room_for),
	KUNIT_CASE(what_is_counted_is_traced_and_in_vmstat),
	{}
};

static struct kunit_suite filter_suite = {
	.name = "autonuma-filter",
	.test_cases = filter_cases,
};
kunit_test_suite(filter_suite);
