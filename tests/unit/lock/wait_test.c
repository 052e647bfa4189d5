// SPDX-License-Identifier: GPL-2.0
/* Wait queues, waiting for bits and variables. */
#include <linux/interrupt.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/wait_bit.h>

#include "crew.h"

struct wait_state {
	wait_queue_head_t wq;
	int flag;
	unsigned long word;
	spinlock_t lock;
	struct notes notes;
	atomic_t woken;
};

struct waiter {
	struct wait_state *s;
	struct member m;
	char name;
	int ret;
	long left;
};

static struct wait_state *new_state(struct kunit *test)
{
	struct wait_state *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	init_waitqueue_head(&s->wq);
	spin_lock_init(&s->lock);
	return s;
}

static void note_locked(struct waiter *w)
{
	spin_lock(&w->s->lock);
	note(&w->s->notes, w->name);
	spin_unlock(&w->s->lock);
	atomic_inc(&w->s->woken);
}

static int wait_plain(void *arg)
{
	struct waiter *w = arg;

	wait_event(w->s->wq, READ_ONCE(w->s->flag));
	note_locked(w);
	return 0;
}

/* One of those that wait exclusively: it takes what it waited for. */
static int wait_exclusive(void *arg)
{
	struct waiter *w = arg;

	w->ret = wait_event_interruptible_exclusive(w->s->wq, READ_ONCE(w->s->flag));
	note_locked(w);
	return 0;
}

static void start_waiters(struct kunit *test, struct wait_state *s, struct waiter *w, int n,
			  int (*fn)(void *arg))
{
	int i;

	for (i = 0; i < n; i++) {
		w[i].s = s;
		w[i].name = 'a' + i;
		member_start_program(test, &w[i].m, (n - i) % nr_cpu_ids, fn, &w[i]);
		let_others_sleep();
	}
}

static void join_waiters(struct waiter *w, int n)
{
	int i;

	for (i = 0; i < n; i++)
		member_join(&w[i].m);
}

static void wake_up_wakes_all_who_wait_non_exclusively(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	struct waiter w[3];

	start_waiters(test, s, w, 3, wait_plain);
	KUNIT_EXPECT_TRUE(test, waitqueue_active(&s->wq));
	wake_up(&s->wq);
	let_others_sleep();
	KUNIT_EXPECT_EQ_MSG(test, notes_len(&s->notes), 0, "left although the condition is false");
	WRITE_ONCE(s->flag, 1);
	wake_up(&s->wq);
	join_waiters(w, 3);
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 3);
	KUNIT_EXPECT_FALSE(test, wq_has_sleeper(&s->wq));
}

static void wake_up_wakes_one_exclusive_waiter_in_order(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	struct waiter w[4];
	int i;

	start_waiters(test, s, w, 4, wait_exclusive);
	WRITE_ONCE(s->flag, 1);
	for (i = 1; i <= 2; i++) {
		wake_up_interruptible(&s->wq);
		let_others_sleep();
		KUNIT_EXPECT_EQ(test, notes_len(&s->notes), i);
	}
	wake_up_nr(&s->wq, 2);
	join_waiters(w, 4);
	KUNIT_EXPECT_EQ(test, notes_text(&s->notes)[0], 'a');
	KUNIT_EXPECT_EQ(test, notes_text(&s->notes)[1], 'b');
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 4);
}

static void wake_up_all_wakes_exclusive_waiters_too(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	struct waiter w[4];

	start_waiters(test, s, w, 4, wait_exclusive);
	WRITE_ONCE(s->flag, 1);
	wake_up_all(&s->wq);
	join_waiters(w, 4);
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 4);
}

static void wake_up_interruptible_leaves_uninterruptible_sleepers(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	struct waiter w[1];

	start_waiters(test, s, w, 1, wait_plain);
	WRITE_ONCE(s->flag, 1);
	wake_up_interruptible(&s->wq);
	let_others_sleep();
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 0);
	wake_up(&s->wq);
	join_waiters(w, 1);
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 1);
}

static void a_signal_ends_interruptible_waits_and_passes_the_wake_up_on(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	struct waiter w[2];

	start_waiters(test, s, w, 2, wait_exclusive);
	send_kill(&w[0].m);
	member_join(&w[0].m);
	KUNIT_EXPECT_EQ(test, w[0].ret, -ERESTARTSYS);
	WRITE_ONCE(s->flag, 1);
	wake_up_interruptible(&s->wq);
	member_join(&w[1].m);
	KUNIT_EXPECT_EQ(test, w[1].ret, 0);
}

static int wait_killable(void *arg)
{
	struct waiter *w = arg;

	w->ret = wait_event_killable(w->s->wq, READ_ONCE(w->s->flag));
	return 0;
}

