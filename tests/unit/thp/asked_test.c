// SPDX-License-Identifier: GPL-2.0
/*
 * What the functions of reverse mapping and of huge entries ask of their callers: a lock, the
 * size of a folio, whose page it is. See also vm/asked_test.c.
 */
#include "../caught.h"
#include "thp_test.h"
#include <asm/pgalloc.h>

#include "../../../kernel-compat/mm/collapse.h"
#include "../../../kernel-compat/mm/fault.h"
#include "../../../kernel-compat/mm/gup.h"

/* A process with a huge page, a page of its own, a page of a file, and mappings without pages. */
static struct {
	struct mm_struct *mm;
	struct vm_area_struct *vma, *own_vma, *file_vma, *fresh;
	unsigned long addr, own_addr, file_addr;
	struct folio *folio, *own, *file;
	struct folio *spare, *larger;		/* that nobody uses; one of two huge pages */
	pmd_t *pmd;
	pmd_t *other;		/* a table of nobody's, whose lock nobody waits for */
	pmd_t huge;		/* what it is tested with */
	pgtable_t table;
} w;

/* Locks without a way back, as who is caught ends here. */
static void lock_the_other_table(pmd_t pmd)
{
	spin_lock(pmd_lockptr(w.mm, w.other));
	set_pmd(w.other, pmd);
}

static void follow(void *arg)
{
	follow_huge_pmd(w.vma, w.addr, w.pmd, FOLL_GET);
}

static void split_at(unsigned long addr, struct vm_area_struct *vma, bool freeze,
		     struct folio *folio)
{
	lock_the_other_table(w.huge);
	split_huge_pmd_locked(vma, addr, w.other, freeze, folio);
}

static void split_an_odd_address(void *arg)
{
	split_at(w.addr + PAGE_SIZE, w.vma, false, NULL);
}

static void split_a_small_folio(void *arg)
{
	split_at(w.addr, w.vma, false, w.own);
}

static void split_an_unlocked_folio(void *arg)
{
	split_at(w.addr, w.vma, false, w.folio);
}

static void freeze_any_folio(void *arg)
{
	split_at(w.addr, w.vma, true, NULL);
}

static void split_outside(void *arg)
{
	split_at(w.addr + HPAGE_PMD_SIZE, w.vma, false, NULL);
}

static void split_in_a_file(void *arg)
{
	split_at(w.file_addr, w.file_vma, false, NULL);
}

static void withdraw_what_is_not_there(void *arg)
{
	lock_the_other_table(__pmd(0));
	pgtable_trans_huge_withdraw(w.mm, w.other);
}

static void deposit_twice(void *arg)
{
	lock_the_other_table(__pmd(0));
	w.table->pmd_huge_pte = w.table;
	pgtable_trans_huge_deposit(w.mm, w.other, w.table);
}

static void collapse_a_huge_entry(void *arg)
{
	lock_the_other_table(w.huge);
	pmdp_collapse_flush(w.vma, w.addr, w.other);
}

static void release_what_was_not_isolated(void *arg)
{
	pte_t moving = swp_entry_to_pte(make_readable_migration_entry(folio_pfn(w.own)));
	LIST_HEAD(large);

	collapse_release(&moving, &moving + 1, &large);
}

static void replace_an_entry(void *arg)
{
	struct page_vma_mapped_walk pvmw = { .vma = w.vma, .address = w.addr, .pmd = w.pmd };

	set_pmd_migration_entry(&pvmw, &w.folio->page);
}

static void move_onto_another(void *arg)
{
	move_huge_pmd(w.vma, w.addr, w.addr, w.pmd, &w.huge);
}

static void copy_without_an_anon_vma(void *arg)
{
	struct vm_fault vmf = { .vma = w.fresh, .pmd = w.pmd, .orig_pmd = w.huge };

	do_huge_pmd_wp_page(&vmf);
}

static void fault_on_an_unknown_entry(void *arg)
{
	pmd_t unknown = swp_entry_to_pmd(swp_entry(0, 1));
	struct vm_fault vmf = { .vma = w.vma, .pmd = &unknown };

	fault_huge_pmd(&vmf);
}

