// SPDX-License-Identifier: GPL-2.0
/*
 * What each function that makes an entry of a page table changes, and that it changes nothing
 * else: small and huge entries side by side.
 */
#include <kunit/test.h>
#include <linux/mm.h>

#define PFN	0x12200UL	/* aligned for a huge entry */
#define USER_BITS	(_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED)

static struct vm_area_struct plain_vma;

/* Protections that user mappings have. */
static const pgprotval_t prots[] = {
	USER_BITS | _PAGE_RW | _PAGE_NX, USER_BITS | _PAGE_NX, USER_BITS | _PAGE_RW, USER_BITS,
	_PAGE_PROTNONE | _PAGE_ACCESSED,
};

/* Bits of an entry by name: what a pte_*() function says about it. */
#define YOUNG	1
#define DIRTY	2
#define WRITE	4
#define SOFT	8
#define PRESENT	16
#define HINT	32

static unsigned int pte_says(pte_t pte)
{
	return (pte_young(pte) ? YOUNG : 0) | (pte_dirty(pte) ? DIRTY : 0) |
	       (pte_write(pte) ? WRITE : 0) | (pte_soft_dirty(pte) ? SOFT : 0) |
	       (pte_present(pte) ? PRESENT : 0) | (pte_protnone(pte) ? HINT : 0);
}

static unsigned int pmd_says(pmd_t pmd)
{
	return (pmd_young(pmd) ? YOUNG : 0) | (pmd_dirty(pmd) ? DIRTY : 0) |
	       (pmd_write(pmd) ? WRITE : 0) | (pmd_soft_dirty(pmd) ? SOFT : 0) |
	       (pmd_present(pmd) ? PRESENT : 0) | (pmd_protnone(pmd) ? HINT : 0);
}

static pte_t pte_writable(pte_t pte)
{
	return pte_mkwrite(pte, &plain_vma);
}

static pmd_t pmd_writable(pmd_t pmd)
{
	return pmd_mkwrite(pmd, &plain_vma);
}

/* A function on both kinds of entries, and what it sets and clears. */
static const struct change {
	const char *name;
	pte_t (*pte)(pte_t pte);
	pmd_t (*pmd)(pmd_t pmd);
	unsigned int set, clear;
} changes[] = {
	{ "mkyoung", pte_mkyoung, pmd_mkyoung, YOUNG, 0 },
	{ "mkold", pte_mkold, pmd_mkold, 0, YOUNG },
	{ "mkdirty", pte_mkdirty, pmd_mkdirty, DIRTY | SOFT, 0 },
	{ "mkclean", pte_mkclean, pmd_mkclean, 0, DIRTY },
	{ "mkwrite", pte_writable, pmd_writable, WRITE, 0 },
	{ "wrprotect", pte_wrprotect, pmd_wrprotect, 0, WRITE },
	{ "mksoft_dirty", pte_mksoft_dirty, pmd_mksoft_dirty, SOFT, 0 },
	{ "clear_soft_dirty", pte_clear_soft_dirty, pmd_clear_soft_dirty, 0, SOFT },
};

/* Every change after every other one, from every protection. */
static void each_change_does_what_its_name_says_and_nothing_else(struct kunit *test)
{
	unsigned int p, a, b, was;

	for (p = 0; p < ARRAY_SIZE(prots); p++) {
		for (a = 0; a < ARRAY_SIZE(changes); a++) {
			pte_t pte = changes[a].pte(pfn_pte(PFN, __pgprot(prots[p])));
			pmd_t pmd = changes[a].pmd(pmd_mkhuge(pfn_pmd(PFN, __pgprot(prots[p]))));

			for (b = 0; b < ARRAY_SIZE(changes); b++) {
				const struct change *c = &changes[b];
				pte_t pte2 = c->pte(pte);
				pmd_t pmd2 = c->pmd(pmd);

				was = (pte_says(pte) | c->set) & ~c->clear;
				KUNIT_EXPECT_EQ_MSG(test, pte_says(pte2), was, "pte_%s, %s",
						    changes[a].name, c->name);
				KUNIT_EXPECT_EQ(test, pte_pfn(pte2), PFN);
				was = (pmd_says(pmd) | c->set) & ~c->clear;
				KUNIT_EXPECT_EQ_MSG(test, pmd_says(pmd2), was, "pmd_%s, %s",
						    changes[a].name, c->name);
				KUNIT_EXPECT_EQ(test, pmd_pfn(pmd2), PFN);
				KUNIT_EXPECT_TRUE(test, pmd_trans_huge(pmd2));
			}
		}
	}
}

