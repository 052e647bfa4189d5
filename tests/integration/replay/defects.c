// SPDX-License-Identifier: GPL-2.0
/*
 * Six concurrency defects of rising depth, each among four or five tasks, to compare
 * strategies by; and their twins without the defect. `make bench` prints the schedules to
 * the first hit.
 */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <asm/processor.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <machine/machine.h>
#include <machine/replay.h>

#define MAX_TASKS	5

static struct kunit *the_test;
static bool right;			/* without the defect */
static struct completion done[MAX_TASKS];
static unsigned long own[MAX_TASKS];	/* what nobody else touches */
static void (*body[MAX_TASKS])(void);

/* Work that concerns nobody: points among which those that matter are hidden. */
static void work(unsigned int n)
{
	while (n--)
		WRITE_ONCE(own[smp_processor_id() % MAX_TASKS], n);
}

static void bystander(void)
{
	work(25);
}

static int task_main(void *which)
{
	long i = (long)which;

	work(3 * i);
	body[i]();
	complete(&done[i]);
	return 0;
}

/* Each on a CPU of its own, to their ends. */
static void run(struct kunit *test, unsigned int nr, void (*const *bodies)(void))
{
	struct task_struct *task[MAX_TASKS];

	the_test = test;
	for (unsigned long i = 0; i < nr; i++) {
		body[i] = bodies[i];
		init_completion(&done[i]);
		task[i] = kthread_create(task_main, (void *)i, "defect/%ld", i);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task[i]);
		kthread_bind(task[i], i);
	}
	replay_begin();
	for (unsigned int i = 0; i < nr; i++)
		wake_up_process(task[i]);
	for (unsigned int i = 0; i < nr; i++)
		wait_for_completion(&done[i]);
	replay_end();
}

/* A count that is read and written, not incremented. */
static atomic_t count;

static void take_reference(void)
{
	work(10);
	if (right)
		atomic_inc(&count);
	else
		atomic_set(&count, atomic_read(&count) + 1);
	work(10);
}

static void lost_update(struct kunit *test)
{
	static void (*const bodies[])(void) = {
		take_reference, take_reference, bystander, take_reference,
	};

	atomic_set(&count, 0);
	run(test, ARRAY_SIZE(bodies), bodies);
	KUNIT_EXPECT_EQ(test, atomic_read(&count), 3);
}

/* Two locks, taken in both orders. */
static DEFINE_MUTEX(lock_a);
static DEFINE_MUTEX(lock_b);

static void a_then_b(void)
{
	work(10);
	mutex_lock(&lock_a);
	mutex_lock_nested(&lock_b, SINGLE_DEPTH_NESTING);
	mutex_unlock(&lock_b);
	mutex_unlock(&lock_a);
	work(10);
}

static void b_then_a(void)
{
	if (right) {
		a_then_b();
		return;
	}
	work(10);
	/* Lockdep would tell at once, in any schedule. */
	while (!mutex_trylock(&lock_b))
		cpu_relax();
	mutex_lock_nested(&lock_a, SINGLE_DEPTH_NESTING);
	mutex_unlock(&lock_a);
	mutex_unlock(&lock_b);
	work(10);
}

static void abba(struct kunit *test)
{
	static void (*const bodies[])(void) = { a_then_b, bystander, bystander, b_then_a };

	run(test, ARRAY_SIZE(bodies), bodies);
}

/* A page: who owns it, and how often it is referenced. Entry 0 is none. */
static unsigned long entry, owner;
static atomic_t references;

static void map_page(void)
{
	entry = 1;
	owner = 1;
	atomic_set(&references, 1);
}

/* As GUP-fast: a reference by way of an entry that may be gone by now. */
static void get_by_entry(void)
{
	work(5);
	if (!READ_ONCE(entry) || !atomic_inc_not_zero(&references))
		return;
	if (!right || READ_ONCE(entry))
		KUNIT_EXPECT_EQ(the_test, READ_ONCE(owner), 1UL);
	atomic_dec(&references);
	work(5);
}

static void unmap_page(void)
{
	work(8);
	WRITE_ONCE(entry, 0);
	if (atomic_dec_and_test(&references))
		WRITE_ONCE(owner, 0);
	work(8);
}

static void reuse_page(void)
{
	for (int i = 0; i < 12; i++) {
		if (!READ_ONCE(owner)) {
			WRITE_ONCE(owner, 2);
			atomic_set(&references, 1);
			break;
		}
	}
}

static void unchecked_entry(struct kunit *test)
{
	static void (*const bodies[])(void) = { unmap_page, get_by_entry, reuse_page, bystander };

	map_page();
	run(test, ARRAY_SIZE(bodies), bodies);
}

