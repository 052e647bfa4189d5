// SPDX-License-Identifier: GPL-2.0
/*
 * Changing the protection of mapped pages: mprotect(), and hints for NUMA.
 */
#include <linux/err.h>
#include <linux/huge_mm.h>
#include <linux/mman.h>
#include <linux/mempolicy.h>
#include <linux/mm_inline.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/task.h>
#include <linux/swapops.h>
#include <asm/tlb.h>
#include <machine/cost.h>
#include <machine/program.h>
#include "vma.h"

/*
 * can_change_pte_writable() - may the entry be writable without a write fault?
 *
 * Under the entry's lock. The answer of the write-fault handler, asked beforehand: an
 * exclusive anonymous page in a private mapping, a page already dirty in a shared one.
 */
bool can_change_pte_writable(struct vm_area_struct *vma, unsigned long addr, pte_t pte)
{
	struct page *page;

	if (WARN_ON_ONCE(!(vma->vm_flags & VM_WRITE)))
		return false;
	if (pte_protnone(pte))
		return false;
	/* Soft-dirty tracking needs the fault. */
	if (vma_soft_dirty_enabled(vma) && !pte_soft_dirty(pte))
		return false;
	if (!(vma->vm_flags & VM_SHARED)) {
		page = vm_normal_page(vma, addr, pte);
		return page && PageAnon(page) && PageAnonExclusive(page);
	}
	return pte_dirty(pte);
}

/* Is a hint on this page useless or harmful? Under the entry's lock. */
static bool skip_prot_numa(struct vm_area_struct *vma, unsigned long addr, pte_t pte,
			   int target_node)
{
	struct folio *folio;

	if (pte_protnone(pte))
		return true;
	folio = vm_normal_folio(vma, addr, pte);
	if (!folio)
		return true;
	/* Shared copy-on-write pages, and pages that cannot move. */
	if (is_cow_mapping(vma->vm_flags) &&
	    (folio_maybe_dma_pinned(folio) || folio_likely_mapped_shared(folio)))
		return true;
	if (folio_is_file_lru(folio) && folio_test_dirty(folio))
		return true;
	return folio_nid(folio) == target_node;
}

static pte_t migration_pte_wrprotect(pte_t oldpte, swp_entry_t entry)
{
	pte_t newpte;

	if (folio_test_anon(pfn_swap_entry_folio(entry)))
		entry = make_readable_exclusive_migration_entry(swp_offset(entry));
	else
		entry = make_readable_migration_entry(swp_offset(entry));
	newpte = swp_entry_to_pte(entry);
	if (pte_swp_soft_dirty(oldpte))
		newpte = pte_swp_mksoft_dirty(newpte);
	return newpte;
}

static void change_present_pte(struct mmu_gather *tlb, struct vm_area_struct *vma,
			       unsigned long addr, pte_t *pte, pgprot_t newprot,
			       unsigned long cp_flags)
{
	pte_t oldpte = ptep_modify_prot_start(vma, addr, pte);
	pte_t ptent = pte_modify(oldpte, newprot);

	if ((cp_flags & MM_CP_TRY_CHANGE_WRITABLE) && !pte_write(ptent) &&
	    can_change_pte_writable(vma, addr, ptent))
		ptent = pte_mkwrite(ptent, vma);
	ptep_modify_prot_commit(vma, addr, pte, oldpte, ptent);
	if (pte_needs_flush(oldpte, ptent))
		tlb_flush_pte_range(tlb, addr, PAGE_SIZE);
}

