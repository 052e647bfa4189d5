// SPDX-License-Identifier: GPL-2.0
/* The order of lock classes, use in interrupts, asserts, and the list of held locks. */
#include <linux/interrupt.h>
#include <linux/local_lock.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rwsem.h>
#include <linux/seqlock.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "crew.h"

struct locks {
	spinlock_t a, b, c;
	spinlock_t twin[2];
	struct mutex m, n;
	struct mutex mtwin[2];
	rwlock_t rw;
	seqcount_t seq;
	seqcount_mutex_t mseq;
	struct lockdep_map map;
	struct lock_class_key key;
};

static struct locks *new_locks(struct kunit *test)
{
	struct locks *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, l);
	spin_lock_init(&l->a);
	spin_lock_init(&l->b);
	spin_lock_init(&l->c);
	mutex_init(&l->m);
	mutex_init(&l->n);
	for (i = 0; i < 2; i++) {
		spin_lock_init(&l->twin[i]);
		mutex_init(&l->mtwin[i]);
	}
	rwlock_init(&l->rw);
	seqcount_init(&l->seq);
	seqcount_mutex_init(&l->mseq, &l->m);
	lockdep_register_key(&l->key);
	lockdep_init_map(&l->map, "map", &l->key, 0);
	return l;
}

static void exit_locks(struct locks *l)
{
	lockdep_unregister_key(&l->key);
}

#define PAIR(l, first, second) do {						\
	spin_lock(&(l)->first);							\
	spin_lock(&(l)->second);						\
	spin_unlock(&(l)->second);						\
	spin_unlock(&(l)->first);						\
} while (0)

static void abba(void *arg)
{
	struct locks *l = arg;

	PAIR(l, a, b);
	PAIR(l, b, a);
}

static void abbcca(void *arg)
{
	struct locks *l = arg;

	PAIR(l, a, b);
	PAIR(l, b, c);
	PAIR(l, c, a);
}

static void abba_mixed(void *arg)
{
	struct locks *l = arg;

	mutex_lock(&l->m);
	spin_lock(&l->a);
	spin_unlock(&l->a);
	mutex_lock(&l->n);
	mutex_unlock(&l->n);
	mutex_unlock(&l->m);
	mutex_lock(&l->n);
	mutex_lock(&l->m);
}

static void abba_through_a_map(void *arg)
{
	struct locks *l = arg;

	lock_map_acquire(&l->map);
	mutex_lock(&l->m);
	mutex_unlock(&l->m);
	lock_map_release(&l->map);
	mutex_lock(&l->m);
	lock_map_acquire(&l->map);
}

static void might_lock_in_the_wrong_order(void *arg)
{
	struct locks *l = arg;

	PAIR(l, a, b);
	spin_lock(&l->b);
	might_lock(&l->a);
	spin_unlock(&l->b);
}

static void twins(void *arg)
{
	struct locks *l = arg;

	PAIR(l, twin[0], twin[1]);
}

static void twin_mutexes(void *arg)
{
	struct locks *l = arg;

	mutex_lock(&l->mtwin[0]);
	mutex_lock(&l->mtwin[1]);
}

static void nested_in_both_orders(void *arg)
{
	struct locks *l = arg;

	spin_lock_nested(&l->twin[0], SINGLE_DEPTH_NESTING);
	spin_lock(&l->twin[1]);
	spin_unlock(&l->twin[1]);
	spin_unlock(&l->twin[0]);
	spin_lock(&l->twin[0]);
	spin_lock_nested(&l->twin[1], SINGLE_DEPTH_NESTING);
	spin_unlock(&l->twin[1]);
	spin_unlock(&l->twin[0]);
}

static void under_a_try(void *arg)
{
	struct locks *l = arg;

	/* a -> b, although b was only tried, because c is waited for under both. */
	spin_lock(&l->a);
	if (spin_trylock(&l->b)) {
		spin_lock(&l->c);
		spin_unlock(&l->c);
		spin_unlock(&l->b);
	}
	spin_unlock(&l->a);
	PAIR(l, c, a);
}

