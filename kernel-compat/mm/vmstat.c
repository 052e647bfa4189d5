// SPDX-License-Identifier: GPL-2.0
/*
 * Event counters, sums over zones and nodes, and all of it as text.
 */
#include <stdio.h>
#include <string.h>

#include "pages.h"
#include <linux/mm.h>
#include <linux/smp.h>
#include <machine/vmstat.h>

/* Sharded by CPU, so that CPUs do not write the same cache lines. */
#define EVENT_SHARDS	32

static struct vm_event_shard {
	atomic_long_t event[NR_VM_EVENT_ITEMS];
} __attribute__((aligned(64))) vm_event_shards[EVENT_SHARDS];

void count_vm_events(enum vm_event_item item, long delta)
{
	vmstat_add(&vm_event_shards[raw_smp_processor_id() % EVENT_SHARDS].event[item], delta);
}

unsigned long vm_event_sum(enum vm_event_item item)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < EVENT_SHARDS; i++)
		sum += vmstat_read(&vm_event_shards[i].event[item]);
	return sum;
}

void all_vm_events(unsigned long *ret)
{
	unsigned int item;

	for (item = 0; item < NR_VM_EVENT_ITEMS; item++)
		ret[item] = vm_event_sum(item);
}

unsigned long sum_zone_node_page_state(int node, enum zone_stat_item item)
{
	unsigned long sum = 0;
	int i;

	for (i = 0; i < MAX_NR_ZONES; i++)
		sum += zone_page_state(&NODE_DATA(node)->node_zones[i], item);
	return sum;
}

unsigned long global_zone_page_state(enum zone_stat_item item)
{
	struct pglist_data *pgdat;
	unsigned long sum = 0;

	for_each_online_pgdat(pgdat)
		sum += sum_zone_node_page_state(pgdat->node_id, item);
	return sum;
}

/* The signed counters are added first, as the kernel does: a negative one may be real. */
unsigned long global_node_page_state(enum node_stat_item item)
{
	struct pglist_data *pgdat;
	long sum = 0;

	for_each_online_pgdat(pgdat)
		sum += __atomic_load_n(&pgdat->vm_stat[item].counter, __ATOMIC_RELAXED);
	return sum < 0 ? 0 : sum;
}

unsigned long sum_zone_numa_event_state(int node, enum numa_stat_item item)
{
	unsigned long sum = 0;
	int i;

	for (i = 0; i < MAX_NR_ZONES; i++)
		sum += zone_numa_event_state(&NODE_DATA(node)->node_zones[i], item);
	return sum;
}

unsigned long global_numa_event_state(enum numa_stat_item item)
{
	struct pglist_data *pgdat;
	unsigned long sum = 0;

	for_each_online_pgdat(pgdat)
		sum += sum_zone_numa_event_state(pgdat->node_id, item);
	return sum;
}

static const char *const zone_stat_names[NR_VM_ZONE_STAT_ITEMS] = {
	[NR_FREE_PAGES]			= "nr_free_pages",
	[NR_ZONE_INACTIVE_ANON]		= "nr_zone_inactive_anon",
	[NR_ZONE_ACTIVE_ANON]		= "nr_zone_active_anon",
	[NR_ZONE_INACTIVE_FILE]		= "nr_zone_inactive_file",
	[NR_ZONE_ACTIVE_FILE]		= "nr_zone_active_file",
	[NR_ZONE_UNEVICTABLE]		= "nr_zone_unevictable",
	[NR_MLOCK]			= "nr_mlock",
};

static const char *const numa_stat_names[NR_VM_NUMA_EVENT_ITEMS] = {
	[NUMA_HIT]			= "numa_hit",
	[NUMA_MISS]			= "numa_miss",
	[NUMA_FOREIGN]			= "numa_foreign",
	[NUMA_INTERLEAVE_HIT]		= "numa_interleave",
	[NUMA_LOCAL]			= "numa_local",
	[NUMA_OTHER]			= "numa_other",
};

static const char *const node_stat_names[NR_VM_NODE_STAT_ITEMS] = {
	[NR_INACTIVE_ANON]		= "nr_inactive_anon",
	[NR_ACTIVE_ANON]		= "nr_active_anon",
	[NR_INACTIVE_FILE]		= "nr_inactive_file",
	[NR_ACTIVE_FILE]		= "nr_active_file",
	[NR_UNEVICTABLE]		= "nr_unevictable",
	[NR_SLAB_RECLAIMABLE_B]		= "nr_slab_reclaimable",
	[NR_SLAB_UNRECLAIMABLE_B]	= "nr_slab_unreclaimable",
	[NR_ISOLATED_ANON]		= "nr_isolated_anon",
	[NR_ISOLATED_FILE]		= "nr_isolated_file",
	[NR_ANON_MAPPED]		= "nr_anon_pages",
	[NR_FILE_MAPPED]		= "nr_mapped",
	[NR_FILE_PAGES]			= "nr_file_pages",
	[NR_FILE_DIRTY]			= "nr_dirty",
	[NR_WRITEBACK]			= "nr_writeback",
	[NR_SHMEM]			= "nr_shmem",
	[NR_ANON_THPS]			= "nr_anon_transparent_hugepages",
	[NR_PAGETABLE]			= "nr_page_table_pages",
	[PGPROMOTE_SUCCESS]		= "pgpromote_success",
};

static const char *const vm_event_names[NR_VM_EVENT_ITEMS] = {
#define X(item, name) [item] = name,
	VM_EVENT_ITEMS(X)
#undef X
};

struct text {
	char *buf;
	size_t size, len;
};

static void text_line(struct text *t, const char *name, unsigned long value)
{
	size_t room = t->len < t->size ? t->size - t->len : 0;
	int n = snprintf(room ? t->buf + t->len : NULL, room, "%s %lu\n", name, value);

	t->len += n;
}

/* Slab is counted in bytes and shown in pages, huge pages are counted in pages. */
static unsigned long node_stat_shown(enum node_stat_item item)
{
	unsigned long value = global_node_page_state(item);

	if (item == NR_SLAB_RECLAIMABLE_B || item == NR_SLAB_UNRECLAIMABLE_B)
		value >>= PAGE_SHIFT;
	if (item == NR_ANON_THPS)
		value /= HPAGE_PMD_NR;
	return value;
}

size_t vmstat_text(char *buf, size_t size)
{
	struct text t = { .buf = buf, .size = size };
	unsigned int i;

	if (size)
		buf[0] = '\0';
	for (i = 0; i < NR_VM_ZONE_STAT_ITEMS; i++)
		text_line(&t, zone_stat_names[i], global_zone_page_state(i));
	for (i = 0; i < NR_VM_NUMA_EVENT_ITEMS; i++)
		text_line(&t, numa_stat_names[i], global_numa_event_state(i));
	for (i = 0; i < NR_VM_NODE_STAT_ITEMS; i++)
		text_line(&t, node_stat_names[i], node_stat_shown(i));
	for (i = 0; i < NR_VM_EVENT_ITEMS; i++)
		text_line(&t, vm_event_names[i], vm_event_sum(i));
	return t.len;
}

void vmstat_halt(void)
{
	memset(vm_event_shards, 0, sizeof(vm_event_shards));
}