static void a_kill_ends_killable_waits(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	struct waiter w[1];

	start_waiters(test, s, w, 1, wait_killable);
	send_kill(&w[0].m);
	join_waiters(w, 1);
	KUNIT_EXPECT_EQ(test, w[0].ret, -ERESTARTSYS);
}

static void timeouts_take_exactly_their_time(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	unsigned long begin = jiffies;

	KUNIT_EXPECT_EQ(test, wait_event_timeout(s->wq, READ_ONCE(s->flag), 25), 0L);
	KUNIT_EXPECT_GE(test, jiffies - begin, 25UL);
	KUNIT_EXPECT_LE(test, jiffies - begin, 26UL);

	begin = jiffies;
	KUNIT_EXPECT_EQ(test, wait_event_freezable_timeout(s->wq, READ_ONCE(s->flag), 10000), 0L);
	KUNIT_EXPECT_GE(test, jiffies - begin, 10000UL);
	KUNIT_EXPECT_LE(test, jiffies - begin, 10001UL);

	begin = jiffies;
	KUNIT_EXPECT_EQ(test, wait_event_idle_timeout(s->wq, READ_ONCE(s->flag), 3), 0L);
	KUNIT_EXPECT_LE(test, jiffies - begin, 4UL);

	WRITE_ONCE(s->flag, 1);
	KUNIT_EXPECT_EQ(test, wait_event_timeout(s->wq, READ_ONCE(s->flag), 25), 25L);
	KUNIT_EXPECT_EQ_MSG(test, wait_event_timeout(s->wq, READ_ONCE(s->flag), 0), 1L,
			    "a true condition wins over no time");
}

struct wake_timer {
	struct timer_list timer;
	struct wait_state *s;
};

static void set_flag_and_wake(struct timer_list *t)
{
	struct wake_timer *wt = from_timer(wt, t, timer);

	WRITE_ONCE(wt->s->flag, 1);
	wake_up(&wt->s->wq);
}

static void a_wake_up_from_a_timer_leaves_the_rest_of_the_timeout(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	struct wake_timer wt = { .s = s };
	long left;

	timer_setup_on_stack(&wt.timer, set_flag_and_wake, 0);
	mod_timer(&wt.timer, jiffies + 40);
	left = wait_event_interruptible_timeout(s->wq, READ_ONCE(s->flag), 100);
	KUNIT_EXPECT_GE(test, left, 59L);
	KUNIT_EXPECT_LE(test, left, 61L);
	timer_delete_sync(&wt.timer);
	destroy_timer_on_stack(&wt.timer);
}

static int wait_by_hand(void *arg)
{
	struct waiter *w = arg;
	DEFINE_WAIT(entry);

	for (;;) {
		prepare_to_wait(&w->s->wq, &entry, TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(w->s->flag))
			break;
		schedule();
	}
	finish_wait(&w->s->wq, &entry);
	w->ret = list_empty(&entry.entry);
	note_locked(w);
	return 0;
}

static void prepare_and_finish_wait_by_hand(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	struct waiter w[2];

	start_waiters(test, s, w, 2, wait_by_hand);
	WRITE_ONCE(s->flag, 1);
	wake_up_all(&s->wq);
	join_waiters(w, 2);
	KUNIT_EXPECT_EQ(test, w[0].ret, 1);
	KUNIT_EXPECT_FALSE(test, waitqueue_active(&s->wq));
}

static int wait_woken_worker(void *arg)
{
	struct waiter *w = arg;
	DEFINE_WAIT_FUNC(entry, woken_wake_function);

	add_wait_queue(&w->s->wq, &entry);
	while (!READ_ONCE(w->s->flag))
		w->left = wait_woken(&entry, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
	remove_wait_queue(&w->s->wq, &entry);
	note_locked(w);
	return 0;
}

static void wait_woken_remembers_wake_ups(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	DEFINE_WAIT_FUNC(entry, woken_wake_function);
	struct waiter w[1];
	unsigned long begin = jiffies;

	start_waiters(test, s, w, 1, wait_woken_worker);
	WRITE_ONCE(s->flag, 1);
	wake_up(&s->wq);
	join_waiters(w, 1);
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 1);

	/* Woken before it sleeps: it does not sleep. */
	add_wait_queue(&s->wq, &entry);
	wake_up(&s->wq);
	begin = jiffies;
	KUNIT_EXPECT_EQ(test, wait_woken(&entry, TASK_UNINTERRUPTIBLE, 50), 50L);
	KUNIT_EXPECT_EQ(test, get_current_state(), TASK_RUNNING);
	KUNIT_EXPECT_EQ(test, jiffies - begin, 0UL);
	KUNIT_EXPECT_EQ(test, wait_woken(&entry, TASK_UNINTERRUPTIBLE, 5), 0L);
	remove_wait_queue(&s->wq, &entry);
}

