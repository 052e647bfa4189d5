// SPDX-License-Identifier: GPL-2.0
/* Grace periods and callbacks: who waits for whom, order, context, freeing. */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <machine/cost.h>
#include <machine/replay.h>
#include <machine/violation.h>

#include "../threads.h"

/* A reader that lasts @us of virtual time on its CPU, in pieces, preemptibly. */
struct reader {
	struct completion inside;
	unsigned int us;
	u64 left_at;
	bool left;
	bool stay;		/* until this is said to be over */
	void (*enter)(void);
	void (*leave)(void);
};

static int reader_fn(void *arg)
{
	struct reader *r = arg;
	unsigned int i;

	r->enter();
	complete(&r->inside);
	for (i = 0; i < 10; i++) {
		udelay(r->us / 10);
		cost_pay();
	}
	while (READ_ONCE(r->stay)) {
		udelay(r->us);
		cost_pay();
	}
	WRITE_ONCE(r->left, true);
	r->left_at = ktime_get_ns();
	r->leave();
	return 0;
}

static void reader_start(struct kunit *test, struct test_thread *t, struct reader *r, int cpu)
{
	init_completion(&r->inside);
	r->left = false;
	r->us = 10000;
	if (!r->enter) {
		r->enter = rcu_read_lock;
		r->leave = rcu_read_unlock;
	}
	test_thread_start(test, t, cpu, reader_fn, r);
	wait_for_completion(&r->inside);
}

static void grace_period_waits_for_a_reader(struct kunit *test)
{
	struct reader r = {};
	struct test_thread t;

	reader_start(test, &t, &r, 3);
	synchronize_rcu();
	KUNIT_EXPECT_TRUE(test, READ_ONCE(r.left));
	test_thread_join(&t);
}

static void enter_twice(void)
{
	rcu_read_lock();
	rcu_read_lock();
	rcu_read_unlock();
}

static void expedited_grace_period_waits_for_a_reader(struct kunit *test)
{
	struct reader r = {};
	struct test_thread t;

	reader_start(test, &t, &r, 3);
	synchronize_rcu_expedited();
	KUNIT_EXPECT_TRUE(test, READ_ONCE(r.left));
	test_thread_join(&t);
}

static void grace_period_waits_for_the_outermost_reader(struct kunit *test)
{
	struct reader r = { .enter = enter_twice, .leave = rcu_read_unlock };
	struct test_thread t;

	reader_start(test, &t, &r, 3);
	synchronize_rcu();
	KUNIT_EXPECT_TRUE(test, READ_ONCE(r.left));
	test_thread_join(&t);
}

static int competitor_fn(void *arg)
{
	unsigned int i;

	for (i = 0; i < 20; i++) {
		udelay(200);
		cond_resched();
	}
	return 0;
}

/* Two tasks take turns on one CPU while one of them is inside a reader. */
static void grace_period_waits_for_a_preempted_reader(struct kunit *test)
{
	struct test_thread t, other;
	struct reader r = { };

	reader_start(test, &t, &r, 3);
	test_thread_start(test, &other, 3, competitor_fn, NULL);
	synchronize_rcu();
	KUNIT_EXPECT_TRUE(test, READ_ONCE(r.left));
	test_thread_join(&t);
	test_thread_join(&other);
}

static void enter_bh(void) { rcu_read_lock_bh(); }
static void enter_sched(void) { rcu_read_lock_sched(); }

static void grace_period_waits_for_bh_and_sched_readers(struct kunit *test)
{
	struct reader bh = { .enter = enter_bh, .leave = rcu_read_unlock_bh };
	struct reader sched = { .enter = enter_sched, .leave = rcu_read_unlock_sched };
	struct test_thread t1, t2;

	reader_start(test, &t1, &bh, 3);
	synchronize_rcu();
	KUNIT_EXPECT_TRUE(test, READ_ONCE(bh.left));
	reader_start(test, &t2, &sched, 4);
	synchronize_rcu();
	KUNIT_EXPECT_TRUE(test, READ_ONCE(sched.left));
	test_thread_join(&t1);
	test_thread_join(&t2);
}

