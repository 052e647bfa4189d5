// SPDX-License-Identifier: GPL-2.0
/*
 * Workqueues: items, queues, flushing and cancelling.
 *
 * An item is free, or its timer runs, or it is queued; the bits in its data word say
 * which and change under wq_lock only.  Being run is no state of the item's: once its
 * function has begun it may be queued again or freed, so what runs is known from the
 * workers (workqueue_pool.c).
 */
#include <stdlib.h>

#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <machine/violation.h>

#include <exec/host_memory.h>
#include <exec/kthread_shim.h>
#include <exec/workqueue_internal.h>

#define W_PENDING	BIT(WORK_STRUCT_PENDING_BIT)
#define W_INACTIVE	BIT(WORK_STRUCT_INACTIVE_BIT)
#define W_QUEUED	BIT(WORK_STRUCT_QUEUED_BIT)
#define W_TIMER		BIT(WORK_STRUCT_TIMER_BIT)
#define W_COLOR		BIT(WORK_STRUCT_COLOR_SHIFT)
#define W_DISABLE_ONE	BIT(WORK_STRUCT_DISABLE_SHIFT)
#define W_DISABLED	(~(W_DISABLE_ONE - 1))

DEFINE_RAW_SPINLOCK(wq_lock);
LIST_HEAD(wq_flushers);
LIST_HEAD(workqueues);
bool wq_freezing, wq_dying;

static LIST_HEAD(delayed_works);	/* work_struct.entry of items whose timer runs */

static unsigned long work_data(const struct work_struct *work)
{
	return atomic_long_read(&work->data);
}

/* Replace all but the disable count. */
static void work_set(struct work_struct *work, unsigned long bits)
{
	atomic_long_set(&work->data, (work_data(work) & W_DISABLED) | bits);
}

static int wq_max_active(struct workqueue_struct *wq)
{
	return wq->flags & WQ_FREEZABLE && wq_freezing ? 0 : wq->max_active;
}

/* The queue's part on the pool that serves @cpu; made on first use. wq_lock held. */
static struct pool_workqueue *wq_pwq(struct workqueue_struct *wq, int cpu)
{
	bool unbound = wq->flags & WQ_UNBOUND;
	struct pool_workqueue *pwq;
	int id;

	if (cpu == WORK_CPU_UNBOUND)
		cpu = raw_smp_processor_id();
	id = unbound ? cpu_to_node(cpu) : cpu;
	if (wq->flags & __WQ_ORDERED)
		id = NUMA_NO_NODE;
	list_for_each_entry(pwq, &wq->pwqs, node)
		if (pwq->pool->id == id)
			return pwq;
	pwq = host_zalloc(1, sizeof(*pwq));
	if (!pwq)
		abort();	/* the host is out of memory */
	memory_object(pwq, sizeof(*pwq));
	pwq->wq = wq;
	pwq->pool = wq_pool(unbound, id);
	pwq->limit = unbound ? &wq->limit : &pwq->own;
	INIT_LIST_HEAD(&pwq->own.inactive);
	list_add_tail(&pwq->node, &wq->pwqs);
	return pwq;
}

/* May this item be queued now? A queue that drains takes only what its own items add. */
static bool wq_accepts(struct workqueue_struct *wq)
{
	struct worker *self;

	if (likely(!(wq->flags & (__WQ_DESTROYING | __WQ_DRAINING))))
		return true;
	self = wq_current_worker();
	return self && self->current_pwq && self->current_pwq->wq == wq;
}

/* Queue a free item. wq_lock held; false if the queue does not take it. */
static bool wq_insert(int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	unsigned long bits = W_PENDING | W_QUEUED | (wq->color ? W_COLOR : 0);
	struct pool_workqueue *pwq;

	if (wq_dying || !wq_accepts(wq)) {
		work_set(work, 0);
		return wq_dying;
	}
	pwq = wq_pwq(wq, cpu);
	wq->nr_in_flight[wq->color]++;
	work->pwq = pwq;
	if (pwq->limit->nr_active < wq_max_active(wq)) {
		pwq->limit->nr_active++;
		list_add_tail(&work->entry, &pwq->pool->worklist);
		work_set(work, bits);
		wq_kick(pwq->pool);
	} else {
		list_add_tail(&work->entry, &pwq->limit->inactive);
		work_set(work, bits | W_INACTIVE);
	}
	return true;
}

