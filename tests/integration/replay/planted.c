// SPDX-License-Identifier: GPL-2.0
/*
 * Cases with a planted concurrency defect, and their twins without it, for replay.py: a
 * search must find the former and be silent about the latter.
 */
#include <sys/mman.h>

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <machine/machine.h>
#include <machine/replay.h>

#define ROUNDS	3

static struct kunit *the_test;
static struct completion done[2];
static unsigned long shared;
static DEFINE_SPINLOCK(lock);

static int (*body[2])(void);

static int task_main(void *which)
{
	long i = (long)which;

	body[i]();
	complete(&done[i]);
	return 0;
}

/* Run two functions as tasks of two CPUs, to their ends. */
static void run_both(struct kunit *test, int (*a)(void), int (*b)(void))
{
	struct task_struct *task[2];

	the_test = test;
	body[0] = a;
	body[1] = b;
	for (long i = 0; i < 2; i++) {
		init_completion(&done[i]);
		task[i] = kthread_create(task_main, (void *)i, "planted/%ld", i);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task[i]);
		kthread_bind(task[i], 1 + i);
	}
	replay_begin();
	for (int i = 0; i < 2; i++)
		wake_up_process(task[i]);
	/* Not by kthread_stop(), which would wake who missed a wake-up. */
	for (int i = 0; i < 2; i++)
		wait_for_completion(&done[i]);
	replay_end();
}

static int add_unlocked(void)
{
	for (int i = 0; i < ROUNDS; i++)
		WRITE_ONCE(shared, READ_ONCE(shared) + 1);
	return 0;
}

static int add_locked(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		spin_lock(&lock);
		WRITE_ONCE(shared, READ_ONCE(shared) + 1);
		spin_unlock(&lock);
	}
	return 0;
}

static void a_lost_update(struct kunit *test)
{
	shared = 0;
	run_both(test, add_unlocked, add_unlocked);
	KUNIT_EXPECT_EQ(test, shared, 2UL * ROUNDS);
}

static void no_lost_update(struct kunit *test)
{
	shared = 0;
	run_both(test, add_locked, add_locked);
	KUNIT_EXPECT_EQ(test, shared, 2UL * ROUNDS);
}

/* Before that a tasklet, a callback and a timer become due, each with steps of its own. */

static void count_down(void)
{
	for (int i = 0; i < 20; i++)
		WRITE_ONCE(shared, i);
}

static void tasklet_counts(struct tasklet_struct *t)
{
	count_down();
}

static void callback_counts(struct rcu_head *head)
{
	count_down();
}

static void timer_counts(struct timer_list *t)
{
	count_down();
}

static void interrupts_before(struct kunit *test, int (*add)(void))
{
	struct tasklet_struct tasklet;
	struct timer_list timer;
	struct rcu_head head;

	tasklet_setup(&tasklet, tasklet_counts);
	timer_setup_on_stack(&timer, timer_counts, 0);
	local_bh_disable();
	tasklet_schedule(&tasklet);
	mod_timer(&timer, jiffies + 1);
	call_rcu(&head, callback_counts);
	count_down();
	local_bh_enable();
	schedule_timeout_uninterruptible(1);
	count_down();
	rcu_barrier();
	timer_delete_sync(&timer);
	tasklet_kill(&tasklet);
	shared = 0;
	run_both(test, add, add);
	KUNIT_EXPECT_EQ(test, shared, 2UL * ROUNDS);
}

static void a_lost_update_after_interrupts(struct kunit *test)
{
	interrupts_before(test, add_unlocked);
}

static void no_lost_update_after_interrupts(struct kunit *test)
{
	interrupts_before(test, add_locked);
}

static struct task_struct *sleeper;

/* Looks first, and says that it sleeps after that: the wake-up in between is lost. */
static int sleep_late(void)
{
	WRITE_ONCE(sleeper, current);
	if (!READ_ONCE(shared)) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
	}
	return 0;
}

static int sleep_in_time(void)
{
	WRITE_ONCE(sleeper, current);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(shared))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int wake(void)
{
	struct task_struct *p;

	WRITE_ONCE(shared, 1);
	/* Pairs with set_current_state(): we see the sleeper, or it what it waits for. */
	smp_mb();
	p = READ_ONCE(sleeper);
	if (p)
		wake_up_process(p);
	return 0;
}

static void a_lost_wake_up(struct kunit *test)
{
	shared = 0;
	sleeper = NULL;
	run_both(test, sleep_late, wake);
}

static void no_lost_wake_up(struct kunit *test)
{
	shared = 0;
	sleeper = NULL;
	run_both(test, sleep_in_time, wake);
}

static bool stored, may_end;

