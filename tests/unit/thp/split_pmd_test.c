// SPDX-License-Identifier: GPL-2.0
/* What a split of a PMD carries over to the PTEs, entry by entry. */
#include "thp_test.h"

/* Replace the entry of @addr by @pmd, as a test may that is alone. */
static void store_pmd(unsigned long addr, pmd_t pmd)
{
	struct mm_struct *mm = current->mm;
	pmd_t *pmdp;
	spinlock_t *ptl;

	mmap_read_lock(mm);
	pmdp = mm_find_pmd(mm, addr);
	ptl = pmd_lock(mm, pmdp);
	set_pmd_at(mm, addr, pmdp, pmd);
	spin_unlock(ptl);
	flush_tlb_mm(mm);
	mmap_read_unlock(mm);
}

/* Every combination of the bits: each PTE has them, and its own frame. */
THP_CASE(a_split_carries_every_bit_to_every_pte)
{
	unsigned long addr, pfn, bad;
	struct mm_struct *mm = current->mm;
	unsigned int bits, i;

	for (bits = 0; bits < 32; bits++) {
		bool young = bits & 1, dirty = bits & 2, soft = bits & 4, write = bits & 8;
		bool wp = bits & 16;
		pmd_t pmd;

		addr = map_filled(test, 1);
		pmd = pmd_clear_soft_dirty(pmd_mkclean(pmd_mkold(pmd_wrprotect(
			pmd_mkclean(pmd_at(mm, addr))))));
		pfn = pmd_pfn(pmd);
		if (write)
			pmd = pmd_mkwrite_novma(pmd);
		if (dirty)
			pmd = pmd_mksaveddirty(pmd_set_flags(pmd, _PAGE_DIRTY));
		if (young)
			pmd = pmd_mkyoung(pmd);
		if (soft)
			pmd = pmd_mksoft_dirty(pmd);
		if (wp)
			pmd = pmd_set_flags(pmd, _PAGE_UFFD_WP);
		store_pmd(addr, pmd);
		split_pmd_at(addr);
		KUNIT_EXPECT_FALSE(test, is_huge(addr));
		for (bad = 0, i = 0; i < HPAGE_PMD_NR; i++) {
			pte_t pte = pte_at(mm, addr + i * PAGE_SIZE);

			bad += !pte_present(pte) || pte_pfn(pte) != pfn + i ||
			       pte_young(pte) != young || !!pte_dirty(pte) != dirty ||
			       !!pte_write(pte) != (write && !wp) ||
			       !!pte_soft_dirty(pte) != (soft || dirty) ||
			       !!pte_uffd_wp(pte) != wp ||
			       !PageAnonExclusive(pte_page(pte));
		}
		KUNIT_EXPECT_EQ_MSG(test, bad, 0UL, "bits %#x", bits);
		KUNIT_EXPECT_EQ(test, folio_test_dirty(folio_at(addr)), dirty);
		KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 1), 0UL);
		KUNIT_EXPECT_EQ(test, sys_munmap(addr, HPAGE_PMD_SIZE), 0L);
	}
}

THP_CASE(a_split_moves_counts_from_the_pmd_to_the_pages)
{
	unsigned long addr = map_filled(test, 1), tables = mm_pgtables_bytes(current->mm);
	struct folio *folio = folio_at(addr);
	unsigned long splits = vm_event(THP_SPLIT_PMD), i;

	split_pmd_at(addr);
	KUNIT_EXPECT_EQ(test, vm_event(THP_SPLIT_PMD), splits + 1);
	KUNIT_EXPECT_EQ(test, folio_entire_mapcount(folio), 0);
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), HPAGE_PMD_NR);
	for (i = 0; i < HPAGE_PMD_NR; i++)
		KUNIT_EXPECT_EQ(test, atomic_read(&folio_page(folio, i)->_mapcount), 0);
	KUNIT_EXPECT_FALSE(test, folio_test_partially_mapped(folio));
	KUNIT_EXPECT_EQ(test, mm_pgtables_bytes(current->mm), tables);
	KUNIT_EXPECT_EQ(test, get_mm_counter(current->mm, MM_ANONPAGES),
			(unsigned long)HPAGE_PMD_NR);
	KUNIT_EXPECT_EQ(test, global_node_page_state(NR_ANON_THPS), 0UL);
	check_now();
	split_pmd_at(addr);
	KUNIT_EXPECT_EQ(test, vm_event(THP_SPLIT_PMD), splits + 1);
}

