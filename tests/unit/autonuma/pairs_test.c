// SPDX-License-Identifier: GPL-2.0
/*
 * Every two operations on one huge page: the first is held in its middle, at points spread
 * over all of it, and the second runs there as far as it can. Both sides of
 * each pair are cases. Afterwards contents, permissions and all counts must be right.
 *
 * "Exit" is that of a process that shares the page since fork(); for that of the owner see
 * owner_exit_test.c.
 */
#include <linux/highmem.h>
#include <linux/pagewalk.h>
#include <machine/directed.h>

#include "core_test.h"
#include "../thp/thp_test.h"

/* Where the operations leave something, in pages from the beginning. */
#define PTE_WRITES	10
#define PMD_WRITES	11
#define FAULT_READS	12
#define PINNED		20
#define UNMAPPED	100
#define ZAPPED		200
#define PROTECTED	300
#define SOME		32

/* CPUs; the last one is idle, see directed_await(). */
#define OWNER_CPU	0
#define FIRST_CPU	3
#define SECOND_CPU	4
#define SCAN_CPU	2
#define PULL_CPU	5

/* Points of the first operation to hold it at. */
#define HOLDS		kunit_amount(20, 2)

/* Daemons are waited for this many times 100 ms: longer than anybody is held. */
#define PATIENCE	400

struct scene {
	struct kunit *test;
	const struct pair *pair;
	unsigned long addr;
	unsigned long nth;		/* where to hold the first operation */
	unsigned long points;		/* that it has */
	struct task_struct *sharer;	/* waits for @leave, then exits */
	long sharer_pid;
	struct completion leave;
	u64 seed;
};

/**
 * struct op - something done to the huge page
 * @name:	printed
 * @run:	does it
 * @daemon:	name of the kernel thread that does it on behalf of @run, or NULL
 * @small:	wants the page mapped by small entries
 * @huge:	wants it mapped by a huge one
 * @marked:	wants the entries marked
 * @sharer:	needs a process that shares the page
 * @damage:	first of SOME pages that are not what they were
 */
struct op {
	const char *name;
	void (*run)(struct scene *s);
	const char *daemon;
	bool small, huge, marked, sharer;
	unsigned int damage;
};

struct pair {
	const struct op *first, *second;
	char name[64];
};

static unsigned long page_at(struct scene *s, unsigned int i)
{
	return s->addr + i * PAGE_SIZE;
}

/* The folio of the page's beginning, with a reference, whoever maps it how now. */
static struct folio *get_folio(struct scene *s)
{
	struct mm_struct *mm = current->mm;
	struct folio_walk fw;
	struct folio *folio;

	mmap_read_lock(mm);
	folio = folio_walk_start(&fw, vma_lookup(mm, s->addr), s->addr, 0);
	if (folio) {
		folio_get(folio);
		folio_walk_end(&fw, vma_lookup(mm, s->addr));
	}
	mmap_read_unlock(mm);
	return folio;
}

static void do_scan(struct scene *s)
{
	unsigned long until = count_of(AUTONUMA_FULL_SCANS) + 1;
	int limit = PATIENCE;

	while (count_of(AUTONUMA_FULL_SCANS) < until && limit--)
		user_compute(100 * MSEC);
	KUNIT_EXPECT_GE(s->test, count_of(AUTONUMA_FULL_SCANS), until);
}

static void do_pte_fault(struct scene *s)
{
	KUNIT_EXPECT_EQ(s->test, user_write64(page_at(s, PTE_WRITES) + 16, s->seed), 0);
}

static void do_pmd_fault(struct scene *s)
{
	KUNIT_EXPECT_EQ(s->test, user_write64(page_at(s, PMD_WRITES) + 16, s->seed), 0);
}

