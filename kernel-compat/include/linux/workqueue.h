/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Workqueues.
 *
 * same: an item is queued at most once, never runs twice at a time, and belongs to
 *	nobody once its function has begun; what flushing and cancelling wait for;
 *	draining, max_active, ordered queues, disabling, freezable queues.
 * model: a worker is created for each item that finds no idle one (the kernel starts
 *	another only when the running one sleeps); on one CPU they still take turns.
 *	Unbound queues have one pool of workers per node.  Workers stay until power off.
 *	WQ_MEM_RECLAIM needs no rescuer (creating a worker cannot fail), WQ_HIGHPRI,
 *	WQ_CPU_INTENSIVE, WQ_POWER_EFFICIENT, WQ_SYSFS and timer flags change nothing.
 *	Flushers of one queue take turns.  The stopping machine runs what is queued and
 *	forgets delayed work that is not due.
 * left out: WQ_BH (alloc_workqueue() refuses it), attributes.
 */
#ifndef _LINUX_WORKQUEUE_H
#define _LINUX_WORKQUEUE_H

#include <linux/types.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/threads.h>
#include <linux/timer.h>

struct workqueue_struct;
struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);

/*
 * Bits of work_struct.data: state in the low ones, then the colour for flushing, then
 * the number of times the item is disabled; all under the workqueues' lock.
 */
enum work_bits {
	WORK_STRUCT_PENDING_BIT	= 0,	/* queued, or its timer runs */
	WORK_STRUCT_INACTIVE_BIT,	/* waits for max_active */
	WORK_STRUCT_QUEUED_BIT,		/* on a list of a pool or of a queue */
	WORK_STRUCT_TIMER_BIT,		/* its timer runs */
	WORK_STRUCT_COLOR_SHIFT	= 4,
	WORK_STRUCT_DISABLE_SHIFT = 16,
};

enum wq_misc_consts {
	WORK_CPU_UNBOUND	= NR_CPUS,	/* prefer the local CPU */
	WORK_BUSY_PENDING	= 1 << 0,	/* work_busy() */
	WORK_BUSY_RUNNING	= 1 << 1,
};

/**
 * struct work_struct - one item of work
 * @data:	enum work_bits
 * @entry:	while queued: on a pool or on the queue's inactive list; while its timer
 *		runs: on the list of delayed work
 * @func:	what to run
 * @pwq:	where it is queued, or was last
 */
struct work_struct {
	atomic_long_t		data;
	struct list_head	entry;
	work_func_t		func;
	void			*pwq;
};

struct delayed_work {
	struct work_struct	work;
	struct timer_list	timer;
	struct workqueue_struct	*wq;	/* where and on which CPU the timer queues it */
	int			cpu;
};

struct rcu_work {
	struct work_struct	work;
	struct rcu_head		rcu;
	struct workqueue_struct	*wq;
};

struct execute_work {
	struct work_struct	work;
};

static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

static inline struct rcu_work *to_rcu_work(struct work_struct *work)
{
	return container_of(work, struct rcu_work, work);
}

void delayed_work_timer_fn(struct timer_list *t);

#define __WORK_INITIALIZER(n, f)						\
	{									\
		.data = ATOMIC_LONG_INIT(0),					\
		.entry = { &(n).entry, &(n).entry },				\
		.func = (f),							\
	}
#define __DELAYED_WORK_INITIALIZER(n, f, tflags)				\
	{									\
		.work = __WORK_INITIALIZER((n).work, (f)),			\
		.timer = __TIMER_INITIALIZER(delayed_work_timer_fn,		\
					     (tflags) | TIMER_IRQSAFE),		\
	}
#define DECLARE_WORK(n, f)	struct work_struct n = __WORK_INITIALIZER(n, f)
#define DECLARE_DELAYED_WORK(n, f)						\
	struct delayed_work n = __DELAYED_WORK_INITIALIZER(n, f, 0)
