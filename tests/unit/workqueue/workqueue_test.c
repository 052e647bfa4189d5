// SPDX-License-Identifier: GPL-2.0
/* Workqueues: queueing, order, exclusion, flushing, cancelling, delays. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <linux/workqueue.h>
#include <machine/violation.h>

#include "../threads.h"

/* An item that notes when and where it ran, and can take its time. */
struct item {
	struct work_struct work;
	struct delayed_work dwork;
	unsigned int msecs;		/* how long it sleeps */
	unsigned int runs;
	unsigned int again;		/* times it queues itself again */
	struct workqueue_struct *wq;
	unsigned long ran_at;		/* jiffies */
	int cpu, node;
	unsigned int inside;		/* must never exceed one */
	bool overlapped, finished;
	unsigned int order;
};

static unsigned int order;

static void item_run(struct item *it)
{
	if (__atomic_add_fetch(&it->inside, 1, __ATOMIC_RELAXED) != 1)
		it->overlapped = true;
	it->ran_at = jiffies;
	it->cpu = raw_smp_processor_id();
	it->node = numa_node_id();
	it->order = __atomic_add_fetch(&order, 1, __ATOMIC_RELAXED);
	WRITE_ONCE(it->runs, it->runs + 1);
	if (it->msecs)
		msleep(it->msecs);
	WRITE_ONCE(it->finished, true);
	__atomic_sub_fetch(&it->inside, 1, __ATOMIC_RELAXED);
}

static void work_fn(struct work_struct *work)
{
	struct item *it = container_of(work, struct item, work);

	item_run(it);
	if (it->again) {
		it->again--;
		queue_work(it->wq, work);
	}
}

static void dwork_fn(struct work_struct *work)
{
	struct item *it = container_of(to_delayed_work(work), struct item, dwork);

	item_run(it);
	if (it->again) {
		it->again--;
		queue_delayed_work(it->wq, &it->dwork, 10);
	}
}

static struct item *items(struct kunit *test, unsigned int n)
{
	struct item *it = kunit_kcalloc(test, n, sizeof(*it), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, it);
	order = 0;
	for (i = 0; i < n; i++) {
		INIT_WORK(&it[i].work, work_fn);
		INIT_DELAYED_WORK(&it[i].dwork, dwork_fn);
		it[i].wq = system_wq;
	}
	return it;
}

static void item_runs_once_per_queueing(struct kunit *test)
{
	struct item *it = items(test, 1);

	KUNIT_EXPECT_FALSE(test, flush_work(&it->work));
	KUNIT_EXPECT_TRUE(test, schedule_work(&it->work));
	flush_work(&it->work);	/* false if it is done already */
	KUNIT_EXPECT_EQ(test, it->runs, 1);
	KUNIT_EXPECT_FALSE(test, work_pending(&it->work));
	KUNIT_EXPECT_FALSE(test, flush_work(&it->work));
	KUNIT_EXPECT_TRUE(test, schedule_work(&it->work));
	flush_work(&it->work);
	KUNIT_EXPECT_EQ(test, it->runs, 2);
}

static void pending_item_is_not_queued_again(struct kunit *test)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ordered", 0);
	struct item *it = items(test, 2);

	KUNIT_ASSERT_NOT_NULL(test, wq);
	it[0].msecs = 10;
	KUNIT_EXPECT_TRUE(test, queue_work(wq, &it[0].work));
	KUNIT_EXPECT_TRUE(test, queue_work(wq, &it[1].work));
	KUNIT_EXPECT_FALSE(test, queue_work(wq, &it[1].work));
	KUNIT_EXPECT_TRUE(test, work_pending(&it[1].work));
	flush_workqueue(wq);
	KUNIT_EXPECT_EQ(test, it[1].runs, 1);
	destroy_workqueue(wq);
}

static void running_item_can_be_queued_and_does_not_overlap(struct kunit *test)
{
	struct item *it = items(test, 1);

	it->msecs = 10;
	schedule_work_on(1, &it->work);
	msleep(3);
	KUNIT_EXPECT_EQ(test, READ_ONCE(it->runs), 1);
	KUNIT_EXPECT_EQ(test, work_busy(&it->work), WORK_BUSY_RUNNING);
	/* On another CPU too. */
	KUNIT_EXPECT_TRUE(test, schedule_work_on(6, &it->work));
	KUNIT_EXPECT_EQ(test, work_busy(&it->work), WORK_BUSY_RUNNING | WORK_BUSY_PENDING);
	msleep(3);
	KUNIT_EXPECT_EQ(test, READ_ONCE(it->runs), 1);
	flush_work(&it->work);
	KUNIT_EXPECT_EQ(test, it->runs, 2);
	KUNIT_EXPECT_FALSE(test, it->overlapped);
}

