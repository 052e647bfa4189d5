// SPDX-License-Identifier: GPL-2.0
/*
 * The walk of knuma_scand, step by step: which mappings and pages it passes by and why,
 * what each step costs, what it tells observers meanwhile, and where it ends.
 */
#include <linux/freezer.h>
#include <linux/mempolicy.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <machine/log.h>

#include "core_test.h"

/* Mappings that look like what the machine has not: flags set by hand. */
static const struct vma_fact {
	const char *what;
	unsigned long flags;
	const char *reason;	/* NULL: it is scanned */
} vma_facts[] = {
	{ "frames", VM_PFNMAP, "special" },
	{ "mixed", VM_MIXEDMAP, "special" },
	{ "device", VM_IO, "special" },
	{ "stack in exec", VM_GROWSDOWN | VM_STACK_INCOMPLETE_SETUP, "stack" },
	{ "stack", VM_GROWSDOWN, NULL },
	{ "ordinary", 0, NULL },
};
KUNIT_ARRAY_PARAM_DESC(vma, vma_facts, what);

static void change_vma_flags(unsigned long addr, unsigned long set, unsigned long clear)
{
	struct vm_area_struct *vma;

	mmap_write_lock(current->mm);
	vma = vma_lookup(current->mm, addr);
	vm_flags_set(vma, set);
	vm_flags_clear(vma, clear);
	mmap_write_unlock(current->mm);
}

static void is_passed_by(struct prog *p)
{
	const struct vma_fact *f = p->arg;
	char text[96];

	trace_enable("autonuma_skip");
	map_and_write(p, 4);
	change_vma_flags(p->addr, f->flags, 0);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ_MSG(p->test, marked_pages(p), f->reason ? 0 : 4, "%s", f->what);
	snprintf(text, sizeof(text), "range=%lx-%lx reason=%s", p->addr,
		 p->addr + 4 * PAGE_SIZE, f->reason ?: "");
	KUNIT_EXPECT_EQ_MSG(p->test, traced("autonuma_skip", text, NULL), !!f->reason,
			    "%s", text);
	change_vma_flags(p->addr, 0, f->flags);
}

static void each_kind_of_mapping_has_its_reason(struct kunit *test)
{
	run_prog(test, 0, is_passed_by, (void *)test->param_value);
}

static bool skipped_because(unsigned long addr, const char *reason)
{
	char text[96];

	snprintf(text, sizeof(text), "range=%lx-%lx reason=%s", addr, addr + 4 * PAGE_SIZE,
		 reason);
	return traced("autonuma_skip", text, NULL) > 0;
}

static long map4(struct prog *p, unsigned long prot, unsigned long flags, struct file *file)
{
	long addr = sys_mmap(0, 4 * PAGE_SIZE, prot, flags, file, 0);

	KUNIT_EXPECT_GT(p->test, addr, 0);
	return addr;
}

static void gives_reasons(struct prog *p)
{
	struct file *reg = regular_file_create("library", 8 * PAGE_SIZE);
	nodemask_t node0 = nodemask_of_node(0);
	struct file *shm = shmem_file_create("low", 8 * PAGE_SIZE);
	unsigned long none, bound, low, lib, anon;

	trace_enable("autonuma_skip");
	none = map4(p, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, NULL);
	bound = map4(p, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL);
	KUNIT_EXPECT_EQ(p->test, sys_mbind(bound, 4 * PAGE_SIZE, MPOL_BIND, &node0, 0), 0);
	/* What it holds must be where old devices can reach it. */
	mapping_set_gfp_mask(shm->f_mapping, GFP_DMA32);
	low = map4(p, PROT_READ | PROT_WRITE, MAP_SHARED, shm);
	lib = map4(p, PROT_READ, MAP_PRIVATE, reg);
	anon = map4(p, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, NULL);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_TRUE(p->test, skipped_because(none, "inaccessible"));
	KUNIT_EXPECT_TRUE(p->test, skipped_because(bound, "policy"));
	KUNIT_EXPECT_TRUE(p->test, skipped_because(low, "policy"));
	KUNIT_EXPECT_TRUE(p->test, skipped_because(lib, "readonly_file"));
	KUNIT_EXPECT_FALSE(p->test, skipped_because(anon, ""));
	file_put(reg);
	file_put(shm);
}

