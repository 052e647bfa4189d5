// SPDX-License-Identifier: GPL-2.0
/* Moving huge pages: as a whole, or in parts when there is no room for the whole. */
#include "split_test.h"
#include <linux/completion.h>

static struct kunit *the_test;

static int migrate_init(struct kunit *test)
{
	the_test = test;
	return 0;
}

/* migrate_pages() of the folio at @addr; *moved: pages. */
static int move_at(unsigned long addr, int nid, enum migrate_mode mode,
		   enum migrate_reason reason, unsigned int *moved)
{
	struct migration_target_control mtc = {
		.nid = nid,
		.gfp_mask = GFP_HIGHUSER_MOVABLE | __GFP_THISNODE | __GFP_NOWARN,
	};
	struct folio *folio = peek_huge(addr) ?: peek_folio(addr);
	LIST_HEAD(list);
	int ret;

	KUNIT_ASSERT_NOT_NULL(the_test, folio);
	lru_add_drain_all();
	folio_get(folio);
	KUNIT_ASSERT_TRUE(the_test, isolate_folio_to_list(folio, &list));
	folio_put(folio);
	ret = migrate_pages(&list, alloc_migration_target, NULL, (unsigned long)&mtc, mode,
			    reason, moved);
	if (ret)
		putback_movable_pages(&list);
	return ret;
}

static unsigned long isolated(void)
{
	return global_node_page_state(NR_ISOLATED_ANON);
}

static int prog_whole(void *arg)
{
	unsigned long ok = vm_event(THP_MIGRATION_SUCCESS), pages = vm_event(PGMIGRATE_SUCCESS);
	unsigned long addr = map_huge(the_test, 1), rss;
	struct folio *src = peek_huge(addr), *dst;
	int cpupid = cpu_pid_to_cpupid(3, 99), nid = (folio_nid(src) + 1) % 4;
	unsigned long flags = pmd_flags(peek_pmd(addr));
	unsigned int moved;

	folio_xchg_last_cpupid(src, cpupid);
	rss = get_mm_counter(current->mm, MM_ANONPAGES);
	KUNIT_EXPECT_EQ(the_test, move_at(addr, nid, MIGRATE_SYNC, MR_SYSCALL, &moved), 0);
	KUNIT_EXPECT_EQ(the_test, moved, (unsigned int)HPAGE_PMD_NR);
	dst = peek_huge(addr);
	KUNIT_ASSERT_NOT_NULL(the_test, dst);
	KUNIT_EXPECT_PTR_NE(the_test, dst, src);
	KUNIT_EXPECT_EQ(the_test, folio_nid(dst), nid);
	KUNIT_EXPECT_EQ(the_test, folio_last_cpupid(dst), cpupid & LAST_CPUPID_MASK);
	KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(&dst->page));
	KUNIT_EXPECT_EQ(the_test, pmd_flags(peek_pmd(addr)), flags);
	KUNIT_EXPECT_EQ(the_test, folio_ref_count(dst), 1);
	KUNIT_EXPECT_EQ(the_test, folio_ref_count(src), 0);
	KUNIT_EXPECT_EQ(the_test, get_mm_counter(current->mm, MM_ANONPAGES), rss);
	KUNIT_EXPECT_EQ(the_test, isolated(), 0UL);
	KUNIT_EXPECT_EQ(the_test, vm_event(THP_MIGRATION_SUCCESS), ok + 1);
	KUNIT_EXPECT_EQ(the_test, vm_event(PGMIGRATE_SUCCESS), pages + HPAGE_PMD_NR);
	expect_filled(the_test, addr, HPAGE_PMD_NR);
	return 0;
}

static void a_huge_page_moves_as_a_whole(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_whole), 0);
}

