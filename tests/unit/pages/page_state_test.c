// SPDX-License-Identifier: GPL-2.0
/*
 * What is noticed when a page is freed or handed out in a state it must not have,
 * compound pages, last-CPUPIDs, contents.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/mm_page.h>
#include <linux/pagevec.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <machine/pages.h>
#include <machine/violation.h>

#include "../caught.h"

static void drop(void *page)
{
	__free_page((struct page *)page);
}

static void free_zero(void *page)
{
	free_unref_page(page, 0);
}

/* Freeing @page must be reported; its text must mention @why. */
static void expect_bad_free(struct kunit *test, void (*fn)(void *), struct page *page,
			    const char *why)
{
	expect_caught(test, fn, page, VIOLATION_PAGE, why);
}

/* A page whose last reference is gone but that was not freed; made free at the end. */
static struct page *dead_page(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 0);

	set_page_count(page, 0);
	return page;
}

static void double_free_is_reported(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL, 0);

	__free_page(page);
	expect_bad_free(test, drop, page, "double free");
	expect_bad_free(test, free_zero, page, "double free");
}

static void freeing_a_referenced_page_is_reported(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL, 0);

	expect_bad_free(test, free_zero, page, "refcount");
	__free_page(page);
}

static void freeing_a_mapped_page_is_reported(struct kunit *test)
{
	struct page *page = dead_page();

	atomic_set(&page->_mapcount, 0);
	expect_bad_free(test, free_zero, page, "mapcount");
	page_mapcount_reset(page);
	free_unref_page(page, 0);
}

static void freeing_a_page_of_a_mapping_is_reported(struct kunit *test)
{
	struct page *page = dead_page();

	page->mapping = (struct address_space *)0x1000;
	expect_bad_free(test, free_zero, page, "mapping");
	page->mapping = NULL;
	free_unref_page(page, 0);
}

static void freeing_an_anonymous_page_is_fine(struct kunit *test)
{
	struct page *page = dead_page(), *again;

	page->mapping = (struct address_space *)(0x1000 | PAGE_MAPPING_ANON);
	free_unref_page(page, 0);
	again = alloc_pages(GFP_KERNEL, 0);
	KUNIT_EXPECT_NULL(test, again->mapping);
	__free_page(again);
}

static void freeing_with_flags_is_reported(struct kunit *test)
{
	static const int bits[] = {
		PG_lru, PG_locked, PG_private, PG_private_2, PG_writeback, PG_reserved,
		PG_active, PG_unevictable, PG_mlocked,
	};
	struct page *page = dead_page();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		set_bit(bits[i], &page->flags);
		expect_bad_free(test, free_zero, page, "freed");
		clear_bit(bits[i], &page->flags);
	}
	/* these may be set */
	set_bit(PG_uptodate, &page->flags);
	set_bit(PG_dirty, &page->flags);
	set_bit(PG_referenced, &page->flags);
	set_bit(PG_swapbacked, &page->flags);
	set_bit(PG_workingset, &page->flags);
	free_unref_page(page, 0);
	page = alloc_pages(GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, page->flags & PAGEFLAGS_MASK, 0UL);
	__free_page(page);
}

static void free_order1(void *page)
{
	free_unref_page(page, 1);
}

static void freeing_with_the_wrong_order_is_reported(struct kunit *test)
{
	struct page *page = dead_page();

	expect_bad_free(test, free_order1, page, "order");
	free_unref_page(page, 0);
}

static void look_at_free_pages(void *arg)
{
	machine_check();
}

static void a_write_after_free_is_found(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL, 0);
	u64 *word = page_address(page);

	if (memory_watcher() == WATCHER_ASAN) {
		__free_page(page);
		kunit_skip(test, "AddressSanitizer ends the test at the write");
	}
	__free_page(page);
	KUNIT_EXPECT_EQ(test, *word, PAGE_POISON_WORD);
	drain_all_pages(NULL);
	*word = 1;
	KUNIT_EXPECT_EQ(test, violation_catch(look_at_free_pages, NULL, NULL, 0),
			VIOLATION_PAGE);
	*word = PAGE_POISON_WORD;
}

static void taking_a_reference_on_a_free_page_fails(struct kunit *test)
{
	struct page *page = alloc_pages(GFP_KERNEL, 0);

	KUNIT_EXPECT_TRUE(test, get_page_unless_zero(page));
	put_page(page);
	__free_page(page);
	KUNIT_EXPECT_FALSE(test, get_page_unless_zero(page));
	KUNIT_EXPECT_FALSE(test, folio_try_get((struct folio *)page));
}

