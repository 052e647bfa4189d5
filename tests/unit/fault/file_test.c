// SPDX-License-Identifier: GPL-2.0
/* Shared and private file mappings, the page cache, truncation. */
#include "fault_test.h"
#include <linux/shmem_fs.h>

static struct kunit *the_test;

static int file_init(struct kunit *test)
{
	the_test = test;
	return 0;
}

static unsigned long map_file(struct file *file, unsigned long pages, unsigned long flags)
{
	return sys_mmap(0, pages * PAGE_SIZE, RW, flags, file, 0);
}

static unsigned long shared_at;

static int child_writes_shared(void *arg)
{
	KUNIT_EXPECT_EQ(the_test, read_word(shared_at), 1ULL);
	KUNIT_EXPECT_EQ(the_test, user_write64(shared_at, 2), 0);
	KUNIT_EXPECT_EQ(the_test, user_write64(shared_at + PAGE_SIZE, 3), 0);
	return 0;
}

static int prog_shmem(void *arg)
{
	struct file *file = shmem_file_create("shm", 4 * PAGE_SIZE);
	unsigned long priv;

	shared_at = map_file(file, 4, MAP_SHARED);
	priv = map_file(file, 4, MAP_PRIVATE);
	KUNIT_EXPECT_TRUE(the_test, vma_is_shmem(vma_at(shared_at)));
	KUNIT_EXPECT_EQ(the_test, user_write64(shared_at, 1), 0);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(sys_fork(child_writes_shared, NULL)), 0L);
	KUNIT_EXPECT_EQ(the_test, read_word(shared_at), 2ULL);
	KUNIT_EXPECT_EQ(the_test, read_word(shared_at + PAGE_SIZE), 3ULL);
	KUNIT_EXPECT_EQ(the_test, get_mm_counter(current->mm, MM_SHMEMPAGES), 2UL);
	KUNIT_EXPECT_TRUE(the_test, folio_test_swapbacked(peek_folio(shared_at)));
	KUNIT_EXPECT_FALSE(the_test, folio_is_file_lru(peek_folio(shared_at)));
	/* the private mapping sees the file until it writes */
	KUNIT_EXPECT_EQ(the_test, read_word(priv), 2ULL);
	KUNIT_EXPECT_EQ(the_test, user_write64(priv, 9), 0);
	KUNIT_EXPECT_EQ(the_test, read_word(shared_at), 2ULL);
	KUNIT_EXPECT_EQ(the_test, read_word(priv), 9ULL);
	sys_munmap(shared_at, 4 * PAGE_SIZE);
	/* the cache keeps what nobody maps */
	shared_at = map_file(file, 4, MAP_SHARED);
	KUNIT_EXPECT_EQ(the_test, read_word(shared_at), 2ULL);
	sys_munmap(shared_at, 4 * PAGE_SIZE);
	sys_munmap(priv, 4 * PAGE_SIZE);
	file_put(file);
	return 0;
}

static void shared_memory_is_shared_and_private_is_not(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_shmem), 0);
}

static int prog_dirty(void *arg)
{
	struct file *file = regular_file_create("f", 4 * PAGE_SIZE);
	unsigned long addr = map_file(file, 4, MAP_SHARED), maj = vm_event(PGMAJFAULT);
	struct folio *folio;

	KUNIT_EXPECT_EQ(the_test, read_word(addr + 16), file_pattern(file, 2));
	KUNIT_EXPECT_EQ(the_test, vm_event(PGMAJFAULT), maj + 1);
	folio = peek_folio(addr);
	KUNIT_EXPECT_FALSE(the_test, folio_test_dirty(folio));
	/* read-only at first, so that the write is noticed */
	KUNIT_EXPECT_FALSE(the_test, pte_write(peek_pte(current->mm, addr)));
	KUNIT_EXPECT_EQ(the_test, user_write64(addr + 16, 5), 0);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_folio(addr), folio);
	KUNIT_EXPECT_TRUE(the_test, folio_test_dirty(folio));
	KUNIT_EXPECT_TRUE(the_test, pte_write(peek_pte(current->mm, addr)));
	/* cleaning it protects it again */
	folio_lock(folio);
	KUNIT_EXPECT_TRUE(the_test, folio_clear_dirty_for_io(folio));
	folio_unlock(folio);
	KUNIT_EXPECT_FALSE(the_test, folio_test_dirty(folio));
	KUNIT_EXPECT_FALSE(the_test, pte_write(peek_pte(current->mm, addr)));
	KUNIT_EXPECT_EQ(the_test, user_write64(addr + 16, 6), 0);
	KUNIT_EXPECT_TRUE(the_test, folio_test_dirty(folio));
	/* a write to a page never read */
	KUNIT_EXPECT_EQ(the_test, user_write64(addr + PAGE_SIZE, 7), 0);
	KUNIT_EXPECT_TRUE(the_test, folio_test_dirty(peek_folio(addr + PAGE_SIZE)));
	KUNIT_EXPECT_EQ(the_test, read_word(addr + PAGE_SIZE + 8),
			file_pattern(file, PAGE_SIZE / 8 + 1));
	sys_munmap(addr, 4 * PAGE_SIZE);
	file_put(file);
	return 0;
}

