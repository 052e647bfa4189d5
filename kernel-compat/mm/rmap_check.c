// SPDX-License-Identifier: GPL-2.0
/*
 * machine_check(): mappings against mapcounts, references, rmap and page cache.
 *
 * Runs at a quiet point, without locks.  All page tables are walked once and the entries of each frame counted; then every
 * frame ever handed out is compared with its count.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/swapops.h>
#include <linux/vmstat.h>
#include <machine/machine.h>
#include <machine/violation.h>
#include <exec/snapshot.h>
#include <mm/file.h>
#include <stdlib.h>
#include "pages.h"
#include "quiet.h"

/*
 * Mapping entries by frame; open addressing, grown by doubling. The memory stays for the next
 * check, which begins by emptying what this one has filled.
 */
struct map_counts {
	unsigned long *pfn;	/* 0: free slot; frame 0 does not exist */
	unsigned int *nr;
	unsigned long *filled;	/* slots in use */
	unsigned long slots, used;
};

/* Everything that maps: PTEs by frame, huge PMDs by their first frame. */
struct mapped {
	struct map_counts ptes, pmds;
	unsigned long nr_thps;		/* folios that some PMD maps */
};

static unsigned long counts_slot(const struct map_counts *c, unsigned long pfn)
{
	unsigned long i = pfn * 0x9E3779B97F4A7C15UL & (c->slots - 1);

	while (c->pfn[i] && c->pfn[i] != pfn)
		i = (i + 1) & (c->slots - 1);
	return i;
}

static void counts_alloc(struct map_counts *c, unsigned long slots)
{
	c->slots = slots;
	c->used = 0;
	c->pfn = calloc(slots, sizeof(*c->pfn));
	c->nr = calloc(slots, sizeof(*c->nr));
	c->filled = calloc(slots / 2, sizeof(*c->filled));
	if (!c->pfn || !c->nr || !c->filled)
		abort();
}

static void counts_free(struct map_counts *c)
{
	free(c->pfn);
	free(c->nr);
	free(c->filled);
}

static void counts_empty(struct map_counts *c)
{
	if (!c->slots)
		counts_alloc(c, 64);
	while (c->used) {
		unsigned long i = c->filled[--c->used];

		c->pfn[i] = 0;
		c->nr[i] = 0;
	}
}

static void counts_add(struct map_counts *c, unsigned long pfn, unsigned int nr)
{
	unsigned long i;

	if (c->used * 2 >= c->slots) {
		struct map_counts old = *c;

		counts_alloc(c, old.slots * 2);
		for (i = 0; i < old.slots; i++)
			if (old.pfn[i])
				counts_add(c, old.pfn[i], old.nr[i]);
		counts_free(&old);
	}
	i = counts_slot(c, pfn);
	if (!c->pfn[i]) {
		c->pfn[i] = pfn;
		c->filled[c->used++] = i;
	}
	c->nr[i] += nr;
}

static unsigned int counts_get(const struct map_counts *c, unsigned long pfn)
{
	return c->nr[counts_slot(c, pfn)];
}

/* Is @vma linked to the anon_vma that the folio says it belongs to? */
static bool vma_finds_folio(struct vm_area_struct *vma, struct folio *folio)
{
	struct anon_vma *anon_vma = folio_anon_vma(folio);
	struct anon_vma_chain *avc;

	list_for_each_entry(avc, &vma->anon_vma_chain, same_vma)
		if (avc->anon_vma == anon_vma)
			return true;
	return false;
}

/* A page at @addr, by a PTE or as the first of a huge PMD. */
static void check_anon_page(struct vm_area_struct *vma, unsigned long addr, bool writable,
			    struct page *page)
{
	struct folio *folio = page_folio(page);

