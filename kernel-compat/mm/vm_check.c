// SPDX-License-Identifier: GPL-2.0
/*
 * What machine_check() looks at in address spaces: the VMA tree, page tables against
 * RSS and pgtables_bytes, TLBs against page tables.  Mapcounts, references and reverse
 * maps are checked with the faults.  Runs at a quiet point, without locks.
 */
#include <linux/mm.h>
#include <linux/rmap.h>
#include <linux/swapops.h>
#include <machine/machine.h>
#include <machine/violation.h>
#include <exec/sanitizers.h>
#include <exec/snapshot.h>
#include <stdlib.h>
#include "mm_life.h"
#include "quiet.h"
#include "tlb.h"
#include "vma.h"

static void check_vma(struct mm_struct *mm, struct vm_area_struct *vma,
		      unsigned long prev_end)
{
	if (vma->vm_mm != mm)
		violation(VIOLATION_ACCOUNT, "VMA %#lx-%#lx of mm %p says it is of mm %p",
			  vma->vm_start, vma->vm_end, mm, vma->vm_mm);
	if (((vma->vm_start | vma->vm_end) & ~PAGE_MASK) || vma->vm_start >= vma->vm_end ||
	    vma->vm_end > mm->task_size)
		violation(VIOLATION_ACCOUNT, "VMA %#lx-%#lx of mm %p has bad borders",
			  vma->vm_start, vma->vm_end, mm);
	if (vma->vm_start < prev_end)
		violation(VIOLATION_ACCOUNT, "VMA %#lx-%#lx of mm %p overlaps its predecessor",
			  vma->vm_start, vma->vm_end, mm);
	if (vma->vm_policy && atomic_read(&vma->vm_policy->refcnt) < 1)
		violation(VIOLATION_ACCOUNT, "VMA %#lx-%#lx has a freed policy",
			  vma->vm_start, vma->vm_end);
}

static void check_vma_tree(struct mm_struct *mm)
{
	unsigned long end = 0, pages = 0;
	struct rb_node *node;
	int count = 0;

	for (node = rb_first(&mm->mm_rb); node; node = rb_next(node), count++) {
		struct vm_area_struct *vma = vma_of_rb(node);

		check_vma(mm, vma, end);
		end = vma->vm_end;
		pages += vma_pages(vma);
	}
	if (count != mm->map_count)
		violation(VIOLATION_ACCOUNT, "mm %p has %d VMAs and map_count %d", mm, count,
			  mm->map_count);
	if (pages != mm->total_vm)
		violation(VIOLATION_ACCOUNT, "mm %p maps %lu pages and total_vm is %lu", mm,
			  pages, mm->total_vm);
}

struct counts {
	struct mm_struct *mm;
	unsigned long tables;
	long rss[NR_MM_COUNTERS];
};

/* The VMA of @addr, without asserting mmap_lock. */
static struct vm_area_struct *quiet_vma(struct mm_struct *mm, unsigned long addr)
{
	struct rb_node *node = mm->mm_rb.rb_node;

	while (node) {
		struct vm_area_struct *vma = vma_of_rb(node);

		if (addr < vma->vm_start)
			node = node->rb_left;
		else if (addr >= vma->vm_end)
			node = node->rb_right;
		else
			return vma;
	}
	return NULL;
}

static void count_entry(struct counts *c, unsigned long addr, pte_t pte)
{
	struct vm_area_struct *vma = quiet_vma(c->mm, addr);
	struct folio *folio = NULL;

	if (!vma)
		violation(VIOLATION_ACCOUNT, "entry %#lx of mm %p at %#lx is in no VMA",
			  (unsigned long)pte_val(pte), c->mm, addr);
	if (pte_present(pte)) {
		if ((pte_flags(pte) & _PAGE_PRESENT) && pte_write(pte) &&
		    !(vma->vm_flags & VM_WRITE))
			violation(VIOLATION_ACCOUNT,
				  "entry of mm %p at %#lx is writable, its VMA is not", c->mm,
				  addr);
		folio = vm_normal_folio(vma, addr, pte);
	} else if (is_migration_entry(pte_to_swp_entry(pte))) {
		folio = pfn_folio(swp_offset_pfn(pte_to_swp_entry(pte)));
	}
	if (folio)
		c->rss[mm_counter(folio)]++;
}

static void check_magic(const void *table, enum pgtable_level level, struct mm_struct *mm)
{
	struct ptdesc *pt = virt_to_ptdesc(table);

	if (pt->magic != PTDESC_MAGIC || pt->level != level || pt->pt_mm != mm)
		violation(VIOLATION_ACCOUNT, "table %p of mm %p is not what its entry says",
			  table, mm);
}

static void count_ptes(struct counts *c, pte_t *table, unsigned long addr)
{
	unsigned int i;

	check_magic(table, PGTABLE_LEVEL_PTE, c->mm);
	c->tables++;
	for_each_quiet_entry(i, table, 0, PTRS_PER_PTE) {
		pte_t pte = __pte(quiet_entry(table + i));

		if (!pte_none(pte))
			count_entry(c, addr + i * PAGE_SIZE, pte);
	}
}

