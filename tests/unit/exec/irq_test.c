// SPDX-License-Identifier: GPL-2.0
/* Interrupts: the gate, IPIs, softirqs, tasklets; per-CPU data. */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <machine/violation.h>

static DEFINE_PER_CPU(int, counter) = 7;
static DEFINE_PER_CPU(struct { u64 a; char pad[100]; u64 b; }, record);

struct seen {
	int cpu[16], n;
	bool hardirq, irqs_off, idle;
	atomic_t ready, go, done;
};

static void note_cpu(void *arg)
{
	struct seen *s = arg;

	s->cpu[s->n] = smp_processor_id();
	WRITE_ONCE(s->n, s->n + 1);
	s->hardirq |= in_hardirq() != 0;
	s->irqs_off = irqs_disabled();
	this_cpu_inc(counter);
}

static void a_call_runs_on_every_cpu_asked_for(struct kunit *test)
{
	struct seen *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	cpumask_t mask = { };
	int cpu;

	cpumask_set_cpu(1, &mask);
	cpumask_set_cpu(6, &mask);
	on_each_cpu_mask(&mask, note_cpu, s, true);
	KUNIT_EXPECT_EQ(test, s->n, 2);
	KUNIT_EXPECT_TRUE(test, s->irqs_off);
	on_each_cpu(note_cpu, s, 1);
	KUNIT_EXPECT_EQ(test, s->n, 10);
	for_each_online_cpu(cpu)
		KUNIT_EXPECT_EQ(test, per_cpu(counter, cpu), 8 + cpumask_test_cpu(cpu, &mask));
	KUNIT_EXPECT_EQ(test, smp_call_function_single(100, note_cpu, s, 1), -ENXIO);
}

static int hold_irqs_off(void *arg)
{
	struct seen *s = arg;
	int i;

	local_irq_disable();
	atomic_set(&s->ready, 1);
	/* The sender must not get in before the end of this section. */
	for (i = 0; i < 20000; i++) {
		if (READ_ONCE(s->n))
			break;
	}
	s->idle = READ_ONCE(s->n) != 0;
	local_irq_enable();
	atomic_set(&s->done, 1);
	return 0;
}

static void an_ipi_waits_until_the_target_enables_interrupts(struct kunit *test)
{
	struct seen *s;
	struct task_struct *p;
	int round;

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(0)), 0);
	for (round = 0; round < 20; round++) {
		s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
		p = exec_create_kthread(hold_irqs_off, s, NUMA_NO_NODE, "irqsoff");
		do_set_cpus_allowed(p, cpumask_of(3));
		wake_up_process(p);
		while (!atomic_read(&s->ready))
			yield();
		smp_call_function_single(3, note_cpu, s, 1);
		KUNIT_EXPECT_EQ(test, s->n, 1);
		KUNIT_EXPECT_EQ(test, s->cpu[0], 3);
		while (!atomic_read(&s->done))
			usleep_range(1, 1);
		KUNIT_EXPECT_FALSE(test, s->idle);
	}
}

static void do_nothing(void *arg)
{
}

static void ipi_with_irqs_off(void *arg)
{
	local_irq_disable();
	smp_call_function_single(raw_smp_processor_id() ? 0 : 1, do_nothing, NULL, 1);
}

static void ipi_from_handler(void *arg)
{
	smp_call_function_single(raw_smp_processor_id() ? 0 : 1, do_nothing, NULL, 1);
}

static void nested_ipi(void *arg)
{
	smp_call_function_single(raw_smp_processor_id() == 4 ? 5 : 4, ipi_from_handler, NULL, 1);
}

static void unbalanced_handler(void *arg)
{
	preempt_disable();
}

static void ipi_unbalanced(void *arg)
{
	smp_call_function_single(raw_smp_processor_id() == 4 ? 5 : 4, unbalanced_handler, NULL, 1);
}

static void many_while_preemptible(void *arg)
{
	smp_call_function_many(cpu_online_mask, do_nothing, NULL, true);
}

static void leave_interrupts_off(void *unused)
{
	local_irq_disable();
}

static void returning_with_interrupts_off_is_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(leave_interrupts_off, NULL, NULL, 0),
			VIOLATION_PREEMPT);
}

static void sending_ipis_with_interrupts_off_is_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(ipi_with_irqs_off, NULL, NULL, 0),
			VIOLATION_IRQ_STATE);
	KUNIT_EXPECT_EQ(test, violation_catch(nested_ipi, NULL, NULL, 0), VIOLATION_IRQ_STATE);
	KUNIT_EXPECT_EQ(test, violation_catch(ipi_unbalanced, NULL, NULL, 0), VIOLATION_PREEMPT);
	KUNIT_EXPECT_EQ(test, violation_catch(many_while_preemptible, NULL, NULL, 0),
			VIOLATION_PREEMPT);
	/* The gates of the CPUs involved are free again. */
	on_each_cpu(do_nothing, NULL, 1);
}

