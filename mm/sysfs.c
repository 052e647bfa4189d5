// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: /sys/kernel/mm/autonuma/, as documented in autonuma.rst.
 *
 * Every knob is a number in one table with its range and default; every counter
 * is a line in another.
 */
#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/sysfs.h>

#include "autonuma.h"

struct autonuma_knobs autonuma_knobs __read_mostly;

/* As printed by pages_failed and by tracing; "none" is never counted. */
const char * const autonuma_drop_names[AUTONUMA_NR_DROPS] = {
	[AUTONUMA_DROP_NONE]		= "none",
	[AUTONUMA_DROP_NODE_FULL]	= "node_full",
	[AUTONUMA_DROP_QUEUE_FULL]	= "queue_full",
	[AUTONUMA_DROP_SHARED]		= "shared",
	[AUTONUMA_DROP_PINNED]		= "pinned",
	[AUTONUMA_DROP_OFF_LRU]		= "off_lru",
	[AUTONUMA_DROP_GONE]		= "gone",
	[AUTONUMA_DROP_UNWANTED]	= "unwanted",
	[AUTONUMA_DROP_BUSY]		= "busy",
};

/**
 * struct knob - one writable file
 * @attr:	the file
 * @value:	what it sets
 * @def:	value at boot
 * @min:	smallest value accepted
 * @max:	largest value accepted
 */
struct knob {
	struct kobj_attribute attr;
	unsigned int *value;
	unsigned int def;
	unsigned int min;
	unsigned int max;
};

static ssize_t knob_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct knob *k = container_of(attr, struct knob, attr);

	return sysfs_emit(buf, "%u\n", READ_ONCE(*k->value));
}

/* Parse a number in [min, max]; anything else is -EINVAL. */
static int parse_in_range(const char *buf, unsigned int min, unsigned int max,
			  unsigned int *value)
{
	if (kstrtouint(buf, 10, value))
		return -EINVAL;
	return *value >= min && *value <= max ? 0 : -EINVAL;
}

/* Nothing changes unless the text is a number that the knob takes. */
static ssize_t knob_store(struct kobject *kobj, struct kobj_attribute *attr,
			  const char *buf, size_t count)
{
	struct knob *k = container_of(attr, struct knob, attr);
	unsigned int value;

	if (parse_in_range(buf, k->min, k->max, &value))
		return -EINVAL;
	WRITE_ONCE(*k->value, value);
	autonuma_migrate_look();
	return count;
}

#define KNOB(_name, _def, _min, _max) {					\
	.attr = __ATTR(_name, 0644, knob_show, knob_store),		\
	.value = &autonuma_knobs._name,					\
	.def = (_def), .min = (_min), .max = (_max),			\
}

/* 128 MiB worth of pages. */
#define BATCH_PAGES	(SZ_128M >> PAGE_SHIFT)
#define HOUR_MSECS	(60 * 60 * 1000)

static struct knob knobs[] = {
	KNOB(debug,			0,		0, 1),
	KNOB(scan_sleep_millisecs,	100,		1, HOUR_MSECS),
	KNOB(scan_sleep_pass_millisecs,	10000,		1, HOUR_MSECS),
	KNOB(pages_to_scan,		BATCH_PAGES,	1, INT_MAX),
	KNOB(scan_pmd,			1,		0, 1),
	KNOB(working_set,		1,		0, 1),
	KNOB(migrate_sleep_millisecs,	100,		1, HOUR_MSECS),
	KNOB(pages_to_migrate,		BATCH_PAGES,	1, INT_MAX),
	KNOB(migrate_async,		1,		0, 1),
	KNOB(migrate_defer,		0,		0, 1),
	KNOB(migrate_allow_first_fault,	1,		0, 1),
	KNOB(load_balance_strict,	1,		0, 1),
	KNOB(balance_interval_millisecs, 100,		1, HOUR_MSECS),
	KNOB(child_inheritance,		1,		0, 1),
};

static ssize_t enabled_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", autonuma_enabled());
}

