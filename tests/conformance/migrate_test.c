// SPDX-License-Identifier: GPL-2.0
/*
 * Moving folios to another node: what goes along, who stays, who is told what.
 */
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/memremap.h>
#include <linux/migrate.h>
#include <linux/mm_inline.h>
#include <linux/nodemask.h>
#include <linux/page_ref.h>
#include <linux/pagemap.h>
#include <linux/swap.h>
#include <linux/vmstat.h>

#include "memory.h"

/* How one folio fared. */
struct outcome {
	int ret;		/* of migrate_pages() */
	unsigned int moved;	/* pages, as it says */
	bool left;		/* on the list */
};

static struct folio *target(struct folio *src, unsigned long private)
{
	return __folio_alloc_node(GFP_HIGHUSER_MOVABLE | __GFP_THISNODE, folio_order(src), private);
}

static struct folio *no_target(struct folio *src, unsigned long private)
{
	return NULL;
}

/* Move @folio, which is on an LRU list, to @nid; then it is on such a list again. */
static struct outcome move_by(struct kunit *test, struct folio *folio, new_folio_t *new, int nid,
			      enum migrate_mode mode)
{
	struct outcome o = { .moved = 99 };
	LIST_HEAD(list);
	LIST_HEAD(none);

	/* From the batches of all CPUs, on which it counts a reference. */
	lru_add_drain_all();
	KUNIT_ASSERT_TRUE(test, isolate_folio_to_list(folio, &list));
	KUNIT_EXPECT_FALSE(test, folio_test_lru(folio));
	/* It is one's own now. */
	KUNIT_EXPECT_FALSE(test, isolate_folio_to_list(folio, &none));
	o.ret = migrate_pages(&list, new, NULL, nid, mode, MR_SYSCALL, &o.moved);
	o.left = !list_empty(&list);
	putback_movable_pages(&list);
	KUNIT_EXPECT_TRUE(test, list_empty(&list));
	return o;
}

static struct outcome move(struct kunit *test, struct folio *folio, int nid)
{
	return move_by(test, folio, target, nid, MIGRATE_ASYNC);
}

static void expect_moved(struct kunit *test, struct outcome o, unsigned int pages)
{
	KUNIT_EXPECT_EQ(test, o.ret, 0);
	KUNIT_EXPECT_EQ(test, o.moved, pages);
	KUNIT_EXPECT_FALSE(test, o.left);
}

static void expect_stayed(struct kunit *test, struct outcome o, int ret)
{
	KUNIT_EXPECT_EQ(test, o.ret, ret);
	KUNIT_EXPECT_EQ(test, o.moved, 0U);
	KUNIT_EXPECT_TRUE(test, o.left);
}

/* Contents, bits of the entry and flags of the folio; a reference to the old one is not needed. */
MEMORY_CASE(a_folio_moves_with_all_that_it_was)
{
	enum migrate_mode mode;
	struct folio *folio;
	int nid, cpupid;
	pte_t pte;

	map(test, BASE, 2, RW, MAP_PRIVATE);
	for (mode = MIGRATE_ASYNC; mode <= MIGRATE_SYNC; mode++) {
		poke(test, mm, BASE, 11 + mode);
		folio = mapped_at(test, mm, BASE);
		nid = another_node(folio_nid(folio));
		pte = pte_at(test, mm, BASE);
		folio_set_referenced(folio);
		folio_set_workingset(folio);
		cpupid = cpu_pid_to_cpupid(0, current->pid);
		folio_xchg_last_cpupid(folio, cpupid);
		expect_moved(test, move_by(test, folio, target, nid, mode), 1);
		folio = mapped_at(test, mm, BASE);
		KUNIT_EXPECT_EQ(test, folio_nid(folio), nid);
		KUNIT_EXPECT_EQ(test, folio_mapcount(folio), 1);
		KUNIT_EXPECT_TRUE(test, folio_test_anon(folio));
		KUNIT_EXPECT_TRUE(test, folio_test_uptodate(folio));
		KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
		KUNIT_EXPECT_TRUE(test, folio_test_swapbacked(folio));
		KUNIT_EXPECT_TRUE(test, folio_test_referenced(folio));
		KUNIT_EXPECT_TRUE(test, folio_test_workingset(folio));
		KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
		KUNIT_EXPECT_TRUE(test, PageAnonExclusive(folio_page(folio, 0)));
		/* Kept when nothing is faster or slower than the other. */
		KUNIT_EXPECT_EQ(test, folio_last_cpupid(folio), cpupid);
		KUNIT_EXPECT_EQ(test, pte_flags(pte_at(test, mm, BASE)), pte_flags(pte));
		KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 11ULL + mode);
	}
}

