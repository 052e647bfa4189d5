// SPDX-License-Identifier: GPL-2.0
/*
 * What the functions of address spaces and of the page cache ask of their callers: a lock, the
 * state of a folio, a range. Each is asked before anything is done, so what is called here breaks
 * nothing.
 */
#include "../caught.h"
#include "vm_test.h"
#include <linux/huge_mm.h>
#include <linux/khugepaged.h>
#include <linux/kthread.h>
#include <linux/mempolicy.h>
#include <linux/migrate.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/pagewalk.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <asm/pgalloc.h>
#include <asm/tlb.h>

#include "../../../kernel-compat/mm/collapse.h"
#include "../../../kernel-compat/mm/fault.h"
#include "../../../kernel-compat/mm/huge_split.h"
#include "../../../kernel-compat/mm/vma.h"

/* A process with a page of a file, which is in the cache and mapped, and with one of its own. */
static struct {
	struct mm_struct *mm;
	struct vm_area_struct *vma, *own_vma, *fresh;
	unsigned long addr;
	struct folio *folio, *spare;	/* one that nobody uses */
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

static void walk_a_mapping(void *arg)
{
	static const struct mm_walk_ops ops = { .walk_lock = PGWALK_RDLOCK };

	walk_page_vma(w.vma, &ops, NULL);
}

static void map_a_page_of_another_folio(void *arg)
{
	folio_add_file_rmap_ptes(w.folio, w.own, 1, w.vma);
}

static void map_more_than_the_folio(void *arg)
{
	folio_add_file_rmap_ptes(w.folio, &w.folio->page, 2, w.vma);
}

static void map_nothing(void *arg)
{
	folio_add_file_rmap_ptes(w.folio, &w.folio->page, 0, w.vma);
}

static void map_zeroes(void *arg)
{
	struct page *zeroes = pfn_to_page(zero_pfn);

	folio_add_file_rmap_ptes(page_folio(zeroes), zeroes, 1, w.vma);
}

static void map_a_file_as_anonymous(void *arg)
{
	folio_add_anon_rmap_ptes(w.folio, &w.folio->page, 1, w.vma, w.addr, 0);
}

static void map_as_new(void *arg)
{
	folio_add_new_anon_rmap(page_folio(w.own), w.vma, w.addr, RMAP_EXCLUSIVE);
}

static void map_as_new_elsewhere(void *arg)
{
	folio_add_new_anon_rmap(page_folio(w.own), w.vma, w.vma->vm_end, RMAP_EXCLUSIVE);
}

static void make_its_own(void *arg)
{
	folio_move_anon_rmap(w.folio, w.vma);
}

static void free_without_a_range(void *arg)
{
	static struct mmu_gather tlb;

	__tlb_remove_page(&tlb, w.own, false);
}

static void free_and_unmap_later(void *arg)
{
	static struct mmu_gather tlb = { .end = PAGE_SIZE };

	__tlb_remove_page(&tlb, w.own, true);
}

static void drop_the_kernels_mm(void *arg)
{
	__mmdrop(&init_mm);
}

static void insert_after_another_offset(void *arg)
{
	vma_interval_tree_insert_after(w.fresh, w.vma, &w.mapping->i_mmap);
}

static void flush_an_odd_range(void *arg)
{
	pmdp_collapse_flush(w.vma, w.addr | PAGE_SIZE, w.pmd);
}

static void access_an_odd_range(void *arg)
{
	pmdp_set_access_flags(w.vma, w.addr | PAGE_SIZE, w.pmd, pmdp_get(w.pmd), 0);
}

static void map_own_as_file(void *arg)
{
	folio_add_file_rmap_ptes(page_folio(w.own), w.own, 1, w.vma);
}

static void copy_own_as_file(void *arg)
{
	folio_dup_file_rmap_pte(page_folio(w.own), w.own);
}

static void share_a_file_as_anonymous(void *arg)
{
	folio_try_share_anon_rmap_pte(w.folio, &w.folio->page);
}

static void replace_entries(void *arg)
{
	try_to_migrate(w.folio, 0);
}

static void unmap_a_folio(void *arg)
{
	try_to_unmap(w.folio, 0);
}

static void clean_entries(void *arg)
{
	folio_mkclean(w.folio);
}

static void unmap_a_folio_of_a_file(void *arg)
{
	unmap_mapping_folio(w.folio);
}

static void add_to_the_lru(void *arg)
{
	folio_add_lru(w.folio);
}

static void get(unsigned int flags, struct page **pages)
{
	get_user_pages_remote(w.mm, w.addr, 1, flags, pages, NULL);
}

static void get_and_pin(void *arg)
{
	struct page *page;

	pin_user_pages_remote(w.mm, w.addr, 1, FOLL_GET, &page, NULL);
}

static void get_for_long(void *arg)
{
	struct page *page;

	get(FOLL_LONGTERM, &page);
}

static void get_what_is_not_wanted(void *arg)
{
	get(FOLL_GET, NULL);
}

static void find_a_mapping(void *arg)
{
	find_vma(w.mm, w.addr);
}

static void link_a_mapping(void *arg)
{
	vma_link(w.mm, w.fresh);
}

/* A thread that ends with an address space leaves it as one of the process does. */
static void join_the_process(void)
{
	mmget(w.mm);
	kthread_use_mm(w.mm);
	mmdrop(w.mm);
}

static void find_a_hole(void *arg)
{
	join_the_process();
	get_unmapped_area(NULL, 0, PAGE_SIZE, 0, 0);
}

static void map_nothing_new(void *arg)
{
	unsigned long populate;

	join_the_process();
	do_mmap(NULL, 0, 0, RW, MAP_PRIVATE | MAP_ANONYMOUS, 0, 0, &populate, NULL);
}

static void change_a_mapping(void *arg)
{
	static const struct mm_walk_ops ops = { .walk_lock = PGWALK_WRLOCK };

	walk_page_vma(w.vma, &ops, NULL);
}

static void copy_tables(void *arg)
{
	copy_page_range(w.own_vma, w.own_vma);
}

static void isolate_a_range(void *arg)
{
	static struct collapse_control cc;
	LIST_HEAD(large);

	collapse_isolate(w.own_vma, w.own_vma->vm_start, NULL, &cc, &large);
}

static void take_off_the_queue(void *arg)
{
	deferred_split_unqueue_locked(&NODE_DATA(0)->deferred_split_queue, w.folio);
}

static void take_a_used_folio_off_the_queue(void *arg)
{
	__folio_unqueue_deferred_split(w.folio);
}

static void zap_nothing(void *arg)
{
	static struct mmu_gather tlb;

	unmap_page_range(&tlb, w.vma, w.addr, w.addr, NULL);
}

static void split_at_the_border(void *arg)
{
	VMA_ITERATOR(vmi, w.mm, w.addr);

	split_vma(&vmi, w.vma, w.vma->vm_start, 0);
}

static void write_to_a_shared_page(void *arg)
{
	struct vm_fault vmf = { .page = w.own };

	fault_dirty_shared_page(&vmf);
}

static void inherit_a_lock(void *arg)
{
	folio_lock_inherit(w.folio);
}

static void map_zeroes_where_another_was(void *arg)
{
	remove_migration_ptes(w.folio, w.spare, RMP_USE_SHARED_ZEROPAGE);
}

static void isolate_a_free_folio(void *arg)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);

	folio_put(folio);
	folio_isolate_lru(folio);
}

