// SPDX-License-Identifier: GPL-2.0
/* What one look of knuma_scand at all processes finds. */
#include <linux/delay.h>

#include "core_test.h"

/* More than two walks register. */
#define MANY	40

static void works_for_a_while(struct prog *p)
{
	user_compute(2 * SEC);
}

static int works_as_well(void *arg)
{
	works_for_a_while(arg);
	return 0;
}

/* Like vfork(): another process, the same mm. */
static void works_with_sharing_child(struct prog *p)
{
	struct kernel_clone_args args = {
		.flags = CLONE_VM, .fn = works_as_well, .fn_arg = p, .node = NUMA_NO_NODE,
		.cpu = -1,
	};
	struct task_struct *t = copy_process_model(&args);
	pid_t pid;

	KUNIT_ASSERT_FALSE(p->test, IS_ERR(t));
	pid = t->pid;
	wake_up_new_task(t);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
}

/* The first two share an mm. The next look is half a second later. */
static void all_of_age_are_registered_at_once(struct kunit *test)
{
	struct prog *p = kunit_kcalloc(test, MANY, sizeof(*p), GFP_KERNEL);
	struct task_struct *t[MANY];
	int i;

	KUNIT_ASSERT_NOT_NULL(test, p);
	set_knob(test, "enabled", "0");
	for (i = 0; i < MANY; i++) {
		p[i] = (struct prog){
			.test = test, .fn = i ? works_for_a_while : works_with_sharing_child,
		};
		t[i] = program_start_on(i & 7, "prog", prog_main, &p[i]);
		KUNIT_ASSERT_NOT_NULL(test, t[i]);
		if (!i)
			msleep(100);
	}
	msleep(1000);
	set_knob(test, "enabled", "1");
	msleep(50);
	for (i = 0; i < MANY; i++)
		KUNIT_EXPECT_NOT_NULL(test, READ_ONCE(t[i]->mm->mm_autonuma));
	for (i = 0; i < MANY; i++)
		KUNIT_EXPECT_EQ(test, program_wait(t[i]), 0);
}

static struct kunit_case look_cases[] = {
	KUNIT_CASE(all_of_age_are_registered_at_once),
	{}
};

static struct kunit_suite look_suite = {
	.name = "autonuma-look",
	.test_cases = look_cases,
};
kunit_test_suite(look_suite);
