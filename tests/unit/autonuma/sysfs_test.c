// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/mm/autonuma/: defaults, ranges, refusals; and machines without it.
 */
#include <machine/log.h>

#include "core_test.h"

#define DIR "/sys/kernel/mm/autonuma/"

static void read_file(struct kunit *test, const char *name, char *buf, size_t size)
{
	char path[96];
	ssize_t len;

	snprintf(path, sizeof(path), DIR "%s", name);
	len = sysfs_read_file(path, buf, size - 1);
	KUNIT_EXPECT_GT_MSG(test, len, 0, "%s", name);
	buf[max(len, (ssize_t)0)] = 0;
}

static ssize_t write_file(const char *name, const char *value)
{
	char path[96];

	snprintf(path, sizeof(path), DIR "%s", name);
	return sysfs_write_file(path, value, strlen(value));
}

static const struct knob_fact {
	const char *name;
	const char *def;
	const char *min, *below;
	const char *max, *above;
} knob_facts[] = {
	{ "enabled", "1\n", "0", "-1", "1", "2" },
	{ "debug", "0\n", "0", "-1", "1", "2" },
	{ "scan_sleep_millisecs", "100\n", "1", "0", "3600000", "3600001" },
	{ "scan_sleep_pass_millisecs", "10000\n", "1", "0", "3600000", "3600001" },
	{ "pages_to_scan", "32768\n", "1", "0", "2147483647", "2147483648" },
	{ "scan_pmd", "1\n", "0", "-1", "1", "2" },
	{ "working_set", "1\n", "0", "-1", "1", "2" },
	{ "migrate_sleep_millisecs", "100\n", "1", "0", "3600000", "3600001" },
	{ "pages_to_migrate", "32768\n", "1", "0", "2147483647", "2147483648" },
	{ "migrate_async", "1\n", "0", "-1", "1", "2" },
	{ "migrate_defer", "0\n", "0", "-1", "1", "2" },
	{ "migrate_allow_first_fault", "1\n", "0", "-1", "1", "2" },
	{ "load_balance_strict", "1\n", "0", "-1", "1", "2" },
	{ "balance_interval_millisecs", "100\n", "1", "0", "3600000", "3600001" },
	{ "child_inheritance", "1\n", "0", "-1", "1", "2" },
};

static const char * const senseless[] = {
	"", " ", "x", "1x", "1 2", "0x10", "-0", "+-1", "1.5", "99999999999999999999", "on",
};

static void every_knob_has_its_default_and_range(struct kunit *test)
{
	char buf[64], expect[64];
	int i, j;

	for (i = 0; i < ARRAY_SIZE(knob_facts); i++) {
		const struct knob_fact *k = &knob_facts[i];

		read_file(test, k->name, buf, sizeof(buf));
		KUNIT_EXPECT_STREQ_MSG(test, buf, k->def, "%s", k->name);

		KUNIT_EXPECT_EQ_MSG(test, write_file(k->name, k->max), strlen(k->max),
				    "%s", k->name);
		read_file(test, k->name, buf, sizeof(buf));
		snprintf(expect, sizeof(expect), "%s\n", k->max);
		KUNIT_EXPECT_STREQ_MSG(test, buf, expect, "%s", k->name);

		KUNIT_EXPECT_EQ_MSG(test, write_file(k->name, k->above), -EINVAL, "%s", k->name);
		KUNIT_EXPECT_EQ_MSG(test, write_file(k->name, k->below), -EINVAL, "%s", k->name);
		for (j = 0; j < ARRAY_SIZE(senseless); j++)
			KUNIT_EXPECT_LE_MSG(test, write_file(k->name, senseless[j]),
					    *senseless[j] ? -EINVAL : 0,
					    "%s = '%s'", k->name, senseless[j]);
		read_file(test, k->name, buf, sizeof(buf));
		KUNIT_EXPECT_STREQ_MSG(test, buf, expect, "%s: changed by bad input", k->name);

		KUNIT_EXPECT_EQ_MSG(test, write_file(k->name, k->min), strlen(k->min),
				    "%s", k->name);
		/* A newline at the end is what echo writes. */
		KUNIT_EXPECT_EQ(test, write_file(k->name, k->def), strlen(k->def));
	}
}

static const char * const counter_names[] = {
	"full_scans", "pages_scanned", "pages_marked", "hint_faults", "hint_faults_local",
	"pages_queued", "pages_cancelled", "pages_migrated", "pages_failed", "tasks_moved",
	"tasks_swapped",
};

