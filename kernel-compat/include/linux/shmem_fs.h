/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared memory files.
 *
 * model: demand-zero files without swap, quota or sealing; shmem_file_create() of
 * machine/program.h makes them.
 */
#ifndef _LINUX_SHMEM_FS_H
#define _LINUX_SHMEM_FS_H

#include <linux/fs.h>

struct file *shmem_file_setup(const char *name, loff_t size, unsigned long flags);
bool shmem_mapping(struct address_space *mapping);
bool vma_is_shmem(struct vm_area_struct *vma);

#endif /* _LINUX_SHMEM_FS_H */
