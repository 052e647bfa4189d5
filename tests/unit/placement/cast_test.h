/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of placement share: processes whose statistics are written down by the
 * test, on CPUs of its choice, of which one takes a decision when it is told to.
 *
 * knuma_scand registers the processes and then leaves them alone for 12 s, so nothing changes
 * the statistics. Node 3 is the test's own.
 */
#ifndef _TESTS_PLACEMENT_CAST_TEST_H
#define _TESTS_PLACEMENT_CAST_TEST_H

#include <linux/autonuma.h>
#include <linux/delay.h>
#include <linux/task_work.h>
#include <machine/replay.h>

#include "../autonuma/core_test.h"

#define CAST_PROCS	3
#define CAST_TASKS	8
#define CAST_NODES	4
#define HOUR		(3600UL * HZ)

/* One task: @proc + 1, so that zero ends a list; where it is; its faults by node. */
struct role {
	int proc;
	int cpu;
	unsigned long faults[CAST_NODES];
	bool stays;		/* allowed on its first CPU only */
	bool young;		/* without statistics */
	bool unsampled;		/* without a fault */
};

struct actor {
	struct cast *cast;
	const struct role *role;
	struct task_struct *task;
	struct actor *thread;	/* the next one of its process */
	bool decide;
	bool stop;
	bool exec;
	bool go;		/* to node 2, and stay there */
	void (*around)(struct actor *a, bool before);	/* called around a decision */
};

struct cast {
	struct kunit *test;
	unsigned long pages[CAST_PROCS][CAST_NODES];
	struct actor actors[CAST_TASKS];
	int n;
	struct task_struct *programs[2 * CAST_PROCS];
	int nr_programs;
	struct cpumask stage;	/* the CPUs of the actors */
};

/* The next decision is due: take it, as on the way to user mode. */
static inline void decide_now(void)
{
	current->task_autonuma->next_decision = jiffies;
	autonuma_task_tick(current);
	task_work_run();
	current->task_autonuma->next_decision = jiffies + HOUR;
}

/* The actor as another program, which takes no decisions. */
static int actor_again(void *arg)
{
	struct actor *a = arg;

	WRITE_ONCE(a->exec, false);
	while (!smp_load_acquire(&a->stop))
		user_compute(MSEC);
	return 0;
}

static int actor_main(void *arg)
{
	struct actor *a = arg;

	smp_store_release(&a->task, get_task_struct(current));
	if (a->thread)
		KUNIT_EXPECT_GT(a->cast->test, sys_clone_thread(actor_main, a->thread,
								a->thread->role->cpu), 0);
	while (!smp_load_acquire(&a->stop)) {
		if (smp_load_acquire(&a->decide)) {
			if (a->around)
				a->around(a, true);
			decide_now();
			if (a->around)
				a->around(a, false);
			smp_store_release(&a->decide, false);
		}
		if (READ_ONCE(a->exec))
			sys_execve("other", actor_again, a);
		if (READ_ONCE(a->go)) {
			sys_sched_setaffinity(0, cpumask_of_node(2));
			WRITE_ONCE(a->go, false);
		}
		user_compute(20 * MSEC);
	}
	return 0;
}

/* One page after another of a thousandth each would do: counts are what the row says. */
static inline void write_counts(struct kunit *test, struct autonuma_counts *c,
				const unsigned long *by_node)
{
	nodemask_t used = NODE_MASK_NONE;
	int nid;

	for (nid = 0; nid < CAST_NODES; nid++)
		if (by_node[nid])
			node_set(nid, used);
	autonuma_counts_replace(c, &used, by_node);
}

static inline void write_pages(struct mm_autonuma *mma, const unsigned long *by_node)
{
	nodemask_t used = NODE_MASK_NONE;
	int nid;

	for (nid = 0; nid < CAST_NODES; nid++)
		if (by_node[nid])
			node_set(nid, used);
	autonuma_pages_replace(mma, &used, by_node);
}

static inline void await_true(struct kunit *test, bool (*done)(struct actor *a),
			      struct actor *a)
{
	int limit = 500;

	while (!done(a) && limit--)
		msleep(20);
	KUNIT_ASSERT_TRUE(test, done(a));
}

