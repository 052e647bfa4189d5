// SPDX-License-Identifier: GPL-2.0
/*
 * Who is registered, when, at what price; what exec, fork, clone and exit do to it.
 */
#include <machine/inject.h>

#include "core_test.h"

static void grows_old(struct prog *p)
{
	KUNIT_EXPECT_NULL(p->test, current->mm->mm_autonuma);
	map_and_write(p, 4);
	user_compute(400 * MSEC);
	KUNIT_EXPECT_NULL(p->test, current->mm->mm_autonuma);
	KUNIT_EXPECT_NULL(p->test, current->task_autonuma);
	user_compute(300 * MSEC);
	KUNIT_EXPECT_NOT_NULL(p->test, current->mm->mm_autonuma);
	KUNIT_EXPECT_NOT_NULL(p->test, current->task_autonuma);
}

static void a_process_is_registered_when_it_is_old_enough(struct kunit *test)
{
	run_prog(test, 0, grows_old, NULL);
}

static void is_not_held(struct prog *p)
{
	map_and_write(p, 4);
	wait_for_passes(p, 1);
	user_compute(SEC);
	/* The program is the only user; between passes nobody pins the struct either. */
	KUNIT_EXPECT_EQ(p->test, atomic_read(&current->mm->mm_users), 1);
	KUNIT_EXPECT_LE(p->test, atomic_read(&current->mm->mm_count), 2);
}

static void a_sleeping_daemon_holds_no_mm(struct kunit *test)
{
	run_prog(test, 0, is_not_held, NULL);
}

static void exits_registered(struct prog *p)
{
	map_and_write(p, 100);
	wait_for_passes(p, 1);
}

static void exit_takes_an_mm_off_the_registry(struct kunit *test)
{
	run_prog(test, 0, exits_registered, NULL);
	KUNIT_EXPECT_TRUE(test, autonuma_registry_empty());
}

/* Stay away from the registry while a scan is in the middle of the mm. */
static void exits_in_a_scan(struct prog *p)
{
	map_and_write(p, 3000);
	wait_for_passes(p, 1);
	touch_all(p);
	scan_steadily(p->test, 1);
	set_knob(p->test, "pages_to_scan", "100");
	user_compute((u64)(uintptr_t)p->arg);
}

static void exit_may_come_at_any_moment_of_a_scan(struct kunit *test)
{
	unsigned long i;

	for (i = 0; i < 20; i++)
		run_prog(test, i & 7, exits_in_a_scan, (void *)(9 * SEC + i * 77 * MSEC));
	KUNIT_EXPECT_TRUE(test, autonuma_registry_empty());
}

static int new_program(void *arg)
{
	struct prog *p = arg;
	unsigned long by_node[4];

	KUNIT_EXPECT_NULL(p->test, current->mm->mm_autonuma);
	KUNIT_EXPECT_NOT_NULL(p->test, current->task_autonuma);
	KUNIT_EXPECT_EQ(p->test, counts_read(&current->task_autonuma->faults, by_node), 0);
	map_and_write(p, 4);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_NOT_NULL(p->test, current->mm->mm_autonuma);
	return 0;
}

static void executes(struct prog *p)
{
	unsigned long by_node[4];

	map_and_write(p, 16);
	wait_for_passes(p, 2);
	touch_all(p);
	KUNIT_EXPECT_GT(p->test, counts_read(&current->task_autonuma->faults, by_node), 0);
	sys_execve("new", new_program, p);
	KUNIT_FAIL(p->test, "exec returned");
}

static void exec_forgets_the_statistics(struct kunit *test)
{
	run_prog(test, 0, executes, NULL);
}

/* A child that lives until it has statistics and reports what it was born with. */
static int inheriting_child(void *arg)
{
	struct prog *p = arg;
	unsigned long by_node[4];
	int limit = 200;

	KUNIT_EXPECT_NULL(p->test, current->task_autonuma);
	while (!READ_ONCE(current->task_autonuma) && limit--)
		user_compute(200 * MSEC);
	KUNIT_EXPECT_NOT_NULL(p->test, current->task_autonuma);
	return counts_read(&current->task_autonuma->faults, by_node);
}

static void has_children(struct prog *p)
{
	bool inherit = *(char *)p->arg == '1';
	long pid, tid;
	int i;

	set_knob(p->test, "child_inheritance", p->arg);
	set_knob(p->test, "migrate_allow_first_fault", "0");
	map_and_write(p, 512);
	for (i = 0; i < 3; i++) {
		wait_for_passes(p, 1);
		touch_all(p);
	}
	tid = sys_clone_thread(inheriting_child, p, -1);
	KUNIT_EXPECT_GT(p->test, tid, 0);
	pid = sys_fork(inheriting_child, p);
	KUNIT_EXPECT_GT(p->test, pid, 0);
	if (inherit) {
		KUNIT_EXPECT_GT(p->test, sys_wait4(tid), 0);
		KUNIT_EXPECT_GT(p->test, sys_wait4(pid), 0);
	} else {
		KUNIT_EXPECT_EQ(p->test, sys_wait4(tid), 0);
		KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
	}
}

