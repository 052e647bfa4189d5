// SPDX-License-Identifier: GPL-2.0
/*
 * The registry: exits on their way, shared and borrowed address spaces, many processes,
 * and who inherits what.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/math64.h>
#include <linux/sched/task.h>
#include <exec/vcpu.h>
#include <machine/inject.h>

#include "core_test.h"

/* How old a process is when it becomes known. */
#define OF_AGE	(500 * MSEC)

/* A process that lives until it is told to end. */
struct companion {
	struct prog prog;
	bool end;
};

static void keeps_company(struct prog *p)
{
	struct companion *c = container_of(p, struct companion, prog);

	map_and_write(p, 4);
	while (!smp_load_acquire(&c->end))
		user_compute(100 * MSEC);
}

static struct task_struct *start_companion(struct kunit *test, struct companion *c, int nid)
{
	struct task_struct *t;

	*c = (struct companion){ .prog = { .test = test, .fn = keeps_company } };
	t = program_start_on(cpu_of(nid), "companion", prog_main, &c->prog);
	KUNIT_ASSERT_NOT_NULL(test, t);
	return t;
}

static void end_companion(struct kunit *test, struct companion *c, struct task_struct *t)
{
	smp_store_release(&c->end, true);
	KUNIT_EXPECT_EQ(test, program_wait(t), 0);
}

static struct task_struct *find_task(const char *comm)
{
	struct task_struct *p, *found = NULL;

	rcu_read_lock();
	for_each_process(p) {
		if (!strcmp(p->comm, comm))
			found = p;
	}
	rcu_read_unlock();
	return found;
}

/*
 * Of two registered mms one has no user left, but its exit has not come to the registry
 * yet. Imitated by taking the count away for a moment in which nobody else runs.
 */
static void skip_exiting(struct prog *p, struct mm_struct *exiting, struct mm_struct *other,
			 unsigned long pass)
{
	int users = atomic_xchg(&exiting->mm_users, 0);
	struct mm_autonuma *mma = autonuma_next_mm(pass);

	KUNIT_EXPECT_PTR_EQ(p->test, mma, other->mm_autonuma);
	if (mma) {
		KUNIT_EXPECT_EQ(p->test, atomic_read(&other->mm_users), 2);
		autonuma_mm_done(mma, pass);
		mmput(other);
	}
	KUNIT_EXPECT_NULL(p->test, autonuma_next_mm(pass));
	KUNIT_EXPECT_EQ(p->test, atomic_read(&exiting->mm_users), 0);
	atomic_set(&exiting->mm_users, users);
}

static void meets_exits(struct prog *p)
{
	unsigned long pass = ULONG_MAX / 2;
	struct mm_struct *mm = current->mm, *other;
	struct companion c;
	struct task_struct *t;

	t = start_companion(p->test, &c, 1);
	map_and_write(p, 4);
	wait_for_passes(p, 2);
	other = READ_ONCE(t->mm);
	KUNIT_EXPECT_NOT_NULL(p->test, other->mm_autonuma);
	/* Each of them once when it is the first in the list, and once when it is not. */
	skip_exiting(p, mm, other, pass);
	skip_exiting(p, other, mm, pass + 1);
	skip_exiting(p, other, mm, pass + 2);
	skip_exiting(p, mm, other, pass + 3);
	skip_exiting(p, mm, other, pass + 4);

	/* Nobody is left. */
	atomic_set(&mm->mm_users, 0);
	atomic_set(&other->mm_users, 0);
	KUNIT_EXPECT_NULL(p->test, autonuma_next_mm(pass + 5));
	atomic_set(&mm->mm_users, 1);
	atomic_set(&other->mm_users, 1);
	wait_for_passes(p, 1);
	end_companion(p->test, &c, t);
}

static void a_pass_goes_past_an_mm_that_is_exiting(struct kunit *test)
{
	run_prog(test, 0, meets_exits, NULL);
}

static int shares_mm(void *arg)
{
	user_compute(15 * SEC);
	return 0;
}

