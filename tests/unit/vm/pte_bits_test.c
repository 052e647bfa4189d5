// SPDX-License-Identifier: GPL-2.0
/*
 * Page-table entries, bit for bit as on x86-64.  Needs no machine.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#define PFN	0x12345UL

/* A mapping without any flag. */
static struct vm_area_struct plain_vma;

static void user_protections_have_the_bits_of_x86(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, pgprot_val(PAGE_NONE), 0x120UL);
	KUNIT_EXPECT_EQ(test, pgprot_val(PAGE_SHARED), 0x8000000000000027UL);
	KUNIT_EXPECT_EQ(test, pgprot_val(PAGE_SHARED_EXEC), 0x27UL);
	KUNIT_EXPECT_EQ(test, pgprot_val(PAGE_READONLY), 0x8000000000000025UL);
	KUNIT_EXPECT_EQ(test, pgprot_val(PAGE_READONLY_EXEC), 0x25UL);
	KUNIT_EXPECT_EQ(test, pgprot_val(PAGE_COPY), pgprot_val(PAGE_READONLY));
}

static void vm_flags_select_the_protection(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, pgprot_val(vm_get_page_prot(0)), pgprot_val(PAGE_NONE));
	KUNIT_EXPECT_EQ(test, pgprot_val(vm_get_page_prot(VM_SHARED)), pgprot_val(PAGE_NONE));
	KUNIT_EXPECT_EQ(test, pgprot_val(vm_get_page_prot(VM_READ)),
			pgprot_val(PAGE_READONLY));
	/* Private writable memory is mapped read-only: the fault makes it writable. */
	KUNIT_EXPECT_EQ(test, pgprot_val(vm_get_page_prot(VM_READ | VM_WRITE)),
			pgprot_val(PAGE_COPY));
	KUNIT_EXPECT_EQ(test, pgprot_val(vm_get_page_prot(VM_READ | VM_WRITE | VM_SHARED)),
			pgprot_val(PAGE_SHARED));
	KUNIT_EXPECT_EQ(test, pgprot_val(vm_get_page_prot(VM_EXEC)),
			pgprot_val(PAGE_READONLY_EXEC));
	KUNIT_EXPECT_EQ(test, pgprot_val(vm_get_page_prot(VM_WRITE | VM_EXEC | VM_SHARED)),
			pgprot_val(PAGE_SHARED_EXEC));
}

static void frame_number_survives_every_protection(struct kunit *test)
{
	static const pgprotval_t prots[] = { 0x120, 0x27, 0x25, 0x8000000000000027UL };
	int i;

	for (i = 0; i < ARRAY_SIZE(prots); i++) {
		pte_t pte = pfn_pte(PFN, __pgprot(prots[i]));

		KUNIT_EXPECT_EQ(test, pte_pfn(pte), PFN);
		KUNIT_EXPECT_EQ(test, pte_flags(pte), prots[i]);
		KUNIT_EXPECT_TRUE(test, pte_present(pte));
	}
}

static void not_present_frame_numbers_are_inverted(struct kunit *test)
{
	pte_t pte = pfn_pte(PFN, PAGE_NONE);

	KUNIT_EXPECT_EQ(test, pte_val(pte),
			((~(PFN << PAGE_SHIFT)) & PTE_PFN_MASK) | 0x120UL);
	KUNIT_EXPECT_EQ(test, pte_pfn(pte), PFN);
}

static void hinting_keeps_every_bit_but_access(struct kunit *test)
{
	pte_t pte = pfn_pte(PFN, PAGE_SHARED), hint, back;

	pte = pte_mkdirty(pte_mkyoung(pte));
	hint = pte_modify(pte, PAGE_NONE);
	KUNIT_EXPECT_TRUE(test, pte_protnone(hint));
	KUNIT_EXPECT_TRUE(test, pte_present(hint));
	KUNIT_EXPECT_FALSE(test, pte_none(hint));
	KUNIT_EXPECT_EQ(test, pte_pfn(hint), PFN);
	KUNIT_EXPECT_TRUE(test, pte_dirty(hint));
	KUNIT_EXPECT_TRUE(test, pte_soft_dirty(hint));
	KUNIT_EXPECT_TRUE(test, pte_young(hint));
	KUNIT_EXPECT_FALSE(test, pte_write(hint));
	KUNIT_EXPECT_FALSE(test, pte_flags(hint) & _PAGE_PRESENT);

	back = pte_modify(hint, PAGE_READONLY);
	KUNIT_EXPECT_FALSE(test, pte_protnone(back));
	KUNIT_EXPECT_EQ(test, pte_pfn(back), PFN);
	KUNIT_EXPECT_TRUE(test, pte_dirty(back));
	back = pte_mkwrite(back, &plain_vma);
	KUNIT_EXPECT_EQ(test, pte_val(back), pte_val(pte));
}