static void item_runs_on_the_cpu_or_node_asked_for(struct kunit *test)
{
	struct item *it = items(test, 3);

	schedule_work_on(5, &it[0].work);
	queue_work_node(2, system_unbound_wq, &it[1].work);
	queue_work_on(7, system_unbound_wq, &it[2].work);
	flush_work(&it[0].work);
	flush_work(&it[1].work);
	flush_work(&it[2].work);
	KUNIT_EXPECT_EQ(test, it[0].cpu, 5);
	KUNIT_EXPECT_EQ(test, it[1].node, 2);
	KUNIT_EXPECT_EQ(test, it[2].node, cpu_to_node(7));
}

static void ordered_queue_runs_one_at_a_time_in_order(struct kunit *test)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ordered-%d", WQ_MEM_RECLAIM, 3);
	struct item *it = items(test, 8);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, wq);
	for (i = 0; i < 8; i++) {
		it[i].msecs = 8 - i;
		queue_work_on(i, wq, &it[i].work);
	}
	flush_workqueue(wq);
	for (i = 0; i < 8; i++) {
		KUNIT_EXPECT_EQ(test, it[i].order, i + 1);
		if (i)
			KUNIT_EXPECT_GE(test, it[i].ran_at - it[i - 1].ran_at, 8UL - (i - 1));
	}
	destroy_workqueue(wq);
}

static unsigned int begun(struct item *it, unsigned int n)
{
	unsigned int i, ret = 0;

	for (i = 0; i < n; i++)
		ret += READ_ONCE(it[i].runs) > 0;
	return ret;
}

static void max_active_limits_what_runs_at_a_time(struct kunit *test)
{
	struct workqueue_struct *wq = alloc_workqueue("limited", WQ_UNBOUND, 3);
	struct item *it = items(test, 9);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, wq);
	for (i = 0; i < 9; i++) {
		it[i].msecs = 20;
		queue_work_on(i % 8, wq, &it[i].work);
	}
	msleep(10);
	KUNIT_EXPECT_EQ(test, begun(it, 9), 3);
	msleep(20);
	KUNIT_EXPECT_EQ(test, begun(it, 9), 6);
	workqueue_set_max_active(wq, 10);
	msleep(1);
	KUNIT_EXPECT_EQ(test, begun(it, 9), 9);
	flush_workqueue(wq);
	destroy_workqueue(wq);
}

static void max_active_of_a_bound_queue_counts_per_cpu(struct kunit *test)
{
	struct workqueue_struct *wq = alloc_workqueue("bound", 0, 1);
	struct item *it = items(test, 4);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, wq);
	for (i = 0; i < 4; i++) {
		it[i].msecs = 20;
		queue_work_on(i % 2, wq, &it[i].work);
	}
	msleep(10);
	KUNIT_EXPECT_EQ(test, begun(it, 4), 2);
	flush_workqueue(wq);
	KUNIT_EXPECT_EQ(test, begun(it, 4), 4);
	destroy_workqueue(wq);
}

static void sleeping_items_do_not_block_others_of_the_cpu(struct kunit *test)
{
	struct item *it = items(test, 10);
	unsigned int i;

	for (i = 0; i < 10; i++) {
		it[i].msecs = 50;
		schedule_work_on(2, &it[i].work);
	}
	msleep(10);
	KUNIT_EXPECT_EQ(test, begun(it, 10), 10);
	flush_workqueue(system_wq);
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_TRUE(test, READ_ONCE(it[i].finished));
}

static void flush_workqueue_waits_for_what_was_queued_before(struct kunit *test)
{
	struct workqueue_struct *wq = alloc_workqueue("flushed", 0, 0);
	struct item *it = items(test, 4);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, wq);
	for (i = 0; i < 4; i++) {
		it[i].msecs = 5 * i;
		queue_work_on(i, wq, &it[i].work);
	}
	/* One that goes on for ever does not hold the flusher up. */
	it[1].wq = wq;
	it[1].again = 1000;
	flush_workqueue(wq);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_TRUE(test, READ_ONCE(it[i].finished));
	KUNIT_EXPECT_LT(test, READ_ONCE(it[1].runs), 10);
	cancel_work_sync(&it[1].work);
	destroy_workqueue(wq);
}