static void do_migrate_in_fault(struct scene *s)
{
	struct folio *folio = get_folio(s);
	u64 val;

	if (folio) {
		folio_xchg_last_cpupid(folio, cpu_pid_to_cpupid(raw_smp_processor_id(), 1));
		folio_put(folio);
	}
	WRITE_ONCE(autonuma_knobs.migrate_async, 0);
	KUNIT_EXPECT_EQ(s->test, user_read64(page_at(s, FAULT_READS), &val), 0);
	WRITE_ONCE(autonuma_knobs.migrate_async, 1);
}

static void do_migrate_by_daemon(struct scene *s)
{
	struct folio *folio = get_folio(s);
	int nid, limit = PATIENCE;

	if (!folio)
		return;
	nid = !folio_nid(folio);
	folio_xchg_last_cpupid(folio, cpu_pid_to_cpupid(cpu_of(nid), 1));
	queue_add(folio_pfn(folio), folio_order(folio), nid, 0);
	folio_put(folio);
	while (autonuma_queue_promised(nid) && limit--)
		user_compute(100 * MSEC);
	KUNIT_EXPECT_EQ(s->test, autonuma_queue_promised(nid), 0);
}

static void do_split(struct scene *s)
{
	struct folio *folio = get_folio(s);

	if (folio)
		split_and_put(folio);
}

static void do_collapse(struct scene *s)
{
	sys_madvise(s->addr, HPAGE_PMD_SIZE, MADV_COLLAPSE);
}

static void do_unmap(struct scene *s)
{
	KUNIT_EXPECT_EQ(s->test, sys_munmap(page_at(s, UNMAPPED), SOME * PAGE_SIZE), 0);
}

static void do_dontneed(struct scene *s)
{
	KUNIT_EXPECT_EQ(s->test, sys_madvise(page_at(s, ZAPPED), SOME * PAGE_SIZE,
					     MADV_DONTNEED), 0);
}

static void do_mprotect(struct scene *s)
{
	KUNIT_EXPECT_EQ(s->test, sys_mprotect(page_at(s, PROTECTED), SOME * PAGE_SIZE,
					      PROT_READ), 0);
}

/* Is page @i left alone by all operations of the pair that have run or may run? */
static bool undamaged(struct scene *s, unsigned int i)
{
	unsigned int a = s->pair->first->damage, b = s->pair->second->damage;

	return (!a || i < a || i >= a + SOME) && (!b || i < b || i >= b + SOME);
}

/* Count the pages that have lost what was filled in. */
static unsigned long lost_pages(struct scene *s)
{
	unsigned long bad = 0;
	unsigned int i;
	u64 val;

	for (i = 0; i < HPAGE_PMD_NR; i++) {
		if (!undamaged(s, i))
			continue;
		bad += user_read64(page_at(s, i) + 8, &val) || val != (page_at(s, i) ^ s->seed);
	}
	return bad;
}

static int forked_child(void *arg)
{
	struct scene *s = arg;

	KUNIT_EXPECT_EQ(s->test, lost_pages(s), 0);
	KUNIT_EXPECT_EQ(s->test, user_write64(page_at(s, PTE_WRITES) + 24, 99), 0);
	return 0;
}

static void do_fork(struct scene *s)
{
	long pid = sys_fork(forked_child, s);

	KUNIT_EXPECT_GT(s->test, pid, 0);
	KUNIT_EXPECT_EQ(s->test, sys_wait4(pid), 0);
}

/* What a device writes must be seen by the program, however long it takes. */
static void do_pin(struct scene *s)
{
	struct page *page;
	u64 *word;

	if (pin_user_pages_fast(page_at(s, PINNED), 1, FOLL_WRITE, &page) != 1)
		return;
	word = kmap_local_page(page);
	WRITE_ONCE(word[3], 0);
	user_compute(NSEC_PER_USEC);
	WRITE_ONCE(word[3], s->seed);
	unpin_user_page(page);
}

static void do_exit_sharer(struct scene *s)
{
	complete(&s->leave);
	KUNIT_EXPECT_EQ(s->test, sys_wait4(s->sharer_pid), 0);
	s->sharer_pid = 0;
}

