/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must be true of a huge page's worth of private memory after each operation on it: a
 * model of Linux 6.12 that knows no page tables. Each rule says why.
 *
 * Time, counters and other processes' entries are not in it.
 */
#ifndef _TESTS_AUTONUMA_SURVIVE_MODEL_H
#define _TESTS_AUTONUMA_SURVIVE_MODEL_H

#include <linux/huge_mm.h>
#include <linux/mm/cpupid.h>
#include <linux/string.h>

#define CPUPID_UNSET	((int)LAST_CPUPID_MASK)

/**
 * struct page_state - a page and the entry that maps it
 * @marked:	PROT_NONE, the next touch is a hinting fault
 * @dirty:	written since the entry was made or cleaned
 * @soft:	soft-dirty
 * @young:	touched
 * @write:	the entry lets writes through
 * @excl:	PG_anon_exclusive: no other process has it, nor can get it but by fork
 * @large:	part of the one large folio
 * @shared:	the child maps it, too
 * @cpupid:	who took the last hinting fault on its folio
 * @nid:	where it is
 * @word:	contents
 */
struct page_state {
	bool marked, dirty, soft, young, write, excl, large, shared;
	int cpupid, nid;
	u64 word;
};

/**
 * struct model - the range
 * @huge:	one huge PMD maps it; then all pages have the same bits
 * @writable:	VM_WRITE
 * @tracked:	soft-dirty tracking is on: a clean page has to fault when written
 * @page:	its pages
 */
struct model {
	bool huge, writable, tracked;
	struct page_state page[HPAGE_PMD_NR];
};

#define for_each_state(p, m) \
	for ((p) = (m)->page; (p) < (m)->page + HPAGE_PMD_NR; (p)++)

/*
 * What can_change_pte_writable() answers: a mapping that may write, a page nobody shares, no
 * tracker that waits for the first write.
 */
static inline bool model_may_write(struct model *m, struct page_state *p)
{
	return m->writable && p->excl && (p->soft || !m->tracked);
}

/* The last CPUPID is the folio's: all of a large one has the same. */
static inline void model_set_cpupid(struct model *m, struct page_state *p, int cpupid)
{
	struct page_state *q;

	if (!p->large) {
		p->cpupid = cpupid;
		return;
	}
	for_each_state(q, m)
		if (q->large)
			q->cpupid = cpupid;
}

/* Does another process map the page's folio? One shared part makes a large one shared. */
static inline bool model_folio_shared(struct model *m, struct page_state *p)
{
	struct page_state *q;

	if (!p->large)
		return p->shared;
	for_each_state(q, m)
		if (q->large && q->shared)
			return true;
	return false;
}

/* A copy took the place of a part of the large folio: some of it is mapped nowhere. */
static inline bool model_partly_mapped(struct model *m)
{
	struct page_state *q;

	for_each_state(q, m)
		if (!q->large)
			return true;
	return false;
}

/* knuma_scand's pass. Shared copy-on-write pages cannot move, so they are not marked. */
static inline void model_mark(struct model *m)
{
	struct page_state *p;

	for_each_state(p, m) {
		if (model_folio_shared(m, p))
			continue;
		p->marked = true;
		/* PROT_NONE has no write bit; dirty, soft-dirty and young stay */
		p->write = false;
	}
}

/*
 * Through a migration entry: it keeps write, dirty, soft-dirty, young and exclusive, but
 * not the hint, and a marked entry had no write bit to keep.
 */
static inline void model_through_migration_entry(struct page_state *p)
{
	p->marked = false;
}

/* The PMD becomes a table of entries; the folio stays as it is. */
static inline void model_split_pmd(struct model *m)
{
	struct page_state *p;

	if (!m->huge)
		return;
	m->huge = false;
	for_each_state(p, m) {
		/* new entries have the VMA's protection, so no hint, and write if it was there */
		p->marked = false;
		/* pte_mkdirty() of x86 says soft-dirty, too */
		p->soft |= p->dirty;
	}
}

/* The large folio becomes small ones, each with the folio's last CPUPID. */
static inline void model_split_folio(struct model *m)
{
	struct page_state *p;

	for_each_state(p, m) {
		if (!p->large)
			continue;
		p->large = false;
		/* migration entries, also straight from the PMD */
		model_through_migration_entry(p);
	}
	m->huge = false;
}

/* The folio of @p goes to @nid, if it can; the last CPUPID goes with it. */
static inline void model_move(struct model *m, struct page_state *p, int nid)
{
	struct page_state *q;

	if (p->nid == nid || model_folio_shared(m, p))
		return;
	for_each_state(q, m) {
		if (q != p && !(p->large && q->large))
			continue;
		q->nid = nid;
		model_through_migration_entry(q);
		/* remove_migration_pmd() sets dirty last, which on x86 is soft-dirty, too */
		if (m->huge)
			q->soft |= q->dirty;
	}
	/* a partly mapped folio is split, its parts move */
	if (p->large && model_partly_mapped(m))
		model_split_folio(m);
}

static inline void model_move_all(struct model *m, int nid)
{
	struct page_state *p;

	for_each_state(p, m)
		model_move(m, p, nid);
}

