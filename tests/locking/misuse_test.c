// SPDX-License-Identifier: GPL-2.0
/*
 * Every kind of lock × every mistake that the kernel's selftest (selftest_test.c) has not,
 * or not for that kind: each must be reported with its kind, and the same use without the
 * mistake must be silent.
 */
#include <linux/bit_spinlock.h>
#include <linux/local_lock.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rwsem.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include "../unit/lock/crew.h"

/* One of each; a case uses one member. */
union any_lock {
	raw_spinlock_t raw;
	spinlock_t spin;
	rwlock_t rw;
	struct mutex mutex;
	struct rw_semaphore sem;
	seqlock_t seq;
	unsigned long bits;
};

/* @zero_ok: a zeroed lock is a free one (bit locks). */
struct lock_ops {
	const char *name;
	void (*init)(union any_lock *l);
	void (*lock)(union any_lock *l);
	void (*unlock)(union any_lock *l);
	bool spins;
	bool zero_ok;
	bool in_irq_ok;
};

#define OPS(_name, init_it, lock_it, unlock_it)					\
static void do_##_name##_init(union any_lock *l) { init_it; }				\
static void do_##_name##_lock(union any_lock *l) { lock_it; }				\
static void do_##_name##_unlock(union any_lock *l) { unlock_it; }

OPS(raw, raw_spin_lock_init(&l->raw), raw_spin_lock(&l->raw), raw_spin_unlock(&l->raw))
OPS(spin, spin_lock_init(&l->spin), spin_lock(&l->spin), spin_unlock(&l->spin))
OPS(rwread, rwlock_init(&l->rw), read_lock(&l->rw), read_unlock(&l->rw))
OPS(rwwrite, rwlock_init(&l->rw), write_lock(&l->rw), write_unlock(&l->rw))
OPS(mutex, mutex_init(&l->mutex), mutex_lock(&l->mutex), mutex_unlock(&l->mutex))
OPS(semread, init_rwsem(&l->sem), down_read(&l->sem), up_read(&l->sem))
OPS(semwrite, init_rwsem(&l->sem), down_write(&l->sem), up_write(&l->sem))
OPS(bit, l->bits = 0, bit_spin_lock(1, &l->bits), bit_spin_unlock(1, &l->bits))
OPS(seq, seqlock_init(&l->seq), write_seqlock(&l->seq), write_sequnlock(&l->seq))

