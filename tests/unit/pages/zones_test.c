// SPDX-License-Identifier: GPL-2.0
/*
 * Frames, nodes and zones: fallback order by distance, memoryless nodes, nodes of odd
 * sizes, ZONE_MOVABLE.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/mm_page.h>
#include <linux/topology.h>

/*
 * Distances of a ring 0 - 1 - 2 - 3 - 0 where 0 and 2 are far apart:
 *	0: 1 and 3 near      1: 0 and 2 near      2: 1 and 3 near
 */
static const u8 ring[] = {
	10, 20, 40, 25,
	20, 10, 20, 40,
	40, 20, 10, 20,
	25, 40, 20, 10,
};
static const struct machine_config ring_machine = {
	.nr_nodes = 4, .nr_cpus = 4, .bytes_per_node = 4 << 20, .distance = ring,
};

/* Nodes of the fallback list of @nid, in order, as digits. */
static unsigned long fallback(int nid)
{
	unsigned long order = 0;
	struct zoneref *z;
	struct zone *zone;

	for_each_zone_zonelist(zone, z, node_zonelist(nid, GFP_KERNEL), ZONE_NORMAL)
		order = order * 10 + zone->node + 1;
	return order;
}

static void fallback_goes_by_distance(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, fallback(0), 1243UL);
	KUNIT_EXPECT_EQ(test, fallback(2) / 1000, 3UL);
	KUNIT_EXPECT_EQ(test, fallback(2) % 10, 1UL);
	KUNIT_EXPECT_EQ(test, fallback(3), 4312UL);
}

static void an_allocation_overflows_to_the_nearest_node(struct kunit *test)
{
	struct page *list = NULL, *page;
	int order[4], n = 0;

	/* until the third node of the list serves */
	while (n < 3) {
		page = __alloc_pages_node(0, GFP_KERNEL, 0);
		KUNIT_ASSERT_NOT_NULL(test, page);
		set_page_private(page, (unsigned long)list);
		list = page;
		if (!n || order[n - 1] != page_to_nid(page))
			order[n++] = page_to_nid(page);
	}
	KUNIT_EXPECT_EQ(test, order[0], 0);
	KUNIT_EXPECT_EQ(test, order[1], 1);
	KUNIT_EXPECT_EQ(test, order[2], 3);
	while (list) {
		page = list;
		list = (struct page *)page_private(page);
		__free_page(page);
	}
}

static void thisnode_has_a_list_of_one_node(struct kunit *test)
{
	struct zonelist *zl = node_zonelist(2, GFP_KERNEL | __GFP_THISNODE);

	KUNIT_ASSERT_NOT_NULL(test, zl->_zonerefs[0].zone);
	KUNIT_EXPECT_EQ(test, zl->_zonerefs[0].zone->node, 2);
	KUNIT_EXPECT_NULL(test, zl->_zonerefs[1].zone);
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(fallback_goes_by_distance),
	KUNIT_CASE(an_allocation_overflows_to_the_nearest_node),
	KUNIT_CASE(thisnode_has_a_list_of_one_node),
	{}
};
static struct kunit_suite ring_suite = { .name = "zonelist", .test_cases = ring_cases };
kunit_machine_config(ring_suite, ring_machine);

/* Node 1 has no memory; the others have sizes that are no multiple of a largest block. */
static const u64 odd_bytes[] = { 5 << 20, 0, (4 << 20) + 3 * 4096, 1 << 20 };
static const struct machine_config odd_machine = {
	.nr_nodes = 4, .nr_cpus = 4, .node_bytes = odd_bytes,
};

static void every_frame_knows_its_node_before_it_was_used(struct kunit *test)
{
	unsigned long pfn, nr[4] = { 0 };

	for (pfn = 0; pfn < max_pfn + 10; pfn++) {
		int nid = pfn_to_nid(pfn);

		KUNIT_ASSERT_EQ(test, pfn_valid(pfn), nid != NUMA_NO_NODE);
		if (nid == NUMA_NO_NODE)
			continue;
		KUNIT_ASSERT_EQ(test, page_to_nid(pfn_to_page(pfn)), nid);
		KUNIT_ASSERT_PTR_EQ(test, page_zone(pfn_to_page(pfn)),
				    &NODE_DATA(nid)->node_zones[ZONE_NORMAL]);
		KUNIT_ASSERT_EQ(test, page_to_pfn(pfn_to_page(pfn)), pfn);
		nr[nid]++;
	}
	for (pfn = 0; pfn < 4; pfn++)
		KUNIT_EXPECT_EQ(test, nr[pfn], (unsigned long)odd_bytes[pfn] / 4096);
}

