/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Helpers of the suites about address spaces.
 */
#ifndef _TESTS_VM_TEST_H
#define _TESTS_VM_TEST_H

#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <machine/machine.h>
#include <machine/program.h>
#include <machine/violation.h>

#define RW	(PROT_READ | PROT_WRITE)

struct vm_program {
	struct kunit *test;
	void (*fn)(struct kunit *test);
};

static inline int vm_program_main(void *arg)
{
	struct vm_program *p = arg;

	p->fn(p->test);
	return 0;
}

/* Run @fn as a process of its own, first on @cpu; expectations inside count. */
static inline void run_program_on(struct kunit *test, unsigned int cpu,
				  void (*fn)(struct kunit *test))
{
	struct vm_program p = { .test = test, .fn = fn };
	struct task_struct *task = program_start_on(cpu, "program", vm_program_main, &p);

	KUNIT_ASSERT_NOT_NULL(test, task);
	KUNIT_EXPECT_EQ(test, program_wait(task), 0);
	machine_quiesce();
	machine_check();
}

/* A case that is the body of one program. */
#define PROGRAM_CASE(name)							\
static void name##_body(struct kunit *test);					\
static void name(struct kunit *test)						\
{										\
	run_program_on(test, 0, name##_body);					\
}										\
static void name##_body(struct kunit *test)

/* Private anonymous memory; 0 when it fails. */
static inline unsigned long map_anon(unsigned long pages, unsigned long prot)
{
	long addr = sys_mmap(0, pages * PAGE_SIZE, prot, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);

	return addr < 0 ? 0 : addr;
}

static inline unsigned long map_shared(unsigned long pages, unsigned long prot)
{
	long addr = sys_mmap(0, pages * PAGE_SIZE, prot, MAP_SHARED | MAP_ANONYMOUS, NULL, 0);

	return addr < 0 ? 0 : addr;
}

static inline u64 peek(struct kunit *test, unsigned long addr)
{
	u64 val = ~0ULL;

	KUNIT_EXPECT_EQ(test, user_read64(addr, &val), 0);
	return val;
}

static inline void poke(struct kunit *test, unsigned long addr, u64 val)
{
	KUNIT_EXPECT_EQ(test, user_write64(addr, val), 0);
}

/* The entry of @addr as it is now; none if there is no table. */
static inline pte_t pte_at(struct mm_struct *mm, unsigned long addr)
{
	pte_t pte = __pte(0), *ptep;
	spinlock_t *ptl;
	pmd_t *pmd;

	mmap_read_lock(mm);
	pmd = mm_find_pmd(mm, addr);
	if (pmd) {
		ptep = pte_offset_map_lock(mm, pmd, addr, &ptl);
		if (ptep) {
			pte = ptep_get(ptep);
			pte_unmap_unlock(ptep, ptl);
		}
	}
	mmap_read_unlock(mm);
	return pte;
}

/* The entry of @addr, locked: pte_unmap_unlock() it. There has to be a table. */
static inline pte_t *lock_pte(struct kunit *test, struct mm_struct *mm, unsigned long addr,
			      spinlock_t **ptl)
{
	pte_t *pte;

	mmap_read_lock(mm);
	pte = pte_offset_map_lock(mm, mm_find_pmd(mm, addr), addr, ptl);
	mmap_read_unlock(mm);
	KUNIT_ASSERT_NOT_NULL(test, pte);
	return pte;
}

/* Bring every page of the range in. */
static inline void touch(struct kunit *test, unsigned long addr, unsigned long pages)
{
	KUNIT_EXPECT_EQ(test, user_touch_range(addr, pages * PAGE_SIZE, true, 0, NULL), 0);
}

#endif /* _TESTS_VM_TEST_H */