static long change_pte_range(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
			     unsigned long addr, unsigned long end, pgprot_t newprot,
			     unsigned long cp_flags)
{
	bool prot_numa = cp_flags & MM_CP_PROT_NUMA;
	int target_node = NUMA_NO_NODE;
	long pages = 0, looked = 0;
	spinlock_t *ptl;
	pte_t *pte;

	pte = pte_offset_map_lock(vma->vm_mm, pmd, addr, &ptl);
	if (!pte)
		return -EAGAIN;
	/* Private memory of a single thread: only what is elsewhere matters. */
	if (prot_numa && !(vma->vm_flags & VM_SHARED) &&
	    atomic_read(&vma->vm_mm->mm_users) == 1)
		target_node = numa_node_id();
	flush_tlb_batched_pending(vma->vm_mm);
	do {
		pte_t oldpte = ptep_get(pte);
		swp_entry_t entry;

		looked++;
		if (pte_none(oldpte))
			continue;
		if (pte_present(oldpte)) {
			if (prot_numa && skip_prot_numa(vma, addr, oldpte, target_node))
				continue;
			change_present_pte(tlb, vma, addr, pte, newprot, cp_flags);
			pages++;
			continue;
		}
		entry = pte_to_swp_entry(oldpte);
		if (is_writable_migration_entry(entry)) {
			set_pte_at(vma->vm_mm, addr, pte,
				   migration_pte_wrprotect(oldpte, entry));
			cost_charge(COST_PTE_UPDATE, 1);
			pages++;
		}
	} while (pte++, addr += PAGE_SIZE, addr != end);
	pte_unmap_unlock(pte - 1, ptl);
	cost_charge(COST_PTE_SCAN, looked);
	return pages;
}

/* What one PMD maps in [addr, next): pages changed, or -EAGAIN. */
static long change_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
		       unsigned long addr, unsigned long next, pgprot_t newprot,
		       unsigned long cp_flags, unsigned long *nr_huge_updates)
{
	pmd_t val = pmdp_get_lockless(pmd);
	int ret;

	if (pmd_none(val))
		return 0;
	if (is_swap_pmd(val) || pmd_trans_huge(val) || pmd_devmap(val)) {
		if (next - addr != HPAGE_PMD_SIZE) {
			__split_huge_pmd(vma, pmd, addr, false, NULL);
		} else {
			ret = change_huge_pmd(tlb, vma, pmd, addr, newprot, cp_flags);
			if (ret == HPAGE_PMD_NR) {
				++*nr_huge_updates;
				return ret;
			}
			if (ret)
				return 0;
		}
		/* it was split, by us or by somebody else */
	}
	return change_pte_range(tlb, vma, pmd, addr, next, newprot, cp_flags);
}

static long change_pmd_range(struct mmu_gather *tlb, struct vm_area_struct *vma, pud_t *pud,
			     unsigned long addr, unsigned long end, pgprot_t newprot,
			     unsigned long cp_flags)
{
	pmd_t *pmd = pmd_offset(pud, addr);
	unsigned long next, nr_huge_updates = 0;
	long pages = 0, ret;

	do {
		next = pmd_addr_end(addr, end);
		/* -EAGAIN: the table vanished or became huge; look again. */
		do {
			ret = change_pmd(tlb, vma, pmd, addr, next, newprot, cp_flags,
					 &nr_huge_updates);
		} while (ret < 0);
		pages += ret;
		cond_resched();
	} while (pmd++, addr = next, addr != end);
	if (nr_huge_updates)
		count_vm_events(NUMA_HUGE_PTE_UPDATES, nr_huge_updates);
	return pages;
}

static long change_protection_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
				    unsigned long addr, unsigned long end, pgprot_t newprot,
				    unsigned long cp_flags)
{
	unsigned long next;
	long pages = 0;

	BUG_ON(addr >= end);
	tlb_start_vma(tlb, vma);
	for (; addr != end; addr = next) {
		p4d_t *p4d = p4d_offset(pgd_offset(vma->vm_mm, addr), addr);
		pud_t *pud;

		next = pgd_addr_end(addr, end);
		if (p4d_none_or_clear_bad(p4d))
			continue;
		next = pud_addr_end(addr, end);
		pud = pud_offset(p4d, addr);
		if (pud_none_or_clear_bad(pud))
			continue;
		pages += change_pmd_range(tlb, vma, pud, addr, next, newprot, cp_flags);
	}
	tlb_end_vma(tlb, vma);
	return pages;
}

/**
 * change_protection() - give mapped pages the protection of their VMA, or a hint
 * @tlb:	the caller's gather, which flushes
 * @vma:	VMA with vm_page_prot already new
 * @start:	first byte
 * @end:	first byte after
 * @cp_flags:	MM_CP_*
 *
 * Return: entries changed.
 * Context: mmap_lock held, for writing unless MM_CP_PROT_NUMA.
 */