#define DECLARE_DEFERRABLE_WORK(n, f)						\
	struct delayed_work n = __DELAYED_WORK_INITIALIZER(n, f, TIMER_DEFERRABLE)

#define INIT_WORK(_work, _func)							\
	do {									\
		(_work)->data = (atomic_long_t)ATOMIC_LONG_INIT(0);		\
		INIT_LIST_HEAD(&(_work)->entry);				\
		(_work)->func = (_func);					\
		(_work)->pwq = NULL;						\
	} while (0)
#define INIT_WORK_ONSTACK(_work, _func)	INIT_WORK(_work, _func)

#define __INIT_DELAYED_WORK(_work, _func, _tflags)				\
	do {									\
		INIT_WORK(&(_work)->work, (_func));				\
		timer_setup(&(_work)->timer, delayed_work_timer_fn,		\
			    (_tflags) | TIMER_IRQSAFE);				\
	} while (0)
#define INIT_DELAYED_WORK(_work, _func)		__INIT_DELAYED_WORK(_work, _func, 0)
#define INIT_DEFERRABLE_WORK(_work, _func)					\
	__INIT_DELAYED_WORK(_work, _func, TIMER_DEFERRABLE)
#define INIT_DELAYED_WORK_ONSTACK(_work, _func)					\
	do {									\
		INIT_WORK_ONSTACK(&(_work)->work, (_func));			\
		timer_setup_on_stack(&(_work)->timer, delayed_work_timer_fn,	\
				     TIMER_IRQSAFE);				\
	} while (0)
#define INIT_RCU_WORK(_work, _func)	INIT_WORK(&(_work)->work, (_func))

/* Reports an item that is still in use. */
void destroy_work_on_stack(struct work_struct *work);
void destroy_delayed_work_on_stack(struct delayed_work *work);

#define work_pending(work)							\
	(!!(atomic_long_read(&(work)->data) & BIT(WORK_STRUCT_PENDING_BIT)))
#define delayed_work_pending(w)	work_pending(&(w)->work)

enum wq_flags {
	WQ_BH			= 1 << 0,
	WQ_UNBOUND		= 1 << 1,
	WQ_FREEZABLE		= 1 << 2,
	WQ_MEM_RECLAIM		= 1 << 3,
	WQ_HIGHPRI		= 1 << 4,
	WQ_CPU_INTENSIVE	= 1 << 5,
	WQ_SYSFS		= 1 << 6,
	WQ_POWER_EFFICIENT	= 1 << 7,
	__WQ_DESTROYING		= 1 << 15,
	__WQ_DRAINING		= 1 << 16,
	__WQ_ORDERED		= 1 << 17,
	__WQ_LEGACY		= 1 << 18,
};

enum wq_consts {
	WQ_MAX_ACTIVE		= 512,
	WQ_UNBOUND_MAX_ACTIVE	= WQ_MAX_ACTIVE,
	WQ_DFL_ACTIVE		= WQ_MAX_ACTIVE / 2,
};

extern struct workqueue_struct *system_wq;
extern struct workqueue_struct *system_highpri_wq;
extern struct workqueue_struct *system_long_wq;
extern struct workqueue_struct *system_unbound_wq;
extern struct workqueue_struct *system_freezable_wq;
extern struct workqueue_struct *system_power_efficient_wq;
extern struct workqueue_struct *system_freezable_power_efficient_wq;

/**
 * alloc_workqueue() - create a workqueue
 * @fmt:	printf-style name
 * @flags:	WQ_*
 * @max_active:	items that may run at a time: per CPU, or in all for WQ_UNBOUND;
 *		0 means WQ_DFL_ACTIVE, at most WQ_MAX_ACTIVE
 *
 * Return: the queue, to be given to destroy_workqueue(), or NULL.
 */
__printf(1, 4)
struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags,
					 int max_active, ...);