/* Change the huge entry at @addr by hand. */
static void edit_pmd(unsigned long addr, pmd_t (*edit)(pmd_t pmd))
{
	struct vm_area_struct *vma;
	spinlock_t *ptl;
	pmd_t *pmd, val;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, addr);
	pmd = mm_find_pmd(current->mm, addr);
	ptl = pmd_lock(current->mm, pmd);
	val = pmdp_huge_clear_flush(vma, addr, pmd);
	set_pmd_at(current->mm, addr, pmd, edit(val));
	spin_unlock(ptl);
	mmap_read_unlock(current->mm);
}

static int prog_bits(void *arg)
{
	pmd_t (*edits[])(pmd_t) = {
		pmd_mkold, pmd_mkclean, pmd_wrprotect, pmd_clear_soft_dirty,
	};
	unsigned long addr = map_huge(the_test, 1), i, flags;

	for (i = 0; i < ARRAY_SIZE(edits); i++) {
		edit_pmd(addr, edits[i]);
		flags = pmd_flags(peek_pmd(addr));
		KUNIT_EXPECT_EQ(the_test, move_at(addr, i % 4, i % 3, MR_SYSCALL, NULL), 0);
		KUNIT_EXPECT_EQ(the_test, pmd_flags(peek_pmd(addr)), flags);
		KUNIT_EXPECT_EQ(the_test, folio_nid(peek_huge(addr)), (int)(i % 4));
		KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(&peek_huge(addr)->page));
	}
	expect_filled(the_test, addr, HPAGE_PMD_NR);
	return 0;
}

static void young_dirty_soft_dirty_and_write_survive_a_move(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_bits), 0);
}

/* Fail what one call of migrate_pages() allocates, from @min_order on. */
static int no_pages(unsigned int min_order, unsigned long times)
{
	return inject_set((struct inject_rule) {
		.sites = 1 << INJECT_PAGE, .per_million = 1000000, .times = times,
		.min_order = min_order,
	});
}

static int prog_split(void *arg)
{
	unsigned long addr, i, split, failed;
	enum migrate_mode mode;

	for (mode = MIGRATE_ASYNC; mode <= MIGRATE_SYNC; mode++) {
		unsigned int moved = 0;
		int rule, nid;

		addr = map_huge(the_test, 1);
		nid = (folio_nid(peek_huge(addr)) + 1) % 4;
		split = vm_event(THP_MIGRATION_SPLIT);
		failed = vm_event(THP_MIGRATION_FAIL);
		rule = no_pages(HPAGE_PMD_ORDER, 0);
		/* everything moved in the end */
		KUNIT_EXPECT_EQ(the_test, move_at(addr, nid, mode, MR_SYSCALL, &moved), 0);
		inject_clear(rule);
		KUNIT_EXPECT_EQ(the_test, moved, (unsigned int)HPAGE_PMD_NR);
		KUNIT_EXPECT_EQ(the_test, vm_event(THP_MIGRATION_SPLIT), split + 1);
		KUNIT_EXPECT_EQ(the_test, vm_event(THP_MIGRATION_FAIL), failed + 1);
		KUNIT_EXPECT_EQ(the_test, isolated(), 0UL);
		for (i = 0; i < HPAGE_PMD_NR; i += 37) {
			struct folio *part = peek_folio(addr + i * PAGE_SIZE);

			KUNIT_EXPECT_EQ(the_test, folio_order(part), 0U);
			KUNIT_EXPECT_EQ(the_test, folio_nid(part), nid);
		}
		expect_filled(the_test, addr, HPAGE_PMD_NR);
		KUNIT_EXPECT_EQ(the_test, sys_munmap(addr, HPAGE_PMD_SIZE), 0L);
	}
	return 0;
}

static void without_a_huge_page_there_the_parts_arrive(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_split), 0);
}

