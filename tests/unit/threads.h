/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel threads for tests: started on a CPU, run to their end, joined. */
#ifndef _TESTS_UNIT_THREADS_H
#define _TESTS_UNIT_THREADS_H

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>

#include <kunit/test.h>

struct test_thread {
	int (*fn)(void *arg);
	void *arg;
	int result;
	struct completion done;
	struct task_struct *task;
};

static inline int test_thread_main(void *data)
{
	struct test_thread *t = data;

	t->result = t->fn(t->arg);
	complete(&t->done);
	return 0;
}

/* On CPU @cpu only; -1: anywhere. */
static inline void test_thread_start(struct kunit *test, struct test_thread *t, int cpu,
				     int (*fn)(void *arg), void *arg)
{
	t->fn = fn;
	t->arg = arg;
	init_completion(&t->done);
	t->task = kthread_create(test_thread_main, t, "test/%d", cpu);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->task);
	get_task_struct(t->task);
	if (cpu >= 0)
		kthread_bind(t->task, cpu);
	wake_up_process(t->task);
}

/* Returns what the function returned. */
static inline int test_thread_join(struct test_thread *t)
{
	wait_for_completion(&t->done);
	kthread_stop_put(t->task);
	return t->result;
}

#endif /* _TESTS_UNIT_THREADS_H */
