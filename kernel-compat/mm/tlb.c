// SPDX-License-Identifier: GPL-2.0
/*
 * The software TLB: fill, use, flush.
 *
 * Each virtual CPU has one, allocated when it first runs user code.  It caches
 * translations by address space and page; they work until they are replaced or
 * flushed, whatever happens to the page tables meanwhile, as on hardware.  A huge PMD
 * makes one entry that covers 2 MiB, and goes when any part of that is flushed.
 *
 * A fill is the hardware's page walk: it takes no kernel lock, reads each level with
 * acquire, and sets accessed and dirty bits with compare-and-swap, so it can lose
 * against software that clears the entry at the same moment, and software that does
 * not use an atomic exchange can lose what the walk wrote.  The walk, the access that
 * follows and every flush are under the TLB's own lock.  That is what makes a flush
 * a guarantee: when it returns, no access through the old translation is under way,
 * and no walk is still inside a table that was unlinked before.
 *
 * struct page counts, in half of memcg_data, the TLB entries that hold its frame.  Freeing a
 * page whose count is not zero is the bug this TLB exists to find; the test is one
 * load per freed page.
 */
#include <linux/mm.h>
#include <linux/smp.h>
#include <linux/vmstat.h>
#include <linux/percpu.h>
#include <linux/mmu_notifier.h>
#include <asm/mmu_context.h>
#include <machine/cost.h>
#include <machine/machine.h>
#include <machine/violation.h>
#include <exec/host_memory.h>
#include "tlb.h"

static struct tlb **tlbs;	/* nr_cpu_ids pointers; each is set once per boot */

/* Kernel threads switch before tlb_boot(); pairs with its release. */
struct tlb *cpu_tlb(unsigned int cpu)
{
	struct tlb **all = __atomic_load_n(&tlbs, __ATOMIC_ACQUIRE);

	return all ? __atomic_load_n(&all[cpu], __ATOMIC_ACQUIRE) : NULL;
}

/* The TLB of the CPU that the caller owns. */
static struct tlb *this_tlb(void)
{
	unsigned int cpu = raw_smp_processor_id();
	struct tlb *tlb = cpu_tlb(cpu);

	if (likely(tlb))
		return tlb;
	tlb = host_zalloc(1, sizeof(*tlb));
	if (!tlb)
		panic("no host memory for a TLB");
	__atomic_store_n(&tlbs[cpu], tlb, __ATOMIC_RELEASE);
	return tlb;
}

/* Small and huge entries share the sets; @shift is the size's. */
static unsigned int tlb_set_of(unsigned long addr, u64 context, unsigned int shift)
{
	unsigned long vpn = addr >> shift;

	return (vpn ^ (vpn >> 6) ^ (context * 0x9e37)) & (TLB_SETS - 1);
}

/* How many entries hold each frame; relaxed, the TLB locks order it against flushes. */
static void count_frames(const struct tlb_entry *e, int delta)
{
	struct page *page = pfn_to_page(e->pfn);
	unsigned long i, nr = tlb_entry_size(e) >> PAGE_SHIFT;

	for (i = 0; i < nr; i++)
		__atomic_fetch_add(page_tlb_count(page + i), delta, __ATOMIC_RELAXED);
}

static void drop_entry(struct tlb_entry *e)
{
	count_frames(e, -1);
	e->tag = 0;
}

/* Drop entries of @set that @context owns, 0 for any, and that reach into [start, end). */
static void drop_set(struct tlb *tlb, unsigned int set, u64 context, unsigned long start,
		     unsigned long end)
{
	bool left = false;
	unsigned int way;

	for (way = 0; way < TLB_WAYS; way++) {
		struct tlb_entry *e = &tlb->sets[set][way];
		unsigned long addr = e->tag & PAGE_MASK;

		if (!e->tag)
			continue;
		if ((!context || e->context == context) && addr < end &&
		    addr + tlb_entry_size(e) > start)
			drop_entry(e);
		else
			left = true;
	}
	if (!left)
		tlb->used &= ~(1ULL << set);
}

static void drop_all(struct tlb *tlb, u64 context, unsigned long start, unsigned long end)
{
	u64 sets = tlb->used;

	while (sets) {
		unsigned int set = __builtin_ctzll(sets);

		sets &= sets - 1;
		drop_set(tlb, set, context, start, end);
	}
}

/* What INVLPG does: drop the entries that translate @addr, whatever their size. */
static void drop_addr(struct tlb *tlb, u64 context, unsigned long addr)
{
	drop_set(tlb, tlb_set_of(addr, context, PAGE_SHIFT), context, addr, addr + 1);
	drop_set(tlb, tlb_set_of(addr, context, PMD_SHIFT), context, addr, addr + 1);
}

