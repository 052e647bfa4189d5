/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory management: VMAs, page tables, RSS.  Pages and folios are in
 * linux/mm_page.h, faults and GUP in linux/mm_fault.h; both are included from here.
 *
 * same: VM_* values, vm_flags_*() and their locking, RSS counters, page-table
 *	allocation and mapping, change_protection() flags, vm_normal_page().
 * model: RSS counters are plain atomics.  The VMA tree is a red-black tree under
 *	mmap_lock.  free_pgtables() and unmap_vmas() take a VMA list bounded by address
 *	instead of a maple state.
 * Left out: mlock, stack growth, VM_PFNMAP insertion, secret and special mappings.
 */
#ifndef _LINUX_MM_H
#define _LINUX_MM_H

#include <linux/types.h>
#include <linux/errno.h>
#include <linux/bug.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mmap_lock.h>
#include <linux/mmdebug.h>
#include <linux/mmzone.h>
#include <linux/page-flags.h>
#include <linux/page_ref.h>
#include <linux/pgtable.h>
#include <linux/sched.h>
#include <linux/string.h>
#if __has_include(<linux/mm_page.h>)
#include <linux/mm_page.h>
#endif
#include <asm/pgalloc.h>
#include <asm/tlbflush.h>

struct mmu_gather;
struct file;
struct inode;

#define VM_NONE		0x00000000
#define VM_READ		0x00000001
#define VM_WRITE	0x00000002
#define VM_EXEC		0x00000004
#define VM_SHARED	0x00000008
#define VM_MAYREAD	0x00000010
#define VM_MAYWRITE	0x00000020
#define VM_MAYEXEC	0x00000040
#define VM_MAYSHARE	0x00000080
#define VM_GROWSDOWN	0x00000100
#define VM_UFFD_MISSING	0x00000200
#define VM_PFNMAP	0x00000400
#define VM_UFFD_WP	0x00001000
#define VM_LOCKED	0x00002000
#define VM_IO		0x00004000
#define VM_SEQ_READ	0x00008000
#define VM_RAND_READ	0x00010000
#define VM_DONTCOPY	0x00020000
#define VM_DONTEXPAND	0x00040000
#define VM_LOCKONFAULT	0x00080000
#define VM_ACCOUNT	0x00100000
#define VM_NORESERVE	0x00200000
#define VM_HUGETLB	0x00400000
#define VM_SYNC		0x00800000
#define VM_ARCH_1	0x01000000
#define VM_WIPEONFORK	0x02000000
#define VM_DONTDUMP	0x04000000
#define VM_SOFTDIRTY	0x08000000
#define VM_MIXEDMAP	0x10000000
#define VM_HUGEPAGE	0x20000000
#define VM_NOHUGEPAGE	0x40000000
#define VM_MERGEABLE	0x80000000UL
#define VM_UFFD_MINOR	(1UL << 38)
#define VM_GROWSUP	VM_NONE
#define VM_SHADOW_STACK	VM_NONE

#define VM_STACK		VM_GROWSDOWN
#define VM_ACCESS_FLAGS		(VM_READ | VM_WRITE | VM_EXEC)
#define VM_SPECIAL		(VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP)
#define VM_NO_KHUGEPAGED	(VM_SPECIAL | VM_HUGETLB)
#define VM_LOCKED_MASK		(VM_LOCKED | VM_LOCKONFAULT)
#define VM_COPY_ON_FORK		(VM_PFNMAP | VM_MIXEDMAP | VM_UFFD_WP)
#define VM_STACK_INCOMPLETE_SETUP	(VM_RAND_READ | VM_SEQ_READ | VM_STACK_EARLY)
#define VM_STACK_EARLY		VM_NONE
#define VM_STARTGAP_FLAGS	VM_GROWSDOWN
#define VM_DATA_FLAGS_EXEC	(VM_READ | VM_WRITE | VM_EXEC | VM_MAYREAD |	\
				 VM_MAYWRITE | VM_MAYEXEC)

