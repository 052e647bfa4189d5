// SPDX-License-Identifier: GPL-2.0
/* The freezer: who freezes, how, and what happens to the sleep it was in. */
#include <linux/delay.h>
#include <linux/freezer.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <machine/violation.h>

#include "../threads.h"

struct looper {
	unsigned int rounds, frozen;
	bool freezable;
};

static int polling_fn(void *data)
{
	struct looper *l = data;

	if (l->freezable)
		set_freezable();
	while (!kthread_should_stop()) {
		if (try_to_freeze())
			WRITE_ONCE(l->frozen, l->frozen + 1);
		WRITE_ONCE(l->rounds, l->rounds + 1);
		schedule_timeout_interruptible(1);
	}
	return 0;
}

static void freezable_thread_stands_still_until_thawed(struct kunit *test)
{
	struct looper l = { .freezable = true };
	struct task_struct *t = kthread_run(polling_fn, &l, "freezable");
	unsigned int rounds;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	msleep(5);
	KUNIT_ASSERT_EQ(test, freeze_kernel_threads(), 0);
	KUNIT_EXPECT_TRUE(test, frozen(t));
	rounds = READ_ONCE(l.rounds);
	msleep(50);
	wake_up_process(t);
	msleep(5);
	KUNIT_EXPECT_EQ(test, READ_ONCE(l.rounds), rounds);
	thaw_kernel_threads();
	msleep(20);
	KUNIT_EXPECT_FALSE(test, frozen(t));
	KUNIT_EXPECT_GT(test, READ_ONCE(l.rounds), rounds);
	KUNIT_EXPECT_EQ(test, kthread_stop(t), 0);
	KUNIT_EXPECT_EQ(test, l.frozen, 1);
}

static void other_threads_are_left_alone(struct kunit *test)
{
	struct looper l = {};
	struct task_struct *t = kthread_run(polling_fn, &l, "nofreeze");
	unsigned int rounds;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	KUNIT_EXPECT_TRUE(test, t->flags & PF_NOFREEZE);
	KUNIT_ASSERT_EQ(test, freeze_kernel_threads(), 0);
	rounds = READ_ONCE(l.rounds);
	msleep(20);
	KUNIT_EXPECT_GT(test, READ_ONCE(l.rounds), rounds);
	thaw_kernel_threads();
	kthread_stop(t);
	KUNIT_EXPECT_EQ(test, l.frozen, 0);
}

static DECLARE_WAIT_QUEUE_HEAD(wq);

struct sleeper {
	bool condition, woken;
	long left;
};

static int waiting_fn(void *data)
{
	struct sleeper *s = data;

	set_freezable();
	wait_event_freezable(wq, READ_ONCE(s->condition) || kthread_should_stop());
	WRITE_ONCE(s->woken, true);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static void wake_up_while_frozen_takes_effect_at_the_thaw(struct kunit *test)
{
	struct sleeper s = {};
	struct task_struct *t = kthread_run(waiting_fn, &s, "waiter");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	msleep(5);
	KUNIT_ASSERT_EQ(test, freeze_kernel_threads(), 0);
	WRITE_ONCE(s.condition, true);
	wake_up(&wq);
	msleep(20);
	KUNIT_EXPECT_TRUE(test, frozen(t));
	KUNIT_EXPECT_FALSE(test, READ_ONCE(s.woken));
	thaw_kernel_threads();
	msleep(5);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(s.woken));
	kthread_stop(t);
}

static void sleeper_that_was_not_woken_sleeps_on_after_the_thaw(struct kunit *test)
{
	struct sleeper s = {};
	struct task_struct *t = kthread_run(waiting_fn, &s, "waiter");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	msleep(5);
	KUNIT_ASSERT_EQ(test, freeze_kernel_threads(), 0);
	thaw_kernel_threads();
	msleep(5);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(s.woken));
	KUNIT_EXPECT_EQ(test, READ_ONCE(t->__state), TASK_INTERRUPTIBLE | TASK_FREEZABLE);
	WRITE_ONCE(s.condition, true);
	wake_up(&wq);
	msleep(5);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(s.woken));
	kthread_stop(t);
}

static int timeout_fn(void *data)
{
	struct sleeper *s = data;

	set_freezable();
	s->left = wait_event_freezable_timeout(wq, READ_ONCE(s->condition), 30);
	WRITE_ONCE(s->woken, true);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static void timeout_that_expires_while_frozen_is_not_lost(struct kunit *test)
{
	struct sleeper s = {};
	struct task_struct *t = kthread_run(timeout_fn, &s, "timeout");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	msleep(5);
	KUNIT_ASSERT_EQ(test, freeze_kernel_threads(), 0);
	msleep(100);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(s.woken));
	thaw_kernel_threads();
	msleep(3);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(s.woken));
	KUNIT_EXPECT_EQ(test, s.left, 0);
	kthread_stop(t);
}

static int stubborn_fn(void *data)
{
	set_freezable();
	while (!kthread_should_stop())
		schedule_timeout_uninterruptible(1);
	return 0;
}

