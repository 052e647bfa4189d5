/* SPDX-License-Identifier: GPL-2.0 */
/* What the core's suites of huge pages share. */
#ifndef _TESTS_AUTONUMA_HUGE_TEST_H
#define _TESTS_AUTONUMA_HUGE_TEST_H

#include <linux/mm_inline.h>

#include "core_test.h"
#include "../thp/thp_test.h"

#define HUGE_BYTES	HPAGE_PMD_SIZE

/* Map @nr huge pages and write each of their pages once. */
static inline void map_huge_and_write(struct prog *p, unsigned long nr)
{
	unsigned long i;

	p->addr = map_huge(p->test, nr);
	p->pages = nr * HPAGE_PMD_NR;
	for (i = 0; i < p->pages; i++)
		KUNIT_EXPECT_EQ(p->test, user_write64(p->addr + i * PAGE_SIZE, i + 1), 0);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_TRUE(p->test, is_huge(p->addr + i * HUGE_BYTES));
}

static inline bool huge_marked(unsigned long addr)
{
	pmd_t pmd = pmd_at(current->mm, addr);

	return pmd_present(pmd) && pmd_trans_huge(pmd) && pmd_protnone(pmd);
}

static inline unsigned long huge_events(enum vm_event_item item)
{
	unsigned long events[NR_VM_EVENT_ITEMS];

	all_vm_events(events);
	return events[item];
}

/* Touch the first page of every huge page. */
static inline void touch_each(struct prog *p)
{
	unsigned long addr;
	u64 val;

	for (addr = p->addr; addr < p->addr + p->pages * PAGE_SIZE; addr += HUGE_BYTES)
		KUNIT_EXPECT_EQ(p->test, user_read64(addr, &val), 0);
}

/* Two samples in a row from @nid: the program's huge pages shall move there. */
static inline void want_on(struct prog *p, int nid)
{
	set_knob(p->test, "migrate_allow_first_fault", "0");
	go_to_node(p, nid);
	wait_for_passes(p, 2);
	touch_each(p);
	wait_for_passes(p, 1);
	touch_each(p);
}

#endif /* _TESTS_AUTONUMA_HUGE_TEST_H */