static void move_what_is_written_back(void *arg)
{
	folio_start_writeback(w.folio);
	migrate_folio_extra(w.mapping, w.spare, w.folio, MIGRATE_SYNC, 0);
}

static void register_an_ended_mm(void *arg)
{
	static struct mm_struct ended;

	__khugepaged_enter(&ended);
}

static void unregister_from_a_freed_mm(void *arg)
{
	static struct mmu_notifier notifier = { .ops = &no_ops };
	static struct mm_struct freed;

	mmu_notifier_unregister(&notifier, &freed);
}

static void drop_the_mm_in_use(void *arg)
{
	join_the_process();
	__mmdrop(w.mm);
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
	{ "mmap_lock: walk_page_vma()", walk_a_mapping, VIOLATION_MMAP_LOCK, "" },
	{ "a page of the folio that is mapped", map_a_page_of_another_folio, VIOLATION_WARN,
	  "(page))) != folio" },
	{ "no more pages than the folio has", map_more_than_the_folio, VIOLATION_WARN,
	  "nr_pages - 1" },
	{ "pages to map", map_nothing, VIOLATION_WARN, "nr_pages <= 0" },
	{ "a page that is counted", map_zeroes, VIOLATION_WARN, "zero" },
	{ "an anonymous folio", map_a_file_as_anonymous, VIOLATION_WARN, "anon" },
	{ "a folio of a file", map_own_as_file, VIOLATION_WARN, "anon" },
	{ "a folio of a file to copy", copy_own_as_file, VIOLATION_WARN, "anon" },
	{ "an anonymous folio to share", share_a_file_as_anonymous, VIOLATION_WARN, "anon" },
	{ "a locked folio to migrate", replace_entries, VIOLATION_BUG, "rmap_unmap.c" },
	{ "a locked folio to unmap", unmap_a_folio, VIOLATION_BUG, "rmap_unmap.c" },
	{ "a locked folio with clean entries", clean_entries, VIOLATION_BUG, "rmap_unmap.c" },
	{ "a locked folio of a file", unmap_a_folio_of_a_file, VIOLATION_BUG, "truncate.c" },
	{ "a folio on no LRU list", add_to_the_lru, VIOLATION_BUG, "folio_test_lru" },
	{ "a new anonymous folio", map_as_new, VIOLATION_BUG, "mapped" },
	{ "an address of the mapping", map_as_new_elsewhere, VIOLATION_BUG, "vm_end" },
	{ "a locked folio that is its own", make_its_own, VIOLATION_BUG, "locked" },
	{ "a mapping with an anon_vma", make_its_own, VIOLATION_BUG, "anon_vma",
	  .locked = true },
	{ "a range that is flushed", free_without_a_range, VIOLATION_BUG, "end" },
	{ "pages that are unmapped", free_and_unmap_later, VIOLATION_BUG, "delay_rmap" },
	{ "an mm that ends", drop_the_kernels_mm, VIOLATION_BUG, "init_mm" },
	{ "mappings of the same offset", insert_after_another_offset, VIOLATION_BUG, "pgoff" },
	{ "a range to flush", flush_an_odd_range, VIOLATION_BUG, "address" },
	{ "a range that is accessed", access_an_odd_range, VIOLATION_BUG, "address" },
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
	{ "either to get or to pin", get_and_pin, VIOLATION_WARN, "FOLL_PIN | FOLL_GET" },
	{ "pins for what lasts long", get_for_long, VIOLATION_WARN, "FOLL_LONGTERM" },
	{ "room for pages to get", get_what_is_not_wanted, VIOLATION_WARN, "!pages" },
	{ "a pinned page", unpin, VIOLATION_BUG, "pinned" },
	{ "a fork that can be seen", ask_as_fork_does, VIOLATION_BUG, "write_protect_seq" },
	{ "the PMD's lock: deposit", deposit_a_table, VIOLATION_LOCK_UNHELD, "" },
	{ "the PMD's lock: withdraw", withdraw_a_table, VIOLATION_LOCK_UNHELD, "" },
	{ "the lock of an entry", ask_the_policy, VIOLATION_LOCK_UNHELD, "" },
	{ "the PMD's lock: split", split_an_entry, VIOLATION_LOCK_UNHELD, "" },
	{ "mmap_lock: find_vma()", find_a_mapping, VIOLATION_MMAP_LOCK, "" },
	{ "mmap_lock: vma_link()", link_a_mapping, VIOLATION_MMAP_LOCK, "for writing" },
	{ "mmap_lock: a hole", find_a_hole, VIOLATION_MMAP_LOCK, "for writing" },
	{ "mmap_lock: do_mmap()", map_nothing_new, VIOLATION_MMAP_LOCK, "for writing" },
	{ "mmap_lock: a walk that changes", change_a_mapping, VIOLATION_MMAP_LOCK, "for writing" },
	{ "mmap_lock: fork", copy_tables, VIOLATION_MMAP_LOCK, "" },
	{ "the anon_vma's lock: collapse", isolate_a_range, VIOLATION_LOCK_UNHELD, "" },
	{ "the queue's lock", take_off_the_queue, VIOLATION_LOCK_UNHELD, "" },
	{ "a folio without users", take_a_used_folio_off_the_queue, VIOLATION_WARN, "ref_count" },
	{ "a range to zap", zap_nothing, VIOLATION_BUG, "addr >= end" },
	{ "an address inside to split at", split_at_the_border, VIOLATION_WARN, "vm_start >= addr" },
	{ "a page of a file that is shared", write_to_a_shared_page, VIOLATION_BUG, "anon" },
	{ "a locked folio to inherit", inherit_a_lock, VIOLATION_BUG, "locked" },
	{ "zeroes for the same folio", map_zeroes_where_another_was, VIOLATION_BUG, "src != dst" },
	{ "a folio in use to isolate", isolate_a_free_folio, VIOLATION_BUG, "ref_count" },
	{ "a folio to move that is not written back", move_what_is_written_back, VIOLATION_BUG,
	  "writeback", .locked = true },
	{ "an mm that has not ended", register_an_ended_mm, VIOLATION_BUG, "test_exit" },
	{ "an mm that is there", unregister_from_a_freed_mm, VIOLATION_BUG, "mm_count" },
	{ "an mm that is not in use", drop_the_mm_in_use, VIOLATION_WARN, "current->mm" },
};
KUNIT_ARRAY_PARAM_DESC(ask, asks, name);

