// SPDX-License-Identifier: GPL-2.0
/*
 * The software TLB: what stays, what a flush guarantees, what freeing too early is.
 */
#include "../caught.h"
#include "vm_test.h"
#include <linux/smp.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/rmap.h>
#include <asm/tlb.h>
#include <mm/tlb.h>

/* Write the entry of @addr, without any flush. Returns the old one. */
static pte_t change_pte(struct kunit *test, unsigned long addr, pte_t new)
{
	struct mm_struct *mm = current->mm;
	spinlock_t *ptl;
	pte_t *pte = lock_pte(test, mm, addr, &ptl), old;

	old = ptep_get_and_clear(mm, addr, pte);
	set_pte_at(mm, addr, pte, new);
	pte_unmap_unlock(pte, ptl);
	return old;
}

static void flush_one(unsigned long addr)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	flush_tlb_page(vma, addr);
	mmap_read_unlock(mm);
}

PROGRAM_CASE(a_write_through_an_unflushed_translation_lands_in_the_old_page)
{
	unsigned long addr = map_anon(2, RW);
	pte_t a, b;
	u64 *old_page;

	poke(test, addr, 1);
	poke(test, addr + PAGE_SIZE, 2);
	a = pte_at(current->mm, addr);
	b = pte_at(current->mm, addr + PAGE_SIZE);
	old_page = page_address(pte_page(a));
	/* Point the first address to the second page; the TLB does not know. */
	change_pte(test, addr, b);
	poke(test, addr, 3);
	KUNIT_EXPECT_EQ(test, READ_ONCE(*old_page), 3ULL);
	KUNIT_EXPECT_EQ(test, peek(test, addr), 3ULL);
	KUNIT_EXPECT_EQ(test, peek(test, addr + PAGE_SIZE), 2ULL);
	flush_one(addr);
	KUNIT_EXPECT_EQ(test, peek(test, addr), 2ULL);
	change_pte(test, addr, a);
	flush_one(addr);
	KUNIT_EXPECT_EQ(test, peek(test, addr), 3ULL);
}

PROGRAM_CASE(a_cached_translation_works_after_its_entry_is_gone)
{
	unsigned long addr = map_anon(1, RW);
	pte_t old;

	poke(test, addr, 9);
	old = change_pte(test, addr, __pte(0));
	KUNIT_EXPECT_EQ(test, peek(test, addr), 9ULL);
	change_pte(test, addr, old);
}

PROGRAM_CASE(the_walker_sets_accessed_and_the_first_store_sets_dirty)
{
	unsigned long addr = map_anon(1, RW);
	pte_t pte;

	poke(test, addr, 1);
	pte = pte_at(current->mm, addr);
	change_pte(test, addr, pte_mkold(pte_mkclean(pte)));
	flush_one(addr);
	KUNIT_EXPECT_FALSE(test, pte_young(pte_at(current->mm, addr)));
	peek(test, addr);
	pte = pte_at(current->mm, addr);
	KUNIT_EXPECT_TRUE(test, pte_young(pte));
	KUNIT_EXPECT_FALSE(test, pte_dirty(pte));
	poke(test, addr, 2);
	KUNIT_EXPECT_TRUE(test, pte_dirty(pte_at(current->mm, addr)));
}

PROGRAM_CASE(a_frame_counts_the_translations_to_it)
{
	unsigned long addr = map_anon(1, RW), pfn;

	poke(test, addr, 1);
	pfn = pte_pfn(pte_at(current->mm, addr));
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 1U);
	flush_one(addr);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 0U);
	peek(test, addr);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 1U);
	sys_munmap(addr, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 0U);
}

PROGRAM_CASE(a_range_flush_leaves_other_translations_alone)
{
	unsigned long addr = map_anon(4, RW), i;
	struct mm_struct *mm = current->mm;

	touch(test, addr, 4);
	flush_tlb_mm_range(mm, addr + PAGE_SIZE, addr + 3 * PAGE_SIZE, PAGE_SHIFT, false);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, tlb_entries_of(pte_pfn(pte_at(mm, addr + i * PAGE_SIZE))),
				i == 0 || i == 3 ? 1U : 0U);
	flush_tlb_mm(mm);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, tlb_entries_of(pte_pfn(pte_at(mm, addr + i * PAGE_SIZE))),
				0U);
}

