// SPDX-License-Identifier: GPL-2.0
/* Kernel threads: creation, stopping, parking, binding. */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <machine/violation.h>

#include "../threads.h"

/* Counts rounds until stopped; parks when asked to. */
struct looper {
	unsigned int rounds;
	unsigned int parked;		/* times it came back from parking */
	int result;
};

static int looper_fn(void *data)
{
	struct looper *l = data;

	while (!kthread_should_stop()) {
		if (kthread_should_park()) {
			kthread_parkme();
			WRITE_ONCE(l->parked, l->parked + 1);
			continue;
		}
		WRITE_ONCE(l->rounds, l->rounds + 1);
		schedule_timeout_interruptible(1);
	}
	return l->result;
}

static void stop_returns_what_the_function_returned(struct kunit *test)
{
	struct looper l = { .result = -12 };
	struct task_struct *t = kthread_run(looper_fn, &l, "looper");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	msleep(20);
	KUNIT_EXPECT_EQ(test, kthread_stop(t), -12);
	KUNIT_EXPECT_GT(test, l.rounds, 10);
}

static void thread_that_was_never_woken_does_not_run(struct kunit *test)
{
	struct looper l = { .result = 5 };
	struct task_struct *t = kthread_create(looper_fn, &l, "looper");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	msleep(5);
	KUNIT_EXPECT_EQ(test, READ_ONCE(l.rounds), 0);
	KUNIT_EXPECT_EQ(test, kthread_stop(t), -EINTR);
	KUNIT_EXPECT_EQ(test, l.rounds, 0);
}

static int leave_fn(void *data)
{
	return 17;
}

static void result_of_a_thread_that_ended_by_itself_is_kept(struct kunit *test)
{
	struct task_struct *t = kthread_create(leave_fn, NULL, "leaver");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	get_task_struct(t);
	wake_up_process(t);
	msleep(5);
	KUNIT_EXPECT_EQ(test, kthread_stop_put(t), 17);
}

static noinline int deep_exit(unsigned int depth)
{
	volatile char room[256] = { depth };

	if (!depth)
		kthread_exit(23);
	return depth > 100 ? 0 : deep_exit(depth - 1) + room[0];
}

static int exit_fn(void *data)
{
	return deep_exit(20);
}

static void kthread_exit_works_from_any_depth(struct kunit *test)
{
	struct task_struct *t = kthread_create(exit_fn, NULL, "exiter");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	get_task_struct(t);
	wake_up_process(t);
	msleep(5);
	KUNIT_EXPECT_EQ(test, kthread_stop_put(t), 23);
}

static int complete_fn(void *data)
{
	kthread_complete_and_exit(data, 3);
}

static void complete_and_exit_does_both(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct task_struct *t = kthread_create(complete_fn, &done, "completer");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	get_task_struct(t);
	wake_up_process(t);
	wait_for_completion(&done);
	KUNIT_EXPECT_EQ(test, kthread_stop_put(t), 3);
}

static int data_fn(void *data)
{
	return kthread_data(current) == data && kthread_func(current) == (void *)data_fn &&
	       current->flags & PF_KTHREAD && !current->mm;
}

static void thread_knows_its_data_name_and_kind(struct kunit *test)
{
	struct task_struct *t;
	char name[64];
	int x;

	t = kthread_create(data_fn, &x, "a-rather-long-name/%d:%s", 12, "xyz");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	KUNIT_EXPECT_STREQ(test, t->comm, "a-rather-long-n");
	get_kthread_comm(name, sizeof(name), t);
	KUNIT_EXPECT_STREQ(test, name, "a-rather-long-name/12:xyz");
	KUNIT_EXPECT_PTR_EQ(test, kthread_data(t), &x);
	get_task_struct(t);
	wake_up_process(t);
	msleep(2);
	KUNIT_EXPECT_EQ(test, kthread_stop_put(t), 1);
}

static void parked_thread_stands_still_until_unparked(struct kunit *test)
{
	struct looper l = {};
	struct task_struct *t = kthread_run(looper_fn, &l, "looper");
	unsigned int rounds, i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	msleep(2);	/* else it parks before its function begins */
	for (i = 1; i <= 5; i++) {
		KUNIT_ASSERT_EQ(test, kthread_park(t), 0);
		KUNIT_EXPECT_EQ(test, READ_ONCE(t->__state), TASK_PARKED);
		rounds = READ_ONCE(l.rounds);
		msleep(20);
		wake_up_process(t);	/* means nothing to a parked thread */
		msleep(2);
		KUNIT_EXPECT_EQ(test, READ_ONCE(l.rounds), rounds);
		KUNIT_EXPECT_EQ(test, READ_ONCE(l.parked), i - 1);
		kthread_unpark(t);
		msleep(20);
		KUNIT_EXPECT_GT(test, READ_ONCE(l.rounds), rounds);
		KUNIT_EXPECT_EQ(test, READ_ONCE(l.parked), i);
	}
	KUNIT_EXPECT_EQ(test, kthread_stop(t), 0);
}

