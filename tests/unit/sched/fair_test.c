// SPDX-License-Identifier: GPL-2.0
/* Fair shares of a CPU: slices, weights, sleepers, newcomers; the tick. */
#include "../../../kernel-compat/sched/sched.h"
#include <exec/vcpu.h>
#include "sched_test.h"

/* CPU time of a task in ms. */
static u64 ran_ms(struct spinner *s)
{
	return READ_ONCE(s->task->utime) / NSEC_PER_MSEC;
}

static void start_bound(struct spinner *s, int cpu, long nice)
{
	s->step_ns = 100 * NSEC_PER_USEC;
	s->task = program_start_on(cpu, "spinner", spinner_program, s);
	set_user_nice(s->task, nice);
}

static void equal_tasks_get_equal_shares(struct kunit *test)
{
	struct spinner s[4] = { };

	for (int i = 0; i < 4; i++)
		start_bound(&s[i], 5, 0);
	msleep(400);
	for (int i = 0; i < 4; i++) {
		KUNIT_EXPECT_GE(test, ran_ms(&s[i]), 94ull);
		KUNIT_EXPECT_LE(test, ran_ms(&s[i]), 106ull);
	}
	for (int i = 0; i < 4; i++)
		spinner_stop(&s[i]);
}

static void a_step_of_nice_is_a_quarter_of_cpu_time(struct kunit *test)
{
	struct spinner heavy = { }, light = { };

	/* 1.25 to the third is 1.95: two thirds and one third. */
	start_bound(&heavy, 5, -3);
	start_bound(&light, 5, 0);
	msleep(600);
	KUNIT_EXPECT_GE(test, ran_ms(&heavy), 380ull);
	KUNIT_EXPECT_LE(test, ran_ms(&heavy), 410ull);
	KUNIT_EXPECT_GE(test, ran_ms(&light), 190ull);
	KUNIT_EXPECT_LE(test, ran_ms(&light), 220ull);
	spinner_stop(&heavy);
	spinner_stop(&light);
}

/* Both ways: of nine parts one gets five, and who is a step below it four. */
static void one_step_of_nice_counts_up_and_down(struct kunit *test)
{
	for (int nice = 0; nice <= 1; nice++) {
		struct spinner heavy = { }, light = { };

		start_bound(&heavy, 5, nice - 1);
		start_bound(&light, 5, nice);
		msleep(900);
		KUNIT_EXPECT_GE(test, ran_ms(&heavy), 485ull);
		KUNIT_EXPECT_LE(test, ran_ms(&heavy), 515ull);
		KUNIT_EXPECT_GE(test, ran_ms(&light), 385ull);
		KUNIT_EXPECT_LE(test, ran_ms(&light), 415ull);
		spinner_stop(&heavy);
		spinner_stop(&light);
	}
}

static void the_least_important_does_not_starve(struct kunit *test)
{
	struct spinner heavy = { }, light = { };

	start_bound(&heavy, 5, MIN_NICE);
	start_bound(&light, 5, MAX_NICE);
	msleep(60 * 1000);
	KUNIT_EXPECT_GE(test, ran_ms(&light), 5ull);
	KUNIT_EXPECT_LE(test, ran_ms(&light), 60ull);
	spinner_stop(&heavy);
	spinner_stop(&light);
}

static void a_slice_is_three_milliseconds(struct kunit *test)
{
	struct spinner a = { }, b = { };
	unsigned long switches;

	start_bound(&a, 5, 0);
	start_bound(&b, 5, 0);
	msleep(30);
	switches = READ_ONCE(a.task->exec.nivcsw);
	msleep(600);
	switches = READ_ONCE(a.task->exec.nivcsw) - switches;
	KUNIT_EXPECT_GE(test, switches, 90ul);
	KUNIT_EXPECT_LE(test, switches, 110ul);
	spinner_stop(&a);
	spinner_stop(&b);
}

struct sleeper {
	struct task_struct *task;
	u64 sleep_us, work_ns, worst;
	bool stop;
};

static int wake_and_work(void *arg)
{
	struct sleeper *s = arg;

	while (!READ_ONCE(s->stop)) {
		u64 due = ktime_get_ns() + s->sleep_us * NSEC_PER_USEC;

		usleep_range(s->sleep_us, s->sleep_us);
		s->worst = max(s->worst, ktime_get_ns() - due);
		user_compute(s->work_ns);
	}
	return 0;
}