PROGRAM_CASE(old_translations_are_replaced_when_the_tlb_is_full)
{
	unsigned long addr = map_anon(4 * TLB_SETS * TLB_WAYS, RW);
	struct tlb_stats stats;

	touch(test, addr, 4 * TLB_SETS * TLB_WAYS);
	tlb_get_stats(&stats);
	KUNIT_EXPECT_LE(test, stats.entries, (unsigned int)(TLB_SETS * TLB_WAYS));
	KUNIT_EXPECT_GT(test, stats.entries, (unsigned int)(TLB_SETS * TLB_WAYS / 2));
	KUNIT_EXPECT_EQ(test, peek(test, addr), (u64)addr);
}

static void free_under_tlb(void *arg)
{
	tlb_page_freed(arg, 0);
}

PROGRAM_CASE(freeing_a_page_that_a_tlb_can_reach_is_a_violation)
{
	unsigned long addr = map_anon(1, RW);
	struct page *page;

	poke(test, addr, 1);
	page = pte_page(pte_at(current->mm, addr));
	expect_caught(test, free_under_tlb, page, VIOLATION_TLB, "writable");
	flush_one(addr);
	KUNIT_EXPECT_EQ(test, (int)violation_catch(free_under_tlb, page, NULL, 0),
			(int)VIOLATION_NONE);
}

struct other_cpu {
	struct kunit *test;
	unsigned long addr;
	u64 stage;	/* written by the parent, read by the thread */
	u64 reads;
};

/* A thread that reads a word again and again until it sees 99 or faults. */
static int reader(void *arg)
{
	struct other_cpu *oc = arg;
	u64 val, ctl;
	int i;

	for (i = 0; i < 100000; i++) {
		if (user_read64(oc->addr, &val))
			return 2;
		__atomic_fetch_add(&oc->reads, 1, __ATOMIC_RELAXED);
		if (user_read64(oc->addr + PAGE_SIZE, &ctl) || ctl == 99)
			return val == 77 ? 0 : 1;
		user_compute(1000);
	}
	return 3;
}

static unsigned long wait_for_reads(struct other_cpu *oc)
{
	int i;

	for (i = 0; i < 10000 && !__atomic_load_n(&oc->reads, __ATOMIC_RELAXED); i++)
		user_compute(1000);
	return __atomic_load_n(&oc->reads, __ATOMIC_RELAXED);
}

PROGRAM_CASE(a_flush_reaches_the_tlbs_of_other_cpus)
{
	struct other_cpu oc = { .test = test };
	long tid;

	oc.addr = map_anon(2, RW);
	poke(test, oc.addr, 77);
	poke(test, oc.addr + PAGE_SIZE, 0);
	tid = sys_clone_thread(reader, &oc, 5);
	KUNIT_ASSERT_GT(test, tid, 0L);
	KUNIT_EXPECT_GT(test, wait_for_reads(&oc), 0UL);
	KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(5, mm_cpumask(current->mm)));
	KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(0, mm_cpumask(current->mm)));
	poke(test, oc.addr + PAGE_SIZE, 99);
	KUNIT_EXPECT_EQ(test, sys_wait4(tid), 0L);
}

PROGRAM_CASE(munmap_takes_memory_from_threads_on_other_cpus)
{
	struct other_cpu oc = { .test = test };
	long tid;

	oc.addr = map_anon(2, RW);
	poke(test, oc.addr, 77);
	poke(test, oc.addr + PAGE_SIZE, 0);
	tid = sys_clone_thread(reader, &oc, 3);
	KUNIT_ASSERT_GT(test, tid, 0L);
	KUNIT_EXPECT_GT(test, wait_for_reads(&oc), 0UL);
	KUNIT_EXPECT_EQ(test, sys_munmap(oc.addr, PAGE_SIZE), 0L);
	KUNIT_EXPECT_EQ(test, sys_wait4(tid), 2L);
}

static int empty_program(void *arg)
{
	unsigned long addr = map_anon(1, RW);

	return user_write64(addr, 5) ? 1 : 0;
}

