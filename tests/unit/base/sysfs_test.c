// SPDX-License-Identifier: GPL-2.0
/*
 * kobjects, sysfs and debugfs.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/kobject.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <machine/sysfs.h>
#include <machine/violation.h>

static int value;

static ssize_t value_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", value);
}

static ssize_t value_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			   size_t count)
{
	int v, ret = kstrtoint(buf, 0, &v);

	if (ret)
		return ret;
	value = v;
	return count;
}

static ssize_t fixed_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	int len = sysfs_emit(buf, "a");

	return len + sysfs_emit_at(buf, len, "b\n");
}

static ssize_t reset_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			   size_t count)
{
	value = 0;
	return count;
}

static struct kobj_attribute value_attr = __ATTR_RW(value);
static struct kobj_attribute fixed_attr = __ATTR_RO(fixed);
static struct kobj_attribute reset_attr = __ATTR_WO(reset);
static struct kobj_attribute hidden_attr = __ATTR(hidden, 0444, fixed_show, NULL);
static struct kobj_attribute deaf_attr = __ATTR(deaf, 0644, NULL, NULL);

static struct attribute *attrs[] = {
	&value_attr.attr, &fixed_attr.attr, &reset_attr.attr, &hidden_attr.attr, NULL
};

static umode_t visible(struct kobject *kobj, struct attribute *attr, int n)
{
	return attr == &hidden_attr.attr ? 0 : attr->mode;
}

static const struct attribute_group plain_group = { .attrs = attrs, .is_visible = visible };
static const struct attribute_group named_group = { .name = "sub", .attrs = attrs };

static void put(void *kobj)
{
	kobject_put(kobj);
}

static int sysfs_init(struct kunit *test)
{
	struct kobject *kobj = kobject_create_and_add("thing", mm_kobj);

	KUNIT_ASSERT_NOT_NULL(test, kobj);
	test->priv = kobj;
	value = 1;
	return kunit_add_action_or_reset(test, put, kobj);
}

static void files_show_and_store(struct kunit *test)
{
	char buf[64];

	KUNIT_ASSERT_EQ(test, sysfs_create_group(test->priv, &plain_group), 0);
	KUNIT_EXPECT_EQ(test, sysfs_read_file("/sys/kernel/mm/thing/value", buf, 64), 2);
	KUNIT_EXPECT_STREQ(test, buf, "1\n");
	KUNIT_EXPECT_EQ(test, sysfs_write_file("/sys/kernel/mm/thing/value", "17\n", 3), 3);
	KUNIT_EXPECT_EQ(test, value, 17);
	KUNIT_EXPECT_EQ(test, sysfs_write_file("/sys/kernel/mm/thing/value", "1 7", 3), -EINVAL);
	KUNIT_EXPECT_EQ(test, value, 17);
	/* the text needs no end of its own */
	KUNIT_EXPECT_EQ(test, sysfs_write_file("/sys/kernel/mm/thing/value", "123", 2), 2);
	KUNIT_EXPECT_EQ(test, value, 12);
	KUNIT_EXPECT_EQ(test, sysfs_read_file("/sys/kernel/mm/thing/fixed", buf, 64), 3);
	KUNIT_EXPECT_STREQ(test, buf, "ab\n");
	sysfs_remove_group(test->priv, &plain_group);
	KUNIT_EXPECT_EQ(test, sysfs_read_file("/sys/kernel/mm/thing/value", buf, 64), -ENOENT);
}

