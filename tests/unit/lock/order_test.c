// SPDX-License-Identifier: GPL-2.0
/* The order of lock classes: what may be taken while what is held. */
#include "rules.h"

static void abba(struct locks *l)
{
	take_two(&l->a, &l->b);
	take_two(&l->b, &l->a);
}

static void abba_mixed(struct locks *l)
{
	mutex_lock(&l->m);
	spin_lock(&l->a);
	spin_unlock(&l->a);
	mutex_lock(&l->n);
	mutex_unlock(&l->n);
	mutex_unlock(&l->m);
	mutex_lock(&l->n);
	mutex_lock(&l->m);
}

static void abba_through_a_map(struct locks *l)
{
	lock_map_acquire(&l->map);
	mutex_lock(&l->m);
	mutex_unlock(&l->m);
	lock_map_release(&l->map);
	mutex_lock(&l->m);
	lock_map_acquire(&l->map);
}

static void might_lock_in_the_wrong_order(struct locks *l)
{
	take_two(&l->a, &l->b);
	spin_lock(&l->b);
	might_lock(&l->a);
	spin_unlock(&l->b);
}

static void twins(struct locks *l)
{
	take_two(&l->twin[0], &l->twin[1]);
}

static void twin_mutexes(struct locks *l)
{
	mutex_lock(&l->mtwin[0]);
	mutex_lock(&l->mtwin[1]);
}

static void nested_in_both_orders(struct locks *l)
{
	spin_lock_nested(&l->twin[0], SINGLE_DEPTH_NESTING);
	spin_lock(&l->twin[1]);
	spin_unlock(&l->twin[1]);
	spin_unlock(&l->twin[0]);
	spin_lock(&l->twin[0]);
	spin_lock_nested(&l->twin[1], SINGLE_DEPTH_NESTING);
	spin_unlock(&l->twin[1]);
	spin_unlock(&l->twin[0]);
}

static void under_a_try(struct locks *l)
{
	/* a -> b, although b was only tried, because c is waited for under both. */
	spin_lock(&l->a);
	if (spin_trylock(&l->b)) {
		spin_lock(&l->c);
		spin_unlock(&l->c);
		spin_unlock(&l->b);
	}
	spin_unlock(&l->a);
	take_two(&l->c, &l->a);
}

/* Legal: */
static void same_order_twice(struct locks *l)
{
	take_two(&l->a, &l->b);
	take_two(&l->b, &l->c);
	take_two(&l->a, &l->c);
	take_two(&l->a, &l->b);
}

static void wrong_order_by_trying(struct locks *l)
{
	take_two(&l->a, &l->b);
	spin_lock(&l->b);
	if (spin_trylock(&l->a))
		spin_unlock(&l->a);
	spin_unlock(&l->b);
}

static void annotated_twins(struct locks *l)
{
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

static void twins_of_different_classes(struct locks *l)
{
	static struct lock_class_key other;

	lockdep_set_class(&l->twin[1], &other);
	take_two(&l->twin[0], &l->twin[1]);
}

static void unvalidated(struct locks *l)
{
	lockdep_set_novalidate_class(&l->a);
	take_two(&l->a, &l->b);
	take_two(&l->b, &l->a);
}

static void released_out_of_order(struct locks *l)
{
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

static void might_read_a_held_lock(struct locks *l)
{
	write_lock(&l->rw);
	might_lock_read(&l->rw);
}

static void might_lock_another_level(struct locks *l)
{
	mutex_lock(&l->mtwin[0]);
	might_lock_nested(&l->mtwin[1], SINGLE_DEPTH_NESTING);
	mutex_unlock(&l->mtwin[0]);
}

static void hold_many(int nr)
{
	static struct lock_class_key keys[LOCK_MAX_DEPTH + 1];
	static struct lockdep_map maps[LOCK_MAX_DEPTH + 1];
	int i;

	for (i = 0; i < nr; i++) {
		lockdep_init_map(&maps[i], "m", &keys[i], 0);
		lock_map_acquire(&maps[i]);
	}
	for (i = 0; i < nr; i++)
		lock_map_release(&maps[i]);
}

static void forty_eight_locks(struct locks *l)
{
	hold_many(LOCK_MAX_DEPTH);
}

static void forty_nine_locks(struct locks *l)
{
	hold_many(LOCK_MAX_DEPTH + 1);
}

static const struct rule rules[] = {
	RULE(abba, LOCK_ORDER),
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
	RULE(forty_eight_locks, NONE),
	RULE(forty_nine_locks, BUG),
	RULE(might_read_a_held_lock, LOCK_ORDER),
	RULE(might_lock_another_level, NONE),
};
CHECK_RULES(rules);

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

static struct kunit_case order_cases[] = {
	KUNIT_CASE_PARAM(broken_rules_are_reported_and_kept_ones_are_not, rules_gen_params),
	KUNIT_CASE(one_order_in_one_boot),
	KUNIT_CASE(the_other_order_in_the_next_boot),
	{}
};

static struct kunit_suite order_suite = {
	.name = "lock-order",
	.test_cases = order_cases,
};
kunit_machine_config(order_suite, lock_machine);
kunit_test_suite(order_suite);
