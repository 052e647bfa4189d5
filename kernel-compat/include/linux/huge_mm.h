/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transparent huge pages of anonymous memory.  linux/mm.h includes this file.
 *
 * same: sizes, policy (enabled, use_zero_page, VM_HUGEPAGE, MMF_DISABLE_THP), locks and
 *	outcomes of every function below, and where each may sleep.
 * model: "defrag" can be set and is shown, but as nothing is compacted or reclaimed here
 *	it only chooses between GFP flags.  Large folios are anonymous; those of files
 *	and shmem, PUD-sized and device pages do not exist.
 */
#ifndef _LINUX_HUGE_MM_H
#define _LINUX_HUGE_MM_H

#include <linux/mm.h>
#include <linux/khugepaged.h>

#define HPAGE_PMD_SHIFT	PMD_SHIFT
#define HPAGE_PMD_SIZE	(1UL << HPAGE_PMD_SHIFT)
#define HPAGE_PMD_MASK	(~(HPAGE_PMD_SIZE - 1))
#define HPAGE_PMD_ORDER	(HPAGE_PMD_SHIFT - PAGE_SHIFT)
#define HPAGE_PMD_NR	(1 << HPAGE_PMD_ORDER)

/* Orders that an anonymous large folio can have. */
#define THP_ORDERS_ALL_ANON	((BIT(HPAGE_PMD_ORDER + 1) - 1) & ~(BIT(0) | BIT(1)))

#define TVA_SMAPS		(1 << 0)
#define TVA_IN_PF		(1 << 1)	/* the fault asks */
#define TVA_ENFORCE_SYSFS	(1 << 2)	/* "enabled" counts */

enum transparent_hugepage_flag {
	TRANSPARENT_HUGEPAGE_UNSUPPORTED,
	TRANSPARENT_HUGEPAGE_FLAG,
	TRANSPARENT_HUGEPAGE_REQ_MADV_FLAG,
	TRANSPARENT_HUGEPAGE_DEFRAG_DIRECT_FLAG,
	TRANSPARENT_HUGEPAGE_DEFRAG_KSWAPD_FLAG,
	TRANSPARENT_HUGEPAGE_DEFRAG_KSWAPD_OR_MADV_FLAG,
	TRANSPARENT_HUGEPAGE_DEFRAG_REQ_MADV_FLAG,
	TRANSPARENT_HUGEPAGE_DEFRAG_KHUGEPAGED_FLAG,
	TRANSPARENT_HUGEPAGE_USE_ZERO_PAGE_FLAG,
};

/* Bits of the enum; orders by policy. Changed through sysfs at any time. */
extern unsigned long transparent_hugepage_flags;
extern unsigned long huge_anon_orders_always;
extern unsigned long huge_anon_orders_madvise;
extern unsigned long huge_anon_orders_inherit;

static inline bool hugepage_global_always(void)
{
	return READ_ONCE(transparent_hugepage_flags) & BIT(TRANSPARENT_HUGEPAGE_FLAG);
}

static inline bool hugepage_global_enabled(void)
{
	return READ_ONCE(transparent_hugepage_flags) &
	       (BIT(TRANSPARENT_HUGEPAGE_FLAG) | BIT(TRANSPARENT_HUGEPAGE_REQ_MADV_FLAG));
}

static inline bool transparent_hugepage_use_zero_page(void)
{
	return READ_ONCE(transparent_hugepage_flags) &
	       BIT(TRANSPARENT_HUGEPAGE_USE_ZERO_PAGE_FLAG);
}

static inline int highest_order(unsigned long orders)
{
	return fls_long(orders) - 1;
}

static inline int next_order(unsigned long *orders, int prev)
{
	*orders &= ~BIT(prev);
	return highest_order(*orders);
}

/* Does an aligned huge page around @addr lie in @vma wholly? */
static inline bool thp_vma_suitable_order(struct vm_area_struct *vma, unsigned long addr,
					  int order)
{
	unsigned long size = PAGE_SIZE << order, haddr = addr & ~(size - 1);

	if (!vma_is_anonymous(vma) &&
	    (((vma->vm_start >> PAGE_SHIFT) - vma->vm_pgoff) & ((size >> PAGE_SHIFT) - 1)))
		return false;
	return haddr >= vma->vm_start && haddr + size <= vma->vm_end;
}

