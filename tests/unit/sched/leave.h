/* SPDX-License-Identifier: GPL-2.0 */
/* Tasks on a CPU that goes: one runs, the others wait for it. */
#ifndef _TESTS_SCHED_LEAVE_H
#define _TESTS_SCHED_LEAVE_H

#include "../threads.h"

#define GOES	5		/* the CPU */

struct leaver {
	struct test_thread thread;
	bool stop;
};

static inline int leaver_main(void *arg)
{
	struct leaver *l = arg;

	while (!READ_ONCE(l->stop)) {
		udelay(1);
		cond_resched();
	}
	return 0;
}

/* They come to CPU GOES, and may be anywhere from then on. */
static inline void leavers_start(struct kunit *test, struct leaver *l, int n)
{
	for (int i = 0; i < n; i++) {
		WRITE_ONCE(l[i].stop, false);
		test_thread_start(test, &l[i].thread, GOES, leaver_main, &l[i]);
		KUNIT_ASSERT_EQ(test, (int)task_cpu(l[i].thread.task), GOES);
	}
	for (int i = 0; i < n; i++)
		KUNIT_EXPECT_EQ(test, set_cpus_allowed_ptr(l[i].thread.task, cpu_possible_mask),
				0);
}

static inline void leavers_expect_gone(struct kunit *test, struct leaver *l, int n)
{
	for (int i = 0; i < n; i++)
		KUNIT_EXPECT_NE(test, (int)task_cpu(l[i].thread.task), GOES);
}

static inline void leavers_stop(struct kunit *test, struct leaver *l, int n)
{
	for (int i = 0; i < n; i++)
		WRITE_ONCE(l[i].stop, true);
	for (int i = 0; i < n; i++)
		test_thread_join(&l[i].thread);
}

#endif /* _TESTS_SCHED_LEAVE_H */