static const struct op ops[] = {
	{ "scan", do_scan, .daemon = "knuma_scand" },
	{ "pte_fault", do_pte_fault, .small = true, .marked = true },
	{ "pmd_fault", do_pmd_fault, .huge = true, .marked = true },
	{ "split", do_split },
	{ "unmap", do_unmap, .damage = UNMAPPED },
	{ "collapse", do_collapse, .small = true },
	{ "migrate_in_fault", do_migrate_in_fault, .marked = true },
	{ "migrate_by_daemon", do_migrate_by_daemon, .daemon = "knuma_migrated1" },
	{ "fork", do_fork },
	{ "mprotect", do_mprotect, .damage = PROTECTED },
	{ "dontneed", do_dontneed, .damage = ZAPPED },
	{ "pin", do_pin },
	{ "exit", do_exit_sharer, .daemon = "sharer", .sharer = true },
};

static struct pair pairs[ARRAY_SIZE(ops) * ARRAY_SIZE(ops)];

static const void *next_pair(const void *prev, char *desc)
{
	struct pair *pair = prev ? (struct pair *)prev : pairs - 1;
	unsigned int i;

	do {
		i = ++pair - pairs;
		if (i == ARRAY_SIZE(pairs))
			return NULL;
		pair->first = &ops[i / ARRAY_SIZE(ops)];
		pair->second = &ops[i % ARRAY_SIZE(ops)];
		/* One kernel thread cannot be in the middle of itself. */
	} while (pair->first == pair->second && pair->first->daemon);
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s in the middle of %s", pair->second->name,
		 pair->first->name);
	return pair;
}

/* Shares the page until it is told to leave. */
static int share(void *arg)
{
	struct scene *s = arg;

	wait_for_completion(&s->leave);
	return 0;
}

static void go_to_cpu(struct scene *s, unsigned int cpu)
{
	KUNIT_EXPECT_EQ(s->test, sys_sched_setaffinity(0, cpumask_of(cpu)), 0);
}

/* A huge page on node 0, in the state the two operations want to find. */
static void set_the_scene(struct scene *s)
{
	const struct op *a = s->pair->first, *b = s->pair->second;

	go_to_cpu(s, OWNER_CPU);
	s->seed++;
	s->addr = map_filled(s->test, s->seed);
	KUNIT_EXPECT_EQ(s->test, user_write64(page_at(s, PINNED) + 24, s->seed), 0);
	init_completion(&s->leave);
	s->sharer_pid = 0;
	if (a->sharer || b->sharer) {
		s->sharer_pid = sys_fork(share, s);
		KUNIT_EXPECT_GT(s->test, s->sharer_pid, 0);
		user_compute(MSEC);
		rcu_read_lock();
		s->sharer = find_task_by_vpid(s->sharer_pid);
		rcu_read_unlock();
	}
	if (a->small || (!a->huge && b->small))
		split_pmd_at(s->addr);
	if (a->marked || b->marked)
		hint(s->addr, HPAGE_PMD_SIZE);
	go_to_cpu(s, SECOND_CPU);
}

static int first_main(void *arg)
{
	const struct op *op;
	struct scene *s = arg;
	struct task_struct *held = current;

	op = s->pair->first;
	if (op->sharer)
		held = s->sharer;
	else if (op->daemon)
		held = thread_named(op->daemon);
	KUNIT_EXPECT_NOT_NULL(s->test, held);
	directed_hold(held, s->nth);
	op->run(s);
	s->points = directed_done();
	return 0;
}

