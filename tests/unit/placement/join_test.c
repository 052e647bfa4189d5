// SPDX-License-Identifier: GPL-2.0
/*
 * A process is about to join a larger group, and is held wherever others can interfere; meanwhile
 * its own group becomes the larger one, as another thread of it may have joined that.
 */
#include <linux/delay.h>
#include <linux/rcupdate.h>
#include <machine/directed.h>

#include "../autonuma/core_test.h"

#define ADDR	0x10000000UL

/* CPUs; the last one is idle, see directed_await(). */
#define JOINER_CPU	0
#define OTHER_CPU	2

/* Members that the first group gets meanwhile: more than the other one has. */
#define GROWTH		8

#define TRIES		500

struct meeting {
	struct kunit *test;
	struct file *file[3];	/* of each, and then of both */
	struct task_struct *task[2];
	struct autonuma_group *group[2];
	unsigned long nth;	/* the first process meets the other one, and is held there */
	bool leave;
};

static struct autonuma_group *own_group(struct task_struct *p)
{
	return rcu_access_pointer(p->mm->mm_autonuma->group);
}

static void map_file(struct meeting *m, int i)
{
	KUNIT_EXPECT_EQ(m->test, sys_mmap(ADDR, PAGE_SIZE, PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_FIXED, m->file[i], 0), (long)ADDR);
}

static void meet(struct task_struct *other)
{
	struct mm_struct *mm = current->mm;

	mmap_read_lock(mm);
	autonuma_group_meet(mm->mm_autonuma, vma_lookup(mm, ADDR), ADDR,
			    cpu_pid_to_cpupid(task_cpu(other), other->pid));
	mmap_read_unlock(mm);
}

/* Each begins a group of its own where it meets the other one, which maps another file. */
static void get_group(struct meeting *m, int me)
{
	struct task_struct *other;

	map_file(m, me);
	WRITE_ONCE(m->task[me], current);
	while (!smp_load_acquire(&m->task[!me]) || !smp_load_acquire(&current->mm->mm_autonuma))
		user_compute(20 * MSEC);
	other = m->task[!me];
	while (!own_group(current)) {
		user_compute(20 * MSEC);
		meet(other);
	}
	smp_store_release(&m->group[me], own_group(current));
	while (!smp_load_acquire(&m->group[!me]))
		user_compute(20 * MSEC);
	map_file(m, 2);
}

static int joiner_main(void *arg)
{
	struct meeting *m = arg;
	unsigned long nth;

	get_group(m, 0);
	while (!smp_load_acquire(&m->leave)) {
		user_compute(MSEC);
		nth = smp_load_acquire(&m->nth);
		if (!nth)
			continue;
		directed_hold(current, nth);
		meet(m->task[1]);
		directed_done();
		smp_store_release(&m->nth, 0);
	}
	return 0;
}

static int other_main(void *arg)
{
	struct meeting *m = arg;

	get_group(m, 1);
	while (!smp_load_acquire(&m->leave))
		user_compute(MSEC);
	return 0;
}

/* It has joined, or has the reference that this takes, and looks who is larger for the last time. */
static bool joins_now(struct meeting *m)
{
	return own_group(m->task[0]) != m->group[0] ||
	       (refcount_read(&m->group[1]->members) > 2 &&
		spin_is_locked(&m->task[0]->mm->mm_autonuma->group_lock));
}

/* Hold it at the @nth point; returns whether it was held there, and did not join. */
static bool hold_at(struct meeting *m, unsigned long nth, unsigned int *decided)
{
	refcount_t *members = &m->group[0]->members;
	bool grows;

	smp_store_release(&m->nth, nth);
	grows = directed_await() && !joins_now(m);
	if (grows) {
		*decided += refcount_read(&m->group[1]->members) > 2;
		refcount_add(GROWTH, members);
	}
	directed_release();
	while (smp_load_acquire(&m->nth))
		msleep(1);
	if (!grows)
		return false;
	KUNIT_EXPECT_PTR_EQ(m->test, own_group(m->task[0]), m->group[0]);
	KUNIT_EXPECT_FALSE(m->test, refcount_sub_and_test(GROWTH, members));
	return true;
}

static void who_belongs_to_a_larger_group_by_now_stays_there(struct kunit *test)
{
	struct meeting m = { .test = test };
	struct task_struct *joiner, *other;
	unsigned int decided = 0;
	unsigned long nth = 1;
	int i, tries = TRIES;

	scan_steadily(test, 200);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(4)), 0);
	for (i = 0; i < 3; i++)
		m.file[i] = shmem_file_create("shm", PAGE_SIZE);
	joiner = program_start_on(JOINER_CPU, "joiner", joiner_main, &m);
	other = program_start_on(OTHER_CPU, "other", other_main, &m);
	while (!smp_load_acquire(&m.group[0]) || !smp_load_acquire(&m.group[1]))
		msleep(10);
	set_knob(test, "enabled", "0");
	msleep(1000);

	refcount_inc(&m.group[1]->members);
	/* It meets nobody while something else has the other one's CPU. */
	while (own_group(joiner) == m.group[0] && tries--)
		nth += hold_at(&m, nth, &decided);
	/* At the lock of its file, for instance. */
	KUNIT_EXPECT_GT(test, decided, 0);
	KUNIT_EXPECT_PTR_EQ(test, own_group(joiner), m.group[1]);
	KUNIT_EXPECT_FALSE(test, refcount_dec_and_test(&m.group[1]->members));
	smp_store_release(&m.leave, true);
	KUNIT_EXPECT_EQ(test, program_wait(joiner), 0);
	KUNIT_EXPECT_EQ(test, program_wait(other), 0);
	for (i = 0; i < 3; i++)
		file_put(m.file[i]);
}

static struct kunit_case join_cases[] = {
	KUNIT_CASE(who_belongs_to_a_larger_group_by_now_stays_there),
	{}
};

static struct kunit_suite join_suite = {
	.name = "placement-join",
	.test_cases = join_cases,
};
kunit_test_suite(join_suite);

static void __attribute__((constructor)) choose_engine(void)
{
	directed_use();
}
