// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: knuma_migratedN, which moves pages to node N.
 *
 * One daemon per node with memory and CPUs, bound to it, pulls pages to its node: from
 * one source node after the other, beginning after the one served last, a few at a
 * time. It isolates no more than it moves at once, than one batch allows, and than
 * its node has room for.
 *
 * A place in a queue is only a frame number, so everything is judged again when it is
 * taken out, under a reference: a folio with a reference cannot become another one. A
 * page that could not be isolated or moved goes back to the LRU, and to the end
 * of the queue until it has failed AUTONUMA_TRIES times; then it is dropped, and why is
 * counted and traced. The next hinting faults may queue it again.
 */
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/memory_hotplug.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <trace/events/autonuma.h>

#include "autonuma.h"

/* Attempts to move a page before it is dropped. */
#define AUTONUMA_TRIES	3

/**
 * struct pull_daemon - the daemon that pulls pages to a node
 * @nid:	its node
 * @task:	knuma_migrated<nid>
 * @wait:	where it waits for pages, and pauses
 * @last_nid:	the source node served last
 * @kicked:	deferred migration may start
 * @turn:	the pages of the turn in progress
 */
struct pull_daemon {
	int nid;
	struct task_struct *task;
	wait_queue_head_t wait;
	int last_nid;
	bool kicked;
	struct autonuma_queued turn[AUTONUMA_TURN];
};

/* By node; NULL for a node without memory or CPUs. */
static struct pull_daemon **daemons;

/**
 * autonuma_migrate_wake() - pages were queued for a node
 * @target_nid:	the node
 *
 * Wakes its daemon if there is one.
 * Context: any; may hold a page-table lock.
 */
void autonuma_migrate_wake(int target_nid)
{
	struct pull_daemon *d = daemons[target_nid];

	if (d)
		wake_up_interruptible(&d->wait);
}

/**
 * autonuma_migrate_kick() - let deferred migration start where pages wait
 *
 * Pages queued later wait for the next kick.
 */
void autonuma_migrate_kick(void)
{
	int nid;

	for_each_node(nid) {
		struct pull_daemon *d = daemons[nid];

		if (!d || !autonuma_queue_promised(nid))
			continue;
		WRITE_ONCE(d->kicked, true);
		wake_up_interruptible(&d->wait);
	}
}

/**
 * autonuma_migrate_look() - a knob was written: let all daemons look what they wait for
 *
 * Who waits deferred starts when that is switched off.
 * Context: any; the daemons are there as long as the knobs are.
 */
void autonuma_migrate_look(void)
{
	int nid;

	/* The daemon's full barrier in prepare_to_wait(): it sees the knob, or is woken. */
	for_each_node(nid) {
		if (daemons[nid])
			wake_up_interruptible(&daemons[nid]->wait);
	}
}

/* Tell the mm that asked for it what became of a page, unless it has exited. */
static void tell(const struct autonuma_queued *item, enum autonuma_outcome what)
{
	rcu_read_lock();
	autonuma_hear(autonuma_find_mm(item->mm_id), what, 1UL << item->order);
	rcu_read_unlock();
}

/*
 * Get a reference on the folio at @pfn. NULL if there is none: the page is free,
 * offline, or part of another folio. Parts have no references of their own, so what is a head
 * before it is referenced cannot be a part after that.
 */
static struct folio *get_folio_at(unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);
	struct folio *folio;

	if (!page)
		return NULL;
	folio = page_folio(page);
	return folio_pfn(folio) == pfn && folio_try_get(folio) ? folio : NULL;
}

/* Was the last sampled access from @nid? A page freed and reused since was not sampled. */
static bool last_touched_from(struct folio *folio, int nid)
{
	int last = folio_last_cpupid(folio);

	return !autonuma_never_sampled(last) && cpupid_to_nid(last) == nid;
}

/*
 * Judge a queued page again and isolate it. The reference makes the answers stable as far
 * as they can be; isolation takes one of its own before it is put.
 */
static enum autonuma_drop isolate_queued(unsigned long pfn, int target_nid,
					 struct list_head *isolated)
{
	struct folio *folio = get_folio_at(pfn);
	enum autonuma_drop why;

	if (!folio)
		return AUTONUMA_DROP_GONE;