/* A sleeper that looks before it says that it sleeps. */
static struct task_struct *sleeper;
static unsigned long condition;

static void sleep_until_woken(void)
{
	work(5);
	WRITE_ONCE(sleeper, current);
	for (;;) {
		if (right)
			set_current_state(TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(condition))
			break;
		if (!right)
			set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

static void wake_sleeper(void)
{
	struct task_struct *p;

	work(20);
	WRITE_ONCE(condition, 1);
	p = READ_ONCE(sleeper);
	if (p)
		wake_up_process(p);
}

static void lost_wake_up(struct kunit *test)
{
	static void (*const bodies[])(void) = {
		bystander, sleep_until_woken, wake_sleeper, bystander,
	};

	sleeper = NULL;
	condition = 0;
	run(test, ARRAY_SIZE(bodies), bodies);
}

/*
 * A CPU says that its translations must be flushed only after it has loaded one. Who takes
 * the page away in between flushes nothing, and what is written by the old translation
 * lands in the page of the next owner.
 */
static unsigned long active, flushed, contents;

static void write_by_translation(void)
{
	bool translated;

	if (right)
		WRITE_ONCE(active, 1);
	translated = READ_ONCE(entry);
	work(4);
	if (!right)
		WRITE_ONCE(active, 1);
	work(4);
	if (translated && !READ_ONCE(flushed))
		WRITE_ONCE(contents, 1);
	WRITE_ONCE(active, 0);
}

static void unmap_with_flush(void)
{
	work(4);
	WRITE_ONCE(entry, 0);
	if (READ_ONCE(active)) {
		WRITE_ONCE(flushed, 1);
		while (READ_ONCE(active))
			cpu_relax();
	}
	WRITE_ONCE(owner, 0);
	work(4);
}

static void own_next(void)
{
	work(6);
	if (READ_ONCE(owner))
		return;
	WRITE_ONCE(owner, 2);
	WRITE_ONCE(contents, 2);
	work(6);
	KUNIT_EXPECT_EQ(the_test, READ_ONCE(contents), 2UL);
}

static void stale_translation(struct kunit *test)
{
	static void (*const bodies[])(void) = {
		write_by_translation, unmap_with_flush, own_next, bystander,
	};

	map_page();
	active = 0;
	flushed = 0;
	contents = 0;
	run(test, ARRAY_SIZE(bodies), bodies);
}

/* Seen only by who looks twice, each time in another of two short moments. */
static unsigned long state;

static void pass_through_states(void)
{
	work(4);
	WRITE_ONCE(state, 1);
	work(2);
	WRITE_ONCE(state, 0);
	work(4);
	WRITE_ONCE(state, right ? 0 : 2);
	work(2);
	WRITE_ONCE(state, 0);
	work(4);
}

static void look_twice(void)
{
	bool first;

	work(4);
	first = READ_ONCE(state) == 1;
	work(4);
	KUNIT_EXPECT_FALSE(the_test, first && READ_ONCE(state) == 2);
}

static void three_preemptions(struct kunit *test)
{
	static void (*const bodies[])(void) = {
		pass_through_states, look_twice,
	};

	state = 0;
	run(test, ARRAY_SIZE(bodies), bodies);
}

static struct kunit_case defect_cases[] = {
	KUNIT_CASE(lost_update),
	KUNIT_CASE(abba),
	KUNIT_CASE(unchecked_entry),
	KUNIT_CASE(lost_wake_up),
	KUNIT_CASE(stale_translation),
	KUNIT_CASE(three_preemptions),
	{}
};

static int with_defect(struct kunit *test)
{
	right = false;
	return 0;
}

static int without_defect(struct kunit *test)
{
	right = true;
	return 0;
}

static const struct machine_config config = {
	.nr_nodes = 1, .nr_cpus = 5, .cmdline = "noautonuma",
};

static struct kunit_suite defect_suite = {
	.name = "defect",
	.init = with_defect,
	.test_cases = defect_cases,
};
kunit_machine_config(defect_suite, config);

/* A copy: a case's state is its own. */
static struct kunit_case right_cases[ARRAY_SIZE(defect_cases)];

static struct kunit_suite right_suite = {
	.name = "right",
	.init = without_defect,
	.test_cases = right_cases,
};
kunit_machine_config(right_suite, config);

static void __attribute__((constructor)) copy_cases(void)
{
	memcpy(right_cases, defect_cases, sizeof(right_cases));
}

kunit_test_suites(&defect_suite, &right_suite);
