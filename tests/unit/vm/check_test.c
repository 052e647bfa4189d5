// SPDX-License-Identifier: GPL-2.0
/*
 * What machine_check() must notice in an address space: each thing is put wrong, seen, and put
 * right again.
 */
#include <linux/huge_mm.h>
#include <linux/mempolicy.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <mm/pages.h>
#include <mm/tlb.h>

#include "../caught.h"
#include "vm_test.h"

static void check_machine(void *arg)
{
	machine_check();
}

static void expect_noticed(struct kunit *test, enum violation_kind kind, const char *what)
{
	expect_caught(test, check_machine, NULL, kind, what);
}

static void expect_account(struct kunit *test, const char *what)
{
	expect_noticed(test, VIOLATION_ACCOUNT, what);
}

/*
 * Entries of @vma are seen when they let writes through and the mapping does not, and, as
 * @outside says, when the mapping ends before the last one.
 */
static void expect_entry_noticed(struct kunit *test, struct vm_area_struct *vma,
				 const char *outside)
{
	struct mm_struct *mm = vma->vm_mm;

	mmap_write_lock(mm);
	vm_flags_clear(vma, VM_WRITE);
	mmap_write_unlock(mm);
	expect_account(test, "is writable, its VMA is not");
	mmap_write_lock(mm);
	vm_flags_set(vma, VM_WRITE);
	mmap_write_unlock(mm);

	vma->vm_end -= PAGE_SIZE;
	mm->total_vm--;
	expect_account(test, outside);
	vma->vm_end += PAGE_SIZE;
	mm->total_vm++;
}

static struct vm_area_struct *vma_at(unsigned long addr)
{
	struct vm_area_struct *vma;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, addr);
	mmap_read_unlock(current->mm);
	return vma;
}

static void expect_good(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, (int)violation_catch(check_machine, NULL, NULL, 0),
			(int)VIOLATION_NONE);
}

PROGRAM_CASE(mappings_are_where_and_as_many_as_they_should)
{
	struct mempolicy freed = {};
	struct mm_struct *mm = current->mm, *other = kmemdup(mm, sizeof(*mm), GFP_KERNEL);
	struct vm_area_struct *low, *high;
	unsigned long addr = map_anon(8, RW);

	KUNIT_EXPECT_EQ(test, sys_mprotect(addr + 4 * PAGE_SIZE, 4 * PAGE_SIZE, PROT_READ), 0L);
	low = vma_at(addr);
	high = vma_at(addr + 4 * PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, low && high && low != high);

	low->vm_mm = other;
	expect_account(test, "says it is of mm");
	low->vm_mm = mm;
	kfree(other);

	high->vm_end++;
	expect_account(test, "has bad borders");
	high->vm_end--;

	high->vm_start -= PAGE_SIZE;
	expect_account(test, "overlaps its predecessor");
	high->vm_start += PAGE_SIZE;

	high->vm_policy = &freed;
	expect_account(test, "has a freed policy");
	high->vm_policy = NULL;

	mm->map_count++;
	expect_account(test, "and map_count");
	mm->map_count--;

	mm->total_vm++;
	expect_account(test, "and total_vm is");
	mm->total_vm--;
	expect_good(test);
}

PROGRAM_CASE(tables_and_entries_are_as_mappings_and_counts_say)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = map_anon(4, RW);
	struct ptdesc *pt;

	poke(test, addr, 1);
	/* The zero page, which reverse maps know nothing of. */
	peek(test, addr + 3 * PAGE_SIZE);
	expect_entry_noticed(test, vma_at(addr), "is in no VMA");

	pt = virt_to_ptdesc((void *)pmd_page_vaddr(*mm_find_pmd(mm, addr)));
	pt->pt_mm = NULL;
	expect_account(test, "is not what its entry says");
	pt->pt_mm = mm;

	mm_inc_nr_ptes(mm);
	expect_account(test, "pgtables_bytes");
	mm_dec_nr_ptes(mm);

	inc_mm_counter(mm, MM_ANONPAGES);
	expect_account(test, "rss_stat");
	dec_mm_counter(mm, MM_ANONPAGES);

	inc_tlb_flush_pending(mm);
	expect_account(test, "TLB flush pending");
	dec_tlb_flush_pending(mm);
	expect_good(test);
}