static int store_early(void *unused)
{
	WRITE_ONCE(shared, 1);
	__atomic_store_n(&stored, true, __ATOMIC_RELAXED);
	while (!__atomic_load_n(&may_end, __ATOMIC_RELAXED))
		exec_point(EXEC_POINT_MARKED, &may_end);
	return 0;
}

/* A test may say for a second time where what it is about begins. */
static void what_was_stored_before_a_search_begins_again_stays(struct kunit *test)
{
	struct task_struct *task = kthread_create(store_early, NULL, "planted");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(0)), 0);
	kthread_bind(task, 1);
	shared = 0;
	stored = may_end = false;
	replay_begin();
	get_task_struct(task);
	wake_up_process(task);
	while (!__atomic_load_n(&stored, __ATOMIC_RELAXED))
		exec_point(EXEC_POINT_MARKED, &stored);
	replay_begin();
	__atomic_store_n(&may_end, true, __ATOMIC_RELAXED);
	kthread_stop_put(task);
	KUNIT_EXPECT_EQ(test, READ_ONCE(shared), 1UL);
	replay_end();
}

static struct thing {
	unsigned long alive;
} things[2];
static struct thing __rcu *now;

static int read_thing(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct thing *t;

		rcu_read_lock();
		t = rcu_dereference(now);
		KUNIT_EXPECT_EQ(the_test, READ_ONCE(t->alive), 1UL);
		rcu_read_unlock();
	}
	return 0;
}

static void replace(bool wait)
{
	struct thing *old = rcu_dereference_protected(now, true);

	things[1].alive = 1;
	rcu_assign_pointer(now, &things[1]);
	if (wait)
		synchronize_rcu();
	WRITE_ONCE(old->alive, 0);
}

static int replace_at_once(void)
{
	replace(false);
	return 0;
}

static int replace_after_a_grace_period(void)
{
	replace(true);
	return 0;
}

static void first_thing(void)
{
	things[0].alive = 1;
	rcu_assign_pointer(now, &things[0]);
}

static void a_missing_grace_period(struct kunit *test)
{
	first_thing();
	run_both(test, read_thing, replace_at_once);
}

static void no_missing_grace_period(struct kunit *test)
{
	first_thing();
	run_both(test, read_thing, replace_after_a_grace_period);
}

static int take_if_free(void)
{
	bool mine;

	spin_lock(&lock);
	mine = !shared;
	spin_unlock(&lock);
	if (mine) {
		spin_lock(&lock);
		KUNIT_EXPECT_EQ(the_test, shared, 0UL);
		shared++;
		spin_unlock(&lock);
	}
	return 0;
}

static int take_if_still_free(void)
{
	spin_lock(&lock);
	if (!shared)
		shared++;
	spin_unlock(&lock);
	return 0;
}

static void a_missing_recheck(struct kunit *test)
{
	shared = 0;
	run_both(test, take_if_free, take_if_free);
}

static void no_missing_recheck(struct kunit *test)
{
	shared = 0;
	run_both(test, take_if_still_free, take_if_still_free);
	KUNIT_EXPECT_EQ(test, shared, 1UL);
}

/* Another number of steps each time: what --verify is for. */
static unsigned long *runs;		/* shared with all processes */

static int count_runs(void)
{
	for (unsigned long i = ++*runs; i; i--)
		WRITE_ONCE(shared, i);
	return 0;
}

static void of_the_host(struct kunit *test)
{
	run_both(test, count_runs, add_locked);
}

static int share_runs(struct kunit_suite *suite)
{
	runs = mmap(NULL, sizeof(*runs), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return runs == MAP_FAILED ? -ENOMEM : 0;
}

static struct kunit_case planted_cases[] = {
	KUNIT_CASE(a_lost_update),
	KUNIT_CASE(no_lost_update),
	KUNIT_CASE(a_lost_update_after_interrupts),
	KUNIT_CASE(no_lost_update_after_interrupts),
	KUNIT_CASE(a_lost_wake_up),
	KUNIT_CASE(no_lost_wake_up),
	KUNIT_CASE(a_missing_grace_period),
	KUNIT_CASE(no_missing_grace_period),
	KUNIT_CASE(a_missing_recheck),
	KUNIT_CASE(no_missing_recheck),
	KUNIT_CASE(what_was_stored_before_a_search_begins_again_stays),
	KUNIT_CASE(of_the_host),
	{}
};

static const struct machine_config planted_config = {
	.nr_nodes = 1, .nr_cpus = 4, .cmdline = "noautonuma",
};

static struct kunit_suite planted_suite = {
	.name = "planted",
	.suite_init = share_runs,
	.test_cases = planted_cases,
};
kunit_machine_config(planted_suite, planted_config);
kunit_test_suite(planted_suite);
