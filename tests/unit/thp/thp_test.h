/* SPDX-License-Identifier: GPL-2.0 */
/* What the suites of huge pages share. */
#ifndef _THP_TEST_H
#define _THP_TEST_H

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/huge_mm.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/task.h>
#include <linux/swapops.h>
#include <linux/vmstat.h>
#include <machine/inject.h>
#include <machine/machine.h>
#include <machine/pages.h>
#include <machine/program.h>
#include <machine/sysfs.h>
#include <machine/violation.h>
#include <string.h>

#define RW	(PROT_READ | PROT_WRITE)
#define THP_DIR	"/sys/kernel/mm/transparent_hugepage/"

/* No daemon marks or moves pages. */
static const struct machine_config quiet_machine __maybe_unused = {
	.nr_nodes = 2,
	.nr_cpus = 4,
	.cmdline = "noautonuma",
};

/* Write @text to a file of the policy. 0 or -Exxx. */
static inline int set_policy(const char *file, const char *text)
{
	char path[128];
	ssize_t n;

	snprintf(path, sizeof(path), THP_DIR "%s", file);
	n = sysfs_write_file(path, text, strlen(text));
	return n < 0 ? n : 0;
}

/*
 * Nobody puts parts together while a case looks at them: khugepaged looks once, when the
 * first process registers, and then would have to find a range without holes.
 */
static inline int keep_khugepaged_away(struct kunit *test)
{
	return set_policy("khugepaged/scan_sleep_millisecs", "1000000000") ?:
	       set_policy("khugepaged/max_ptes_none", "0");
}

struct thp_program {
	struct kunit *test;
	void (*fn)(struct kunit *test);
};

static inline int thp_program_main(void *arg)
{
	struct thp_program *p = arg;

	p->fn(p->test);
	return 0;
}

/* Run @fn as a process of its own; then everything must add up. */
static inline void run_thp_program(struct kunit *test, void (*fn)(struct kunit *test))
{
	struct thp_program p = { .test = test, .fn = fn };
	struct task_struct *task;

	KUNIT_ASSERT_EQ(test, keep_khugepaged_away(test), 0);
	task = program_start_on(0, "program", thp_program_main, &p);
	KUNIT_ASSERT_NOT_NULL(test, task);
	KUNIT_EXPECT_EQ(test, program_wait(task), 0);
	machine_quiesce();
	machine_check();
	KUNIT_EXPECT_EQ(test, global_node_page_state(NR_ANON_THPS), 0UL);
	KUNIT_EXPECT_EQ(test, global_node_page_state(NR_ANON_MAPPED), 0UL);
}

