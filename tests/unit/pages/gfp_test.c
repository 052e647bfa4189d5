// SPDX-License-Identifier: GPL-2.0
/*
 * What each GFP flag promises, on two nodes of 4 MiB: 1024 pages each, of which min, low
 * and high are a few dozen.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/mm_page.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <machine/pages.h>
#include <machine/violation.h>

#define NODE_PAGES 1024

static const struct machine_config small = {
	.nr_nodes = 2, .nr_cpus = 4, .bytes_per_node = NODE_PAGES * 4096,
};

static struct zone *normal(int nid)
{
	return &NODE_DATA(nid)->node_zones[ZONE_NORMAL];
}

static unsigned long nr_free(int nid)
{
	return zone_page_state(normal(nid), NR_FREE_PAGES);
}

/* Everything @gfp gets on @nid, as a list through page->private. */
static struct page *take_all(int nid, gfp_t gfp, unsigned long *nr)
{
	struct page *list = NULL, *page;

	*nr = 0;
	while ((page = __alloc_pages_node(nid, gfp | __GFP_THISNODE | __GFP_NOWARN, 0))) {
		set_page_private(page, (unsigned long)list);
		list = page;
		(*nr)++;
	}
	return list;
}

static void give_all(struct page *list)
{
	while (list) {
		struct page *next = (struct page *)page_private(list);

		__free_page(list);
		list = next;
	}
}

static void a_new_page_is_pristine(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL, 0);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, page_ref_count(page), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&page->_mapcount), -1);
	KUNIT_EXPECT_EQ(test, page->flags & PAGEFLAGS_MASK, 0UL);
	KUNIT_EXPECT_NULL(test, page->mapping);
	KUNIT_EXPECT_EQ(test, page->private, 0UL);
	KUNIT_EXPECT_TRUE(test, cpupid_pid_unset(folio_last_cpupid(page_folio(page))));
	KUNIT_EXPECT_TRUE(test, cpupid_cpu_unset(folio_last_cpupid(page_folio(page))));
	__free_page(page);
}

static void a_reused_page_has_no_old_cpupid(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL, 0), *again;

	folio_xchg_last_cpupid(page_folio(page), cpu_pid_to_cpupid(1, 2));
	__free_page(page);
	again = alloc_pages(GFP_KERNEL, 0);
	KUNIT_EXPECT_PTR_EQ(test, again, page);
	KUNIT_EXPECT_TRUE(test, cpupid_pid_unset(folio_last_cpupid(page_folio(again))));
	__free_page(again);
}

static void the_wanted_node_serves(struct kunit *test)
{
	int nid;

	for (nid = 0; nid < 2; nid++) {
		struct page *page = __alloc_pages_node(nid, GFP_KERNEL, 0);

		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_EQ(test, page_to_nid(page), nid);
		KUNIT_EXPECT_PTR_EQ(test, page_zone(page), normal(nid));
		__free_page(page);
	}
}

static void alloc_pages_prefers_the_local_node(struct kunit *test)
{
	struct page *page;

	set_cpus_allowed_ptr(current, cpumask_of_node(1));
	page = alloc_pages(GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, page_to_nid(page), 1);
	__free_page(page);
	page = alloc_pages_node(NUMA_NO_NODE, GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, page_to_nid(page), 1);
	__free_page(page);
}

static void thisnode_fails_where_others_fall_back(struct kunit *test)
{
	unsigned long nr, miss = zone_numa_event_state(normal(0), NUMA_MISS);
	unsigned long foreign = zone_numa_event_state(normal(1), NUMA_FOREIGN);
	struct page *list = take_all(1, GFP_KERNEL, &nr), *page;

	KUNIT_EXPECT_GT(test, nr, NODE_PAGES * 3 / 4UL);
	KUNIT_EXPECT_NULL(test, __alloc_pages_node(1, GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN,
						   0));
	page = __alloc_pages_node(1, GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, page_to_nid(page), 0);
	KUNIT_EXPECT_EQ(test, zone_numa_event_state(normal(0), NUMA_MISS), miss + 1);
	KUNIT_EXPECT_EQ(test, zone_numa_event_state(normal(1), NUMA_FOREIGN), foreign + 1);
	__free_page(page);
	give_all(list);
}

static void a_nodemask_forbids_fallback_to_others(struct kunit *test)
{
	nodemask_t only1 = nodemask_of_node(1);
	struct page *page = __alloc_pages(GFP_KERNEL, 0, 0, &only1);
	unsigned long nr;
	struct page *list;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, page_to_nid(page), 1);
	__free_page(page);
	list = take_all(1, GFP_KERNEL, &nr);
	KUNIT_EXPECT_NULL(test, __alloc_pages(GFP_KERNEL | __GFP_NOWARN, 0, 0, &only1));
	give_all(list);
}

