// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/mm/transparent_hugepage/khugepaged/
 *
 * Numbers in one table; "defrag" is a flag.
 */
#include <linux/kobject.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/sysfs.h>
#include <mm/collapse.h>
#include <mm/khugepaged.h>

/**
 * struct khugepaged_attr - one file
 * @attr:	the file
 * @value:	what it shows and sets
 * @min:	smallest value accepted
 * @max:	largest value accepted
 * @wake:	the daemon has to look at it now
 */
struct khugepaged_attr {
	struct kobj_attribute attr;
	unsigned int *value;
	unsigned int min, max;
	bool wake;
};

static ssize_t number_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct khugepaged_attr *a = container_of(attr, struct khugepaged_attr, attr);

	return sysfs_emit(buf, "%u\n", READ_ONCE(*a->value));
}

static ssize_t number_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	struct khugepaged_attr *a = container_of(attr, struct khugepaged_attr, attr);
	unsigned int value;

	if (kstrtouint(buf, 10, &value) || value < a->min || value > a->max)
		return -EINVAL;
	WRITE_ONCE(*a->value, value);
	if (a->wake)
		khugepaged_wake();
	return count;
}

#define KNOB(_name, _value, _min, _max, _wake) {				\
	.attr = __ATTR(_name, 0644, number_show, number_store),			\
	.value = &(_value), .min = (_min), .max = (_max), .wake = (_wake),	\
}
#define COUNTER(_name, _value) {						\
	.attr = __ATTR(_name, 0444, number_show, NULL), .value = &(_value),	\
}

static struct khugepaged_attr numbers[] = {
	KNOB(max_ptes_none, khugepaged_max_ptes_none, 0, HPAGE_PMD_NR - 1, false),
	KNOB(max_ptes_swap, khugepaged_max_ptes_swap, 0, HPAGE_PMD_NR - 1, false),
	KNOB(max_ptes_shared, khugepaged_max_ptes_shared, 0, HPAGE_PMD_NR - 1, false),
	KNOB(pages_to_scan, khugepaged_knobs.pages_to_scan, 1, UINT_MAX, false),
	KNOB(scan_sleep_millisecs, khugepaged_knobs.scan_sleep_millisecs, 0, UINT_MAX, true),
	KNOB(alloc_sleep_millisecs, khugepaged_knobs.alloc_sleep_millisecs, 0, UINT_MAX, true),
	COUNTER(pages_collapsed, khugepaged_knobs.pages_collapsed),
	COUNTER(full_scans, khugepaged_knobs.full_scans),
};

static ssize_t defrag_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n",
			  test_bit(TRANSPARENT_HUGEPAGE_DEFRAG_KHUGEPAGED_FLAG,
				   &transparent_hugepage_flags));
}

static ssize_t defrag_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	unsigned long value;

	if (kstrtoul(buf, 10, &value) || value > 1)
		return -EINVAL;
	if (value)
		set_bit(TRANSPARENT_HUGEPAGE_DEFRAG_KHUGEPAGED_FLAG,
			&transparent_hugepage_flags);
	else
		clear_bit(TRANSPARENT_HUGEPAGE_DEFRAG_KHUGEPAGED_FLAG,
			  &transparent_hugepage_flags);
	return count;
}

static struct kobj_attribute defrag_attr = __ATTR_RW(defrag);

static struct attribute *khugepaged_attrs[] = {
	&defrag_attr.attr,
	&numbers[0].attr.attr,
	&numbers[1].attr.attr,
	&numbers[2].attr.attr,
	&numbers[3].attr.attr,
	&numbers[4].attr.attr,
	&numbers[5].attr.attr,
	&numbers[6].attr.attr,
	&numbers[7].attr.attr,
	NULL,
};

struct attribute_group khugepaged_attr_group = {
	.name = "khugepaged",
	.attrs = khugepaged_attrs,
};
