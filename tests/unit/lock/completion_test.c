// SPDX-License-Identifier: GPL-2.0
/* Completions and sequence counters. */
#include <linux/completion.h>
#include <linux/seqlock.h>
#include <linux/slab.h>

#include "crew.h"

struct comp_waiter {
	struct completion *x;
	struct member m;
	long ret;
	bool through;
};

static int wait_worker(void *arg)
{
	struct comp_waiter *w = arg;

	wait_for_completion(w->x);
	WRITE_ONCE(w->through, true);
	return 0;
}

static int wait_killable_worker(void *arg)
{
	struct comp_waiter *w = arg;

	w->ret = wait_for_completion_killable(w->x);
	return 0;
}

static void each_complete_lets_one_waiter_through_in_order(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(x);
	struct comp_waiter w[2] = { { .x = &x }, { .x = &x } };

	member_start(test, &w[0].m, 1, wait_worker, &w[0]);
	let_others_sleep();
	member_start(test, &w[1].m, 2, wait_worker, &w[1]);
	let_others_sleep();
	complete(&x);
	let_others_sleep();
	KUNIT_EXPECT_TRUE(test, READ_ONCE(w[0].through));
	KUNIT_EXPECT_FALSE(test, READ_ONCE(w[1].through));
	KUNIT_EXPECT_FALSE(test, completion_done(&x));
	complete(&x);
	member_join(&w[0].m);
	member_join(&w[1].m);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(w[1].through));
}

static void completions_count_and_complete_all_is_for_ever(struct kunit *test)
{
	struct completion x;
	int i;

	init_completion(&x);
	KUNIT_EXPECT_FALSE(test, try_wait_for_completion(&x));
	complete(&x);
	complete(&x);
	KUNIT_EXPECT_TRUE(test, completion_done(&x));
	wait_for_completion(&x);
	KUNIT_EXPECT_TRUE(test, try_wait_for_completion(&x));
	KUNIT_EXPECT_FALSE(test, try_wait_for_completion(&x));
	complete_all(&x);
	for (i = 0; i < 5; i++)
		wait_for_completion(&x);
	KUNIT_EXPECT_TRUE(test, completion_done(&x));
	reinit_completion(&x);
	KUNIT_EXPECT_FALSE(test, completion_done(&x));
}

static int complete_soon(void *arg)
{
	complete(arg);
	return 0;
}

/* Whoever sees it done, by whatever means, may do with it what it likes: complete() is through. */
static void a_completion_that_is_done_is_nobody_elses(struct kunit *test)
{
	for (int i = 0; i < 20; i++) {
		struct completion *x = kmalloc(sizeof(*x), GFP_KERNEL);
		struct member m;

		init_completion(x);
		member_start(test, &m, 1, complete_soon, x);
		while (!(i % 2 ? completion_done(x) : try_wait_for_completion(x)))
			cpu_relax();
		kfree(x);
		KUNIT_EXPECT_EQ(test, member_join(&m), 0);
	}
}

static void complete_all_lets_everybody_through(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(x);
	struct comp_waiter w[3] = { { .x = &x }, { .x = &x }, { .x = &x } };
	int i;

	for (i = 0; i < 3; i++)
		member_start(test, &w[i].m, i, wait_worker, &w[i]);
	let_others_sleep();
	complete_all(&x);
	for (i = 0; i < 3; i++) {
		member_join(&w[i].m);
		KUNIT_EXPECT_TRUE(test, READ_ONCE(w[i].through));
	}
}

static void completion_timeouts_are_exact(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(x);
	unsigned long begin = jiffies;

	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&x, 70), 0UL);
	KUNIT_EXPECT_GE(test, jiffies - begin, 70UL);
	KUNIT_EXPECT_LE(test, jiffies - begin, 71UL);
	complete(&x);
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&x, 70), 70UL);
	KUNIT_EXPECT_EQ(test, wait_for_completion_killable_timeout(&x, 2), 0L);
}

static void a_kill_ends_killable_waits_for_completion(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(x);
	struct comp_waiter w = { .x = &x, .ret = 1 };

	member_start_program(test, &w.m, 1, wait_killable_worker, &w);
	let_others_sleep();
	send_kill(&w.m);
	member_join(&w.m);
	KUNIT_EXPECT_EQ(test, w.ret, (long)-ERESTARTSYS);
	KUNIT_EXPECT_FALSE(test, swait_active(&x.wait));
}

/* Sequence counters: two numbers that writers keep equal. */
struct seq_state {
	seqlock_t sl;
	seqcount_mutex_t sm;
	struct mutex mutex;
	long a, b;
	atomic_t retries;
};

#define SEQ_ROUNDS	400

static int seq_worker(void *arg)
{
	struct seq_state *s = arg;
	unsigned int seq;
	long a, b;
	int i;

	for (i = 0; i < SEQ_ROUNDS; i++) {
		if (i % 4 == 0) {
			write_seqlock(&s->sl);
			WRITE_ONCE(s->a, s->a + 1);
			WRITE_ONCE(s->b, s->b + 1);
			write_sequnlock(&s->sl);
			continue;
		}
		for (;;) {
			seq = read_seqbegin(&s->sl);
			if (seq & 1)
				return -EINVAL;
			a = READ_ONCE(s->a);
			b = READ_ONCE(s->b);
			if (!read_seqretry(&s->sl, seq))
				break;
			atomic_inc(&s->retries);
		}
		if (a != b)
			return -EIO;
	}
	return 0;
}

static struct seq_state *new_seq(struct kunit *test)
{
	struct seq_state *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	seqlock_init(&s->sl);
	mutex_init(&s->mutex);
	seqcount_mutex_init(&s->sm, &s->mutex);
	return s;
}

