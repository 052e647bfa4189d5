// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: variables as files below /sys/kernel/debug.
 */
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/kstrtox.h>
#include <machine/machine.h>

#include "tree.h"

static struct kernfs_node *debugfs_root;

/* A dentry is the node. */
static struct kernfs_node *node_of(struct dentry *dentry)
{
	return dentry ? (struct kernfs_node *)dentry : debugfs_root;
}

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
{
	if (IS_ERR(parent))
		return parent;
	return (struct dentry *)fs_create(node_of(parent), name, 0755, NULL, NULL, NULL);
}

void debugfs_remove(struct dentry *dentry)
{
	if (!IS_ERR_OR_NULL(dentry))
		fs_remove((struct kernfs_node *)dentry);
}

struct dentry *debugfs_lookup(const char *name, struct dentry *parent)
{
	return (struct dentry *)fs_child(node_of(parent), name);
}

/* Files of one scalar type: its format and how to parse it. */
#define DEBUGFS_SCALAR(kind, type, vtype, fmt, load, parse, store)		\
static ssize_t kind##_read(struct kernfs_node *node, char *buf)		\
{										\
	type *p = node->owner;							\
										\
	return sysfs_emit(buf, fmt, load);					\
}										\
static ssize_t kind##_write(struct kernfs_node *node, const char *buf, size_t len) \
{										\
	type *p = node->owner;							\
	vtype v;								\
	int ret = parse;							\
										\
	if (ret)								\
		return ret;							\
	store;									\
	return len;								\
}										\
static const struct fs_file_ops kind##_ops = {					\
	.read = kind##_read, .write = kind##_write,				\
};										\
void debugfs_create_##kind(const char *name, umode_t mode, struct dentry *parent, \
			   type *value)						\
{										\
	if (!IS_ERR(parent))							\
		fs_create(node_of(parent), name, mode, &kind##_ops, value, NULL); \
}

DEBUGFS_SCALAR(bool, bool, bool, "%c\n", READ_ONCE(*p) ? 'Y' : 'N', kstrtobool(buf, &v),
	       WRITE_ONCE(*p, v))
DEBUGFS_SCALAR(u32, u32, u32, "%u\n", READ_ONCE(*p), kstrtou32(buf, 0, &v),
	       WRITE_ONCE(*p, v))
DEBUGFS_SCALAR(u64, u64, u64, "%llu\n", READ_ONCE(*p), kstrtou64(buf, 0, &v),
	       WRITE_ONCE(*p, v))
DEBUGFS_SCALAR(ulong, unsigned long, unsigned long, "%lu\n", READ_ONCE(*p), kstrtoul(buf, 0, &v),
	       WRITE_ONCE(*p, v))
DEBUGFS_SCALAR(atomic_t, atomic_t, int, "%d\n", atomic_read(p), kstrtoint(buf, 0, &v),
	       atomic_set(p, v))

static int debugfs_boot(const struct machine_config *cfg)
{
	debugfs_root = fs_create(kernel_kobj->sd, "debug", 0700, NULL, NULL, NULL);
	return PTR_ERR_OR_ZERO(debugfs_root);
}
MACHINE_SUBSYS(debugfs, MACHINE_ORDER_FS + 1, debugfs_boot, NULL, NULL);
