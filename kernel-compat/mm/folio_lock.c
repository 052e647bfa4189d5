// SPDX-License-Identifier: GPL-2.0
/*
 * The folio lock, and waiting for folio flags.
 *
 * Waiters queue in a hashed table of lists, first come first served.  When a flag is
 * cleared, all plain waiters of that folio and flag up to the first lock waiter are
 * woken, and one lock waiter.  A lock waiter that lost the race for the freed lock
 * several times asks for hand-over: then the unlocking task takes the lock for it.
 *
 * A waiter sets PG_waiters, under its list's lock, before it looks at the flag again;
 * unlocking clears PG_locked and reads PG_waiters in one atomic operation.  So either
 * the waiter sees the lock free or the unlocker sees the waiter.
 *
 * The owner's pid is kept in the upper half of folio->memcg_data (the lower half counts
 * TLB entries, see asm/tlbflush.h).
 */
#include <linux/hash.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/swapops.h>
#include <machine/inject.h>
#include <machine/machine.h>
#include <machine/violation.h>
#include <engine/engine.h>
#include <lock/folio.h>
#include <mm/huge_split.h>

#define FOLIO_WAIT_BITS		8
#define FOLIO_WAIT_BUCKETS	(1 << FOLIO_WAIT_BITS)
#define LOCK_UNFAIRNESS		5	/* lost races before hand-over, as the kernel's default */

enum {
	WAIT_EXCLUSIVE	= 1,	/* wants the lock */
	WAIT_HANDOVER	= 2,	/* wants it to be taken for it */
	WAIT_WOKEN	= 4,
	WAIT_DONE	= 8,	/* has the lock, or need not wait */
};

struct folio_waiter {
	struct list_head node;
	struct folio *folio;
	int bit;
	unsigned int flags;
	unsigned int state;
	struct task_struct *task;
};

static struct folio_wait_bucket {
	spinlock_t lock;
	struct list_head waiters;
} folio_wait_table[FOLIO_WAIT_BUCKETS];

/* By frame number: which folios share a lock does not depend on the host's addresses. */
static struct folio_wait_bucket *bucket_of(struct folio *folio)
{
	return &folio_wait_table[hash_64(folio_pfn(folio), FOLIO_WAIT_BITS)];
}

static unsigned long folio_flags_acquire(struct folio *folio)
{
	return smp_load_acquire(&folio->flags);
}

static u32 *owner_word(struct folio *folio)
{
	return (u32 *)&folio->memcg_data + 1;
}

static void set_owner(struct folio *folio, struct task_struct *task)
{
	__atomic_store_n(owner_word(folio), task ? task->pid : 0, __ATOMIC_RELAXED);
}

pid_t folio_lock_owner(struct folio *folio)
{
	return __atomic_load_n(owner_word(folio), __ATOMIC_RELAXED);
}

/* One attempt at what @w waits for. Under the bucket's lock. */
static bool waiter_try(struct folio_waiter *w)
{
	if (w->flags & WAIT_EXCLUSIVE) {
		if (test_and_set_bit_lock(w->bit, &w->folio->flags))
			return false;
		set_owner(w->folio, w->task);
	} else if (folio_flags_acquire(w->folio) & BIT(w->bit)) {
		return false;
	}
	w->flags |= WAIT_WOKEN | WAIT_DONE;
	return true;
}

/* May @w be woken now? Takes the lock for it if it asked for that. */
static bool waiter_ready(struct folio_waiter *w)
{
	if (!(w->flags & WAIT_EXCLUSIVE))
		return true;
	if (!(w->flags & WAIT_HANDOVER))
		return !(folio_flags_acquire(w->folio) & BIT(w->bit));
	if (test_and_set_bit_lock(w->bit, &w->folio->flags))
		return false;
	set_owner(w->folio, w->task);
	WRITE_ONCE(w->flags, w->flags | WAIT_DONE);
	return true;
}

/* Wake who waits for @bit_nr of @folio; clears PG_waiters when nobody is left. */
static void folio_wake_bit(struct folio *folio, int bit_nr)
{
	struct folio_wait_bucket *b = bucket_of(folio);
	struct folio_waiter *w, *next;
	bool stop = false, left = false;
	unsigned long flags;

	spin_lock_irqsave(&b->lock, flags);
	list_for_each_entry_safe(w, next, &b->waiters, node) {
		bool exclusive = w->flags & WAIT_EXCLUSIVE;

		if (w->folio != folio)
			continue;
		if (w->bit != bit_nr || stop || !waiter_ready(w)) {
			left = true;
			stop |= w->bit == bit_nr;
			continue;
		}
		list_del_init(&w->node);
		/* pairs with the acquire in folio_wait_common() */
		smp_store_release(&w->flags, w->flags | WAIT_WOKEN);
		wake_up_state(w->task, w->state);
		stop |= exclusive;
	}
	if (!left)
		clear_bit(PG_waiters, &folio->flags);
	spin_unlock_irqrestore(&b->lock, flags);
}

