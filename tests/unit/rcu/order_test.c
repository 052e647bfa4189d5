// SPDX-License-Identifier: GPL-2.0
/*
 * What ThreadSanitizer is told of RCU's ordering: enough, so that correct code is
 * silent, and no more, so that a grace period that is too short is reported.
 *
 * The second needs a process that is expected to fail.  The program starts itself with
 * PLANT set in the environment; the child runs only the planted case and its exit status
 * is the verdict: with "short" the grace period waits for nobody, with "sound" all is the
 * same but for that.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <machine/cost.h>
#include <machine/machine.h>
#include <asm/processor.h>
#include <rcu/engine.h>

#include "../threads.h"

#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#endif
#endif
#ifndef UNDER_TSAN
#define UNDER_TSAN 0
#endif

#define PLANT		"AUTONUMA_PLANT_SHORT_GRACE_PERIOD"
#define TSAN_EXIT	66

struct object {
	unsigned long value;		/* plain */
};

/* Correct: plain stores before publication and after the grace period. */

#define NR_ROUNDS 300

static struct object objects[2];
static struct object *published;
static u32 stop;

static int plain_reader(void *unused)
{
	unsigned long sum = 0;

	while (!READ_ONCE(stop)) {
		rcu_read_lock();
		sum += rcu_dereference(published)->value;
		rcu_read_unlock();
		udelay(1);	/* or virtual time would stand still */
		cond_resched();
	}
	return sum == 1;		/* keeps the loads */
}

static void updater_may_reuse_after_a_grace_period(struct kunit *test)
{
	struct test_thread t[3];
	int i;

	if (getenv(PLANT))
		return;
	WRITE_ONCE(stop, 0);
	objects[0].value = 2;
	rcu_assign_pointer(published, &objects[0]);
	for (i = 0; i < 3; i++)
		test_thread_start(test, &t[i], 2 * i + 1, plain_reader, NULL);
	for (i = 1; i < NR_ROUNDS; i++) {
		objects[i & 1].value = 2 * i;
		rcu_assign_pointer(published, &objects[i & 1]);
		synchronize_rcu();
	}
	WRITE_ONCE(stop, 1);
	for (i = 0; i < 3; i++)
		test_thread_join(&t[i]);
}

/*
 * The guarantee in the other direction: a reader that begins after a grace period sees
 * what was done before it, although only a relaxed flag told it that it is over.
 */
static unsigned long before;
static u32 over;

static int reader_after(void *unused)
{
	unsigned long seen;

	while (!READ_ONCE(over)) {
		udelay(1);
		cond_resched();
	}
	rcu_read_lock();
	seen = before;
	rcu_read_unlock();
	return seen;
}

static void later_reader_sees_what_precedes_the_grace_period(struct kunit *test)
{
	struct test_thread t;

	if (getenv(PLANT))
		return;
	WRITE_ONCE(over, 0);
	test_thread_start(test, &t, 3, reader_after, NULL);
	before = 7;
	synchronize_rcu();
	WRITE_ONCE(over, 1);
	KUNIT_EXPECT_EQ(test, test_thread_join(&t), 7);
}

/* Broken: the grace period ends while the reader is inside. */

static u32 inside, written;

static int victim(void *arg)
{
	struct object *o;
	unsigned long sum;

	rcu_read_lock();
	o = rcu_dereference(published);
	sum = o->value;
	WRITE_ONCE(inside, 1);
	if (arg) {
		while (!READ_ONCE(written))
			;
		sum += o->value;
	}
	rcu_read_unlock();
	return sum == 1;
}

static void no_grace_period(void)
{
}

/* Before any thread is there, for the table is read without a lock. */
static __attribute__((constructor)) void plant(void)
{
	static struct rcu_engine hasty;
	const char *plant = getenv(PLANT);

	if (!plant || strcmp(plant, "short"))
		return;
	hasty = *rcu_engine;
	hasty.synchronize = no_grace_period;
	rcu_engine = &hasty;
}

static void use_after_a_grace_period(struct kunit *test, bool is_short)
{
	struct test_thread t;

	udelay(20);
	cost_pay();	/* see below */
	WRITE_ONCE(inside, 0);
	WRITE_ONCE(written, 0);
	rcu_assign_pointer(published, &objects[0]);
	test_thread_start(test, &t, 3, victim, is_short ? &t : NULL);
	/*
	 * The victim neither sleeps nor lets time pass.  So nobody else may have to wait
	 * for time before it is let go: what we owed is paid.
	 */
	while (!READ_ONCE(inside))
		cpu_relax();
	rcu_assign_pointer(published, &objects[1]);
	synchronize_rcu();
	objects[0].value = 0;
	WRITE_ONCE(written, 1);
	test_thread_join(&t);
}

/* Run this program again with a plant; returns its exit status, or -1. */
static int run_planted(const char *plant)
{
	char *const argv[] = { "planted", "--filter",
			       "rcu_order.short_grace_period_is_reported", NULL };
	int status;
	pid_t pid = fork();

	if (!pid) {
		setenv(PLANT, plant, 1);
		setenv("TSAN_OPTIONS", "halt_on_error=1:exitcode=66", 1);
		dup2(open("/dev/null", O_WRONLY), 1);	/* the report is expected */
		dup2(1, 2);
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void short_grace_period_is_reported(struct kunit *test)
{
	const char *plant = getenv(PLANT);

	if (plant) {
		use_after_a_grace_period(test, !strcmp(plant, "short"));
		return;
	}
	if (!UNDER_TSAN)
		kunit_skip(test, "only ThreadSanitizer can tell");
	KUNIT_EXPECT_EQ(test, run_planted("sound"), 0);
	KUNIT_EXPECT_EQ(test, run_planted("short"), TSAN_EXIT);
}

static struct kunit_case order_cases[] = {
	KUNIT_CASE(updater_may_reuse_after_a_grace_period),
	KUNIT_CASE(later_reader_sees_what_precedes_the_grace_period),
	KUNIT_CASE(short_grace_period_is_reported),
	{}
};

static struct kunit_suite order_suite = {
	.name = "rcu_order",
	.test_cases = order_cases,
};
kunit_test_suite(order_suite);