	why = autonuma_movable(folio);
	/* A shared page of a file was queued because a group agreed. */
	if (why == AUTONUMA_DROP_SHARED && !folio_test_anon(folio))
		why = AUTONUMA_DROP_NONE;
	if (!last_touched_from(folio, target_nid))
		why = AUTONUMA_DROP_UNWANTED;
	if (!why && !isolate_folio_to_list(folio, isolated))
		why = AUTONUMA_DROP_OFF_LRU;
	folio_put(folio);
	return why;
}

/* Queue a page once more, unless it has failed too often or nobody wants it there. */
static void retry_or_drop(struct autonuma_queued *item, int target_nid,
			  enum autonuma_drop why)
{
	bool again = why == AUTONUMA_DROP_OFF_LRU || why == AUTONUMA_DROP_BUSY;

	if (again && ++item->tries < AUTONUMA_TRIES)
		why = autonuma_queue_add(item, target_nid);
	if (!why)
		return;
	autonuma_dropped(item->pfn, item->order, target_nid, why);
	if (why != AUTONUMA_DROP_GONE && why != AUTONUMA_DROP_UNWANTED)
		tell(item, AUTONUMA_STAYED);
}

/* The item of a folio of this turn that did not move, among those not kept yet; or NULL. */
static struct autonuma_queued *find_item(struct pull_daemon *d, unsigned int kept,
					 unsigned int nr, struct folio *folio)
{
	unsigned int i;

	for (i = kept; i < nr; i++) {
		if (d->turn[i].pfn == folio_pfn(folio))
			return &d->turn[i];
	}
	return NULL;
}

/* The mm that asked for the page of which @folio was a part: the next head below. */
static unsigned long mm_of_part(struct pull_daemon *d, unsigned int nr, struct folio *folio)
{
	const struct autonuma_queued *item, *head = NULL;

	while (nr--) {
		item = &d->turn[nr];
		if (item->pfn < folio_pfn(folio) && (!head || item->pfn > head->pfn))
			head = item;
	}
	return head->mm_id;
}

/*
 * Move the items of the folios that are still on @isolated to the front of the turn. A
 * part of a page that was split on the way is no head and has no item: it gets a place of
 * its own, from which nobody but this daemon, after this turn, takes it.
 */
static unsigned int keep_failed(struct pull_daemon *d, unsigned int nr,
				struct list_head *isolated)
{
	unsigned int nr_failed = 0;
	struct folio *folio;

	list_for_each_entry(folio, isolated, lru) {
		struct autonuma_queued part = { .pfn = folio_pfn(folio) };
		struct autonuma_queued *item = find_item(d, nr_failed, nr, folio);

		if (!item) {
			part.mm_id = mm_of_part(d, nr, folio);
			retry_or_drop(&part, d->nid, AUTONUMA_DROP_BUSY);
			continue;
		}
		item->order = folio_order(folio);
		swap(*item, d->turn[nr_failed]);
		nr_failed++;
	}
	return nr_failed;
}

/*
 * Put the folios that could not be moved back on the LRU, then queue them again: only a
 * page on the LRU can be isolated. Those not refused before have moved.
 */
static void put_back_and_retry(struct pull_daemon *d, unsigned int nr,
			       struct list_head *isolated)
{
	unsigned int i, nr_failed = keep_failed(d, nr, isolated);

	autonuma_put_back(isolated);
	for (i = 0; i < nr_failed; i++)
		retry_or_drop(&d->turn[i], d->nid, AUTONUMA_DROP_BUSY);
	for (; i < nr; i++)
		tell(&d->turn[i], AUTONUMA_MOVED);
}

/*
 * One turn: take pages that wait on @page_nid, @max at most, and move them here, as far as
 * there is room now. They stay promised to this node until then. Returns the number
 * of pages taken, or minus the size of the first one when that is larger than @max.
 */
static int pull_from(struct pull_daemon *d, int page_nid, unsigned int max)
{
	int i, nr, taken = 0, nr_isolated = 0;
	LIST_HEAD(isolated);

	nr = autonuma_queue_take(page_nid, d->nid, d->turn, max);
	if (nr <= 0)
		return nr;
	for (i = 0; i < nr; i++) {
		enum autonuma_drop why = AUTONUMA_DROP_NODE_FULL;
		int pages = 1 << d->turn[i].order;

		taken += pages;
		if (autonuma_free_room(d->nid) >= nr_isolated + pages)
			why = isolate_queued(d->turn[i].pfn, d->nid, &isolated);
		if (!why) {
			nr_isolated += pages;
			continue;
		}
		retry_or_drop(&d->turn[i], d->nid, why);
		d->turn[i].mm_id = 0;	/* Its mm knows. */
	}
	if (nr_isolated)
		autonuma_move_isolated(&isolated, d->nid);
	put_back_and_retry(d, nr, &isolated);
	autonuma_queue_settle(d->nid, taken);
	return taken;
}

