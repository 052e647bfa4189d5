// SPDX-License-Identifier: GPL-2.0
/* Task work: when it runs, how often, and what becomes of it at exit. */
#include <linux/task_work.h>
#include "sched_test.h"

struct counted_work {
	struct callback_head work;
	struct task_struct *ran_in;
	u64 when;
	int runs;
	bool again, may_sleep, exiting;
};

static void count_work(struct callback_head *head)
{
	struct counted_work *w = container_of(head, struct counted_work, work);

	w->ran_in = current;
	w->when = ktime_get_ns();
	w->may_sleep = exec_may_sleep();
	w->exiting = current->flags & PF_EXITING;
	smp_store_release(&w->runs, w->runs + 1);
	if (w->again) {
		w->again = false;
		task_work_add(current, &w->work, TWA_RESUME);
	}
}

/* How often it ran; what it noted then may be read. */
static int runs(struct counted_work *w)
{
	return smp_load_acquire(&w->runs);
}

static void work_interrupts_computing_in_user_mode(struct kunit *test)
{
	struct spinner s = { .step_ns = 200 * NSEC_PER_MSEC };
	struct counted_work w = { };
	u64 added;

	init_task_work(&w.work, count_work);
	spinner_start(&s, 2, NULL);
	msleep(10);
	added = ktime_get_ns();
	KUNIT_EXPECT_EQ(test, task_work_add(s.task, &w.work, TWA_RESUME), 0);
	msleep(1);
	KUNIT_EXPECT_EQ(test, runs(&w), 1);
	KUNIT_EXPECT_PTR_EQ(test, w.ran_in, s.task);
	KUNIT_EXPECT_LE(test, w.when - added, 20000ull);
	KUNIT_EXPECT_TRUE(test, w.may_sleep);
	KUNIT_EXPECT_FALSE(test, task_work_pending(s.task));
	spinner_stop(&s);
}

static int compute_exactly(void *arg)
{
	u64 begin = ktime_get_ns();

	user_compute(100 * NSEC_PER_MSEC);
	*(u64 *)arg = ktime_get_ns() - begin;
	return 0;
}

static void interrupted_computing_takes_no_less_time(struct kunit *test)
{
	struct counted_work w[5] = { };
	u64 took = 0;
	struct task_struct *p = program_start_on(3, "compute", compute_exactly, &took);

	for (int i = 0; i < 5; i++) {
		init_task_work(&w[i].work, count_work);
		msleep(10);
		KUNIT_EXPECT_EQ(test, task_work_add(p, &w[i].work, TWA_RESUME), 0);
	}
	program_wait(p);
	for (int i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, runs(&w[i]), 1);
	KUNIT_EXPECT_GE(test, took, 100ull * NSEC_PER_MSEC);
	KUNIT_EXPECT_LT(test, took, 101ull * NSEC_PER_MSEC);
}

static void work_may_add_itself_again(struct kunit *test)
{
	struct spinner s = { .step_ns = 200 * NSEC_PER_MSEC };
	struct counted_work w = { .again = true };

	init_task_work(&w.work, count_work);
	spinner_start(&s, 2, NULL);
	KUNIT_EXPECT_EQ(test, task_work_add(s.task, &w.work, TWA_RESUME), 0);
	msleep(1);
	KUNIT_EXPECT_EQ(test, runs(&w), 2);
	spinner_stop(&s);
}

static void work_without_notice_waits_for_the_next_way_to_user_mode(struct kunit *test)
{
	struct spinner s = { .step_ns = 50 * NSEC_PER_MSEC };
	struct counted_work quiet = { }, loud = { };

	init_task_work(&quiet.work, count_work);
	init_task_work(&loud.work, count_work);
	spinner_start(&s, 2, NULL);
	KUNIT_EXPECT_EQ(test, task_work_add(s.task, &quiet.work, TWA_NONE), 0);
	msleep(1);
	KUNIT_EXPECT_EQ(test, runs(&quiet), 0);
	KUNIT_EXPECT_EQ(test, task_work_add(s.task, &loud.work, TWA_RESUME), 0);
	msleep(1);
	KUNIT_EXPECT_EQ(test, runs(&quiet), 1);
	KUNIT_EXPECT_EQ(test, runs(&loud), 1);
	spinner_stop(&s);
}

