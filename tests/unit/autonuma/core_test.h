/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the core's suites share: programs whose memory is scanned, a way to wait for
 * passes, and looks at entries, pages and counters.
 *
 * A case drives knuma_scand with virtual time only: passes happen while a program
 * computes, never while it runs through its own code.
 */
#ifndef _TESTS_AUTONUMA_CORE_TEST_H
#define _TESTS_AUTONUMA_CORE_TEST_H

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/kstrtox.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/sched.h>
#include <linux/mempolicy.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/topology.h>
#include <machine/machine.h>
#include <machine/program.h>
#include <machine/sysfs.h>
#include <machine/trace.h>
#include <machine/violation.h>
#include <machine/vmstat.h>
#include <trace/stages.h>

#include "../../../mm/autonuma.h"

#define MSEC	NSEC_PER_MSEC
#define SEC	NSEC_PER_SEC

/* A program under test: what it needs and what it leaves. */
struct prog {
	struct kunit *test;
	void (*fn)(struct prog *p);
	unsigned long addr;	/* its mapping */
	unsigned long pages;
	void *arg;
};

/* First CPU of a node. */
static inline unsigned int cpu_of(int nid)
{
	return cpumask_first(cpumask_of_node(nid));
}

static int prog_main(void *arg)
{
	struct prog *p = arg;

	p->fn(p);
	return 0;
}

/* Set a knob through sysfs. */
static inline void set_knob(struct kunit *test, const char *name, const char *value)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/kernel/mm/autonuma/%s", name);
	KUNIT_EXPECT_GT_MSG(test, sysfs_write_file(path, value, strlen(value)), 0,
			    "%s = %s", name, value);
}

/* Whatever became of the pages: the period stays what it was at first. */
static __maybe_unused unsigned int same_period(unsigned int period, const unsigned long *heard)
{
	return period;
}

/*
 * Scan every mm every @msecs milliseconds, whatever becomes of its pages. Most cases do
 * something between two passes and must know when the next one comes.
 */
static __maybe_unused void scan_steadily(struct kunit *test, unsigned int msecs)
{
	char text[16];

	/* A period begins at a 40th of what the knob says. */
	snprintf(text, sizeof(text), "%u", msecs * 40);
	set_knob(test, "scan_sleep_pass_millisecs", text);
	kunit_activate_static_stub(test, autonuma_judge_period, same_period);
}

/* Run fn as a process bound to @cpu, and wait for its end; passes are ten seconds apart. */
static __maybe_unused void run_prog(struct kunit *test, unsigned int cpu, void (*fn)(struct prog *p),
		     void *arg)
{
	struct prog p = { .test = test, .fn = fn, .arg = arg };
	struct task_struct *task;

	if (autonuma_enabled() && !stub_find(autonuma_judge_period))
		scan_steadily(test, 10000);
	task = program_start_on(cpu, "prog", prog_main, &p);
	KUNIT_ASSERT_NOT_NULL(test, task);
	KUNIT_EXPECT_EQ(test, program_wait(task), 0);
}

/* Map @pages of private anonymous memory and write each once. */
static inline unsigned long map_and_write(struct prog *p, unsigned long pages)
{
	long addr = sys_mmap(0, pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	unsigned long i;

	KUNIT_EXPECT_GT(p->test, addr, 0);
	for (i = 0; i < pages; i++)
		KUNIT_EXPECT_EQ(p->test, user_write64(addr + i * PAGE_SIZE, i + 1), 0);
	p->addr = addr;
	p->pages = pages;
	return addr;
}

/* The contents that map_and_write() left. */
static inline void expect_contents(struct prog *p)
{
	unsigned long i;
	u64 val;

	for (i = 0; i < p->pages; i++) {
		KUNIT_EXPECT_EQ(p->test, user_read64(p->addr + i * PAGE_SIZE, &val), 0);
		KUNIT_EXPECT_EQ(p->test, val, i + 1);
	}
}

/* Move the running program to a node. */
static inline void go_to_node(struct prog *p, int nid)
{
	KUNIT_EXPECT_EQ(p->test, sys_sched_setaffinity(0, cpumask_of_node(nid)), 0);
	KUNIT_EXPECT_EQ(p->test, numa_node_id(), nid);
}

/* Compute until @n more passes are complete. */
static inline void wait_for_passes(struct prog *p, unsigned long n)
{
	unsigned long until = autonuma_counter_read(AUTONUMA_FULL_SCANS) + n;
	int limit = 100 * n + 100;

	while (autonuma_counter_read(AUTONUMA_FULL_SCANS) < until && limit--)
		user_compute(200 * MSEC);
	KUNIT_EXPECT_GE(p->test, autonuma_counter_read(AUTONUMA_FULL_SCANS), until);
}

/* Let the migration daemons do what they have been given. */
static inline void wait_for_migration(void)
{
	user_compute(SEC);
}

/* The entry at @addr of the running program; pte_none() where there is no table. */
static inline pte_t entry_at(unsigned long addr)
{
	struct mm_struct *mm = current->mm;
	pte_t pte = __pte(0), *ptep;
	spinlock_t *ptl;
	pmd_t *pmd;
	pud_t *pud;

	mmap_read_lock(mm);
	pud = pud_offset(p4d_offset(pgd_offset(mm, addr), addr), addr);
	if (!pud_none(*pud)) {
		pmd = pmd_offset(pud, addr);
		ptep = pmd_none(*pmd) ? NULL : pte_offset_map_lock(mm, pmd, addr, &ptl);
		if (ptep) {
			pte = ptep_get(ptep);
			pte_unmap_unlock(ptep, ptl);
		}
	}
	mmap_read_unlock(mm);
	return pte;
}

static inline bool marked_at(unsigned long addr)
{
	pte_t pte = entry_at(addr);

	return pte_present(pte) && pte_protnone(pte);
}

/* Replace the present entry at @addr of the running program as the scan would. */
static inline void change_entry(unsigned long addr,
				pte_t (*change)(pte_t pte, struct vm_area_struct *vma))
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	pte_t *ptep, old;
	spinlock_t *ptl;
	pmd_t *pmd;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	pmd = pmd_offset(pud_offset(p4d_offset(pgd_offset(mm, addr), addr), addr), addr);
	ptep = pte_offset_map_lock(mm, pmd, addr, &ptl);
	old = ptep_modify_prot_start(vma, addr, ptep);
	ptep_modify_prot_commit(vma, addr, ptep, old, change(old, vma));
	flush_tlb_page(vma, addr);
	pte_unmap_unlock(ptep, ptl);
	mmap_read_unlock(mm);
}