static void drain_waits_for_items_that_queue_themselves(struct kunit *test)
{
	struct workqueue_struct *wq = alloc_workqueue("drained", WQ_UNBOUND, 0);
	struct item *it = items(test, 1);

	KUNIT_ASSERT_NOT_NULL(test, wq);
	it->wq = wq;
	it->again = 10;
	it->msecs = 1;
	queue_work(wq, &it->work);
	drain_workqueue(wq);
	KUNIT_EXPECT_EQ(test, it->runs, 11);
	it->again = 3;
	queue_work(wq, &it->work);
	destroy_workqueue(wq);
	KUNIT_EXPECT_EQ(test, it->runs, 15);
}

static void cancel_sync_waits_for_the_running_item(struct kunit *test)
{
	struct item *it = items(test, 1);

	it->msecs = 20;
	it->again = 1000;
	schedule_work(&it->work);
	msleep(5);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(it->finished));
	KUNIT_EXPECT_FALSE(test, cancel_work_sync(&it->work));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(it->finished));
	KUNIT_EXPECT_EQ(test, it->runs, 1);	/* it could not queue itself again */
	msleep(30);
	KUNIT_EXPECT_EQ(test, it->runs, 1);
	/* And it can be queued again afterwards. */
	it->again = 0;
	KUNIT_EXPECT_TRUE(test, schedule_work(&it->work));
	flush_work(&it->work);
	KUNIT_EXPECT_EQ(test, it->runs, 2);
}

static void cancelled_pending_item_does_not_run(struct kunit *test)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ordered", 0);
	struct item *it = items(test, 3);

	KUNIT_ASSERT_NOT_NULL(test, wq);
	it[0].msecs = 10;
	queue_work(wq, &it[0].work);
	queue_work(wq, &it[1].work);
	queue_work(wq, &it[2].work);
	KUNIT_EXPECT_TRUE(test, cancel_work_sync(&it[1].work));
	KUNIT_EXPECT_FALSE(test, cancel_work(&it[1].work));
	flush_workqueue(wq);
	KUNIT_EXPECT_EQ(test, it[1].runs, 0);
	KUNIT_EXPECT_EQ(test, it[2].runs, 1);
	destroy_workqueue(wq);
}

static void disabled_item_is_not_queued(struct kunit *test)
{
	struct item *it = items(test, 1);

	KUNIT_EXPECT_FALSE(test, disable_work_sync(&it->work));
	KUNIT_EXPECT_FALSE(test, disable_work(&it->work));
	KUNIT_EXPECT_FALSE(test, schedule_work(&it->work));
	KUNIT_EXPECT_FALSE(test, enable_work(&it->work));
	KUNIT_EXPECT_FALSE(test, schedule_work(&it->work));
	KUNIT_EXPECT_TRUE(test, enable_and_queue_work(system_wq, &it->work));
	flush_work(&it->work);
	KUNIT_EXPECT_EQ(test, it->runs, 1);
}

static void delayed_item_runs_exactly_when_due(struct kunit *test)
{
	struct item *it = items(test, 2);
	unsigned long begin = jiffies;

	KUNIT_EXPECT_TRUE(test, schedule_delayed_work(&it[0].dwork, 250));
	KUNIT_EXPECT_FALSE(test, schedule_delayed_work(&it[0].dwork, 10));
	KUNIT_EXPECT_TRUE(test, schedule_delayed_work_on(4, &it[1].dwork, 100));
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&it[0].dwork));
	msleep(300);
	KUNIT_EXPECT_EQ(test, it[0].ran_at - begin, 250UL);
	KUNIT_EXPECT_EQ(test, it[1].ran_at - begin, 100UL);
	KUNIT_EXPECT_EQ(test, it[1].cpu, 4);
	KUNIT_EXPECT_EQ(test, it[0].runs, 1);
}

static void mod_delayed_work_changes_the_time(struct kunit *test)
{
	struct item *it = items(test, 1);
	unsigned long begin = jiffies;

	KUNIT_EXPECT_FALSE(test, mod_delayed_work(system_wq, &it->dwork, 500));
	KUNIT_EXPECT_TRUE(test, mod_delayed_work(system_wq, &it->dwork, 50));
	msleep(100);
	KUNIT_EXPECT_EQ(test, it->runs, 1);
	KUNIT_EXPECT_EQ(test, it->ran_at - begin, 50UL);
	mod_delayed_work(system_wq, &it->dwork, 20);
	mod_delayed_work(system_wq, &it->dwork, 200);
	msleep(150);
	KUNIT_EXPECT_EQ(test, it->runs, 1);
	KUNIT_EXPECT_TRUE(test, mod_delayed_work(system_wq, &it->dwork, 0));
	flush_delayed_work(&it->dwork);
	KUNIT_EXPECT_EQ(test, it->runs, 2);
}

