// SPDX-License-Identifier: GPL-2.0
/* Strategies by name, and what they share; the simplest two. */
#include <stdio.h>
#include <string.h>

#include <linux/kernel.h>
#include <machine/replay.h>
#include <engine/strategy.h>

static const struct strategy *const strategies[] = {
	&strategy_walk, &strategy_random, &strategy_urw, &strategy_pct, &strategy_dfs,
	&strategy_dpor, &strategy_bytes, &strategy_list,
};

static u64 stream;

/* What is known from schedules before. */
static struct {
	u64 steps;
	unsigned int tasks;
} longest;

#define UNKNOWN_STEPS	1000	/* before the first schedule */

void strategy_seed(u64 seed)
{
	stream = seed;
}

/* splitmix64 */
u64 strategy_draw_from(u64 *from, u64 n)
{
	u64 z = *from += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	z ^= z >> 31;
	return (u64)(((unsigned __int128)z * n) >> 64);
}

u64 strategy_draw(u64 n)
{
	return strategy_draw_from(&stream, n);
}

void strategy_learn(u64 steps, unsigned int tasks)
{
	if (steps > longest.steps)
		longest.steps = steps;
	if (tasks > longest.tasks)
		longest.tasks = tasks;
}

u64 strategy_longest(void)
{
	return longest.steps ?: UNKNOWN_STEPS;
}

unsigned int strategy_most_tasks(void)
{
	return longest.tasks ?: 1;
}

unsigned int strategy_longest_waiting(struct strategy_task *const *can_run, unsigned int nr,
				      int now)
{
	unsigned int first;

	/* Who must leave has not left since it came: what is known of it is old. */
	first = !now && nr > 1;
	for (unsigned int i = first + 1; i < nr; i++)
		if ((int)i != now && can_run[i]->since < can_run[first]->since)
			first = i;
	return first;
}

unsigned int strategy_any_but(unsigned int nr, int not)
{
	unsigned int i;

	if (not < 0 || nr == 1)
		return strategy_draw(nr);
	i = strategy_draw(nr - 1);
	return i + (i >= (unsigned int)not);
}

static unsigned int random_pick(struct strategy_task *const *can_run, unsigned int nr, int now,
				bool must_leave, u64 step)
{
	return strategy_any_but(nr, must_leave ? now : -1);
}

const struct strategy strategy_random = { .name = "random", .pick = random_pick };

/*
 * Stays with who runs but for one step in WALK_STEPS on average, so that long stretches
 * run undisturbed; a uniform choice at each step hardly ever lets one task run far.
 */
#define WALK_STEPS	64

static unsigned int walk_pick(struct strategy_task *const *can_run, unsigned int nr, int now,
			      bool must_leave, u64 step)
{
	if (now < 0 || must_leave || !strategy_draw(WALK_STEPS))
		return strategy_any_but(nr, must_leave ? now : -1);
	return now;
}

const struct strategy strategy_walk = { .name = "walk", .pick = walk_pick };

const struct strategy *strategy_find(const char *name)
{
	size_t length = strcspn(name, ":");
	const char *parameters = name[length] ? name + length + 1 : NULL;

	for (unsigned int i = 0; i < ARRAY_SIZE(strategies); i++) {
		const struct strategy *s = strategies[i];

		if (strlen(s->name) != length || strncmp(s->name, name, length))
			continue;
		if (s->configure ? !s->configure(parameters) : parameters != NULL)
			return NULL;
		return s;
	}
	return NULL;
}

void strategy_name(const struct strategy *s, char *buf, size_t size)
{
	int length = snprintf(buf, size, "%s", s->name);

	if (s->describe && length < size)
		s->describe(buf + length, size - length);
}

const char *replay_strategies(void)
{
	static char text[256];
	size_t length = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(strategies); i++)
		length += snprintf(text + length, sizeof(text) - length, "%s%s%s",
				   !i ? "" : i + 1 < ARRAY_SIZE(strategies) ? ", " : " or ",
				   strategies[i]->name, strategies[i]->usage ?: "");
	return text;
}