static int prog_no_memory(void *arg)
{
	unsigned long addr = map_huge(the_test, 1), i;
	int nid = folio_nid(peek_huge(addr)), rule = no_pages(0, 0);
	unsigned int moved = 1;

	/* the whole was split, which counts as one; no part found a place */
	KUNIT_EXPECT_EQ(the_test, move_at(addr, (nid + 1) % 4, MIGRATE_SYNC, MR_SYSCALL,
					  &moved), 1);
	inject_clear(rule);
	KUNIT_EXPECT_EQ(the_test, moved, 0U);
	KUNIT_EXPECT_EQ(the_test, isolated(), 0UL);
	for (i = 0; i < HPAGE_PMD_NR; i += 37)
		KUNIT_EXPECT_EQ(the_test, folio_nid(peek_folio(addr + i * PAGE_SIZE)), nid);
	expect_filled(the_test, addr, HPAGE_PMD_NR);
	return 0;
}

static void without_any_page_there_everything_stays(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_no_memory), 0);
}

static int prog_parts_put_back(void *arg)
{
	unsigned long addr = map_aligned(the_test, 16 * PAGE_SIZE), small = map_anon(1), i;
	struct folio *folio = map_large(the_test, addr, 4);
	struct migration_target_control mtc = { .gfp_mask = GFP_HIGHUSER_MOVABLE };
	LIST_HEAD(list);
	int rule;

	KUNIT_ASSERT_EQ(the_test, user_write64(small, 1), 0);
	fill(the_test, addr, 16);
	lru_add_drain_all();
	mtc.nid = (folio_nid(folio) + 1) % 4;
	for (i = 0; i < 2; i++) {
		/* added at the head: the large one comes first */
		folio = peek_folio(i ? addr : small);
		folio_get(folio);
		KUNIT_ASSERT_TRUE(the_test, isolate_folio_to_list(folio, &list));
		folio_put(folio);
	}
	rule = no_pages(0, 0);
	KUNIT_EXPECT_EQ(the_test, migrate_pages(&list, alloc_migration_target, NULL,
						(unsigned long)&mtc, MIGRATE_ASYNC, MR_SYSCALL,
						NULL), -ENOMEM);
	inject_clear(rule);
	putback_movable_pages(&list);
	KUNIT_EXPECT_EQ(the_test, isolated(), 0UL);
	lru_add_drain_all();
	for (i = 0; i < 16; i++) {
		folio = peek_folio(addr + i * PAGE_SIZE);
		KUNIT_EXPECT_EQ(the_test, folio_order(folio), 0U);
		KUNIT_EXPECT_TRUE(the_test, folio_test_lru(folio));
	}
	expect_filled(the_test, addr, 16);
	return 0;
}

/* The parts wait for their turn when a small page after them finds no memory at all. */
static void parts_that_had_no_turn_are_given_back(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_parts_put_back), 0);
}

static int prog_misplaced(void *arg)
{
	unsigned long addr = map_huge(the_test, 1), moved = vm_event(NUMA_PAGE_MIGRATE);
	struct folio *folio = peek_huge(addr);
	int nid = (folio_nid(folio) + 1) % 4, rule;

	folio_get(folio);
	KUNIT_EXPECT_EQ(the_test, migrate_misplaced_folio_prepare(folio, vma_at(addr), nid), 0);
	KUNIT_EXPECT_EQ(the_test, isolated(), (unsigned long)HPAGE_PMD_NR);
	folio_put(folio);
	rule = no_pages(HPAGE_PMD_ORDER, 0);
	KUNIT_EXPECT_EQ(the_test, migrate_misplaced_folio(folio, NULL, nid), -EAGAIN);
	inject_clear(rule);
	/* neither moved nor split, and back on the LRU */
	KUNIT_EXPECT_PTR_EQ(the_test, peek_huge(addr), folio);
	KUNIT_EXPECT_EQ(the_test, isolated(), 0UL);
	KUNIT_EXPECT_EQ(the_test, vm_event(NUMA_PAGE_MIGRATE), moved);

	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(the_test, folio_test_lru(folio));
	folio_get(folio);
	KUNIT_EXPECT_EQ(the_test, migrate_misplaced_folio_prepare(folio, vma_at(addr), nid), 0);
	folio_put(folio);
	KUNIT_EXPECT_EQ(the_test, migrate_misplaced_folio(folio, NULL, nid), 0);
	KUNIT_EXPECT_EQ(the_test, folio_nid(peek_huge(addr)), nid);
	KUNIT_EXPECT_EQ(the_test, vm_event(NUMA_PAGE_MIGRATE), moved + HPAGE_PMD_NR);
	expect_filled(the_test, addr, HPAGE_PMD_NR);
	return 0;
}