static void children_inherit_if_the_knob_says_so(struct kunit *test)
{
	run_prog(test, 0, has_children, "1");
	run_prog(test, 0, has_children, "0");
}

static int short_lived(void *arg)
{
	KUNIT_EXPECT_NULL(((struct prog *)arg)->test, current->mm->mm_autonuma);
	return 0;
}

static void storms(struct prog *p)
{
	unsigned long before;
	int i;

	map_and_write(p, 4);
	wait_for_passes(p, 1);
	before = inject_matched(0);
	for (i = 0; i < 50; i++) {
		long pid = sys_fork(short_lived, p);

		KUNIT_EXPECT_GT(p->test, pid, 0);
		KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
	}
	KUNIT_EXPECT_EQ(p->test, inject_matched(0), before);
}

/* Counts allocations made inside the core while processes come and go. */
static void short_lived_processes_cost_no_allocation(struct kunit *test)
{
	struct inject_rule rule = {
		.sites = 1 << INJECT_SLAB, .nth = ULONG_MAX,
		.func = autonuma_find_processes, .func_len = 4096,
	};

	KUNIT_EXPECT_EQ(test, inject_set(rule), 0);
	run_prog(test, 0, storms, NULL);
}

static void cannot_be_registered(struct prog *p)
{
	struct inject_rule rule = { .sites = 1 << INJECT_SLAB, .per_million = 1000000 };
	struct task_struct *daemon = NULL, *t;
	int handle;

	rcu_read_lock();
	for_each_process(t)
		if (!strcmp(t->comm, "knuma_scand"))
			daemon = t;
	rcu_read_unlock();
	KUNIT_EXPECT_NOT_NULL(p->test, daemon);
	rule.task = daemon;
	handle = inject_set(rule);
	map_and_write(p, 4);
	user_compute(30 * SEC);
	KUNIT_EXPECT_GT(p->test, inject_failed(handle), 0);
	KUNIT_EXPECT_NULL(p->test, current->mm->mm_autonuma);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);

	/* Memory is back: it takes part. */
	inject_clear(handle);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 4);
}

static void without_memory_for_statistics_a_process_just_runs(struct kunit *test)
{
	run_prog(test, 0, cannot_be_registered, NULL);
}

static int thread_on_mm(void *arg)
{
	user_compute(40 * SEC);
	return 0;
}

/* The leader exits first; its threads' memory is still scanned. */
static void leader_leaves(struct prog *p)
{
	map_and_write(p, 4);
	KUNIT_EXPECT_GT(p->test, sys_clone_thread(thread_on_mm, NULL, -1), 0);
}

static void threads_outlive_their_leader(struct kunit *test)
{
	run_prog(test, 0, leader_leaves, NULL);
}

static void many_processes(struct kunit *test)
{
	struct task_struct *t[40];
	struct prog p[40];
	int i;

	for (i = 0; i < 40; i++) {
		p[i] = (struct prog){ .test = test, .fn = exits_registered };
		t[i] = program_start_on(i & 7, "prog", prog_main, &p[i]);
		KUNIT_ASSERT_NOT_NULL(test, t[i]);
	}
	for (i = 0; i < 40; i++)
		KUNIT_EXPECT_EQ(test, program_wait(t[i]), 0);
	KUNIT_EXPECT_TRUE(test, autonuma_registry_empty());
}

static void more_processes_than_one_walk_registers(struct kunit *test)
{
	many_processes(test);
}

static struct kunit_case life_cases[] = {
	KUNIT_CASE(a_process_is_registered_when_it_is_old_enough),
	KUNIT_CASE(a_sleeping_daemon_holds_no_mm),
	KUNIT_CASE(exit_takes_an_mm_off_the_registry),
	KUNIT_CASE(exit_may_come_at_any_moment_of_a_scan),
	KUNIT_CASE(exec_forgets_the_statistics),
	KUNIT_CASE(children_inherit_if_the_knob_says_so),
	KUNIT_CASE(short_lived_processes_cost_no_allocation),
	KUNIT_CASE(without_memory_for_statistics_a_process_just_runs),
	KUNIT_CASE(threads_outlive_their_leader),
	KUNIT_CASE(more_processes_than_one_walk_registers),
	{}
};

static struct kunit_suite life_suite = {
	.name = "autonuma-life",
	.test_cases = life_cases,
};
kunit_test_suite(life_suite);
