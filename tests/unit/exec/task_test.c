// SPDX-License-Identifier: GPL-2.0
/* Life of tasks and programs; violations and deadlock. */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>
#include <machine/machine.h>
#include <machine/program.h>
#include <machine/violation.h>
#include <exec/symbols.h>

#include "../caught.h"

static bool on_process_list(pid_t pid)
{
	struct task_struct *p, *t;
	bool found = false;

	rcu_read_lock();
	for_each_process_thread(p, t)
		if (t->pid == pid)
			found = true;
	rcu_read_unlock();
	return found;
}

static int sleep_a_while(void *arg)
{
	msleep(5);
	return (long)arg;
}

static void a_program_is_listed_until_it_is_waited_for(struct kunit *test)
{
	struct task_struct *p = program_start("prog", sleep_a_while, (void *)42l);
	pid_t pid = p->pid;

	KUNIT_EXPECT_TRUE(test, on_process_list(pid));
	KUNIT_EXPECT_EQ(test, p->tgid, pid);
	KUNIT_EXPECT_STREQ(test, p->comm, "prog");
	msleep(20);
	KUNIT_EXPECT_EQ(test, READ_ONCE(p->exit_state), EXIT_ZOMBIE);
	KUNIT_EXPECT_TRUE(test, on_process_list(pid));
	KUNIT_EXPECT_EQ(test, program_wait(p), 42);
	KUNIT_EXPECT_FALSE(test, on_process_list(pid));
}

static void the_struct_of_a_reaped_task_lives_for_a_grace_period(struct kunit *test)
{
	struct task_struct *p = program_start("prog", sleep_a_while, NULL), *q;
	pid_t pid = p->pid;

	msleep(20);
	rcu_read_lock();
	q = find_task_by_vpid(pid);
	KUNIT_EXPECT_PTR_EQ(test, q, p);
	rcu_read_unlock();
	get_task_struct(p);
	program_wait(p);
	KUNIT_EXPECT_EQ(test, p->pid, pid);
	KUNIT_EXPECT_GE(test, refcount_read(&p->usage), 1u);
	rcu_read_lock();
	KUNIT_EXPECT_NULL(test, find_task_by_vpid(pid));
	rcu_read_unlock();
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&p->usage), 1u);
	put_task_struct(p);
}

static atomic_t children;

static int grandchild(void *arg)
{
	atomic_inc(&children);
	return 3;
}

static int forker(void *arg)
{
	long pid = sys_fork(grandchild, NULL);
	long tid;

	if (pid <= 0)
		return 100;
	if (sys_wait4(pid) != 3)
		return 101;
	if (sys_wait4(pid) != -ECHILD)
		return 102;
	tid = sys_clone_thread(grandchild, NULL, -1);
	if (tid <= 0)
		return 103;
	if (sys_wait4(tid) != 3)
		return 104;
	if (sys_wait4(-1) != -ECHILD)
		return 105;
	return 0;
}

static void fork_and_clone_give_children_that_can_be_waited_for(struct kunit *test)
{
	struct task_struct *p;

	atomic_set(&children, 0);
	p = program_start("forker", forker, NULL);
	KUNIT_EXPECT_EQ(test, program_wait(p), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&children), 2);
}

static int thread_on_cpu(void *arg)
{
	*(int *)arg = raw_smp_processor_id();
	user_compute(100000);
	if (raw_smp_processor_id() != *(int *)arg)
		*(int *)arg = -1;
	return 0;
}

static int clone_on(void *arg)
{
	int *cpus = arg;
	long tid[4];
	int i;

	for (i = 0; i < 4; i++)
		tid[i] = sys_clone_thread(thread_on_cpu, &cpus[i], 2 * i);
	for (i = 0; i < 4; i++)
		sys_wait4(tid[i]);
	/* Who has been waited for may still be leaving; time passes when it has left. */
	msleep(1);
	return get_nr_threads(current);
}

static void a_thread_is_bound_where_it_is_cloned_to(struct kunit *test)
{
	int cpus[4] = { -2, -2, -2, -2 }, i;

	KUNIT_EXPECT_EQ(test, program_wait(program_start("p", clone_on, cpus)), 1);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, cpus[i], 2 * i);
}

static int many_forks(void *arg)
{
	long pid[8];
	int i, n, bad = 0;

	for (n = 0; n < 10; n++) {
		for (i = 0; i < 8; i++)
			pid[i] = sys_fork(grandchild, NULL);
		for (i = 0; i < 8; i++)
			bad += sys_wait4(pid[i]) != 3;
	}
	return bad;
}

static void processes_come_and_go_on_all_cpus(struct kunit *test)
{
	struct task_struct *p[4];
	int i;

	atomic_set(&children, 0);
	for (i = 0; i < 4; i++)
		p[i] = program_start("many", many_forks, NULL);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, program_wait(p[i]), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&children), 320);
}

static int compute_for_ever(void *arg)
{
	for (;;)
		user_compute(1000 * NSEC_PER_MSEC);
	return 0;
}

static int sleep_killable(void *arg)
{
	while (!fatal_signal_pending(current)) {
		set_current_state(TASK_KILLABLE);
		schedule();
	}
	return 7;
}

