// SPDX-License-Identifier: GPL-2.0
/* Mutexes, read/write semaphores, counting semaphores. */
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>

#include "crew.h"

#define ROUNDS	300

struct sleep_state {
	struct mutex mutex;
	struct rw_semaphore sem;
	struct semaphore count_sem;
	int count;
	int inside, worst;
	atomic_t readers, most_readers;
	struct notes notes;
	struct completion go;
};

struct caller {
	struct sleep_state *s;
	char name;
	bool write;
	int ret;
};

static struct sleep_state *new_state(struct kunit *test)
{
	struct sleep_state *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	mutex_init(&s->mutex);
	init_rwsem(&s->sem);
	sema_init(&s->count_sem, 1);
	init_completion(&s->go);
	return s;
}

static void critical(struct sleep_state *s, bool sleep)
{
	s->inside++;
	if (s->inside > s->worst)
		s->worst = s->inside;
	if (sleep)
		schedule_timeout_uninterruptible(1);
	s->count++;
	s->inside--;
}

static int mutex_worker(void *arg)
{
	struct sleep_state *s = arg;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		mutex_lock(&s->mutex);
		critical(s, i % 50 == 0);
		mutex_unlock(&s->mutex);
	}
	return 0;
}

static void mutex_admits_one_task_at_a_time(struct kunit *test)
{
	struct sleep_state *s = new_state(test);

	crew_run(test, mutex_worker, s);
	KUNIT_EXPECT_EQ(test, s->count, CREW * ROUNDS);
	KUNIT_EXPECT_EQ(test, s->worst, 1);
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&s->mutex));
	mutex_destroy(&s->mutex);
}

static int rwsem_worker(void *arg)
{
	struct sleep_state *s = arg;
	int i, ret = 0;

	for (i = 0; i < ROUNDS && !ret; i++) {
		if (i % 5 == 0) {
			down_write(&s->sem);
			critical(s, i % 50 == 0);
			if (i % 10 == 0) {
				downgrade_write(&s->sem);
				if (s->inside)
					ret = -EBUSY;
				up_read(&s->sem);
			} else {
				up_write(&s->sem);
			}
		} else {
			down_read(&s->sem);
			if (s->inside)
				ret = -EBUSY;
			up_read(&s->sem);
		}
	}
	return ret;
}

static void rwsem_writers_exclude_everybody(struct kunit *test)
{
	struct sleep_state *s = new_state(test);

	crew_run(test, rwsem_worker, s);
	KUNIT_EXPECT_EQ(test, s->count, CREW * ROUNDS / 5);
	KUNIT_EXPECT_EQ(test, s->worst, 1);
	KUNIT_EXPECT_FALSE(test, rwsem_is_locked(&s->sem));
}

static int meet_worker(void *arg)
{
	struct sleep_state *s = arg;

	down_read(&s->sem);
	if (atomic_inc_return(&s->readers) == CREW)
		complete_all(&s->go);
	wait_for_completion(&s->go);
	up_read(&s->sem);
	return 0;
}

static void rwsem_readers_share(struct kunit *test)
{
	struct sleep_state *s = new_state(test);

	crew_run(test, meet_worker, s);
	KUNIT_EXPECT_EQ(test, atomic_read(&s->readers), CREW);
}

static int lock_and_note(void *arg)
{
	struct caller *c = arg;

	mutex_lock(&c->s->mutex);
	note(&c->s->notes, c->name);
	mutex_unlock(&c->s->mutex);
	return 0;
}

static void mutex_goes_to_waiters_in_order_of_arrival(struct kunit *test)
{
	struct sleep_state *s = new_state(test);
	struct member m[CREW];
	struct caller c[CREW];
	int i;

	mutex_lock(&s->mutex);
	for (i = 0; i < CREW; i++) {
		c[i] = (struct caller){ .s = s, .name = 'a' + i };
		/* Downwards, so that the order is not that of the CPUs. */
		member_start(test, &m[i], nr_cpu_ids - 1 - i, lock_and_note, &c[i]);
		let_others_sleep();
	}
	KUNIT_EXPECT_STREQ(test, notes_text(&s->notes), "");
	mutex_unlock(&s->mutex);
	/* The lock was handed over: nobody can get in between. */
	KUNIT_EXPECT_EQ(test, mutex_trylock(&s->mutex) && notes_len(&s->notes) < CREW, 0);
	if (lockdep_is_held(&s->mutex))
		mutex_unlock(&s->mutex);
	for (i = 0; i < CREW; i++)
		member_join(&m[i]);
	KUNIT_EXPECT_STREQ(test, notes_text(&s->notes), "abcd");
}

