/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Races of the core at the smallest size that has them: a process with one or two pages, and two or
 * three tasks that begin at the same moment. Few decision points, so that a search by the
 * engine "replay" sees many or all schedules; on other engines each case runs some rounds.
 */
#ifndef _TESTS_RACES_H
#define _TESTS_RACES_H

#include <linux/autonuma.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/swap.h>
#include <machine/replay.h>
#include <asm/processor.h>

#include "../autonuma/core_test.h"

REPLAY_TIME_PASSES;

/* CPUs of racers; knuma_scand and the daemons have others. Two CPUs of each node are left. */
#define RACE_CPUS	4
#define RACERS_MAX	3

/* Times that each side does what it does, where once would hardly meet the other. */
#define RACE_TURNS	4

/* Times that one looks who waits for another to do something. */
#define RACE_LOOKS	64

/* Longer than anything that a case waits for, in steps of 100 ms. */
#define RACE_PATIENCE	600

struct race;

/**
 * struct racer - one task of a race
 * @run:	what it does
 * @cpu:	where
 * @thread:	it is a thread of the owner, else of the kernel
 * @before:	what it does before all begin, or NULL
 */
struct racer {
	void (*run)(struct race *r);
	unsigned int cpu;
	bool thread;
	void (*before)(struct race *r);
};

/**
 * struct race - tasks that begin together
 * @test:	the case
 * @prepare:	lets the owner, a process on CPU 0 of node 0, map and fill what it is about
 * @meanwhile:	the owner's part; it exits afterwards. NULL: it waits for the others, and checks
 * @check:	in the owner, when all is over; the kernel is quiet
 * @racers:	the others
 * @arg:	the case's own
 * @addr:	the owner's memory; set by @prepare
 * @pfn:	its first page; set by @prepare
 * @next_pfn:	its second page, if the case needs that
 * @passes:	complete ones that there must be afterwards
 * @mm_id:	the owner's number in the registry, once it is known
 * @owner:	the process
 * @ready:	the owner is prepared, its threads are there
 * @go:		all may begin
 * @done:	racers that are through
 * @leave:	the owner may check and exit
 */
struct race {
	struct kunit *test;
	void (*prepare)(struct race *r);
	void (*meanwhile)(struct race *r);
	void (*check)(struct race *r);
	struct racer racers[RACERS_MAX];
	const void *arg;
	unsigned long addr, pfn, next_pfn, mm_id, passes;
	struct task_struct *owner;
	struct completion ready, go, done, leave;
};

/* What a racer's task needs to know. */
struct race_start {
	struct race *r;
	const struct racer *racer;
};

static int racer_main(void *arg)
{
	struct race_start *start = arg;
	struct race *r = start->r;

	if (start->racer->before)
		start->racer->before(r);
	wait_for_completion(&r->go);
	start->racer->run(r);
	complete(&r->done);
	return 0;
}

/* How many racers there are. */
static unsigned int nr_racers(const struct race *r)
{
	unsigned int i = 0;

	while (i < RACERS_MAX && r->racers[i].run)
		i++;
	return i;
}

static int race_owner_main(void *arg)
{
	struct race_start start[RACERS_MAX];
	struct race *r = arg;
	unsigned int i;
	long tid[RACERS_MAX] = {};

	r->prepare(r);
	for (i = 0; i < nr_racers(r); i++) {
		start[i] = (struct race_start){ .r = r, .racer = &r->racers[i] };
		if (r->racers[i].thread)
			tid[i] = sys_clone_thread(racer_main, &start[i], r->racers[i].cpu);
	}
	complete(&r->ready);
	if (r->meanwhile) {
		wait_for_completion(&r->go);
		r->meanwhile(r);
	} else {
		wait_for_completion(&r->leave);
	}
	for (i = 0; i < nr_racers(r); i++)
		if (r->racers[i].thread)
			KUNIT_EXPECT_EQ(r->test, sys_wait4(tid[i]), 0);
	if (r->check)
		r->check(r);
	return 0;
}

/* Nothing of the race is under way any more, and everything adds up. */
static void race_is_over(struct race *r)
{
	int nid, limit = RACE_PATIENCE;

	for (nid = 0; nid < 2; nid++) {
		while (autonuma_queue_promised(nid) && limit--) {
			/*
			 * Deferred, what came back from a move waits for a pass, if there is one. A
			 * daemon that waits for pages only has missed its wake-up, if it sleeps.
			 */
			if (autonuma_knob(migrate_defer))
				autonuma_migrate_kick();
			schedule_timeout_uninterruptible(HZ / 10);
		}
		KUNIT_EXPECT_EQ(r->test, autonuma_queue_promised(nid), 0);
	}
	while (count_of(AUTONUMA_FULL_SCANS) < r->passes && limit-- > 0)
		schedule_timeout_uninterruptible(HZ / 10);
	KUNIT_EXPECT_GE(r->test, count_of(AUTONUMA_FULL_SCANS), r->passes);
	machine_quiesce();
	machine_check();
	KUNIT_EXPECT_EQ(r->test, global_node_page_state(NR_ISOLATED_ANON), 0);
}

