// SPDX-License-Identifier: GPL-2.0
/* How a lock is used: in interrupts, asserted, released, destroyed, forgotten. */
#include <linux/interrupt.h>
#include <linux/local_lock.h>
#include <linux/percpu.h>
#include <linux/rwsem.h>
#include <linux/smp.h>
#include <linux/timer.h>
#include <machine/program.h>

#include "../caught.h"
#include "rules.h"

/* Interrupts. */
static void take_a(void *arg)
{
	struct locks *l = arg;

	spin_lock(&l->a);
	spin_unlock(&l->a);
}

static void take_a_in_irq(void *arg)
{
	preempt_disable();
	smp_call_function_single((raw_smp_processor_id() + 1) % nr_cpu_ids, take_a, arg, 1);
	preempt_enable();
}

static void irq_then_enabled(struct locks *l)
{
	take_a_in_irq(l);
	take_a(l);
}

static void irq_then_bh(struct locks *l)
{
	take_a_in_irq(l);
	spin_lock_bh(&l->a);
	spin_unlock_bh(&l->a);
}

static void irq_and_irqsave(struct locks *l)
{
	unsigned long flags;

	take_a_in_irq(l);
	spin_lock_irqsave(&l->a, flags);
	spin_unlock_irqrestore(&l->a, flags);
	take_a_in_irq(l);
}

struct softirq_timer {
	struct timer_list timer;
	struct locks *l;
};

static void timer_takes_a(struct timer_list *t)
{
	struct softirq_timer *st = from_timer(st, t, timer);

	take_a(st->l);
}

static void in_softirq_context(void *arg)
{
	struct softirq_timer st = { .l = arg };

	timer_setup_on_stack(&st.timer, timer_takes_a, 0);
	mod_timer(&st.timer, jiffies + 1);
	schedule_timeout_uninterruptible(5);
	timer_delete_sync(&st.timer);
	destroy_timer_on_stack(&st.timer);
}

static void softirq_then_enabled(struct locks *l)
{
	in_softirq_context(l);
	take_a(l);
}

static void softirq_and_bh(struct locks *l)
{
	in_softirq_context(l);
	spin_lock_bh(&l->a);
	spin_unlock_bh(&l->a);
}

static void unlock_irq_with_interrupts_on(struct locks *l)
{
	spin_lock(&l->a);
	spin_unlock_irq(&l->a);
}

static void unlock_irqrestore_with_interrupts_on(struct locks *l)
{
	unsigned long flags;

	spin_lock_irqsave(&l->a, flags);
	local_irq_enable();
	spin_unlock_irqrestore(&l->a, flags);
}

static void unlock_irq_of_a_nested_lock(struct locks *l)
{
	spin_lock_irq(&l->a);
	spin_lock_irq(&l->b);
	spin_unlock_irq(&l->b);
}

static void unlock_bh_without_bh(struct locks *l)
{
	spin_lock(&l->a);
	spin_unlock_bh(&l->a);
}

static void mutex_tried_in_irq(void *arg)
{
	struct locks *l = arg;

	if (mutex_trylock(&l->m))
		mutex_unlock(&l->m);
}

static void mutex_trylock_in_interrupt(struct locks *l)
{
	preempt_disable();
	smp_call_function_single((raw_smp_processor_id() + 1) % nr_cpu_ids, mutex_tried_in_irq,
				 l, 1);
	preempt_enable();
}

/* Asserts and the rest. */
static void assert_held_without(struct locks *l)
{
	lockdep_assert_held(&l->m);
}

static void assert_write_while_reading(struct locks *l)
{
	read_lock(&l->rw);
	lockdep_assert_held_write(&l->rw);
}

static void assert_read_while_writing(struct locks *l)
{
	write_lock(&l->rw);
	lockdep_assert_held_read(&l->rw);
}

static void assert_not_held_with(struct locks *l)
{
	mutex_lock(&l->m);
	lockdep_assert_not_held(&l->m);
}

static void asserts_that_hold(struct locks *l)
{
	lockdep_assert_not_held(&l->m);
	lockdep_assert_none_held_once();
	lockdep_assert_irqs_enabled();
	lockdep_assert_preemption_enabled();
	mutex_lock(&l->m);
	lockdep_assert_held(&l->m);
	lockdep_assert(lockdep_depth(current) == 1);
	mutex_unlock(&l->m);
	read_lock(&l->rw);
	lockdep_assert_held_read(&l->rw);
	lockdep_assert_preemption_disabled();
	read_unlock(&l->rw);
}

