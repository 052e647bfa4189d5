// SPDX-License-Identifier: GPL-2.0
/*
 * Exhaustive search on the engine alone: tiny programs whose schedules can be counted, and
 * random ones of which every end must be found.
 */
#include <kunit/test.h>
#include <linux/minmax.h>
#include <machine/replay.h>
#include <engine/engine.h>
#include <rcu/engine.h>

#define MAX_TASKS	4
#define MAX_OPS		8
#define NR_VARS		4

enum op_kind {
	OP_ADD, OP_READ, OP_READ_ADD, OP_ANY_ADD, OP_LOCK, OP_TRY, OP_UNLOCK
};
static struct op {
	enum op_kind kind;
	unsigned int var;
} ops[MAX_TASKS][MAX_OPS];
static unsigned int nr_ops[MAX_TASKS], nr_tasks;

static u64 vars[NR_VARS] __attribute__((aligned(64)));
static u64 objects[NR_VARS];		/* what points tell of; one per variable */
static u64 seen[MAX_TASKS];		/* by each task, in order */
static u32 locks[NR_VARS] __attribute__((aligned(64)));	/* 1: taken; 2: and somebody may wait */
static u32 left __attribute__((aligned(64)));	/* word: tasks that have not come to their end */

static bool nothing_to_do(void)
{
	return false;
}

static void deadlock(void)
{
	abort();
}

static void interrupted(void)
{
}

