// SPDX-License-Identifier: GPL-2.0
/* Migration: what it keeps, and what it refuses. */
#include "fault_test.h"
#include <linux/completion.h>
#include <linux/kthread.h>

static struct kunit *the_test;
static u32 rnd_state;

static int migrate_init(struct kunit *test)
{
	the_test = test;
	rnd_state = 62015;
	return 0;
}

static unsigned long rnd(unsigned long n)
{
	rnd_state = rnd_state * 1664525u + 1013904223u;
	return (rnd_state >> 8) % n;
}

static int prog_contents(void *arg)
{
	unsigned long addr = map_anon(8), i, w, moved = vm_event(PGMIGRATE_SUCCESS);

	for (i = 0; i < 8; i++)
		for (w = 0; w < PAGE_SIZE; w += 512)
			user_write64(addr + i * PAGE_SIZE + w, addr ^ (i << 32) ^ w);
	for (i = 0; i < 8; i++) {
		int nid = (folio_nid(peek_folio(addr + i * PAGE_SIZE)) + 1 + i % 3) % 4;

		KUNIT_EXPECT_EQ(the_test, migrate_at(addr + i * PAGE_SIZE, nid,
						     i % 3), 0);
		KUNIT_EXPECT_EQ(the_test, mm_page_node(current->mm, addr + i * PAGE_SIZE),
				nid);
	}
	for (i = 0; i < 8; i++)
		for (w = 0; w < PAGE_SIZE; w += 512)
			KUNIT_EXPECT_EQ(the_test, read_word(addr + i * PAGE_SIZE + w),
					(u64)(addr ^ (i << 32) ^ w));
	KUNIT_EXPECT_EQ(the_test, vm_event(PGMIGRATE_SUCCESS), moved + 8);
	return 0;
}

static void contents_survive_in_every_mode(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_contents), 0);
}

#define PTE_FLAGS_KEPT	(_PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY_BITS |		\
			 _PAGE_SOFT_DIRTY | _PAGE_UFFD_WP | _PAGE_NX | _PAGE_USER)

/* Give the entry at @addr random dirty, young, soft-dirty and write bits. */
static pte_t randomize_pte(unsigned long addr)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	spinlock_t *ptl;
	pte_t pte, *ptep;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	ptep = pte_offset_map_lock(mm, mm_find_pmd(mm, addr), addr, &ptl);
	pte = ptep_clear_flush(vma, addr, ptep);
	pte = pte_clear_soft_dirty(pte_mkold(pte_mkclean(pte_wrprotect(pte))));
	if (rnd(2))
		pte = pte_mkyoung(pte);
	if (rnd(2))
		pte = pte_mkdirty(pte);
	pte = rnd(2) ? pte_mksoft_dirty(pte) : pte_clear_soft_dirty(pte);
	if (rnd(2))
		pte = pte_mkwrite(pte, vma);
	set_pte_at(mm, addr, ptep, pte);
	pte_unmap_unlock(ptep, ptl);
	mmap_read_unlock(mm);
	return pte;
}

/* Like migrate_at() without touching the entry. */
static int migrate_untouched(unsigned long addr, int nid, enum migrate_mode mode)
{
	struct migration_target_control mtc = {
		.nid = nid,
		.gfp_mask = GFP_HIGHUSER_MOVABLE | __GFP_THISNODE,
	};
	struct folio *folio = peek_folio(addr);
	LIST_HEAD(list);
	int ret;

	lru_add_drain_all();
	if (!isolate_folio_to_list(folio, &list))
		return -EBUSY;
	ret = migrate_pages(&list, alloc_migration_target, NULL, (unsigned long)&mtc,
			    mode, MR_SYSCALL, NULL);
	if (ret)
		putback_movable_pages(&list);
	return ret;
}

static int prog_bits(void *arg)
{
	unsigned long addr = map_anon(1), i;

	kunit_info(the_test, "seed %u", rnd_state);
	for (i = 0; i < 64; i++) {
		int nid = (folio_nid(user_write64(addr, i) ? NULL : peek_folio(addr)) + 1) % 4;
		pte_t before = randomize_pte(addr), after;

		KUNIT_EXPECT_EQ(the_test, migrate_untouched(addr, nid, rnd(3)), 0);
		after = peek_pte(current->mm, addr);
		KUNIT_EXPECT_EQ(the_test, pte_flags(after) & PTE_FLAGS_KEPT,
				pte_flags(before) & PTE_FLAGS_KEPT);
		KUNIT_EXPECT_EQ(the_test, folio_nid(peek_folio(addr)), nid);
		KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(peek_page(addr)));
		KUNIT_EXPECT_EQ(the_test, read_word(addr), (u64)i);
	}
	return 0;
}

