// SPDX-License-Identifier: GPL-2.0
/*
 * Memory map and contents of memory in a snapshot of the machine, exec/snapshot.c.
 *
 * What is known of frames that had been handed out is an area like others. Contents are not:
 * of most frames nothing was ever written, and which these are the allocator knows
 * (OWNER_FRESH). A frame that is not fresh any more becomes zero again; the few that were
 * not are copied. Frames above are as if they had never been touched.
 *
 * Not instrumented: the machine may be off, and its zones freed.
 */
#include <stdlib.h>
#include <string.h>

#include "pages.h"
#include <exec/sanitizers.h>
#include <exec/snapshot.h>

#define MAX_EXTENTS	16	/* of larger machines there are no snapshots */

/* A populated zone: the frames that had been handed out, and the contents of some. */
struct extent {
	struct zone *zone;
	unsigned long start, end;
};

struct saved_page {
	unsigned long pfn;
	char *contents;
};

static struct extent extents[MAX_EXTENTS] __kept;
static unsigned int nr_extents __kept;
static struct saved_page *saved __kept;
static unsigned int nr_saved __kept;

static unsigned long touched_end(const struct zone *zone)
{
	return round_up(zone->untouched_pfn, MAX_ORDER_NR_PAGES);
}

static char *contents_of(unsigned long pfn)
{
	return page_contents + (pfn << PAGE_SHIFT);
}

static bool is_fresh(unsigned long pfn)
{
	return !page_owners[pfn].state || page_owners[pfn].state & OWNER_FRESH;
}

static bool save_page(unsigned long pfn)
{
	struct saved_page *more = realloc(saved, (nr_saved + 1) * sizeof(*saved));

	if (!more)
		return false;
	saved = more;
	saved[nr_saved] = (struct saved_page){ .pfn = pfn, .contents = malloc(PAGE_SIZE) };
	if (!saved[nr_saved].contents)
		return false;
	snapshot_copy(saved[nr_saved++].contents, contents_of(pfn), PAGE_SIZE);
	return true;
}

static bool take_zone(struct extent *e)
{
	size_t nr = e->end - e->start;
	unsigned long pfn;

	snapshot_contents(vmemmap + e->start, nr * sizeof(*vmemmap));
	snapshot_contents(page_owners + e->start, nr * sizeof(*page_owners));
	if (nr)
		snapshot_poison(contents_of(e->start), nr << PAGE_SHIFT);
	for (pfn = e->start; pfn < e->end; pfn++)
		if (!is_fresh(pfn) && !save_page(pfn))
			return false;
	return true;
}

bool memmap_snapshot_take(void)
{
	struct zone *zone;

	for_each_zone(zone) {
		struct extent *e = &extents[nr_extents];

		if (!populated_zone(zone))
			continue;
		if (nr_extents == MAX_EXTENTS)
			return false;
		nr_extents++;
		e->zone = zone;
		e->start = zone->zone_start_pfn;
		e->end = touched_end(zone);
		if (!take_zone(e))
			return false;
	}
	return true;
}

/* Contents that were not there, of frames of which something is known on a page that changed. */
static void clear_contents(const char *page, void *arg)
{
	const struct extent *e = arg;
	unsigned long offset = page - (const char *)page_owners;
	unsigned long pfn = offset / sizeof(*page_owners);
	unsigned long end = DIV_ROUND_UP(offset + PAGE_SIZE, sizeof(*page_owners));

	/* A page may be shared with what lies in front. */
	if (page < (const char *)(page_owners + e->start))
		pfn = e->start;
	for (; pfn < end && pfn < e->end; pfn++)
		if (!is_fresh(pfn))
			snapshot_clear(contents_of(pfn), PAGE_SIZE);
}

/* Frames that had not been handed out when the snapshot was taken. */
static void forget_rest(const struct extent *e)
{
	unsigned long end = e->zone->untouched_pfn, nr = end - e->end, pfn;

	if (end <= e->end)
		return;
	for (pfn = e->end; pfn < end; pfn++)
		if (!is_fresh(pfn))
			snapshot_clear(contents_of(pfn), PAGE_SIZE);
	exec_unpoison(contents_of(e->end), nr << PAGE_SHIFT);
	snapshot_clear(vmemmap + e->end, nr * sizeof(*vmemmap));
	snapshot_clear(page_owners + e->end, nr * sizeof(*page_owners));
}

void memmap_snapshot_restore(void)
{
	unsigned int i;

	for (i = 0; i < nr_extents; i++) {
		snapshot_each_touched(page_owners + extents[i].start, clear_contents, &extents[i]);
		forget_rest(&extents[i]);
	}
	for (i = 0; i < nr_saved; i++)
		snapshot_copy(contents_of(saved[i].pfn), saved[i].contents, PAGE_SIZE);
}

void memmap_snapshot_drop(void)
{
	while (nr_saved)
		free(saved[--nr_saved].contents);
	free(saved);
	saved = NULL;
	nr_extents = 0;
}
