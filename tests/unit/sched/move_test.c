// SPDX-License-Identifier: GPL-2.0
/* migrate_task_to() and migrate_swap(): where tasks go, both or none, at any moment. */
#include <machine/violation.h>
#include "../../../kernel-compat/sched/sched.h"
#include "sched_test.h"

static void a_running_task_moves_where_it_is_told(struct kunit *test)
{
	struct spinner s = { };
	int cpu;

	spinner_start(&s, 1, cpu_possible_mask);
	for (cpu = 2; cpu < 8; cpu++) {
		KUNIT_EXPECT_EQ(test, migrate_task_to(s.task, cpu), 0);
		KUNIT_EXPECT_EQ(test, task_cpu(s.task), (unsigned int)cpu);
		KUNIT_EXPECT_FALSE(test, idle_cpu(cpu));
		KUNIT_EXPECT_TRUE(test, idle_cpu(cpu - 1));
	}
	spinner_stop(&s);
}

static void a_change_of_affinity_interrupts_who_computes(struct kunit *test)
{
	struct spinner s = { .step_ns = 10 * NSEC_PER_SEC };
	u64 since;

	s.task = program_start_on(1, "spinner", spinner_program, &s);
	msleep(1);
	since = ktime_get_ns();
	KUNIT_EXPECT_EQ(test, set_cpus_allowed_ptr(s.task, cpumask_of(2)), 0);
	KUNIT_EXPECT_LE(test, ktime_get_ns() - since, 1ULL * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, task_cpu(s.task), 2u);
	spinner_stop(&s);
}

static void a_waiting_task_moves_at_once(struct kunit *test)
{
	struct spinner a = { .step_ns = 100 * NSEC_PER_MSEC }, b = a;

	spinner_start(&a, 3, NULL);
	b.task = program_start_on(3, "waiter", spinner_program, &b);
	KUNIT_EXPECT_EQ(test, running_on(3), 2u);
	set_cpus_allowed_ptr(b.task, cpu_possible_mask);
	KUNIT_EXPECT_EQ(test, migrate_task_to(b.task, 5), 0);
	KUNIT_EXPECT_EQ(test, task_cpu(b.task), 5u);
	KUNIT_EXPECT_EQ(test, running_on(3), 1u);
	KUNIT_EXPECT_EQ(test, running_on(5), 1u);
	spinner_stop(&a);
	spinner_stop(&b);
}

static void sleep_then_note_cpu(void *arg)
{
	msleep(10);
	*(int *)arg = raw_smp_processor_id();
}

static void a_sleeper_wakes_up_where_it_was_told(struct kunit *test)
{
	struct job j;
	int cpu = -1;

	job_start(&j, 3, NULL, sleep_then_note_cpu, &cpu);
	msleep(2);
	KUNIT_EXPECT_EQ(test, migrate_task_to(j.task, 6), 0);
	job_wait(&j);
	KUNIT_EXPECT_EQ(test, cpu, 6);
}

/* Is the caller there afterwards, in one of some attempts? Balancing may move it on at once. */
static bool is_moved_to(struct kunit *test, unsigned int cpu)
{
	bool there = false;

	for (int i = 0; i < 5 && !there; i++) {
		KUNIT_EXPECT_EQ(test, migrate_task_to(current, cpu), 0);
		preempt_disable();
		there = smp_processor_id() == cpu &&
			rcu_dereference_raw(cpu_rq(cpu)->curr) == current;
		preempt_enable();
	}
	return there;
}

static void I_can_move_myself(struct kunit *test)
{
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	KUNIT_EXPECT_TRUE(test, is_moved_to(test, 4));
	KUNIT_EXPECT_TRUE(test, is_moved_to(test, 4));
	KUNIT_EXPECT_TRUE(test, is_moved_to(test, 1));
}

static void a_forbidden_cpu_is_refused(struct kunit *test)
{
	struct spinner s = { };

	spinner_start(&s, 2, NULL);
	KUNIT_EXPECT_EQ(test, migrate_task_to(s.task, 3), -EINVAL);
	KUNIT_EXPECT_EQ(test, task_cpu(s.task), 2u);
	KUNIT_EXPECT_EQ(test, migrate_task_to(s.task, 2), 0);
	spinner_stop(&s);
}

static void sleep_with_a_swap(void *arg)
{
	preempt_disable();
	migrate_task_to(current, 7);
}

static void stay_where_none_may_sleep(void *arg)
{
	preempt_disable();
	migrate_task_to(current, task_cpu(current));
}

static void swap_where_none_may_sleep(void *arg)
{
	preempt_disable();
	migrate_swap(current, current, 1, 1);
}

static void swap_for_another(void *arg)
{
	struct task_struct *p = arg;

	migrate_swap(p, current, 1, 2);
}

