// SPDX-License-Identifier: GPL-2.0
/*
 * The core's trace points: each is recorded where it should be, with what it should say.
 */
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/swap.h>
#include <machine/trace.h>
#include <trace/stages.h>

#include "core_test.h"

/*
 * How many records of an event have the text @part in them; "" counts all. Other
 * events of the machine may stand between.
 */
static unsigned int recorded(const char *event, const char *part)
{
	struct trace_record rec;
	unsigned int n = 0;
	char text[256];
	u64 seq;

	for (seq = 0; trace_next(seq, &rec); seq = rec.seq + 1) {
		if (strcmp(rec.call->name, event))
			continue;
		rec.call->print(rec.data, text, sizeof(text));
		n += strstr(text, part) != NULL;
	}
	return n;
}

static int record_everything(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, trace_enable("autonuma_*"), 10);
	return 0;
}

static void passes(struct prog *p)
{
	unsigned long before = count_of(AUTONUMA_FULL_SCANS), done;

	map_and_write(p, 8);
	wait_for_passes(p, 3);
	set_knob(p->test, "enabled", "0");
	user_compute(SEC);
	done = count_of(AUTONUMA_FULL_SCANS) - before;
	KUNIT_EXPECT_EQ(p->test, recorded("autonuma_pass_end", "pass="), done);
	/* Switching off may have cut one short. */
	KUNIT_EXPECT_GE(p->test, recorded("autonuma_pass_start", "pass="), done);
	KUNIT_EXPECT_LE(p->test, recorded("autonuma_pass_start", "pass="), done + 1);
	KUNIT_EXPECT_EQ(p->test, recorded("autonuma_pass_start", "pass=2\n"), 1);
	KUNIT_EXPECT_EQ(p->test, recorded("autonuma_pass_end", "pass=2 scanned="), 1);
	KUNIT_EXPECT_EQ(p->test, recorded("autonuma_pass_end", "scanned=0\n"), 0);
}

static void a_pass_has_a_start_and_an_end_with_its_work(struct kunit *test)
{
	run_prog(test, 0, passes, NULL);
}

static void scans(struct prog *p)
{
	char mm[64];

	map_and_write(p, 8);
	sys_mmap(0, PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	wait_for_passes(p, 2);
	snprintf(mm, sizeof(mm), "mm=%p scanned=", current->mm);
	KUNIT_EXPECT_GE(p->test, recorded("autonuma_scan_mm", mm), 2);
	KUNIT_EXPECT_GE(p->test, recorded("autonuma_scan_mm", "skipped=none"), 2);
	KUNIT_EXPECT_GE(p->test, recorded("autonuma_skip", "reason=inaccessible"), 2);
}

static void an_mm_is_scanned_and_its_mappings_skipped_with_a_reason(struct kunit *test)
{
	run_prog(test, 0, scans, NULL);
}

static int has_no_memory(void *arg)
{
	struct prog *p = arg;

	KUNIT_EXPECT_EQ(p->test, sys_munmap(p->addr, 8 * PAGE_SIZE), 0);
	user_compute(40 * SEC);
	return 0;
}

/* A field of a record of autonuma_scan_mm or autonuma_pass_end. */
static unsigned long pages_of(const struct trace_record *rec)
{
	return *(unsigned long *)(rec->data + rec->call->fields[1].offset);
}

static void shares_passes(struct prog *p)
{
	unsigned int passed_over = 0, passes = 0;
	unsigned long work = 0;
	struct trace_record rec;
	char text[256];
	long pid;
	u64 seq;

	/* Each is due ten seconds after it was, five seconds after the other. */
	map_and_write(p, 8);
	wait_for_passes(p, 1);
	user_compute(4 * SEC);
	pid = sys_fork(has_no_memory, p);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
	set_knob(p->test, "enabled", "0");
	user_compute(SEC);
	for (seq = 0; trace_next(seq, &rec); seq = rec.seq + 1) {
		if (!strcmp(rec.call->name, "autonuma_pass_start")) {
			work = 0;
		} else if (!strcmp(rec.call->name, "autonuma_scan_mm")) {
			rec.call->print(rec.data, text, sizeof(text));
			if (strstr(text, "skipped=period")) {
				KUNIT_EXPECT_EQ(p->test, pages_of(&rec), 0UL);
				passed_over++;
				work++;
			} else {
				KUNIT_EXPECT_GT(p->test, pages_of(&rec), 0UL);
				work += pages_of(&rec);
			}
		} else if (!strcmp(rec.call->name, "autonuma_pass_end")) {
			KUNIT_EXPECT_EQ(p->test, pages_of(&rec), work);
			passes++;
		}
	}
	KUNIT_EXPECT_GE(p->test, passed_over, 4U);
	KUNIT_EXPECT_GE(p->test, passes, 8U);
}

/* Or many that are not due, or have nothing, would take no pauses. */
static void each_mm_of_a_pass_costs_something(struct kunit *test)
{
	run_prog(test, 0, shares_passes, NULL);
}

/* Pages of node 0 that are wanted on @nid, queued and moved. */
static void moves(struct prog *p)
{
	char queued[48], moved[48];
	struct trace_record rec;
	unsigned int pages = 0;
	u64 seq;

	map_and_write(p, 4);
	go_to_node(p, 1);
	for (int pass = 0; pass < 2; pass++) {
		wait_for_passes(p, 1);
		touch_all(p);
	}
	wait_for_migration();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), 4);
	snprintf(queued, sizeof(queued), "node=0 target=1\n");
	KUNIT_EXPECT_EQ(p->test, recorded("autonuma_queue", queued), 4);
	KUNIT_EXPECT_EQ(p->test, recorded("autonuma_queue", ""),
			count_of(AUTONUMA_PAGES_QUEUED));
	snprintf(moved, sizeof(moved), "target=1 pages=");
	KUNIT_EXPECT_GE(p->test, recorded("autonuma_moved", moved), 1);
	for (seq = 0; trace_next(seq, &rec); seq = rec.seq + 1)
		if (!strcmp(rec.call->name, "autonuma_moved"))
			pages += *(u32 *)(rec.data + rec.call->fields[1].offset);
	KUNIT_EXPECT_EQ(p->test, pages, 4);
	KUNIT_EXPECT_EQ(p->test, pages, count_of(AUTONUMA_PAGES_MIGRATED));
}

