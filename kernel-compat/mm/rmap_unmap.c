// SPDX-License-Identifier: GPL-2.0
/*
 * What rmap walks are made for: unmapping, migration entries, cleaning, ageing.
 */
#include <linux/huge_mm.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/swapops.h>
#include <asm/tlbflush.h>
#include <machine/cost.h>

static int folio_not_mapped(struct folio *folio)
{
	return !folio_mapped(folio);
}

/* Swap-entry form of a migrating page: what the entry of @pteval becomes. */
static pte_t make_migration_pte(struct page *page, pte_t pteval, bool anon_exclusive)
{
	swp_entry_t entry;
	pte_t swp_pte;

	if (pte_write(pteval))
		entry = make_writable_migration_entry(page_to_pfn(page));
	else if (anon_exclusive)
		entry = make_readable_exclusive_migration_entry(page_to_pfn(page));
	else
		entry = make_readable_migration_entry(page_to_pfn(page));
	if (pte_young(pteval))
		entry = make_migration_entry_young(entry);
	if (pte_dirty(pteval))
		entry = make_migration_entry_dirty(entry);
	swp_pte = swp_entry_to_pte(entry);
	if (pte_soft_dirty(pteval))
		swp_pte = pte_swp_mksoft_dirty(swp_pte);
	if (pte_uffd_wp(pteval))
		swp_pte = pte_swp_mkuffd_wp(swp_pte);
	return swp_pte;
}

/* Clear the entry found by @pvmw and see to it that no TLB goes on using it. */
static pte_t rmap_clear_pte(struct page_vma_mapped_walk *pvmw, struct folio *folio,
			    enum ttu_flags flags)
{
	struct mm_struct *mm = pvmw->vma->vm_mm;
	pte_t pteval;

	if (should_defer_flush(mm, flags)) {
		pteval = ptep_get_and_clear(mm, pvmw->address, pvmw->pte);
		set_tlb_ubc_flush_pending(mm, pteval, pvmw->address);
	} else {
		pteval = ptep_clear_flush(pvmw->vma, pvmw->address, pvmw->pte);
	}
	if (pte_dirty(pteval))
		folio_mark_dirty(folio);
	return pteval;
}

/* Replace the entry at @pvmw; false if the page may be pinned and stays. */
static bool migrate_one_pte(struct page_vma_mapped_walk *pvmw, struct folio *folio,
			    enum ttu_flags flags)
{
	struct mm_struct *mm = pvmw->vma->vm_mm;
	struct page *page = pfn_to_page(pte_pfn(ptep_get(pvmw->pte)));
	bool anon_exclusive = folio_test_anon(folio) && PageAnonExclusive(page);
	pte_t pteval = rmap_clear_pte(pvmw, folio, flags);

	cost_charge(COST_PTE_UPDATE, 1);
	if (anon_exclusive && folio_try_share_anon_rmap_pte(folio, page)) {
		set_pte_at(mm, pvmw->address, pvmw->pte, pteval);
		return false;
	}
	set_pte_at(mm, pvmw->address, pvmw->pte,
		   make_migration_pte(page, pteval, anon_exclusive));
	folio_remove_rmap_pte(folio, page, pvmw->vma);
	folio_put(folio);
	return true;
}

static bool migrate_one(struct page_vma_mapped_walk *pvmw, struct folio *folio,
			enum ttu_flags flags)
{
	if (!pvmw->pte)
		return !set_pmd_migration_entry(pvmw, &folio->page);
	return migrate_one_pte(pvmw, folio, flags);
}

/* Where the folio, or the VMA if that is earlier, ends in the VMA. */
static unsigned long walk_end_in(struct vm_area_struct *vma, struct folio *folio)
{
	pgoff_t end = folio->index + folio_nr_pages(folio);

	return min(vma->vm_end,
		   vma->vm_start + ((end - vma->vm_pgoff) << PAGE_SHIFT));
}