/* Like vfork(): another process, the same mm. */
static void has_sharing_child(struct prog *p)
{
	struct kernel_clone_args args = {
		.flags = CLONE_VM, .fn = shares_mm, .node = NUMA_NO_NODE, .cpu = -1,
	};
	struct task_struct *t;
	pid_t pid;

	trace_enable("autonuma_*");
	map_and_write(p, 4);
	t = copy_process_model(&args);
	KUNIT_EXPECT_FALSE(p->test, IS_ERR(t));
	pid = t->pid;
	KUNIT_EXPECT_PTR_EQ(p->test, t->mm, current->mm);
	KUNIT_EXPECT_PTR_NE(p->test, t->signal, current->signal);
	wake_up_new_task(t);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_scan_mm"), 1);
	KUNIT_EXPECT_EQ(p->test, atomic_read(&current->mm->mm_users), 2);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
}

static void an_mm_of_two_processes_is_registered_once(struct kunit *test)
{
	run_prog(test, 0, has_sharing_child, NULL);
	KUNIT_EXPECT_TRUE(test, autonuma_registry_empty());
}

static int idle_thread(void *arg)
{
	user_compute(20 * SEC);
	return 0;
}

static void has_threads(struct prog *p)
{
	long tid[2];
	int i;

	map_and_write(p, 4);
	for (i = 0; i < 2; i++)
		tid[i] = sys_clone_thread(idle_thread, p, cpu_of(i + 1));
	wait_for_passes(p, 1);
	user_compute(SEC);
	KUNIT_EXPECT_NOT_NULL(p->test, current->mm->mm_autonuma);
	KUNIT_EXPECT_EQ(p->test, atomic_read(&current->mm->mm_users), 3);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(p->test, sys_wait4(tid[i]), 0);
	KUNIT_EXPECT_EQ(p->test, atomic_read(&current->mm->mm_users), 1);
}

static void finding_a_process_keeps_no_reference(struct kunit *test)
{
	run_prog(test, 0, has_threads, NULL);
}

static int outlives_leader(void *arg)
{
	struct prog p = *(struct prog *)arg;

	wait_for_passes(&p, 1);
	KUNIT_EXPECT_NULL(p.test, READ_ONCE(current->group_leader->mm));
	KUNIT_EXPECT_NOT_NULL(p.test, current->mm->mm_autonuma);
	KUNIT_EXPECT_NOT_NULL(p.test, current->task_autonuma);
	KUNIT_EXPECT_EQ(p.test, marked_pages(&p), 4);
	return 0;
}

/* What run_prog() keeps on its stack is gone with the leader. */
static struct prog leader;

static void leaves_thread(struct prog *p)
{
	map_and_write(p, 4);
	leader = *p;
	KUNIT_EXPECT_GT(p->test, sys_clone_thread(outlives_leader, &leader, -1), 0);
}

static void a_process_whose_leader_exited_is_scanned(struct kunit *test)
{
	run_prog(test, 0, leaves_thread, NULL);
}

static void is_one_of_many(struct prog *p)
{
	map_and_write(p, 1);
	wait_for_passes(p, 2);
	KUNIT_EXPECT_NOT_NULL(p->test, current->mm->mm_autonuma);
	wait_for_passes(p, 1);
}

#define MANY	40

static void run_many(struct kunit *test, void (*fn)(struct prog *p))
{
	struct prog *p = kunit_kcalloc(test, MANY, sizeof(*p), GFP_KERNEL);
	struct task_struct *t[MANY];
	int i;

	KUNIT_ASSERT_NOT_NULL(test, p);
	for (i = 0; i < MANY; i++) {
		p[i] = (struct prog){ .test = test, .fn = fn };
		t[i] = program_start_on(i & 7, "prog", prog_main, &p[i]);
		KUNIT_ASSERT_NOT_NULL(test, t[i]);
	}
	for (i = 0; i < MANY; i++)
		KUNIT_EXPECT_EQ(test, program_wait(t[i]), 0);
}

/* A walk registers 16 at most; there are as many walks as it takes, without a pause. */
static void many_processes_are_registered_at_once(struct kunit *test)
{
	run_many(test, is_one_of_many);
	KUNIT_EXPECT_TRUE(test, autonuma_registry_empty());
}

