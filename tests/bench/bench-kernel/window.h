/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the programs have the memory that is measured. The guest's programs map it there, and the
 * emulator's plugin counts the accesses to these addresses and no others: not those to stacks,
 * code, and what a C library keeps for itself.
 */
#ifndef _GUEST_WINDOW_H
#define _GUEST_WINDOW_H

#define WINDOW_BEGIN	0x100000000000ULL	/* of each process alike */
#define WINDOW_END	0x101000000000ULL	/* 64 GiB further */

/*
 * A write to the first page is no access that counts but a mark: that to word n makes the plugin
 * write down all counts so far as those of mark n.
 */
#define WINDOW_MARKS	512
#define WINDOW_MEMORY	(WINDOW_BEGIN + (2ULL << 20))

#define MARK_START	0	/* the loops begin; what was before does not count */
#define MARK_SAMPLE	1	/* this and the following: a moment between */
#define MARK_END	510	/* the first thread has come to its end */
#define MARK_DONE	511	/* the last one */

#endif /* _GUEST_WINDOW_H */
