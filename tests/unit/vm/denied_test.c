// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation of every system call about memory fails once, in order: the call says
 * -ENOMEM or succeeds without it, nothing leaks, nothing that was there is lost, and
 * the same call succeeds when there is memory again.
 */
#include "vm_test.h"
#include <linux/delay.h>
#include <linux/mempolicy.h>
#include <machine/inject.h>

#define PAGES	16UL		/* of the area */
#define PART	4UL		/* first page of its middle */
#define SOME	8UL		/* pages of the middle */

/* More allocations than any of the calls makes. */
#define LIMIT	400

struct area {
	struct kunit *test;
	const struct call *call;
	unsigned long addr;
	unsigned long fresh;	/* untouched memory */
	unsigned long other;	/* shared */
	struct file *file;
	unsigned long nth;	/* allocation to fail; 0: none */
	unsigned long failed;	/* was it reached? */
	long child;
};

/**
 * struct call - a system call, or an access, and what it does to the area
 * @name:	printed
 * @prepare:	what has to be there before, or NULL
 * @run:	does it; 0 or a negative error
 * @finish:	undoes @prepare, or NULL
 * @error:	how it says that there is no memory
 * @changes:	the middle of the area is not what it was after success
 */
struct call {
	const char *name;
	void (*prepare)(struct area *a);
	long (*run)(struct area *a);
	void (*finish)(struct area *a);
	long error;
	bool changes;
};

static unsigned long page_at(struct area *a, unsigned long i)
{
	return a->addr + i * PAGE_SIZE;
}

static int child_looks(void *arg)
{
	struct area *a = arg;
	u64 val;

	for (unsigned long i = 0; i < PAGES; i++)
		if (user_read64(page_at(a, i), &val) || val != i)
			return 1;
	return 0;
}

static long call_fork(struct area *a)
{
	long pid = sys_fork(child_looks, a);

	return pid < 0 ? pid : sys_wait4(pid);
}

static int thread_looks(void *arg)
{
	return child_looks(arg);
}

static long call_clone(struct area *a)
{
	long tid = sys_clone_thread(thread_looks, a, -1);

	return tid < 0 ? tid : sys_wait4(tid);
}

static int other_program(void *arg)
{
	return 0;
}

/* Fail the allocation that is to fail, in this task. */
static void begin_failing(struct area *a)
{
	if (a->nth)
		inject_set((struct inject_rule) { .nth = a->nth, .task = current });
}

static void end_failing(struct area *a)
{
	if (a->nth)
		a->failed = inject_failed(0);
	inject_clear_all();
}

static int child_execs(void *arg)
{
	struct area *a = arg;
	long err;

	begin_failing(a);
	err = sys_execve("other", other_program, NULL);
	/* It is still the old program, with all it had. */
	return child_looks(a) ? 1 : -err;
}

/* What fails is the child's. */
static long call_exec(struct area *a)
{
	long pid;

	inject_clear_all();
	pid = sys_fork(child_execs, a);
	return pid < 0 ? pid : -sys_wait4(pid);
}

static long call_mmap(struct area *a)
{
	long addr = sys_mmap(0, SOME * PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);

	return addr < 0 ? addr : sys_munmap(addr, SOME * PAGE_SIZE);
}

static long call_mmap_shared(struct area *a)
{
	long addr = sys_mmap(0, SOME * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, NULL, 0);

	return addr < 0 ? addr : sys_munmap(addr, SOME * PAGE_SIZE);
}

static long call_mmap_over(struct area *a)
{
	long addr = sys_mmap(page_at(a, PART), SOME * PAGE_SIZE, PROT_READ,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0);

	return min(addr, 0L);
}

static long call_mmap_file(struct area *a)
{
	long addr = sys_mmap(0, PAGES * PAGE_SIZE, PROT_READ, MAP_PRIVATE, a->file, 0);

	return addr < 0 ? addr : sys_munmap(addr, PAGES * PAGE_SIZE);
}

static long call_munmap(struct area *a)
{
	return sys_munmap(page_at(a, PART), SOME * PAGE_SIZE);
}

static long call_mprotect(struct area *a)
{
	return sys_mprotect(page_at(a, PART), SOME * PAGE_SIZE, PROT_READ);
}

static long call_advise(struct area *a)
{
	return sys_madvise(page_at(a, PART), SOME * PAGE_SIZE, MADV_HUGEPAGE);
}

static long call_dontneed(struct area *a)
{
	return sys_madvise(page_at(a, PART), SOME * PAGE_SIZE, MADV_DONTNEED);
}

static long call_mremap(struct area *a)
{
	long addr = sys_mremap(a->addr, PAGES * PAGE_SIZE, PAGES * PAGE_SIZE,
			       MREMAP_MAYMOVE | MREMAP_FIXED, a->fresh);

	if (addr < 0)
		return addr;
	a->addr = addr;
	return 0;
}

static long call_mbind(struct area *a)
{
	nodemask_t nodes = nodemask_of_node(1);

	return sys_mbind(page_at(a, PART), SOME * PAGE_SIZE, MPOL_BIND, &nodes, 0);
}

static long call_set_mempolicy(struct area *a)
{
	nodemask_t nodes = nodemask_of_node(1);

	return sys_set_mempolicy(MPOL_BIND, &nodes);
}

static long call_write(struct area *a)
{
	return user_write64(a->fresh, 1);
}