/* Queue @w unless what it waits for is there already. */
static void waiter_queue(struct folio_waiter *w)
{
	struct folio_wait_bucket *b = bucket_of(w->folio);

	spin_lock_irq(&b->lock);
	set_bit(PG_waiters, &w->folio->flags);
	if (!waiter_try(w))
		list_add_tail(&w->node, &b->waiters);
	spin_unlock_irq(&b->lock);
}

/* Take @w off its list; afterwards nobody refers to it. */
static void waiter_finish(struct folio_waiter *w)
{
	struct folio_wait_bucket *b = bucket_of(w->folio);

	__set_current_state(TASK_RUNNING);
	spin_lock_irq(&b->lock);
	if (!list_empty(&w->node))
		list_del_init(&w->node);
	spin_unlock_irq(&b->lock);
}

/* Sleep until @w was woken; -EINTR when a signal that @w->state allows came first. */
static int waiter_sleep(struct folio_waiter *w)
{
	int ret = 0;

	lock_wait_for_folio(w->folio, READ_ONCE(w->flags) & WAIT_EXCLUSIVE, w->state);
	for (;;) {
		set_current_state(w->state);
		if (smp_load_acquire(&w->flags) & WAIT_WOKEN)
			break;
		if (signal_pending_state(w->state, current)) {
			ret = -EINTR;
			break;
		}
		io_schedule();
	}
	lock_wait_over();
	return ret;
}

static bool try_lock(struct folio *folio)
{
	exec_point(EXEC_POINT_LOCK, folio);
	if (test_and_set_bit_lock(PG_locked, &folio->flags))
		return false;
	set_owner(folio, current);
	return true;
}

/*
 * Wait until @bit_nr is clear, or take it if @exclusive. Returns 0, or -EINTR if
 * @state allows signals.
 */
static int folio_wait_common(struct folio *folio, int bit_nr, unsigned int state,
			     bool exclusive)
{
	struct folio_waiter w = {
		.folio = folio, .bit = bit_nr, .state = state, .task = current,
	};
	int unfairness = LOCK_UNFAIRNESS, err;

	might_sleep();
	for (;;) {
		INIT_LIST_HEAD(&w.node);
		w.flags = exclusive ? WAIT_EXCLUSIVE : 0;
		if (exclusive && --unfairness < 0)
			w.flags |= WAIT_HANDOVER;
		waiter_queue(&w);
		err = waiter_sleep(&w);
		waiter_finish(&w);
		if (err) {
			if (!(w.flags & WAIT_WOKEN))
				return err;
			if (!exclusive || (w.flags & WAIT_DONE))
				return 0;
			folio_wake_bit(folio, bit_nr);	/* the wake-up was meant for one */
			return err;
		}
		if (!exclusive || (w.flags & WAIT_DONE) || try_lock(folio))
			return 0;
	}
}

bool folio_trylock(struct folio *folio)
{
	if (inject_fail(INJECT_TRYLOCK) || !try_lock(folio))
		return false;
	lock_folio_enter(folio, true);
	return true;
}

void folio_lock_inherit(struct folio *part)
{
	VM_BUG_ON_FOLIO(!folio_test_locked(part), part);
	set_owner(part, current);
	lock_folio_split();
}

static void check_recursion(struct folio *folio)
{
	if (folio_lock_owner(folio) == current->pid && current->pid)
		violation(VIOLATION_LOCK_RECURSION, "folio lock of pfn %#lx is held already",
			  folio_pfn(folio));
}

/* All ways to lock that may wait. 0, or -EINTR as @state allows. */
static int lock_common(struct folio *folio, unsigned int state)
{
	int err;

	might_sleep();
	check_recursion(folio);
	lock_folio_enter(folio, false);
	if (try_lock(folio))
		return 0;
	err = folio_wait_common(folio, PG_locked, state, true);
	if (err)
		lock_folio_leave(folio);
	return err;
}

void __folio_lock(struct folio *folio)
{
	lock_common(folio, TASK_UNINTERRUPTIBLE);
}

int __folio_lock_killable(struct folio *folio)
{
	return lock_common(folio, TASK_KILLABLE);
}

void folio_lock(struct folio *folio)
{
	lock_common(folio, TASK_UNINTERRUPTIBLE);
}

int folio_lock_killable(struct folio *folio)
{
	return lock_common(folio, TASK_KILLABLE);
}

void folio_unlock(struct folio *folio)
{
	pid_t owner = folio_lock_owner(folio);
	unsigned long old;

	if (!folio_test_locked(folio))
		violation(VIOLATION_LOCK_UNHELD, "unlock of unlocked folio, pfn %#lx",
			  folio_pfn(folio));
	if (owner && owner != current->pid)
		violation(VIOLATION_LOCK_OWNER, "folio of pfn %#lx is locked by pid %d",
			  folio_pfn(folio), owner);
	if (owner)
		lock_folio_leave(folio);
	set_owner(folio, NULL);
	old = atomic_long_fetch_andnot_release(BIT(PG_locked),
					       (atomic_long_t *)&folio->flags);
	if (old & BIT(PG_waiters))
		folio_wake_bit(folio, PG_locked);
	exec_point(EXEC_POINT_UNLOCK, folio);
}