/* Those of @orders that fit around @addr: all below the largest one. */
static inline unsigned long thp_vma_suitable_orders(struct vm_area_struct *vma,
						    unsigned long addr, unsigned long orders)
{
	int order = highest_order(orders);

	while (orders && !thp_vma_suitable_order(vma, addr, order))
		order = next_order(&orders, order);
	return orders;
}

/**
 * thp_vma_allowable_orders() - which sizes of folio the policy allows in a VMA
 * @vma:	the VMA
 * @vm_flags:	its flags, or those it is about to get
 * @tva_flags:	TVA_*
 * @orders:	bit mask of candidates
 *
 * Context: mmap_lock held, unless the answer is only a hint.
 */
unsigned long thp_vma_allowable_orders(struct vm_area_struct *vma, unsigned long vm_flags,
				       unsigned long tva_flags, unsigned long orders);
#define thp_vma_allowable_order(vma, vm_flags, tva_flags, order)		\
	(!!thp_vma_allowable_orders(vma, vm_flags, tva_flags, BIT(order)))

static inline bool vma_thp_disabled(struct vm_area_struct *vma, unsigned long vm_flags)
{
	return (vm_flags & VM_NOHUGEPAGE) || test_bit(MMF_DISABLE_THP, &vma->vm_mm->flags);
}

gfp_t vma_thp_gfp_mask(struct vm_area_struct *vma);
int hugepage_madvise(struct vm_area_struct *vma, unsigned long *vm_flags, int advice);
int madvise_collapse(struct vm_area_struct *vma, struct vm_area_struct **prev,
		     unsigned long start, unsigned long end);

static inline bool folio_test_pmd_mappable(struct folio *folio)
{
	return folio_order(folio) >= HPAGE_PMD_ORDER;
}

static inline int is_swap_pmd(pmd_t pmd)
{
	return !pmd_none(pmd) && !pmd_present(pmd);
}

/* Lock a huge (or migrating) PMD; NULL and unlocked when it is none. */
spinlock_t *__pmd_trans_huge_lock(pmd_t *pmd, struct vm_area_struct *vma);
static inline spinlock_t *pmd_trans_huge_lock(pmd_t *pmd, struct vm_area_struct *vma)
{
	pmd_t val = pmdp_get_lockless(pmd);

	if (is_swap_pmd(val) || pmd_trans_huge(val) || pmd_devmap(val))
		return __pmd_trans_huge_lock(pmd, vma);
	return NULL;
}

#define mk_huge_pmd(page, prot)	pmd_mkhuge(mk_pmd(page, prot))

static inline pmd_t maybe_pmd_mkwrite(pmd_t pmd, struct vm_area_struct *vma)
{
	return likely(vma->vm_flags & VM_WRITE) ? pmd_mkwrite(pmd, vma) : pmd;
}

/*
 * The huge zero page, one for the machine; each mm that maps it holds one reference
 * until its end.  huge_zero_pfn is ~0UL while there is none.
 */
extern struct folio *huge_zero_folio;
extern unsigned long huge_zero_pfn;

static inline bool is_huge_zero_folio(const struct folio *folio)
{
	return READ_ONCE(huge_zero_folio) == folio;
}

static inline bool is_huge_zero_pmd(pmd_t pmd)
{
	return pmd_present(pmd) && READ_ONCE(huge_zero_pfn) == pmd_pfn(pmd);
}

struct folio *mm_get_huge_zero_folio(struct mm_struct *mm);
void mm_put_huge_zero_folio(struct mm_struct *mm);
/* shim: what the shrinker does; returns the pages it freed */
unsigned long shrink_huge_zero_page(void);
/* shim: references, the shrinker's included, for machine_check() */
int huge_zero_references(void);

/* Every huge PMD has a PTE table in store, so that a split never allocates. */
void pgtable_trans_huge_deposit(struct mm_struct *mm, pmd_t *pmdp, pgtable_t pgtable);
pgtable_t pgtable_trans_huge_withdraw(struct mm_struct *mm, pmd_t *pmdp);

/* Faults. Context: mmap_lock for reading. */
vm_fault_t do_huge_pmd_anonymous_page(struct vm_fault *vmf);
vm_fault_t do_huge_pmd_wp_page(struct vm_fault *vmf);
vm_fault_t do_huge_pmd_numa_page(struct vm_fault *vmf);
void huge_pmd_set_accessed(struct vm_fault *vmf);
bool can_change_pmd_writable(struct vm_area_struct *vma, unsigned long addr, pmd_t pmd);