static void modes_and_missing_methods_are_refused(struct kunit *test)
{
	char buf[64];

	KUNIT_ASSERT_EQ(test, sysfs_create_group(test->priv, &plain_group), 0);
	KUNIT_ASSERT_EQ(test, sysfs_create_file(test->priv, &deaf_attr.attr), 0);
	KUNIT_EXPECT_EQ(test, sysfs_write_file("/sys/kernel/mm/thing/fixed", "1", 1), -EACCES);
	KUNIT_EXPECT_EQ(test, sysfs_read_file("/sys/kernel/mm/thing/reset", buf, 64), -EACCES);
	KUNIT_EXPECT_EQ(test, sysfs_write_file("/sys/kernel/mm/thing/reset", "1", 1), 1);
	KUNIT_EXPECT_EQ(test, value, 0);
	KUNIT_EXPECT_EQ(test, sysfs_read_file("/sys/kernel/mm/thing/hidden", buf, 64), -ENOENT);
	KUNIT_EXPECT_EQ(test, sysfs_read_file("/sys/kernel/mm/thing", buf, 64), -EISDIR);
	KUNIT_EXPECT_EQ(test, sysfs_read_file("/sys/kernel/mm/thing/value", buf, 2), -E2BIG);
	KUNIT_EXPECT_EQ(test, sysfs_read_file("/sys/kernel/mm/thing/deaf", buf, 64), -EIO);
	KUNIT_EXPECT_EQ(test, sysfs_write_file("/sys/kernel/mm/thing/deaf", "1", 1), -EIO);
	KUNIT_EXPECT_EQ(test, sysfs_read_file("/proc/version", buf, 64), -ENOENT);
	KUNIT_EXPECT_EQ(test, sysfs_read_file("/system", buf, 64), -ENOENT);
}

static void named_groups_are_directories(struct kunit *test)
{
	char buf[128];

	KUNIT_ASSERT_EQ(test, sysfs_create_group(test->priv, &named_group), 0);
	KUNIT_EXPECT_EQ(test, sysfs_read_file("/sys/kernel/mm/thing/sub/value", buf, 64), 2);
	KUNIT_EXPECT_EQ(test, sysfs_create_group(test->priv, &named_group), -EEXIST);
	KUNIT_EXPECT_GT(test, sysfs_list_dir("/sys/kernel/mm/thing", buf, sizeof(buf)), 0);
	KUNIT_EXPECT_STREQ(test, buf, "sub/\n");
	sysfs_list_dir("/sys/kernel/mm/thing/sub", buf, sizeof(buf));
	KUNIT_EXPECT_STREQ(test, buf, "value\nfixed\nreset\nhidden\n");
	sysfs_remove_group(test->priv, &named_group);
	sysfs_list_dir("/sys/kernel/mm/thing", buf, sizeof(buf));
	KUNIT_EXPECT_STREQ(test, buf, "");
}

static void a_group_is_created_whole_or_not_at_all(struct kunit *test)
{
	char buf[64];

	KUNIT_ASSERT_EQ(test, sysfs_create_file(test->priv, &reset_attr.attr), 0);
	KUNIT_EXPECT_EQ(test, sysfs_create_group(test->priv, &plain_group), -EEXIST);
	sysfs_list_dir("/sys/kernel/mm/thing", buf, sizeof(buf));
	KUNIT_EXPECT_STREQ(test, buf, "reset\n");
}

static int releases;
static void count_release(struct kobject *kobj)
{
	releases++;
}

static const struct kobj_type counted_type = {
	.release = count_release,
	.sysfs_ops = &kobj_sysfs_ops,
};

static void a_child_keeps_its_parent(struct kunit *test)
{
	struct kobject parent = {}, child = {};

	releases = 0;
	KUNIT_ASSERT_EQ(test, kobject_init_and_add(&parent, &counted_type, test->priv, "p"), 0);
	KUNIT_ASSERT_EQ(test, kobject_init_and_add(&child, &counted_type, &parent, "c%d", 1), 0);
	KUNIT_EXPECT_STREQ(test, kobject_name(&child), "c1");
	kobject_put(&parent);
	KUNIT_EXPECT_EQ(test, releases, 0);
	kobject_put(&child);
	KUNIT_EXPECT_EQ(test, releases, 2);
}

static void emit_to_no_page(void *arg)
{
	char buf[64];

	sysfs_emit(buf + 1, "x");
}

static void remove_missing_group(void *arg)
{
	sysfs_remove_group(arg, &named_group);
}

static void put_twice(void *arg)
{
	static struct kobject kobj;

	memset(&kobj, 0, sizeof(kobj));
	kobject_init(&kobj, &counted_type);
	kobject_put(&kobj);
	kobject_put(&kobj);
}

