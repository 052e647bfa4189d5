// SPDX-License-Identifier: GPL-2.0
/*
 * The buddy system against a model: a bitmap of frames in use.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/gfp.h>
#include <linux/mm_page.h>
#include <machine/machine.h>
#include <machine/pages.h>
#include <machine/violation.h>

#include "parallel.h"

#define NODE_PAGES	8192
#define BLOCKS		400
#define STEPS		6000

static const struct machine_config machine = {
	.nr_nodes = 1, .nr_cpus = 4, .bytes_per_node = NODE_PAGES * 4096,
};

static struct zone *zone(void)
{
	return &NODE_DATA(0)->node_zones[ZONE_NORMAL];
}

struct block {
	struct page *page;
	unsigned int order;
};

/* Frames of a new block were free, and are aligned; mark them used. */
static void model_take(struct kunit *test, unsigned long *used, struct block *b)
{
	unsigned long pfn = page_to_pfn(b->page) - zone()->zone_start_pfn, i;

	KUNIT_ASSERT_EQ(test, page_to_pfn(b->page) & ((1UL << b->order) - 1), 0UL);
	for (i = pfn; i < pfn + (1UL << b->order); i++) {
		KUNIT_ASSERT_LT(test, i, (unsigned long)NODE_PAGES);
		KUNIT_ASSERT_FALSE(test, test_and_set_bit(i, used));
	}
}

static void model_give(unsigned long *used, struct block *b)
{
	unsigned long pfn = page_to_pfn(b->page) - zone()->zone_start_pfn, i;

	for (i = pfn; i < pfn + (1UL << b->order); i++)
		clear_bit(i, used);
}

/* One seed: random allocations and frees, the model followed at each step. */
static void random_blocks(struct kunit *test, u64 seed)
{
	struct block *blocks = kunit_kcalloc(test, BLOCKS, sizeof(*blocks), GFP_KERNEL);
	unsigned long *used = kunit_kzalloc(test, NODE_PAGES / 8, GFP_KERNEL);
	unsigned long before = pages_in_use();
	u64 rnd = seed;
	int step;

	kunit_info(test, "seed %llu", (unsigned long long)seed);
	for (step = 0; step < STEPS; step++) {
		struct block *b = &blocks[next_random(&rnd) % BLOCKS];

		if (b->page) {
			model_give(used, b);
			__free_pages(b->page, b->order);
			b->page = NULL;
			continue;
		}
		b->order = next_random(&rnd) % 100 ? next_random(&rnd) % 6 :
						     next_random(&rnd) % NR_PAGE_ORDERS;
		b->page = alloc_pages((next_random(&rnd) & 1 ? __GFP_COMP : 0) | GFP_KERNEL |
				      __GFP_NOWARN, b->order);
		if (b->page)
			model_take(test, used, b);
		if (step % 1000 == 0) {
			KUNIT_EXPECT_EQ(test, pages_in_use() - before,
					(unsigned long)bitmap_weight(used, NODE_PAGES));
			machine_check();
		}
	}
	for (step = 0; step < BLOCKS; step++)
		if (blocks[step].page)
			__free_pages(blocks[step].page, blocks[step].order);
}

static void random_blocks_never_overlap(struct kunit *test)
{
	u64 seed;

	for (seed = 1; seed <= 3; seed++)
		random_blocks(test, seed);
}

static void freed_memory_merges_to_the_largest_blocks(struct kunit *test)
{
	struct page **pages = kunit_kcalloc(test, NODE_PAGES, sizeof(*pages), GFP_KERNEL);
	unsigned long i, nr = 0;

	while (nr < NODE_PAGES &&
	       (pages[nr] = alloc_pages(GFP_KERNEL | __GFP_MEMALLOC | __GFP_NOWARN, 0)))
		nr++;
	/* free in an order that has nothing to do with the frames' */
	for (i = 0; i < nr; i++) {
		unsigned long j = i * 4099 % nr;

		if (pages[j])
			__free_page(pages[j]);
		pages[j] = NULL;
	}
	for (i = 0; i < nr; i++)
		if (pages[i])
			__free_page(pages[i]);
	drain_all_pages(NULL);
	KUNIT_EXPECT_EQ(test, zone()->untouched_pfn, zone_end_pfn(zone()));
	/* all but the block with the boot's own pages */
	KUNIT_EXPECT_EQ(test, zone()->free_area[MAX_PAGE_ORDER].nr_free,
			NODE_PAGES / MAX_ORDER_NR_PAGES - 1);
}

static void a_split_allocation_is_freed_page_by_page(struct kunit *test)
{
	unsigned long before = pages_in_use(), i;
	struct page *page = alloc_pages(GFP_KERNEL, 3);

	split_page(page, 3);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, page_ref_count(page + i), 1);
	for (i = 0; i < 8; i++)
		__free_page(page + (i * 3) % 8);
	KUNIT_EXPECT_EQ(test, pages_in_use(), before);
}

