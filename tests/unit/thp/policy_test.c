// SPDX-License-Identifier: GPL-2.0
/* Where huge pages are allowed: sysfs, boot parameter, madvise(). */
#include "thp_test.h"

/* Does a first write at an aligned address of @len bytes become huge? */
static bool write_is_huge(struct kunit *test, unsigned long len, int advice)
{
	long addr = sys_mmap(0, len, RW, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	bool huge;

	KUNIT_ASSERT_GT(test, addr, 0L);
	if (advice)
		KUNIT_EXPECT_EQ(test, sys_madvise(addr, len, advice), 0L);
	KUNIT_EXPECT_EQ(test, user_write64(addr, 1), 0);
	huge = is_huge(addr);
	KUNIT_EXPECT_EQ(test, sys_munmap(addr, len), 0L);
	return huge;
}

THP_CASE(only_advised_memory_is_huge_by_default)
{
	KUNIT_EXPECT_TRUE(test, policy_shows("enabled", "always [madvise] never\n"));
	KUNIT_EXPECT_FALSE(test, write_is_huge(test, HPAGE_PMD_SIZE, 0));
	KUNIT_EXPECT_TRUE(test, write_is_huge(test, HPAGE_PMD_SIZE, MADV_HUGEPAGE));
	KUNIT_EXPECT_FALSE(test, write_is_huge(test, HPAGE_PMD_SIZE, MADV_NOHUGEPAGE));
}

THP_CASE(always_makes_all_but_refused_memory_huge)
{
	KUNIT_EXPECT_EQ(test, set_policy("enabled", "always\n"), 0);
	KUNIT_EXPECT_TRUE(test, policy_shows("enabled", "[always] madvise never\n"));
	KUNIT_EXPECT_TRUE(test, write_is_huge(test, HPAGE_PMD_SIZE, 0));
	KUNIT_EXPECT_TRUE(test, write_is_huge(test, HPAGE_PMD_SIZE, MADV_HUGEPAGE));
	KUNIT_EXPECT_FALSE(test, write_is_huge(test, HPAGE_PMD_SIZE, MADV_NOHUGEPAGE));
	set_bit(MMF_DISABLE_THP, &current->mm->flags);
	KUNIT_EXPECT_FALSE(test, write_is_huge(test, HPAGE_PMD_SIZE, MADV_HUGEPAGE));
}

THP_CASE(never_makes_nothing_huge)
{
	KUNIT_EXPECT_EQ(test, set_policy("enabled", "never"), 0);
	KUNIT_EXPECT_TRUE(test, policy_shows("enabled", "always madvise [never]\n"));
	KUNIT_EXPECT_FALSE(test, write_is_huge(test, HPAGE_PMD_SIZE, MADV_HUGEPAGE));
}

THP_CASE(the_sizes_own_policy_comes_before_the_global_one)
{
	KUNIT_EXPECT_TRUE(test, policy_shows("hugepages-2048kB/enabled",
					     "always [inherit] madvise never\n"));
	KUNIT_EXPECT_EQ(test, set_policy("enabled", "never"), 0);
	KUNIT_EXPECT_EQ(test, set_policy("hugepages-2048kB/enabled", "madvise"), 0);
	KUNIT_EXPECT_TRUE(test, write_is_huge(test, HPAGE_PMD_SIZE, MADV_HUGEPAGE));
	KUNIT_EXPECT_FALSE(test, write_is_huge(test, HPAGE_PMD_SIZE, 0));
	KUNIT_EXPECT_EQ(test, set_policy("hugepages-2048kB/enabled", "always"), 0);
	KUNIT_EXPECT_TRUE(test, write_is_huge(test, HPAGE_PMD_SIZE, 0));
	KUNIT_EXPECT_EQ(test, set_policy("enabled", "always"), 0);
	KUNIT_EXPECT_EQ(test, set_policy("hugepages-2048kB/enabled", "never"), 0);
	KUNIT_EXPECT_FALSE(test, write_is_huge(test, HPAGE_PMD_SIZE, MADV_HUGEPAGE));
}

THP_CASE(what_is_no_choice_is_refused_and_changes_nothing)
{
	KUNIT_EXPECT_EQ(test, set_policy("enabled", "sometimes"), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_policy("enabled", "\n"), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_policy("defrag", "neverr"), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_policy("use_zero_page", "2"), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_policy("use_zero_page", "x"), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_policy("hugepages-64kB/enabled", "maybe"), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_policy("hpage_pmd_size", "1"), -EACCES);
	KUNIT_EXPECT_TRUE(test, policy_shows("enabled", "always [madvise] never\n"));
	KUNIT_EXPECT_TRUE(test, policy_shows("defrag",
					     "always defer defer+madvise [madvise] never\n"));
	KUNIT_EXPECT_TRUE(test, policy_shows("use_zero_page", "1\n"));
	KUNIT_EXPECT_TRUE(test, policy_shows("hpage_pmd_size", "2097152\n"));
	KUNIT_EXPECT_TRUE(test, policy_shows("hugepages-64kB/enabled",
					     "always inherit madvise [never]\n"));
}

/* Each word of "defrag", for memory that is advised and memory that is not. */
THP_CASE(defrag_says_how_hard_a_fault_tries)
{
	static const struct {
		const char *word, *shown;
		gfp_t plain, advised;
	} cases[] = {
		{ "always", "[always] defer defer+madvise madvise never\n",
		  GFP_TRANSHUGE | __GFP_NORETRY, GFP_TRANSHUGE },
		{ "defer", "always [defer] defer+madvise madvise never\n",
		  GFP_TRANSHUGE_LIGHT | __GFP_KSWAPD_RECLAIM,
		  GFP_TRANSHUGE_LIGHT | __GFP_KSWAPD_RECLAIM },
		{ "defer+madvise", "always defer [defer+madvise] madvise never\n",
		  GFP_TRANSHUGE_LIGHT | __GFP_KSWAPD_RECLAIM,
		  GFP_TRANSHUGE_LIGHT | __GFP_DIRECT_RECLAIM },
		{ "madvise", "always defer defer+madvise [madvise] never\n",
		  GFP_TRANSHUGE_LIGHT, GFP_TRANSHUGE_LIGHT | __GFP_DIRECT_RECLAIM },
		{ "never", "always defer defer+madvise madvise [never]\n",
		  GFP_TRANSHUGE_LIGHT, GFP_TRANSHUGE_LIGHT },
	};
	unsigned long advised = map_huge(test, 1);
	long plain = sys_mmap(0, PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	struct mm_struct *mm = current->mm;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_EXPECT_EQ(test, set_policy("defrag", cases[i].word), 0);
		KUNIT_EXPECT_TRUE(test, policy_shows("defrag", cases[i].shown));
		mmap_read_lock(mm);
		KUNIT_EXPECT_EQ(test, vma_thp_gfp_mask(vma_lookup(mm, plain)), cases[i].plain);
		KUNIT_EXPECT_EQ(test, vma_thp_gfp_mask(vma_lookup(mm, advised)),
				cases[i].advised);
		mmap_read_unlock(mm);
	}
}

THP_CASE(a_mapping_that_is_not_aligned_or_too_short_is_not_huge)
{
	long addr = sys_mmap(0, 2 * HPAGE_PMD_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);

	KUNIT_ASSERT_GT(test, addr, 0L);
	KUNIT_EXPECT_EQ(test, sys_munmap(addr, PAGE_SIZE), 0L);
	KUNIT_EXPECT_EQ(test, sys_munmap(addr + 2 * HPAGE_PMD_SIZE - PAGE_SIZE, PAGE_SIZE), 0L);
	KUNIT_EXPECT_EQ(test, sys_madvise(addr + PAGE_SIZE, 2 * HPAGE_PMD_SIZE - 2 * PAGE_SIZE,
					  MADV_HUGEPAGE), 0L);
	fill(test, addr + PAGE_SIZE, 2 * HPAGE_PMD_SIZE - 2 * PAGE_SIZE, 3);
	KUNIT_EXPECT_FALSE(test, is_huge(addr));
	KUNIT_EXPECT_FALSE(test, is_huge(addr + HPAGE_PMD_SIZE));
	KUNIT_EXPECT_EQ(test, damage(addr + PAGE_SIZE, 2 * HPAGE_PMD_SIZE - 2 * PAGE_SIZE, 3),
			0UL);
}

/* What khugepaged asks: no fault, so the VMA must have room, pages and no special kind. */
THP_CASE(outside_a_fault_a_vma_must_have_room_and_pages)
{
	unsigned long addr = map_huge(test, 1), flags = VM_HUGEPAGE;
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	KUNIT_EXPECT_FALSE(test, thp_vma_allowable_order(vma, flags, 0, PMD_ORDER));
	KUNIT_EXPECT_TRUE(test, thp_vma_allowable_order(vma, flags, TVA_SMAPS, PMD_ORDER));
	mmap_read_unlock(mm);
	KUNIT_EXPECT_EQ(test, user_write64(addr, 1), 0);
	mmap_read_lock(mm);
	KUNIT_EXPECT_TRUE(test, thp_vma_allowable_order(vma, flags, 0, PMD_ORDER));
	KUNIT_EXPECT_FALSE(test, thp_vma_allowable_order(vma, flags | VM_IO, 0, PMD_ORDER));
	KUNIT_EXPECT_FALSE(test, thp_vma_allowable_order(vma, VM_NOHUGEPAGE, 0, PMD_ORDER));
	KUNIT_EXPECT_FALSE(test, thp_vma_allowable_order(vma, 0, TVA_ENFORCE_SYSFS, PMD_ORDER));
	KUNIT_EXPECT_EQ(test, thp_vma_suitable_orders(vma, addr, BIT(2) | BIT(PMD_ORDER + 1)),
			BIT(2));
	mmap_read_unlock(mm);
	KUNIT_EXPECT_EQ(test, sys_munmap(addr, PAGE_SIZE), 0L);
	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr + PAGE_SIZE);
	KUNIT_EXPECT_FALSE(test, thp_vma_allowable_order(vma, flags, 0, PMD_ORDER));
	KUNIT_EXPECT_TRUE(test, thp_vma_allowable_order(vma, flags, 0, PMD_ORDER - 1));
	mmap_read_unlock(mm);
}

