/* SPDX-License-Identifier: GPL-2.0 */
/* What RCU needs to know of the engine "replay". */
#ifndef _EXEC_REPLAY_H
#define _EXEC_REPLAY_H

#include <linux/types.h>

/* A context as an RCU reader; all atomic, so that TSan is told of what readers order. */
struct replay_reader {
	u32 nesting;
	u32 left;		/* word: readers it has left so far */
	u32 awaited;		/* a grace period waits on @left */
	u64 began;		/* the number of its outermost reader, counted from boot */
};

/* The calling context's. */
struct replay_reader *replay_reader(void);
/* The @i-th of all contexts; NULL behind the last. */
struct replay_reader *replay_reader_at(unsigned int i);

#endif /* _EXEC_REPLAY_H */
