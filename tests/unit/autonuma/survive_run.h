/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One sequence of survive_test.c in progress: its choices, its text, and the comparison of
 * all pages with the model.
 */
#ifndef _TESTS_AUTONUMA_SURVIVE_RUN_H
#define _TESTS_AUTONUMA_SURVIVE_RUN_H

#include <linux/highmem.h>

#include "core_test.h"
#include "../thp/thp_test.h"
#include "survive_model.h"

/**
 * struct run - one sequence in progress
 * @test:	the case
 * @rng:	its choices
 * @addr:	the range
 * @m:		what it must be
 * @text:	the sequence so far, in one line
 * @child:	pid of the process that shares the range, or 0
 * @leave:	tells it to look at the contents and exit
 * @inherited:	the contents it has to find
 * @damaged:	how many it did not
 * @words:	serial number of contents written
 * @failed:	one difference was reported; there is no point in going on
 */
struct run {
	struct kunit *test;
	u64 rng;
	unsigned long addr;
	struct model m;
	char text[1200];
	long child;
	struct completion leave;
	u64 inherited[HPAGE_PMD_NR];
	unsigned int damaged;
	u64 words;
	bool failed;
};

/* splitmix64 */
static inline u64 draw(struct run *r, u64 below)
{
	u64 z = r->rng += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

static __printf(2, 3) void say(struct run *r, const char *fmt, ...)
{
	size_t len = strlen(r->text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->text + len, sizeof(r->text) - len, fmt, args);
	va_end(args);
}

static inline unsigned long page_at(struct run *r, unsigned int i)
{
	return r->addr + i * PAGE_SIZE;
}

static inline void go_to_cpu(struct run *r, int nid)
{
	KUNIT_EXPECT_EQ(r->test, sys_sched_setaffinity(0, cpumask_of(cpu_of(nid))), 0);
}

static inline int cpupid_from(int nid)
{
	return cpu_pid_to_cpupid(cpu_of(nid), current->pid);
}

static inline u64 word_of(struct page *page)
{
	char *mem = kmap_local_page(page);
	u64 word = *(u64 *)(mem + 8);

	kunmap_local(mem);
	return word;
}

static inline void differs(struct run *r, unsigned int i, const char *what, u64 is, u64 should)
{
	if (is == should || r->failed)
		return;
	r->failed = true;
	KUNIT_FAIL(r->test, "page %u: %s is %llx, not %llx, at the end of%s", i, what,
		   (unsigned long long)is, (unsigned long long)should, r->text);
}

/* What @page's folio and contents must be; the entry is checked by the callers. */
static inline void compare_page(struct run *r, unsigned int i, struct page *page, bool excl)
{
	struct page_state *p = &r->m.page[i];
	struct folio *folio = page_folio(page);

	differs(r, i, "exclusive", excl, p->excl);
	differs(r, i, "large", folio_test_large(folio), p->large);
	differs(r, i, "last CPUPID", folio_last_cpupid(folio), p->cpupid & LAST_CPUPID_MASK);
	differs(r, i, "node", folio_nid(folio), p->nid);
	differs(r, i, "contents", word_of(page), p->word);
}

static inline void compare_pte(struct run *r, unsigned int i, pte_t pte)
{
	struct page_state *p = &r->m.page[i];

	differs(r, i, "present", pte_present(pte), true);
	if (r->failed)
		return;
	differs(r, i, "marked", pte_protnone(pte), p->marked);
	differs(r, i, "dirty", pte_dirty(pte), p->dirty);
	differs(r, i, "soft-dirty", pte_soft_dirty(pte), p->soft);
	differs(r, i, "young", pte_young(pte), p->young);
	differs(r, i, "writable", pte_write(pte), p->write);
	compare_page(r, i, pte_page(pte), PageAnonExclusive(pte_page(pte)));
}

static inline void compare_pmd(struct run *r, pmd_t pmd)
{
	struct page *head = pmd_page(pmd);
	struct page_state *p = r->m.page;
	unsigned int i;

	differs(r, 0, "marked", pmd_protnone(pmd), p->marked);
	differs(r, 0, "dirty", pmd_dirty(pmd), p->dirty);
	differs(r, 0, "soft-dirty", pmd_soft_dirty(pmd), p->soft);
	differs(r, 0, "young", pmd_young(pmd), p->young);
	differs(r, 0, "writable", pmd_write(pmd), p->write);
	for (i = 0; i < HPAGE_PMD_NR; i++)
		compare_page(r, i, head + i, PageAnonExclusive(head));
}

/* Compare all pages with the model, without touching them. */
static inline void compare(struct run *r)
{
	pmd_t pmd = pmd_at(current->mm, r->addr);
	unsigned int i;

	differs(r, 0, "huge", pmd_present(pmd) && pmd_trans_huge(pmd), r->m.huge);
	if (r->failed)
		return;
	if (r->m.huge) {
		compare_pmd(r, pmd);
		return;
	}
	for (i = 0; i < HPAGE_PMD_NR; i++)
		compare_pte(r, i, pte_at(current->mm, page_at(r, i)));
}

#endif /* _TESTS_AUTONUMA_SURVIVE_RUN_H */
