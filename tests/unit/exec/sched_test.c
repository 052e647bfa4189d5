// SPDX-License-Identifier: GPL-2.0
/* Scheduler: who runs where and when; wake-ups; affinity; preemption points. */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/topology.h>
#include <machine/cost.h>
#include <machine/machine.h>
#include <machine/replay.h>
#include <machine/violation.h>

/* Tasks under test: started together, counted out, joined by polling in virtual time. */
struct crowd {
	atomic_t running, started, done;
	int next;
	int order[16];
	atomic_t cpu_owner[8];
	atomic_t clashes;
	int fn_arg;
};

static struct task_struct *start_on(int cpu, int (*fn)(void *), void *arg)
{
	struct task_struct *p = exec_create_kthread(fn, arg, NUMA_NO_NODE, "worker");

	if (IS_ERR(p))
		return NULL;
	if (cpu >= 0)
		do_set_cpus_allowed(p, cpumask_of(cpu));
	wake_up_process(p);
	return p;
}

static void wait_for(atomic_t *v, int n)
{
	while (atomic_read(v) < n)
		usleep_range(10, 10);
}

static int own_a_cpu(void *arg)
{
	struct crowd *c = arg;
	int i;

	for (i = 0; i < 200; i++) {
		int cpu = get_cpu();

		if (atomic_inc_return(&c->cpu_owner[cpu]) != 1)
			atomic_inc(&c->clashes);
		atomic_dec(&c->cpu_owner[cpu]);
		put_cpu();
		if (i % 8 == 0)
			yield();
	}
	atomic_inc(&c->done);
	return 0;
}

static void a_cpu_runs_one_task_at_a_time(struct kunit *test)
{
	struct crowd *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	int i;

	for (i = 0; i < 24; i++)
		start_on(i % 3 ? i % 8 : -1, own_a_cpu, c);
	wait_for(&c->done, 24);
	KUNIT_EXPECT_EQ(test, atomic_read(&c->clashes), 0);
}

static int note_order(void *arg)
{
	struct crowd *c = arg;
	int me = atomic_inc_return(&c->started) - 1;

	c->order[me] = current->pid;
	atomic_inc(&c->done);
	return 0;
}

static void queued_tasks_run_first_in_first_out(struct kunit *test)
{
	struct crowd *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	int i, cpu, pids[8];

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(3)), 0);
	cpu = get_cpu();
	KUNIT_EXPECT_EQ(test, cpu, 3);
	for (i = 0; i < 8; i++) {
		struct task_struct *p = exec_create_kthread(note_order, c, NUMA_NO_NODE, "fifo");

		do_set_cpus_allowed(p, cpumask_of(3));
		pids[i] = p->pid;
		wake_up_process(p);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&c->started), 0);
	KUNIT_EXPECT_TRUE(test, need_resched());
	put_cpu();
	wait_for(&c->done, 8);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, c->order[i], pids[i]);
}

static int check_affinity(void *arg)
{
	struct crowd *c = arg;
	int i;

	for (i = 0; i < 50; i++) {
		if (!cpumask_test_cpu(raw_smp_processor_id(), current->cpus_ptr))
			atomic_inc(&c->clashes);
		usleep_range(5, 5);
	}
	atomic_inc(&c->done);
	return 0;
}

static void a_task_runs_only_where_its_affinity_allows(struct kunit *test)
{
	struct crowd *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	int i;

	for (i = 0; i < 16; i++)
		start_on(i % 8, check_affinity, c);
	wait_for(&c->done, 16);
	KUNIT_EXPECT_EQ(test, atomic_read(&c->clashes), 0);
}

static int spin_paying(void *arg)
{
	struct crowd *c = arg;

	atomic_inc(&c->started);
	while (!READ_ONCE(c->fn_arg)) {
		udelay(30);
		cond_resched();
	}
	atomic_inc(&c->done);
	return 0;
}

static void changing_the_affinity_moves_a_running_task(struct kunit *test)
{
	struct crowd *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	struct task_struct *p = exec_create_kthread(spin_paying, c, NUMA_NO_NODE, "mover");
	int i;

	get_task_struct(p);
	wake_up_process(p);
	wait_for(&c->started, 1);
	for (i = 0; i < 16; i++) {
		KUNIT_EXPECT_EQ(test, set_cpus_allowed_ptr(p, cpumask_of(i % 8)), 0);
		KUNIT_EXPECT_EQ(test, task_cpu(p), (unsigned int)(i % 8));
	}
	WRITE_ONCE(c->fn_arg, 1);
	wait_for(&c->done, 1);
	put_task_struct(p);
}

