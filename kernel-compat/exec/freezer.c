// SPDX-License-Identifier: GPL-2.0
/*
 * The freezer, for kernel threads.
 *
 * A thread freezes in one of two ways: it calls try_to_freeze() and waits in
 * __refrigerator(), or it sleeps in a TASK_FREEZABLE state, which is then exchanged
 * under the lock of wake-ups for TASK_FROZEN.  The state it had is remembered in
 * saved_state; a wake-up that would have ended that sleep clears it, and the thaw
 * then ends the sleep.
 */
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/freezer.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <machine/machine.h>

#include <exec/kthread_shim.h>
#include <exec/vcpu.h>

#define FREEZE_TIMEOUT_MSECS	20000

atomic_t freezer_active = ATOMIC_INIT(0);
bool pm_freezing;
bool pm_nosig_freezing;
unsigned int freeze_timeout_msecs = FREEZE_TIMEOUT_MSECS;

/* Serialises requests with tasks that enter or leave the refrigerator. */
static DEFINE_SPINLOCK(freezer_lock);

bool freezing_slow_path(struct task_struct *p)
{
	if (READ_ONCE(p->flags) & PF_NOFREEZE)
		return false;
	if (READ_ONCE(pm_nosig_freezing))
		return true;
	return READ_ONCE(pm_freezing) && !(READ_ONCE(p->flags) & PF_KTHREAD);
}

bool frozen(struct task_struct *p)
{
	return READ_ONCE(p->__state) & TASK_FROZEN;
}

bool try_to_freeze(void)
{
	might_sleep();
	if (likely(!freezing(current)))
		return false;
	if (!(current->flags & PF_NOFREEZE))
		debug_check_no_locks_held();
	return __refrigerator(false);
}

bool __refrigerator(bool check_kthr_stop)
{
	unsigned int state = get_current_state();
	bool was_frozen = false;
	bool freeze;

	WARN_ON_ONCE(state && !(state & TASK_NORMAL));
	for (;;) {
		xlock(&current->exec.lock);
		WRITE_ONCE(current->__state, TASK_FROZEN);
		current->saved_state = TASK_RUNNING;
		xunlock(&current->exec.lock);

		spin_lock_irq(&freezer_lock);
		freeze = freezing(current) && !(check_kthr_stop && kthread_should_stop());
		spin_unlock_irq(&freezer_lock);
		if (!freeze)
			break;
		was_frozen = true;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return was_frozen;
}

/* Exchange the state of a task that sleeps freezably. False: it does not. */
static bool freeze_sleeper(struct task_struct *p)
{
	unsigned int state;
	bool ret = false;

	xlock(&p->exec.lock);
	state = READ_ONCE(p->__state);
	if (state & TASK_FREEZABLE && !exec_is_on_rq(p)) {
		p->saved_state = state;
		WRITE_ONCE(p->__state, TASK_FROZEN);
		ret = true;
	}
	xunlock(&p->exec.lock);
	return ret;
}

bool freeze_task(struct task_struct *p)
{
	unsigned long flags;
	bool todo;

	spin_lock_irqsave(&freezer_lock, flags);
	todo = freezing(p) && !frozen(p) && !freeze_sleeper(p);
	if (todo)
		wake_up_state(p, TASK_NORMAL);
	spin_unlock_irqrestore(&freezer_lock, flags);
	return todo;
}

/* Give a sleeper its state back; true if it goes on sleeping. */
static bool thaw_sleeper(struct task_struct *p)
{
	bool ret = false;

	xlock(&p->exec.lock);
	if (p->saved_state != TASK_RUNNING) {
		WRITE_ONCE(p->__state, p->saved_state);
		p->saved_state = TASK_RUNNING;
		ret = true;
	}
	xunlock(&p->exec.lock);
	return ret;
}

void __thaw_task(struct task_struct *p)
{
	unsigned long flags;

	spin_lock_irqsave(&freezer_lock, flags);
	if (frozen(p) && !thaw_sleeper(p))
		wake_up_state(p, TASK_FROZEN);
	spin_unlock_irqrestore(&freezer_lock, flags);
}

bool set_freezable(void)
{
	/* Under the lock: either the freezer sees the flag, or we see its request. */
	spin_lock_irq(&freezer_lock);
	WRITE_ONCE(current->flags, current->flags & ~PF_NOFREEZE);
	spin_unlock_irq(&freezer_lock);
	return try_to_freeze();
}

static void freeze_one(struct task_struct *k, void *todo)
{
	if (k != current && freeze_task(k))
		++*(unsigned int *)todo;
}

static void thaw_one(struct task_struct *k, void *unused)
{
	__thaw_task(k);
}

/* Ask again, at growing intervals of virtual time, until all are frozen. */
static int try_to_freeze_tasks(void)
{
	unsigned long end = jiffies + msecs_to_jiffies(freeze_timeout_msecs);
	unsigned int todo, usecs = 1000;

	freeze_workqueues_begin();
	for (;;) {
		todo = 0;
		kthread_for_each(freeze_one, &todo);
		todo += freeze_workqueues_busy();
		if (!todo || time_after(jiffies, end))
			return todo ? -EBUSY : 0;
		usleep_range(usecs / 2, usecs);
		if (usecs < 8000)
			usecs *= 2;
	}
}

int freeze_kernel_threads(void)
{
	int error;

	if (!pm_nosig_freezing) {
		WRITE_ONCE(pm_nosig_freezing, true);
		atomic_inc(&freezer_active);
	}
	error = try_to_freeze_tasks();
	if (error)
		thaw_kernel_threads();
	return error;
}

void thaw_kernel_threads(void)
{
	if (!pm_nosig_freezing)
		return;
	WRITE_ONCE(pm_nosig_freezing, false);
	atomic_dec(&freezer_active);
	thaw_workqueues();
	kthread_for_each(thaw_one, NULL);
	cond_resched();
}

int freeze_processes(void)
{
	return -EBUSY;
}

void thaw_processes(void)
{
	thaw_kernel_threads();
}

static int freezer_boot(const struct machine_config *cfg)
{
	return 0;
}

static void freezer_stop(void)
{
}

static void freezer_halt(void)
{
	freeze_timeout_msecs = FREEZE_TIMEOUT_MSECS;
}

MACHINE_SUBSYS(freezer, MACHINE_ORDER_KTHREAD, freezer_boot, freezer_stop, freezer_halt);