static void is_not_registered(struct prog *p)
{
	user_compute(8 * SEC);
	KUNIT_EXPECT_NULL(p->test, current->mm->mm_autonuma);
}

/* More processes than one walk registers, and none can be: the daemon does not spin. */
static void without_memory_the_daemon_tries_once_a_pause(struct kunit *test)
{
	int handle = inject_set((struct inject_rule) {
		.sites = 1 << INJECT_SLAB, .per_million = 1000000,
		.task = find_task("knuma_scand"),
	});
	u64 begin = ktime_get_ns(), seconds;

	run_many(test, is_not_registered);
	seconds = div_u64(ktime_get_ns() - begin, NSEC_PER_SEC);
	KUNIT_EXPECT_GT(test, inject_failed(handle), 16);
	KUNIT_EXPECT_LE(test, inject_failed(handle), (2 * seconds + 10) * 16);
	inject_clear(handle);
}

static int grows_up(void *arg)
{
	struct prog *p = arg;
	u64 age;

	while (!READ_ONCE(current->mm->mm_autonuma)) {
		user_compute(10 * MSEC);
		age = ktime_get_ns() - current->start_time;
		if (age > 3 * SEC)
			break;
	}
	age = ktime_get_ns() - current->start_time;
	KUNIT_EXPECT_GE(p->test, age, OF_AGE);
	KUNIT_EXPECT_LE(p->test, age, OF_AGE + 200 * MSEC);
	return 0;
}

/* The daemon walks every 50 ms. */
static void has_young_child(struct prog *p)
{
	long pid;

	map_and_write(p, 4);
	wait_for_passes(p, 1);
	scan_steadily(p->test, 5);
	wait_for_passes(p, 3);
	pid = sys_fork(grows_up, p);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
}

static void nothing_younger_than_half_a_second_is_registered(struct kunit *test)
{
	run_prog(test, 0, has_young_child, NULL);
}

/* Passes are ten seconds apart, but the daemon looks when somebody comes of age. */
static void has_child_between_passes(struct prog *p)
{
	long pid;

	map_and_write(p, 4);
	wait_for_passes(p, 1);
	user_compute(700 * MSEC);
	pid = sys_fork(grows_up, p);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
}

static void nobody_waits_for_the_passes_of_others(struct kunit *test)
{
	run_prog(test, 0, has_child_between_passes, NULL);
}

/* As the daemon does, which has looked at all and sleeps meanwhile: one nanosecond decides. */
static void comes_of_age(struct prog *p)
{
	unsigned int look;

	msleep(10);
	synchronize_rcu();	/* what it read was before what is written now */
	current->start_time = ktime_get_ns() - OF_AGE + 1;
	autonuma_find_processes(&look);
	KUNIT_EXPECT_NULL(p->test, current->mm->mm_autonuma);
	current->start_time = ktime_get_ns() - OF_AGE;
	autonuma_find_processes(&look);
	KUNIT_EXPECT_NOT_NULL(p->test, current->mm->mm_autonuma);
}

/* When to look again is told in ms: when the next one is of age, but not at once. */
static void grows(struct prog *p)
{
	unsigned int look;

	msleep(10);
	synchronize_rcu();
	current->start_time = ktime_get_ns() - 200 * MSEC;
	autonuma_find_processes(&look);
	KUNIT_EXPECT_EQ(p->test, look, 300U);
	current->start_time = ktime_get_ns() - 450 * MSEC;
	autonuma_find_processes(&look);
	KUNIT_EXPECT_EQ(p->test, look, 100U);
	current->start_time = ktime_get_ns() - OF_AGE;
	autonuma_find_processes(&look);
	KUNIT_EXPECT_EQ(p->test, look, 500U);
}

static void the_next_look_is_when_the_next_one_is_of_age(struct kunit *test)
{
	run_prog(test, 0, grows, NULL);
}

static void a_process_is_registered_at_the_age_of_half_a_second(struct kunit *test)
{
	run_prog(test, 0, comes_of_age, NULL);
}

struct borrower {
	struct mm_struct *mm;
	struct task_struct *task;
	unsigned long passes;
};