static inline pte_t make_marked(pte_t pte, struct vm_area_struct *vma)
{
	return pte_modify(pte, PAGE_NONE);
}

static inline pte_t make_old(pte_t pte, struct vm_area_struct *vma)
{
	return pte_mkold(pte);
}

/* How many of the program's pages are marked. */
static inline unsigned long marked_pages(struct prog *p)
{
	unsigned long i, n = 0;

	for (i = 0; i < p->pages; i++)
		n += marked_at(p->addr + i * PAGE_SIZE);
	return n;
}

/* How many of the program's pages are on a node. */
static inline unsigned long pages_on(struct prog *p, int nid)
{
	unsigned long i, n = 0;

	for (i = 0; i < p->pages; i++)
		n += mm_page_node(current->mm, p->addr + i * PAGE_SIZE) == nid;
	return n;
}

static inline void touch_all(struct prog *p)
{
	unsigned long i;
	u64 val;

	for (i = 0; i < p->pages; i++)
		KUNIT_EXPECT_EQ(p->test, user_read64(p->addr + i * PAGE_SIZE, &val), 0);
}

static inline unsigned long count_of(enum autonuma_counter which)
{
	return autonuma_counter_read(which);
}

static inline unsigned long failed(enum autonuma_drop why)
{
	return autonuma_counter_read(AUTONUMA_PAGES_FAILED + why);
}

/* Queue a page that nobody is told about. */
static __maybe_unused enum autonuma_drop queue_add(unsigned long pfn, unsigned int order,
						   int target_nid, unsigned int tries)
{
	struct autonuma_queued item = { .pfn = pfn, .order = order, .tries = tries };

	return autonuma_queue_add(&item, target_nid);
}

/* All counts of a machine with four nodes; returns their sum. */
static __maybe_unused unsigned long counts_read(struct autonuma_counts *c,
						unsigned long *by_node)
{
	nodemask_t used;

	memset(by_node, 0, 4 * sizeof(*by_node));
	return autonuma_counts_read(c, &used, by_node);
}

/* Pages of which the scan period has heard since the last scan, whatever became of them. */
static __maybe_unused unsigned long pages_heard_of(struct mm_autonuma *mma)
{
	unsigned long sum = 0;
	int what;

	for (what = 0; what < AUTONUMA_NR_OUTCOMES; what++)
		sum += atomic_long_read(&mma->heard[what]);
	return sum;
}

/*
 * Over the records of an event whose text contains @with, NULL for all: the sum of what
 * follows @name; their number without @name.
 */
static __maybe_unused unsigned long traced(const char *event, const char *with,
					   const char *name)
{
	struct trace_record rec;
	unsigned long sum = 0;
	char text[256], *pos;
	u64 seq;

	for (seq = 0; trace_next(seq, &rec); seq = rec.seq + 1) {
		if (strcmp(rec.call->name, event))
			continue;
		rec.call->print(rec.data, text, sizeof(text));
		if (with && !strstr(text, with))
			continue;
		pos = name ? strstr(text, name) : NULL;
		sum += pos ? simple_strtoul(pos + strlen(name), NULL, 10) : !name;
	}
	return sum;
}

/* The kernel thread @comm; it sleeps and does not end. */
static __maybe_unused struct task_struct *thread_named(const char *comm)
{
	struct task_struct *p, *found = NULL;

	rcu_read_lock();
	for_each_process(p)
		if (!strcmp(p->comm, comm))
			found = p;
	rcu_read_unlock();
	return found;
}

#endif /* _TESTS_AUTONUMA_CORE_TEST_H */
