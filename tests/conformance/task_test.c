// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks: who is in the lists of them, whose references hold them, and the work that others
 * give them.
 */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>
#include <linux/task_work.h>

static int end_at_once(void *arg)
{
	complete(arg);
	return 0;
}

/* A kthread that was never woken. */
static struct task_struct *sleeper(struct kunit *test, void *arg)
{
	struct task_struct *task = kthread_create(end_at_once, arg, "conform");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	return task;
}

/* Every process once; the first task of all, which stands at the list's head, is left out. */
static void a_walk_of_processes_meets_each_once(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(unused);
	struct task_struct *task = sleeper(test, &unused), *p, *t;
	int first = 0, me = 0, it = 0, threads = 0;

	rcu_read_lock();
	for_each_process(p) {
		first += p == &init_task;
		me += p == current;
		it += p == task;
		KUNIT_EXPECT_TRUE(test, thread_group_leader(p));
	}
	for_each_process_thread(p, t) {
		threads += t == task;
		KUNIT_EXPECT_TRUE(test, same_thread_group(p, t));
	}
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, first, 0);
	KUNIT_EXPECT_EQ(test, me, 1);
	KUNIT_EXPECT_EQ(test, it, 1);
	KUNIT_EXPECT_EQ(test, threads, 1);
	get_task_struct(task);
	kthread_stop(task);
	/* It leaves the lists by itself, after kthread_stop() has its answer. */
	while (it) {
		schedule_timeout_uninterruptible(1);
		it = 0;
		rcu_read_lock();
		for_each_process(p)
			it += p == task;
		rcu_read_unlock();
	}
	put_task_struct(task);
}

static void a_kthread_is_a_process_of_one_thread(struct kunit *test)
{
	struct task_struct *t;
	int nr = 0;

	KUNIT_EXPECT_TRUE(test, thread_group_leader(current));
	KUNIT_EXPECT_EQ(test, get_nr_threads(current), 1);
	rcu_read_lock();
	for_each_thread(current, t) {
		KUNIT_EXPECT_PTR_EQ(test, t, current);
		nr++;
	}
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, nr, 1);
	KUNIT_EXPECT_NULL(test, current->mm);
}

static void references_hold_a_task_that_ended(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(over);
	struct task_struct *task = sleeper(test, &over);
	unsigned int before = refcount_read(&task->usage);

	KUNIT_EXPECT_PTR_EQ(test, get_task_struct(task), task);
	KUNIT_EXPECT_EQ(test, refcount_read(&task->usage), before + 1);
	get_task_struct(task);
	put_task_struct(task);
	KUNIT_EXPECT_EQ(test, refcount_read(&task->usage), before + 1);
	wake_up_process(task);
	wait_for_completion(&over);
	kthread_stop(task);
	KUNIT_EXPECT_STREQ(test, task->comm, "conform");
	put_task_struct(task);
}

static int stay(void *arg)
{
	complete(arg);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return task_cpu(current);
}

static void a_bound_thread_says_its_cpu(struct kunit *test)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		DECLARE_COMPLETION_ONSTACK(there);
		struct task_struct *task = kthread_create(stay, &there, "conform");

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
		kthread_bind(task, cpu);
		wake_up_process(task);
		wait_for_completion(&there);
		KUNIT_EXPECT_EQ(test, task_cpu(task), cpu);
		KUNIT_EXPECT_TRUE(test, cpumask_equal(task->cpus_ptr, cpumask_of(cpu)));
		KUNIT_EXPECT_TRUE(test, cpu_active(cpu));
		KUNIT_EXPECT_EQ(test, kthread_stop(task), cpu);
	}
	preempt_disable();
	KUNIT_EXPECT_EQ(test, task_cpu(current), smp_processor_id());
	KUNIT_EXPECT_FALSE(test, idle_cpu(smp_processor_id()));
	preempt_enable();
}

static void niceness_is_kept_within_its_bounds(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(unused);
	struct task_struct *task = sleeper(test, &unused);

	KUNIT_EXPECT_EQ(test, task_nice(task), 0);
	set_user_nice(task, MAX_NICE);
	KUNIT_EXPECT_EQ(test, task_nice(task), 19);
	/* Out of bounds changes nothing. */
	set_user_nice(task, MAX_NICE + 1);
	KUNIT_EXPECT_EQ(test, task_nice(task), 19);
	set_user_nice(task, MIN_NICE - 1);
	KUNIT_EXPECT_EQ(test, task_nice(task), 19);
	set_user_nice(task, MIN_NICE);
	KUNIT_EXPECT_EQ(test, task_nice(task), -20);
	kthread_stop(task);
}