static void every_bit_of_the_entry_survives(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_bits), 0);
}

static int prog_refusals(void *arg)
{
	unsigned long addr = map_anon(1);
	struct page *page, *pin;
	int nid;

	user_write64(addr, 1);
	page = peek_page(addr);
	nid = (page_to_nid(page) + 1) % 4;

	/* an extra reference: after all passes it is where it was, and mapped */
	get_page(page);
	KUNIT_EXPECT_EQ(the_test, migrate_untouched(addr, nid, MIGRATE_ASYNC), 1);
	KUNIT_EXPECT_EQ(the_test, migrate_untouched(addr, nid, MIGRATE_SYNC), 1);
	put_page(page);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_page(addr), page);
	KUNIT_EXPECT_TRUE(the_test, PageAnonExclusive(page));

	/* a pin */
	KUNIT_EXPECT_EQ(the_test, pin_user_pages_fast(addr, 1, FOLL_WRITE, &pin), 1);
	KUNIT_EXPECT_PTR_EQ(the_test, pin, page);
	KUNIT_EXPECT_EQ(the_test, migrate_untouched(addr, nid, MIGRATE_SYNC), 1);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_page(addr), page);
	KUNIT_EXPECT_TRUE(the_test, pte_write(peek_pte(current->mm, addr)));
	unpin_user_page(pin);

	/* under writeback: only a full sync migration would wait */
	folio_lock(page_folio(page));
	folio_start_writeback(page_folio(page));
	folio_unlock(page_folio(page));
	KUNIT_EXPECT_EQ(the_test, migrate_untouched(addr, nid, MIGRATE_ASYNC), 1);
	KUNIT_EXPECT_EQ(the_test, migrate_untouched(addr, nid, MIGRATE_SYNC_LIGHT), 1);
	folio_end_writeback(page_folio(page));

	/* already isolated: not found on the LRU */
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(the_test, folio_isolate_lru(page_folio(page)));
	KUNIT_EXPECT_EQ(the_test, migrate_untouched(addr, nid, MIGRATE_SYNC), -EBUSY);
	folio_putback_lru(page_folio(page));

	KUNIT_EXPECT_EQ(the_test, migrate_untouched(addr, nid, MIGRATE_ASYNC), 0);
	KUNIT_EXPECT_EQ(the_test, read_word(addr), 1ULL);
	return 0;
}

static void pages_in_use_elsewhere_stay_where_they_are(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_refusals), 0);
}

static struct folio *lent;
static struct completion locked, let_go;

static int locker(void *arg)
{
	folio_lock(lent);
	complete(&locked);
	wait_for_completion(&let_go);
	folio_unlock(lent);
	return 0;
}

static int releaser(void *arg)
{
	schedule_timeout_uninterruptible(2);
	complete(&let_go);
	return 0;
}

static int prog_locked(void *arg)
{
	unsigned long addr = map_anon(1);
	struct task_struct *t;

	user_write64(addr, 1);
	lent = peek_folio(addr);
	folio_get(lent);
	init_completion(&locked);
	init_completion(&let_go);
	t = kthread_run(locker, NULL, "locker");
	KUNIT_EXPECT_FALSE(the_test, IS_ERR(t));
	wait_for_completion(&locked);
	folio_put(lent);
	KUNIT_EXPECT_EQ(the_test, migrate_untouched(addr, 3, MIGRATE_ASYNC), 1);
	t = kthread_run(releaser, NULL, "releaser");
	KUNIT_EXPECT_FALSE(the_test, IS_ERR(t));
	KUNIT_EXPECT_EQ(the_test, migrate_untouched(addr, 3, MIGRATE_SYNC), 0);
	KUNIT_EXPECT_EQ(the_test, mm_page_node(current->mm, addr), 3);
	return 0;
}

static void a_locked_folio_is_waited_for_only_by_sync_migration(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_locked), 0);
}

static struct folio *no_folio(struct folio *src, unsigned long private)
{
	return NULL;
}

