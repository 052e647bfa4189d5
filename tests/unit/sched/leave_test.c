// SPDX-License-Identifier: GPL-2.0
/* A CPU goes while its tasks leave it: when it has gone, each is said to be elsewhere. */
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/sched.h>
#include <machine/replay.h>

#include <engine/engine.h>
#include <exec/vcpu.h>
#include "../../../kernel-compat/sched/sched.h"
#include "leave.h"

/* The ways are short: time passes while a task is on its own. */
REPLAY_TIME_PASSES;

#define TASKS	3
#define ROUNDS	20

static void a_cpu_goes_whose_tasks_leave(struct kunit *test)
{
	struct leaver l[TASKS];

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(0)), 0);
	for (int round = 0; round < ROUNDS; round++) {
		leavers_start(test, l, TASKS);
		KUNIT_EXPECT_EQ(test, remove_cpu(GOES), 0);
		leavers_expect_gone(test, l, TASKS);
		leavers_stop(test, l, TASKS);
		KUNIT_EXPECT_EQ(test, add_cpu(GOES), 0);
	}
}

/* A task that leaves for another CPU is in nobody's queue for a moment: that it comes is counted. */

#define THERE	6

static struct {
	const struct exec_engine *real;
	struct exec_engine spy;
	const struct task_struct *task;
	unsigned int placed, counted;
} journey;

/* It is about to be put in the queue of the other CPU. */
static bool see_it_placed(enum exec_point kind, const void *object)
{
	if (kind == EXEC_POINT_WAKE && object == journey.task) {
		journey.placed++;
		journey.counted += __atomic_load_n(&cpu_rq(GOES)->leaving, __ATOMIC_RELAXED);
	}
	return journey.real->point(kind, object);
}

static int move_there(struct task_struct *p)
{
	return migrate_task_to(p, THERE);
}

static int bind_there(struct task_struct *p)
{
	return set_cpus_allowed_ptr(p, cpumask_of(THERE));
}

static int send_away(struct task_struct *p)
{
	return remove_cpu(GOES);
}

static const struct way {
	const char *name;
	int (*go)(struct task_struct *p);
	bool waits;		/* for the one that runs there */
} ways[] = {
	{ "moved while it runs", move_there, false },
	{ "moved while it waits", move_there, true },
	{ "bound while it runs", bind_there, false },
	{ "bound while it waits", bind_there, true },
	{ "sent away while it runs", send_away, false },
};
KUNIT_ARRAY_PARAM_DESC(way, ways, name);

static void a_task_is_counted_where_it_comes_from_until_it_has_arrived(struct kunit *test)
{
	const struct way *way = test->param_value;
	struct task_struct *p;
	struct leaver l[2];

	/* Nobody runs beside while the engine is another one. */
	if (!replay_in_use())
		kunit_skip(test, "for --engine replay");
	replay_end();
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(0)), 0);
	leavers_start(test, l, 2);
	p = l[0].thread.task;
	if ((rcu_access_pointer(cpu_rq(GOES)->curr) == p) == way->waits)
		p = l[1].thread.task;
	journey.real = exec_engine;
	journey.spy = *exec_engine;
	journey.spy.point = see_it_placed;
	journey.task = p;
	journey.placed = journey.counted = 0;
	exec_engine = &journey.spy;
	KUNIT_EXPECT_EQ(test, way->go(p), 0);
	exec_engine = journey.real;
	KUNIT_EXPECT_NE(test, (int)task_cpu(p), GOES);
	KUNIT_EXPECT_EQ(test, journey.placed, 1);
	KUNIT_EXPECT_EQ(test, journey.counted, 1);
	KUNIT_EXPECT_EQ(test, cpu_rq(GOES)->leaving, 0);
	leavers_stop(test, l, 2);
}

static struct kunit_case leave_cases[] = {
	KUNIT_CASE(a_cpu_goes_whose_tasks_leave),
	KUNIT_CASE_PARAM(a_task_is_counted_where_it_comes_from_until_it_has_arrived,
			 way_gen_params),
	{}
};

static struct kunit_suite leave_suite = {
	.name = "leave",
	.test_cases = leave_cases,
};
kunit_test_suite(leave_suite);
