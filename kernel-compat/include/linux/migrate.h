/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Moving folios.
 *
 * same: migrate_pages() and its callbacks, putback_movable_pages(),
 *	isolate_folio_to_list(), migrate_misplaced_folio_prepare(),
 *	migrate_misplaced_folio(), migration_entry_wait_on_locked(); large folios move
 *	as a whole or are split.
 * model: no movable_operations pages, no hugetlb, no device memory; no folio of the page
 *	cache is large.  migrate_misplaced_folio_prepare() has no kswapd to wake.
 */
#ifndef _LINUX_MIGRATE_H
#define _LINUX_MIGRATE_H

#include <linux/mm.h>
#include <linux/migrate_mode.h>

typedef struct folio *new_folio_t(struct folio *folio, unsigned long private);
typedef void free_folio_t(struct folio *folio, unsigned long private);

#define MIGRATEPAGE_SUCCESS	0
#define MIGRATEPAGE_UNMAP	1

/* What alloc_migration_target() gets a pointer to as @private. */
struct migration_target_control {
	int nid;		/* wanted node, or NUMA_NO_NODE for the source's */
	nodemask_t *nmask;
	gfp_t gfp_mask;
	enum migrate_reason reason;
};

extern const char *migrate_reason_names[MR_TYPES];

void putback_movable_pages(struct list_head *l);
int migrate_folio(struct address_space *mapping, struct folio *dst,
		  struct folio *src, enum migrate_mode mode);
int migrate_folio_extra(struct address_space *mapping, struct folio *dst,
			struct folio *src, enum migrate_mode mode, int extra_count);
int filemap_migrate_folio(struct address_space *mapping, struct folio *dst,
			  struct folio *src, enum migrate_mode mode);
int migrate_pages(struct list_head *l, new_folio_t new, free_folio_t free,
		  unsigned long private, enum migrate_mode mode, int reason,
		  unsigned int *ret_succeeded);
struct folio *alloc_migration_target(struct folio *src, unsigned long private);
bool isolate_folio_to_list(struct folio *folio, struct list_head *list);

void migration_entry_wait(struct mm_struct *mm, pmd_t *pmd, unsigned long address);
void migration_entry_wait_on_locked(swp_entry_t entry, spinlock_t *ptl)
	__releases(ptl);
void folio_migrate_flags(struct folio *newfolio, struct folio *folio);
int folio_migrate_mapping(struct address_space *mapping, struct folio *newfolio,
			  struct folio *folio, int extra_count);

int migrate_misplaced_folio_prepare(struct folio *folio,
				    struct vm_area_struct *vma, int node);
int migrate_misplaced_folio(struct folio *folio, struct vm_area_struct *vma,
			    int node);

#endif /* _LINUX_MIGRATE_H */