static int prog_no_memory(void *arg)
{
	unsigned long addr = map_anon(4), i;
	unsigned int succeeded = 99;
	LIST_HEAD(list);

	for (i = 0; i < 4; i++)
		user_write64(addr + i * PAGE_SIZE, i);
	lru_add_drain_all();
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_TRUE(the_test,
				  isolate_folio_to_list(peek_folio(addr + i * PAGE_SIZE),
							&list));
	KUNIT_EXPECT_EQ(the_test, migrate_pages(&list, no_folio, NULL, 0, MIGRATE_ASYNC,
						MR_SYSCALL, &succeeded), -ENOMEM);
	KUNIT_EXPECT_EQ(the_test, succeeded, 0U);
	KUNIT_EXPECT_EQ(the_test, list_count_nodes(&list), (size_t)4);
	putback_movable_pages(&list);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(the_test, read_word(addr + i * PAGE_SIZE), (u64)i);
	return 0;
}

static void without_destinations_nothing_moves_and_all_come_back(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_no_memory), 0);
}

/* There is a place for this folio only. */
static struct folio *has_place;

static struct folio *one_place(struct folio *src, unsigned long private)
{
	return src == has_place ? __folio_alloc_node(GFP_HIGHUSER_MOVABLE, 0, 3) : NULL;
}

/* The first folio is locked, and would be tried again; for the second there is no memory. */
static int prog_counted(void *arg)
{
	unsigned long addr = map_anon(2), fails = vm_event(PGMIGRATE_FAIL);
	LIST_HEAD(list);

	user_write64(addr, 1);
	user_write64(addr + PAGE_SIZE, 2);
	lru_add_drain_all();
	has_place = peek_folio(addr);
	KUNIT_EXPECT_TRUE(the_test, isolate_folio_to_list(peek_folio(addr + PAGE_SIZE), &list));
	KUNIT_EXPECT_TRUE(the_test, isolate_folio_to_list(has_place, &list));
	folio_lock(has_place);
	KUNIT_EXPECT_EQ(the_test, migrate_pages(&list, one_place, NULL, 0, MIGRATE_ASYNC,
						MR_SYSCALL, NULL), -ENOMEM);
	folio_unlock(has_place);
	KUNIT_EXPECT_EQ(the_test, list_count_nodes(&list), (size_t)2);
	putback_movable_pages(&list);
	KUNIT_EXPECT_EQ(the_test, vm_event(PGMIGRATE_FAIL), fails + 2);

	/* As long as it is locked, it counts once for all tries. */
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(the_test, isolate_folio_to_list(has_place, &list));
	folio_lock(has_place);
	KUNIT_EXPECT_EQ(the_test, migrate_pages(&list, one_place, NULL, 0, MIGRATE_ASYNC,
						MR_SYSCALL, NULL), 1);
	folio_unlock(has_place);
	putback_movable_pages(&list);
	KUNIT_EXPECT_EQ(the_test, vm_event(PGMIGRATE_FAIL), fails + 3);
	return 0;
}

static void pages_that_were_to_be_tried_again_count_as_failed_too(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_counted), 0);
}

static int prog_freed(void *arg)
{
	unsigned long addr = map_anon(1);
	unsigned int succeeded;
	LIST_HEAD(list);

	user_write64(addr, 1);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(the_test, isolate_folio_to_list(peek_folio(addr), &list));
	sys_munmap(addr, PAGE_SIZE);
	KUNIT_EXPECT_EQ(the_test, migrate_pages(&list, no_folio, NULL, 0, MIGRATE_ASYNC,
						MR_SYSCALL, &succeeded), 0);
	KUNIT_EXPECT_EQ(the_test, succeeded, 1U);
	KUNIT_EXPECT_TRUE(the_test, list_empty(&list));
	return 0;
}

static void a_page_freed_while_isolated_counts_as_moved(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_freed), 0);
}