static int borrow_mm(void *arg)
{
	struct borrower *b = arg;
	unsigned long until = count_of(AUTONUMA_FULL_SCANS) + b->passes;

	kthread_use_mm(b->mm);
	while (count_of(AUTONUMA_FULL_SCANS) < until && !kthread_should_stop())
		schedule_timeout_interruptible(msecs_to_jiffies(100));
	kthread_unuse_mm(b->mm);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(msecs_to_jiffies(100));
	return 0;
}

static void lends_mm(struct prog *p)
{
	struct borrower b = { .mm = current->mm, .passes = 2 };

	map_and_write(p, 4);
	wait_for_passes(p, 1);
	b.task = kthread_run(borrow_mm, &b, "borrower");
	KUNIT_EXPECT_FALSE(p->test, IS_ERR(b.task));
	wait_for_passes(p, 2);
	KUNIT_EXPECT_NULL(p->test, b.task->task_autonuma);
	KUNIT_EXPECT_NOT_NULL(p->test, current->task_autonuma);
	kthread_stop(b.task);
}

static void a_kernel_thread_has_no_statistics(struct kunit *test)
{
	run_prog(test, 0, lends_mm, NULL);
}

/* The mm is the child's, which is young; the thread that uses it is as old as the boot. */
static int lends_young_mm(void *arg)
{
	struct prog *p = arg;

	smp_store_release((struct mm_struct **)p->arg, current->mm);
	user_compute(300 * MSEC);
	KUNIT_EXPECT_NULL(p->test, current->mm->mm_autonuma);
	smp_store_release((struct mm_struct **)p->arg, NULL);
	user_compute(400 * MSEC);
	return 0;
}

static int use_any_mm(void *arg)
{
	struct mm_struct **shared = arg, *mm;

	while (!kthread_should_stop()) {
		mm = smp_load_acquire(shared);
		if (mm) {
			kthread_use_mm(mm);
			while (smp_load_acquire(shared))
				schedule_timeout_interruptible(msecs_to_jiffies(10));
			kthread_unuse_mm(mm);
		}
		schedule_timeout_interruptible(msecs_to_jiffies(10));
	}
	return 0;
}

static void has_lending_child(struct prog *p)
{
	struct mm_struct *mm = NULL;
	struct task_struct *t = kthread_run(use_any_mm, &mm, "borrower");
	long pid;

	KUNIT_EXPECT_FALSE(p->test, IS_ERR(t));
	p->arg = &mm;
	map_and_write(p, 4);
	wait_for_passes(p, 1);
	scan_steadily(p->test, 5);
	wait_for_passes(p, 3);
	pid = sys_fork(lends_young_mm, p);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
	kthread_stop(t);
}

static void a_kernel_thread_makes_no_process_old(struct kunit *test)
{
	run_prog(test, 0, has_lending_child, NULL);
}

/* mm_autonuma of an mm that somebody keeps beyond its process. */
static void an_mm_without_users_knows_nothing_more(struct kunit *test)
{
	struct companion c;
	struct task_struct *t = start_companion(test, &c, 1);
	struct mm_struct *mm = get_task_mm(t);

	while (!READ_ONCE(mm->mm_autonuma))
		schedule_timeout_interruptible(msecs_to_jiffies(100));
	mmgrab(mm);
	mmput(mm);
	end_companion(test, &c, t);
	machine_quiesce();
	KUNIT_EXPECT_EQ(test, atomic_read(&mm->mm_users), 0);
	KUNIT_EXPECT_NULL(test, mm->mm_autonuma);
	mmdrop(mm);
}

static unsigned long faults_of(struct task_struct *t, unsigned long *by_node)
{
	return counts_read(&t->task_autonuma->faults, by_node);
}

static int is_new_program(void *arg)
{
	struct prog *p = arg;
	unsigned long by_node[4];
	int limit = 200;

	while (!READ_ONCE(current->task_autonuma) && limit--)
		user_compute(100 * MSEC);
	KUNIT_EXPECT_NOT_NULL(p->test, current->task_autonuma);
	KUNIT_EXPECT_EQ(p->test, faults_of(current, by_node), 0);
	return 0;
}

static int executes(void *arg)
{
	sys_execve("new", is_new_program, arg);
	return 1;
}