/* A case that is the body of one program. */
#define THP_CASE(name)								\
static void name##_body(struct kunit *test);					\
static void name(struct kunit *test)						\
{										\
	run_thp_program(test, name##_body);					\
}										\
static void name##_body(struct kunit *test)

/* Everything adds up while the running program has what it has. */
static inline void check_now(void)
{
	machine_quiesce();
	machine_check();
}

/* @nr huge pages' worth of aligned private memory, advised huge. */
static inline unsigned long map_huge(struct kunit *test, unsigned long nr)
{
	long addr = sys_mmap(0, nr * HPAGE_PMD_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);

	KUNIT_ASSERT_GT(test, addr, 0L);
	KUNIT_ASSERT_EQ(test, addr & ~HPAGE_PMD_MASK, 0UL);
	KUNIT_ASSERT_EQ(test, sys_madvise(addr, nr * HPAGE_PMD_SIZE, MADV_HUGEPAGE), 0L);
	return addr;
}

/* The PMD entry of @addr as it is now. */
static inline pmd_t pmd_at(struct mm_struct *mm, unsigned long addr)
{
	pmd_t *pmd, val = __pmd(0);

	mmap_read_lock(mm);
	pmd = mm_find_pmd(mm, addr);
	if (pmd)
		val = pmdp_get(pmd);
	mmap_read_unlock(mm);
	return val;
}

/* The PTE of @addr; none if there is no table. */
static inline pte_t pte_at(struct mm_struct *mm, unsigned long addr)
{
	pte_t pte = __pte(0), *ptep;
	spinlock_t *ptl;
	pmd_t *pmd;

	mmap_read_lock(mm);
	pmd = mm_find_pmd(mm, addr);
	ptep = pmd ? pte_offset_map_lock(mm, pmd, addr, &ptl) : NULL;
	if (ptep) {
		pte = ptep_get(ptep);
		pte_unmap_unlock(ptep, ptl);
	}
	mmap_read_unlock(mm);
	return pte;
}

static inline bool is_huge(unsigned long addr)
{
	pmd_t pmd = pmd_at(current->mm, addr);

	return pmd_present(pmd) && pmd_trans_huge(pmd);
}

/* The folio that maps @addr of the running program, without a reference, or NULL. */
static inline struct folio *folio_at(unsigned long addr)
{
	pmd_t pmd = pmd_at(current->mm, addr);
	pte_t pte;

	if (pmd_present(pmd) && pmd_trans_huge(pmd))
		return page_folio(pmd_page(pmd));
	pte = pte_at(current->mm, addr);
	return pte_present(pte) ? page_folio(pte_page(pte)) : NULL;
}

/* Write a word to each page of [addr, addr + len) that depends on the page and @seed. */
static inline void fill(struct kunit *test, unsigned long addr, unsigned long len, u64 seed)
{
	unsigned long a;

	for (a = addr; a < addr + len; a += PAGE_SIZE)
		KUNIT_ASSERT_EQ(test, user_write64(a + 8, a ^ seed), 0);
}

/* How many pages do not hold what fill() wrote. */
static inline unsigned long damage(unsigned long addr, unsigned long len, u64 seed)
{
	unsigned long a, bad = 0;
	u64 val;

	for (a = addr; a < addr + len; a += PAGE_SIZE)
		bad += user_read64(a + 8, &val) || val != (a ^ seed);
	return bad;
}

/* How many pages are not zero. */
static inline unsigned long not_zero(unsigned long addr, unsigned long len)
{
	unsigned long a, bad = 0;
	u64 val;

	for (a = addr; a < addr + len; a += PAGE_SIZE)
		bad += user_read64(a + 8, &val) || val;
	return bad;
}

/* A huge page with contents. */
static inline unsigned long map_filled(struct kunit *test, u64 seed)
{
	unsigned long addr = map_huge(test, 1);

	fill(test, addr, HPAGE_PMD_SIZE, seed);
	KUNIT_ASSERT_TRUE(test, is_huge(addr));
	return addr;
}

static inline void split_pmd_at(unsigned long addr)
{
	struct mm_struct *mm = current->mm;

	mmap_read_lock(mm);
	split_huge_pmd_address(vma_lookup(mm, addr), addr, false, NULL);
	mmap_read_unlock(mm);
}

/* Split the folio if it is free and large; gives up the caller's reference. */
static inline void split_and_put(struct folio *folio)
{
	if (folio_trylock(folio)) {
		if (folio_test_large(folio))
			split_folio(folio);
		folio_unlock(folio);
	}
	folio_put(folio);
}

/* Split the folio at @pfn as one who holds nothing of it may: if it is there, free and large. */
static inline void split_folio_at(unsigned long pfn)
{
	struct folio *folio = page_folio(pfn_to_page(pfn));

	if (folio_try_get(folio))
		split_and_put(folio);
}

/* Hints on [addr, addr + len), as NUMA balancing sets them; entries changed. */
static inline unsigned long hint(unsigned long addr, unsigned long len)
{
	struct mm_struct *mm = current->mm;
	unsigned long n;

	mmap_read_lock(mm);
	n = change_prot_numa(vma_lookup(mm, addr), addr, addr + len);
	mmap_read_unlock(mm);
	return n;
}

static inline unsigned long vm_event(enum vm_event_item item)
{
	unsigned long events[NR_VM_EVENT_ITEMS];

	all_vm_events(events);
	return events[item];
}

static inline bool policy_shows(const char *file, const char *text)
{
	char path[128], buf[128];

	snprintf(path, sizeof(path), THP_DIR "%s", file);
	return sysfs_read_file(path, buf, sizeof(buf)) >= 0 && !strcmp(buf, text);
}

#endif /* _THP_TEST_H */