static void a_sleeper_gets_its_cpu_at_once(struct kunit *test)
{
	struct sleeper s = { .sleep_us = 9000, .work_ns = 100 * NSEC_PER_USEC };
	struct spinner hog = { };

	start_bound(&hog, 5, 0);
	s.task = program_start_on(5, "sleeper", wake_and_work, &s);
	msleep(300);
	WRITE_ONCE(s.stop, true);
	program_wait(s.task);
	KUNIT_EXPECT_LE(test, s.worst, 100ull * NSEC_PER_USEC);
	KUNIT_EXPECT_GE(test, ran_ms(&hog), 280ull);
	spinner_stop(&hog);
}

static void a_long_sleep_is_not_made_up_for(struct kunit *test)
{
	struct spinner hog = { }, late = { };
	u64 before;

	start_bound(&late, 6, 0);
	start_bound(&hog, 5, 0);
	/* It could have had five seconds more; it gets half of what is left. */
	msleep(5000);
	set_cpus_allowed_ptr(late.task, cpumask_of(5));
	before = ran_ms(&hog);
	msleep(400);
	KUNIT_EXPECT_GE(test, ran_ms(&hog) - before, 190ull);
	spinner_stop(&hog);
	spinner_stop(&late);
}

static int sleep_then_spin(void *arg)
{
	msleep(5000);
	return spinner_program(arg);
}

static void who_slept_long_is_not_ahead(struct kunit *test)
{
	struct spinner hog = { }, s = { .step_ns = 100 * NSEC_PER_USEC };
	u64 before;

	start_bound(&hog, 5, 0);
	s.task = program_start_on(5, "sleeper", sleep_then_spin, &s);
	msleep(5001);
	before = ran_ms(&hog);
	msleep(100);
	KUNIT_EXPECT_GE(test, ran_ms(&hog) - before, 44ull);
	KUNIT_EXPECT_LE(test, ran_ms(&hog) - before, 53ull);
	spinner_stop(&hog);
	spinner_stop(&s);
}

static void who_had_more_than_its_share_cannot_sleep_that_away(struct kunit *test)
{
	struct sleeper s = { .sleep_us = 20, .work_ns = 4 * NSEC_PER_MSEC };
	struct spinner hog = { };
	u64 had;

	start_bound(&hog, 5, 0);
	s.task = program_start_on(5, "napper", wake_and_work, &s);
	msleep(50);
	had = READ_ONCE(s.task->utime);
	msleep(400);
	had = READ_ONCE(s.task->utime) - had;
	KUNIT_EXPECT_LE(test, had, 215ull * NSEC_PER_MSEC);
	KUNIT_EXPECT_GE(test, had, 170ull * NSEC_PER_MSEC);
	WRITE_ONCE(s.stop, true);
	program_wait(s.task);
	spinner_stop(&hog);
}

static void who_is_moved_while_it_waits_gets_its_share_there(struct kunit *test)
{
	struct spinner a = { }, b = { }, waits = { };
	u64 had;

	start_bound(&a, 5, 0);
	start_bound(&b, 6, 0);
	msleep(2000);
	start_bound(&waits, 5, 0);
	msleep(100);
	while (task_curr(waits.task))
		usleep_range(100, 100);
	had = ran_ms(&waits);
	set_cpus_allowed_ptr(waits.task, cpumask_of(6));
	KUNIT_EXPECT_EQ(test, task_cpu(waits.task), 6u);
	msleep(200);
	KUNIT_EXPECT_GE(test, ran_ms(&waits) - had, 94ull);
	KUNIT_EXPECT_LE(test, ran_ms(&waits) - had, 106ull);
	spinner_stop(&a);
	spinner_stop(&b);
	spinner_stop(&waits);
}

/* It is no further back there than it is here, after all that the other one had by now. */
static void who_stops_waiting_has_its_place_by_what_the_other_one_had(struct kunit *test)
{
	struct spinner a = { .step_ns = 10 * NSEC_PER_SEC }, b = a, c = a;
	struct spinner *runs = &a, *waits = &b;
	s64 lead, lag;

	a.task = program_start_on(5, "spinner", spinner_program, &a);
	b.task = program_start_on(5, "spinner", spinner_program, &b);
	c.task = program_start_on(6, "spinner", spinner_program, &c);
	msleep(20);
	/* One begins, and the other one has had a slice more. */
	do {
		while (task_curr(runs->task))
			usleep_range(20, 20);
		swap(runs, waits);
		xlock(&cpu_rq(5)->lock);
		lead = waits->task->se.vruntime - runs->task->se.vruntime;
		xunlock(&cpu_rq(5)->lock);
	} while (lead < (s64)SCHED_SLICE_NS / 2);
	usleep_range(2500, 2500);
	KUNIT_ASSERT_TRUE(test, task_curr(runs->task));
	set_cpus_allowed_ptr(waits->task, cpumask_of(6));
	xlock(&cpu_rq(6)->lock);
	lag = waits->task->se.vruntime - cpu_rq(6)->min_vruntime;
	xunlock(&cpu_rq(6)->lock);
	KUNIT_EXPECT_LE(test, lag, (s64)NSEC_PER_MSEC);
	spinner_stop(&a);
	spinner_stop(&b);
	spinner_stop(&c);
}