static void assert_irqs_disabled_without(struct locks *l)
{
	lockdep_assert_irqs_disabled();
}

static void assert_preemption_disabled_without(struct locks *l)
{
	lockdep_assert_preemption_disabled();
}

static void seq_write_without_its_lock(struct locks *l)
{
	write_seqcount_begin(&l->mseq);
}

static void bare_seq_write_preemptible(struct locks *l)
{
	write_seqcount_begin(&l->seq);
}

static void seq_read_inside_its_write(struct locks *l)
{
	preempt_disable();
	write_seqcount_begin(&l->seq);
	(void)read_seqcount_begin(&l->seq);
}

static void seq_end_without_begin(struct locks *l)
{
	preempt_disable();
	write_seqcount_end(&l->seq);
}

static void write_released_as_read(struct locks *l)
{
	write_lock(&l->rw);
	read_unlock(&l->rw);
}

static void read_after_read_in_a_task(struct locks *l)
{
	read_lock(&l->rw);
	read_lock(&l->rw);
}

static void read_after_read_with_bh_off(struct locks *l)
{
	local_bh_disable();
	read_lock(&l->rw);
	read_lock(&l->rw);
	read_unlock(&l->rw);
	read_unlock(&l->rw);
	local_bh_enable();
}

static void destroy_held_mutex(struct locks *l)
{
	mutex_lock(&l->m);
	mutex_destroy(&l->m);
}

static void lock_destroyed_mutex(struct locks *l)
{
	mutex_destroy(&l->m);
	mutex_lock(&l->m);
}

static void release_pinned(struct locks *l)
{
	struct pin_cookie cookie;

	spin_lock(&l->a);
	cookie = lockdep_pin_lock(&l->a);
	lockdep_unpin_lock(&l->a, cookie);
	(void)lockdep_pin_lock(&l->a);
	spin_unlock(&l->a);
}

static void downgrade_unheld(struct locks *l)
{
	static DECLARE_RWSEM(sem);

	downgrade_write(&sem);
}

/* Who had nothing to do with it has let one reader go: the one who is one notices. */
static void reader_released_by_somebody_else(struct locks *l)
{
	static DECLARE_RWSEM(sem);

	down_read(&sem);
	up_read_non_owner(&sem);
	up_read(&sem);
}

static const struct rule rules[] = {
	RULE(irq_then_enabled, IRQ_STATE),
	RULE(irq_then_bh, IRQ_STATE),
	RULE(irq_and_irqsave, NONE),
	RULE(softirq_then_enabled, IRQ_STATE),
	RULE(softirq_and_bh, NONE),
	RULE(unlock_irq_with_interrupts_on, IRQ_STATE),
	RULE(unlock_irqrestore_with_interrupts_on, IRQ_STATE),
	RULE(unlock_irq_of_a_nested_lock, IRQ_STATE),
	RULE(unlock_bh_without_bh, IRQ_STATE),
	RULE(mutex_trylock_in_interrupt, IRQ_STATE),
	RULE(assert_held_without, LOCK_UNHELD),
	RULE(assert_write_while_reading, LOCK_UNHELD),
	RULE(assert_read_while_writing, LOCK_UNHELD),
	RULE(assert_not_held_with, LOCK_RECURSION),
	RULE(asserts_that_hold, NONE),
	RULE(assert_irqs_disabled_without, IRQ_STATE),
	RULE(assert_preemption_disabled_without, PREEMPT),
	RULE(seq_write_without_its_lock, LOCK_UNHELD),
	RULE(bare_seq_write_preemptible, PREEMPT),
	RULE(seq_read_inside_its_write, LOCK_RECURSION),
	RULE(seq_end_without_begin, LOCK_UNHELD),
	RULE(write_released_as_read, LOCK_UNHELD),
	RULE(read_after_read_in_a_task, LOCK_RECURSION),
	RULE(read_after_read_with_bh_off, NONE),
	RULE(destroy_held_mutex, LOCK_DESTROYED),
	RULE(lock_destroyed_mutex, LOCK_DESTROYED),
	RULE(release_pinned, LOCK_UNHELD),
	RULE(downgrade_unheld, LOCK_UNHELD),
	RULE(reader_released_by_somebody_else, LOCK_UNHELD),
};
CHECK_RULES(rules);

static void reports_name_the_lock_and_the_task(struct kunit *test)
{
	struct locks *l = new_locks(test);
	char text[200] = "";

	catch_rule(destroy_held_mutex, l, text, sizeof(text));
	KUNIT_EXPECT_TRUE_MSG(test, strstr(text, "mutex '&l->m'"), "%s", text);
	l = new_locks(test);
	catch_rule(read_after_read_in_a_task, l, text, sizeof(text));
	KUNIT_EXPECT_TRUE_MSG(test, strstr(text, "rwlock '&l->rw'"), "%s", text);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(text, "by task "), "%s", text);
}

