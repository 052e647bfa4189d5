/* SPDX-License-Identifier: GPL-2.0 */
/*
 * same, with CONFIG_DEBUG_VM; see linux/bug.h for what a failure does.  The report names
 * the address of the page, folio, VMA or mm.
 */
#ifndef _LINUX_MMDEBUG_H
#define _LINUX_MMDEBUG_H

#include <linux/bug.h>

struct page;
struct folio;
struct vm_area_struct;
struct mm_struct;

/* Print everything known about the object to standard error. */
void dump_page(const struct page *page, const char *reason);
void dump_vma(const struct vm_area_struct *vma);
void dump_mm(const struct mm_struct *mm);

#define __VM_BUG_OBJ(cond, what, obj) do {				\
	if (unlikely(cond)) {						\
		violation(VIOLATION_BUG, "%s:%d: %s (" what " %p)",	\
			  __FILE__, __LINE__, #cond, (const void *)(obj)); \
		__bug(__FILE__, __LINE__, #cond);			\
	}								\
} while (0)
#define __VM_WARN_OBJ(cond, what, obj) ({				\
	int __vw_ret = !!(cond);					\
	if (unlikely(__vw_ret))						\
		violation(VIOLATION_WARN, "%s:%d: %s (" what " %p)",	\
			  __FILE__, __LINE__, #cond, (const void *)(obj)); \
	unlikely(__vw_ret); })

#define VM_BUG_ON(cond)			BUG_ON(cond)
#define VM_BUG_ON_PAGE(cond, page)	__VM_BUG_OBJ(cond, "page", page)
#define VM_BUG_ON_FOLIO(cond, folio)	__VM_BUG_OBJ(cond, "folio", folio)
#define VM_BUG_ON_VMA(cond, vma)	__VM_BUG_OBJ(cond, "vma", vma)
#define VM_BUG_ON_MM(cond, mm)		__VM_BUG_OBJ(cond, "mm", mm)
#define VM_WARN_ON(cond)		((void)WARN_ON(cond))
#define VM_WARN_ON_ONCE(cond)		((void)WARN_ON_ONCE(cond))
#define VM_WARN_ONCE(cond, fmt, ...)	((void)WARN_ONCE(cond, fmt, ##__VA_ARGS__))
#define VM_WARN(cond, fmt, ...)		((void)WARN(cond, fmt, ##__VA_ARGS__))
#define VM_WARN_ON_ONCE_PAGE(cond, page) __VM_WARN_OBJ(cond, "page", page)
#define VM_WARN_ON_FOLIO(cond, folio)	__VM_WARN_OBJ(cond, "folio", folio)
#define VM_WARN_ON_ONCE_FOLIO(cond, folio) __VM_WARN_OBJ(cond, "folio", folio)
#define VM_WARN_ON_ONCE_MM(cond, mm)	__VM_WARN_OBJ(cond, "mm", mm)
#define VM_WARN_ON_ONCE_VMA(cond, vma)	__VM_WARN_OBJ(cond, "vma", vma)
#define VM_BUG_ON_PGFLAGS(cond, page)	VM_BUG_ON_PAGE(cond, page)

#endif /* _LINUX_MMDEBUG_H */
