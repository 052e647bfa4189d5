// SPDX-License-Identifier: GPL-2.0
/*
 * fork, exec, exit: isolation, sharing, references.
 */
#include "vm_test.h"
#include <linux/mempolicy.h>

struct family {
	struct kunit *test;
	unsigned long addr;
	u64 expect;
	int node;
};

static int child_reads(void *arg)
{
	struct family *f = arg;

	return peek(f->test, f->addr) == f->expect ? 0 : 1;
}

static int child_writes(void *arg)
{
	struct family *f = arg;

	poke(f->test, f->addr, f->expect + 1);
	return peek(f->test, f->addr) == f->expect + 1 ? 0 : 1;
}

static int fork_and_wait(struct family *f, program_fn fn)
{
	long pid = sys_fork(fn, f);

	KUNIT_EXPECT_GT(f->test, pid, 0L);
	return pid > 0 ? sys_wait4(pid) : -1;
}

PROGRAM_CASE(the_child_sees_what_the_parent_wrote_before)
{
	struct family f = { .test = test, .addr = map_anon(1, RW), .expect = 11 };

	poke(test, f.addr, 11);
	KUNIT_EXPECT_EQ(test, fork_and_wait(&f, child_reads), 0);
}

PROGRAM_CASE(writes_of_the_child_are_its_own)
{
	struct family f = { .test = test, .addr = map_anon(1, RW), .expect = 11 };

	poke(test, f.addr, 11);
	KUNIT_EXPECT_EQ(test, fork_and_wait(&f, child_writes), 0);
	KUNIT_EXPECT_EQ(test, peek(test, f.addr), 11ULL);
	/* The parent can write again, and alone. */
	poke(test, f.addr, 12);
	KUNIT_EXPECT_EQ(test, peek(test, f.addr), 12ULL);
}

PROGRAM_CASE(fork_write_protects_the_parent_and_flushes_its_tlb)
{
	struct family f = { .test = test, .addr = map_anon(1, RW), .expect = 1 };
	struct mm_struct *mm = current->mm;

	poke(test, f.addr, 1);
	KUNIT_EXPECT_TRUE(test, pte_write(pte_at(mm, f.addr)));
	KUNIT_EXPECT_TRUE(test, PageAnonExclusive(pte_page(pte_at(mm, f.addr))));
	KUNIT_EXPECT_EQ(test, fork_and_wait(&f, child_reads), 0);
	KUNIT_EXPECT_FALSE(test, pte_write(pte_at(mm, f.addr)));
	KUNIT_EXPECT_FALSE(test, PageAnonExclusive(pte_page(pte_at(mm, f.addr))));
	KUNIT_EXPECT_TRUE(test, pte_dirty(pte_at(mm, f.addr)));
	/* Alone again: the page is reused without a copy. */
	f.expect = page_to_pfn(pte_page(pte_at(mm, f.addr)));
	poke(test, f.addr, 2);
	KUNIT_EXPECT_EQ(test, page_to_pfn(pte_page(pte_at(mm, f.addr))), f.expect);
	KUNIT_EXPECT_TRUE(test, pte_write(pte_at(mm, f.addr)));
}

PROGRAM_CASE(shared_memory_stays_shared)
{
	struct family f = { .test = test, .addr = map_shared(1, RW), .expect = 21 };

	poke(test, f.addr, 21);
	KUNIT_EXPECT_EQ(test, fork_and_wait(&f, child_writes), 0);
	KUNIT_EXPECT_EQ(test, peek(test, f.addr), 22ULL);
}

static int child_faults(void *arg)
{
	struct family *f = arg;
	u64 val;

	return user_read64(f->addr, &val) == -EFAULT ? 0 : 1;
}