static void a_misplaced_huge_page_is_not_split(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_misplaced), 0);
}

static int prog_pinned(void *arg)
{
	unsigned long addr = map_huge(the_test, 1);
	struct folio *folio = peek_huge(addr);
	enum migrate_mode mode;
	struct page *page;

	KUNIT_EXPECT_EQ(the_test, pin_user_pages_fast(addr + 5 * PAGE_SIZE, 1, FOLL_WRITE,
						      &page), 1);
	for (mode = MIGRATE_ASYNC; mode <= MIGRATE_SYNC; mode++) {
		KUNIT_EXPECT_EQ(the_test, move_at(addr, (folio_nid(folio) + 1) % 4, mode,
						  MR_SYSCALL, NULL), 1);
		KUNIT_EXPECT_PTR_EQ(the_test, peek_huge(addr), folio);
	}
	KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(&folio->page));
	expect_filled(the_test, addr, HPAGE_PMD_NR);
	unpin_user_page(page);
	KUNIT_EXPECT_EQ(the_test, move_at(addr, (folio_nid(folio) + 1) % 4, MIGRATE_SYNC,
					  MR_SYSCALL, NULL), 0);
	expect_filled(the_test, addr, HPAGE_PMD_NR);
	return 0;
}

static void a_pinned_huge_page_stays(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_pinned), 0);
}

static int prog_undone(void *arg)
{
	unsigned long addr = map_huge(the_test, 1), flags = pmd_flags(peek_pmd(addr));
	struct folio *folio = peek_huge(addr);
	unsigned long failed = vm_event(THP_MIGRATION_FAIL);
	int rule = inject_set((struct inject_rule) {
		.sites = 1 << INJECT_MIGRATE, .per_million = 1000000,
	});

	/* unmapped, then not moved in any pass */
	KUNIT_EXPECT_EQ(the_test, move_at(addr, (folio_nid(folio) + 1) % 4, MIGRATE_SYNC,
					  MR_SYSCALL, NULL), 1);
	inject_clear(rule);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_huge(addr), folio);
	KUNIT_EXPECT_EQ(the_test, pmd_flags(peek_pmd(addr)), flags);
	KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(&folio->page));
	KUNIT_EXPECT_EQ(the_test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(the_test, vm_event(THP_MIGRATION_FAIL), failed + 1);
	expect_filled(the_test, addr, HPAGE_PMD_NR);
	return 0;
}

static void a_move_that_fails_maps_the_page_as_it_was(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_undone), 0);
}

static int child_moves(void *arg)
{
	unsigned long addr = (unsigned long)arg;
	int nid = (folio_nid(peek_huge(addr)) + 1) % 4;

	KUNIT_EXPECT_EQ(the_test, move_at(addr, nid, MIGRATE_SYNC, MR_SYSCALL, NULL), 0);
	KUNIT_EXPECT_EQ(the_test, folio_nid(peek_huge(addr)), nid);
	KUNIT_EXPECT_FALSE(the_test, PageAnonExclusive(&peek_huge(addr)->page));
	KUNIT_EXPECT_FALSE(the_test, pmd_write(peek_pmd(addr)));
	expect_filled(the_test, addr, HPAGE_PMD_NR);
	return nid;
}

