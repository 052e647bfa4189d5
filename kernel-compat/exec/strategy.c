// SPDX-License-Identifier: GPL-2.0
/*
 * Strategies: random, PCT, and a walk that weighs by the work left.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>
#include <machine/replay.h>
#include <exec/strategy.h>

#define PCT_MAX_DEPTH	16

static u64 stream;

/* What is known from schedules before. */
static struct {
	u64 steps;
	unsigned int tasks;
} longest = { .steps = 1000, .tasks = 2 };

static struct {
	unsigned int depth;
	u64 steps;			/* given; 0: to be learned */
	u64 range;			/* steps that the changes are spread over */
	unsigned int passed;		/* changes that were made */
	u64 change[PCT_MAX_DEPTH];	/* steps, ascending */
	u64 lowest;			/* next priority below all others */
} pct;

static struct {
	const struct replay_record *record;
	unsigned int next;		/* switch to come */
} list;

void strategy_seed(u64 seed)
{
	stream = seed;
	list.next = 0;
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

unsigned int strategy_default(struct strategy_task *const *can_run, unsigned int nr, int now,
			      bool must_leave)
{
	unsigned int first = 0;

	if (now >= 0 && !must_leave)
		return now;
	for (unsigned int i = 1; i < nr; i++)
		if (can_run[i]->since < can_run[first]->since)
			first = i;
	return first;
}

/* Any of those that can run but @not, if there is another. */
static unsigned int any_but(unsigned int nr, int not)
{
	unsigned int i;

	if (not < 0 || nr == 1)
		return strategy_draw(nr);
	i = strategy_draw(nr - 1);
	return i + (i >= (unsigned int)not);
}

static void random_begin(u64 step)
{
}

static void random_born(struct strategy_task *task)
{
}

static unsigned int random_pick(struct strategy_task *const *can_run, unsigned int nr, int now,
				bool must_leave, u64 step)
{
	return any_but(nr, must_leave ? now : -1);
}

static int compare_steps(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/*
 * PCT (Burckhardt and others, ASPLOS 2010): the runnable task of the highest priority runs;
 * priorities are random, and at depth - 1 random steps the running one falls below all.
 */
static void pct_begin(u64 step)
{
	pct.passed = 0;
	pct.lowest = 1ULL << 32;
	pct.range = pct.steps ?: longest.steps;
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

/*
 * Stays with who runs but for one step in WALK_STEPS on average, so that long stretches
 * run undisturbed; a uniform choice at each step hardly ever lets one task run far.
 */
#define WALK_STEPS	64

static unsigned int walk_pick(struct strategy_task *const *can_run, unsigned int nr, int now,
			      bool must_leave, u64 step)
{
	if (now < 0 || must_leave || !strategy_draw(WALK_STEPS))
		return any_but(nr, must_leave ? now : -1);
	return now;
}

static unsigned int list_pick(struct strategy_task *const *can_run, unsigned int nr, int now,
			      bool must_leave, u64 step)
{
	const struct replay_record *r = list.record;

	while (list.next < r->nr && r->at[list.next].step < step)
		list.next++;
	if (list.next < r->nr && r->at[list.next].step == step) {
		for (unsigned int i = 0; i < nr; i++)
			if (can_run[i]->id == r->at[list.next].id)
				return i;
	}
	return strategy_default(can_run, nr, now, must_leave);
}

static const struct strategy strategy_recorded = {
	"list", random_begin, random_born, list_pick,
};

const struct strategy *strategy_list(const struct replay_record *r)
{
	list.record = r;
	return &strategy_recorded;
}

static const struct strategy strategy_pct = { "pct", pct_begin, pct_born, pct_pick };
static const struct strategy strategies[] = {
	{ "random", random_begin, random_born, random_pick },
	{ "walk", random_begin, random_born, walk_pick },
};
static const struct strategy *chosen;

/* "D" or "D:K" after "pct:". */
static bool pct_parameters(const char *text)
{
	char *end;

	pct.depth = strtoul(text, &end, 10);
	pct.steps = 0;
	if (end == text || pct.depth < 1 || pct.depth > PCT_MAX_DEPTH)
		return false;
	if (!*end)
		return true;
	text = end + 1;
	pct.steps = strtoull(text, &end, 10);
	return end[-1] != ':' && !*end && pct.steps;
}

/* "STEP.ID,STEP.ID…" after "list:", by ascending steps; nothing for no switch. */
static bool list_parameters(const char *text)
{
	static struct replay_record written;
	char *end;

	for (written.nr = 0; *text; text = end + (*end == ',')) {
		struct replay_switch *s = &written.at[written.nr];

		if (written.nr == REPLAY_MAX_SWITCHES)
			return false;
		s->step = strtoull(text, &end, 10);
		if (end == text || *end != '.')
			return false;
		text = end + 1;
		s->id = strtoul(text, &end, 10);
		if (end == text || (*end && (*end != ',' || !end[1])))
			return false;
		if (written.nr && s[-1].step >= s->step)
			return false;
		written.nr++;
	}
	strategy_list(&written);
	return true;
}

const struct strategy *strategy_find(const char *name)
{
	if (!strncmp(name, "list:", 5)) {
		chosen = &strategy_recorded;
		return list_parameters(name + 5) ? chosen : NULL;
	}
	if (!strncmp(name, "pct:", 4)) {
		chosen = &strategy_pct;
		return pct_parameters(name + 4) ? chosen : NULL;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(strategies); i++)
		if (!strcmp(strategies[i].name, name))
			return chosen = &strategies[i];
	return NULL;
}

const char *strategy_name(void)
{
	static char text[64];

	if (chosen != &strategy_pct)
		return chosen->name;
	snprintf(text, sizeof(text), "pct:%u:%llu", pct.depth, (unsigned long long)pct.range);
	return text;
}

double strategy_guarantee(void)
{
	if (chosen != &strategy_pct)
		return 0;
	return 1 / (longest.tasks * pow(pct.range, pct.depth - 1));
}