/* mm->flags (linux/sched/coredump.h). */
#define MMF_VM_MERGEABLE	16
#define MMF_VM_HUGEPAGE		17
#define MMF_OOM_SKIP		21
#define MMF_UNSTABLE		22
#define MMF_HUGE_ZERO_PAGE	23
#define MMF_DISABLE_THP		24
#define MMF_MULTIPROCESS	26
#define MMF_HAS_PINNED		27
#define MMF_TOPDOWN		31
#define MMF_INIT_MASK		((1UL << MMF_DISABLE_THP) | (1UL << MMF_TOPDOWN))

extern struct mm_struct init_mm;
extern int sysctl_max_map_count;
#define DEFAULT_MAX_MAP_COUNT	65530

/* vm_flags: changed under mmap_lock held for writing. */
static inline void vma_start_write(struct vm_area_struct *vma) { }
static inline void vma_assert_write_locked(struct vm_area_struct *vma)
{
	mmap_assert_write_locked(vma->vm_mm);
}
static inline void vma_assert_locked(struct vm_area_struct *vma)
{
	mmap_assert_locked(vma->vm_mm);
}
static inline void assert_fault_locked(struct vm_fault *vmf)
{
	if (vmf->flags & FAULT_FLAG_VMA_LOCK)
		vma_assert_locked(vmf->vma);
	else
		mmap_assert_locked(vmf->vma->vm_mm);
}
static inline void vm_flags_init(struct vm_area_struct *vma, vm_flags_t flags)
{
	WRITE_ONCE(vma->__vm_flags, flags);
}
static inline void vm_flags_reset(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma_assert_write_locked(vma);
	vm_flags_init(vma, flags);
}
#define vm_flags_reset_once(vma, flags)	vm_flags_reset(vma, flags)
static inline void vm_flags_mod(struct vm_area_struct *vma, vm_flags_t set,
				vm_flags_t clear)
{
	vm_flags_reset(vma, (vma->vm_flags | set) & ~clear);
}
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vm_flags_mod(vma, flags, 0);
}
static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vm_flags_mod(vma, 0, flags);
}

static inline void vma_set_anonymous(struct vm_area_struct *vma) { vma->vm_ops = NULL; }
static inline bool vma_is_anonymous(struct vm_area_struct *vma) { return !vma->vm_ops; }
static inline bool vma_is_accessible(struct vm_area_struct *vma)
{
	return (vma->vm_flags & VM_ACCESS_FLAGS) != 0;
}
static inline bool vma_is_temporary_stack(struct vm_area_struct *vma)
{
	/* rmap walks look without mmap_lock, while mprotect() may write. */
	vm_flags_t flags = READ_ONCE(vma->vm_flags);

	return (flags & VM_GROWSDOWN) &&
	       (flags & (VM_RAND_READ | VM_SEQ_READ)) == (VM_RAND_READ | VM_SEQ_READ);
}
static inline bool vma_is_foreign(struct vm_area_struct *vma)
{
	return !current->mm || current->mm != vma->vm_mm;
}
static inline bool vma_is_dax(const struct vm_area_struct *vma) { return false; }
bool vma_is_shmem(struct vm_area_struct *vma);
static inline bool is_cow_mapping(vm_flags_t flags)
{
	return (flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE;
}
static inline bool vma_soft_dirty_enabled(struct vm_area_struct *vma)
{
	return !(vma->vm_flags & VM_SOFTDIRTY);
}
static inline unsigned long vma_pages(const struct vm_area_struct *vma)
{
	return (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}
static inline bool range_in_vma(struct vm_area_struct *vma, unsigned long start,
				unsigned long end)
{
	return vma && vma->vm_start <= start && end <= vma->vm_end;
}
static inline pgoff_t linear_page_index(const struct vm_area_struct *vma,
					const unsigned long address)
{
	return ((address - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
}
#define vma_policy(vma) ((vma)->vm_policy)

/* The VMA tree; mmap_lock held. */
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);
struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **pprev);
struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start,
					     unsigned long end);
struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr);
struct vm_area_struct *find_exact_vma(struct mm_struct *mm, unsigned long start,
				      unsigned long end);