static int down_and_note(void *arg)
{
	struct caller *c = arg;

	if (c->write)
		down_write(&c->s->sem);
	else
		down_read(&c->s->sem);
	/* Readers run together: keep the note-taking apart. */
	mutex_lock(&c->s->mutex);
	note(&c->s->notes, c->name);
	mutex_unlock(&c->s->mutex);
	if (!c->write)
		wait_for_completion(&c->s->go);
	if (c->write)
		up_write(&c->s->sem);
	else
		up_read(&c->s->sem);
	return 0;
}

/* The callers named in @who queue in this order: capitals write. */
static void queue_callers(struct kunit *test, struct sleep_state *s, const char *who,
			  struct member *m, struct caller *c)
{
	int i;

	for (i = 0; who[i]; i++) {
		c[i] = (struct caller){ .s = s, .name = who[i],
					.write = who[i] >= 'A' && who[i] <= 'Z' };
		member_start(test, &m[i], i % nr_cpu_ids, down_and_note, &c[i]);
		let_others_sleep();
	}
}

/*
 *	held for reading by us | A | b c | D
 * A must come before b and c although they could share with us.
 */
static void rwsem_readers_do_not_overtake_a_waiting_writer(struct kunit *test)
{
	struct sleep_state *s = new_state(test);
	struct member m[4];
	struct caller c[4];
	int i;

	down_read(&s->sem);
	queue_callers(test, s, "AbcD", m, c);
	KUNIT_EXPECT_STREQ(test, notes_text(&s->notes), "");
	KUNIT_EXPECT_TRUE(test, rwsem_is_contended(&s->sem));
	KUNIT_EXPECT_EQ(test, down_read_trylock(&s->sem), 0);
	up_read(&s->sem);
	let_others_sleep();
	KUNIT_EXPECT_EQ(test, notes_text(&s->notes)[0], 'A');
	KUNIT_EXPECT_EQ_MSG(test, notes_len(&s->notes), 3, "b and c share, D waits: %s", notes_text(&s->notes));
	complete_all(&s->go);
	for (i = 0; i < 4; i++)
		member_join(&m[i]);
	KUNIT_EXPECT_EQ(test, notes_text(&s->notes)[3], 'D');
	KUNIT_EXPECT_FALSE(test, rwsem_is_contended(&s->sem));
}

/* held for writing by us | a b | C: a downgrade lets a and b in, but not C. */
static void downgrade_lets_waiting_readers_in_and_no_writer(struct kunit *test)
{
	struct sleep_state *s = new_state(test);
	struct member m[3];
	struct caller c[3];
	int i;

	down_write(&s->sem);
	lockdep_assert_held_write(&s->sem);
	queue_callers(test, s, "abC", m, c);
	KUNIT_EXPECT_STREQ(test, notes_text(&s->notes), "");
	downgrade_write(&s->sem);
	lockdep_assert_held_read(&s->sem);
	let_others_sleep();
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 2);
	complete_all(&s->go);
	let_others_sleep();
	KUNIT_EXPECT_EQ_MSG(test, notes_len(&s->notes), 2, "a writer entered beside a reader");
	up_read(&s->sem);
	for (i = 0; i < 3; i++)
		member_join(&m[i]);
	KUNIT_EXPECT_EQ(test, notes_text(&s->notes)[2], 'C');
}

