// SPDX-License-Identifier: GPL-2.0
/*
 * The page cache: folios of a file by index.
 *
 * Lookups take no lock: they read the slot under RCU, take a reference that fails for
 * a folio being freed or replaced, and look whether the slot still says the same.
 * The cache's own reference goes with the slot, under i_pages' lock.
 */
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <asm/processor.h>

/* The address space of a page-cache folio; NULL for anonymous ones. */
struct address_space *folio_mapping(struct folio *folio)
{
	struct address_space *mapping = READ_ONCE(folio->mapping);

	return (unsigned long)mapping & PAGE_MAPPING_FLAGS ? NULL : mapping;
}

struct folio *filemap_get_entry(struct address_space *mapping, pgoff_t index)
{
	struct folio *folio;

	rcu_read_lock();
	for (;;) {
		folio = xa_load(&mapping->i_pages, index);
		if (!folio)
			break;
		if (folio_try_get(folio)) {
			/* it may have been freed and reused before the reference */
			if (likely(folio == xa_load(&mapping->i_pages, index)))
				break;
			folio_put(folio);
		}
		cpu_relax();
	}
	rcu_read_unlock();
	return folio;
}

struct folio *filemap_alloc_folio(gfp_t gfp, unsigned int order)
{
	return folio_alloc(gfp, order);
}

static void account_cache(struct folio *folio, long nr)
{
	node_stat_mod_folio(folio, NR_FILE_PAGES, nr);
	if (folio_test_swapbacked(folio))
		node_stat_mod_folio(folio, NR_SHMEM, nr);
}

/* Insert a locked folio; 0, -EEXIST, -ENOMEM. The cache takes a reference. */
static int __filemap_add_folio(struct address_space *mapping, struct folio *folio,
			       pgoff_t index, gfp_t gfp)
{
	int err = xa_prepare(&mapping->i_pages, index, gfp & (GFP_KERNEL | __GFP_NOWARN));

	if (err)
		return err;
	folio_get(folio);
	folio->index = index;
	WRITE_ONCE(folio->mapping, mapping);
	xa_lock_irq(&mapping->i_pages);
	if (xa_load(&mapping->i_pages, index)) {
		err = -EEXIST;
	} else {
		__xa_store(&mapping->i_pages, index, folio, 0);
		WRITE_ONCE(mapping->nrpages, mapping->nrpages + 1);
		account_cache(folio, 1);
	}
	xa_unlock_irq(&mapping->i_pages);
	if (err) {
		WRITE_ONCE(folio->mapping, NULL);
		folio_put(folio);
	}
	return err;
}

/**
 * filemap_add_folio() - put a new folio into the cache and on the LRU
 * @mapping:	address space
 * @folio:	nobody else knows it; locked on success
 * @index:	where
 * @gfp:	for the tree's nodes
 *
 * Return: 0, -EEXIST, -ENOMEM; on failure the folio is as it was. May sleep by @gfp.
 */
int filemap_add_folio(struct address_space *mapping, struct folio *folio,
		      pgoff_t index, gfp_t gfp)
{
	bool locked = folio_trylock(folio);
	int err;

	VM_BUG_ON_FOLIO(!locked, folio);
	err = __filemap_add_folio(mapping, folio, index, gfp);
	if (err) {
		folio_unlock(folio);
		return err;
	}
	folio_add_lru(folio);
	return 0;
}

/* Take a locked folio out, under i_pages' lock; the reference is the caller's then. */
void __filemap_remove_folio(struct folio *folio, void *shadow)
{
	struct address_space *mapping = folio->mapping;

	VM_BUG_ON_FOLIO(!folio_test_locked(folio), folio);
	VM_BUG_ON_FOLIO(folio_mapped(folio), folio);
	__xa_erase(&mapping->i_pages, folio->index);
	WRITE_ONCE(folio->mapping, NULL);
	WRITE_ONCE(mapping->nrpages, mapping->nrpages - 1);
	account_cache(folio, -1);
}

void filemap_remove_folio(struct folio *folio)
{
	struct address_space *mapping = folio->mapping;

	xa_lock_irq(&mapping->i_pages);
	__filemap_remove_folio(folio, NULL);
	xa_unlock_irq(&mapping->i_pages);
	folio_put(folio);
}

/* A new folio in the cache; locked unless FGP_FOR_MMAP without FGP_LOCK. */
static struct folio *filemap_create(struct address_space *mapping, pgoff_t index,
				    fgf_t fgp_flags, gfp_t gfp)
{
	struct folio *folio;
	int err;

	if (fgp_flags & FGP_NOWAIT)
		gfp = (gfp & ~GFP_KERNEL) | GFP_NOWAIT | __GFP_NOWARN;
	folio = filemap_alloc_folio(gfp, 0);
	if (!folio)
		return ERR_PTR(-ENOMEM);
	err = filemap_add_folio(mapping, folio, index, gfp);
	if (err) {
		folio_put(folio);
		return ERR_PTR(err);
	}
	if (fgp_flags & FGP_FOR_MMAP && !(fgp_flags & FGP_LOCK))
		folio_unlock(folio);
	return folio;
}

struct folio *__filemap_get_folio(struct address_space *mapping, pgoff_t index,
				  fgf_t fgp_flags, gfp_t gfp)
{
	struct folio *folio;

repeat:
	folio = filemap_get_entry(mapping, index);
	if (!folio) {
		if (!(fgp_flags & FGP_CREAT))
			return ERR_PTR(-ENOENT);
		folio = filemap_create(mapping, index, fgp_flags, gfp);
		if (folio == ERR_PTR(-EEXIST))
			goto repeat;
		return folio;
	}
	if (fgp_flags & FGP_LOCK) {
		if (!folio_trylock(folio)) {
			if (fgp_flags & FGP_NOWAIT) {
				folio_put(folio);
				return ERR_PTR(-EAGAIN);
			}
			folio_lock(folio);
		}
		if (unlikely(folio->mapping != mapping)) {
			folio_unlock(folio);
			folio_put(folio);
			goto repeat;
		}
	}
	if (fgp_flags & FGP_ACCESSED)
		folio_mark_accessed(folio);
	return folio;
}

