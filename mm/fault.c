// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: hinting faults.
 *
 * A touch of a marked page tells which node uses it. The fault gives the entry its
 * meaning back, counts the page for the task, and asks the two-stage filter whether the
 * page should move: one sampled access from a node has some probability p of meaning
 * anything, two in a row have p squared of being chance. The page itself remembers the
 * last accessing CPU and task (last CPUPID); AutoNUMA adds nothing to it.
 *
 * Write permission. A marked entry does not say whether it was writable, and
 * vma->vm_page_prot does not say it either: every private mapping is read-only there,
 * because of copy-on-write. can_change_pte_writable() answers from what the mapping
 * and the page allow, which marking did not change: an entry that was writable belongs
 * to an exclusive anonymous page or to a dirty page of a shared mapping, and is
 * writable again. An entry is always restored before its page is moved, so that
 * the migration entry carries the permission to the new page. The same holds for the
 * entry of a huge page, see can_change_pmd_writable().
 */
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/cpuset.h>
#include <linux/memremap.h>
#include <linux/mempolicy.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/pgtable.h>
#include <linux/sched.h>
#include <linux/topology.h>
#include <linux/vmstat.h>
#include <trace/events/autonuma.h>

#include "autonuma.h"

/**
 * struct hint_fault - one hinting fault in progress
 * @vmf:	the fault
 * @mma:	statistics of the mm if the task faults on its own mm, or NULL
 * @cpu_nid:	node of the CPU that touched the page
 * @cpupid:	that CPU and task, as pages remember it
 * @met_cpupid:	another task that sampled one of the pages before, and its CPU; or -1
 * @run_nid:	node of the last @run_pages pages, not counted yet
 * @run_pages:	how many
 * @outcome:	what became of the last @heard_pages pages, which the mm's scan period has not heard
 *		of yet
 * @heard_pages: how many
 * @sampled:	the large folios sampled by this fault that its other entries may map,
 *		too: that of the touched entry, or the first, and the last one
 * @isolated:	folios to move to @cpu_nid when the page-table lock is released
 * @nr_isolated: how many pages these have
 */
struct hint_fault {
	struct vm_fault *vmf;
	struct mm_autonuma *mma;
	int cpu_nid;
	int cpupid;
	int met_cpupid;
	int run_nid;
	unsigned int run_pages;
	enum autonuma_outcome outcome;
	unsigned int heard_pages;
	struct folio *sampled[2];
	struct list_head isolated;
	unsigned int nr_isolated;
};

/*
 * Count the pages of the current run for the task. It may not have statistics yet: it gets
 * them at the pass after its mm.
 */
static void count_run(struct hint_fault *hf)
{
	/* Pairs with the release in give_counts(). */
	struct task_autonuma *ta = smp_load_acquire(&current->task_autonuma);
	struct mm_autonuma *mma = hf->mma;

	/* What a debugger touches ages nothing: the pass is another mm's. */
	if (ta)
		autonuma_counts_add(&ta->faults, mma ? READ_ONCE(mma->passes) : 0,
				    hf->run_nid, hf->run_pages);
	hf->run_pages = 0;
}

/* Count pages; neighbours are nearly always on one node, so they are counted together. */
static void count_pages(struct hint_fault *hf, int page_nid, unsigned int pages)
{
	if (page_nid != hf->run_nid && hf->run_pages)
		count_run(hf);
	hf->run_nid = page_nid;
	hf->run_pages += pages;
}

/* Tell the scan period what became of pages; of neighbours that is nearly always the same. */
static void hear_pages(struct hint_fault *hf, enum autonuma_outcome what, unsigned int pages)
{
	if (what != hf->outcome) {
		autonuma_hear(hf->mma, hf->outcome, hf->heard_pages);
		hf->heard_pages = 0;
	}
	hf->outcome = what;
	hf->heard_pages += pages;
}

/*
 * May a page of this mapping be placed on @target_nid? The faulting task's own policy
 * holds where the mapping has none.
 */
static bool policy_allows(struct vm_area_struct *vma, int target_nid)
{
	struct mempolicy *pol = vma_policy(vma);

	if (!vma_policy_mof(vma) || !node_isset(target_nid, cpuset_current_mems_allowed))
		return false;
	if (!pol)
		pol = current->mempolicy;
	/* Not MPOL_LOCAL, which names no node: such policies are without MPOL_F_MOF. */
	return !pol || node_isset(target_nid, pol->nodes);
}

/*
 * Two samples want the folio on the faulting CPU's node: queue it, or isolate it for
 * migration by this fault. The caller holds the page-table lock, which keeps the
 * folio mapped.
 */
