// SPDX-License-Identifier: GPL-2.0
/* Each thing that can be wrong in a run queue is found by machine_check(), and said. */
#include <linux/bitmap.h>
#include <linux/rbtree.h>
#include <linux/string.h>
#include <machine/violation.h>
#include "../../../kernel-compat/sched/sched.h"
#include <exec/vcpu.h>
#include "../caught.h"
#include "sched_test.h"

#define CPU	5	/* of node 2, whose second CPU it is */

/* Two tasks that wait for CPU 5, where nobody runs: they were never woken up. */
struct queue {
	struct rq *rq;
	struct task_struct *first, *second;
};

static int never_runs(void *arg)
{
	return 0;
}

static struct task_struct *make_task(const char *name)
{
	struct task_struct *p = kthread_create(never_runs, NULL, "%s", name);

	/* Nobody else takes it to his CPU. */
	do_set_cpus_allowed(p, cpumask_of(CPU));
	return p;
}

static bool before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct task_struct, se.run_node)->se.vruntime <
	       rb_entry(b, struct task_struct, se.run_node)->se.vruntime;
}

static void put_on_queue(struct rq *rq, struct task_struct *p, u64 vruntime)
{
	xlock(&rq->lock);
	__atomic_store_n(&p->exec.on_rq, true, __ATOMIC_RELAXED);
	__atomic_store_n(&p->exec.cpu, CPU, __ATOMIC_RELAXED);
	p->se.vruntime = vruntime;
	rb_add_cached(&p->se.run_node, &rq->timeline, before);
	sched_count_running(rq, rq->nr_running + 1);
	xunlock(&rq->lock);
}

static void take_off_queue(struct rq *rq, struct task_struct *p)
{
	xlock(&rq->lock);
	rb_erase_cached(&p->se.run_node, &rq->timeline);
	sched_count_running(rq, rq->nr_running - 1);
	__atomic_store_n(&p->exec.on_rq, false, __ATOMIC_RELAXED);
	xunlock(&rq->lock);
}

/* One thing that is wrong; called again to make it right, so each is its own inverse. */
struct wrong {
	const char *name;
	void (*change)(struct queue *q);
	const char *says;
};

static void change_idle_bit(struct queue *q)
{
	change_bit(q->rq->index, q->rq->node->idle);
}

static void change_idle_bit_of_other(struct queue *q)
{
	change_bit(cpu_rq(7)->index, cpu_rq(7)->node->idle);
}

static void change_busy_bit(struct queue *q)
{
	change_bit(q->rq->index, q->rq->node->busy);
}

static void change_busy_bit_of_other(struct queue *q)
{
	change_bit(cpu_rq(7)->index, cpu_rq(7)->node->busy);
}

static void count_idle(struct queue *q)
{
	__atomic_fetch_xor(&q->rq->node->nr_idle, 4, __ATOMIC_RELAXED);
}

static void count_busy(struct queue *q)
{
	__atomic_fetch_xor(&q->rq->node->nr_busy, 4, __ATOMIC_RELAXED);
}

static void count_tasks(struct queue *q)
{
	__atomic_fetch_xor(&q->rq->node->nr_running, 4, __ATOMIC_RELAXED);
}

static void count_running(struct queue *q)
{
	__atomic_fetch_xor(&q->rq->nr_running, 4, __ATOMIC_RELAXED);
}

static void change_order(struct queue *q)
{
	swap(q->first->se.vruntime, q->second->se.vruntime);
}

static void be_elsewhere(struct queue *q)
{
	__atomic_fetch_xor(&q->second->exec.cpu, 1, __ATOMIC_RELAXED);
}

static void sleep_on_queue(struct queue *q)
{
	__atomic_store_n(&q->first->exec.on_rq, !q->first->exec.on_rq, __ATOMIC_RELAXED);
}

static void run_too(struct queue *q)
{
	rcu_assign_pointer(q->rq->curr, q->rq->curr == q->rq->idle ? q->second : q->rq->idle);
}

static void sleep_while_running(struct queue *q)
{
	run_too(q);
	__atomic_store_n(&q->second->exec.on_rq, !q->second->exec.on_rq, __ATOMIC_RELAXED);
}

static const struct wrong wrongs[] = {
	{ "marked idle", change_idle_bit, "CPU 5 with 2 tasks is marked as idle" },
	{ "not marked idle", change_idle_bit_of_other,
	  "CPU 7 with 0 tasks is not marked as idle" },
	{ "not marked busy", change_busy_bit, "CPU 5 with 2 tasks is not marked as busy" },
	{ "marked busy", change_busy_bit_of_other, "CPU 7 with 0 tasks is marked as busy" },
	{ "idle CPUs", count_idle, "idle CPUs, but there are" },
	{ "busy CPUs", count_busy, "node 2 says 5 busy CPUs, but there are 1" },
	{ "tasks of a node", count_tasks, "node 2 says 6 tasks, but there are 2" },
	{ "tasks of a CPU", count_running, "nr_running of CPU 5 is 6, but there are 2" },
	{ "order", change_order, "run queue of CPU 5 is out of order" },
	{ "the CPU of a task", be_elsewhere,
	  "on the run queue of CPU 5, but says CPU 4, runnable" },
	{ "a task that waits and sleeps", sleep_on_queue,
	  "on the run queue of CPU 5, but says CPU 5, not runnable" },
	{ "a task that waits and runs", run_too, "runs and waits for CPU 5" },
	{ "a task that runs and sleeps", sleep_while_running,
	  "on the run queue of CPU 5, but says CPU 5, not runnable" },
};
KUNIT_ARRAY_PARAM_DESC(wrong, wrongs, name);

static void change(struct queue *q, const struct wrong *w)
{
	xlock(&q->rq->lock);
	w->change(q);
	xunlock(&q->rq->lock);
}

/* When everybody else sleeps. */
static void check_now(void *arg)
{
	msleep(1);
	machine_check();
}

static void what_is_wrong_in_a_run_queue_is_said(struct kunit *test)
{
	const struct wrong *w = test->param_value;
	struct queue q = { cpu_rq(CPU), make_task("first"), make_task("second") };

	machine_quiesce();
	put_on_queue(q.rq, q.first, 10);
	put_on_queue(q.rq, q.second, 20);
	KUNIT_EXPECT_EQ(test, violation_catch(check_now, NULL, NULL, 0), VIOLATION_NONE);
	change(&q, w);
	expect_caught(test, check_now, NULL, VIOLATION_ACCOUNT, w->says);
	change(&q, w);
	/* Two of the same age are in order. */
	xlock(&q.rq->lock);
	q.second->se.vruntime = 10;
	xunlock(&q.rq->lock);
	KUNIT_EXPECT_EQ(test, violation_catch(check_now, NULL, NULL, 0), VIOLATION_NONE);
	take_off_queue(q.rq, q.first);
	take_off_queue(q.rq, q.second);
	kthread_stop(q.first);
	kthread_stop(q.second);
}

static struct kunit_case check_cases[] = {
	KUNIT_CASE_PARAM(what_is_wrong_in_a_run_queue_is_said, wrong_gen_params),
	{}
};

static struct kunit_suite check_suite = {
	.name = "sched_check",
	.init = stay_on_cpu0,
	.test_cases = check_cases,
};
kunit_test_suite(check_suite);
kunit_machine_config(check_suite, quiet_machine);
