// SPDX-License-Identifier: GPL-2.0
/*
 * What the functions of address spaces and of the page cache ask of their callers: a lock, the
 * state of a folio, a range. Each is asked before anything is done, so what is called here breaks
 * nothing.
 */
#include "vm_test.h"
#include <linux/huge_mm.h>
#include <linux/mempolicy.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/pagewalk.h>
#include <linux/rmap.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>

#include "../../../kernel-compat/mm/collapse.h"

/* A process with a page of a file, which is in the cache and mapped, and with one of its own. */
static struct {
	struct mm_struct *mm;
	struct vm_area_struct *vma, *fresh;
	unsigned long addr;
	struct folio *folio;
	struct page *own;
	struct address_space *mapping;
	pgtable_t table;
	pmd_t *pmd;
} w;

static void handle_a_fault(void *arg)
{
	handle_mm_fault(w.vma, w.addr, 0, NULL);
}

static void walk_to_a_folio(void *arg)
{
	struct folio_walk fw;

	folio_walk_start(&fw, w.vma, w.addr, 0);
}

static struct mmu_notifier *alloc_no_notifier(struct mm_struct *mm)
{
	return ERR_PTR(-ENOMEM);
}

static const struct mmu_notifier_ops no_ops = { .alloc_notifier = alloc_no_notifier };

static void get_a_notifier(void *arg)
{
	mmu_notifier_get_locked(&no_ops, w.mm);
}

static void register_a_notifier(void *arg)
{
	static struct mmu_notifier notifier = { .ops = &no_ops };

	__mmu_notifier_register(&notifier, w.mm);
}

static void unmap_an_odd_range(void *arg)
{
	do_munmap(w.mm, w.addr + 1, PAGE_SIZE, NULL);
}

static void protect_a_page(void *arg)
{
	static struct mmu_gather tlb;

	change_protection(&tlb, w.vma, w.addr, w.addr + PAGE_SIZE, MM_CP_PROT_NUMA);
}

static void prepare_an_anon_vma(void *arg)
{
	__anon_vma_prepare(w.fresh);
}

static void scan_at(unsigned long addr)
{
	static struct collapse_control cc;
	bool locked = true;

	hpage_collapse_scan_pmd(w.mm, w.vma, addr, &locked, &cc);
}

static void scan_a_range(void *arg)
{
	scan_at(w.addr & HPAGE_PMD_MASK);
}

static void scan_an_odd_range(void *arg)
{
	scan_at(w.addr | PAGE_SIZE);
}

static void collapse_an_odd_range(void *arg)
{
	static struct collapse_control cc;

	collapse_huge_page(w.mm, w.addr | PAGE_SIZE, 0, &cc);
}

static void collapse_more_than_is_mapped(void *arg)
{
	struct vm_area_struct *prev;

	madvise_collapse(w.vma, &prev, w.vma->vm_start, w.vma->vm_end + PAGE_SIZE);
}

static void add_to_the_cache(void *arg)
{
	filemap_add_folio(w.mapping, w.folio, 7, GFP_KERNEL);
}

static void remove_from_the_cache(void *arg)
{
	__filemap_remove_folio(w.folio, NULL);
}

static void clean_for_writeback(void *arg)
{
	folio_clear_dirty_for_io(w.folio);
}

static void start_writeback(void *arg)
{
	folio_start_writeback(w.folio);
}

static void end_writeback(void *arg)
{
	folio_end_writeback(w.folio);
}

static void split_a_folio(void *arg)
{
	split_huge_page(&w.folio->page);
}

static void find_the_page_of_nothing(void *arg)
{
	virt_to_page((void *)PAGE_SIZE);
}

static void unpin(void *arg)
{
	unpin_user_page(w.own);
}

static void ask_as_fork_does(void *arg)
{
	folio_needs_cow_for_dma(w.vma, w.folio);
}

static void deposit_a_table(void *arg)
{
	pgtable_trans_huge_deposit(w.mm, w.pmd, w.table);
}

static void withdraw_a_table(void *arg)
{
	pgtable_trans_huge_withdraw(w.mm, w.pmd);
}

static void ask_the_policy(void *arg)
{
	struct vm_fault vmf = { .vma = w.vma, .pmd = w.pmd, .ptl = pmd_lockptr(w.mm, w.pmd) };

	mpol_misplaced(w.folio, &vmf, w.addr);
}

static void split_an_entry(void *arg)
{
	split_huge_pmd_locked(w.vma, w.addr & HPAGE_PMD_MASK, w.pmd, false, NULL);
}

