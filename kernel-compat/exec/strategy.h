/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Strategies: who runs next, under the engine "replay".
 *
 * A schedule is the sequence of answers to the engine's questions; everything else about a
 * run follows from it. Each strategy draws all that it decides from one stream of numbers,
 * so its name and a seed name a schedule. What the machine itself draws (failures, random
 * numbers) comes from another stream, and stays the same when only the schedule changes.
 */
#ifndef _EXEC_STRATEGY_H
#define _EXEC_STRATEGY_H

#include <linux/types.h>

/* One context that can run, as strategies see it. */
struct strategy_task {
	unsigned int id;	/* in the order of creation since boot */
	u64 priority;		/* the strategy's own */
	u64 since;		/* step at which it could run again */
};

/**
 * struct strategy - one way to choose
 * @name:	as on command lines, without a parameter
 * @begin:	a schedule begins at this step; the seed is set already
 * @born:	a context was created, or is reused
 * @pick:	index of who runs next. @now is the index of the caller if that may go on,
 *		else -1; with @must_leave, it waits for another's doing in a loop
 *
 * All are called on the one host thread, between steps.
 */
struct strategy {
	const char *name;
	void (*begin)(u64 step);
	void (*born)(struct strategy_task *task);
	unsigned int (*pick)(struct strategy_task *const *can_run, unsigned int nr, int now,
			     bool must_leave, u64 step);
};

/*
 * Choose by name: "random", "walk", "pct:D", "pct:D:K" (bugs of depth D in K steps; without K
 * it is what was learned). NULL: no such strategy, or a senseless parameter.
 */
const struct strategy *strategy_find(const char *name);
/* The name of the one that was found last, with all it would take to repeat a schedule. */
const char *strategy_name(void);

/* The strategy that does what was recorded; "list:STEP.ID,STEP.ID" for one written down. */
struct replay_record;
const struct strategy *strategy_list(const struct replay_record *r);

/* Without a strategy: stay, or go to who has waited longest for its turn. */
unsigned int strategy_default(struct strategy_task *const *can_run, unsigned int nr, int now,
			      bool must_leave);

/* The stream of numbers that the schedule in progress draws from. */
void strategy_seed(u64 seed);
u64 strategy_draw(u64 n);		/* uniform in [0, n), n >= 1 */
u64 strategy_draw_from(u64 *stream, u64 n);

/* Steps and contexts of the longest schedule so far; what PCT spreads its changes over. */
void strategy_learn(u64 steps, unsigned int tasks);
/* A lower bound of PCT's probability per schedule to find a bug of its depth; 0: no other. */
double strategy_guarantee(void);

#endif /* _EXEC_STRATEGY_H */