static void stopping_a_parked_thread_unparks_it(struct kunit *test)
{
	struct looper l = { .result = 4 };
	struct task_struct *t = kthread_run(looper_fn, &l, "looper");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	msleep(2);
	KUNIT_ASSERT_EQ(test, kthread_park(t), 0);
	KUNIT_EXPECT_EQ(test, kthread_stop(t), 4);
	KUNIT_EXPECT_EQ(test, l.parked, 1);
}

static void thread_parked_before_its_first_wake_up_does_not_run(struct kunit *test)
{
	struct looper l = {};
	struct task_struct *t = kthread_create(looper_fn, &l, "looper");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	KUNIT_ASSERT_EQ(test, kthread_park(t), 0);
	msleep(5);
	KUNIT_EXPECT_EQ(test, READ_ONCE(l.rounds), 0);
	kthread_unpark(t);
	msleep(5);
	KUNIT_EXPECT_GT(test, READ_ONCE(l.rounds), 0);
	KUNIT_EXPECT_EQ(test, kthread_stop(t), 0);
}

struct where {
	int cpu, node;
	bool moved;
};

static int where_fn(void *data)
{
	struct where *w = data;
	unsigned int i;

	w->cpu = raw_smp_processor_id();
	w->node = numa_node_id();
	for (i = 0; i < 20; i++) {
		schedule_timeout_interruptible(1);
		w->moved |= raw_smp_processor_id() != w->cpu;
	}
	return 0;
}

static void bound_thread_stays_on_its_cpu(struct kunit *test)
{
	struct test_thread t[3];
	struct where w[3] = {};
	int i;

	/* All on one CPU, though others are idle. */
	for (i = 0; i < 3; i++)
		test_thread_start(test, &t[i], 5, where_fn, &w[i]);
	KUNIT_EXPECT_TRUE(test, t[0].task->flags & PF_NO_SETAFFINITY);
	KUNIT_EXPECT_EQ(test, sched_setaffinity(t[0].task->pid, cpumask_of(1)), -EINVAL);
	for (i = 0; i < 3; i++) {
		test_thread_join(&t[i]);
		KUNIT_EXPECT_EQ(test, w[i].cpu, 5);
		KUNIT_EXPECT_FALSE(test, w[i].moved);
	}
}

static void thread_bound_to_a_node_stays_there(struct kunit *test)
{
	struct where w = {};
	struct task_struct *t = kthread_create_on_node(where_fn, &w, 2, "node2");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	kthread_bind_mask(t, cpumask_of_node(2));
	get_task_struct(t);
	wake_up_process(t);
	msleep(50);
	KUNIT_EXPECT_EQ(test, kthread_stop_put(t), 0);
	KUNIT_EXPECT_EQ(test, w.node, 2);
}

static void thread_created_on_a_cpu_runs_there(struct kunit *test)
{
	struct where w = {};
	struct task_struct *t = kthread_run_on_cpu(where_fn, &w, 6, "percpu/%u");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	get_task_struct(t);
	KUNIT_EXPECT_STREQ(test, t->comm, "percpu/6");
	msleep(50);
	KUNIT_EXPECT_EQ(test, kthread_stop_put(t), 0);
	KUNIT_EXPECT_EQ(test, w.cpu, 6);
}

static void a_bound_thread_is_of_its_cpu_when_it_is_said_so(struct kunit *test)
{
	struct looper l = {};
	struct task_struct *t = kthread_create_on_cpu(looper_fn, &l, 6, "percpu/%u");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	KUNIT_EXPECT_FALSE(test, kthread_is_per_cpu(t));
	kthread_set_per_cpu(t, 6);
	KUNIT_EXPECT_TRUE(test, kthread_is_per_cpu(t));
	kthread_set_per_cpu(t, -1);
	KUNIT_EXPECT_FALSE(test, kthread_is_per_cpu(t));
	kthread_stop(t);
}

static void bind_running(void *arg)
{
	kthread_bind(arg, 1);
}

