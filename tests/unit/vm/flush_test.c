// SPDX-License-Identifier: GPL-2.0
/*
 * Flushes: who has to do one before what, how far they reach, what they cost.
 */
#include "vm_test.h"
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>
#include <linux/slab.h>
#include <asm/processor.h>
#include <asm/tlb.h>
#include <machine/cost.h>
#include <machine/inject.h>
#include <mm/tlb.h>

/* Before a page is copied or written out; what was clean can wait for the rest of the batch. */
PROGRAM_CASE(a_batch_with_a_dirty_page_is_flushed_before_it_is_copied)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = map_anon(1, RW), pfn;
	pte_t pte;

	poke(test, addr, 1);
	pte = pte_at(mm, addr);
	pfn = pte_pfn(pte);
	set_tlb_ubc_flush_pending(mm, pte_mkclean(pte), addr);
	try_to_unmap_flush_dirty();
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 1U);
	KUNIT_EXPECT_TRUE(test, current->tlb_ubc.flush_required);
	set_tlb_ubc_flush_pending(mm, pte_mkdirty(pte), addr);
	try_to_unmap_flush_dirty();
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 0U);
	KUNIT_EXPECT_FALSE(test, current->tlb_ubc.flush_required);
}

static unsigned long vm_event(enum vm_event_item item)
{
	unsigned long events[NR_VM_EVENT_ITEMS];

	all_vm_events(events);
	return events[item];
}

/* What unmapping a page in a batch does. Returns what the entry was. */
static pte_t unmap_in_batch(struct kunit *test, unsigned long addr)
{
	struct mm_struct *mm = current->mm;
	spinlock_t *ptl;
	pte_t *pte = lock_pte(test, mm, addr, &ptl), old;

	old = ptep_get_and_clear(mm, addr, pte);
	set_tlb_ubc_flush_pending(mm, old, addr);
	pte_unmap_unlock(pte, ptl);
	return old;
}

static void map_again(struct kunit *test, unsigned long addr, pte_t pte)
{
	spinlock_t *ptl;
	pte_t *ptep = lock_pte(test, current->mm, addr, &ptl);

	set_pte_at(current->mm, addr, ptep, pte);
	pte_unmap_unlock(ptep, ptl);
}

/* Who finds an empty entry must not believe that no TLB has it any more. */
PROGRAM_CASE(mprotect_flushes_what_a_batch_has_unmapped)
{
	unsigned long addr = map_anon(2, RW), received;
	pte_t old;

	touch(test, addr, 2);
	old = unmap_in_batch(test, addr);
	KUNIT_EXPECT_EQ(test, sys_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pte_pfn(old)), 0U);
	map_again(test, addr, pte_wrprotect(old));
	received = vm_event(NR_TLB_REMOTE_FLUSH_RECEIVED);
	try_to_unmap_flush();
	/* The one CPU on which the process runs. */
	KUNIT_EXPECT_EQ(test, vm_event(NR_TLB_REMOTE_FLUSH_RECEIVED), received + 1);
}

PROGRAM_CASE(madvise_flushes_what_a_batch_has_unmapped)
{
	unsigned long addr = map_anon(2, RW);
	pte_t old;

	touch(test, addr, 2);
	old = unmap_in_batch(test, addr);
	KUNIT_EXPECT_EQ(test, sys_madvise(addr, PAGE_SIZE, MADV_DONTNEED), 0L);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pte_pfn(old)), 0U);
	map_again(test, addr, old);
	try_to_unmap_flush();
}

/* Sees when one frame leaves the TLBs: within which range, and under the lock of its table? */
struct onlooker {
	struct mmu_notifier mn;
	unsigned long pfn;
	spinlock_t *ptl;
	int ranges;		/* that ended */
	int stale;		/* of them with the frame still in a TLB */
	int flushes, locked;	/* of these, how many with the table locked */
};

static void look_at_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct onlooker *o = container_of(mn, struct onlooker, mn);

	o->ranges++;
	o->stale += tlb_entries_of(o->pfn) != 0;
}

static void look_at_flush(struct mmu_notifier *mn, struct mm_struct *mm, unsigned long start,
			  unsigned long end)
{
	struct onlooker *o = container_of(mn, struct onlooker, mn);

	o->flushes++;
	o->locked += spin_is_locked(o->ptl);
}

static const struct mmu_notifier_ops onlooker_ops = {
	.invalidate_range_end = look_at_end,
	.arch_invalidate_secondary_tlbs = look_at_flush,
};

