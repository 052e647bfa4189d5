// SPDX-License-Identifier: GPL-2.0
/*
 * Getting the pages behind user addresses: the slow way, under mmap_lock.
 *
 * Each page is looked up in the page table; what the table does not allow yet is
 * faulted in, and looked up again.  References by FOLL_GET are plain ones, pins by
 * FOLL_PIN count GUP_PIN_COUNTING_BIAS each, so that pinned folios can be told; large
 * folios have a count of their own for that.
 */
#include <linux/mm/zero_page.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seqlock.h>
#include <linux/swap.h>
#include <mm/gup.h>

/* Reference or pin, by @flags; the caller has the page-table lock. 0 or -ENOMEM. */
int try_grab_folio(struct folio *folio, int refs, unsigned int flags)
{
	if (WARN_ON_ONCE(folio_ref_count(folio) <= 0))
		return -ENOMEM;
	if (flags & FOLL_GET) {
		folio_ref_add(folio, refs);
	} else if (flags & FOLL_PIN) {
		/* the zero page is never pinned: it cannot be written or freed */
		if (is_zero_folio(folio))
			return 0;
		if (folio_test_large(folio)) {
			folio_ref_add(folio, refs);
			atomic_add(refs, &folio->_pincount);
		} else {
			folio_ref_add(folio, refs * GUP_PIN_COUNTING_BIAS);
		}
	}
	return 0;
}

void gup_put_folio(struct folio *folio, int refs, unsigned int flags)
{
	if (flags & FOLL_PIN) {
		if (is_zero_folio(folio))
			return;
		if (folio_test_large(folio))
			atomic_sub(refs, &folio->_pincount);
		else
			refs *= GUP_PIN_COUNTING_BIAS;
	}
	folio_put_refs(folio, refs);
}

/* True for pinned folios, and for ones with very many references. */
bool folio_maybe_dma_pinned(struct folio *folio)
{
	if (folio_test_large(folio))
		return atomic_read(&folio->_pincount) > 0;
	return (unsigned int)folio_ref_count(folio) >= GUP_PIN_COUNTING_BIAS;
}

/* fork: must the child get a copy at once, because the parent's page may be pinned? */
bool folio_needs_cow_for_dma(struct vm_area_struct *vma, struct folio *folio)
{
	struct mm_struct *mm = vma->vm_mm;

	/* GUP-fast must see that fork is going on */
	VM_BUG_ON(!(raw_read_seqcount(&mm->write_protect_seq) & 1));
	if (!test_bit(MMF_HAS_PINNED, &mm->flags))
		return false;
	return folio_maybe_dma_pinned(folio);
}

void mm_set_has_pinned(struct mm_struct *mm)
{
	if (!test_bit(MMF_HAS_PINNED, &mm->flags))
		set_bit(MMF_HAS_PINNED, &mm->flags);
}

bool gup_can_follow_protnone(struct vm_area_struct *vma, unsigned int flags)
{
	/* the caller wants access like the program's own, so hints count */
	if (flags & FOLL_HONOR_NUMA_FAULT)
		return !vma_is_accessible(vma);
	return true;
}

/*
 * Must a read-only page be made exclusive before it is pinned? Else a later write by
 * the program would copy it, and pin and page table would part. @vma: NULL in GUP-fast.
 */
bool gup_must_unshare(struct vm_area_struct *vma, unsigned int flags, struct page *page)
{
	if ((flags & (FOLL_WRITE | FOLL_PIN)) != FOLL_PIN)
		return false;
	if (!PageAnon(page)) {
		if (!(flags & FOLL_LONGTERM))
			return false;
		return vma ? is_cow_mapping(vma->vm_flags) : true;
	}
	/* pairs with the barrier after ClearPageAnonExclusive() in try_share */
	smp_rmb();
	return !PageAnonExclusive(page);
}

/*
 * May FOLL_FORCE write to @page although its entry is not writable? Only to a private
 * copy that has been made already.
 */
bool gup_may_force_write(struct vm_area_struct *vma, struct page *page, unsigned int flags)
{
	return (flags & FOLL_FORCE) &&
	       !(vma->vm_flags & (VM_MAYSHARE | VM_SHARED | VM_WRITE)) &&
	       (vma->vm_flags & VM_MAYWRITE) &&
	       page && PageAnon(page) && PageAnonExclusive(page);
}