static void binding_a_thread_that_runs_is_reported(struct kunit *test)
{
	struct looper l = {};
	struct task_struct *t = kthread_run(looper_fn, &l, "looper");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	msleep(2);
	KUNIT_EXPECT_EQ(test, violation_catch(bind_running, t, NULL, 0), VIOLATION_WARN);
	kthread_stop(t);
}

static void should_stop_in_no_kthread(void *unused)
{
	/* The thread of violation_catch() has no struct kthread. */
	kthread_should_stop();
}

static void park_twice(void *arg)
{
	kthread_park(arg);
	kthread_park(arg);
}

static void pin_what_is_not_bound(void *arg)
{
	kthread_set_per_cpu(arg, 1);
}

static void misuse_is_reported(struct kunit *test)
{
	struct looper l = {};
	struct task_struct *t = kthread_run(looper_fn, &l, "looper");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	KUNIT_EXPECT_EQ(test, violation_catch(should_stop_in_no_kthread, NULL, NULL, 0),
			VIOLATION_WARN);
	KUNIT_EXPECT_EQ(test, violation_catch(pin_what_is_not_bound, t, NULL, 0), VIOLATION_WARN);
	KUNIT_EXPECT_EQ(test, violation_catch(park_twice, t, NULL, 0), VIOLATION_WARN);
	kthread_stop(t);
}

static void stop_it(void *arg)
{
	kthread_stop(arg);
}

static void second_stop_is_reported(struct kunit *test)
{
	struct looper l = {};
	struct task_struct *t = kthread_run(looper_fn, &l, "looper");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	get_task_struct(t);
	kthread_stop(t);
	KUNIT_EXPECT_EQ(test, violation_catch(stop_it, t, NULL, 0), VIOLATION_DEADLOCK);
	put_task_struct(t);	/* twice: the reference of the stop that did not return */
	put_task_struct(t);
}

/* Stopped by the power off of the case's machine. */
static void power_off_stops_threads_that_are_left(struct kunit *test)
{
	static struct looper l;
	struct task_struct *t = kthread_run(looper_fn, &l, "left-over");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_create(looper_fn, &l, "never-woken"));
	msleep(3);
}

#define NR_ROUNDS 40

static void many_threads_come_and_go(struct kunit *test)
{
	struct looper l[4];
	struct task_struct *t[4];
	int round, i;

	for (round = 0; round < NR_ROUNDS; round++) {
		for (i = 0; i < 4; i++) {
			l[i] = (struct looper){ .result = i };
			t[i] = kthread_create(looper_fn, &l[i], "looper/%d", i);
			KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t[i]);
			if ((round + i) % 3)
				wake_up_process(t[i]);
			if ((round + i) % 5 == 0)
				kthread_park(t[i]);
		}
		for (i = 0; i < 4; i++) {
			int ret = kthread_stop(t[i]);

			KUNIT_EXPECT_TRUE(test, ret == i || ret == -EINTR);
		}
	}
}

static struct kunit_case kthread_cases[] = {
	KUNIT_CASE(stop_returns_what_the_function_returned),
	KUNIT_CASE(thread_that_was_never_woken_does_not_run),
	KUNIT_CASE(result_of_a_thread_that_ended_by_itself_is_kept),
	KUNIT_CASE(kthread_exit_works_from_any_depth),
	KUNIT_CASE(complete_and_exit_does_both),
	KUNIT_CASE(thread_knows_its_data_name_and_kind),
	KUNIT_CASE(parked_thread_stands_still_until_unparked),
	KUNIT_CASE(stopping_a_parked_thread_unparks_it),
	KUNIT_CASE(thread_parked_before_its_first_wake_up_does_not_run),
	KUNIT_CASE(bound_thread_stays_on_its_cpu),
	KUNIT_CASE(thread_bound_to_a_node_stays_there),
	KUNIT_CASE(thread_created_on_a_cpu_runs_there),
	KUNIT_CASE(a_bound_thread_is_of_its_cpu_when_it_is_said_so),
	KUNIT_CASE(binding_a_thread_that_runs_is_reported),
	KUNIT_CASE(misuse_is_reported),
	KUNIT_CASE(second_stop_is_reported),
	KUNIT_CASE(power_off_stops_threads_that_are_left),
	KUNIT_CASE(many_threads_come_and_go),
	{}
};

static struct kunit_suite kthread_suite = {
	.name = "kthread",
	.test_cases = kthread_cases,
};
kunit_test_suite(kthread_suite);
