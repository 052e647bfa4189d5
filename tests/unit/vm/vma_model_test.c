// SPDX-License-Identifier: GPL-2.0
/*
 * Random mmap, munmap, mprotect, mremap, madvise and mbind against a model that knows
 * each page of a small window: mapped or not, protection, policy, contents.  After
 * every step the VMA tree must say the same.
 */
#include "vm_test.h"
#include <linux/mempolicy.h>

#define WINDOW		48
#define STEPS		400
#define BASE		0x10000000UL

struct model_page {
	bool mapped;
	unsigned int prot;
	int node;		/* of MPOL_BIND, or -1 */
	u64 value;
};

static struct model_page model[WINDOW];
static u64 rng;

static u32 rnd(u32 n)
{
	rng = rng * 6364136223846793005ULL + 1442695040888963407ULL;
	return (rng >> 33) % n;
}

static unsigned long page_addr(unsigned int i)
{
	return BASE + i * PAGE_SIZE;
}

static void pick(unsigned int *first, unsigned int *nr)
{
	*first = rnd(WINDOW);
	*nr = 1 + rnd(min(12, (int)(WINDOW - *first)));
}

static bool all_mapped(unsigned int first, unsigned int nr)
{
	unsigned int i;

	for (i = first; i < first + nr; i++)
		if (!model[i].mapped)
			return false;
	return true;
}

static const unsigned int prots[] = { PROT_NONE, PROT_READ, RW };

static void step_mmap(struct kunit *test)
{
	unsigned int first, nr, i, prot = prots[rnd(3)];

	pick(&first, &nr);
	KUNIT_EXPECT_EQ(test, sys_mmap(page_addr(first), nr * PAGE_SIZE, prot,
				       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0),
			(long)page_addr(first));
	for (i = first; i < first + nr; i++)
		model[i] = (struct model_page) {
			.mapped = true, .prot = prot, .node = -1,
		};
}

static void step_munmap(struct kunit *test)
{
	unsigned int first, nr, i;

	pick(&first, &nr);
	KUNIT_EXPECT_EQ(test, sys_munmap(page_addr(first), nr * PAGE_SIZE), 0L);
	for (i = first; i < first + nr; i++)
		model[i] = (struct model_page) { .node = -1 };
}

static void step_mprotect(struct kunit *test)
{
	unsigned int first, nr, i, prot = prots[rnd(3)];
	long ret;

	pick(&first, &nr);
	ret = sys_mprotect(page_addr(first), nr * PAGE_SIZE, prot);
	KUNIT_EXPECT_EQ(test, ret, all_mapped(first, nr) ? 0L : (long)-ENOMEM);
	/* Up to the first hole it is done. */
	for (i = first; i < first + nr && model[i].mapped; i++)
		model[i].prot = prot;
}

static void step_mbind(struct kunit *test)
{
	unsigned int first, nr, i;
	int node = (int)rnd(5) - 1;
	nodemask_t nodes;
	long ret;

	pick(&first, &nr);
	nodes_clear(nodes);
	if (node >= 0)
		node_set(node, nodes);
	ret = sys_mbind(page_addr(first), nr * PAGE_SIZE, node < 0 ? MPOL_DEFAULT : MPOL_BIND,
			&nodes, 0);
	if (!all_mapped(first, nr)) {
		KUNIT_EXPECT_EQ(test, ret, (long)-EFAULT);
		return;
	}
	KUNIT_EXPECT_EQ(test, ret, 0L);
	for (i = first; i < first + nr; i++)
		model[i].node = node;
}

static void step_dontneed(struct kunit *test)
{
	unsigned int first, nr, i;

	pick(&first, &nr);
	KUNIT_EXPECT_EQ(test, sys_madvise(page_addr(first), nr * PAGE_SIZE, MADV_DONTNEED),
			all_mapped(first, nr) ? 0L : (long)-ENOMEM);
	for (i = first; i < first + nr; i++)
		model[i].value = 0;
}

static bool find_same_vma(unsigned long a, unsigned long b)
{
	struct mm_struct *mm = current->mm;
	bool same;

	mmap_read_lock(mm);
	same = vma_lookup(mm, a) == vma_lookup(mm, b);
	mmap_read_unlock(mm);
	return same;
}

