/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sysfs.
 *
 * model: files live in a tree of their own (fs/tree.c), read and written through
 * machine/sysfs.h.  No binary attributes, no symbolic links, no polling.
 * sysfs_notify() is a stub: it is logged, and there is nobody who could poll.
 * What the kernel warns about (a bad count from show(), a buffer that is no page, a
 * group that does not exist) is a violation.
 */
#ifndef _SYSFS_H_
#define _SYSFS_H_

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/stat.h>
#include <linux/stringify.h>
#include <linux/types.h>

struct kobject;

struct attribute {
	const char *name;
	umode_t mode;
};

/**
 * struct attribute_group - attributes created and removed together
 * @name:	subdirectory, or NULL for the kobject's own directory
 * @is_visible:	mode of one attribute; 0 hides it; NULL: as declared
 * @attrs:	ended by NULL
 */
struct attribute_group {
	const char *name;
	umode_t (*is_visible)(struct kobject *kobj, struct attribute *attr, int n);
	struct attribute **attrs;
};

#define SYSFS_PREALLOC 010000
#define SYSFS_GROUP_INVISIBLE 020000

#define __ATTR(_name, _mode, _show, _store) {					\
	.attr = { .name = __stringify(_name), .mode = (_mode) },		\
	.show = _show,								\
	.store = _store,							\
}
#define __ATTR_RO_MODE(_name, _mode) __ATTR(_name, _mode, _name##_show, NULL)
#define __ATTR_RO(_name) __ATTR(_name, 0444, _name##_show, NULL)
#define __ATTR_WO(_name) __ATTR(_name, 0200, NULL, _name##_store)
#define __ATTR_RW(_name) __ATTR(_name, 0644, _name##_show, _name##_store)
#define __ATTR_RW_MODE(_name, _mode) __ATTR(_name, _mode, _name##_show, _name##_store)
#define __ATTR_NULL { .attr = { .name = NULL } }

#define __ATTRIBUTE_GROUPS(_name)						\
static const struct attribute_group *_name##_groups[] = {			\
	&_name##_group,								\
	NULL,									\
}
#define ATTRIBUTE_GROUPS(_name)							\
static const struct attribute_group _name##_group = {				\
	.attrs = _name##_attrs,							\
};										\
__ATTRIBUTE_GROUPS(_name)

struct sysfs_ops {
	ssize_t (*show)(struct kobject *kobj, struct attribute *attr, char *buf);
	ssize_t (*store)(struct kobject *kobj, struct attribute *attr, const char *buf,
			 size_t count);
};

/* lockdep keys of attributes on the heap are not needed */
#define sysfs_attr_init(attr) do { } while (0)

int __must_check sysfs_create_dir_ns(struct kobject *kobj, const void *ns);
void sysfs_remove_dir(struct kobject *kobj);
int __must_check sysfs_create_file_ns(struct kobject *kobj, const struct attribute *attr,
				      const void *ns);
void sysfs_remove_file_ns(struct kobject *kobj, const struct attribute *attr, const void *ns);
static inline int __must_check sysfs_create_file(struct kobject *kobj,
						 const struct attribute *attr)
{
	return sysfs_create_file_ns(kobj, attr, NULL);
}

static inline void sysfs_remove_file(struct kobject *kobj, const struct attribute *attr)
{
	sysfs_remove_file_ns(kobj, attr, NULL);
}
int __must_check sysfs_create_files(struct kobject *kobj, const struct attribute *const *attrs);
void sysfs_remove_files(struct kobject *kobj, const struct attribute *const *attrs);
int __must_check sysfs_create_group(struct kobject *kobj, const struct attribute_group *grp);
void sysfs_remove_group(struct kobject *kobj, const struct attribute_group *grp);
int __must_check sysfs_create_groups(struct kobject *kobj,
				     const struct attribute_group **groups);
void sysfs_remove_groups(struct kobject *kobj, const struct attribute_group **groups);
void sysfs_notify(struct kobject *kobj, const char *dir, const char *attr);

__printf(2, 3) int sysfs_emit(char *buf, const char *fmt, ...);
__printf(3, 4) int sysfs_emit_at(char *buf, int at, const char *fmt, ...);

#endif /* _SYSFS_H_ */