/* A huge page, or one under migration. */
static void count_huge_pmd(struct counts *c, unsigned long addr, pmd_t pmd)
{
	struct vm_area_struct *vma = quiet_vma(c->mm, addr);

	if (!vma || addr < vma->vm_start || addr + PMD_SIZE > vma->vm_end)
		violation(VIOLATION_ACCOUNT, "huge entry %#lx of mm %p at %#lx is not inside one VMA",
			  (unsigned long)pmd_val(pmd), c->mm, addr);
	if ((pmd_flags(pmd) & _PAGE_PRESENT) && pmd_write(pmd) && !(vma->vm_flags & VM_WRITE))
		violation(VIOLATION_ACCOUNT,
			  "huge entry of mm %p at %#lx is writable, its VMA is not", c->mm, addr);
	if (is_huge_zero_pmd(pmd)) {
		if (!test_bit(MMF_HUGE_ZERO_PAGE, &c->mm->flags))
			violation(VIOLATION_ACCOUNT,
				  "mm %p maps the huge zero page and has no reference", c->mm);
		return;
	}
	c->rss[MM_ANONPAGES] += HPAGE_PMD_NR;
}

/* Every huge entry of a PMD table has a table in store there. */
static void count_deposited(struct counts *c, pmd_t *table, unsigned int nr_huge)
{
	struct ptdesc *pt = virt_to_ptdesc(table)->pmd_huge_pte;
	unsigned int nr = 0;

	for (; pt; pt = pt->pmd_huge_pte, nr++) {
		check_magic(ptdesc_address(pt), PGTABLE_LEVEL_PTE, c->mm);
		if (memchr_inv(ptdesc_address(pt), 0, PAGE_SIZE))
			violation(VIOLATION_ACCOUNT, "a deposited table of mm %p is not empty",
				  c->mm);
	}
	c->tables += nr;
	if (nr != nr_huge)
		violation(VIOLATION_ACCOUNT, "mm %p has %u huge entries and %u deposited tables",
			  c->mm, nr_huge, nr);
}

static void count_pmds(struct counts *c, pmd_t *table, unsigned long addr)
{
	unsigned int i, nr_huge = 0;

	check_magic(table, PGTABLE_LEVEL_PMD, c->mm);
	c->tables++;
	for_each_quiet_entry(i, table, 0, PTRS_PER_PMD) {
		pmd_t pmd = __pmd(quiet_entry(table + i));

		if (pmd_none(pmd))
			continue;
		if (is_swap_pmd(pmd) || pmd_leaf(pmd)) {
			count_huge_pmd(c, addr + i * PMD_SIZE, pmd);
			nr_huge++;
		} else {
			count_ptes(c, (pte_t *)pmd_page_vaddr(pmd), addr + i * PMD_SIZE);
		}
	}
	count_deposited(c, table, nr_huge);
}

static void count_puds(struct counts *c, pud_t *table, unsigned long addr)
{
	unsigned int i;

	check_magic(table, PGTABLE_LEVEL_PUD, c->mm);
	c->tables++;
	for_each_quiet_entry(i, table, 0, PTRS_PER_PUD) {
		pud_t pud = __pud(quiet_entry(table + i));

		if (!pud_none(pud))
			count_pmds(c, pud_pgtable(pud), addr + i * PUD_SIZE);
	}
}

static void count_tables(struct counts *c)
{
	unsigned int i;

	for_each_quiet_entry(i, c->mm->pgd, 0, PTRS_PER_PGD / 2) {
		p4d_t p4d = __p4d(quiet_entry(c->mm->pgd + i));

		if (!p4d_none(p4d))
			count_puds(c, p4d_pgtable(p4d), i * PGDIR_SIZE);
	}
}

static void check_one_mm(struct mm_struct *mm, void *unused)
{
	struct counts c = { .mm = mm };
	int i;

	check_vma_tree(mm);
	count_tables(&c);
	if (c.tables * PAGE_SIZE != mm_pgtables_bytes(mm))
		violation(VIOLATION_ACCOUNT, "mm %p has %lu page tables and pgtables_bytes %lu",
			  mm, c.tables, mm_pgtables_bytes(mm));
	for (i = 0; i < NR_MM_COUNTERS; i++)
		if (c.rss[i] != quiet_read_long(&mm->rss_stat[i]))
			violation(VIOLATION_ACCOUNT, "mm %p maps %ld pages and rss_stat[%d] is %ld",
				  mm, c.rss[i], i, quiet_read_long(&mm->rss_stat[i]));
	if (mm_tlb_flush_pending(mm))
		violation(VIOLATION_ACCOUNT, "mm %p has a TLB flush pending at a quiet point",
			  mm);
}

static void count_huge_zero_user(struct mm_struct *mm, void *arg)
{
	if (atomic_read(&mm->mm_users) && test_bit(MMF_HUGE_ZERO_PAGE, &mm->flags))
		++*(int *)arg;
}