	if (!vma_finds_folio(vma, folio))
		violation(VIOLATION_ACCOUNT, "pfn %#lx at %#lx: rmap does not lead back to its VMA",
			  page_to_pfn(page), addr);
	if (folio->index + (page - &folio->page) != linear_page_index(vma, addr))
		violation(VIOLATION_ACCOUNT, "pfn %#lx at %#lx has index %#lx, the VMA says %#lx",
			  page_to_pfn(page), addr, folio->index,
			  linear_page_index(vma, addr));
	if (writable && !PageAnonExclusive(page))
		violation(VIOLATION_ACCOUNT, "pfn %#lx at %#lx is writable but not exclusive",
			  page_to_pfn(page), addr);
}

static void check_file_pte(struct vm_area_struct *vma, unsigned long addr,
			   struct page *page)
{
	struct folio *folio = page_folio(page);

	if (!vma->vm_file || folio->mapping != vma->vm_file->f_mapping)
		violation(VIOLATION_ACCOUNT, "pfn %#lx at %#lx is not in the cache of the file mapped there",
			  page_to_pfn(page), addr);
	else if (folio->index + (page - &folio->page) != linear_page_index(vma, addr))
		violation(VIOLATION_ACCOUNT, "pfn %#lx at %#lx is page %#lx of the file, the VMA says %#lx",
			  page_to_pfn(page), addr, folio->index,
			  linear_page_index(vma, addr));
}

static void check_one_pte(struct vm_area_struct *vma, unsigned long addr, pte_t pte,
			  struct map_counts *counts)
{
	struct page *page;

	if (pte_none(pte))
		return;
	if (!pte_present(pte)) {
		violation(VIOLATION_ACCOUNT, "%s entry %#lx left at %#lx at a quiet point",
			  is_migration_entry(pte_to_swp_entry(pte)) ? "migration" : "swap",
			  (unsigned long)pte_val(pte), addr);
		return;
	}
	page = vm_normal_page(vma, addr, pte);
	if (!page)
		return;
	counts_add(counts, page_to_pfn(page), 1);
	if (PageAnon(page))
		check_anon_page(vma, addr, pte_write(pte), page);
	else
		check_file_pte(vma, addr, page);
}

/* A huge PMD; @counts gets its first frame. */
static void check_huge_pmd(struct vm_area_struct *vma, unsigned long addr, pmd_t pmd,
			   struct map_counts *counts)
{
	struct page *page;

	if (is_swap_pmd(pmd)) {
		violation(VIOLATION_ACCOUNT, "huge migration entry %#lx left at %#lx at a quiet point",
			  (unsigned long)pmd_val(pmd), addr);
		return;
	}
	page = vm_normal_page_pmd(vma, addr, pmd);
	if (!page)
		return;
	counts_add(counts, page_to_pfn(page), 1);
	if (!PageHead(page) || folio_nr_pages(page_folio(page)) != HPAGE_PMD_NR ||
	    !PageAnon(page))
		violation(VIOLATION_ACCOUNT, "pfn %#lx at %#lx is mapped huge and is no huge page",
			  page_to_pfn(page), addr);
	check_anon_page(vma, addr, pmd_write(pmd), page);
}

static void check_vma_chain(struct vm_area_struct *vma)
{
	bool own = !vma->anon_vma;
	struct anon_vma_chain *avc;

	list_for_each_entry(avc, &vma->anon_vma_chain, same_vma) {
		if (avc->vma != vma)
			violation(VIOLATION_ACCOUNT, "anon_vma_chain of another VMA at %#lx",
				  vma->vm_start);
		own |= avc->anon_vma == vma->anon_vma;
		if (atomic_read(&avc->anon_vma->refcount) <= 0 ||
		    atomic_read(&avc->anon_vma->root->refcount) <= 0)
			violation(VIOLATION_ACCOUNT, "VMA at %#lx is linked to a freed anon_vma",
				  vma->vm_start);
	}
	if (!own)
		violation(VIOLATION_ACCOUNT, "VMA at %#lx is not linked to its own anon_vma",
			  vma->vm_start);
}

