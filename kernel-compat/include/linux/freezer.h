/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The freezer: stopping tasks for suspend.
 *
 * same: which kthreads freeze (set_freezable(), then try_to_freeze() or a
 *	TASK_FREEZABLE sleep), that a frozen task sees no wake-up but the thaw, and
 *	that the sleep it was frozen in goes on afterwards.
 * model: only kernel threads and workqueues are frozen; freeze_processes() freezes
 *	nothing (simulated programs have no signals to be frozen by) and says so by
 *	returning -EBUSY.  There is no timeout in real time: freezing waits up to
 *	freeze_timeout_msecs of virtual time.
 */
#ifndef FREEZER_H_INCLUDED
#define FREEZER_H_INCLUDED

#include <linux/atomic.h>
#include <linux/sched.h>
#include <linux/wait.h>

extern atomic_t freezer_active;		/* > 0 while a freeze is requested */
extern bool pm_freezing;
extern bool pm_nosig_freezing;
extern unsigned int freeze_timeout_msecs;	/* virtual */

bool frozen(struct task_struct *p);
bool freezing_slow_path(struct task_struct *p);
bool freeze_task(struct task_struct *p);
void __thaw_task(struct task_struct *p);
bool __refrigerator(bool check_kthr_stop);
bool set_freezable(void);

int freeze_processes(void);
int freeze_kernel_threads(void);	/* 0 or -EBUSY; then nothing is frozen */
void thaw_processes(void);
void thaw_kernel_threads(void);

/* Is there a request to freeze @p? */
static inline bool freezing(struct task_struct *p)
{
	return unlikely(atomic_read(&freezer_active)) && freezing_slow_path(p);
}

/* Returns true if the task was frozen. Process context, no lock held. */
bool try_to_freeze(void);

#endif /* FREEZER_H_INCLUDED */