static void moving_is_for_process_context_and_swapping_for_oneself(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(sleep_with_a_swap, NULL, NULL, 0),
			VIOLATION_ATOMIC_SLEEP);
	KUNIT_EXPECT_EQ(test, violation_catch(stay_where_none_may_sleep, NULL, NULL, 0),
			VIOLATION_ATOMIC_SLEEP);
	KUNIT_EXPECT_EQ(test, violation_catch(swap_where_none_may_sleep, NULL, NULL, 0),
			VIOLATION_ATOMIC_SLEEP);
	KUNIT_EXPECT_EQ(test, violation_catch(swap_for_another, current, NULL, 0),
			VIOLATION_BUG);
}

/* Swap with a task, and say where both are after that. */
struct swapped {
	struct task_struct *with;
	int cpu, curr_cpu, ret, my_cpu, its_cpu;
};

static void swap_once(void *arg)
{
	struct swapped *s = arg;

	s->ret = migrate_swap(current, s->with, s->cpu, s->curr_cpu);
	s->my_cpu = raw_smp_processor_id();
	s->its_cpu = task_cpu(s->with);
}

/* A kernel thread of CPU @from, allowed on @mask, swaps with @with, which is on @cpu. */
static struct swapped swap_from(int from, const struct cpumask *mask, struct task_struct *with,
				int cpu)
{
	struct swapped s = { .with = with, .cpu = cpu, .curr_cpu = from };
	struct job j;

	job_start(&j, from, mask, swap_once, &s);
	job_wait(&j);
	return s;
}

static void two_running_tasks_exchange_their_cpus(struct kunit *test)
{
	struct spinner t = { .step_ns = 50 * NSEC_PER_MSEC };
	struct swapped s;

	spinner_start(&t, 6, cpu_possible_mask);
	s = swap_from(2, cpu_possible_mask, t.task, 6);
	KUNIT_EXPECT_EQ(test, s.ret, 0);
	KUNIT_EXPECT_EQ(test, s.my_cpu, 6);
	KUNIT_EXPECT_EQ(test, s.its_cpu, 2);
	spinner_stop(&t);
}

static void a_running_task_swaps_with_one_that_waits(struct kunit *test)
{
	struct spinner a = { .step_ns = 50 * NSEC_PER_MSEC }, t = a;
	struct cpumask two;
	struct swapped s;

	spinner_start(&a, 6, NULL);
	t.task = program_start_on(6, "waiter", spinner_program, &t);
	/* No other CPU may take one of both. */
	cpumask_copy(&two, cpumask_of(2));
	cpumask_set_cpu(6, &two);
	do_set_cpus_allowed(t.task, &two);
	s = swap_from(2, &two, t.task, 6);
	KUNIT_EXPECT_EQ(test, s.ret, 0);
	KUNIT_EXPECT_EQ(test, s.my_cpu, 6);
	KUNIT_EXPECT_EQ(test, s.its_cpu, 2);
	spinner_stop(&a);
	spinner_stop(&t);
}

static void a_running_task_swaps_with_one_that_sleeps(struct kunit *test)
{
	struct swapped s;
	struct job j;
	int cpu = -1;

	job_start(&j, 3, NULL, sleep_then_note_cpu, &cpu);
	msleep(2);
	s = swap_from(7, cpu_possible_mask, j.task, 3);
	KUNIT_EXPECT_EQ(test, s.ret, 0);
	KUNIT_EXPECT_EQ(test, s.my_cpu, 3);
	job_wait(&j);
	KUNIT_EXPECT_EQ(test, cpu, 7);
}

static void a_swap_that_one_may_not_do_moves_nobody(struct kunit *test)
{
	struct spinner t = { };
	struct swapped s;

	spinner_start(&t, 6, NULL);
	s = swap_from(2, cpu_possible_mask, t.task, 6);
	KUNIT_EXPECT_EQ(test, s.ret, -EINVAL);
	KUNIT_EXPECT_EQ(test, s.my_cpu, 2);
	KUNIT_EXPECT_EQ(test, s.its_cpu, 6);
	set_cpus_allowed_ptr(t.task, cpu_possible_mask);
	s = swap_from(2, cpumask_of(2), t.task, 6);
	KUNIT_EXPECT_EQ(test, s.ret, -EINVAL);
	s = swap_from(2, cpu_possible_mask, t.task, 2);
	KUNIT_EXPECT_EQ(test, s.ret, -EINVAL);
	/* It is not where we think, or we are not. */
	s = swap_from(2, cpu_possible_mask, t.task, 5);
	KUNIT_EXPECT_EQ(test, s.ret, -EAGAIN);
	KUNIT_EXPECT_EQ(test, s.my_cpu, 2);
	KUNIT_EXPECT_EQ(test, s.its_cpu, 6);
	spinner_stop(&t);
}

