// SPDX-License-Identifier: GPL-2.0
/* Rules of RCU: each one broken is reported, and what looks alike but is legal is not. */
#include <linux/bottom_half.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <machine/violation.h>
#include <rcu/internal.h>

#include <kunit/test.h>

static int value = 7;
static int __rcu *pointer;

static void unlock_unheld(void *unused)
{
	rcu_read_unlock();
}

static void unlock_once_too_often(void *unused)
{
	rcu_read_lock();
	rcu_read_lock();
	rcu_read_unlock();
	rcu_read_unlock();
	rcu_read_unlock();
}

static void unlock_other_kind(void *unused)
{
	rcu_read_lock();
	rcu_read_unlock_sched();
}

static void dereference_outside(void *unused)
{
	READ_ONCE(*rcu_dereference(pointer));
}

static void dereference_in_bh_reader_only(void *unused)
{
	rcu_read_lock_bh();
	READ_ONCE(*rcu_dereference(pointer));
	rcu_read_unlock_bh();
}

static void dereference_bh_outside(void *unused)
{
	rcu_read_lock();
	READ_ONCE(*rcu_dereference_bh(pointer));
	rcu_read_unlock();
}

static void dereference_sched_outside(void *unused)
{
	rcu_read_lock();
	READ_ONCE(*rcu_dereference_sched(pointer));
	rcu_read_unlock();
}

static void protected_by_nothing(void *unused)
{
	READ_ONCE(*rcu_dereference_protected(pointer, value == 8));
}

static void replace_protected_by_nothing(void *unused)
{
	rcu_replace_pointer(pointer, &value, value == 8);
}

static void lockdep_warn(void *unused)
{
	RCU_LOCKDEP_WARN(!rcu_read_lock_held(), "no reader");
}

static void traverse_outside(void *unused)
{
	struct entry {
		struct list_head node;
	} *e;
	LIST_HEAD(head);

	list_for_each_entry_rcu(e, &head, node)
		;
}

static void synchronize_inside(void *unused)
{
	rcu_read_lock();
	synchronize_rcu();
	rcu_read_unlock();
}

static void barrier_inside(void *unused)
{
	rcu_read_lock();
	rcu_barrier();
	rcu_read_unlock();
}

static void sleep_inside(void *unused)
{
	rcu_read_lock();
	msleep(1);
	rcu_read_unlock();
}

static void schedule_inside(void *unused)
{
	rcu_read_lock();
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(1);
	rcu_read_unlock();
}

static void exit_inside(void *unused)
{
	rcu_read_lock();
}

static void nop_fn(struct rcu_head *head)
{
}

static struct rcu_head twice;

static void queue_twice(void *unused)
{
	rcu_read_lock();	/* keeps the first from running before the second comes */
	call_rcu(&twice, nop_fn);
	call_rcu(&twice, nop_fn);
	rcu_read_unlock();
}

static void queue_without_function(void *unused)
{
	call_rcu(&twice, NULL);
}

static void reader_fn(struct rcu_head *head)
{
	rcu_read_lock();
}

/* As after an interrupt of a reader: the callback's own reader is one more. */
static void callback_leaves_reader(void *unused)
{
	struct rcu_head head = { .func = reader_fn };

	rcu_read_lock();
	local_bh_disable();
	rcu_invoke(&head);
	local_bh_enable();
	rcu_read_unlock();
}

struct mistake {
	const char *name;
	void (*fn)(void *unused);
	enum violation_kind kind, or;
};

static const struct mistake mistakes[] = {
	{ "rcu_read_unlock() outside", unlock_unheld, VIOLATION_RCU },
	{ "rcu_read_unlock() once too often", unlock_once_too_often, VIOLATION_RCU },
	{ "unlock of another kind", unlock_other_kind, VIOLATION_RCU },
	{ "rcu_dereference() outside", dereference_outside, VIOLATION_RCU },
	{ "rcu_dereference() in a bh reader", dereference_in_bh_reader_only, VIOLATION_RCU },
	{ "rcu_dereference_bh() without bh", dereference_bh_outside, VIOLATION_RCU },
	{ "rcu_dereference_sched() preemptible", dereference_sched_outside, VIOLATION_RCU },
	{ "rcu_dereference_protected() unprotected", protected_by_nothing, VIOLATION_RCU },
	{ "rcu_replace_pointer() unprotected", replace_protected_by_nothing, VIOLATION_RCU },
	{ "RCU_LOCKDEP_WARN()", lockdep_warn, VIOLATION_RCU },
	{ "list traversal outside", traverse_outside, VIOLATION_RCU },
	{ "synchronize_rcu() inside", synchronize_inside, VIOLATION_RCU },
	{ "rcu_barrier() inside", barrier_inside, VIOLATION_RCU, VIOLATION_ATOMIC_SLEEP },
	{ "msleep() inside", sleep_inside, VIOLATION_RCU, VIOLATION_ATOMIC_SLEEP },
	{ "schedule() inside", schedule_inside, VIOLATION_RCU, VIOLATION_ATOMIC_SLEEP },
	{ "end inside", exit_inside, VIOLATION_RCU },
	{ "second call_rcu() of a head", queue_twice, VIOLATION_RCU },
	{ "call_rcu() without function", queue_without_function, VIOLATION_RCU },
	{ "callback that leaves a reader open", callback_leaves_reader, VIOLATION_RCU },
};
KUNIT_ARRAY_PARAM_DESC(mistake, mistakes, name);

