// SPDX-License-Identifier: GPL-2.0
/*
 * lockdep beyond the matrix of tests/locking: reports, classes and keys, wait types, held locks
 * that change.
 */
#include <linux/bit_spinlock.h>
#include <linux/interrupt.h>
#include <linux/rwsem.h>
#include <lock/graph.h>

#include "rules.h"

static struct lock_class_key static_key;

/* Wait types. */
static void map_of_type(struct locks *l, u8 outer, u8 inner, u8 type)
{
	lockdep_init_map_type(&l->map, "typed", &l->key, 0, inner, outer, type);
}

static void sleeping_map_in_a_spinlock(struct locks *l)
{
	map_of_type(l, LD_WAIT_INV, LD_WAIT_SLEEP, LD_LOCK_NORMAL);
	spin_lock(&l->a);
	lock_map_acquire(&l->map);
}

static void sleeping_map_with_a_free_outer_type(struct locks *l)
{
	map_of_type(l, LD_WAIT_FREE, LD_WAIT_SLEEP, LD_LOCK_NORMAL);
	spin_lock(&l->a);
	lock_map_acquire(&l->map);
	lock_map_release(&l->map);
	spin_unlock(&l->a);
}

static void spinning_map_around_a_sleeping_one(struct locks *l)
{
	struct lockdep_map sleeping = {};

	map_of_type(l, LD_WAIT_INV, LD_WAIT_SPIN, LD_LOCK_NORMAL);
	lockdep_init_map_wait(&sleeping, "sleeping", &static_key, 0, LD_WAIT_SLEEP);
	lock_map_acquire(&l->map);
	lock_map_acquire(&sleeping);
}

static void an_override_lifts_the_limit(struct locks *l)
{
	struct lockdep_map sleeping = {};

	map_of_type(l, LD_WAIT_SPIN, LD_WAIT_SLEEP, LD_LOCK_WAIT_OVERRIDE);
	lockdep_init_map_wait(&sleeping, "sleeping", &static_key, 0, LD_WAIT_SLEEP);
	spin_lock(&l->a);
	lock_map_acquire(&l->map);
	lock_map_acquire(&sleeping);
	lock_map_release(&sleeping);
	lock_map_release(&l->map);
	spin_unlock(&l->a);
}

static void trying_waits_for_nothing(struct locks *l)
{
	map_of_type(l, LD_WAIT_INV, LD_WAIT_SLEEP, LD_LOCK_NORMAL);
	spin_lock(&l->a);
	lock_map_acquire_try(&l->map);
	lock_map_release(&l->map);
	spin_unlock(&l->a);
}

static void sleeping_map_in_an_rcu_reader(struct locks *l)
{
	map_of_type(l, LD_WAIT_INV, LD_WAIT_SLEEP, LD_LOCK_NORMAL);
	rcu_read_lock();
	lock_map_acquire(&l->map);
}

static void sleeping_map_in_a_softirq(struct locks *l)
{
	map_of_type(l, LD_WAIT_INV, LD_WAIT_SLEEP, LD_LOCK_NORMAL);
	local_bh_disable();
	preempt_count_add(SOFTIRQ_OFFSET);
	lock_map_acquire(&l->map);
}

static void spinlock_in_a_raw_one_without_the_option(struct locks *l)
{
	static DEFINE_RAW_SPINLOCK(raw);

	raw_spin_lock(&raw);
	spin_lock(&l->a);
	spin_unlock(&l->a);
	raw_spin_unlock(&raw);
}

/* Classes and keys. */
static void key_on_the_stack(struct locks *l)
{
	struct lock_class_key key;

	lockdep_set_class(&l->a, &key);
	spin_lock(&l->a);
}

static void key_that_was_unregistered(struct locks *l)
{
	struct lock_class_key key;

	lockdep_register_key(&key);
	lockdep_unregister_key(&key);
	lockdep_set_class(&l->a, &key);
	spin_lock(&l->a);
}