/*
 * Ranges. zap and move: nonzero if the PMD was huge and is dealt with.  change: 0 if it
 * is not huge any more, 1 if nothing changed, HPAGE_PMD_NR if it did.
 */
int copy_huge_pmd(struct mm_struct *dst_mm, struct mm_struct *src_mm, pmd_t *dst_pmd,
		  pmd_t *src_pmd, unsigned long addr, struct vm_area_struct *dst_vma,
		  struct vm_area_struct *src_vma);
int zap_huge_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
		 unsigned long addr);
bool move_huge_pmd(struct vm_area_struct *vma, unsigned long old_addr,
		   unsigned long new_addr, pmd_t *old_pmd, pmd_t *new_pmd);
int change_huge_pmd(struct mmu_gather *tlb, struct vm_area_struct *vma, pmd_t *pmd,
		    unsigned long addr, pgprot_t newprot, unsigned long cp_flags);

/**
 * __split_huge_pmd() - map a huge page by PTEs instead of one PMD
 * @vma:	VMA
 * @pmd:	the entry; nothing happens if it is not huge (any more)
 * @address:	in it
 * @freeze:	leave migration entries
 * @folio:	split only if this is mapped, locked then; or NULL
 *
 * Context: mmap_lock or the folio's rmap lock. Takes the PMD's lock.
 */
void __split_huge_pmd(struct vm_area_struct *vma, pmd_t *pmd, unsigned long address,
		      bool freeze, struct folio *folio);
/* The same under the PMD's lock and between notifier calls; address is aligned. */
void split_huge_pmd_locked(struct vm_area_struct *vma, unsigned long address,
			   pmd_t *pmd, bool freeze, struct folio *folio);
void split_huge_pmd_address(struct vm_area_struct *vma, unsigned long address,
			    bool freeze, struct folio *folio);
void vma_adjust_trans_huge(struct vm_area_struct *vma, unsigned long start,
			   unsigned long end, long adjust_next);
#define split_huge_pmd(vma, pmd, address) do {					\
	pmd_t *____pmd = (pmd);							\
	pmd_t ____val = pmdp_get(____pmd);					\
										\
	if (is_swap_pmd(____val) || pmd_trans_huge(____val) || pmd_devmap(____val)) \
		__split_huge_pmd(vma, ____pmd, address, false, NULL);		\
} while (0)

/* Splitting folios; locked, and a reference of the caller's. */
bool can_split_folio(struct folio *folio, int caller_pins, int *pextra_pins);
int split_huge_page_to_list_to_order(struct page *page, struct list_head *list,
				     unsigned int new_order);
int min_order_for_split(struct folio *folio);
int split_folio_to_list(struct folio *folio, struct list_head *list);
#define split_folio(f)	split_folio_to_list(f, NULL)
static inline int split_huge_page(struct page *page)
{
	return split_huge_page_to_list_to_order(page, NULL, 0);
}
static inline int split_folio_to_list_to_order(struct folio *folio, struct list_head *list,
					       int new_order)
{
	return split_huge_page_to_list_to_order(&folio->page, list, new_order);
}
static inline int split_folio_to_order(struct folio *folio, int new_order)
{
	return split_folio_to_list_to_order(folio, NULL, new_order);
}

/* Queue a folio of which some pages are unmapped to be split when memory is short. */
void deferred_split_folio(struct folio *folio, bool partially_mapped);
bool __folio_unqueue_deferred_split(struct folio *folio);

/* mm/internal.h. Nobody has a reference, so nobody queues the folio meanwhile. */
static inline bool folio_unqueue_deferred_split(struct folio *folio)
{
	if (folio_order(folio) <= 1 || !folio_test_large_rmappable(folio))
		return false;
	/* Another may be taking it from the queue now; then it has touched it for the last time. */
	if (list_empty_careful(&folio->_deferred_list))
		return false;
	return __folio_unqueue_deferred_split(folio);
}

/* Whole-folio migration: PMD migration entries. */
struct page_vma_mapped_walk;
int set_pmd_migration_entry(struct page_vma_mapped_walk *pvmw, struct page *page);
void remove_migration_pmd(struct page_vma_mapped_walk *pvmw, struct page *new);
void pmd_migration_entry_wait(struct mm_struct *mm, pmd_t *pmd);

static inline bool thp_migration_supported(void)
{
	return IS_ENABLED(CONFIG_ARCH_ENABLE_THP_MIGRATION);
}

#endif /* _LINUX_HUGE_MM_H */
