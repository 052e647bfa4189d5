/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kernel work costs in virtual time. own: not a kernel header.
 *
 * Work is charged where it is done with cost_charge(); the charge is added to the
 * running task and paid (virtual time passes on its CPU) at the next point where
 * a kernel could be preempted.  The constants and where they come from are in
 * exec/cost.c.
 */
#ifndef _MACHINE_COST_H
#define _MACHINE_COST_H

#include <linux/types.h>

enum cost_kind {
	COST_FAULT,		/* entry, walk and exit of a page fault, ns each */
	COST_HINT_FAULT,	/* the part of a hinting fault above COST_FAULT */
	COST_ZERO_PAGE,		/* clearing a page */
	COST_COPY_PAGE_LOCAL,	/* copying a page within a node */
	COST_COPY_PAGE_REMOTE,	/* copying a page across nodes */
	COST_PTE_SCAN,		/* looking at one page-table entry in a walk */
	COST_PTE_UPDATE,	/* rewriting it under its lock */
	COST_TLB_FLUSH_LOCAL,	/* a local flush */
	COST_TLB_FLUSH_IPI,	/* a flush that interrupts other CPUs */
	COST_SWITCH,		/* context switch */
	COST_NR
};

/* Add @n units of @kind to the running task; any context. */
void cost_charge(enum cost_kind kind, unsigned long n);
/* Value in nanoseconds of one unit. */
u64 cost_ns(enum cost_kind kind);
/* Pay now if legal (preemptible, interrupts on), else leave it for later. */
void cost_pay(void);

#endif /* _MACHINE_COST_H */