static int prog_injected(void *arg)
{
	unsigned long addr = map_anon(2), fails = vm_event(PGMIGRATE_FAIL);
	int rule;

	user_write64(addr, 1);
	user_write64(addr + PAGE_SIZE, 2);
	rule = inject_set((struct inject_rule){ .sites = 1 << INJECT_MIGRATE,
						 .per_million = 1000000 });
	KUNIT_EXPECT_EQ(the_test, migrate_untouched(addr, 3, MIGRATE_ASYNC), 1);
	KUNIT_EXPECT_EQ(the_test, inject_failed(rule), 10UL);	/* passes */
	KUNIT_EXPECT_EQ(the_test, vm_event(PGMIGRATE_FAIL), fails + 1);
	KUNIT_EXPECT_EQ(the_test, migrate_untouched(addr, 3, MIGRATE_SYNC), 1);
	KUNIT_EXPECT_EQ(the_test, inject_failed(rule), 20UL);	/* 3 in the batch, 7 after */
	inject_clear(rule);
	inject_set((struct inject_rule){ .sites = 1 << INJECT_MIGRATE, .nth = 1 });
	KUNIT_EXPECT_EQ(the_test, migrate_untouched(addr, 3, MIGRATE_ASYNC), 0);
	inject_clear_all();
	KUNIT_EXPECT_EQ(the_test, read_word(addr), 1ULL);
	KUNIT_EXPECT_EQ(the_test, user_write64(addr, 4), 0);
	KUNIT_EXPECT_EQ(the_test, read_word(addr + PAGE_SIZE), 2ULL);
	return 0;
}

static void a_failed_folio_is_retried_ten_times_and_then_mapped_again(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_injected), 0);
}

static int prog_flags(void *arg)
{
	unsigned long addr = map_anon(1);
	struct folio *folio;

	user_write64(addr, 1);
	folio = peek_folio(addr);
	lru_add_drain_all();
	folio_set_referenced(folio);
	folio_set_workingset(folio);
	folio_mark_dirty(folio);
	folio_xchg_last_cpupid(folio, 5);
	KUNIT_EXPECT_EQ(the_test, migrate_untouched(addr, 1 + folio_nid(folio) % 3,
						    MIGRATE_SYNC), 0);
	KUNIT_EXPECT_PTR_NE(the_test, peek_folio(addr), folio);
	folio = peek_folio(addr);
	KUNIT_EXPECT_TRUE(the_test, folio_test_referenced(folio));
	KUNIT_EXPECT_TRUE(the_test, folio_test_workingset(folio));
	KUNIT_EXPECT_TRUE(the_test, folio_test_dirty(folio));
	KUNIT_EXPECT_TRUE(the_test, folio_test_uptodate(folio));
	KUNIT_EXPECT_TRUE(the_test, folio_test_swapbacked(folio));
	KUNIT_EXPECT_EQ(the_test, folio_last_cpupid(folio), 5);
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(folio), 1);
	return 0;
}

static void flags_and_last_cpupid_move_with_the_contents(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_flags), 0);
}

static int prog_files(void *arg)
{
	struct file *shm = shmem_file_create("shm", 2 * PAGE_SIZE);
	struct file *reg = regular_file_create("reg", 2 * PAGE_SIZE);
	unsigned long a = sys_mmap(0, 2 * PAGE_SIZE, RW, MAP_SHARED, shm, 0);
	unsigned long b = sys_mmap(0, 2 * PAGE_SIZE, RW, MAP_SHARED, shm, 0);
	unsigned long r = sys_mmap(0, 2 * PAGE_SIZE, PROT_READ, MAP_PRIVATE, reg, 0);
	struct folio *folio;

	user_write64(a + PAGE_SIZE, 11);
	KUNIT_EXPECT_EQ(the_test, read_word(b + PAGE_SIZE), 11ULL);
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(peek_folio(a + PAGE_SIZE)), 2);
	KUNIT_EXPECT_EQ(the_test, migrate_at(a + PAGE_SIZE, 3, MIGRATE_SYNC), 0);
	lru_add_drain_all();
	folio = peek_folio(b + PAGE_SIZE);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_folio(a + PAGE_SIZE), folio);
	KUNIT_EXPECT_EQ(the_test, folio_nid(folio), 3);
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(folio), 2);
	KUNIT_EXPECT_EQ(the_test, folio_ref_count(folio), 3);
	user_write64(b + PAGE_SIZE, 12);
	KUNIT_EXPECT_EQ(the_test, read_word(a + PAGE_SIZE), 12ULL);
	KUNIT_EXPECT_EQ(the_test, node_page_state(NODE_DATA(3), NR_SHMEM), 1UL);
	KUNIT_EXPECT_EQ(the_test, node_page_state(NODE_DATA(3), NR_FILE_PAGES), 1UL);

	KUNIT_EXPECT_EQ(the_test, read_word(r), file_pattern(reg, 0));
	KUNIT_EXPECT_EQ(the_test, migrate_at(r, 2, MIGRATE_ASYNC), 0);
	KUNIT_EXPECT_EQ(the_test, mm_page_node(current->mm, r), 2);
	KUNIT_EXPECT_EQ(the_test, read_word(r), file_pattern(reg, 0));

	sys_munmap(a, 2 * PAGE_SIZE);
	sys_munmap(b, 2 * PAGE_SIZE);
	sys_munmap(r, 2 * PAGE_SIZE);
	file_put(shm);
	file_put(reg);
	return 0;
}

