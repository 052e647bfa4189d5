/* SPDX-License-Identifier: GPL-2.0 */
/* What the two kinds of files share. */
#ifndef _MM_FILE_H
#define _MM_FILE_H

#include <linux/fs.h>

struct file *file_alloc(const char *name, loff_t size,
			const struct file_operations *f_op,
			const struct address_space_operations *a_ops);
void for_each_mapping(void (*fn)(struct address_space *mapping, void *arg), void *arg);

#endif /* _MM_FILE_H */
