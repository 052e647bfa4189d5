// SPDX-License-Identifier: GPL-2.0
/*
 * Life of a folio on the LRU: batches, lists, isolation, putting back, and all of it from
 * several CPUs at once.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/mm_inline.h>
#include <linux/mm_page.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <machine/machine.h>
#include <machine/pages.h>
#include <machine/violation.h>
#include <machine/vmstat.h>

#include "parallel.h"

static struct folio *anon_folio(int nid, unsigned int order)
{
	struct folio *folio = __folio_alloc_node(GFP_KERNEL, order, nid);

	__folio_set_swapbacked(folio);
	return folio;
}

static unsigned long stat(int nid, enum node_stat_item item)
{
	return node_page_state(NODE_DATA(nid), item);
}

static void a_new_folio_joins_the_inactive_list_when_drained(struct kunit *test)
{
	struct folio *folio = anon_folio(1, 0);

	folio_add_lru(folio);
	KUNIT_EXPECT_FALSE(test, folio_test_lru(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	KUNIT_EXPECT_EQ(test, stat(1, NR_INACTIVE_ANON), 0UL);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(test, stat(1, NR_INACTIVE_ANON), 1UL);
	KUNIT_EXPECT_EQ(test, zone_page_state(folio_zone(folio), NR_ZONE_INACTIVE_ANON), 1UL);
	machine_check();
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, stat(1, NR_INACTIVE_ANON), 0UL);
	machine_check();
}

static void file_folios_have_lists_of_their_own(struct kunit *test)
{
	struct folio *folio = __folio_alloc_node(GFP_KERNEL, 0, 2);

	folio_set_active(folio);
	folio_add_lru(folio);
	lru_add_drain();
	KUNIT_EXPECT_EQ(test, stat(2, NR_ACTIVE_FILE), 1UL);
	KUNIT_EXPECT_EQ(test, stat(2, NR_INACTIVE_FILE), 0UL);
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, stat(2, NR_ACTIVE_FILE), 0UL);
}

static void a_full_batch_moves_by_itself(struct kunit *test)
{
	struct folio *folios[PAGEVEC_SIZE];
	unsigned int i;

	preempt_disable();		/* one CPU's batch */
	for (i = 0; i < PAGEVEC_SIZE; i++) {
		folios[i] = __folio_alloc_node(GFP_ATOMIC, 0, 0);
		__folio_set_swapbacked(folios[i]);
		folio_add_lru(folios[i]);
	}
	preempt_enable();
	for (i = 0; i < PAGEVEC_SIZE; i++)
		KUNIT_EXPECT_TRUE(test, folio_test_lru(folios[i]));
	KUNIT_EXPECT_EQ(test, stat(0, NR_INACTIVE_ANON), (unsigned long)PAGEVEC_SIZE);
	for (i = 0; i < PAGEVEC_SIZE; i++)
		folio_put(folios[i]);
}

static void large_folios_do_not_wait_in_batches(struct kunit *test)
{
	struct folio *folio = anon_folio(0, 4);

	folio_add_lru(folio);
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
	KUNIT_EXPECT_EQ(test, stat(0, NR_INACTIVE_ANON), 16UL);
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, stat(0, NR_INACTIVE_ANON), 0UL);
}

static void nothing_waits_while_the_cache_is_disabled(struct kunit *test)
{
	struct folio *folio = anon_folio(0, 0);

	lru_cache_disable();
	folio_add_lru(folio);
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
	lru_cache_enable();
	folio_put(folio);
}

static void isolation_takes_the_folio_off_and_a_reference(struct kunit *test)
{
	struct folio *folio = anon_folio(1, 0);
	LIST_HEAD(list);

	folio_add_lru(folio);
	KUNIT_EXPECT_FALSE(test, folio_isolate_lru(folio));	/* still in the batch */
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, folio_isolate_to_list(folio, &list));
	KUNIT_EXPECT_FALSE(test, folio_test_lru(folio));
	KUNIT_EXPECT_FALSE(test, folio_isolate_lru(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	KUNIT_EXPECT_EQ(test, stat(1, NR_INACTIVE_ANON), 0UL);
	KUNIT_EXPECT_EQ(test, stat(1, NR_ISOLATED_ANON), 1UL);
	folio_putback_isolated(&list);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, list_empty(&list));
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_EQ(test, stat(1, NR_ISOLATED_ANON), 0UL);
	KUNIT_EXPECT_EQ(test, stat(1, NR_INACTIVE_ANON), 1UL);
	folio_put(folio);
}

