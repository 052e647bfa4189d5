/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of memory management that struct task_struct embeds.
 *
 * model: the batch records which CPUs' TLBs must be flushed before pages unmapped
 * under it may be freed.
 */
#ifndef _LINUX_MM_TYPES_TASK_H
#define _LINUX_MM_TYPES_TASK_H

#include <linux/types.h>
#include <linux/cpumask.h>

struct tlbflush_unmap_batch {
	struct cpumask	*cpumask;	/* allocated on first use; freed with the task */
	bool		flush_required;
	bool		writable;
};

#endif /* _LINUX_MM_TYPES_TASK_H */
