// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: knuma_scand, which marks pages so that the next touch tells who uses them.
 *
 * A pass visits every registered mm once, in the order of the registry. After every
 * pages_to_scan units of work the daemon pauses for scan_sleep_millisecs, after a pass
 * until the first mm is due (see period.c); it holds no reference on anything while it
 * sleeps. Its place in an mm is mm_autonuma.address.
 *
 * Work is counted in what was looked at: one unit for a page-table entry, for
 * an unmapped range of a page-table page or more, and for a mapping that is left alone;
 * a huge page counts with all of its pages, and is marked at the PMD.
 *
 * Marking turns a present entry into a PROT_NONE one with every other meaning kept:
 * dirty, soft-dirty and young bits stay; the write permission is implied by mapping
 * and page, and the hinting fault gives it back (see fault.c).
 */
#include <linux/freezer.h>
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/ksm.h>
#include <linux/kthread.h>
#include <linux/memremap.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/mmu_notifier.h>
#include <linux/pagewalk.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <asm/tlbflush.h>
#include <trace/events/autonuma.h>

#include "autonuma.h"

/**
 * struct scan_walk - the walk over one range of one mapping
 * @mma:	the mm
 * @left:	work that may still be done; the walk ends when it is spent
 * @next:	first address not yet looked at
 * @marked:	entries marked in the mapping
 * @flush:	entries were marked that TLBs may know yet
 * @ptl:	page-table lock of the entries looked at
 */
struct scan_walk {
	struct mm_autonuma *mma;
	unsigned long left;
	unsigned long next;
	unsigned long marked;
	bool flush;
	spinlock_t *ptl;	/* see above */
};

/* knuma_scand's state; it alone uses it. */
static struct {
	unsigned long pass;		/* number of the pass in progress */
	unsigned long work;		/* done in it so far */
	unsigned long work_last;	/* done in the one before */
	bool kicked;			/* knuma_migrated was told its middle is reached */
} scand;

static struct task_struct *scand_task;

static DECLARE_WAIT_QUEUE_HEAD(scand_wait);

/* The daemon is the only user left: the process has exited. */
static bool mm_abandoned(struct mm_struct *mm)
{
	return atomic_read(&mm->mm_users) == 1;
}

/*
 * Why a mapping is left alone: its pages cannot move, its placement is the
 * program's own, or its pages are used by everybody.
 */
static enum autonuma_skip vma_skip_reason(struct vm_area_struct *vma)
{
	if (is_vm_hugetlb_page(vma))
		return AUTONUMA_SKIP_HUGETLB;
	if (vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP | VM_IO))
		return AUTONUMA_SKIP_SPECIAL;
	if (!vma_is_accessible(vma))
		return AUTONUMA_SKIP_INACCESSIBLE;
	if (vma_is_temporary_stack(vma))
		return AUTONUMA_SKIP_STACK;
	if (vma_is_dax(vma))
		return AUTONUMA_SKIP_DAX;
	if (!vma_migratable(vma) || !vma_policy_mof(vma))
		return AUTONUMA_SKIP_POLICY;
	if (vma->vm_file && (vma->vm_flags & (VM_READ | VM_WRITE)) == VM_READ)
		return AUTONUMA_SKIP_READONLY_FILE;
	return AUTONUMA_SKIP_NONE;
}

/*
 * Is the folio that a present entry maps worth marking? Zero (no folio), KSM and device
 * pages never move; pinned, shared copy-on-write and dirty page-cache pages
 * cannot be moved without waiting. The caller holds the page-table lock.
 */
static bool worth_marking(struct scan_walk *sw, struct vm_area_struct *vma,
			  struct folio *folio)
{
	lockdep_assert_held(sw->ptl);
	if (!folio || folio_is_zone_device(folio) || folio_test_ksm(folio))
		return false;
	if (is_cow_mapping(vma->vm_flags) &&
	    (folio_maybe_dma_pinned(folio) || folio_likely_mapped_shared(folio)))
		return false;
	return !folio_is_file_lru(folio) || !folio_test_dirty(folio);
}

/*
 * The pass found pages of a node. Those that are still marked were not touched since the last
 * pass; they are part of the working set only when the whole mm counts as that.
 */
static void count_found(struct mm_autonuma *mma, int page_nid, unsigned long pages, bool marked)
{
	if (!mma->there[page_nid])
		__node_set(page_nid, &mma->found_on);
	mma->there[page_nid] += pages;
	if (!mma->passes)
		autonuma_counts_add(mma->held, 0, page_nid, pages);
	if (!marked || !autonuma_knob(working_set))
		mma->found[page_nid] += pages;
}