/* As 6.12: the hint is lost, the pages are not. */
THP_CASE(the_ptes_of_a_hinted_pmd_have_no_hint)
{
	unsigned long addr = map_filled(test, 1), faults;

	KUNIT_EXPECT_EQ(test, hint(addr, HPAGE_PMD_SIZE), (unsigned long)HPAGE_PMD_NR);
	split_pmd_at(addr);
	KUNIT_EXPECT_FALSE(test, pte_protnone(pte_at(current->mm, addr)));
	KUNIT_EXPECT_TRUE(test, pte_dirty(pte_at(current->mm, addr)));
	faults = vm_event(PGFAULT);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 1), 0UL);
	KUNIT_EXPECT_EQ(test, vm_event(PGFAULT), faults);
	fill(test, addr, HPAGE_PMD_SIZE, 2);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 2), 0UL);
}

static int child_splits(void *arg)
{
	unsigned long addr = (unsigned long)arg;
	struct folio *folio = folio_at(addr);

	split_pmd_at(addr);
	/* one side by a PMD, the other by PTEs */
	if (folio_entire_mapcount(folio) != 1 || folio_mapcount(folio) != HPAGE_PMD_NR + 1)
		return 1;
	if (pte_write(pte_at(current->mm, addr)) || folio_test_partially_mapped(folio))
		return 2;
	if (!folio_likely_mapped_shared(folio))
		return 3;
	check_now();
	return damage(addr, HPAGE_PMD_SIZE, 1) != 0;
}

THP_CASE(one_process_splits_its_mapping_and_the_other_keeps_its_pmd)
{
	unsigned long addr = map_filled(test, 1);
	struct folio *folio = folio_at(addr);

	KUNIT_EXPECT_EQ(test, sys_wait4(sys_fork(child_splits, (void *)addr)), 0L);
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), 1);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_FALSE(test, folio_likely_mapped_shared(folio));
	KUNIT_EXPECT_EQ(test, global_node_page_state(NR_ANON_MAPPED),
			(unsigned long)HPAGE_PMD_NR);
	check_now();
}

/* Split to migration entries of this folio, then put everything back by hand. */
static void freeze_and_thaw(struct kunit *test, bool pinned)
{
	unsigned long addr = map_filled(test, 1), i, bad = 0;
	struct mm_struct *mm = current->mm;
	struct folio *folio = folio_at(addr);
	struct page *page;

	if (pinned)
		KUNIT_ASSERT_EQ(test, pin_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	else
		folio_get(folio);
	folio_lock(folio);
	mmap_read_lock(mm);
	split_huge_pmd_address(vma_lookup(mm, addr), addr, true, folio);
	mmap_read_unlock(mm);
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		pte_t pte = pte_at(mm, addr + i * PAGE_SIZE);
		swp_entry_t entry;

		if (pinned) {
			bad += !pte_present(pte) || !PageAnonExclusive(pte_page(pte));
			continue;
		}
		entry = pte_to_swp_entry(pte);
		bad += pte_present(pte) || !is_writable_migration_entry(entry) ||
		       !is_migration_entry_young(entry) || !is_migration_entry_dirty(entry) ||
		       !pte_swp_soft_dirty(pte) ||
		       swp_offset_pfn(entry) != folio_pfn(folio) + i;
	}
	KUNIT_EXPECT_EQ(test, bad, 0UL);
	KUNIT_EXPECT_EQ(test, folio_mapcount(folio), pinned ? HPAGE_PMD_NR : 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), pinned ? HPAGE_PMD_NR + 1 : 1);
	if (!pinned)
		remove_migration_ptes(folio, folio, 0);
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 1), 0UL);
	if (pinned)
		unpin_user_page(page);
	else
		folio_put(folio);
	check_now();
}

THP_CASE(a_freezing_split_leaves_migration_entries)
{
	freeze_and_thaw(test, false);
}

