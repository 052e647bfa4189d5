// SPDX-License-Identifier: GPL-2.0
/* What lockdep knows of classes, keys, contexts and the graph, beyond lockdep_test.c. */
#include <linux/interrupt.h>
#include <linux/local_lock.h>
#include <linux/rwsem.h>
#include <linux/slab.h>

#include "rules.h"

/* Each edge of a class is remembered, not the last one only: forwards and backwards. */
static void the_first_of_two_orders(struct locks *l)
{
	take_two(&l->a, &l->b);
	take_two(&l->a, &l->c);
	take_two(&l->b, &l->a);
}

static void the_first_of_two_that_lead_to_a_class(struct locks *l)
{
	spin_lock(&l->twin[0]);
	spin_unlock(&l->twin[0]);
	local_irq_disable();
	irq_enter();
	spin_lock(&l->a);
	spin_unlock(&l->a);
	irq_exit();
	take_two(&l->a, &l->c);
	take_two(&l->b, &l->c);
	take_two(&l->c, &l->twin[0]);
	local_irq_enable();
}

/* What an interrupt takes is not taken under the locks of whom it interrupts. */
static void a_softirq_above_a_lock(struct locks *l)
{
	local_bh_disable();
	spin_lock(&l->a);
	preempt_count_add(SOFTIRQ_OFFSET);
	spin_lock(&l->b);
	spin_unlock(&l->b);
	preempt_count_sub(SOFTIRQ_OFFSET);
	spin_unlock(&l->a);
	take_two(&l->b, &l->a);
	local_bh_enable();
}

static void a_hardirq_above_a_softirq(struct locks *l)
{
	local_bh_disable();
	preempt_count_add(SOFTIRQ_OFFSET);
	local_irq_disable();
	spin_lock(&l->a);
	irq_enter();
	spin_lock(&l->b);
	spin_unlock(&l->b);
	irq_exit();
	spin_unlock(&l->a);
	take_two(&l->b, &l->a);
	local_irq_enable();
	preempt_count_sub(SOFTIRQ_OFFSET);
	local_bh_enable();
}

static void a_softirq_above_a_raw_lock(struct locks *l)
{
	static DEFINE_RAW_SPINLOCK(raw);

	lockdep_raw_nesting = true;
	raw_spin_lock(&raw);
	preempt_count_add(SOFTIRQ_OFFSET);
	spin_lock(&l->a);
	spin_unlock(&l->a);
	preempt_count_sub(SOFTIRQ_OFFSET);
	raw_spin_unlock(&raw);
	lockdep_raw_nesting = false;
}

/* A lock that is held must not begin anew. */
static void spinlock_begins_anew(struct locks *l)
{
	spin_lock(&l->a);
	spin_lock_init(&l->a);
}

static void rwlock_begins_anew(struct locks *l)
{
	read_lock(&l->rw);
	rwlock_init(&l->rw);
}

static void mutex_begins_anew(struct locks *l)
{
	mutex_lock(&l->m);
	mutex_init(&l->m);
}

static void rwsem_begins_anew(struct locks *l)
{
	static struct rw_semaphore sem;

	init_rwsem(&sem);
	down_read(&sem);
	init_rwsem(&sem);
}

static void seqcount_begins_anew(struct locks *l)
{
	preempt_disable();
	write_seqcount_begin(&l->seq);
	seqcount_init(&l->seq);
}

/* A lock that nobody has set up. */
static void local_lock_of_zeros(struct locks *l)
{
	static DEFINE_PER_CPU(local_lock_t, zeros);

	local_lock(&zeros);
}

static void local_lock_overwritten(struct locks *l)
{
	static DEFINE_PER_CPU(local_lock_t, lock) = INIT_LOCAL_LOCK(lock);

	local_lock(&lock);
	this_cpu_ptr(&lock)->magic = 0;
	local_unlock(&lock);
}