/*
 * Look at one entry: count its page where it is, and mark it. The caller holds the page-table
 * lock.
 */
static void scan_pte(struct scan_walk *sw, struct vm_area_struct *vma,
		     unsigned long addr, pte_t *ptep)
{
	pte_t pte = ptep_get(ptep);
	struct folio *folio;

	lockdep_assert_held(sw->ptl);
	if (!pte_present(pte))
		return;
	folio = vm_normal_folio(vma, addr, pte);
	if (!worth_marking(sw, vma, folio))
		return;

	count_found(sw->mma, folio_nid(folio), 1, pte_protnone(pte));
	if (pte_protnone(pte))
		return;

	pte = ptep_modify_prot_start(vma, addr, ptep);
	ptep_modify_prot_commit(vma, addr, ptep, pte, pte_modify(pte, PAGE_NONE));
	sw->marked++;
}

/*
 * Scan the entries of one page-table page. A table that vanished meanwhile is looked up
 * again by the walk. Ends the walk when its work is done or the process is gone.
 */
static int scan_pte_range(pmd_t *pmd, unsigned long addr, unsigned long end,
			  struct mm_walk *walk)
{
	struct scan_walk *sw = walk->private;
	pte_t *start, *ptep;
	spinlock_t *ptl;	/* of the table, found with it */

	start = pte_offset_map_lock(walk->mm, pmd, addr, &ptl);
	if (!start) {
		walk->action = ACTION_AGAIN;
		return 0;
	}
	/* For sparse: pte_offset_map_lock() tells it of ptl only. */
	__acquire(RCU);
	sw->ptl = ptl;
	for (ptep = start; addr < end && sw->left; ptep++, addr += PAGE_SIZE) {
		scan_pte(sw, walk->vma, addr, ptep);
		sw->left--;
	}
	pte_unmap_unlock(start, ptl);

	sw->next = addr;
	cond_resched();
	return !sw->left || mm_abandoned(walk->mm);
}

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
/*
 * Look at one huge entry, as scan_pte() does at a small one. A huge page that somebody
 * migrates right now is left alone. The caller holds the page-table lock.
 */
static void scan_huge_pmd(struct scan_walk *sw, struct vm_area_struct *vma,
			  unsigned long addr, pmd_t *pmdp)
{
	pmd_t pmd = pmdp_get(pmdp);
	struct folio *folio;

	lockdep_assert_held(sw->ptl);
	if (!pmd_present(pmd))
		return;
	folio = vm_normal_folio_pmd(vma, addr, pmd);
	if (!worth_marking(sw, vma, folio))
		return;

	count_found(sw->mma, folio_nid(folio), HPAGE_PMD_NR, pmd_protnone(pmd));
	if (pmd_protnone(pmd))
		return;

	pmd = pmdp_invalidate_ad(vma, addr, pmdp);
	set_pmd_at(vma->vm_mm, addr, pmdp, pmd_modify(pmd, PAGE_NONE));
	count_vm_numa_event(NUMA_HUGE_PTE_UPDATES);
	sw->marked += HPAGE_PMD_NR;
}
#else
static void scan_huge_pmd(struct scan_walk *sw, struct vm_area_struct *vma,
			  unsigned long addr, pmd_t *pmdp)
{
}
#endif

/*
 * Called for every present PMD: scan the huge page or the table of entries there. A huge
 * page is marked whole, also when the walk begins inside: it was small before.
 */
static int scan_pmd_entry(pmd_t *pmd, unsigned long addr, unsigned long end,
			  struct mm_walk *walk)
{
	struct scan_walk *sw = walk->private;
	spinlock_t *ptl = pmd_trans_huge_lock(pmd, walk->vma);

	if (!ptl)
		return scan_pte_range(pmd, addr, end, walk);
	__acquire(ptl);	/* For sparse, which does not see what it returned. */
	sw->ptl = ptl;
	scan_huge_pmd(sw, walk->vma, addr & PMD_MASK, pmd);
	spin_unlock(ptl);

	walk->action = ACTION_CONTINUE;
	sw->left -= min_t(unsigned long, sw->left, PTRS_PER_PTE);
	sw->next = end;
	return !sw->left || mm_abandoned(walk->mm);
}

/* Called for every range without page tables, however large: one unit. */
static int scan_hole(unsigned long addr, unsigned long end, int depth,
		     struct mm_walk *walk)
{
	struct scan_walk *sw = walk->private;

	sw->left--;
	sw->next = end;
	return !sw->left;
}

