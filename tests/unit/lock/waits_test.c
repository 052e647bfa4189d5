// SPDX-License-Identifier: GPL-2.0
/*
 * What is printed when nothing goes on: who waits for whom.
 *
 * Of the two tasks in each case one expects the deadlock and is taken out of it by the
 * machine; it stays in the list of what it waited for, so nobody may touch that any more.
 * The other is a program, which is killed then.
 */
#include <exec/symbols.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/seqlock.h>
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
	spinlock_t spin;
	rwlock_t rw;
	seqlock_t seq;
	struct task_struct *waiter;
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
	s.other_waits = false;
	spin_lock_init(&s.spin);
	rwlock_init(&s.rw);
	seqlock_init(&s.seq);
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
			  "waits at:", "took it at:", "holds_b_wants_a", "holds_a_wants_b",
			  "deadlock: ", " -> mutex '&s.", "held by violation_catch/"));
}

static void holds_a_wants_b_first(void *unused)
{
	s.waiter = current;
	holds_a_wants_b(NULL);
}

/* Closes the cycle, when the one who is to be told sleeps. */
static int holds_b_wants_a_last(void *unused)
{
	mutex_lock(&s.b);
	complete(&s.ready);
	wait_for_completion(&s.begun);
	while (READ_ONCE(s.waiter->lock.wait.on) != &s.b)
		msleep(1);
	return killed(mutex_lock_killable(&s.a));
}

static int goes_on(void *unused)
{
	while (!READ_ONCE(s.other_waits))
		msleep(1);
	return 0;
}