struct last_will {
	struct counted_work w, late;
	int added, refused;
};

static void add_too_late(struct callback_head *head)
{
	struct last_will *l = container_of(head, struct last_will, w.work);

	count_work(head);
	/* Still possible: work of this run. */
	init_task_work(&l->late.work, count_work);
	l->added = task_work_add(current, &l->late.work, TWA_RESUME);
}

static void die_with_work(void *arg)
{
	struct last_will *l = arg;

	init_task_work(&l->w.work, add_too_late);
	task_work_add(current, &l->w.work, TWA_NONE);
}

static void what_is_left_runs_at_exit_and_then_no_more(struct kunit *test)
{
	struct last_will l = { .added = 1 };
	struct counted_work refused = { };
	struct job j;

	job_start(&j, 2, NULL, die_with_work, &l);
	get_task_struct(j.task);
	job_wait(&j);
	msleep(1);
	KUNIT_EXPECT_EQ(test, runs(&l.w), 1);
	KUNIT_EXPECT_TRUE(test, l.w.exiting);
	KUNIT_EXPECT_EQ(test, l.added, 0);
	KUNIT_EXPECT_EQ(test, runs(&l.late), 1);
	init_task_work(&refused.work, count_work);
	KUNIT_EXPECT_EQ(test, task_work_add(j.task, &refused.work, TWA_RESUME), -ESRCH);
	KUNIT_EXPECT_EQ(test, runs(&refused), 0);
	put_task_struct(j.task);
}

struct adder {
	struct task_struct *target;
	struct counted_work w[200];
	int accepted;
};

static void add_many(void *arg)
{
	struct adder *a = arg;

	for (int i = 0; i < 200; i++) {
		init_task_work(&a->w[i].work, count_work);
		if (task_work_add(a->target, &a->w[i].work, i % 2 ? TWA_RESUME : TWA_NONE))
			break;
		a->accepted++;
		if (i % 8 == 0)
			usleep_range(10, 10);
	}
}

static void all_that_was_accepted_ran_once_though_the_task_exits(struct kunit *test)
{
	struct spinner s = { .step_ns = 100 * NSEC_PER_USEC };
	struct adder *a = kunit_kcalloc(test, 3, sizeof(*a), GFP_KERNEL);
	struct job j[3];

	spinner_start(&s, 2, NULL);
	get_task_struct(s.task);
	for (int i = 0; i < 3; i++) {
		a[i].target = s.task;
		job_start(&j[i], 3 + i, NULL, add_many, &a[i]);
	}
	usleep_range(120, 120);
	spinner_stop(&s);
	for (int i = 0; i < 3; i++) {
		job_wait(&j[i]);
		for (int k = 0; k < 200; k++)
			KUNIT_EXPECT_EQ(test, runs(&a[i].w[k]), k < a[i].accepted);
	}
	put_task_struct(s.task);
}

static struct kunit_case task_work_cases[] = {
	KUNIT_CASE(work_interrupts_computing_in_user_mode),
	KUNIT_CASE(interrupted_computing_takes_no_less_time),
	KUNIT_CASE(work_may_add_itself_again),
	KUNIT_CASE(work_without_notice_waits_for_the_next_way_to_user_mode),
	KUNIT_CASE(what_is_left_runs_at_exit_and_then_no_more),
	KUNIT_CASE(all_that_was_accepted_ran_once_though_the_task_exits),
	{}
};

static struct kunit_suite task_work_suite = {
	.name = "task_work",
	.init = stay_on_cpu0,
	.test_cases = task_work_cases,
};
kunit_test_suite(task_work_suite);
kunit_machine_config(task_work_suite, quiet_machine);
