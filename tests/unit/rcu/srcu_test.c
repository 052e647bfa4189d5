// SPDX-License-Identifier: GPL-2.0
/* SRCU: sleeping readers, grace periods per structure, callbacks, and broken rules. */
#include <linux/delay.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <machine/replay.h>
#include <machine/violation.h>

#include "../threads.h"

DEFINE_STATIC_SRCU(fixed);

struct reader {
	struct srcu_struct *ssp;
	struct completion inside;
	bool left;
};

static int sleeping_reader(void *arg)
{
	struct reader *r = arg;
	int idx = srcu_read_lock(r->ssp);

	complete(&r->inside);
	msleep(20);
	WRITE_ONCE(r->left, true);
	srcu_read_unlock(r->ssp, idx);
	return 0;
}

static void start(struct kunit *test, struct test_thread *t, struct reader *r,
		  struct srcu_struct *ssp)
{
	r->ssp = ssp;
	r->left = false;
	init_completion(&r->inside);
	test_thread_start(test, t, -1, sleeping_reader, r);
	wait_for_completion(&r->inside);
}

static void grace_period_waits_for_a_sleeping_reader(struct kunit *test)
{
	struct srcu_struct ssp;
	struct test_thread t;
	struct reader r;

	KUNIT_ASSERT_EQ(test, init_srcu_struct(&ssp), 0);
	start(test, &t, &r, &ssp);
	synchronize_srcu(&ssp);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(r.left));
	test_thread_join(&t);
	/* And once more with the other index. */
	start(test, &t, &r, &ssp);
	synchronize_srcu_expedited(&ssp);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(r.left));
	test_thread_join(&t);
	cleanup_srcu_struct(&ssp);
}

/* Readers sleep for 20 ms, in which a few steps of others come to their end. */
static void needs_slow_readers(struct kunit *test)
{
	if (replay_is_async(REPLAY_ASYNC_TIMER))
		kunit_skip(test, "time passes of itself");
}

static void structures_do_not_wait_for_each_other(struct kunit *test)
{
	struct srcu_struct ssp;
	struct test_thread t;
	struct reader r;

	needs_slow_readers(test);
	KUNIT_ASSERT_EQ(test, init_srcu_struct(&ssp), 0);
	start(test, &t, &r, &fixed);
	synchronize_srcu(&ssp);
	synchronize_rcu();
	KUNIT_EXPECT_FALSE(test, READ_ONCE(r.left));
	synchronize_srcu(&fixed);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(r.left));
	test_thread_join(&t);
	cleanup_srcu_struct(&ssp);
}

static int synchronizer(void *arg)
{
	struct reader *r = arg;

	synchronize_srcu(r->ssp);
	WRITE_ONCE(r->left, true);
	return 0;
}

static void later_readers_do_not_hold_up_a_grace_period(struct kunit *test)
{
	struct reader sync = { .ssp = &fixed };
	struct test_thread t1, t2;
	struct reader r;
	int idx;

	needs_slow_readers(test);
	start(test, &t1, &r, &fixed);
	test_thread_start(test, &t2, -1, synchronizer, &sync);
	msleep(5);
	idx = srcu_read_lock(&fixed);
	test_thread_join(&t2);		/* would never end if it waited for us */
	KUNIT_EXPECT_TRUE(test, READ_ONCE(r.left));
	srcu_read_unlock(&fixed, idx);
	test_thread_join(&t1);
}

static int up_reader(void *arg)
{
	struct reader *r = arg;

	msleep(10);
	WRITE_ONCE(r->left, true);
	srcu_up_read(r->ssp, 0);
	return 0;
}

static void reader_may_end_in_another_task(struct kunit *test)
{
	struct srcu_struct ssp;
	struct test_thread t;
	struct reader r = { .ssp = &ssp };

	KUNIT_ASSERT_EQ(test, init_srcu_struct(&ssp), 0);
	KUNIT_ASSERT_EQ(test, srcu_down_read(&ssp), 0);
	test_thread_start(test, &t, -1, up_reader, &r);
	synchronize_srcu(&ssp);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(r.left));
	test_thread_join(&t);
	cleanup_srcu_struct(&ssp);
}

struct counted {
	struct rcu_head rcu;
	unsigned int nr;
};

static unsigned int run;
static bool in_order, in_bh;

static void count_fn(struct rcu_head *head)
{
	if (container_of(head, struct counted, rcu)->nr != run)
		in_order = false;
	if (!in_softirq())
		in_bh = false;
	WRITE_ONCE(run, run + 1);
}

static void callbacks_run_in_order_after_readers(struct kunit *test)
{
	struct counted c[20];
	struct test_thread t;
	struct reader r;
	unsigned int i;

	needs_slow_readers(test);
	run = 0;
	in_order = in_bh = true;
	start(test, &t, &r, &fixed);
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		c[i].nr = i;
		call_srcu(&fixed, &c[i].rcu, count_fn);
	}
	KUNIT_EXPECT_EQ(test, READ_ONCE(run), 0);
	srcu_barrier(&fixed);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(r.left));
	KUNIT_EXPECT_EQ(test, run, ARRAY_SIZE(c));
	KUNIT_EXPECT_TRUE(test, in_order);
	KUNIT_EXPECT_TRUE(test, in_bh);
	test_thread_join(&t);
}