THP_CASE(a_pinned_page_is_split_but_not_frozen)
{
	freeze_and_thaw(test, true);
}

/* A PMD migration entry becomes PTE migration entries with all it said. */
THP_CASE(a_migration_pmd_splits_into_migration_ptes)
{
	unsigned long addr = map_filled(test, 1), kind, i;
	struct mm_struct *mm = current->mm;
	struct folio *folio = folio_at(addr);
	pmd_t present = pmd_at(mm, addr);

	for (kind = 0; kind < 3; kind++) {
		unsigned long pfn = folio_pfn(folio), bad = 0;
		swp_entry_t entry = kind == 0 ? make_writable_migration_entry(pfn) :
				    kind == 1 ? make_readable_exclusive_migration_entry(pfn) :
						make_readable_migration_entry(pfn);

		if (kind)
			entry = make_migration_entry_young(entry);
		if (kind != 1)
			entry = make_migration_entry_dirty(entry);
		folio_lock(folio);
		flush_tlb_mm(mm);
		store_pmd(addr, pmd_swp_mksoft_dirty(swp_entry_to_pmd(entry)));
		split_pmd_at(addr);
		for (i = 0; i < HPAGE_PMD_NR; i++) {
			pte_t pte = pte_at(mm, addr + i * PAGE_SIZE);
			swp_entry_t e = pte_to_swp_entry(pte);

			bad += swp_type(e) != swp_type(entry) || swp_offset_pfn(e) != pfn + i ||
			       is_migration_entry_young(e) != (kind != 0) ||
			       is_migration_entry_dirty(e) != (kind != 1) ||
			       !pte_swp_soft_dirty(pte);
		}
		KUNIT_EXPECT_EQ(test, bad, 0UL);
		/* back to one huge mapping: the counts were never touched */
		mmap_write_lock(mm);
		{
			pmd_t *pmdp = mm_find_pmd(mm, addr);
			pgtable_t table = pmd_pgtable(pmdp_get(pmdp));
			spinlock_t *ptl = pmd_lock(mm, pmdp);

			spin_lock_nested(&table->ptl, SINGLE_DEPTH_NESTING);
			for (i = 0; i < HPAGE_PMD_NR; i++)
				pte_clear(mm, addr, (pte_t *)ptdesc_address(table) + i);
			spin_unlock(&table->ptl);
			pgtable_trans_huge_deposit(mm, pmdp, table);
			set_pmd_at(mm, addr, pmdp, present);
			spin_unlock(ptl);
		}
		mmap_write_unlock(mm);
		folio_unlock(folio);
		KUNIT_EXPECT_EQ(test, damage(addr, HPAGE_PMD_SIZE, 1), 0UL);
		check_now();
	}
}

THP_CASE(a_split_for_another_folio_does_nothing)
{
	unsigned long addr = map_filled(test, 1), other = map_filled(test, 2);
	struct mm_struct *mm = current->mm;
	struct folio *folio = folio_at(other);

	folio_get(folio);
	folio_lock(folio);
	mmap_read_lock(mm);
	split_huge_pmd_address(vma_lookup(mm, addr), addr, true, folio);
	mmap_read_unlock(mm);
	folio_unlock(folio);
	folio_put(folio);
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
	KUNIT_EXPECT_TRUE(test, is_huge(other));
}

static struct kunit_case split_cases[] = {
	KUNIT_CASE(a_split_carries_every_bit_to_every_pte),
	KUNIT_CASE(a_split_moves_counts_from_the_pmd_to_the_pages),
	KUNIT_CASE(the_ptes_of_a_hinted_pmd_have_no_hint),
	KUNIT_CASE(one_process_splits_its_mapping_and_the_other_keeps_its_pmd),
	KUNIT_CASE(a_freezing_split_leaves_migration_entries),
	KUNIT_CASE(a_pinned_page_is_split_but_not_frozen),
	KUNIT_CASE(a_migration_pmd_splits_into_migration_ptes),
	KUNIT_CASE(a_split_for_another_folio_does_nothing),
	{}
};

static struct kunit_suite split_suite = {
	.name = "thp-split-pmd",
	.test_cases = split_cases,
};
kunit_machine_config(split_suite, quiet_machine);
kunit_test_suite(split_suite);