static bool try_to_migrate_one(struct folio *folio, struct vm_area_struct *vma,
			       unsigned long address, void *arg)
{
	enum ttu_flags flags = (enum ttu_flags)(unsigned long)arg;
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, address,
			      flags & TTU_SYNC ? PVMW_SYNC : 0);
	struct mmu_notifier_range range;
	bool ret = true;

	/* Only split_huge_page() asks for this: it leaves migration entries of PTEs. */
	if (flags & TTU_SPLIT_HUGE_PMD)
		split_huge_pmd_address(vma, address, true, folio);

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, vma->vm_mm, address,
				walk_end_in(vma, folio));
	mmu_notifier_invalidate_range_start(&range);
	while (page_vma_mapped_walk(&pvmw)) {
		if (migrate_one(&pvmw, folio, flags))
			continue;
		ret = false;
		page_vma_mapped_walk_done(&pvmw);
		break;
	}
	mmu_notifier_invalidate_range_end(&range);
	return ret;
}

/* exec moves its temporary stack without the rmap lock; leave its pages alone. */
static bool invalid_migration_vma(struct vm_area_struct *vma, void *arg)
{
	return vma_is_temporary_stack(vma);
}

/**
 * try_to_migrate() - replace all mappings of a folio by migration entries
 * @folio:	locked folio with a reference of the caller's
 * @flags:	TTU_SYNC, TTU_BATCH_FLUSH, TTU_RMAP_LOCKED, TTU_SPLIT_HUGE_PMD
 *
 * A folio mapped by a PMD gets a PMD migration entry, or with TTU_SPLIT_HUGE_PMD one
 * entry for each page.
 *
 * Tries; the caller looks at folio_mapped() afterwards. With TTU_BATCH_FLUSH it must
 * call try_to_unmap_flush() before the contents are copied.
 */
void try_to_migrate(struct folio *folio, enum ttu_flags flags)
{
	struct rmap_walk_control rwc = {
		.rmap_one = try_to_migrate_one,
		.arg = (void *)(unsigned long)flags,
		.done = folio_not_mapped,
		.anon_lock = folio_lock_anon_vma_read,
	};

	VM_BUG_ON_FOLIO(!folio_test_locked(folio), folio);
	if (WARN_ON_ONCE(flags & ~(TTU_RMAP_LOCKED | TTU_SPLIT_HUGE_PMD | TTU_SYNC |
				   TTU_BATCH_FLUSH)))
		return;
	if (folio_test_anon(folio))
		rwc.invalid_vma = invalid_migration_vma;
	if (flags & TTU_RMAP_LOCKED)
		rmap_walk_locked(folio, &rwc);
	else
		rmap_walk(folio, &rwc);
}

static bool try_to_unmap_one(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address, void *arg)
{
	enum ttu_flags flags = (enum ttu_flags)(unsigned long)arg;
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, address,
			      flags & TTU_SYNC ? PVMW_SYNC : 0);
	struct mmu_notifier_range range;
	bool ret = true;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, vma->vm_mm, address,
				address + folio_size(folio));
	mmu_notifier_invalidate_range_start(&range);
	while (page_vma_mapped_walk(&pvmw)) {
		struct page *page = pfn_to_page(pte_pfn(ptep_get(pvmw.pte)));

		if (!(flags & TTU_IGNORE_MLOCK) && (vma->vm_flags & VM_LOCKED)) {
			page_vma_mapped_walk_done(&pvmw);
			ret = false;
			break;
		}
		rmap_clear_pte(&pvmw, folio, flags);
		dec_mm_counter(vma->vm_mm, mm_counter_file(folio));
		folio_remove_rmap_pte(folio, page, vma);
		folio_put(folio);
	}
	mmu_notifier_invalidate_range_end(&range);
	return ret;
}

/**
 * try_to_unmap() - remove all mappings of a file folio
 * @folio:	locked folio with a reference of the caller's
 * @flags:	TTU_*
 *
 * model: an anonymous folio has no place to go without swap and stays mapped. A file's
 * folio is never large.
 */
