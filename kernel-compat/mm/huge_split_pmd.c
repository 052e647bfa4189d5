// SPDX-License-Identifier: GPL-2.0
/*
 * Splitting a huge PMD: the same memory mapped by 512 PTEs.  The folio stays whole.
 *
 * The PTE table was deposited when the PMD was mapped, so a split cannot fail.  What
 * the one entry said, each of the 512 says afterwards: young, dirty, soft-dirty, write,
 * uffd-wp, exclusive.  A NUMA hint is the exception: as in 6.12 the PTEs of a PROT_NONE
 * PMD have the VMA's own protection, and the next access goes without a hint.
 */
#include <linux/mm.h>
#include <linux/lockdep.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>
#include <linux/swapops.h>
#include <linux/vmstat.h>
#include <machine/cost.h>

/* What all entries of the new table have in common. */
struct split_state {
	struct page *page;		/* first page */
	bool young, dirty, soft_dirty, write, uffd_wp, anon_exclusive;
};

/* First entry of the deposited table, which nobody else can reach until it is linked. */
static pte_t *withdraw_table(struct mm_struct *mm, pmd_t *pmd, pgtable_t *pgtable)
{
	*pgtable = pgtable_trans_huge_withdraw(mm, pmd);
	return ptdesc_address(*pgtable);
}

/* The huge zero page becomes 512 mappings of the small one. */
static void split_huge_zero_pmd(struct vm_area_struct *vma, unsigned long haddr, pmd_t *pmd)
{
	struct mm_struct *mm = vma->vm_mm;
	pmd_t old = pmdp_huge_clear_flush(vma, haddr, pmd);
	pgtable_t pgtable;
	pte_t *pte = withdraw_table(mm, pmd, &pgtable);
	int i;

	for (i = 0; i < HPAGE_PMD_NR; i++) {
		unsigned long addr = haddr + i * PAGE_SIZE;
		pte_t entry = pte_mkspecial(pfn_pte(my_zero_pfn(addr), vma->vm_page_prot));

		if (pmd_uffd_wp(old))
			entry = pte_mkuffd_wp(entry);
		set_pte_at(mm, addr, pte + i, entry);
	}
	pmd_populate(mm, pmd, pgtable);
}

static void read_migration_pmd(pmd_t pmd, struct split_state *s)
{
	swp_entry_t entry = pmd_to_swp_entry(pmd);

	s->page = pfn_swap_entry_to_page(entry);
	s->write = is_writable_migration_entry(entry);
	s->anon_exclusive = is_readable_exclusive_migration_entry(entry);
	s->young = is_migration_entry_young(entry);
	s->dirty = is_migration_entry_dirty(entry);
	s->soft_dirty = pmd_swp_soft_dirty(pmd);
	s->uffd_wp = pmd_swp_uffd_wp(pmd);
}

/*
 * Take the entry away from the hardware and read what it said last.  It stays huge for
 * those who look without the lock, and no TLB has a huge translation any more when
 * small ones become possible.
 */
static void read_present_pmd(struct vm_area_struct *vma, unsigned long haddr, pmd_t *pmd,
			     struct split_state *s)
{
	pmd_t old = pmdp_invalidate(vma, haddr, pmd);
	struct folio *folio;

	s->page = pmd_page(old);
	folio = page_folio(s->page);
	s->dirty = pmd_dirty(old);
	if (s->dirty)
		folio_set_dirty(folio);
	s->write = pmd_write(old);
	s->young = pmd_young(old);
	s->soft_dirty = pmd_soft_dirty(old);
	s->uffd_wp = pmd_uffd_wp(old);
	s->anon_exclusive = PageAnonExclusive(s->page);
	VM_WARN_ON_FOLIO(!folio_ref_count(folio), folio);
	VM_WARN_ON_FOLIO(!folio_test_anon(folio), folio);
}

static pte_t split_migration_pte(const struct split_state *s, int i)
{
	unsigned long pfn = page_to_pfn(s->page + i);
	swp_entry_t entry;
	pte_t pte;

	if (s->write)
		entry = make_writable_migration_entry(pfn);
	else if (s->anon_exclusive)
		entry = make_readable_exclusive_migration_entry(pfn);
	else
		entry = make_readable_migration_entry(pfn);
	if (s->young)
		entry = make_migration_entry_young(entry);
	if (s->dirty)
		entry = make_migration_entry_dirty(entry);
	pte = swp_entry_to_pte(entry);
	if (s->soft_dirty)
		pte = pte_swp_mksoft_dirty(pte);
	return s->uffd_wp ? pte_swp_mkuffd_wp(pte) : pte;
}

static pte_t split_present_pte(struct vm_area_struct *vma, const struct split_state *s)
{
	pgprot_t prot = { READ_ONCE(vma->vm_page_prot.pgprot) };
	pte_t pte = mk_pte(s->page, prot);

	if (s->write)
		pte = pte_mkwrite(pte, vma);
	pte = s->young ? pte_mkyoung(pte) : pte_mkold(pte);
	/* which makes it soft-dirty, too, as on x86 */
	if (s->dirty)
		pte = pte_mkdirty(pte);
	if (s->soft_dirty)
		pte = pte_mksoft_dirty(pte);
	return s->uffd_wp ? pte_mkuffd_wp(pte) : pte;
}

/*
 * References and mapcounts of a present folio for its 512 new mappings.  With @freeze
 * they get none: migration entries have no mapcount.  False: a pin stands against
 * freezing, the entry is split only.
 */