static void seqlock_readers_never_keep_a_torn_pair(struct kunit *test)
{
	struct seq_state *s = new_seq(test);

	crew_run(test, seq_worker, s);
	KUNIT_EXPECT_EQ(test, s->a, (long)CREW * SEQ_ROUNDS / 4);
}

static void readers_retry_exactly_when_a_writer_came(struct kunit *test)
{
	struct seq_state *s = new_seq(test);
	unsigned int seq = read_seqbegin(&s->sl);

	KUNIT_EXPECT_FALSE(test, read_seqretry(&s->sl, seq));
	write_seqlock_irq(&s->sl);
	KUNIT_EXPECT_TRUE(test, read_seqretry(&s->sl, seq));
	KUNIT_EXPECT_EQ(test, raw_read_seqcount(&s->sl.seqcount) & 1, 1U);
	KUNIT_EXPECT_TRUE_MSG(test,
			      read_seqcount_retry(&s->sl.seqcount,
						  raw_seqcount_begin(&s->sl.seqcount)),
			      "a section begun beside a writer must be repeated");
	write_sequnlock_irq(&s->sl);
	KUNIT_EXPECT_TRUE(test, read_seqretry(&s->sl, seq));
	seq = read_seqbegin(&s->sl);
	read_seqlock_excl(&s->sl);
	read_sequnlock_excl(&s->sl);
	KUNIT_EXPECT_FALSE_MSG(test, read_seqretry(&s->sl, seq), "an exclusive reader is no writer");
	write_seqcount_invalidate(&s->sl.seqcount);
	KUNIT_EXPECT_TRUE(test, read_seqretry(&s->sl, seq));
}

static void a_mutex_seqcount_writer_cannot_be_preempted(struct kunit *test)
{
	struct seq_state *s = new_seq(test);

	mutex_lock(&s->mutex);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	write_seqcount_begin(&s->sm);
	KUNIT_EXPECT_EQ(test, preempt_count(), 1);
	write_seqcount_end(&s->sm);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	raw_write_seqcount_begin(&s->sm);
	KUNIT_EXPECT_EQ(test, preempt_count(), 1);
	raw_write_seqcount_end(&s->sm);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	mutex_unlock(&s->mutex);
}

static int seq_reader(void *arg)
{
	struct seq_state *s = arg;
	unsigned int seq;
	long a, b;

	do {
		seq = read_seqbegin(&s->sl);
		a = READ_ONCE(s->a);
		b = READ_ONCE(s->b);
	} while (read_seqretry(&s->sl, seq));
	atomic_inc(&s->retries);
	return a == b ? a : -EIO;
}

static void a_reader_that_meets_a_writer_waits_for_it(struct kunit *test)
{
	struct seq_state *s = new_seq(test);
	struct member m;

	/* We stay here, so that it comes to another CPU. */
	set_cpus_allowed_ptr(current, cpumask_of(0));
	member_create(test, &m, 1, seq_reader, s);
	write_seqlock(&s->sl);
	wake_up_process(m.task);
	WRITE_ONCE(s->a, 7);
	KUNIT_EXPECT_FALSE(test, spin_until(atomic_read(&s->retries)));
	WRITE_ONCE(s->b, 7);
	write_sequnlock(&s->sl);
	wait_for_completion(&m.begun);
	KUNIT_EXPECT_EQ(test, member_join(&m), 7);
}

static void read_seqbegin_or_lock_takes_the_lock_the_second_time(struct kunit *test)
{
	struct seq_state *s = new_seq(test);
	int seq = 0;

	read_seqbegin_or_lock(&s->sl, &seq);
	KUNIT_EXPECT_EQ(test, lockdep_is_held(&s->sl.lock), 0);
	write_seqlock(&s->sl);
	write_sequnlock(&s->sl);
	KUNIT_EXPECT_TRUE(test, need_seqretry(&s->sl, seq));
	done_seqretry(&s->sl, seq);
	seq = 1;
	read_seqbegin_or_lock(&s->sl, &seq);
	KUNIT_EXPECT_EQ(test, lockdep_is_held(&s->sl.lock), 1);
	KUNIT_EXPECT_FALSE(test, need_seqretry(&s->sl, seq));
	done_seqretry(&s->sl, seq);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

static struct kunit_case completion_cases[] = {
	KUNIT_CASE(each_complete_lets_one_waiter_through_in_order),
	KUNIT_CASE(completions_count_and_complete_all_is_for_ever),
	KUNIT_CASE(a_completion_that_is_done_is_nobody_elses),
	KUNIT_CASE(complete_all_lets_everybody_through),
	KUNIT_CASE(completion_timeouts_are_exact),
	KUNIT_CASE(a_kill_ends_killable_waits_for_completion),
	{}
};

static struct kunit_case seqlock_cases[] = {
	KUNIT_CASE(seqlock_readers_never_keep_a_torn_pair),
	KUNIT_CASE(readers_retry_exactly_when_a_writer_came),
	KUNIT_CASE(a_mutex_seqcount_writer_cannot_be_preempted),
	KUNIT_CASE(a_reader_that_meets_a_writer_waits_for_it),
	KUNIT_CASE(read_seqbegin_or_lock_takes_the_lock_the_second_time),
	{}
};

static struct kunit_suite completion_suite = {
	.name = "lock-completion",
	.test_cases = completion_cases,
};

static struct kunit_suite seqlock_suite = {
	.name = "lock-seqlock",
	.test_cases = seqlock_cases,
};
kunit_machine_config(completion_suite, lock_machine);
kunit_machine_config(seqlock_suite, lock_machine);
kunit_test_suites(&completion_suite, &seqlock_suite);
