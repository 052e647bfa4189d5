// SPDX-License-Identifier: GPL-2.0
/* Where tasks are put that begin or wake up, and what load balancing does to them. */
#include <linux/autonuma.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <machine/violation.h>
#include "../../../kernel-compat/sched/sched.h"
#include <exec/vcpu.h>
#include "../caught.h"
#include "sched_test.h"

/* Two threads per core, and no node is as near to another as to a third one. */
static const u8 distance[] = {
	10, 30, 20, 40,
	30, 10, 40, 20,
	20, 40, 10, 30,
	40, 20, 30, 10,
};
static const struct machine_config four_by_four = {
	.nr_nodes = 4, .nr_cpus = 16, .bytes_per_node = 16 << 20, .distance = distance,
	.threads_per_core = 2, .seed = 1, .cmdline = "noautonuma",
};

static unsigned int running_on_node(int nid)
{
	return READ_ONCE(sched_node(nid)->nr_running);
}

/* It may run on any CPU from now on, but nobody moves it therefore. */
static void allow_everywhere(struct spinner *s)
{
	do_set_cpus_allowed(s->task, cpu_possible_mask);
}

static void start_free(struct spinner *s)
{
	s->step_ns = 100 * NSEC_PER_USEC;
	s->task = program_start("spinner", spinner_program, s);
}

static void start_bound(struct spinner *s, int cpu)
{
	s->step_ns = 100 * NSEC_PER_USEC;
	s->task = program_start_on(cpu, "spinner", spinner_program, s);
}

static void stop_all(struct spinner *s, int nr)
{
	for (int i = 0; i < nr; i++)
		spinner_stop(&s[i]);
}

static void new_programs_spread_over_the_nodes(struct kunit *test)
{
	struct spinner s[12] = { };

	for (int i = 0; i < 12; i++)
		start_free(&s[i]);
	/* On the first one there is more. */
	for (int nid = 1; nid < 4; nid++) {
		KUNIT_EXPECT_GE(test, running_on_node(nid), 3u);
		KUNIT_EXPECT_LE(test, running_on_node(nid), 4u);
	}
	stop_all(s, 12);
}

static void new_programs_get_cores_of_their_own_first(struct kunit *test)
{
	struct spinner s[6] = { };

	for (int i = 0; i < 6; i++)
		start_free(&s[i]);
	/*
	 * One may have made way for the case itself, to where the next one was just put; of the
	 * other cores one is for the case, and one for a daemon.
	 */
	schedule_timeout_uninterruptible(HZ / 2);
	for (int i = 0; i < 6; i++)
		for (int k = 0; k < i; k++)
			KUNIT_EXPECT_NE(test, topology_core_id(task_cpu(s[i].task)),
					topology_core_id(task_cpu(s[k].task)));
	stop_all(s, 6);
}

static void more_programs_than_cpus_are_shared_out_evenly(struct kunit *test)
{
	struct spinner *s = kunit_kcalloc(test, 47, sizeof(*s), GFP_KERNEL);

	for (int i = 0; i < 47; i++)
		start_free(&s[i]);
	for (int cpu = 0; cpu < 16; cpu++) {
		KUNIT_EXPECT_GE(test, running_on(cpu), 2u);
		KUNIT_EXPECT_LE(test, running_on(cpu), 4u);
	}
	stop_all(s, 47);
}

static void sleep_and_note(void *arg)
{
	int *cpu = arg;

	msleep(5);
	*cpu = raw_smp_processor_id();
}

static void a_sleeper_wakes_up_where_it_was_or_beside(struct kunit *test)
{
	struct spinner s = { };
	struct job a, b;
	int cpu_a = -1, cpu_b = -1;

	job_start(&a, 9, NULL, sleep_and_note, &cpu_a);
	job_wait(&a);
	KUNIT_EXPECT_EQ(test, cpu_a, 9);
	job_start(&b, 9, NULL, sleep_and_note, &cpu_b);
	msleep(1);
	start_bound(&s, 9);
	job_wait(&b);
	KUNIT_EXPECT_EQ(test, cpu_to_node(cpu_b), 2);
	KUNIT_EXPECT_NE(test, cpu_b, 9);
	/* Of the other core. */
	KUNIT_EXPECT_NE(test, cpu_b, 8);
	stop_all(&s, 1);
}