static struct kunit_case policy_cases[] = {
	KUNIT_CASE(only_advised_memory_is_huge_by_default),
	KUNIT_CASE(always_makes_all_but_refused_memory_huge),
	KUNIT_CASE(never_makes_nothing_huge),
	KUNIT_CASE(the_sizes_own_policy_comes_before_the_global_one),
	KUNIT_CASE(what_is_no_choice_is_refused_and_changes_nothing),
	KUNIT_CASE(defrag_says_how_hard_a_fault_tries),
	KUNIT_CASE(a_mapping_that_is_not_aligned_or_too_short_is_not_huge),
	KUNIT_CASE(outside_a_fault_a_vma_must_have_room_and_pages),
	{}
};

static struct kunit_suite policy_suite = {
	.name = "thp-policy",
	.test_cases = policy_cases,
};

/* The boot parameter decides before anything runs. */
THP_CASE(the_boot_parameter_sets_the_policy)
{
	KUNIT_EXPECT_TRUE(test, policy_shows("enabled", "[always] madvise never\n"));
	KUNIT_EXPECT_TRUE(test, write_is_huge(test, HPAGE_PMD_SIZE, 0));
}

static struct kunit_case boot_cases[] = {
	KUNIT_CASE(the_boot_parameter_sets_the_policy),
	{}
};

static const struct machine_config always_machine = {
	.nr_nodes = 2,
	.nr_cpus = 4,
	.cmdline = "noautonuma transparent_hugepage=always",
};

static struct kunit_suite boot_suite = {
	.name = "thp-policy-boot",
	.test_cases = boot_cases,
};

static const struct machine_config wrong_machine = {
	.nr_nodes = 2,
	.nr_cpus = 4,
	.cmdline = "noautonuma transparent_hugepage=often",
};

THP_CASE(a_wrong_boot_parameter_is_ignored)
{
	KUNIT_EXPECT_TRUE(test, policy_shows("enabled", "always [madvise] never\n"));
}

static struct kunit_case wrong_cases[] = {
	KUNIT_CASE(a_wrong_boot_parameter_is_ignored),
	{}
};

static struct kunit_suite wrong_suite = {
	.name = "thp-policy-wrong",
	.test_cases = wrong_cases,
};

kunit_machine_config(policy_suite, quiet_machine);
kunit_machine_config(boot_suite, always_machine);
kunit_machine_config(wrong_suite, wrong_machine);
kunit_test_suites(&policy_suite, &boot_suite, &wrong_suite);