struct vm_area_struct *vma_find(struct vma_iterator *vmi, unsigned long max);
struct vm_area_struct *vma_next(struct vma_iterator *vmi);
struct vm_area_struct *vma_prev(struct vma_iterator *vmi);
static inline unsigned long vma_iter_addr(struct vma_iterator *vmi) { return vmi->start; }
static inline void vma_iter_set(struct vma_iterator *vmi, unsigned long addr)
{
	vma_iter_init(vmi, vmi->mm, addr);
}
#define for_each_vma(vmi, vma)							\
	while (((vma) = vma_next(&(vmi))) != NULL)
#define for_each_vma_range(vmi, vma, end)					\
	while (((vma) = vma_find(&(vmi), (end))) != NULL)

struct vm_area_struct *vm_area_alloc(struct mm_struct *mm);
struct vm_area_struct *vm_area_dup(struct vm_area_struct *vma);
void vm_area_free(struct vm_area_struct *vma);
void vma_init(struct vm_area_struct *vma, struct mm_struct *mm);
int insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma);
int split_vma(struct vma_iterator *vmi, struct vm_area_struct *vma, unsigned long addr,
	      int new_below);
struct vm_area_struct *vma_modify(struct vma_iterator *vmi, struct vm_area_struct *prev,
				  struct vm_area_struct *vma, unsigned long start,
				  unsigned long end, vm_flags_t vm_flags,
				  struct mempolicy *policy);
void vma_set_page_prot(struct vm_area_struct *vma);
unsigned long get_unmapped_area(struct file *file, unsigned long addr, unsigned long len,
				unsigned long pgoff, unsigned long flags);
unsigned long do_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags, vm_flags_t vm_flags,
		      unsigned long pgoff, unsigned long *populate,
		      struct list_head *uf);
int do_munmap(struct mm_struct *mm, unsigned long start, size_t len,
	      struct list_head *uf);
unsigned long vm_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flag, unsigned long offset);
int vm_munmap(unsigned long start, size_t len);
int do_madvise(struct mm_struct *mm, unsigned long start, size_t len_in, int behavior);
void exit_mmap(struct mm_struct *mm);
bool may_expand_vm(struct mm_struct *mm, vm_flags_t flags, unsigned long npages);
void vm_stat_account(struct mm_struct *mm, vm_flags_t flags, long npages);

/* RSS. */
static inline unsigned long get_mm_counter(struct mm_struct *mm, int member)
{
	long n = atomic_long_read(&mm->rss_stat[member]);

	return n > 0 ? n : 0;
}
static inline void add_mm_counter(struct mm_struct *mm, int member, long value)
{
	atomic_long_add(value, &mm->rss_stat[member]);
}
static inline void inc_mm_counter(struct mm_struct *mm, int member)
{
	atomic_long_inc(&mm->rss_stat[member]);
}
static inline void dec_mm_counter(struct mm_struct *mm, int member)
{
	atomic_long_dec(&mm->rss_stat[member]);
}
static inline int mm_counter_file(struct folio *folio)
{
	return folio_test_swapbacked(folio) ? MM_SHMEMPAGES : MM_FILEPAGES;
}
static inline int mm_counter(struct folio *folio)
{
	return folio_test_anon(folio) ? MM_ANONPAGES : mm_counter_file(folio);
}
static inline unsigned long get_mm_rss(struct mm_struct *mm)
{
	return get_mm_counter(mm, MM_FILEPAGES) + get_mm_counter(mm, MM_ANONPAGES) +
	       get_mm_counter(mm, MM_SHMEMPAGES);
}