static void thread_that_refuses_makes_freezing_fail_and_thaws_all(struct kunit *test)
{
	struct looper l = { .freezable = true };
	struct task_struct *t = kthread_run(stubborn_fn, NULL, "stubborn");
	struct task_struct *other = kthread_run(polling_fn, &l, "freezable");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
	msleep(2);
	freeze_timeout_msecs = 100;
	KUNIT_EXPECT_EQ(test, freeze_kernel_threads(), -EBUSY);
	msleep(5);
	KUNIT_EXPECT_FALSE(test, frozen(other));
	kthread_stop(t);
	kthread_stop(other);
}

static int should_stop_fn(void *data)
{
	bool was_frozen = false;

	set_freezable();
	while (!kthread_freezable_should_stop(&was_frozen)) {
		if (was_frozen)
			WRITE_ONCE(*(bool *)data, true);
		schedule_timeout_interruptible(1);
	}
	if (was_frozen)
		WRITE_ONCE(*(bool *)data, true);
	return 9;
}

static void thread_learns_that_it_was_frozen(struct kunit *test)
{
	bool was_frozen = false;
	struct task_struct *t = kthread_run(should_stop_fn, &was_frozen, "stoppable");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	msleep(2);
	KUNIT_ASSERT_EQ(test, freeze_kernel_threads(), 0);
	KUNIT_EXPECT_TRUE(test, frozen(t));
	thaw_kernel_threads();
	KUNIT_EXPECT_EQ(test, kthread_stop(t), 9);
	KUNIT_EXPECT_TRUE(test, was_frozen);
}

static unsigned int work_runs;

static void count_work(struct work_struct *work)
{
	WRITE_ONCE(work_runs, work_runs + 1);
}

/* Sleeps as long as nobody wakes it, which the freezer has to do; thawed, it is awake. */
static int sleep_until_stopped(void *arg)
{
	unsigned int *state = arg;

	set_freezable();
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
		if (try_to_freeze())
			*state = get_current_state();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static void freezable_thread_is_woken_to_freeze(struct kunit *test)
{
	unsigned int state = TASK_DEAD;
	struct task_struct *t = kthread_run(sleep_until_stopped, &state, "sleeper");

	KUNIT_ASSERT_FALSE(test, IS_ERR(t));
	msleep(2);
	KUNIT_EXPECT_EQ(test, freeze_kernel_threads(), 0);
	KUNIT_EXPECT_TRUE(test, frozen(t));
	thaw_kernel_threads();
	KUNIT_EXPECT_EQ(test, kthread_stop(t), 0);
	KUNIT_EXPECT_EQ(test, state, (unsigned int)TASK_RUNNING);
}

static void freezable_workqueue_holds_its_items_back(struct kunit *test)
{
	struct workqueue_struct *frozen_wq = alloc_workqueue("freezable", WQ_FREEZABLE, 0);
	struct work_struct a, b;

	KUNIT_ASSERT_NOT_NULL(test, frozen_wq);
	WRITE_ONCE(work_runs, 0);
	INIT_WORK(&a, count_work);
	INIT_WORK(&b, count_work);
	KUNIT_ASSERT_EQ(test, freeze_kernel_threads(), 0);
	queue_work(frozen_wq, &a);
	msleep(10);
	KUNIT_EXPECT_EQ(test, READ_ONCE(work_runs), 0);
	schedule_work(&b);
	flush_work(&b);
	KUNIT_EXPECT_EQ(test, READ_ONCE(work_runs), 1);
	thaw_kernel_threads();
	flush_work(&a);
	KUNIT_EXPECT_EQ(test, READ_ONCE(work_runs), 2);
	destroy_workqueue(frozen_wq);
}

static void freeze_what_only_unparking_wakes(void *arg)
{
	set_current_state(TASK_PARKED);
	__refrigerator(false);
}

/* The thaw wakes as a wake-up would: it must be one that the sleeper waits for. */
static void freezing_in_an_odd_state_is_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(freeze_what_only_unparking_wakes, NULL, NULL, 0),
			VIOLATION_WARN);
}

static struct kunit_case freezer_cases[] = {
	KUNIT_CASE(freezable_thread_stands_still_until_thawed),
	KUNIT_CASE(other_threads_are_left_alone),
	KUNIT_CASE(wake_up_while_frozen_takes_effect_at_the_thaw),
	KUNIT_CASE(sleeper_that_was_not_woken_sleeps_on_after_the_thaw),
	KUNIT_CASE(timeout_that_expires_while_frozen_is_not_lost),
	KUNIT_CASE(thread_that_refuses_makes_freezing_fail_and_thaws_all),
	KUNIT_CASE(thread_learns_that_it_was_frozen),
	KUNIT_CASE(freezable_thread_is_woken_to_freeze),
	KUNIT_CASE(freezable_workqueue_holds_its_items_back),
	KUNIT_CASE(freezing_in_an_odd_state_is_reported),
	{}
};

static struct kunit_suite freezer_suite = {
	.name = "freezer",
	.test_cases = freezer_cases,
};
kunit_test_suite(freezer_suite);
