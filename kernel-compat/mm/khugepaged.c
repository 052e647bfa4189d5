// SPDX-License-Identifier: GPL-2.0
/*
 * khugepaged: looks for ranges to collapse, in one address space after the other.
 *
 * An mm is registered when a VMA of it may have huge pages (MMF_VM_HUGEPAGE), and the
 * slot holds a reference on the mm_struct, not on its pages.  The daemon's cursor is one
 * slot and an address in it.  Whoever exits takes his slot away, unless the cursor is
 * there; then the daemon does it, and exit waits with mmap_lock until the daemon is out
 * of its page tables.
 *
 * khugepaged_mm_lock protects the slots and the cursor's slot; the cursor's address is
 * the daemon's alone.
 */
#include <linux/freezer.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <machine/cost.h>
#include <machine/machine.h>
#include <mm/collapse.h>
#include <mm/khugepaged.h>

struct mm_slot {
	struct list_head mm_node;	/* in the order of scanning */
	struct mm_struct *mm;
};

static struct kmem_cache *mm_slot_cache;
static DEFINE_SPINLOCK(khugepaged_mm_lock);
static DEFINE_MUTEX(khugepaged_mutex);		/* starting and stopping */
static DECLARE_WAIT_QUEUE_HEAD(khugepaged_wait);
static struct task_struct *khugepaged_thread;
static struct collapse_control khugepaged_collapse_control;

static void khugepaged_start_fn(struct work_struct *work)
{
	start_stop_khugepaged();
}
static DECLARE_WORK(khugepaged_start_work, khugepaged_start_fn);

/* Where the daemon is: the slot, NULL between two rounds, and the next address. */
static struct {
	struct list_head mm_head;
	struct mm_slot *mm_slot;
	unsigned long address;
} khugepaged_scan = {
	.mm_head = LIST_HEAD_INIT(khugepaged_scan.mm_head),
};

struct khugepaged_knobs khugepaged_knobs;
unsigned int khugepaged_max_ptes_none;
unsigned int khugepaged_max_ptes_swap;
unsigned int khugepaged_max_ptes_shared;
static unsigned long khugepaged_sleep_expire;	/* jiffies */

static bool hugepage_pmd_enabled(void)
{
	return test_bit(PMD_ORDER, &huge_anon_orders_always) ||
	       test_bit(PMD_ORDER, &huge_anon_orders_madvise) ||
	       (test_bit(PMD_ORDER, &huge_anon_orders_inherit) &&
		hugepage_global_enabled());
}

/*
 * In the kernel there is a hash by address, too. Here buckets would be shared by chance, and a run
 * would not be the same at other addresses.
 */
static struct mm_slot *mm_slot_lookup(struct mm_struct *mm)
{
	struct mm_slot *slot;

	lockdep_assert_held(&khugepaged_mm_lock);
	list_for_each_entry(slot, &khugepaged_scan.mm_head, mm_node)
		if (slot->mm == mm)
			return slot;
	return NULL;
}

void __khugepaged_enter(struct mm_struct *mm)
{
	struct mm_slot *slot;
	bool wakeup;

	VM_BUG_ON_MM(hpage_collapse_test_exit(mm), mm);
	if (test_and_set_bit(MMF_VM_HUGEPAGE, &mm->flags))
		return;
	slot = kmem_cache_zalloc(mm_slot_cache, GFP_KERNEL);
	if (!slot)
		return;		/* it is never scanned */
	slot->mm = mm;

	spin_lock(&khugepaged_mm_lock);
	wakeup = list_empty(&khugepaged_scan.mm_head);
	/* behind the cursor, so that it can settle for a while */
	list_add_tail(&slot->mm_node, &khugepaged_scan.mm_head);
	spin_unlock(&khugepaged_mm_lock);

	mmgrab(mm);
	if (wakeup) {
		wake_up_interruptible(&khugepaged_wait);
		/* not from here: mmap_lock is held, which the daemon takes too */
		schedule_work(&khugepaged_start_work);
	}
}