static int count_wake_ups(struct wait_queue_entry *entry, unsigned int mode, int flags,
			  void *key)
{
	(*(int *)entry->private)++;
	return 1;
}

static void priority_entries_come_first_and_take_exclusive_wake_ups(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	int first = 0, second = 0;
	struct wait_queue_entry a, b;

	init_waitqueue_func_entry(&a, count_wake_ups);
	init_waitqueue_func_entry(&b, count_wake_ups);
	a.private = &second;
	b.private = &first;
	add_wait_queue_exclusive(&s->wq, &a);
	add_wait_queue_priority(&s->wq, &b);
	KUNIT_EXPECT_EQ(test, wake_up(&s->wq), 1);
	KUNIT_EXPECT_EQ(test, first, 1);
	KUNIT_EXPECT_EQ(test, second, 0);
	wake_up_all(&s->wq);
	KUNIT_EXPECT_EQ(test, second, 1);
	remove_wait_queue(&s->wq, &a);
	remove_wait_queue(&s->wq, &b);
}

static int wait_bit_worker(void *arg)
{
	struct waiter *w = arg;

	w->ret = wait_on_bit(&w->s->word, 5, TASK_UNINTERRUPTIBLE);
	note_locked(w);
	return 0;
}

static void wait_on_bit_waits_for_its_bit_only(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	struct waiter w[2];

	s->word = 1UL << 5 | 1UL << 6;
	start_waiters(test, s, w, 2, wait_bit_worker);
	clear_and_wake_up_bit(6, &s->word);
	let_others_sleep();
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 0);
	wake_up_bit(&s->word, 5);
	let_others_sleep();
	KUNIT_EXPECT_EQ_MSG(test, notes_len(&s->notes), 0, "left although the bit is set");
	clear_and_wake_up_bit(5, &s->word);
	join_waiters(w, 2);
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 2);
	KUNIT_EXPECT_EQ(test, w[0].ret, 0);
	KUNIT_EXPECT_EQ(test, wait_on_bit(&s->word, 5, TASK_UNINTERRUPTIBLE), 0);
}

static int wait_bit_lock_worker(void *arg)
{
	struct waiter *w = arg;

	w->ret = wait_on_bit_lock(&w->s->word, 0, TASK_KILLABLE);
	if (w->ret)
		return 0;
	note_locked(w);
	clear_and_wake_up_bit(0, &w->s->word);
	return 0;
}

static void wait_on_bit_lock_takes_the_bit_in_order(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	struct waiter w[3];

	KUNIT_ASSERT_EQ(test, wait_on_bit_lock(&s->word, 0, TASK_UNINTERRUPTIBLE), 0);
	KUNIT_EXPECT_EQ(test, s->word, 1UL);
	start_waiters(test, s, w, 3, wait_bit_lock_worker);
	send_kill(&w[1].m);
	member_join(&w[1].m);
	KUNIT_EXPECT_EQ(test, w[1].ret, -EINTR);
	KUNIT_EXPECT_TRUE(test, test_and_clear_wake_up_bit(0, &s->word));
	member_join(&w[0].m);
	member_join(&w[2].m);
	KUNIT_EXPECT_STREQ(test, notes_text(&s->notes), "ac");
	KUNIT_EXPECT_EQ(test, s->word, 0UL);
}

static void wait_on_bit_timeout_is_exact(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	unsigned long begin = jiffies;

	s->word = 1;
	KUNIT_EXPECT_EQ(test, wait_on_bit_timeout(&s->word, 0, TASK_UNINTERRUPTIBLE, 12), -EAGAIN);
	KUNIT_EXPECT_GE(test, jiffies - begin, 12UL);
	KUNIT_EXPECT_LE(test, jiffies - begin, 13UL);
	s->word = 0;
	KUNIT_EXPECT_EQ(test, wait_on_bit_timeout(&s->word, 0, TASK_UNINTERRUPTIBLE, 12), 0);
}

static int wait_var_worker(void *arg)
{
	struct waiter *w = arg;

	wait_var_event(&w->s->flag, READ_ONCE(w->s->flag) == 2);
	note_locked(w);
	return 0;
}

static void wait_var_event_waits_for_its_condition(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	struct waiter w[1];

	start_waiters(test, s, w, 1, wait_var_worker);
	WRITE_ONCE(s->flag, 1);
	smp_mb();
	wake_up_var(&s->flag);
	let_others_sleep();
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 0);
	WRITE_ONCE(s->flag, 2);
	smp_mb();
	wake_up_var(&s->flag);
	join_waiters(w, 1);
	KUNIT_EXPECT_EQ(test, wait_var_event_timeout(&s->flag, READ_ONCE(s->flag) == 3, 4), 0L);
}

