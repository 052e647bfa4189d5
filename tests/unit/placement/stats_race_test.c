// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics of a task and of its mm are read by others, which decide, while it becomes
 * another program, or exits. Nothing is read that was freed, and a count and the sum it is
 * part of are of one moment.
 */
#include <linux/atomic.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>

#include "cast_test.h"

#define LIVES	6	/* programs, one after the other, in each place */
#define PLACES	3
#define PAGES	16

struct place {
	struct kunit *test;
	int cpu;
	struct task_struct *task;	/* that is read; with a reference */
	atomic_t known;			/* it had statistics when it ended */
};

static bool all_over;

static void touch_and_wait(struct place *p, u64 ms)
{
	unsigned long addr = sys_mmap(0, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);

	for (; ms; ms -= 100) {
		user_touch_range(addr, PAGES * PAGE_SIZE, true, 1, NULL);
		user_compute(100 * MSEC);
	}
	if (current->task_autonuma && current->mm->mm_autonuma)
		atomic_inc(&p->known);
}

static int second_program(void *arg)
{
	touch_and_wait(arg, 1500);
	return 0;
}

static int first_program(void *arg)
{
	touch_and_wait(arg, 2000);
	sys_execve("second", second_program, arg);
	return 1;
}

/* A share is one of the whole of the same moment: never more than all. */
static void expect_shares(struct kunit *test, struct autonuma_counts *c)
{
	int nid;

	for (nid = 0; nid < CAST_NODES; nid++) {
		long share = autonuma_share(c, nid);

		KUNIT_EXPECT_GE(test, share, 0L);
		KUNIT_EXPECT_LE(test, share, (long)AUTONUMA_ALL);
	}
}

/* As a decision of another task does it. */
static void read_statistics(struct place *p, struct task_struct *task)
{
	struct task_autonuma *ta;
	struct mm_autonuma *mma;

	rcu_read_lock();
	ta = smp_load_acquire(&task->task_autonuma);
	if (ta)
		expect_shares(p->test, &ta->faults);
	task_lock(task);
	mma = task->mm ? smp_load_acquire(&task->mm->mm_autonuma) : NULL;
	if (mma) {
		expect_shares(p->test, mma->pages);
		expect_shares(p->test, autonuma_home(mma)->pages);
		expect_shares(p->test, mma->held);
	}
	task_unlock(task);
	autonuma_preferred_nid(task);
	rcu_read_unlock();
}

static int reader(void *arg)
{
	struct place *places = arg;

	while (!READ_ONCE(all_over)) {
		for (int i = 0; i < PLACES; i++) {
			struct task_struct *task;

			rcu_read_lock();
			task = smp_load_acquire(&places[i].task);
			if (task)
				get_task_struct(task);
			rcu_read_unlock();
			if (!task)
				continue;
			read_statistics(&places[i], task);
			put_task_struct(task);
		}
		user_compute(7 * MSEC);
	}
	return 0;
}

/* Program after program in one place; the task is read until it has been reaped. */
static int keep_alive(void *arg)
{
	struct place *p = arg;

	for (int i = 0; i < LIVES; i++) {
		struct task_struct *task = program_start_on(p->cpu, "life", first_program, p);

		KUNIT_EXPECT_NOT_NULL(p->test, task);
		get_task_struct(task);
		set_cpus_allowed_ptr(task, cpu_possible_mask);
		smp_store_release(&p->task, task);
		KUNIT_EXPECT_EQ(p->test, program_wait(task), 0);
		smp_store_release(&p->task, NULL);
		/* Nobody takes a reference any more. */
		synchronize_rcu();
		put_task_struct(task);
	}
	return 0;
}

static void statistics_are_read_safely_through_exec_and_exit(struct kunit *test)
{
	struct place places[PLACES];
	struct task_struct *keeper[PLACES], *readers[2];
	int i;

	set_knob(test, "scan_sleep_pass_millisecs", "1000");
	set_knob(test, "balance_interval_millisecs", "20");
	WRITE_ONCE(all_over, false);
	for (i = 0; i < PLACES; i++) {
		places[i] = (struct place){ .test = test, .cpu = cpu_of(i) };
		keeper[i] = kthread_run(keep_alive, &places[i], "keeper");
		KUNIT_ASSERT_FALSE(test, IS_ERR(keeper[i]));
		get_task_struct(keeper[i]);
	}
	for (i = 0; i < ARRAY_SIZE(readers); i++) {
		readers[i] = program_start("reader", reader, places);
		KUNIT_ASSERT_NOT_NULL(test, readers[i]);
	}
	for (i = 0; i < PLACES; i++) {
		while (!READ_ONCE(keeper[i]->exit_state))
			msleep(50);
		put_task_struct(keeper[i]);
		KUNIT_EXPECT_GE(test, atomic_read(&places[i].known), LIVES);
	}
	WRITE_ONCE(all_over, true);
	for (i = 0; i < ARRAY_SIZE(readers); i++)
		KUNIT_EXPECT_EQ(test, program_wait(readers[i]), 0);
}

static struct kunit_case stats_cases[] = {
	KUNIT_CASE(statistics_are_read_safely_through_exec_and_exit),
	{}
};

static struct kunit_suite stats_suite = {
	.name = "placement-stats",
	.test_cases = stats_cases,
};
kunit_test_suite(stats_suite);
