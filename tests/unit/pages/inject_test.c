// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection: which calls fail, and that trying every failure ends; and the counters'
 * text.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/mm_page.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <machine/inject.h>
#include <machine/machine.h>
#include <machine/pages.h>
#include <machine/vmstat.h>

#include "parallel.h"

static bool can_kmalloc(void)
{
	void *p = kmalloc(8, GFP_KERNEL);

	kfree(p);
	return p;
}

static bool can_alloc_page(unsigned int order)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, order);

	if (page)
		__free_pages(page, order);
	return page;
}

static void exactly_the_nth_call_fails(struct kunit *test)
{
	int rule = inject_set((struct inject_rule) { .sites = 1 << INJECT_SLAB, .nth = 3,
						     .task = current });

	KUNIT_ASSERT_GE(test, rule, 0);
	KUNIT_EXPECT_TRUE(test, can_kmalloc());
	KUNIT_EXPECT_TRUE(test, can_alloc_page(0));	/* does not count */
	KUNIT_EXPECT_TRUE(test, can_kmalloc());
	KUNIT_EXPECT_FALSE(test, can_kmalloc());
	KUNIT_EXPECT_TRUE(test, can_kmalloc());
	KUNIT_EXPECT_EQ(test, inject_matched(rule), 4UL);
	KUNIT_EXPECT_EQ(test, inject_failed(rule), 1UL);
	KUNIT_EXPECT_EQ(test, inject_count(INJECT_SLAB), 1UL);
	inject_clear(rule);
}

static void pages_fail_from_an_order_on(struct kunit *test)
{
	int rule = inject_set((struct inject_rule) { .sites = 1 << INJECT_PAGE,
						     .per_million = 1000000, .min_order = 4,
						     .task = current });

	KUNIT_EXPECT_TRUE(test, can_alloc_page(3));
	KUNIT_EXPECT_FALSE(test, can_alloc_page(4));
	KUNIT_EXPECT_FALSE(test, can_alloc_page(9));
	inject_clear(rule);
	KUNIT_EXPECT_TRUE(test, can_alloc_page(9));
}

static void a_rate_is_roughly_met_and_times_limits_it(struct kunit *test)
{
	int rule = inject_set((struct inject_rule) { .sites = 1 << INJECT_SLAB,
						     .per_million = 100000, .task = current });
	unsigned int i, failed = 0;

	for (i = 0; i < 4000; i++)
		failed += !can_kmalloc();
	KUNIT_EXPECT_GT(test, failed, 200u);
	KUNIT_EXPECT_LT(test, failed, 700u);
	KUNIT_EXPECT_EQ(test, inject_failed(rule), (unsigned long)failed);
	inject_clear(rule);
	rule = inject_set((struct inject_rule) { .per_million = 1000000, .times = 2,
						 .task = current });
	KUNIT_EXPECT_FALSE(test, can_kmalloc());
	KUNIT_EXPECT_FALSE(test, can_alloc_page(0));
	KUNIT_EXPECT_TRUE(test, can_kmalloc());
	inject_clear(rule);
}

static void nofail_allocations_are_spared(struct kunit *test)
{
	int rule = inject_set((struct inject_rule) { .per_million = 1000000, .task = current });
	void *p = kmalloc(8, GFP_KERNEL | __GFP_NOFAIL);
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOFAIL, 0);

	KUNIT_EXPECT_NOT_NULL(test, p);
	KUNIT_EXPECT_NOT_NULL(test, page);
	inject_clear(rule);
	kfree(p);
	__free_page(page);
}

static void *cache_create(void)
{
	return kmem_cache_create("injected", 8, 0, 0, NULL);
}

static noinline bool alloc_here(void)
{
	bool ok = can_kmalloc();

	barrier();
	return ok;
}

static void only_calls_from_a_function_fail(struct kunit *test)
{
	int rule = inject_set((struct inject_rule) { .per_million = 1000000,
						     .func = (void *)alloc_here, .func_len = 64,
						     .task = current });

	KUNIT_EXPECT_TRUE(test, can_alloc_page(0));
	KUNIT_EXPECT_FALSE(test, alloc_here());
	inject_clear(rule);
	KUNIT_EXPECT_TRUE(test, alloc_here());
}

static void bad_rules_are_refused(struct kunit *test)
{
	int rules[INJECT_MAX_RULES], i;

	KUNIT_EXPECT_EQ(test, inject_set((struct inject_rule) { .sites = 0 }), -EINVAL);
	KUNIT_EXPECT_EQ(test, inject_set((struct inject_rule) { .nth = 1, .per_million = 1 }),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, inject_set((struct inject_rule) { .per_million = 1000001 }),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, inject_set((struct inject_rule) { .nth = 1, .sites = 1 << 30 }),
			-EINVAL);
	for (i = 0; i < INJECT_MAX_RULES; i++)
		rules[i] = inject_set((struct inject_rule) { .nth = ~0UL });
	KUNIT_EXPECT_EQ(test, inject_set((struct inject_rule) { .nth = 1 }), -ENOSPC);
	for (i = 0; i < INJECT_MAX_RULES; i++)
		inject_clear(rules[i]);
}

