// SPDX-License-Identifier: GPL-2.0
/*
 * planted-races CASE [STRATEGY]: programs with a data race, and their twins without one.
 *
 * The machine's own synchronisation must not order what the kernel does not promise to
 * order, or TSan could not see races of the code under test. planted_races.py runs
 * each case and looks for the report. Tasks meet by relaxed accesses only, which order
 * nothing; the planted access is one function, so that the report can be told. With a
 * strategy they run on the engine "replay".
 */
#include <stdio.h>
#include <string.h>

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>
#include <asm/processor.h>
#include <machine/machine.h>
#include <machine/replay.h>

#define ROUNDS	200

static unsigned long planted;		/* what is raced for */
static unsigned long turn[2];		/* rounds each of a pair has begun */
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);

static noinline void planted_access(void)
{
	planted++;
}

/* Begin the next round together with the other of a pair, unordered. */
static void meet(int me)
{
	unsigned long round = READ_ONCE(turn[me]) + 1;

	WRITE_ONCE(turn[me], round);
	while (READ_ONCE(turn[!me]) < round)
		cpu_relax();
}

static int inside_the_lock(void *me)
{
	for (int i = 0; i < ROUNDS; i++) {
		meet((long)me);
		spin_lock(&lock);
		planted_access();
		spin_unlock(&lock);
	}
	return 0;
}

static int beside_the_lock(void *me)
{
	for (int i = 0; i < ROUNDS; i++) {
		meet((long)me);
		spin_lock(&lock);
		spin_unlock(&lock);
		planted_access();
	}
	return 0;
}

static int inside_the_mutex(void *me)
{
	for (int i = 0; i < ROUNDS; i++) {
		meet((long)me);
		mutex_lock(&mutex);
		planted_access();
		mutex_unlock(&mutex);
	}
	return 0;
}

static int beside_the_mutex(void *me)
{
	for (int i = 0; i < ROUNDS; i++) {
		meet((long)me);
		mutex_lock(&mutex);
		mutex_unlock(&mutex);
		planted_access();
	}
	return 0;
}

/* The two share a CPU, which each gives to the other between its accesses. */
static int around_a_hand_over(void *me)
{
	for (int i = 0; i < ROUNDS; i++) {
		preempt_disable();
		planted_access();
		preempt_enable();
		yield();
	}
	return 0;
}

/* The two have a CPU each, and give it to nobody. */
static int around_hand_overs_of_two_cpus(void *me)
{
	for (int i = 0; i < ROUNDS; i++) {
		meet((long)me);
		planted_access();
		yield();
	}
	return 0;
}

/* At moments of virtual time that differ, so one of the two always sleeps meanwhile. */
static int at_different_times(void *me)
{
	usleep_range(100 + 100 * (long)me, 100 + 100 * (long)me);
	for (int i = 0; i < 10; i++) {
		planted_access();
		usleep_range(200, 200);
	}
	return 0;
}

/* Access until told to stop, and once more. */
static int until_stopped(void *unused)
{
	WRITE_ONCE(turn[1], 1);
	while (!kthread_should_stop())
		cpu_relax();
	planted_access();
	return 0;
}

