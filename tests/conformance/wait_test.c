// SPDX-License-Identifier: GPL-2.0
/*
 * Wait queues: who is woken, in which order, and what waiting returns.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(conformance_wait);
static char order[16];
static int woken;

/* A sleeper that only tells that it would be woken: its name, and whether it was asleep. */
struct sleeper {
	struct wait_queue_entry entry;
	char name;
	int sleeps;
};

static int tell(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	struct sleeper *s = container_of(entry, struct sleeper, entry);

	if (woken < sizeof(order) - 1)
		order[woken++] = s->name;
	return s->sleeps;
}

static void sleeper_init(struct sleeper *s, char name, int sleeps)
{
	init_waitqueue_func_entry(&s->entry, tell);
	s->name = name;
	s->sleeps = sleeps;
}

static const char *woken_by(struct wait_queue_head *queue, int nr)
{
	memset(order, 0, sizeof(order));
	woken = 0;
	if (nr == 1)
		wake_up_interruptible(queue);
	else if (nr)
		wake_up_nr(queue, nr);
	else
		wake_up_all(queue);
	return order;
}

/* Those that do not exclude come first, the youngest first; those that do stand in line. */
static void exclusive_sleepers_are_woken_one_by_one_in_line(struct kunit *test)
{
	struct wait_queue_head queue;
	struct sleeper s[5];
	int i;

	init_waitqueue_head(&queue);
	KUNIT_EXPECT_FALSE(test, waitqueue_active(&queue));
	for (i = 0; i < 5; i++)
		sleeper_init(&s[i], "abCDE"[i], 1);
	add_wait_queue_exclusive(&queue, &s[2].entry);
	add_wait_queue(&queue, &s[0].entry);
	add_wait_queue_exclusive(&queue, &s[3].entry);
	add_wait_queue(&queue, &s[1].entry);
	add_wait_queue_exclusive(&queue, &s[4].entry);
	KUNIT_EXPECT_TRUE(test, waitqueue_active(&queue));
	KUNIT_EXPECT_STREQ(test, woken_by(&queue, 1), "baC");
	KUNIT_EXPECT_STREQ(test, woken_by(&queue, 2), "baCD");
	KUNIT_EXPECT_STREQ(test, woken_by(&queue, 0), "baCDE");
	remove_wait_queue(&queue, &s[2].entry);
	KUNIT_EXPECT_STREQ(test, woken_by(&queue, 1), "baD");
	for (i = 0; i < 5; i++) {
		if (i != 2)
			remove_wait_queue(&queue, &s[i].entry);
	}
	KUNIT_EXPECT_FALSE(test, waitqueue_active(&queue));
}

/* A wake-up that met somebody awake goes to the next in line. */
static void a_wake_up_is_not_spent_on_who_is_awake(struct kunit *test)
{
	struct wait_queue_head queue;
	struct sleeper awake, asleep, last;

	init_waitqueue_head(&queue);
	sleeper_init(&awake, 'A', 0);
	sleeper_init(&asleep, 'B', 1);
	sleeper_init(&last, 'C', 1);
	add_wait_queue_exclusive(&queue, &awake.entry);
	add_wait_queue_exclusive(&queue, &asleep.entry);
	add_wait_queue_exclusive(&queue, &last.entry);
	KUNIT_EXPECT_STREQ(test, woken_by(&queue, 1), "AB");
	remove_wait_queue(&queue, &awake.entry);
	remove_wait_queue(&queue, &asleep.entry);
	remove_wait_queue(&queue, &last.entry);
}

struct visit {
	int stage;
	bool frozen;
	long answer;
	struct completion over;
};

static int wait_freezable(void *arg)
{
	struct visit *v = arg;

	/* Nobody freezes now. */
	v->frozen = set_freezable();
	WRITE_ONCE(v->stage, 1);
	v->answer = wait_event_freezable(conformance_wait, READ_ONCE(v->stage) == 2);
	complete(&v->over);
	return 0;
}

/* Wakes until the condition holds: a wake-up alone is none. */
static void waiting_ends_when_the_condition_holds(struct kunit *test)
{
	struct visit v = { .answer = 99, .frozen = true };

	init_completion(&v.over);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(wait_freezable, &v, "conform"));
	while (!READ_ONCE(v.stage) || !waitqueue_active(&conformance_wait))
		schedule_timeout_uninterruptible(1);
	wake_up_interruptible(&conformance_wait);
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&v.over, 3), 0UL);
	WRITE_ONCE(v.stage, 2);
	wake_up_interruptible(&conformance_wait);
	wait_for_completion(&v.over);
	KUNIT_EXPECT_EQ(test, v.answer, 0L);
	KUNIT_EXPECT_FALSE(test, v.frozen);
	KUNIT_EXPECT_FALSE(test, waitqueue_active(&conformance_wait));
}

/* 0: not before the end; else what was left, at least 1. */
static void waiting_with_an_end_returns_what_was_left(struct kunit *test)
{
	bool no = false, yes = true;
	long left;

	KUNIT_EXPECT_EQ(test, wait_event_freezable(conformance_wait, yes), 0);
	left = wait_event_freezable_timeout(conformance_wait, yes, 50);
	KUNIT_EXPECT_EQ(test, left, 50L);
	left = wait_event_freezable_timeout(conformance_wait, yes, 0);
	KUNIT_EXPECT_EQ(test, left, 1L);
	left = wait_event_freezable_timeout(conformance_wait, no, 2);
	KUNIT_EXPECT_EQ(test, left, 0L);
	left = wait_event_timeout(conformance_wait, no, 2);
	KUNIT_EXPECT_EQ(test, left, 0L);
}

static struct kunit_case wait_cases[] = {
	KUNIT_CASE(exclusive_sleepers_are_woken_one_by_one_in_line),
	KUNIT_CASE(a_wake_up_is_not_spent_on_who_is_awake),
	KUNIT_CASE(waiting_ends_when_the_condition_holds),
	KUNIT_CASE(waiting_with_an_end_returns_what_was_left),
	{}
};

static struct kunit_suite wait_suite = {
	.name = "conformance_wait",
	.test_cases = wait_cases,
};
kunit_test_suite(wait_suite);
