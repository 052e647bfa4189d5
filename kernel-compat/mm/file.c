// SPDX-License-Identifier: GPL-2.0
/*
 * Files: one inode each, kept alive by references on the file.
 */
#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/highmem.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <machine/machine.h>
#include <machine/program.h>
#include <machine/violation.h>
#include <mm/file.h>

static DEFINE_SPINLOCK(files_lock);
static LIST_HEAD(all_mappings);		/* of address_space.shim_list */
static unsigned long next_ino;

struct file_node {
	struct file file;
	struct inode inode;
	struct rcu_head rcu;		/* who has read folio->mapping may look at it */
};

/* Everything but the file's own methods; NULL when out of memory. */
struct file *file_alloc(const char *name, loff_t size,
			const struct file_operations *f_op,
			const struct address_space_operations *a_ops)
{
	struct file_node *node = kzalloc(sizeof(*node), GFP_KERNEL);
	struct address_space *mapping;

	if (!node)
		return NULL;
	mapping = &node->inode.i_data;
	xa_init(&mapping->i_pages);
	init_rwsem(&mapping->invalidate_lock);
	init_rwsem(&mapping->i_mmap_rwsem);
	mapping->i_mmap = RB_ROOT_CACHED;
	atomic_set(&mapping->i_mmap_writable, 0);
	mapping->gfp_mask = GFP_HIGHUSER_MOVABLE;
	mapping->a_ops = a_ops;
	mapping->host = &node->inode;
	node->inode.i_mapping = mapping;
	node->inode.i_size = size;
	strscpy(node->inode.i_name, name ? name : "", sizeof(node->inode.i_name));

	atomic_long_set(&node->file.f_count, 1);
	node->file.f_mode = FMODE_READ | FMODE_WRITE;
	node->file.f_op = f_op;
	node->file.f_mapping = mapping;
	node->file.f_inode = &node->inode;

	spin_lock(&files_lock);
	node->inode.i_ino = ++next_ino;
	list_add_tail(&mapping->shim_list, &all_mappings);
	spin_unlock(&files_lock);
	return &node->file;
}

/* Drop a reference; the last one frees file, inode and cache. May sleep. */
void fput(struct file *file)
{
	struct address_space *mapping = file->f_mapping;

	if (!atomic_long_dec_and_test(&file->f_count))
		return;
	if (mapping_mapped(mapping))
		violation(VIOLATION_BUG, "file %s freed while it is mapped",
			  file->f_inode->i_name);
	spin_lock(&files_lock);
	list_del(&mapping->shim_list);
	spin_unlock(&files_lock);
	truncate_inode_pages_final(mapping);
	xa_destroy(&mapping->i_pages);
	kfree_rcu(container_of(file, struct file_node, file), rcu);
}

void file_put(struct file *file)
{
	fput(file);
}

int file_truncate(struct file *file, u64 bytes)
{
	struct inode *inode = file_inode(file);

	if (bytes > LLONG_MAX)
		return -EINVAL;
	filemap_invalidate_lock(inode->i_mapping);
	i_size_write(inode, bytes);
	truncate_pagecache(inode, bytes);
	filemap_invalidate_unlock(inode->i_mapping);
	return 0;
}

/* Call @fn for every address space; at a quiet point, so without the lock. */
void for_each_mapping(void (*fn)(struct address_space *mapping, void *arg), void *arg)
{
	struct address_space *mapping;

	list_for_each_entry(mapping, &all_mappings, shim_list)
		fn(mapping, arg);
}

static const struct vm_operations_struct generic_file_vm_ops = {
	.fault = filemap_fault,
	.page_mkwrite = filemap_page_mkwrite,
};

int generic_file_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!file->f_mapping->a_ops || !file->f_mapping->a_ops->read_folio)
		return -ENOEXEC;
	vma->vm_ops = &generic_file_vm_ops;
	return 0;
}

struct file *anon_inode_create_getfile(const char *name, const struct file_operations *fops,
				       void *priv, int flags, const struct inode *context_inode)
{
	return file_alloc(name, 0, fops, NULL) ?: ERR_PTR(-ENOMEM);
}

/*
 * Regular files: contents are a function of file and position.
 */
u64 file_pattern(struct file *file, u64 index)
{
	return hash_64(index + 1, 64) ^ (file_inode(file)->i_ino << 56);
}

static int regular_read_folio(struct file *file, struct folio *folio)
{
	u64 *word = folio_address(folio), first = folio_pos(folio) / sizeof(u64), i;

	for (i = 0; i < PAGE_SIZE / sizeof(u64); i++)
		word[i] = file_pattern(file, first + i);
	folio_mark_uptodate(folio);
	folio_unlock(folio);
	return 0;
}

static const struct address_space_operations regular_aops = {
	.read_folio = regular_read_folio,
	.dirty_folio = filemap_dirty_folio,
	.migrate_folio = filemap_migrate_folio,
};

static const struct file_operations regular_fops = {
	.mmap = generic_file_mmap,
};

struct file *regular_file_create(const char *name, u64 bytes)
{
	return file_alloc(name, bytes, &regular_fops, &regular_aops);
}

static int file_boot(const struct machine_config *cfg)
{
	next_ino = 0;
	return 0;
}

static void file_stop(void)
{
	struct address_space *mapping;

	list_for_each_entry(mapping, &all_mappings, shim_list)
		violation(VIOLATION_LEAK, "file %s was not put", mapping->host->i_name);
}

static void file_halt(void)
{
	INIT_LIST_HEAD(&all_mappings);
}

MACHINE_SUBSYS(files, MACHINE_ORDER_VM, file_boot, file_stop, file_halt);
