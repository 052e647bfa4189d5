// SPDX-License-Identifier: GPL-2.0
/* Which of several things that can be wrong with a lock is reported, and in which words. */
#include <linux/bit_spinlock.h>
#include <linux/interrupt.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/seqlock.h>
#include <linux/wait_bit.h>

#include "crew.h"

static struct {
	spinlock_t spin;
	rwlock_t rw;
	struct mutex mutex;
	struct rw_semaphore rwsem;
	seqcount_t seq;
	struct completion taken, released;
	struct semaphore units;
} s;

static void init_all(void)
{
	spin_lock_init(&s.spin);
	rwlock_init(&s.rw);
	mutex_init(&s.mutex);
	init_rwsem(&s.rwsem);
	seqcount_init(&s.seq);
	init_completion(&s.taken);
	init_completion(&s.released);
	sema_init(&s.units, 1);
}

static void uses_spinlock(void *unused) { spin_lock(&s.spin); }
static void uses_rwlock(void *unused) { read_lock(&s.rw); }
static void uses_mutex(void *unused) { mutex_lock(&s.mutex); }
static void uses_rwsem(void *unused) { down_read(&s.rwsem); }
static void uses_seqcount(void *unused) { read_seqcount_begin(&s.seq); }
static void writes_seqcount(void *unused) { raw_write_seqcount_begin(&s.seq); }
static void ends_seqcount(void *unused) { raw_write_seqcount_end(&s.seq); }
static void writes_checked(void *unused) { preempt_disable(); write_seqcount_begin(&s.seq); }
static void ends_checked(void *unused) { write_seqcount_end(&s.seq); }
static void invalidates(void *unused) { write_seqcount_invalidate(&s.seq); }
static void tries_spinlock(void *unused) { spin_trylock(&s.spin); }
static void tries_rwlock(void *unused) { write_trylock(&s.rw); }
static void tries_read(void *unused) { read_trylock(&s.rw); }
static void tries_mutex(void *unused) { mutex_trylock(&s.mutex); }
static void tries_rwsem(void *unused) { down_write_trylock(&s.rwsem); }
static void releases_spinlock(void *unused) { spin_unlock(&s.spin); }
static void releases_read(void *unused) { read_unlock(&s.rw); }
static void releases_write(void *unused) { write_unlock(&s.rw); }
static void releases_mutex(void *unused) { mutex_unlock(&s.mutex); }
static void reader_leaves(void *unused) { up_read(&s.rwsem); }
static void writer_leaves(void *unused) { up_write(&s.rwsem); }
static void nobody_leaves(void *unused) { up_read_non_owner(&s.rwsem); }
static void destroys_mutex(void *unused) { mutex_destroy(&s.mutex); }
static void looks_at_mutex(void *unused) { mutex_is_locked(&s.mutex); }
static void looks_at_spinlock(void *unused) { spin_is_locked(&s.spin); }
static void looks_at_rwsem(void *unused) { rwsem_is_locked(&s.rwsem); }
static void watches_rwsem(void *unused) { rwsem_is_contended(&s.rwsem); }
static void downgrades(void *unused) { downgrade_write(&s.rwsem); }
static void asserts_spinlock(void *unused) { assert_spin_locked(&s.spin); }
static void asserts_rwsem(void *unused) { rwsem_assert_held_nolockdep(&s.rwsem); }
static void asserts_writer(void *unused) { rwsem_assert_held_write_nolockdep(&s.rwsem); }

