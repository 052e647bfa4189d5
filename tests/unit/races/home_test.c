// SPDX-License-Identifier: GPL-2.0
/*
 * Homes and groups while several ask for them at once: what one is told belongs together, and a
 * group counts what its members have.
 */
#include <linux/autonuma.h>
#include <linux/mm/cpupid.h>
#include <linux/slab.h>
#include <asm/processor.h>

#include "races.h"

/* A process that exists for AutoNUMA only. */
static struct mm_autonuma *mma;
static struct autonuma_counts *running;

/* A thread that computes, by its last CPUPID; -1: not yet. */
static int other_cpupid;
static bool other_stops;

static void imagine_process(struct race *r)
{
	WRITE_ONCE(other_cpupid, -1);
	WRITE_ONCE(other_stops, false);
	mma = kzalloc(sizeof(*mma), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(r->test, mma);
	mma->pages = kzalloc(autonuma_counts_size(), GFP_KERNEL);
	running = kzalloc(autonuma_counts_size(), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(r->test, mma->pages);
	KUNIT_ASSERT_NOT_NULL(r->test, running);
	autonuma_counts_init(mma->pages);
	autonuma_counts_init(running);
	autonuma_home_init(&mma->home, mma->pages, running);
	spin_lock_init(&mma->group_lock);
	autonuma_counts_add(mma->pages, 0, 0, 100);
}

static void forget_process(struct race *r)
{
	autonuma_group_leave(mma);
	kfree(running);
	kfree(mma->pages);
	kfree(mma);
}

/* More and more tasks: the home lives on one node first, and is spread then. */
static void visit_home(struct race *r)
{
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	for (int i = 0; i < RACE_TURNS; i++) {
		struct autonuma_seen seen = {};
		nodemask_t nodes;
		bool spread;

		rcu_read_lock();
		spread = autonuma_home_visit(&mma->home, current, &seen, 0, 1, &nodes);
		rcu_read_unlock();
		KUNIT_EXPECT_EQ(r->test, nodes_weight(nodes), spread ? 2 : 1);
	}
	wait_for_daemons();
}

static void two_tasks_visit_a_home_that_grows(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = imagine_process, .check = forget_process,
		.racers = { { visit_home, 1 }, { visit_home, 5 } },
	};

	race_run(&r);
}

static struct vm_area_struct shared_mapping(struct race *r)
{
	return (struct vm_area_struct){
		.vm_flags = VM_SHARED | VM_MAYWRITE, .vm_file = (void *)r,
	};
}

/* As knuma_scand does in each pass. */
static void count_pages(struct race *r)
{
	struct vm_area_struct vma = shared_mapping(r);
	nodemask_t used = { { 3 } };

	autonuma_group_prepare(mma, &vma);
	for (unsigned long i = 1; i <= RACE_TURNS; i++)
		autonuma_pages_replace(mma, &used, (unsigned long []){ i, 10 * i });
	wait_for_daemons();
}

static void compute(struct race *r)
{
	WRITE_ONCE(other_cpupid, cpu_pid_to_cpupid(raw_smp_processor_id(), current->pid));
	while (!READ_ONCE(other_stops))
		user_compute(MSEC);
}

/* Who meets another process begins a group, as soon as one was prepared. */
static void begin_group(struct race *r)
{
	struct vm_area_struct vma = shared_mapping(r);

	while (!rcu_access_pointer(mma->group)) {
		int cpupid = READ_ONCE(other_cpupid);

		if (cpupid >= 0)
			autonuma_group_meet(mma, &vma, 0, cpupid);
		cpu_relax();
	}
	WRITE_ONCE(other_stops, true);
	wait_for_daemons();
}

static void group_adds_up(struct race *r)
{
	struct autonuma_group *group = rcu_dereference_protected(mma->group, true);
	int nid;

	KUNIT_EXPECT_NULL(r->test, mma->spare);
	for (nid = 0; nid < 2; nid++)
		KUNIT_EXPECT_EQ(r->test, group->home.pages->by_node[nid],
				mma->pages->by_node[nid]);
	forget_process(r);
}

static void a_group_begins_while_the_pages_are_counted(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = imagine_process, .check = group_adds_up,
		.racers = {
			{ count_pages, 1 }, { begin_group, 5 }, { compute, 2, .thread = true },
		},
	};

	race_run(&r);
}

static struct kunit_case home_cases[] = {
	KUNIT_CASE(two_tasks_visit_a_home_that_grows),
	KUNIT_CASE(a_group_begins_while_the_pages_are_counted),
	{}
};

static struct kunit_suite home_suite = {
	.name = "race-home",
	.test_cases = home_cases,
};
kunit_machine_config(home_suite, race_machine);
kunit_test_suite(home_suite);