static void a_tasks_lock_is_its_own(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(unused);
	struct task_struct *task = sleeper(test, &unused);

	task_lock(task);
	KUNIT_EXPECT_TRUE(test, spin_is_locked(&task->alloc_lock));
	KUNIT_EXPECT_FALSE(test, spin_is_locked(&current->alloc_lock));
	task_unlock(task);
	KUNIT_EXPECT_FALSE(test, spin_is_locked(&task->alloc_lock));
	kthread_stop(task);
}

/* Work that writes its name, and perhaps adds more. */
struct chore {
	struct callback_head twork;
	char name;
	struct chore *more;
	struct completion *over;
};

static char done[8];
static atomic_t nr_done;

static void do_chore(struct callback_head *twork)
{
	struct chore *c = container_of(twork, struct chore, twork);

	done[atomic_inc_return(&nr_done) - 1] = c->name;
	if (c->more)
		task_work_add(current, &c->more->twork, TWA_NONE);
	if (c->over)
		complete(c->over);
}

static void chore_init(struct chore *c, char name)
{
	memset(c, 0, sizeof(*c));
	init_task_work(&c->twork, do_chore);
	c->name = name;
}

/* The last that was added is done first; what work adds is done before the call returns. */
static void work_of_a_task_is_done_from_the_last(struct kunit *test)
{
	struct chore c[4];
	int i;

	memset(done, 0, sizeof(done));
	atomic_set(&nr_done, 0);
	for (i = 0; i < 4; i++)
		chore_init(&c[i], "abcd"[i]);
	c[1].more = &c[3];
	KUNIT_EXPECT_FALSE(test, task_work_pending(current));
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, task_work_add(current, &c[i].twork, TWA_NONE), 0);
	KUNIT_EXPECT_TRUE(test, task_work_pending(current));
	KUNIT_EXPECT_EQ(test, atomic_read(&nr_done), 0);
	task_work_run();
	KUNIT_EXPECT_STREQ(test, done, "cbad");
	KUNIT_EXPECT_FALSE(test, task_work_pending(current));
	task_work_run();
	KUNIT_EXPECT_STREQ(test, done, "cbad");
}

/* Who ends does its work first and refuses more from then on. */
static void work_is_done_at_exit_and_refused_after_it(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(over);
	DECLARE_COMPLETION_ONSTACK(worked);
	struct task_struct *task = sleeper(test, &over);
	struct chore first, late;

	memset(done, 0, sizeof(done));
	atomic_set(&nr_done, 0);
	chore_init(&first, 'f');
	chore_init(&late, 'l');
	first.over = &worked;
	get_task_struct(task);
	KUNIT_EXPECT_EQ(test, task_work_add(task, &first.twork, TWA_NONE), 0);
	wake_up_process(task);
	wait_for_completion(&over);
	kthread_stop_put(task);
	wait_for_completion(&worked);

	task = sleeper(test, &over);
	get_task_struct(task);
	kthread_stop(task);
	while (!READ_ONCE(task->exit_state))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_EQ(test, task_work_add(task, &late.twork, TWA_NONE), -ESRCH);
	KUNIT_EXPECT_STREQ(test, done, "f");
	put_task_struct(task);
}

static struct kunit_case task_cases[] = {
	KUNIT_CASE(a_walk_of_processes_meets_each_once),
	KUNIT_CASE(a_kthread_is_a_process_of_one_thread),
	KUNIT_CASE(references_hold_a_task_that_ended),
	KUNIT_CASE(a_bound_thread_says_its_cpu),
	KUNIT_CASE(niceness_is_kept_within_its_bounds),
	KUNIT_CASE(a_tasks_lock_is_its_own),
	KUNIT_CASE(work_of_a_task_is_done_from_the_last),
	KUNIT_CASE(work_is_done_at_exit_and_refused_after_it),
	{}
};

static struct kunit_suite task_suite = {
	.name = "conformance_task",
	.test_cases = task_cases,
};
kunit_test_suite(task_suite);
