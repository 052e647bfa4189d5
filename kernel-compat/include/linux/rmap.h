/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a folio to the page-table entries that map it.
 *
 * same: anon_vma life cycle and locking, mapcount and PageAnonExclusive
 *	transitions, rmap_walk(), page_vma_mapped_walk(), try_to_migrate().
 * model: the interval trees are treaps (see linux/interval_tree_generic.h);
 *	try_to_unmap() handles clean file folios and leaves anonymous ones alone, there
 *	being no swap.  KSM and hugetlb do not exist, nor do PMD mappings of files.
 */
#ifndef _LINUX_RMAP_H
#define _LINUX_RMAP_H

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/rwsem.h>
#include <linux/pagemap.h>

/**
 * struct anon_vma - where the anonymous folios of related VMAs are found
 * @root:	head of the tree that fork grew; its @rwsem serves all
 * @rwsem:	protects the interval trees of all anon_vmas with this root
 * @refcount:	users that are not VMAs; one is held for all VMAs together and one
 *		by each child of a root
 * @num_children: children, and a root counts itself
 * @num_active_vmas: VMAs whose vma->anon_vma this is
 * @parent:	who forked it
 * @rb_root:	anon_vma_chains by page offset
 *
 * Memory is type-safe under RCU: a reader may meet one that was freed and reused.
 */
struct anon_vma {
	struct anon_vma *root;
	struct rw_semaphore rwsem;
	atomic_t refcount;
	unsigned long num_children;
	unsigned long num_active_vmas;
	struct anon_vma *parent;
	struct rb_root_cached rb_root;
};

/* One link between a VMA and an anon_vma in which its pages may be found. */
struct anon_vma_chain {
	struct vm_area_struct *vma;
	struct anon_vma *anon_vma;
	struct list_head same_vma;	/* under mmap_lock and page_table_lock */
	struct rb_node rb;		/* under anon_vma->rwsem */
	unsigned long rb_subtree_last;
};

enum ttu_flags {
	TTU_SPLIT_HUGE_PMD	= 0x4,
	TTU_IGNORE_MLOCK	= 0x8,
	TTU_SYNC		= 0x10,	/* avoid racy checks with PVMW_SYNC */
	TTU_HWPOISON		= 0x20,
	TTU_BATCH_FLUSH		= 0x40,	/* caller ends with try_to_unmap_flush() */
	TTU_RMAP_LOCKED		= 0x80,	/* caller holds the rmap lock */
};

static inline void get_anon_vma(struct anon_vma *anon_vma)
{
	atomic_inc(&anon_vma->refcount);
}

void __put_anon_vma(struct anon_vma *anon_vma);

static inline void put_anon_vma(struct anon_vma *anon_vma)
{
	if (atomic_dec_and_test(&anon_vma->refcount))
		__put_anon_vma(anon_vma);
}

static inline void anon_vma_lock_write(struct anon_vma *anon_vma)
{
	down_write(&anon_vma->root->rwsem);
}

static inline int anon_vma_trylock_write(struct anon_vma *anon_vma)
{
	return down_write_trylock(&anon_vma->root->rwsem);
}

static inline void anon_vma_unlock_write(struct anon_vma *anon_vma)
{
	up_write(&anon_vma->root->rwsem);
}

static inline void anon_vma_lock_read(struct anon_vma *anon_vma)
{
	down_read(&anon_vma->root->rwsem);
}

static inline int anon_vma_trylock_read(struct anon_vma *anon_vma)
{
	return down_read_trylock(&anon_vma->root->rwsem);
}

static inline void anon_vma_unlock_read(struct anon_vma *anon_vma)
{
	up_read(&anon_vma->root->rwsem);
}

int __anon_vma_prepare(struct vm_area_struct *vma);
void unlink_anon_vmas(struct vm_area_struct *vma);
int anon_vma_clone(struct vm_area_struct *dst, struct vm_area_struct *src);
int anon_vma_fork(struct vm_area_struct *vma, struct vm_area_struct *pvma);

static inline int anon_vma_prepare(struct vm_area_struct *vma)
{
	/* pairs with the release in __anon_vma_prepare() */
	if (likely(smp_load_acquire(&vma->anon_vma)))
		return 0;
	return __anon_vma_prepare(vma);
}

