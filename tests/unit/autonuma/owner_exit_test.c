// SPDX-License-Identifier: GPL-2.0
/*
 * A process that owns a huge page exits while somebody outside works on the page, and the
 * other way round: each is held in its middle, at points spread over all of it, and
 * the other one runs there. Afterwards all counts must be right and the page be free.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <machine/directed.h>

#include "core_test.h"
#include "../thp/thp_test.h"

/* CPUs; the last one is idle, see directed_await(). */
#define OWNER_CPU	0
#define SCAN_CPU	1
#define OTHER_CPU	2
#define PULL_CPU	4

/* Points of the first one to hold it at. */
#define HOLDS		kunit_amount(24, 6)

/* Daemons are waited for this many times 100 ms: longer than anybody is held. */
#define PATIENCE	400

struct visit;

/**
 * struct outsider - something done to a page of another process
 * @name:	printed
 * @run:	does it
 * @daemon:	name of the kernel thread that does it on behalf of @run, or NULL
 * @small:	wants the page mapped by small entries
 */
struct outsider {
	const char *name;
	void (*run)(struct visit *v);
	const char *daemon;
	bool small;
};

/**
 * struct visit - one life of the owner
 * @test:	the case
 * @outsider:	who works on its page
 * @nth:	point to hold the first of both at, 0: nowhere
 * @points:	that the first one has
 * @owner:	the process
 * @mm:		its mm, with a reference that lets it exit
 * @addr:	its huge page
 * @pfn:	the frame of that
 * @ready:	the page is there
 * @leave:	the owner may exit
 * @done:	the first one is through
 */
struct visit {
	struct kunit *test;
	const struct outsider *outsider;
	unsigned long nth, points;
	struct task_struct *owner;
	struct mm_struct *mm;
	unsigned long addr, pfn;
	struct completion ready, leave, done;
};

/* A pass; there is none for long once the owner, the only process, has gone. */
static void do_scan(struct visit *v)
{
	unsigned long until = count_of(AUTONUMA_FULL_SCANS) + 1;
	int limit = PATIENCE;

	while (count_of(AUTONUMA_FULL_SCANS) < until && limit > 0) {
		limit -= atomic_read(&v->mm->mm_users) ? 1 : PATIENCE / 20;
		schedule_timeout_uninterruptible(HZ / 10);
	}
}

static unsigned long khugepaged_scans(struct kunit *test)
{
	char buf[32];
	unsigned long n = 0;

	KUNIT_EXPECT_GT(test, sysfs_read_file(THP_DIR "khugepaged/full_scans", buf,
					      sizeof(buf)), 0);
	KUNIT_EXPECT_EQ(test, kstrtoul(buf, 10, &n), 0);
	return n;
}

static void do_split(struct visit *v)
{
	split_folio_at(v->pfn);
}

static void do_migrate(struct visit *v)
{
	int limit = PATIENCE;

	queue_add(v->pfn, HPAGE_PMD_ORDER, 1, 0);
	while (autonuma_queue_promised(1) && limit--)
		schedule_timeout_uninterruptible(HZ / 10);
	KUNIT_EXPECT_EQ(v->test, autonuma_queue_promised(1), 0);
}

/* As process_vm_readv() does. */
static void do_pin(struct visit *v)
{
	struct page *page;
	int locked = 1;
	long n;

	if (!mmget_not_zero(v->mm))
		return;
	mmap_read_lock(v->mm);
	n = pin_user_pages_remote(v->mm, v->addr + 7 * PAGE_SIZE, 1, FOLL_WRITE, &page,
				  &locked);
	if (locked)
		mmap_read_unlock(v->mm);
	if (n == 1)
		unpin_user_page(page);
	mmput(v->mm);
}

/* Scans of khugepaged's, which finds the small pages worth a huge one; then none is left. */
static void do_collapse(struct visit *v)
{
	unsigned long until = khugepaged_scans(v->test) + 2;
	int limit = PATIENCE;

	KUNIT_EXPECT_EQ(v->test, set_policy("khugepaged/scan_sleep_millisecs", "10"), 0);
	while (khugepaged_scans(v->test) < until && limit > 0) {
		limit -= atomic_read(&v->mm->mm_users) ? 1 : PATIENCE / 20;
		schedule_timeout_uninterruptible(HZ / 10);
	}
	KUNIT_EXPECT_EQ(v->test, keep_khugepaged_away(v->test), 0);
}

static const struct outsider outsiders[] = {
	{ "scan", do_scan, "knuma_scand" },
	{ "scan of small entries", do_scan, "knuma_scand", .small = true },
	{ "split", do_split },
	{ "migration", do_migrate, "knuma_migrated1" },
	{ "migration of small entries", do_migrate, "knuma_migrated1", .small = true },
	{ "collapse", do_collapse, "khugepaged", .small = true },
	{ "pin", do_pin },
};
KUNIT_ARRAY_PARAM_DESC(outsider, outsiders, name);

