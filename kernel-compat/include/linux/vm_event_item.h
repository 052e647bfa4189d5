/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Event counters. same: names as in /proc/vmstat of Linux 6.12.
 * model: those of reclaim, swap, compaction and hugetlb are left out.
 */
#ifndef _LINUX_VM_EVENT_ITEM_H
#define _LINUX_VM_EVENT_ITEM_H

/* One table, so that names and numbers cannot drift apart. */
#define VM_EVENT_ITEMS(X)							\
	X(PGALLOC_DMA, "pgalloc_dma")						\
	X(PGALLOC_DMA32, "pgalloc_dma32")					\
	X(PGALLOC_NORMAL, "pgalloc_normal")					\
	X(PGALLOC_MOVABLE, "pgalloc_movable")					\
	X(ALLOCSTALL_NORMAL, "allocstall_normal")				\
	X(ALLOCSTALL_MOVABLE, "allocstall_movable")				\
	X(PGFREE, "pgfree")							\
	X(PGACTIVATE, "pgactivate")						\
	X(PGDEACTIVATE, "pgdeactivate")						\
	X(PGLAZYFREE, "pglazyfree")						\
	X(PGFAULT, "pgfault")							\
	X(PGMAJFAULT, "pgmajfault")						\
	X(PGREUSE, "pgreuse")							\
	X(DROP_PAGECACHE, "drop_pagecache")					\
	X(OOM_KILL, "oom_kill")							\
	X(NUMA_PTE_UPDATES, "numa_pte_updates")					\
	X(NUMA_HUGE_PTE_UPDATES, "numa_huge_pte_updates")			\
	X(NUMA_HINT_FAULTS, "numa_hint_faults")					\
	X(NUMA_HINT_FAULTS_LOCAL, "numa_hint_faults_local")			\
	X(NUMA_PAGE_MIGRATE, "numa_pages_migrated")				\
	X(PGMIGRATE_SUCCESS, "pgmigrate_success")				\
	X(PGMIGRATE_FAIL, "pgmigrate_fail")					\
	X(THP_MIGRATION_SUCCESS, "thp_migration_success")			\
	X(THP_MIGRATION_FAIL, "thp_migration_fail")				\
	X(THP_MIGRATION_SPLIT, "thp_migration_split")				\
	X(UNEVICTABLE_PGCULLED, "unevictable_pgs_culled")			\
	X(UNEVICTABLE_PGRESCUED, "unevictable_pgs_rescued")			\
	X(UNEVICTABLE_PGCLEARED, "unevictable_pgs_cleared")			\
	X(UNEVICTABLE_PGSTRANDED, "unevictable_pgs_stranded")			\
	X(THP_FAULT_ALLOC, "thp_fault_alloc")					\
	X(THP_FAULT_FALLBACK, "thp_fault_fallback")				\
	X(THP_COLLAPSE_ALLOC, "thp_collapse_alloc")				\
	X(THP_COLLAPSE_ALLOC_FAILED, "thp_collapse_alloc_failed")		\
	X(THP_FILE_ALLOC, "thp_file_alloc")					\
	X(THP_FILE_FALLBACK, "thp_file_fallback")				\
	X(THP_FILE_MAPPED, "thp_file_mapped")					\
	X(THP_SPLIT_PAGE, "thp_split_page")					\
	X(THP_SPLIT_PAGE_FAILED, "thp_split_page_failed")			\
	X(THP_DEFERRED_SPLIT_PAGE, "thp_deferred_split_page")			\
	X(THP_UNDERUSED_SPLIT_PAGE, "thp_underused_split_page")			\
	X(THP_SPLIT_PMD, "thp_split_pmd")					\
	X(THP_SCAN_EXCEED_NONE_PTE, "thp_scan_exceed_none_pte")			\
	X(THP_SCAN_EXCEED_SWAP_PTE, "thp_scan_exceed_swap_pte")			\
	X(THP_SCAN_EXCEED_SHARED_PTE, "thp_scan_exceed_share_pte")		\
	X(THP_ZERO_PAGE_ALLOC, "thp_zero_page_alloc")				\
	X(THP_ZERO_PAGE_ALLOC_FAILED, "thp_zero_page_alloc_failed")		\
	X(NR_TLB_REMOTE_FLUSH, "nr_tlb_remote_flush")				\
	X(NR_TLB_REMOTE_FLUSH_RECEIVED, "nr_tlb_remote_flush_received")		\
	X(NR_TLB_LOCAL_FLUSH_ALL, "nr_tlb_local_flush_all")			\
	X(NR_TLB_LOCAL_FLUSH_ONE, "nr_tlb_local_flush_one")

enum vm_event_item {
#define X(item, name) item,
	VM_EVENT_ITEMS(X)
#undef X
	NR_VM_EVENT_ITEMS
};

#endif /* _LINUX_VM_EVENT_ITEM_H */