static void flushing_a_delayed_item_runs_it_at_once(struct kunit *test)
{
	struct item *it = items(test, 1);
	unsigned long begin = jiffies;

	schedule_delayed_work(&it->dwork, 1000);
	flush_delayed_work(&it->dwork);
	KUNIT_EXPECT_EQ(test, it->runs, 1);
	KUNIT_EXPECT_LT(test, jiffies - begin, 5UL);
	KUNIT_EXPECT_FALSE(test, flush_delayed_work(&it->dwork));
	msleep(1100);
	KUNIT_EXPECT_EQ(test, it->runs, 1);
}

static void cancelled_delayed_item_does_not_run(struct kunit *test)
{
	struct item *it = items(test, 1);

	schedule_delayed_work(&it->dwork, 20);
	KUNIT_EXPECT_TRUE(test, cancel_delayed_work(&it->dwork));
	KUNIT_EXPECT_FALSE(test, cancel_delayed_work(&it->dwork));
	msleep(50);
	KUNIT_EXPECT_EQ(test, it->runs, 0);
	schedule_delayed_work(&it->dwork, 20);
	KUNIT_EXPECT_TRUE(test, cancel_delayed_work_sync(&it->dwork));
	msleep(50);
	KUNIT_EXPECT_EQ(test, it->runs, 0);
}

static void delayed_item_that_requeues_itself_keeps_its_period(struct kunit *test)
{
	struct item *it = items(test, 1);
	unsigned long begin = jiffies;

	it->again = 4;
	schedule_delayed_work(&it->dwork, 10);
	msleep(100);
	KUNIT_EXPECT_EQ(test, it->runs, 5);
	KUNIT_EXPECT_EQ(test, it->ran_at - begin, 50UL);
	it->again = 1000;
	schedule_delayed_work(&it->dwork, 10);
	msleep(45);
	KUNIT_EXPECT_TRUE(test, cancel_delayed_work_sync(&it->dwork));
	KUNIT_EXPECT_EQ(test, it->runs, 9);
	msleep(50);
	KUNIT_EXPECT_EQ(test, it->runs, 9);
}

static DECLARE_WORK(fixed_work, NULL);
static unsigned int fixed_runs;

static void fixed_fn(struct work_struct *work)
{
	KUNIT_SUCCEED(NULL);
	WRITE_ONCE(fixed_runs, fixed_runs + 1);
}

static void per_cpu_fn(struct work_struct *work)
{
	__atomic_fetch_or(&fixed_runs, 1u << raw_smp_processor_id(), __ATOMIC_RELAXED);
}

static void declared_and_on_stack_items_work(struct kunit *test)
{
	struct work_struct on_stack;
	struct rcu_work rwork;

	fixed_runs = 0;
	fixed_work.func = fixed_fn;
	schedule_work(&fixed_work);
	INIT_WORK_ONSTACK(&on_stack, fixed_fn);
	schedule_work(&on_stack);
	flush_work(&on_stack);
	destroy_work_on_stack(&on_stack);
	flush_work(&fixed_work);
	KUNIT_EXPECT_EQ(test, fixed_runs, 2);
	INIT_RCU_WORK(&rwork, fixed_fn);
	KUNIT_EXPECT_TRUE(test, queue_rcu_work(system_wq, &rwork));
	flush_rcu_work(&rwork);
	KUNIT_EXPECT_EQ(test, fixed_runs, 3);
	fixed_runs = 0;
	KUNIT_EXPECT_EQ(test, schedule_on_each_cpu(per_cpu_fn), 0);
	KUNIT_EXPECT_EQ(test, fixed_runs, 0xffu);
}

static struct work_struct *seen_work;

static void see_fn(struct work_struct *work)
{
	if (current->flags & PF_WQ_WORKER)
		seen_work = current_work();
}

static void current_work_is_known_inside_only(struct kunit *test)
{
	struct work_struct work;

	INIT_WORK(&work, see_fn);
	schedule_work(&work);
	flush_work(&work);
	KUNIT_EXPECT_PTR_EQ(test, seen_work, &work);
	KUNIT_EXPECT_NULL(test, current_work());
}

