/* SPDX-License-Identifier: GPL-2.0 */
/* Bottom halves. same. Pending softirqs run when the last disable is undone. */
#ifndef _LINUX_BH_H
#define _LINUX_BH_H

#include <linux/preempt.h>

void local_bh_disable(void);
void local_bh_enable(void);
void _local_bh_enable(void);

static inline bool local_bh_blocked(void) { return softirq_count() != 0; }

#endif /* _LINUX_BH_H */
