// SPDX-License-Identifier: GPL-2.0
/* What the scheduler asks AutoNUMA and does with the answers. */
#include <linux/jiffies.h>
#include <linux/slab.h>
#include "../../../kernel-compat/sched/sched.h"
#include "../../../mm/autonuma.h"
#include "sched_test.h"

/* @p prefers @nid, as if a decision had said so. */
static struct task_autonuma *give_wish(struct kunit *test, struct task_struct *p, int nid)
{
	struct task_autonuma *ta = kunit_kzalloc(test, sizeof(*ta), GFP_KERNEL);

	autonuma_place_init(ta, p);
	ta->preferred_nid = nid;
	ta->next_decision = jiffies + 3600 * HZ;
	smp_store_release(&p->task_autonuma, ta);
	return ta;
}

static void take_wish(struct task_struct *p)
{
	smp_store_release(&p->task_autonuma, NULL);
}

static void the_tick_tells_of_time(struct kunit *test)
{
	struct spinner s = { .step_ns = 10 * NSEC_PER_SEC };
	struct task_autonuma *ta;

	s.task = program_start_on(5, "spinner", spinner_program, &s);
	msleep(10);
	ta = give_wish(test, s.task, NUMA_NO_NODE);
	ta->next_decision = jiffies;
	msleep(101);
	KUNIT_EXPECT_TRUE(test, time_after(READ_ONCE(ta->next_decision), jiffies));
	/* It was interrupted in user mode for the decision. */
	KUNIT_EXPECT_PTR_EQ(test, READ_ONCE(ta->work.next), &ta->work);
	take_wish(s.task);
	spinner_stop(&s);
}

static int sleeps(void *arg)
{
	msleep(10);
	*(int *)arg = raw_smp_processor_id();
	return 0;
}

static void a_sleeper_wakes_up_on_the_node_it_prefers(struct kunit *test)
{
	struct spinner s[2] = { };
	struct task_struct *p;
	int cpu = -1;

	for (int busy = 0; busy < 2; busy++) {
		p = program_start_on(2, "sleeper", sleeps, &cpu);
		msleep(1);
		do_set_cpus_allowed(p, cpu_possible_mask);
		give_wish(test, p, 2);
		for (int i = 0; busy && i < 2; i++)
			spinner_start(&s[i], 4 + i, NULL);
		while (!READ_ONCE(p->exit_state))
			usleep_range(100, 100);
		take_wish(p);
		KUNIT_EXPECT_EQ(test, program_wait(p), 0);
		KUNIT_EXPECT_EQ(test, cpu_to_node(cpu), busy ? 1 : 2);
	}
	for (int i = 0; i < 2; i++)
		spinner_stop(&s[i]);
}

static void a_busy_cpu_does_not_pull_who_may_not_be_pulled(struct kunit *test)
{
	struct spinner hog = { }, s[5] = { };
	struct cpumask two;

	cpumask_copy(&two, cpumask_of(2));
	cpumask_set_cpu(4, &two);
	spinner_start(&hog, 4, NULL);
	for (int i = 0; i < 5; i++) {
		spinner_start(&s[i], 2, NULL);
		give_wish(test, s[i].task, 1);
		do_set_cpus_allowed(s[i].task, &two);
	}
	WRITE_ONCE(autonuma_knobs.load_balance_strict, 1);
	msleep(1000);
	KUNIT_EXPECT_EQ(test, running_on(2), 5u);
	KUNIT_EXPECT_EQ(test, running_on(4), 1u);
	WRITE_ONCE(autonuma_knobs.load_balance_strict, 0);
	msleep(1000);
	KUNIT_EXPECT_LE(test, running_on(2), 4u);
	KUNIT_EXPECT_GE(test, running_on(4), 2u);
	for (int i = 0; i < 5; i++) {
		take_wish(s[i].task);
		spinner_stop(&s[i]);
	}
	spinner_stop(&hog);
}

/* CPU 4 has been idle for long when they come, so it is the tick of CPU 2 that gives. */
static void an_idle_cpu_may_be_given_who_may_not_be_pulled(struct kunit *test)
{
	struct spinner s[3] = { };
	struct cpumask two;

	cpumask_copy(&two, cpumask_of(2));
	cpumask_set_cpu(4, &two);
	WRITE_ONCE(autonuma_knobs.load_balance_strict, 1);
	for (int i = 0; i < 3; i++) {
		spinner_start(&s[i], 2, NULL);
		give_wish(test, s[i].task, 1);
		do_set_cpus_allowed(s[i].task, &two);
	}
	msleep(200);
	KUNIT_EXPECT_EQ(test, running_on(2), 2u);
	KUNIT_EXPECT_EQ(test, running_on(4), 1u);
	WRITE_ONCE(autonuma_knobs.load_balance_strict, 0);
	for (int i = 0; i < 3; i++) {
		take_wish(s[i].task);
		spinner_stop(&s[i]);
	}
}

static struct kunit_case hooks_cases[] = {
	KUNIT_CASE(the_tick_tells_of_time),
	KUNIT_CASE(a_sleeper_wakes_up_on_the_node_it_prefers),
	KUNIT_CASE(a_busy_cpu_does_not_pull_who_may_not_be_pulled),
	KUNIT_CASE(an_idle_cpu_may_be_given_who_may_not_be_pulled),
	{}
};

static struct kunit_suite hooks_suite = {
	.name = "sched_hooks",
	.init = stay_on_cpu0,
	.test_cases = hooks_cases,
};
kunit_test_suite(hooks_suite);