/* Legal: */
static void same_order_twice(void *arg)
{
	struct locks *l = arg;

	PAIR(l, a, b);
	PAIR(l, b, c);
	PAIR(l, a, c);
	PAIR(l, a, b);
}

static void wrong_order_by_trying(void *arg)
{
	struct locks *l = arg;

	PAIR(l, a, b);
	spin_lock(&l->b);
	if (spin_trylock(&l->a))
		spin_unlock(&l->a);
	spin_unlock(&l->b);
}

static void annotated_twins(void *arg)
{
	struct locks *l = arg;

	spin_lock(&l->twin[0]);
	spin_lock_nested(&l->twin[1], SINGLE_DEPTH_NESTING);
	spin_unlock(&l->twin[0]);
	spin_unlock(&l->twin[1]);
	mutex_lock(&l->m);
	mutex_lock_nest_lock(&l->mtwin[0], &l->m);
	mutex_lock_nest_lock(&l->mtwin[1], &l->m);
	mutex_unlock(&l->mtwin[0]);
	mutex_unlock(&l->mtwin[1]);
	mutex_unlock(&l->m);
}

static void twins_of_different_classes(void *arg)
{
	struct locks *l = arg;
	static struct lock_class_key other;

	lockdep_set_class(&l->twin[1], &other);
	PAIR(l, twin[0], twin[1]);
}

static void unvalidated(void *arg)
{
	struct locks *l = arg;

	lockdep_set_novalidate_class(&l->a);
	PAIR(l, a, b);
	PAIR(l, b, a);
}

static void released_out_of_order(void *arg)
{
	struct locks *l = arg;
	int i;

	for (i = 0; i < 2; i++) {
		spin_lock(&l->a);
		spin_lock(&l->b);
		spin_unlock(&l->a);
		spin_lock(&l->c);
		spin_unlock(&l->b);
		spin_unlock(&l->c);
	}
}

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

static void irq_then_enabled(void *arg)
{
	take_a_in_irq(arg);
	take_a(arg);
}

static void irq_then_bh(void *arg)
{
	struct locks *l = arg;

	take_a_in_irq(arg);
	spin_lock_bh(&l->a);
	spin_unlock_bh(&l->a);
}