static void a_folio_freed_by_the_one_who_isolated_it_is_off_all_lists(struct kunit *test)
{
	unsigned long before = pages_in_use();
	struct folio *folio = anon_folio(1, 0);

	folio_add_lru(folio);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, folio_isolate_lru(folio));
	folio_put(folio);
	folio_put(folio);
	machine_check();
	KUNIT_EXPECT_EQ(test, pages_in_use(), before);
}

static void two_marks_of_access_activate(struct kunit *test)
{
	unsigned long activated = vm_event_sum(PGACTIVATE);
	struct folio *folio = anon_folio(0, 0);

	folio_add_lru(folio);
	lru_add_drain_all();
	folio_mark_accessed(folio);
	KUNIT_EXPECT_TRUE(test, folio_test_referenced(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_active(folio));
	folio_mark_accessed(folio);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, folio_test_active(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_referenced(folio));
	KUNIT_EXPECT_EQ(test, stat(0, NR_ACTIVE_ANON), 1UL);
	KUNIT_EXPECT_EQ(test, vm_event_sum(PGACTIVATE), activated + 1);
	folio_deactivate(folio);
	lru_add_drain_all();
	KUNIT_EXPECT_FALSE(test, folio_test_active(folio));
	KUNIT_EXPECT_EQ(test, stat(0, NR_INACTIVE_ANON), 1UL);
	folio_put(folio);
}

static void a_folio_in_the_add_batch_is_activated_there(struct kunit *test)
{
	struct folio *folio = anon_folio(0, 0);

	set_cpus_allowed_ptr(current, cpumask_of(0));
	folio_add_lru(folio);
	folio_mark_accessed(folio);
	folio_mark_accessed(folio);
	KUNIT_EXPECT_TRUE(test, folio_test_active(folio));
	lru_add_drain_all();
	KUNIT_EXPECT_EQ(test, stat(0, NR_ACTIVE_ANON), 1UL);
	folio_put(folio);
}

static void mlocked_folios_are_unevictable(struct kunit *test)
{
	unsigned long culled = vm_event_sum(UNEVICTABLE_PGCULLED);
	struct folio *folio = anon_folio(0, 0);

	folio_set_mlocked(folio);
	folio_add_lru(folio);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, folio_test_unevictable(folio));
	KUNIT_EXPECT_EQ(test, stat(0, NR_UNEVICTABLE), 1UL);
	KUNIT_EXPECT_EQ(test, vm_event_sum(UNEVICTABLE_PGCULLED), culled + 1);
	folio_clear_mlocked(folio);
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, stat(0, NR_UNEVICTABLE), 0UL);
}

static void add_to_two_lists(void *folio)
{
	folio_set_active(folio);
	folio_set_unevictable(folio);
	folio_add_lru(folio);
}

static void a_folio_is_of_one_list(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, violation_catch(add_to_two_lists, folio, NULL, 0), VIOLATION_BUG);
	folio_clear_active(folio);
	folio_clear_unevictable(folio);
	folio_put(folio);
}

static void check_machine(void *arg)
{
	machine_check();
}

static void a_wrong_lru_counter_is_found(struct kunit *test)
{
	mod_node_page_state(NODE_DATA(0), NR_ACTIVE_FILE, 1);
	KUNIT_EXPECT_EQ(test, violation_catch(check_machine, NULL, NULL, 0), VIOLATION_ACCOUNT);
	mod_node_page_state(NODE_DATA(0), NR_ACTIVE_FILE, -1);
}

static void a_forgotten_isolated_page_is_found(struct kunit *test)
{
	mod_node_page_state(NODE_DATA(0), NR_ISOLATED_ANON, 1);
	KUNIT_EXPECT_EQ(test, violation_catch(check_machine, NULL, NULL, 0), VIOLATION_ACCOUNT);
	mod_node_page_state(NODE_DATA(0), NR_ISOLATED_ANON, -1);
}

/*
 * Races: each step is done by whichever CPU draws it, on folios they share.
 */
#define FOLIOS	24
#define STEPS	2500

static struct folio *shared[FOLIOS];

