// SPDX-License-Identifier: GPL-2.0
/*
 * What locks tell who tries, and what waiting returns.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/semaphore.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

/* Ask @fn in another task, which holds nothing. */
struct question {
	int (*fn)(void *lock);
	void *lock;
	int answer;
	struct completion done;
};

static int answer(void *arg)
{
	struct question *q = arg;

	q->answer = q->fn(q->lock);
	complete(&q->done);
	return 0;
}

static int ask(struct kunit *test, int (*fn)(void *lock), void *lock)
{
	struct question q = { .fn = fn, .lock = lock };

	init_completion(&q.done);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(answer, &q, "asked"));
	wait_for_completion(&q.done);
	return q.answer;
}

static int try_mutex(void *lock)
{
	if (!mutex_trylock(lock))
		return 0;
	mutex_unlock(lock);
	return 1;
}

static int try_read(void *lock)
{
	if (!down_read_trylock(lock))
		return 0;
	up_read(lock);
	return 1;
}

static int try_write(void *lock)
{
	if (!down_write_trylock(lock))
		return 0;
	up_write(lock);
	return 1;
}

static void a_tried_mutex_is_had_or_not(struct kunit *test)
{
	struct mutex lock;

	mutex_init(&lock);
	KUNIT_EXPECT_EQ(test, ask(test, try_mutex, &lock), 1);
	mutex_lock(&lock);
	KUNIT_EXPECT_TRUE(test, mutex_is_locked(&lock));
	KUNIT_EXPECT_EQ(test, ask(test, try_mutex, &lock), 0);
	mutex_unlock(&lock);
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&lock));
	KUNIT_EXPECT_EQ(test, mutex_lock_interruptible(&lock), 0);
	mutex_unlock(&lock);
	KUNIT_EXPECT_EQ(test, mutex_lock_killable(&lock), 0);
	mutex_unlock(&lock);
}

static void readers_share_and_writers_do_not(struct kunit *test)
{
	struct rw_semaphore sem;

	init_rwsem(&sem);
	KUNIT_EXPECT_EQ(test, ask(test, try_write, &sem), 1);
	down_read(&sem);
	KUNIT_EXPECT_EQ(test, ask(test, try_read, &sem), 1);
	KUNIT_EXPECT_EQ(test, ask(test, try_write, &sem), 0);
	up_read(&sem);
	down_write(&sem);
	KUNIT_EXPECT_EQ(test, ask(test, try_read, &sem), 0);
	KUNIT_EXPECT_EQ(test, ask(test, try_write, &sem), 0);
	downgrade_write(&sem);
	KUNIT_EXPECT_EQ(test, ask(test, try_read, &sem), 1);
	KUNIT_EXPECT_EQ(test, ask(test, try_write, &sem), 0);
	KUNIT_EXPECT_TRUE(test, rwsem_is_locked(&sem));
	up_read(&sem);
	KUNIT_EXPECT_FALSE(test, rwsem_is_locked(&sem));
	KUNIT_EXPECT_EQ(test, down_write_killable(&sem), 0);
	up_write(&sem);
}

/* Of all locks the semaphore says it the other way round. */
static void a_tried_semaphore_returns_zero_when_had(struct kunit *test)
{
	struct semaphore sem;

	sema_init(&sem, 2);
	KUNIT_EXPECT_EQ(test, down_trylock(&sem), 0);
	KUNIT_EXPECT_EQ(test, down_trylock(&sem), 0);
	KUNIT_EXPECT_EQ(test, down_trylock(&sem), 1);
	KUNIT_EXPECT_EQ(test, down_timeout(&sem, 1), -ETIME);
	up(&sem);
	KUNIT_EXPECT_EQ(test, down_timeout(&sem, 1), 0);
	up(&sem);
	up(&sem);
	KUNIT_EXPECT_EQ(test, down_interruptible(&sem), 0);
	up(&sem);
}