static struct tlb_entry *find_sized(struct tlb *tlb, u64 context, unsigned long start,
				    unsigned int shift, unsigned long huge)
{
	struct tlb_entry *e = tlb->sets[tlb_set_of(start, context, shift)];
	unsigned int way;

	for (way = 0; way < TLB_WAYS; way++, e++)
		if (e->tag && (e->tag & PAGE_MASK) == start &&
		    (e->tag & TLB_HUGE) == huge && e->context == context)
			return e;
	return NULL;
}

static struct tlb_entry *find_entry(struct tlb *tlb, u64 context, unsigned long page)
{
	return find_sized(tlb, context, page, PAGE_SHIFT, 0) ?:
	       find_sized(tlb, context, page & PMD_MASK, PMD_SHIFT, TLB_HUGE);
}

/* Frame of @page, which @e translates. */
static unsigned long entry_pfn(const struct tlb_entry *e, unsigned long page)
{
	return e->pfn + ((page - (e->tag & PAGE_MASK)) >> PAGE_SHIFT);
}

static struct tlb_entry *insert_entry(struct tlb *tlb, u64 context, unsigned long page,
				      unsigned long pfn, unsigned long flags)
{
	unsigned int shift = flags & TLB_HUGE ? PMD_SHIFT : PAGE_SHIFT;
	unsigned int set = tlb_set_of(page, context, shift), way;
	struct tlb_entry *e = tlb->sets[set];

	for (way = 0; way < TLB_WAYS; way++)
		if (!e[way].tag)
			break;
	if (way == TLB_WAYS) {
		way = tlb->next[set]++ % TLB_WAYS;
		drop_entry(&e[way]);
	}
	e += way;
	e->tag = (page & ~((1UL << shift) - 1)) | TLB_VALID | flags;
	e->context = context;
	e->pfn = pfn;
	count_frames(e, 1);
	tlb->used |= 1ULL << set;
	return e;
}

/*
 * One step of the hardware walk at a leaf: permission, then accessed and dirty.
 * False when the access must fault.  *word may change under our feet.
 */
static bool walk_leaf(unsigned long *word, unsigned long val, enum tlb_access access,
		      unsigned long *leaf)
{
	const unsigned long need = _PAGE_PRESENT | _PAGE_USER |
				   (access == TLB_STORE ? _PAGE_RW : 0);
	const unsigned long set = _PAGE_ACCESSED | (access == TLB_STORE ? _PAGE_DIRTY : 0);

	do {
		if ((val & need) != need)
			return false;
		*leaf = val | set;
		if (*leaf == val)
			return true;
		exec_point_rmw(EXEC_POINT_PTE, word, sizeof(*word), __ATOMIC_SEQ_CST);
	} while (!__atomic_compare_exchange_n(word, &val, *leaf, false, __ATOMIC_ACQ_REL,
					      __ATOMIC_ACQUIRE));
	return true;
}

/* The hardware walk. (First) frame and TLB_*, or false: page fault. */
static bool walk(struct mm_struct *mm, unsigned long addr, enum tlb_access access,
		 unsigned long *pfn, unsigned long *flags)
{
	unsigned long leaf;
	p4d_t p4d;
	pud_t pud;
	pmd_t *pmdp, pmd;
	pte_t *ptep;

	p4d = p4dp_get(p4d_offset(pgd_offset(mm, addr), addr));
	if (!p4d_present(p4d))
		return false;
	pud = pudp_get(p4d_pgtable(p4d) + pud_index(addr));
	if (!pud_present(pud))
		return false;
	pmdp = pud_pgtable(pud) + pmd_index(addr);
	pmd = pmdp_get(pmdp);
	if (!(pmd_val(pmd) & _PAGE_PRESENT))
		return false;
	if (pmd_leaf(pmd)) {
		if (!walk_leaf(&pmdp->pmd, pmd_val(pmd), access, &leaf))
			return false;
		*pfn = pmd_pfn(__pmd(leaf));
		*flags = TLB_HUGE;
	} else {
		ptep = (pte_t *)pmd_page_vaddr(pmd) + pte_index(addr);
		if (!walk_leaf(&ptep->pte, pte_val(ptep_get_lockless(ptep)), access, &leaf))
			return false;
		*pfn = pte_pfn(__pte(leaf));
		*flags = 0;
	}
	/* A clean entry is walked again by the first store, which sets dirty. */
	if ((leaf & (_PAGE_RW | _PAGE_DIRTY)) == (_PAGE_RW | _PAGE_DIRTY))
		*flags |= TLB_WRITE;
	return true;
}