static enum autonuma_drop request_move(struct hint_fault *hf, struct folio *folio)
{
	struct autonuma_queued item = {
		.pfn = folio_pfn(folio),
		.order = folio_order(folio),
		.mm_id = hf->mma ? hf->mma->id : 0,
	};
	enum autonuma_drop why = autonuma_movable(folio);
	long pages = folio_nr_pages(folio);

	lockdep_assert_held(hf->vmf->ptl);
	if (why == AUTONUMA_DROP_SHARED && hf->mma && !folio_test_anon(folio) &&
	    autonuma_group_agrees(hf->mma, folio_nid(folio), hf->cpu_nid))
		why = AUTONUMA_DROP_NONE;
	if (why)
		return why;
	if (autonuma_room(hf->cpu_nid) < hf->nr_isolated + pages)
		return AUTONUMA_DROP_NODE_FULL;
	if (autonuma_knob(migrate_async))
		return autonuma_queue_add(&item, hf->cpu_nid);
	if (!isolate_folio_to_list(folio, &hf->isolated))
		return AUTONUMA_DROP_OFF_LRU;
	hf->nr_isolated += pages;
	return AUTONUMA_DROP_NONE;
}

/*
 * The two-stage filter: did the sample before, @last, come from the same node? A page never
 * sampled before passes if the knob says so.
 */
static bool same_node_twice(struct hint_fault *hf, int last)
{
	if (autonuma_never_sampled(last))
		return autonuma_knob(migrate_allow_first_fault);
	return cpupid_to_nid(last) == hf->cpu_nid;
}

/*
 * Does the page want to the faulting CPU's node, and is it allowed to? Returns
 * AUTONUMA_NR_OUTCOMES then. Else: will the next sample move it? Yes if this one tells of a task
 * that has come from another node, or is the first one of all; else tasks on different nodes
 * share it.
 */
static enum autonuma_outcome passes_filter(struct hint_fault *hf, struct folio *folio, int last)
{
	if (folio_nid(folio) == hf->cpu_nid)
		return AUTONUMA_LOCAL;
	if (!policy_allows(hf->vmf->vma, hf->cpu_nid))
		return AUTONUMA_FORBIDDEN;
	if (same_node_twice(hf, last))
		return AUTONUMA_NR_OUTCOMES;
	if (autonuma_never_sampled(last) || cpupid_match_pid(current, last))
		return AUTONUMA_PENDING;
	return AUTONUMA_REMOTE;
}

/*
 * Several entries may map parts of one large folio. It is sampled once by a fault: two
 * samples of a single touch would pass the filter. Small folios, which are copies of single
 * parts, may lie between its parts.
 */
static bool already_sampled(struct hint_fault *hf, struct folio *folio)
{
	if (!folio_test_large(folio))
		return false;
	if (folio == hf->sampled[0] || folio == hf->sampled[1])
		return true;
	hf->sampled[hf->sampled[0] ? 1 : 0] = folio;
	return false;
}

/*
 * Two samples came from this node: may the folio follow? What a debugger touches is not
 * for the mm to know. If it may not, returns what became of it; else AUTONUMA_NR_OUTCOMES.
 */
static enum autonuma_outcome held_back(struct hint_fault *hf, struct folio *folio, int last)
{
	if (!hf->mma)
		return AUTONUMA_NR_OUTCOMES;
	return autonuma_held_back(hf->mma, hf->vmf->address, last, folio_nid(folio),
				  hf->cpu_nid, folio_nr_pages(folio));
}

/*
 * Take one sample: move the folio, leave it, or take its place in a queue away. The
 * caller holds the page-table lock. Returns what became of it; AUTONUMA_NR_OUTCOMES if that
 * is to be seen when it has moved, or has not.
 */
static enum autonuma_outcome sample_folio(struct hint_fault *hf, struct folio *folio)
{
	int last = folio_xchg_last_cpupid(folio, hf->cpupid), page_nid = folio_nid(folio);
	bool same = cpupid_match_pid(current, last);
	enum autonuma_outcome what;
	enum autonuma_drop why;

	lockdep_assert_held(hf->vmf->ptl);
	if (!autonuma_never_sampled(last)) {
		if (!same)
			hf->met_cpupid = last;
		if (hf->mma)
			autonuma_vote(hf->mma, hf->vmf->address, same);
	}
	what = passes_filter(hf, folio, last);
	if (what != AUTONUMA_NR_OUTCOMES) {
		autonuma_queue_cancel(folio_pfn(folio));
		return what;
	}
	what = held_back(hf, folio, last);
	if (what != AUTONUMA_NR_OUTCOMES)
		return what;

	why = request_move(hf, folio);
	if (!why) {
		if (hf->mma)
			autonuma_goes(hf->mma, page_nid, hf->cpu_nid, folio_nr_pages(folio));
		return AUTONUMA_NR_OUTCOMES;
	}
	autonuma_count_drop(why, folio_nr_pages(folio));
	trace_autonuma_drop(folio_pfn(folio), hf->cpu_nid, why);
	return AUTONUMA_STAYED;
}

