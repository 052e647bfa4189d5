// SPDX-License-Identifier: GPL-2.0
/* --fragment: nodes with memory free, and no huge page in it. */
#include <linux/gfp.h>
#include <linux/huge_mm.h>
#include <linux/mm.h>
#include <linux/nodemask.h>

#include "live.h"

/*
 * Huge pages are taken one after the other and all of each but its first page is given back
 * before the next one is asked for, so a watermark ends this no sooner than the last one.
 */
static void fragment_node(struct live_run *run, int nid)
{
	struct page *page;

	while ((page = alloc_pages_node(nid, GFP_KERNEL | __GFP_THISNODE | __GFP_NOWARN |
					__GFP_NORETRY, HPAGE_PMD_ORDER))) {
		split_page(page, HPAGE_PMD_ORDER);
		for (unsigned int i = 1; i < HPAGE_PMD_NR; i++)
			__free_page(page + i);
		list_add(&page->lru, &run->fragments);
	}
}

void fragment_nodes(struct live_run *run)
{
	int nid;

	for_each_node_state(nid, N_MEMORY)
		if (nid != run->layout.start_node)
			fragment_node(run, nid);
}

void fragment_undo(struct live_run *run)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &run->fragments, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
}
