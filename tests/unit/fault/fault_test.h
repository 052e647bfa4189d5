/* SPDX-License-Identifier: GPL-2.0 */
/* What the suites of the fault path share: programs, and looking at entries. */
#ifndef _FAULT_TEST_H
#define _FAULT_TEST_H

#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/mman.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <machine/inject.h>
#include <machine/program.h>
#include <machine/violation.h>

#define RW	(PROT_READ | PROT_WRITE)

/* These suites are about the shim alone: no daemon marks or moves their pages. */
static const struct machine_config quiet_machine __maybe_unused = {
	.nr_nodes = 4,
	.nr_cpus = 8,
	.cmdline = "noautonuma",
};

/* Run @fn as a process of its own and wait; 0 unless an expectation wants more. */
static inline int run_program(struct kunit *test, program_fn fn)
{
	struct task_struct *p = program_start("prog", fn, test);

	KUNIT_ASSERT_NOT_NULL(test, p);
	return program_wait(p);
}

/* Map @pages of private anonymous memory in the running program. */
static inline unsigned long map_anon(unsigned long pages)
{
	return sys_mmap(0, pages * PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
}

/* The entry at @addr of @mm, empty if there is no table. */
static inline pte_t peek_pte(struct mm_struct *mm, unsigned long addr)
{
	pte_t pte = __pte(0), *ptep;
	spinlock_t *ptl;
	pmd_t *pmd;

	mmap_read_lock(mm);
	pmd = mm_find_pmd(mm, addr);
	ptep = pmd ? pte_offset_map_lock(mm, pmd, addr, &ptl) : NULL;
	if (ptep) {
		pte = ptep_get(ptep);
		pte_unmap_unlock(ptep, ptl);
	}
	mmap_read_unlock(mm);
	return pte;
}

/* The page mapped at @addr of the running program, without a reference; or NULL. */
static inline struct page *peek_page(unsigned long addr)
{
	pte_t pte = peek_pte(current->mm, addr);

	return pte_present(pte) ? pte_page(pte) : NULL;
}

static inline struct folio *peek_folio(unsigned long addr)
{
	struct page *page = peek_page(addr);

	return page ? page_folio(page) : NULL;
}

static inline u64 read_word(unsigned long addr)
{
	u64 val = 0xdeadULL;

	return user_read64(addr, &val) ? 0xfa017ULL : val;
}

/* Fault at @addr of the running program as its own access would; VM_FAULT_*. */
static inline vm_fault_t fault_at(unsigned long addr, unsigned int flags)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	vm_fault_t ret;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	ret = vma ? handle_mm_fault(vma, addr, flags, NULL) : VM_FAULT_SIGSEGV;
	if (!(ret & (VM_FAULT_RETRY | VM_FAULT_COMPLETED)))
		mmap_read_unlock(mm);
	return ret;
}

static inline struct vm_area_struct *vma_at(unsigned long addr)
{
	struct vm_area_struct *vma;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, addr);
	mmap_read_unlock(current->mm);
	return vma;
}

/* Move the folio mapped at @addr to @nid; as migrate_pages(), -EBUSY if not isolated. */
static inline int migrate_at(unsigned long addr, int nid, enum migrate_mode mode)
{
	struct migration_target_control mtc = {
		.nid = nid,
		.gfp_mask = GFP_HIGHUSER_MOVABLE | __GFP_THISNODE,
		.reason = MR_SYSCALL,
	};
	struct page *page;
	LIST_HEAD(list);
	int ret;

	if (get_user_pages_fast(addr, 1, 0, &page) != 1)
		return -EFAULT;
	lru_add_drain_all();
	ret = isolate_folio_to_list(page_folio(page), &list) ? 0 : -EBUSY;
	put_page(page);
	if (ret)
		return ret;
	ret = migrate_pages(&list, alloc_migration_target, NULL, (unsigned long)&mtc,
			    mode, MR_SYSCALL, NULL);
	if (ret)
		putback_movable_pages(&list);
	return ret;
}

/*
 * Make hints of @pages entries at @addr; how many were changed. The pages are put on
 * another node first, because local pages of a process with one thread are left alone.
 */
static inline unsigned long mark_hints(unsigned long addr, unsigned long pages)
{
	int nid = (numa_node_id() + 1) % num_online_nodes();
	struct mm_struct *mm = current->mm;
	unsigned long i, n;

	for (i = 0; i < pages; i++)
		if (mm_page_node(mm, addr + i * PAGE_SIZE) != nid)
			migrate_at(addr + i * PAGE_SIZE, nid, MIGRATE_SYNC);
	lru_add_drain_all();
	mmap_read_lock(mm);
	n = change_prot_numa(vma_lookup(mm, addr), addr, addr + pages * PAGE_SIZE);
	mmap_read_unlock(mm);
	return n;
}

static inline unsigned long vm_event(enum vm_event_item item)
{
	unsigned long events[NR_VM_EVENT_ITEMS];

	all_vm_events(events);
	return events[item];
}

#endif /* _FAULT_TEST_H */