/* model: no writeback, so no tags; the flag is all there is to dirtiness. */
bool noop_dirty_folio(struct address_space *mapping, struct folio *folio)
{
	return !folio_test_dirty(folio) && !folio_test_set_dirty(folio);
}

bool filemap_dirty_folio(struct address_space *mapping, struct folio *folio)
{
	return !folio_test_set_dirty(folio);
}

/* Returns true if it was clean. The caller keeps the folio from being freed. */
bool folio_mark_dirty(struct folio *folio)
{
	struct address_space *mapping = folio_mapping(folio);

	if (likely(mapping && mapping->a_ops->dirty_folio))
		return mapping->a_ops->dirty_folio(mapping, folio);
	return noop_dirty_folio(mapping, folio);
}

bool set_page_dirty(struct page *page)
{
	return folio_mark_dirty(page_folio(page));
}

int set_page_dirty_lock(struct page *page)
{
	struct folio *folio = page_folio(page);
	bool ret;

	folio_lock(folio);
	ret = folio_mark_dirty(folio);
	folio_unlock(folio);
	return ret;
}

/* Clean a locked folio and all its mappings, as before writing it. */
bool folio_clear_dirty_for_io(struct folio *folio)
{
	VM_BUG_ON_FOLIO(!folio_test_locked(folio), folio);
	if (folio_mapping(folio) && folio_mkclean(folio))
		folio_mark_dirty(folio);
	return folio_test_clear_dirty(folio);
}

/* Lock for a fault; VM_FAULT_RETRY has dropped mmap_lock and the folio reference. */
static vm_fault_t lock_for_fault(struct vm_fault *vmf, struct folio *folio)
{
	struct file *file = vmf->vma->vm_file;
	vm_fault_t ret;

	if (folio_trylock(folio))
		return 0;
	/* without mmap_lock the VMA may go and with it the file */
	get_file(file);
	ret = folio_lock_or_retry(folio, vmf);
	if (ret)
		folio_put(folio);
	fput(file);
	return ret;
}

static bool beyond_end(struct address_space *mapping, pgoff_t index)
{
	return index >= DIV_ROUND_UP(i_size_read(mapping->host), PAGE_SIZE);
}

/*
 * Find or create the folio of a fault; unlocked, referenced. Creation excludes
 * truncation, so that no folio appears beyond the end after truncation looked there.
 */
static struct folio *find_for_fault(struct vm_fault *vmf, vm_fault_t *ret)
{
	struct address_space *mapping = vmf->vma->vm_file->f_mapping;
	struct folio *folio = filemap_get_folio(mapping, vmf->pgoff);

	if (!IS_ERR(folio))
		return folio;
	*ret = VM_FAULT_MAJOR;
	filemap_invalidate_lock_shared(mapping);
	if (unlikely(beyond_end(mapping, vmf->pgoff)))
		folio = ERR_PTR(-EFAULT);
	else
		folio = __filemap_get_folio(mapping, vmf->pgoff,
					    FGP_CREAT | FGP_FOR_MMAP, vmf->gfp_mask);
	filemap_invalidate_unlock_shared(mapping);
	return folio;
}

/**
 * filemap_fault() - vm_ops->fault() of files that are read into the cache
 * @vmf:	the fault
 *
 * Return: VM_FAULT_LOCKED with vmf->page set, or VM_FAULT_SIGBUS beyond the end,
 * VM_FAULT_OOM, VM_FAULT_RETRY.
 */
vm_fault_t filemap_fault(struct vm_fault *vmf)
{
	struct file *file = vmf->vma->vm_file;
	struct address_space *mapping = file->f_mapping;
	vm_fault_t ret = 0, err;
	struct folio *folio;

	for (;;) {
		if (unlikely(beyond_end(mapping, vmf->pgoff)))
			return VM_FAULT_SIGBUS;
		folio = find_for_fault(vmf, &ret);
		if (IS_ERR(folio))
			return folio == ERR_PTR(-EFAULT) ? VM_FAULT_SIGBUS : VM_FAULT_OOM;
		err = lock_for_fault(vmf, folio);
		if (err)
			return ret | err;
		if (unlikely(folio->mapping != mapping)) {
			folio_unlock(folio);
			folio_put(folio);
			continue;
		}
		if (likely(folio_test_uptodate(folio)))
			break;
		err = mapping->a_ops->read_folio(file, folio);	/* unlocks */
		folio_put(folio);
		if (err)
			return VM_FAULT_SIGBUS;
	}
	/* the lock keeps truncation out from here on */
	if (unlikely(beyond_end(mapping, vmf->pgoff))) {
		folio_unlock(folio);
		folio_put(folio);
		return VM_FAULT_SIGBUS;
	}
	vmf->page = &folio->page;
	return ret | VM_FAULT_LOCKED;
}

/* vm_ops->page_mkwrite() of files without a method of their own. */
vm_fault_t filemap_page_mkwrite(struct vm_fault *vmf)
{
	struct folio *folio = page_folio(vmf->page);

	folio_lock(folio);
	if (folio->mapping != vmf->vma->vm_file->f_mapping) {
		folio_unlock(folio);
		return VM_FAULT_NOPAGE;
	}
	/* dirty while locked, before the entry becomes writable */
	folio_mark_dirty(folio);
	folio_wait_writeback(folio);
	return VM_FAULT_LOCKED;
}
