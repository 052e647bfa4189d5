// SPDX-License-Identifier: GPL-2.0
/* Virtual time: sleeping is free, timers fire in order, work is paid for. */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <asm/barrier.h>
#include <asm/processor.h>
#include <machine/cost.h>
#include <machine/machine.h>
#include <machine/program.h>
#include <machine/violation.h>
#include <exec/vcpu.h>

static void sleeping_takes_exactly_the_time_asked_for(struct kunit *test)
{
	u64 begin = ktime_get_ns();
	unsigned long j = jiffies;

	msleep(10000);
	KUNIT_EXPECT_GE(test, ktime_get_ns() - begin, 10ull * NSEC_PER_SEC);
	KUNIT_EXPECT_LT(test, ktime_get_ns() - begin, 10ull * NSEC_PER_SEC + 2 * NSEC_PER_MSEC);
	KUNIT_EXPECT_GE(test, jiffies - j, 10000ul);
	begin = ktime_get_ns();
	usleep_range(7, 7);
	KUNIT_EXPECT_LE(test, ktime_get_ns() - begin, 7000ull + 40000);
	KUNIT_EXPECT_GE(test, ktime_get_ns() - begin, 7000ull);
}

static void jiffies_wrap_at_32_bits_after_five_minutes(struct kunit *test)
{
	unsigned long begin = jiffies;

	KUNIT_EXPECT_LT(test, begin, 1ul << 32);
	msleep(301 * 1000);
	KUNIT_EXPECT_GT(test, jiffies, 1ul << 32);
	KUNIT_EXPECT_TRUE(test, time_after(jiffies, begin));
	KUNIT_EXPECT_LT(test, (unsigned int)jiffies, (unsigned int)begin);
}

static int wake_after(void *arg)
{
	usleep_range(300, 300);
	wake_up_process(arg);
	return 0;
}

static void a_wake_up_ends_a_timed_sleep_early(struct kunit *test)
{
	struct task_struct *p = exec_create_kthread(wake_after, current, NUMA_NO_NODE, "waker");
	long left;

	wake_up_process(p);
	set_current_state(TASK_INTERRUPTIBLE);
	left = schedule_timeout(1000);
	KUNIT_EXPECT_GE(test, left, 998l);
	KUNIT_EXPECT_EQ(test, current->__state, (unsigned int)TASK_RUNNING);
}

struct timed {
	struct timer_list timer;
	struct kunit *test;
	int *log, *n;
	int id;
	int cpu;
	bool in_softirq, was_idle;
};

static void timed_fn(struct timer_list *t)
{
	struct timed *e = from_timer(e, t, timer);

	e->log[(*e->n)++] = e->id;
	e->cpu = smp_processor_id();
	e->in_softirq = in_serving_softirq() && !in_hardirq() && !in_task();
	e->was_idle = current->flags & PF_IDLE;
}

static void timers_run_in_order_in_softirq_context_of_their_cpu(struct kunit *test)
{
	struct timed *e = kunit_kcalloc(test, 6, sizeof(*e), GFP_KERNEL);
	static const int delay[] = { 30, 10, 20, 10, 5, 40 };
	int log[6], n = 0, i;

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(5)), 0);
	for (i = 0; i < 6; i++) {
		e[i] = (struct timed){ .log = log, .n = &n, .id = i };
		timer_setup(&e[i].timer, timed_fn, 0);
		KUNIT_EXPECT_EQ(test, mod_timer(&e[i].timer, jiffies + delay[i]), 0);
		KUNIT_EXPECT_TRUE(test, timer_pending(&e[i].timer));
	}
	KUNIT_EXPECT_EQ(test, mod_timer(&e[4].timer, jiffies + 50), 1);
	msleep(60);
	KUNIT_ASSERT_EQ(test, n, 6);
	KUNIT_EXPECT_EQ(test, log[0], 1);
	KUNIT_EXPECT_EQ(test, log[1], 3);
	KUNIT_EXPECT_EQ(test, log[2], 2);
	KUNIT_EXPECT_EQ(test, log[3], 0);
	KUNIT_EXPECT_EQ(test, log[4], 5);
	KUNIT_EXPECT_EQ(test, log[5], 4);
	for (i = 0; i < 6; i++) {
		KUNIT_EXPECT_EQ(test, e[i].cpu, 5);
		KUNIT_EXPECT_TRUE(test, e[i].in_softirq);
		KUNIT_EXPECT_TRUE(test, e[i].was_idle);
		KUNIT_EXPECT_FALSE(test, timer_pending(&e[i].timer));
	}
}