static const struct rule rules[] = {
	RULE(the_first_of_two_orders, LOCK_ORDER),
	RULE(the_first_of_two_that_lead_to_a_class, IRQ_STATE),
	RULE(a_softirq_above_a_lock, NONE),
	RULE(a_hardirq_above_a_softirq, NONE),
	RULE(a_softirq_above_a_raw_lock, NONE),
	RULE(spinlock_begins_anew, LOCK_FREED),
	RULE(rwlock_begins_anew, LOCK_FREED),
	RULE(mutex_begins_anew, LOCK_FREED),
	RULE(rwsem_begins_anew, LOCK_FREED),
	RULE(seqcount_begins_anew, LOCK_FREED),
	RULE(local_lock_of_zeros, LOCK_DESTROYED),
	RULE(local_lock_overwritten, LOCK_DESTROYED),
};
CHECK_RULES(rules);

static void two_of_a_class(struct locks *l)
{
	take_two(&l->twin[0], &l->twin[1]);
}

static void two_of_a_class_are_told_from_a_cycle(struct kunit *test)
{
	EXPECT_IN_REPORT(test, two_of_a_class, LOCK_ORDER, "spinlock '&l->twin[i]' (",
			 "is taken while another of its class (",
			 "is held, without a nesting annotation", "lock taken at:", "take_two");
}

static void a_map_is_held_as_it_was_acquired(struct kunit *test)
{
	struct locks *l = new_locks(test);

	for (int read = 0; read <= 2; read++) {
		lock_acquire(&l->map, 0, 0, read, 1, NULL, _THIS_IP_);
		KUNIT_EXPECT_EQ(test, lock_is_held_type(&l->map, 0),
				read ? LOCK_STATE_NOT_HELD : LOCK_STATE_HELD);
		KUNIT_EXPECT_EQ(test, lock_is_held_type(&l->map, 1),
				read ? LOCK_STATE_HELD : LOCK_STATE_NOT_HELD);
		KUNIT_EXPECT_EQ(test, lock_is_held_type(&l->map, -1), LOCK_STATE_HELD);
		lock_release(&l->map, _THIS_IP_);
		KUNIT_EXPECT_EQ(test, lock_is_held_type(&l->map, -1), LOCK_STATE_NOT_HELD);
	}
	exit_locks(l);
}

/* So many keys that the table of keys is full; what it has no room for is not complained of. */
#define KEYS	1100

static void register_them(void *arg)
{
	struct lock_class_key *keys = arg;

	for (int i = 0; i < KEYS; i++)
		lockdep_register_key(&keys[i]);
}

static void use_them(void *arg)
{
	struct lock_class_key *keys = arg;
	struct lockdep_map map;

	for (int i = 0; i < KEYS; i++) {
		lockdep_init_map(&map, "key", &keys[i], 0);
		lock_map_acquire(&map);
		lock_map_release(&map);
	}
}

static void unregister_them(void *arg)
{
	struct lock_class_key *keys = arg;

	for (int i = 0; i < KEYS; i++)
		lockdep_unregister_key(&keys[i]);
}

static void more_keys_than_there_is_room_for_are_good_keys(struct kunit *test)
{
	struct lock_class_key *keys = kunit_kzalloc(test, KEYS * sizeof(*keys), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, keys);
	KUNIT_EXPECT_EQ(test, violation_catch(register_them, keys, NULL, 0), VIOLATION_NONE);
	KUNIT_EXPECT_EQ(test, violation_catch(use_them, keys, NULL, 0), VIOLATION_NONE);
	KUNIT_EXPECT_EQ(test, violation_catch(unregister_them, keys, NULL, 0), VIOLATION_NONE);
}

/*
 * Classes in every bucket of the hash, or in some where that takes long, twice: with one of the
 * first time still known, the second time two locks would be of one class.
 */
#define ROUNDS		120
#define ROUND		256
static struct lock_class_key every_key[ROUNDS][ROUND / MAX_LOCKDEP_SUBCLASSES];

static void take_in_pairs(void *arg)
{
	struct lock_class_key *keys = arg;
	struct lockdep_map maps[2];

	for (int i = 0; i < ROUND; i++) {
		lockdep_init_map(&maps[i % 2], "pair", &keys[i / MAX_LOCKDEP_SUBCLASSES],
				 i % MAX_LOCKDEP_SUBCLASSES);
		lock_map_acquire(&maps[i % 2]);
		if (i)
			lock_map_release(&maps[(i - 1) % 2]);
	}
	lock_map_release(&maps[(ROUND - 1) % 2]);
}