static void a_skipped_mapping_is_traced_with_its_reason(struct kunit *test)
{
	run_prog(test, 0, gives_reasons, NULL);
}

static struct folio *folio_at(unsigned long addr)
{
	return page_folio(pte_page(entry_at(addr)));
}

/* Writable private mapping of a file: its page-cache pages are the file's. */
static void leaves_pages(struct prog *p)
{
	struct file *reg = regular_file_create("data", 8 * PAGE_SIZE);
	unsigned long file = map4(p, PROT_READ | PROT_WRITE, MAP_PRIVATE, reg);
	unsigned long anon = map4(p, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL);
	struct address_space *mapping;
	struct folio *ksm;
	u64 val;

	KUNIT_EXPECT_EQ(p->test, user_read64(file, &val), 0);
	KUNIT_EXPECT_EQ(p->test, user_read64(file + PAGE_SIZE, &val), 0);
	folio_mark_dirty(folio_at(file));
	KUNIT_EXPECT_EQ(p->test, user_write64(anon, 1), 0);
	KUNIT_EXPECT_EQ(p->test, user_write64(anon + PAGE_SIZE, 1), 0);
	folio_mark_dirty(folio_at(anon + PAGE_SIZE));
	ksm = folio_at(anon);
	mapping = ksm->mapping;
	ksm->mapping = (void *)((unsigned long)mapping | PAGE_MAPPING_KSM);
	KUNIT_EXPECT_TRUE(p->test, folio_test_ksm(ksm));
	wait_for_passes(p, 1);
	ksm->mapping = mapping;

	KUNIT_EXPECT_FALSE(p->test, marked_at(file));
	KUNIT_EXPECT_TRUE(p->test, marked_at(file + PAGE_SIZE));
	KUNIT_EXPECT_FALSE(p->test, marked_at(anon));
	KUNIT_EXPECT_TRUE(p->test, marked_at(anon + PAGE_SIZE));
	file_put(reg);
}

static void ksm_and_dirty_file_pages_are_left_alone(struct kunit *test)
{
	run_prog(test, 0, leaves_pages, NULL);
}

static int maps_it_too(void *arg)
{
	u64 val;

	user_read64((unsigned long)arg, &val);
	user_compute(15 * SEC);
	return 0;
}

static void shares_file(struct prog *p)
{
	struct file *shm = shmem_file_create("shared", 4 * PAGE_SIZE);
	unsigned long addr = map4(p, PROT_READ | PROT_WRITE, MAP_SHARED, shm);
	long pid;

	KUNIT_EXPECT_EQ(p->test, user_write64(addr, 1), 0);
	pid = sys_fork(maps_it_too, (void *)addr);
	user_compute(SEC);
	KUNIT_EXPECT_TRUE(p->test, folio_likely_mapped_shared(folio_at(addr)));
	wait_for_passes(p, 1);
	KUNIT_EXPECT_TRUE(p->test, marked_at(addr));
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
	file_put(shm);
}

static void shared_memory_of_two_processes_is_marked(struct kunit *test)
{
	run_prog(test, 0, shares_file, NULL);
}

/* Two mappings, and entries that are marked already: each is counted when it is marked. */
static void counts_marks(struct prog *p)
{
	struct prog other = *p;

	map_and_write(&other, 3);
	sys_mmap(0, PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	map_and_write(p, 5);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_MARKED), 8);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p) + marked_pages(&other), 8);
	set_knob(p->test, "working_set", "0");
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_MARKED), 8);
	touch_all(p);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_MARKED), 13);
}

