/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reference-counted objects with a directory in sysfs.
 *
 * same, without ksets and uevents.  Objects that are still alive at power off and were
 * created after boot are a VIOLATION_LEAK.
 */
#ifndef _KOBJECT_H_
#define _KOBJECT_H_

#include <linux/compiler.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/sysfs.h>
#include <linux/types.h>

struct kernfs_node;
struct kset;

struct kobject {
	const char		*name;
	struct list_head	entry;		/* shim: all initialised objects */
	struct kobject		*parent;
	struct kset		*kset;
	const struct kobj_type	*ktype;
	struct kernfs_node	*sd;		/* directory */
	struct kref		kref;
	unsigned int		state_initialized:1;
	unsigned int		state_in_sysfs:1;
	unsigned int		boot:1;		/* shim: belongs to the kernel until power off */
};

struct kobj_type {
	void (*release)(struct kobject *kobj);
	const struct sysfs_ops *sysfs_ops;
	const struct attribute_group **default_groups;
};

struct kobj_attribute {
	struct attribute attr;
	ssize_t (*show)(struct kobject *kobj, struct kobj_attribute *attr, char *buf);
	ssize_t (*store)(struct kobject *kobj, struct kobj_attribute *attr,
			 const char *buf, size_t count);
};

extern const struct sysfs_ops kobj_sysfs_ops;

__printf(2, 3) int kobject_set_name(struct kobject *kobj, const char *fmt, ...);
static inline const char *kobject_name(const struct kobject *kobj) { return kobj->name; }
void kobject_init(struct kobject *kobj, const struct kobj_type *ktype);
__printf(3, 4) __must_check int kobject_add(struct kobject *kobj, struct kobject *parent,
					    const char *fmt, ...);
__printf(4, 5) __must_check int kobject_init_and_add(struct kobject *kobj,
						     const struct kobj_type *ktype,
						     struct kobject *parent,
						     const char *fmt, ...);
void kobject_del(struct kobject *kobj);
struct kobject *__must_check kobject_create_and_add(const char *name, struct kobject *parent);
struct kobject *kobject_get(struct kobject *kobj);
struct kobject *__must_check kobject_get_unless_zero(struct kobject *kobj);
void kobject_put(struct kobject *kobj);

extern struct kobject *kernel_kobj;	/* /sys/kernel */
extern struct kobject *mm_kobj;		/* /sys/kernel/mm */

#endif /* _KOBJECT_H_ */
