/* SPDX-License-Identifier: GPL-2.0 */
/* What mempolicy.c and mbind.c share. */
#ifndef _MM_MEMPOLICY_H
#define _MM_MEMPOLICY_H

#include <linux/mempolicy.h>

/* A checked policy with one reference; NULL for MPOL_DEFAULT; ERR_PTR. */
struct mempolicy *mpol_new(int mode, const nodemask_t *nodes);

/* fork: p->mempolicy from current's; 0 or -ENOMEM. exec/hooks.h declares it, too. */
int exec_mpol_copy(struct task_struct *p);

#endif /* _MM_MEMPOLICY_H */
