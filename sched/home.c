// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: homes, the nodes on which tasks that belong together live.
 *
 * Tasks that one node holds, one on each of its CPUs, go to the node of most of their
 * pages; which that is needs no decision of its own. More tasks than that are spread over
 * the fewest nodes that hold them, and among these each task goes by its own faults.
 *
 * How many tasks are there? Not as many as exist: most programs have threads that sleep, and
 * one main thread that waits for others must not send them to a second node. A task is
 * counted when it takes a placement decision, once per window. The count is the largest
 * of the last windows, so that one window in which a task slept does not shrink a home. A task
 * with a core to itself takes all CPUs of that core: while there are cores for everybody, sharing
 * one costs more than living on one node more.
 *
 * Which nodes? Those that are chosen stay chosen while they hold the tasks and are not more than
 * needed; the one with the fewest pages gives way to an outsider with clearly more. The
 * pages follow the tasks and the tasks the pages, so a choice confirms itself. Nodes that another
 * home is spread over are left to it as long as there are others: processes that all begin with
 * their memory on one node would choose the same nodes, and sort that out page by page.
 */
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/topology.h>

#include "autonuma.h"

/**
 * struct claim - a home is spread over a node
 * @home:	which one; never dereferenced
 * @until:	it has given up the node unless it claims it again by then, in jiffies
 */
struct claim {
	const struct autonuma_home *home;
	unsigned long until;
};

/* One per node, from whoever came first. Protected by claims_lock. */
static struct claim claims[MAX_NUMNODES];

/* Taken once per window by homes that are spread; innermost. */
static DEFINE_SPINLOCK(claims_lock);

/**
 * struct choice - choosing nodes for a home
 * @home:	the home; its lock is held
 * @p:		the task on whose behalf: nodes where it may not run are not chosen
 * @cpus:	how many its tasks take
 * @cpu_nid:	node of @p: of equally good nodes those next in number are chosen
 * @main_nid:	the node of most pages, with or without CPUs
 * @foreign:	nodes that others claim; none until find_foreign()
 */
struct choice {
	struct autonuma_home *home;
	struct task_struct *p;
	unsigned int cpus;
	int cpu_nid;
	int main_nid;
	nodemask_t foreign;
};

/* In jiffies: long enough for each running task to take a decision. */
static unsigned long window_length(void)
{
	unsigned long interval = msecs_to_jiffies(autonuma_knob(balance_interval_millisecs));

	return max_t(unsigned long, 4 * interval, HZ);
}

/* Find out what others claim. */
static void find_foreign(struct choice *c)
{
	int nid;

	spin_lock(&claims_lock);
	for_each_node_state(nid, N_CPU)
		if (claims[nid].home && claims[nid].home != c->home &&
		    time_before(jiffies, claims[nid].until))
			node_set(nid, c->foreign);
	spin_unlock(&claims_lock);
}

/* Claim what is chosen and free, for this window and the next one. */
static void claim_nodes(const struct choice *c)
{
	int nid;

	spin_lock(&claims_lock);
	for_each_node_mask(nid, c->home->nodes)
		if (!node_isset(nid, c->foreign))
			claims[nid] = (struct claim){ c->home, jiffies + 2 * window_length() };
	spin_unlock(&claims_lock);
}

/**
 * autonuma_home_init() - prepare a home
 * @home:	zeroed memory
 * @pages:	where its pages are counted by node
 * @running:	where its running tasks are to be counted by node
 */
void autonuma_home_init(struct autonuma_home *home, struct autonuma_counts *pages,
			struct autonuma_counts *running)
{
	spin_lock_init(&home->lock);
	home->pages = pages;
	home->running = running;
	home->begin = jiffies;
}

/**
 * autonuma_share() - a node's part of pages or faults
 * @c:		the counts
 * @nid:	the node
 *
 * Return: 0 .. AUTONUMA_ALL; 0 if nothing was counted.
 * Context: any; never waits for a writer longer than one update.
 */
long autonuma_share(struct autonuma_counts *c, int nid)
{
	unsigned long total, count = autonuma_counts_share(c, nid, &total);

	return total ? count * AUTONUMA_ALL / total : 0;
}