/*
 * Sample what a restored entry maps, @pages of @folio, and count it: where it goes if it goes,
 * and not at all while that is open, or the task would follow memory that follows the task.
 * Returns the node of the pages, or NUMA_NO_NODE if they have none that matters.
 */
static int resolve_folio(struct hint_fault *hf, struct folio *folio, unsigned int pages)
{
	enum autonuma_outcome what = AUTONUMA_LOCAL;
	int page_nid;

	if (!folio || folio_is_zone_device(folio))
		return NUMA_NO_NODE;
	page_nid = folio_nid(folio);
	if (!already_sampled(hf, folio)) {
		what = sample_folio(hf, folio);
		if (what != AUTONUMA_NR_OUTCOMES)
			hear_pages(hf, what, folio_nr_pages(folio));
	}
	if (what != AUTONUMA_PENDING)
		count_pages(hf, what == AUTONUMA_NR_OUTCOMES ? hf->cpu_nid : page_nid, pages);
	return page_nid;
}

/**
 * autonuma_was_writable() - was an entry writable before it was marked?
 * @vma:	the mapping
 * @addr:	of the entry
 * @pte:	the entry, not marked any more
 *
 * Context: page-table lock held.
 */
VISIBLE_IF_KUNIT bool autonuma_was_writable(struct vm_area_struct *vma, unsigned long addr,
					    pte_t pte)
{
	KUNIT_STATIC_STUB_REDIRECT(autonuma_was_writable, vma, addr, pte);
	return (vma->vm_flags & VM_WRITE) && can_change_pte_writable(vma, addr, pte);
}

/*
 * Give a marked entry its meaning back. The caller holds the page-table lock and has seen
 * that the entry is marked. No TLB can hold a marked entry, so none is flushed.
 */
static pte_t restore_entry(struct hint_fault *hf, unsigned long addr, pte_t *ptep,
			   bool touched)
{
	struct vm_area_struct *vma = hf->vmf->vma;
	pte_t old = ptep_modify_prot_start(vma, addr, ptep);
	pte_t pte = pte_modify(old, vma->vm_page_prot);

	lockdep_assert_held(hf->vmf->ptl);
	if (touched)
		pte = pte_mkyoung(pte);
	if (autonuma_was_writable(vma, addr, pte))
		pte = pte_mkwrite(pte, vma);
	ptep_modify_prot_commit(vma, addr, ptep, old, pte);
	update_mmu_cache_range(hf->vmf, vma, addr, ptep, 1);
	return pte;
}

/* Restore one marked entry and sample its page. Returns the page's node or NUMA_NO_NODE. */
static int resolve_entry(struct hint_fault *hf, unsigned long addr, pte_t *ptep,
			 bool touched)
{
	pte_t pte = restore_entry(hf, addr, ptep, touched);

	return resolve_folio(hf, vm_normal_folio(hf->vmf->vma, addr, pte), 1);
}

/*
 * scan_pmd: the touch counts for the whole PMD range. Resolve its other marked entries,
 * as far as the mapping reaches. The caller holds the page-table lock, which is the same.
 */
static void resolve_neighbours(struct hint_fault *hf)
{
	struct vm_fault *vmf = hf->vmf;
	unsigned long pmd_start = vmf->address & PMD_MASK;
	unsigned long addr = max(pmd_start, vmf->vma->vm_start);
	unsigned long end = min(pmd_start + PMD_SIZE, vmf->vma->vm_end);
	pte_t *ptep = vmf->pte - ((vmf->address - addr) >> PAGE_SHIFT);

	lockdep_assert_held(vmf->ptl);
	for (; addr < end; addr += PAGE_SIZE, ptep++) {
		pte_t pte = ptep_get(ptep);

		if (pte_present(pte) && pte_protnone(pte))
			resolve_entry(hf, addr, ptep, false);
	}
}

/*
 * Whose fault is it? The caller holds the page-table lock, which keeps the task on its CPU and
 * the folios mapped.
 */
static inline void begin_fault(struct hint_fault *hf)
{
	struct mm_struct *mm = hf->vmf->vma->vm_mm;

	lockdep_assert_held(hf->vmf->ptl);
	hf->cpu_nid = numa_node_id();
	hf->cpupid = cpu_pid_to_cpupid(raw_smp_processor_id(), current->pid);
	hf->met_cpupid = -1;
	if (current->mm == mm) /* Pairs with the release in register_mm(). */
		hf->mma = smp_load_acquire(&mm->mm_autonuma);
}

