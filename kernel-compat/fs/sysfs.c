// SPDX-License-Identifier: GPL-2.0
/*
 * sysfs: attributes of kobjects as files.
 */
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/string.h>
#include <asm/page.h>

#include "tree.h"

static ssize_t attr_read(struct kernfs_node *node, char *buf)
{
	struct kobject *kobj = node->owner;
	const struct sysfs_ops *ops = kobj->ktype ? kobj->ktype->sysfs_ops : NULL;

	if (!ops || !ops->show)
		return -EIO;
	return ops->show(kobj, (struct attribute *)node->attr, buf);
}

static ssize_t attr_write(struct kernfs_node *node, const char *buf, size_t len)
{
	struct kobject *kobj = node->owner;
	const struct sysfs_ops *ops = kobj->ktype ? kobj->ktype->sysfs_ops : NULL;

	if (!ops || !ops->store)
		return -EIO;
	/* what writes nothing, such as "printf '' >knob", never gets to store() */
	if (!len)
		return 0;
	return ops->store(kobj, (struct attribute *)node->attr, buf, len);
}

static const struct fs_file_ops attr_file_ops = {
	.read = attr_read,
	.write = attr_write,
};

int sysfs_create_dir_ns(struct kobject *kobj, const void *ns)
{
	struct kernfs_node *parent = kobj->parent ? kobj->parent->sd : NULL;
	struct kernfs_node *dir;

	if (kobj->parent && !parent)
		return -ENOENT;
	dir = fs_create(parent, kobject_name(kobj), 0755, NULL, kobj, NULL);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	kobj->sd = dir;
	return 0;
}

void sysfs_remove_dir(struct kobject *kobj)
{
	struct kernfs_node *dir = kobj->sd;

	kobj->sd = NULL;
	fs_remove(dir);
}

static int add_file(struct kernfs_node *dir, struct kobject *kobj, const struct attribute *attr,
		    umode_t mode)
{
	struct kernfs_node *n = fs_create(dir, attr->name, mode, &attr_file_ops, kobj, attr);

	return PTR_ERR_OR_ZERO(n);
}

/* Remove a file that must be there. */
static void remove_file(struct kernfs_node *dir, const struct attribute *attr)
{
	struct kernfs_node *n = fs_child(dir, attr->name);

	if (WARN(!n, "sysfs: can not remove '%s', it does not exist", attr->name))
		return;
	fs_remove(n);
}

int sysfs_create_file_ns(struct kobject *kobj, const struct attribute *attr, const void *ns)
{
	if (WARN_ON(!kobj || !kobj->sd || !attr))
		return -EINVAL;
	return add_file(kobj->sd, kobj, attr, attr->mode);
}

void sysfs_remove_file_ns(struct kobject *kobj, const struct attribute *attr, const void *ns)
{
	if (kobj->sd)
		remove_file(kobj->sd, attr);
}

int sysfs_create_files(struct kobject *kobj, const struct attribute *const *attrs)
{
	int i, ret;

	for (i = 0; attrs[i]; i++) {
		ret = sysfs_create_file(kobj, attrs[i]);
		if (ret) {
			while (i--)
				sysfs_remove_file(kobj, attrs[i]);
			return ret;
		}
	}
	return 0;
}

void sysfs_remove_files(struct kobject *kobj, const struct attribute *const *attrs)
{
	for (; *attrs; attrs++)
		sysfs_remove_file(kobj, *attrs);
}

/* Mode of an attribute in a group; 0 when it is to be hidden. */
static umode_t group_mode(struct kobject *kobj, const struct attribute_group *grp, int i)
{
	if (!grp->is_visible)
		return grp->attrs[i]->mode;
	return grp->is_visible(kobj, grp->attrs[i], i) & ~SYSFS_GROUP_INVISIBLE;
}

