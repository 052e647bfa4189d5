// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel does of its own accord, or for those who ask for places: pages are marked,
 * moved, split and put together, and no program may notice.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/huge_mm.h>
#include <linux/kthread.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pagewalk.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/topology.h>
#include <machine/program.h>

#include "../mm/autonuma.h"
#include "harness.h"
#include "space_ops.h"

/* Marks as NUMA balancing makes them, without a pass. */
void op_hint(struct actor *a, const struct op *op)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned long addr, end;
	unsigned int from, to;

	range(a, op, &from, &to);
	addr = addr_of(a->s, from);
	end = addr_of(a->s, to);
	mmap_read_lock(mm);
	while (addr < end && (vma = find_vma(mm, addr)) && vma->vm_start < end) {
		addr = max(addr, vma->vm_start);
		if (vma_is_accessible(vma))
			change_prot_numa(vma, addr, min(end, vma->vm_end));
		addr = vma->vm_end;
	}
	mmap_read_unlock(mm);
	model_hinted(a->p, from, to);
}

/* A pass of knuma_scand over all processes. */
void op_scan(void)
{
	unsigned long until = autonuma_counter_read(AUTONUMA_FULL_SCANS) + 1;
	int limit = 100;

	/* the first one is as far away as it is after boot */
	while (autonuma_counter_read(AUTONUMA_FULL_SCANS) < until && limit--)
		user_compute(20 * NSEC_PER_MSEC);
}

static int node_of(const struct op *op)
{
	return op->who >> 3 & 1;
}

void op_move(struct actor *a, const struct op *op)
{
	unsigned int from, to;
	long ret, err;

	range(a, op, &from, &to);
	err = model_mapped(a->p, from, to);
	ret = sys_move_pages(addr_of(a->s, from), bytes_of(from, to), node_of(op));
	expect(a, op, err ? ret == err : ret >= 0, "segments %u to %u: returned %ld, not %ld",
	       from, to, ret, err);
}

/* who: bits 4, 5 the mode, bit 6 MPOL_MF_MOVE, bit 7 MPOL_MF_STRICT. */
void op_mbind(struct actor *a, const struct op *op)
{
	static const int modes[] = { MPOL_DEFAULT, MPOL_BIND, MPOL_PREFERRED, MPOL_INTERLEAVE };
	int mode = modes[op->who >> 4 & 3];
	unsigned int flags = 0, from, to;
	nodemask_t nodes = NODE_MASK_NONE;
	long ret, err;

	if (op->who & 0x40)
		flags |= MPOL_MF_MOVE;
	if (op->who & 0x80)
		flags |= MPOL_MF_STRICT;
	if (mode != MPOL_DEFAULT)
		node_set(node_of(op), nodes);
	range(a, op, &from, &to);
	err = model_mapped(a->p, from, to);
	ret = sys_mbind(addr_of(a->s, from), bytes_of(from, to), mode, &nodes, flags);
	if (excused(a, ret))
		return;
	expect(a, op, ret == err || (flags & MPOL_MF_STRICT && ret == -EIO),
	       "segments %u to %u: returned %ld, not %ld", from, to, ret, err);
}

/* The folio at a segment with a reference, or NULL. */
static struct folio *get_folio(struct actor *a, unsigned int seg)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = addr_of(a->s, seg);
	struct vm_area_struct *vma;
	struct folio *folio = NULL;
	struct folio_walk fw;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (vma && (folio = folio_walk_start(&fw, vma, addr, 0))) {
		folio_get(folio);
		folio_walk_end(&fw, vma);
	}
	mmap_read_unlock(mm);
	return folio;
}

/* Queue a folio for the daemon, as if two samples wanted it elsewhere. */
void op_daemon(struct actor *a, const struct op *op)
{
	struct folio *folio = get_folio(a, segment(a, op));
	struct autonuma_queued item = {};
	int nid, limit = 20;

	if (!folio)
		return;
	lru_add_drain_all();
	nid = !folio_nid(folio);
	item.pfn = folio_pfn(folio);
	item.order = folio_order(folio);
	folio_xchg_last_cpupid(folio, cpu_pid_to_cpupid(cpumask_first(cpumask_of_node(nid)),
							current->pid));
	autonuma_queue_add(&item, nid);
	folio_put(folio);
	while (autonuma_queue_promised(nid) && limit--)
		user_compute(NSEC_PER_MSEC);
}

void op_split(struct actor *a, const struct op *op)
{
	struct folio *folio = get_folio(a, segment(a, op));

	if (!folio)
		return;
	if (folio_trylock(folio)) {
		if (folio_test_large(folio))
			split_folio(folio);
		folio_unlock(folio);
	}
	folio_put(folio);
}

void op_split_pmd(struct actor *a, const struct op *op)
{
	unsigned long addr = addr_of(a->s, segment(a, op));
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (vma)
		split_huge_pmd_address(vma, addr, false, NULL);
	mmap_read_unlock(mm);
}

/* Migration entries for a while, and back to the same page, as when migration gives up. */
static int hold_main(void *arg)
{
	struct space_hold *h = arg;
	struct folio *folio = h->folio;
	struct anon_vma *anon_vma = NULL;

	if (folio_trylock(folio)) {
		if (folio_test_anon(folio))
			anon_vma = folio_get_anon_vma(folio);
		if (folio_mapped(folio) && (anon_vma || !folio_test_anon(folio)))
			try_to_migrate(folio, 0);
		msleep(1);
		remove_migration_ptes(folio, folio, 0);
		if (anon_vma)
			put_anon_vma(anon_vma);
		folio_unlock(folio);
	}
	folio_put(folio);
	complete(&h->done);
	return 0;
}

void op_hold(struct actor *a, const struct op *op)
{
	struct folio *folio;
	int i;

	for (i = 0; i < SPACE_HOLDS && a->s->hold[i].used; i++)
		;
	if (i == SPACE_HOLDS)
		return;
	/* before another task can take the same one */
	a->s->hold[i].used = true;
	folio = get_folio(a, segment(a, op));
	if (!folio) {
		a->s->hold[i].used = false;
		return;
	}
	a->s->hold[i].folio = folio;
	init_completion(&a->s->hold[i].done);
	if (!IS_ERR(kthread_run(hold_main, &a->s->hold[i], "hold/%d", i))) {
		schedule_timeout_uninterruptible(0);
		return;
	}
	folio_put(folio);
	a->s->hold[i].used = false;
}

/* As if nobody had used a page for long. */
void op_old(struct actor *a, const struct op *op)
{
	unsigned long addr = addr_of(a->s, segment(a, op));
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	struct folio_walk fw;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (vma && folio_walk_start(&fw, vma, addr, 0)) {
		if (fw.level == FW_LEVEL_PMD)
			pmdp_test_and_clear_young(vma, addr & PMD_MASK, fw.pmdp);
		else
			ptep_test_and_clear_young(vma, addr, fw.ptep);
		folio_walk_end(&fw, vma);
	}
	mmap_read_unlock(mm);
}
