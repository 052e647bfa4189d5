// SPDX-License-Identifier: GPL-2.0
/*
 * Splitting a huge page: when it is refused, and what becomes of its parts.
 */
#include <linux/list.h>
#include <linux/migrate.h>
#include <linux/page_ref.h>
#include <linux/pagemap.h>
#include <linux/swap.h>

#include "memory.h"

/* How many entries map a page at BASE and on, and how many of them the zero page. */
static void count_entries(struct kunit *test, struct mm_struct *mm, int *pages, int *zero)
{
	struct vm_area_struct *vma;
	struct folio_walk fw;
	int i;

	*pages = *zero = 0;
	mmap_read_lock(mm);
	vma = vma_at(test, mm, BASE);
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		if (!folio_walk_start(&fw, vma, BASE + i * PAGE_SIZE, FW_ZEROPAGE))
			continue;
		KUNIT_EXPECT_EQ(test, fw.level, FW_LEVEL_PTE);
		if (is_zero_pfn(pte_pfn(fw.pte)))
			++*zero;
		else
			++*pages;
		folio_walk_end(&fw, vma);
	}
	mmap_read_unlock(mm);
}

/* Each is a folio, mapped by an entry of its own; the one that was named is still locked. */
MEMORY_CASE(the_parts_are_folios_and_keep_what_was_written)
{
	struct folio *folio, *part;
	int pages, zero;

	map_huge(test, mm);
	poke(test, mm, BASE + 5 * PAGE_SIZE, 55);
	lru_add_drain_all();
	folio = folio_at(test, mm, BASE);
	folio_lock(folio);
	KUNIT_EXPECT_EQ(test, split_folio(folio), 0);
	KUNIT_EXPECT_TRUE(test, folio_test_locked(folio));
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, folio_order(folio), 0U);
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), 1);
	KUNIT_EXPECT_TRUE(test, PageAnonExclusive(folio_page(folio, 0)));
	KUNIT_EXPECT_TRUE(test, pte_write(pte_at(test, mm, BASE)));
	folio_put(folio);
	part = folio_at(test, mm, BASE + 5 * PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, part);
	KUNIT_EXPECT_PTR_NE(test, part, folio);
	KUNIT_EXPECT_FALSE(test, folio_test_locked(part));
	KUNIT_EXPECT_TRUE(test, folio_test_anon(part));
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(part));
	KUNIT_EXPECT_EQ(test, folio_mapcount(part), 1);
	folio_put(part);
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 7ULL);
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE + 5 * PAGE_SIZE), 55ULL);
	/* Who was never written to gives way to the zero page. */
	count_entries(test, mm, &pages, &zero);
	KUNIT_EXPECT_EQ(test, pages, 2);
	KUNIT_EXPECT_EQ(test, zero, HPAGE_PMD_NR - 2);
}

/* Of an isolated one: on the list, from the last part to the second, with a reference each. */
MEMORY_CASE(the_parts_of_an_isolated_page_go_on_the_list)
{
	unsigned long pfn;
	struct folio *folio, *part;
	LIST_HEAD(isolated);
	LIST_HEAD(parts);
	int i;

	folio = map_huge(test, mm);
	for (i = 0; i < HPAGE_PMD_NR; i++)
		poke(test, mm, BASE + i * PAGE_SIZE, i + 1);
	lru_add_drain_all();
	KUNIT_ASSERT_TRUE(test, isolate_folio_to_list(folio, &isolated));
	pfn = folio_pfn(folio) + HPAGE_PMD_NR;
	folio_lock(folio);
	KUNIT_EXPECT_EQ(test, split_folio_to_list(folio, &parts), 0);
	folio_unlock(folio);
	list_for_each_entry(part, &parts, lru) {
		KUNIT_EXPECT_EQ(test, folio_pfn(part), --pfn);
		KUNIT_EXPECT_EQ(test, folio_ref_count(part), 2);
		KUNIT_EXPECT_FALSE(test, folio_test_lru(part));
	}
	KUNIT_EXPECT_EQ(test, pfn, folio_pfn(folio) + 1);
	KUNIT_EXPECT_TRUE(test, list_is_singular(&isolated));
	putback_movable_pages(&isolated);
	putback_movable_pages(&parts);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	for (i = 0; i < HPAGE_PMD_NR; i += 51)
		KUNIT_EXPECT_EQ(test, peek(test, mm, BASE + i * PAGE_SIZE), i + 1ULL);
}

/* One reference more than the caller's and the mapping's, and all stays as it is. */
MEMORY_CASE(a_page_that_somebody_holds_is_not_split)
{
	struct folio *folio;
	struct page *page;
	int i;

	map_huge(test, mm);
	lru_add_drain_all();
	folio = folio_at(test, mm, BASE);
	KUNIT_ASSERT_EQ(test, pin_user_pages_unlocked(BASE, 1, &page, FOLL_WRITE), 1L);
	for (i = 0; i < 2; i++) {
		folio_lock(folio);
		KUNIT_EXPECT_FALSE(test, can_split_folio(folio, 1, NULL));
		KUNIT_EXPECT_EQ(test, split_folio(folio), -EAGAIN);
		folio_unlock(folio);
		KUNIT_EXPECT_EQ(test, folio_order(folio), (unsigned int)HPAGE_PMD_ORDER);
		KUNIT_EXPECT_EQ(test, folio_entire_mapcount(folio), 1);
		if (!i) {
			unpin_user_page(page);
			folio_get(folio);
		}
	}
	folio_put(folio);
	folio_lock(folio);
	KUNIT_EXPECT_TRUE(test, can_split_folio(folio, 1, NULL));
	KUNIT_EXPECT_EQ(test, split_folio(folio), 0);
	folio_unlock(folio);
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 7ULL);
}

/* Unmapped in part, it waits to be split, and migration does that. */
MEMORY_CASE(unmapping_a_part_is_noted)
{
	struct folio *folio;

	map_huge(test, mm);
	folio = folio_at(test, mm, BASE);
	KUNIT_EXPECT_FALSE(test, folio_test_partially_mapped(folio));
	unmap(test, BASE + 256 * PAGE_SIZE, 256);
	KUNIT_EXPECT_TRUE(test, folio_test_partially_mapped(folio));
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), 256);
	KUNIT_EXPECT_EQ(test, folio_entire_mapcount(folio), 0);
	/* Mapped once by each entry: nobody shares it. */
	KUNIT_EXPECT_FALSE(test, folio_likely_mapped_shared(folio));
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 7ULL);
}

static struct kunit_case split_cases[] = {
	KUNIT_CASE(the_parts_are_folios_and_keep_what_was_written),
	KUNIT_CASE(the_parts_of_an_isolated_page_go_on_the_list),
	KUNIT_CASE(a_page_that_somebody_holds_is_not_split),
	KUNIT_CASE(unmapping_a_part_is_noted),
	{}
};

static struct kunit_suite split_suite = {
	.name = "conformance_split",
	.test_cases = split_cases,
};
kunit_test_suite(split_suite);