static int prog_shared(void *arg)
{
	unsigned long addr = map_huge(the_test, 1);
	long nid = sys_wait4(sys_fork(child_moves, (void *)addr));

	KUNIT_EXPECT_EQ(the_test, (long)folio_nid(peek_huge(addr)), nid);
	KUNIT_EXPECT_FALSE(the_test, pmd_write(peek_pmd(addr)));
	expect_filled(the_test, addr, HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(the_test, user_write64(addr, 1), 0);
	return 0;
}

static void a_shared_huge_page_moves_for_all_its_processes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_shared), 0);
}

static struct completion child_ready, child_may_go;

/* Its own huge page at the address where the parent has another. */
static int child_replaces(void *arg)
{
	unsigned long addr = (unsigned long)arg;
	struct folio *folio;

	KUNIT_EXPECT_EQ(the_test, sys_madvise(addr, HPAGE_PMD_SIZE, MADV_HUGEPAGE), 0L);
	KUNIT_EXPECT_EQ(the_test, user_write64(addr, word_of(0)), 0);
	KUNIT_EXPECT_EQ(the_test, sys_madvise(addr, HPAGE_PMD_SIZE, MADV_COLLAPSE), 0L);
	folio = peek_huge(addr);
	KUNIT_EXPECT_NOT_NULL(the_test, folio);
	complete(&child_ready);
	wait_for_completion(&child_may_go);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_huge(addr), folio);
	expect_filled(the_test, addr, HPAGE_PMD_NR);
	return 0;
}

static int prog_replaced(void *arg)
{
	unsigned long addr = map_huge(the_test, 1);
	int nid = (folio_nid(peek_huge(addr)) + 1) % 4;
	long child;

	init_completion(&child_ready);
	init_completion(&child_may_go);
	child = sys_fork(child_replaces, (void *)addr);
	wait_for_completion(&child_ready);
	KUNIT_EXPECT_EQ(the_test, move_at(addr, nid, MIGRATE_SYNC, MR_SYSCALL, NULL), 0);
	KUNIT_EXPECT_EQ(the_test, folio_nid(peek_huge(addr)), nid);
	complete(&child_may_go);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(child), 0L);
	expect_filled(the_test, addr, HPAGE_PMD_NR);
	return 0;
}

static void another_huge_page_at_the_same_address_is_left_alone(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_replaced), 0);
}

#define LARGE_ORDER	4
#define LARGE_PAGES	(1UL << LARGE_ORDER)

static int prog_large(void *arg)
{
	unsigned long addr = map_aligned(the_test, LARGE_PAGES * PAGE_SIZE), i;
	struct folio *folio = map_large(the_test, addr, LARGE_ORDER);
	int nid = (folio_nid(folio) + 1) % 4;

	fill(the_test, addr, LARGE_PAGES);
	KUNIT_EXPECT_EQ(the_test, move_at(addr, nid, MIGRATE_SYNC, MR_SYSCALL, NULL), 0);
	folio = peek_folio(addr);
	KUNIT_EXPECT_EQ(the_test, folio_order(folio), (unsigned int)LARGE_ORDER);
	KUNIT_EXPECT_EQ(the_test, folio_nid(folio), nid);
	for (i = 0; i < LARGE_PAGES; i++) {
		struct page *page = peek_page(addr + i * PAGE_SIZE);

		KUNIT_EXPECT_PTR_EQ(the_test, page, folio_page(folio, i));
		KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(page));
	}
	expect_filled(the_test, addr, LARGE_PAGES);
	return 0;
}

static void a_large_folio_mapped_by_ptes_moves_as_a_whole(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_large), 0);
}

