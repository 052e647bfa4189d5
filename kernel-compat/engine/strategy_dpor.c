// SPDX-License-Identifier: GPL-2.0
/*
 * Exhaustive search with partial-order reduction: of schedules that differ only in the
 * order of steps which do not depend on each other, one.
 *
 * A step is what a task does from one decision point to its next. It depends on another
 * task's step if both touch an object, and not both only read it or lock it for reading: that
 * of the point it begins with, words that it waits on or wakes, a lock that it releases,
 * internal locks, RCU readers. A point without an object depends on everything, and so does
 * what lets time pass. What no point tells of must be ordered by
 * what points tell of, that is: free of data races.
 *
 * After each schedule, each step is compared with those that it depends on and that did not
 * happen before it by way of others: they are to be tried in the other order (source sets:
 * Abdulla, Aronis, Jonsson and Sagonas, POPL 2014). What has been tried at a choice sleeps
 * until a step that it depends on (Godefroid 1996); a schedule in which all that can run
 * sleeps is known already, and is not counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <engine/strategy.h>

#define MAX_TASKS	64	/* of one schedule */
#define MAX_TOUCHED	12	/* by one step; more: anything */
#define MAX_SLEEPERS	8	/* at one choice; more are awake */
#define MAX_ENABLED	8	/* that one step lets go on; more: see dpor_enable() */

#define ANYTHING	1UL	/* an "object" that everything depends on */
#define READS		2UL	/* added to an object that is only read */

/* What a task does in one step. */
struct act {
	unsigned int id;
	unsigned int nr;
	unsigned long touched[MAX_TOUCHED];
};

struct node {
	u64 step;
	struct act act;			/* of the one that was chosen */
	u64 can_run, to_try, tried;	/* sets of ids */
	struct act sleepers[MAX_SLEEPERS];
	unsigned int nr_sleepers;
	unsigned int enabled[MAX_ENABLED];
	unsigned int nr_enabled;
	u32 before[MAX_TASKS];		/* per task: its steps, counted from 1, before this */
};

static struct {
	struct node *nodes;
	unsigned int nr, room;
	unsigned int next;		/* node that the schedule comes to next */
	unsigned int fresh;		/* the first that is new in this schedule */
	bool redundant;			/* the schedule in progress is known already */
	u64 schedules, known;
	bool done;
} dpor;

static bool dpor_configure(const char *text)
{
	dpor.nr = 0;
	dpor.schedules = 0;
	dpor.known = 0;
	dpor.done = false;
	return !text;
}

static void dpor_begin(u64 step)
{
	/* In the first schedule: only from here on. */
	if (!dpor.schedules && !dpor.known)
		dpor.nr = 0;
	dpor.fresh = dpor.nr ? dpor.nr - 1 : 0;
	dpor.next = 0;
	dpor.redundant = false;
}

static void add_touched(struct act *a, unsigned long object)
{
	for (unsigned int i = 0; i < a->nr; i++) {
		if (a->touched[i] == ANYTHING)
			return;
		if ((a->touched[i] | READS) == (object | READS)) {
			a->touched[i] &= object;
			return;
		}
	}
	if (object == ANYTHING || a->nr == MAX_TOUCHED) {
		a->touched[0] = ANYTHING;
		a->nr = 1;
		return;
	}
	a->touched[a->nr++] = object;
}

/* Objects are told apart by the 8 bytes they begin in. */
static unsigned long object_of(const void *object)
{
	return object ? (unsigned long)object >> 3 << 3 : ANYTHING;
}

static bool depend(const struct act *a, const struct act *b)
{
	if (a->nr && b->nr && (a->touched[0] == ANYTHING || b->touched[0] == ANYTHING))
		return true;
	for (unsigned int i = 0; i < a->nr; i++)
		for (unsigned int k = 0; k < b->nr; k++)
			if ((a->touched[i] | READS) == (b->touched[k] | READS) &&
			    !(a->touched[i] & b->touched[k] & READS))
				return true;
	return false;
}

/* The step in progress, or NULL. */
static struct node *in_progress(void)
{
	return dpor.next && !dpor.redundant ? &dpor.nodes[dpor.next - 1] : NULL;
}

static void dpor_touch(const void *object)
{
	struct node *n = in_progress();

	if (n)
		add_touched(&n->act, object_of(object));
}