static void an_entry_is_counted_when_it_is_marked(struct kunit *test)
{
	run_prog(test, 0, counts_marks, NULL);
}

/* One unit at a time: entries, a hole, a mapping that is skipped, a single empty page. */
static void small_steps(struct prog *p)
{
	unsigned long batches, units;

	set_knob(p->test, "pages_to_scan", "1");
	set_knob(p->test, "scan_sleep_millisecs", "1");
	trace_enable("autonuma_*");
	map_and_write(p, 4);
	sys_mmap(0, PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	sys_mmap(1UL << 40, PAGE_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0);
	sys_mmap(1UL << 41, PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		 NULL, 0);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 4);
	batches = trace_count("autonuma_scan_mm");
	units = count_of(AUTONUMA_PAGES_SCANNED);
	KUNIT_EXPECT_GE(p->test, batches, 4 + 1 + 1 + 1);
	KUNIT_EXPECT_EQ(p->test, units, batches);
	KUNIT_EXPECT_EQ(p->test, traced("autonuma_skip", "inaccessible", NULL), 2);
}

static void a_batch_of_one_unit_makes_progress(struct kunit *test)
{
	run_prog(test, 0, small_steps, NULL);
}

/* What a pass over the program costs, in units; it must not grow meanwhile. */
static unsigned long cost_of_pass(struct prog *p)
{
	unsigned long before, batches;

	wait_for_passes(p, 1);
	before = count_of(AUTONUMA_PAGES_SCANNED);
	batches = trace_count("autonuma_scan_mm");
	wait_for_passes(p, 1);
	/* One mm and enough budget: one batch. */
	KUNIT_EXPECT_EQ(p->test, trace_count("autonuma_scan_mm"), batches + 1);
	return count_of(AUTONUMA_PAGES_SCANNED) - before;
}

static void pays_for_steps(struct prog *p)
{
	unsigned long base = 1UL << 40, cost, more;

	trace_enable("autonuma_scan_mm");
	set_knob(p->test, "pages_to_scan", "2147483647");
	map_and_write(p, 4);
	cost = cost_of_pass(p);
	/* Nothing is mapped there on any level: one step for each level's range at most. */
	sys_mmap(base, 8 * PUD_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, NULL, 0);
	more = cost_of_pass(p);
	KUNIT_EXPECT_GE(p->test, more, cost + 1);
	KUNIT_EXPECT_LE(p->test, more, cost + 8);
	/* One page: the entries of its table, and the holes around it. */
	KUNIT_EXPECT_EQ(p->test, user_write64(base + PUD_SIZE + 3 * PMD_SIZE, 1), 0);
	cost = cost_of_pass(p);
	KUNIT_EXPECT_GE(p->test, cost, more + PTRS_PER_PTE);
	KUNIT_EXPECT_LE(p->test, cost, more + PTRS_PER_PTE + PTRS_PER_PMD + 8);
	KUNIT_EXPECT_TRUE(p->test, marked_at(base + PUD_SIZE + 3 * PMD_SIZE));
	/* A mapping that is left alone: one. */
	KUNIT_EXPECT_EQ(p->test, sys_mprotect(base, 8 * PUD_SIZE, PROT_NONE), 0);
	KUNIT_EXPECT_LE(p->test, cost_of_pass(p), more);
}

static void each_step_costs_what_it_looked_at(struct kunit *test)
{
	run_prog(test, 0, pays_for_steps, NULL);
}

/*
 * What an observer sees while entries are marked: from before the notifier's start to
 * after its end a flush is pending, so every change of an entry happens with the flush pending.
 */
struct observer {
	struct mmu_notifier notifier;
	unsigned long start, end;
	unsigned long ranges, longest;
	int pending_before, pending_after;
	unsigned long flushes, flushes_not_pending;
	void (*at_start)(struct observer *o);
};