vm_fault_t folio_lock_or_retry(struct folio *folio, struct vm_fault *vmf)
{
	might_sleep();
	if (!try_lock(folio))
		return __folio_lock_or_retry(folio, vmf);
	lock_folio_enter(folio, true);
	return 0;
}

/*
 * Lock for a fault. When the fault may be retried, wait without mmap_lock and without
 * the lock, and return VM_FAULT_RETRY: the retry takes the lock itself.
 */
vm_fault_t __folio_lock_or_retry(struct folio *folio, struct vm_fault *vmf)
{
	unsigned int flags = vmf->flags;

	if (fault_flag_allow_retry_first(flags)) {
		if (flags & FAULT_FLAG_RETRY_NOWAIT)
			return VM_FAULT_RETRY;
		mmap_read_unlock(vmf->vma->vm_mm);
		if (flags & FAULT_FLAG_KILLABLE)
			folio_wait_locked_killable(folio);
		else
			folio_wait_locked(folio);
		return VM_FAULT_RETRY;
	}
	if (flags & FAULT_FLAG_KILLABLE) {
		if (__folio_lock_killable(folio)) {
			mmap_read_unlock(vmf->vma->vm_mm);
			return VM_FAULT_RETRY;
		}
	} else {
		__folio_lock(folio);
	}
	return 0;
}

void folio_wait_bit(struct folio *folio, int bit_nr)
{
	folio_wait_common(folio, bit_nr, TASK_UNINTERRUPTIBLE, false);
}

int folio_wait_bit_killable(struct folio *folio, int bit_nr)
{
	return folio_wait_common(folio, bit_nr, TASK_KILLABLE, false);
}

void folio_wait_locked(struct folio *folio)
{
	if (folio_test_locked(folio))
		folio_wait_bit(folio, PG_locked);
}

int folio_wait_locked_killable(struct folio *folio)
{
	return folio_test_locked(folio) ? folio_wait_bit_killable(folio, PG_locked) : 0;
}

void folio_wait_writeback(struct folio *folio)
{
	while (folio_test_writeback(folio))
		folio_wait_bit(folio, PG_writeback);
}

/* model: sets the flag and nothing else; true if it was set already. */
bool __folio_start_writeback(struct folio *folio, bool keep_write)
{
	VM_BUG_ON_FOLIO(!folio_test_locked(folio), folio);
	return test_and_set_bit(PG_writeback, &folio->flags);
}

void folio_end_writeback(struct folio *folio)
{
	unsigned long old;

	folio_get(folio);
	old = atomic_long_fetch_andnot_release(BIT(PG_writeback),
					       (atomic_long_t *)&folio->flags);
	VM_BUG_ON_FOLIO(!(old & BIT(PG_writeback)), folio);
	if (old & BIT(PG_waiters))
		folio_wake_bit(folio, PG_writeback);
	folio_put(folio);
}

/*
 * Wait until the folio of a migration entry is unlocked. @ptl protects the entry and
 * is dropped once the task is queued: while the entry is there its folio is locked and
 * cannot be freed, so no reference is needed. Returns with @ptl released.
 */
void migration_entry_wait_on_locked(swp_entry_t entry, spinlock_t *ptl)
	__releases(ptl)
{
	struct folio_waiter w = {
		.folio = pfn_swap_entry_folio(entry), .bit = PG_locked,
		.state = TASK_UNINTERRUPTIBLE, .task = current,
	};
	struct folio_wait_bucket *b = bucket_of(w.folio);
	unsigned long flags;

	INIT_LIST_HEAD(&w.node);
	spin_lock_irqsave(&b->lock, flags);
	set_bit(PG_waiters, &w.folio->flags);
	if (!waiter_try(&w))
		list_add_tail(&w.node, &b->waiters);
	spin_unlock_irqrestore(&b->lock, flags);
	spin_unlock(ptl);

	waiter_sleep(&w);
	waiter_finish(&w);
}

static int folio_lock_boot(const struct machine_config *cfg)
{
	unsigned int i;

	for (i = 0; i < FOLIO_WAIT_BUCKETS; i++) {
		spin_lock_init(&folio_wait_table[i].lock);
		INIT_LIST_HEAD(&folio_wait_table[i].waiters);
	}
	return 0;
}

static void folio_lock_stop(void)
{
	unsigned int i;

	for (i = 0; i < FOLIO_WAIT_BUCKETS; i++)
		if (!list_empty(&folio_wait_table[i].waiters))
			violation(VIOLATION_LEAK, "a task still waits for a folio");
}

MACHINE_SUBSYS(folio_lock, MACHINE_ORDER_PAGES, folio_lock_boot, folio_lock_stop, NULL);
