// SPDX-License-Identifier: GPL-2.0
/* Migration entries against everything that can meet them, on several CPUs. */
#include "fault_test.h"
#include <linux/completion.h>
#include <machine/replay.h>

#define PAGES	8
#define ROUNDS	100

static struct kunit *the_test;
static unsigned long area;
static struct mm_struct *area_mm;

REPLAY_TIME_PASSES;

static int race_init(struct kunit *test)
{
	the_test = test;
	return 0;
}

/* Isolate what is mapped in the area and move it as one batch. */
static void migrate_area(int nid, enum migrate_mode mode)
{
	struct migration_target_control mtc = {
		.nid = nid,
		.gfp_mask = GFP_HIGHUSER_MOVABLE | __GFP_THISNODE,
	};
	struct page *pages[PAGES];
	unsigned long i;
	LIST_HEAD(list);

	for (i = 0; i < PAGES; i++) {
		mmap_read_lock(area_mm);
		if (get_user_pages_remote(area_mm, area + i * PAGE_SIZE, 1, FOLL_NOFAULT,
					  &pages[i], NULL) != 1)
			pages[i] = NULL;
		mmap_read_unlock(area_mm);
	}
	/* GUP touched them: batches of the LRU would hold references */
	lru_add_drain_all();
	for (i = 0; i < PAGES; i++) {
		if (!pages[i])
			continue;
		if (!is_zero_page(pages[i]))
			isolate_folio_to_list(page_folio(pages[i]), &list);
		put_page(pages[i]);
	}
	if (migrate_pages(&list, alloc_migration_target, NULL, (unsigned long)&mtc, mode,
			  MR_SYSCALL, NULL))
		putback_movable_pages(&list);
}

static int thread_migrates(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		migrate_area(i % 4, i % 3);
	return 0;
}

/* Each thread counts in its own word of every page; nothing may be lost. */
static int thread_counts(void *arg)
{
	unsigned long word = area + 8 * (long)arg, i, p;
	u64 val;

	for (i = 0; i < ROUNDS; i++)
		for (p = 0; p < PAGES; p++) {
			if (user_read64(word + p * PAGE_SIZE, &val) || val != i)
				return 1;
			if (user_write64(word + p * PAGE_SIZE, i + 1))
				return 2;
		}
	return 0;
}

static struct completion has_tlb, was_moved;

static int thread_writes_twice(void *arg)
{
	if (user_write64(area, 1))
		return 1;
	complete(&has_tlb);
	wait_for_completion(&was_moved);
	return user_write64(area, 2);
}

static int prog_stale(void *arg)
{
	enum migrate_mode mode;
	long tid;

	for (mode = MIGRATE_ASYNC; mode <= MIGRATE_SYNC; mode++) {
		init_completion(&has_tlb);
		init_completion(&was_moved);
		area = map_anon(1);
		tid = sys_clone_thread(thread_writes_twice, NULL, 7);
		wait_for_completion(&has_tlb);
		KUNIT_EXPECT_EQ(the_test, migrate_at(area, 1, mode), 0);
		complete(&was_moved);
		KUNIT_EXPECT_EQ(the_test, sys_wait4(tid), 0L);
		KUNIT_EXPECT_EQ(the_test, read_word(area), 2ULL);
	}
	return 0;
}

static void a_translation_does_not_outlive_the_move(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_stale), 0);
}

static int prog_faults(void *arg)
{
	unsigned long moved = vm_event(PGMIGRATE_SUCCESS);
	long t[4], i;

	area = map_anon(PAGES);
	area_mm = current->mm;
	for (i = 0; i < PAGES; i++)
		user_write64(area + i * PAGE_SIZE, 0);
	t[0] = sys_clone_thread(thread_migrates, NULL, 0);
	for (i = 1; i < 4; i++)
		t[i] = sys_clone_thread(thread_counts, (void *)i, 2 * i);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(the_test, sys_wait4(t[i]), 0L);
	for (i = 0; i < PAGES; i++)
		KUNIT_EXPECT_EQ(the_test, read_word(area + i * PAGE_SIZE + 8), (u64)ROUNDS);
	KUNIT_EXPECT_GT(the_test, vm_event(PGMIGRATE_SUCCESS), moved);
	return 0;
}