static const struct mm_walk_ops scan_walk_ops = {
	.pmd_entry = scan_pmd_entry,
	.pte_hole = scan_hole,
	.walk_lock = PGWALK_RDLOCK,
};

/* Can a huge page of this mapping cover @addr? It lies in the mapping wholly. */
static bool huge_page_fits(struct vm_area_struct *vma, unsigned long addr)
{
	return (addr & PMD_MASK) >= vma->vm_start &&
	       (addr & PMD_MASK) + PMD_SIZE <= vma->vm_end;
}

/* Mark what @sw->left allows of a mapping, from address @sw->next on. */
static void scan_vma(struct scan_walk *sw, struct vm_area_struct *vma)
{
	unsigned long start = sw->next, end = vma->vm_end, first;
	struct mm_struct *mm = vma->vm_mm;
	struct mmu_notifier_range range;

	/*
	 * No more entries than work is left: the notifiers need not hear of them. A huge
	 * page is marked whole.
	 */
	if ((end - start) >> PAGE_SHIFT > sw->left)
		end = start + (sw->left << PAGE_SHIFT);
	if (huge_page_fits(vma, end))
		end = ALIGN(end, PMD_SIZE);
	first = huge_page_fits(vma, start) ? start & PMD_MASK : start;

	mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_VMA, 0, mm, first, end);
	mmu_notifier_invalidate_range_start(&range);
	if (!walk_page_range_vma(vma, start, end, &scan_walk_ops, sw))
		sw->next = end;
	mmu_notifier_invalidate_range_end(&range);
}

/* Skip or scan one mapping from @sw->next on; account for what was done. */
static void scan_or_skip_vma(struct scan_walk *sw, struct vm_area_struct *vma)
{
	enum autonuma_skip why = vma_skip_reason(vma);

	/* find_vma() semantics: the mapping may begin above where the scan stopped. */
	sw->next = max(sw->next, vma->vm_start);
	if (why == AUTONUMA_SKIP_NONE) {
		autonuma_group_prepare(sw->mma, vma);
		sw->marked = 0;
		scan_vma(sw, vma);
		sw->flush |= sw->marked;
		autonuma_count(AUTONUMA_PAGES_MARKED, sw->marked);
		count_vm_numa_events(NUMA_PTE_UPDATES, sw->marked);
	} else {
		trace_autonuma_skip(sw->mma->mm, vma->vm_start, vma->vm_end, why);
		sw->next = vma->vm_end;
		sw->left--;
	}
}

/* The pass has seen all of an mm: publish its page counts and begin new ones. */
static void finish_mm(struct mm_autonuma *mma)
{
	int nid;

	autonuma_pages_replace(mma, &mma->found_on, mma->found);
	mma->address = 0;
	WRITE_ONCE(mma->passes, mma->passes + 1);
	autonuma_spread_pass(mma);
	for_each_node_mask(nid, mma->found_on) {
		mma->found[nid] = 0;
		mma->there[nid] = 0;
	}
	nodes_clear(mma->found_on);
	autonuma_period_scanned(mma);
	autonuma_mm_done(mma, scand.pass);
}

/* It is not this mm's time yet. Costs one unit of work, so that many such mms take pauses. */
static unsigned long pass_over(struct mm_autonuma *mma)
{
	autonuma_mm_done(mma, scand.pass);
	trace_autonuma_scan_mm(mma->mm, 0, AUTONUMA_SKIP_PERIOD);
	return 1;
}

/*
 * Skip or scan mappings from @sw->next on, as many as work is left for. The mm says that a flush
 * is pending before the first entry changes, so that nobody takes a marked entry for one that no
 * TLB knows any more. One flush for all of them follows: each interrupts all CPUs of the
 * process, and many mappings have a few pages only. Returns true when all mappings are done.
 */
static bool scan_mappings(struct scan_walk *sw, struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	struct vma_iterator vmi;

	mmap_assert_locked(mm);
	inc_tlb_flush_pending(mm);
	vma_iter_init(&vmi, mm, sw->next);
	for_each_vma(vmi, vma) {
		if (!sw->left || mm_abandoned(mm))
			break;
		scan_or_skip_vma(sw, vma);
		if (sw->next < vma->vm_end)
			break;
	}
	if (sw->flush)
		flush_tlb_mm(mm);
	dec_tlb_flush_pending(mm);
	return !vma;
}

/*
 * Scan an mm for up to @budget units of work from where the last batch stopped. The
 * caller is a user of it.
 *
 * Return: the units done, at least one.
 */
