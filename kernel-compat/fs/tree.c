// SPDX-License-Identifier: GPL-2.0
/*
 * The tree behind sysfs and debugfs, and the user's side of it.
 */
#include <stdlib.h>

#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <asm/page.h>
#include <machine/machine.h>
#include <machine/sysfs.h>
#include <machine/violation.h>

#include "tree.h"

/* Protects the shape of the tree and the counts of active users. */
static DEFINE_SPINLOCK(fs_lock);
static DECLARE_WAIT_QUEUE_HEAD(fs_drain);

static struct kernfs_node root = {
	.name = "sys",
	.mode = 0555,
	.children = LIST_HEAD_INIT(root.children),
	.boot = true,
};

bool fs_running;

/* Called under fs_lock. */
static struct kernfs_node *find_child(struct kernfs_node *parent, const char *name, size_t len)
{
	struct kernfs_node *n;

	list_for_each_entry(n, &parent->children, sibling)
		if (strlen(n->name) == len && !strncmp(n->name, name, len))
			return n;
	return NULL;
}

struct kernfs_node *fs_child(struct kernfs_node *parent, const char *name)
{
	struct kernfs_node *n;

	spin_lock(&fs_lock);
	n = find_child(parent ?: &root, name, strlen(name));
	spin_unlock(&fs_lock);
	return n;
}

struct kernfs_node *fs_create(struct kernfs_node *parent, const char *name, umode_t mode,
			      const struct fs_file_ops *ops, void *owner, const void *attr)
{
	struct kernfs_node *n;
	int ret = 0;

	parent = parent ?: &root;
	n = kzalloc(sizeof(*n), GFP_KERNEL);
	if (!n)
		return ERR_PTR(-ENOMEM);
	if (strscpy(n->name, name) < 0) {
		kfree(n);
		return ERR_PTR(-ENAMETOOLONG);
	}
	n->mode = mode;
	n->ops = ops;
	n->owner = owner;
	n->attr = attr;
	n->boot = !fs_running;
	n->parent = parent;
	INIT_LIST_HEAD(&n->children);

	spin_lock(&fs_lock);
	if (parent->removed || parent->ops)
		ret = -ENOENT;
	else if (find_child(parent, name, strlen(name)))
		ret = -EEXIST;
	else
		list_add_tail(&n->sibling, &parent->children);
	spin_unlock(&fs_lock);
	if (ret) {
		kfree(n);
		return ERR_PTR(ret);
	}
	return n;
}

/* Unlink a subtree, collecting its nodes on @dead; under fs_lock. */
static void unlink_node(struct kernfs_node *node, struct list_head *dead)
{
	struct kernfs_node *child, *next;

	list_for_each_entry_safe(child, next, &node->children, sibling)
		unlink_node(child, dead);
	node->removed = true;
	list_move_tail(&node->sibling, dead);
}

static bool idle(struct kernfs_node *node)
{
	bool ret;

	spin_lock(&fs_lock);
	ret = !node->active;
	spin_unlock(&fs_lock);
	return ret;
}

void fs_remove(struct kernfs_node *node)
{
	struct kernfs_node *n, *next;
	LIST_HEAD(dead);

	if (!node)
		return;
	spin_lock(&fs_lock);
	unlink_node(node, &dead);
	spin_unlock(&fs_lock);
	list_for_each_entry_safe(n, next, &dead, sibling) {
		wait_event(fs_drain, idle(n));
		list_del(&n->sibling);
		kfree(n);
	}
}

/* Look a path up and enter the node, so that it stays. ERR_PTR(-ENOENT). */
static struct kernfs_node *enter(const char *path)
{
	struct kernfs_node *n = &root;
	const char *end;

	if (strncmp(path, "/sys", 4) || (path[4] && path[4] != '/'))
		return ERR_PTR(-ENOENT);
	path += 4;
	spin_lock(&fs_lock);
	while (n && *path) {
		while (*path == '/')
			path++;
		if (!*path)
			break;
		end = strchrnul(path, '/');
		n = find_child(n, path, end - path);
		path = end;
	}
	if (n)
		n->active++;
	spin_unlock(&fs_lock);
	return n ?: ERR_PTR(-ENOENT);
}