/* How many CPUs a node has for tasks of the home: those that the task may use. */
static unsigned int room_on(const struct choice *c, int nid)
{
	return cpumask_weight_and(cpumask_of_node(nid), c->p->cpus_ptr);
}

/* The node of @nodes with the largest share of the home's pages; the first of equals. */
static int most_pages(const struct choice *c, const nodemask_t *nodes)
{
	long share, most = -1;
	int nid, best = NUMA_NO_NODE;

	for_each_node_mask(nid, *nodes) {
		share = autonuma_share(c->home->pages, nid);
		if (share > most) {
			most = share;
			best = nid;
		}
	}
	return best;
}

/* As most_pages(), the smallest share. */
static int fewest_pages(const struct choice *c, const nodemask_t *nodes)
{
	long share, fewest = AUTONUMA_ALL + 1;
	int nid, best = NUMA_NO_NODE;

	for_each_node_mask(nid, *nodes) {
		share = autonuma_share(c->home->pages, nid);
		if (share < fewest) {
			fewest = share;
			best = nid;
		}
	}
	return best;
}

/* Leave only nodes where the task may run. */
static void keep_usable(const struct choice *c, nodemask_t *nodes)
{
	int nid;

	for_each_node_mask(nid, *nodes)
		if (!cpumask_intersects(cpumask_of_node(nid), c->p->cpus_ptr))
			node_clear(nid, *nodes);
}

/*
 * The node outside @taken nearest to most of the pages, or NUMA_NO_NODE. Looks at all nodes with
 * CPUs, and is needed only while a home grows beyond the nodes it has pages on.
 */
static int nearest_node(const struct choice *c, const nodemask_t *taken)
{
	int nid = c->cpu_nid, best = NUMA_NO_NODE;
	int n = num_node_state(N_CPU);

	for (; n--; nid = next_node_in(nid, node_states[N_CPU])) {
		if (node_isset(nid, *taken))
			continue;
		if (best == NUMA_NO_NODE ||
		    node_distance(c->main_nid, nid) < node_distance(c->main_nid, best))
			best = nid;
	}
	return best;
}

/*
 * Add nodes outside @taken, those with pages first, until all tasks are held or there are no
 * more.
 */
static void add_nodes(const struct choice *c, const nodemask_t *used, nodemask_t taken)
{
	nodemask_t *nodes = &c->home->nodes, left;
	int nid;

	while (c->home->room < c->cpus) {
		nodes_andnot(left, *used, taken);
		nid = most_pages(c, &left);
		if (nid == NUMA_NO_NODE)
			nid = nearest_node(c, &taken);
		if (nid == NUMA_NO_NODE)
			return;
		node_set(nid, taken);
		if (!room_on(c, nid))
			continue;
		node_set(nid, *nodes);
		c->home->room += room_on(c, nid);
	}
}

/* Give up nodes without which all tasks are held, those with the fewest pages first. */
static void drop_nodes(const struct choice *c)
{
	nodemask_t left = c->home->nodes;
	int nid;

	while ((nid = fewest_pages(c, &left)) != NUMA_NO_NODE) {
		node_clear(nid, left);
		if (c->home->room - room_on(c, nid) < c->cpus)
			continue;
		node_clear(nid, c->home->nodes);
		c->home->room -= room_on(c, nid);
	}
}

/*
 * Take the outsider with the most pages for the member with the fewest if it has a third
 * more, and clearly more: less would make the choice go to and fro.
 */
static void exchange_node(const struct choice *c, const nodemask_t *used)
{
	struct autonuma_home *home = c->home;
	int in, out = fewest_pages(c, &home->nodes);
	unsigned int room;
	nodemask_t left;
	long gain;

	nodes_andnot(left, *used, home->nodes);
	nodes_andnot(left, left, c->foreign);
	in = most_pages(c, &left);
	if (in == NUMA_NO_NODE || out == NUMA_NO_NODE)
		return;
	room = home->room - room_on(c, out) + room_on(c, in);
	gain = autonuma_share(home->pages, in) - autonuma_share(home->pages, out);
	if (room < c->cpus || gain < AUTONUMA_CLEARLY ||
	    gain * 3 < autonuma_share(home->pages, out))
		return;
	node_clear(out, home->nodes);
	node_set(in, home->nodes);
	home->room = room;
}