static inline void anon_vma_merge(struct vm_area_struct *vma,
				  struct vm_area_struct *next)
{
	VM_BUG_ON(vma->anon_vma != next->anon_vma);
	unlink_anon_vmas(next);
}

struct anon_vma *folio_anon_vma(struct folio *folio);
struct anon_vma *folio_get_anon_vma(struct folio *folio);

/* Interval trees: VMAs by file offset, anon_vma_chains by anonymous offset. */
void vma_interval_tree_insert(struct vm_area_struct *node, struct rb_root_cached *root);
void vma_interval_tree_insert_after(struct vm_area_struct *node,
				    struct vm_area_struct *prev,
				    struct rb_root_cached *root);
void vma_interval_tree_remove(struct vm_area_struct *node, struct rb_root_cached *root);
struct vm_area_struct *vma_interval_tree_iter_first(struct rb_root_cached *root,
						    unsigned long start,
						    unsigned long last);
struct vm_area_struct *vma_interval_tree_iter_next(struct vm_area_struct *node,
						   unsigned long start,
						   unsigned long last);
#define vma_interval_tree_foreach(vma, root, start, last)			\
	for (vma = vma_interval_tree_iter_first(root, start, last);		\
	     vma; vma = vma_interval_tree_iter_next(vma, start, last))

void anon_vma_interval_tree_insert(struct anon_vma_chain *node,
				   struct rb_root_cached *root);
void anon_vma_interval_tree_remove(struct anon_vma_chain *node,
				   struct rb_root_cached *root);
struct anon_vma_chain *
anon_vma_interval_tree_iter_first(struct rb_root_cached *root,
				  unsigned long start, unsigned long last);
struct anon_vma_chain *
anon_vma_interval_tree_iter_next(struct anon_vma_chain *node,
				 unsigned long start, unsigned long last);
#define anon_vma_interval_tree_foreach(avc, root, start, last)			\
	for (avc = anon_vma_interval_tree_iter_first(root, start, last);	\
	     avc; avc = anon_vma_interval_tree_iter_next(avc, start, last))

typedef int __bitwise rmap_t;
#define RMAP_NONE		((__force rmap_t)0)
#define RMAP_EXCLUSIVE		((__force rmap_t)BIT(0))

/* What one entry maps: a page, or a whole folio of HPAGE_PMD_NR pages. */
enum rmap_level {
	RMAP_LEVEL_PTE,
	RMAP_LEVEL_PMD,
};

void folio_move_anon_rmap(struct folio *folio, struct vm_area_struct *vma);
void folio_add_anon_rmap_ptes(struct folio *folio, struct page *page, int nr_pages,
			      struct vm_area_struct *vma, unsigned long address,
			      rmap_t flags);
#define folio_add_anon_rmap_pte(folio, page, vma, address, flags) \
	folio_add_anon_rmap_ptes(folio, page, 1, vma, address, flags)
void folio_add_anon_rmap_pmd(struct folio *folio, struct page *page,
			     struct vm_area_struct *vma, unsigned long address,
			     rmap_t flags);
void folio_add_new_anon_rmap(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address, rmap_t flags);
void folio_add_file_rmap_ptes(struct folio *folio, struct page *page, int nr_pages,
			      struct vm_area_struct *vma);
#define folio_add_file_rmap_pte(folio, page, vma) \
	folio_add_file_rmap_ptes(folio, page, 1, vma)
void folio_remove_rmap_ptes(struct folio *folio, struct page *page, int nr_pages,
			    struct vm_area_struct *vma);
#define folio_remove_rmap_pte(folio, page, vma) \
	folio_remove_rmap_ptes(folio, page, 1, vma)
void folio_remove_rmap_pmd(struct folio *folio, struct page *page,
			   struct vm_area_struct *vma);
void folio_dup_file_rmap_pte(struct folio *folio, struct page *page);

/* fork: 0, or -EBUSY when a page may be pinned and must be copied instead. */
int __folio_try_dup_anon_rmap(struct folio *folio, struct page *page, int nr_pages,
			      struct vm_area_struct *src_vma, enum rmap_level level);
#define folio_try_dup_anon_rmap_ptes(folio, page, nr_pages, src_vma) \
	__folio_try_dup_anon_rmap(folio, page, nr_pages, src_vma, RMAP_LEVEL_PTE)