static void a_memoryless_node_is_served_by_others(struct kunit *test)
{
	struct page *page = __alloc_pages_node(1, GFP_KERNEL, 0);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_NE(test, page_to_nid(page), 1);
	__free_page(page);
	KUNIT_EXPECT_NULL(test, __alloc_pages_node(1, GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN,
						   0));
	KUNIT_EXPECT_FALSE(test, node_state(1, N_MEMORY));
	KUNIT_EXPECT_TRUE(test, node_state(3, N_MEMORY));
}

static void blocks_do_not_cross_the_end_of_a_node(struct kunit *test)
{
	struct page *page;
	unsigned int order;

	for (order = 0; order <= MAX_PAGE_ORDER; order++) {
		page = __alloc_pages_node(2, GFP_KERNEL | __GFP_NOWARN, order);
		if (!page)
			continue;
		KUNIT_EXPECT_EQ(test, page_to_nid(page), page_to_nid(page + (1 << order) - 1));
		KUNIT_EXPECT_EQ(test, page_to_pfn(page) & ((1UL << order) - 1), 0UL);
		__free_pages(page, order);
	}
}

static struct kunit_case odd_cases[] = {
	KUNIT_CASE(every_frame_knows_its_node_before_it_was_used),
	KUNIT_CASE(a_memoryless_node_is_served_by_others),
	KUNIT_CASE(blocks_do_not_cross_the_end_of_a_node),
	{}
};
static struct kunit_suite odd_suite = { .name = "nodes_of_odd_size", .test_cases = odd_cases };
kunit_machine_config(odd_suite, odd_machine);

static const struct machine_config movable_machine = {
	.nr_nodes = 2, .nr_cpus = 2, .bytes_per_node = 16 << 20, .cmdline = "movablecore=50%",
};

static void only_movable_requests_use_the_movable_zone(struct kunit *test)
{
	struct page *user = __alloc_pages_node(1, GFP_HIGHUSER_MOVABLE, 0);
	struct page *kernel = __alloc_pages_node(1, GFP_KERNEL, 0);

	KUNIT_EXPECT_EQ(test, page_zonenum(user), ZONE_MOVABLE);
	KUNIT_EXPECT_EQ(test, page_zonenum(kernel), ZONE_NORMAL);
	KUNIT_EXPECT_EQ(test, page_to_nid(user), 1);
	KUNIT_EXPECT_EQ(test, page_to_nid(kernel), 1);
	__free_page(user);
	__free_page(kernel);
}

static void movable_requests_try_the_whole_node_before_others(struct kunit *test)
{
	struct zoneref *z;
	struct zone *zone;
	unsigned int i = 0;
	int nodes[4], zones[4];

	for_each_zone_zonelist(zone, z, node_zonelist(0, GFP_HIGHUSER_MOVABLE), ZONE_MOVABLE) {
		KUNIT_ASSERT_LT(test, i, 4u);
		nodes[i] = zone->node;
		zones[i++] = zone_idx(zone);
	}
	KUNIT_ASSERT_EQ(test, i, 4u);
	KUNIT_EXPECT_EQ(test, nodes[0], 0);
	KUNIT_EXPECT_EQ(test, zones[0], ZONE_MOVABLE);
	KUNIT_EXPECT_EQ(test, nodes[1], 0);
	KUNIT_EXPECT_EQ(test, zones[1], ZONE_NORMAL);
	KUNIT_EXPECT_EQ(test, nodes[2], 1);
}

static struct kunit_case movable_cases[] = {
	KUNIT_CASE(only_movable_requests_use_the_movable_zone),
	KUNIT_CASE(movable_requests_try_the_whole_node_before_others),
	{}
};
static struct kunit_suite movable_suite = { .name = "zone_movable", .test_cases = movable_cases };
kunit_machine_config(movable_suite, movable_machine);

/* More nodes than zonelists are built for at boot. */
static const struct machine_config many_machine = {
	.nr_nodes = 1024, .nr_cpus = 64, .bytes_per_node = 1 << 20,
};

static void a_thousand_nodes_can_allocate(struct kunit *test)
{
	struct page *page = __alloc_pages_node(1000, GFP_KERNEL, 0);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, page_to_nid(page), 1000);
	KUNIT_EXPECT_EQ(test, folio_nid(page_folio(page)), 1000);
	__free_page(page);
}

static struct kunit_case many_cases[] = {
	KUNIT_CASE(a_thousand_nodes_can_allocate),
	{}
};
static struct kunit_suite many_suite = { .name = "many_nodes", .test_cases = many_cases };
kunit_machine_config(many_suite, many_machine);

kunit_test_suites(&ring_suite, &odd_suite, &movable_suite, &many_suite);
