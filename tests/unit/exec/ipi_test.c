// SPDX-License-Identifier: GPL-2.0
/* IPIs that nobody waits for: all arrive, each at a time of its own. */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <asm/processor.h>
#include <machine/replay.h>

#include "../threads.h"

#define CPUS	8

/* When each CPU was there, from 1 on; 0: it was not. */
static unsigned int came[CPUS];
static atomic_t nr_begun, nr_came;

static void come(void *unused)
{
	WRITE_ONCE(came[raw_smp_processor_id()], atomic_inc_return(&nr_begun));
	atomic_inc_return(&nr_came);
}

static int arrivals(void)
{
	return atomic_read_acquire(&nr_came);
}

static void forget(void)
{
	for (int cpu = 0; cpu < CPUS; cpu++)
		WRITE_ONCE(came[cpu], 0);
	atomic_set(&nr_begun, 0);
	atomic_set(&nr_came, 0);
}

static void await_arrivals(struct kunit *test, int nr)
{
	for (int i = 0; i < 1000 && arrivals() < nr; i++)
		msleep(1);
	KUNIT_EXPECT_EQ(test, arrivals(), nr);
}

/* Returns how many were there when the call returned. */
static int call_others(struct kunit *test)
{
	unsigned int self;
	int at_once;

	forget();
	preempt_disable();
	self = raw_smp_processor_id();
	smp_call_function(come, NULL, 0);
	at_once = arrivals();
	preempt_enable();
	await_arrivals(test, CPUS - 1);
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		KUNIT_EXPECT_EQ(test, READ_ONCE(came[cpu]) == 0, cpu == self);
	return at_once;
}

static void each_other_cpu_is_called_once(struct kunit *test)
{
	for (int i = 0; i < 5; i++)
		call_others(test);
	forget();
	on_each_cpu(come, NULL, 0);
	await_arrivals(test, CPUS);
}

/* This strategy switches at every point; what others offer is for them to say. */
static void all_are_called_at_times_of_their_own(struct kunit *test)
{
	bool first = false, last = false, some = false;

	if (!replay_in_use() || strcmp(replay_strategy(), "random") ||
	    !replay_is_async(REPLAY_ASYNC_SOFTIRQ))
		kunit_skip(test, "for --engine replay --strategy random");
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(0)), 0);
	for (int i = 0; i < 300; i++) {
		int at_once = call_others(test);

		some |= at_once && at_once < CPUS - 1;
		first |= READ_ONCE(came[CPUS - 1]) < READ_ONCE(came[1]);
		last |= READ_ONCE(came[CPUS - 1]) > READ_ONCE(came[1]);
	}
	KUNIT_EXPECT_TRUE(test, some);
	KUNIT_EXPECT_TRUE(test, first);
	KUNIT_EXPECT_TRUE(test, last);
}

/* However late it is: a CPU does not go before it has taken what was sent to it. */
static void a_cpu_that_goes_has_been_called(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(0)), 0);
	for (int i = 0; i < 10; i++) {
		forget();
		KUNIT_EXPECT_EQ(test, smp_call_function_single(5, come, NULL, 0), 0);
		KUNIT_EXPECT_EQ(test, remove_cpu(5), 0);
		KUNIT_EXPECT_EQ(test, arrivals(), 1);
		KUNIT_EXPECT_EQ(test, smp_call_function_single(5, come, NULL, 0), -ENXIO);
		KUNIT_EXPECT_EQ(test, add_cpu(5), 0);
		KUNIT_EXPECT_EQ(test, arrivals(), 1);
	}
}

#define NAPS	200

/* For each nap of the task on CPU 5; it wakes up again when it was called. */
static struct completion goes_to_sleep[NAPS], was_called[NAPS];

static int take_naps(void *unused)
{
	for (int i = 0; i < NAPS; i++) {
		complete(&goes_to_sleep[i]);
		wait_for_completion(&was_called[i]);
	}
	return 0;
}

/* It has arrived while a task ran there, which then left: nobody else comes for it. */
static void a_cpu_is_called_whose_task_falls_asleep(struct kunit *test)
{
	struct test_thread t;

	for (int i = 0; i < NAPS; i++) {
		init_completion(&goes_to_sleep[i]);
		init_completion(&was_called[i]);
	}
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(0)), 0);
	test_thread_start(test, &t, 5, take_naps, NULL);
	for (int i = 0; i < NAPS; i++) {
		wait_for_completion(&goes_to_sleep[i]);
		forget();
		KUNIT_EXPECT_EQ(test, smp_call_function_single(5, come, NULL, 0), 0);
		await_arrivals(test, 1);
		complete(&was_called[i]);
	}
	test_thread_join(&t);
}

static bool deaf, both_sent;

/* Takes no interrupt for some time, in which the second call is not sent. */
static int be_deaf(void *arg)
{
	struct kunit *test = arg;

	local_irq_disable();
	WRITE_ONCE(deaf, true);
	for (int i = 0; i < 50; i++) {
		KUNIT_EXPECT_FALSE(test, READ_ONCE(both_sent));
		cpu_relax();
	}
	local_irq_enable();
	return 0;
}

/* As in 6.12: from a CPU one such call is on its way, whoever the next one is for. */
static void a_call_waits_until_the_one_before_is_taken(struct kunit *test)
{
	struct test_thread t;

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(0)), 0);
	for (int i = 0; i < 20; i++) {
		forget();
		WRITE_ONCE(deaf, false);
		WRITE_ONCE(both_sent, false);
		test_thread_start(test, &t, 5, be_deaf, test);
		while (!READ_ONCE(deaf))
			cpu_relax();
		smp_call_function_single(5, come, NULL, 0);
		smp_call_function_single(6, come, NULL, 0);
		WRITE_ONCE(both_sent, true);
		await_arrivals(test, 2);
		test_thread_join(&t);
	}
}

static struct kunit_case ipi_cases[] = {
	KUNIT_CASE(each_other_cpu_is_called_once),
	KUNIT_CASE(all_are_called_at_times_of_their_own),
	KUNIT_CASE(a_cpu_that_goes_has_been_called),
	KUNIT_CASE(a_cpu_is_called_whose_task_falls_asleep),
	KUNIT_CASE(a_call_waits_until_the_one_before_is_taken),
	{}
};

static struct kunit_suite ipi_suite = {
	.name = "ipi",
	.test_cases = ipi_cases,
};
kunit_test_suite(ipi_suite);
