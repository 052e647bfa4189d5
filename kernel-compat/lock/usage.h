/* SPDX-License-Identifier: GPL-2.0 */
/* How lock classes are used, as far as interrupts matter; see usage.c. */
#ifndef _LOCK_USAGE_H
#define _LOCK_USAGE_H

#include "graph.h"

/*
 * Taken inside an interrupt, or held while one could come.  Use by readers is << 1, and
 * what excludes IN_x is x_ON.
 */
#define IN_HARDIRQ	0x01u
#define IN_SOFTIRQ	0x04u
#define HARDIRQS_ON	0x10u
#define SOFTIRQS_ON	0x40u
#define USE_READ_SHIFT	1
#define USE_ON_SHIFT	4
#define USES_EXCLUSIVE	(IN_HARDIRQ | IN_SOFTIRQ | HARDIRQS_ON | SOFTIRQS_ON)
#define USES_INSIDE	((IN_HARDIRQ | IN_SOFTIRQ) * 3)
#define USES_ON		((HARDIRQS_ON | SOFTIRQS_ON) * 3)
#define NR_USES		8

struct lock_usage {
	u32		seen;		/* bits above; relaxed loads, changed with the graph locked */
	u8		nr_ips[NR_USES];
	unsigned long	ips[NR_USES][LOCK_STACK_DEPTH];	/* the first place of each */
};

/* class.c */
struct lock_usage *lock_class_usage(u16 class);
/* Does holding it keep anybody out? Not so a local lock, on a kernel without PREEMPT_RT. */
bool lock_class_excludes(u16 class);

/* The lock is taken in the present context; reports. */
void lock_usage_mark(u16 class, struct lock_how how, const struct lockdep_map *map);
/**
 * struct lock_inversion - a path that an interrupt closes
 * @inside:	class used in an interrupt as @in
 * @outside:	class held while that is enabled, as @on
 * @path:	from @inside to @outside
 */
struct lock_inversion {
	u16 inside, outside;
	u32 in, on;
	struct lock_path path;
};

/*
 * Does an edge from what @h holds to @class, taken with @flags, connect a class used in an
 * interrupt with one that is held while that may come? Fills in @r. With the graph locked.
 */
bool lock_usage_connects(const struct lock_held *h, u16 class, u8 flags,
			 struct lock_inversion *r);
__cold void lock_report_inversion(const struct lock_inversion *r, const char *what);

#endif /* _LOCK_USAGE_H */