static void a_sleeper_whose_node_is_busy_waits_for_its_cpu(struct kunit *test)
{
	struct spinner s[4] = { };
	struct job j;
	int cpu = -1;

	job_start(&j, 9, cpumask_of_node(2), sleep_and_note, &cpu);
	msleep(1);
	for (int i = 0; i < 4; i++)
		start_bound(&s[i], 8 + i);
	job_wait(&j);
	KUNIT_EXPECT_EQ(test, cpu, 9);
	stop_all(s, 4);
}

/* CPU 4 becomes idle; two tasks each on CPUs @a and @b may go there: one of CPU @from does. */
static void takes_one_from(struct kunit *test, int a, int b, int from)
{
	struct spinner s[4] = { }, last = { };
	struct cpumask two;

	start_bound(&last, 4);
	for (int i = 0; i < 4; i++) {
		int cpu = i % 2 ? b : a;

		start_bound(&s[i], cpu);
		cpumask_copy(&two, cpumask_of(cpu));
		cpumask_set_cpu(4, &two);
		do_set_cpus_allowed(s[i].task, &two);
	}
	spinner_stop(&last);
	usleep_range(10, 10);
	KUNIT_EXPECT_EQ(test, running_on(4), 1u);
	KUNIT_EXPECT_EQ(test, running_on(a), a == from ? 1u : 2u);
	KUNIT_EXPECT_EQ(test, running_on(b), b == from ? 1u : 2u);
	stop_all(s, 4);
}

static void a_cpu_that_becomes_idle_takes_a_task_from_the_nearest_node(struct kunit *test)
{
	/* Node 3, with CPU 12, is nearer to node 1, with CPU 4, than node 2 is. */
	takes_one_from(test, 8, 12, 12);
}

static void a_cpu_that_becomes_idle_takes_a_task_from_its_own_node_first(struct kunit *test)
{
	/* CPU 5 is of the node of CPU 4; CPU 12 is not. */
	takes_one_from(test, 5, 12, 5);
}

static void the_tick_gives_waiting_tasks_to_idle_cpus(struct kunit *test)
{
	struct spinner s[6] = { };
	struct cpumask not_here;

	for (int i = 0; i < 6; i++)
		start_bound(&s[i], 5);
	KUNIT_EXPECT_EQ(test, running_on(5), 6u);
	/* Our CPU becomes idle now and then, and would take them. */
	cpumask_andnot(&not_here, cpu_possible_mask, cpumask_of_node(0));
	for (int i = 0; i < 6; i++)
		do_set_cpus_allowed(s[i].task, &not_here);
	msleep(200);
	for (int cpu = 0; cpu < 16; cpu++)
		KUNIT_EXPECT_LE(test, running_on(cpu), 1u);
	/* Near ones first. */
	KUNIT_EXPECT_EQ(test, running_on_node(1), 4u);
	KUNIT_EXPECT_EQ(test, running_on_node(3), 2u);
	stop_all(s, 6);
}

static void busy_nodes_become_even(struct kunit *test)
{
	struct spinner *s = kunit_kcalloc(test, 48, sizeof(*s), GFP_KERNEL);

	/* Four tasks for each CPU of two nodes, two for each of the others. */
	for (int i = 0; i < 48; i++)
		start_bound(&s[i], i < 16 ? i : (i - 16) % 8);
	KUNIT_EXPECT_GE(test, running_on_node(0), 20u);
	for (int i = 0; i < 48; i++)
		allow_everywhere(&s[i]);
	msleep(2000);
	for (int nid = 0; nid < 4; nid++) {
		KUNIT_EXPECT_GE(test, running_on_node(nid), 10u);
		KUNIT_EXPECT_LE(test, running_on_node(nid), 14u);
	}
	stop_all(s, 48);
}