static void leave(struct kernfs_node *n)
{
	spin_lock(&fs_lock);
	n->active--;
	spin_unlock(&fs_lock);
	wake_up_all(&fs_drain);
}

/* One read() of an open file into the page @page. */
static ssize_t read_node(struct kernfs_node *n, char *page)
{
	ssize_t len;

	if (!n->ops)
		return -EISDIR;
	if (!(n->mode & 0444))
		return -EACCES;
	if (!n->ops->read)
		return -EIO;
	len = n->ops->read(n, page);
	if (WARN(len >= (ssize_t)PAGE_SIZE, "%s: show() returned bad count %zd", n->name, len))
		len = PAGE_SIZE - 1;
	return len;
}

ssize_t sysfs_read_file(const char *path, char *buf, size_t size)
{
	struct kernfs_node *n = enter(path);
	ssize_t len;
	char *page;

	if (IS_ERR(n))
		return PTR_ERR(n);
	page = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	memset(page, 0, PAGE_SIZE);
	len = read_node(n, page);
	if (len >= 0 && len >= (ssize_t)size)
		len = -E2BIG;
	if (len >= 0) {
		memcpy(buf, page, len);
		buf[len] = 0;
	}
	free(page);
	leave(n);
	return len;
}

static ssize_t write_node(struct kernfs_node *n, const char *buf, size_t len)
{
	ssize_t ret;
	char *copy;

	if (!n->ops)
		return -EISDIR;
	if (!(n->mode & 0222))
		return -EACCES;
	if (!n->ops->write)
		return -EIO;
	len = min(len, (size_t)PAGE_SIZE);
	copy = malloc(len + 1);
	memcpy(copy, buf, len);
	copy[len] = 0;
	ret = n->ops->write(n, copy, len);
	free(copy);
	return ret;
}

ssize_t sysfs_write_file(const char *path, const char *buf, size_t len)
{
	struct kernfs_node *n = enter(path);
	ssize_t ret;

	if (IS_ERR(n))
		return PTR_ERR(n);
	ret = write_node(n, buf, len);
	leave(n);
	return ret;
}

ssize_t sysfs_list_dir(const char *path, char *buf, size_t size)
{
	struct kernfs_node *n = enter(path), *child;
	ssize_t len = 0;

	if (IS_ERR(n))
		return PTR_ERR(n);
	if (n->ops)
		len = -ENOTDIR;
	if (size)
		buf[0] = 0;
	spin_lock(&fs_lock);
	list_for_each_entry(child, &n->children, sibling)
		len += scnprintf(buf + len, size - len, "%s%s\n", child->name,
				 child->ops ? "" : "/");
	spin_unlock(&fs_lock);
	leave(n);
	return len;
}

/* The first node below @n that was created after boot. */
static struct kernfs_node *first_leak(struct kernfs_node *n)
{
	struct kernfs_node *child, *leak;

	if (!n->boot)
		return n;
	list_for_each_entry(child, &n->children, sibling) {
		leak = first_leak(child);
		if (leak)
			return leak;
	}
	return NULL;
}

static void fs_leak_check(void)
{
	struct kernfs_node *leak = first_leak(&root);

	if (leak)
		violation(VIOLATION_LEAK, "sysfs: '%s' (in '%s') was not removed", leak->name,
			  leak->parent->name);
}
MACHINE_LEAK_CHECKER(fs, fs_leak_check);

static int fs_boot_done(const struct machine_config *cfg)
{
	fs_running = true;
	return 0;
}

/* The nodes are slab objects, which go with the machine. */
static void fs_halt(void)
{
	INIT_LIST_HEAD(&root.children);
	fs_running = false;
}
MACHINE_SUBSYS(fs_running, MACHINE_ORDER_INITCALLS + 1, fs_boot_done, NULL, fs_halt);