static void uncount_zeroes(void *arg)
{
	struct folio *zeroes = mm_get_huge_zero_folio(w.mm);

	folio_remove_rmap_pmd(zeroes, &zeroes->page, w.vma);
}

static void unmap_half_a_folio(void *arg)
{
	folio_remove_rmap_pmd(w.larger, &w.larger->page, w.vma);
}

static void unmap_what_is_not_mapped(void *arg)
{
	folio_remove_rmap_pte(w.spare, &w.spare->page, w.file_vma);
}

static void map_as_new_without_an_anon_vma(void *arg)
{
	folio_add_new_anon_rmap(w.spare, w.file_vma, w.file_addr, RMAP_EXCLUSIVE);
}

static void walk_mappings(void *arg)
{
	struct rmap_walk_control rwc = { };

	rmap_walk(w.file, &rwc);
}

static void map_own(struct vm_area_struct *vma, unsigned long addr, rmap_t flags)
{
	folio_add_anon_rmap_ptes(w.own, &w.own->page, 1, vma, addr, flags);
}

static void map_at_another_offset(void *arg)
{
	map_own(w.own_vma, w.own_addr + PAGE_SIZE, RMAP_NONE);
}

static void map_into_another_tree(void *arg)
{
	map_own(w.vma, w.own_addr, RMAP_NONE);
}

static void map_alone_twice(void *arg)
{
	map_own(w.own_vma, w.own_addr, RMAP_EXCLUSIVE);
}

static void unmap_own(void)
{
	folio_remove_rmap_pte(w.own, &w.own->page, w.own_vma);
}

static void fork_a_page_of_a_file(void *arg)
{
	raw_write_seqcount_begin(&w.mm->write_protect_seq);
	folio_try_dup_anon_rmap_pte(w.file, &w.file->page, w.file_vma);
}

static void end_fork(void)
{
	raw_write_seqcount_end(&w.mm->write_protect_seq);
}

static void share_what_is_shared(void *arg)
{
	ClearPageAnonExclusive(&w.own->page);
	folio_try_share_anon_rmap_pte(w.own, &w.own->page);
}

static void unpin_what_is_shared(void *arg)
{
	folio_ref_add(w.own, GUP_PIN_COUNTING_BIAS);
	ClearPageAnonExclusive(&w.own->page);
	unpin_user_page(&w.own->page);
}

static void make_exclusive(void)
{
	SetPageAnonExclusive(&w.own->page);
}

static void make_exclusive_and_unpin(void)
{
	make_exclusive();
	folio_ref_sub(w.own, GUP_PIN_COUNTING_BIAS);
}

static const struct ask {
	const char *name;
	void (*fn)(void *arg);
	enum violation_kind kind;
	const char *text;	/* part of the report */
	void (*undo)(void);
} asks[] = {
	{ "the PMD's lock to follow it", follow, VIOLATION_LOCK_UNHELD, "" },
	{ "the address of a huge page to split", split_an_odd_address, VIOLATION_WARN, "address" },
	{ "a huge folio to split", split_a_small_folio, VIOLATION_WARN, "pmd_mappable" },
	{ "a locked folio to split", split_an_unlocked_folio, VIOLATION_WARN, "locked" },
	{ "a folio to freeze", freeze_any_folio, VIOLATION_BUG, "freeze" },
	{ "an entry of the mapping to split", split_outside, VIOLATION_BUG, "vm_end" },
	{ "an anonymous mapping to split", split_in_a_file, VIOLATION_BUG, "vma_is_anonymous" },
	{ "a deposited table", withdraw_what_is_not_there, VIOLATION_BUG, "pgtable" },
	{ "a table that is not deposited", deposit_twice, VIOLATION_BUG, "pmd_huge_pte" },
	{ "a table to collapse", collapse_a_huge_entry, VIOLATION_BUG, "pmd_trans_huge" },
	{ "pages that are there to release", release_what_was_not_isolated, VIOLATION_WARN,
	  "pte_present" },
	{ "a locked folio to migrate", replace_an_entry, VIOLATION_BUG, "locked" },
	{ "no huge page where one moves to", move_onto_another, VIOLATION_BUG, "pmd_trans_huge" },
	{ "an anon_vma for a copy", copy_without_an_anon_vma, VIOLATION_BUG, "anon_vma" },
	{ "a huge page, or one that moves", fault_on_an_unknown_entry, VIOLATION_BUG,
	  "is_pmd_migration_entry" },
	{ "a folio that is counted", uncount_zeroes, VIOLATION_WARN, "huge_zero" },
	{ "a folio that is as large as the entry", unmap_half_a_folio, VIOLATION_WARN,
	  "folio_nr_pages" },
	{ "a mapped page to unmap", unmap_what_is_not_mapped, VIOLATION_BUG, "mapped" },
	{ "an anon_vma for a new page", map_as_new_without_an_anon_vma, VIOLATION_BUG,
	  "anon_vma" },
	{ "a locked folio of a file to walk", walk_mappings, VIOLATION_BUG, "locked" },
	{ "the offset of the page", map_at_another_offset, VIOLATION_BUG, "index", unmap_own },
	{ "a mapping of the same tree", map_into_another_tree, VIOLATION_BUG, "root", unmap_own },
	{ "one mapping of an exclusive page", map_alone_twice, VIOLATION_WARN, "Exclusive",
	  unmap_own },
	{ "an anonymous page to fork", fork_a_page_of_a_file, VIOLATION_WARN, "anon", end_fork },
	{ "an exclusive page to share", share_what_is_shared, VIOLATION_WARN, "Exclusive",
	  make_exclusive },
	{ "a pinned page that is still exclusive", unpin_what_is_shared, VIOLATION_BUG,
	  "Exclusive", make_exclusive_and_unpin },
};
KUNIT_ARRAY_PARAM_DESC(ask, asks, name);

