// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of the kernel's own: what is refused, where it comes from, and what is counted.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <linux/vmstat.h>

static void a_request_says_whether_it_may_wait(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, gfpflags_allow_blocking(GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, gfpflags_allow_blocking(GFP_NOFS));
	KUNIT_EXPECT_TRUE(test, gfpflags_allow_blocking(GFP_HIGHUSER_MOVABLE));
	KUNIT_EXPECT_TRUE(test, gfpflags_allow_blocking(GFP_TRANSHUGE));
	KUNIT_EXPECT_FALSE(test, gfpflags_allow_blocking(GFP_TRANSHUGE_LIGHT));
	KUNIT_EXPECT_FALSE(test, gfpflags_allow_blocking(GFP_ATOMIC));
	KUNIT_EXPECT_FALSE(test, gfpflags_allow_blocking(GFP_NOWAIT));
}

static void too_large_a_block_is_refused(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, MAX_PAGE_ORDER);

	KUNIT_EXPECT_NOT_NULL(test, page);
	if (page)
		__free_pages(page, MAX_PAGE_ORDER);
	KUNIT_EXPECT_NULL(test, alloc_pages(GFP_KERNEL | __GFP_NOWARN, MAX_PAGE_ORDER + 1));
	KUNIT_EXPECT_NULL(test, folio_alloc(GFP_KERNEL | __GFP_NOWARN, MAX_PAGE_ORDER + 1));
	KUNIT_EXPECT_NULL(test, kcalloc(SIZE_MAX / 2, 3, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kmalloc_array(SIZE_MAX, 2, GFP_KERNEL));
}

static void what_is_asked_to_be_zero_is(struct kunit *test)
{
	u8 *p = kmalloc(100, GFP_KERNEL);
	int nid;

	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 0xff, 100);
	kfree(p);
	for_each_node_state(nid, N_MEMORY) {
		p = kzalloc_node(100, GFP_KERNEL, nid);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_NULL(test, memchr_inv(p, 0, 100));
		kfree(p);
	}
	p = kzalloc(4096, GFP_ATOMIC);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_NULL(test, memchr_inv(p, 0, 4096));
	kfree(p);
	p = (u8 *)get_zeroed_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_NULL(test, memchr_inv(p, 0, PAGE_SIZE));
	free_page((unsigned long)p);
}

/* Nothing is an address of its own, and may be freed as well as no address. */
static void nothing_can_be_allocated_and_freed(struct kunit *test)
{
	void *p = kmalloc(0, GFP_KERNEL);

	KUNIT_EXPECT_PTR_EQ(test, p, ZERO_SIZE_PTR);
	KUNIT_EXPECT_TRUE(test, ZERO_OR_NULL_PTR(p));
	KUNIT_EXPECT_FALSE(test, ZERO_OR_NULL_PTR(test));
	kfree(p);
	kfree(NULL);
}

static void a_folio_comes_from_the_node_that_was_named(struct kunit *test)
{
	int nid;

	for_each_node_state(nid, N_MEMORY) {
		struct folio *folio = __folio_alloc_node(GFP_HIGHUSER_MOVABLE | __GFP_THISNODE, 0,
							 nid);

		KUNIT_ASSERT_NOT_NULL(test, folio);
		KUNIT_EXPECT_EQ(test, folio_nid(folio), nid);
		KUNIT_EXPECT_EQ(test, folio_pgdat(folio)->node_id, nid);
		KUNIT_EXPECT_PTR_EQ(test, folio_pgdat(folio), NODE_DATA(nid));
		folio_put(folio);
	}
}

/* Free pages are counted: a large block at once, and marks below which nodes do not fall. */
static void a_node_counts_its_free_pages(struct kunit *test)
{
	int nid = numa_mem_id();
	struct page *page = alloc_pages_node(nid, GFP_KERNEL | __GFP_THISNODE, MAX_PAGE_ORDER);
	unsigned long with, without;
	struct zone *zone;

	KUNIT_ASSERT_NOT_NULL(test, page);
	zone = page_zone(page);
	KUNIT_EXPECT_PTR_EQ(test, zone->zone_pgdat, NODE_DATA(nid));
	with = zone_page_state(zone, NR_FREE_PAGES);
	__free_pages(page, MAX_PAGE_ORDER);
	without = zone_page_state(zone, NR_FREE_PAGES);
	/* CPUs count small changes by themselves for a while. */
	KUNIT_EXPECT_GT(test, without, with + MAX_ORDER_NR_PAGES / 2);
	KUNIT_EXPECT_LE(test, min_wmark_pages(zone), low_wmark_pages(zone));
	KUNIT_EXPECT_LE(test, low_wmark_pages(zone), high_wmark_pages(zone));
	KUNIT_EXPECT_LT(test, high_wmark_pages(zone), zone_managed_pages(zone));
}

static unsigned long numa_events(struct kunit *test, int item)
{
	unsigned long *events = kunit_kcalloc(test, NR_VM_EVENT_ITEMS, sizeof(*events), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, events);
	all_vm_events(events);
	return events[item];
}

static void events_add_up(struct kunit *test)
{
	unsigned long before = numa_events(test, NUMA_HINT_FAULTS);

	count_vm_numa_event(NUMA_HINT_FAULTS);
	count_vm_numa_events(NUMA_HINT_FAULTS, 1000);
	KUNIT_EXPECT_GE(test, numa_events(test, NUMA_HINT_FAULTS), before + 1001);
	KUNIT_EXPECT_LT(test, numa_events(test, NUMA_HINT_FAULTS), before + 2000);
}

static struct kunit_case gfp_cases[] = {
	KUNIT_CASE(a_request_says_whether_it_may_wait),
	KUNIT_CASE(too_large_a_block_is_refused),
	KUNIT_CASE(what_is_asked_to_be_zero_is),
	KUNIT_CASE(nothing_can_be_allocated_and_freed),
	KUNIT_CASE(a_folio_comes_from_the_node_that_was_named),
	KUNIT_CASE(a_node_counts_its_free_pages),
	KUNIT_CASE(events_add_up),
	{}
};

static struct kunit_suite gfp_suite = {
	.name = "conformance_gfp",
	.test_cases = gfp_cases,
};
kunit_test_suite(gfp_suite);