/* Two programs on one core, and @others that may leave another core of the node idle or not. */
static bool parts(struct kunit *test, int first_other, int nr_others)
{
	struct spinner s[4] = { };
	bool apart;
	int i;

	start_bound(&s[0], 8);
	start_bound(&s[1], 9);
	for (i = 0; i < nr_others; i++)
		start_bound(&s[2 + i], first_other + i);
	for (i = 0; i < 2 + nr_others; i++)
		while (!atomic_read(&s[i].steps))
			usleep_range(100, 100);
	allow_everywhere(&s[0]);
	allow_everywhere(&s[1]);
	msleep(250);
	KUNIT_EXPECT_EQ(test, task_node(s[0].task), 2);
	KUNIT_EXPECT_EQ(test, task_node(s[1].task), 2);
	apart = topology_core_id(task_cpu(s[0].task)) != topology_core_id(task_cpu(s[1].task));
	/* The one that is left has its core to itself, and stays. */
	KUNIT_EXPECT_EQ(test, (int)task_cpu(s[0].task), 8);
	stop_all(s, 2 + nr_others);
	return apart;
}

static void who_shares_a_core_goes_to_an_idle_one_of_the_node(struct kunit *test)
{
	struct spinner s = { };

	/* Who has one does not. */
	start_bound(&s, 8);
	while (!atomic_read(&s.steps))
		usleep_range(100, 100);
	allow_everywhere(&s);
	msleep(250);
	KUNIT_EXPECT_EQ(test, (int)task_cpu(s.task), 8);
	stop_all(&s, 1);

	KUNIT_EXPECT_TRUE(test, parts(test, 10, 0));
	/* Half a core is not better, and another node is not for it to choose. */
	KUNIT_EXPECT_FALSE(test, parts(test, 11, 1));
	KUNIT_EXPECT_FALSE(test, parts(test, 10, 1));
}

static void balancing_obeys_affinities(struct kunit *test)
{
	struct spinner s[8] = { };

	for (int i = 0; i < 8; i++)
		start_bound(&s[i], 5);
	for (int i = 0; i < 8; i++)
		set_cpus_allowed_ptr(s[i].task, i < 4 ? cpumask_of(5) : cpumask_of_node(1));
	msleep(500);
	for (int i = 0; i < 8; i++)
		KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(task_cpu(s[i].task),
							 s[i].task->cpus_ptr));
	KUNIT_EXPECT_GE(test, running_on(5), 4u);
	KUNIT_EXPECT_EQ(test, running_on_node(1), 8u);
	stop_all(s, 8);
}

static void affinities_change_while_tasks_are_balanced(struct kunit *test)
{
	struct spinner s[12] = { };

	for (int i = 0; i < 12; i++)
		start_free(&s[i]);
	for (int i = 0; i < 300; i++) {
		struct task_struct *p = s[i % 12].task;
		const struct cpumask *mask = i % 3 ? cpumask_of_node(i % 4) : cpumask_of(i % 16);

		KUNIT_EXPECT_EQ(test, set_cpus_allowed_ptr(p, mask), 0);
		KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(task_cpu(p), mask));
		usleep_range(500, 500);
		KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(task_cpu(p), mask));
	}
	stop_all(s, 12);
}

static void alone_nobody_is_moved(struct kunit *test)
{
	struct spinner s[8] = { };
	unsigned int cpu[8];

	for (int i = 0; i < 8; i++)
		start_free(&s[i]);
	msleep(10);
	for (int i = 0; i < 8; i++)
		cpu[i] = task_cpu(s[i].task);
	msleep(5000);
	for (int i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, task_cpu(s[i].task), cpu[i]);
	stop_all(s, 8);
}

static int exec_later(void *arg)
{
	struct spinner *s = arg;

	while (!READ_ONCE(s->stop))
		user_compute(100 * NSEC_PER_USEC);
	WRITE_ONCE(s->stop, false);
	sys_execve("again", spinner_program, s);
	return 1;
}

static void who_begins_anew_goes_where_there_is_room(struct kunit *test)
{
	struct spinner hog = { }, s = { .step_ns = 100 * NSEC_PER_USEC };

	start_bound(&hog, 5);
	s.task = program_start_on(5, "exec", exec_later, &s);
	allow_everywhere(&s);
	WRITE_ONCE(s.stop, true);
	while (!atomic_read(&s.steps))
		usleep_range(10, 10);
	KUNIT_EXPECT_EQ(test, running_on(5), 1u);
	KUNIT_EXPECT_NE(test, task_cpu(s.task), 5u);
	spinner_stop(&s);
	spinner_stop(&hog);
}