/* Without readers no virtual time passes in a grace period, but for switching. */
static void grace_period_without_readers_does_not_wait_for_timers(struct kunit *test)
{
	u64 begin = ktime_get_ns();

	if (replay_is_async(REPLAY_ASYNC_TIMER))
		kunit_skip(test, "time passes of itself");
	synchronize_rcu();
	KUNIT_EXPECT_LT(test, ktime_get_ns() - begin, (u64)NSEC_PER_MSEC);
}

static int begin_reader_after(void *arg)
{
	struct reader *r = arg;

	rcu_read_lock();
	complete(&r->inside);
	/* Longer than the first reader. */
	udelay(50000);
	cost_pay();
	WRITE_ONCE(r->left, true);
	rcu_read_unlock();
	return 0;
}

struct synchronizer {
	bool done;
};

static int synchronize_fn(void *arg)
{
	struct synchronizer *s = arg;

	synchronize_rcu();
	WRITE_ONCE(s->done, true);
	return 0;
}

/* While the grace period waits a second reader begins, which outlasts the first. */
static void grace_period_does_not_wait_for_later_readers(struct kunit *test)
{
	struct reader first = {}, second = {};
	struct test_thread t1, t2, t3;
	struct synchronizer s = {};

	/* The grace period has begun some time after it was asked for: 2 ms later. */
	if (replay_is_async(REPLAY_ASYNC_TIMER))
		kunit_skip(test, "time passes of itself");
	init_completion(&second.inside);
	reader_start(test, &t1, &first, 3);
	test_thread_start(test, &t3, 5, synchronize_fn, &s);
	msleep(2);
	test_thread_start(test, &t2, 4, begin_reader_after, &second);
	wait_for_completion(&second.inside);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(s.done));
	test_thread_join(&t3);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(first.left));
	KUNIT_EXPECT_FALSE(test, READ_ONCE(second.left));
	test_thread_join(&t1);
	test_thread_join(&t2);
}

struct counted {
	struct rcu_head rcu;
	unsigned int nr;
};

static unsigned int callbacks_run;
static bool callbacks_in_order, callbacks_in_bh;

static void count_fn(struct rcu_head *head)
{
	struct counted *c = container_of(head, struct counted, rcu);

	if (c->nr != callbacks_run)
		callbacks_in_order = false;
	if (!in_softirq() || current->flags & PF_WQ_WORKER)
		callbacks_in_bh = false;
	WRITE_ONCE(callbacks_run, callbacks_run + 1);
}

#define NR_CALLBACKS 200

static void callbacks_run_in_order_with_bottom_halves_disabled(struct kunit *test)
{
	struct counted *c = kunit_kcalloc(test, NR_CALLBACKS, sizeof(*c), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	callbacks_run = 0;
	callbacks_in_order = callbacks_in_bh = true;
	for (i = 0; i < NR_CALLBACKS; i++) {
		c[i].nr = i;
		call_rcu(&c[i].rcu, count_fn);
	}
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, callbacks_run, NR_CALLBACKS);
	KUNIT_EXPECT_TRUE(test, callbacks_in_order);
	KUNIT_EXPECT_TRUE(test, callbacks_in_bh);
}

static void barrier_waits_for_callbacks_that_a_reader_holds_up(struct kunit *test)
{
	struct counted c = {};
	struct reader r = {};
	struct test_thread t;

	callbacks_run = 0;
	reader_start(test, &t, &r, 3);
	call_rcu(&c.rcu, count_fn);
	KUNIT_EXPECT_EQ(test, READ_ONCE(callbacks_run), 0);
	rcu_barrier();
	KUNIT_EXPECT_TRUE(test, READ_ONCE(r.left));
	KUNIT_EXPECT_EQ(test, callbacks_run, 1);
	test_thread_join(&t);
}

struct chain {
	struct rcu_head rcu;
	unsigned int left;
	struct completion over;
};

static void chain_fn(struct rcu_head *head)
{
	struct chain *c = container_of(head, struct chain, rcu);

	if (--c->left)
		call_rcu(&c->rcu, chain_fn);
	else
		complete(&c->over);
}

static void callback_may_queue_its_own_head_again(struct kunit *test)
{
	struct chain c = { .left = 20 };

	init_completion(&c.over);
	call_rcu(&c.rcu, chain_fn);
	wait_for_completion(&c.over);
	KUNIT_EXPECT_EQ(test, c.left, 0);
}