static void changing_my_own_affinity_moves_me(struct kunit *test)
{
	int cpu;

	for_each_online_cpu(cpu) {
		KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(cpu)), 0);
		KUNIT_EXPECT_EQ(test, smp_processor_id(), (unsigned int)cpu);
	}
	KUNIT_EXPECT_EQ(test, set_cpus_allowed_ptr(current, cpu_none_mask), -EINVAL);
}

/* Two tasks hand a token to and fro with the classic sleep and wake-up protocol. */
struct pingpong {
	struct task_struct *task[2];
	int turn;
	int rounds;
	atomic_t done;
};
struct player {
	struct pingpong *pp;
	int me;
};

static int play(void *arg)
{
	struct player *pl = arg;
	struct pingpong *pp = pl->pp;
	int i;

	for (i = 0; i < pp->rounds; i++) {
		for (;;) {
			set_current_state(TASK_UNINTERRUPTIBLE);
			if (READ_ONCE(pp->turn) == pl->me)
				break;
			schedule();
		}
		__set_current_state(TASK_RUNNING);
		smp_store_release(&pp->turn, !pl->me);
		wake_up_process(pp->task[!pl->me]);
	}
	atomic_inc(&pp->done);
	return 0;
}

static void no_wake_up_is_lost(struct kunit *test)
{
	struct pingpong *pp = kunit_kzalloc(test, sizeof(*pp), GFP_KERNEL);
	struct player pl[2];
	int i;

	pp->rounds = 2000;
	for (i = 0; i < 2; i++) {
		pl[i] = (struct player){ pp, i };
		pp->task[i] = exec_create_kthread(play, &pl[i], NUMA_NO_NODE, "player");
		get_task_struct(pp->task[i]);
		do_set_cpus_allowed(pp->task[i], cpumask_of(2 + i));
	}
	for (i = 0; i < 2; i++)
		wake_up_process(pp->task[i]);
	wait_for(&pp->done, 2);
	for (i = 0; i < 2; i++)
		put_task_struct(pp->task[i]);
	KUNIT_EXPECT_EQ(test, pp->turn, 0);
}

static int sleep_in_state(void *arg)
{
	struct crowd *c = arg;

	set_current_state(c->fn_arg);
	atomic_inc(&c->started);
	schedule();
	atomic_inc(&c->done);
	return 0;
}

static void a_wake_up_ends_only_the_states_it_names(struct kunit *test)
{
	struct crowd *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	struct task_struct *p;

	c->fn_arg = TASK_PARKED;
	p = exec_create_kthread(sleep_in_state, c, NUMA_NO_NODE, "parked");
	get_task_struct(p);
	wake_up_process(p);
	KUNIT_EXPECT_NE(test, wait_task_inactive(p, 0), 0ul);
	wait_for(&c->started, 1);
	KUNIT_EXPECT_NE(test, wait_task_inactive(p, TASK_PARKED), 0ul);
	KUNIT_EXPECT_EQ(test, wake_up_process(p), 0);
	KUNIT_EXPECT_EQ(test, wake_up_state(p, TASK_INTERRUPTIBLE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&c->done), 0);
	KUNIT_EXPECT_EQ(test, wake_up_state(p, TASK_PARKED), 1);
	wait_for(&c->done, 1);
	put_task_struct(p);
}

static int want_cpu(void *arg)
{
	atomic_inc(arg);
	return 0;
}

static void nobody_preempts_while_preemption_is_off(struct kunit *test)
{
	atomic_t *ran = kunit_kzalloc(test, sizeof(*ran), GFP_KERNEL);
	struct task_struct *p;
	unsigned long flags;
	int i;

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(1)), 0);
	preempt_disable();
	start_on(1, want_cpu, ran);
	for (i = 0; i < 100; i++) {
		udelay(100);
		cost_pay();
		preempt_disable();
		preempt_enable();
		local_irq_save(flags);
		local_irq_restore(flags);
		local_bh_disable();
		local_bh_enable();
	}
	KUNIT_EXPECT_EQ(test, atomic_read(ran), 0);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, atomic_read(ran), 1);

	p = exec_create_kthread(want_cpu, ran, NUMA_NO_NODE, "worker");
	do_set_cpus_allowed(p, cpumask_of(1));
	local_irq_disable();
	wake_up_process(p);
	preempt_disable();
	preempt_enable();
	KUNIT_EXPECT_EQ(test, atomic_read(ran), 1);
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, atomic_read(ran), 2);

	start_on(1, want_cpu, ran);
	cond_resched();
	KUNIT_EXPECT_EQ(test, atomic_read(ran), 3);
}

