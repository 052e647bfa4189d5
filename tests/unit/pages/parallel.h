/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Run one function in several kthreads, each bound to a CPU of its own.
 */
#ifndef _TESTS_PAGES_PARALLEL_H
#define _TESTS_PAGES_PARALLEL_H

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#define PARALLEL_MAX	8

struct parallel {
	void (*fn)(unsigned int me, void *arg);
	void *arg;
	unsigned int me;
	struct completion done;
};

static int parallel_thread(void *data)
{
	struct parallel *p = data;

	p->fn(p->me, p->arg);
	complete(&p->done);
	return 0;
}

/* fn(0, arg) … fn(nr - 1, arg) at once, on CPUs 0 … nr - 1; returns when all are done. */
static inline void run_parallel(struct kunit *test, unsigned int nr,
				void (*fn)(unsigned int me, void *arg), void *arg)
{
	struct parallel p[PARALLEL_MAX];
	struct task_struct *task;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		p[i] = (struct parallel) { .fn = fn, .arg = arg, .me = i };
		init_completion(&p[i].done);
		task = kthread_create(parallel_thread, &p[i], "parallel/%u", i);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
		kthread_bind(task, i);
		wake_up_process(task);
	}
	for (i = 0; i < nr; i++)
		wait_for_completion(&p[i].done);
}

/* A small generator of numbers; the same ones for the same seed. */
static inline u32 next_random(u64 *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 33;
}

#endif /* _TESTS_PAGES_PARALLEL_H */