static void no_write_is_lost_to_a_migration(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_faults), 0);
}

static int thread_remaps(void *arg)
{
	unsigned long i, p;

	for (i = 0; i < ROUNDS; i++) {
		for (p = 0; p < PAGES; p++)
			if (user_write64(area + p * PAGE_SIZE, i))
				return 1;
		if (sys_mmap(area, PAGES * PAGE_SIZE, RW,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0) != area)
			return 2;
	}
	return 0;
}

static int prog_munmap(void *arg)
{
	long t[2];

	area = map_anon(PAGES);
	area_mm = current->mm;
	t[0] = sys_clone_thread(thread_migrates, NULL, 1);
	t[1] = sys_clone_thread(thread_remaps, NULL, 4);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(t[0]), 0L);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(t[1]), 0L);
	return 0;
}

static void unmapping_meets_migration_entries(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_munmap), 0);
}

static int child_checks(void *arg)
{
	unsigned long p;
	u64 want = (u64)(long)arg;

	for (p = 0; p < PAGES; p++)
		if (read_word(area + p * PAGE_SIZE) != want)
			return 1;
	for (p = 0; p < PAGES; p++)
		if (user_write64(area + p * PAGE_SIZE, 999))
			return 2;
	return 0;
}

static int thread_forks(void *arg)
{
	unsigned long i, p;

	for (i = 0; i < ROUNDS / 4; i++) {
		for (p = 0; p < PAGES; p++)
			if (user_write64(area + p * PAGE_SIZE, i))
				return 1;
		if (sys_wait4(sys_fork(child_checks, (void *)i)))
			return 2;
		for (p = 0; p < PAGES; p++)
			if (read_word(area + p * PAGE_SIZE) != i)
				return 3;
	}
	return 0;
}

static int prog_fork(void *arg)
{
	long t[2];

	area = map_anon(PAGES);
	area_mm = current->mm;
	t[0] = sys_clone_thread(thread_migrates, NULL, 1);
	t[1] = sys_clone_thread(thread_forks, NULL, 4);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(t[0]), 0L);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(t[1]), 0L);
	return 0;
}

static void fork_copies_migration_entries(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_fork), 0);
}

static int thread_protects(void *arg)
{
	unsigned long i;

	for (i = 0; i < ROUNDS; i++)
		if (sys_mprotect(area, PAGES * PAGE_SIZE, PROT_READ) ||
		    sys_mprotect(area, PAGES * PAGE_SIZE, RW))
			return 1;
	return 0;
}

static int thread_reads(void *arg)
{
	unsigned long i, p;

	for (i = 0; i < ROUNDS; i++)
		for (p = 0; p < PAGES; p++)
			if (read_word(area + p * PAGE_SIZE) != p + 1)
				return 1;
	return 0;
}

static int prog_protect(void *arg)
{
	long t[3], p;

	area = map_anon(PAGES);
	area_mm = current->mm;
	for (p = 0; p < PAGES; p++)
		user_write64(area + p * PAGE_SIZE, p + 1);
	t[0] = sys_clone_thread(thread_migrates, NULL, 1);
	t[1] = sys_clone_thread(thread_protects, NULL, 4);
	t[2] = sys_clone_thread(thread_reads, NULL, 6);
	for (p = 0; p < 3; p++)
		KUNIT_EXPECT_EQ(the_test, sys_wait4(t[p]), 0L);
	for (p = 0; p < PAGES; p++)
		KUNIT_EXPECT_EQ(the_test, user_write64(area + p * PAGE_SIZE, 1), 0);
	return 0;
}

static void protection_changes_meet_migration_entries(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_protect), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_translation_does_not_outlive_the_move),
	KUNIT_CASE(no_write_is_lost_to_a_migration),
	KUNIT_CASE(unmapping_meets_migration_entries),
	KUNIT_CASE(fork_copies_migration_entries),
	KUNIT_CASE(protection_changes_meet_migration_entries),
	{}
};

static struct kunit_suite suite = {
	.name = "fault-migrate-race",
	.init = race_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);