/* Where huge pages fit, and are had. */
static unsigned long map_huge(struct kunit *test)
{
	unsigned long addr = map_anon(2 * HPAGE_PMD_NR, RW);

	addr = ALIGN(addr, HPAGE_PMD_SIZE);
	KUNIT_EXPECT_EQ(test, sys_madvise(addr, HPAGE_PMD_SIZE, MADV_HUGEPAGE), 0L);
	return addr;
}

PROGRAM_CASE(huge_entries_are_inside_mappings_and_have_tables_in_store)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = map_huge(test);
	struct ptdesc *pmds;
	pgtable_t stored;

	poke(test, addr, 1);
	KUNIT_ASSERT_TRUE(test, pmd_trans_huge(*mm_find_pmd(mm, addr)));
	expect_entry_noticed(test, vma_at(addr), "is not inside one VMA");

	pmds = virt_to_ptdesc(mm_find_pmd(mm, addr));
	*(unsigned long *)ptdesc_address(pmds->pmd_huge_pte) = 1;
	expect_account(test, "is not empty");
	*(unsigned long *)ptdesc_address(pmds->pmd_huge_pte) = 0;

	stored = NULL;
	swap(pmds->pmd_huge_pte, stored);
	expect_account(test, "deposited tables");
	swap(pmds->pmd_huge_pte, stored);
	expect_good(test);
}

PROGRAM_CASE(the_huge_zero_page_has_a_reference_of_each_user)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = map_huge(test);

	set_bit(MMF_HUGE_ZERO_PAGE, &mm->flags);
	expect_account(test, "the huge zero page has");
	clear_bit(MMF_HUGE_ZERO_PAGE, &mm->flags);

	KUNIT_EXPECT_EQ(test, peek(test, addr), 0ULL);
	KUNIT_ASSERT_TRUE(test, is_huge_zero_pmd(*mm_find_pmd(mm, addr)));
	clear_bit(MMF_HUGE_ZERO_PAGE, &mm->flags);
	expect_account(test, "maps the huge zero page and has no reference");
	set_bit(MMF_HUGE_ZERO_PAGE, &mm->flags);
	expect_good(test);
}

PROGRAM_CASE(tlbs_hold_what_page_tables_say)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = map_anon(1, RW);
	unsigned int cpu = task_cpu(current);
	struct page *page;
	pte_t *pte, was;

	poke(test, addr, 1);
	pte = (pte_t *)pmd_page_vaddr(*mm_find_pmd(mm, addr)) + pte_index(addr);
	was = *pte;
	page = pte_page(was);

	*pte = pte_wrprotect(was);
	expect_noticed(test, VIOLATION_TLB, " writable, its entry is");
	*pte = was;

	cpumask_clear_cpu(cpu, mm_cpumask(mm));
	expect_noticed(test, VIOLATION_TLB, "is not in its mask");
	cpumask_set_cpu(cpu, mm_cpumask(mm));

	mm->context_id ^= BIT_ULL(40);
	expect_noticed(test, VIOLATION_TLB, "of a dead address space");
	mm->context_id ^= BIT_ULL(40);

	++*page_tlb_count(page);
	expect_noticed(test, VIOLATION_TLB, "TLB entries and counts");
	--*page_tlb_count(page);
	expect_good(test);
}

static struct kunit_case check_cases[] = {
	KUNIT_CASE(mappings_are_where_and_as_many_as_they_should),
	KUNIT_CASE(tables_and_entries_are_as_mappings_and_counts_say),
	KUNIT_CASE(huge_entries_are_inside_mappings_and_have_tables_in_store),
	KUNIT_CASE(the_huge_zero_page_has_a_reference_of_each_user),
	KUNIT_CASE(tlbs_hold_what_page_tables_say),
	{}
};

static struct kunit_suite check_suite = {
	.name = "vm-check",
	.test_cases = check_cases,
};
kunit_test_suite(check_suite);
