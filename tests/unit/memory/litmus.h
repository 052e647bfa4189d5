/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Litmus tests: a few accesses of a few tasks, and an outcome that the Linux-kernel memory
 * model (LKMM) allows or forbids. The shapes are those that ship with Linux 6.12, in
 * tools/memory-model/litmus-tests and Documentation/litmus-tests, with their names.
 *
 * Each shape runs many times: under the engine "replay" with each memory model in turn, else
 * on the host as it is. A forbidden outcome that appears fails. So does, with the strategy
 * "random", an outcome that appears where .shown does not say so, or the other way round.
 *
 * Barriers are numbered in the bodies, and each is left out in turn: then the outcome has
 * to appear, or the test would not notice if the machine did nothing for that barrier.
 */
#ifndef _TESTS_UNIT_MEMORY_LITMUS_H
#define _TESTS_UNIT_MEMORY_LITMUS_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/wait_bit.h>
#include <machine/replay.h>
#include <asm/processor.h>

#include "../threads.h"

#define MAX_THREADS	4

enum { SC = 1, TSO = 2, WEAK = 4 };

/**
 * struct shape - one litmus test
 * @name:	as in Linux 6.12
 * @never:	LKMM forbids the outcome
 * @threads:	what the tasks do, at the same time
 * @outcome:	did it come to what the test asks for? After the threads
 * @shown:	models in which that appears
 * @barriers:	numbers of barriers that can be left out
 * @noticed:	bits of those, 1 << number, without which it appears with "weak"
 * @why:	why something allowed is not shown, or a missing barrier not noticed
 */
struct shape {
	const char *name;
	bool never;
	void (*threads[MAX_THREADS])(void);
	bool (*outcome)(void);
	unsigned int shown;
	unsigned int barriers;
	unsigned int noticed;
	const char *why;
};

/* What the tasks share, and what each has seen. */
static int x, y, z;
static int *p;
static atomic_t v;
static int r[MAX_THREADS][4];
static int left_out;		/* number of a barrier; 0: none */

#define BARRIER(n, what) do { if (left_out != (n)) what; } while (0)
#define RELEASE(n, var, val) do {						\
	if (left_out != (n))							\
		smp_store_release(&(var), val);					\
	else									\
		WRITE_ONCE(var, val);						\
} while (0)
#define ACQUIRE(n, var)	(left_out != (n) ? smp_load_acquire(&(var)) : READ_ONCE(var))

/* Others get far meanwhile. */
static inline void linger(int turns)
{
	for (int i = 0; i < turns; i++)
		cpu_relax();
}

static struct {
	int nr;			/* tasks */
	int round;		/* that the tasks run, or have run; -1: the end */
	atomic_t ready;		/* tasks that are done with it */
	int done;		/* the last one that all are done with */
} crew;

/* Wait for a change without sleep, if other tasks run meanwhile as the strategy likes. */
#define await(var, cond) do {							\
	if (replay_in_use())							\
		smp_cond_load_acquire(&(var), ({ int now = VAL; cond; }));	\
	else									\
		wait_var_event(&(var), ({ int now = smp_load_acquire(&(var)); cond; })); \
} while (0)

static void tell(int *var, int val)
{
	/* Pairs with the acquire in await(). */
	smp_store_release(var, val);
	if (!replay_in_use())
		wake_up_var(var);
}

static int litmus_thread(void *arg)
{
	void (*fn)(void) = arg;

	for (int next = 1;; next++) {
		await(crew.round, now == next || now < 0);
		if (READ_ONCE(crew.round) < 0)
			return 0;
		/* Not always all at the same time; and stores take theirs. */
		if (next & 1)
			linger(next * (current->pid | 1) / 4 % 8);
		fn();
		linger(8);
		/* Fully ordered; pairs with the acquire in await(). */
		if (atomic_inc_return(&crew.ready) == crew.nr)
			tell(&crew.done, next);
	}
}

/* All tasks run once. */
static void litmus_round(int round)
{
	WRITE_ONCE(x, 0);
	WRITE_ONCE(y, 0);
	WRITE_ONCE(z, 0);
	WRITE_ONCE(p, &z);
	atomic_set(&v, 1);
	memset(r, 0, sizeof(r));
	atomic_set(&crew.ready, 0);
	tell(&crew.round, round);
	await(crew.done, now == round);
	/* What was stored without a release is to be seen too. */
	smp_mb();
}

