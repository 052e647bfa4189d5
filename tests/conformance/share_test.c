// SPDX-License-Identifier: GPL-2.0
/*
 * What tasks share without a lock: publishing, copies per CPU, hash tables under RCU.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/hashtable.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

DECLARE_PER_CPU(unsigned long, conformance_count);
DEFINE_PER_CPU(unsigned long, conformance_count) = 5;

/* A static one begins as it was initialised, on every CPU. */
static void each_cpu_has_its_own_copy(struct kunit *test)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		KUNIT_EXPECT_EQ(test, per_cpu(conformance_count, cpu), 5UL);
		KUNIT_EXPECT_PTR_EQ(test, &per_cpu(conformance_count, cpu),
				    per_cpu_ptr(&conformance_count, cpu));
		per_cpu(conformance_count, cpu) = 100 + cpu;
	}
	for_each_possible_cpu(cpu)
		KUNIT_EXPECT_EQ(test, per_cpu(conformance_count, cpu), 100UL + cpu);
	cpu = get_cpu();
	KUNIT_EXPECT_EQ(test, this_cpu_read(conformance_count), 100UL + cpu);
	this_cpu_add(conformance_count, 7);
	this_cpu_dec(conformance_count);
	KUNIT_EXPECT_EQ(test, this_cpu_add_return(conformance_count, 4), 110UL + cpu);
	KUNIT_EXPECT_PTR_EQ(test, this_cpu_ptr(&conformance_count),
			    per_cpu_ptr(&conformance_count, cpu));
	put_cpu();
	for_each_possible_cpu(cpu)
		per_cpu(conformance_count, cpu) = 5;
}

static int add_on_this_cpu(void *arg)
{
	int i;

	for (i = 0; i < 100; i++)
		this_cpu_add(conformance_count, 1);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/* Two tasks that add to one CPU's copy lose nothing to each other. */
static void adding_to_the_copy_of_this_cpu_is_whole(struct kunit *test)
{
	unsigned int cpu = cpumask_last(cpu_online_mask);
	struct task_struct *task[2];
	int i;

	for (i = 0; i < 2; i++) {
		task[i] = kthread_create(add_on_this_cpu, NULL, "conform");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task[i]);
		kthread_bind(task[i], cpu);
	}
	wake_up_process(task[0]);
	wake_up_process(task[1]);
	while (READ_ONCE(per_cpu(conformance_count, cpu)) < 205)
		schedule_timeout_uninterruptible(1);
	kthread_stop(task[0]);
	kthread_stop(task[1]);
	KUNIT_EXPECT_EQ(test, per_cpu(conformance_count, cpu), 205UL);
	per_cpu(conformance_count, cpu) = 5;
}

struct message {
	int words[4];
	int sent;
	struct message __rcu *next;
	struct completion over;
};

static int send(void *arg)
{
	struct message *m = arg;
	int i;

	for (i = 0; i < 4; i++)
		m->words[i] = i + 1;
	smp_store_release(&m->sent, 1);
	complete(&m->over);
	return 0;
}

/* All that was written before the release is there after the acquire. */
static void who_acquires_sees_what_was_released(struct kunit *test)
{
	struct message *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	init_completion(&m->over);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(send, m, "conform"));
	while (!smp_load_acquire(&m->sent))
		schedule_timeout_uninterruptible(1);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, m->words[i], i + 1);
	wait_for_completion(&m->over);
}

static struct message __rcu *published;
static DEFINE_MUTEX(publish_mutex);

static int publish(void *arg)
{
	struct message *m = arg;
	int i;

	for (i = 0; i < 4; i++)
		m->words[i] = i + 1;
	mutex_lock(&publish_mutex);
	rcu_assign_pointer(published, m);
	mutex_unlock(&publish_mutex);
	complete(&m->over);
	return 0;
}