static unsigned long succeeded;

/* Five allocations, each of which may fail; cleans up whatever happened. */
static void may_fail_five_times(void *arg)
{
	void *p = kmalloc(8, GFP_KERNEL), *q = kmalloc(16, GFP_KERNEL);
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, 1);
	struct folio *folio = folio_alloc(GFP_KERNEL | __GFP_NOWARN, 0);
	struct kmem_cache *s = cache_create();

	if (p && q && page && folio && s)
		succeeded++;
	kmem_cache_destroy(s);
	if (folio)
		folio_put(folio);
	if (page)
		__free_pages(page, 1);
	kfree(q);
	kfree(p);
}

static void each_possible_failure_is_tried_once(struct kunit *test)
{
	unsigned long objects = slab_objects(), pages = pages_in_use();

	succeeded = 0;
	KUNIT_EXPECT_EQ(test, inject_each(may_fail_five_times, NULL, 0), 5UL);
	KUNIT_EXPECT_EQ(test, succeeded, 1UL);
	succeeded = 0;
	KUNIT_EXPECT_EQ(test, inject_each(may_fail_five_times, NULL, 1 << INJECT_PAGE), 2UL);
	KUNIT_EXPECT_EQ(test, slab_objects(), objects);
	KUNIT_EXPECT_EQ(test, pages_in_use(), pages);
}

static void isolation_can_be_made_to_fail(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);
	int rule;

	folio_add_lru(folio);
	lru_add_drain_all();
	rule = inject_set((struct inject_rule) { .sites = 1 << INJECT_ISOLATE, .nth = 1,
						 .task = current });
	KUNIT_EXPECT_FALSE(test, folio_isolate_lru(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
	KUNIT_EXPECT_TRUE(test, folio_isolate_lru(folio));
	inject_clear(rule);
	folio_putback_lru(folio);
	folio_put(folio);
}

static void count(unsigned int me, void *arg)
{
	int i;

	for (i = 0; i < 1000; i++) {
		count_vm_event(NUMA_HINT_FAULTS);
		count_vm_events(NUMA_PTE_UPDATES, 3);
		mod_node_page_state(NODE_DATA(me % 2), NR_FILE_MAPPED, i % 2 ? -1 : 1);
	}
}

static void events_of_all_cpus_are_summed(struct kunit *test)
{
	unsigned long events[NR_VM_EVENT_ITEMS];

	run_parallel(test, 8, count, NULL);
	KUNIT_EXPECT_EQ(test, vm_event_sum(NUMA_HINT_FAULTS), 8000UL);
	all_vm_events(events);
	KUNIT_EXPECT_EQ(test, events[NUMA_PTE_UPDATES], 24000UL);
	KUNIT_EXPECT_EQ(test, global_node_page_state(NR_FILE_MAPPED), 0UL);
}

static void the_text_is_proc_vmstats(struct kunit *test)
{
	size_t need = vmstat_text(NULL, 0), len;
	char *text = kunit_kmalloc(test, need + 100, GFP_KERNEL);

	count_vm_events(NUMA_PAGE_MIGRATE, 41);
	len = vmstat_text(text, need + 100);
	KUNIT_EXPECT_EQ(test, len, strlen(text));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "numa_pages_migrated 41\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "nr_free_pages "));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "\nnuma_hit "));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "\nnr_isolated_anon 0\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "\npgfault "));
	KUNIT_EXPECT_NULL(test, strstr(text, "(null)"));
	len = vmstat_text(text, 10);
	KUNIT_EXPECT_EQ(test, strlen(text), (size_t)9);
	KUNIT_EXPECT_GE(test, len, need);
}

static struct kunit_case inject_cases[] = {
	KUNIT_CASE(exactly_the_nth_call_fails),
	KUNIT_CASE(pages_fail_from_an_order_on),
	KUNIT_CASE(a_rate_is_roughly_met_and_times_limits_it),
	KUNIT_CASE(nofail_allocations_are_spared),
	KUNIT_CASE(only_calls_from_a_function_fail),
	KUNIT_CASE(bad_rules_are_refused),
	KUNIT_CASE(each_possible_failure_is_tried_once),
	KUNIT_CASE(isolation_can_be_made_to_fail),
	KUNIT_CASE(events_of_all_cpus_are_summed),
	KUNIT_CASE(the_text_is_proc_vmstats),
	{}
};

static struct kunit_suite inject_suite = {
	.name = "inject",
	.test_cases = inject_cases,
};
kunit_test_suite(inject_suite);
