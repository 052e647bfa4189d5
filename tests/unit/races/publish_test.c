// SPDX-License-Identifier: GPL-2.0
/*
 * What readers find by a pointer alone, without a lock of its writer's: it is all there. TSan
 * tells when nothing but luck orders the two; on the machine that is simulated otherwise the
 * writer's last unlock makes up for a release that is missing.
 */
#include <linux/autonuma.h>
#include <linux/mm/cpupid.h>
#include <asm/processor.h>
#include <linux/rcupdate.h>

#include "races.h"

/* Loads between two turns of others: these take locks, which would order what must be. */
#define LOADS	8

/* As the hinting fault does; its own pages' entries are ordered by page-table locks, too. */
static void wait_for_registration(struct race *r)
{
	struct mm_struct *mm = current->mm;
	struct mm_autonuma *mma = NULL;
	const void *owner, *held, *pages;

	while (!mma) {
		/* Pairs with the release in register_mm(). */
		for (int i = 0; i < LOADS && !mma; i++)
			mma = smp_load_acquire(&mm->mm_autonuma);
		if (!mma)
			cpu_relax();
	}
	owner = mma->mm;
	held = mma->held;
	pages = mma->pages;
	KUNIT_EXPECT_PTR_EQ(r->test, owner, (const void *)mm);
	KUNIT_EXPECT_NOT_NULL(r->test, held);
	KUNIT_EXPECT_NOT_NULL(r->test, pages);
}

static void what_is_known_of_an_mm_is_whole_when_it_is_found(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = grow_old,
		.racers = {
			{ start_scan, 1 },
			{ wait_for_registration, 5, .thread = true },
		},
	};

	/* Before the process is there: time may pass while it does not know. */
	set_knob(test, "enabled", "0");
	race_run(&r);
}

static struct mm_autonuma *mma;
static int other_cpu;		/* of a process that computes; -1: not yet */
static bool other_stops;
static struct completion other_computes;

static void get_known(struct race *r)
{
	become_known(r);
	mma = current->mm->mm_autonuma;
	WRITE_ONCE(other_cpu, -1);
	WRITE_ONCE(other_stops, false);
	init_completion(&other_computes);
}

static int compute(void *unused)
{
	sys_sched_setaffinity(0, cpumask_of(7));
	WRITE_ONCE(other_cpu, raw_smp_processor_id());
	while (!READ_ONCE(other_stops))
		user_compute(MSEC);
	return 0;
}

/* Meet the other process as long as it takes: this one begins a group then. */
static void begin_group(struct race *r)
{
	struct vm_area_struct vma = {
		.vm_flags = VM_SHARED | VM_MAYWRITE, .vm_file = (void *)r,
	};
	long pid = sys_fork(compute, NULL);

	KUNIT_ASSERT_GT(r->test, pid, 0);
	while (READ_ONCE(other_cpu) < 0)
		user_compute(MSEC);
	complete(&other_computes);
	autonuma_group_prepare(mma, &vma);
	while (!rcu_access_pointer(mma->group)) {
		autonuma_group_meet(mma, &vma, r->addr,
				    cpu_pid_to_cpupid(READ_ONCE(other_cpu), pid));
		cpu_relax();
	}
	WRITE_ONCE(other_stops, true);
	KUNIT_EXPECT_EQ(r->test, sys_wait4(pid), 0);
}

/* As a decision does for a process with which it compares its own. */
static void wait_for_group(struct race *r)
{
	struct autonuma_group *group = NULL;
	const void *pages = NULL;

	/* Time would pass slowly while this one spins. */
	wait_for_completion(&other_computes);
	while (!group) {
		rcu_read_lock();
		for (int i = 0; i < LOADS && !group; i++)
			group = rcu_dereference(mma->group);
		if (group)
			pages = group->home.pages;
		rcu_read_unlock();
		if (!group)
			cpu_relax();
	}
	KUNIT_EXPECT_NOT_NULL(r->test, pages);
}

static void a_group_is_whole_when_it_is_found(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known,
		.racers = {
			{ begin_group, 1, .thread = true },
			{ wait_for_group, 5 },
		},
	};

	race_run(&r);
}

static struct kunit_case publish_cases[] = {
	KUNIT_CASE(what_is_known_of_an_mm_is_whole_when_it_is_found),
	KUNIT_CASE(a_group_is_whole_when_it_is_found),
	{}
};

static struct kunit_suite publish_suite = {
	.name = "race-publish",
	.test_cases = publish_cases,
};
kunit_machine_config(publish_suite, race_machine);
kunit_test_suite(publish_suite);