/* At the entry of @addr, which is present. */
static void look_on(struct kunit *test, struct onlooker *o, unsigned long addr)
{
	pte_t *pte = lock_pte(test, current->mm, addr, &o->ptl);

	o->pfn = pte_pfn(ptep_get(pte));
	pte_unmap_unlock(pte, o->ptl);
	o->mn.ops = &onlooker_ops;
	KUNIT_ASSERT_EQ(test, mmu_notifier_register(&o->mn, current->mm), 0);
}

static void end_looking(struct onlooker *o)
{
	mmu_notifier_unregister(&o->mn, current->mm);
	mmu_notifier_synchronize();
}

/* The second page of three goes elsewhere: it has to, for it grows. At the end no TLB has it. */
static unsigned long move_middle(struct kunit *test, struct onlooker *o, unsigned long addr)
{
	unsigned long new = sys_mremap(addr + PAGE_SIZE, PAGE_SIZE, 2 * PAGE_SIZE,
				       MREMAP_MAYMOVE, 0);

	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(new));
	end_looking(o);
	KUNIT_EXPECT_GE(test, o->ranges, 1);
	KUNIT_EXPECT_EQ(test, o->stale, 0);
	return new;
}

/* Who finds the old entry empty finds no TLB that has it, from the first moment on. */
PROGRAM_CASE(mremap_flushes_what_it_moves_under_the_lock)
{
	struct onlooker *o = kzalloc(sizeof(*o), GFP_KERNEL);
	unsigned long addr = map_anon(3, RW), new;
	u64 val;

	touch(test, addr, 3);
	look_on(test, o, addr + PAGE_SIZE);
	new = move_middle(test, o, addr);
	KUNIT_EXPECT_GE(test, o->flushes, 1);
	KUNIT_EXPECT_GE(test, o->locked, 1);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(o->pfn), 0U);
	KUNIT_EXPECT_NE(test, user_read64(addr + PAGE_SIZE, &val), 0);
	KUNIT_EXPECT_EQ(test, peek(test, new), (u64)addr + PAGE_SIZE);
	kfree(o);
}

PROGRAM_CASE(mremap_flushes_what_a_batch_has_unmapped)
{
	struct onlooker *o = kzalloc(sizeof(*o), GFP_KERNEL);
	unsigned long addr = map_anon(3, RW), new;
	pte_t old;

	touch(test, addr, 3);
	look_on(test, o, addr + PAGE_SIZE);
	old = unmap_in_batch(test, addr + PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(o->pfn), 1U);
	new = move_middle(test, o, addr);
	map_again(test, new, old);
	try_to_unmap_flush();
	kfree(o);
}

/* Else who cleans the page now that it is marked dirty misses what is yet written to it. */
PROGRAM_CASE(a_dirty_page_of_a_file_is_flushed_before_its_table_is_unlocked)
{
	struct file *file = regular_file_create("file", PAGE_SIZE);
	struct onlooker *o = kzalloc(sizeof(*o), GFP_KERNEL);
	unsigned long addr = sys_mmap(0, PAGE_SIZE, RW, MAP_SHARED, file, 0);

	poke(test, addr, 1);
	look_on(test, o, addr);
	KUNIT_EXPECT_EQ(test, sys_madvise(addr, PAGE_SIZE, MADV_DONTNEED), 0L);
	end_looking(o);
	KUNIT_EXPECT_EQ(test, o->flushes, 1);
	KUNIT_EXPECT_EQ(test, o->locked, 1);
	KUNIT_EXPECT_EQ(test, peek(test, addr), 1ULL);
	sys_munmap(addr, PAGE_SIZE);
	fput(file);
	kfree(o);
}

PROGRAM_CASE(a_table_for_which_no_batch_has_room_is_freed_after_a_flush)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = map_anon(1, RW), pfn;
	struct mmu_gather tlb;
	pgtable_t table;

	poke(test, addr, 1);
	pfn = pte_pfn(pte_at(mm, addr));
	table = pte_alloc_one(mm);
	KUNIT_ASSERT_NOT_NULL(test, table);
	tlb_gather_mmu(&tlb, mm);
	inject_set((struct inject_rule) { .sites = BIT(INJECT_SLAB), .nth = 1, .task = current });
	pte_free_tlb(&tlb, table, addr);
	inject_clear_all();
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 0U);
	tlb_finish_mmu(&tlb);
}

/* A page of zeros, too, is gone when it is unmapped. */
PROGRAM_CASE(the_zero_page_is_flushed_when_it_is_unmapped)
{
	unsigned long addr = map_anon(2, RW);
	u64 val;

	KUNIT_EXPECT_EQ(test, peek(test, addr), 0ULL);
	KUNIT_EXPECT_EQ(test, peek(test, addr + PAGE_SIZE), 0ULL);
	KUNIT_EXPECT_EQ(test, sys_munmap(addr, PAGE_SIZE), 0L);
	KUNIT_EXPECT_NE(test, user_read64(addr, &val), 0);
	KUNIT_EXPECT_EQ(test, peek(test, addr + PAGE_SIZE), 0ULL);
}

