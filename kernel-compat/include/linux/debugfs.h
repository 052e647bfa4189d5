/* SPDX-License-Identifier: GPL-2.0 */
/*
 * debugfs.
 *
 * model: directories and files that show (and set) one variable, below
 * /sys/kernel/debug; no file operations.
 */
#ifndef _DEBUGFS_H_
#define _DEBUGFS_H_

#include <linux/err.h>
#include <linux/types.h>

struct dentry;

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent);
void debugfs_remove(struct dentry *dentry);	/* with all below */
#define debugfs_remove_recursive debugfs_remove
struct dentry *debugfs_lookup(const char *name, struct dentry *parent);
void debugfs_create_bool(const char *name, umode_t mode, struct dentry *parent, bool *value);
void debugfs_create_u32(const char *name, umode_t mode, struct dentry *parent, u32 *value);
void debugfs_create_u64(const char *name, umode_t mode, struct dentry *parent, u64 *value);
void debugfs_create_ulong(const char *name, umode_t mode, struct dentry *parent,
			  unsigned long *value);
void debugfs_create_atomic_t(const char *name, umode_t mode, struct dentry *parent,
			     atomic_t *value);

#endif /* _DEBUGFS_H_ */
