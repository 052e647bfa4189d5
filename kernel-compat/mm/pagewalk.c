// SPDX-License-Identifier: GPL-2.0
/*
 * Walking page tables: see linux/pagewalk.h.
 */
#include <linux/pagewalk.h>
#include <linux/huge_mm.h>
#include <linux/swapops.h>

/* With a PTE callback only, which runs under the lock of the table. */
static int walk_pte_range(pmd_t *pmd, unsigned long addr, unsigned long end,
			  struct mm_walk *walk)
{
	const struct mm_walk_ops *ops = walk->ops;
	spinlock_t *ptl;
	pte_t *start, *pte;
	int err = 0;

	start = pte = pte_offset_map_lock(walk->mm, pmd, addr, &ptl);
	if (!pte) {
		walk->action = ACTION_AGAIN;
		return 0;
	}
	for (; addr != end; pte++, addr += PAGE_SIZE) {
		err = ops->pte_entry(pte, addr, addr + PAGE_SIZE, walk);
		if (err)
			break;
	}
	pte_unmap_unlock(start, ptl);
	return err;
}

static int walk_hole(unsigned long addr, unsigned long next, int depth, struct mm_walk *walk)
{
	return walk->ops->pte_hole ? walk->ops->pte_hole(addr, next, depth, walk) : 0;
}

/* One PMD entry, again while its callback or a vanished table asks for it. */
static int walk_pmd(pmd_t *pmd, unsigned long addr, unsigned long next,
		    struct mm_walk *walk)
{
	const struct mm_walk_ops *ops = walk->ops;
	int err;

	do {
		if (pmd_none(pmdp_get_lockless(pmd)))
			return walk_hole(addr, next, 3, walk);
		walk->action = ACTION_SUBTREE;
		if (ops->pmd_entry) {
			err = ops->pmd_entry(pmd, addr, next, walk);
			if (err)
				return err;
			if (walk->action == ACTION_AGAIN)
				continue;
		}
		if (walk->action == ACTION_CONTINUE || !ops->pte_entry)
			return 0;
		split_huge_pmd(walk->vma, pmd, addr);
		err = walk_pte_range(pmd, addr, next, walk);
		if (err)
			return err;
	} while (walk->action == ACTION_AGAIN);
	return 0;
}

static int walk_pmd_range(pud_t *pud, unsigned long addr, unsigned long end,
			  struct mm_walk *walk)
{
	pmd_t *pmd = pmd_offset(pud, addr);
	unsigned long next;
	int err = 0;

	do {
		next = pmd_addr_end(addr, end);
		err = walk_pmd(pmd, addr, next, walk);
	} while (!err && (pmd++, addr = next, addr != end));
	return err;
}

static int walk_pud_range(p4d_t *p4d, unsigned long addr, unsigned long end,
			  struct mm_walk *walk)
{
	const struct mm_walk_ops *ops = walk->ops;
	pud_t *pud = pud_offset(p4d, addr);
	unsigned long next;
	int err = 0;

	for (; addr != end; pud++, addr = next) {
		next = pud_addr_end(addr, end);
		do {
			if (pud_none(pudp_get(pud))) {
				err = walk_hole(addr, next, 2, walk);
				walk->action = ACTION_CONTINUE;
				break;
			}
			walk->action = ACTION_SUBTREE;
			if (ops->pud_entry)
				err = ops->pud_entry(pud, addr, next, walk);
		} while (!err && walk->action == ACTION_AGAIN);
		if (err)
			return err;
		if (walk->action == ACTION_CONTINUE || !(ops->pmd_entry || ops->pte_entry))
			continue;
		err = walk_pmd_range(pud, addr, next, walk);
		if (err)
			return err;
	}
	return 0;
}

static int walk_pgd_range(unsigned long addr, unsigned long end, struct mm_walk *walk)
{
	const struct mm_walk_ops *ops = walk->ops;
	unsigned long next;
	int err = 0;

	for (; addr != end && !err; addr = next) {
		p4d_t *p4d = p4d_offset(pgd_offset(walk->mm, addr), addr);

		next = pgd_addr_end(addr, end);
		if (p4d_none_or_clear_bad(p4d))
			err = walk_hole(addr, next, 1, walk);
		else if (ops->pud_entry || ops->pmd_entry || ops->pte_entry)
			err = walk_pud_range(p4d, addr, next, walk);
	}
	return err;
}

static int walk_vma(unsigned long start, unsigned long end, struct mm_walk *walk)
{
	const struct mm_walk_ops *ops = walk->ops;
	int err = 0;

	if (ops->pre_vma) {
		err = ops->pre_vma(start, end, walk);
		if (err)
			return err;
	}
	err = walk_pgd_range(start, end, walk);
	if (ops->post_vma)
		ops->post_vma(walk);
	return err;
}

/* Nonzero: skip (1, with a hole reported for special mappings) or fail. */
static int walk_page_test(unsigned long start, unsigned long end, struct mm_walk *walk)
{
	struct vm_area_struct *vma = walk->vma;

	if (walk->ops->test_walk)
		return walk->ops->test_walk(start, end, walk);
	if (vma->vm_flags & VM_PFNMAP)
		return walk_hole(start, end, -1, walk) ? : 1;
	return 0;
}

