/* SPDX-License-Identifier: GPL-2.0 */
/* How hard a migration tries, and why it is done. same. */
#ifndef _LINUX_MIGRATE_MODE_H
#define _LINUX_MIGRATE_MODE_H

enum migrate_mode {
	MIGRATE_ASYNC,		/* never blocks */
	MIGRATE_SYNC_LIGHT,	/* blocks for short locks, not for I/O */
	MIGRATE_SYNC,		/* blocks */
};

enum migrate_reason {
	MR_COMPACTION,
	MR_MEMORY_FAILURE,
	MR_MEMORY_HOTPLUG,
	MR_SYSCALL,
	MR_MEMPOLICY_MBIND,
	MR_NUMA_MISPLACED,
	MR_CONTIG_RANGE,
	MR_LONGTERM_PIN,
	MR_DEMOTION,
	MR_DAMON,
	MR_TYPES
};

#endif /* _LINUX_MIGRATE_MODE_H */