static void enable_twice(void *arg)
{
	local_irq_disable();
	local_irq_enable();
	local_irq_enable();
}

static void restore_while_enabled(void *arg)
{
	unsigned long flags;

	local_irq_save(flags);
	local_irq_enable();
	local_irq_restore(flags);
}

static void bh_enable_unmatched(void *arg)
{
	preempt_disable();
	local_bh_enable();
}

static void bh_enable_with_irqs_off(void *arg)
{
	local_bh_disable();
	local_irq_disable();
	local_bh_enable();
}

static void interrupt_state_that_does_not_fit_is_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(enable_twice, NULL, NULL, 0), VIOLATION_IRQ_STATE);
	KUNIT_EXPECT_EQ(test, violation_catch(restore_while_enabled, NULL, NULL, 0),
			VIOLATION_IRQ_STATE);
	KUNIT_EXPECT_EQ(test, violation_catch(bh_enable_unmatched, NULL, NULL, 0),
			VIOLATION_IRQ_STATE);
	KUNIT_EXPECT_EQ(test, violation_catch(bh_enable_with_irqs_off, NULL, NULL, 0),
			VIOLATION_IRQ_STATE);
}

static void nested_saves_restore_what_was(struct kunit *test)
{
	unsigned long a, b;

	local_irq_save(a);
	local_irq_save(b);
	KUNIT_EXPECT_TRUE(test, irqs_disabled());
	local_irq_restore(b);
	KUNIT_EXPECT_TRUE(test, irqs_disabled());
	local_irq_restore(a);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
}

static atomic_t softirqs;
static bool softirq_context_ok;

static void count_softirq(void)
{
	atomic_inc(&softirqs);
	softirq_context_ok = in_serving_softirq() && !irqs_disabled();
}

static void softirqs_run_when_bottom_halves_are_enabled(struct kunit *test)
{
	open_softirq(NET_RX_SOFTIRQ, count_softirq);
	atomic_set(&softirqs, 0);
	local_bh_disable();
	local_bh_disable();
	raise_softirq(NET_RX_SOFTIRQ);
	preempt_disable();
	preempt_enable();
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, atomic_read(&softirqs), 0);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, atomic_read(&softirqs), 1);
	KUNIT_EXPECT_TRUE(test, softirq_context_ok);
}

static void softirqs_run_at_the_end_of_an_interrupt(struct kunit *test)
{
	open_softirq(NET_RX_SOFTIRQ, count_softirq);
	atomic_set(&softirqs, 0);
	local_irq_disable();
	irq_enter();
	raise_softirq_irqoff(NET_RX_SOFTIRQ);
	KUNIT_EXPECT_EQ(test, atomic_read(&softirqs), 0);
	irq_exit();
	KUNIT_EXPECT_EQ(test, atomic_read(&softirqs), 1);
	local_irq_enable();
}

static void a_softirq_raised_in_process_context_runs_soon(struct kunit *test)
{
	open_softirq(NET_RX_SOFTIRQ, count_softirq);
	atomic_set(&softirqs, 0);
	raise_softirq(NET_RX_SOFTIRQ);
	cond_resched();
	KUNIT_EXPECT_EQ(test, atomic_read(&softirqs), 1);
}

static void raise_there(void *arg)
{
	raise_softirq_irqoff(NET_RX_SOFTIRQ);
}

static void a_softirq_raised_on_an_idle_cpu_runs(struct kunit *test)
{
	open_softirq(NET_RX_SOFTIRQ, count_softirq);
	atomic_set(&softirqs, 0);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(0)), 0);
	smp_call_function_single(7, raise_there, NULL, 1);
	usleep_range(50, 50);
	KUNIT_EXPECT_EQ(test, atomic_read(&softirqs), 1);
}

static int tasklet_runs;

static void tasklet_fn(struct tasklet_struct *t)
{
	tasklet_runs++;
}

static void a_tasklet_runs_once_per_schedule_and_not_while_disabled(struct kunit *test)
{
	struct tasklet_struct t;

	tasklet_runs = 0;
	tasklet_setup(&t, tasklet_fn);
	local_bh_disable();
	tasklet_schedule(&t);
	tasklet_schedule(&t);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, tasklet_runs, 1);
	tasklet_disable(&t);
	local_bh_disable();
	tasklet_schedule(&t);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, tasklet_runs, 1);
	tasklet_enable(&t);
	tasklet_kill(&t);
	KUNIT_EXPECT_EQ(test, tasklet_runs, 2);
}