static void lock(u32 *l)
{
	u32 old = 0;

	exec_point(EXEC_POINT_LOCK, l);
	if (__atomic_compare_exchange_n(l, &old, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(l, 2, __ATOMIC_ACQUIRE))
		exec_engine->wait(l, 2);
}

static bool try_lock(u32 *l)
{
	u32 old = 0;

	exec_point(EXEC_POINT_LOCK, l);
	return __atomic_compare_exchange_n(l, &old, 1, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

static void unlock(u32 *l)
{
	if (__atomic_exchange_n(l, 0, __ATOMIC_RELEASE) == 2)
		exec_engine->wake(l, 1);
	exec_point(EXEC_POINT_UNLOCK, l);
}

/* Additions that do not commute: the end tells their order. */
static void add_now(unsigned int var, unsigned long task)
{
	u64 val = __atomic_load_n(&vars[var], __ATOMIC_RELAXED);

	__atomic_store_n(&vars[var], val * 5 + task + 1, __ATOMIC_RELAXED);
}

static void add(unsigned int var, unsigned long task)
{
	exec_point(EXEC_POINT_ATOMIC, &objects[var]);
	add_now(var, task);
}

/* The step begins by reading what it stores to then; or nobody says what it touches. */
static void add_unforeseen(unsigned int var, unsigned long task, bool reads)
{
	if (reads) {
		exec_point(EXEC_POINT_MARKED | EXEC_POINT_READS, &objects[var]);
		exec_touch(&objects[var]);
	} else {
		exec_point(EXEC_POINT_MARKED, NULL);
	}
	add_now(var, task);
}

static void see(unsigned long task, u64 val)
{
	seen[task] = seen[task] * 1000003 + val + 1;
}

static void read_var(unsigned int var, unsigned long task)
{
	exec_point(EXEC_POINT_MARKED | EXEC_POINT_READS, &objects[var]);
	see(task, __atomic_load_n(&vars[var], __ATOMIC_RELAXED));
}

static void run_task(void *arg)
{
	unsigned long task = (unsigned long)arg;
	bool held = false;

	for (unsigned int i = 0; i < nr_ops[task]; i++) {
		const struct op *op = &ops[task][i];

		if (op->kind == OP_ADD)
			add(op->var, task);
		else if (op->kind == OP_READ)
			read_var(op->var, task);
		else if (op->kind == OP_READ_ADD || op->kind == OP_ANY_ADD)
			add_unforeseen(op->var, task, op->kind == OP_READ_ADD);
		else if (op->kind == OP_TRY)
			see(task, held = try_lock(&locks[op->var]));
		else if (op->kind == OP_LOCK)
			lock(&locks[op->var]), held = true;
		else if (held)
			unlock(&locks[op->var]);
	}
	if (!__atomic_sub_fetch(&left, 1, __ATOMIC_ACQ_REL))
		exec_engine->wake(&left, 1);
}

static u64 run_once(u64 seed)
{
	static const struct exec_upcalls upcalls = {
		.idle = nothing_to_do, .deadlock = deadlock, .interrupted = interrupted,
	};
	struct exec_ctx *task[MAX_TASKS];
	u64 end = 0;
	u32 n;

	memset(vars, 0, sizeof(vars));
	memset(seen, 0, sizeof(seen));
	left = nr_tasks;
	replay_seed(seed);
	exec_engine->boot(&upcalls, seed);
	for (unsigned long i = 0; i < nr_tasks; i++)
		task[i] = exec_engine->start(run_task, (void *)i, "task");
	replay_begin();
	while ((n = __atomic_load_n(&left, __ATOMIC_ACQUIRE)))
		exec_engine->wait(&left, n);
	replay_end();
	for (unsigned int i = 0; i < nr_tasks; i++)
		exec_engine->join(task[i]);
	exec_engine->halt();
	for (unsigned int i = 0; i < NR_VARS; i++)
		end = end * 1000003 + vars[i];
	for (unsigned int i = 0; i < nr_tasks; i++)
		end = end * 1000003 + seen[i];
	return end;
}

#define MAX_ENDS	100000
struct ends {
	unsigned long schedules, nr;
	u64 end[MAX_ENDS];
};

static void add_end(struct ends *e, u64 end)
{
	e->schedules++;
	for (unsigned long i = 0; i < e->nr; i++)
		if (e->end[i] == end)
			return;
	if (e->nr < MAX_ENDS)
		e->end[e->nr++] = end;
}

/* All schedules that the strategy has, at most @most. */
static void search(struct kunit *test, const char *strategy, struct ends *e, unsigned long most)
{
	const struct exec_engine *engine = exec_engine;
	const struct rcu_engine *rcu = rcu_engine;

	e->schedules = e->nr = 0;
	KUNIT_ASSERT_TRUE(test, replay_use(strategy));
	while (replay_more() && e->schedules < most)
		add_end(e, run_once(1));
	exec_engine = engine;
	rcu_engine = rcu;
}

static struct ends full, reduced;

/* @n additions each, to one variable or to one each. */
static void two_adders(unsigned int n, bool same)
{
	nr_tasks = 2;
	for (unsigned int t = 0; t < 2; t++) {
		nr_ops[t] = n;
		for (unsigned int i = 0; i < n; i++)
			ops[t][i] = (struct op){ OP_ADD, same ? 0 : t };
	}
}

static unsigned long choose(unsigned long n, unsigned long k)
{
	unsigned long r = 1;

	for (unsigned long i = 1; i <= k; i++)
		r = r * (n - k + i) / i;
	return r;
}

/* A task of n points runs in n + 1 steps. */
static void two_tasks_of_n_steps_have_2n_over_n_schedules(struct kunit *test)
{
	for (unsigned int n = 0; n <= 4; n++) {
		two_adders(n, n % 2);
		search(test, "dfs", &full, ~0UL);
		KUNIT_EXPECT_EQ(test, full.schedules, choose(2 * (n + 1), n + 1));
	}
}

static void independent_tasks_have_one_schedule_that_differs(struct kunit *test)
{
	for (unsigned int n = 0; n <= 6; n++) {
		two_adders(n, false);
		search(test, "dpor", &reduced, 1000);
		KUNIT_EXPECT_EQ(test, reduced.schedules, 1UL);
	}
}

static void dependent_tasks_have_all_orders_of_their_additions(struct kunit *test)
{
	for (unsigned int n = 1; n <= 4; n++) {
		two_adders(n, true);
		search(test, "dpor", &reduced, ~0UL);
		KUNIT_EXPECT_EQ(test, reduced.nr, choose(2 * n, n));
		KUNIT_EXPECT_EQ(test, reduced.schedules, choose(2 * n, n));
	}
}

/* Of libFuzzer: pairs of accesses that followed each other, by the strategy "bytes". */
extern u8 __start___libfuzzer_extra_counters[], __stop___libfuzzer_extra_counters[];

static unsigned int pairs_counted(void)
{
	unsigned int nr = 0;

	for (u8 *c = __start___libfuzzer_extra_counters; c < __stop___libfuzzer_extra_counters; c++)
		nr += *c;
	return nr;
}

/* One task after the other: the last one has nobody beside it when it meets what was done. */
static void accesses_follow_each_other_where_only_one_can_run(struct kunit *test)
{
	unsigned int before = pairs_counted();

	two_adders(4, true);
	replay_bytes(NULL, 0);
	search(test, "bytes", &full, ~0UL);
	KUNIT_EXPECT_EQ(test, full.schedules, 1UL);
	KUNIT_EXPECT_EQ(test, pairs_counted() - before, 1U);
}

/* Reads of one variable do not depend on each other, but on the addition. */
static void readers_differ_in_what_they_read_only(struct kunit *test)
{
	for (unsigned int n = 1; n <= 4; n++) {
		two_adders(n, true);
		for (unsigned int t = 0; t < 2; t++)
			for (unsigned int i = 0; i < n; i++)
				ops[t][i].kind = OP_READ;
		search(test, "dpor", &reduced, 1000);
		KUNIT_EXPECT_EQ(test, reduced.schedules, 1UL);
		nr_ops[1] = 1;
		ops[1][0].kind = OP_ADD;
		search(test, "dpor", &reduced, 1000);
		KUNIT_EXPECT_EQ(test, reduced.nr, n + 1UL);
		KUNIT_EXPECT_EQ(test, reduced.schedules, n + 1UL);
	}
}

static void a_step_that_stores_after_it_read_depends_on_readers(struct kunit *test)
{
	static const enum op_kind other[] = { OP_READ, OP_READ_ADD, OP_ADD };

	for (unsigned int i = 0; i < ARRAY_SIZE(other); i++) {
		two_adders(1, true);
		ops[0][0].kind = OP_READ_ADD;
		ops[1][0].kind = other[i];
		search(test, "dpor", &reduced, 1000);
		KUNIT_EXPECT_EQ(test, reduced.nr, 2UL);
	}
}

static void a_step_without_an_object_depends_on_all(struct kunit *test)
{
	for (unsigned int i = 0; i < 2; i++) {
		two_adders(1, true);
		ops[i][0].kind = OP_ANY_ADD;
		search(test, "dpor", &reduced, 1000);
		KUNIT_EXPECT_EQ(test, reduced.nr, 2UL);
	}
}

/* The lock is released in the step before the point that tells so. */
static void a_lock_is_tried_while_it_is_held_too(struct kunit *test)
{
	nr_tasks = 2;
	nr_ops[0] = 3;
	ops[0][0] = (struct op){ OP_LOCK, 0 };
	ops[0][1] = (struct op){ OP_ADD, 1 };
	ops[0][2] = (struct op){ OP_UNLOCK, 0 };
	nr_ops[1] = 2;
	ops[1][0] = (struct op){ OP_TRY, 0 };
	ops[1][1] = (struct op){ OP_UNLOCK, 0 };
	search(test, "dpor", &reduced, 1000);
	KUNIT_EXPECT_EQ(test, reduced.nr, 2UL);
}

/* Ways to share out @a and @b steps when @now runs and may be preempted @most times. */
static unsigned long ways(unsigned int a, unsigned int b, unsigned int most)
{
	unsigned long n;

	if (!a)
		return 1;
	/* The first of the two goes on. */
	n = a == 1 ? 1 : ways(a - 1, b, most);
	if (a > 1 && b && most)
		n += ways(b, a - 1, most - 1);
	return n;
}

static void at_most_p_preemptions_are_tried_and_all_of_these(struct kunit *test)
{
	for (unsigned int n = 1; n <= 3; n++)
		for (unsigned int p = 0; p <= 4; p++) {
			char name[16], verdict[128], wanted[64];
			unsigned long each = ways(n + 1, n + 1, p);

			two_adders(n, true);
			snprintf(name, sizeof(name), "dfs:%u", p);
			search(test, name, &full, ~0UL);
			replay_verdict(verdict, sizeof(verdict));
			snprintf(wanted, sizeof(wanted), "searched all %lu schedules with at most %u",
				 2 * each, p);
			KUNIT_EXPECT_PTR_EQ(test, strstr(verdict, wanted), (char *)verdict);
		}
}

static void a_search_that_is_cut_short_says_so(struct kunit *test)
{
	char verdict[128];

	two_adders(4, true);
	search(test, "dfs", &full, 5);
	KUNIT_EXPECT_TRUE(test, replay_verdict(verdict, sizeof(verdict)));
	KUNIT_EXPECT_STREQ(test, verdict, "stopped after 5 of ? schedules");
}

/* Additions to few variables, and reads, some under a lock or if it can be had. */
static void draw_program(u64 *random)
{
	*random = *random * 6364136223846793005ULL + 1442695040888963407ULL;
	nr_tasks = 2 + (*random >> 60) % 2;
	for (unsigned int t = 0; t < nr_tasks; t++) {
		u64 r = *random = *random * 6364136223846793005ULL + 1442695040888963407ULL;
		unsigned int n = 0, adds = 1 + (r >> 40) % (nr_tasks == 2 ? 3 : 2);
		bool locked = (r >> 50) % 3 == 0;

		if (locked)
			ops[t][n++] = (struct op){ r >> 53 & 1 ? OP_LOCK : OP_TRY, (r >> 30) % 2 };
		for (unsigned int i = 0; i < adds; i++)
			ops[t][n++] = (struct op){ r >> (56 + i) & 1 ? OP_ADD : OP_READ,
						   (r >> (8 + 4 * i)) % 3 };
		if (locked)
			ops[t][n++] = (struct op){ OP_UNLOCK, ops[t][0].var };
		nr_ops[t] = n;
	}
}

static bool has_end(const struct ends *e, u64 end)
{
	for (unsigned long i = 0; i < e->nr; i++)
		if (e->end[i] == end)
			return true;
	return false;
}

#define PROGRAMS	100

static void reduction_finds_every_end_that_full_search_finds(struct kunit *test)
{
	unsigned long all = 0, few = 0;
	u64 random = 7;

	for (unsigned int i = 0; i < PROGRAMS; i++) {
		draw_program(&random);
		search(test, "dfs", &full, 60000);
		if (replay_more())
			continue;
		search(test, "dpor", &reduced, ~0UL);
		for (unsigned long k = 0; k < full.nr; k++)
			KUNIT_EXPECT_TRUE(test, has_end(&reduced, full.end[k]));
		KUNIT_EXPECT_EQ(test, reduced.nr, full.nr);
		all += full.schedules;
		few += reduced.schedules;
	}
	kunit_info(test, "%lu schedules instead of %lu", few, all);
	KUNIT_EXPECT_GT(test, all, 100 * PROGRAMS);
	/* No more than it took when this was written. */
	KUNIT_EXPECT_LE(test, few, 950UL);
}

/* Every interleaving as often as every other one, once it has learned the lengths. */
static void a_uniform_walk_is_uniform_over_interleavings(struct kunit *test)
{
	enum { INTERLEAVINGS = 20, RUNS = 20 * 400 };
	const struct exec_engine *engine = exec_engine;
	const struct rcu_engine *rcu = rcu_engine;
	unsigned long count[INTERLEAVINGS] = {};

	/* Three steps each: two points. C(6,3) = 20, told apart by the trace. */
	two_adders(2, true);
	full.nr = 0;
	KUNIT_ASSERT_TRUE(test, replay_use("urw"));
	run_once(1);
	for (unsigned int i = 0; i < RUNS; i++) {
		unsigned long k;
		u64 hash;

		run_once(i);
		hash = replay_trace().hash;
		for (k = 0; k < full.nr && full.end[k] != hash; k++)
			;
		KUNIT_ASSERT_LT(test, k, (unsigned long)INTERLEAVINGS);
		if (k == full.nr)
			full.end[full.nr++] = hash;
		count[k]++;
	}
	exec_engine = engine;
	rcu_engine = rcu;
	KUNIT_EXPECT_EQ(test, full.nr, (unsigned long)INTERLEAVINGS);
	/* 400 on average, deviation 20. */
	for (unsigned int k = 0; k < INTERLEAVINGS; k++) {
		KUNIT_EXPECT_GT(test, count[k], 300UL);
		KUNIT_EXPECT_LT(test, count[k], 500UL);
	}
}

static struct kunit_case search_cases[] = {
	KUNIT_CASE(two_tasks_of_n_steps_have_2n_over_n_schedules),
	KUNIT_CASE(independent_tasks_have_one_schedule_that_differs),
	KUNIT_CASE(dependent_tasks_have_all_orders_of_their_additions),
	KUNIT_CASE(accesses_follow_each_other_where_only_one_can_run),
	KUNIT_CASE(readers_differ_in_what_they_read_only),
	KUNIT_CASE(a_step_that_stores_after_it_read_depends_on_readers),
	KUNIT_CASE(a_step_without_an_object_depends_on_all),
	KUNIT_CASE(a_lock_is_tried_while_it_is_held_too),
	KUNIT_CASE(at_most_p_preemptions_are_tried_and_all_of_these),
	KUNIT_CASE(a_search_that_is_cut_short_says_so),
	KUNIT_CASE(reduction_finds_every_end_that_full_search_finds),
	KUNIT_CASE(a_uniform_walk_is_uniform_over_interleavings),
	{}
};

static struct kunit_suite search_suite = {
	.name = "search",
	.test_cases = search_cases,
};
kunit_machine_free(search_suite);
kunit_test_suite(search_suite);
