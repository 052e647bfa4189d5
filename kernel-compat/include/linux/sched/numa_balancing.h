/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's own NUMA balancing. stub: it is off in this machine; task_numa_fault()
 * counts its calls (exec_stats) and does nothing else, as with numa_balancing=disable.
 */
#ifndef _LINUX_SCHED_NUMA_BALANCING_H
#define _LINUX_SCHED_NUMA_BALANCING_H

#include <linux/types.h>
#include <linux/sched.h>

#define TNF_MIGRATED		0x01
#define TNF_NO_GROUP		0x02
#define TNF_SHARED		0x04
#define TNF_FAULT_LOCAL		0x08
#define TNF_MIGRATE_FAIL	0x10

#define NUMA_BALANCING_DISABLED		0x0
#define NUMA_BALANCING_NORMAL		0x1
#define NUMA_BALANCING_MEMORY_TIERING	0x2
#define sysctl_numa_balancing_mode	NUMA_BALANCING_DISABLED

void task_numa_fault(int last_node, int node, int pages, int flags);

#endif /* _LINUX_SCHED_NUMA_BALANCING_H */