static void mistake_is_reported(struct kunit *test)
{
	const struct mistake *m = test->param_value;
	enum violation_kind kind;

	RCU_INIT_POINTER(pointer, &value);
	kind = violation_catch(m->fn, NULL, NULL, 0);
	KUNIT_EXPECT_TRUE_MSG(test, kind == m->kind || (m->or && kind == m->or),
			      "%s gave %s", m->name, violation_name(kind));
	/* The machine is usable: what the mistake left open does not hold up others. */
	synchronize_rcu();
}

static DEFINE_SPINLOCK(update_lock);

static void legal_uses(void *unused)
{
	int other = 1, *old;

	rcu_read_lock();
	rcu_read_lock();
	READ_ONCE(*rcu_dereference(pointer));
	rcu_read_unlock();
	READ_ONCE(*rcu_dereference(pointer));
	rcu_read_lock_bh();
	READ_ONCE(*rcu_dereference_bh(pointer));
	rcu_read_unlock_bh();
	rcu_read_unlock();
	READ_ONCE(*rcu_dereference_check(pointer, value == 7));
	READ_ONCE(*rcu_dereference_raw(pointer));
	rcu_access_pointer(pointer);
	preempt_disable();
	READ_ONCE(*rcu_dereference_sched(pointer));
	preempt_enable();
	spin_lock(&update_lock);
	old = rcu_replace_pointer(pointer, &other, lockdep_is_held(&update_lock));
	rcu_assign_pointer(pointer, old);
	spin_unlock(&update_lock);
}

static void legal_uses_are_not_reported(struct kunit *test)
{
	char text[128];

	RCU_INIT_POINTER(pointer, &value);
	KUNIT_EXPECT_EQ_MSG(test, violation_catch(legal_uses, NULL, text, sizeof(text)),
			    VIOLATION_NONE, "%s", text);
}

static void callback_in_reader(void *unused)
{
	struct rcu_head head = { .func = nop_fn };

	rcu_read_lock();
	local_bh_disable();
	rcu_invoke(&head);
	local_bh_enable();
	rcu_read_unlock();
}

static void a_callback_may_interrupt_a_reader(struct kunit *test)
{
	char text[128];

	KUNIT_EXPECT_EQ_MSG(test, violation_catch(callback_in_reader, NULL, text, sizeof(text)),
			    VIOLATION_NONE, "%s", text);
}

static void held_functions_tell_the_readers_apart(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, rcu_read_lock_held());
	KUNIT_EXPECT_FALSE(test, rcu_read_lock_any_held());
	rcu_read_lock();
	KUNIT_EXPECT_TRUE(test, rcu_read_lock_held());
	KUNIT_EXPECT_TRUE(test, rcu_read_lock_any_held());
	KUNIT_EXPECT_FALSE(test, rcu_read_lock_bh_held());
	KUNIT_EXPECT_FALSE(test, rcu_read_lock_sched_held());
	KUNIT_EXPECT_EQ(test, rcu_preempt_depth(), 1);
	rcu_read_unlock();
	rcu_read_lock_bh();
	KUNIT_EXPECT_FALSE(test, rcu_read_lock_held());
	KUNIT_EXPECT_TRUE(test, rcu_read_lock_bh_held());
	rcu_read_unlock_bh();
	rcu_read_lock_sched();
	KUNIT_EXPECT_FALSE(test, rcu_read_lock_held());
	KUNIT_EXPECT_TRUE(test, rcu_read_lock_sched_held());
	rcu_read_unlock_sched();
	KUNIT_EXPECT_EQ(test, rcu_preempt_depth(), 0);
}

static struct kunit_case check_cases[] = {
	KUNIT_CASE_PARAM(mistake_is_reported, mistake_gen_params),
	KUNIT_CASE(legal_uses_are_not_reported),
	KUNIT_CASE(a_callback_may_interrupt_a_reader),
	KUNIT_CASE(held_functions_tell_the_readers_apart),
	{}
};

static struct kunit_suite check_suite = {
	.name = "rcu_checks",
	.test_cases = check_cases,
};
kunit_test_suite(check_suite);
