// SPDX-License-Identifier: GPL-2.0
/*
 * Scanning and hinting faults.
 *
 * One pass of knuma_scand over a process of one large mapping, against a loop that
 * takes the same page-table locks, reads the same entries, looks at the same folios,
 * writes the same marks and flushes once.  Then the faults that take the marks away.
 */
#include <stdio.h>

#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pgtable.h>
#include <linux/sched.h>
#include <asm/tlbflush.h>
#include <machine/program.h>

#include "core.h"

#define PAGES	32768UL
#define BYTES	(PAGES * PAGE_SIZE)

static double scan_ns[ROUNDS], bare_ns[ROUNDS], hint_ns[ROUNDS];

/* Mark one page-table page's worth of entries; returns how many. */
static unsigned long bare_table(struct vm_area_struct *vma, unsigned long addr,
				unsigned long end)
{
	pmd_t *pmd = mm_find_pmd(vma->vm_mm, addr);
	unsigned long marked = 0;
	spinlock_t *ptl;
	pte_t *pte;

	pte = pmd ? pte_offset_map_lock(vma->vm_mm, pmd, addr, &ptl) : NULL;
	if (!pte)
		return 0;
	for (pte_t *p = pte; addr < end; addr += PAGE_SIZE, p++) {
		pte_t old = ptep_get(p);
		struct folio *folio;

		if (!pte_present(old) || pte_protnone(old))
			continue;
		folio = vm_normal_folio(vma, addr, old);
		if (!folio || folio_nid(folio) < 0 || folio_test_ksm(folio))
			continue;
		old = ptep_modify_prot_start(vma, addr, p);
		ptep_modify_prot_commit(vma, addr, p, old, pte_modify(old, PAGE_NONE));
		marked++;
	}
	pte_unmap_unlock(pte, ptl);
	return marked;
}

/* The bare loop over the whole mapping; returns entries marked. */
static unsigned long bare_loop(unsigned long start)
{
	struct mm_struct *mm = current->mm;
	unsigned long marked = 0, addr = start, end = start + BYTES;
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	vma = find_vma(mm, start);
	inc_tlb_flush_pending(mm);
	while (addr < end) {
		unsigned long next = min(end, (addr + PMD_SIZE) & PMD_MASK);

		marked += bare_table(vma, addr, next);
		addr = next;
	}
	flush_tlb_range(vma, start, end);
	dec_tlb_flush_pending(mm);
	mmap_read_unlock(mm);
	return marked;
}

/*
 * Sleep until a pass has looked at the whole mapping; host time of the one sleep in
 * which that happened.  A pass that was cut by the end of a sleep does not count.
 */
static double time_a_pass(void)
{
	for (unsigned int tries = 0; tries < 100; tries++) {
		unsigned long long before = core_counter("pages_marked");
		double start = host_ns(), ns;

		msleep(700);
		ns = host_ns() - start;
		if (core_counter("pages_marked") - before >= PAGES)
			return ns;
	}
	return -1;
}

static int touch_all(unsigned long addr)
{
	return user_touch_range(addr, BYTES, true, 0, NULL);
}

/* Host time of the hinting faults on all pages, which are marked. */
static double time_hints(unsigned long addr)
{
	unsigned long long before = core_counter("hint_faults");
	double start = host_ns(), ns;

	if (touch_all(addr))
		return -1;
	ns = host_ns() - start;
	return core_counter("hint_faults") - before == PAGES ? ns : -1;
}

static int scan_program(void *arg)
{
	long addr = sys_mmap(0, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			     NULL, 0);

	if (addr < 0 || core_knob("scan_pmd", "0") || core_knob("pages_to_scan", "1000000") ||
	    core_knob("scan_sleep_pass_millisecs", "3000"))
		return 1;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		double start;

		if (touch_all(addr))
			return 1;
		scan_ns[i] = time_a_pass() / PAGES;
		hint_ns[i] = time_hints(addr) / PAGES;
		start = host_ns();
		if (bare_loop(addr) != PAGES)
			return 1;
		bare_ns[i] = (host_ns() - start) / PAGES;
		if (scan_ns[i] < 0 || hint_ns[i] < 0)
			return 1;
	}
	return 0;
}

int measure_scan(void)
{
	double scan, hint;

	if (core_on_machine(2, scan_program, NULL)) {
		fprintf(stderr, "bench-core: scanning could not be measured\n");
		return -1;
	}
	scan = median(scan_ns, ROUNDS);
	hint = median(hint_ns, ROUNDS);
	core_add(&(struct core_result){
		.name = "scan_per_pte", .unit = "ns", .value = scan,
		.against = median(bare_ns, ROUNDS),
		.what = "bare loop over the same entries", .aim = 2 });
	core_add(&(struct core_result){
		.name = "hinting_faults", .unit = "1/s", .value = 1e9 / hint, .against = -1 });
	return 0;
}
