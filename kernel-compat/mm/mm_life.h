/* SPDX-License-Identifier: GPL-2.0 */
/* All address spaces of the machine, for checkers. */
#ifndef _MM_LIFE_H
#define _MM_LIFE_H

struct mm_struct;

/* At a quiet point only: calls @fn without locks. */
void for_each_mm(void (*fn)(struct mm_struct *mm, void *arg), void *arg);

/* What exec/ calls; exec/hooks.h declares them, too. */
void exec_mmgrab(struct mm_struct *mm);
void exec_mmdrop(struct mm_struct *mm);
struct mm_struct *exec_init_mm(void);

#endif /* _MM_LIFE_H */