/*
 * Move one batch here: a turn for each source node after the other, until the batch is
 * full or no source has pages. A huge page too large for what is left is the first of the
 * next batch; one that no batch holds is a batch of its own. Pages queued again by this
 * batch are left for the next one, too.
 */
static void pull_batch(struct pull_daemon *d)
{
	unsigned long waiting = autonuma_queue_promised(d->nid);
	unsigned int size = min_t(unsigned long, waiting, autonuma_knob(pages_to_migrate));
	unsigned int left = size, idle = 0;

	while (left && idle < num_node_state(N_MEMORY)) {
		int nid = next_node_in(d->last_nid, node_states[N_MEMORY]);
		int nr = pull_from(d, nid, left);

		if (nr < 0 && left == size)
			nr = pull_from(d, nid, -nr);
		if (nr < 0)
			break;
		d->last_nid = nid;
		left -= min_t(unsigned int, left, nr);
		idle = nr ? 0 : idle + 1;
		cond_resched();
	}
}

static bool pages_wait(struct pull_daemon *d)
{
	return autonuma_queue_promised(d->nid) || kthread_should_stop();
}

static bool may_start(struct pull_daemon *d)
{
	return READ_ONCE(d->kicked) || !autonuma_knob(migrate_defer) || kthread_should_stop();
}

static unsigned long pause_jiffies(void)
{
	return msecs_to_jiffies(autonuma_knob(migrate_sleep_millisecs));
}

/*
 * Wait until there is something to do; deferred, until the scan is in the middle of its next
 * pass, too.
 */
static void wait_for_pages(struct pull_daemon *d)
{
	wait_event_freezable(d->wait, pages_wait(d));
	wait_event_freezable(d->wait, may_start(d));
}

/* The migration daemon of one node. */
static int knuma_migrated(void *data)
{
	struct pull_daemon *d = data;

	set_freezable();
	while (!kthread_should_stop()) {
		wait_for_pages(d);
		WRITE_ONCE(d->kicked, false);
		pull_batch(d);
		wait_event_freezable_timeout(d->wait, kthread_should_stop(),
					     pause_jiffies());
	}
	return 0;
}

/* Create the daemon of one node and bind it there. */
static int __init start_daemon(int nid)
{
	struct pull_daemon *d = kzalloc_node(sizeof(*d), GFP_KERNEL, nid);
	struct task_struct *task;

	if (!d)
		return -ENOMEM;
	d->nid = nid;
	d->last_nid = nid;
	init_waitqueue_head(&d->wait);
	task = kthread_create_on_node(knuma_migrated, d, nid, "knuma_migrated%d", nid);
	if (IS_ERR(task)) {
		kfree(d);
		return PTR_ERR(task);
	}
	kthread_bind_mask(task, cpumask_of_node(nid));
	d->task = task;
	daemons[nid] = d;
	wake_up_process(task);
	return 0;
}

/**
 * autonuma_migrate_exit() - stop and free all daemons
 *
 * Also after an autonuma_migrate_init() that failed on the way.
 */
void __init autonuma_migrate_exit(void)
{
	int nid;

	for_each_node(nid) {
		if (!daemons[nid])
			continue;
		kthread_stop(daemons[nid]->task);
		kfree(daemons[nid]);
	}
	kfree(daemons);
	daemons = NULL;
}

/**
 * autonuma_migrate_init() - start the daemons of all nodes with memory and CPUs
 *
 * Return: 0 or -Exxx; none runs then.
 */
int __init autonuma_migrate_init(void)
{
	int nid, err;

	daemons = kcalloc(nr_node_ids, sizeof(*daemons), GFP_KERNEL);
	if (!daemons)
		return -ENOMEM;

	for_each_node_state(nid, N_MEMORY) {
		if (!node_state(nid, N_CPU))
			continue;
		err = start_daemon(nid);
		if (err) {
			autonuma_migrate_exit();
			return err;
		}
	}
	return 0;
}
