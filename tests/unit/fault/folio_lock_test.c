// SPDX-License-Identifier: GPL-2.0
/* The folio lock and flag waits. */
#include "fault_test.h"
#include <linux/completion.h>
#include <linux/kthread.h>

static struct folio *folio;
static unsigned long inside, order[8], nr_done;
static struct completion all_done;

static int lock_init(struct kunit *test)
{
	folio = folio_alloc(GFP_KERNEL, 0);
	inside = 0;
	nr_done = 0;
	init_completion(&all_done);
	return folio ? 0 : -ENOMEM;
}

static void lock_exit(struct kunit *test)
{
	folio_put(folio);
}

static void trylock_fails_on_a_locked_folio(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, folio_trylock(folio));
	KUNIT_EXPECT_FALSE(test, folio_trylock(folio));
	KUNIT_EXPECT_EQ(test, folio_lock_owner(folio), current->pid);
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, folio_lock_owner(folio), 0);
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
}

#define LOCKERS	6
#define ROUNDS	300

static int locks_often(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		folio_lock(folio);
		inside++;	/* plain: TSan looks whether the lock locks */
		folio_unlock(folio);
	}
	folio_lock(folio);
	if (++nr_done == LOCKERS)
		complete(&all_done);
	folio_unlock(folio);
	return 0;
}

static void holders_exclude_each_other(struct kunit *test)
{
	long i;

	for (i = 0; i < LOCKERS; i++)
		KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(locks_often, NULL, "l%ld", i)));
	wait_for_completion(&all_done);
	folio_lock(folio);
	KUNIT_EXPECT_EQ(test, inside, (unsigned long)LOCKERS * ROUNDS);
	folio_unlock(folio);
	KUNIT_EXPECT_FALSE(test, folio_test_waiters(folio));
}

static int waits_unlocked(void *arg)
{
	folio_wait_locked(folio);
	if (__atomic_add_fetch(&nr_done, 1, __ATOMIC_RELAXED) == 3)
		complete(&all_done);
	return 0;
}

static void plain_waiters_are_all_woken_by_one_unlock(struct kunit *test)
{
	long i;

	folio_lock(folio);
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(waits_unlocked, NULL, "w%ld", i)));
	schedule_timeout_uninterruptible(2);
	KUNIT_EXPECT_EQ(test, __atomic_load_n(&nr_done, __ATOMIC_RELAXED), 0UL);
	folio_unlock(folio);
	wait_for_completion(&all_done);
}

static int takes_turn(void *arg)
{
	folio_lock(folio);
	order[nr_done++] = (long)arg;
	if (nr_done == 4)
		complete(&all_done);
	folio_unlock(folio);
	return 0;
}

static void lock_waiters_go_first_come_first_served(struct kunit *test)
{
	long i;

	folio_lock(folio);
	for (i = 0; i < 4; i++) {
		KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(takes_turn, (void *)i, "t%ld", i)));
		schedule_timeout_uninterruptible(2);
	}
	folio_unlock(folio);
	wait_for_completion(&all_done);
	folio_lock(folio);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, order[i], (unsigned long)i);
	folio_unlock(folio);
}

static int waits_writeback(void *arg)
{
	folio_wait_writeback(folio);
	complete(&all_done);
	return 0;
}

static void the_end_of_writeback_wakes_its_waiters(struct kunit *test)
{
	folio_lock(folio);
	folio_start_writeback(folio);
	folio_unlock(folio);
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(waits_writeback, NULL, "wb")));
	schedule_timeout_uninterruptible(2);
	KUNIT_EXPECT_FALSE(test, completion_done(&all_done));
	folio_end_writeback(folio);
	wait_for_completion(&all_done);
}

static void unlock_unlocked(void *arg)
{
	folio_unlock(folio);
}

static void mistakes_with_the_lock_are_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(unlock_unlocked, NULL, NULL, 0),
			VIOLATION_LOCK_UNHELD);
	folio_lock(folio);
	KUNIT_EXPECT_EQ(test, violation_catch(unlock_unlocked, NULL, NULL, 0),
			VIOLATION_LOCK_OWNER);
	folio_unlock(folio);
}

static struct folio *leaked;

static void lock_twice_kept(void *arg)
{
	folio_lock(leaked);
	folio_lock(leaked);
}

static void locking_twice_is_recursion(struct kunit *test)
{
	leaked = folio_alloc(GFP_KERNEL, 0);
	KUNIT_EXPECT_EQ(test, violation_catch(lock_twice_kept, NULL, NULL, 0),
			VIOLATION_LOCK_RECURSION);
	__folio_clear_locked(leaked);
	leaked->memcg_data = 0;
	folio_put(leaked);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(trylock_fails_on_a_locked_folio),
	KUNIT_CASE(holders_exclude_each_other),
	KUNIT_CASE(plain_waiters_are_all_woken_by_one_unlock),
	KUNIT_CASE(lock_waiters_go_first_come_first_served),
	KUNIT_CASE(the_end_of_writeback_wakes_its_waiters),
	KUNIT_CASE(mistakes_with_the_lock_are_reported),
	KUNIT_CASE(locking_twice_is_recursion),
	{}
};

static struct kunit_suite suite = {
	.name = "fault-folio-lock",
	.init = lock_init,
	.exit = lock_exit,
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);
