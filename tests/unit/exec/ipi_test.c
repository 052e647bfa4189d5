// SPDX-License-Identifier: GPL-2.0
/* IPIs that nobody waits for: all arrive. */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/sched.h>
#include <linux/smp.h>

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

static void call_others(struct kunit *test)
{
	unsigned int self;

	forget();
	preempt_disable();
	self = raw_smp_processor_id();
	smp_call_function(come, NULL, 0);
	preempt_enable();
	await_arrivals(test, CPUS - 1);
	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		KUNIT_EXPECT_EQ(test, READ_ONCE(came[cpu]) == 0, cpu == self);
}

static void each_other_cpu_is_called_once(struct kunit *test)
{
	for (int i = 0; i < 5; i++)
		call_others(test);
	forget();
	on_each_cpu(come, NULL, 0);
	await_arrivals(test, CPUS);
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

static struct kunit_case ipi_cases[] = {
	KUNIT_CASE(each_other_cpu_is_called_once),
	KUNIT_CASE(a_cpu_that_goes_has_been_called),
	{}
};

static struct kunit_suite ipi_suite = {
	.name = "ipi",
	.test_cases = ipi_cases,
};
kunit_test_suite(ipi_suite);
