/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of linux/mm.h about faults, GUP and truncation; linux/mm.h includes it.
 *
 * same: handle_mm_fault() with its flags and results, the GUP and pin families,
 *	struct vm_operations_struct (the members that are used).
 * model: there is no swap, so a swap entry that is no migration entry is
 *	VM_FAULT_SIGBUS with a violation.  FOLL_LONGTERM migrates nothing away from
 *	ZONE_MOVABLE.  No huge pages of files, no hugetlb, no userfaultfd, no gate area.
 */
#ifndef _LINUX_MM_FAULT_H
#define _LINUX_MM_FAULT_H

#include <linux/types.h>
#include <linux/mm_types.h>

struct inode;
struct pt_regs;
struct task_struct;

#define FAULT_FLAG_DEFAULT	(FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_KILLABLE | \
				 FAULT_FLAG_INTERRUPTIBLE)

static inline bool fault_flag_allow_retry_first(enum fault_flag flags)
{
	return (flags & FAULT_FLAG_ALLOW_RETRY) && !(flags & FAULT_FLAG_TRIED);
}

/* Every method may be NULL. */
struct vm_operations_struct {
	void (*open)(struct vm_area_struct *area);
	void (*close)(struct vm_area_struct *area);
	int (*may_split)(struct vm_area_struct *area, unsigned long addr);
	vm_fault_t (*fault)(struct vm_fault *vmf);
	vm_fault_t (*page_mkwrite)(struct vm_fault *vmf);
	int (*access)(struct vm_area_struct *vma, unsigned long addr, void *buf,
		      int len, int write);
	const char *(*name)(struct vm_area_struct *vma);
	struct mempolicy *(*get_policy)(struct vm_area_struct *vma,
					unsigned long addr, pgoff_t *ilx);
};

/**
 * handle_mm_fault() - resolve one page fault
 * @vma:	VMA that holds @address
 * @address:	faulting address
 * @flags:	FAULT_FLAG_*
 * @regs:	not NULL: count the fault for the current task
 *
 * Context: mmap_lock held for reading (or writing without FAULT_FLAG_ALLOW_RETRY);
 * released when the result has VM_FAULT_RETRY (without RETRY_NOWAIT) or
 * VM_FAULT_COMPLETED.
 */
vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
			   unsigned int flags, struct pt_regs *regs);
int fixup_user_fault(struct mm_struct *mm, unsigned long address,
		     unsigned int fault_flags, bool *unlocked);
vm_fault_t finish_fault(struct vm_fault *vmf);
vm_fault_t filemap_fault(struct vm_fault *vmf);
vm_fault_t filemap_page_mkwrite(struct vm_fault *vmf);
/* Must writes to the shared mapping be noticed to mark folios dirty? */
bool vma_wants_writenotify(struct vm_area_struct *vma, pgprot_t vm_page_prot);
bool vma_needs_dirty_tracking(struct vm_area_struct *vma);

enum {
	FOLL_WRITE		= 1 << 0,
	FOLL_GET		= 1 << 1,
	FOLL_DUMP		= 1 << 2,
	FOLL_FORCE		= 1 << 3,
	FOLL_NOWAIT		= 1 << 4,
	FOLL_NOFAULT		= 1 << 5,
	FOLL_HWPOISON		= 1 << 6,
	FOLL_ANON		= 1 << 7,
	FOLL_LONGTERM		= 1 << 8,
	FOLL_SPLIT_PMD		= 1 << 9,
	FOLL_PCI_P2PDMA		= 1 << 10,
	FOLL_INTERRUPTIBLE	= 1 << 11,
	FOLL_HONOR_NUMA_FAULT	= 1 << 12,
	/* mm/internal.h */
	FOLL_TOUCH		= 1 << 16,
	FOLL_TRIED		= 1 << 17,
	FOLL_REMOTE		= 1 << 18,
	FOLL_PIN		= 1 << 19,
	FOLL_FAST_ONLY		= 1 << 20,
	FOLL_UNLOCKABLE		= 1 << 21,
	FOLL_MADV_POPULATE	= 1 << 22,
};

#define GUP_PIN_COUNTING_BIAS	(1U << 10)

long get_user_pages(unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages);
long get_user_pages_remote(struct mm_struct *mm, unsigned long start,
			   unsigned long nr_pages, unsigned int gup_flags,
			   struct page **pages, int *locked);
long get_user_pages_unlocked(unsigned long start, unsigned long nr_pages,
			     struct page **pages, unsigned int gup_flags);
int get_user_pages_fast(unsigned long start, int nr_pages, unsigned int gup_flags,
			struct page **pages);
int get_user_pages_fast_only(unsigned long start, int nr_pages,
			     unsigned int gup_flags, struct page **pages);
long pin_user_pages(unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages);
long pin_user_pages_remote(struct mm_struct *mm, unsigned long start,
			   unsigned long nr_pages, unsigned int gup_flags,
			   struct page **pages, int *locked);
long pin_user_pages_unlocked(unsigned long start, unsigned long nr_pages,
			     struct page **pages, unsigned int gup_flags);
int pin_user_pages_fast(unsigned long start, int nr_pages, unsigned int gup_flags,
			struct page **pages);
void unpin_user_page(struct page *page);
void unpin_user_pages(struct page **pages, unsigned long npages);
void unpin_user_pages_dirty_lock(struct page **pages, unsigned long npages,
				 bool make_dirty);
int try_grab_folio(struct folio *folio, int refs, unsigned int flags);
struct folio *try_grab_folio_fast(struct page *page, int refs, unsigned int flags);
bool folio_maybe_dma_pinned(struct folio *folio);
bool folio_needs_cow_for_dma(struct vm_area_struct *vma, struct folio *folio);
bool gup_can_follow_protnone(struct vm_area_struct *vma, unsigned int flags);
bool gup_must_unshare(struct vm_area_struct *vma, unsigned int flags,
		      struct page *page);

/* Bytes copied; partial when a page cannot be reached. Context: may sleep. */
int access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf, int len,
		     unsigned int gup_flags);
int access_process_vm(struct task_struct *tsk, unsigned long addr, void *buf,
		      int len, unsigned int gup_flags);

void unmap_mapping_pages(struct address_space *mapping, pgoff_t start, pgoff_t nr,
			 bool even_cows);
void unmap_mapping_range(struct address_space *mapping, loff_t holebegin,
			 loff_t holelen, int even_cows);
/* Unmap a locked folio from every address space; the folio stays locked. */
void unmap_mapping_folio(struct folio *folio);
void truncate_inode_pages(struct address_space *mapping, loff_t lstart);
void truncate_inode_pages_final(struct address_space *mapping);
void truncate_pagecache(struct inode *inode, loff_t newsize);

#endif /* _LINUX_MM_FAULT_H */