/* Move part of the window elsewhere in it, where it does not overlap. */
static void step_mremap(struct kunit *test)
{
	unsigned int first, nr, to, i;
	struct model_page moved[WINDOW];
	bool same = true;
	long ret;

	pick(&first, &nr);
	to = rnd(WINDOW - nr + 1);
	if (!all_mapped(first, nr) || (to < first + nr && first < to + nr))
		return;
	/* One call moves one VMA. */
	for (i = first + 1; i < first + nr; i++)
		same &= find_same_vma(page_addr(first), page_addr(i));
	if (!same)
		return;
	ret = sys_mremap(page_addr(first), nr * PAGE_SIZE, nr * PAGE_SIZE,
			 MREMAP_MAYMOVE | MREMAP_FIXED, page_addr(to));
	KUNIT_EXPECT_EQ(test, ret, (long)page_addr(to));
	memcpy(moved, model + first, nr * sizeof(*moved));
	for (i = 0; i < nr; i++)
		model[first + i] = (struct model_page) { .node = -1 };
	memcpy(model + to, moved, nr * sizeof(*moved));
}

static void step_access(struct kunit *test)
{
	unsigned int i = rnd(WINDOW);
	struct model_page *m = &model[i];
	u64 val;
	int err;

	err = user_read64(page_addr(i), &val);
	if (!m->mapped || m->prot == PROT_NONE) {
		KUNIT_EXPECT_EQ(test, err, -EFAULT);
	} else {
		KUNIT_EXPECT_EQ(test, err, 0);
		KUNIT_EXPECT_EQ(test, val, m->value);
	}
	val = rnd(1 << 30) + 1;
	err = user_write64(page_addr(i), val);
	if (!m->mapped || m->prot != RW) {
		KUNIT_EXPECT_EQ(test, err, -EFAULT);
	} else {
		KUNIT_EXPECT_EQ(test, err, 0);
		m->value = val;
	}
}

static unsigned int prot_of(struct vm_area_struct *vma)
{
	return (vma->vm_flags & VM_READ ? PROT_READ : 0) |
	       (vma->vm_flags & VM_WRITE ? PROT_WRITE : 0);
}

static void compare(struct kunit *test, int step)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned int i, mapped = 0;
	unsigned long total = 0;
	VMA_ITERATOR(vmi, mm, 0);
	int count = 0;

	mmap_read_lock(mm);
	for (i = 0; i < WINDOW; i++) {
		struct model_page *m = &model[i];
		int node = -1;

		vma = vma_lookup(mm, page_addr(i));
		KUNIT_EXPECT_EQ_MSG(test, vma != NULL, m->mapped, "step %d page %u", step, i);
		mapped += m->mapped;
		if (!vma || !m->mapped)
			continue;
		if (vma->vm_policy)
			node = first_node(vma->vm_policy->nodes);
		KUNIT_EXPECT_EQ_MSG(test, prot_of(vma), m->prot, "step %d page %u", step, i);
		KUNIT_EXPECT_EQ_MSG(test, node, m->node, "step %d page %u", step, i);
	}
	for_each_vma(vmi, vma) {
		count++;
		total += vma_pages(vma);
	}
	KUNIT_EXPECT_EQ(test, count, mm->map_count);
	KUNIT_EXPECT_EQ(test, total, (unsigned long)mapped);
	KUNIT_EXPECT_EQ(test, total, mm->total_vm);
	mmap_read_unlock(mm);
}

static void run_model(struct kunit *test, u64 seed)
{
	static void (*const steps[])(struct kunit *) = {
		step_mmap, step_munmap, step_mprotect, step_mprotect, step_mbind,
		step_dontneed, step_mremap, step_access, step_access, step_access,
	};
	unsigned int i;
	int step;

	kunit_info(test, "seed %llu\n", seed);
	rng = seed;
	for (i = 0; i < WINDOW; i++)
		model[i] = (struct model_page) { .node = -1 };
	for (step = 0; step < STEPS; step++) {
		steps[rnd(ARRAY_SIZE(steps))](test);
		compare(test, step);
		if (test->status != KUNIT_SUCCESS)
			break;
	}
	KUNIT_EXPECT_EQ(test, sys_munmap(BASE, WINDOW * PAGE_SIZE), 0L);
	KUNIT_EXPECT_EQ(test, current->mm->map_count, 0);
	KUNIT_EXPECT_EQ(test, mm_pgtables_bytes(current->mm), 0UL);
}

PROGRAM_CASE(the_vma_tree_agrees_with_a_page_granular_model)
{
	u64 seed;

	for (seed = 1; seed <= 6; seed++)
		run_model(test, seed);
}

static struct kunit_case vma_model_cases[] = {
	KUNIT_CASE(the_vma_tree_agrees_with_a_page_granular_model),
	{}
};

static struct kunit_suite vma_model_suite = {
	.name = "vm_vma_model",
	.test_cases = vma_model_cases,
};
kunit_test_suite(vma_model_suite);