static bool can_follow_write_pte(pte_t pte, struct page *page,
				 struct vm_area_struct *vma, unsigned int flags)
{
	if (pte_write(pte))
		return true;
	return gup_may_force_write(vma, page, flags) && !pte_uffd_wp(pte) &&
	       (!vma_soft_dirty_enabled(vma) || pte_soft_dirty(pte));
}

static void gup_touch(struct page *page, pte_t pte, unsigned int flags)
{
	struct folio *folio = page_folio(page);

	if (!(flags & FOLL_TOUCH))
		return;
	if ((flags & FOLL_WRITE) && !pte_dirty(pte) && !folio_test_dirty(folio))
		folio_mark_dirty(folio);
	folio_mark_accessed(folio);
}

/* Judge one entry under its lock; see follow_page_pte(). */
static struct page *follow_locked_pte(struct vm_area_struct *vma, unsigned long address,
				      pte_t pte, unsigned int flags)
{
	struct page *page;

	if (!pte_present(pte))
		return NULL;
	if (pte_protnone(pte) && !gup_can_follow_protnone(vma, flags))
		return NULL;
	page = vm_normal_page(vma, address, pte);
	if ((flags & FOLL_WRITE) && !can_follow_write_pte(pte, page, vma, flags))
		return NULL;
	if (unlikely(!page)) {
		if (flags & FOLL_DUMP)
			return ERR_PTR(-EFAULT);
		if (!is_zero_pfn(pte_pfn(pte)))
			return ERR_PTR(-EFAULT);
		page = pte_page(pte);
	}
	if (!pte_write(pte) && gup_must_unshare(vma, flags, page))
		return ERR_PTR(-EMLINK);
	if (unlikely(try_grab_folio(page_folio(page), 1, flags)))
		return ERR_PTR(-ENOMEM);
	gup_touch(page, pte, flags);
	return page;
}

/*
 * The page at @address if the entry allows it: grabbed; NULL: fault it in;
 * ERR_PTR(-EMLINK): fault it in unsharing it; other errors: give up.
 */
static struct page *follow_page_pte(struct vm_area_struct *vma, unsigned long address,
				    pmd_t *pmd, unsigned int flags)
{
	struct page *page;
	spinlock_t *ptl;
	pte_t *ptep;

	ptep = pte_offset_map_lock(vma->vm_mm, pmd, address, &ptl);
	if (!ptep)
		return NULL;
	page = follow_locked_pte(vma, address, ptep_get(ptep), flags);
	pte_unmap_unlock(ptep, ptl);
	return page;
}

/* The same, whatever the PMD is. */
static struct page *follow_page_pmd(struct vm_area_struct *vma, unsigned long address,
				    unsigned int flags)
{
	pmd_t *pmd = mm_find_pmd(vma->vm_mm, address), val;
	struct page *page;
	spinlock_t *ptl;

	if (!pmd)
		return NULL;
	val = pmdp_get_lockless(pmd);
	if (!pmd_present(val))
		return NULL;
	if (!pmd_leaf(val))
		return follow_page_pte(vma, address, pmd, flags);
	if (flags & FOLL_SPLIT_PMD) {
		split_huge_pmd(vma, pmd, address);
		if (pte_alloc(vma->vm_mm, pmd))
			return ERR_PTR(-ENOMEM);
		return follow_page_pte(vma, address, pmd, flags);
	}
	ptl = pmd_lock(vma->vm_mm, pmd);
	val = pmdp_get(pmd);
	if (pmd_present(val) && pmd_leaf(val)) {
		page = follow_huge_pmd(vma, address, pmd, flags);
		spin_unlock(ptl);
		return page;
	}
	spin_unlock(ptl);
	return pmd_present(val) ? follow_page_pte(vma, address, pmd, flags) : NULL;
}

static int vm_fault_to_errno(vm_fault_t fault)
{
	return fault & VM_FAULT_OOM ? -ENOMEM : -EFAULT;
}