/* Extra references keep a folio where it is: tried ten times, then it counts as one. */
MEMORY_CASE(a_pinned_folio_stays)
{
	struct folio *folio;
	struct page *page;
	int nid;

	folio = map_folio(test, mm, BASE, MAP_PRIVATE, 4);
	nid = folio_nid(folio);
	KUNIT_ASSERT_EQ(test, pin_user_pages_unlocked(BASE, 1, &page, FOLL_WRITE), 1L);
	KUNIT_EXPECT_PTR_EQ(test, page_folio(page), folio);
	KUNIT_EXPECT_TRUE(test, folio_maybe_dma_pinned(folio));
	expect_stayed(test, move(test, folio, another_node(nid)), 1);
	KUNIT_EXPECT_EQ(test, folio_nid(folio), nid);
	unpin_user_page(page);
	KUNIT_EXPECT_FALSE(test, folio_maybe_dma_pinned(folio));
	folio_get(folio);
	expect_stayed(test, move(test, folio, another_node(nid)), 1);
	KUNIT_EXPECT_PTR_EQ(test, mapped_at(test, mm, BASE), folio);
	KUNIT_EXPECT_TRUE(test, pte_write(pte_at(test, mm, BASE)));
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
	folio_put(folio);
	expect_moved(test, move(test, folio, another_node(nid)), 1);
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 4ULL);
}

/* Who may not wait does not wait for the lock of a folio. */
MEMORY_CASE(a_locked_folio_stays)
{
	struct folio *folio;
	int nid;

	folio = map_folio(test, mm, BASE, MAP_PRIVATE, 4);
	nid = folio_nid(folio);
	KUNIT_ASSERT_TRUE(test, folio_trylock(folio));
	expect_stayed(test, move(test, folio, another_node(nid)), 1);
	KUNIT_EXPECT_TRUE(test, folio_test_locked(folio));
	folio_unlock(folio);
	expect_moved(test, move(test, folio, another_node(nid)), 1);
}

/* All mappings lead to the new folio. */
MEMORY_CASE(a_shared_folio_moves_for_all)
{
	struct folio *folio;
	struct file *file;
	int nid;

	map(test, BASE, 2, RW, MAP_SHARED);
	poke(test, mm, BASE, 6);
	mmap_read_lock(mm);
	file = vma_at(test, mm, BASE)->vm_file;
	mmap_read_unlock(mm);
	KUNIT_ASSERT_EQ(test, BASE + PMD_SIZE, vm_mmap(file, BASE + PMD_SIZE, PAGE_SIZE, PROT_READ,
						       MAP_SHARED | MAP_FIXED, 0));
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE + PMD_SIZE), 6ULL);
	folio = mapped_at(test, mm, BASE);
	nid = another_node(folio_nid(folio));
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), 2);
	KUNIT_EXPECT_TRUE(test, folio_likely_mapped_shared(folio));
	expect_moved(test, move(test, folio, nid), 1);
	folio = mapped_at(test, mm, BASE);
	KUNIT_EXPECT_EQ(test, folio_nid(folio), nid);
	KUNIT_EXPECT_PTR_EQ(test, mapped_at(test, mm, BASE + PMD_SIZE), folio);
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), 2);
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_FALSE(test, pte_write(pte_at(test, mm, BASE + PMD_SIZE)));
	poke(test, mm, BASE, 8);
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE + PMD_SIZE), 8ULL);
	unmap(test, BASE + PMD_SIZE, 1);
	KUNIT_EXPECT_FALSE(test, folio_likely_mapped_shared(folio));
}

/* Whom nobody has any more is freed instead: that is a success, too. */
MEMORY_CASE(a_folio_that_was_unmapped_is_gone)
{
	struct folio *folio;
	unsigned int moved = 99;
	LIST_HEAD(list);

	folio = map_folio(test, mm, BASE, MAP_PRIVATE, 4);
	lru_add_drain_all();
	KUNIT_ASSERT_TRUE(test, isolate_folio_to_list(folio, &list));
	unmap(test, BASE, 1);
	KUNIT_EXPECT_EQ(test, migrate_pages(&list, target, NULL, another_node(folio_nid(folio)),
					    MIGRATE_ASYNC, MR_SYSCALL, &moved), 0);
	KUNIT_EXPECT_EQ(test, moved, 1U);
	KUNIT_EXPECT_TRUE(test, list_empty(&list));
}