#define folio_try_dup_anon_rmap_pte(folio, page, src_vma) \
	folio_try_dup_anon_rmap_ptes(folio, page, 1, src_vma)
#define folio_try_dup_anon_rmap_pmd(folio, page, src_vma) \
	__folio_try_dup_anon_rmap(folio, page, HPAGE_PMD_NR, src_vma, RMAP_LEVEL_PMD)

/* Before an exclusive page is unmapped for sharing: -EBUSY when it may be pinned. */
int __folio_try_share_anon_rmap(struct folio *folio, struct page *page, int nr_pages,
				enum rmap_level level);
#define folio_try_share_anon_rmap_pte(folio, page) \
	__folio_try_share_anon_rmap(folio, page, 1, RMAP_LEVEL_PTE)
#define folio_try_share_anon_rmap_pmd(folio, page) \
	__folio_try_share_anon_rmap(folio, page, HPAGE_PMD_NR, RMAP_LEVEL_PMD)

int folio_referenced(struct folio *folio, int is_locked, struct mem_cgroup *memcg,
		     unsigned long *vm_flags);
void try_to_migrate(struct folio *folio, enum ttu_flags flags);
void try_to_unmap(struct folio *folio, enum ttu_flags flags);
int folio_mkclean(struct folio *folio);

#define PVMW_SYNC		(1 << 0)	/* no unlocked check of PTEs */
#define PVMW_MIGRATION		(1 << 1)	/* look for migration entries */

struct page_vma_mapped_walk {
	unsigned long pfn;
	unsigned long nr_pages;
	pgoff_t pgoff;
	struct vm_area_struct *vma;
	unsigned long address;
	pmd_t *pmd;
	pte_t *pte;
	spinlock_t *ptl;
	unsigned int flags;
};

#define DEFINE_FOLIO_VMA_WALK(name, _folio, _vma, _address, _flags)		\
	struct page_vma_mapped_walk name = {					\
		.pfn = folio_pfn(_folio),					\
		.nr_pages = folio_nr_pages(_folio),				\
		.pgoff = (_folio)->index,					\
		.vma = _vma,							\
		.address = _address,						\
		.flags = _flags,						\
	}

/* Next entry of pvmw->vma that maps the folio, locked; false at the end. */
bool page_vma_mapped_walk(struct page_vma_mapped_walk *pvmw);
/* End a walk before page_vma_mapped_walk() returned false. */
void page_vma_mapped_walk_done(struct page_vma_mapped_walk *pvmw);

unsigned long page_address_in_vma(struct page *page, struct vm_area_struct *vma);
int page_mapped_in_vma(struct page *page, struct vm_area_struct *vma);
/* Where the VMA maps offset @pgoff, -EFAULT (as a number) if not. */
unsigned long vma_address(struct vm_area_struct *vma, pgoff_t pgoff,
			  unsigned long nr_pages);

enum rmp_flags {
	RMP_LOCKED		= 1 << 0,
	RMP_USE_SHARED_ZEROPAGE	= 1 << 1,
};

void remove_migration_ptes(struct folio *src, struct folio *dst, int flags);

/**
 * struct rmap_walk_control - what a walk does at each VMA
 * @arg:	for the callbacks
 * @try_lock:	give up rather than wait for the rmap lock
 * @contended:	set when @try_lock gave up
 * @rmap_one:	called for each VMA that may map the folio; false ends the walk
 * @done:	asked after each; nonzero ends the walk
 * @anon_lock:	takes the anon_vma's lock instead of the default
 * @invalid_vma: VMAs to skip
 */
struct rmap_walk_control {
	void *arg;
	bool try_lock;
	bool contended;
	bool (*rmap_one)(struct folio *folio, struct vm_area_struct *vma,
			 unsigned long addr, void *arg);
	int (*done)(struct folio *folio);
	struct anon_vma *(*anon_lock)(struct folio *folio,
				      struct rmap_walk_control *rwc);
	bool (*invalid_vma)(struct vm_area_struct *vma, void *arg);
};

void rmap_walk(struct folio *folio, struct rmap_walk_control *rwc);
void rmap_walk_locked(struct folio *folio, struct rmap_walk_control *rwc);
struct anon_vma *folio_lock_anon_vma_read(struct folio *folio,
					  struct rmap_walk_control *rwc);

#endif /* _LINUX_RMAP_H */
