/* SPDX-License-Identifier: GPL-2.0 */
/* same: everything is in <linux/rcupdate.h>. */
#ifndef _LINUX_RCUTREE_H
#define _LINUX_RCUTREE_H

#include <linux/rcupdate.h>

#endif /* _LINUX_RCUTREE_H */
