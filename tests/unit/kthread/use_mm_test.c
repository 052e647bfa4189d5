// SPDX-License-Identifier: GPL-2.0
/* Kernel threads in the address space of a program. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <machine/program.h>
#include <machine/violation.h>

#include "../caught.h"
#include "../threads.h"

#define VALUE 0x1234567890abcdefULL

struct shared {
	struct completion ready, leave;
	unsigned long addr;
	struct mm_struct *mm;
	u64 seen;
	int err;
	bool mm_was_set, mm_was_cleared;
};

static int program(void *arg)
{
	struct shared *s = arg;

	s->addr = sys_mmap(0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	user_write64(s->addr, VALUE);
	complete(&s->ready);
	wait_for_completion(&s->leave);
	return 0;
}

static int borrower(void *arg)
{
	struct shared *s = arg;

	kthread_use_mm(s->mm);
	s->mm_was_set = current->mm == s->mm && current->active_mm == s->mm;
	msleep(2);		/* other tasks come and go on the CPU */
	s->err = user_read64(s->addr, &s->seen);
	kthread_unuse_mm(s->mm);
	s->mm_was_cleared = !current->mm;
	msleep(2);
	return 0;
}

static void kthread_reads_memory_of_the_mm_it_uses(struct kunit *test)
{
	struct shared s = {};
	struct test_thread t;
	struct task_struct *p;

	init_completion(&s.ready);
	init_completion(&s.leave);
	p = program_start("lender", program, &s);
	KUNIT_ASSERT_NOT_NULL(test, p);
	wait_for_completion(&s.ready);
	KUNIT_EXPECT_FALSE(test, kthread_is_per_cpu(p));	/* it is no kthread */
	s.mm = get_task_mm(p);
	KUNIT_ASSERT_NOT_NULL(test, s.mm);
	test_thread_start(test, &t, 5, borrower, &s);
	test_thread_join(&t);
	mmput(s.mm);
	complete(&s.leave);
	KUNIT_EXPECT_EQ(test, program_wait(p), 0);
	KUNIT_EXPECT_TRUE(test, s.mm_was_set);
	KUNIT_EXPECT_TRUE(test, s.mm_was_cleared);
	KUNIT_EXPECT_EQ(test, s.err, 0);
	KUNIT_EXPECT_EQ(test, s.seen, VALUE);
}

/* Who ends with an mm puts a reference of its users, as a thread of the process does. */
static void use_until_the_end(struct mm_struct *mm)
{
	mmget(mm);
	kthread_use_mm(mm);
	mmdrop(mm);
}

static void use_two(void *mm)
{
	use_until_the_end(mm);
	kthread_use_mm(mm);
}

static void give_back_what_it_has_not(void *mm)
{
	kthread_unuse_mm(mm);
}

static void use_as_a_program(void *mm)
{
	WRITE_ONCE(current->flags, current->flags & ~PF_KTHREAD);
	kthread_use_mm(mm);
}

static void give_back_as_a_program(void *mm)
{
	use_until_the_end(mm);
	WRITE_ONCE(current->flags, current->flags & ~PF_KTHREAD);
	kthread_unuse_mm(mm);
}

static void misuse_is_reported(struct kunit *test)
{
	static const struct {
		void (*fn)(void *mm);
		const char *text;
	} misuses[] = {
		{ use_two, ": tsk->mm" },
		{ give_back_what_it_has_not, "tsk->mm != mm" },
		{ use_as_a_program, "tsk->flags" },
		{ give_back_as_a_program, "tsk->flags" },
	};
	struct mm_struct *mm = mm_alloc();

	KUNIT_ASSERT_NOT_NULL(test, mm);
	for (int i = 0; i < ARRAY_SIZE(misuses); i++)
		expect_caught(test, misuses[i].fn, mm, VIOLATION_WARN, misuses[i].text);
	mmput(mm);
}

static struct kunit_case use_mm_cases[] = {
	KUNIT_CASE(kthread_reads_memory_of_the_mm_it_uses),
	KUNIT_CASE(misuse_is_reported),
	{}
};

static struct kunit_suite use_mm_suite = {
	.name = "kthread_use_mm",
	.test_cases = use_mm_cases,
};
kunit_test_suite(use_mm_suite);
