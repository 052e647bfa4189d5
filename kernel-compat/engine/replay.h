/* SPDX-License-Identifier: GPL-2.0 */
/* What RCU and snapshots of the machine need to know of the engine "replay". */
#ifndef _ENGINE_REPLAY_H
#define _ENGINE_REPLAY_H

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

/* The machine's numbers begin as the seed says. */
void replay_draw_anew(void);
/* Has the machine drawn any? */
bool replay_has_drawn(void);

#endif /* _ENGINE_REPLAY_H */
