// SPDX-License-Identifier: GPL-2.0
/*
 * Workqueues: pools of workers.
 *
 * A pool is made when the first item comes to its CPU or node, a worker when an item
 * finds none idle.  Whoever queues may not sleep, so the workers are made by a kthread,
 * kworker/mgr, one at a time per pool; a new worker that finds more items than it can
 * take at once asks for the next.
 */
#include <stdlib.h>

#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <machine/cost.h>
#include <machine/machine.h>
#include <machine/violation.h>

#include <exec/host_memory.h>
#include <exec/kthread_shim.h>
#include <exec/workqueue_internal.h>

struct workqueue_struct *system_wq;
struct workqueue_struct *system_highpri_wq;
struct workqueue_struct *system_long_wq;
struct workqueue_struct *system_unbound_wq;
struct workqueue_struct *system_freezable_wq;
struct workqueue_struct *system_power_efficient_wq;
struct workqueue_struct *system_freezable_power_efficient_wq;

static LIST_HEAD(pools);
static LIST_HEAD(workers);
static LIST_HEAD(need_worker);		/* worker_pool.need_node */
static struct task_struct *manager;

struct worker *wq_current_worker(void)
{
	if (!(current->flags & PF_WQ_WORKER) || !in_task())
		return NULL;
	return kthread_data(current);
}

/* The worker that runs @work. An item that was freed and became another one does not count. */
struct worker *wq_find_running(struct work_struct *work)
{
	struct worker *w;

	list_for_each_entry(w, &workers, all_node)
		if (w->current_work == work && w->current_func == work->func)
			return w;
	return NULL;
}

struct worker_pool *wq_pool(bool unbound, int id)
{
	struct worker_pool *pool;

	list_for_each_entry(pool, &pools, node)
		if (pool->unbound == unbound && pool->id == id)
			return pool;
	pool = host_zalloc(1, sizeof(*pool));
	if (!pool)
		abort();	/* the host is out of memory */
	pool->unbound = unbound;
	pool->id = id;
	INIT_LIST_HEAD(&pool->worklist);
	INIT_LIST_HEAD(&pool->idle);
	INIT_LIST_HEAD(&pool->need_node);
	list_add_tail(&pool->node, &pools);
	return pool;
}

static void worker_leave_idle(struct worker *w)
{
	if (!w->idle)
		return;
	w->idle = false;
	list_del_init(&w->idle_node);
}

void wq_kick(struct worker_pool *pool)
{
	struct worker *w;

	if (!list_empty(&pool->idle)) {
		w = list_first_entry(&pool->idle, struct worker, idle_node);
		worker_leave_idle(w);
		wake_up_process(w->task);
	} else if (!pool->starting && manager) {
		pool->starting = true;
		list_add_tail(&pool->need_node, &need_worker);
		wake_up_process(manager);
	}
}

/* What an item must leave as it found it. */
static void check_leaks(work_func_t func)
{
	if (preempt_count() || irqs_disabled())
		violation(VIOLATION_PREEMPT, "work %ps returned with preempt count %#x, interrupts %s",
			  func, preempt_count(), irqs_disabled() ? "off" : "on");
	if (rcu_preempt_depth())
		violation(VIOLATION_RCU, "work %ps returned inside an RCU reader", func);
	if (current->lock.depth)
		violation(VIOLATION_LOCK_LEAKED, "work %ps returned with a lock held", func);
}

/* Run one item. wq_lock held; released meanwhile. */
static void process_one_work(struct worker *worker, struct work_struct *work)
{
	struct pool_workqueue *pwq = work->pwq;
	work_func_t func = work->func;
	unsigned int color;

	wq_item_begins(worker, work, &color);
	raw_spin_unlock_irq(&wq_lock);
	func(work);		/* may free it */
	check_leaks(func);
	/* So that time passes for an item that queues itself for ever. */
	cost_charge(COST_SWITCH, 1);
	cond_resched();
	raw_spin_lock_irq(&wq_lock);
	wq_item_ended(worker, pwq, color);
}

/*
 * Take the pool's next item and run it, and after it the same item as often as it was
 * queued for others meanwhile: it must not run twice at a time.
 */
static void worker_run_next(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	struct work_struct *work = list_first_entry(&pool->worklist, struct work_struct, entry);
	struct worker *running = wq_find_running(work);

	if (running) {
		list_move_tail(&work->entry, &running->scheduled);
		return;
	}
	list_move(&work->entry, &worker->scheduled);
	if (!list_empty(&pool->worklist))
		wq_kick(pool);
	while (!list_empty(&worker->scheduled))
		process_one_work(worker, list_first_entry(&worker->scheduled,
							  struct work_struct, entry));
}

static int worker_thread(void *arg)
{
	struct worker *worker = arg;
	struct worker_pool *pool = worker->pool;

	WRITE_ONCE(current->flags, current->flags | PF_WQ_WORKER);
	raw_spin_lock_irq(&wq_lock);
	pool->starting = false;
	for (;;) {
		worker_leave_idle(worker);
		__set_current_state(TASK_RUNNING);
		while (!list_empty(&pool->worklist))
			worker_run_next(worker);
		if (kthread_should_stop())
			break;
		worker->idle = true;
		list_add(&worker->idle_node, &pool->idle);
		/* Under the lock, which whoever wakes us holds. */
		__set_current_state(TASK_IDLE);
		raw_spin_unlock_irq(&wq_lock);
		if (!kthread_should_stop())
			schedule();
		raw_spin_lock_irq(&wq_lock);
	}
	WRITE_ONCE(current->flags, current->flags & ~PF_WQ_WORKER);
	raw_spin_unlock_irq(&wq_lock);
	return 0;
}