static void registered_keys(struct locks *l)
{
	struct lock_class_key keys[3];

	for (int i = 0; i < ARRAY_SIZE(keys); i++)
		lockdep_register_key(&keys[i]);
	for (int i = 0; i < ARRAY_SIZE(keys); i++) {
		lockdep_set_class(&l->a, &keys[i]);
		spin_lock(&l->a);
		spin_unlock(&l->a);
		lockdep_unregister_key(&keys[i]);
	}
}

static void key_registered_twice(struct locks *l)
{
	lockdep_register_key(&l->key);
}

static void static_key_registered(struct locks *l)
{
	lockdep_register_key(&static_key);
}

static void key_unregistered_twice(struct locks *l)
{
	struct lock_class_key key;

	lockdep_register_key(&key);
	lockdep_unregister_key(&key);
	lockdep_unregister_key(&key);
}

static void subclass_too_large(struct locks *l)
{
	spin_lock_nested(&l->a, MAX_LOCKDEP_SUBCLASSES);
}

/* One that the lock has, and one of the call. */
static void subclasses_add_up(struct locks *l)
{
	lockdep_set_subclass(&l->a, MAX_LOCKDEP_SUBCLASSES - 1);
	spin_lock_nested(&l->a, 1);
}

static void largest_subclass(struct locks *l)
{
	spin_lock_nested(&l->a, MAX_LOCKDEP_SUBCLASSES - 1);
	spin_unlock(&l->a);
}

static void static_initialiser_on_the_stack(struct locks *l)
{
	DEFINE_MUTEX(m);

	mutex_lock(&m);
}

static void key_used_again(struct locks *l)
{
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
}

/* A class that ends takes its edges along, and nobody else's. */
static void path_through_a_class_that_ended(struct locks *l)
{
	mutex_lock(&l->m);
	lock_map_acquire(&l->map);
	mutex_lock(&l->n);
	mutex_unlock(&l->n);
	lock_map_release(&l->map);
	mutex_unlock(&l->m);
	lockdep_unregister_key(&l->key);
	/* m -> n is an edge of its own only if the map was tried. */
	mutex_lock(&l->n);
	mutex_lock(&l->m);
	mutex_unlock(&l->m);
	mutex_unlock(&l->n);
	lockdep_register_key(&l->key);
}

static void order_of_others_when_a_class_ends(struct locks *l)
{
	lock_map_acquire(&l->map);
	lock_map_release(&l->map);
	mutex_lock(&l->m);
	mutex_lock(&l->n);
	mutex_unlock(&l->n);
	mutex_unlock(&l->m);
	lockdep_unregister_key(&l->key);
	lockdep_register_key(&l->key);
	mutex_lock(&l->n);
	mutex_lock(&l->m);
}

/* Held locks that change. */
static void set_class_makes_a_cycle(struct locks *l)
{
	/* a -> b is known; b is held, then c becomes another a. */
	lockdep_set_class(&l->a, &static_key);
	take_two(&l->a, &l->b);
	spin_lock(&l->b);
	spin_lock(&l->c);
	lock_set_class(&l->c.dep_map, "static_key", &static_key, 0, _THIS_IP_);
}

static void set_subclass_of_a_held_lock(struct locks *l)
{
	spin_lock(&l->twin[0]);
	lock_set_subclass(&l->twin[0].dep_map, 1, _THIS_IP_);
	spin_lock(&l->twin[1]);
	spin_unlock(&l->twin[1]);
	spin_unlock(&l->twin[0]);
}

static void set_class_of_an_unheld_lock(struct locks *l)
{
	lock_set_subclass(&l->a.dep_map, 1, _THIS_IP_);
}

static void set_class_leaves_tried_locks_alone(struct locks *l)
{
	take_two(&l->b, &l->a);
	spin_lock(&l->a);
	if (spin_trylock(&l->b)) {
		lock_set_class(&l->a.dep_map, l->a.dep_map.name, l->a.dep_map.key, 0,
			       _THIS_IP_);
		spin_unlock(&l->b);
	}
	spin_unlock(&l->a);
}

