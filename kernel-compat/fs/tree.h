/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tree of directories and files behind sysfs and debugfs.
 *
 * A node is removed in two steps: it leaves the tree, then the remover waits until
 * nobody is inside its show() or store() any more.
 */
#ifndef _FS_TREE_H
#define _FS_TREE_H

#include <linux/list.h>
#include <linux/types.h>

struct kernfs_node;

/* What a file does; both get the node. @buf of read is a page. NULL: -EIO. */
struct fs_file_ops {
	ssize_t (*read)(struct kernfs_node *node, char *buf);
	ssize_t (*write)(struct kernfs_node *node, const char *buf, size_t len);
};

struct kernfs_node {
	char name[64];
	umode_t mode;
	struct kernfs_node *parent;
	struct list_head children;	/* in order of creation; under fs_lock */
	struct list_head sibling;
	const struct fs_file_ops *ops;	/* NULL: a directory */
	void *owner;			/* kobject of sysfs, variable of debugfs */
	const void *attr;
	int active;			/* users inside read() or write(); under fs_lock */
	bool removed;
	bool boot;			/* created before the kernel ran */
};

/* True once boot is over: what is created from then on must be removed again. */
extern bool fs_running;

/*
 * Create a node below @parent (NULL: /sys). ops NULL makes a directory.
 * Return: the node or ERR_PTR: -EEXIST, -ENAMETOOLONG, -ENOENT, -ENOMEM.
 */
struct kernfs_node *fs_create(struct kernfs_node *parent, const char *name, umode_t mode,
			      const struct fs_file_ops *ops, void *owner, const void *attr);

/* Remove a node with all below it, and wait for its users. */
void fs_remove(struct kernfs_node *node);

/* The child of that name, or NULL. */
struct kernfs_node *fs_child(struct kernfs_node *parent, const char *name);

#endif /* _FS_TREE_H */
