/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work that a task does for others on its way back to user mode.
 *
 * same: init_task_work(), task_work_add(), task_work_run(), task_work_pending(); a work runs
 * once, in the task, before it is in user mode again (TWA_RESUME, also in the middle of
 * user_compute()), or while it exits.  A kernel thread does it when it exits.
 * model: no cancelling, and of the notifications only these two.
 */
#ifndef _LINUX_TASK_WORK_H
#define _LINUX_TASK_WORK_H

#include <linux/list.h>
#include <linux/sched.h>

typedef void (*task_work_func_t)(struct callback_head *);

static inline void init_task_work(struct callback_head *twork, task_work_func_t func)
{
	twork->func = func;
}

enum task_work_notify_mode {
	TWA_NONE = 0,
	TWA_RESUME,
};

static inline bool task_work_pending(struct task_struct *task)
{
	return READ_ONCE(task->task_works);
}

/* 0, or -ESRCH once @task runs no more work. Any context. */
int task_work_add(struct task_struct *task, struct callback_head *twork,
		  enum task_work_notify_mode mode);
/* Do all work of current. It may add more. */
void task_work_run(void);

static inline void exit_task_work(struct task_struct *task)
{
	task_work_run();
}

#endif /* _LINUX_TASK_WORK_H */
