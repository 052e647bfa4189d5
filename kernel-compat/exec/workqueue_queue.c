// SPDX-License-Identifier: GPL-2.0
/*
 * Workqueues: making, flushing, draining and destroying queues.
 *
 * Flushing uses two colours.  Items are queued in the queue's colour; a flusher changes
 * it and waits until no item of the other one is left.  Flushers take turns, so when
 * one begins nothing of the colour it changes to is left.
 */
#include <stdarg.h>

#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <machine/violation.h>

#include <engine/memory_model.h>
#include <exec/host_memory.h>
#include <exec/workqueue_internal.h>

__printf(1, 4)
struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags,
					 int max_active, ...)
{
	struct workqueue_struct *wq;
	va_list args;

	if (WARN_ON(flags & WQ_BH))
		return NULL;
	wq = host_zalloc(1, sizeof(*wq));
	if (!wq)
		return NULL;
	memory_object(wq, sizeof(*wq));
	va_start(args, max_active);
	vsnprintf(wq->name, sizeof(wq->name), fmt, args);
	va_end(args);
	wq->flags = flags;
	wq->max_active = max_active ? clamp(max_active, 1, (int)WQ_MAX_ACTIVE) : WQ_DFL_ACTIVE;
	wq->boot = system_state < SYSTEM_RUNNING;
	INIT_LIST_HEAD(&wq->pwqs);
	INIT_LIST_HEAD(&wq->limit.inactive);
	mutex_init(&wq->flush_mutex);
	raw_spin_lock_irq(&wq_lock);
	list_add_tail(&wq->node, &workqueues);
	raw_spin_unlock_irq(&wq_lock);
	return wq;
}

static void wq_free(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq, *next;

	list_for_each_entry_safe(pwq, next, &wq->pwqs, node) {
		memory_forget(pwq, sizeof(*pwq));
		host_free(pwq);
	}
	memory_forget(wq, sizeof(*wq));
	host_free(wq);
}

void __flush_workqueue(struct workqueue_struct *wq)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct worker *self = wq_current_worker();
	unsigned int old;
	bool wait;

	might_sleep();
	if (self && self->current_pwq && self->current_pwq->wq == wq)
		violation(VIOLATION_DEADLOCK, "workqueue %s is flushed by its own work %ps",
			  wq->name, self->current_func);
	mutex_lock(&wq->flush_mutex);
	raw_spin_lock_irq(&wq_lock);
	old = wq->color;
	wq->color = !old;
	wait = wq->nr_in_flight[old];
	if (wait)
		wq->flush_done = &done;
	raw_spin_unlock_irq(&wq_lock);
	if (wait)
		wait_for_completion(&done);
	mutex_unlock(&wq->flush_mutex);
}

void drain_workqueue(struct workqueue_struct *wq)
{
	bool drained;

	raw_spin_lock_irq(&wq_lock);
	if (!wq->nr_drainers++)
		wq->flags |= __WQ_DRAINING;
	raw_spin_unlock_irq(&wq_lock);
	do {
		__flush_workqueue(wq);
		raw_spin_lock_irq(&wq_lock);
		drained = !wq->nr_in_flight[0] && !wq->nr_in_flight[1];
		if (drained && !--wq->nr_drainers)
			wq->flags &= ~__WQ_DRAINING;
		raw_spin_unlock_irq(&wq_lock);
	} while (!drained);
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	work_func_t func;

	raw_spin_lock_irq(&wq_lock);
	wq->flags |= __WQ_DESTROYING;
	raw_spin_unlock_irq(&wq_lock);
	drain_workqueue(wq);
	raw_spin_lock_irq(&wq_lock);
	func = wq_first_delayed(wq);
	list_del(&wq->node);
	raw_spin_unlock_irq(&wq_lock);
	if (func)
		violation(VIOLATION_TIMER, "workqueue %s destroyed, but the timer of work %ps runs",
			  wq->name, func);
	wq_free(wq);
}

/* What initcalls made lives until power off; the rest should have been destroyed. */
void wq_report_leaks(void)
{
	struct workqueue_struct *wq;

	list_for_each_entry(wq, &workqueues, node)
		if (!wq->boot)
			violation(VIOLATION_LEAK, "workqueue %s was not destroyed", wq->name);
}

void wq_free_all(void)
{
	struct workqueue_struct *wq, *next;

	list_for_each_entry_safe(wq, next, &workqueues, node) {
		list_del(&wq->node);
		wq_free(wq);
	}
}

int schedule_on_each_cpu(work_func_t func)
{
	struct work_struct *works = host_zalloc(nr_cpu_ids, sizeof(*works));
	unsigned int cpu;

	if (!works)
		return -ENOMEM;
	for_each_online_cpu(cpu) {
		INIT_WORK(&works[cpu], func);
		schedule_work_on(cpu, &works[cpu]);
	}
	for_each_online_cpu(cpu)
		flush_work(&works[cpu]);
	host_free(works);
	return 0;
}

struct work_struct *current_work(void)
{
	struct worker *self = wq_current_worker();

	return self ? self->current_work : NULL;
}

bool current_is_workqueue_rescuer(void)
{
	return false;	/* there are none */
}
