/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The page cache, and the folio lock.
 *
 * same: folio_lock() and friends with their wake order (all plain waiters, then
 *	lock waiters first come first served, the lock handed over), lookups that take
 *	a reference without a lock, filemap_add_folio(), filemap_remove_folio().
 * model: only the task that locked a folio may unlock it; the kernel lets an I/O
 *	completion do it, and there is no I/O here.  filemap_fault() reads ahead
 *	nothing.
 */
#ifndef _LINUX_PAGEMAP_H
#define _LINUX_PAGEMAP_H

#include <linux/mm.h>
#include <linux/fs.h>
#include <linux/migrate_mode.h>

typedef unsigned int __bitwise fgf_t;
#define FGP_ACCESSED		((__force fgf_t)0x00000001)
#define FGP_LOCK		((__force fgf_t)0x00000002)
#define FGP_CREAT		((__force fgf_t)0x00000004)
#define FGP_WRITE		((__force fgf_t)0x00000008)
#define FGP_NOFS		((__force fgf_t)0x00000010)
#define FGP_NOWAIT		((__force fgf_t)0x00000020)
#define FGP_FOR_MMAP		((__force fgf_t)0x00000040)

void __folio_lock(struct folio *folio);
int __folio_lock_killable(struct folio *folio);
/* 0, or VM_FAULT_RETRY with mmap_lock dropped (not for RETRY_NOWAIT). */
vm_fault_t __folio_lock_or_retry(struct folio *folio, struct vm_fault *vmf);
bool folio_trylock(struct folio *folio);
void folio_unlock(struct folio *folio);
void folio_lock(struct folio *folio);
int folio_lock_killable(struct folio *folio);
vm_fault_t folio_lock_or_retry(struct folio *folio, struct vm_fault *vmf);
void folio_wait_bit(struct folio *folio, int bit_nr);
int folio_wait_bit_killable(struct folio *folio, int bit_nr);
void folio_wait_locked(struct folio *folio);
int folio_wait_locked_killable(struct folio *folio);
void folio_wait_writeback(struct folio *folio);
bool __folio_start_writeback(struct folio *folio, bool keep_write);
#define folio_start_writeback(folio) __folio_start_writeback(folio, false)
void folio_end_writeback(struct folio *folio);
/* Pid of who holds the folio lock, 0 if nobody or not known. Shim only. */
pid_t folio_lock_owner(struct folio *folio);

static inline void lock_page(struct page *page)
{
	folio_lock((struct folio *)page);
}

static inline int trylock_page(struct page *page)
{
	return folio_trylock((struct folio *)page);
}

static inline void unlock_page(struct page *page)
{
	folio_unlock((struct folio *)page);
}

struct address_space *folio_mapping(struct folio *folio);
static inline struct address_space *folio_flush_mapping(struct folio *folio)
{
	return folio_mapping(folio);
}

static inline pgoff_t folio_index(struct folio *folio)
{
	return folio->index;
}

static inline pgoff_t folio_pgoff(struct folio *folio)
{
	return folio->index;
}

static inline pgoff_t page_to_pgoff(const struct page *page)
{
	return page->index;
}

static inline loff_t folio_pos(struct folio *folio)
{
	return (loff_t)folio->index << PAGE_SHIFT;
}

static inline gfp_t mapping_gfp_mask(struct address_space *mapping)
{
	return mapping->gfp_mask;
}

static inline gfp_t mapping_gfp_constraint(struct address_space *mapping, gfp_t gfp)
{
	return mapping_gfp_mask(mapping) & gfp;
}

static inline void mapping_set_gfp_mask(struct address_space *m, gfp_t mask)
{
	m->gfp_mask = mask;
}

/* Its folios that come to an LRU list from now on come to the unevictable one. */
static inline void mapping_set_unevictable(struct address_space *mapping)
{
	set_bit(AS_UNEVICTABLE, &mapping->flags);
}

static inline void mapping_clear_unevictable(struct address_space *mapping)
{
	clear_bit(AS_UNEVICTABLE, &mapping->flags);
}

static inline bool mapping_unevictable(struct address_space *mapping)
{
	return mapping && test_bit(AS_UNEVICTABLE, &mapping->flags);
}

static inline bool mapping_inaccessible(struct address_space *mapping)
{
	return READ_ONCE(mapping->flags) & BIT(AS_INACCESSIBLE);
}

/* The folio at @index with a reference, or ERR_PTR(-ENOENT, -ENOMEM, -EAGAIN). */
struct folio *__filemap_get_folio(struct address_space *mapping, pgoff_t index,
				  fgf_t fgp_flags, gfp_t gfp);

static inline struct folio *filemap_get_folio(struct address_space *mapping,
					      pgoff_t index)
{
	return __filemap_get_folio(mapping, index, 0, 0);
}

static inline struct folio *filemap_lock_folio(struct address_space *mapping,
					       pgoff_t index)
{
	return __filemap_get_folio(mapping, index, FGP_LOCK, 0);
}

static inline struct folio *filemap_grab_folio(struct address_space *mapping,
					       pgoff_t index)
{
	return __filemap_get_folio(mapping, index, FGP_LOCK | FGP_ACCESSED | FGP_CREAT,
				   mapping_gfp_mask(mapping));
}

/* Lookup without waiting; reference on success, else NULL. */
struct folio *filemap_get_entry(struct address_space *mapping, pgoff_t index);
struct folio *filemap_alloc_folio(gfp_t gfp, unsigned int order);
/* Lock a new folio, insert it (-EEXIST, -ENOMEM) and put it on the LRU. */
int filemap_add_folio(struct address_space *mapping, struct folio *folio,
		      pgoff_t index, gfp_t gfp);
/* Take a locked folio out; drops the cache's reference. */
void filemap_remove_folio(struct folio *folio);
void __filemap_remove_folio(struct folio *folio, void *shadow);

bool filemap_dirty_folio(struct address_space *mapping, struct folio *folio);
bool noop_dirty_folio(struct address_space *mapping, struct folio *folio);
bool folio_mark_dirty(struct folio *folio);
bool set_page_dirty(struct page *page);
int set_page_dirty_lock(struct page *page);
bool folio_clear_dirty_for_io(struct folio *folio);

#endif /* _LINUX_PAGEMAP_H */
