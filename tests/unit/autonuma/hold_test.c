// SPDX-License-Identifier: GPL-2.0
/*
 * Marking and moving, held at every decision point in turn while the program goes on: the
 * hardware sets Dirty in an entry that is being marked, and a pass meets entries of a
 * page on its way.
 */
#include <linux/swapops.h>
#include <machine/directed.h>

#include "core_test.h"
#include "../thp/thp_test.h"

#define OWNER_CPU	0
#define SCAN_CPU	1
#define PULL_CPU	3

/* Every how many points somebody is held. */
#define STRIDE		kunit_amount(1, 5)

/* Points that knuma_scand passes in a second, a little more than a pass. */
static unsigned long points_of_a_pass(struct kunit *test, struct task_struct *scand)
{
	unsigned long points;

	directed_hold(scand, 0);
	user_compute(1200 * MSEC);
	points = directed_done();
	KUNIT_EXPECT_FALSE(test, directed_await());
	return points;
}

/* Make the entry at @addr, huge or not, clean and old; no TLB knows it then. */
static void clean_entry(unsigned long addr)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	spinlock_t *ptl;
	pmd_t *pmd;
	pte_t *ptep;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	pmd = mm_find_pmd(mm, addr);
	ptl = pmd_trans_huge_lock(pmd, vma);
	if (ptl) {
		set_pmd_at(mm, addr, pmd, pmd_mkclean(pmd_mkold(pmdp_invalidate(vma, addr, pmd))));
		spin_unlock(ptl);
	} else {
		ptep = pte_offset_map_lock(mm, pmd, addr, &ptl);
		set_pte_at(mm, addr, ptep,
			   pte_mkclean(pte_mkold(ptep_get_and_clear(mm, addr, ptep))));
		pte_unmap_unlock(ptep, ptl);
	}
	flush_tlb_mm(mm);
	mmap_read_unlock(mm);
}

/* Write while the page is being marked: that it is dirty now must not be forgotten. */
static void writes_while_marked(struct prog *p)
{
	struct task_struct *scand = thread_named("knuma_scand");
	unsigned long nth, points, addr, lost = 0;
	u64 val;

	addr = p->arg ? map_filled(p->test, 1) : map_and_write(p, 1);
	user_compute(15 * SEC);
	points = points_of_a_pass(p->test, scand);
	KUNIT_ASSERT_GT(p->test, points, 0);
	for (nth = 1; nth <= points; nth += STRIDE) {
		/* Not marked: it would fault. */
		KUNIT_ASSERT_EQ(p->test, user_read64(addr, &val), 0);
		clean_entry(addr);
		directed_hold(scand, nth);
		KUNIT_EXPECT_TRUE(p->test, directed_await());
		KUNIT_ASSERT_EQ(p->test, user_write64(addr, nth), 0);
		directed_release();
		directed_done();
		user_compute(10 * MSEC);
		lost += p->arg ? !pmd_dirty(pmd_at(current->mm, addr)) :
				 !pte_dirty(pte_at(current->mm, addr));
		KUNIT_EXPECT_EQ(p->test, user_read64(addr, &val), 0);
		KUNIT_EXPECT_EQ(p->test, val, nth);
	}
	KUNIT_EXPECT_EQ(p->test, lost, 0);
}

static void run_held(struct kunit *test, void (*fn)(struct prog *p), void *arg)
{
	scan_steadily(test, 1000);
	set_knob(test, "migrate_sleep_millisecs", "1");
	set_cpus_allowed_ptr(thread_named("knuma_scand"), cpumask_of(SCAN_CPU));
	set_cpus_allowed_ptr(thread_named("knuma_migrated1"), cpumask_of(PULL_CPU));
	KUNIT_ASSERT_EQ(test, keep_khugepaged_away(test), 0);
	run_prog(test, OWNER_CPU, fn, arg);
	machine_quiesce();
	machine_check();
}

static void a_write_while_a_page_is_marked_makes_it_dirty(struct kunit *test)
{
	run_held(test, writes_while_marked, NULL);
}

static void a_write_while_a_huge_page_is_marked_makes_it_dirty(struct kunit *test)
{
	run_held(test, writes_while_marked, "huge");
}

/* Hold the daemon with the page on its way, and let a pass look at it. */
static void is_scanned_on_its_way(struct prog *p)
{
	struct task_struct *puller = thread_named("knuma_migrated1");
	unsigned long nth, marked, met = 0;
	struct folio *folio;
	pmd_t pmd;

	user_compute(15 * SEC);
	for (nth = 1; met < 3 && nth < 4000; nth += 7) {
		unsigned long addr = map_filled(p->test, nth);

		folio = folio_at(addr);
		folio_xchg_last_cpupid(folio, cpu_pid_to_cpupid(cpu_of(1), 1));
		directed_hold(puller, nth);
		queue_add(folio_pfn(folio), folio_order(folio), 1, 0);
		KUNIT_ASSERT_TRUE(p->test, directed_await());
		pmd = pmd_at(current->mm, addr);
		if (is_swap_pmd(pmd) && is_pmd_migration_entry(pmd)) {
			u64 start = ktime_get_ns();

			marked = count_of(AUTONUMA_PAGES_MARKED);
			wait_for_passes(p, 2);
			/* Longer: the daemon had the lock, and was let go. */
			if (ktime_get_ns() - start < 10 * SEC) {
				met++;
				KUNIT_EXPECT_TRUE(p->test,
						  pmd_same(pmd, pmd_at(current->mm, addr)));
				KUNIT_EXPECT_LT(p->test, count_of(AUTONUMA_PAGES_MARKED) - marked,
						HPAGE_PMD_NR);
			}
		}
		directed_release();
		directed_done();
		user_compute(100 * MSEC);
		KUNIT_EXPECT_EQ(p->test, damage(addr, HPAGE_PMD_SIZE, nth), 0);
		KUNIT_EXPECT_EQ(p->test, sys_munmap(addr, HPAGE_PMD_SIZE), 0);
	}
	KUNIT_EXPECT_EQ(p->test, met, 3);
}

static void a_pass_leaves_a_huge_page_on_its_way_alone(struct kunit *test)
{
	run_held(test, is_scanned_on_its_way, NULL);
}

static struct kunit_case hold_cases[] = {
	KUNIT_CASE(a_write_while_a_page_is_marked_makes_it_dirty),
	KUNIT_CASE(a_write_while_a_huge_page_is_marked_makes_it_dirty),
	KUNIT_CASE(a_pass_leaves_a_huge_page_on_its_way_alone),
	{}
};

static const int hold_cpu_node[] = { 0, 0, 1, 1, 2 };
static const u64 hold_bytes[] = { 64 << 20, 64 << 20, 0 };
static const struct machine_config hold_config = {
	.nr_nodes = 3, .nr_cpus = 5, .cpu_node = hold_cpu_node, .node_bytes = hold_bytes,
};

static struct kunit_suite hold_suite = {
	.name = "autonuma-hold",
	.test_cases = hold_cases,
};
kunit_machine_config(hold_suite, hold_config);
kunit_test_suite(hold_suite);

static void __attribute__((constructor)) choose_engine(void)
{
	directed_use();
}