static inline bool has_started(struct actor *a)
{
	return smp_load_acquire(&a->task);
}

static inline bool is_known(struct actor *a)
{
	return smp_load_acquire(&a->task->task_autonuma);
}

static inline bool has_decided(struct actor *a)
{
	return !smp_load_acquire(&a->decide);
}

/* Start the actors that are young, or those that are not: one process after the other. */
static inline void start_actors(struct cast *c, bool young)
{
	int i, j, proc;

	for (proc = 1; proc <= CAST_PROCS; proc++) {
		struct actor *first = NULL, *last = NULL;

		for (i = 0; i < c->n; i++) {
			if (c->actors[i].role->proc != proc || c->actors[i].role->young != young)
				continue;
			if (last)
				last->thread = &c->actors[i];
			else
				first = &c->actors[i];
			last = &c->actors[i];
		}
		if (!first)
			continue;
		c->programs[c->nr_programs] = program_start_on(first->role->cpu, "actor",
							       actor_main, first);
		KUNIT_ASSERT_NOT_NULL(c->test, c->programs[c->nr_programs++]);
		for (j = 0; j < c->n; j++)
			if (c->actors[j].role->proc == proc && c->actors[j].role->young == young)
				await_true(c->test, has_started, &c->actors[j]);
	}
}

/* Whatever became of pages: the next scan is as late as can be. */
static unsigned int longest(unsigned int period, const unsigned long *heard)
{
	return INT_MAX;
}

/* All tasks are where @roles say, and have the statistics they say. */
static inline void cast_begin(struct kunit *test, struct cast *c, const struct role *roles,
			      const unsigned long pages[][CAST_NODES], const char *stage)
{
	int i;

	/* Where everybody stands must not depend on the schedule. */
	replay_end();
	memset(c, 0, sizeof(*c));
	c->test = test;
	for (; roles[c->n].proc; c->n++)
		c->actors[c->n] = (struct actor){ .cast = c, .role = &roles[c->n] };
	KUNIT_ASSERT_EQ(test, cpulist_parse(stage, &c->stage), 0);
	/* Its own node, and of that the first core, which it shares with nobody. */
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(cpu_of(3))), 0);
	set_knob(test, "scan_sleep_pass_millisecs", "2000");
	kunit_activate_static_stub(test, autonuma_judge_period, longest);
	set_knob(test, "balance_interval_millisecs", "3600000");

	start_actors(c, false);
	for (i = 0; i < c->n; i++)
		if (!c->actors[i].role->young)
			await_true(test, is_known, &c->actors[i]);
	/* Two scans, and then none for 12 s. */
	msleep(1500);
	start_actors(c, true);
	for (i = 0; i < c->n; i++) {
		struct actor *a = &c->actors[i];
		struct autonuma_counts *faults;

		if (!a->role->young) {
			write_pages(a->task->mm->mm_autonuma, pages[a->role->proc - 1]);
			faults = &a->task->task_autonuma->faults;
			write_counts(test, faults, a->role->faults);
			/* Who has no fault decides nothing; one on the test's node counts nowhere. */
			if (!faults->total && !a->role->unsampled)
				autonuma_counts_add(faults, 0, CAST_NODES - 1, 1);
			/* Before it was sampled it took a decision: to stay. */
			WRITE_ONCE(a->task->task_autonuma->preferred_nid, NUMA_NO_NODE);
		}
		if (!a->role->stays)
			KUNIT_EXPECT_EQ(test, set_cpus_allowed_ptr(a->task, &c->stage), 0);
		KUNIT_ASSERT_EQ(test, (int)task_cpu(a->task), a->role->cpu);
	}
}

static inline void let_decide(struct actor *a)
{
	smp_store_release(&a->decide, true);
	await_true(a->cast->test, has_decided, a);
}

static inline void cast_end(struct cast *c)
{
	int i;

	for (i = 0; i < c->n; i++)
		smp_store_release(&c->actors[i].stop, true);
	for (i = 0; i < c->nr_programs; i++)
		KUNIT_EXPECT_EQ(c->test, program_wait(c->programs[i]), 0);
	for (i = 0; i < c->n; i++)
		put_task_struct(c->actors[i].task);
}

#endif /* _TESTS_PLACEMENT_CAST_TEST_H */