bool tlb_translate(struct tlb *tlb, unsigned long addr, enum tlb_access access,
		   unsigned long *pfn)
{
	struct mm_struct *mm = tlb->mm;
	unsigned long page = addr & PAGE_MASK, frame, flags;
	struct tlb_entry *e;

	if (addr >= TASK_SIZE)
		return false;
	exec_point(EXEC_POINT_TLB, tlb);
	e = find_entry(tlb, mm->context_id, page);
	if (e && (access == TLB_READ || (e->tag & TLB_WRITE))) {
		tlb->hits++;
		*pfn = entry_pfn(e, page);
		return true;
	}
	/* Not there, or it does not allow the access: x86 walks before it faults. */
	if (e)
		drop_entry(e);
	tlb->misses++;
	if (!walk(mm, page, access, &frame, &flags))
		return false;
	e = insert_entry(tlb, mm->context_id, page, frame, flags);
	*pfn = entry_pfn(e, page);
	return true;
}

struct tlb *tlb_enter(void)
{
	struct tlb *tlb = this_tlb();

	xlock(&tlb->lock);
	/* switch_mm() ran before this task did; only the first access may find nothing. */
	if (unlikely(tlb->mm != current->mm || tlb->lazy)) {
		xunlock(&tlb->lock);
		violation(VIOLATION_TLB, "user access of %s with another address space loaded",
			  current->comm);
	}
	return tlb;
}

struct flush_info {
	struct mm_struct *mm;
	unsigned long start, end;
	unsigned int stride_shift;
};

/* On each CPU of mm_cpumask(), with its interrupts disabled. */
static void flush_tlb_func(void *arg)
{
	struct flush_info *info = arg;
	unsigned int cpu = raw_smp_processor_id();
	struct tlb *tlb = cpu_tlb(cpu);
	struct mm_struct *mm = info->mm;

	if (!tlb)
		return;
	exec_point(EXEC_POINT_TLB, tlb);
	xlock(&tlb->lock);
	tlb->flushes++;
	if (tlb->mm != mm || tlb->lazy) {
		/* Not in use: drop it all and be left alone by later flushes. */
		drop_all(tlb, mm->context_id, 0, -1UL);
		if (tlb->mm != mm)
			cpumask_clear_cpu(cpu, mm_cpumask(mm));
	} else if ((info->end - info->start) >> info->stride_shift >
		   tlb_single_page_flush_ceiling) {
		drop_all(tlb, mm->context_id, info->start, info->end);
	} else {
		unsigned long addr;

		for (addr = info->start; addr < info->end; addr += 1UL << info->stride_shift)
			drop_addr(tlb, mm->context_id, addr);
	}
	xunlock(&tlb->lock);
}

void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			unsigned int stride_shift, bool freed_tables)
{
	struct flush_info info = {
		.mm = mm, .start = start & PAGE_MASK, .end = end,
		.stride_shift = stride_shift ?: PAGE_SHIFT,
	};
	unsigned int cpu, self, ipis = 0;

	if (end == TLB_FLUSH_ALL)
		info.start = 0;
	/*
	 * Orders the entries written before against the read of the mask after: a CPU
	 * that is not in the mask yet will see the new entries when it walks; pairs with
	 * the full barrier of cpumask_set_cpu() in switch_mm().
	 */
	inc_mm_tlb_gen(mm);
	preempt_disable();
	self = smp_processor_id();
	for_each_cpu(cpu, mm_cpumask(mm))
		ipis += cpu != self;
	on_each_cpu_mask(mm_cpumask(mm), flush_tlb_func, &info, true);
	preempt_enable();
	count_vm_event(NR_TLB_LOCAL_FLUSH_ALL);
	cost_charge(COST_TLB_FLUSH_LOCAL, 1);
	if (ipis) {
		count_vm_event(NR_TLB_REMOTE_FLUSH);
		count_vm_events(NR_TLB_REMOTE_FLUSH_RECEIVED, ipis);
		cost_charge(COST_TLB_FLUSH_IPI, ipis);
	}
	/* As 6.12 says it: all, if the range is long. Here a TLB drops no more than the range. */
	if ((end - info.start) >> info.stride_shift > tlb_single_page_flush_ceiling)
		mmu_notifier_arch_invalidate_secondary_tlbs(mm, 0, TLB_FLUSH_ALL);
	else
		mmu_notifier_arch_invalidate_secondary_tlbs(mm, info.start, end);
}

static void flush_everything(void *unused)
{
	struct tlb *tlb = cpu_tlb(raw_smp_processor_id());

	if (!tlb)
		return;
	xlock(&tlb->lock);
	tlb->flushes++;
	drop_all(tlb, 0, 0, -1UL);
	xunlock(&tlb->lock);
}

void flush_tlb_all(void)
{
	on_each_cpu(flush_everything, NULL, 1);
}

void flush_tlb_local(void)
{
	flush_everything(NULL);
}

/* @cpu is about to go, and with it what it has cached: later flushes pass it by. */
void tlb_cpu_goes(unsigned int cpu)
{
	struct tlb *tlb = cpu_tlb(cpu);

	if (!tlb)
		return;
	xlock(&tlb->lock);
	drop_all(tlb, 0, 0, -1UL);
	xunlock(&tlb->lock);
}

