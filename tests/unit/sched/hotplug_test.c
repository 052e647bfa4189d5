// SPDX-License-Identifier: GPL-2.0
/* CPUs that go and come back: their tasks, masks, callbacks and what they kept. */
#include <linux/cpu.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/nodemask.h>
#include <linux/timer.h>
#include <machine/violation.h>
#include "../../../kernel-compat/sched/sched.h"
#include "sched_test.h"

static void a_cpu_that_goes_sends_its_tasks_away(struct kunit *test)
{
	struct spinner s[3] = { };

	for (int i = 0; i < 3; i++) {
		s[i].step_ns = NSEC_PER_MSEC;
		s[i].task = program_start_on(5, "spinner", spinner_program, &s[i]);
	}
	/* The last one may go elsewhere; nobody else may, until nothing is left. */
	do_set_cpus_allowed(s[2].task, cpumask_of_node(2));
	KUNIT_EXPECT_EQ(test, remove_cpu(5), 0);
	KUNIT_EXPECT_FALSE(test, cpu_online(5));
	KUNIT_EXPECT_FALSE(test, cpu_active(5));
	KUNIT_EXPECT_EQ(test, running_on(5), 0u);
	for (int i = 0; i < 3; i++)
		KUNIT_EXPECT_NE(test, task_cpu(s[i].task), 5u);
	KUNIT_EXPECT_EQ(test, task_node(s[2].task), 2);
	KUNIT_EXPECT_TRUE(test, cpumask_equal(s[0].task->cpus_ptr, cpu_possible_mask));
	KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(5, s[2].task->cpus_ptr));
	KUNIT_EXPECT_EQ(test, add_cpu(5), 0);
	KUNIT_EXPECT_EQ(test, migrate_task_to(s[0].task, 5), 0);
	KUNIT_EXPECT_EQ(test, task_cpu(s[0].task), 5u);
	for (int i = 0; i < 3; i++)
		spinner_stop(&s[i]);
}

static void a_node_without_cpus_is_no_node_for_tasks(struct kunit *test)
{
	struct spinner s[8] = { };

	KUNIT_EXPECT_EQ(test, remove_cpu(6), 0);
	KUNIT_EXPECT_TRUE(test, node_state(3, N_CPU));
	KUNIT_EXPECT_EQ(test, remove_cpu(7), 0);
	KUNIT_EXPECT_FALSE(test, node_state(3, N_CPU));
	KUNIT_EXPECT_TRUE(test, cpumask_empty(cpumask_of_node(3)));
	KUNIT_EXPECT_EQ(test, num_online_cpus(), 6u);
	for (int i = 0; i < 8; i++) {
		s[i].step_ns = NSEC_PER_MSEC;
		s[i].task = program_start("spinner", spinner_program, &s[i]);
	}
	msleep(100);
	KUNIT_EXPECT_EQ(test, running_on(6) + running_on(7), 0u);
	KUNIT_EXPECT_EQ(test, migrate_task_to(s[0].task, 6), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_cpus_allowed_ptr(s[0].task, cpumask_of(7)), -EINVAL);
	KUNIT_EXPECT_EQ(test, add_cpu(7), 0);
	KUNIT_EXPECT_TRUE(test, node_state(3, N_CPU));
	KUNIT_EXPECT_TRUE(test, cpumask_equal(cpumask_of_node(3), cpumask_of(7)));
	/* It is idle, and others have two. */
	msleep(200);
	KUNIT_EXPECT_GE(test, running_on(7), 1u);
	KUNIT_EXPECT_EQ(test, add_cpu(6), 0);
	for (int i = 0; i < 8; i++)
		spinner_stop(&s[i]);
}

static void what_cannot_be_is_refused(struct kunit *test)
{
	int cpu;

	KUNIT_EXPECT_EQ(test, remove_cpu(8), -EINVAL);
	KUNIT_EXPECT_EQ(test, add_cpu(8), -EINVAL);
	KUNIT_EXPECT_EQ(test, add_cpu(3), 1);
	for (cpu = 1; cpu < 8; cpu++)
		KUNIT_EXPECT_EQ(test, remove_cpu(cpu), 0);
	KUNIT_EXPECT_EQ(test, remove_cpu(0), -EBUSY);
	KUNIT_EXPECT_EQ(test, remove_cpu(3), 1);
	for (cpu = 1; cpu < 8; cpu++)
		KUNIT_EXPECT_EQ(test, add_cpu(cpu), 0);
}

static void I_can_take_my_own_cpu_away(struct kunit *test)
{
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	migrate_task_to(current, 3);
	KUNIT_EXPECT_EQ(test, remove_cpu(3), 0);
	KUNIT_EXPECT_NE(test, raw_smp_processor_id(), 3u);
	KUNIT_EXPECT_EQ(test, add_cpu(3), 0);
}

static void sleep_a_while(void *arg)
{
	msleep(20);
	*(int *)arg = raw_smp_processor_id();
}

