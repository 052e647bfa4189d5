// SPDX-License-Identifier: GPL-2.0
/*
 * Boot without memory: every allocation of autonuma_init() fails once, in order. Each time
 * AutoNUMA stays away, says so, leaves nothing behind, and the machine works.
 *
 * Two initcalls around AutoNUMA's arm and disarm the injection, for calls from
 * autonuma_init() only.
 */
#include <linux/init.h>
#include <machine/inject.h>
#include <machine/log.h>

#include "core_test.h"
#include <machine/pages.h>

#define DIR "/sys/kernel/mm/autonuma"

/* One boot: what to fail, and what the two initcalls saw. */
static struct {
	struct inject_rule rule;	/* no sites: nothing */
	int handle;
	unsigned long matched, failed;
	unsigned long objects;		/* slab objects left by this level's initcalls */
} boot;

extern const struct initcall_entry __start_initcalls[], __stop_initcalls[];

static const void *find_initcall(const char *name)
{
	const struct initcall_entry *e;

	for (e = __start_initcalls; e < __stop_initcalls; e++) {
		if (!strcmp(e->name, name))
			return e->fn;
	}
	return NULL;
}

static int __init arm(void)
{
	boot.objects = slab_objects();
	if (!boot.rule.sites)
		return 0;
	boot.rule.task = current;
	boot.rule.func = find_initcall("autonuma_init");
	boot.handle = inject_set(boot.rule);
	return 0;
}
device_initcall_sync(arm);

static int __init disarm(void)
{
	boot.objects = slab_objects() - boot.objects;
	if (!boot.rule.sites)
		return 0;
	boot.matched = inject_matched(boot.handle);
	boot.failed = inject_failed(boot.handle);
	inject_clear(boot.handle);
	return 0;
}
late_initcall_sync(disarm);

/* Five nodes: one has no memory, one no CPU, neither of which takes part as a target. */
static const int cpu_node[] = { 0, 1, 2, 4 };
static const u64 node_bytes[] = { 32 << 20, 32 << 20, 0, 32 << 20, 32 << 20 };
static const struct machine_config uneven = {
	.nr_nodes = 5, .nr_cpus = 4, .cpu_node = cpu_node, .node_bytes = node_bytes,
};

/* What a machine without AutoNUMA has of them. */
static unsigned long objects_without;

static void boot_without(struct kunit *test)
{
	struct machine_config cfg = uneven;

	memset(&boot, 0, sizeof(boot));
	cfg.cmdline = "noautonuma";
	KUNIT_ASSERT_EQ(test, machine_boot(&cfg), 0);
	objects_without = boot.objects;
	KUNIT_EXPECT_TRUE(test, log_contains("autonuma: not used"));
	KUNIT_EXPECT_FALSE(test, log_contains("Malformed option"));
	KUNIT_EXPECT_FALSE(test, log_contains("initcall autonuma_init returned"));
	machine_shutdown();
}

static void boot_machine(struct kunit *test, struct inject_rule rule)
{
	memset(&boot, 0, sizeof(boot));
	boot.rule = rule;
	KUNIT_ASSERT_EQ(test, machine_boot(&uneven), 0);
}

static int count_daemons(void)
{
	struct task_struct *p;
	int n = 0;

	rcu_read_lock();
	for_each_process(p)
		n += strstarts(p->comm, "knuma_");
	rcu_read_unlock();
	return n;
}

static bool has_sysfs(void)
{
	char buf[16];

	return sysfs_read_file(DIR "/enabled", buf, sizeof(buf)) != -ENOENT;
}

/* Long enough to be registered and scanned, if somebody did that. */
static int lives(void *arg)
{
	struct prog p = { .test = arg };
	int marked;

	map_and_write(&p, 8);
	user_compute(30 * SEC);
	marked = marked_pages(&p);
	expect_contents(&p);
	return marked;
}

static void expect_absent(struct kunit *test)
{
	struct task_struct *p;

	KUNIT_EXPECT_TRUE(test, log_contains("autonuma: cannot start: -12"));
	KUNIT_EXPECT_TRUE(test, log_contains("initcall autonuma_init returned -12"));
	KUNIT_EXPECT_FALSE(test, autonuma_enabled());
	KUNIT_EXPECT_FALSE(test, has_sysfs());
	KUNIT_EXPECT_EQ(test, boot.objects, objects_without);
	p = program_start("prog", lives, test);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, program_wait(p), 0);
	/* By now a daemon that was told to stop has gone. */
	KUNIT_EXPECT_EQ(test, count_daemons(), 0);
}

static void expect_present(struct kunit *test)
{
	struct task_struct *p;

	KUNIT_EXPECT_FALSE(test, log_contains("autonuma: cannot start"));
	KUNIT_EXPECT_FALSE(test, log_contains("initcall autonuma_init returned"));
	KUNIT_EXPECT_TRUE(test, autonuma_enabled());
	KUNIT_EXPECT_TRUE(test, has_sysfs());
	/* The scan daemon, and one for each of nodes 0, 1 and 4. */
	KUNIT_EXPECT_EQ(test, count_daemons(), 4);
	p = program_start("prog", lives, test);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, program_wait(p), 8);
}

static void every_allocation_of_the_boot_fails_once(struct kunit *test)
{
	unsigned long nth = 0;
	bool failed;

	boot_without(test);
	do {
		boot_machine(test, (struct inject_rule) {
			.sites = 1 << INJECT_SLAB | 1 << INJECT_PAGE | 1 << INJECT_KTHREAD,
			.nth = ++nth,
		});
		failed = boot.failed;
		kunit_info(test, "allocation %lu: %d failed", nth, failed);
		if (failed)
			expect_absent(test);
		else
			expect_present(test);
		machine_shutdown();
	} while (failed);
	/*
	 * Two arrays by node; four parts of each of four queues; an array, three daemons and
	 * their threads; the scan daemon; the directory, its name and a file per attribute.
	 */
	KUNIT_EXPECT_GE(test, nth - 1, 2 + 4 * 4 + 1 + 3 * 2 + 1 + 3 + 20);
}

static void memory_is_back_at_the_next_boot(struct kunit *test)
{
	boot_without(test);
	boot_machine(test, (struct inject_rule) {
		.sites = 1 << INJECT_SLAB, .per_million = 1000000,
	});
	expect_absent(test);
	machine_shutdown();
	boot_machine(test, (struct inject_rule) { });
	expect_present(test);
	machine_shutdown();
}

static int usual_level;

/* The error lines are expected here. */
static int quiet_console(struct kunit *test)
{
	usual_level = log_console_level;
	log_console_level = min(usual_level, 3);
	return 0;
}

static void usual_console(struct kunit *test)
{
	log_console_level = usual_level;
}

static struct kunit_case boot_cases[] = {
	KUNIT_CASE(every_allocation_of_the_boot_fails_once),
	KUNIT_CASE(memory_is_back_at_the_next_boot),
	{}
};

static struct kunit_suite boot_suite = {
	.name = "autonuma-boot",
	.init = quiet_console,
	.exit = usual_console,
	.test_cases = boot_cases,
};
kunit_machine_free(boot_suite);
kunit_test_suite(boot_suite);
