/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walking processes and threads, signals.
 *
 * same: the walks, under RCU or tasklist_lock. model: SIGKILL is the only signal.
 */
#ifndef _LINUX_SCHED_SIGNAL_H
#define _LINUX_SCHED_SIGNAL_H

#include <linux/sched.h>
#include <linux/rculist.h>
#include <linux/sched/task.h>

#ifndef SIGKILL
#define SIGKILL 9
#endif
#define SEND_SIG_NOINFO ((struct kernel_siginfo *)0)
#define SEND_SIG_PRIV	((struct kernel_siginfo *)1)

#define next_task(p)								\
	list_entry_rcu((p)->tasks.next, struct task_struct, tasks)
#define for_each_process(p)							\
	for ((p) = &init_task; ((p) = next_task(p)) != &init_task; )
#define __for_each_thread(signal, t)						\
	list_for_each_entry_rcu(t, &(signal)->thread_head, thread_node)
#define for_each_thread(p, t)	__for_each_thread((p)->signal, t)
#define for_each_process_thread(p, t)						\
	for_each_process(p) for_each_thread(p, t)

static inline bool thread_group_leader(struct task_struct *p)
{
	return p->group_leader == p;
}
static inline bool same_thread_group(struct task_struct *a, struct task_struct *b)
{
	return a->signal == b->signal;
}
static inline int get_nr_threads(struct task_struct *p)
{
	return READ_ONCE(p->signal->nr_threads);
}
static inline int thread_group_empty(struct task_struct *p)
{
	return thread_group_leader(p) && get_nr_threads(p) == 1;
}

/* Would a sleep in @state be interrupted? */
int signal_pending_state(unsigned int state, struct task_struct *p);
void flush_signals(struct task_struct *t);

static inline void clear_tsk_thread_flag_sigpending(struct task_struct *p)
{
	__atomic_fetch_and(&p->thread_flags, ~(1UL << TIF_SIGPENDING), __ATOMIC_RELAXED);
}

#endif /* _LINUX_SCHED_SIGNAL_H */
