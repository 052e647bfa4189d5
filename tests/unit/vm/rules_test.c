// SPDX-License-Identifier: GPL-2.0
/*
 * Rules that are checked: locks of page tables, mmap_lock, balanced notifier ranges.
 */
#include "vm_test.h"
#include <linux/mmu_notifier.h>

struct rule {
	struct mm_struct *mm;
	unsigned long addr;
	pte_t *pte;
	pmd_t *pmd;
};

/* A populated page; the rule's body then runs in another task, without locks. */
static void expect_kind(struct kunit *test, void (*fn)(void *), enum violation_kind kind)
{
	struct rule r = { .mm = current->mm, .addr = map_anon(1, RW) };

	poke(test, r.addr, 1);
	r.pmd = mm_find_pmd(r.mm, r.addr);
	r.pte = pte_offset_map(r.pmd, r.addr);
	pte_unmap(r.pte);
	KUNIT_EXPECT_EQ(test, (int)violation_catch(fn, &r, NULL, 0), (int)kind);
}

static void write_entry(void *arg)
{
	struct rule *r = arg;

	set_pte_at(r->mm, r->addr, r->pte, ptep_get(r->pte));
}

static void clear_entry(void *arg)
{
	struct rule *r = arg;

	ptep_get_and_clear(r->mm, r->addr, r->pte);
}

static void protect_entry(void *arg)
{
	struct rule *r = arg;

	ptep_set_wrprotect(r->mm, r->addr, r->pte);
}

static void age_entry(void *arg)
{
	struct rule *r = arg;
	struct vm_area_struct vma = { .vm_mm = r->mm };

	ptep_test_and_clear_young(&vma, r->addr, r->pte);
}

static void write_table(void *arg)
{
	struct rule *r = arg;

	set_pmd(r->pmd, pmdp_get(r->pmd));
}

static void write_with_wrong_lock(void *arg)
{
	static spinlock_t other;
	struct rule *r = arg;

	/* Whoever breaks a rule takes its locks with it: one of its own. */
	spin_lock_init(&other);
	spin_lock(&other);
	set_pte_at(r->mm, r->addr, r->pte, ptep_get(r->pte));
	spin_unlock(&other);
}

static void write_local_copy(void *arg)
{
	static struct {
		pte_t table[512];
		char room[256];
	} copy __aligned(4096);

	set_pte(&copy.table[1], __pte(0));
}

PROGRAM_CASE(writing_entries_needs_the_lock_of_their_table)
{
	expect_kind(test, write_entry, VIOLATION_PTL);
	expect_kind(test, clear_entry, VIOLATION_PTL);
	expect_kind(test, protect_entry, VIOLATION_PTL);
	expect_kind(test, age_entry, VIOLATION_PTL);
	expect_kind(test, write_table, VIOLATION_PTL);
	expect_kind(test, write_with_wrong_lock, VIOLATION_PTL);
	expect_kind(test, write_local_copy, VIOLATION_PTL);
}

static void look_up(void *arg)
{
	struct rule *r = arg;

	find_vma(r->mm, r->addr);
}

static void change_flags_with_read_lock(void *arg)
{
	struct rule *r = arg;
	struct vm_area_struct *vma;

	mmap_read_lock(r->mm);
	vma = find_vma(r->mm, r->addr);
	vm_flags_set(vma, VM_DONTCOPY);
	mmap_read_unlock(r->mm);
}

PROGRAM_CASE(vmas_need_mmap_lock)
{
	expect_kind(test, look_up, VIOLATION_MMAP_LOCK);
}

PROGRAM_CASE(vm_flags_need_mmap_lock_for_writing)
{
	struct rule r = { .mm = mm_alloc() };
	struct vm_area_struct *vma = vm_area_alloc(r.mm);

	mmap_write_lock(r.mm);
	vma->vm_start = r.addr = PAGE_SIZE;
	vma->vm_end = 2 * PAGE_SIZE;
	vm_stat_account(r.mm, 0, 1);
	KUNIT_EXPECT_EQ(test, insert_vm_struct(r.mm, vma), 0);
	mmap_write_unlock(r.mm);
	KUNIT_EXPECT_EQ(test, (int)violation_catch(change_flags_with_read_lock, &r, NULL, 0),
			(int)VIOLATION_MMAP_LOCK);
	/* The read lock went with the task that broke the rule: make a new one. */
	mmap_init_lock(r.mm);
	mmput(r.mm);
}

static void start_twice(void *arg)
{
	struct rule *r = arg;
	struct mmu_notifier_range range;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, r->mm, 0, PAGE_SIZE);
	mmu_notifier_invalidate_range_end(&range);
}

static void end_elsewhere(void *arg)
{
	struct rule *r = arg;
	struct mmu_notifier_range range;

	mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, 0, r->mm, 0, PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	range.end = 2 * PAGE_SIZE;
	mmu_notifier_invalidate_range_end(&range);
}

PROGRAM_CASE(notifier_ranges_are_started_and_ended_alike)
{
	expect_kind(test, start_twice, VIOLATION_BUG);
	expect_kind(test, end_elsewhere, VIOLATION_BUG);
}

static void user_access_of_kthread(void *arg)
{
	u64 val;

	user_read64(PAGE_SIZE, &val);
}

static void kernel_threads_cannot_touch_user_memory(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, (int)violation_catch(user_access_of_kthread, NULL, NULL, 0),
			(int)VIOLATION_ATOMIC_SLEEP);
}

static struct kunit_case rules_cases[] = {
	KUNIT_CASE(writing_entries_needs_the_lock_of_their_table),
	KUNIT_CASE(vmas_need_mmap_lock),
	KUNIT_CASE(vm_flags_need_mmap_lock_for_writing),
	KUNIT_CASE(notifier_ranges_are_started_and_ended_alike),
	KUNIT_CASE(kernel_threads_cannot_touch_user_memory),
	{}
};

static struct kunit_suite rules_suite = {
	.name = "vm_rules",
	.test_cases = rules_cases,
};
kunit_test_suite(rules_suite);
