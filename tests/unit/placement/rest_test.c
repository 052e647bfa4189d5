// SPDX-License-Identifier: GPL-2.0
/*
 * No ping-pong: whatever the weights are, decisions come to rest.
 *
 * Tasks, processes, pages and faults are drawn; the tasks decide one after the other, round
 * after round. A move makes a better pair of task and node than those it breaks, so there
 * are no more moves than such pairs; and once nobody has moved in a round nobody does again.
 */
#include <linux/prandom.h>

#include "cast_test.h"

#define DRAWS		48
#define CPUS		6	/* of nodes 0 to 2 */
#define MANY		100000UL
/* Rounds in which everybody decides at rest. */
#define RESTING		4

struct draw {
	unsigned long pages[CAST_PROCS][CAST_NODES];
	struct role roles[CPUS + 1];
	int n;
};

/* Often nothing, often as much as somewhere else. */
static unsigned long draw_weight(struct rnd_state *rnd)
{
	return prandom_u32_state(rnd) % 4 * (1 + prandom_u32_state(rnd) % 30) * MANY;
}

static void draw_cast(struct draw *d, u64 seed)
{
	struct rnd_state rnd;
	int cpus[CPUS], i, k;

	memset(d, 0, sizeof(*d));
	prandom_seed_state(&rnd, seed);
	for (i = 0; i < CPUS; i++) {
		k = prandom_u32_state(&rnd) % (i + 1);
		cpus[i] = cpus[k];
		cpus[k] = i;
	}
	d->n = 2 + prandom_u32_state(&rnd) % (CPUS - 1);
	for (i = 0; i < d->n; i++) {
		d->roles[i].proc = 1 + prandom_u32_state(&rnd) % CAST_PROCS;
		d->roles[i].cpu = cpus[i];
		d->roles[i].stays = !(prandom_u32_state(&rnd) % 8);
		for (k = 0; k < CAST_NODES - 1; k++)
			d->roles[i].faults[k] = draw_weight(&rnd);
	}
	for (i = 0; i < CAST_PROCS; i++)
		for (k = 0; k < CAST_NODES - 1; k++)
			d->pages[i][k] = draw_weight(&rnd);
}

static unsigned long moves(void)
{
	return count_of(AUTONUMA_TASKS_MOVED) + count_of(AUTONUMA_TASKS_SWAPPED);
}

/* Everybody decides once; how many moved. */
static unsigned long round_of(struct cast *c)
{
	unsigned long before = moves();
	int i;

	for (i = 0; i < c->n; i++)
		let_decide(&c->actors[i]);
	return moves() - before;
}

static void decisions_come_to_rest(struct kunit *test)
{
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	u64 seed = *(const int *)test->param_value;
	unsigned long nr = 0, most;
	struct draw d;
	int i;

	draw_cast(&d, seed);
	cast_begin(test, c, d.roles, d.pages, "0-5");
	most = d.n * (CAST_NODES - 1);
	for (i = 0; i <= most; i++) {
		unsigned long moved = round_of(c);

		if (!moved)
			break;
		nr += moved;
	}
	KUNIT_EXPECT_LE_MSG(test, nr, most, "draw %llu", seed);
	for (i = 0; i < RESTING; i++)
		KUNIT_EXPECT_EQ_MSG(test, round_of(c), 0UL, "draw %llu, round %d of rest", seed,
				    i);
	for (i = 0; i < c->n; i++)
		KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(task_cpu(c->actors[i].task),
							 c->actors[i].task->cpus_ptr));
	kunit_info(test, "%lu moves of %d tasks", nr, d.n);
	cast_end(c);
}

/* The draws: 1, 2, 3 … */
static const void *draw_gen_params(const void *prev, char *desc)
{
	static int seeds[DRAWS];
	int i = prev ? (const int *)prev - seeds + 1 : 0;

	if (i == DRAWS)
		return NULL;
	seeds[i] = i + 1;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "draw %d", i + 1);
	return &seeds[i];
}

static struct kunit_case rest_cases[] = {
	KUNIT_CASE_PARAM(decisions_come_to_rest, draw_gen_params),
	{}
};

static struct kunit_suite rest_suite = {
	.name = "placement-rest",
	.test_cases = rest_cases,
};
kunit_test_suite(rest_suite);
