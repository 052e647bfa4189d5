// SPDX-License-Identifier: GPL-2.0
/*
 * Scan and migration against everything a program can do to its memory meanwhile.
 *
 * Each of four processes has two threads on different nodes. They share one mapping, in
 * which each thread owns one word of every page, and each has a mapping of its own
 * that it unmaps, protects, discards and moves. A thread knows what every word it owns must
 * be, and looks. Passes and migration run with the shortest pauses, both modes. A
 * case is a number of operations, never a time; its seed is printed.
 */
#include "../../unit/autonuma/core_test.h"

#define PROCESSES	4
#define THREADS		2
#define PAGES		48
#define OPS		400

enum op {
	OP_WRITE,
	OP_READ,
	OP_COMPUTE,
	OP_MUNMAP,
	OP_MPROTECT,
	OP_DISCARD,
	OP_FORK,
	OP_CHANGE_NODE,
	OP_MOVE_PAGES,
	OP_NR
};
#define ALWAYS ((1 << OP_WRITE) | (1 << OP_READ) | (1 << OP_COMPUTE))

struct stress {
	struct kunit *test;
	unsigned int ops;		/* mask of 1 << enum op */
	u64 seed;
	unsigned int errors;
};

/* One thread: what it owns and what must be in it. */
struct worker {
	struct stress *s;
	unsigned int id;
	u64 rng;
	unsigned long shared, own;
	u64 shared_word[PAGES], own_word[PAGES];
};

struct process {
	struct stress *s;
	struct worker workers[THREADS];
};

static unsigned int draw(struct worker *w, unsigned int n)
{
	w->rng ^= w->rng << 13;
	w->rng ^= w->rng >> 7;
	w->rng ^= w->rng << 17;
	return w->rng % n;
}

static void expect(struct worker *w, bool ok, const char *what)
{
	if (ok)
		return;
	__atomic_fetch_add(&w->s->errors, 1, __ATOMIC_RELAXED);
	kunit_err(w->s->test, "worker %u: %s", w->id, what);
}

static unsigned long word_at(struct worker *w, bool shared, unsigned int page)
{
	return (shared ? w->shared + 8 * (w->id % THREADS) : w->own) + page * PAGE_SIZE;
}

static void check_word(struct worker *w, bool shared, unsigned int page)
{
	u64 val, want = shared ? w->shared_word[page] : w->own_word[page];

	expect(w, !user_read64(word_at(w, shared, page), &val) && val == want, "lost write");
}

static void write_word(struct worker *w, bool shared, unsigned int page)
{
	u64 val = ((u64)w->id << 32) | draw(w, UINT_MAX);

	expect(w, !user_write64(word_at(w, shared, page), val), "write refused");
	*(shared ? &w->shared_word[page] : &w->own_word[page]) = val;
}

static unsigned long map_own(struct worker *w, unsigned long at)
{
	long addr = sys_mmap(at, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0), NULL, 0);

	expect(w, addr > 0, "mmap refused");
	return addr;
}

/* Replace a part of the own mapping by fresh, zero pages. */
static void unmap_own(struct worker *w, unsigned int page, unsigned int n)
{
	unsigned long addr = w->own + page * PAGE_SIZE, len = n * PAGE_SIZE;
	u64 val;

	expect(w, !sys_munmap(addr, len), "munmap refused");
	expect(w, user_read64(addr, &val) == -EFAULT, "unmapped memory is readable");
	expect(w, sys_mmap(addr, len, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0) == addr,
	       "mmap refused");
	memset(&w->own_word[page], 0, n * sizeof(u64));
}

static void protect_own(struct worker *w, unsigned int page, unsigned int n)
{
	unsigned long addr = w->own + page * PAGE_SIZE, len = n * PAGE_SIZE;

	expect(w, !sys_mprotect(addr, len, PROT_READ), "mprotect refused");
	expect(w, user_write64(addr, 1) == -EFAULT, "read-only memory is writable");
	check_word(w, false, page);
	expect(w, !sys_mprotect(addr, len, PROT_READ | PROT_WRITE), "mprotect refused");
	write_word(w, false, page);
}