static void per_cpu_variables_begin_as_the_template_and_are_separate(struct kunit *test)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		KUNIT_EXPECT_EQ(test, per_cpu(counter, cpu), 7);
		per_cpu(counter, cpu) = cpu;
		per_cpu(record, cpu).b = cpu;
	}
	for_each_possible_cpu(cpu) {
		KUNIT_EXPECT_EQ(test, per_cpu(counter, cpu), cpu);
		KUNIT_EXPECT_EQ(test, per_cpu(record, cpu).b, (u64)cpu);
	}
	preempt_disable();
	__this_cpu_add(counter, 100);
	KUNIT_EXPECT_EQ(test, this_cpu_read(counter), smp_processor_id() + 100);
	KUNIT_EXPECT_EQ(test, this_cpu_cmpxchg(counter, 1, 2), smp_processor_id() + 100);
	KUNIT_EXPECT_EQ(test, this_cpu_xchg(counter, 5), smp_processor_id() + 100);
	KUNIT_EXPECT_EQ(test, this_cpu_sub_return(counter, 1), 4);
	preempt_enable();
}

static void dynamic_per_cpu_memory_is_zeroed_aligned_and_separate(struct kunit *test)
{
	u64 *a = alloc_percpu(u64), *b;
	int cpu;

	KUNIT_ASSERT_NOT_NULL(test, a);
	b = __alloc_percpu(100, 64);
	KUNIT_ASSERT_NOT_NULL(test, b);
	for_each_possible_cpu(cpu) {
		KUNIT_EXPECT_EQ(test, *per_cpu_ptr(a, cpu), 0ull);
		KUNIT_EXPECT_EQ(test, (unsigned long)per_cpu_ptr(b, cpu) % 64, 0ul);
		*per_cpu_ptr(a, cpu) = cpu + 1;
		memset(per_cpu_ptr(b, cpu), 0xff, 100);
	}
	for_each_possible_cpu(cpu)
		KUNIT_EXPECT_EQ(test, *per_cpu_ptr(a, cpu), (u64)cpu + 1);
	free_percpu(a);
	a = alloc_percpu(u64);
	for_each_possible_cpu(cpu)
		KUNIT_EXPECT_EQ(test, *per_cpu_ptr(a, cpu), 0ull);
	free_percpu(b);
	free_percpu(a);
}

static void free_percpu_twice(void *arg)
{
	int *p = alloc_percpu(int);

	free_percpu(p);
	free_percpu(p);
}

static void this_cpu_ptr_while_preemptible(void *arg)
{
	(void)*this_cpu_ptr(&counter);
}

static void misuse_of_per_cpu_data_is_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(free_percpu_twice, NULL, NULL, 0), VIOLATION_SLAB);
	KUNIT_EXPECT_EQ(test, violation_catch(this_cpu_ptr_while_preemptible, NULL, NULL, 0),
			VIOLATION_PREEMPT);
}

static struct kunit_case irq_cases[] = {
	KUNIT_CASE(a_call_runs_on_every_cpu_asked_for),
	KUNIT_CASE(an_ipi_waits_until_the_target_enables_interrupts),
	KUNIT_CASE(returning_with_interrupts_off_is_reported),
	KUNIT_CASE(sending_ipis_with_interrupts_off_is_reported),
	KUNIT_CASE(interrupt_state_that_does_not_fit_is_reported),
	KUNIT_CASE(nested_saves_restore_what_was),
	KUNIT_CASE(softirqs_run_when_bottom_halves_are_enabled),
	KUNIT_CASE(softirqs_run_at_the_end_of_an_interrupt),
	KUNIT_CASE(a_softirq_raised_in_process_context_runs_soon),
	KUNIT_CASE(a_softirq_raised_on_an_idle_cpu_runs),
	KUNIT_CASE(a_tasklet_runs_once_per_schedule_and_not_while_disabled),
	KUNIT_CASE(per_cpu_variables_begin_as_the_template_and_are_separate),
	KUNIT_CASE(dynamic_per_cpu_memory_is_zeroed_aligned_and_separate),
	KUNIT_CASE(misuse_of_per_cpu_data_is_reported),
	{}
};

static struct kunit_suite irq_suite = {
	.name = "exec_irq",
	.test_cases = irq_cases,
};
kunit_test_suite(irq_suite);