static void dpor_enable(const struct strategy_task *t)
{
	struct node *n = in_progress();

	if (n && n->nr_enabled < MAX_ENABLED)
		n->enabled[n->nr_enabled++] = t->id;
	/* Else tried in an order that cannot be: costs a schedule, misses none. */
}

static bool sleeps(const struct node *n, unsigned int id)
{
	for (unsigned int i = 0; i < n->nr_sleepers; i++)
		if (n->sleepers[i].id == id)
			return true;
	return false;
}

/* Who slept at the choice before, or was tried there, and does not depend on its step. */
static void inherit_sleepers(struct node *n, const struct node *before)
{
	n->nr_sleepers = 0;
	for (unsigned int i = 0; i < before->nr_sleepers; i++)
		if (before->sleepers[i].id != before->act.id &&
		    !depend(&before->sleepers[i], &before->act))
			n->sleepers[n->nr_sleepers++] = before->sleepers[i];
}

static struct node *new_node(void)
{
	if (dpor.nr == dpor.room) {
		dpor.room = dpor.room ? 2 * dpor.room : 1024;
		dpor.nodes = realloc(dpor.nodes, dpor.room * sizeof(*dpor.nodes));
		if (!dpor.nodes)
			abort();
	}
	return &dpor.nodes[dpor.nr++];
}

static unsigned int index_of(struct strategy_task *const *can_run, unsigned int nr,
			     unsigned int id)
{
	unsigned int i = 0;

	while (i < nr && can_run[i]->id != id)
		i++;
	return i;
}

/* Who goes on at a choice that was not there before; nr: everybody sleeps. */
static unsigned int choose_awake(const struct node *n, struct strategy_task *const *can_run,
				 unsigned int nr, unsigned int first)
{
	if (!sleeps(n, can_run[first]->id))
		return first;
	for (unsigned int i = 0; i < nr; i++)
		if (n->can_run & BIT_ULL(can_run[i]->id) && !sleeps(n, can_run[i]->id))
			return i;
	return nr;
}

static void begin_act(struct node *n, const struct strategy_task *t)
{
	bool reads = t->reads && t->kind != STRATEGY_WAITED && t->object;

	n->act.id = t->id;
	n->act.nr = 0;
	n->nr_enabled = 0;
	add_touched(&n->act, object_of(t->object) | (reads ? READS : 0));
}

static u64 set_of(struct strategy_task *const *can_run, unsigned int nr, int now, bool must_leave)
{
	u64 set = 0;

	for (unsigned int i = 0; i < nr; i++) {
		if (can_run[i]->id >= MAX_TASKS) {
			fprintf(stderr, "replay: dpor is for at most %u tasks\n", MAX_TASKS);
			abort();
		}
		if (!must_leave || (int)i != now || nr == 1)
			set |= BIT_ULL(can_run[i]->id);
	}
	return set;
}

static unsigned int dpor_pick(struct strategy_task *const *can_run, unsigned int nr, int now,
			      bool must_leave, u64 step)
{
	unsigned int i = strategy_default(can_run, nr, now, must_leave);
	struct node *n;

	if (dpor.redundant)
		return i;
	/* The step that ends here released a lock; the point that tells so comes after it. */
	if (now >= 0 && can_run[now]->kind == EXEC_POINT_UNLOCK)
		dpor_touch(can_run[now]->object);
	if (dpor.next < dpor.nr) {
		n = &dpor.nodes[dpor.next++];
		i = index_of(can_run, nr, n->act.id);
		if (n->step != step || i == nr) {
			fprintf(stderr, "replay: at step %llu the repeated schedule is another one\n",
				(unsigned long long)step);
			abort();
		}
		begin_act(n, can_run[i]);
		return i;
	}
	n = new_node();
	n->step = step;
	n->can_run = set_of(can_run, nr, now, must_leave);
	n->nr_sleepers = 0;
	if (dpor.nr > 1)
		inherit_sleepers(n, n - 1);
	i = choose_awake(n, can_run, nr, i);
	if (i == nr) {
		dpor.nr--;
		dpor.redundant = true;
		return strategy_default(can_run, nr, now, must_leave);
	}
	dpor.next = dpor.nr;
	n->tried = n->to_try = BIT_ULL(can_run[i]->id);
	begin_act(n, can_run[i]);
	return i;
}

/* Had the step of @e happened before that of @n, both in the schedule that is over? */
static bool happened_before(const struct node *e, const struct node *n)
{
	return n->before[e->act.id] > e->before[e->act.id];
}