static void expect_asked(struct kunit *test)
{
	const struct ask *ask = test->param_value;
	struct file *file = shmem_file_create("shm", PAGE_SIZE);
	unsigned long own = map_anon(1, RW), fresh = map_anon(1, RW);

	w.mm = current->mm;
	w.mapping = file->f_mapping;
	w.addr = sys_mmap(0, PAGE_SIZE, RW, MAP_SHARED, file, 0);
	poke(test, w.addr, 1);
	poke(test, own, 1);
	w.own = pte_page(pte_at(w.mm, own));
	w.folio = page_folio(pte_page(pte_at(w.mm, w.addr)));
	w.table = pte_alloc_one(w.mm);
	w.spare = folio_alloc(GFP_KERNEL, 0);
	lru_add_drain_all();
	mmap_read_lock(w.mm);
	w.vma = vma_lookup(w.mm, w.addr);
	w.own_vma = vma_lookup(w.mm, own);
	w.fresh = vma_lookup(w.mm, fresh);
	w.pmd = mm_find_pmd(w.mm, w.addr);
	mmap_read_unlock(w.mm);

	if (ask->locked)
		folio_lock(w.folio);
	expect_caught(test, ask->fn, NULL, ask->kind, ask->text);
	if (ask->locked)
		folio_unlock(w.folio);
	if (folio_test_writeback(w.folio))
		folio_end_writeback(w.folio);
	if (ask->referenced)
		folio_put(w.folio);
	pte_free(w.mm, w.table);
	folio_put(w.spare);
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