static void yielding_lets_everybody_run(struct kunit *test)
{
	struct spinner s[2] = { };
	u64 before;

	for (int i = 0; i < 2; i++)
		start_bound(&s[i], 5, 0);
	msleep(10);
	set_cpus_allowed_ptr(current, cpumask_of(5));
	before = atomic_read(&s[0].steps) + atomic_read(&s[1].steps);
	for (int i = 0; i < 4; i++)
		yield();
	KUNIT_EXPECT_GT(test, (u64)atomic_read(&s[0].steps) + atomic_read(&s[1].steps), before);
	set_cpus_allowed_ptr(current, cpumask_of(0));
	for (int i = 0; i < 2; i++)
		spinner_stop(&s[i]);
}

/* Ticks seen from outside: rq->last_tick changes. */
static unsigned int count_ticks(int cpu, unsigned int ms)
{
	u64 last = READ_ONCE(cpu_rq(cpu)->last_tick);
	unsigned int ticks = 0;

	while (ms--) {
		msleep(1);
		if (READ_ONCE(cpu_rq(cpu)->last_tick) != last)
			ticks++;
		last = READ_ONCE(cpu_rq(cpu)->last_tick);
	}
	return ticks;
}

static void a_cpu_ticks_seldom_for_one_task_and_each_slice_for_two(struct kunit *test)
{
	struct spinner a = { .step_ns = 10 * NSEC_PER_SEC }, b = a;

	a.task = program_start_on(5, "spinner", spinner_program, &a);
	msleep(1);
	KUNIT_EXPECT_EQ(test, count_ticks(5, 1000), 10u);
	b.task = program_start_on(5, "spinner", spinner_program, &b);
	KUNIT_EXPECT_GE(test, count_ticks(5, 300), 95u);
	KUNIT_EXPECT_EQ(test, count_ticks(4, 300), 0u);
	spinner_stop(&a);
	spinner_stop(&b);
}

/* Statistics of who never leaves its CPU go on, too. */
static void a_tick_books_the_time_of_who_runs_alone(struct kunit *test)
{
	struct spinner s = { .step_ns = 10 * NSEC_PER_SEC };
	u64 booked;

	s.task = program_start_on(5, "spinner", spinner_program, &s);
	msleep(1001);
	xlock(&cpu_rq(5)->lock);
	booked = s.task->se.sum_exec_runtime;
	xunlock(&cpu_rq(5)->lock);
	KUNIT_EXPECT_GE(test, booked, 890 * NSEC_PER_MSEC);
	KUNIT_EXPECT_LE(test, booked, 1001 * NSEC_PER_MSEC);
	spinner_stop(&s);
}

static struct kunit_case fair_cases[] = {
	KUNIT_CASE(equal_tasks_get_equal_shares),
	KUNIT_CASE(a_step_of_nice_is_a_quarter_of_cpu_time),
	KUNIT_CASE(one_step_of_nice_counts_up_and_down),
	KUNIT_CASE(the_least_important_does_not_starve),
	KUNIT_CASE(a_slice_is_three_milliseconds),
	KUNIT_CASE(a_sleeper_gets_its_cpu_at_once),
	KUNIT_CASE(a_long_sleep_is_not_made_up_for),
	KUNIT_CASE(who_slept_long_is_not_ahead),
	KUNIT_CASE(who_had_more_than_its_share_cannot_sleep_that_away),
	KUNIT_CASE(who_is_moved_while_it_waits_gets_its_share_there),
	KUNIT_CASE(who_stops_waiting_has_its_place_by_what_the_other_one_had),
	KUNIT_CASE(yielding_lets_everybody_run),
	KUNIT_CASE(a_cpu_ticks_seldom_for_one_task_and_each_slice_for_two),
	KUNIT_CASE(a_tick_books_the_time_of_who_runs_alone),
	{}
};

static struct kunit_suite fair_suite = {
	.name = "sched_fair",
	.init = stay_on_cpu0,
	.test_cases = fair_cases,
};
kunit_test_suite(fair_suite);
kunit_machine_config(fair_suite, quiet_machine);