static void check_mms(void)
{
	int users = 0;

	for_each_mm(check_one_mm, NULL);
	for_each_mm(count_huge_zero_user, &users);
	if (huge_zero_references() != users + !!huge_zero_folio)
		violation(VIOLATION_ACCOUNT, "the huge zero page has %d references of %d mms",
			  huge_zero_references(), users);
}

struct by_context {
	u64 context;
	struct mm_struct *mm;
};

static void match_context(struct mm_struct *mm, void *arg)
{
	struct by_context *bc = arg;

	if (mm->context_id == bc->context)
		bc->mm = mm;
}

/* The entry in memory of @addr, whole value; 0 when there is none. */
static unsigned long leaf_of(struct mm_struct *mm, unsigned long addr, bool *huge)
{
	pmd_t *pmd = mm_find_pmd(mm, addr);
	pmd_t val;

	*huge = false;
	if (!pmd)
		return 0;
	val = pmdp_get(pmd);
	if (pmd_none(val) || is_swap_pmd(val))
		return 0;
	*huge = pmd_leaf(val);
	if (*huge)
		return pmd_val(val);
	return pte_val(ptep_get_lockless((pte_t *)pmd_page_vaddr(val) + pte_index(addr)));
}

static void check_tlb_entry(unsigned int cpu, const struct tlb_entry *e)
{
	struct by_context bc = { .context = e->context };
	unsigned long need = _PAGE_PRESENT | _PAGE_USER, addr = e->tag & PAGE_MASK, leaf;
	bool huge;

	for_each_mm(match_context, &bc);
	if (!bc.mm)
		violation(VIOLATION_TLB, "TLB of CPU %u maps %#lx of a dead address space", cpu,
			  addr);
	if (!cpumask_test_cpu(cpu, mm_cpumask(bc.mm)))
		violation(VIOLATION_TLB, "CPU %u has translations of mm %p and is not in its mask",
			  cpu, bc.mm);
	leaf = leaf_of(bc.mm, addr, &huge);
	if (e->tag & TLB_WRITE)
		need |= _PAGE_RW | _PAGE_DIRTY;
	if ((leaf & need) != need || huge != !!(e->tag & TLB_HUGE) ||
	    (huge ? pmd_pfn(__pmd(leaf)) : pte_pfn(__pte(leaf))) != e->pfn)
		violation(VIOLATION_TLB,
			  "TLB of CPU %u maps %#lx of mm %p to frame %#lx%s, its entry is %#lx",
			  cpu, addr, bc.mm, e->pfn, e->tag & TLB_WRITE ? " writable" : "", leaf);
}

static int compare_frames(const void *a, const void *b)
{
	const unsigned long *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Each frame's count of TLB entries against the entries. */
static void check_frame_counts(unsigned long *pfns, size_t nr)
{
	size_t i, run;

	if (nr)
		qsort(pfns, nr, sizeof(*pfns), compare_frames);
	for (i = 0; i < nr; i += run) {
		for (run = 1; i + run < nr && pfns[i + run] == pfns[i]; run++)
			;
		if (tlb_entries_of(pfns[i]) != run)
			violation(VIOLATION_TLB, "frame %#lx is in %zu TLB entries and counts %u",
				  pfns[i], run, tlb_entries_of(pfns[i]));
	}
}

/* Frames of entries, in no order; its memory stays for the next check. */
static struct {
	unsigned long *pfns;
	size_t nr, room;
} cached __kept;

static void add_frames(const struct tlb_entry *e)
{
	unsigned long page;

	if (cached.nr + HPAGE_PMD_NR > cached.room) {
		cached.room = 2 * cached.room + HPAGE_PMD_NR;
		cached.pfns = realloc(cached.pfns, cached.room * sizeof(*cached.pfns));
		if (!cached.pfns)
			panic("no host memory for a check");
	}
	for (page = 0; page < tlb_entry_size(e) >> PAGE_SHIFT; page++)
		cached.pfns[cached.nr++] = e->pfn + page;
}

/* The entries of @tlb, which others do not change meanwhile: reports hold no lock. */
static __unsanitized unsigned int copy_entries(struct tlb *tlb, struct tlb_entry *to)
{
	unsigned int set, way, nr = 0;

	xlock(&tlb->lock);
	for (set = 0; set < TLB_SETS; set++)
		for (way = 0; way < TLB_WAYS; way++)
			if (tlb->sets[set][way].tag)
				to[nr++] = tlb->sets[set][way];
	xunlock(&tlb->lock);
	return nr;
}

static void check_tlbs(void)
{
	struct tlb_entry entries[TLB_SETS * TLB_WAYS];
	unsigned int cpu, i, nr;

	cached.nr = 0;
	for_each_possible_cpu(cpu) {
		struct tlb *tlb = cpu_tlb(cpu);

		nr = tlb ? copy_entries(tlb, entries) : 0;
		for (i = 0; i < nr; i++) {
			check_tlb_entry(cpu, &entries[i]);
			add_frames(&entries[i]);
		}
	}
	check_frame_counts(cached.pfns, cached.nr);
}

static void check_address_spaces(void)
{
	check_mms();
	check_tlbs();
}
MACHINE_CHECKER(address_spaces, check_address_spaces);
