// SPDX-License-Identifier: GPL-2.0
/*
 * kobjects.
 */
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <machine/machine.h>
#include <machine/violation.h>

#include "tree.h"

/* Every object between kobject_init() and its release. */
static LIST_HEAD(all_kobjects);
static DEFINE_MUTEX(kobjects_mutex);

struct kobject *kernel_kobj;
struct kobject *mm_kobj;

/* Replaces the name; the object must not be in sysfs. */
static int set_name(struct kobject *kobj, const char *fmt, va_list args)
{
	char *name;

	if (kobj->name && !fmt)
		return 0;
	name = kvasprintf(GFP_KERNEL, fmt, args);
	if (!name)
		return -ENOMEM;
	strreplace(name, '/', '!');
	kfree(kobj->name);
	kobj->name = name;
	return 0;
}

int kobject_set_name(struct kobject *kobj, const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = set_name(kobj, fmt, args);
	va_end(args);
	return ret;
}

/**
 * kobject_init() - first reference
 * @kobj:	zeroed memory
 * @ktype:	what it is; its release() frees @kobj
 */
void kobject_init(struct kobject *kobj, const struct kobj_type *ktype)
{
	if (WARN(!ktype, "kobject_init: must have a ktype"))
		return;
	if (WARN(kobj->state_initialized, "kobject %p: tried to init an initialized object",
		 kobj))
		return;
	kref_init(&kobj->kref);
	kobj->ktype = ktype;
	kobj->state_initialized = 1;
	kobj->boot = !fs_running;
	mutex_lock(&kobjects_mutex);
	list_add_tail(&kobj->entry, &all_kobjects);
	mutex_unlock(&kobjects_mutex);
}

/* Directory and default files; the name is set. */
static int add(struct kobject *kobj, struct kobject *parent)
{
	int ret;

	if (WARN(!kobj->name || !kobj->name[0], "kobject %p: attempted to register without name",
		 kobj))
		return -EINVAL;
	kobj->parent = kobject_get(parent);
	ret = sysfs_create_dir_ns(kobj, NULL);
	if (!ret) {
		ret = sysfs_create_groups(kobj, kobj->ktype->default_groups);
		if (ret)
			sysfs_remove_dir(kobj);
	}
	if (ret) {
		kobject_put(kobj->parent);
		kobj->parent = NULL;
		return ret;
	}
	kobj->state_in_sysfs = 1;
	return 0;
}

int kobject_add(struct kobject *kobj, struct kobject *parent, const char *fmt, ...)
{
	va_list args;
	int ret;

	if (WARN(!kobj->state_initialized, "kobject %p: not initialized, yet being added", kobj))
		return -EINVAL;
	va_start(args, fmt);
	ret = set_name(kobj, fmt, args);
	va_end(args);
	return ret ?: add(kobj, parent);
}

int kobject_init_and_add(struct kobject *kobj, const struct kobj_type *ktype,
			 struct kobject *parent, const char *fmt, ...)
{
	va_list args;
	int ret;

	kobject_init(kobj, ktype);
	va_start(args, fmt);
	ret = set_name(kobj, fmt, args);
	va_end(args);
	return ret ?: add(kobj, parent);
}

/* Take it out of sysfs; the reference on its parent goes. */
void kobject_del(struct kobject *kobj)
{
	struct kobject *parent;

	if (!kobj || !kobj->state_in_sysfs)
		return;
	sysfs_remove_groups(kobj, kobj->ktype->default_groups);
	sysfs_remove_dir(kobj);
	kobj->state_in_sysfs = 0;
	parent = kobj->parent;
	kobj->parent = NULL;
	kobject_put(parent);
}

struct kobject *kobject_get(struct kobject *kobj)
{
	if (kobj) {
		WARN(!kobj->state_initialized, "kobject %p: kobject_get() before init", kobj);
		kref_get(&kobj->kref);
	}
	return kobj;
}

struct kobject *kobject_get_unless_zero(struct kobject *kobj)
{
	return kobj && kref_get_unless_zero(&kobj->kref) ? kobj : NULL;
}

static void kobject_release(struct kref *kref)
{
	struct kobject *kobj = container_of(kref, struct kobject, kref);
	const struct kobj_type *ktype = kobj->ktype;
	const char *name = kobj->name;

	kobject_del(kobj);
	mutex_lock(&kobjects_mutex);
	list_del(&kobj->entry);
	mutex_unlock(&kobjects_mutex);
	WARN(!ktype->release, "kobject '%s': no release() function", name);
	ktype->release(kobj);
	kfree(name);
}

void kobject_put(struct kobject *kobj)
{
	if (!kobj)
		return;
	WARN(!kobj->state_initialized, "kobject %p: kobject_put() before init", kobj);
	kref_put(&kobj->kref, kobject_release);
}

static ssize_t kobj_attr_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct kobj_attribute *kattr = container_of(attr, struct kobj_attribute, attr);

	return kattr->show ? kattr->show(kobj, kattr, buf) : -EIO;
}

static ssize_t kobj_attr_store(struct kobject *kobj, struct attribute *attr, const char *buf,
			       size_t count)
{
	struct kobj_attribute *kattr = container_of(attr, struct kobj_attribute, attr);

	return kattr->store ? kattr->store(kobj, kattr, buf, count) : -EIO;
}

const struct sysfs_ops kobj_sysfs_ops = {
	.show = kobj_attr_show,
	.store = kobj_attr_store,
};

static void dynamic_kobj_release(struct kobject *kobj)
{
	kfree(kobj);
}

static const struct kobj_type dynamic_kobj_ktype = {
	.release = dynamic_kobj_release,
	.sysfs_ops = &kobj_sysfs_ops,
};

struct kobject *kobject_create_and_add(const char *name, struct kobject *parent)
{
	struct kobject *kobj = kzalloc(sizeof(*kobj), GFP_KERNEL);

	if (!kobj)
		return NULL;
	kobject_init(kobj, &dynamic_kobj_ktype);
	if (kobject_add(kobj, parent, "%s", name)) {
		kobject_put(kobj);
		return NULL;
	}
	return kobj;
}

static void kobject_leak_check(void)
{
	struct kobject *kobj;

	list_for_each_entry(kobj, &all_kobjects, entry)
		if (!kobj->boot)
			violation(VIOLATION_LEAK, "kobject '%s' has %u references at power off",
				  kobj->name ?: "(no name)", kref_read(&kobj->kref));
}
MACHINE_LEAK_CHECKER(kobject, kobject_leak_check);

static int kobject_boot(const struct machine_config *cfg)
{
	kernel_kobj = kobject_create_and_add("kernel", NULL);
	if (!kernel_kobj)
		return -ENOMEM;
	mm_kobj = kobject_create_and_add("mm", kernel_kobj);
	return mm_kobj ? 0 : -ENOMEM;
}

/* What is left is slab memory and goes with the machine. */
static void kobject_halt(void)
{
	INIT_LIST_HEAD(&all_kobjects);
	kernel_kobj = NULL;
	mm_kobj = NULL;
}
MACHINE_SUBSYS(kobject, MACHINE_ORDER_FS, kobject_boot, NULL, kobject_halt);