static long call_read_file(struct area *a)
{
	long addr = sys_mmap(0, PAGES * PAGE_SIZE, PROT_READ, MAP_PRIVATE, a->file, 0);
	u64 val;
	long err;

	if (addr < 0)
		return addr == -ENOMEM ? -EFAULT : addr;
	err = user_read64(addr + 3 * PAGE_SIZE, &val);
	KUNIT_EXPECT_EQ(a->test, sys_munmap(addr, PAGES * PAGE_SIZE), 0L);
	return err;
}

static long call_write_shared(struct area *a)
{
	return user_write64(a->other + 5 * PAGE_SIZE, 1);
}

static int child_waits(void *arg)
{
	msleep(1);
	return 0;
}

static void share_with_child(struct area *a)
{
	a->child = sys_fork(child_waits, NULL);
	KUNIT_EXPECT_GT(a->test, a->child, 0L);
}

static long call_copy(struct area *a)
{
	return user_write64(page_at(a, PART), PART);
}

static void reap_child(struct area *a)
{
	KUNIT_EXPECT_EQ(a->test, sys_wait4(a->child), 0L);
}

static const struct call calls[] = {
	{ "fork", .run = call_fork, .error = -ENOMEM },
	{ "clone", .run = call_clone, .error = -ENOMEM },
	{ "exec", .run = call_exec, .error = -ENOMEM },
	{ "mmap", .run = call_mmap, .error = -ENOMEM },
	{ "mmap of shared memory", .run = call_mmap_shared, .error = -ENOMEM },
	{ "mmap over the middle", .run = call_mmap_over, .error = -ENOMEM, .changes = true },
	{ "mmap of a file", .run = call_mmap_file, .error = -ENOMEM },
	{ "munmap of the middle", .run = call_munmap, .error = -ENOMEM, .changes = true },
	{ "mprotect of the middle", .run = call_mprotect, .error = -ENOMEM },
	{ "madvise for the middle", .run = call_advise, .error = -ENOMEM },
	{ "dontneed of the middle", .run = call_dontneed, .error = -ENOMEM, .changes = true },
	{ "mremap to elsewhere", .run = call_mremap, .error = -ENOMEM },
	{ "mbind of the middle", .run = call_mbind, .error = -ENOMEM },
	{ "set_mempolicy", .run = call_set_mempolicy, .error = -ENOMEM },
	{ "first write", .run = call_write, .error = -EFAULT },
	{ "first read of a file", .run = call_read_file, .error = -EFAULT },
	{ "first write to shared memory", .run = call_write_shared, .error = -EFAULT },
	{ "write to a page shared since fork", .prepare = share_with_child, .run = call_copy,
	  .finish = reap_child, .error = -EFAULT },
};
KUNIT_ARRAY_PARAM_DESC(call, calls, name);

static void look(struct area *a, bool changed)
{
	for (unsigned long i = 0; i < PAGES; i++)
		if (!changed || i < PART || i >= PART + SOME)
			KUNIT_EXPECT_EQ(a->test, peek(a->test, page_at(a, i)), (u64)i);
	machine_quiesce();
	machine_check();
}

static long perform(struct area *a)
{
	long err;

	if (a->call->prepare)
		a->call->prepare(a);
	begin_failing(a);
	err = a->call->run(a);
	end_failing(a);
	if (a->call->finish)
		a->call->finish(a);
	return err;
}

/* One life: the @nth allocation of the call fails; then the call is repeated. */
static int life(void *arg)
{
	struct area *a = arg;
	long err;

	a->addr = map_anon(PAGES, RW);
	a->fresh = map_anon(PAGES, RW);
	a->other = map_shared(PAGES, RW);
	for (unsigned long i = 0; i < PAGES; i++)
		poke(a->test, page_at(a, i), i);

	err = perform(a);
	if (err)
		KUNIT_EXPECT_EQ(a->test, err, a->call->error);
	if (!a->failed)
		KUNIT_EXPECT_EQ(a->test, err, 0L);
	look(a, !err && a->call->changes);
	a->nth = 0;
	if (err)
		KUNIT_EXPECT_EQ(a->test, perform(a), 0L);
	look(a, a->call->changes);
	return 0;
}

static void each_failed_allocation_leaves_everything_as_it_was(struct kunit *test)
{
	struct area a = { .test = test, .call = test->param_value };
	unsigned long nth = 0;

	do {
		struct task_struct *p;

		a.nth = ++nth;
		a.failed = 0;
		a.file = regular_file_create("file", PAGES * PAGE_SIZE);
		KUNIT_ASSERT_NOT_NULL(test, a.file);
		p = program_start_on(0, "program", life, &a);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_EQ(test, program_wait(p), 0);
		file_put(a.file);
		machine_quiesce();
		machine_check();
	} while (a.failed && nth < LIMIT);
	KUNIT_EXPECT_GT(test, nth, 1UL);
	KUNIT_EXPECT_LT(test, nth, (unsigned long)LIMIT);
}

static struct kunit_case denied_cases[] = {
	KUNIT_CASE_PARAM(each_failed_allocation_leaves_everything_as_it_was, call_gen_params),
	{}
};

static const struct machine_config denied_config = {
	.nr_nodes = 2, .nr_cpus = 2, .cmdline = "noautonuma",
};

static struct kunit_suite denied_suite = {
	.name = "vm-denied",
	.test_cases = denied_cases,
};
kunit_machine_config(denied_suite, denied_config);
kunit_test_suite(denied_suite);