static void none_held_with_one(struct locks *l)
{
	mutex_lock(&l->m);
	lockdep_assert_none_held_once();
	mutex_unlock(&l->m);
}

static void assert_what_is_not_so(struct locks *l)
{
	lockdep_assert(lockdep_depth(current) == 1);
}

static void same_bit_twice(struct locks *l)
{
	unsigned long word = 0;

	bit_spin_lock(3, &word);
	bit_spin_lock(3, &word);
}

static DECLARE_RWSEM(downgraded);

/* What is taken under the reader is ordered as under one: a recursive reader may turn it. */
static void downgraded_is_shared(struct locks *l)
{
	down_write(&downgraded);
	downgrade_write(&downgraded);
	mutex_lock(&l->m);
	mutex_unlock(&l->m);
	up_read(&downgraded);
	mutex_lock(&l->m);
	lock_acquire(&downgraded.dep_map, 0, 0, 2, 1, NULL, _THIS_IP_);
	lock_release(&downgraded.dep_map, _THIS_IP_);
	mutex_unlock(&l->m);
}

static void map_downgraded(struct locks *l)
{
	lock_map_acquire(&l->map);
	lock_downgrade(&l->map, _THIS_IP_);
	lockdep_assert(lock_is_held_type(&l->map, 1));
	lock_map_release(&l->map);
}

static void map_downgraded_unheld(struct locks *l)
{
	lock_downgrade(&l->map, _THIS_IP_);
}

static void wrong_cookie(struct locks *l)
{
	struct pin_cookie wrong;

	spin_lock(&l->a);
	wrong = lockdep_pin_lock(&l->a);
	wrong.val++;
	lockdep_unpin_lock(&l->a, wrong);
}

static void pinned_twice(struct locks *l)
{
	struct pin_cookie one, two;

	spin_lock(&l->a);
	one = lockdep_pin_lock(&l->a);
	two = lockdep_pin_lock(&l->a);
	lockdep_unpin_lock(&l->a, one);
	lockdep_unpin_lock(&l->a, two);
	lockdep_repin_lock(&l->a, one);
	lockdep_unpin_lock(&l->a, one);
	spin_unlock(&l->a);
}

static void unchecked_has_no_order(struct locks *l)
{
	lock_acquire(&l->map, 0, 0, 0, 0, NULL, _THIS_IP_);
	mutex_lock(&l->m);
	mutex_unlock(&l->m);
	lock_release(&l->map, _THIS_IP_);
	mutex_lock(&l->m);
	lock_map_acquire(&l->map);
	lock_map_release(&l->map);
	mutex_unlock(&l->m);
}

static void sync_in_the_wrong_order(struct locks *l)
{
	lock_map_acquire(&l->map);
	mutex_lock(&l->m);
	mutex_unlock(&l->m);
	lock_map_release(&l->map);
	mutex_lock(&l->m);
	lock_map_sync(&l->map);
}

/* Nothing is done under it, so no interrupt can come meanwhile. */
static void sync_with_interrupts_on(struct locks *l)
{
	lock_map_sync(&l->map);
	local_irq_disable();
	irq_enter();
	lock_map_acquire(&l->map);
	lock_map_release(&l->map);
	irq_exit();
	local_irq_enable();
}