/* There is room: move items from the inactive list to their pools. */
static void wq_activate(struct workqueue_struct *wq, struct wq_limit *limit)
{
	struct pool_workqueue *pwq;
	struct work_struct *work;

	while (limit->nr_active < wq_max_active(wq) && !list_empty(&limit->inactive)) {
		work = list_first_entry(&limit->inactive, struct work_struct, entry);
		pwq = work->pwq;
		limit->nr_active++;
		work_set(work, work_data(work) & (W_PENDING | W_QUEUED | W_COLOR));
		list_move_tail(&work->entry, &pwq->pool->worklist);
		wq_kick(pwq->pool);
	}
}

static void wq_activate_all(struct workqueue_struct *wq)
{
	struct pool_workqueue *pwq;

	list_for_each_entry(pwq, &wq->pwqs, node)
		wq_activate(wq, pwq->limit);
}

/* An item left the queue, run or cancelled. */
static void wq_item_gone(struct pool_workqueue *pwq, unsigned int color, bool was_active)
{
	struct workqueue_struct *wq = pwq->wq;

	if (was_active) {
		pwq->limit->nr_active--;
		wq_activate(wq, pwq->limit);
	}
	if (!--wq->nr_in_flight[color] && wq->flush_done && color != wq->color) {
		complete(wq->flush_done);
		wq->flush_done = NULL;
	}
}

/* Let go of who waits for @work to run (@worker NULL), or for what @worker runs. */
static void wq_release_flushers(struct work_struct *work, struct worker *worker)
{
	struct wq_flusher *f, *next;

	list_for_each_entry_safe(f, next, &wq_flushers, node) {
		if (f->work != work || f->worker != worker)
			continue;
		list_del(&f->node);
		lock_wait_granted(f->waiter);
		complete(f->done);
	}
}

void wq_item_begins(struct worker *worker, struct work_struct *work, unsigned int *color)
{
	struct wq_flusher *f;

	*color = !!(work_data(work) & W_COLOR);
	list_del_init(&work->entry);
	work_set(work, 0);
	worker->current_work = work;
	worker->current_func = work->func;
	worker->current_pwq = work->pwq;
	list_for_each_entry(f, &wq_flushers, node)
		if (f->work == work && !f->worker) {
			f->worker = worker;
			lock_work_begins(&f->task, worker->task);
		}
}

/* The item itself may be gone. */
void wq_item_ended(struct worker *worker, struct pool_workqueue *pwq, unsigned int color)
{
	wq_release_flushers(worker->current_work, worker);
	worker->current_work = NULL;
	worker->current_func = NULL;
	worker->current_pwq = NULL;
	wq_item_gone(pwq, color, true);
}

/* Make a pending item free. wq_lock held; returns whether it was pending. */
static bool wq_grab(struct work_struct *work)
{
	unsigned long bits = work_data(work);

	/* Neither: an rcu_work that waits for its grace period, which cannot be taken back. */
	if (!(bits & (W_QUEUED | W_TIMER)))
		return false;
	list_del_init(&work->entry);
	work_set(work, 0);
	if (bits & W_TIMER)
		timer_delete(&to_delayed_work(work)->timer);
	else
		wq_item_gone(work->pwq, !!(bits & W_COLOR), !(bits & W_INACTIVE));
	wq_release_flushers(work, NULL);
	return true;
}

static void wq_warn_draining(struct workqueue_struct *wq, struct work_struct *work)
{
	violation(VIOLATION_WARN, "workqueue: cannot queue %ps on wq %s, which is draining",
		  work->func, wq->name);
}

bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	bool ret = false, taken = true;
	unsigned long flags;

	raw_spin_lock_irqsave(&wq_lock, flags);
	if (!(work_data(work) & (W_PENDING | W_DISABLED))) {
		taken = wq_insert(cpu, wq, work);
		ret = true;
	}
	raw_spin_unlock_irqrestore(&wq_lock, flags);
	if (!taken)
		wq_warn_draining(wq, work);
	return ret;
}

bool queue_work_node(int node, struct workqueue_struct *wq, struct work_struct *work)
{
	int cpu = WORK_CPU_UNBOUND;

	WARN_ON_ONCE(!(wq->flags & WQ_UNBOUND));
	if (node >= 0 && node < MAX_NUMNODES && node_online(node) &&
	    cpumask_first(cpumask_of_node(node)) < nr_cpu_ids)
		cpu = cpumask_first(cpumask_of_node(node));
	return queue_work_on(cpu, wq, work);
}

/* Start the timer of a free item, or queue it if there is nothing to wait for. */
static bool wq_delay(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
		     unsigned long delay)
{
	struct work_struct *work = &dwork->work;

	if (!delay || wq_dying)
		return wq_insert(cpu, wq, work);
	dwork->wq = wq;
	dwork->cpu = cpu;
	work_set(work, W_PENDING | W_TIMER);
	list_add_tail(&work->entry, &delayed_works);
	dwork->timer.expires = jiffies + delay;
	if (cpu == WORK_CPU_UNBOUND)
		add_timer(&dwork->timer);
	else
		add_timer_on(&dwork->timer, cpu);
	return true;
}

/* The timer fired. A firing that was overtaken by a change of the timer does nothing. */
void delayed_work_timer_fn(struct timer_list *t)
{
	struct delayed_work *dwork = from_timer(dwork, t, timer);
	struct work_struct *work = &dwork->work;
	unsigned long flags;
	bool taken = true;

	raw_spin_lock_irqsave(&wq_lock, flags);
	if (work_data(work) & W_TIMER && !timer_pending(t)) {
		list_del_init(&work->entry);
		taken = wq_insert(dwork->cpu, dwork->wq, work);
	}
	raw_spin_unlock_irqrestore(&wq_lock, flags);
	if (!taken)
		wq_warn_draining(dwork->wq, work);
}

static void check_dwork(struct delayed_work *dwork)
{
	WARN_ON_ONCE(dwork->timer.function != delayed_work_timer_fn);
}

bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq,
			   struct delayed_work *dwork, unsigned long delay)
{
	bool ret = false, taken = true;
	unsigned long flags;

	check_dwork(dwork);
	raw_spin_lock_irqsave(&wq_lock, flags);
	if (!(work_data(&dwork->work) & (W_PENDING | W_DISABLED))) {
		taken = wq_delay(cpu, wq, dwork, delay);
		ret = true;
	}
	raw_spin_unlock_irqrestore(&wq_lock, flags);
	if (!taken)
		wq_warn_draining(wq, &dwork->work);
	return ret;
}

bool mod_delayed_work_on(int cpu, struct workqueue_struct *wq,
			 struct delayed_work *dwork, unsigned long delay)
{
	unsigned long flags;
	bool ret, taken = true;

	check_dwork(dwork);
	raw_spin_lock_irqsave(&wq_lock, flags);
	ret = wq_grab(&dwork->work);
	if (!(work_data(&dwork->work) & W_DISABLED))
		taken = wq_delay(cpu, wq, dwork, delay);
	raw_spin_unlock_irqrestore(&wq_lock, flags);
	if (!taken)
		wq_warn_draining(wq, &dwork->work);
	return ret;
}

static void rcu_work_rcufn(struct rcu_head *rcu)
{
	struct rcu_work *rwork = container_of(rcu, struct rcu_work, rcu);
	unsigned long flags;

	raw_spin_lock_irqsave(&wq_lock, flags);
	wq_insert(WORK_CPU_UNBOUND, rwork->wq, &rwork->work);
	raw_spin_unlock_irqrestore(&wq_lock, flags);
}

bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork)
{
	unsigned long flags;
	bool ret = false;

	raw_spin_lock_irqsave(&wq_lock, flags);
	if (!(work_data(&rwork->work) & (W_PENDING | W_DISABLED))) {
		work_set(&rwork->work, W_PENDING);
		ret = true;
	}
	raw_spin_unlock_irqrestore(&wq_lock, flags);
	if (ret) {
		rwork->wq = wq;
		call_rcu_hurry(&rwork->rcu, rcu_work_rcufn);
	}
	return ret;
}

/* Wait for the pending execution of @work if @pending, else for the running one. */
static bool wq_wait_item(struct work_struct *work, bool pending)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct wq_flusher f = { .work = work, .done = &done, .waiter = current };
	struct worker *self = wq_current_worker();
	bool wait = true, itself = false;

	might_sleep();
	raw_spin_lock_irq(&wq_lock);
	if (!pending || !(work_data(work) & W_QUEUED)) {
		f.worker = wq_find_running(work);
		itself = f.worker && f.worker == self;
		if (f.worker)
			lock_work_begins(&f.task, f.worker->task);
		wait = f.worker && !itself;
	}
	if (wait)
		list_add_tail(&f.node, &wq_flushers);
	raw_spin_unlock_irq(&wq_lock);
	if (itself)
		violation(VIOLATION_DEADLOCK, "work %ps waits for itself", work->func);
	if (wait) {
		lock_wait_for_work(&f.task);
		wait_for_completion(&done);
		lock_wait_over();
	}
	return wait;
}

bool flush_work(struct work_struct *work)
{
	return wq_wait_item(work, true);
}

bool flush_delayed_work(struct delayed_work *dwork)
{
	bool taken = true;

	raw_spin_lock_irq(&wq_lock);
	if (work_data(&dwork->work) & W_TIMER) {
		wq_grab(&dwork->work);
		taken = wq_insert(dwork->cpu, dwork->wq, &dwork->work);
	}
	raw_spin_unlock_irq(&wq_lock);
	if (!taken)
		wq_warn_draining(dwork->wq, &dwork->work);
	return flush_work(&dwork->work);
}

bool flush_rcu_work(struct rcu_work *rwork)
{
	if (!work_pending(&rwork->work))
		return flush_work(&rwork->work);
	rcu_barrier();
	flush_work(&rwork->work);
	return true;
}

/* Take a pending item off, and change its disable count by @disable. */
static bool wq_cancel(struct work_struct *work, int disable)
{
	unsigned long flags;
	bool ret;

	raw_spin_lock_irqsave(&wq_lock, flags);
	ret = wq_grab(work);
	if (disable)
		atomic_long_add(W_DISABLE_ONE, &work->data);
	raw_spin_unlock_irqrestore(&wq_lock, flags);
	return ret;
}

bool enable_work(struct work_struct *work)
{
	unsigned long flags;
	bool was, ret;

	raw_spin_lock_irqsave(&wq_lock, flags);
	was = work_data(work) & W_DISABLED;
	if (was)
		atomic_long_sub(W_DISABLE_ONE, &work->data);
	ret = was && !(work_data(work) & W_DISABLED);
	raw_spin_unlock_irqrestore(&wq_lock, flags);
	if (!was)
		violation(VIOLATION_WARN, "workqueue: enable_work() of %ps, which is not disabled",
			  work->func);
	return ret;
}

/* Disabled while we wait, or it could be queued for ever. */
static bool wq_cancel_sync(struct work_struct *work)
{
	bool ret = wq_cancel(work, 1);

	wq_wait_item(work, false);
	return ret;
}

bool cancel_work(struct work_struct *work)
{
	return wq_cancel(work, 0);
}

bool cancel_work_sync(struct work_struct *work)
{
	bool ret = wq_cancel_sync(work);

	enable_work(work);
	return ret;
}

bool disable_work(struct work_struct *work)
{
	return wq_cancel(work, 1);
}