static struct task_struct *create_worker_thread(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;

	if (pool->unbound)
		return kthread_create_on_node(worker_thread, worker, pool->id,
					      "kworker/u%d:%u", pool->id, pool->nr_workers++);
	return kthread_create_on_node(worker_thread, worker, cpu_to_node(pool->id),
				      "kworker/%d:%u", pool->id, pool->nr_workers++);
}

/* Add a worker to a pool; as long as there is no memory for its thread, try again. */
static void create_worker(struct worker_pool *pool)
{
	struct worker *worker = host_zalloc(1, sizeof(*worker));
	const struct cpumask *mask;
	struct task_struct *t;

	if (!worker)
		abort();	/* the host is out of memory */
	worker->pool = pool;
	INIT_LIST_HEAD(&worker->idle_node);
	INIT_LIST_HEAD(&worker->scheduled);
	while (IS_ERR(t = create_worker_thread(worker)))
		schedule_timeout_uninterruptible(1);
	kthread_mark_shim(t);
	worker->task = t;
	if (!pool->unbound) {
		kthread_bind(t, pool->id);
	} else if (pool->id != NUMA_NO_NODE) {
		mask = cpumask_of_node(pool->id);
		if (!cpumask_empty(mask))
			kthread_bind_mask(t, mask);
	}
	raw_spin_lock_irq(&wq_lock);
	list_add_tail(&worker->all_node, &workers);
	raw_spin_unlock_irq(&wq_lock);
	wake_up_process(t);
}

static int manager_thread(void *unused)
{
	struct worker_pool *pool;

	for (;;) {
		set_current_state(TASK_IDLE);
		raw_spin_lock_irq(&wq_lock);
		pool = list_first_entry_or_null(&need_worker, struct worker_pool, need_node);
		if (pool)
			list_del_init(&pool->need_node);
		raw_spin_unlock_irq(&wq_lock);
		if (pool) {
			__set_current_state(TASK_RUNNING);
			create_worker(pool);
			continue;
		}
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static const struct {
	struct workqueue_struct **wq;
	const char *name;
	unsigned int flags;
} system_wqs[] = {
	{ &system_wq, "events", 0 },
	{ &system_highpri_wq, "events_highpri", WQ_HIGHPRI },
	{ &system_long_wq, "events_long", 0 },
	{ &system_unbound_wq, "events_unbound", WQ_UNBOUND },
	{ &system_freezable_wq, "events_freezable", WQ_FREEZABLE },
	{ &system_power_efficient_wq, "events_power_efficient", WQ_POWER_EFFICIENT },
	{ &system_freezable_power_efficient_wq, "events_freezable_pwr_efficient",
	  WQ_FREEZABLE | WQ_POWER_EFFICIENT },
};

static int workqueue_boot(const struct machine_config *cfg)
{
	struct task_struct *t;
	int i;

	t = kthread_create(manager_thread, NULL, "kworker/mgr");
	if (IS_ERR(t))
		return PTR_ERR(t);
	kthread_mark_shim(t);
	manager = t;
	wake_up_process(t);
	for (i = 0; i < ARRAY_SIZE(system_wqs); i++)
		*system_wqs[i].wq = alloc_workqueue("%s", system_wqs[i].flags, 0,
						    system_wqs[i].name);
	return 0;
}

/* A queue with items, to be waited for. */
static struct workqueue_struct *busy_workqueue(void)
{
	struct workqueue_struct *wq, *ret = NULL;

	raw_spin_lock_irq(&wq_lock);
	list_for_each_entry(wq, &workqueues, node)
		if (wq->nr_in_flight[0] || wq->nr_in_flight[1])
			ret = wq;
	raw_spin_unlock_irq(&wq_lock);
	return ret;
}

/* Items that keep queueing themselves are given that many rounds at power off. */
#define QUIESCE_ROUNDS	16

void workqueue_quiesce(void)
{
	struct workqueue_struct *wq;
	struct worker_pool *pool;
	int i;

	for (i = 0; i < QUIESCE_ROUNDS; i++) {
		wq_forget_delayed();
		wq = busy_workqueue();
		if (!wq)
			return;
		flush_workqueue(wq);
	}
	raw_spin_lock_irq(&wq_lock);
	wq_dying = true;
	list_for_each_entry(pool, &pools, node)
		wq_drop_queued(pool);
	raw_spin_unlock_irq(&wq_lock);
	while ((wq = busy_workqueue()))
		flush_workqueue(wq);
}

/* Ends of life: all workers, then what remains of queues and pools. */
static void workqueue_stop(void)
{
	struct worker *worker, *next;
	struct task_struct *t = manager;

	workqueue_quiesce();
	raw_spin_lock_irq(&wq_lock);
	wq_dying = true;
	manager = NULL;
	raw_spin_unlock_irq(&wq_lock);
	kthread_stop(t);
	list_for_each_entry_safe(worker, next, &workers, all_node) {
		list_del(&worker->all_node);
		kthread_stop(worker->task);
		host_free(worker);
	}
	wq_report_leaks();
}

static void workqueue_halt(void)
{
	struct worker_pool *pool, *next;

	wq_free_all();
	list_for_each_entry_safe(pool, next, &pools, node) {
		list_del(&pool->node);
		host_free(pool);
	}
	INIT_LIST_HEAD(&need_worker);
	wq_dying = false;
	wq_freezing = false;
}

MACHINE_SUBSYS(workqueue, MACHINE_ORDER_KTHREAD, workqueue_boot, workqueue_stop,
	       workqueue_halt);
