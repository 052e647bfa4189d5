// SPDX-License-Identifier: GPL-2.0
/* Wait queues piece by piece: who is called by a wake-up, in which order, and who stays. */
#include <linux/completion.h>
#include <linux/swait.h>
#include <linux/wait.h>
#include <linux/wait_bit.h>

#include "crew.h"

/* An entry whose function notes that it was called, and with what. */
struct caller {
	struct wait_queue_entry entry;
	int called, flags;
	void *key;
};

static int note_call(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	struct caller *c = container_of(entry, struct caller, entry);

	c->called++;
	c->flags = flags;
	c->key = key;
	return 1;
}

static void add_callers(wait_queue_head_t *wq, struct caller *c, int n)
{
	for (int i = 0; i < n; i++) {
		init_waitqueue_func_entry(&c[i].entry, note_call);
		c[i].called = 0;
		add_wait_queue_exclusive(wq, &c[i].entry);
	}
}

static void remove_callers(wait_queue_head_t *wq, struct caller *c, int n)
{
	for (int i = 0; i < n; i++)
		remove_wait_queue(wq, &c[i].entry);
}

static void a_locked_wake_up_calls_one_with_the_key(struct kunit *test)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct caller c[2];

	add_callers(&wq, c, 2);
	spin_lock_irq(&wq.lock);
	__wake_up_locked_key(&wq, TASK_NORMAL, test);
	spin_unlock_irq(&wq.lock);
	KUNIT_EXPECT_EQ(test, c[0].called, 1);
	KUNIT_EXPECT_EQ(test, c[0].flags, 0);
	KUNIT_EXPECT_PTR_EQ(test, c[0].key, test);
	KUNIT_EXPECT_EQ(test, c[1].called, 0);
	spin_lock_irq(&wq.lock);
	__wake_up_locked(&wq, TASK_NORMAL, 2);
	spin_unlock_irq(&wq.lock);
	KUNIT_EXPECT_EQ(test, c[0].called, 2);
	KUNIT_EXPECT_EQ(test, c[0].flags, 0);
	KUNIT_EXPECT_NULL(test, c[0].key);
	KUNIT_EXPECT_EQ(test, c[1].called, 1);
	remove_callers(&wq, c, 2);
}

static void a_wake_up_of_a_bit_calls_one(struct kunit *test)
{
	unsigned long word = 0;
	wait_queue_head_t *wq = bit_waitqueue(&word, 3);
	struct caller c[2];

	add_callers(wq, c, 2);
	wake_up_bit(&word, 3);
	KUNIT_EXPECT_EQ(test, c[0].called, 1);
	KUNIT_EXPECT_EQ(test, c[0].flags, 0);
	KUNIT_EXPECT_NOT_NULL(test, c[0].key);
	KUNIT_EXPECT_EQ(test, c[1].called, 0);
	remove_callers(wq, c, 2);
}

/* What its function answers while the waiter is about to sleep. */
static int try_to_wake(struct wait_bit_queue_entry *e, struct wait_bit_key *key)
{
	int woken;

	set_current_state(TASK_UNINTERRUPTIBLE);
	woken = e->wq_entry.func(&e->wq_entry, TASK_NORMAL, 0, key);
	__set_current_state(TASK_RUNNING);
	return woken;
}

/* Bits of one word, and words, may share a queue: the key tells them apart. */
static void who_waits_for_another_bit_sleeps_on(struct kunit *test)
{
	unsigned long words[2] = { 0, 0 };
	struct wait_bit_key key = __WAIT_BIT_KEY_INITIALIZER(&words[0], 3);
	struct wait_bit_queue_entry bit = { .key = key }, var;

	init_wait_entry(&bit.wq_entry, 0);
	bit.wq_entry.func = wake_bit_function;
	KUNIT_EXPECT_EQ(test, try_to_wake(&bit, &key), 1);
	bit.key.bit_nr = 4;
	KUNIT_EXPECT_EQ(test, try_to_wake(&bit, &key), 0);
	bit.key = (struct wait_bit_key)__WAIT_BIT_KEY_INITIALIZER(&words[1], 3);
	KUNIT_EXPECT_EQ(test, try_to_wake(&bit, &key), 0);
	words[0] = BIT(3);
	bit.key = key;
	KUNIT_EXPECT_EQ(test, try_to_wake(&bit, &key), 0);

	init_wait_var_entry(&var, &words[0], 0);
	KUNIT_EXPECT_EQ(test, try_to_wake(&var, &key), 0);
	key = (struct wait_bit_key)__WAIT_BIT_KEY_INITIALIZER(&words[1], -1);
	KUNIT_EXPECT_EQ(test, try_to_wake(&var, &key), 0);
	key = var.key;
	KUNIT_EXPECT_EQ(test, try_to_wake(&var, &key), 1);
}