static void a_reset_forgets_every_class(struct kunit *test)
{
	for (int i = 0; i < 2 * kunit_amount(ROUNDS, 10); i++) {
		lockdep_reset();
		KUNIT_ASSERT_EQ(test, violation_catch(take_in_pairs, every_key[i / 2], NULL, 0),
				VIOLATION_NONE);
	}
}

/* Of two of the classes, the other way round than in pairs. */
static void take_backwards(void *arg)
{
	struct lock_class_key *keys = arg;
	struct lockdep_map maps[2];

	for (int i = 0; i < 2; i++)
		lockdep_init_map(&maps[i], "pair", keys, i);
	lock_map_acquire(&maps[1]);
	lock_map_acquire(&maps[0]);
	lock_map_release(&maps[0]);
	lock_map_release(&maps[1]);
}

/* A big machine has more classes than there is room for: it runs on, and the others are checked. */
#define FULL		(4096 / ROUND)

static void classes_there_is_no_room_for_are_not_checked(struct kunit *test)
{
	lockdep_reset();
	for (int i = 0; i <= FULL; i++)
		KUNIT_ASSERT_EQ(test, violation_catch(take_in_pairs, every_key[i], NULL, 0),
				VIOLATION_NONE);
	KUNIT_EXPECT_EQ(test, violation_catch(take_backwards, every_key[FULL], NULL, 0),
			VIOLATION_NONE);
	KUNIT_EXPECT_EQ(test, violation_catch(take_backwards, every_key[0], NULL, 0),
			VIOLATION_LOCK_ORDER);
	lockdep_reset();
}

/* Tasks that take locks of one class for the first time at the same moment; keys come and go. */

static struct {
	atomic_t come;
	struct lockdep_map maps[CREW];
} first;

static int take_first(void *arg)
{
	int me = atomic_fetch_inc(&first.come);
	struct lock_class_key own;

	while (atomic_read(&first.come) < CREW)
		cpu_relax();
	lock_map_acquire(&first.maps[me]);
	lock_map_release(&first.maps[me]);
	for (int i = 0; i < 20; i++) {
		struct lockdep_map map;

		lockdep_register_key(&own);
		lockdep_init_map(&map, "own", &own, 0);
		lock_map_acquire(&map);
		lock_map_release(&map);
		lockdep_unregister_key(&own);
	}
	return 0;
}

static void take_two_of_the_class(void *arg)
{
	int *which = arg;

	lock_map_acquire(&first.maps[which[0]]);
	lock_map_acquire(&first.maps[which[1]]);
}

static void locks_taken_first_at_once_are_of_one_class(struct kunit *test)
{
	for (int round = 0; round < 10; round++) {
		atomic_set(&first.come, 0);
		lockdep_reset();
		for (int i = 0; i < CREW; i++)
			lockdep_init_map(&first.maps[i], "first", &every_key[0][round], 0);
		crew_run(test, take_first, NULL);
		for (int i = 1; i < CREW; i++)
			KUNIT_EXPECT_EQ(test, violation_catch(take_two_of_the_class,
							      (int []){ 0, i }, NULL, 0),
					VIOLATION_LOCK_ORDER);
	}
}

static struct kunit_case classes_cases[] = {
	KUNIT_CASE_PARAM(broken_rules_are_reported_and_kept_ones_are_not, rules_gen_params),
	KUNIT_CASE(two_of_a_class_are_told_from_a_cycle),
	KUNIT_CASE(a_map_is_held_as_it_was_acquired),
	KUNIT_CASE(more_keys_than_there_is_room_for_are_good_keys),
	KUNIT_CASE(a_reset_forgets_every_class),
	KUNIT_CASE(classes_there_is_no_room_for_are_not_checked),
	KUNIT_CASE(locks_taken_first_at_once_are_of_one_class),
	{}
};

static struct kunit_suite classes_suite = {
	.name = "lock-classes",
	.test_cases = classes_cases,
};
kunit_machine_config(classes_suite, lock_machine);
kunit_test_suite(classes_suite);
