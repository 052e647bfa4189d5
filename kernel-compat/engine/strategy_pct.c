// SPDX-License-Identifier: GPL-2.0
/*
 * PCT (Burckhardt and others, ASPLOS 2010): the runnable task of the highest priority runs;
 * priorities are random, and at depth - 1 random steps the running one falls below all.
 *
 * A bug that needs depth orderings among n tasks of k steps is found by one schedule with a
 * probability of at least 1 / (n * k^(depth - 1)).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/kernel.h>
#include <engine/strategy.h>

#define PCT_MAX_DEPTH	16

static struct {
	unsigned int depth;
	u64 steps;			/* given; 0: to be learned */
	u64 range;			/* steps that the changes are spread over */
	unsigned int passed;		/* changes that were made */
	u64 change[PCT_MAX_DEPTH];	/* steps, ascending */
	u64 lowest;			/* next priority below all others */
} pct;

static int compare_steps(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static void pct_begin(u64 step)
{
	pct.passed = 0;
	pct.lowest = 1ULL << 32;
	pct.range = pct.steps ?: strategy_longest();
	for (unsigned int i = 0; i + 1 < pct.depth; i++)
		pct.change[i] = step + 1 + strategy_draw(pct.range);
	qsort(pct.change, pct.depth - 1, sizeof(pct.change[0]), compare_steps);
}

static void pct_born(struct strategy_task *task)
{
	task->priority = (1ULL << 32) + strategy_draw(1ULL << 31);
}

static unsigned int pct_pick(struct strategy_task *const *can_run, unsigned int nr, int now,
			     bool must_leave, u64 step)
{
	unsigned int best = 0;

	while (pct.passed + 1 < pct.depth && step >= pct.change[pct.passed]) {
		pct.passed++;
		if (now >= 0)
			can_run[now]->priority = --pct.lowest;
	}
	/* Who waits in a loop would be chosen for ever. */
	if (must_leave)
		can_run[now]->priority = --pct.lowest;
	for (unsigned int i = 1; i < nr; i++)
		if (can_run[i]->priority > can_run[best]->priority)
			best = i;
	return best;
}

/* "D" or "D:K". */
static bool pct_configure(const char *text)
{
	char *end;

	if (!text)
		return false;
	pct.depth = strtoul(text, &end, 10);
	pct.steps = 0;
	if (end == text || pct.depth < 1 || pct.depth > PCT_MAX_DEPTH)
		return false;
	if (!*end)
		return true;
	if (*end != ':')
		return false;
	text = end + 1;
	pct.steps = strtoull(text, &end, 10);
	return end != text && !*end && pct.steps;
}

static void pct_describe(char *buf, size_t size)
{
	snprintf(buf, size, ":%u:%llu", pct.depth, (unsigned long long)pct.range);
}

static double pct_guarantee(void)
{
	return 1 / (strategy_most_tasks() * pow(pct.range, pct.depth - 1));
}

const struct strategy strategy_pct = {
	.name = "pct", .usage = ":D[:K]", .configure = pct_configure, .describe = pct_describe,
	.begin = pct_begin, .born = pct_born, .pick = pct_pick, .guarantee = pct_guarantee,
};
