/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages, folios, VMAs, address spaces.
 *
 * model: field names and meanings are Linux 6.12's; fields that nothing here uses
 * are left out.  struct page is 64 bytes, struct folio overlays up to four pages,
 * as in the kernel, so that compound pages need no other type.
 */
#ifndef _LINUX_MM_TYPES_H
#define _LINUX_MM_TYPES_H

#include <linux/types.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/mm_types_task.h>
#include <linux/rbtree.h>
#include <linux/rwsem.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <asm/page_types.h>
#include <asm/pgtable_types.h>

typedef struct {
	unsigned long val;
} swp_entry_t;

struct address_space;
struct anon_vma;
struct file;
struct kmem_cache;
struct mem_cgroup;
struct mempolicy;
struct mm_autonuma;
struct mmu_notifier_subscriptions;
struct vm_operations_struct;

/*
 * One per page frame, in a lazily backed array (pfn_to_page() is address arithmetic).
 * flags: page flags | zone | node | last CPUPID, see linux/page-flags-layout.h.
 */
struct page {
	unsigned long flags;
	union {
		struct {	/* page cache and anonymous pages */
			union {
				struct list_head lru;
				struct list_head buddy_list;
				struct list_head pcp_list;
			};
			struct address_space *mapping;	/* low bits PAGE_MAPPING_* */
			pgoff_t index;
			unsigned long private;
		};
		struct {	/* tail pages of a compound page */
			unsigned long compound_head;	/* bit zero is set */
		};
		struct rcu_head rcu_head;
	};
	union {
		atomic_t _mapcount;		/* page-table references minus one */
		unsigned int page_type;
	};
	atomic_t _refcount;
	unsigned long memcg_data;		/* shim: TLB entries of the frame; lock owner */
};

/*
 * A set of 2^order physically contiguous pages. The first page's fields carry the
 * whole folio's state; page 1 and 2 carry what only large folios have.
 */
struct folio {
	union {
		struct {
			unsigned long flags;
			union {
				struct list_head lru;
				unsigned int mlock_count;
			};
			struct address_space *mapping;
			pgoff_t index;
			union {
				void *private;
				swp_entry_t swap;
			};
			atomic_t _mapcount;
			atomic_t _refcount;
			unsigned long memcg_data;
		};
		struct page page;
	};
	union {
		struct {
			unsigned long _flags_1;		/* low byte: order */
			unsigned long _head_1;
			atomic_t _large_mapcount;	/* sum of all mappings, minus one */
			atomic_t _entire_mapcount;	/* PMD mappings, minus one */
			atomic_t _nr_pages_mapped;
			atomic_t _pincount;		/* GUP pins of a large folio */
			unsigned int _folio_nr_pages;
		};
		struct page __page_1;
	};
	union {
		struct {
			unsigned long _flags_2;
			unsigned long _head_2;
			struct list_head _deferred_list;
		};
		struct page __page_2;
	};
};

#define PAGE_MAPPING_ANON	0x1
#define PAGE_MAPPING_MOVABLE	0x2
#define PAGE_MAPPING_KSM	(PAGE_MAPPING_ANON | PAGE_MAPPING_MOVABLE)
#define PAGE_MAPPING_FLAGS	(PAGE_MAPPING_ANON | PAGE_MAPPING_MOVABLE)

typedef unsigned long vm_flags_t;
typedef __bitwise unsigned int vm_fault_t;

enum vm_fault_reason {
	VM_FAULT_OOM		= 0x000001,
	VM_FAULT_SIGBUS		= 0x000002,
	VM_FAULT_MAJOR		= 0x000004,
	VM_FAULT_HWPOISON	= 0x000010,
	VM_FAULT_SIGSEGV	= 0x000040,
	VM_FAULT_NOPAGE		= 0x000100,
	VM_FAULT_LOCKED		= 0x000200,
	VM_FAULT_RETRY		= 0x000400,
	VM_FAULT_FALLBACK	= 0x000800,
	VM_FAULT_DONE_COW	= 0x001000,
	VM_FAULT_NEEDDSYNC	= 0x002000,
	VM_FAULT_COMPLETED	= 0x004000,
};
#define VM_FAULT_ERROR (VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV |	\
			VM_FAULT_HWPOISON | VM_FAULT_FALLBACK)

enum fault_flag {
	FAULT_FLAG_WRITE		= 1 << 0,
	FAULT_FLAG_MKWRITE		= 1 << 1,
	FAULT_FLAG_ALLOW_RETRY		= 1 << 2,
	FAULT_FLAG_RETRY_NOWAIT		= 1 << 3,
	FAULT_FLAG_KILLABLE		= 1 << 4,
	FAULT_FLAG_TRIED		= 1 << 5,
	FAULT_FLAG_USER			= 1 << 6,
	FAULT_FLAG_REMOTE		= 1 << 7,
	FAULT_FLAG_INSTRUCTION		= 1 << 8,
	FAULT_FLAG_INTERRUPTIBLE	= 1 << 9,
	FAULT_FLAG_UNSHARE		= 1 << 10,
	FAULT_FLAG_ORIG_PTE_VALID	= 1 << 11,
	FAULT_FLAG_VMA_LOCK		= 1 << 12,
};