PROGRAM_CASE(a_flush_of_everything_reaches_each_cpu)
{
	unsigned long addr = map_anon(1, RW), pfn;

	poke(test, addr, 1);
	pfn = pte_pfn(pte_at(current->mm, addr));
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 1U);
	set_cpus_allowed_ptr(current, cpumask_of(3));
	poke(test, addr, 2);
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 2U);
	flush_tlb_all();
	KUNIT_EXPECT_EQ(test, tlb_entries_of(pfn), 0U);
}

static int write_once(void *arg)
{
	return user_write64(*(unsigned long *)arg, 1);
}

static int write_own(void *arg)
{
	return user_write64(map_anon(1, RW), 1);
}

/* What the caller has paid or owes. */
static u64 had_to_pay(void)
{
	return current->stime + current->exec.owed_sys;
}

static u64 cost_of_a_flush(void)
{
	u64 before = had_to_pay();

	flush_tlb_mm(current->mm);
	return had_to_pay() - before;
}

/* Where a process has been, and another one is now, one flush is the last that it sees of it. */
PROGRAM_CASE(flushes_leave_a_cpu_alone_that_left_the_process)
{
	unsigned long addr = map_anon(1, RW);
	u64 there, alone;

	poke(test, addr, 1);
	KUNIT_EXPECT_EQ(test, sys_wait4(sys_clone_thread(write_once, &addr, 5)), 0L);
	KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(5, mm_cpumask(current->mm)));
	there = cost_of_a_flush();
	KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(5, mm_cpumask(current->mm)));
	KUNIT_EXPECT_EQ(test, program_wait(program_start_on(5, "other", write_own, NULL)), 0);
	flush_tlb_mm(current->mm);
	KUNIT_EXPECT_FALSE(test, cpumask_test_cpu(5, mm_cpumask(current->mm)));
	alone = cost_of_a_flush();
	/* And whoever flushes pays for it, for others' CPUs more. */
	KUNIT_EXPECT_GE(test, alone, cost_ns(COST_TLB_FLUSH_LOCAL));
	KUNIT_EXPECT_GE(test, there, cost_ns(COST_TLB_FLUSH_LOCAL) + cost_ns(COST_TLB_FLUSH_IPI));
}

struct walk {
	bool begun, seen, ended;
};

static int walk_without_interrupts(void *arg)
{
	struct walk *w = arg;

	local_irq_disable();
	smp_store_release(&w->begun, true);
	while (!smp_load_acquire(&w->seen))
		cpu_relax();
	for (int i = 0; i < 1000; i++)
		cpu_relax();
	smp_store_release(&w->ended, true);
	local_irq_enable();
	return 0;
}

/* As GUP-fast walks. */
static void who_walks_without_interrupts_is_waited_for(struct kunit *test)
{
	struct walk *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	struct task_struct *p;

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(0)), 0);
	p = kthread_create(walk_without_interrupts, w, "walker");
	KUNIT_ASSERT_FALSE(test, IS_ERR(p));
	get_task_struct(p);
	kthread_bind(p, 4);
	wake_up_process(p);
	while (!smp_load_acquire(&w->begun))
		cpu_relax();
	smp_store_release(&w->seen, true);
	tlb_remove_table_sync_one();
	KUNIT_EXPECT_TRUE(test, smp_load_acquire(&w->ended));
	kthread_stop(p);
	put_task_struct(p);
}

static struct kunit_case flush_cases[] = {
	KUNIT_CASE(a_batch_with_a_dirty_page_is_flushed_before_it_is_copied),
	KUNIT_CASE(mprotect_flushes_what_a_batch_has_unmapped),
	KUNIT_CASE(madvise_flushes_what_a_batch_has_unmapped),
	KUNIT_CASE(mremap_flushes_what_it_moves_under_the_lock),
	KUNIT_CASE(mremap_flushes_what_a_batch_has_unmapped),
	KUNIT_CASE(a_dirty_page_of_a_file_is_flushed_before_its_table_is_unlocked),
	KUNIT_CASE(a_table_for_which_no_batch_has_room_is_freed_after_a_flush),
	KUNIT_CASE(the_zero_page_is_flushed_when_it_is_unmapped),
	KUNIT_CASE(a_flush_of_everything_reaches_each_cpu),
	KUNIT_CASE(flushes_leave_a_cpu_alone_that_left_the_process),
	KUNIT_CASE(who_walks_without_interrupts_is_waited_for),
	{}
};

static struct kunit_suite flush_suite = {
	.name = "vm_flush",
	.test_cases = flush_cases,
};
kunit_test_suite(flush_suite);