static const struct use {
	const char *what, *name;
	void (*fn)(void *unused);
} uses[] = {
	{ "spinlock", "spin_lock", uses_spinlock },
	{ "spinlock", "spin_trylock", tries_spinlock },
	{ "spinlock", "spin_unlock", releases_spinlock },
	{ "spinlock", "spin_is_locked", looks_at_spinlock },
	{ "spinlock", "assert_spin_locked", asserts_spinlock },
	{ "rwlock", "read_lock", uses_rwlock },
	{ "rwlock", "write_trylock", tries_rwlock },
	{ "rwlock", "read_trylock", tries_read },
	{ "rwlock", "read_unlock", releases_read },
	{ "rwlock", "write_unlock", releases_write },
	{ "mutex", "mutex_lock", uses_mutex },
	{ "mutex", "mutex_trylock", tries_mutex },
	{ "mutex", "mutex_unlock", releases_mutex },
	{ "mutex", "mutex_is_locked", looks_at_mutex },
	{ "mutex", "mutex_destroy", destroys_mutex },
	{ "rwsem", "down_read", uses_rwsem },
	{ "rwsem", "down_write_trylock", tries_rwsem },
	{ "rwsem", "up_read", reader_leaves },
	{ "rwsem", "up_write", writer_leaves },
	{ "rwsem", "up_read_non_owner", nobody_leaves },
	{ "rwsem", "rwsem_is_locked", looks_at_rwsem },
	{ "rwsem", "rwsem_is_contended", watches_rwsem },
	{ "rwsem", "downgrade_write", downgrades },
	{ "seqcount", "read_seqcount_begin", uses_seqcount },
	{ "seqcount", "raw_write_seqcount_begin", writes_seqcount },
	{ "seqcount", "raw_write_seqcount_end", ends_seqcount },
	{ "seqcount", "write_seqcount_begin", writes_checked },
	{ "seqcount", "write_seqcount_end", ends_checked },
	{ "seqcount", "write_seqcount_invalidate", invalidates },
};
KUNIT_ARRAY_PARAM_DESC(uses, uses, name);

/* Its text is what it should be. */
static void expect_text(struct kunit *test, void (*fn)(void *arg), const char *start,
			const char *end)
{
	char text[200];

	violation_catch(fn, NULL, text, sizeof(text));
	KUNIT_EXPECT_TRUE_MSG(test, strstr(text, start) && strstr(text, end),
			      "no '%s' and '%s' in '%s'", start, end, text);
}

static void what_is_no_lock_is_told_from_one_that_was(struct kunit *test)
{
	const struct use *u = test->param_value;
	char start[40];

	snprintf(start, sizeof(start), "lock destroyed: %s at ", u->what);
	memset(&s, 0, sizeof(s));
	expect_text(test, u->fn, start, "was never initialised");
	memset(&s, 0x6b, sizeof(s));
	expect_text(test, u->fn, start, "is used after it was destroyed or freed");
	memset(&s, 1, sizeof(s));
	expect_text(test, u->fn, start, "is no lock (magic 0x1010101)");
}

static int takes_all(void *trying)
{
	if (trying)
		mutex_trylock(&s.mutex);
	else
		mutex_lock(&s.mutex);
	down_write(&s.rwsem);
	complete(&s.taken);
	wait_for_completion(&s.released);
	up_write(&s.rwsem);
	mutex_unlock(&s.mutex);
	return 0;
}

static void a_wrong_release_says_who_holds_it(struct kunit *test)
{
	struct member m;

	init_all();
	expect_text(test, releases_mutex, "lock not held: mutex '&s.mutex' (",
		    "is released, but not held");
	expect_text(test, reader_leaves, "lock not held: rwsem '&s.rwsem' (",
		    "is released, but not held");
	expect_text(test, writer_leaves, "lock not held: rwsem '&s.rwsem' (",
		    "is released, but not held");
	expect_text(test, nobody_leaves, "lock not held: rwsem '&s.rwsem' (",
		    "is released, but no reader holds it");
	expect_text(test, releases_spinlock, "lock not held: spinlock '&s.spin' (",
		    "is released, but not held");
	expect_text(test, asserts_spinlock, "lock not held: spinlock '&s.spin' (",
		    "must be locked here, but is not");
	expect_text(test, asserts_rwsem, "lock not held: rwsem '&s.rwsem' (", "must be held here");
	expect_text(test, downgrades, "lock not held: rwsem '&s.rwsem' (",
		    "is downgraded, but not held for writing");
	for (int i = 0; i < 2; i++) {
		member_start(test, &m, 1, takes_all, i ? test : NULL);
		wait_for_completion(&s.taken);
		expect_text(test, releases_mutex, "lock owner: mutex '&s.mutex' (",
			    ", but held by member/");
		expect_text(test, writer_leaves, "lock owner: rwsem '&s.rwsem' (",
			    ", but held by member/");
		complete(&s.released);
		KUNIT_EXPECT_EQ(test, member_join(&m), 0);
	}
	down_read(&s.rwsem);
	expect_text(test, asserts_writer, "lock not held: rwsem '&s.rwsem' (",
		    "must be held for writing here");
	KUNIT_EXPECT_EQ(test, violation_catch(asserts_rwsem, NULL, NULL, 0), VIOLATION_NONE);
	up_read(&s.rwsem);
}