/* A mapped range. vm_start, vm_end and the tree are stable under mmap_lock. */
struct vm_area_struct {
	unsigned long		vm_start;	/* first byte */
	unsigned long		vm_end;		/* first byte after the end */
	struct mm_struct	*vm_mm;
	pgprot_t		vm_page_prot;
	union {
		const vm_flags_t vm_flags;	/* changed by vm_flags_set() and friends */
		vm_flags_t	__vm_flags;
	};
	struct rb_node		vm_rb;		/* shim: in mm->mm_rb, ordered by address */
	struct {
		struct rb_node	rb;		/* in address_space.i_mmap */
		unsigned long	rb_subtree_last;
	} shared;
	struct list_head	anon_vma_chain;	/* under mmap_lock and page_table_lock */
	struct anon_vma		*anon_vma;
	const struct vm_operations_struct *vm_ops;
	unsigned long		vm_pgoff;	/* in pages */
	struct file		*vm_file;
	void			*vm_private_data;
	struct mempolicy	*vm_policy;
};

struct mm_rss_stat;

enum {
	MM_FILEPAGES,
	MM_ANONPAGES,
	MM_SWAPENTS,
	MM_SHMEMPAGES,
	NR_MM_COUNTERS
};

struct mm_struct {
	atomic_t		mm_count;	/* references to this struct */
	atomic_t		mm_users;	/* users of the address space */
	pgd_t			*pgd;
	struct rb_root		mm_rb;		/* shim: VMAs by address; mmap_lock */
	int			map_count;	/* VMAs */
	struct rw_semaphore	mmap_lock;
	seqcount_t		write_protect_seq; /* fork write-protects; GUP-fast looks */
	spinlock_t		page_table_lock; /* upper levels and anon_vma_prepare() */
	atomic_long_t		pgtables_bytes;
	struct list_head	mmlist;		/* shim: all mms, for machine_check() */
	unsigned long		mmap_base;
	unsigned long		task_size;
	unsigned long		total_vm, locked_vm, data_vm, exec_vm, stack_vm;
	atomic64_t		pinned_vm;
	unsigned long		def_flags;
	unsigned long		start_stack;
	atomic_long_t		rss_stat[NR_MM_COUNTERS];
	unsigned long		flags;		/* MMF_*: atomic bit operations */
	struct task_struct __rcu *owner;
	struct mmu_notifier_subscriptions *notifier_subscriptions;
	atomic_t		tlb_flush_pending;	/* see inc_tlb_flush_pending() */
	atomic_t		tlb_flush_batched;	/* see flush_tlb_batched_pending() */
	struct work_struct	async_put_work;
	struct mm_autonuma	*mm_autonuma;	/* NULL until the scan daemon allocates it */
	cpumask_t		cpu_bitmap;	/* mm_cpumask(): CPUs whose TLB may hold it */
	u64			context_id;	/* shim: tags TLB entries; unique per boot */
	atomic64_t		tlb_gen;
	struct rcu_head		delayed_drop;
};

static inline cpumask_t *mm_cpumask(struct mm_struct *mm)
{
	return &mm->cpu_bitmap;
}

/* What a fault carries through its handlers; as the kernel's. */
struct vm_fault {
	const struct {
		struct vm_area_struct *vma;
		gfp_t gfp_mask;
		pgoff_t pgoff;
		unsigned long address;		/* page aligned */
		unsigned long real_address;
	};
	enum fault_flag flags;
	pmd_t *pmd;
	pud_t *pud;
	union {
		pte_t orig_pte;
		pmd_t orig_pmd;
	};
	struct page *cow_page;
	struct page *page;
	pte_t *pte;
	spinlock_t *ptl;
	pgtable_t prealloc_pte;
};

/*
 * Batched changes of page tables.  Between inc and dec, entries of this address space
 * may have been changed while translations of them are still in some TLB; whoever
 * looks at an entry under its lock in that time must not take a change for flushed.
 */
static inline void init_tlb_flush_pending(struct mm_struct *mm)
{
	atomic_set(&mm->tlb_flush_pending, 0);
}

static inline void inc_tlb_flush_pending(struct mm_struct *mm)
{
	/* Ordered before later entry changes by the page-table lock's acquisition. */
	atomic_inc(&mm->tlb_flush_pending);
}

static inline void dec_tlb_flush_pending(struct mm_struct *mm)
{
	/*
	 * Hardware orders this after the end of the flush; here a release does, which pairs
	 * with the acquire in mm_tlb_flush_pending(): who sees no flush pending comes after
	 * all that others did by way of their TLBs.
	 */
	(void)atomic_fetch_sub_release(1, &mm->tlb_flush_pending);
}

/* Under the page-table lock of the entry in question. */
static inline bool mm_tlb_flush_pending(struct mm_struct *mm)
{
	return atomic_read_acquire(&mm->tlb_flush_pending);
}

/* Is another batch in flight besides the caller's own? */
static inline bool mm_tlb_flush_nested(struct mm_struct *mm)
{
	return atomic_read(&mm->tlb_flush_pending) > 1;
}

/**
 * struct vma_iterator - position in the VMA tree
 * @mm:		address space
 * @addr:	vma_next() gives the first VMA that ends after this
 * @start:	vma_prev() gives the last VMA that starts before this
 *
 * model: a position is a pair of addresses instead of a maple state, so it stays
 * valid when the tree changes under it.
 */
struct vma_iterator {
	struct mm_struct *mm;
	unsigned long addr;
	unsigned long start;
};
#define VMA_ITERATOR(name, __mm, __addr)					\
	struct vma_iterator name = { .mm = (__mm), .addr = (__addr), .start = (__addr) }

static inline void vma_iter_init(struct vma_iterator *vmi, struct mm_struct *mm,
				 unsigned long addr)
{
	vmi->mm = mm;
	vmi->addr = addr;
	vmi->start = addr;
}

#endif /* _LINUX_MM_TYPES_H */
