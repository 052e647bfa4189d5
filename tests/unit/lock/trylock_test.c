// SPDX-License-Identifier: GPL-2.0
/*
 * Who only tries: what is had that way is had alone, has an owner, and is asked about while others
 * take and give it. TSan tells when luck alone keeps two apart.
 */
#include <linux/completion.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>

#include "crew.h"

/* Times that each does it, where once would hardly meet the other. */
#define TURNS	10000

static struct semaphore sem;
static struct completion done, gone;
static unsigned long count;

/* Others may run between the two halves. */
static void count_one(void)
{
	unsigned long now = count;

	cond_resched();
	count = now + 1;
}

static int count_by_trying(void *unused)
{
	int turns = TURNS;

	while (turns) {
		if (down_trylock(&sem)) {
			cond_resched();
			continue;
		}
		count_one();
		up(&sem);
		turns--;
	}
	return 0;
}

static void a_semaphore_that_was_tried_for_is_had_alone(struct kunit *test)
{
	struct member m[2];
	int i;

	sema_init(&sem, 1);
	count = 0;
	for (i = 0; i < 2; i++)
		member_start(test, &m[i], i + 1, count_by_trying, NULL);
	for (i = 0; i < 2; i++)
		member_join(&m[i]);
	KUNIT_EXPECT_EQ(test, count, 2UL * TURNS);
}

static int complete_often(void *unused)
{
	for (int i = 0; i < TURNS; i++) {
		complete(&done);
		cond_resched();
	}
	complete(&gone);
	return 0;
}

static void a_completion_is_asked_about_while_it_is_completed(struct kunit *test)
{
	unsigned long taken = 0;
	struct member m;

	init_completion(&done);
	init_completion(&gone);
	member_start(test, &m, 1, complete_often, NULL);
	while (!completion_done(&gone)) {
		if (completion_done(&done))
			taken += try_wait_for_completion(&done);
		cond_resched();
	}
	while (try_wait_for_completion(&done))
		taken++;
	KUNIT_EXPECT_EQ(test, taken, (unsigned long)TURNS);
	KUNIT_EXPECT_FALSE(test, completion_done(&done));
	member_join(&m);
}

static void write_and_leave(void *s)
{
	up_write(s);
}

static void the_owner_of_an_rwsem_that_was_tried_for_is_known(struct kunit *test)
{
	struct rw_semaphore s;

	init_rwsem(&s);
	KUNIT_ASSERT_TRUE(test, down_write_trylock(&s));
	KUNIT_EXPECT_EQ(test, violation_catch(write_and_leave, &s, NULL, 0),
			VIOLATION_LOCK_OWNER);
	KUNIT_EXPECT_PTR_EQ(test, s.owner, current);
	up_write(&s);
	KUNIT_ASSERT_TRUE(test, down_read_trylock(&s));
	KUNIT_EXPECT_NULL(test, s.owner);
	up_read(&s);
}

static struct kunit_case trylock_cases[] = {
	KUNIT_CASE(a_semaphore_that_was_tried_for_is_had_alone),
	KUNIT_CASE(a_completion_is_asked_about_while_it_is_completed),
	KUNIT_CASE(the_owner_of_an_rwsem_that_was_tried_for_is_known),
	{}
};

static struct kunit_suite trylock_suite = {
	.name = "lock-trylock",
	.test_cases = trylock_cases,
};
kunit_test_suite(trylock_suite);
