// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel threads.
 *
 * A new thread is a task that looks as if it slept at the beginning of its life; the
 * first wake-up starts it.  What kthreads have beyond other tasks is in struct kthread,
 * which lives as long as the task_struct.  It is the host's memory, because the first
 * threads are older than the slab.
 */
#include <stdlib.h>

#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/freezer.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <machine/inject.h>
#include <machine/machine.h>
#include <machine/violation.h>

#include <engine/memory_model.h>
#include <exec/host_memory.h>
#include <exec/kthread_shim.h>
#include <exec/vcpu.h>

enum kthread_bits {
	KTHREAD_SHOULD_STOP,
	KTHREAD_SHOULD_PARK,
	KTHREAD_IS_PER_CPU,
	KTHREAD_SHIM,			/* stopped by whoever made it, not by power off */
};

#define KTHREAD_NAME_LEN	64

/**
 * struct kthread - what a task with PF_KTHREAD has beyond other tasks
 * @flags:	enum kthread_bits; atomic
 * @cpu:	CPU of a per-CPU thread
 * @result:	what the function returned; published by @exited
 * @threadfn:	the function
 * @data:	its argument
 * @parked:	completed each time the thread parks
 * @exited:	completed once, at its end
 * @task:	the task
 * @node:	entry of kthreads
 * @full_name:	the name before it is cut to TASK_COMM_LEN
 */
struct kthread {
	unsigned long		flags;
	unsigned int		cpu;
	int			result;
	int			(*threadfn)(void *data);
	void			*data;
	struct completion	parked;
	struct completion	exited;
	struct task_struct	*task;
	struct list_head	node;
	char			full_name[KTHREAD_NAME_LEN];
};

/* All of them, from creation to the end of their task_struct. */
static LIST_HEAD(kthreads);
static DEFINE_SPINLOCK(kthreads_lock);

static struct kthread *to_kthread(struct task_struct *k)
{
	struct kthread *kthread = k->worker_private;

	if (unlikely(!(READ_ONCE(k->flags) & PF_KTHREAD) || !kthread))
		violation(VIOLATION_WARN, "task %s is no kthread", k->comm);
	return kthread;
}

void get_kthread_comm(char *buf, size_t buf_size, struct task_struct *tsk)
{
	struct kthread *kthread = tsk->worker_private;

	strscpy_pad(buf, kthread ? kthread->full_name : tsk->comm, buf_size);
}

bool set_kthread_struct(struct task_struct *p)
{
	struct kthread *kthread;
	unsigned long flags;

	if (WARN_ON_ONCE(p->worker_private))
		return false;
	kthread = host_zalloc(1, sizeof(*kthread));
	if (!kthread)
		return false;
	memory_object(kthread, sizeof(*kthread));
	init_completion(&kthread->exited);
	init_completion(&kthread->parked);
	kthread->task = p;
	p->worker_private = kthread;
	spin_lock_irqsave(&kthreads_lock, flags);
	list_add_tail(&kthread->node, &kthreads);
	spin_unlock_irqrestore(&kthreads_lock, flags);
	return true;
}

void free_kthread_struct(struct task_struct *k)
{
	struct kthread *kthread = k->worker_private;
	unsigned long flags;

	if (!kthread)
		return;
	spin_lock_irqsave(&kthreads_lock, flags);
	list_del(&kthread->node);
	spin_unlock_irqrestore(&kthreads_lock, flags);
	k->worker_private = NULL;
	memory_forget(kthread, sizeof(*kthread));
	host_free(kthread);
}

/* Called by the thread itself on its way out; who stops it holds a reference. */
void kthread_task_exit(struct task_struct *k)
{
	struct kthread *kthread = k->worker_private;

	if (kthread)
		complete(&kthread->exited);
}

static bool kthread_flag(struct task_struct *k, int bit)
{
	struct kthread *kthread = to_kthread(k);

	return kthread && test_bit(bit, &kthread->flags);
}

bool kthread_should_stop(void)
{
	return kthread_flag(current, KTHREAD_SHOULD_STOP);
}

bool kthread_should_park(void)
{
	return kthread_flag(current, KTHREAD_SHOULD_PARK);
}

bool kthread_should_stop_or_park(void)
{
	struct kthread *kthread = current->worker_private;

	if (!(current->flags & PF_KTHREAD) || !kthread)
		return false;
	return READ_ONCE(kthread->flags) & (BIT(KTHREAD_SHOULD_STOP) | BIT(KTHREAD_SHOULD_PARK));
}

bool kthread_freezable_should_stop(bool *was_frozen)
{
	bool frozen = false;

	might_sleep();
	if (unlikely(freezing(current)))
		frozen = __refrigerator(true);
	if (was_frozen)
		*was_frozen = frozen;
	return kthread_should_stop();
}