/* Publish what begin_fault() and its successors found; the touched page is on @page_nid. */
static void account_fault(struct hint_fault *hf, int page_nid)
{
	if (hf->run_pages)
		count_run(hf);
	autonuma_hear(hf->mma, hf->outcome, hf->heard_pages);
	autonuma_count(AUTONUMA_HINT_FAULTS, 1);
	count_vm_numa_event(NUMA_HINT_FAULTS);
	if (page_nid == hf->cpu_nid) {
		autonuma_count(AUTONUMA_HINT_FAULTS_LOCAL, 1);
		count_vm_numa_event(NUMA_HINT_FAULTS_LOCAL);
	}
}

/*
 * The page-table lock is released: move what the fault isolated, and see whether the process
 * belongs together with the one that touched the pages before.
 */
static inline void end_fault(struct hint_fault *hf)
{
	unsigned int moved;

	if (hf->nr_isolated) {
		moved = autonuma_migrate_list(&hf->isolated, hf->cpu_nid);
		autonuma_hear(hf->mma, AUTONUMA_MOVED, moved);
		autonuma_hear(hf->mma, AUTONUMA_STAYED, hf->nr_isolated - moved);
	}
	if (hf->mma && hf->met_cpupid != -1)
		autonuma_group_meet(hf->mma, hf->vmf->vma, hf->vmf->address, hf->met_cpupid);
}

/**
 * autonuma_do_numa_page() - handle a hinting fault on a base page
 * @vmf:	the fault; orig_pte is marked, pte is mapped, ptl is not locked
 *
 * Restores the entry with the permissions it had, counts the access, and queues
 * or moves the page if it should be elsewhere. Does nothing if the entry changed
 * before it could be locked.
 *
 * Return: 0; the access is to be tried again.
 * Context: page fault, mmap_lock or VMA lock held. Unmaps vmf->pte. Sleeps only with
 * migrate_async off, to move pages.
 */
vm_fault_t autonuma_do_numa_page(struct vm_fault *vmf)
	__releases(RCU) /* by pte_unmap() */
{
	struct hint_fault hf = { .vmf = vmf, .run_nid = NUMA_NO_NODE };
	int page_nid;

	assert_fault_locked(vmf);
	INIT_LIST_HEAD(&hf.isolated);

	spin_lock(vmf->ptl);
	if (likely(pte_same(ptep_get(vmf->pte), vmf->orig_pte))) {
		begin_fault(&hf);
		page_nid = resolve_entry(&hf, vmf->address, vmf->pte, true);
		if (autonuma_knob(scan_pmd))
			resolve_neighbours(&hf);
		account_fault(&hf, page_nid);
	}
	pte_unmap_unlock(vmf->pte, vmf->ptl);

	end_fault(&hf);
	return 0;
}

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
/* restore_entry() for a huge page, which was touched. */
static pmd_t restore_huge_entry(struct hint_fault *hf, unsigned long addr, pmd_t *pmdp)
{
	struct vm_area_struct *vma = hf->vmf->vma;
	pmd_t pmd = pmd_mkyoung(pmd_modify(pmdp_get(pmdp), vma->vm_page_prot));

	if ((vma->vm_flags & VM_WRITE) && can_change_pmd_writable(vma, addr, pmd))
		pmd = pmd_mkwrite(pmd, vma);
	set_pmd_at(vma->vm_mm, addr, pmdp, pmd);
	update_mmu_cache_pmd(vma, addr, pmdp);
	return pmd;
}

/**
 * autonuma_do_huge_pmd_numa_page() - handle a hinting fault on a huge page
 * @vmf:	the fault; orig_pmd is marked, nothing is mapped or locked
 *
 * As autonuma_do_numa_page(), for all pages of the huge page at once.
 *
 * Return: 0; the access is to be tried again.
 * Context: page fault, mmap_lock or VMA lock held. Sleeps only with migrate_async off,
 * to move the page.
 */
vm_fault_t autonuma_do_huge_pmd_numa_page(struct vm_fault *vmf)
{
	struct hint_fault hf = { .vmf = vmf, .run_nid = NUMA_NO_NODE };
	unsigned long addr = vmf->address & HPAGE_PMD_MASK;
	struct vm_area_struct *vma = vmf->vma;
	pmd_t pmd;

	assert_fault_locked(vmf);
	INIT_LIST_HEAD(&hf.isolated);

	vmf->ptl = pmd_lock(vma->vm_mm, vmf->pmd);
	if (likely(pmd_same(pmdp_get(vmf->pmd), vmf->orig_pmd))) {
		begin_fault(&hf);
		pmd = restore_huge_entry(&hf, addr, vmf->pmd);
		account_fault(&hf, resolve_folio(&hf, vm_normal_folio_pmd(vma, addr, pmd),
						 HPAGE_PMD_NR));
	}
	spin_unlock(vmf->ptl);

	end_fault(&hf);
	return 0;
}
#endif /* CONFIG_TRANSPARENT_HUGEPAGE */