static void claim_a_task_too_many(void *arg)
{
	sched_count_running(cpu_rq(9), 1);
	msleep(1);
	machine_check();
}

static void count_a_task_too_many(void *arg)
{
	__atomic_fetch_add(&sched_node(2)->nr_running, 1, __ATOMIC_RELAXED);
	msleep(1);
	machine_check();
}

static void claim_to_be_runnable(void *arg)
{
	struct task_struct *p = arg;

	__atomic_store_n(&p->exec.on_rq, true, __ATOMIC_RELAXED);
	msleep(1);
	machine_check();
}

static int never_runs(void *arg)
{
	return 0;
}

static void wrong_counts_are_reported(struct kunit *test)
{
	struct task_struct *p;

	machine_quiesce();
	expect_caught(test, claim_a_task_too_many, NULL, VIOLATION_ACCOUNT,
		      "nr_running of CPU 9 is 1");
	sched_count_running(cpu_rq(9), 0);
	expect_caught(test, count_a_task_too_many, NULL, VIOLATION_ACCOUNT, "node 2 says 1 tasks");
	__atomic_fetch_sub(&sched_node(2)->nr_running, 1, __ATOMIC_RELAXED);
	p = kthread_create(never_runs, NULL, "idler");
	expect_caught(test, claim_to_be_runnable, p, VIOLATION_ACCOUNT, "tasks are runnable, but");
	__atomic_store_n(&p->exec.on_rq, false, __ATOMIC_RELAXED);
	kthread_stop(p);
}

static void nobody_looks_at_more_nodes_than_a_few(struct kunit *test)
{
	struct sched_node *home = sched_node(0), *node;
	unsigned int i, seen = 0;

	for (i = 0; (node = sched_node_nth(home, i, 0)); i++)
		seen |= 1 << node->nid;
	KUNIT_EXPECT_EQ(test, seen, 15u);
	KUNIT_EXPECT_EQ(test, i, 4u);
	/* By distance: 10, 20, 30, 40. */
	KUNIT_EXPECT_EQ(test, sched_node_nth(home, 0, 0)->nid, 0);
	KUNIT_EXPECT_EQ(test, sched_node_nth(home, 1, 0)->nid, 2);
	KUNIT_EXPECT_EQ(test, sched_node_nth(home, 2, 0)->nid, 1);
	KUNIT_EXPECT_EQ(test, sched_node_nth(home, 3, 0)->nid, 3);
}

static struct kunit_case balance_cases[] = {
	KUNIT_CASE(nobody_looks_at_more_nodes_than_a_few),
	KUNIT_CASE(new_programs_spread_over_the_nodes),
	KUNIT_CASE(new_programs_get_cores_of_their_own_first),
	KUNIT_CASE(more_programs_than_cpus_are_shared_out_evenly),
	KUNIT_CASE(a_sleeper_wakes_up_where_it_was_or_beside),
	KUNIT_CASE(a_sleeper_whose_node_is_busy_waits_for_its_cpu),
	KUNIT_CASE(a_cpu_that_becomes_idle_takes_a_task_from_the_nearest_node),
	KUNIT_CASE(a_cpu_that_becomes_idle_takes_a_task_from_its_own_node_first),
	KUNIT_CASE(the_tick_gives_waiting_tasks_to_idle_cpus),
	KUNIT_CASE(busy_nodes_become_even),
	KUNIT_CASE(who_shares_a_core_goes_to_an_idle_one_of_the_node),
	KUNIT_CASE(balancing_obeys_affinities),
	KUNIT_CASE(affinities_change_while_tasks_are_balanced),
	KUNIT_CASE(alone_nobody_is_moved),
	KUNIT_CASE(who_begins_anew_goes_where_there_is_room),
	KUNIT_CASE(wrong_counts_are_reported),
	{}
};

static struct kunit_suite balance_suite = {
	.name = "sched_balance",
	.init = stay_on_cpu0,
	.test_cases = balance_cases,
};
kunit_test_suite(balance_suite);
kunit_machine_config(balance_suite, four_by_four);