PROGRAM_CASE(advice_decides_what_the_child_inherits)
{
	struct family f = { .test = test, .addr = map_anon(1, RW), .expect = 0 };

	poke(test, f.addr, 5);
	KUNIT_EXPECT_EQ(test, sys_madvise(f.addr, PAGE_SIZE, MADV_DONTFORK), 0L);
	KUNIT_EXPECT_EQ(test, fork_and_wait(&f, child_faults), 0);
	KUNIT_EXPECT_EQ(test, sys_madvise(f.addr, PAGE_SIZE, MADV_DOFORK), 0L);
	KUNIT_EXPECT_EQ(test, sys_madvise(f.addr, PAGE_SIZE, MADV_WIPEONFORK), 0L);
	KUNIT_EXPECT_EQ(test, fork_and_wait(&f, child_reads), 0);
	KUNIT_EXPECT_EQ(test, sys_madvise(f.addr, PAGE_SIZE, MADV_KEEPONFORK), 0L);
	f.expect = 5;
	KUNIT_EXPECT_EQ(test, fork_and_wait(&f, child_reads), 0);
}

PROGRAM_CASE(a_pinned_page_stays_the_parents)
{
	struct family f = { .test = test, .addr = map_anon(1, RW), .expect = 31 };
	struct mm_struct *mm = current->mm;
	struct page *page;

	poke(test, f.addr, 31);
	KUNIT_ASSERT_EQ(test, pin_user_pages_fast(f.addr, 1, FOLL_WRITE, &page), 1);
	KUNIT_EXPECT_EQ(test, fork_and_wait(&f, child_reads), 0);
	/* Not shared, so not write-protected: the pin keeps seeing what is written. */
	KUNIT_EXPECT_PTR_EQ(test, pte_page(pte_at(mm, f.addr)), page);
	KUNIT_EXPECT_TRUE(test, pte_write(pte_at(mm, f.addr)));
	poke(test, f.addr, 32);
	KUNIT_EXPECT_PTR_EQ(test, pte_page(pte_at(mm, f.addr)), page);
	unpin_user_page(page);
}

static int child_checks_hint(void *arg)
{
	struct family *f = arg;

	KUNIT_EXPECT_TRUE(f->test, pte_protnone(pte_at(current->mm, f->addr)));
	return peek(f->test, f->addr) == f->expect ? 0 : 1;
}

PROGRAM_CASE(hinting_entries_stay_hinted_in_the_child)
{
	struct family f = { .test = test, .addr = map_anon(1, RW), .expect = 8 };
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;

	poke(test, f.addr, 8);
	mmap_read_lock(mm);
	vma = vma_lookup(mm, f.addr);
	mmget(mm);	/* another user: pages of this node are marked, too */
	KUNIT_EXPECT_EQ(test, change_prot_numa(vma, f.addr, f.addr + PAGE_SIZE), 1UL);
	mmap_read_unlock(mm);
	mmput(mm);
	KUNIT_EXPECT_EQ(test, fork_and_wait(&f, child_checks_hint), 0);
	KUNIT_EXPECT_EQ(test, peek(test, f.addr), 8ULL);
}

static int grandchild(void *arg)
{
	struct family *f = arg;
	int bad = 0;

	if (peek(f->test, f->addr) != f->expect)
		bad = 1;
	poke(f->test, f->addr, 1000);
	return bad;
}

static int child_forks(void *arg)
{
	struct family *f = arg, g = *f;
	long pid;

	poke(f->test, f->addr, f->expect + 1);
	g.expect = f->expect + 1;
	pid = sys_fork(grandchild, &g);
	if (pid <= 0 || sys_wait4(pid))
		return 1;
	return peek(f->test, f->addr) == f->expect + 1 ? 0 : 1;
}

PROGRAM_CASE(three_generations_are_isolated)
{
	struct family f = { .test = test, .addr = map_anon(1, RW), .expect = 100 };

	poke(test, f.addr, 100);
	KUNIT_EXPECT_EQ(test, fork_and_wait(&f, child_forks), 0);
	KUNIT_EXPECT_EQ(test, peek(test, f.addr), 100ULL);
}

static int after_exec(void *arg)
{
	struct family *f = arg;
	u64 val;

	KUNIT_EXPECT_EQ(f->test, user_read64(f->addr, &val), -EFAULT);
	KUNIT_EXPECT_EQ(f->test, current->mm->map_count, 0);
	KUNIT_EXPECT_STREQ(f->test, current->comm, "other");
	return 44;
}

static int child_execs(void *arg)
{
	sys_execve("other", after_exec, arg);
	return 1;
}