static void translations_of_another_process_are_not_used(struct kunit *test)
{
	struct task_struct *p;
	int i;

	/* Same addresses, same CPU, other memory: the contents are never mixed up. */
	for (i = 0; i < 5; i++) {
		p = program_start_on(2, "prog", empty_program, NULL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_EQ(test, program_wait(p), 0);
	}
	machine_quiesce();
	machine_check();
}

PROGRAM_CASE(nested_gathers_flush_everything)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = map_anon(2, RW);
	struct mmu_gather outer, inner;

	touch(test, addr, 2);
	KUNIT_EXPECT_FALSE(test, mm_tlb_flush_pending(mm));
	tlb_gather_mmu(&outer, mm);
	KUNIT_EXPECT_TRUE(test, mm_tlb_flush_pending(mm));
	KUNIT_EXPECT_FALSE(test, mm_tlb_flush_nested(mm));
	tlb_gather_mmu(&inner, mm);
	KUNIT_EXPECT_TRUE(test, mm_tlb_flush_nested(mm));
	/* Nothing of its own to flush, but the other may have left stale ones. */
	tlb_finish_mmu(&inner);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pte_pfn(pte_at(mm, addr))), 0U);
	tlb_finish_mmu(&outer);
	KUNIT_EXPECT_FALSE(test, mm_tlb_flush_pending(mm));
}

PROGRAM_CASE(a_hinting_entry_may_be_cached_only_while_a_flush_is_pending)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = map_anon(1, RW);
	pte_t hint;

	poke(test, addr, 1);
	hint = pte_modify(pte_at(mm, addr), PAGE_NONE);
	KUNIT_EXPECT_TRUE(test, pte_accessible(mm, pte_at(mm, addr)));
	KUNIT_EXPECT_FALSE(test, pte_accessible(mm, hint));
	inc_tlb_flush_pending(mm);
	KUNIT_EXPECT_TRUE(test, pte_accessible(mm, hint));
	dec_tlb_flush_pending(mm);
}

PROGRAM_CASE(a_batched_unmap_is_flushed_by_who_needs_it)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = map_anon(1, RW), pfn;
	spinlock_t *ptl;
	pte_t *pte, old;

	poke(test, addr, 1);
	pfn = pte_pfn(pte_at(mm, addr));
	pte = lock_pte(test, mm, addr, &ptl);
	old = ptep_get_and_clear(mm, addr, pte);
	set_tlb_ubc_flush_pending(mm, old, addr);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 1U);
	KUNIT_EXPECT_TRUE(test, current->tlb_ubc.flush_required);
	KUNIT_EXPECT_TRUE(test, current->tlb_ubc.writable);
	flush_tlb_batched_pending(mm);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 0U);
	set_pte_at(mm, addr, pte, old);
	pte_unmap_unlock(pte, ptl);
	peek(test, addr);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 1U);
	try_to_unmap_flush();
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 0U);
	KUNIT_EXPECT_FALSE(test, current->tlb_ubc.flush_required);
}

PROGRAM_CASE(a_local_flush_empties_the_tlb_of_this_cpu)
{
	unsigned long addr = map_anon(1, RW), pfn;

	poke(test, addr, 1);
	pfn = pte_pfn(pte_at(current->mm, addr));
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 1U);
	flush_tlb_local();
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 0U);
}

static struct kunit_case tlb_cases[] = {
	KUNIT_CASE(a_write_through_an_unflushed_translation_lands_in_the_old_page),
	KUNIT_CASE(a_cached_translation_works_after_its_entry_is_gone),
	KUNIT_CASE(the_walker_sets_accessed_and_the_first_store_sets_dirty),
	KUNIT_CASE(a_frame_counts_the_translations_to_it),
	KUNIT_CASE(a_range_flush_leaves_other_translations_alone),
	KUNIT_CASE(old_translations_are_replaced_when_the_tlb_is_full),
	KUNIT_CASE(freeing_a_page_that_a_tlb_can_reach_is_a_violation),
	KUNIT_CASE(a_flush_reaches_the_tlbs_of_other_cpus),
	KUNIT_CASE(munmap_takes_memory_from_threads_on_other_cpus),
	KUNIT_CASE(translations_of_another_process_are_not_used),
	KUNIT_CASE(nested_gathers_flush_everything),
	KUNIT_CASE(a_hinting_entry_may_be_cached_only_while_a_flush_is_pending),
	KUNIT_CASE(a_batched_unmap_is_flushed_by_who_needs_it),
	KUNIT_CASE(a_local_flush_empties_the_tlb_of_this_cpu),
	{}
};

static struct kunit_suite tlb_suite = {
	.name = "vm_tlb",
	.test_cases = tlb_cases,
};
kunit_test_suite(tlb_suite);