static int observe_start(struct mmu_notifier *n, const struct mmu_notifier_range *r)
{
	struct observer *o = container_of(n, struct observer, notifier);

	if (r->event != MMU_NOTIFY_PROTECTION_VMA || r->start >= o->end || o->start >= r->end)
		return 0;
	o->ranges++;
	o->longest = max(o->longest, (r->end - r->start) >> PAGE_SHIFT);
	o->pending_before += mm_tlb_flush_pending(r->mm);
	if (o->at_start)
		o->at_start(o);
	return 0;
}

static void observe_end(struct mmu_notifier *n, const struct mmu_notifier_range *r)
{
	struct observer *o = container_of(n, struct observer, notifier);

	if (r->event == MMU_NOTIFY_PROTECTION_VMA && r->start < o->end && o->start < r->end)
		o->pending_after += mm_tlb_flush_pending(r->mm);
}

/* Called by the flush itself, under no lock that keeps the entries from being looked at. */
static void observe_flush(struct mmu_notifier *n, struct mm_struct *mm, unsigned long start,
			  unsigned long end)
{
	struct observer *o = container_of(n, struct observer, notifier);

	if (strcmp(current->comm, "knuma_scand") || start >= o->end || o->start >= end)
		return;
	o->flushes++;
	o->flushes_not_pending += !mm_tlb_flush_pending(mm);
}

static const struct mmu_notifier_ops observer_ops = {
	.invalidate_range_start = observe_start,
	.arch_invalidate_secondary_tlbs = observe_flush,
	.invalidate_range_end = observe_end,
};

static void observes_ranges(struct prog *p)
{
	struct observer o = { .notifier.ops = &observer_ops };
	unsigned long flushes;

	set_knob(p->test, "pages_to_scan", "16");
	map_and_write(p, 64);
	o.start = p->addr;
	o.end = p->addr + 64 * PAGE_SIZE;
	KUNIT_EXPECT_EQ(p->test, mmu_notifier_register(&o.notifier, current->mm), 0);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 64);
	/* With nothing to mark there is nothing to flush. */
	flushes = o.flushes;
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, o.flushes, flushes);
	KUNIT_EXPECT_FALSE(p->test, mm_tlb_flush_pending(current->mm));
	mmu_notifier_unregister(&o.notifier, current->mm);
	/* No range is longer than what the budget allows to look at. */
	KUNIT_EXPECT_EQ(p->test, o.longest, 16);
	KUNIT_EXPECT_GE(p->test, o.ranges, 8);
	KUNIT_EXPECT_LE(p->test, o.ranges, 12);
	/* One flush for each batch, while entries were marked and the mm said so. */
	KUNIT_EXPECT_EQ(p->test, o.flushes, 4);
	KUNIT_EXPECT_EQ(p->test, o.flushes_not_pending, 0);
	KUNIT_EXPECT_EQ(p->test, o.pending_before, o.ranges);
	KUNIT_EXPECT_EQ(p->test, o.pending_after, o.ranges);
}

/* The first part of a mapping that begins between two places for huge pages has no room for one. */
static void begins_in_between(struct prog *p)
{
	struct observer o = { .notifier.ops = &observer_ops, .end = ULONG_MAX };
	unsigned long addr = (1UL << 40) + PMD_SIZE - 32 * PAGE_SIZE, i;

	set_knob(p->test, "pages_to_scan", "16");
	sys_mmap(addr, 64 * PAGE_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0);
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ(p->test, user_write64(addr + i * PAGE_SIZE, 1), 0);
	sys_mmap(addr + 64 * PAGE_SIZE, 2 * PMD_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0);
	o.end = addr + 32 * PAGE_SIZE;
	KUNIT_EXPECT_EQ(p->test, mmu_notifier_register(&o.notifier, current->mm), 0);
	wait_for_passes(p, 1);
	mmu_notifier_unregister(&o.notifier, current->mm);
	KUNIT_EXPECT_GE(p->test, o.ranges, 2);
	KUNIT_EXPECT_EQ(p->test, o.longest, 16);
}