static void discard_own(struct worker *w, unsigned int page, unsigned int n)
{
	expect(w, !sys_madvise(w->own + page * PAGE_SIZE, n * PAGE_SIZE, MADV_DONTNEED),
	       "madvise refused");
	memset(&w->own_word[page], 0, n * sizeof(u64));
}

/* The child sees what its parent had at that moment, and writes do not reach back. */
static int child_main(void *arg)
{
	struct worker w = *(struct worker *)arg;
	int i;

	for (i = 0; i < PAGES; i++)
		check_word(&w, false, i);
	for (i = 0; i < PAGES; i += 5)
		write_word(&w, false, i);
	for (i = 0; i < PAGES; i += 5)
		check_word(&w, false, i);
	return 0;
}

static void do_fork(struct worker *w)
{
	long pid = sys_fork(child_main, w);

	expect(w, pid > 0, "fork refused");
	expect(w, sys_wait4(pid) == 0, "wait refused");
}

static void do_op(struct worker *w, enum op op)
{
	unsigned int page = draw(w, PAGES), n = 1 + draw(w, PAGES - page);
	int nid = draw(w, nr_node_ids);

	switch (op) {
	case OP_WRITE:
		write_word(w, page & 1, page);
		break;
	case OP_READ:
		check_word(w, page & 1, page);
		break;
	case OP_COMPUTE:
		user_compute((1 + draw(w, 20)) * NSEC_PER_MSEC / 4);
		break;
	case OP_MUNMAP:
		unmap_own(w, page, n);
		break;
	case OP_MPROTECT:
		protect_own(w, page, n);
		break;
	case OP_DISCARD:
		discard_own(w, page, n);
		break;
	case OP_FORK:
		if (!draw(w, 8))
			do_fork(w);
		break;
	case OP_CHANGE_NODE:
		expect(w, !sys_sched_setaffinity(0, cpumask_of_node(nid)), "affinity refused");
		break;
	case OP_MOVE_PAGES:
		expect(w, sys_move_pages(w->shared + page * PAGE_SIZE, n * PAGE_SIZE, nid) >= 0,
		       "move_pages refused");
		break;
	case OP_NR:
		break;
	}
}

static int worker_main(void *arg)
{
	struct worker *w = arg;
	unsigned int op;
	int i;

	w->own = map_own(w, 0);
	for (i = 0; i < PAGES; i++) {
		write_word(w, true, i);
		write_word(w, false, i);
	}
	/* Its pages are on the wrong node at first, wherever tasks were placed. */
	expect(w, !sys_sched_setaffinity(0, cpumask_of_node(!numa_node_id())), "affinity refused");
	/* Old enough to be scanned. */
	user_compute(3 * SEC);
	for (i = 0; i < OPS; i++) {
		if (i == OPS / 2)
			expect(w, !sys_sched_setaffinity(0, cpu_possible_mask), "affinity refused");
		op = draw(w, OP_NR);
		if (w->s->ops & (1 << op))
			do_op(w, op);
		else
			do_op(w, op % (OP_COMPUTE + 1));
	}
	for (i = 0; i < PAGES; i++) {
		check_word(w, true, i);
		check_word(w, false, i);
	}
	return 0;
}

static int process_main(void *arg)
{
	struct process *p = arg;
	long addr, tid;
	int i;

	addr = map_own(&p->workers[0], 0);
	for (i = 0; i < THREADS; i++)
		p->workers[i].shared = addr;
	tid = sys_clone_thread(worker_main, &p->workers[1],
			       (p->workers[1].id * 3) % nr_cpu_ids);
	expect(&p->workers[1], tid > 0, "clone refused");
	worker_main(&p->workers[0]);
	expect(&p->workers[0], sys_wait4(tid) == 0, "join refused");
	return 0;
}