static void process_mm_walk_lock(struct mm_struct *mm, enum page_walk_lock walk_lock)
{
	if (walk_lock == PGWALK_RDLOCK)
		mmap_assert_locked(mm);
	else
		mmap_assert_write_locked(mm);
}

int walk_page_range(struct mm_struct *mm, unsigned long start, unsigned long end,
		    const struct mm_walk_ops *ops, void *private)
{
	struct mm_walk walk = { .ops = ops, .mm = mm, .private = private };
	struct vm_area_struct *vma;
	unsigned long next;
	int err = 0;

	if (start >= end || !mm)
		return -EINVAL;
	process_mm_walk_lock(mm, ops->walk_lock);
	vma = find_vma(mm, start);
	do {
		if (!vma || vma->vm_start > start) {
			/* A hole up to the next VMA or the end. */
			walk.vma = NULL;
			next = vma ? min(end, vma->vm_start) : end;
			err = walk_hole(start, next, -1, &walk);
		} else {
			walk.vma = vma;
			next = min(end, vma->vm_end);
			vma = find_vma(mm, vma->vm_end);
			err = walk_page_test(start, next, &walk);
			if (err > 0) {
				err = 0;
				continue;
			}
			if (!err)
				err = walk_vma(start, next, &walk);
		}
	} while (!err && (start = next, start < end));
	return err;
}

int walk_page_range_vma(struct vm_area_struct *vma, unsigned long start, unsigned long end,
			const struct mm_walk_ops *ops, void *private)
{
	struct mm_walk walk = {
		.ops = ops, .mm = vma->vm_mm, .vma = vma, .private = private,
	};

	if (start >= end || start < vma->vm_start || end > vma->vm_end)
		return -EINVAL;
	process_mm_walk_lock(vma->vm_mm, ops->walk_lock);
	return walk_vma(start, end, &walk);
}

int walk_page_vma(struct vm_area_struct *vma, const struct mm_walk_ops *ops, void *private)
{
	return walk_page_range_vma(vma, vma->vm_start, vma->vm_end, ops, private);
}

/* folio_walk_start() at a locked PMD that is huge or under migration. */
static struct folio *folio_walk_pmd(struct folio_walk *fw, struct vm_area_struct *vma,
				    unsigned long addr, folio_walk_flags_t flags,
				    pmd_t *pmdp, spinlock_t *ptl)
{
	pmd_t pmd = pmdp_get(pmdp);
	struct page *page = NULL;

	fw->level = FW_LEVEL_PMD;
	fw->pmdp = pmdp;
	fw->pmd = pmd;
	fw->vma = vma;
	fw->ptl = ptl;
	fw->page = NULL;
	if (pmd_present(pmd)) {
		page = vm_normal_page_pmd(vma, addr, pmd);
		if (page)
			fw->page = page + pte_index(addr);
		else if ((flags & FW_ZEROPAGE) && is_huge_zero_pmd(pmd))
			page = pmd_page(pmd);
	} else if ((flags & FW_MIGRATION) && is_pmd_migration_entry(pmd)) {
		page = pfn_swap_entry_to_page(pmd_to_swp_entry(pmd));
	}
	if (page)
		return page_folio(page);
	spin_unlock(ptl);
	return NULL;
}

struct folio *folio_walk_start(struct folio_walk *fw, struct vm_area_struct *vma,
			       unsigned long addr, folio_walk_flags_t flags)
{
	struct mm_struct *mm = vma->vm_mm;
	struct page *page = NULL;
	spinlock_t *ptl;
	pmd_t *pmdp, pmd;
	pte_t *ptep, pte;

	mmap_assert_locked(mm);
	addr &= PAGE_MASK;
	if (WARN_ON_ONCE(addr < vma->vm_start || addr >= vma->vm_end))
		return NULL;
	pmdp = mm_find_pmd(mm, addr);
	if (!pmdp)
		return NULL;
	pmd = pmdp_get_lockless(pmdp);
	if (is_swap_pmd(pmd) || pmd_leaf(pmd)) {
		ptl = pmd_lock(mm, pmdp);
		pmd = pmdp_get(pmdp);
		if (is_swap_pmd(pmd) || pmd_leaf(pmd))
			return folio_walk_pmd(fw, vma, addr, flags, pmdp, ptl);
		spin_unlock(ptl);
	}
	ptep = pte_offset_map_lock(mm, pmdp, addr, &ptl);
	if (!ptep)
		return NULL;
	pte = ptep_get(ptep);
	fw->level = FW_LEVEL_PTE;
	fw->ptep = ptep;
	fw->pte = pte;
	fw->vma = vma;
	fw->ptl = ptl;
	if (pte_present(pte)) {
		page = vm_normal_page(vma, addr, pte);
		if (!page && (flags & FW_ZEROPAGE) && is_zero_pfn(pte_pfn(pte)))
			page = pfn_to_page(pte_pfn(pte));
	} else if (!pte_none(pte) && (flags & FW_MIGRATION)) {
		swp_entry_t entry = pte_to_swp_entry(pte);

		if (is_migration_entry(entry))
			page = pfn_swap_entry_to_page(entry);
	}
	if (!page) {
		pte_unmap_unlock(ptep, ptl);
		return NULL;
	}
	fw->page = page;
	return page_folio(page);
}