static void trylocks_tell_what_is_held(struct kunit *test)
{
	struct sleep_state *s = new_state(test);

	KUNIT_ASSERT_EQ(test, mutex_trylock(&s->mutex), 1);
	KUNIT_EXPECT_EQ(test, mutex_trylock(&s->mutex), 0);
	KUNIT_EXPECT_TRUE(test, mutex_is_locked(&s->mutex));
	mutex_unlock(&s->mutex);

	KUNIT_ASSERT_EQ(test, down_read_trylock(&s->sem), 1);
	KUNIT_EXPECT_EQ(test, down_write_trylock(&s->sem), 0);
	KUNIT_EXPECT_TRUE(test, rwsem_is_locked(&s->sem));
	up_read(&s->sem);
	KUNIT_ASSERT_EQ(test, down_write_trylock(&s->sem), 1);
	KUNIT_EXPECT_EQ(test, down_read_trylock(&s->sem), 0);
	KUNIT_EXPECT_EQ(test, down_write_trylock(&s->sem), 0);
	up_write(&s->sem);

	KUNIT_EXPECT_EQ(test, down_trylock(&s->count_sem), 0);
	KUNIT_EXPECT_EQ(test, down_trylock(&s->count_sem), 1);
	up(&s->count_sem);
}

static int mutex_killable_worker(void *arg)
{
	struct caller *c = arg;

	c->ret = mutex_lock_killable(&c->s->mutex);
	if (!c->ret)
		mutex_unlock(&c->s->mutex);
	return 0;
}

static int mutex_interruptible_worker(void *arg)
{
	struct caller *c = arg;

	c->ret = mutex_lock_interruptible(&c->s->mutex);
	if (!c->ret)
		mutex_unlock(&c->s->mutex);
	return 0;
}

static int write_killable_worker(void *arg)
{
	struct caller *c = arg;

	c->ret = down_write_killable(&c->s->sem);
	if (!c->ret)
		up_write(&c->s->sem);
	return 0;
}

static int read_killable_worker(void *arg)
{
	struct caller *c = arg;

	c->ret = down_read_killable(&c->s->sem);
	if (!c->ret)
		up_read(&c->s->sem);
	return 0;
}

static int down_killable_worker(void *arg)
{
	struct caller *c = arg;

	c->ret = down_killable(&c->s->count_sem);
	if (!c->ret)
		up(&c->s->count_sem);
	return 0;
}

static const struct kill_case {
	const char *name;
	int (*worker)(void *arg);
} kill_cases[] = {
	{ "mutex_lock_killable", mutex_killable_worker },
	{ "mutex_lock_interruptible", mutex_interruptible_worker },
	{ "down_write_killable", write_killable_worker },
	{ "down_read_killable", read_killable_worker },
	{ "down_killable", down_killable_worker },
};
KUNIT_ARRAY_PARAM_DESC(kill, kill_cases, name);

/* A waits, B waits behind it, A is killed: A gives up, B gets the lock as usual. */
static void a_signal_ends_the_wait_and_leaves_the_lock_usable(struct kunit *test)
{
	const struct kill_case *k = test->param_value;
	struct sleep_state *s = new_state(test);
	struct caller a = { .s = s, .ret = 1 }, b = { .s = s, .ret = 1 };
	struct member ma, mb;

	mutex_lock(&s->mutex);
	down_write(&s->sem);
	down(&s->count_sem);
	member_start_program(test, &ma, 1, k->worker, &a);
	let_others_sleep();
	member_start(test, &mb, 2, k->worker, &b);
	let_others_sleep();
	send_kill(&ma);
	member_join(&ma);
	KUNIT_EXPECT_EQ(test, a.ret, -EINTR);
	KUNIT_EXPECT_EQ(test, b.ret, 1);
	up(&s->count_sem);
	up_write(&s->sem);
	mutex_unlock(&s->mutex);
	member_join(&mb);
	KUNIT_EXPECT_EQ(test, b.ret, 0);
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&s->mutex));
	KUNIT_EXPECT_FALSE(test, rwsem_is_locked(&s->sem));
	KUNIT_EXPECT_FALSE(test, rwsem_is_contended(&s->sem));
	KUNIT_EXPECT_EQ(test, down_trylock(&s->count_sem), 0);
}