static void spin_without_preemption(void *arg)
{
	atomic_t *state = arg;

	preempt_disable();
	atomic_set(state, 1);
	while (atomic_read(state) == 1)
		cpu_relax();
	preempt_enable();
	while (atomic_read(state) == 2)
		msleep(1);
}

struct late_swap {
	struct swapped s;
	atomic_t state;
};

/* As soon as the other one spins. */
static void swap_when_it_spins(void *arg)
{
	struct late_swap *l = arg;

	preempt_disable();
	while (atomic_read(&l->state) != 1)
		cpu_relax();
	preempt_enable();
	swap_once(&l->s);
}

/*
 * Ask while it cannot be preempted; what it does until it can decides. Nobody may sleep
 * meanwhile: time stands still. Who asks sleeps, and without a swap may be woken on any other
 * CPU than the one that it wanted, which is busy.
 */
static struct swapped swap_late(void (*late)(void *),
				void (*meanwhile)(struct task_struct *t, struct task_struct *p))
{
	struct late_swap l = { .s = { .cpu = 5, .curr_cpu = 1 } };
	struct job t, p;

	job_make(&t, 5, NULL, late, &l.state);
	l.s.with = t.task;
	job_start(&p, 1, NULL, swap_when_it_spins, &l);
	preempt_disable();
	wake_up_process(t.task);
	/* Swapping, it sleeps until the other one can be asked. */
	while (atomic_read(&l.state) != 1 || task_is_running(p.task) || task_curr(p.task))
		cpu_relax();
	if (meanwhile)
		meanwhile(t.task, p.task);
	atomic_set(&l.state, 2);
	preempt_enable();
	job_wait(&p);
	atomic_set(&l.state, 3);
	job_wait(&t);
	return l.s;
}

static void a_swap_waits_until_the_other_can_be_preempted(struct kunit *test)
{
	struct swapped s = swap_late(spin_without_preemption, NULL);

	KUNIT_EXPECT_EQ(test, s.ret, 0);
	KUNIT_EXPECT_EQ(test, s.my_cpu, 5);
	KUNIT_EXPECT_EQ(test, s.its_cpu, 1);
}

static void bind_to_where_it_is(struct task_struct *t, struct task_struct *p)
{
	do_set_cpus_allowed(t, cpumask_of(5));
}

static void a_change_of_affinity_meanwhile_stops_the_swap(struct kunit *test)
{
	struct swapped s = swap_late(spin_without_preemption, bind_to_where_it_is);

	KUNIT_EXPECT_EQ(test, s.ret, -EAGAIN);
	KUNIT_EXPECT_NE(test, s.my_cpu, 5);
	KUNIT_EXPECT_EQ(test, s.its_cpu, 5);
}

static void wake_who_asks(struct task_struct *t, struct task_struct *p)
{
	wake_up_process(p);
	while (task_is_running(p) || task_curr(p))
		cpu_relax();
}

static void a_swap_goes_on_sleeping_when_it_is_woken_too_early(struct kunit *test)
{
	struct swapped s = swap_late(spin_without_preemption, wake_who_asks);

	KUNIT_EXPECT_EQ(test, s.ret, 0);
	KUNIT_EXPECT_EQ(test, s.my_cpu, 5);
	KUNIT_EXPECT_EQ(test, s.its_cpu, 1);
}

static void sleep_at_once(void *arg)
{
	atomic_t *state = arg;

	preempt_disable();
	atomic_set(state, 1);
	while (atomic_read(state) == 1)
		cpu_relax();
	preempt_enable_no_resched();
	msleep(5);
}

static void a_swap_is_made_with_one_that_goes_to_sleep(struct kunit *test)
{
	struct swapped s = swap_late(sleep_at_once, NULL);

	KUNIT_EXPECT_EQ(test, s.ret, 0);
	KUNIT_EXPECT_EQ(test, s.my_cpu, 5);
}

static void exit_at_once(void *arg)
{
	atomic_t *state = arg;

	preempt_disable();
	atomic_set(state, 1);
	while (atomic_read(state) == 1)
		cpu_relax();
	WRITE_ONCE(current->flags, current->flags | PF_EXITING);
	sched_exit_swap(current);
	WRITE_ONCE(current->flags, current->flags & ~PF_EXITING);
	preempt_enable();
}

static void do_nothing(void *arg)
{
}

static void a_task_that_exits_is_not_swapped_and_keeps_nobody_waiting(struct kunit *test)
{
	struct swapped s = swap_late(exit_at_once, NULL);
	struct job j;

	KUNIT_EXPECT_EQ(test, s.ret, -EAGAIN);
	KUNIT_EXPECT_NE(test, s.my_cpu, 5);
	job_start(&j, 5, NULL, do_nothing, NULL);
	get_task_struct(j.task);
	job_wait(&j);
	s = swap_from(1, cpu_possible_mask, j.task, 5);
	KUNIT_EXPECT_EQ(test, s.ret, -EAGAIN);
	KUNIT_EXPECT_EQ(test, s.my_cpu, 1);
	put_task_struct(j.task);
}

