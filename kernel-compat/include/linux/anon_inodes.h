/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files without a name, for whoever brings the methods.
 *
 * model: anon_inode_create_getfile() makes a regular file of size 0 with the caller's methods;
 * @priv, @flags and @context_inode are not kept, and each file can be read and written.
 */
#ifndef _LINUX_ANON_INODES_H
#define _LINUX_ANON_INODES_H

#include <linux/fs.h>

/* The file, with its first reference, or -ENOMEM as a pointer. Context: may sleep. */
struct file *anon_inode_create_getfile(const char *name, const struct file_operations *fops,
				       void *priv, int flags, const struct inode *context_inode);

#endif /* _LINUX_ANON_INODES_H */
