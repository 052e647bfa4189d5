// SPDX-License-Identifier: GPL-2.0
/*
 * MMU notifiers: who is told what, and in which order.
 */
#include <linux/hugetlb.h>
#include <linux/mmu_notifier.h>
#include <linux/string.h>
#include <asm/tlbflush.h>

#include "memory.h"

static char told[64];

struct watcher {
	struct mmu_notifier notifier;
	char name;
	int refuse;
};

static void tell(struct mmu_notifier *notifier, const char *what)
{
	struct watcher *w = container_of(notifier, struct watcher, notifier);
	size_t at = strlen(told);

	scnprintf(told + at, sizeof(told) - at, "%c%s ", w->name, what);
}

static int tell_start(struct mmu_notifier *notifier, const struct mmu_notifier_range *range)
{
	char what[8] = { '(', '0' + range->event };
	struct watcher *w = container_of(notifier, struct watcher, notifier);

	tell(notifier, what);
	return mmu_notifier_range_blockable(range) ? 0 : w->refuse;
}

static void tell_end(struct mmu_notifier *notifier, const struct mmu_notifier_range *range)
{
	tell(notifier, ")");
}

static void tell_release(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	tell(notifier, "x");
}

static const struct mmu_notifier_ops both_ops = {
	.invalidate_range_start = tell_start,
	.invalidate_range_end = tell_end,
	.release = tell_release,
};

/* One that can refuse has no end. */
static const struct mmu_notifier_ops start_ops = {
	.invalidate_range_start = tell_start,
};

static const char *told_by(struct mm_struct *mm, unsigned int flags, int expected,
			   struct kunit *test)
{
	struct mmu_notifier_range range;

	told[0] = '\0';
	mmu_notifier_range_init(&range, MMU_NOTIFY_PROTECTION_PAGE, 0, mm, BASE, BASE + PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, range.end - range.start, PAGE_SIZE);
	KUNIT_EXPECT_PTR_EQ(test, range.mm, mm);
	if (flags) {
		mmu_notifier_invalidate_range_start(&range);
		KUNIT_EXPECT_EQ(test, mmu_notifier_range_blockable(&range), mm_has_notifiers(mm));
		mmu_notifier_invalidate_range_end(&range);
		return told;
	}
	KUNIT_EXPECT_EQ(test, mmu_notifier_invalidate_range_start_nonblock(&range), expected);
	KUNIT_EXPECT_FALSE(test, mmu_notifier_range_blockable(&range));
	if (!expected)
		mmu_notifier_invalidate_range_end(&range);
	return told;
}

/* The last that registered is told first, of the start and of the end. */
MEMORY_CASE(the_youngest_is_told_first)
{
	struct watcher a = { .name = 'a' }, b = { .name = 'b' };

	a.notifier.ops = &both_ops;
	b.notifier.ops = &both_ops;
	KUNIT_EXPECT_STREQ(test, told_by(mm, 1, 0, test), "");
	KUNIT_EXPECT_FALSE(test, mm_has_notifiers(mm));
	KUNIT_ASSERT_EQ(test, mmu_notifier_register(&a.notifier, mm), 0);
	KUNIT_EXPECT_TRUE(test, mm_has_notifiers(mm));
	KUNIT_EXPECT_STREQ(test, told_by(mm, 1, 0, test), "a(3 a) ");
	KUNIT_ASSERT_EQ(test, mmu_notifier_register(&b.notifier, mm), 0);
	KUNIT_EXPECT_STREQ(test, told_by(mm, 1, 0, test), "b(3 a(3 b) a) ");
	KUNIT_EXPECT_STREQ(test, told_by(mm, 0, 0, test), "b(3 a(3 b) a) ");
	told[0] = '\0';
	/* Who leaves is released first. */
	mmu_notifier_unregister(&b.notifier, mm);
	KUNIT_EXPECT_STREQ(test, told, "bx ");
	KUNIT_EXPECT_STREQ(test, told_by(mm, 1, 0, test), "a(3 a) ");
	mmu_notifier_unregister(&a.notifier, mm);
}

/* The flag is for who is told: it stays as the caller set it when nobody is. */
MEMORY_CASE(a_range_that_nobody_is_told_of_keeps_its_flags)
{
	struct watcher a = { .name = 'a' };
	struct mmu_notifier_range range;
	unsigned int flags;

	for (flags = 0; flags <= MMU_NOTIFIER_RANGE_BLOCKABLE; flags++) {
		mmu_notifier_range_init(&range, MMU_NOTIFY_CLEAR, flags, mm, BASE, BASE + PAGE_SIZE);
		mmu_notifier_invalidate_range_start(&range);
		KUNIT_EXPECT_EQ(test, range.flags, flags);
		mmu_notifier_invalidate_range_end(&range);
		KUNIT_EXPECT_EQ(test, mmu_notifier_invalidate_range_start_nonblock(&range), 0);
		KUNIT_EXPECT_EQ(test, range.flags, flags);
		mmu_notifier_invalidate_range_end(&range);
	}
	a.notifier.ops = &both_ops;
	KUNIT_ASSERT_EQ(test, mmu_notifier_register(&a.notifier, mm), 0);
	KUNIT_EXPECT_EQ(test, mmu_notifier_invalidate_range_start_nonblock(&range), 0);
	KUNIT_EXPECT_FALSE(test, mmu_notifier_range_blockable(&range));
	mmu_notifier_invalidate_range_end(&range);
	mmu_notifier_invalidate_range_start(&range);
	KUNIT_EXPECT_TRUE(test, mmu_notifier_range_blockable(&range));
	mmu_notifier_invalidate_range_end(&range);
	mmu_notifier_unregister(&a.notifier, mm);
}

