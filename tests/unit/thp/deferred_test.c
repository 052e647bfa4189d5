// SPDX-License-Identifier: GPL-2.0
/* The deferred split queue and its shrinker. */
#include "split_test.h"
#include <linux/khugepaged.h>
#include <linux/vmalloc.h>
#include <machine/pages.h>

#define ORDER	4
#define PAGES	(1UL << ORDER)
#define SIZE	(PAGES * PAGE_SIZE)

static struct kunit *the_test;

static int deferred_init(struct kunit *test)
{
	the_test = test;
	return 0;
}

/* A filled folio of which the second half was unmapped. */
static unsigned long half_area(struct folio **folio)
{
	unsigned long addr = map_aligned(the_test, SIZE);

	*folio = map_large(the_test, addr, ORDER);
	fill(the_test, addr, PAGES);
	KUNIT_EXPECT_EQ(the_test, sys_munmap(addr + SIZE / 2, SIZE / 2), 0L);
	return addr;
}

static int prog_shrink(void *arg)
{
	struct folio *folio[3];
	unsigned long addr[3], i, free_before, nid;

	for (i = 0; i < 3; i++)
		addr[i] = half_area(&folio[i]);
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 3UL);
	nid = folio_nid(folio[0]);
	drain_all_pages(NULL);
	free_before = pages_in_use();
	/* another node has none */
	KUNIT_EXPECT_EQ(the_test, shrink_slab(GFP_KERNEL, (nid + 1) % 4, NULL, 0), 0UL);
	KUNIT_EXPECT_EQ(the_test, shrink_slab(GFP_KERNEL, nid, NULL, 0), 3UL);
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 0UL);
	drain_all_pages(NULL);
	KUNIT_EXPECT_EQ(the_test, free_before - pages_in_use(), 3 * PAGES / 2);
	for (i = 0; i < 3; i++) {
		expect_filled(the_test, addr[i], PAGES / 2);
		KUNIT_EXPECT_EQ(the_test, folio_order(peek_folio(addr[i])), 0U);
	}
	KUNIT_EXPECT_EQ(the_test, shrink_all(), 0UL);
	return 0;
}

static void the_shrinker_frees_what_was_unmapped(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_shrink), 0);
}

static int prog_busy(void *arg)
{
	struct folio *folio[3];
	unsigned long addr[3], i;

	for (i = 0; i < 3; i++)
		addr[i] = half_area(&folio[i]);
	/* one is locked, one has a reference too many */
	folio_lock(folio[0]);
	folio_get(folio[2]);
	KUNIT_EXPECT_EQ(the_test, shrink_all(), 1UL);
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 2UL);
	KUNIT_EXPECT_EQ(the_test, folio_order(folio[0]), (unsigned int)ORDER);
	KUNIT_EXPECT_EQ(the_test, folio_order(peek_folio(addr[1])), 0U);
	/* put back, they keep their marks and their references */
	KUNIT_EXPECT_TRUE(the_test, folio_test_partially_mapped(folio[0]));
	KUNIT_EXPECT_EQ(the_test, folio_ref_count(folio[0]), (int)PAGES / 2);
	KUNIT_EXPECT_EQ(the_test, folio_ref_count(folio[2]), (int)PAGES / 2 + 1);
	folio_unlock(folio[0]);
	folio_put(folio[2]);
	KUNIT_EXPECT_EQ(the_test, shrink_all(), 2UL);
	for (i = 0; i < 3; i++)
		expect_filled(the_test, addr[i], PAGES / 2);
	return 0;
}

static void folios_that_would_not_split_stay_queued(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_busy), 0);
}

static int prog_free(void *arg)
{
	struct folio *folio;
	unsigned long addr = half_area(&folio);

	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 1UL);
	KUNIT_EXPECT_EQ(the_test, sys_munmap(addr, SIZE / 2), 0L);
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 0UL);
	return 0;
}

static void freeing_takes_a_folio_off_the_queue(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_free), 0);
}

static int prog_move(void *arg)
{
	unsigned long addr = map_aligned(the_test, SIZE);
	struct folio *folio = map_large(the_test, addr, ORDER), *moved;

	/* queued as new, not as partially mapped: moves as a whole */
	fill(the_test, addr, PAGES);
	deferred_split_folio(folio, false);
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 1UL);
	KUNIT_EXPECT_EQ(the_test, migrate_at(addr, 2, MIGRATE_SYNC), 0);
	moved = peek_folio(addr);
	KUNIT_EXPECT_EQ(the_test, folio_order(moved), (unsigned int)ORDER);
	KUNIT_EXPECT_EQ(the_test, folio_nid(moved), 2);
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 0UL);
	expect_filled(the_test, addr, PAGES);
	return 0;
}

static void moving_takes_a_folio_off_the_queue(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_move), 0);
}