void khugepaged_enter_vma(struct vm_area_struct *vma, unsigned long vm_flags)
{
	if (!test_bit(MMF_VM_HUGEPAGE, &vma->vm_mm->flags) && hugepage_pmd_enabled() &&
	    thp_vma_allowable_order(vma, vm_flags, TVA_ENFORCE_SYSFS, PMD_ORDER))
		__khugepaged_enter(vma->vm_mm);
}

static void remove_slot(struct mm_slot *slot)
{
	lockdep_assert_held(&khugepaged_mm_lock);
	list_del(&slot->mm_node);
}

/* The address space ends: mm_users is zero, page tables are there yet. */
void __khugepaged_exit(struct mm_struct *mm)
{
	struct mm_slot *slot;
	bool in_use = false;

	spin_lock(&khugepaged_mm_lock);
	slot = mm_slot_lookup(mm);
	if (slot) {
		in_use = khugepaged_scan.mm_slot == slot;
		if (!in_use)
			remove_slot(slot);
	}
	spin_unlock(&khugepaged_mm_lock);

	if (slot && !in_use) {
		clear_bit(MMF_VM_HUGEPAGE, &mm->flags);
		kmem_cache_free(mm_slot_cache, slot);
		mmdrop(mm);
	} else if (in_use) {
		/* The daemon sees mm_users under mmap_lock, and drops the slot then. */
		mmap_write_lock(mm);
		mmap_write_unlock(mm);
	}
}

/* Free the slot of an mm that has ended while the cursor was there. */
static void collect_mm_slot(struct mm_slot *slot)
{
	struct mm_struct *mm = slot->mm;

	lockdep_assert_held(&khugepaged_mm_lock);
	if (!hpage_collapse_test_exit(mm))
		return;
	remove_slot(slot);
	kmem_cache_free(mm_slot_cache, slot);
	mmdrop(mm);
}

/*
 * Ranges of one VMA from the cursor on, as long as @pages are not used up. Returns false
 * when mmap_lock was dropped, and with it the right to look at VMAs.
 */
static bool scan_vma(struct vm_area_struct *vma, unsigned int pages,
		     unsigned int *progress, enum scan_result *result,
		     struct collapse_control *cc)
{
	unsigned long hstart = round_up(vma->vm_start, HPAGE_PMD_SIZE);
	unsigned long hend = round_down(vma->vm_end, HPAGE_PMD_SIZE);
	struct mm_struct *mm = vma->vm_mm;
	bool mmap_locked = true;

	if (khugepaged_scan.address < hstart)
		khugepaged_scan.address = hstart;
	while (khugepaged_scan.address < hend && *progress < pages) {
		cond_resched();
		if (hpage_collapse_test_exit_or_disable(mm))
			break;
		*result = hpage_collapse_scan_pmd(mm, vma, khugepaged_scan.address,
						  &mmap_locked, cc);
		if (*result == SCAN_SUCCEED)
			WRITE_ONCE(khugepaged_knobs.pages_collapsed,
				   khugepaged_knobs.pages_collapsed + 1);
		khugepaged_scan.address += HPAGE_PMD_SIZE;
		*progress += HPAGE_PMD_NR;
		if (!mmap_locked)
			return false;
	}
	return true;
}

/*
 * VMAs of @mm from the cursor on. Returns whether the mm is done with. mmap_lock is held
 * for reading, and dropped.
 */
static bool scan_mm(struct mm_struct *mm, unsigned int pages, unsigned int *progress,
		    enum scan_result *result, struct collapse_control *cc)
{
	struct vm_area_struct *vma;
	struct vma_iterator vmi;

	++*progress;
	vma_iter_init(&vmi, mm, khugepaged_scan.address);
	for_each_vma(vmi, vma) {
		cond_resched();
		if (hpage_collapse_test_exit_or_disable(mm))
			break;
		if (khugepaged_scan.address > round_down(vma->vm_end, HPAGE_PMD_SIZE) ||
		    !thp_vma_allowable_order(vma, vma->vm_flags, TVA_ENFORCE_SYSFS,
					     PMD_ORDER)) {
			++*progress;
			continue;
		}
		if (!scan_vma(vma, pages, progress, result, cc))
			return false;
		if (*progress >= pages)
			break;
	}
	mmap_read_unlock(mm);
	return !vma;
}