static void writes_to_a_shared_file_are_noticed_and_make_it_dirty(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_dirty), 0);
}

/* Each part of a mapping that was one holds the file. */
static int prog_parts(void *arg)
{
	struct file *file = regular_file_create("f", 4 * PAGE_SIZE);
	unsigned long addr = map_file(file, 4, MAP_SHARED), to = map_file(file, 1, MAP_SHARED);

	KUNIT_EXPECT_EQ(the_test, sys_mprotect(addr + PAGE_SIZE, PAGE_SIZE, PROT_READ), 0L);
	KUNIT_EXPECT_EQ(the_test, sys_mremap(addr + 3 * PAGE_SIZE, PAGE_SIZE, PAGE_SIZE,
					     MREMAP_MAYMOVE | MREMAP_FIXED, to), (long)to);
	sys_munmap(addr, 4 * PAGE_SIZE);
	sys_munmap(to, PAGE_SIZE);
	addr = map_file(file, 4, MAP_SHARED);
	KUNIT_EXPECT_EQ(the_test, read_word(addr), file_pattern(file, 0));
	sys_munmap(addr, 4 * PAGE_SIZE);
	file_put(file);
	return 0;
}

static void parts_of_a_mapping_hold_the_file(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_parts), 0);
}

static int child_of_reader(void *addr)
{
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(peek_folio((unsigned long)addr)), 2);
	return 0;
}

/* It has a page of its own beside it, and so fork copies the entries. */
static int prog_fork(void *arg)
{
	struct file *file = regular_file_create("f", 2 * PAGE_SIZE);
	unsigned long addr = map_file(file, 2, MAP_PRIVATE);

	KUNIT_EXPECT_EQ(the_test, read_word(addr), file_pattern(file, 0));
	user_write64(addr + PAGE_SIZE, 1);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(sys_fork(child_of_reader, (void *)addr)), 0L);
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(peek_folio(addr)), 1);
	sys_munmap(addr, 2 * PAGE_SIZE);
	file_put(file);
	return 0;
}

static void a_page_of_a_file_is_mapped_by_the_child_too(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_fork), 0);
}

static int prog_truncate(void *arg)
{
	struct file *file = shmem_file_create("shm", 4 * PAGE_SIZE);
	unsigned long addr = map_file(file, 4, MAP_SHARED), i;
	unsigned long priv = map_file(file, 4, MAP_PRIVATE);
	u64 val;

	for (i = 0; i < 4; i++) {
		user_write64(addr + i * PAGE_SIZE, i + 1);
		user_write64(addr + i * PAGE_SIZE + 2048, i + 1);
	}
	user_write64(priv + 3 * PAGE_SIZE, 77);
	KUNIT_EXPECT_EQ(the_test, file_truncate(file, PAGE_SIZE + 1024), 0);
	KUNIT_EXPECT_EQ(the_test, file->f_mapping->nrpages, 2UL);
	KUNIT_EXPECT_EQ(the_test, read_word(addr), 1ULL);
	KUNIT_EXPECT_EQ(the_test, read_word(addr + PAGE_SIZE), 2ULL);
	KUNIT_EXPECT_EQ(the_test, read_word(addr + PAGE_SIZE + 2048), 0ULL);
	KUNIT_EXPECT_EQ(the_test, user_read64(addr + 2 * PAGE_SIZE, &val), -EFAULT);
	KUNIT_EXPECT_EQ(the_test, user_write64(addr + 3 * PAGE_SIZE, 1), -EFAULT);
	/* even the private copy */
	KUNIT_EXPECT_EQ(the_test, user_read64(priv + 3 * PAGE_SIZE, &val), -EFAULT);
	/* growing again shows zeroes, not the old contents */
	KUNIT_EXPECT_EQ(the_test, file_truncate(file, 4 * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(the_test, read_word(addr + 3 * PAGE_SIZE), 0ULL);
	sys_munmap(addr, 4 * PAGE_SIZE);
	sys_munmap(priv, 4 * PAGE_SIZE);
	file_put(file);
	return 0;
}

static void truncation_takes_pages_from_cache_and_mappings(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_truncate), 0);
}