static int prog_underused(void *arg)
{
	unsigned long addr[2], i, underused = vm_event(THP_UNDERUSED_SPLIT_PAGE);
	struct folio *folio[2];

	for (i = 0; i < 2; i++) {
		addr[i] = map_aligned(the_test, SIZE);
		folio[i] = map_large(the_test, addr[i], ORDER);
	}
	user_write64(addr[0] + 5 * PAGE_SIZE, 5);
	fill(the_test, addr[1], PAGES);
	/* by default nothing counts as underused */
	deferred_split_folio(folio[0], false);
	KUNIT_EXPECT_EQ(the_test, shrink_all(), 0UL);
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 0UL);

	WRITE_ONCE(khugepaged_max_ptes_none, PAGES / 2);
	deferred_split_folio(folio[0], false);
	deferred_split_folio(folio[1], false);
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 2UL);
	KUNIT_EXPECT_EQ(the_test, shrink_all(), 1UL);
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 0UL);
	KUNIT_EXPECT_EQ(the_test, vm_event(THP_UNDERUSED_SPLIT_PAGE), underused + 1);
	KUNIT_EXPECT_EQ(the_test, folio_order(folio[1]), (unsigned int)ORDER);
	KUNIT_EXPECT_EQ(the_test, folio_order(peek_folio(addr[0] + 5 * PAGE_SIZE)), 0U);
	KUNIT_EXPECT_TRUE(the_test, is_zero_page(peek_page(addr[0])));
	KUNIT_EXPECT_EQ(the_test, read_word(addr[0] + 5 * PAGE_SIZE), 5ULL);
	expect_filled(the_test, addr[1], PAGES);
	return 0;
}

static void mostly_empty_folios_are_split_if_the_limit_says_so(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_underused), 0);
}

static unsigned long count_calls, scan_calls;

static unsigned long sample_count(struct shrinker *shrink, struct shrink_control *sc)
{
	count_calls++;
	return *(unsigned long *)shrink->private_data ?: SHRINK_EMPTY;
}

static unsigned long sample_scan(struct shrinker *shrink, struct shrink_control *sc)
{
	unsigned long *left = shrink->private_data, nr = min(sc->nr_to_scan, *left);

	scan_calls++;
	*left -= nr;
	return nr ?: SHRINK_STOP;
}

static void a_shrinker_is_asked_in_batches_by_priority(struct kunit *test)
{
	struct shrinker *s = shrinker_alloc(0, "sample-%d", 1);
	unsigned long left = 1000;

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_EXPECT_STREQ(test, s->name, "sample-1");
	s->count_objects = sample_count;
	s->scan_objects = sample_scan;
	s->private_data = &left;
	s->batch = 100;
	KUNIT_EXPECT_EQ(test, shrink_slab(GFP_KERNEL, 0, NULL, 0), 0UL);
	KUNIT_EXPECT_EQ(test, count_calls, 0UL);
	shrinker_register(s);
	KUNIT_EXPECT_EQ(test, shrink_slab(GFP_KERNEL, 0, NULL, 2), 250UL);
	KUNIT_EXPECT_EQ(test, scan_calls, 3UL);
	KUNIT_EXPECT_EQ(test, shrink_slab(GFP_KERNEL, 0, NULL, 0), 750UL);
	KUNIT_EXPECT_EQ(test, left, 0UL);
	scan_calls = 0;
	KUNIT_EXPECT_EQ(test, shrink_slab(GFP_KERNEL, 0, NULL, 0), 0UL);
	KUNIT_EXPECT_EQ(test, scan_calls, 0UL);
	shrinker_free(s);
	count_calls = 0;
	shrink_all();
	KUNIT_EXPECT_EQ(test, count_calls, 0UL);
}

static void alloc_fails(void *arg)
{
	struct shrinker *s = shrinker_alloc(0, "sample");

	if (s)
		shrinker_free(s);
}

static void a_shrinker_needs_memory(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, inject_each(alloc_fails, NULL, 1 << INJECT_SLAB), 2UL);
}

static int prog_short(void *arg)
{
	unsigned long i, nr = 0;
	struct page **pages = vmalloc(20000 * sizeof(*pages));
	struct folio *folio;
	unsigned long addr = half_area(&folio);
	int nid = folio_nid(folio);

	/* take all memory of the node: the last pages come out of the folio */
	while (nr_deferred() && nr < 20000) {
		struct page *page = __alloc_pages_node(nid, GFP_KERNEL | __GFP_THISNODE |
						       __GFP_NOWARN, 0);

		if (!page)
			break;
		pages[nr++] = page;
	}
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 0UL);
	expect_filled(the_test, addr, PAGES / 2);
	for (i = 0; i < nr; i++)
		__free_pages(pages[i], 0);
	vfree(pages);
	return 0;
}

static void an_allocation_that_runs_short_splits_queued_folios(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_short), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(the_shrinker_frees_what_was_unmapped),
	KUNIT_CASE(folios_that_would_not_split_stay_queued),
	KUNIT_CASE(freeing_takes_a_folio_off_the_queue),
	KUNIT_CASE(moving_takes_a_folio_off_the_queue),
	KUNIT_CASE(mostly_empty_folios_are_split_if_the_limit_says_so),
	KUNIT_CASE(a_shrinker_is_asked_in_batches_by_priority),
	KUNIT_CASE(a_shrinker_needs_memory),
	KUNIT_CASE(an_allocation_that_runs_short_splits_queued_folios),
	{}
};

static struct kunit_suite suite = {
	.name = "thp-deferred",
	.init = deferred_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);