static void a_page_is_queued_and_moved(struct kunit *test)
{
	run_prog(test, 0, moves, NULL);
}

static void a_page_loses_its_place_when_another_node_wants_it(struct kunit *test)
{
	unsigned long pfn = NODE_DATA(0)->node_start_pfn + 1;
	char cancelled[48];

	set_knob(test, "migrate_defer", "1");
	queue_add(pfn, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, recorded("autonuma_cancel", ""), 0);
	queue_add(pfn, 0, 2, 0);
	snprintf(cancelled, sizeof(cancelled), "pfn=%lx target=1\n", pfn);
	KUNIT_EXPECT_EQ(test, recorded("autonuma_cancel", cancelled), 1);
	autonuma_queue_cancel(pfn);
	snprintf(cancelled, sizeof(cancelled), "pfn=%lx target=2\n", pfn);
	KUNIT_EXPECT_EQ(test, recorded("autonuma_cancel", cancelled), 1);
	autonuma_queue_cancel(pfn);
	KUNIT_EXPECT_EQ(test, recorded("autonuma_cancel", ""),
			count_of(AUTONUMA_PAGES_CANCELLED));
}

/* A page that another node touched while it waited is given up, with the reason. */
static void drops(struct prog *p)
{
	struct folio *folio;
	char dropped[64];

	set_knob(p->test, "migrate_defer", "1");
	map_and_write(p, 1);
	folio = page_folio(pte_page(entry_at(p->addr)));
	folio_xchg_last_cpupid(folio, cpu_pid_to_cpupid(cpu_of(2), current->pid));
	KUNIT_EXPECT_EQ(p->test, queue_add(folio_pfn(folio), 0, 1, 0),
			AUTONUMA_DROP_NONE);
	autonuma_migrate_kick();
	wait_for_migration();
	snprintf(dropped, sizeof(dropped), "pfn=%lx target=1 reason=unwanted\n",
		 folio_pfn(folio));
	KUNIT_EXPECT_EQ(p->test, failed(AUTONUMA_DROP_UNWANTED), 1);
	KUNIT_EXPECT_EQ(p->test, recorded("autonuma_drop", dropped), 1);
}

static void a_page_that_stays_is_dropped_with_a_reason(struct kunit *test)
{
	run_prog(test, 0, drops, NULL);
}

/* A fault that cannot isolate the page gives up at once. */
static void drops_in_fault(struct prog *p)
{
	char dropped[64];
	struct folio *folio;

	set_knob(p->test, "migrate_async", "0");
	map_and_write(p, 1);
	folio = page_folio(pte_page(entry_at(p->addr)));
	snprintf(dropped, sizeof(dropped), "pfn=%lx target=1 reason=off_lru\n",
		 folio_pfn(folio));
	go_to_node(p, 1);
	for (int pass = 0; pass < 2; pass++) {
		LIST_HEAD(list);

		wait_for_passes(p, 1);
		folio_get(folio);
		KUNIT_EXPECT_TRUE(p->test, isolate_folio_to_list(folio, &list));
		folio_put(folio);
		touch_all(p);
		putback_movable_pages(&list);
		lru_add_drain();
	}
	KUNIT_EXPECT_GE(p->test, recorded("autonuma_drop", dropped), 1);
	KUNIT_EXPECT_EQ(p->test, recorded("autonuma_drop", dropped),
			failed(AUTONUMA_DROP_OFF_LRU));
}

static void a_page_the_fault_cannot_take_is_dropped_with_a_reason(struct kunit *test)
{
	run_prog(test, 0, drops_in_fault, NULL);
}

static struct kunit_case trace_cases[] = {
	KUNIT_CASE(a_pass_has_a_start_and_an_end_with_its_work),
	KUNIT_CASE(an_mm_is_scanned_and_its_mappings_skipped_with_a_reason),
	KUNIT_CASE(each_mm_of_a_pass_costs_something),
	KUNIT_CASE(a_page_is_queued_and_moved),
	KUNIT_CASE(a_page_loses_its_place_when_another_node_wants_it),
	KUNIT_CASE(a_page_that_stays_is_dropped_with_a_reason),
	KUNIT_CASE(a_page_the_fault_cannot_take_is_dropped_with_a_reason),
	{}
};

static struct kunit_suite trace_suite = {
	.name = "autonuma-trace",
	.init = record_everything,
	.test_cases = trace_cases,
};
kunit_test_suite(trace_suite);
