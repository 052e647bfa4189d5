/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An address space for a case to work in, in both worlds: the case's kthread borrows a new one.
 */
#ifndef _CONFORMANCE_MEMORY_H
#define _CONFORMANCE_MEMORY_H

#include <kunit/test.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pagewalk.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#define BASE	(1UL << 30)	/* where the first mapping begins: a huge page could */
#define RW	(PROT_READ | PROT_WRITE)

/* A case with an address space of its own, current's and @mm, and nothing in it. */
#define MEMORY_CASE(name)							\
static void name##_body(struct kunit *test, struct mm_struct *mm);		\
static void name(struct kunit *test)						\
{										\
	struct mm_struct *mm = mm_alloc();					\
										\
	KUNIT_ASSERT_NOT_NULL(test, mm);					\
	mm->task_size = TASK_SIZE;						\
	kthread_use_mm(mm);							\
	name##_body(test, mm);							\
	kthread_unuse_mm(mm);							\
	mmput(mm);								\
}										\
static void name##_body(struct kunit *test, struct mm_struct *mm)

/* Map @pages pages at @addr; the mapping stays the only one there. */
static inline void map(struct kunit *test, unsigned long addr, unsigned long pages,
		       unsigned long prot, unsigned long flags)
{
	KUNIT_ASSERT_EQ(test, addr, vm_mmap(NULL, addr, pages * PAGE_SIZE, prot,
					    flags | MAP_ANONYMOUS | MAP_FIXED, 0));
}

static inline void unmap(struct kunit *test, unsigned long addr, unsigned long pages)
{
	KUNIT_EXPECT_EQ(test, vm_munmap(addr, pages * PAGE_SIZE), 0);
}

/* Write and read as another process could. */
static inline void poke(struct kunit *test, struct mm_struct *mm, unsigned long addr, u64 value)
{
	KUNIT_EXPECT_EQ(test, access_remote_vm(mm, addr, &value, 8, FOLL_WRITE), 8);
}

static inline u64 peek(struct kunit *test, struct mm_struct *mm, unsigned long addr)
{
	u64 value = ~0ULL;

	KUNIT_EXPECT_EQ(test, access_remote_vm(mm, addr, &value, 8, 0), 8);
	return value;
}

/* The VMA of @addr. Context: mmap_lock held. */
static inline struct vm_area_struct *vma_at(struct kunit *test, struct mm_struct *mm,
					    unsigned long addr)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr);

	KUNIT_ASSERT_NOT_NULL(test, vma);
	return vma;
}

/* The folio that is mapped at @addr, with a reference; NULL without one. */
static inline struct folio *folio_at(struct kunit *test, struct mm_struct *mm,
				     unsigned long addr)
{
	struct vm_area_struct *vma;
	struct folio_walk fw;
	struct folio *folio;

	mmap_read_lock(mm);
	vma = vma_at(test, mm, addr);
	folio = folio_walk_start(&fw, vma, addr, 0);
	if (folio) {
		folio_get(folio);
		folio_walk_end(&fw, vma);
	}
	mmap_read_unlock(mm);
	return folio;
}

/* The folio at @addr, without a reference: this case's is the only program. */
static inline struct folio *mapped_at(struct kunit *test, struct mm_struct *mm,
				      unsigned long addr)
{
	struct folio *folio = folio_at(test, mm, addr);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	folio_put(folio);
	return folio;
}

/* Map a page at @addr and write @value; its folio as mapped_at() has it. */
static inline struct folio *map_folio(struct kunit *test, struct mm_struct *mm, unsigned long addr,
				      unsigned long flags, u64 value)
{
	map(test, addr, 1, RW, flags);
	poke(test, mm, addr, value);
	return mapped_at(test, mm, addr);
}

/* The entry that maps a small page at @addr; none without one. */
static inline pte_t pte_at(struct kunit *test, struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma;
	struct folio_walk fw;
	pte_t pte = __pte(0);

	mmap_read_lock(mm);
	vma = vma_at(test, mm, addr);
	if (folio_walk_start(&fw, vma, addr, 0)) {
		KUNIT_EXPECT_EQ(test, fw.level, FW_LEVEL_PTE);
		pte = fw.pte;
		folio_walk_end(&fw, vma);
	}
	mmap_read_unlock(mm);
	return pte;
}

/* A huge page at BASE, its first word written; its folio as mapped_at() has it. */
static inline struct folio *map_huge(struct kunit *test, struct mm_struct *mm)
{
	struct folio *folio;

	map(test, BASE, HPAGE_PMD_NR, RW, MAP_PRIVATE);
	KUNIT_EXPECT_EQ(test, do_madvise(mm, BASE, PMD_SIZE, MADV_HUGEPAGE), 0);
	poke(test, mm, BASE, 7);
	folio = mapped_at(test, mm, BASE);
	KUNIT_ASSERT_EQ(test, folio_order(folio), (unsigned int)HPAGE_PMD_ORDER);
	return folio;
}

/* A node with memory other than @nid. */
static inline int another_node(int nid)
{
	return next_node_in(nid, node_states[N_MEMORY]);
}

#endif /* _CONFORMANCE_MEMORY_H */