static void who_waits_alone_is_behind_those_who_do_not(struct kunit *test)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct wait_queue_entry alone, all, last;

	init_wait_entry(&alone, WQ_FLAG_EXCLUSIVE);
	init_wait_entry(&all, 0);
	init_wait_entry(&last, WQ_FLAG_EXCLUSIVE);
	KUNIT_EXPECT_EQ(test, prepare_to_wait_event(&wq, &alone, TASK_UNINTERRUPTIBLE), 0);
	KUNIT_EXPECT_EQ(test, prepare_to_wait_event(&wq, &all, TASK_UNINTERRUPTIBLE), 0);
	KUNIT_EXPECT_EQ(test, prepare_to_wait_event(&wq, &last, TASK_UNINTERRUPTIBLE), 0);
	KUNIT_EXPECT_PTR_EQ(test, wq.head.next, &all.entry);
	KUNIT_EXPECT_PTR_EQ(test, all.entry.next, &alone.entry);
	KUNIT_EXPECT_PTR_EQ(test, alone.entry.next, &last.entry);
	finish_wait(&wq, &all);
	finish_wait(&wq, &alone);
	finish_wait(&wq, &last);
	KUNIT_EXPECT_FALSE(test, waitqueue_active(&wq));
}

static void who_prepares_to_wait_is_about_to_sleep(struct kunit *test)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	DECLARE_SWAIT_QUEUE_HEAD_ONSTACK(q);
	DECLARE_SWAITQUEUE(simple);
	unsigned int before[5], after[5];
	DEFINE_WAIT(entry);

	prepare_to_wait(&wq, &entry, TASK_UNINTERRUPTIBLE);
	before[0] = get_current_state();
	finish_wait(&wq, &entry);
	after[0] = get_current_state();
	KUNIT_EXPECT_TRUE(test, prepare_to_wait_exclusive(&wq, &entry, TASK_UNINTERRUPTIBLE));
	KUNIT_EXPECT_FALSE(test, prepare_to_wait_exclusive(&wq, &entry, TASK_UNINTERRUPTIBLE));
	before[1] = get_current_state();
	finish_wait(&wq, &entry);
	after[1] = get_current_state();
	prepare_to_wait_event(&wq, &entry, TASK_UNINTERRUPTIBLE);
	before[2] = get_current_state();
	finish_wait(&wq, &entry);
	after[2] = get_current_state();
	prepare_to_swait_exclusive(&q, &simple, TASK_UNINTERRUPTIBLE);
	before[3] = get_current_state();
	finish_swait(&q, &simple);
	after[3] = get_current_state();
	raw_spin_lock_irq(&q.lock);
	__prepare_to_swait(&q, &simple);
	set_current_state(TASK_UNINTERRUPTIBLE);
	before[4] = get_current_state();
	__finish_swait(&q, &simple);
	after[4] = get_current_state();
	raw_spin_unlock_irq(&q.lock);
	for (int i = 0; i < ARRAY_SIZE(before); i++) {
		KUNIT_EXPECT_EQ(test, before[i], TASK_UNINTERRUPTIBLE);
		KUNIT_EXPECT_EQ(test, after[i], TASK_RUNNING);
	}
}

static struct {
	struct swait_queue_head simple;
	struct wait_queue_head queue;
} q;

static void wakes_one(void *unused) { swake_up_locked(&q.simple, 0); }
static void calls_all(void *unused) { __wake_up_locked(&q.queue, TASK_NORMAL, 0); }

static void queues_up(void *unused)
{
	DECLARE_SWAITQUEUE(wait);

	__prepare_to_swait(&q.simple, &wait);
	list_del_init(&wait.task_list);
}

static void leaves(void *unused)
{
	DECLARE_SWAITQUEUE(wait);

	__finish_swait(&q.simple, &wait);
}

static void what_wants_the_lock_of_a_queue_asks_for_it(struct kunit *test)
{
	static void (*const fns[])(void *unused) = { wakes_one, calls_all, queues_up, leaves };

	init_swait_queue_head(&q.simple);
	init_waitqueue_head(&q.queue);
	for (int i = 0; i < ARRAY_SIZE(fns); i++)
		KUNIT_EXPECT_EQ_MSG(test, violation_catch(fns[i], NULL, NULL, 0),
				    VIOLATION_LOCK_UNHELD, "%d", i);
}

static void who_is_added_alone_is_first_and_alone(struct kunit *test)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct caller c[2];

	add_callers(&wq, c, 1);
	init_waitqueue_func_entry(&c[1].entry, note_call);
	c[1].called = 0;
	spin_lock_irq(&wq.lock);
	__add_wait_queue_exclusive(&wq, &c[1].entry);
	spin_unlock_irq(&wq.lock);
	wake_up(&wq);
	KUNIT_EXPECT_EQ(test, c[1].called, 1);
	KUNIT_EXPECT_EQ(test, c[0].called, 0);
	remove_callers(&wq, c, 2);
}

