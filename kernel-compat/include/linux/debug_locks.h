/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The switch of lock debugging.
 *
 * model: debug_locks is always 1: a violation ends the run (or the case that
 * expected it), so the checker has no reason to turn itself off after the first.
 * lock_check_freed() is this shim's; debug_check_no_locks_freed() is the kernel's
 * name of the same (same contract).
 */
#ifndef _LINUX_DEBUG_LOCKS_H
#define _LINUX_DEBUG_LOCKS_H

#include <linux/types.h>

struct task_struct;

#define debug_locks		1
#define debug_locks_silent	0

/**
 * lock_check_freed() - memory is about to be freed; no lock inside may be held
 * @addr:	start of the memory
 * @len:	bytes
 *
 * Looks at the locks that the calling task holds; costs one load when it holds none.
 * A lock that another task holds shows when that task releases it from poison.
 * Context: any.
 */
void lock_check_freed(const void *addr, unsigned long len);

static inline void debug_check_no_locks_freed(const void *from, unsigned long len)
{
	lock_check_freed(from, len);
}

/* The calling task, which holds locks, enables interrupts, or softirqs. */
void lock_hardirqs_on(void);
void lock_softirqs_on(void);
/* @tsk ends: it must hold no lock. For do_exit(). */
void lock_check_exit(struct task_struct *tsk);
/* The calling task returns to user mode, or begins to sleep for ever: no lock held. */
void lock_check_user_return(void);
/* Forget what @tsk holds, without touching the locks: after a violation unwound it. */
void lock_forget_held(struct task_struct *tsk);
/* Who waits for whom, cycles marked, and who runs where; nobody does but the caller. */
struct _IO_FILE;
void lock_print_waits(struct _IO_FILE *out);
/* List the locks @tsk holds, with the stacks that took them, to standard error. */
void lock_print_held(struct task_struct *tsk);

/*
 * What the calling task is about to wait for, and no more.  The end of a task, or what a
 * worker does, it waits for in vain if that waits for the caller: that is reported at once.
 * Who does the work is in *worker, NULL until that is known: then, and when the work is done,
 * with the lock that guards *worker, lock_work_begins() and lock_wait_granted() are called.
 */
void lock_wait_for_task(struct task_struct *task, unsigned int state);
void lock_wait_for_work(struct task_struct **worker);
void lock_work_begins(struct task_struct **where, struct task_struct *worker);
void lock_wait_for_grace_period(void);
void lock_wait_granted(struct task_struct *waiter);
void lock_wait_over(void);

void debug_check_no_locks_held(void);

#endif /* _LINUX_DEBUG_LOCKS_H */