static void marks_rise_from_min_to_high(struct kunit *test)
{
	struct zone *zone = normal(0);

	KUNIT_EXPECT_GT(test, min_wmark_pages(zone), 0UL);
	KUNIT_EXPECT_GT(test, low_wmark_pages(zone), min_wmark_pages(zone));
	KUNIT_EXPECT_GT(test, high_wmark_pages(zone), low_wmark_pages(zone));
	KUNIT_EXPECT_LE(test, min_wmark_pages(zone), NODE_PAGES / 8UL);
}

static void each_kind_of_request_stops_at_its_mark(struct kunit *test)
{
	unsigned long min = min_wmark_pages(normal(1)), nr, nr_atomic, nr_all;
	struct page *kernel, *atomic, *rest;

	kernel = take_all(1, GFP_KERNEL, &nr);
	KUNIT_EXPECT_EQ(test, nr_free(1), min);
	/* GFP_ATOMIC: half of min, and a quarter of that */
	atomic = take_all(1, GFP_ATOMIC, &nr_atomic);
	KUNIT_EXPECT_EQ(test, nr_free(1), min - min / 2 - (min - min / 2) / 4);
	rest = take_all(1, __GFP_MEMALLOC, &nr_all);
	KUNIT_EXPECT_EQ(test, nr_free(1), 0UL);
	KUNIT_EXPECT_EQ(test, nr + nr_atomic + nr_all, (unsigned long)NODE_PAGES);
	give_all(rest);
	give_all(atomic);
	give_all(kernel);
}

static void pf_memalloc_opens_the_reserves_unless_nomemalloc(struct kunit *test)
{
	unsigned long nr;
	struct page *list = take_all(1, GFP_KERNEL, &nr), *page;

	WRITE_ONCE(current->flags, current->flags | PF_MEMALLOC);
	KUNIT_EXPECT_NULL(test, __alloc_pages_node(1, GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN |
						   __GFP_NOMEMALLOC, 0));
	page = __alloc_pages_node(1, GFP_KERNEL | __GFP_THISNODE, 0);
	WRITE_ONCE(current->flags, current->flags & ~PF_MEMALLOC);
	KUNIT_ASSERT_NOT_NULL(test, page);
	__free_page(page);
	give_all(list);
}

static void zone_watermark_ok_sees_order_and_mark(struct kunit *test)
{
	struct zone *zone = normal(0);
	unsigned long free = nr_free(0);

	KUNIT_EXPECT_TRUE(test, zone_watermark_ok(zone, 0, free - 1, ZONE_NORMAL, 0));
	KUNIT_EXPECT_FALSE(test, zone_watermark_ok(zone, 0, free, ZONE_NORMAL, 0));
	KUNIT_EXPECT_FALSE(test, zone_watermark_ok(zone, 1, free - 1, ZONE_NORMAL, 0));
	KUNIT_EXPECT_TRUE(test, zone_watermark_ok(zone, 9, high_wmark_pages(zone), ZONE_NORMAL,
						  0));
	/* one page of the only block of 2^10 is in use: no such block */
	KUNIT_EXPECT_FALSE(test, zone_watermark_ok(zone, 10, 0, ZONE_NORMAL, 0));
}

static void nowait_and_atomic_may_be_used_under_a_spinlock(struct kunit *test)
{
	spinlock_t lock;
	struct page *a, *b;

	spin_lock_init(&lock);
	spin_lock(&lock);
	a = alloc_pages(GFP_NOWAIT, 0);
	b = alloc_pages(GFP_ATOMIC, 2);
	spin_unlock(&lock);
	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_ASSERT_NOT_NULL(test, b);
	__free_pages(b, 2);
	__free_page(a);
}

static void alloc_under_spinlock(void *arg)
{
	spinlock_t lock;

	spin_lock_init(&lock);
	spin_lock(&lock);
	alloc_pages(GFP_KERNEL, 0);
}

static void gfp_kernel_under_a_spinlock_is_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(alloc_under_spinlock, NULL, NULL, 0),
			VIOLATION_ATOMIC_SLEEP);
}

static void alloc_on_no_node(void *arg)
{
	__alloc_pages_node(nr_node_ids, GFP_KERNEL, 0);
}

static void alloc_a_folio_on_no_node(void *arg)
{
	__folio_alloc_node(GFP_KERNEL, 0, NUMA_NO_NODE);
}

static void a_node_that_is_not_there_is_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(alloc_on_no_node, NULL, NULL, 0), VIOLATION_BUG);
	KUNIT_EXPECT_EQ(test, violation_catch(alloc_a_folio_on_no_node, NULL, NULL, 0),
			VIOLATION_BUG);
}

static void zeroed_pages_are_zero_even_when_reused(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL, 0);
	char *zeros = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	memset(page_address(page), 0x77, PAGE_SIZE);
	__free_page(page);
	page = alloc_pages(GFP_KERNEL | __GFP_ZERO, 0);
	KUNIT_EXPECT_MEMEQ(test, page_address(page), zeros, PAGE_SIZE);
	__free_page(page);
	page = alloc_pages(GFP_KERNEL | __GFP_ZERO, 5);
	KUNIT_EXPECT_MEMEQ(test, page_address(page + 31), zeros, PAGE_SIZE);
	__free_pages(page, 5);
}

