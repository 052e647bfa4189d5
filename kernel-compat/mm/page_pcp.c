// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU lists of free pages.
 *
 * model: a CPU keeps lists only for the zones of its own node; pages of other nodes are
 * freed to and allocated from their zone directly.  As in 6.12 the lists have a lock that
 * is only tried, so interrupts and drains from other CPUs fall back to the zone.
 */

#include "pages.h"
#include <linux/cpuhotplug.h>
#include <linux/bug.h>
#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/topology.h>
#include <linux/swap.h>
#include <exec/host_memory.h>

#define PCP_ORDERS	(PAGE_ALLOC_COSTLY_ORDER + 1)
#define PCP_ZONES	2		/* ZONE_NORMAL, ZONE_MOVABLE */

struct pcp_zone {
	unsigned int count;		/* pages on all lists */
	unsigned int batch;		/* taken from and given to the zone at once */
	unsigned int high;		/* above it, a batch is given back */
	struct list_head lists[PCP_ORDERS];
};

struct per_cpu_pages {
	spinlock_t lock;
	struct pcp_zone zones[PCP_ZONES];
} __attribute__((aligned(64)));

static struct per_cpu_pages *pcps;		/* nr_cpu_ids of them */

static struct pcp_zone *pcp_zone(struct per_cpu_pages *pcp, const struct zone *zone)
{
	return &pcp->zones[zone_idx(zone) - ZONE_NORMAL];
}

/* This CPU's lists with their lock held, preemption disabled; NULL: use the zone. */
static struct per_cpu_pages *pcp_trylock(const struct zone *zone)
{
	struct per_cpu_pages *pcp;
	unsigned int cpu;

	if (!pcps)
		return NULL;
	preempt_disable();
	cpu = smp_processor_id();
	pcp = &pcps[cpu];
	if (cpu_to_node(cpu) == zone->node && spin_trylock(&pcp->lock))
		return pcp;
	preempt_enable();
	return NULL;
}

static void pcp_unlock(struct per_cpu_pages *pcp)
{
	spin_unlock(&pcp->lock);
	preempt_enable();
}

/* Give back up to @nr pages, oldest first, small ones first. The lock is held. */
static void pcp_drain_some(struct pcp_zone *p, struct zone *zone, unsigned int nr)
{
	unsigned int order;

	for (order = 0; order < PCP_ORDERS && nr; order++) {
		LIST_HEAD(list);

		while (nr && !list_empty(&p->lists[order])) {
			list_move(p->lists[order].prev, &list);
			p->count -= 1U << order;
			nr -= min(nr, 1U << order);
		}
		if (!list_empty(&list))
			buddy_free_list(zone, &list, order);
	}
}

/* Take a page from this CPU's lists, refilled if needed; NULL: ask the zone. */
struct page *pcp_alloc(struct zone *zone, unsigned int order)
{
	struct per_cpu_pages *pcp;
	struct page *page = NULL;
	struct pcp_zone *p;

	if (order >= PCP_ORDERS)
		return NULL;
	pcp = pcp_trylock(zone);
	if (!pcp)
		return NULL;
	p = pcp_zone(pcp, zone);
	if (list_empty(&p->lists[order]))
		p->count += buddy_alloc_bulk(zone, order, max(p->batch >> order, 1U),
					     &p->lists[order]) << order;
	if (!list_empty(&p->lists[order])) {
		page = list_first_entry(&p->lists[order], struct page, pcp_list);
		list_del(&page->pcp_list);
		p->count -= 1U << order;
	}
	pcp_unlock(pcp);
	return page;
}

/* Keep a prepared page on this CPU's lists; false: it belongs to the zone. */
bool pcp_free(struct zone *zone, struct page *page, unsigned int order)
{
	struct per_cpu_pages *pcp;
	struct pcp_zone *p;

	if (order >= PCP_ORDERS)
		return false;
	pcp = pcp_trylock(zone);
	if (!pcp)
		return false;
	p = pcp_zone(pcp, zone);
	list_add(&page->pcp_list, &p->lists[order]);
	p->count += 1U << order;
	if (p->count > p->high)
		pcp_drain_some(p, zone, p->batch);
	pcp_unlock(pcp);
	return true;
}

/* Give back everything one CPU keeps of @zone, or of its node when NULL. */
static void drain_cpu(unsigned int cpu, const struct zone *zone)
{
	pg_data_t *pgdat = NODE_DATA(cpu_to_node(cpu));
	struct per_cpu_pages *pcp = &pcps[cpu];
	unsigned int i;

	if (zone && zone->node != pgdat->node_id)
		return;
	spin_lock(&pcp->lock);
	for (i = 0; i < PCP_ZONES; i++) {
		struct zone *z = &pgdat->node_zones[ZONE_NORMAL + i];

		if (!zone || zone == z)
			pcp_drain_some(&pcp->zones[i], z, pcp->zones[i].count);
	}
	spin_unlock(&pcp->lock);
}

/* Nobody runs there any more: nothing is to stay behind. */
static int page_alloc_cpu_dead(unsigned int cpu)
{
	lru_add_drain_cpu(cpu);
	drain_cpu(cpu, NULL);
	return 0;
}

void drain_local_pages(struct zone *zone)
{
	preempt_disable();
	drain_cpu(smp_processor_id(), zone);
	preempt_enable();
}

void drain_all_pages(struct zone *zone)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		drain_cpu(cpu, zone);
}

/* Pages that all CPUs keep of a zone. */
unsigned long pcp_pages(struct zone *zone)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_cpu(cpu, cpumask_of_node(zone->node)) {
		struct per_cpu_pages *pcp = &pcps[cpu];

		spin_lock(&pcp->lock);
		sum += pcp_zone(pcp, zone)->count;
		spin_unlock(&pcp->lock);
	}
	return sum;
}

/*
 * Lists of each CPU.  A batch is a 4096th of the zone, at most 15, and a CPU keeps at
 * most six batches: with the kernel's sizes (a 1024th, high from the low watermark) a
 * few CPUs would swallow the small nodes tests use.
 */
int pcp_boot(void)
{
	struct per_cpu_pages *p;
	unsigned int cpu, i, order;

	p = host_aligned(64, nr_cpu_ids * sizeof(*p));
	if (!p)
		return -ENOMEM;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		pg_data_t *pgdat = NODE_DATA(cpu_to_node(cpu));

		spin_lock_init(&p[cpu].lock);
		for (i = 0; i < PCP_ZONES; i++) {
			struct pcp_zone *z = &p[cpu].zones[i];
			struct zone *zone = &pgdat->node_zones[ZONE_NORMAL + i];

			z->count = 0;
			z->batch = clamp(zone_managed_pages(zone) >> 12, 1UL, 15UL);
			z->high = 6 * z->batch;
			for (order = 0; order < PCP_ORDERS; order++)
				INIT_LIST_HEAD(&z->lists[order]);
		}
	}
	pcps = p;
	return cpuhp_setup_state_nocalls(CPUHP_PAGE_ALLOC, "mm/page_alloc:pcp", NULL,
					 page_alloc_cpu_dead);
}

void pcp_halt(void)
{
	host_free(pcps);
	pcps = NULL;
}