static void irq_and_irqsave(void *arg)
{
	struct locks *l = arg;
	unsigned long flags;

	take_a_in_irq(arg);
	spin_lock_irqsave(&l->a, flags);
	spin_unlock_irqrestore(&l->a, flags);
	take_a_in_irq(arg);
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

static void softirq_then_enabled(void *arg)
{
	in_softirq_context(arg);
	take_a(arg);
}

static void softirq_and_bh(void *arg)
{
	struct locks *l = arg;

	in_softirq_context(arg);
	spin_lock_bh(&l->a);
	spin_unlock_bh(&l->a);
}

static void unlock_irq_with_interrupts_on(void *arg)
{
	struct locks *l = arg;

	spin_lock(&l->a);
	spin_unlock_irq(&l->a);
}

static void unlock_irqrestore_with_interrupts_on(void *arg)
{
	struct locks *l = arg;
	unsigned long flags;

	spin_lock_irqsave(&l->a, flags);
	local_irq_enable();
	spin_unlock_irqrestore(&l->a, flags);
}

static void unlock_irq_of_a_nested_lock(void *arg)
{
	struct locks *l = arg;

	spin_lock_irq(&l->a);
	spin_lock_irq(&l->b);
	spin_unlock_irq(&l->b);
}

static void unlock_bh_without_bh(void *arg)
{
	struct locks *l = arg;

	spin_lock(&l->a);
	spin_unlock_bh(&l->a);
}

static void mutex_tried_in_irq(void *arg)
{
	struct locks *l = arg;

	if (mutex_trylock(&l->m))
		mutex_unlock(&l->m);
}

static void mutex_trylock_in_interrupt(void *arg)
{
	preempt_disable();
	smp_call_function_single((raw_smp_processor_id() + 1) % nr_cpu_ids, mutex_tried_in_irq,
				 arg, 1);
	preempt_enable();
}

/* Asserts and the rest. */
static void assert_held_without(void *arg)
{
	struct locks *l = arg;

	lockdep_assert_held(&l->m);
}

static void assert_write_while_reading(void *arg)
{
	struct locks *l = arg;

	read_lock(&l->rw);
	lockdep_assert_held_write(&l->rw);
}

static void assert_read_while_writing(void *arg)
{
	struct locks *l = arg;

	write_lock(&l->rw);
	lockdep_assert_held_read(&l->rw);
}

static void assert_not_held_with(void *arg)
{
	struct locks *l = arg;

	mutex_lock(&l->m);
	lockdep_assert_not_held(&l->m);
}

static void asserts_that_hold(void *arg)
{
	struct locks *l = arg;

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

static void assert_irqs_disabled_without(void *arg)
{
	lockdep_assert_irqs_disabled();
}

static void assert_preemption_disabled_without(void *arg)
{
	lockdep_assert_preemption_disabled();
}

static void seq_write_without_its_lock(void *arg)
{
	struct locks *l = arg;

	write_seqcount_begin(&l->mseq);
}

static void bare_seq_write_preemptible(void *arg)
{
	struct locks *l = arg;

	write_seqcount_begin(&l->seq);
}

static void seq_read_inside_its_write(void *arg)
{
	struct locks *l = arg;

	preempt_disable();
	write_seqcount_begin(&l->seq);
	(void)read_seqcount_begin(&l->seq);
}

static void seq_end_without_begin(void *arg)
{
	struct locks *l = arg;

	preempt_disable();
	write_seqcount_end(&l->seq);
}

static void write_released_as_read(void *arg)
{
	struct locks *l = arg;

	write_lock(&l->rw);
	read_unlock(&l->rw);
}

static void read_after_read_in_a_task(void *arg)
{
	struct locks *l = arg;

	read_lock(&l->rw);
	read_lock(&l->rw);
}

static void read_after_read_with_bh_off(void *arg)
{
	struct locks *l = arg;

	local_bh_disable();
	read_lock(&l->rw);
	read_lock(&l->rw);
	read_unlock(&l->rw);
	read_unlock(&l->rw);
	local_bh_enable();
}

static void destroy_held_mutex(void *arg)
{
	struct locks *l = arg;

	mutex_lock(&l->m);
	mutex_destroy(&l->m);
}

static void lock_destroyed_mutex(void *arg)
{
	struct locks *l = arg;

	mutex_destroy(&l->m);
	mutex_lock(&l->m);
}

static void release_pinned(void *arg)
{
	struct locks *l = arg;
	struct pin_cookie cookie;

	spin_lock(&l->a);
	cookie = lockdep_pin_lock(&l->a);
	lockdep_unpin_lock(&l->a, cookie);
	(void)lockdep_pin_lock(&l->a);
	spin_unlock(&l->a);
}

static void downgrade_unheld(void *arg)
{
	static DECLARE_RWSEM(sem);

	downgrade_write(&sem);
}

static void forty_eight_locks(void *arg)
{
	struct lockdep_map maps[LOCK_MAX_DEPTH] = {};
	static struct lock_class_key keys[LOCK_MAX_DEPTH];
	int i;

	for (i = 0; i < LOCK_MAX_DEPTH; i++) {
		lockdep_init_map(&maps[i], "m", &keys[i], 0);
		lock_map_acquire(&maps[i]);
	}
	for (i = 0; i < LOCK_MAX_DEPTH; i++)
		lock_map_release(&maps[i]);
}

static const struct rule {
	const char *name;
	void (*fn)(void *arg);
	enum violation_kind want;
} rules[] = {
#define RULE(fn, want)	{ #fn, fn, VIOLATION_##want }
	RULE(abba, LOCK_ORDER),
	RULE(abbcca, LOCK_ORDER),
	RULE(abba_mixed, LOCK_ORDER),
	RULE(abba_through_a_map, LOCK_ORDER),
	RULE(might_lock_in_the_wrong_order, LOCK_ORDER),
	RULE(twins, LOCK_ORDER),
	RULE(twin_mutexes, LOCK_ORDER),
	RULE(nested_in_both_orders, LOCK_ORDER),
	RULE(under_a_try, LOCK_ORDER),
	RULE(same_order_twice, NONE),
	RULE(wrong_order_by_trying, NONE),
	RULE(annotated_twins, NONE),
	RULE(twins_of_different_classes, NONE),
	RULE(unvalidated, NONE),
	RULE(released_out_of_order, NONE),
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
	RULE(forty_eight_locks, NONE),
};
KUNIT_ARRAY_PARAM_DESC(rules, rules, name);

static void broken_rules_are_reported_and_kept_ones_are_not(struct kunit *test)
{
	const struct rule *r = test->param_value;
	struct locks *l = new_locks(test);
	char text[200] = "";
	enum violation_kind got = violation_catch(r->fn, l, text, sizeof(text));

	KUNIT_EXPECT_EQ_MSG(test, got, r->want, "%s, not %s: %s", violation_name(got),
			    violation_name(r->want), text);
	exit_locks(l);
}

/* Each boot begins without knowledge: the other order alone is no mistake. */
static spinlock_t persistent_a = __SPIN_LOCK_UNLOCKED(persistent_a);
static spinlock_t persistent_b = __SPIN_LOCK_UNLOCKED(persistent_b);

static void one_order_in_one_boot(struct kunit *test)
{
	spin_lock(&persistent_a);
	spin_lock(&persistent_b);
	spin_unlock(&persistent_b);
	spin_unlock(&persistent_a);
}

static void the_other_order_in_the_next_boot(struct kunit *test)
{
	spin_lock(&persistent_b);
	spin_lock(&persistent_a);
	spin_unlock(&persistent_a);
	spin_unlock(&persistent_b);
}

static void reports_name_the_lock_and_the_task(struct kunit *test)
{
	struct locks *l = new_locks(test);
	char text[200] = "";

	violation_catch(destroy_held_mutex, l, text, sizeof(text));
	KUNIT_EXPECT_TRUE_MSG(test, strstr(text, "mutex '&l->m'"), "%s", text);
	l = new_locks(test);
	violation_catch(read_after_read_in_a_task, l, text, sizeof(text));
	KUNIT_EXPECT_TRUE_MSG(test, strstr(text, "rwlock '&l->rw'"), "%s", text);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(text, "by task "), "%s", text);
}

static void a_dynamic_key_can_be_used_again(struct kunit *test)
{
	struct locks *l = new_locks(test);

	lock_map_acquire(&l->map);
	mutex_lock(&l->m);
	mutex_unlock(&l->m);
	lock_map_release(&l->map);
	lockdep_unregister_key(&l->key);
	lockdep_register_key(&l->key);
	lockdep_init_map(&l->map, "another", &l->key, 0);
	mutex_lock(&l->m);
	lock_map_acquire(&l->map);
	lock_map_release(&l->map);
	mutex_unlock(&l->m);
	exit_locks(l);
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
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	KUNIT_EXPECT_EQ(test, violation_catch(local_twice, NULL, NULL, 0),
			VIOLATION_LOCK_RECURSION);
	KUNIT_EXPECT_EQ(test, violation_catch(local_unheld, NULL, NULL, 0),
			VIOLATION_LOCK_UNHELD);
}

static struct kunit_case order_cases[] = {
	KUNIT_CASE_PARAM(broken_rules_are_reported_and_kept_ones_are_not, rules_gen_params),
	KUNIT_CASE(one_order_in_one_boot),
	KUNIT_CASE(the_other_order_in_the_next_boot),
	KUNIT_CASE(reports_name_the_lock_and_the_task),
	KUNIT_CASE(a_dynamic_key_can_be_used_again),
	KUNIT_CASE(local_locks_pin_the_cpu_and_are_checked),
	{}
};

static struct kunit_suite order_suite = {
	.name = "lock-order",
	.test_cases = order_cases,
};
kunit_machine_config(order_suite, lock_machine);
kunit_test_suite(order_suite);