#define alloc_ordered_workqueue(fmt, flags, args...)				\
	alloc_workqueue(fmt, WQ_UNBOUND | __WQ_ORDERED | (flags), 1, ##args)
#define create_workqueue(name)							\
	alloc_workqueue("%s", __WQ_LEGACY | WQ_MEM_RECLAIM, 1, (name))
#define create_freezable_workqueue(name)					\
	alloc_workqueue("%s", __WQ_LEGACY | WQ_FREEZABLE | WQ_UNBOUND |		\
			WQ_MEM_RECLAIM, 1, (name))
#define create_singlethread_workqueue(name)					\
	alloc_ordered_workqueue("%s", __WQ_LEGACY | WQ_MEM_RECLAIM, name)

/* Waits for what is queued; reports delayed work whose timer still runs. */
void destroy_workqueue(struct workqueue_struct *wq);
void workqueue_set_max_active(struct workqueue_struct *wq, int max_active);

/* False when the item was pending already (or is disabled). Any context. */
bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work);
bool queue_work_node(int node, struct workqueue_struct *wq, struct work_struct *work);
bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq,
			   struct delayed_work *dwork, unsigned long delay);
/* True when the timer was pending and has been changed. Any context. */
bool mod_delayed_work_on(int cpu, struct workqueue_struct *wq,
			 struct delayed_work *dwork, unsigned long delay);
bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork);

/* These wait. */
void __flush_workqueue(struct workqueue_struct *wq);
#define flush_workqueue(wq)	__flush_workqueue(wq)
void drain_workqueue(struct workqueue_struct *wq);
bool flush_work(struct work_struct *work);
bool flush_delayed_work(struct delayed_work *dwork);
bool flush_rcu_work(struct rcu_work *rwork);
bool cancel_work_sync(struct work_struct *work);
bool cancel_delayed_work_sync(struct delayed_work *dwork);
bool disable_work_sync(struct work_struct *work);
bool disable_delayed_work_sync(struct delayed_work *dwork);
int schedule_on_each_cpu(work_func_t func);

/* These do not. */
bool cancel_work(struct work_struct *work);
bool cancel_delayed_work(struct delayed_work *dwork);
bool disable_work(struct work_struct *work);
bool enable_work(struct work_struct *work);
bool disable_delayed_work(struct delayed_work *dwork);
bool enable_delayed_work(struct delayed_work *dwork);

unsigned int work_busy(struct work_struct *work);
struct work_struct *current_work(void);
bool current_is_workqueue_rescuer(void);

static inline bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	return queue_work_on(WORK_CPU_UNBOUND, wq, work);
}

static inline bool queue_delayed_work(struct workqueue_struct *wq,
				      struct delayed_work *dwork, unsigned long delay)
{
	return queue_delayed_work_on(WORK_CPU_UNBOUND, wq, dwork, delay);
}

static inline bool mod_delayed_work(struct workqueue_struct *wq,
				    struct delayed_work *dwork, unsigned long delay)
{
	return mod_delayed_work_on(WORK_CPU_UNBOUND, wq, dwork, delay);
}

static inline bool schedule_work_on(int cpu, struct work_struct *work)
{
	return queue_work_on(cpu, system_wq, work);
}

static inline bool schedule_work(struct work_struct *work)
{
	return queue_work(system_wq, work);
}

static inline bool schedule_delayed_work_on(int cpu, struct delayed_work *dwork,
					    unsigned long delay)
{
	return queue_delayed_work_on(cpu, system_wq, dwork, delay);
}

static inline bool schedule_delayed_work(struct delayed_work *dwork, unsigned long delay)
{
	return queue_delayed_work(system_wq, dwork, delay);
}

static inline bool enable_and_queue_work(struct workqueue_struct *wq,
					 struct work_struct *work)
{
	if (!enable_work(work))
		return false;
	queue_work(wq, work);
	return true;
}

void freeze_workqueues_begin(void);
bool freeze_workqueues_busy(void);	/* true: some freezable item still runs */
void thaw_workqueues(void);

#endif /* _LINUX_WORKQUEUE_H */