void try_to_unmap(struct folio *folio, enum ttu_flags flags)
{
	struct rmap_walk_control rwc = {
		.rmap_one = try_to_unmap_one,
		.arg = (void *)(unsigned long)flags,
		.done = folio_not_mapped,
	};

	VM_BUG_ON_FOLIO(!folio_test_locked(folio), folio);
	if (folio_test_anon(folio))
		return;
	if (flags & TTU_RMAP_LOCKED)
		rmap_walk_locked(folio, &rwc);
	else
		rmap_walk(folio, &rwc);
}

/* Write-protect and clean one VMA's entry; counts those it changed. */
static bool folio_mkclean_one(struct folio *folio, struct vm_area_struct *vma,
			      unsigned long address, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, address, PVMW_SYNC);
	struct mmu_notifier_range range;
	int *cleaned = arg;

	mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_PAGE, 0, vma->vm_mm,
				address, address + folio_size(folio));
	mmu_notifier_invalidate_range_start(&range);
	while (page_vma_mapped_walk(&pvmw)) {
		pte_t entry = ptep_get(pvmw.pte);

		if (!pte_dirty(entry) && !pte_write(entry))
			continue;
		entry = ptep_clear_flush(vma, pvmw.address, pvmw.pte);
		entry = pte_mkclean(pte_wrprotect(entry));
		set_pte_at(vma->vm_mm, pvmw.address, pvmw.pte, entry);
		(*cleaned)++;
	}
	mmu_notifier_invalidate_range_end(&range);
	return true;
}

static bool invalid_mkclean_vma(struct vm_area_struct *vma, void *arg)
{
	return !(vma->vm_flags & VM_SHARED);
}

/* Make all shared mappings of a locked folio clean and read-only; how many were not. */
int folio_mkclean(struct folio *folio)
{
	int cleaned = 0;
	struct rmap_walk_control rwc = {
		.arg = &cleaned,
		.rmap_one = folio_mkclean_one,
		.invalid_vma = invalid_mkclean_vma,
	};

	VM_BUG_ON_FOLIO(!folio_test_locked(folio), folio);
	if (!folio_mapped(folio) || !folio_mapping(folio))
		return 0;
	rmap_walk(folio, &rwc);
	return cleaned;
}

struct referenced_arg {
	int referenced;
	unsigned long vm_flags;
};

static bool folio_referenced_one(struct folio *folio, struct vm_area_struct *vma,
				 unsigned long address, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, address, 0);
	struct referenced_arg *ra = arg;
	int referenced = 0;

	while (page_vma_mapped_walk(&pvmw)) {
		if (pvmw.pte ? ptep_clear_flush_young(vma, pvmw.address, pvmw.pte) :
			       pmdp_clear_flush_young(vma, pvmw.address, pvmw.pmd))
			referenced++;
	}
	if (referenced) {
		ra->referenced += referenced;
		ra->vm_flags |= vma->vm_flags & ~VM_LOCKED;
	}
	return true;
}

/**
 * folio_referenced() - count and clear the young bits of all mappings
 * @folio:	the folio, referenced
 * @is_locked:	the caller holds its lock
 * @memcg:	ignored
 * @vm_flags:	receives the flags of the VMAs that referenced it, or'ed
 */
int folio_referenced(struct folio *folio, int is_locked, struct mem_cgroup *memcg,
		     unsigned long *vm_flags)
{
	struct referenced_arg ra = { 0 };
	struct rmap_walk_control rwc = {
		.rmap_one = folio_referenced_one,
		.arg = &ra,
		.anon_lock = folio_lock_anon_vma_read,
		.try_lock = true,
	};
	bool locked = false;

	*vm_flags = 0;
	if (!folio_mapped(folio) || !folio->mapping)
		return 0;
	if (!is_locked && !folio_test_anon(folio)) {
		locked = folio_trylock(folio);
		if (!locked)
			return 1;
	}
	rmap_walk(folio, &rwc);
	*vm_flags = ra.vm_flags;
	if (locked)
		folio_unlock(folio);
	return rwc.contended ? -1 : ra.referenced;
}