static void a_killed_program_ends(struct kunit *test)
{
	struct task_struct *a = program_start("a", compute_for_ever, NULL);
	struct task_struct *b = program_start("b", sleep_killable, NULL);
	u64 begin;

	msleep(10);
	begin = ktime_get_ns();
	KUNIT_EXPECT_EQ(test, send_sig(SIGKILL, a, 1), 0);
	KUNIT_EXPECT_EQ(test, send_sig(SIGKILL, b, 1), 0);
	KUNIT_EXPECT_EQ(test, program_wait(a), SIGKILL);
	program_wait(b);
	KUNIT_EXPECT_LT(test, ktime_get_ns() - begin, 1ull * NSEC_PER_MSEC);
}

static int set_own_affinity(void *arg)
{
	if (sys_sched_setaffinity(0, cpumask_of(6)))
		return 1;
	return raw_smp_processor_id();
}

static void a_program_can_set_its_affinity(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, program_wait(program_start("p", set_own_affinity, NULL)), 6);
	KUNIT_EXPECT_EQ(test, sys_sched_setaffinity(999999, cpumask_of(0)), -ESRCH);
}

static int second_program(void *arg)
{
	return (long)arg + 1;
}

static int first_program(void *arg)
{
	exec_restart_program(second_program, arg);
}

static void a_program_can_start_again_on_a_fresh_stack(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, program_wait(program_start("p", first_program, (void *)5l)), 6);
}

/* Violations */

static noinline void function_that_breaks_the_rule(void *arg)
{
	violation(VIOLATION_BUG, "number %d is bad", 13);
}

static noinline void function_that_names_two_places(void *arg)
{
	unsigned long ips[STACK_DEPTH];
	unsigned int n = stack_save(ips, STACK_DEPTH);

	violation_with_stack(VIOLATION_WARN, ips, n, "first seen at", "again");
}

static void a_caught_violation_has_kind_and_text(struct kunit *test)
{
	char text[100];

	KUNIT_EXPECT_EQ(test, violation_catch(function_that_breaks_the_rule, NULL, text,
					      sizeof(text)), VIOLATION_BUG);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "number 13 is bad"));
}

static void do_right(void *arg)
{
	msleep(1);
}

static void no_violation_is_none(struct kunit *test)
{
	char text[100] = "old";

	KUNIT_EXPECT_EQ(test, violation_catch(do_right, NULL, text, sizeof(text)), VIOLATION_NONE);
	KUNIT_EXPECT_STREQ(test, text, "");
}

static void a_report_names_the_task_and_both_stacks(struct kunit *test)
{
	const char *report, *second;

	exec_keep_reports(true);
	violation_catch(function_that_names_two_places, NULL, NULL, 0);
	report = exec_kept_report();
	KUNIT_EXPECT_NOT_NULL(test, strstr(report, "violation: WARN: again"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(report, "task violation_catch/"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(report, "preempt_count 0"));
	second = strstr(report, "first seen at:");
	KUNIT_ASSERT_NOT_NULL(test, second);
	KUNIT_EXPECT_NOT_NULL(test, strstr(second, "function_that_names_two_places"));
	KUNIT_EXPECT_TRUE(test, strstr(report, "function_that_names_two_places") < second);
	exec_keep_reports(false);
}

static void wait_for_ever(void *arg)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
}

static void a_wait_that_nobody_ends_is_a_deadlock(struct kunit *test)
{
	expect_caught(test, wait_for_ever, NULL, VIOLATION_DEADLOCK, "never comes");
}

static void leave_irqs_off(void *arg)
{
	local_irq_disable();
	violation(VIOLATION_BUG, "with interrupts off");
}

static int touch_cpu(void *arg)
{
	local_irq_disable();
	local_irq_enable();
	return 0;
}

static void a_caught_violation_leaves_the_cpu_usable(struct kunit *test)
{
	int cpu;

	KUNIT_EXPECT_EQ(test, violation_catch(leave_irqs_off, NULL, NULL, 0), VIOLATION_BUG);
	for_each_online_cpu(cpu)
		program_wait(program_start_on(cpu, "touch", touch_cpu, NULL));
}

static struct kunit_case task_cases[] = {
	KUNIT_CASE(a_program_is_listed_until_it_is_waited_for),
	KUNIT_CASE(the_struct_of_a_reaped_task_lives_for_a_grace_period),
	KUNIT_CASE(fork_and_clone_give_children_that_can_be_waited_for),
	KUNIT_CASE(a_thread_is_bound_where_it_is_cloned_to),
	KUNIT_CASE(processes_come_and_go_on_all_cpus),
	KUNIT_CASE(a_killed_program_ends),
	KUNIT_CASE(a_program_can_set_its_affinity),
	KUNIT_CASE(a_program_can_start_again_on_a_fresh_stack),
	KUNIT_CASE(a_caught_violation_has_kind_and_text),
	KUNIT_CASE(no_violation_is_none),
	KUNIT_CASE(a_report_names_the_task_and_both_stacks),
	KUNIT_CASE(a_wait_that_nobody_ends_is_a_deadlock),
	KUNIT_CASE(a_caught_violation_leaves_the_cpu_usable),
	{}
};

static struct kunit_suite task_suite = {
	.name = "exec_task",
	.test_cases = task_cases,
};
static const struct machine_config no_daemons = {
	.nr_nodes = 4, .nr_cpus = 8, .cmdline = "noautonuma",
};
kunit_test_suite(task_suite);
kunit_machine_config(task_suite, no_daemons);