/* Choose the nodes of the home anew, as near to those it has as possible. */
static void choose_nodes(struct choice *c)
{
	struct autonuma_home *home = c->home;
	nodemask_t used, taken;
	int nid;

	autonuma_counts_nodes(home->pages, &used);
	c->main_nid = most_pages(c, &used);
	home->room = 0;
	if (c->main_nid == NUMA_NO_NODE)
		return;

	keep_usable(c, &used);
	nid = most_pages(c, &used);
	if (nid != NUMA_NO_NODE && room_on(c, nid) >= c->cpus) {
		nodes_clear(home->nodes);
		home->room = room_on(c, nid);
		return;
	}

	keep_usable(c, &home->nodes);
	for_each_node_mask(nid, home->nodes)
		home->room += room_on(c, nid);
	find_foreign(c);
	nodes_or(taken, home->nodes, c->foreign);
	add_nodes(c, &used, taken);
	add_nodes(c, &used, home->nodes);
	drop_nodes(c);
	exchange_node(c, &used);
	claim_nodes(c);
	/* All nodes are not enough: no reason to choose again before the next window. */
	if (home->room < c->cpus)
		home->room = UINT_MAX;
}

/* Begin a new window if the current one is over. The caller holds @home->lock. */
static void begin_window(struct autonuma_home *home)
	__must_hold(&home->lock)
{
	int i;

	lockdep_assert_held(&home->lock);

	if (time_before(jiffies, home->begin + window_length()))
		return;
	for (i = AUTONUMA_WINDOWS - 1; i; i--)
		home->seen[i] = home->seen[i - 1];
	home->seen[0] = 0;
	home->begin = jiffies;
	home->window++;
}

/* Count a running task once per window, and the CPUs it takes. The caller holds @home->lock. */
static void see_task(struct autonuma_home *home, struct autonuma_seen *seen, int cpu_nid,
		     unsigned int cpus)
	__must_hold(&home->lock)
{
	lockdep_assert_held(&home->lock);

	begin_window(home);
	if (seen->home == home && seen->window == home->window)
		return;
	seen->home = home;
	seen->window = home->window;
	home->seen[0] += cpus;
	autonuma_counts_add(home->running, home->window, cpu_nid, AUTONUMA_TASK);
}

/**
 * autonuma_home_see() - count a running task that has no choice, or another home to choose for it
 * @home:	a home it belongs to
 * @seen:	where that home has counted it
 * @cpu_nid:	the node it runs on
 *
 * It counts where it runs. It takes no CPU that others could have.
 *
 * Context: process context.
 */
void autonuma_home_see(struct autonuma_home *home, struct autonuma_seen *seen, int cpu_nid)
{
	spin_lock(&home->lock);
	see_task(home, seen, cpu_nid, 0);
	spin_unlock(&home->lock);
}

/**
 * autonuma_home_visit() - count a running task, and say where it may live
 * @home:	the task's home
 * @p:		the task, the current one
 * @seen:	where the home has counted it
 * @cpu_nid:	the node it runs on
 * @cpus:	CPUs it takes: those of a whole core that it has to itself
 * @nodes:	receives the nodes to choose from: those that the home is spread over, or all
 *		that have pages
 *
 * Costs what these nodes cost; once per window, and when tasks become more, nodes may be chosen.
 *
 * Return: true if the home is spread over @nodes.
 * Context: process context, RCU reader.
 */
bool autonuma_home_visit(struct autonuma_home *home, struct task_struct *p,
			 struct autonuma_seen *seen, int cpu_nid, unsigned int cpus,
			 nodemask_t *nodes)
{
	struct choice c = { .home = home, .p = p, .cpu_nid = cpu_nid };
	bool spread;
	int i;

	spin_lock(&home->lock);
	see_task(home, seen, cpu_nid, cpus);
	for (i = 0; i < AUTONUMA_WINDOWS; i++)
		c.cpus = max(c.cpus, home->seen[i]);
	if (home->chosen != home->window || c.cpus > home->room)
		choose_nodes(&c);
	home->chosen = home->window;
	*nodes = home->nodes;
	spin_unlock(&home->lock);

	spread = !nodes_empty(*nodes);
	if (!spread)
		autonuma_counts_nodes(home->pages, nodes);
	return spread;
}