static void pages_without_zero_are_not_zero(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL, 0);

	KUNIT_EXPECT_NE(test, *(u64 *)page_address(page), 0ULL);
	__free_page(page);
}

static void hopeless_nofail(void *arg)
{
	__alloc_pages_node(1, GFP_KERNEL | __GFP_THISNODE | __GFP_NOFAIL, 0);
}

static void nofail_that_would_wait_for_ever_is_reported(struct kunit *test)
{
	unsigned long nr, deep, deeper;
	struct page *list = take_all(1, GFP_KERNEL, &nr);
	struct page *more = take_all(1, GFP_ATOMIC, &deep);
	struct page *rest = take_all(1, __GFP_MEMALLOC, &deeper);

	KUNIT_EXPECT_EQ(test, violation_catch(hopeless_nofail, NULL, NULL, 0), VIOLATION_PAGE);
	give_all(rest);
	give_all(more);
	give_all(list);
}

static void an_order_above_the_largest_fails(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, alloc_pages(GFP_KERNEL | __GFP_NOWARN, MAX_PAGE_ORDER + 1));
}

static void memory_comes_back(struct kunit *test)
{
	unsigned long before = pages_in_use(), nr;
	struct page *list = take_all(0, GFP_KERNEL, &nr);

	KUNIT_EXPECT_EQ(test, pages_in_use(), before + nr);
	KUNIT_EXPECT_EQ(test, pages_in_use_node(1), 0UL);
	give_all(list);
	KUNIT_EXPECT_EQ(test, pages_in_use(), before);
	drain_all_pages(NULL);
	KUNIT_EXPECT_EQ(test, nr_free(0) + nr_free(1), 2 * NODE_PAGES - before);
}

static void free_pages_takes_an_address(struct kunit *test)
{
	unsigned long addr = get_zeroed_page(GFP_KERNEL);

	KUNIT_ASSERT_NE(test, addr, 0UL);
	KUNIT_EXPECT_TRUE(test, virt_addr_valid((void *)addr));
	KUNIT_EXPECT_PTR_EQ(test, page_address(virt_to_page((void *)addr)), (void *)addr);
	KUNIT_EXPECT_EQ(test, *(u64 *)addr, 0ULL);
	free_pages(addr, 0);
	free_pages(0, 0);
}

static void hit_and_local_are_counted(struct kunit *test)
{
	unsigned long hit, other, local;
	struct page *page;

	set_cpus_allowed_ptr(current, cpumask_of_node(0));
	hit = zone_numa_event_state(normal(1), NUMA_HIT);
	other = zone_numa_event_state(normal(1), NUMA_OTHER);
	local = zone_numa_event_state(normal(0), NUMA_LOCAL);
	page = __alloc_pages_node(1, GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, zone_numa_event_state(normal(1), NUMA_HIT), hit + 1);
	KUNIT_EXPECT_EQ(test, zone_numa_event_state(normal(1), NUMA_OTHER), other + 1);
	__free_page(page);
	page = alloc_pages(GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, zone_numa_event_state(normal(0), NUMA_LOCAL), local + 1);
	__free_page(page);
}

static struct kunit_case gfp_cases[] = {
	KUNIT_CASE(a_new_page_is_pristine),
	KUNIT_CASE(a_reused_page_has_no_old_cpupid),
	KUNIT_CASE(the_wanted_node_serves),
	KUNIT_CASE(alloc_pages_prefers_the_local_node),
	KUNIT_CASE(thisnode_fails_where_others_fall_back),
	KUNIT_CASE(a_nodemask_forbids_fallback_to_others),
	KUNIT_CASE(marks_rise_from_min_to_high),
	KUNIT_CASE(each_kind_of_request_stops_at_its_mark),
	KUNIT_CASE(pf_memalloc_opens_the_reserves_unless_nomemalloc),
	KUNIT_CASE(zone_watermark_ok_sees_order_and_mark),
	KUNIT_CASE(nowait_and_atomic_may_be_used_under_a_spinlock),
	KUNIT_CASE(gfp_kernel_under_a_spinlock_is_reported),
	KUNIT_CASE(a_node_that_is_not_there_is_reported),
	KUNIT_CASE(zeroed_pages_are_zero_even_when_reused),
	KUNIT_CASE(pages_without_zero_are_not_zero),
	KUNIT_CASE(nofail_that_would_wait_for_ever_is_reported),
	KUNIT_CASE(an_order_above_the_largest_fails),
	KUNIT_CASE(memory_comes_back),
	KUNIT_CASE(free_pages_takes_an_address),
	KUNIT_CASE(hit_and_local_are_counted),
	{}
};

static struct kunit_suite gfp_suite = {
	.name = "gfp",
	.test_cases = gfp_cases,
};
kunit_machine_config(gfp_suite, small);
kunit_test_suite(gfp_suite);
