// SPDX-License-Identifier: GPL-2.0
/*
 * Exit against scan: each is held at every point in turn while the other one runs from
 * beginning to end. Neither waits for the other, but for a moment's spinlock.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <machine/directed.h>

#include "core_test.h"
#include "../thp/thp_test.h"

/* CPUs; the last one is idle, see directed_await(). */
#define CONTROL_CPU	0
#define SCAN_CPU	1
#define PROG_CPU	2
#define HELPER_CPU	3
#define RCU_CPU		6

/* Every how many points somebody is held. */
#define STRIDE		kunit_amount(1, 37)

/* A process that exits, and who holds whom where. */
struct stage {
	struct kunit *test;
	struct completion ready, leave, closed;
	struct task_struct *task;
	bool hold_exit;
	unsigned long nth, points;
};

static int exiting_main(void *arg)
{
	struct stage *s = arg;
	struct prog p = { .test = s->test };

	map_and_write(&p, 40);
	KUNIT_EXPECT_EQ(s->test, user_write64(map_huge(s->test, 2), 1), 0);
	wait_for_passes(&p, 1);
	touch_all(&p);
	complete(&s->ready);
	wait_for_completion(&s->leave);
	if (s->hold_exit)
		directed_hold(current, s->nth);
	return 0;
}

static void start_exiting(struct stage *s, struct kunit *test)
{
	s->test = test;
	init_completion(&s->ready);
	init_completion(&s->leave);
	init_completion(&s->closed);
	s->task = program_start_on(PROG_CPU, "exiting", exiting_main, s);
	KUNIT_ASSERT_NOT_NULL(test, s->task);
	wait_for_completion(&s->ready);
}

/*
 * Does a task that is held have a lock that others spin for? TSan is told nothing of the
 * hand-over, see engine/directed.c.
 */
static noinline __attribute__((no_sanitize("thread"))) bool spins_for(struct task_struct *p)
{
	int i;

	for (i = 0; i < p->lock.depth; i++)
		if (p->lock.held[i].kind <= LOCK_KIND_LOCAL)
			return true;
	return false;
}

/*
 * Who waits in directed_await() keeps its CPU, and so does RCU's thread while somebody is
 * held: each has one that nobody else needs.
 */
static void quick_passes(struct kunit *test)
{
	set_cpus_allowed_ptr(current, cpumask_of(CONTROL_CPU));
	set_cpus_allowed_ptr(thread_named("rcu_gp"), cpumask_of(RCU_CPU));
	scan_steadily(test, 100);
	KUNIT_ASSERT_EQ(test, keep_khugepaged_away(test), 0);
	set_cpus_allowed_ptr(thread_named("knuma_scand"), cpumask_of(SCAN_CPU));
	schedule_timeout_uninterruptible(HZ);
}

static void await_pass(struct kunit *test)
{
	unsigned long until = count_of(AUTONUMA_FULL_SCANS) + 1;
	int limit = 400;

	while (count_of(AUTONUMA_FULL_SCANS) < until && limit--)
		schedule_timeout_uninterruptible(HZ / 10);
	KUNIT_EXPECT_GE(test, count_of(AUTONUMA_FULL_SCANS), until);
}

static void leave_and_wait(struct stage *s)
{
	complete(&s->leave);
	KUNIT_EXPECT_EQ(s->test, program_wait(s->task), 0);
}

/* The daemon stands still in the middle of a pass; the process exits without it. */
static void exit_does_not_wait_for_the_scan(struct kunit *test)
{
	struct task_struct *scand = thread_named("knuma_scand");
	struct stage s = {};
	unsigned long points, free_exits = 0, waits = 0, nth;
	bool spinning;
	u64 since;

	quick_passes(test);
	start_exiting(&s, test);
	directed_hold(scand, 0);
	await_pass(test);
	points = directed_done();
	leave_and_wait(&s);
	directed_await();
	KUNIT_EXPECT_GT(test, points, 100);

	for (nth = 1; nth <= points; nth += STRIDE) {
		start_exiting(&s, test);
		directed_hold(scand, nth);
		KUNIT_EXPECT_TRUE(test, directed_await());
		spinning = spins_for(scand);
		since = ktime_get_ns();
		leave_and_wait(&s);
		if (ktime_get_ns() - since < SEC)
			free_exits++;
		else if (!spinning)
			waits++;
		directed_release();
		directed_done();
		schedule_timeout_uninterruptible(HZ);
		KUNIT_EXPECT_TRUE(test, autonuma_registry_empty());
		machine_quiesce();
		machine_check();
	}
	/* But for the one interrupt that flushes the TLB of the process's own CPU. */
	KUNIT_EXPECT_LE(test, waits, 2);
	KUNIT_EXPECT_GT(test, free_exits, points / STRIDE / 4);
}