static void spin_enables(void *unused) { spin_lock(&s.spin); spin_unlock_irq(&s.spin); }
static void reader_enables(void *unused) { read_lock(&s.rw); read_unlock_irq(&s.rw); }
static void writer_enables(void *unused) { write_lock(&s.rw); write_unlock_irq(&s.rw); }
static void spin_restores(void *unused) { spin_lock(&s.spin); spin_unlock_irqrestore(&s.spin, 0); }
static void spin_enables_bh(void *unused) { spin_lock(&s.spin); spin_unlock_bh(&s.spin); }

static void what_was_not_disabled_is_not_enabled(struct kunit *test)
{
	static void (*const wrong[])(void *unused) = {
		spin_enables, reader_enables, writer_enables, spin_restores,
	};

	for (int i = 0; i < ARRAY_SIZE(wrong); i++) {
		init_all();
		expect_text(test, wrong[i], "interrupt state: ",
			    "is released with interrupts to be enabled, but they are already");
	}
	init_all();
	expect_text(test, spin_enables_bh, "interrupt state: ",
		    "is released with bottom halves to be enabled, but they are already");
}

/* Where a task can be; bits, in which assertions about that hold. */
enum { PLAIN = 1, IRQS_OFF = 2, BH_OFF = 4, PREEMPT_OFF = 8, IN_IRQ = 16 };

static const struct context_assert {
	const char *name;
	void (*fn)(void);
	int holds;
} context_asserts[] = {
	{ "irqs_enabled", lockdep_assert_irqs_enabled, PLAIN | BH_OFF | PREEMPT_OFF },
	{ "irqs_disabled", lockdep_assert_irqs_disabled, IRQS_OFF | IN_IRQ },
	{ "in_irq", lockdep_assert_in_irq, IN_IRQ },
	{ "no_hardirq", lockdep_assert_no_hardirq, PLAIN | BH_OFF | PREEMPT_OFF },
	{ "in_softirq", lockdep_assert_in_softirq, BH_OFF },
	{ "preemption_enabled", lockdep_assert_preemption_enabled, PLAIN },
	{ "preemption_disabled", lockdep_assert_preemption_disabled,
	  IRQS_OFF | BH_OFF | PREEMPT_OFF | IN_IRQ },
};
KUNIT_ARRAY_PARAM_DESC(context_asserts, context_asserts, name);

static struct {
	const struct context_assert *it;
	int where;
} asserted;

static void asserts_there(void *unused)
{
	int where = asserted.where;

	if (where & BH_OFF)
		local_bh_disable();
	if (where & PREEMPT_OFF)
		preempt_disable();
	if (where & (IRQS_OFF | IN_IRQ))
		local_irq_disable();
	if (where & IN_IRQ)
		irq_enter();
	asserted.it->fn();
	if (where & IN_IRQ)
		irq_exit();
	if (where & (IRQS_OFF | IN_IRQ))
		local_irq_enable();
	if (where & PREEMPT_OFF)
		preempt_enable();
	if (where & BH_OFF)
		local_bh_enable();
}

static void an_assertion_holds_exactly_where_it_says(struct kunit *test)
{
	asserted.it = test->param_value;
	for (asserted.where = PLAIN; asserted.where <= IN_IRQ; asserted.where *= 2)
		KUNIT_EXPECT_EQ_MSG(test, asserted.where & asserted.it->holds,
				    violation_catch(asserts_there, NULL, NULL, 0) ==
				    VIOLATION_NONE ? asserted.where : 0,
				    "where %d", asserted.where);
}

static unsigned long clear_word;