/* Who finds the object finds it as it was before it was published. */
static void a_reader_sees_a_published_object_whole(struct kunit *test)
{
	struct message *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL), *seen;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	init_completion(&m->over);
	RCU_INIT_POINTER(published, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(publish, m, "conform"));
	do {
		rcu_read_lock();
		seen = rcu_dereference(published);
		for (i = 0; seen && i < 4; i++)
			KUNIT_EXPECT_EQ(test, seen->words[i], i + 1);
		rcu_read_unlock();
		schedule_timeout_uninterruptible(1);
	} while (!seen);
	wait_for_completion(&m->over);
	mutex_lock(&publish_mutex);
	KUNIT_EXPECT_PTR_EQ(test, rcu_dereference_protected(published,
				lockdep_is_held(&publish_mutex)), m);
	RCU_INIT_POINTER(published, NULL);
	mutex_unlock(&publish_mutex);
	synchronize_rcu();
}

struct entry {
	int key, turn;
	struct hlist_node link;
	struct rcu_head rcu;
};

static DEFINE_HASHTABLE(entries, 2);
static DEFINE_SPINLOCK(entries_lock);

/* Entries of one key, the youngest first; others of its bucket are also met. */
static void a_bucket_is_searched_from_the_youngest(struct kunit *test)
{
	struct entry *e, *found;
	int i, turns[4], nr = 0;

	lockdep_assert_not_held(&entries_lock);
	KUNIT_EXPECT_TRUE(test, hash_empty(entries));
	for (i = 0; i < 32; i++) {
		e = kzalloc(sizeof(*e), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, e);
		e->key = i / 4;
		e->turn = i;
		spin_lock(&entries_lock);
		lockdep_assert_held(&entries_lock);
		hash_add_rcu(entries, &e->link, e->key);
		spin_unlock(&entries_lock);
		KUNIT_EXPECT_TRUE(test, hash_hashed(&e->link));
	}
	rcu_read_lock();
	hash_for_each_possible_rcu(entries, found, link, 3) {
		if (found->key == 3 && nr < 4)
			turns[nr++] = found->turn;
	}
	rcu_read_unlock();
	KUNIT_ASSERT_EQ(test, nr, 4);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, turns[i], 15 - i);
}

/* One that was taken out leads on to the others for who stands on it. */
static void a_reader_gets_past_an_entry_that_was_taken_out(struct kunit *test)
{
	struct entry *found;
	struct hlist_node *tmp;
	int nr = 0, bkt;

	rcu_read_lock();
	hash_for_each_possible_rcu(entries, found, link, 3) {
		if (found->key != 3)
			continue;
		nr++;
		spin_lock(&entries_lock);
		hash_del_rcu(&found->link);
		spin_unlock(&entries_lock);
		KUNIT_EXPECT_FALSE(test, hash_hashed(&found->link));
		kfree_rcu(found, rcu);
	}
	hash_for_each_possible_rcu(entries, found, link, 3)
		KUNIT_EXPECT_NE(test, found->key, 3);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, nr, 4);
	hash_for_each_safe(entries, bkt, tmp, found, link) {
		nr++;
		hash_del(&found->link);
		kfree(found);
	}
	KUNIT_EXPECT_EQ(test, nr, 32);
	KUNIT_EXPECT_TRUE(test, hash_empty(entries));
	rcu_barrier();
}

/* Fills, then empties: one case, because the first half leaves its entries to the second. */
static void a_hash_table_under_rcu(struct kunit *test)
{
	a_bucket_is_searched_from_the_youngest(test);
	a_reader_gets_past_an_entry_that_was_taken_out(test);
}

static struct kunit_case share_cases[] = {
	KUNIT_CASE(each_cpu_has_its_own_copy),
	KUNIT_CASE(adding_to_the_copy_of_this_cpu_is_whole),
	KUNIT_CASE(who_acquires_sees_what_was_released),
	KUNIT_CASE(a_reader_sees_a_published_object_whole),
	KUNIT_CASE(a_hash_table_under_rcu),
	{}
};

static struct kunit_suite share_suite = {
	.name = "conformance_share",
	.test_cases = share_cases,
};
kunit_test_suite(share_suite);
