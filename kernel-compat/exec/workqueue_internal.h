/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the workqueues share.
 *
 * One lock, wq_lock, protects everything: items, queues, pools, workers.  It is taken
 * with interrupts off; timers, completions and wake-ups are below it.
 */
#ifndef _EXEC_WORKQUEUE_INTERNAL_H
#define _EXEC_WORKQUEUE_INTERNAL_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct completion;
struct task_struct;

/* Items that run on one CPU, or by workers of one node. */
struct worker_pool {
	struct list_head	node;		/* of pools */
	bool			unbound;
	int			id;		/* CPU, or node if unbound */
	struct list_head	worklist;	/* active items, oldest first */
	struct list_head	idle;		/* workers, the last that went idle first */
	bool			starting;	/* a worker is on its way */
	struct list_head	need_node;	/* on the manager's list */
	unsigned int		nr_workers;
};

/* Runs items of its pool. @current_* are NULL while it runs none. */
struct worker {
	struct list_head	all_node;	/* of workers */
	struct list_head	idle_node;
	bool			idle;
	struct worker_pool	*pool;
	struct task_struct	*task;
	struct work_struct	*current_work;
	work_func_t		current_func;
	struct pool_workqueue	*current_pwq;
	struct list_head	scheduled;	/* the item it runs, queued again elsewhere */
};

/* How many items may be active, and those that are over the limit. */
struct wq_limit {
	int			nr_active;
	struct list_head	inactive;
};

/* A queue on a pool. */
struct pool_workqueue {
	struct list_head	node;		/* of workqueue_struct.pwqs */
	struct workqueue_struct	*wq;
	struct worker_pool	*pool;
	struct wq_limit		*limit;		/* the queue's if unbound, else @own */
	struct wq_limit		own;
};

struct workqueue_struct {
	struct list_head	node;		/* of workqueues */
	char			name[32];
	unsigned int		flags;
	int			max_active;
	bool			boot;		/* made while booting: no leak at power off */
	struct list_head	pwqs;
	struct wq_limit		limit;
	/* Items queued since the last flush have color, older ones !color. */
	unsigned int		color;
	unsigned int		nr_in_flight[2];
	struct completion	*flush_done;	/* of the one flusher, waiting for !color */
	struct mutex		flush_mutex;
	int			nr_drainers;
};

/* Waits, on the stack, for one execution of an item. */
struct wq_flusher {
	struct list_head	node;
	struct work_struct	*work;
	struct worker		*worker;	/* NULL until the item begins to run */
	struct completion	*done;
	struct task_struct	*task;		/* of the worker, for lock_wait_for_work() */
	struct task_struct	*waiter;
};

extern raw_spinlock_t wq_lock;
extern struct list_head wq_flushers;
extern struct list_head workqueues;
extern bool wq_freezing;
extern bool wq_dying;			/* power off: nothing is queued any more */

/* workqueue_pool.c; all with wq_lock held. */
struct worker_pool *wq_pool(bool unbound, int id);
void wq_kick(struct worker_pool *pool);		/* see that somebody runs its worklist */
struct worker *wq_find_running(struct work_struct *work);
struct worker *wq_current_worker(void);		/* NULL if current is none; no lock needed */

/* workqueue.c; all with wq_lock held. */
void wq_item_begins(struct worker *worker, struct work_struct *work, unsigned int *color);
void wq_item_ended(struct worker *worker, struct pool_workqueue *pwq, unsigned int color);
void wq_forget_delayed(void);		/* takes the lock itself */
work_func_t wq_first_delayed(struct workqueue_struct *wq);
void wq_drop_queued(struct worker_pool *pool);

/* workqueue_queue.c */
void wq_report_leaks(void);
void wq_free_all(void);

#endif /* _EXEC_WORKQUEUE_INTERNAL_H */