static void a_deleted_timer_does_not_run(struct kunit *test)
{
	struct timed *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);
	int log[2], n = 0;

	e->log = log;
	e->n = &n;
	timer_setup(&e->timer, timed_fn, 0);
	mod_timer(&e->timer, jiffies + 5);
	KUNIT_EXPECT_EQ(test, timer_delete_sync(&e->timer), 1);
	KUNIT_EXPECT_EQ(test, timer_delete_sync(&e->timer), 0);
	msleep(10);
	KUNIT_EXPECT_EQ(test, n, 0);
	mod_timer(&e->timer, jiffies + 5);
	KUNIT_EXPECT_EQ(test, timer_shutdown_sync(&e->timer), 1);
	KUNIT_EXPECT_EQ(test, mod_timer(&e->timer, jiffies + 5), 0);
	msleep(10);
	KUNIT_EXPECT_EQ(test, n, 0);
}

static void arm_without_setup(void *arg)
{
	struct timer_list timer = { };

	mod_timer(&timer, jiffies + 1);
}

static void free_armed(void *arg)
{
	struct timer_list timer;

	timer_setup(&timer, NULL, 0);
	timer.function = arg;
	mod_timer(&timer, jiffies + 1000);
	exec_check_no_timer_freed(&timer, sizeof(timer));
}

static void misused_timers_are_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(arm_without_setup, NULL, NULL, 0), VIOLATION_TIMER);
	KUNIT_EXPECT_EQ(test, violation_catch(free_armed, timed_fn, NULL, 0), VIOLATION_TIMER);
}

struct ticker {
	struct hrtimer timer;
	int ticks;
	bool in_hardirq;
};

static enum hrtimer_restart tick(struct hrtimer *timer)
{
	struct ticker *t = container_of(timer, struct ticker, timer);

	t->in_hardirq = in_hardirq() && irqs_disabled();
	hrtimer_forward_now(timer, us_to_ktime(100));
	return ++t->ticks < 10 ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

static void hrtimers_run_in_hardirq_context_and_restart(struct kunit *test)
{
	struct ticker *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	hrtimer_init(&t->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	t->timer.function = tick;
	hrtimer_start(&t->timer, us_to_ktime(100), HRTIMER_MODE_REL);
	usleep_range(550, 550);
	KUNIT_EXPECT_EQ(test, t->ticks, 5);
	usleep_range(2000, 2000);
	KUNIT_EXPECT_EQ(test, t->ticks, 10);
	KUNIT_EXPECT_TRUE(test, t->in_hardirq);
	KUNIT_EXPECT_FALSE(test, hrtimer_active(&t->timer));
}

static void charges_are_paid_at_the_next_preemption_point(struct kunit *test)
{
	u64 begin, stime = current->stime;

	preempt_disable();
	begin = ktime_get_ns();
	cost_charge(COST_COPY_PAGE_LOCAL, 1000);
	KUNIT_EXPECT_EQ(test, ktime_get_ns(), begin);
	preempt_enable();
	KUNIT_EXPECT_GE(test, ktime_get_ns() - begin, 1000 * cost_ns(COST_COPY_PAGE_LOCAL));
	KUNIT_EXPECT_LT(test, ktime_get_ns() - begin,
			1000 * cost_ns(COST_COPY_PAGE_LOCAL) + 40000);
	KUNIT_EXPECT_GE(test, current->stime - stime, 1000 * cost_ns(COST_COPY_PAGE_LOCAL));
}

static void less_than_a_quantum_is_carried_not_lost(struct kunit *test)
{
	u64 begin = ktime_get_ns();
	int i;

	for (i = 0; i < 1000; i++) {
		ndelay(100);
		cond_resched();
	}
	KUNIT_EXPECT_GE(test, ktime_get_ns() - begin, 80000ull);
	KUNIT_EXPECT_LE(test, ktime_get_ns() - begin, 130000ull);
}

static void remote_copies_cost_more_than_local_ones(struct kunit *test)
{
	KUNIT_EXPECT_GT(test, cost_ns(COST_COPY_PAGE_REMOTE), cost_ns(COST_COPY_PAGE_LOCAL));
	KUNIT_EXPECT_GT(test, cost_ns(COST_TLB_FLUSH_IPI), cost_ns(COST_TLB_FLUSH_LOCAL));
}

static int compute(void *arg)
{
	user_compute(20 * NSEC_PER_MSEC);
	return 0;
}

static void two_programs_share_a_cpu_fairly(struct kunit *test)
{
	struct task_struct *a, *b, *c;
	u64 begin, c_end;

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(7)), 0);
	begin = ktime_get_ns();
	a = program_start_on(2, "a", compute, NULL);
	b = program_start_on(2, "b", compute, NULL);
	c = program_start_on(3, "c", compute, NULL);
	program_wait(c);
	c_end = ktime_get_ns() - begin;
	KUNIT_EXPECT_GE(test, c_end, 20ull * NSEC_PER_MSEC);
	KUNIT_EXPECT_LT(test, c_end, 21ull * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, READ_ONCE(a->exit_state), 0);
	KUNIT_EXPECT_EQ(test, READ_ONCE(b->exit_state), 0);
	KUNIT_EXPECT_GT(test, READ_ONCE(a->utime), 6ull * NSEC_PER_MSEC);
	KUNIT_EXPECT_GT(test, READ_ONCE(b->utime), 6ull * NSEC_PER_MSEC);
	program_wait(a);
	program_wait(b);
	KUNIT_EXPECT_GE(test, ktime_get_ns() - begin, 40ull * NSEC_PER_MSEC);
	KUNIT_EXPECT_LT(test, ktime_get_ns() - begin, 41ull * NSEC_PER_MSEC);
}