/*
 * Fault one page in. 0: look again; -EAGAIN, -EBUSY: mmap_lock was dropped
 * (*@locked is 0) or FOLL_NOWAIT; else an error.
 */
static int faultin_page(struct vm_area_struct *vma, unsigned long address,
			unsigned int flags, bool unshare, int *locked)
{
	unsigned int fault_flags = 0;
	vm_fault_t ret;

	if (flags & FOLL_NOFAULT)
		return -EFAULT;
	if (flags & FOLL_WRITE)
		fault_flags |= FAULT_FLAG_WRITE;
	if (flags & FOLL_REMOTE)
		fault_flags |= FAULT_FLAG_REMOTE;
	if (flags & FOLL_UNLOCKABLE) {
		fault_flags |= FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_KILLABLE;
		if (flags & FOLL_INTERRUPTIBLE)
			fault_flags |= FAULT_FLAG_INTERRUPTIBLE;
	}
	if (flags & FOLL_NOWAIT)
		fault_flags |= FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_RETRY_NOWAIT;
	if (flags & FOLL_TRIED)
		fault_flags |= FAULT_FLAG_TRIED;
	if (unshare) {
		fault_flags |= FAULT_FLAG_UNSHARE;
		VM_BUG_ON(fault_flags & FAULT_FLAG_WRITE);
	}
	ret = handle_mm_fault(vma, address, fault_flags, NULL);
	if (ret & VM_FAULT_COMPLETED) {
		*locked = 0;
		return -EAGAIN;
	}
	if (ret & VM_FAULT_ERROR)
		return vm_fault_to_errno(ret);
	if (ret & VM_FAULT_RETRY) {
		if (!(fault_flags & FAULT_FLAG_RETRY_NOWAIT))
			*locked = 0;
		return -EBUSY;
	}
	return 0;
}

/* May GUP go into this VMA at all? 0 or -EFAULT. */
static int check_vma_flags(struct vm_area_struct *vma, unsigned long gup_flags)
{
	vm_flags_t vm_flags = vma->vm_flags;

	if (vm_flags & (VM_IO | VM_PFNMAP))
		return -EFAULT;
	if ((gup_flags & FOLL_ANON) && !vma_is_anonymous(vma))
		return -EFAULT;
	if (gup_flags & FOLL_WRITE) {
		/* a long pin would dirty the page behind the file's back */
		if (!vma_is_anonymous(vma) && (gup_flags & FOLL_LONGTERM) &&
		    (gup_flags & FOLL_PIN) && vma_needs_dirty_tracking(vma))
			return -EFAULT;
		if (!(vm_flags & VM_WRITE)) {
			if (!(gup_flags & FOLL_FORCE) || !is_cow_mapping(vm_flags))
				return -EFAULT;
		}
	} else if (!(vm_flags & VM_READ)) {
		if (!(gup_flags & FOLL_FORCE) || !(vm_flags & VM_MAYREAD))
			return -EFAULT;
	}
	return 0;
}

/* One page, faulting as often as it takes; 1, or 0 or an error, *@locked as faultin. */
static long gup_one(struct vm_area_struct *vma, unsigned long start,
		    unsigned int gup_flags, struct page **slot, int *locked)
{
	struct page *page;
	int ret;

	for (;;) {
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		page = follow_page_pmd(vma, start, gup_flags);
		if (page && page != ERR_PTR(-EMLINK)) {
			if (IS_ERR(page))
				return PTR_ERR(page);
			if (slot)
				*slot = page;
			return 1;
		}
		ret = faultin_page(vma, start, gup_flags, page == ERR_PTR(-EMLINK),
				   locked);
		if (ret == -EBUSY || ret == -EAGAIN)
			return 0;
		if (ret)
			return ret;
	}
}

/*
 * As many pages as possible under one hold of mmap_lock. Returns how many (then
 * *@locked says whether the lock is still held), or an error if there was none.
 */
static long __get_user_pages(struct mm_struct *mm, unsigned long start,
			     unsigned long nr_pages, unsigned int gup_flags,
			     struct page **pages, int *locked)
{
	struct vm_area_struct *vma = NULL;
	unsigned long i;
	long ret = 0;