/* Page-table pages of an address space, in bytes. */
#define __MM_NR_TABLES(name)							\
static inline void mm_inc_nr_##name(struct mm_struct *mm)			\
{										\
	atomic_long_add(PAGE_SIZE, &mm->pgtables_bytes);			\
}										\
static inline void mm_dec_nr_##name(struct mm_struct *mm)			\
{										\
	atomic_long_sub(PAGE_SIZE, &mm->pgtables_bytes);			\
}
__MM_NR_TABLES(ptes)
__MM_NR_TABLES(pmds)
__MM_NR_TABLES(puds)
static inline unsigned long mm_pgtables_bytes(const struct mm_struct *mm)
{
	return atomic_long_read(&mm->pgtables_bytes);
}

/* Locks of page tables: one per PTE table and one per PMD table. */
static inline spinlock_t *ptlock_ptr(struct ptdesc *ptdesc) { return &ptdesc->ptl; }
static inline spinlock_t *pte_lockptr(struct mm_struct *mm, pmd_t *pmd)
{
	return &pmd_pgtable(pmdp_get(pmd))->ptl;
}
static inline spinlock_t *ptep_lockptr(struct mm_struct *mm, pte_t *pte)
{
	return &virt_to_ptdesc(pte)->ptl;
}
static inline spinlock_t *pmd_lockptr(struct mm_struct *mm, pmd_t *pmd)
{
	return &virt_to_ptdesc(pmd)->ptl;
}
static inline spinlock_t *pmd_lock(struct mm_struct *mm, pmd_t *pmd)
{
	spinlock_t *ptl = pmd_lockptr(mm, pmd);

	spin_lock(ptl);
	return ptl;
}
static inline spinlock_t *pud_lockptr(struct mm_struct *mm, pud_t *pud)
{
	return &mm->page_table_lock;
}
static inline spinlock_t *pud_lock(struct mm_struct *mm, pud_t *pud)
{
	spinlock_t *ptl = pud_lockptr(mm, pud);

	spin_lock(ptl);
	return ptl;
}

int __pud_alloc(struct mm_struct *mm, p4d_t *p4d, unsigned long address);
int __pmd_alloc(struct mm_struct *mm, pud_t *pud, unsigned long address);
int __pte_alloc(struct mm_struct *mm, pmd_t *pmd);
/* Put *pte under pmd unless somebody did; *pte is NULL afterwards if it was used. */
void pmd_install(struct mm_struct *mm, pmd_t *pmd, pgtable_t *pte);

static inline p4d_t *p4d_alloc(struct mm_struct *mm, pgd_t *pgd, unsigned long address)
{
	return p4d_offset(pgd, address);
}
static inline pud_t *pud_alloc(struct mm_struct *mm, p4d_t *p4d, unsigned long address)
{
	return unlikely(p4d_none(p4dp_get(p4d))) && __pud_alloc(mm, p4d, address) ?
		NULL : pud_offset(p4d, address);
}
static inline pmd_t *pmd_alloc(struct mm_struct *mm, pud_t *pud, unsigned long address)
{
	return unlikely(pud_none(pudp_get(pud))) && __pmd_alloc(mm, pud, address) ?
		NULL : pmd_offset(pud, address);
}

/*
 * Entry of @addr in the table that @pmd points to.  All enter an RCU reader, left by
 * pte_unmap(); NULL (and no reader) when there is no table.  The lock variants hold
 * the table's lock and have checked that the table is still there.
 */
pte_t *__pte_offset_map(pmd_t *pmd, unsigned long addr, pmd_t *pmdvalp);
pte_t *__pte_offset_map_lock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
			     spinlock_t **ptlp);
pte_t *pte_offset_map_nolock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
			     spinlock_t **ptlp);
pte_t *pte_offset_map_ro_nolock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
				spinlock_t **ptlp);
pte_t *pte_offset_map_rw_nolock(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
				pmd_t *pmdvalp, spinlock_t **ptlp);
static inline pte_t *pte_offset_map(pmd_t *pmd, unsigned long addr)
{
	return __pte_offset_map(pmd, addr, NULL);
}
#define pte_offset_map_lock(mm, pmd, addr, ptlp)				\
	__pte_offset_map_lock(mm, pmd, addr, ptlp)