/* The slot that the cursor is at, or the first; khugepaged_mm_lock is held. */
static struct mm_slot *current_slot(void)
{
	if (!khugepaged_scan.mm_slot) {
		khugepaged_scan.mm_slot = list_first_entry(&khugepaged_scan.mm_head,
							   struct mm_slot, mm_node);
		khugepaged_scan.address = 0;
	}
	return khugepaged_scan.mm_slot;
}

/* On to the next slot. Exit finds the cursor elsewhere from now on. */
static void leave_slot(struct mm_slot *slot)
{
	if (list_is_last(&slot->mm_node, &khugepaged_scan.mm_head)) {
		khugepaged_scan.mm_slot = NULL;
		WRITE_ONCE(khugepaged_knobs.full_scans, khugepaged_knobs.full_scans + 1);
	} else {
		khugepaged_scan.mm_slot = list_next_entry(slot, mm_node);
		khugepaged_scan.address = 0;
	}
	collect_mm_slot(slot);
}

/* Scan up to @pages pages of one mm; returns how many. */
static unsigned int scan_mm_slot(unsigned int pages, enum scan_result *result,
				 struct collapse_control *cc)
	__releases(&khugepaged_mm_lock)
	__acquires(&khugepaged_mm_lock)
{
	struct mm_slot *slot;
	unsigned int progress = 0;
	struct mm_struct *mm;
	bool done = true;

	lockdep_assert_held(&khugepaged_mm_lock);
	*result = SCAN_FAIL;
	slot = current_slot();
	mm = slot->mm;
	spin_unlock(&khugepaged_mm_lock);

	/* no waiting: there may be others */
	if (mmap_read_trylock(mm))
		done = scan_mm(mm, pages, &progress, result, cc);

	spin_lock(&khugepaged_mm_lock);
	VM_BUG_ON(khugepaged_scan.mm_slot != slot);
	if (done || hpage_collapse_test_exit(mm))
		leave_slot(slot);
	return progress;
}

static bool khugepaged_has_mms(void)
{
	bool empty;

	spin_lock(&khugepaged_mm_lock);
	empty = list_empty(&khugepaged_scan.mm_head);
	spin_unlock(&khugepaged_mm_lock);
	return !empty;
}

static bool khugepaged_has_work(void)
{
	return hugepage_pmd_enabled() && khugepaged_has_mms();
}

static bool khugepaged_should_wakeup(void)
{
	return kthread_should_stop() ||
	       time_after_eq(jiffies, READ_ONCE(khugepaged_sleep_expire));
}

/* Sleep, unless a knob is written or the daemon shall stop. */
static void khugepaged_sleep(unsigned int msecs)
{
	WRITE_ONCE(khugepaged_sleep_expire, jiffies + msecs_to_jiffies(msecs));
	wait_event_freezable_timeout(khugepaged_wait, khugepaged_should_wakeup(),
				     msecs_to_jiffies(msecs));
}

/* A knob about sleeping was written. */
void khugepaged_wake(void)
{
	WRITE_ONCE(khugepaged_sleep_expire, jiffies);
	wake_up_interruptible(&khugepaged_wait);
}

/* One round of pages_to_scan pages, at most once through all mms. */
static void khugepaged_do_scan(struct collapse_control *cc)
{
	unsigned int pages = READ_ONCE(khugepaged_knobs.pages_to_scan);
	unsigned int progress = 0, pass_through_head = 0;
	enum scan_result result = SCAN_SUCCEED;
	bool waited = false;

	lru_add_drain_all();
	while (progress < pages && !kthread_should_stop()) {
		cond_resched();
		if (!khugepaged_has_work())
			break;
		spin_lock(&khugepaged_mm_lock);
		if (!khugepaged_scan.mm_slot)
			pass_through_head++;
		if (pass_through_head < 2 && !list_empty(&khugepaged_scan.mm_head))
			progress += scan_mm_slot(pages - progress, &result, cc);
		else
			progress = pages;
		spin_unlock(&khugepaged_mm_lock);

		if (progress < pages && result == SCAN_ALLOC_HUGE_PAGE_FAIL) {
			/* once it may help to wait */
			if (waited)
				break;
			waited = true;
			khugepaged_sleep(READ_ONCE(khugepaged_knobs.alloc_sleep_millisecs));
		}
	}
}