/* Entries of one VMA, table by table. Reports hold no lock, so none is taken. */
static void check_vma(struct vm_area_struct *vma, struct mapped *m)
{
	unsigned long addr = vma->vm_start, next;
	pmd_t val;

	check_vma_chain(vma);
	for (; addr < vma->vm_end; addr = next) {
		pmd_t *pmd = mm_find_pmd(vma->vm_mm, addr);
		unsigned int i, first = pte_index(addr);
		pte_t *table;

		next = min((addr + PMD_SIZE) & PMD_MASK, vma->vm_end);
		val = pmd ? __pmd(quiet_entry(pmd)) : __pmd(0);
		if (pmd_none(val))
			continue;
		if (is_swap_pmd(val) || pmd_leaf(val)) {
			check_huge_pmd(vma, addr, val, &m->pmds);
			continue;
		}
		table = (pte_t *)pmd_page_vaddr(val);
		for_each_quiet_entry(i, table, first, first + ((next - addr) >> PAGE_SHIFT))
			check_one_pte(vma, addr + (i - first) * PAGE_SIZE,
				      __pte(quiet_entry(table + i)), &m->ptes);
	}
}

static void count_all_mappings(struct mapped *m)
{
	struct mm_struct *mm;
	struct rb_node *rb;

	list_for_each_entry(mm, &init_mm.mmlist, mmlist)
		for (rb = rb_first(&mm->mm_rb); rb; rb = rb_next(rb))
			check_vma(rb_entry(rb, struct vm_area_struct, vm_rb), m);
}

/* A large folio's counts of mappings against those found; the sum of all. */
static unsigned int check_large(struct folio *folio, struct mapped *m)
{
	unsigned long pfn = folio_pfn(folio), i, nr = folio_nr_pages(folio);
	unsigned int entire = counts_get(&m->pmds, pfn), sum = entire, nr_mapped = 0;
	bool anon = folio_test_anon(folio);

	if (folio_entire_mapcount(folio) != entire)
		violation(VIOLATION_ACCOUNT, "pfn %#lx is mapped huge %u times, its entire mapcount is %d",
			  pfn, entire, folio_entire_mapcount(folio));
	for (i = 0; i < nr; i++) {
		struct page *page = folio_page(folio, i);
		unsigned int mapped = counts_get(&m->ptes, pfn + i);

		if (page_has_type(page) || quiet_read(&page->_mapcount) + 1 != mapped)
			violation(VIOLATION_ACCOUNT, "pfn %#lx is mapped %u times, its mapcount is %d",
				  pfn + i, mapped, quiet_read(&page->_mapcount) + 1);
		if (anon && mapped + entire > 1 && PageAnonExclusive(page))
			violation(VIOLATION_ACCOUNT, "pfn %#lx is exclusive and mapped %u times",
				  pfn + i, mapped + entire);
		sum += mapped;
		nr_mapped += mapped != 0;
	}
	if (atomic_read(&folio->_nr_pages_mapped) != nr_mapped + (entire ? ENTIRELY_MAPPED : 0))
		violation(VIOLATION_ACCOUNT, "pfn %#lx: %u pages are mapped, _nr_pages_mapped is %#x",
			  pfn, nr_mapped, atomic_read(&folio->_nr_pages_mapped));
	if (entire)
		m->nr_thps++;
	return sum;
}

/* No frame that is mapped is free. */
static void check_mapped(const struct map_counts *c)
{
	unsigned long i;

	for (i = 0; i < c->used; i++) {
		unsigned long pfn = c->pfn[c->filled[i]];
		struct folio *folio = page_folio(pfn_to_page(pfn));

		if (page_has_type(&folio->page) || !folio_ref_count(folio))
			violation(VIOLATION_ACCOUNT, "pfn %#lx is mapped %u times and free",
				  pfn, c->nr[c->filled[i]]);
	}
}