static void churn_lru(unsigned int me, void *arg)
{
	u64 rnd = me * 31 + 5;
	LIST_HEAD(mine);
	int step;

	for (step = 0; step < STEPS; step++) {
		struct folio *folio = shared[next_random(&rnd) % FOLIOS];

		switch (next_random(&rnd) % 8) {
		case 0:
		case 1:
			folio_isolate_to_list(folio, &mine);
			break;
		case 2:
			folio_putback_isolated(&mine);
			break;
		case 3:
			folio_mark_accessed(folio);
			break;
		case 4:
			folio_deactivate(folio);
			break;
		case 5:
			lru_add_drain();
			break;
		case 6:
			if (next_random(&rnd) % 16 == 0)
				lru_add_drain_all();
			break;
		default:
			folio_get(folio);
			folio_activate(folio);
			folio_put(folio);
		}
	}
	folio_putback_isolated(&mine);
}

static void lists_and_counters_survive_races(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < FOLIOS; i++) {
		shared[i] = anon_folio(i % 4, 0);
		folio_add_lru(shared[i]);
	}
	run_parallel(test, 4, churn_lru, NULL);
	lru_add_drain_all();
	machine_check();
	for (i = 0; i < FOLIOS; i++) {
		KUNIT_EXPECT_TRUE(test, folio_test_lru(shared[i]));
		KUNIT_EXPECT_EQ(test, folio_ref_count(shared[i]), 1);
		folio_put(shared[i]);
	}
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, stat(i, NR_INACTIVE_ANON) + stat(i, NR_ACTIVE_ANON), 0UL);
}

/* Folios are born, join, are seen through speculative references, and die. */
static void churn_life(unsigned int me, void *arg)
{
	u64 rnd = me + 1000;
	int step;

	for (step = 0; step < STEPS; step++) {
		unsigned int i = next_random(&rnd) % 6 + me * 6, other = next_random(&rnd) % FOLIOS;
		struct folio *folio = __atomic_load_n(&shared[i], __ATOMIC_ACQUIRE);
		LIST_HEAD(list);

		if (next_random(&rnd) % 2) {
			if (folio)
				folio_put(folio);
			folio = anon_folio(me, 0);
			__atomic_store_n(&shared[i], folio, __ATOMIC_RELEASE);
			folio_add_lru(folio);
			continue;
		}
		/* somebody else's, perhaps dead or another one by now */
		folio = __atomic_load_n(&shared[other], __ATOMIC_ACQUIRE);
		if (!folio || !folio_try_get(folio))
			continue;
		if (folio_isolate_to_list(folio, &list))
			folio_putback_isolated(&list);
		folio_put(folio);
	}
}

static void folios_die_while_others_look_at_them(struct kunit *test)
{
	unsigned long before = pages_in_use();
	unsigned int i;

	memset(shared, 0, sizeof(shared));
	run_parallel(test, 4, churn_life, NULL);
	for (i = 0; i < FOLIOS; i++)
		if (shared[i])
			folio_put(shared[i]);
	lru_add_drain_all();
	machine_check();
	KUNIT_EXPECT_EQ(test, pages_in_use(), before);
}

static struct kunit_case lru_cases[] = {
	KUNIT_CASE(a_new_folio_joins_the_inactive_list_when_drained),
	KUNIT_CASE(file_folios_have_lists_of_their_own),
	KUNIT_CASE(a_full_batch_moves_by_itself),
	KUNIT_CASE(large_folios_do_not_wait_in_batches),
	KUNIT_CASE(nothing_waits_while_the_cache_is_disabled),
	KUNIT_CASE(isolation_takes_the_folio_off_and_a_reference),
	KUNIT_CASE(a_folio_freed_by_the_one_who_isolated_it_is_off_all_lists),
	KUNIT_CASE(two_marks_of_access_activate),
	KUNIT_CASE(a_folio_in_the_add_batch_is_activated_there),
	KUNIT_CASE(mlocked_folios_are_unevictable),
	KUNIT_CASE(a_folio_is_of_one_list),
	KUNIT_CASE(a_wrong_lru_counter_is_found),
	KUNIT_CASE(a_forgotten_isolated_page_is_found),
	KUNIT_CASE(lists_and_counters_survive_races),
	KUNIT_CASE(folios_die_while_others_look_at_them),
	{}
};

static struct kunit_suite lru_suite = {
	.name = "lru",
	.test_cases = lru_cases,
};
kunit_test_suite(lru_suite);
