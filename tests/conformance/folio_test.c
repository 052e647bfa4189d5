// SPDX-License-Identifier: GPL-2.0
/*
 * Pages and folios: where they come from, what they count, and the last CPUPID.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/preempt.h>
#include <linux/swap.h>
#include <linux/topology.h>

static void a_page_comes_from_the_node_that_was_named(struct kunit *test)
{
	int nid;

	for_each_node_state(nid, N_MEMORY) {
		struct page *page = alloc_pages_node(nid, GFP_KERNEL | __GFP_THISNODE, 0);

		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_EQ(test, page_to_nid(page), nid);
		KUNIT_EXPECT_EQ(test, pfn_to_nid(page_to_pfn(page)), nid);
		KUNIT_EXPECT_PTR_EQ(test, pfn_to_online_page(page_to_pfn(page)), page);
		KUNIT_EXPECT_EQ(test, page_count(page), 1);
		__free_pages(page, 0);
	}
}

static void a_new_folio_is_nobodys(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), 0);
	KUNIT_EXPECT_FALSE(test, folio_mapped(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_lru(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_anon(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_large(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_NULL(test, folio_mapping(folio));
	KUNIT_EXPECT_EQ(test, folio_nr_pages(folio), 1L);
	KUNIT_EXPECT_EQ(test, folio_last_cpupid(folio), -1 & LAST_CPUPID_MASK);
	folio_put(folio);
}

static void a_large_folio_knows_its_parts(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 3);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, folio_test_large(folio));
	KUNIT_EXPECT_EQ(test, folio_order(folio), 3U);
	KUNIT_EXPECT_EQ(test, folio_nr_pages(folio), 8L);
	KUNIT_EXPECT_EQ(test, folio_size(folio), 8UL * PAGE_SIZE);
	for (i = 0; i < 8; i++) {
		KUNIT_EXPECT_PTR_EQ(test, page_folio(folio_page(folio, i)), folio);
		KUNIT_EXPECT_EQ(test, page_to_pfn(folio_page(folio, i)), folio_pfn(folio) + i);
		KUNIT_EXPECT_EQ(test, PageTail(folio_page(folio, i)), i > 0);
	}
	folio_put(folio);
}

static void references_are_had_unless_there_is_none(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, folio_try_get(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	KUNIT_EXPECT_FALSE(test, folio_ref_freeze(folio, 1));
	KUNIT_EXPECT_TRUE(test, folio_ref_freeze(folio, 2));
	KUNIT_EXPECT_FALSE(test, folio_try_get(folio));
	folio_ref_unfreeze(folio, 2);
	KUNIT_EXPECT_FALSE(test, folio_put_testzero(folio));
	folio_put(folio);
}

static void a_folio_is_locked_once(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, folio_trylock(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_locked(folio));
	KUNIT_EXPECT_FALSE(test, folio_trylock(folio));
	folio_unlock(folio);
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
	folio_put(folio);
}

static void the_last_cpupid_is_exchanged(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);
	int cpupid = cpu_pid_to_cpupid(raw_smp_processor_id(), current->pid);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, cpupid_pid_unset(folio_last_cpupid(folio)));
	KUNIT_EXPECT_TRUE(test, cpupid_cpu_unset(folio_last_cpupid(folio)));
	folio_xchg_last_cpupid(folio, cpupid);
	KUNIT_EXPECT_EQ(test, folio_last_cpupid(folio), cpupid);
	KUNIT_EXPECT_EQ(test, folio_xchg_last_cpupid(folio, cpupid + 1), cpupid);
	KUNIT_EXPECT_EQ(test, folio_nid(folio), page_to_nid(folio_page(folio, 0)));
	folio_put(folio);
}

/* It waits in a batch of its CPU until the batch is drained. */
static void a_folio_comes_to_its_list_in_a_batch(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);
	bool before, after;
	int refs;

	KUNIT_ASSERT_NOT_NULL(test, folio);
	preempt_disable();
	lru_add_drain();
	folio_add_lru(folio);
	before = folio_test_lru(folio);
	refs = folio_ref_count(folio);
	lru_add_drain();
	after = folio_test_lru(folio);
	preempt_enable();
	KUNIT_EXPECT_FALSE(test, before);
	KUNIT_EXPECT_EQ(test, refs, 2);
	KUNIT_EXPECT_TRUE(test, after);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	folio_put(folio);
}

static void a_cpupid_is_a_cpu_and_the_low_bits_of_a_pid(struct kunit *test)
{
	int cpu, cpupid;

	for_each_online_cpu(cpu) {
		cpupid = cpu_pid_to_cpupid(cpu, 0x1234);
		KUNIT_EXPECT_EQ(test, cpupid_to_cpu(cpupid), cpu);
		KUNIT_EXPECT_EQ(test, cpupid_to_pid(cpupid), 0x34);
		KUNIT_EXPECT_EQ(test, cpupid_to_nid(cpupid), cpu_to_node(cpu));
		KUNIT_EXPECT_FALSE(test, cpupid_pid_unset(cpupid));
		KUNIT_EXPECT_FALSE(test, cpupid_cpu_unset(cpupid));
		KUNIT_EXPECT_TRUE(test, __cpupid_match_pid(0x5634, cpupid));
		KUNIT_EXPECT_FALSE(test, __cpupid_match_pid(0x1235, cpupid));
		cpupid = cpu_pid_to_cpupid(cpu, current->pid);
		KUNIT_EXPECT_TRUE(test, cpupid_match_pid(current, cpupid));
		cpupid = cpu_pid_to_cpupid(cpu, current->pid + 1);
		KUNIT_EXPECT_FALSE(test, cpupid_match_pid(current, cpupid));
	}
}

static struct kunit_case folio_cases[] = {
	KUNIT_CASE(a_page_comes_from_the_node_that_was_named),
	KUNIT_CASE(a_new_folio_is_nobodys),
	KUNIT_CASE(a_large_folio_knows_its_parts),
	KUNIT_CASE(references_are_had_unless_there_is_none),
	KUNIT_CASE(a_folio_is_locked_once),
	KUNIT_CASE(the_last_cpupid_is_exchanged),
	KUNIT_CASE(a_folio_comes_to_its_list_in_a_batch),
	KUNIT_CASE(a_cpupid_is_a_cpu_and_the_low_bits_of_a_pid),
	{}
};

static struct kunit_suite folio_suite = {
	.name = "conformance_folio",
	.test_cases = folio_cases,
};
kunit_test_suite(folio_suite);