/* Remove the files of a group that are there. */
static void remove_group_files(struct kernfs_node *dir, const struct attribute_group *grp)
{
	struct kernfs_node *n;

	for (int i = 0; grp->attrs && grp->attrs[i]; i++) {
		n = fs_child(dir, grp->attrs[i]->name);
		if (n)
			fs_remove(n);
	}
}

/**
 * sysfs_create_group() - create the files of a group, all or none
 * @kobj:	whose directory
 * @grp:	the group
 *
 * Return: 0, -EINVAL for a group without attributes or a kobject without directory,
 * -EEXIST, -ENOMEM.
 * Context: process context, may sleep.
 */
int sysfs_create_group(struct kobject *kobj, const struct attribute_group *grp)
{
	struct kernfs_node *dir = kobj->sd;
	int i, ret = 0;

	if (WARN_ON(!dir))
		return -EINVAL;
	if (WARN(!grp->attrs, "sysfs: attrs not set by subsystem for group: %s",
		 grp->name ?: ""))
		return -EINVAL;
	if (grp->name) {
		dir = fs_create(dir, grp->name, 0755, NULL, kobj, NULL);
		if (IS_ERR(dir))
			return PTR_ERR(dir);
	}
	for (i = 0; grp->attrs[i] && !ret; i++) {
		umode_t mode = group_mode(kobj, grp, i);

		if (mode)
			ret = add_file(dir, kobj, grp->attrs[i], mode);
	}
	if (!ret)
		return 0;
	if (grp->name) {
		fs_remove(dir);
	} else {
		/* the last one failed, perhaps because somebody else's is there */
		for (i -= 2; i >= 0; i--)
			if (fs_child(dir, grp->attrs[i]->name))
				fs_remove(fs_child(dir, grp->attrs[i]->name));
	}
	return ret;
}

void sysfs_remove_group(struct kobject *kobj, const struct attribute_group *grp)
{
	struct kernfs_node *dir = kobj->sd;

	if (!dir)
		return;
	if (!grp->name) {
		remove_group_files(dir, grp);
		return;
	}
	dir = fs_child(dir, grp->name);
	if (WARN(!dir, "sysfs group '%s' not found for kobject '%s'", grp->name,
		 kobject_name(kobj)))
		return;
	fs_remove(dir);
}

int sysfs_create_groups(struct kobject *kobj, const struct attribute_group **groups)
{
	int i, ret;

	for (i = 0; groups && groups[i]; i++) {
		ret = sysfs_create_group(kobj, groups[i]);
		if (ret) {
			while (i--)
				sysfs_remove_group(kobj, groups[i]);
			return ret;
		}
	}
	return 0;
}

void sysfs_remove_groups(struct kobject *kobj, const struct attribute_group **groups)
{
	for (; groups && *groups; groups++)
		sysfs_remove_group(kobj, *groups);
}

void sysfs_notify(struct kobject *kobj, const char *dir, const char *attr)
{
	pr_debug("sysfs_notify: %s/%s/%s\n", kobject_name(kobj), dir ?: "", attr ?: "");
}

static int emit(char *buf, int at, const char *fmt, va_list args)
{
	return vscnprintf(buf + at, PAGE_SIZE - at, fmt, args);
}

/* @buf must be the page that show() got. */
int sysfs_emit(char *buf, const char *fmt, ...)
{
	va_list args;
	int len;

	if (WARN(!buf || ((unsigned long)buf & (PAGE_SIZE - 1)), "invalid sysfs_emit: buf:%p",
		 buf))
		return 0;
	va_start(args, fmt);
	len = emit(buf, 0, fmt, args);
	va_end(args);
	return len;
}

int sysfs_emit_at(char *buf, int at, const char *fmt, ...)
{
	va_list args;
	int len;

	if (WARN(!buf || ((unsigned long)buf & (PAGE_SIZE - 1)) || at < 0 ||
		 at >= (int)PAGE_SIZE, "invalid sysfs_emit_at: buf:%p at:%d", buf, at))
		return 0;
	va_start(args, fmt);
	len = emit(buf, at, fmt, args);
	va_end(args);
	return len;
}