/* Waits for the end of the process, for the one who waits that it is held. */
static int close_stage(void *arg)
{
	struct stage *s = arg;

	KUNIT_EXPECT_EQ(s->test, program_wait(s->task), 0);
	s->points = directed_done();
	complete(&s->closed);
	return 0;
}

/* Old enough to be scanned, until it is told to leave. */
static int bystander_main(void *arg)
{
	wait_for_completion(arg);
	return 0;
}

/* The process stands still in the middle of its exit; passes go on. */
static void scans_do_not_wait_for_an_exit(struct kunit *test)
{
	struct stage s = { .hold_exit = true };
	unsigned long points = 0, free_passes = 0;
	struct task_struct *bystander;
	struct completion leave;

	init_completion(&leave);
	bystander = program_start_on(HELPER_CPU, "bystander", bystander_main, &leave);
	quick_passes(test);
	/* Not at the very end, when its end is known already. */
	for (s.nth = 0; s.nth == 0 || s.nth + 10 < points; s.nth += s.nth ? STRIDE : 1) {
		start_exiting(&s, test);
		get_task_struct(s.task);
		kthread_run_on_cpu(close_stage, &s, HELPER_CPU, "closer/%u");
		complete(&s.leave);
		if (directed_await()) {
			if (!spins_for(s.task)) {
				await_pass(test);
				await_pass(test);
				free_passes++;
			} else {
				schedule_timeout_uninterruptible(HZ);
			}
		}
		directed_release();
		wait_for_completion(&s.closed);
		put_task_struct(s.task);
		if (!s.nth)
			points = s.points;
	}
	KUNIT_EXPECT_GT(test, points, 100);
	KUNIT_EXPECT_GT(test, free_passes, points / STRIDE / 3);
	complete(&leave);
	KUNIT_EXPECT_EQ(test, program_wait(bystander), 0);
	KUNIT_EXPECT_TRUE(test, autonuma_registry_empty());
	machine_quiesce();
	machine_check();
}

static int end_at_once(void *arg)
{
	return 0;
}

/* The daemon stands still while it finds a process, which exits and leaves nothing behind. */
static void exit_in_the_middle_of(unsigned long nth, struct stage *s, struct task_struct *scand)
{
	struct task_struct *next;
	struct mm_struct *mm;

	set_knob(s->test, "enabled", "0");
	init_completion(&s->leave);
	s->task = program_start_on(PROG_CPU, "unknown", bystander_main, &s->leave);
	KUNIT_ASSERT_NOT_NULL(s->test, s->task);
	schedule_timeout_uninterruptible(HZ);
	directed_hold(scand, nth);
	set_knob(s->test, "enabled", "1");
	if (!nth)
		schedule_timeout_uninterruptible(2);
	else
		KUNIT_EXPECT_TRUE(s->test, directed_await());
	mm = s->task->mm;
	mmgrab(mm);
	leave_and_wait(s);
	/* Its CPU gives up the mm, which it keeps while it is idle; then nobody has it but we. */
	next = program_start_on(PROG_CPU, "next", end_at_once, NULL);
	KUNIT_ASSERT_NOT_NULL(s->test, next);
	KUNIT_EXPECT_EQ(s->test, program_wait(next), 0);
	mmdrop(mm);
	if (nth)
		directed_release();
	s->points = directed_done();
	if (!nth)
		KUNIT_EXPECT_FALSE(s->test, directed_await());
	schedule_timeout_uninterruptible(HZ);
	KUNIT_EXPECT_TRUE(s->test, autonuma_registry_empty());
	machine_quiesce();
	machine_check();
}

static void a_process_may_exit_while_it_is_found(struct kunit *test)
{
	struct task_struct *scand = thread_named("knuma_scand");
	unsigned long nth, points;
	struct stage s = { .test = test };

	quick_passes(test);
	exit_in_the_middle_of(0, &s, scand);
	points = s.points;
	KUNIT_EXPECT_GT(test, points, 20);
	for (nth = 1; nth <= points; nth += kunit_amount(1, 2))
		exit_in_the_middle_of(nth, &s, scand);
}

static struct kunit_case exit_cases[] = {
	KUNIT_CASE(a_process_may_exit_while_it_is_found),
	KUNIT_CASE(exit_does_not_wait_for_the_scan),
	KUNIT_CASE(scans_do_not_wait_for_an_exit),
	{}
};

static const int exit_cpu_node[] = { 0, 0, 0, 0, 1, 2, 3, 3 };
static const struct machine_config exit_config = {
	.nr_nodes = 4, .nr_cpus = 8, .cpu_node = exit_cpu_node,
};

static struct kunit_suite exit_suite = {
	.name = "autonuma-exit",
	.test_cases = exit_cases,
};
kunit_machine_config(exit_suite, exit_config);
kunit_test_suite(exit_suite);

static void __attribute__((constructor)) choose_engine(void)
{
	directed_use();
}