static void a_read_only_dirty_entry_is_not_a_shadow_stack(struct kunit *test)
{
	pte_t pte = pte_wrprotect(pte_mkdirty(pfn_pte(PFN, PAGE_SHARED)));

	KUNIT_EXPECT_TRUE(test, pte_dirty(pte));
	KUNIT_EXPECT_FALSE(test, pte_flags(pte) & _PAGE_DIRTY);
	KUNIT_EXPECT_TRUE(test, pte_flags(pte) & _PAGE_SAVED_DIRTY);
	pte = pte_mkwrite(pte, &plain_vma);
	KUNIT_EXPECT_TRUE(test, pte_flags(pte) & _PAGE_DIRTY);
	KUNIT_EXPECT_FALSE(test, pte_flags(pte) & _PAGE_SAVED_DIRTY);
	pte = pte_mkclean(pte_wrprotect(pte));
	KUNIT_EXPECT_FALSE(test, pte_dirty(pte));
}

static void an_entry_with_only_accessed_and_dirty_is_none(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, pte_none(__pte(0)));
	KUNIT_EXPECT_TRUE(test, pte_none(__pte(_PAGE_ACCESSED | _PAGE_DIRTY)));
	KUNIT_EXPECT_FALSE(test, pte_none(__pte(_PAGE_PROTNONE)));
	KUNIT_EXPECT_TRUE(test, pmd_none(__pmd(_PAGE_ACCESSED)));
}

static void swap_entries_survive_the_round_trip(struct kunit *test)
{
	static const unsigned long offsets[] = { 0, 1, PFN, SWP_PFN_MASK };
	unsigned int type;
	int i;

	for (type = 0; type < 1 << MAX_SWAPFILES_SHIFT; type++) {
		for (i = 0; i < ARRAY_SIZE(offsets); i++) {
			swp_entry_t entry = swp_entry(type, offsets[i]);
			pte_t pte = swp_entry_to_pte(entry);

			KUNIT_EXPECT_EQ(test, pte_to_swp_entry(pte).val, entry.val);
			KUNIT_EXPECT_FALSE(test, pte_present(pte));
			KUNIT_EXPECT_FALSE(test, pte_none(pte));
			KUNIT_EXPECT_TRUE(test, is_swap_pte(pte));
			pte = pte_swp_mksoft_dirty(pte_swp_mkuffd_wp(pte_swp_mkexclusive(pte)));
			KUNIT_EXPECT_EQ(test, pte_to_swp_entry(pte).val, entry.val);
			KUNIT_EXPECT_TRUE(test, pte_swp_soft_dirty(pte));
			KUNIT_EXPECT_TRUE(test, pte_swp_exclusive(pte));
		}
	}
}

static void swap_entry_layout_is_that_of_x86(struct kunit *test)
{
	pte_t pte = swp_entry_to_pte(swp_entry(3, 5));

	KUNIT_EXPECT_EQ(test, pte_val(pte) >> 59, 3UL);
	KUNIT_EXPECT_EQ(test, (~pte_val(pte) >> 9) & ((1UL << 50) - 1), 5UL);
	KUNIT_EXPECT_EQ(test, pte_val(pte) & 0x1ff, 0UL);
}

static void migration_entries_remember_write_exclusive_young_and_dirty(struct kunit *test)
{
	swp_entry_t r = make_readable_migration_entry(PFN);
	swp_entry_t x = make_readable_exclusive_migration_entry(PFN);
	swp_entry_t w = make_writable_migration_entry(PFN);

	KUNIT_EXPECT_TRUE(test, is_migration_entry(r) && is_readable_migration_entry(r));
	KUNIT_EXPECT_TRUE(test, is_migration_entry(x) &&
			  is_readable_exclusive_migration_entry(x));
	KUNIT_EXPECT_TRUE(test, is_migration_entry(w) && is_writable_migration_entry(w));
	KUNIT_EXPECT_FALSE(test, is_writable_migration_entry(x));
	KUNIT_EXPECT_FALSE(test, is_migration_entry_young(w));
	w = make_migration_entry_dirty(make_migration_entry_young(w));
	KUNIT_EXPECT_TRUE(test, is_migration_entry_young(w) && is_migration_entry_dirty(w));
	KUNIT_EXPECT_EQ(test, swp_offset_pfn(w), PFN);
	KUNIT_EXPECT_TRUE(test, is_writable_migration_entry(w));
	KUNIT_EXPECT_EQ(test, pte_to_swp_entry(swp_entry_to_pte(w)).val, w.val);
	KUNIT_EXPECT_TRUE(test, non_swap_entry(w));
	KUNIT_EXPECT_EQ(test, swp_type(r), (unsigned int)SWP_MIGRATION_READ);
	KUNIT_EXPECT_EQ(test, swp_type(x), (unsigned int)SWP_MIGRATION_READ_EXCLUSIVE);
	KUNIT_EXPECT_EQ(test, swp_type(w), (unsigned int)SWP_MIGRATION_WRITE);
}