static const struct rule rules[] = {
	RULE(sleeping_map_in_a_spinlock, LOCK_CONTEXT),
	RULE(sleeping_map_with_a_free_outer_type, NONE),
	RULE(spinning_map_around_a_sleeping_one, LOCK_CONTEXT),
	RULE(an_override_lifts_the_limit, NONE),
	RULE(trying_waits_for_nothing, NONE),
	RULE(sleeping_map_in_an_rcu_reader, LOCK_CONTEXT),
	RULE(sleeping_map_in_a_softirq, LOCK_CONTEXT),
	RULE(spinlock_in_a_raw_one_without_the_option, NONE),
	RULE(key_on_the_stack, LOCK_DESTROYED),
	RULE(key_that_was_unregistered, LOCK_DESTROYED),
	RULE(registered_keys, NONE),
	RULE(key_registered_twice, BUG),
	RULE(static_key_registered, BUG),
	RULE(key_unregistered_twice, BUG),
	RULE(key_used_again, NONE),
	RULE(path_through_a_class_that_ended, NONE),
	RULE(order_of_others_when_a_class_ends, LOCK_ORDER),
	RULE(subclass_too_large, BUG),
	RULE(subclasses_add_up, BUG),
	RULE(largest_subclass, NONE),
	RULE(static_initialiser_on_the_stack, LOCK_DESTROYED),
	RULE(set_class_makes_a_cycle, LOCK_ORDER),
	RULE(set_subclass_of_a_held_lock, NONE),
	RULE(set_class_leaves_tried_locks_alone, NONE),
	RULE(none_held_with_one, LOCK_LEAKED),
	RULE(assert_what_is_not_so, WARN),
	RULE(set_class_of_an_unheld_lock, LOCK_UNHELD),
	RULE(downgraded_is_shared, NONE),
	RULE(map_downgraded, NONE),
	RULE(map_downgraded_unheld, LOCK_UNHELD),
	RULE(wrong_cookie, LOCK_UNHELD),
	RULE(pinned_twice, NONE),
	RULE(unchecked_has_no_order, NONE),
	RULE(sync_in_the_wrong_order, LOCK_ORDER),
	RULE(sync_with_interrupts_on, NONE),
};
CHECK_RULES(rules);

static void three_in_a_circle(struct locks *l)
{
	take_two(&l->a, &l->b);
	take_two(&l->b, &l->c);
	take_two(&l->c, &l->a);
}

static void a_cycle_is_reported_with_both_chains(struct kunit *test)
{
	EXPECT_IN_REPORT(test, three_in_a_circle, LOCK_ORDER,
			 "spinlock '&l->a' (", "is taken under '&l->c' (",
			 "the order '&l->a' -> '&l->b' -> '&l->c' is known", "stack:",
			 "take_two", "'&l->c' is held, taken at:", "take_two",
			 "'&l->b' was taken under '&l->a' at:", "take_two",
			 "where '&l->a' had been taken at:", "take_two",
			 "'&l->c' was taken under '&l->b' at:", "where '&l->b' had been taken at:",
			 "take_two");
}

static noinline void take_in_irq(spinlock_t *lock)
{
	local_irq_disable();
	irq_enter();
	spin_lock(lock);
	spin_unlock(lock);
	irq_exit();
	local_irq_enable();
}

static void irq_safe_before_unsafe(struct locks *l)
{
	take_in_irq(&l->a);
	spin_lock(&l->c);
	spin_unlock(&l->c);
	local_irq_disable();
	take_two(&l->b, &l->c);
	take_two(&l->a, &l->b);
}

static void an_inversion_is_reported_with_its_uses(struct kunit *test)
{
	EXPECT_IN_REPORT(test, irq_safe_before_unsafe, IRQ_STATE,
			 "spinlock '&l->a' is taken in a hardware interrupt",
			 "leads to spinlock '&l->c', which is held with interrupts enabled",
			 "'&l->a' -> '&l->b' -> '&l->c'",
			 "'&l->a' was taken in a hardware interrupt at:", "take_in_irq",
			 "'&l->c' was taken with interrupts enabled at:",
			 "'&l->b' was taken under '&l->a' at:",
			 "'&l->c' was taken under '&l->b' at:");
}

static void a_wrong_wait_names_who_forbids_it(struct kunit *test)
{
	EXPECT_IN_REPORT(test, sleeping_map_in_a_spinlock, LOCK_CONTEXT,
			 "lock map 'typed' (", "may sleep", "at most spin",
			 "inside '&l->a'", "lock taken at:");
	EXPECT_IN_REPORT(test, same_bit_twice, LOCK_RECURSION, "bit spinlock 3 of ");
}

/* So many that they meet in the table of classes; each is found again by its key. */
#define MANY	600
static struct lock_class_key many_keys[MANY];
static struct lockdep_map many[MANY];

