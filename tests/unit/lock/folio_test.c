// SPDX-License-Identifier: GPL-2.0
/* Folio locks and lockdep: what may be taken under one, and one under what. */
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "rules.h"

static struct folio *folios[2];

static void waits_for_a_second_folio(struct locks *l)
{
	folio_lock(folios[0]);
	folio_lock(folios[1]);
}

static void tries_a_second_folio(struct locks *l)
{
	folio_lock(folios[0]);
	if (folio_trylock(folios[1]))
		folio_unlock(folios[1]);
	lockdep_assert(lockdep_depth(current) == 1);
	folio_unlock(folios[0]);
	lockdep_assert(lockdep_depth(current) == 0);
}

static void folio_lock_in_both_orders(struct locks *l)
{
	folio_lock(folios[0]);
	mutex_lock(&l->m);
	mutex_unlock(&l->m);
	folio_unlock(folios[0]);
	mutex_lock(&l->m);
	folio_lock(folios[1]);
}

static void folio_lock_in_a_spinlock(struct locks *l)
{
	spin_lock(&l->a);
	folio_lock(folios[0]);
}

static void folio_tried_in_a_spinlock(struct locks *l)
{
	spin_lock(&l->a);
	if (folio_trylock(folios[0]))
		folio_unlock(folios[0]);
	spin_unlock(&l->a);
}

static void exits_with_a_folio_lock(struct locks *l)
{
	if (!folio_trylock(folios[0]))
		return;
	if (folio_trylock(folios[1]))
		folio_unlock(folios[0]);
}

static const struct rule rules[] = {
	RULE(waits_for_a_second_folio, LOCK_ORDER),
	RULE(tries_a_second_folio, NONE),
	RULE(folio_lock_in_both_orders, LOCK_ORDER),
	RULE(folio_lock_in_a_spinlock, ATOMIC_SLEEP),
	RULE(folio_tried_in_a_spinlock, NONE),
	RULE(exits_with_a_folio_lock, LOCK_LEAKED),
};
KUNIT_ARRAY_PARAM_DESC(rules, rules, name);

static void broken_rules_are_reported_and_kept_ones_are_not(struct kunit *test)
{
	for (int i = 0; i < 2; i++) {
		folios[i] = folio_alloc(GFP_KERNEL, 0);
		KUNIT_ASSERT_NOT_NULL(test, folios[i]);
	}
	expect_rule(test, test->param_value);
	for (int i = 0; i < 2; i++) {
		/* Whoever held it is gone. */
		clear_bit(PG_locked, &folios[i]->flags);
		folio_put(folios[i]);
	}
}

static struct kunit_case folio_cases[] = {
	KUNIT_CASE_PARAM(broken_rules_are_reported_and_kept_ones_are_not, rules_gen_params),
	{}
};

static struct kunit_suite folio_suite = {
	.name = "lock-folio",
	.test_cases = folio_cases,
};
kunit_machine_config(folio_suite, lock_machine);
kunit_test_suite(folio_suite);