static void held_knows_nesting(struct kunit *test)
{
	int a, b;

	KUNIT_EXPECT_FALSE(test, srcu_read_lock_held(&fixed));
	a = srcu_read_lock(&fixed);
	b = srcu_read_lock(&fixed);
	srcu_read_unlock(&fixed, b);
	KUNIT_EXPECT_TRUE(test, srcu_read_lock_held(&fixed));
	srcu_read_unlock(&fixed, a);
	KUNIT_EXPECT_FALSE(test, srcu_read_lock_held(&fixed));
}

struct guarded {
	unsigned long value;
};

static struct guarded *guarded;
#define NR_ROUNDS 300

static int stress_reader(void *unused)
{
	unsigned long bad = 0, i;
	struct guarded *g;
	int idx;

	for (i = 0; i < NR_ROUNDS; i++) {
		idx = srcu_read_lock(&fixed);
		g = srcu_dereference(guarded, &fixed);
		bad += g->value != 42;
		if (!(i % 16))
			usleep_range(10, 10);
		bad += g->value != 42;
		srcu_read_unlock(&fixed, idx);
		cond_resched();
	}
	return bad != 0;
}

static void readers_never_see_what_was_freed(struct kunit *test)
{
	struct guarded *g = kmalloc(sizeof(*g), GFP_KERNEL), *old;
	struct test_thread t[3];
	int i;

	g->value = 42;
	rcu_assign_pointer(guarded, g);
	for (i = 0; i < 3; i++)
		test_thread_start(test, &t[i], i, stress_reader, NULL);
	for (i = 0; i < NR_ROUNDS / 4; i++) {
		old = guarded;
		g = kmalloc(sizeof(*g), GFP_KERNEL);
		g->value = 42;
		rcu_assign_pointer(guarded, g);
		synchronize_srcu(&fixed);
		old->value = 0;
		kfree(old);
	}
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, test_thread_join(&t[i]), 0);
	kfree(g);
}

/* Mistakes, each on a structure of its own. */

static void unlock_unheld(void *arg)
{
	srcu_read_unlock(arg, 0);
}

static void unlock_with_bad_index(void *arg)
{
	srcu_read_lock(arg);
	srcu_read_unlock(arg, 2);
}

static void unlock_with_other_index(void *arg)
{
	int idx = srcu_read_lock(arg);

	srcu_read_unlock(arg, !idx);
}

static void synchronize_inside(void *arg)
{
	int idx = srcu_read_lock(arg);

	synchronize_srcu(arg);
	srcu_read_unlock(arg, idx);
}

static void dereference_outside(void *arg)
{
	srcu_dereference(guarded, (struct srcu_struct *)arg);
}

static void cleanup_with_reader(void *arg)
{
	srcu_down_read(arg);
	cleanup_srcu_struct(arg);
}

static void exit_inside(void *arg)
{
	srcu_read_lock(arg);
}

static void use_after_cleanup(void *arg)
{
	cleanup_srcu_struct(arg);
	srcu_read_lock(arg);
}

static void synchronize_in_rcu_reader(void *arg)
{
	rcu_read_lock();
	synchronize_srcu(arg);
	rcu_read_unlock();
}

struct mistake {
	const char *name;
	void (*fn)(void *arg);
};

static const struct mistake mistakes[] = {
	{ "srcu_read_unlock() outside", unlock_unheld },
	{ "unlock with index 2", unlock_with_bad_index },
	{ "unlock with the other index", unlock_with_other_index },
	{ "synchronize_srcu() inside", synchronize_inside },
	{ "srcu_dereference() outside", dereference_outside },
	{ "cleanup with a reader", cleanup_with_reader },
	{ "end inside", exit_inside },
	{ "use after cleanup", use_after_cleanup },
	{ "synchronize_srcu() in an RCU reader", synchronize_in_rcu_reader },
};
KUNIT_ARRAY_PARAM_DESC(mistake, mistakes, name);

static void mistake_is_reported(struct kunit *test)
{
	const struct mistake *m = test->param_value;
	struct srcu_struct *ssp = kunit_kzalloc(test, sizeof(*ssp), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ssp);
	init_srcu_struct(ssp);
	KUNIT_EXPECT_EQ(test, violation_catch(m->fn, ssp, NULL, 0), VIOLATION_RCU);
}

static void uninitialised_structure_is_reported(struct kunit *test)
{
	struct srcu_struct *ssp = kunit_kzalloc(test, sizeof(*ssp), GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, violation_catch(synchronize_inside, ssp, NULL, 0),
			VIOLATION_RCU);
}

static struct kunit_case srcu_cases[] = {
	KUNIT_CASE(grace_period_waits_for_a_sleeping_reader),
	KUNIT_CASE(structures_do_not_wait_for_each_other),
	KUNIT_CASE(later_readers_do_not_hold_up_a_grace_period),
	KUNIT_CASE(reader_may_end_in_another_task),
	KUNIT_CASE(callbacks_run_in_order_after_readers),
	KUNIT_CASE(held_knows_nesting),
	KUNIT_CASE(readers_never_see_what_was_freed),
	KUNIT_CASE_PARAM(mistake_is_reported, mistake_gen_params),
	KUNIT_CASE(uninitialised_structure_is_reported),
	{}
};

static struct kunit_suite srcu_suite = {
	.name = "srcu",
	.test_cases = srcu_cases,
};
kunit_test_suite(srcu_suite);