static bool account_split(struct vm_area_struct *vma, unsigned long haddr,
			  const struct split_state *s, bool freeze)
{
	struct folio *folio = page_folio(s->page);

	if (freeze && s->anon_exclusive && folio_try_share_anon_rmap_pmd(folio, s->page))
		freeze = false;
	if (!freeze) {
		folio_ref_add(folio, HPAGE_PMD_NR - 1);
		folio_add_anon_rmap_ptes(folio, s->page, HPAGE_PMD_NR, vma, haddr,
					 s->anon_exclusive ? RMAP_EXCLUSIVE : RMAP_NONE);
	}
	return freeze;
}

static void __split_huge_pmd_locked(struct vm_area_struct *vma, pmd_t *pmd,
				    unsigned long haddr, bool freeze)
{
	struct mm_struct *mm = vma->vm_mm;
	struct split_state s = { };
	bool migration = is_pmd_migration_entry(pmdp_get(pmd));
	pgtable_t pgtable;
	pte_t *pte;
	int i;

	VM_BUG_ON_VMA(vma->vm_start > haddr || vma->vm_end < haddr + HPAGE_PMD_SIZE, vma);
	VM_BUG_ON_VMA(!vma_is_anonymous(vma), vma);
	count_vm_event(THP_SPLIT_PMD);
	cost_charge(COST_PTE_UPDATE, HPAGE_PMD_NR);
	if (is_huge_zero_pmd(pmdp_get(pmd))) {
		split_huge_zero_pmd(vma, haddr, pmd);
		return;
	}
	if (migration) {
		read_migration_pmd(pmdp_get(pmd), &s);
	} else {
		read_present_pmd(vma, haddr, pmd, &s);
		freeze = account_split(vma, haddr, &s, freeze);
	}
	pte = withdraw_table(mm, pmd, &pgtable);
	for (i = 0; i < HPAGE_PMD_NR; i++)
		VM_BUG_ON(!pte_none(ptep_get(pte + i)));
	if (freeze || migration) {
		for (i = 0; i < HPAGE_PMD_NR; i++)
			set_pte_at(mm, haddr + i * PAGE_SIZE, pte + i,
				   split_migration_pte(&s, i));
	} else {
		set_ptes(mm, haddr, pte, split_present_pte(vma, &s), HPAGE_PMD_NR);
	}
	if (!migration)
		folio_remove_rmap_pmd(page_folio(s.page), s.page, vma);
	/* the store releases the entries to those who find the table through it */
	pmd_populate(mm, pmd, pgtable);
	/* the reference of the mapping; the caller has one of its own */
	if (freeze && !migration)
		put_page(s.page);
}

void split_huge_pmd_locked(struct vm_area_struct *vma, unsigned long address,
			   pmd_t *pmd, bool freeze, struct folio *folio)
{
	pmd_t val = pmdp_get(pmd);
	bool migration = is_pmd_migration_entry(val);

	lockdep_assert_held(pmd_lockptr(vma->vm_mm, pmd));
	VM_WARN_ON_ONCE(address & ~HPAGE_PMD_MASK);
	VM_WARN_ON_ONCE(folio && !folio_test_pmd_mappable(folio));
	VM_WARN_ON_ONCE(folio && !folio_test_locked(folio));
	/* without a folio to compare with, the wrong one might be frozen */
	VM_BUG_ON(freeze && !folio);
	if (!pmd_trans_huge(val) && !migration)
		return;
	/* a migration entry's folio is locked by somebody else, so it is not @folio */
	if (folio && (migration || folio != page_folio(pmd_page(val))))
		return;
	__split_huge_pmd_locked(vma, pmd, address, freeze);
}

void __split_huge_pmd(struct vm_area_struct *vma, pmd_t *pmd, unsigned long address,
		      bool freeze, struct folio *folio)
{
	unsigned long haddr = address & HPAGE_PMD_MASK;
	struct mmu_notifier_range range;
	spinlock_t *ptl;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, vma->vm_mm, haddr,
				haddr + HPAGE_PMD_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	ptl = pmd_lock(vma->vm_mm, pmd);
	split_huge_pmd_locked(vma, haddr, pmd, freeze, folio);
	spin_unlock(ptl);
	mmu_notifier_invalidate_range_end(&range);
}

void split_huge_pmd_address(struct vm_area_struct *vma, unsigned long address, bool freeze,
			    struct folio *folio)
{
	pmd_t *pmd = mm_find_pmd(vma->vm_mm, address);

	if (pmd)
		__split_huge_pmd(vma, pmd, address, freeze, folio);
}

/* A border at @address would lie inside what can be a huge page of @vma. */
static void split_at_border(struct vm_area_struct *vma, unsigned long address)
{
	unsigned long haddr = address & HPAGE_PMD_MASK;

	if (address != haddr && range_in_vma(vma, haddr, haddr + HPAGE_PMD_SIZE))
		split_huge_pmd_address(vma, address, false, NULL);
}

/**
 * vma_adjust_trans_huge() - before the borders of VMAs move
 * @vma:	VMA, with its old borders
 * @start:	its new first byte
 * @end:	its new end
 * @adjust_next: bytes that the next VMA's start moves up
 *
 * Context: mmap_lock for writing; the rmap locks of the VMAs are held.
 */
void vma_adjust_trans_huge(struct vm_area_struct *vma, unsigned long start,
			   unsigned long end, long adjust_next)
{
	split_at_border(vma, start);
	split_at_border(vma, end);
	if (adjust_next > 0) {
		struct vm_area_struct *next = find_vma(vma->vm_mm, vma->vm_end);

		split_at_border(next, next->vm_start + adjust_next);
	}
}
