// SPDX-License-Identifier: GPL-2.0
/*
 * What is printed when nothing goes on: who waits for whom.
 *
 * Of the two tasks in each case one expects the deadlock and is taken out of it by the
 * machine; it stays in the list of what it waited for, so nobody may touch that any more.
 * The other is a program, which is killed then.
 */
#include <exec/symbols.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/wait.h>
#include <machine/replay.h>

#include "crew.h"

/* lockdep would report these orders before anybody waits. */
static struct {
	struct mutex a, b;
	struct rw_semaphore sem;
	struct completion ready, begun, never;
	struct wait_queue_head queue;
	struct semaphore counter;
	struct folio *folio;
	struct task_struct *other;
	bool other_waits;
} s;

static int waits_init(struct kunit *test)
{
	mutex_init(&s.a);
	mutex_init(&s.b);
	init_rwsem(&s.sem);
	lockdep_set_novalidate_class(&s.a);
	lockdep_set_novalidate_class(&s.b);
	lockdep_set_novalidate_class(&s.sem);
	init_completion(&s.ready);
	init_completion(&s.begun);
	init_completion(&s.never);
	init_waitqueue_head(&s.queue);
	sema_init(&s.counter, 1);
	exec_keep_reports(true);
	return 0;
}

static void waits_exit(struct kunit *test)
{
	exec_keep_reports(false);
}

/* Run @fn, which deadlocks with @other, a task that can be killed; check the report. */
static void deadlock(struct kunit *test, void (*fn)(void *arg), int (*other)(void *arg),
		     const char *const *expected)
{
	struct member m;
	const char *text;

	if (other) {
		member_start_program(test, &m, 1, other, NULL);
		s.other = m.task;
	}
	KUNIT_EXPECT_EQ(test, violation_catch(fn, NULL, NULL, 0), VIOLATION_DEADLOCK);
	text = exec_kept_report();
	for (; *expected; expected++)
		KUNIT_EXPECT_TRUE_MSG(test, strstr(text, *expected), "no '%s' in:\n%s",
				      *expected, text);
	if (other) {
		send_kill(&m);
		member_join(&m);
	}
}

#define EXPECTED(...)	((const char *const[]){ __VA_ARGS__, NULL })

/* What it still holds is waited for by one that is no more. */
static int killed(int err)
{
	lock_forget_held(current);
	return err;
}

static int holds_b_wants_a(void *unused)
{
	mutex_lock(&s.b);
	complete(&s.ready);
	wait_for_completion(&s.begun);
	return killed(mutex_lock_killable(&s.a));
}

static void holds_a_wants_b(void *unused)
{
	mutex_lock(&s.a);
	wait_for_completion(&s.ready);
	complete(&s.begun);
	mutex_lock(&s.b);
}

static void two_locks_in_two_orders_are_a_cycle(struct kunit *test)
{
	deadlock(test, holds_a_wants_b, holds_b_wants_a,
		 EXPECTED("violation_catch/", " waits for mutex '&s.b' (",
			  "held by member/", "member/", " waits for mutex '&s.a' (",
			  "took it at:", "holds_b_wants_a", "holds_a_wants_b",
			  "deadlock: ", " -> mutex '&s.", "held by violation_catch/"));
}

static int writes_and_wants_a(void *unused)
{
	mutex_lock(&s.a);
	complete(&s.ready);
	wait_for_completion(&s.begun);
	return killed(down_write_killable(&s.sem));
}

static void reads_and_wants_a(void *unused)
{
	down_read(&s.sem);
	wait_for_completion(&s.ready);
	complete(&s.begun);
	mutex_lock(&s.a);
}

static void a_reader_is_an_owner_too(struct kunit *test)
{
	deadlock(test, reads_and_wants_a, writes_and_wants_a,
		 EXPECTED(" waits for rwsem '&s.sem' (", "held by violation_catch/",
			  "reads_and_wants_a", "deadlock: "));
}

static void waits_in_a_queue(void *unused)
{
	wait_event(s.queue, READ_ONCE(s.other_waits));
}

static void waits_for_a_completion(void *unused)
{
	wait_for_completion(&s.never);
}

static void goes_down_twice(void *unused)
{
	down(&s.counter);
	down(&s.counter);
}

static void a_lost_wake_up_has_no_cycle(struct kunit *test)
{
	deadlock(test, waits_in_a_queue, NULL,
		 EXPECTED(" waits for wait queue '&s.queue' (",
			  "nobody is known who would end that", "waits_in_a_queue",
			  "no cycle: a wake-up was lost"));
	deadlock(test, waits_for_a_completion, NULL,
		 EXPECTED(" waits for completion '",
			  "no cycle: a wake-up was lost"));
	deadlock(test, goes_down_twice, NULL,
		 EXPECTED(" waits for the semaphore at ", "no cycle: "));
}

static int locks_folio(void *unused)
{
	mutex_lock(&s.a);
	complete(&s.ready);
	wait_for_completion(&s.begun);
	return killed(folio_lock_killable(s.folio));
}

static void locked_folio_wants_a(void *unused)
{
	folio_lock(s.folio);
	wait_for_completion(&s.ready);
	complete(&s.begun);
	mutex_lock(&s.a);
}

static void the_owner_of_a_folio_lock_is_known(struct kunit *test)
{
	s.folio = folio_alloc(GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, s.folio);
	deadlock(test, locked_folio_wants_a, locks_folio,
		 EXPECTED(" waits for the folio lock of pfn ", "held by violation_catch/",
			  "deadlock: ", "-> the folio lock of pfn "));
	/* Its owner is gone without unlocking. */
	clear_bit(PG_locked, &s.folio->flags);
	folio_put(s.folio);
}

static void spins(void *unused)
{
	while (!READ_ONCE(s.other_waits))
		cpu_relax();
}

static void a_spinning_task_is_a_livelock_after_so_many_steps(struct kunit *test)
{
	char text[100];

	if (!replay_in_use())
		kunit_skip(test, "steps are counted by the engine replay");
	replay_end();
	replay_limit(10000);
	replay_begin();
	KUNIT_EXPECT_EQ(test, violation_catch(spins, NULL, text, sizeof(text)),
			VIOLATION_DEADLOCK);
	replay_limit(REPLAY_MAX_STEPS);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(text, "livelock: no end after 10000 steps"), "%s",
			      text);
	/* Sanitizers name an inlined function in place of the one that it is inlined in. */
	KUNIT_EXPECT_TRUE_MSG(test, strstr(exec_kept_report(), "spins") ||
				    strstr(exec_kept_report(), "catch_main"), "%s",
			      exec_kept_report());
}

static struct kunit_case waits_cases[] = {
	KUNIT_CASE(two_locks_in_two_orders_are_a_cycle),
	KUNIT_CASE(a_reader_is_an_owner_too),
	KUNIT_CASE(a_lost_wake_up_has_no_cycle),
	KUNIT_CASE(the_owner_of_a_folio_lock_is_known),
	KUNIT_CASE(a_spinning_task_is_a_livelock_after_so_many_steps),
	{}
};

static struct kunit_suite waits_suite = {
	.name = "lock-waits",
	.init = waits_init,
	.exit = waits_exit,
	.test_cases = waits_cases,
};
kunit_machine_config(waits_suite, lock_machine);
kunit_test_suite(waits_suite);