static void expect_asked(struct kunit *test)
{
	const struct ask *ask = test->param_value;
	struct file *file = shmem_file_create("shm", PAGE_SIZE);
	unsigned long fresh;

	w.mm = current->mm;
	w.addr = map_filled(test, 1);
	w.own_addr = sys_mmap(0, PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	w.file_addr = sys_mmap(0, HPAGE_PMD_SIZE, RW, MAP_SHARED, file, 0);
	fresh = sys_mmap(0, PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	KUNIT_ASSERT_EQ(test, user_write64(w.own_addr, 1), 0);
	KUNIT_ASSERT_EQ(test, user_write64(w.file_addr, 1), 0);
	w.folio = folio_at(w.addr);
	w.own = folio_at(w.own_addr);
	w.file = folio_at(w.file_addr);
	w.spare = folio_alloc(GFP_KERNEL, 0);
	w.larger = folio_alloc(GFP_KERNEL, HPAGE_PMD_ORDER + 1);
	KUNIT_ASSERT_NOT_NULL(test, w.larger);
	w.table = pte_alloc_one(w.mm);
	w.other = pmd_alloc_one(w.mm, 0);
	w.huge = pmd_at(w.mm, w.addr);
	mmap_read_lock(w.mm);
	w.vma = vma_lookup(w.mm, w.addr);
	w.own_vma = vma_lookup(w.mm, w.own_addr);
	w.file_vma = vma_lookup(w.mm, w.file_addr);
	w.fresh = vma_lookup(w.mm, fresh);
	w.pmd = mm_find_pmd(w.mm, w.addr);
	mmap_read_unlock(w.mm);

	expect_caught(test, ask->fn, NULL, ask->kind, ask->text);

	if (ask->undo)
		ask->undo();
	/* who was caught with the lock does not unlock it */
	spin_lock_init(pmd_lockptr(w.mm, w.other));
	*w.other = __pmd(0);
	w.table->pmd_huge_pte = NULL;
	pmd_free(w.mm, w.other);
	pte_free(w.mm, w.table);
	folio_put(w.larger);
	folio_put(w.spare);
	file_put(file);
}

static void callers_are_asked(struct kunit *test)
{
	run_thp_program(test, expect_asked);
}

static struct kunit_case asked_cases[] = {
	KUNIT_CASE_PARAM(callers_are_asked, ask_gen_params),
	{}
};

static struct kunit_suite asked_suite = {
	.name = "thp_asked",
	.test_cases = asked_cases,
};
kunit_test_suite(asked_suite);
kunit_machine_config(asked_suite, quiet_machine);
