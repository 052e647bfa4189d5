// SPDX-License-Identifier: GPL-2.0
/*
 * A uniform random walk over interleavings.
 *
 * Choosing uniformly among tasks favours schedules in which they take turns. If instead
 * each task is chosen with a probability proportional to the steps it has left, every
 * interleaving of tasks that do not wait for each other is as likely as every other one
 * (Zhao and others, "Selectively uniform concurrency testing", ASPLOS 2025).
 *
 * What a task has left is what it, and those it created, did in the last schedule, less what
 * it has done in this one. A task is known by the order of its creation.
 */
#include <stdio.h>
#include <stdlib.h>

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <engine/strategy.h>

#define MAX_KNOWN	1024
#define UNKNOWN_STEPS	64	/* of a task that no schedule before had */

static struct {
	u64 own;		/* points it passed in the last schedule */
	u64 all;		/* and those that descend from it */
	u64 unborn;		/* of @all, what those not yet created in this schedule did */
} known[MAX_KNOWN];
static unsigned int nr_known;
static bool given;		/* on the command line, not learned */

static u64 steps_left(const struct strategy_task *t)
{
	u64 left = 0;

	if (t->id >= nr_known)
		return t->passed < UNKNOWN_STEPS ? UNKNOWN_STEPS - t->passed : 1;
	if (known[t->id].own > t->passed)
		left = known[t->id].own - t->passed;
	/* What follows its last point is a step as well. */
	return left + known[t->id].unborn + 1;
}

/* Of the tasks by id. */
static void urw_describe(char *buf, size_t size)
{
	size_t length = 0;

	for (unsigned int i = 0; i < nr_known && length < size; i++)
		length += snprintf(buf + length, size - length, "%c%llu/%llu", i ? ',' : ':',
				   (unsigned long long)known[i].own,
				   (unsigned long long)known[i].all);
}

static bool urw_configure(const char *text)
{
	char *end;

	nr_known = 0;
	given = text;
	for (; text; text = *end ? end + 1 : NULL) {
		if (nr_known == MAX_KNOWN)
			return false;
		known[nr_known].own = strtoull(text, &end, 10);
		if (end == text || *end != '/')
			return false;
		text = end + 1;
		known[nr_known].all = strtoull(text, &end, 10);
		if (end == text || (*end && *end != ',') ||
		    known[nr_known].all < known[nr_known].own)
			return false;
		nr_known++;
	}
	return true;
}

static void urw_begin(u64 step)
{
	for (unsigned int i = 0; i < nr_known; i++)
		known[i].unborn = known[i].all - known[i].own;
}

static void urw_born(struct strategy_task *t)
{
	if (t->id >= nr_known || t->parent >= nr_known || t->parent == t->id)
		return;
	known[t->parent].unborn -= min(known[t->parent].unborn, known[t->id].all);
}

static unsigned int urw_pick(struct strategy_task *const *can_run, unsigned int nr, int now,
			     bool must_leave, u64 step)
{
	u64 total = 0, drawn;
	int not = must_leave && nr > 1 ? now : -1;

	for (unsigned int i = 0; i < nr; i++)
		if ((int)i != not)
			total += steps_left(can_run[i]);
	drawn = strategy_draw(total);
	for (unsigned int i = 0; i < nr; i++) {
		u64 left = steps_left(can_run[i]);

		if ((int)i == not)
			continue;
		if (drawn < left)
			return i;
		drawn -= left;
	}
	return 0;
}

/* Children have greater ids than their parents. */
static void urw_end(struct strategy_task *const *tasks, unsigned int nr)
{
	if (given)
		return;
	nr_known = min(nr, (unsigned int)MAX_KNOWN);
	for (unsigned int i = 0; i < nr_known; i++)
		known[i].own = known[i].all = tasks[i]->passed;
	for (unsigned int i = nr_known; i-- > 1;)
		if (tasks[i]->parent < i)
			known[tasks[i]->parent].all += known[i].all;
}

const struct strategy strategy_urw = {
	.name = "urw", .usage = "[:OWN/ALL,…]", .configure = urw_configure,
	.describe = urw_describe, .begin = urw_begin, .born = urw_born, .pick = urw_pick, .end = urw_end,
};