/* held for reading by us | A (killed) | b: b need not wait for a writer that is gone. */
static void readers_behind_a_killed_writer_enter(struct kunit *test)
{
	struct sleep_state *s = new_state(test);
	struct caller a = { .s = s, .ret = 1 }, b = { .s = s, .ret = 1 };
	struct member ma, mb;

	down_read(&s->sem);
	member_start_program(test, &ma, 1, write_killable_worker, &a);
	let_others_sleep();
	member_start(test, &mb, 2, read_killable_worker, &b);
	let_others_sleep();
	KUNIT_EXPECT_EQ(test, b.ret, 1);
	send_kill(&ma);
	member_join(&ma);
	member_join(&mb);
	KUNIT_EXPECT_EQ(test, a.ret, -EINTR);
	KUNIT_EXPECT_EQ(test, b.ret, 0);
	up_read(&s->sem);
}

/* CPU 1 is lent to the other task while this one waits. */
static int mark_worker(void *arg)
{
	struct caller *c = arg;

	c->ret = 0;
	return 0;
}

static void a_sleeping_waiter_gives_its_cpu_away(struct kunit *test)
{
	struct sleep_state *s = new_state(test);
	struct caller a = { .s = s, .name = 'a' }, b = { .s = s, .ret = 1 };
	struct member ma, mb;

	mutex_lock(&s->mutex);
	member_start(test, &ma, 1, lock_and_note, &a);
	let_others_sleep();
	member_start(test, &mb, 1, mark_worker, &b);
	member_join(&mb);
	KUNIT_EXPECT_EQ(test, b.ret, 0);
	KUNIT_EXPECT_EQ(test, notes_len(&s->notes), 0);
	mutex_unlock(&s->mutex);
	member_join(&ma);
}

static int up_for_others(void *arg)
{
	struct sleep_state *s = arg;

	up_read_non_owner(&s->sem);
	return 0;
}

static void non_owner_readers_are_released_by_others(struct kunit *test)
{
	struct sleep_state *s = new_state(test);
	struct member m;

	down_read_non_owner(&s->sem);
	KUNIT_EXPECT_EQ(test, down_write_trylock(&s->sem), 0);
	KUNIT_EXPECT_EQ(test, lockdep_is_held(&s->sem), 0);
	member_start(test, &m, 1, up_for_others, s);
	member_join(&m);
	KUNIT_EXPECT_EQ(test, down_write_trylock(&s->sem), 1);
	up_write(&s->sem);
}

static int semaphore_worker(void *arg)
{
	struct sleep_state *s = arg;
	int i;

	for (i = 0; i < ROUNDS / 3; i++) {
		down(&s->count_sem);
		critical(s, i % 20 == 0);
		up(&s->count_sem);
	}
	return 0;
}

static void semaphore_of_one_excludes(struct kunit *test)
{
	struct sleep_state *s = new_state(test);

	crew_run(test, semaphore_worker, s);
	KUNIT_EXPECT_EQ(test, s->count, CREW * (ROUNDS / 3));
	KUNIT_EXPECT_EQ(test, s->worst, 1);
}

static struct completion both;

static int down_once(void *arg)
{
	struct sleep_state *s = arg;

	down(&s->count_sem);
	return 0;
}

static int up_with_another(void *arg)
{
	struct sleep_state *s = arg;

	wait_for_completion(&both);
	up(&s->count_sem);
	return 0;
}

/* Who is let in by one must not be let in by the other, too: nobody would let in the next. */
static void semaphore_lets_in_as_many_as_come_out(struct kunit *test)
{
	struct sleep_state *s = new_state(test);
	struct member m[4];
	int i;

	set_cpus_allowed_ptr(current, cpumask_of(0));
	down(&s->count_sem);
	init_completion(&both);
	for (i = 0; i < 4; i++)
		member_start(test, &m[i], 1 + i, i < 2 ? down_once : up_with_another, s);
	let_others_sleep();
	complete_all(&both);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, member_join(&m[i]), 0);
	KUNIT_EXPECT_EQ(test, s->count_sem.count, 0);
}

