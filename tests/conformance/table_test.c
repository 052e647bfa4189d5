// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables: looking at an entry and changing it under its lock, what may be made writable
 * without a fault, hints, and flushes.
 */
#include <linux/hugetlb.h>
#include <linux/mm_inline.h>
#include <linux/mm.h>
#include <linux/mmu_context.h>
#include <linux/pgtable.h>
#include <asm/tlbflush.h>

#include "memory.h"

/* The PMD entry of @addr, whose table is there. */
static pmd_t *pmd_of(struct mm_struct *mm, unsigned long addr)
{
	return pmd_offset(pud_offset(p4d_offset(pgd_offset(mm, addr), addr), addr), addr);
}

MEMORY_CASE(an_entry_is_taken_out_and_put_back)
{
	struct vm_area_struct *vma;
	pte_t *ptep, old;
	spinlock_t *ptl;

	map(test, BASE, 2, RW, MAP_PRIVATE);
	poke(test, mm, BASE, 3);
	mmap_read_lock(mm);
	vma = vma_at(test, mm, BASE);
	ptep = pte_offset_map_lock(mm, pmd_of(mm, BASE), BASE, &ptl);
	KUNIT_ASSERT_NOT_NULL(test, ptep);
	KUNIT_EXPECT_TRUE(test, spin_is_locked(ptl));
	KUNIT_EXPECT_TRUE(test, pte_none(ptep_get(ptep + 1)));
	KUNIT_EXPECT_TRUE(test, pte_present(ptep_get(ptep)));
	KUNIT_EXPECT_TRUE(test, pte_write(ptep_get(ptep)));
	KUNIT_EXPECT_TRUE(test, pte_dirty(ptep_get(ptep)));
	/* Between the two nobody finds it. */
	old = ptep_modify_prot_start(vma, BASE, ptep);
	KUNIT_EXPECT_TRUE(test, pte_none(ptep_get(ptep)));
	ptep_modify_prot_commit(vma, BASE, ptep, old, pte_mkclean(old));
	KUNIT_EXPECT_EQ(test, pte_val(ptep_get(ptep)), pte_val(pte_mkclean(old)));
	set_pte_at(mm, BASE, ptep, old);
	update_mmu_cache_range(NULL, vma, BASE, ptep, 1);
	KUNIT_EXPECT_EQ(test, pte_val(ptep_get(ptep)), pte_val(old));
	pte_unmap_unlock(ptep, ptl);
	KUNIT_EXPECT_FALSE(test, spin_is_locked(ptl));
	flush_tlb_page(vma, BASE);
	mmap_read_unlock(mm);
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 3ULL);
}

/* There is nothing to lock where a huge page stands or nothing. */
MEMORY_CASE(a_table_that_is_not_there_cannot_be_locked)
{
	spinlock_t *ptl;
	pmd_t pmd;

	map_huge(test, mm);
	mmap_read_lock(mm);
	KUNIT_EXPECT_NULL(test, pte_offset_map_lock(mm, pmd_of(mm, BASE), BASE, &ptl));
	KUNIT_EXPECT_NULL(test, pte_offset_map(pmd_of(mm, BASE), BASE));
	KUNIT_EXPECT_NULL(test, pte_offset_map(pmd_of(mm, BASE + PMD_SIZE), BASE + PMD_SIZE));
	ptl = pmd_lock(mm, pmd_of(mm, BASE));
	KUNIT_EXPECT_PTR_EQ(test, ptl, pmd_lockptr(mm, pmd_of(mm, BASE)));
	KUNIT_EXPECT_TRUE(test, spin_is_locked(ptl));
	pmd = pmdp_get(pmd_of(mm, BASE));
	KUNIT_EXPECT_TRUE(test, pmd_present(pmd) && pmd_leaf(pmd));
	spin_unlock(ptl);
	mmap_read_unlock(mm);
}