/* One frame that has been in use at some time. */
static void check_frame(unsigned long pfn, struct mapped *m)
{
	unsigned int mapped = counts_get(&m->ptes, pfn);
	struct page *page = pfn_to_page(pfn);
	struct folio *folio = page_folio(page);
	int refs = quiet_read(&folio->page._refcount), expected;

	if (page_has_type(&folio->page) || !refs)
		return;
	if (is_zero_pfn(pfn) || &folio->page != page)
		return;
	if (folio_test_large(folio) && folio_test_large_rmappable(folio))
		mapped = check_large(folio, m);
	if (folio_mapcount(folio) != mapped)
		violation(VIOLATION_ACCOUNT, "pfn %#lx is mapped %u times, its mapcount is %d",
			  pfn, mapped, folio_mapcount(folio));
	expected = mapped + (folio_mapping(folio) ? folio_nr_pages(folio) : 0);
	if (folio_test_large(folio))
		expected += atomic_read(&folio->_pincount);
	if (refs < expected)
		violation(VIOLATION_ACCOUNT, "pfn %#lx has %d references, %u mappings and %s cache slot",
			  pfn, refs, mapped, folio_mapping(folio) ? "a" : "no");
	if (folio_test_anon(folio) && mapped > 1 && !folio_test_large(folio) &&
	    PageAnonExclusive(page))
		violation(VIOLATION_ACCOUNT, "pfn %#lx is exclusive and mapped %u times",
			  pfn, mapped);
	if (folio_test_locked(folio))
		violation(VIOLATION_ACCOUNT, "pfn %#lx is locked at a quiet point by pid %d",
			  pfn, folio_lock_owner(folio));
}

/* Of a free block the first frame stands for all: none is mapped. */
static unsigned long frames_at(unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);

	return PageBuddy(page) ? 1UL << buddy_order(page) : 1;
}

static void check_frames(struct mapped *m)
{
	struct pglist_data *pgdat;
	unsigned long pfn;
	int z;

	for_each_online_pgdat(pgdat) {
		for (z = 0; z < MAX_NR_ZONES; z++) {
			struct zone *zone = &pgdat->node_zones[z];

			for (pfn = zone->zone_start_pfn; pfn < zone->untouched_pfn;
			     pfn += frames_at(pfn))
				check_frame(pfn, m);
		}
	}
	if (m->nr_thps * HPAGE_PMD_NR != global_node_page_state(NR_ANON_THPS))
		violation(VIOLATION_ACCOUNT, "%lu huge pages are mapped by PMDs, NR_ANON_THPS is %lu pages",
			  m->nr_thps, global_node_page_state(NR_ANON_THPS));
}

static void check_mapping(struct address_space *mapping, void *arg)
{
	unsigned long index, nr = 0;
	struct folio *folio;

	xa_for_each(&mapping->i_pages, index, folio) {
		nr++;
		if (folio->mapping != mapping || folio->index != index)
			violation(VIOLATION_ACCOUNT, "file %s: slot %#lx holds pfn %#lx, which is not its page",
				  mapping->host->i_name, index, folio_pfn(folio));
		if (!folio_ref_count(folio))
			violation(VIOLATION_ACCOUNT, "file %s: slot %#lx holds free pfn %#lx",
				  mapping->host->i_name, index, folio_pfn(folio));
	}
	if (nr != mapping->nrpages)
		violation(VIOLATION_ACCOUNT, "file %s has %lu pages in its cache, nrpages is %lu",
			  mapping->host->i_name, nr, mapping->nrpages);
	*(unsigned long *)arg += nr;
}

static void check_rmap(void)
{
	unsigned long cached = 0;
	static struct mapped m __kept;

	counts_empty(&m.ptes);
	counts_empty(&m.pmds);
	m.nr_thps = 0;
	count_all_mappings(&m);
	check_mapped(&m.ptes);
	check_mapped(&m.pmds);
	check_frames(&m);

	for_each_mapping(check_mapping, &cached);
	if (cached != global_node_page_state(NR_FILE_PAGES))
		violation(VIOLATION_ACCOUNT, "%lu pages are in page caches, NR_FILE_PAGES is %lu",
			  cached, global_node_page_state(NR_FILE_PAGES));
}
MACHINE_CHECKER(rmap, check_rmap);
