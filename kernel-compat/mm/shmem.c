// SPDX-License-Identifier: GPL-2.0
/*
 * Shared memory files: pages come into being zeroed, when first touched.
 */
#include <linux/highmem.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/swap.h>
#include <machine/program.h>
#include <mm/file.h>

static const struct address_space_operations shmem_aops = {
	.dirty_folio = noop_dirty_folio,
	.migrate_folio = migrate_folio,
};

static bool beyond_end(struct inode *inode, pgoff_t index)
{
	return index >= DIV_ROUND_UP(i_size_read(inode), PAGE_SIZE);
}

/* A zeroed folio, in the cache and locked; ERR_PTR(-EEXIST, -ENOMEM). */
static struct folio *shmem_create(struct vm_fault *vmf, struct inode *inode)
{
	struct folio *folio = vma_alloc_folio(vmf->gfp_mask, 0, vmf->vma, vmf->address,
					      false);
	int err;

	if (!folio)
		return ERR_PTR(-ENOMEM);
	clear_user_highpage(&folio->page, vmf->address);
	__folio_set_swapbacked(folio);
	__folio_mark_uptodate(folio);
	err = filemap_add_folio(inode->i_mapping, folio, vmf->pgoff, vmf->gfp_mask);
	if (err) {
		folio_put(folio);
		return ERR_PTR(err);
	}
	return folio;
}

/*
 * The size is looked at again under the folio lock: truncation sets it before it locks
 * the folios it removes.
 */
static vm_fault_t shmem_fault(struct vm_fault *vmf)
{
	struct inode *inode = file_inode(vmf->vma->vm_file);
	struct folio *folio;

	do {
		if (unlikely(beyond_end(inode, vmf->pgoff)))
			return VM_FAULT_SIGBUS;
		folio = filemap_lock_folio(inode->i_mapping, vmf->pgoff);
		if (folio == ERR_PTR(-ENOENT))
			folio = shmem_create(vmf, inode);
	} while (folio == ERR_PTR(-EEXIST));
	if (IS_ERR(folio))
		return VM_FAULT_OOM;
	if (unlikely(beyond_end(inode, vmf->pgoff))) {
		/* made after truncation had passed; a mapped one it has yet to meet */
		if (!folio_mapped(folio)) {
			folio_clear_dirty(folio);
			filemap_remove_folio(folio);
		}
		folio_unlock(folio);
		folio_put(folio);
		return VM_FAULT_SIGBUS;
	}
	vmf->page = &folio->page;
	return VM_FAULT_LOCKED;
}

static const struct vm_operations_struct shmem_vm_ops = {
	.fault = shmem_fault,
};

static int shmem_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &shmem_vm_ops;
	return 0;
}

static const struct file_operations shmem_fops = {
	.mmap = shmem_mmap,
};

bool shmem_mapping(struct address_space *mapping)
{
	return mapping->a_ops == &shmem_aops;
}

bool vma_is_shmem(struct vm_area_struct *vma)
{
	return vma->vm_ops == &shmem_vm_ops;
}

struct file *shmem_file_setup(const char *name, loff_t size, unsigned long flags)
{
	struct file *file = file_alloc(name, size, &shmem_fops, &shmem_aops);

	return file ? file : ERR_PTR(-ENOMEM);
}

struct file *shmem_file_create(const char *name, u64 bytes)
{
	return file_alloc(name, bytes, &shmem_fops, &shmem_aops);
}