/* Run all processes with the given operations, and see that everything adds up. */
static void stress(struct kunit *test, unsigned int ops)
{
	struct stress s = { .test = test, .ops = ops | ALWAYS, .seed = 0x9e3779b97f4a7c15 };
	struct process *p = kunit_kcalloc(test, PROCESSES, sizeof(*p), GFP_KERNEL);
	struct task_struct *t[PROCESSES];
	int i, j;

	KUNIT_ASSERT_NOT_NULL(test, p);
	kunit_info(test, "seed %llx", s.seed);
	set_knob(test, "scan_sleep_pass_millisecs", "3");
	set_knob(test, "scan_sleep_millisecs", "1");
	set_knob(test, "pages_to_scan", "100");
	set_knob(test, "migrate_sleep_millisecs", "1");
	for (i = 0; i < PROCESSES; i++) {
		p[i].s = &s;
		for (j = 0; j < THREADS; j++) {
			p[i].workers[j].s = &s;
			p[i].workers[j].id = i * THREADS + j;
			p[i].workers[j].rng = s.seed * (i * THREADS + j + 1);
		}
		t[i] = program_start_on(i * 2, "stress", process_main, &p[i]);
		KUNIT_ASSERT_NOT_NULL(test, t[i]);
	}
	for (i = 0; i < PROCESSES; i++)
		KUNIT_EXPECT_EQ(test, program_wait(t[i]), 0);
	KUNIT_EXPECT_EQ(test, s.errors, 0);
	KUNIT_EXPECT_GT(test, count_of(AUTONUMA_FULL_SCANS), 10);
	KUNIT_EXPECT_GT(test, count_of(AUTONUMA_HINT_FAULTS), 30);
	KUNIT_EXPECT_GT(test, count_of(AUTONUMA_PAGES_MIGRATED), 100);

	/* Daemons may be in the middle of something. */
	set_knob(test, "enabled", "0");
	machine_quiesce();
	machine_check();
	for (i = 0; i < nr_node_ids; i++)
		KUNIT_EXPECT_EQ(test, autonuma_queue_promised(i), 0);
}

static void stress_both_modes(struct kunit *test, unsigned int ops)
{
	set_knob(test, "migrate_async", *(const char *)test->param_value == 'a' ? "1" : "0");
	stress(test, ops);
}

static void scan_against_faults(struct kunit *test)
{
	stress_both_modes(test, 0);
}

static void scan_against_munmap(struct kunit *test)
{
	stress_both_modes(test, 1 << OP_MUNMAP);
}

static void scan_against_mprotect(struct kunit *test)
{
	stress_both_modes(test, 1 << OP_MPROTECT);
}

static void scan_against_discard(struct kunit *test)
{
	stress_both_modes(test, 1 << OP_DISCARD);
}

static void scan_against_fork_and_exit(struct kunit *test)
{
	stress_both_modes(test, 1 << OP_FORK);
}

static void migration_against_moving_threads(struct kunit *test)
{
	stress_both_modes(test, 1 << OP_CHANGE_NODE);
}

static void migration_against_move_pages(struct kunit *test)
{
	stress_both_modes(test, 1 << OP_MOVE_PAGES);
}

static void everything_at_once(struct kunit *test)
{
	stress_both_modes(test, (1 << OP_NR) - 1);
}

/* Parameters: who moves pages. */
static const void *next_mode(const void *prev, char *desc)
{
	static const char * const modes[] = { "async", "fault" };
	const char *next = !prev ? modes[0] : prev == modes[0] ? modes[1] : NULL;

	if (next)
		strscpy(desc, next, KUNIT_PARAM_DESC_SIZE);
	return next;
}

static struct kunit_case stress_cases[] = {
	KUNIT_CASE_PARAM(scan_against_faults, next_mode),
	KUNIT_CASE_PARAM(scan_against_munmap, next_mode),
	KUNIT_CASE_PARAM(scan_against_mprotect, next_mode),
	KUNIT_CASE_PARAM(scan_against_discard, next_mode),
	KUNIT_CASE_PARAM(scan_against_fork_and_exit, next_mode),
	KUNIT_CASE_PARAM(migration_against_moving_threads, next_mode),
	KUNIT_CASE_PARAM(migration_against_move_pages, next_mode),
	KUNIT_CASE_PARAM(everything_at_once, next_mode),
	{}
};

static struct kunit_suite stress_suite = {
	.name = "autonuma-stress",
	.test_cases = stress_cases,
};
kunit_test_suite(stress_suite);