/* Everything is where it belongs, and can be used as it should. */
static void look_around(struct scene *s)
{
	unsigned int i;
	u64 val;

	KUNIT_EXPECT_EQ(s->test, lost_pages(s), 0);
	KUNIT_EXPECT_EQ(s->test, user_read64(page_at(s, PINNED) + 24, &val), 0);
	KUNIT_EXPECT_EQ(s->test, val, s->seed);
	for (i = 0; i < 2; i++) {
		const struct op *op = i ? s->pair->second : s->pair->first;
		unsigned long addr = page_at(s, op->damage);

		if (op->run == do_pte_fault || op->run == do_pmd_fault) {
			addr = page_at(s, op->run == do_pte_fault ? PTE_WRITES : PMD_WRITES);
			KUNIT_EXPECT_EQ(s->test, user_read64(addr + 16, &val), 0);
			KUNIT_EXPECT_EQ(s->test, val, s->seed);
		} else if (op->run == do_unmap) {
			KUNIT_EXPECT_EQ(s->test, user_read64(addr, &val), -EFAULT);
		} else if (op->run == do_mprotect) {
			KUNIT_EXPECT_EQ(s->test, user_read64(addr, &val), 0);
			KUNIT_EXPECT_EQ(s->test, user_write64(addr, val), -EFAULT);
		} else if (op->run == do_dontneed) {
			KUNIT_EXPECT_EQ(s->test, not_zero(addr, SOME * PAGE_SIZE), 0);
		}
	}
	/* Every page that may be written can be. */
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		if (undamaged(s, i))
			KUNIT_EXPECT_EQ(s->test, user_write64(page_at(s, i) + 32, i), 0);
	}
	check_now();
}

static void play(struct scene *s)
{
	bool held;
	long tid;

	set_the_scene(s);
	tid = sys_clone_thread(first_main, s, FIRST_CPU);
	KUNIT_EXPECT_GT(s->test, tid, 0);
	held = directed_await();
	s->pair->second->run(s);
	if (held)
		directed_release();
	KUNIT_EXPECT_EQ(s->test, sys_wait4(tid), 0);
	if (s->sharer_pid)
		do_exit_sharer(s);
	look_around(s);
	KUNIT_EXPECT_EQ(s->test, sys_munmap(s->addr, HPAGE_PMD_SIZE), 0);
}

/* How often the first operation is held: spread over all its points. */
static void hold_everywhere(struct prog *p)
{
	struct scene s = { .test = p->test, .pair = p->arg };
	unsigned long i, points;

	/* Old enough to be scanned. */
	user_compute(3 * SEC);
	play(&s);
	points = s.points;
	KUNIT_EXPECT_GT(p->test, points, 0);
	for (i = 0; i < HOLDS; i++) {
		s.nth = 1 + i * points / HOLDS;
		play(&s);
	}
}

static void one_in_the_middle_of_another(struct kunit *test)
{
	const struct pair *pair = test->param_value;

	scan_steadily(test, 1000);
	set_knob(test, "migrate_sleep_millisecs", "1");
	KUNIT_ASSERT_EQ(test, keep_khugepaged_away(test), 0);
	/* The two tasks keep their CPUs also while they wait for each other. */
	set_cpus_allowed_ptr(thread_named("knuma_scand"), cpumask_of(SCAN_CPU));
	set_cpus_allowed_ptr(thread_named("knuma_migrated1"), cpumask_of(PULL_CPU));
	run_prog(test, OWNER_CPU, hold_everywhere, (void *)pair);
	machine_quiesce();
	machine_check();
}

static struct kunit_case pairs_cases[] = {
	KUNIT_CASE_PARAM(one_in_the_middle_of_another, next_pair),
	{}
};

static const int pairs_cpu_node[] = { 0, 0, 0, 1, 1, 1, 2 };
static const u64 pairs_bytes[] = { 64 << 20, 64 << 20, 0 };
static const struct machine_config pairs_config = {
	.nr_nodes = 3, .nr_cpus = 7, .cpu_node = pairs_cpu_node, .node_bytes = pairs_bytes,
};

static struct kunit_suite pairs_suite = {
	.name = "autonuma-pairs",
	.test_cases = pairs_cases,
};
kunit_machine_config(pairs_suite, pairs_config);
kunit_test_suite(pairs_suite);

static void __attribute__((constructor)) choose_engine(void)
{
	directed_use();
}
