// SPDX-License-Identifier: GPL-2.0
/*
 * Work for later: work items, timers, RCU callbacks, wake-ups, switches of code.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/jump_label.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

static int done;
DECLARE_STATIC_KEY_FALSE(conformance_key);
DEFINE_STATIC_KEY_FALSE(conformance_key);

static void count_work(struct work_struct *work)
{
	WRITE_ONCE(done, done + 1);
}

static void work_is_queued_once_until_it_runs(struct kunit *test)
{
	struct delayed_work later;
	struct work_struct work;

	WRITE_ONCE(done, 0);
	INIT_WORK_ONSTACK(&work, count_work);
	KUNIT_EXPECT_FALSE(test, flush_work(&work));
	KUNIT_EXPECT_TRUE(test, schedule_work(&work));
	flush_work(&work);
	KUNIT_EXPECT_EQ(test, READ_ONCE(done), 1);
	KUNIT_EXPECT_FALSE(test, cancel_work_sync(&work));
	KUNIT_EXPECT_FALSE(test, work_pending(&work));
	destroy_work_on_stack(&work);

	INIT_DELAYED_WORK_ONSTACK(&later, count_work);
	KUNIT_EXPECT_TRUE(test, schedule_delayed_work(&later, 1000 * HZ));
	KUNIT_EXPECT_FALSE(test, schedule_delayed_work(&later, 1));
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&later));
	KUNIT_EXPECT_TRUE(test, mod_delayed_work(system_wq, &later, 1000 * HZ));
	KUNIT_EXPECT_TRUE(test, cancel_delayed_work_sync(&later));
	KUNIT_EXPECT_FALSE(test, cancel_delayed_work_sync(&later));
	KUNIT_EXPECT_EQ(test, READ_ONCE(done), 1);
	KUNIT_EXPECT_TRUE(test, schedule_delayed_work(&later, 1000 * HZ));
	/* What it returns depends on who is faster. */
	flush_delayed_work(&later);
	KUNIT_EXPECT_EQ(test, READ_ONCE(done), 2);
	destroy_delayed_work_on_stack(&later);
}

struct alarm {
	struct timer_list timer;
	struct completion rung;
};

static void ring(struct timer_list *timer)
{
	complete(&container_of(timer, struct alarm, timer)->rung);
}

static void a_timer_is_pending_until_it_rings(struct kunit *test)
{
	struct alarm alarm;

	init_completion(&alarm.rung);
	timer_setup_on_stack(&alarm.timer, ring, 0);
	KUNIT_EXPECT_FALSE(test, timer_pending(&alarm.timer));
	KUNIT_EXPECT_EQ(test, mod_timer(&alarm.timer, jiffies + 1000 * HZ), 0);
	KUNIT_EXPECT_TRUE(test, timer_pending(&alarm.timer));
	KUNIT_EXPECT_EQ(test, mod_timer(&alarm.timer, jiffies + 2), 1);
	wait_for_completion(&alarm.rung);
	KUNIT_EXPECT_EQ(test, timer_delete_sync(&alarm.timer), 0);
	mod_timer(&alarm.timer, jiffies + 1000 * HZ);
	KUNIT_EXPECT_EQ(test, timer_delete_sync(&alarm.timer), 1);
	KUNIT_EXPECT_FALSE(test, timer_pending(&alarm.timer));
	destroy_timer_on_stack(&alarm.timer);
}

/* Both clocks stand on what was since boot; a sleep takes as long as was asked for, or longer. */
static void time_does_not_go_back(struct kunit *test)
{
	u64 before = ktime_get_ns(), after;
	unsigned long ticks = jiffies;

	schedule_timeout_uninterruptible(3);
	after = ktime_get_ns();
	KUNIT_EXPECT_GE(test, after - before, 2ULL * NSEC_PER_SEC / HZ);
	KUNIT_EXPECT_GE(test, jiffies - ticks, 3UL);
	KUNIT_EXPECT_GE(test, ktime_to_ns(ktime_get()), (s64)after);
}

struct parting {
	struct rcu_head rcu;
	struct completion gone;
};

static void say_gone(struct rcu_head *rcu)
{
	complete(&container_of(rcu, struct parting, rcu)->gone);
}

static void a_callback_comes_after_a_grace_period(struct kunit *test)
{
	struct parting parting;

	init_completion(&parting.gone);
	init_rcu_head_on_stack(&parting.rcu);
	rcu_read_lock();
	call_rcu(&parting.rcu, say_gone);
	KUNIT_EXPECT_FALSE(test, completion_done(&parting.gone));
	rcu_read_unlock();
	rcu_barrier();
	KUNIT_EXPECT_TRUE(test, completion_done(&parting.gone));
	destroy_rcu_head_on_stack(&parting.rcu);
}

static void a_key_is_switched(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, static_branch_unlikely(&conformance_key));
	static_branch_enable(&conformance_key);
	static_branch_enable(&conformance_key);
	KUNIT_EXPECT_TRUE(test, static_branch_unlikely(&conformance_key));
	KUNIT_EXPECT_TRUE(test, static_key_enabled(&conformance_key));
	static_branch_disable(&conformance_key);
	KUNIT_EXPECT_FALSE(test, static_branch_unlikely(&conformance_key));
	static_branch_inc(&conformance_key);
	static_branch_inc(&conformance_key);
	static_branch_dec(&conformance_key);
	KUNIT_EXPECT_TRUE(test, static_branch_unlikely(&conformance_key));
	static_branch_dec(&conformance_key);
	KUNIT_EXPECT_FALSE(test, static_branch_unlikely(&conformance_key));
}

static struct kunit_case defer_cases[] = {
	KUNIT_CASE(work_is_queued_once_until_it_runs),
	KUNIT_CASE(a_timer_is_pending_until_it_rings),
	KUNIT_CASE(time_does_not_go_back),
	KUNIT_CASE(a_callback_comes_after_a_grace_period),
	KUNIT_CASE(a_key_is_switched),
	{}
};

static struct kunit_suite defer_suite = {
	.name = "conformance_defer",
	.test_cases = defer_cases,
};
kunit_test_suite(defer_suite);