/*
 * Ways back to user mode. What is caught runs in a kthread, which has none: it is taken
 * for a program here, of the kind that needs no memory.
 */
static void from_a_system_call(void)
{
	sys_sched_setaffinity(0, cpu_possible_mask);
}

static void from_another_system_call(void)
{
	sys_wait4(1000000);
}

static void from_an_interrupt(void)
{
	user_compute(1);
}

static void (*const ways[])(void) = {
	from_a_system_call, from_another_system_call, from_an_interrupt, exec_return_to_user,
};

struct homeward {
	struct locks *l;
	void (*way)(void);
};

static void with_a_mutex(void *arg)
{
	struct homeward *h = arg;

	current->exec.user = true;
	mutex_lock(&h->l->m);
	h->way();
}

static void with_a_spinlock(void *arg)
{
	struct homeward *h = arg;

	current->exec.user = true;
	spin_lock(&h->l->a);
	exec_return_to_user();
}

static void with_nothing(void *arg)
{
	struct homeward *h = arg;

	current->exec.user = true;
	mutex_lock(&h->l->m);
	mutex_unlock(&h->l->m);
	h->way();
}

static void no_lock_is_held_on_return_to_user_mode(struct kunit *test)
{
	struct homeward h;
	char text[200];

	for (int i = 0; i < ARRAY_SIZE(ways); i++) {
		h = (struct homeward){ .l = new_locks(test), .way = ways[i] };
		KUNIT_EXPECT_EQ_MSG(test, violation_catch(with_nothing, &h, text, sizeof(text)),
				    VIOLATION_NONE, "way %d: %s", i, text);
		KUNIT_EXPECT_EQ_MSG(test, violation_catch(with_a_mutex, &h, text, sizeof(text)),
				    VIOLATION_LOCK_LEAKED, "way %d: %s", i, text);
		KUNIT_EXPECT_TRUE_MSG(test, strstr(text, "returns to user mode with 1 lock "
						   "held: mutex '&l->m'"), "%s", text);
		exit_locks(h.l);
	}
	/* The lock is named, not only the preemption that it switched off. */
	h.l = new_locks(test);
	expect_caught(test, with_a_spinlock, &h, VIOLATION_LOCK_LEAKED, "spinlock '&l->a'");
	exit_locks(h.l);
}

static DEFINE_PER_CPU(local_lock_t, a_local_lock) = INIT_LOCAL_LOCK(a_local_lock);

static void local_twice(void *arg)
{
	local_lock(&a_local_lock);
	local_lock(&a_local_lock);
}

static void local_unheld(void *arg)
{
	preempt_disable();
	local_unlock(&a_local_lock);
}

static void local_locks_pin_the_cpu_and_are_checked(struct kunit *test)
{
	unsigned long flags;

	local_lock(&a_local_lock);
	KUNIT_EXPECT_EQ(test, preempt_count(), 1);
	KUNIT_EXPECT_EQ(test, lockdep_depth(current), 1);
	local_unlock(&a_local_lock);
	local_lock_irqsave(&a_local_lock, flags);
	KUNIT_EXPECT_TRUE(test, irqs_disabled());
	local_unlock_irqrestore(&a_local_lock, flags);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	local_lock_irq(&a_local_lock);
	KUNIT_EXPECT_TRUE(test, irqs_disabled());
	local_unlock_irq(&a_local_lock);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	KUNIT_EXPECT_EQ(test, violation_catch(local_twice, NULL, NULL, 0),
			VIOLATION_LOCK_RECURSION);
	KUNIT_EXPECT_EQ(test, violation_catch(local_unheld, NULL, NULL, 0),
			VIOLATION_LOCK_UNHELD);
}

static struct kunit_case usage_cases[] = {
	KUNIT_CASE_PARAM(broken_rules_are_reported_and_kept_ones_are_not, rules_gen_params),
	KUNIT_CASE(reports_name_the_lock_and_the_task),
	KUNIT_CASE(no_lock_is_held_on_return_to_user_mode),
	KUNIT_CASE(local_locks_pin_the_cpu_and_are_checked),
	{}
};

static struct kunit_suite usage_suite = {
	.name = "lock-usage",
	.test_cases = usage_cases,
};
kunit_machine_config(usage_suite, lock_machine);
kunit_test_suite(usage_suite);