static int prog_partial(void *arg)
{
	unsigned long addr = map_aligned(the_test, LARGE_PAGES * PAGE_SIZE), i;
	struct folio *folio = map_large(the_test, addr, LARGE_ORDER);
	int nid = (folio_nid(folio) + 1) % 4;
	unsigned int moved;

	fill(the_test, addr, LARGE_PAGES);
	KUNIT_EXPECT_EQ(the_test, sys_munmap(addr + 8 * PAGE_SIZE, 8 * PAGE_SIZE), 0L);
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 1UL);
	KUNIT_EXPECT_EQ(the_test, move_at(addr, nid, MIGRATE_SYNC, MR_SYSCALL, &moved), 0);
	KUNIT_EXPECT_EQ(the_test, nr_deferred(), 0UL);
	/* those that nothing maps were freed on the way, and count as moved */
	KUNIT_EXPECT_EQ(the_test, moved, (unsigned int)LARGE_PAGES);
	for (i = 0; i < 8; i++) {
		folio = peek_folio(addr + i * PAGE_SIZE);
		KUNIT_EXPECT_EQ(the_test, folio_order(folio), 0U);
		KUNIT_EXPECT_EQ(the_test, folio_nid(folio), nid);
	}
	expect_filled(the_test, addr, 8);
	return 0;
}

static void a_partially_mapped_folio_is_split_before_it_moves(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_partial), 0);
}

static int prog_gone(void *arg)
{
	unsigned long addr = map_huge(the_test, 1), ok = vm_event(THP_MIGRATION_SUCCESS);
	struct folio *folio = peek_huge(addr);
	struct migration_target_control mtc = { .nid = 1, .gfp_mask = GFP_HIGHUSER_MOVABLE };
	unsigned int moved;
	LIST_HEAD(list);

	KUNIT_ASSERT_TRUE(the_test, isolate_folio_to_list(folio, &list));
	KUNIT_EXPECT_EQ(the_test, sys_munmap(addr, HPAGE_PMD_SIZE), 0L);
	KUNIT_EXPECT_EQ(the_test, migrate_pages(&list, alloc_migration_target, NULL,
						(unsigned long)&mtc, MIGRATE_ASYNC,
						MR_SYSCALL, &moved), 0);
	KUNIT_EXPECT_EQ(the_test, moved, (unsigned int)HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(the_test, vm_event(THP_MIGRATION_SUCCESS), ok + 1);
	KUNIT_EXPECT_EQ(the_test, isolated(), 0UL);
	KUNIT_EXPECT_EQ(the_test, folio_ref_count(folio), 0);
	return 0;
}

static void a_huge_page_freed_while_isolated_counts_as_moved(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_gone), 0);
}

static int prog_locked(void *arg)
{
	unsigned long addr = map_huge(the_test, 1);
	struct folio *folio = peek_huge(addr);

	folio_lock(folio);
	KUNIT_EXPECT_EQ(the_test, move_at(addr, (folio_nid(folio) + 1) % 4, MIGRATE_ASYNC,
					  MR_SYSCALL, NULL), 1);
	folio_unlock(folio);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_huge(addr), folio);
	return 0;
}

static void an_asynchronous_move_does_not_wait_for_a_lock(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_locked), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_huge_page_moves_as_a_whole),
	KUNIT_CASE(young_dirty_soft_dirty_and_write_survive_a_move),
	KUNIT_CASE(without_a_huge_page_there_the_parts_arrive),
	KUNIT_CASE(without_any_page_there_everything_stays),
	KUNIT_CASE(parts_that_had_no_turn_are_given_back),
	KUNIT_CASE(a_misplaced_huge_page_is_not_split),
	KUNIT_CASE(a_pinned_huge_page_stays),
	KUNIT_CASE(a_move_that_fails_maps_the_page_as_it_was),
	KUNIT_CASE(a_shared_huge_page_moves_for_all_its_processes),
	KUNIT_CASE(another_huge_page_at_the_same_address_is_left_alone),
	KUNIT_CASE(a_large_folio_mapped_by_ptes_moves_as_a_whole),
	KUNIT_CASE(a_partially_mapped_folio_is_split_before_it_moves),
	KUNIT_CASE(a_huge_page_freed_while_isolated_counts_as_moved),
	KUNIT_CASE(an_asynchronous_move_does_not_wait_for_a_lock),
	{}
};

static struct kunit_suite suite = {
	.name = "thp-migrate",
	.init = migrate_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);