static void khugepaged_wait_work(void)
{
	unsigned int msecs = READ_ONCE(khugepaged_knobs.scan_sleep_millisecs);

	if (!khugepaged_has_work())
		wait_event_freezable(khugepaged_wait, khugepaged_has_work() ||
				     kthread_should_stop());
	else if (msecs)
		khugepaged_sleep(msecs);
}

static int khugepaged(void *none)
{
	struct mm_slot *slot;

	set_freezable();
	set_user_nice(current, MAX_NICE);
	while (!kthread_should_stop()) {
		khugepaged_do_scan(&khugepaged_collapse_control);
		/* without a sleep only this makes time pass, when nothing can be done */
		cost_charge(COST_SWITCH, 1);
		cond_resched();
		khugepaged_wait_work();
	}

	spin_lock(&khugepaged_mm_lock);
	slot = khugepaged_scan.mm_slot;
	khugepaged_scan.mm_slot = NULL;
	if (slot)
		collect_mm_slot(slot);
	spin_unlock(&khugepaged_mm_lock);
	return 0;
}

bool current_is_khugepaged(void)
{
	return (current->flags & PF_KTHREAD) && kthread_func(current) == khugepaged;
}

static int start_khugepaged(void)
{
	struct task_struct *task;

	lockdep_assert_held(&khugepaged_mutex);
	if (khugepaged_thread || !khugepaged_has_mms())
		return 0;
	task = kthread_run(khugepaged, NULL, "khugepaged");
	if (IS_ERR(task)) {
		pr_err("khugepaged: kthread_run(khugepaged) failed\n");
		return PTR_ERR(task);
	}
	khugepaged_thread = task;
	return 0;
}

static void stop_khugepaged(void)
{
	lockdep_assert_held(&khugepaged_mutex);
	if (khugepaged_thread)
		kthread_stop(khugepaged_thread);
	khugepaged_thread = NULL;
}

int start_stop_khugepaged(void)
{
	int err = 0;

	mutex_lock(&khugepaged_mutex);
	if (hugepage_pmd_enabled())
		err = start_khugepaged();
	else
		stop_khugepaged();
	mutex_unlock(&khugepaged_mutex);
	/* what is allowed has changed */
	wake_up_interruptible(&khugepaged_wait);
	return err;
}

static int khugepaged_boot(const struct machine_config *cfg)
{
	khugepaged_knobs = (struct khugepaged_knobs) {
		.pages_to_scan = HPAGE_PMD_NR * 8,
		.scan_sleep_millisecs = 10000,
		.alloc_sleep_millisecs = 60000,
	};
	khugepaged_max_ptes_none = HPAGE_PMD_NR - 1;
	khugepaged_max_ptes_swap = HPAGE_PMD_NR / 8;
	khugepaged_max_ptes_shared = HPAGE_PMD_NR / 2;
	khugepaged_collapse_control.is_khugepaged = true;
	mm_slot_cache = KMEM_CACHE(mm_slot, 0);
	return mm_slot_cache ? 0 : -ENOMEM;
}

static void khugepaged_down(void)
{
	cancel_work_sync(&khugepaged_start_work);
	mutex_lock(&khugepaged_mutex);
	stop_khugepaged();
	mutex_unlock(&khugepaged_mutex);
}

static void khugepaged_halt(void)
{
	kmem_cache_destroy(mm_slot_cache);
	mm_slot_cache = NULL;
	INIT_LIST_HEAD(&khugepaged_scan.mm_head);
	khugepaged_scan.mm_slot = NULL;
}
MACHINE_SUBSYS(khugepaged, MACHINE_ORDER_VM, khugepaged_boot, NULL, khugepaged_halt);
/* Down before the kthreads that are left are stopped. */
MACHINE_SUBSYS(khugepaged_daemon, MACHINE_ORDER_INITCALLS + 2, NULL, khugepaged_down, NULL);
