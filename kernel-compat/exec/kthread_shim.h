/* SPDX-License-Identifier: GPL-2.0 */
/* What kthreads, the freezer and workqueues share with each other and with RCU. */
#ifndef _EXEC_KTHREAD_SHIM_H
#define _EXEC_KTHREAD_SHIM_H

struct task_struct;

/* The thread belongs to the shim, which stops it itself. */
void kthread_mark_shim(struct task_struct *k);
/* Calls fn for every kthread, with a spinlock held and interrupts off. */
void kthread_for_each(void (*fn)(struct task_struct *k, void *arg), void *arg);

/* Forget delayed work that is not due, and wait for what is queued. */
void workqueue_quiesce(void);

#endif /* _EXEC_KTHREAD_SHIM_H */