static void file_pages_move_in_cache_and_all_mappings(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_files), 0);
}

static int child_same_page(void *arg)
{
	unsigned long addr = (unsigned long)arg;

	KUNIT_EXPECT_EQ(the_test, migrate_at(addr, 3, MIGRATE_SYNC), 0);
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(peek_folio(addr)), 2);
	KUNIT_EXPECT_EQ(the_test, read_word(addr), 21ULL);
	return 0;
}

static int prog_forked(void *arg)
{
	unsigned long addr = map_anon(1);

	user_write64(addr, 21);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(sys_fork(child_same_page, (void *)addr)), 0L);
	KUNIT_EXPECT_EQ(the_test, mm_page_node(current->mm, addr), 3);
	KUNIT_EXPECT_EQ(the_test, read_word(addr), 21ULL);
	return 0;
}

static void a_page_shared_by_fork_moves_for_both(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_forked), 0);
}

static int prog_misplaced(void *arg)
{
	unsigned long addr = map_anon(1), moved = vm_event(NUMA_PAGE_MIGRATE);
	struct vm_area_struct *vma;
	struct folio *folio;
	int nid, other, rule;

	user_write64(addr, 3);
	lru_add_drain_all();
	folio = peek_folio(addr);
	nid = (folio_nid(folio) + 1) % 4;
	vma = vma_at(addr);
	KUNIT_EXPECT_EQ(the_test, migrate_misplaced_folio_prepare(folio, vma, nid), 0);
	KUNIT_EXPECT_EQ(the_test, migrate_misplaced_folio_prepare(folio, vma, nid),
			-EAGAIN);
	KUNIT_EXPECT_EQ(the_test, migrate_misplaced_folio(folio, vma, nid), 0);
	KUNIT_EXPECT_EQ(the_test, mm_page_node(current->mm, addr), nid);
	KUNIT_EXPECT_EQ(the_test, vm_event(NUMA_PAGE_MIGRATE), moved + 1);

	lru_add_drain_all();
	folio = peek_folio(addr);
	other = (nid + 1) % 4;
	rule = inject_set((struct inject_rule){ .sites = 1 << INJECT_PAGE,
						 .per_million = 1000000 });
	KUNIT_EXPECT_EQ(the_test, migrate_misplaced_folio_prepare(folio, vma, other), 0);
	KUNIT_EXPECT_EQ(the_test, migrate_misplaced_folio(folio, vma, other), -EAGAIN);
	inject_clear(rule);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_folio(addr), folio);
	KUNIT_EXPECT_EQ(the_test, vm_event(NUMA_PAGE_MIGRATE), moved + 1);
	return 0;
}

static void a_misplaced_folio_moves_or_goes_back_to_the_lru(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_misplaced), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(contents_survive_in_every_mode),
	KUNIT_CASE(every_bit_of_the_entry_survives),
	KUNIT_CASE(pages_in_use_elsewhere_stay_where_they_are),
	KUNIT_CASE(a_locked_folio_is_waited_for_only_by_sync_migration),
	KUNIT_CASE(without_destinations_nothing_moves_and_all_come_back),
	KUNIT_CASE(pages_that_were_to_be_tried_again_count_as_failed_too),
	KUNIT_CASE(a_page_freed_while_isolated_counts_as_moved),
	KUNIT_CASE(a_failed_folio_is_retried_ten_times_and_then_mapped_again),
	KUNIT_CASE(flags_and_last_cpupid_move_with_the_contents),
	KUNIT_CASE(file_pages_move_in_cache_and_all_mappings),
	KUNIT_CASE(a_page_shared_by_fork_moves_for_both),
	KUNIT_CASE(a_misplaced_folio_moves_or_goes_back_to_the_lru),
	{}
};

static struct kunit_suite suite = {
	.name = "fault-migrate",
	.init = migrate_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);
