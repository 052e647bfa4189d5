/* SPDX-License-Identifier: GPL-2.0 */
/* bench-replay: what the engine "replay" costs on the host, next to others. */
#ifndef _BENCH_REPLAY_H
#define _BENCH_REPLAY_H

#include <stdbool.h>

/* handoff.c: tasks are pthreads, of which one runs and hands over to a random one */

/*
 * One schedule of @tasks tasks of @points decision points each, threads created and joined;
 * returns the decisions made.
 */
unsigned long handoff_schedule(unsigned int tasks, unsigned int points, unsigned long seed);

#endif /* _BENCH_REPLAY_H */
