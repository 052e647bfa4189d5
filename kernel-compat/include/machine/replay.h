/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Schedules as an input: the engine "replay". Not a kernel header.
 *
 * All tasks are fibers of one host thread. At each decision point a strategy says who
 * runs next, so a run follows from a strategy's name and a seed, and can be repeated.
 */
#ifndef _MACHINE_REPLAY_H
#define _MACHINE_REPLAY_H

#include <linux/types.h>

/*
 * Let this program's machines run on the engine "replay", with a strategy: "random", "walk",
 * "pct:D", "list:SWITCHES". Before the first boot. False: no such strategy.
 */
bool replay_use(const char *strategy);

/* Is it in use? */
bool replay_in_use(void);
/* The strategy's name with all that it takes to repeat the last schedule from its seed. */
const char *replay_strategy(void);
/* PCT's guarantee for the last schedule, see exec/strategy.h; 0 for others. */
double replay_guarantee(void);

/* The schedule of the next machine that boots. */
void replay_seed(u64 seed);
/*
 * Around the interesting part of the machine's life, in which the strategy decides. Before
 * and after that nobody is preempted. KUnit calls them around each case; one that has a
 * narrower idea of what is interesting calls them again. Nothing under other engines.
 */
void replay_begin(void);
void replay_end(void);

/**
 * struct replay_trace - what the last schedule was, from replay_begin() to replay_end()
 * @steps:	decision points passed
 * @switches:	of these, how many switched to another task
 * @preemptions: switches away from a task that could have gone on
 * @tasks:	contexts there were
 * @hash:	of the whole sequence of points and answers: the same for the same schedule
 */
struct replay_trace {
	u64 steps;
	u64 switches;
	u64 preemptions;
	unsigned int tasks;
	u64 hash;
};
struct replay_trace replay_trace(void);

/**
 * struct replay_record - a schedule as the switches that nobody had to make
 * @nr:		how many
 * @at:		each one: the step since boot, and the number of the context that went on
 *
 * Where no switch is recorded, a context goes on as long as it can, and then the one that
 * has waited longest.
 */
#define REPLAY_MAX_SWITCHES	65536
struct replay_record {
	unsigned int nr;
	struct replay_switch {
		u64 step;
		unsigned int id;
	} at[REPLAY_MAX_SWITCHES];
};
/* Record the schedules of machines that boot from now on, each over the one before. */
void replay_keep(struct replay_record *r);
/* Let machines run as recorded instead of by the strategy; @r stays. */
void replay_follow(const struct replay_record *r);

/* A schedule may take this many steps; one that takes more is reported as a livelock. */
void replay_limit(u64 steps);

#endif /* _MACHINE_REPLAY_H */
