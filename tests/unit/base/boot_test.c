// SPDX-License-Identifier: GPL-2.0
/*
 * What happens once per boot: initcalls, parameters, static keys, the log, warnings.
 */
#include <kunit/test.h>
#include <linux/bug.h>
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/spinlock.h>
#include <machine/log.h>
#include <machine/violation.h>

#include "../caught.h"

static char order[32];

static void note(char c)
{
	size_t n = strlen(order);

	order[n] = c;
	order[n + 1] = 0;
}

/* Declared in the wrong order on purpose. */
static int __init late(void) { note('l'); return 0; }
late_initcall(late);
static int __init device(void) { note('d'); return -ENODEV; }
device_initcall(device);
static int __init core(void) { note('c'); return 0; }
core_initcall(core);
static int __init subsys(void) { note('s'); return 0; }
subsys_initcall(subsys);

static int __init early(char *arg)
{
	order[0] = 0;
	note('E');
	return arg && !strcmp(arg, "yes") ? 0 : -EINVAL;
}
early_param("early_thing", early);

static bool flag_seen __initdata;
static int __init flag(char *arg)
{
	note('F');
	flag_seen = true;
	return 1;
}
__setup("flag_thing", flag);

static int number __initdata;
static int __init number_setup(char *arg)
{
	return !kstrtoint(arg, 0, &number);
}
__setup("number=", number_setup);

static unsigned int knob = 3;
module_param(knob, uint, 0444);
static char *words = "none";
module_param(words, charp, 0444);

static const struct machine_config config = {
	.nr_nodes = 2,
	.nr_cpus = 2,
	.bytes_per_node = 16 << 20,
	.cmdline = "early_thing=yes flag_thing number=-7 kernel.knob=9 kernel.words=\"a b\" other",
};

static void parameters_come_before_initcalls_and_those_run_by_level(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, order, "EFcsdl");
	KUNIT_EXPECT_TRUE(test, flag_seen);
	KUNIT_EXPECT_EQ(test, number, -7);
}

static void module_parameters_are_set(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, knob, 9);
	KUNIT_EXPECT_STREQ(test, words, "a b");
}

static DEFINE_STATIC_KEY_FALSE(off_key);
static DEFINE_STATIC_KEY_TRUE(on_key);

static void expect_initial_keys(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, static_branch_unlikely(&off_key));
	KUNIT_EXPECT_TRUE(test, static_branch_likely(&on_key));
}

/* Two cases, so that whichever is second sees what the first left. */
static void static_keys_change_until_power_off(struct kunit *test)
{
	expect_initial_keys(test);
	static_branch_enable(&off_key);
	static_branch_enable(&off_key);
	static_branch_disable(&on_key);
	KUNIT_EXPECT_TRUE(test, static_branch_unlikely(&off_key));
	KUNIT_EXPECT_FALSE(test, static_branch_likely(&on_key));
}

static void static_keys_count_their_users(struct kunit *test)
{
	expect_initial_keys(test);
	static_branch_inc(&off_key);
	static_branch_inc(&off_key);
	static_branch_dec(&off_key);
	KUNIT_EXPECT_TRUE(test, static_key_enabled(&off_key));
	static_branch_dec(&off_key);
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&off_key));
	static_branch_inc(&off_key);
	static_branch_disable(&on_key);
}

static void enable_under_spinlock(void *arg)
{
	spinlock_t lock;

	spin_lock_init(&lock);
	spin_lock(&lock);
	static_branch_enable(&off_key);
	spin_unlock(&lock);
}

static void negative_key(void *arg)
{
	static_branch_dec(&off_key);
}

static void keys_are_not_changed_in_atomic_context_nor_below_zero(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(enable_under_spinlock, NULL, NULL, 0),
			VIOLATION_ATOMIC_SLEEP);
	KUNIT_EXPECT_EQ(test, violation_catch(negative_key, NULL, NULL, 0), VIOLATION_WARN);
}

static void the_log_keeps_what_was_printed(struct kunit *test)
{
	pr_info("scan: pass %d\n", 12);
	pr_debug("node %*pbl\n", 4, (unsigned long[]){ 0xb });
	KUNIT_EXPECT_TRUE(test, log_contains("scan: pass 12\n"));
	KUNIT_EXPECT_TRUE(test, log_contains("node 0-1,3\n"));
	KUNIT_EXPECT_FALSE(test, log_contains("scan: pass 13"));
}

static void do_bug(void *arg) { BUG_ON(arg); }
static void do_warn(void *arg) { WARN_ON_ONCE(arg); }
static void do_panic(void *arg) { panic("out of %s", "luck"); }

static void bugs_and_warnings_are_violations_every_time(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, violation_catch(do_bug, "x", NULL, 0), VIOLATION_BUG);
	KUNIT_EXPECT_EQ(test, violation_catch(do_bug, NULL, NULL, 0), VIOLATION_NONE);
	KUNIT_EXPECT_EQ(test, violation_catch(do_warn, "x", NULL, 0), VIOLATION_WARN);
	KUNIT_EXPECT_EQ(test, violation_catch(do_warn, "x", NULL, 0), VIOLATION_WARN);
	expect_caught(test, do_panic, NULL, VIOLATION_BUG, "out of luck");
}

static void random_numbers_stay_in_their_range(struct kunit *test)
{
	unsigned int seen = 0;

	for (int i = 0; i < 300; i++) {
		u32 v = get_random_u32_below(10);

		KUNIT_EXPECT_LT(test, v, 10);
		seen |= 1 << v;
		v = get_random_u32_inclusive(5, 6);
		KUNIT_EXPECT_TRUE(test, v == 5 || v == 6);
	}
	KUNIT_EXPECT_EQ(test, seen, 0x3ff);
}

static struct kunit_case boot_cases[] = {
	KUNIT_CASE(parameters_come_before_initcalls_and_those_run_by_level),
	KUNIT_CASE(module_parameters_are_set),
	KUNIT_CASE(static_keys_change_until_power_off),
	KUNIT_CASE(static_keys_count_their_users),
	KUNIT_CASE(keys_are_not_changed_in_atomic_context_nor_below_zero),
	KUNIT_CASE(the_log_keeps_what_was_printed),
	KUNIT_CASE(bugs_and_warnings_are_violations_every_time),
	KUNIT_CASE(random_numbers_stay_in_their_range),
	{}
};

static struct kunit_suite boot_suite = {
	.name = "boot",
	.test_cases = boot_cases,
};
kunit_test_suite(boot_suite);
kunit_machine_config(boot_suite, config);

/* The next boots, without a command line. */
static void parameters_of_an_earlier_boot_are_forgotten(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, knob, 3);
	KUNIT_EXPECT_STREQ(test, words, "none");
	KUNIT_EXPECT_FALSE(test, flag_seen);
	KUNIT_EXPECT_EQ(test, number, 0);
}

static struct kunit_case next_boot_cases[] = {
	KUNIT_CASE(parameters_of_an_earlier_boot_are_forgotten),
	{}
};

static struct kunit_suite next_boot_suite = {
	.name = "next_boot",
	.test_cases = next_boot_cases,
};
kunit_test_suite(next_boot_suite);