/* Without a new folio nothing moves, and no other one is tried. */
MEMORY_CASE(without_memory_nothing_moves)
{
	struct folio *folio;

	folio = map_folio(test, mm, BASE, MAP_PRIVATE, 4);
	expect_stayed(test, move_by(test, folio, no_target, 0, MIGRATE_ASYNC), -ENOMEM);
	KUNIT_EXPECT_PTR_EQ(test, mapped_at(test, mm, BASE), folio);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 4ULL);
}

/* Of several, those that can. */
MEMORY_CASE(one_that_stays_does_not_keep_the_others)
{
	struct folio *folio[3];
	unsigned int moved = 99;
	int i, nid = numa_mem_id();
	LIST_HEAD(list);

	map(test, BASE, 3, RW, MAP_PRIVATE);
	for (i = 0; i < 3; i++) {
		poke(test, mm, BASE + i * PAGE_SIZE, i);
		folio[i] = mapped_at(test, mm, BASE + i * PAGE_SIZE);
		nid = folio_nid(folio[i]);
	}
	lru_add_drain_all();
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_TRUE(test, isolate_folio_to_list(folio[i], &list));
	folio_get(folio[1]);
	KUNIT_EXPECT_EQ(test, migrate_pages(&list, target, NULL, another_node(nid), MIGRATE_ASYNC,
					    MR_SYSCALL, &moved), 1);
	KUNIT_EXPECT_EQ(test, moved, 2U);
	KUNIT_EXPECT_TRUE(test, list_is_singular(&list));
	KUNIT_EXPECT_PTR_EQ(test, list_first_entry(&list, struct folio, lru), folio[1]);
	putback_movable_pages(&list);
	folio_put(folio[1]);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, peek(test, mm, BASE + i * PAGE_SIZE), (u64)i);
}

/* A huge page stays one, wherever it is. */
MEMORY_CASE(a_huge_page_moves_as_one)
{
	struct folio *folio;
	int nid;

	folio = map_huge(test, mm);
	poke(test, mm, BASE + 5 * PAGE_SIZE, 55);
	nid = another_node(folio_nid(folio));
	expect_moved(test, move(test, folio, nid), HPAGE_PMD_NR);
	folio = mapped_at(test, mm, BASE);
	KUNIT_EXPECT_EQ(test, folio_nid(folio), nid);
	KUNIT_EXPECT_EQ(test, folio_order(folio), (unsigned int)HPAGE_PMD_ORDER);
	KUNIT_EXPECT_EQ(test, folio_entire_mapcount(folio), 1);
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE + 5 * PAGE_SIZE), 55ULL);
}

/* Of small pages only. */
static struct folio *small_target(struct folio *src, unsigned long private)
{
	return folio_test_large(src) ? NULL : target(src, private);
}

/*
 * Where there is no room for a huge page it is split, and its parts move. That is for who asked
 * for it to move: one that is only misplaced stays as it is.
 */
MEMORY_CASE(without_a_huge_page_there_its_parts_move)
{
	struct folio *folio = map_huge(test, mm), *part;
	int i, nid = another_node(folio_nid(folio));
	unsigned int moved = 99;
	LIST_HEAD(list);

	for (i = 0; i < HPAGE_PMD_NR; i++)
		poke(test, mm, BASE + i * PAGE_SIZE, i + 1);
	lru_add_drain_all();
	KUNIT_ASSERT_TRUE(test, isolate_folio_to_list(folio, &list));
	KUNIT_EXPECT_EQ(test, migrate_pages(&list, small_target, NULL, nid, MIGRATE_ASYNC,
					    MR_NUMA_MISPLACED, &moved), -ENOMEM);
	KUNIT_EXPECT_EQ(test, moved, 0U);
	KUNIT_EXPECT_TRUE(test, list_is_singular(&list));
	KUNIT_EXPECT_EQ(test, folio_order(folio), (unsigned int)HPAGE_PMD_ORDER);
	KUNIT_EXPECT_EQ(test, folio_entire_mapcount(folio), 1);

	KUNIT_EXPECT_EQ(test, migrate_pages(&list, small_target, NULL, nid, MIGRATE_ASYNC,
					    MR_SYSCALL, &moved), 0);
	KUNIT_EXPECT_EQ(test, moved, (unsigned int)HPAGE_PMD_NR);
	KUNIT_EXPECT_TRUE(test, list_empty(&list));
	for (i = 0; i < HPAGE_PMD_NR; i += 73) {
		part = mapped_at(test, mm, BASE + i * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, folio_order(part), 0U);
		KUNIT_EXPECT_EQ(test, folio_nid(part), nid);
		KUNIT_EXPECT_EQ(test, peek(test, mm, BASE + i * PAGE_SIZE), i + 1ULL);
	}
}