static void a_frozen_reference_count_lets_nobody_in(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);

	folio_get(folio);
	KUNIT_EXPECT_FALSE(test, folio_ref_freeze(folio, 1));
	KUNIT_EXPECT_TRUE(test, folio_ref_freeze(folio, 2));
	KUNIT_EXPECT_FALSE(test, folio_try_get(folio));
	folio_ref_unfreeze(folio, 2);
	KUNIT_EXPECT_TRUE(test, folio_try_get(folio));
	folio_put_refs(folio, 3);
}

/*
 * Compound pages.
 */
static void a_large_folio_is_one_of_its_order(struct kunit *test)
{
	unsigned int order, i;

	for (order = 1; order <= MAX_PAGE_ORDER; order++) {
		struct folio *folio = folio_alloc(GFP_KERNEL, order);

		KUNIT_ASSERT_NOT_NULL(test, folio);
		KUNIT_EXPECT_TRUE(test, folio_test_large(folio));
		KUNIT_EXPECT_TRUE(test, folio_test_large_rmappable(folio));
		KUNIT_EXPECT_EQ(test, folio_order(folio), order);
		KUNIT_EXPECT_EQ(test, folio_nr_pages(folio), 1L << order);
		KUNIT_EXPECT_EQ(test, folio_size(folio), PAGE_SIZE << order);
		KUNIT_EXPECT_EQ(test, folio_mapcount(folio), 0);
		for (i = 1; i < 1U << order; i++) {
			struct page *tail = folio_page(folio, i);

			KUNIT_ASSERT_TRUE(test, PageTail(tail));
			KUNIT_ASSERT_PTR_EQ(test, page_folio(tail), folio);
			KUNIT_ASSERT_EQ(test, page_ref_count(tail), 0);
			KUNIT_ASSERT_EQ(test, page_to_nid(tail), folio_nid(folio));
		}
		get_page(folio_page(folio, i - 1));
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
		put_page(folio_page(folio, 1));
		folio_put(folio);
	}
}

static void a_freed_compound_page_leaves_no_trace(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 3);
	struct page *page = &folio->page;
	unsigned int i;

	folio_put(folio);
	drain_all_pages(NULL);
	for (i = 0; i < 8; i++) {
		KUNIT_EXPECT_FALSE(test, PageTail(page + i));
		KUNIT_EXPECT_EQ(test, page[i].flags & PAGEFLAGS_MASK, 0UL);
		KUNIT_EXPECT_NULL(test, page[i].mapping);
	}
}

static void put_folio(void *folio)
{
	folio_put(folio);
}

static void a_large_folio_freed_while_mapped_is_reported(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 2);

	atomic_set(&folio->_large_mapcount, 0);
	expect_bad_free(test, put_folio, &folio->page, "mapped");
	/* tail 1 was taken apart before the report; mend it to free the rest */
	set_compound_head(&folio->page + 1, &folio->page);
	atomic_set(&folio->_large_mapcount, -1);
	atomic_set(&folio->_entire_mapcount, -1);
	folio->_folio_nr_pages = 4;
	free_unref_page(&folio->page, 2);
}

static void folio_batches_put_what_they_hold(struct kunit *test)
{
	unsigned long before = pages_in_use();
	struct folio_batch fbatch;
	struct folio *kept = folio_alloc(GFP_KERNEL, 0);
	struct page *pages[3];
	unsigned int i;

	folio_get(kept);
	folio_batch_init(&fbatch);
	folio_batch_add(&fbatch, kept);
	while (folio_batch_add(&fbatch, folio_alloc(GFP_KERNEL, fbatch.nr % 3)))
		;
	KUNIT_EXPECT_EQ(test, folio_batch_count(&fbatch), (unsigned int)PAGEVEC_SIZE);
	folios_put(&fbatch);
	KUNIT_EXPECT_EQ(test, folio_batch_count(&fbatch), 0u);
	KUNIT_EXPECT_EQ(test, pages_in_use(), before + 1);
	KUNIT_EXPECT_EQ(test, folio_ref_count(kept), 1);
	pages[0] = &kept->page;
	for (i = 1; i < 3; i++)
		pages[i] = alloc_pages(GFP_KERNEL, 0);
	release_pages(pages, 3);
	KUNIT_EXPECT_EQ(test, pages_in_use(), before);
}

/*
 * Last-CPUPID.
 */