/* Many items, queued from several CPUs and cancelled by others. */
#define NR_ITEMS	6
#define NR_OPS		300

struct storm {
	struct item *it;
	unsigned int seed;
};

static int storm_fn(void *arg)
{
	struct storm *s = arg;
	unsigned int i, r = s->seed;

	for (i = 0; i < NR_OPS; i++) {
		struct item *it;

		r = r * 1103515245 + 12345;
		it = &s->it[(r >> 16) % NR_ITEMS];
		switch ((r >> 24) % 6) {
		case 0:
			schedule_work_on((r >> 20) % 8, &it->work);
			break;
		case 1:
			queue_work(system_unbound_wq, &it->work);
			break;
		case 2:
			cancel_work_sync(&it->work);
			break;
		case 3:
			mod_delayed_work(system_wq, &it->dwork, (r >> 20) % 4);
			break;
		case 4:
			cancel_delayed_work_sync(&it->dwork);
			break;
		default:
			flush_work(&it->work);
		}
	}
	return 0;
}

static void plain_fn(struct work_struct *work)
{
	struct item *it = container_of(work, struct item, work);

	if (__atomic_add_fetch(&it->inside, 1, __ATOMIC_RELAXED) != 1)
		WRITE_ONCE(it->overlapped, true);
	it->runs++;	/* plain: exclusion orders one run after the other */
	cond_resched();
	__atomic_sub_fetch(&it->inside, 1, __ATOMIC_RELAXED);
}

static void plain_dfn(struct work_struct *work)
{
}

static void items_never_overlap_in_a_storm_of_requests(struct kunit *test)
{
	struct item *it = items(test, NR_ITEMS);
	struct storm s[3];
	struct test_thread t[3];
	int i;

	for (i = 0; i < NR_ITEMS; i++) {
		INIT_WORK(&it[i].work, plain_fn);
		INIT_DELAYED_WORK(&it[i].dwork, plain_dfn);
	}
	for (i = 0; i < 3; i++) {
		s[i] = (struct storm){ .it = it, .seed = i + 1 };
		test_thread_start(test, &t[i], i, storm_fn, &s[i]);
	}
	for (i = 0; i < 3; i++)
		test_thread_join(&t[i]);
	for (i = 0; i < NR_ITEMS; i++) {
		cancel_work_sync(&it[i].work);
		cancel_delayed_work_sync(&it[i].dwork);
		KUNIT_EXPECT_FALSE(test, it[i].overlapped);
	}
}

static struct kunit_case workqueue_cases[] = {
	KUNIT_CASE(item_runs_once_per_queueing),
	KUNIT_CASE(pending_item_is_not_queued_again),
	KUNIT_CASE(running_item_can_be_queued_and_does_not_overlap),
	KUNIT_CASE(item_runs_on_the_cpu_or_node_asked_for),
	KUNIT_CASE(ordered_queue_runs_one_at_a_time_in_order),
	KUNIT_CASE(max_active_limits_what_runs_at_a_time),
	KUNIT_CASE(max_active_of_a_bound_queue_counts_per_cpu),
	KUNIT_CASE(sleeping_items_do_not_block_others_of_the_cpu),
	KUNIT_CASE(flush_workqueue_waits_for_what_was_queued_before),
	KUNIT_CASE(drain_waits_for_items_that_queue_themselves),
	KUNIT_CASE(cancel_sync_waits_for_the_running_item),
	KUNIT_CASE(cancelled_pending_item_does_not_run),
	KUNIT_CASE(disabled_item_is_not_queued),
	KUNIT_CASE(delayed_item_runs_exactly_when_due),
	KUNIT_CASE(mod_delayed_work_changes_the_time),
	KUNIT_CASE(flushing_a_delayed_item_runs_it_at_once),
	KUNIT_CASE(cancelled_delayed_item_does_not_run),
	KUNIT_CASE(delayed_item_that_requeues_itself_keeps_its_period),
	KUNIT_CASE(declared_and_on_stack_items_work),
	KUNIT_CASE(current_work_is_known_inside_only),
	KUNIT_CASE(items_never_overlap_in_a_storm_of_requests),
	{}
};

static struct kunit_suite workqueue_suite = {
	.name = "workqueue",
	.test_cases = workqueue_cases,
};
kunit_test_suite(workqueue_suite);