/* All are asked; who agreed is told of the end when somebody did not. */
MEMORY_CASE(one_refusal_ends_it_for_all)
{
	struct watcher a = { .name = 'a' }, b = { .name = 'b', .refuse = -EAGAIN };
	struct watcher c = { .name = 'c' };

	a.notifier.ops = &both_ops;
	b.notifier.ops = &start_ops;
	c.notifier.ops = &both_ops;
	KUNIT_ASSERT_EQ(test, mmu_notifier_register(&a.notifier, mm), 0);
	KUNIT_ASSERT_EQ(test, mmu_notifier_register(&b.notifier, mm), 0);
	KUNIT_ASSERT_EQ(test, mmu_notifier_register(&c.notifier, mm), 0);
	KUNIT_EXPECT_STREQ(test, told_by(mm, 0, -EAGAIN, test), "c(3 b(3 a(3 c) a) ");
	/* Who may block is not refused. */
	KUNIT_EXPECT_STREQ(test, told_by(mm, 1, 0, test), "c(3 b(3 a(3 c) a) ");
	mmu_notifier_unregister(&a.notifier, mm);
	mmu_notifier_unregister(&b.notifier, mm);
	mmu_notifier_unregister(&c.notifier, mm);
}

/* What programs do, by event: unmapping 0, clearing 1; faults tell nothing. */
MEMORY_CASE(changes_of_a_program_are_told)
{
	struct watcher a = { .name = 'a' };

	a.notifier.ops = &both_ops;
	KUNIT_ASSERT_EQ(test, mmu_notifier_register(&a.notifier, mm), 0);
	told[0] = '\0';
	map(test, BASE, 2, RW, MAP_PRIVATE);
	poke(test, mm, BASE, 1);
	KUNIT_EXPECT_STREQ(test, told, "");
	KUNIT_EXPECT_EQ(test, do_madvise(mm, BASE, PAGE_SIZE, MADV_DONTNEED), 0);
	KUNIT_EXPECT_STREQ(test, told, "a(1 a) ");
	told[0] = '\0';
	unmap(test, BASE, 2);
	KUNIT_EXPECT_STREQ(test, told, "a(0 a) ");
	mmu_notifier_unregister(&a.notifier, mm);
}

/* The end of an address space comes before its mappings go. */
static void the_end_of_the_address_space_is_told_first(struct kunit *test)
{
	struct watcher a = { .name = 'a' };
	struct mm_struct *mm = mm_alloc();

	KUNIT_ASSERT_NOT_NULL(test, mm);
	a.notifier.ops = &both_ops;
	kthread_use_mm(mm);
	map(test, BASE, 1, RW, MAP_PRIVATE);
	poke(test, mm, BASE, 1);
	kthread_unuse_mm(mm);
	KUNIT_ASSERT_EQ(test, mmu_notifier_register(&a.notifier, mm), 0);
	mmgrab(mm);
	told[0] = '\0';
	mmput(mm);
	KUNIT_EXPECT_STREQ(test, told, "ax ");
	/* It is registered until it leaves, and was told. */
	mmu_notifier_unregister(&a.notifier, mm);
	KUNIT_EXPECT_STREQ(test, told, "ax ");
	mmdrop(mm);
}

static unsigned long flushed_from, flushed_to;

static void see_flush(struct mmu_notifier *notifier, struct mm_struct *mm, unsigned long start,
		      unsigned long end)
{
	flushed_from = start;
	flushed_to = end;
}

static const struct mmu_notifier_ops flush_ops = {
	.arch_invalidate_secondary_tlbs = see_flush,
};

/* What is flushed is told to who has TLBs besides the CPUs' own; a long range is all. */
MEMORY_CASE(a_flush_is_told_with_its_range)
{
	struct mmu_notifier notifier = { .ops = &flush_ops };
	struct vm_area_struct *vma;

	map(test, BASE, 64, RW, MAP_PRIVATE);
	poke(test, mm, BASE, 1);
	KUNIT_ASSERT_EQ(test, mmu_notifier_register(&notifier, mm), 0);
	mmap_read_lock(mm);
	vma = vma_at(test, mm, BASE);
	flush_tlb_page(vma, BASE + PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, flushed_from, BASE + PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, flushed_to, BASE + 2 * PAGE_SIZE);
	flush_tlb_range(vma, BASE, BASE + 33 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, flushed_from, BASE);
	KUNIT_EXPECT_EQ(test, flushed_to, BASE + 33 * PAGE_SIZE);
	flush_tlb_range(vma, BASE, BASE + 34 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, flushed_from, 0UL);
	KUNIT_EXPECT_EQ(test, flushed_to, TLB_FLUSH_ALL);
	flushed_to = 0;
	flush_tlb_mm(mm);
	KUNIT_EXPECT_EQ(test, flushed_from, 0UL);
	KUNIT_EXPECT_EQ(test, flushed_to, TLB_FLUSH_ALL);
	mmap_read_unlock(mm);
	mmu_notifier_unregister(&notifier, mm);
}

static struct kunit_case notifier_cases[] = {
	KUNIT_CASE(the_youngest_is_told_first),
	KUNIT_CASE(a_range_that_nobody_is_told_of_keeps_its_flags),
	KUNIT_CASE(one_refusal_ends_it_for_all),
	KUNIT_CASE(changes_of_a_program_are_told),
	KUNIT_CASE(a_flush_is_told_with_its_range),
	KUNIT_CASE(the_end_of_the_address_space_is_told_first),
	{}
};

static struct kunit_suite notifier_suite = {
	.name = "conformance_notifier",
	.test_cases = notifier_cases,
};
kunit_test_suite(notifier_suite);