static void cpupids_keep_13_bits_of_cpu_and_8_of_pid(struct kunit *test)
{
	int cpupid = cpu_pid_to_cpupid(8190, 0x1234);

	KUNIT_EXPECT_EQ(test, cpupid_to_cpu(cpupid), 8190);
	KUNIT_EXPECT_EQ(test, cpupid_to_pid(cpupid), 0x34);
	KUNIT_EXPECT_FALSE(test, cpupid_cpu_unset(cpupid));
	KUNIT_EXPECT_TRUE(test, cpupid_cpu_unset(-1 & LAST_CPUPID_MASK));
	KUNIT_EXPECT_TRUE(test, cpupid_pid_unset(-1 & LAST_CPUPID_MASK));
	KUNIT_EXPECT_TRUE(test, __cpupid_match_pid(0x5634, cpupid));
	KUNIT_EXPECT_FALSE(test, __cpupid_match_pid(0x5635, cpupid));
	KUNIT_EXPECT_EQ(test, cpupid_to_nid(cpu_pid_to_cpupid(7, 1)), cpu_to_node(7));
}

static void exchanging_the_cpupid_changes_nothing_else(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);
	int nid = folio_nid(folio), old;

	folio_set_referenced(folio);
	folio_mark_uptodate(folio);
	old = folio_xchg_last_cpupid(folio, cpu_pid_to_cpupid(5, 17));
	KUNIT_EXPECT_EQ(test, old, (int)LAST_CPUPID_MASK);
	KUNIT_EXPECT_EQ(test, folio_last_cpupid(folio), cpu_pid_to_cpupid(5, 17));
	KUNIT_EXPECT_EQ(test, folio_xchg_last_cpupid(folio, cpu_pid_to_cpupid(8191, 255)),
			cpu_pid_to_cpupid(5, 17));
	KUNIT_EXPECT_EQ(test, folio_nid(folio), nid);
	KUNIT_EXPECT_EQ(test, (int)folio_zonenum(folio), (int)ZONE_NORMAL);
	KUNIT_EXPECT_TRUE(test, folio_test_referenced(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_uptodate(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_dirty(folio));
	folio_put(folio);
}

/*
 * Contents.
 */
static void copies_are_complete_and_apart(struct kunit *test)
{
	struct page *from = alloc_pages_node(0, GFP_KERNEL, 0);
	struct page *to = alloc_pages_node(3, GFP_KERNEL, 0);
	char *p = page_address(from);
	unsigned int i;

	for (i = 0; i < PAGE_SIZE; i++)
		p[i] = i * 7;
	copy_highpage(to, from);
	KUNIT_EXPECT_MEMEQ(test, page_address(to), p, PAGE_SIZE);
	clear_highpage(from);
	KUNIT_EXPECT_EQ(test, ((char *)page_address(to))[1], 7);
	KUNIT_EXPECT_EQ(test, p[PAGE_SIZE - 1], 0);
	__free_page(from);
	__free_page(to);
}

static void the_zero_page_is_zero_and_reserved(struct kunit *test)
{
	struct page *page = ZERO_PAGE(0);
	char *zeros = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_EXPECT_TRUE(test, is_zero_pfn(page_to_pfn(page)));
	KUNIT_EXPECT_TRUE(test, is_zero_folio(page_folio(page)));
	KUNIT_EXPECT_TRUE(test, PageReserved(page));
	KUNIT_EXPECT_MEMEQ(test, page_address(page), zeros, PAGE_SIZE);
}

static struct kunit_case state_cases[] = {
	KUNIT_CASE(double_free_is_reported),
	KUNIT_CASE(freeing_a_referenced_page_is_reported),
	KUNIT_CASE(freeing_a_mapped_page_is_reported),
	KUNIT_CASE(freeing_a_page_of_a_mapping_is_reported),
	KUNIT_CASE(freeing_an_anonymous_page_is_fine),
	KUNIT_CASE(freeing_with_flags_is_reported),
	KUNIT_CASE(freeing_with_the_wrong_order_is_reported),
	KUNIT_CASE(a_write_after_free_is_found),
	KUNIT_CASE(taking_a_reference_on_a_free_page_fails),
	KUNIT_CASE(a_frozen_reference_count_lets_nobody_in),
	KUNIT_CASE(a_large_folio_is_one_of_its_order),
	KUNIT_CASE(a_freed_compound_page_leaves_no_trace),
	KUNIT_CASE(a_large_folio_freed_while_mapped_is_reported),
	KUNIT_CASE(folio_batches_put_what_they_hold),
	KUNIT_CASE(cpupids_keep_13_bits_of_cpu_and_8_of_pid),
	KUNIT_CASE(exchanging_the_cpupid_changes_nothing_else),
	KUNIT_CASE(copies_are_complete_and_apart),
	KUNIT_CASE(the_zero_page_is_zero_and_reserved),
	{}
};

static struct kunit_suite state_suite = {
	.name = "page_state",
	.test_cases = state_cases,
};
kunit_test_suite(state_suite);