static void split(void *page)
{
	split_page(page, 3);
}

static void what_is_no_allocation_of_single_pages_is_not_split(struct kunit *test)
{
	struct page *whole = alloc_pages(GFP_KERNEL | __GFP_COMP, 3);
	struct page *unused = alloc_pages(GFP_KERNEL, 3);

	KUNIT_EXPECT_EQ(test, violation_catch(split, whole, NULL, 0), VIOLATION_BUG);
	set_page_count(unused, 0);
	KUNIT_EXPECT_EQ(test, violation_catch(split, unused, NULL, 0), VIOLATION_BUG);
	set_page_count(unused, 1);
	__free_pages(whole, 3);
	__free_pages(unused, 3);
}

static void check(void *unused)
{
	machine_check();
}

/* In a per-CPU list, where a single page goes first. */
static void a_write_to_a_free_page_of_a_cpu_is_found(struct kunit *test)
{
	unsigned long *word;

	if (memory_watcher())
		kunit_skip(test, "a sanitizer ends the test at the write");
	word = (unsigned long *)__get_free_page(GFP_KERNEL);
	free_page((unsigned long)word);
	WRITE_ONCE(*word, 1);
	KUNIT_EXPECT_EQ(test, violation_catch(check, NULL, NULL, 0), VIOLATION_PAGE);
}

static void a_page_somebody_holds_survives_the_free_of_its_block(struct kunit *test)
{
	unsigned long before = pages_in_use();
	struct page *page = alloc_pages(GFP_KERNEL, 2);

	get_page(page);
	__free_pages(page, 2);
	KUNIT_EXPECT_EQ(test, page_ref_count(page), 1);
	KUNIT_EXPECT_EQ(test, pages_in_use(), before + 1);
	put_page(page);
	KUNIT_EXPECT_EQ(test, pages_in_use(), before);
}

#define RACE_STEPS 3000

static void churn(unsigned int me, void *arg)
{
	struct block blocks[16] = { { NULL, 0 } };
	u64 rnd = me + 77;
	int step;

	for (step = 0; step < RACE_STEPS; step++) {
		struct block *b = &blocks[next_random(&rnd) % 16];

		if (b->page) {
			*(u64 *)page_address(b->page) = me;
			__free_pages(b->page, b->order);
			b->page = NULL;
		} else {
			b->order = next_random(&rnd) % 4;
			b->page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, b->order);
			if (b->page)
				*(u64 *)page_address(b->page) = step;
		}
		if (next_random(&rnd) % 200 == 0)
			drain_all_pages(NULL);
	}
	for (step = 0; step < 16; step++)
		if (blocks[step].page)
			__free_pages(blocks[step].page, blocks[step].order);
}

static void cpus_allocate_at_once_without_sharing_a_page(struct kunit *test)
{
	unsigned long before = pages_in_use();

	run_parallel(test, 4, churn, NULL);
	machine_quiesce();
	machine_check();
	KUNIT_EXPECT_EQ(test, pages_in_use(), before);
}

/* A single page that is freed stays with its CPU until that is drained. */
static void a_cpu_gives_back_what_it_keeps(struct kunit *test)
{
	struct page *page;
	struct zone *zone;
	unsigned long nr;

	set_cpus_allowed_ptr(current, cpumask_of(0));
	page = alloc_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	zone = page_zone(page);
	drain_all_pages(NULL);
	nr = zone_page_state(zone, NR_FREE_PAGES);
	__free_page(page);
	KUNIT_EXPECT_EQ(test, zone_page_state(zone, NR_FREE_PAGES), nr);
	drain_local_pages(zone);
	KUNIT_EXPECT_EQ(test, zone_page_state(zone, NR_FREE_PAGES), nr + 1);
}

static struct kunit_case buddy_cases[] = {
	KUNIT_CASE(random_blocks_never_overlap),
	KUNIT_CASE(freed_memory_merges_to_the_largest_blocks),
	KUNIT_CASE(a_split_allocation_is_freed_page_by_page),
	KUNIT_CASE(what_is_no_allocation_of_single_pages_is_not_split),
	KUNIT_CASE(a_write_to_a_free_page_of_a_cpu_is_found),
	KUNIT_CASE(a_page_somebody_holds_survives_the_free_of_its_block),
	KUNIT_CASE(cpus_allocate_at_once_without_sharing_a_page),
	KUNIT_CASE(a_cpu_gives_back_what_it_keeps),
	{}
};

static struct kunit_suite buddy_suite = {
	.name = "buddy",
	.test_cases = buddy_cases,
};
kunit_machine_config(buddy_suite, machine);
kunit_test_suite(buddy_suite);
