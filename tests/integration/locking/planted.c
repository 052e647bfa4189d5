// SPDX-License-Identifier: GPL-2.0
/* Programs that get stuck, for stuck.py. No case of these passes. */
#include <kunit/test.h>
#include <linux/bit_spinlock.h>
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/sched.h>
#include <asm/processor.h>

static struct mutex first, second;
static struct completion ready, begun;
static bool never;

static void init_locks(void)
{
	mutex_init(&first);
	mutex_init(&second);
	/* Else lockdep tells before it happens. */
	lockdep_set_novalidate_class(&first);
	lockdep_set_novalidate_class(&second);
	init_completion(&ready);
	init_completion(&begun);
}

static int second_then_first(void *unused)
{
	mutex_lock(&second);
	complete(&ready);
	wait_for_completion(&begun);
	mutex_lock(&first);
	return 0;
}

static void two_orders(struct kunit *test)
{
	init_locks();
	kthread_run(second_then_first, NULL, "planted");
	mutex_lock(&first);
	wait_for_completion(&ready);
	complete(&begun);
	mutex_lock(&second);
}

static void lost_wake_up(struct kunit *test)
{
	init_locks();
	wait_for_completion(&ready);
}

static int holds_and_spins(void *unused)
{
	mutex_lock(&first);
	while (!READ_ONCE(never))
		cpu_relax();
	return 0;
}

static void endless(struct kunit *test)
{
	init_locks();
	kthread_run(holds_and_spins, NULL, "planted");
	while (!READ_ONCE(never))
		cpu_relax();
}

static void endless_behind_the_test(struct kunit *test)
{
	init_locks();
	kthread_run(holds_and_spins, NULL, "planted");
}

static int reads_and_spins(void *unused)
{
	rcu_read_lock_bh();
	complete(&ready);
	while (!READ_ONCE(never))
		cpu_relax();
	return 0;
}

static void endless_reader(struct kunit *test)
{
	init_locks();
	kthread_run_on_cpu(reads_and_spins, NULL, 1, "planted/%u");
	wait_for_completion(&ready);
	synchronize_rcu();
}

/* What is held is listed when a violation ends the program. */
static void holds_all_kinds(struct kunit *test)
{
	static DEFINE_RWLOCK(shared);
	static DEFINE_SPINLOCK(inner);
	static unsigned long word;

	read_lock(&shared);
	bit_spin_lock(5, &word);
	spin_lock(&inner);
	BUG();
}

static struct kunit_case stuck_cases[] = {
	KUNIT_CASE(two_orders),
	KUNIT_CASE(lost_wake_up),
	KUNIT_CASE(endless),
	KUNIT_CASE(endless_behind_the_test),
	KUNIT_CASE(endless_reader),
	KUNIT_CASE(holds_all_kinds),
	{}
};

static struct kunit_suite stuck_suite = {
	.name = "stuck",
	.test_cases = stuck_cases,
};
/* Without daemons, whose timers would keep the machine going. */
static const struct machine_config stuck_machine = {
	.nr_nodes = 1,
	.nr_cpus = 2,
	.cmdline = "noautonuma",
};
kunit_machine_config(stuck_suite, stuck_machine);
kunit_test_suite(stuck_suite);
