// SPDX-License-Identifier: GPL-2.0
/* Simple wait queues: one at a time, in order; with a timeout; with a signal. */
#include <linux/swait.h>

#include "crew.h"

struct swait_state {
	struct swait_queue_head wq;
	int tickets;		/* under lock */
	spinlock_t lock;
	struct notes notes;
};

struct sleeper {
	struct swait_state *s;
	struct member m;
	char name;
	long left;
	int ret;
};

static struct swait_state *new_state(struct kunit *test)
{
	struct swait_state *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	init_swait_queue_head(&s->wq);
	spin_lock_init(&s->lock);
	return s;
}

static bool take_ticket(struct swait_state *s)
{
	bool taken;

	spin_lock(&s->lock);
	taken = s->tickets > 0;
	s->tickets -= taken;
	spin_unlock(&s->lock);
	return taken;
}

static void add_tickets(struct swait_state *s, int n)
{
	spin_lock(&s->lock);
	s->tickets += n;
	spin_unlock(&s->lock);
}

static void note_name(struct sleeper *w)
{
	spin_lock(&w->s->lock);
	note(&w->s->notes, w->name);
	spin_unlock(&w->s->lock);
}

static int wait_for_ticket(void *arg)
{
	struct sleeper *w = arg;

	swait_event_exclusive(w->s->wq, take_ticket(w->s));
	note_name(w);
	return 0;
}

static int wait_idle(void *arg)
{
	struct sleeper *w = arg;

	swait_event_idle_exclusive(w->s->wq, take_ticket(w->s));
	note_name(w);
	return 0;
}

static int wait_by_hand(void *arg)
{
	struct sleeper *w = arg;
	DECLARE_SWAITQUEUE(wait);

	for (;;) {
		prepare_to_swait_exclusive(&w->s->wq, &wait, TASK_UNINTERRUPTIBLE);
		if (take_ticket(w->s))
			break;
		schedule();
	}
	finish_swait(&w->s->wq, &wait);
	note_name(w);
	return 0;
}

static int wait_interruptible(void *arg)
{
	struct sleeper *w = arg;

	w->ret = swait_event_interruptible_exclusive(w->s->wq, take_ticket(w->s));
	return 0;
}

static int wait_timeout(void *arg)
{
	struct sleeper *w = arg;

	w->left = swait_event_timeout_exclusive(w->s->wq, take_ticket(w->s), 50);
	return 0;
}

static int wait_idle_timeout(void *arg)
{
	struct sleeper *w = arg;

	w->left = swait_event_idle_timeout_exclusive(w->s->wq, take_ticket(w->s), 50);
	return 0;
}

static void start_sleeper(struct kunit *test, struct swait_state *s, struct sleeper *w,
			  int i, int (*fn)(void *arg))
{
	*w = (struct sleeper){ .s = s, .name = 'a' + i };
	member_start_program(test, &w->m, i % nr_cpu_ids, fn, w);
	let_others_sleep();
}

static void waiters_are_woken_one_by_one_in_order(struct kunit *test)
{
	static int (*const fns[])(void *arg) = { wait_for_ticket, wait_idle, wait_by_hand };
	struct swait_state *s = new_state(test);
	struct sleeper w[3];
	int i;

	for (i = 0; i < 3; i++)
		start_sleeper(test, s, &w[i], i, fns[i]);
	KUNIT_EXPECT_TRUE(test, swq_has_sleeper(&s->wq));
	add_tickets(s, 3);
	for (i = 1; i <= 3; i++) {
		swake_up_one(&s->wq);
		let_others_sleep();
		KUNIT_EXPECT_EQ(test, notes_len(&s->notes), i);
	}
	for (i = 0; i < 3; i++)
		member_join(&w[i].m);
	KUNIT_EXPECT_STREQ(test, notes_text(&s->notes), "abc");
	KUNIT_EXPECT_FALSE(test, swait_active(&s->wq));
}

static void swake_up_all_wakes_all_and_the_unlucky_wait_on(struct kunit *test)
{
	struct swait_state *s = new_state(test);
	struct sleeper w[3];
	int i;

	for (i = 0; i < 3; i++)
		start_sleeper(test, s, &w[i], i, wait_for_ticket);
	add_tickets(s, 2);
	swake_up_all(&s->wq);
	let_others_sleep();
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 2);
	KUNIT_EXPECT_TRUE(test, swait_active(&s->wq));
	add_tickets(s, 1);
	swake_up_all(&s->wq);
	for (i = 0; i < 3; i++)
		member_join(&w[i].m);
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 3);
}

static void a_timeout_ends_the_wait_with_what_is_left(struct kunit *test)
{
	static int (*const fns[])(void *arg) = { wait_timeout, wait_idle_timeout };
	struct swait_state *s = new_state(test);
	struct sleeper w;

	for (int i = 0; i < ARRAY_SIZE(fns); i++) {
		start_sleeper(test, s, &w, 0, fns[i]);
		member_join(&w.m);
		KUNIT_EXPECT_EQ(test, w.left, 0);

		start_sleeper(test, s, &w, 0, fns[i]);
		add_tickets(s, 1);
		swake_up_one(&s->wq);
		member_join(&w.m);
		KUNIT_EXPECT_GT(test, w.left, 0);
		KUNIT_EXPECT_LE(test, w.left, 50);

		/* True before any sleep: all is left. */
		add_tickets(s, 1);
		start_sleeper(test, s, &w, 0, fns[i]);
		member_join(&w.m);
		KUNIT_EXPECT_EQ(test, w.left, 50);
	}
}

static void a_signal_ends_an_interruptible_wait_only(struct kunit *test)
{
	struct swait_state *s = new_state(test);
	struct sleeper w[2];

	start_sleeper(test, s, &w[0], 0, wait_interruptible);
	start_sleeper(test, s, &w[1], 1, wait_for_ticket);
	send_kill(&w[0].m);
	send_kill(&w[1].m);
	member_join(&w[0].m);
	KUNIT_EXPECT_EQ(test, w[0].ret, -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 0);
	add_tickets(s, 1);
	swake_up_one(&s->wq);
	member_join(&w[1].m);
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 1);

	add_tickets(s, 1);
	start_sleeper(test, s, &w[0], 0, wait_interruptible);
	member_join(&w[0].m);
	KUNIT_EXPECT_EQ(test, w[0].ret, 0);
}

static struct kunit_case swait_cases[] = {
	KUNIT_CASE(waiters_are_woken_one_by_one_in_order),
	KUNIT_CASE(swake_up_all_wakes_all_and_the_unlucky_wait_on),
	KUNIT_CASE(a_timeout_ends_the_wait_with_what_is_left),
	KUNIT_CASE(a_signal_ends_an_interruptible_wait_only),
	{}
};

static struct kunit_suite swait_suite = {
	.name = "lock-swait",
	.test_cases = swait_cases,
};
kunit_machine_config(swait_suite, lock_machine);
kunit_test_suite(swait_suite);