static void sleep_with_preemption_off(void *arg)
{
	preempt_disable();
	schedule();
}

static void sleep_with_irqs_off(void *arg)
{
	local_irq_disable();
	msleep(1);
}

static void might_sleep_in_atomic(void *arg)
{
	preempt_disable();
	might_sleep();
}

static void sleeping_while_atomic_is_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(sleep_with_preemption_off, NULL, NULL, 0),
			VIOLATION_ATOMIC_SLEEP);
	KUNIT_EXPECT_EQ(test, violation_catch(sleep_with_irqs_off, NULL, NULL, 0),
			VIOLATION_ATOMIC_SLEEP);
	KUNIT_EXPECT_EQ(test, violation_catch(might_sleep_in_atomic, NULL, NULL, 0),
			VIOLATION_ATOMIC_SLEEP);
}

static void enable_too_often(void *arg)
{
	preempt_enable();
}

static void forget_to_enable(void *arg)
{
	preempt_disable();
}

static void ask_for_my_cpu(void *arg)
{
	(void)smp_processor_id();
}

static void unbalanced_preempt_counts_are_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(enable_too_often, NULL, NULL, 0), VIOLATION_PREEMPT);
	KUNIT_EXPECT_EQ(test, violation_catch(forget_to_enable, NULL, NULL, 0), VIOLATION_PREEMPT);
	KUNIT_EXPECT_EQ(test, violation_catch(ask_for_my_cpu, NULL, NULL, 0), VIOLATION_PREEMPT);
}

static void exit_with_preemption_off(void *arg)
{
	preempt_disable();
	do_exit(0);
}

static void a_task_must_not_exit_in_an_atomic_section(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(exit_with_preemption_off, NULL, NULL, 0),
			VIOLATION_PREEMPT);
}

static void exit_with_a_lock_of_the_shim(void *arg)
{
	static struct xlock lock;

	xlock(&lock);
	do_exit(0);
}

/* It would take no interrupt any more. */
static void a_task_must_not_exit_with_a_lock_of_the_shim(struct kunit *test)
{
	if (!replay_in_use())
		kunit_skip(test, "counted by the engine replay alone");
	KUNIT_EXPECT_EQ(test, violation_catch(exit_with_a_lock_of_the_shim, NULL, NULL, 0),
			VIOLATION_LOCK_LEAKED);
}

static int say_so(void *ran)
{
	complete(ran);
	return 0;
}

static void a_kernel_thread_runs_as_soon_as_it_is_made(struct kunit *test)
{
	struct completion ran;

	init_completion(&ran);
	KUNIT_EXPECT_GT(test, kernel_thread(say_so, &ran, "said", 0), 0);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&ran, HZ), 0UL);
}

static void preemption_is_enabled_while_its_owner_gives_way(struct kunit *test)
{
	preempt_disable();
	schedule_preempt_disabled();
	KUNIT_EXPECT_EQ(test, preempt_count(), 1);
	preempt_enable();
}

static struct kunit_case sched_cases[] = {
	KUNIT_CASE(a_kernel_thread_runs_as_soon_as_it_is_made),
	KUNIT_CASE(preemption_is_enabled_while_its_owner_gives_way),
	KUNIT_CASE(a_cpu_runs_one_task_at_a_time),
	KUNIT_CASE(queued_tasks_run_first_in_first_out),
	KUNIT_CASE(a_task_runs_only_where_its_affinity_allows),
	KUNIT_CASE(changing_the_affinity_moves_a_running_task),
	KUNIT_CASE(changing_my_own_affinity_moves_me),
	KUNIT_CASE(no_wake_up_is_lost),
	KUNIT_CASE(a_wake_up_ends_only_the_states_it_names),
	KUNIT_CASE(nobody_preempts_while_preemption_is_off),
	KUNIT_CASE(sleeping_while_atomic_is_reported),
	KUNIT_CASE(unbalanced_preempt_counts_are_reported),
	KUNIT_CASE(a_task_must_not_exit_in_an_atomic_section),
	KUNIT_CASE(a_task_must_not_exit_with_a_lock_of_the_shim),
	{}
};

static struct kunit_suite sched_suite = {
	.name = "exec_sched",
	.test_cases = sched_cases,
};
kunit_test_suite(sched_suite);
