// SPDX-License-Identifier: GPL-2.0
/*
 * Page walks: what is visited, in which order, and what ends a walk.
 */
#include "vm_test.h"
#include <linux/pagewalk.h>

struct seen {
	unsigned long ptes, none, pmds, holes, hole_bytes, pre, post;
	unsigned long stop_at, last;
	int again;
};

static int see_pte(pte_t *pte, unsigned long addr, unsigned long next, struct mm_walk *walk)
{
	struct seen *s = walk->private;

	s->ptes++;
	s->none += pte_none(ptep_get(pte));
	s->last = addr;
	return addr == s->stop_at ? 5 : 0;
}

static int see_pmd(pmd_t *pmd, unsigned long addr, unsigned long next, struct mm_walk *walk)
{
	struct seen *s = walk->private;

	s->pmds++;
	if (s->again) {
		s->again--;
		walk->action = ACTION_AGAIN;
	}
	return 0;
}

static int see_hole(unsigned long addr, unsigned long next, int depth, struct mm_walk *walk)
{
	struct seen *s = walk->private;

	s->holes++;
	s->hole_bytes += next - addr;
	return 0;
}

static int see_pre(unsigned long start, unsigned long end, struct mm_walk *walk)
{
	((struct seen *)walk->private)->pre++;
	return 0;
}

static void see_post(struct mm_walk *walk)
{
	((struct seen *)walk->private)->post++;
}

static const struct mm_walk_ops see_ops = {
	.pte_entry = see_pte,
	.pmd_entry = see_pmd,
	.pte_hole = see_hole,
	.pre_vma = see_pre,
	.post_vma = see_post,
	.walk_lock = PGWALK_RDLOCK,
};

static int walk(unsigned long start, unsigned long pages, const struct mm_walk_ops *ops,
		struct seen *s)
{
	int ret;

	mmap_read_lock(current->mm);
	ret = walk_page_range(current->mm, start, start + pages * PAGE_SIZE, ops, s);
	mmap_read_unlock(current->mm);
	return ret;
}

PROGRAM_CASE(every_entry_of_a_table_is_visited_and_holes_are_reported)
{
	unsigned long addr = map_anon(1024, RW);
	struct seen s = { 0 };

	poke(test, addr, 1);
	poke(test, addr + 3 * PAGE_SIZE, 1);
	KUNIT_EXPECT_EQ(test, walk(addr, 1024, &see_ops, &s), 0);
	KUNIT_EXPECT_EQ(test, s.pmds, 1UL);
	KUNIT_EXPECT_EQ(test, s.ptes, 512UL);
	KUNIT_EXPECT_EQ(test, s.none, 510UL);
	KUNIT_EXPECT_EQ(test, s.holes, 1UL);
	KUNIT_EXPECT_EQ(test, s.hole_bytes, PMD_SIZE);
	KUNIT_EXPECT_EQ(test, s.pre, 1UL);
	KUNIT_EXPECT_EQ(test, s.post, 1UL);
}

PROGRAM_CASE(gaps_between_vmas_are_holes)
{
	unsigned long addr = map_anon(512, RW);
	struct seen s = { 0 };

	touch(test, addr, 512);
	sys_munmap(addr + 10 * PAGE_SIZE, 5 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, walk(addr, 512, &see_ops, &s), 0);
	KUNIT_EXPECT_EQ(test, s.ptes, 507UL);
	KUNIT_EXPECT_EQ(test, s.holes, 1UL);
	KUNIT_EXPECT_EQ(test, s.hole_bytes, 5 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, s.pre, 2UL);
	KUNIT_EXPECT_EQ(test, s.post, 2UL);
}

PROGRAM_CASE(a_nonzero_return_ends_the_walk)
{
	unsigned long addr = map_anon(512, RW);
	struct seen s = { .stop_at = addr + 7 * PAGE_SIZE };

	touch(test, addr, 512);
	KUNIT_EXPECT_EQ(test, walk(addr, 512, &see_ops, &s), 5);
	KUNIT_EXPECT_EQ(test, s.ptes, 8UL);
	KUNIT_EXPECT_EQ(test, s.last, s.stop_at);
	KUNIT_EXPECT_EQ(test, s.post, 1UL);
}

