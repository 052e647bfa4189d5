/* SPDX-License-Identifier: GPL-2.0 */
/* What mempolicy.c and mbind.c share. */
#ifndef _MM_MEMPOLICY_H
#define _MM_MEMPOLICY_H

#include <linux/mempolicy.h>

/* A checked policy with one reference; NULL for MPOL_DEFAULT; ERR_PTR. */
struct mempolicy *mpol_new(int mode, const nodemask_t *nodes);

#endif /* _MM_MEMPOLICY_H */
