// SPDX-License-Identifier: GPL-2.0
/*
 * Exhaustive search, with a bound on preemptions or none.
 *
 * Nothing is stored of the machine: each schedule runs from the beginning, repeats the
 * choices of the one before up to the last at which something is left to try, and takes the
 * next alternative there (Godefroid, POPL 1997). Preemptions, switches away from a task
 * that could go on, are bounded, since most bugs need few (Musuvathi and Qadeer, PLDI 2007);
 * who follows a task that cannot go on is free. All schedules with fewer preemptions come
 * before those with more.
 */
#include <stdio.h>
#include <stdlib.h>

#include <linux/kernel.h>
#include <engine/strategy.h>

#define UNBOUNDED	(~0U)

/* A choice that had alternatives. */
struct node {
	u64 step;
	unsigned int nr;	/* alternatives */
	unsigned int tried;	/* the one that is taken; those before it are done with */
};

static struct {
	struct node *nodes;
	unsigned int nr, room;
	unsigned int next;	/* node that the schedule comes to next */
	unsigned int bound;	/* preemptions per schedule, or UNBOUNDED */
	unsigned int level;	/* of these, so far: first all with none, then with one … */
	unsigned int preemptions;
	u64 schedules;		/* of this level */
	bool done;
} dfs;

/* Nothing; or "P". */
static bool dfs_configure(const char *text)
{
	char *end;

	dfs.level = dfs.bound = UNBOUNDED;
	dfs.nr = 0;
	dfs.schedules = 0;
	dfs.done = false;
	if (!text)
		return true;
	dfs.bound = strtoul(text, &end, 10);
	dfs.level = 0;
	return end != text && !*end && *text != '-';
}

static void dfs_begin(u64 step)
{
	/* In the first schedule of a level: only from here on. */
	if (!dfs.schedules)
		dfs.nr = 0;
	dfs.next = 0;
	dfs.preemptions = 0;
}

/* The alternative to take where there are @nr. */
static unsigned int take(unsigned int nr, u64 step)
{
	struct node *n;

	if (dfs.next < dfs.nr) {
		n = &dfs.nodes[dfs.next++];
		if (n->step == step && n->nr == nr)
			return n->tried;
		fprintf(stderr, "replay: at step %llu the repeated schedule is another one\n",
			(unsigned long long)step);
		abort();
	}
	if (dfs.nr == dfs.room) {
		dfs.room = dfs.room ? 2 * dfs.room : 1024;
		dfs.nodes = realloc(dfs.nodes, dfs.room * sizeof(*dfs.nodes));
		if (!dfs.nodes)
			abort();
	}
	dfs.nodes[dfs.nr++] = (struct node){ .step = step, .nr = nr };
	dfs.next = dfs.nr;
	return 0;
}

/*
 * What happens without a strategy comes first, then the others in the order of their
 * coming. Who waits in a loop is no alternative while somebody else can run.
 */
static unsigned int dfs_pick(struct strategy_task *const *can_run, unsigned int nr, int now,
			     bool must_leave, u64 step)
{
	unsigned int first = strategy_default(can_run, nr, now, must_leave);
	bool preempts = now >= 0 && !must_leave;
	unsigned int n, i;

	if (nr == 1 || (preempts && dfs.preemptions == dfs.level))
		return first;
	n = take(must_leave ? nr - 1 : nr, step);
	if (!n)
		return first;
	dfs.preemptions += preempts;
	for (i = 0; ; i++) {
		if (i == first || (must_leave && (int)i == now))
			continue;
		if (!--n)
			return i;
	}
}

static void dfs_end(struct strategy_task *const *tasks, unsigned int nr)
{
	dfs.schedules++;
	while (dfs.nr && dfs.nodes[dfs.nr - 1].tried + 1 == dfs.nodes[dfs.nr - 1].nr)
		dfs.nr--;
	if (dfs.nr) {
		dfs.nodes[dfs.nr - 1].tried++;
	} else if (dfs.level == dfs.bound) {
		dfs.done = true;
	} else {
		dfs.level++;
		dfs.schedules = 0;
	}
}

static bool dfs_more(void)
{
	return !dfs.done;
}

static void dfs_describe(char *buf, size_t size)
{
	if (dfs.bound != UNBOUNDED)
		snprintf(buf, size, ":%u", dfs.bound);
}

static void dfs_verdict(char *buf, size_t size)
{
	unsigned long long n = dfs.schedules;

	char level[64] = "";

	if (dfs.bound != UNBOUNDED)
		snprintf(level, sizeof(level), " with at most %u preemption%s", dfs.level,
			 dfs.level == 1 ? "" : "s");
	if (dfs.done)
		snprintf(buf, size, "searched all %llu schedules%s", n, level);
	else
		snprintf(buf, size, "stopped after %llu of ? schedules%s", n, level);
}

const struct strategy strategy_dfs = {
	.name = "dfs", .usage = "[:P]", .configure = dfs_configure, .describe = dfs_describe,
	.begin = dfs_begin, .pick = dfs_pick, .end = dfs_end, .more = dfs_more,
	.verdict = dfs_verdict, .fixed = true,
};
