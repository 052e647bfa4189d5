// SPDX-License-Identifier: GPL-2.0
/*
 * Files of sysfs: what they print and how much fits, who answers a read and a write, and which
 * directory holds which.
 */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/kobject.h>
#include <linux/kref.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

static int number = 7;

static ssize_t number_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", number);
}

static ssize_t number_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			    size_t count)
{
	int err = kstrtoint(buf, 0, &number);

	return err ?: count;
}

static ssize_t answer_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s %s\n", attr->attr.name, kobject_name(kobj));
}

static ssize_t trigger_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			     size_t count)
{
	return -EBUSY;
}

static struct kobj_attribute number_attr = __ATTR_RW(number);
static struct kobj_attribute answer_attr = __ATTR_RO(answer);
static struct kobj_attribute trigger_attr = __ATTR_WO(trigger);
static struct kobj_attribute private_attr = __ATTR(private, 0600, answer_show, number_store);

static struct attribute *conformance_attrs[] = {
	&number_attr.attr, &answer_attr.attr, &trigger_attr.attr, &private_attr.attr, NULL,
};

static void an_attribute_is_what_its_macro_says(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, number_attr.attr.name, "number");
	KUNIT_EXPECT_EQ(test, number_attr.attr.mode, 0644);
	KUNIT_EXPECT_EQ(test, answer_attr.attr.mode, 0444);
	KUNIT_EXPECT_EQ(test, trigger_attr.attr.mode, 0200);
	KUNIT_EXPECT_EQ(test, private_attr.attr.mode, 0600);
	KUNIT_EXPECT_NULL(test, answer_attr.store);
	KUNIT_EXPECT_NULL(test, trigger_attr.show);
	KUNIT_EXPECT_TRUE(test, private_attr.show == answer_show);
	KUNIT_EXPECT_TRUE(test, private_attr.store == number_store);
}

/* A page for a file's text. */
static char *text_page(struct kunit *test)
{
	char *buf = (char *)get_zeroed_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	return buf;
}

static void text_is_counted_without_its_end(struct kunit *test)
{
	char *buf = text_page(test);

	KUNIT_EXPECT_EQ(test, sysfs_emit(buf, "%d\n", -5), 3);
	KUNIT_EXPECT_STREQ(test, buf, "-5\n");
	KUNIT_EXPECT_EQ(test, sysfs_emit(buf, "%lu %#x %03u\n", ULONG_MAX, 31, 7),
			(int)strlen("18446744073709551615 0x1f 007\n"));
	KUNIT_EXPECT_STREQ(test, buf, "18446744073709551615 0x1f 007\n");
	KUNIT_EXPECT_EQ(test, sysfs_emit(buf, "%s", ""), 0);
	KUNIT_EXPECT_EQ(test, buf[0], '\0');
	KUNIT_EXPECT_EQ(test, sysfs_emit_at(buf, 0, "ab"), 2);
	KUNIT_EXPECT_EQ(test, sysfs_emit_at(buf, 2, "%c|%-3d|%3s", 'c', 5, "d"), 9);
	KUNIT_EXPECT_STREQ(test, buf, "abc|5  |  d");
	free_page((unsigned long)buf);
}

/* Ranges of a mask, joined; none is an empty text. */
static void masks_are_printed_as_ranges(struct kunit *test)
{
	char *buf = text_page(test);
	nodemask_t nodes;

	nodes_clear(nodes);
	sysfs_emit(buf, "[%*pbl]", nodemask_pr_args(&nodes));
	KUNIT_EXPECT_STREQ(test, buf, "[]");
	node_set(0, nodes);
	node_set(1, nodes);
	node_set(3, nodes);
	sysfs_emit(buf, "%*pbl", nodemask_pr_args(&nodes));
	KUNIT_EXPECT_STREQ(test, buf, "0-1,3");
	sysfs_emit(buf, "%*pbl", cpumask_pr_args(cpumask_of(1)));
	KUNIT_EXPECT_STREQ(test, buf, "1");
	free_page((unsigned long)buf);
}