/* One round: prepare, race, and look at what is left. The engine may preempt in between only. */
static void race_once(struct race *r)
{
	struct race_start start[RACERS_MAX];
	unsigned int i, n = nr_racers(r);

	init_completion(&r->ready);
	init_completion(&r->go);
	init_completion(&r->done);
	init_completion(&r->leave);
	r->owner = program_start_on(0, "owner", race_owner_main, r);
	KUNIT_ASSERT_NOT_NULL(r->test, r->owner);
	wait_for_completion(&r->ready);
	for (i = 0; i < n; i++) {
		struct task_struct *p;

		if (r->racers[i].thread)
			continue;
		start[i] = (struct race_start){ .r = r, .racer = &r->racers[i] };
		p = kthread_create(racer_main, &start[i], "racer/%u", i);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(r->test, p);
		kthread_bind(p, r->racers[i].cpu);
		wake_up_process(p);
	}
	machine_quiesce();

	replay_begin();
	complete_all(&r->go);
	for (i = 0; i < n; i++)
		wait_for_completion(&r->done);
	if (r->meanwhile)
		KUNIT_EXPECT_EQ(r->test, program_wait(r->owner), 0);
	replay_end();

	race_is_over(r);
	if (!r->meanwhile) {
		complete(&r->leave);
		KUNIT_EXPECT_EQ(r->test, program_wait(r->owner), 0);
	}
	race_is_over(r);
}

/* All rounds; each is the same race. */
static void race_run(struct race *r)
{
	int rounds = replay_in_use() ? 1 : kunit_amount(20, 3);

	while (rounds--)
		race_once(r);
}

/*
 * In prepare(): the owner is registered and its tasks have statistics; then AutoNUMA is switched
 * off, and knuma_scand waits for it to be switched on, with nothing else to do.
 */
static __maybe_unused void become_known(struct race *r)
{
	scan_steadily(r->test, 100);
	set_knob(r->test, "enabled", "1");
	user_compute(3 * SEC);
	set_knob(r->test, "enabled", "0");
	user_compute(3 * SEC);
	KUNIT_ASSERT_NOT_NULL(r->test, current->mm->mm_autonuma);
	KUNIT_ASSERT_NOT_NULL(r->test, current->task_autonuma);
	r->mm_id = current->mm->mm_autonuma->id;
}

/*
 * In prepare(): as become_known(), but no pass has been here yet; the one that comes is the first to
 * look at the process, which is of age. For cases that switch AutoNUMA off before.
 */
static __maybe_unused void grow_old(struct race *r)
{
	scan_steadily(r->test, 100);
	set_knob(r->test, "enabled", "0");
	user_compute(3 * SEC);
	KUNIT_ASSERT_NULL(r->test, current->mm->mm_autonuma);
	KUNIT_ASSERT_NULL(r->test, current->task_autonuma);
}

/* A racer that woke a daemon stays until that has nothing more to do: it races, too. */
static __maybe_unused void wait_for_daemons(void)
{
	schedule_timeout_uninterruptible(HZ / 20);
}

/* A racer: lets a pass begin now, which comes to its end unless the process is gone. */
static __maybe_unused void start_scan(struct race *r)
{
	if (!r->meanwhile)
		r->passes = count_of(AUTONUMA_FULL_SCANS) + 1;
	set_knob(r->test, "enabled", "1");
	wait_for_daemons();
}

/* A racer: lets the first page move to node 1. */
static __maybe_unused void move_page(struct race *r)
{
	queue_add(r->pfn, 0, 1, 0);
	wait_for_daemons();
}

/*
 * A racer: what the scheduler asks when the owner wakes up; if that has no statistics yet, until it
 * has, for a while: time stands still while somebody spins.
 */
static __maybe_unused void ask_where_owner_should_be(struct race *r)
{
	for (int i = 0; i < RACE_TURNS || (i < RACE_LOOKS &&
					   !READ_ONCE(r->owner->task_autonuma)); i++) {
		int nid = __autonuma_preferred_nid(r->owner);

		KUNIT_EXPECT_TRUE(r->test, nid == NUMA_NO_NODE || nid == 0 || nid == 1);
		cpu_relax();
	}
	wait_for_daemons();
}

/* The daemon of node 1 moves the pages it is given at once. */
static __maybe_unused void move_at_once(struct kunit *test)
{
	set_knob(test, "pages_to_migrate", "16");
	set_knob(test, "migrate_sleep_millisecs", "1");
}

/* Two nodes with four CPUs each. */
static const struct machine_config race_machine = {
	.nr_nodes = 2,
	.nr_cpus = 8,
};

#endif /* _TESTS_RACES_H */