static void a_sleeper_of_a_cpu_that_went_wakes_up_elsewhere(struct kunit *test)
{
	struct job j;
	int cpu = -1;

	job_start(&j, 4, cpumask_of(4), sleep_a_while, &cpu);
	msleep(1);
	KUNIT_EXPECT_EQ(test, remove_cpu(4), 0);
	KUNIT_EXPECT_EQ(test, add_cpu(5), 1);
	job_wait(&j);
	KUNIT_EXPECT_NE(test, cpu, 4);
	KUNIT_EXPECT_EQ(test, add_cpu(4), 0);
}

static char order[64];
static int refuse_cpu;

static int note(char what, unsigned int cpu)
{
	size_t n = strlen(order);

	order[n] = what;
	order[n + 1] = '0' + cpu;
	order[n + 2] = 0;
	return what == 'D' && (int)cpu == refuse_cpu ? -EPERM : 0;
}

static int prepare(unsigned int cpu) { return note('p', cpu); }
static int dead(unsigned int cpu) { return note('d', cpu); }
static int up(unsigned int cpu) { return note('u', cpu); }
static int down(unsigned int cpu) { return note('D', cpu); }
static int last_up(unsigned int cpu) { return note('l', cpu); }
static int last_down(unsigned int cpu) { return note('L', cpu); }

static int fail_on_two(unsigned int cpu)
{
	note('f', cpu);
	return cpu == 2 ? -EIO : 0;
}

static void callbacks_run_in_order_and_are_undone(struct kunit *test)
{
	int online, later;

	refuse_cpu = -1;
	order[0] = 0;
	KUNIT_EXPECT_EQ(test, cpuhp_setup_state_nocalls(CPUHP_MM_VMSTAT_DEAD, "test:dead",
							prepare, dead), 0);
	online = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "test:online", up, down);
	KUNIT_EXPECT_GE(test, online, (int)CPUHP_AP_ONLINE_DYN);
	KUNIT_EXPECT_STREQ(test, order, "u0u1u2u3u4u5u6u7");
	later = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "test:last", last_up, last_down);
	KUNIT_EXPECT_EQ(test, later, online + 1);
	order[0] = 0;
	KUNIT_EXPECT_EQ(test, remove_cpu(3), 0);
	KUNIT_EXPECT_STREQ(test, order, "L3D3d3");
	order[0] = 0;
	KUNIT_EXPECT_EQ(test, add_cpu(3), 0);
	KUNIT_EXPECT_STREQ(test, order, "p3u3l3");
	order[0] = 0;
	refuse_cpu = 3;
	KUNIT_EXPECT_EQ(test, remove_cpu(3), -EPERM);
	KUNIT_EXPECT_STREQ(test, order, "L3D3l3");
	KUNIT_EXPECT_TRUE(test, cpu_active(3));
	KUNIT_EXPECT_TRUE(test, cpu_online(3));
	refuse_cpu = -1;
	cpuhp_remove_state_nocalls(later);
	order[0] = 0;
	KUNIT_EXPECT_EQ(test, cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "test:fails", fail_on_two,
						last_down), -EIO);
	KUNIT_EXPECT_STREQ(test, order, "f0f1f2L0L1");
	KUNIT_EXPECT_EQ(test, remove_cpu(2), 0);
	later = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "test:fails", fail_on_two, NULL);
	order[0] = 0;
	KUNIT_EXPECT_EQ(test, add_cpu(2), -EIO);
	KUNIT_EXPECT_STREQ(test, order, "p2u2f2D2d2");
	KUNIT_EXPECT_FALSE(test, cpu_online(2));
	cpuhp_remove_state_nocalls(later);
	KUNIT_EXPECT_EQ(test, add_cpu(2), 0);
	order[0] = 0;
	cpuhp_remove_state(online);
	KUNIT_EXPECT_STREQ(test, order, "D0D1D2D3D4D5D6D7");
	cpuhp_remove_state_nocalls(CPUHP_MM_VMSTAT_DEAD);
}

static void note_cpu_of_timer(struct timer_list *t);
static DEFINE_TIMER(late_timer, note_cpu_of_timer);
static int timer_cpu;

static void note_cpu_of_timer(struct timer_list *t)
{
	timer_cpu = smp_processor_id();
}

static void timers_of_a_cpu_that_went_run_elsewhere(struct kunit *test)
{
	timer_cpu = -1;
	late_timer.expires = jiffies + 10;
	add_timer_on(&late_timer, 6);
	KUNIT_EXPECT_EQ(test, remove_cpu(6), 0);
	msleep(20);
	KUNIT_EXPECT_EQ(test, timer_cpu, 0);
	KUNIT_EXPECT_EQ(test, add_cpu(6), 0);
}

static int write_pages(void *arg)
{
	long addr = sys_mmap(0, 64 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);

	return user_touch_range(addr, 64 * PAGE_SIZE, true, 0, NULL);
}

