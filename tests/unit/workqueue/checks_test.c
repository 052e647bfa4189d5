// SPDX-License-Identifier: GPL-2.0
/* Rules of workqueues, broken one at a time; and what power off makes of leftovers. */
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <machine/violation.h>

#include <kunit/test.h>

static struct workqueue_struct *victim;
static struct work_struct item;
static struct delayed_work ditem;

static void nop(struct work_struct *work)
{
}

static void destroy_with_timer(void *unused)
{
	/* Static: the report unwinds before the queue is freed. */
	static struct workqueue_struct *wq;

	wq = alloc_workqueue("timer", 0, 0);
	INIT_DELAYED_WORK(&ditem, nop);
	queue_delayed_work(wq, &ditem, 100);
	destroy_workqueue(wq);
}

static void enable_enabled(void *unused)
{
	INIT_WORK(&item, nop);
	enable_work(&item);
}

static void bottom_half_queue(void *unused)
{
	alloc_workqueue("bh", WQ_BH, 0);
}

static void flush_in_reader(void *unused)
{
	rcu_read_lock();
	flush_workqueue(system_wq);
	rcu_read_unlock();
}

static void cancel_sync_with_interrupts_off(void *unused)
{
	local_irq_disable();
	cancel_work_sync(&item);
	local_irq_enable();
}

static void on_stack_in_use(void *unused)
{
	INIT_WORK_ONSTACK(&item, nop);
	disable_work(&item);
	enable_work(&item);
	INIT_DELAYED_WORK(&ditem, nop);
	schedule_delayed_work(&ditem, 1000);
	destroy_delayed_work_on_stack(&ditem);
}

static void bound_queue_on_a_node(void *unused)
{
	queue_work_node(0, system_wq, &item);
}

static void other_fn(struct timer_list *timer)
{
}

static void delay_by_another_timer(void *unused)
{
	timer_setup(&ditem.timer, other_fn, 0);
	schedule_delayed_work(&ditem, 1);
}

struct mistake {
	const char *name;
	void (*fn)(void *unused);
	enum violation_kind kind;
};

static const struct mistake mistakes[] = {
	{ "destroying a queue with a timer running", destroy_with_timer, VIOLATION_TIMER },
	{ "enabling what is enabled", enable_enabled, VIOLATION_WARN },
	{ "WQ_BH", bottom_half_queue, VIOLATION_WARN },
	{ "a node for a queue that is bound to CPUs", bound_queue_on_a_node, VIOLATION_WARN },
	{ "delaying by a timer of one's own", delay_by_another_timer, VIOLATION_WARN },
	{ "flushing inside an RCU reader", flush_in_reader, VIOLATION_ATOMIC_SLEEP },
	{ "cancel_sync with interrupts off", cancel_sync_with_interrupts_off,
	  VIOLATION_ATOMIC_SLEEP },
	{ "leaving the stack of a queued item", on_stack_in_use, VIOLATION_BUG },
};
KUNIT_ARRAY_PARAM_DESC(mistake, mistakes, name);

static void mistake_is_reported(struct kunit *test)
{
	const struct mistake *m = test->param_value;
	enum violation_kind kind;

	INIT_WORK(&item, nop);
	INIT_DELAYED_WORK(&ditem, nop);
	kind = violation_catch(m->fn, NULL, NULL, 0);
	KUNIT_EXPECT_EQ_MSG(test, kind, m->kind, "%s gave %s", m->name, violation_name(kind));
	cancel_delayed_work_sync(&ditem);
}

static void slow_fn(struct work_struct *work)
{
	msleep(20);
}

static void queue_on_victim(void *unused)
{
	INIT_WORK(&item, nop);
	queue_work(victim, &item);
}

static struct completion destroyed;

static void destroy_fn(struct work_struct *work)
{
	destroy_workqueue(victim);
	complete(&destroyed);
}

static void queueing_on_a_draining_queue_is_reported(struct kunit *test)
{
	struct work_struct slow, destroyer;

	victim = alloc_workqueue("victim", WQ_UNBOUND, 0);
	KUNIT_ASSERT_NOT_NULL(test, victim);
	init_completion(&destroyed);
	INIT_WORK(&slow, slow_fn);
	INIT_WORK(&destroyer, destroy_fn);
	queue_work(victim, &slow);
	schedule_work(&destroyer);
	msleep(5);
	KUNIT_EXPECT_EQ(test, violation_catch(queue_on_victim, NULL, NULL, 0), VIOLATION_WARN);
	wait_for_completion(&destroyed);
	flush_work(&destroyer);
}

/* Power off runs what is queued and forgets what is not due; nothing leaks. */
static struct delayed_work left_delayed;
static struct work_struct left_queued, left_for_ever;
static unsigned int left_runs;
static bool left_behind;

static void for_ever_fn(struct work_struct *work)
{
	schedule_work(work);
}

static void count_fn(struct work_struct *work)
{
	msleep(1);
	left_runs++;
}

static void leave_work_behind(struct kunit *test)
{
	left_runs = 0;
	left_behind = true;
	INIT_DELAYED_WORK(&left_delayed, nop);
	INIT_WORK(&left_queued, count_fn);
	INIT_WORK(&left_for_ever, for_ever_fn);
	KUNIT_EXPECT_TRUE(test, schedule_delayed_work(&left_delayed, 100000));
	KUNIT_EXPECT_TRUE(test, schedule_work(&left_queued));
	KUNIT_EXPECT_TRUE(test, schedule_work_on(3, &left_for_ever));
}

static void power_off_dealt_with_it(struct kunit *test)
{
	if (!left_behind)
		kunit_skip(test, "it looks at what the case before it left");
	KUNIT_EXPECT_EQ(test, left_runs, 1);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&left_delayed));
	KUNIT_EXPECT_FALSE(test, work_pending(&left_for_ever));
	/* On the new machine it is an ordinary item. */
	KUNIT_EXPECT_TRUE(test, schedule_delayed_work(&left_delayed, 1));
	flush_delayed_work(&left_delayed);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&left_delayed));
}

static struct kunit_case checks_cases[] = {
	KUNIT_CASE_PARAM(mistake_is_reported, mistake_gen_params),
	KUNIT_CASE(queueing_on_a_draining_queue_is_reported),
	KUNIT_CASE(leave_work_behind),
	KUNIT_CASE(power_off_dealt_with_it),
	{}
};

static struct kunit_suite checks_suite = {
	.name = "workqueue_checks",
	.test_cases = checks_cases,
};
kunit_test_suite(checks_suite);