PROGRAM_CASE(an_entry_is_called_again_when_asked)
{
	unsigned long addr = map_anon(512, RW);
	struct seen s = { .again = 3 };

	touch(test, addr, 1);
	KUNIT_EXPECT_EQ(test, walk(addr, 512, &see_ops, &s), 0);
	KUNIT_EXPECT_EQ(test, s.pmds, 4UL);
	KUNIT_EXPECT_EQ(test, s.ptes, 512UL);
}

static int skip_second(unsigned long addr, unsigned long next, struct mm_walk *walk)
{
	struct seen *s = walk->private;

	return s->pre ? 1 : 0;
}

static const struct mm_walk_ops skip_ops = {
	.pte_entry = see_pte,
	.test_walk = skip_second,
	.pre_vma = see_pre,
	.walk_lock = PGWALK_RDLOCK,
};

PROGRAM_CASE(a_vma_can_be_skipped)
{
	unsigned long addr = map_anon(512, RW);
	struct seen s = { 0 };

	touch(test, addr, 512);
	sys_mprotect(addr + 256 * PAGE_SIZE, 256 * PAGE_SIZE, PROT_READ);
	KUNIT_EXPECT_EQ(test, walk(addr, 512, &skip_ops, &s), 0);
	KUNIT_EXPECT_EQ(test, s.ptes, 256UL);
}

static void walk_unlocked(void *arg)
{
	struct seen s = { 0 };

	walk_page_range(arg, PAGE_SIZE, 2 * PAGE_SIZE, &see_ops, &s);
}

PROGRAM_CASE(a_walk_needs_mmap_lock)
{
	KUNIT_EXPECT_EQ(test, (int)violation_catch(walk_unlocked, current->mm, NULL, 0),
			(int)VIOLATION_MMAP_LOCK);
}

static const struct mm_walk_ops write_ops = {
	.pte_hole = see_hole,
	.walk_lock = PGWALK_WRLOCK,
};

static void walk_for_writing_with_read_lock(void *arg)
{
	struct mm_struct *mm = arg;
	struct seen s = { 0 };

	mmap_read_lock(mm);
	walk_page_range(mm, PAGE_SIZE, 2 * PAGE_SIZE, &write_ops, &s);
	mmap_read_unlock(mm);
}

static void a_walk_that_changes_vmas_needs_it_for_writing(struct kunit *test)
{
	struct mm_struct *mm = mm_alloc();

	KUNIT_ASSERT_NOT_NULL(test, mm);
	KUNIT_EXPECT_EQ(test, (int)violation_catch(walk_for_writing_with_read_lock, mm, NULL, 0),
			(int)VIOLATION_MMAP_LOCK);
	/* The read lock went with the task that broke the rule: make a new one. */
	mmap_init_lock(mm);
	mmput(mm);
}

PROGRAM_CASE(folio_walk_finds_the_mapped_folio)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = map_anon(2, RW);
	struct vm_area_struct *vma;
	struct folio_walk fw;
	struct folio *folio;

	poke(test, addr, 1);
	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	folio = folio_walk_start(&fw, vma, addr, 0);
	KUNIT_EXPECT_NOT_NULL(test, folio);
	if (folio) {
		KUNIT_EXPECT_PTR_EQ(test, fw.page, pte_page(fw.pte));
		folio_walk_end(&fw, vma);
	}
	KUNIT_EXPECT_NULL(test, folio_walk_start(&fw, vma, addr + PAGE_SIZE, 0));
	mmap_read_unlock(mm);
}

static struct kunit_case walk_cases[] = {
	KUNIT_CASE(every_entry_of_a_table_is_visited_and_holes_are_reported),
	KUNIT_CASE(gaps_between_vmas_are_holes),
	KUNIT_CASE(a_nonzero_return_ends_the_walk),
	KUNIT_CASE(an_entry_is_called_again_when_asked),
	KUNIT_CASE(a_vma_can_be_skipped),
	KUNIT_CASE(a_walk_needs_mmap_lock),
	KUNIT_CASE(a_walk_that_changes_vmas_needs_it_for_writing),
	KUNIT_CASE(folio_walk_finds_the_mapped_folio),
	{}
};

static struct kunit_suite walk_suite = {
	.name = "vm_walk",
	.test_cases = walk_cases,
};
kunit_test_suite(walk_suite);
