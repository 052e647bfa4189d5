// SPDX-License-Identifier: GPL-2.0
/* Work that others leave to a task: done on its way to user mode, or at its end. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/task_work.h>
#include <exec/vcpu.h>

static struct callback_head work_exited;	/* stands in a task that takes no more */

int task_work_add(struct task_struct *task, struct callback_head *twork,
		  enum task_work_notify_mode mode)
{
	struct callback_head *head = READ_ONCE(task->task_works);

	do {
		if (unlikely(head == &work_exited))
			return -ESRCH;
		twork->next = head;
	} while (!__atomic_compare_exchange_n(&task->task_works, &head, twork, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	if (mode != TWA_NONE) {
		set_tsk_thread_flag(task, TIF_NOTIFY_RESUME);
		/* Pairs with sleep_paying(): it sees the flag, or we that it sleeps. */
		exec_kick_payer(task);
	}
	return 0;
}

/* All works of @p, or NULL; from then on, when there was none and it exits, no more. */
static struct callback_head *take_works(struct task_struct *p)
{
	struct callback_head *works = READ_ONCE(p->task_works), *left;

	do {
		left = !works && p->flags & PF_EXITING ? &work_exited : NULL;
		if (works == left)
			return NULL;
	} while (!__atomic_compare_exchange_n(&p->task_works, &works, left, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	return works;
}

void task_work_run(void)
{
	struct callback_head *work, *next;

	while ((work = take_works(current))) {
		for (; work; work = next) {
			next = work->next;
			work->func(work);
			cond_resched();
		}
	}
}