static void a_cpu_that_goes_keeps_neither_pages_nor_an_address_space(struct kunit *test)
{
	struct task_struct *p = program_start_on(6, "writer", write_pages, NULL);

	KUNIT_EXPECT_EQ(test, program_wait(p), 0);
	KUNIT_EXPECT_EQ(test, remove_cpu(6), 0);
	KUNIT_EXPECT_EQ(test, remove_cpu(7), 0);
	machine_quiesce();
	/* The per-CPU lists of CPUs that are not there are not counted. */
	machine_check();
	KUNIT_EXPECT_EQ(test, add_cpu(6), 0);
	KUNIT_EXPECT_EQ(test, add_cpu(7), 0);
}

struct storm {
	atomic_t stop;
	int changes;
};

static void come_and_go(void *arg)
{
	struct storm *s = arg;

	while (!atomic_read(&s->stop)) {
		unsigned int cpu = 1 + s->changes++ % 7;

		remove_cpu(cpu);
		usleep_range(300, 300);
		add_cpu(cpu);
	}
}

static void sleep_and_wake(void *arg)
{
	struct storm *s = arg;
	int i = 0;

	while (!atomic_read(&s->stop)) {
		usleep_range(50, 50);
		if (++i % 4 == 0)
			migrate_task_to(current, i % 8);
		udelay(30);
	}
}

static void cpus_go_while_tasks_run_sleep_fork_and_move(struct kunit *test)
{
	struct spinner s[6] = { };
	struct storm storm = { };
	struct job driver, j[4];

	for (int i = 0; i < 6; i++) {
		s[i].step_ns = 70 * NSEC_PER_USEC;
		s[i].task = program_start("spinner", spinner_program, &s[i]);
	}
	for (int i = 0; i < 4; i++) {
		j[i] = (struct job){ .fn = sleep_and_wake, .arg = &storm };
		j[i].task = exec_create_kthread(job_main, &j[i], NUMA_NO_NODE, "job");
		get_task_struct(j[i].task);
		wake_up_process(j[i].task);
	}
	driver = (struct job){ .fn = come_and_go, .arg = &storm };
	driver.task = exec_create_kthread(job_main, &driver, NUMA_NO_NODE, "hotplug");
	get_task_struct(driver.task);
	wake_up_process(driver.task);
	for (int i = 0; i < 60; i++) {
		struct task_struct *p = program_start("short", write_pages, NULL);

		KUNIT_EXPECT_EQ(test, program_wait(p), 0);
		usleep_range(200, 200);
	}
	atomic_set(&storm.stop, 1);
	job_wait(&driver);
	for (int i = 0; i < 4; i++)
		job_wait(&j[i]);
	for (int i = 0; i < 6; i++)
		spinner_stop(&s[i]);
	KUNIT_EXPECT_GT(test, storm.changes, 7);
	KUNIT_EXPECT_EQ(test, num_online_cpus(), 8u);
}

static void unlock_without_lock(void *arg)
{
	cpus_read_unlock();
}

static void assert_without_lock(void *arg)
{
	lockdep_assert_cpus_held();
}

static void hotplug_and_its_lock_exclude_each_other(struct kunit *test)
{
	struct storm s = { };
	struct job j;

	cpus_read_lock();
	lockdep_assert_cpus_held();
	job_start(&j, 2, NULL, come_and_go, &s);
	msleep(5);
	KUNIT_EXPECT_EQ(test, num_online_cpus(), 8u);
	cpus_read_unlock();
	msleep(5);
	atomic_set(&s.stop, 1);
	job_wait(&j);
	KUNIT_EXPECT_GT(test, s.changes, 1);
	KUNIT_EXPECT_EQ(test, violation_catch(unlock_without_lock, NULL, NULL, 0),
			VIOLATION_LOCK_UNHELD);
	KUNIT_EXPECT_EQ(test, violation_catch(assert_without_lock, NULL, NULL, 0),
			VIOLATION_LOCK_UNHELD);
}

static struct kunit_case hotplug_cases[] = {
	KUNIT_CASE(a_cpu_that_goes_sends_its_tasks_away),
	KUNIT_CASE(a_node_without_cpus_is_no_node_for_tasks),
	KUNIT_CASE(what_cannot_be_is_refused),
	KUNIT_CASE(I_can_take_my_own_cpu_away),
	KUNIT_CASE(a_sleeper_of_a_cpu_that_went_wakes_up_elsewhere),
	KUNIT_CASE(callbacks_run_in_order_and_are_undone),
	KUNIT_CASE(timers_of_a_cpu_that_went_run_elsewhere),
	KUNIT_CASE(a_cpu_that_goes_keeps_neither_pages_nor_an_address_space),
	KUNIT_CASE(cpus_go_while_tasks_run_sleep_fork_and_move),
	KUNIT_CASE(hotplug_and_its_lock_exclude_each_other),
	{}
};

static struct kunit_suite hotplug_suite = {
	.name = "sched_hotplug",
	.init = stay_on_cpu0,
	.test_cases = hotplug_cases,
};
kunit_test_suite(hotplug_suite);
kunit_machine_config(hotplug_suite, quiet_machine);