	VM_BUG_ON(!!pages != !!(gup_flags & (FOLL_GET | FOLL_PIN)));
	for (i = 0; i < nr_pages; i++, start += PAGE_SIZE) {
		if (!vma || start >= vma->vm_end) {
			vma = vma_lookup(mm, start);
			ret = vma ? check_vma_flags(vma, gup_flags) : -EFAULT;
			if (ret)
				break;
		}
		ret = gup_one(vma, start, gup_flags, pages ? pages + i : NULL, locked);
		if (ret != 1)
			break;
	}
	return i ? (long)i : ret;
}

/*
 * The loop around __get_user_pages() that takes mmap_lock again after a fault dropped
 * it. *@locked on entry: held by the caller; on return: held still.
 */
long __get_user_pages_locked(struct mm_struct *mm, unsigned long start,
			     unsigned long nr_pages, struct page **pages,
			     int *locked, unsigned int flags)
{
	bool must_unlock = false;
	long ret, done = 0;

	if (!nr_pages)
		return 0;
	if (!*locked) {
		if (mmap_read_lock_killable(mm))
			return -EAGAIN;
		must_unlock = true;
		*locked = 1;
	}
	if (flags & FOLL_PIN)
		mm_set_has_pinned(mm);
	if (pages && !(flags & FOLL_PIN))
		flags |= FOLL_GET;

	while (done < nr_pages) {
		ret = __get_user_pages(mm, start + (done << PAGE_SHIFT), nr_pages - done,
				       flags, pages ? pages + done : NULL, locked);
		if (ret > 0)
			done += ret;
		if (done == nr_pages)
			break;
		if (*locked) {
			/* a real end: an error, or FOLL_NOWAIT */
			if (!done)
				done = ret;
			break;
		}
		/* the lock was dropped to wait for a page: try that one again */
		must_unlock = true;
		flags |= FOLL_TRIED;
		if (fatal_signal_pending(current)) {
			if (!done)
				done = -EINTR;
			break;
		}
		if (mmap_read_lock_killable(mm)) {
			if (!done)
				done = -EAGAIN;
			break;
		}
		*locked = 1;
	}
	if (must_unlock && *locked) {
		mmap_read_unlock(mm);
		*locked = 0;
	}
	return done ? done : -EFAULT;
}

/* Check the caller's flags and add the internal ones. */
bool is_valid_gup_args(struct page **pages, int *locked, unsigned int *gup_flags_p,
		       unsigned int to_set)
{
	unsigned int gup_flags = *gup_flags_p;

	if (WARN_ON_ONCE(gup_flags & INTERNAL_GUP_FLAGS))
		return false;
	gup_flags |= to_set;
	if (locked)
		gup_flags |= FOLL_UNLOCKABLE;
	/* FOLL_GET and FOLL_PIN exclude each other */
	if (WARN_ON_ONCE((gup_flags & (FOLL_PIN | FOLL_GET)) == (FOLL_PIN | FOLL_GET)))
		return false;
	if (WARN_ON_ONCE((gup_flags & FOLL_LONGTERM) && !(gup_flags & FOLL_PIN)))
		return false;
	if (WARN_ON_ONCE((gup_flags & (FOLL_GET | FOLL_PIN)) && !pages))
		return false;
	*gup_flags_p = gup_flags;
	return true;
}

long get_user_pages_remote(struct mm_struct *mm, unsigned long start,
			   unsigned long nr_pages, unsigned int gup_flags,
			   struct page **pages, int *locked)
{
	int local_locked = 1;

	if (!is_valid_gup_args(pages, locked, &gup_flags, FOLL_TOUCH | FOLL_REMOTE))
		return -EINVAL;
	return __get_user_pages_locked(mm, start, nr_pages, pages,
				       locked ? locked : &local_locked, gup_flags);
}

long get_user_pages(unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages)
{
	int locked = 1;

	if (!is_valid_gup_args(pages, NULL, &gup_flags, FOLL_TOUCH))
		return -EINVAL;
	return __get_user_pages_locked(current->mm, start, nr_pages, pages, &locked,
				       gup_flags);
}