#define PARTNERS 6

struct dancer {
	struct dancer *all;
	struct task_struct *task;
	unsigned int seed;
	int moved;
	atomic_t *left;
};

static int dance(void *arg)
{
	struct dancer *me = arg;

	for (int i = 0; i < 150; i++) {
		struct task_struct *t = me->all[(me->seed += 7 + i) % PARTNERS].task;
		int cpu = task_cpu(t), mine = raw_smp_processor_id();

		if (t == current)
			continue;
		if (!migrate_swap(current, t, cpu, mine))
			me->moved++;
		if (i % 3 == 0)
			migrate_task_to(current, (me->seed + i) % 8);
		if (i % 5 == 0)
			wake_up_process(t);
		if (i % 4 == 0)
			usleep_range(20, 20);
		if (i % 7 == 0)
			set_cpus_allowed_ptr(t, i % 2 ? cpu_possible_mask : cpumask_of_node(i % 4));
	}
	atomic_dec(me->left);
	return 0;
}

static void swaps_wake_ups_and_affinities_race(struct kunit *test)
{
	struct dancer d[PARTNERS] = { };
	atomic_t left = ATOMIC_INIT(PARTNERS);
	int moved = 0;

	for (int i = 0; i < PARTNERS; i++) {
		d[i] = (struct dancer){ .all = d, .seed = i, .left = &left };
		d[i].task = exec_create_kthread(dance, &d[i], NUMA_NO_NODE, "dancer");
		get_task_struct(d[i].task);
	}
	for (int i = 0; i < PARTNERS; i++)
		wake_up_process(d[i].task);
	while (atomic_read(&left))
		msleep(1);
	for (int i = 0; i < PARTNERS; i++) {
		moved += d[i].moved;
		put_task_struct(d[i].task);
	}
	KUNIT_EXPECT_GT(test, moved, 0);
}

struct mover {
	struct task_struct *p;
	int moves;
};

static void move_about(void *arg)
{
	struct mover *m = arg;

	for (int i = 0; i < 40; i++)
		m->moves += !migrate_task_to(m->p, 1 + i % 7);
}

static int short_life(void *arg)
{
	user_compute(60 * NSEC_PER_USEC);
	return 7;
}

static void tasks_exit_while_they_are_moved(struct kunit *test)
{
	struct mover m = { };
	struct job j;

	for (int i = 0; i < 50; i++) {
		m.p = program_start("short", short_life, NULL);
		get_task_struct(m.p);
		job_start(&j, 1 + i % 7, NULL, move_about, &m);
		KUNIT_EXPECT_EQ(test, program_wait(m.p), 7);
		job_wait(&j);
		put_task_struct(m.p);
	}
	KUNIT_EXPECT_GT(test, m.moves, 50);
}

static struct kunit_case move_cases[] = {
	KUNIT_CASE(tasks_exit_while_they_are_moved),
	KUNIT_CASE(a_running_task_moves_where_it_is_told),
	KUNIT_CASE(a_change_of_affinity_interrupts_who_computes),
	KUNIT_CASE(a_waiting_task_moves_at_once),
	KUNIT_CASE(a_sleeper_wakes_up_where_it_was_told),
	KUNIT_CASE(I_can_move_myself),
	KUNIT_CASE(a_forbidden_cpu_is_refused),
	KUNIT_CASE(moving_is_for_process_context_and_swapping_for_oneself),
	KUNIT_CASE(two_running_tasks_exchange_their_cpus),
	KUNIT_CASE(a_running_task_swaps_with_one_that_waits),
	KUNIT_CASE(a_running_task_swaps_with_one_that_sleeps),
	KUNIT_CASE(a_swap_that_one_may_not_do_moves_nobody),
	KUNIT_CASE(a_swap_waits_until_the_other_can_be_preempted),
	KUNIT_CASE(a_change_of_affinity_meanwhile_stops_the_swap),
	KUNIT_CASE(a_swap_goes_on_sleeping_when_it_is_woken_too_early),
	KUNIT_CASE(a_swap_is_made_with_one_that_goes_to_sleep),
	KUNIT_CASE(a_task_that_exits_is_not_swapped_and_keeps_nobody_waiting),
	KUNIT_CASE(swaps_wake_ups_and_affinities_race),
	{}
};

static struct kunit_suite move_suite = {
	.name = "sched_move",
	.init = stay_on_cpu0,
	.test_cases = move_cases,
};
kunit_test_suite(move_suite);
kunit_machine_config(move_suite, quiet_machine);