static void has_counts(struct prog *p)
{
	unsigned long by_node[4];
	int i;

	set_knob(p->test, "migrate_allow_first_fault", "0");
	map_and_write(p, 512);
	for (i = 0; i < 4; i++) {
		wait_for_passes(p, 1);
		touch_all(p);
	}
	KUNIT_EXPECT_GT(p->test, faults_of(current, by_node), 500);
}

static void has_executing_child(struct prog *p)
{
	long pid;

	has_counts(p);
	pid = sys_fork(executes, p);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
}

static void another_program_inherits_nothing(struct kunit *test)
{
	run_prog(test, 0, has_executing_child, NULL);
}

/* Inherited counts are of now: the first fault does not age them. */
static int counts_on(void *arg)
{
	struct prog *p = arg;
	unsigned long by_node[4], inherited;
	int limit = 200;
	u64 val;

	while (!READ_ONCE(current->task_autonuma) && limit--)
		user_compute(100 * MSEC);
	KUNIT_EXPECT_NOT_NULL(p->test, current->task_autonuma);
	inherited = faults_of(current, by_node);
	KUNIT_EXPECT_GT(p->test, inherited, 100);
	KUNIT_EXPECT_EQ(p->test, inherited, current->task_autonuma->faults.total);
	while (!marked_at(p->addr))
		user_compute(10 * MSEC);
	KUNIT_EXPECT_EQ(p->test, user_read64(p->addr, &val), 0);
	KUNIT_EXPECT_GE(p->test, faults_of(current, by_node), inherited / 2);
	return 0;
}

static void has_counting_thread(struct prog *p)
{
	long tid;

	has_counts(p);
	KUNIT_EXPECT_GE(p->test, current->mm->mm_autonuma->passes, 4);
	set_knob(p->test, "scan_pmd", "0");
	tid = sys_clone_thread(counts_on, p, -1);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(tid), 0);
}

static void inherited_counts_are_of_now(struct kunit *test)
{
	run_prog(test, 0, has_counting_thread, NULL);
}

/* Numbers that share a place in the hash with its own. */
static void is_found_by_its_number(struct prog *p)
{
	struct mm_autonuma *mma, *found;
	unsigned long id, nr_found = 0;

	map_and_write(p, 1);
	wait_for_passes(p, 1);
	mma = current->mm->mm_autonuma;
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(p->test, autonuma_find_mm(mma->id), mma);
	for (id = 0; id < 5000; id++) {
		found = autonuma_find_mm(id);
		nr_found += found && id != found->id;
	}
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(p->test, nr_found, 0);
}

static void an_mm_is_found_by_its_own_number_only(struct kunit *test)
{
	run_prog(test, 0, is_found_by_its_number, NULL);
}

static struct kunit_case registry_cases[] = {
	KUNIT_CASE(an_mm_is_found_by_its_own_number_only),
	KUNIT_CASE(a_pass_goes_past_an_mm_that_is_exiting),
	KUNIT_CASE(an_mm_of_two_processes_is_registered_once),
	KUNIT_CASE(finding_a_process_keeps_no_reference),
	KUNIT_CASE(a_process_whose_leader_exited_is_scanned),
	KUNIT_CASE(many_processes_are_registered_at_once),
	KUNIT_CASE(without_memory_the_daemon_tries_once_a_pause),
	KUNIT_CASE(nothing_younger_than_half_a_second_is_registered),
	KUNIT_CASE(nobody_waits_for_the_passes_of_others),
	KUNIT_CASE(a_process_is_registered_at_the_age_of_half_a_second),
	KUNIT_CASE(the_next_look_is_when_the_next_one_is_of_age),
	KUNIT_CASE(a_kernel_thread_has_no_statistics),
	KUNIT_CASE(a_kernel_thread_makes_no_process_old),
	KUNIT_CASE(an_mm_without_users_knows_nothing_more),
	KUNIT_CASE(another_program_inherits_nothing),
	KUNIT_CASE(inherited_counts_are_of_now),
	{}
};

static struct kunit_suite registry_suite = {
	.name = "autonuma-registry",
	.test_cases = registry_cases,
};
kunit_test_suite(registry_suite);