#define HOST_ROUNDS	50
#define ROUNDS		2000
#define PATIENT_ROUNDS	200000

/*
 * How many of @rounds came to the outcome. If it is @wanted and has not appeared by then,
 * wait longer for the first time.
 */
static int litmus_count(struct kunit *test, const struct shape *shape, int rounds, bool wanted)
{
	struct test_thread threads[MAX_THREADS];
	int nr, found = 0;

	crew.round = 0;
	crew.done = 0;
	for (nr = 0; nr < MAX_THREADS && shape->threads[nr]; nr++)
		;
	crew.nr = nr;
	for (nr = 0; nr < crew.nr; nr++)
		test_thread_start(test, &threads[nr], nr + 1, litmus_thread,
				  shape->threads[nr]);
	for (int i = 1; i <= (wanted && !found ? PATIENT_ROUNDS : rounds); i++) {
		litmus_round(i);
		found += shape->outcome();
	}
	tell(&crew.round, -1);
	while (nr--)
		test_thread_join(&threads[nr]);
	return found;
}

static bool is_random(void)
{
	return !strcmp(replay_strategy(), "random");
}

static const char *const models[] = { "sc", "tso", "weak" };

/* The same with one of the models, in a schedule of its own. */
static int litmus_with(struct kunit *test, const struct shape *shape, int model, int rounds,
		       bool wanted)
{
	int found;

	replay_end();
	replay_memory_use(models[model]);
	replay_begin();
	found = litmus_count(test, shape, rounds, wanted && is_random());
	replay_end();
	replay_memory_use(models[0]);
	replay_begin();
	return found;
}

/* Nothing forbidden appears; what is allowed appears where it should. */
static void an_outcome_appears_only_where_it_may(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	int found[ARRAY_SIZE(models)];

	set_cpus_allowed_ptr(current, cpumask_of(0));
	if (!replay_in_use()) {
		found[0] = litmus_count(test, shape, HOST_ROUNDS, false);
		KUNIT_EXPECT_FALSE(test, shape->never && found[0]);
		return;
	}
	for (int m = 0; m < ARRAY_SIZE(models); m++) {
		bool shown = shape->shown & 1 << m;

		found[m] = litmus_with(test, shape, m, ROUNDS, shown);
		KUNIT_EXPECT_FALSE_MSG(test, shape->never && found[m], "%s", models[m]);
		if (is_random())
			KUNIT_EXPECT_EQ_MSG(test, !!found[m], shown, "%s", models[m]);
	}
	kunit_info(test, "%-58s %-9s sc %4d tso %4d weak %4d%s%s", shape->name,
		   shape->never ? "never" : "sometimes", found[0], found[1], found[2],
		   shape->why ? "; " : "", shape->why ?: "");
}

/* With a barrier less, a forbidden outcome appears: the test would see it. */
static void a_missing_barrier_is_noticed(struct kunit *test)
{
	const struct shape *shape = test->param_value;

	if (!replay_in_use() || !is_random() || !shape->barriers)
		return;
	set_cpus_allowed_ptr(current, cpumask_of(0));
	for (unsigned int n = 1; n <= shape->barriers; n++) {
		bool noticed = shape->noticed & 1 << n;
		int found;

		left_out = n;
		found = litmus_with(test, shape, 2, ROUNDS / 10, noticed);
		left_out = 0;
		KUNIT_EXPECT_EQ_MSG(test, !!found, noticed, "barrier %u", n);
		kunit_info(test, "%-58s without barrier %u: weak %4d", shape->name, n, found);
	}
}

static const struct machine_config litmus_machine = {
	.nr_nodes = 1,
	.nr_cpus = 8,
	.cmdline = "noautonuma",
};

#define LITMUS_SUITE(area, shapes)						\
KUNIT_ARRAY_PARAM_DESC(shapes, shapes, name);					\
static struct kunit_case litmus_cases[] = {					\
	KUNIT_CASE_PARAM(an_outcome_appears_only_where_it_may, shapes##_gen_params), \
	KUNIT_CASE_PARAM(a_missing_barrier_is_noticed, shapes##_gen_params),	\
	{}									\
};										\
static struct kunit_suite litmus_suite = {					\
	.name = "litmus-" area,							\
	.test_cases = litmus_cases,						\
};										\
kunit_machine_config(litmus_suite, litmus_machine);				\
kunit_test_suite(litmus_suite)

#endif /* _TESTS_UNIT_MEMORY_LITMUS_H */