/* Nobody has to wait until there is nobody left who runs. */
static void a_cycle_is_told_while_others_go_on(struct kunit *test)
{
	struct member other;

	member_start(test, &other, 0, goes_on, NULL);
	deadlock(test, holds_a_wants_b_first, holds_b_wants_a_last,
		 EXPECTED("violation_catch/", " waits for mutex '&s.b' (", "held by member/",
			  " waits for mutex '&s.a' (", "deadlock: "));
	WRITE_ONCE(s.other_waits, true);
	member_join(&other);
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

static void take_spin(void) { spin_lock(&s.spin); }
static void give_spin(void) { spin_unlock(&s.spin); }
static void want_spin(void) { take_spin(); give_spin(); }
static void take_read(void) { read_lock(&s.rw); }
static void give_read(void) { read_unlock(&s.rw); }
static void want_read(void) { take_read(); give_read(); }
static void take_write(void) { write_lock(&s.rw); }
static void give_write(void) { write_unlock(&s.rw); }
static void want_write(void) { take_write(); give_write(); }
static void take_seq(void) { write_seqlock(&s.seq); }
static void give_seq(void) { write_sequnlock(&s.seq); }
static void want_seq(void) { read_seqbegin(&s.seq); }
static void take_mutex(void) { mutex_lock(&s.a); }
static void give_mutex(void) { mutex_unlock(&s.a); }
static void want_mutex(void) { take_mutex(); give_mutex(); }
static void take_sem(void) { down_read(&s.sem); }
static void give_sem(void) { up_read(&s.sem); }
static void want_sem(void) { down_write(&s.sem); up_write(&s.sem); }
static void take_unit(void) { down(&s.counter); }
static void give_unit(void) { up(&s.counter); }
static void want_unit(void) { take_unit(); give_unit(); }
static void nothing(void) { }
static void give_completion(void) { complete(&s.never); }
static void want_completion(void) { wait_for_completion(&s.never); }
static void set(void) { WRITE_ONCE(s.other_waits, true); wake_up(&s.queue); }
static void want_set(void) { wait_event(s.queue, READ_ONCE(s.other_waits)); }

static void sleep_by_hand(bool exclusive)
{
	DEFINE_WAIT(entry);

	if (exclusive)
		prepare_to_wait_exclusive(&s.queue, &entry, TASK_UNINTERRUPTIBLE);
	else
		prepare_to_wait(&s.queue, &entry, TASK_UNINTERRUPTIBLE);
	if (!READ_ONCE(s.other_waits))
		schedule();
	WARN_ON(!READ_ONCE(s.other_waits));
	finish_wait(&s.queue, &entry);
}

static void want_by_hand(void) { sleep_by_hand(false); }
static void want_alone(void) { sleep_by_hand(true); }

/* What one task takes and gives, while another one wants it. */
static const struct wish {
	const char *name;
	u8 kind;
	void (*take)(void);
	void (*give)(void);
	void (*want)(void);
} wishes[] = {
	{ "spinlock", LOCK_WAIT_LOCK, take_spin, give_spin, want_spin },
	{ "readers", LOCK_WAIT_LOCK, take_read, give_read, want_write },
	{ "writer", LOCK_WAIT_LOCK, take_write, give_write, want_read },
	{ "mutex", LOCK_WAIT_LOCK, take_mutex, give_mutex, want_mutex },
	{ "rwsem", LOCK_WAIT_LOCK, take_sem, give_sem, want_sem },
	{ "seqcount", LOCK_WAIT_SEQ, take_seq, give_seq, want_seq },
	{ "semaphore", LOCK_WAIT_SEMAPHORE, take_unit, give_unit, want_unit },
	{ "completion", LOCK_WAIT_COMPLETION, nothing, give_completion, want_completion },
	{ "queue", LOCK_WAIT_QUEUE, nothing, set, want_set },
	{ "queue by hand", LOCK_WAIT_QUEUE, nothing, set, want_by_hand },
	{ "queue alone", LOCK_WAIT_QUEUE, nothing, set, want_alone },
	{ "grace period", LOCK_WAIT_GRACE_PERIOD, rcu_read_lock, rcu_read_unlock,
	  synchronize_rcu },
};
KUNIT_ARRAY_PARAM_DESC(wishes, wishes, name);

static bool waits_so(const struct wish *w)
{
	const struct lock_wait *wait = &s.waiter->lock.wait;

	return READ_ONCE(wait->kind) == w->kind && READ_ONCE(wait->on) != &s.ready;
}

/* Gives what it has only when somebody waits for it; returns whether anybody did. */
static int gives_what_is_wanted(void *arg)
{
	const struct wish *w = arg;
	bool wanted;

	w->take();
	complete(&s.ready);
	wanted = spin_until(waits_so(w));
	w->give();
	return wanted;
}

/* Else it would be in the report of a deadlock that it has nothing to do with. */
static void who_has_what_it_waited_for_waits_for_nothing(struct kunit *test)
{
	const struct wish *w = test->param_value;
	struct member m;
	bool waited = false;

	set_cpus_allowed_ptr(current, cpumask_of(0));
	s.waiter = current;
	for (int tries = 0; tries < SPIN_TRIES && !waited; tries++) {
		member_start(test, &m, 1, gives_what_is_wanted, (void *)w);
		wait_for_completion(&s.ready);
		w->want();
		KUNIT_EXPECT_NULL(test, current->lock.wait.on);
		waited = member_join(&m);
	}
	KUNIT_EXPECT_TRUE(test, waited);
	KUNIT_EXPECT_NULL(test, current->lock.wait.on);
}

static int is_killed(void *unused)
{
	int err = mutex_lock_killable(&s.a);

	return current->lock.wait.on ? -EBUSY : err;
}

static void who_gives_up_waits_for_nothing(struct kunit *test)
{
	struct member m;

	down(&s.counter);
	KUNIT_EXPECT_EQ(test, down_timeout(&s.counter, 1), -ETIME);
	KUNIT_EXPECT_NULL(test, current->lock.wait.on);
	up(&s.counter);
	mutex_lock(&s.a);
	member_start_program(test, &m, 1, is_killed, NULL);
	let_others_sleep();
	send_kill(&m);
	KUNIT_EXPECT_EQ(test, member_join(&m), -EINTR);
	mutex_unlock(&s.a);
}

static struct kunit_case waits_cases[] = {
	KUNIT_CASE_PARAM(who_has_what_it_waited_for_waits_for_nothing, wishes_gen_params),
	KUNIT_CASE(who_gives_up_waits_for_nothing),
	KUNIT_CASE(two_locks_in_two_orders_are_a_cycle),
	KUNIT_CASE(a_cycle_is_told_while_others_go_on),
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