static void what_the_kernel_warns_about_is_a_violation(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, sysfs_create_file(test->priv, &fixed_attr.attr), 0);
	KUNIT_EXPECT_EQ(test, violation_catch(emit_to_no_page, NULL, NULL, 0), VIOLATION_WARN);
	KUNIT_EXPECT_EQ(test, violation_catch(remove_missing_group, test->priv, NULL, 0),
			VIOLATION_WARN);
	KUNIT_EXPECT_EQ(test, violation_catch(put_twice, NULL, NULL, 0), VIOLATION_REFCOUNT);
}

static struct completion in_show, go_on;
static bool removed;

static ssize_t slow_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	complete(&in_show);
	wait_for_completion(&go_on);
	WARN_ON(READ_ONCE(removed));
	return sysfs_emit(buf, "slow\n");
}
static struct kobj_attribute slow_attr = __ATTR_RO(slow);

static int remover(void *kobj)
{
	sysfs_remove_file(kobj, &slow_attr.attr);
	WRITE_ONCE(removed, true);
	return 0;
}

static int reader(void *ret)
{
	char buf[64];

	*(ssize_t *)ret = sysfs_read_file("/sys/kernel/mm/thing/slow", buf, sizeof(buf));
	return 0;
}

static void removing_a_file_waits_for_its_readers(struct kunit *test)
{
	struct task_struct *r, *w;
	ssize_t ret = 0;

	init_completion(&in_show);
	init_completion(&go_on);
	removed = false;
	KUNIT_ASSERT_EQ(test, sysfs_create_file(test->priv, &slow_attr.attr), 0);
	r = kthread_create(reader, &ret, "reader");
	w = kthread_create(remover, test->priv, "remover");
	get_task_struct(r);
	get_task_struct(w);
	wake_up_process(r);
	wait_for_completion(&in_show);
	wake_up_process(w);
	schedule_timeout_uninterruptible(10);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(removed));
	complete(&go_on);
	kthread_stop(w);
	kthread_stop(r);
	put_task_struct(r);
	put_task_struct(w);
	KUNIT_EXPECT_TRUE(test, removed);
	KUNIT_EXPECT_EQ(test, ret, 5);
}

static void debugfs_files_show_and_set_variables(struct kunit *test)
{
	struct dentry *dir = debugfs_create_dir("thing", NULL);
	static u32 number;
	static bool flag;
	char buf[32];

	number = 5;
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dir);
	debugfs_create_u32("number", 0644, dir, &number);
	debugfs_create_bool("flag", 0444, dir, &flag);
	KUNIT_EXPECT_EQ(test, sysfs_read_file("/sys/kernel/debug/thing/number", buf, 32), 2);
	KUNIT_EXPECT_STREQ(test, buf, "5\n");
	KUNIT_EXPECT_EQ(test, sysfs_write_file("/sys/kernel/debug/thing/number", "8", 1), 1);
	KUNIT_EXPECT_EQ(test, number, 8);
	KUNIT_EXPECT_EQ(test, sysfs_write_file("/sys/kernel/debug/thing/number", "x", 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, sysfs_write_file("/sys/kernel/debug/thing/flag", "1", 1), -EACCES);
	KUNIT_EXPECT_PTR_EQ(test, debugfs_lookup("thing", NULL), dir);
	debugfs_remove(dir);
	KUNIT_EXPECT_NULL(test, debugfs_lookup("thing", NULL));
}

static struct kunit_case sysfs_cases[] = {
	KUNIT_CASE(files_show_and_store),
	KUNIT_CASE(modes_and_missing_methods_are_refused),
	KUNIT_CASE(named_groups_are_directories),
	KUNIT_CASE(a_group_is_created_whole_or_not_at_all),
	KUNIT_CASE(a_child_keeps_its_parent),
	KUNIT_CASE(what_the_kernel_warns_about_is_a_violation),
	KUNIT_CASE(removing_a_file_waits_for_its_readers),
	KUNIT_CASE(debugfs_files_show_and_set_variables),
	{}
};

static struct kunit_suite sysfs_suite = {
	.name = "sysfs",
	.init = sysfs_init,
	.test_cases = sysfs_cases,
};
kunit_test_suite(sysfs_suite);