static void semaphore_timeout_is_exact(struct kunit *test)
{
	struct sleep_state *s = new_state(test);
	unsigned long begin;

	down(&s->count_sem);
	begin = jiffies;
	KUNIT_EXPECT_EQ(test, down_timeout(&s->count_sem, 37), -ETIME);
	KUNIT_EXPECT_GE(test, jiffies - begin, 37UL);
	KUNIT_EXPECT_LE(test, jiffies - begin, 38UL);
	up(&s->count_sem);
	KUNIT_EXPECT_EQ(test, down_timeout(&s->count_sem, 37), 0);
	up(&s->count_sem);
}

static void atomic_dec_and_mutex_lock_locks_only_for_the_last(struct kunit *test)
{
	struct sleep_state *s = new_state(test);
	atomic_t n = ATOMIC_INIT(2);

	KUNIT_EXPECT_EQ(test, atomic_dec_and_mutex_lock(&n, &s->mutex), 0);
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&s->mutex));
	KUNIT_EXPECT_EQ(test, atomic_dec_and_mutex_lock(&n, &s->mutex), 1);
	KUNIT_EXPECT_TRUE(test, mutex_is_locked(&s->mutex));
	mutex_unlock(&s->mutex);
}

static atomic_t users;

static int put_user(void *arg)
{
	struct sleep_state *s = arg;

	return atomic_dec_and_mutex_lock(&users, &s->mutex);
}

/* The last one is not the last any more when it gets the mutex: it gives it back. */
static void atomic_dec_and_mutex_lock_looks_again_under_the_mutex(struct kunit *test)
{
	struct sleep_state *s = new_state(test);
	struct member m;

	atomic_set(&users, 1);
	mutex_lock(&s->mutex);
	member_start(test, &m, 1, put_user, s);
	let_others_sleep();
	atomic_inc(&users);
	mutex_unlock(&s->mutex);
	KUNIT_EXPECT_EQ(test, member_join(&m), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&users), 1);
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&s->mutex));
}

static int guarded(struct sleep_state *s)
{
	scoped_cond_guard(mutex_try, return -EBUSY, &s->mutex) {
		guard(rwsem_write)(&s->sem);
		return lockdep_is_held(&s->mutex) + lockdep_is_held_type(&s->sem, 0);
	}
	return -EINVAL;
}

static void guards_release_and_conditional_guards_fail(struct kunit *test)
{
	struct sleep_state *s = new_state(test);

	KUNIT_EXPECT_EQ(test, guarded(s), 2);
	KUNIT_EXPECT_FALSE(test, rwsem_is_locked(&s->sem));
	mutex_lock(&s->mutex);
	KUNIT_EXPECT_EQ(test, guarded(s), -EBUSY);
	mutex_unlock(&s->mutex);
}

static struct kunit_case sleeping_cases[] = {
	KUNIT_CASE(mutex_admits_one_task_at_a_time),
	KUNIT_CASE(rwsem_writers_exclude_everybody),
	KUNIT_CASE(rwsem_readers_share),
	KUNIT_CASE(mutex_goes_to_waiters_in_order_of_arrival),
	KUNIT_CASE(rwsem_readers_do_not_overtake_a_waiting_writer),
	KUNIT_CASE(downgrade_lets_waiting_readers_in_and_no_writer),
	KUNIT_CASE(trylocks_tell_what_is_held),
	KUNIT_CASE_PARAM(a_signal_ends_the_wait_and_leaves_the_lock_usable, kill_gen_params),
	KUNIT_CASE(readers_behind_a_killed_writer_enter),
	KUNIT_CASE(a_sleeping_waiter_gives_its_cpu_away),
	KUNIT_CASE(non_owner_readers_are_released_by_others),
	KUNIT_CASE(semaphore_of_one_excludes),
	KUNIT_CASE(semaphore_lets_in_as_many_as_come_out),
	KUNIT_CASE(semaphore_timeout_is_exact),
	KUNIT_CASE(atomic_dec_and_mutex_lock_locks_only_for_the_last),
	KUNIT_CASE(atomic_dec_and_mutex_lock_looks_again_under_the_mutex),
	KUNIT_CASE(guards_release_and_conditional_guards_fail),
	{}
};

static struct kunit_suite sleeping_suite = {
	.name = "lock-sleeping",
	.test_cases = sleeping_cases,
};
kunit_machine_config(sleeping_suite, lock_machine);
kunit_test_suite(sleeping_suite);