long change_protection(struct mmu_gather *tlb, struct vm_area_struct *vma,
		       unsigned long start, unsigned long end, unsigned long cp_flags)
{
	pgprot_t newprot = { READ_ONCE(vma->vm_page_prot.pgprot) };
	struct mmu_notifier_range range;
	long pages;

	mmap_assert_locked(vma->vm_mm);
	if (cp_flags & MM_CP_PROT_NUMA)
		newprot = PAGE_NONE;
	mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_VMA, 0, vma->vm_mm, start, end);
	mmu_notifier_invalidate_range_start(&range);
	pages = change_protection_range(tlb, vma, start, end, newprot, cp_flags);
	mmu_notifier_invalidate_range_end(&range);
	return pages;
}

/* As the kernel's task_numa_work() marks a range. mmap_lock held for reading. */
unsigned long change_prot_numa(struct vm_area_struct *vma, unsigned long start,
			       unsigned long end)
{
	struct mmu_gather tlb;
	long pages;

	tlb_gather_mmu(&tlb, vma->vm_mm);
	pages = change_protection(&tlb, vma, start, end, MM_CP_PROT_NUMA);
	tlb_finish_mmu(&tlb);
	return pages > 0 ? pages : 0;
}

/* One VMA or part of one. *pprev: the VMA that ends where this part ended. */
int mprotect_fixup(struct vma_iterator *vmi, struct mmu_gather *tlb,
		   struct vm_area_struct *vma, struct vm_area_struct **pprev,
		   unsigned long start, unsigned long end, vm_flags_t newflags)
{
	struct mm_struct *mm = vma->vm_mm;
	vm_flags_t oldflags = vma->vm_flags;
	unsigned long cp_flags = 0;

	if (newflags == oldflags) {
		*pprev = vma;
		return 0;
	}
	vma = vma_modify(vmi, *pprev, vma, start, end, newflags, vma->vm_policy);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	*pprev = vma;
	vm_flags_reset_once(vma, newflags);
	if (vma_wants_manual_pte_write_upgrade(vma))
		cp_flags |= MM_CP_TRY_CHANGE_WRITABLE;
	vma_set_page_prot(vma);
	change_protection(tlb, vma, start, end, cp_flags);
	vm_stat_account(mm, oldflags, -(long)((end - start) >> PAGE_SHIFT));
	vm_stat_account(mm, newflags, (end - start) >> PAGE_SHIFT);
	return 0;
}

static int do_mprotect(unsigned long start, unsigned long end, unsigned long prot)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma, *prev;
	struct mmu_gather tlb;
	unsigned long next;
	int err = 0;

	vma = find_vma_prev(mm, start, &prev);
	if (!vma || vma->vm_start > start)
		return -ENOMEM;
	if (start > vma->vm_start)
		prev = vma;
	tlb_gather_mmu(&tlb, mm);
	for (; start < end && !err; start = next) {
		VMA_ITERATOR(vmi, mm, start);
		vm_flags_t flags = 0;

		vma = find_vma(mm, start);
		if (!vma || vma->vm_start > start) {
			err = -ENOMEM;
			break;
		}
		flags |= prot & PROT_READ ? VM_READ : 0;
		flags |= prot & PROT_WRITE ? VM_WRITE : 0;
		flags |= prot & PROT_EXEC ? VM_EXEC : 0;
		flags |= vma->vm_flags & ~VM_ACCESS_FLAGS;
		/* VM_MAYREAD and so on are four bits above. */
		if ((flags & ~(flags >> 4)) & VM_ACCESS_FLAGS) {
			err = -EACCES;
			break;
		}
		next = min(end, vma->vm_end);
		err = mprotect_fixup(&vmi, &tlb, vma, &prev, start, next, flags);
	}
	tlb_finish_mmu(&tlb);
	return err;
}

long sys_mprotect(unsigned long addr, unsigned long len, unsigned long prot)
{
	struct mm_struct *mm = current->mm;
	int err;

	if ((addr & ~PAGE_MASK) || (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM)))
		return -EINVAL;
	if (!len)
		return 0;
	len = PAGE_ALIGN(len);
	if (addr + len <= addr)
		return -ENOMEM;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = do_mprotect(addr, addr + len, prot);
	mmap_write_unlock(mm);
	exec_return_to_user();
	return err;
}