static const struct ask {
	const char *name;
	void (*fn)(void *arg);
	enum violation_kind kind;
	const char *text;	/* part of the report */
	bool locked;		/* somebody has locked the folio */
	bool referenced;	/* a reference on it is left */
} asks[] = {
	{ "mmap_lock: a fault", handle_a_fault, VIOLATION_MMAP_LOCK, "" },
	{ "mmap_lock: folio_walk_start()", walk_to_a_folio, VIOLATION_MMAP_LOCK, "" },
	{ "mmap_lock: a notifier that may be there", get_a_notifier,
	  VIOLATION_MMAP_LOCK, "for writing" },
	{ "mmap_lock: a new notifier", register_a_notifier, VIOLATION_MMAP_LOCK, "for writing" },
	{ "mmap_lock: do_munmap()", unmap_an_odd_range, VIOLATION_MMAP_LOCK, "for writing" },
	{ "mmap_lock: change_protection()", protect_a_page, VIOLATION_MMAP_LOCK, "" },
	{ "mmap_lock: an anon_vma", prepare_an_anon_vma, VIOLATION_MMAP_LOCK, "" },
	{ "mmap_lock: scanning to collapse", scan_a_range, VIOLATION_MMAP_LOCK, "" },
	{ "a range to scan", scan_an_odd_range, VIOLATION_BUG, "collapse_scan.c" },
	{ "a range to collapse", collapse_an_odd_range, VIOLATION_BUG, "collapse.c" },
	{ "a range that is mapped", collapse_more_than_is_mapped, VIOLATION_BUG, "vm_end" },
	{ "a new folio", add_to_the_cache, VIOLATION_BUG, "locked", .locked = true },
	{ "a locked folio to remove", remove_from_the_cache, VIOLATION_BUG, "locked" },
	{ "an unmapped folio to remove", remove_from_the_cache, VIOLATION_BUG, "mapped",
	  .locked = true },
	{ "a locked folio to clean", clean_for_writeback, VIOLATION_BUG, "filemap.c" },
	{ "a locked folio to write back", start_writeback, VIOLATION_BUG, "locked" },
	{ "a folio under writeback", end_writeback, VIOLATION_BUG, "writeback",
	  .referenced = true },
	{ "a locked folio to split", split_a_folio, VIOLATION_BUG, "locked" },
	{ "a large folio to split", split_a_folio, VIOLATION_BUG, "large", .locked = true },
	{ "memory of a page", find_the_page_of_nothing, VIOLATION_BUG, "virt_addr_valid" },
	{ "a pinned page", unpin, VIOLATION_BUG, "pinned" },
	{ "a fork that can be seen", ask_as_fork_does, VIOLATION_BUG, "write_protect_seq" },
	{ "the PMD's lock: deposit", deposit_a_table, VIOLATION_LOCK_UNHELD, "" },
	{ "the PMD's lock: withdraw", withdraw_a_table, VIOLATION_LOCK_UNHELD, "" },
	{ "the lock of an entry", ask_the_policy, VIOLATION_LOCK_UNHELD, "" },
	{ "the PMD's lock: split", split_an_entry, VIOLATION_LOCK_UNHELD, "" },
};
KUNIT_ARRAY_PARAM_DESC(ask, asks, name);

static void expect_asked(struct kunit *test)
{
	const struct ask *ask = test->param_value;
	struct file *file = shmem_file_create("shm", PAGE_SIZE);
	unsigned long own = map_anon(1, RW), fresh = map_anon(1, RW);
	char text[256] = "";

	w.mm = current->mm;
	w.mapping = file->f_mapping;
	w.addr = sys_mmap(0, PAGE_SIZE, RW, MAP_SHARED, file, 0);
	poke(test, w.addr, 1);
	poke(test, own, 1);
	w.own = pte_page(pte_at(w.mm, own));
	w.folio = page_folio(pte_page(pte_at(w.mm, w.addr)));
	w.table = pte_alloc_one(w.mm);
	mmap_read_lock(w.mm);
	w.vma = vma_lookup(w.mm, w.addr);
	w.fresh = vma_lookup(w.mm, fresh);
	w.pmd = mm_find_pmd(w.mm, w.addr);
	mmap_read_unlock(w.mm);

	if (ask->locked)
		folio_lock(w.folio);
	KUNIT_EXPECT_EQ(test, violation_catch(ask->fn, NULL, text, sizeof(text)), ask->kind);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, ask->text), "%s", text);
	if (ask->locked)
		folio_unlock(w.folio);
	if (ask->referenced)
		folio_put(w.folio);
	pte_free(w.mm, w.table);
	file_put(file);
}

static void callers_are_asked(struct kunit *test)
{
	run_program_on(test, 0, expect_asked);
}

static struct kunit_case asked_cases[] = {
	KUNIT_CASE_PARAM(callers_are_asked, ask_gen_params),
	{}
};

static struct kunit_suite asked_suite = {
	.name = "vm_asked",
	.test_cases = asked_cases,
};
kunit_test_suite(asked_suite);
