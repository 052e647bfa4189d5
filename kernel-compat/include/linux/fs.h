/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files, inodes and their page caches.
 *
 * model: a file is an inode with a page cache and nothing else: no paths, no
 * dentries, no permissions, no write-back.  Two kinds exist, shmem and regular (see
 * machine/program.h).  One struct file per inode.  Dirty pages stay dirty.
 */
#ifndef _LINUX_FS_H
#define _LINUX_FS_H

#include <linux/types.h>
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/migrate_mode.h>
#include <linux/mm_types.h>
#include <linux/rbtree.h>
#include <linux/rwsem.h>
#include <linux/xarray.h>

struct file;
struct inode;
struct folio;
struct writeback_control;

struct address_space_operations {
	/* Fill a locked folio and unlock it. */
	int (*read_folio)(struct file *file, struct folio *folio);
	bool (*dirty_folio)(struct address_space *mapping, struct folio *folio);
	/* Absent: migration of dirty folios is refused, others move. */
	int (*migrate_folio)(struct address_space *mapping, struct folio *dst,
			     struct folio *src, enum migrate_mode mode);
};

/**
 * struct address_space - the page cache of one inode
 * @host:		owner
 * @i_pages:		folios by page index; each entry holds one reference
 * @gfp_mask:		how to allocate folios for it
 * @i_mmap_writable:	number of VM_SHARED mappings
 * @i_mmap:		all VMAs that map it, by offset; under @i_mmap_rwsem
 * @nrpages:		entries of @i_pages; written under its lock
 * @a_ops:		methods
 * @flags:		AS_* bits
 * @i_mmap_rwsem:	protects @i_mmap
 * @invalidate_lock:	held shared by faults that fill the cache, exclusively by
 *			truncation
 * @shim_list:		all address spaces of the machine, for machine_check()
 */
struct address_space {
	struct inode		*host;
	struct xarray		i_pages;
	struct rw_semaphore	invalidate_lock;
	gfp_t			gfp_mask;
	atomic_t		i_mmap_writable;
	struct rb_root_cached	i_mmap;
	unsigned long		nrpages;
	const struct address_space_operations *a_ops;
	unsigned long		flags;
	struct rw_semaphore	i_mmap_rwsem;
	struct list_head	shim_list;
};

enum mapping_flags {
	AS_UNEVICTABLE	= 3,
	AS_INACCESSIBLE	= 8,
};

struct inode {
	struct address_space	*i_mapping;
	struct address_space	i_data;
	loff_t			i_size;
	unsigned long		i_ino;
	char			i_name[32];
};

struct file_operations {
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
};

#ifndef O_RDWR
#define O_RDWR	2
#endif

#define FMODE_READ	0x1
#define FMODE_WRITE	0x2

struct file {
	atomic_long_t		f_count;
	unsigned int		f_mode;
	unsigned int		f_flags;
	const struct file_operations *f_op;
	struct address_space	*f_mapping;
	struct inode		*f_inode;
};

static inline struct inode *file_inode(const struct file *f)
{
	return f->f_inode;
}

static inline struct file *get_file(struct file *f)
{
	long prior = atomic_long_fetch_inc_relaxed(&f->f_count);

	WARN_ONCE(!prior, "get_file on a file that is being freed");
	return f;
}
void fput(struct file *file);
/* file_operations.mmap of files that are read into the page cache; -ENOEXEC without read_folio. */
int generic_file_mmap(struct file *file, struct vm_area_struct *vma);

static inline int call_mmap(struct file *file, struct vm_area_struct *vma)
{
	return file->f_op->mmap(file, vma);
}

static inline loff_t i_size_read(const struct inode *inode)
{
	return READ_ONCE(inode->i_size);
}

static inline void i_size_write(struct inode *inode, loff_t i_size)
{
	WRITE_ONCE(inode->i_size, i_size);
}

static inline void i_mmap_lock_write(struct address_space *mapping)
{
	down_write(&mapping->i_mmap_rwsem);
}

static inline int i_mmap_trylock_write(struct address_space *mapping)
{
	return down_write_trylock(&mapping->i_mmap_rwsem);
}

static inline void i_mmap_unlock_write(struct address_space *mapping)
{
	up_write(&mapping->i_mmap_rwsem);
}

static inline int i_mmap_trylock_read(struct address_space *mapping)
{
	return down_read_trylock(&mapping->i_mmap_rwsem);
}

static inline void i_mmap_lock_read(struct address_space *mapping)
{
	down_read(&mapping->i_mmap_rwsem);
}

static inline void i_mmap_unlock_read(struct address_space *mapping)
{
	up_read(&mapping->i_mmap_rwsem);
}

static inline void i_mmap_assert_locked(struct address_space *mapping)
{
	lockdep_assert_held(&mapping->i_mmap_rwsem);
}

static inline void i_mmap_assert_write_locked(struct address_space *mapping)
{
	lockdep_assert_held_write(&mapping->i_mmap_rwsem);
}

static inline void filemap_invalidate_lock(struct address_space *mapping)
{
	down_write(&mapping->invalidate_lock);
}

static inline void filemap_invalidate_unlock(struct address_space *mapping)
{
	up_write(&mapping->invalidate_lock);
}

static inline void filemap_invalidate_lock_shared(struct address_space *mapping)
{
	down_read(&mapping->invalidate_lock);
}

static inline void filemap_invalidate_unlock_shared(struct address_space *mapping)
{
	up_read(&mapping->invalidate_lock);
}

static inline int mapping_mapped(struct address_space *mapping)
{
	return !RB_EMPTY_ROOT(&mapping->i_mmap.rb_root);
}

static inline int mapping_writably_mapped(struct address_space *mapping)
{
	return atomic_read(&mapping->i_mmap_writable) > 0;
}

static inline int mapping_map_writable(struct address_space *mapping)
{
	return atomic_inc_unless_negative(&mapping->i_mmap_writable) ? 0 : -EPERM;
}

static inline void mapping_unmap_writable(struct address_space *mapping)
{
	atomic_dec(&mapping->i_mmap_writable);
}

static inline void mapping_allow_writable(struct address_space *mapping)
{
	atomic_inc(&mapping->i_mmap_writable);
}

/*
 * Truncate @file to @bytes: faults beyond it then are SIGBUS, pages beyond it are
 * unmapped everywhere (private copies too) and leave the cache. 0, or -EINVAL.
 * Shim's own name; the kernel's is vfs_truncate(). Context: may sleep.
 */
int file_truncate(struct file *file, u64 bytes);
/* Word @index (8 bytes each) of a regular file as created. */
u64 file_pattern(struct file *file, u64 index);

#endif /* _LINUX_FS_H */