MEMORY_CASE(only_a_huge_entry_is_locked_as_one)
{
	struct vm_area_struct *vma;
	spinlock_t *ptl;

	map_huge(test, mm);
	map(test, BASE + PMD_SIZE, 1, RW, MAP_PRIVATE);
	poke(test, mm, BASE + PMD_SIZE, 1);
	mmap_read_lock(mm);
	vma = vma_at(test, mm, BASE);
	ptl = pmd_trans_huge_lock(pmd_of(mm, BASE), vma);
	KUNIT_ASSERT_NOT_NULL(test, ptl);
	KUNIT_EXPECT_PTR_EQ(test, ptl, pmd_lockptr(mm, pmd_of(mm, BASE)));
	KUNIT_EXPECT_TRUE(test, spin_is_locked(ptl));
	spin_unlock(ptl);
	vma = vma_at(test, mm, BASE + PMD_SIZE);
	KUNIT_EXPECT_NULL(test, pmd_trans_huge_lock(pmd_of(mm, BASE + PMD_SIZE), vma));
	KUNIT_EXPECT_NULL(test, pmd_trans_huge_lock(pmd_of(mm, BASE + 2 * PMD_SIZE), vma));
	mmap_read_unlock(mm);
}

/* An invalid huge entry is huge and, to software, present; hardware does not use it. */
MEMORY_CASE(a_huge_entry_is_taken_out_of_use_and_put_back)
{
	struct vm_area_struct *vma;
	spinlock_t *ptl;
	pmd_t *pmdp, old, was, now;

	map_huge(test, mm);
	mmap_read_lock(mm);
	vma = vma_at(test, mm, BASE);
	pmdp = pmd_of(mm, BASE);
	ptl = pmd_lock(mm, pmdp);
	was = pmdp_get(pmdp);
	old = pmdp_invalidate_ad(vma, BASE, pmdp);
	now = pmdp_get(pmdp);
	KUNIT_EXPECT_EQ(test, pmd_val(old), pmd_val(was));
	KUNIT_EXPECT_TRUE(test, pmd_present(now));
	KUNIT_EXPECT_TRUE(test, pmd_trans_huge(now));
	KUNIT_EXPECT_FALSE(test, pmd_flags(now) & _PAGE_PRESENT);
	KUNIT_EXPECT_FALSE(test, pmd_protnone(now));
	KUNIT_EXPECT_EQ(test, pmd_pfn(now), pmd_pfn(was));
	KUNIT_EXPECT_EQ(test, pmd_dirty(now), pmd_dirty(was));
	set_pmd_at(mm, BASE, pmdp, old);
	update_mmu_cache_pmd(vma, BASE, pmdp);
	KUNIT_EXPECT_EQ(test, pmd_val(pmdp_get(pmdp)), pmd_val(was));
	spin_unlock(ptl);
	flush_tlb_range(vma, BASE, BASE + PMD_SIZE);
	mmap_read_unlock(mm);
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 7ULL);
}

MEMORY_CASE(an_entry_leads_to_its_folio_but_not_to_the_zero_page)
{
	struct vm_area_struct *vma;
	struct folio *folio;
	struct folio_walk fw;

	map_huge(test, mm);
	map(test, BASE + PMD_SIZE, 2, RW, MAP_PRIVATE);
	poke(test, mm, BASE + PMD_SIZE, 1);
	/* Reading what was never written. */
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE + PMD_SIZE + PAGE_SIZE), 0ULL);
	mmap_read_lock(mm);
	vma = vma_at(test, mm, BASE);
	folio = folio_walk_start(&fw, vma, BASE, 0);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, fw.level, FW_LEVEL_PMD);
	KUNIT_EXPECT_PTR_EQ(test, vm_normal_folio_pmd(vma, BASE, fw.pmd), folio);
	KUNIT_EXPECT_EQ(test, folio_order(folio), (unsigned int)HPAGE_PMD_ORDER);
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), 1);
	KUNIT_EXPECT_EQ(test, folio_entire_mapcount(folio), 1);
	folio_walk_end(&fw, vma);
	vma = vma_at(test, mm, BASE + PMD_SIZE);
	folio = folio_walk_start(&fw, vma, BASE + PMD_SIZE, 0);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_PTR_EQ(test, vm_normal_folio(vma, BASE + PMD_SIZE, fw.pte), folio);
	KUNIT_EXPECT_TRUE(test, folio_test_anon(folio));
	KUNIT_EXPECT_FALSE(test, folio_is_file_lru(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_ksm(folio));
	folio_walk_end(&fw, vma);
	KUNIT_EXPECT_NULL(test, folio_walk_start(&fw, vma, BASE + PMD_SIZE + PAGE_SIZE, 0));
	KUNIT_ASSERT_NOT_NULL(test, folio_walk_start(&fw, vma, BASE + PMD_SIZE + PAGE_SIZE,
						     FW_ZEROPAGE));
	KUNIT_EXPECT_TRUE(test, is_zero_pfn(pte_pfn(fw.pte)));
	KUNIT_EXPECT_NULL(test, vm_normal_folio(vma, BASE + PMD_SIZE + PAGE_SIZE, fw.pte));
	folio_walk_end(&fw, vma);
	mmap_read_unlock(mm);
}