static unsigned long scan_mm(struct mm_autonuma *mma, unsigned long budget)
{
	struct scan_walk sw = { .mma = mma, .left = budget, .next = mma->address };
	struct mm_struct *mm = mma->mm;
	unsigned long done;
	bool all;

	mmap_read_lock(mm);
	all = scan_mappings(&sw, mm);
	mmap_read_unlock(mm);

	/* An mm without mappings must not be free, or a pass could take forever. */
	done = max(budget - sw.left, 1UL);
	mma->address = sw.next;
	if (all)
		finish_mm(mma);
	trace_autonuma_scan_mm(mm, done, mm_abandoned(mm) ? AUTONUMA_SKIP_EXITING :
			       AUTONUMA_SKIP_NONE);
	autonuma_count(AUTONUMA_PAGES_SCANNED, done);
	return done;
}

/* Deferred migration starts when this pass has done half the work of the last one. */
static void kick_in_the_middle(void)
{
	if (scand.kicked || scand.work < scand.work_last / 2)
		return;
	scand.kicked = true;
	autonuma_migrate_kick();
}

/* Do one batch of a pass. Returns true when the pass is complete. */
static bool scan_batch(void)
{
	unsigned long left = autonuma_knob(pages_to_scan);
	struct mm_autonuma *mma;

	while (left) {
		unsigned long done;
		struct mm_struct *mm;

		mma = autonuma_next_mm(scand.pass);
		if (!mma)
			return true;
		mm = mma->mm;
		done = autonuma_period_due(mma) ? scan_mm(mma, left) : pass_over(mma);
		/* @mma is gone after this if everybody else left meanwhile. */
		mmput_async(mm);

		left -= min(left, done);
		scand.work += done;
		kick_in_the_middle();
		cond_resched();
	}
	return false;
}

static bool scand_may_run(void)
{
	return autonuma_enabled() || kthread_should_stop();
}

/* Sleep for a while, or until somebody wants the daemon to end. */
static void scand_sleep(unsigned int msecs)
{
	wait_event_freezable_timeout(scand_wait, kthread_should_stop(),
				     msecs_to_jiffies(msecs));
}

/*
 * Pages just faulted in sit in per-CPU batches, where they cannot be isolated, until
 * others push them out. Drain them so that a pass can move every page.
 */
static void begin_pass(void)
{
	scand.pass++;
	scand.work_last = scand.work;
	scand.work = 0;
	scand.kicked = false;
	lru_add_drain_all();
	autonuma_period_pass();
	trace_autonuma_pass_start(scand.pass);
}

/* Visit every registered mm once, with pauses. */
static void scan_pass(void)
{
	begin_pass();
	while (!scan_batch()) {
		scand_sleep(autonuma_knob(scan_sleep_millisecs));
		if (kthread_should_stop() || !autonuma_enabled()) {
			autonuma_period_now();
			return;
		}
	}
	/* A shorter pass than the last one never reached its middle. */
	scand.work_last = 0;
	kick_in_the_middle();

	autonuma_count(AUTONUMA_FULL_SCANS, 1);
	trace_autonuma_pass_end(scand.pass, scand.work);
	if (autonuma_knob(debug))
		pr_info("autonuma: pass %lu scanned %lu pages\n",
			scand.pass, scand.work);
}

/* The scan daemon. */
static int knuma_scand(void *unused)
{
	unsigned int look;

	set_freezable();

	while (!kthread_should_stop()) {
		wait_event_freezable(scand_wait, scand_may_run());
		if (kthread_should_stop())
			break;
		if (autonuma_find_processes(&look)) {
			if (autonuma_period_over())
				scan_pass();
			scand_sleep(min(autonuma_period_pause(), look));
		} else {
			scand_sleep(min(autonuma_knob(scan_sleep_pass_millisecs), look));
		}
	}
	return 0;
}

/**
 * autonuma_scan_wake() - AutoNUMA was just enabled
 */
void autonuma_scan_wake(void)
{
	wake_up_interruptible(&scand_wait);
}

/**
 * autonuma_scan_init() - start knuma_scand
 *
 * Return: 0 or -Exxx.
 */
int __init autonuma_scan_init(void)
{
	memset(&scand, 0, sizeof(scand));
	scand_task = kthread_run(knuma_scand, NULL, "knuma_scand");
	return PTR_ERR_OR_ZERO(scand_task);
}

/**
 * autonuma_scan_exit() - undo autonuma_scan_init()
 */
void __init autonuma_scan_exit(void)
{
	kthread_stop(scand_task);
}
