// SPDX-License-Identifier: GPL-2.0
/* A CPU goes while its tasks leave it: when it has gone, each is said to be elsewhere. */
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/sched.h>
#include <machine/replay.h>

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

static struct kunit_case leave_cases[] = {
	KUNIT_CASE(a_cpu_goes_whose_tasks_leave),
	{}
};

static struct kunit_suite leave_suite = {
	.name = "leave",
	.test_cases = leave_cases,
};
kunit_test_suite(leave_suite);