#define pte_unmap_unlock(pte, ptl) do {						\
	spin_unlock(ptl);							\
	pte_unmap(pte);								\
} while (0)
#define pte_alloc(mm, pmd)							\
	(unlikely(pmd_none(pmdp_get(pmd))) && __pte_alloc(mm, pmd))
#define pte_alloc_map(mm, pmd, address)						\
	(pte_alloc(mm, pmd) ? NULL : pte_offset_map(pmd, address))
#define pte_alloc_map_lock(mm, pmd, address, ptlp)				\
	(pte_alloc(mm, pmd) ? NULL : pte_offset_map_lock(mm, pmd, address, ptlp))
pmd_t *mm_find_pmd(struct mm_struct *mm, unsigned long address);

/* The folio behind a present entry, NULL for the zero page and special mappings. */
struct page *vm_normal_page(struct vm_area_struct *vma, unsigned long addr, pte_t pte);
struct folio *vm_normal_folio(struct vm_area_struct *vma, unsigned long addr, pte_t pte);
struct page *vm_normal_page_pmd(struct vm_area_struct *vma, unsigned long addr,
				pmd_t pmd);
struct folio *vm_normal_folio_pmd(struct vm_area_struct *vma, unsigned long addr,
				  pmd_t pmd);

typedef unsigned int __bitwise zap_flags_t;
#define ZAP_FLAG_DROP_MARKER	((__force zap_flags_t)1)
#define ZAP_FLAG_UNMAP		((__force zap_flags_t)2)
struct zap_details {
	struct folio *single_folio;	/* locked folio to be unmapped, or NULL */
	bool even_cows;			/* private copies too */
	zap_flags_t zap_flags;
};
void zap_page_range_single(struct vm_area_struct *vma, unsigned long address,
			   unsigned long size, struct zap_details *details);
void unmap_page_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
		      unsigned long addr, unsigned long end, struct zap_details *details);
void free_pgd_range(struct mmu_gather *tlb, unsigned long addr, unsigned long end,
		    unsigned long floor, unsigned long ceiling);
int copy_page_range(struct vm_area_struct *dst_vma, struct vm_area_struct *src_vma);
/* Move entries, not pages; bytes moved. mmap_lock for writing, rmap locks if needed. */
unsigned long move_page_tables(struct vm_area_struct *vma, unsigned long old_addr,
			       struct vm_area_struct *new_vma, unsigned long new_addr,
			       unsigned long len, bool need_rmap_locks, bool for_stack);

#define MM_CP_TRY_CHANGE_WRITABLE	(1UL << 0)
#define MM_CP_PROT_NUMA			(1UL << 1)
#define MM_CP_UFFD_WP			(1UL << 2)
#define MM_CP_UFFD_WP_RESOLVE		(1UL << 3)
#define MM_CP_UFFD_WP_ALL		(MM_CP_UFFD_WP | MM_CP_UFFD_WP_RESOLVE)
bool can_change_pte_writable(struct vm_area_struct *vma, unsigned long addr, pte_t pte);
/* Entries changed. */
long change_protection(struct mmu_gather *tlb, struct vm_area_struct *vma,
		       unsigned long start, unsigned long end, unsigned long cp_flags);
int mprotect_fixup(struct vma_iterator *vmi, struct mmu_gather *tlb,
		   struct vm_area_struct *vma, struct vm_area_struct **pprev,
		   unsigned long start, unsigned long end, vm_flags_t newflags);
static inline bool vma_wants_manual_pte_write_upgrade(struct vm_area_struct *vma);
unsigned long change_prot_numa(struct vm_area_struct *vma, unsigned long start,
			       unsigned long end);

#if __has_include(<linux/mm_fault.h>)
#include <linux/mm_fault.h>
#endif

/*
 * Should a PTE that may be writable be made so by hand, because no write fault needs
 * to notice it?
 */
static inline bool vma_wants_manual_pte_write_upgrade(struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_SHARED)
		return vma_wants_writenotify(vma, vma->vm_page_prot);
	return (vma->vm_flags & VM_WRITE) != 0;
}

#include <linux/huge_mm.h>

#endif /* _LINUX_MM_H */