static void notifiers_hear_of_no_more_than_the_mapping(struct kunit *test)
{
	run_prog(test, 0, begins_in_between, NULL);
}

static void notifiers_hear_of_what_one_batch_looks_at(struct kunit *test)
{
	run_prog(test, 0, observes_ranges, NULL);
}

/* Many small mappings interrupt the process's CPUs once, not once each. */
static void observes_one_flush(struct prog *p)
{
	struct observer o = { .notifier.ops = &observer_ops, .end = ULONG_MAX };
	unsigned long first;

	first = map_and_write(p, 4);
	/* Other permissions keep them apart. */
	map_and_write(p, 4);
	KUNIT_EXPECT_EQ(p->test, sys_mprotect(p->addr, 4 * PAGE_SIZE, PROT_READ), 0);
	map_and_write(p, 4);
	KUNIT_EXPECT_EQ(p->test, mmu_notifier_register(&o.notifier, current->mm), 0);
	wait_for_passes(p, 1);
	mmu_notifier_unregister(&o.notifier, current->mm);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 4);
	p->addr = first;
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 4);
	KUNIT_EXPECT_GE(p->test, o.ranges, 3);
	KUNIT_EXPECT_EQ(p->test, o.flushes, 1);
}

static void all_mappings_of_a_batch_are_flushed_at_once(struct kunit *test)
{
	run_prog(test, 0, observes_one_flush, NULL);
}

/* Waits in the notifier until the program's other user is gone. */
static void wait_for_exit(struct observer *o)
{
	struct mm_struct *mm = READ_ONCE(o->notifier.mm);
	int limit = 10000;

	while (atomic_read(&mm->mm_users) > 1 && limit--)
		schedule_timeout_uninterruptible(1);
}

#define RANGES	6

static struct observer exit_observer;

static void exits_in_scan(struct prog *p)
{
	unsigned long i, base = 1UL << 40;

	sys_mmap(base, RANGES * PMD_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0);
	for (i = 0; i < RANGES; i++)
		KUNIT_EXPECT_EQ(p->test, user_write64(base + i * PMD_SIZE, 1), 0);
	/* The first pass is over, the second finds all of them marked or not touched. */
	user_touch_range(base, RANGES * PMD_SIZE, true, 0, NULL);
	exit_observer = (struct observer){
		.notifier.ops = &observer_ops, .start = base, .end = base + RANGES * PMD_SIZE,
		.at_start = wait_for_exit,
	};
	KUNIT_EXPECT_EQ(p->test, mmu_notifier_register(&exit_observer.notifier, current->mm), 0);
	while (!READ_ONCE(exit_observer.ranges))
		user_compute(10 * MSEC);
	/* The daemon is in the middle of this mm, with mmap_lock held; exit does not wait. */
}

static void a_scan_ends_with_the_process(struct kunit *test)
{
	trace_enable("autonuma_*");
	run_prog(test, 0, exits_in_scan, NULL);
	schedule_timeout_uninterruptible(HZ / 2);
	mmu_notifier_unregister(&exit_observer.notifier, exit_observer.notifier.mm);
	KUNIT_EXPECT_EQ(test, exit_observer.ranges, 1);
	/* One PMD range at most was looked at after the others had left. */
	KUNIT_EXPECT_GT(test, count_of(AUTONUMA_PAGES_MARKED), 0);
	KUNIT_EXPECT_LE(test, count_of(AUTONUMA_PAGES_MARKED), PTRS_PER_PTE);
	KUNIT_EXPECT_LE(test, count_of(AUTONUMA_PAGES_SCANNED), PTRS_PER_PTE + 16);
	KUNIT_EXPECT_EQ(test, traced("autonuma_scan_mm", "skipped=exiting", NULL), 1);
	KUNIT_EXPECT_EQ(test, trace_count("autonuma_scan_mm"), 1);
	KUNIT_EXPECT_TRUE(test, autonuma_registry_empty());
}