static void under_each_of_many(struct locks *l)
{
	for (int i = 0; i < MANY; i++) {
		lockdep_init_map(&many[i], "many", &many_keys[i], 0);
		lock_map_acquire(&many[i]);
		mutex_lock(&l->m);
		mutex_unlock(&l->m);
		lock_map_release(&many[i]);
	}
}

/* Of the same class; the mutex of the last one was never released. */
static void many_mutex_init(struct locks *l)
{
	static struct lock_class_key key;

	mutex_init_with_key(&l->m, &key);
}

static void one_of_many_under_it(struct locks *l)
{
	int i = l->index;

	lockdep_init_map(&many[i], "many", &many_keys[i], 0);
	mutex_lock(&l->m);
	lock_map_acquire(&many[i]);
}

static void many_classes_are_told_apart(struct kunit *test)
{
	struct locks *l = new_locks(test);

	many_mutex_init(l);
	KUNIT_EXPECT_EQ(test, catch_rule(under_each_of_many, l, NULL, 0), VIOLATION_NONE);
	for (l->index = 0; l->index < MANY; l->index++) {
		many_mutex_init(l);
		KUNIT_ASSERT_EQ(test, catch_rule(one_of_many_under_it, l, NULL, 0),
				VIOLATION_LOCK_ORDER);
	}
	exit_locks(l);
}

/* A static lock remembers its class; after a reset that may be the one of another. */
static void static_lock_after_a_reset(struct locks *l)
{
	static DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	spin_unlock(&lock);
	lockdep_reset();
	for (int i = 0; i < MANY; i++) {
		lockdep_init_map(&many[i], "many", &many_keys[i], 0);
		spin_lock(&lock);
		lock_map_acquire(&many[i]);
		lock_map_release(&many[i]);
		spin_unlock(&lock);
	}
}

static void asserts_graph_locked(void *unused)
{
	lock_graph_assert_locked();
}

static void asserts_graph_locked_where_it_is(void *unused)
{
	lock_graph_lock();
	lock_graph_assert_locked();
	lock_graph_unlock();
}

static void the_graph_is_changed_by_who_has_locked_it(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(asserts_graph_locked, NULL, NULL, 0),
			VIOLATION_LOCK_UNHELD);
	KUNIT_EXPECT_EQ(test, violation_catch(asserts_graph_locked_where_it_is, NULL, NULL, 0),
			VIOLATION_NONE);
}

/* The first lock after a reset has the first class; a bit has none, not even that. */
static void first_class_under_a_bit(struct locks *l)
{
	static unsigned long word;

	lockdep_reset();
	bit_spin_lock(0, &word);
	spin_lock(&l->a);
	spin_unlock(&l->a);
	bit_spin_unlock(0, &word);
}

static void a_reset_forgets_the_class_of_a_static_lock(struct kunit *test)
{
	struct locks *l = new_locks(test);

	KUNIT_EXPECT_EQ(test, catch_rule(static_lock_after_a_reset, l, NULL, 0), VIOLATION_NONE);
	KUNIT_EXPECT_EQ(test, catch_rule(first_class_under_a_bit, l, NULL, 0), VIOLATION_NONE);
	exit_locks(l);
}

static struct kunit_case lockdep_cases[] = {
	KUNIT_CASE_PARAM(broken_rules_are_reported_and_kept_ones_are_not, rules_gen_params),
	KUNIT_CASE(a_cycle_is_reported_with_both_chains),
	KUNIT_CASE(an_inversion_is_reported_with_its_uses),
	KUNIT_CASE(a_wrong_wait_names_who_forbids_it),
	KUNIT_CASE(many_classes_are_told_apart),
	KUNIT_CASE(the_graph_is_changed_by_who_has_locked_it),
	KUNIT_CASE(a_reset_forgets_the_class_of_a_static_lock),
	{}
};

static struct kunit_suite lockdep_suite = {
	.name = "lock-lockdep",
	.test_cases = lockdep_cases,
};
kunit_machine_config(lockdep_suite, lock_machine);
kunit_test_suite(lockdep_suite);