PROGRAM_CASE(exec_begins_with_an_empty_address_space)
{
	struct family f = { .test = test, .addr = map_anon(3, RW) };

	touch(test, f.addr, 3);
	KUNIT_EXPECT_EQ(test, fork_and_wait(&f, child_execs), 44);
}

static int thread_shares(void *arg)
{
	struct family *f = arg;

	poke(f->test, f->addr, 55);
	return 0;
}

PROGRAM_CASE(threads_share_the_address_space)
{
	struct family f = { .test = test, .addr = map_anon(1, RW) };
	long tid = sys_clone_thread(thread_shares, &f, 2);

	KUNIT_ASSERT_GT(test, tid, 0L);
	KUNIT_EXPECT_EQ(test, sys_wait4(tid), 0L);
	KUNIT_EXPECT_EQ(test, peek(test, f.addr), 55ULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&current->mm->mm_users), 1);
}

static int owner_seen;

static int inherits_mm(void *arg)
{
	int i;

	for (i = 0; i < 1000; i++) {
		if (rcu_access_pointer(current->mm->owner) == current) {
			WRITE_ONCE(owner_seen, 1);
			return 0;
		}
		user_compute(10000);
	}
	WRITE_ONCE(owner_seen, 2);
	return 0;
}

static int leaves_a_thread(void *arg)
{
	return sys_clone_thread(inherits_mm, NULL, 3) > 0 ? 0 : 1;
}

static void an_exiting_owner_leaves_the_mm_to_a_thread(struct kunit *test)
{
	struct task_struct *p;

	WRITE_ONCE(owner_seen, 0);
	p = program_start("owner", leaves_a_thread, NULL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, program_wait(p), 0);
	machine_quiesce();
	KUNIT_EXPECT_EQ(test, READ_ONCE(owner_seen), 1);
}

static void references_keep_struct_and_space_apart(struct kunit *test)
{
	struct mm_struct *mm = mm_alloc();

	KUNIT_ASSERT_NOT_NULL(test, mm);
	KUNIT_EXPECT_EQ(test, atomic_read(&mm->mm_users), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&mm->mm_count), 1);
	mmgrab(mm);
	KUNIT_EXPECT_TRUE(test, mmget_not_zero(mm));
	mmput(mm);
	mmput(mm);
	KUNIT_EXPECT_FALSE(test, mmget_not_zero(mm));
	KUNIT_EXPECT_EQ(test, atomic_read(&mm->mm_count), 1);
	mmdrop(mm);
}

static void asynchronous_put_frees_later(struct kunit *test)
{
	struct mm_struct *mm = mm_alloc();

	KUNIT_ASSERT_NOT_NULL(test, mm);
	mmgrab(mm);
	preempt_disable();
	mmput_async(mm);
	preempt_enable();
	machine_quiesce();
	KUNIT_EXPECT_EQ(test, atomic_read(&mm->mm_count), 1);
	mmdrop(mm);
}

static void kernel_threads_have_no_mm(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, get_task_mm(current));
}

static struct kunit_case fork_cases[] = {
	KUNIT_CASE(the_child_sees_what_the_parent_wrote_before),
	KUNIT_CASE(writes_of_the_child_are_its_own),
	KUNIT_CASE(fork_write_protects_the_parent_and_flushes_its_tlb),
	KUNIT_CASE(shared_memory_stays_shared),
	KUNIT_CASE(advice_decides_what_the_child_inherits),
	KUNIT_CASE(a_pinned_page_stays_the_parents),
	KUNIT_CASE(hinting_entries_stay_hinted_in_the_child),
	KUNIT_CASE(three_generations_are_isolated),
	KUNIT_CASE(exec_begins_with_an_empty_address_space),
	KUNIT_CASE(threads_share_the_address_space),
	KUNIT_CASE(an_exiting_owner_leaves_the_mm_to_a_thread),
	KUNIT_CASE(references_keep_struct_and_space_apart),
	KUNIT_CASE(asynchronous_put_frees_later),
	KUNIT_CASE(kernel_threads_have_no_mm),
	{}
};

static struct kunit_suite fork_suite = {
	.name = "vm_fork",
	.test_cases = fork_cases,
};
kunit_test_suite(fork_suite);