/* A signal takes the waiter off the queue, also when it waited already. */
static int leaves_by_a_signal(void *arg)
{
	DECLARE_SWAIT_QUEUE_HEAD_ONSTACK(q);
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	DECLARE_SWAITQUEUE(simple);
	struct wait_queue_entry entry;
	int ok = 1;

	init_wait_entry(&entry, 0);
	ok &= !prepare_to_swait_event(&q, &simple, TASK_INTERRUPTIBLE);
	ok &= !prepare_to_wait_event(&wq, &entry, TASK_INTERRUPTIBLE);
	ok &= swait_active(&q) && waitqueue_active(&wq);
	__set_current_state(TASK_RUNNING);
	send_sig(SIGKILL, current, 1);
	ok &= !prepare_to_swait_event(&q, &simple, TASK_UNINTERRUPTIBLE);
	__set_current_state(TASK_RUNNING);
	ok &= swait_active(&q);
	ok &= prepare_to_swait_event(&q, &simple, TASK_INTERRUPTIBLE) == -ERESTARTSYS;
	ok &= prepare_to_wait_event(&wq, &entry, TASK_INTERRUPTIBLE) == -ERESTARTSYS;
	ok &= !swait_active(&q) && !waitqueue_active(&wq);
	finish_swait(&q, &simple);
	finish_wait(&wq, &entry);
	*(int *)arg = ok;
	return 0;
}

static void a_signal_takes_the_waiter_off_the_queue(struct kunit *test)
{
	struct member m;
	int ok = 0;

	member_start_program(test, &m, 1, leaves_by_a_signal, &ok);
	member_join(&m);
	KUNIT_EXPECT_EQ(test, ok, 1);
}

static void what_is_complete_needs_no_time(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(x);

	complete(&x);
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&x, 0), 1);
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&x, 0), 0);
	complete(&x);
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&x, 7), 7);
	KUNIT_EXPECT_FALSE(test, completion_done(&x));
	complete_all(&x);
	KUNIT_EXPECT_EQ(test, wait_for_completion_interruptible_timeout(&x, 0), 1);
	KUNIT_EXPECT_TRUE(test, completion_done(&x));
}

static void who_tries_with_bottom_halves_off_is_told(struct kunit *test)
{
	static DEFINE_SPINLOCK(lock);

	KUNIT_ASSERT_NE(test, spin_trylock_bh(&lock), 0);
	KUNIT_EXPECT_TRUE(test, in_softirq());
	KUNIT_EXPECT_TRUE(test, spin_is_locked(&lock));
	spin_unlock_bh(&lock);
	KUNIT_EXPECT_FALSE(test, in_softirq());
}

/* A reader comes while a writer is inside, and is let in by its release. */
static struct {
	rwlock_t lock;
	bool go, here, in;
} rw;

static int reads(void *unused)
{
	while (!READ_ONCE(rw.go))
		cpu_relax();
	WRITE_ONCE(rw.here, true);
	read_lock(&rw.lock);
	WRITE_ONCE(rw.in, true);
	read_unlock(&rw.lock);
	return 0;
}

static void a_reader_stays_out_while_a_writer_is_inside(struct kunit *test)
{
	struct member m;
	bool here = false;

	rwlock_init(&rw.lock);
	for (int try = 0; try < SPIN_TRIES && !here; try++) {
		rw.go = rw.here = rw.in = false;
		member_start(test, &m, 1, reads, NULL);
		write_lock(&rw.lock);
		KUNIT_EXPECT_FALSE(test, read_trylock(&rw.lock));
		WRITE_ONCE(rw.go, true);
		here = spin_until(READ_ONCE(rw.here));
		for (int i = 0; i < 1000; i++)
			cpu_relax();
		KUNIT_EXPECT_FALSE(test, READ_ONCE(rw.in));
		write_unlock(&rw.lock);
		KUNIT_EXPECT_EQ(test, member_join(&m), 0);
		KUNIT_EXPECT_TRUE(test, READ_ONCE(rw.in));
	}
	KUNIT_EXPECT_TRUE(test, here);
}

static struct kunit_case queues_cases[] = {
	KUNIT_CASE(a_locked_wake_up_calls_one_with_the_key),
	KUNIT_CASE(a_wake_up_of_a_bit_calls_one),
	KUNIT_CASE(who_waits_for_another_bit_sleeps_on),
	KUNIT_CASE(who_waits_alone_is_behind_those_who_do_not),
	KUNIT_CASE(who_prepares_to_wait_is_about_to_sleep),
	KUNIT_CASE(what_wants_the_lock_of_a_queue_asks_for_it),
	KUNIT_CASE(who_is_added_alone_is_first_and_alone),
	KUNIT_CASE(a_signal_takes_the_waiter_off_the_queue),
	KUNIT_CASE(what_is_complete_needs_no_time),
	KUNIT_CASE(who_tries_with_bottom_halves_off_is_told),
	KUNIT_CASE(a_reader_stays_out_while_a_writer_is_inside),
	{}
};

static struct kunit_suite queues_suite = {
	.name = "lock-queues",
	.test_cases = queues_cases,
};
kunit_machine_config(queues_suite, lock_machine);
kunit_test_suite(queues_suite);
