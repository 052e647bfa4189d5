// SPDX-License-Identifier: GPL-2.0
/*
 * What a decision about a task reads of others without a lock of theirs, while they change it.
 * Whatever it finds is right. TSan, and the build "every", tell when one of the two is not marked.
 * Who is through stays for a while: the locks of an exit would order what must race.
 */
#include <linux/autonuma.h>
#include <linux/mm/cpupid.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <asm/processor.h>

#include "races.h"

/* The owner has shown and seen what it should. */
static bool is_over;

static void grow_old_here(struct race *r)
{
	WRITE_ONCE(is_over, false);
	grow_old(r);
}

/* Known, with a page on node 0. */
static void get_known(struct race *r)
{
	struct prog p = { .test = r->test };

	WRITE_ONCE(is_over, false);
	r->addr = map_and_write(&p, 1);
	become_known(r);
}

/* The same with a sample of where its accesses go: who has none decides nothing. */
static void get_known_for_decisions(struct race *r)
{
	u64 val;

	get_known(r);
	set_knob(r->test, "enabled", "1");
	KUNIT_EXPECT_EQ(r->test, user_read64(r->addr, &val), 0);
	KUNIT_ASSERT_GT(r->test, current->task_autonuma->faults.total, 0);
}

/* The next decision about the running task is due: take it, as on the way to user mode. */
static void take_decision(void)
{
	current->task_autonuma->next_decision = jiffies;
	__autonuma_task_tick(current);
	task_work_run();
}

static bool is_known(void)
{
	return READ_ONCE(current->mm->mm_autonuma) && READ_ONCE(current->task_autonuma);
}

/* Let the owner run anywhere: a decision has a choice then, and another's may exchange it. */
static void run_anywhere(void)
{
	sys_sched_setaffinity(0, cpu_possible_mask);
}

static void take_decisions(struct race *r)
{
	run_anywhere();
	for (int i = 0; i < RACE_TURNS || !is_known(); i++) {
		take_decision();
		user_compute(MSEC);
	}
	WRITE_ONCE(is_over, true);
}

/* The owner is on its CPU, for others to meet. */
static void compute(struct race *r)
{
	run_anywhere();
	for (int i = 0; i < RACE_TURNS || !is_known(); i++) {
		unsigned int flags = memalloc_noio_save();

		user_compute(MSEC);
		memalloc_noio_restore(flags);
	}
	WRITE_ONCE(is_over, true);
}

/* Somebody on node 1 whose home, and whose faults, are on node 0. */
struct stranger {
	struct task_autonuma *ta;
	struct mm_autonuma *mma;
	struct autonuma_counts *running;
};

static void stranger_begin(struct stranger *s)
{
	s->ta = kzalloc(struct_size(s->ta, faults.by_node, nr_node_ids), GFP_KERNEL);
	s->mma = kzalloc(sizeof(*s->mma), GFP_KERNEL);
	s->mma->pages = kzalloc(autonuma_counts_size(), GFP_KERNEL);
	s->running = kzalloc(autonuma_counts_size(), GFP_KERNEL);
	autonuma_counts_init(&s->ta->faults);
	autonuma_counts_init(s->mma->pages);
	autonuma_counts_init(s->running);
	autonuma_home_init(&s->mma->home, s->mma->pages, s->running);
	spin_lock_init(&s->mma->group_lock);
	autonuma_counts_add(&s->ta->faults, 0, 0, 100);
	autonuma_counts_add(s->mma->pages, 0, 0, 100);
}

static void stranger_end(struct stranger *s)
{
	kfree(s->running);
	kfree(s->mma->pages);
	kfree(s->mma);
	kfree(s->ta);
}

/* A decision of a stranger looks at all CPUs of node 0, and at who runs there. */
static void look_around(struct race *r)
{
	struct stranger s;

	stranger_begin(&s);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	for (int i = 0; i < RACE_TURNS || (i < RACE_LOOKS && !READ_ONCE(is_over)); i++) {
		struct autonuma_decision d = {
			.p = current, .ta = s.ta, .home = &s.mma->home, .seen = &s.ta->seen,
			.cpu = 5, .cpu_nid = 1,
		};

		rcu_read_lock();
		autonuma_decide(&d);
		rcu_read_unlock();
		if (d.other)
			put_task_struct(d.other);
		cpu_relax();
	}
	wait_for_daemons();
	stranger_end(&s);
}

/* A stranger touches a page that the owner touched before. */
static void meet_owner(struct race *r)
{
	struct vm_area_struct vma = { .vm_flags = VM_SHARED | VM_MAYWRITE, .vm_file = (void *)r };
	struct stranger s;

	stranger_begin(&s);
	for (int i = 0; i < RACE_TURNS || (i < RACE_LOOKS && !READ_ONCE(is_over)); i++) {
		autonuma_group_meet(s.mma, &vma, 0, cpu_pid_to_cpupid(0, r->owner->pid));
		cpu_relax();
	}
	wait_for_daemons();
	stranger_end(&s);
}

static void two_look_at_the_same_cpus(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known, .meanwhile = compute,
		.racers = { { look_around, 5 }, { look_around, 6 } },
	};

	race_run(&r);
}