static int note_the_time(void *arg)
{
	*(u64 *)arg = ktime_get_ns();
	return 0;
}

static void a_computing_program_yields_to_who_wakes_on_its_cpu(struct kunit *test)
{
	struct task_struct *a, *k;
	u64 at = 0, woken;

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(7)), 0);
	a = program_start_on(4, "a", compute, NULL);
	msleep(5);
	k = exec_create_kthread(note_the_time, &at, NUMA_NO_NODE, "urgent");
	do_set_cpus_allowed(k, cpumask_of(4));
	woken = ktime_get_ns();
	wake_up_process(k);
	program_wait(a);
	KUNIT_EXPECT_LT(test, at - woken, 100000ull);
}

struct spinner {
	unsigned long flag;
	void (*wait)(struct spinner *s);
};

static void spin_by_relaxing(struct spinner *s)
{
	while (!READ_ONCE(s->flag))
		cpu_relax();
}

static void spin_for_an_acquire(struct spinner *s)
{
	smp_cond_load_acquire(&s->flag, VAL);
}

static int spinner_main(void *arg)
{
	struct spinner *s = arg;

	s->wait(s);
	return 0;
}

/* Without that, the machine would hang: nothing runs but a loop that waits for time. */
static void time_passes_for_who_spins_until_a_sleeper_comes(struct kunit *test)
{
	static void (*const waits[])(struct spinner *s) = {
		spin_by_relaxing, spin_for_an_acquire,
	};

	for (int i = 0; i < ARRAY_SIZE(waits); i++) {
		struct spinner s = { .wait = waits[i] };
		struct task_struct *p = kthread_create(spinner_main, &s, "spinner");
		u64 begin = ktime_get_ns();

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p);
		get_task_struct(p);
		kthread_bind(p, 1);
		wake_up_process(p);
		usleep_range(100, 100);
		WRITE_ONCE(s.flag, 1);
		kthread_stop_put(p);
		KUNIT_EXPECT_GE(test, ktime_get_ns() - begin, 100000ull);
	}
}

/* Who owed almost a quantum before does not pay in a check, where others' timers would fire. */
static void no_time_passes_while_a_quiet_machine_is_checked(struct kunit *test)
{
	u64 begin;

	for (u64 owed = EXEC_QUANTUM_NS - 1; owed; owed /= 2) {
		exec_charge_ns(owed);
		machine_quiesce();
		begin = ktime_get_ns();
		machine_check();
		KUNIT_EXPECT_EQ(test, ktime_get_ns(), begin);
	}
}

static struct kunit_case time_cases[] = {
	KUNIT_CASE(sleeping_takes_exactly_the_time_asked_for),
	KUNIT_CASE(jiffies_wrap_at_32_bits_after_five_minutes),
	KUNIT_CASE(a_wake_up_ends_a_timed_sleep_early),
	KUNIT_CASE(timers_run_in_order_in_softirq_context_of_their_cpu),
	KUNIT_CASE(a_deleted_timer_does_not_run),
	KUNIT_CASE(misused_timers_are_reported),
	KUNIT_CASE(hrtimers_run_in_hardirq_context_and_restart),
	KUNIT_CASE(charges_are_paid_at_the_next_preemption_point),
	KUNIT_CASE(less_than_a_quantum_is_carried_not_lost),
	KUNIT_CASE(remote_copies_cost_more_than_local_ones),
	KUNIT_CASE(two_programs_share_a_cpu_fairly),
	KUNIT_CASE(a_computing_program_yields_to_who_wakes_on_its_cpu),
	KUNIT_CASE(time_passes_for_who_spins_until_a_sleeper_comes),
	KUNIT_CASE(no_time_passes_while_a_quiet_machine_is_checked),
	{}
};

static struct kunit_suite time_suite = {
	.name = "exec_time",
	.test_cases = time_cases,
};
kunit_test_suite(time_suite);