/* A page is the most there is, its last byte the end. */
static void text_ends_with_the_page(struct kunit *test)
{
	char *buf = text_page(test), *other = text_page(test);

	memset(other, 'x', PAGE_SIZE - 1);
	KUNIT_EXPECT_EQ(test, sysfs_emit(buf, "%s", other), (int)PAGE_SIZE - 1);
	KUNIT_EXPECT_EQ(test, sysfs_emit(buf, "y%s", other), (int)PAGE_SIZE - 1);
	KUNIT_EXPECT_EQ(test, buf[0], 'y');
	KUNIT_EXPECT_EQ(test, buf[PAGE_SIZE - 1], '\0');
	KUNIT_EXPECT_EQ(test, sysfs_emit_at(buf, PAGE_SIZE - 4, "zzzzzz"), 3);
	KUNIT_EXPECT_STREQ(test, buf + PAGE_SIZE - 5, "xzzz");
	KUNIT_EXPECT_EQ(test, sysfs_emit_at(buf, PAGE_SIZE - 1, "z"), 0);
	free_page((unsigned long)buf);
	free_page((unsigned long)other);
}

/* The object is handed to its attribute; a method that is missing is an error. */
static void reads_and_writes_reach_the_attribute(struct kunit *test)
{
	struct attribute_group group = { .attrs = conformance_attrs };
	struct kobject *kobj = kobject_create_and_add("conformance", mm_kobj);
	const struct sysfs_ops *ops;
	char *buf = text_page(test);

	KUNIT_ASSERT_NOT_NULL(test, kobj);
	KUNIT_EXPECT_EQ(test, sysfs_create_group(kobj, &group), 0);
	ops = kobj->ktype->sysfs_ops;
	KUNIT_EXPECT_EQ(test, ops->show(kobj, &number_attr.attr, buf), 2L);
	KUNIT_EXPECT_STREQ(test, buf, "7\n");
	KUNIT_EXPECT_EQ(test, ops->store(kobj, &number_attr.attr, "0x10\n", 5), 5L);
	KUNIT_EXPECT_EQ(test, number, 16);
	KUNIT_EXPECT_EQ(test, ops->store(kobj, &number_attr.attr, "ten\n", 4), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, number, 16);
	KUNIT_EXPECT_EQ(test, ops->show(kobj, &answer_attr.attr, buf), 19L);
	KUNIT_EXPECT_STREQ(test, buf, "answer conformance\n");
	KUNIT_EXPECT_EQ(test, ops->store(kobj, &answer_attr.attr, "1", 1), (long)-EIO);
	KUNIT_EXPECT_EQ(test, ops->show(kobj, &trigger_attr.attr, buf), (long)-EIO);
	KUNIT_EXPECT_EQ(test, ops->store(kobj, &trigger_attr.attr, "1", 1), (long)-EBUSY);
	sysfs_remove_group(kobj, &group);
	/* Its names are free again. */
	KUNIT_EXPECT_EQ(test, sysfs_create_group(kobj, &group), 0);
	kobject_put(kobj);
	free_page((unsigned long)buf);
	number = 7;
}

static void a_directory_holds_the_one_above(struct kunit *test)
{
	struct kobject *above = kobject_create_and_add("conformance", mm_kobj), *below;
	unsigned int before;

	KUNIT_ASSERT_NOT_NULL(test, above);
	before = kref_read(&above->kref);
	KUNIT_EXPECT_EQ(test, before, 1U);
	below = kobject_create_and_add("below", above);
	KUNIT_ASSERT_NOT_NULL(test, below);
	KUNIT_EXPECT_PTR_EQ(test, below->parent, above);
	KUNIT_EXPECT_STREQ(test, kobject_name(below), "below");
	KUNIT_EXPECT_EQ(test, kref_read(&above->kref), before + 1);
	KUNIT_EXPECT_PTR_EQ(test, kobject_get(below), below);
	kobject_put(below);
	KUNIT_EXPECT_EQ(test, kref_read(&below->kref), 1U);
	kobject_put(below);
	KUNIT_EXPECT_EQ(test, kref_read(&above->kref), before);
	KUNIT_EXPECT_PTR_EQ(test, kobject_get(NULL), NULL);
	kobject_put(NULL);
	kobject_put(above);
	/* And its name can be used again. */
	above = kobject_create_and_add("conformance", mm_kobj);
	KUNIT_EXPECT_NOT_NULL(test, above);
	kobject_put(above);
}

static struct kunit_case sysfs_cases[] = {
	KUNIT_CASE(an_attribute_is_what_its_macro_says),
	KUNIT_CASE(text_is_counted_without_its_end),
	KUNIT_CASE(masks_are_printed_as_ranges),
	KUNIT_CASE(text_ends_with_the_page),
	KUNIT_CASE(reads_and_writes_reach_the_attribute),
	KUNIT_CASE(a_directory_holds_the_one_above),
	{}
};

static struct kunit_suite sysfs_suite = {
	.name = "conformance_sysfs",
	.test_cases = sysfs_cases,
};
kunit_test_suite(sysfs_suite);