static int own(void *arg)
{
	struct visit *v = arg;
	pmd_t pmd;

	v->addr = map_filled(v->test, 1);
	pmd = pmd_at(current->mm, v->addr);
	v->pfn = pmd_pfn(pmd);
	folio_xchg_last_cpupid(pfn_folio(v->pfn), cpu_pid_to_cpupid(cpu_of(1), 1));
	if (v->outsider->small)
		split_pmd_at(v->addr);
	v->mm = current->mm;
	mmgrab(v->mm);
	complete(&v->ready);
	wait_for_completion(&v->leave);
	return 0;
}

/* The owner's exit is the first; here it is waited for. */
static int watch_exit(void *arg)
{
	struct visit *v = arg;

	KUNIT_EXPECT_EQ(v->test, program_wait(v->owner), 0);
	v->points = directed_done();
	complete(&v->done);
	return 0;
}

/* The outsider is the first. */
static int work(void *arg)
{
	struct visit *v = arg;
	const char *daemon = v->outsider->daemon;
	struct task_struct *held = daemon ? thread_named(daemon) : current;

	KUNIT_EXPECT_NOT_NULL(v->test, held);
	if (held) {
		directed_hold(held, v->nth);
		v->outsider->run(v);
		v->points = directed_done();
	}
	complete(&v->done);
	return 0;
}

static void begin(struct visit *v)
{
	init_completion(&v->ready);
	init_completion(&v->leave);
	init_completion(&v->done);
	v->owner = program_start_on(OWNER_CPU, "owner", own, v);
	KUNIT_ASSERT_NOT_NULL(v->test, v->owner);
	wait_for_completion(&v->ready);
	/* Old enough to be scanned. */
	schedule_timeout_uninterruptible(3 * HZ);
}

static void spawn(struct visit *v, int (*fn)(void *arg))
{
	struct task_struct *p = kthread_create(fn, v, "first");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(v->test, p);
	kthread_bind(p, OTHER_CPU);
	wake_up_process(p);
}

static void finish(struct visit *v, bool held)
{
	if (held)
		directed_release();
	wait_for_completion(&v->done);
	mmdrop(v->mm);
	machine_quiesce();
	machine_check();
	KUNIT_EXPECT_EQ(v->test, global_node_page_state(NR_ANON_MAPPED), 0UL);
	KUNIT_EXPECT_EQ(v->test, global_node_page_state(NR_ANON_THPS), 0UL);
	KUNIT_EXPECT_EQ(v->test, global_node_page_state(NR_ISOLATED_ANON), 0UL);
}

static void in_the_middle_of_exit(struct visit *v)
{
	bool held;

	begin(v);
	directed_hold(v->owner, v->nth);
	spawn(v, watch_exit);
	complete(&v->leave);
	held = directed_await();
	v->outsider->run(v);
	finish(v, held);
}

static void exit_in_the_middle(struct visit *v)
{
	bool held;

	begin(v);
	spawn(v, work);
	held = directed_await();
	complete(&v->leave);
	KUNIT_EXPECT_EQ(v->test, program_wait(v->owner), 0);
	finish(v, held);
}

/* Once without holding, to count the points, then at points spread over all of them. */
static void hold_everywhere(struct kunit *test, void (*visit)(struct visit *v))
{
	struct visit v = { .test = test, .outsider = test->param_value };
	unsigned long i, points;

	scan_steadily(test, 1000);
	set_knob(test, "migrate_sleep_millisecs", "1");
	KUNIT_ASSERT_EQ(test, keep_khugepaged_away(test), 0);
	/* Who holds others, and who holds their CPUs, runs elsewhere. */
	set_cpus_allowed_ptr(current, cpumask_of(PULL_CPU - 1));
	set_cpus_allowed_ptr(thread_named("knuma_scand"), cpumask_of(SCAN_CPU));
	set_cpus_allowed_ptr(thread_named("knuma_migrated1"), cpumask_of(PULL_CPU));
	visit(&v);
	points = v.points;
	KUNIT_EXPECT_GT(test, points, 0);
	for (i = 0; i < HOLDS; i++) {
		v.nth = 1 + i * points / HOLDS;
		visit(&v);
	}
}

static void an_outsider_in_the_middle_of_exit(struct kunit *test)
{
	hold_everywhere(test, in_the_middle_of_exit);
}

static void exit_in_the_middle_of_an_outsider(struct kunit *test)
{
	hold_everywhere(test, exit_in_the_middle);
}

static struct kunit_case exit_cases[] = {
	KUNIT_CASE_PARAM(an_outsider_in_the_middle_of_exit, outsider_gen_params),
	KUNIT_CASE_PARAM(exit_in_the_middle_of_an_outsider, outsider_gen_params),
	{}
};

static const int exit_cpu_node[] = { 0, 0, 0, 1, 1, 2 };
static const u64 exit_bytes[] = { 64 << 20, 64 << 20, 0 };
static const struct machine_config exit_config = {
	.nr_nodes = 3, .nr_cpus = 6, .cpu_node = exit_cpu_node, .node_bytes = exit_bytes,
};

static struct kunit_suite exit_suite = {
	.name = "autonuma-owner-exit",
	.test_cases = exit_cases,
};
kunit_machine_config(exit_suite, exit_config);
kunit_test_suite(exit_suite);

static void __attribute__((constructor)) choose_engine(void)
{
	directed_use();
}
