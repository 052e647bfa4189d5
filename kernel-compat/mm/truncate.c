// SPDX-License-Identifier: GPL-2.0
/*
 * Taking pages away from files and from whoever maps them.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/string.h>

/* Zap [first, last] of every VMA that maps part of it. i_mmap is locked. */
static void unmap_mapping_range_tree(struct address_space *mapping, pgoff_t first,
				     pgoff_t last, struct zap_details *details)
{
	struct vm_area_struct *vma;

	vma_interval_tree_foreach(vma, &mapping->i_mmap, first, last) {
		pgoff_t vba = vma->vm_pgoff, vea = vba + vma_pages(vma) - 1;
		pgoff_t zba = max(first, vba), zea = min(last, vea);

		zap_page_range_single(vma, ((zba - vba) << PAGE_SHIFT) + vma->vm_start,
				      (zea - zba + 1) << PAGE_SHIFT, details);
	}
}

/* Unmap a locked folio everywhere; private copies stay. It stays unmapped while locked. */
void unmap_mapping_folio(struct folio *folio)
{
	struct address_space *mapping = folio->mapping;
	struct zap_details details = {
		.single_folio = folio,
		.zap_flags = ZAP_FLAG_DROP_MARKER,
	};

	VM_BUG_ON_FOLIO(!folio_test_locked(folio), folio);
	i_mmap_lock_read(mapping);
	if (mapping_mapped(mapping))
		unmap_mapping_range_tree(mapping, folio->index,
					 folio->index + folio_nr_pages(folio) - 1,
					 &details);
	i_mmap_unlock_read(mapping);
}

/**
 * unmap_mapping_pages() - unmap a range of a file from all address spaces
 * @mapping:	the file's
 * @start:	first page
 * @nr:		pages; 0: to the end
 * @even_cows:	private copies too
 */
void unmap_mapping_pages(struct address_space *mapping, pgoff_t start, pgoff_t nr,
			 bool even_cows)
{
	pgoff_t last = start + nr - 1;
	struct zap_details details = { .even_cows = even_cows };

	if (last < start)
		last = ULONG_MAX;
	i_mmap_lock_read(mapping);
	if (mapping_mapped(mapping))
		unmap_mapping_range_tree(mapping, start, last, &details);
	i_mmap_unlock_read(mapping);
}

/* The same in bytes; whole pages that the hole touches. @holelen 0: to the end. */
void unmap_mapping_range(struct address_space *mapping, loff_t holebegin,
			 loff_t holelen, int even_cows)
{
	pgoff_t first = (pgoff_t)holebegin >> PAGE_SHIFT;
	pgoff_t nr = ((pgoff_t)holelen + PAGE_SIZE - 1) >> PAGE_SHIFT;

	unmap_mapping_pages(mapping, first, nr, even_cows);
}

/* The first folio at or after *@index, with a reference. */
static struct folio *find_get_folio(struct address_space *mapping, pgoff_t *index)
{
	struct folio *folio;

	rcu_read_lock();
	do {
		folio = xa_find(&mapping->i_pages, index, ULONG_MAX, XA_PRESENT);
	} while (folio && !folio_try_get(folio));
	rcu_read_unlock();
	return folio;
}

static void truncate_folio(struct address_space *mapping, struct folio *folio)
{
	folio_lock(folio);
	if (folio->mapping == mapping) {
		folio_wait_writeback(folio);
		if (folio_mapped(folio))
			unmap_mapping_folio(folio);
		folio_clear_dirty(folio);
		folio_clear_mappedtodisk(folio);
		filemap_remove_folio(folio);
	}
	folio_unlock(folio);
}

/* Zero what is beyond @offset in the page that stays. */
static void truncate_partial(struct address_space *mapping, loff_t offset)
{
	unsigned long from = offset & ~PAGE_MASK, i;
	struct folio *folio;
	u64 *word;

	if (!from)
		return;
	folio = filemap_lock_folio(mapping, offset >> PAGE_SHIFT);
	if (IS_ERR(folio))
		return;
	word = folio_address(folio);
	/* programs may read it meanwhile, and their accesses are atomic */
	for (i = DIV_ROUND_UP(from, sizeof(u64)); i < PAGE_SIZE / sizeof(u64); i++)
		WRITE_ONCE(word[i], 0);
	if (folio_test_uptodate(folio))
		folio_mark_dirty(folio);
	folio_unlock(folio);
	folio_put(folio);
}

/* Remove all pages from byte @lstart on. model: the partial page's first word stays. */
void truncate_inode_pages(struct address_space *mapping, loff_t lstart)
{
	pgoff_t index = DIV_ROUND_UP((unsigned long)lstart, PAGE_SIZE);
	struct folio *folio;

	while ((folio = find_get_folio(mapping, &index))) {
		truncate_folio(mapping, folio);
		folio_put(folio);
		cond_resched();
	}
	truncate_partial(mapping, lstart);
}

/* The inode goes away: nobody maps or looks any more. */
void truncate_inode_pages_final(struct address_space *mapping)
{
	truncate_inode_pages(mapping, 0);
	WARN_ON(READ_ONCE(mapping->nrpages));
}

/*
 * Unmap and remove what is beyond @newsize, i_size being set already. A fault between
 * the first unmapping and the removal may make private copies; the second gets those.
 */
void truncate_pagecache(struct inode *inode, loff_t newsize)
{
	struct address_space *mapping = inode->i_mapping;
	loff_t holebegin = round_up(newsize, PAGE_SIZE);

	unmap_mapping_range(mapping, holebegin, 0, 1);
	truncate_inode_pages(mapping, newsize);
	unmap_mapping_range(mapping, holebegin, 0, 1);
}