static void a_decision_looks_at_a_task_that_gets_statistics(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = grow_old_here, .meanwhile = compute,
		.racers = { { start_scan, 1 }, { look_around, 5 } },
	};

	set_knob(test, "enabled", "0");
	race_run(&r);
}

static void a_decision_looks_at_a_task_while_its_home_is_chosen(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known_for_decisions, .meanwhile = take_decisions,
		.racers = { { look_around, 5 } },
	};

	race_run(&r);
}

static void a_group_is_looked_for_at_a_process_that_is_registered(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = grow_old_here, .meanwhile = compute,
		.racers = { { start_scan, 1 }, { meet_owner, 5 } },
	};

	set_knob(test, "enabled", "0");
	race_run(&r);
}

static int compute_again(void *arg)
{
	compute(arg);
	return 0;
}

static int decide_again(void *arg)
{
	take_decisions(arg);
	return 0;
}

static void become_another(struct race *r)
{
	sys_execve("another", compute_again, r);
}

static int end_again(void *arg)
{
	user_compute(MSEC);
	return 0;
}

static void become_another_and_end(struct race *r)
{
	sys_execve("another", end_again, r);
}

static void become_another_and_decide(struct race *r)
{
	sys_execve("another", decide_again, r);
}

static void a_decision_looks_at_a_new_program_that_is_registered(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known, .meanwhile = become_another,
		.racers = { { start_scan, 1 }, { look_around, 5 } },
	};

	race_run(&r);
}

static void a_new_program_decides_while_it_is_registered(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known, .meanwhile = become_another_and_decide,
		.racers = { { start_scan, 1 } },
	};

	race_run(&r);
}

static void a_task_is_asked_for_while_it_becomes_another_program(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known, .meanwhile = become_another_and_end,
		.racers = { { ask_where_owner_should_be, 5 } },
	};

	race_run(&r);
}

static void a_task_is_asked_for_while_it_decides(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known_for_decisions, .meanwhile = take_decisions,
		.racers = { { ask_where_owner_should_be, 5 } },
	};

	race_run(&r);
}

/* Again and again the first decision of a program, of which no access was sampled. */
static void begin_and_decide(struct race *r)
{
	run_anywhere();
	for (int i = 0; i < 4 * RACE_TURNS; i++) {
		__autonuma_task_exec(current);
		take_decision();
		KUNIT_EXPECT_EQ(r->test, current->task_autonuma->preferred_nid, 0);
	}
}

static void a_task_is_asked_for_while_it_decides_for_the_first_time(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known_for_decisions, .meanwhile = begin_and_decide,
		.racers = { { ask_where_owner_should_be, 5 }, { ask_where_owner_should_be, 6 } },
	};

	race_run(&r);
}

static void bind_owner(struct race *r)
{
	for (int i = 0; i < RACE_TURNS; i++)
		set_cpus_allowed_ptr(r->owner, i & 1 ? cpumask_of_node(0) : cpumask_of(0));
}

static void a_task_is_bound_while_it_decides(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known_for_decisions, .meanwhile = take_decisions,
		.racers = { { bind_owner, 5 } },
	};

	race_run(&r);
}

/* Faults of many passes, one after the other, and decisions, as long as it takes and longer. */
static void fault_and_decide(struct race *r)
{
	struct autonuma_counts *faults = &current->task_autonuma->faults;

	run_anywhere();
	for (int more = RACE_TURNS; more; more -= READ_ONCE(is_over)) {
		autonuma_counts_add(faults, faults->passes + 1, 0, 1);
		/* Time that passes orders them and who reads what they wrote. */
		for (int i = 0; i < RACE_TURNS; i++)
			take_decision();
		user_compute(MSEC);
	}
}

static void get_statistics(struct race *r)
{
	smp_cond_load_relaxed(&current->task_autonuma, VAL);
	WRITE_ONCE(is_over, true);
}

static void a_thread_inherits_while_its_leader_faults_and_decides(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known, .meanwhile = fault_and_decide,
		.racers = { { start_scan, 1 }, { get_statistics, 2, .thread = true } },
	};

	race_run(&r);
}

static struct kunit_case place_cases[] = {
	KUNIT_CASE(two_look_at_the_same_cpus),
	KUNIT_CASE(a_decision_looks_at_a_task_that_gets_statistics),
	KUNIT_CASE(a_decision_looks_at_a_task_while_its_home_is_chosen),
	KUNIT_CASE(a_group_is_looked_for_at_a_process_that_is_registered),
	KUNIT_CASE(a_decision_looks_at_a_new_program_that_is_registered),
	KUNIT_CASE(a_new_program_decides_while_it_is_registered),
	KUNIT_CASE(a_task_is_asked_for_while_it_becomes_another_program),
	KUNIT_CASE(a_task_is_asked_for_while_it_decides),
	KUNIT_CASE(a_task_is_asked_for_while_it_decides_for_the_first_time),
	KUNIT_CASE(a_task_is_bound_while_it_decides),
	KUNIT_CASE(a_thread_inherits_while_its_leader_faults_and_decides),
	{}
};

static struct kunit_suite place_suite = {
	.name = "race-place",
	.test_cases = place_cases,
};
kunit_machine_config(place_suite, race_machine);
kunit_test_suite(place_suite);
