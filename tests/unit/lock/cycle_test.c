// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks that wait for each other while others go on: found by the last of them to wait.
 *
 * In each case a task that sleeps and wakes up goes on for ever, so that nothing stands
 * still, and little time has passed when the cycle is found.  The task that expects it is
 * unwound; the others are programs, to be killed, or get by other ways what they wait for.
 */
#include <exec/symbols.h>
#include <exec/vcpu.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/rwsem.h>
#include <linux/workqueue.h>
#include <machine/replay.h>

#include "crew.h"

#define AT_ONCE		100	/* ticks; it would be for ever */

/* lockdep would report these orders before anybody waits. */
static struct {
	struct mutex a, b;
	struct rw_semaphore sem;
	spinlock_t spin_a, spin_b;
	rwlock_t rw;
	struct completion ready, begun, reading, later;
	struct folio *folio;
	struct work_struct work;
	struct member ticker;
	unsigned int arrived;
	int last;
	bool waits_first, stop;
} s;

/* On CPU 7. Its timers never end; who is to wait second does so after the first tick but one. */
static int ticks(void *unused)
{
	for (int i = 0; !READ_ONCE(s.stop) && !kthread_should_stop(); i++) {
		schedule_timeout_uninterruptible(1);
		if (i == 1)
			complete_all(&s.later);
	}
	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int cycle_init(struct kunit *test)
{
	mutex_init(&s.a);
	mutex_init(&s.b);
	init_rwsem(&s.sem);
	spin_lock_init(&s.spin_a);
	spin_lock_init(&s.spin_b);
	rwlock_init(&s.rw);
	lockdep_set_novalidate_class(&s.a);
	lockdep_set_novalidate_class(&s.b);
	lockdep_set_novalidate_class(&s.sem);
	lockdep_set_novalidate_class(&s.spin_a);
	lockdep_set_novalidate_class(&s.spin_b);
	lockdep_set_novalidate_class(&s.rw);
	init_completion(&s.ready);
	init_completion(&s.begun);
	init_completion(&s.later);
	init_completion(&s.reading);
	s.arrived = 0;
	s.waits_first = s.stop = false;
	exec_keep_reports(true);
	member_start(test, &s.ticker, 7, ticks, NULL);
	return 0;
}

static void cycle_exit(struct kunit *test)
{
	member_join(&s.ticker);
	exec_keep_reports(false);
}

/* With new locks: the old ones are left as they were. */
static void again(struct kunit *test)
{
	cycle_exit(test);
	cycle_init(test);
}

/* Who shall not be the first to wait is late. */
static void late_if(bool condition)
{
	if (condition)
		wait_for_completion(&s.later);
}

/* Both have one lock now, and go for the other one. */
static void met(bool first)
{
	complete_all(first ? &s.ready : &s.begun);
	wait_for_completion(first ? &s.begun : &s.ready);
	late_if(first != s.waits_first);
}

#define EXPECTED(...)	((const char *const[]){ __VA_ARGS__, NULL })

/* Run @fn, which is in a cycle with others: it is told soon, and with these words. */
static void expect_cycle(struct kunit *test, void (*fn)(void *arg), const char *const *expected)
{
	unsigned long begun = jiffies;
	const char *text;

	KUNIT_EXPECT_EQ(test, violation_catch(fn, NULL, NULL, 0), VIOLATION_DEADLOCK);
	KUNIT_EXPECT_LT(test, jiffies - begun, AT_ONCE);
	text = exec_kept_report();
	for (; *expected; expected++)
		KUNIT_EXPECT_TRUE_MSG(test, strstr(text, *expected), "no '%s' in:\n%s",
				      *expected, text);
	KUNIT_EXPECT_FALSE_MSG(test, strstr(text, "member/7/"), "who is in no cycle is in:\n%s",
			       exec_kept_report());
}

/* The same with a program in it that is killed then, whoever of the two waits first. */
static void expect_both_ways(struct kunit *test, void (*fn)(void *arg), int (*other)(void *arg),
			     const char *const *expected)
{
	struct member m;

	for (int i = 0; i < 2; i++) {
		s.waits_first = i;
		member_start_program(test, &m, 1, other, NULL);
		expect_cycle(test, fn, expected);
		send_kill(&m);
		member_join(&m);
		again(test);
	}
}

/* What it still holds is waited for by one that is no more. */
static int killed(int err)
{
	lock_forget_held(current);
	return err;
}

static int holds_b_wants_a(void *unused)
{
	mutex_lock(&s.b);
	met(false);
	return killed(mutex_lock_killable(&s.a));
}

static void holds_a_wants_b(void *unused)
{
	mutex_lock(&s.a);
	met(true);
	mutex_lock(&s.b);
}

static void mutexes_in_two_orders(struct kunit *test)
{
	expect_both_ways(test, holds_a_wants_b, holds_b_wants_a,
			 EXPECTED(" waits for mutex '&s.b' (", " waits for mutex '&s.a' (",
				  "held by violation_catch/", "held by member/", "took it at:",
				  "deadlock: violation_catch/", "-> mutex '&s.b'"));
}

static int holds_a_wants_to_write(void *unused)
{
	mutex_lock(&s.a);
	met(false);
	return killed(down_write_killable(&s.sem));
}

static void reads_and_wants_a(void *unused)
{
	down_read(&s.sem);
	met(true);
	mutex_lock(&s.a);
}

static void a_writer_waits_for_each_reader(struct kunit *test)
{
	expect_both_ways(test, reads_and_wants_a, holds_a_wants_to_write,
			 EXPECTED(" waits for rwsem '&s.sem' (", "held by violation_catch/",
				  "deadlock: "));
}

static int writes_and_wants_a(void *unused)
{
	down_write(&s.sem);
	met(false);
	return killed(mutex_lock_killable(&s.a));
}

static void holds_a_wants_to_read(void *unused)
{
	mutex_lock(&s.a);
	met(true);
	down_read(&s.sem);
}

static void a_reader_waits_for_the_writer(struct kunit *test)
{
	expect_both_ways(test, holds_a_wants_to_read, writes_and_wants_a,
			 EXPECTED(" waits for rwsem (read) '&s.sem' (", "held by member/",
				  "deadlock: "));
}

static int holds_a_wants_folio(void *unused)
{
	mutex_lock(&s.a);
	met(false);
	return killed(folio_lock_killable(s.folio));
}

static void holds_folio_wants_a(void *unused)
{
	folio_lock(s.folio);
	met(true);
	mutex_lock(&s.a);
}

static void a_folio_lock_has_an_owner(struct kunit *test)
{
	s.folio = folio_alloc(GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, s.folio);
	for (int i = 0; i < 2; i++) {
		struct member m;

		s.waits_first = i;
		member_start_program(test, &m, 1, holds_a_wants_folio, NULL);
		expect_cycle(test, holds_folio_wants_a,
			     EXPECTED(" waits for the folio lock of pfn ",
				      "held by violation_catch/",
				      "-> the folio lock of pfn "));
		send_kill(&m);
		member_join(&m);
		/* Its owner is gone without unlocking. */
		clear_bit(PG_locked, &s.folio->flags);
		again(test);
	}
	folio_put(s.folio);
}

static void arrive(void)
{
	__atomic_fetch_add(&s.arrived, 1, __ATOMIC_SEQ_CST);
}

/* Spinning with one of two spinlocks held, on a CPU of its own. */
static void spins(spinlock_t *mine, spinlock_t *his, unsigned int cpu)
{
	set_cpus_allowed_ptr(current, cpumask_of(cpu));
	spin_lock(mine);
	arrive();
	while (READ_ONCE(s.arrived) < 2)
		cpu_relax();
	spin_lock(his);
}

static void spins_for_b(void *unused)
{
	spins(&s.spin_a, &s.spin_b, 2);
}

static void spins_for_a(void *unused)
{
	spins(&s.spin_b, &s.spin_a, 4);
}

/* Whoever is told of it first is so while others go on. */
static int spins_in_a_cycle(void *fn)
{
	enum violation_kind kind = violation_catch(fn, NULL, NULL, 0);

	WRITE_ONCE(s.stop, true);
	return kind;
}

static void spinlocks_in_two_orders(struct kunit *test)
{
	unsigned long begun = jiffies;
	struct member m;

	if (!replay_in_use())
		kunit_skip(test, "on host threads, who spins cannot be unwound");
	exec_keep_reports(false);	/* two at once */
	member_start(test, &m, 1, spins_in_a_cycle, spins_for_a);
	KUNIT_EXPECT_EQ(test, spins_in_a_cycle(spins_for_b), VIOLATION_DEADLOCK);
	KUNIT_EXPECT_EQ(test, member_join(&m), VIOLATION_DEADLOCK);
	KUNIT_EXPECT_LT(test, jiffies - begun, AT_ONCE);
}

/*
 * Cycles of more, one of whom waits for the end of another: who holds a awaits, directly or
 * not, who wants to write, while he who expects it reads and wants a.
 */
enum { HOLDER, WRITER, READER };	/* who waits last */

static int writes(void *unused)
{
	wait_for_completion(&s.reading);
	complete_all(&s.ready);
	late_if(s.last == WRITER);
	down_write(&s.sem);
	up_write(&s.sem);
	return 0;
}

static void writes_in_work(struct work_struct *work)
{
	writes(NULL);
}

static void awaits_a_kthread(void)
{
	struct task_struct *k = kthread_create(writes, NULL, "victim");

	if (IS_ERR(k))
		return;
	get_task_struct(k);
	wake_up_process(k);
	wait_for_completion(&s.ready);
	late_if(s.last == HOLDER);
	kthread_stop_put(k);
}

static void awaits_program(int (*fn)(void *arg))
{
	struct task_struct *p = program_start("victim", fn, NULL);

	late_if(s.last == HOLDER);
	if (p)
		program_wait(p);
}

static void awaits_a_program(void)
{
	awaits_program(writes);
}

static int awaits_its_child(void *unused)
{
	return sys_wait4(sys_fork(writes, NULL));
}

static void awaits_who_awaits_his_child(void)
{
	awaits_program(awaits_its_child);
}

static int awaits_its_thread(void *unused)
{
	return sys_wait4(sys_clone_thread(writes, NULL, -1));
}

static void awaits_who_awaits_his_thread(void)
{
	awaits_program(awaits_its_thread);
}

/* Which may not have begun by then. */
static void awaits_work(void)
{
	schedule_work(&s.work);
	late_if(s.last == HOLDER);
	flush_work(&s.work);
}

static int holds_a_awaits(void *fn)
{
	void (*awaits)(void) = fn;

	mutex_lock(&s.a);
	complete_all(&s.begun);
	awaits();
	return killed(0);
}

static void reads_and_wants_a_of_who_awaits(void *unused)
{
	down_read(&s.sem);
	complete_all(&s.reading);
	wait_for_completion(&s.begun);
	late_if(s.last == READER);
	mutex_lock(&s.a);
}

static void expect_awaited(struct kunit *test, void (*awaits)(void), const char *const *expected)
{
	for (int last = HOLDER; last <= READER; last++) {
		struct member m;

		s.last = last;
		INIT_WORK(&s.work, writes_in_work);
		member_create(test, &m, 1, holds_a_awaits, awaits);
		wake_up_process(m.task);
		expect_cycle(test, reads_and_wants_a_of_who_awaits, expected);
		/* The reader's part is left to do. */
		up_read_non_owner(&s.sem);
		KUNIT_EXPECT_EQ(test, member_join(&m), 0);
		again(test);
	}
}

static void the_end_of_a_kthread_is_waited_for(struct kunit *test)
{
	expect_awaited(test, awaits_a_kthread,
		       EXPECTED(" waits for the end of victim/", "which is up to victim/",
				" waits for rwsem '&s.sem'", "-> the end of victim/"));
}

static void the_end_of_a_program_is_waited_for(struct kunit *test)
{
	expect_awaited(test, awaits_a_program, EXPECTED("-> the end of victim/"));
}

static void the_end_of_a_child_is_waited_for(struct kunit *test)
{
	expect_awaited(test, awaits_who_awaits_his_child, EXPECTED("-> the end of victim/"));
}

static void the_end_of_a_thread_is_waited_for(struct kunit *test)
{
	expect_awaited(test, awaits_who_awaits_his_thread, EXPECTED("-> the end of victim/"));
}

static void the_end_of_work_is_waited_for(struct kunit *test)
{
	expect_awaited(test, awaits_work,
		       EXPECTED(" waits for the work of kworker/", "which is up to kworker/"));
}

/* No cycles: readers of one lock, those that were let in by its writer included. */
static int reads_then_a(void *unused)
{
	complete(&s.ready);
	down_read(&s.sem);
	mutex_lock(&s.a);
	mutex_unlock(&s.a);
	up_read(&s.sem);
	return 0;
}

static int a_then_reads(void *unused)
{
	mutex_lock(&s.a);
	complete(&s.ready);
	down_read(&s.sem);
	up_read(&s.sem);
	mutex_unlock(&s.a);
	return 0;
}

static void readers_let_in_together_do_not_wait_for_each_other(struct kunit *test)
{
	struct member m[3];

	for (int i = 0; i < 5; i++) {
		down_write(&s.sem);
		member_start(test, &m[0], 0, i % 2 ? reads_then_a : a_then_reads, NULL);
		member_start(test, &m[1], 1, i % 2 ? a_then_reads : reads_then_a, NULL);
		member_start(test, &m[2], 2, reads_then_a, NULL);
		for (int j = 0; j < 3; j++)
			wait_for_completion(&s.ready);
		let_others_sleep();
		up_write(&s.sem);
		for (int j = 0; j < 3; j++)
			KUNIT_EXPECT_EQ(test, member_join(&m[j]), 0);
	}
}

static int spin_reads_then_a(void *unused)
{
	arrive();
	read_lock(&s.rw);
	spin_lock(&s.spin_a);
	spin_unlock(&s.spin_a);
	read_unlock(&s.rw);
	return 0;
}

static int spin_a_then_reads(void *unused)
{
	spin_lock(&s.spin_a);
	arrive();
	read_lock(&s.rw);
	read_unlock(&s.rw);
	spin_unlock(&s.spin_a);
	return 0;
}

static void spinning_readers_do_not_wait_for_each_other(struct kunit *test)
{
	struct member m[2];

	for (int i = 0; i < 5; i++) {
		member_create(test, &m[0], 0, i % 2 ? spin_reads_then_a : spin_a_then_reads, NULL);
		member_create(test, &m[1], 1, i % 2 ? spin_a_then_reads : spin_reads_then_a, NULL);
		set_cpus_allowed_ptr(current, cpumask_of(4));
		write_lock(&s.rw);
		wake_up_process(m[0].task);
		wake_up_process(m[1].task);
		/* If they can: time stands still meanwhile. */
		for (int j = 0; j < 2000 && READ_ONCE(s.arrived) < 2 * i + 2; j++)
			cpu_relax();
		write_unlock(&s.rw);
		while (READ_ONCE(s.arrived) < 2 * i + 2)
			let_others_sleep();
		KUNIT_EXPECT_EQ(test, member_join(&m[0]), 0);
		KUNIT_EXPECT_EQ(test, member_join(&m[1]), 0);
	}
}

/* It holds what others wait for, and waits for one of them to give it something else. */
static int a_then_b(void *unused)
{
	mutex_lock(&s.a);
	mutex_lock(&s.b);
	schedule_timeout_uninterruptible(1);
	mutex_unlock(&s.b);
	mutex_unlock(&s.a);
	return 0;
}

static int only_b(void *unused)
{
	mutex_lock(&s.b);
	schedule_timeout_uninterruptible(1);
	mutex_unlock(&s.b);
	return 0;
}

static void a_chain_that_ends_is_no_cycle(struct kunit *test)
{
	struct member m[6];

	for (int i = 0; i < 6; i++)
		member_start(test, &m[i], i, i % 3 ? a_then_b : only_b, NULL);
	for (int i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, member_join(&m[i]), 0);
}

static int holds_b_is_killed_waiting_for_a(void *unused)
{
	int err;

	mutex_lock(&s.b);
	complete(&s.begun);
	err = mutex_lock_killable(&s.a);
	mutex_unlock(&s.b);
	return err;
}

/* Somebody was killed, and will give back what he has. */
static void who_is_killed_waits_no_more(struct kunit *test)
{
	struct member m;

	mutex_lock(&s.a);
	member_start_program(test, &m, 1, holds_b_is_killed_waiting_for_a, NULL);
	wait_for_completion(&s.begun);
	let_others_sleep();
	send_kill(&m);
	mutex_lock(&s.b);
	mutex_unlock(&s.b);
	mutex_unlock(&s.a);
	member_join(&m);
}

static struct kunit_case cycle_cases[] = {
	KUNIT_CASE(mutexes_in_two_orders),
	KUNIT_CASE(a_writer_waits_for_each_reader),
	KUNIT_CASE(a_reader_waits_for_the_writer),
	KUNIT_CASE(a_folio_lock_has_an_owner),
	KUNIT_CASE(spinlocks_in_two_orders),
	KUNIT_CASE(the_end_of_a_kthread_is_waited_for),
	KUNIT_CASE(the_end_of_a_program_is_waited_for),
	KUNIT_CASE(the_end_of_a_child_is_waited_for),
	KUNIT_CASE(the_end_of_a_thread_is_waited_for),
	KUNIT_CASE(the_end_of_work_is_waited_for),
	KUNIT_CASE(readers_let_in_together_do_not_wait_for_each_other),
	KUNIT_CASE(spinning_readers_do_not_wait_for_each_other),
	KUNIT_CASE(a_chain_that_ends_is_no_cycle),
	KUNIT_CASE(who_is_killed_waits_no_more),
	{}
};

static struct kunit_suite cycle_suite = {
	.name = "lock-cycle",
	.init = cycle_init,
	.exit = cycle_exit,
	.test_cases = cycle_cases,
};
kunit_machine_config(cycle_suite, lock_machine);
kunit_test_suite(cycle_suite);