/* Marking and restoring, which AutoNUMA does, with every state of the entry before. */
static void a_hint_keeps_what_the_program_did(struct kunit *test)
{
	unsigned int a, b;

	for (a = 0; a < ARRAY_SIZE(changes); a++) {
		for (b = 0; b < ARRAY_SIZE(changes); b++) {
			pte_t pte = changes[b].pte(changes[a].pte(pfn_pte(PFN, PAGE_SHARED)));
			pte_t hint = pte_modify(pte, PAGE_NONE);
			pmd_t pmd = changes[b].pmd(changes[a].pmd(pmd_mkhuge(pfn_pmd(PFN,
								PAGE_SHARED))));
			pmd_t huge = pmd_modify(pmd, PAGE_NONE);

			KUNIT_EXPECT_EQ(test, pte_says(hint), (pte_says(pte) & ~WRITE) | HINT);
			KUNIT_EXPECT_EQ(test, pte_pfn(hint), PFN);
			KUNIT_EXPECT_EQ(test, pmd_says(huge), (pmd_says(pmd) & ~WRITE) | HINT);
			KUNIT_EXPECT_EQ(test, pmd_pfn(huge), PFN);
			KUNIT_EXPECT_TRUE(test, pmd_trans_huge(huge));
			if (!pte_write(pte))
				continue;
			hint = pte_mkwrite(pte_modify(hint, PAGE_READONLY), &plain_vma);
			KUNIT_EXPECT_EQ(test, pte_val(hint), pte_val(pte));
			huge = pmd_mkwrite(pmd_modify(huge, PAGE_READONLY), &plain_vma);
			KUNIT_EXPECT_EQ(test, pmd_val(huge), pmd_val(pmd));
		}
	}
}

static void only_hints_are_protnone(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, pte_protnone(__pte(0)));
	KUNIT_EXPECT_FALSE(test, pmd_protnone(__pmd(0)));
	KUNIT_EXPECT_FALSE(test, pte_protnone(pfn_pte(PFN, PAGE_READONLY)));
	KUNIT_EXPECT_TRUE(test, pte_protnone(pfn_pte(PFN, PAGE_NONE)));
	KUNIT_EXPECT_TRUE(test, pte_present(pfn_pte(PFN, PAGE_NONE)));
	KUNIT_EXPECT_FALSE(test, pte_none(pfn_pte(PFN, PAGE_NONE)));
	KUNIT_EXPECT_FALSE(test, pte_same(pfn_pte(PFN, PAGE_NONE), pfn_pte(PFN, PAGE_READONLY)));
	KUNIT_EXPECT_TRUE(test, pmd_same(pfn_pmd(PFN, PAGE_NONE), pfn_pmd(PFN, PAGE_NONE)));
}

static void a_small_entry_is_not_huge(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, pmd_trans_huge(pfn_pmd(PFN, PAGE_SHARED)));
	KUNIT_EXPECT_TRUE(test, pmd_trans_huge(pmd_mkhuge(pfn_pmd(PFN, PAGE_SHARED))));
	KUNIT_EXPECT_TRUE(test, pmd_leaf(pmd_mkhuge(pfn_pmd(PFN, PAGE_SHARED))));
	KUNIT_EXPECT_TRUE(test, pmd_none(__pmd(0)));
}

static struct kunit_case pte_cases[] = {
	KUNIT_CASE(each_change_does_what_its_name_says_and_nothing_else),
	KUNIT_CASE(a_hint_keeps_what_the_program_did),
	KUNIT_CASE(only_hints_are_protnone),
	KUNIT_CASE(a_small_entry_is_not_huge),
	{}
};

static struct kunit_suite pte_suite = {
	.name = "conformance_pte",
	.test_cases = pte_cases,
};
kunit_test_suite(pte_suite);
