/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel threads.
 *
 * same: creation in the stopped state, stop and its return value (-EINTR for a thread
 *	that never ran), park and unpark, binding, kthread_data().
 * model: there is no kthreadd; the caller creates the thread itself.
 * left out: kthread_worker, per-CPU threads of hotplug, block cgroups.
 */
#ifndef _LINUX_KTHREAD_H
#define _LINUX_KTHREAD_H

#include <linux/err.h>
#include <linux/sched.h>

struct completion;
struct mm_struct;

/**
 * kthread_create_on_node() - create a kernel thread in the stopped state
 * @threadfn:	what it runs once woken; either it returns after kthread_should_stop(),
 *		or it ends by itself (then who wants to stop it must hold a reference)
 * @data:	argument of @threadfn
 * @node:	node whose memory and CPUs it should use, or NUMA_NO_NODE
 * @namefmt:	printf-style name
 *
 * Context: may sleep.
 * Return: the task, or ERR_PTR(-ENOMEM), ERR_PTR(-EINTR).
 */
__printf(4, 5)
struct task_struct *kthread_create_on_node(int (*threadfn)(void *data), void *data,
					   int node, const char namefmt[], ...);

#define kthread_create(threadfn, data, namefmt, arg...)				\
	kthread_create_on_node(threadfn, data, NUMA_NO_NODE, namefmt, ##arg)

struct task_struct *kthread_create_on_cpu(int (*threadfn)(void *data), void *data,
					  unsigned int cpu, const char *namefmt);

#define kthread_run(threadfn, data, namefmt, ...)				\
({										\
	struct task_struct *__k =						\
		kthread_create(threadfn, data, namefmt, ##__VA_ARGS__);		\
	if (!IS_ERR(__k))							\
		wake_up_process(__k);						\
	__k;									\
})

static inline struct task_struct *
kthread_run_on_cpu(int (*threadfn)(void *data), void *data, unsigned int cpu,
		   const char *namefmt)
{
	struct task_struct *p = kthread_create_on_cpu(threadfn, data, cpu, namefmt);

	if (!IS_ERR(p))
		wake_up_process(p);
	return p;
}

void get_kthread_comm(char *buf, size_t buf_size, struct task_struct *tsk);
bool set_kthread_struct(struct task_struct *p);
void free_kthread_struct(struct task_struct *k);
void kthread_set_per_cpu(struct task_struct *k, int cpu);
bool kthread_is_per_cpu(struct task_struct *k);

/* Only before the thread is woken for the first time, or while it is parked. */
void kthread_bind(struct task_struct *k, unsigned int cpu);
void kthread_bind_mask(struct task_struct *k, const struct cpumask *mask);

/**
 * kthread_stop() - make a thread leave its function, and wait until it has
 * @k:	the thread; must not have ended by itself unless the caller holds a reference
 *
 * Context: may sleep.
 * Return: what the function returned, or -EINTR if it never ran.
 */
int kthread_stop(struct task_struct *k);
int kthread_stop_put(struct task_struct *k);
bool kthread_should_stop(void);
bool kthread_should_park(void);
bool kthread_should_stop_or_park(void);
bool kthread_freezable_should_stop(bool *was_frozen);
void *kthread_func(struct task_struct *k);
void *kthread_data(struct task_struct *k);
void *kthread_probe_data(struct task_struct *k);

/**
 * kthread_park() - wait until a thread sits in kthread_parkme()
 *
 * Return: 0, -ENOSYS if it has exited, -EBUSY if it was asked to park already.
 */
int kthread_park(struct task_struct *k);
void kthread_unpark(struct task_struct *k);
void kthread_parkme(void);
void kthread_exit(long result) __noreturn;
void kthread_complete_and_exit(struct completion *comp, long code) __noreturn;

void kthread_use_mm(struct mm_struct *mm);
void kthread_unuse_mm(struct mm_struct *mm);

/* For exec only: a PF_KTHREAD task ends; tells who waits in kthread_stop(). */
void kthread_task_exit(struct task_struct *k);

#endif /* _LINUX_KTHREAD_H */