/* One that somebody holds cannot be split either. */
MEMORY_CASE(a_huge_page_that_cannot_be_split_stays)
{
	struct folio *folio = map_huge(test, mm);

	folio_get(folio);
	expect_stayed(test, move_by(test, folio, small_target, another_node(folio_nid(folio)),
				    MIGRATE_ASYNC), -ENOMEM);
	KUNIT_EXPECT_EQ(test, folio_order(folio), (unsigned int)HPAGE_PMD_ORDER);
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 7ULL);
}

/* Prepared, a misplaced folio is isolated; moved or not, it comes back to a list. */
MEMORY_CASE(a_misplaced_folio_moves_or_is_put_back)
{
	struct vm_area_struct *vma;
	struct folio_walk fw;
	struct folio *folio;
	int nid, ret, i;

	map(test, BASE, 1, RW, MAP_PRIVATE);
	poke(test, mm, BASE, 9);
	for (i = 0; i < 2; i++) {
		lru_add_drain_all();
		mmap_read_lock(mm);
		vma = vma_at(test, mm, BASE);
		folio = folio_walk_start(&fw, vma, BASE, 0);
		KUNIT_ASSERT_NOT_NULL(test, folio);
		nid = folio_nid(folio);
		ret = migrate_misplaced_folio_prepare(folio, vma, another_node(nid));
		KUNIT_EXPECT_EQ(test, ret, 0);
		KUNIT_EXPECT_FALSE(test, folio_test_lru(folio));
		/* Isolated already. */
		KUNIT_EXPECT_EQ(test, migrate_misplaced_folio_prepare(folio, vma,
								      another_node(nid)), -EAGAIN);
		folio_walk_end(&fw, vma);
		mmap_read_unlock(mm);
		if (i)
			folio_get(folio);
		ret = migrate_misplaced_folio(folio, vma, another_node(nid));
		KUNIT_EXPECT_EQ(test, ret, i ? -EAGAIN : 0);
		if (i)
			folio_put(folio);
		lru_add_drain_all();
		folio = mapped_at(test, mm, BASE);
		KUNIT_EXPECT_EQ(test, folio_nid(folio), i ? nid : another_node(nid));
		KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
		KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 9ULL);
	}
}

/* Of a file: dirty ones are not begun with, nor what several run as a program. */
MEMORY_CASE(anonymous_and_shared_memory_are_not_of_a_file)
{
	struct folio *folio = map_folio(test, mm, BASE, MAP_PRIVATE, 1);

	KUNIT_EXPECT_FALSE(test, folio_is_file_lru(folio));
	KUNIT_EXPECT_PTR_EQ(test, folio_mapping(folio), NULL);
	KUNIT_EXPECT_FALSE(test, folio_is_zone_device(folio));
	folio = map_folio(test, mm, BASE + PMD_SIZE, MAP_SHARED, 1);
	KUNIT_EXPECT_FALSE(test, folio_is_file_lru(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_anon(folio));
	KUNIT_EXPECT_NOT_NULL(test, folio_mapping(folio));
	folio = folio_alloc(GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_TRUE(test, folio_is_file_lru(folio));
	folio_put(folio);
}

static struct kunit_case migrate_cases[] = {
	KUNIT_CASE(a_folio_moves_with_all_that_it_was),
	KUNIT_CASE(a_pinned_folio_stays),
	KUNIT_CASE(a_locked_folio_stays),
	KUNIT_CASE(a_shared_folio_moves_for_all),
	KUNIT_CASE(a_folio_that_was_unmapped_is_gone),
	KUNIT_CASE(without_memory_nothing_moves),
	KUNIT_CASE(one_that_stays_does_not_keep_the_others),
	KUNIT_CASE(a_huge_page_moves_as_one),
	KUNIT_CASE(without_a_huge_page_there_its_parts_move),
	KUNIT_CASE(a_huge_page_that_cannot_be_split_stays),
	KUNIT_CASE(a_misplaced_folio_moves_or_is_put_back),
	KUNIT_CASE(anonymous_and_shared_memory_are_not_of_a_file),
	{}
};

static struct kunit_suite migrate_suite = {
	.name = "conformance_migrate",
	.test_cases = migrate_cases,
};
kunit_test_suite(migrate_suite);