static void polled_grace_period_completes_after_readers(struct kunit *test)
{
	unsigned long cookie;
	struct reader r = {};
	struct test_thread t;

	KUNIT_EXPECT_TRUE(test, poll_state_synchronize_rcu(get_completed_synchronize_rcu()));
	r.stay = true;
	reader_start(test, &t, &r, 3);
	cookie = start_poll_synchronize_rcu();
	KUNIT_EXPECT_FALSE(test, poll_state_synchronize_rcu(cookie));
	WRITE_ONCE(r.stay, false);
	cond_synchronize_rcu(cookie);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(r.left));
	KUNIT_EXPECT_TRUE(test, poll_state_synchronize_rcu(cookie));
	test_thread_join(&t);
}

struct polled {
	struct rcu_head head;
	unsigned long cookie;
	bool over;
};

static void poll_fn(struct rcu_head *head)
{
	struct polled *p = container_of(head, struct polled, head);

	p->over = poll_state_synchronize_rcu(p->cookie);
}

/* However early it ends. */
static void callback_finds_the_grace_period_before_it_completed(struct kunit *test)
{
	struct polled *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->cookie = get_state_synchronize_rcu();
	call_rcu(&p->head, poll_fn);
	rcu_barrier();
	KUNIT_EXPECT_TRUE(test, p->over);
	KUNIT_EXPECT_FALSE(test, poll_state_synchronize_rcu(get_state_synchronize_rcu()));
}

struct object {
	unsigned long value;
	struct rcu_head rcu;
};

static void free_again(void *arg)
{
	kfree(arg);
}

static void kfree_rcu_frees_after_the_reader(struct kunit *test)
{
	struct object *obj = kmalloc(sizeof(*obj), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, obj);
	obj->value = 42;
	rcu_read_lock();
	kfree_rcu(obj, rcu);
	KUNIT_EXPECT_EQ(test, obj->value, 42UL);
	rcu_read_unlock();
	rcu_barrier();
	/* Freed already: freeing it now is a double free. */
	KUNIT_EXPECT_EQ(test, violation_catch(free_again, obj, NULL, 0), VIOLATION_SLAB);
}

static void kfree_rcu_mightsleep_waits_for_the_reader(struct kunit *test)
{
	struct object *obj = kmalloc(sizeof(*obj), GFP_KERNEL);
	struct reader r = {};
	struct test_thread t;

	KUNIT_ASSERT_NOT_NULL(test, obj);
	reader_start(test, &t, &r, 3);
	kfree_rcu_mightsleep(obj);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(r.left));
	KUNIT_EXPECT_EQ(test, violation_catch(free_again, obj, NULL, 0), VIOLATION_SLAB);
	test_thread_join(&t);
}

/* Left to the shutdown of the case's machine, which finds it if it is not run. */
static void callbacks_left_over_run_at_power_off(struct kunit *test)
{
	struct object *obj = kmalloc(sizeof(*obj), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, obj);
	kfree_rcu(obj, rcu);
}

static struct kunit_case gp_cases[] = {
	KUNIT_CASE(grace_period_waits_for_a_reader),
	KUNIT_CASE(expedited_grace_period_waits_for_a_reader),
	KUNIT_CASE(grace_period_waits_for_the_outermost_reader),
	KUNIT_CASE(grace_period_waits_for_a_preempted_reader),
	KUNIT_CASE(grace_period_waits_for_bh_and_sched_readers),
	KUNIT_CASE(grace_period_without_readers_does_not_wait_for_timers),
	KUNIT_CASE(grace_period_does_not_wait_for_later_readers),
	KUNIT_CASE(callbacks_run_in_order_with_bottom_halves_disabled),
	KUNIT_CASE(barrier_waits_for_callbacks_that_a_reader_holds_up),
	KUNIT_CASE(callback_may_queue_its_own_head_again),
	KUNIT_CASE(polled_grace_period_completes_after_readers),
	KUNIT_CASE(callback_finds_the_grace_period_before_it_completed),
	KUNIT_CASE(kfree_rcu_frees_after_the_reader),
	KUNIT_CASE(kfree_rcu_mightsleep_waits_for_the_reader),
	KUNIT_CASE(callbacks_left_over_run_at_power_off),
	{}
};

static struct kunit_suite gp_suite = {
	.name = "rcu_grace_period",
	.test_cases = gp_cases,
};
kunit_test_suite(gp_suite);