void *kthread_func(struct task_struct *task)
{
	struct kthread *kthread = task->worker_private;

	return kthread ? (void *)kthread->threadfn : NULL;
}

void *kthread_data(struct task_struct *task)
{
	return to_kthread(task)->data;
}

void *kthread_probe_data(struct task_struct *task)
{
	struct kthread *kthread = task->worker_private;

	return kthread ? kthread->data : NULL;
}

/* A state that no stray wake-up may overwrite: stored under the lock of wake-ups. */
static void set_parked_state(void)
{
	xlock(&current->exec.lock);
	WRITE_ONCE(current->__state, TASK_PARKED);
	xunlock(&current->exec.lock);
}

static void __kthread_parkme(struct kthread *self)
{
	for (;;) {
		set_parked_state();
		if (!test_bit(KTHREAD_SHOULD_PARK, &self->flags))
			break;
		complete(&self->parked);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

void kthread_parkme(void)
{
	__kthread_parkme(to_kthread(current));
}

void __noreturn kthread_exit(long result)
{
	to_kthread(current)->result = result;
	do_exit(0);
}

void __noreturn kthread_complete_and_exit(struct completion *comp, long code)
{
	if (comp)
		complete(comp);
	kthread_exit(code);
}

/* Where every kthread begins, once it has been woken. */
static int kthread(void *unused)
{
	struct kthread *self = to_kthread(current);
	int ret = -EINTR;

	if (!test_bit(KTHREAD_SHOULD_STOP, &self->flags)) {
		__kthread_parkme(self);
		ret = self->threadfn(self->data);
	}
	kthread_exit(ret);
}

__printf(4, 5)
struct task_struct *kthread_create_on_node(int (*threadfn)(void *data), void *data,
					   int node, const char namefmt[], ...)
{
	char name[KTHREAD_NAME_LEN];
	struct task_struct *task;
	struct kthread *self;
	va_list args;

	might_sleep();
	va_start(args, namefmt);
	vsnprintf(name, sizeof(name), namefmt, args);
	va_end(args);
	if (inject_fail(INJECT_KTHREAD))
		return ERR_PTR(-ENOMEM);
	task = exec_create_kthread(kthread, NULL, node, name);
	if (IS_ERR(task))
		return task;
	self = task->worker_private;
	if (!self) {
		if (!set_kthread_struct(task))
			abort();	/* the host is out of memory */
		self = task->worker_private;
	}
	WRITE_ONCE(task->flags, task->flags | PF_NOFREEZE);	/* until set_freezable() */
	/* As if it slept at its very beginning. */
	WRITE_ONCE(task->__state, TASK_UNINTERRUPTIBLE);
	self->threadfn = threadfn;
	self->data = data;
	strscpy(self->full_name, name, sizeof(self->full_name));
	return task;
}

static void __kthread_bind_mask(struct task_struct *p, const struct cpumask *mask,
				unsigned int state)
{
	unsigned long flags;

	if (!wait_task_inactive(p, state)) {
		WARN_ON(1);
		return;
	}
	raw_spin_lock_irqsave(&p->pi_lock, flags);
	do_set_cpus_allowed(p, mask);
	WRITE_ONCE(p->flags, p->flags | PF_NO_SETAFFINITY);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
}

void kthread_bind_mask(struct task_struct *p, const struct cpumask *mask)
{
	__kthread_bind_mask(p, mask, TASK_UNINTERRUPTIBLE);
}

void kthread_bind(struct task_struct *p, unsigned int cpu)
{
	__kthread_bind_mask(p, cpumask_of(cpu), TASK_UNINTERRUPTIBLE);
}

struct task_struct *kthread_create_on_cpu(int (*threadfn)(void *data), void *data,
					  unsigned int cpu, const char *namefmt)
{
	struct task_struct *p;
	char name[KTHREAD_NAME_LEN];

	/* The format holds one %u, for the CPU. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(name, sizeof(name), namefmt, cpu);
#pragma GCC diagnostic pop
	p = kthread_create_on_node(threadfn, data, cpu_to_node(cpu), "%s", name);
	if (IS_ERR(p))
		return p;
	kthread_bind(p, cpu);
	to_kthread(p)->cpu = cpu;
	return p;
}

void kthread_set_per_cpu(struct task_struct *k, int cpu)
{
	struct kthread *kthread = to_kthread(k);

	if (!kthread)
		return;
	WARN_ON_ONCE(!(READ_ONCE(k->flags) & PF_NO_SETAFFINITY));
	if (cpu < 0) {
		clear_bit(KTHREAD_IS_PER_CPU, &kthread->flags);
		return;
	}
	kthread->cpu = cpu;
	set_bit(KTHREAD_IS_PER_CPU, &kthread->flags);
}

bool kthread_is_per_cpu(struct task_struct *p)
{
	struct kthread *kthread = p->worker_private;

	return kthread && test_bit(KTHREAD_IS_PER_CPU, &kthread->flags);
}

void kthread_unpark(struct task_struct *k)
{
	struct kthread *kthread = to_kthread(k);

	if (!test_bit(KTHREAD_SHOULD_PARK, &kthread->flags))
		return;
	if (test_bit(KTHREAD_IS_PER_CPU, &kthread->flags))
		__kthread_bind_mask(k, cpumask_of(kthread->cpu), TASK_PARKED);
	clear_bit(KTHREAD_SHOULD_PARK, &kthread->flags);
	/* __kthread_parkme() sees the bit clear, or gets this wake-up. */
	wake_up_state(k, TASK_PARKED);
}

int kthread_park(struct task_struct *k)
{
	struct kthread *kthread = to_kthread(k);

	if (WARN_ON(READ_ONCE(k->flags) & PF_EXITING))
		return -ENOSYS;
	if (WARN_ON_ONCE(test_bit(KTHREAD_SHOULD_PARK, &kthread->flags)))
		return -EBUSY;
	set_bit(KTHREAD_SHOULD_PARK, &kthread->flags);
	if (k != current) {
		wake_up_process(k);
		wait_for_completion(&kthread->parked);
		/* It is about to sleep; wait until it does. */
		WARN_ON_ONCE(!wait_task_inactive(k, TASK_PARKED));
	}
	return 0;
}

/*
 * Whoever comes second would wait for ever for the one completion: 6.12 hangs, here it
 * is reported.
 */
int kthread_stop(struct task_struct *k)
{
	struct kthread *kthread;
	int ret;

	might_sleep();
	get_task_struct(k);
	kthread = to_kthread(k);
	if (test_and_set_bit(KTHREAD_SHOULD_STOP, &kthread->flags))
		violation(VIOLATION_DEADLOCK, "second kthread_stop() of %s waits for ever",
			  k->comm);
	kthread_unpark(k);
	wake_up_process(k);
	lock_wait_for_task(k, TASK_UNINTERRUPTIBLE);
	wait_for_completion(&kthread->exited);
	lock_wait_over();
	ret = kthread->result;
	put_task_struct(k);
	return ret;
}

int kthread_stop_put(struct task_struct *k)
{
	int ret = kthread_stop(k);

	put_task_struct(k);
	return ret;
}

void kthread_mark_shim(struct task_struct *k)
{
	set_bit(KTHREAD_SHIM, &to_kthread(k)->flags);
}

void kthread_for_each(void (*fn)(struct task_struct *k, void *arg), void *arg)
{
	struct kthread *kthread;
	unsigned long flags;

	spin_lock_irqsave(&kthreads_lock, flags);
	list_for_each_entry(kthread, &kthreads, node)
		fn(kthread->task, arg);
	spin_unlock_irqrestore(&kthreads_lock, flags);
}

/* A thread that power off has to stop, with a reference; NULL if none is left. */
static struct task_struct *kthread_left(void)
{
	struct task_struct *ret = NULL;
	struct kthread *kthread;
	unsigned long flags;

	spin_lock_irqsave(&kthreads_lock, flags);
	list_for_each_entry(kthread, &kthreads, node) {
		if (kthread->task == current || !kthread->threadfn ||
		    test_bit(KTHREAD_SHIM, &kthread->flags) ||
		    test_bit(KTHREAD_SHOULD_STOP, &kthread->flags) ||
		    !tryget_task_struct(kthread->task))
			continue;
		ret = kthread->task;
		break;
	}
	spin_unlock_irqrestore(&kthreads_lock, flags);
	return ret;
}

static int kthread_boot(const struct machine_config *cfg)
{
	return 0;
}

/* Power off: every thread that is left has its should_stop set and is woken. */
static void kthread_power_off(void)
{
	struct task_struct *k;

	thaw_kernel_threads();
	while ((k = kthread_left()))
		kthread_stop_put(k);
	workqueue_quiesce();
	/* What they leave behind: exits on their way, address spaces of idle CPUs. */
	do {
		exec_sleep_until(exec_now() + 1);
	} while (!exec_others_asleep());
	exec_drop_lazy_mms();
	rcu_barrier();
}

static void kthread_halt(void)
{
	INIT_LIST_HEAD(&kthreads);
}

/* Comes up last, so that it goes down first: nothing else stops beside running daemons. */
MACHINE_SUBSYS(kthreads, MACHINE_ORDER_INITCALLS + 1, kthread_boot, kthread_power_off,
	       kthread_halt);