#define PING_ROUNDS	200

struct ping {
	struct wait_state *s;
	int me;
};

static int ping_worker(void *arg)
{
	struct ping *p = arg;
	int i;

	for (i = 0; i < PING_ROUNDS; i++) {
		wait_event(p->s->wq, READ_ONCE(p->s->flag) == p->me);
		WRITE_ONCE(p->s->flag, !p->me);
		wake_up(&p->s->wq);
	}
	return 0;
}

/* Two tasks that wake each other: one lost wake-up and the machine stands still. */
static void no_wake_up_is_lost_between_two_tasks(struct kunit *test)
{
	struct wait_state *s = new_state(test);
	struct ping a = { .s = s, .me = 0 }, b = { .s = s, .me = 1 };
	struct member ma, mb;

	member_start(test, &ma, 1, ping_worker, &a);
	member_start(test, &mb, 2, ping_worker, &b);
	KUNIT_EXPECT_EQ(test, member_join(&ma), 0);
	KUNIT_EXPECT_EQ(test, member_join(&mb), 0);
	KUNIT_EXPECT_EQ(test, READ_ONCE(s->flag), 0);
}

/* Who waits for what is there already need not sleep, but might have had to. */

static unsigned long no_bits;

static void for_a_bit(void *arg)
{
	preempt_disable();
	wait_on_bit(&no_bits, 0, TASK_UNINTERRUPTIBLE);
}

static void for_a_bit_and_a_time(void *arg)
{
	preempt_disable();
	wait_on_bit_timeout(&no_bits, 0, TASK_UNINTERRUPTIBLE, 1);
}

static void to_set_a_bit(void *arg)
{
	preempt_disable();
	wait_on_bit_lock(&no_bits, 1, TASK_UNINTERRUPTIBLE);
}

static void for_an_event(void *arg)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);

	preempt_disable();
	wait_event(wq, true);
}

static void for_an_event_and_a_time(void *arg)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);

	preempt_disable();
	wait_event_timeout(wq, true, 1);
}

static void for_a_variable(void *arg)
{
	preempt_disable();
	wait_var_event(&no_bits, !no_bits);
}

static const struct wait {
	const char *name;
	void (*fn)(void *arg);
} waits[] = {
	{ "for a bit", for_a_bit },
	{ "for a bit and a time", for_a_bit_and_a_time },
	{ "to set a bit", to_set_a_bit },
	{ "for an event", for_an_event },
	{ "for an event and a time", for_an_event_and_a_time },
	{ "for a variable", for_a_variable },
};
KUNIT_ARRAY_PARAM_DESC(wait, waits, name);

static void who_cannot_sleep_must_not_wait(struct kunit *test)
{
	const struct wait *wait = test->param_value;

	KUNIT_EXPECT_EQ(test, violation_catch(wait->fn, NULL, NULL, 0), VIOLATION_ATOMIC_SLEEP);
}

static struct kunit_case wait_cases[] = {
	KUNIT_CASE(wake_up_wakes_all_who_wait_non_exclusively),
	KUNIT_CASE(wake_up_wakes_one_exclusive_waiter_in_order),
	KUNIT_CASE(wake_up_all_wakes_exclusive_waiters_too),
	KUNIT_CASE(wake_up_interruptible_leaves_uninterruptible_sleepers),
	KUNIT_CASE(a_signal_ends_interruptible_waits_and_passes_the_wake_up_on),
	KUNIT_CASE(a_kill_ends_killable_waits),
	KUNIT_CASE(timeouts_take_exactly_their_time),
	KUNIT_CASE(a_wake_up_from_a_timer_leaves_the_rest_of_the_timeout),
	KUNIT_CASE(prepare_and_finish_wait_by_hand),
	KUNIT_CASE(wait_woken_remembers_wake_ups),
	KUNIT_CASE(priority_entries_come_first_and_take_exclusive_wake_ups),
	KUNIT_CASE(wait_on_bit_waits_for_its_bit_only),
	KUNIT_CASE(wait_on_bit_lock_takes_the_bit_in_order),
	KUNIT_CASE(wait_on_bit_timeout_is_exact),
	KUNIT_CASE(wait_var_event_waits_for_its_condition),
	KUNIT_CASE(no_wake_up_is_lost_between_two_tasks),
	KUNIT_CASE_PARAM(who_cannot_sleep_must_not_wait, wait_gen_params),
	{}
};

static struct kunit_suite wait_suite = {
	.name = "lock-wait",
	.test_cases = wait_cases,
};
kunit_machine_config(wait_suite, lock_machine);
kunit_test_suite(wait_suite);