static void counters_are_read_only_and_begin_at_zero(struct kunit *test)
{
	char buf[512];
	int i;

	for (i = 0; i < ARRAY_SIZE(counter_names); i++) {
		read_file(test, counter_names[i], buf, sizeof(buf));
		if (strcmp(counter_names[i], "pages_failed"))
			KUNIT_EXPECT_STREQ_MSG(test, buf, "0\n", "%s", counter_names[i]);
		KUNIT_EXPECT_LT(test, write_file(counter_names[i], "1"), 0);
	}
}

static void failures_are_listed_by_reason(struct kunit *test)
{
	char buf[512];

	read_file(test, "pages_failed", buf, sizeof(buf));
	KUNIT_EXPECT_STREQ(test, buf,
			   "node_full 0\nqueue_full 0\nshared 0\npinned 0\noff_lru 0\n"
			   "gone 0\nunwanted 0\nbusy 0\n");
	autonuma_count_drop(AUTONUMA_DROP_PINNED, 1);
	autonuma_count_drop(AUTONUMA_DROP_BUSY, 1);
	autonuma_count_drop(AUTONUMA_DROP_BUSY, 1);
	read_file(test, "pages_failed", buf, sizeof(buf));
	KUNIT_EXPECT_NOT_NULL(test, strstr(buf, "pinned 1\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(buf, "busy 2\n"));
}

static void enabled_follows_the_static_key(struct kunit *test)
{
	char buf[16];

	KUNIT_EXPECT_TRUE(test, autonuma_enabled());
	KUNIT_EXPECT_EQ(test, write_file("enabled", "0\n"), 2);
	KUNIT_EXPECT_FALSE(test, autonuma_enabled());
	read_file(test, "enabled", buf, sizeof(buf));
	KUNIT_EXPECT_STREQ(test, buf, "0\n");
	KUNIT_EXPECT_EQ(test, write_file("enabled", "1"), 1);
	KUNIT_EXPECT_TRUE(test, autonuma_enabled());
}

static struct kunit_case sysfs_cases[] = {
	KUNIT_CASE(every_knob_has_its_default_and_range),
	KUNIT_CASE(counters_are_read_only_and_begin_at_zero),
	KUNIT_CASE(failures_are_listed_by_reason),
	KUNIT_CASE(enabled_follows_the_static_key),
	{}
};

static struct kunit_suite sysfs_suite = {
	.name = "autonuma-sysfs",
	.test_cases = sysfs_cases,
};

/* No sysfs, no static key, no daemon, and processes live as ever. */
static void lives_without(struct prog *p)
{
	map_and_write(p, 4);
	user_compute(30 * SEC);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);
	KUNIT_EXPECT_NULL(p->test, current->mm->mm_autonuma);
	KUNIT_EXPECT_NULL(p->test, current->task_autonuma);
}

static void autonuma_stays_away(struct kunit *test)
{
	struct task_struct *p;
	char buf[16];

	KUNIT_EXPECT_FALSE(test, autonuma_enabled());
	KUNIT_EXPECT_TRUE(test, log_contains("autonuma: not used"));
	KUNIT_EXPECT_EQ(test, sysfs_read_file(DIR "enabled", buf, sizeof(buf)), -ENOENT);
	rcu_read_lock();
	for_each_process(p)
		KUNIT_EXPECT_NULL(test, strstr(p->comm, "knuma"));
	rcu_read_unlock();
	run_prog(test, 0, lives_without, NULL);
}

static struct kunit_case absent_cases[] = {
	KUNIT_CASE(autonuma_stays_away),
	{}
};

static struct machine_config off_config = {
	.nr_nodes = 2, .nr_cpus = 4, .cmdline = "noautonuma",
};
static struct kunit_suite noautonuma_suite = {
	.name = "autonuma-noautonuma",
	.test_cases = absent_cases,
};

static struct machine_config one_node_config = {
	.nr_nodes = 1, .nr_cpus = 2,
};
static struct kunit_suite one_node_suite = {
	.name = "autonuma-one-node",
	.test_cases = absent_cases,
};

/* Runs after the two without: the command line of one boot is not that of the next. */
static void autonuma_is_back(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, autonuma_enabled());
}

static struct kunit_case back_cases[] = {
	KUNIT_CASE(autonuma_is_back),
	{}
};
static struct kunit_suite back_suite = {
	.name = "autonuma-next-boot",
	.test_cases = back_cases,
};

kunit_machine_config(noautonuma_suite, off_config);
kunit_machine_config(one_node_suite, one_node_config);
kunit_test_suites(&sysfs_suite, &noautonuma_suite, &one_node_suite, &back_suite);