bool disable_work_sync(struct work_struct *work)
{
	return wq_cancel_sync(work);
}

bool cancel_delayed_work(struct delayed_work *dwork)
{
	return cancel_work(&dwork->work);
}

bool cancel_delayed_work_sync(struct delayed_work *dwork)
{
	bool ret = wq_cancel_sync(&dwork->work);

	timer_delete_sync(&dwork->timer);
	enable_work(&dwork->work);
	return ret;
}

bool disable_delayed_work(struct delayed_work *dwork)
{
	return disable_work(&dwork->work);
}

bool disable_delayed_work_sync(struct delayed_work *dwork)
{
	return disable_work_sync(&dwork->work);
}

bool enable_delayed_work(struct delayed_work *dwork)
{
	return enable_work(&dwork->work);
}

unsigned int work_busy(struct work_struct *work)
{
	unsigned long flags;
	unsigned int ret = 0;

	raw_spin_lock_irqsave(&wq_lock, flags);
	if (work_pending(work))
		ret |= WORK_BUSY_PENDING;
	if (wq_find_running(work))
		ret |= WORK_BUSY_RUNNING;
	raw_spin_unlock_irqrestore(&wq_lock, flags);
	return ret;
}

void destroy_work_on_stack(struct work_struct *work)
{
	if (work_busy(work))
		violation(VIOLATION_BUG, "work %ps on the stack is still in use", work->func);
}

void destroy_delayed_work_on_stack(struct delayed_work *dwork)
{
	destroy_work_on_stack(&dwork->work);
	destroy_timer_on_stack(&dwork->timer);
}

void freeze_workqueues_begin(void)
{
	raw_spin_lock_irq(&wq_lock);
	wq_freezing = true;
	raw_spin_unlock_irq(&wq_lock);
}

bool freeze_workqueues_busy(void)
{
	struct workqueue_struct *wq;
	struct pool_workqueue *pwq;
	bool busy = false;

	raw_spin_lock_irq(&wq_lock);
	list_for_each_entry(wq, &workqueues, node)
		if (wq->flags & WQ_FREEZABLE)
			list_for_each_entry(pwq, &wq->pwqs, node)
				busy |= pwq->limit->nr_active > 0;
	raw_spin_unlock_irq(&wq_lock);
	return busy;
}

void thaw_workqueues(void)
{
	struct workqueue_struct *wq;

	raw_spin_lock_irq(&wq_lock);
	wq_freezing = false;
	list_for_each_entry(wq, &workqueues, node)
		if (wq->flags & WQ_FREEZABLE)
			wq_activate_all(wq);
	raw_spin_unlock_irq(&wq_lock);
}

void workqueue_set_max_active(struct workqueue_struct *wq, int max_active)
{
	raw_spin_lock_irq(&wq_lock);
	if (!(wq->flags & __WQ_ORDERED)) {
		wq->max_active = clamp(max_active, 1, (int)WQ_MAX_ACTIVE);
		wq_activate_all(wq);
	}
	raw_spin_unlock_irq(&wq_lock);
}

/* The function of a delayed item that will be queued on @wq, or NULL. */
work_func_t wq_first_delayed(struct workqueue_struct *wq)
{
	struct work_struct *work;

	list_for_each_entry(work, &delayed_works, entry)
		if (to_delayed_work(work)->wq == wq)
			return work->func;
	return NULL;
}

/* Power off: stop all timers, without a word. */
void wq_forget_delayed(void)
{
	struct work_struct *work;

	raw_spin_lock_irq(&wq_lock);
	while (!list_empty(&delayed_works)) {
		work = list_first_entry(&delayed_works, struct work_struct, entry);
		wq_grab(work);
	}
	raw_spin_unlock_irq(&wq_lock);
}

/* Power off: an item that queues itself again and again has to end somewhere. */
void wq_drop_queued(struct worker_pool *pool)
{
	while (!list_empty(&pool->worklist))
		wq_grab(list_first_entry(&pool->worklist, struct work_struct, entry));
}