static int prog_outlives(void *arg)
{
	struct file *file = regular_file_create("f", PAGE_SIZE);
	u64 want = file_pattern(file, 0);
	unsigned long addr = map_file(file, 1, MAP_PRIVATE);

	file_put(file);		/* the mapping keeps it */
	KUNIT_EXPECT_EQ(the_test, read_word(addr), want);
	sys_munmap(addr, PAGE_SIZE);
	KUNIT_EXPECT_EQ(the_test, global_node_page_state(NR_FILE_PAGES), 0UL);
	return 0;
}

static void a_mapping_keeps_its_file(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_outlives), 0);
}

static void file_fault_once(void *arg)
{
	struct file *file = arg ? regular_file_create("f", PAGE_SIZE) :
				  shmem_file_create("s", PAGE_SIZE);
	unsigned long addr;
	vm_fault_t ret;

	if (!file)
		return;
	addr = map_file(file, 1, arg ? MAP_PRIVATE : MAP_SHARED);
	if (!IS_ERR_VALUE(addr)) {
		ret = fault_at(addr, FAULT_FLAG_WRITE | FAULT_FLAG_USER);
		KUNIT_EXPECT_TRUE(the_test, !(ret & VM_FAULT_ERROR) || ret == VM_FAULT_OOM);
		sys_munmap(addr, PAGE_SIZE);
	}
	file_put(file);
}

static int prog_oom(void *arg)
{
	unsigned int sites = 1 << INJECT_SLAB | 1 << INJECT_PAGE;

	KUNIT_EXPECT_GT(the_test, inject_each(file_fault_once, NULL, sites), 2UL);
	KUNIT_EXPECT_GT(the_test, inject_each(file_fault_once, the_test, sites), 2UL);
	return 0;
}

static void every_failed_allocation_of_a_file_fault_is_oom(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_oom), 0);
}

#define RACE_ROUNDS	60

static struct file *race_file;
static unsigned long race_addr;

static int thread_truncates(void *arg)
{
	int i;

	for (i = 0; i < RACE_ROUNDS; i++) {
		file_truncate(race_file, PAGE_SIZE);
		file_truncate(race_file, 4 * PAGE_SIZE);
	}
	return 0;
}

/* A word read back is what was written, or zero after truncation, or gone. */
static int thread_writes(void *arg)
{
	unsigned long addr = race_addr + 3 * PAGE_SIZE + 8 * (long)arg;
	u64 val;
	int i;

	for (i = 1; i <= RACE_ROUNDS; i++) {
		if (user_write64(addr, i))
			continue;
		if (!user_read64(addr, &val) && val && val != i)
			return 1;
	}
	return 0;
}

static int prog_truncate_race(void *arg)
{
	long t[3], i;

	race_file = shmem_file_create("shm", 4 * PAGE_SIZE);
	race_addr = map_file(race_file, 4, MAP_SHARED);
	t[0] = sys_clone_thread(thread_truncates, NULL, 1);
	t[1] = sys_clone_thread(thread_writes, (void *)0, 3);
	t[2] = sys_clone_thread(thread_writes, (void *)1, 5);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(the_test, sys_wait4(t[i]), 0L);
	sys_munmap(race_addr, 4 * PAGE_SIZE);
	file_put(race_file);
	return 0;
}

static void faults_race_with_truncation(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_truncate_race), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(parts_of_a_mapping_hold_the_file),
	KUNIT_CASE(a_page_of_a_file_is_mapped_by_the_child_too),
	KUNIT_CASE(shared_memory_is_shared_and_private_is_not),
	KUNIT_CASE(writes_to_a_shared_file_are_noticed_and_make_it_dirty),
	KUNIT_CASE(truncation_takes_pages_from_cache_and_mappings),
	KUNIT_CASE(a_mapping_keeps_its_file),
	KUNIT_CASE(every_failed_allocation_of_a_file_fault_is_oom),
	KUNIT_CASE(faults_race_with_truncation),
	{}
};

static struct kunit_suite suite = {
	.name = "fault-file",
	.init = file_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);