static void a_tried_spinlock_is_had_or_not(struct kunit *test)
{
	spinlock_t lock;
	bool again;

	spin_lock_init(&lock);
	KUNIT_EXPECT_FALSE(test, spin_is_locked(&lock));
	if (spin_trylock(&lock)) {
		again = spin_is_locked(&lock);
		spin_unlock(&lock);
		KUNIT_EXPECT_TRUE(test, again);
	} else {
		KUNIT_FAIL(test, "nobody holds it");
	}
	KUNIT_EXPECT_FALSE(test, spin_is_locked(&lock));
}

static void a_reader_retries_after_a_write(struct kunit *test)
{
	seqlock_t lock;
	unsigned int seq;

	seqlock_init(&lock);
	seq = read_seqbegin(&lock);
	KUNIT_EXPECT_EQ(test, seq, 0U);
	KUNIT_EXPECT_FALSE(test, read_seqretry(&lock, seq));
	write_seqlock(&lock);
	write_sequnlock(&lock);
	KUNIT_EXPECT_TRUE(test, read_seqretry(&lock, seq));
	KUNIT_EXPECT_EQ(test, read_seqbegin(&lock), 2U);
}

static void a_completion_counts(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(done);

	KUNIT_EXPECT_FALSE(test, completion_done(&done));
	KUNIT_EXPECT_FALSE(test, try_wait_for_completion(&done));
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&done, 2), 0UL);
	complete(&done);
	complete(&done);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&done, 50), 0UL);
	KUNIT_EXPECT_TRUE(test, try_wait_for_completion(&done));
	KUNIT_EXPECT_FALSE(test, try_wait_for_completion(&done));
	complete_all(&done);
	KUNIT_EXPECT_TRUE(test, try_wait_for_completion(&done));
	KUNIT_EXPECT_TRUE(test, try_wait_for_completion(&done));
	KUNIT_EXPECT_EQ(test, wait_for_completion_interruptible(&done), 0);
	reinit_completion(&done);
	KUNIT_EXPECT_FALSE(test, try_wait_for_completion(&done));
}

static void waiting_with_a_timeout_tells_what_is_left(struct kunit *test)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(queue);
	bool no = false, yes = true;

	KUNIT_EXPECT_EQ(test, wait_event_timeout(queue, no, 2), 0);
	KUNIT_EXPECT_EQ(test, wait_event_timeout(queue, yes, 2), 2);
	KUNIT_EXPECT_EQ(test, wait_event_timeout(queue, yes, 0), 1);
	KUNIT_EXPECT_EQ(test, wait_event_interruptible(queue, yes), 0);
	KUNIT_EXPECT_EQ(test, wait_event_interruptible_timeout(queue, no, 2), 0);
	KUNIT_EXPECT_FALSE(test, waitqueue_active(&queue));
}

static void a_sleep_that_nobody_ends_uses_its_time_up(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, schedule_timeout_uninterruptible(2), 0);
	KUNIT_EXPECT_EQ(test, schedule_timeout_interruptible(2), 0);
	KUNIT_EXPECT_EQ(test, msleep_interruptible(2), 0UL);
}

static struct kunit_case lock_cases[] = {
	KUNIT_CASE(a_tried_mutex_is_had_or_not),
	KUNIT_CASE(readers_share_and_writers_do_not),
	KUNIT_CASE(a_tried_semaphore_returns_zero_when_had),
	KUNIT_CASE(a_tried_spinlock_is_had_or_not),
	KUNIT_CASE(a_reader_retries_after_a_write),
	KUNIT_CASE(a_completion_counts),
	KUNIT_CASE(waiting_with_a_timeout_tells_what_is_left),
	KUNIT_CASE(a_sleep_that_nobody_ends_uses_its_time_up),
	{}
};

static struct kunit_suite lock_suite = {
	.name = "conformance_lock",
	.test_cases = lock_cases,
};
kunit_test_suite(lock_suite);