#define KIND(_name, ...)							\
	{ .name = #_name, .init = do_##_name##_init,				\
	  .lock = do_##_name##_lock,						\
	  .unlock = do_##_name##_unlock, __VA_ARGS__ }
static const struct lock_ops kinds[] = {
	KIND(raw, .spins = true, .in_irq_ok = true),
	KIND(spin, .spins = true, .in_irq_ok = true),
	KIND(rwread, .spins = true, .in_irq_ok = true),
	KIND(rwwrite, .spins = true, .in_irq_ok = true),
	KIND(mutex),
	KIND(semread),
	KIND(semwrite),
	KIND(bit, .spins = true, .zero_ok = true),
	KIND(seq, .spins = true, .in_irq_ok = true),
};

struct trial {
	const struct lock_ops *ops;
	union any_lock *l;
};

/* The mistakes. Each gets an initialised lock of its own. */
static void recursion(void *arg)
{
	struct trial *t = arg;

	t->ops->lock(t->l);
	t->ops->lock(t->l);
}

static void unheld(void *arg)
{
	struct trial *t = arg;

	/* A spinlock's release also enables preemption. */
	if (t->ops->spins)
		preempt_disable();
	t->ops->unlock(t->l);
}

static int hold_until_told(void *arg)
{
	struct trial *t = arg;

	t->ops->lock(t->l);
	return 0;
}

static void foreign(void *arg)
{
	struct trial *t = arg;

	if (t->ops->spins)
		preempt_disable();
	t->ops->unlock(t->l);
}

static void uninitialised(void *arg)
{
	struct trial *t = arg;

	memset(t->l, 0, sizeof(*t->l));
	t->ops->lock(t->l);
}

/* What a freed object's poison looks like. */
static void destroyed(void *arg)
{
	struct trial *t = arg;

	memset(t->l, 0x6b, sizeof(*t->l));
	t->ops->lock(t->l);
}

static void leaked(void *arg)
{
	struct trial *t = arg;

	t->ops->lock(t->l);
	lock_check_exit(current);
}

static void to_user(void *arg)
{
	struct trial *t = arg;

	t->ops->lock(t->l);
	lock_check_user_return();
}

static void sleeps(void *arg)
{
	struct trial *t = arg;

	t->ops->lock(t->l);
	schedule_timeout_uninterruptible(1);
	t->ops->unlock(t->l);
}

static void freed(void *arg)
{
	struct trial *t = arg;

	t->ops->lock(t->l);
	lock_check_freed(t->l, sizeof(*t->l));
}

static void reinitialised(void *arg)
{
	struct trial *t = arg;

	t->ops->lock(t->l);
	t->ops->init(t->l);
}

static void use_in_irq(void *arg)
{
	struct trial *t = arg;

	t->ops->lock(t->l);
	t->ops->unlock(t->l);
}

/* A lock that a task takes with interrupts on, and an interrupt takes too. */
static void irq_mismatch(void *arg)
{
	struct trial *t = arg;
	int cpu;

	use_in_irq(t);
	cpu = get_cpu();
	smp_call_function_single(cpu == 0, use_in_irq, t, 1);
	put_cpu();
}

/* The same use, without a mistake. */
static void legal(void *arg)
{
	struct trial *t = arg;

	t->ops->lock(t->l);
	lock_check_freed(t->l + 1, 64);
	lock_check_freed((char *)t->l - 64, 64);
	if (!t->ops->spins)
		schedule_timeout_uninterruptible(1);
	t->ops->unlock(t->l);
	lock_check_freed(t->l, sizeof(*t->l));
	lock_check_user_return();
	lock_check_exit(current);
	t->ops->init(t->l);
	t->ops->lock(t->l);
	t->ops->unlock(t->l);
}

static enum violation_kind try_it(struct kunit *test, const struct lock_ops *ops,
				  void (*mistake)(void *arg), char *text, size_t size)
{
	struct trial t = { .ops = ops };
	enum violation_kind kind;

	/* Not from the slab: a lock may stay held. */
	t.l = kunit_kzalloc(test, sizeof(*t.l), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t.l);
	ops->init(t.l);
	kind = violation_catch(mistake, &t, text, size);
	return kind;
}

static void kind_name(const struct lock_ops *ops, char *desc)
{
	strscpy(desc, ops->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(kinds, kinds, kind_name);

/* Those that the selftest does not know. */
static const struct lock_ops others[] = {
	KIND(raw, .spins = true, .in_irq_ok = true),
	KIND(bit, .spins = true, .zero_ok = true),
	KIND(seq, .spins = true, .in_irq_ok = true),
};
KUNIT_ARRAY_PARAM(others, others, kind_name);

#define EXPECT_REPORT(test, mistake, want) do {					\
	char __text[200] = "";							\
	enum violation_kind __got = try_it(test, (test)->param_value, mistake,	\
					   __text, sizeof(__text));		\
	KUNIT_EXPECT_EQ_MSG(test, __got, want, "%s: %s: %s", #mistake,		\
			    violation_name(__got), __text);			\
} while (0)

static void legal_use_is_silent(struct kunit *test)
{
	EXPECT_REPORT(test, legal, VIOLATION_NONE);
}

static void recursion_is_reported(struct kunit *test)
{
	EXPECT_REPORT(test, recursion, VIOLATION_LOCK_RECURSION);
}

static void release_of_an_unheld_lock_is_reported(struct kunit *test)
{
	EXPECT_REPORT(test, unheld, VIOLATION_LOCK_UNHELD);
}

static void use_of_an_uninitialised_lock_is_reported(struct kunit *test)
{
	const struct lock_ops *ops = test->param_value;

	if (ops->zero_ok)
		kunit_skip(test, "a zero bit is a free lock");
	EXPECT_REPORT(test, uninitialised, VIOLATION_LOCK_DESTROYED);
}

static void use_of_a_destroyed_lock_is_reported(struct kunit *test)
{
	const struct lock_ops *ops = test->param_value;

	if (ops->zero_ok)
		kunit_skip(test, "a bit has no magic");
	EXPECT_REPORT(test, destroyed, VIOLATION_LOCK_DESTROYED);
}

static void exit_with_a_lock_is_reported(struct kunit *test)
{
	EXPECT_REPORT(test, leaked, VIOLATION_LOCK_LEAKED);
	EXPECT_REPORT(test, to_user, VIOLATION_LOCK_LEAKED);
}

static void sleeping_under_a_spinning_lock_is_reported(struct kunit *test)
{
	const struct lock_ops *ops = test->param_value;

	EXPECT_REPORT(test, sleeps, ops->spins ? VIOLATION_ATOMIC_SLEEP : VIOLATION_NONE);
}

static void freeing_a_held_lock_is_reported(struct kunit *test)
{
	EXPECT_REPORT(test, freed, VIOLATION_LOCK_FREED);
}

static void initialising_a_held_lock_is_reported(struct kunit *test)
{
	const struct lock_ops *ops = test->param_value;

	if (ops->zero_ok)
		kunit_skip(test, "a bit is not initialised");
	EXPECT_REPORT(test, reinitialised, VIOLATION_LOCK_FREED);
}

static void a_lock_of_interrupts_taken_with_interrupts_on_is_reported(struct kunit *test)
{
	const struct lock_ops *ops = test->param_value;

	if (!ops->in_irq_ok)
		kunit_skip(test, "no class, or not for interrupts at all");
	EXPECT_REPORT(test, irq_mismatch, VIOLATION_IRQ_STATE);
}

static void sleeping_locks_in_interrupts_are_reported(struct kunit *test)
{
	const struct lock_ops *ops = test->param_value;

	if (ops->spins)
		kunit_skip(test, "may be taken there");
	EXPECT_REPORT(test, irq_mismatch, VIOLATION_ATOMIC_SLEEP);
}

/* Held by one task that sleeps (spinning locks: has ended in a catch), released by another. */
static void release_by_another_task_is_reported(struct kunit *test)
{
	const struct lock_ops *ops = test->param_value;
	struct trial t = { .ops = ops };
	enum violation_kind kind;
	char text[200] = "";

	t.l = kunit_kzalloc(test, sizeof(*t.l), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t.l);
	ops->init(t.l);
	hold_until_told(&t);
	if (ops->spins) {
		/* Held here, with preemption off: somebody else cannot be waited for. */
		t.ops->unlock(t.l);
		kunit_skip(test, "see foreign_release_of_a_spinlock_is_reported()");
	}
	kind = violation_catch(foreign, &t, text, sizeof(text));
	KUNIT_EXPECT_EQ_MSG(test, kind, VIOLATION_LOCK_OWNER, "%s", text);
	ops->unlock(t.l);
}

/* The holder of a spinlock must not sleep, so it is caught while it holds it. */
static void take_and_leave_held(void *arg)
{
	struct trial *t = arg;

	t->ops->lock(t->l);
	violation(VIOLATION_WARN, "the holder is gone");
}

static void foreign_release_of_a_spinlock_is_reported(struct kunit *test)
{
	const struct lock_ops *ops = test->param_value;
	struct trial t = { .ops = ops };
	enum violation_kind kind;
	char text[200] = "";

	if (!ops->spins)
		kunit_skip(test, "see release_by_another_task_is_reported()");
	t.l = kunit_kzalloc(test, sizeof(*t.l), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t.l);
	ops->init(t.l);
	KUNIT_ASSERT_EQ(test, violation_catch(take_and_leave_held, &t, NULL, 0), VIOLATION_WARN);
	kind = violation_catch(foreign, &t, text, sizeof(text));
	KUNIT_EXPECT_EQ_MSG(test, kind, VIOLATION_LOCK_OWNER, "%s", text);
}

static struct kunit_case misuse_cases[] = {
	KUNIT_CASE_PARAM(legal_use_is_silent, kinds_gen_params),
	KUNIT_CASE_PARAM(recursion_is_reported, kinds_gen_params),
	KUNIT_CASE_PARAM(release_of_an_unheld_lock_is_reported, others_gen_params),
	KUNIT_CASE_PARAM(release_by_another_task_is_reported, kinds_gen_params),
	KUNIT_CASE_PARAM(foreign_release_of_a_spinlock_is_reported, kinds_gen_params),
	KUNIT_CASE_PARAM(use_of_an_uninitialised_lock_is_reported, kinds_gen_params),
	KUNIT_CASE_PARAM(use_of_a_destroyed_lock_is_reported, kinds_gen_params),
	KUNIT_CASE_PARAM(exit_with_a_lock_is_reported, kinds_gen_params),
	KUNIT_CASE_PARAM(sleeping_under_a_spinning_lock_is_reported, kinds_gen_params),
	KUNIT_CASE_PARAM(freeing_a_held_lock_is_reported, kinds_gen_params),
	KUNIT_CASE_PARAM(initialising_a_held_lock_is_reported, others_gen_params),
	KUNIT_CASE_PARAM(a_lock_of_interrupts_taken_with_interrupts_on_is_reported,
			 others_gen_params),
	KUNIT_CASE_PARAM(sleeping_locks_in_interrupts_are_reported, kinds_gen_params),
	{}
};

static struct kunit_suite misuse_suite = {
	.name = "locking-misuse",
	.test_cases = misuse_cases,
};
kunit_machine_config(misuse_suite, lock_machine);
kunit_test_suite(misuse_suite);