static void huge_entries_hint_like_small_ones(struct kunit *test)
{
	pmd_t pmd = pmd_mkhuge(pfn_pmd(512, PAGE_SHARED)), hint;

	KUNIT_EXPECT_TRUE(test, pmd_trans_huge(pmd) && pmd_leaf(pmd));
	hint = pmd_modify(pmd, PAGE_NONE);
	KUNIT_EXPECT_TRUE(test, pmd_protnone(hint) && pmd_trans_huge(hint));
	KUNIT_EXPECT_TRUE(test, pmd_present(hint));
	KUNIT_EXPECT_EQ(test, pmd_pfn(hint), 512UL);
	pmd = pmd_mkinvalid(pmd);
	KUNIT_EXPECT_TRUE(test, pmd_present(pmd) && pmd_trans_huge(pmd));
	KUNIT_EXPECT_FALSE(test, pmd_protnone(pmd));
	KUNIT_EXPECT_EQ(test, pmd_pfn(pmd), 512UL);
}

static void advancing_an_entry_moves_its_frame(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, pte_pfn(pte_advance_pfn(pfn_pte(PFN, PAGE_SHARED), 3)), PFN + 3);
	KUNIT_EXPECT_EQ(test, pte_pfn(pte_advance_pfn(pfn_pte(PFN, PAGE_NONE), 3)), PFN + 3);
}

static void flush_is_needed_when_access_is_lost_only(struct kunit *test)
{
	pte_t rw = pte_mkdirty(pte_mkyoung(pfn_pte(PFN, PAGE_SHARED)));

	KUNIT_EXPECT_FALSE(test, pte_needs_flush(rw, rw));
	KUNIT_EXPECT_TRUE(test, pte_needs_flush(rw, pte_wrprotect(rw)));
	KUNIT_EXPECT_TRUE(test, pte_needs_flush(rw, pte_mkclean(rw)));
	KUNIT_EXPECT_FALSE(test, pte_needs_flush(rw, pte_mkold(rw)));
	KUNIT_EXPECT_TRUE(test, pte_needs_flush(rw, pte_modify(rw, PAGE_NONE)));
	KUNIT_EXPECT_FALSE(test, pte_needs_flush(pte_modify(rw, PAGE_NONE), rw));
	KUNIT_EXPECT_FALSE(test, pte_needs_flush(rw, pte_clear_soft_dirty(rw)));
}

static struct kunit_case pte_bits_cases[] = {
	KUNIT_CASE(user_protections_have_the_bits_of_x86),
	KUNIT_CASE(vm_flags_select_the_protection),
	KUNIT_CASE(frame_number_survives_every_protection),
	KUNIT_CASE(not_present_frame_numbers_are_inverted),
	KUNIT_CASE(hinting_keeps_every_bit_but_access),
	KUNIT_CASE(a_read_only_dirty_entry_is_not_a_shadow_stack),
	KUNIT_CASE(an_entry_with_only_accessed_and_dirty_is_none),
	KUNIT_CASE(swap_entries_survive_the_round_trip),
	KUNIT_CASE(swap_entry_layout_is_that_of_x86),
	KUNIT_CASE(migration_entries_remember_write_exclusive_young_and_dirty),
	KUNIT_CASE(huge_entries_hint_like_small_ones),
	KUNIT_CASE(advancing_an_entry_moves_its_frame),
	KUNIT_CASE(flush_is_needed_when_access_is_lost_only),
	{}
};

static struct kunit_suite pte_bits_suite = {
	.name = "vm_pte_bits",
	.test_cases = pte_bits_cases,
};
kunit_test_suite(pte_bits_suite);
kunit_machine_free(pte_bits_suite);