/* A private page may be written without a fault if it is anonymous and nobody else's. */
MEMORY_CASE(only_an_exclusive_page_is_made_writable)
{
	struct vm_area_struct *vma;
	struct folio_walk fw;
	unsigned long addr = BASE + PMD_SIZE;

	map_huge(test, mm);
	map(test, addr, 2, RW, MAP_PRIVATE);
	map(test, addr + PMD_SIZE, 2, RW, MAP_SHARED);
	poke(test, mm, addr, 1);
	peek(test, mm, addr + PAGE_SIZE);
	poke(test, mm, addr + PMD_SIZE, 1);
	mmap_read_lock(mm);
	vma = vma_at(test, mm, BASE);
	KUNIT_ASSERT_NOT_NULL(test, folio_walk_start(&fw, vma, BASE, 0));
	KUNIT_EXPECT_TRUE(test, can_change_pmd_writable(vma, BASE, fw.pmd));
	KUNIT_EXPECT_FALSE(test, can_change_pmd_writable(vma, BASE,
							 pmd_modify(fw.pmd, PAGE_NONE)));
	ClearPageAnonExclusive(fw.page);
	KUNIT_EXPECT_FALSE(test, can_change_pmd_writable(vma, BASE, fw.pmd));
	SetPageAnonExclusive(fw.page);
	folio_walk_end(&fw, vma);

	vma = vma_at(test, mm, addr);
	KUNIT_ASSERT_NOT_NULL(test, folio_walk_start(&fw, vma, addr, 0));
	KUNIT_EXPECT_TRUE(test, can_change_pte_writable(vma, addr, fw.pte));
	KUNIT_EXPECT_TRUE(test, can_change_pte_writable(vma, addr, pte_mkclean(fw.pte)));
	KUNIT_EXPECT_FALSE(test, can_change_pte_writable(vma, addr,
							 pte_modify(fw.pte, PAGE_NONE)));
	ClearPageAnonExclusive(fw.page);
	KUNIT_EXPECT_FALSE(test, can_change_pte_writable(vma, addr, fw.pte));
	SetPageAnonExclusive(fw.page);
	folio_walk_end(&fw, vma);
	addr += PAGE_SIZE;
	KUNIT_ASSERT_NOT_NULL(test, folio_walk_start(&fw, vma, addr, FW_ZEROPAGE));
	KUNIT_EXPECT_FALSE(test, can_change_pte_writable(vma, addr, fw.pte));
	folio_walk_end(&fw, vma);

	/* A shared one if its file knows already that it is written to. */
	addr = BASE + 2 * PMD_SIZE;
	vma = vma_at(test, mm, addr);
	KUNIT_ASSERT_NOT_NULL(test, folio_walk_start(&fw, vma, addr, 0));
	KUNIT_EXPECT_TRUE(test, can_change_pte_writable(vma, addr, pte_mkdirty(fw.pte)));
	KUNIT_EXPECT_FALSE(test, can_change_pte_writable(vma, addr, pte_mkclean(fw.pte)));
	folio_walk_end(&fw, vma);
	mmap_read_unlock(mm);
}

/* Make a hint of the entry at @addr as a scan does; what it was before. */
static pte_t hint(struct kunit *test, struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma;
	pte_t *ptep, old;
	spinlock_t *ptl;

	mmap_read_lock(mm);
	vma = vma_at(test, mm, addr);
	inc_tlb_flush_pending(mm);
	KUNIT_EXPECT_TRUE(test, mm_tlb_flush_pending(mm));
	ptep = pte_offset_map_lock(mm, pmd_of(mm, addr), addr, &ptl);
	KUNIT_ASSERT_NOT_NULL(test, ptep);
	old = ptep_modify_prot_start(vma, addr, ptep);
	ptep_modify_prot_commit(vma, addr, ptep, old, pte_modify(old, PAGE_NONE));
	pte_unmap_unlock(ptep, ptl);
	flush_tlb_range(vma, addr, addr + PAGE_SIZE);
	dec_tlb_flush_pending(mm);
	mmap_read_unlock(mm);
	return old;
}