/* 0 and 1 switch AutoNUMA; nothing else is taken. */
static ssize_t enabled_store(struct kobject *kobj, struct kobj_attribute *attr,
			     const char *buf, size_t count)
{
	unsigned int value;

	if (parse_in_range(buf, 0, 1, &value))
		return -EINVAL;
	autonuma_set_enabled(value);
	return count;
}

static struct kobj_attribute enabled_attr = __ATTR_RW(enabled);

/**
 * struct counter - one read-only file with one number
 * @attr:	the file
 * @which:	what it shows
 */
struct counter {
	struct kobj_attribute attr;
	enum autonuma_counter which;
};

static ssize_t counter_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct counter *c = container_of(attr, struct counter, attr);

	return sysfs_emit(buf, "%lu\n", autonuma_counter_read(c->which));
}

#define COUNTER(_name, _which) {					\
	.attr = __ATTR(_name, 0444, counter_show, NULL),		\
	.which = (_which),						\
}

static struct counter counters[] = {
	COUNTER(full_scans,		AUTONUMA_FULL_SCANS),
	COUNTER(pages_scanned,		AUTONUMA_PAGES_SCANNED),
	COUNTER(pages_marked,		AUTONUMA_PAGES_MARKED),
	COUNTER(hint_faults,		AUTONUMA_HINT_FAULTS),
	COUNTER(hint_faults_local,	AUTONUMA_HINT_FAULTS_LOCAL),
	COUNTER(pages_queued,		AUTONUMA_PAGES_QUEUED),
	COUNTER(pages_cancelled,	AUTONUMA_PAGES_CANCELLED),
	COUNTER(pages_migrated,		AUTONUMA_PAGES_MIGRATED),
	COUNTER(thp_migrated,		AUTONUMA_THP_MIGRATED),
	COUNTER(thp_split,		AUTONUMA_THP_SPLIT),
	COUNTER(tasks_moved,		AUTONUMA_TASKS_MOVED),
	COUNTER(tasks_swapped,		AUTONUMA_TASKS_SWAPPED),
};

/* One line per reason, "name count", like /proc/vmstat. */
static ssize_t pages_failed_show(struct kobject *kobj, struct kobj_attribute *attr,
				 char *buf)
{
	ssize_t len = 0;
	int why;

	for (why = AUTONUMA_DROP_NONE + 1; why < AUTONUMA_NR_DROPS; why++)
		len += sysfs_emit_at(buf, len, "%s %lu\n", autonuma_drop_names[why],
				     autonuma_counter_read(AUTONUMA_PAGES_FAILED + why));
	return len;
}

static struct kobj_attribute pages_failed_attr = __ATTR_RO(pages_failed);

/* All of the above, and the NULL that ends a group. */
static struct attribute *autonuma_attrs[ARRAY_SIZE(knobs) + ARRAY_SIZE(counters) + 3];

static const struct attribute_group autonuma_group = {
	.attrs = autonuma_attrs,
};

/**
 * autonuma_knobs_init() - set every knob to its default
 */
void __init autonuma_knobs_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(knobs); i++)
		*knobs[i].value = knobs[i].def;
}

/**
 * autonuma_sysfs_init() - create /sys/kernel/mm/autonuma/
 *
 * Return: 0 or -Exxx; nothing is left behind then.
 */
int __init autonuma_sysfs_init(void)
{
	struct kobject *kobj = kobject_create_and_add("autonuma", mm_kobj);
	struct attribute **attr = autonuma_attrs;
	int i, err;

	if (!kobj)
		return -ENOMEM;

	*attr++ = &enabled_attr.attr;
	for (i = 0; i < ARRAY_SIZE(knobs); i++)
		*attr++ = &knobs[i].attr.attr;
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		*attr++ = &counters[i].attr.attr;
	*attr++ = &pages_failed_attr.attr;
	*attr = NULL;

	err = sysfs_create_group(kobj, &autonuma_group);
	if (err)
		kobject_put(kobj);
	return err;
}