static int once_and_wait_for_stop(void *unused)
{
	planted_access();
	WRITE_ONCE(turn[1], 1);
	set_current_state(TASK_INTERRUPTIBLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_INTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* Awake all the time: a wake-up says nothing to it. */
static int awake(void *unused)
{
	WRITE_ONCE(turn[1], 1);
	while (!READ_ONCE(turn[0]))
		cpu_relax();
	planted_access();
	while (!kthread_should_stop())
		cpu_relax();
	return 0;
}

static int asleep(void *unused)
{
	WRITE_ONCE(turn[1], 1);
	set_current_state(TASK_UNINTERRUPTIBLE);
	while (!READ_ONCE(turn[0])) {
		schedule();
		set_current_state(TASK_UNINTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
	planted_access();
	while (!kthread_should_stop())
		cpu_relax();
	return 0;
}

static DECLARE_COMPLETION(go);		/* all were started */

struct racer {
	int (*fn)(void *arg);
	long me;
	struct completion begun;
};

static int racer_main(void *arg)
{
	struct racer *r = arg;
	int (*fn)(void *arg) = r->fn;
	long me = r->me;

	complete(&r->begun);
	wait_for_completion(&go);
	return fn((void *)me);
}

/*
 * Returns when the thread runs: one that is stopped before that never does. It goes on
 * at go, so that it does not spin, and pay for it, until the other is there.
 */
static struct task_struct *start(int (*fn)(void *arg), long me, int cpu)
{
	struct racer r = { .fn = fn, .me = me };
	struct task_struct *p = kthread_create(racer_main, &r, "racer/%ld", me);

	if (IS_ERR(p))
		return NULL;
	init_completion(&r.begun);
	get_task_struct(p);
	kthread_bind(p, cpu);
	wake_up_process(p);
	wait_for_completion(&r.begun);
	return p;
}

/* Two tasks at once, on one CPU or on two. */
static int pair(int (*fn)(void *arg), int cpu0, int cpu1)
{
	struct task_struct *a = start(fn, 0, cpu0), *b = start(fn, 1, cpu1);

	if (!a || !b)
		return 1;
	complete_all(&go);
	kthread_stop_put(a);
	kthread_stop_put(b);
	return 0;
}

static void wait_for_begin(void)
{
	while (!READ_ONCE(turn[1]))
		cpu_relax();
}

static int run_inside_spinlock(void)	{ return pair(inside_the_lock, 1, 2); }
static int run_beside_spinlock(void)	{ return pair(beside_the_lock, 1, 2); }
static int run_inside_mutex(void)	{ return pair(inside_the_mutex, 1, 2); }
static int run_beside_mutex(void)	{ return pair(beside_the_mutex, 1, 2); }
static int run_hand_over(void)		{ return pair(around_a_hand_over, 1, 1); }
static int run_two_hand_overs(void)	{ return pair(around_hand_overs_of_two_cpus, 1, 2); }
static int run_virtual_time(void)	{ return pair(at_different_times, 1, 2); }

/* kthread_stop() says to stop; it does not publish what the caller did before. */
static int run_told_to_stop(void)
{
	struct task_struct *p = start(until_stopped, 0, 1);

	if (!p)
		return 1;
	complete_all(&go);
	wait_for_begin();
	planted_access();
	kthread_stop_put(p);
	return 0;
}

/* It does return only after all that the thread did. */
static int run_stopped(void)
{
	struct task_struct *p = start(once_and_wait_for_stop, 0, 1);

	if (!p)
		return 1;
	complete_all(&go);
	kthread_stop_put(p);
	planted_access();
	return 0;
}

static int run_wake_up(int (*fn)(void *arg), bool let_it_sleep)
{
	struct task_struct *p = start(fn, 0, 1);

	if (!p)
		return 1;
	complete_all(&go);
	if (let_it_sleep)
		msleep(1);
	else
		wait_for_begin();
	planted_access();
	wake_up_process(p);
	WRITE_ONCE(turn[0], 1);
	wake_up_process(p);
	kthread_stop_put(p);
	return 0;
}

static int run_woken_while_awake(void)	{ return run_wake_up(awake, false); }
static int run_woken(void)		{ return run_wake_up(asleep, true); }

static const struct {
	const char *name;
	int (*run)(void);
} cases[] = {
	{ "inside_spinlock", run_inside_spinlock },
	{ "beside_spinlock", run_beside_spinlock },
	{ "inside_mutex", run_inside_mutex },
	{ "beside_mutex", run_beside_mutex },
	{ "hand_over", run_hand_over },
	{ "two_hand_overs", run_two_hand_overs },
	{ "virtual_time", run_virtual_time },
	{ "told_to_stop", run_told_to_stop },
	{ "stopped", run_stopped },
	{ "woken_while_awake", run_woken_while_awake },
	{ "woken", run_woken },
};

int main(int argc, char **argv)
{
	struct machine_config cfg = { .nr_nodes = 1, .nr_cpus = 4, .seed = 1 };
	int ret = 2;

	if (argc == 3 && !replay_use(argv[2]))
		argc = 0;
	for (int i = 0; argc >= 2 && argc <= 3 && i < ARRAY_SIZE(cases); i++) {
		if (strcmp(cases[i].name, argv[1]))
			continue;
		if (machine_boot(&cfg))
			return 1;
		replay_begin();
		ret = cases[i].run();
		replay_end();
		machine_shutdown();
	}
	if (ret == 2)
		fprintf(stderr, "usage: planted-races CASE [STRATEGY]\n");
	return ret;
}