static void waits_done(void) { complete(&s.taken); wait_for_completion(&s.taken); }
static void locks_mutex(void) { mutex_lock(&s.mutex); mutex_unlock(&s.mutex); }
static void reads(void) { down_read(&s.rwsem); up_read(&s.rwsem); }
static void writes(void) { down_write(&s.rwsem); up_write(&s.rwsem); }
static void reads_for_others(void) { down_read_non_owner(&s.rwsem); up_read_non_owner(&s.rwsem); }
static void goes_down(void) { down(&s.units); up(&s.units); }
static void waits_on_bit(void) { wait_on_bit(&clear_word, 0, TASK_UNINTERRUPTIBLE); }
static void waits_a_while(void) { wait_on_bit_timeout(&clear_word, 0, TASK_UNINTERRUPTIBLE, 1); }
static void locks_bit(void) { wait_on_bit_lock(&clear_word, 0, TASK_UNINTERRUPTIBLE); }

static const struct sleeper {
	const char *name;
	void (*fn)(void);
} sleepers[] = {
	{ "wait_for_completion", waits_done },
	{ "mutex_lock", locks_mutex },
	{ "down_read", reads },
	{ "down_write", writes },
	{ "down_read_non_owner", reads_for_others },
	{ "down", goes_down },
	{ "wait_on_bit", waits_on_bit },
	{ "wait_on_bit_timeout", waits_a_while },
	{ "wait_on_bit_lock", locks_bit },
};
KUNIT_ARRAY_PARAM_DESC(sleepers, sleepers, name);

static void without_preemption(void *arg)
{
	const struct sleeper *it = arg;

	preempt_disable();
	it->fn();
	preempt_enable();
}

static void with_preemption(void *arg)
{
	const struct sleeper *it = arg;

	it->fn();
}

/* Also when there is nothing to wait for this time. */
static void what_may_sleep_is_told_where_nobody_may(struct kunit *test)
{
	init_all();
	clear_word = 0;
	KUNIT_EXPECT_EQ(test, violation_catch(without_preemption, (void *)test->param_value,
					      NULL, 0), VIOLATION_ATOMIC_SLEEP);
	init_all();
	clear_word = 0;
	KUNIT_EXPECT_EQ(test, violation_catch(with_preemption, (void *)test->param_value,
					      NULL, 0), VIOLATION_NONE);
}

static int tries_completion(void *unused)
{
	return try_wait_for_completion(&s.taken);
}

static void of_those_who_try_one_takes_what_was_completed_once(struct kunit *test)
{
	struct member m[3];
	int taken = 0;

	init_all();
	complete(&s.taken);
	for (int i = 0; i < ARRAY_SIZE(m); i++)
		member_start(test, &m[i], i, tries_completion, NULL);
	for (int i = 0; i < ARRAY_SIZE(m); i++)
		taken += member_join(&m[i]);
	KUNIT_EXPECT_EQ(test, taken, 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&s.taken));
}

static int bit_holder(void *word)
{
	for (int i = 0; i < 50; i++) {
		bit_spin_lock(32, word);
		cpu_relax();
		bit_spin_unlock(32, word);
	}
	return 0;
}

static void the_first_bit_of_the_upper_half_is_waited_for(struct kunit *test)
{
	unsigned long word = 0;

	crew_run(test, bit_holder, &word);
	KUNIT_EXPECT_EQ(test, word, 0);
}

static struct kunit_case report_cases[] = {
	KUNIT_CASE_PARAM(what_is_no_lock_is_told_from_one_that_was, uses_gen_params),
	KUNIT_CASE(a_wrong_release_says_who_holds_it),
	KUNIT_CASE(what_was_not_disabled_is_not_enabled),
	KUNIT_CASE_PARAM(an_assertion_holds_exactly_where_it_says, context_asserts_gen_params),
	KUNIT_CASE_PARAM(what_may_sleep_is_told_where_nobody_may, sleepers_gen_params),
	KUNIT_CASE(of_those_who_try_one_takes_what_was_completed_once),
	KUNIT_CASE(the_first_bit_of_the_upper_half_is_waited_for),
	{}
};

static struct kunit_suite report_suite = {
	.name = "lock-report",
	.test_cases = report_cases,
};
kunit_machine_config(report_suite, lock_machine);
kunit_test_suite(report_suite);