static void is_disabled_in_pass(struct prog *p)
{
	unsigned long marked;

	set_knob(p->test, "pages_to_scan", "8");
	map_and_write(p, 64);
	while (!count_of(AUTONUMA_PAGES_MARKED))
		user_compute(10 * MSEC);
	set_knob(p->test, "enabled", "0");
	user_compute(200 * MSEC);
	marked = count_of(AUTONUMA_PAGES_MARKED);
	KUNIT_EXPECT_LT(p->test, marked, 64);
	user_compute(20 * SEC);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_MARKED), marked);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_FULL_SCANS), 0);
}

/* And the machine is switched off with the daemon asleep for lack of permission. */
static void a_pass_ends_when_autonuma_is_disabled(struct kunit *test)
{
	run_prog(test, 0, is_disabled_in_pass, NULL);
}

static void numbers_passes(struct prog *p)
{
	trace_enable("autonuma_pass_*");
	map_and_write(p, 4);
	wait_for_passes(p, 2);
	KUNIT_EXPECT_EQ(p->test, traced("autonuma_pass_start", "pass=1", NULL), 1);
	KUNIT_EXPECT_EQ(p->test, traced("autonuma_pass_end", "pass=1 ", NULL), 1);
	KUNIT_EXPECT_EQ(p->test, traced("autonuma_pass_start", "pass=2", NULL), 1);
	KUNIT_EXPECT_FALSE(p->test, log_contains("autonuma: pass"));
	set_knob(p->test, "debug", "1");
	wait_for_passes(p, 1);
	KUNIT_EXPECT_TRUE(p->test, log_contains("autonuma: pass 3 scanned"));
}

static void passes_are_numbered_and_logged_if_asked(struct kunit *test)
{
	run_prog(test, 0, numbers_passes, NULL);
}

static void daemons_can_be_frozen_and_are_not_nice(struct kunit *test)
{
	struct task_struct *p;
	int found = 0;

	schedule_timeout_uninterruptible(HZ);
	rcu_read_lock();
	for_each_process(p) {
		if (!strstarts(p->comm, "knuma_"))
			continue;
		found++;
		KUNIT_EXPECT_EQ_MSG(test, READ_ONCE(p->flags) & PF_NOFREEZE, 0, "%s", p->comm);
		/* On a busy machine a nice daemon would wait, and that is where it is needed. */
		KUNIT_EXPECT_EQ_MSG(test, task_nice(p), 0, "%s", p->comm);
	}
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, found, 5);
}

static struct kunit_case walk_cases[] = {
	KUNIT_CASE_PARAM(each_kind_of_mapping_has_its_reason, vma_gen_params),
	KUNIT_CASE(a_skipped_mapping_is_traced_with_its_reason),
	KUNIT_CASE(ksm_and_dirty_file_pages_are_left_alone),
	KUNIT_CASE(shared_memory_of_two_processes_is_marked),
	KUNIT_CASE(an_entry_is_counted_when_it_is_marked),
	KUNIT_CASE(a_batch_of_one_unit_makes_progress),
	KUNIT_CASE(each_step_costs_what_it_looked_at),
	KUNIT_CASE(notifiers_hear_of_what_one_batch_looks_at),
	KUNIT_CASE(notifiers_hear_of_no_more_than_the_mapping),
	KUNIT_CASE(all_mappings_of_a_batch_are_flushed_at_once),
	KUNIT_CASE(a_scan_ends_with_the_process),
	KUNIT_CASE(a_pass_ends_when_autonuma_is_disabled),
	KUNIT_CASE(passes_are_numbered_and_logged_if_asked),
	KUNIT_CASE(daemons_can_be_frozen_and_are_not_nice),
	{}
};

static struct kunit_suite walk_suite = {
	.name = "autonuma-walk",
	.test_cases = walk_cases,
};
kunit_test_suite(walk_suite);