/* Looked at from outside a hint is no hindrance; for the program it is a fault that ends it. */
MEMORY_CASE(a_hint_stands_until_its_program_faults)
{
	struct page *page;
	vm_fault_t ret;
	pte_t old, pte;

	map(test, BASE, 1, RW, MAP_PRIVATE);
	poke(test, mm, BASE, 5);
	old = hint(test, mm, BASE);
	KUNIT_EXPECT_TRUE(test, pte_protnone(pte_at(test, mm, BASE)));
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 5ULL);
	KUNIT_EXPECT_TRUE(test, pte_protnone(pte_at(test, mm, BASE)));
	KUNIT_EXPECT_EQ(test, get_user_pages_unlocked(BASE, 1, &page, FOLL_HONOR_NUMA_FAULT), 1L);
	KUNIT_EXPECT_FALSE(test, pte_protnone(pte_at(test, mm, BASE)));
	put_page(page);
	hint(test, mm, BASE);
	mmap_read_lock(mm);
	ret = handle_mm_fault(vma_at(test, mm, BASE), BASE, FAULT_FLAG_USER, NULL);
	mmap_read_unlock(mm);
	KUNIT_EXPECT_FALSE(test, ret & VM_FAULT_ERROR);
	pte = pte_at(test, mm, BASE);
	KUNIT_EXPECT_TRUE(test, pte_present(pte));
	KUNIT_EXPECT_FALSE(test, pte_protnone(pte));
	KUNIT_EXPECT_EQ(test, pte_write(pte), pte_write(old));
	KUNIT_EXPECT_TRUE(test, pte_dirty(pte));
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 5ULL);
}

/* Other CPUs flush what they may have; who uses the address space is one of them. */
MEMORY_CASE(the_cpu_of_a_user_is_one_to_flush)
{
	preempt_disable();
	KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(smp_processor_id(), mm_cpumask(mm)));
	preempt_enable();
	kthread_unuse_mm(mm);
	kthread_use_mm(mm);
	preempt_disable();
	KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(smp_processor_id(), mm_cpumask(mm)));
	preempt_enable();
}

static void nobody_flushes_for_an_address_space_that_never_ran(struct kunit *test)
{
	struct mm_struct *mm = mm_alloc();

	KUNIT_ASSERT_NOT_NULL(test, mm);
	KUNIT_EXPECT_TRUE(test, cpumask_empty(mm_cpumask(mm)));
	KUNIT_EXPECT_FALSE(test, mm_tlb_flush_pending(mm));
	inc_tlb_flush_pending(mm);
	KUNIT_EXPECT_TRUE(test, mm_tlb_flush_pending(mm));
	KUNIT_EXPECT_FALSE(test, mm_tlb_flush_nested(mm));
	inc_tlb_flush_pending(mm);
	KUNIT_EXPECT_TRUE(test, mm_tlb_flush_nested(mm));
	dec_tlb_flush_pending(mm);
	dec_tlb_flush_pending(mm);
	KUNIT_EXPECT_FALSE(test, mm_tlb_flush_pending(mm));
	mmput(mm);
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE(an_entry_is_taken_out_and_put_back),
	KUNIT_CASE(a_table_that_is_not_there_cannot_be_locked),
	KUNIT_CASE(only_a_huge_entry_is_locked_as_one),
	KUNIT_CASE(a_huge_entry_is_taken_out_of_use_and_put_back),
	KUNIT_CASE(an_entry_leads_to_its_folio_but_not_to_the_zero_page),
	KUNIT_CASE(only_an_exclusive_page_is_made_writable),
	KUNIT_CASE(a_hint_stands_until_its_program_faults),
	KUNIT_CASE(the_cpu_of_a_user_is_one_to_flush),
	KUNIT_CASE(nobody_flushes_for_an_address_space_that_never_ran),
	{}
};

static struct kunit_suite table_suite = {
	.name = "conformance_table",
	.test_cases = table_cases,
};
kunit_test_suite(table_suite);
