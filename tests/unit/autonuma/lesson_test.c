// SPDX-License-Identifier: GPL-2.0
/*
 * The lesson of 2015. Three faults of a relative of AutoNUMA multiplied migrations and TLB
 * flushes: hinting faults lost the write permission, groups were made by the bit of the
 * moment, and scanning did not slow down when migration failed. Each case here measures one
 * of the three, then takes the fix out and measures that the fault would be seen.
 */
#include <linux/fs.h>
#include <linux/shmem_fs.h>

#include "../../lesson.h"
#include "core_test.h"

#define PAGES	64

/* Write every page of private memory after it was marked. */
static void writes_marked(struct prog *p)
{
	unsigned long i, before;

	set_knob(p->test, "scan_pmd", "0");
	map_and_write(p, PAGES);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), PAGES);
	before = vm_event_sum(PGFAULT);
	for (i = 0; i < PAGES; i++)
		KUNIT_EXPECT_EQ(p->test, user_write64(p->addr + i * PAGE_SIZE, i + 1), 0);
	*(unsigned long *)p->arg = vm_event_sum(PGFAULT) - before;
	expect_contents(p);
}

static void a_write_faults_once_when_its_page_was_marked(struct kunit *test)
{
	unsigned long faults;

	run_prog(test, 0, writes_marked, &faults);
	KUNIT_EXPECT_EQ(test, faults, PAGES);
	kunit_activate_static_stub(test, autonuma_was_writable, lesson_never_writable);
	run_prog(test, 0, writes_marked, &faults);
	KUNIT_EXPECT_EQ(test, faults, 2 * PAGES);
}

struct sharer {
	struct kunit *test;
	struct file *file;
	struct mm_struct *mm;
	struct task_struct *task;
	bool stop;
};

/*
 * Memory that both may write and only read now. Soft-dirty tracking has taken the write bit
 * away and gives it back at the next write, as a file system that wants to know of it does.
 */
static int reads_shared(void *arg)
{
	struct sharer *s = arg;
	unsigned long addr = sys_mmap(0, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
				      s->file, 0);

	KUNIT_EXPECT_GT(s->test, (long)addr, 0);
	if ((long)addr < 0)
		return 1;
	user_touch_range(addr, PAGES * PAGE_SIZE, true, 1, NULL);
	KUNIT_EXPECT_EQ(s->test, sys_clear_refs_soft_dirty(), 0);
	KUNIT_EXPECT_FALSE(s->test, pte_write(entry_at(addr)));
	smp_store_release(&s->mm, current->mm);
	while (!smp_load_acquire(&s->stop)) {
		user_touch_range(addr, PAGES * PAGE_SIZE, false, 1, NULL);
		user_compute(7 * MSEC);
	}
	return 0;
}

/* Do two processes that read what both may write become a group in twenty seconds? */
static bool are_grouped(struct kunit *test)
{
	struct file *file = shmem_file_create("shm", PAGES * PAGE_SIZE);
	struct sharer s[2] = { { test, file }, { test, file } };
	struct autonuma_group *group[2];
	int i;

	KUNIT_ASSERT_NOT_NULL(test, file);
	for (i = 0; i < 2; i++) {
		s[i].task = program_start_on(cpu_of(i), "sharer", reads_shared, &s[i]);
		KUNIT_ASSERT_NOT_NULL(test, s[i].task);
	}
	schedule_timeout_interruptible(msecs_to_jiffies(20000));
	for (i = 0; i < 2; i++) {
		struct mm_struct *mm = smp_load_acquire(&s[i].mm);
		struct mm_autonuma *mma;

		KUNIT_ASSERT_NOT_NULL(test, mm);
		rcu_read_lock();
		/* Pairs with the release in register_mm(); its exit clears it. */
		mma = smp_load_acquire(&mm->mm_autonuma);
		group[i] = mma ? rcu_dereference(mma->group) : NULL;
		rcu_read_unlock();
	}
	for (i = 0; i < 2; i++) {
		/* What was read of its mm was read before it exits. */
		smp_store_release(&s[i].stop, true);
		KUNIT_EXPECT_EQ(test, program_wait(s[i].task), 0);
	}
	file_put(file);
	return group[0] && group[0] == group[1];
}

static void who_may_write_is_grouped_also_while_nobody_does(struct kunit *test)
{
	scan_steadily(test, 200);
	KUNIT_EXPECT_TRUE(test, are_grouped(test));
	kunit_activate_static_stub(test, autonuma_shares_writes, lesson_writable_now);
	KUNIT_EXPECT_FALSE(test, are_grouped(test));
}

/* It runs on another node than its pages, to which somebody holds references. */
static void is_stuck(struct prog *p)
{
	struct mm_autonuma *mma;
	unsigned long i, faults;

	map_and_write(p, PAGES);
	while (!current->mm->mm_autonuma)
		user_compute(100 * MSEC);
	mma = current->mm->mm_autonuma;
	go_to_node(p, 2);
	for (i = 0; i < PAGES; i++)
		folio_get(page_folio(pte_page(entry_at(p->addr + i * PAGE_SIZE))));
	faults = count_of(AUTONUMA_HINT_FAULTS);
	for (i = 0; i < 2000; i++) {
		touch_all(p);
		user_compute(100 * MSEC);
	}
	faults = count_of(AUTONUMA_HINT_FAULTS) - faults;
	for (i = 0; i < PAGES; i++)
		folio_put(page_folio(pte_page(entry_at(p->addr + i * PAGE_SIZE))));
	KUNIT_EXPECT_GT(p->test, failed(AUTONUMA_DROP_BUSY), 0);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), PAGES);
	*(unsigned long *)p->arg = faults;
	/* It is the mm's own period that did it. */
	kunit_info(p->test, "%lu faults, period %u ms", faults, READ_ONCE(mma->period));
}

/* Two hundred seconds: 1, 2, 4 … 60 seconds and then one a minute, or one every second. */
static void a_program_that_cannot_move_is_not_scanned_for_nothing(struct kunit *test)
{
	struct prog p = { .test = test, .fn = is_stuck };
	unsigned long faults[2];
	int i;

	for (i = 0; i < 2; i++) {
		struct task_struct *task;

		if (i)
			kunit_activate_static_stub(test, autonuma_judge_period,
						   lesson_failures_ignored);
		p.arg = &faults[i];
		task = program_start_on(0, "stuck", prog_main, &p);
		KUNIT_ASSERT_NOT_NULL(test, task);
		KUNIT_EXPECT_EQ(test, program_wait(task), 0);
	}
	KUNIT_EXPECT_LT(test, faults[0], 15);
	KUNIT_EXPECT_GT(test, faults[1], 200);
}

static struct kunit_case lesson_cases[] = {
	KUNIT_CASE(a_write_faults_once_when_its_page_was_marked),
	KUNIT_CASE(who_may_write_is_grouped_also_while_nobody_does),
	KUNIT_CASE(a_program_that_cannot_move_is_not_scanned_for_nothing),
	{}
};

static struct kunit_suite lesson_suite = {
	.name = "autonuma-lesson",
	.test_cases = lesson_cases,
};
kunit_test_suite(lesson_suite);