/* MADV_COLLAPSE: true if it shall succeed. */
static inline bool model_collapse(struct model *m)
{
	unsigned int on[MAX_NUMNODES] = { 0 };
	bool writable = false;
	struct page_state *p;
	int nid, best = 0;

	if (m->huge)
		return true;
	for_each_state(p, m) {
		writable |= p->write;
		on[p->nid]++;
	}
	/* SCAN_PAGE_RO: nobody writes here, or all entries are marked */
	if (!writable)
		return false;
	for (nid = 1; nid < MAX_NUMNODES; nid++)
		if (on[nid] > on[best])
			best = nid;
	m->huge = true;
	for_each_state(p, m) {
		/* a new page, of this process alone, never sampled; pmd_mkdirty() */
		p->marked = false;
		p->dirty = p->soft = p->young = p->excl = p->large = true;
		p->shared = false;
		p->write = m->writable;
		p->cpupid = CPUPID_UNSET;
		/* on the node that had most of the pages */
		p->nid = best;
	}
	return true;
}

/* fork(): copy-on-write from here on. The parent's entries lose nothing but write. */
static inline void model_fork(struct model *m)
{
	struct page_state *p;

	for_each_state(p, m) {
		p->shared = true;
		p->excl = false;
		p->write = false;
	}
}

/* The child is gone. What it shared is not exclusive before the next write. */
static inline void model_child_exits(struct model *m)
{
	struct page_state *p;

	for_each_state(p, m)
		p->shared = false;
}

/* mprotect() of all of it gives entries the VMA's protection: hints go. */
static inline void model_protect(struct model *m, bool writable)
{
	struct page_state *p;

	if (m->writable == writable)
		return;
	m->writable = writable;
	for_each_state(p, m) {
		p->marked = false;
		p->write = model_may_write(m, p);
	}
}

/* /proc/self/clear_refs: soft-clean, and write-protected to see the next write. */
static inline void model_clear_refs(struct model *m)
{
	struct page_state *p;

	m->tracked = true;
	for_each_state(p, m) {
		p->soft = false;
		p->write = false;
	}
}

/*
 * The two-stage filter. @moves: folios, by their first page met, that pass it. A folio
 * counts once however many entries of it the fault resolves.
 */
static inline void model_sample(struct model *m, struct page_state *p, int cpupid,
				struct page_state **moves, unsigned int *nr_moves)
{
	int last = p->cpupid, nid = cpupid_to_nid(cpupid);

	model_set_cpupid(m, p, cpupid);
	if (last == CPUPID_UNSET || cpupid_to_nid(last) != nid || p->nid == nid)
		return;
	moves[(*nr_moves)++] = p;
}

/*
 * A hinting fault on @touched: entries get back what they had, those of the whole range
 * (scan_pmd), then what passed the filter moves.
 */
static inline void model_hint_fault(struct model *m, struct page_state *touched, int cpupid)
{
	static struct page_state *moves[HPAGE_PMD_NR];
	bool large_sampled = touched->large;
	unsigned int nr_moves = 0, i;
	struct page_state *p;

	model_sample(m, touched, cpupid, moves, &nr_moves);
	for_each_state(p, m) {
		if (!p->marked)
			continue;
		if (p != touched && !(p->large && large_sampled)) {
			large_sampled |= p->large;
			model_sample(m, p, cpupid, moves, &nr_moves);
		}
		p->marked = false;
		/* the touch is that of one entry; a huge one is one */
		p->young |= p == touched || m->huge;
		p->write = model_may_write(m, p);
	}
	for (i = 0; i < nr_moves; i++)
		model_move(m, moves[i], cpupid_to_nid(cpupid));
}

static inline void model_written(struct page_state *p, u64 word)
{
	p->word = word;
	p->young = p->dirty = true;
}

/* A write through an entry that does not let it through: reuse the page or copy it. */
static inline void model_wp_fault(struct model *m, struct page_state *p, int cpupid)
{
	struct page_state *q;

	if (m->huge && (p->excl || !p->shared)) {
		for_each_state(q, m)
			q->excl = q->write = q->dirty = q->young = q->soft = true;
		return;
	}
	/* a huge page is not copied whole */
	model_split_pmd(m);
	if (p->excl || (!p->large && !p->shared)) {
		/* what it remembers may be of a process that shared it */
		model_set_cpupid(m, p, CPUPID_UNSET);
	} else {
		p->large = p->shared = false;
		p->cpupid = CPUPID_UNSET;
		p->nid = cpupid_to_nid(cpupid);
	}
	p->excl = p->write = p->dirty = p->young = p->soft = true;
}

/* The program touches @p; returns whether it may. */
static inline bool model_touch(struct model *m, struct page_state *p, int cpupid, bool write,
			       u64 word)
{
	struct page_state *q;

	/* refused before the entry is looked at */
	if (write && !m->writable)
		return false;
	if (p->marked)
		model_hint_fault(m, p, cpupid);
	if (write && !p->write)
		model_wp_fault(m, p, cpupid);
	/* the hardware walk; a huge entry has one bit for all */
	if (write)
		model_written(p, word);
	p->young = true;
	if (m->huge) {
		for_each_state(q, m) {
			q->young = true;
			q->dirty |= write;
		}
	}
	return true;
}

#endif /* _TESTS_AUTONUMA_SURVIVE_MODEL_H */