/*
 * The steps of nodes i and j are to be tried in the other order: then what lies between and
 * does not depend on step i comes first. Who begins that is tried at node i, if nobody of
 * these was.
 */
static void try_other_order(unsigned int i, unsigned int j)
{
	struct node *e = &dpor.nodes[i];
	u32 first[MAX_TASKS];		/* step of each task in that part; 0: none */
	u64 begin = 0;			/* tasks that nobody need run before */

	memset(first, 0, sizeof(first));
	for (unsigned int k = i + 1; k <= j; k++) {
		struct node *n = &dpor.nodes[k];
		bool begins = true;

		if (first[n->act.id] || (k < j && happened_before(e, n)))
			continue;
		for (unsigned int t = 0; t < MAX_TASKS && begins; t++)
			begins = !first[t] || n->before[t] < first[t];
		first[n->act.id] = n->before[n->act.id] + 1;
		if (begins)
			begin |= BIT_ULL(n->act.id);
	}
	if (begin & e->to_try)
		return;
	begin &= e->can_run;
	/* Nobody: a step that let it go on was not noted. */
	e->to_try |= begin ? begin & -begin : e->can_run;
}

static void join_clocks(u32 *to, const u32 *from)
{
	for (unsigned int t = 0; t < MAX_TASKS; t++)
		to[t] = max(to[t], from[t]);
}

/*
 * Everything that happened, in order: what happened before each step, and with which step
 * it can be exchanged. A node's before[] holds what happened before its step, its own
 * task's earlier ones included.
 */
static void find_races(void)
{
	static u32 clock[MAX_TASKS][MAX_TASKS];	/* per task, up to its last step */

	memset(clock, 0, sizeof(clock));
	for (unsigned int j = 0; j < dpor.nr; j++) {
		struct node *n = &dpor.nodes[j];
		unsigned int id = n->act.id;

		memcpy(n->before, clock[id], sizeof(n->before));
		for (unsigned int i = j; i-- > 0;) {
			struct node *e = &dpor.nodes[i];

			if (e->act.id == id || happened_before(e, n) ||
			    !depend(&e->act, &n->act))
				continue;
			/* Of schedules that began like this one, that was known. */
			if (j >= dpor.fresh)
				try_other_order(i, j);
			join_clocks(n->before, e->before);
			n->before[e->act.id] = max(n->before[e->act.id], e->before[e->act.id] + 1);
		}
		memcpy(clock[id], n->before, sizeof(n->before));
		clock[id][id]++;
		for (unsigned int k = 0; k < n->nr_enabled; k++)
			join_clocks(clock[n->enabled[k]], clock[id]);
	}
}

/* The one that was chosen at @n has been tried with all that follows: it sleeps. */
static void put_to_sleep(struct node *n)
{
	if (n->nr_sleepers < MAX_SLEEPERS)
		n->sleepers[n->nr_sleepers++] = n->act;
}

static void dpor_end(struct strategy_task *const *tasks, unsigned int nr)
{
	if (dpor.redundant)
		dpor.known++;
	else
		dpor.schedules++;
	find_races();
	while (dpor.nr) {
		struct node *n = &dpor.nodes[dpor.nr - 1];
		u64 left;

		put_to_sleep(n);
		left = n->to_try & ~n->tried;
		for (unsigned int i = 0; i < n->nr_sleepers; i++)
			left &= ~BIT_ULL(n->sleepers[i].id);
		if (left) {
			n->act.id = __builtin_ctzll(left);
			n->tried |= BIT_ULL(n->act.id);
			return;
		}
		dpor.nr--;
	}
	dpor.done = true;
}

static bool dpor_more(void)
{
	return !dpor.done;
}

static void dpor_verdict(char *buf, size_t size)
{
	unsigned long long n = dpor.schedules, known = dpor.known;

	if (dpor.done)
		snprintf(buf, size, "searched all %llu schedules that differ (%llu more were known)",
			 n, known);
	else
		snprintf(buf, size, "stopped after %llu of ? schedules that differ", n);
}

const struct strategy strategy_dpor = {
	.name = "dpor", .configure = dpor_configure, .begin = dpor_begin, .pick = dpor_pick,
	.touch = dpor_touch, .enable = dpor_enable, .end = dpor_end, .more = dpor_more,
	.verdict = dpor_verdict, .every = true, .fixed = true,
};