long get_user_pages_unlocked(unsigned long start, unsigned long nr_pages,
			     struct page **pages, unsigned int gup_flags)
{
	int locked = 0;

	if (!is_valid_gup_args(pages, NULL, &gup_flags, FOLL_TOUCH | FOLL_UNLOCKABLE))
		return -EINVAL;
	return __get_user_pages_locked(current->mm, start, nr_pages, pages, &locked,
				       gup_flags);
}

long pin_user_pages_remote(struct mm_struct *mm, unsigned long start,
			   unsigned long nr_pages, unsigned int gup_flags,
			   struct page **pages, int *locked)
{
	int local_locked = 1;

	if (!is_valid_gup_args(pages, locked, &gup_flags,
			       FOLL_PIN | FOLL_TOUCH | FOLL_REMOTE))
		return -EINVAL;
	return __get_user_pages_locked(mm, start, nr_pages, pages,
				       locked ? locked : &local_locked, gup_flags);
}

long pin_user_pages(unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages)
{
	int locked = 1;

	if (!is_valid_gup_args(pages, NULL, &gup_flags, FOLL_PIN))
		return -EINVAL;
	return __get_user_pages_locked(current->mm, start, nr_pages, pages, &locked,
				       gup_flags);
}

long pin_user_pages_unlocked(unsigned long start, unsigned long nr_pages,
			     struct page **pages, unsigned int gup_flags)
{
	int locked = 0;

	if (!is_valid_gup_args(pages, NULL, &gup_flags,
			       FOLL_PIN | FOLL_TOUCH | FOLL_UNLOCKABLE))
		return -EINVAL;
	return __get_user_pages_locked(current->mm, start, nr_pages, pages, &locked,
				       gup_flags);
}

void unpin_user_page(struct page *page)
{
	struct folio *folio = page_folio(page);

	/* a pinned anonymous page cannot have lost its exclusivity, or its PMD's */
	VM_BUG_ON_PAGE(!is_zero_folio(folio) && !folio_maybe_dma_pinned(folio), page);
	VM_BUG_ON_PAGE(folio_test_anon(folio) && folio_mapped(folio) &&
		       !PageAnonExclusive(page) && !PageAnonExclusive(&folio->page), page);
	gup_put_folio(folio, 1, FOLL_PIN);
}

void unpin_user_pages(struct page **pages, unsigned long npages)
{
	unsigned long i;

	for (i = 0; i < npages; i++)
		unpin_user_page(pages[i]);
}

void unpin_user_pages_dirty_lock(struct page **pages, unsigned long npages,
				 bool make_dirty)
{
	unsigned long i;

	for (i = 0; i < npages; i++) {
		if (make_dirty && !folio_test_dirty(page_folio(pages[i])))
			set_page_dirty_lock(pages[i]);
		unpin_user_page(pages[i]);
	}
}

/**
 * fixup_user_fault() - resolve a fault at an address by hand
 * @mm:		address space
 * @address:	address
 * @fault_flags: FAULT_FLAG_*
 * @unlocked:	may mmap_lock be dropped (and taken again)? Says whether it was; NULL: no
 *
 * Return: 0 or -Exxx. Context: mmap_lock held for reading, also on return.
 */
int fixup_user_fault(struct mm_struct *mm, unsigned long address,
		     unsigned int fault_flags, bool *unlocked)
{
	struct vm_area_struct *vma;
	vm_fault_t ret;

	if (unlocked)
		fault_flags |= FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_KILLABLE;
	for (;;) {
		vma = vma_lookup(mm, address);
		if (!vma)
			return -EFAULT;
		if (!(vma->vm_flags & (fault_flags & FAULT_FLAG_WRITE ? VM_WRITE : VM_READ)))
			return -EFAULT;
		ret = handle_mm_fault(vma, address, fault_flags, NULL);
		if (ret & VM_FAULT_ERROR)
			return vm_fault_to_errno(ret);
		if (!(ret & VM_FAULT_RETRY))
			return 0;
		mmap_read_lock(mm);
		*unlocked = true;
		if (fatal_signal_pending(current))
			return -EINTR;
		fault_flags |= FAULT_FLAG_TRIED;
	}
}