/* Every entry of the CPUs of @mask, of any address space. */
void tlb_flush_cpus(const struct cpumask *mask)
{
	preempt_disable();
	on_each_cpu_mask(mask, flush_everything, NULL, true);
	preempt_enable();
}

/* Loading an address space. Interrupts are off, so flushes of this CPU wait. */
void switch_mm_irqs_off(struct mm_struct *prev, struct mm_struct *next,
			struct task_struct *tsk)
{
	unsigned int cpu = raw_smp_processor_id();
	struct tlb *tlb;

	if (next == &init_mm && !cpu_tlb(cpu))
		return;
	tlb = this_tlb();
	/*
	 * Into the mask before the first walk; pairs with inc_mm_tlb_gen().  A CPU that
	 * still has entries of @next is in the mask already.
	 */
	if (next != &init_mm && !cpumask_test_cpu(cpu, mm_cpumask(next)))
		cpumask_set_cpu(cpu, mm_cpumask(next));
	smp_mb();
	xlock(&tlb->lock);
	tlb->mm = next;
	tlb->lazy = false;
	xunlock(&tlb->lock);
}

void switch_mm(struct mm_struct *prev, struct mm_struct *next, struct task_struct *tsk)
{
	unsigned long flags;

	local_irq_save(flags);
	switch_mm_irqs_off(prev, next, tsk);
	local_irq_restore(flags);
}

void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *tsk)
{
	struct tlb *tlb = cpu_tlb(raw_smp_processor_id());

	if (!tlb)
		return;
	xlock(&tlb->lock);
	tlb->lazy = true;
	xunlock(&tlb->lock);
}

/* No CPU will ever load the address space again: drop what is left of it. */
void destroy_context(struct mm_struct *mm)
{
	unsigned int cpu;

	for_each_cpu(cpu, mm_cpumask(mm)) {
		struct tlb *tlb = cpu_tlb(cpu);

		if (!tlb)
			continue;
		xlock(&tlb->lock);
		drop_all(tlb, mm->context_id, 0, -1UL);
		if (tlb->mm == mm)
			tlb->mm = NULL;
		xunlock(&tlb->lock);
	}
}

void __tlb_page_freed(struct page *page)
{
	unsigned long pfn = page_to_pfn(page);
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct tlb *tlb = cpu_tlb(cpu);
		unsigned int i;

		if (!tlb)
			continue;
		xlock(&tlb->lock);
		for (i = 0; i < TLB_SETS * TLB_WAYS; i++) {
			struct tlb_entry *e = &tlb->sets[i / TLB_WAYS][i % TLB_WAYS];
			unsigned long tag = e->tag;

			if (!tag || pfn < e->pfn ||
			    pfn >= e->pfn + (tlb_entry_size(e) >> PAGE_SHIFT))
				continue;
			xunlock(&tlb->lock);
			violation(VIOLATION_TLB,
				  "frame %#lx is freed while the TLB of CPU %u maps %#lx to it%s",
				  pfn, cpu, tag & PAGE_MASK,
				  tag & TLB_WRITE ? " writable" : "");
			return;
		}
		xunlock(&tlb->lock);
	}
	/* The entry was replaced between the count and the search. */
}

void tlb_get_stats(struct tlb_stats *stats)
{
	unsigned int cpu, i;

	memset(stats, 0, sizeof(*stats));
	for_each_possible_cpu(cpu) {
		struct tlb *tlb = cpu_tlb(cpu);

		if (!tlb)
			continue;
		xlock(&tlb->lock);
		stats->hits += tlb->hits;
		stats->misses += tlb->misses;
		stats->flushes += tlb->flushes;
		for (i = 0; i < TLB_SETS * TLB_WAYS; i++)
			stats->entries += tlb->sets[i / TLB_WAYS][i % TLB_WAYS].tag != 0;
		xunlock(&tlb->lock);
	}
}

unsigned int tlb_entries_of(unsigned long pfn)
{
	return __atomic_load_n(page_tlb_count(pfn_to_page(pfn)), __ATOMIC_RELAXED);
}

static int tlb_boot(const struct machine_config *cfg)
{
	struct tlb **all = host_zalloc(nr_cpu_ids, sizeof(*all));

	if (!all)
		return -ENOMEM;
	__atomic_store_n(&tlbs, all, __ATOMIC_RELEASE);
	return 0;
}

static void tlb_halt(void)
{
	struct tlb **all = tlbs;
	unsigned int cpu;

	__atomic_store_n(&tlbs, NULL, __ATOMIC_RELEASE);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		host_free(all[cpu]);
	host_free(all);
}
MACHINE_SUBSYS(tlb, MACHINE_ORDER_VM, tlb_boot, NULL, tlb_halt);
