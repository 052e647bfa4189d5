// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel threads: how they are born, where they run, and what stopping them returns.
 */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/topology.h>

static atomic_t runs;

static int wait_until_stopped(void *arg)
{
	atomic_inc(&runs);
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return (long)arg;
}

static int return_at_once(void *arg)
{
	complete(arg);
	return -7;
}

static int tell_cpu(void *arg)
{
	WRITE_ONCE(*(int *)arg, raw_smp_processor_id());
	return wait_until_stopped(NULL);
}

static void stop_returns_what_the_function_returned(struct kunit *test)
{
	struct task_struct *task = kthread_create(wait_until_stopped, (void *)-5L, "conform");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	atomic_set(&runs, 0);
	wake_up_process(task);
	while (!atomic_read(&runs))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_EQ(test, kthread_stop(task), -5);
}

static void a_thread_that_was_never_woken_does_not_run(struct kunit *test)
{
	struct task_struct *task = kthread_create(wait_until_stopped, (void *)-5L, "conform");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	atomic_set(&runs, 0);
	KUNIT_EXPECT_EQ(test, kthread_stop(task), -EINTR);
	KUNIT_EXPECT_EQ(test, atomic_read(&runs), 0);
}

static void a_thread_that_ended_by_itself_can_be_stopped_with_a_reference(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct task_struct *task = kthread_create(return_at_once, &done, "conform");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	get_task_struct(task);
	wake_up_process(task);
	wait_for_completion(&done);
	KUNIT_EXPECT_EQ(test, kthread_stop_put(task), -7);
}

static void only_a_sleeper_is_woken(struct kunit *test)
{
	struct task_struct *task = kthread_create(wait_until_stopped, NULL, "conform");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	atomic_set(&runs, 0);
	KUNIT_EXPECT_EQ(test, wake_up_process(task), 1);
	while (!atomic_read(&runs))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_EQ(test, kthread_stop(task), 0);
}

static void a_running_thread_cannot_be_woken(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, wake_up_process(current), 0);
}

static void a_bound_thread_runs_on_its_cpu(struct kunit *test)
{
	int cpu, where;

	for_each_online_cpu(cpu) {
		struct task_struct *task;

		where = -1;
		task = kthread_create(tell_cpu, &where, "conform/%d", cpu);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
		kthread_bind(task, cpu);
		KUNIT_EXPECT_TRUE(test, task->flags & PF_NO_SETAFFINITY);
		KUNIT_EXPECT_EQ(test, task->nr_cpus_allowed, 1);
		wake_up_process(task);
		while (READ_ONCE(where) < 0)
			schedule_timeout_uninterruptible(1);
		KUNIT_EXPECT_EQ(test, kthread_stop(task), 0);
		KUNIT_EXPECT_EQ(test, where, cpu);
	}
}

static void a_thread_bound_to_a_mask_stays_in_it(struct kunit *test)
{
	const struct cpumask *mask = cpumask_of_node(numa_node_id());
	struct task_struct *task;
	int where = -1;

	task = kthread_create_on_node(tell_cpu, &where, numa_node_id(), "conform");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	kthread_bind_mask(task, mask);
	wake_up_process(task);
	while (READ_ONCE(where) < 0)
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(READ_ONCE(where), mask));
	KUNIT_EXPECT_TRUE(test, cpumask_equal(task->cpus_ptr, mask));
	KUNIT_EXPECT_EQ(test, kthread_stop(task), 0);
}

static void kernel_threads_have_no_mm_and_a_name(struct kunit *test)
{
	struct task_struct *task = kthread_create(wait_until_stopped, NULL, "name/%d", 12);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	KUNIT_EXPECT_TRUE(test, task->flags & PF_KTHREAD);
	KUNIT_EXPECT_NULL(test, task->mm);
	KUNIT_EXPECT_STREQ(test, task->comm, "name/12");
	KUNIT_EXPECT_EQ(test, kthread_stop(task), -EINTR);
}

static struct kunit_case kthread_cases[] = {
	KUNIT_CASE(stop_returns_what_the_function_returned),
	KUNIT_CASE(a_thread_that_was_never_woken_does_not_run),
	KUNIT_CASE(a_thread_that_ended_by_itself_can_be_stopped_with_a_reference),
	KUNIT_CASE(only_a_sleeper_is_woken),
	KUNIT_CASE(a_running_thread_cannot_be_woken),
	KUNIT_CASE(a_bound_thread_runs_on_its_cpu),
	KUNIT_CASE(a_thread_bound_to_a_mask_stays_in_it),
	KUNIT_CASE(kernel_threads_have_no_mm_and_a_name),
	{}
};

static struct kunit_suite kthread_suite = {
	.name = "conformance_kthread",
	.test_cases = kthread_cases,
};
kunit_test_suite(kthread_suite);
