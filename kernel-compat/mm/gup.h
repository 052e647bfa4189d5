/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of GUP share. */
#ifndef _MM_GUP_H
#define _MM_GUP_H

#include <linux/mm.h>

#define INTERNAL_GUP_FLAGS (FOLL_TOUCH | FOLL_TRIED | FOLL_REMOTE | FOLL_PIN |	\
			    FOLL_FAST_ONLY | FOLL_UNLOCKABLE | FOLL_MADV_POPULATE)

bool is_valid_gup_args(struct page **pages, int *locked, unsigned int *gup_flags_p,
		       unsigned int to_set);
long __get_user_pages_locked(struct mm_struct *mm, unsigned long start,
			     unsigned long nr_pages, struct page **pages,
			     int *locked, unsigned int flags);
bool gup_may_force_write(struct vm_area_struct *vma, struct page *page, unsigned int flags);
void gup_put_folio(struct folio *folio, int refs, unsigned int flags);
bool gup_fast_folio_allowed(struct folio *folio, unsigned int flags);
struct page *follow_huge_pmd(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmd,
			     unsigned int flags);
int gup_fast_pmd_leaf(pmd_t orig, pmd_t *pmdp, unsigned long addr, unsigned long end,
		      unsigned int flags, struct page **pages);
void touch_pmd(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmd, bool write);
void mm_set_has_pinned(struct mm_struct *mm);

#endif /* _MM_GUP_H */
